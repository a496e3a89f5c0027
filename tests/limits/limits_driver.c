/*
 * Runs hostile programs one after another in one process, and says how each ended: its status, how late, and what memory
 * it took from the system at most. What it prints is judged by run.py.
 *
 *     limits_driver DEADLINE_MS [FIRST LAST]
 *
 * The entries of the program beside it: `let_NAME` make the inputs, `case_N` are the cases, `good` is run after each of
 * them and must give the same text every time.
 *
 * Time is this thread's CPU time, for the library too: clock_gettime is replaced here, so that a busy machine changes no
 * figure. Memory is counted at malloc (the linker's --wrap), and as the resident set that the kernel saw.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cases.h"

enum { MOST_INPUTS = 100, GOOD_SIZE = 200 };
#define MEGABYTE ((uint64_t)1 << 20)

int clock_gettime(clockid_t clock, struct timespec *t)
{
	if (clock == CLOCK_MONOTONIC)
		clock = CLOCK_THREAD_CPUTIME_ID;
	return (int)syscall(SYS_clock_gettime, clock, t);
}

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- memory ---- */

static uint64_t taken, peak;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static uint64_t size_of(void *block)
{
	return block ? malloc_usable_size(block) + sizeof(size_t) : 0;
}
static void *counted(void *block)
{
	taken += size_of(block);
	if (taken > peak)
		peak = taken;
	return block;
}
void *__wrap_malloc(size_t size)
{
	return counted(__real_malloc(size));
}
void *__wrap_calloc(size_t count, size_t size)
{
	return counted(__real_calloc(count, size));
}
void *__wrap_realloc(void *block, size_t size)
{
	uint64_t old = size_of(block);
	void *moved = __real_realloc(block, size);
	if (moved || !size)
		taken -= old;
	return counted(moved);
}
void __wrap_free(void *block)
{
	taken -= size_of(block);
	__real_free(block);
}

/* The resident set in KiB, by its name in /proc/self/status. */
static uint64_t resident(const char *name)
{
	static char text[8192];
	int file = open("/proc/self/status", O_RDONLY);
	ssize_t length = file < 0 ? 0 : read(file, text, sizeof text - 1);
	if (file >= 0)
		close(file);
	text[length > 0 ? length : 0] = '\0';
	const char *line = strstr(text, name);
	return line ? strtoull(line + strlen(name), NULL, 10) : 0;
}
static void forget_peak(void)
{
	int file = open("/proc/self/clear_refs", O_WRONLY);
	if (file < 0 || write(file, "5", 1) != 1)
		fprintf(stderr, "limits_driver: /proc/self/clear_refs cannot be written\n");
	if (file >= 0)
		close(file);
}

/* ---- runs ---- */

static void drop_text(void *context, const char *utf8, size_t length)
{
	(void)context, (void)utf8, (void)length;
}

static const sbx_entry *find(const char *prefix, const char *name)
{
	for (const sbx_entry *const *e = sbx_entries_cases; *e; e++)
		if (!strncmp(sbx_entry_name(*e), prefix, strlen(prefix)) &&
			!strcmp(sbx_entry_name(*e) + strlen(prefix), name))
			return *e;
	fprintf(stderr, "limits_driver: no entry %s%s\n", prefix, name);
	exit(2);
}

/* The value of an input, made when it is first wanted; its run is kept. */
static sbx_value input(const char *name)
{
	static struct {
		const char *name;
		sbx_run *run;
	} made[MOST_INPUTS];
	sbx_run_options options = {
		.size = sizeof options, .max_memory = 4096 * MEGABYTE, .timeout_ms = 600000};
	int i = 0;
	while (made[i].name && strcmp(made[i].name, name) != 0)
		i++;
	if (!made[i].name) {
		made[i].name = name;
		if (sbx_run_open(find("let_", name), NULL, 0, &options, &made[i].run) ||
			sbx_run_step(made[i].run)) {
			fprintf(stderr, "limits_driver: input %s: %s\n", name,
					made[i].run ? sbx_run_error_text(made[i].run) : "cannot be opened");
			exit(2);
		}
	}
	return sbx_run_result(made[i].run);
}

/* Is the next run of this process as it should be? */
static int is_good(void)
{
	static char first[GOOD_SIZE];
	sbx_run *run = NULL;
	sbx_value text;
	int good = 0;
	size_t length;
	const char *utf8;
	if (!sbx_run_open(find("", "good"), NULL, 0, NULL, &run) && !sbx_run_step(run)) {
		text = sbx_repr(run, sbx_run_result(run));
		utf8 = sbx_peek_str(run, text, &length);
		if (utf8 && length < sizeof first && !*first)
			memcpy(first, utf8, length + 1);
		good = utf8 && !strcmp(first, utf8);
		sbx_value_free(run, text);
	}
	sbx_run_free(run);
	return good;
}

/*
 * Runs a case and prints: mode, case, status, milliseconds beyond the deadline, the limit, what malloc gave and what was
 * resident at most (both beyond what was there before), whether the next run was good, the exception's name. With `room`,
 * the limit of memory is so much more than the inputs take.
 */
static void run_case(const char *mode, const sbx_entry *entry, uint32_t deadline, uint64_t room)
{
	sbx_value inputs[MOST_INPUTS];
	size_t count = sbx_entry_input_count(entry);
	sbx_run_options options = {.size = sizeof options,
							   .max_memory = 4096 * MEGABYTE,
							   .timeout_ms = deadline,
							   .print = drop_text};
	static sbx_usage inputs_usage; /* of this process's one case */
	sbx_usage usage = {.size = sizeof usage};
	sbx_run *run = NULL;
	sbx_status status;
	uint64_t before, resident_before;
	double begin, late;
	for (size_t i = 0; i < count; i++)
		inputs[i] = input(sbx_entry_input_name(entry, i));
	/* What the inputs take is not the program's doing. */
	if (!inputs_usage.size) {
		inputs_usage.size = sizeof inputs_usage;
		options.timeout_ms = 600000;
		if (sbx_run_open(entry, inputs, count, &options, &run))
			exit(2);
		sbx_run_usage(run, &inputs_usage);
		sbx_run_free(run);
	}
	options.timeout_ms = deadline += (uint32_t)(inputs_usage.nanoseconds / 1000000) * 2;
	if (room)
		options.max_memory = inputs_usage.peak_bytes + room;
	malloc_trim(0);
	forget_peak();
	resident_before = resident("VmRSS:");
	peak = before = taken;
	/* A copy of the inputs may be slower than the first one was. */
	for (int i = 0; i < 3 && (status = sbx_run_open(entry, inputs, count, &options, &run)) != 0;
		 i++)
		options.timeout_ms = deadline += 50;
	if (status) {
		printf("%s %s unopened\n", mode, sbx_entry_name(entry));
		return;
	}
	sbx_run_usage(run, &usage);
	begin = cpu_ms();
	status = sbx_run_step(run);
	late = cpu_ms() - begin - deadline + (double)usage.nanoseconds / 1e6;
	printf("%s %s %d %.2f %llu %llu %llu", mode, sbx_entry_name(entry), status, late,
		   (unsigned long long)options.max_memory, (unsigned long long)(peak - before),
		   (unsigned long long)(resident("VmHWM:") - resident_before) * 1024);
	begin = cpu_ms();
	const char *type = sbx_run_error_type(run);
	size_t length = strlen(sbx_run_traceback(run));
	printf(" %s %.2f %zu", type ? type : "-", cpu_ms() - begin, length);
	begin = cpu_ms();
	sbx_run_free(run);
	printf(" %.2f %lld %d\n", cpu_ms() - begin, (long long)(taken - before), is_good());
	fflush(stdout);
}

/* In a child process, which ends by itself when an operation cannot be stopped. */
static void run_apart(const sbx_entry *entry, uint32_t deadline)
{
	const struct rlimit seconds = {6, 6};
	int status = 0;
	pid_t child;
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++)
		input(sbx_entry_input_name(entry, i));
	fflush(stdout);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CPU, &seconds);
		run_case("time", entry, deadline, 0);
		run_case("small", entry, deadline, MEGABYTE);
		run_case("medium", entry, deadline, 16 * MEGABYTE);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		printf("end %s status %d\n", sbx_entry_name(entry), status);
}

int main(int argc, char **argv)
{
	uint32_t deadline = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 20;
	long first = argc > 2 ? strtol(argv[2], NULL, 10) : 0,
		 last = argc > 3 ? strtol(argv[3], NULL, 10) : 1000000;
	mallopt(M_MMAP_THRESHOLD, 128 << 10); /* large blocks go back to the system */
	if (!is_good())
		return 2;
	for (const sbx_entry *const *e = sbx_entries_cases; *e; e++) {
		const char *name = sbx_entry_name(*e);
		if (strncmp(name, "case_", 5) != 0 || strtol(name + 5, NULL, 10) < first ||
			strtol(name + 5, NULL, 10) > last)
			continue;
		run_apart(*e, deadline);
	}
	return 0;
}
