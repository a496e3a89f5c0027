/*
 * Tracebacks: their frames, and what the host asks for after a failure.
 *
 * While an exception leaves, each function notes where it stood (sbx_gen_unwind), innermost first; the frames that were
 * suspended are noted from their chain. Text is made only when the host asks for it, outside the run's limit, in the
 * form of CPython 3.11.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "../values/units.h"
#include "run.h"
#include "traceback.h"

enum { FRAMES_MAX = 1000, REPEATS_SHOWN = 3 };
#define TEXT_RESERVE (8u << 20)

/* ---- noting ---- */

static void note(Run *run, const sbx_gen_function *function, uint32_t site)
{
	RunExtra *extra = sbx__run_extra(run);
	TraceNote *last;
	if (!extra || !function->name ||
		!function->sites[site].line) /* line 0: what has no source text */
		return;
	last = extra->note_count ? &extra->notes[extra->note_count - 1] : NULL;
	if (last && last->function == function && last->site == site) {
		last->count++;
		return;
	}
	if (extra->note_count == extra->note_capacity) {
		uint32_t capacity = extra->note_capacity ? extra->note_capacity * 2 : 16;
		TraceNote *notes = realloc(extra->notes, capacity * sizeof *notes);
		if (!notes)
			return; /* a shorter traceback */
		extra->notes = notes;
		extra->note_capacity = capacity;
	}
	extra->notes[extra->note_count++] = (TraceNote){function, site, 1};
}

sbx_value sbx_gen_unwind(sbx_run *run, const sbx_gen_function *function, uint32_t site)
{
	note(RUN(run), function, site);
	return SBX_GEN_ERROR;
}

void sbx__trace_chain(Run *run, sbx_gen_frame *from, const sbx_gen_frame *end)
{
	for (; from != end; from = from->parent)
		note(run, from->function, from->site);
}

/* ---- frames ---- */

typedef struct Trace {
	TextBuffer *text;
	const sbx_gen_program *program;
	uint64_t skip; /* frames left out at the outer end */
	uint32_t last_file, last_line, repeats;
	const char *last_name;
} Trace;

static void end_repeats(Trace *trace)
{
	if (trace->repeats > REPEATS_SHOWN) {
		sbx_value count =
			sbx_gen_to_str(trace->text->run, sbx_gen_int(trace->repeats - REPEATS_SHOWN));
		sbx__text_ascii(trace->text, "  [Previous line repeated ");
		if (count.tag)
			sbx__text_str(trace->text, count);
		sbx__text_ascii(trace->text,
						trace->repeats - REPEATS_SHOWN > 1 ? " more times]\n" : " more time]\n");
		sbx_gen_drop(trace->text->run, count);
	}
	trace->repeats = 0;
}

static void add_frame(Trace *trace, const sbx_gen_function *function, const sbx_gen_site *site,
					  const char *name)
{
	TextBuffer *text = trace->text;
	const sbx_gen_source *source = &trace->program->sources[function->file];
	sbx_value line;
	if (trace->skip) {
		trace->skip--;
		return;
	}
	if (!trace->repeats || trace->last_file != function->file || trace->last_line != site->line ||
		strcmp(trace->last_name, name) != 0) {
		end_repeats(trace);
		trace->last_file = function->file;
		trace->last_line = site->line;
		trace->last_name = name;
	}
	if (++trace->repeats > REPEATS_SHOWN)
		return;
	sbx__text_ascii(text, "  File \"");
	sbx__text_utf8(text, source->path, strlen(source->path));
	sbx__text_ascii(text, "\", line ");
	line = sbx_gen_to_str(text->run, sbx_gen_int((int64_t)site->line + source->before));
	if (line.tag)
		sbx__text_str(text, line);
	sbx_gen_drop(text->run, line);
	sbx__text_ascii(text, ", in ");
	sbx__text_utf8(text, name, strlen(name));
	sbx__text_ascii(text, "\n");
	sbx__trace_line(text, source, site);
}

/* Comprehensions that were compiled in place are frames of their own, inside the function's. */
static void add_site(Trace *trace, const sbx_gen_function *function, const sbx_gen_site *site,
					 int depth)
{
	if (site->inlined && depth < 100)
		add_site(trace, function, &function->sites[site->outer], depth + 1);
	add_frame(trace, function, site, site->inlined ? site->inlined : function->name);
}

static uint64_t frames_of(const TraceNote *n)
{
	uint64_t frames = 1;
	const sbx_gen_site *site = &n->function->sites[n->site];
	for (int depth = 0; site->inlined && depth < 100; depth++, frames++)
		site = &n->function->sites[site->outer];
	return frames * n->count;
}

void sbx__trace_frames(TextBuffer *text, const Run *run)
{
	const RunExtra *extra = run->extra;
	Trace trace = {.text = text, .program = run->entry->program};
	uint64_t frames = 0;
	for (uint32_t i = 0; i < extra->note_count; i++)
		frames += frames_of(&extra->notes[i]);
	trace.skip = frames > FRAMES_MAX ? frames - FRAMES_MAX : 0;
	for (uint32_t i = extra->note_count; i-- > 0;)
		for (uint32_t k = 0; k < extra->notes[i].count; k++)
			add_site(&trace, extra->notes[i].function,
					 &extra->notes[i].function->sites[extra->notes[i].site], 0);
	end_repeats(&trace);
}

void sbx__trace_attach(Run *run, sbx_value exception)
{
	TextBuffer text;
	sbx_value str;
	ExceptionObject *object = exception.u.p;
	if (!run->extra || !(exception.tag & SBX_GEN_COUNTED))
		return;
	sbx__text_init(&text, &run->heap.head);
	sbx__trace_text(&text, run, exception);
	run->extra->note_count = 0;
	str = sbx__text_take(&text);
	if (!str.tag) { /* no memory for it: the exception goes on without */
		sbx_gen_drop(&run->heap.head, sbx__exception_take(&run->heap.head));
		return;
	}
	sbx_gen_drop(&run->heap.head, object->remote);
	sbx_gen_drop(&run->heap.head, object->cause); /* it is told in the text */
	object->remote = str;
	object->cause = SBX_GEN_NONE;
}

/* ---- what the host asks for ---- */

/* Memory and time for a text that the host asks for, beyond what limits are left. */
void sbx__trace_widen(Run *run)
{
	uint64_t over = run->heap.used > run->heap.limit ? run->heap.used - run->heap.limit : 0;
	if (run->heap.limit && run->heap.reserve < over + TEXT_RESERVE)
		run->heap.reserve = over + TEXT_RESERVE;
	if (run->flags & RUN_FAILING)
		run->grace = 0;
}

/* The exception of a failed run, or of the last failed call on a heap; tag 0: none. */
static sbx_value raised(const Run *run)
{
	return run->extra && run->extra->raised.tag ? run->extra->raised : run->heap.exception;
}

/* The text as a C string that stays, or NULL when there is no memory or no time even for that. */
static const char *keep(Run *run, TextBuffer *text)
{
	sbx_value str = sbx__text_take(text);
	return str.tag ? sbx__peek_spending(&run->heap.head, str) : NULL;
}

/* Making text may raise too: what the heap holds now is put aside meanwhile. */
static sbx_value hold(Run *run)
{
	sbx_value held = run->heap.exception;
	run->heap.exception.tag = 0;
	return held;
}

static void unhold(Run *run, sbx_value held)
{
	sbx_gen_drop(&run->heap.head, sbx__exception_take(&run->heap.head));
	run->heap.exception = held;
}

/* What a run tells that failed without an exception; NULL: it has one, or has not failed. */
static const char *plain_error(const Run *run)
{
	if (run->extra && run->extra->message)
		return run->extra->message;
	return raised(run).tag ? NULL : run->status < 0 ? sbx_status_text((sbx_status)run->status) : "";
}

/* The last line, in the time that there is. */
static const char *last_line(Run *run, RunExtra *extra)
{
	if (!extra->error_text || !run->entry) {
		sbx_value exception = raised(run), held = hold(run);
		TextBuffer text;
		sbx__text_init(&text, &run->heap.head);
		sbx__trace_last_line(&text, exception);
		extra->error_text = keep(run, &text);
		if (!extra->error_text)
			extra->error_text =
				sbx__type_names[((const ExceptionObject *)exception.u.p)->head.bits];
		unhold(run, held);
	}
	return extra->error_text;
}

/* A run that has not ended, of which a call has failed: the exception may still get frames, or be caught by a map, so its text is
   made anew each time and the limit stays what it is. */
static bool is_going(const Run *run)
{
	return run->entry && run->status >= 0;
}

const char *sbx_run_error_text(sbx_run *head)
{
	Run *run = RUN(head);
	const char *plain = plain_error(run);
	RunExtra *extra = sbx__run_extra(run);
	uint64_t reserve = run->heap.reserve;
	if (plain)
		return plain;
	if (!extra)
		return "MemoryError";
	if (is_going(run))
		extra->error_text = NULL;
	sbx__trace_widen(run);
	const char *text = last_line(run, extra);
	if (is_going(run)) {
		extra->error_text = NULL;
		run->heap.reserve = reserve;
	}
	return text;
}

const char *sbx_run_error_type(sbx_run *head)
{
	Run *run = RUN(head);
	const ExceptionObject *exception = raised(run).u.p;
	const char *name;
	if (!raised(run).tag)
		return run->status == SBX_E_INPUT ? "TypeError" : "";
	if (exception->type_name.tag == SBX_KIND_NONE)
		return sbx__type_names[exception->head.bits];
	sbx__trace_widen(run);
	name = sbx_peek_str(head, exception->type_name, NULL);
	return name ? name : "Exception";
}

const char *sbx_run_traceback(sbx_run *head)
{
	Run *run = RUN(head);
	const char *plain = plain_error(run);
	RunExtra *extra = sbx__run_extra(run);
	sbx_value exception = raised(run);
	TextBuffer text;
	if (plain)
		return plain;
	if (!extra || !run->entry || is_going(run)) /* it has no frames yet */
		return sbx_run_error_text(head);
	if (!extra->traceback) {
		sbx_value held = hold(run);
		sbx__trace_widen(run);
		sbx__text_init(&text, head);
		sbx__trace_text(&text, run, exception);
		extra->traceback = keep(run, &text);
		unhold(run, held);
		if (!extra->traceback)
			extra->traceback = last_line(run, extra);
	}
	return extra->traceback;
}
