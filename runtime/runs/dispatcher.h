/*
 * The inside of the dispatcher, and what its files offer one another. docs/notes/dispatcher.md has the idea.
 *
 *   dispatcher.c           the host's side: opening, runs, polling
 *   dispatcher_routes.c    which backend a call goes to, tasks in C, limits by name
 *   dispatcher_turns.c     order and limits: who starts next
 *   dispatcher_jobs.c      a call from its start to its outcome, as a backend sees it
 *   dispatcher_outcomes.c  outcomes: recorded, committed, delivered
 *   dispatcher_cache.c     outcomes that a cache has
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_DISPATCHER_H
#define SBX_DISPATCHER_H

#include "links.h"
#include "run.h"
#include "timers.h"

/* A limit on attempts under way. */
typedef struct Gate {
	uint32_t limit; /* 0: none */
	uint32_t running;
	uint32_t ready; /* places that runs in the turns have reserved */
	Link waiting;   /* runs (in_turn) that wait for a place here */
} Gate;

typedef struct Route {
	Link in_routes;
	char *task_type; /* NULL: all others, or a task in C */
	sbx_backend backend;
	Gate gate;
	Link attempts; /* running jobs (in_place) */
} Route;

/* A task by its name: what was said of it, and its calls. */
typedef struct Named {
	char *name;
	Gate gate;
	uint64_t jobs;
	Route *route;           /* a task in C; NULL: by its type */
	sbx_native_task native; /* of that */
} Named;

enum JobState {
	JOB_NEW,
	JOB_QUEUED,
	JOB_LOOKING, /* the cache has not said yet whether it has the result; counted as running */
	JOB_RUNNING,
	JOB_RESTING,
	JOB_STORING, /* it has its result, which the cache has not taken in yet */
	JOB_HELD,
	JOB_OVER
};

/* How a call has ended. */
typedef struct Outcome {
	sbx_value result; /* of the dispatcher's heap; tag 0: it failed */
	char *type, *text, *traceback;
} Outcome;

typedef struct Job {
	sbx_attempt attempt; /* first: an attempt is its job */
	Link in_jobs;        /* of its run, in order of ids */
	Link
		in_place; /* queued: its run's queue; running: its route's attempts; looking, storing: the dispatcher's asking jobs; held: its held ones */
	Timer timer;  /* running: its deadline; resting: when it is queued again */
	Link
		in_young; /* running, not for a second yet: the dispatcher's young jobs, in order of `since` */
	int64_t since; /* young: when the attempt was started */
	struct Dispatched *owner;
	Route *route;
	Named *named;
	uint64_t id;
	uint32_t retries; /* left */
	uint8_t state;
	bool starting;       /* its backend's start is on the stack: not freed before it returns */
	bool has_reported;   /* a failure, from within start: it counts when that has returned */
	bool is_unavailable; /* what it needs is not there */
	bool is_aborted;     /* by the host */
	bool is_looked_up;   /* in the cache, */
	bool is_cached;      /* found there, */
	bool is_stored;      /* or to be put there under its key */
	unsigned char key[32];
	void *inquiry; /* looking, storing: the cache's own state */
	struct Outcome *
		outcome; /* held: recorded, waits for the commit; storing: the result; has_reported: that failure */
	struct sbx_call shown; /* for events: the call itself may be gone when its end is told */
} Job;

/* A run in the dispatcher. */
typedef struct Dispatched {
	Link in_runs;    /* of the dispatcher: runs, or ended */
	Link in_stirred; /* it is to be looked at when no backend is on the stack */
	Link in_turn;    /* its queue is not empty: it stands in the turns or waits at a gate */
	sbx_run *run;
	sbx_dispatcher *dispatcher;
	Link jobs, queue;
	Gate gate;
	bool is_ready;       /* it stands in the turns */
	bool sweeps;         /* some of its calls may no longer be wanted */
	bool is_unavailable; /* it ends since something is not there */
	bool has_ended;
} Dispatched;

struct sbx_dispatcher {
	sbx_dispatcher_options options;
	sbx_recorder recorder; /* size 0: none */
	sbx_cache cache;       /* size 0: none */
	Link routes;
	Named **named; /* hash table, open addressing; named_room slots */
	size_t named_count, named_room;
	Link runs;
	Link stirred;
	Link turns;
	Link asking; /* jobs that are looked up or stored by and by */
	Link young;  /* running jobs of which the recorder does not know yet that they last */
	Link held;
	Link ended; /* their end is still to be told; with a recorder after the commit */
	Link committing, committing_ended; /* held jobs and ended runs of a commit that is under way */
	uint64_t running;
	Timers timers;
	sbx_heap *heap; /* values that wait for the commit or are made of JSON */
	bool is_busy;   /* a poll left work over */
	bool is_closing;
	bool is_inside;     /* the host must not change what is being walked */
	bool is_unsaved;    /* something was recorded since the last commit was begun */
	bool is_committing; /* that one is under way */
	bool has_noted;     /* a note is among it: durable when the poll returns (sbx_attempt_note) */
	bool has_cached;    /* the cache was asked since the last flush */
	sbx_status broken;  /* of the recorder: nothing is delivered any more */
};

static inline int64_t dispatcher_now(const sbx_dispatcher *d)
{
	return d->options.now_ms(d->options.context);
}

/* ---- dispatcher_routes.c ---- */

char *sbx__text_copy(const char *text); /* NULL: no memory, or there is none */
/* A task by its name; NULL: no memory. */
Named *sbx__named_get(sbx_dispatcher *d, const char *task);
/* The backend of a call; NULL: there is none. */
Route *sbx__route_of(const sbx_dispatcher *d, const sbx_gen_task *task, const Named *named);
void sbx__routes_close(sbx_dispatcher *d);

/* ---- dispatcher_turns.c ---- */

void sbx__gate_init(Gate *gate, uint32_t limit);
void sbx__gate_set(Gate *gate, uint32_t limit);
/* Behind the others of its run. */
void sbx__job_enqueue(Job *job);
void sbx__job_unqueue(Job *job);
/* The job whose turn it is, taken out of its queue and counted as running; NULL: none can start. */
Job *sbx__turns_take(sbx_dispatcher *d);
bool sbx__turns_are_due(const sbx_dispatcher *d);
/* A running job has left its backend. */
void sbx__job_leave(Job *job);

/* ---- dispatcher_jobs.c ---- */

void sbx__job_tell(Job *job, const char *what, const char *detail);
/* A call that the run hands out becomes a job, queued; NULL: it has its outcome already, or the run has ended. */
Job *sbx__job_make(Dispatched *r, const sbx_call *call);
void sbx__job_start(Job *job);
/* The job has ended for good; it is in no queue. */
void sbx__job_end(Job *job);
/* Its call is no longer wanted. */
void sbx__job_cancel(Job *job);
void sbx__job_due(Job *job);
/* The backend is broken, and so are its attempts. */
void sbx__route_failed(Route *route, sbx_status status);

/* ---- dispatcher_cache.c ---- */

/* Before the first attempt of a running job. False: it is not to be started now, or at all. */
bool sbx__job_look_up(Job *job);
/* The running job's attempt has given a value, with which it ends now or later. */
void sbx__job_store(Job *job, sbx_value result);
/* Takes a looking or storing job from the cache. */
void sbx__job_stop_asking(Job *job);
/* The storing jobs of a run (NULL: of all) end with their results, which the cache goes without. */
void sbx__dispatcher_settle(sbx_dispatcher *d, const Dispatched *r);
/* Goes on with what the cache has not finished. */
void sbx__dispatcher_ask(sbx_dispatcher *d);
void sbx__dispatcher_flush(sbx_dispatcher *d);

/* ---- dispatcher_outcomes.c ---- */

void sbx__outcome_free(sbx_dispatcher *d, Outcome *outcome);
Outcome *sbx__outcome_make(sbx_dispatcher *d, sbx_value result, const char *type, const char *text,
						   const char *traceback);
/* "ValueError: text", cut where it is very long. */
void sbx__outcome_describe(char *buffer, size_t size, const char *type, const char *text);
/* The last attempt has ended. result tag 0: it failed. The job goes, or is held for the commit. */
void sbx__job_finish(Job *job, sbx_value result, const char *type, const char *text,
					 const char *traceback);
/* Another attempt follows; false: the recorder has failed, and the job is gone. */
bool sbx__job_record_retry(Job *job, const char *type, const char *text, const char *traceback);
void sbx__dispatched_end(Dispatched *r); /* the run has ended, and its jobs are gone */
/* Begins a commit if there is something to commit, or looks how the one that is under way has ended. */
void sbx__dispatcher_commit(sbx_dispatcher *d);
/* The same until everything is committed. */
void sbx__dispatcher_commit_all(sbx_dispatcher *d);
void sbx__dispatcher_tell_ended(sbx_dispatcher *d, Link *list);

#endif
