/*
 * What holds for values of every kind: the name of their type, truth, identity, and the end of the
 * last reference.
 *
 * Releasing a container releases what it holds, which may hold more: a list nested a million deep
 * must not use up the C stack. So nesting is counted, and below a bound the object is put off until
 * the outermost release is done.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "kinds.h"

#include <string.h>

enum { RELEASE_DEPTH_MAX = 50 };

sbx_value sbx__object(sbx_run *run, unsigned kind, size_t size, void *object)
{
	sbx_gen_head *head = sbx__alloc(run, size);
	sbx_value v = SBX_GEN_ERROR;
	if (head) {
		head->refs = 1;
		head->bits = 0;
		v.tag = kind | SBX_GEN_COUNTED;
		v.u.p = head;
	}
	memcpy(object, &head, sizeof head);
	return v;
}

int sbx__recurse(sbx_run *run, const char *where)
{
	char here;
	if (run->depth >= run->max_depth || &here < run->stack_limit) {
		sbx__raise_depth(run, where);
		return -1;
	}
	run->depth++;
	HEAP(run)->repr_depth++;
	return 0;
}

/* ---- types ---- */

/* As messages say them: types of modules have the module's name before theirs. */
const char *const sbx__type_names[SBX_TYPE_COUNT] = {
#define TYPE(name, base) [SBX_TYPE_##name] = #name,
#include "../include/sbx_gen_types.def"
#undef TYPE
};
static const uint16_t type_bases[SBX_TYPE_COUNT] = {
#define TYPE(name, base) [SBX_TYPE_##name] = SBX_TYPE_##base,
#include "../include/sbx_gen_types.def"
#undef TYPE
};

int sbx__type_of(sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		return SBX_TYPE_NoneType;
	case SBX_KIND_BOOL:
		return SBX_TYPE_bool;
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
		return SBX_TYPE_int;
	case SBX_KIND_FLOAT:
		return SBX_TYPE_float;
	case SBX_KIND_TYPE:
		return SBX_TYPE_type;
	case SBX_KIND_BUILTIN:
	case SBX_KIND_METHOD:
		return SBX_TYPE_builtin_function_or_method;
	case SBX_KIND_NOT_IMPLEMENTED:
		return SBX_TYPE_NotImplementedType;
	case SBX_KIND_ELLIPSIS:
		return SBX_TYPE_ellipsis;
	case SBX_KIND_STR:
		return SBX_TYPE_str;
	case SBX_KIND_BYTES:
		return SBX_TYPE_bytes;
	case SBX_KIND_LIST:
		return SBX_TYPE_list;
	case SBX_KIND_TUPLE:
		return SBX_TYPE_tuple;
	case SBX_KIND_DICT:
		return SBX_TYPE_dict;
	case SBX_KIND_SET:
		return SBX_TYPE_set;
	case SBX_KIND_FROZENSET:
		return SBX_TYPE_frozenset;
	case SBX_KIND_RANGE:
		return SBX_TYPE_range;
	case SBX_KIND_SLICE:
		return SBX_TYPE_slice;
	case SBX_KIND_FUNCTION:
	case SBX_KIND_TASK: /* a task is a function where it is declared */
		return SBX_TYPE_function;
	case SBX_KIND_CELL:
		return SBX_TYPE_cell;
	case SBX_KIND_ITERATOR:
		return sbx__iterator_type(v);
	case SBX_KIND_GENERATOR:
		return sbx__generator_type(v);
	case SBX_KIND_DICT_VIEW:
		return sbx__dict_view_type(v);
	case SBX_KIND_EXCEPTION:
		return (int)((const sbx_gen_head *)v.u.p)->bits;
	case SBX_KIND_HANDLE:
		switch (((const sbx_gen_head *)v.u.p)->bits) {
		case SBX_FILE:
			return SBX_TYPE_File;
		case SBX_DIR:
			return SBX_TYPE_Dir;
		default:
			return SBX_TYPE_DataFrame;
		}
	case SBX_KIND_DATETIME:
		return SBX_TYPE_datetime;
	case SBX_KIND_TIMEDELTA:
		return SBX_TYPE_timedelta;
	default:
		return SBX_TYPE_object;
	}
}

const char *sbx__type_name(sbx_value v)
{
	int type = sbx__type_of(v);
	if (type == SBX_TYPE_datetime)
		return "datetime.datetime";
	if (type == SBX_TYPE_timedelta)
		return "datetime.timedelta";
	return sbx__type_names[type];
}

bool sbx__is_subtype(int type, int base)
{
	if (type == SBX_TYPE_ExceptionGroup && base == SBX_TYPE_Exception) /* it has two bases */
		return true;
	while (type != base && type != SBX_TYPE_object)
		type = type_bases[type];
	return type == base;
}

/* ---- truth, identity ---- */

int sbx_gen_truth_slow(sbx_run *run, sbx_value v)
{
	(void)run;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		return 0;
	case SBX_KIND_BOOL:
	case SBX_KIND_INT:
		return v.u.i != 0;
	case SBX_KIND_FLOAT:
		return v.u.f != 0.0;
	case SBX_KIND_STR:
		return STR(v)->length != 0;
	case SBX_KIND_BYTES:
		return ((const sbx_gen_bytes *)v.u.p)->length != 0;
	case SBX_KIND_LIST:
		return ((const sbx_gen_list *)v.u.p)->length != 0;
	case SBX_KIND_TUPLE:
		return ((const sbx_gen_tuple *)v.u.p)->length != 0;
	case SBX_KIND_DICT:
		return ((const DictObject *)v.u.p)->used != 0;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return ((const SetObject *)v.u.p)->used != 0;
	case SBX_KIND_RANGE: {
		sbx_value length = ((const RangeObject *)v.u.p)->length;
		return SBX_GEN_KIND(length) == SBX_KIND_BIG || length.u.i != 0;
	}
	case SBX_KIND_DICT_VIEW:
		return sbx__dict_view_length(v) != 0;
	case SBX_KIND_TIMEDELTA:
		return ((const TimeObject *)v.u.p)->microseconds != 0;
	default:
		return 1;
	}
}

static bool same_limbs(const sbx_gen_big *a, const sbx_gen_big *b)
{
	return a->head.bits == b->head.bits && a->count == b->count &&
		   !memcmp(a + 1, b + 1, a->count * sizeof(uint64_t));
}

int sbx_gen_is(sbx_value a, sbx_value b)
{
	if (SBX_GEN_KIND(a) != SBX_GEN_KIND(b))
		return 0;
	if (a.u.i == b.u.i) /* also the same pointer, or the same bits of a float */
		return 1;
	switch (SBX_GEN_KIND(a)) {
	case SBX_KIND_NONE:
	case SBX_KIND_NOT_IMPLEMENTED:
	case SBX_KIND_ELLIPSIS:
		return 1;
	case SBX_KIND_BIG:
		return same_limbs(a.u.p, b.u.p);
	case SBX_KIND_STR:
		return sbx__str_equal(a, b);
	case SBX_KIND_BYTES:
		return sbx__bytes_compare(a, b) == 0;
	case SBX_KIND_TUPLE: { /* two constants, or two empty ones */
		const sbx_gen_tuple *x = a.u.p, *y = b.u.p;
		if (x->length != y->length || ((a.tag | b.tag) & SBX_GEN_COUNTED && x->length))
			return 0;
		for (uint64_t i = 0; i < x->length; i++)
			if (!sbx_gen_is(x->items[i], y->items[i]))
				return 0;
		return 1;
	}
	default:
		return 0;
	}
}

/* ---- the end of an object ---- */

static void drop_all(sbx_run *run, const sbx_value *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sbx_gen_drop(run, values[i]);
}

static void free_object(sbx_run *run, sbx_value v)
{
	void *object = v.u.p;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		sbx__list_free(run, object);
		break;
	case SBX_KIND_TUPLE:
		sbx__tuple_free(run, object);
		break;
	case SBX_KIND_DICT:
		sbx__dict_free(run, object);
		break;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		sbx__set_free(run, object);
		break;
	case SBX_KIND_RANGE:
		drop_all(run, &((RangeObject *)object)->start, 4);
		sbx__free(run, object, sizeof(RangeObject));
		break;
	case SBX_KIND_SLICE:
		drop_all(run, &((SliceObject *)object)->start, 3);
		sbx__free(run, object, sizeof(SliceObject));
		break;
	case SBX_KIND_METHOD:
		sbx_gen_drop(run, ((MethodObject *)object)->self);
		sbx__free(run, object, sizeof(MethodObject));
		break;
	case SBX_KIND_CELL:
		sbx_gen_drop(run, ((sbx_gen_cell *)object)->value);
		sbx__free(run, object, sizeof(sbx_gen_cell));
		break;
	case SBX_KIND_FUNCTION:
		sbx__closure_free(run, object);
		break;
	case SBX_KIND_ITERATOR:
		sbx__iterator_free(run, object);
		break;
	case SBX_KIND_GENERATOR:
		sbx__generator_free(run, object);
		break;
	case SBX_KIND_DICT_VIEW:
		sbx__dict_view_free(run, object);
		break;
	case SBX_KIND_EXCEPTION:
		sbx__exception_free(run, object);
		break;
	case SBX_KIND_HANDLE:
		drop_all(run, &((HandleObject *)object)->path, 3);
		sbx__free(run, object, sizeof(HandleObject));
		break;
	default:
		break;
	}
}

void sbx_gen_release(sbx_run *run, sbx_value v)
{
	Heap *heap = HEAP(run);
	switch (SBX_GEN_KIND(v)) { /* those that hold no others */
	case SBX_KIND_STR:
		sbx__free(run, v.u.p, sbx__str_size(STR(v)->length, STR(v)->head.bits));
		return;
	case SBX_KIND_BYTES:
		sbx__free(run, v.u.p, sbx__bytes_size(((const sbx_gen_bytes *)v.u.p)->length));
		return;
	case SBX_KIND_BIG:
		sbx__free(run, v.u.p,
				  sizeof(sbx_gen_big) + ((sbx_gen_big *)v.u.p)->count * sizeof(uint64_t));
		return;
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA:
		sbx__free(run, v.u.p, sizeof(TimeObject));
		return;
	default:
		break;
	}
	run->fuel--; /* no check here: nothing can be raised */
	if (heap->release_depth >= RELEASE_DEPTH_MAX) {
		sbx__heap_defer(run, v);
		return;
	}
	heap->release_depth++;
	free_object(run, v);
	if (heap->release_depth == 1)
		while (sbx__heap_take_deferred(run, &v))
			free_object(run, v);
	heap->release_depth--;
}
