/*
 * The orchestrations of the service. One that has not ended is a Job, found by its id and by its run; what has ended is in
 * the journal alone, so that memory is in proportion to what is going on.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "service.h"

static Job **bucket_of_id(const Service *service, const char *id)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);
	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(0x100000001B3);
	return (Job **)&service->by_id[(hash ^ hash >> 20) % RUN_BUCKETS];
}

static Job **bucket_of_run(const Service *service, const sbx_run *run)
{
	return (Job **)&service->by_run[((uintptr_t)run >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 49];
}

Job *runs_find(Service *service, const char *id)
{
	Job *job = *bucket_of_id(service, id);
	while (job && strcmp(job->id, id) != 0)
		job = job->next_id;
	return job;
}

const Job *runs_of(const Service *service, const sbx_run *run)
{
	const Job *job = *bucket_of_run(service, run);
	while (job && job->run != run)
		job = job->next_run;
	return job;
}

static sbx_status add_job(Service *service, const char *id, sbx_run *run)
{
	Job *job = calloc(1, sizeof *job);
	if (!job || !(job->id = strdup(id))) {
		free(job);
		return SBX_E_NO_MEMORY;
	}
	Job **by_id = bucket_of_id(service, id), **by_run = bucket_of_run(service, run);
	job->run = run;
	job->next_id = *by_id;
	*by_id = job;
	job->next_run = *by_run;
	*by_run = job;
	job->next = service->jobs;
	if (job->next)
		job->next->previous = job;
	service->jobs = job;
	service->job_count++;
	return SBX_DONE;
}

/* The run goes too: the dispatcher is done with it, or is told so here. */
static void remove_job(Service *service, Job *job)
{
	Job **link = bucket_of_id(service, job->id);
	while (*link != job)
		link = &(*link)->next_id;
	*link = job->next_id;
	link = bucket_of_run(service, job->run);
	while (*link != job)
		link = &(*link)->next_run;
	*link = job->next_run;
	if (job->next)
		job->next->previous = job->previous;
	*(job->previous ? &job->previous->next : &service->jobs) = job->next;
	service->job_count--;
	sbx_dispatcher_remove(service->dispatcher, job->run);
	sbx_run_free(job->run);
	sbx_journal_end(service->journal, job->id);
	free(job->id);
	free(job);
}

/* ---- beginning ---- */

/* The run is the service's from here on. */
static sbx_status hand_over(Service *service, const char *id, sbx_run *run)
{
	sbx_status status = add_job(service, id, run);
	if (status) {
		sbx_run_free(run);
		sbx_journal_end(service->journal, id);
		return status;
	}
	status = sbx_dispatcher_add(service->dispatcher, run);
	if (status)
		remove_job(service, runs_find(service, id));
	return status ? status : SBX_RUNNING;
}

sbx_status runs_start(Service *service, const char *id, const sbx_entry *entry,
					  const sbx_value *inputs, size_t count, char *problem, size_t size)
{
	sbx_run *run;
	sbx_status status = sbx_run_open(entry, inputs, count, &service->limits, &run);
	if (status) {
		snprintf(problem, size, "%s", run ? sbx_run_error_text(run) : sbx_status_text(status));
		sbx_run_free(run);
		return status;
	}
	/* Many begin in one turn of the loop: they share its commit. */
	sbx_journal_defer(service->journal);
	status = sbx_journal_begin(service->journal, id, entry, inputs, count);
	if (status != SBX_RUNNING) {
		snprintf(problem, size, "%s", sbx_journal_problem(service->journal));
		sbx_run_free(run);
		return status;
	}
	status = sbx_journal_attach(service->journal, id, run);
	if (status) {
		sbx_run_free(run);
		sbx_journal_end(service->journal, id);
	} else {
		status = hand_over(service, id, run);
	}
	if (status < 0)
		snprintf(problem, size, "%s", sbx_status_text(status));
	return status;
}

/* ---- going on ---- */

typedef struct Ids {
	char **ids;
	size_t count, room;
	bool failed;
} Ids;

static int note_unfinished(void *context, const sbx_journal_run *run)
{
	Ids *list = context;
	if (run->state != SBX_JOURNAL_LEFT)
		return 0; /* it has ended, or another process has it */
	if (list->count == list->room) {
		size_t room = list->room * 2 + 64;
		char **ids = realloc(list->ids, room * sizeof *ids);
		list->failed = !ids;
		if (!ids)
			return 1;
		list->ids = ids;
		list->room = room;
	}
	list->ids[list->count] = strdup(run->id);
	list->failed = !list->ids[list->count];
	return list->failed || !++list->count;
}

static sbx_status resume(Service *service, const char *id)
{
	size_t entries = 0;
	sbx_run *run;
	while (sbx_entries_shop[entries])
		entries++;
	sbx_status status =
		sbx_journal_resume(service->journal, id, sbx_entries_shop, entries, &service->limits, &run);
	if (status == SBX_RUNNING)
		return hand_over(service, id, run);
	/* One that cannot go on with this program keeps no other from it. */
	if (status != SBX_DONE)
		fprintf(stderr, "service: run '%s' does not go on: %s\n", id,
				sbx_journal_problem(service->journal));
	return status == SBX_E_UNAVAILABLE || status == SBX_E_DAMAGED ? status : SBX_DONE;
}

sbx_status runs_resume(Service *service)
{
	Ids list = {0};
	sbx_status status = sbx_journal_runs(service->journal, NULL, note_unfinished, &list);
	if (status >= 0 && list.failed)
		status = SBX_E_NO_MEMORY;
	sbx_journal_defer(service->journal);
	for (size_t i = 0; i < list.count; i++) {
		if (status >= 0)
			status = resume(service, list.ids[i]);
		free(list.ids[i]);
	}
	free(list.ids);
	return status < 0 ? status : sbx_journal_commit(service->journal);
}

/* ---- ending ---- */

void runs_ended(void *context, sbx_run *run)
{
	Service *service = context;
	Job *job = (Job *)runs_of(service, run);
	char *id = job->is_watched ? strdup(job->id) : NULL;
	remove_job(service, job);
	if (id)
		clients_tell(service, id);
	free(id);
}

sbx_status runs_cancel(Service *service, const char *id)
{
	sbx_status status = sbx_journal_cancel(service->journal, id);
	/* one that has ended, or never was: the answer tells */
	return status == SBX_E_STATE || status == SBX_E_ARGUMENT ? SBX_DONE : status;
}

sbx_status runs_outcome(Service *service, const char *id, sbx_heap *heap, Outcome *outcome)
{
	*outcome = (Outcome){.word = "running"};
	if (runs_find(service, id))
		return SBX_DONE;
	switch (sbx_journal_result(service->journal, id, heap, &outcome->result, &outcome->error)) {
	case SBX_DONE:
		outcome->word = "done";
		return SBX_DONE;
	case SBX_E_RAISED:
		outcome->word = "failed";
		return SBX_DONE;
	case SBX_E_CANCELLED:
		outcome->word = "cancelled";
		return SBX_DONE;
	case SBX_RUNNING:
		outcome->word = "stopped"; /* by a limit: it goes on at the next start */
		return SBX_DONE;
	case SBX_E_ARGUMENT:
		outcome->word = "unknown";
		return SBX_DONE;
	default:
		return SBX_E_UNAVAILABLE;
	}
}

void runs_close(Service *service)
{
	while (service->jobs)
		remove_job(service, service->jobs);
}
