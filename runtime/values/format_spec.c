/*
 * format(v, spec): reads the format specification, and formats text. Numbers are in
 * number_format.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format.h"
#include "unicode.h"

#include <stdio.h>
#include <string.h>

static int fail(sbx_run *run, const char *text)
{
	sbx__raise(run, SBX_TYPE_ValueError, "%s", text);
	return -1;
}

/* ---- reading the specification ---- */

int sbx__format_integer(sbx_run *run, const Units *text, uint64_t *at, uint64_t end,
						int64_t *number)
{
	int count = 0;
	*number = 0;
	for (; *at < end; ++*at) {
		int32_t digit = sbx__unicode(sbx__unit(text, *at))->decimal;
		if (digit < 0)
			break;
		if (*number > (INT64_MAX - digit) / 10)
			return fail(run, "Too many decimal digits in format string");
		*number = *number * 10 + digit;
		count = 1;
	}
	return count;
}

static bool is_align(uint32_t c)
{
	return c == '<' || c == '>' || c == '=' || c == '^';
}

/* The unit at `at`, or 0 behind the end. */
static uint32_t peek(const Units *text, uint64_t at)
{
	return at < text->length ? sbx__unit(text, at) : 0;
}

int sbx__format_code_unknown(sbx_run *run, uint32_t type, sbx_value v)
{
	char code[16];
	snprintf(code, sizeof code, type > 32 && type < 128 ? "%c" : "\\x%x", (int)type);
	sbx__raise(run, SBX_TYPE_ValueError, "Unknown format code '%s' for object of type '%T'", code,
			   v);
	return -1;
}

/* Is the separator possible with the type? Sets the size of the groups. */
static int check_group(sbx_run *run, FormatSpec *spec, uint32_t default_align)
{
	uint32_t type = spec->type ? spec->type : default_align == '<' ? 's' : 'd';
	char code[16];
	spec->group_size = 3;
	if (!spec->group || (type < 128 && strchr("defgEG%F", (int)type)))
		return 0;
	if (spec->group == '_' && type < 128 && strchr("boxX", (int)type)) {
		spec->group_size = 4;
		return 0;
	}
	snprintf(code, sizeof code, type > 32 && type < 128 ? "%c" : "\\x%x", (int)type);
	sbx__raise(run, SBX_TYPE_ValueError, "Cannot specify '%c' with '%s'.", (int)spec->group, code);
	return -1;
}

/* fill, align, sign, z, # and 0. Returns where the width begins. */
static uint64_t read_flags(const Units *text, uint32_t default_align, FormatSpec *spec)
{
	uint64_t at = 0;
	bool filled = false, aligned = false;
	if (text->length >= 2 && is_align(peek(text, 1))) {
		spec->fill = peek(text, 0);
		spec->align = peek(text, 1);
		filled = aligned = true;
		at = 2;
	} else if (is_align(peek(text, 0))) {
		spec->align = peek(text, at++);
		aligned = true;
	}
	if (peek(text, at) == '+' || peek(text, at) == '-' || peek(text, at) == ' ')
		spec->sign = peek(text, at++);
	if (peek(text, at) == 'z') {
		spec->no_negative_zero = true;
		at++;
	}
	if (peek(text, at) == '#') {
		spec->alternate = true;
		at++;
	}
	if (!filled && peek(text, at) == '0') {
		spec->fill = '0';
		if (!aligned && default_align == '>')
			spec->align = '=';
		at++;
	}
	return at;
}

static int read_spec(sbx_run *run, sbx_value v, sbx_value spec_value, uint32_t default_align,
					 FormatSpec *spec)
{
	Units text = sbx__units_of_str(spec_value);
	FormatSpec empty = {' ', default_align, 0, false, false, -1, -1, 0, 3, 0};
	uint64_t at;
	int count;
	*spec = empty;
	at = read_flags(&text, default_align, spec);
	count = sbx__format_integer(run, &text, &at, text.length, &spec->width);
	if (count < 0)
		return -1;
	if (count == 0)
		spec->width = -1;
	if (peek(&text, at) == ',')
		spec->group = peek(&text, at++);
	if (peek(&text, at) == '_') {
		if (spec->group)
			return fail(run, "Cannot specify both ',' and '_'.");
		spec->group = peek(&text, at++);
	}
	if (peek(&text, at) == ',' && spec->group == '_')
		return fail(run, "Cannot specify both ',' and '_'.");
	if (peek(&text, at) == '.') {
		at++;
		count = sbx__format_integer(run, &text, &at, text.length, &spec->precision);
		if (count < 0)
			return -1;
		if (count == 0)
			return fail(run, "Format specifier missing precision");
	}
	if (at + 1 < text.length) {
		sbx__raise(run, SBX_TYPE_ValueError,
				   "Invalid format specifier '%V' for object of type '%T'", spec_value, v);
		return -1;
	}
	if (at < text.length)
		spec->type = sbx__unit(&text, at);
	return check_group(run, spec, default_align);
}

/* ---- text ---- */

static int check_str_spec(sbx_run *run, sbx_value v, const FormatSpec *spec)
{
	if (spec->type != 0 && spec->type != 's')
		return sbx__format_code_unknown(run, spec->type, v);
	if (spec->sign)
		return fail(run, spec->sign == ' ' ? "Space not allowed in string format specifier"
										   : "Sign not allowed in string format specifier");
	if (spec->no_negative_zero)
		return fail(run, "Negative zero coercion (z) not allowed in string format specifier");
	if (spec->alternate)
		return fail(run, "Alternate form (#) not allowed in string format specifier");
	if (spec->align == '=')
		return fail(run, "'=' alignment not allowed in string format specifier");
	return 0;
}

static sbx_value format_str(sbx_run *run, sbx_value v, const FormatSpec *spec)
{
	Units text = sbx__units_of_str(v);
	uint64_t more, left;
	TextBuffer out;
	if (check_str_spec(run, v, spec))
		return SBX_GEN_ERROR;
	if (spec->width <= (int64_t)text.length &&
		(spec->precision == -1 || spec->precision >= (int64_t)text.length))
		return sbx_gen_copy(v);
	if (spec->precision != -1 && spec->precision < (int64_t)text.length)
		text.length = (uint64_t)spec->precision;
	more = spec->width > (int64_t)text.length ? (uint64_t)spec->width - text.length : 0;
	left = spec->align == '>' ? more : spec->align == '^' ? more / 2 : 0;
	sbx__text_init(&out, run);
	sbx__text_room(&out, text.length + more, 1);
	sbx__text_repeat(&out, spec->fill, left);
	sbx__text_units(&out, text);
	sbx__text_repeat(&out, spec->fill, more - left);
	return sbx__text_take(&out);
}

/* ---- every kind ---- */

static sbx_value format_number(sbx_run *run, sbx_value v, const FormatSpec *spec)
{
	bool is_float = SBX_GEN_KIND(v) == SBX_KIND_FLOAT;
	double f = v.u.f;
	TextBuffer out;
	sbx__text_init(&out, run);
	if (!is_float &&
		(spec->type == 0 || (spec->type < 128 && strchr("bcdoxXn", (int)spec->type)))) {
		sbx__format_int(&out, v, spec);
		return sbx__text_take(&out);
	}
	if (spec->type >= 128 || !strchr("eEfFgGn%", (int)spec->type)) {
		sbx__format_code_unknown(run, spec->type, v);
		return SBX_GEN_ERROR;
	}
	if (!is_float && sbx__int_to_double(run, v, &f))
		return SBX_GEN_ERROR;
	sbx__format_float(&out, f, spec);
	return sbx__text_take(&out);
}

sbx_value sbx__format_value(sbx_run *run, sbx_value v, sbx_value spec_value)
{
	FormatSpec spec;
	if (STR(spec_value)->length == 0)
		return sbx_gen_to_str(run, v);
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_STR:
		return read_spec(run, v, spec_value, '<', &spec) ? SBX_GEN_ERROR
														 : format_str(run, v, &spec);
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
	case SBX_KIND_BOOL:
	case SBX_KIND_FLOAT:
		return read_spec(run, v, spec_value, '>', &spec) ? SBX_GEN_ERROR
														 : format_number(run, v, &spec);
	default:
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "unsupported format string passed to %T.__format__", v);
	}
}

/* A machine int under the specs that are written most, 5 and 05d: what the general way makes of them. SBX_GEN_DONE: the
 * spec is another one. */
static sbx_value format_padded_int(sbx_run *run, int64_t i, sbx_value spec_value)
{
	Units spec = sbx__units_of_str(spec_value), digits;
	char small[SBX_SMALL_DIGITS], *to;
	const uint8_t *at = spec.at;
	uint64_t next = 0, width = 0, more, sign;
	sbx_value v;
	bool zeros;
	if (spec.width != 1 || spec.length == 0 || spec.length > 4)
		return SBX_GEN_DONE;
	zeros = at[0] == '0';
	for (next = zeros; next < spec.length && at[next] >= '0' && at[next] <= '9'; next++)
		width = width * 10 + (uint64_t)(at[next] - '0');
	if (next < spec.length && at[next] == 'd')
		next++;
	if (next < spec.length)
		return SBX_GEN_DONE;
	digits = sbx__small_digits(i, 10, small);
	more = width > digits.length ? width - digits.length : 0;
	if (digits.length + more == 1)
		return sbx__str_point(run, sbx__unit(&digits, 0));
	v = sbx__str_alloc(run, digits.length + more, 1, &to);
	if (sbx__is_error(v))
		return v;
	sign = zeros && i < 0;
	memcpy(to, digits.at, sign);
	memset(to + sign, zeros ? '0' : ' ', more);
	memcpy(to + sign + more, (const char *)digits.at + sign, digits.length - sign);
	return v;
}

sbx_value sbx_gen_format(sbx_run *run, sbx_value v, int conversion, sbx_value spec)
{
	sbx_value text, result;
	if (conversion == 0 && v.tag == SBX_KIND_INT && spec.tag) {
		result = format_padded_int(run, v.u.i, spec);
		if (result.tag != SBX_KIND_DONE)
			return result;
	}
	if (conversion == 0)
		return spec.tag ? sbx__format_value(run, v, spec) : sbx_gen_to_str(run, v);
	text = conversion == 's'   ? sbx_gen_to_str(run, v)
		   : conversion == 'r' ? sbx_gen_to_repr(run, v)
							   : sbx__ascii(run, v);
	if (sbx__is_error(text) || !spec.tag)
		return text;
	result = sbx__format_value(run, text, spec);
	sbx_gen_drop(run, text);
	return result;
}
