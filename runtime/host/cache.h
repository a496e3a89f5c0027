/*
 * The cache of results, in the order of its work:
 *
 *   cache.c         the file: looking up, storing, listing, pruning (start here)
 *   cache_key.c     what a result depends on, as one hash
 *   content.c       what is in files and folders
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CACHE_H
#define SBX_CACHE_H

#include <stdbool.h>

#include "sbx.h"

/* What a task's declaration says, read once for each task. */
typedef struct CachePlan {
	struct CachePlan *next;
	char *name, *extra; /* of the task it was made for */
	bool looks_up, stores;
	char *version; /* NULL: neither looks up nor stores */
	char **ignored;
	size_t ignored_count;
	sbx_sha256 begun; /* over name, version, interface */
} CachePlan;

/* Made with malloc; NULL: no memory. base_image may be NULL. */
CachePlan *cache_plan_make(const sbx_call *call, const char *base_image);
void cache_plan_free(CachePlan *plan);
bool cache_plan_is_for(const CachePlan *plan, const sbx_call *call);
/* False: some input cannot be read, so that the call has no key. */
bool cache_key(const CachePlan *plan, sbx_heap *heap, const sbx_call *call, unsigned char key[32]);

/* The digests of all files and folders that a value names, one after the other; made with malloc. False: one cannot be
   read, or there is no memory. */
bool cache_value_files(sbx_heap *heap, sbx_value v, unsigned char **digests, size_t *size);

#endif
