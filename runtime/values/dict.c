/*
 * Dicts: looking up, storing, merging. The table is table.h's; methods are in dict_methods.c.
 * SPDX-License-Identifier: Apache-2.0
 */
#define TABLE_OBJECT DictObject
#define TABLE_ENTRY DictEntry
#include "table.h"

#include "kinds.h"

sbx_value sbx__dict_alloc(sbx_run *run, uint64_t capacity)
{
	DictObject *dict;
	sbx_value v = sbx__object(run, SBX_KIND_DICT, sizeof *dict, &dict);
	if (sbx__is_error(v))
		return v;
	table_init(dict);
	if (capacity && table_resize(run, dict, capacity))
		return SBX_GEN_ERROR;
	return v;
}

static void table_drop(sbx_run *run, const DictObject *dict)
{
	for (uint64_t i = 0; i < dict->filled; i++)
		if (dict->entries[i].key.tag) {
			sbx_gen_drop(run, dict->entries[i].key);
			sbx_gen_drop(run, dict->entries[i].value);
		}
}

void sbx__dict_free(sbx_run *run, void *object)
{
	table_free(run, object);
}

void sbx__dict_clear(sbx_run *run, sbx_value v)
{
	table_clear(run, DICT(v));
}

int sbx__dict_get(sbx_run *run, sbx_value v, sbx_value key, sbx_value *value)
{
	int64_t hash;
	uint64_t at;
	*value = SBX_GEN_ERROR;
	if (table_hash(run, key, &hash) || table_find(run, DICT(v), key, hash, &at))
		return -1;
	if (at != TABLE_NONE)
		*value = DICT(v)->entries[at].value;
	return 0;
}

/* Stores references that are the caller's to give, under a known hash. */
static int put_hashed(sbx_run *run, DictObject *dict, sbx_value key, int64_t hash, sbx_value value)
{
	DictEntry *entry;
	uint64_t at;
	if (table_find(run, dict, key, hash, &at))
		return -1;
	if (at != TABLE_NONE) {
		sbx_value old = dict->entries[at].value;
		dict->entries[at].value = value;
		sbx_gen_drop(run, key);
		sbx_gen_drop(run, old);
		return 0;
	}
	entry = table_add(run, dict, hash);
	if (!entry)
		return -1;
	entry->key = key;
	entry->value = value;
	return 0;
}

int sbx_gen_dict_set(sbx_run *run, sbx_value v, sbx_value key, sbx_value value)
{
	int64_t hash;
	if (table_hash(run, key, &hash))
		return -1;
	return put_hashed(run, DICT(v), key, hash, value);
}

int sbx__dict_append(sbx_run *run, sbx_value v, const DictEntry *like, sbx_value key,
					 sbx_value value)
{
	DictEntry *entry = table_add(run, DICT(v), like->hash);
	if (!entry)
		return -1;
	entry->key = key;
	entry->value = value;
	return 0;
}

int sbx__dict_put(sbx_run *run, sbx_value v, sbx_value key, sbx_value value)
{
	return sbx_gen_dict_set(run, v, sbx_gen_copy(key), sbx_gen_copy(value));
}

int sbx__dict_take(sbx_run *run, sbx_value v, sbx_value key, sbx_value *old_key, sbx_value *value)
{
	DictObject *dict = DICT(v);
	int64_t hash;
	uint64_t at;
	*old_key = *value = SBX_GEN_ERROR;
	if (table_hash(run, key, &hash) || table_find(run, dict, key, hash, &at))
		return -1;
	if (at != TABLE_NONE) {
		*old_key = dict->entries[at].key;
		*value = dict->entries[at].value;
		table_delete(dict, at);
	}
	return 0;
}

void sbx__dict_take_last(sbx_value v, sbx_value *key, sbx_value *value)
{
	DictObject *dict = DICT(v);
	*key = dict->entries[dict->filled - 1].key;
	*value = dict->entries[dict->filled - 1].value;
	table_delete(dict, dict->filled - 1);
}

static inline bool is_new_hash(const DictObject *dict, int64_t hash)
{
	for (uint64_t i = 0; i < dict->filled; i++)
		if (dict->entries[i].hash == hash)
			return false;
	return true;
}

sbx_value sbx_gen_dict_make(sbx_run *run, uint64_t pairs, sbx_value *items)
{
	sbx_value v = sbx__dict_alloc(run, pairs);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < pairs; i++) {
		int64_t hash;
		if (table_hash(run, items[2 * i], &hash))
			return SBX_GEN_ERROR;
		if (pairs <= TABLE_SMALL && is_new_hash(DICT(v), hash)) { /* no index to look into */
			DictEntry *entry = &DICT(v)->entries[DICT(v)->filled++];
			entry->key = items[2 * i];
			entry->value = items[2 * i + 1];
			entry->hash = hash;
			DICT(v)->used = DICT(v)->spent = DICT(v)->version = DICT(v)->filled;
		} else if (put_hashed(run, DICT(v), items[2 * i], hash, items[2 * i + 1])) {
			return SBX_GEN_ERROR;
		}
	}
	return v;
}

/* All pairs of another dict. */
static int merge(sbx_run *run, DictObject *dict, const DictObject *from)
{
	if (dict == from || from->used == 0)
		return 0;
	if (sbx__spend(run, 1) ||
		(dict->used == 0 && dict->capacity < from->used && table_resize(run, dict, from->used)))
		return -1;
	for (uint64_t i = 0; i < from->filled; i++) {
		const DictEntry *entry = &from->entries[i];
		if (i % TABLE_PIECE == 0 && sbx__spend(run, TABLE_PIECE))
			return -1;
		if (entry->key.tag && put_hashed(run, dict, sbx_gen_copy(entry->key), entry->hash,
										 sbx_gen_copy(entry->value)))
			return -1;
	}
	return 0;
}

sbx_value sbx__dict_copy(sbx_run *run, sbx_value v)
{
	sbx_value copy = sbx__dict_alloc(run, 0);
	if (sbx__is_error(copy) || merge(run, DICT(copy), DICT(v)))
		return SBX_GEN_ERROR;
	return copy;
}

int sbx_gen_dict_update(sbx_run *run, sbx_value dict, sbx_value mapping)
{
	if (!SBX_IS(mapping, DICT)) {
		sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not a mapping", mapping);
		return -1;
	}
	return merge(run, DICT(dict), DICT(mapping));
}

/* One element of dict([(k, v), ...]). */
static int put_pair(sbx_run *run, sbx_value dict, sbx_value pair, uint64_t number)
{
	Items items;
	int failed;
	if (!sbx__is_iterable(pair)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "cannot convert dictionary update sequence element #%llu to a sequence",
				   (unsigned long long)number);
		return -1;
	}
	if (sbx__items_open(run, pair, &items))
		return -1;
	if (items.count != 2) {
		sbx__raise(run, SBX_TYPE_ValueError,
				   "dictionary update sequence element #%llu has length %llu; 2 is required",
				   (unsigned long long)number, (unsigned long long)items.count);
		failed = -1;
	} else {
		failed = sbx__dict_put(run, dict, items.at[0], items.at[1]);
	}
	sbx__items_close(run, &items);
	return failed;
}

int sbx__dict_update(sbx_run *run, sbx_value dict, sbx_value mapping)
{
	sbx_value iterator, item;
	uint64_t number = 0;
	if (SBX_IS(mapping, DICT))
		return merge(run, DICT(dict), DICT(mapping));
	iterator = sbx_gen_iter(run, mapping);
	if (sbx__is_error(iterator))
		return -1;
	for (;;) {
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || put_pair(run, dict, item, number++) || sbx__spend(run, 1))
			return -1;
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return 0;
}

/* The name of what is being called, as messages about **arguments have it. */
static sbx_value callee_name(sbx_run *run, sbx_value callee)
{
	TextBuffer text;
	sbx__text_init(&text, run);
	if (SBX_IS(callee, FUNCTION)) {
		const char *name = ((const sbx_gen_closure *)callee.u.p)->function->qualified;
		const char *module = sbx__module_name(run);
		if (module) {
			sbx__text_utf8(&text, module, strlen(module));
			sbx__text_ascii(&text, ".");
		}
		sbx__text_utf8(&text, name, strlen(name));
		sbx__text_ascii(&text, "()");
	} else if (SBX_IS(callee, TASK)) {
		const char *name = ((const sbx_gen_task *)callee.u.p)->function;
		sbx__text_utf8(&text, name, strlen(name));
		sbx__text_ascii(&text, "()");
	} else if (SBX_IS(callee, BUILTIN)) {
		sbx__text_ascii(&text, sbx__builtin_name((int)callee.u.i));
		sbx__text_ascii(&text, "()");
	} else if (SBX_IS(callee, METHOD)) {
		const MethodObject *method = callee.u.p;
		sbx__text_ascii(&text, sbx__type_name(method->self));
		sbx__text_ascii(&text, ".");
		sbx__text_ascii(&text, sbx__method_name((int)method->head.bits));
		sbx__text_ascii(&text, "()");
	} else if (SBX_IS(callee, TYPE)) {
		sbx__text_ascii(&text, sbx__type_names[callee.u.i]);
		sbx__text_ascii(&text, "()");
	} else {
		sbx__repr_into(&text, callee);
	}
	return sbx__text_take(&text);
}

int sbx_gen_check_spread(sbx_run *run, sbx_value callee, sbx_value iterable)
{
	if (sbx__is_iterable(iterable))
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "%V argument after * must be an iterable, not %T",
			   callee_name(run, callee), iterable);
	return -1;
}

int sbx_gen_dict_merge(sbx_run *run, sbx_value callee, sbx_value dict, sbx_value mapping)
{
	uint64_t at = 0;
	const DictEntry *entry;
	sbx_value name;
	if (!SBX_IS(mapping, DICT)) {
		name = callee_name(run, callee);
		if (!sbx__is_error(name))
			sbx__raise(run, SBX_TYPE_TypeError, "%V argument after ** must be a mapping, not %T",
					   name, mapping);
		return -1;
	}
	while ((entry = sbx__dict_next(DICT(mapping), &at)) != NULL) {
		sbx_value there;
		if (!SBX_IS(entry->key, STR)) {
			sbx__raise(run, SBX_TYPE_TypeError, "keywords must be strings");
			return -1;
		}
		if (sbx__dict_get(run, dict, entry->key, &there))
			return -1;
		if (there.tag) {
			name = callee_name(run, callee);
			if (!sbx__is_error(name))
				sbx__raise(run, SBX_TYPE_TypeError,
						   "%V got multiple values for keyword argument '%V'", name, entry->key);
			return -1;
		}
		if (sbx__dict_put(run, dict, entry->key, entry->value))
			return -1;
	}
	return 0;
}

int sbx__dict_equal(sbx_run *run, sbx_value a, sbx_value b)
{
	uint64_t at = 0;
	const DictEntry *entry;
	int equal = 1;
	if (DICT(a)->used != DICT(b)->used)
		return 0;
	if (sbx__recurse(run, " in comparison"))
		return -1;
	while (equal > 0 && (entry = sbx__dict_next(DICT(a), &at)) != NULL) {
		uint64_t found;
		if (sbx__spend(run, 1) || table_find(run, DICT(b), entry->key, entry->hash, &found))
			return -1;
		equal =
			found == TABLE_NONE ? 0 : sbx__equal(run, entry->value, DICT(b)->entries[found].value);
	}
	sbx__recurse_end(run);
	return equal;
}

sbx_value sbx__dict_or(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value v = sbx__dict_copy(run, a);
	if (sbx__is_error(v) || merge(run, DICT(v), DICT(b)))
		return SBX_GEN_ERROR;
	return v;
}
