/*
 * The arena: chunks of memory, cut off from the front and zeroed as they are cut. A chunk is twice as large as the one before it, up to
 * a megabyte, so that a small file costs one small chunk and a large one few calls of malloc.
 *
 * The limit is soft: past it, or when the system has no memory, the arena is marked failed. Past the limit blocks
 * are still handed out, because a caller cannot go on without one; the loops of the phases look at
 * `arena_is_failed` and stop. When malloc itself fails, what comes until then is cut from a reserve: addresses that were
 * set aside with the arena and cost nothing until they are written to. It is many times what a phase needs to stop; only
 * when that is gone too nothing is left to return, and the process ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	FIRST_CHUNK = 32 * 1024,
	LARGEST_CHUNK = 1024 * 1024,
	RESERVE = 64 * 1024 * 1024,
	ALIGNMENT = 16
};

typedef struct Chunk {
	struct Chunk *next;
	size_t size;
} Chunk;

enum { HEAD = (sizeof(Chunk) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT };

struct Arena {
	ArenaRest rest;         /* first */
	Chunk *chunks, *spares; /* in use; kept by arena_reset */
	char *reserve;          /* for when malloc fails */
	bool reserve_used;
	size_t next_size;
	size_t bytes, max_bytes;
	bool failed;
};

Arena *arena_make(size_t max_bytes)
{
	Arena *arena = calloc(1, sizeof *arena);
	char *reserve = arena ? mmap(NULL, RESERVE, PROT_READ | PROT_WRITE,
								 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
						  : MAP_FAILED;
	if (reserve == MAP_FAILED) {
		free(arena);
		return NULL;
	}
	arena->reserve = reserve;
	arena->next_size = FIRST_CHUNK;
	arena->max_bytes = max_bytes;
	return arena;
}

static void free_chunks(Chunk *chunk)
{
	for (Chunk *next; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
}

void arena_free(Arena *arena)
{
	if (!arena)
		return;
	free_chunks(arena->chunks);
	free_chunks(arena->spares);
	munmap(arena->reserve, RESERVE);
	free(arena);
}

void arena_reset(Arena *arena)
{
	Chunk **end = &arena->chunks;
	while (*end)
		end = &(*end)->next;
	*end = arena->spares;
	arena->spares = arena->chunks;
	arena->chunks = NULL;
	arena->rest = (ArenaRest){NULL, NULL};
	arena->bytes = 0;
	arena->failed = arena->reserve_used = false;
}

/* A chunk kept by arena_reset with room for `size` bytes, or NULL. */
static Chunk *take_spare(Arena *arena, size_t size)
{
	for (Chunk **link = &arena->spares; *link; link = &(*link)->next) {
		Chunk *chunk = *link;
		if (chunk->size - HEAD >= size) {
			*link = chunk->next;
			return chunk;
		}
	}
	return NULL;
}

static void *start_chunk(Arena *arena, Chunk *chunk, size_t size, bool alone)
{
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->bytes += chunk->size;
	char *block = (char *)chunk + HEAD;
	if (!alone)
		arena->rest = (ArenaRest){block + size, (char *)chunk + chunk->size};
	return block;
}

void *arena_alloc_slowly(Arena *arena, size_t size)
{
	bool alone = size > arena->next_size / 4; /* a large block does not waste the rest of a chunk */
	size_t wanted = HEAD + (alone ? size : arena->next_size);
	if (arena->bytes + wanted > arena->max_bytes)
		arena->failed = true;
	Chunk *chunk = take_spare(arena, size);
	if (chunk)
		return start_chunk(arena, chunk, size, false);
	chunk = wanted > size ? malloc(wanted) : NULL;
	if (!chunk) {
		arena->failed = true;
		if (arena->reserve_used || size > RESERVE)
			abort();
		arena->reserve_used = true;
		arena->rest = (ArenaRest){arena->reserve + size, arena->reserve + RESERVE};
		return arena->reserve;
	}
	chunk->size = wanted;
	if (!alone && arena->next_size < LARGEST_CHUNK)
		arena->next_size *= 2;
	return start_chunk(arena, chunk, size, alone);
}

char *arena_copy(Arena *arena, const char *bytes, size_t size)
{
	char *copy = arena_alloc_raw(arena, size + 1);
	copy[size] = '\0';
	if (size)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_format(Arena *arena, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		length = 0;
	char *text = arena_alloc(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

void arena_fail(Arena *arena)
{
	arena->failed = true;
}

bool arena_is_failed(const Arena *arena)
{
	return arena->failed;
}

size_t arena_bytes(const Arena *arena)
{
	return arena->bytes;
}
