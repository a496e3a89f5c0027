/*
 * The heap of a run: every byte of its values, counted.
 *
 * Blocks up to 512 bytes come from chunks, in sizes that are multiples of 16. The first chunk lies
 * in one piece with the run itself and may be tiny: a suspended run that has done little costs
 * little. So the table of free lists, one for each size, is made only when that chunk is full;
 * until then the few freed blocks hang on one `loose` list. Further chunks grow from 1 to 64 KiB. A
 * block that is freed at the very end of the used part simply rolls it back.
 *
 * Larger blocks are mallocs of their own, in a list, so that they can be given back with the heap
 * and grown by realloc.
 *
 * `used` counts what was taken from the system: whole chunks, and large blocks with their heads. It
 * is compared with the limit only then, so the path of a small block is a few instructions. While
 * an exception is being made the limit is wider by `reserve`.
 *
 * Under AddressSanitizer every block is a malloc of its own, so that it sees each overrun and each
 * late use. In a build with HEAP_MOVES (`make MOVE=1`) too, and there every block that changes its size
 * moves, and what is given back is overwritten: who still looks at the old place reads nonsense.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include <stdlib.h>
#include <string.h>

enum {
	GRAIN = 16,
	SMALL_MAX = 512,
	CLASS_COUNT = SMALL_MAX / GRAIN + 1,
	CHUNK_MIN = 1024,
	CHUNK_MAX = 65536
};

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HEAP_SEPARATE_BLOCKS 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HEAP_SEPARATE_BLOCKS) || defined(HEAP_MOVES)
#define HEAP_SMALL_MAX 0
#else
#define HEAP_SMALL_MAX SMALL_MAX
#endif

#ifdef HEAP_MOVES
#define HEAP_ALWAYS_MOVES 1
#else
#define HEAP_ALWAYS_MOVES 0
#endif

struct HeapChunk {
	HeapChunk *next;
	uint64_t size;
};
struct HeapBlock { /* a multiple of 16 bytes */
	HeapBlock *next, *previous;
	uint64_t size; /* with this head */
	uint64_t unused;
};
struct HeapFree {
	HeapFree *next;
	uint64_t size; /* on the loose list only */
};
struct HeapClasses {
	HeapFree *lists[CLASS_COUNT];
	uint64_t next_chunk;
};
struct HeapDeferred {
	HeapDeferred *next;
	sbx_value value;
};

static inline size_t rounded(size_t size)
{
	return size ? (size + GRAIN - 1) & ~(size_t)(GRAIN - 1) : GRAIN;
}

/* May `size` more bytes be taken from the system? */
static inline bool fits(const Heap *heap, uint64_t size)
{
	uint64_t used = heap->used + size; /* no overflow: sizes are below SIZE_MAX / 4 */
	return !heap->limit || used <= heap->limit || used - heap->limit <= heap->reserve;
}

static void count(Heap *heap, uint64_t size)
{
	heap->used += size;
	if (heap->used > heap->peak)
		heap->peak = heap->used;
}

/* malloc, counted; NULL when the limit or the system forbids. */
static void *take_from_system(Heap *heap, size_t size)
{
	void *memory;
	if (!fits(heap, size)) {
		heap->flags &= ~(uint32_t)HEAP_SYSTEM_FULL;
		return NULL;
	}
	memory = malloc(size);
	if (memory)
		count(heap, size);
	else
		heap->flags |= HEAP_SYSTEM_FULL;
	return memory;
}

static void class_add(HeapClasses *classes, void *block, size_t size)
{
	HeapFree *entry = block;
	entry->next = classes->lists[size / GRAIN];
	classes->lists[size / GRAIN] = entry;
}

static HeapClasses *classes_make(Heap *heap)
{
	HeapClasses *classes = take_from_system(heap, sizeof *classes);
	if (!classes)
		return NULL;
	memset(classes, 0, sizeof *classes);
	classes->next_chunk = CHUNK_MIN;
	while (heap->loose) {
		HeapFree *block = heap->loose;
		heap->loose = block->next;
		class_add(classes, block, block->size);
	}
	heap->classes = classes;
	return classes;
}

/* No new chunk may be had: a free block of a larger size is cut. */
static void *small_from_larger(HeapClasses *classes, size_t size)
{
	for (size_t i = size / GRAIN + 1; i < CLASS_COUNT; i++) {
		HeapFree *block = classes->lists[i];
		if (block) {
			classes->lists[i] = block->next;
			class_add(classes, (char *)block + size, i * GRAIN - size);
			return block;
		}
	}
	return NULL;
}

/* The chunk is full: begins another. What is left of it becomes a free block. */
static void *small_from_new_chunk(Heap *heap, size_t size)
{
	HeapClasses *classes = heap->classes ? heap->classes : classes_make(heap);
	HeapChunk *chunk;
	size_t left, chunk_size;
	char *block;
	if (!classes)
		return NULL;
	if (classes->lists[size / GRAIN]) { /* a loose one */
		HeapFree *entry = classes->lists[size / GRAIN];
		classes->lists[size / GRAIN] = entry->next;
		return entry;
	}
	chunk_size = classes->next_chunk;
	chunk = take_from_system(heap, chunk_size);
	if (!chunk && chunk_size > CHUNK_MIN)
		chunk = take_from_system(heap, chunk_size = CHUNK_MIN);
	if (!chunk)
		return small_from_larger(classes, size);
	if (classes->next_chunk < CHUNK_MAX)
		classes->next_chunk *= 2;
	left = (size_t)(heap->bump_end - heap->bump) & ~(size_t)(GRAIN - 1);
	if (left)
		class_add(classes, heap->bump, left);
	chunk->next = heap->chunks;
	chunk->size = chunk_size;
	heap->chunks = chunk;
	block = (char *)(chunk + 1);
	heap->bump = block + size;
	heap->bump_end = (char *)chunk + chunk_size;
	return block;
}

static void *small_from_loose(Heap *heap, size_t size)
{
	HeapFree **link = &heap->loose;
	for (int i = 0; i < 4 && *link; i++, link = &(*link)->next)
		if ((*link)->size == size) {
			HeapFree *block = *link;
			*link = block->next;
			return block;
		}
	return NULL;
}

/* free(); `size` bytes of it were used. */
static void give_back(void *memory, size_t size)
{
#ifdef HEAP_MOVES
	memset(memory, 0xdb, size);
#else
	(void)size;
#endif
	free(memory);
}

static void link_block(Heap *heap, HeapBlock *block)
{
	block->previous = NULL;
	block->next = heap->blocks;
	if (heap->blocks)
		heap->blocks->previous = block;
	heap->blocks = block;
}

static void unlink_block(Heap *heap, HeapBlock *block)
{
	if (block->next)
		block->next->previous = block->previous;
	if (block->previous)
		block->previous->next = block->next;
	else
		heap->blocks = block->next;
}

static void *large_alloc(Heap *heap, size_t size)
{
	HeapBlock *block;
	if (size > SIZE_MAX / 4) {
		heap->flags &= ~(uint32_t)HEAP_SYSTEM_FULL;
		return NULL;
	}
	block = take_from_system(heap, sizeof *block + size);
	if (!block)
		return NULL;
	block->size = sizeof *block + size;
	link_block(heap, block);
	return block + 1;
}

/* sbx__alloc without raising. */
static inline void *allocate(Heap *heap, size_t size)
{
	if (SBX_GEN_UNLIKELY(heap->fail_in != 0) && --heap->fail_in == 0) {
		heap->flags |= HEAP_SYSTEM_FULL;
		return NULL;
	}
	if (SBX_GEN_LIKELY(size <= heap->small_max)) {
		void *block;
		size = rounded(size);
		if (heap->classes) {
			HeapFree *entry = heap->classes->lists[size / GRAIN];
			if (entry) {
				heap->classes->lists[size / GRAIN] = entry->next;
				return entry;
			}
		} else if (heap->loose && (block = small_from_loose(heap, size)) != NULL) {
			return block;
		}
		if (SBX_GEN_LIKELY(size <= (size_t)(heap->bump_end - heap->bump))) {
			block = heap->bump;
			heap->bump += size;
			return block;
		}
		return small_from_new_chunk(heap, size);
	}
	return large_alloc(heap, size);
}

void *sbx__alloc(sbx_run *run, size_t size)
{
	void *block = allocate(HEAP(run), size);
	if (SBX_GEN_UNLIKELY(!block))
		sbx__raise_memory(run);
	return block;
}

static inline void release(Heap *heap, void *block, size_t size)
{
	if (!block)
		return;
	if (SBX_GEN_LIKELY(size <= heap->small_max)) {
		size = rounded(size);
		if ((char *)block + size == heap->bump) {
			heap->bump = block;
		} else if (heap->classes) {
			class_add(heap->classes, block, size);
		} else {
			HeapFree *entry = block;
			entry->next = heap->loose;
			entry->size = size;
			heap->loose = entry;
		}
		return;
	}
	HeapBlock *head = (HeapBlock *)block - 1;
	unlink_block(heap, head);
	heap->used -= head->size;
	give_back(head, (size_t)head->size);
}

void sbx__free(sbx_run *run, void *block, size_t size)
{
	release(HEAP(run), block, size);
}

/* A large block that stays large. */
static void *large_realloc(Heap *heap, void *block, size_t size)
{
	HeapBlock *head = (HeapBlock *)block - 1, *grown;
	uint64_t old_size = head->size, new_size = sizeof *head + (uint64_t)size;
	if (size > SIZE_MAX / 4 || (new_size > old_size && !fits(heap, new_size - old_size))) {
		heap->flags &= ~(uint32_t)HEAP_SYSTEM_FULL;
		return NULL;
	}
	unlink_block(heap, head);
	grown = realloc(head, (size_t)new_size);
	if (!grown) {
		link_block(heap, head);
		heap->flags |= HEAP_SYSTEM_FULL;
		return NULL;
	}
	heap->used -= old_size;
	count(heap, new_size);
	grown->size = new_size;
	link_block(heap, grown);
	return grown + 1;
}

void *sbx__realloc(sbx_run *run, void *block, size_t old_size, size_t new_size)
{
	Heap *heap = HEAP(run);
	void *moved;
	if (!block)
		return sbx__alloc(run, new_size);
	if (old_size <= heap->small_max) {
		size_t from = rounded(old_size), to = rounded(new_size);
		if (new_size <= heap->small_max && from == to)
			return block;
		if (new_size <= heap->small_max && (char *)block + from == heap->bump &&
			to <= (size_t)(heap->bump_end - (char *)block)) {
			heap->bump = (char *)block + to;
			return block;
		}
	} else if (new_size > heap->small_max && !heap->fail_in && !HEAP_ALWAYS_MOVES) {
		moved = large_realloc(heap, block, new_size);
		if (!moved)
			sbx__raise_memory(run);
		return moved;
	}
	moved = sbx__alloc(run, new_size);
	if (!moved)
		return NULL;
	memcpy(moved, block, old_size < new_size ? old_size : new_size);
	release(heap, block, old_size);
	return moved;
}

int sbx__reserve(sbx_run *run, uint64_t size)
{
	Heap *heap = HEAP(run);
	if (size <= SIZE_MAX / 4 && fits(heap, size))
		return 0;
	heap->flags &= ~(uint32_t)HEAP_SYSTEM_FULL;
	sbx__raise_memory(run);
	return -1;
}

bool sbx__heap_defer(sbx_run *run, sbx_value v)
{
	HeapDeferred *entry = allocate(HEAP(run), sizeof *entry);
	if (!entry)
		return false;
	entry->value = v;
	entry->next = HEAP(run)->deferred;
	HEAP(run)->deferred = entry;
	return true;
}

bool sbx__heap_take_deferred(sbx_run *run, sbx_value *v)
{
	HeapDeferred *entry = HEAP(run)->deferred;
	if (!entry)
		return false;
	*v = entry->value;
	HEAP(run)->deferred = entry->next;
	release(HEAP(run), entry, sizeof *entry);
	return true;
}

void sbx__heap_init(Heap *heap, uint64_t limit, void *first, size_t first_size)
{
	uintptr_t start = ((uintptr_t)first + GRAIN - 1) & ~(uintptr_t)(GRAIN - 1);
	size_t lost = (size_t)(start - (uintptr_t)first);
	heap->used = heap->peak = first_size;
	heap->limit = limit;
	heap->reserve = 0;
	heap->bump = heap->bump_end = first;
	if (first_size > lost) {
		heap->bump = (char *)first + lost;
		heap->bump_end = (char *)first + first_size;
	}
	heap->chunks = NULL;
	heap->blocks = NULL;
	heap->classes = NULL;
	heap->loose = NULL;
	heap->deferred = NULL;
	heap->exception.tag = 0;
	heap->repr_depth = heap->flags = heap->fail_in = 0;
	heap->small_max = HEAP_SMALL_MAX;
	heap->release_depth = 0;
}

void sbx__heap_fini(Heap *heap)
{
	while (heap->chunks) {
		HeapChunk *chunk = heap->chunks;
		heap->chunks = chunk->next;
		give_back(chunk, (size_t)chunk->size);
	}
	while (heap->blocks) {
		HeapBlock *block = heap->blocks;
		heap->blocks = block->next;
		give_back(block, (size_t)block->size);
	}
	free(heap->classes);
	heap->classes = NULL;
}
