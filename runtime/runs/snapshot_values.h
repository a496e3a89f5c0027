/*
 * Reading snapshots: what snapshot_values.c (values) offers snapshot_load.c (runs).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SNAPSHOT_VALUES_H
#define SBX_SNAPSHOT_VALUES_H

#include "snapshot.h"

/* An object whose values are being read. */
typedef struct LoadLevel {
	sbx_value v;
	sbx_value key; /* of a dict: waits for its value */
	uint64_t at, count;
	uint32_t tag;
	SlotWalk walk; /* of a generator */
} LoadLevel;

enum { LOAD_FEW_LEVELS = 8, LOAD_FEW_MARKED = 8 };

typedef struct Load {
	sbx_run *head;
	const sbx_gen_program *program;
	const uint8_t *at, *end;
	bool bad; /* damaged or forged; where it is false after a failure, an exception was raised */
	LoadLevel *levels;
	uint64_t depth, level_count;
	sbx_value *marked;
	uint64_t marked_count, marked_size;
	uint64_t steps, executed;
	uint64_t waiting; /* generators whose frames are not in the chain yet */
	LoadLevel few_levels[LOAD_FEW_LEVELS];
	sbx_value few_marked[LOAD_FEW_MARKED];
} Load;

/* A varint. After damage 0, and `bad`. */
uint64_t sbx__load_number(Load *l);
/* A number below `most`. */
uint64_t sbx__load_index(Load *l, uint64_t most);
const sbx_gen_task *sbx__load_task(Load *l);
/* A whole value of a class (sbx_gen_point tells their letters; `function` is what q means). False: bad, or raised. */
bool sbx__load_value(Load *l, uint8_t letter, const sbx_gen_function *function, sbx_value *v);
/* The native slots of a frame that is all zero. */
bool sbx__load_natives(Load *l, const sbx_gen_function *function, const sbx_gen_point *point,
					   sbx_gen_frame *frame);
bool sbx__class_allows(uint8_t letter, const sbx_gen_function *function, sbx_value v);

#endif
