/*
 * flyte_map: answers in any order, concurrency, failures as values and failures that raise, nothing to map.
 *
 * The program: def main(limit, values): return flyte_map("work", [0..n], [0.5]*n, ...) with what the globals below say.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/runs/run.h"

#include "run_machines.h"

static const char *const pieces[] = {"flyte_map('work', xs, ys)\n"};
static const sbx_gen_site sites[] = {{1, 0, 25, NULL, 0}};
static const sbx_gen_param params_work[] = {PARAM("x", &type_int), PARAM("y", &type_float)};
static const sbx_gen_param params_main[] = {PARAM("first", NULL), PARAM("second", NULL),
											PARAM("concurrency", NULL),
											PARAM("return_exceptions", NULL)};
TASK(task_work, "work", params_work, &type_int);
static const sbx_gen_function info_main;

struct frame_main {
	sbx_gen_frame base;
};
/* Lists of ints 0 to first - 1, and 0 to second - 1. */
static sbx_value count_up(sbx_run *run, int64_t count)
{
	sbx_value list = sbx_gen_list_make(run, 0, NULL);
	for (int64_t i = 0; i < count; i++)
		if (sbx_gen_list_append(run, list, sbx_gen_int(i)))
			return SBX_GEN_ERROR;
	return list;
}
static sbx_value main_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	sbx_value lists[2], tuple;
	sbx_gen_frame *f;
	(void)self;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	lists[0] = count_up(run, args[0].u.i);
	lists[1] = count_up(run, args[1].u.i);
	tuple = lists[0].tag && lists[1].tag ? sbx_gen_tuple_make(run, 2, lists) : SBX_GEN_ERROR;
	if (!tuple.tag || sbx_gen_map_begin(run, &task_work, 0, tuple, args[2], SBX_GEN_NONE, args[3]))
		return sbx_gen_unwind(run, &info_main, 0);
	sbx_gen_drop(run, tuple);
	f = sbx_gen_frame_make(run, &info_main);
	return f ? sbx_gen_link(run, f, 1, 0) : SBX_GEN_ERROR;
}
static sbx_value main_resume(sbx_run *run, sbx_gen_frame *f)
{
	(void)f;
	sbx_gen_leave(run);
	return run->value;
}
FUNCTION(info_main, "main", params_main, 4, main_call, main_resume, sizeof(struct frame_main), "",
		 sites);
ENTRY(entry_main, "main", info_main, params_main, 4, NULL);
PROGRAM(pieces, &entry_main);

static sbx_run *mapped(int64_t first, int64_t second, int64_t concurrency, int return_exceptions)
{
	sbx_value inputs[4] = {sbx_int(first), sbx_int(second), sbx_int(concurrency),
						   sbx_bool(return_exceptions)};
	return open_run(&entry_main, inputs, 4);
}

static void test_order(void)
{
	sbx_run *run = mapped(5, 4, 0, 1);
	const sbx_call *calls[4];
	static const int order[] = {2, 0, 3, 1};
	sbx_value result;
	group("run_map/answers in any order");
	CHECK(sbx_run_step(run) == SBX_WAITING);
	for (int i = 0; i < 4; i++) {
		calls[i] = sbx_run_next_call(run);
		if (!CHECK(calls[i]))
			return;
		CHECK(sbx_call_id(calls[i]) == (uint64_t)i + 1 && int_of(sbx_call_arg(calls[i], 0)) == i);
		CHECK(sbx_kind(sbx_call_arg(calls[i], 1)) == SBX_FLOAT);
	}
	CHECK(sbx_run_next_call(run) == NULL);
	for (int i = 0; i < 4; i++) {
		CHECK(sbx_run_status(run) == SBX_WAITING && sbx_run_step(run) == SBX_WAITING);
		CHECK(sbx_run_answer(run, (uint64_t)order[i] + 1, sbx_int(10 * order[i])) == SBX_DONE);
		CHECK(sbx_run_answer(run, (uint64_t)order[i] + 1, sbx_int(0)) == SBX_E_NO_CALL);
	}
	CHECK(sbx_run_step(run) == SBX_DONE);
	result = sbx_run_result(run);
	CHECK(sbx_count(result) == 4);
	for (size_t i = 0; i < 4; i++)
		CHECK(int_of(sbx_peek_item(result, i)) == 10 * (int64_t)i);
	sbx_run_free(run);
}

static void test_concurrency(void)
{
	sbx_run *run = mapped(5, 5, 2, 1);
	group("run_map/concurrency");
	CHECK(sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_next_call(run) && sbx_run_next_call(run) && !sbx_run_next_call(run));
	CHECK(sbx_run_answer(run, 2, sbx_int(1)) == SBX_DONE);
	CHECK(sbx_run_next_call(run) && !sbx_run_next_call(run));
	/* A host that knows an answer already need not wait for the call to be handed out. */
	CHECK(sbx_run_answer(run, 4, sbx_int(3)) == SBX_DONE && !sbx_run_next_call(run));
	CHECK(sbx_run_answer(run, 1, sbx_int(0)) == SBX_DONE);
	CHECK(sbx_call_id(sbx_run_next_call(run)) == 5 && !sbx_run_next_call(run));
	CHECK(sbx_run_answer(run, 5, sbx_int(4)) == SBX_DONE &&
		  sbx_run_answer(run, 3, sbx_int(2)) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_DONE && sbx_count(sbx_run_result(run)) == 5);
	sbx_run_free(run);
}

static void test_failures(void)
{
	sbx_run *run = mapped(3, 3, 0, 1);
	group("run_map/failures as values");
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run) && sbx_run_next_call(run) &&
		  sbx_run_next_call(run));
	CHECK(sbx_run_fail(run, 2, "ValueError", "no", "remote") == SBX_DONE &&
		  sbx_run_status(run) == SBX_WAITING);
	CHECK(sbx_run_answer_json(run, 1, "\"x\"", 3) == SBX_E_TYPE);
	CHECK(sbx_run_answer(run, 3, sbx_int(7)) == SBX_DONE && sbx_run_step(run) == SBX_E_RAISED);
	/* The list holds exceptions, which pass no boundary: the result of the run is refused. */
	CHECK(strstr(sbx_run_error_text(run), "TypeError: main() result") != NULL);
	sbx_run_free(run);

	group("run_map/failures raise");
	run = mapped(6, 6, 0, 0);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	for (int i = 0; i < 5; i++)
		CHECK(sbx_run_next_call(run));
	CHECK(sbx_run_fail(run, 4, "ValueError", "fourth", NULL) == SBX_DONE);
	CHECK(!sbx_run_has_call(run, 5) && !sbx_run_has_call(run, 6) && sbx_run_has_call(run, 3));
	CHECK(sbx_run_next_call(run) == NULL && sbx_run_answer(run, 5, sbx_int(1)) == SBX_E_NO_CALL);
	CHECK(sbx_run_status(run) == SBX_WAITING);
	CHECK(sbx_run_answer(run, 1, sbx_int(1)) == SBX_DONE &&
		  sbx_run_answer(run, 3, sbx_int(1)) == SBX_DONE);
	CHECK(sbx_run_fail(run, 2, "KeyError", "'second'", NULL) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "KeyError: 'second'");
	SAME(sbx_run_traceback(run),
		 "Traceback (most recent call last):\n  File \"pipeline.py\", line 1, in main\n"
		 "    flyte_map('work', xs, ys)\nKeyError: 'second'\n");
	sbx_run_free(run);
}

static void test_edges(void)
{
	sbx_run *run = mapped(0, 3, 0, 1);
	sbx_run_options options = {.size = sizeof options, .max_memory = 150000};
	sbx_value inputs[4] = {sbx_int(2000), sbx_int(2000), sbx_int(0), sbx_bool(1)};
	group("run_map/edges");
	CHECK(sbx_run_step(run) == SBX_DONE && sbx_count(sbx_run_result(run)) == 0);
	sbx_run_free(run);
	run = mapped(2, 2, -1, 1);
	CHECK(sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run),
		 "ValueError: flyte_map() argument 'concurrency' must not be negative");
	sbx_run_free(run);
	CHECK(sbx_run_open(&entry_main, inputs, 4, &options, &run) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_E_MEMORY);
	SAME(sbx_run_error_text(run), "MemoryError");
	sbx_run_free(run);
	run = mapped(3, 3, 0, 1); /* freed, and cancelled, in the middle */
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run));
	CHECK(sbx_run_cancel(run) == SBX_DONE && sbx_run_next_call(run) == NULL);
	sbx_run_free(run);
}

int main(void)
{
	test_order();
	test_concurrency();
	test_failures();
	test_edges();
	group_end();
	return all_failures != 0;
}
