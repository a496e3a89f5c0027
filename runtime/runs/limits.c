/*
 * Limits: steps, executing time, call depth, C stack.
 *
 * Fuel is taken from head.fuel by loop turns, calls and long library operations; one unit is about one to ten
 * nanoseconds. When a slice is used up, sbx_gen_tick counts its steps and looks at the time. Reading a clock costs more
 * than a task call may, so a step that does not use up a slice reads none: its units are charged at the pace of this
 * run, when the slice they belong to ends. The first tick within a step only sets a base and charges its slice at that
 * pace; later ones measure, which also corrects the pace. Runs made of many short steps are corrected by one measured
 * step in 256. A slice takes less than a millisecond, so the deadline is noticed within that time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "run.h"

enum {
	SLICE = 1 << 14,
	PACE_FIRST = 3 * 256, /* nanoseconds a unit, times 256, until something has been measured */
	PACE_MAX = 1000 * 256,
	DEFAULT_DEPTH = 256,
	DEFAULT_TIMEOUT_MS = 30000,
	DEFAULT_STACK = 256 << 10,
	STACK_MIN = 32 << 10,
	GRACE_MS = 250,   /* for the text of an exception, beyond its first slice */
	HEAP_DEPTH = 1000 /* nesting in a heap of the host's own */
};
#define DEFAULT_MEMORY (50ull << 20)

uint64_t sbx__clock_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Fills head.fuel for the next slice. */
static void next_slice(Run *run)
{
	uint64_t slice = SLICE;
	if (run->extra && run->extra->max_steps) {
		uint64_t left = run->extra->max_steps > run->steps ? run->extra->max_steps - run->steps : 0;
		if (left < slice)
			slice = left;
	}
	run->slice = (uint32_t)slice;
	run->heap.head.fuel = (int64_t)slice;
}

void sbx__limits_open(Run *run, const sbx_run_options *options)
{
	const sbx_entry *entry = run->entry;
	uint32_t depth = entry ? entry->max_depth : HEAP_DEPTH;
	run->timeout_ms = entry ? entry->timeout_ms : 0;
	run->stack_bytes = DEFAULT_STACK;
	if (entry && !run->heap.limit)
		run->heap.limit = entry->max_memory ? entry->max_memory : DEFAULT_MEMORY;
	if (options) {
		if (options->max_depth)
			depth = options->max_depth;
		if (options->timeout_ms)
			run->timeout_ms = options->timeout_ms;
		if (options->max_memory)
			run->heap.limit = options->max_memory;
		if (options->c_stack_bytes)
			run->stack_bytes = options->c_stack_bytes > UINT32_MAX ? UINT32_MAX
							   : options->c_stack_bytes < STACK_MIN
								   ? (uint32_t)STACK_MIN
								   : (uint32_t)options->c_stack_bytes;
	}
	if (entry && !run->timeout_ms)
		run->timeout_ms = DEFAULT_TIMEOUT_MS;
	run->heap.head.max_depth = depth ? depth : DEFAULT_DEPTH;
	run->pace = PACE_FIRST;
	next_slice(run);
}

static uint64_t units_used(const Run *run)
{
	return (uint64_t)((int64_t)run->slice - run->heap.head.fuel);
}

/* `units` took `ns`: a quarter of the way from the old pace to the new one. */
static void correct_pace(Run *run, uint64_t units, uint64_t ns)
{
	uint64_t pace = ns < UINT64_MAX / 256 ? ns * 256 / (units ? units : 1) : PACE_MAX;
	if (pace > PACE_MAX)
		pace = PACE_MAX;
	run->pace = (uint32_t)((3ull * run->pace + pace) / 4);
}

/* The limit counts once: what makes the text of the exception gets some slices more. */
static int raise_limit(Run *run, int type, sbx_status failure, const char *format, uint64_t limit)
{
	sbx__limits_grace(run);
	sbx__raise(&run->heap.head, type, format, (unsigned long long)limit);
	run->failure = (int16_t)failure;
	return -1;
}

void sbx__limits_grace(Run *run)
{
	if (!(run->flags & RUN_FAILING)) { /* the slice that it has begun */
		uint64_t units = units_used(run);
		run->steps += units;
		run->executed += units * run->pace / 256;
	}
	run->grace = 0;
	run->flags |= RUN_FAILING;
	run->heap.head.fuel = run->slice = SLICE;
}

int sbx_gen_tick(sbx_run *head)
{
	Run *run = RUN(head);
	uint64_t units = units_used(run), now;
	run->steps += units;
	if (run->flags & RUN_FAILING) {
		head->fuel = run->slice = SLICE;
		if (run->heap.exception.tag) /* raised, and not heeded yet */
			return -1;
		now = sbx__clock_ns();
		if (!run->grace)
			run->grace = (int64_t)now + GRACE_MS * 1000000;
		return (int64_t)now < run->grace ? 0 : (sbx__raise_memory(head), -1);
	}
	next_slice(run);
	if (!run->entry)
		return 0;
	now = sbx__clock_ns();
	if (run->flags & RUN_TIMED) {
		run->executed += now - run->clock;
		correct_pace(run, units, now - run->clock);
	} else {
		run->executed += units * run->pace / 256;
		run->flags |= RUN_TIMED;
	}
	run->clock = now;
	if (run->executed / 1000000 >= run->timeout_ms)
		return raise_limit(run, SBX_TYPE_TimeoutError, SBX_E_DEADLINE,
						   "the deadline of %llu ms was reached", run->timeout_ms);
	if (run->extra && run->extra->interrupted &&
		run->extra->interrupted(run->extra->print_context)) {
		sbx__limits_grace(run);
		sbx__raise(head, SBX_TYPE_KeyboardInterrupt, "");
		run->failure = SBX_E_CANCELLED;
		return -1;
	}
	if (run->extra && run->extra->max_steps && run->steps > run->extra->max_steps)
		return raise_limit(run, SBX_TYPE_RuntimeError, SBX_E_STEPS,
						   "the limit of %llu steps was reached", run->extra->max_steps);
	return 0;
}

/*
 * The clock is read at both ends of this step, but only to correct the pace. A short step takes less than the reading
 * itself, so that is measured too; half of it is taken off, for the core does the other half beside the step.
 */
void sbx__limits_sample(Run *run)
{
	uint64_t before = sbx__clock_ns();
	run->clock = sbx__clock_ns();
	run->clock += (run->clock - before) / 2;
	run->flags |= RUN_SAMPLED;
	run->sample = run->heap.head.fuel;
}

void sbx__limits_sample_end(Run *run)
{
	int64_t units = run->sample - run->heap.head.fuel;
	run->flags &= ~(uint32_t)RUN_SAMPLED;
	if (!(run->flags & RUN_TIMED) && units > 0) {
		uint64_t now = sbx__clock_ns();
		correct_pace(run, (uint64_t)units, now > run->clock ? now - run->clock : 0);
	}
}

uint64_t sbx__limits_steps(const Run *run)
{
	return run->steps + units_used(run);
}
uint64_t sbx__limits_nanoseconds(const Run *run)
{
	return run->executed + units_used(run) * run->pace / 256;
}

int sbx_gen_too_deep(sbx_run *head)
{
	sbx__raise_depth(head, "");
	return -1;
}
