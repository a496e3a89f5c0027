/*
 * Hosts the entries of one compiled file of random programs: `random_host FILE.so TABLE RUNS`.
 *
 * Each line of RUNS is a number in the table of entries, a space, and a JSON object of inputs. Each run is answered on
 * standard output: "@ LINE STATUS LENGTH PRINTED\n", then so many bytes of the result's repr (or of the traceback), then
 * so many that the program printed. Tasks are answered here, at once; those of a flyte_map in a mixed order. What they do
 * is also written in Python, in random_tasks.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbx.h"

enum { PRINT_ROOM = 1 << 16, MAP_ROOM = 4096, COUNTS_ROOM = 256 };

typedef struct Printed {
	char text[PRINT_ROOM];
	size_t length;
} Printed;

static void print(void *context, const char *utf8, size_t length)
{
	Printed *printed = context;
	if (printed->length + length > PRINT_ROOM)
		length = PRINT_ROOM - printed->length;
	memcpy(printed->text + printed->length, utf8, length);
	printed->length += length;
}

static const char *repr_of(sbx_run *run, sbx_value v, sbx_value *text, size_t *length)
{
	*text = sbx_repr(run, v);
	const char *utf8 = sbx_kind(*text) == SBX_INVALID ? NULL : sbx_peek_str(run, *text, length);
	if (!utf8)
		*length = 0;
	return utf8 ? utf8 : "";
}

static size_t code_points(const char *utf8, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)utf8[i] & 0xc0) != 0x80;
	return count;
}

static int is_false(const char *repr)
{
	static const char *const texts[] = {"None", "False", "0",  "0.0", "-0.0",  "''",
										"b''",  "[]",    "()", "{}",  "set()", "frozenset()"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(repr, texts[i]) == 0)
			return 1;
	return 0;
}

static sbx_status answer(sbx_run *run, const sbx_call *call)
{
	uint64_t id = sbx_call_id(call);
	const char *name = strchr(sbx_call_task_name(call), '.') + 1;
	sbx_value x = sbx_call_arg(call, 0), text;
	size_t length, n;
	sbx_status status;
	if (strcmp(name, "ta") == 0) {
		sbx_value y = sbx_call_arg(call, 1);
		int64_t i;
		int is_three = sbx_kind(y) == SBX_INVALID || (sbx_get_int(y, &i) && i == 3) ||
					   (sbx_kind(y) == SBX_FLOAT && sbx_get_float(y) == 3.0);
		return sbx_run_answer(run, id, is_three ? x : y);
	}
	if (name[1] != 'b' && name[1] != 'n' && name[1] != 'r' && name[1] != 'x')
		return sbx_run_answer(run, id, x);
	const char *repr = repr_of(run, x, &text, &length);
	n = code_points(repr, length);
	if (name[1] == 'b')
		status = sbx_run_answer(run, id, sbx_bool(!is_false(repr)));
	else if (name[1] == 'n')
		status = sbx_run_answer(run, id, sbx_int((int64_t)n));
	else if (name[1] == 'r')
		status = sbx_run_answer(run, id, text);
	else if (n % 3 == 2) {
		char message[64];
		snprintf(message, sizeof message, "no %.40s", repr);
		status = sbx_run_fail(run, id, n % 2 ? "LookupError" : "ValueError", message, NULL);
	} else
		status = sbx_run_answer(run, id, x);
	sbx_value_free(run, text);
	return status;
}

/* Answers all calls that can be handed out now, the last first and the others from both ends. */
static int answer_all(sbx_run *run)
{
	static const sbx_call *calls[MAP_ROOM];
	size_t count = 0;
	while (count < MAP_ROOM && (calls[count] = sbx_run_next_call(run)) != NULL)
		count++;
	for (size_t i = 0; i < count; i++) {
		const sbx_call *call = calls[i % 2 ? i / 2 : count - 1 - i / 2];
		if (!sbx_run_has_call(run, sbx_call_id(call)))
			continue;
		sbx_status status = answer(run, call);
		if (status != SBX_DONE && status != SBX_E_TYPE && status != SBX_E_MEMORY)
			return -1;
	}
	return count > 0;
}

static void run_one(const sbx_entry *entry, size_t line, const char *json, Printed *printed)
{
	sbx_run *run = NULL;
	sbx_run_options options = {
		.size = sizeof options, .timeout_ms = 4000, .print = print, .context = printed};
	sbx_value text = sbx_none();
	const char *shown = "";
	size_t length = 0;
	printed->length = 0;
	sbx_status status = sbx_run_open_json(entry, json, strlen(json), &options, &run);
	if (status == SBX_DONE)
		while ((status = sbx_run_step(run)) == SBX_WAITING)
			if (answer_all(run) <= 0)
				break;
	if (run && status == SBX_DONE)
		shown = repr_of(run, sbx_run_result(run), &text, &length);
	else if (run) {
		shown = status == SBX_E_INPUT ? sbx_run_error_text(run) : sbx_run_traceback(run);
		length = shown ? strlen(shown) : 0;
	}
	printf("@ %zu %d %zu %zu\n", line, (int)status, length, printed->length);
	fwrite(shown, 1, length, stdout);
	fwrite(printed->text, 1, printed->length, stdout);
	if (run) {
		sbx_value_free(run, text);
		sbx_run_free(run);
	}
}

/* Of the operations that were executed, where random_coverage.py has put counters into the C: their number, then each. */
static void print_counts(const unsigned long *counts)
{
	for (size_t i = 0; counts && i < COUNTS_ROOM; i++)
		if (counts[i])
			printf("%zu %lu\n", i, counts[i]);
}

int main(int argc, char **argv)
{
	static Printed printed;
	static char line[1 << 16];
	size_t number = 0;
	FILE *runs = argc == 4 ? fopen(argv[3], "r") : NULL;
	void *library = runs ? dlopen(argv[1], RTLD_NOW) : NULL;
	const sbx_entry *const *entries = library ? dlsym(library, argv[2]) : NULL;
	if (!entries) {
		fprintf(stderr, "random_host: %s\n",
				library || runs ? dlerror() : "usage: random_host FILE.so TABLE RUNS");
		return 2;
	}
	for (; fgets(line, sizeof line, runs); number++) {
		char *json;
		size_t index = strtoul(line, &json, 10);
		fflush(stdout); /* what was reached is known after a crash */
		run_one(entries[index], number, json, &printed);
	}
	printf("@ end\n");
	print_counts(dlsym(library, "random_counts"));
	fclose(runs);
	return 0;
}
