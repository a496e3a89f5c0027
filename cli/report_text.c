/*
 * Diagnostics as text, GNU style:
 *
 *     pipeline.py:12:9: error: augmented assignment ('+=') is not allowed in an orchestrator [E0309]
 *        12 |         total += 1
 *           |         ^~~~~~~~~~
 *     help: write total = total + 1
 *     pipeline.py:4:11: note: 'total' is an input here
 *         4 | def f(total: int):
 *           |       ^~~~~~~~~~
 *
 * A range of several lines is shown with its first and last lines, each underlined. A tab stays one, and so does its
 * copy in the caret line; inside the mark it counts up to the terminal's next multiple of eight. A wide or combining
 * character counts as what it takes; one that could change the terminal or the order of the text becomes '?'. Of
 * a very long line only what is around the caret is shown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_BYTES = 160, MARGIN = 40, TAB = 8, WHOLE_LINES = 4 };

typedef struct Style {
	const char *bold, *error, *warning, *note, *caret, *off;
} Style;

static Style style_of(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
	bool plain = (no_color && *no_color) || (terminal && !strcmp(terminal, "dumb"));
	if (!plain && isatty(fileno(out)))
		return (Style){"\033[1m",    "\033[1;31m", "\033[1;35m",
					   "\033[1;36m", "\033[1;32m", "\033[0m"};
	return (Style){"", "", "", "", "", ""};
}

static void put_place(FILE *out, const Style *style, Range range)
{
	if (!range.source) {
		fprintf(out, "%ssbxc: %s", style->bold, style->off);
		return;
	}
	Shown shown = range_shown(range.source, range.start);
	fprintf(out, "%s%s:%u:%u: %s", style->bold, range.source->path, shown.line, shown.column,
			style->off);
}

/* ---- source lines ---- */

/* A stretch of one line: what is shown of it, and what of that is marked. Bytes of the line. */
typedef struct Stretch {
	const char *line;
	size_t from, to;    /* shown */
	size_t start, end;  /* marked; within [from, to], start < end unless it is one place */
	bool has_caret;     /* the mark begins with a caret */
	bool ends_in_caret; /* it is the last line of several */
	bool before, after; /* something is cut off */
} Stretch;

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

/* Cuts a long line to a window around the mark's beginning, at character borders. */
static void choose_window(Stretch *s, size_t length, size_t column)
{
	s->from = 0;
	s->to = length;
	if (length > SHOWN_BYTES && column > SHOWN_BYTES - MARGIN)
		s->from = column - MARGIN;
	while (s->from > 0 && is_continuation(s->line[s->from]))
		s->from--;
	if (s->to - s->from > SHOWN_BYTES)
		s->to = s->from + SHOWN_BYTES;
	while (s->to < length && is_continuation(s->line[s->to]))
		s->to++;
	s->before = s->from > 0;
	s->after = s->to < length;
}

/* Cells of the character at the cell `at` of the line. */
static unsigned cells(uint32_t point, unsigned at)
{
	if (point == '\t')
		return TAB - at % TAB;
	return character_is_control(point) ? 1 : character_width(point);
}

static void put_line(FILE *out, const Stretch *s)
{
	for (size_t i = s->from, size; i < s->to; i += size) {
		uint32_t point = character_at(s->line + i, s->to - i, &size);
		if (point != '\t' && character_is_control(point))
			putc('?', out);
		else
			fwrite(s->line + i, 1, size, out);
	}
}

/* margin: cells before the line's first character. */
static void put_marks(FILE *out, const Stretch *s, unsigned margin)
{
	unsigned at = margin, from = margin;
	for (size_t i = s->from, size; i < s->to && i < s->end; i += size) {
		uint32_t point = character_at(s->line + i, s->to - i, &size);
		unsigned width = cells(point, at);
		at += width;
		if (i >= s->start)
			continue;
		from = at;
		if (point == '\t')
			putc('\t', out);
		else
			fprintf(out, "%*s", (int)width, "");
	}
	unsigned to = at > from ? at : from + 1;
	for (unsigned i = from; i < to; i++) {
		bool first = s->has_caret && i == from, last = s->ends_in_caret && i + 1 == to;
		putc(first || last ? '^' : '~', out);
	}
}

/* One source line with its marks. Only a mark's own line has one of them: first, last, or both. */
static void put_marked_line(FILE *out, const Style *style, Range range, uint32_t line, Place start,
							Place end)
{
	Stretch s = {.has_caret = line == start.line,
				 .ends_in_caret = line == end.line && end.line > start.line};
	size_t length;
	s.line = source_line(range.source, line, &length);
	s.start = line == start.line ? start.column : 0;
	s.end = line == end.line && end.column < length ? end.column : length;
	if (s.start > length)
		s.start = length;
	if (line != start.line) /* not the blanks that the line begins with */
		while (s.start < s.end && (s.line[s.start] == ' ' || s.line[s.start] == '\t'))
			s.start++;
	choose_window(&s, length, s.start);
	if (s.end > s.to)
		s.end = s.to;
	int margin = fprintf(out, "%5u | %s", line, s.before ? "..." : "");
	put_line(out, &s);
	fputs(s.after ? "...\n" : "\n", out);
	if (s.start >= s.end && line != start.line)
		return; /* nothing of this line is in the range */
	fprintf(out, "%*s| %*s%s", margin > 3 + 3 * s.before ? margin - 2 - 3 * s.before : 0, "",
			3 * s.before, "", style->caret);
	put_marks(out, &s, (unsigned)margin);
	fprintf(out, "%s\n", style->off);
}

static void put_snippet(FILE *out, const Style *style, Range range)
{
	if (!range.source || range.source->length == 0)
		return;
	Place start = source_place(range.source, range.start),
		  end = source_place(range.source, range.end);
	if (end.line > start.line && end.column == 0) { /* up to the end of a line */
		size_t length;
		end.line--;
		source_line(range.source, end.line, &length);
		end.column = (uint32_t)length;
	}
	for (uint32_t line = start.line; line <= end.line; line++) {
		put_marked_line(out, style, range, line, start, end);
		if (line == start.line + 1 && end.line - start.line >= WHOLE_LINES) {
			fputs("  ... |\n", out);
			line = end.line - 1;
		}
	}
}

/* ---- items ---- */

/* A message or a help line: both quote the file, which is not trusted. */
static void put_text(FILE *out, const char *text)
{
	size_t length = strlen(text);
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t point = character_at(text + i, length - i, &size);
		if (character_is_control(point))
			putc(point == '\t' || point == '\n' ? ' ' : '?', out);
		else
			fwrite(text + i, 1, size, out);
	}
}

static void put_item(FILE *out, const Style *style, const DiagItem *item)
{
	Range range = range_of(item);
	put_place(out, style, range);
	fprintf(out, "%s%s: %s%s", is_warning(item) ? style->warning : style->error,
			is_warning(item) ? "warning" : "error", style->off, style->bold);
	put_text(out, item->message);
	fprintf(out, "%s [%s]\n", style->off, diag_id_text(item->id));
	put_snippet(out, style, range);
	if (item->help) {
		fprintf(out, "%shelp:%s ", style->note, style->off);
		put_text(out, item->help);
		putc('\n', out);
	}
	for (const DiagNote *note = item->notes; note; note = note->next) {
		Range place = range_outermost(note->source, note->start, note->end);
		if (place.source)
			put_place(out, style, place);
		fprintf(out, "%snote:%s ", style->note, style->off);
		put_text(out, note->text);
		putc('\n', out);
		if (place.source)
			put_snippet(out, style, place);
	}
}

void report_text_items(FILE *out, const Compilation *compilation)
{
	Style style = style_of(out);
	for (unsigned i = 0; i < sbxc_diagnostic_count(compilation); i++)
		put_item(out, &style, sbxc_diagnostic(compilation, i));
}

void report_text_summary(FILE *out, unsigned errors, unsigned warnings)
{
	if (!errors && !warnings)
		return;
	fputs("sbxc: ", out);
	if (errors)
		fprintf(out, "%u error%s", errors, errors == 1 ? "" : "s");
	if (warnings)
		fprintf(out, "%s%u warning%s", errors ? ", " : "", warnings, warnings == 1 ? "" : "s");
	putc('\n', out);
}

void report_text(FILE *out, const Compilation *compilation)
{
	unsigned errors = sbxc_error_count(compilation);
	report_text_items(out, compilation);
	report_text_summary(out, errors, sbxc_diagnostic_count(compilation) - errors);
}
