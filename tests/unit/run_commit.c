/*
 * Commits that take several polls: what a recorder is told, and when, and what reaches runs and host.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

/* A recorder whose commits end when the test says so. */
typedef struct Slow {
	Fake record; /* first: recorder_of's context */
	bool is_begun, is_done;
	sbx_status status;
	int finishes;
} Slow;

static sbx_status slow_commit(void *context)
{
	Slow *slow = context;
	if (!slow->is_begun) {
		note(&slow->record, "begin", 0);
		slow->is_begun = true;
		slow->is_done = false;
	}
	if (!slow->is_done)
		return SBX_WAITING;
	note(&slow->record, slow->status ? "lost" : "done", 0);
	slow->is_begun = false;
	return slow->status;
}
static sbx_status slow_finish(void *context)
{
	Slow *slow = context;
	CHECK(slow->is_begun);
	slow->finishes++;
	slow->is_done = true;
	return slow_commit(slow);
}
static void told(void *context, sbx_run *run)
{
	Fake *fake = context;
	fake->ended++;
	note(fake, "told", (uint64_t)-sbx_run_status(run));
	sbx_run_free(run);
}

static sbx_dispatcher *opened(Fake *fake, Slow *slow, bool tells)
{
	sbx_recorder recorder = recorder_of(&slow->record);
	recorder.commit = slow_commit;
	recorder.finish = slow_finish;
	return dispatcher_with(
		fake, (sbx_dispatcher_options){.recorder = &recorder, .ended = tells ? told : NULL});
}

static void test_order(void)
{
	Fake fake = {.mode = KEEP};
	static Slow slow;
	slow = (Slow){0};
	sbx_dispatcher *d = opened(&fake, &slow, true);
	(void)added(d, &entry_one, 1);
	(void)added(d, &entry_one, 2);
	group("run_commit/outcomes wait for their own commit");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.count == 2);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.ended == 0);
	SAME(slow.record.log, "finished1 begin0");
	CHECK(sbx_dispatcher_timeout(d) == 1000); /* of the other attempt: nothing is to be done */
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1)); /* comes while that one is written */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_timeout(d) == -1);
	SAME(slow.record.log, "finished1 begin0 finished1");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING); /* woken too early */
	SAME(slow.record.log, "finished1 begin0 finished1");
	slow.is_done = true;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.ended == 0);
	/* the first run has its result now, but its end is another commit's, and so are the other's */
	SAME(slow.record.log, "finished1 begin0 finished1 done0 begin0 end0");
	slow.is_done = true;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.count == 1 && fake.ended == 0);
	SAME(slow.record.log, "finished1 begin0 finished1 done0 begin0 end0 done0 begin0");
	slow.is_done = true;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.ended == 1);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	for (int i = 0; i < 2; i++) {
		CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
		slow.is_done = true;
	}
	CHECK(sbx_dispatcher_poll(d) == SBX_DONE && fake.ended == 2);
	CHECK(slow.finishes == 0);
	SAME(fake.log, "started1 started1 done1 done1 started2 told0 done2 told0");
	sbx_dispatcher_close(d);
}

static void test_lost(void)
{
	Fake fake = {.mode = KEEP};
	static Slow slow;
	slow = (Slow){0};
	sbx_dispatcher *d = opened(&fake, &slow, true);
	(void)added(d, &entry_one, 1);
	(void)added(d, &entry_one, 1);
	group("run_commit/a commit that fails takes what it held");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	slow.is_done = true;
	slow.status = SBX_E_UNAVAILABLE;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
	slow.status =
		SBX_DONE; /* the next one is good: the other run goes on, and the first tells its end */
	for (int i = 0; i < 4; i++) {
		slow.is_done = true;
		if (sbx_dispatcher_poll(d) != SBX_WAITING)
			break;
	}
	CHECK(fake.ended == 2 && sbx_dispatcher_poll(d) == SBX_E_UNAVAILABLE);
	CHECK(strstr(fake.log, "cancelled1") && strstr(fake.log, "done1") &&
		  strstr(fake.log, "told0") && !strstr(fake.log, "told1 "));
	sbx_dispatcher_close(d);
}

static void test_leaving(void)
{
	for (int closes = 0; closes < 2; closes++) {
		Fake fake = {.mode = KEEP};
		static Slow slow;
		slow = (Slow){0};
		sbx_dispatcher *d = opened(&fake, &slow, false);
		sbx_run *run = added(d, &entry_many, 2);
		group(closes ? "run_commit/closing waits for both commits"
					 : "run_commit/a run that leaves waits for both commits");
		CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
		sbx_attempt_answer(taken(&fake, 0), sbx_int(5));
		CHECK(sbx_dispatcher_poll(d) == SBX_WAITING);
		sbx_attempt_answer(taken(&fake, 0), sbx_int(6)); /* recorded for the next one */
		if (closes)
			sbx_dispatcher_close(d);
		else
			sbx_dispatcher_remove(d, run);
		SAME(slow.record.log, "finished1 begin0 finished2 done0 begin0 done0");
		CHECK(slow.finishes == 2 && sbx_run_status(run) == SBX_RUNNING);
		CHECK(sbx_run_step(run) == SBX_DONE && int_of(sbx_peek_item(sbx_run_result(run), 1)) == 6);
		sbx_run_free(run);
		if (!closes)
			sbx_dispatcher_close(d);
	}
}

int main(void)
{
	test_order();
	test_lost();
	test_leaving();
	group_end();
	return all_failures != 0;
}
