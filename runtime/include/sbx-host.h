/*
 * sbx-host.h - what talks to the world: local Python workers, the log, and the command line of a
 * generated program.
 *
 * sbx.h is enough for a service that answers calls itself. This header adds ready-made parts for
 * the others; the rules of sbx.h hold here too. A service that runs its tasks in local Python
 * processes:
 *
 *     sbx_log *log;
 *     sbx_log_open(NULL, &log);
 *     sbx_local_options options = {.size = sizeof options,
 *                                  .entry = &sbx_machine_pipeline_pipeline, .log = log};
 *     sbx_backend local;
 *     sbx_local_open(&options, &local);
 *     sbx_dispatcher_route(dispatcher, NULL, &local);
 *     ... sbx_dispatcher_add, poll() on the descriptors, sbx_dispatcher_poll ...
 *     sbx_dispatcher_close(dispatcher);
 *     sbx_log_close(log);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_HOST_H
#define SBX_HOST_H

#include "sbx.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- log ---- */

/*
 * Where it is told what runs where, and what tasks print: lines of the form "[label] text". A log that is a terminal gets
 * colour. One log may serve several dispatchers of one thread, and must outlive them and their backends. What cannot be
 * written is lost: a log fails no run.
 */
typedef struct sbx_log sbx_log;
/* path: a file, which is appended to; NULL or "-": standard error. SBX_E_UNAVAILABLE: it cannot be opened (errno tells why),
   *log is NULL. SBX_E_NO_MEMORY. */
SBX_API SBX_MUST_CHECK sbx_status sbx_log_open(const char *path, sbx_log **log);
/* Writes one line; a label of NULL leaves the brackets out. Control characters are shown as \xNN. log may be NULL: nothing. */
SBX_API void sbx_log_line(sbx_log *log, const char *label, const char *utf8, size_t length);
/* Has the form of `event` in sbx_dispatcher_options; its context is the log. */
SBX_API void sbx_log_event(void *log, const sbx_attempt *attempt, const char *what,
						   const char *detail);
SBX_API void sbx_log_close(sbx_log *log);

/* ---- tasks in local Python processes ---- */

/* Texts are copied; the entry's program and the log must outlive the backend. */
typedef struct sbx_local_options {
	size_t size;
	const sbx_entry *entry; /* any one of the program whose tasks are run; needed */
	/* The interpreter, a path or a name that is looked for in PATH; NULL: SBX_PYTHON from the environment, else python3. */
	const char *python;
	uint32_t workers; /* processes at most; 0: twice the processors, at most 8 */
	/* Where the user's file lies if it is not where its path says; or NULL. */
	const char *source_folder;
	/* Where tasks put new files; NULL: a new folder under TMPDIR, made when it is needed and kept. */
	const char *run_folder;
	sbx_log *log; /* NULL: what tasks print is dropped */
} sbx_local_options;

/*
 * Fills a backend that runs Python tasks in warm worker processes, one call at a time in each; they are started when they
 * are needed. A worker that dies or sends nonsense fails its call only; another one takes its place. Workers end
 * with the thread that started them, so poll a dispatcher on one thread that lives as long as it. The backend is closed by the
 * dispatcher that it is routed to. SBX_E_ARGUMENT: no entry, or an unknown size of options; SBX_E_NO_MEMORY.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_local_open(const sbx_local_options *options,
												 sbx_backend *backend);
/* How many calls can be under way at once. */
SBX_API uint32_t sbx_local_workers(const sbx_backend *backend);
/* Why no worker could be started at all ("python3 is not there"), lent until the backend is closed; or NULL. */
SBX_API const char *sbx_local_problem(const sbx_backend *backend);

/* ---- sandboxes and tasks in containers ---- */

typedef struct sbx_docker_options {
	size_t size;
	const char *host; /* as DOCKER_HOST has it; NULL: from the environment, else the local socket */
	const char *base_image; /* in place of the public Debian-based Python; NULL: SBX_BASE_IMAGE */
	const char *runtime;    /* another OCI runtime, such as "runsc"; NULL: the engine's */
	const char *run_folder; /* where output files are put; NULL: a new folder under TMPDIR */
	sbx_log *log;           /* NULL: what containers print is dropped */
	const sbx_entry
		*entry; /* any one of the program whose Python tasks are run too; NULL: sandboxes only */
} sbx_docker_options;

/*
 * Fills a backend that runs sandboxes, each call in a container of its own, through the Docker Engine API: route
 * "raw-container" to it. With `entry` it runs Python tasks as well, each call in a fresh container of its environment's
 * image (docs/sandboxes.md): sbx_docker_route makes both routes.
 *
 *     sbx_docker_options options = {.size = sizeof options, .entry = &sbx_machine_pipeline_pipeline, .log = log};
 *     sbx_docker_open(&options, &docker);
 *     sbx_docker_route(dispatcher, &docker);
 *
 * Opening loads nothing; curl, jansson and libarchive are loaded, and the engine is looked for,
 * with the first call. Closing waits until the containers that were under way are removed, 15 seconds at most.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_docker_open(const sbx_docker_options *options,
												  sbx_backend *backend);
/* Routes sandboxes to the backend, and where it was opened with an entry Python tasks too. It is closed with the dispatcher,
   once; also after a failure of the second route. */
SBX_API SBX_MUST_CHECK sbx_status sbx_docker_route(sbx_dispatcher *dispatcher,
												   const sbx_backend *docker);
/* Why there is no engine, or NULL. */
SBX_API const char *sbx_docker_problem(const sbx_backend *backend);

/* ---- sandboxes as tasks of a Flyte backend ---- */

typedef struct sbx_task_options {
	size_t size;
	const char *base_image; /* in place of the public Debian-based Python; NULL: SBX_BASE_IMAGE */
	const char *
		image_prefix; /* registry of images that have none: "registry.example/project"; NULL: none */
	const char *org, *project, *domain; /* of the task's id; NULL: left out */
	const char *source_link;            /* to its source on the web; NULL: none */
	const char *
		egress; /* of a blocked network: "10.0.0.0/24,10.1.0.5/32", where its pods may go; NULL: nowhere */
} sbx_task_options;
/*
 * A sandbox as a container task (docs/container-tasks.md): the JSON form of flyteidl2's TaskSpec message, and for one with
 * block_network the NetworkPolicy of Kubernetes that isolates its pods, else NULL. Both are made with malloc, and are the
 * same for the same sandbox and options. options may be NULL. SBX_E_ARGUMENT: the entry is no sandbox;
 * SBX_E_UNAVAILABLE: there is no jansson, which is loaded here.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_task_spec(const sbx_entry *entry,
												const sbx_task_options *options, char **task_spec,
												char **network_policy);
/* The same of what the compiler says of a sandbox (sbxc_sandbox of sbxc.h), without a program. */
SBX_API SBX_MUST_CHECK sbx_status sbx_task_documents(const char *name, const char *spec,
													 const sbx_task_options *options,
													 char **task_spec, char **network_policy);

/* ---- the journal ---- */

/*
 * A SQLite file that holds what has finished, so that runs survive their process (docs/journal.md has its invariants).
 *
 *     sbx_journal_open("runs.db", &journal);
 *     sbx_recorder recorder;
 *     sbx_journal_recorder(journal, &recorder);
 *     ... sbx_dispatcher_options options = {.recorder = &recorder, ...};
 *     status = sbx_journal_begin(journal, "order-17", entry, inputs, count);
 *     if (status == SBX_RUNNING) {
 *         sbx_run_open(entry, inputs, count, NULL, &run);
 *         sbx_journal_attach(journal, "order-17", run);
 *         sbx_dispatcher_add(dispatcher, run);
 *     }
 *     ... when it has ended: read its result, sbx_run_free(run), sbx_journal_end(journal, "order-17") ...
 *
 * A journal is used by the thread of its dispatcher, and outlives it. It blocks in its commits, one for all that the dispatcher
 * has collected, and, for ten seconds at most, where another process writes at that moment. The file may be shared by
 * processes on one machine, each with runs of its own; beside it lie FILE-runs, which tells who has which run open, and SQLite's
 * FILE-wal and FILE-shm: copy, move and remove them together, and not while a process has them open. A symbolic link is another
 * way to the same journal; a hard link would be another journal in the same file, so a file that has one is only read.
 *
 * What fails returns a status below zero, and sbx_journal_problem has a line about it: SBX_E_UNAVAILABLE, the file cannot be
 * used (not there, no permission, no room, locked, not a journal, one of another version); SBX_E_DAMAGED, what it holds
 * cannot have been written so. Then nothing has happened. A path is the name of a file, also ":memory:"; an empty one is
 * SBX_E_ARGUMENT.
 */
typedef struct sbx_journal sbx_journal;
/* Makes the file if it is not there. On failure *journal can only tell its problem and be closed. Without SQLite, which is
   loaded here, SBX_E_UNAVAILABLE. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_open(const char *path, sbx_journal **journal);
/* One that must be there. read_only: nothing can be begun or changed; the file and its folder may be unwritable. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_open_existing(const char *path, int read_only,
															sbx_journal **journal);
SBX_API const char *sbx_journal_problem(const sbx_journal *journal); /* what the last failure was */
SBX_API void sbx_journal_close(sbx_journal *journal); /* leaves the runs that it has open */
SBX_API void sbx_journal_recorder(sbx_journal *journal, sbx_recorder *recorder);
/*
 * Begins a run, or takes it up where it was: its id (1 to 200 bytes of UTF-8) belongs to one entry and one set of inputs.
 * SBX_RUNNING: open it with the same inputs, attach it, add it to the dispatcher. SBX_DONE: it has ended before,
 * sbx_journal_result tells how. SBX_E_INPUT: the id is that of another run. SBX_E_STATE: it is open in another process, or
 * in this one. Each begin is a commit; see sbx_journal_defer. Inputs are recorded as they are: give absolute paths where the run
 * may be taken up in another folder.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_begin(sbx_journal *journal, const char *run_id,
													const sbx_entry *entry, const sbx_value *inputs,
													size_t count);
/*
 * For hosts that begin many runs at once: until the next sbx_journal_commit, which the dispatcher makes too, begins are not
 * committed one by one. Other processes cannot write meanwhile, so begin them and poll. One of them that fails leaves the others
 * as they are.
 */
SBX_API void sbx_journal_defer(sbx_journal *journal);
/* Uses the run's context (sbx_run_set_context). */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_attach(sbx_journal *journal, const char *run_id,
													 sbx_run *run);
/* The id that the run is attached by; NULL: it has no context. Not of a run whose context is another's. */
SBX_API const char *sbx_journal_run_id(const sbx_run *run);
/* 1: the run, which is open, was begun with another version of this program. Its calls are compared one by one. */
SBX_API int sbx_journal_program_changed(sbx_journal *journal, const char *run_id,
										const sbx_entry *entry);
/* SBX_DONE and a result; SBX_E_RAISED and a traceback; SBX_E_CANCELLED; SBX_RUNNING: it has not ended. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_result(sbx_journal *journal, const char *run_id,
													 sbx_heap *heap, sbx_value *result,
													 sbx_value *error);
/* The run is to be made again from its beginning, as an orchestrator's retries= asks: what was recorded of it is no longer
   taken. Open and attach it anew. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_next_attempt(sbx_journal *journal,
														   const char *run_id);
/* Makes durable what the recorder was told; the dispatcher does it by itself. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_commit(sbx_journal *journal);
/*
 * Commits on a thread of the host's own, so that the dispatcher's thread does not wait for the disk. When the dispatcher has something
 * to commit, it calls `wanted` from within its poll (or while a run leaves it, or it is closed), maybe before the former
 * sbx_journal_write has returned; the host has another thread call sbx_journal_write, and when that has returned
 * it polls the dispatcher again, which delivers what is durable now. Runs that wait for other things go on meanwhile.
 *
 *     static void wanted(void *context) { ... wake the thread ... }        void write_thread(...) { ... sbx_journal_write(journal); wake the loop ... }
 *
 * Give it before the journal's recorder is used; NULL: the dispatcher commits by itself again, once nothing is handed over. All other
 * functions of the journal belong to the dispatcher's thread as ever, and those that need the file wait for who writes just then:
 * begin runs before a commit is handed over, or when it is done, if they are not to wait. What is noted of an attempt is durable with that commit, not
 * with the poll (sbx_attempt_note). End the thread before the journal is closed.
 */
SBX_API void sbx_journal_hand_over(sbx_journal *journal, void (*wanted)(void *context),
								   void *context);
/* Makes durable what was handed over, on any thread, one at a time: blocks. The dispatcher is told the same status. SBX_DONE: also if
   nothing was. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_write(sbx_journal *journal);
/* This process is done with the run. Before or just after a run that has not ended is freed; another process can take it up. */
SBX_API void sbx_journal_end(sbx_journal *journal, const char *run_id);

/*
 * Takes up a run that was left: its entry is found by its full name among `entries` (the table of a generated header), its
 * inputs are read from the journal. SBX_RUNNING: *run is open and attached, add it to the dispatcher. SBX_DONE: it has ended
 * before. SBX_E_PROGRAM: these entries have none of that name, or it has other inputs now. Otherwise as sbx_journal_begin.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_resume(sbx_journal *journal, const char *run_id,
													 const sbx_entry *const *entries, size_t count,
													 const sbx_run_options *options, sbx_run **run);
/* sbx_journal_next_attempt, and opens and attaches the run, whose inputs are read from the journal. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_retry(sbx_journal *journal, const char *run_id,
													const sbx_entry *entry,
													const sbx_run_options *options, sbx_run **run);

/* A run in a list. Texts are lent until the visit returns. */
typedef enum sbx_journal_state {
	SBX_JOURNAL_LEFT,    /* it has not ended, and no process has it: it can be taken up */
	SBX_JOURNAL_RUNNING, /* it is open in some process */
	SBX_JOURNAL_DONE,
	SBX_JOURNAL_FAILED,
	SBX_JOURNAL_CANCELLED
} sbx_journal_state;
typedef struct sbx_journal_run {
	size_t size;
	const char *id;
	const char *entry; /* in full: "orders.total"; of a code string without a name its variable */
	const char *owner; /* "process 4711 on host": that has it, or had it last */
	const char *error; /* the traceback of one that has failed; else NULL */
	sbx_journal_state state;
	int is_marked;        /* it is to be cancelled, and its process has not seen that yet */
	uint32_t life;        /* the attempt of the run, from 1 */
	uint64_t calls;       /* of this attempt, that have their outcome */
	uint64_t fingerprint; /* of the program that has begun it (sbx_entry_fingerprint) */
	int64_t begun, ended; /* microseconds since 1970; ended 0: it has not */
} sbx_journal_run;
/* Returns nonzero to see no more. It may read the journal, and must not change it. */
typedef int (*sbx_journal_run_visit)(void *context, const sbx_journal_run *run);
/* The run of that id (SBX_E_ARGUMENT: there is none), or all of them (NULL), in the order of their begin. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_runs(sbx_journal *journal, const char *run_id,
												   sbx_journal_run_visit visit, void *context);
/* Its inputs as a dict, name to value, of those that were given; the caller's. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_inputs(sbx_journal *journal, const char *run_id,
													 sbx_heap *heap, sbx_value *inputs);

/* What is written of a run. The numbers stand in files. */
typedef enum sbx_journal_event_kind {
	SBX_JOURNAL_FINISHED = 1, /* a call has its outcome */
	SBX_JOURNAL_RETRIED = 2,  /* an attempt of a call has failed, another follows */
	SBX_JOURNAL_NOTE = 3,     /* sbx_attempt_note */
	SBX_JOURNAL_OPENED = 4,   /* the run was taken up again, by the process `type` */
	SBX_JOURNAL_STOPPED =
		5, /* it was left, as `type` says: a limit; or an attempt of it has failed */
	SBX_JOURNAL_STARTED = 6 /* an attempt of a call has been under way for a second */
} sbx_journal_event_kind;
/* Texts, bytes and values are lent until the visit returns. */
typedef struct sbx_journal_event {
	size_t size;
	sbx_journal_event_kind kind;
	uint32_t life;       /* the attempt of the run */
	uint32_t number;     /* the attempt of the call */
	uint32_t line;       /* where the call stands; 0: not known */
	uint64_t call;       /* its id; 0: not of a call, nor are the next ones */
	const char *task;    /* its full name */
	sbx_value arguments; /* a dict, name to value, of those that were given */
	sbx_value result;    /* of FINISHED; SBX_INVALID: it has failed */
	const void *note;    /* of NOTE its bytes; `type` is its name */
	size_t note_length;
	const char *type, *text, *traceback; /* of a failure, as sbx_run_fail takes it; or NULL */
	int64_t handed_out, started,
		ended; /* microseconds since 1970; only `ended` is always there: when this was written */
} sbx_journal_event;
typedef int (*sbx_journal_event_visit)(void *context, const sbx_journal_event *event);
/* All that is written of a run, in the order in which it happened. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_events(sbx_journal *journal, const char *run_id,
													 sbx_journal_event_visit visit, void *context);

/*
 * Cancels a run for good: it stays cancelled, and is not taken up again. (sbx_run_cancel of a run that is attached only stops it in
 * this process: it is left.) SBX_DONE: it is cancelled. SBX_RUNNING: it is open in a process (this one, or another), whose
 * dispatcher cancels it in a poll within a quarter of a second; sbx_journal_runs tells when. SBX_E_STATE: it has ended before;
 * SBX_E_ARGUMENT: there is none of that id. SBX_E_UNAVAILABLE: it was left with jobs under way in other systems (or the file cannot
 * be used), and nothing has happened: sbx_connectors_cancel deletes them.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_cancel(sbx_journal *journal, const char *run_id);
/* The same, but jobs of a run that was left go on, and nobody looks at them any more. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_abandon(sbx_journal *journal, const char *run_id);

/* A job in another system that a run which has not ended has under way, or one that was cancelled has left: its connector has
   created it, and no end of it and no deletion is written. Texts are lent until the visit returns. */
typedef struct sbx_journal_job {
	size_t size;
	uint64_t call;               /* whose job it is */
	uint32_t number, version;    /* of the attempt; of the task type */
	const char *task;            /* its full name */
	const char *task_type, *key; /* NULL: an older version of this library has written of it */
} sbx_journal_job;
/* Returns nonzero to see no more. */
typedef int (*sbx_journal_job_visit)(void *context, const sbx_journal_job *job);
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_jobs(sbx_journal *journal, const char *run_id,
												   sbx_journal_job_visit visit, void *context);

/* Which runs that have ended go. */
typedef struct sbx_journal_rules {
	size_t size;
	int64_t ended_before; /* microseconds since 1970; 0: at any time */
	uint64_t keep;        /* so many of them stay, those that have ended last */
	int is_trial;         /* only count them */
} sbx_journal_rules;
/* Removes them, and all that is written of them. Runs that have not ended, or are still open in a process, stay. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_collect(sbx_journal *journal,
													  const sbx_journal_rules *rules,
													  uint64_t *removed);
/* Makes the file as small as what is in it; takes time and room for as much. SBX_E_UNAVAILABLE: others use it just now. */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_shrink(sbx_journal *journal);

/* What becomes of a recorded run in another version of its program. */
typedef enum sbx_replay_verdict {
	SBX_REPLAY_SAME,    /* it had ended, and ends in the same way */
	SBX_REPLAY_GOES_ON, /* what is recorded is made again; it could be taken up */
	SBX_REPLAY_DIVERGES /* or a limit stops it before it is where the recorded run has been */
} sbx_replay_verdict;
typedef struct sbx_replay {
	size_t size;
	sbx_replay_verdict verdict;
	int is_changed;    /* the program is another version than the one that has begun it */
	uint64_t answered; /* calls that were answered from the journal */
	uint64_t call;     /* the last one that was handed out, or the one that differs; 0: none */
	const char *path;  /* and where it stands in the program; NULL: not known */
	uint32_t line;
	uint32_t recorded_line; /* where it stood; 0: not known */
	/* Of a divergence, in lines. Of a run that goes on: the limit that has stopped it after all that is recorded, as it had stopped
	   the recorded run, or might have; NULL: none. Lent until the next replay of this journal. */
	const char *reason;
} sbx_replay;
/*
 * Plays a run forward with what is recorded, without a dispatcher, a task or a write: the check before another version of a
 * program is put to work. out->size must be set. SBX_DONE: *out tells. options: for its limits, or NULL.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_journal_replay(sbx_journal *journal, const char *run_id,
													 const sbx_entry *const *entries, size_t count,
													 const sbx_run_options *options,
													 sbx_replay *out);

/* ---- connectors ---- */

/*
 * Tasks that are jobs in another system (docs/connectors.md). A connector creates a job, looks at it, deletes it; the
 * registry has connectors by task type and version, and is the backend of the tasks that are declared with such a type.
 *
 *     sbx_connectors *connectors;
 *     sbx_connectors_options options = {.size = sizeof options, .entry = entry, .log = log};
 *     sbx_connectors_open(&options, &connectors);
 *     sbx_connector mine = {.size = sizeof mine, .context = &batch, .name = "batch", .create_job = submit, ...};
 *     sbx_connectors_register(connectors, "my_batch_task", 0, &mine, 0);
 *     sbx_connectors_route(connectors, dispatcher);
 *
 * Phases: the first nine have the numbers that Flyte gives them.
 */
#define SBX_PHASE_LIST(X) \
	X(SBX_PHASE_UNDEFINED, 0, "undefined") \
	X(SBX_PHASE_QUEUED, 1, "queued") \
	X(SBX_PHASE_RUNNING, 2, "running") \
	X(SBX_PHASE_SUCCEEDED, 3, "succeeded") \
	X(SBX_PHASE_ABORTED, 4, "aborted") \
	X(SBX_PHASE_FAILED, 5, "failed") \
	X(SBX_PHASE_INITIALIZING, 6, "initializing") \
	X(SBX_PHASE_WAITING_FOR_RESOURCES, 7, "waiting for resources") \
	X(SBX_PHASE_RETRYABLE_FAILED, 8, "retryable failure") \
	X(SBX_PHASE_TIMED_OUT, 9, "timed out")
typedef enum sbx_phase {
#define SBX_PHASE_ENUM(name, number, text) name = number,
	SBX_PHASE_LIST(SBX_PHASE_ENUM)
#undef SBX_PHASE_ENUM
} sbx_phase;
SBX_API const char *sbx_phase_text(sbx_phase phase); /* static text */
/* Succeeded, aborted, failed, retryable failure, timed out. */
SBX_API int sbx_phase_is_terminal(sbx_phase phase);

/* One job of one call. It may outlive its call, while it is deleted. */
typedef struct sbx_job sbx_job;
typedef struct sbx_log_link {
	const char *name, *uri;
} sbx_log_link;
/* What `get` has found; all of it is copied. Zeros for what is not known. */
typedef struct sbx_resource {
	size_t size;
	sbx_phase phase;
	const char *message;
	/*
	 * Of a job that succeeded: a dict from output name to value, or the value itself; SBX_INVALID: None. A dict with one output
	 * gives its value; one with several gives a tuple of them, or the dict where the task's declared result is one.
	 */
	sbx_value outputs;
	int outputs_from_json; /* bytes, datetime and others are strings in it, as in JSON */
	const sbx_log_link *links;
	size_t link_count;
	const char *custom_info; /* JSON */
} sbx_resource;
typedef enum sbx_job_problem {
	SBX_JOB_PASSING, /* the same operation may succeed later */
	SBX_JOB_FINAL,   /* it will not */
	SBX_JOB_MISSING, /* what is needed is not there: the run ends with SBX_E_UNAVAILABLE */
	/* The other system cannot be reached, so it knows nothing of this request: it is made again, a create for some five
	   seconds; then the run ends as with SBX_JOB_MISSING. A job that was created is left, for who takes the run up. */
	SBX_JOB_UNREACHED
} sbx_job_problem;

/*
 * Operations begin and return; the end is reported by one of the functions below, from within the operation or the
 * connector's own poll. Each job has one operation under way at most.
 */
typedef struct sbx_connector {
	size_t size;
	void *context;
	const char *name;                                /* for messages; copied */
	void (*create_job)(void *context, sbx_job *job); /* sbx_job_created */
	void (*get_job)(void *context, sbx_job *job);    /* sbx_job_found */
	void (*delete_job)(void *context,
					   sbx_job *job); /* sbx_job_deleted, also for one that has gone */
	/* The operation under way, which is no create, is no longer wanted: no report may follow. NULL: it is waited for. */
	void (*abandon_job)(void *context, sbx_job *job);
	void (*release_job)(void *context,
						sbx_job *job); /* the job is forgotten now; NULL: not interested */
	/* As in sbx_backend; each may be NULL. */
	sbx_status (*poll)(void *context);
	int (*descriptor)(void *context);
	int (*timeout)(void *context);
	void (*close)(void *context); /* once for each context */
	uint32_t first_ms,
		most_ms;           /* until the first get, and between two of them; 0: the registry's */
	int is_safe_to_repeat; /* two creates with one key make one job: one that failed is made again */
	int is_of_process;     /* jobs end with this process: nothing of them is remembered */
} sbx_connector;

/* What a connector may ask about a job. Texts live as long as the job. */
SBX_API const char *sbx_job_key(const sbx_job *job); /* letters, digits, '-', '_', '.' */
SBX_API void sbx_job_task(const sbx_job *job, sbx_task_info *info);
SBX_API uint32_t sbx_job_task_version(const sbx_job *job);
SBX_API const char *sbx_job_config(const sbx_job *job); /* custom_config= as JSON; NULL: none */
/* NULL in delete_job; its arguments are there in create_job and get_job. */
SBX_API const sbx_call *sbx_job_call(const sbx_job *job);
SBX_API const void *sbx_job_metadata(const sbx_job *job, size_t *length);
SBX_API void *sbx_job_state(const sbx_job *job); /* the connector's own; NULL at first */
SBX_API void sbx_job_set_state(sbx_job *job, void *state);
/* A line for the log, under the name of the call. */
SBX_API void sbx_job_log(const sbx_job *job, const char *text);

/* Reports; each ends the operation. */
SBX_API void sbx_job_created(sbx_job *job, const void *metadata, size_t length);
SBX_API void sbx_job_found(sbx_job *job, const sbx_resource *resource);
SBX_API void sbx_job_deleted(sbx_job *job);
/* type NULL: RuntimeError; traceback may be NULL. */
SBX_API void sbx_job_failed(sbx_job *job, sbx_job_problem problem, const char *type,
							const char *text, const char *traceback);

typedef struct sbx_connectors sbx_connectors;
typedef struct sbx_connectors_options {
	size_t size;
	/* Any one of the program whose tasks are run. Types without a connector in C are looked for among the classes of its
	   file that derive from AsyncConnector. */
	const sbx_entry *entry;
	const char *python, *source_folder, *run_folder; /* as in sbx_local_options */
	sbx_log *log;
	uint32_t first_ms, most_ms; /* until the first get, and between two; 0: 50 and 3000 */
	uint32_t close_ms;          /* closing waits so long for jobs to be deleted; 0: 15,000 */
	uint32_t max_jobs;          /* of one task type, at any time; 0: no limit */
	/* Where the runs are recorded: a job that was deleted is known there as such, so that nobody deletes it again. It outlives
	   the registry. NULL: they are not, or that is not wanted. */
	sbx_journal *journal;
} sbx_connectors_options;
SBX_API SBX_MUST_CHECK sbx_status sbx_connectors_open(const sbx_connectors_options *options,
													  sbx_connectors **connectors);
/* The connector is copied. SBX_E_STATE: the key has a connector, and overrides is 0. */
SBX_API SBX_MUST_CHECK sbx_status sbx_connectors_register(sbx_connectors *connectors,
														  const char *task_type, uint32_t version,
														  const sbx_connector *connector,
														  int overrides);
/* Registers an HTTP or PostgreSQL connector made of the JSON document in the file `path` for a type, in all versions for
   which no other is registered. SBX_E_INPUT: there is a mistake in it, or it cannot be read. */
SBX_API SBX_MUST_CHECK sbx_status sbx_connectors_load(sbx_connectors *connectors,
													  const char *task_type, const char *path);
SBX_API const char *
sbx_connectors_problem(const sbx_connectors *connectors); /* of the last failure */
/*
 * Routes every task type of the program, and every registered one, that has no backend yet. From then on the registry belongs
 * to the dispatcher, which closes it, also after a failure; more may still be registered for the types that are routed. Closing
 * deletes the jobs of calls that are under way, but leaves those of recorded runs that have not ended, for another process; and
 * so does the end of a run whose call found nothing there (SBX_E_UNAVAILABLE).
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_connectors_route(sbx_connectors *connectors,
													   sbx_dispatcher *dispatcher);
/* Only if it was never routed. Waits for jobs that are being deleted, close_ms at most. */
SBX_API void sbx_connectors_close(sbx_connectors *connectors);
/* SBX_DONE: the run is cancelled. SBX_E_UNAVAILABLE, SBX_E_BACKEND: some of its jobs could not be deleted, their services were
   not there or refused; it is marked and not cancelled, and the same call may be made again. sbx_journal_problem tells. */
typedef void (*sbx_cancel_ended)(void *context, const char *run_id, sbx_status status);
/*
 * As sbx_journal_cancel, also for a run that was left with jobs under way: they are deleted through the connectors of their types,
 * then it is cancelled. SBX_DONE, SBX_RUNNING: as there. SBX_WAITING: they are being deleted, in the polls of the dispatcher, or
 * when the registry is closed; then `ended` (NULL: not interested) is told. Until then the journal stays open, and no process
 * can take the run up. SBX_E_UNAVAILABLE: there is no connector for one of them, nothing has happened. It also deletes what
 * sbx_journal_abandon has left. The run's program is needed only for jobs of classes of its file.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_connectors_cancel(sbx_connectors *connectors,
														sbx_journal *journal, const char *run_id,
														sbx_cancel_ended ended, void *context);

/* ---- the cache ---- */

/*
 * Results of tasks in a SQLite file, which may be a journal's: what docs/cache.md says a result depends on is its key.
 *
 *     sbx_cache_options options = {.size = sizeof options, .log = log};
 *     sbx_cache_file_open("results.db", &options, &file);
 *     sbx_cache cache;
 *     sbx_cache_file_hooks(file, &cache);
 *     ... sbx_dispatcher_options options = {.cache = &cache, ...};
 *
 * Only tasks that are declared with cache= are kept. Files are read to their end, also large ones, before a task that
 * gets them starts, and those of a result before it is delivered: in pieces, about 2 ms in each poll. A cache that is damaged or full,
 * or locked by another process for ten seconds, is told once in the log, and tasks run as without it. It may be shared by
 * processes; closing may wait ten seconds for the lock. Used by the thread of its dispatcher; close the dispatcher first.
 */
typedef struct sbx_cache_file sbx_cache_file;
typedef struct sbx_cache_options {
	size_t size;
	const char
		*base_image; /* that sandboxes are built on: results depend on it; NULL: the usual one */
	sbx_log *log;    /* NULL: nothing is told */
	int must_exist;  /* nonzero: the file is not made */
} sbx_cache_options;
/* On failure *file can only tell its problem and be closed. SBX_E_UNAVAILABLE: it cannot be used, is none of ours, or there
   is no SQLite. SBX_E_ARGUMENT: the path is empty. options may be NULL. */
SBX_API SBX_MUST_CHECK sbx_status sbx_cache_file_open(const char *path,
													  const sbx_cache_options *options,
													  sbx_cache_file **file);
SBX_API const char *sbx_cache_file_problem(const sbx_cache_file *file);
SBX_API void sbx_cache_file_hooks(sbx_cache_file *file, sbx_cache *cache);
SBX_API void sbx_cache_file_close(sbx_cache_file *file); /* accepts NULL */
/* A result that is kept. Texts live until `each` returns. */
typedef struct sbx_cached {
	const char *task, *version; /* "orders.price"; 64 hex digits, or what version_override= says */
	int64_t stored, used;       /* microseconds since 1970; used: 0, never */
	uint64_t hits, bytes;       /* bytes: of the value; what it names is not counted */
} sbx_cached;
/* Those of a task (NULL: all), in the order of tasks and times. */
SBX_API SBX_MUST_CHECK sbx_status sbx_cache_file_list(sbx_cache_file *file, const char *task,
													  void (*each)(void *context,
																   const sbx_cached *cached),
													  void *context);
/* Removes those of a task (NULL: all) that were neither stored nor used since `since` (INT64_MAX: whenever). */
SBX_API SBX_MUST_CHECK sbx_status sbx_cache_file_prune(sbx_cache_file *file, const char *task,
													   int64_t since, uint64_t *count);

/* ---- the command line of a generated program ---- */

struct sbx_gen_program; /* what the compiler emitted for one file */
/* Runs `./program [OPTIONS] ENTRY [--NAME VALUE]...` and returns the exit code; `program --help`
 * tells the rest. */
SBX_API int sbx_program_main(const struct sbx_gen_program *program, int argc, char **argv);

#ifdef __cplusplus
}
#endif

#endif
