/*
 * Deep copies from heap to heap, without recursion.
 *
 * A copied container is made empty first, its items are filled in later from a list of work, so that depth costs heap
 * and not C stack. An object that is reachable twice is copied once: a map from old to new objects knows those whose
 * count says that they could be met again. Lists and dicts may so contain themselves. A tuple or a set that leads back
 * to itself through a list works too, but the items of a set and the keys of a dict must be whole before they are
 * hashed: these (tuples and frozensets of hashable things, never cyclic) are copied at once, by recursion as deep as
 * they are nested, which hashing them has bounded already.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "nesting.h"

typedef struct Pair {
	const void *from;
	sbx_value to;
} Pair;

typedef struct Work {
	sbx_value from, to; /* two containers; both borrowed */
} Work;

typedef struct Copier {
	sbx_run *run;
	Pair *pairs; /* open addressing */
	uint64_t pair_count, pair_capacity;
	Work *work;
	uint64_t work_count, work_capacity;
	sbx_value refused; /* a value that passes no boundary */
} Copier;

static uint64_t slot_of(const Copier *copier, const void *from)
{
	uint64_t mask = copier->pair_capacity - 1,
			 i = ((uintptr_t)from >> 4) * 0x9e3779b97f4a7c15u >> 20 & mask;
	while (copier->pairs[i].from && copier->pairs[i].from != from)
		i = (i + 1) & mask;
	return i;
}

static int remember(Copier *copier, const void *from, sbx_value to)
{
	if (copier->pair_count * 2 >= copier->pair_capacity) {
		Copier bigger = *copier;
		bigger.pair_capacity = copier->pair_capacity ? copier->pair_capacity * 2 : 16;
		bigger.pairs = sbx__alloc(copier->run, bigger.pair_capacity * sizeof *bigger.pairs);
		if (!bigger.pairs)
			return -1;
		memset(bigger.pairs, 0, bigger.pair_capacity * sizeof *bigger.pairs);
		for (uint64_t i = 0; i < copier->pair_capacity; i++)
			if (copier->pairs[i].from)
				bigger.pairs[slot_of(&bigger, copier->pairs[i].from)] = copier->pairs[i];
		sbx__free(copier->run, copier->pairs, copier->pair_capacity * sizeof *copier->pairs);
		*copier = bigger;
	}
	copier->pairs[slot_of(copier, from)] = (Pair){from, to};
	copier->pair_count++;
	return 0;
}

static int add_work(Copier *copier, sbx_value from, sbx_value to)
{
	if (copier->work_count == copier->work_capacity) {
		uint64_t capacity = copier->work_capacity ? copier->work_capacity * 2 : 16;
		Work *work = sbx__realloc(copier->run, copier->work, copier->work_capacity * sizeof *work,
								  capacity * sizeof *work);
		if (!work)
			return -1;
		copier->work = work;
		copier->work_capacity = capacity;
	}
	copier->work[copier->work_count++] = (Work){from, to};
	return 0;
}

/* A value that holds no others, or whose parts are such. */
static sbx_value copy_scalar(Copier *copier, sbx_value v)
{
	sbx_run *run = copier->run;
	sbx_value parts[3], out;
	void *units;
	size_t size;
	if (!(v.tag & SBX_GEN_COUNTED) && SBX_GEN_KIND(v) < SBX_KIND_LIST)
		return SBX_GEN_KIND(v) <= SBX_KIND_FLOAT || SBX_GEN_KIND(v) >= SBX_KIND_BIG
				   ? v
				   : (copier->refused = v, SBX_GEN_ERROR);
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_BIG:
		size = sizeof(sbx_gen_big) + ((const sbx_gen_big *)v.u.p)->count * sizeof(uint64_t);
		out = sbx__object(run, SBX_KIND_BIG, size, &units);
		if (!sbx__is_error(out)) {
			memcpy(units, v.u.p, size);
			((sbx_gen_head *)units)->refs = 1;
		}
		return out;
	case SBX_KIND_STR:
		out = sbx__str_alloc(run, STR(v)->length, STR(v)->head.bits, &units);
		if (!sbx__is_error(out)) {
			memcpy(units, sbx__str_units(v), STR(v)->length * STR(v)->head.bits);
			((sbx_gen_str *)out.u.p)->hash = STR(v)->hash;
		}
		return out;
	case SBX_KIND_BYTES:
		return sbx_bytes_make(run, (const sbx_gen_bytes *)v.u.p + 1,
							  ((const sbx_gen_bytes *)v.u.p)->length);
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA:
		return sbx__time_make(run, SBX_GEN_KIND(v), TIME(v)->microseconds, TIME(v)->offset_minutes);
	case SBX_KIND_HANDLE:
		parts[0] = copy_scalar(copier, HANDLE(v)->path);
		parts[1] = copy_scalar(copier, HANDLE(v)->format);
		parts[2] = copy_scalar(copier, HANDLE(v)->hash);
		out = SBX_GEN_ERROR;
		if (!sbx__is_error(parts[0]) && !sbx__is_error(parts[1]) && !sbx__is_error(parts[2]))
			out = sbx__handle_make(run, HANDLE(v)->head.bits, parts[0], parts[1], parts[2]);
		for (int i = 0; i < 3; i++)
			sbx_gen_drop(run, parts[i]);
		return out;
	default:
		copier->refused = v;
		return SBX_GEN_ERROR;
	}
}

static sbx_value copy(Copier *copier, sbx_value v);

/* A key or an item of a set: whole at once, since it is hashed next. */
static sbx_value copy_key(Copier *copier, sbx_value v)
{
	sbx_run *run = copier->run;
	uint64_t at = 0;
	const SetEntry *key;
	sbx_value out, item;
	if (!sbx__is_container(v))
		return copy(copier, v);
	if (sbx__recurse(run, ""))
		return SBX_GEN_ERROR;
	out = SBX_IS(v, TUPLE) ? sbx__tuple_alloc(run, TUPLE(v)->length)
						   : sbx__set_alloc(run, SET(v)->used, true);
	if (SBX_IS(v, TUPLE))
		for (uint64_t i = 0; i < TUPLE(v)->length && !sbx__is_error(out); i++) {
			TUPLE(out)->items[i] = item = copy_key(copier, TUPLE(v)->items[i]);
			if (sbx__is_error(item)) {
				sbx_gen_drop(run, out);
				out = item;
			}
		}
	else
		while (!sbx__is_error(out) && (key = sbx__set_next(SET(v), &at)) != NULL) {
			item = copy_key(copier, key->key);
			if (sbx__is_error(item) || sbx_gen_set_add(run, out, item)) {
				sbx_gen_drop(run, out);
				out = SBX_GEN_ERROR;
			}
		}
	sbx__recurse_end(run);
	return out;
}

static sbx_value copy(Copier *copier, sbx_value v)
{
	bool is_shared = (v.tag & SBX_GEN_COUNTED) && ((const sbx_gen_head *)v.u.p)->refs > 1;
	sbx_run *run = copier->run;
	sbx_value out;
	if (is_shared && copier->pair_count) {
		const Pair *pair = &copier->pairs[slot_of(copier, v.u.p)];
		if (pair->from)
			return sbx_gen_copy(pair->to);
	}
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		out = sbx__list_alloc(run, LIST(v)->length);
		break;
	case SBX_KIND_TUPLE:
		if (!(v.tag & SBX_GEN_COUNTED)) /* of constants, static like them */
			return v;
		out = sbx__tuple_alloc(run, TUPLE(v)->length);
		break;
	case SBX_KIND_DICT:
		out = sbx__dict_alloc(run, DICT(v)->used);
		break;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		out = sbx__set_alloc(run, SET(v)->used, SBX_IS(v, FROZENSET));
		break;
	default:
		out = copy_scalar(copier, v);
		if (is_shared && !sbx__is_error(out) && remember(copier, v.u.p, out))
			return SBX_GEN_ERROR;
		return out;
	}
	if (sbx__is_error(out) || (is_shared && remember(copier, v.u.p, out)) ||
		add_work(copier, v, out))
		return SBX_GEN_ERROR;
	return out;
}

/* Copies the items of a container into its copy. */
static int fill(Copier *copier, sbx_value from, sbx_value to)
{
	sbx_run *run = copier->run;
	uint64_t at = 0;
	const DictEntry *entry;
	const SetEntry *key;
	sbx_value item, value;
	if (sbx__spend(run, sbx_count(from)))
		return -1;
	switch (SBX_GEN_KIND(from)) {
	case SBX_KIND_LIST:
		for (uint64_t i = 0; i < LIST(from)->length; i++) {
			item = copy(copier, LIST(from)->items[i]);
			if (sbx__is_error(item))
				return -1;
			LIST(to)->items[LIST(to)->length++] = item;
		}
		return 0;
	case SBX_KIND_TUPLE:
		for (uint64_t i = 0; i < TUPLE(from)->length; i++) {
			TUPLE(to)->items[i] = copy(copier, TUPLE(from)->items[i]);
			if (sbx__is_error(TUPLE(to)->items[i]))
				return -1;
		}
		return 0;
	case SBX_KIND_DICT:
		while ((entry = sbx__dict_next(DICT(from), &at)) != NULL) {
			item = copy_key(copier, entry->key);
			value = sbx__is_error(item) ? SBX_GEN_ERROR : copy(copier, entry->value);
			if (sbx__is_error(value) || sbx_gen_dict_set(run, to, item, value))
				return -1;
		}
		return 0;
	default:
		while ((key = sbx__set_next(SET(from), &at)) != NULL) {
			item = copy_key(copier, key->key);
			if (sbx__is_error(item) || sbx_gen_set_add(run, to, item))
				return -1;
		}
		return 0;
	}
}

sbx_value sbx_value_copy(sbx_heap *heap, sbx_value v)
{
	Copier copier = {.run = heap};
	sbx_value out;
	bool failed = false;
	if (sbx_kind(v) == SBX_INVALID)
		return SBX_GEN_ERROR;
	out = copy(&copier, v);
	failed = sbx__is_error(out);
	while (!failed && copier.work_count) {
		Work work = copier.work[--copier.work_count];
		failed = fill(&copier, work.from, work.to);
	}
	sbx__free(heap, copier.pairs, copier.pair_capacity * sizeof *copier.pairs);
	sbx__free(heap, copier.work, copier.work_capacity * sizeof *copier.work);
	if (!failed)
		return out;
	sbx_gen_drop(heap, out);
	if (copier.refused.tag)
		sbx__raise(heap, SBX_TYPE_TypeError, "a value of type %T cannot cross a boundary",
				   copier.refused);
	return SBX_GEN_ERROR;
}
