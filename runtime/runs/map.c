/*
 * flyte_map: many calls of one task, pending together.
 *
 * The arguments are zipped and checked when the map begins: a call whose arguments do not fit has failed by then, and is
 * never handed out. `concurrency` bounds how many calls are handed out and not answered. Where failures are values they
 * stand in the result in their place. Where they raise, the failure of the lowest index wins whatever the order of the
 * answers: calls after it are no longer wanted, calls before it are still waited for, since one of them may fail too.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "run.h"

enum { LISTS_MAX = 255 };

/* ---- the lists ---- */

static int check_count(sbx_run *run, uint64_t count)
{
	if (count > 0 && count <= LISTS_MAX)
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "flyte_map() needs 1 to %d iterables, got %llu", LISTS_MAX,
			   (unsigned long long)count);
	return -1;
}

/* A tuple of `count` empty lists. */
static sbx_value empty_lists(sbx_run *run, uint64_t count)
{
	sbx_value lists[LISTS_MAX];
	for (uint64_t i = 0; i < count; i++) {
		lists[i] = sbx_gen_list_make(run, 0, NULL);
		if (!lists[i].tag)
			return SBX_GEN_ERROR;
	}
	return sbx_gen_tuple_make(run, count, lists);
}

/* One item of each iterator into each list. 1, 0 if one has no more, -1 raised. */
static int take_row(sbx_run *run, const sbx_value *iterators, const sbx_gen_tuple *lists)
{
	for (uint64_t i = 0; i < lists->length; i++) {
		sbx_value item = sbx_gen_next_native(run, iterators[i]);
		if (!item.tag)
			return -1;
		if (item.tag != SBX_KIND_DONE) {
			if (sbx_gen_list_append(run, lists->items[i], item))
				return -1;
			continue;
		}
		while (i-- > 0) {
			sbx_gen_list *list = lists->items[i].u.p;
			sbx_gen_drop(run, list->items[--list->length]);
		}
		return 0;
	}
	return sbx__spend(run, lists->length) ? -1 : 1;
}

sbx_value sbx_gen_map_lists(sbx_run *run, sbx_value iterables)
{
	const sbx_gen_list *list = iterables.u.p;
	sbx_value iterators[LISTS_MAX], lists;
	int taken = 1;
	if (check_count(run, list->length))
		return SBX_GEN_ERROR;
	for (uint64_t i = 0; i < list->length; i++) {
		iterators[i] = sbx_gen_iter(run, list->items[i]);
		if (!iterators[i].tag)
			return SBX_GEN_ERROR;
	}
	lists = empty_lists(run, list->length);
	while (lists.tag && taken > 0)
		taken = take_row(run, iterators, lists.u.p);
	for (uint64_t i = 0; i < list->length; i++)
		sbx_gen_drop(run, iterators[i]);
	return taken < 0 ? SBX_GEN_ERROR : lists;
}

sbx_value sbx_gen_map_columns(sbx_run *run, sbx_value rows, sbx_value iterables)
{
	const sbx_gen_list *from = rows.u.p;
	uint64_t count = sbx_count(iterables);
	sbx_value lists;
	if (check_count(run, count))
		return SBX_GEN_ERROR;
	lists = empty_lists(run, count);
	for (uint64_t i = 0; lists.tag && i < from->length; i++) {
		const sbx_gen_tuple *row = from->items[i].u.p;
		if (sbx__spend(run, count))
			return SBX_GEN_ERROR;
		if (SBX_GEN_KIND(from->items[i]) != SBX_KIND_TUPLE || row->length != count) /* forged */
			return sbx__raise(run, SBX_TYPE_SystemError, "no rows of %llu items",
							  (unsigned long long)count);
		for (uint64_t k = 0; k < count; k++)
			if (sbx_gen_list_append(run, ((const sbx_gen_tuple *)lists.u.p)->items[k],
									sbx_gen_copy(row->items[k])))
				return SBX_GEN_ERROR;
	}
	return lists;
}

/* ---- ending ---- */

static void free_args(sbx_run *run, MapCall *map)
{
	uint32_t params = map->task->param_count;
	for (uint64_t i = 0; i < map->count; i++)
		if (map->calls[i].state != CALL_ANSWERED)
			for (uint32_t k = 0; k < params; k++)
				sbx_gen_drop(run, map->calls[i].args[k]);
	sbx__free(run, map->args, map->count * (params + !params) * sizeof *map->args);
	map->args = NULL;
}

/* A host may still name a call that it has answered, and read the arguments of one that is no longer wanted while it
 * cancels it: they go when the next map begins, or with the heap. */
static void free_spent(Run *run)
{
	MapCall *map = run->extra->spent_map;
	run->extra->spent_map = NULL;
	if (!map)
		return;
	if (map->args)
		free_args(&run->heap.head, map);
	sbx__free(&run->heap.head, map->calls, map->count * sizeof *map->calls);
	sbx__free(&run->heap.head, map, sizeof *map);
}

/* All that is needed has come: the list, or the failure that counts. */
static void wake(Run *run, MapCall *map, sbx_value value)
{
	sbx_run *head = &run->heap.head;
	run->extra->map = NULL;
	run->extra->spent_map = map;
	head->value = value;
	for (uint64_t i = 0; i < map->count; i++)
		sbx_gen_drop(head, map->results[i]);
	sbx__free(head, map->results, map->count * sizeof *map->results);
	if (map->first_open == map->count)
		free_args(head, map);
}

static sbx_value list_of(sbx_run *run, MapCall *map)
{
	sbx_value list = sbx_gen_list_make(run, map->count, map->results);
	for (uint64_t i = 0; i < map->count; i++)
		map->results[i].tag = 0; /* taken */
	return list;
}

/* All that is wanted has been answered. */
static void end_map(Run *run, MapCall *map)
{
	sbx_run *head = &run->heap.head;
	if (map->failed < map->count) {
		sbx__exception_set(head, sbx_gen_copy(map->results[map->failed]), SBX_E_RAISED);
		wake(run, map, SBX_GEN_ERROR);
	} else {
		wake(run, map, list_of(head, map));
	}
}

/* ---- beginning ---- */

static void *take(sbx_run *run, uint64_t count, size_t size)
{
	void *block;
	if (count > UINT32_MAX || sbx__reserve(run, count * size))
		return NULL;
	block = sbx__alloc(run, count * size);
	if (block)
		memset(block, 0, count * size);
	return block;
}

int sbx__map_bind(sbx_run *run, const sbx_gen_task *task, const sbx_gen_tuple *lists,
				  uint64_t index, sbx_value *bound)
{
	sbx_value items[LISTS_MAX];
	uint32_t count = (uint32_t)lists->length;
	for (uint32_t i = 0; i < count; i++) {
		if (index >= ((const sbx_gen_list *)lists->items[i].u.p)->length)
			return sbx__raise(run, SBX_TYPE_RuntimeError, "flyte_map() list changed its length"),
				   -1;
		items[i] = sbx_gen_copy(((const sbx_gen_list *)lists->items[i].u.p)->items[index]);
	}
	return sbx__bind_parameters(run, task->function, task->params, task->param_count, count, items,
								SBX_GEN_NONE, bound);
}

/* The arguments of call `index`: one item of each list. 0, or -1 raised. */
static int fill(sbx_run *run, MapCall *map, const sbx_gen_tuple *lists, uint64_t index)
{
	struct sbx_call *call = &map->calls[index];
	sbx_value bound[LISTS_MAX];
	if (sbx__map_bind(run, map->task, lists, index, bound))
		return -1;
	call->task = map->task;
	call->run = RUN(run);
	call->args = map->args + index * map->task->param_count;
	call->id = map->first_id + index;
	call->state = CALL_READY;
	return sbx__call_arguments(run, map->task, bound, call->args) < 0 ? -1 : 0;
}

/* The arguments of call `index` do not fit: that is its failure. What they held goes with the heap. 0, or -1: a limit. */
static int fail_unasked(Run *run, MapCall *map, uint64_t index)
{
	if (run->failure != SBX_E_RAISED)
		return -1;
	map->calls[index].state = CALL_ANSWERED;
	map->results[index] = sbx__exception_take(&run->heap.head);
	if (map->return_exceptions)
		return 0;
	map->failed = index;
	for (uint64_t i = index + 1; i < map->count; i++) { /* no one wants them */
		map->calls[i] = (struct sbx_call){.state = CALL_ANSWERED, .id = map->first_id + i};
		map->results[i] = SBX_GEN_NONE;
	}
	return 0;
}

/* The arguments of all calls that can be wanted. 0, or -1 raised. */
static int fill_all(Run *run, MapCall *map, const sbx_gen_tuple *lists, uint32_t site)
{
	for (uint64_t i = 0; i < map->failed; i++) {
		if (sbx__spend(&run->heap.head, 8))
			return -1;
		if (fill(&run->heap.head, map, lists, i) && fail_unasked(run, map, i))
			return -1;
		map->calls[i].site = site;
	}
	while (map->first_open < map->count && map->calls[map->first_open].state == CALL_ANSWERED)
		map->first_open++;
	return 0;
}

/* Are they lists? Only a forged snapshot can bring others. */
static bool are_lists(const sbx_gen_tuple *lists)
{
	for (uint64_t i = 0; i < lists->length; i++)
		if (SBX_GEN_KIND(lists->items[i]) != SBX_KIND_LIST)
			return false;
	return true;
}

/* How many calls: the shortest list decides. */
static uint64_t count_of(const sbx_gen_tuple *lists)
{
	uint64_t count = lists->length ? UINT64_MAX : 0;
	for (uint64_t i = 0; i < lists->length; i++) {
		uint64_t length = ((const sbx_gen_list *)lists->items[i].u.p)->length;
		count = length < count ? length : count;
	}
	return count;
}

static int options_of(sbx_run *run, sbx_value concurrency, sbx_value group_name,
					  sbx_value return_exceptions, MapCall *map)
{
	int truth = 1;
	if (concurrency.tag && concurrency.tag != SBX_KIND_NONE) {
		if (concurrency.tag != SBX_KIND_INT && concurrency.tag != SBX_KIND_BOOL)
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "flyte_map() argument 'concurrency': expected int, got %T",
							  concurrency),
				   -1;
		if (concurrency.u.i < 0)
			return sbx__raise(run, SBX_TYPE_ValueError,
							  "flyte_map() argument 'concurrency' must not be negative"),
				   -1;
		map->concurrency = (uint64_t)concurrency.u.i;
	}
	if (group_name.tag && group_name.tag != SBX_KIND_NONE &&
		SBX_GEN_KIND(group_name) != SBX_KIND_STR)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "flyte_map() argument 'group_name': expected str, got %T", group_name),
			   -1;
	if (return_exceptions.tag)
		truth = sbx_gen_truth(run, return_exceptions);
	map->return_exceptions = truth != 0;
	return truth < 0 ? -1 : 0;
}

int sbx_gen_map_begin(sbx_run *head, const sbx_gen_task *task, uint32_t site, sbx_value iterables,
					  sbx_value concurrency, sbx_value group_name, sbx_value return_exceptions)
{
	Run *run = RUN(head);
	const sbx_gen_tuple *lists = iterables.u.p;
	MapCall *map = take(head, 1, sizeof *map);
	if (!map || !sbx__run_extra(run))
		return map ? (sbx__raise_memory(head), -1) : -1;
	free_spent(run);
	if (options_of(head, concurrency, group_name, return_exceptions, map))
		return -1;
	if (check_count(head, lists->length))
		return -1;
	if (task->param_count > LISTS_MAX)
		return sbx__raise(head, SBX_TYPE_TypeError, "flyte_map() needs 1 to %d iterables, got %llu",
						  LISTS_MAX, (unsigned long long)lists->length),
			   -1;
	if (!are_lists(lists))
		return sbx__raise(head, SBX_TYPE_TypeError, "flyte_map() needs lists"), -1;
	if (task->is_orchestrator) {
		bool return_failures = map->return_exceptions;
		sbx__free(head, map, sizeof *map);
		return sbx__map_entries(head, task, lists, count_of(lists), return_failures);
	}
	map->task = task;
	map->count = map->failed = count_of(lists);
	map->first_id = run->call.id + 1;
	run->suspended_depth = head->depth;
	if (map->count == 0) {
		head->value = sbx_gen_list_make(head, 0, NULL);
		run->flags |= RUN_ANSWERED;
		sbx__free(head, map, sizeof *map);
		return head->value.tag ? 0 : -1;
	}
	map->calls = take(head, map->count, sizeof *map->calls);
	map->results = map->calls ? take(head, map->count, sizeof *map->results) : NULL;
	map->args = map->results ? take(head, map->count,
									(task->param_count + !task->param_count) * sizeof *map->args)
							 : NULL;
	if (!map->args)
		return -1;
	if (fill_all(run, map, lists, site))
		return -1;
	run->call.id += map->count;
	run->extra->map = map;
	if (map->first_open < map->failed)
		return 0;
	end_map(run, map);
	if (!head->value.tag)
		return -1;
	run->flags |= RUN_ANSWERED;
	return 0;
}

/* ---- handing out ---- */

const struct sbx_call *sbx__map_next(Run *run)
{
	MapCall *map = run->extra->map;
	struct sbx_call *call;
	while (map->next < map->failed &&
		   map->calls[map->next].state != CALL_READY) /* answered before it was asked for */
		map->next++;
	if (map->next >= map->failed || (map->concurrency && map->out >= map->concurrency))
		return NULL;
	call = &map->calls[map->next++];
	call->state = CALL_OUT;
	map->out++;
	return call;
}

struct sbx_call *sbx__map_find(Run *run, uint64_t id)
{
	MapCall *map = run->extra->map;
	uint64_t index = id - map->first_id;
	if (index >= map->failed || map->calls[index].state == CALL_ANSWERED)
		return NULL;
	return &map->calls[index];
}

void sbx__map_take_back(MapCall *map)
{
	for (uint64_t i = map->first_open; i < map->count; i++)
		if (map->calls[i].state == CALL_OUT)
			map->calls[i].state = CALL_READY;
	map->next = map->first_open;
	map->out = 0;
}

/* ---- answering ---- */

void sbx__map_answer(Run *run, struct sbx_call *call, sbx_value result)
{
	sbx_run *head = &run->heap.head;
	MapCall *map = run->extra->map;
	uint64_t index = call->id - map->first_id;
	if (!result.tag &&
		run->failure != SBX_E_RAISED) { /* a limit of the run itself: nothing can hold that */
		wake(run, map, SBX_GEN_ERROR);
		run->status = SBX_RUNNING;
		return;
	}
	for (uint32_t k = 0; k < map->task->param_count; k++)
		sbx_gen_drop(head, call->args[k]);
	if (call->state == CALL_OUT)
		map->out--;
	call->state = CALL_ANSWERED;
	while (map->first_open < map->count && map->calls[map->first_open].state == CALL_ANSWERED)
		map->first_open++;
	if (!result.tag && !map->return_exceptions) {
		map->results[index] = sbx__exception_take(head);
		map->failed = index;
	} else {
		map->results[index] = result.tag ? result : sbx__exception_take(head);
	}
	if (map->first_open < map->failed)
		return;
	end_map(run, map);
	run->status = SBX_RUNNING;
}
