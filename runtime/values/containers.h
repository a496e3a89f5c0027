/*
 * Lists, tuples, dicts, sets, ranges and iterators, as the other files of this folder use them.
 *
 * A function that wants the items of any iterable opens an Items: for a list or a tuple it is a view that costs
 * nothing, for anything else a list is made first. No code of the program runs inside the runtime, so a container
 * cannot change while a C function looks at it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CONTAINERS_H
#define SBX_CONTAINERS_H

#include <string.h>

#include "methods.h"
#include "object.h"

#define LIST(v) ((sbx_gen_list *)(v).u.p)
#define TUPLE(v) ((sbx_gen_tuple *)(v).u.p)
#define DICT(v) ((DictObject *)(v).u.p)
#define SET(v) ((SetObject *)(v).u.p)
#define RANGE(v) ((RangeObject *)(v).u.p)
#define SLICE(v) ((SliceObject *)(v).u.p)
#define SBX_IS(v, kind) (SBX_GEN_KIND(v) == SBX_KIND_##kind)
#define SBX_IS_SET(v) (SBX_IS(v, SET) || SBX_IS(v, FROZENSET))

/* ---- items of any native iterable ---- */

typedef struct Items {
	const sbx_value *at;
	uint64_t count;
	sbx_value holder; /* what keeps them alive; NONE: the iterable itself */
} Items;
/* 0, or -1 after raising "'int' object is not iterable". */
int sbx__items_open(sbx_run *run, sbx_value iterable, Items *items);
void sbx__items_close(sbx_run *run, Items *items);
bool sbx__is_iterable(sbx_value v);

/* x.count(item), and x.index(item, start, stop): NONE where it is not there. */
sbx_value sbx__items_count(sbx_run *run, const sbx_value *items, uint64_t length, sbx_value item);
sbx_value sbx__items_index(sbx_run *run, const sbx_value *items, uint64_t length, uint32_t count,
						   const sbx_value *args);

/* ---- indices and slices (slice.c) ---- */

/* An int argument: OverflowError for one that is too large, TypeError "'str' object cannot be interpreted as an
   integer" for what is none. */
int sbx__index_argument(sbx_run *run, sbx_value v, int64_t *index);
/* x[key] for a key that is no slice: the index, or -1 after raising. what: "list", "tuple". */
int sbx__subscript(sbx_run *run, sbx_value key, uint64_t length, const char *what, uint64_t *index);
/* start and stop of x.index(v, start, stop) and the like: any int, cut to the length, negative ones from the end. */
int sbx__slice_argument(sbx_run *run, sbx_value v, uint64_t length, uint64_t *index);
/* What a slice means for a sequence of this length. */
int sbx__slice_bounds(sbx_run *run, sbx_value slice, uint64_t length, int64_t *start, int64_t *step,
					  uint64_t *count);

/* ---- order of texts, for sorting and comparing sequences: below, at, or above 0 ---- */

static inline int sbx__text_order(sbx_value a, sbx_value b)
{
	const sbx_gen_str *s = STR(a), *t = STR(b);
	uint64_t n = s->length < t->length ? s->length : t->length;
	int order;
	if (s->head.bits != 1 || t->head.bits != 1)
		return sbx__str_compare(a, b);
	order = memcmp(s + 1, t + 1, n);
	return order ? order : (s->length > t->length) - (s->length < t->length);
}

/* ---- list, tuple (list.c, tuple.c) ---- */

sbx_value sbx__list_alloc(sbx_run *run, uint64_t capacity); /* empty */
int sbx__list_reserve(sbx_run *run, sbx_value list, uint64_t extra);
int sbx__list_push(sbx_run *run, sbx_value list, sbx_value item); /* item is taken */
sbx_value sbx__list_from(sbx_run *run, sbx_value iterable);
int sbx__list_extend(sbx_run *run, sbx_value list, sbx_value iterable);
sbx_value sbx__list_getitem(sbx_run *run, sbx_value list, sbx_value key);
sbx_value sbx__tuple_getitem(sbx_run *run, sbx_value tuple, sbx_value key);
/* `count` items, all tag 0: fill every one before anything else sees it. count 0 is fine. */
sbx_value sbx__tuple_alloc(sbx_run *run, uint64_t count);
sbx_value sbx__tuple_from(sbx_run *run, sbx_value iterable);
sbx_value sbx__tuple_pair(sbx_run *run, sbx_value a, sbx_value b); /* taken */

/* ---- dict, set ---- */

sbx_value sbx__dict_alloc(sbx_run *run, uint64_t capacity);
/* Borrowed value; tag 0 where the key is not there. -1: raised. */
int sbx__dict_get(sbx_run *run, sbx_value dict, sbx_value key, sbx_value *value);
int sbx__dict_put(sbx_run *run, sbx_value dict, sbx_value key, sbx_value value); /* borrowed */
int sbx__dict_update(sbx_run *run, sbx_value dict,
					 sbx_value mapping); /* dict(mapping) and d.update */
/* A pair (taken) whose key is that of an entry of another dict and is known not to be in this one. */
int sbx__dict_append(sbx_run *run, sbx_value dict, const DictEntry *like, sbx_value key,
					 sbx_value value);
sbx_value sbx__dict_copy(sbx_run *run, sbx_value dict);
/* Takes a pair out; its references are the caller's. Both tag 0 where the key is not there. -1: raised. */
int sbx__dict_take(sbx_run *run, sbx_value dict, sbx_value key, sbx_value *old_key,
				   sbx_value *value);
void sbx__dict_take_last(sbx_value dict, sbx_value *key,
						 sbx_value *value); /* of a dict that is not empty */
void sbx__dict_clear(sbx_run *run, sbx_value dict);
sbx_value sbx__set_alloc(sbx_run *run, uint64_t capacity, bool frozen);
int sbx__set_put(sbx_run *run, sbx_value set,
				 sbx_value key); /* borrowed; 1: it was new, 0: it was there */
int sbx__set_has(sbx_run *run, sbx_value set,
				 sbx_value key); /* `key in set`: a set counts as its frozenset */
int sbx__set_has_item(sbx_run *run, sbx_value set,
					  sbx_value key); /* raises for whatever cannot be hashed */
int sbx__set_extend(sbx_run *run, sbx_value set, sbx_value iterable);
int sbx__set_remove(sbx_run *run, sbx_value set,
					sbx_value key);           /* 1 removed, 0 was not there, -1 raised */
sbx_value sbx__set_take_first(sbx_value set); /* of a set that is not empty */
void sbx__set_clear(sbx_run *run, sbx_value set);
sbx_value sbx__set_from(sbx_run *run, sbx_value iterable, bool frozen);
sbx_value sbx__set_copy(sbx_run *run, sbx_value set);
sbx_value sbx__set_intersection(sbx_run *run, sbx_value set, sbx_value iterable);
/* The next live entry at or after *at, or NULL; *at then stands behind it. */
static inline const DictEntry *sbx__dict_next(const DictObject *dict, uint64_t *at)
{
	while (*at < dict->filled) {
		const DictEntry *entry = &dict->entries[(*at)++];
		if (entry->key.tag)
			return entry;
	}
	return NULL;
}
static inline const SetEntry *sbx__set_next(const SetObject *set, uint64_t *at)
{
	while (*at < set->filled) {
		const SetEntry *entry = &set->entries[(*at)++];
		if (entry->key.tag)
			return entry;
	}
	return NULL;
}

/* ---- views and iterators (dict_view.c, iterators.c) ---- */

typedef struct DictViewObject {
	sbx_gen_head head; /* bits: 0 keys, 1 values, 2 items */
	sbx_value dict;
} DictViewObject;
enum { VIEW_KEYS, VIEW_VALUES, VIEW_ITEMS };
#define DICT_VIEW(v) ((DictViewObject *)(v).u.p)
sbx_value sbx__dict_view(sbx_run *run, sbx_value dict, unsigned form);
int sbx__dict_view_contains(sbx_run *run, sbx_value view, sbx_value item);

enum IteratorForm {
	ITERATE_LIST = SBX_ITERATE_LIST,
	ITERATE_RANGE = SBX_ITERATE_RANGE,
	ITERATE_TUPLE = SBX_ITERATE_TUPLE,
	ITERATE_LIST_BACK = SBX_ITERATE_OTHER,
	ITERATE_STR,
	ITERATE_BYTES,
	ITERATE_RANGE_BIG,
	ITERATE_KEYS,
	ITERATE_VALUES,
	ITERATE_ITEMS,
	ITERATE_KEYS_BACK,
	ITERATE_VALUES_BACK,
	ITERATE_ITEMS_BACK,
	ITERATE_SET,
	ITERATE_ENUMERATE,
	ITERATE_ZIP,
	ITERATE_REVERSED
};
typedef struct IteratorObject { /* begins as sbx_gen_iterator */
	sbx_gen_head head;          /* bits: ITERATE_x */
	sbx_value source;           /* what is iterated; zip: a tuple of iterators; tag 0: exhausted */
	int64_t at;                 /* next index, or next value of a range */
	int64_t step;               /* of a range of machine ints */
	uint64_t left;      /* of a range: values left; of a dict or set: `used` when it began */
	uint64_t remaining; /* of a dict or set */
	sbx_value
		extra; /* enumerate: the next number; a range of big ints: the next value; zip: bool strict */
	bool is_asked; /* an argument of sbx_gen_ask: to iterate over it ends the call */
} IteratorObject;
#define ITERATOR(v) ((IteratorObject *)(v).u.p)

/* ---- builtins (builtins.c) ---- */

const char *sbx__builtin_name(int builtin); /* "len" */

/* ---- ranges (range.c): start, stop and step are ints ---- */

sbx_value sbx__range_make(sbx_run *run, sbx_value start, sbx_value stop, sbx_value step);
sbx_value sbx__range_getitem(sbx_run *run, sbx_value range, sbx_value key);
int sbx__range_contains(sbx_run *run, sbx_value range, sbx_value item);
sbx_value sbx__range_reversed(sbx_run *run, sbx_value range); /* a range that runs backwards */
/* All its values are machine ints. */
static inline bool sbx__range_is_small(const RangeObject *range)
{
	return range->start.tag == SBX_KIND_INT && range->stop.tag == SBX_KIND_INT &&
		   range->step.tag == SBX_KIND_INT && range->length.tag == SBX_KIND_INT;
}

/* reversed(x), enumerate(x, start), zip(...). */
sbx_value sbx__reversed(sbx_run *run, sbx_value v);
sbx_value sbx__enumerate(sbx_run *run, sbx_value iterable, sbx_value start);
sbx_value sbx__zip(sbx_run *run, uint32_t count, const sbx_value *iterables, bool strict);

#endif
