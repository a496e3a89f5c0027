/*
 * Jobs: a call from the moment that its run hands it out, its attempts, and what backends report of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "dispatcher.h"

enum { BACKOFF_FIRST_MS = 100, BACKOFF_MAX_MS = 10000 };

void sbx__job_tell(Job *job, const char *what, const char *detail)
{
	const sbx_dispatcher_options *options = &job->attempt.dispatcher->options;
	const sbx_call *call = job->attempt.call;
	job->attempt.call = &job->shown;
	if (options->event)
		options->event(options->context, &job->attempt, what, detail);
	job->attempt.call = call;
}

/* ---- making and ending ---- */

/* No backend for the call, or no memory for the job: that is the call's outcome. */
static void cannot_make(Dispatched *r, const sbx_call *call, bool has_route)
{
	const sbx_gen_task *task = call->task;
	char text[256];
	snprintf(text, sizeof text, "no backend for task '%s'%s%s%s", task->name,
			 task->task_type ? " of type '" : "", task->task_type ? task->task_type : "",
			 task->task_type ? "'" : "");
	if (sbx_run_fail(r->run, call->id, has_route ? "MemoryError" : "RuntimeError",
					 has_route ? NULL : text, NULL) <= 0)
		sbx__dispatched_stir(r);
	r->sweeps = true;
}

/* Among the others of its run in order of ids: behind them, but for one that the host gave up before its turn. */
static void sort_in(Dispatched *r, Job *job)
{
	Link *before = r->jobs.previous;
	while (before != &r->jobs && HOLDER(Job, in_jobs, before)->id > job->id)
		before = before->previous;
	link_add_last(before->next, &job->in_jobs);
}

/* What the recorder knows of the call: attempts that a former process has made are not made again. */
static void read_record(Job *job)
{
	const sbx_recorder *recorder = &job->attempt.dispatcher->recorder;
	if (recorder->clock)
		job->attempt.handed_out = recorder->clock(recorder->context);
	if (recorder->attempts)
		job->attempt.number = recorder->attempts(recorder->context, job->attempt.call);
	job->retries -= job->attempt.number < job->retries ? job->attempt.number : job->retries;
}

Job *sbx__job_make(Dispatched *r, const sbx_call *call)
{
	sbx_dispatcher *d = r->dispatcher;
	const sbx_gen_task *task = call->task;
	if (d->recorder.size && d->recorder.handed_out(d->recorder.context, call)) {
		r->sweeps = true; /* it has its outcome, or the run has ended */
		sbx__dispatched_stir(r);
		return NULL;
	}
	Named *named = sbx__named_get(d, task->name);
	Route *route = named ? sbx__route_of(d, task, named) : NULL;
	Job *job = route ? calloc(1, sizeof *job) : NULL;
	if (!job) {
		cannot_make(r, call, route || !named);
		return NULL;
	}
	named->jobs++;
	job->attempt.call = call;
	job->attempt.dispatcher = d;
	job->attempt.timeout_ms = task->timeout_ms;
	job->shown = (struct sbx_call){.task = task, .run = call->run, .id = call->id};
	job->owner = r;
	job->route = route;
	job->named = named;
	job->id = call->id;
	job->retries = task->retries;
	read_record(job);
	timer_init(&job->timer);
	link_init(&job->in_place);
	link_init(&job->in_young);
	sort_in(r, job);
	sbx__job_enqueue(job);
	return job;
}

void sbx__job_end(Job *job)
{
	sbx__outcome_free(job->attempt.dispatcher, job->outcome);
	job->outcome = NULL;
	job->state = JOB_OVER;
	timer_clear(&job->timer);
	link_remove(&job->in_place);
	link_remove(&job->in_young);
	link_remove(&job->in_jobs);
	job->named->jobs--;
	if (!job->starting)
		free(job);
}

static void cancel_attempt(Job *job)
{
	sbx__job_leave(job);
	job->attempt.is_left = job->owner->is_unavailable || (job->attempt.dispatcher->is_closing &&
														  sbx_run_status(job->owner->run) >= 0);
	if (job->route->backend.cancel)
		job->route->backend.cancel(job->route->backend.context, &job->attempt);
}

/* Takes it from wherever it is. */
static void withdraw(Job *job)
{
	sbx__job_stop_asking(job);
	if (job->state == JOB_RUNNING)
		cancel_attempt(job);
	else if (job->state == JOB_LOOKING)
		sbx__job_leave(job);
	else if (job->state == JOB_QUEUED)
		sbx__job_unqueue(job);
	timer_clear(&job->timer);
	if (job->state == JOB_STORING) {
		link_remove(&job->in_place);
		sbx__outcome_free(job->attempt.dispatcher, job->outcome);
		job->outcome = NULL;
	}
}

void sbx__job_cancel(Job *job)
{
	withdraw(job);
	sbx__job_tell(job, "cancelled", NULL);
	sbx__job_end(job);
}

/* ---- attempts ---- */

static void set_due(Job *job, int64_t ms)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	sbx__timer_set(&d->timers, &job->timer, dispatcher_now(d) + ms);
}

static int64_t backoff_ms(const sbx_dispatcher *d, uint32_t number)
{
	const sbx_dispatcher_options *options = &d->options;
	int64_t ms = options->backoff_first_ms ? options->backoff_first_ms : BACKOFF_FIRST_MS;
	int64_t most = options->backoff_max_ms ? options->backoff_max_ms : BACKOFF_MAX_MS;
	for (uint32_t i = 1; i < number && ms < most; i++)
		ms *= 2;
	return ms < most ? ms : most;
}

/* The job has left its backend; there may be another attempt. */
static void attempt_failed(Job *job, const char *type, const char *text, const char *traceback)
{
	char detail[512];
	if (job->is_unavailable || !job->retries || !sbx_run_has_call(job->owner->run, job->id)) {
		sbx__job_finish(job, SBX_GEN_ERROR, type, text, traceback);
		return;
	}
	if (!sbx__job_record_retry(job, type, text, traceback))
		return;
	job->retries--;
	sbx__outcome_describe(detail, sizeof detail, type, text);
	job->state = JOB_RESTING;
	set_due(job, backoff_ms(job->attempt.dispatcher, job->attempt.number));
	sbx__job_tell(job, "retry", detail);
}

/* A failure that was reported from within start, or start's own. */
static void start_failed(Job *job, sbx_status status)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	Outcome *outcome = job->outcome;
	job->outcome = NULL;
	job->is_unavailable |= status == SBX_E_UNAVAILABLE;
	sbx__job_leave(job);
	if (outcome)
		attempt_failed(job, outcome->type, outcome->text, outcome->traceback);
	else if (job->has_reported)
		attempt_failed(job, "MemoryError", NULL, NULL);
	else
		attempt_failed(job, "RuntimeError", sbx_status_text(status), NULL);
	sbx__outcome_free(d, outcome);
}

static void note_start(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	const sbx_recorder *recorder = &d->recorder;
	if (recorder->clock)
		job->attempt.started = recorder->clock(recorder->context);
	if (!recorder->lasts)
		return;
	job->since = dispatcher_now(d);
	link_remove(&job->in_young);
	link_add_last(&d->young, &job->in_young);
}

void sbx__job_start(Job *job)
{
	const sbx_backend *backend = &job->route->backend;
	if (!sbx__job_look_up(job))
		return;
	job->attempt.number++;
	job->attempt.state = NULL;
	note_start(job);
	job->has_reported = false;
	if (job->attempt.timeout_ms)
		set_due(job, job->attempt.timeout_ms);
	job->starting = true;
	sbx__job_tell(job, "started", NULL);
	sbx_status status = backend->start(backend->context, &job->attempt);
	job->starting = false;
	if (job->state == JOB_OVER)
		free(job);
	else if (job->state == JOB_RUNNING && (job->has_reported || status < 0))
		start_failed(job, status);
}

static void report_failure(Job *job, const char *type, const char *text, const char *traceback)
{
	if (job->state != JOB_RUNNING || job->has_reported)
		return;
	if (job->starting) {
		job->has_reported = true;
		job->outcome =
			sbx__outcome_make(job->attempt.dispatcher, SBX_GEN_ERROR, type, text, traceback);
		return;
	}
	sbx__job_leave(job);
	attempt_failed(job, type, text, traceback);
}

void sbx_attempt_fail(sbx_attempt *attempt, const char *type, const char *text,
					  const char *traceback)
{
	report_failure((Job *)attempt, type ? type : "RuntimeError", text, traceback);
}

void sbx_attempt_unavailable(sbx_attempt *attempt, const char *text)
{
	Job *job = (Job *)attempt;
	if (job->state == JOB_RUNNING && !job->has_reported)
		job->is_unavailable = true;
	report_failure(job, "RuntimeError", text ? text : sbx_status_text(SBX_E_UNAVAILABLE), NULL);
}

void sbx_attempt_answer(sbx_attempt *attempt, sbx_value result)
{
	Job *job = (Job *)attempt;
	if (job->state != JOB_RUNNING || job->has_reported)
		return;
	if (!result.tag) {
		sbx_attempt_fail(attempt, "RuntimeError", "the backend answered without a value", NULL);
		return;
	}
	sbx__job_store(job, result);
}

void sbx_attempt_answer_json(sbx_attempt *attempt, const char *json, size_t length)
{
	Job *job = (Job *)attempt;
	sbx_heap *heap;
	sbx_value loaded, result;
	if (job->state != JOB_RUNNING)
		return;
	if (sbx_heap_open(0, &heap)) {
		sbx_attempt_fail(attempt, "MemoryError", NULL, NULL);
		return;
	}
	sbx_status status = sbx_json_load(heap, json, length, &loaded);
	if (!status)
		status = sbx_value_convert(heap, attempt->call->task->result, 1, loaded, &result);
	if (!status)
		sbx_attempt_answer(attempt, result);
	else if (status == SBX_E_SYNTAX)
		sbx_attempt_fail(attempt, "ValueError", "the backend's answer is not valid JSON", NULL);
	else if (status == SBX_E_TYPE) /* told as for any other answer that does not fit */
		sbx_attempt_answer(attempt, loaded);
	else
		sbx_attempt_fail(attempt, "MemoryError", NULL, NULL);
	sbx_heap_close(heap);
}

sbx_status sbx_attempt_note(sbx_attempt *attempt, const char *name, const void *bytes,
							size_t length)
{
	const Job *job = (Job *)attempt;
	sbx_dispatcher *d = attempt->dispatcher;
	if (job->state != JOB_RUNNING || !d->recorder.noted ||
		!sbx_run_has_call(job->owner->run, job->id))
		return SBX_E_STATE;
	sbx_status status = d->recorder.noted(d->recorder.context, attempt, name, bytes, length);
	if (!status)
		d->is_unsaved = d->has_noted = true;
	return status;
}

const void *sbx_attempt_find_note(const sbx_attempt *attempt, const char *name, size_t *length)
{
	const sbx_recorder *recorder = &attempt->dispatcher->recorder;
	*length = 0;
	return recorder->note ? recorder->note(recorder->context, attempt, name, length) : NULL;
}

size_t sbx_attempt_identity(const sbx_attempt *attempt, char *text, size_t size)
{
	const sbx_recorder *recorder = &attempt->dispatcher->recorder;
	*text = '\0';
	return recorder->identity ? recorder->identity(recorder->context,
												   ((const Job *)attempt)->owner->run, text, size)
							  : 0;
}

void sbx_attempt_extend(sbx_attempt *attempt, uint32_t extra_ms)
{
	Job *job = (Job *)attempt;
	if (job->state == JOB_RUNNING && attempt->timeout_ms)
		set_due(job, (int64_t)attempt->timeout_ms + extra_ms);
}

void sbx__job_due(Job *job)
{
	char text[128];
	if (job->state == JOB_RESTING) {
		sbx__job_enqueue(job);
		return;
	}
	snprintf(text, sizeof text, "the task took longer than %u ms", job->attempt.timeout_ms);
	cancel_attempt(job);
	sbx__job_tell(job, "timeout", text);
	attempt_failed(job, "TimeoutError", text, NULL);
}

void sbx__route_failed(Route *route, sbx_status status)
{
	Link all, *link;
	link_init(&all);
	link_move_all(&all, &route->attempts); /* those that begin again come into the list */
	while ((link = all.next) != &all) {
		Job *job = HOLDER(Job, in_place, link);
		job->is_unavailable |= status == SBX_E_UNAVAILABLE;
		sbx__job_leave(job);
		attempt_failed(job, "RuntimeError", sbx_status_text(status), NULL);
	}
}

/* ---- what the host gives up ---- */

/* By its id; near the ends it is found at once. */
static Job *job_find(const Dispatched *r, uint64_t id)
{
	const Link *end = &r->jobs;
	if (link_is_alone(end))
		return NULL;
	uint64_t first = HOLDER(Job, in_jobs, end->next)->id;
	uint64_t last = HOLDER(Job, in_jobs, end->previous)->id;
	bool forward = id - first < last - id;
	for (Link *link = forward ? end->next : end->previous; link != end;
		 link = forward ? link->next : link->previous) {
		Job *job = HOLDER(Job, in_jobs, link);
		if (job->id == id)
			return job;
		if (forward ? job->id > id : job->id < id)
			return NULL;
	}
	return NULL;
}

sbx_status sbx__dispatched_cancel_call(Dispatched *r, struct sbx_call *call, const char *reason)
{
	if (r->dispatcher->is_inside)
		return SBX_E_STATE;
	Job *job = job_find(r, call->id);
	if (!job) { /* a flyte_map keeps it back, and shall not hand it out any more */
		sbx__call_hand_out(call);
		job = sbx__job_make(r, call);
		if (!job)
			return SBX_E_NO_CALL;
	}
	if (job->state == JOB_HELD)
		return SBX_E_NO_CALL;
	withdraw(job);
	job->is_aborted = true;
	sbx__job_finish(job, SBX_GEN_ERROR, CALL_ABORTED, reason, NULL);
	return SBX_DONE;
}
