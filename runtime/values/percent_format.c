/*
 * The % operator of str and bytes.
 *
 * A conversion is read into a Directive (flags, width, precision, code), its value becomes text
 * without padding, and put_padded brings both together. For bytes the same, with its own texts of
 * errors, and s, b, c and keys of bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "format.h"

#include <stdio.h>

enum {
	FLAG_LEFT = 1,
	FLAG_SIGN = 2,
	FLAG_BLANK = 4,
	FLAG_ALTERNATE = 8,
	FLAG_ZERO = 16,
	FLAG_NO_NEGATIVE_ZERO = 32
};

typedef struct Directive {
	int flags;
	int64_t width, precision; /* -1: not given */
	uint32_t code;
} Directive;

typedef struct Percent {
	sbx_run *run;
	Units format;
	uint64_t at;            /* next unit of the format */
	const sbx_value *items; /* of a tuple */
	uint64_t count, next;
	sbx_value one;     /* where the argument is no tuple: it, or what a key gave */
	bool has_one;      /* `one` has not been used */
	bool keyed;        /* a key has been looked up; `one` is owned */
	sbx_value mapping; /* tag 0: none */
	TextBuffer out;
} Percent;

static int fail(Percent *percent, int type, const char *text)
{
	sbx__raise(percent->run, type, "%s", text);
	return -1;
}

/* The next argument, borrowed; tag 0 after raising. */
static sbx_value next_argument(Percent *percent)
{
	if (percent->items && percent->next < percent->count)
		return percent->items[percent->next++];
	if (percent->has_one) {
		percent->has_one = false;
		return percent->one;
	}
	return fail(percent, SBX_TYPE_TypeError, "not enough arguments for format string"),
		   SBX_GEN_ERROR;
}

/* ---- reading a directive ---- */

/* Reads one unit into *c; -1 raised at the end. */
static int read_unit(Percent *percent, uint32_t *c)
{
	if (percent->at >= percent->format.length)
		return fail(percent, SBX_TYPE_ValueError, "incomplete format");
	*c = sbx__unit(&percent->format, percent->at++);
	return 0;
}

/* "(key)", from behind the parenthesis: the key's value becomes the argument. */
static int read_key(Percent *percent)
{
	uint64_t start = percent->at, depth = 1;
	sbx_value key;
	if (!percent->mapping.tag)
		return fail(percent, SBX_TYPE_TypeError, "format requires a mapping");
	while (depth && percent->at < percent->format.length) {
		uint32_t c = sbx__unit(&percent->format, percent->at++);
		depth += c == '(';
		depth -= c == ')';
	}
	if (depth)
		return fail(percent, SBX_TYPE_ValueError, "incomplete format key");
	key = sbx__units_value(percent->run, sbx__units_part(percent->format, start, percent->at - 1));
	if (sbx__is_error(key))
		return -1;
	if (percent->keyed)
		sbx_gen_drop(percent->run, percent->one);
	percent->one = sbx_gen_getitem(percent->run, percent->mapping, key);
	sbx_gen_drop(percent->run, key);
	percent->keyed = percent->has_one = true;
	percent->items = NULL;
	return sbx__is_error(percent->one) ? -1 : 0;
}

/* A number in digits; *c is the unit behind it. */
static int read_number(Percent *percent, uint32_t *c, int64_t most, const char *too_big,
					   int64_t *number)
{
	*number = *c - '0';
	for (;;) {
		if (read_unit(percent, c))
			return -1;
		if (*c < '0' || *c > '9')
			return 0;
		if (*number > (most - (int64_t)(*c - '0')) / 10)
			return fail(percent, SBX_TYPE_ValueError, too_big);
		*number = *number * 10 + (*c - '0');
	}
}

/* "*": an argument that says the number. */
static int read_star(Percent *percent, uint32_t *c, bool is_width, int64_t *number)
{
	sbx_value v = next_argument(percent);
	if (sbx__is_error(v))
		return -1;
	if (!SBX_IS_INT(v))
		return fail(percent, SBX_TYPE_TypeError, "* wants int");
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG || (!is_width && (v.u.i < INT32_MIN || v.u.i > INT32_MAX)))
		return fail(percent, SBX_TYPE_OverflowError,
					is_width ? "Python int too large to convert to C ssize_t"
							 : "Python int too large to convert to C int");
	*number = v.u.i;
	return read_unit(percent, c);
}

static int read_directive(Percent *percent, Directive *directive)
{
	const char *flag_letters =
		percent->format.is_bytes ? "-+ #0z" : "-+ #0"; /* z: in 3.11 for bytes alone */
	const char *letter, *too_big = percent->format.is_bytes ? "prec too big" : "precision too big";
	Directive empty = {0, -1, -1, 0};
	uint32_t c;
	*directive = empty;
	if (read_unit(percent, &c))
		return -1;
	if (c == '(' && (read_key(percent) || read_unit(percent, &c)))
		return -1;
	while (c && c < 128 && (letter = strchr(flag_letters, (int)c))) {
		directive->flags |= 1 << (letter - flag_letters);
		if (read_unit(percent, &c))
			return -1;
	}
	if (c == '*') {
		if (read_star(percent, &c, true, &directive->width))
			return -1;
		if (directive->width < 0) {
			directive->flags |= FLAG_LEFT;
			directive->width = directive->width == INT64_MIN ? INT64_MAX : -directive->width;
		}
	} else if (c >= '0' && c <= '9' &&
			   read_number(percent, &c, INT64_MAX, "width too big", &directive->width)) {
		return -1;
	}
	if (c == '.') {
		directive->precision = 0;
		if (read_unit(percent, &c))
			return -1;
		if (c == '*' && read_star(percent, &c, false, &directive->precision))
			return -1;
		else if (c >= '0' && c <= '9' &&
				 read_number(percent, &c, INT32_MAX, too_big, &directive->precision))
			return -1;
		if (directive->precision < 0)
			directive->precision = 0;
	}
	if ((c == 'h' || c == 'l' || c == 'L') && read_unit(percent, &c))
		return -1;
	directive->code = c;
	return 0;
}

/* ---- values as text without padding ---- */

static int wrong_type(Percent *percent, uint32_t code, sbx_value v)
{
	if (code == 'i' && percent->format.is_bytes)
		code = 'd'; /* as CPython has it */
	sbx__raise(percent->run, SBX_TYPE_TypeError, "%%%c format: %s is required, not %T", (int)code,
			   code == 'o' || code == 'x' || code == 'X' ? "an integer" : "a real number", v);
	return -1;
}

/* v as an int: itself, or a float cut. A new reference. */
static sbx_value integer_of(Percent *percent, uint32_t code, sbx_value v)
{
	if (SBX_IS_INT(v))
		return sbx__int_of(v);
	if (SBX_GEN_KIND(v) == SBX_KIND_FLOAT && code != 'o' && code != 'x' && code != 'X')
		return sbx__int_from_double(percent->run, v.u.f);
	return wrong_type(percent, code, v), SBX_GEN_ERROR;
}

static int put_integer(Percent *percent, const Directive *directive, sbx_value v, TextBuffer *text)
{
	uint32_t code = directive->code;
	int base = code == 'o' ? 8 : code == 'x' || code == 'X' ? 16 : 10;
	sbx_value integer = integer_of(percent, code, v);
	size_t length, size = 0;
	bool negative;
	char small[SBX_SMALL_DIGITS], *digits;
	if (sbx__is_error(integer))
		return -1;
	if (directive->precision > INT32_MAX - 3)
		return fail(percent, SBX_TYPE_OverflowError, "precision too large");
	if (SBX_GEN_KIND(integer) != SBX_KIND_BIG) {
		length = sbx__small_digits(integer.u.i, (unsigned)base, small).length;
		digits = small + sizeof small - length;
	} else {
		digits = sbx__int_to_ascii(percent->run, integer, base, true, &length, &size);
	}
	if (!digits)
		return -1;
	for (size_t i = 0; code == 'X' && i < length; i++)
		if (digits[i] >= 'a' && digits[i] <= 'z')
			digits[i] -= 32;
	negative = digits[0] == '-';
	if (negative)
		sbx__text_point(text, '-');
	if (directive->flags & FLAG_ALTERNATE && base != 10) {
		sbx__text_point(text, '0');
		sbx__text_point(text, code);
	}
	if (directive->precision > (int64_t)(length - negative))
		sbx__text_repeat(text, '0', (uint64_t)directive->precision - (length - negative));
	sbx__text_units(text, (Units){digits + negative, length - negative, 1, false});
	if (size)
		sbx__free(percent->run, digits, size);
	sbx_gen_drop(percent->run, integer);
	return 0;
}

static int put_float(Percent *percent, const Directive *directive, sbx_value v, TextBuffer *text)
{
	double f;
	if (percent->format.is_bytes && !SBX_IS_INT(v) && SBX_GEN_KIND(v) != SBX_KIND_FLOAT) {
		sbx__raise(percent->run, SBX_TYPE_TypeError, "float argument required, not %T", v);
		return -1;
	}
	if (sbx__to_double(percent->run, v, &f))
		return -1;
	sbx__float_text_into(
		text, f, (char)directive->code, directive->precision < 0 ? 6 : directive->precision,
		(directive->flags & FLAG_ALTERNATE ? FLOAT_ALTERNATE : 0) |
			(directive->flags & FLAG_NO_NEGATIVE_ZERO ? FLOAT_NO_NEGATIVE_ZERO : 0));
	return 0;
}

static int put_character(Percent *percent, sbx_value v, TextBuffer *text)
{
	bool is_bytes = percent->format.is_bytes;
	Units units;
	if (is_bytes ? SBX_IS_BYTES(v) : SBX_IS_STR(v)) {
		units = sbx__units_of(v);
		if (units.length == 1) {
			sbx__text_point(text, sbx__unit(&units, 0));
			return 0;
		}
	} else if (SBX_IS_INT(v)) {
		if (SBX_GEN_KIND(v) == SBX_KIND_BIG || v.u.i < 0 || v.u.i > (is_bytes ? 255 : 0x10ffff))
			return fail(percent, SBX_TYPE_OverflowError,
						is_bytes ? "%c arg not in range(256)" : "%c arg not in range(0x110000)");
		sbx__text_point(text, (uint32_t)v.u.i);
		return 0;
	}
	return fail(percent, SBX_TYPE_TypeError,
				is_bytes ? "%c requires an integer in range(256) or a single byte"
						 : "%c requires int or char");
}

static int put_text(Percent *percent, uint32_t code, sbx_value v, TextBuffer *text)
{
	sbx_value str;
	if (percent->format.is_bytes && code != 'r' && code != 'a') {
		if (!SBX_IS_BYTES(v)) {
			sbx__raise(percent->run, SBX_TYPE_TypeError,
					   "%%b requires a bytes-like object, or an object that implements __bytes__, "
					   "not '%T'",
					   v);
			return -1;
		}
		sbx__text_units(text, sbx__units_of_bytes(v));
		return 0;
	}
	if (code == 's')
		str = sbx_gen_to_str(percent->run, v);
	else
		str = code == 'r' && !percent->format.is_bytes ? sbx_gen_to_repr(percent->run, v)
													   : sbx__ascii(percent->run, v);
	if (sbx__is_error(str))
		return -1;
	sbx__text_str(text, str);
	sbx_gen_drop(percent->run, str);
	return 0;
}

/* ---- padding ---- */

static void put_padded(Percent *percent, const Directive *directive, Units text, bool numeric)
{
	TextBuffer *out = &percent->out;
	bool zeros = numeric && directive->flags & FLAG_ZERO, left = directive->flags & FLAG_LEFT;
	bool prefixed = directive->flags & FLAG_ALTERNATE && directive->code < 128 && directive->code &&
					strchr("oxX", (int)directive->code);
	uint32_t sign = 0, first = text.length ? sbx__unit(&text, 0) : 0;
	uint64_t used, more;
	if (!numeric && directive->precision >= 0 && directive->code != 'c' &&
		(int64_t)text.length > directive->precision)
		text.length = (uint64_t)directive->precision;
	if (numeric) {
		if (first == '-') {
			sign = first;
			text = sbx__units_part(text, 1, text.length);
		} else {
			sign = directive->flags & FLAG_SIGN ? '+' : directive->flags & FLAG_BLANK ? ' ' : 0;
		}
	}
	used = text.length + (sign != 0);
	more = directive->width > (int64_t)used ? (uint64_t)directive->width - used : 0;
	sbx__text_room(out, used + more, 1);
	if (!left && !zeros)
		sbx__text_repeat(out, ' ', more);
	if (sign)
		sbx__text_point(out, sign);
	if (prefixed) {
		sbx__text_units(out, sbx__units_part(text, 0, 2));
		text = sbx__units_part(text, 2, text.length);
	}
	if (!left && zeros)
		sbx__text_repeat(out, '0', more);
	sbx__text_units(out, text);
	if (left)
		sbx__text_repeat(out, ' ', more);
}

/* ---- the whole ---- */

static int unknown_code(Percent *percent, uint32_t code)
{
	char hex[12];
	snprintf(hex, sizeof hex, "0x%x", (unsigned)code);
	sbx__raise(percent->run, SBX_TYPE_ValueError,
			   "unsupported format character '%c' (%s) at index %llu",
			   percent->format.is_bytes || (code > 30 && code < 127) ? (int)code : '?', hex,
			   (unsigned long long)(percent->at - 1));
	return -1;
}

static int put_value(Percent *percent, const Directive *directive, sbx_value v, TextBuffer *text,
					 bool *numeric)
{
	uint32_t code = directive->code < 128 ? directive->code : 0;
	*numeric = code && strchr("diuoxXeEfFgG", (int)code);
	if (*numeric)
		return (strchr("diuoxX", (int)code) ? put_integer : put_float)(percent, directive, v, text);
	if (code == 'c')
		return put_character(percent, v, text);
	if (code == 's' || code == 'r' || code == 'a' || (code == 'b' && percent->format.is_bytes))
		return put_text(percent, code, v, text);
	return unknown_code(percent, directive->code);
}

static int all_used(Percent *percent)
{
	if ((percent->items ? percent->next == percent->count : !percent->has_one))
		return 0;
	return fail(percent, SBX_TYPE_TypeError,
				percent->format.is_bytes ? "not all arguments converted during bytes formatting"
										 : "not all arguments converted during string formatting");
}

static int convert_one(Percent *percent)
{
	Directive directive;
	TextBuffer text;
	Units units;
	sbx_value v;
	bool numeric;
	if (percent->at < percent->format.length && sbx__unit(&percent->format, percent->at) == '%') {
		percent->at++;
		sbx__text_point(&percent->out, '%');
		return 0;
	}
	if (sbx__spend(percent->run, 16) || read_directive(percent, &directive))
		return -1;
	v = next_argument(percent);
	if (sbx__is_error(v))
		return -1;
	if (directive.code == 's' && SBX_IS_STR(v) && !percent->format.is_bytes) {
		put_padded(percent, &directive, sbx__units_of_str(v), false);
		return percent->mapping.tag && percent->has_one ? all_used(percent) : 0;
	}
	sbx__text_init(&text, percent->run);
	if (put_value(percent, &directive, v, &text, &numeric) || text.failed)
		return -1;
	units.at = text.units;
	units.length = text.length;
	units.width = text.width;
	units.is_bytes = false;
	put_padded(percent, &directive, units, numeric);
	sbx__text_drop(&text);
	return percent->mapping.tag && percent->has_one ? all_used(percent) : 0;
}

static bool is_mapping(sbx_value v, bool of_bytes)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_BYTES:
		return !of_bytes;
	case SBX_KIND_LIST:
	case SBX_KIND_DICT:
	case SBX_KIND_RANGE:
		return true;
	default:
		return false;
	}
}

/* format % args, format a str or bytes. */
sbx_value sbx__percent_format(sbx_run *run, sbx_value format, sbx_value args)
{
	Percent percent = {.run = run, .format = sbx__units_of(format), .one = args};
	const Units *in = &percent.format;
	if (SBX_GEN_KIND(args) == SBX_KIND_TUPLE) {
		percent.items = TUPLE(args)->items;
		percent.count = TUPLE(args)->length;
	} else {
		percent.has_one = true;
	}
	if (is_mapping(args, in->is_bytes))
		percent.mapping = args;
	sbx__text_init(&percent.out, run);
	if (sbx__spend(run, in->length))
		return SBX_GEN_ERROR;
	while (percent.at < in->length && !percent.out.failed) {
		uint64_t start = percent.at;
		while (percent.at < in->length && sbx__unit(in, percent.at) != '%')
			percent.at++;
		sbx__text_units(&percent.out, sbx__units_part(*in, start, percent.at));
		if (percent.at == in->length)
			break;
		percent.at++;
		if (convert_one(&percent))
			return SBX_GEN_ERROR;
	}
	if (!percent.out.failed && !percent.mapping.tag && all_used(&percent))
		return SBX_GEN_ERROR;
	if (percent.keyed)
		sbx_gen_drop(run, percent.one);
	return in->is_bytes ? sbx__text_take_bytes(&percent.out) : sbx__text_take(&percent.out);
}
