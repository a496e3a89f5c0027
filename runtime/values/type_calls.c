/*
 * Types as functions: list(x), str(b, "utf-8"), range(n), ValueError("...").
 * SPDX-License-Identifier: Apache-2.0
 */
#include "builtin_calls.h"
#include "codec.h"

#include "numbers.h"
#include "units.h"

static uint32_t keyword_count(sbx_value names)
{
	return SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0;
}

/* ---- str, bytes ---- */

static int text_argument(sbx_run *run, const char *function, const char *name, sbx_value v)
{
	if (!v.tag || SBX_IS(v, STR))
		return v.tag ? sbx__check_c_string(run, v) : 0;
	sbx__raise(run, SBX_TYPE_TypeError, "%s() argument '%s' must be str, not %s", function, name,
			   sbx__argument_name(v));
	return -1;
}

/* encode or decode with arguments that may be missing. */
static sbx_value recode(sbx_run *run, int method, sbx_value v, sbx_value encoding, sbx_value errors)
{
	static const char *const keywords[] = {"encoding", "errors"};
	sbx_value args[2], names[2], tuple, out;
	uint32_t count = 0;
	for (int i = 0; i < 2; i++) {
		sbx_value given = i ? errors : encoding;
		if (!given.tag)
			continue;
		args[count] = given;
		names[count] = sbx__str_ascii(run, keywords[i]);
		if (sbx__is_error(names[count++]))
			return SBX_GEN_ERROR;
	}
	tuple = sbx_gen_tuple_make(run, count, names);
	if (sbx__is_error(tuple))
		return tuple;
	out = sbx_gen_call_method(run, v, method, count, args, tuple);
	sbx_gen_drop(run, tuple);
	return out;
}

static sbx_value make_str(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	sbx_value bound[3];
	if (sbx__bind_arguments(run, "str", "object encoding errors", 0, 3, count, args, names,
							bound) ||
		text_argument(run, "str", "encoding", bound[1]) ||
		text_argument(run, "str", "errors", bound[2]))
		return SBX_GEN_ERROR;
	if (!bound[0].tag)
		return sbx__str_ascii(run, "");
	if (!bound[1].tag && !bound[2].tag)
		return sbx_gen_to_str(run, bound[0]);
	if (SBX_IS(bound[0], STR))
		return sbx__raise(run, SBX_TYPE_TypeError, "decoding str is not supported");
	if (!SBX_IS(bound[0], BYTES))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "decoding to str: need a bytes-like object, %T found", bound[0]);
	return recode(run, SBX_METHOD_decode, bound[0], bound[1], bound[2]);
}

/* bytes(n): n zeros. */
static sbx_value zero_bytes(sbx_run *run, sbx_value size)
{
	int64_t n;
	sbx_value v;
	sbx_gen_bytes *bytes;
	if (sbx__index(run, size, SBX_TYPE_OverflowError, &n))
		return SBX_GEN_ERROR;
	if (n < 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "negative count");
	if (sbx__reserve(run, (uint64_t)n))
		return SBX_GEN_ERROR;
	v = sbx__object(run, SBX_KIND_BYTES, sbx__bytes_size((uint64_t)n), &bytes);
	if (sbx__is_error(v))
		return v;
	bytes->hash = -1;
	bytes->length = (uint64_t)n;
	return sbx__fill(run, bytes + 1, 0, (uint64_t)n) ? SBX_GEN_ERROR : v;
}

static sbx_value bytes_from_items(sbx_run *run, sbx_value iterable)
{
	Items items;
	sbx_gen_bytes *bytes;
	sbx_value v;
	if (sbx__items_open(run, iterable, &items))
		return SBX_GEN_ERROR;
	v = sbx__object(run, SBX_KIND_BYTES, sbx__bytes_size(items.count), &bytes);
	if (sbx__is_error(v))
		return SBX_GEN_ERROR;
	bytes->hash = -1;
	bytes->length = items.count;
	for (uint64_t i = 0; i < items.count; i++) {
		sbx_value item = items.at[i];
		if (sbx__pace(run, i, items.count))
			return SBX_GEN_ERROR;
		if (!SBX_IS_INT(item))
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "'%T' object cannot be interpreted as an integer", item);
		if (SBX_IS(item, BIG) || item.u.i < 0 || item.u.i > 255)
			return sbx__raise(run, SBX_TYPE_ValueError, "bytes must be in range(0, 256)");
		((uint8_t *)(bytes + 1))[i] = (uint8_t)item.u.i;
	}
	sbx__items_close(run, &items);
	return v;
}

static sbx_value make_bytes(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	sbx_value bound[3], source;
	if (sbx__bind_arguments(run, "bytes", "source encoding errors", 0, 3, count, args, names,
							bound) ||
		text_argument(run, "bytes", "encoding", bound[1]) ||
		text_argument(run, "bytes", "errors", bound[2]))
		return SBX_GEN_ERROR;
	source = bound[0];
	if (!SBX_IS(source, STR) && bound[1].tag)
		return sbx__raise(run, SBX_TYPE_TypeError, "encoding without a string argument");
	if (!SBX_IS(source, STR) && bound[2].tag)
		return sbx__raise(run, SBX_TYPE_TypeError, "errors without a string argument");
	if (!source.tag)
		return sbx_bytes_make(run, "", 0);
	if (SBX_IS(source, STR)) {
		if (!bound[1].tag)
			return sbx__raise(run, SBX_TYPE_TypeError, "string argument without an encoding");
		return recode(run, SBX_METHOD_encode, source, bound[1], bound[2]);
	}
	if (SBX_IS(source, BYTES))
		return sbx_gen_copy(source);
	if (SBX_IS_INT(source))
		return zero_bytes(run, source);
	if (!sbx__is_iterable(source))
		return sbx__raise(run, SBX_TYPE_TypeError, "cannot convert '%T' object to bytes", source);
	return bytes_from_items(run, source);
}

/* ---- numbers ---- */

static sbx_value make_int(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	sbx_value bound[2];
	if (sbx__bind_arguments(run, "int", "_ base", 0, 2, count, args, names, bound))
		return SBX_GEN_ERROR;
	if (!bound[0].tag && bound[1].tag)
		return sbx__raise(run, SBX_TYPE_TypeError, "int() missing string argument");
	return bound[0].tag ? sbx__int_new(run, bound[0], bound[1]) : sbx_gen_int(0);
}

static sbx_value make_bool(sbx_run *run, uint32_t count, const sbx_value *args)
{
	int truth = count ? sbx_gen_truth(run, args[0]) : 0;
	return truth < 0 ? SBX_GEN_ERROR : sbx_gen_bool(truth);
}

/* ---- containers ---- */

static sbx_value make_dict(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	uint32_t plain = count - keyword_count(names);
	sbx_value v;
	if (sbx__check_arguments(run, "dict", 0, 1, plain, SBX_GEN_NONE))
		return SBX_GEN_ERROR;
	v = sbx__dict_alloc(run, 0);
	if (sbx__is_error(v) || (plain && sbx__dict_update(run, v, args[0])))
		return SBX_GEN_ERROR;
	for (uint32_t i = plain; i < count; i++)
		if (sbx__dict_put(run, v, TUPLE(names)->items[i - plain], args[i]))
			return SBX_GEN_ERROR;
	return v;
}

static sbx_value make_frozenset(sbx_run *run, uint32_t count, const sbx_value *args)
{
	if (count && SBX_IS(args[0], FROZENSET))
		return sbx_gen_copy(args[0]);
	return count ? sbx__set_from(run, args[0], true) : sbx__set_alloc(run, 0, true);
}

static sbx_value make_range(sbx_run *run, uint32_t count, const sbx_value *args)
{
	for (uint32_t i = 0; i < count; i++)
		if (!SBX_IS_INT(args[i]))
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "'%T' object cannot be interpreted as an integer", args[i]);
	if (count == 1)
		return sbx__range_make(run, sbx_gen_int(0), args[0], sbx_gen_int(1));
	return sbx__range_make(run, args[0], args[1], count == 3 ? args[2] : sbx_gen_int(1));
}

static sbx_value make_slice(sbx_run *run, uint32_t count, const sbx_value *args)
{
	if (count == 1)
		return sbx_gen_slice_make(run, SBX_GEN_NONE, args[0], SBX_GEN_NONE);
	return sbx_gen_slice_make(run, args[0], args[1], count == 3 ? args[2] : SBX_GEN_NONE);
}

/* ---- iterators ---- */

static sbx_value make_enumerate(sbx_run *run, uint32_t count, const sbx_value *args,
								sbx_value names)
{
	static const char *const keywords[] = {"iterable", "start"};
	uint32_t named = keyword_count(names), plain = count - named;
	sbx_value bound[2] = {{0, {0}}, {0, {0}}};
	if (count > 2)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "enumerate() takes at most 2 arguments (%d given)", (int)count);
	for (uint32_t i = 0; i < plain; i++)
		bound[i] = args[i];
	for (uint32_t k = 0; k < named; k++) {
		sbx_value name = TUPLE(names)->items[k];
		int at = sbx__str_is(name, keywords[0]) ? 0 : sbx__str_is(name, keywords[1]) ? 1 : -1;
		if (at < 0 || bound[at].tag || (at == 1 && count == 1))
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "'%V' is an invalid keyword argument for enumerate()", name);
		bound[at] = args[plain + k];
	}
	if (!bound[0].tag)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "enumerate() missing required argument 'iterable'");
	return sbx__enumerate(run, bound[0], bound[1]);
}

static sbx_value make_zip(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value names)
{
	uint32_t named = keyword_count(names);
	sbx_value strict;
	int truth = 0;
	if (sbx__bind_arguments(run, "zip", "* strict", 0, 0, named, args + count - named, names,
							&strict))
		return SBX_GEN_ERROR;
	if (strict.tag)
		truth = sbx_gen_truth(run, strict);
	return truth < 0 ? SBX_GEN_ERROR : sbx__zip(run, count - named, args, truth);
}

/* ---- all of them ---- */

/* Types that take between min and max arguments and no keywords. */
static sbx_value call_plain(sbx_run *run, int type, uint32_t count, const sbx_value *args)
{
	switch (type) {
	case SBX_TYPE_bool:
		return make_bool(run, count, args);
	case SBX_TYPE_float:
		return count ? sbx__float_new(run, args[0]) : sbx_gen_float(0.0);
	case SBX_TYPE_list:
		return count ? sbx__list_from(run, args[0]) : sbx__list_alloc(run, 0);
	case SBX_TYPE_tuple:
		return count ? sbx__tuple_from(run, args[0]) : sbx__tuple_alloc(run, 0);
	case SBX_TYPE_set:
		return count ? sbx__set_from(run, args[0], false) : sbx__set_alloc(run, 0, false);
	case SBX_TYPE_frozenset:
		return make_frozenset(run, count, args);
	case SBX_TYPE_range:
		return make_range(run, count, args);
	case SBX_TYPE_slice:
		return make_slice(run, count, args);
	default:
		return sbx__reversed(run, args[0]);
	}
}

static bool plain_limits(int type, uint32_t *min, uint32_t *max)
{
	switch (type) {
	case SBX_TYPE_bool:
	case SBX_TYPE_float:
	case SBX_TYPE_list:
	case SBX_TYPE_tuple:
	case SBX_TYPE_set:
	case SBX_TYPE_frozenset:
		*min = 0;
		*max = 1;
		return true;
	case SBX_TYPE_range:
	case SBX_TYPE_slice:
		*min = 1;
		*max = 3;
		return true;
	case SBX_TYPE_reversed:
		*min = *max = 1;
		return true;
	default:
		return false;
	}
}

sbx_value sbx_gen_call_type(sbx_run *run, int type, uint32_t count, const sbx_value *args,
							sbx_value names)
{
	uint32_t min, max;
	if (sbx__is_exception_type(type))
		return sbx__exception_make(run, type, count, args, names);
	if (plain_limits(type, &min, &max)) {
		if (sbx__check_arguments(run, sbx__type_names[type], min, max, count, names))
			return SBX_GEN_ERROR;
		return call_plain(run, type, count, args);
	}
	switch (type) {
	case SBX_TYPE_int:
		return make_int(run, count, args, names);
	case SBX_TYPE_str:
		return make_str(run, count, args, names);
	case SBX_TYPE_bytes:
		return make_bytes(run, count, args, names);
	case SBX_TYPE_dict:
		return make_dict(run, count, args, names);
	case SBX_TYPE_enumerate:
		return make_enumerate(run, count, args, names);
	case SBX_TYPE_zip:
		return make_zip(run, count, args, names);
	case SBX_TYPE_map: /* whatever is right is a loop of the program: see sbx__builtin_behind */
		if (keyword_count(names))
			return sbx__raise(run, SBX_TYPE_TypeError, "map() takes no keyword arguments");
		return sbx__raise(run, SBX_TYPE_TypeError, "map() must have at least two arguments.");
	case SBX_TYPE_filter:
		if (keyword_count(names))
			return sbx__raise(run, SBX_TYPE_TypeError, "filter() takes no keyword arguments");
		return sbx__raise(run, SBX_TYPE_TypeError, "filter expected 2 arguments, got %d",
						  (int)count);
	case SBX_TYPE_type:
		if (count - keyword_count(names) == 1 && keyword_count(names))
			return sbx__raise(run, SBX_TYPE_TypeError, "type() takes no keyword arguments");
		if (count != 1 || keyword_count(names))
			return sbx__raise(run, SBX_TYPE_TypeError, "type() takes 1 or 3 arguments");
		return sbx_gen_make(SBX_KIND_TYPE, sbx__type_of(args[0]));
	case SBX_TYPE_NoneType:
		if (count)
			return sbx__raise(run, SBX_TYPE_TypeError, "NoneType takes no arguments");
		return SBX_GEN_NONE;
	default:
		return sbx__raise(run, SBX_TYPE_TypeError, "cannot create '%s' instances",
						  sbx__type_names[type]);
	}
}
