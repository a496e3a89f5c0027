/*
 * Programs in the form that sbxc emits, made by hand: a loop with a task call, and the seeds' pipeline.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sbx_gen.h"

#include "bench_machines.h"

static const sbx_gen_type type_int = {SBX_INT, 0, NULL};
static const sbx_gen_type type_str = {SBX_STR, 0, NULL};
static const sbx_gen_type *const arguments_dict[] = {&type_str, &type_int};
static const sbx_gen_type type_dict = {SBX_DICT, 2, arguments_dict};

static const char *const pieces[] = {"# made by hand\n"};
static const sbx_gen_source sources[] = {{"pipeline.py", pieces, 1, 15}};
static const sbx_gen_program program;

static const sbx_gen_param params_n[] = {{"n", &type_int, SBX_PARAM_NORMAL, 0}};
static const sbx_gen_param params_xy[] = {
	{"x", &type_int, SBX_PARAM_NORMAL, 0},
	{"y", &type_int, SBX_PARAM_NORMAL, 0},
};
static const sbx_gen_task task_fib = {.name = "demo.fib",
                                      .function = "fib",
                                      .module = "",
                                      .params = params_n,
                                      .param_count = 1,
                                      .result = &type_int,
                                      .program = &program};
static const sbx_gen_task task_add = {.name = "demo.add",
                                      .function = "add",
                                      .module = "",
                                      .params = params_xy,
                                      .param_count = 2,
                                      .result = &type_int,
                                      .program = &program};
static const sbx_gen_task task_multiply = {.name = "demo.multiply",
                                           .function = "multiply",
                                           .module = "",
                                           .params = params_xy,
                                           .param_count = 2,
                                           .result = &type_int,
                                           .program = &program};
static const sbx_gen_site sites[] = {{1, 4, 10, NULL, 0}};

/* ---- loop ---- */

struct frame_loop {
	sbx_gen_frame base;
	sbx_value total;
	int64_t i, n;
};
static const sbx_gen_function info_loop;

static sbx_value loop(sbx_run *run, struct frame_loop *f, sbx_value bound)
{
	sbx_value total, t0;
	int64_t i, n;
	uint32_t turns = SBX_GEN_TURNS;
	int status = 0;
	uint32_t site;

	if (f) {
		switch (f->base.state) {
		case 1:
			goto resume_1;
		default:
			break;
		}
	}
	if (SBX_GEN_UNLIKELY(sbx_gen_enter(run)))
		return SBX_GEN_ERROR;
	total = sbx_gen_int(0);
	n = sbx_gen_range_bound(run, bound, &status);
	if (SBX_GEN_UNLIKELY(status < 0))
		goto fail_0;
	i = 0;
for_head:;
	if (!(i < n))
		goto for_end;
	if (SBX_GEN_UNLIKELY(sbx_gen_turn(run, &turns) < 0))
		goto fail_0;
	if (SBX_GEN_UNLIKELY(sbx_gen_task_begin(run, &task_fib, 0, (sbx_value[]){sbx_gen_int(i)})))
		goto fail_0;
	if (!f && !(f = (struct frame_loop *)sbx_gen_frame_make(run, &info_loop)))
		goto fail_0;
	f->total = total;
	f->i = i;
	f->n = n;
	sbx_gen_turns_end(run, turns);
	return sbx_gen_link(run, &f->base, 1, 0);
resume_1:
	total = f->total;
	i = f->i;
	n = f->n;
	t0 = run->value;
	total = sbx_gen_int_add(run, total, t0);
	if (SBX_GEN_UNLIKELY(total.tag == 0))
		goto fail_0;
	i = i + 1;
	goto for_head;
for_end:;
	sbx_gen_turns_end(run, turns);
	sbx_gen_leave(run);
	return total;
fail_0:
	site = 0;
	return sbx_gen_unwind(run, &info_loop, site);
}

static sbx_value resume_loop(sbx_run *run, sbx_gen_frame *frame)
{
	return loop(run, (struct frame_loop *)frame, SBX_GEN_ERROR);
}
static sbx_value call_loop(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return loop(run, NULL, args[0]);
}
static const sbx_gen_function info_loop = {
	.name = "loop",
	.qualified = "loop",
	.call = call_loop,
	.resume = resume_loop,
	.params = params_n,
	.sites = sites,
	.slots = (const uint8_t *)"vii",
	.frame_size = sizeof(struct frame_loop),
	.site_count = 1,
	.param_count = 1,
	.slot_count = 3,
};

/* ---- the seeds' pipeline ---- */

#define KEY(name, text, length, hash) \
	static const struct { \
		sbx_gen_str str; \
		uint8_t units[length + 1]; \
	} name = {{{0, 1}, -1, length}, text}
KEY(key_fib, "fib", 3, 0);
KEY(key_linear, "linear", 6, 0);
KEY(key_total, "total", 5, 0);

struct frame_pipeline {
	sbx_gen_frame base;
	sbx_value n, fib_result, linear_result;
};
static const sbx_gen_function info_pipeline;

static sbx_value pipeline(sbx_run *run, struct frame_pipeline *f, sbx_value n)
{
	sbx_value fib_result, linear_result, total, t0;
	uint32_t site;

	if (f) {
		switch (f->base.state) {
		case 1:
			goto resume_1;
		case 2:
			goto resume_2;
		case 3:
			goto resume_3;
		case 4:
			goto resume_4;
		default:
			break;
		}
	}
	if (SBX_GEN_UNLIKELY(sbx_gen_enter(run)))
		return SBX_GEN_ERROR;
	if (SBX_GEN_UNLIKELY(sbx_gen_task_begin(run, &task_fib, 0, (sbx_value[]){sbx_gen_copy(n)})))
		goto fail_0;
	if (!f && !(f = (struct frame_pipeline *)sbx_gen_frame_make(run, &info_pipeline)))
		goto fail_0;
	f->n = n;
	return sbx_gen_link(run, &f->base, 1, 0);
resume_1:
	n = f->n;
	fib_result = run->value;
	if (SBX_GEN_UNLIKELY(sbx_gen_task_begin(run, &task_multiply, 0, (sbx_value[]){n, sbx_gen_int(2)})))
		goto fail_0;
	f->fib_result = fib_result;
	return sbx_gen_link(run, &f->base, 2, 0);
resume_2:
	fib_result = f->fib_result;
	t0 = run->value;
	if (SBX_GEN_UNLIKELY(sbx_gen_task_begin(run, &task_add, 0, (sbx_value[]){t0, sbx_gen_int(5)})))
		goto fail_0;
	f->fib_result = fib_result;
	return sbx_gen_link(run, &f->base, 3, 0);
resume_3:
	fib_result = f->fib_result;
	linear_result = run->value;
	if (SBX_GEN_UNLIKELY(sbx_gen_task_begin(
			run, &task_add, 0, (sbx_value[]){sbx_gen_copy(fib_result), sbx_gen_copy(linear_result)})))
		goto fail_0;
	f->fib_result = fib_result;
	f->linear_result = linear_result;
	return sbx_gen_link(run, &f->base, 4, 0);
resume_4:
	fib_result = f->fib_result;
	linear_result = f->linear_result;
	total = run->value;
	t0 = sbx_gen_dict_make(run, 3,
	                       (sbx_value[]){sbx_gen_object(SBX_KIND_STR, &key_fib), fib_result,
	                                     sbx_gen_object(SBX_KIND_STR, &key_linear), linear_result,
	                                     sbx_gen_object(SBX_KIND_STR, &key_total), total});
	if (SBX_GEN_UNLIKELY(t0.tag == 0))
		goto fail_0;
	sbx_gen_leave(run);
	return t0;
fail_0:
	site = 0;
	return sbx_gen_unwind(run, &info_pipeline, site);
}

static sbx_value resume_pipeline(sbx_run *run, sbx_gen_frame *frame)
{
	return pipeline(run, (struct frame_pipeline *)frame, SBX_GEN_ERROR);
}
static sbx_value call_pipeline(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return pipeline(run, NULL, args[0]);
}
static const sbx_gen_function info_pipeline = {
	.name = "pipeline",
	.qualified = "pipeline",
	.call = call_pipeline,
	.resume = resume_pipeline,
	.params = params_n,
	.sites = sites,
	.slots = (const uint8_t *)"vvv",
	.frame_size = sizeof(struct frame_pipeline),
	.site_count = 1,
	.param_count = 1,
	.slot_count = 3,
};

/* ---- entries ---- */

const sbx_entry bench_loop = {
	.name = "loop",
	.full_name = "demo.loop",
	.program = &program,
	.main = &info_loop,
	.inputs = params_n,
	.input_count = 1,
	.result = &type_int,
	.max_memory = 50u << 20,
	.max_depth = 256,
	.timeout_ms = 30000,
};
const sbx_entry bench_pipeline = {
	.name = "pipeline",
	.full_name = "demo.pipeline",
	.program = &program,
	.main = &info_pipeline,
	.inputs = params_n,
	.input_count = 1,
	.result = &type_dict,
	.max_memory = 50u << 20,
	.max_depth = 256,
	.timeout_ms = 30000,
};
static const sbx_entry *const entries[] = {&bench_loop, &bench_pipeline};
static const sbx_gen_program program = {
	.abi = SBX_ABI,
	.compiler = "by hand",
	.module = "pipeline",
	.sources = sources,
	.source_count = 1,
	.entries = entries,
	.entry_count = 2,
};
