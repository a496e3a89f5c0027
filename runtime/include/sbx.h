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
 *              be checked. After a failure of a call on a run, the run holds the details. A function that gives a value or a
 *              text gives SBX_INVALID or NULL where there is none.
 *   Arguments  are borrowed and results are the caller's; only a function with `take` in its name swallows. What is
 *              `const` in a result, and what `peek` gives, is lent. A pointer to an argument must not be NULL unless it is said
 *              that it may; every `free` and `close` accepts NULL.
 *   Values     live in a heap: a run's, or one that the host opened (sbx_heap_open), and go with it at the latest. A value
 *              handed to another heap is copied. Numbers, bools and None live in the sbx_value itself and belong to no heap.
 *   Threads    A run, or a heap, may be used by one thread at a time; different ones share nothing. The library starts no thread, installs no
 *              signal handler, never blocks, and has no global state.
 *
 * Text is UTF-8 and ends with a zero byte unless a length stands beside it. Sizes are bytes.
 *
 * Structures that host and library share begin with `size`: set it to the sizeof of the type. Fields are only ever appended,
 * zero always means the default, and a library takes the structures of all earlier versions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_H
#define SBX_H

#include <stddef.h>
#include <stdint.h>

/* Of this header; sbx_version() tells that of the library. */
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
/* What a status means, in English: static text. Of a number that is none: "unknown status". */
SBX_API const char *sbx_status_text(sbx_status status);
/* The version of the library that is running: static text, "0.1.0". */
SBX_API const char *sbx_version(void);

/* ---- values ---- */

/* An orchestration from its inputs to its result; see `runs`. */
typedef struct sbx_run sbx_run;
/* Memory that values live in. A run is a heap too: where a function takes a heap, a run may stand. */
typedef struct sbx_run sbx_heap;

/*
 * A Python value. Read it through the functions below only; the layout is for generated code. It may be copied like an int,
 * which makes no new reference. One that is all zero is SBX_INVALID.
 */
typedef struct sbx_value {
	uint64_t tag;
	union {
		int64_t i;
		double f;
		void *p;
	} u;
} sbx_value;

/* What a value is, and what a declared type says. Numbers are never changed. */
typedef enum sbx_type_kind {
	SBX_INVALID, /* no value */
	SBX_NONE,
	SBX_BOOL,
	SBX_INT, /* of any size */
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
	SBX_EXCEPTION, /* what a task raised, in the list of a flyte_map; passes no boundary */
	SBX_ANY,       /* in declared types only */
	SBX_UNION,     /* in declared types only */
	SBX_OTHER,     /* a function, a range ... : passes no boundary */
	SBX_TUPLE_OF   /* in declared types only: tuple[T, ...]; its one argument is T */
} sbx_type_kind;

/* A heap of the host's own, of at most max_bytes (0: no limit). SBX_E_NO_MEMORY: *heap is NULL. */
SBX_API SBX_MUST_CHECK sbx_status sbx_heap_open(uint64_t max_bytes, sbx_heap **heap);
/* Frees it with every value in it. */
SBX_API void sbx_heap_close(sbx_heap *heap);

SBX_API sbx_type_kind sbx_kind(sbx_value v);

/* These need no heap, cannot fail and need not be freed. */
SBX_API sbx_value sbx_none(void);
SBX_API sbx_value sbx_bool(int b); /* False for 0, True for any other */
SBX_API sbx_value sbx_int(int64_t i);
SBX_API sbx_value sbx_float(double f);

/*
 * The others are a new reference each, in the heap that they name, which sbx_value_free gives back; without it they live as
 * long as the heap. They are SBX_INVALID when the heap is full or an argument is not valid, and nothing else has happened
 * then. What a container is made of must lie in the same heap, or in none; it stays the host's, the container has references
 * of its own. Items of SBX_INVALID are not valid.
 */
/* UTF-8, lone surrogates allowed as three bytes each; zero bytes may stand in it. */
SBX_API sbx_value sbx_str_make(sbx_heap *heap, const char *utf8, size_t length);
SBX_API sbx_value sbx_bytes_make(sbx_heap *heap, const void *bytes, size_t length);
/* Digits, decimal or after 0x, 0o, 0b, a sign before them; no blanks, no underscores. An int of any size. */
SBX_API sbx_value sbx_int_from_text(sbx_heap *heap, const char *digits, size_t length);
SBX_API sbx_value sbx_list_make(sbx_heap *heap, const sbx_value *items, size_t count);
SBX_API sbx_value sbx_tuple_make(sbx_heap *heap, const sbx_value *items, size_t count);
/* A set, or with `frozen` a frozenset; items that are equal once. An item that cannot be hashed is not valid. */
SBX_API sbx_value sbx_set_make(sbx_heap *heap, const sbx_value *items, size_t count, int frozen);
/* The last value of keys that are equal holds, as in Python. A key that cannot be hashed is not valid. */
SBX_API sbx_value sbx_dict_make(sbx_heap *heap, const sbx_value *keys, const sbx_value *values,
								size_t count);
/* A File, Dir or DataFrame (kind) at a local path or URI; format and hash may be NULL. Nothing is looked at or opened. */
SBX_API sbx_value sbx_handle_make(sbx_heap *heap, sbx_type_kind kind, const char *path,
								  const char *format, const char *hash);
/*
 * A datetime: microseconds since 1970-01-01T00:00:00 of its own wall clock, years 1 to 9999, and the minutes that this clock is
 * ahead of UTC, less than a day either way; INT32_MIN: no zone.
 */
SBX_API sbx_value sbx_datetime_make(sbx_heap *heap, int64_t microseconds, int32_t offset_minutes);
SBX_API sbx_value sbx_timedelta_make(sbx_heap *heap, int64_t microseconds);
/* A deep copy in another heap, or the same one. SBX_INVALID also for what passes no boundary (SBX_OTHER). */
SBX_API sbx_value sbx_value_copy(sbx_heap *to, sbx_value v);
/* Gives one reference of the host's back; v must lie in this heap, or in none. */
SBX_API void sbx_value_free(sbx_heap *heap, sbx_value v);

/* Reading. What they lend lives as long as the value that it is part of, unchanged as long as no run of this heap is stepped. */
/* 1 for True; 0 for False and for another kind. */
SBX_API int sbx_get_bool(sbx_value v);
/* 1: it is an int or a bool that fits 64 bits, and in *out; 0: it is not, *out is unchanged. */
SBX_API int sbx_get_int(sbx_value v, int64_t *out);
/* Of a float; of an int the nearest one; 0.0 for another kind. */
SBX_API double sbx_get_float(sbx_value v);
/*
 * The text of a str (lone surrogates as three bytes each) with a zero byte behind it, and its length in bytes if `length` is
 * not NULL. ASCII is lent as it is; other text is copied into the heap and lives as long as that. NULL: no str, or no memory.
 */
SBX_API const char *sbx_peek_str(sbx_heap *heap, sbx_value v, size_t *length);
/* The bytes of a bytes value, and how many. NULL: it is none. */
SBX_API const unsigned char *sbx_peek_bytes(sbx_value v, size_t *length);
/* Items of a list, tuple or set, pairs of a dict; 0 for another kind. */
SBX_API size_t sbx_count(sbx_value v);
/* An item by its place from 0: of a list, tuple or set (in order of insertion); of a dict the key. SBX_INVALID: there is none. */
SBX_API sbx_value sbx_peek_item(sbx_value v, size_t index);
/* The value of a dict's pair by its place. */
SBX_API sbx_value sbx_peek_value(sbx_value dict, size_t index);
/* The value of a dict by a key that is a str, lent. SBX_INVALID: not there, no dict, or no memory. `heap`: the dict's own. */
SBX_API sbx_value sbx_dict_find(sbx_heap *heap, sbx_value dict, const char *key);
/* Of a File, Dir or DataFrame; NULL: not stated, or another kind. Lent as sbx_peek_str does it. */
SBX_API const char *sbx_handle_path(sbx_heap *heap, sbx_value v);
SBX_API const char *sbx_handle_format(sbx_heap *heap, sbx_value v);
SBX_API const char *sbx_handle_hash(sbx_heap *heap, sbx_value v);
/* As sbx_datetime_make takes them; offset_minutes may be NULL. 0 for another kind. */
SBX_API int64_t sbx_datetime_microseconds(sbx_value v, int32_t *offset_minutes);
SBX_API int64_t sbx_timedelta_microseconds(sbx_value v);

/* As text and bytes. What they make is a new reference in `heap`; v may lie in any heap. */
/* Python's repr(), a str. SBX_INVALID: no memory. */
SBX_API sbx_value sbx_repr(sbx_heap *heap, sbx_value v);
/*
 * One line of JSON as json.dumps writes it by default, a str: ASCII, ", " and ": ", keys that are no strings made such; bytes
 * as base64, sets as arrays, datetime as ISO 8601, timedelta as seconds, a File as an object with __flyte_io_type__ and path.
 * SBX_E_RAISED: a key that json.dumps refuses, or what passes no boundary (sbx_run_error_text of the heap tells which);
 * SBX_E_MEMORY, SBX_E_DEPTH: the heap's limits.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_json_dump(sbx_heap *heap, sbx_value v, sbx_value *text);
/* JSON read without loss: ints of any size, floats, NaN and Infinity; objects become dicts. SBX_E_SYNTAX: sbx_run_error_text
   of the heap tells what and where; SBX_E_MEMORY. */
SBX_API SBX_MUST_CHECK sbx_status sbx_json_load(sbx_heap *heap, const char *json, size_t length,
												sbx_value *v);
/*
 * A value as bytes without loss (a bytes value), for pipes and files between parts of one program; every kind that
 * passes a boundary. The form is described in runtime/values/wire.h. SBX_E_TYPE: it passes none; SBX_E_MEMORY.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_wire_dump(sbx_heap *heap, sbx_value v, sbx_value *bytes);
/* Reads it back. SBX_E_SYNTAX: bytes that are damaged or hostile; SBX_E_MEMORY. */
SBX_API SBX_MUST_CHECK sbx_status sbx_wire_load(sbx_heap *heap, const void *bytes, size_t length,
												sbx_value *v);

/* ---- declared types ---- */

/* A type as the program declares it, part of the program. NULL stands for one that is not declared. */
typedef struct sbx_gen_type sbx_type;
/* SBX_ANY for NULL. */
SBX_API sbx_type_kind sbx_type_kind_of(const sbx_type *type);
/* What stands in its brackets: T of list[T], K and V of dict[K, V], the members of a union, of a tuple its items. */
SBX_API size_t sbx_type_count(const sbx_type *type);
SBX_API const sbx_type *sbx_type_argument(const sbx_type *type, size_t index);
/* As in Python source: "dict[str, int]". Writes at most `size` bytes with the zero byte, cut if need be (buffer may be NULL if
   size is 0), and returns the length of the whole. */
SBX_API size_t sbx_type_text(const sbx_type *type, char *buffer, size_t size);
/*
 * Makes `v` fit the type: an int becomes a float where one is declared; with `from_json` also a text bytes, a datetime or a
 * number of seconds, an array a tuple or set, an object a File, keys what they are declared as. *out is a new reference in
 * `heap`, also where nothing had to change. SBX_E_TYPE: sbx_run_error_text of the heap names the place ("[3]: expected int, got str").
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_value_convert(sbx_heap *heap, const sbx_type *type,
													int from_json, sbx_value v, sbx_value *out);

/* ---- entries ---- */

/*
 * An orchestrator of a compiled file. The generated header declares one symbol for each, and one table of all of them that ends
 * with NULL: `extern const sbx_entry *const sbx_entries_pipeline[];` for pipeline.py. Everything that an entry tells is part of the
 * program and stays as long as that; what is not stated is NULL.
 */
typedef struct sbx_entry sbx_entry;
SBX_API const char *sbx_entry_name(const sbx_entry *entry);      /* "pipeline" */
SBX_API const char *sbx_entry_full_name(const sbx_entry *entry); /* "sandboxed-demo.pipeline" */
SBX_API const char *sbx_entry_doc(const sbx_entry *entry);       /* its docstring */
/* The path of its source as the compiler was given it, and the line of its definition from 1 (line may be NULL). */
SBX_API const char *sbx_entry_source(const sbx_entry *entry, uint32_t *line);
/* Inputs, by their place from 0. */
SBX_API size_t sbx_entry_input_count(const sbx_entry *entry);
SBX_API const char *sbx_entry_input_name(const sbx_entry *entry, size_t index);
SBX_API const sbx_type *sbx_entry_input_type(const sbx_entry *entry, size_t index);
SBX_API int sbx_entry_input_required(const sbx_entry *entry, size_t index);
/* Its default as a new reference in `heap`. SBX_INVALID: it has none, or no memory. */
SBX_API sbx_value sbx_entry_input_default(const sbx_entry *entry, size_t index, sbx_heap *heap);
SBX_API const sbx_type *sbx_entry_result_type(const sbx_entry *entry);
/* retries= of the declaration: how often a run that an exception has ended is made again, which is the host's part (with a
   journal: sbx_journal_retry). */
SBX_API uint32_t sbx_entry_retries(const sbx_entry *entry);
/* What the declaration of a task says. */
typedef struct sbx_task_info {
	size_t size;           /* set it before the call; fields that do not fit are not written */
	const char *name;      /* "arithmetic.add" */
	const char *function;  /* the Python function's name in its module */
	const char *module;    /* "" for the user's file itself, else "my_tasks" */
	const char *task_type; /* NULL: a Python function */
	const char *extra;     /* JSON object: env_vars, secrets, resources, image, cache; or NULL */
	uint32_t retries;      /* how often a failed attempt is made again */
	uint32_t timeout_ms;   /* of one attempt; 0: none */
	int is_async;
} sbx_task_info;
/* The tasks whose calls may wait for the host, by their place from 0. 0: there is no such task, *info is unchanged. */
SBX_API size_t sbx_entry_task_count(const sbx_entry *entry);
SBX_API int sbx_entry_task(const sbx_entry *entry, size_t index, sbx_task_info *info);
/* Equal for two builds of the same program, and for them alone: what snapshots and journals are bound to. */
SBX_API uint64_t sbx_entry_fingerprint(const sbx_entry *entry);

/* ---- runs ---- */

/*
 * Limits of a run. A zero means what the source says, or the default. A limit that is reached raises Python's exception for it
 * (MemoryError, RecursionError, TimeoutError), ends the run, and gives the status of the limit. Steps and time are looked at in
 * loop turns, calls and long library operations, in slices of less than a millisecond. The clock is not read for each step:
 * short steps are charged at the pace that was measured for this run, so that a task call stays cheap.
 */
typedef struct sbx_run_options {
	size_t size;
	uint64_t max_memory; /* bytes, all of the run; default 50 MiB; SBX_E_MEMORY */
	uint32_t max_depth;  /* Python calls; default 256; SBX_E_DEPTH */
	uint32_t timeout_ms; /* executing, not waiting for tasks; default 30,000; SBX_E_DEADLINE */
	/* Loop turns, calls, and work inside long library operations; default: none. SBX_E_STEPS. */
	uint64_t max_steps;
	size_t c_stack_bytes; /* C stack of a step; default 256 KiB, at least 32; SBX_E_DEPTH */
	/* What the program prints: a line or part of one. Called while a step executes; it must not use the run. Default: dropped. */
	void (*print)(void *context, const char *utf8, size_t length);
	void *context; /* for print and interrupted */
	/* Asked whenever the clock is read while a step executes; nonzero: the run ends with SBX_E_CANCELLED. It may be told
	   so by another thread, through an atomic of the host's. Default: never. */
	int (*interrupted)(void *context);
} sbx_run_options;

/*
 * Opens a run; nothing of the program is executed yet. inputs: one value per input in order, of any heap (SBX_INVALID: not
 * given), copied and checked; `count` may be less. options may be NULL, and is copied.
 * SBX_E_INPUT: missing or ill-typed ones, of which sbx_run_error_text tells all, a line each; *run can only tell that and be
 * freed. On other failures *run is NULL: SBX_E_ARGUMENT (entry NULL, an unknown size of options, count too large), SBX_E_ABI (the C
 * was generated for another version of the library), SBX_E_NO_MEMORY, or that of a limit, since reading the inputs counts.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_open(const sbx_entry *entry, const sbx_value *inputs,
											   size_t count, const sbx_run_options *options,
											   sbx_run **run);
/* The same with a JSON object that has the inputs by name. SBX_E_INPUT also for text that is no JSON object and for names
   that are no inputs. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_open_json(const sbx_entry *entry, const char *json,
													size_t length, const sbx_run_options *options,
													sbx_run **run);
/*
 * Runs until the end (SBX_DONE), an exception (negative: SBX_E_RAISED, or the limit's status), or until it waits for tasks
 * (SBX_WAITING). It never waits itself. A run that has ended, or still waits, is left alone: the status is told again.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_step(sbx_run *run);
/* Ends it wherever it stands, and frees all its values. A run that a dispatcher holds must be removed there first. */
SBX_API void sbx_run_free(sbx_run *run);
/* Of which entry it is; NULL: a host's heap. */
SBX_API const sbx_entry *sbx_run_entry(const sbx_run *run);
/* A pointer of the host's own, kept with the run and not in its snapshots. SBX_E_NO_MEMORY. sbx_journal_attach uses it. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_set_context(sbx_run *run, void *context);
SBX_API void *sbx_run_context(const sbx_run *run); /* NULL: none was set */

/* ---- pending calls ---- */

/*
 * A task call that waits for its answer. It is lent: its arguments are there until it is answered, the rest until the run is
 * stepped again. Who answers later, from another thread's queue or after a restart, keeps its id (and the run), not the pointer.
 * Another thread may work at a call with copies of its arguments in a heap of its own, or as JSON or bytes, and puts its
 * outcome into a queue; the thread that has the run takes it from there and answers.
 */
typedef struct sbx_call sbx_call;
/*
 * The next call that has not been handed out yet; NULL: no more now. flyte_map makes several, and hands out no more than
 * its concurrency: ask again after an answer. Their answers may come in any order, also before they are handed out.
 */
SBX_API const sbx_call *sbx_run_next_call(sbx_run *run);
/* Unique in its run, the same in every replay; from 1, in the order in which the program makes its calls. */
SBX_API uint64_t sbx_call_id(const sbx_call *call);
SBX_API sbx_run *sbx_call_run(const sbx_call *call);
SBX_API const char *sbx_call_task_name(const sbx_call *call); /* "arithmetic.add" */
/* The task's parameters, by their place from 0: all of them, whether given by place, by name, or not at all. */
SBX_API size_t sbx_call_arg_count(const sbx_call *call);
SBX_API const char *sbx_call_arg_name(const sbx_call *call, size_t index);
/* Lent, already checked against the declared type. SBX_INVALID: left to its default; for *args a tuple, for **kwargs a dict. */
SBX_API sbx_value sbx_call_arg(const sbx_call *call, size_t index);
/* The default that an argument was left to, made in the heap, the caller's. SBX_INVALID: it has none, or one that is no constant
   and known to Python only. */
SBX_API sbx_value sbx_call_arg_default(const sbx_call *call, size_t index, sbx_heap *heap);
SBX_API const sbx_type *sbx_call_arg_type(const sbx_call *call, size_t index);
SBX_API const sbx_type *sbx_call_result_type(const sbx_call *call);
/* Where it stands in the source: *path as it was given to the compiler, and the line from 1. 0: not known. */
SBX_API uint32_t sbx_call_line(const sbx_call *call, const char **path);
/* What the declaration of its task says. */
SBX_API void sbx_call_task(const sbx_call *call, sbx_task_info *info);

/*
 * Answers, of a value in any heap, or of JSON as the declared result says (sbx_value_convert). It is copied and checked against the
 * declared result; an int becomes a float where one is declared. SBX_E_NO_CALL: it does not wait (any more), nothing has
 * happened. SBX_E_TYPE: it does not fit, the call then raises TypeError in the orchestrator. SBX_E_MEMORY: the run has
 * no room for it and ends. SBX_E_ARGUMENT (no value), SBX_E_SYNTAX (no JSON): nothing has happened, the call still waits.
 * The answer that is needed wakes the run (sbx_run_status is SBX_RUNNING): step it.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_answer(sbx_run *run, uint64_t call, sbx_value result);
SBX_API SBX_MUST_CHECK sbx_status sbx_run_answer_json(sbx_run *run, uint64_t call, const char *json,
													  size_t length);
/*
 * The task failed: raises `type` (a builtin exception's name, or any other) at the call. text: what str() of the
 * exception gave, NULL for none; traceback: the remote one with its last line, or NULL; it stands first in the run's own.
 * In a flyte_map whose failures are values the exception takes its place in the list; in one whose failures
 * raise, the one of the lowest index does, and calls after it are no longer wanted. SBX_E_NO_CALL, SBX_E_ARGUMENT (no type) as
 * above.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_fail(sbx_run *run, uint64_t call, const char *type,
											   const char *text, const char *traceback);
/* 1: this call still waits for its answer. One of a flyte_map is no longer wanted when another one has failed. */
SBX_API int sbx_run_has_call(const sbx_run *run, uint64_t call);
/*
 * Gives up one call, the run goes on: raises at the call what Flyte raises in the parent of an action that was aborted,
 * flyte.errors.ActionAbortedError with `reason` as its text (NULL: "cancelled"). In a flyte_map as for sbx_run_fail.
 * Of a run in a dispatcher the attempt under way is cancelled at its backend, none follows, and a recorder is told the
 * outcome before the run is. SBX_E_NO_CALL: it waits no more, or has its outcome, which is on the way. SBX_E_STATE: not
 * from within a backend, a recorder or the dispatcher's `event`.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_cancel_call(sbx_run *run, uint64_t call,
													  const char *reason);
/*
 * Ends the run as SBX_E_CANCELLED, from the thread that has it and between two steps; its calls are no longer wanted. In a
 * dispatcher its attempts are cancelled by the next poll, which is due at once. A run that is recorded in a journal has only
 * stopped here, as if its process had ended: it can be taken up again; sbx_journal_cancel is final. SBX_E_STATE: it has ended
 * before.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_cancel(sbx_run *run);
/* The same with another status below zero and a text, which sbx_run_error_text then gives; text may be NULL. Also one that has
   just ended by itself: its result, or its exception, is then not to be told. */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_stop(sbx_run *run, sbx_status status, const char *text);

/* ---- results ---- */

/* SBX_RUNNING: step it; SBX_WAITING: answer it; else how it has ended. */
SBX_API sbx_status sbx_run_status(const sbx_run *run);
/* Lent until the run is freed; of the type that the entry declares. SBX_INVALID: it has not ended well. */
SBX_API sbx_value sbx_run_result(const sbx_run *run);
/*
 * After a failure, lent until the run is freed: the last line of the traceback ("ValueError: negative input: -1"), the name
 * of the exception's type ("ValueError"), and the whole traceback as CPython prints it, the task's own first. They are made at the first
 * question, within 8 MiB beside the limit. "" where there is nothing to tell. Of a host's heap: what its last failure was.
 */
SBX_API const char *sbx_run_error_text(sbx_run *run);
SBX_API const char *sbx_run_error_type(sbx_run *run);
SBX_API const char *sbx_run_traceback(sbx_run *run);
/* What a run has used, at any time; a heap too. */
typedef struct sbx_usage {
	size_t size;         /* set it before the call; fields that do not fit are not written */
	uint64_t bytes;      /* that its values, frames and texts take now */
	uint64_t peak_bytes; /* at most so far */
	uint64_t steps;      /* as max_steps counts them */
	uint64_t calls;      /* of tasks, so far: the id of the last */
	uint64_t
		nanoseconds; /* executing, as timeout_ms counts it: partly estimated; over all processes */
} sbx_usage;
SBX_API void sbx_run_usage(const sbx_run *run, sbx_usage *usage);

/* ---- snapshots ---- */

/*
 * A run that has not ended as bytes (a bytes value of `to`, another heap than the run's): what is live, not the program.
 * The run stays as it is. The bytes can be restored in any process by a build of the same program (sbx_entry_fingerprint),
 * by whatever compiler, as often as wanted. SBX_E_STATE: the run has ended. SBX_E_MEMORY: `to` has no room.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_snapshot(const sbx_run *run, sbx_heap *to,
												   sbx_value *bytes);
/*
 * A run made of such bytes. entry: any one of the program (sbx_run_entry tells which one it is); options as for
 * sbx_run_open, since limits are not in the bytes; time and steps used so far are. Calls that waited for their answer are
 * handed out again under their ids. SBX_E_DAMAGED: damaged bytes; SBX_E_PROGRAM: of another program, or of a version of the library
 * that wrote another form (docs/notes/snapshots.md says what is kept). On failure *run is NULL. Whatever the bytes are, nothing
 * outside the new run is touched, and what it hands out fits its declarations; whether they are genuine is for the host to know,
 * the check sum is no signature.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_run_restore(const sbx_entry *entry, const void *bytes,
												  size_t length, const sbx_run_options *options,
												  sbx_run **run);

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
	/* By the recorder's clock: when the run handed the call out, and when this attempt was started. 0: no recorder. */
	int64_t handed_out, started;
	/* In cancel: the dispatcher closes, and the run has not ended; or it has ended since something was not there
	   (SBX_E_UNAVAILABLE). Another process may take it up. What is noted of the attempt
	   can be left as it is, to be found there. */
	int is_left;
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
	/* Makes durable what was told so far, of all runs. May block. Or begins to (on another thread) and returns SBX_WAITING: it is
	   called again in later polls, which host or recorder must see to, until it returns how that commit has ended. What was told
	   meanwhile belongs to the next one. Needs `finish`. */
	sbx_status (*commit)(void *context);

	/* The others may be NULL. */
	/* How many attempts of the call have failed in former lives of the run; the next one goes on from there. */
	uint32_t (*attempts)(void *context, const sbx_call *call);
	/* An attempt has failed and another one will be made; a failure as sbx_run_fail takes it. */
	sbx_status (*retried)(void *context, const sbx_attempt *attempt, const char *type,
						  const char *text, const char *traceback);
	/* sbx_attempt_note, and sbx_attempt_find_note. */
	sbx_status (*noted)(void *context, const sbx_attempt *attempt, const char *name,
						const void *bytes, size_t length);
	const void *(*note)(void *context, const sbx_attempt *attempt, const char *name,
						size_t *length);
	/* Microseconds since 1970, for the times of attempts. */
	int64_t (*clock)(void *context);
	/* Called in each sbx_dispatcher_poll; it may cancel runs (sbx_run_cancel). */
	void (*poll)(void *context);
	/* Milliseconds until `poll` must be called anyway, or -1. */
	int (*timeout)(void *context);
	/* sbx_attempt_identity. */
	size_t (*identity)(void *context, const sbx_run *run, char *text, size_t size);
	/* The attempt has been under way for a second: for those who look at the run meanwhile. If it cannot be written, the next
	   commit tells. */
	sbx_status (*lasts)(void *context, const sbx_attempt *attempt);
	/* Waits for the commit that has begun, and returns how it has ended: the dispatcher closes, or a run leaves it. */
	sbx_status (*finish)(void *context);
} sbx_recorder;
/*
 * Results of tasks that need not be made again; sbx_cache_file in sbx-host.h is one. A call is looked up before its first
 * attempt, on whatever backend; what a recorder has comes before. A result that is found is recorded and delivered like any
 * other. A failure is never stored.
 */
typedef struct sbx_cache {
	size_t size;
	void *context;
	/* SBX_DONE: *result, a value of `heap`, is the outcome. SBX_RUNNING: start the call, and store its result under *key.
	   SBX_WAITING: there is more to do than a poll has time for, such as files to read; asked again in the next poll, or a later
	   one if others wait as well. A status below zero: start the call, store nothing. */
	sbx_status (*look_up)(void *context, const sbx_call *call, unsigned char key[32],
						  sbx_heap *heap, sbx_value *result, void **state);
	/* The call has given a value; its arguments can still be read. SBX_WAITING: as above; the result reaches the recorder and the
	   run after the last time. Any other status: done. */
	sbx_status (*store)(void *context, const sbx_call *call, const unsigned char key[32],
						sbx_value result, void **state);
	/* What look_up or store has begun is not gone on with. *state is the cache's own, of one call: NULL when it is asked the
	   first time, kept while it answers SBX_WAITING, never dropped when NULL. */
	void (*drop)(void *context, void *state);
	/* Nothing more is to be done in this poll, and the recorder has committed, or has begun to: the time to write. May block. Comes after
	   each poll that has looked up or stored, so that what look_up and store may do in a poll can be counted from here.
	   SBX_WAITING: something is left to be written; comes after the next poll, too. */
	sbx_status (*flush)(void *context);
} sbx_cache;
/* Set `size` to sizeof(sbx_dispatcher_options); a zero means the default. */
typedef struct sbx_dispatcher_options {
	size_t size;
	uint32_t max_concurrency;         /* attempts under way at once; 0: no limit */
	int64_t (*now_ms)(void *context); /* monotonic clock, not below zero; NULL: the system's */
	/* Tells what happens, for a log or a display: "started", "done", "failed", "retry", "timeout", "cancelled", "cached". The attempt's
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
	const sbx_cache *cache; /* copied; NULL: none */
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
/* Cancels its attempts. Outcomes that a recorder was told are committed and reach the run first. What it still waits for is handed
   out again, to whoever asks next: the host, or a dispatcher that it is added to. */
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
/*
 * What a backend must know to find its work again when the process is lost: the id of a job in another system. From within
 * start or poll, as soon as it is known; it is durable when that poll of the dispatcher has returned, or its commit has ended. A later note of the
 * same name takes the place of the former; the bytes are the backend's own. The note "links" is shown to people: UTF-8, a JSON
 * array of {"name": ..., "url": ...}. SBX_E_STATE: nothing is recorded (no recorder, or a run without an id), which is no
 * reason to fail the attempt. Another failure: the recorder cannot write, and the next commit will end the run with that.
 */
SBX_API SBX_MUST_CHECK sbx_status sbx_attempt_note(sbx_attempt *attempt, const char *name,
												   const void *bytes, size_t length);
/*
 * The note of a former process: the attempt was under way when that process ended, and is started again with the same call id
 * and the same number. From within start; the bytes stay as long as the attempt. NULL: none, this is new work.
 */
SBX_API const void *sbx_attempt_find_note(const sbx_attempt *attempt, const char *name,
										  size_t *length);
/*
 * What names the recorded run of the attempt, and no other run anywhere: the same text in every process that takes it up.
 * Writes at most size bytes with the NUL and returns the length; 0: the run is not recorded.
 */
SBX_API size_t sbx_attempt_identity(const sbx_attempt *attempt, char *text, size_t size);
/* A backend reports; each ends the attempt. */
SBX_API void sbx_attempt_answer(sbx_attempt *attempt, sbx_value result);
/* JSON is read by the task's declared result, as sbx_run_answer_json does; what is no JSON fails the attempt. */
SBX_API void sbx_attempt_answer_json(sbx_attempt *attempt, const char *json, size_t length);
SBX_API void sbx_attempt_fail(sbx_attempt *attempt, const char *type, const char *text,
							  const char *traceback);
/* What the attempt needs is not there: an engine, a service. That is no outcome of the task: there is no use in another attempt, it
   is not recorded, and the run ends with SBX_E_UNAVAILABLE and this text, to be taken up when it is there again. */
SBX_API void sbx_attempt_unavailable(sbx_attempt *attempt, const char *text);

/* ---- hashes ---- */

/* SHA-256 of bytes that come in pieces: begin, add any number of times, end. It is what caches and images are named by. */
typedef struct sbx_sha256 {
	uint32_t state[8];
	uint64_t length;
	unsigned char block[64];
} sbx_sha256;
SBX_API void sbx_sha256_begin(sbx_sha256 *hash);
SBX_API void sbx_sha256_add(sbx_sha256 *hash, const void *bytes, size_t length);
SBX_API void sbx_sha256_end(sbx_sha256 *hash, unsigned char digest[32]);
SBX_API void sbx_sha256_text(const unsigned char digest[32], char digits[65]);

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
