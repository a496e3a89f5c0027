/*
 * Lists: making, growing, indexing, joining. Their methods are in list_methods.c.
 *
 * A list grows by an eighth, as the field does, so that appending costs constant time and little room is lost.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"

#include <string.h>

sbx_value sbx__list_alloc(sbx_run *run, uint64_t capacity)
{
	sbx_gen_list *list;
	sbx_value v = sbx__object(run, SBX_KIND_LIST, sizeof *list, &list);
	if (sbx__is_error(v))
		return v;
	list->length = list->capacity = 0;
	list->items = NULL;
	if (capacity && sbx__list_reserve(run, v, capacity))
		return SBX_GEN_ERROR;
	return v;
}

static int set_capacity(sbx_run *run, sbx_gen_list *list, uint64_t capacity)
{
	sbx_value *items;
	if (capacity > INT64_MAX / sizeof *items) {
		sbx__raise_memory(run);
		return -1;
	}
	items =
		sbx__realloc(run, list->items, list->capacity * sizeof *items, capacity * sizeof *items);
	if (!items)
		return -1;
	list->items = items;
	list->capacity = capacity;
	return 0;
}

int sbx__list_reserve(sbx_run *run, sbx_value v, uint64_t extra)
{
	sbx_gen_list *list = LIST(v);
	uint64_t need = list->length + extra;
	if (need <= list->capacity)
		return 0;
	if (extra < list->length / 8 + 3)
		need = list->length + list->length / 8 + (list->length < 9 ? 4 : 7);
	return set_capacity(run, list, need);
}

int sbx_gen_list_append_slow(sbx_run *run, sbx_value v, sbx_value item)
{
	sbx_gen_list *list = LIST(v);
	if (list->length == list->capacity && sbx__list_reserve(run, v, 1))
		return -1;
	list->items[list->length++] = item;
	return 0;
}

int sbx__list_push(sbx_run *run, sbx_value list, sbx_value item)
{
	return sbx_gen_list_append(run, list, item);
}

sbx_value sbx_gen_list_make(sbx_run *run, uint64_t count, sbx_value *items)
{
	sbx_value v = sbx__list_alloc(run, count);
	if (!sbx__is_error(v) && count) {
		memcpy(LIST(v)->items, items, count * sizeof *items);
		LIST(v)->length = count;
	}
	return v;
}

/* Appends borrowed items; they may be the list's own. */
static int append_all(sbx_run *run, sbx_value v, const sbx_value *items, uint64_t count)
{
	sbx_gen_list *list = LIST(v);
	bool own = items == list->items;
	if (count == 0)
		return 0;
	if (sbx__list_reserve(run, v, count))
		return -1;
	if (own)
		items = list->items;
	if (sbx__copy_items(run, list->items + list->length, items, count))
		return -1;
	list->length += count;
	return 0;
}

static sbx_value list_of(sbx_run *run, const sbx_value *items, uint64_t count)
{
	sbx_value v = sbx__list_alloc(run, count);
	if (sbx__is_error(v) || append_all(run, v, items, count))
		return SBX_GEN_ERROR;
	return v;
}

/* How many items an iterator will give, where that is known: room to be made at once. */
static uint64_t length_hint(sbx_value iterable)
{
	switch (SBX_GEN_KIND(iterable)) {
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		return STR(iterable)->length;
	case SBX_KIND_DICT:
		return DICT(iterable)->used;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return SET(iterable)->used;
	case SBX_KIND_DICT_VIEW:
		return DICT(DICT_VIEW(iterable)->dict)->used;
	case SBX_KIND_RANGE:
		return sbx__range_is_small(RANGE(iterable)) ? (uint64_t)RANGE(iterable)->length.u.i : 0;
	default:
		return 0;
	}
}

/* A range of machine ints, by far the most frequent iterable after a list. */
static int append_range(sbx_run *run, sbx_value v, const RangeObject *range)
{
	sbx_gen_list *list = LIST(v);
	uint64_t count = (uint64_t)range->length.u.i;
	int64_t value = range->start.u.i, step = range->step.u.i;
	for (uint64_t i = 0; i < count; i++) {
		if (sbx__pace(run, i, count))
			return -1;
		list->items[list->length + i] = sbx_gen_int(value);
		value = (int64_t)((uint64_t)value + (uint64_t)step);
	}
	list->length += count;
	return 0;
}

/* More items than a length can say, of a range or what iterates over one. */
static bool is_endless_range(sbx_value v)
{
	if (SBX_IS(v, ITERATOR))
		v = ((const sbx_gen_iterator *)v.u.p)->source;
	return SBX_IS(v, RANGE) && SBX_IS(RANGE(v)->length, BIG);
}

static int extend(sbx_run *run, sbx_value v, sbx_value iterable)
{
	uint64_t hint;
	sbx_value iterator, item;
	if (SBX_IS(iterable, LIST))
		return append_all(run, v, LIST(iterable)->items, LIST(iterable)->length);
	if (SBX_IS(iterable, TUPLE))
		return append_all(run, v, TUPLE(iterable)->items, TUPLE(iterable)->length);
	if (is_endless_range(iterable)) {
		sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C ssize_t");
		return -1;
	}
	iterator = sbx_gen_iter(run, iterable);
	if (sbx__is_error(iterator))
		return -1;
	hint = length_hint(iterable);
	if (hint > INT64_MAX / sizeof(sbx_value)) {
		sbx__raise_memory(run);
		return -1;
	}
	if (hint && sbx__list_reserve(run, v, hint))
		return -1;
	if (hint && SBX_IS(iterable, RANGE) && sbx__range_is_small(RANGE(iterable))) {
		sbx_gen_drop(run, iterator);
		return append_range(run, v, RANGE(iterable));
	}
	for (;;) {
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx_gen_list_append(run, v, item) || sbx__spend(run, 1))
			return -1;
	}
	sbx_gen_drop(run, iterator);
	return 0;
}

int sbx_gen_list_extend(sbx_run *run, sbx_value list, sbx_value iterable)
{
	if (!sbx__is_iterable(iterable)) {
		sbx__raise(run, SBX_TYPE_TypeError, "Value after * must be an iterable, not %T", iterable);
		return -1;
	}
	return extend(run, list, iterable);
}

int sbx__list_extend(sbx_run *run, sbx_value list, sbx_value iterable)
{
	return extend(run, list, iterable);
}

sbx_value sbx__list_from(sbx_run *run, sbx_value iterable)
{
	sbx_value v;
	if (SBX_IS(iterable, LIST))
		return list_of(run, LIST(iterable)->items, LIST(iterable)->length);
	v = sbx__list_alloc(run, 0);
	if (sbx__is_error(v))
		return v;
	if (extend(run, v, iterable)) {
		sbx_gen_drop(run, v); /* the call may be made again: sbx_gen_ask */
		return SBX_GEN_ERROR;
	}
	return v;
}

int sbx__items_open(sbx_run *run, sbx_value iterable, Items *items)
{
	items->holder = SBX_GEN_NONE;
	if (SBX_IS(iterable, TUPLE)) {
		items->at = TUPLE(iterable)->items;
		items->count = TUPLE(iterable)->length;
		return 0;
	}
	if (!SBX_IS(iterable, LIST)) {
		items->holder = iterable = sbx__list_from(run, iterable);
		if (sbx__is_error(iterable))
			return -1;
	}
	items->at = LIST(iterable)->items;
	items->count = LIST(iterable)->length;
	return 0;
}

void sbx__items_close(sbx_run *run, Items *items)
{
	sbx_gen_drop(run, items->holder);
	items->holder = SBX_GEN_NONE;
}

sbx_value sbx__list_getitem(sbx_run *run, sbx_value v, sbx_value key)
{
	const sbx_gen_list *list = LIST(v);
	int64_t index, step;
	uint64_t count, at;
	sbx_value out;
	if (SBX_IS(key, SLICE)) {
		if (sbx__slice_bounds(run, key, list->length, &index, &step, &count))
			return SBX_GEN_ERROR;
		if (count == 0)
			return sbx__list_alloc(run, 0);
		if (step == 1)
			return list_of(run, list->items + index, count);
		out = sbx__list_alloc(run, count);
		if (sbx__is_error(out))
			return SBX_GEN_ERROR;
		for (uint64_t i = 0; i < count; i++) {
			if (sbx__pace(run, i, count))
				return SBX_GEN_ERROR;
			LIST(out)->items[i] = sbx_gen_copy(list->items[index + (int64_t)i * step]);
		}
		LIST(out)->length = count;
		return out;
	}
	if (sbx__subscript(run, key, list->length, "list", &at))
		return SBX_GEN_ERROR;
	return sbx_gen_copy(list->items[at]);
}

sbx_value sbx__list_concat(sbx_run *run, sbx_value a, sbx_value b)
{
	uint64_t n = LIST(a)->length + LIST(b)->length;
	sbx_value v = sbx__list_alloc(run, n);
	if (sbx__is_error(v) || append_all(run, v, LIST(a)->items, LIST(a)->length) ||
		append_all(run, v, LIST(b)->items, LIST(b)->length))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx__list_repeat(sbx_run *run, sbx_value v, int64_t times)
{
	uint64_t n = LIST(v)->length, total;
	sbx_value out;
	if (times <= 0 || n == 0)
		return sbx__list_alloc(run, 0);
	if (__builtin_mul_overflow(n, (uint64_t)times, &total) || total > INT64_MAX / sizeof(sbx_value))
		return sbx__raise_memory(run);
	if (sbx__reserve(run, total * sizeof(sbx_value)))
		return SBX_GEN_ERROR;
	out = sbx__list_alloc(run, total);
	if (sbx__is_error(out) || sbx__repeat_items(run, LIST(out)->items, LIST(v)->items, n, total))
		return SBX_GEN_ERROR;
	LIST(out)->length = total;
	return out;
}

sbx_value sbx__items_count(sbx_run *run, const sbx_value *items, uint64_t length, sbx_value item)
{
	int64_t found = 0;
	for (uint64_t i = 0; i < length; i++) {
		int equal = sbx__equal(run, items[i], item);
		if (equal < 0 || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		found += equal;
	}
	return sbx_gen_int(found);
}

sbx_value sbx__items_index(sbx_run *run, const sbx_value *items, uint64_t length, uint32_t count,
						   const sbx_value *args)
{
	uint64_t start = 0, stop = length;
	if ((count > 1 && sbx__slice_argument(run, args[1], length, &start)) ||
		(count > 2 && sbx__slice_argument(run, args[2], length, &stop)))
		return SBX_GEN_ERROR;
	for (uint64_t i = start; i < stop; i++) {
		int equal = sbx__equal(run, items[i], args[0]);
		if (equal < 0 || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		if (equal)
			return sbx_gen_int((int64_t)i);
	}
	return SBX_GEN_NONE;
}

void sbx__list_free(sbx_run *run, void *object)
{
	sbx_gen_list *list = object;
	for (uint64_t i = 0; i < list->length; i++)
		sbx_gen_drop(run, list->items[i]);
	sbx__free(run, list->items, list->capacity * sizeof *list->items);
	sbx__free(run, list, sizeof *list);
}

/* The order of two ints, two floats or two texts without a call of the general comparison: -1, 0, 1; 2: ask there. */
static inline int quick_order(sbx_value a, sbx_value b)
{
	if (SBX_GEN_BOTH(a, b, SBX_KIND_INT))
		return (a.u.i > b.u.i) - (a.u.i < b.u.i);
	if (SBX_GEN_BOTH(a, b, SBX_KIND_FLOAT) && a.u.f == a.u.f && b.u.f == b.u.f)
		return (a.u.f > b.u.f) - (a.u.f < b.u.f);
	if (SBX_IS(a, STR) && SBX_IS(b, STR)) {
		int order;
		if (STR(a)->length > 1024 && STR(b)->length > 1024)
			return 2;
		order = a.u.p == b.u.p ? 0 : sbx__text_order(a, b);
		return (order > 0) - (order < 0);
	}
	return 2;
}

/* As in Python: the first items that differ decide, else the lengths. */
int sbx__sequence_compare(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	bool lists = SBX_IS(a, LIST), only_equal = op == SBX_COMPARE_EQ || op == SBX_COMPARE_NE;
	const sbx_value *x = lists ? LIST(a)->items : TUPLE(a)->items,
					*y = lists ? LIST(b)->items : TUPLE(b)->items;
	uint64_t m = lists ? LIST(a)->length : TUPLE(a)->length,
			 n = lists ? LIST(b)->length : TUPLE(b)->length;
	int result;
	if (lists && m != n && only_equal)
		return op == SBX_COMPARE_NE;
	if (sbx__recurse(run, " in comparison"))
		return -1;
	for (uint64_t i = 0; i < m && i < n; i++) {
		int order = quick_order(x[i], y[i]), equal = order == 0;
		if (order == 2)
			equal = sbx__equal(run, x[i], y[i]);
		if (equal < 0 || sbx__spend(run, 1))
			return -1;
		if (equal)
			continue;
		if (only_equal)
			result = op == SBX_COMPARE_NE;
		else
			result = order == 2 ? sbx_gen_compare_slow(run, op, x[i], y[i])
								: sbx__order_decides(op, order);
		sbx__recurse_end(run);
		return result;
	}
	sbx__recurse_end(run);
	return sbx__order_decides(op, (m > n) - (m < n));
}
