/*
 * See postgres_statement.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres_statement.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "postgres_values.h"

enum { MOST_PARAMETERS = 1000 };

/* What a statement may begin with: others can do more than read. */
static bool is_query(const char *text)
{
	static const char *const words[] = {"select", "with", "values", "table"};
	for (;;) {
		text += strspn(text, " \t\r\n(");
		if (strncmp(text, "--", 2) == 0)
			text += strcspn(text, "\n");
		else if (strncmp(text, "/*", 2) == 0 && strstr(text + 2, "*/"))
			text = strstr(text + 2, "*/") + 2;
		else
			break;
	}
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t length = strlen(words[i]);
		if (strncasecmp(text, words[i], length) == 0 && !isalnum((unsigned char)text[length]) &&
			text[length] != '_')
			return true;
	}
	return false;
}

static bool fail(PostgresStatement *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool fail(PostgresStatement *s, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(s->problem, sizeof s->problem, format, arguments);
	va_end(arguments);
	return false;
}

static int find_input(const sbx_call *call, const char *name, size_t length)
{
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		if (strlen(sbx_call_arg_name(call, i)) == length &&
			memcmp(sbx_call_arg_name(call, i), name, length) == 0)
			return (int)i;
	return -1;
}

/* The argument, or the default that it was left to; SBX_INVALID: that is known to Python only. */
static sbx_value input_of(const sbx_call *call, size_t input, sbx_heap *heap)
{
	sbx_value v = sbx_call_arg(call, input);
	return sbx_kind(v) == SBX_INVALID ? sbx_call_arg_default(call, input, heap) : v;
}

static bool bind(PostgresStatement *s, const sbx_call *call, size_t input)
{
	const char *why = "";
	sbx_heap *heap;
	if (s->parameter_count == MOST_PARAMETERS)
		return fail(s, "a query takes at most 1000 parameters");
	if (sbx_heap_open(0, &heap))
		return fail(s, "out of memory");
	sbx_value v = input_of(call, input, heap);
	bool is_known = sbx_kind(v) != SBX_INVALID;
	bool good = is_known && postgres_from_value(heap, v, &s->parameters[s->parameter_count], &why);
	sbx_heap_close(heap);
	if (!is_known)
		return fail(s, "the input '%.100s' is not given; its default is known to Python only",
					sbx_call_arg_name(call, input));
	if (!good)
		return fail(s, "the input '%.100s' cannot be a parameter: %.150s",
					sbx_call_arg_name(call, input), why);
	s->parameter_count++;
	return true;
}

/* "{{ .inputs.NAME }}" becomes "$1" and so on: the values are bound, never pasted. */
static bool fill_places(PostgresStatement *s, const sbx_call *call, const char *text)
{
	int numbers[MOST_PARAMETERS], count = 0;
	char *out = malloc(strlen(text) * 2 + 1), *to = out;
	bool good = true;
	if (!out)
		return fail(s, "out of memory");
	while (good && *text) {
		size_t plain =
			(size_t)((strstr(text, "{{") ? strstr(text, "{{") : text + strlen(text)) - text);
		memcpy(to, text, plain);
		to += plain;
		text += plain;
		if (!*text)
			break;
		const char *name = text + 2 + strspn(text + 2, " \t");
		bool known = strncmp(name, ".inputs.", 8) == 0 || strncmp(name, "inputs.", 7) == 0;
		name += known ? (*name == '.' ? 8 : 7) : 0;
		size_t length =
			strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
		const char *end = name + length + strspn(name + length, " \t");
		int input = known ? find_input(call, name, length) : -1, n = 0;
		if (strncmp(end, "}}", 2) != 0 || input < 0) {
			int shown = (int)(strstr(text, "}}") ? strstr(text, "}}") + 2 - text : 20);
			free(out);
			return fail(s, "'%.*s' in the query names no input; expected {{ .inputs.NAME }}",
						shown < 70 ? shown : 70, text);
		}
		while (n < count && numbers[n] != input)
			n++;
		if (n == count) {
			good = bind(s, call, (size_t)input);
			if (!good)
				break;
			numbers[count++] = input;
		}
		/* "{{inputs.x}}" is longer than "$1000" */
		to += snprintf(to, 8, "$%d", n + 1);
		text = end + 2;
	}
	if (!good) {
		free(out);
		return false; /* has been told */
	}
	*to = '\0';
	s->text = out;
	return true;
}

/* The query of custom_config, or of the input called query. */
static bool find_text(PostgresStatement *s, const sbx_job *job, char **text, int *input)
{
	const sbx_call *call = sbx_job_call(job);
	const char *config = sbx_job_config(job);
	sbx_heap *heap;
	sbx_value v = {0}, root;
	size_t length = 0;
	*input = -1;
	*text = NULL;
	if (sbx_heap_open(0, &heap))
		return fail(s, "out of memory");
	if (config && sbx_json_load(heap, config, strlen(config), &root) == SBX_DONE)
		v = sbx_dict_find(heap, root, "query");
	if (sbx_kind(v) == SBX_INVALID) {
		*input = find_input(call, "query", 5);
		v = *input >= 0 ? input_of(call, (size_t)*input, heap) : v;
	}
	const char *found = sbx_kind(v) == SBX_STR ? sbx_peek_str(heap, v, &length) : NULL;
	if (found && strlen(found) == length)
		*text = strdup(found);
	sbx_heap_close(heap);
	return *text || fail(s, "there is no query: custom_config={\"query\": \"SELECT ...\"} of the "
							"task, or an input 'query: str'");
}

bool postgres_statement_make(PostgresStatement *s, const sbx_job *job)
{
	const sbx_call *call = sbx_job_call(job);
	char *text;
	int query_input;
	s->parameters = calloc(MOST_PARAMETERS, sizeof *s->parameters);
	if (!s->parameters)
		return fail(s, "out of memory");
	if (!find_text(s, job, &text, &query_input))
		return false;
	bool good =
		is_query(text) || fail(s, "the query must begin with SELECT, WITH, VALUES or TABLE");
	bool has_places = strstr(text, "{{") != NULL;
	if (good)
		good = fill_places(s, call, text);
	for (size_t i = 0; good && !has_places && i < sbx_call_arg_count(call); i++)
		if ((int)i != query_input)
			good = bind(s, call, i);
	free(text);
	return good;
}

void postgres_statement_free(PostgresStatement *s)
{
	for (int i = 0; i < s->parameter_count; i++)
		free(s->parameters[i].bytes);
	free(s->parameters);
	free(s->text);
}
