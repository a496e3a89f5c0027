/*
 * format() of ints and floats.
 *
 * A formatted number has up to nine parts: padding, sign, prefix (0x), padding between sign and
 * digits, digits in groups, point, the rest (fraction, exponent, "inf", "%"), padding. Zero padding
 * with '=' belongs to the digits and is grouped with them, all other padding is not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format.h"

#include <math.h>
#include <stdio.h>

static void fail(TextBuffer *out, int type, const char *text)
{
	sbx__raise(out->run, type, "%s", text);
	out->failed = true;
}

/* ---- the parts put together ---- */

typedef struct NumberParts {
	bool negative;
	const char *prefix; /* "0x", or "" */
	Units digits;       /* before the point */
	Units rest;         /* from the point on, or what is no digit at all */
} NumberParts;

/* How many digits there are with the zeros that grouping to `width` units needs. */
static uint64_t padded_digits(uint64_t digits, int64_t width, uint32_t group_size)
{
	uint64_t groups, last;
	if (width <= (int64_t)digits)
		return digits;
	if (!group_size)
		return (uint64_t)width;
	/* groups of group_size digits and a separator; the first one has at least one digit */
	groups = (uint64_t)width / (group_size + 1);
	last = (uint64_t)width % (group_size + 1);
	last = groups * group_size + (last ? last : 1);
	/* where the width ends on a separator one more digit goes before it */
	return last > digits ? last : digits;
}

static void put_grouped(TextBuffer *out, const Units *digits, uint64_t count, uint32_t group,
						uint32_t group_size)
{
	uint64_t zeros = count - digits->length;
	if (!group) {
		sbx__text_repeat(out, '0', zeros);
		sbx__text_units(out, *digits);
		return;
	}
	for (uint64_t i = 0; i < count && !out->failed; i++) {
		if (i && (count - i) % group_size == 0)
			sbx__text_point(out, group);
		sbx__text_point(out, i < zeros ? '0' : sbx__unit(digits, i - zeros));
	}
}

static void put_number(TextBuffer *out, const NumberParts *parts, const FormatSpec *spec)
{
	uint32_t sign = parts->negative ? '-' : spec->sign == '+' || spec->sign == ' ' ? spec->sign : 0;
	uint64_t fixed = (sign != 0) + strlen(parts->prefix) + parts->rest.length;
	uint32_t group_size = spec->group ? spec->group_size : 0;
	uint64_t count = parts->digits.length, used, more, left = 0;
	if (count && spec->fill == '0' && spec->align == '=' && spec->width > (int64_t)fixed) {
		/* asked for before the digits are counted: width + 1 digits are the most that come */
		if (sbx__reserve(out->run, (uint64_t)spec->width)) {
			out->failed = true;
			return;
		}
		count = padded_digits(count, spec->width - (int64_t)fixed, group_size);
	}
	used = fixed + count + (group_size && count ? (count - 1) / group_size : 0);
	more = spec->width > (int64_t)used ? (uint64_t)spec->width - used : 0;
	if (spec->align == '>' || spec->align == '^')
		left = spec->align == '>' ? more : more / 2;
	sbx__text_room(out, used + more, 1);
	sbx__text_repeat(out, spec->fill, left);
	if (sign)
		sbx__text_point(out, sign);
	sbx__text_ascii(out, parts->prefix);
	if (spec->align == '=')
		sbx__text_repeat(out, spec->fill, more);
	put_grouped(out, &parts->digits, count, spec->group, spec->group_size);
	sbx__text_units(out, parts->rest);
	if (spec->align == '<' || spec->align == '^')
		sbx__text_repeat(out, spec->fill, more - left);
}

/* ---- ints ---- */

static void put_character(TextBuffer *out, sbx_value v, const FormatSpec *spec)
{
	NumberParts parts = {false, "", {NULL, 0, 1, false}, {NULL, 1, 4, false}};
	FormatSpec plain = *spec;
	uint32_t point;
	if (spec->sign) {
		fail(out, SBX_TYPE_ValueError, "Sign not allowed with integer format specifier 'c'");
		return;
	}
	if (spec->alternate) {
		fail(out, SBX_TYPE_ValueError,
			 "Alternate form (#) not allowed with integer format specifier 'c'");
		return;
	}
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG) {
		fail(out, SBX_TYPE_OverflowError, "Python int too large to convert to C long");
		return;
	}
	if (v.u.i < 0 || v.u.i > 0x10ffff) {
		fail(out, SBX_TYPE_OverflowError, "%c arg not in range(0x110000)");
		return;
	}
	point = (uint32_t)v.u.i;
	parts.rest.at = &point;
	plain.group = 0;
	put_number(out, &parts, &plain);
}

/* Writes decimal digits before `at`, two at a time: a division by a constant is a multiplication. */
static char *decimal_digits(char *at, uint64_t rest)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
								"25262728293031323334353637383940414243444546474849"
								"50515253545556575859606162636465666768697071727374"
								"75767778798081828384858687888990919293949596979899";
	while (rest >= 100) {
		at -= 2;
		memcpy(at, pairs + 2 * (rest % 100), 2);
		rest /= 100;
	}
	if (rest >= 10) {
		at -= 2;
		memcpy(at, pairs + 2 * rest, 2);
	} else {
		*--at = (char)('0' + rest);
	}
	return at;
}

Units sbx__small_digits(int64_t i, unsigned base, char digits[SBX_SMALL_DIGITS])
{
	uint64_t rest = i < 0 ? -(uint64_t)i : (uint64_t)i;
	char *at = digits + SBX_SMALL_DIGITS;
	Units units = {NULL, 0, 1, false};
	if (base == 10)
		at = decimal_digits(at, rest);
	else
		do
			*--at = "0123456789abcdef"[rest % base];
		while (rest /= base);
	if (i < 0)
		*--at = '-';
	units.at = at;
	units.length = (uint64_t)(digits + SBX_SMALL_DIGITS - at);
	return units;
}

static void raise_upper(char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] -= 32;
}

void sbx__format_int(TextBuffer *out, sbx_value v, const FormatSpec *spec)
{
	static const char codes[] = "boxX", *const prefixes[] = {"0b", "0o", "0x", "0X"};
	static const unsigned bases[] = {2, 8, 16, 16};
	const char *code = spec->type && spec->type < 128 ? strchr(codes, (int)spec->type) : NULL;
	NumberParts parts = {false, "", {NULL, 0, 1, false}, {NULL, 0, 1, false}};
	unsigned base = code ? bases[code - codes] : 10;
	size_t length, size = 0;
	char small[SBX_SMALL_DIGITS], *text;
	if (spec->precision != -1) {
		fail(out, SBX_TYPE_ValueError, "Precision not allowed in integer format specifier");
		return;
	}
	if (spec->no_negative_zero) {
		fail(out, SBX_TYPE_ValueError,
			 "Negative zero coercion (z) not allowed in integer format specifier");
		return;
	}
	if (spec->type == 'c') {
		put_character(out, v, spec);
		return;
	}
	if (SBX_GEN_KIND(v) != SBX_KIND_BIG) {
		length = sbx__small_digits(v.u.i, base, small).length;
		text = small + sizeof small - length;
	} else {
		text = sbx__int_to_ascii(out->run, v, (int)base, true, &length, &size);
	}
	if (!text) {
		out->failed = true;
		return;
	}
	if (spec->type == 'X')
		raise_upper(text, length);
	if (code && spec->alternate)
		parts.prefix = prefixes[code - codes];
	parts.negative = text[0] == '-';
	parts.digits.at = text + parts.negative;
	parts.digits.length = length - parts.negative;
	put_number(out, &parts, spec);
	if (size)
		sbx__free(out->run, text, size);
}

/* ---- floats ---- */

/* Digits [from, to) of a number, zeros where it has none. */
static void put_digits(TextBuffer *out, const FloatDigits *digits, int64_t from, int64_t to)
{
	if (from < 0 && from < to) {
		sbx__text_repeat(out, '0', (uint64_t)((to < 0 ? to : 0) - from));
		from = to < 0 ? to : 0;
	}
	if (from < digits->count && from < to) {
		int64_t stop = to < digits->count ? to : digits->count;
		Units units = {digits->digits + from, (uint64_t)(stop - from), 1, false};
		sbx__text_units(out, units);
		from = stop;
	}
	if (from < to)
		sbx__text_repeat(out, '0', (uint64_t)(to - from));
}

static void put_special(TextBuffer *out, double f, bool upper)
{
	if (isnan(f))
		sbx__text_ascii(out, upper ? "NAN" : "nan");
	else
		sbx__text_ascii(out, f < 0 ? upper ? "-INF" : "-inf" : upper ? "INF" : "inf");
}

void sbx__float_text_into(TextBuffer *out, double f, char code, int64_t precision, int flags)
{
	bool upper = code >= 'A' && code <= 'Z', use_exponent = false;
	char kind = upper ? (char)(code + 32) : code, exponent_text[16];
	int64_t point, end, most, exponent = 0;
	FloatDigits digits;
	if (!isfinite(f)) {
		put_special(out, f, upper);
		return;
	}
	if (kind == 'e')
		precision++;
	if (kind == 'g' && precision == 0)
		precision = 1;
	most = precision > 1200 ? 1200 : precision; /* a double has no more digits than that */
	sbx__float_digits(f,
					  kind == 'r'   ? FLOAT_SHORTEST
					  : kind == 'f' ? FLOAT_FRACTION
									: FLOAT_SIGNIFICANT,
					  (int)most, &digits);
	point = digits.count ? digits.point : -precision;
	end = digits.count;
	if (kind == 'e')
		use_exponent = true, end = precision;
	else if (kind == 'f')
		end = point + precision;
	else if (kind == 'g')
		use_exponent = point <= -4 || point > precision - (flags & FLOAT_ADD_DOT ? 1 : 0);
	else
		use_exponent = point <= -4 || point > 16;
	if (kind == 'g' && flags & FLOAT_ALTERNATE)
		end = precision;
	if (use_exponent) {
		exponent = point - 1;
		point = 1;
	}
	if (end <= point)
		end = !use_exponent && flags & FLOAT_ADD_DOT ? point + 1 : point;
	if (digits.negative && !(flags & FLOAT_NO_NEGATIVE_ZERO &&
							 (digits.count == 0 || (digits.count == 1 && digits.digits[0] == '0'))))
		sbx__text_point(out, '-');
	if (point > 0)
		put_digits(out, &digits, 0, point);
	else
		sbx__text_point(out, '0');
	if (end > point || flags & FLOAT_ALTERNATE)
		sbx__text_point(out, '.');
	put_digits(out, &digits, point, end);
	if (use_exponent) {
		snprintf(exponent_text, sizeof exponent_text, "%c%+.02d", upper ? 'E' : 'e', (int)exponent);
		sbx__text_ascii(out, exponent_text);
	}
}

void sbx__format_float(TextBuffer *out, double f, const FormatSpec *spec)
{
	char code = spec->type == 'n'   ? 'g'
				: spec->type == '%' ? 'f'
				: spec->type        ? (char)spec->type
									: 'r';
	int64_t precision = spec->precision;
	int flags = (spec->alternate ? FLOAT_ALTERNATE : 0) |
				(spec->no_negative_zero ? FLOAT_NO_NEGATIVE_ZERO : 0) |
				(spec->type ? 0 : FLOAT_ADD_DOT);
	NumberParts parts = {false, "", {NULL, 0, 1, false}, {NULL, 0, 1, false}};
	TextBuffer plain;
	uint64_t digits = 0;
	if (precision > INT32_MAX) {
		fail(out, SBX_TYPE_ValueError, "precision too big");
		return;
	}
	if (precision < 0)
		precision = code == 'r' ? 0 : 6;
	else if (code == 'r')
		code = 'g';
	sbx__text_init(&plain, out->run);
	sbx__float_text_into(&plain, spec->type == '%' ? f * 100 : f, code, precision, flags);
	if (spec->type == '%')
		sbx__text_point(&plain, '%');
	if (plain.failed) {
		sbx__text_drop(&plain);
		out->failed = true;
		return;
	}
	parts.negative = *(const char *)plain.units == '-';
	parts.digits.at = (const char *)plain.units + parts.negative;
	plain.length -= parts.negative;
	while (digits < plain.length && ((const char *)parts.digits.at)[digits] >= '0' &&
		   ((const char *)parts.digits.at)[digits] <= '9')
		digits++;
	parts.digits.length = digits;
	parts.rest.at = (const char *)parts.digits.at + digits;
	parts.rest.length = plain.length - digits;
	put_number(out, &parts, spec);
	sbx__text_drop(&plain);
}
