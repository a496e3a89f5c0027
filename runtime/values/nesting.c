/*
 * A way through nested containers without recursion in C, and what the writers that take it share.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nesting.h"

void sbx__nesting_init(Nesting *nesting, sbx_run *run)
{
	nesting->run = run;
	nesting->levels = NULL;
	nesting->count = nesting->capacity = 0;
}

void sbx__nesting_fini(Nesting *nesting)
{
	sbx__free(nesting->run, nesting->levels, nesting->capacity * sizeof *nesting->levels);
	nesting->levels = NULL;
	nesting->count = nesting->capacity = 0;
}

enum NestingResult sbx__nesting_enter(Nesting *nesting, sbx_value container, uint64_t max_depth)
{
	NestingLevel *level;
	for (uint64_t i = 0; i < nesting->count; i++)
		if (nesting->levels[i].container.u.p == container.u.p)
			return NESTING_CYCLE;
	if (sbx__spend(nesting->run, nesting->count))
		return NESTING_MEMORY;
	if (nesting->count >= max_depth)
		return NESTING_DEEP;
	if (nesting->count == nesting->capacity) {
		uint64_t capacity = nesting->capacity ? nesting->capacity * 2 : 8;
		NestingLevel *levels =
			sbx__realloc(nesting->run, nesting->levels, nesting->capacity * sizeof *levels,
						 capacity * sizeof *levels);
		if (!levels)
			return NESTING_MEMORY;
		nesting->levels = levels;
		nesting->capacity = capacity;
	}
	level = &nesting->levels[nesting->count++];
	level->container = container;
	level->at = level->done = 0;
	return NESTING_OK;
}

int sbx__nesting_write(Nesting *nesting, sbx_value container, uint64_t max_depth, const char *deep)
{
	switch (sbx__nesting_enter(nesting, container, max_depth)) {
	case NESTING_OK:
		return 0;
	case NESTING_CYCLE:
		sbx__raise(nesting->run, SBX_TYPE_ValueError, "Circular reference detected");
		return -1;
	case NESTING_DEEP:
		sbx__raise(nesting->run, SBX_TYPE_RecursionError, "%s", deep);
		return -1;
	default:
		return -1;
	}
}

bool sbx__nesting_next(Nesting *nesting, sbx_value *item, sbx_value *value)
{
	NestingLevel *level = &nesting->levels[nesting->count - 1];
	sbx_value container = level->container;
	const DictEntry *entry;
	const SetEntry *key;
	switch (SBX_GEN_KIND(container)) {
	case SBX_KIND_LIST:
		if (level->at < LIST(container)->length) {
			*item = LIST(container)->items[level->at++];
			level->done++;
			return true;
		}
		break;
	case SBX_KIND_TUPLE:
		if (level->at < TUPLE(container)->length) {
			*item = TUPLE(container)->items[level->at++];
			level->done++;
			return true;
		}
		break;
	case SBX_KIND_DICT:
		entry = sbx__dict_next(DICT(container), &level->at);
		if (entry) {
			*item = entry->key;
			*value = entry->value;
			level->done++;
			return true;
		}
		break;
	default:
		key = sbx__set_next(SET(container), &level->at);
		if (key) {
			*item = key->key;
			level->done++;
			return true;
		}
	}
	nesting->count--;
	return false;
}

sbx_status sbx__dump(sbx_heap *heap, sbx_value v, PutValue put, unsigned kind, sbx_status otherwise,
					 sbx_value *written)
{
	ByteBuffer out;
	Nesting nesting;
	int failed;
	*written = SBX_GEN_ERROR;
	if (sbx_kind(v) == SBX_INVALID)
		return SBX_E_ARGUMENT;
	sbx__forget_error(heap);
	sbx__bytes_init(&out, heap);
	sbx__nesting_init(&nesting, heap);
	failed = put(&out, &nesting, v);
	sbx__nesting_fini(&nesting);
	if (failed)
		sbx__bytes_drop(&out);
	else
		*written = sbx__bytes_take(&out, kind);
	return sbx__is_error(*written) ? sbx__status_of_error(heap, otherwise) : SBX_DONE;
}
