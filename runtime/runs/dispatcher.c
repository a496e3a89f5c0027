/*
 * The dispatcher: carries the calls of any number of runs to backends. Here is the host's side; dispatcher.h lists the other
 * files, docs/notes/dispatcher.md has the idea.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "dispatcher.h"

/* A poll starts no more, so that a host of many runs is not kept from its own work. */
enum { STARTS_AT_ONCE = 4096 };
/* An attempt that is under way for so long is recorded, before its end. */
enum { LASTS_MS = 1000 };

/* ---- opening ---- */

static int64_t system_now(void *context)
{
	(void)context;
	return (int64_t)(sbx__clock_ns() / 1000000);
}

/* Options of an older header are shorter. */
static bool read_options(sbx_dispatcher *d, const sbx_dispatcher_options *options)
{
	if (options) {
		if (options->size > sizeof d->options ||
			options->size < offsetof(sbx_dispatcher_options, max_per_run))
			return false;
		memcpy(&d->options, options, options->size);
	}
	if (!d->options.now_ms)
		d->options.now_ms = system_now;
	if (d->options.recorder) {
		if (d->options.recorder->size != sizeof d->recorder)
			return false;
		d->recorder = *d->options.recorder;
	}
	if (d->options.cache) {
		if (d->options.cache->size != sizeof d->cache)
			return false;
		d->cache = *d->options.cache;
	}
	return true;
}

sbx_status sbx_dispatcher_open(const sbx_dispatcher_options *options, sbx_dispatcher **dispatcher)
{
	sbx_dispatcher *d = calloc(1, sizeof *d);
	*dispatcher = NULL;
	if (!d)
		return SBX_E_NO_MEMORY;
	if (!read_options(d, options)) {
		free(d);
		return SBX_E_ARGUMENT;
	}
	if (sbx_heap_open(0, &d->heap)) {
		free(d);
		return SBX_E_NO_MEMORY;
	}
	link_init(&d->routes);
	link_init(&d->runs);
	link_init(&d->stirred);
	link_init(&d->turns);
	link_init(&d->asking);
	link_init(&d->young);
	link_init(&d->held);
	link_init(&d->ended);
	link_init(&d->committing);
	link_init(&d->committing_ended);
	sbx__timers_init(&d->timers, dispatcher_now(d));
	*dispatcher = d;
	return SBX_DONE;
}

/* ---- runs ---- */

void sbx__dispatched_stir(Dispatched *r)
{
	if (!r->has_ended && link_is_alone(&r->in_stirred))
		link_add_last(&r->dispatcher->stirred, &r->in_stirred);
}

/* What the run still has under way is cancelled. */
static void cancel_jobs(Dispatched *r)
{
	while (!link_is_alone(&r->jobs))
		sbx__job_cancel(HOLDER(Job, in_jobs, r->jobs.previous));
	link_remove(&r->in_stirred);
}

static void forget(Dispatched *r)
{
	cancel_jobs(r);
	sbx__calls_take_back(RUN(r->run));
	link_remove(&r->in_runs);
	RUN(r->run)->extra->dispatched = NULL;
	free(r);
}

/* Calls that are no longer wanted are the youngest ones: where one failure is enough, those behind it. */
static void sweep(Dispatched *r)
{
	r->sweeps = false;
	while (!link_is_alone(&r->jobs)) {
		Job *job = HOLDER(Job, in_jobs, r->jobs.previous);
		if (sbx_run_has_call(r->run, job->id))
			return;
		sbx__job_cancel(job);
	}
}

/* Steps a run that has been answered, and takes what it hands out. */
static void advance(Dispatched *r)
{
	const sbx_call *call;
	sbx_status status;
	if (r->sweeps) /* before the step: the arguments of those calls may go with it */
		sweep(r);
	status = sbx_run_status(r->run);
	if (status == SBX_RUNNING)
		status = sbx_run_step(r->run);
	if (status != SBX_WAITING && status != SBX_RUNNING) {
		cancel_jobs(r);
		sbx__dispatched_end(r);
		return;
	}
	while ((call = sbx_run_next_call(r->run)) != NULL)
		(void)sbx__job_make(r, call);
}

sbx_status sbx_dispatcher_add(sbx_dispatcher *d, sbx_run *run)
{
	if (!run || !RUN(run)->entry)
		return SBX_E_ARGUMENT;
	RunExtra *extra = sbx__run_extra(RUN(run));
	if (!extra)
		return SBX_E_NO_MEMORY;
	if (extra->dispatched)
		return SBX_E_STATE;
	Dispatched *r = calloc(1, sizeof *r);
	bool was_inside = d->is_inside;
	if (!r)
		return SBX_E_NO_MEMORY;
	r->run = run;
	r->dispatcher = d;
	link_init(&r->jobs);
	link_init(&r->queue);
	link_init(&r->in_stirred);
	link_init(&r->in_turn);
	sbx__gate_init(&r->gate, d->options.max_per_run);
	link_add_last(&d->runs, &r->in_runs);
	extra->dispatched = r;
	d->is_inside = true;
	advance(r);
	d->is_inside = was_inside;
	return SBX_DONE;
}

void sbx_dispatcher_remove(sbx_dispatcher *d, sbx_run *run)
{
	const RunExtra *extra = run ? RUN(run)->extra : NULL;
	if (!extra || !extra->dispatched || extra->dispatched->dispatcher != d)
		return;
	sbx__dispatcher_settle(d, extra->dispatched);
	for (Link *link = extra->dispatched->jobs.next; link != &extra->dispatched->jobs;
		 link = link->next)
		if (HOLDER(Job, in_jobs, link)->state == JOB_HELD) {
			sbx__dispatcher_commit_all(d);
			break;
		}
	if (extra->dispatched) /* the commit may have told that it has ended */
		forget(extra->dispatched);
}

/* ---- polling ---- */

static void poll_backends(sbx_dispatcher *d)
{
	for (Link *link = d->routes.next; link != &d->routes; link = link->next) {
		Route *route = HOLDER(Route, in_routes, link);
		sbx_status status =
			route->backend.poll ? route->backend.poll(route->backend.context) : SBX_DONE;
		if (status < 0)
			sbx__route_failed(route, status);
	}
}

/* Deadlines that have passed, rests that are over. */
static void handle_due(sbx_dispatcher *d)
{
	int64_t now = dispatcher_now(d);
	Timer *timer;
	while ((timer = sbx__timers_take(&d->timers, now)) != NULL)
		sbx__job_due(HOLDER(Job, timer, timer));
}

/* The first of the young jobs; NULL: none. *due: when it will have lasted. */
static Job *first_young(const sbx_dispatcher *d, int64_t *due)
{
	if (link_is_alone(&d->young))
		return NULL;
	Job *job = HOLDER(Job, in_young, d->young.next);
	*due = job->since + LASTS_MS;
	return job;
}

static void record_lasting(sbx_dispatcher *d)
{
	int64_t now = dispatcher_now(d), due;
	Job *job;
	while ((job = first_young(d, &due)) != NULL && due <= now) {
		link_remove(&job->in_young);
		if (sbx_run_has_call(job->owner->run, job->id) &&
			d->recorder.lasts(d->recorder.context, &job->attempt) == SBX_DONE)
			d->is_unsaved = true;
	}
}

static void work(sbx_dispatcher *d)
{
	Link *link;
	Job *job;
	for (uint32_t starts = 0;; starts++) {
		while ((link = link_take_first(&d->stirred)) != NULL)
			advance(HOLDER(Dispatched, in_stirred, link));
		d->is_busy = starts >= STARTS_AT_ONCE;
		job = d->is_busy ? NULL : sbx__turns_take(d);
		if (!job)
			return;
		sbx__job_start(job);
	}
}

sbx_status sbx_dispatcher_poll(sbx_dispatcher *d)
{
	d->is_inside = true;
	if (d->recorder.poll)
		d->recorder.poll(d->recorder.context);
	if (d->is_committing)
		sbx__dispatcher_commit(d);
	poll_backends(d);
	handle_due(d);
	record_lasting(d);
	sbx__dispatcher_ask(d);
	work(d);
	if (d->is_unsaved) {
		sbx__dispatcher_commit(d);
		sbx__dispatcher_flush(d);
		work(d);
	}
	if (link_is_alone(&d->runs) ||
		d->has_noted) /* the end of the last ones; what started just now */
		sbx__dispatcher_commit(d);
	sbx__dispatcher_flush(d);
	if (!d->is_unsaved)
		sbx__dispatcher_tell_ended(d, &d->ended);
	d->is_inside = false;
	if (!link_is_alone(&d->runs) || !link_is_alone(&d->ended) || d->is_committing)
		return SBX_WAITING;
	return d->broken < 0 ? d->broken : SBX_DONE;
}

/* Of two waits in milliseconds; -1: without end. */
static int64_t sooner(int64_t one, int64_t other)
{
	return one < 0 || (other >= 0 && other < one) ? other : one;
}

int sbx_dispatcher_timeout(sbx_dispatcher *d)
{
	int64_t due = sbx__timers_next(&d->timers), least = -1, lasts;
	bool is_told = !d->is_committing && (d->is_unsaved || !link_is_alone(&d->ended));
	if (d->is_busy || is_told || !link_is_alone(&d->stirred) || !link_is_alone(&d->asking) ||
		sbx__turns_are_due(d))
		return 0;
	if (first_young(d, &lasts) && lasts < due)
		due = lasts;
	if (due != INT64_MAX) {
		least = due - dispatcher_now(d);
		least = least < 0 ? 0 : least > INT32_MAX ? INT32_MAX : least;
	}
	for (Link *link = d->routes.next; link != &d->routes; link = link->next) {
		const sbx_backend *backend = &HOLDER(Route, in_routes, link)->backend;
		least = sooner(least, backend->timeout ? backend->timeout(backend->context) : -1);
	}
	if (d->recorder.timeout && !link_is_alone(&d->runs))
		least = sooner(least, d->recorder.timeout(d->recorder.context));
	return (int)least;
}

size_t sbx_dispatcher_descriptors(sbx_dispatcher *d, int *descriptors, size_t size)
{
	size_t count = 0;
	for (Link *link = d->routes.next; link != &d->routes; link = link->next) {
		const sbx_backend *backend = &HOLDER(Route, in_routes, link)->backend;
		int descriptor = backend->descriptor ? backend->descriptor(backend->context) : -1;
		if (descriptor >= 0 && count < size)
			descriptors[count++] = descriptor;
	}
	return count;
}

void sbx_dispatcher_close(sbx_dispatcher *d)
{
	if (!d)
		return;
	d->is_inside = d->is_closing = true;
	sbx__dispatcher_settle(d, NULL);
	sbx__dispatcher_commit_all(d); /* what has finished stays finished */
	sbx__dispatcher_flush(d);
	while (!link_is_alone(&d->runs))
		forget(HOLDER(Dispatched, in_runs, d->runs.next));
	while (!link_is_alone(&d->ended))
		forget(HOLDER(Dispatched, in_runs, d->ended.next));
	sbx__routes_close(d);
	sbx_heap_close(d->heap);
	free(d);
}
