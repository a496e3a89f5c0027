/*
 * The dispatcher: one call given up by the host, runs cancelled or ended while attempts are under way, what a recorder sees of it,
 * engines that are not there, tasks in C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

/* def values(n): flyte_map("work", range(n)), whose failures are values */
static const sbx_gen_function info_values;
static sbx_value values_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return map_work(run, &info_values, args[0].u.i, sbx_gen_int(2), true);
}
static sbx_value count_value(sbx_run *run, sbx_gen_frame *f)
{
	(void)f;
	sbx_gen_leave(run);
	return sbx_gen_int((int64_t)sbx_count(run->value));
}
FUNCTION(info_values, "values", params_x, 1, values_call, count_value, sizeof(sbx_gen_frame), "",
		 sites);
ENTRY(entry_values, "values", info_values, params_x, 1, NULL);

/* ---- a recorder that keeps what it was told ---- */

typedef struct Notes {
	int finished, failed, commits, ended;
	uint64_t last;
	char type[64];
	sbx_status commit_status;
} Notes;

static int notes_handed_out(void *context, const sbx_call *call)
{
	(void)context;
	(void)call;
	return 0;
}
static sbx_status notes_finished(void *context, const sbx_attempt *attempt, sbx_value result,
								 const char *type, const char *text, const char *traceback)
{
	Notes *notes = context;
	(void)text;
	(void)traceback;
	notes->finished++;
	notes->failed += sbx_kind(result) == SBX_INVALID;
	notes->last = sbx_call_id(attempt->call);
	snprintf(notes->type, sizeof notes->type, "%s", type ? type : "");
	return SBX_DONE;
}
static sbx_status notes_ended(void *context, sbx_run *run)
{
	(void)run;
	((Notes *)context)->ended++;
	return SBX_DONE;
}
static sbx_status notes_commit(void *context)
{
	((Notes *)context)->commits++;
	return ((Notes *)context)->commit_status;
}

static void fake_ended(void *context, sbx_run *run)
{
	((Fake *)context)->ended++;
	sbx_run_free(run);
}

static sbx_dispatcher *recorded(Fake *fake, Notes *notes,
								void (*ended)(void *context, sbx_run *run))
{
	sbx_recorder recorder = {.size = sizeof recorder,
							 .context = notes,
							 .handed_out = notes_handed_out,
							 .finished = notes_finished,
							 .ended = notes_ended,
							 .commit = notes_commit};
	return dispatcher_with(fake, (sbx_dispatcher_options){.recorder = &recorder, .ended = ended});
}

/* ---- one call ---- */

static void test_call(void)
{
	static Fake fake;
	group("run_cancel/one call is given up");
	fake = (Fake){.mode = KEEP};
	/* Without a dispatcher. */
	sbx_value n = sbx_int(1);
	sbx_run *run = open_run(&entry_one, &n, 1);
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run));
	CHECK(sbx_run_cancel_call(run, 2, NULL) == SBX_E_NO_CALL);
	CHECK(sbx_run_cancel_call(run, 1, NULL) == SBX_DONE && sbx_run_step(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "flyte.errors.ActionAbortedError: cancelled");
	sbx_run_free(run);
	/* Under way at a backend, although it has retries left. */
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	CHECK(sbx_run_cancel_call(run, 1, "by Ada") == SBX_DONE && fake.cancels == 1);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 0);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && sbx_run_status(run) == SBX_E_RAISED);
	SAME(sbx_run_error_text(run), "flyte.errors.ActionAbortedError: by Ada");
	SAME(fake.log, "started1 cancelled1");
	sbx_run_free(run);
	/* Resting before its second attempt. */
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	sbx_attempt_fail(taken(&fake, 0), "ValueError", NULL, NULL);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 0);
	CHECK(sbx_run_cancel_call(run, 1, NULL) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && fake.cancels == 1);
	CHECK(sbx_dispatcher_timeout(dispatcher) == -1);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

/* A map that hands out two calls at a time: one under way, one queued, one that it still keeps back. */
static void test_call_of_map(void)
{
	static Fake fake;
	Notes notes = {0};
	group("run_cancel/calls of a map");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = recorded(&fake, &notes, NULL);
	sbx_run *run = added(dispatcher, &entry_values, 5);
	CHECK(sbx_run_cancel_call(run, 2, NULL) == SBX_DONE); /* queued */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 2);
	CHECK(sbx_call_id(fake.attempts[0]->call) == 1 && sbx_call_id(fake.attempts[1]->call) == 3);
	CHECK(sbx_run_cancel_call(run, 5, NULL) == SBX_DONE);      /* kept back */
	CHECK(sbx_run_cancel_call(run, 5, NULL) == SBX_E_NO_CALL); /* recorded, on its way */
	CHECK(notes.finished == 2 && notes.last == 5 && notes.commits == 1);
	SAME(notes.type, "flyte.errors.ActionAbortedError");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && notes.commits == 2 && fake.count == 2);
	CHECK(sbx_run_cancel_call(run, 1, NULL) == SBX_DONE && fake.cancels == 1); /* under way */
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING && CHECK(fake.count > 0))
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	int64_t count = 0;
	CHECK(sbx_run_status(run) == SBX_DONE && sbx_get_int(sbx_run_result(run), &count) &&
		  count == 5);
	CHECK(notes.finished == 5 && notes.failed == 3 && fake.starts == 3 && notes.ended == 1);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

/* ---- whole runs ---- */

/* A run whose next call is given up keeps its turn for the one behind it. */
static void test_turn(void)
{
	Fake fake = {.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 1);
	sbx_run *first = added(dispatcher, &entry_one, 1), *map = added(dispatcher, &entry_values, 2),
			*last = added(dispatcher, &entry_one, 1);
	group("run_cancel/a turn");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	CHECK(sbx_call_run(fake.attempts[0]->call) == first);
	CHECK(sbx_run_cancel_call(map, 1, NULL) == SBX_DONE);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	CHECK(sbx_call_run(fake.attempts[0]->call) == map && sbx_call_id(fake.attempts[0]->call) == 2);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(first);
	sbx_run_free(map);
	sbx_run_free(last);
}

static void test_run(void)
{
	static Fake fake;
	Notes notes = {0};
	group("run_cancel/a run ends while its calls are under way");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = recorded(&fake, &notes, NULL);
	sbx_run *run = added(dispatcher, &entry_many, 6), *other = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 7);
	CHECK(sbx_run_cancel(run) == SBX_DONE && fake.cancels == 0);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 0); /* nobody has to answer for it to be noticed */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.cancels == 6 && fake.count == 1);
	sbx_run_free(run);
	/* A recorded outcome reaches the run that is taken out. */
	sbx_attempt_answer(taken(&fake, 0), sbx_int(5));
	CHECK(sbx_run_status(other) == SBX_WAITING && notes.finished == 1);
	sbx_dispatcher_remove(dispatcher, other);
	CHECK(sbx_run_status(other) == SBX_RUNNING && notes.commits == 2);
	CHECK(sbx_run_step(other) == SBX_DONE);
	sbx_run_free(other);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE);
	/* Closing does the same for all, and cancels the rest. */
	run = added(dispatcher, &entry_many, 3);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 3);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(5));
	fake.cancels = 0;
	sbx_dispatcher_close(dispatcher);
	CHECK(fake.cancels == 2 && fake.closes == 1 && notes.commits == 3 && notes.finished == 2);
	CHECK(!sbx_run_has_call(run, 1) && sbx_run_has_call(run, 2));
	sbx_run_free(run);
}

/* A run that is taken out hands its calls out again: to another dispatcher, or to the host. */
static void test_moved(void)
{
	static Fake fake, other;
	group("run_cancel/a run moves to another dispatcher");
	fake = other = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0), *second = dispatcher_of(&other, 0);
	sbx_run *run = added(dispatcher, &entry_values, 5), *one = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 3);
	sbx_attempt_answer(taken(&fake, 1), sbx_int(1)); /* a call of the map, or the single one */
	CHECK(sbx_run_cancel_call(run, 5, NULL) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	sbx_dispatcher_remove(dispatcher, run);
	sbx_dispatcher_remove(dispatcher, one);
	CHECK(fake.count == 0 && sbx_dispatcher_add(second, run) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(second) == SBX_WAITING && other.count == 2);
	while (sbx_dispatcher_poll(second) == SBX_WAITING && CHECK(other.count > 0))
		sbx_attempt_answer(taken(&other, 0), sbx_int(1));
	CHECK(sbx_run_status(run) == SBX_DONE);
	const sbx_call *call = sbx_run_next_call(one);
	if (sbx_run_status(one) == SBX_WAITING && CHECK(call != NULL))
		CHECK(sbx_call_id(call) == 1 && sbx_run_answer(one, 1, sbx_int(2)) == SBX_DONE);
	CHECK(sbx_run_step(one) == SBX_DONE);
	sbx_run_free(run);
	sbx_run_free(one);
	sbx_dispatcher_close(dispatcher);
	sbx_dispatcher_close(second);
}

static void test_ended(void)
{
	static Fake fake;
	Notes notes = {0};
	group("run_cancel/the host is told of ends, after the commit");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = recorded(&fake, &notes, fake_ended);
	(void)added(dispatcher, &entry_one, 0); /* ends at once */
	(void)added(dispatcher, &entry_one, 1);
	CHECK(fake.ended == 0 && sbx_dispatcher_timeout(dispatcher) == 0);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.ended == 1 && notes.commits == 1);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(5));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && fake.ended == 2);
	CHECK(notes.ended == 2 && notes.commits == 3);
	sbx_dispatcher_close(dispatcher);

	/* The commit fails: neither outcome nor end is taken for done. */
	fake = (Fake){.mode = KEEP};
	notes = (Notes){.commit_status = SBX_E_UNAVAILABLE};
	dispatcher = recorded(&fake, &notes, NULL);
	sbx_run *run = added(dispatcher, &entry_one, 2);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(5));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_E_UNAVAILABLE);
	CHECK(sbx_run_status(run) == SBX_E_UNAVAILABLE && fake.starts == 1);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
	dispatcher = dispatcher_with(&fake, (sbx_dispatcher_options){.ended = fake_ended});
	fake.ended = 0;
	(void)added(dispatcher, &entry_one, 0); /* without a recorder */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && fake.ended == 1);
	run = added(dispatcher, &entry_one, 0);
	sbx_dispatcher_close(dispatcher); /* not told: the run stays the host's */
	CHECK(fake.ended == 1);
	sbx_run_free(run);
}

/* ---- what is not there ---- */

static void test_unavailable(void)
{
	static Fake fake;
	Notes notes = {0};
	group("run_cancel/an engine that is not there is no outcome");
	fake = (Fake){.mode = START_UNAVAILABLE, .says_why = 1};
	sbx_dispatcher *dispatcher = recorded(&fake, &notes, NULL);
	sbx_run *run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && fake.starts == 1);
	CHECK(sbx_run_status(run) == SBX_E_UNAVAILABLE && notes.finished == 0);
	SAME(sbx_run_error_text(run), "RuntimeError: no engine");
	sbx_run_free(run);
	run = added(dispatcher, &entry_values, 3); /* not even where failures are values */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && notes.finished == 0);
	CHECK(sbx_run_status(run) == SBX_E_UNAVAILABLE);
	sbx_run_free(run);
	fake.mode = KEEP; /* it is noticed later */
	run = added(dispatcher, &entry_one, 1);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
	sbx_attempt_unavailable(taken(&fake, 0), "gone");
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && notes.finished == 0);
	CHECK(sbx_run_status(run) == SBX_E_UNAVAILABLE);
	SAME(sbx_run_error_text(run), "RuntimeError: gone");
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

/* ---- tasks in C ---- */

static sbx_status twice(void *context, sbx_attempt *attempt)
{
	int64_t x = 0;
	char json[32];
	int *calls = context;
	++*calls;
	(void)sbx_get_int(sbx_call_arg(attempt->call, 0), &x);
	if (x == 2 && attempt->number == 1)
		sbx_attempt_fail(attempt, "ValueError", "at first", NULL);
	else if (x == 3)
		return SBX_DONE; /* forgot to answer */
	else if (x == 4)
		sbx_attempt_answer(attempt, sbx_int(x * 2));
	else
		sbx_attempt_answer_json(attempt, json,
								(size_t)snprintf(json, sizeof json, "%d", (int)x * 2));
	return SBX_DONE;
}

static void test_native(void)
{
	static Fake fake;
	int calls = 0;
	sbx_native_task work = {
		.size = sizeof work, .name = "test.work", .context = &calls, .call = twice};
	sbx_native_task bad = {.size = sizeof bad, .name = "test.bad"};
	group("run_cancel/tasks in C");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 0);
	CHECK(sbx_dispatcher_native(dispatcher, &work) == SBX_DONE);
	CHECK(sbx_dispatcher_native(dispatcher, &work) == SBX_E_STATE);
	CHECK(sbx_dispatcher_native(dispatcher, &bad) == SBX_E_ARGUMENT);
	sbx_run *run = added(dispatcher, &entry_one, 2);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && calls == 1); /* 2 fails at first */
	fake.now += 100;
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_DONE && calls == 3 && fake.starts == 0);
	CHECK(sbx_run_status(run) == SBX_DONE);
	sbx_run_free(run);
	run = added(dispatcher, &entry_one, 4); /* 4 is answered, 3 never */
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING)
		fake.now += 1000;
	CHECK(sbx_run_status(run) == SBX_E_RAISED && calls == 3 + 1 + 3);
	SAME(sbx_run_error_text(run),
		 "RuntimeError: the function of a task in C returned without an answer");
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);

	/* One that answers later. */
	work = (sbx_native_task){sizeof work, "test.work", &fake, fake_start, fake_cancel};
	Fake others = {.mode = KEEP};
	dispatcher = dispatcher_of(&others, 0);
	CHECK(sbx_dispatcher_native(dispatcher, &work) == SBX_DONE);
	CHECK(sbx_dispatcher_limit_task(dispatcher, "test.work", 2) == SBX_DONE);
	run = added(dispatcher, &entry_many, 4);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 2 && others.starts == 0);
	sbx_attempt_answer_json(taken(&fake, 0), "1", 1);
	sbx_attempt_answer_json(taken(&fake, 0), "{", 1); /* no JSON: a failed attempt */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 2);
	fake.cancels = 0;
	sbx_dispatcher_close(dispatcher);
	CHECK(fake.cancels == 2 && fake.count == 0);
	sbx_run_free(run);
}

int main(void)
{
	(void)batch_call;
	test_call();
	test_call_of_map();
	test_turn();
	test_run();
	test_moved();
	test_ended();
	test_unavailable();
	test_native();
	group_end();
	return all_failures != 0;
}
