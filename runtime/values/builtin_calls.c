/*
 * The builtin functions, called with values that need no code of the program: what calls back (key=, generators) is a
 * loop of the compiled code.
 *
 * One row a function says how its arguments are checked, with CPython's texts for each way it checks them: one argument
 * ("abs() takes exactly one argument (0 given)"), a count ("divmod expected 2 arguments, got 1"), or names as in
 * methods.h ("pow() missing required argument 'exp' (pos 2)"). Those with rules of their own check for themselves.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "builtin_calls.h"

#include <string.h>

#include "numbers.h"
#include "utf8.h"

static const char *const names_of_builtins[SBX_BUILTIN_COUNT] = {
#define BUILTIN(name) #name,
#include "../include/sbx_gen_builtins.def"
#undef BUILTIN
};

const char *sbx__builtin_name(int builtin)
{
	return names_of_builtins[builtin];
}

int sbx__check_arguments(sbx_run *run, const char *name, uint32_t min, uint32_t max, uint32_t count,
						 sbx_value names)
{
	uint32_t wanted = count < min ? min : max;
	if (SBX_IS(names, TUPLE) && TUPLE(names)->length) {
		sbx__raise(run, SBX_TYPE_TypeError, "%s() takes no keyword arguments", name);
		return -1;
	}
	if (count >= min && count <= max)
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "%s expected %s%d argument%s, got %d", name,
			   min == max    ? ""
			   : count < min ? "at least "
							 : "at most ",
			   (int)wanted, wanted == 1 ? "" : "s", (int)count);
	return -1;
}

static int one_argument(sbx_run *run, const char *name, uint32_t count, sbx_value names)
{
	if (SBX_IS(names, TUPLE) && TUPLE(names)->length)
		return sbx__check_arguments(run, name, 1, 1, 1, names);
	if (count == 1)
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "%s() takes exactly one argument (%d given)", name,
			   (int)count);
	return -1;
}

/* ---- all, any, isinstance, hash ---- */

/* all (found: 0) or any (found: 1). */
static sbx_value look_for(sbx_run *run, sbx_value iterable, int wanted)
{
	sbx_value iterator = sbx_gen_iter(run, iterable);
	if (sbx__is_error(iterator))
		return iterator;
	for (;;) {
		sbx_value item = sbx_gen_next_native(run, iterator);
		int truth;
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		truth = sbx_gen_truth(run, item);
		sbx_gen_drop(run, item);
		if (truth < 0)
			return SBX_GEN_ERROR;
		if (truth == wanted) {
			sbx_gen_drop(run, iterator);
			return sbx_gen_bool(wanted);
		}
	}
	sbx_gen_drop(run, iterator);
	return sbx_gen_bool(!wanted);
}

int sbx_gen_isinstance(sbx_run *run, sbx_value v, sbx_value types)
{
	int result = 0;
	if (SBX_IS(types, TYPE))
		return sbx__is_subtype(sbx__type_of(v), (int)types.u.i);
	if (!SBX_IS(types, TUPLE)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "isinstance() arg 2 must be a type, a tuple of types, or a union");
		return -1;
	}
	if (sbx__recurse(run, " in __instancecheck__"))
		return -1;
	for (uint64_t i = 0; i < TUPLE(types)->length && result == 0; i++)
		result = sbx_gen_isinstance(run, v, TUPLE(types)->items[i]);
	sbx__recurse_end(run);
	return result;
}

/* ---- min, max ---- */

static sbx_value extreme(sbx_run *run, bool is_max, uint32_t count, const sbx_value *args,
						 sbx_value names)
{
	const char *name = is_max ? "max" : "min";
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0,
			 given = count - named;
	sbx_value keywords[2], best = SBX_GEN_ERROR, iterator, item;
	if (given == 0)
		return sbx__raise(run, SBX_TYPE_TypeError, "%s expected at least 1 argument, got 0", name);
	if (sbx__bind_arguments(run, name, "* key default", 0, 0, named, args + given, names, keywords))
		return SBX_GEN_ERROR;
	if (given > 1 && keywords[1].tag)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "Cannot specify a default for %s() with multiple positional arguments",
						  name);
	if (given > 1) {
		best = args[0];
		for (uint32_t i = 1; i < given; i++) {
			int better = is_max ? sbx_gen_gt(run, args[i], best) : sbx_gen_lt(run, args[i], best);
			if (better < 0)
				return SBX_GEN_ERROR;
			if (better)
				best = args[i];
		}
		return sbx_gen_copy(best);
	}
	iterator = sbx_gen_iter(run, args[0]);
	if (sbx__is_error(iterator))
		return iterator;
	for (;;) {
		int better;
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		better = !best.tag ? 1 : is_max ? sbx_gen_gt(run, item, best) : sbx_gen_lt(run, item, best);
		if (better < 0)
			return SBX_GEN_ERROR;
		sbx_gen_drop(run, better ? best : item);
		best = better ? item : best;
	}
	sbx_gen_drop(run, iterator);
	if (best.tag)
		return best;
	if (keywords[1].tag)
		return sbx_gen_copy(keywords[1]);
	return sbx__raise(run, SBX_TYPE_ValueError, "%s() arg is an empty sequence", name);
}

/* ---- print ---- */

/* Hands a text on as UTF-8, without leaving anything on the heap. */
static int print_text(sbx_run *run, sbx_value text)
{
	uint64_t length = STR(text)->length, size = 0;
	uint8_t *utf8, *to;
	for (uint64_t i = 0; i < length; i++) {
		if (sbx__pace(run, i, length))
			return -1;
		size += (uint64_t)sbx__utf8_size(sbx__str_at(text, i));
	}
	if (size == length) {
		sbx__print(run, sbx__str_units(text), (size_t)size);
		return 0;
	}
	to = utf8 = sbx__alloc(run, size);
	if (!utf8)
		return -1;
	for (uint64_t i = 0; i < length; i++) {
		if (sbx__pace(run, i, length))
			return -1;
		to += sbx__utf8_put(to, sbx__str_at(text, i));
	}
	sbx__print(run, (const char *)utf8, (size_t)size);
	sbx__free(run, utf8, size);
	return 0;
}

static sbx_value print(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0,
			 given = count - named;
	sbx_value keywords[4], text;
	TextBuffer out;
	int failed;
	if (sbx__bind_arguments(run, "print", "* sep end file flush", 0, 0, named, args + given, names,
							keywords))
		return SBX_GEN_ERROR;
	for (int i = 0; i < 2; i++)
		if (keywords[i].tag && !SBX_IS(keywords[i], NONE) && !SBX_IS(keywords[i], STR))
			return sbx__raise(run, SBX_TYPE_TypeError, "%s must be None or a string, not %T",
							  i ? "end" : "sep", keywords[i]);
	if (keywords[2].tag && !SBX_IS(keywords[2], NONE))
		return sbx__raise(run, SBX_TYPE_AttributeError, "'%T' object has no attribute 'write'",
						  keywords[2]);
	sbx__text_init(&out, run);
	for (uint32_t i = 0; i < given && !out.failed; i++) {
		if (i && SBX_IS(keywords[0], STR))
			sbx__text_str(&out, keywords[0]);
		else if (i)
			sbx__text_ascii(&out, " ");
		sbx__str_into(&out, args[i]);
	}
	if (SBX_IS(keywords[1], STR))
		sbx__text_str(&out, keywords[1]);
	else
		sbx__text_ascii(&out, "\n");
	text = sbx__text_take(&out);
	if (sbx__is_error(text))
		return text;
	failed = print_text(run, text);
	sbx_gen_drop(run, text);
	return failed ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

/* ---- the rest ---- */

static sbx_value sorted(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0;
	sbx_value list;
	if (sbx__check_arguments(run, "sorted", 1, 1, count - named, SBX_GEN_NONE))
		return SBX_GEN_ERROR;
	list = sbx__list_from(run, args[0]);
	if (sbx__is_error(list) ||
		sbx__is_error(sbx_gen_call_method(run, list, SBX_METHOD_sort, named, args + 1, names)))
		return SBX_GEN_ERROR;
	return list;
}

static sbx_value format(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	if (sbx__check_arguments(run, "format", 1, 2, count, names))
		return SBX_GEN_ERROR;
	if (count > 1 && !SBX_IS(args[1], STR))
		return sbx__raise(run, SBX_TYPE_TypeError, "format() argument 2 must be str, not %s",
						  sbx__argument_name(args[1]));
	return sbx_gen_format(run, args[0], 0, count > 1 ? args[1] : SBX_GEN_ERROR);
}

static sbx_value call_with_one(sbx_run *run, int builtin, sbx_value v)
{
	int64_t number;
	switch (builtin) {
	case SBX_BUILTIN_abs:
		return sbx__abs(run, v);
	case SBX_BUILTIN_all:
		return look_for(run, v, 0);
	case SBX_BUILTIN_any:
		return look_for(run, v, 1);
	case SBX_BUILTIN_ascii:
		return sbx__ascii(run, v);
	case SBX_BUILTIN_bin:
		return sbx__int_prefixed(run, v, 2);
	case SBX_BUILTIN_chr:
		return sbx__chr(run, v);
	case SBX_BUILTIN_hash:
		return sbx__hash(run, v, &number) ? SBX_GEN_ERROR : sbx_gen_int(number);
	case SBX_BUILTIN_hex:
		return sbx__int_prefixed(run, v, 16);
	case SBX_BUILTIN_len:
		number = sbx_gen_len(run, v);
		return number < 0 ? SBX_GEN_ERROR : sbx_gen_int(number);
	case SBX_BUILTIN_oct:
		return sbx__int_prefixed(run, v, 8);
	case SBX_BUILTIN_ord:
		return sbx__ord(run, v);
	default:
		return sbx_gen_to_repr(run, v);
	}
}

static sbx_value call_bound(sbx_run *run, int builtin, const char *keywords, uint32_t min,
							uint32_t count, const sbx_value *args, sbx_value names)
{
	sbx_value bound[SBX_MAX_PARAMETERS];
	if (sbx__bind_arguments(run, names_of_builtins[builtin], keywords, min, 0, count, args, names,
							bound))
		return SBX_GEN_ERROR;
	switch (builtin) {
	case SBX_BUILTIN_pow:
		return sbx__pow(run, bound[0], bound[1], bound[2]);
	case SBX_BUILTIN_round:
		return sbx__round(run, bound[0], bound[1]);
	default:
		return sbx__sum(run, bound[0], bound[1]);
	}
}

sbx_value sbx_gen_call_builtin(sbx_run *run, int builtin, uint32_t count, const sbx_value *args,
							   sbx_value names)
{
	int result;
	switch (builtin) {
	case SBX_BUILTIN_divmod:
		return sbx__check_arguments(run, "divmod", 2, 2, count, names)
				   ? SBX_GEN_ERROR
				   : sbx__divmod(run, args[0], args[1]);
	case SBX_BUILTIN_format:
		return format(run, count, args, names);
	case SBX_BUILTIN_isinstance:
		if (sbx__check_arguments(run, "isinstance", 2, 2, count, names))
			return SBX_GEN_ERROR;
		result = sbx_gen_isinstance(run, args[0], args[1]);
		return result < 0 ? SBX_GEN_ERROR : sbx_gen_bool(result);
	case SBX_BUILTIN_max:
	case SBX_BUILTIN_min:
		return extreme(run, builtin == SBX_BUILTIN_max, count, args, names);
	case SBX_BUILTIN_pow:
		return call_bound(run, builtin, "base exp mod", 2, count, args, names);
	case SBX_BUILTIN_print:
		return print(run, count, args, names);
	case SBX_BUILTIN_round:
		return call_bound(run, builtin, "number ndigits", 1, count, args, names);
	case SBX_BUILTIN_sorted:
		return sorted(run, count, args, names);
	case SBX_BUILTIN_sum:
		return call_bound(run, builtin, "_ start", 1, count, args, names);
	default:
		if (one_argument(run, names_of_builtins[builtin], count, names))
			return SBX_GEN_ERROR;
		return call_with_one(run, builtin, args[0]);
	}
}
