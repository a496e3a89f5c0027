/*
 * One arena per compilation. Everything the compiler makes lives in it and goes with it, so no phase frees
 * anything, and a service can compile a million times.
 *
 * Out of memory: `arena_alloc` never returns NULL. It jumps nowhere either: the arena then hands out a block of
 * its reserve, marks itself failed, and `compile()` reports D_OUT_OF_MEMORY after the phase that saw it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ARENA_H
#define SBX_GEN_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct Arena Arena;

/* Makes an arena that may hold up to `max_bytes`. NULL when there is no memory at all. */
Arena *arena_make(size_t max_bytes);
void arena_free(Arena *arena);
/* Takes all blocks back and keeps the memory for the next ones: for who compiles many files in turn. */
void arena_reset(Arena *arena);

/* The front of every Arena: what is left of its newest chunk. Only the inline functions look at it. */
typedef struct ArenaRest {
	char *free, *end;
} ArenaRest;

/* For the inline functions: a block that the newest chunk cannot hold; `size` is rounded. Not zeroed. */
void *arena_alloc_slowly(Arena *arena, size_t size);

/* A block aligned to 16 bytes whose content is not defined: for what is written at once. */
static inline void *arena_alloc_raw(Arena *arena, size_t size)
{
	ArenaRest *rest = (ArenaRest *)arena;
	size_t rounded = (size + 15) & ~(size_t)15;
	if (rounded < size || rounded > (size_t)(rest->end - rest->free))
		return arena_alloc_slowly(arena, rounded < size ? SIZE_MAX - 15 : rounded);
	char *block = rest->free;
	rest->free += rounded;
	return block;
}

/* A zeroed block, aligned to 16 bytes. */
static inline void *arena_alloc(Arena *arena, size_t size)
{
	return memset(arena_alloc_raw(arena, size), 0, size);
}

/* A copy of `size` bytes and a NUL after them. */
char *arena_copy(Arena *arena, const char *bytes, size_t size);
/* printf into the arena. */
char *arena_format(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool arena_is_failed(const Arena *arena);
void arena_fail(Arena *arena); /* memory of another kind ran out */
size_t arena_bytes(const Arena *arena);

#define ARENA_NEW(arena, Type) ((Type *)arena_alloc((arena), sizeof(Type)))
#define ARENA_ARRAY_RAW(arena, Type, count) \
	((Type *)arena_alloc_raw((arena), sizeof(Type) * (size_t)(count)))
#define ARENA_ARRAY(arena, Type, count) \
	((Type *)arena_alloc((arena), sizeof(Type) * (size_t)(count)))

/* An interned name: two atoms of one compilation are the same name exactly when they are the same pointer. */
typedef struct Atom {
	uint32_t length; /* bytes of UTF-8, without the NUL */
	uint32_t hash;
	char text[];
} Atom;

typedef struct AtomTable AtomTable;
AtomTable *atoms_make(Arena *arena);
const Atom *atom_get(AtomTable *atoms, const char *bytes, size_t length);

#endif
