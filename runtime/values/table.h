/*
 * The table under dict and set, written once and included by both (with TABLE_OBJECT, TABLE_ENTRY defined).
 *
 * Entries stand in the order of insertion in one array. Up to eight of them are searched one after the other; beyond
 * that an open-addressing index finds them: slots hold the entry's number plus one, 0 is free, in the narrowest
 * integer that fits. A deleted entry keeps its slot and has a key of tag 0, so that probes go on past it; both go when
 * the array is full and is made anew. The index is at most two thirds full. Probes follow CPython's recurrence, which
 * brings in the high bits of the hash step by step: keys that agree in their low bits do not stay together.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"

#include <string.h>

#define TABLE_SMALL 8
#define TABLE_PIECE 8192 /* entries between two looks at the deadline */
#define TABLE_NONE UINT64_MAX

/* The hash without a call for the frequent kinds; 0, or -1 raised. */
static inline int table_hash(sbx_run *run, sbx_value key, int64_t *hash)
{
	if (SBX_IS(key, STR) && STR(key)->hash != -1) {
		*hash = STR(key)->hash;
		return 0;
	}
	if (SBX_IS(key, INT) && (uint64_t)key.u.i < (uint64_t)1 << 60) {
		*hash = key.u.i;
		return 0;
	}
	return sbx__hash(run, key, hash);
}

/* 1 where both are the same key; hashes are known to agree. */
static int table_same_slow(sbx_run *run, sbx_value a, sbx_value b)
{
	if (SBX_IS(a, STR) && SBX_IS(b, STR)) {
		const sbx_gen_str *s = STR(a), *t = STR(b);
		int order;
		if (s->length != t->length || s->head.bits != t->head.bits)
			return 0;
		if (s->length <= 1024)
			return !memcmp(s + 1, t + 1, s->length * s->head.bits);
		return sbx__compare_long(run, s + 1, t + 1, s->length * s->head.bits, &order) ? -1
																					  : order == 0;
	}
	if (!a.tag || (a.tag == SBX_KIND_INT && b.tag == SBX_KIND_INT)) /* deleted; another number */
		return 0;
	return sbx__equal(run, a, b);
}
static inline int table_same(sbx_run *run, sbx_value a, sbx_value b)
{
	if (SBX_GEN_LIKELY(a.u.i == b.u.i && (a.tag & 0xff) == (b.tag & 0xff) &&
					   a.tag != SBX_KIND_FLOAT))
		return 1;
	return table_same_slow(run, a, b);
}

static inline uint64_t table_slot(const TABLE_OBJECT *table, uint64_t i)
{
	if (table->capacity < UINT8_MAX)
		return ((const uint8_t *)table->index)[i];
	if (table->capacity < UINT16_MAX)
		return ((const uint16_t *)table->index)[i];
	if (table->capacity < UINT32_MAX)
		return ((const uint32_t *)table->index)[i];
	return ((const uint64_t *)table->index)[i];
}

static inline unsigned table_slot_width(uint64_t capacity)
{
	return capacity < UINT8_MAX ? 1 : capacity < UINT16_MAX ? 2 : capacity < UINT32_MAX ? 4 : 8;
}

static inline void table_slot_put(TABLE_OBJECT *table, uint64_t i, uint64_t number)
{
	switch (table_slot_width(table->capacity)) {
	case 1:
		((uint8_t *)table->index)[i] = (uint8_t)number;
		break;
	case 2:
		((uint16_t *)table->index)[i] = (uint16_t)number;
		break;
	case 4:
		((uint32_t *)table->index)[i] = (uint32_t)number;
		break;
	default:
		((uint64_t *)table->index)[i] = number;
	}
}

#define TABLE_PROBE(i, perturb, mask) ((perturb) >>= 5, (i) = ((i)*5 + (perturb) + 1) & (mask))

/* Through the index, starting with the slot of the hash. */
static int table_find_indexed(sbx_run *run, const TABLE_OBJECT *table, sbx_value key, int64_t hash,
							  uint64_t *found)
{
	const TABLE_ENTRY *entries = table->entries;
	uint64_t mask = table->index_size - 1, perturb = (uint64_t)hash, turns = 0;
	for (uint64_t i = perturb & mask;; TABLE_PROBE(i, perturb, mask)) {
		uint64_t number = table_slot(table, i);
		if (number == 0)
			return 0;
		if (entries[number - 1].hash == hash) {
			int same = table_same(run, entries[number - 1].key, key);
			if (same) {
				*found = number - 1;
				return same < 0 ? -1 : 0;
			}
		}
		if (++turns % 16 == 0 && sbx__spend(run, 16))
			return -1;
	}
}

/* The entry's number, TABLE_NONE where the key is not there; -1: raised. */
static inline int table_find(sbx_run *run, const TABLE_OBJECT *table, sbx_value key, int64_t hash,
							 uint64_t *found)
{
	const TABLE_ENTRY *entries = table->entries;
	*found = TABLE_NONE;
	if (table->index_size)
		return table_find_indexed(run, table, key, hash, found);
	for (uint64_t i = 0; i < table->filled; i++) {
		int same;
		if (SBX_GEN_LIKELY(entries[i].hash != hash))
			continue;
		same = table_same(run, entries[i].key, key);
		if (same) {
			*found = i;
			return same < 0 ? -1 : 0;
		}
	}
	return 0;
}

/* How many slots were in the way. */
static inline uint64_t table_index_entry(TABLE_OBJECT *table, uint64_t number)
{
	uint64_t mask = table->index_size - 1, perturb = (uint64_t)table->entries[number].hash,
			 i = perturb & mask;
	uint64_t turns = 0;
	while (table_slot(table, i)) {
		TABLE_PROBE(i, perturb, mask);
		turns++;
	}
	table_slot_put(table, i, number + 1);
	return turns;
}

/* Makes the index of all entries: keys of one hash would make that quadratic. 0, or -1 raised. */
static int table_index_all(sbx_run *run, TABLE_OBJECT *table)
{
	uint64_t work = 0;
	for (uint64_t i = 0; i < table->filled; i++) {
		work += table_index_entry(table, i) + 2;
		if (work >= TABLE_PIECE) {
			if (sbx__spend(run, work))
				return -1;
			work = 0;
		}
	}
	return sbx__spend(run, work);
}

/* Gives the memory back but not what the entries hold. */
static inline void table_fini(sbx_run *run, TABLE_OBJECT *table)
{
	if (table->index)
		sbx__free(run, table->index, table->index_size * table_slot_width(table->capacity));
	if (table->entries)
		sbx__free(run, table->entries, table->capacity * sizeof *table->entries);
}

/*
 * Gives the array room for `capacity` entries (at least those in use), drops the deleted ones, makes the index. Without
 * deleted ones the array grows where it is.
 */
static int table_resize(sbx_run *run, TABLE_OBJECT *table, uint64_t capacity)
{
	TABLE_ENTRY *entries = NULL;
	void *index = NULL;
	uint64_t index_size = 0, width = table_slot_width(capacity), n = 0;
	bool whole = table->used == table->filled && capacity >= table->filled;
	if (capacity > INT64_MAX / 2 / sizeof *entries) {
		sbx__raise_memory(run);
		return -1;
	}
	if (capacity > TABLE_SMALL)
		for (index_size = 16; index_size * 2 / 3 < capacity;)
			index_size *= 2;
	if (index_size) {
		index = sbx__alloc(run, index_size * width);
		if (!index || sbx__fill(run, index, 0, index_size * width))
			return -1;
	}
	if (whole)
		entries = sbx__realloc(run, table->entries, table->capacity * sizeof *entries,
							   capacity * sizeof *entries);
	else
		entries = sbx__alloc(run, capacity * sizeof *entries);
	if (!entries) {
		sbx__free(run, index, index_size * width);
		return -1;
	}
	for (uint64_t i = 0; i < table->filled && !whole; i++) {
		if (i % TABLE_PIECE == TABLE_PIECE - 1 && sbx__spend(run, TABLE_PIECE))
			return -1;
		if (table->entries[i].key.tag)
			entries[n++] = table->entries[i];
	}
	if (whole) {
		n = table->filled;
		table->entries = NULL;
	}
	table_fini(run, table);
	table->entries = entries;
	table->index = index;
	table->index_size = index_size;
	table->capacity = capacity;
	table->filled = table->spent = n;
	table->first = 0;
	return index_size ? table_index_all(run, table) : 0;
}

/* A new entry at the end; its key and value are the caller's to fill. NULL: raised. */
static inline TABLE_ENTRY *table_add(sbx_run *run, TABLE_OBJECT *table, int64_t hash)
{
	TABLE_ENTRY *entry;
	if (table->spent == table->capacity) {
		uint64_t size = 16, capacity = table->used < 4 ? 4 : TABLE_SMALL;
		if (table->used >= TABLE_SMALL) {
			while (size * 2 / 3 <= table->used + table->used / 4)
				size *= 2;
			capacity = size * 2 / 3;
		}
		if (table_resize(run, table, capacity))
			return NULL;
	}
	entry = &table->entries[table->filled];
	entry->hash = hash;
	if (table->index_size)
		table_index_entry(table, table->filled);
	table->filled++;
	table->spent++;
	table->used++;
	table->version++;
	return entry;
}

static inline void table_init(TABLE_OBJECT *table)
{
	table->used = table->filled = table->spent = table->first = table->capacity = table->version =
		0;
	table->index_size = 0;
	table->entries = NULL;
	table->index = NULL;
}

/*
 * Marks an entry as deleted; its key and value are the caller's now. Deleted entries at the end go at once, so that a
 * dict used as a stack stays short; their slots in the index then point behind the end, or at a newer entry: both are
 * harmless, since a probe compares what it finds.
 */
static inline void table_delete(TABLE_OBJECT *table, uint64_t number)
{
	table->entries[number].key = SBX_GEN_ERROR;
	table->used--;
	table->version++;
	while (table->filled && !table->entries[table->filled - 1].key.tag)
		table->filled--;
	if (table->first > table->filled)
		table->first = table->filled;
	while (table->first < table->filled && !table->entries[table->first].key.tag)
		table->first++;
	if (table->index_size == 0)
		table->spent = table->filled;
}

/* Drops what the entries hold; each file that includes this has its own. */
static void table_drop(sbx_run *run, const TABLE_OBJECT *table);

static inline void table_free(sbx_run *run, TABLE_OBJECT *table)
{
	table_drop(run, table);
	table_fini(run, table);
	sbx__free(run, table, sizeof *table);
}

/* The table is empty before anything is dropped. */
static inline void table_clear(sbx_run *run, TABLE_OBJECT *table)
{
	TABLE_OBJECT old = *table;
	table_init(table);
	table->version = old.version + 1;
	table_drop(run, &old);
	table_fini(run, &old);
}
