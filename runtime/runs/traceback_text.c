/*
 * The text of an exception with its causes, and of exception groups: what stands around the frames of a traceback.
 *
 * A group shows its exceptions as a tree whose lines have a margin, as traceback.TracebackException.format of CPython 3.11
 * writes it, with that one's bounds: 15 exceptions of a group, 10 groups inside one another. Every piece of text is put
 * out by begin and end, which put the margin in front of its lines.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../values/unicode.h"
#include "run.h"
#include "traceback.h"

enum { CAUSES_MAX = 64, GROUP_WIDTH = 15, GROUP_DEPTH = 10 };

typedef struct Page {
	TextBuffer *text;
	const Run *run;
	const ExceptionObject *raised; /* whose frames the run has noted */
	uint32_t depth;                /* of the margin; 0: none */
	bool must_close;               /* the innermost group at hand has not drawn its last line */
} Page;

static const ExceptionObject *exception_of(sbx_value v)
{
	return v.u.p;
}

/* ---- lines with a margin ---- */

/* Where a piece of text is to be written: the page itself where there is no margin. */
static TextBuffer *begin(const Page *page, TextBuffer *piece)
{
	if (!page->depth)
		return page->text;
	sbx__text_init(piece, page->text->run);
	return piece;
}

static void indent(const Page *page)
{
	sbx__text_repeat(page->text, ' ', 2 * (uint64_t)page->depth);
}

static void end(const Page *page, TextBuffer *piece, char margin)
{
	sbx_value str;
	bool at_start = true;
	if (!page->depth)
		return;
	str = sbx__text_take(piece);
	if (!str.tag) {
		page->text->failed = true;
		return;
	}
	for (uint64_t i = 0; i < STR(str)->length; i++) {
		uint32_t point = sbx__str_at(str, i);
		if (at_start) {
			indent(page);
			sbx__text_point(page->text, (unsigned char)margin);
			sbx__text_point(page->text, ' ');
		}
		sbx__text_point(page->text, point);
		at_start = sbx__is(point, UNICODE_LINE_END) &&
				   !(point == '\r' && i + 1 < STR(str)->length && sbx__str_at(str, i + 1) == '\n');
	}
	sbx_gen_drop(page->text->run, str);
}

/* ---- one exception ---- */

static void add_type(TextBuffer *text, const ExceptionObject *exception)
{
	if (exception->type_name.tag == SBX_KIND_NONE)
		sbx__text_ascii(text, sbx__type_names[exception->head.bits]);
	else
		sbx__text_str(text, exception->type_name);
}

void sbx__trace_last_line(TextBuffer *text, sbx_value exception)
{
	sbx_run *run = text->run;
	sbx_value str;
	add_type(text, exception_of(exception));
	if (sbx__is_syntax_error_without_text(run, exception)) {
		sbx__text_ascii(text, ": <no detail available>");
		return;
	}
	str = sbx__exception_str(run, exception);
	if (!str.tag) {
		sbx__trace_widen(RUN(run));
		sbx__text_ascii(text, ": <exception str() failed>");
	} else if (STR(str)->length) {
		sbx__text_ascii(text, ": ");
		sbx__text_str(text, str);
	}
	sbx_gen_drop(run, str);
}

static void add_last_line(Page *page, sbx_value exception)
{
	TextBuffer piece, *text = begin(page, &piece);
	sbx__trace_last_line(text, exception);
	sbx__text_ascii(text, "\n");
	end(page, &piece, '|');
}

static void add_separator(Page *page)
{
	TextBuffer piece, *text = begin(page, &piece);
	sbx__text_ascii(text,
					"\nThe above exception was the direct cause of the following exception:\n\n");
	end(page, &piece, '|');
}

/* The remote traceback of a task's exception. True: there is one. */
static bool add_remote(Page *page, const ExceptionObject *exception)
{
	TextBuffer piece, *text;
	sbx_value remote = exception->remote;
	if (SBX_GEN_KIND(remote) != SBX_KIND_STR || !STR(remote)->length)
		return false;
	text = begin(page, &piece);
	sbx__text_str(text, remote);
	if (sbx__str_at(remote, STR(remote)->length - 1) != '\n')
		sbx__text_ascii(text, "\n");
	end(page, &piece, '|');
	return true;
}

/* The frames under `head`; only the exception that ended the run has some. */
static void add_frames(Page *page, const ExceptionObject *exception, const char *head, char margin)
{
	TextBuffer piece, *text;
	if (exception != page->raised || !page->run->extra->note_count)
		return;
	text = begin(page, &piece);
	sbx__text_ascii(text, head);
	end(page, &piece, margin);
	text = begin(page, &piece);
	sbx__trace_frames(text, page->run);
	end(page, &piece, '|');
}

/* ---- groups ---- */

static const sbx_gen_tuple *exceptions_of(sbx_value v)
{
	const ExceptionObject *exception = exception_of(v);
	if (!sbx__is_subtype((int)exception->head.bits, SBX_TYPE_BaseExceptionGroup) ||
		SBX_GEN_KIND(exception->details) != SBX_KIND_TUPLE)
		return NULL;
	return exception->details.u.p;
}

static void add_number(TextBuffer *text, uint64_t number)
{
	sbx_value str = sbx_gen_to_str(text->run, sbx_gen_int((int64_t)number));
	if (str.tag)
		sbx__text_str(text, str);
	sbx_gen_drop(text->run, str);
}

/* The line above the i-th exception of a group; the one past GROUP_WIDTH stands for all that follow. */
static void add_title(Page *page, uint64_t i)
{
	indent(page);
	sbx__text_ascii(page->text, i ? "  +---------------- " : "+-+---------------- ");
	if (i < GROUP_WIDTH)
		add_number(page->text, i + 1);
	else
		sbx__text_ascii(page->text, "...");
	sbx__text_ascii(page->text, " ----------------\n");
}

static void add_rest(Page *page, uint64_t count)
{
	TextBuffer piece, *text = begin(page, &piece);
	sbx__text_ascii(text, "and ");
	add_number(text, count);
	sbx__text_ascii(text, count > 1 ? " more exceptions\n" : " more exception\n");
	end(page, &piece, '|');
}

static void add_exception(Page *page, sbx_value exception);

static void add_members(Page *page, const sbx_gen_tuple *members)
{
	uint64_t shown = members->length > GROUP_WIDTH ? GROUP_WIDTH + 1 : members->length;
	page->must_close = false;
	for (uint64_t i = 0; i < shown && !page->text->failed; i++) {
		if (i == shown - 1)
			page->must_close = true;
		add_title(page, i);
		page->depth++;
		if (i < GROUP_WIDTH)
			add_exception(page, members->items[i]);
		else
			add_rest(page, members->length - GROUP_WIDTH);
		if (i == shown - 1 && page->must_close) {
			indent(page);
			sbx__text_ascii(page->text, "+------------------------------------\n");
			page->must_close = false;
		}
		page->depth--;
	}
}

static void add_group(Page *page, sbx_value exception, const sbx_gen_tuple *members)
{
	bool is_outermost = page->depth == 0;
	if (page->depth > GROUP_DEPTH) {
		TextBuffer piece, *text = begin(page, &piece);
		sbx__text_ascii(text, "... (max_group_depth is 10)\n");
		end(page, &piece, '|');
		return;
	}
	page->depth += is_outermost;
	add_frames(page, exception_of(exception),
			   "Exception Group Traceback (most recent call last):\n", is_outermost ? '+' : '|');
	add_last_line(page, exception);
	add_members(page, members);
	page->depth -= is_outermost;
}

/* ---- all of it ---- */

/* One exception without its causes. */
static void add_exception(Page *page, sbx_value exception)
{
	const sbx_gen_tuple *members = exceptions_of(exception);
	if (add_remote(page, exception_of(exception))) {
		if (exception_of(exception) != page->raised)
			return;
		add_separator(page);
	}
	if (members) {
		add_group(page, exception, members);
		return;
	}
	add_frames(page, exception_of(exception), "Traceback (most recent call last):\n", '|');
	add_last_line(page, exception);
}

static void add_causes(Page *page, const ExceptionObject *exception, int depth)
{
	sbx_value cause = exception->cause;
	if (SBX_GEN_KIND(cause) != SBX_KIND_EXCEPTION || depth == CAUSES_MAX ||
		exception_of(cause) == exception)
		return;
	add_causes(page, exception_of(cause), depth + 1);
	add_exception(page, cause);
	add_separator(page);
}

void sbx__trace_text(TextBuffer *text, const Run *run, sbx_value exception)
{
	Page page = {.text = text, .run = run, .raised = exception_of(exception)};
	add_causes(&page, exception_of(exception), 0);
	add_exception(&page, exception);
}
