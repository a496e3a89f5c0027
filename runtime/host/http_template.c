/*
 * See http_template.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "http_template.h"

enum { DEEPEST = 100 };

static bool complain(TemplateProblem *problem, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool complain(TemplateProblem *problem, const char *format, ...)
{
	va_list arguments;
	problem->is_missing = false;
	va_start(arguments, format);
	vsnprintf(problem->text, sizeof problem->text, format, arguments);
	va_end(arguments);
	return false;
}

/* ---- places ---- */

/* Takes the next place "{...}" or brace pair; the text before it is *before. False: there is none, or the braces are wrong. */
static bool next_place(const char **text, const char **before, size_t *length, char *name,
					   size_t size, bool *is_brace, TemplateProblem *problem)
{
	const char *at = *text;
	problem->text[0] = '\0';
	*before = at;
	at += strcspn(at, "{}");
	*length = (size_t)(at - *before);
	if (!*at) {
		*text = at;
		return false;
	}
	*is_brace = at[0] == at[1];
	if (*is_brace) {
		name[0] = *at;
		name[1] = '\0';
		*text = at + 2;
		return true;
	}
	size_t inside = *at == '{' ? strcspn(at + 1, "{}") : 0;
	if (*at == '}' || at[1 + inside] != '}' || inside == 0 || inside >= size)
		return complain(problem, "the braces are wrong in '%.100s'; a place is {NAME}, a brace {{",
						*before);
	memcpy(name, at + 1, inside);
	name[inside] = '\0';
	*text = at + inside + 2;
	return true;
}

static bool is_source(const char *name, const char *source)
{
	size_t length = strlen(source);
	return strncmp(name, source, length) == 0 && (!name[length] || name[length] == '/');
}

static bool check_name(const char *name, const char *const *sources, TemplateProblem *problem)
{
	char known[200] = "";
	size_t used = 0;
	for (size_t i = 0; sources[i]; i++) {
		if (is_source(name, sources[i]))
			return true;
		if (used < sizeof known)
			used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
									 sources[i]);
	}
	return complain(problem, "'%.60s' names nothing; it must begin with %s", name, known);
}

bool template_check_text(const char *text, const char *const *sources, TemplateProblem *problem)
{
	char name[256];
	const char *before;
	size_t length;
	bool is_brace;
	while (next_place(&text, &before, &length, name, sizeof name, &is_brace, problem))
		if (!is_brace && !check_name(name, sources, problem))
			return false;
	return !problem->text[0];
}

bool template_text_uses(const char *text, const char *source)
{
	TemplateProblem problem;
	char name[256];
	const char *before;
	size_t length;
	bool is_brace;
	while (next_place(&text, &before, &length, name, sizeof name, &is_brace, &problem))
		if (!is_brace && is_source(name, source))
			return true;
	return false;
}

/* ---- bodies ---- */

/* The text of {"$": "..."} or {"$env": "..."}; NULL: it is none. */
static const char *place_of(sbx_heap *heap, sbx_value v, const char *key)
{
	sbx_value text =
		sbx_kind(v) == SBX_DICT && sbx_count(v) == 1 ? sbx_dict_find(heap, v, key) : (sbx_value){0};
	return sbx_kind(text) == SBX_STR ? sbx_peek_str(heap, text, NULL) : NULL;
}

static sbx_value member(sbx_value v, size_t i)
{
	return sbx_kind(v) == SBX_DICT ? sbx_peek_value(v, i) : sbx_peek_item(v, i);
}

static bool is_container(sbx_value v)
{
	return sbx_kind(v) == SBX_DICT || sbx_kind(v) == SBX_LIST;
}

static bool check_body(sbx_heap *heap, sbx_value body, const char *const *sources, unsigned depth,
					   TemplateProblem *problem)
{
	const char *name = place_of(heap, body, "$");
	if (depth > DEEPEST)
		return complain(problem, "it is nested more than %d deep", DEEPEST);
	if (name)
		return check_name(name, sources, problem);
	for (size_t i = 0; is_container(body) && i < sbx_count(body); i++)
		if (!check_body(heap, member(body, i), sources, depth + 1, problem))
			return false;
	return true;
}

bool template_check_body(sbx_heap *heap, sbx_value body, const char *const *sources,
						 TemplateProblem *problem)
{
	return check_body(heap, body, sources, 0, problem);
}

bool template_body_uses(sbx_heap *heap, sbx_value body, const char *source)
{
	const char *name = place_of(heap, body, "$");
	if (name)
		return is_source(name, source);
	for (size_t i = 0; is_container(body) && i < sbx_count(body); i++)
		if (template_body_uses(heap, member(body, i), source))
			return true;
	return false;
}

static sbx_value find(sbx_heap *heap, sbx_value context, const char *name, TemplateProblem *problem)
{
	char pointer[258];
	snprintf(pointer, sizeof pointer, "/%s", name);
	sbx_value v = json_at(heap, context, pointer);
	if (sbx_kind(v) == SBX_INVALID)
		complain(problem, "there is no '%.100s'", name);
	return v;
}

static sbx_value from_environment(sbx_heap *heap, const char *name, TemplateProblem *problem)
{
	const char *text = getenv(name);
	if (!text) {
		complain(problem, "the environment variable '%.100s' is not set", name);
		problem->is_missing = true;
	}
	return text ? sbx_str_make(heap, text, strlen(text)) : (sbx_value){0};
}

static sbx_value fill_container(sbx_heap *heap, sbx_value body, sbx_value context,
								TemplateProblem *problem)
{
	size_t count = sbx_count(body);
	bool is_dict = sbx_kind(body) == SBX_DICT;
	sbx_value *items = calloc(count + 1, sizeof *items), *keys = calloc(count + 1, sizeof *keys),
			  made = {0};
	bool good = items && keys;
	for (size_t i = 0; good && i < count; i++) {
		items[i] = template_fill_body(heap, member(body, i), context, problem);
		keys[i] = is_dict ? sbx_value_copy(heap, sbx_peek_item(body, i)) : sbx_none();
		good = sbx_kind(items[i]) != SBX_INVALID && sbx_kind(keys[i]) != SBX_INVALID;
	}
	if (good)
		made =
			is_dict ? sbx_dict_make(heap, keys, items, count) : sbx_list_make(heap, items, count);
	free(items);
	free(keys);
	return made;
}

sbx_value template_fill_body(sbx_heap *heap, sbx_value body, sbx_value context,
							 TemplateProblem *problem)
{
	const char *name = place_of(heap, body, "$"), *variable = place_of(heap, body, "$env");
	if (name)
		return find(heap, context, name, problem);
	if (variable)
		return from_environment(heap, variable, problem);
	return is_container(body) ? fill_container(heap, body, context, problem)
							  : sbx_value_copy(heap, body);
}

/* ---- texts ---- */

bool template_is_header_text(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			return false;
	return true;
}

static void add_percent(ByteQueue *out, const char *text, size_t length)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
					 c == '-' || c == '_' || c == '.' || c == '~';
		if (plain) {
			byte_queue_u8(out, c);
		} else {
			byte_queue_u8(out, '%');
			byte_queue_u8(out, (unsigned)digits[c >> 4]);
			byte_queue_u8(out, (unsigned)digits[c & 15]);
		}
	}
}

/* Of what can stand in a path or a header: a str, an int, a float, a bool. */
static bool add_value(ByteQueue *out, const char *name, sbx_heap *heap, sbx_value v,
					  TemplatePlace place, TemplateProblem *problem)
{
	size_t length = 0;
	const char *text = NULL;
	sbx_value shown = {0};
	if (sbx_kind(v) == SBX_STR)
		text = sbx_peek_str(heap, v, &length);
	else if (sbx_kind(v) == SBX_BOOL)
		text = sbx_get_bool(v) ? "true" : "false", length = strlen(text);
	else if (sbx_kind(v) == SBX_INT || sbx_kind(v) == SBX_FLOAT)
		shown = sbx_repr(heap, v),
		text = sbx_kind(shown) == SBX_STR ? sbx_peek_str(heap, shown, &length) : NULL;
	else
		return complain(problem, "'%.100s' is no str, int, float or bool", name);
	if (!text)
		return complain(problem, "out of memory");
	if (place == PLACE_HEADER && (strlen(text) != length || !template_is_header_text(text)))
		return complain(problem, "'%.100s' has characters that cannot stand in a header", name);
	/* "." and ".." would be taken for folders, an empty one would join two slashes */
	bool is_query = out->bytes && memchr(byte_queue_front(out), '?', byte_queue_length(out));
	if (place == PLACE_PATH && !is_query && length <= 2 && strspn(text, ".") == length)
		return complain(problem, "'%.100s' is '%s', which cannot stand in a path", name, text);
	if (place == PLACE_PATH)
		add_percent(out, text, length);
	else
		byte_queue_add(out, text, length);
	return true;
}

bool template_fill_text(ByteQueue *out, const char *text, sbx_heap *heap, sbx_value context,
						TemplatePlace place, TemplateProblem *problem)
{
	char name[256];
	const char *before;
	size_t length;
	bool is_brace;
	while (next_place(&text, &before, &length, name, sizeof name, &is_brace, problem)) {
		byte_queue_add(out, before, length);
		if (is_brace) {
			byte_queue_u8(out, (unsigned char)*name);
			continue;
		}
		sbx_value v = find(heap, context, name, problem);
		if (sbx_kind(v) == SBX_INVALID || !add_value(out, name, heap, v, place, problem))
			return false;
	}
	byte_queue_add(out, before, length);
	byte_queue_u8(out, '\0');
	return !out->failed && !problem->text[0];
}

/* ---- JSON ---- */

static bool is_json(sbx_value v)
{
	if (sbx_kind(v) == SBX_FLOAT)
		return isfinite(sbx_get_float(v));
	bool walks = is_container(v) || sbx_kind(v) == SBX_TUPLE || sbx_kind(v) == SBX_SET;
	for (size_t i = 0; walks && i < sbx_count(v); i++)
		if (!is_json(member(v, i)))
			return false;
	return true;
}

char *template_json(sbx_heap *heap, sbx_value v, TemplateProblem *problem)
{
	sbx_value text;
	if (!is_json(v)) {
		complain(problem, "it has a NaN or an infinity, which JSON cannot hold");
		return NULL;
	}
	if (sbx_json_dump(heap, v, &text)) {
		complain(problem, "%s", sbx_run_error_text(heap));
		return NULL;
	}
	const char *json = sbx_peek_str(heap, text, NULL);
	char *copy = json ? strdup(json) : NULL;
	if (!copy)
		complain(problem, "out of memory");
	return copy;
}
