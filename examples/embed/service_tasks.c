/*
 * The tasks of shop.py in C. A real service would ask a database or another machine here. This one writes down that the
 * work is done, which the world can see, and reports it a while later: whoever is killed in between has a call in flight.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "service.h"

/* A call under way. All take as long, so the one that was started first is due first. */
typedef struct Work {
	struct Work *next, *previous;
	sbx_attempt *attempt;
	int64_t due;
} Work;

typedef struct Tasks {
	Service *service;
	Work *first, *last;
	uint32_t delay_ms;
	int log;
	bool is_broken; /* the log cannot be written any more */
	char *lines;    /* of calls that were started since the last poll: many share a write */
	size_t used, room;
} Tasks;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the log of what was done ---- */

static bool add_line(Tasks *tasks, const sbx_call *call)
{
	const Job *job = runs_of(tasks->service, sbx_call_run(call));
	const char *id = job ? job->id : "?", *task = sbx_call_task_name(call);
	size_t need = strlen(id) + strlen(task) + 32;
	if (tasks->used + need > tasks->room) {
		size_t room = (tasks->room + need) * 2;
		char *lines = realloc(tasks->lines, room);
		if (!lines)
			return false;
		tasks->lines = lines;
		tasks->room = room;
	}
	tasks->used += (size_t)snprintf(tasks->lines + tasks->used, need, "%s %" PRIu64 " %s\n", id,
									sbx_call_id(call), task);
	return true;
}

static bool write_lines(Tasks *tasks)
{
	size_t done = 0;
	while (tasks->log >= 0 && done < tasks->used) {
		ssize_t n = write(tasks->log, tasks->lines + done, tasks->used - done);
		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? (size_t)n : 0;
	}
	bool good = tasks->log < 0 || done == tasks->used;
	tasks->used = 0;
	return good;
}

/* ---- calls under way ---- */

static sbx_status start(void *context, sbx_attempt *attempt)
{
	Tasks *tasks = context;
	Work *work = calloc(1, sizeof *work);
	if (!work || (tasks->log >= 0 && !add_line(tasks, attempt->call))) {
		free(work);
		return SBX_E_NO_MEMORY;
	}
	work->attempt = attempt;
	work->due = now_ms() + tasks->delay_ms;
	work->previous = tasks->last;
	if (tasks->last)
		tasks->last->next = work;
	else
		tasks->first = work;
	tasks->last = work;
	attempt->state = work;
	return SBX_DONE;
}

static void take_out(Tasks *tasks, Work *work)
{
	if (work->next)
		work->next->previous = work->previous;
	else
		tasks->last = work->previous;
	if (work->previous)
		work->previous->next = work->next;
	else
		tasks->first = work->next;
}

static void cancel(void *context, sbx_attempt *attempt)
{
	take_out(context, attempt->state);
	free(attempt->state);
}

/* ---- the work itself ---- */

static const char *text_of(const sbx_call *call, size_t index)
{
	const char *text = sbx_peek_str(sbx_call_run(call), sbx_call_arg(call, index), NULL);
	return text ? text : "";
}

static void carry_out(sbx_attempt *attempt)
{
	const sbx_call *call = attempt->call;
	sbx_run *heap = sbx_call_run(call);
	const char *name = sbx_call_task_name(call), *first = text_of(call, 0);
	char line[512] = "";
	sbx_value result;
	int64_t cents = 0;
	if (strcmp(name, "shop.charge") == 0 && strcmp(first, "Nobody") == 0) {
		sbx_attempt_fail(attempt, "ValueError", "no such customer", NULL);
		return;
	}
	if (strcmp(name, "shop.reserve") == 0)
		snprintf(line, sizeof line, "reserved %s", first);
	else if (strcmp(name, "shop.charge") == 0 && sbx_get_int(sbx_call_arg(call, 1), &cents))
		snprintf(line, sizeof line, "%s paid %" PRId64, first, cents);
	else if (strcmp(name, "shop.ship") == 0)
		snprintf(line, sizeof line, "%zu to %s", sbx_count(sbx_call_arg(call, 1)), first);
	result = strcmp(name, "shop.price") == 0 ? sbx_int(100 * (int64_t)strlen(first))
											 : sbx_str_make(heap, line, strlen(line));
	if (sbx_kind(result) == SBX_INVALID) /* a text that was cut within a letter, or no memory */
		sbx_attempt_fail(attempt, "ValueError", "the text is too long", NULL);
	else
		sbx_attempt_answer(attempt, result);
	sbx_value_free(heap, result);
}

static sbx_status poll(void *context)
{
	Tasks *tasks = context;
	int64_t now = now_ms();
	tasks->is_broken |= !write_lines(tasks);
	while (tasks->first && tasks->first->due <= now) {
		Work *work = tasks->first;
		sbx_attempt *attempt = work->attempt;
		take_out(tasks, work);
		free(work);
		if (tasks->is_broken)
			sbx_attempt_fail(attempt, "OSError", "the work cannot be written down", NULL);
		else
			carry_out(attempt);
	}
	return SBX_DONE;
}

static int timeout(void *context)
{
	const Tasks *tasks = context;
	int64_t left = tasks->first ? tasks->first->due - now_ms() : -1;
	if (tasks->used || (tasks->first && left < 0))
		return 0;
	return (int)left;
}

static void close_tasks(void *context)
{
	Tasks *tasks = context;
	if (tasks->log >= 0)
		close(tasks->log);
	free(tasks->lines);
	free(tasks);
}

/* The line at which a former process was killed is ended. */
static bool end_line(int log)
{
	char last = '\n';
	off_t size = lseek(log, 0, SEEK_END);
	return size <= 0 || (pread(log, &last, 1, size - 1) == 1 && last == '\n') ||
		   write(log, "\n", 1) == 1;
}

sbx_status tasks_open(Service *service, uint32_t delay_ms, const char *work_log,
					  sbx_backend *backend)
{
	Tasks *tasks = calloc(1, sizeof *tasks);
	if (!tasks)
		return SBX_E_NO_MEMORY;
	tasks->service = service;
	tasks->delay_ms = delay_ms;
	tasks->log = -1;
	if (work_log) {
		tasks->log = open(work_log, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
		if (tasks->log < 0 || !end_line(tasks->log)) {
			fprintf(stderr, "service: error: '%s': %s\n", work_log, strerror(errno));
			free(tasks);
			return SBX_E_UNAVAILABLE;
		}
	}
	*backend = (sbx_backend){.size = sizeof *backend,
							 .context = tasks,
							 .start = start,
							 .poll = poll,
							 .cancel = cancel,
							 .timeout = timeout,
							 .close = close_tasks};
	return SBX_DONE;
}
