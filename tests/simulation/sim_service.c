/*
 * The service: a host that admits runs, drives them, loses its memory, takes them up again, moves them by snapshots, cancels some,
 * and looks at each result.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim.h"

#include "sim_programs.h"

enum { RESUME_AFTER_MS = 50, TURNS_A_RUN = 400 };

static const sbx_entry *const entries[SIM_PROGRAMS] = {
	&sbx_machine_sim_programs_chain,  &sbx_machine_sim_programs_fan,
	&sbx_machine_sim_programs_strict, &sbx_machine_sim_programs_nested,
	&sbx_machine_sim_programs_items,  &sbx_machine_sim_programs_branch,
	&sbx_machine_sim_programs_texts,  &sbx_machine_sim_programs_lazy,
	&sbx_machine_sim_programs_squares};

static int64_t sim_now(void *context)
{
	return ((Sim *)context)->now;
}

/* ---- one seed's world ---- */

static uint32_t one_of(Sim *sim, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
	uint32_t choices[] = {a, b, c, d};
	return choices[sim_below(sim, 4)];
}

/* Large services have wider limits, so that as much happens at once in them. */
static uint32_t scale(const Sim *sim)
{
	return 1 + sim->options.runs / 500;
}

static void choose_limits(Sim *sim)
{
	uint32_t each;
	sim->limit = one_of(sim, 0, 3, 20, 100) * scale(sim);
	sim->has_gates = sim_below(sim, 3) != 0;
	if (!sim->has_gates)
		return;
	sim->run_limit = one_of(sim, 0, 1, 2, 5);
	each = one_of(sim, 0, 0, 4, 15) * scale(sim);
	for (int task = 0; task < TASK_COUNT; task++)
		sim->task_limit[task] = each;
	sim->route_limit[ROUTE_REMOTE] = one_of(sim, 0, 0, 1, 6) * scale(sim);
	sim->route_limit[ROUTE_OTHERS] = one_of(sim, 0, 0, 8, 30) * scale(sim);
}

static void choose_world(Sim *sim)
{
	uint32_t runs = sim->options.runs;
	sim->is_recorded = sim_below(sim, 8) != 0;
	choose_limits(sim);
	sim->snapshot_odds = one_of(sim, 0, 3, 10, 50);
	sim->cancel_odds = one_of(sim, 0, 20, 100, 500);
	sim->call_odds = one_of(sim, 0, 5, 20, 100);
	sim->broken_odds = one_of(sim, 0, 0, 100, 1000);
	sim->limit_odds = one_of(sim, 0, 0, 10, 100);
	sim->mistake_odds = one_of(sim, 0, 5, 20, 200);
	sim->window = 1 + (uint32_t)sim_below(sim, sim_below(sim, 2) ? runs : 20 * scale(sim));
	if (sim->is_recorded) {
		uint64_t at = 0;
		sim->hands_over = sim_below(sim, 2);
		sim->unavailable_odds = one_of(sim, 0, 0, 200, 2000);
		sim->commit_odds = one_of(sim, 0, 0, 200, 1000) * scale(sim);
		for (int i = 0; i < 4; i++) {
			at += 1 + sim_below(sim, (uint64_t)runs * one_of(sim, 1, 1, 2, 100));
			sim->crash_at[i] = at;
		}
	} else {
		for (int i = 0; i < 4; i++)
			sim->crash_at[i] = UINT64_MAX;
	}
}

static void choose_runs(Sim *sim)
{
	static const uint8_t sizes[SIM_PROGRAMS] = {7, 9, 7, 3, 4, 60, 4, 4, 6};
	for (uint32_t i = 0; i < sim->options.runs; i++) {
		SimRun *run = &sim->runs[i];
		run->number = i;
		run->program = (uint8_t)sim_below(sim, SIM_PROGRAMS);
		run->input = (int64_t)sim_below(sim, sizes[run->program]);
		if (run->program == 1 && i % 100 == 0) /* one that would like to have everything */
			run->input = SIM_WIDE;
		run->width = (int64_t)sim_below(sim, 4) * 2;
		snprintf(run->id, sizeof run->id, "run-%" PRIu32, i);
	}
}

/* ---- runs come and go ---- */

static size_t inputs_of(const SimRun *run, sbx_value inputs[2])
{
	inputs[0] = sbx_int(run->input);
	inputs[1] = sbx_int(run->width);
	return sbx_entry_input_count(entries[run->program]);
}

static void forget_run(Sim *sim, SimRun *run)
{
	if (run->state == RUN_IN)
		sim->in_dispatcher--;
	if (run->run) {
		sim->queued -= run->queued;
		run->queued = 0;
		if (sim->is_recorded)
			sbx_journal_end(sim->journal, run->id);
		sbx_run_free(run->run);
	}
	run->run = NULL;
}

static void run_is_over(Sim *sim, SimRun *run)
{
	forget_run(sim, run);
	run->state = RUN_OVER;
	sim->over++;
	free(run->calls);
	free(run->snapshot);
	run->calls = NULL;
	run->snapshot = NULL;
	run->call_room = 0;
}

static void run_waits(Sim *sim, SimRun *run)
{
	forget_run(sim, run);
	run->state = RUN_RESUMES;
	run->resume_at = sim->now + RESUME_AFTER_MS;
	if (sim->resume_first + sim->resume_count == sim->resume_room) {
		sim->resume_room = sim->resume_room * 2 + 16;
		sim->resuming = realloc(sim->resuming, sim->resume_room * sizeof(SimRun *));
		if (!sim->resuming)
			abort();
	}
	sim->resuming[sim->resume_first + sim->resume_count++] = run;
}

static void check_done(Sim *sim, SimRun *run)
{
	sbx_value text;
	sbx_status status = sbx_json_dump(run->run, sbx_run_result(run->run), &text);
	sim_check_result(sim, run, true, status ? "(no JSON)" : sbx_peek_str(run->run, text, NULL));
}

static void run_ended(void *context, sbx_run *ended)
{
	Sim *sim = context;
	SimRun *run = sim_run_of(ended);
	sbx_status status = sbx_run_status(ended);
	if (sim->is_dead)
		return;
	sim_note(sim, "end", run, run->highest_call, (uint64_t)(int64_t)status);
	sim_check(sim, run->running == 0, "a run has ended with attempts under way", run, 0);
	if (sim->is_recorded && (status == SBX_DONE || status == SBX_E_RAISED))
		sim_check(sim, run->has_ended, "the host is told of an end before its commit", run, 0);
	switch ((int)status) {
	case SBX_DONE:
		check_done(sim, run);
		break;
	case SBX_E_RAISED:
		sim->counts->failed_runs++;
		sim_check_result(sim, run, false, sbx_run_error_text(ended));
		break;
	case SBX_E_UNAVAILABLE:
		if (!sim->unavailable_odds)
			sim_check(sim, false, "a run ends as if something were missing", run, 0);
		sim->counts->resumes++;
		run_waits(sim, run);
		return;
	default:
		sim_check(sim, status == SBX_E_CANCELLED && run->cancelled, "a run ends as nobody wanted",
				  run, 0);
		sim->counts->cancelled_runs++;
	}
	run_is_over(sim, run);
}

/* The run has ended before a crash, and its host had not been told. Invariant 6. */
static void check_stored(Sim *sim, SimRun *run)
{
	sbx_heap *heap;
	sbx_value result, error, text;
	const char *last = "(nothing)";
	if (sbx_heap_open(0, &heap))
		abort();
	sbx_status status = sbx_journal_result(sim->journal, run->id, heap, &result, &error);
	sim_check(sim, run->has_recorded_end, "a run has ended in the journal alone", run, 0);
	if (status == SBX_DONE && sbx_json_dump(heap, result, &text) == SBX_DONE)
		last = sbx_peek_str(heap, text, NULL);
	else if (status == SBX_E_RAISED && (last = sbx_peek_str(heap, error, NULL)) != NULL)
		for (const char *line = last; line;
			 line = strchr(last, '\n') ? strchr(last, '\n') + 1 : NULL) {
			if (!*line)
				break;
			last = line;
		}
	char line[8192];
	snprintf(line, sizeof line, "%.*s", (int)strcspn(last, "\n"), last);
	sim_check_result(sim, run, status == SBX_DONE, line);
	sbx_heap_close(heap);
	sbx_journal_end(sim->journal, run->id);
	run_is_over(sim, run);
}

static sbx_status open_or_restore(Sim *sim, SimRun *run)
{
	sbx_value inputs[2];
	size_t count = inputs_of(run, inputs);
	if (!run->snapshot || sim_below(sim, 3) == 0)
		return sbx_run_open(entries[run->program], inputs, count, NULL, &run->run);
	sim->counts->restores++;
	return sbx_run_restore(entries[run->program], run->snapshot, run->snapshot_length, NULL,
						   &run->run);
}

static void add(Sim *sim, SimRun *run)
{
	sbx_status status = SBX_DONE;
	run->incarnation++;
	run->queued = run->running = run->resting = 0;
	run->limit = sim->run_limit;
	for (size_t i = 0; i < run->call_room; i++)
		run->calls[i].handed_out = run->calls[i].in_flight = run->calls[i].resting = false;
	if (sim->is_recorded)
		status = sbx_journal_attach(sim->journal, run->id, run->run);
	run->journal_context = sbx_run_context(run->run);
	if (!status)
		status = sbx_run_set_context(run->run, run);
	run->state = RUN_IN;
	sim->in_dispatcher++;
	sim_note(sim, "add", run, run->incarnation, 0);
	if (!status)
		status = sbx_dispatcher_add(sim->dispatcher, run->run);
	sim_check(sim, !status, "a run is refused", run, 0);
}

static void bring_up(Sim *sim, SimRun *run)
{
	sbx_value inputs[2];
	size_t count = inputs_of(run, inputs);
	sbx_status status = SBX_RUNNING;
	if (sim->is_recorded)
		status = sbx_journal_begin(sim->journal, run->id, entries[run->program], inputs, count);
	if (status == SBX_DONE) {
		check_stored(sim, run);
		return;
	}
	sim_check(sim, status == SBX_RUNNING, "the journal refuses a run", run, 0);
	run->has_recorded_end = false;
	sim_check(sim, !run->has_ended, "a run that has ended is to be made again (6)", run, 0);
	status = open_or_restore(sim, run);
	if (sim_check(sim, !status, "a run cannot be opened", run, 0))
		add(sim, run);
}

/* ---- the service and its end ---- */

static void open_service(Sim *sim)
{
	sbx_recorder recorder;
	sbx_dispatcher_options options = {.size = sizeof options,
									  .max_concurrency = sim->limit,
									  .now_ms = sim_now,
									  .event = sim_event,
									  .context = sim,
									  .max_per_run = sim->run_limit,
									  .backoff_first_ms = 20,
									  .backoff_max_ms = 100,
									  .ended = run_ended};
	sbx_status status = SBX_DONE;
	if (sim->is_recorded) {
		status = sbx_journal_open(sim->path, &sim->journal);
		sim_check(sim, !status, "the journal cannot be opened", NULL, 0);
		sim_recorder(sim, &recorder);
		options.recorder = &recorder;
	}
	status = sbx_dispatcher_open(&options, &sim->dispatcher);
	sim_check(sim, !status, "the dispatcher cannot be opened", NULL, 0);
	sim_backends(sim);
	for (int task = 0; task < TASK_COUNT; task++)
		if (sim->task_limit[task])
			sim_check(sim,
					  !sbx_dispatcher_limit_task(sim->dispatcher, sim_tasks[task].name,
												 sim->task_limit[task]),
					  "a limit is refused", NULL, 0);
	if (sbx_dispatcher_limit_route(sim->dispatcher, "remote", sim->route_limit[ROUTE_REMOTE]) ||
		sbx_dispatcher_limit_route(sim->dispatcher, NULL, sim->route_limit[ROUTE_OTHERS]))
		sim_check(sim, false, "a limit is refused", NULL, 0);
}

static void close_service(Sim *sim)
{
	sim->is_dead = true; /* nothing of it reaches the journal any more */
	sbx_dispatcher_close(sim->dispatcher);
	for (uint32_t i = 0; i < sim->admitted; i++) {
		SimRun *run = &sim->runs[i];
		if (run->state != RUN_IN)
			continue;
		sbx_run_free(run->run);
		run->run = NULL;
	}
	if (sim->is_recorded)
		sbx_journal_close(sim->journal);
	sim->dispatcher = NULL;
	sim->journal = NULL;
	sim->is_dead = false;
}

/* Everything in memory is gone; what the journal holds and the snapshots are there. */
static void crash(Sim *sim)
{
	sim->counts->crashes++;
	close_service(sim);
	sim_check(sim, sim->flight_count == 0 && sim->running == 0, "attempts are left after a crash",
			  NULL, 0);
	sim->waiting_count = sim->handed = 0;
	sim->is_writing = sim->handed_over = false;
	sim->queued = 0;
	sim->in_dispatcher = 0;
	sim_note(sim, "restart", NULL, 0, 0);
	sim->now += 1 + (int64_t)sim_below(sim, 1000);
	open_service(sim);
	for (uint32_t i = 0; i < sim->admitted; i++) {
		SimRun *run = &sim->runs[i];
		if (run->state != RUN_IN)
			continue;
		run->state = RUN_NEW;
		if (run->cancelled)
			run_is_over(sim, run);
		else
			bring_up(sim, run);
	}
}

/* ---- what the host does between polls ---- */

static SimRun *some_run(Sim *sim)
{
	SimRun *run = sim->admitted ? &sim->runs[sim_below(sim, sim->admitted)] : NULL;
	return run && run->state == RUN_IN && !run->cancelled && sbx_run_status(run->run) >= 0 &&
				   sbx_run_status(run->run) != SBX_DONE
			   ? run
			   : NULL;
}

static void keep_snapshot(Sim *sim, SimRun *run)
{
	sbx_heap *heap;
	sbx_value bytes;
	size_t length;
	if (sbx_heap_open(0, &heap))
		abort();
	sbx_status status = sbx_run_snapshot(run->run, heap, &bytes);
	if (sim_check(sim, !status, "no snapshot", run, 0)) {
		const unsigned char *data = sbx_peek_bytes(bytes, &length);
		free(run->snapshot);
		run->snapshot = malloc(length);
		if (!run->snapshot)
			abort();
		memcpy(run->snapshot, data, length);
		run->snapshot_length = length;
		sim->counts->snapshots++;
	}
	sbx_heap_close(heap);
}

/* Out of the dispatcher and in again: as a snapshot, or as it is. */
static void move_run(Sim *sim)
{
	SimRun *run = some_run(sim);
	if (!run)
		return;
	sim_note(sim, "move", run, 0, 0);
	sbx_dispatcher_remove(sim->dispatcher, run->run);
	if (sim->is_dead) /* in the commit */
		return;
	sim_check(sim, run->running == 0, "a run leaves with attempts under way", run, 0);
	sim->in_dispatcher--;
	sim->queued -= run->queued;
	if (sim_below(sim, 4)) {
		keep_snapshot(sim, run);
		sbx_run_free(run->run);
		sbx_status status =
			sbx_run_restore(entries[0], run->snapshot, run->snapshot_length, NULL, &run->run);
		if (!sim_check(sim, !status, "a snapshot cannot be restored", run, 0))
			abort();
	}
	add(sim, run);
}

static void cancel_run(Sim *sim)
{
	SimRun *run = some_run(sim);
	if (!run)
		return;
	sim_note(sim, "give up", run, 0, 0);
	run->cancelled = true;
	sim_check(sim, !sbx_run_cancel(run->run), "a run cannot be cancelled", run, 0);
}

static void cancel_call(Sim *sim)
{
	SimRun *run = some_run(sim);
	if (!run)
		return;
	uint64_t id = run->highest_call + 2 - sim_below(sim, 5);
	bool is_there = sbx_run_has_call(run->run, id);
	bool was_durable = id < run->call_room && run->calls[id].durable;
	sbx_status status = sbx_run_cancel_call(run->run, id, "given up");
	if (sim->is_dead)
		return;
	sim_check(sim, status == SBX_DONE || status == SBX_E_NO_CALL, "a call cannot be cancelled", run,
			  id);
	if (status)
		return;
	sim_note(sim, "give up", run, id, 0);
	sim_check(sim, is_there && !was_durable, "a call is cancelled that has finished", run, id);
	sim_check(sim, !sim_call(run, id)->in_flight, "a cancelled call stays under way", run, id);
	sim->counts->call_cancels++;
}

/* Somebody uses the id of a run for another one. Invariant 5; and what others have recorded must not suffer from it. */
static void begin_wrongly(Sim *sim)
{
	sbx_value inputs[2] = {sbx_int(-1), sbx_int(-1)};
	if (!sim->is_recorded || !sim->admitted)
		return;
	const SimRun *run = &sim->runs[sim_below(sim, sim->admitted)];
	size_t count = sbx_entry_input_count(entries[run->program]);
	sim_note(sim, "mistake", run, 0, 0);
	sbx_status status =
		sbx_journal_begin(sim->journal, run->id, entries[run->program], inputs, count);
	sim_check(sim, status == (run->state == RUN_IN ? SBX_E_STATE : SBX_E_INPUT),
			  "a run is begun with other inputs (5)", run, 0);
}

static void change_limit(Sim *sim)
{
	uint32_t limit = 1 + (uint32_t)sim_below(sim, 10 * scale(sim));
	uint32_t task = (uint32_t)sim_below(sim, TASK_COUNT + 2);
	sbx_status status;
	SimRun *run = some_run(sim);
	if (!sim->has_gates)
		return;
	if (task < TASK_COUNT) {
		sim->task_limit[task] = limit;
		status = sbx_dispatcher_limit_task(sim->dispatcher, sim_tasks[task].name, limit);
	} else if (task == TASK_COUNT && run) {
		run->limit = limit;
		status = sbx_dispatcher_limit_run(sim->dispatcher, run->run, limit);
	} else {
		sim->route_limit[ROUTE_OTHERS] = limit;
		status = sbx_dispatcher_limit_route(sim->dispatcher, NULL, limit);
	}
	sim_check(sim, !status, "a limit is refused", NULL, task);
}

static void admit(Sim *sim)
{
	while (sim->admitted < sim->options.runs && sim->in_dispatcher < sim->window && !sim->is_dead) {
		SimRun *run = &sim->runs[sim->admitted++];
		sim->counts->runs++;
		bring_up(sim, run);
	}
	while (sim->resume_count && sim->resuming[sim->resume_first]->resume_at <= sim->now) {
		SimRun *run = sim->resuming[sim->resume_first++];
		sim->resume_count--;
		bring_up(sim, run);
	}
}

static void act(Sim *sim)
{
	if (sim_happens(sim, sim->snapshot_odds))
		move_run(sim);
	if (!sim->is_dead && sim_happens(sim, sim->cancel_odds))
		cancel_run(sim);
	if (!sim->is_dead && sim_happens(sim, sim->call_odds))
		cancel_call(sim);
	if (!sim->is_dead && sim_happens(sim, sim->limit_odds))
		change_limit(sim);
	if (!sim->is_dead && sim_happens(sim, sim->mistake_odds))
		begin_wrongly(sim);
	sim->poll_fails = sim_happens(sim, sim->broken_odds);
}

/* ---- the loop ---- */

/* On to the next thing that happens. False: nothing ever will. */
static bool wait_for_next(Sim *sim)
{
	int timeout = sbx_dispatcher_timeout(sim->dispatcher);
	int64_t next = timeout < 0 ? INT64_MAX : sim->now + timeout;
	sim_check(sim, next <= sim_next_report(sim),
			  "the dispatcher sleeps while a backend has something", NULL, 0);
	if (timeout == 0)
		return true;
	sim_check_quiet(sim);
	if (sim->resume_count && sim->resuming[sim->resume_first]->resume_at < next)
		next = sim->resuming[sim->resume_first]->resume_at;
	if (sim->is_writing && sim->write_at < next)
		next = sim->write_at;
	if (sim_below(sim, 8) == 0 && next > sim->now + 1) /* the host is woken by something else */
		next = sim->now + 1;
	if (next == INT64_MAX)
		return sim->admitted < sim->options.runs || sim->over == sim->options.runs;
	sim->now = next > sim->now ? next : sim->now;
	if (sim->is_writing && sim->write_at <= sim->now) {
		sim_write(sim);
		if (sim->is_dead)
			return true;
	}
	if (sim_below(sim, 4) == 0)
		sim_report(sim); /* from the host's own loop */
	return true;
}

static void drive(Sim *sim)
{
	uint64_t turns = 0, most = 20000 + (uint64_t)sim->options.runs * TURNS_A_RUN;
	while (sim->over < sim->options.runs && sim->failures < 3) {
		if (!sim_check(sim, ++turns < most, "the service does not come to an end", NULL, 0))
			return;
		admit(sim);
		act(sim);
		sbx_status status = sim->is_dead ? SBX_DONE : sbx_dispatcher_poll(sim->dispatcher);
		if (sim->is_dead) {
			sim->is_dead = false;
			crash(sim);
		} else if (sim->crash_next < 4 && sim->starts >= sim->crash_at[sim->crash_next]) {
			sim->crash_next++;
			sim_note(sim, "crash", NULL, 0, 0);
			crash(sim);
		} else {
			sim_check(sim, status >= 0, "a poll fails", NULL, 0);
			sim_check(sim, (status == SBX_WAITING) == (sim->in_dispatcher > 0),
					  "a poll does not know of its runs", NULL, 0);
			if (!sim_check(sim, wait_for_next(sim), "nothing happens any more", NULL, 0))
				return;
			if (sim->is_dead) { /* while it wrote */
				sim->is_dead = false;
				crash(sim);
			}
		}
	}
}

static void remove_journal(const Sim *sim)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-runs", "-journal"};
	char path[600];
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(path, sizeof path, "%s%s", sim->path, ends[i]);
		(void)unlink(path);
	}
}

uint32_t sim_run_seed(const SimOptions *options, SimCounts *counts, uint64_t *hash)
{
	Sim sim = {.options = *options,
			   .random = sim_mix(options->seed ^ 0x5DEECE66Du),
			   .counts = counts,
			   .hash = 14695981039346656037u};
	sim.now = 1 + (int64_t)sim_below(&sim, 1000000000);
	sim.runs = calloc(options->runs, sizeof *sim.runs);
	if (!sim.runs)
		abort();
	snprintf(sim.path, sizeof sim.path, "%s/simulation-%ld.db", options->folder, (long)getpid());
	remove_journal(&sim);
	choose_world(&sim);
	choose_runs(&sim);
	open_service(&sim);
	drive(&sim);
	close_service(&sim);
	sim_world_close(&sim);
	for (uint32_t i = 0; i < options->runs; i++) {
		free(sim.runs[i].calls);
		free(sim.runs[i].snapshot);
	}
	free(sim.resuming);
	free(sim.runs);
	remove_journal(&sim);
	*hash = sim.hash;
	return sim.failures;
}
