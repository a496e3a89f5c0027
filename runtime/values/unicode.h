/*
 * What Unicode 14 says about a code point; tables made by scripts/unicode_tables.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_UNICODE_H
#define SBX_UNICODE_H

#include "object.h"

enum {
	UNICODE_ALPHA = 1 << 0,
	UNICODE_DECIMAL = 1 << 1,
	UNICODE_DIGIT = 1 << 2,
	UNICODE_NUMERIC = 1 << 3,
	UNICODE_PRINTABLE = 1 << 4,
	UNICODE_SPACE = 1 << 5,
	UNICODE_LOWER = 1 << 6,
	UNICODE_UPPER = 1 << 7,
	UNICODE_TITLE = 1 << 8, /* category Lt */
	UNICODE_CASED = 1 << 9,
	UNICODE_IGNORABLE = 1 << 10, /* case-ignorable, for the final sigma */
	UNICODE_START = 1 << 11,     /* may begin an identifier */
	UNICODE_CONTINUE = 1 << 12,
	UNICODE_LINE_END = 1 << 13,
	UNICODE_LONG = 1 << 14 /* shifted left by the mapping: it maps to several points */
};
enum { UNICODE_TO_UPPER, UNICODE_TO_LOWER, UNICODE_TO_TITLE, UNICODE_TO_FOLD };

typedef struct UnicodeRecord {
	uint32_t flags;
	int32_t mapping[4]; /* distance to the mapped point; or a place in sbx__unicode_long: count,
						   then the points */
	int32_t decimal;    /* value of a decimal digit, or -1 */
} UnicodeRecord;
typedef struct StaticStr {
	sbx_gen_str str;
	uint8_t units[8];
} StaticStr;

extern const UnicodeRecord sbx__unicode_records[];
extern const uint16_t sbx__unicode_blocks[], sbx__unicode_index[];
extern const uint32_t sbx__unicode_long[];
extern const StaticStr sbx__latin1_strs[256]; /* the texts of one point below 256 */
extern const sbx_gen_str sbx__empty_str;

static inline const UnicodeRecord *sbx__unicode(uint32_t point)
{
	uint32_t block = point < 0x110000 ? sbx__unicode_blocks[point >> 7] : 0;
	return &sbx__unicode_records[sbx__unicode_index[block << 7 | (point & 127)]];
}
static inline bool sbx__is(uint32_t point, uint32_t flags)
{
	return (sbx__unicode(point)->flags & flags) != 0;
}
/* Maps one point to at most three; returns how many. */
static inline int sbx__unicode_map(uint32_t point, int mapping, uint32_t out[3])
{
	const UnicodeRecord *record = sbx__unicode(point);
	const uint32_t *points;
	if (!(record->flags & ((uint32_t)UNICODE_LONG << mapping))) {
		out[0] = point + (uint32_t)record->mapping[mapping];
		return 1;
	}
	points = &sbx__unicode_long[record->mapping[mapping]];
	for (uint32_t i = 0; i < points[0]; i++)
		out[i] = points[i + 1];
	return (int)points[0];
}

#endif
