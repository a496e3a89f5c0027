/*
 * Generators of the program: resumed directly, suspended in their body, dropped in the middle.
 *
 *     def main(n):                                # line 1
 *         total = 0
 *         for v in (work(i) for i in range(n)):   # line 3
 *             total = total + v
 *         return total
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/runs/run.h"

#include "run_machines.h"

static const char *const pieces[] = {"def main(n):\n", "    total = 0\n",
									 "    for v in (work(i) for i in range(n)):\n"};
static const sbx_gen_param params_work[] = {PARAM("x", &type_int)};
static const sbx_gen_param params_n[] = {PARAM("n", &type_int)};
TASK(task_work, "work", params_work, &type_int);

/* ---- the generator: even items come from the task, odd ones at once ---- */

struct frame_items {
	sbx_gen_frame base;
	sbx_value self, n;
	int64_t i;
};
static const sbx_gen_site items_sites[] = {{3, 14, 21, NULL, 0}};
static const sbx_gen_function info_items;

static sbx_value items_resume(sbx_run *run, sbx_gen_frame *frame)
{
	struct frame_items *f = (struct frame_items *)frame;
	sbx_value item;
	int64_t i = 0;
	switch (f->base.state) {
	case 1:
		item = run->value;
		i = f->i;
		goto yield;
	case 2:
		i = f->i + 1;
		break;
	default:
		break;
	}
	if (i >= f->n.u.i) {
		sbx_gen_leave(run);
		return SBX_GEN_DONE;
	}
	f->i = i;
	if (i % 2 == 0) {
		if (sbx_gen_task_begin(run, &task_work, 0, (sbx_value[]){sbx_gen_int(i)}))
			return sbx_gen_unwind(run, &info_items, 0);
		return sbx_gen_link(run, &f->base, 1, 0);
	}
	item = sbx_gen_int(i);
yield:
	f->i = i;
	sbx_gen_leave(run);
	f->base.state = 2;
	f->base.site = 0;
	return item;
}
static const sbx_gen_function info_items = {.name = "<genexpr>",
											.qualified = "main.<locals>.<genexpr>",
											.resume = items_resume,
											.params = params_n,
											.param_count = 1,
											.sites = items_sites,
											.site_count = 1,
											.slots = (const uint8_t *)"vvi",
											.slot_count = 3,
											.frame_size = sizeof(struct frame_items),
											.flags = SBX_FUNCTION_GENERATOR};

/* ---- its consumer ---- */

struct frame_main {
	sbx_gen_frame base;
	sbx_value total, items;
};
static const sbx_gen_site main_sites[] = {{3, 13, 40, NULL, 0}};
static const sbx_gen_function info_main;

static sbx_value main_function(sbx_run *run, struct frame_main *f, sbx_value n)
{
	sbx_value total, items, v;
	if (f) {
		total = f->total;
		items = f->items;
		v = run->value;
		goto go_1;
	}
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	total = sbx_gen_int(0);
	items = sbx_gen_generator_make(run, &info_items, SBX_GEN_ERROR, 1, &n);
	if (!items.tag)
		goto fail;
next:
	v = sbx_gen_next(run, items);
	if (v.tag == SBX_KIND_SUSPEND) {
		if (!f && !(f = (struct frame_main *)sbx_gen_frame_make(run, &info_main)))
			goto fail;
		f->total = total;
		f->items = items;
		return sbx_gen_link(run, &f->base, 1, 0);
	}
go_1:
	if (!v.tag)
		goto fail;
	if (v.tag == SBX_KIND_DONE) {
		sbx_gen_drop(run, items);
		sbx_gen_leave(run);
		return total;
	}
	total = sbx_gen_add(run, total, v);
	if (total.tag)
		goto next;
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
FUNCTION(info_main, "main", params_n, 1, main_call, main_resume, sizeof(struct frame_main), "vv",
		 main_sites);
ENTRY(entry_main, "main", info_main, params_n, 1, &type_int);
PROGRAM(pieces, &entry_main);

static void test_sum(void)
{
	group("run_generators/suspends in its body");
	for (int64_t n = 0; n < 9; n++) {
		sbx_value input = sbx_int(n);
		sbx_run *run = open_run(&entry_main, &input, 1);
		sbx_status status;
		int64_t expected = 0;
		for (int64_t i = 0; i < n; i++)
			expected += i % 2 ? i : 100 * i;
		while ((status = sbx_run_step(run)) == SBX_WAITING) {
			const sbx_call *call = sbx_run_next_call(run);
			if (!CHECK(call) ||
				!CHECK(sbx_run_answer(run, sbx_call_id(call),
									  sbx_int(100 * int_of(sbx_call_arg(call, 0)))) == SBX_DONE))
				break;
		}
		CHECK(status == SBX_DONE && int_of(sbx_run_result(run)) == expected);
		CHECK(run->depth == 0);
		sbx_run_free(run);
	}
}

static void test_failure(void)
{
	sbx_value input = sbx_int(5);
	sbx_run *run;
	group("run_generators/traceback");
	run = open_run(&entry_main, &input, 1);
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run));
	CHECK(sbx_run_answer(run, 1, sbx_int(0)) == SBX_DONE && sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_fail(run, 2, "ValueError", "no", NULL) == SBX_DONE &&
		  sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_traceback(run), "Traceback (most recent call last):\n"
								 "  File \"pipeline.py\", line 3, in main\n"
								 "    for v in (work(i) for i in range(n)):\n"
								 "             ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
								 "  File \"pipeline.py\", line 3, in <genexpr>\n"
								 "    for v in (work(i) for i in range(n)):\n"
								 "              ^^^^^^^\n"
								 "ValueError: no\n");
	sbx_run_free(run);
}

static void test_alone(void)
{
	sbx_value n = sbx_gen_int(4), items, text;
	sbx_value input = sbx_int(1);
	sbx_run *run = open_run(&entry_main, &input, 1);
	group("run_generators/alone");
	run->link = &run->top;
	items = sbx_gen_generator_make(run, &info_items, SBX_GEN_ERROR, 1, &n);
	CHECK(sbx_gen_next(run, items).tag == SBX_KIND_SUSPEND);
	/* A generator that is under way cannot be asked again. */
	CHECK(sbx_gen_next(run, items).tag == 0);
	SAME(sbx_run_error_text(run), "ValueError: generator already executing");
	sbx_gen_drop(run, items);
	/* Never begun: it gives back what it holds. */
	text = sbx_str_make(run, "some text", 9);
	n = sbx_gen_copy(text);
	items = sbx_gen_generator_make(run, &info_items, SBX_GEN_ERROR, 1, &n);
	CHECK(((sbx_gen_head *)text.u.p)->refs == 2);
	sbx_gen_drop(run, items);
	CHECK(((sbx_gen_head *)text.u.p)->refs == 1);
	/* Exhausted once is exhausted for good. */
	n = sbx_gen_int(0);
	items = sbx_gen_generator_make(run, &info_items, SBX_GEN_ERROR, 1, &n);
	CHECK(sbx_gen_next(run, items).tag == SBX_KIND_DONE &&
		  sbx_gen_next(run, items).tag == SBX_KIND_DONE);
	sbx_run_free(run);
}

int main(void)
{
	test_sum();
	test_failure();
	test_alone();
	group_end();
	return all_failures != 0;
}
