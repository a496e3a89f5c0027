/*
 * Runs the programs of tests/lang in one process, their task calls answered from a file, while allocations fail.
 *
 *     fault_driver ANSWERS log                 each task call with its arguments, then what came out
 *     fault_driver ANSWERS heap MOST           the n-th allocation of the run's heap fails, n = 1, 2, 3 ...
 *     fault_driver ANSWERS system MOST         the n-th malloc of the library fails
 *
 * MOST is how many n an entry gets: where it makes more allocations, they are taken evenly from all of them. A run that
 * meets the failure must end with MemoryError or go on to the right end, give everything back, and the next run must be
 * right. ANSWERS has a line for each entry and task call: `entry NAME`, `= JSON`, `! TYPE TEXT`.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/values/object.h"

#include "failing_malloc.h"
#include "program.h"

enum { TEXT_MAX = 1 << 16, MOST_CALLS = 4096 };

/* ---- allocations ---- */

static uint64_t fail_in, allocations;

static bool fails(void)
{
	allocations++;
	return fail_in && --fail_in == 0;
}

/* ---- answers ---- */

static char *answers; /* the file, its lines cut by zeros */
static const char *call_answers[MOST_CALLS];

static int read_answers(const char *path)
{
	FILE *file = fopen(path, "rb");
	long size;
	if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0)
		return -1;
	rewind(file);
	answers = __real_malloc((size_t)size + 2);
	if (!answers || fread(answers, 1, (size_t)size, file) != (size_t)size)
		return -1;
	fclose(file);
	answers[size] = answers[size + 1] = 0;
	for (char *at = answers; (at = strchr(at, '\n')) != NULL;)
		*at++ = 0;
	return 0;
}

/* Sets call_answers to those of an entry. */
static void find_answers(const char *entry)
{
	const char *line = answers;
	int count = 0;
	memset(call_answers, 0, sizeof call_answers);
	while (*line && (strncmp(line, "entry ", 6) != 0 || strcmp(line + 6, entry) != 0))
		line += strlen(line) + 1;
	if (*line)
		for (line += strlen(line) + 1;
			 *line && strncmp(line, "entry ", 6) != 0 && count < MOST_CALLS - 1;
			 line += strlen(line) + 1)
			call_answers[count++] = line;
}

/* ---- runs ---- */

static char outcome[TEXT_MAX];
static FILE *log_to;

static void log_value(sbx_run *run, sbx_value v)
{
	sbx_value text = sbx_repr(run, v);
	size_t length = 0;
	const char *utf8 = sbx_peek_str(run, text, &length);
	fwrite(utf8 ? utf8 : "?", 1, utf8 ? length : 1, log_to);
	sbx_value_free(run, text);
}

static void log_call(sbx_run *run, const sbx_call *call)
{
	fprintf(log_to, "call %llu %s(", (unsigned long long)sbx_call_id(call),
			sbx_call_task_name(call));
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		fprintf(log_to, "%s%s=", i ? ", " : "", sbx_call_arg_name(call, i));
		if (sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID)
			log_value(run, sbx_call_arg(call, i));
	}
	fprintf(log_to, ")\n");
}

/* The call has its recorded answer. */
static sbx_status answer(sbx_run *run, uint64_t id)
{
	const char *said = id <= MOST_CALLS - 1 ? call_answers[id - 1] : NULL;
	if (!said)
		return SBX_E_NO_CALL;
	if (*said == '=')
		return sbx_run_answer_json(run, id, said + 2, strlen(said + 2));
	char type[100];
	const char *text = strchr(said + 2, ' ');
	size_t length = text ? (size_t)(text - said - 2) : strlen(said + 2);
	if (length >= sizeof type)
		return SBX_E_ARGUMENT;
	memcpy(type, said + 2, length);
	type[length] = 0;
	return sbx_run_fail(run, id, type, text ? text + 1 : "", NULL);
}

/* Steps to the end. An answer for which there is no memory ends the run. */
static sbx_status finish(sbx_run *run)
{
	sbx_status status, answered = SBX_DONE;
	const sbx_call *call;
	while ((status = sbx_run_step(run)) == SBX_WAITING)
		while ((call = sbx_run_next_call(run)) != NULL) {
			uint64_t id = sbx_call_id(call);
			if (log_to)
				log_call(run, call);
			if (sbx_run_has_call(run, id))
				answered = answer(run, id);
			if (answered == SBX_E_SYNTAX || answered == SBX_E_NO_CALL)
				return answered;
		}
	return status;
}

/* The outcome as text: the result, or the traceback. */
static void tell(sbx_run *run, sbx_status status, char *text)
{
	sbx_value repr = SBX_GEN_ERROR;
	const char *utf8 = sbx_run_traceback(run);
	size_t length = strlen(utf8);
	if (status == SBX_DONE) {
		repr = sbx_repr(run, sbx_run_result(run));
		utf8 = sbx_peek_str(run, repr, &length);
	}
	snprintf(text, TEXT_MAX, "%d %s", status, utf8 ? utf8 : "?");
	sbx_value_free(run, repr);
}

static bool is_right(const sbx_entry *entry)
{
	static char text[TEXT_MAX];
	sbx_run *run = NULL;
	if (sbx_run_open(entry, NULL, 0, NULL, &run))
		return false;
	tell(run, finish(run), text);
	sbx_run_free(run);
	return !strcmp(text, outcome);
}

/* Do both texts have the same last line? */
static bool ends_alike(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	while (m && a[m - 1] == '\n')
		m--;
	while (n && b[n - 1] == '\n')
		n--;
	while (m && n && a[m - 1] == b[n - 1] && a[m - 1] != '\n') {
		m--;
		n--;
	}
	return (!m || a[m - 1] == '\n' || strchr("0123456789- ", a[m - 1])) &&
		   (!n || b[n - 1] == '\n' || strchr("0123456789- ", b[n - 1]));
}

/* One run with a failure; what is wrong, or NULL. *met: the failure came. */
static const char *fault(const sbx_entry *entry, bool system, uint64_t n, bool *met)
{
	static char text[TEXT_MAX];
	sbx_run *run = NULL;
	sbx_status status;
	int64_t before = blocks;
	bool right;
	fail_in = system ? n : 0;
	status = sbx_run_open(entry, NULL, 0, NULL, &run);
	if (status) {
		*met = fail_in == 0;
		fail_in = 0;
		sbx_run_free(run);
		return status == SBX_E_NO_MEMORY && blocks == before ? NULL : "opening ended otherwise";
	}
	if (!system)
		HEAP(run)->fail_in = (uint32_t)n;
	status = finish(run);
	*met = system ? fail_in == 0 : HEAP(run)->fail_in == 0;
	HEAP(run)->fail_in = 0;
	fail_in = 0;
	tell(run, status, text);
	right = !strcmp(text, outcome);
	if (!right && status == SBX_E_NO_MEMORY)
		right = !strcmp(sbx_run_error_text(run), "MemoryError") && strstr(text, "MemoryError");
	if (!right) /* a traceback may lack frames for which there was no memory */
		right = strtol(outcome, NULL, 10) == status && status < 0 && ends_alike(text, outcome);
	sbx_run_free(run);
	if (!right) {
		fprintf(stderr, "%s: n = %llu: %.300s\n", sbx_entry_name(entry), (unsigned long long)n,
				text);
		return "ended otherwise";
	}
	return blocks == before ? NULL : "something was not given back";
}

/* How many allocations a run makes, in all. */
static uint64_t count_allocations(const sbx_entry *entry, bool system)
{
	sbx_run *run = NULL;
	uint64_t before = allocations, count;
	sbx_status status;
	if (sbx_run_open(entry, NULL, 0, NULL, &run))
		return 0;
	HEAP(run)->fail_in = system ? 0 : UINT32_MAX;
	status = finish(run);
	count = system ? allocations - before : UINT32_MAX - HEAP(run)->fail_in;
	tell(run, status, outcome);
	sbx_run_free(run);
	return count;
}

static int sweep(const sbx_entry *entry, bool system, uint64_t most, uint64_t *runs)
{
	uint64_t all, last;
	count_allocations(entry, !system); /* for the outcome, and to warm up what stays */
	all = count_allocations(entry, system);
	last = most < all ? most : all;
	for (uint64_t i = 1; i <= last + 1; i++) {
		/* The first hundred one by one, the others evenly. */
		uint64_t n = i <= 100 || last == all ? i : 100 + (i - 100) * (all - 100) / (last - 100);
		bool met = false;
		const char *wrong = fault(entry, system, n, &met);
		++*runs;
		if (!wrong && !met && n <= all && !system)
			wrong = "the allocations differ from run to run";
		if (!wrong && (i % 16 == 1 || n >= all) && !is_right(entry))
			wrong = "the next run is not right";
		if (wrong) {
			printf("FAIL %s: allocation %llu of %llu: %s\n", sbx_entry_name(entry),
				   (unsigned long long)n, (unsigned long long)all, wrong);
			return 1;
		}
	}
	printf("ok %s: %llu of %llu allocations\n", sbx_entry_name(entry), (unsigned long long)last,
		   (unsigned long long)all);
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t most = argc > 3 ? strtoull(argv[3], NULL, 10) : 100, runs = 0;
	int failures = 0;
	if (argc < 3 || read_answers(argv[1])) {
		fprintf(stderr, "usage: fault_driver ANSWERS log|heap|system [MOST]\n");
		return 2;
	}
	for (const sbx_entry *const *e = sbx_entries_program; *e; e++) {
		sbx_run *run = NULL;
		if (sbx_entry_input_count(*e))
			continue;
		find_answers(sbx_entry_name(*e));
		if (strcmp(argv[2], "log") != 0) {
			failures += sweep(*e, !strcmp(argv[2], "system"), most > 101 ? most : 101, &runs);
			continue;
		}
		log_to = stdout;
		printf("entry %s\n", sbx_entry_name(*e));
		if (sbx_run_open(*e, NULL, 0, NULL, &run)) {
			printf("cannot be opened\n");
			return 1;
		}
		tell(run, finish(run), outcome);
		printf("%s\n", outcome);
		sbx_run_free(run);
	}
	if (runs)
		printf("runs %llu\n", (unsigned long long)runs);
	__real_free(answers);
	return failures != 0;
}
