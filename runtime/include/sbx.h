/*
 * sbx.h - host orchestrations compiled by sbxc.
 *
 * This header is the whole public interface of libsbx and its manual. Four calls host an orchestrator:
 *
 *     sbx_run *run;
 *     sbx_value n = sbx_int(10);
 *     sbx_status status = sbx_run_open(&sbx_machine_pipeline_pipeline, &n, 1, NULL, &run);
 *     while ((status = sbx_run_step(run)) == SBX_WAITING) {
 *         const sbx_call *call;
 *         while ((call = sbx_run_next_call(run)) != NULL)
 *             sbx_run_answer(run, sbx_call_id(call), do_the_work(call));
 *     }
 *     ... sbx_run_result(run) or sbx_run_error_text(run) ...
 *     sbx_run_free(run);
 *
 * Four rules hold everywhere and are not repeated below.
 *   Results    What can fail returns an sbx_status: zero is done, positive is not finished, negative failed. It must
 *              be checked. After a failure of a call on a run, the run holds the details.
 *   Arguments  are borrowed and results are the caller's; only a function with `take` in its name swallows.
 *   Values     live in a heap: a run's, or one that the host opened (sbx_heap_open). A value handed to another heap is
 *              copied. Numbers, bools and None live in the sbx_value itself and belong to no heap.
 *   Threads    A run, or a heap, may be used by one thread at a time; different ones share nothing. The library starts no thread, installs no
 *              signal handler, never blocks, and has no global state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_H
#define SBX_H

#include <stddef.h>
#include <stdint.h>

#define SBX_VERSION_MAJOR 0
#define SBX_VERSION_MINOR 1
#define SBX_VERSION_PATCH 0

#if defined(__GNUC__)
#define SBX_API __attribute__((visibility("default")))
#define SBX_MUST_CHECK __attribute__((warn_unused_result))
#else
#define SBX_API
#define SBX_MUST_CHECK
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status ---- */

/* Every status, with its number and its text. Numbers are never changed or used again. */
#define SBX_STATUS_LIST(X) \
	X(SBX_DONE, 0, "done") \
	X(SBX_WAITING, 1, "waiting for tasks") \
	X(SBX_RUNNING, 2, "not finished: step again") \
	X(SBX_E_RAISED, -1, "the orchestrator raised an exception") \
	X(SBX_E_MEMORY, -2, "memory limit reached") \
	X(SBX_E_DEPTH, -3, "call depth limit reached") \
	X(SBX_E_DEADLINE, -4, "deadline reached") \
	X(SBX_E_STEPS, -5, "step limit reached") \
	X(SBX_E_NO_MEMORY, -6, "the system is out of memory") \
	X(SBX_E_INPUT, -7, "an input is missing, unknown or ill-typed") \
	X(SBX_E_ARGUMENT, -8, "an argument of the call is not valid") \
	X(SBX_E_STATE, -9, "not possible in this state of the run") \
	X(SBX_E_NO_CALL, -10, "no such call is pending") \
	X(SBX_E_TYPE, -11, "a value is not of the declared type") \
	X(SBX_E_SYNTAX, -12, "text that is not valid JSON") \
	X(SBX_E_ABI, -13, "generated for another version of libsbx") \
	X(SBX_E_BACKEND, -14, "a backend failed") \
	X(SBX_E_CANCELLED, -15, "cancelled") \
	X(SBX_E_UNAVAILABLE, -16, "an engine, file or service that is needed is not there") \
	X(SBX_E_DAMAGED, -17, "the bytes are damaged, or no snapshot") \
	X(SBX_E_PROGRAM, -18, "made by another program, or by another version of it") \
	X(SBX_E_DIVERGED, -19, "the program does not do what is recorded of this run")
typedef enum sbx_status {
#define SBX_STATUS_ENUM(name, number, text) name = number,
	SBX_STATUS_LIST(SBX_STATUS_ENUM)
#undef SBX_STATUS_ENUM
} sbx_status;
SBX_API const char *sbx_status_text(sbx_status status); /* static text */
SBX_API const char *sbx_version(void);                  /* "0.1.0" */

/* ---- values ---- */

typedef struct sbx_run sbx_run;
/* A run is a heap too: where a function takes a heap, a run may stand. */
typedef struct sbx_run sbx_heap;

/* A Python value. Read it through the functions below only; the layout is for generated code. */
typedef struct sbx_value {
	uint64_t tag;
	union {
		int64_t i;
		double f;
		void *p;
	} u;
} sbx_value;

typedef enum sbx_type_kind {
	SBX_INVALID,
	SBX_NONE,
	SBX_BOOL,
	SBX_INT,
	SBX_FLOAT,
	SBX_STR,
	SBX_BYTES,
	SBX_LIST,
	SBX_TUPLE,
	SBX_DICT,
	SBX_SET,
	SBX_FROZENSET,
	SBX_FILE,
	SBX_DIR,
	SBX_DATAFRAME,
	SBX_DATETIME,
	SBX_TIMEDELTA,
	SBX_EXCEPTION,
	SBX_ANY,     /* in declared types only */
	SBX_UNION,   /* in declared types only */
	SBX_OTHER,   /* a function, a range ... : passes no boundary */
	SBX_TUPLE_OF /* in declared types only: tuple[T, ...]; its one argument is T */
} sbx_type_kind;

/* A heap of the host's own; max_bytes 0: no limit. */
SBX_API SBX_MUST_CHECK sbx_status sbx_heap_open(uint64_t max_bytes, sbx_heap **heap);
SBX_API void sbx_heap_close(sbx_heap *heap);

SBX_API sbx_type_kind sbx_kind(sbx_value v);
SBX_API sbx_value sbx_none(void);
SBX_API sbx_value sbx_bool(int b);
SBX_API sbx_value sbx_int(int64_t i);
SBX_API sbx_value sbx_float(double f);
/* These return an SBX_INVALID value when the heap is full or an argument is not valid (bad UTF-8). */
SBX_API sbx_value sbx_str_make(sbx_heap *heap, const char *utf8, size_t length);
SBX_API sbx_value sbx_bytes_make(sbx_heap *heap, const void *bytes, size_t length);
SBX_API sbx_value sbx_int_from_text(sbx_heap *heap, const char *digits,
									size_t length); /* decimal, or 0x/0o/0b; any size */
SBX_API sbx_value sbx_list_make(sbx_heap *heap, const sbx_value *items, size_t count);
SBX_API sbx_value sbx_tuple_make(sbx_heap *heap, const sbx_value *items, size_t count);
SBX_API sbx_value sbx_set_make(sbx_heap *heap, const sbx_value *items, size_t count, int frozen);
SBX_API sbx_value sbx_dict_make(sbx_heap *heap, const sbx_value *keys, const sbx_value *values,
								size_t count);
/* kind: SBX_FILE, SBX_DIR or SBX_DATAFRAME; format and hash may be NULL. UTF-8. */
SBX_API sbx_value sbx_handle_make(sbx_heap *heap, sbx_type_kind kind, const char *path,
								  const char *format, const char *hash);
/* Microseconds since 1970-01-01T00:00:00 of the wall clock; offset_minutes INT32_MIN: no zone. */
SBX_API sbx_value sbx_datetime_make(sbx_heap *heap, int64_t microseconds, int32_t offset_minutes);
SBX_API sbx_value sbx_timedelta_make(sbx_heap *heap, int64_t microseconds);
SBX_API sbx_value sbx_value_copy(sbx_heap *to, sbx_value v); /* deep, into another heap */
SBX_API void sbx_value_free(sbx_heap *heap, sbx_value v);    /* gives a reference back */

SBX_API int sbx_get_bool(sbx_value v);              /* 0 or 1; 0 for another kind */
SBX_API int sbx_get_int(sbx_value v, int64_t *out); /* 1: it is an int that fits */
SBX_API double sbx_get_float(sbx_value v);          /* of a float; of an int its nearest */
/* The text of a str as UTF-8 (a lone surrogate as its three bytes), with a zero byte behind it. ASCII is lent as it is, other
   text is copied into the heap. Valid as long as the value and the heap; NULL: no memory. */
SBX_API const char *sbx_peek_str(sbx_heap *heap, sbx_value v, size_t *length);
SBX_API const unsigned char *sbx_peek_bytes(sbx_value v, size_t *length);
SBX_API size_t sbx_count(sbx_value v); /* items of a list, tuple, set; pairs of a dict */
SBX_API sbx_value sbx_peek_item(sbx_value v,
								size_t index); /* list, tuple, set (in order), dict (its key) */
SBX_API sbx_value sbx_peek_value(sbx_value dict, size_t index);
SBX_API sbx_value sbx_dict_find(sbx_heap *heap, sbx_value dict,
								const char *key); /* borrowed; SBX_INVALID: not there */
SBX_API const char *sbx_handle_path(sbx_heap *heap, sbx_value v);
SBX_API const char *sbx_handle_format(sbx_heap *heap, sbx_value v);
SBX_API const char *sbx_handle_hash(sbx_heap *heap, sbx_value v);
SBX_API int64_t sbx_datetime_microseconds(sbx_value v, int32_t *offset_minutes);
SBX_API int64_t sbx_timedelta_microseconds(sbx_value v);

/* Text as Python writes it; a str value of `heap`, SBX_INVALID when memory ran out. */
SBX_API sbx_value sbx_repr(sbx_heap *heap, sbx_value v);
/* One line of JSON as json.dumps writes it by default. */
SBX_API SBX_MUST_CHECK sbx_status sbx_json_dump(sbx_heap *heap, sbx_value v, sbx_value *text);
/* JSON read without loss: ints of any size, floats, NaN and Infinity; objects become dicts. */
SBX_API SBX_MUST_CHECK sbx_status sbx_json_load(sbx_heap *heap, const char *json, size_t length,
												sbx_value *v);
/* A value as bytes without loss (a bytes value), for pipes and files between parts of one program; every kind that
   passes a boundary. The form is described in runtime/values/wire.h. */
SBX_API SBX_MUST_CHECK sbx_status sbx_wire_dump(sbx_heap *heap, sbx_value v, sbx_value *bytes);
/* Reads it back; SBX_E_SYNTAX for bytes that are damaged or hostile. */
SBX_API SBX_MUST_CHECK sbx_status sbx_wire_load(sbx_heap *heap, const void *bytes, size_t length,
												sbx_value *v);

/* ---- declared types ---- */

typedef struct sbx_gen_type sbx_type;
SBX_API sbx_type_kind sbx_type_kind_of(const sbx_type *type); /* NULL, not declared: SBX_ANY */
SBX_API size_t sbx_type_count(const sbx_type *type);
SBX_API const sbx_type *sbx_type_argument(const sbx_type *type, size_t index);
/* As in Python source: "dict[str, int]". Writes at most size bytes with the NUL; returns the length it needs. */
SBX_API size_t sbx_type_text(const sbx_type *type, char *buffer, size_t size);
/*
 * Makes `v` fit the type: an int becomes a float where one is declared, a JSON string becomes bytes, datetime ... where
 * `from_json`; else SBX_E_TYPE with heap's error text naming the place ("[3]: expected int, got str").
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_value_convert(sbx_heap *heap, const sbx_type *type,
													int from_json, sbx_value v, sbx_value *out);

/* ---- entries ---- */

/* An orchestrator of a compiled file. The generated header declares one symbol for each. */
typedef struct sbx_entry sbx_entry;
SBX_API const char *sbx_entry_name(const sbx_entry *entry);      /* "pipeline" */
SBX_API const char *sbx_entry_full_name(const sbx_entry *entry); /* "sandboxed-demo.pipeline" */
SBX_API size_t sbx_entry_input_count(const sbx_entry *entry);
SBX_API const char *sbx_entry_input_name(const sbx_entry *entry, size_t index);
SBX_API const sbx_type *sbx_entry_input_type(const sbx_entry *entry, size_t index);
SBX_API int sbx_entry_input_required(const sbx_entry *entry, size_t index);
SBX_API const sbx_type *sbx_entry_result_type(const sbx_entry *entry);

/* ---- runs ---- */

/*
 * Limits of a run. Set `size` to sizeof(sbx_run_options); a zero means what the source says, or the default. A limit
 * that is reached raises Python's exception for it (MemoryError, RecursionError, TimeoutError), ends the run, and gives
 * the status of the limit. Steps and time are looked at in loop turns, calls and long library operations, in slices of
 * less than a millisecond. The clock is not read for each step: short steps are charged at the pace that was measured
 * for this run, so that a task call stays cheap.
 */
typedef struct sbx_run_options {
	size_t size;
	uint64_t max_memory; /* bytes; default 50 MiB */
	uint32_t max_depth;  /* Python calls; default 256 */
	uint32_t timeout_ms; /* of execution, not of waiting for tasks; default 30,000 */
	uint64_t
		max_steps; /* loop turns, calls, and work inside long library operations; default: none */
	size_t c_stack_bytes; /* C stack that a step may use; default 256 KiB */
	/* What the program prints: a line or part of one, UTF-8. Default: dropped. */
	void (*print)(void *context, const char *utf8, size_t length);
	void *context;
	/* Asked whenever the clock is read while a step executes; nonzero: the run ends with SBX_E_CANCELLED. Default: never. */
	int (*interrupted)(void *context);
} sbx_run_options;

/*
 * Opens a run. inputs: one value per input in order (SBX_INVALID: not given), copied and checked. options may be NULL.
 * On SBX_E_INPUT *run is a run that can only tell its error and be freed; on other failures *run is NULL.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_open(const sbx_entry *entry, const sbx_value *inputs,
											   size_t count, const sbx_run_options *options,
											   sbx_run **run);
/* The same with a JSON object that has the inputs by name. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_open_json(const sbx_entry *entry, const char *json,
													size_t length, const sbx_run_options *options,
													sbx_run **run);
/* Runs until the end (SBX_DONE), an exception (negative), or until it waits for tasks (SBX_WAITING). A run that has
   ended, or still waits, is left alone: the status is told again. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_step(sbx_run *run);
SBX_API void sbx_run_free(sbx_run *run);
SBX_API const sbx_entry *sbx_run_entry(const sbx_run *run); /* of a run; NULL: a host's heap */

/* ---- snapshots ---- */

/*
 * A run that has not ended as bytes (a bytes value of `to`, another heap than the run's): what is live, not the program.
 * The run stays as it is. The bytes can be restored in any process by a build of the same program, as often as wanted.
 * SBX_E_STATE: the run has ended.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_snapshot(const sbx_run *run, sbx_heap *to,
												   sbx_value *bytes);
/*
 * A run made of such bytes. entry: any one of the program (sbx_run_entry tells which one it is); options as for
 * sbx_run_open, since limits are not in the bytes; time and steps used so far are. Calls that waited for their answer are
 * handed out again under their ids. SBX_E_DAMAGED: damaged bytes; SBX_E_PROGRAM: of another program. Whatever the bytes
 * are, nothing outside the new run is touched; whether they are genuine is for the host to know, the check sum is no
 * signature.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_restore(const sbx_entry *entry, const void *bytes,
												  size_t length, const sbx_run_options *options,
												  sbx_run **run);

/* ---- pending calls ---- */

/* A task call that waits for its answer. Its arguments are there until it is answered, the rest until the run is stepped
   again. */
typedef struct sbx_call sbx_call;
/*
 * The next call that has not been handed out yet; NULL: no more now. flyte_map makes several, and hands out no more than
 * its concurrency: ask again after an answer. Their answers may come in any order, also before they are handed out.
 */
SBX_API const sbx_call *sbx_run_next_call(sbx_run *run);
SBX_API uint64_t
sbx_call_id(const sbx_call *call); /* unique in its run, the same in every replay; from 1 */
SBX_API sbx_run *sbx_call_run(const sbx_call *call);
SBX_API const char *sbx_call_task_name(const sbx_call *call);
SBX_API size_t sbx_call_arg_count(const sbx_call *call); /* the task's parameters */
SBX_API const char *sbx_call_arg_name(const sbx_call *call, size_t index);
SBX_API sbx_value sbx_call_arg(const sbx_call *call,
							   size_t index); /* borrowed; SBX_INVALID: left to its default */
SBX_API const sbx_type *sbx_call_arg_type(const sbx_call *call, size_t index);
SBX_API const sbx_type *sbx_call_result_type(const sbx_call *call);
/* What the declaration of the task says; see struct sbx_task_info. */
typedef struct sbx_task_info {
	size_t size;
	const char *name, *function, *module;
	const char *task_type; /* NULL: a Python function */
	const char *extra;     /* JSON object: env_vars, secrets, resources, image, cache; or NULL */
	uint32_t retries, timeout_ms;
	int is_async;
} sbx_task_info;
SBX_API void sbx_call_task(const sbx_call *call, sbx_task_info *info);

/*
 * Answers. The value is copied and checked against the task's declared result; an int becomes a float where one is
 * declared. SBX_E_TYPE: it does not fit, the call then raises TypeError in the orchestrator. SBX_E_MEMORY: the run has
 * no room for it and ends. SBX_E_ARGUMENT (no value), SBX_E_SYNTAX (no JSON): nothing has happened, the call still waits.
 * The answer that is needed wakes the run (sbx_run_status is SBX_RUNNING): step it.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_answer(sbx_run *run, uint64_t call, sbx_value result);
SBX_API SBX_MUST_CHECK sbx_status sbx_run_answer_json(sbx_run *run, uint64_t call, const char *json,
													  size_t length);
/*
 * The task failed: raises `type` (a builtin exception's name, or any other) at the call. text: what str() of the
 * exception gave, NULL for none; traceback: the remote one with its last line, or NULL; it stands first in the run's own.
 * All UTF-8. In a flyte_map whose failures are values the exception takes its place in the list; in one whose failures
 * raise, the one of the lowest index does, and calls after it are no longer wanted.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_fail(sbx_run *run, uint64_t call, const char *type,
											   const char *text, const char *traceback);
/* Does this call still wait for its answer? One of a flyte_map is no longer wanted when another one has failed. */
SBX_API int sbx_run_has_call(const sbx_run *run, uint64_t call);
/*
 * Gives up one call, the run goes on: raises at the call what Flyte raises in the parent of an action that was aborted,
 * flyte.errors.ActionAbortedError with `reason` as its text (UTF-8; NULL: "cancelled"). In a flyte_map as for sbx_run_fail.
 * Of a run in a dispatcher the attempt under way is cancelled at its backend, none follows, and a recorder is told the
 * outcome before the run is. SBX_E_NO_CALL: it waits no more, or has its outcome, which is on the way. SBX_E_STATE: not
 * from within a backend, a recorder or the dispatcher's `event`.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_cancel_call(sbx_run *run, uint64_t call,
													  const char *reason);
/* Ends the run as cancelled. In a dispatcher its attempts are cancelled by the next poll, which is due at once. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_cancel(sbx_run *run);
/* Ends it with a status below zero and a text, which sbx_run_error_text then gives. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_stop(sbx_run *run, sbx_status status, const char *text);
/* A pointer of the host's own, kept with the run. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_set_context(sbx_run *run, void *context);
SBX_API void *sbx_run_context(const sbx_run *run); /* NULL: none was set */

/* ---- results ---- */

SBX_API sbx_status sbx_run_status(const sbx_run *run);
SBX_API sbx_value
sbx_run_result(const sbx_run *run); /* borrowed, readable until the run is freed */
/* After a failure: "ValueError: negative input: -1" and the whole traceback, UTF-8. Readable until freed. */
SBX_API const char *sbx_run_error_text(sbx_run *run);
SBX_API const char *sbx_run_error_type(sbx_run *run);
SBX_API const char *sbx_run_traceback(sbx_run *run);
typedef struct sbx_usage {
	size_t size;
	uint64_t bytes, peak_bytes, steps, calls, nanoseconds;
} sbx_usage;
SBX_API void sbx_run_usage(const sbx_run *run, sbx_usage *usage);

/* ---- dispatcher and backends ---- */

/*
 * A dispatcher carries the calls of any number of runs to backends: order, concurrency, retries, timeouts and
 * cancellation are done here, once for all backends. It never blocks but in a recorder's commit: the host waits for its
 * backends' descriptors and for sbx_dispatcher_timeout, then calls sbx_dispatcher_poll.
 *
 * Order      Runs with calls to start take turns, one call each, so that a map of ten thousand calls keeps no other run
 *            from its single one. The calls of a run start in order of their ids.
 * Limits     bound the attempts under way: over all, and for each run, task and backend. A limit that is reached holds up
 *            only what needs a place there; who waits at one is let in first come, first served.
 * Retries    A failed attempt is made again as often as the task's `retries` says, after a rest that doubles each time; so
 *            is one that takes longer than the task's timeout, which raises TimeoutError in the end.
 * Ends       Each attempt that was started ends once: its backend answers, fails, or says that what it needs is not there,
 *            or is told to cancel it. After that the attempt must not be used.
 * Callbacks  A backend may report from within its start and poll; the dispatcher steps no run and cancels no attempt before
 *            they have returned. Of the dispatcher's functions only sbx_attempt_... and sbx_dispatcher_add may be called
 *            from within a backend or `event`; all but poll and close from within `ended`.
 *
 * A dispatcher and its runs belong to one thread at a time. Starting and ending a call costs the same however many runs there are.
 */
typedef struct sbx_dispatcher sbx_dispatcher;
/* One attempt of a call, as a backend sees it. */
typedef struct sbx_attempt {
	const sbx_call *call;
	sbx_dispatcher *dispatcher;
	uint32_t number;     /* from 1 */
	uint32_t timeout_ms; /* 0: none */
	void *state;         /* the backend's own */
} sbx_attempt;
typedef struct sbx_backend {
	size_t size;
	void *context;
	/* Begins the work; may finish at once. A status below zero fails the attempt (sbx_attempt_fail tells why first).
	   SBX_E_UNAVAILABLE: as sbx_attempt_unavailable. */
	sbx_status (*start)(void *context, sbx_attempt *attempt);
	/* Looks for what has happened, without waiting; reports through sbx_attempt_answer / _fail. A status below zero fails
	   all attempts under way here. NULL: the host has the reports made. */
	sbx_status (*poll)(void *context);
	/* The attempt is no longer wanted (timeout, cancel): no report may follow. */
	void (*cancel)(void *context, sbx_attempt *attempt);
	/* A descriptor that becomes readable when poll has something to do, or -1. */
	int (*descriptor)(void *context);
	/* Milliseconds until poll must be called anyway, or -1. */
	int (*timeout)(void *context);
	void (*close)(void *context);
} sbx_backend;
/*
 * Writes down what happens, so that runs survive their process; sbx_journal in sbx-host.h is one. With a recorder no outcome
 * of a call reaches its run before a commit that comes after `finished` has returned. A recorder that fails ends the run.
 */
typedef struct sbx_recorder {
	size_t size;
	void *context;
	/* A run hands out a call. 1: it had finished before, and has just been answered or failed (sbx_run_answer, _fail);
	   0: start it; below zero: the run has to end, and sbx_run_stop has told why. */
	int (*handed_out)(void *context, const sbx_call *call);
	/* The outcome of a call: a value, or (SBX_INVALID) a failure as sbx_run_fail takes it. */
	sbx_status (*finished)(void *context, const sbx_attempt *attempt, sbx_value result,
						   const char *type, const char *text, const char *traceback);
	/* The run has ended; its status, result and error can be read. */
	sbx_status (*ended)(void *context, sbx_run *run);
	/* Makes durable what was told so far, of all runs. May block. */
	sbx_status (*commit)(void *context);
} sbx_recorder;
/* Set `size` to sizeof(sbx_dispatcher_options); a zero means the default. */
typedef struct sbx_dispatcher_options {
	size_t size;
	uint32_t max_concurrency;         /* attempts under way at once; 0: no limit */
	int64_t (*now_ms)(void *context); /* monotonic clock, not below zero; NULL: the system's */
	/* Tells what happens, for a log or a display: "started", "done", "failed", "retry", "timeout", "cancelled". The attempt's
	   call tells its task and number here, not its arguments, which may be gone. */
	void (*event)(void *context, const sbx_attempt *attempt, const char *what, const char *detail);
	void *context;
	const sbx_recorder *recorder; /* copied; NULL: nothing is recorded */
	uint32_t max_per_run;         /* attempts under way of each run; 0: no limit */
	uint32_t max_per_task;        /* of each task, over all runs; 0: no limit */
	uint32_t
		backoff_first_ms; /* the rest before a second attempt, doubled before each more; 0: 100 */
	uint32_t backoff_max_ms; /* the longest rest; 0: 10,000 */
	/* A run has ended, and with a recorder that is durable; the dispatcher has forgotten it. So a host of very many runs need
	   not look at each. It may be freed here, and others added. Where this is given a run must not be freed before. */
	void (*ended)(void *context, sbx_run *run);
} sbx_dispatcher_options;
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_open(const sbx_dispatcher_options *options,
													  sbx_dispatcher **dispatcher);
/* Routes tasks of `task_type` (NULL: all others) to a backend, which is copied; closed with the dispatcher. SBX_E_STATE: they
   have one. */
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_route(sbx_dispatcher *dispatcher,
													   const char *task_type,
													   const sbx_backend *backend);
/*
 * A task in C: `call` does the work of the task of that name, whatever its type. It reads the arguments of attempt->call
 * and reports through sbx_attempt_answer, _answer_json or _fail, at once; or later, on the dispatcher's thread, if it has a
 * `cancel`, after which the attempt must not be used. Retries, timeout and limits are those of any task.
 */
typedef struct sbx_native_task {
	size_t size;
	const char *name; /* in full: "orders.price"; copied */
	void *context;
	sbx_status (*call)(void *context, sbx_attempt *attempt); /* as a backend's start */
	void (*cancel)(void *context, sbx_attempt *attempt);     /* NULL: it never answers later */
} sbx_native_task;
/* SBX_E_STATE: this task has a function already. Calls that were handed out before go where they went. */
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_native(sbx_dispatcher *dispatcher,
														const sbx_native_task *task);
/*
 * Limits on attempts under way, at any time; 0: none. What is under way stays so. Of one task, by its full name, over all runs
 * (in place of max_per_task); of the backend of a task type, NULL for that of all others; of one run in the dispatcher (in
 * place of max_per_run).
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_limit_task(sbx_dispatcher *dispatcher,
															const char *task,
															uint32_t max_concurrency);
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_limit_route(sbx_dispatcher *dispatcher,
															 const char *task_type,
															 uint32_t max_concurrency);
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_limit_run(sbx_dispatcher *dispatcher, sbx_run *run,
														   uint32_t max_concurrency);
/* Steps the run now and whenever its calls are answered. The run stays the host's; free it only after it finished or was removed. */
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_add(sbx_dispatcher *dispatcher, sbx_run *run);
/* Cancels its attempts. Outcomes that a recorder was told are committed and reach the run first. */
SBX_API void sbx_dispatcher_remove(sbx_dispatcher *dispatcher, sbx_run *run);
/* Does what can be done now. SBX_WAITING: runs are unfinished; SBX_DONE: none is left; below zero: none is left, and a recorder
   could not make all of them durable. */
SBX_API SBX_MUST_CHECK sbx_status sbx_dispatcher_poll(sbx_dispatcher *dispatcher);
SBX_API int sbx_dispatcher_timeout(
	sbx_dispatcher *dispatcher); /* ms until the next poll is due, -1: only a descriptor */
/* The descriptors to wait for, at most `size` of them; returns how many it has written. */
SBX_API size_t sbx_dispatcher_descriptors(sbx_dispatcher *dispatcher, int *descriptors,
										  size_t size);
/* As if each run were removed. The runs stay the host's. Accepts NULL. */
SBX_API void sbx_dispatcher_close(sbx_dispatcher *dispatcher);
/*
 * From within start, and whenever it knows more: the attempt's timeout counts from now, and has extra_ms more. So what a
 * backend does before the task's own work (starting a process, importing the user's file) need not count: with
 * the time that it may take as extra_ms at first, and with 0 when the work begins. Without a call it counts from start.
 */
SBX_API void sbx_attempt_extend(sbx_attempt *attempt, uint32_t extra_ms);
/* A backend reports; each ends the attempt. */
SBX_API void sbx_attempt_answer(sbx_attempt *attempt, sbx_value result);
/* JSON is read by the task's declared result, as sbx_run_answer_json does; what is no JSON fails the attempt. */
SBX_API void sbx_attempt_answer_json(sbx_attempt *attempt, const char *json, size_t length);
SBX_API void sbx_attempt_fail(sbx_attempt *attempt, const char *type, const char *text,
							  const char *traceback);
/* What the attempt needs is not there: an engine, a service. That is no outcome of the task: there is no use in another attempt, it
   is not recorded, and the run ends with SBX_E_UNAVAILABLE and this text, to be taken up when it is there again. */
SBX_API void sbx_attempt_unavailable(sbx_attempt *attempt, const char *text);

/* ---- the language, for compilers and editors ---- */

/* Python's hash() of a text under PYTHONHASHSEED=0. */
SBX_API int64_t sbx_str_hash(const char *utf8, size_t length);
/*
 * What a builtin name is that a program may use: 0 none, 1 a function ("len"), 2 a type or exception ("int",
 * "ValueError"). *canonical: its name in the tables ("OSError" for "IOError"); static text.
 */
SBX_API int sbx_name_kind(const char *name, const char **canonical);
/* The names one by one, for "did you mean": NULL after the last. */
SBX_API const char *sbx_builtin_name(size_t index);
/* Does a value of type `type` ("str", "list" ...) have a method of this name? type NULL: any type of the language. */
SBX_API int sbx_has_method(const char *type, const char *name);
/*
 * How many arguments the method takes, those with names included; 0: there is no such method, or it is no plain one.
 * *keywords: NULL or "()" takes no names, "**" any; else the parameters' names, "*" before those that only a name can reach,
 * "_" at the front of those that a name cannot.
 */
SBX_API int sbx_method_arguments(const char *type, const char *name, unsigned *min, unsigned *max,
								 const char **keywords);
SBX_API size_t sbx_float_text(double f, char buffer[32]); /* Python's repr; returns its length */

#ifdef __cplusplus
}
#endif

#endif
