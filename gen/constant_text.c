/*
 * Text in constants: f-strings, str.format, format specifications of the usual kinds, and textwrap.dedent. What would
 * need Python's tables or locale is left unknown.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include "sbx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Spec {
	const char *fill;
	int fill_length;
	char align, sign, kind;
	bool comma;
	int width, precision; /* -1: none */
} Spec;

static int character_length(const char *text, size_t length)
{
	unsigned char c = (unsigned char)*text;
	int n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
	return (size_t)n > length ? (int)length : n;
}

static bool read_number(const char **p, const char *end, int *number)
{
	if (*p == end || **p < '0' || **p > '9')
		return false;
	*number = 0;
	for (; *p < end && **p >= '0' && **p <= '9'; (*p)++)
		if ((*number = *number * 10 + (**p - '0')) > 10000)
			return false;
	return true;
}

static bool is_align(char c)
{
	return c && strchr("<>^=", c) != NULL;
}

static bool read_spec(Spec *spec, const char *p, size_t length)
{
	const char *end = p + length;
	*spec = (Spec){.fill = " ", .fill_length = 1, .width = -1, .precision = -1};
	int first = length ? character_length(p, length) : 0;
	if (length > (size_t)first && is_align(p[first])) {
		spec->fill = p;
		spec->fill_length = first;
		spec->align = p[first];
		p += first + 1;
	} else if (p < end && is_align(*p)) {
		spec->align = *p++;
	}
	if (p < end && (*p == '+' || *p == '-' || *p == ' '))
		spec->sign = *p++;
	if (p < end && *p == '0') {
		if (!spec->align) {
			spec->align = '=';
			spec->fill = "0";
		}
		p++;
	}
	if (p < end && *p >= '0' && *p <= '9' && !read_number(&p, end, &spec->width))
		return false;
	if (p < end && *p == ',') {
		spec->comma = true;
		p++;
	}
	if (p < end && *p == '.') {
		p++;
		if (!read_number(&p, end, &spec->precision) || spec->precision > 100)
			return false;
	}
	if (p < end)
		spec->kind = *p++;
	return p == end && !spec->comma; /* thousands separators are left to Python */
}

static size_t count_characters(const char *text, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xC0) != 0x80;
	return count;
}

static void put_fill(Text *out, const Spec *spec, long count)
{
	for (long i = 0; i < count; i++)
		text_add(out, spec->fill, (size_t)spec->fill_length);
}

static void put_aligned(Text *out, const Spec *spec, const char *text, size_t length, char natural)
{
	long pad = spec->width - (long)count_characters(text, length);
	char align = spec->align ? spec->align : natural;
	bool has_sign = align == '=' && length && (*text == '-' || *text == '+' || *text == ' ');
	if (has_sign)
		text_add(out, text, 1);
	if (pad > 0 && align != '<')
		put_fill(out, spec, align == '^' ? pad / 2 : pad);
	text_add(out, text + has_sign, length - has_sign);
	if (pad > 0 && (align == '<' || align == '^'))
		put_fill(out, spec, align == '^' ? pad - pad / 2 : pad);
}

static bool format_number(Text *out, const Constant *value, const Spec *spec)
{
	char buffer[512], shape[32];
	bool real = value->sort == SORT_FLOAT;
	const char *sign = spec->sign == '+' ? "+" : spec->sign == ' ' ? " " : "";
	int length;
	if (!real && !value->fits)
		return false;
	if (!real && (!spec->kind || spec->kind == 'd') && spec->precision < 0) {
		snprintf(shape, sizeof shape, "%%%slld", sign);
		length = snprintf(buffer, sizeof buffer, shape, (long long)value->integer);
	} else if (!real && spec->kind && strchr("xXo", spec->kind) && spec->precision < 0 &&
			   value->integer >= 0) {
		snprintf(shape, sizeof shape, "%%ll%c", spec->kind);
		length = snprintf(buffer, sizeof buffer, shape, (long long)value->integer);
	} else if (spec->kind && strchr("feE", spec->kind)) {
		double number = real ? value->real : (double)value->integer;
		snprintf(shape, sizeof shape, "%%%s.%d%c", sign, spec->precision < 0 ? 6 : spec->precision,
				 spec->kind);
		length = snprintf(buffer, sizeof buffer, shape, number);
	} else {
		return false;
	}
	if (length < 0 || (size_t)length >= sizeof buffer)
		return false;
	put_aligned(out, spec, buffer, (size_t)length, '>');
	return true;
}

static bool format_text(Text *out, const char *text, size_t length, const Spec *spec)
{
	if ((spec->kind && spec->kind != 's') || spec->align == '=' || spec->sign)
		return false;
	if (spec->precision >= 0) {
		size_t end = 0;
		for (int i = 0; i < spec->precision && end < length; i++)
			end += (size_t)character_length(text + end, length - end);
		length = end;
	}
	put_aligned(out, spec, text, length, '<');
	return true;
}

bool constant_format(Text *out, const Constant *value, int conversion, const char *spec_text,
					 size_t spec_length)
{
	Spec spec;
	if (!constant_is_value(value) || conversion == 'a')
		return false;
	if (value->sort == SORT_TIMEDELTA || value->sort == SORT_SET || value->sort == SORT_FROZENSET)
		return false;
	Text text;
	text_init(&text, out->arena);
	if (value->sort == SORT_STR && conversion != 'r')
		text_add(&text, value->text, value->length);
	else
		constant_print(&text, value);
	if (!spec_length) {
		text_add(out, text.bytes, text.length);
		return true;
	}
	if (!read_spec(&spec, spec_text, spec_length))
		return false;
	if (value->sort == SORT_STR || conversion > 0)
		return format_text(out, text.bytes, text.length, &spec);
	return (value->sort == SORT_INT || value->sort == SORT_FLOAT) &&
		   format_number(out, value, &spec);
}

const Constant *constant_joined_str(ModuleEnv *env, const AstJoinedStr *node)
{
	Declaring *d = env->declaring;
	Text out;
	text_init(&out, d->arena);
	for (uint32_t i = 0; i < node->values.count; i++) {
		const Node *part = node->values.items[i];
		if (part->kind != NODE_FORMATTED_VALUE) {
			const Constant *text = evaluate(env, part);
			if (text->sort != SORT_STR)
				return constant_unknown(d, env->source, part,
										"this part of an f-string is not constant");
			text_add(&out, text->text, text->length);
			continue;
		}
		const AstFormattedValue *hole = (const AstFormattedValue *)part;
		const Constant *value = evaluate(env, hole->value);
		if (value->sort == SORT_UNKNOWN)
			return value;
		const Constant *spec = hole->format_spec ? evaluate(env, hole->format_spec) : NULL;
		if (spec && spec->sort == SORT_UNKNOWN)
			return spec;
		if (!constant_format(&out, value, hole->conversion, spec ? spec->text : "",
							 spec ? spec->length : 0))
			return constant_unknown(d, env->source, hole->value,
									"its text is not known at compile time");
	}
	return constant_str(d, out.bytes, out.length, env->source, &node->base);
}

/* ---- str.format ---- */

/* The value of a replacement field's name: "", "0", "name". */
static const Constant *find_field(const Arguments *arguments, const char *name, size_t length,
								  uint32_t *next)
{
	int index;
	const char *p = name;
	if (!length)
		return *next < arguments->positional_count ? arguments->positional[(*next)++] : NULL;
	if (read_number(&p, name + length, &index) && p == name + length)
		return (uint32_t)index < arguments->positional_count ? arguments->positional[index] : NULL;
	for (uint32_t i = 0; i < arguments->keyword_count; i++)
		if (arguments->names[i]->length == length &&
			!memcmp(arguments->names[i]->text, name, length))
			return arguments->values[i];
	return NULL;
}

const Constant *constant_str_format(ModuleEnv *env, const AstCall *call, const Constant *self,
									const Arguments *arguments)
{
	Declaring *d = env->declaring;
	Text out;
	text_init(&out, d->arena);
	uint32_t next = 0;
	const char *p = self->text, *end = p + self->length;
	while (p < end) {
		if (*p != '{' && *p != '}') {
			text_char(&out, *p++);
			continue;
		}
		if (p + 1 < end && p[1] == *p) {
			text_char(&out, *p);
			p += 2;
			continue;
		}
		const char *close = memchr(p, '}', (size_t)(end - p));
		if (*p == '}' || !close || memchr(p + 1, '{', (size_t)(close - p - 1)))
			return constant_unknown(d, env->source, &call->base,
									"this format is not evaluated at compile time");
		const char *name = p + 1;
		const char *colon = memchr(name, ':', (size_t)(close - name)),
				   *stop = colon ? colon : close;
		const char *bang = memchr(name, '!', (size_t)(stop - name));
		const Constant *value =
			find_field(arguments, name, (size_t)((bang ? bang : stop) - name), &next);
		if (value && value->sort == SORT_UNKNOWN)
			return value;
		if (!value ||
			!constant_format(&out, value, bang && bang + 1 < stop ? bang[1] : -1,
							 colon ? colon + 1 : "", colon ? (size_t)(close - colon - 1) : 0))
			return constant_unknown(d, env->source, &call->base,
									"this format is not evaluated at compile time");
		p = close + 1;
	}
	return constant_str(d, out.bytes, out.length, env->source, &call->base);
}

/* ---- dedent ---- */

static bool is_blank(const char *line, const char *end)
{
	while (line < end && (*line == ' ' || *line == '\t'))
		line++;
	return line == end;
}

/* The margin that all lines with text share, as textwrap.dedent finds it. */
static size_t shared_margin(const char *text, const char *end, const char **margin)
{
	size_t length = 0;
	*margin = NULL;
	for (const char *line = text; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (!is_blank(line, stop)) {
			const char *p = line;
			while (p < stop && (*p == ' ' || *p == '\t'))
				p++;
			size_t indent = (size_t)(p - line), same = 0;
			if (!*margin) {
				*margin = line;
				length = indent;
			}
			while (same < length && same < indent && (*margin)[same] == line[same])
				same++;
			length = same;
		}
		line = stop < end ? stop + 1 : end;
	}
	return length;
}

void dedent_text(Text *out, const char *text, size_t size)
{
	const char *margin, *end = text + size;
	size_t length = shared_margin(text, end, &margin);
	for (const char *line = text; line < end;) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		if (!is_blank(line, stop))
			text_add(out, line + length, (size_t)(stop - line) - length);
		if (stop < end)
			text_char(out, '\n');
		line = stop < end ? stop + 1 : end;
	}
}

const Constant *constant_dedent(ModuleEnv *env, const Constant *text, const Node *node)
{
	Declaring *d = env->declaring;
	if (text->sort == SORT_UNKNOWN)
		return text;
	if (text->sort != SORT_STR)
		return constant_unknown(d, env->source, node, "dedent needs a constant string");
	Text out;
	text_init(&out, d->arena);
	dedent_text(&out, text->text, text->length);
	Constant *result =
		(Constant *)(uintptr_t)constant_str(d, out.bytes, out.length, env->source, node);
	result->node = text->node; /* diagnostics inside a code string point at the literal */
	result->source = text->source;
	return result;
}
