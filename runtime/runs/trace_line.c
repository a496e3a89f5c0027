/*
 * The source line of a traceback's frame, with the marks below it, as CPython 3.11 shows them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "../values/utf8.h"
#include "traceback.h"

static bool ends_line(const char *piece)
{
	size_t length = strlen(piece);
	return length && piece[length - 1] == '\n';
}

/*
 * Line `number` (from 1) without its end: a block of *size bytes on the heap, that the caller frees; NULL: there is no
 * such line.
 */
static char *line_of(sbx_run *run, const sbx_gen_source *source, uint32_t number, size_t *length,
					 size_t *size)
{
	uint32_t first = 0, last;
	char *line;
	for (uint32_t i = 1; i < number && first < source->piece_count; first++)
		i += ends_line(source->pieces[first]);
	if (!number || first >= source->piece_count)
		return NULL;
	*size = 1;
	for (last = first; last < source->piece_count; last++) {
		*size += strlen(source->pieces[last]);
		if (ends_line(source->pieces[last]))
			break;
	}
	line = sbx__alloc(run, *size);
	if (!line)
		return NULL;
	*length = 0;
	for (uint32_t i = first; i <= last && i < source->piece_count; i++) {
		size_t part = strlen(source->pieces[i]);
		memcpy(line + *length, source->pieces[i], part);
		*length += part;
	}
	while (*length && (line[*length - 1] == '\n' || line[*length - 1] == '\r'))
		--*length;
	line[*length] = 0;
	return line;
}

/* Characters in the bytes from `from` to `to`. */
static size_t characters(const char *line, size_t from, size_t to)
{
	size_t count = 0;
	for (; from < to; from++)
		count += ((unsigned char)line[from] & 0xc0) != 0x80;
	return count;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

/* The marks below a line that begins with `indent` blanks. None where they would span the whole line. */
static void add_marks(TextBuffer *text, const sbx_gen_site *site, const char *line, size_t length,
					  size_t indent)
{
	size_t start = site->column, end = site->end_column, left = 0, right = 0;
	bool has_anchors = false;
	if (!start && !end)
		return;
	if (end)
		has_anchors = start < end && end <= length &&
					  sbx__trace_anchors(line + start, end - start, &left, &right);
	else
		for (end = length; end && is_blank(line[end - 1]);)
			end--;
	if (start < indent || start >= end || end > length ||
		(!has_anchors && start == indent && end == length))
		return;
	sbx__text_ascii(text, "    ");
	sbx__text_repeat(text, ' ', characters(line, indent, start));
	if (has_anchors) {
		sbx__text_repeat(text, '~', characters(line, start, start + left));
		sbx__text_repeat(text, '^', characters(line, start + left, start + right));
		sbx__text_repeat(text, '~', characters(line, start + right, end));
	} else {
		sbx__text_repeat(text, '^', characters(line, start, end));
	}
	sbx__text_ascii(text, "\n");
}

void sbx__trace_line(TextBuffer *text, const sbx_gen_source *source, const sbx_gen_site *site)
{
	size_t length, size, indent = 0;
	char *line = line_of(text->run, source, site->line, &length, &size);
	if (!line)
		return;
	while (indent < length && is_blank(line[indent]))
		indent++;
	sbx__text_ascii(text, "    ");
	sbx__text_utf8(text, line + indent, length - indent);
	sbx__text_ascii(text, "\n");
	add_marks(text, site, line, length, indent);
	sbx__free(text->run, line, size);
}
