/*
 * Reading the arguments of methods, with CPython's texts when they do not fit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "numbers.h"
#include "str_methods.h"

static bool is_small(sbx_value v)
{
	return v.tag == SBX_KIND_INT || v.tag == SBX_KIND_BOOL;
}

static int not_an_integer(sbx_run *run, sbx_value v)
{
	sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be interpreted as an integer", v);
	return -1;
}

int sbx__size_argument(sbx_run *run, sbx_value v, int64_t *size)
{
	if (is_small(v)) {
		*size = v.u.i;
		return 0;
	}
	if (!SBX_IS_INT(v))
		return not_an_integer(run, v);
	sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C ssize_t");
	return -1;
}

int sbx__c_int_argument(sbx_run *run, sbx_value v, int32_t *i)
{
	if (is_small(v) && v.u.i >= INT32_MIN && v.u.i <= INT32_MAX) {
		*i = (int32_t)v.u.i;
		return 0;
	}
	if (!SBX_IS_INT(v))
		return not_an_integer(run, v);
	sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C int");
	return -1;
}

/* One bound: an int of any size or None (then *bound stays). */
static int read_bound(sbx_run *run, sbx_value v, int64_t *bound)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_NONE)
		return 0;
	if (SBX_IS_INT(v)) {
		*bound = sbx__int_clamp(v);
		return 0;
	}
	sbx__raise(run, SBX_TYPE_TypeError,
			   "slice indices must be integers or None or have an __index__ method");
	return -1;
}

static uint64_t from_start(int64_t bound, int64_t length)
{
	if (bound < 0)
		bound = bound < -length ? 0 : bound + length;
	return (uint64_t)bound;
}

int sbx__bounds_argument(sbx_run *run, uint32_t count, const sbx_value *args, uint32_t at,
						 uint64_t length, uint64_t *start, uint64_t *stop)
{
	int64_t first = 0, last = INT64_MAX;
	if (count > at && read_bound(run, args[at], &first))
		return -1;
	if (count > at + 1 && read_bound(run, args[at + 1], &last))
		return -1;
	*start = from_start(first, (int64_t)length);
	*stop = from_start(last, (int64_t)length);
	if (*stop > length)
		*stop = length;
	return 0;
}

int sbx__need_bytes(sbx_run *run, sbx_value v)
{
	if (SBX_IS_BYTES(v))
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "a bytes-like object is required, not '%T'", v);
	return -1;
}

int sbx__need_str(sbx_run *run, sbx_value v, const char *function, const char *which)
{
	if (SBX_IS_STR(v))
		return 0;
	if (SBX_GEN_KIND(v) == SBX_KIND_NONE)
		sbx__raise(run, SBX_TYPE_TypeError, "%s() argument%s must be str, not None", function,
				   which);
	else
		sbx__raise(run, SBX_TYPE_TypeError, "%s() argument%s must be str, not %T", function, which,
				   v);
	return -1;
}
