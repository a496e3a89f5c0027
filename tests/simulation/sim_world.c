/*
 * The world of the service: backends whose attempts answer, fail, hang or vanish by their fate, and what stands between the
 * dispatcher and the journal to see, and to die at, each commit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "sim.h"

SimRun *sim_run_of(sbx_run *run)
{
	return sbx_run_context(run);
}

SimCall *sim_call(SimRun *run, uint64_t id)
{
	if (id >= run->call_room) {
		size_t room = (size_t)id * 2 + 8;
		run->calls = realloc(run->calls, room * sizeof *run->calls);
		if (!run->calls)
			abort();
		memset(run->calls + run->call_room, 0, (room - run->call_room) * sizeof *run->calls);
		run->call_room = room;
	}
	if (id > run->highest_call)
		run->highest_call = id;
	return &run->calls[id];
}

static enum SimTask task_of(const sbx_call *call)
{
	const char *name = sbx_call_task_name(call);
	int task = 0;
	while (task < TASK_COUNT - 1 && strcmp(name, sim_tasks[task].name) != 0)
		task++;
	return task;
}

/* ---- attempts under way: a heap by time ---- */

static bool is_before(const SimFlight *a, const SimFlight *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(Sim *sim, size_t place, SimFlight *flight)
{
	sim->flights[place] = flight;
	flight->place = place;
}

static void settle(Sim *sim, SimFlight *flight)
{
	size_t place = flight->place, child;
	while (place && is_before(flight, sim->flights[(place - 1) / 2])) {
		put(sim, place, sim->flights[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	while ((child = 2 * place + 1) < sim->flight_count) {
		if (child + 1 < sim->flight_count &&
			is_before(sim->flights[child + 1], sim->flights[child]))
			child++;
		if (!is_before(sim->flights[child], flight))
			break;
		put(sim, place, sim->flights[child]);
		place = child;
	}
	put(sim, place, flight);
}

static void take_off(Sim *sim, SimFlight *flight)
{
	if (sim->flight_count == sim->flight_room) {
		sim->flight_room = sim->flight_room ? sim->flight_room * 2 : 64;
		sim->flights = realloc(sim->flights, sim->flight_room * sizeof *sim->flights);
		if (!sim->flights)
			abort();
	}
	flight->order = sim->flight_order++;
	flight->place = sim->flight_count++;
	settle(sim, flight);
}

/* The attempt is over, whoever has ended it. */
static void land(Sim *sim, SimFlight *flight)
{
	SimRun *run = flight->run;
	SimFlight *last = sim->flights[--sim->flight_count];
	if (last != flight) {
		last->place = flight->place;
		settle(sim, last);
	}
	flight->attempt->state = NULL;
	sim_check(sim, run->calls[flight->call].in_flight, "an attempt ends twice", run, flight->call);
	run->calls[flight->call].in_flight = false;
	sim->running--;
	run->running--;
	sim->task_running[flight->task]--;
	sim->route_running[sim_tasks[flight->task].route]--;
}

int64_t sim_next_report(const Sim *sim)
{
	return sim->flight_count ? sim->flights[0]->due : INT64_MAX;
}

/* ---- reports ---- */

static int64_t argument(const sbx_call *call, size_t index)
{
	int64_t x = 0;
	(void)sbx_get_int(sbx_call_arg(call, index), &x);
	return x;
}

static void answer_words(sbx_attempt *attempt, int64_t x)
{
	char json[64];
	int length =
		snprintf(json, sizeof json, "{\"\\u00e9\": [\"%lld\", \"\\u4e2d\"]}", (long long)x);
	sbx_attempt_answer_json(attempt, json, (size_t)length);
}

static void answer(Sim *sim, sbx_attempt *attempt, enum SimTask task)
{
	int64_t x = argument(attempt->call, 0);
	sim->counts->answers++;
	switch (task) {
	case TASK_WORK:
		sbx_attempt_answer(attempt, sbx_int(3 * x + 1));
		break;
	case TASK_SLOW:
		sbx_attempt_answer(attempt, sbx_int(x - 7));
		break;
	case TASK_WORDS:
		answer_words(attempt, x);
		break;
	case TASK_HALF:
		sbx_attempt_answer(attempt,
						   x % 2 ? sbx_float((double)x / 2) : sbx_int(x / 2)); /* fits float too */
		break;
	case TASK_REMOTE:
		sbx_attempt_answer(attempt, sbx_int(x * x));
		break;
	default:
		sbx_attempt_answer(attempt, sbx_int(x + argument(attempt->call, 1)));
		break;
	}
}

static void report(Sim *sim, SimFlight *flight)
{
	sbx_attempt *attempt = flight->attempt;
	char text[100];
	land(sim, flight);
	sim_note(sim, flight->end == END_ANSWER ? "answer" : "fail", flight->run, flight->call,
			 attempt->number);
	if (flight->end == END_ANSWER) {
		answer(sim, attempt, flight->task);
	} else {
		sim->counts->failures++;
		sim_failure_text(text, sizeof text, flight->call, attempt->number);
		sbx_attempt_fail(attempt, "ValueError", text, NULL);
	}
	free(flight);
}

void sim_report(Sim *sim)
{
	while (sim->flight_count && sim->flights[0]->due <= sim->now)
		report(sim, sim->flights[0]);
}

/* ---- backends ---- */

/* The attempt takes off; reported at once where `at_once`. */
static void begin(Sim *sim, sbx_attempt *attempt, SimRun *run, enum SimTask task, bool at_once)
{
	SimFlight *flight = calloc(1, sizeof *flight);
	if (!flight)
		abort();
	flight->attempt = attempt;
	flight->run = run;
	flight->call = sbx_call_id(attempt->call);
	flight->task = (uint8_t)task;
	flight->end = (uint8_t)sim_fate(sim, run, flight->call, task, attempt->number);
	flight->due = sim->now + 1 + (int64_t)sim_below(sim, sim_below(sim, 20) ? 60 : 700);
	if (flight->end == END_HANG) {
		flight->due = INT64_MAX;
		sim->counts->hangs++;
	}
	if (sim_below(sim, 10) == 0)
		sbx_attempt_extend(attempt, (uint32_t)sim_below(sim, 100));
	attempt->state = flight;
	take_off(sim, flight);
	if (at_once && flight->end != END_HANG)
		report(sim, flight);
}

static sbx_status start(Sim *sim, sbx_attempt *attempt, bool is_native)
{
	SimRun *run = sim_run_of(sbx_call_run(attempt->call));
	uint64_t id = sbx_call_id(attempt->call);
	enum SimTask task = task_of(attempt->call);
	SimCall *call = sim_call(run, id);
	attempt->state = NULL;
	if (sim->is_dead)
		return SBX_DONE;
	call->handed_out |= !sim->is_recorded;
	sim_check_start(sim, run, id, task, attempt->number);
	sim_note(sim, "start", run, id, attempt->number);
	sim->counts->attempts++;
	sim->starts++;
	if (call->resting) {
		call->resting = false;
		run->resting--;
	} else if (sim->is_recorded) {
		run->queued--;
		sim->queued--;
	}
	run->bound = run->queued ? sim->starts + sim->in_dispatcher : 0;
	if (!is_native && sim_happens(sim, sim->unavailable_odds)) {
		sim_note(sim, "missing", run, id, attempt->number);
		if (sim_below(sim, 2))
			sbx_attempt_unavailable(attempt, "no engine");
		else
			sbx_attempt_fail(attempt, "RuntimeError", "no engine", NULL);
		return SBX_E_UNAVAILABLE;
	}
	call->in_flight = true;
	sim->running++;
	run->running++;
	sim->task_running[task]++;
	sim->route_running[sim_tasks[task].route]++;
	begin(sim, attempt, run, task, is_native || sim_below(sim, 6) == 0);
	return SBX_DONE;
}

static sbx_status start_other(void *context, sbx_attempt *attempt)
{
	return start(context, attempt, false);
}

static sbx_status start_native(void *context, sbx_attempt *attempt)
{
	return start(context, attempt, true);
}

static void cancel(void *context, sbx_attempt *attempt)
{
	Sim *sim = context;
	SimFlight *flight = attempt->state;
	if (!flight)
		return;
	sim->counts->cancels++;
	sim_note(sim, "cancel", flight->run, flight->call, attempt->number);
	land(sim, flight);
	free(flight);
}

/* The dispatcher is told by poll's status that all of them have failed. */
static sbx_status break_down(Sim *sim)
{
	sim->poll_fails = false;
	for (size_t i = sim->flight_count; i-- > 0;) {
		SimFlight *flight = sim->flights[i];
		if (sim_tasks[flight->task].route != ROUTE_OTHERS)
			continue;
		land(sim, flight);
		free(flight);
		i = sim->flight_count; /* the heap has changed */
	}
	sim->counts->backend_failures++;
	sim_note(sim, "break", NULL, 0, 0);
	return SBX_E_BACKEND;
}

static sbx_status poll_all(void *context)
{
	Sim *sim = context;
	sim_report(sim);
	return sim->poll_fails ? break_down(sim) : SBX_DONE;
}

static int timeout(void *context)
{
	const Sim *sim = context;
	int64_t next = sim_next_report(sim);
	return next == INT64_MAX ? -1 : next < sim->now ? 0 : (int)(next - sim->now);
}

void sim_backends(Sim *sim)
{
	sbx_backend backend = {
		.size = sizeof backend, .context = sim, .start = start_other, .cancel = cancel};
	sbx_native_task native = {.size = sizeof native,
							  .name = "sim.plus",
							  .context = sim,
							  .call = start_native,
							  .cancel = cancel};
	sbx_status status = sbx_dispatcher_route(sim->dispatcher, "remote", &backend);
	backend.poll = poll_all;
	backend.timeout = timeout;
	if (!status)
		status = sbx_dispatcher_route(sim->dispatcher, NULL, &backend);
	if (!status)
		status = sbx_dispatcher_native(sim->dispatcher, &native);
	sim_check(sim, !status, "the backends are refused", NULL, 0);
}

/* ---- what the dispatcher tells ---- */

/* A call goes that was not started; its run may have lost its turn. */
static void leaves_queue(Sim *sim, SimRun *run)
{
	sim->queued--;
	run->bound = --run->queued ? sim->starts + sim->in_dispatcher : 0;
}

static bool begins(const char *text, const char *with)
{
	return text && strncmp(text, with, strlen(with)) == 0;
}

void sim_event(void *context, const sbx_attempt *attempt, const char *what, const char *detail)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(sbx_call_run(attempt->call));
	SimCall *call = sim_call(run, sbx_call_id(attempt->call));
	bool is_over = strcmp(what, "done") == 0 || strcmp(what, "failed") == 0;
	if (sim->is_dead)
		return;
	sim_note(sim, what, run, sbx_call_id(attempt->call), attempt->number);
	if (is_over && sim->is_recorded && !begins(detail, "RuntimeError: no engine"))
		sim_check(sim, call->durable, "an outcome is delivered before its commit (1)", run,
				  sbx_call_id(attempt->call));
	if (strcmp(what, "retry") == 0) {
		call->resting = true;
		run->resting++;
	} else if (strcmp(what, "started") != 0 && strcmp(what, "timeout") != 0) {
		if (begins(detail, "flyte.errors.ActionAbortedError"))
			call->from = FROM_HOST;
		else if (begins(detail, "RuntimeError: a backend failed"))
			call->from = FROM_BACKEND;
		if (call->resting) {
			call->resting = false;
			run->resting--;
		} else if (sim->is_recorded && call->handed_out && call->started_in < run->incarnation) {
			leaves_queue(sim, run);
		}
		call->handed_out = false;
	}
}

/* ---- the recorder ---- */

/* The journal keeps its own pointer as the run's context; so do we. */
static void swap_context(SimRun *run, bool to_journal)
{
	sbx_status status = sbx_run_set_context(run->run, to_journal ? run->journal_context : run);
	if (status)
		abort();
}

static int handed_out(void *context, const sbx_call *call)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(sbx_call_run(call));
	uint64_t id = sbx_call_id(call);
	SimCall *c = sim_call(run, id);
	if (sim->is_dead)
		return 0;
	swap_context(run, true);
	int before = sim->inner.handed_out(sim->inner.context, call);
	swap_context(run, false);
	sim_check(sim, before >= 0, "a run diverges that has not changed (4)", run, id);
	if (before == 1)
		sim_check(sim, c->recorded, "a call is answered that has not finished (8)", run, id);
	else
		sim_check(sim, !c->durable, "a finished call is handed out again (2)", run, id);
	c->durable |= before == 1;
	c->recorded = c->durable;
	sim->counts->replays += before == 1;
	sim->counts->calls += before == 0 && c->started_in == 0;
	if (before == 0) {
		c->handed_out = true;
		if (!run->queued++)
			run->bound = sim->starts + sim->in_dispatcher;
		sim->queued++;
	}
	return before;
}

static void await_commit(Sim *sim, SimRun *run, uint64_t call)
{
	if (sim->waiting_count == sim->waiting_room) {
		sim->waiting_room = sim->waiting_room ? sim->waiting_room * 2 : 64;
		sim->waiting = realloc(sim->waiting, sim->waiting_room * sizeof *sim->waiting);
		if (!sim->waiting)
			abort();
	}
	sim->waiting[sim->waiting_count++] = (SimCommit){run, call};
}

static sbx_status finished(void *context, const sbx_attempt *attempt, sbx_value result,
						   const char *type, const char *text, const char *traceback)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(sbx_call_run(attempt->call));
	uint64_t id = sbx_call_id(attempt->call);
	SimCall *call = sim_call(run, id);
	if (sim->is_dead)
		return SBX_E_UNAVAILABLE;
	sim_check(sim, !call->durable, "an outcome is recorded twice", run, id);
	swap_context(run, true);
	sbx_status status =
		sim->inner.finished(sim->inner.context, attempt, result, type, text, traceback);
	swap_context(run, false);
	sim_check(sim, !status, "the journal refuses an outcome", run, id);
	if (call->handed_out && call->started_in < run->incarnation &&
		!call->resting) { /* given up before its start */
		call->started_in = run->incarnation;
		leaves_queue(sim, run);
	}
	call->recorded = true;
	call->from = begins(type, "flyte.errors.ActionAbortedError") ? FROM_HOST
				 : begins(text, "a backend failed")              ? FROM_BACKEND
																 : FROM_FATE;
	await_commit(sim, run, id);
	return status;
}

static sbx_status ended(void *context, sbx_run *ended_run)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(ended_run);
	if (sim->is_dead)
		return SBX_E_UNAVAILABLE;
	swap_context(run, true);
	sbx_status status = sim->inner.ended(sim->inner.context, ended_run);
	swap_context(run, false);
	sim_check(sim, !status, "the journal refuses an end", run, 0);
	if (sbx_run_status(ended_run) == SBX_DONE || sbx_run_status(ended_run) == SBX_E_RAISED) {
		run->has_recorded_end = true;
		await_commit(sim, run, 0);
	}
	return status;
}

static sbx_status die(Sim *sim, uint64_t *count)
{
	++*count;
	sim_note(sim, "crash", NULL, sim->waiting_count, 0);
	sim->is_dead = true;
	return SBX_E_UNAVAILABLE;
}

/* The first so many of those that wait for a commit have it. */
static void mark_durable(Sim *sim, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const SimCommit *one = &sim->waiting[i];
		if (one->call)
			one->run->calls[one->call].durable = true;
		else
			one->run->has_ended = true;
	}
	sim->waiting_count -= count;
	if (sim->waiting_count) /* where nobody has ever waited there is no room either */
		memmove(sim->waiting, sim->waiting + count, sim->waiting_count * sizeof *sim->waiting);
}

/* ---- commits on a thread, which is made of time alone ---- */

static void want_write(void *context)
{
	Sim *sim = context;
	sim->is_writing = true;
	sim->handed = sim->waiting_count;
	sim->write_at = sim->now + (int64_t)sim_below(sim, 30);
}

static void has_written(Sim *sim)
{
	sim->is_writing = false;
	mark_durable(sim, sim->handed);
	sim->handed = 0;
}

void sim_write(Sim *sim)
{
	bool dies = sim_happens(sim, sim->commit_odds), before = dies && sim_below(sim, 2);
	if (before) {
		(void)die(sim, &sim->counts->crashes_before);
		return;
	}
	sim_check(sim, !sbx_journal_write(sim->journal), "the journal cannot be written", NULL, 0);
	has_written(sim);
	if (dies)
		(void)die(sim, &sim->counts->crashes_after);
}

/* The dispatcher begins one, or asks; the host may have made the journal write before the thread came to it. */
static sbx_status commit_handed(Sim *sim)
{
	bool was_writing = sim->handed_over;
	sbx_status status = sim->inner.commit(sim->inner.context);
	sim->handed_over = status == SBX_WAITING;
	if (status == SBX_WAITING)
		return status;
	sim->counts->commits++;
	sim_check(sim, !status, "the journal cannot commit", NULL, 0);
	if (sim->is_writing)
		has_written(sim);
	else if (!was_writing) /* it had nothing left to hand over */
		mark_durable(sim, sim->waiting_count);
	return status;
}

static sbx_status finish(void *context)
{
	Sim *sim = context;
	if (sim->is_dead)
		return SBX_E_UNAVAILABLE;
	if (sim->is_writing)
		sim_write(sim);
	sim->handed_over = false;
	return sim->is_dead ? SBX_E_UNAVAILABLE : sim->inner.finish(sim->inner.context);
}

static sbx_status commit(void *context)
{
	Sim *sim = context;
	if (sim->is_dead)
		return SBX_E_UNAVAILABLE;
	if (sim->hands_over)
		return commit_handed(sim);
	bool dies = sim_happens(sim, sim->commit_odds), before = dies && sim_below(sim, 2);
	if (before)
		return die(sim, &sim->counts->crashes_before);
	sbx_status status = sim->inner.commit(sim->inner.context);
	sim->counts->commits++;
	if (!sim_check(sim, !status, "the journal cannot commit", NULL, 0))
		return status;
	mark_durable(sim, sim->waiting_count);
	return dies ? die(sim, &sim->counts->crashes_after)
				: SBX_DONE; /* durable, but nobody is told */
}

static uint32_t attempts(void *context, const sbx_call *call)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(sbx_call_run(call));
	if (sim->is_dead)
		return 0;
	swap_context(run, true);
	uint32_t count = sim->inner.attempts(sim->inner.context, call);
	swap_context(run, false);
	sim_check(sim, count == 0 || sim_call(run, sbx_call_id(call))->tried >= count,
			  "more attempts are recorded than were made", run, sbx_call_id(call));
	return count;
}

static sbx_status retried(void *context, const sbx_attempt *attempt, const char *type,
						  const char *text, const char *traceback)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(sbx_call_run(attempt->call));
	if (sim->is_dead)
		return SBX_E_UNAVAILABLE;
	SimCall *call = sim_call(run, sbx_call_id(attempt->call));
	call->tried = attempt->number > call->tried ? attempt->number : call->tried;
	swap_context(run, true);
	sbx_status status = sim->inner.retried(sim->inner.context, attempt, type, text, traceback);
	swap_context(run, false);
	sim_check(sim, !status, "the journal refuses an attempt", run, sbx_call_id(attempt->call));
	return status;
}

static void poll_journal(void *context)
{
	Sim *sim = context;
	if (!sim->is_dead)
		sim->inner.poll(sim->inner.context);
}

void sim_recorder(Sim *sim, sbx_recorder *recorder)
{
	sbx_journal_recorder(sim->journal, &sim->inner);
	if (sim->hands_over)
		sbx_journal_hand_over(sim->journal, want_write, sim);
	*recorder = (sbx_recorder){.size = sizeof *recorder,
							   .context = sim,
							   .handed_out = handed_out,
							   .finished = finished,
							   .ended = ended,
							   .commit = commit,
							   .attempts = attempts,
							   .retried = retried,
							   .clock = sim->inner.clock,
							   .poll = poll_journal,
							   .finish = finish};
}

void sim_world_close(Sim *sim)
{
	sim_check(sim, sim->flight_count == 0, "attempts are left under way", NULL, 0);
	while (sim->flight_count)
		free(sim->flights[--sim->flight_count]);
	free(sim->flights);
	free(sim->waiting);
}
