/*
 * Fates and the oracle: what each attempt does, and what each orchestrator of sim_programs.py must come to, written a second
 * time, in plain C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <string.h>

#include "sim.h"

const SimTaskInfo sim_tasks[TASK_COUNT] = {
	[TASK_WORK] = {"sim.work", 2, 0, ROUTE_OTHERS},
	[TASK_SLOW] = {"sim.slow", 1, 1000, ROUTE_OTHERS},
	[TASK_WORDS] = {"sim.words", 0, 0, ROUTE_OTHERS},
	[TASK_HALF] = {"sim.half", 3, 0, ROUTE_OTHERS},
	[TASK_REMOTE] = {"sim.remote", 1, 0, ROUTE_REMOTE},
	[TASK_PLUS] = {"sim.plus", 1, 0, ROUTE_NATIVE},
};
const char *const sim_program_names[] = {"chain",  "fan",   "strict", "nested", "items",
										 "branch", "texts", "lazy",   "squares"};

uint64_t sim_mix(uint64_t x)
{
	x += 0x9E3779B97F4A7C15u;
	x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
	x = (x ^ x >> 27) * 0x94D049BB133111EBu;
	return x ^ x >> 31;
}

enum SimEnd sim_fate(const Sim *sim, const SimRun *run, uint64_t call, enum SimTask task,
					 uint32_t number)
{
	const SimTaskInfo *info = &sim_tasks[task];
	uint64_t h = sim_mix(sim_mix(sim_mix(sim->options.seed) ^ run->number) ^ call);
	bool is_lost = h % 100 < 4;
	uint32_t good_at = h >> 8 & 3 ? 1 : 1 + (uint32_t)(h >> 16) % (info->retries + 1);
	if (!is_lost && number >= good_at)
		return END_ANSWER;
	return info->timeout_ms && sim_mix(h + number) & 1 ? END_HANG : END_FAIL;
}

void sim_failure_text(char *text, size_t size, uint64_t call, uint32_t number)
{
	snprintf(text, size, "bad %" PRIu64 " at attempt %" PRIu32, call, number);
}

/* ---- the oracle ---- */

typedef struct Oracle {
	const Sim *sim;
	const SimRun *run;
	uint64_t last_call;
	char type[64], text[100]; /* of the last failure */
} Oracle;

/* Does the call with this id succeed? If not, its failure is noted. */
static bool succeeds(Oracle *o, enum SimTask task, uint64_t id)
{
	uint32_t last = sim_tasks[task].retries + 1;
	uint8_t from = id < o->run->call_room ? o->run->calls[id].from : FROM_FATE;
	enum SimEnd end = sim_fate(o->sim, o->run, id, task, last);
	if (from == FROM_HOST) {
		snprintf(o->type, sizeof o->type, "flyte.errors.ActionAbortedError");
		snprintf(o->text, sizeof o->text, "given up");
	} else if (from == FROM_BACKEND) {
		snprintf(o->type, sizeof o->type, "RuntimeError");
		snprintf(o->text, sizeof o->text, "a backend failed");
	} else if (end == END_HANG) {
		snprintf(o->type, sizeof o->type, "TimeoutError");
		snprintf(o->text, sizeof o->text, "the task took longer than %" PRIu32 " ms",
				 sim_tasks[task].timeout_ms);
	} else if (end == END_FAIL) {
		snprintf(o->type, sizeof o->type, "ValueError");
		sim_failure_text(o->text, sizeof o->text, id, last);
	} else {
		return true;
	}
	return false;
}

static bool call(Oracle *o, enum SimTask task)
{
	return succeeds(o, task, ++o->last_call);
}

static int64_t modulo(int64_t x, int64_t n) /* Python's */
{
	return (x % n + n) % n;
}

static bool chain(Oracle *o, int64_t n, int64_t *total)
{
	*total = 0;
	for (int64_t i = 0; i < n; i++) {
		if (!call(o, TASK_WORK))
			return false;
		*total = 3 * (*total % 1000 + i) + 1;
	}
	return true;
}

static bool fan(Oracle *o, int64_t n, char *out, size_t size)
{
	int64_t good = 0, bad = 0;
	for (int64_t i = 0; i < n; i++) {
		if (call(o, TASK_WORK))
			good += 3 * i + 1;
		else
			bad += strcmp(o->type, "ValueError") == 0 ? 1 : 1000;
	}
	snprintf(out, size, "[%" PRId64 ", %" PRId64 "]", good, bad);
	return true;
}

/* A map whose failures raise: that of the lowest index counts. */
static bool map(Oracle *o, enum SimTask task, int64_t n)
{
	uint64_t first = o->last_call + 1;
	o->last_call += (uint64_t)n;
	for (int64_t i = 0; i < n; i++)
		if (!succeeds(o, task, first + (uint64_t)i))
			return false;
	return true;
}

static bool nested(Oracle *o, int64_t n, int64_t *total)
{
	*total = 0;
	for (int64_t i = 0; i < n; i++) {
		int64_t inner;
		if (!chain(o, 2, &inner) || !call(o, TASK_PLUS))
			return false;
		*total += inner;
	}
	return true;
}

static bool items(Oracle *o, int64_t n, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "[");
	for (int64_t i = 0; i < n; i++) {
		int64_t total;
		const char *comma = i ? ", " : "";
		if (chain(o, i, &total))
			used += (size_t)snprintf(out + used, size - used, "%s\"%" PRId64 "\"", comma, total);
		else
			used += (size_t)snprintf(out + used, size - used, "%s\"%s\"", comma, o->text);
	}
	snprintf(out + used, size - used, "]");
	return true;
}

static bool branch(Oracle *o, int64_t x, int64_t *result)
{
	for (int steps = 0; steps < 5; steps++) {
		int64_t kind = modulo(x, 3);
		if (!call(o, kind == 0 ? TASK_WORK : kind == 1 ? TASK_REMOTE : TASK_SLOW))
			return false;
		x = kind == 0 ? 3 * modulo(x, 50) + 1 : kind == 1 ? modulo(x, 50) * modulo(x, 50) : x - 7;
	}
	*result = x;
	return true;
}

static bool texts(Oracle *o, int64_t n, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "\"");
	for (int64_t i = 0; i < n; i++) {
		if (!call(o, TASK_WORDS))
			return false;
		used += (size_t)snprintf(out + used, size - used, "%s%" PRId64 "-\\u4e2d", i ? "+" : "", i);
	}
	snprintf(out + used, size - used, "\"");
	return true;
}

static bool lazy(Oracle *o, int64_t n, char *out, size_t size)
{
	int64_t halves = 0;
	for (int64_t i = 0; i <= n; i++) {
		if (!call(o, TASK_HALF))
			return false;
		halves += i;
	}
	snprintf(out, size, "%" PRId64 ".%d", halves / 2, halves % 2 ? 5 : 0);
	return true;
}

bool sim_expected(const Sim *sim, const SimRun *run, char *text, size_t size)
{
	Oracle o = {.sim = sim, .run = run};
	int64_t n = run->input, result = 0;
	bool is_done = false, is_int = true;
	switch (run->program) {
	case 0:
		is_done = chain(&o, n, &result);
		break;
	case 1:
		is_done = fan(&o, n, text, size);
		is_int = false;
		break;
	case 2:
		is_done = map(&o, TASK_SLOW, n);
		result = n * (n - 1) / 2 - 7 * n;
		break;
	case 3:
		is_done = nested(&o, n, &result);
		break;
	case 4:
		is_done = items(&o, n, text, size);
		is_int = false;
		break;
	case 5:
		is_done = branch(&o, n, &result);
		break;
	case 6:
		is_done = texts(&o, n, text, size);
		is_int = false;
		break;
	case 7:
		is_done = lazy(&o, n, text, size);
		is_int = false;
		break;
	default:
		is_done = map(&o, TASK_REMOTE, n) && call(&o, TASK_PLUS);
		result = (n - 1) * n * (2 * n - 1) / 6 + n;
		break;
	}
	if (!is_done)
		snprintf(text, size, "%s: %s", o.type, o.text);
	else if (is_int)
		snprintf(text, size, "%" PRId64, result);
	return is_done;
}
