/*
 * Places of diagnostics: from byte ranges of what the compiler read to lines, columns and bytes of the file; and how wide
 * characters are on a terminal.
 *
 * The width comes from the C library's tables, which know all of Unicode, through the locale "C.UTF-8" for this thread
 * and this call only: the user's locale does not decide where a caret stands. Where there is no such locale, a short
 * table of the commonest ranges serves.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <locale.h>
#include <wchar.h>

Range range_outermost(const Source *source, uint32_t start, uint32_t end)
{
	if (source)
		source_outermost(&source, &start, &end);
	return (Range){source, start, end < start ? start : end};
}

Range range_of(const DiagItem *item)
{
	return range_outermost(item->source, item->start, item->end);
}

static uint32_t count_characters(const char *text, size_t length)
{
	uint32_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

Shown range_shown(const Source *source, uint32_t offset)
{
	if (offset > source->length)
		offset = source->length;
	Place place = source_place(source, offset);
	const char *line = source->text + (offset - place.column);
	uint32_t removed = source_removed_before(source, offset);
	return (Shown){.line = place.line,
				   .column = 1 + count_characters(line, place.column),
				   .byte = source->recoded ? -1 : (int64_t)offset + source->mark + removed};
}

uint32_t range_characters(const Source *source, uint32_t offset)
{
	if (offset > source->length)
		offset = source->length;
	return count_characters(source->text, offset) + source_removed_before(source, offset);
}

bool is_warning(const DiagItem *item)
{
	return diag_id_text(item->id)[0] == 'W';
}

/* ---- characters ---- */

uint32_t character_at(const char *text, size_t length, size_t *size)
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

static unsigned common_width(uint32_t point)
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

unsigned character_width(uint32_t point)
{
	if (point < 0x300)
		return 1;
	locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!unicode)
		return common_width(point);
	locale_t before = uselocale(unicode);
	int width = wcwidth((wchar_t)point);
	uselocale(before);
	freelocale(unicode);
	return width < 0 ? 1 : (unsigned)width;
}

bool character_is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
		   (point >= 0x200e && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
		   (point >= 0x2066 && point <= 0x2069) || point == 0x61c;
}
