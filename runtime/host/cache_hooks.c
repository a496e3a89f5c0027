/*
 * What a dispatcher asks the cache: is there a result for this call, and here is one. Files that inputs and results name are
 * read in pieces; what is under way of a call meanwhile is its inquiry.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cache.h"

typedef struct Inquiry {
	enum { READS_INPUTS, READS_FOUND, READS_RESULT } stage;
	CacheFiles files; /* of the stage */
	unsigned char
		*value; /* that was found, or the result, in wire form, where files are read for it */
	size_t value_size;
	unsigned char *wanted; /* what was in the files when it was stored */
} Inquiry;

static void end_inquiry(Inquiry *q)
{
	cache_files_free(&q->files);
	free(q->value);
	free(q->wanted);
	*q = (Inquiry){0};
}

/* What a dispatcher keeps between two pieces; most inquiries need one piece only. */
static sbx_status settle(Inquiry *q, sbx_status status, void **state)
{
	Inquiry *kept = *state;
	if (status == SBX_WAITING && !kept && (kept = malloc(sizeof *kept)) != NULL) {
		*kept = *q;
		*state = kept;
	}
	if (status == SBX_WAITING && kept)
		return status;
	end_inquiry(q);
	free(kept);
	*state = NULL;
	return status == SBX_WAITING ? SBX_E_NO_MEMORY : status;
}

static void drop(void *context, void *state)
{
	(void)context;
	end_inquiry(state);
	free(state);
}

static unsigned char *copy_bytes(const void *bytes, size_t size)
{
	unsigned char *copy = malloc(size + 1);
	if (copy && size)
		memcpy(copy, bytes, size);
	return copy;
}

/* ---- looking up ---- */

static const CachePlan *plan_of(sbx_cache_file *c, const sbx_call *call)
{
	for (CachePlan *plan = c->plans; plan; plan = plan->next)
		if (cache_plan_is_for(plan, call))
			return plan;
	CachePlan *plan = cache_plan_make(call, c->base_image);
	if (plan) {
		plan->next = c->plans;
		c->plans = plan;
	}
	return plan;
}

static void prove(unsigned char proof[32], const unsigned char key[32], const void *value,
				  size_t value_size, const void *files, size_t files_size)
{
	sbx_sha256 hash;
	uint64_t size = value_size;
	unsigned char bytes[8];
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(size >> i * 8);
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, key, 32);
	sbx_sha256_add(&hash, bytes, sizeof bytes);
	sbx_sha256_add(&hash, value, value_size);
	sbx_sha256_add(&hash, files, files_size);
	sbx_sha256_end(&hash, proof);
}

static CachePending *add_pending(sbx_cache_file *c, const unsigned char key[32])
{
	CachePending *one = calloc(1, sizeof *one);
	if (!one)
		return NULL;
	memcpy(one->key, key, 32);
	one->time = database_now();
	*c->end = one;
	c->end = &one->next;
	return one;
}

/* The outcome that was stored, which still holds. */
static sbx_status take_hit(sbx_cache_file *c, const sbx_call *call, const unsigned char key[32],
						   sbx_heap *heap, sbx_value v, sbx_value *result)
{
	if (sbx_value_convert(heap, sbx_call_result_type(call), 0, v, result))
		return SBX_RUNNING;
	(void)add_pending(c, key); /* a hit that is not counted is no loss */
	return SBX_DONE;
}

/* Its files are to be read: what it is compared with then. False: no memory. */
static bool keep_result(Inquiry *q, const CachePending *kept)
{
	q->value = copy_bytes(kept->value, kept->value_size);
	q->wanted = copy_bytes(kept->files, kept->files_size);
	q->value_size = kept->value_size;
	return q->value && q->wanted;
}

/* A result that is kept. SBX_DONE: a hit; SBX_RUNNING: none; SBX_WAITING: it is, if its files are still what they were. */
static sbx_status take_result(sbx_cache_file *c, Inquiry *q, const sbx_call *call,
							  const unsigned char key[32], const CachePending *kept, sbx_heap *heap,
							  sbx_value *result)
{
	sbx_value v;
	sbx_status status = SBX_RUNNING;
	if (sbx_wire_load(heap, kept->value, kept->value_size, &v))
		return status;
	/* the files that it names are those that it named */
	bool good = cache_files_add(&q->files, heap, v) && q->files.count * 32 == kept->files_size;
	if (good && !kept->files_size)
		status = take_hit(c, call, key, heap, v, result);
	else if (good && keep_result(q, kept))
		status = SBX_WAITING;
	sbx_value_free(heap, v);
	return status;
}

/* Of the row that was found, whose bytes are lent. False: it is not what was stored. */
static bool read_row(const sbx_cache_file *c, const unsigned char key[32], CachePending *row)
{
	size_t key_size, proof_size;
	unsigned char proof[32];
	const void *found = column_bytes(c->find, 0, &key_size);
	row->value = (void *)(uintptr_t)column_bytes(c->find, 1, &row->value_size);
	row->files = (void *)(uintptr_t)column_bytes(c->find, 2, &row->files_size);
	const void *given = column_bytes(c->find, 3, &proof_size);
	if (key_size != 32 || memcmp(found, key, 32) != 0 || proof_size != 32)
		return false;
	prove(proof, key, row->value, row->value_size, row->files, row->files_size);
	return memcmp(proof, given, 32) == 0;
}

/* A result that is not written yet. */
static const CachePending *find_pending(const sbx_cache_file *c, const unsigned char key[32])
{
	const CachePending *one = c->buckets[key[0]];
	while (one && memcmp(one->key, key, 32) != 0)
		one = one->chain;
	return one;
}

static sbx_status find_result(sbx_cache_file *c, Inquiry *q, const sbx_call *call,
							  const unsigned char key[32], sbx_heap *heap, sbx_value *result)
{
	const CachePending *pending = find_pending(c, key);
	CachePending row;
	sbx_status found = SBX_RUNNING;
	cache_files_free(&q->files);
	q->stage = READS_FOUND;
	if (pending)
		return take_result(c, q, call, key, pending, heap, result);
	sbx_status status = database_prepare(
		c->db, "SELECT key, value, files, proof FROM results WHERE key = ?1", &c->find);
	if (!status) {
		statement_bind_bytes(c->find, 1, key, 32);
		status = statement_step(c->find);
		if (status == SBX_RUNNING && read_row(c, key, &row))
			found = take_result(c, q, call, key, &row, heap, result);
		statement_reset(c->find);
	}
	if (status < 0 && !database_is_locked(c->db))
		cache_give_up(c);
	return found;
}

/* The inputs' files have been read: is there a result? */
static sbx_status look_for_result(sbx_cache_file *c, const CachePlan *plan, Inquiry *q,
								  const sbx_call *call, unsigned char key[32], sbx_heap *heap,
								  sbx_value *result)
{
	if (!cache_key(plan, c->heap, call, &q->files, key))
		return SBX_E_UNAVAILABLE;
	return plan->looks_up ? find_result(c, q, call, key, heap, result) : SBX_RUNNING;
}

static sbx_status look_on(sbx_cache_file *c, const CachePlan *plan, Inquiry *q,
						  const sbx_call *call, unsigned char key[32], sbx_heap *heap,
						  sbx_value *result)
{
	sbx_status status;
	if (q->stage == READS_INPUTS) {
		status = cache_files_read(&q->files, &c->budget);
		if (!status)
			status = look_for_result(c, plan, q, call, key, heap, result);
		if (q->stage == READS_INPUTS || status != SBX_WAITING)
			return status;
	}
	status = cache_files_read(&q->files, &c->budget);
	if (status)
		return status == SBX_WAITING ? status : SBX_RUNNING;
	sbx_value v;
	if (memcmp(q->files.digests, q->wanted, q->files.count * 32) != 0 ||
		sbx_wire_load(heap, q->value, q->value_size, &v))
		return SBX_RUNNING;
	status = take_hit(c, call, key, heap, v, result);
	sbx_value_free(heap, v);
	return status;
}

static sbx_status look_up(void *context, const sbx_call *call, unsigned char key[32],
						  sbx_heap *heap, sbx_value *result, void **state)
{
	sbx_cache_file *c = context;
	const CachePlan *plan = c->is_broken ? NULL : plan_of(c, call);
	Inquiry fresh = {0}, *q = *state ? *state : &fresh;
	sbx_status status = SBX_E_UNAVAILABLE;
	if (plan && plan->stores && (*state || cache_key_files(plan, c->heap, call, &q->files)))
		status = look_on(c, plan, q, call, key, heap, result);
	return settle(q, status, state);
}

/* ---- storing ---- */

/* A value that the task's declared result does not take is the call's failure, and none is kept. */
static sbx_value as_declared(sbx_cache_file *c, const sbx_call *call, sbx_value result)
{
	sbx_value copy = sbx_value_copy(c->heap, result), v = {0};
	if (copy.tag && sbx_value_convert(c->heap, sbx_call_result_type(call), 0, copy, &v) != SBX_DONE)
		v = (sbx_value){0};
	if (copy.tag)
		sbx_value_free(c->heap, copy);
	return v;
}

static bool begin_store(sbx_cache_file *c, Inquiry *q, const sbx_call *call, sbx_value result)
{
	sbx_value v = as_declared(c, call, result), bytes;
	q->stage = READS_RESULT;
	if (!v.tag)
		return false;
	if (cache_files_add(&q->files, c->heap, v) && sbx_wire_dump(c->heap, v, &bytes) == SBX_DONE) {
		const unsigned char *wire = sbx_peek_bytes(bytes, &q->value_size);
		q->value = copy_bytes(wire, q->value_size);
		sbx_value_free(c->heap, bytes);
	}
	sbx_value_free(c->heap, v);
	return q->value != NULL;
}

/* The result's files have been read: it waits to be written. */
static void end_store(sbx_cache_file *c, const CachePlan *plan, Inquiry *q,
					  const unsigned char key[32])
{
	CachePending *one = add_pending(c, key);
	if (!one)
		return;
	one->plan = plan;
	one->value = q->value;
	one->value_size = q->value_size;
	one->files = q->files.digests;
	one->files_size = q->files.count * 32;
	prove(one->proof, key, one->value, one->value_size, one->files, one->files_size);
	one->chain = c->buckets[key[0]];
	c->buckets[key[0]] = one;
	q->value = q->files.digests = NULL;
}

static sbx_status store(void *context, const sbx_call *call, const unsigned char key[32],
						sbx_value result, void **state)
{
	sbx_cache_file *c = context;
	const CachePlan *plan = c->is_broken ? NULL : plan_of(c, call);
	Inquiry fresh = {0}, *q = *state ? *state : &fresh;
	sbx_status status = SBX_E_UNAVAILABLE;
	if (plan && (*state || begin_store(c, q, call, result)))
		status = cache_files_read(&q->files, &c->budget);
	if (!status)
		end_store(c, plan, q, key);
	return settle(q, status, state);
}

static sbx_status flush(void *context)
{
	sbx_cache_file *c = context;
	cache_flush(c, false);
	return c->pending ? SBX_WAITING : SBX_DONE;
}

void sbx_cache_file_hooks(sbx_cache_file *c, sbx_cache *cache)
{
	database_wait_for_locks(c->db, false);
	*cache = (sbx_cache){.size = sizeof *cache,
						 .context = c,
						 .look_up = look_up,
						 .store = store,
						 .drop = drop,
						 .flush = flush};
}
