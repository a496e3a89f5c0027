/*
 * Cancels a run that was left with jobs under way: each is deleted through its connector, then the run is cancelled.
 *
 * note [cancelled last]
 * The run is claimed, so that nobody takes it up meanwhile, and marked, which is durable before the first job is deleted; it is
 * cancelled when the last one is. Should this process end in between, or a job not be deleted, the mark stays: the run cannot
 * be taken up as if nothing had happened, and the next one who cancels it, or has it taken up, deletes what is left.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "journal.h"

static void cancelling_free(Cancelling *c)
{
	Cancelling **link = &c->owner->cancelling;
	while (*link && *link != c)
		link = &(*link)->next;
	if (*link)
		*link = c->next;
	journal_let_go(c->journal, &c->hold);
	free(c->run_id);
	free(c);
}

/* ---- its jobs ---- */

void cancelling_go_on(sbx_job *job, const sbx_job_problem *problem, const char *text)
{
	Cancelling *c = job->cancelling;
	if (!c)
		return;
	job->cancelling = NULL;
	c->left--;
	c->owner->next_due = 0; /* its end is told by the next poll */
	if (!problem)
		return;
	c->missing += *problem == SBX_JOB_MISSING;
	if (!c->failed++) {
		snprintf(c->problem, sizeof c->problem, "%.100s: %.250s", job->label, text);
		c->status = *problem == SBX_JOB_MISSING || *problem == SBX_JOB_UNREACHED ? SBX_E_UNAVAILABLE
																				 : SBX_E_BACKEND;
	}
}

/* Each has a connector? Nothing has happened before that is known. */
static sbx_status check_connectors(Cancelling *c, const JobNote *list)
{
	for (const JobNote *note = list; note; note = note->next) {
		if (!note->task_type || !note->key)
			return journal_problem(c->journal, SBX_E_UNAVAILABLE,
								   "run '%s': the note of call %" PRIu64 " (%.100s) is of an older "
								   "version: its job can only be taken up, or be left",
								   c->run_id, note->call, note->task);
		if (!connector_find(c->owner, note->task_type, note->version))
			return journal_problem(c->journal, SBX_E_UNAVAILABLE, "run '%s': %.400s", c->run_id,
								   c->owner->problem);
	}
	return SBX_DONE;
}

static void begin_jobs(Cancelling *c, JobNote *list)
{
	sbx_status status = SBX_DONE;
	for (JobNote *note = list; note; note = note->next) {
		const Served *served = connector_find(c->owner, note->task_type, note->version);
		sbx_job *job = served ? job_make_noted(c->owner, note) : NULL;
		if (!job) {
			status = SBX_E_NO_MEMORY;
			continue;
		}
		job->served = served;
		job->cancelling = c;
		job->state = JOB_DELETE_DUE;
		job->due = connector_now();
		c->left++;
		c->count++;
	}
	c->owner->next_due = 0;
	if (status) {
		c->failed++;
		c->status = status;
	}
}

/* ---- the run ---- */

static sbx_status mark(Cancelling *c)
{
	sbx_journal *j = c->journal;
	sbx_status status = journal_begin(j);
	if (!status)
		status = journal_get_mark(j, c->hold.row, &c->was_marked);
	if (!status)
		status = journal_set_mark(j, c->hold.row, true);
	if (!status)
		status = sbx_journal_commit(j);
	if (status)
		journal_rollback(j);
	return status;
}

/* The run is ours: nobody takes it up from now on. SBX_WAITING: its jobs are being deleted. SBX_DONE: it has none. */
static sbx_status begin_claimed(Cancelling *c)
{
	JobNote *list;
	sbx_status status = job_notes_read(c->journal, c->hold.row, &list);
	if (!status && list) {
		status = check_connectors(c, list);
		if (!status && !c->is_over)
			status = mark(c);
		if (!status) {
			c->next = c->owner->cancelling;
			c->owner->cancelling = c;
			begin_jobs(c, list);
			status = SBX_WAITING;
		}
	}
	job_notes_free(list);
	return status;
}

/* SBX_RUNNING: a run that has not ended and that no process has, claimed. SBX_DONE: one that was cancelled, the same. */
static sbx_status claim(Cancelling *c)
{
	sbx_journal *j = c->journal;
	RunRow found;
	sbx_status status = journal_find_row(j, c->run_id, &found);
	c->hold.row = found.id;
	c->is_over = !status && strcmp(found.state, "running") != 0;
	if (c->is_over && strcmp(found.state, "cancelled") != 0)
		status = journal_problem(j, SBX_E_STATE, "run '%s' has ended: %s", c->run_id, found.state);
	statement_free(found.row);
	if (status)
		return status;
	if (journal_run_named(j, c->run_id))
		return SBX_E_STATE;
	return journal_hold(j, &c->hold, c->run_id);
}

sbx_status sbx_connectors_cancel(sbx_connectors *connectors, sbx_journal *journal,
								 const char *run_id, sbx_cancel_ended ended, void *context)
{
	Cancelling *c = calloc(1, sizeof *c);
	if (!c || !(c->run_id = strdup(run_id))) {
		free(c);
		return journal_no_memory(journal);
	}
	c->owner = connectors;
	c->journal = journal;
	c->ended = ended;
	c->context = context;
	sbx_status status = sbx_journal_commit(journal);
	if (!status)
		status = claim(c);
	if (status) { /* it has ended, or a process has it, which deletes its jobs itself */
		bool is_open = status == SBX_E_STATE && !c->is_over;
		cancelling_free(c);
		return is_open ? sbx_journal_cancel(journal, run_id) : status;
	}
	status = begin_claimed(c);
	if (status == SBX_WAITING)
		return status;
	bool is_over = c->is_over;
	cancelling_free(c);
	if (status)
		return status;
	return is_over ? journal_problem(journal, SBX_E_STATE, "run '%s' has ended: cancelled", run_id)
				   : sbx_journal_cancel(journal, run_id);
}

/* ---- the end ---- */

/* The run is cancelled; or, nobody could be asked for any job, it is as it was. */
static sbx_status write_end(const Cancelling *c)
{
	bool as_before = c->missing == c->count && !c->was_marked;
	if (c->is_over || (c->failed && !as_before))
		return SBX_DONE;
	sbx_status status = journal_begin(c->journal);
	if (status)
		return status;
	return c->failed ? journal_set_mark(c->journal, c->hold.row, false)
					 : journal_set_cancelled(c->journal, c->hold.row);
}

/* What is deleted is written down, with or without the end of the run. */
static sbx_status end_run(const Cancelling *c)
{
	sbx_journal *j = c->journal;
	sbx_status status = write_end(c);
	sbx_status committed = sbx_journal_commit(j);
	status = status ? status : committed;
	if (status || !c->failed)
		return status;
	return journal_problem(j, c->status, "run '%s' is %s: %zu of its jobs could not be deleted; %s",
						   c->run_id, c->is_over ? "cancelled" : "not cancelled yet", c->failed,
						   *c->problem ? c->problem : sbx_status_text(c->status));
}

void cancelling_finish(sbx_connectors *connectors)
{
	Cancelling *c = connectors->cancelling, *next;
	for (; c; c = next) {
		next = c->next;
		if (c->left)
			continue;
		sbx_status status = end_run(c);
		journal_let_go(c->journal, &c->hold);
		if (c->ended)
			c->ended(c->context, c->run_id, status);
		cancelling_free(c);
		next = connectors->cancelling; /* it may have begun others */
	}
}
