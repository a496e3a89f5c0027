/*
 * Connectors: tasks that are jobs in another system (docs/connectors.md).
 *
 *   connector_registry.c  which connector serves a task type; routing, opening, closing
 *   connector_backend.c   the backend: when which operation of which job is made (start here)
 *   connector_job.c       jobs: what connectors may ask of them, what is remembered of them
 *   connector_cancel.c    jobs of a run that was left, deleted by their notes (job_notes.c)
 *   connector_python.c    classes of the user's file, in a worker process
 *   connector_file.c  connectors that are described by a JSON document
 *   connector_http.c      an HTTP job service; http_template.c makes its requests
 *   connector_postgres.c  queries of PostgreSQL; postgres_*.c their text, rows, values and connections
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CONNECTOR_H
#define SBX_CONNECTOR_H

#include <stdbool.h>

#include "job_notes.h"
#include "journal.h"
#include "log.h"
#include "sbx_gen.h"

typedef struct JobList {
	sbx_job *first;
} JobList;

typedef struct Registered {
	char *task_type;
	uint32_t version;
	bool any_version;
	struct Served *served;
	struct Registered *next;
} Registered;

/* A connector, once for all of its types. */
typedef struct Served {
	sbx_connector table;
	char *name;
	int descriptor; /* the one that epoll watches; -1: none */
	struct Served *next;
} Served;

struct sbx_connectors {
	const sbx_gen_program *program; /* NULL: none */
	sbx_connectors_options options; /* its texts are copies */
	Registered *registered;
	Served *served;
	Served *python; /* for types that nobody is registered for; NULL: not made yet */
	sbx_backend backend;
	unsigned routes; /* to this backend */
	int epoll;
	char nonce[17]; /* of keys of runs that are not recorded */
	uint64_t jobs_made;
	JobList jobs, due;
	struct Cancelling *cancelling;
	sbx_journal *written; /* deleted jobs are, and are to be committed; NULL: none */
	int64_t next_due;     /* no job is due before; INT64_MAX: none at all */
	char problem[1024];
};

typedef enum JobState {
	JOB_CREATE_DUE,
	JOB_CREATING,
	JOB_GET_DUE,
	JOB_GETTING,
	JOB_DELETE_DUE,
	JOB_DELETING
} JobState;

struct sbx_job {
	sbx_connectors *owner;
	JobList *list;
	sbx_job *next, *previous;
	sbx_attempt *attempt; /* NULL: the call is no longer wanted */
	const Served *served;
	sbx_task_info info;
	const sbx_type *result;
	uint32_t version;
	char *config;           /* custom_config= as JSON, or NULL */
	char run[96], key[160]; /* what names the run, and the job */
	char label[128];
	JobState state;
	int64_t due;
	uint32_t pause_ms;  /* before the next get */
	uint32_t failures;  /* of the operation, since one went well */
	uint32_t unreached; /* and how often nobody was there; since when, in a row */
	int64_t unreached_since;
	sbx_phase phase;
	bool has_metadata, is_taken_up; /* found in a note, and not seen yet */
	bool is_noted, is_left;         /* left: it goes on without this process */
	uint32_t renewals;
	unsigned char *metadata;
	size_t metadata_length;
	uint64_t call_id;
	uint32_t number;               /* of the attempt */
	char *run_id;                  /* in the journal, of a job that is noted there; or NULL */
	JobNote note;                  /* of a job that only is to be deleted: its texts */
	struct Cancelling *cancelling; /* its run; or NULL */
	char *links, *custom_info;     /* JSON; NULL: none yet */
	void *own;                     /* the connector's */
};

int64_t connector_now(void); /* monotonic, ms, rounded up */

/* ---- connector_registry.c ---- */

/* NULL: none; problem has the text that names those that there are. */
const Served *connector_find(sbx_connectors *connectors, const char *task_type, uint32_t version);
/* That there is none, which there are (more: those of the user's file, or NULL), and what to do. */
const char *connector_missing(sbx_connectors *connectors, const char *task_type, uint32_t version,
							  const char *more);

/* ---- connector_backend.c ---- */

void connector_backend(sbx_connectors *connectors);
/* Frees everything; waits for jobs that are being deleted, close_ms at most. */
void connector_drain(sbx_connectors *connectors);

/* ---- connector_job.c ---- */

/* NULL: no memory. In the list of jobs, without a connector. */
sbx_job *job_make(sbx_connectors *connectors, sbx_attempt *attempt);
/* One that is there to be deleted, as its note says, which is emptied, also where there is no memory. */
sbx_job *job_make_noted(sbx_connectors *connectors, JobNote *note);
void job_free(sbx_job *job); /* tells its connector */
void job_move(sbx_job *job, JobList *to);
bool job_set_metadata(sbx_job *job, const void *metadata, size_t length);
/* The next job of the same call and attempt: its key. */
void job_renew(sbx_job *job);
/* Is there a note of a former process? Then the job has its metadata. */
bool job_find_note(sbx_job *job);
/* Remembers what finds it again. */
void job_note(sbx_job *job);
/* Remembers that it was deleted, if it is in a journal. */
void job_note_deleted(sbx_job *job);
/* Tells and remembers what is new of links and custom info. */
void job_show(sbx_job *job, const sbx_resource *resource);
/* An argument of its call or the default that it was left to, the caller's; SBX_INVALID: known to Python only, or no memory. */
sbx_value job_input(const sbx_call *call, size_t index, sbx_heap *heap);
void job_log(const sbx_job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---- connector_cancel.c ---- */

/* A run whose jobs are deleted, so that it can be cancelled. */
typedef struct Cancelling {
	struct Cancelling *next;
	sbx_connectors *owner;
	sbx_journal *journal;
	char *run_id;
	JournalHold hold;
	bool is_over; /* it was cancelled before */
	bool was_marked;
	size_t left;   /* jobs that are not deleted yet */
	size_t failed; /* and those that could not be; of how many nobody could be asked */
	size_t missing;
	size_t count; /* of all */
	sbx_status status;
	char problem[400]; /* of the first of those */
	sbx_cancel_ended ended;
	void *context;
} Cancelling;
/* One of its jobs is deleted; or, problem, cannot be. */
void cancelling_go_on(sbx_job *job, const sbx_job_problem *problem, const char *text);
/* Those that are over are told. */
void cancelling_finish(sbx_connectors *connectors);

/* ---- connector_python.c ---- */

/* A connector for all types that the program's file has classes for. Costs nothing before the first operation. */
sbx_status connector_python_open(sbx_connectors *connectors, sbx_connector *table);

/* ---- connector_file.c ---- */

/* What is in a JSON document: values of a heap of its own. */
typedef struct ConnectorFile {
	sbx_heap *heap;
	sbx_value root; /* a dict */
	const char *path;
	char problem[800]; /* of a failure: "FILE: /get/path: expected a str" */
} ConnectorFile;
/* False: the problem is told. */
bool connector_file_open(ConnectorFile *file, const char *path);
void connector_file_close(ConnectorFile *file);
bool connector_file_complain(ConnectorFile *file, const char *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The value at a JSON pointer (RFC 6901), borrowed; SBX_INVALID: there is none. */
sbx_value json_at(sbx_heap *heap, sbx_value root, const char *pointer);
/* Members of an object; false: of another kind, and the problem is told. What is not there leaves *out alone. */
bool connector_file_text(ConnectorFile *file, sbx_value object, const char *place, const char *name,
						 const char **out);
bool connector_file_number(ConnectorFile *file, sbx_value object, const char *place,
						   const char *name, uint32_t most, uint32_t *out);
bool connector_file_truth(ConnectorFile *file, sbx_value object, const char *place,
						  const char *name, bool *out);
/* An object has no members but these; names ends with NULL. */
bool connector_file_only(ConnectorFile *file, sbx_value object, const char *place,
						 const char *const *names);

/* ---- connector_http.c, connector_postgres.c ---- */

/* Make a connector of the document, which they take on success. */
bool connector_http_open(ConnectorFile *file, sbx_connector *table);
bool connector_postgres_open(ConnectorFile *file, sbx_connector *table);

#endif
