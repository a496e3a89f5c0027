/*
 * The inside of values: the heap that counts every byte, object layouts, and what each file of this folder offers
 * the others. Layouts that inline generated code reads are in sbx_gen.h.
 *
 * Conventions: arguments borrowed, results new references, `take` swallows. A function that returns sbx_value gives
 * tag 0 after raising on the run; one that returns int gives -1. Every function that can work for long calls
 * sbx__spend(run, work) in proportion to it (one unit is about a nanosecond to ten), so that deadlines hold inside
 * library operations; every allocation goes through sbx__alloc, which raises MemoryError at the limit.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_OBJECT_H
#define SBX_OBJECT_H

#include <stdbool.h>

#include "../include/sbx_gen.h"

/* ---- heap (heap.c): small objects in the run's chunks, large ones in blocks of their own, all counted ---- */

typedef struct HeapChunk HeapChunk;
typedef struct HeapBlock HeapBlock;
typedef struct HeapFree HeapFree;
typedef struct HeapClasses HeapClasses; /* free lists by size, made when the first chunk is full */
typedef struct HeapDeferred HeapDeferred;

typedef struct Heap {
	struct sbx_run head;        /* what inline code reads; first, so that a sbx_run * is a Heap * */
	uint64_t used, limit, peak; /* bytes taken from the system; limit 0: none */
	uint64_t reserve;           /* extra bytes allowed while an exception is being made */
	char *bump, *bump_end;
	HeapChunk *chunks;
	HeapBlock *blocks;
	HeapClasses *classes;
	HeapFree *loose;        /* free blocks while there are no classes */
	HeapDeferred *deferred; /* objects to be released after the one at hand: bounds the C stack */
	sbx_value exception;    /* the raised one; tag 0: none */
	uint32_t repr_depth;    /* nesting of repr, ==, hash ... in C */
	uint32_t flags;         /* HEAP_x */
	uint32_t
		fail_in; /* for tests: the n-th allocation from now fails as if the system had no memory; 0: none */
	uint16_t small_max; /* blocks up to this size come from chunks */
	uint16_t release_depth;
} Heap;
#define HEAP(run) ((Heap *)(run))
enum sbx__heap_flags {
	HEAP_SYSTEM_FULL = 1, /* the last MemoryError came from the system, not from the limit */
	HEAP_OF_HOST =
		2 /* no run: an exception is that of the last call, and the next call forgets it */
};

void *sbx__alloc(sbx_run *run, size_t size); /* NULL: MemoryError raised */
void *sbx__realloc(sbx_run *run, void *block, size_t old_size, size_t new_size);
void sbx__free(sbx_run *run, void *block, size_t size);
void sbx__heap_init(Heap *heap, uint64_t limit, void *first,
					size_t first_size); /* `first`: memory to begin with */
void sbx__heap_fini(Heap *heap);        /* gives everything back but `first` */
/* Would `size` more bytes fit? Raises MemoryError if not; for refusing `"a" * 10**9` before it starts. */
int sbx__reserve(sbx_run *run, uint64_t size);
/* For sbx_gen_release: puts a value off; false when there is no memory for that (it then goes with the heap). */
bool sbx__heap_defer(sbx_run *run, sbx_value v);
bool sbx__heap_take_deferred(sbx_run *run, sbx_value *v);

/* Takes `work` units from the slice; nonzero: an exception (deadline) was raised. */
static inline int sbx__spend(sbx_run *run, uint64_t work)
{
	run->fuel -= (int64_t)work;
	return SBX_GEN_UNLIKELY(run->fuel < 0) ? sbx_gen_tick(run) : 0;
}
/* Long work with the deadline in between (pieces.c). 0, or -1 raised. */
int sbx__copy_long(sbx_run *run, void *to, const void *from, uint64_t size);
int sbx__fill(sbx_run *run, void *to, int byte, uint64_t size);
int sbx__compare_long(sbx_run *run, const void *a, const void *b, uint64_t size,
					  int *order); /* as memcmp */
int sbx__copy_items(sbx_run *run, sbx_value *to, const sbx_value *from,
					uint64_t count); /* `to` gets references of its own */
/* `total` items, a multiple of `count`: those of `from` again and again. */
int sbx__repeat_items(sbx_run *run, sbx_value *to, const sbx_value *from, uint64_t count,
					  uint64_t total);
#define SBX_LONG 65536 /* bytes from which on work is worth pieces */
static inline int sbx__copy(sbx_run *run, void *to, const void *from, uint64_t size)
{
	if (SBX_GEN_UNLIKELY(size > SBX_LONG))
		return sbx__copy_long(run, to, from, size);
	if (size)
		__builtin_memcpy(to, from, size);
	return sbx__spend(run, 1 + size / 16);
}
/* For loops over `length` things, at number i: spends for what follows, so that the deadline comes in between. Nonzero: it
   has come. */
static inline int sbx__pace(sbx_run *run, uint64_t i, uint64_t length)
{
	return i % 16384 == 0 ? sbx__spend(run, length - i < 16384 ? length - i : 16384) : 0;
}
/* Guards recursion in C (repr of nested lists, == of nested tuples): bounded by C stack and depth. 0, or -1 raised. */
int sbx__recurse(sbx_run *run,
				 const char *where); /* where: " while getting the repr of an object" */
static inline void sbx__recurse_end(sbx_run *run)
{
	HEAP(run)->repr_depth--;
	run->depth--;
}

/* A new counted object with refs 1 as a value of `kind`; *object is its memory (not zeroed but for the head). */
sbx_value sbx__object(sbx_run *run, unsigned kind, size_t size, void *object);

/* ---- raising (exception.c in runs/) ---- */

typedef struct ExceptionObject ExceptionObject;

/* format: %s C string (UTF-8), %d int, %lld, %llu, %zu, %c, %V str(value), %R repr(value), %T type name of a value.
   Returns the error value. type: SBX_TYPE_ValueError and so on. */
sbx_value sbx__raise(sbx_run *run, int type, const char *format, ...);
sbx_value sbx__raise_value(sbx_run *run, int type,
						   sbx_value argument); /* KeyError(key): args == (argument,) */
/* Raises type(*args): UnicodeDecodeError and others with more than a message. */
sbx_value sbx__raise_call(sbx_run *run, int type, uint32_t count, const sbx_value *args);
sbx_value sbx__raise_memory(sbx_run *run);
sbx_value sbx__raise_depth(sbx_run *run,
						   const char *where); /* RecursionError, as the limit that it is */
static inline bool sbx__is_error(sbx_value v)
{
	return v.tag == 0;
}
/* A str, with the conversions of sbx__raise. */
sbx_value sbx__text_of(sbx_run *run, const char *format, ...);
/* ValueError("x", 1): an exception as a value, nothing raised, its arguments checked as CPython does (exception_new.c). */
sbx_value sbx__exception_make(sbx_run *run, int type, uint32_t count, const sbx_value *args,
							  sbx_value names);
/* The same without checks; details: see ExceptionObject, taken. */
sbx_value sbx__exception_with(sbx_run *run, int type, uint32_t count, const sbx_value *args,
							  sbx_value details);
/* Are arguments and details such as a call of the type makes them? (Of what came as bytes.) */
bool sbx__exception_is_whole(const ExceptionObject *exception);
sbx_value sbx__exception_str(sbx_run *run, sbx_value v);
/* Tracebacks say "<no detail available>" of these. */
bool sbx__is_syntax_error_without_text(sbx_run *run, sbx_value v);
sbx_value sbx__exception_repr(sbx_run *run, sbx_value v);
/* Takes the raised exception off the run, as if it had not been raised (tag 0: there was none). */
sbx_value sbx__exception_take(sbx_run *run);
/* Is `type` an exception type? */
static inline bool sbx__is_exception_type(int type)
{
	return type >= SBX_TYPE_BaseException;
}

/* ---- what the program prints (run.c in runs/) ---- */

void sbx__print(sbx_run *run, const char *utf8, size_t length);

/* The module of the run's program ("pipeline"), as some messages name it; NULL on a heap without one. */
const char *sbx__module_name(const sbx_run *run);

/* ---- objects ---- */

typedef struct RangeObject {
	sbx_gen_head head;
	sbx_value start, stop, step, length; /* ints of any size */
} RangeObject;
typedef struct SliceObject {
	sbx_gen_head head;
	sbx_value start, stop, step;
} SliceObject;
typedef struct MethodObject { /* a bound method */
	sbx_gen_head head;        /* bits: SBX_METHOD_x */
	sbx_value self;
} MethodObject;
/* Insertion-ordered: entries in order, an index of small ints over them (none below 9 entries). dict.c, set.c */
typedef struct DictEntry {
	int64_t hash;
	sbx_value key; /* tag 0: deleted */
	sbx_value value;
} DictEntry;
typedef struct DictObject {
	sbx_gen_head head;
	uint64_t used;   /* live pairs */
	uint64_t filled; /* entries written, deleted ones too */
	uint64_t
		spent; /* places of the array used up since it was made; the next one past `capacity` makes it anew */
	uint64_t first;    /* entries before this one are deleted */
	uint64_t capacity; /* of `entries` */
	uint64_t version;  /* changes with every change of the key set, for iterators */
	DictEntry *entries;
	void *index;         /* uint8_t, uint16_t, uint32_t or uint64_t slots */
	uint64_t index_size; /* slots, a power of two; 0: no index */
} DictObject;
typedef struct SetEntry {
	int64_t hash;
	sbx_value key;
} SetEntry;
typedef struct SetObject {
	sbx_gen_head head;
	int64_t hash; /* of a frozenset; -1: not computed */
	uint64_t used, filled, spent, first, capacity, version;
	SetEntry *entries;
	void *index;
	uint64_t index_size;
} SetObject;
typedef struct
	HandleObject {     /* File, Dir, DataFrame; also datetime and timedelta have their own below */
	sbx_gen_head head; /* bits: SBX_FILE, SBX_DIR, SBX_DATAFRAME */
	sbx_value path, format, hash; /* str, or None */
} HandleObject;
typedef struct TimeObject { /* datetime, timedelta */
	sbx_gen_head head;
	int64_t microseconds;
	int32_t offset_minutes; /* INT32_MIN: none */
} TimeObject;
struct ExceptionObject {
	sbx_gen_head head;   /* bits: SBX_TYPE_x */
	sbx_value args;      /* tuple */
	sbx_value type_name; /* str: the remote type's name where it is no builtin one; else None */
	sbx_value remote;    /* str: remote traceback, or None */
	sbx_value cause;     /* an exception, or None */
	sbx_value context;   /* True: made of a task's failure, whose text is the argument */
	sbx_value
		details; /* tuple: what str() is made of where args has lost it; or None (exception_new.c) */
};

/* ---- every kind (value.c) ---- */

const char *sbx__type_name(sbx_value v); /* "int", "NoneType" ... as in messages */
int sbx__type_of(sbx_value v);           /* SBX_TYPE_x */
/* The same as the checks of arguments say it: None is called None. */
static inline const char *sbx__argument_name(sbx_value v)
{
	return v.tag == SBX_KIND_NONE ? "None" : sbx__type_name(v);
}
int sbx__generator_type(sbx_value v);       /* SBX_TYPE_map and the like, where it stands for one */
extern const char *const sbx__type_names[]; /* by SBX_TYPE_x */
bool sbx__is_subtype(int type, int base);
int sbx__hash(sbx_run *run, sbx_value v, int64_t *hash); /* "unhashable type: 'list'" */
int sbx__equal(sbx_run *run, sbx_value a, sbx_value b);  /* identity first, as containers compare */
/* Whether a comparison holds of two values in this order: negative, 0 or positive. */
static inline int sbx__order_decides(int op, int order)
{
	switch (op) {
	case SBX_COMPARE_EQ:
		return order == 0;
	case SBX_COMPARE_NE:
		return order != 0;
	case SBX_COMPARE_LT:
		return order < 0;
	case SBX_COMPARE_LE:
		return order <= 0;
	case SBX_COMPARE_GT:
		return order > 0;
	default:
		return order >= 0;
	}
}
#define SBX_IS_INT(v) \
	(SBX_GEN_KIND(v) == SBX_KIND_INT || SBX_GEN_KIND(v) == SBX_KIND_BIG || \
	 SBX_GEN_KIND(v) == SBX_KIND_BOOL)

/* ---- text under construction (text_buffer.c), used by repr, format, join, JSON ---- */

typedef struct TextBuffer {
	sbx_run *run;
	void *units; /* code units of `width` */
	uint64_t length, capacity;
	uint32_t width; /* 1, 2, 4: grows as wider code points come */
	bool failed;    /* an exception was raised; further writes do nothing */
} TextBuffer;
void sbx__text_init(TextBuffer *text, sbx_run *run);
void sbx__text_ascii(TextBuffer *text, const char *ascii); /* NUL-terminated */
void sbx__text_utf8(TextBuffer *text, const char *utf8, size_t length);
void sbx__text_point(TextBuffer *text, uint32_t code_point);
void sbx__text_str(TextBuffer *text, sbx_value str);
void sbx__text_repeat(TextBuffer *text, uint32_t code_point, uint64_t count);
sbx_value sbx__text_take(TextBuffer *text); /* the str; ends the buffer */
void sbx__text_drop(TextBuffer *text);

/* ---- str (str.c) ---- */

#define STR(v) ((const sbx_gen_str *)(v).u.p)
static inline const void *sbx__str_units(sbx_value v)
{
	return STR(v) + 1;
}
static inline uint32_t sbx__str_at(sbx_value v, uint64_t i)
{
	const void *units = sbx__str_units(v);
	uint32_t width = STR(v)->head.bits;
	return width == 1   ? ((const uint8_t *)units)[i]
		   : width == 2 ? ((const uint16_t *)units)[i]
						: ((const uint32_t *)units)[i];
}
/* The memory of a str on a heap: after its units stands one zero byte, so that ASCII text can be lent as it is. */
static inline size_t sbx__str_size(uint64_t length, uint32_t width)
{
	return sizeof(sbx_gen_str) + (size_t)length * width + 1;
}
static inline size_t sbx__bytes_size(uint64_t length)
{
	return sizeof(sbx_gen_bytes) + (size_t)length;
}
sbx_value
sbx__str_from_utf8(sbx_run *run, const char *utf8,
				   size_t length); /* surrogates pass; bad bytes raise UnicodeDecodeError */
sbx_value sbx__str_ascii(sbx_run *run, const char *ascii);
sbx_value sbx__str_alloc(sbx_run *run, uint64_t length, uint32_t width,
						 void *units); /* *units: where they go */
sbx_value sbx__str_point(sbx_run *run, uint32_t code_point);
sbx_value sbx__str_slice(sbx_run *run, sbx_value v, uint64_t start, uint64_t stop);
int sbx__str_compare(sbx_value a, sbx_value b); /* -1, 0, 1 by code points */
/* Of two str or two bytes values, with the deadline in between: -1, 0, 1 into *order. 0, or -1 raised. */
int sbx__text_compare(sbx_run *run, sbx_value a, sbx_value b, int *order);
bool sbx__str_equal(sbx_value a, sbx_value b);
int64_t sbx__str_hash(sbx_value v); /* of a bytes value too */
int sbx__str_hash_long(sbx_run *run, sbx_value v,
					   int64_t *hash); /* the same with the deadline in between; -1: raised */
int64_t sbx__hash_bytes(const void *bytes, uint64_t size);
sbx_value sbx__str_concat2(sbx_run *run, sbx_value a, sbx_value b);
/* a + b where `a` is taken: grows in place when that was its last reference, so that `s = s + x` in a loop is linear. */
sbx_value sbx__str_append_take(sbx_run *run, sbx_value a, sbx_value b);
/* str(v), repr(v) and ascii(v) (repr.c); repr of containers, ranges, views ... is sbx__container_repr's (containers). */
int sbx__str_into(TextBuffer *text, sbx_value v);
int sbx__repr_into(TextBuffer *text, sbx_value v);
sbx_value sbx__ascii(sbx_run *run, sbx_value v); /* ascii(v) */
sbx_value sbx__chr(sbx_run *run, sbx_value v);
sbx_value sbx__ord(sbx_run *run, sbx_value v);
int sbx__container_repr(TextBuffer *text, sbx_value v);
void sbx__time_str(TextBuffer *text, sbx_value v); /* datetime, timedelta (time_text.c) */
void sbx__time_repr(TextBuffer *text, sbx_value v);
/* Both str or both bytes ... a % b, a * n, a + b, item of a (str_operators.c); n an int of any size. */
sbx_value sbx__str_repeat(sbx_run *run, sbx_value v, sbx_value n);
sbx_value sbx__percent_format(sbx_run *run, sbx_value format, sbx_value args);
sbx_value sbx__str_getitem(sbx_run *run, sbx_value v,
						   sbx_value key); /* str or bytes; key an int or a slice */
int sbx__str_contains(sbx_run *run, sbx_value v, sbx_value item); /* str or bytes; -1 raised */
sbx_value sbx__bytes_concat(sbx_run *run, sbx_value a, sbx_value b);
/* format(v, spec) for every kind; spec a str. (format_spec.c) */
sbx_value sbx__format_value(sbx_run *run, sbx_value v, sbx_value spec);
bool sbx__str_is(sbx_value v, const char *ascii);

#endif
