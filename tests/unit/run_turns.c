/*
 * The dispatcher's order and limits: per run, task, backend and over all; fairness; timers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"
#include "runtime/runs/timers.h"

/* How many attempts of the run are under way. */
static int under_way(const Fake *fake, const sbx_run *run)
{
	int count = 0;
	for (int i = 0; i < fake->count; i++)
		count += sbx_call_run(fake->attempts[i]->call) == run;
	return count;
}

/* Answers whatever is under way until nothing is left. */
static void finish_all(Fake *fake, sbx_dispatcher *dispatcher)
{
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING && CHECK(fake->count > 0))
		sbx_attempt_answer(taken(fake, 0), sbx_int(1));
}

static void test_fairness(void)
{
	static Fake fake;
	enum { SINGLES = 50 };
	sbx_run *single[SINGLES], *many;
	int most_starts = 0, answered = 0;
	group("run_turns/a map of 10,000 starves nobody");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 3);
	many = added(dispatcher, &entry_many, 10000);
	for (int i = 0; i < SINGLES; i++) {
		/* A run comes while the map is under way: it starts within two starts of the map. */
		single[i] = added(dispatcher, &entry_one, 1);
		int before = fake.starts;
		while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING && !under_way(&fake, single[i]))
			sbx_attempt_answer(taken(&fake, 0), sbx_int(1)), answered++;
		if (fake.starts - before > most_starts)
			most_starts = fake.starts - before;
	}
	CHECK(most_starts <= 3 + 1 && answered <= SINGLES * 3);
	finish_all(&fake, dispatcher);
	CHECK(sbx_run_status(many) == SBX_DONE && fake.most == 3);
	for (int i = 0; i < SINGLES; i++) {
		CHECK(sbx_run_status(single[i]) == SBX_DONE);
		sbx_run_free(single[i]);
	}
	sbx_run_free(many);
	sbx_dispatcher_close(dispatcher);
}

static void test_run_limit(void)
{
	static Fake fake;
	group("run_turns/limit per run");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_with(&fake, (sbx_dispatcher_options){.max_per_run = 2});
	sbx_run *a = added(dispatcher, &entry_many, 9), *b = added(dispatcher, &entry_many, 9);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	CHECK(under_way(&fake, a) == 2 && under_way(&fake, b) == 2);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 1000); /* only the task's own */
	CHECK(sbx_dispatcher_limit_run(dispatcher, b, 5) == SBX_DONE);
	CHECK(sbx_dispatcher_timeout(dispatcher) == 0);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	CHECK(under_way(&fake, a) == 2 && under_way(&fake, b) == 5);
	CHECK(sbx_dispatcher_limit_run(dispatcher, b, 1) == SBX_DONE);
	sbx_attempt_answer(taken(&fake, fake.count - 1), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && under_way(&fake, b) == 4);
	CHECK(sbx_dispatcher_limit_run(dispatcher, b, 0) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && under_way(&fake, b) == 8);
	finish_all(&fake, dispatcher);
	CHECK(sbx_run_status(a) == SBX_DONE && sbx_run_status(b) == SBX_DONE);
	CHECK(sbx_dispatcher_limit_run(dispatcher, b, 1) == SBX_E_ARGUMENT); /* not in it any more */
	sbx_run_free(a);
	sbx_run_free(b);
	sbx_dispatcher_close(dispatcher);
}

static void test_task_limit(void)
{
	static Fake fake, batch;
	sbx_backend backend = {sizeof backend, &batch, fake_start, fake_poll,
						   fake_cancel,    NULL,   NULL,       fake_close};
	group("run_turns/limits per task and backend");
	fake = (Fake){.mode = KEEP};
	batch = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 8);
	CHECK(sbx_dispatcher_route(dispatcher, "batch", &backend) == SBX_DONE);
	CHECK(sbx_dispatcher_limit_task(dispatcher, "test.work", 2) == SBX_DONE);
	CHECK(sbx_dispatcher_limit_task(dispatcher, NULL, 2) == SBX_E_ARGUMENT);
	CHECK(sbx_dispatcher_limit_route(dispatcher, "batch", 3) == SBX_DONE);
	CHECK(sbx_dispatcher_limit_route(dispatcher, "none", 3) == SBX_E_ARGUMENT);
	sbx_run *a = added(dispatcher, &entry_many, 6), *b = added(dispatcher, &entry_one, 2), *c[5];
	for (int i = 0; i < 5; i++)
		c[i] = added(dispatcher, &entry_batch, 1);
	/* Four calls wait for "work", the head of the line among them; "batch" goes on to its own limit. */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 2 && batch.count == 3);
	CHECK(under_way(&fake, a) == 1 && under_way(&fake, b) == 1); /* both take turns at the gate */
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 2);
	sbx_attempt_answer(taken(&batch, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && batch.count == 3);
	sbx_dispatcher_remove(dispatcher, a); /* leaves the gate, whether it waits there or not */
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	while (sbx_dispatcher_poll(dispatcher) == SBX_WAITING && CHECK(fake.count + batch.count > 0)) {
		Fake *some = batch.count ? &batch : &fake;
		sbx_attempt_answer(taken(some, 0), sbx_int(1));
	}
	CHECK(fake.most == 2 && batch.most == 3 && sbx_run_status(b) == SBX_DONE);
	for (int i = 0; i < 5; i++) {
		CHECK(sbx_run_status(c[i]) == SBX_DONE);
		sbx_run_free(c[i]);
	}
	sbx_run_free(a);
	sbx_run_free(b);
	sbx_dispatcher_close(dispatcher);
	/* A limit that comes late counts what is under way; one that is lowered takes back what was only promised. */
	fake = (Fake){.mode = KEEP};
	dispatcher = dispatcher_of(&fake, 4);
	a = added(dispatcher, &entry_many, 9);
	b = added(dispatcher, &entry_many, 9);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 4);
	CHECK(sbx_dispatcher_limit_task(dispatcher, "test.work", 2) == SBX_DONE);
	for (int i = 3; i >= 0; i--) {
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == (i > 2 ? i : 2));
	}
	CHECK(sbx_dispatcher_limit_task(dispatcher, "test.work", 0) == SBX_DONE);
	finish_all(&fake, dispatcher);
	sbx_run_free(a);
	sbx_run_free(b);
	sbx_dispatcher_close(dispatcher);
	/* A default for each task; the one named has its own. */
	fake = (Fake){.mode = KEEP};
	dispatcher = dispatcher_with(&fake, (sbx_dispatcher_options){.max_per_task = 4});
	a = added(dispatcher, &entry_many, 9);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 4);
	CHECK(sbx_dispatcher_limit_task(dispatcher, "test.work", 6) == SBX_DONE);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 6);
	finish_all(&fake, dispatcher);
	sbx_run_free(a);
	sbx_dispatcher_close(dispatcher);
}

/* Who waits at a gate is let in first come, first served, also when others come when a place gets free. */
static void test_gate_order(void)
{
	static Fake fake;
	enum { RUNS = 40 };
	sbx_run *runs[RUNS];
	uint64_t seen = 0;
	group("run_turns/first come, first served at a gate");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher =
		dispatcher_with(&fake, (sbx_dispatcher_options){.max_per_task = 1, .max_per_run = 1});
	for (int i = 0; i < RUNS; i++) {
		runs[i] = added(dispatcher, &entry_one, 2);
		if (i % 4 == 0)
			CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
	}
	for (int i = 0; i < 2 * RUNS && CHECK(fake.count == 1); i++) {
		CHECK(sbx_call_run(fake.attempts[0]->call) == runs[i % RUNS]);
		seen += sbx_call_id(fake.attempts[0]->call);
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
		CHECK(sbx_dispatcher_poll(dispatcher) == (i < 2 * RUNS - 1 ? SBX_WAITING : SBX_DONE));
	}
	CHECK(seen == 3 * RUNS);
	for (int i = 0; i < RUNS; i++)
		sbx_run_free(runs[i]);
	sbx_dispatcher_close(dispatcher);
}

/* A run whose own gate opens does not pass by those who wait at the gate of the task. */
static void test_no_overtaking(void)
{
	static Fake fake;
	group("run_turns/nobody is overtaken at a gate");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher =
		dispatcher_with(&fake, (sbx_dispatcher_options){.max_per_task = 1, .max_per_run = 1});
	sbx_run *many = added(dispatcher, &entry_many, 50), *one = added(dispatcher, &entry_one, 3);
	CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && under_way(&fake, many) == 1);
	for (int i = 0; i < 3; i++) {
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && under_way(&fake, one) == 1);
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && under_way(&fake, many) == 1);
	}
	CHECK(sbx_run_status(one) == SBX_DONE);
	finish_all(&fake, dispatcher);
	sbx_run_free(many);
	sbx_run_free(one);
	sbx_dispatcher_close(dispatcher);
}

static void test_backoff(void)
{
	static Fake fake;
	static const int rests[] = {7, 14};
	group("run_turns/rests between attempts are the host's");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_with(
		&fake, (sbx_dispatcher_options){.backoff_first_ms = 7, .backoff_max_ms = 20});
	sbx_run *run = added(dispatcher, &entry_one, 1);
	for (int i = 0; i < 2; i++) {
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1);
		sbx_attempt_fail(taken(&fake, 0), "ValueError", NULL, NULL);
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING);
		CHECK(sbx_dispatcher_timeout(dispatcher) == rests[i]);
		fake.now += rests[i] - 1;
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 0);
		fake.now++;
	}
	finish_all(&fake, dispatcher);
	sbx_run_free(run);
	sbx_dispatcher_close(dispatcher);
}

/* Many runs with deadlines: each costs the same. Minutes if a poll looked at each. */
static void test_many(void)
{
	static Fake fake;
	enum { RUNS = 100000, ANSWERS = 3000 };
	sbx_run **runs = malloc(RUNS * sizeof *runs);
	group("run_turns/a hundred thousand runs");
	fake = (Fake){.mode = KEEP};
	sbx_dispatcher *dispatcher = dispatcher_of(&fake, 1000);
	for (int i = 0; i < RUNS; i++)
		runs[i] = added(dispatcher, &entry_one, 1);
	for (int i = 0; i < ANSWERS; i++) {
		CHECK(sbx_dispatcher_poll(dispatcher) == SBX_WAITING && fake.count == 1000);
		fake.now++;
		sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	}
	CHECK(sbx_dispatcher_timeout(dispatcher) == 0);
	sbx_dispatcher_close(dispatcher);
	CHECK(fake.count == 0);
	for (int i = 0; i < RUNS; i++)
		sbx_run_free(runs[i]);
	free(runs);
}

/* ---- the wheel, against a plain search ---- */

static uint64_t seed = 1;
static uint64_t random_below(uint64_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (seed >> 33) % n;
}

static void test_timers(void)
{
	enum { COUNT = 300, TURNS = 20000 };
	static Timers wheel;
	static Timer timers[COUNT];
	static const int64_t spans[] = {1, 3, 64, 65, 4096, 100000, 20000000, (int64_t)1 << 40};
	int64_t now = 12345;
	group("run_turns/timers");
	sbx__timers_init(&wheel, now);
	for (int i = 0; i < COUNT; i++)
		timer_init(&timers[i]);
	for (int turn = 0; turn < TURNS; turn++) {
		Timer *timer = &timers[random_below(COUNT)];
		int64_t next = INT64_MAX, last = 0;
		if (random_below(4))
			sbx__timer_set(&wheel, timer,
						   now + (int64_t)random_below((uint64_t)spans[random_below(8)]));
		else
			timer_clear(timer);
		for (int i = 0; i < COUNT; i++)
			if (!link_is_alone(&timers[i].link) && timers[i].due < next)
				next = timers[i].due;
		CHECK(sbx__timers_next(&wheel) <= next);
		if (random_below(3) == 0)
			now += (int64_t)random_below((uint64_t)spans[random_below(7)]);
		else if (random_below(20) == 0 && next != INT64_MAX && next > now)
			now = next;
		while ((timer = sbx__timers_take(&wheel, now)) != NULL) {
			CHECK(timer->due <= now && link_is_alone(&timer->link));
			CHECK(timer->due >= last || timer->due <= now);
			last = timer->due;
		}
		for (int i = 0; i < COUNT; i++)
			CHECK(link_is_alone(&timers[i].link) || timers[i].due > now);
	}
	for (int i = 0; i < COUNT; i++) /* exact where none was cleared */
		timer_clear(&timers[i]);
	sbx__timer_set(&wheel, &timers[0], now + 1000000);
	sbx__timer_set(&wheel, &timers[1], now + 999999);
	CHECK(sbx__timers_next(&wheel) == now + 999999);
}

int main(void)
{
	test_fairness();
	test_run_limit();
	test_task_limit();
	test_gate_order();
	test_no_overtaking();
	test_backoff();
	test_many();
	test_timers();
	group_end();
	return all_failures != 0;
}
