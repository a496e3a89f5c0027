/*
 * Restoring a run from a snapshot: the head, the state, and the chain of frames, each checked against what the program says
 * about its functions.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snapshot_values.h"

#include <string.h>

enum { LISTS_MAX = 255 };

static bool refuse(Load *l)
{
	l->bad = true;
	return false;
}

/* ---- frames ---- */

typedef struct Chain {
	sbx_gen_frame **link; /* where the next frame outwards goes */
	const sbx_gen_frame *inner;
	uint32_t depth; /* Python functions so far, from the innermost on */
	bool inner_yields;
} Chain;

/* A frame of the program: does its point fit the frame inside it? */
static bool fits(Load *l, Chain *chain, const sbx_gen_point *point)
{
	bool waits_for_item = point->kind == SBX_POINT_NEXT;
	if (point->kind != SBX_POINT_CALL && !waits_for_item)
		return refuse(l);
	return waits_for_item == chain->inner_yields ? true : refuse(l);
}

static void link_frame(Chain *chain, sbx_gen_frame *frame, bool yields)
{
	*chain->link = frame;
	chain->link = &frame->parent;
	frame->parent = NULL;
	chain->inner = frame;
	chain->inner_yields = yields;
}

static sbx_gen_frame *make_frame(Load *l, const sbx_gen_function *function)
{
	sbx_gen_frame *frame = sbx_gen_frame_make(l->head, function);
	if (frame) {
		memset(frame, 0, function->frame_size);
		frame->function = function;
	}
	return frame;
}

static bool load_function_frame(Load *l, Chain *chain, uint64_t index)
{
	const sbx_gen_function *function;
	const sbx_gen_point *point;
	sbx_gen_frame *frame;
	SlotWalk walk;
	uint64_t state;
	if (index >= l->program->function_count)
		return refuse(l);
	function = l->program->functions[index];
	state = sbx__load_number(l);
	point = l->bad ? NULL : sbx__point_of(function, state);
	if (!point || function->flags & SBX_FUNCTION_GENERATOR || !function->resume)
		return refuse(l);
	if (!fits(l, chain, point))
		return false;
	frame = make_frame(l, function);
	if (!frame || !sbx__load_natives(l, function, point, frame))
		return false;
	sbx__slots_begin(&walk, function, point, frame);
	while (sbx__slots_next(&walk))
		if (walk.kind == 'v' && !sbx__load_value(l, walk.letter, function, walk.place))
			return false;
	frame->state = (uint32_t)state;
	frame->site = point->site;
	chain->depth++;
	link_frame(chain, frame, false);
	return true;
}

static bool load_generator_frame(Load *l, Chain *chain)
{
	GeneratorObject *generator;
	const sbx_gen_point *point;
	sbx_value v;
	if (!sbx__load_value(l, 'n', NULL, &v))
		return false;
	generator = v.u.p;
	if (SBX_GEN_KIND(v) != SBX_KIND_GENERATOR || generator->frame.parent != &generator->frame)
		return refuse(l); /* it waits for nothing, or is in the chain already */
	point = sbx__point_of(generator->frame.function, generator->frame.state);
	if (!point || !fits(l, chain, point))
		return refuse(l);
	l->waiting--;
	chain->depth++;
	link_frame(chain, &generator->frame, true);
	return true; /* with a reference too many: see settle */
}

static const sbx_gen_task *load_orchestrator(Load *l)
{
	const sbx_gen_task *task = sbx__load_task(l);
	if (task && task->entry)
		return task;
	refuse(l);
	return NULL;
}

static bool load_entry_frame(Load *l, Chain *chain)
{
	const sbx_gen_task *task = load_orchestrator(l);
	EntryFrame *frame = task ? (EntryFrame *)make_frame(l, &sbx__entry_frame_function) : NULL;
	if (!frame)
		return false;
	frame->task = task;
	link_frame(chain, &frame->head, false);
	frame->head.state = 1;
	return true;
}

static bool are_lists(const sbx_gen_tuple *lists, uint64_t *count)
{
	*count = UINT64_MAX;
	for (uint64_t i = 0; i < lists->length; i++) {
		const sbx_gen_list *list = lists->items[i].u.p;
		if (!SBX_IS(lists->items[i], LIST))
			return false;
		*count = list->length < *count ? list->length : *count;
	}
	return lists->length > 0 && lists->length <= LISTS_MAX;
}

static bool load_map_frame(Load *l, Chain *chain)
{
	const sbx_gen_task *task = load_orchestrator(l);
	EntryMap *frame = task ? (EntryMap *)make_frame(l, &sbx__entry_map_function) : NULL;
	uint64_t flags;
	if (!frame)
		return false;
	frame->task = task;
	frame->index = sbx__load_number(l);
	flags = sbx__load_index(l, 4);
	frame->return_exceptions = flags & 1;
	frame->has_caught = flags >> 1;
	if (l->bad || !sbx__load_value(l, 't', NULL, &frame->lists) ||
		!sbx__load_value(l, 'l', NULL, &frame->results))
		return false;
	if (!are_lists(frame->lists.u.p, &frame->count) || frame->index >= frame->count ||
		task->param_count > LISTS_MAX)
		return refuse(l);
	link_frame(chain, &frame->head, false);
	frame->head.state = 1;
	return true;
}

static bool load_frames(Load *l, Run *run)
{
	Chain chain = {.link = &run->heap.head.top};
	uint64_t count = sbx__load_number(l);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t kind = sbx__load_number(l);
		bool good = !l->bad;
		if (chain.inner_yields && kind != CHAIN_GENERATOR && kind < CHAIN_FUNCTION)
			return refuse(l);
		if (good)
			good = kind == CHAIN_ENTRY ? load_entry_frame(l, &chain)
				   : kind == CHAIN_MAP ? load_map_frame(l, &chain)
				   : kind == CHAIN_GENERATOR
					   ? load_generator_frame(l, &chain)
					   : load_function_frame(l, &chain, kind - CHAIN_FUNCTION);
		if (!good)
			return false;
	}
	run->suspended_depth = chain.depth;
	if (run->flags & RUN_FRESH)
		return count == 0 ? true : refuse(l);
	if (!chain.inner || chain.inner->function != run->entry->main || l->waiting)
		return refuse(l);
	return true;
}

/* What is known only of the whole chain. */
static bool settle(Load *l, Run *run)
{
	uint32_t depth = run->suspended_depth;
	for (sbx_gen_frame *f = run->heap.head.top; f; f = f->parent) {
		if (f->function == &sbx__entry_map_function) {
			((EntryMap *)f)->depth = depth; /* where an exception goes on */
			continue;
		}
		if (f->function == &sbx__entry_frame_function)
			continue;
		depth--;
		if (f->function->flags & SBX_FUNCTION_GENERATOR) {
			/* The chain holds no reference: its consumer does. */
			sbx_gen_head *head =
				(sbx_gen_head *)(void *)((char *)f - offsetof(GeneratorObject, frame));
			if (head->refs < 2)
				return refuse(l);
			head->refs--;
		}
	}
	return true;
}

/* ---- what the run waits for, or has got ---- */

/* The arguments of a task call: as it declares them. */
static bool load_arguments(Load *l, const sbx_gen_task *task, sbx_value *args, bool *owning)
{
	for (uint32_t i = 0; i < task->param_count; i++)
		args[i] = SBX_GEN_NONE;
	for (uint32_t i = 0; i < task->param_count; i++) {
		const sbx_gen_param *param = &task->params[i];
		bool may_lack =
			param->has_default || param->kind == SBX_PARAM_ARGS || param->kind == SBX_PARAM_KWARGS;
		sbx_value v, fitting;
		if (!sbx__load_value(l, may_lack ? 'V' : 'v', NULL, &v))
			return false;
		args[i] = v;
		if (v.tag && !sbx__fits_at_once(param->type, v)) {
			if (sbx__fit(l->head, param->type, false, v, &fitting, task->function, param->name))
				return RUN(l->head)->failure == SBX_E_RAISED ? refuse(l) : false;
			args[i] = fitting;
			sbx_gen_drop(l->head, v);
		}
		*owning |= (args[i].tag & SBX_GEN_COUNTED) != 0;
	}
	return true;
}

static bool load_call(Load *l, Run *run)
{
	const sbx_gen_task *task = sbx__load_task(l);
	struct sbx_call *call = &run->call;
	bool owning = false;
	uint64_t site = sbx__load_index(l, UINT32_MAX);
	if (!task || l->bad || task->is_orchestrator)
		return refuse(l);
	if (task->param_count > INLINE_ARGS) {
		call->args = sbx__alloc(l->head, task->param_count * sizeof *call->args);
		if (!call->args)
			return false;
	}
	if (!load_arguments(l, task, call->args, &owning))
		return false;
	call->task = task;
	call->site = (uint32_t)site;
	call->state = owning || call->args != run->args ? CALL_READY_OWNING : CALL_READY;
	run->status = SBX_WAITING;
	return true;
}

static bool load_map_call(Load *l, MapCall *map, uint64_t i, uint32_t site)
{
	struct sbx_call *call = &map->calls[i];
	bool owning = false;
	uint64_t answered = sbx__load_index(l, 2);
	call->task = map->task;
	call->run = RUN(l->head);
	call->args = map->args + i * map->task->param_count;
	call->id = map->first_id + i;
	call->site = site;
	call->state = answered ? CALL_ANSWERED : CALL_READY;
	if (l->bad)
		return false;
	if (answered)
		return sbx__load_value(l, 'v', NULL, &map->results[i]);
	return load_arguments(l, map->task, call->args, &owning);
}

static void *zeroed(Load *l, uint64_t count, size_t size)
{
	void *block = sbx__alloc(l->head, (size_t)count * size);
	if (block)
		memset(block, 0, (size_t)count * size);
	return block;
}

static bool load_map(Load *l, Run *run)
{
	const sbx_gen_task *task = sbx__load_task(l);
	uint64_t site = sbx__load_index(l, UINT32_MAX), count = sbx__load_number(l);
	RunExtra *extra = sbx__run_extra(run);
	MapCall *map;
	if (!task || l->bad || task->is_orchestrator || task->param_count > LISTS_MAX || count == 0 ||
		count > (uint64_t)(l->end - l->at) || count > UINT32_MAX || count > run->call.id)
		return refuse(l);
	map = zeroed(l, 1, sizeof *map);
	if (!map || !extra)
		return false;
	map->task = task;
	map->count = count;
	map->first_id = run->call.id + 1 - count;
	map->concurrency = sbx__load_number(l);
	map->failed = sbx__load_index(l, count + 1);
	map->return_exceptions = sbx__load_index(l, 2) != 0;
	map->calls = zeroed(l, count, sizeof *map->calls);
	map->results = map->calls ? zeroed(l, count, sizeof *map->results) : NULL;
	map->args = map->results
					? zeroed(l, count, (task->param_count + !task->param_count) * sizeof *map->args)
					: NULL;
	if (!map->args)
		return false;
	for (uint64_t i = 0; i < count; i++)
		if (!load_map_call(l, map, i, (uint32_t)site))
			return false;
	while (map->first_open < count && map->calls[map->first_open].state == CALL_ANSWERED)
		map->first_open++;
	if (map->first_open >= map->failed || /* then it would have ended */
		(map->failed < count && (map->calls[map->failed].state != CALL_ANSWERED ||
								 !SBX_IS(map->results[map->failed], EXCEPTION))))
		return refuse(l);
	extra->map = map;
	run->status = SBX_WAITING;
	return true;
}

static bool load_inputs(Load *l, Run *run)
{
	const sbx_entry *entry = run->entry;
	sbx_value *args = run->args;
	if (entry->input_count > INLINE_ARGS) {
		args = sbx__alloc(l->head, entry->input_count * sizeof *args);
		if (!args)
			return false;
	}
	for (uint32_t i = 0; i < entry->input_count; i++) {
		sbx_value v;
		if (!sbx__load_value(l, 'v', NULL, &v))
			return false;
		if (sbx__entry_fit(l->head, entry, entry->inputs[i].type, v, &args[i],
						   entry->inputs[i].name))
			return RUN(l->head)->failure == SBX_E_RAISED ? refuse(l) : false;
		sbx_gen_drop(l->head, v);
	}
	run->call.args = args;
	return true;
}

static bool load_exception(Load *l, Run *run)
{
	uint64_t failure = sbx__load_index(l, 64);
	sbx_value exception;
	if (l->bad || failure == 0 || !sbx__load_value(l, 'v', NULL, &exception))
		return refuse(l);
	if (!SBX_IS(exception, EXCEPTION))
		return refuse(l);
	run->heap.head.value = SBX_GEN_ERROR;
	run->heap.exception = exception;
	run->failure = (int16_t) - (int)failure;
	return true;
}

static bool load_state(Load *l, Run *run, uint64_t flags)
{
	run->flags &= ~(uint32_t)RUN_FRESH;
	switch (flags) {
	case STATE_FRESH:
		run->flags |= RUN_FRESH;
		return load_inputs(l, run);
	case STATE_CALL:
		return load_call(l, run);
	case STATE_MAP:
		return load_map(l, run);
	case STATE_VALUE:
		return sbx__load_value(l, 'v', NULL, &run->heap.head.value);
	case STATE_RAISED:
		return load_exception(l, run);
	default:
		return refuse(l);
	}
}

static bool load_run(Load *l, Run *run, uint64_t flags)
{
	bool good;
	run->call.id = sbx__load_number(l);
	l->steps = sbx__load_number(l);
	l->executed = sbx__load_number(l);
	good = !l->bad && load_state(l, run, flags) && load_frames(l, run);
	if (good && (l->bad || l->at != l->end))
		good = refuse(l);
	return good && settle(l, run);
}

/* ---- the whole ---- */

static sbx_status check_head(const sbx_entry *entry, const uint8_t *bytes, size_t length)
{
	uint64_t fingerprint = 0, sum = 0;
	if (length < SNAPSHOT_HEAD + SNAPSHOT_TAIL || memcmp(bytes, "SBX", 3) != 0)
		return SBX_E_DAMAGED;
	for (int i = 0; i < 8; i++) {
		fingerprint |= (uint64_t)bytes[4 + i] << 8 * i;
		sum |= (uint64_t)bytes[length - 8 + (size_t)i] << 8 * i;
	}
	if (sum != sbx__snapshot_sum(bytes, length - SNAPSHOT_TAIL))
		return SBX_E_DAMAGED;
	if (bytes[3] != SNAPSHOT_VERSION || fingerprint != entry->program->fingerprint)
		return SBX_E_PROGRAM;
	return SBX_DONE;
}

static void end(Load *l)
{
	if (l->levels != l->few_levels)
		sbx__free(l->head, l->levels, (size_t)l->level_count * sizeof *l->levels);
	if (l->marked != l->few_marked)
		sbx__free(l->head, l->marked, (size_t)l->marked_size * sizeof *l->marked);
}

sbx_status sbx_run_restore(const sbx_entry *entry, const void *bytes, size_t length,
						   const sbx_run_options *options, sbx_run **out)
{
	Load l;
	Run *run;
	sbx_status status;
	uint64_t index, flags;
	char here;
	*out = NULL;
	if (!entry || !bytes)
		return SBX_E_ARGUMENT;
	if (entry->program->abi != SBX_ABI)
		return SBX_E_ABI;
	status = check_head(entry, bytes, length);
	if (status)
		return status;
	l.program = entry->program;
	l.at = (const uint8_t *)bytes + SNAPSHOT_HEAD;
	l.end = (const uint8_t *)bytes + length - SNAPSHOT_TAIL;
	l.bad = false;
	l.levels = l.few_levels;
	l.level_count = LOAD_FEW_LEVELS;
	l.marked = l.few_marked;
	l.marked_size = LOAD_FEW_MARKED;
	l.depth = l.marked_count = l.waiting = 0;
	index = sbx__load_index(&l, entry->program->entry_count);
	flags = sbx__load_number(&l);
	if (l.bad)
		return SBX_E_DAMAGED;
	status = sbx__run_make(entry->program->entries[index], options, &run);
	if (status)
		return status;
	l.head = &run->heap.head;
	l.head->stack_limit = (char *)((uintptr_t)&here - run->stack_bytes);
	if (load_run(&l, run, flags)) {
		end(&l);
		run->steps = l.steps; /* reading counts for nothing */
		run->executed = l.executed;
		sbx__limits_open(run, options);
		l.head->stack_limit = NULL;
		*out = l.head;
		return SBX_DONE;
	}
	/* An exception that is no limit comes of what the bytes say: a key that cannot be hashed. */
	status = l.bad || run->failure == SBX_E_RAISED || !run->failure ? SBX_E_DAMAGED
																	: (sbx_status)run->failure;
	sbx_run_free(l.head);
	return status;
}

const sbx_entry *sbx_run_entry(const sbx_run *run)
{
	return ((const Run *)run)->entry;
}
