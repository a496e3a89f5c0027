/*
 * For the tests of the dispatcher: programs of a task call or a flyte_map, and a backend and a clock made by hand.
 *
 *     def one(n): n task calls, one after another
 *     def many(n): flyte_map("work", range(n), return_exceptions=False)
 *     def batch(n): one call of a task of the type "batch"
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUN_FAKE_H
#define RUN_FAKE_H

#include "runtime/runs/run.h"

#include "run_machines.h"

static const char *const pieces[] = {"work(n)\n"};
static const sbx_gen_site sites[] = {{1, 0, 7, NULL, 0}};
static const sbx_gen_param params_x[] = {PARAM("x", &type_int)};
static const sbx_gen_task task_work = {.name = "test.work",
									   .function = "work",
									   .module = "",
									   .params = params_x,
									   .param_count = 1,
									   .result = &type_int,
									   .retries = 2,
									   .timeout_ms = 1000,
									   .program = &program};
static const sbx_gen_task task_batch = {.name = "test.batch",
										.function = "batch",
										.module = "",
										.params = params_x,
										.param_count = 1,
										.result = &type_int,
										.task_type = "batch",
										.program = &program};

struct frame_one {
	sbx_gen_frame base;
	int64_t left;
};
static const sbx_gen_function info_one, info_many, info_batch;

static sbx_value one(sbx_run *run, struct frame_one *f, int64_t left)
{
	if (f)
		left = f->left;
	else if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	if (left == 0) {
		sbx_gen_leave(run);
		return f ? run->value : SBX_GEN_NONE;
	}
	if (sbx_gen_task_begin(run, &task_work, 0, (sbx_value[]){sbx_gen_int(left)}))
		return sbx_gen_unwind(run, &info_one, 0);
	if (!f && !(f = (struct frame_one *)sbx_gen_frame_make(run, &info_one)))
		return sbx_gen_unwind(run, &info_one, 0);
	f->left = left - 1;
	return sbx_gen_link(run, &f->base, 1, 0);
}
static sbx_value one_resume(sbx_run *run, sbx_gen_frame *frame)
{
	return one(run, (struct frame_one *)frame, 0);
}
static sbx_value one_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return one(run, NULL, args[0].u.i);
}
FUNCTION(info_one, "one", params_x, 1, one_call, one_resume, sizeof(struct frame_one), "i", sites);
ENTRY(entry_one, "one", info_one, params_x, 1, NULL);

/* Begins flyte_map("work", range(n)) in the function that `info` tells of, and suspends it. */
static sbx_value map_work(sbx_run *run, const sbx_gen_function *info, int64_t n,
						  sbx_value concurrency, bool return_exceptions)
{
	sbx_value list, tuple;
	sbx_gen_frame *f;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	list = sbx_gen_list_make(run, 0, NULL);
	for (int64_t i = 0; i < n; i++)
		if (sbx_gen_list_append(run, list, sbx_gen_int(i)))
			return SBX_GEN_ERROR;
	tuple = sbx_gen_tuple_make(run, 1, &list);
	if (sbx_gen_map_begin(run, &task_work, 0, tuple, concurrency, SBX_GEN_NONE,
						  sbx_gen_bool(return_exceptions)))
		return sbx_gen_unwind(run, info, 0);
	sbx_gen_drop(run, tuple);
	f = sbx_gen_frame_make(run, info);
	return f ? sbx_gen_link(run, f, 1, 0) : SBX_GEN_ERROR;
}
static sbx_value many_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return map_work(run, &info_many, args[0].u.i, SBX_GEN_NONE, false);
}
static sbx_value give_value(sbx_run *run, sbx_gen_frame *f)
{
	(void)f;
	sbx_gen_leave(run);
	return run->value;
}
FUNCTION(info_many, "many", params_x, 1, many_call, give_value, sizeof(sbx_gen_frame), "", sites);
ENTRY(entry_many, "many", info_many, params_x, 1, NULL);

static sbx_value batch_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	sbx_gen_frame *f;
	(void)self;
	if (sbx_gen_enter(run) || sbx_gen_task_begin(run, &task_batch, 0, (sbx_value[]){args[0]}))
		return SBX_GEN_ERROR;
	f = sbx_gen_frame_make(run, &info_batch);
	return f ? sbx_gen_link(run, f, 1, 0) : SBX_GEN_ERROR;
}
FUNCTION(info_batch, "batch", params_x, 1, batch_call, give_value, sizeof(sbx_gen_frame), "",
		 sites);
ENTRY(entry_batch, "batch", info_batch, params_x, 1, NULL);
PROGRAM(pieces, &entry_one, &entry_many, &entry_batch);

/* ---- the backend: keeps attempts, reports when the test says so ---- */

enum { KEEP, AT_ONCE, START_FAILS, START_UNAVAILABLE };

typedef struct Fake {
	sbx_attempt *attempts[4096];
	int count;
	int mode;
	int starts, cancels, closes, most;
	int left;     /* cancelled, for another process to go on with */
	int says_why; /* START_UNAVAILABLE */
	int ended;    /* runs that were told to have ended, and freed */
	sbx_status poll_status;
	int64_t now;
	char log[4096];
} Fake;

static void note(Fake *fake, const char *word, uint64_t id)
{
	size_t used = strlen(fake->log);
	if (used > sizeof fake->log - 100)
		return;
	snprintf(fake->log + used, sizeof fake->log - used, "%s%s%llu", used ? " " : "", word,
			 (unsigned long long)id);
}
static sbx_status fake_start(void *context, sbx_attempt *attempt)
{
	Fake *fake = context;
	fake->starts++;
	if (fake->mode == START_FAILS)
		return SBX_E_BACKEND;
	if (fake->mode == START_UNAVAILABLE) {
		if (fake->says_why)
			sbx_attempt_fail(attempt, "RuntimeError", "no engine", NULL);
		return SBX_E_UNAVAILABLE;
	}
	if (fake->mode == AT_ONCE) {
		sbx_attempt_answer(attempt, sbx_int(1));
		return SBX_DONE;
	}
	fake->attempts[fake->count++] = attempt;
	if (fake->count > fake->most)
		fake->most = fake->count;
	return SBX_DONE;
}
static sbx_status fake_poll(void *context)
{
	return ((Fake *)context)->poll_status;
}
static inline sbx_attempt *taken(Fake *fake, int index)
{
	sbx_attempt *attempt = fake->attempts[index];
	memmove(fake->attempts + index, fake->attempts + index + 1,
			(size_t)(--fake->count - index) * sizeof attempt);
	return attempt;
}
static void fake_cancel(void *context, sbx_attempt *attempt)
{
	Fake *fake = context;
	for (int i = 0; i < fake->count; i++)
		if (fake->attempts[i] == attempt)
			taken(fake, i--);
	fake->cancels++;
	fake->left += attempt->is_left;
}
static void fake_close(void *context)
{
	((Fake *)context)->closes++;
}
static int64_t fake_now(void *context)
{
	return ((Fake *)context)->now;
}
static void fake_event(void *context, const sbx_attempt *attempt, const char *what,
					   const char *detail)
{
	(void)detail;
	note(context, what, sbx_call_id(attempt->call));
}

/* ---- a recorder that writes a word of all that it is told into a Fake's log ---- */

static inline int fake_handed_out(void *context, const sbx_call *call)
{
	(void)context;
	(void)call;
	return 0;
}
static inline sbx_status fake_finished(void *context, const sbx_attempt *attempt, sbx_value result,
									   const char *type, const char *text, const char *traceback)
{
	(void)result;
	(void)type;
	(void)text;
	(void)traceback;
	note(context, "finished", sbx_call_id(attempt->call));
	return SBX_DONE;
}
static inline sbx_status fake_end(void *context, sbx_run *run)
{
	(void)run;
	note(context, "end", 0);
	return SBX_DONE;
}
static inline sbx_status fake_commit(void *context)
{
	note(context, "commit", 0);
	return SBX_DONE;
}
static inline sbx_recorder recorder_of(Fake *record)
{
	return (sbx_recorder){.size = sizeof(sbx_recorder),
						  .context = record,
						  .handed_out = fake_handed_out,
						  .finished = fake_finished,
						  .ended = fake_end,
						  .commit = fake_commit};
}

static sbx_dispatcher *dispatcher_with(Fake *fake, sbx_dispatcher_options options)
{
	sbx_backend backend = {sizeof backend, fake, fake_start, fake_poll,
						   fake_cancel,    NULL, NULL,       fake_close};
	sbx_dispatcher *dispatcher = NULL;
	options.size = sizeof options;
	options.now_ms = fake_now;
	options.event = fake_event;
	options.context = fake;
	CHECK(sbx_dispatcher_open(&options, &dispatcher) == SBX_DONE);
	CHECK(sbx_dispatcher_route(dispatcher, NULL, &backend) == SBX_DONE);
	CHECK(sbx_dispatcher_route(dispatcher, NULL, &backend) == SBX_E_STATE);
	return dispatcher;
}
static inline sbx_dispatcher *dispatcher_of(Fake *fake, uint32_t concurrency)
{
	return dispatcher_with(fake, (sbx_dispatcher_options){.max_concurrency = concurrency});
}

static inline sbx_run *added(sbx_dispatcher *dispatcher, const sbx_entry *entry, int64_t n)
{
	sbx_value input = sbx_int(n);
	sbx_run *run = open_run(entry, &input, 1);
	CHECK(sbx_dispatcher_add(dispatcher, run) == SBX_DONE);
	return run;
}

#endif
