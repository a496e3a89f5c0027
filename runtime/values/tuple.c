/*
 * Tuples. The empty one is static: there is only one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"
#include "methods.h"

#include <string.h>

static const sbx_gen_tuple empty_tuple = {{1, 0}, 0};

sbx_value sbx__tuple_alloc(sbx_run *run, uint64_t count)
{
	sbx_gen_tuple *tuple;
	sbx_value v;
	if (count == 0)
		return sbx_gen_object(SBX_KIND_TUPLE, &empty_tuple);
	if (count > SIZE_MAX / sizeof(sbx_value) / 2)
		return sbx__raise_memory(run);
	v = sbx__object(run, SBX_KIND_TUPLE, sizeof *tuple + count * sizeof(sbx_value), &tuple);
	if (sbx__is_error(v))
		return v;
	tuple->length = count;
	if (count * sizeof(sbx_value) <= SBX_LONG)
		memset(tuple->items, 0, count * sizeof(sbx_value));
	else if (sbx__fill(run, tuple->items, 0, count * sizeof(sbx_value)))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx_gen_tuple_make(sbx_run *run, uint64_t count, sbx_value *items)
{
	sbx_value v = sbx__tuple_alloc(run, count);
	if (!sbx__is_error(v) && count)
		memcpy(TUPLE(v)->items, items, count * sizeof *items);
	return v;
}

sbx_value sbx__tuple_pair(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value pair[2];
	pair[0] = a;
	pair[1] = b;
	return sbx_gen_tuple_make(run, 2, pair);
}

/* A new tuple of borrowed items. */
static sbx_value tuple_of(sbx_run *run, const sbx_value *items, uint64_t count)
{
	sbx_value v = sbx__tuple_alloc(run, count);
	if (sbx__is_error(v) || sbx__copy_items(run, TUPLE(v)->items, items, count))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx_gen_list_to_tuple(sbx_run *run, sbx_value list)
{
	return tuple_of(run, LIST(list)->items, LIST(list)->length);
}

sbx_value sbx__tuple_from(sbx_run *run, sbx_value iterable)
{
	Items items;
	sbx_value v;
	if (SBX_IS(iterable, TUPLE))
		return sbx_gen_copy(iterable);
	if (sbx__items_open(run, iterable, &items))
		return SBX_GEN_ERROR;
	v = tuple_of(run, items.at, items.count);
	sbx__items_close(run, &items);
	return v;
}

sbx_value sbx__tuple_getitem(sbx_run *run, sbx_value v, sbx_value key)
{
	const sbx_gen_tuple *tuple = TUPLE(v);
	int64_t index, step;
	uint64_t count, at;
	sbx_value out;
	if (SBX_IS(key, SLICE)) {
		if (sbx__slice_bounds(run, key, tuple->length, &index, &step, &count))
			return SBX_GEN_ERROR;
		if (count == tuple->length && step == 1)
			return sbx_gen_copy(v);
		if (step == 1)
			return tuple_of(run, tuple->items + index, count);
		out = sbx__tuple_alloc(run, count);
		if (sbx__is_error(out))
			return SBX_GEN_ERROR;
		for (uint64_t i = 0; i < count; i++) {
			if (sbx__pace(run, i, count))
				return SBX_GEN_ERROR;
			TUPLE(out)->items[i] = sbx_gen_copy(tuple->items[index + (int64_t)i * step]);
		}
		return out;
	}
	if (sbx__subscript(run, key, tuple->length, "tuple", &at))
		return SBX_GEN_ERROR;
	return sbx_gen_copy(tuple->items[at]);
}

sbx_value sbx__tuple_concat(sbx_run *run, sbx_value a, sbx_value b)
{
	uint64_t m = TUPLE(a)->length, n = TUPLE(b)->length;
	sbx_value v;
	if (m == 0 || n == 0)
		return sbx_gen_copy(m ? a : b);
	v = sbx__tuple_alloc(run, m + n);
	if (sbx__is_error(v) || sbx__copy_items(run, TUPLE(v)->items, TUPLE(a)->items, m) ||
		sbx__copy_items(run, TUPLE(v)->items + m, TUPLE(b)->items, n))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx__tuple_repeat(sbx_run *run, sbx_value v, int64_t times)
{
	uint64_t n = TUPLE(v)->length, total;
	sbx_value out;
	if (times == 1 || n == 0)
		return sbx_gen_copy(v);
	if (times <= 0)
		return sbx__tuple_alloc(run, 0);
	if (__builtin_mul_overflow(n, (uint64_t)times, &total) || total > INT64_MAX / sizeof(sbx_value))
		return sbx__raise_memory(run);
	if (sbx__reserve(run, total * sizeof(sbx_value)))
		return SBX_GEN_ERROR;
	out = sbx__tuple_alloc(run, total);
	if (sbx__is_error(out) || sbx__repeat_items(run, TUPLE(out)->items, TUPLE(v)->items, n, total))
		return SBX_GEN_ERROR;
	return out;
}

SBX_DECLARE_METHOD(sbx__tuple_count)
SBX_DECLARE_METHOD(sbx__tuple_index)

sbx_value sbx__tuple_count(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
						   sbx_value names)
{
	(void)count, (void)names;
	return sbx__items_count(run, TUPLE(self)->items, TUPLE(self)->length, args[0]);
}

sbx_value sbx__tuple_index(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
						   sbx_value names)
{
	sbx_value at = sbx__items_index(run, TUPLE(self)->items, TUPLE(self)->length, count, args);
	(void)names;
	if (SBX_IS(at, NONE))
		return sbx__raise(run, SBX_TYPE_ValueError, "tuple.index(x): x not in tuple");
	return at;
}

void sbx__tuple_free(sbx_run *run, void *object)
{
	sbx_gen_tuple *tuple = object;
	for (uint64_t i = 0; i < tuple->length; i++)
		sbx_gen_drop(run, tuple->items[i]);
	sbx__free(run, tuple, sizeof *tuple + tuple->length * sizeof(sbx_value));
}

/* xxHash's constants and order, as in CPython. */
int sbx__tuple_hash(sbx_run *run, sbx_value v, int64_t *hash)
{
	const uint64_t prime1 = 11400714785074694791u, prime2 = 14029467366897019727u,
				   prime5 = 2870177450012600261u;
	uint64_t sum = prime5, length = TUPLE(v)->length;
	if (sbx__recurse(run, ""))
		return -1;
	for (uint64_t i = 0; i < length; i++) {
		int64_t item;
		if (sbx__hash(run, TUPLE(v)->items[i], &item) || sbx__spend(run, 1))
			return -1;
		sum += (uint64_t)item * prime2;
		sum = (sum << 31) | (sum >> 33);
		sum *= prime1;
	}
	sbx__recurse_end(run);
	sum += length ^ (prime5 ^ 3527539u);
	*hash = sum == UINT64_MAX ? 1546275796 : (int64_t)sum;
	return 0;
}
