/*
 * The operations that generated code may use, one function an operation (part of sbx_gen.h; same rules).
 *
 * Naming: sbx_gen_<op>. A function that returns sbx_value gives SBX_GEN_ERROR when it raised; one that returns int
 * gives -1 when it raised. The `static inline` ones are the fast paths of the `_slow` functions below them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_OPS_H
#define SBX_GEN_OPS_H

/* ---- arithmetic: a OP b with Python's meaning for every pair of types ---- */

enum sbx_gen_binary {
	SBX_BINARY_ADD,
	SBX_BINARY_SUB,
	SBX_BINARY_MUL,
	SBX_BINARY_MATMUL,
	SBX_BINARY_TRUEDIV,
	SBX_BINARY_MOD,
	SBX_BINARY_POW,
	SBX_BINARY_LSHIFT,
	SBX_BINARY_RSHIFT,
	SBX_BINARY_OR,
	SBX_BINARY_XOR,
	SBX_BINARY_AND,
	SBX_BINARY_FLOORDIV
};
enum sbx_gen_unary { SBX_UNARY_INVERT, SBX_UNARY_NOT, SBX_UNARY_POS, SBX_UNARY_NEG };
enum sbx_gen_compare {
	SBX_COMPARE_EQ,
	SBX_COMPARE_NE,
	SBX_COMPARE_LT,
	SBX_COMPARE_LE,
	SBX_COMPARE_GT,
	SBX_COMPARE_GE
};

SBX_API sbx_value sbx_gen_binary_slow(sbx_run *run, int op, sbx_value a, sbx_value b);
SBX_API sbx_value sbx_gen_unary_slow(sbx_run *run, int op, sbx_value a);
/* 0, 1, or -1 raised ("'<' not supported between instances of ..."). */
SBX_API int sbx_gen_compare_slow(sbx_run *run, int op, sbx_value a, sbx_value b);

#define SBX_GEN_BOTH(a, b, kind) (((a).tag == (kind)) & ((b).tag == (kind)))

#define SBX_GEN_ARITHMETIC(name, OP, c_op, builtin) \
	static inline sbx_value sbx_gen_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		int64_t r; \
		if (SBX_GEN_LIKELY(SBX_GEN_BOTH(a, b, SBX_KIND_INT)) && !builtin(a.u.i, b.u.i, &r)) \
			return sbx_gen_int(r); \
		if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT)) \
			return sbx_gen_float(a.u.f c_op b.u.f); \
		return sbx_gen_binary_slow(run, OP, a, b); \
	} \
	/* the same where both are known to be int (small or big) */ \
	SBX_GEN_INLINE sbx_value sbx_gen_int_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		int64_t r; \
		if (SBX_GEN_LIKELY(SBX_GEN_BOTH(a, b, SBX_KIND_INT)) && \
			SBX_GEN_LIKELY(!builtin(a.u.i, b.u.i, &r))) \
			return sbx_gen_int(r); \
		return sbx_gen_binary_slow(run, OP, a, b); \
	}
SBX_GEN_ARITHMETIC(add, SBX_BINARY_ADD, +, __builtin_add_overflow)
SBX_GEN_ARITHMETIC(sub, SBX_BINARY_SUB, -, __builtin_sub_overflow)
SBX_GEN_ARITHMETIC(mul, SBX_BINARY_MUL, *, __builtin_mul_overflow)

/* a + b, a taken: a str that nobody else holds grows in place (`s = s + t` in a loop). */
SBX_API sbx_value sbx_gen_add_take_slow(sbx_run *run, sbx_value a, sbx_value b);
static inline sbx_value sbx_gen_add_take(sbx_run *run, sbx_value a, sbx_value b)
{
	int64_t r;
	if (SBX_GEN_LIKELY(SBX_GEN_BOTH(a, b, SBX_KIND_INT)) &&
		!__builtin_add_overflow(a.u.i, b.u.i, &r))
		return sbx_gen_int(r);
	if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT))
		return sbx_gen_float(a.u.f + b.u.f);
	return sbx_gen_add_take_slow(run, a, b);
}

static inline sbx_value sbx_gen_floordiv(sbx_run *run, sbx_value a, sbx_value b)
{
	if (SBX_GEN_BOTH(a, b, SBX_KIND_INT) && SBX_GEN_LIKELY(b.u.i > 0)) {
		int64_t q = a.u.i / b.u.i;
		return sbx_gen_int(q - (a.u.i % b.u.i < 0));
	}
	return sbx_gen_binary_slow(run, SBX_BINARY_FLOORDIV, a, b);
}
static inline sbx_value sbx_gen_mod(sbx_run *run, sbx_value a, sbx_value b)
{
	if (SBX_GEN_BOTH(a, b, SBX_KIND_INT) && SBX_GEN_LIKELY(b.u.i > 0)) {
		int64_t r = a.u.i % b.u.i;
		return sbx_gen_int(r < 0 ? r + b.u.i : r);
	}
	return sbx_gen_binary_slow(run, SBX_BINARY_MOD, a, b);
}
static inline sbx_value sbx_gen_truediv(sbx_run *run, sbx_value a, sbx_value b)
{
	if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT) && b.u.f != 0.0)
		return sbx_gen_float(a.u.f / b.u.f);
	return sbx_gen_binary_slow(run, SBX_BINARY_TRUEDIV, a, b);
}
#define SBX_GEN_BITWISE(name, OP, c_op) \
	static inline sbx_value sbx_gen_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		if (SBX_GEN_BOTH(a, b, SBX_KIND_INT)) \
			return sbx_gen_int(a.u.i c_op b.u.i); \
		return sbx_gen_binary_slow(run, OP, a, b); \
	}
SBX_GEN_BITWISE(and, SBX_BINARY_AND, &)
SBX_GEN_BITWISE(or, SBX_BINARY_OR, |)
SBX_GEN_BITWISE(xor, SBX_BINARY_XOR, ^)
#define SBX_GEN_BINARY(name, OP) \
	static inline sbx_value sbx_gen_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		return sbx_gen_binary_slow(run, OP, a, b); \
	}
SBX_GEN_BINARY(matmul, SBX_BINARY_MATMUL)
SBX_GEN_BINARY(pow, SBX_BINARY_POW)
SBX_GEN_BINARY(lshift, SBX_BINARY_LSHIFT)
SBX_GEN_BINARY(rshift, SBX_BINARY_RSHIFT)

static inline sbx_value sbx_gen_neg(sbx_run *run, sbx_value a)
{
	if (a.tag == SBX_KIND_INT && a.u.i != INT64_MIN)
		return sbx_gen_int(-a.u.i);
	if (a.tag == SBX_KIND_FLOAT)
		return sbx_gen_float(-a.u.f);
	return sbx_gen_unary_slow(run, SBX_UNARY_NEG, a);
}
static inline sbx_value sbx_gen_pos(sbx_run *run, sbx_value a)
{
	return sbx_gen_unary_slow(run, SBX_UNARY_POS, a);
}
static inline sbx_value sbx_gen_invert(sbx_run *run, sbx_value a)
{
	return sbx_gen_unary_slow(run, SBX_UNARY_INVERT, a);
}

/* Native doubles: the operations that can raise, or that C has not. *status is set to -1 when it raised. */
SBX_API double sbx_gen_float_pow_slow(sbx_run *run, double a, double b,
									  int *status); /* real results only */
SBX_API double sbx_gen_float_floordiv(sbx_run *run, double a, double b, int *status);
SBX_API double sbx_gen_float_mod(sbx_run *run, double a, double b, int *status);

static inline double sbx_gen_float_truediv(sbx_run *run, double a, double b, int *status)
{
	if (SBX_GEN_LIKELY(b != 0.0))
		return a / b;
	*status = sbx_gen_binary_slow(run, SBX_BINARY_TRUEDIV, sbx_gen_float(a), sbx_gen_float(b)).tag
				  ? 0
				  : -1;
	return 0.0;
}
/* The end of a native range: an int (bool too) clamped to 64 bits; TypeError "'str' object cannot be interpreted as an
   integer" on anything else. */
SBX_API int64_t sbx_gen_range_bound_slow(sbx_run *run, sbx_value v, int *status);
static inline int64_t sbx_gen_range_bound(sbx_run *run, sbx_value v, int *status)
{
	return SBX_GEN_LIKELY(v.tag == SBX_KIND_INT) ? v.u.i : sbx_gen_range_bound_slow(run, v, status);
}

/* Counters of loops: they cannot overflow but in a forged snapshot, where they wrap. */
SBX_GEN_INLINE int64_t sbx_gen_i_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}
SBX_GEN_INLINE int64_t sbx_gen_i_sub(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* A value that the compiler found to be a float; SystemError if it is none. */
SBX_API double sbx_gen_float_check_slow(sbx_run *run, sbx_value v, int *status);
static inline double sbx_gen_float_check(sbx_run *run, sbx_value v, int *status)
{
	return SBX_GEN_LIKELY(v.tag == SBX_KIND_FLOAT) ? v.u.f
												   : sbx_gen_float_check_slow(run, v, status);
}

/* ---- comparison, truth ---- */

#define SBX_GEN_COMPARISON(name, OP, c_op) \
	static inline int sbx_gen_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		if (SBX_GEN_LIKELY(SBX_GEN_BOTH(a, b, SBX_KIND_INT))) \
			return a.u.i c_op b.u.i; \
		if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT)) \
			return a.u.f c_op b.u.f; \
		return sbx_gen_compare_slow(run, OP, a, b); \
	}

/* Equality of texts, mostly decided by their lengths and first characters. */
static inline int sbx_gen_text_equal(sbx_run *run, sbx_value a, sbx_value b)
{
	const sbx_gen_str *x = (const sbx_gen_str *)a.u.p, *y = (const sbx_gen_str *)b.u.p;
	if (x == y)
		return 1;
	if (x->length != y->length || x->head.bits != y->head.bits)
		return 0;
	if (x->length != 0 && *(const unsigned char *)(x + 1) != *(const unsigned char *)(y + 1))
		return 0;
	return x->length * x->head.bits <= 1 || sbx_gen_compare_slow(run, SBX_COMPARE_EQ, a, b);
}
#define SBX_GEN_EQUALITY(name, OP, c_op, negation) \
	static inline int sbx_gen_##name(sbx_run *run, sbx_value a, sbx_value b) \
	{ \
		if (SBX_GEN_LIKELY(SBX_GEN_BOTH(a, b, SBX_KIND_INT))) \
			return a.u.i c_op b.u.i; \
		if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT)) \
			return a.u.f c_op b.u.f; \
		if (SBX_GEN_KIND(a) == SBX_KIND_STR && SBX_GEN_KIND(b) == SBX_KIND_STR) \
			return negation sbx_gen_text_equal(run, a, b); \
		return sbx_gen_compare_slow(run, OP, a, b); \
	}
SBX_GEN_EQUALITY(eq, SBX_COMPARE_EQ, ==, )
SBX_GEN_EQUALITY(ne, SBX_COMPARE_NE, !=, !)
SBX_GEN_COMPARISON(lt, SBX_COMPARE_LT, <)
SBX_GEN_COMPARISON(le, SBX_COMPARE_LE, <=)
SBX_GEN_COMPARISON(gt, SBX_COMPARE_GT, >)
SBX_GEN_COMPARISON(ge, SBX_COMPARE_GE, >=)

/* `a is b`: same object; ints, floats, bools, None, str and tuple constants by value (docs/language.md). */
SBX_API int sbx_gen_is(sbx_value a, sbx_value b);
SBX_API int sbx_gen_contains(sbx_run *run, sbx_value container,
							 sbx_value item); /* item in container */

SBX_API int sbx_gen_truth_slow(sbx_run *run, sbx_value v);
/* 0, 1; -1: TypeError, it is no int. */
SBX_API int sbx_gen_flag(sbx_run *run, sbx_value v);
/* operator.index(v) */
SBX_API sbx_value sbx_gen_index(sbx_run *run, sbx_value v);
static inline int sbx_gen_truth(sbx_run *run, sbx_value v)
{
	if (v.tag == SBX_KIND_BOOL || v.tag == SBX_KIND_INT)
		return v.u.i != 0;
	return sbx_gen_truth_slow(run, v);
}

/* ---- building ---- */

/* Items are taken. */
SBX_API sbx_value sbx_gen_list_make(sbx_run *run, uint64_t count, sbx_value *items);
SBX_API sbx_value sbx_gen_tuple_make(sbx_run *run, uint64_t count, sbx_value *items);
SBX_API sbx_value sbx_gen_dict_make(sbx_run *run, uint64_t pairs,
									sbx_value *items); /* key, value, key, value ... */
SBX_API sbx_value sbx_gen_set_make(sbx_run *run, uint64_t count, sbx_value *items);
SBX_API sbx_value sbx_gen_slice_make(sbx_run *run, sbx_value start, sbx_value stop, sbx_value step);
/* f-strings: joins `count` texts (borrowed, all str). */
SBX_API sbx_value sbx_gen_str_concat(sbx_run *run, uint64_t count, const sbx_value *parts);
/* format(v, spec); conversion: 0, 'r', 's' or 'a'; spec: a str, or tag 0 for none. */
SBX_API sbx_value sbx_gen_format(sbx_run *run, sbx_value v, int conversion, sbx_value spec);

/* Appending while a display, comprehension or argument list is being built; `item` is taken. 0 or -1. */
SBX_API int sbx_gen_list_append_slow(sbx_run *run, sbx_value list, sbx_value item);
SBX_GEN_INLINE int sbx_gen_list_append(sbx_run *run, sbx_value list, sbx_value item)
{
	sbx_gen_list *l = (sbx_gen_list *)list.u.p;
	if (SBX_GEN_LIKELY(l->length < l->capacity)) {
		l->items[l->length++] = item;
		return 0;
	}
	return sbx_gen_list_append_slow(run, list, item);
}
SBX_API int sbx_gen_set_add(sbx_run *run, sbx_value set, sbx_value item); /* taken */
SBX_API int sbx_gen_dict_set(sbx_run *run, sbx_value dict, sbx_value key,
							 sbx_value v); /* both taken */
SBX_API int sbx_gen_list_extend(sbx_run *run, sbx_value list,
								sbx_value iterable); /* [*x]; borrowed */
SBX_API int sbx_gen_set_update(sbx_run *run, sbx_value set, sbx_value iterable);
SBX_API int sbx_gen_dict_update(sbx_run *run, sbx_value dict, sbx_value mapping); /* {**x} */
/* f(**x): like dict_update, but a key that is there already, or not a str, raises f's TypeError. */
SBX_API int sbx_gen_dict_merge(sbx_run *run, sbx_value callee, sbx_value dict, sbx_value mapping);
SBX_API sbx_value sbx_gen_list_to_tuple(sbx_run *run, sbx_value list);

/* ---- subscripts, attributes, methods ---- */

SBX_API sbx_value sbx_gen_getitem_slow(sbx_run *run, sbx_value object, sbx_value key);
SBX_GEN_INLINE sbx_value sbx_gen_getitem(sbx_run *run, sbx_value object, sbx_value key)
{
	if (object.tag == (SBX_KIND_LIST | SBX_GEN_COUNTED) && key.tag == SBX_KIND_INT) {
		const sbx_gen_list *l = (const sbx_gen_list *)object.u.p;
		if (SBX_GEN_LIKELY((uint64_t)key.u.i < l->length))
			return sbx_gen_copy(l->items[key.u.i]);
	}
	return sbx_gen_getitem_slow(run, object, key);
}
/* Fixed-size unpacking: a, b = v. Fills `count` new references. 0, or -1 with Python's ValueError or TypeError. */
SBX_API int sbx_gen_unpack(sbx_run *run, sbx_value v, uint32_t count, sbx_value *out);
/* a, *b, c = v: `before` items, a list, `after` items. */
SBX_API int sbx_gen_unpack_star(sbx_run *run, sbx_value v, uint32_t before, uint32_t after,
								sbx_value *out);

/* Method names: SBX_METHOD_append and so on (methods.def). */
enum sbx_gen_method {
#define METHOD_NAME(name) SBX_METHOD_##name,
#include "sbx_gen_methods.def"
#undef METHOD_NAME
	SBX_METHOD_COUNT
};
/* object.name(args): arguments borrowed; `names` a tuple of the trailing keyword names, or NONE. */
SBX_API sbx_value sbx_gen_call_method(sbx_run *run, sbx_value object, int method, uint32_t count,
									  const sbx_value *args, sbx_value names);
/* object.name as a value (a bound method), or AttributeError. */
SBX_API sbx_value sbx_gen_get_method(sbx_run *run, sbx_value object, int method);
/* object.name where name is no method of any type: always AttributeError, with Python's text. */
SBX_API sbx_value sbx_gen_get_attribute(sbx_run *run, sbx_value object, const char *name);
/* `object` is an exact list (its append may then be done inline): 1 or 0. */
static inline int sbx_gen_is_list(sbx_value object)
{
	return object.tag == (SBX_KIND_LIST | SBX_GEN_COUNTED);
}

/* -1: AttributeError, object has no such method or attribute. */
SBX_API int sbx_gen_check_method_slow(sbx_run *run, sbx_value object, int method);
SBX_GEN_INLINE int sbx_gen_check_method(sbx_run *run, sbx_value object, int method)
{
	return method == SBX_METHOD_append && sbx_gen_is_list(object)
			   ? 0
			   : sbx_gen_check_method_slow(run, object, method);
}

/* object.append(item), item taken: None, or what the method of another type does. */
SBX_API sbx_value sbx_gen_append_slow(sbx_run *run, sbx_value object, sbx_value item);
SBX_GEN_INLINE sbx_value sbx_gen_append(sbx_run *run, sbx_value object, sbx_value item)
{
	if (SBX_GEN_LIKELY(sbx_gen_is_list(object)))
		return sbx_gen_list_append(run, object, item) ? SBX_GEN_ERROR : SBX_GEN_NONE;
	return sbx_gen_append_slow(run, object, item);
}

/* ---- builtins ---- */

enum sbx_gen_builtin {
#define BUILTIN(name) SBX_BUILTIN_##name,
#include "sbx_gen_builtins.def"
#undef BUILTIN
	SBX_BUILTIN_COUNT
};
enum sbx_gen_type_id {
#define TYPE(name, base) SBX_TYPE_##name,
#include "sbx_gen_types.def"
#undef TYPE
	SBX_TYPE_COUNT
};
/*
 * A builtin function or type called with native arguments only (no generator of the program, no key= or function
 * argument: those are loops of the IR). Borrowed.
 */
SBX_API sbx_value sbx_gen_call_builtin(sbx_run *run, int builtin, uint32_t count,
									   const sbx_value *args, sbx_value names);
SBX_API sbx_value sbx_gen_call_type(sbx_run *run, int type, uint32_t count, const sbx_value *args,
									sbx_value names);
SBX_API int64_t sbx_gen_len_slow(sbx_run *run, sbx_value v); /* -1 raised */
static inline int64_t sbx_gen_len(sbx_run *run, sbx_value v)
{
	return sbx_gen_is_list(v) ? (int64_t)((const sbx_gen_list *)v.u.p)->length
							  : sbx_gen_len_slow(run, v);
}
SBX_API int sbx_gen_isinstance(sbx_run *run, sbx_value v, sbx_value types);
SBX_API sbx_value sbx_gen_to_str(sbx_run *run, sbx_value v); /* str(v) */
SBX_API sbx_value sbx_gen_to_repr(sbx_run *run, sbx_value v);

/* sorted(items, key=..., reverse=...) after the IR's loop has made the keys: sorts `list` in place by the parallel
   list `keys` (NONE: by the items themselves). Stable, Python's order of comparisons is not promised. 0 or -1. */
SBX_API int sbx_gen_sort(sbx_run *run, sbx_value list, sbx_value keys, int reverse);
/* f(*iterable): 0, or -1 raised when it cannot be iterated. */
SBX_API int sbx_gen_check_spread(sbx_run *run, sbx_value callee, sbx_value iterable);
/* While key functions run the list is empty: its items in a list of their own, and back again. */
SBX_API sbx_value sbx_gen_sort_take(sbx_run *run, sbx_value list);
SBX_API int sbx_gen_sort_give(sbx_run *run, sbx_value list, sbx_value items);

/* ---- iteration ---- */

/* iter(v): TypeError "'int' object is not iterable" and so on. A list iterates live, a dict checks for changes. */
SBX_API sbx_value sbx_gen_iter(sbx_run *run, sbx_value v);
/* The next item, SBX_GEN_DONE or SBX_GEN_ERROR; on a generator of the program maybe SBX_GEN_SUSPEND. */
SBX_API sbx_value sbx_gen_next_slow(sbx_run *run, sbx_value iterator);
SBX_GEN_INLINE sbx_value sbx_gen_next(sbx_run *run, sbx_value iterator)
{
	sbx_gen_iterator *it = (sbx_gen_iterator *)iterator.u.p;
	if (SBX_GEN_LIKELY(SBX_GEN_KIND(iterator) == SBX_KIND_ITERATOR)) {
		if (it->head.bits == SBX_ITERATE_LIST && it->source.tag) {
			const sbx_gen_list *list = (const sbx_gen_list *)it->source.u.p;
			if (SBX_GEN_LIKELY((uint64_t)it->at < list->length))
				return sbx_gen_copy(list->items[it->at++]);
		} else if (it->head.bits == SBX_ITERATE_RANGE && it->left) {
			int64_t value = it->at;
			it->left--;
			it->at = (int64_t)((uint64_t)value + (uint64_t)it->step);
			return sbx_gen_int(value);
		}
	}
	return sbx_gen_next_slow(run, iterator);
}
/*
 * The same where nothing can be waited for: in C code, and where the compiler knows of no generator. RuntimeError on a
 * generator that may suspend: the compiler makes loops of its own for those, this is for ways that it cannot see.
 */
SBX_API sbx_value sbx_gen_next_generator(sbx_run *run, sbx_value generator);
SBX_GEN_INLINE sbx_value sbx_gen_next_native(sbx_run *run, sbx_value iterator)
{
	if (SBX_GEN_UNLIKELY(SBX_GEN_KIND(iterator) == SBX_KIND_GENERATOR))
		return sbx_gen_next_generator(run, iterator);
	return sbx_gen_next(run, iterator);
}
/* zip(..., strict=) and friends over native iterables are ITERATOR values made by sbx_gen_call_type/builtin. */

/* A generator of the program over a fresh frame of `function`, which holds its captured values. `self`: its closure
   (taken), args: its arguments (taken). The body starts at the first sbx_gen_next. */
SBX_API sbx_value sbx_gen_generator_make(sbx_run *run, const sbx_gen_function *function,
										 sbx_value self, uint32_t count, sbx_value *args);
/* v is a generator of the program (so that consuming it may suspend). */
static inline int sbx_gen_is_generator(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_GENERATOR;
}

/* Which function of the program a builtin function may be; -1: none. */
static inline int sbx_gen_callback_of_builtin(int64_t builtin)
{
	switch (builtin) {
	case SBX_BUILTIN_all:
		return SBX_CALLBACK_all;
	case SBX_BUILTIN_any:
		return SBX_CALLBACK_any;
	case SBX_BUILTIN_max:
		return SBX_CALLBACK_max;
	case SBX_BUILTIN_min:
		return SBX_CALLBACK_min;
	case SBX_BUILTIN_sorted:
		return SBX_CALLBACK_sorted;
	case SBX_BUILTIN_sum:
		return SBX_CALLBACK_sum;
	default:
		return -1;
	}
}

/*
 * Calls of native callees with generators of the program among their arguments. C code does not run such a generator: it
 * makes all its own checks, and where it would begin to iterate, the call ends with SBX_GEN_DONE. The program takes the
 * generator that is meant (wanted), makes a list of its items, puts that in its place (give) and calls again. What a
 * callee has done by then it does once more, which no program can tell.
 */
SBX_API sbx_value sbx_gen_ask(sbx_run *run, sbx_value callee, sbx_value args, sbx_value kwargs);
SBX_API sbx_value sbx_gen_wanted(sbx_run *run);
SBX_API void sbx_gen_give(sbx_run *run, sbx_value args, sbx_value generator, sbx_value items);

/* The same of a type. */
static inline int sbx_gen_callback_of_type(int64_t type)
{
	switch (type) {
	case SBX_TYPE_enumerate:
		return SBX_CALLBACK_enumerate;
	case SBX_TYPE_filter:
		return SBX_CALLBACK_filter;
	case SBX_TYPE_map:
		return SBX_CALLBACK_map;
	case SBX_TYPE_zip:
		return SBX_CALLBACK_zip;
	default:
		return -1;
	}
}

/* v is called by C code, which cannot consume what suspends: a builtin, type or bound method (sort may call back). */
static inline int sbx_gen_is_native(sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_BUILTIN:
		return sbx_gen_callback_of_builtin(v.u.i) < 0;
	case SBX_KIND_TYPE:
		return sbx_gen_callback_of_type(v.u.i) < 0;
	default:
		return SBX_GEN_KIND(v) == SBX_KIND_METHOD &&
			   ((const sbx_gen_head *)v.u.p)->bits != SBX_METHOD_sort;
	}
}

/* ---- functions, cells ---- */

SBX_API sbx_value sbx_gen_closure_make(sbx_run *run, const sbx_gen_function *function,
									   uint32_t default_count, uint32_t cell_count,
									   sbx_value *captured); /* defaults, then cells; taken */
SBX_API sbx_value sbx_gen_cell_make(sbx_run *run, sbx_value initial); /* taken; tag 0: unbound */
static inline sbx_value sbx_gen_cell_get(sbx_value cell)
{
	return sbx_gen_copy(((sbx_gen_cell *)cell.u.p)->value);
}
static inline void sbx_gen_cell_set(sbx_run *run, sbx_value cell, sbx_value v)
{
	sbx_value old = ((sbx_gen_cell *)cell.u.p)->value;
	((sbx_gen_cell *)cell.u.p)->value = v;
	sbx_gen_drop(run, old);
}

static inline sbx_value sbx_gen_captured(sbx_value closure, int64_t index)
{
	return sbx_gen_copy(((sbx_gen_closure *)closure.u.p)->captured[index]);
}
/* The n-th default of a function value; None for what is no function, or has fewer. */
SBX_GEN_INLINE sbx_value sbx_gen_default_of(sbx_value function, int64_t index)
{
	const sbx_gen_closure *closure = (const sbx_gen_closure *)function.u.p;
	if (SBX_GEN_UNLIKELY(SBX_GEN_KIND(function) != SBX_KIND_FUNCTION ||
						 index >= (int64_t)closure->default_count))
		return SBX_GEN_NONE;
	return sbx_gen_copy(closure->captured[index]);
}
/* Is it a function value of `function`? */
static inline int sbx_gen_is_closure(sbx_value v, const sbx_gen_function *function)
{
	return SBX_GEN_KIND(v) == SBX_KIND_FUNCTION &&
		   ((const sbx_gen_closure *)v.u.p)->function == function;
}
/* A function value is not the one that the program put there: SystemError (only a forged snapshot can do that). */
SBX_API sbx_value sbx_gen_not_closure(sbx_run *run);
/* How many parameters of the function have a default. */
static inline uint32_t sbx_gen_defaults_of(const sbx_gen_function *function)
{
	return function->default_count;
}

/* ---- loops ---- */

#define SBX_GEN_TURNS \
	1024 /* turns of loops that a function counts in a local before it takes them from the slice */
/* One turn of a loop. -1: an exception (deadline, steps) was raised. */
SBX_GEN_INLINE int sbx_gen_turn(sbx_run *run, uint32_t *turns)
{
	if (SBX_GEN_LIKELY(--*turns != 0))
		return 0;
	*turns = SBX_GEN_TURNS;
	run->fuel -= SBX_GEN_TURNS;
	return SBX_GEN_UNLIKELY(run->fuel < 0) && sbx_gen_tick(run) ? -1 : 0;
}
/* The function leaves: takes the turns that are not taken yet. */
static inline void sbx_gen_turns_end(sbx_run *run, uint32_t turns)
{
	run->fuel -= SBX_GEN_TURNS - turns;
}

/* ---- orchestrators that are called ---- */

/*
 * The value of an input's default (a new reference). Lists, dicts and sets cannot be static: they stand in the table as
 * tuples whose first item is the type, then the items (keys and values in turn; microseconds of a timedelta).
 */
SBX_API sbx_value sbx_gen_default_make(sbx_run *run, sbx_value v);
/* v copied and checked as an input of the entry (tag 0: not given, its default); as its result. */
SBX_API sbx_value sbx_gen_entry_argument(sbx_run *run, const sbx_entry *entry, int64_t index,
										 sbx_value v);
SBX_API sbx_value sbx_gen_entry_result(sbx_run *run, const sbx_entry *entry, sbx_value v);

/* ---- raising ---- */

/* raise v [from cause]: v an exception, or an exception type. Always returns SBX_GEN_ERROR. */
SBX_API sbx_value sbx_gen_raise(sbx_run *run, sbx_value v, sbx_value cause);
/* UnboundLocalError / NameError with 3.11's text; kind: 0 local, 1 free variable, 2 global. */
SBX_API sbx_value sbx_gen_unbound(sbx_run *run, const char *name, int kind);

static inline int sbx_gen_check_bound(sbx_run *run, sbx_value v, const char *name, int kind)
{
	if (SBX_GEN_LIKELY(v.tag != 0))
		return 0;
	sbx_gen_unbound(run, name, kind);
	return -1;
}

/* ---- flyte_map, print ---- */

/* Iterables, in a list, as a tuple of lists of one length: one item of each in turn, until one has no more. */
SBX_API sbx_value sbx_gen_map_lists(sbx_run *run, sbx_value iterables);
/* The same of `rows`, a list of the tuples that zip makes of `iterables`. */
SBX_API sbx_value sbx_gen_map_columns(sbx_run *run, sbx_value rows, sbx_value iterables);
/* Raises what zip(strict=True) does: `before` is a list with an item for each argument before the one that is `longer` or shorter. */
SBX_API sbx_value sbx_gen_zip_uneven(sbx_run *run, sbx_value before, int longer);
/* flyte_map(...): `iterables` a tuple of lists (drained already). Suspends with all calls pending. */
SBX_API int sbx_gen_map_begin(sbx_run *run, const sbx_gen_task *task, uint32_t site,
							  sbx_value iterables, sbx_value concurrency, sbx_value group_name,
							  sbx_value return_exceptions);

#endif
