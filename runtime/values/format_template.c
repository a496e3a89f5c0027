/*
 * str.format and str.format_map.
 *
 * A template is literal text with fields "{name!conversion:spec}". The name begins with an
 * argument's number or name, goes on with "[key]" and ".attribute", and may be empty, which counts
 * the fields. A spec may contain fields itself, one level deep. Attributes are those that a program
 * can read too: of numbers and ranges, and methods.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format.h"
#include "methods.h"
#include "str_methods.h"
#include "unicode.h"

#include <stdio.h>

enum Numbering { NUMBERING_OPEN, NUMBERING_AUTO, NUMBERING_MANUAL };

typedef struct Template {
	sbx_run *run;
	Units text;
	/* Arguments: positional ones, then those named by `names`; or a mapping. */
	const sbx_value *args;
	uint64_t positional;
	sbx_value names;   /* tuple or NONE */
	sbx_value mapping; /* tag 0: none */
	enum Numbering numbering;
	int64_t next_number;
} Template;

/* A part of the template. */
typedef struct Part {
	uint64_t start, end;
} Part;
typedef struct Field {
	Part name, spec;
	bool has_spec, nested; /* nested: the spec has fields */
	uint32_t conversion;   /* 0: none */
} Field;

static int fail(Template *template, const char *text)
{
	sbx__raise(template->run, SBX_TYPE_ValueError, "%s", text);
	return -1;
}

static uint32_t at(const Template *template, uint64_t i)
{
	return sbx__unit(&template->text, i);
}

static sbx_value part_value(Template *template, Part part)
{
	return sbx__units_value(template->run, sbx__units_part(template->text, part.start, part.end));
}

/* ---- parsing ---- */

/* The spec, from *i to the brace that closes the field. */
static int parse_spec(Template *template, uint64_t *i, uint64_t end, Field *field)
{
	uint64_t depth = 1;
	field->has_spec = true;
	field->spec.start = *i;
	while (*i < end) {
		uint32_t c = at(template, (*i)++);
		if (c == '{') {
			field->nested = true;
			depth++;
		} else if (c == '}' && --depth == 0) {
			field->spec.end = *i - 1;
			return 0;
		}
	}
	return fail(template, "unmatched '{' in format spec");
}

/* A field, from behind its brace; *i then stands behind the closing one. */
static int parse_field(Template *template, uint64_t *i, uint64_t end, Field *field)
{
	uint32_t c = 0;
	Field empty = {{*i, *i}, {0, 0}, false, false, 0};
	*field = empty;
	while (*i < end) {
		c = at(template, (*i)++);
		if (c == '{')
			return fail(template, "unexpected '{' in field name");
		if (c == '[')
			while (*i < end && at(template, *i) != ']')
				++*i;
		if (c == '}' || c == ':' || c == '!')
			break;
	}
	field->name.end = *i - 1;
	if (c == '}')
		return 0;
	if (c != ':' && c != '!')
		return fail(template, "expected '}' before end of string");
	if (c == '!') {
		if (*i >= end)
			return fail(template, "end of string while looking for conversion specifier");
		field->conversion = at(template, (*i)++);
		if (*i < end) {
			c = at(template, (*i)++);
			if (c == '}')
				return 0;
			if (c != ':')
				return fail(template, "expected ':' after conversion specifier");
		}
	}
	return parse_spec(template, i, end, field);
}

/*
 * The next piece, from *i on: literal text, and perhaps a field behind it. 1: literal only, 2: with
 * a field, -1 raised.
 */
static int parse_piece(Template *template, uint64_t *i, uint64_t end, Part *literal, Field *field)
{
	uint32_t c = 0;
	literal->start = *i;
	while (*i < end) {
		c = at(template, (*i)++);
		if (c == '{' || c == '}')
			break;
	}
	literal->end = *i;
	if (c != '{' && c != '}')
		return 1;
	if (*i < end && at(template, *i) == c) { /* doubled: itself */
		++*i;
		return 1;
	}
	if (c == '}')
		return fail(template, "Single '}' encountered in format string");
	if (*i >= end)
		return fail(template, "Single '{' encountered in format string");
	literal->end--;
	return parse_field(template, i, end, field) ? -1 : 2;
}

/* ---- looking up ---- */

/* A part that is a number and nothing else; -1 where it is none, -2 raised. */
static int64_t number_of(Template *template, Part part)
{
	int64_t number;
	uint64_t i = part.start;
	int count;
	for (uint64_t k = part.start; k < part.end; k++)
		if (sbx__unicode(at(template, k))->decimal < 0) {
			/* CPython notices a number that is too long before it notices that it is none */
			part.end = k;
			count = sbx__format_integer(template->run, &template->text, &i, part.end, &number);
			return count < 0 ? -2 : -1;
		}
	count = sbx__format_integer(template->run, &template->text, &i, part.end, &number);
	return count < 0 ? -2 : count == 0 ? -1 : number;
}

static sbx_value argument_by_name(Template *template, Part name)
{
	const sbx_gen_tuple *names = template->names.tag == SBX_KIND_NONE ? NULL : template->names.u.p;
	sbx_value key = part_value(template, name), v;
	if (sbx__is_error(key))
		return key;
	if (template->mapping.tag) {
		v = sbx_gen_getitem(template->run, template->mapping, key);
		sbx_gen_drop(template->run, key);
		return v;
	}
	for (uint64_t i = 0; names && i < names->length; i++)
		if (sbx__str_equal(names->items[i], key)) {
			sbx_gen_drop(template->run, key);
			return sbx_gen_copy(template->args[template->positional + i]);
		}
	return sbx__raise_value(template->run, SBX_TYPE_KeyError, key);
}

static sbx_value argument_by_number(Template *template, int64_t number)
{
	if (template->mapping.tag)
		return fail(template, "Format string contains positional fields"), SBX_GEN_ERROR;
	if (number < 0 || (uint64_t)number >= template->positional)
		return sbx__raise(template->run, SBX_TYPE_IndexError,
						  "Replacement index %lld out of range for positional args tuple",
						  (long long)number);
	return sbx_gen_copy(template->args[number]);
}

/* The value that the first part of a field's name means. */
static sbx_value first_value(Template *template, Part first)
{
	bool empty = first.start >= first.end;
	int64_t number = number_of(template, first);
	if (number == -2)
		return SBX_GEN_ERROR;
	if (!empty && number == -1)
		return argument_by_name(template, first);
	if (template->numbering == NUMBERING_OPEN)
		template->numbering = empty ? NUMBERING_AUTO : NUMBERING_MANUAL;
	if (template->numbering == NUMBERING_MANUAL && empty)
		return fail(template,
					"cannot switch from manual field specification to automatic field numbering"),
			   SBX_GEN_ERROR;
	if (template->numbering == NUMBERING_AUTO && !empty)
		return fail(template,
					"cannot switch from automatic field numbering to manual field specification"),
			   SBX_GEN_ERROR;
	return argument_by_number(template, empty ? template->next_number++ : number);
}

/* v.name; takes v. */
static sbx_value attribute(Template *template, sbx_value v, Part name)
{
	sbx_value text = part_value(template, name), found;
	const char *utf8 = sbx__is_error(text) ? NULL : sbx_peek_str(template->run, text, NULL);
	int method = utf8 ? sbx__method_number(utf8) : -1;
	if (!utf8)
		return SBX_GEN_ERROR;
	found = method < 0 ? sbx_gen_get_attribute(template->run, v, utf8)
					   : sbx_gen_get_method(template->run, v, method);
	sbx_gen_drop(template->run, text);
	sbx_gen_drop(template->run, v);
	return found;
}

/* One step of a name, "[key]" or ".attribute", at *i; takes v. */
static sbx_value step(Template *template, sbx_value v, uint64_t *i, uint64_t end)
{
	uint32_t c = at(template, (*i)++);
	Part name = {*i, *i};
	sbx_value key, item;
	int64_t number;
	if (c == '.') {
		while (*i < end && at(template, *i) != '.' && at(template, *i) != '[')
			++*i;
		name.end = *i;
	} else if (c == '[') {
		while (*i < end && at(template, *i) != ']')
			++*i;
		if (*i >= end)
			return fail(template, "Missing ']' in format string"), SBX_GEN_ERROR;
		name.end = (*i)++;
	} else {
		return fail(template, "Only '.' or '[' may follow ']' in format field specifier"),
			   SBX_GEN_ERROR;
	}
	number = c == '[' ? number_of(template, name) : -1;
	if (number == -2)
		return SBX_GEN_ERROR;
	if (name.start == name.end)
		return fail(template, "Empty attribute in format string"), SBX_GEN_ERROR;
	if (c == '.')
		return attribute(template, v, name);
	key = number >= 0 ? sbx_gen_int(number) : part_value(template, name);
	if (sbx__is_error(key))
		return key;
	item = sbx_gen_getitem(template->run, v, key);
	sbx_gen_drop(template->run, key);
	sbx_gen_drop(template->run, v);
	return item;
}

static sbx_value field_value(Template *template, Part name)
{
	Part first = name;
	sbx_value v;
	uint64_t i = name.start;
	while (i < name.end && at(template, i) != '.' && at(template, i) != '[')
		i++;
	first.end = i;
	v = first_value(template, first);
	while (i < name.end && !sbx__is_error(v))
		v = step(template, v, &i, name.end);
	return v;
}

/* ---- building ---- */

static int build(Template *template, uint64_t start, uint64_t end, int levels, TextBuffer *out);

/* v as the conversion wants it; takes v. */
static sbx_value convert(Template *template, sbx_value v, uint32_t conversion)
{
	char code[16];
	sbx_value text;
	if (conversion == 0)
		return v;
	if (conversion == 'r' || conversion == 's' || conversion == 'a') {
		text = sbx_gen_format(template->run, v, (int)conversion, SBX_GEN_ERROR);
		sbx_gen_drop(template->run, v);
		return text;
	}
	snprintf(code, sizeof code, conversion > 32 && conversion < 127 ? "%c" : "\\x%x",
			 (int)conversion);
	return sbx__raise(template->run, SBX_TYPE_ValueError, "Unknown conversion specifier %s", code);
}

static sbx_value spec_value(Template *template, const Field *field, int levels)
{
	TextBuffer spec;
	if (!field->nested)
		return part_value(template, field->spec);
	sbx__text_init(&spec, template->run);
	if (build(template, field->spec.start, field->spec.end, levels - 1, &spec))
		return SBX_GEN_ERROR;
	return sbx__text_take(&spec);
}

static int add_field(Template *template, const Field *field, int levels, TextBuffer *out)
{
	sbx_value v = field_value(template, field->name),
			  spec = sbx_gen_object(SBX_KIND_STR, &sbx__empty_str), text;
	if (!sbx__is_error(v))
		v = convert(template, v, field->conversion);
	if (sbx__is_error(v))
		return -1;
	if (field->has_spec)
		spec = spec_value(template, field, levels);
	if (sbx__is_error(spec))
		return -1;
	text = sbx__format_value(template->run, v, spec);
	if (sbx__is_error(text))
		return -1;
	sbx__text_str(out, text);
	sbx_gen_drop(template->run, text);
	sbx_gen_drop(template->run, spec);
	sbx_gen_drop(template->run, v);
	return 0;
}

static int build(Template *template, uint64_t start, uint64_t end, int levels, TextBuffer *out)
{
	if (levels < 0)
		return fail(template, "Max string recursion exceeded");
	while (start < end && !out->failed) {
		Part literal;
		Field field = {{0, 0}, {0, 0}, false, false, 0};
		int found = parse_piece(template, &start, end, &literal, &field);
		if (found < 0)
			return -1;
		sbx__text_units(out, sbx__units_part(template->text, literal.start, literal.end));
		if (found == 2 &&
			(sbx__spend(template->run, 16) || add_field(template, &field, levels, out)))
			return -1;
	}
	return 0;
}

static sbx_value run_template(Template *template)
{
	TextBuffer out;
	sbx__text_init(&out, template->run);
	if (sbx__spend(template->run, template->text.length) ||
		build(template, 0, template->text.length, 1, &out))
		return SBX_GEN_ERROR;
	return sbx__text_take(&out);
}

TEXT_METHOD(sbx__str_format)
{
	uint64_t named = names.tag == SBX_KIND_NONE ? 0 : ((const sbx_gen_tuple *)names.u.p)->length;
	Template template = {run,   sbx__units_of_str(self), args,           count - named,
						 names, SBX_GEN_ERROR,           NUMBERING_OPEN, 0};
	return run_template(&template);
}

TEXT_METHOD(sbx__str_format_map)
{
	Template template = {run,     sbx__units_of_str(self), NULL, 0, SBX_GEN_NONE,
						 args[0], NUMBERING_OPEN,          0};
	return run_template(&template);
}
