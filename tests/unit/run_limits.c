/*
 * Limits: steps, deadline, depth, C stack, memory; each with its status; and failing allocations one after another.
 *
 *     def spin(n, work):            # spins n turns before each of `calls` task calls
 *     def recurse(n): return recurse(n + 1)
 *     def hoard(n): doubles a text n times
 * SPDX-License-Identifier: Apache-2.0
 */
#include <time.h>

#include "runtime/runs/run.h"

#include "run_machines.h"

static const char *const pieces[] = {"def spin(n, calls):\n", "    pass\n",
									 "def recurse(n):\n",     "    return recurse(n + 1)\n",
									 "def hoard(n):\n",       "    pass\n"};
static const sbx_gen_param params_work[] = {PARAM("x", &type_str)};
static const sbx_gen_param params_spin[] = {PARAM("n", &type_int), PARAM("calls", &type_int)};
static const sbx_gen_param params_n[] = {PARAM("n", &type_int)};
TASK(task_work, "work", params_work, &type_int);
TEXT_CONSTANT(text_hello, "hello");

/* ---- spin ---- */

struct frame_spin {
	sbx_gen_frame base;
	int64_t n, calls;
};
static const sbx_gen_site spin_sites[] = {{2, 4, 8, NULL, 0}};
static const sbx_gen_function info_spin;

static sbx_value spin(sbx_run *run, struct frame_spin *f, int64_t n, int64_t calls)
{
	uint32_t turns = SBX_GEN_TURNS;
	if (f) {
		n = f->n;
		calls = f->calls - 1;
		sbx_gen_drop(run, run->value);
	} else if (sbx_gen_enter(run)) {
		return SBX_GEN_ERROR;
	}
	for (int64_t i = 0; i < n; i++)
		if (sbx_gen_turn(run, &turns) < 0)
			return sbx_gen_unwind(run, &info_spin, 0);
	sbx_gen_turns_end(run, turns);
	if (!calls) {
		sbx_gen_leave(run);
		return SBX_GEN_NONE;
	}
	if (sbx_gen_task_begin(run, &task_work, 0,
						   (sbx_value[]){sbx_gen_object(SBX_KIND_STR, &text_hello)}))
		return sbx_gen_unwind(run, &info_spin, 0);
	if (!f && !(f = (struct frame_spin *)sbx_gen_frame_make(run, &info_spin)))
		return sbx_gen_unwind(run, &info_spin, 0);
	f->n = n;
	f->calls = calls;
	return sbx_gen_link(run, &f->base, 1, 0);
}
static sbx_value spin_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return spin(run, (struct frame_spin *)frame, 0, 0);
}
static sbx_value spin_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return spin(run, NULL, args[0].u.i, args[1].u.i);
}
FUNCTION(info_spin, "spin", params_spin, 2, spin_call, spin_resume, sizeof(struct frame_spin), "ii",
		 spin_sites);
ENTRY(entry_spin, "spin", info_spin, params_spin, 2, NULL);

/* ---- recurse ---- */

static const sbx_gen_site recurse_sites[] = {{4, 11, 25, NULL, 0}};
static const sbx_gen_function info_recurse;

static sbx_value recurse_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	sbx_value v;
	char filler[64]; /* a frame of some size on the C stack */
	memset(filler, (int)args[0].u.i, sizeof filler);
	if (sbx_gen_enter(run))
		return sbx_gen_unwind(run, &info_recurse, 0);
	v = sbx_gen_int(args[0].u.i + 1 + (filler[3] != filler[5]));
	v = info_recurse.call(run, self, &v);
	if (!v.tag)
		return sbx_gen_unwind(run, &info_recurse, 0);
	sbx_gen_leave(run);
	return v;
}
FUNCTION(info_recurse, "recurse", params_n, 1, recurse_call, NULL, 0, "", recurse_sites);
ENTRY(entry_recurse, "recurse", info_recurse, params_n, 1, NULL);

/* ---- hoard ---- */

static const sbx_gen_site hoard_sites[] = {{6, 4, 8, NULL, 0}};
static const sbx_gen_function info_hoard;

static sbx_value hoard_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	sbx_value text = sbx_gen_object(SBX_KIND_STR, &text_hello), next;
	(void)self;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	for (int64_t i = 0; i < args[0].u.i; i++) {
		next = sbx_gen_add(run, text, text);
		if (!next.tag)
			return sbx_gen_unwind(run, &info_hoard, 0);
		sbx_gen_drop(run, text);
		text = next;
	}
	/* raise ValueError(text), near the limit */
	next = sbx__exception_make(run, SBX_TYPE_ValueError, 1, &text, SBX_GEN_NONE);
	if (next.tag)
		sbx_gen_raise(run, next, SBX_GEN_ERROR);
	return sbx_gen_unwind(run, &info_hoard, 0);
}
FUNCTION(info_hoard, "hoard", params_n, 1, hoard_call, NULL, 0, "", hoard_sites);
ENTRY(entry_hoard, "hoard", info_hoard, params_n, 1, NULL);
PROGRAM(pieces, &entry_spin, &entry_recurse, &entry_hoard);

/* ---- tests ---- */

static double cpu_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static sbx_run *limited(const sbx_entry *entry, int64_t a, int64_t b, sbx_run_options options)
{
	sbx_value inputs[2] = {sbx_int(a), sbx_int(b)};
	sbx_run *run = NULL;
	options.size = sizeof options;
	CHECK(sbx_run_open(entry, inputs, entry->input_count, &options, &run) == SBX_DONE);
	return run;
}

/* Steps to the end; every call is answered at once. */
static sbx_status finish(sbx_run *run)
{
	sbx_status status;
	const sbx_call *call;
	while ((status = sbx_run_step(run)) == SBX_WAITING)
		while ((call = sbx_run_next_call(run)) != NULL)
			if (sbx_run_answer(run, sbx_call_id(call), sbx_int(1)))
				return SBX_E_STATE;
	return status;
}

static void test_deadline(void)
{
	sbx_run *run;
	double begin;
	sbx_usage usage = {.size = sizeof usage};
	group("run_limits/deadline in one step");
	run = limited(&entry_spin, INT64_MAX, 0, (sbx_run_options){.timeout_ms = 60});
	begin = cpu_ms();
	CHECK(finish(run) == SBX_E_DEADLINE);
	begin = cpu_ms() - begin;
	CHECK(begin <
		  120); /* the clock is the wall's: other processes may take a part, or most of it */
	SAME(sbx_run_error_text(run), "TimeoutError: the deadline of 60 ms was reached");
	SAME(sbx_run_traceback(run),
		 "Traceback (most recent call last):\n  File \"pipeline.py\", line 2, in spin\n    pass\n"
		 "TimeoutError: the deadline of 60 ms was reached\n");
	sbx_run_usage(run, &usage);
	CHECK(usage.nanoseconds >= 59000000 && usage.nanoseconds < 2000000000 && usage.steps > 100000);
	sbx_run_free(run);

	group("run_limits/deadline over many short steps");
	run = limited(&entry_spin, 5000, INT64_MAX, (sbx_run_options){.timeout_ms = 60});
	begin = cpu_ms();
	CHECK(finish(run) == SBX_E_DEADLINE);
	begin = cpu_ms() - begin;
	sbx_run_usage(run, &usage);
	CHECK(begin < 300 && usage.nanoseconds >= 59000000);
	sbx_run_free(run);
}

static void test_steps(void)
{
	sbx_run *run;
	sbx_usage usage = {.size = sizeof usage};
	group("run_limits/steps");
	run = limited(&entry_spin, 100000, 0, (sbx_run_options){.max_steps = 50000});
	CHECK(finish(run) == SBX_E_STEPS);
	SAME(sbx_run_error_text(run), "RuntimeError: the limit of 50000 steps was reached");
	sbx_run_free(run);
	run = limited(&entry_spin, 100000, 0, (sbx_run_options){.max_steps = 200000});
	CHECK(finish(run) == SBX_DONE);
	sbx_run_usage(run, &usage);
	CHECK(usage.steps >= 100000 && usage.steps < 100100);
	sbx_run_free(run);
	run = limited(&entry_spin, 10, 100000, (sbx_run_options){.max_steps = 5000});
	CHECK(finish(run) == SBX_E_STEPS);
	sbx_run_usage(run, &usage);
	CHECK(usage.calls > 300 && usage.calls < 600 && usage.steps > 5000 && usage.steps < 7000);
	sbx_run_free(run);
}

static void test_depth(void)
{
	sbx_run *run;
	group("run_limits/depth");
	run = limited(&entry_recurse, 0, 0, (sbx_run_options){0});
	CHECK(finish(run) == SBX_E_DEPTH);
	SAME(sbx_run_error_text(run), "RecursionError: maximum recursion depth exceeded");
	SAME(sbx_run_traceback(run),
		 "Traceback (most recent call last):\n"
		 "  File \"pipeline.py\", line 4, in recurse\n    return recurse(n + 1)\n"
		 "           ^^^^^^^^^^^^^^\n"
		 "  File \"pipeline.py\", line 4, in recurse\n    return recurse(n + 1)\n"
		 "           ^^^^^^^^^^^^^^\n"
		 "  File \"pipeline.py\", line 4, in recurse\n    return recurse(n + 1)\n"
		 "           ^^^^^^^^^^^^^^\n"
		 "  [Previous line repeated 254 more times]\n"
		 "RecursionError: maximum recursion depth exceeded\n");
	sbx_run_free(run);
	/* The C stack is the bound where the depth is not. */
	run = limited(&entry_recurse, 0, 0,
				  (sbx_run_options){.max_depth = 100000000, .c_stack_bytes = 100000});
	CHECK(finish(run) == SBX_E_DEPTH);
	CHECK(strstr(sbx_run_traceback(run), "[Previous line repeated 997 more times]\n") != NULL ||
		  strstr(sbx_run_traceback(run), "more times]\n") != NULL);
	sbx_run_free(run);
}

static void test_memory(void)
{
	sbx_run *run;
	sbx_usage usage = {.size = sizeof usage};
	const char *error;
	group("run_limits/memory");
	run = limited(&entry_hoard, 60, 0, (sbx_run_options){.max_memory = 1000000});
	CHECK(finish(run) == SBX_E_MEMORY);
	SAME(sbx_run_error_text(run), "MemoryError");
	sbx_run_usage(run, &usage);
	CHECK(usage.peak_bytes <= 1000000 && usage.peak_bytes >= 600);
	sbx_run_free(run);
	/* The text of an exception does not count. */
	run = limited(&entry_hoard, 17, 0, (sbx_run_options){.max_memory = 1100000});
	CHECK(finish(run) == SBX_E_RAISED);
	error = sbx_run_error_text(run);
	CHECK(strlen(error) == strlen("ValueError: ") + 5 * 131072);
	CHECK(strlen(sbx_run_traceback(run)) > strlen(error));
	sbx_run_free(run);
}

static void test_failing_allocations(void)
{
	bool done = false;
	group("run_limits/failing allocations");
	for (uint32_t n = 1; !done && n < 200; n++) {
		sbx_run *run = limited(&entry_spin, 1, 3, (sbx_run_options){0});
		sbx_status status;
		HEAP(run)->fail_in = n;
		status = finish(run);
		done = status == SBX_DONE;
		CHECK(done || status == SBX_E_NO_MEMORY);
		if (!done)
			SAME(sbx_run_error_text(run), "MemoryError");
		sbx_run_free(run);
	}
	CHECK(done);
	done = false;
	for (uint32_t n = 1; !done && n < 200; n++) {
		sbx_run *run = limited(&entry_hoard, 3, 0, (sbx_run_options){0});
		sbx_status status;
		HEAP(run)->fail_in = n;
		status = finish(run);
		done = HEAP(run)->fail_in != 0; /* it was not reached */
		HEAP(run)->fail_in = 0;
		CHECK(status == (done ? SBX_E_RAISED : status));
		CHECK(status == SBX_E_RAISED || status == SBX_E_NO_MEMORY);
		CHECK(strlen(sbx_run_traceback(run)) > 10);
		sbx_run_free(run);
	}
	CHECK(done);
}

static void test_refusals(void)
{
	sbx_run *run;
	sbx_value inputs[2] = {sbx_int(1), sbx_int(1)};
	sbx_run_options options = {.size = 3};
	sbx_gen_program other = program;
	sbx_entry entry = entry_spin;
	group("run_limits/refusals");
	CHECK(sbx_run_open(&entry_spin, inputs, 2, &options, &run) == SBX_E_ARGUMENT && !run);
	CHECK(sbx_run_open(NULL, inputs, 2, NULL, &run) == SBX_E_ARGUMENT && !run);
	other.abi = SBX_ABI + 1;
	entry.program = &other;
	CHECK(sbx_run_open(&entry, inputs, 2, NULL, &run) == SBX_E_ABI && !run);
	SAME(sbx_status_text(SBX_E_ABI), "generated for another version of libsbx");
	SAME(sbx_status_text((sbx_status)-99), "unknown status");
	CHECK(strlen(sbx_version()) >= 5);
}

int main(void)
{
	test_deadline();
	test_steps();
	test_depth();
	test_memory();
	test_failing_allocations();
	test_refusals();
	group_end();
	return all_failures != 0;
}
