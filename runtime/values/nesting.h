/*
 * A way through nested containers without recursion in C, for writers of JSON and of the wire form.
 *
 * The stack has the containers around the present value. Going into one that is on the stack already means that it
 * contains itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_NESTING_H
#define SBX_NESTING_H

#include "boundary.h"
#include "containers.h"

typedef struct NestingLevel {
	sbx_value container; /* list, tuple, dict, set or frozenset; borrowed */
	uint64_t at;         /* the next item, or entry of a table */
	uint64_t done;       /* items given */
} NestingLevel;

typedef struct Nesting {
	sbx_run *run;
	NestingLevel *levels;
	uint64_t count, capacity;
} Nesting;

enum NestingResult { NESTING_OK, NESTING_CYCLE, NESTING_DEEP, NESTING_MEMORY };

void sbx__nesting_init(Nesting *nesting, sbx_run *run);
enum NestingResult sbx__nesting_enter(Nesting *nesting, sbx_value container, uint64_t max_depth);
/* The same for a writer: 0, or -1 raised, with `deep` as the text of RecursionError. */
int sbx__nesting_write(Nesting *nesting, sbx_value container, uint64_t max_depth, const char *deep);
/* The next item of the innermost container; of a dict its key, and *value. False: it is done, and left. */
bool sbx__nesting_next(Nesting *nesting, sbx_value *item, sbx_value *value);
void sbx__nesting_fini(Nesting *nesting);

/* Writes a value: 0, or -1 raised. */
typedef int (*PutValue)(ByteBuffer *out, Nesting *nesting, sbx_value v);
/* What sbx_json_dump and sbx_wire_dump do: *written is a value of `kind`; `otherwise` as in sbx__status_of_error. */
sbx_status sbx__dump(sbx_heap *heap, sbx_value v, PutValue put, unsigned kind, sbx_status otherwise,
					 sbx_value *written);

static inline bool sbx__is_container(sbx_value v)
{
	unsigned kind = SBX_GEN_KIND(v);
	return kind >= SBX_KIND_LIST && kind <= SBX_KIND_FROZENSET;
}

#endif
