/*
 * The powers of ten for the text of floats; scripts/float_tables.py makes the table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_FLOAT_TABLES_H
#define SBX_FLOAT_TABLES_H

#include <stdint.h>

enum { TENS_FIRST = -348, TENS_LAST = 347 };

/* 10**k is sbx__tens[k - TENS_FIRST] * 2**(floor(k * log2(10)) - 127), high word first, rounded
 * down. */
extern const uint64_t sbx__tens[TENS_LAST - TENS_FIRST + 1][2];

/* floor(k * log2(10)) for |k| <= 1233. */
static inline int sbx__log2_of_ten_power(int k)
{
	return (int)(((int64_t)k * 1741647) >> 19);
}

#endif
