/*
 * The pool of the local backend.
 *
 * A call goes to an idle worker, else a new worker is started while there are places, else it waits
 * in line. When a worker is lost, the call that it had fails with a RuntimeError that says how the
 * worker ended, and the next call gets a new one. A report to the dispatcher comes last in every
 * function here: the dispatcher may start or cancel other attempts within it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "local.h"

/* IMPORT_GRACE_MS: how much longer than its timeout a call may take whose worker starts, or imports the user's file, first. */
enum { CLOSE_GRACE_MS = 500, IMPORT_GRACE_MS = 60000 };

/* ---- starting ---- */

/* Finds the interpreter as execvp would, but beforehand, so that its absence is told in plain
 * words. */
static char *find_interpreter(const char *name)
{
	char *found = NULL;
	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? strdup(name) : NULL;
	const char *path = getenv("PATH");
	if (!path)
		path = "/usr/local/bin:/usr/bin:/bin";
	while (*path) {
		size_t length = strcspn(path, ":");
		struct stat status;
		free(found);
		found = NULL;
		if (asprintf(&found, "%.*s/%s", (int)length, path, name) < 0)
			return NULL;
		if (length && access(found, X_OK) == 0 && stat(found, &status) == 0 &&
			S_ISREG(status.st_mode))
			return found;
		path += length + (path[length] == ':');
	}
	free(found);
	return NULL;
}

bool local_have_interpreter(Local *local)
{
	if (!local->interpreter)
		local->interpreter = find_interpreter(local->python);
	if (!local->interpreter && !local->problem &&
		asprintf(
			&local->problem,
			"no Python to run tasks with: '%s' is not there; install python3 or set SBX_PYTHON",
			local->python) < 0)
		local->problem = NULL;
	return local->interpreter != NULL;
}

static Worker *find_worker(Local *local)
{
	Worker *empty = NULL;
	for (unsigned i = 0; i < local->worker_count; i++) {
		Worker *worker = &local->workers[i];
		if (worker->pid > 0 && !worker->attempt && !worker->ended_at)
			return worker;
		if (worker->pid == 0 && !empty)
			empty = worker;
	}
	return empty;
}

static void fail(sbx_attempt *attempt, const char *type, const char *text)
{
	sbx_attempt_fail(attempt, type, text, NULL);
}

/* Hands the attempt to the worker. */
static void give(Local *local, Worker *worker, sbx_attempt *attempt)
{
	const char *reason = NULL;
	if (worker->pid == 0 && !local_worker_start(worker, &reason)) {
		char text[256];
		snprintf(text, sizeof text, "no worker process can be started: %s", reason);
		fail(attempt, "RuntimeError", text);
		return;
	}
	size_t before = byte_queue_length(&worker->out);
	sbx__log_label(attempt->call, worker->label, sizeof worker->label);
	snprintf(worker->task, sizeof worker->task, "%s", sbx_call_task_name(attempt->call));
	uint64_t sequence = ++local->next_sequence;
	sbx_task_info info = {.size = sizeof info};
	sbx_call_task(attempt->call, &info);
	if (!local_write_call(&worker->out, attempt, worker->label, info.extra, sequence)) {
		bool memory = worker->out.failed;
		worker->out.end = worker->out.start + before;
		worker->out.failed = false;
		fail(attempt, memory ? "MemoryError" : "ValueError",
			 memory ? "no memory for the arguments"
					: "the arguments are too large to be sent to a worker");
		return;
	}
	sbx_attempt_extend(attempt, IMPORT_GRACE_MS);
	worker->attempt = attempt;
	worker->sequence = sequence;
	worker->started = false;
	worker->calls++;
	attempt->state = worker;
	if (!local_worker_flush(worker))
		worker->ended_at = local_now(); /* poll finds out how it ended */
}

/* Puts the attempt into the line at `place`; poll gives it to a worker. */
static bool wait_in_line(Local *local, sbx_attempt *attempt, Waiting **place)
{
	Waiting *waiting = malloc(sizeof *waiting);
	if (!waiting) {
		fail(attempt, "MemoryError", "no memory for another call");
		return false;
	}
	sbx_attempt_extend(attempt, IMPORT_GRACE_MS);
	*waiting = (Waiting){attempt, *place};
	*place = waiting;
	attempt->state = NULL;
	if (!waiting->next)
		local->last = &waiting->next;
	return true;
}

static sbx_status start(void *context, sbx_attempt *attempt)
{
	Local *local = context;
	attempt->state = NULL;
	if (!local_have_interpreter(local)) {
		fail(attempt, "RuntimeError",
			 local->problem ? local->problem : "no Python to run tasks with");
		return SBX_E_UNAVAILABLE;
	}
	Worker *worker = local->first ? NULL : find_worker(local);
	if (worker) {
		give(local, worker, attempt);
		return SBX_DONE;
	}
	return wait_in_line(local, attempt, local->last) ? SBX_DONE : SBX_E_NO_MEMORY;
}

static void assign_waiting(Local *local)
{
	Worker *worker;
	while (local->first && (worker = find_worker(local))) {
		Waiting *waiting = local->first;
		local->first = waiting->next;
		if (!local->first)
			local->last = &local->first;
		sbx_attempt *attempt = waiting->attempt;
		free(waiting);
		give(local, worker, attempt);
	}
}

/* ---- reports ---- */

/*
 * The call of this worker fails since the worker is lost; what remains of it is killed. A call that
 * had not begun was not at fault: what an earlier one left behind has ended the worker. It goes to
 * another. */
static void lose_worker(Worker *worker, const char *how)
{
	sbx_attempt *attempt = worker->attempt;
	bool again = attempt && !worker->started && worker->calls > 1;
	local_output_read(worker, true);
	if (again) {
		local_worker_kill(worker);
		wait_in_line(worker->local, attempt, &worker->local->first);
	} else if (attempt) {
		char text[512];
		snprintf(text, sizeof text, "the worker process of task '%s' %s", worker->task, how);
		local_worker_kill(worker);
		fail(attempt, "RuntimeError", text);
	} else {
		local_worker_kill(worker);
	}
}

static void report_result(Worker *worker, sbx_attempt *attempt, const Reply *reply)
{
	sbx_heap *heap;
	if (sbx_heap_open(0, &heap)) {
		byte_queue_clear(&worker->in);
		fail(attempt, "MemoryError", "no memory for the result");
		return;
	}
	sbx_value value;
	bool good = local_read_value(heap, reply->body, reply->length, &value);
	if (!good) {
		worker->attempt = attempt;
		lose_worker(worker, "sent a result that is damaged");
	} else {
		byte_queue_clear(&worker->in);
		sbx_attempt_answer(attempt, value);
	}
	sbx_heap_close(heap);
}

static void report_error(Worker *worker, sbx_attempt *attempt, const Reply *reply)
{
	const char *texts[3];
	char *block = local_read_error(reply, texts);
	if (!block) {
		worker->attempt = attempt;
		lose_worker(worker, "sent an error that is damaged");
		return;
	}
	byte_queue_clear(&worker->in);
	sbx_attempt_fail(attempt, texts[0], texts[1], *texts[2] ? texts[2] : NULL);
	free(block);
}

/* Takes one message. False: no whole one is there, or the worker was lost or gave its answer. */
static bool take_message(Worker *worker)
{
	Reply reply;
	enum ReplyState state = local_peek_reply(&worker->in, &reply);
	if (state == REPLY_NONE)
		return false;
	sbx_attempt *attempt = worker->attempt;
	if (state == REPLY_GARBAGE || !attempt || reply.sequence != worker->sequence) {
		lose_worker(worker, "wrote garbage to its message channel and was stopped");
		return false;
	}
	bool last = reply.kind == MESSAGE_RESULT || reply.kind == MESSAGE_ERROR;
	local_output_read(worker, last);
	if (!last) {
		worker->started = true;
		if (reply.kind == MESSAGE_NOTE)
			sbx_log_line(worker->local->log, worker->label, (const char *)reply.body, reply.length);
		else if (reply.kind == MESSAGE_BEGUN)
			sbx_attempt_extend(attempt, 0);
		byte_queue_skip(&worker->in, LOCAL_HEADER + 8 + reply.length);
		return true;
	}
	size_t used = LOCAL_HEADER + 8 + reply.length;
	if (byte_queue_length(&worker->in) != used) {
		lose_worker(worker, "wrote garbage to its message channel and was stopped");
		return false;
	}
	worker->attempt = NULL;
	snprintf(worker->label, sizeof worker->label, "worker#%u", worker->index + 1);
	if (reply.kind == MESSAGE_RESULT)
		report_result(worker, attempt, &reply);
	else
		report_error(worker, attempt, &reply);
	return false;
}

static const WorkerOwner pool = {take_message, lose_worker};

static sbx_status poll_workers(void *context)
{
	Local *local = context;
	assign_waiting(local); /* first: within a report, calls of the same run may have gone */
	local_workers_poll(local);
	return SBX_DONE;
}

/* ---- the rest of the table ---- */

static void cancel(void *context, sbx_attempt *attempt)
{
	Local *local = context;
	Worker *worker = attempt->state;
	if (worker && worker->attempt == attempt) {
		worker->attempt = NULL;
		local_output_read(worker, true);
		local_worker_kill(worker);
		return;
	}
	for (Waiting **link = &local->first; *link; link = &(*link)->next) {
		Waiting *waiting = *link;
		if (waiting->attempt != attempt)
			continue;
		*link = waiting->next;
		if (!*link)
			local->last = link;
		free(waiting);
		return;
	}
}

static int descriptor(void *context)
{
	return ((Local *)context)->epoll;
}

static int timeout(void *context)
{
	Local *local = context;
	if (local->first && find_worker(local))
		return 0;
	for (unsigned i = 0; i < local->worker_count; i++)
		if (local->workers[i].ended_at)
			return 5;
	return local->ending_count ? 20 : -1;
}

/* Idle workers end by themselves when their socket closes, which runs what they registered with
   atexit; those that are busy, or take their time, are killed. */
static void close_workers(Local *local)
{
	for (unsigned i = 0; i < local->worker_count; i++) {
		Worker *worker = &local->workers[i];
		if (worker->attempt || worker->ended_at)
			local_worker_kill(worker);
		else if (worker->pid > 0)
			close(worker->socket), worker->socket = -1;
	}
	int64_t until = local_now() + CLOSE_GRACE_MS;
	for (unsigned i = 0; i < local->worker_count; i++)
		local_worker_await(&local->workers[i], until);
}

static void close_local(void *context)
{
	Local *local = context;
	if (!local)
		return;
	close_workers(local);
	while (local->first) {
		Waiting *waiting = local->first;
		local->first = waiting->next;
		free(waiting);
	}
	local_fini(local);
	free(local);
}

/* ---- opening ---- */

void local_fini(Local *local)
{
	local_workers_reap(local, true);
	free(local->ending);
	if (local->epoll >= 0)
		close(local->epoll);
	free(local->python);
	free(local->interpreter);
	free(local->source_folder);
	free(local->run_folder);
	free(local->problem);
}

unsigned local_default_workers(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	return processors < 1 ? 2 : processors > 4 ? 8 : (unsigned)processors * 2;
}

/* A name only: a worker makes the folder when a task asks for a new file. */
static char *new_run_folder(void)
{
	const char *parent = getenv("TMPDIR");
	struct timespec now;
	char *folder;
	clock_gettime(CLOCK_REALTIME, &now);
	if (!parent || !*parent)
		parent = "/tmp";
	if (asprintf(&folder, "%s/sbx-run-%ld-%lx%05lx", parent, (long)getpid(),
				 (unsigned long)now.tv_sec, (unsigned long)now.tv_nsec / 1000) < 0)
		return NULL;
	return folder;
}

static const char *interpreter_name(const sbx_local_options *options)
{
	const char *name = options->python;
	if (!name || !*name)
		name = getenv("SBX_PYTHON");
	return name && *name ? name : "python3";
}

bool local_init(Local *local, const WorkerOwner *owner, const sbx_local_options *options)
{
	local->owner = owner;
	local->epoll = epoll_create1(EPOLL_CLOEXEC);
	local->last = &local->first;
	local->program = options->entry->program;
	local->log = options->log;
	local->python = strdup(interpreter_name(options));
	local->run_folder = options->run_folder ? strdup(options->run_folder) : new_run_folder();
	local->source_folder = options->source_folder ? strdup(options->source_folder) : NULL;
	local->worker_count = options->workers ? options->workers : local_default_workers();
	if (local->worker_count > LOCAL_MAX_WORKERS)
		local->worker_count = LOCAL_MAX_WORKERS;
	for (unsigned i = 0; i < LOCAL_MAX_WORKERS; i++) {
		local->workers[i] =
			(Worker){.local = local, .index = i, .pidfd = -1, .socket = -1, .output = -1};
		snprintf(local->workers[i].label, sizeof local->workers[i].label, "worker#%u", i + 1);
	}
	return local->epoll >= 0 && local->python && local->run_folder &&
		   (!options->source_folder || local->source_folder);
}

sbx_status sbx_local_open(const sbx_local_options *options, sbx_backend *backend)
{
	memset(backend, 0, sizeof *backend);
	if (!options || options->size < sizeof *options || !options->entry)
		return SBX_E_ARGUMENT;
	Local *local = calloc(1, sizeof *local);
	if (!local)
		return SBX_E_NO_MEMORY;
	if (!local_init(local, &pool, options)) {
		close_local(local);
		return SBX_E_NO_MEMORY;
	}
	*backend = (sbx_backend){sizeof *backend, local,      start,   poll_workers,
							 cancel,          descriptor, timeout, close_local};
	return SBX_DONE;
}

uint32_t sbx_local_workers(const sbx_backend *backend)
{
	const Local *local = backend->context;
	return local ? local->worker_count : 0;
}

const char *sbx_local_problem(const sbx_backend *backend)
{
	const Local *local = backend->context;
	return local ? local->problem : NULL;
}
