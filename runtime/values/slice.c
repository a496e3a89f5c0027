/*
 * Slices, and ints as indices.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"

sbx_value sbx_gen_slice_make(sbx_run *run, sbx_value start, sbx_value stop, sbx_value step)
{
	SliceObject *slice;
	sbx_value v = sbx__object(run, SBX_KIND_SLICE, sizeof *slice, &slice);
	if (sbx__is_error(v))
		return v;
	slice->start = sbx_gen_copy(start);
	slice->stop = sbx_gen_copy(stop);
	slice->step = sbx_gen_copy(step);
	return v;
}

int sbx__index_argument(sbx_run *run, sbx_value v, int64_t *index)
{
	if (SBX_IS(v, INT) || SBX_IS(v, BOOL)) {
		*index = v.u.i;
		return 0;
	}
	if (SBX_IS(v, BIG))
		sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C ssize_t");
	else
		sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be interpreted as an integer", v);
	return -1;
}

int sbx__subscript(sbx_run *run, sbx_value key, uint64_t length, const char *what, uint64_t *index)
{
	int64_t i;
	if (SBX_IS(key, BIG)) {
		sbx__raise(run, SBX_TYPE_IndexError, "cannot fit 'int' into an index-sized integer");
		return -1;
	}
	if (!SBX_IS_INT(key)) {
		sbx__raise(run, SBX_TYPE_TypeError, "%s indices must be integers or slices, not %T", what,
				   key);
		return -1;
	}
	i = key.u.i < 0 ? key.u.i + (int64_t)length : key.u.i;
	if ((uint64_t)i >= length) {
		sbx__raise(run, SBX_TYPE_IndexError, "%s index out of range", what);
		return -1;
	}
	*index = (uint64_t)i;
	return 0;
}

/* An int of any size, cut to the range of int64; 0: it is no int. */
static int clamped(sbx_value v, int64_t *out)
{
	if (SBX_IS(v, INT) || SBX_IS(v, BOOL))
		*out = v.u.i;
	else if (SBX_IS(v, BIG))
		*out = ((const sbx_gen_big *)v.u.p)->head.bits & 1 ? INT64_MIN : INT64_MAX;
	else
		return 0;
	return 1;
}

int sbx__slice_argument(sbx_run *run, sbx_value v, uint64_t length, uint64_t *index)
{
	int64_t i, n = (int64_t)length;
	if (!clamped(v, &i)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "slice indices must be integers or have an __index__ method");
		return -1;
	}
	if (i < 0)
		i = i < -n ? 0 : i + n;
	*index = (uint64_t)(i > n ? n : i);
	return 0;
}

/* A bound of a slice in [low, high], counted from the end where negative. */
static int bound(sbx_run *run, sbx_value v, int64_t n, int64_t low, int64_t high, int64_t if_none,
				 int64_t *out)
{
	int64_t i;
	if (SBX_IS(v, NONE)) {
		*out = if_none;
		return 0;
	}
	if (!clamped(v, &i)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "slice indices must be integers or None or have an __index__ method");
		return -1;
	}
	if (i < 0)
		i = i < -n ? low : i + n;
	*out = i < low ? low : i > high ? high : i;
	return 0;
}

int sbx__slice_bounds(sbx_run *run, sbx_value slice, uint64_t length, int64_t *start, int64_t *step,
					  uint64_t *count)
{
	const SliceObject *s = SLICE(slice);
	int64_t n = (int64_t)length, stop, by = 1;
	if (!SBX_IS(s->step, NONE)) {
		if (!clamped(s->step, &by)) {
			sbx__raise(run, SBX_TYPE_TypeError,
					   "slice indices must be integers or None or have an __index__ method");
			return -1;
		}
		if (by == 0) {
			sbx__raise(run, SBX_TYPE_ValueError, "slice step cannot be zero");
			return -1;
		}
		if (by < -INT64_MAX)
			by = -INT64_MAX;
	}
	if (by > 0) {
		if (bound(run, s->start, n, 0, n, 0, start) || bound(run, s->stop, n, 0, n, n, &stop))
			return -1;
		*count = *start < stop ? (uint64_t)(stop - *start - 1) / (uint64_t)by + 1 : 0;
	} else {
		if (bound(run, s->start, n, -1, n - 1, n - 1, start) ||
			bound(run, s->stop, n, -1, n - 1, -1, &stop))
			return -1;
		*count = stop < *start ? (uint64_t)(*start - stop - 1) / (uint64_t)-by + 1 : 0;
	}
	*step = by;
	return 0;
}
