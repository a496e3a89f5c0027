/*
 * Values of number literals.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* CPython's limit for the conversion of decimal text. */
enum { MOST_DIGITS = 4300 };

static void read_integer(ConstantValue *value)
{
	const char *p = value->text;
	unsigned base = 10;
	if (p[0] == '0' && p[1]) {
		char letter = (char)(p[1] | 0x20);
		base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
		if (base != 10)
			p += 2;
	}
	uint64_t number = 0;
	for (; *p; p++) {
		unsigned digit = *p <= '9' ? (unsigned)(*p - '0') : (unsigned)((*p | 0x20) - 'a') + 10;
		if (number > ((uint64_t)INT64_MAX - digit) / base)
			return; /* `fits` stays false */
		number = number * base + digit;
	}
	value->fits = true;
	value->integer = (int64_t)number;
}

/* Digits and point only, short: exact in double arithmetic, and free of locales. */
static bool read_simple_real(const char *text, double *result)
{
	static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
									1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	uint64_t digits = 0;
	unsigned count = 0, after_point = 0;
	bool point = false;
	for (; *text; text++) {
		if (*text == '.') {
			point = true;
		} else if (*text >= '0' && *text <= '9') {
			digits = digits * 10 + (uint64_t)(*text - '0');
			after_point += point;
			if (++count > 15)
				return false;
		} else {
			return false;
		}
	}
	*result = (double)digits / powers[after_point];
	return true;
}

/* strtod under the C locale, whatever the host's is. */
static double read_real(const char *text)
{
	double result;
	if (read_simple_real(text, &result))
		return result;
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!plain)
		return strtod(text, NULL);
	result = strtod_l(text, NULL, plain);
	freelocale(plain);
	return result;
}

bool constant_from_number(Parser *p, const Token *token, ConstantValue *value)
{
	const char *source = p->source->text + token->start;
	uint32_t length = token->end - token->start, kept = 0;
	char *text = arena_alloc(p->arena, length + 1);
	bool prefixed = length > 1 && source[0] == '0' && source[1] > '9' && source[1] != '_' &&
					(source[1] | 0x20) != 'e' && (source[1] | 0x20) != 'j';
	bool real = false;
	for (uint32_t i = 0; i < length; i++) {
		if (source[i] == '_')
			continue;
		text[kept++] = source[i];
		real |= source[i] == '.' || (!prefixed && (source[i] | 0x20) == 'e');
	}
	value->text = text;
	value->length = kept;
	if (!prefixed && (text[kept - 1] | 0x20) == 'j') {
		value->kind = CONSTANT_COMPLEX;
		char letter = text[kept - 1];
		text[kept - 1] = '\0';
		value->real = read_real(text);
		text[kept - 1] = letter;
	} else if (real) {
		value->kind = CONSTANT_FLOAT;
		value->real = read_real(text);
	} else {
		value->kind = CONSTANT_INT;
		if (!prefixed && kept > MOST_DIGITS) {
			const char *digits = arena_format(p->arena, "%u", (unsigned)kept);
			parse_error(p, D_NUMBER_LENGTH, token->start, token->end, digits);
			return false;
		}
		read_integer(value);
	}
	return true;
}
