/*
 * The connector for all task types that the user's file has a class for. Its operations are messages to one worker process
 * (templates/worker_connectors.py), whose event loop has any number of them under way; answers come in any order. The
 * process is started by the first operation, and again by the next one after it was lost.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connector.h"
#include "local.h"
#include "worker_text.h"

enum { CLOSE_GRACE_MS = 500 };

typedef enum Kind { KIND_CREATE, KIND_GET, KIND_DELETE } Kind;

typedef struct Operation {
	uint64_t sequence;
	sbx_job *job;
	Kind kind;
	struct Operation *next;
} Operation;

typedef struct Python {
	Local local; /* first: a worker knows its Local */
	sbx_connectors *owner;
	Operation *first;
} Python;

static Worker *worker_of(Python *python)
{
	return &python->local.workers[0];
}

static Python *python_of(const Worker *worker)
{
	return (Python *)worker->local;
}

/* ---- operations under way ---- */

static bool take_operation(Python *python, uint64_t sequence, const sbx_job *job, Operation *taken)
{
	for (Operation **link = &python->first; *link; link = &(*link)->next) {
		Operation *operation = *link;
		if (job ? operation->job != job : operation->sequence != sequence)
			continue;
		*taken = *operation;
		*link = operation->next;
		free(operation);
		return true;
	}
	return false;
}

/* The process is lost, and with it all that was under way. Whether a job was created nobody knows. */
static void lose_worker(Worker *worker, const char *how)
{
	Python *python = python_of(worker);
	Operation operation, *lost = python->first;
	char text[400];
	local_output_read(worker, true);
	local_worker_kill(worker);
	snprintf(text, sizeof text, "the worker process of connectors %s", how);
	python->first = NULL;
	while (lost) {
		Operation *next = lost->next;
		operation = *lost;
		free(lost);
		sbx_job_failed(operation.job,
					   operation.kind == KIND_CREATE ? SBX_JOB_FINAL : SBX_JOB_PASSING, NULL, text,
					   NULL);
		lost = next;
	}
}

static bool have_worker(Python *python, const char **problem)
{
	Worker *worker = worker_of(python);
	*problem = NULL;
	if (!local_have_interpreter(&python->local)) {
		*problem = python->local.problem ? python->local.problem : "out of memory";
		return false;
	}
	if (worker->pid == 0) {
		if (!local_worker_start(worker, problem))
			return false;
		snprintf(worker->label, sizeof worker->label, "connectors");
		local_write_code(&worker->out, sbx__connectors_text, sbx__connectors_text_length);
	}
	return true;
}

static void begin(Python *python, sbx_job *job, Kind kind)
{
	static const char *const names[] = {"create", "get", "delete"};
	Worker *worker = worker_of(python);
	sbx_task_info info = {.size = sizeof info};
	const char *problem;
	sbx_job_task(job, &info);
	if (!have_worker(python, &problem)) {
		sbx_job_failed(job, SBX_JOB_MISSING, NULL, problem, NULL);
		return;
	}
	Operation *operation = malloc(sizeof *operation);
	size_t before = byte_queue_length(&worker->out);
	JobMessage message = {.operation = names[kind],
						  .key = sbx_job_key(job),
						  .config = sbx_job_config(job),
						  .version = sbx_job_task_version(job),
						  .task = &info,
						  .call = kind == KIND_CREATE ? sbx_job_call(job) : NULL};
	message.metadata_bytes = sbx_job_metadata(job, &message.metadata_length);
	uint64_t sequence = ++python->local.next_sequence;
	if (!operation || !local_write_job(&worker->out, &message, sequence)) {
		free(operation);
		worker->out.end = worker->out.start + before;
		worker->out.failed = false;
		sbx_job_failed(job, SBX_JOB_FINAL, "ValueError",
					   "the arguments are too large to be sent to a worker", NULL);
		return;
	}
	*operation = (Operation){sequence, job, kind, python->first};
	python->first = operation;
	if (!local_worker_flush(worker) && !worker->ended_at)
		worker->ended_at = local_now(); /* poll finds out how it ended */
}

static void create_job(void *context, sbx_job *job)
{
	begin(context, job, KIND_CREATE);
}

static void get_job(void *context, sbx_job *job)
{
	begin(context, job, KIND_GET);
}

static void delete_job(void *context, sbx_job *job)
{
	begin(context, job, KIND_DELETE);
}

static void abandon_job(void *context, sbx_job *job)
{
	Python *python = context;
	Worker *worker = worker_of(python);
	Operation operation;
	sbx_task_info info = {.size = sizeof info};
	if (!take_operation(python, 0, job, &operation) || worker->pid == 0)
		return;
	sbx_job_task(job, &info);
	JobMessage message = {.operation = "abandon", .key = "", .task = &info};
	if (local_write_job(&worker->out, &message, operation.sequence))
		(void)local_worker_flush(worker);
}

/* ---- answers ---- */

static const char *text_or_null(sbx_heap *heap, sbx_value v)
{
	return sbx_kind(v) == SBX_STR ? sbx_peek_str(heap, v, NULL) : NULL;
}

/* (phase, message, outputs, ((name, uri), ...), custom info) */
static bool report_found(sbx_job *job, sbx_heap *heap, sbx_value v)
{
	sbx_resource resource = {.size = sizeof resource};
	int64_t phase;
	if (sbx_kind(v) != SBX_TUPLE || sbx_count(v) != 5 ||
		!sbx_get_int(sbx_peek_item(v, 0), &phase) || phase < 0 || phase > SBX_PHASE_TIMED_OUT)
		return false;
	sbx_value links = sbx_peek_item(v, 3);
	sbx_log_link *list = calloc(sbx_count(links) + 1, sizeof *list);
	if (!list)
		return false;
	for (size_t i = 0; i < sbx_count(links); i++) {
		sbx_value link = sbx_peek_item(links, i);
		list[i].name = text_or_null(heap, sbx_peek_item(link, 0));
		list[i].uri = text_or_null(heap, sbx_peek_item(link, 1));
	}
	resource.phase = (sbx_phase)phase;
	resource.message = text_or_null(heap, sbx_peek_item(v, 1));
	resource.outputs = sbx_peek_item(v, 2);
	resource.links = list;
	resource.link_count = sbx_count(links);
	resource.custom_info = text_or_null(heap, sbx_peek_item(v, 4));
	sbx_job_found(job, &resource);
	free(list);
	return true;
}

static void report_result(Python *python, const Operation *operation, const Reply *reply)
{
	sbx_heap *heap = NULL;
	sbx_value v;
	size_t length;
	bool good = sbx_heap_open(0, &heap) == SBX_DONE &&
				local_read_value(heap, reply->body, reply->length, &v);
	byte_queue_skip(&worker_of(python)->in, LOCAL_HEADER + 8 + reply->length);
	if (good && operation->kind == KIND_CREATE) {
		const unsigned char *bytes = sbx_kind(v) == SBX_BYTES ? sbx_peek_bytes(v, &length) : NULL;
		good = bytes != NULL;
		if (good)
			sbx_job_created(operation->job, bytes, length);
	} else if (good && operation->kind == KIND_GET) {
		good = report_found(operation->job, heap, v);
	} else if (good) {
		sbx_job_deleted(operation->job);
	}
	if (!good)
		sbx_job_failed(operation->job, SBX_JOB_FINAL, NULL, "the connector's answer is damaged",
					   NULL);
	sbx_heap_close(heap);
}

/* An exception that says that the connector's code is wrong: it will be raised again. */
static bool is_mistake(const char *type)
{
	static const char *const types[] = {
		"TypeError",        "AttributeError",   "NameError",      "NotImplementedError",
		"ImportError",      "SyntaxError",      "AssertionError", "ModuleNotFoundError",
		"IndentationError", "UnboundLocalError"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static void report_error(Python *python, const Operation *operation, const Reply *reply)
{
	const char *texts[3];
	char *block = local_read_error(reply, texts);
	sbx_job *job = operation->job;
	byte_queue_skip(&worker_of(python)->in, LOCAL_HEADER + 8 + reply->length);
	if (!block) {
		sbx_job_failed(job, SBX_JOB_FINAL, NULL, "the connector's answer is damaged", NULL);
	} else if (strcmp(texts[0], "NoConnector") == 0) {
		sbx_task_info info = {.size = sizeof info};
		sbx_job_task(job, &info);
		sbx_job_failed(
			job, SBX_JOB_MISSING, NULL,
			connector_missing(python->owner, info.task_type, sbx_job_task_version(job), texts[1]),
			NULL);
	} else {
		bool is_final = operation->kind == KIND_CREATE || is_mistake(texts[0]);
		sbx_job_failed(job, is_final ? SBX_JOB_FINAL : SBX_JOB_PASSING, texts[0], texts[1],
					   *texts[2] ? texts[2] : NULL);
	}
	free(block);
}

/* Takes one message. False: no whole one is there, or the worker was lost. */
static bool take_message(Worker *worker)
{
	Python *python = python_of(worker);
	Operation operation;
	Reply reply;
	enum ReplyState state = local_peek_reply(&worker->in, &reply);
	if (state == REPLY_NONE)
		return false;
	if (state == REPLY_GARBAGE) {
		lose_worker(worker, "wrote garbage to its message channel and was stopped");
		return false;
	}
	local_output_read(worker, false);
	if (reply.kind == MESSAGE_NOTE) {
		sbx_log_line(python->local.log, worker->label, (const char *)reply.body, reply.length);
	} else if (take_operation(python, reply.sequence, NULL, &operation)) {
		if (reply.kind == MESSAGE_RESULT)
			report_result(python, &operation, &reply);
		else
			report_error(python, &operation, &reply);
		return worker->pid != 0;
	}
	byte_queue_skip(&worker->in, LOCAL_HEADER + 8 + reply.length); /* one that was abandoned */
	return true;
}

static const WorkerOwner classes = {take_message, lose_worker};

static sbx_status poll_python(void *context)
{
	Python *python = context;
	local_workers_poll(&python->local);
	return SBX_DONE;
}

/* ---- the rest of the table ---- */

static int descriptor(void *context)
{
	return ((Python *)context)->local.epoll;
}

static int timeout(void *context)
{
	return worker_of(context)->ended_at ? 5 : -1;
}

static void close_python(void *context)
{
	Python *python = context;
	Worker *worker = worker_of(python);
	if (worker->pid > 0 && !worker->ended_at)
		close(worker->socket), worker->socket = -1;
	local_worker_await(worker, local_now() + CLOSE_GRACE_MS);
	while (python->first) {
		Operation *next = python->first->next;
		free(python->first);
		python->first = next;
	}
	local_fini(&python->local);
	free(python);
}

sbx_status connector_python_open(sbx_connectors *connectors, sbx_connector *table)
{
	Python *python = calloc(1, sizeof *python);
	if (!python)
		return SBX_E_NO_MEMORY;
	sbx_local_options options = {.size = sizeof options,
								 .entry = connectors->options.entry,
								 .python = connectors->options.python,
								 .workers = 1,
								 .source_folder = connectors->options.source_folder,
								 .run_folder = connectors->options.run_folder,
								 .log = connectors->options.log};
	python->owner = connectors;
	if (!local_init(&python->local, &classes, &options)) {
		local_fini(&python->local);
		free(python);
		return SBX_E_NO_MEMORY;
	}
	*table = (sbx_connector){.size = sizeof *table,
							 .context = python,
							 .name = "python",
							 .create_job = create_job,
							 .get_job = get_job,
							 .delete_job = delete_job,
							 .abandon_job = abandon_job,
							 .poll = poll_python,
							 .descriptor = descriptor,
							 .timeout = timeout,
							 .close = close_python};
	return SBX_DONE;
}
