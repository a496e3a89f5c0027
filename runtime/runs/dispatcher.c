/*
 * The dispatcher: carries the calls of any number of runs to backends.
 *
 * Every call that a run hands out becomes a job. A job is queued in its run, started when a place is free, and either
 * answers the run, rests before another attempt, or fails the call. Runs with queued jobs take turns, one job each, so
 * that a run with a map of ten thousand calls does not keep another from its single one.
 *
 * A backend may report from within start or poll. Nothing is stepped or cancelled there: a report only notes the run as
 * `stirred`, and sbx_dispatcher_poll goes on with it when the backend is no longer on the stack.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

enum {
	STARTS_AT_ONCE =
		4096, /* a poll does no more, so that a host of many runs is not kept from its own work */
	BACKOFF_FIRST_MS = 100,
	BACKOFF_MAX_MS = 10000
};

typedef struct Route {
	char *task_type; /* NULL: all others */
	sbx_backend backend;
} Route;

enum JobState { JOB_QUEUED, JOB_RUNNING, JOB_RESTING, JOB_HELD, JOB_OVER };

typedef struct Job {
	sbx_attempt attempt; /* first: an attempt is its job */
	struct Dispatched *owner;
	struct Job *next, *previous; /* of the run */
	struct Job *queued;          /* the next in the run's queue */
	const Route *route;
	int64_t due; /* running: deadline; resting: when it is queued again; INT64_MAX: never */
	uint64_t id;
	uint32_t retries; /* left */
	uint16_t state;
	bool starting;           /* its backend's start is on the stack: not freed before it returns */
	struct Outcome *outcome; /* of a JOB_HELD: recorded, waits for the commit */
	struct Job *held;        /* the next of those */
	struct sbx_call shown;   /* for events: the call itself may be gone when its end is told */
} Job;

/* How a call has ended. */
typedef struct Outcome {
	sbx_value result; /* of the dispatcher's heap; tag 0: it failed */
	char *type, *text, *traceback;
} Outcome;

/* A run in the dispatcher. */
typedef struct Dispatched {
	sbx_run *run;
	sbx_dispatcher *dispatcher;
	struct Dispatched *next, *previous;
	struct Dispatched *next_stirred, *next_startable;
	Job *jobs;
	Job *queue, **queue_end;
	bool is_stirred, is_startable;
	bool sweeps; /* some of its calls may no longer be wanted */
} Dispatched;

struct sbx_dispatcher {
	sbx_dispatcher_options options;
	Route *routes;
	size_t route_count;
	Dispatched *runs;
	Dispatched *stirred, **stirred_end;
	Dispatched *startable, **startable_end;
	uint64_t running;
	int64_t next_due;      /* nothing is due before; INT64_MAX: nothing at all */
	bool is_busy;          /* a poll left work over */
	sbx_recorder recorder; /* size 0: none */
	sbx_heap *heap;        /* with a recorder: values that wait for the commit */
	Job *held, **held_end;
	bool is_unsaved;   /* something was recorded since the last commit */
	sbx_status broken; /* of the recorder: nothing is delivered any more */
};

/* ---- opening ---- */

static int64_t system_now(void *context)
{
	(void)context;
	return (int64_t)(sbx__clock_ns() / 1000000);
}

sbx_status sbx_dispatcher_open(const sbx_dispatcher_options *options, sbx_dispatcher **dispatcher)
{
	sbx_dispatcher *d;
	*dispatcher = NULL;
	if (options && options->size != sizeof *options)
		return SBX_E_ARGUMENT;
	d = calloc(1, sizeof *d);
	if (!d)
		return SBX_E_NO_MEMORY;
	if (options)
		d->options = *options;
	if (!d->options.now_ms)
		d->options.now_ms = system_now;
	d->held_end = &d->held;
	if (options && options->recorder) {
		if (options->recorder->size != sizeof d->recorder || sbx_heap_open(0, &d->heap)) {
			free(d);
			return SBX_E_ARGUMENT;
		}
		d->recorder = *options->recorder;
	}
	d->stirred_end = &d->stirred;
	d->startable_end = &d->startable;
	d->next_due = INT64_MAX;
	*dispatcher = d;
	return SBX_DONE;
}

static char *text_copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = malloc(size);
	return copy ? memcpy(copy, text, size) : NULL;
}

sbx_status sbx_dispatcher_route(sbx_dispatcher *d, const char *task_type,
								const sbx_backend *backend)
{
	Route route = {NULL, {0}}, *routes;
	if (!backend || backend->size != sizeof *backend || !backend->start || !backend->poll)
		return SBX_E_ARGUMENT;
	for (size_t i = 0; i < d->route_count; i++)
		if (task_type ? d->routes[i].task_type && strcmp(d->routes[i].task_type, task_type) == 0
					  : !d->routes[i].task_type)
			return SBX_E_STATE;
	if (d->runs) /* jobs hold on to their routes */
		return SBX_E_STATE;
	route.backend = *backend;
	if (task_type && !(route.task_type = text_copy(task_type)))
		return SBX_E_NO_MEMORY;
	routes = realloc(d->routes, (d->route_count + 1) * sizeof *routes);
	if (!routes) {
		free(route.task_type);
		return SBX_E_NO_MEMORY;
	}
	d->routes = routes;
	d->routes[d->route_count++] = route;
	return SBX_DONE;
}

static const Route *route_of(const sbx_dispatcher *d, const char *task_type)
{
	const Route *others = NULL;
	for (size_t i = 0; i < d->route_count; i++) {
		if (!d->routes[i].task_type)
			others = &d->routes[i];
		else if (task_type && strcmp(d->routes[i].task_type, task_type) == 0)
			return &d->routes[i];
	}
	return task_type ? NULL : others;
}

/* ---- small steps ---- */

static void tell(Job *job, const char *what, const char *detail)
{
	const sbx_dispatcher_options *options = &job->attempt.dispatcher->options;
	const sbx_call *call = job->attempt.call;
	job->attempt.call = &job->shown;
	if (options->event)
		options->event(options->context, &job->attempt, what, detail);
	job->attempt.call = call;
}

static void stir(Dispatched *r)
{
	if (r->is_stirred)
		return;
	r->is_stirred = true;
	r->next_stirred = NULL;
	*r->dispatcher->stirred_end = r;
	r->dispatcher->stirred_end = &r->next_stirred;
}

static void make_startable(Dispatched *r)
{
	if (r->is_startable || !r->queue)
		return;
	r->is_startable = true;
	r->next_startable = NULL;
	*r->dispatcher->startable_end = r;
	r->dispatcher->startable_end = &r->next_startable;
}

static Dispatched *take_stirred(sbx_dispatcher *d)
{
	Dispatched *r = d->stirred;
	if (!r)
		return NULL;
	d->stirred = r->next_stirred;
	if (!d->stirred)
		d->stirred_end = &d->stirred;
	r->is_stirred = false;
	return r;
}

static Dispatched *take_startable(sbx_dispatcher *d)
{
	Dispatched *r = d->startable;
	if (!r)
		return NULL;
	d->startable = r->next_startable;
	if (!d->startable)
		d->startable_end = &d->startable;
	r->is_startable = false;
	return r;
}

static void enqueue(Job *job)
{
	Dispatched *r = job->owner;
	job->state = JOB_QUEUED;
	job->due = INT64_MAX;
	job->queued = NULL;
	*r->queue_end = job;
	r->queue_end = &job->queued;
	make_startable(r);
}

static Job *dequeue(Dispatched *r)
{
	Job *job = r->queue;
	if (!job)
		return NULL;
	r->queue = job->queued;
	if (!r->queue)
		r->queue_end = &r->queue;
	return job;
}

static void set_due(Job *job, int64_t due)
{
	job->due = due;
	if (due < job->attempt.dispatcher->next_due)
		job->attempt.dispatcher->next_due = due;
}

static char *text_or_null(const char *text)
{
	return text ? text_copy(text) : NULL;
}

static void outcome_free(sbx_dispatcher *d, Outcome *outcome)
{
	if (!outcome)
		return;
	sbx_value_free(d->heap, outcome->result);
	free(outcome->type);
	free(outcome->text);
	free(outcome->traceback);
	free(outcome);
}

/* The job has ended for good. One that is in a queue has been taken out before. */
static void job_end(Job *job)
{
	Dispatched *r = job->owner;
	outcome_free(r->dispatcher, job->outcome);
	job->outcome = NULL;
	job->state = JOB_OVER;
	if (job->next)
		job->next->previous = job->previous;
	if (job->previous)
		job->previous->next = job->next;
	else
		r->jobs = job->next;
	if (!job->starting)
		free(job);
}

static void unqueue(Job *job)
{
	Job **link = &job->owner->queue;
	while (*link && *link != job)
		link = &(*link)->queued;
	if (!*link)
		return;
	*link = job->queued;
	if (!*link)
		job->owner->queue_end = link;
}

static void unhold(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	Job **link = &d->held;
	while (*link && *link != job)
		link = &(*link)->held;
	if (!*link)
		return;
	*link = job->held;
	if (!*link)
		d->held_end = link;
}

/* Its call is no longer wanted. */
static void job_cancel(Job *job)
{
	if (job->state == JOB_RUNNING) {
		job->attempt.dispatcher->running--;
		if (job->route->backend.cancel)
			job->route->backend.cancel(job->route->backend.context, &job->attempt);
	} else if (job->state == JOB_QUEUED) {
		unqueue(job);
	} else if (job->state == JOB_HELD) {
		unhold(job);
	}
	tell(job, "cancelled", NULL);
	job_end(job);
}

/* ---- reports ---- */

/* "ValueError: text", cut where it is very long. */
static void describe(char *buffer, size_t size, const char *type, const char *text)
{
	snprintf(buffer, size, "%s%s%s", type, text && *text ? ": " : "", text ? text : "");
}

static int64_t backoff_ms(uint32_t number)
{
	int64_t ms = BACKOFF_FIRST_MS;
	for (uint32_t i = 1; i < number && ms < BACKOFF_MAX_MS; i++)
		ms *= 2;
	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

/* The outcome reaches the run. result tag 0: a failure. */
static void deliver(Job *job, sbx_value result, const char *type, const char *text,
					const char *traceback)
{
	Dispatched *r = job->owner;
	char detail[512];
	if (!sbx_run_has_call(r->run, job->id)) { /* answered by someone else, or the run has ended */
		tell(job, "cancelled", NULL);
	} else if (!result.tag) {
		describe(detail, sizeof detail, type, text);
		tell(job, "failed", detail);
		/* Where even the exception finds no memory, the run ends with that. */
		if (sbx_run_fail(r->run, job->id, type, text, traceback) != SBX_DONE)
			stir(r);
		r->sweeps = true;
	} else if (sbx_run_answer(r->run, job->id, result) == SBX_DONE) {
		tell(job, "done", NULL);
	} else {
		r->sweeps = true;
		tell(job, "failed", "the result is not of the declared type, or too large");
	}
	job_end(job);
	stir(r);
}

/* The recorder cannot go on: neither can the run. */
static void recorder_failed(Job *job, sbx_status status)
{
	Dispatched *r = job->owner;
	if (sbx_run_stop(r->run, status, NULL) == SBX_DONE)
		r->sweeps = true;
	job_end(job);
	stir(r);
}

/* Recorded now, delivered after the commit. */
static void hold(Job *job, sbx_value result, const char *type, const char *text,
				 const char *traceback)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	Outcome *outcome = calloc(1, sizeof *outcome);
	sbx_status status = outcome ? SBX_DONE : SBX_E_NO_MEMORY;
	if (!status)
		status =
			d->recorder.finished(d->recorder.context, &job->attempt, result, type, text, traceback);
	if (!status) {
		d->is_unsaved = true;
		job->outcome = outcome;
		outcome->result = result.tag ? sbx_value_copy(d->heap, result) : result;
		outcome->type = text_or_null(type);
		outcome->text = text_or_null(text);
		outcome->traceback = text_or_null(traceback);
		if ((result.tag && !outcome->result.tag) || (type && !outcome->type))
			status = SBX_E_NO_MEMORY;
	} else {
		free(outcome);
	}
	if (status) {
		recorder_failed(job, status);
		return;
	}
	job->state = JOB_HELD;
	job->due = INT64_MAX;
	job->held = NULL;
	*d->held_end = job;
	d->held_end = &job->held;
}

/* The attempt was the last one. */
static void finish(Job *job, sbx_value result, const char *type, const char *text,
				   const char *traceback)
{
	const sbx_dispatcher *d = job->attempt.dispatcher;
	if (d->recorder.size && sbx_run_has_call(job->owner->run, job->id))
		hold(job, result, type, text, traceback);
	else
		deliver(job, result, type, text, traceback);
}

static void attempt_failed(Job *job, const char *type, const char *text, const char *traceback)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	const Dispatched *r = job->owner;
	char detail[512];
	describe(detail, sizeof detail, type, text);
	if (job->retries && sbx_run_has_call(r->run, job->id)) {
		job->retries--;
		tell(job, "retry", detail);
		job->state = JOB_RESTING;
		set_due(job, d->options.now_ms(d->options.context) + backoff_ms(job->attempt.number));
		return;
	}
	finish(job, SBX_GEN_ERROR, type, text, traceback);
}

void sbx_attempt_answer(sbx_attempt *attempt, sbx_value result)
{
	Job *job = (Job *)attempt;
	if (job->state != JOB_RUNNING)
		return;
	attempt->dispatcher->running--;
	if (result.tag)
		finish(job, result, NULL, NULL, NULL);
	else
		attempt_failed(job, "RuntimeError", "the backend answered without a value", NULL);
}

void sbx_attempt_fail(sbx_attempt *attempt, const char *type, const char *text,
					  const char *traceback)
{
	Job *job = (Job *)attempt;
	if (job->state != JOB_RUNNING)
		return;
	attempt->dispatcher->running--;
	attempt_failed(job, type ? type : "RuntimeError", text, traceback);
}

void sbx_attempt_extend(sbx_attempt *attempt, uint32_t extra_ms)
{
	Job *job = (Job *)attempt;
	const sbx_dispatcher *d = attempt->dispatcher;
	if (job->state == JOB_RUNNING && attempt->timeout_ms)
		set_due(job, d->options.now_ms(d->options.context) + attempt->timeout_ms + extra_ms);
}

/* ---- starting ---- */

/* The backend could not even begin, and has not said why. */
static void start_failed(Job *job, sbx_status status)
{
	Dispatched *r = job->owner;
	job->attempt.dispatcher->running--;
	if (status == SBX_E_UNAVAILABLE)
		job->retries = 0;
	job->starting = false;
	attempt_failed(job, "RuntimeError", sbx_status_text(status), NULL);
	if (status == SBX_E_UNAVAILABLE && sbx_run_status(r->run) == SBX_RUNNING)
		RUN(r->run)->failure = SBX_E_UNAVAILABLE;
}

static void job_start(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	sbx_status status;
	job->state = JOB_RUNNING;
	job->attempt.number++;
	job->attempt.state = NULL;
	d->running++;
	if (job->attempt.timeout_ms)
		set_due(job, d->options.now_ms(d->options.context) + job->attempt.timeout_ms);
	job->starting = true;
	tell(job, "started", NULL);
	status = job->route->backend.start(job->route->backend.context, &job->attempt);
	if (job->state == JOB_RUNNING && status < 0) {
		start_failed(job, status);
		return;
	}
	job->starting = false;
	if (job->state == JOB_OVER)
		free(job);
}

/* A call that the run hands out becomes a job. */
static void take_call(Dispatched *r, const sbx_call *call)
{
	sbx_dispatcher *d = r->dispatcher;
	const sbx_gen_task *task = call->task;
	int before = d->recorder.size ? d->recorder.handed_out(d->recorder.context, call) : 0;
	if (before) { /* it has its outcome, or the run has ended */
		r->sweeps = true;
		stir(r);
		return;
	}
	const Route *route = route_of(d, task->task_type);
	Job *job = route ? calloc(1, sizeof *job) : NULL;
	if (!job) {
		char text[256];
		snprintf(text, sizeof text, "no backend for task '%s'%s%s%s", task->name,
				 task->task_type ? " of type '" : "", task->task_type ? task->task_type : "",
				 task->task_type ? "'" : "");
		if (sbx_run_fail(r->run, call->id, route ? "MemoryError" : "RuntimeError",
						 route ? NULL : text, NULL) <= 0)
			stir(r);
		r->sweeps = true;
		return;
	}
	job->attempt.call = call;
	job->shown = (struct sbx_call){.task = call->task, .run = call->run, .id = call->id};
	job->attempt.dispatcher = d;
	job->attempt.timeout_ms = task->timeout_ms;
	job->owner = r;
	job->route = route;
	job->id = call->id;
	job->retries = task->retries;
	job->next = r->jobs;
	if (r->jobs)
		r->jobs->previous = job;
	r->jobs = job;
	enqueue(job);
}

/* ---- runs ---- */

static void unlist(Dispatched **list, Dispatched ***end, Dispatched *r, size_t link_at)
{
	Dispatched **link = list;
	while (*link && *link != r)
		link = (Dispatched **)(void *)((char *)*link + link_at);
	if (!*link)
		return;
	*link = *(Dispatched **)(void *)((char *)r + link_at);
	if (!*link)
		*end = link;
}

/* The dispatcher forgets the run; what it still had under way is cancelled. */
static void forget(Dispatched *r)
{
	sbx_dispatcher *d = r->dispatcher;
	while (r->jobs)
		job_cancel(r->jobs);
	if (r->is_stirred)
		unlist(&d->stirred, &d->stirred_end, r, offsetof(Dispatched, next_stirred));
	if (r->is_startable)
		unlist(&d->startable, &d->startable_end, r, offsetof(Dispatched, next_startable));
	if (r->next)
		r->next->previous = r->previous;
	if (r->previous)
		r->previous->next = r->next;
	else
		d->runs = r->next;
	RUN(r->run)->extra->dispatched = NULL;
	free(r);
}

static void sweep(Dispatched *r)
{
	Job *next;
	r->sweeps = false;
	for (Job *job = r->jobs; job; job = next) {
		next = job->next;
		if (!sbx_run_has_call(r->run, job->id))
			job_cancel(job);
	}
}

static void end_run(Dispatched *r)
{
	sbx_dispatcher *d = r->dispatcher;
	sbx_run *run = r->run;
	forget(r);
	if (!d->recorder.size)
		return;
	d->is_unsaved = true;
	sbx_status status = d->recorder.ended(d->recorder.context, run);
	if (status < 0)
		d->broken = status;
}

/* Steps a run that has been answered, and takes what it hands out. */
static void advance(Dispatched *r)
{
	const sbx_call *call;
	sbx_status status = sbx_run_status(r->run);
	if (status == SBX_RUNNING)
		status = sbx_run_step(r->run);
	if (status != SBX_WAITING && status != SBX_RUNNING) {
		end_run(r);
		return;
	}
	if (r->sweeps)
		sweep(r);
	while ((call = sbx_run_next_call(r->run)) != NULL)
		take_call(r, call);
}

sbx_status sbx_dispatcher_add(sbx_dispatcher *d, sbx_run *run)
{
	RunExtra *extra;
	Dispatched *r;
	if (!run || !RUN(run)->entry)
		return SBX_E_ARGUMENT;
	extra = sbx__run_extra(RUN(run));
	if (!extra)
		return SBX_E_NO_MEMORY;
	if (extra->dispatched)
		return SBX_E_STATE;
	r = calloc(1, sizeof *r);
	if (!r)
		return SBX_E_NO_MEMORY;
	r->run = run;
	r->dispatcher = d;
	r->queue_end = &r->queue;
	r->next = d->runs;
	if (d->runs)
		d->runs->previous = r;
	d->runs = r;
	extra->dispatched = r;
	advance(r);
	return SBX_DONE;
}

void sbx_dispatcher_remove(sbx_dispatcher *d, sbx_run *run)
{
	RunExtra *extra = run ? RUN(run)->extra : NULL;
	if (extra && extra->dispatched && extra->dispatched->dispatcher == d)
		forget(extra->dispatched);
}

/* ---- polling ---- */

static void time_out(Job *job)
{
	char text[128];
	snprintf(text, sizeof text, "the task took longer than %u ms", job->attempt.timeout_ms);
	job->attempt.dispatcher->running--;
	if (job->route->backend.cancel)
		job->route->backend.cancel(job->route->backend.context, &job->attempt);
	tell(job, "timeout", text);
	attempt_failed(job, "TimeoutError", text, NULL);
}

/* Deadlines that have passed, rests that are over. */
static void handle_due(sbx_dispatcher *d)
{
	int64_t now = d->options.now_ms(d->options.context);
	if (now < d->next_due)
		return;
	d->next_due = INT64_MAX;
	for (Dispatched *r = d->runs; r; r = r->next) {
		Job *next;
		for (Job *job = r->jobs; job; job = next) {
			next = job->next;
			if (job->due > now)
				set_due(job, job->due);
			else if (job->state == JOB_RUNNING)
				time_out(job);
			else if (job->state == JOB_RESTING)
				enqueue(job);
		}
	}
}

/* The backend itself is broken: so are its attempts. */
static void backend_failed(sbx_dispatcher *d, const Route *route, sbx_status status)
{
	for (Dispatched *r = d->runs; r; r = r->next) {
		Job *next;
		for (Job *job = r->jobs; job; job = next) {
			next = job->next;
			if (job->route != route || job->state != JOB_RUNNING)
				continue;
			d->running--;
			attempt_failed(job, "RuntimeError", sbx_status_text(status), NULL);
		}
	}
}

static void work(sbx_dispatcher *d)
{
	uint32_t starts = 0;
	for (;;) {
		Dispatched *r;
		while ((r = take_stirred(d)) != NULL)
			advance(r);
		d->is_busy = starts >= STARTS_AT_ONCE;
		if (d->is_busy || (d->options.max_concurrency && d->running >= d->options.max_concurrency))
			return;
		r = take_startable(d);
		if (!r)
			return;
		Job *job = dequeue(r);
		make_startable(r);
		if (job) {
			starts++;
			job_start(job);
		}
	}
}

/* One commit for all runs, then every outcome that it holds. */
static void commit(sbx_dispatcher *d)
{
	sbx_status status;
	Job *job;
	if (!d->is_unsaved)
		return;
	d->is_unsaved = false;
	status = d->recorder.commit(d->recorder.context);
	if (status < 0)
		d->broken = status;
	while ((job = d->held) != NULL) {
		Outcome *outcome = job->outcome;
		d->held = job->held;
		if (!d->held)
			d->held_end = &d->held;
		if (status < 0)
			recorder_failed(job, status);
		else
			deliver(job, outcome->result, outcome->type, outcome->text, outcome->traceback);
	}
}

sbx_status sbx_dispatcher_poll(sbx_dispatcher *d)
{
	for (size_t i = 0; i < d->route_count; i++) {
		sbx_status status = d->routes[i].backend.poll(d->routes[i].backend.context);
		if (status < 0)
			backend_failed(d, &d->routes[i], status);
	}
	handle_due(d);
	work(d);
	if (d->is_unsaved) {
		commit(d);
		work(d);
	}
	if (!d->runs && d->is_unsaved) /* the end of the last ones */
		commit(d);
	if (d->broken < 0 && !d->runs)
		return d->broken;
	return d->runs ? SBX_WAITING : SBX_DONE;
}

int sbx_dispatcher_timeout(sbx_dispatcher *d)
{
	int64_t least = -1;
	if (d->is_busy || d->stirred || d->is_unsaved ||
		(d->startable && (!d->options.max_concurrency || d->running < d->options.max_concurrency)))
		return 0;
	if (d->next_due != INT64_MAX) {
		least = d->next_due - d->options.now_ms(d->options.context);
		least = least < 0 ? 0 : least > INT32_MAX ? INT32_MAX : least;
	}
	for (size_t i = 0; i < d->route_count; i++) {
		const sbx_backend *backend = &d->routes[i].backend;
		int ms = backend->timeout ? backend->timeout(backend->context) : -1;
		if (ms >= 0 && (least < 0 || ms < least))
			least = ms;
	}
	return (int)least;
}

size_t sbx_dispatcher_descriptors(sbx_dispatcher *d, int *descriptors, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < d->route_count; i++) {
		const sbx_backend *backend = &d->routes[i].backend;
		int descriptor = backend->descriptor ? backend->descriptor(backend->context) : -1;
		if (descriptor < 0)
			continue;
		if (count < size)
			descriptors[count++] = descriptor;
	}
	return count;
}

void sbx_dispatcher_close(sbx_dispatcher *d)
{
	if (!d)
		return;
	while (d->runs)
		forget(d->runs);
	sbx_heap_close(d->heap);
	for (size_t i = 0; i < d->route_count; i++) {
		if (d->routes[i].backend.close)
			d->routes[i].backend.close(d->routes[i].backend.context);
		free(d->routes[i].task_type);
	}
	free(d->routes);
	free(d);
}
