/*
 * Diagnostics as text, GNU style:
 *
 *     pipeline.py:12:9: error: augmented assignment is not allowed [E0312]
 *        12 |         total += 1
 *           |         ^~~~~~~~~~
 *     help: use 'total = total + 1'
 *
 * A place inside a code string is shown in the file that the string stands in. Columns count
 * characters from 1. What a source line may hold is not trusted: control characters do not reach
 * the terminal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <string.h>
#include <unistd.h>

enum { SHOWN_COLUMNS = 160, MARGIN = 40 };

typedef struct Range {
	const Source *source;
	uint32_t start, end;
} Range;

typedef struct Style {
	const char *bold, *error, *warning, *note, *caret, *off;
} Style;

static Style style_of(FILE *out)
{
	if (isatty(fileno(out)))
		return (Style){"\033[1m",    "\033[1;31m", "\033[1;35m",
					   "\033[1;36m", "\033[1;32m", "\033[0m"};
	return (Style){"", "", "", "", "", ""};
}

/* From a code string to the file around it, if the string is one literal there; else to the whole
 * expression. */
static Range outermost(Range range)
{
	while (range.source && range.source->outer) {
		const Source *inner = range.source;
		if (inner->outer_lines) {
			Place start = source_place(inner, range.start), end = source_place(inner, range.end);
			range.start = inner->outer_lines[start.line - 1] + start.column;
			range.end = inner->outer_lines[end.line - 1] + end.column;
		} else {
			range.start = inner->outer_start;
			range.end = inner->outer_end;
		}
		range.source = inner->outer;
	}
	return range;
}

/* ---- characters ---- */

/* The character at text[0 .. length), at least one byte; *size: its bytes. */
static uint32_t character(const char *text, size_t length, size_t *size)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t wanted = *byte < 0x80 ? 1 : *byte < 0xc0 ? 1 : *byte < 0xe0 ? 2 : *byte < 0xf0 ? 3 : 4;
	*size = wanted <= length ? wanted : 1;
	if (*size == 1)
		return *byte;
	uint32_t point = *byte & (0x7fu >> wanted);
	for (size_t i = 1; i < wanted; i++)
		point = point << 6 | (byte[i] & 0x3fu);
	return point;
}

/* Columns that a terminal gives to the character. */
static unsigned width_of(uint32_t point)
{
	static const struct {
		uint32_t first, last;
		unsigned width;
	} ranges[] = {{0x300, 0x36f, 0},   {0x1100, 0x115f, 2},   {0x200b, 0x200f, 0},
				  {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2},   {0xf900, 0xfaff, 2},
				  {0xfe00, 0xfe0f, 0}, {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},
				  {0xffe0, 0xffe6, 2}, {0x1f300, 0x1faff, 2}, {0x20000, 0x3fffd, 2}};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (point >= ranges[i].first && point <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

static unsigned characters(const char *text, size_t length)
{
	unsigned count = 0;
	for (size_t i = 0, size; i < length; i += size, count++)
		(void)character(text + i, length - i, &size);
	return count;
}

static bool is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
		   (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

static void put_part(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t point = character(text + i, length - i, &size);
		if (is_control(point) && point != '\t')
			putc('?', out);
		else
			fwrite(text + i, 1, size, out);
	}
}

/* Blanks as wide as the text; a tab stays a tab, so that the caret stands below its character. */
static void put_blank(FILE *out, const char *text, size_t length)
{
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t point = character(text + i, length - i, &size);
		if (point == '\t')
			putc('\t', out);
		else
			fprintf(out, "%*s", (int)width_of(point), "");
	}
}

/* ---- text ---- */

static uint32_t column_of(const Source *source, Place place)
{
	size_t length;
	const char *line = source_line(source, place.line, &length);
	return 1 + characters(line, place.column < length ? place.column : length);
}

static void put_place(FILE *out, const Style *style, Range range)
{
	if (!range.source) {
		fprintf(out, "%ssbxc: %s", style->bold, style->off);
		return;
	}
	Place place = source_place(range.source, range.start);
	fprintf(out, "%s%s:%u:%u: %s", style->bold, range.source->path, place.line,
			column_of(range.source, place), style->off);
}

/* Cuts a long line to a window around the caret; [*from, *to) in bytes, at character borders. */
static void choose_window(const char *line, size_t length, size_t column, size_t *from, size_t *to)
{
	*from = 0;
	*to = length;
	if (column > SHOWN_COLUMNS - MARGIN)
		*from = column - MARGIN;
	while (*from > 0 && ((unsigned char)line[*from] & 0xc0) == 0x80)
		--*from;
	if (*to - *from > SHOWN_COLUMNS)
		*to = *from + SHOWN_COLUMNS;
	while (*to < length && ((unsigned char)line[*to] & 0xc0) == 0x80)
		++*to;
}

static void put_snippet(FILE *out, const Style *style, Range range)
{
	if (!range.source || range.source->length == 0)
		return;
	Place start = source_place(range.source, range.start),
		  end = source_place(range.source, range.end);
	size_t length, from, to;
	const char *line = source_line(range.source, start.line, &length);
	size_t column = start.column < length ? start.column : length;
	size_t last = end.line == start.line && end.column < length ? end.column : length;
	choose_window(line, length, column, &from, &to);
	const char *before = from ? "..." : "", *after = to < length ? "..." : "";
	fprintf(out, "%5u | %s", start.line, before);
	put_part(out, line + from, to - from);
	fprintf(out, "%s\n      | %*s", after, (int)strlen(before), "");
	put_blank(out, line + from, column - from);
	fprintf(out, "%s^", style->caret);
	if (last > to)
		last = to;
	unsigned columns = 0;
	for (size_t i = column, size; i < last; i += size)
		columns += width_of(character(line + i, last - i, &size));
	for (unsigned i = 1; i < columns; i++)
		putc('~', out);
	fprintf(out, "%s\n", style->off);
}

static bool is_warning(const DiagItem *item)
{
	return diag_id_text(item->id)[0] == 'W';
}

static Range range_of(const DiagItem *item)
{
	return outermost((Range){item->source, item->start, item->end});
}

static void put_item(FILE *out, const Style *style, const DiagItem *item)
{
	Range range = range_of(item);
	put_place(out, style, range);
	fprintf(out, "%s%s: %s%s%s%s [%s]\n", is_warning(item) ? style->warning : style->error,
			is_warning(item) ? "warning" : "error", style->off, style->bold, item->message,
			style->off, diag_id_text(item->id));
	put_snippet(out, style, range);
	if (item->help)
		fprintf(out, "%shelp:%s %s\n", style->note, style->off, item->help);
	for (const DiagNote *note = item->notes; note; note = note->next) {
		Range place = outermost((Range){note->source, note->start, note->end});
		if (place.source)
			put_place(out, style, place);
		fprintf(out, "%snote:%s %s\n", style->note, style->off, note->text);
		if (place.source)
			put_snippet(out, style, place);
	}
}

void report_text(FILE *out, const Compilation *compilation)
{
	Style style = style_of(out);
	for (unsigned i = 0; i < sbxc_diagnostic_count(compilation); i++)
		put_item(out, &style, sbxc_diagnostic(compilation, i));
}

/* ---- JSON ---- */

/* Is there a whole, valid UTF-8 character of this many bytes? */
static bool is_valid(const char *text, size_t size, uint32_t point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (size == 1)
		return point < 0x80;
	for (size_t i = 1; i < size; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return false;
	return point >= least[size] && point < 0x110000 && (point & 0xfffff800) != 0xd800;
}

void json_put_string(FILE *out, const char *text)
{
	size_t length = strlen(text);
	putc('"', out);
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t point = character(text + i, length - i, &size);
		if (!is_valid(text + i, size, point)) {
			fputs("\\ufffd", out);
			size = 1;
		} else if (point == '"' || point == '\\') {
			fprintf(out, "\\%c", (char)point);
		} else if (point == '\n') {
			fputs("\\n", out);
		} else if (point < 0x20 || (point >= 0x7f && point < 0x10000)) {
			fprintf(out, "\\u%04x", point);
		} else if (point >= 0x10000) {
			fprintf(out, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
					0xdc00 + ((point - 0x10000) & 0x3ff));
		} else {
			putc((int)point, out);
		}
	}
	putc('"', out);
}

static void json_place(FILE *out, const char *name, const Source *source, uint32_t offset)
{
	Place place = source_place(source, offset);
	fprintf(out, "\"%s\": {\"byte\": %u, \"line\": %u, \"column\": %u}", name, offset, place.line,
			column_of(source, place));
}

static void json_range(FILE *out, Range range)
{
	fputs("\"file\": ", out);
	if (!range.source) {
		fputs("null, \"range\": null", out);
		return;
	}
	json_put_string(out, range.source->path);
	fputs(", \"range\": {", out);
	json_place(out, "start", range.source, range.start);
	fputs(", ", out);
	json_place(out, "end", range.source, range.end);
	putc('}', out);
}

static void json_text(FILE *out, const char *name, const char *text)
{
	fprintf(out, ", \"%s\": ", name);
	if (text)
		json_put_string(out, text);
	else
		fputs("null", out);
}

static void json_fix(FILE *out, const DiagItem *item)
{
	if (item->fix == FIX_NONE) {
		fputs(", \"fix\": null", out);
		return;
	}
	fprintf(out, ", \"fix\": {\"applicable\": \"%s\", \"edits\": [",
			item->fix == FIX_CERTAIN ? "certain" : "maybe");
	for (const DiagEdit *edit = item->edits; edit; edit = edit->next) {
		putc('{', out);
		json_range(out, (Range){edit->source, edit->start, edit->end});
		json_text(out, "text", edit->text);
		fputs(edit->next ? "}, " : "}", out);
	}
	fputs("]}", out);
}

static void json_item(FILE *out, const DiagItem *item)
{
	putc('{', out);
	json_range(out, range_of(item));
	json_text(out, "severity", is_warning(item) ? "warning" : "error");
	json_text(out, "id", diag_id_text(item->id));
	json_text(out, "message", item->message);
	json_text(out, "help", item->help);
	json_fix(out, item);
	fputs(", \"notes\": [", out);
	for (const DiagNote *note = item->notes; note; note = note->next) {
		putc('{', out);
		json_range(out, outermost((Range){note->source, note->start, note->end}));
		json_text(out, "message", note->text);
		fputs(note->next ? "}, " : "}", out);
	}
	fputs("]}", out);
}

void report_json_begin(FILE *out)
{
	putc('[', out);
}

void report_json_add(FILE *out, const Compilation *compilation, bool *first)
{
	for (unsigned i = 0; i < sbxc_diagnostic_count(compilation); i++) {
		fputs(*first ? "\n" : ",\n", out);
		json_item(out, sbxc_diagnostic(compilation, i));
		*first = false;
	}
}

void report_json_end(FILE *out, bool first)
{
	fputs(first ? "]\n" : "\n]\n", out);
}
