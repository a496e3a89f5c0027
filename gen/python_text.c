/*
 * repr() of constants. Floats: the fewest digits that read back as the same number, then CPython's rule for when an
 * exponent is shown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "python_text.h"
#include "codepoints.h"
#include "decode.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char choose_quote(const char *bytes, size_t length)
{
	return memchr(bytes, '\'', length) && !memchr(bytes, '"', length) ? '"' : '\'';
}

/* What strings and bytes escape alike; false when the byte is for the caller. */
static bool put_common(Text *out, unsigned char c, char quote)
{
	if (c == (unsigned char)quote || c == '\\')
		text_format(out, "\\%c", c);
	else if (c == '\n')
		text_put(out, "\\n");
	else if (c == '\r')
		text_put(out, "\\r");
	else if (c == '\t')
		text_put(out, "\\t");
	else if (c < 0x20 || c == 0x7f)
		text_format(out, "\\x%02x", c);
	else if (c < 0x80)
		text_char(out, (char)c);
	else
		return false;
	return true;
}

void text_python_string(Text *out, const char *bytes, size_t length)
{
	char quote = length ? choose_quote(bytes, length) : '\'';
	text_char(out, quote);
	for (const char *p = bytes; p < bytes + length;) {
		const char *start = p;
		while (p < bytes + length && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x7f &&
			   *p != quote && *p != '\\')
			p++;
		text_add(out, start, (size_t)(p - start));
		if (p == bytes + length)
			break;
		if (put_common(out, (unsigned char)*p, quote)) {
			p++;
			continue;
		}
		start = p;
		uint32_t code = utf8_read(&p);
		if (codepoint_is_printable(code))
			text_add(out, start, (size_t)(p - start));
		else
			text_format(out,
						code < 0x100     ? "\\x%02x"
						: code < 0x10000 ? "\\u%04x"
										 : "\\U%08x",
						(unsigned)code);
	}
	text_char(out, quote);
}

void text_python_bytes(Text *out, const char *bytes, size_t length)
{
	char quote = length ? choose_quote(bytes, length) : '\'';
	text_char(out, 'b');
	text_char(out, quote);
	for (size_t i = 0; i < length; i++)
		if (!put_common(out, (unsigned char)bytes[i], quote))
			text_format(out, "\\x%02x", (unsigned char)bytes[i]);
	text_char(out, quote);
}

/* The shortest digits of a finite positive number; returns the exponent of the first. */
static int shortest_digits(double value, char digits[32])
{
	char buffer[40];
	for (int precision = 0;; precision++) {
		snprintf(buffer, sizeof buffer, "%.*e", precision, value);
		if (precision == 16 || strtod(buffer, NULL) == value)
			break;
	}
	size_t count = 0;
	const char *p = buffer;
	for (; *p && *p != 'e'; p++)
		if (*p >= '0' && *p <= '9')
			digits[count++] = *p;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
	return (int)strtol(p + 1, NULL, 10);
}

/* `point` says whether a whole number ends in ".0". */
static void put_real(Text *out, double value, bool point)
{
	if (isnan(value) || isinf(value)) {
		text_put(out, isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
		return;
	}
	if (signbit(value)) {
		text_char(out, '-');
		value = -value;
	}
	if (value == 0) {
		text_put(out, point ? "0.0" : "0");
		return;
	}
	char digits[32];
	int exponent = shortest_digits(value, digits), count = (int)strlen(digits);
	if (exponent < -4 || exponent >= 16) {
		text_char(out, digits[0]);
		if (count > 1) {
			text_char(out, '.');
			text_put(out, digits + 1);
		}
		text_format(out, "e%c%02d", exponent < 0 ? '-' : '+', exponent < 0 ? -exponent : exponent);
		return;
	}
	if (exponent < 0)
		text_put(out, "0.");
	for (int i = exponent + 1; i < 0; i++)
		text_char(out, '0');
	for (int i = 0; i < count || i <= exponent; i++) {
		if (i && i == exponent + 1)
			text_char(out, '.');
		text_char(out, i < count ? digits[i] : '0');
	}
	if (point && count <= exponent + 1)
		text_put(out, ".0");
}

void text_python_float(Text *out, double value)
{
	put_real(out, value, true);
}

/* A literal too large for int64_t: decimal text as it stands, other bases by long multiplication. */
static void put_large_integer(Text *out, const ConstantValue *value)
{
	const char *p = value->text;
	char letter = p[0] == '0' && p[1] ? (char)(p[1] | 0x20) : '0';
	unsigned bits = letter == 'x' ? 4 : letter == 'o' ? 3 : letter == 'b' ? 1 : 0;
	if (!bits) {
		text_add(out, p, value->length);
		return;
	}
	const uint32_t billion = 1000000000;
	size_t count = 0;
	uint32_t *limbs = ARENA_ARRAY(out->arena, uint32_t, value->length / 6 + 2);
	for (p += 2; *p; p++) {
		uint64_t carry = *p <= '9' ? (uint64_t)(*p - '0') : (uint64_t)((*p | 0x20) - 'a') + 10;
		for (size_t i = 0; i < count; i++) {
			carry += (uint64_t)limbs[i] << bits;
			limbs[i] = (uint32_t)(carry % billion);
			carry /= billion;
		}
		if (carry)
			limbs[count++] = (uint32_t)carry;
	}
	text_format(out, "%u", count ? (unsigned)limbs[count - 1] : 0);
	for (size_t i = count; i-- > 1;)
		text_format(out, "%09u", (unsigned)limbs[i - 1]);
}

void text_python_constant(Text *out, const ConstantValue *value)
{
	switch (value->kind) {
	case CONSTANT_NONE:
		text_put(out, "None");
		break;
	case CONSTANT_TRUE:
		text_put(out, "True");
		break;
	case CONSTANT_FALSE:
		text_put(out, "False");
		break;
	case CONSTANT_ELLIPSIS:
		text_put(out, "Ellipsis");
		break;
	case CONSTANT_INT:
		if (value->fits)
			text_format(out, "%lld", (long long)value->integer);
		else
			put_large_integer(out, value);
		break;
	case CONSTANT_FLOAT:
		text_python_float(out, value->real);
		break;
	case CONSTANT_COMPLEX:
		put_real(out, value->real, false);
		text_char(out, 'j');
		break;
	case CONSTANT_STR:
		text_python_string(out, value->text, value->length);
		break;
	case CONSTANT_BYTES:
		text_python_bytes(out, value->text, value->length);
		break;
	}
}
