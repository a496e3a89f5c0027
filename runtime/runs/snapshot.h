/*
 * The form of snapshots (docs/notes/snapshots.md has the idea).
 *
 *   "SBX" version   fingerprint (8)   state   frames   check sum (8)
 *
 *   state   entry, flags, last call id, steps, nanoseconds used, then by flags:
 *           FRESH    the inputs
 *           CALL     task, site, its arguments
 *           MAP      the calls of a flyte_map
 *           VALUE    what the innermost frame gets
 *           RAISED   the exception that it gets, the status that it leads to
 *   frames  how many, then innermost first each: 0 a frame between orchestrators, 1 a flyte_map over an orchestrator,
 *           2 a generator (a value follows), or 3 + its function; then its state, native slots, value slots
 *
 * Numbers are varints of seven bits, least first, the high bit telling that more follow; fixed ones are little-endian.
 * A value is one byte, enum SnapshotTag, and what follows it. The values that an object holds follow its own bytes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SNAPSHOT_H
#define SBX_SNAPSHOT_H

#include "../values/containers.h"
#include "run.h"

enum {
	SNAPSHOT_VERSION = 1,
	SNAPSHOT_HEAD = 12, /* "SBX", version, fingerprint */
	SNAPSHOT_TAIL = 8
};

enum SnapshotTag {
	/* 0x00 to 0x7F: that int; 0x80 to 0xBF: an int of 14 bits, the low eight in a byte that follows */
	TAG_SMALL = 0x80,
	TAG_UNBOUND = 0xC0,
	TAG_NONE,
	TAG_FALSE,
	TAG_TRUE,
	TAG_INT,   /* zigzag */
	TAG_FLOAT, /* 8 bytes */
	TAG_TYPE,
	TAG_BUILTIN,
	TAG_TASK,
	TAG_NOT_IMPLEMENTED,
	TAG_ELLIPSIS,
	TAG_REFERENCE, /* the number of an object that was marked */
	TAG_MARKED,    /* the object that follows gets the next number */
	TAG_BIG,       /* limbs * 2 + negative; the limbs */
	TAG_STR1,      /* length; code units */
	TAG_STR2,
	TAG_STR4,
	TAG_BYTES,
	TAG_DATETIME, /* microseconds, offset, both zigzag */
	TAG_TIMEDELTA,
	TAG_LIST, /* count */
	TAG_TUPLE,
	TAG_DICT, /* pairs */
	TAG_SET,
	TAG_FROZENSET,
	TAG_RANGE,
	TAG_SLICE,
	TAG_FUNCTION, /* index */
	TAG_METHOD,   /* index */
	TAG_CELL,
	TAG_ITERATOR,    /* form, at, step, left, remaining */
	TAG_GENERATOR,   /* function, enum GeneratorLife; idle and waiting ones: state, native slots */
	TAG_DICT_VIEW,   /* form */
	TAG_EXCEPTION,   /* type */
	TAG_HANDLE,      /* kind */
	TAG_SHORT = 0xE8 /* a STR1 of 0 to 23 characters */
};

enum GeneratorLife {
	LIFE_IDLE,
	LIFE_DONE,
	LIFE_WAITING, /* its frame is in the chain */
	LIFE_LOST     /* an exception has gone through it: it holds nothing */
};

enum SnapshotFlags {
	STATE_FRESH = 1,
	STATE_CALL = 2,
	STATE_MAP = 4,
	STATE_VALUE = 8,
	STATE_RAISED = 16
};

enum { CHAIN_ENTRY, CHAIN_MAP, CHAIN_GENERATOR, CHAIN_FUNCTION };

uint64_t sbx__snapshot_sum(const uint8_t *bytes, size_t length);

/* Where the slots of a frame lie: they stand in the order v, i, f, b, but a generator's first ones are all v. */
static inline size_t sbx__slot_size(uint8_t kind)
{
	return kind == 'v' ? sizeof(sbx_value) : kind == 'b' ? sizeof(int) : 8;
}

/* Walks the slots that are live at a point. */
typedef struct SlotWalk {
	const sbx_gen_function *function;
	const sbx_gen_point *point;
	char *at;       /* where `slot` lies */
	uint32_t slot;  /* the next one that is not passed yet */
	uint32_t keep;  /* of point->keeps */
	uint8_t letter; /* of the slot found */
	uint8_t kind;   /* v i f b */
	void *place;    /* of the slot found */
} SlotWalk;

static inline void sbx__slots_begin(SlotWalk *walk, const sbx_gen_function *function,
									const sbx_gen_point *point, sbx_gen_frame *frame)
{
	*walk = (SlotWalk){.function = function, .point = point, .at = (char *)(frame + 1)};
	while (walk->slot < point->skipped)
		walk->at += sbx__slot_size(function->slots[walk->slot++]);
}

static inline bool sbx__slots_next(SlotWalk *walk)
{
	while (walk->keep < walk->point->keep_count) {
		const uint8_t *pair = walk->point->keeps + 2 * (size_t)walk->keep++;
		for (uint32_t skip = pair[0]; skip; skip--)
			walk->at += sbx__slot_size(walk->function->slots[walk->slot++]);
		walk->letter = pair[1];
		walk->kind = walk->function->slots[walk->slot++];
		walk->place = walk->at;
		walk->at += sbx__slot_size(walk->kind);
		if (walk->letter != '-')
			return true;
	}
	return false;
}

/* The state that stands behind `function` and `state`; NULL: there is none. */
static inline const sbx_gen_point *sbx__point_of(const sbx_gen_function *function, uint64_t state)
{
	return state < function->point_count ? &function->points[state] : NULL;
}

#endif
