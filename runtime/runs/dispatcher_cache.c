/*
 * Results that a cache has: looked up before the first attempt of a call, stored after its success. A result that is found is
 * an outcome like any other: recorded, committed, delivered.
 *
 * A cache that has much to read says SBX_WAITING and is asked again, poll by poll: the jobs that wait for it stand in one line,
 * and when the first of them is told to wait once more it goes behind some others and the line rests until the next poll.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dispatcher.h"

/* So many jobs take turns: each may keep files open. */
enum { AT_ONCE = 8 };

static void wait_in_line(Job *job, uint8_t state)
{
	job->state = state;
	link_add_last(&job->attempt.dispatcher->asking, &job->in_place);
}

/* A running job, or a looking one out of the line. SBX_RUNNING: it is to be started; SBX_WAITING: it stands in the line;
   SBX_DONE: it had its outcome, and is gone. */
static sbx_status look_up(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	sbx_value result = SBX_GEN_ERROR;
	d->has_cached = true;
	sbx_status status = d->cache.look_up(d->cache.context, job->attempt.call, job->key, d->heap,
										 &result, &job->inquiry);
	if (status == SBX_WAITING) {
		wait_in_line(job, JOB_LOOKING);
		return SBX_WAITING;
	}
	job->inquiry = NULL;
	job->is_looked_up = true;
	job->is_stored = status == SBX_RUNNING;
	if (status != SBX_DONE) {
		job->state = JOB_RUNNING;
		link_add_last(&job->route->attempts, &job->in_place);
		return SBX_RUNNING;
	}
	job->is_cached = true;
	sbx__job_leave(job);
	sbx__job_finish(job, result, NULL, NULL, NULL);
	sbx_value_free(d->heap, result);
	return SBX_DONE;
}

bool sbx__job_look_up(Job *job)
{
	if (!job->attempt.dispatcher->cache.size || job->attempt.number || job->is_looked_up)
		return true;
	link_remove(&job->in_place);
	return look_up(job) == SBX_RUNNING;
}

/* ---- storing ---- */

/* A storing job out of the line. False: it waits again. */
static bool store(Job *job, sbx_value result)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	if (!sbx_run_has_call(job->owner->run, job->id)) {
		sbx__job_stop_asking(job);
		return true;
	}
	d->has_cached = true;
	if (d->cache.store(d->cache.context, job->attempt.call, job->key, result, &job->inquiry) ==
		SBX_WAITING)
		return false;
	job->inquiry = NULL;
	return true;
}

void sbx__job_store(Job *job, sbx_value result)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	bool is_stored = !job->is_stored || store(job, result);
	sbx__job_leave(job);
	if (!is_stored && (job->outcome = sbx__outcome_make(d, result, NULL, NULL, NULL)) != NULL) {
		wait_in_line(job, JOB_STORING);
		return;
	}
	sbx__job_stop_asking(job); /* no memory to wait with */
	sbx__job_finish(job, result, NULL, NULL, NULL);
}

/* A storing job ends with its result. */
static void settle(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	Outcome *outcome = job->outcome;
	link_remove(&job->in_place);
	sbx__job_stop_asking(job);
	job->outcome = NULL;
	sbx__job_finish(job, outcome->result, NULL, NULL, NULL);
	sbx__outcome_free(d, outcome);
}

void sbx__dispatcher_settle(sbx_dispatcher *d, const Dispatched *r)
{
	Link *next;
	for (Link *link = d->asking.next; link != &d->asking; link = next) {
		Job *job = HOLDER(Job, in_place, link);
		next = link->next;
		if (job->state == JOB_STORING && (!r || job->owner == r))
			settle(job);
	}
}

/* ---- the line ---- */

void sbx__job_stop_asking(Job *job)
{
	const sbx_cache *cache = &job->attempt.dispatcher->cache;
	if (job->inquiry)
		cache->drop(cache->context, job->inquiry);
	job->inquiry = NULL;
}

/* False: it stands in the line again. */
static bool ask(Job *job)
{
	if (job->state == JOB_STORING) {
		if (!store(job, job->outcome->result)) {
			wait_in_line(job, JOB_STORING);
			return false;
		}
		settle(job);
		return true;
	}
	if (!sbx_run_has_call(job->owner->run, job->id)) { /* its run has ended meanwhile */
		sbx__job_cancel(job);
		return true;
	}
	sbx_status status = look_up(job);
	if (status == SBX_RUNNING)
		sbx__job_start(job);
	return status != SBX_WAITING;
}

void sbx__dispatcher_ask(sbx_dispatcher *d)
{
	Link *link, *before;
	while ((link = link_take_first(&d->asking)) != NULL) {
		if (ask(HOLDER(Job, in_place, link)))
			continue;
		link_remove(link);
		before = d->asking.next;
		for (int i = 1; i < AT_ONCE && before != &d->asking; i++)
			before = before->next;
		link_add_last(before, link);
		return;
	}
}

void sbx__dispatcher_flush(sbx_dispatcher *d)
{
	if (!d->has_cached || (d->is_unsaved && !d->is_committing))
		return;
	d->has_cached = d->cache.flush(d->cache.context) == SBX_WAITING;
}
