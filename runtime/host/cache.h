/*
 * The cache of results, in the order of its work:
 *
 *   cache.c         the file: opening, writing, listing, pruning (start here)
 *   cache_hooks.c   what a dispatcher asks: looking up, storing
 *   cache_key.c     what a result depends on, as one hash
 *   cache_files.c   the files that values name
 *   content.c       what is in files and folders
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CACHE_H
#define SBX_CACHE_H

#include <stdbool.h>

#include "content.h"
#include "database.h"
#include "sbx-host.h"

enum { CACHE_DEEPEST = 1000 }; /* as the wire form; deeper values pass no boundary */

/* ---- cache_files.c ---- */

/* All files and folders that some values name, and 32 bytes for what is in each. Begins as {0}. */
typedef struct CacheFiles {
	char **paths;
	unsigned char *digests;
	size_t count, room;
	size_t done; /* so many have been read */
	Content *content;
} CacheFiles;

/* Those of a value, behind the others. False: one has no path, or there is no memory. */
bool cache_files_add(CacheFiles *files, sbx_heap *heap, sbx_value v);
/* As content_read, of all. */
sbx_status cache_files_read(CacheFiles *files, int64_t *budget);
void cache_files_free(CacheFiles *files);

/* ---- cache_key.c ---- */

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
/* The files among the call's inputs. False: as cache_files_add. */
bool cache_key_files(const CachePlan *plan, sbx_heap *heap, const sbx_call *call,
					 CacheFiles *files);
/* When those have been read. False: there is no memory, or some input is nested too deep. */
bool cache_key(const CachePlan *plan, sbx_heap *heap, const sbx_call *call, const CacheFiles *files,
			   unsigned char key[32]);

/* ---- cache.c ---- */

/* What is to be written: a result, or (value NULL) a hit. */
typedef struct CachePending {
	struct CachePending *next;
	struct CachePending *chain; /* the next result of its bucket */
	unsigned char key[32], proof[32];
	const CachePlan *plan;
	unsigned char *value, *files;
	size_t value_size, files_size;
	int64_t time;
} CachePending;

struct sbx_cache_file {
	Database *db;
	Statement *find, *add, *hit;
	sbx_heap *heap;
	sbx_log *log;
	char *base_image;
	CachePlan *plans;
	CachePending *pending, **end;
	CachePending
		*buckets[256]; /* results that are pending, by the key's first byte, the newest first */
	int64_t
		budget; /* what may still be read of files before the next flush, as content_read counts */
	unsigned locked_tries; /* that have failed in a row, */
	int64_t locked_since;  /* and since when */
	bool is_broken;        /* told, and not used any more */
	char problem[512];
};

/* Files are read so far in a poll: about 2 ms. */
enum { CACHE_BUDGET = 512 * 1024 };

/* The tasks go on without the cache, which the log tells once. */
void cache_give_up(sbx_cache_file *c);
/* Writes what is pending, and begins a new budget. waits: for the lock, for ten seconds; else it stays pending so long. */
void cache_flush(sbx_cache_file *c, bool waits);

#endif
