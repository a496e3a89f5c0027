/*
 * Order and limits: which job starts next. docs/notes/dispatcher.md, "Turns and gates".
 *
 * Invariants. A run whose queue is not empty either is in the turns, with a place reserved at each gate of its next job, or
 * waits at one gate and has reserved nothing. Where a run waits at a gate, that gate has no place left.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "dispatcher.h"

enum { GATES = 3 };

void sbx__gate_init(Gate *gate, uint32_t limit)
{
	gate->limit = limit;
	gate->running = gate->ready = 0;
	link_init(&gate->waiting);
}

static bool has_place(const Gate *gate)
{
	return !gate->limit || gate->running + gate->ready < gate->limit;
}

static void gates_of(const Job *job, Gate *gates[GATES])
{
	gates[0] = &job->owner->gate;
	gates[1] = &job->route->gate;
	gates[2] = &job->named->gate;
}

static Job *next_of(const Dispatched *r)
{
	return link_is_alone(&r->queue) ? NULL : HOLDER(Job, in_place, r->queue.next);
}

/* The run gets a turn, or waits at the first gate that has none for it. through: a gate that has just let it pass. */
static void place(Dispatched *r, const Gate *through)
{
	Gate *gates[GATES];
	gates_of(next_of(r), gates);
	for (int i = 0; i < GATES; i++) {
		Gate *gate = gates[i];
		if (!has_place(gate) || (gate != through && !link_is_alone(&gate->waiting))) {
			link_add_last(&gate->waiting, &r->in_turn);
			return;
		}
	}
	for (int i = 0; i < GATES; i++)
		gates[i]->ready++;
	r->is_ready = true;
	link_add_last(&r->dispatcher->turns, &r->in_turn);
}

/* The gate may have a place again. */
static void let_pass(Gate *gate)
{
	Link *first;
	while (has_place(gate) && (first = link_take_first(&gate->waiting)) != NULL)
		place(HOLDER(Dispatched, in_turn, first), gate);
}

void sbx__gate_set(Gate *gate, uint32_t limit)
{
	gate->limit = limit;
	let_pass(gate);
}

void sbx__job_enqueue(Job *job)
{
	Dispatched *r = job->owner;
	job->state = JOB_QUEUED;
	link_add_last(&r->queue, &job->in_place);
	if (link_is_alone(&r->in_turn))
		place(r, NULL);
}

/* The run leaves the turns, or the gate at which it waits. job: the next one, which may be out of the queue already. */
static void unplace(Dispatched *r, const Job *job)
{
	Gate *gates[GATES];
	link_remove(&r->in_turn);
	if (!r->is_ready)
		return;
	r->is_ready = false;
	gates_of(job, gates);
	for (int i = 0; i < GATES; i++)
		gates[i]->ready--;
	for (int i = 0; i < GATES; i++)
		let_pass(gates[i]);
}

void sbx__job_unqueue(Job *job)
{
	Dispatched *r = job->owner;
	bool was_next = next_of(r) == job;
	link_remove(&job->in_place);
	const Job *next = next_of(r);
	if (!was_next) /* its run's place is that of the job before it */
		return;
	if (next && next->route == job->route && next->named == job->named) /* the run keeps its turn */
		return;
	unplace(r, job);
	if (next)
		place(r, NULL);
}

bool sbx__turns_are_due(const sbx_dispatcher *d)
{
	return !link_is_alone(&d->turns) &&
		   (!d->options.max_concurrency || d->running < d->options.max_concurrency);
}

/* More places are taken than there are: the limit was lowered. */
static bool is_overfull(const Gate *gate)
{
	return gate->limit && gate->running + gate->ready > gate->limit;
}

/* The first of the turns; those whose places were taken away go and wait. */
static Job *next_turn(const sbx_dispatcher *d, Gate *gates[GATES])
{
	while (sbx__turns_are_due(d)) {
		Dispatched *r = HOLDER(Dispatched, in_turn, d->turns.next);
		Job *job = next_of(r);
		gates_of(job, gates);
		if (!is_overfull(gates[0]) && !is_overfull(gates[1]) && !is_overfull(gates[2]))
			return job;
		unplace(r, job);
		place(r, NULL);
	}
	return NULL;
}

Job *sbx__turns_take(sbx_dispatcher *d)
{
	Gate *gates[GATES];
	Job *job = next_turn(d, gates);
	if (!job)
		return NULL;
	Dispatched *r = job->owner;
	link_remove(&r->in_turn);
	link_remove(&job->in_place);
	r->is_ready = false;
	for (int i = 0; i < GATES; i++) {
		gates[i]->ready--;
		gates[i]->running++;
	}
	d->running++;
	job->state = JOB_RUNNING;
	link_add_last(&job->route->attempts, &job->in_place);
	if (next_of(r))
		place(r, NULL);
	return job;
}

void sbx__job_leave(Job *job)
{
	Gate *gates[GATES];
	gates_of(job, gates);
	job->attempt.dispatcher->running--;
	link_remove(&job->in_place);
	link_remove(&job->in_young);
	timer_clear(&job->timer);
	for (int i = 0; i < GATES; i++)
		gates[i]->running--;
	for (int i = 0; i < GATES; i++)
		let_pass(gates[i]);
}
