/*
 * Inputs by declared type. On the command line int, float and str stand as they are, bool is true
 * or false, a datetime is ISO 8601, a timedelta a duration, File and Dir a path; everything else is
 * JSON. Every mistake is told, so that one run shows them all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "program.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- words ---- */

/* Python's int() and float() take one underscore between two digits; what remains is copied without
 * them. */
static char *without_underscores(const char *text)
{
	size_t length = strlen(text), used = 0;
	char *copy = malloc(length + 1);
	for (size_t i = 0; copy && i < length; i++) {
		bool between = i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9' && text[i + 1] >= '0' &&
					   text[i + 1] <= '9';
		if (text[i] == '_' && !between) {
			free(copy);
			return NULL;
		}
		if (text[i] != '_')
			copy[used++] = text[i];
	}
	if (copy)
		copy[used] = '\0';
	return copy;
}

static sbx_value parse_int(sbx_heap *heap, const char *text)
{
	sbx_value v = {0};
	char *digits = without_underscores(text);
	if (!digits)
		return v;
	const char *first = digits + (*digits == '+' || *digits == '-');
	size_t length = strlen(first);
	if (length && strspn(first, "0123456789") == length) {
		const char *start = *digits == '+' ? first : digits;
		v = sbx_int_from_text(heap, start, strlen(start));
	}
	free(digits);
	return v;
}

static bool is_word(const char *text, const char *lower)
{
	for (; *text && *lower; text++, lower++)
		if ((*text | 0x20) != *lower)
			return false;
	return !*text && !*lower;
}

static sbx_value parse_float(const char *text)
{
	sbx_value none = {0};
	const char *word = text + (*text == '+' || *text == '-');
	double sign = *text == '-' ? -1.0 : 1.0;
	if (is_word(word, "inf") || is_word(word, "infinity"))
		return sbx_float(sign * (double)INFINITY);
	if (is_word(word, "nan"))
		return sbx_float(copysign((double)NAN, sign));
	char *digits = without_underscores(text), *end;
	if (!digits)
		return none;
	bool plain = *digits && strspn(digits, "0123456789.eE+-") == strlen(digits);
	double f = plain ? strtod(digits, &end) : 0.0;
	bool good = plain && *end == '\0';
	free(digits);
	return good ? sbx_float(f) : none;
}

/* [[H:]MM:]SS[.ffffff] after an optional "N day(s), ": what str(timedelta) writes. */
static bool parse_clock(const char *text, int64_t *microseconds)
{
	long days = 0;
	int hours, minutes, used = 0;
	double seconds;
	if (strstr(text, "day")) {
		if (sscanf(text, "%ld day%n", &days, &used) != 1 || !used)
			return false;
		text += used;
		text += *text == 's';
		if (!*text) {
			*microseconds = days * 86400000000;
			return days >= -999999999 && days <= 999999999;
		}
		if (strncmp(text, ", ", 2) != 0)
			return false;
		text += 2;
	}
	if (strspn(text, "0123456789:.") != strlen(text) ||
		sscanf(text, "%d:%2d:%lf%n", &hours, &minutes, &seconds, &used) != 3 || text[used])
		return false;
	if (minutes > 59 || seconds >= 60 || days < -999999999 || days > 999999999 || hours > 99999999)
		return false;
	*microseconds = days * 86400000000 + hours * INT64_C(3600000000) + minutes * INT64_C(60000000) +
					llround(seconds * 1e6);
	return true;
}

static int64_t unit_of(const char **text)
{
	static const struct {
		const char *name;
		int64_t microseconds;
	} units[] = {{"us", 1},         {"ms", 1000},       {"s", 1000000},     {"m", 60000000},
				 {"h", 3600000000}, {"d", 86400000000}, {"w", 604800000000}};
	size_t length = strspn(*text, "usmhdw");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strlen(units[i].name) == length && memcmp(units[i].name, *text, length) == 0) {
			*text += length;
			return units[i].microseconds;
		}
	return 0;
}

/* "1h30m", "-90s", "1.5h" */
static bool parse_units(const char *text, int64_t *microseconds)
{
	double total = 0, sign = *text == '-' ? -1 : 1;
	text += *text == '-' || *text == '+';
	if (!*text)
		return false;
	while (*text) {
		size_t digits = strspn(text, "0123456789.");
		char *end;
		double number = strtod(text, &end);
		if (!digits || end != text + digits)
			return false;
		text += digits;
		int64_t unit = unit_of(&text);
		if (!unit)
			return false;
		total += number * (double)unit;
	}
	*microseconds = llround(sign * total);
	return total < 8.64e19 / 1000;
}

bool program_parse_timedelta(const char *text, int64_t *microseconds)
{
	sbx_value seconds = parse_float(text);
	if (sbx_kind(seconds) == SBX_FLOAT) {
		double value = sbx_get_float(seconds) * 1e6;
		if (!(fabs(value) < 8.64e16 * 1000))
			return false;
		*microseconds = llrint(value);
		return true;
	}
	return parse_units(text, microseconds) || parse_clock(text, microseconds);
}

/* ---- by type ---- */

static void explain(char problem[256], const sbx_type *type, const char *also, const char *text)
{
	char name[96] = "a value";
	if (sbx_type_kind_of(type) != SBX_ANY)
		sbx_type_text(type, name, sizeof name);
	snprintf(problem, 256, "expected %s%s, got '%.100s'", name, also, text);
}

/* The heap's last error without the type in front: "[3]: expected int, got str". */
static void explain_error(char problem[256], sbx_heap *heap, const sbx_type *type, const char *text)
{
	const char *why = sbx_run_error_text(heap);
	if (why && strncmp(why, "TypeError: ", 11) == 0)
		why += 11;
	if (why && *why)
		snprintf(problem, 256, "%.250s", why);
	else
		explain(problem, type, "", text);
}

static sbx_value convert(sbx_heap *heap, const sbx_type *type, int from_json, sbx_value v,
						 const char *text, char problem[256])
{
	sbx_value out = {0};
	if (sbx_kind(v) == SBX_INVALID || sbx_value_convert(heap, type, from_json, v, &out)) {
		out = (sbx_value){0};
		explain_error(problem, heap, type, text);
	}
	return out;
}

static sbx_value parse_json(sbx_heap *heap, const sbx_type *type, const char *text,
							char problem[256])
{
	sbx_value v;
	if (sbx_json_load(heap, text, strlen(text), &v)) {
		explain(problem, type, " as JSON", text);
		return (sbx_value){0};
	}
	return convert(heap, type, 1, v, text, problem);
}

sbx_value program_parse_input(sbx_heap *heap, const sbx_type *type, const char *text,
							  char problem[256])
{
	sbx_value v = {0};
	sbx_type_kind kind = sbx_type_kind_of(type);
	int64_t microseconds;
	switch (kind) {
	case SBX_INT:
		v = parse_int(heap, text);
		break;
	case SBX_FLOAT:
		v = parse_float(text);
		break;
	case SBX_STR:
		v = sbx_str_make(heap, text, strlen(text));
		if (sbx_kind(v) == SBX_INVALID)
			snprintf(problem, 256, "expected str, got bytes that are not UTF-8");
		return v;
	case SBX_BOOL:
		if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
			return sbx_bool(*text == 't');
		explain(problem, type, " (true or false)", text);
		return v;
	case SBX_TIMEDELTA:
		if (program_parse_timedelta(text, &microseconds))
			v = sbx_timedelta_make(heap, microseconds);
		if (sbx_kind(v) == SBX_INVALID)
			explain(problem, type, " (seconds, 1h30m or '1 day, 0:00:00')", text);
		return v;
	case SBX_DATETIME:
		v = sbx_str_make(heap, text, strlen(text));
		if (sbx_kind(v) == SBX_INVALID || sbx_value_convert(heap, type, 1, v, &v)) {
			explain(problem, type, " (ISO 8601, such as 2024-01-31T08:30:00)", text);
			v = (sbx_value){0};
		}
		return v;
	case SBX_FILE:
	case SBX_DIR:
		v = sbx_handle_make(heap, kind, text, NULL, NULL);
		break;
	default:
		return parse_json(heap, type, text, problem);
	}
	if (sbx_kind(v) == SBX_INVALID)
		explain(problem, type, "", text);
	return v;
}

/* ---- the words after the entry ---- */

static bool find_input(const sbx_entry *entry, const char *name, size_t length, size_t *index)
{
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		const char *known = sbx_entry_input_name(entry, i);
		if (strlen(known) == length && memcmp(known, name, length) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}

/* One "--NAME VALUE" or "--NAME=VALUE" at word `i`; returns the index of the next. */
static int read_word(const ProgramOptions *options, const sbx_entry *entry, sbx_heap *heap,
					 sbx_value *values, int i, bool *good)
{
	const char *word = options->inputs[i];
	char problem[256] = "";
	size_t index;
	if (strncmp(word, "--", 2) != 0 || !word[2]) {
		program_error(options, "expected --NAME VALUE, got '%s'", word);
		*good = false;
		return i + 1;
	}
	const char *name = word + 2, *value = strchr(name, '=');
	size_t length = strcspn(name, "=");
	int next = i + 1;
	if (value)
		value++;
	else if (next < options->input_count)
		value = options->inputs[next++];
	if (!find_input(entry, name, length, &index)) {
		program_error(options, "%s has no input '%.*s'%s", sbx_entry_name(entry), (int)length, name,
					  program_is_option(word) ? "; options stand before its name" : "");
		*good = false;
		/* A word that looks like the next input was not the value of an unknown one. */
		return value == name + length + 1 || strncmp(value ? value : "", "--", 2) ? next : i + 1;
	}
	if (!value)
		snprintf(problem, sizeof problem, "a value is missing");
	else if (sbx_kind(values[index]) != SBX_INVALID)
		snprintf(problem, sizeof problem, "given twice");
	else
		values[index] =
			program_parse_input(heap, sbx_entry_input_type(entry, index), value, problem);
	if (*problem) {
		program_error(options, "--%s: %s", sbx_entry_input_name(entry, index), problem);
		values[index] = sbx_none(); /* told already: not missing as well */
		*good = false;
	}
	return next;
}

/* ---- a JSON object ---- */

/* A whole file, NUL-terminated, or NULL after a word. */
static char *read_file(const ProgramOptions *options, const char *path, size_t *length)
{
	bool standard = strcmp(path, "-") == 0;
	errno = 0;
	FILE *file = standard ? stdin : fopen(path, "rbe");
	size_t capacity = 0, n;
	char *text = NULL;
	*length = 0;
	while (file && !ferror(file) && !feof(file)) {
		if (capacity - *length < 4096) {
			capacity = capacity ? capacity * 2 : 16384;
			char *grown = realloc(text, capacity);
			if (!grown) {
				errno = ENOMEM;
				break;
			}
			text = grown;
		}
		n = fread(text + *length, 1, capacity - *length - 1, file);
		*length += n;
	}
	if (!file || errno || !text) {
		program_error(options, "cannot read '%s': %s", path, strerror(errno));
		free(text);
		text = NULL;
	} else {
		text[*length] = '\0';
	}
	if (file && !standard)
		fclose(file);
	return text;
}

static bool take_json_member(const ProgramOptions *options, const sbx_entry *entry, sbx_heap *heap,
							 sbx_value *values, sbx_value key, sbx_value value)
{
	size_t length, index;
	char problem[256] = "";
	const char *name = sbx_peek_str(heap, key, &length);
	if (!name)
		return false;
	if (!find_input(entry, name, length, &index)) {
		program_error(options, "%s has no input '%s'", sbx_entry_name(entry), name);
		return false;
	}
	values[index] = convert(heap, sbx_entry_input_type(entry, index), 1, value, "", problem);
	if (!*problem)
		return true;
	program_error(options, "input '%s': %s", name, problem);
	values[index] = sbx_none();
	return false;
}

/* False: there is no JSON object. *good becomes false where one of its members is wrong. */
static bool read_json_inputs(const ProgramOptions *options, const sbx_entry *entry, sbx_heap *heap,
							 sbx_value *values, bool *good)
{
	size_t length;
	sbx_value object;
	char *text = read_file(options, options->input_json, &length);
	if (!text)
		return false;
	sbx_status status = sbx_json_load(heap, text, length, &object);
	free(text);
	if (status) {
		const char *why = sbx_run_error_text(heap);
		program_error(options, "%s: %s", options->input_json, why && *why ? why : "not valid JSON");
		return false;
	}
	if (sbx_kind(object) != SBX_DICT) {
		program_error(options, "%s: expected one JSON object with all inputs", options->input_json);
		return false;
	}
	for (size_t i = 0; i < sbx_count(object); i++)
		if (!take_json_member(options, entry, heap, values, sbx_peek_item(object, i),
							  sbx_peek_value(object, i)))
			*good = false;
	return true;
}

int program_read_inputs(const ProgramOptions *options, const sbx_entry *entry, sbx_heap *heap,
						sbx_value *values)
{
	bool good = true;
	size_t count = sbx_entry_input_count(entry);
	for (size_t i = 0; i < count; i++)
		values[i] = (sbx_value){0};
	if (options->input_json && options->input_count) {
		program_error(options,
					  "inputs stand either in --input-json or after the entry, not in both");
		return EXIT_USAGE;
	}
	if (options->input_json && !read_json_inputs(options, entry, heap, values, &good))
		return EXIT_USAGE; /* no object: nothing can be said of single inputs */
	for (int i = 0; i < options->input_count;)
		i = read_word(options, entry, heap, values, i, &good);
	for (size_t i = 0; i < count; i++)
		if (sbx_kind(values[i]) == SBX_INVALID && sbx_entry_input_required(entry, i)) {
			char type[128];
			sbx_type_text(sbx_entry_input_type(entry, i), type, sizeof type);
			program_error(options, "input '%s' (%s) is missing", sbx_entry_input_name(entry, i),
						  type);
			good = false;
		}
	return good ? EXIT_OK : EXIT_USAGE;
}
