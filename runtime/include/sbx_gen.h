/*
 * sbx_gen.h - for generated code only.
 *
 * Nothing in this header is promised to people: it changes whenever the compiler does. A host includes sbx.h.
 * SBX_ABI guards it: a generated file states the number it was made for and stops with #error at another one.
 *
 * Conventions of generated code
 *   - A Python value is an sbx_value. The tag 0 (SBX_GEN_ERROR) is no value: an exception has been raised on the run.
 *     SBX_GEN_SUSPEND: the run waits for a task; SBX_GEN_DONE: an iterator is exhausted.
 *   - Runtime operations borrow their arguments and return a new reference. Calls of functions of the program take
 *     (consume) their arguments. A raised exception ends the run, and its heap goes as a whole, so error paths
 *     release nothing.
 *   - A function that can reach a task call has a frame. It is made only when the function really suspends: the
 *     function stores what is live into it, links it (sbx_gen_link) and returns SBX_GEN_SUSPEND. To resume, the
 *     run calls the innermost frame's `resume` with the value in run->value, then its parent's, and so on.
 *   - Depth: a function enters (sbx_gen_enter) when it is called afresh and leaves (sbx_gen_leave) when it returns;
 *     sbx_gen_link leaves too. Whoever calls `resume` (the run, or sbx_gen_next for a generator) has counted the depth
 *     before: the resumed function leaves as if it had been called. A generator leaves at each yield.
 *   - A frame is freed by whoever called `resume`, when it has returned for good; a generator's with its object.
 *   - `self` of a function's `call` is its closure, borrowed (tag 0: it captures nothing); the arguments are taken.
 *   - A generator's first slots are its closure and then its parameters, all 'v'; the runtime fills them and sets state
 *     0, at which `resume` begins the body. A yield stores what is live, sets head.state and head.site, and returns
 *     the value; the end returns SBX_GEN_DONE. Its `call` is NULL.
 *   - A task that failed raises at its call without the frame being resumed: the run notes head.site of each frame.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_H
#define SBX_GEN_H

#include "sbx.h"

/* What would make a float depend on the compiler. Contraction to fused operations cannot be seen here: -ffp-contract=off. */
#if defined(__FAST_MATH__)
#error "floats would not be Python's: compile without -ffast-math"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "floats must be computed as doubles: on 32-bit x86 compile with -msse2 -mfpmath=sse"
#endif

#define SBX_ABI 5

#if defined(__GNUC__)
#define SBX_GEN_LIKELY(x) __builtin_expect(!!(x), 1)
#define SBX_GEN_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* A fast path that stays inline in functions of any size. */
#define SBX_GEN_INLINE static inline __attribute__((always_inline))
#else
#define SBX_GEN_LIKELY(x) (x)
#define SBX_GEN_UNLIKELY(x) (x)
#define SBX_GEN_INLINE static inline
#endif

/* ---- values ---- */

/* Kinds; the low byte of a tag. Order: 1 to 4 are held in the value itself, from SBX_KIND_BIG on it points to an object. */
enum sbx_gen_kind {
	SBX_KIND_ERROR = 0,
	SBX_KIND_NONE = 1,
	SBX_KIND_BOOL = 2,    /* u.i is 0 or 1 */
	SBX_KIND_INT = 3,     /* u.i; every int that fits is in this form, never in the other */
	SBX_KIND_FLOAT = 4,   /* u.f */
	SBX_KIND_TYPE = 5,    /* u.i: a type id (types.def), e.g. the value `int` or `ValueError` */
	SBX_KIND_BUILTIN = 6, /* u.i: a builtin's id (builtins.def), e.g. the value `len` */
	SBX_KIND_TASK = 7,    /* u.p: a const sbx_gen_task (static) */
	SBX_KIND_NOT_IMPLEMENTED = 8,
	SBX_KIND_ELLIPSIS = 9,
	SBX_KIND_BIG = 16, /* an int outside int64 */
	SBX_KIND_STR,
	SBX_KIND_BYTES,
	SBX_KIND_LIST,
	SBX_KIND_TUPLE,
	SBX_KIND_DICT,
	SBX_KIND_SET,
	SBX_KIND_FROZENSET,
	SBX_KIND_RANGE,
	SBX_KIND_SLICE,
	SBX_KIND_FUNCTION, /* a function of the program with what it captured */
	SBX_KIND_METHOD,   /* a method bound to its object */
	SBX_KIND_CELL,     /* a captured variable */
	SBX_KIND_ITERATOR, /* native iterators: of list, tuple, str, bytes, range, dict, set, enumerate, zip, reversed */
	SBX_KIND_GENERATOR, /* a generator of the program (generator expressions; map, filter and zip over such) */
	SBX_KIND_DICT_VIEW, /* keys, values, items */
	SBX_KIND_EXCEPTION,
	SBX_KIND_HANDLE, /* File, Dir, DataFrame */
	SBX_KIND_DATETIME,
	SBX_KIND_TIMEDELTA,
	SBX_KIND_COUNT,
	SBX_KIND_SUSPEND = 254,
	SBX_KIND_DONE = 255
};

#define SBX_GEN_COUNTED \
	0x100u /* tag bit: the object is on a heap and counts its references; else it is static */
#define SBX_GEN_KIND(v) ((unsigned)((v).tag & 0xff))

SBX_GEN_INLINE sbx_value sbx_gen_make(uint64_t tag, int64_t i)
{
	sbx_value v;
	v.tag = tag;
	v.u.i = i;
	return v;
}
#define SBX_GEN_ERROR sbx_gen_make(SBX_KIND_ERROR, 0)
#define SBX_GEN_SUSPEND sbx_gen_make(SBX_KIND_SUSPEND, 0)
#define SBX_GEN_DONE sbx_gen_make(SBX_KIND_DONE, 0)
#define SBX_GEN_NONE sbx_gen_make(SBX_KIND_NONE, 0)

SBX_GEN_INLINE sbx_value sbx_gen_bool(int b)
{
	return sbx_gen_make(SBX_KIND_BOOL, b != 0);
}
SBX_GEN_INLINE sbx_value sbx_gen_int(int64_t i)
{
	return sbx_gen_make(SBX_KIND_INT, i);
}
SBX_GEN_INLINE sbx_value sbx_gen_float(double f)
{
	sbx_value v;
	v.tag = SBX_KIND_FLOAT;
	v.u.f = f;
	return v;
}
static inline sbx_value sbx_gen_object(uint64_t kind, const void *static_object)
{
	sbx_value v;
	v.tag = kind;
	v.u.p = (void *)(uintptr_t)static_object;
	return v;
}

/* The head of every object. */
typedef struct sbx_gen_head {
	uint32_t refs; /* meaningless in static objects */
	uint32_t bits; /* free for the kind */
} sbx_gen_head;

/* Text: code points in the narrowest of 1, 2 or 4 bytes that holds the largest of them (as PEP 393). */
typedef struct sbx_gen_str {
	sbx_gen_head head; /* bits: 1, 2 or 4 */
	int64_t
		hash; /* Python's (PYTHONHASHSEED=0); -1: not computed yet. Static objects have it computed. */
	uint64_t length; /* code points; the code units follow */
} sbx_gen_str;
typedef struct sbx_gen_bytes {
	sbx_gen_head head;
	int64_t hash;
	uint64_t length;
} sbx_gen_bytes;
/* Magnitude in 64-bit limbs, least first, the last not zero; never fits an int64. Bit 0 of head.bits: negative; the bits
   above it: limbs allocated beyond `count` (none in static objects). */
typedef struct sbx_gen_big {
	sbx_gen_head head;
	uint64_t count;
} sbx_gen_big;
typedef struct sbx_gen_list {
	sbx_gen_head head;
	uint64_t length, capacity;
	sbx_value *items;
} sbx_gen_list;
typedef struct sbx_gen_tuple {
	sbx_gen_head head;
	uint64_t length;
	sbx_value items[];
} sbx_gen_tuple;
/* Native iterators, as far as inline code reads them (the rest is in runtime/values/containers.h). */
enum sbx_gen_iterator_form {
	SBX_ITERATE_LIST,
	SBX_ITERATE_RANGE,
	SBX_ITERATE_TUPLE,
	SBX_ITERATE_OTHER
};
typedef struct sbx_gen_iterator {
	sbx_gen_head head; /* bits: sbx_gen_iterator_form, and more forms from SBX_ITERATE_OTHER on */
	sbx_value source;  /* what is iterated; tag 0: exhausted */
	int64_t at;        /* next index, or next value of a range */
	int64_t step;      /* of a range of machine ints */
	uint64_t left;     /* of a range: values left; of a dict or set: `used` when it began */
} sbx_gen_iterator;
typedef struct sbx_gen_cell {
	sbx_gen_head head;
	sbx_value value; /* tag 0: unbound */
} sbx_gen_cell;

/* ---- what a program states about itself ---- */

typedef struct sbx_gen_type {
	uint8_t kind; /* enum sbx_type_kind in sbx.h */
	uint8_t count;
	const struct sbx_gen_type *const *args; /* list: 1, dict: 2, tuple: n, union: n ... */
} sbx_gen_type;

typedef struct sbx_gen_param {
	const char *name;
	const sbx_gen_type *type; /* NULL: not declared */
	uint8_t kind;             /* enum sbx_gen_param_kind */
	uint8_t has_default;
} sbx_gen_param;
enum sbx_gen_param_kind {
	SBX_PARAM_POSITIONAL_ONLY,
	SBX_PARAM_NORMAL,
	SBX_PARAM_ARGS,
	SBX_PARAM_KEYWORD_ONLY,
	SBX_PARAM_KWARGS
};

struct sbx_gen_program;

/* A task of the user's file: everything that a backend needs to run it. */
typedef struct sbx_gen_task {
	const char *name;     /* "env.function" or its name= */
	const char *function; /* the Python function's name in `module` */
	const char *module;   /* module name: "" is the user's file itself, else "my_tasks" */
	const sbx_gen_param *params;
	uint32_t param_count;
	uint8_t is_async;
	uint8_t is_orchestrator; /* compiled in: `entry` runs it */
	uint8_t is_trace;
	const sbx_gen_type *result; /* NULL: not declared */
	uint32_t retries;
	uint32_t timeout_ms;    /* 0: none */
	const char *task_type;  /* NULL: a Python function */
	const sbx_entry *entry; /* of an orchestrator; else NULL */
	const char *extra; /* JSON object with env_vars, secrets, resources, image, cache; or NULL */
	const struct sbx_gen_program *program;
	const sbx_value *
		defaults; /* one per parameter, as of entries; tag 0: none, or no constant. NULL: of none */
} sbx_gen_task;

/* A place that can raise, for tracebacks, and the identity of a suspension. */
typedef struct sbx_gen_site {
	uint32_t line;               /* from 1 in the program's source `file` */
	uint16_t column, end_column; /* UTF-8 bytes from 0; end 0: not on one line */
	/* Inside a comprehension that is compiled in place: its name in tracebacks ("<listcomp>"), and the site of the
	   enclosing code, which is a frame of its own in tracebacks. Else NULL. */
	const char *inlined;
	uint32_t outer;
} sbx_gen_site;

struct sbx_gen_frame;
typedef sbx_value (*sbx_gen_resume)(sbx_run *run, struct sbx_gen_frame *frame);
typedef sbx_value (*sbx_gen_entry_point)(sbx_run *run, sbx_value self, const sbx_value *args);

/*
 * Where a function can stand while the run is suspended, for snapshots. `skipped` slots are left out; then keeps tells of the
 * others with `keep_count` pairs of bytes, one for each slot that is live: how many slots are left out before it, and a letter. i, f, b: a native slot. Letters of value slots,
 * in upper case if it may be unbound: v any value, l list, t tuple, d dict, e set, s str, n iterator or generator,
 * p list or tuple, o dict or None, r list or None, c cell, q the closure of this function; '-' skips (255 slots and one more).
 */
typedef struct sbx_gen_point {
	uint32_t site;
	uint16_t kind; /* enum sbx_gen_point_kind */
	uint32_t skipped, keep_count;
	const uint8_t *keeps; /* lists of which one is a part of another may share their bytes */
} sbx_gen_point;
enum sbx_gen_point_kind {
	SBX_POINT_CALL, /* waits for a task or a function */
	SBX_POINT_NEXT, /* waits for the next item of a generator */
	SBX_POINT_YIELD,
	SBX_POINT_START /* state 0: a generator that has not begun */
};

enum sbx_gen_function_flags {
	SBX_FUNCTION_GENERATOR = 1,
	SBX_FUNCTION_CODE_STRING = 2,
	SBX_FUNCTION_LAMBDA = 4,
	SBX_FUNCTION_SUSPENDS = 8,
	SBX_FUNCTION_SIMPLE = 16, /* no parameter is *args, **kwargs or keyword-only */
	SBX_FUNCTION_BUILTIN = 32 /* stands for a builtin that calls back, or is the iterator of one */
};

typedef struct sbx_gen_function {
	const char *name;         /* as in tracebacks: "fib", "<lambda>", "<listcomp>", "<module>" */
	const char *qualified;    /* as in messages and repr: "main.<locals>.fib" */
	sbx_gen_entry_point call; /* args: one per parameter in order, all bound, taken */
	sbx_gen_resume resume;    /* NULL: never suspends */
	const sbx_gen_param *params;
	const sbx_gen_site *sites;
	const uint8_t *slots;        /* kind of each frame slot: 'v' 'i' 'f' 'b' */
	const sbx_gen_point *points; /* by state */
	uint32_t frame_size;         /* bytes, with the sbx_gen_frame */
	uint32_t site_count;
	uint16_t param_count;
	uint16_t default_count; /* parameters with has_default */
	uint16_t slot_count;
	uint16_t cell_count; /* that its closure holds behind the defaults */
	uint32_t point_count;
	uint32_t file; /* index of its source in the program */
	uint32_t flags;
	uint32_t line; /* of its def */
} sbx_gen_function;

/* What lives across suspensions. Slots of the function follow in the order of `slots`. */
typedef struct sbx_gen_frame {
	struct sbx_gen_frame *parent;
	const sbx_gen_function *function;
	uint32_t state; /* resume point, from 1 */
	uint32_t site;  /* index into function->sites: where it stands */
} sbx_gen_frame;

/* A closure: `captured` holds the default values of the parameters that have one, then the captured cells. */
typedef struct sbx_gen_closure {
	sbx_gen_head head;
	const sbx_gen_function *function;
	uint32_t default_count, cell_count;
	sbx_value captured[];
} sbx_gen_closure;

typedef struct sbx_gen_source {
	const char *path; /* as given to the compiler, no directory of the build machine added */
	/* The text in pieces (C limits the length of one literal): one a line with its newline, longer lines in several. */
	const char *const *pieces;
	uint32_t piece_count;
	uint64_t length; /* bytes in all */
	uint32_t before; /* lines of the file at `path` before the first: a code string's */
} sbx_gen_source;

struct sbx_entry {
	const char *name;      /* "pipeline" */
	const char *full_name; /* "sandboxed-demo.pipeline" */
	const struct sbx_gen_program *program;
	const sbx_gen_function *main;
	const sbx_gen_param *inputs;
	uint32_t input_count;
	uint32_t file;
	const sbx_gen_type *result;       /* NULL: not declared */
	const sbx_gen_task *const *tasks; /* those that this entry may call */
	uint32_t task_count;
	uint8_t type_check;
	uint8_t is_code_string;
	uint32_t retries;
	uint64_t max_memory; /* limits as declared, or Flyte's defaults */
	uint32_t max_depth;
	uint32_t timeout_ms;
	const sbx_value *defaults; /* one per input; tag 0: none */
	const char *doc;
};

/* The builtins that call functions of the program or consume its generators: called through a value they are functions
   that the compiler writes into the program. */
enum sbx_gen_callback {
	SBX_CALLBACK_all,
	SBX_CALLBACK_any,
	SBX_CALLBACK_enumerate,
	SBX_CALLBACK_filter,
	SBX_CALLBACK_map,
	SBX_CALLBACK_max,
	SBX_CALLBACK_min,
	SBX_CALLBACK_sort, /* list.sort with a key */
	SBX_CALLBACK_sorted,
	SBX_CALLBACK_sum,
	SBX_CALLBACK_zip,
	SBX_CALLBACK_COUNT
};

typedef struct sbx_gen_program {
	uint32_t abi;
	const char *compiler;          /* sbxc's version */
	const char *module;            /* the user's module name: "pipeline" */
	const sbx_gen_source *sources; /* [0] is the user's file */
	uint32_t source_count;
	const sbx_entry *const *entries;
	uint32_t entry_count;
	const sbx_gen_function *const *functions; /* all of them */
	uint32_t function_count;
	const sbx_gen_task *const *tasks; /* all of them */
	uint32_t task_count;
	uint64_t fingerprint;
	const sbx_gen_function *callbacks[SBX_CALLBACK_COUNT]; /* NULL: the program does not need it */
} sbx_gen_program;

/* The main of a generated program; in libsbx-host. Returns the exit status. */
SBX_API int sbx_program_main(const sbx_gen_program *program, int argc, char **argv);

/* ---- the run, as far as inline code reads it (the runtime's own part follows it in memory) ---- */

struct sbx_run {
	int64_t fuel;   /* steps left in this slice; below zero: sbx_gen_tick */
	uint32_t depth; /* Python calls under way */
	uint32_t max_depth;
	char *stack_limit;    /* the address below which the C stack must not grow */
	sbx_value value;      /* what a resumed frame gets */
	sbx_gen_frame *top;   /* innermost suspended frame */
	sbx_gen_frame **link; /* where the next frame outwards must be linked */
};

/* ---- reference counts (never touched by emitted text itself) ---- */

SBX_API void sbx_gen_release(sbx_run *run, sbx_value v); /* the last reference has gone */

SBX_GEN_INLINE sbx_value sbx_gen_copy(sbx_value v)
{
	if (v.tag & SBX_GEN_COUNTED)
		((sbx_gen_head *)v.u.p)->refs++;
	return v;
}
SBX_GEN_INLINE void sbx_gen_drop(sbx_run *run, sbx_value v)
{
	if ((v.tag & SBX_GEN_COUNTED) && --((sbx_gen_head *)v.u.p)->refs == 0)
		sbx_gen_release(run, v);
}

/* ---- steps, depth, frames, calls (runtime/runs) ---- */

/* The slice is used up: reads the clock, refills run->fuel. Nonzero: an exception (deadline, steps) was raised. */
SBX_API int sbx_gen_tick(sbx_run *run);
/* Enters a Python function: depth and C stack. Nonzero: RecursionError was raised. */
SBX_API int sbx_gen_too_deep(sbx_run *run);
static inline int sbx_gen_enter(sbx_run *run)
{
	char here;
	if (SBX_GEN_UNLIKELY(run->depth >= run->max_depth || &here < run->stack_limit))
		return sbx_gen_too_deep(run);
	if (SBX_GEN_UNLIKELY(--run->fuel < 0) &&
		sbx_gen_tick(run)) /* recursion without a loop has its deadline too */
		return -1;
	run->depth++;
	return 0;
}
static inline void sbx_gen_leave(sbx_run *run)
{
	run->depth--;
}

/* A new frame for `function` (NULL: MemoryError was raised). */
SBX_API sbx_gen_frame *sbx_gen_frame_make(sbx_run *run, const sbx_gen_function *function);
/* A function with very much to keep makes its frame at once; when it returns without having been resumed, it frees it. */
SBX_API void sbx_gen_frame_free(sbx_run *run, sbx_gen_frame *frame);
/* Links a frame into the chain that is being suspended, innermost first. */
static inline sbx_value sbx_gen_link(sbx_run *run, sbx_gen_frame *frame, uint32_t state,
									 uint32_t site)
{
	frame->state = state;
	frame->site = site;
	*run->link = frame;
	run->link = &frame->parent;
	run->depth--;
	return SBX_GEN_SUSPEND;
}
/* A function leaves by an exception: notes (function, site) for the traceback and returns the error value. */
SBX_API sbx_value sbx_gen_unwind(sbx_run *run, const sbx_gen_function *function, uint32_t site);

/* Begins a task call: one argument a parameter of the task (tag 0: not given), taken. 0, or -1 raised. */
SBX_API int sbx_gen_task_begin(sbx_run *run, const sbx_gen_task *task, uint32_t site,
							   sbx_value *args);

/*
 * Calls a value with arguments. `names`: a tuple value with the names of the last arguments, or NONE. Arguments are
 * taken. May return SBX_GEN_SUSPEND when the callee is a function or task; the caller then suspends too.
 */
SBX_API sbx_value sbx_gen_call_slow(sbx_run *run, sbx_value callee, uint32_t count, sbx_value *args,
									sbx_value names);
static inline sbx_value sbx_gen_call(sbx_run *run, sbx_value callee, uint32_t count,
									 sbx_value *args, sbx_value names)
{
	if (SBX_GEN_KIND(callee) == SBX_KIND_FUNCTION && names.tag == SBX_KIND_NONE) {
		const sbx_gen_function *function = ((const sbx_gen_closure *)callee.u.p)->function;
		if (function->flags & SBX_FUNCTION_SIMPLE && function->param_count == count)
			return function->call(run, callee, args);
	}
	return sbx_gen_call_slow(run, callee, count, args, names);
}
/* The same with f(*args, **kwargs): `args` a list or tuple, `kwargs` a dict or NONE; both borrowed. */
SBX_API sbx_value sbx_gen_call_spread(sbx_run *run, sbx_value callee, sbx_value args,
									  sbx_value kwargs);

#include "sbx_gen_ops.h"

#endif
