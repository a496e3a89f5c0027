/*
 * malloc and its kin under the linker's --wrap: the file that includes this says which allocations fail.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TEST_FAILING_MALLOC_H
#define SBX_TEST_FAILING_MALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static int64_t blocks; /* not given back yet */
static bool fails(void);

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static void *taken(void *block)
{
	blocks += block != NULL;
	return block;
}
void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : taken(__real_malloc(size));
}
void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : taken(__real_calloc(count, size));
}
void *__wrap_realloc(void *block, size_t size)
{
	if (fails())
		return NULL;
	return block ? __real_realloc(block, size) : taken(__real_realloc(block, size));
}
void __wrap_free(void *block)
{
	blocks -= block != NULL;
	__real_free(block);
}

#endif
