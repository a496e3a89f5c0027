/*
 * A simulated service: one seed decides everything that happens in it. README.md says what is simulated and checked.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sbx-host.h"

/* ---- what is simulated ---- */

enum SimTask { TASK_WORK, TASK_SLOW, TASK_WORDS, TASK_HALF, TASK_REMOTE, TASK_PLUS, TASK_COUNT };
enum SimRoute { ROUTE_REMOTE, ROUTE_OTHERS, ROUTE_NATIVE, ROUTE_COUNT };

typedef struct SimTaskInfo {
	const char *name;
	uint32_t retries, timeout_ms;
	enum SimRoute route;
} SimTaskInfo;
extern const SimTaskInfo sim_tasks[TASK_COUNT];

/* How an attempt ends, if nothing from outside ends it. */
enum SimEnd { END_ANSWER, END_FAIL, END_HANG };
/* What has decided the outcome of a call in place of its own fate. */
enum SimFrom { FROM_FATE, FROM_HOST, FROM_BACKEND };

typedef struct SimCall {
	uint32_t started_in; /* the last incarnation in which it was begun; 0: never */
	bool handed_out, in_flight, resting;
	bool recorded; /* the journal was told, and may have made it durable with something else */
	bool durable;
	uint8_t from;   /* enum SimFrom; of a recorded one */
	uint32_t tried; /* failed attempts after which the recorder was told of another one */
} SimCall;

enum SimState { RUN_NEW, RUN_IN, RUN_RESUMES, RUN_OVER };

typedef struct SimRun {
	uint32_t number; /* from 0 */
	uint8_t program, state;
	int64_t input, width;
	char id[24];
	sbx_run *run;
	void *journal_context;
	SimCall *calls; /* by id */
	size_t call_room;
	uint64_t highest_call;
	uint32_t incarnation; /* how often it was opened or restored */
	uint32_t running, queued, resting;
	uint32_t limit;
	uint64_t bound; /* of `starts` when its next call must have been started; 0: none */
	bool cancelled; /* the host has */
	bool has_recorded_end;
	bool has_ended;    /* with a result or an exception, and that is durable */
	int64_t resume_at; /* RUN_RESUMES */
	unsigned char *snapshot;
	size_t snapshot_length;
} SimRun;

/* An attempt under way. */
typedef struct SimFlight {
	sbx_attempt *attempt;
	SimRun *run;
	uint64_t call, order;
	int64_t due;
	size_t place; /* in the heap */
	uint8_t task, end;
} SimFlight;

typedef struct SimCommit {
	SimRun *run;
	uint64_t call; /* 0: the run's end */
} SimCommit;

typedef struct SimOptions {
	uint64_t seed;
	uint32_t runs;
	const char *folder;
	bool trace;
} SimOptions;

typedef struct SimCounts {
	uint64_t runs, failed_runs, cancelled_runs, calls, attempts, answers, failures, hangs,
		backend_failures, cancels, call_cancels, crashes, crashes_before, crashes_after, snapshots,
		restores, replays, resumes, commits, checks;
} SimCounts;

typedef struct Sim {
	SimOptions options;
	uint64_t random; /* state of what the host and the world do */
	int64_t now;
	SimRun *runs;
	uint32_t admitted, over;
	uint32_t in_dispatcher;
	SimFlight **flights; /* a heap by due time */
	size_t flight_count, flight_room;
	uint64_t flight_order;
	/* under way */
	uint32_t running, task_running[TASK_COUNT], route_running[ROUTE_COUNT];
	uint64_t starts, queued;
	/* limits; 0: none */
	uint32_t limit, run_limit, task_limit[TASK_COUNT], route_limit[ROUTE_COUNT];
	bool has_gates; /* limits but the one over all */
	/* how often things happen: one in so many; 0: never */
	uint32_t commit_odds, snapshot_odds, cancel_odds, call_odds, unavailable_odds, broken_odds,
		limit_odds, mistake_odds;
	uint64_t crash_at[4]; /* numbers of starts */
	uint32_t crash_next, window;
	SimRun **resuming; /* runs that wait for RUN_RESUMES, in order of time */
	size_t resume_first, resume_count, resume_room;
	bool is_recorded;
	bool is_dead;    /* crashed: nothing that follows has happened */
	bool poll_fails; /* the backend of all other tasks is broken in this poll */
	sbx_dispatcher *dispatcher;
	sbx_journal *journal;
	sbx_recorder inner; /* the journal's */
	SimCommit *waiting; /* for the commit */
	size_t waiting_count, waiting_room;
	/* commits that are handed over: a thread that writes `handed` of those that wait at write_at */
	bool hands_over, is_writing;
	bool handed_over; /* the dispatcher does not know yet how that has ended */
	int64_t write_at;
	size_t handed;
	uint64_t hash;
	SimCounts *counts;
	uint32_t failures;
	char path[512];
} Sim;

/* ---- sim_oracle.c ---- */

uint64_t sim_mix(uint64_t x);
/* The fate of an attempt: a function of seed, run, call and number alone, so that it is the same after a crash. */
enum SimEnd sim_fate(const Sim *sim, const SimRun *run, uint64_t call, enum SimTask task,
					 uint32_t number);
/* "bad 5 at attempt 3" */
void sim_failure_text(char *text, size_t size, uint64_t call, uint32_t number);
/* What the run must end with: JSON of its result (true), or its error. */
bool sim_expected(const Sim *sim, const SimRun *run, char *text, size_t size);
extern const char *const sim_program_names[];
enum { SIM_PROGRAMS = 9, SIM_WIDE = 150 };

/* ---- sim_world.c: backends and the recorder between dispatcher and journal ---- */

SimRun *sim_run_of(sbx_run *run);
SimCall *sim_call(SimRun *run, uint64_t id);
void sim_backends(Sim *sim);
void sim_recorder(Sim *sim, sbx_recorder *recorder);
/* The thread that writes has come to its end; it may die with everything before or after it. */
void sim_write(Sim *sim);
void sim_event(void *context, const sbx_attempt *attempt, const char *what, const char *detail);
/* The next time at which an attempt reports by itself; INT64_MAX: none. */
int64_t sim_next_report(const Sim *sim);
/* Makes the reports that are due, from outside of a poll. */
void sim_report(Sim *sim);
void sim_world_close(Sim *sim);

/* ---- sim_service.c: the host ---- */

/* Runs one seed. The number of failed checks. */
uint32_t sim_run_seed(const SimOptions *options, SimCounts *counts, uint64_t *hash);

/* ---- sim_checks.c ---- */

uint64_t sim_random(Sim *sim);
uint64_t sim_below(Sim *sim, uint64_t n);
bool sim_happens(Sim *sim, uint32_t odds);
/* Notes an event: part of the hash, and of the trace. */
void sim_note(Sim *sim, const char *what, const SimRun *run, uint64_t call, uint64_t number);
/* One check of an invariant. Returns is_right. */
bool sim_check(Sim *sim, bool is_right, const char *what, const SimRun *run, uint64_t call);
void sim_check_start(Sim *sim, SimRun *run, uint64_t call, enum SimTask task, uint32_t number);
void sim_check_result(Sim *sim, const SimRun *run, bool is_done, const char *text);
/* Between polls: nothing waits that could start. */
void sim_check_quiet(Sim *sim);

#endif
