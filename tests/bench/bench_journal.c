/*
 * Measures the journal: durable task calls with 10,000 runs in flight and synchronous=FULL, and how long a run with 10,000
 * finished calls takes to be where it was. One line a figure: name, value, unit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sbx-host.h"

#include "bench_programs.h"

enum { RUNS = 10000, CALLS_EACH = 10, LONG_CALLS = 10000 };

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int is_right, const char *what, const sbx_journal *journal)
{
	if (is_right)
		return;
	fprintf(stderr, "wrong: %s: %s\n", what, sbx_journal_problem(journal));
	exit(1);
}

static sbx_status answer_at_once(void *context, sbx_attempt *attempt)
{
	long *left = context;
	if (left && --*left < 0)
		return SBX_DONE; /* never answered */
	sbx_attempt_answer(attempt, sbx_call_arg(attempt->call, 0));
	return SBX_DONE;
}

static sbx_status nothing(void *context)
{
	(void)context;
	return SBX_DONE;
}

static sbx_dispatcher *dispatcher_of(sbx_journal *journal, long *left)
{
	sbx_recorder recorder;
	sbx_dispatcher_options options = {.size = sizeof options, .recorder = &recorder};
	sbx_backend backend = {
		.size = sizeof backend, .context = left, .start = answer_at_once, .poll = nothing};
	sbx_dispatcher *dispatcher;
	sbx_journal_recorder(journal, &recorder);
	check(sbx_dispatcher_open(&options, &dispatcher) == SBX_DONE &&
			  sbx_dispatcher_route(dispatcher, NULL, &backend) == SBX_DONE,
		  "dispatcher", journal);
	return dispatcher;
}

static sbx_run *begin(sbx_journal *journal, sbx_dispatcher *dispatcher, const char *id, int64_t n)
{
	sbx_value input = sbx_int(n);
	const sbx_entry *entry = &sbx_machine_bench_programs_task_loop;
	sbx_run *run;
	check(sbx_journal_begin(journal, id, entry, &input, 1) == SBX_RUNNING, "begin", journal);
	check(sbx_run_open(entry, &input, 1, NULL, &run) == SBX_DONE &&
			  sbx_journal_attach(journal, id, run) == SBX_DONE &&
			  sbx_dispatcher_add(dispatcher, run) == SBX_DONE,
		  "open", journal);
	return run;
}

static double durable_calls(const char *path)
{
	static sbx_run *runs[RUNS];
	sbx_journal *journal;
	char id[32];
	double begun;
	check(sbx_journal_open(path, &journal) == SBX_DONE, "open", journal);
	sbx_dispatcher *dispatcher = dispatcher_of(journal, NULL);
	for (int i = 0; i < RUNS; i++) {
		snprintf(id, sizeof id, "run-%d", i);
		runs[i] = begin(journal, dispatcher, id, CALLS_EACH);
	}
	begun = now_s();
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING)
		;
	begun = now_s() - begun;
	for (int i = 0; i < RUNS; i++) {
		check(sbx_run_status(runs[i]) == SBX_DONE, "a run", journal);
		sbx_run_free(runs[i]);
	}
	sbx_dispatcher_close(dispatcher);
	sbx_journal_close(journal);
	return RUNS * (double)CALLS_EACH / begun;
}

/* Milliseconds until a run that was left after its last call but one is there again. */
static double resume_long(const char *path)
{
	sbx_journal *journal;
	long left = LONG_CALLS;
	check(sbx_journal_open(path, &journal) == SBX_DONE, "open", journal);
	sbx_dispatcher *dispatcher = dispatcher_of(journal, &left);
	sbx_run *run = begin(journal, dispatcher, "long", LONG_CALLS + 1);
	while (left >= 0)
		check(sbx_dispatcher_poll(dispatcher) == SBX_WAITING, "the long run", journal);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
	sbx_journal_close(journal);
	left = 0;
	double begun = now_s();
	check(sbx_journal_open(path, &journal) == SBX_DONE, "open", journal);
	dispatcher = dispatcher_of(journal, &left);
	run = begin(journal, dispatcher, "long", LONG_CALLS + 1);
	while (left >= 0)
		check(sbx_dispatcher_poll(dispatcher) == SBX_WAITING, "the resumed run", journal);
	begun = now_s() - begun;
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
	sbx_journal_close(journal);
	return begun * 1e3;
}

int main(int argc, char **argv)
{
	char path[512];
	if (argc < 2)
		return 2;
	snprintf(path, sizeof path, "%s/bench-%ld.db", argv[1], (long)getpid());
	printf("durable_calls %.0f calls/s\n", durable_calls(path));
	fflush(stdout);
	printf("resume_long %.1f ms\n", resume_long(path));
	return 0;
}
