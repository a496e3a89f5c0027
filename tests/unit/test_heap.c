/*
 * The heap of a run: blocks of all sizes, the limit, failing allocations, and the end of deeply
 * nested values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/values/object.h"
#include "unit_report.h"

/* A heap whose small blocks come from chunks also where a sanitizer would have each block apart. */
static sbx_run *open_heap(uint64_t limit, bool chunks)
{
	sbx_heap *heap;
	if (sbx_heap_open(limit, &heap) != SBX_DONE)
		exit(2);
	HEAP(heap)->small_max = chunks ? 512 : 0;
	return heap;
}

static bool raised_memory(sbx_run *run, bool by_system)
{
	sbx_value exception = HEAP(run)->exception;
	return exception.tag && sbx__type_of(exception) == SBX_TYPE_MemoryError &&
		   !!(HEAP(run)->flags & HEAP_SYSTEM_FULL) == by_system;
}

static uint64_t seed = 88172645463325252u;
static uint64_t random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}
static size_t random_size(void)
{
	switch (random_below(4)) {
	case 0:
		return random_below(40);
	case 1:
		return random_below(600);
	case 2:
		return 500 + random_below(30);
	default:
		return random_below(20000);
	}
}

typedef struct Block {
	unsigned char *at;
	size_t size;
	unsigned char mark;
} Block;

static bool is_whole(const Block *b)
{
	for (size_t i = 0; i < b->size; i++)
		if (b->at[i] != b->mark)
			return false;
	return true;
}

/* Random blocks made, grown, cut and freed: none may touch another. */
static void test_blocks(bool chunks)
{
	enum { COUNT = 200 };
	static Block blocks[COUNT];
	sbx_run *run = open_heap(0, chunks);
	uint64_t at_first = HEAP(run)->used;
	bool good = true;
	memset(blocks, 0, sizeof blocks);
	for (int step = 0; step < 40000 && good; step++) {
		Block *b = &blocks[random_below(COUNT)];
		size_t size = random_size(), kept = b->at && b->size < size ? b->size : size;
		unsigned char mark = (unsigned char)random_below(256);
		if (b->at && random_below(3) == 0) {
			good = is_whole(b);
			sbx__free(run, b->at, b->size);
			b->at = NULL;
			continue;
		}
		if (b->at && random_below(2)) {
			good = is_whole(b);
			b->at = sbx__realloc(run, b->at, b->size, size);
			for (size_t i = 0; i < kept && good; i++)
				good = b->at[i] == b->mark;
		} else {
			if (b->at)
				sbx__free(run, b->at, b->size);
			b->at = sbx__alloc(run, size);
		}
		good = good && b->at && (uintptr_t)b->at % 16 == 0;
		b->size = size;
		b->mark = mark;
		memset(b->at, mark, size);
	}
	for (int i = 0; i < COUNT; i++)
		if (blocks[i].at)
			sbx__free(run, blocks[i].at, blocks[i].size);
	report(chunks ? "heap blocks in chunks" : "heap blocks apart", good);
	report("heap counts what is freed",
		   chunks ? HEAP(run)->peak > HEAP(run)->used : HEAP(run)->used == at_first);
	sbx_heap_close(run);
}

static void test_end_rolls_back(void)
{
	sbx_run *run = open_heap(0, true);
	char *last, *again, *grown;
	do /* until a block lies at the end of what is used */
		last = sbx__alloc(run, 112);
	while (last + 112 != HEAP(run)->bump || HEAP(run)->bump_end - last < 512);
	sbx__free(run, last, 112);
	again = sbx__alloc(run, 300);
	grown = sbx__realloc(run, again, 300, 512);
	report("heap rolls back at its end",
		   again == last && grown == last && HEAP(run)->bump == last + 512);
	sbx_heap_close(run);
}

/* Fills a heap to its limit; the limit must hold, and most of it must be of use. */
static void test_limit(size_t size)
{
	const uint64_t limit = 4 << 20;
	sbx_run *run = open_heap(limit, true);
	uint64_t given = 0;
	char name[64];
	while (sbx__alloc(run, size))
		given += size <= 512 ? (size + 15) / 16 * 16 : size;
	snprintf(name, sizeof name, "heap limit with blocks of %zu", size);
	report(name, HEAP(run)->used <= limit && HEAP(run)->peak <= limit &&
					 given >= limit - limit / 10 - 65536 && raised_memory(run, false));
	sbx_heap_close(run);
}

/* Memory that was given out in large pieces and came back serves for small ones. */
static void test_reuse(void)
{
	const uint64_t limit = 1 << 20;
	enum { COUNT = 1800 };
	static void *blocks[COUNT];
	sbx_run *run = open_heap(limit, true);
	uint64_t given = 0;
	for (int i = 0; i < COUNT; i++)
		blocks[i] = sbx__alloc(run, 512);
	for (int i = 0; i < COUNT; i++)
		sbx__free(run, blocks[i], 512);
	while (sbx__alloc(run, 48))
		given += 48;
	report("heap cuts larger blocks at its limit", blocks[COUNT - 1] && given > COUNT * 480);
	sbx_heap_close(run);
}

static void test_large_limits(void)
{
	sbx_run *run = open_heap(1 << 20, true);
	char *block = sbx__alloc(run, 1000);
	report("heap refuses a huge block", !sbx__alloc(run, SIZE_MAX) &&
											!sbx__alloc(run, SIZE_MAX - 40) &&
											!sbx__alloc(run, 2 << 20));
	report("heap refuses to grow beyond the limit", !sbx__realloc(run, block, 1000, 2 << 20));
	block[999] = 1; /* still there */
	report("heap reserve", sbx__reserve(run, 1 << 19) == 0 && sbx__reserve(run, 2 << 20) == -1 &&
							   sbx__reserve(run, UINT64_MAX) == -1);
	sbx_heap_close(run);
	run = open_heap(UINT64_MAX, true);
	HEAP(run)->reserve = 1 << 20;
	report("heap with the largest limit", sbx__alloc(run, 100000) != NULL);
	sbx_heap_close(run);
}

/* The n-th allocation fails, for each n: the values made before it stay whole. */
static void test_failing(void)
{
	bool good = true;
	for (uint32_t n = 1; n <= 60 && good; n++) {
		sbx_run *run = open_heap(0, n % 2);
		Block blocks[60];
		uint32_t made = 0;
		HEAP(run)->fail_in = n;
		while (made < 60) {
			blocks[made].size = 10 + made * 20;
			blocks[made].mark = (unsigned char)made;
			blocks[made].at = sbx__alloc(run, blocks[made].size);
			if (!blocks[made].at)
				break;
			memset(blocks[made].at, blocks[made].mark, blocks[made].size);
			made++;
		}
		good = made == n - 1 && raised_memory(run, true);
		for (uint32_t i = 0; i < made; i++)
			good = good && is_whole(&blocks[i]);
		sbx_heap_close(run);
	}
	report("heap with a failing allocation", good);
}

/* [[[...]]], a million deep, ends without a deep C stack and leaves nothing. */
static void test_deep_release(bool chunks)
{
	sbx_run *run = open_heap(0, chunks);
	uint64_t at_first = HEAP(run)->used;
	sbx_value v = SBX_GEN_NONE;
	for (int i = 0; i < 1000000; i++)
		v = i % 3 ? sbx_gen_list_make(run, 1, &v) : sbx_gen_tuple_make(run, 1, &v);
	sbx_gen_drop(run, v);
	report(chunks ? "deep release" : "deep release, counted",
		   HEAP(run)->release_depth == 0 && (chunks || HEAP(run)->used == at_first));
	sbx_heap_close(run);
}

int main(void)
{
	test_blocks(true);
	test_blocks(false);
	test_end_rolls_back();
	for (size_t size = 1; size < 300000; size = size * 3 + 1)
		test_limit(size);
	test_reuse();
	test_large_limits();
	test_failing();
	test_deep_release(true);
	test_deep_release(false);
	return failures != 0;
}
