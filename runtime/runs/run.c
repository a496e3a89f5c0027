/*
 * Runs: opening, stepping, ending.
 *
 * A step either calls the entry's function for the first time or resumes the chain of suspended frames, innermost
 * first: each frame that returns hands its value to the next one outwards. It stops when a function suspends (the
 * frames it passes through have linked themselves), when the outermost one returns, or when one raises.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum {
	BLOCK = 472, /* bytes of a run with the first chunk of its heap */
	HEAP_BLOCK = 2048,
	SAMPLED =
		128 /* one step in 256 is measured: the one with this low byte of the last call's id */
};

/* ---- opening ---- */

RunExtra *sbx__run_extra(Run *run)
{
	if (!run->extra)
		run->extra = calloc(1, sizeof *run->extra);
	if (!run->extra)
		run->heap.flags |= HEAP_SYSTEM_FULL;
	return run->extra;
}

static Run *block_make(const sbx_entry *entry, size_t size)
{
	Run *run = malloc(size);
	if (!run)
		return NULL;
	memset(run, 0, sizeof *run);
	sbx__heap_init(&run->heap, 0, run + 1, size - sizeof *run);
	run->heap.used = run->heap.peak = size;
	run->entry = entry;
	run->call.run = run;
	run->call.args = run->args;
	run->status = SBX_RUNNING;
	run->flags = RUN_FRESH;
	return run;
}

sbx_status sbx_heap_open(uint64_t max_bytes, sbx_heap **heap)
{
	Run *run = block_make(NULL, HEAP_BLOCK);
	*heap = run ? &run->heap.head : NULL;
	if (!run)
		return SBX_E_NO_MEMORY;
	sbx__limits_open(run, NULL);
	run->heap.limit = max_bytes;
	run->heap.flags |= HEAP_OF_HOST;
	return SBX_DONE;
}

void sbx_heap_close(sbx_heap *heap)
{
	sbx_run_free(heap);
}

/* The structure of this version is the first one. Of a later one's fields none may be set. */
static bool options_are_valid(const sbx_run_options *options)
{
	const char *bytes = (const char *)options;
	if (!options || options->size == sizeof *options)
		return true;
	if (options->size < sizeof *options)
		return false;
	for (size_t i = sizeof *options; i < options->size; i++)
		if (bytes[i])
			return false;
	return true;
}

sbx_status sbx__run_make(const sbx_entry *entry, const sbx_run_options *options, Run **run)
{
	*run = NULL;
	if (!entry || !options_are_valid(options))
		return SBX_E_ARGUMENT;
	if (entry->program->abi != SBX_ABI)
		return SBX_E_ABI;
	*run = block_make(entry, BLOCK);
	if (!*run)
		return SBX_E_NO_MEMORY;
	if (options && (options->print || options->max_steps || options->interrupted)) {
		RunExtra *extra = sbx__run_extra(*run);
		if (!extra) {
			free(*run);
			*run = NULL;
			return SBX_E_NO_MEMORY;
		}
		extra->print = options->print;
		extra->print_context = options->context;
		extra->interrupted = options->interrupted;
		extra->max_steps = options->max_steps;
	}
	sbx__limits_open(*run, options);
	return SBX_DONE;
}

void sbx_run_free(sbx_run *head)
{
	Run *run = RUN(head);
	RunExtra *extra;
	if (!run)
		return;
	extra = run->extra;
	if (extra) {
		free(extra->notes);
		free(extra);
	}
	sbx__heap_fini(&run->heap);
	free(run);
}

/* ---- stepping ---- */

static sbx_status fail(Run *run)
{
	run->heap.head.depth = 0;
	run->heap.head.top = NULL;
	sbx__calls_end(run);
	sbx__limits_grace(run);
	if (sbx__run_extra(run))
		run->extra->raised = sbx__exception_take(&run->heap.head);
	run->status = run->failure;
	return (sbx_status)run->status;
}

static sbx_status finish(Run *run, sbx_value v)
{
	const sbx_gen_type *type = run->entry->result;
	if (!sbx__fits_at_once(type, v)) {
		sbx_value fitting;
		if (sbx__entry_fit(&run->heap.head, run->entry, type, v, &fitting, NULL))
			return fail(run);
		sbx_gen_drop(&run->heap.head, v);
		v = fitting;
	}
	run->heap.head.value = v;
	run->status = SBX_DONE;
	return SBX_DONE;
}

static inline sbx_value resume_one(sbx_run *head, sbx_gen_frame *frame)
{
	head->link = &head->top;
	return frame->function->resume(head, frame);
}

/* `frame` has returned v, or suspended again: goes on with its parent, until the end of the step. */
RARE static sbx_status resumed(Run *run, sbx_gen_frame *frame, sbx_gen_frame *parent, sbx_value v)
{
	sbx_run *head = &run->heap.head;
	for (;;) {
		if (v.tag == SBX_KIND_SUSPEND) {
			*head->link = parent;
			if (SBX_GEN_LIKELY(!(run->flags & RUN_ANSWERED)))
				return SBX_WAITING;
			run->flags &= ~(uint32_t)RUN_ANSWERED;
			head->depth = run->suspended_depth;
		} else {
			head->top = parent;
			if (SBX_GEN_UNLIKELY(!v.tag)) {
				frame = sbx__map_catch(run, parent);
				if (!frame)
					return fail(run);
				parent = frame->parent;
				v = resume_one(head, frame);
				continue;
			}
			if (frame->function->flags & SBX_FUNCTION_GENERATOR)
				sbx__generator_gave(head, frame, v);
			else
				sbx__free(head, frame, frame->function->frame_size);
			if (!parent)
				return finish(run, v);
			head->value = v;
		}
		frame = head->top;
		parent = frame->parent;
		v = resume_one(head, frame);
	}
}

/* Resumes frame after frame. */
static inline sbx_status resume_chain(Run *run)
{
	sbx_run *head = &run->heap.head;
	sbx_gen_frame *frame = head->top, *parent;
	sbx_value v;
	head->depth = run->suspended_depth;
	if (SBX_GEN_UNLIKELY(!head->value.tag)) {
		frame = sbx__map_catch(run, frame);
		if (!frame)
			return fail(run);
	}
	parent = frame->parent;
	v = resume_one(head, frame);
	if (SBX_GEN_LIKELY(v.tag == SBX_KIND_SUSPEND && !run->flags)) {
		*head->link = parent;
		return SBX_WAITING;
	}
	return resumed(run, frame, parent, v);
}

static sbx_status start(Run *run)
{
	sbx_run *head = &run->heap.head;
	const sbx_gen_function *function = run->entry->main;
	sbx_value v, *inputs = run->call.args;
	run->flags &= ~(uint32_t)RUN_FRESH;
	head->link = &head->top;
	run->call.args = run->args; /* the program's first call may bring its own */
	if (run->heap.limit && run->heap.used > run->heap.limit) { /* by the block of the run itself */
		sbx__raise_memory(head);
		return fail(run);
	}
	v = function->call(head, SBX_GEN_ERROR, inputs);
	if (inputs != run->args)
		sbx__free(head, inputs, run->entry->input_count * sizeof *inputs);
	if (v.tag == SBX_KIND_SUSPEND) {
		*head->link = NULL;
		if (!(run->flags & RUN_ANSWERED))
			return SBX_WAITING;
		run->flags &= ~(uint32_t)RUN_ANSWERED;
		return resume_chain(run);
	}
	return v.tag ? finish(run, v) : fail(run);
}

/* The step has something rare about it: it is the first, or measured, or the run is not to be stepped. */
RARE static sbx_status step_rarely(Run *run)
{
	sbx_run *head = &run->heap.head;
	sbx_status status;
	char here;
	if (run->status != SBX_RUNNING || !run->entry)
		return (sbx_status)run->status;
	head->stack_limit = (char *)((uintptr_t)&here - run->stack_bytes);
	if ((uint8_t)run->call.id == SAMPLED)
		sbx__limits_sample(run);
	status = run->flags & RUN_FRESH ? start(run) : resume_chain(run);
	if (run->flags & RUN_SAMPLED)
		sbx__limits_sample_end(run);
	run->flags &= ~(uint32_t)RUN_TIMED;
	head->stack_limit = NULL;
	run->status = (int16_t)status;
	return status;
}

sbx_status sbx_run_step(sbx_run *head)
{
	Run *run = RUN(head);
	char here;
	sbx_status status;
	if (SBX_GEN_UNLIKELY(run->status != SBX_RUNNING || run->flags ||
						 (uint8_t)run->call.id == SAMPLED))
		return step_rarely(run);
	head->stack_limit = (char *)((uintptr_t)&here - run->stack_bytes);
	status = resume_chain(run);
	head->stack_limit = NULL;
	run->status = (int16_t)status;
	if (SBX_GEN_UNLIKELY(run->flags))
		run->flags &= ~(uint32_t)RUN_TIMED;
	return status;
}

/* ---- what a run tells ---- */

sbx_status sbx_run_status(const sbx_run *run)
{
	return (sbx_status)((const Run *)run)->status;
}

sbx_value sbx_run_result(const sbx_run *head)
{
	const Run *run = (const Run *)head;
	return run->status == SBX_DONE ? head->value : SBX_GEN_ERROR;
}

void sbx_run_usage(const sbx_run *head, sbx_usage *usage)
{
	const Run *run = (const Run *)head;
	sbx_usage all = {sizeof all,     run->heap.used,
					 run->heap.peak, sbx__limits_steps(run),
					 run->call.id,   sbx__limits_nanoseconds(run)};
	size_t size = usage->size < sizeof all ? usage->size : sizeof all;
	memcpy((char *)usage + sizeof usage->size, (const char *)&all + sizeof all.size,
		   size > sizeof all.size ? size - sizeof all.size : 0);
}

const char *sbx__module_name(const sbx_run *head)
{
	const sbx_entry *entry = ((const Run *)head)->entry;
	return entry && entry->program ? entry->program->module : NULL;
}

void sbx__print(sbx_run *head, const char *utf8, size_t length)
{
	const RunExtra *extra = RUN(head)->extra;
	if (extra && extra->print)
		extra->print(extra->print_context, utf8, length);
}

const char *sbx_version(void)
{
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
	return TEXT(SBX_VERSION_MAJOR) "." TEXT(SBX_VERSION_MINOR) "." TEXT(SBX_VERSION_PATCH);
}

const char *sbx_status_text(sbx_status status)
{
	switch (status) {
#define STATUS_TEXT(name, number, text) \
	case name: \
		return text;
		SBX_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
	}
	return "unknown status";
}
