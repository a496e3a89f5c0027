/*
 * The backend of all connectors: which operation of which job is made when, and what its end means for the call.
 *
 * A job is at rest until it is due, then its operation is begun; the report of the operation's end puts it to rest again, or
 * ends it. A text that a connector reports may be part of what it keeps of the job, so the job is freed after the dispatcher
 * was told, which steps and cancels nothing within that. Both come last in every function.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connector.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
	FIRST_MS = 50,
	MOST_MS = 3000,
	CLOSE_MS = 15000,
	AGAIN_MS = 100,      /* the first pause after a failed operation */
	UNREACHED_MS = 5000, /* so long nobody may be there */
	UNREACHED_PAUSE_MS = 1000,
	MOST_CREATES = 3,
	MOST_GETS = 10,
	MOST_DELETES = 8
};

int64_t connector_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

/* ---- resting ---- */

static void rest(sbx_job *job, JobState state, int64_t ms)
{
	job->state = state;
	job->due = connector_now() + ms;
	if (job->due < job->owner->next_due)
		job->owner->next_due = job->due;
}

static uint32_t chosen(uint32_t own, uint32_t general, uint32_t usual)
{
	return own ? own : general ? general : usual;
}

static uint32_t longest_pause(const sbx_job *job)
{
	return chosen(job->served->table.most_ms, job->owner->options.most_ms, MOST_MS);
}

/* True: nobody was there. */
static bool count_failure(sbx_job *job, sbx_job_problem problem)
{
	if (problem != SBX_JOB_UNREACHED) {
		job->failures++;
		job->unreached_since = 0;
		return false;
	}
	job->unreached++;
	if (!job->unreached_since)
		job->unreached_since = connector_now();
	return true;
}

static void forget_failures(sbx_job *job)
{
	job->failures = job->unreached = 0;
	job->unreached_since = 0;
}

/* 100 ms, 200 ms and so on after failures. Where nobody is there a create may wait longer than one would for a job. */
static int64_t pause_after_failure(const sbx_job *job)
{
	int64_t ms = AGAIN_MS, most = longest_pause(job);
	if (job->state == JOB_CREATING && job->unreached_since && most < UNREACHED_PAUSE_MS)
		most = UNREACHED_PAUSE_MS;
	for (uint32_t i = 1; i < job->failures + job->unreached && ms < most; i++)
		ms *= 2;
	return ms < most ? ms : most;
}

/* Each pause is half as long again as the one before. */
static void rest_until_get(sbx_job *job)
{
	const sbx_connector *table = &job->served->table;
	const sbx_connectors_options *options = &job->owner->options;
	uint32_t most = longest_pause(job);
	uint32_t next = job->pause_ms ? job->pause_ms + job->pause_ms / 2 + 1
								  : chosen(table->first_ms, options->first_ms, FIRST_MS);
	job->pause_ms = next < most ? next : most;
	rest(job, JOB_GET_DUE, job->pause_ms);
}

static void rest_until_delete(sbx_job *job)
{
	forget_failures(job);
	rest(job, JOB_DELETE_DUE, 0);
}

/* ---- what becomes of the call ---- */

static sbx_attempt *take_attempt(sbx_job *job)
{
	sbx_attempt *attempt = job->attempt;
	job->attempt = NULL;
	attempt->state = NULL;
	return attempt;
}

/* The attempt fails; what there is of the job is deleted if it may still run. */
static void fail(sbx_job *job, bool deletes, const char *type, const char *text,
				 const char *traceback)
{
	sbx_attempt_fail(take_attempt(job), type, text, traceback);
	if (deletes && job->has_metadata)
		rest_until_delete(job);
	else
		job_free(job);
}

/* What is needed is not there: another attempt is of no use, and the run may go on when it is there. */
static void stop_run(sbx_job *job, const char *text)
{
	sbx_attempt_unavailable(take_attempt(job), text);
	job_free(job);
}

/* note [one output or several]
 * A dict of outputs with one entry is that entry's value. With several it is the tuple of them, in order, as Flyte's tasks
 * return them; or the dict itself where the task is declared to give one. */
static sbx_value shape_outputs(sbx_heap *heap, sbx_value outputs, const sbx_type *type)
{
	size_t count = sbx_kind(outputs) == SBX_DICT ? sbx_count(outputs) : 0;
	bool wants_dict = sbx_type_kind_of(type) == SBX_DICT;
	if (sbx_kind(outputs) != SBX_DICT)
		return outputs;
	if (wants_dict && (count != 1 || sbx_kind(sbx_peek_value(outputs, 0)) != SBX_DICT))
		return outputs;
	if (count == 0)
		return sbx_none();
	if (count == 1)
		return sbx_peek_value(outputs, 0);
	sbx_value *items = calloc(count, sizeof *items);
	if (!items)
		return (sbx_value){0};
	for (size_t i = 0; i < count; i++)
		items[i] = sbx_peek_value(outputs, i);
	sbx_value tuple = sbx_type_kind_of(type) == SBX_LIST ? sbx_list_make(heap, items, count)
														 : sbx_tuple_make(heap, items, count);
	free(items);
	return tuple;
}

static void answer(sbx_job *job, const sbx_resource *resource)
{
	sbx_heap *heap;
	sbx_value value, converted;
	if (sbx_heap_open(0, &heap)) {
		fail(job, false, "MemoryError", "no memory for the outputs", NULL);
		return;
	}
	/* a copy: the connector's own heap may go with the job */
	bool has_outputs = sbx_kind(resource->outputs) != SBX_INVALID;
	value = has_outputs ? sbx_value_copy(heap, resource->outputs) : sbx_none();
	if (sbx_kind(value) != SBX_INVALID)
		value = shape_outputs(heap, value, job->result);
	/* What does not fit is left as it is: the answer then raises the TypeError of all tasks. */
	if (resource->outputs_from_json && sbx_kind(value) != SBX_INVALID &&
		sbx_value_convert(heap, job->result, 1, value, &converted) == SBX_DONE)
		value = converted;
	sbx_attempt *attempt = take_attempt(job);
	job_free(job);
	if (sbx_kind(value) == SBX_INVALID)
		sbx_attempt_fail(attempt, "MemoryError", "no memory for the outputs", NULL);
	else
		sbx_attempt_answer(attempt, value);
	sbx_heap_close(heap);
}

/* A job that ended otherwise than well. */
static void fail_by_phase(sbx_job *job, const sbx_resource *resource)
{
	static const char *const words[] = {[SBX_PHASE_ABORTED] = "was aborted",
										[SBX_PHASE_FAILED] = "failed",
										[SBX_PHASE_RETRYABLE_FAILED] = "failed",
										[SBX_PHASE_TIMED_OUT] = "timed out"};
	bool has_message = resource->message && *resource->message;
	char *text = NULL;
	if (asprintf(&text, "the job of task '%s' %s%s%s", job->info.name, words[resource->phase],
				 has_message ? ": " : "", has_message ? resource->message : "") < 0)
		text = NULL;
	fail(job, false, resource->phase == SBX_PHASE_TIMED_OUT ? "TimeoutError" : "RuntimeError",
		 text ? text : "the job failed", NULL);
	free(text);
}

/* ---- operations ---- */

static void operate(sbx_job *job)
{
	const sbx_connector *table = &job->served->table;
	if (job->state == JOB_CREATE_DUE) {
		job->state = JOB_CREATING;
		table->create_job(table->context, job);
	} else if (job->state == JOB_GET_DUE) {
		job->state = JOB_GETTING;
		table->get_job(table->context, job);
	} else if (job->state == JOB_DELETE_DUE) {
		job->state = JOB_DELETING;
		table->delete_job(table->context, job);
	}
}

/* A job that was aborted while nobody looked, maybe by the process that is no more: the call gets a new one, once. */
static bool renew(sbx_job *job)
{
	if (!job->is_taken_up)
		return false;
	job_log(job, "the job has gone: a new one is made");
	job_renew(job);
	job->phase = SBX_PHASE_UNDEFINED;
	job->pause_ms = 0;
	rest(job, JOB_CREATE_DUE, 0);
	return true;
}

void sbx_job_created(sbx_job *job, const void *metadata, size_t length)
{
	if (job->state != JOB_CREATING)
		return;
	forget_failures(job);
	if (!job_set_metadata(job, metadata, length)) {
		job_log(job, "no memory for the job's metadata: it is not deleted");
		if (job->attempt)
			fail(job, false, "MemoryError", "no memory for the job's metadata", NULL);
		else
			job_free(job);
	} else if (!job->attempt) {
		rest_until_delete(job);
	} else {
		if (!job->served->table.is_of_process)
			job_note(job);
		rest_until_get(job);
	}
}

void sbx_job_found(sbx_job *job, const sbx_resource *resource)
{
	if (job->state != JOB_GETTING)
		return;
	bool terminal = sbx_phase_is_terminal(resource->phase);
	forget_failures(job);
	if (!job->attempt) {
		if (terminal || job->is_left)
			job_free(job);
		else
			rest_until_delete(job);
		return;
	}
	if (job->phase != resource->phase) {
		bool more = resource->message && *resource->message;
		job_log(job, "%s%s%s", sbx_phase_text(resource->phase), more ? ": " : "",
				more ? resource->message : "");
		job->phase = resource->phase;
	}
	job_show(job, resource);
	if (resource->phase == SBX_PHASE_ABORTED && renew(job))
		return;
	job->is_taken_up = false;
	if (resource->phase == SBX_PHASE_SUCCEEDED)
		answer(job, resource);
	else if (terminal)
		fail_by_phase(job, resource);
	else
		rest_until_get(job);
}

void sbx_job_deleted(sbx_job *job)
{
	if (job->state != JOB_DELETING)
		return;
	job_log(job, "deleted");
	job_note_deleted(job);
	cancelling_go_on(job, NULL, NULL);
	job_free(job);
}

/* note [nobody is there]
 * A service that cannot be reached has seen nothing of the request, so that may be made again, whoever is safe to repeat. When
 * it is still not there after a while, that is no outcome of the task: the run ends as unavailable, and whoever takes it up
 * creates the job under the same key, or looks at the same job. */
static void create_failed(sbx_job *job, sbx_job_problem problem, const char *type, const char *text,
						  const char *traceback)
{
	bool is_unreached = count_failure(job, problem), again = false;
	if (is_unreached)
		again = connector_now() - job->unreached_since < UNREACHED_MS;
	else if (problem == SBX_JOB_PASSING && job->served->table.is_safe_to_repeat)
		again = job->failures < MOST_CREATES;
	if (!job->attempt) {
		job_log(job, "not created: %s", text);
		job_free(job);
	} else if (again) {
		job_log(job, "not created, is tried again: %s", text);
		rest(job, JOB_CREATE_DUE, pause_after_failure(job));
	} else if (is_unreached) {
		stop_run(job, text);
	} else {
		fail(job, false, type, text, traceback);
	}
}

/* The run ends, and its job goes on. */
static void stop_looking(sbx_job *job, const char *text)
{
	sbx_attempt_unavailable(take_attempt(job), text);
	if (!job->is_noted) { /* nobody could find it again */
		rest_until_delete(job);
		return;
	}
	job_log(job, "the job goes on, to be taken up again");
	job_free(job);
}

static void get_failed(sbx_job *job, sbx_job_problem problem, const char *type, const char *text,
					   const char *traceback)
{
	bool is_unreached = count_failure(job, problem);
	if (!job->attempt && job->is_left) {
		job_free(job);
	} else if (!job->attempt) {
		rest_until_delete(job);
	} else if (problem != SBX_JOB_FINAL && job->failures + job->unreached < MOST_GETS) {
		job_log(job, "cannot be looked at, is tried again: %s", text);
		rest(job, JOB_GET_DUE, pause_after_failure(job));
	} else if (is_unreached) {
		stop_looking(job, text);
	} else {
		fail(job, true, type, text, traceback);
	}
}

static void delete_failed(sbx_job *job, sbx_job_problem problem, const char *text)
{
	(void)count_failure(job, problem);
	if (problem != SBX_JOB_FINAL && problem != SBX_JOB_MISSING &&
		job->failures + job->unreached < MOST_DELETES) {
		rest(job, JOB_DELETE_DUE, pause_after_failure(job));
		return;
	}
	job_log(job, "could not be deleted, the job may still run: %s", text);
	cancelling_go_on(job, &problem, text);
	job_free(job);
}

void sbx_job_failed(sbx_job *job, sbx_job_problem problem, const char *type, const char *text,
					const char *traceback)
{
	if (!type)
		type = "RuntimeError";
	if (!text)
		text = "the connector has not said why";
	if (problem == SBX_JOB_MISSING && job->attempt &&
		(job->state == JOB_CREATING || job->state == JOB_GETTING))
		stop_run(job, text);
	else if (job->state == JOB_CREATING)
		create_failed(job, problem, type, text, traceback);
	else if (job->state == JOB_GETTING)
		get_failed(job, problem, type, text, traceback);
	else if (job->state == JOB_DELETING)
		delete_failed(job, problem, text);
}

/* ---- the table ---- */

static sbx_status start(void *context, sbx_attempt *attempt)
{
	sbx_connectors *connectors = context;
	sbx_job *job = job_make(connectors, attempt);
	attempt->state = job;
	if (!job) {
		sbx_attempt_fail(attempt, "MemoryError", "no memory for a job", NULL);
		return SBX_E_NO_MEMORY;
	}
	job->served = connector_find(connectors, job->info.task_type, job->version);
	if (!job->served) {
		stop_run(job, connectors->problem);
		return SBX_E_UNAVAILABLE;
	}
	if (!job->served->table.is_of_process && job_find_note(job)) {
		job_log(job, "the job is taken up again");
		rest(job, JOB_GET_DUE, 0);
		return SBX_DONE;
	}
	job->state = JOB_CREATE_DUE;
	operate(job);
	return SBX_DONE;
}

/* Another process may find it by its note. */
static void leave(sbx_job *job)
{
	const sbx_connector *table = &job->served->table;
	job_log(job, "the job goes on, to be taken up again");
	job->is_left = true;
	if (job->state == JOB_GETTING && table->abandon_job)
		table->abandon_job(table->context, job);
	else if (job->state == JOB_GETTING)
		return;
	job_free(job);
}

static void cancel(void *context, sbx_attempt *attempt)
{
	sbx_job *job = attempt->state;
	(void)context;
	if (!job)
		return;
	const sbx_connector *table = &job->served->table;
	job->attempt = NULL;
	if (attempt->is_left && job->is_noted && job->state != JOB_CREATING) {
		leave(job);
		return;
	}
	if (job->state == JOB_GETTING && table->abandon_job) {
		table->abandon_job(table->context, job);
		job->state = JOB_GET_DUE;
	}
	if (job->state == JOB_GET_DUE)
		rest_until_delete(job);
	else if (job->state == JOB_CREATE_DUE)
		job_free(job);
}

/* The connector itself is broken: so are its operations. */
static void connector_failed(sbx_connectors *connectors, const Served *served, sbx_status status)
{
	sbx_job *job = connectors->jobs.first;
	while (job) {
		sbx_job *next = job->next;
		if (job->served == served)
			sbx_job_failed(job, SBX_JOB_PASSING, NULL, sbx_status_text(status), NULL);
		job = next;
	}
}

static void operate_due(sbx_connectors *connectors)
{
	int64_t now = connector_now();
	if (now < connectors->next_due)
		return;
	connectors->next_due = INT64_MAX;
	for (sbx_job *job = connectors->jobs.first, *next; job; job = next) {
		next = job->next;
		if (job->state != JOB_CREATE_DUE && job->state != JOB_GET_DUE &&
			job->state != JOB_DELETE_DUE)
			continue;
		if (job->due <= now)
			job_move(job, &connectors->due);
		else if (job->due < connectors->next_due)
			connectors->next_due = job->due;
	}
	/* An operation may end other jobs: they leave the list by themselves. */
	while (connectors->due.first) {
		sbx_job *job = connectors->due.first;
		job_move(job, &connectors->jobs);
		operate(job);
	}
}

/* One epoll descriptor stands for those of all connectors. */
static void watch_descriptors(sbx_connectors *connectors)
{
	for (Served *served = connectors->served; served; served = served->next) {
		const sbx_connector *table = &served->table;
		int descriptor = table->descriptor ? table->descriptor(table->context) : -1;
		struct epoll_event event = {.events = EPOLLIN};
		if (descriptor == served->descriptor)
			continue;
		if (served->descriptor >= 0)
			(void)epoll_ctl(connectors->epoll, EPOLL_CTL_DEL, served->descriptor, NULL);
		if (descriptor >= 0)
			(void)epoll_ctl(connectors->epoll, EPOLL_CTL_ADD, descriptor, &event);
		served->descriptor = descriptor;
	}
}

/* One commit for all jobs that were deleted. */
static void settle(sbx_connectors *connectors)
{
	if (connectors->written)
		(void)!sbx_journal_commit(connectors->written); /* a failure is told by the next one */
	connectors->written = NULL;
	cancelling_finish(connectors);
}

static sbx_status poll_connectors(void *context)
{
	sbx_connectors *connectors = context;
	for (const Served *served = connectors->served; served; served = served->next) {
		const sbx_connector *table = &served->table;
		sbx_status status = table->poll ? table->poll(table->context) : SBX_DONE;
		if (status < 0)
			connector_failed(connectors, served, status);
	}
	operate_due(connectors);
	settle(connectors);
	watch_descriptors(connectors);
	return SBX_DONE;
}

static int descriptor(void *context)
{
	sbx_connectors *connectors = context;
	watch_descriptors(connectors);
	return connectors->served ? connectors->epoll : -1;
}

static int timeout(void *context)
{
	sbx_connectors *connectors = context;
	int64_t least = -1;
	if (connectors->next_due != INT64_MAX) {
		least = connectors->next_due - connector_now();
		least = least < 0 ? 0 : least > 60000 ? 60000 : least;
	}
	for (const Served *served = connectors->served; served; served = served->next) {
		int ms = served->table.timeout ? served->table.timeout(served->table.context) : -1;
		if (ms >= 0 && (least < 0 || ms < least))
			least = ms;
	}
	return (int)least;
}

void connector_drain(sbx_connectors *connectors)
{
	uint32_t close_ms = connectors->options.close_ms ? connectors->options.close_ms : CLOSE_MS;
	int64_t until = connector_now() + close_ms;
	while ((connectors->jobs.first || connectors->cancelling) && connector_now() < until) {
		struct pollfd wait = {.fd = descriptor(connectors), .events = POLLIN};
		int left = timeout(connectors);
		(void)poll(&wait, 1, left < 0 || left > 1000 ? 1000 : left);
		(void)poll_connectors(connectors);
	}
	while (connectors->jobs.first) {
		sbx_job *job = connectors->jobs.first;
		const sbx_connector *table = &job->served->table;
		bool busy =
			job->state == JOB_CREATING || job->state == JOB_GETTING || job->state == JOB_DELETING;
		if (busy && table->abandon_job)
			table->abandon_job(table->context, job);
		job_log(job, "is left: the service has not answered in time");
		cancelling_go_on(job, &(sbx_job_problem){SBX_JOB_UNREACHED},
						 "the service has not answered in time");
		job_free(job);
	}
	settle(connectors);
}

static void close_backend(void *context)
{
	sbx_connectors *connectors = context;
	if (--connectors->routes == 0)
		sbx_connectors_close(connectors);
}

void connector_backend(sbx_connectors *connectors)
{
	connectors->backend = (sbx_backend){sizeof connectors->backend,
										connectors,
										start,
										poll_connectors,
										cancel,
										descriptor,
										timeout,
										close_backend};
}
