/*
 * The methods of lists.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"
#include "methods.h"

#include <string.h>

#define LIST_METHOD(name) \
	sbx_value sbx__list_method_##name(sbx_run *run, sbx_value self, uint32_t count, \
									  const sbx_value *args, sbx_value names)
#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#include "list_methods.def"
#undef METHOD

LIST_METHOD(append)
{
	(void)count, (void)names;
	return sbx_gen_list_append(run, self, sbx_gen_copy(args[0])) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

LIST_METHOD(clear)
{
	sbx_gen_list *list = LIST(self);
	sbx_value *items = list->items;
	uint64_t length = list->length, capacity = list->capacity;
	(void)count, (void)args, (void)names;
	list->items = NULL;
	list->length = list->capacity = 0;
	for (uint64_t i = 0; i < length; i++)
		sbx_gen_drop(run, items[i]);
	sbx__free(run, items, capacity * sizeof *items);
	return sbx__spend(run, length) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

LIST_METHOD(copy)
{
	(void)count, (void)args, (void)names;
	return sbx__list_from(run, self);
}

LIST_METHOD(count)
{
	(void)count, (void)names;
	return sbx__items_count(run, LIST(self)->items, LIST(self)->length, args[0]);
}

LIST_METHOD(extend)
{
	(void)count, (void)names;
	return sbx__list_extend(run, self, args[0]) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

LIST_METHOD(index)
{
	sbx_value at = sbx__items_index(run, LIST(self)->items, LIST(self)->length, count, args);
	(void)names;
	if (SBX_IS(at, NONE))
		return sbx__raise(run, SBX_TYPE_ValueError, "%R is not in list", args[0]);
	return at;
}

LIST_METHOD(insert)
{
	sbx_gen_list *list = LIST(self);
	int64_t at, n = (int64_t)list->length;
	(void)count, (void)names;
	if (sbx__index_argument(run, args[0], &at) || sbx__list_reserve(run, self, 1))
		return SBX_GEN_ERROR;
	if (at < 0)
		at = at < -n ? 0 : at + n;
	if (at > n)
		at = n;
	memmove(list->items + at + 1, list->items + at, (size_t)(n - at) * sizeof *list->items);
	list->items[at] = sbx_gen_copy(args[1]);
	list->length++;
	return sbx__spend(run, (uint64_t)(n - at) / 4) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

/* Takes out the item at an index that is in range; its reference is the caller's. */
static sbx_value take_item(sbx_gen_list *list, uint64_t at)
{
	sbx_value item = list->items[at];
	list->length--;
	memmove(list->items + at, list->items + at + 1, (list->length - at) * sizeof *list->items);
	return item;
}

LIST_METHOD(pop)
{
	sbx_gen_list *list = LIST(self);
	int64_t at = -1;
	(void)names;
	if (count && sbx__index_argument(run, args[0], &at))
		return SBX_GEN_ERROR;
	if (list->length == 0)
		return sbx__raise(run, SBX_TYPE_IndexError, "pop from empty list");
	if (at < 0)
		at += (int64_t)list->length;
	if ((uint64_t)at >= list->length)
		return sbx__raise(run, SBX_TYPE_IndexError, "pop index out of range");
	if (sbx__spend(run, (list->length - (uint64_t)at) / 4))
		return SBX_GEN_ERROR;
	return take_item(list, (uint64_t)at);
}

LIST_METHOD(remove)
{
	sbx_value at = sbx__items_index(run, LIST(self)->items, LIST(self)->length, 1, args);
	(void)count, (void)names;
	if (sbx__is_error(at))
		return at;
	if (SBX_IS(at, NONE))
		return sbx__raise(run, SBX_TYPE_ValueError, "list.remove(x): x not in list");
	sbx_gen_drop(run, take_item(LIST(self), (uint64_t)at.u.i));
	return SBX_GEN_NONE;
}

LIST_METHOD(reverse)
{
	sbx_gen_list *list = LIST(self);
	(void)count, (void)args, (void)names;
	for (uint64_t i = 0; i < list->length / 2; i++) {
		sbx_value item = list->items[i];
		list->items[i] = list->items[list->length - 1 - i];
		list->items[list->length - 1 - i] = item;
	}
	return sbx__spend(run, list->length / 2) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}

LIST_METHOD(sort)
{
	int reverse = 0;
	(void)count, (void)names;
	if (args[0].tag && !SBX_IS(args[0], NONE))
		return sbx__raise(run, SBX_TYPE_TypeError, "list.sort() with a key is not native");
	if (args[1].tag && (reverse = sbx_gen_flag(run, args[1])) < 0)
		return SBX_GEN_ERROR;
	return sbx_gen_sort(run, self, SBX_GEN_NONE, reverse) ? SBX_GEN_ERROR : SBX_GEN_NONE;
}
