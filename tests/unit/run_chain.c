/*
 * A chain of three functions that suspends in the innermost: resuming, results, tracebacks across the suspension,
 * failed and cancelled calls, wrong answers.
 *
 *     def leaf(x):                      # line 1
 *         return work(x, 0.5) + 1       # line 2
 *     def middle(x):                    # line 4
 *         return leaf(x) + leaf(x * 2)  # line 5
 *     def main(n):                      # line 7
 *         return middle(n)              # line 8
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_machines.h"

static const char *const pieces[] = {
	"def leaf(x):\n",
	"    return work(x, 0.5) + 1\n",
	"\n",
	"def middle(x):\n",
	"    return leaf(x) + leaf(x * 2)\n",
	"\n",
	"def main(n):\n",
	"    return middle(n)\n",
};
static const sbx_gen_param params_work[] = {PARAM("x", &type_int), PARAM("y", &type_float)};
static const sbx_gen_param params_x[] = {PARAM("x", NULL)};
static const sbx_gen_param params_n[] = {PARAM("n", &type_int)};
TASK(task_work, "work", params_work, &type_int);

struct frame_leaf {
	sbx_gen_frame base;
};
static const sbx_gen_site leaf_sites[] = {{2, 11, 23, NULL, 0}, {2, 11, 27, NULL, 0}};
static const sbx_gen_function info_leaf;

static sbx_value leaf(sbx_run *run, struct frame_leaf *f, sbx_value x)
{
	sbx_value t0, t1;
	uint32_t site;
	if (f)
		goto resume_1;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	/* an int where the task declares float */
	if (sbx_gen_task_begin(run, &task_work, 0, (sbx_value[]){x, sbx_gen_int(2)})) {
		site = 0;
		goto fail;
	}
	if (!f && !(f = (struct frame_leaf *)sbx_gen_frame_make(run, &info_leaf))) {
		site = 0;
		goto fail;
	}
	return sbx_gen_link(run, &f->base, 1, 0);
resume_1:
	t0 = run->value;
	t1 = sbx_gen_add(run, t0, sbx_gen_int(1));
	if (t1.tag == 0) {
		site = 1;
		goto fail;
	}
	sbx_gen_drop(run, t0);
	sbx_gen_leave(run);
	return t1;
fail:
	return sbx_gen_unwind(run, &info_leaf, site);
}
static sbx_value leaf_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return leaf(run, (struct frame_leaf *)frame, SBX_GEN_ERROR);
}
static sbx_value leaf_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return leaf(run, NULL, args[0]);
}
FUNCTION(info_leaf, "leaf", params_x, 1, leaf_call, leaf_resume, sizeof(struct frame_leaf), "",
		 leaf_sites);

struct frame_middle {
	sbx_gen_frame base;
	sbx_value x, first;
};
static const sbx_gen_site middle_sites[] = {
	{5, 11, 18, NULL, 0}, {5, 21, 32, NULL, 0}, {5, 11, 32, NULL, 0}};
static const sbx_gen_function info_middle;

static sbx_value middle(sbx_run *run, struct frame_middle *f, sbx_value x)
{
	sbx_value first, second, sum;
	uint32_t site;
	if (f) {
		switch (f->base.state) {
		case 1:
			goto resume_1;
		case 2:
			goto resume_2;
		default:
			break;
		}
	}
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	first = leaf(run, NULL, sbx_gen_copy(x));
	if (first.tag == SBX_KIND_SUSPEND)
		goto suspend_1;
	if (first.tag == 0) {
		site = 0;
		goto fail;
	}
go_1:
	second = sbx_gen_mul(run, x, sbx_gen_int(2));
	if (second.tag == 0) {
		site = 1;
		goto fail;
	}
	second = leaf(run, NULL, second);
	if (second.tag == SBX_KIND_SUSPEND)
		goto suspend_2;
	if (second.tag == 0) {
		site = 1;
		goto fail;
	}
go_2:
	sum = sbx_gen_add(run, first, second);
	if (sum.tag == 0) {
		site = 2;
		goto fail;
	}
	sbx_gen_leave(run);
	return sum;
suspend_1:
	if (!f && !(f = (struct frame_middle *)sbx_gen_frame_make(run, &info_middle))) {
		site = 0;
		goto fail;
	}
	f->x = x;
	return sbx_gen_link(run, &f->base, 1, 0);
resume_1:
	x = f->x;
	first = run->value;
	goto go_1;
suspend_2:
	if (!f && !(f = (struct frame_middle *)sbx_gen_frame_make(run, &info_middle))) {
		site = 1;
		goto fail;
	}
	f->first = first;
	return sbx_gen_link(run, &f->base, 2, 1);
resume_2:
	first = f->first;
	second = run->value;
	goto go_2;
fail:
	return sbx_gen_unwind(run, &info_middle, site);
}
static sbx_value middle_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return middle(run, (struct frame_middle *)frame, SBX_GEN_ERROR);
}
static sbx_value middle_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return middle(run, NULL, args[0]);
}
FUNCTION(info_middle, "middle", params_x, 1, middle_call, middle_resume,
		 sizeof(struct frame_middle), "vv", middle_sites);

struct frame_main {
	sbx_gen_frame base;
};
static const sbx_gen_site main_sites[] = {{8, 11, 20, NULL, 0}};
static const sbx_gen_function info_main;

static sbx_value main_function(sbx_run *run, struct frame_main *f, sbx_value n)
{
	sbx_value v;
	if (f) {
		v = run->value;
		goto go_1;
	}
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	v = middle(run, NULL, n);
	if (v.tag == SBX_KIND_SUSPEND) {
		if (!(f = (struct frame_main *)sbx_gen_frame_make(run, &info_main)))
			goto fail;
		return sbx_gen_link(run, &f->base, 1, 0);
	}
	if (v.tag == 0)
		goto fail;
go_1:
	sbx_gen_leave(run);
	return v;
fail:
	return sbx_gen_unwind(run, &info_main, 0);
}
static sbx_value main_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return main_function(run, (struct frame_main *)frame, SBX_GEN_ERROR);
}
static sbx_value main_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return main_function(run, NULL, args[0]);
}
FUNCTION(info_main, "main", params_n, 1, main_call, main_resume, sizeof(struct frame_main), "",
		 main_sites);
ENTRY(entry_main, "main", info_main, params_n, 1, &type_int);
PROGRAM(pieces, &entry_main);

/* A run that waits in its first call. */
static sbx_run *suspended(const sbx_call **call)
{
	sbx_value n = sbx_int(5);
	sbx_run *run = open_run(&entry_main, &n, 1);
	CHECK(sbx_run_status(run) == SBX_RUNNING);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	*call = sbx_run_next_call(run);
	CHECK(*call != NULL);
	return run;
}

static void test_result(void)
{
	const sbx_call *call;
	sbx_run *run;
	sbx_task_info info = {.size = sizeof info};
	group("run_chain/result");
	run = suspended(&call);
	CHECK(sbx_call_id(call) == 1 && sbx_call_run(call) == run);
	CHECK(sbx_run_has_call(run, 1) && !sbx_run_has_call(run, 2));
	SAME(sbx_call_task_name(call), "test.work");
	SAME(sbx_call_arg_name(call, 1), "y");
	CHECK(sbx_call_arg_count(call) == 2 && int_of(sbx_call_arg(call, 0)) == 5);
	CHECK(sbx_kind(sbx_call_arg(call, 1)) == SBX_FLOAT &&
		  sbx_get_float(sbx_call_arg(call, 1)) == 2.0);
	CHECK(sbx_kind(sbx_call_arg(call, 2)) == SBX_INVALID && sbx_call_arg_name(call, 2) == NULL);
	CHECK(sbx_type_kind_of(sbx_call_arg_type(call, 1)) == SBX_FLOAT);
	CHECK(sbx_type_kind_of(sbx_call_result_type(call)) == SBX_INT);
	sbx_call_task(call, &info);
	SAME(info.function, "work");
	CHECK(sbx_run_next_call(run) == NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING); /* nothing has been answered */
	CHECK(sbx_run_answer(run, 7, sbx_int(1)) == SBX_E_NO_CALL);
	CHECK(sbx_run_answer(run, 1, sbx_int(10)) == SBX_DONE);
	CHECK(sbx_run_answer(run, 1, sbx_int(10)) == SBX_E_NO_CALL);
	CHECK(sbx_run_status(run) == SBX_RUNNING && sbx_run_step(run) == SBX_WAITING);
	call = sbx_run_next_call(run);
	CHECK(call && sbx_call_id(call) == 2 && int_of(sbx_call_arg(call, 0)) == 10);
	CHECK(sbx_run_answer(run, 2, sbx_int(20)) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_DONE && int_of(sbx_run_result(run)) == 32);
	CHECK(sbx_run_step(run) == SBX_DONE && sbx_run_status(run) == SBX_DONE);
	SAME(sbx_run_error_text(run), "");
	sbx_run_free(run);
}

static void test_task_failure(void)
{
	const sbx_call *call;
	sbx_run *run;
	group("run_chain/task failure");
	run = suspended(&call);
	CHECK(sbx_run_answer(run, 1, sbx_int(1)) == SBX_DONE && sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_fail(
			  run, 2, "ValueError", "negative input: -1",
			  "Traceback (most recent call last):\n  File \"tasks.py\", line 3, in work\n    raise "
			  "ValueError(m)\nValueError: negative input: -1\n") == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED && sbx_run_step(run) == SBX_E_RAISED);
	CHECK(sbx_run_next_call(run) == NULL && sbx_kind(sbx_run_result(run)) == SBX_INVALID);
	SAME(sbx_run_error_type(run), "ValueError");
	SAME(sbx_run_error_text(run), "ValueError: negative input: -1");
	SAME(sbx_run_traceback(run),
		 "Traceback (most recent call last):\n  File \"tasks.py\", line 3, in work\n    raise "
		 "ValueError(m)\n"
		 "ValueError: negative input: -1\n"
		 "\nThe above exception was the direct cause of the following exception:\n\n"
		 "Traceback (most recent call last):\n"
		 "  File \"pipeline.py\", line 8, in main\n    return middle(n)\n           ^^^^^^^^^\n"
		 "  File \"pipeline.py\", line 5, in middle\n    return leaf(x) + leaf(x * 2)\n            "
		 "         ^^^^^^^^^^^\n"
		 "  File \"pipeline.py\", line 2, in leaf\n    return work(x, 0.5) + 1\n           "
		 "^^^^^^^^^^^^\n"
		 "ValueError: negative input: -1\n");
	CHECK(sbx_run_cancel(run) == SBX_E_STATE);
	sbx_run_free(run);

	run = suspended(&call);
	CHECK(sbx_run_fail(run, 1, "tasks.MyError", "odd", NULL) == SBX_DONE &&
		  sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "tasks.MyError: odd");
	SAME(sbx_run_error_type(run), "tasks.MyError");
	sbx_run_free(run);

	run = suspended(&call);
	CHECK(sbx_run_fail(run, 1, "KeyError", "'name'", NULL) == SBX_DONE &&
		  sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "KeyError: 'name'");
	sbx_run_free(run);
}

static void test_wrong_answers(void)
{
	const sbx_call *call;
	sbx_run *run;
	sbx_heap *heap;
	group("run_chain/wrong answers");
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE);
	run = suspended(&call);
	CHECK(sbx_run_answer(run, 1, sbx_str_make(heap, "ten", 3)) == SBX_E_TYPE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "TypeError: work() result: expected int, got str");
	sbx_run_free(run);
	run = suspended(&call);
	CHECK(sbx_run_answer_json(run, 1, "{", 1) == SBX_E_SYNTAX &&
		  sbx_run_status(run) == SBX_WAITING);
	CHECK(sbx_run_answer_json(run, 1, "10", 2) == SBX_DONE && sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_answer_json(run, 2, "\"x\"", 3) == SBX_E_TYPE &&
		  sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "TypeError: work() result: expected int, got str");
	sbx_run_free(run);
	/* The answer is an int of any size, and lives in the run afterwards. */
	run = suspended(&call);
	CHECK(sbx_run_answer_json(run, 1, "100000000000000000000", 21) == SBX_DONE &&
		  sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_answer(run, 2, sbx_int_from_text(heap, "-100000000000000000000", 22)) ==
		  SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_DONE && int_of(sbx_run_result(run)) == 2);
	sbx_run_free(run);
	run = suspended(&call);
	CHECK(sbx_run_answer(run, 1, (sbx_value){0, {0}}) == SBX_E_ARGUMENT &&
		  sbx_run_status(run) == SBX_WAITING);
	CHECK(sbx_run_cancel(run) == SBX_DONE && sbx_run_status(run) == SBX_E_CANCELLED);
	CHECK(sbx_run_step(run) == SBX_E_CANCELLED &&
		  sbx_run_answer(run, 1, sbx_int(1)) == SBX_E_NO_CALL);
	SAME(sbx_run_error_text(run), "cancelled");
	sbx_run_free(run);
	sbx_heap_close(heap);
}

static void test_inputs(void)
{
	sbx_run *run;
	sbx_value n = sbx_float(1.5), many[2] = {{0, {0}}};
	group("run_chain/inputs");
	CHECK(sbx_run_open(&entry_main, &n, 1, NULL, &run) == SBX_E_INPUT && run);
	SAME(sbx_run_error_text(run), "input 'n': expected int, got float");
	CHECK(sbx_run_step(run) == SBX_E_INPUT && sbx_run_status(run) == SBX_E_INPUT);
	sbx_run_free(run);
	CHECK(sbx_run_open(&entry_main, NULL, 0, NULL, &run) == SBX_E_INPUT);
	SAME(sbx_run_error_text(run), "missing input 'n'");
	sbx_run_free(run);
	CHECK(sbx_run_open(&entry_main, many, 2, NULL, &run) == SBX_E_ARGUMENT && !run);
	CHECK(sbx_run_open_json(&entry_main, "{\"m\": 1, \"k\": []}", 17, NULL, &run) == SBX_E_INPUT);
	SAME(sbx_run_error_text(run), "missing input 'n'\nunknown input 'm'\nunknown input 'k'");
	sbx_run_free(run);
	CHECK(sbx_run_open_json(&entry_main, "[1]", 3, NULL, &run) == SBX_E_INPUT);
	SAME(sbx_run_error_text(run), "the inputs are not a JSON object");
	sbx_run_free(run);
	CHECK(sbx_run_open_json(&entry_main, "{\"n\": 5}", 8, NULL, &run) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	sbx_run_free(run); /* in the middle */
	CHECK(sbx_entry_input_count(&entry_main) == 1 && sbx_entry_input_required(&entry_main, 0));
	SAME(sbx_entry_input_name(&entry_main, 0), "n");
	SAME(sbx_entry_full_name(&entry_main), "test.main");
	sbx_run_free(NULL);
}

int main(void)
{
	test_result();
	test_task_failure();
	test_wrong_answers();
	test_inputs();
	group_end();
	return all_failures != 0;
}
