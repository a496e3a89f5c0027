/*
 * Ranges: like CPython's, of ints of any size. Nearly all are of machine ints and take the short way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"
#include "numbers.h"

/* How many values; a new reference. */
static sbx_value range_length(sbx_run *run, sbx_value start, sbx_value stop, sbx_value step)
{
	int up = sbx__int_sign(step) > 0;
	sbx_value low = up ? start : stop, high = up ? stop : start, by, size, steps, length;
	int empty = sbx_gen_ge(run, low, high);
	if (empty < 0)
		return SBX_GEN_ERROR;
	if (empty)
		return sbx_gen_int(0);
	if (SBX_GEN_BOTH(start, stop, SBX_KIND_INT) && step.tag == SBX_KIND_INT) {
		uint64_t turn = up ? (uint64_t)step.u.i : 0 - (uint64_t)step.u.i;
		return sbx__int_from_u64(run, ((uint64_t)high.u.i - (uint64_t)low.u.i - 1) / turn + 1);
	}
	by = up ? sbx_gen_copy(step) : sbx_gen_neg(run, step);
	size = sbx_gen_sub(run, high, low);
	if (sbx__is_error(by) || sbx__is_error(size))
		return SBX_GEN_ERROR;
	steps = sbx_gen_sub(run, size, sbx_gen_int(1));
	if (sbx__is_error(steps))
		return steps;
	sbx_gen_drop(run, size);
	size = sbx_gen_floordiv(run, steps, by);
	if (sbx__is_error(size))
		return size;
	length = sbx_gen_add(run, size, sbx_gen_int(1));
	sbx_gen_drop(run, size);
	sbx_gen_drop(run, steps);
	sbx_gen_drop(run, by);
	return length;
}

sbx_value sbx__range_make(sbx_run *run, sbx_value start, sbx_value stop, sbx_value step)
{
	RangeObject *range;
	sbx_value v, length;
	if (sbx__int_sign(step) == 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "range() arg 3 must not be zero");
	length = range_length(run, start, stop, step);
	if (sbx__is_error(length))
		return length;
	v = sbx__object(run, SBX_KIND_RANGE, sizeof *range, &range);
	if (sbx__is_error(v))
		return v;
	range->start = sbx__int_of(start);
	range->stop = sbx__int_of(stop);
	range->step = sbx__int_of(step);
	range->length = length;
	return v;
}

/* start + index * step: a new reference. */
static sbx_value value_at(sbx_run *run, const RangeObject *range, sbx_value index)
{
	sbx_value offset = sbx_gen_mul(run, index, range->step), value;
	if (sbx__is_error(offset))
		return offset;
	value = sbx_gen_add(run, range->start, offset);
	sbx_gen_drop(run, offset);
	return value;
}

/* One bound of a slice of a range, as an int of any size in [low, high]; a new reference. */
static sbx_value slice_bound(sbx_run *run, sbx_value v, sbx_value length, sbx_value low,
							 sbx_value high, sbx_value if_none)
{
	sbx_value i;
	if (SBX_IS(v, NONE))
		return sbx_gen_copy(if_none);
	if (!SBX_IS_INT(v))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "slice indices must be integers or None or have an __index__ method");
	i = sbx__int_sign(v) < 0 ? sbx_gen_add(run, v, length) : sbx__int_of(v);
	if (sbx__is_error(i))
		return i;
	if (sbx_gen_lt(run, i, low) > 0) {
		sbx_gen_drop(run, i);
		return sbx_gen_copy(low);
	}
	if (sbx_gen_gt(run, i, high) > 0) {
		sbx_gen_drop(run, i);
		return sbx_gen_copy(high);
	}
	return i;
}

static sbx_value range_slice(sbx_run *run, const RangeObject *range, const SliceObject *slice)
{
	sbx_value step = sbx_gen_int(1), low = sbx_gen_int(0), high = range->length, start, stop, by,
			  first, last, out;
	if (!SBX_IS(slice->step, NONE)) {
		if (!SBX_IS_INT(slice->step))
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "slice indices must be integers or None or have an __index__ method");
		step = slice->step;
	}
	if (sbx__int_sign(step) == 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "slice step cannot be zero");
	if (sbx__int_sign(step) < 0) {
		low = sbx_gen_int(-1);
		high = sbx_gen_sub(run, range->length, sbx_gen_int(1));
		start = slice_bound(run, slice->start, range->length, low, high, high);
		stop = slice_bound(run, slice->stop, range->length, low, high, low);
	} else {
		start = slice_bound(run, slice->start, range->length, low, high, low);
		stop = slice_bound(run, slice->stop, range->length, low, high, high);
	}
	if (sbx__is_error(start) || sbx__is_error(stop))
		return SBX_GEN_ERROR;
	by = sbx_gen_mul(run, range->step, step);
	first = value_at(run, range, start);
	last = value_at(run, range, stop);
	if (sbx__is_error(by) || sbx__is_error(first) || sbx__is_error(last))
		return SBX_GEN_ERROR;
	out = sbx__range_make(run, first, last, by);
	sbx_gen_drop(run, by);
	sbx_gen_drop(run, first);
	sbx_gen_drop(run, last);
	sbx_gen_drop(run, start);
	sbx_gen_drop(run, stop);
	return out;
}

sbx_value sbx__range_getitem(sbx_run *run, sbx_value v, sbx_value key)
{
	const RangeObject *range = RANGE(v);
	sbx_value index, value;
	int below, above;
	if (SBX_IS(key, SLICE))
		return range_slice(run, range, SLICE(key));
	if (!SBX_IS_INT(key))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "range indices must be integers or slices, not %T", key);
	index = sbx__int_sign(key) < 0 ? sbx_gen_add(run, key, range->length) : sbx__int_of(key);
	if (sbx__is_error(index))
		return index;
	below = sbx_gen_lt(run, index, sbx_gen_int(0));
	above = sbx_gen_ge(run, index, range->length);
	if (below || above)
		return sbx__raise(run, SBX_TYPE_IndexError, "range object index out of range");
	value = value_at(run, range, index);
	sbx_gen_drop(run, index);
	return value;
}

/* An int in the range: 1 and its index (a new reference); 0 otherwise. */
static int find_int(sbx_run *run, const RangeObject *range, sbx_value item, sbx_value *index)
{
	bool up = sbx__int_sign(range->step) > 0;
	sbx_value offset, rest;
	int inside =
		up ? sbx_gen_ge(run, item, range->start) > 0 && sbx_gen_lt(run, item, range->stop) > 0
		   : sbx_gen_le(run, item, range->start) > 0 && sbx_gen_gt(run, item, range->stop) > 0;
	if (!inside)
		return 0;
	offset = sbx_gen_sub(run, item, range->start);
	if (sbx__is_error(offset))
		return -1;
	rest = sbx_gen_mod(run, offset, range->step);
	if (sbx__is_error(rest))
		return -1;
	inside = sbx__int_sign(rest) == 0;
	sbx_gen_drop(run, rest);
	if (inside) {
		*index = sbx_gen_floordiv(run, offset, range->step);
		if (sbx__is_error(*index))
			return -1;
	}
	sbx_gen_drop(run, offset);
	return inside;
}

/* How many values equal an item that is no int: each is looked at. stop: at the first. */
static int64_t count_equal(sbx_run *run, sbx_value v, sbx_value item, bool stop)
{
	sbx_value iterator = sbx_gen_iter(run, v), value;
	int64_t found = 0;
	if (sbx__is_error(iterator))
		return -1;
	while (!(stop && found)) {
		int equal;
		value = sbx_gen_next_native(run, iterator);
		if (SBX_IS(value, DONE))
			break;
		if (sbx__is_error(value) || sbx__spend(run, 1))
			return -1;
		equal = sbx__equal(run, value, item);
		sbx_gen_drop(run, value);
		if (equal < 0)
			return -1;
		found += equal;
	}
	sbx_gen_drop(run, iterator);
	return found;
}

int sbx__range_contains(sbx_run *run, sbx_value v, sbx_value item)
{
	sbx_value index = SBX_GEN_NONE;
	int found;
	if (!SBX_IS_INT(item))
		return (int)count_equal(run, v, item, true);
	found = find_int(run, RANGE(v), item, &index);
	sbx_gen_drop(run, index);
	return found;
}

sbx_value sbx__range_reversed(sbx_run *run, sbx_value v)
{
	const RangeObject *range = RANGE(v);
	sbx_value last = sbx_gen_sub(run, range->length, sbx_gen_int(1)),
			  step = sbx_gen_neg(run, range->step);
	sbx_value start, stop, out;
	if (sbx__is_error(last) || sbx__is_error(step))
		return SBX_GEN_ERROR;
	start = value_at(run, range, last);
	stop = sbx_gen_sub(run, range->start, range->step);
	if (sbx__is_error(start) || sbx__is_error(stop))
		return SBX_GEN_ERROR;
	out = sbx__range_make(run, start, stop, step);
	sbx_gen_drop(run, last);
	sbx_gen_drop(run, step);
	sbx_gen_drop(run, start);
	sbx_gen_drop(run, stop);
	return out;
}

int sbx__range_equal(sbx_run *run, sbx_value a, sbx_value b)
{
	const RangeObject *x = RANGE(a), *y = RANGE(b);
	if (!sbx_gen_eq(run, x->length, y->length))
		return 0;
	if (sbx__int_sign(x->length) == 0)
		return 1;
	if (!sbx_gen_eq(run, x->start, y->start))
		return 0;
	return (x->length.tag == SBX_KIND_INT && x->length.u.i == 1) ||
		   sbx_gen_eq(run, x->step, y->step);
}

int sbx__range_hash(sbx_run *run, sbx_value v, int64_t *hash)
{
	const RangeObject *range = RANGE(v);
	bool one = range->length.tag == SBX_KIND_INT && range->length.u.i == 1;
	sbx_value parts[3], tuple;
	int failed;
	parts[0] = sbx_gen_copy(range->length);
	parts[1] = parts[2] = SBX_GEN_NONE;
	if (sbx__int_sign(range->length)) {
		parts[1] = sbx_gen_copy(range->start);
		if (!one)
			parts[2] = sbx_gen_copy(range->step);
	}
	tuple = sbx_gen_tuple_make(run, 3, parts);
	if (sbx__is_error(tuple))
		return -1;
	failed = sbx__tuple_hash(run, tuple, hash);
	sbx_gen_drop(run, tuple);
	return failed;
}

/* ---- methods ---- */

#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define ATTRIBUTE(kind, name, function) SBX_DECLARE_METHOD(function)
#include "range_methods.def"
#undef METHOD
#undef ATTRIBUTE

sbx_value sbx__range_index(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
						   sbx_value names)
{
	sbx_value index = SBX_GEN_NONE, iterator, value;
	int found;
	(void)count, (void)names;
	if (SBX_IS_INT(args[0])) {
		found = find_int(run, RANGE(self), args[0], &index);
		if (found < 0)
			return SBX_GEN_ERROR;
		return found ? index : sbx__raise(run, SBX_TYPE_ValueError, "%R is not in range", args[0]);
	}
	iterator = sbx_gen_iter(run, self);
	for (int64_t i = 0; !sbx__is_error(iterator); i++) {
		value = sbx_gen_next_native(run, iterator);
		if (SBX_IS(value, DONE))
			return sbx__raise(run, SBX_TYPE_ValueError, "sequence.index(x): x not in sequence");
		if (sbx__is_error(value) || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		found = sbx__equal(run, value, args[0]);
		sbx_gen_drop(run, value);
		if (found) {
			sbx_gen_drop(run, iterator);
			return found < 0 ? SBX_GEN_ERROR : sbx_gen_int(i);
		}
	}
	return SBX_GEN_ERROR;
}

sbx_value sbx__range_count(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
						   sbx_value names)
{
	int64_t found;
	(void)count, (void)names;
	found = SBX_IS_INT(args[0]) ? sbx__range_contains(run, self, args[0])
								: count_equal(run, self, args[0], false);
	return found < 0 ? SBX_GEN_ERROR : sbx_gen_int(found);
}

#define RANGE_ATTRIBUTE(name) \
	sbx_value sbx__range_##name(sbx_run *run, sbx_value self, uint32_t count, \
								const sbx_value *args, sbx_value names) \
	{ \
		(void)run, (void)count, (void)args, (void)names; \
		return sbx_gen_copy(RANGE(self)->name); \
	}
RANGE_ATTRIBUTE(start)
RANGE_ATTRIBUTE(stop)
RANGE_ATTRIBUTE(step)
