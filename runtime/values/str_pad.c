/*
 * Methods of str and bytes that fill up: center, ljust, rjust, zfill, expandtabs. The size of the
 * result is asked of the heap before anything is made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "str_methods.h"

/* A new str or bytes like `like`, `length` > 0 units of `width`. */
static sbx_value make_like(sbx_run *run, const Units *like, uint64_t length, uint32_t width,
						   void *units)
{
	return like->is_bytes ? sbx__bytes_alloc(run, length, units)
						  : sbx__str_alloc(run, length, width, units);
}

static int put_many(sbx_run *run, void *units, uint32_t width, uint64_t at, uint32_t point,
					uint64_t count)
{
	if (count == 0) /* there may be no units at all */
		return 0;
	if (width == 1 && count > SBX_LONG)
		return sbx__fill(run, (char *)units + at, (int)point, count);
	if (width == 1) {
		memset((char *)units + at, (int)point, count);
		return sbx__spend(run, count / 16);
	}
	for (uint64_t i = 0; i < count; i++) {
		if (sbx__pace(run, i, count))
			return -1;
		sbx__unit_put(units, width, at + i, point);
	}
	return 0;
}

/* self with `left` and `right` times `fill` around it. */
static sbx_value pad(sbx_run *run, sbx_value self, uint64_t left, uint64_t right, uint32_t fill)
{
	Units in = sbx__units_of(self);
	uint32_t width = sbx__width_for(fill);
	uint64_t length;
	void *to;
	sbx_value v;
	if (left + right == 0)
		return sbx_gen_copy(self);
	if (in.is_bytes && left + right > (uint64_t)INT64_MAX - in.length)
		return sbx__raise(run, SBX_TYPE_OverflowError, "byte string is too large");
	if (left + right > INT64_MAX / 8)
		return sbx__raise_memory(run);
	if (width < in.width)
		width = in.width;
	length = in.length + left + right;
	if (sbx__reserve(run, length * width))
		return SBX_GEN_ERROR;
	if (length == 1 && !in.is_bytes)
		return sbx__str_point(run, fill);
	v = make_like(run, &in, length, width, &to);
	if (sbx__is_error(v) || put_many(run, to, width, 0, fill, left) ||
		sbx__units_copy(run, (char *)to + left * width, width, &in) ||
		put_many(run, to, width, left + in.length, fill, right))
		return SBX_GEN_ERROR;
	return v;
}

static int fill_argument(sbx_run *run, sbx_value self, sbx_value v, const char *name,
						 uint32_t *fill)
{
	Units units;
	if (SBX_IS_BYTES(self)) {
		if (!SBX_IS_BYTES(v) || BYTES(v)->length != 1) {
			sbx__raise(run, SBX_TYPE_TypeError,
					   "%s() argument 2 must be a byte string of length 1, not %s", name,
					   SBX_GEN_KIND(v) == SBX_KIND_NONE ? "None" : sbx__type_name(v));
			return -1;
		}
	} else if (!SBX_IS_STR(v)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "The fill character must be a unicode character, not %T", v);
		return -1;
	} else if (STR(v)->length != 1) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "The fill character must be exactly one character long");
		return -1;
	}
	units = sbx__units_of(v);
	*fill = sbx__unit(&units, 0);
	return 0;
}

enum Side { SIDE_LEFT, SIDE_RIGHT, SIDE_BOTH };

static sbx_value justify(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
						 enum Side side, const char *name)
{
	Units in = sbx__units_of(self);
	uint32_t fill = ' ';
	uint64_t more, left;
	int64_t width;
	if (sbx__size_argument(run, args[0], &width) ||
		(count > 1 && fill_argument(run, self, args[1], name, &fill)))
		return SBX_GEN_ERROR;
	if (width <= (int64_t)in.length)
		return sbx_gen_copy(self);
	more = (uint64_t)width - in.length;
	left = side == SIDE_LEFT    ? more
		   : side == SIDE_RIGHT ? 0
								: more / 2 + (more & (uint64_t)width & 1);
	return pad(run, self, left, more - left, fill);
}

TEXT_METHOD(sbx__do_center)
{
	return justify(run, self, count, args, SIDE_BOTH, "center");
}
TEXT_METHOD(sbx__do_ljust)
{
	return justify(run, self, count, args, SIDE_RIGHT, "ljust");
}
TEXT_METHOD(sbx__do_rjust)
{
	return justify(run, self, count, args, SIDE_LEFT, "rjust");
}

TEXT_METHOD(sbx__do_zfill)
{
	Units in = sbx__units_of(self);
	int64_t width;
	sbx_value v;
	if (sbx__size_argument(run, args[0], &width))
		return SBX_GEN_ERROR;
	if (width <= (int64_t)in.length)
		return sbx_gen_copy(self);
	v = pad(run, self, (uint64_t)width - in.length, 0, '0');
	if (!sbx__is_error(v) && in.length) {
		Units out = sbx__units_of(v);
		uint32_t first = sbx__unit(&in, 0);
		if (first == '+' || first == '-') { /* the sign goes before the zeros */
			sbx__unit_put((void *)(uintptr_t)out.at, out.width, (uint64_t)width - in.length, '0');
			sbx__unit_put((void *)(uintptr_t)out.at, out.width, 0, first);
		}
	}
	return v;
}

/* ---- expandtabs ---- */

/* Units until the next tab stop. */
static uint64_t tab_size(int32_t tab, uint64_t column)
{
	return tab > 0 ? (uint64_t)tab - column % (uint64_t)tab : 0;
}

TEXT_METHOD(sbx__do_expandtabs)
{
	Units in = sbx__units_of(self);
	uint64_t column = 0, length = 0, at = 0;
	int32_t tab = 8;
	void *to;
	sbx_value v;
	bool found = false;
	if (args[0].tag && sbx__c_int_argument(run, args[0], &tab))
		return SBX_GEN_ERROR;
	for (uint64_t i = 0; i < in.length; i++) {
		uint32_t point = sbx__unit(&in, i);
		uint64_t size = point == '\t' ? tab_size(tab, column) : 1;
		if (sbx__pace(run, i, in.length))
			return SBX_GEN_ERROR;
		found |= point == '\t';
		column = point == '\n' || point == '\r' ? 0 : column + size;
		length += size; /* at most 2**31 for each unit of memory: no overflow */
	}
	if (!found)
		return sbx_gen_copy(self);
	if (sbx__reserve(run, length * in.width))
		return SBX_GEN_ERROR;
	v = make_like(run, &in, length, in.width, &to);
	if (sbx__is_error(v))
		return v;
	column = 0;
	for (uint64_t i = 0; i < in.length; i++) {
		uint32_t point = sbx__unit(&in, i);
		uint64_t size = point == '\t' ? tab_size(tab, column) : 1;
		if (sbx__pace(run, i, in.length) ||
			put_many(run, to, in.width, at, point == '\t' ? ' ' : point, size))
			return SBX_GEN_ERROR;
		at += size;
		column = point == '\n' || point == '\r' ? 0 : column + size;
	}
	return v;
}
