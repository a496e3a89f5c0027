/*
 * Sorting a list in place, by its items or by keys that were made before.
 *
 * Ints, floats and texts that are all of one kind are compared without a call of the general comparison; so are
 * tuples as long as their first items differ. Every form sorts 16-byte elements: the items themselves where they are
 * compared directly; else the payload of the key with the item's number in place of the tag, after which the items are
 * put in order. Long lists of numbers are not compared at all but dealt into 256 heaps by each byte that is not the
 * same in all of them, which keeps equal ones in order too.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"

#include <string.h>

enum { SORT_RUNS_MAX = 90 }; /* the lengths on the stack grow faster than Fibonacci's numbers */
enum { SORT_PIECE = 16384 }; /* steps of a merge between two looks at the deadline */
enum { DEAL_MIN = 64 };      /* items for each byte that has to be looked at */

typedef struct SortRun {
	sbx_value *at;
	uint64_t length;
} SortRun;

/* Between 32 and 64, so that n is near a power of two times it. */
static uint64_t sort_least_run(uint64_t n)
{
	uint64_t rest = 0;
	for (; n >= 64; n >>= 1)
		rest |= n & 1;
	return n + rest;
}

/* ---- the ways to compare ---- */

#define SORT_NAME by_int
#define SORT_LESS(run, keys, x, y) ((x).u.i < (y).u.i)
#include "sort_runs.h"

#define SORT_NAME by_float
#define SORT_LESS(run, keys, x, y) ((x).u.f < (y).u.f)
#include "sort_runs.h"

/* Elements that stand for texts have numbers for tags. */
static inline int text_order(sbx_value x, sbx_value y)
{
	x.tag = y.tag = SBX_KIND_STR;
	return sbx__text_order(x, y);
}
/* Long texts cost more than the comparisons that are counted. */
static inline int less_text(sbx_run *run, sbx_value x, sbx_value y)
{
	uint64_t m = STR(x)->length, n = STR(y)->length;
	int order;
	if (SBX_GEN_LIKELY(m < 256 || n < 256))
		return text_order(x, y) < 0;
	x.tag = y.tag = SBX_KIND_STR;
	return sbx__text_compare(run, x, y, &order) ? -1 : order < 0;
}
#define SORT_NAME by_text
#define SORT_LESS(run, keys, x, y) less_text(run, x, y)
#include "sort_runs.h"

static inline int less_any(sbx_run *run, const sbx_value *keys, sbx_value x, sbx_value y)
{
	return sbx_gen_lt(run, keys[x.tag], keys[y.tag]);
}
#define SORT_NAME by_any
#define SORT_LESS(run, keys, x, y) less_any(run, keys, x, y)
#include "sort_runs.h"

/* Tuples: the payload is that of their first items. */
#define SORT_NAME by_first_int
#define SORT_LESS(run, keys, x, y) \
	((x).u.i != (y).u.i ? (x).u.i < (y).u.i : less_any(run, keys, x, y))
#include "sort_runs.h"

#define SORT_NAME by_first_float
#define SORT_LESS(run, keys, x, y) \
	((x).u.f != (y).u.f ? (x).u.f < (y).u.f : less_any(run, keys, x, y))
#include "sort_runs.h"

static inline int less_first_text(sbx_run *run, const sbx_value *keys, sbx_value x, sbx_value y)
{
	int order;
	if (STR(x)->length > 256 && STR(y)->length > 256)
		return less_any(run, keys, x, y);
	order = text_order(x, y);
	return order ? order < 0 : less_any(run, keys, x, y);
}
#define SORT_NAME by_first_text
#define SORT_LESS(run, keys, x, y) less_first_text(run, keys, x, y)
#include "sort_runs.h"

/* ---- which form ---- */

enum Form {
	FORM_INT,
	FORM_FLOAT,
	FORM_TEXT,
	FORM_FIRST_INT,
	FORM_FIRST_FLOAT,
	FORM_FIRST_TEXT,
	FORM_ANY
};

static enum Form form_of_one(sbx_value key)
{
	switch (SBX_GEN_KIND(key)) {
	case SBX_KIND_INT:
	case SBX_KIND_BOOL:
		return FORM_INT;
	case SBX_KIND_FLOAT: /* nan compares in no order */
		return key.u.f == key.u.f ? FORM_FLOAT : FORM_ANY;
	case SBX_KIND_STR:
		return FORM_TEXT;
	default:
		return FORM_ANY;
	}
}

static bool is_full_tuple(sbx_value key)
{
	return SBX_IS(key, TUPLE) && TUPLE(key)->length > 0;
}

/* -1: raised. */
static int form_of(sbx_run *run, const sbx_value *keys, uint64_t count)
{
	bool tuples = is_full_tuple(keys[0]);
	enum Form form = form_of_one(tuples ? TUPLE(keys[0])->items[0] : keys[0]);
	if (form == FORM_ANY)
		return (int)form;
	for (uint64_t i = 1; i < count; i++) {
		if (is_full_tuple(keys[i]) != tuples ||
			form_of_one(tuples ? TUPLE(keys[i])->items[0] : keys[i]) != form)
			return FORM_ANY;
		if (sbx__pace(run, i, count))
			return -1;
	}
	return (int)(tuples ? form + (FORM_FIRST_INT - FORM_INT) : form);
}

static int sort_elements(sbx_run *run, enum Form form, const sbx_value *keys, sbx_value *elements,
						 uint64_t count, sbx_value *spare)
{
	switch (form) {
	case FORM_INT:
		return by_int_sort(run, keys, elements, count, spare);
	case FORM_FLOAT:
		return by_float_sort(run, keys, elements, count, spare);
	case FORM_TEXT:
		return by_text_sort(run, keys, elements, count, spare);
	case FORM_FIRST_INT:
		return by_first_int_sort(run, keys, elements, count, spare);
	case FORM_FIRST_FLOAT:
		return by_first_float_sort(run, keys, elements, count, spare);
	case FORM_FIRST_TEXT:
		return by_first_text_sort(run, keys, elements, count, spare);
	default:
		return by_any_sort(run, keys, elements, count, spare);
	}
}

/* ---- dealing numbers by their bytes ---- */

/* Unsigned numbers in the order of the ints or floats: -0.0 is 0.0. */
static inline uint64_t rank(sbx_value v, bool is_float)
{
	uint64_t bits;
	double f;
	if (!is_float)
		return (uint64_t)v.u.i ^ (uint64_t)1 << 63;
	f = v.u.f + 0.0;
	memcpy(&bits, &f, sizeof bits);
	return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

/* The bits that are not the same in all; 0 also where they are in order already. 0, or -1 raised. */
static int varying_bits(sbx_run *run, const sbx_value *a, uint64_t count, bool is_float,
						uint64_t *varying)
{
	uint64_t first = rank(a[0], is_float), last = first, bits = 0;
	bool in_order = true;
	for (uint64_t i = 1, end; i < count; i = end) {
		end = count - i < SORT_PIECE ? count : i + SORT_PIECE;
		if (sbx__spend(run, end - i))
			return -1;
		for (uint64_t k = i; k < end; k++) {
			uint64_t r = rank(a[k], is_float);
			bits |= r ^ first;
			in_order = in_order && last <= r;
			last = r;
		}
	}
	*varying = in_order ? 0 : bits;
	return 0;
}

static int deal(sbx_run *run, const sbx_value *from, sbx_value *to, uint64_t count, int shift,
				bool is_float)
{
	uint64_t places[256] = {0}, at = 0;
	for (uint64_t i = 0, end; i < count; i = end) {
		end = count - i < SORT_PIECE ? count : i + SORT_PIECE;
		if (sbx__spend(run, end - i))
			return -1;
		for (uint64_t k = i; k < end; k++)
			places[rank(from[k], is_float) >> shift & 255]++;
	}
	for (int i = 0; i < 256; i++) {
		uint64_t here = places[i];
		places[i] = at;
		at += here;
	}
	for (uint64_t i = 0, end; i < count; i = end) {
		end = count - i < SORT_PIECE ? count : i + SORT_PIECE;
		if (sbx__spend(run, end - i))
			return -1;
		for (uint64_t k = i; k < end; k++)
			to[places[rank(from[k], is_float) >> shift & 255]++] = from[k];
	}
	return 0;
}

/* Sorts numbers; spare has room for all of them. 1: done, 0: few bytes would not pay, -1: raised. */
static int sort_numbers(sbx_run *run, sbx_value *a, uint64_t count, sbx_value *spare, bool is_float)
{
	uint64_t bits, bytes = 0;
	sbx_value *from = a, *to = spare;
	if (varying_bits(run, a, count, is_float, &bits))
		return -1;
	for (int shift = 0; shift < 64; shift += 8)
		bytes += (bits >> shift & 255) != 0;
	if (count < bytes * DEAL_MIN)
		return 0;
	for (int shift = 0; shift < 64; shift += 8) {
		sbx_value *last = from;
		if (!(bits >> shift & 255))
			continue;
		if (deal(run, from, to, count, shift, is_float))
			return -1;
		from = to;
		to = last;
	}
	if (from != a && sbx__copy(run, a, from, count * sizeof *a))
		return -1;
	return 1;
}

/* ---- sorting ---- */

static int turn_around(sbx_run *run, sbx_value *items, uint64_t count)
{
	for (uint64_t i = 0; i < count / 2; i++) {
		sbx_value item = items[i];
		if (sbx__pace(run, i, count))
			return -1;
		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
	return 0;
}

/* Numbered keys, in the place of `count` elements. */
static int number_keys(sbx_run *run, enum Form form, const sbx_value *keys, uint64_t count,
					   sbx_value *elements)
{
	for (uint64_t i = 0; i < count; i++) {
		if (sbx__pace(run, i, count))
			return -1;
		elements[i] =
			form >= FORM_FIRST_INT && form < FORM_ANY ? TUPLE(keys[i])->items[0] : keys[i];
		elements[i].tag = i;
	}
	return 0;
}

/* Sorts by `keys`, which are the items themselves or a list beside them. */
static int sort_items(sbx_run *run, sbx_value *items, const sbx_value *keys, uint64_t count)
{
	int found = form_of(run, keys, count);
	enum Form form = (enum Form)found;
	bool numbers = form == FORM_INT || form == FORM_FLOAT,
		 direct = keys == items && form < FORM_FIRST_INT;
	uint64_t spare_count = numbers ? count : count / 2 + 1,
			 all = spare_count + (direct ? 0 : count);
	sbx_value *spare = found < 0 ? NULL : sbx__alloc(run, all * sizeof *spare),
			  *elements = direct ? items : spare + spare_count;
	int done = 0;
	if (!spare)
		return -1;
	if (!direct)
		done = number_keys(run, form, keys, count, elements);
	if (numbers && done == 0)
		done = sort_numbers(run, elements, count, spare, form == FORM_FLOAT);
	if (done == 0)
		done = sort_elements(run, form, keys, elements, count, spare) ? -1 : 1;
	if (done > 0 && !direct) {
		for (uint64_t i = 0; i < count; i++)
			elements[i] = items[elements[i].tag];
		done = sbx__copy(run, items, elements, count * sizeof *items) ? -1 : 1;
	}
	sbx__free(run, spare, all * sizeof *spare);
	return done > 0 ? 0 : -1;
}

sbx_value sbx_gen_sort_take(sbx_run *run, sbx_value v)
{
	sbx_value taken;
	sbx_gen_list *list, *items, empty;
	if (!SBX_IS(v, LIST)) /* as after a forged snapshot */
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be sorted", v);
	taken = sbx_gen_list_make(run, 0, NULL);
	if (sbx__is_error(taken))
		return taken;
	list = LIST(v);
	items = LIST(taken);
	empty = *items;
	items->items = list->items;
	items->length = list->length;
	items->capacity = list->capacity;
	list->items = empty.items;
	list->length = empty.length;
	list->capacity = empty.capacity;
	return taken;
}

int sbx_gen_sort_give(sbx_run *run, sbx_value v, sbx_value taken)
{
	sbx_gen_list *list, *items, other;
	if (!SBX_IS(v, LIST) || !SBX_IS(taken, LIST)) /* as after a forged snapshot */
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be sorted", v), -1;
	list = LIST(v);
	items = LIST(taken);
	other = *list;
	list->items = items->items;
	list->length = items->length;
	list->capacity = items->capacity;
	items->items = other.items;
	items->length = other.length;
	items->capacity = other.capacity;
	if (!other.capacity)
		return 0;
	sbx__raise(run, SBX_TYPE_ValueError, "list modified during sort");
	return -1;
}

int sbx_gen_sort(sbx_run *run, sbx_value v, sbx_value keys, int reverse)
{
	sbx_gen_list *list;
	bool keyed = SBX_IS(keys, LIST);
	sbx_value *by;
	int failed;
	if (!SBX_IS(v, LIST) || (!keyed && !SBX_IS(keys, NONE)))
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be sorted", v), -1;
	list = LIST(v);
	by = keyed ? LIST(keys)->items : list->items;
	if (keyed && LIST(keys)->length != list->length) { /* a key function changed it */
		sbx__raise(run, SBX_TYPE_ValueError, "list modified during sort");
		return -1;
	}
	if (list->length < 2)
		return 0;
	/* Turned around before and after, equal items keep their order. */
	if (reverse && (turn_around(run, list->items, list->length) ||
					(keyed && turn_around(run, by, list->length))))
		return -1;
	failed = sort_items(run, list->items, by, list->length);
	if (reverse && (turn_around(run, list->items, list->length) ||
					(keyed && turn_around(run, by, list->length))))
		return -1;
	return failed;
}
