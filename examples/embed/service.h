/*
 * The parts of the service: see README.md. Everything hangs on one Service; there are no globals.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "sbx-host.h"
#include "shop.h"

typedef struct Service Service;

/* ---- service_tasks.c: the tasks of shop.py in C, as a backend ---- */

/*
 * Each call takes delay_ms. When it begins, a line "RUN CALL TASK" is written to work_log (a path, or NULL): this stands for
 * what a task does to the world. Its result is reported at the end.
 */
sbx_status tasks_open(Service *service, uint32_t delay_ms, const char *work_log,
					  sbx_backend *backend);

/* ---- service_runs.c: the orchestrations, by their ids ---- */

typedef struct Client Client;

/* One that has not ended. Those that have are in the journal alone. */
typedef struct Job {
	struct Job *next, *previous;
	struct Job *next_id, *next_run; /* in the buckets */
	char *id;
	sbx_run *run;
	bool is_watched; /* some client waits for its end */
} Job;

/* What is known of a run. `result` or `error` are values of the heap. */
typedef struct Outcome {
	const char *word; /* "running", "done", "failed", "cancelled", "unknown" */
	sbx_value result, error;
} Outcome;

/* Takes up all unfinished runs of the journal. */
sbx_status runs_resume(Service *service);
/* SBX_RUNNING: it is begun, or goes on; SBX_DONE: it has ended before. Else `problem` says why not. */
sbx_status runs_start(Service *service, const char *id, const sbx_entry *entry,
					  const sbx_value *inputs, size_t count, char *problem, size_t size);
Job *runs_find(Service *service, const char *id);
const Job *runs_of(const Service *service, const sbx_run *run);
/* It ends in one of the next turns; what has ended stays as it is. */
sbx_status runs_cancel(Service *service, const char *id);
/* As `ended` of the dispatcher's options: it is told to the clients that wait for it, and freed. */
void runs_ended(void *context, sbx_run *run);
sbx_status runs_outcome(Service *service, const char *id, sbx_heap *heap, Outcome *outcome);
void runs_close(Service *service);

/* ---- service_client.c: connections, lines of JSON ---- */

void client_accept(Service *service);
/* Reads what is there and answers whole lines. */
void client_read(Service *service, Client *client);
/* Sends the answers that wait, and closes who is gone. */
void clients_write(Service *service);
/* The run has ended: an answer to those who asked for its result. */
void clients_tell(Service *service, const char *id);
void clients_close(Service *service);

/* ---- service.c ---- */

enum { RUN_BUCKETS = 1 << 15 };

struct Service {
	const char *journal_path, *socket_path;
	sbx_journal *journal;
	sbx_dispatcher *dispatcher;
	sbx_run_options limits;
	Job *jobs, *by_id[RUN_BUCKETS], *by_run[RUN_BUCKETS];
	uint64_t job_count;
	Client *clients;
	int epoll, listener, signals;
	bool is_bound; /* the socket's path is ours */
	bool stops;
};

#endif
