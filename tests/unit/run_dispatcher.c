/*
 * The dispatcher with a backend and a clock made by hand: order, concurrency, fairness, retries, timeouts, cancellation,
 * routes, backends that fail.
 *
 *     def one(n): n task calls, one after another
 *     def many(n): flyte_map("work", range(n), return_exceptions=False)
 * SPDX-License-Identifier: Apache-2.0
 */
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

static sbx_value many_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	sbx_value list, tuple;
	sbx_gen_frame *f;
	(void)self;
	if (sbx_gen_enter(run))
		return SBX_GEN_ERROR;
	list = sbx_gen_list_make(run, 0, NULL);
	for (int64_t i = 0; i < args[0].u.i; i++)
		if (sbx_gen_list_append(run, list, sbx_gen_int(i)))
			return SBX_GEN_ERROR;
	tuple = sbx_gen_tuple_make(run, 1, &list);
	if (sbx_gen_map_begin(run, &task_work, 0, tuple, SBX_GEN_NONE, SBX_GEN_NONE, sbx_gen_bool(0)))
		return sbx_gen_unwind(run, &info_many, 0);
	sbx_gen_drop(run, tuple);
	f = sbx_gen_frame_make(run, &info_many);
	return f ? sbx_gen_link(run, f, 1, 0) : SBX_GEN_ERROR;
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
	sbx_attempt *attempts[64];
	int count;
	int mode;
	int starts, cancels, closes, most;
	sbx_status poll_status;
	int64_t now;
	char log[4096];
} Fake;

static void note(Fake *fake, const char *word, uint64_t id)
{
	size_t used = strlen(fake->log);
	snprintf(fake->log + used, sizeof fake->log - used, "%s%s%llu", used ? " " : "", word,
			 (unsigned long long)id);
}
static sbx_status fake_start(void *context, sbx_attempt *attempt)
{
	Fake *fake = context;
	fake->starts++;
	if (fake->mode == START_FAILS)
		return SBX_E_BACKEND;
	if (fake->mode == START_UNAVAILABLE)
		return SBX_E_UNAVAILABLE;
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
static sbx_attempt *taken(Fake *fake, int index)
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

static sbx_dispatcher *dispatcher_of(Fake *fake, uint32_t concurrency)
{
	sbx_dispatcher_options options = {.size = sizeof options,
									  .max_concurrency = concurrency,
									  .now_ms = fake_now,
									  .event = fake_event,
									  .context = fake};
	sbx_backend backend = {sizeof backend, fake, fake_start, fake_poll,
						   fake_cancel,    NULL, NULL,       fake_close};
	sbx_dispatcher *dispatcher = NULL;
	CHECK(sbx_dispatcher_open(&options, &dispatcher) == SBX_DONE);
	CHECK(sbx_dispatcher_route(dispatcher, NULL, &backend) == SBX_DONE);
	CHECK(sbx_dispatcher_route(dispatcher, NULL, &backend) == SBX_E_STATE);
	return dispatcher;
}

static sbx_run *added(sbx_dispatcher *dispatcher, const sbx_entry *entry, int64_t n)
{
	sbx_value input = sbx_int(n);
	sbx_run *run = open_run(entry, &input, 1);
	CHECK(sbx_dispatcher_add(dispatcher, run) == SBX_DONE);
	return run;
}

static void test_sequence(void)
{
	Fake fake = {.mode = AT_ONCE};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_run *run = added(dispatcher, &entry_one, 5), *second;
	group("run_dispatcher/answers at once");
	CHECK(sbx_dispatcher_add(dispatcher, run) == SBX_E_STATE);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 0);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_DONE &&
		  fake.starts == 5);
	sbx_run_free(run);
	run = added(dispatcher, &entry_one, 0); /* ends without a call */
	CHECK(sbx_run_status(run) == SBX_DONE && sbx_dispatcher_poll(dispatcher) == SBX_DONE);
	sbx_run_free(run);
	/* A poll does a bounded amount of work. */
	run = added(dispatcher, &entry_one, 10000);
	second = added(dispatcher, &entry_one, 3);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING &&
		  sbx_dispatcher_timeout(dispatcher) == 0);
	CHECK(sbx_run_status(second) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING &&
		  sbx_dispatcher_poll(dispatcher) == SBX_DONE);
	CHECK(sbx_run_status(run) == SBX_DONE);
	sbx_run_free(run);
	sbx_run_free(second);
	sbx_dispatcher_close(dispatcher);
	CHECK(fake.closes == 1);
}

static void test_fairness(void)
{
	Fake fake = {.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 2);
	sbx_run *many = added(dispatcher, &entry_many, 6), *single = added(dispatcher, &entry_one, 1);
	group("run_dispatcher/concurrency and fairness");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	CHECK(fake.count == 2 && sbx_call_run(fake.attempts[0]->call) == many);
	CHECK(sbx_call_run(fake.attempts[1]->call) == single); /* not after all six */
	sbx_attempt_answer(taken(&fake, 1), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && sbx_run_status(single) == SBX_DONE);
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING && CHECK(fake.count > 0))
		sbx_attempt_answer(taken(&fake, fake.count - 1), sbx_int(1));
	CHECK(sbx_run_status(many) == SBX_DONE && fake.most == 2 &&
		  sbx_count(sbx_run_result(many)) == 6);
	sbx_run_free(many);
	sbx_run_free(single);
	sbx_dispatcher_close(dispatcher);
}

static void test_retries(void)
{
	Fake fake = {.mode = KEEP, .now = 1000};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_run *run = added(dispatcher, &entry_one, 1);
	group("run_dispatcher/retries");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1 &&
		  fake.attempts[0]->number == 1);
	sbx_attempt_fail(taken(&fake, 0), "ValueError", "first", NULL);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 0);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 100);
	fake.now += 100;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1 &&
		  fake.attempts[0]->number == 2);
	/* the second one takes too long */
	CHECK(sbx_dispatcher_timeout(dispatcher) == 1000);
	fake.now += 1000;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.cancels == 1 && fake.count == 0);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 200);
	fake.now += 200;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	fake.now += 5000;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "TimeoutError: the task took longer than 1000 ms");
	SAME(fake.log, "started1 retry1 started1 timeout1 retry1 started1 timeout1 failed1");
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

static void test_cancellation(void)
{
	Fake fake = {.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_run *run = added(dispatcher, &entry_many, 5), *other;
	group("run_dispatcher/cancellation");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 5);
	for (int i = 0; i < 3; i++) { /* the lowest call fails for good: the rest is not wanted */
		sbx_attempt *attempt = taken(&fake, i ? fake.count - 1 : 0);
		CHECK(sbx_call_id(attempt->call) == 1 && attempt->number == (uint32_t)i + 1);
		sbx_attempt_fail(attempt, "ValueError", "no", NULL);
		fake.now += 200;
		CHECK(sbx_dispatcher_poll(dispatcher) == (i < 2 ? SBX_WAITING : SBX_DONE));
		CHECK(fake.count == (i < 2 ? 5 : 0));
	}
	CHECK(fake.cancels == 4 && sbx_run_status(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "ValueError: no");
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);

	fake = (Fake){.mode = KEEP};
	dispatcher = dispatcher_of(&fake, 3);
	run = added(dispatcher, &entry_many, 5);
	other = added(dispatcher, &entry_one, 2);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 3);
	sbx_dispatcher_remove(dispatcher, run);
	CHECK(fake.cancels == 2 && fake.count == 1 && sbx_run_status(run) == SBX_WAITING);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher); /* with a run in it, which stays the host's */
	CHECK(fake.count == 0 && fake.closes == 1);
	sbx_run_free(other);
}

static void test_unwanted(void)
{
	Fake fake = {.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_run *run = added(dispatcher, &entry_many, 4);
	sbx_attempt *second;
	group("run_dispatcher/calls no longer wanted");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 4);
	second = taken(&fake, 1);
	CHECK(sbx_call_id(second->call) == 2);
	sbx_attempt_answer(second, sbx_peek_item(sbx_int(0), 0)); /* no value: the attempt failed */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 3);
	fake.now += 100;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 4);
	sbx_dispatcher_remove(dispatcher, run);
	sbx_run_free(run);
	/* A run that the host cancels in between. */
	run = added(dispatcher, &entry_one, 2);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	CHECK(sbx_run_cancel(run) == SBX_DONE);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_CANCELLED);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

static void test_routes(void)
{
	Fake fake = {.mode = AT_ONCE}, batch = {.mode = AT_ONCE};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_backend backend = {sizeof backend, &batch, fake_start, fake_poll,
						   NULL,           NULL,   NULL,       fake_close};
	sbx_run *run = added(dispatcher, &entry_batch, 1);
	int descriptors[2];
	group("run_dispatcher/routes");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "RuntimeError: no backend for task 'test.batch' of type 'batch'");
	sbx_run_free(run);
	CHECK(sbx_dispatcher_route(dispatcher, "batch", &backend) == SBX_DONE);
	run = added(dispatcher, &entry_batch, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_DONE);
	CHECK(batch.starts == 1 && fake.starts == 0 &&
		  sbx_dispatcher_descriptors(dispatcher, descriptors, 2) == 0);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
	CHECK(batch.closes == 1 && fake.closes == 1);
}

static void test_broken_backends(void)
{
	Fake fake = {.mode = START_FAILS};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	sbx_run *run = added(dispatcher, &entry_one, 1);
	group("run_dispatcher/broken backends");
	for (int i = 0; i < 2; i++) {
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
		fake.now += 1000;
	}
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_RAISED &&
		  fake.starts == 3);
	SAME(sbx_run_error_text(run), "RuntimeError: a backend failed");
	sbx_run_free(run);
	fake.mode = START_UNAVAILABLE; /* no use to try again */
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_UNAVAILABLE);
	sbx_run_free(run);
	fake.mode = KEEP;
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	fake.count = 0;
	fake.poll_status = SBX_E_BACKEND;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING &&
		  sbx_dispatcher_timeout(dispatcher) == 100);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
}

int main(void)
{
	test_sequence();
	test_fairness();
	test_retries();
	test_cancellation();
	test_unwanted();
	test_routes();
	test_broken_backends();
	group_end();
	return all_failures != 0;
}
