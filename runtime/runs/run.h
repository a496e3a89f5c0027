/*
 * The inside of a run, and what the files of this folder offer one another.
 *
 * A run is one block of memory: the part that inline code reads (struct sbx_run), the heap, this struct, and the first
 * chunk of the heap behind it. What few runs need sits in RunExtra, which is made when it is first wanted. The struct
 * is kept small because a host may have a hundred thousand suspended runs alive.
 *
 * Life: open -> RUNNING -> step -> WAITING -> answer -> RUNNING -> step ... -> DONE or negative. What the innermost
 * frame gets lies in head.value; its tag 0 means that the task failed and that heap.exception is to be raised there.
 * A heap of the host's own (sbx_heap_open) is a Run without an entry.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_RUN_H
#define SBX_RUN_H

#include "../values/kinds.h"

#define INLINE_ARGS 4 /* arguments of a task call that need no memory of their own */

typedef struct Run Run;

/* Kept out of the functions whose every nanosecond is measured. */
#if defined(__GNUC__)
#define RARE __attribute__((noinline, cold))
#else
#define RARE
#endif

/*
 * OWNING: its arguments hold references or memory, to be given back when it ends. This is part of the state, and fields
 * that are tested together are not neighbours of one word, because a load that spans two earlier stores waits for them.
 */
enum CallState {
	CALL_NONE,
	CALL_READY,
	CALL_OUT,
	CALL_ANSWERED,
	CALL_OWNING,
	CALL_READY_OWNING,
	CALL_OUT_OWNING
};

/* A pending task call. */
struct sbx_call {
	const sbx_gen_task *task;
	Run *run;
	sbx_value *args; /* one a parameter; tag 0: left to its default */
	uint64_t id;
	uint32_t site;
	uint32_t state; /* enum CallState */
};

/* A flyte_map under way: its calls have the ids first_id, first_id + 1 ... */
typedef struct MapCall {
	struct sbx_call *calls;
	sbx_value *results; /* exceptions too */
	sbx_value *args;
	const sbx_gen_task *task;
	uint64_t first_id;
	uint64_t count;
	uint64_t next;        /* the first that was not handed out */
	uint64_t out;         /* handed out and not answered */
	uint64_t first_open;  /* all before it are answered */
	uint64_t concurrency; /* 0: no limit */
	uint64_t failed;      /* the lowest index that failed where failures raise; count: none */
	bool return_exceptions;
} MapCall;

/* A line of the traceback; equal ones that follow one another (recursion) are counted. */
typedef struct TraceNote {
	const sbx_gen_function *function;
	uint32_t site;
	uint32_t count;
} TraceNote;

typedef struct RunExtra {
	void (*print)(void *context, const char *utf8, size_t length);
	void *print_context; /* of interrupted, too */
	int (*interrupted)(void *context);
	uint64_t max_steps; /* 0: none */
	MapCall *map;       /* NULL: none pending */
	MapCall *spent_map; /* the last one, for hosts that still name its calls; or NULL */
	TraceNote *notes;   /* innermost first */
	uint32_t note_count, note_capacity;
	sbx_value
		raised; /* what the run failed with; heap.exception is then free for what the host does with the heap */
	const char *error_text, *traceback; /* made when asked for; on the heap */
	const char *message;                /* of SBX_E_INPUT, which raises no exception; on the heap */
	void *host;                         /* sbx_run_context */
	struct Dispatched *dispatched;      /* its place in a dispatcher, NULL: in none */
} RunExtra;

enum RunFlags {
	RUN_FRESH = 1,    /* the entry's function was not called yet */
	RUN_TIMED = 2,    /* the clock was read in this step */
	RUN_SAMPLED = 4,  /* this step is measured to correct the pace */
	RUN_FAILING = 8,  /* an exception is on its way out: limits are wider */
	RUN_ANSWERED = 16 /* what was begun has its answer already (a flyte_map over nothing) */
};

struct Run {
	Heap heap;
	const sbx_entry *entry; /* NULL: a heap of the host's own */
	RunExtra *extra;
	uint64_t steps;    /* of the slices that are used up */
	uint64_t executed; /* nanoseconds, as far as charged */
	uint64_t
		clock; /* of the last tick in this step, where RUN_TIMED; where RUN_SAMPLED its begin */
	union {
		int64_t sample; /* head.fuel at the begin of a sampled step */
		int64_t grace;  /* where RUN_FAILING: the time at which texts must be done; 0: not begun */
	};
	uint32_t slice; /* what head.fuel began with */
	uint32_t pace;  /* nanoseconds a unit of fuel takes, times 256 */
	uint32_t flags; /* enum RunFlags */
	uint32_t timeout_ms;
	uint32_t stack_bytes;
	uint32_t suspended_depth;
	int16_t status;
	int16_t failure; /* the status that heap.exception leads to */
	struct sbx_call
		call; /* the pending call, where it is one alone; its id is the last one given */
	sbx_value args[INLINE_ARGS];
};
#define RUN(run) ((Run *)(run))

/* The rarely needed part, made now if it is not there. NULL: the system is out of memory. Never raises. */
RunExtra *sbx__run_extra(Run *run);

/* Opens a run that has no inputs yet. */
sbx_status sbx__run_make(const sbx_entry *entry, const sbx_run_options *options, Run **run);

/* ---- limits.c ---- */

void sbx__limits_open(Run *run, const sbx_run_options *options);
void sbx__limits_sample(Run *run); /* begins a measured step */
void sbx__limits_sample_end(Run *run);
void sbx__limits_grace(Run *run); /* from now on: making the text of an exception */
uint64_t sbx__limits_steps(const Run *run);
uint64_t sbx__limits_nanoseconds(const Run *run);
uint64_t sbx__clock_ns(void); /* monotonic */

/* ---- calls.c ---- */

/* `v` checked against a declared type and made to fit (int to float). *out is a new reference. 0, or -1 after raising
   TypeError: "<name>() argument '<param>': expected int, got str"; param NULL: "<name>() result: ...". */
int sbx__fit(sbx_run *run, const sbx_gen_type *type, bool from_json, sbx_value v, sbx_value *out,
			 const char *name, const char *param);
/* Checks the arguments of a task (taken), one a parameter, into `out`. 1: there is something to drop later; 0, or -1
   raised. */
int sbx__call_arguments(sbx_run *run, const sbx_gen_task *task, const sbx_value *args,
						sbx_value *out);
/*
 * The same without a word: true where `v` surely fits as it is. The kinds that a value can have at once for a declared
 * type are one byte a type, so that the path of a task call has one comparison an argument.
 */
extern const uint8_t
	sbx__kind_of_type[]; /* by enum sbx_type_kind; 0: more than one kind, or none */
static inline bool sbx__fits_at_once(const sbx_gen_type *type, sbx_value v)
{
	if (SBX_GEN_LIKELY(type != NULL))
		return sbx__kind_of_type[type->kind] == (uint8_t)v.tag && v.tag;
	return v.tag - 1 < SBX_KIND_FLOAT;
}
/* The call if it still waits for its answer, else NULL. */
struct sbx_call *sbx__call_find(Run *run, uint64_t id);
/* Forgets every pending call: the run ends. */
void sbx__calls_end(Run *run);
/* As sbx_run_fail; failure: what the exception leads to. SBX_E_RAISED, or a status that nothing in the program catches. */
sbx_status sbx__run_fail(Run *run, uint64_t id, const char *type, const char *text,
						 const char *traceback, sbx_status failure);
/* A call that was not handed out counts as handed out from now on. */
void sbx__call_hand_out(struct sbx_call *call);
/* Nobody works on the pending calls any more: they are to be handed out again. */
void sbx__calls_take_back(Run *run);

/* ---- a run in a dispatcher ---- */

/* What Flyte raises in the parent of an action that was aborted from outside. */
#define CALL_ABORTED "flyte.errors.ActionAbortedError"

struct Dispatched;
/* The host has changed the run's state: the next poll looks at it. */
void sbx__dispatched_stir(struct Dispatched *r);
/* See sbx_run_cancel_call. */
sbx_status sbx__dispatched_cancel_call(struct Dispatched *r, struct sbx_call *call,
									   const char *reason);

/* ---- orchestrators that are called through values (entry.c) ---- */

/* The entry behind a task that is an orchestrator; NULL: raised. */
const sbx_entry *sbx__entry_of(sbx_run *run, const sbx_gen_task *task);
/* Calls it with one argument an input (taken, checked); gives its checked result, or SBX_GEN_SUSPEND. */
sbx_value sbx__entry_call(sbx_run *run, const sbx_entry *entry, sbx_value *args);
sbx_value sbx__entry_take_result(sbx_run *run, const sbx_entry *entry, sbx_value v); /* v taken */
/* The default of an input as the table has it (sbx_gen_default_make); tag 0: none. */
sbx_value sbx__entry_default(const sbx_entry *entry, size_t index);
/* What a task declares, as far as info->size goes. */
void sbx__task_tell(const sbx_gen_task *task, sbx_task_info *info);
/* As sbx__fit, for a type of the entry's own: without its type check what does not fit passes as it is. */
int sbx__entry_fit(sbx_run *run, const sbx_entry *entry, const sbx_gen_type *type, sbx_value v,
				   sbx_value *out, const char *param);
/* Links a frame of the runtime's own, which counts no depth and shows in no traceback (its function has no name). */
static inline void sbx__link_native(sbx_run *run, sbx_gen_frame *frame)
{
	frame->state = 1;
	frame->site = 0;
	*run->link = frame;
	run->link = &frame->parent;
}

/* ---- frames of the runtime's own ---- */

/* What stands in place of an exception is an iterator whose items a native call wants (sbx_gen_ask). */
static inline bool sbx__is_asked_for(sbx_value exception)
{
	return SBX_GEN_KIND(exception) == SBX_KIND_GENERATOR ||
		   SBX_GEN_KIND(exception) == SBX_KIND_ITERATOR;
}

enum {
	GENERATOR_RUNNING = 1,
	GENERATOR_DONE = 2,
	GENERATOR_ASKED = 4 /* an argument of sbx_gen_ask: to iterate over it ends the call */
};
typedef struct GeneratorObject {
	sbx_gen_head head;   /* bits: GENERATOR_x */
	sbx_gen_frame frame; /* its slots follow: the closure, the parameters, the others */
} GeneratorObject;

/* Between an orchestrator that was called through a value and its caller: checks the result. */
typedef struct EntryFrame {
	sbx_gen_frame head;
	const sbx_gen_task *task;
} EntryFrame;
extern const sbx_gen_function sbx__entry_frame_function;

/* flyte_map over an orchestrator. */
typedef struct EntryMap {
	sbx_gen_frame head;
	const sbx_gen_task *task;
	sbx_value lists, results;
	uint64_t count, index; /* index: the item under way */
	uint32_t depth;        /* of the caller */
	bool return_exceptions;
	bool has_caught; /* what it is resumed with is an exception that was caught */
} EntryMap;
extern const sbx_gen_function sbx__entry_map_function;

/* ---- map_entry.c ---- */

/* flyte_map over an orchestrator. As sbx_gen_map_begin. */
int sbx__map_entries(sbx_run *run, const sbx_gen_task *task, const sbx_gen_tuple *lists,
					 uint64_t count, bool return_exceptions);
/*
 * An exception has come to the suspended frame `from`: is there one from there outwards that takes it as a value? Then
 * it is the innermost frame now, with the exception in head.value. Else NULL.
 */
sbx_gen_frame *sbx__map_catch(Run *run, sbx_gen_frame *from);

/* ---- map.c ---- */

/* Binds item `index` of the lists to the task's parameters. 0, or -1 raised. */
int sbx__map_bind(sbx_run *run, const sbx_gen_task *task, const sbx_gen_tuple *lists,
				  uint64_t index, sbx_value *bound);

const struct sbx_call *sbx__map_next(Run *run);
struct sbx_call *sbx__map_find(Run *run, uint64_t id);
void sbx__map_take_back(MapCall *map);
/* The call has its result, or its exception (taken). */
void sbx__map_answer(Run *run, struct sbx_call *call, sbx_value result);

/* ---- closures.c ---- */

/* Binds arguments (taken) to parameters; bound: one a parameter, tag 0 where a default stands. 0, or -1 raised. */
int sbx__bind_parameters(sbx_run *run, const char *name, const sbx_gen_param *params,
						 uint32_t param_count, uint32_t count, sbx_value *args, sbx_value names,
						 sbx_value *bound);

/* ---- generators.c ---- */

/* The frame of a generator has given a value or SBX_GEN_DONE to its consumer. */
void sbx__generator_gave(sbx_run *run, sbx_gen_frame *frame, sbx_value v);

/* ---- exception.c, traceback.c ---- */

/* An exception of a task: a builtin type by its name, or any other. NULL text or traceback: none. */
sbx_value sbx__exception_remote(sbx_run *run, const char *type, const char *text,
								const char *traceback);
void sbx__exception_set(sbx_run *run, sbx_value exception, sbx_status failure); /* taken */
/* Notes the suspended frames from `from` to `end` (NULL: all): the exception goes through them. */
void sbx__trace_chain(Run *run, sbx_gen_frame *from, const sbx_gen_frame *end);
/* The exception becomes a value: what was noted becomes its remote traceback. */
void sbx__trace_attach(Run *run, sbx_value exception);

#endif
