/*
 * UTF-8, read and written one code point at a time. Errors are cut and named as CPython does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_UTF8_H
#define SBX_UTF8_H

#include "object.h"

/*
 * Reads one code point at `s` (left > 0). Returns how many bytes it took; or, where they are not
 * UTF-8, minus the number of bytes that an error reports, with the reason. surrogates: lone ones
 * are let through as three bytes.
 */
int sbx__utf8_next(const uint8_t *s, size_t left, bool surrogates, uint32_t *point,
				   const char **reason);
/* Writes one code point (surrogates too); returns how many bytes, at most 4. */
int sbx__utf8_put(uint8_t *s, uint32_t point);
static inline int sbx__utf8_size(uint32_t point)
{
	return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}
/* Counts the points and finds the largest. 0, or minus the size of what is wrong at *place; *reason NULL: raised. */
int sbx__utf8_measure(sbx_run *run, const uint8_t *utf8, size_t length, bool surrogates,
					  uint64_t *count, uint32_t *largest, size_t *place, const char **reason);
/* How many bytes from `s` on are ASCII. */
size_t sbx__ascii_prefix(const uint8_t *s, size_t length);

#endif
