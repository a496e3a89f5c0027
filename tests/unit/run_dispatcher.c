/*
 * The dispatcher: order, concurrency, fairness, retries, timeouts, cancellation, routes, backends that fail.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

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
		for (int k = 0; k < fake.count; k++) /* a backend may read its call until it is cancelled */
			CHECK(sbx_call_arg(fake.attempts[k]->call, 0).u.i ==
				  (int64_t)sbx_call_id(fake.attempts[k]->call) - 1);
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
	run = added(dispatcher, &entry_many, 3); /* what else is under way may be taken up, too */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 3 && fake.left == 0);
	sbx_attempt_unavailable(taken(&fake, 1), "away");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_UNAVAILABLE);
	CHECK(fake.cancels == 2 && fake.left == 2);
	sbx_run_free(run);
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	fake.count = 0;
	fake.poll_status = SBX_E_BACKEND;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING &&
		  sbx_dispatcher_timeout(dispatcher) == 100);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
}

/* ---- attempts that last ---- */

static sbx_status record_lasting(void *context, const sbx_attempt *attempt)
{
	note(context, "lasts", sbx_call_id(attempt->call));
	return SBX_DONE;
}

static void test_lasting(void)
{
	Fake fake = {.mode = KEEP, .now = 5000}, record = {0};
	sbx_recorder recorder = recorder_of(&record);
	recorder.lasts = record_lasting;
	sbx_dispatcher *d = dispatcher_with(&fake, (sbx_dispatcher_options){.recorder = &recorder});
	sbx_run *batch = added(d, &entry_batch, 1), *other;
	group("run_dispatcher/attempts that last are recorded");
	sbx_backend backend = {sizeof backend, &fake, fake_start, fake_poll,
						   fake_cancel,    NULL,  NULL,       NULL};
	CHECK(sbx_dispatcher_poll(d) == SBX_DONE); /* no backend: it has ended */
	sbx_run_free(batch);
	CHECK(sbx_dispatcher_route(d, "batch", &backend) == SBX_DONE);
	record.log[0] = '\0';
	batch = added(d, &entry_batch, 1); /* a task without a timeout */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_timeout(d) == 1000);
	fake.now += 400;
	other = added(d, &entry_many, 2);
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_timeout(d) == 600);
	fake.now += 599;
	sbx_attempt_answer(taken(&fake, 1), sbx_int(1)); /* the first of the map, in time */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_timeout(d) == 1);
	SAME(record.log, "finished1 commit0");
	fake.now += 1;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_timeout(d) == 400);
	SAME(record.log, "finished1 commit0 lasts1 commit0");
	fake.now += 400; /* as long as its timeout: it fails instead */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
	SAME(record.log, "finished1 commit0 lasts1 commit0");
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1)); /* the batch */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_run_status(batch) == SBX_DONE);
	sbx_run_free(batch);
	sbx_dispatcher_close(d);
	sbx_run_free(other);
}

/* ---- notes ---- */

static sbx_status record_note(void *context, const sbx_attempt *attempt, const char *name,
							  const void *bytes, size_t length)
{
	(void)name;
	(void)bytes;
	(void)length;
	note(context, "note", sbx_call_id(attempt->call));
	return SBX_DONE;
}

static sbx_status start_with_note(void *context, sbx_attempt *attempt)
{
	CHECK(sbx_attempt_note(attempt, "job", "1", 1) == SBX_DONE);
	return fake_start(context, attempt);
}

static void test_notes(void)
{
	Fake fake = {.mode = KEEP}, record = {0};
	sbx_recorder recorder = recorder_of(&record);
	recorder.noted = record_note;
	sbx_dispatcher *d = dispatcher_with(&fake, (sbx_dispatcher_options){.recorder = &recorder});
	sbx_native_task task = {.size = sizeof task,
							.name = "test.work",
							.context = &fake,
							.call = start_with_note,
							.cancel = fake_cancel};
	CHECK(sbx_dispatcher_native(d, &task) == SBX_DONE);
	sbx_run *run = added(d, &entry_one, 2);
	group("run_dispatcher/a note is durable when its poll returns");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
	SAME(record.log, "note1 commit0");
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1)); /* after its commit the second call starts */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.count == 1);
	SAME(record.log, "note1 commit0 finished1 commit0 note2 commit0");
	sbx_dispatcher_close(d);
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
	test_lasting();
	test_notes();
	group_end();
	return all_failures != 0;
}
