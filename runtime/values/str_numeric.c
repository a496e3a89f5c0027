/*
 * The text of int("...") and float("..."), which may use the digits and white space of any script, as ASCII.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "kinds.h"
#include "unicode.h"
#include "units.h"

static char numeric_ascii(uint32_t point)
{
	const UnicodeRecord *record;
	if (point >= 9 && point <= 13)
		return ' ';
	if (point < 0x80)
		return (char)point;
	record = sbx__unicode(point);
	if (record->flags & UNICODE_SPACE)
		return ' ';
	return record->decimal >= 0 ? (char)('0' + record->decimal) : '?';
}

char *sbx__str_numeric_ascii(sbx_run *run, sbx_value v, size_t *length, size_t *size)
{
	Units in = sbx__units_of(v); /* bytes are read as Latin-1, where no byte above 127 counts */
	char *text;
	if (sbx__spend(run, in.length))
		return NULL;
	text = sbx__alloc(run, in.length + 1);
	if (!text)
		return NULL;
	for (uint64_t i = 0; i < in.length; i++) {
		uint32_t point = sbx__unit(&in, i);
		text[i] = in.is_bytes && point >= 0x80 ? '?' : numeric_ascii(point);
	}
	text[in.length] = 0;
	*length = in.length;
	*size = in.length + 1;
	return text;
}
