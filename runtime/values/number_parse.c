/*
 * int(x) and float(x): from numbers, and from text as programs write it.
 *
 * Text may have white space around, a sign, and single underscores between digits; digits of any
 * script count. It is first turned into ASCII, as CPython does it: such digits become 0 to 9, white
 * space above 126 becomes a space, all else above 126 becomes '?', which is valid nowhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"
#include "unicode.h"
#include "utf8.h"

#include <string.h>

/* Text as ASCII; `block` is NULL where it is lent by the value. */
typedef struct Ascii {
	const char *text;
	size_t length;
	char *block;
} Ascii;

static bool is_text(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_STR || SBX_GEN_KIND(v) == SBX_KIND_BYTES;
}

static int ascii_of(sbx_run *run, sbx_value v, Ascii *ascii)
{
	bool plain = true;
	ascii->length = (size_t)STR(v)->length; /* bytes have the same layout */
	ascii->text = (const char *)(STR(v) + 1);
	ascii->block = NULL;
	if (SBX_GEN_KIND(v) == SBX_KIND_BYTES)
		return 0;
	if (STR(v)->head.bits == 1)
		for (size_t i = 0; i < ascii->length && plain; i += SBX_LONG) {
			size_t part = ascii->length - i < SBX_LONG ? ascii->length - i : SBX_LONG;
			if (sbx__spend(run, part / 8))
				return -1;
			plain = sbx__ascii_prefix((const uint8_t *)ascii->text + i, part) == part;
		}
	else
		plain = false;
	if (plain)
		return 0;
	ascii->block = sbx__alloc(run, ascii->length + 1);
	if (!ascii->block)
		return -1;
	for (size_t i = 0; i < ascii->length; i++) {
		if (sbx__pace(run, i, ascii->length)) {
			sbx__free(run, ascii->block, ascii->length + 1);
			return -1;
		}
		uint32_t point = sbx__str_at(v, i);
		int32_t decimal = point < 127 ? -1 : sbx__unicode(point)->decimal;
		if (point < 127)
			ascii->block[i] = (char)point;
		else if (decimal >= 0)
			ascii->block[i] = (char)('0' + decimal);
		else
			ascii->block[i] = sbx__is(point, UNICODE_SPACE) ? ' ' : '?';
	}
	ascii->text = ascii->block;
	return 0;
}

static void ascii_free(sbx_run *run, Ascii *ascii)
{
	if (ascii->block)
		sbx__free(run, ascii->block, ascii->length + 1);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void strip(const char **at, const char **end)
{
	while (*at < *end && is_space(**at))
		(*at)++;
	while (*end > *at && is_space((*end)[-1]))
		(*end)--;
}

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 99;
}

/* ---- int ---- */

static sbx_value invalid_int(sbx_run *run, sbx_value text, int base)
{
	sbx_value repr = sbx_gen_to_repr(run, text), shown;
	if (sbx__is_error(repr))
		return repr;
	shown = sbx__str_slice(run, repr, 0, STR(repr)->length < 200 ? STR(repr)->length : 200);
	if (sbx__is_error(shown))
		return shown;
	return sbx__raise(run, SBX_TYPE_ValueError, "invalid literal for int() with base %d: %V", base,
					  shown);
}

/* After the sign: reads a prefix; the base that it means. *zero: only zeros may follow ("010" with
 * base 0). */
static int read_prefix(const char **at, const char *end, int base, bool *zero)
{
	char mark = end - *at >= 2 && **at == '0' ? (char)((*at)[1] | 0x20) : 0;
	int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
	*zero = false;
	if (base == 0) {
		base = marked ? marked : 10;
		*zero = !marked && *at < end && **at == '0';
	}
	if (marked && marked == base) {
		*at += 2;
		if (*at < end && **at == '_')
			(*at)++;
	}
	return base;
}

/* Digits with single underscores between them, copied to `digits` without; their count, or -1.
 * *stop: where they end. */
static int64_t read_digits(const char *at, const char *end, int base, char *digits,
						   const char **stop)
{
	int64_t count = 0;
	char previous = '_';
	for (; at < end && (*at == '_' || digit_of(*at) < (unsigned)base); at++) {
		if (*at != '_')
			digits[count++] = *at;
		else if (previous == '_')
			return -1;
		previous = *at;
	}
	*stop = at;
	return previous == '_' ? -1 : count;
}

static bool all_zero(const char *digits, int64_t count)
{
	for (int64_t i = 0; i < count; i++)
		if (digits[i] != '0')
			return false;
	return true;
}

static sbx_value int_of_ascii(sbx_run *run, sbx_value text, const Ascii *ascii, int base,
							  char *digits)
{
	const char *at = ascii->text, *end = at + ascii->length, *stop;
	bool negative = false, zero;
	int64_t count;
	int told = base;
	sbx_value v;
	strip(&at, &end);
	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	base = read_prefix(&at, end, base, &zero);
	digits[0] = negative ? '-' : '+';
	count = read_digits(at, end, base, digits + 1, &stop);
	if (count < 0)
		return invalid_int(run, text, told);
	if ((base & (base - 1)) != 0 &&
		count > SBX_MAX_STR_DIGITS) /* told before what follows the digits is looked at */
		return sbx__int_from_ascii(run, digits, (size_t)count + 1, base, true);
	if (stop != end || (zero && !all_zero(digits + 1, count)))
		return invalid_int(run, text, told);
	v = sbx__int_from_ascii(run, digits, (size_t)count + 1, base, true);
	return v;
}

static sbx_value int_of_text(sbx_run *run, sbx_value text, int base)
{
	Ascii ascii;
	char fixed[128], *digits = fixed;
	sbx_value v;
	if (ascii_of(run, text, &ascii))
		return SBX_GEN_ERROR;
	if (ascii.length + 1 > sizeof fixed && !(digits = sbx__alloc(run, ascii.length + 1)))
		return SBX_GEN_ERROR;
	v = sbx__spend(run, ascii.length / 4) ? SBX_GEN_ERROR
										  : int_of_ascii(run, text, &ascii, base, digits);
	if (digits != fixed)
		sbx__free(run, digits, ascii.length + 1);
	ascii_free(run, &ascii);
	return v;
}

sbx_value sbx__int_new(sbx_run *run, sbx_value x, sbx_value base)
{
	int64_t b;
	if (!x.tag) {
		if (base.tag)
			return sbx__raise(run, SBX_TYPE_TypeError, "int() missing string argument");
		return sbx_gen_int(0);
	}
	if (base.tag) {
		if (sbx__index(run, base, -1, &b))
			return SBX_GEN_ERROR;
		if ((b != 0 && b < 2) || b > 36)
			return sbx__raise(run, SBX_TYPE_ValueError, "int() base must be >= 2 and <= 36, or 0");
		if (!is_text(x))
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "int() can't convert non-string with explicit base");
		return int_of_text(run, x, (int)b);
	}
	if (SBX_IS_INT(x))
		return sbx__int_of(x);
	if (x.tag == SBX_KIND_FLOAT)
		return sbx__int_from_double(run, x.u.f);
	if (is_text(x))
		return int_of_text(run, x, 10);
	return sbx__raise(
		run, SBX_TYPE_TypeError,
		"int() argument must be a string, a bytes-like object or a real number, not '%T'", x);
}

/* ---- float ---- */

/* Copies without underscores; false when one does not stand between two digits. */
static bool drop_underscores(const char *at, const char *end, char *out, size_t *length)
{
	char previous = 0;
	size_t n = 0;
	for (; at < end; at++) {
		bool digit = *at >= '0' && *at <= '9';
		if (*at == '_') {
			if (!(previous >= '0' && previous <= '9'))
				return false;
		} else {
			if (previous == '_' && !digit)
				return false;
			out[n++] = *at;
		}
		previous = *at;
	}
	*length = n;
	return previous != '_';
}

static sbx_value float_of_text(sbx_run *run, sbx_value text)
{
	Ascii ascii;
	const char *at, *end;
	char *copy = NULL;
	size_t size = 0, length;
	double f = 0.0;
	bool good = true;
	if (ascii_of(run, text, &ascii) || sbx__spend(run, ascii.length / 4))
		return SBX_GEN_ERROR;
	at = ascii.text;
	end = at + ascii.length;
	strip(&at, &end);
	length = (size_t)(end - at);
	if (length && memchr(at, '_', length)) {
		size = length;
		if (!(copy = sbx__alloc(run, size)))
			return SBX_GEN_ERROR;
		good = drop_underscores(at, end, copy, &length);
		at = copy;
	}
	good = good && sbx__float_parse(at, length, &f);
	if (copy)
		sbx__free(run, copy, size);
	ascii_free(run, &ascii);
	if (!good)
		return sbx__raise(run, SBX_TYPE_ValueError, "could not convert string to float: %R", text);
	return sbx_gen_float(f);
}

sbx_value sbx__float_new(sbx_run *run, sbx_value x)
{
	double f;
	if (!x.tag)
		return sbx_gen_float(0.0);
	if (x.tag == SBX_KIND_FLOAT)
		return x;
	if (SBX_IS_INT(x))
		return sbx__int_to_double(run, x, &f) ? SBX_GEN_ERROR : sbx_gen_float(f);
	if (is_text(x))
		return float_of_text(run, x);
	return sbx__raise(run, SBX_TYPE_TypeError,
					  "float() argument must be a string or a real number, not '%T'", x);
}
