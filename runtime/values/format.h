/*
 * Formatting: the parsed format specification and the numbers' text, used by format(), str.format
 * and the % operator.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_FORMAT_H
#define SBX_FORMAT_H

#include "numbers.h"
#include "units.h"

/* [[fill]align][sign][z][#][0][width][grouping][.precision][type] */
typedef struct FormatSpec {
	uint32_t fill, align; /* align: '<' '>' '=' '^' */
	uint32_t sign;        /* 0, ' ', '+', '-' */
	bool no_negative_zero, alternate;
	int64_t width, precision; /* -1: not given */
	uint32_t group;           /* 0, ',' or '_' */
	uint32_t group_size;      /* 3, or 4 for binary, octal and hexadecimal */
	uint32_t type;            /* 0 where none was given */
} FormatSpec;

/* "Unknown format code 'd' for object of type 'str'"; -1. */
int sbx__format_code_unknown(sbx_run *run, uint32_t type, sbx_value v);
/* A decimal number in the digits of any script, from *at on; how many were read, -1 after raising.
 */
int sbx__format_integer(sbx_run *run, const Units *text, uint64_t *at, uint64_t end,
						int64_t *number);

/* The digits of a machine int with its sign, lower case, in `digits`. (number_format.c) */
#define SBX_SMALL_DIGITS 68
Units sbx__small_digits(int64_t i, unsigned base, char digits[SBX_SMALL_DIGITS]);
/* number_format.c: format(int, spec) and format(float, spec). */
void sbx__format_int(TextBuffer *out, sbx_value v, const FormatSpec *spec);
void sbx__format_float(TextBuffer *out, double f, const FormatSpec *spec);

enum { FLOAT_ALTERNATE = 1, FLOAT_ADD_DOT = 2, FLOAT_NO_NEGATIVE_ZERO = 4 };
/* The text of a double as C's printf writes it for code e, f, g (E, F, G); 'r': as repr. */
void sbx__float_text_into(TextBuffer *out, double f, char code, int64_t precision, int flags);

#endif
