/*
 * Sets and frozensets: the table, membership, comparison, the operators. Methods are in set_methods.c.
 *
 * They keep the order of insertion, unlike CPython's.
 * SPDX-License-Identifier: Apache-2.0
 */
#define TABLE_OBJECT SetObject
#define TABLE_ENTRY SetEntry
#include "table.h"

#include "kinds.h"

sbx_value sbx__set_alloc(sbx_run *run, uint64_t capacity, bool frozen)
{
	SetObject *set;
	sbx_value v = sbx__object(run, frozen ? SBX_KIND_FROZENSET : SBX_KIND_SET, sizeof *set, &set);
	if (sbx__is_error(v))
		return v;
	set->hash = -1;
	table_init(set);
	if (capacity && table_resize(run, set, capacity))
		return SBX_GEN_ERROR;
	return v;
}

static void table_drop(sbx_run *run, const SetObject *set)
{
	for (uint64_t i = set->first; i < set->filled; i++)
		sbx_gen_drop(run, set->entries[i].key);
}

void sbx__set_free(sbx_run *run, void *object)
{
	table_free(run, object);
}

void sbx__set_clear(sbx_run *run, sbx_value v)
{
	table_clear(run, SET(v));
}

/* Adds a borrowed key under its hash: 1 new, 0 there, -1 raised. */
static int put_hashed(sbx_run *run, SetObject *set, sbx_value key, int64_t hash)
{
	SetEntry *entry;
	uint64_t at;
	if (table_find(run, set, key, hash, &at))
		return -1;
	if (at != TABLE_NONE)
		return 0;
	entry = table_add(run, set, hash);
	if (!entry)
		return -1;
	entry->key = sbx_gen_copy(key);
	return 1;
}

int sbx__set_put(sbx_run *run, sbx_value v, sbx_value key)
{
	int64_t hash;
	return table_hash(run, key, &hash) ? -1 : put_hashed(run, SET(v), key, hash);
}

int sbx_gen_set_add(sbx_run *run, sbx_value v, sbx_value key)
{
	int added = sbx__set_put(run, v, key);
	if (added < 0)
		return -1;
	sbx_gen_drop(run, key);
	return 0;
}

int sbx__set_has_item(sbx_run *run, sbx_value v, sbx_value key)
{
	int64_t hash;
	uint64_t at;
	if (table_hash(run, key, &hash) || table_find(run, SET(v), key, hash, &at))
		return -1;
	return at != TABLE_NONE;
}

int sbx__set_has(sbx_run *run, sbx_value v, sbx_value key)
{
	int64_t hash;
	uint64_t at;
	if (!SBX_IS(key, SET))
		return sbx__set_has_item(run, v, key);
	/* A set that is looked for among keys counts as its frozenset would. */
	if (sbx__frozenset_hash(run, key, &hash) || table_find(run, SET(v), key, hash, &at))
		return -1;
	return at != TABLE_NONE;
}

int sbx__set_remove(sbx_run *run, sbx_value v, sbx_value key)
{
	SetObject *set = SET(v);
	int64_t hash;
	uint64_t at;
	sbx_value old;
	if (SBX_IS(key, SET) ? sbx__frozenset_hash(run, key, &hash) : table_hash(run, key, &hash))
		return -1;
	if (table_find(run, set, key, hash, &at))
		return -1;
	if (at == TABLE_NONE)
		return 0;
	old = set->entries[at].key;
	table_delete(set, at);
	sbx_gen_drop(run, old);
	return 1;
}

sbx_value sbx__set_take_first(sbx_value v)
{
	SetObject *set = SET(v);
	sbx_value key = set->entries[set->first].key;
	table_delete(set, set->first);
	return key;
}

static int add_set(sbx_run *run, SetObject *set, const SetObject *from)
{
	if (set == from)
		return 0;
	if (sbx__spend(run, 1) ||
		(set->used == 0 && set->capacity < from->used && table_resize(run, set, from->used)))
		return -1;
	for (uint64_t i = from->first; i < from->filled; i++)
		if ((i % TABLE_PIECE == 0 && sbx__spend(run, TABLE_PIECE)) ||
			(from->entries[i].key.tag &&
			 put_hashed(run, set, from->entries[i].key, from->entries[i].hash) < 0))
			return -1;
	return 0;
}

int sbx__set_extend(sbx_run *run, sbx_value v, sbx_value iterable)
{
	sbx_value iterator, item;
	if (SBX_IS_SET(iterable))
		return add_set(run, SET(v), SET(iterable));
	iterator = sbx_gen_iter(run, iterable);
	if (sbx__is_error(iterator))
		return -1;
	for (;;) {
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__set_put(run, v, item) < 0 || sbx__spend(run, 1))
			return -1;
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return 0;
}

int sbx_gen_set_update(sbx_run *run, sbx_value set, sbx_value iterable)
{
	return sbx__set_extend(run, set, iterable);
}

sbx_value sbx__set_from(sbx_run *run, sbx_value iterable, bool frozen)
{
	sbx_value v = sbx__set_alloc(run, 0, frozen);
	if (sbx__is_error(v))
		return v;
	if (sbx__set_extend(run, v, iterable)) {
		sbx_gen_drop(run, v); /* the call may be made again: sbx_gen_ask */
		return SBX_GEN_ERROR;
	}
	return v;
}

sbx_value sbx_gen_set_make(sbx_run *run, uint64_t count, sbx_value *items)
{
	sbx_value v = sbx__set_alloc(run, count, false);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < count; i++)
		if (sbx_gen_set_add(run, v, items[i]))
			return SBX_GEN_ERROR;
	return v;
}

/* ---- comparison, hash ---- */

/* Every key of a is in b. */
static int is_subset(sbx_run *run, const SetObject *a, const SetObject *b)
{
	if (a->used > b->used)
		return 0;
	for (uint64_t i = a->first; i < a->filled; i++) {
		uint64_t at;
		if (!a->entries[i].key.tag)
			continue;
		if (sbx__spend(run, 1) || table_find(run, b, a->entries[i].key, a->entries[i].hash, &at))
			return -1;
		if (at == TABLE_NONE)
			return 0;
	}
	return 1;
}

int sbx__set_compare(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	const SetObject *x = SET(a), *y = SET(b);
	int result;
	switch (op) {
	case SBX_COMPARE_EQ:
		return x->used == y->used ? is_subset(run, x, y) : 0;
	case SBX_COMPARE_NE:
		result = x->used == y->used ? is_subset(run, x, y) : 0;
		return result < 0 ? -1 : !result;
	case SBX_COMPARE_LT:
		return x->used < y->used ? is_subset(run, x, y) : 0;
	case SBX_COMPARE_LE:
		return is_subset(run, x, y);
	case SBX_COMPARE_GT:
		return y->used < x->used ? is_subset(run, y, x) : 0;
	default:
		return is_subset(run, y, x);
	}
}

static uint64_t shuffled(uint64_t h)
{
	return ((h ^ 89869747u) ^ (h << 16)) * 3644798167u;
}

/* CPython's: the same for every order. Of a set too, for looking it up among frozensets. */
int sbx__frozenset_hash(sbx_run *run, sbx_value v, int64_t *hash)
{
	SetObject *set = SET(v);
	uint64_t h = 0;
	bool frozen = SBX_IS(v, FROZENSET);
	if (frozen && set->hash != -1) {
		*hash = set->hash;
		return 0;
	}
	if (sbx__spend(run, set->used))
		return -1;
	for (uint64_t i = set->first; i < set->filled; i++)
		if (set->entries[i].key.tag)
			h ^= shuffled((uint64_t)set->entries[i].hash);
	h ^= (set->used + 1) * 1927868237u;
	h ^= (h >> 11) ^ (h >> 25);
	h = h * 69069u + 907133923u;
	if (h == UINT64_MAX)
		h = 590923713u;
	*hash = (int64_t)h;
	if (frozen && (v.tag & SBX_GEN_COUNTED))
		set->hash = *hash;
	return 0;
}

/* ---- a | b, a & b, a - b, a ^ b; the result has a's type ---- */

sbx_value sbx__set_copy(sbx_run *run, sbx_value v)
{
	return sbx__set_from(run, v, SBX_IS(v, FROZENSET));
}

/* The keys of a that are in b, or that are not. */
static sbx_value filtered(sbx_run *run, sbx_value a, sbx_value b, bool in, bool frozen)
{
	const SetObject *set = SET(a);
	sbx_value out = sbx__set_alloc(run, 0, frozen);
	if (sbx__is_error(out))
		return out;
	for (uint64_t i = set->first; i < set->filled; i++) {
		const SetEntry *entry = &set->entries[i];
		uint64_t at;
		if (!entry->key.tag)
			continue;
		if (sbx__spend(run, 1) || table_find(run, SET(b), entry->key, entry->hash, &at) ||
			((at != TABLE_NONE) == in && put_hashed(run, SET(out), entry->key, entry->hash) < 0))
			return SBX_GEN_ERROR;
	}
	return out;
}

sbx_value sbx__set_intersection(sbx_run *run, sbx_value set, sbx_value iterable)
{
	sbx_value out, iterator, item;
	if (SBX_IS_SET(iterable))
		return sbx__set_binary(run, SBX_BINARY_AND, set, iterable);
	iterator = sbx_gen_iter(run, iterable);
	if (sbx__is_error(iterator))
		return iterator;
	out = sbx__set_alloc(run, 0, SBX_IS(set, FROZENSET));
	if (sbx__is_error(out))
		return out;
	for (;;) {
		int64_t hash;
		uint64_t at;
		item = sbx_gen_next(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1) || table_hash(run, item, &hash) ||
			table_find(run, SET(set), item, hash, &at) ||
			(at != TABLE_NONE && put_hashed(run, SET(out), item, hash) < 0))
			return SBX_GEN_ERROR;
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return out;
}

sbx_value sbx__set_binary(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	sbx_value out, rest;
	switch (op) {
	case SBX_BINARY_AND: /* of two equal keys CPython keeps the one of the smaller set */
		if (SET(b)->used > SET(a)->used)
			return filtered(run, a, b, true, SBX_IS(a, FROZENSET));
		return filtered(run, b, a, true, SBX_IS(a, FROZENSET));
	case SBX_BINARY_SUB:
		return filtered(run, a, b, false, SBX_IS(a, FROZENSET));
	case SBX_BINARY_OR:
		out = sbx__set_copy(run, a);
		break;
	default:
		out = filtered(run, a, b, false, SBX_IS(a, FROZENSET));
		rest = filtered(run, b, a, false, false);
		if (sbx__is_error(out) || sbx__is_error(rest) || add_set(run, SET(out), SET(rest)))
			return SBX_GEN_ERROR;
		sbx_gen_drop(run, rest);
		return out;
	}
	if (sbx__is_error(out) || add_set(run, SET(out), SET(b)))
		return SBX_GEN_ERROR;
	return out;
}
