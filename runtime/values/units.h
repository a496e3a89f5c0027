/*
 * Code units: one view of the text of a str (1, 2 or 4 bytes a unit) and of the content of a bytes
 * object.
 *
 * A str and a bytes object answer to nearly the same methods. What they share (searching,
 * splitting, stripping, replacing, padding) is written once over this view; the view remembers
 * which of the two it looks at, so that a result becomes the right kind of object. Reading a unit
 * costs one test of the width; the loops that matter for speed take the narrow case out of the
 * loop.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_UNITS_H
#define SBX_UNITS_H

#include <string.h>

#include "object.h"

typedef struct Units {
	const void *at;
	uint64_t length;
	uint32_t width; /* 1, 2, 4 */
	bool is_bytes;
} Units;

#define BYTES(v) ((const sbx_gen_bytes *)(v).u.p)
#define SBX_IS_STR(v) (SBX_GEN_KIND(v) == SBX_KIND_STR)
#define SBX_IS_BYTES(v) (SBX_GEN_KIND(v) == SBX_KIND_BYTES)

static inline Units sbx__units_of_str(sbx_value v)
{
	Units units = {STR(v) + 1, STR(v)->length, STR(v)->head.bits, false};
	return units;
}
static inline Units sbx__units_of_bytes(sbx_value v)
{
	Units units = {BYTES(v) + 1, BYTES(v)->length, 1, true};
	return units;
}
/* Of a str or a bytes value. */
static inline Units sbx__units_of(sbx_value v)
{
	return SBX_IS_BYTES(v) ? sbx__units_of_bytes(v) : sbx__units_of_str(v);
}
static inline uint32_t sbx__unit(const Units *units, uint64_t i)
{
	if (units->width == 1)
		return ((const uint8_t *)units->at)[i];
	return units->width == 2 ? ((const uint16_t *)units->at)[i] : ((const uint32_t *)units->at)[i];
}
static inline Units sbx__units_part(Units units, uint64_t start, uint64_t stop)
{
	units.at = (const char *)units.at + start * units.width;
	units.length = stop - start;
	return units;
}
static inline void sbx__unit_put(void *units, uint32_t width, uint64_t i, uint32_t point)
{
	if (width == 1)
		((uint8_t *)units)[i] = (uint8_t)point;
	else if (width == 2)
		((uint16_t *)units)[i] = (uint16_t)point;
	else
		((uint32_t *)units)[i] = point;
}
static inline uint32_t sbx__width_for(uint32_t largest)
{
	return largest < 0x100 ? 1 : largest < 0x10000 ? 2 : 4;
}

/* Copies units into memory of the same or a larger width, or of one that holds them. 0, or -1 raised. (str.c) */
int sbx__units_copy(sbx_run *run, void *to, uint32_t width, const Units *from);
/* The narrowest width that holds them all; 0: raised. */
uint32_t sbx__units_width(sbx_run *run, const Units *units);
/* A new str or bytes value with these units. */
sbx_value sbx__units_value(sbx_run *run, Units units);
/* The part [start, stop) of a str or bytes value; the value itself if that is all of it. */
sbx_value sbx__units_slice(sbx_run *run, sbx_value v, uint64_t start, uint64_t stop);
/* -1, 0, 1 into *order; 0, or -1 raised. */
int sbx__units_compare(sbx_run *run, const Units *a, const Units *b, int *order);
/* Adds units to a buffer (text_buffer.c); they may need less width than they have. */
void sbx__text_units(TextBuffer *text, Units units);
/* Makes room for `more` units that need `width`; 0, or -1 when the buffer has failed. */
int sbx__text_room(TextBuffer *text, uint64_t more, uint32_t width);
/* sbx__text_point, inline where there is room: for loops over units. */
static inline void sbx__text_put(TextBuffer *text, uint32_t point)
{
	if (text->length < text->capacity && (uint64_t)point >> (8 * text->width) == 0)
		sbx__unit_put(text->units, text->width, text->length++, point);
	else
		sbx__text_point(text, point);
}
/* The content as bytes, where only points below 256 were written; ends the buffer. */
sbx_value sbx__text_take_bytes(TextBuffer *text);
/* "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte" (codec_errors.c) */
sbx_value sbx__raise_decode(sbx_run *run, const char *encoding, const uint8_t *bytes,
							uint64_t length, uint64_t start, uint64_t count, const char *reason);

/* Searching (units_find.c), linear in the length of `in` whatever the text: the place of `what` in
   in[from, to), or -1; -2 when an exception was raised. */
int64_t sbx__units_find(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						uint64_t to);
int64_t sbx__units_rfind(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						 uint64_t to);
/* How often it is there without overlap, at most `most` times; -2 raised. */
int64_t sbx__units_count(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						 uint64_t to, uint64_t most);

/* sbx_peek_str that spends the run's time; NULL: no more time, or no memory. (str.c) */
const char *sbx__peek_spending(sbx_run *run, sbx_value v);
/* A str of UTF-8 that sbx__utf8_measure has found good. (str.c) */
sbx_value sbx__str_of_measured(sbx_run *run, const uint8_t *utf8, uint64_t count, uint32_t largest);

/* bytes.c: a new bytes object of `length` bytes, *content is where they go. */
sbx_value sbx__bytes_alloc(sbx_run *run, uint64_t length, uint8_t **content);
sbx_value sbx__bytes_from(sbx_run *run, const void *content, uint64_t length);

#endif
