/*
 * flyte_map over an orchestrator.
 *
 * Orchestrators are compiled in, so that each item is a call within this run: one after another, in order, in a frame of
 * the runtime's own. Where failures are values this frame is where an exception stops: it becomes the item's result,
 * with its traceback as text. A limit of the run itself (memory, time) stops nowhere. Frames that the exception has left
 * keep what they hold until the run ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run.h"

/* The exception just raised, as a value; tag 0: it is not to be caught. */
static sbx_value catch_here(Run *run, const EntryMap *map)
{
	sbx_value exception;
	if (!map->return_exceptions || run->failure != SBX_E_RAISED)
		return SBX_GEN_ERROR;
	exception = sbx__exception_take(&run->heap.head);
	sbx__trace_attach(run, exception);
	run->heap.head.depth = map->depth;
	run->heap.repr_depth = 0; /* repr and == never call functions of the program */
	return exception;
}

/* The result of the item under way. 0, or -1 raised. */
static int take_item(sbx_run *run, EntryMap *map, sbx_value v)
{
	if (!v.tag) {
		v = catch_here(RUN(run), map);
		if (!v.tag)
			return -1;
	}
	map->index++;
	return sbx_gen_list_append(run, map->results, v);
}

/* Calls for the items that are left: the list of results, SBX_GEN_SUSPEND, or SBX_GEN_ERROR. */
static sbx_value go_on(sbx_run *run, EntryMap *map)
{
	while (map->index < map->count) {
		sbx_value bound[256], v = SBX_GEN_ERROR;
		if (!sbx__map_bind(run, map->task, map->lists.u.p, map->index, bound))
			v = sbx__entry_call(run, map->task->entry, bound);
		if (v.tag == SBX_KIND_SUSPEND) {
			sbx__link_native(run, &map->head);
			return v;
		}
		if (take_item(run, map, v))
			return SBX_GEN_ERROR;
	}
	sbx_gen_drop(run, map->lists);
	return map->results;
}

static sbx_value resume(sbx_run *run, sbx_gen_frame *frame)
{
	EntryMap *map = (EntryMap *)frame;
	sbx_value v = run->value;
	if (!map->has_caught)
		v = sbx__entry_take_result(run, map->task->entry, v);
	map->has_caught = false;
	return take_item(run, map, v) ? SBX_GEN_ERROR : go_on(run, map);
}

const sbx_gen_function sbx__entry_map_function = {.resume = resume, .frame_size = sizeof(EntryMap)};

sbx_gen_frame *sbx__map_catch(Run *run, sbx_gen_frame *from)
{
	for (sbx_gen_frame *frame = from; frame && run->failure == SBX_E_RAISED;
		 frame = frame->parent) {
		EntryMap *map = (EntryMap *)frame;
		if (frame->function != &sbx__entry_map_function || !map->return_exceptions)
			continue;
		sbx__trace_chain(run, from, frame);
		run->heap.head.value = catch_here(run, map);
		run->heap.head.top = frame;
		map->has_caught = true;
		return frame;
	}
	sbx__trace_chain(run, from, NULL);
	return NULL;
}

int sbx__map_entries(sbx_run *head, const sbx_gen_task *task, const sbx_gen_tuple *lists,
					 uint64_t count, bool return_exceptions)
{
	Run *run = RUN(head);
	const sbx_entry *entry = sbx__entry_of(head, task);
	EntryMap *map = entry ? (EntryMap *)sbx_gen_frame_make(head, &sbx__entry_map_function) : NULL;
	sbx_value v;
	if (!map)
		return -1;
	map->task = task;
	map->lists = sbx_gen_copy(sbx_gen_object(SBX_KIND_TUPLE | SBX_GEN_COUNTED, lists));
	map->results = sbx_gen_list_make(head, 0, NULL);
	map->count = count;
	map->index = 0;
	map->depth = head->depth;
	map->return_exceptions = return_exceptions;
	map->has_caught = false;
	v = map->results.tag ? go_on(head, map) : SBX_GEN_ERROR;
	if (v.tag == SBX_KIND_SUSPEND)
		return 0;
	sbx__free(head, map, sizeof *map);
	if (!v.tag)
		return -1;
	head->value = v;
	run->suspended_depth = head->depth;
	run->flags |= RUN_ANSWERED;
	return 0;
}
