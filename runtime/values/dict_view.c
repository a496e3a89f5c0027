/*
 * d.keys(), d.values(), d.items(): views that follow their dict. Those of keys and items compare and combine like sets.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"

sbx_value sbx__dict_view(sbx_run *run, sbx_value dict, unsigned form)
{
	DictViewObject *view;
	sbx_value v = sbx__object(run, SBX_KIND_DICT_VIEW, sizeof *view, &view);
	if (sbx__is_error(v))
		return v;
	view->head.bits = form;
	view->dict = sbx_gen_copy(dict);
	return v;
}

void sbx__dict_view_free(sbx_run *run, void *object)
{
	DictViewObject *view = object;
	sbx_gen_drop(run, view->dict);
	sbx__free(run, view, sizeof *view);
}

int sbx__dict_view_type(sbx_value v)
{
	static const int types[] = {SBX_TYPE_dict_keys, SBX_TYPE_dict_values, SBX_TYPE_dict_items};
	return types[DICT_VIEW(v)->head.bits & 3];
}

uint64_t sbx__dict_view_length(sbx_value v)
{
	return DICT(DICT_VIEW(v)->dict)->used;
}

int sbx__dict_view_contains(sbx_run *run, sbx_value v, sbx_value item)
{
	sbx_value dict = DICT_VIEW(v)->dict, value;
	uint64_t at = 0;
	const DictEntry *entry;
	switch (DICT_VIEW(v)->head.bits) {
	case VIEW_KEYS:
		if (sbx__dict_get(run, dict, item, &value))
			return -1;
		return value.tag != 0;
	case VIEW_ITEMS:
		if (!SBX_IS(item, TUPLE) || TUPLE(item)->length != 2)
			return 0;
		if (sbx__dict_get(run, dict, TUPLE(item)->items[0], &value))
			return -1;
		return value.tag ? sbx__equal(run, value, TUPLE(item)->items[1]) : 0;
	default:
		while ((entry = sbx__dict_next(DICT(dict), &at)) != NULL) {
			int equal = sbx__equal(run, entry->value, item);
			if (equal || sbx__spend(run, 1))
				return equal < 0 ? -1 : equal ? 1 : -1;
		}
		return 0;
	}
}

static bool is_set_like(sbx_value v)
{
	return SBX_IS_SET(v) || (SBX_IS(v, DICT_VIEW) && DICT_VIEW(v)->head.bits != VIEW_VALUES);
}

static uint64_t length_of(sbx_value v)
{
	return SBX_IS_SET(v) ? SET(v)->used : sbx__dict_view_length(v);
}

/* Every item of a is in b (sets or views). */
static int all_in(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value iterator = sbx_gen_iter(run, a), item;
	int in = 1;
	if (sbx__is_error(iterator))
		return -1;
	while (in > 0) {
		item = sbx_gen_next_native(run, iterator);
		if (SBX_IS(item, DONE))
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1))
			return -1;
		in = SBX_IS_SET(b) ? sbx__set_has(run, b, item) : sbx__dict_view_contains(run, b, item);
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return in;
}

int sbx__dict_view_compare(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	uint64_t m, n;
	int result;
	if (!is_set_like(a) || !is_set_like(b))
		return op == SBX_COMPARE_NE;
	m = length_of(a);
	n = length_of(b);
	switch (op) {
	case SBX_COMPARE_EQ:
		return m == n ? all_in(run, a, b) : 0;
	case SBX_COMPARE_NE:
		result = m == n ? all_in(run, a, b) : 0;
		return result < 0 ? -1 : !result;
	case SBX_COMPARE_LT:
		return m < n ? all_in(run, a, b) : 0;
	case SBX_COMPARE_LE:
		return m <= n ? all_in(run, a, b) : 0;
	case SBX_COMPARE_GT:
		return n < m ? all_in(run, b, a) : 0;
	default:
		return n <= m ? all_in(run, b, a) : 0;
	}
}

/* The next item of an iterator, DONE at its end, and whether the view has it; -1: raised. */
static int next_in(sbx_run *run, sbx_value view, sbx_value iterator, sbx_value *item)
{
	*item = sbx_gen_next_native(run, iterator);
	if (SBX_IS(*item, DONE))
		return 0;
	if (sbx__is_error(*item) || sbx__spend(run, 1))
		return -1;
	return sbx__dict_view_contains(run, view, *item);
}

/* The items of b that are in the view a: no item of a needs to be hashable. */
static sbx_value intersection(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value out = sbx__set_alloc(run, 0, false), iterator = sbx_gen_iter(run, b), item;
	if (sbx__is_error(out) || sbx__is_error(iterator))
		return SBX_GEN_ERROR;
	for (;;) {
		int in = next_in(run, a, iterator, &item);
		if (SBX_IS(item, DONE))
			break;
		if (in < 0 || (in && sbx__set_put(run, out, item) < 0))
			return SBX_GEN_ERROR;
		sbx_gen_drop(run, item);
	}
	sbx_gen_drop(run, iterator);
	return out;
}

sbx_value sbx__dict_view_binary(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	sbx_value left, right, out;
	if (op == SBX_BINARY_AND) {
		/* Of two equal keys the one that is gone through is kept: that of CPython's choice. */
		if (!SBX_IS(a, DICT_VIEW) || !is_set_like(a))
			return sbx__dict_view_binary(run, op, b, a);
		if (SBX_IS(b, SET) && length_of(a) <= length_of(b))
			return sbx__set_intersection(run, b, a);
		if (SBX_IS(b, DICT_VIEW) && is_set_like(b) && length_of(b) > length_of(a))
			return intersection(run, b, a);
		return intersection(run, a, b);
	}
	left = sbx__set_from(run, a, false);
	if (sbx__is_error(left))
		return left;
	right = SBX_IS_SET(b) ? sbx_gen_copy(b) : sbx__set_from(run, b, false);
	if (sbx__is_error(right))
		return right;
	out = sbx__set_binary(run, op, left, right);
	sbx_gen_drop(run, left);
	sbx_gen_drop(run, right);
	return out;
}

SBX_DECLARE_METHOD(sbx__dict_view_isdisjoint)

sbx_value sbx__dict_view_isdisjoint(sbx_run *run, sbx_value self, uint32_t count,
									const sbx_value *args, sbx_value names)
{
	sbx_value iterator, item;
	int in;
	(void)count, (void)names;
	if (DICT_VIEW(self)->head.bits == VIEW_VALUES)
		return sbx_gen_get_attribute(run, self, "isdisjoint");
	iterator = sbx_gen_iter(run, args[0]);
	if (sbx__is_error(iterator))
		return iterator;
	do {
		in = next_in(run, self, iterator, &item);
		sbx_gen_drop(run, item);
	} while (!in && !SBX_IS(item, DONE));
	sbx_gen_drop(run, iterator);
	return in < 0 ? SBX_GEN_ERROR : sbx_gen_bool(!in);
}
