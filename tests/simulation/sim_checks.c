/*
 * What must always be true of the simulated service. The numbers of invariants are those of docs/journal.md.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <string.h>

#include "sim.h"

uint64_t sim_random(Sim *sim)
{
	return sim_mix(sim->random++);
}

uint64_t sim_below(Sim *sim, uint64_t n)
{
	return n ? sim_random(sim) % n : 0;
}

bool sim_happens(Sim *sim, uint32_t odds)
{
	return odds && sim_below(sim, odds) == 0;
}

void sim_note(Sim *sim, const char *what, const SimRun *run, uint64_t call, uint64_t number)
{
	uint64_t words[4] = {(uint64_t)sim->now, run ? run->number : UINT64_MAX, call, number};
	if (sim->is_dead)
		return;
	for (const char *p = what; *p; p++)
		sim->hash = (sim->hash ^ (unsigned char)*p) * 1099511628211u;
	for (int i = 0; i < 4; i++)
		sim->hash = sim_mix(sim->hash ^ words[i]);
	if (sim->options.trace)
		printf("%8" PRId64 " %-10s run %" PRId64 " call %" PRIu64 " %" PRIu64 "\n", sim->now, what,
			   run ? (int64_t)run->number : -1, call, number);
}

bool sim_check(Sim *sim, bool is_right, const char *what, const SimRun *run, uint64_t call)
{
	sim->counts->checks++;
	if (is_right)
		return true;
	if (sim->failures++ < 3) {
		printf("FAIL seed %" PRIu64 ", %" PRIu32 " runs, at %" PRId64 " ms: %s", sim->options.seed,
			   sim->options.runs, sim->now, what);
		if (run)
			printf(" (run %" PRIu32 ", %s(%" PRId64 "), call %" PRIu64 ")", run->number,
				   sim_program_names[run->program], run->input, call);
		printf("\n     again: simulate --seed %" PRIu64 " --runs %" PRIu32 " --trace\n",
			   sim->options.seed, sim->options.runs);
	}
	return false;
}

static bool within(uint32_t running, uint32_t limit)
{
	return !limit || running < limit;
}

void sim_check_start(Sim *sim, SimRun *run, uint64_t call, enum SimTask task, uint32_t number)
{
	SimCall *c = sim_call(run, call);
	enum SimRoute route = sim_tasks[task].route;
	sim_check(sim, c->handed_out, "a call is started that was not handed out", run, call);
	sim_check(sim, !c->durable, "a finished call is started again (2)", run, call);
	sim_check(sim, !c->in_flight, "a call is started while it is under way", run, call);
	sim_check(sim, number <= sim_tasks[task].retries + 1, "an attempt more than the task has", run,
			  call);
	if (!c->resting) {
		sim_check(sim, c->started_in < run->incarnation,
				  "a call begins twice without an end of the process (3)", run, call);
		c->started_in = run->incarnation;
	}
	sim_check(sim, within(sim->running, sim->limit), "the limit over all is exceeded", run, call);
	sim_check(sim, within(run->running, run->limit), "the limit of a run is exceeded", run, call);
	sim_check(sim, within(sim->task_running[task], sim->task_limit[task]),
			  "the limit of a task is exceeded", run, call);
	sim_check(sim, within(sim->route_running[route], sim->route_limit[route]),
			  "the limit of a backend is exceeded", run, call);
	if (!sim->has_gates && run->bound && !run->resting)
		sim_check(sim, sim->starts < run->bound,
				  "a run has waited for more than one turn of each other", run, call);
}

void sim_check_result(Sim *sim, const SimRun *run, bool is_done, const char *text)
{
	char expected[8192];
	bool right = sim_expected(sim, run, expected, sizeof expected);
	if (!sim_check(sim, right == is_done && text && strcmp(text, expected) == 0,
				   "the result is wrong", run, run->highest_call))
		printf("     got <<%s>>, expected <<%s>>\n", text ? text : "NULL", expected);
}

/* Without limits but the one over all, a call waits only where that is reached. With others one run is looked at. */
void sim_check_quiet(Sim *sim)
{
	if (!sim->has_gates) {
		sim_check(sim, !sim->queued || (sim->limit && sim->running >= sim->limit),
				  "calls wait although there is a place", NULL, 0);
		return;
	}
	SimRun *run = &sim->runs[sim_below(sim, sim->admitted)];
	if (run->state != RUN_IN || !run->queued || !within(sim->running, sim->limit) ||
		!within(run->running, run->limit))
		return;
	bool has_places = true; /* whatever task it is that waits */
	for (int t = 0; t < TASK_COUNT; t++)
		has_places &= within(sim->task_running[t], sim->task_limit[t]);
	for (int r = 0; r < ROUTE_COUNT; r++)
		has_places &= within(sim->route_running[r], sim->route_limit[r]);
	sim_check(sim, !has_places, "a call waits although every limit has a place", run, 0);
}
