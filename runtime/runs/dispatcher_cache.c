/*
 * Results that a cache has: looked up before the first attempt of a call, stored after its success. A result that is found is
 * an outcome like any other: recorded, committed, delivered.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dispatcher.h"

bool sbx__job_is_cached(Job *job)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	const sbx_cache *cache = &d->cache;
	sbx_value result = SBX_GEN_ERROR;
	if (!cache->size || job->attempt.number || job->is_looked_up)
		return false;
	job->is_looked_up = true;
	sbx_status status =
		cache->look_up(cache->context, job->attempt.call, job->key, d->heap, &result);
	job->is_stored = status == SBX_RUNNING;
	if (status != SBX_DONE)
		return false;
	d->has_cached = true;
	job->is_cached = true;
	sbx__job_leave(job);
	sbx__job_finish(job, result, NULL, NULL, NULL);
	sbx_value_free(d->heap, result);
	return true;
}

void sbx__job_store(Job *job, sbx_value result)
{
	sbx_dispatcher *d = job->attempt.dispatcher;
	if (!job->is_stored || !sbx_run_has_call(job->owner->run, job->id))
		return;
	d->has_cached = true;
	d->cache.store(d->cache.context, job->attempt.call, job->key, result);
}

void sbx__dispatcher_flush(sbx_dispatcher *d)
{
	if (!d->has_cached || d->is_unsaved)
		return;
	d->has_cached = false;
	d->cache.flush(d->cache.context);
}
