/*
 * Sorting a list in place, by its items or by keys that were made before.
 *
 * Ints, floats and texts that are all of one kind are compared without a call of the general comparison. Every form
 * sorts 16-byte elements: the items themselves where they are compared directly; else the payload of the key with the
 * item's number in place of the tag, after which the items are put in order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"

#include <string.h>

enum { SORT_RUNS_MAX = 90 }; /* the lengths on the stack grow faster than Fibonacci's numbers */

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

#define SORT_NAME by_int
#define SORT_LESS(run, x, y) ((x).u.i < (y).u.i)
#include "sort_runs.h"

#define SORT_NAME by_float
#define SORT_LESS(run, x, y) ((x).u.f < (y).u.f)
#include "sort_runs.h"

static inline int less_text(sbx_value x, sbx_value y)
{
	const sbx_gen_str *a = x.u.p, *b = y.u.p;
	uint64_t n = a->length < b->length ? a->length : b->length;
	if (a->head.bits == 1 && b->head.bits == 1) {
		int order = memcmp(a + 1, b + 1, n);
		return order < 0 || (order == 0 && a->length < b->length);
	}
	x.tag = y.tag = SBX_KIND_STR;
	return sbx__str_compare(x, y) < 0;
}
#define SORT_NAME by_text
#define SORT_LESS(run, x, y) less_text(x, y)
#include "sort_runs.h"

static inline int less_any(sbx_run *run, sbx_value x, sbx_value y)
{
	return sbx_gen_lt(run, *(const sbx_value *)x.u.p, *(const sbx_value *)y.u.p);
}
#define SORT_NAME by_any
#define SORT_LESS(run, x, y) less_any(run, x, y)
#include "sort_runs.h"

/* ---- which form ---- */

enum Form { FORM_INT, FORM_FLOAT, FORM_TEXT, FORM_ANY };

static enum Form form_of(const sbx_value *keys, uint64_t count)
{
	unsigned kind = SBX_GEN_KIND(keys[0]);
	uint64_t i = 0;
	switch (kind) {
	case SBX_KIND_INT:
	case SBX_KIND_BOOL:
		while (i < count && (SBX_IS(keys[i], INT) || SBX_IS(keys[i], BOOL)))
			i++;
		return i == count ? FORM_INT : FORM_ANY;
	case SBX_KIND_FLOAT:
	case SBX_KIND_STR:
		while (i < count && SBX_GEN_KIND(keys[i]) == kind)
			i++;
		return i < count ? FORM_ANY : kind == SBX_KIND_STR ? FORM_TEXT : FORM_FLOAT;
	default:
		return FORM_ANY;
	}
}

static int sort_elements(sbx_run *run, enum Form form, sbx_value *elements, uint64_t count,
						 sbx_value *spare)
{
	switch (form) {
	case FORM_INT:
		return by_int_sort(run, elements, count, spare);
	case FORM_FLOAT:
		return by_float_sort(run, elements, count, spare);
	case FORM_TEXT:
		return by_text_sort(run, elements, count, spare);
	default:
		return by_any_sort(run, elements, count, spare);
	}
}

static void turn_around(sbx_value *items, uint64_t count)
{
	for (uint64_t i = 0; i < count / 2; i++) {
		sbx_value item = items[i];
		items[i] = items[count - 1 - i];
		items[count - 1 - i] = item;
	}
}

/* Sorts numbered keys, then puts the items in their order. */
static int sort_by_numbers(sbx_run *run, enum Form form, sbx_value *items, const sbx_value *keys,
						   uint64_t count)
{
	size_t size = (count + count / 2 + 1) * sizeof(sbx_value);
	sbx_value *elements = sbx__alloc(run, size), *spare = elements + count;
	int failed;
	if (!elements)
		return -1;
	for (uint64_t i = 0; i < count; i++) {
		elements[i] = keys[i];
		elements[i].tag = i;
		if (form == FORM_ANY)
			elements[i].u.p = (void *)(uintptr_t)&keys[i];
	}
	failed = sort_elements(run, form, elements, count, spare);
	if (!failed) {
		for (uint64_t i = 0; i < count; i++)
			elements[i] = items[elements[i].tag];
		memcpy(items, elements, count * sizeof *items);
	}
	sbx__free(run, elements, size);
	return failed;
}

int sbx_gen_sort(sbx_run *run, sbx_value v, sbx_value keys, int reverse)
{
	sbx_gen_list *list = LIST(v);
	uint64_t count = list->length;
	bool keyed = SBX_IS(keys, LIST);
	sbx_value *by = keyed ? LIST(keys)->items : list->items;
	enum Form form;
	int failed;
	if (count < 2)
		return 0;
	if (sbx__spend(run, count))
		return -1;
	/* Turned around before and after, equal items keep their order. */
	if (reverse) {
		turn_around(list->items, count);
		if (keyed)
			turn_around(by, count);
	}
	form = form_of(by, count);
	if (keyed || form == FORM_ANY) {
		failed = sort_by_numbers(run, form, list->items, by, count);
	} else {
		size_t size = (count / 2 + 1) * sizeof(sbx_value);
		sbx_value *spare = sbx__alloc(run, size);
		failed = spare ? sort_elements(run, form, list->items, count, spare) : -1;
		sbx__free(run, spare, size);
	}
	if (reverse) {
		turn_around(list->items, count);
		if (keyed)
			turn_around(by, count);
	}
	return failed;
}
