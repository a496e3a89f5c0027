/*
 * Outcomes: with a recorder they are written down first, wait for the commit, and reach their runs after it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>

#include "dispatcher.h"

void sbx__outcome_describe(char *buffer, size_t size, const char *type, const char *text)
{
	snprintf(buffer, size, "%s%s%s", type, text && *text ? ": " : "", text ? text : "");
}

void sbx__outcome_free(sbx_dispatcher *d, Outcome *outcome)
{
	if (!outcome)
		return;
	if (outcome->result.tag)
		sbx_value_free(d->heap, outcome->result);
	free(outcome->type);
	free(outcome->text);
	free(outcome->traceback);
	free(outcome);
}

Outcome *sbx__outcome_make(sbx_dispatcher *d, sbx_value result, const char *type, const char *text,
						   const char *traceback)
{
	Outcome *outcome = calloc(1, sizeof *outcome);
	if (!outcome)
		return NULL;
	outcome->result = result.tag ? sbx_value_copy(d->heap, result) : result;
	outcome->type = sbx__text_copy(type);
	outcome->text = sbx__text_copy(text);
	outcome->traceback = sbx__text_copy(traceback);
	if (outcome->result.tag == result.tag && !type == !outcome->type && !text == !outcome->text &&
		!traceback == !outcome->traceback)
		return outcome;
	sbx__outcome_free(d, outcome);
	return NULL;
}

/* ---- delivering ---- */

static void deliver_failure(Job *job, const char *type, const char *text, const char *traceback)
{
	Dispatched *r = job->owner;
	char detail[512];
	sbx__outcome_describe(detail, sizeof detail, type, text);
	/* Where even the exception finds no memory, the run ends with that. */
	(void)sbx__run_fail(RUN(r->run), job->id, type, text, traceback,
						job->is_unavailable ? SBX_E_UNAVAILABLE : SBX_E_RAISED);
	r->sweeps = true;
	r->is_unavailable |= job->is_unavailable;
	sbx__job_tell(job, job->is_aborted ? "cancelled" : "failed", detail);
}

/* The outcome reaches the run. */
static void deliver(Job *job, sbx_value result, const char *type, const char *text,
					const char *traceback)
{
	Dispatched *r = job->owner;
	if (!sbx_run_has_call(r->run, job->id)) { /* the run has ended, or someone else has answered */
		sbx__job_tell(job, "cancelled", NULL);
	} else if (!result.tag) {
		deliver_failure(job, type, text, traceback);
	} else if (sbx_run_answer(r->run, job->id, result) == SBX_DONE) {
		sbx__job_tell(job, job->is_cached ? "cached" : "done", NULL);
	} else {
		r->sweeps = true;
		sbx__job_tell(job, "failed", "the result is not of the declared type, or too large");
	}
	sbx__job_end(job);
	sbx__dispatched_stir(r);
}

/* The recorder cannot go on: neither can the run. */
static void recorder_failed(Job *job, sbx_status status)
{
	Dispatched *r = job->owner;
	if (sbx_run_stop(r->run, status, NULL) == SBX_DONE)
		r->sweeps = true;
	sbx__job_tell(job, "cancelled", sbx_status_text(status));
	sbx__job_end(job);
	sbx__dispatched_stir(r);
}

/* Recorded now, delivered after the commit. */
static void hold(Job *job, sbx_value result, const char *type, const char *text,
				 const char *traceback)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	Outcome *outcome = sbx__outcome_make(d, result, type, text, traceback);
	sbx_status status = outcome ? d->recorder.finished(d->recorder.context, &job->attempt, result,
													   type, text, traceback)
								: SBX_E_NO_MEMORY;
	if (status) {
		sbx__outcome_free(d, outcome);
		recorder_failed(job, status);
		return;
	}
	d->is_unsaved = true;
	job->outcome = outcome;
	job->state = JOB_HELD;
	link_add_last(&d->held, &job->in_place);
}

bool sbx__job_record_retry(Job *job, const char *type, const char *text, const char *traceback)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	if (!d->recorder.retried)
		return true;
	sbx_status status =
		d->recorder.retried(d->recorder.context, &job->attempt, type, text, traceback);
	if (status)
		recorder_failed(job, status);
	else
		d->is_unsaved = true;
	return !status;
}

void sbx__job_finish(Job *job, sbx_value result, const char *type, const char *text,
					 const char *traceback)
{
	const sbx_dispatcher *d = job->attempt.dispatcher;
	if (d->recorder.size && !job->is_unavailable && sbx_run_has_call(job->owner->run, job->id))
		hold(job, result, type, text, traceback);
	else
		deliver(job, result, type, text, traceback);
}

/* ---- the ends of runs ---- */

static void forget_ended(Dispatched *r)
{
	link_remove(&r->in_runs);
	RUN(r->run)->extra->dispatched = NULL;
	free(r);
}

void sbx__dispatched_end(Dispatched *r)
{
	sbx_dispatcher *d = r->dispatcher;
	sbx_run *run = r->run;
	link_remove(&r->in_runs);
	if (d->options.ended) {
		r->has_ended = true;
		link_add_last(&d->ended, &r->in_runs);
	} else {
		forget_ended(r);
	}
	if (!d->recorder.size)
		return;
	sbx_status status = d->recorder.ended(d->recorder.context, run);
	d->is_unsaved = true;
	if (status < 0)
		d->broken = status;
}

void sbx__dispatcher_tell_ended(sbx_dispatcher *d, Link *list)
{
	Link ended, *link;
	bool was_inside = d->is_inside;
	link_init(&ended); /* a run that ends while these are told is not committed yet */
	link_move_all(&ended, list);
	d->is_inside = false;
	while ((link = ended.next) != &ended) {
		Dispatched *r = HOLDER(Dispatched, in_runs, link);
		sbx_run *run = r->run;
		forget_ended(r);
		d->options.ended(d->options.context, run);
	}
	d->is_inside = was_inside;
}

/* ---- the commit ---- */

/* What is not durable must not be taken for done. */
static void end_is_lost(sbx_dispatcher *d, sbx_status status)
{
	for (Link *link = d->committing_ended.next; link != &d->committing_ended; link = link->next) {
		Run *run = RUN(HOLDER(Dispatched, in_runs, link)->run);
		run->status = run->failure = (int16_t)status;
	}
}

/* The commit under way has ended: what it holds is delivered. */
static void end_commit(sbx_dispatcher *d, sbx_status status)
{
	Link held, *link;
	d->is_committing = false;
	if (status < 0) {
		d->broken = status;
		end_is_lost(d, status);
	}
	link_init(&held);
	link_move_all(&held, &d->committing);
	while ((link = link_take_first(&held)) != NULL) {
		Job *job = HOLDER(Job, in_place, link);
		const Outcome *outcome = job->outcome;
		if (status < 0)
			recorder_failed(job, status);
		else
			deliver(job, outcome->result, outcome->type, outcome->text, outcome->traceback);
	}
	sbx__dispatcher_tell_ended(d, &d->committing_ended);
}

static void begin_commit(sbx_dispatcher *d)
{
	d->is_unsaved = d->has_noted = false;
	d->is_committing = true;
	link_move_all(&d->committing, &d->held);
	link_move_all(&d->committing_ended, &d->ended);
}

/* False: it is still under way. */
static bool ask_commit(sbx_dispatcher *d)
{
	sbx_status status = d->recorder.commit(d->recorder.context);
	if (status == SBX_WAITING)
		return false;
	end_commit(d, status);
	return true;
}

void sbx__dispatcher_commit(sbx_dispatcher *d)
{
	if (d->is_committing && !ask_commit(d))
		return;
	if (d->is_unsaved) {
		begin_commit(d);
		(void)ask_commit(d);
	}
}

void sbx__dispatcher_commit_all(sbx_dispatcher *d)
{
	for (sbx__dispatcher_commit(d); d->is_committing; sbx__dispatcher_commit(d))
		end_commit(d, d->recorder.finish ? d->recorder.finish(d->recorder.context) : SBX_E_STATE);
}
