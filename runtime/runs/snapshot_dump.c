/*
 * Writing snapshots. The run is only looked at. Objects are walked depth first with a stack of their own; an object that
 * more than one reference holds is put into a table of addresses when it is met first, and named by its number after that.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snapshot.h"

#include <string.h>

typedef struct Met {
	const void *object;
	uint64_t number;
} Met;

/* An object whose values are being written. */
typedef struct Level {
	const sbx_value *items; /* where they lie in a row */
	const void *object;
	uint64_t at, count;
	uint32_t kind;
	SlotWalk walk; /* of a generator */
} Level;

enum { FEW_LEVELS = 8, FEW_MET = 32, FEW_BYTES = 1024, ROOM = 32, LONG_CONSTANT = 24 };

typedef struct Dump {
	sbx_run *to; /* the heap that memory is taken from */
	const Run *run;
	const sbx_gen_program *program;
	uint8_t *bytes, *at, *end;
	Level *levels;
	uint64_t depth, level_count;
	Met *met;
	uint64_t met_count, met_size;
	bool failed;  /* an exception was raised on `to` */
	bool foreign; /* something that no snapshot can hold */
	uint8_t few_bytes[FEW_BYTES];
	Level few_levels[FEW_LEVELS];
	Met few_met[FEW_MET];
} Dump;

/* ---- bytes ---- */

static bool grow(Dump *d, size_t more)
{
	size_t used = (size_t)(d->at - d->bytes), size = (size_t)(d->end - d->bytes);
	size_t wanted = size * 2 > used + more ? size * 2 : used + more + size;
	uint8_t *bytes = d->bytes == d->few_bytes ? sbx__alloc(d->to, wanted)
											  : sbx__realloc(d->to, d->bytes, size, wanted);
	if (!bytes) {
		d->failed = true;
		d->at = d->bytes; /* what is written from here on is dropped */
		return false;
	}
	if (d->bytes == d->few_bytes)
		memcpy(bytes, d->bytes, used);
	d->bytes = bytes;
	d->at = bytes + used;
	d->end = bytes + wanted;
	return true;
}

/* Room for `more` bytes; false: nothing may be written. */
static inline bool room(Dump *d, size_t more)
{
	return SBX_GEN_LIKELY((size_t)(d->end - d->at) >= more) || grow(d, more);
}

/* The three below need ROOM. */
static inline void put_varint(Dump *d, uint64_t n)
{
	while (n >= 0x80) {
		*d->at++ = (uint8_t)(n | 0x80);
		n >>= 7;
	}
	*d->at++ = (uint8_t)n;
}
static inline void put_zigzag(Dump *d, int64_t i)
{
	put_varint(d, ((uint64_t)i << 1) ^ (uint64_t)(i >> 63));
}
static inline void put_fixed(Dump *d, uint64_t n)
{
	for (int i = 0; i < 8; i++)
		*d->at++ = (uint8_t)(n >> 8 * i);
}

static void put_number(Dump *d, uint64_t n)
{
	if (room(d, ROOM))
		put_varint(d, n);
}

static void put_bytes(Dump *d, const void *bytes, size_t length)
{
	if (length && room(d, length)) {
		memcpy(d->at, bytes, length);
		d->at += length;
	}
}

static uint64_t index_in(const void *const *table, uint32_t count, const void *item, bool *found)
{
	uint32_t i = 0;
	while (i < count && table[i] != item)
		i++;
	*found = i < count;
	return i;
}

static void put_task(Dump *d, const sbx_gen_task *task)
{
	bool found;
	uint64_t index =
		index_in((const void *const *)d->program->tasks, d->program->task_count, task, &found);
	d->foreign |= !found;
	put_number(d, index);
}

static uint64_t function_index(Dump *d, const sbx_gen_function *function)
{
	bool found;
	uint64_t index = index_in((const void *const *)d->program->functions,
							  d->program->function_count, function, &found);
	d->foreign |= !found;
	return index;
}

/* ---- objects that several references hold ---- */

static inline size_t place_of(const Met *met, uint64_t size, const void *object)
{
	size_t at =
		(size_t)(((uintptr_t)object >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (size - 1);
	while (met[at].object && met[at].object != object)
		at = (at + 1) & (size - 1);
	return at;
}

static bool grow_met(Dump *d)
{
	uint64_t size = d->met_size * 4;
	Met *met = size > SIZE_MAX / sizeof *met ? NULL : sbx__alloc(d->to, size * sizeof *met);
	if (!met) {
		d->failed = true;
		return false;
	}
	memset(met, 0, size * sizeof *met);
	for (uint64_t i = 0; i < d->met_size; i++)
		if (d->met[i].object)
			met[place_of(met, size, d->met[i].object)] = d->met[i];
	if (d->met != d->few_met)
		sbx__free(d->to, d->met, d->met_size * sizeof *met);
	d->met = met;
	d->met_size = size;
	return true;
}

/* True: it was met before and is written as its number. Else it is marked. */
static bool was_met(Dump *d, const void *object)
{
	size_t at = place_of(d->met, d->met_size, object);
	if (d->met[at].object) {
		*d->at++ = TAG_REFERENCE;
		put_varint(d, d->met[at].number);
		return true;
	}
	d->met[at] = (Met){object, d->met_count++};
	*d->at++ = TAG_MARKED;
	if (d->met_count * 2 > d->met_size)
		grow_met(d);
	return false;
}

/* May others refer to it? */
static inline bool is_shared(sbx_value v)
{
	if (v.tag &
		SBX_GEN_COUNTED) /* a generator that waits is in the chain, which counts for nothing */
		return ((const sbx_gen_head *)v.u.p)->refs > 1 ||
			   (SBX_IS(v, GENERATOR) && ((const sbx_gen_head *)v.u.p)->bits);
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		return STR(v)->length > LONG_CONSTANT;
	case SBX_KIND_TUPLE:
		return TUPLE(v)->length != 0;
	default:
		return false;
	}
}

/* ---- values ---- */

static Level *push(Dump *d, unsigned kind, const void *object, const sbx_value *items,
				   uint64_t count)
{
	Level *level;
	if (d->depth == d->level_count) {
		bool few = d->levels == d->few_levels;
		size_t size = d->level_count * sizeof *level;
		Level *levels =
			few ? sbx__alloc(d->to, size * 2) : sbx__realloc(d->to, d->levels, size, size * 2);
		if (!levels) {
			d->failed = true;
			return NULL;
		}
		if (few)
			memcpy(levels, d->levels, size);
		d->levels = levels;
		d->level_count *= 2;
	}
	level = &d->levels[d->depth++];
	level->items = items;
	level->object = object;
	level->at = 0;
	level->count = count;
	level->kind = kind;
	return level;
}

/* A tag, a count, and that many values in a row. */
static void put_row(Dump *d, unsigned tag, const void *object, const sbx_value *items,
					uint64_t count)
{
	*d->at++ = (uint8_t)tag;
	put_varint(d, count);
	push(d, SBX_KIND_LIST, object, items, count);
}

static void put_str(Dump *d, sbx_value v)
{
	const sbx_gen_str *str = STR(v);
	uint32_t width = str->head.bits;
	if (width == 1 && str->length < 0x100 - TAG_SHORT) {
		*d->at++ = (uint8_t)(TAG_SHORT + str->length);
	} else {
		*d->at++ = width == 1 ? TAG_STR1 : width == 2 ? TAG_STR2 : TAG_STR4;
		put_varint(d, str->length);
	}
	put_bytes(d, str + 1, (size_t)(str->length * width));
}

/* The native slots of a frame; its value slots follow as values. */
static void put_natives(Dump *d, const sbx_gen_function *function, const sbx_gen_point *point,
						sbx_gen_frame *frame)
{
	SlotWalk walk;
	sbx__slots_begin(&walk, function, point, frame);
	while (sbx__slots_next(&walk)) {
		uint64_t bits;
		if (walk.kind == 'v' || !room(d, ROOM))
			continue;
		if (walk.kind == 'i') {
			put_zigzag(d, *(const int64_t *)walk.place);
		} else if (walk.kind == 'b') {
			*d->at++ = *(const int *)walk.place != 0;
		} else {
			memcpy(&bits, walk.place, sizeof bits);
			put_fixed(d, bits);
		}
	}
}

static bool is_in_chain(const Dump *d, const sbx_gen_frame *frame)
{
	const sbx_gen_frame *f = d->run->heap.head.top;
	while (f && f != frame)
		f = f->parent;
	return f != NULL;
}

static void put_generator(Dump *d, GeneratorObject *generator)
{
	sbx_gen_frame *frame = &generator->frame;
	const sbx_gen_point *point = sbx__point_of(frame->function, frame->state);
	enum GeneratorLife life = generator->head.bits == 0               ? LIFE_IDLE
							  : generator->head.bits & GENERATOR_DONE ? LIFE_DONE
							  : is_in_chain(d, frame)                 ? LIFE_WAITING
																	  : LIFE_LOST;
	Level *level;
	*d->at++ = TAG_GENERATOR;
	put_varint(d, function_index(d, frame->function));
	*d->at++ = (uint8_t)life;
	if (life == LIFE_DONE || life == LIFE_LOST)
		return;
	d->foreign |= !point;
	put_varint(d, frame->state);
	if (!point)
		return;
	put_natives(d, frame->function, point, frame);
	level = push(d, SBX_KIND_GENERATOR, generator, NULL, UINT64_MAX);
	if (level)
		sbx__slots_begin(&level->walk, frame->function, point, frame);
}

/* How many live entries stand before `at`. */
static uint64_t dict_place(const DictObject *dict, uint64_t at)
{
	uint64_t live = 0;
	for (uint64_t i = dict->first; i < at && i < dict->filled; i++)
		live += dict->entries[i].key.tag != 0;
	return live;
}
static uint64_t set_place(const SetObject *set, uint64_t at)
{
	uint64_t live = 0;
	for (uint64_t i = set->first; i < at && i < set->filled; i++)
		live += set->entries[i].key.tag != 0;
	return live;
}

static void put_iterator(Dump *d, const IteratorObject *it)
{
	uint64_t at = (uint64_t)it->at;
	unsigned form = it->head.bits;
	if (it->source.tag && form >= ITERATE_KEYS && form <= ITERATE_ITEMS_BACK)
		at = dict_place(DICT(it->source), at);
	else if (it->source.tag && form == ITERATE_SET)
		at = set_place(SET(it->source), at);
	if (!room(d, 2 * ROOM))
		return;
	*d->at++ = TAG_ITERATOR;
	*d->at++ = (uint8_t)form;
	put_zigzag(d, (int64_t)at);
	put_zigzag(d, it->step);
	put_varint(d, it->left);
	put_varint(d, it->remaining);
	push(d, SBX_KIND_ITERATOR, it, NULL, 2);
}

static void put_small_object(Dump *d, unsigned tag, uint64_t number, bool has_number,
							 const void *object, const sbx_value *items, uint64_t count)
{
	*d->at++ = (uint8_t)tag;
	if (has_number)
		put_varint(d, number);
	push(d, SBX_KIND_LIST, object, items, count);
}

static void put_closure(Dump *d, const sbx_gen_closure *closure)
{
	put_small_object(d, TAG_FUNCTION, function_index(d, closure->function), true, closure,
					 closure->captured, closure->default_count + closure->cell_count);
}

static void put_object(Dump *d, sbx_value v)
{
	const void *p = v.u.p;
	if (is_shared(v) && was_met(d, p))
		return;
	if (!room(d, ROOM))
		return;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_STR:
		put_str(d, v);
		break;
	case SBX_KIND_BYTES:
		*d->at++ = TAG_BYTES;
		put_varint(d, ((const sbx_gen_bytes *)p)->length);
		put_bytes(d, (const sbx_gen_bytes *)p + 1, ((const sbx_gen_bytes *)p)->length);
		break;
	case SBX_KIND_BIG:
		*d->at++ = TAG_BIG;
		put_varint(d, ((const sbx_gen_big *)p)->count * 2 + (((const sbx_gen_head *)p)->bits & 1));
		put_bytes(d, (const sbx_gen_big *)p + 1, ((const sbx_gen_big *)p)->count * 8);
		break;
	case SBX_KIND_LIST:
		put_row(d, TAG_LIST, p, LIST(v)->items, LIST(v)->length);
		break;
	case SBX_KIND_TUPLE:
		put_row(d, TAG_TUPLE, p, TUPLE(v)->items, TUPLE(v)->length);
		break;
	case SBX_KIND_DICT:
		*d->at++ = TAG_DICT;
		put_varint(d, DICT(v)->used);
		push(d, SBX_KIND_DICT, p, NULL, DICT(v)->used * 2);
		break;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		*d->at++ = SBX_IS(v, SET) ? TAG_SET : TAG_FROZENSET;
		put_varint(d, SET(v)->used);
		push(d, SBX_KIND_SET, p, NULL, SET(v)->used);
		break;
	case SBX_KIND_RANGE:
		put_small_object(d, TAG_RANGE, 0, false, p, &RANGE(v)->start, 3);
		break;
	case SBX_KIND_SLICE:
		put_small_object(d, TAG_SLICE, 0, false, p, &SLICE(v)->start, 3);
		break;
	case SBX_KIND_FUNCTION:
		put_closure(d, p);
		break;
	case SBX_KIND_METHOD:
		put_small_object(d, TAG_METHOD, ((const sbx_gen_head *)p)->bits, true, p,
						 &((const MethodObject *)p)->self, 1);
		break;
	case SBX_KIND_CELL:
		put_small_object(d, TAG_CELL, 0, false, p, &((const sbx_gen_cell *)p)->value, 1);
		break;
	case SBX_KIND_ITERATOR:
		put_iterator(d, p);
		break;
	case SBX_KIND_GENERATOR:
		put_generator(d, v.u.p);
		break;
	case SBX_KIND_DICT_VIEW:
		put_small_object(d, TAG_DICT_VIEW, ((const sbx_gen_head *)p)->bits, true, p,
						 &DICT_VIEW(v)->dict, 1);
		break;
	case SBX_KIND_EXCEPTION:
		put_small_object(d, TAG_EXCEPTION, ((const sbx_gen_head *)p)->bits, true, p,
						 &((const ExceptionObject *)p)->args, 6);
		break;
	case SBX_KIND_HANDLE:
		put_small_object(d, TAG_HANDLE, ((const sbx_gen_head *)p)->bits, true, p,
						 &((const HandleObject *)p)->path, 3);
		break;
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA:
		*d->at++ = SBX_IS(v, DATETIME) ? TAG_DATETIME : TAG_TIMEDELTA;
		put_zigzag(d, ((const TimeObject *)p)->microseconds);
		put_zigzag(d, ((const TimeObject *)p)->offset_minutes);
		break;
	default:
		d->foreign = true;
	}
}

/* One value without those that it holds. */
static inline void put_one(Dump *d, sbx_value v)
{
	uint64_t bits;
	if (SBX_GEN_UNLIKELY(!room(d, 2 * ROOM)))
		return;
	if (v.tag == SBX_KIND_INT) {
		if ((uint64_t)v.u.i < 0x80) {
			*d->at++ = (uint8_t)v.u.i;
		} else if ((uint64_t)v.u.i < 0x4000) {
			d->at[0] = (uint8_t)(TAG_SMALL | v.u.i >> 8);
			d->at[1] = (uint8_t)v.u.i;
			d->at += 2;
		} else {
			*d->at++ = TAG_INT;
			put_zigzag(d, v.u.i);
		}
		return;
	}
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_ERROR:
		*d->at++ = TAG_UNBOUND;
		break;
	case SBX_KIND_NONE:
		*d->at++ = TAG_NONE;
		break;
	case SBX_KIND_BOOL:
		*d->at++ = v.u.i ? TAG_TRUE : TAG_FALSE;
		break;
	case SBX_KIND_FLOAT:
		*d->at++ = TAG_FLOAT;
		memcpy(&bits, &v.u.f, sizeof bits);
		put_fixed(d, bits);
		break;
	case SBX_KIND_TYPE:
	case SBX_KIND_BUILTIN:
		*d->at++ = SBX_GEN_KIND(v) == SBX_KIND_TYPE ? TAG_TYPE : TAG_BUILTIN;
		put_varint(d, (uint64_t)v.u.i);
		break;
	case SBX_KIND_TASK:
		*d->at++ = TAG_TASK;
		put_task(d, v.u.p);
		break;
	case SBX_KIND_NOT_IMPLEMENTED:
		*d->at++ = TAG_NOT_IMPLEMENTED;
		break;
	case SBX_KIND_ELLIPSIS:
		*d->at++ = TAG_ELLIPSIS;
		break;
	default:
		put_object(d, v);
	}
}

/* The next value that the object of this level holds; false: there is none left. */
static inline bool next_of(Level *level, sbx_value *v)
{
	if (level->items) {
		if (level->at == level->count)
			return false;
		*v = level->items[level->at++];
		return true;
	}
	switch (level->kind) {
	case SBX_KIND_DICT: {
		const DictObject *dict = level->object;
		uint64_t entry = level->at / 2;
		while (entry < dict->filled && !dict->entries[entry].key.tag)
			entry++;
		if (entry == dict->filled)
			return false;
		*v = level->at & 1 ? dict->entries[entry].value : dict->entries[entry].key;
		level->at = entry * 2 + (level->at & 1) + 1;
		return true;
	}
	case SBX_KIND_SET: {
		const SetEntry *entry = sbx__set_next(level->object, &level->at);
		if (entry)
			*v = entry->key;
		return entry != NULL;
	}
	case SBX_KIND_ITERATOR: {
		const IteratorObject *it = level->object;
		*v = level->at ? it->extra : it->source;
		return level->at++ < 2;
	}
	case SBX_KIND_GENERATOR:
		while (sbx__slots_next(&level->walk))
			if (level->walk.kind == 'v') {
				*v = *(const sbx_value *)level->walk.place;
				return true;
			}
		return false;
	default:
		return false;
	}
}

/* The small ints that come next in a row: most of what long lists hold. */
static void put_small_ints(Dump *d, Level *level)
{
	const sbx_value *item = level->items + level->at, *end = level->items + level->count;
	uint8_t *at = d->at, *last = d->end - 2;
	for (; item < end && at <= last && item->tag == SBX_KIND_INT && (uint64_t)item->u.i < 0x4000;
		 item++) {
		if (item->u.i < 0x80) {
			*at++ = (uint8_t)item->u.i;
		} else {
			at[0] = (uint8_t)(TAG_SMALL | item->u.i >> 8);
			at[1] = (uint8_t)item->u.i;
			at += 2;
		}
	}
	level->at = (uint64_t)(item - level->items);
	d->at = at;
}

static void put_value(Dump *d, sbx_value v)
{
	put_one(d, v);
	while (d->depth && !d->failed) {
		uint64_t depth = d->depth;
		Level *level = &d->levels[depth - 1];
		while (depth == d->depth) {
			if (level->items && level->at + 4 < level->count)
				put_small_ints(d, level);
			if (!next_of(level, &v)) {
				d->depth--;
				break;
			}
			put_one(d, v);
			if (SBX_GEN_UNLIKELY(d->failed))
				return;
		}
	}
}

/* ---- the run ---- */

static void put_frame(Dump *d, sbx_gen_frame *frame)
{
	const sbx_gen_function *function = frame->function;
	const sbx_gen_point *point;
	SlotWalk walk;
	if (function == &sbx__entry_frame_function) {
		put_number(d, CHAIN_ENTRY);
		put_task(d, ((EntryFrame *)frame)->task);
		return;
	}
	if (function == &sbx__entry_map_function) {
		const EntryMap *map = (EntryMap *)frame;
		put_number(d, CHAIN_MAP);
		put_task(d, map->task);
		put_number(d, map->index);
		put_number(d, (uint64_t)map->return_exceptions | (uint64_t)map->has_caught << 1);
		put_value(d, map->lists);
		put_value(d, map->results);
		return;
	}
	if (function->flags & SBX_FUNCTION_GENERATOR) {
		GeneratorObject *generator =
			(GeneratorObject *)(void *)((char *)frame - offsetof(GeneratorObject, frame));
		put_number(d, CHAIN_GENERATOR);
		put_value(d, sbx_gen_object(SBX_KIND_GENERATOR | SBX_GEN_COUNTED, generator));
		return;
	}
	point = sbx__point_of(function, frame->state);
	put_number(d, CHAIN_FUNCTION + function_index(d, function));
	put_number(d, frame->state);
	d->foreign |= !point;
	if (!point)
		return;
	put_natives(d, function, point, frame);
	sbx__slots_begin(&walk, function, point, frame);
	while (!d->failed && sbx__slots_next(&walk))
		if (walk.kind == 'v')
			put_value(d, *(const sbx_value *)walk.place);
}

static void put_map(Dump *d, const MapCall *map)
{
	put_task(d, map->task);
	put_number(d, map->calls[0].site);
	put_number(d, map->count);
	put_number(d, map->concurrency);
	put_number(d, map->failed);
	put_number(d, map->return_exceptions);
	for (uint64_t i = 0; i < map->count && !d->failed; i++) {
		bool answered = map->calls[i].state == CALL_ANSWERED;
		put_number(d, answered);
		if (answered)
			put_value(d, map->results[i]);
		else
			for (uint32_t k = 0; k < map->task->param_count; k++)
				put_value(d, map->calls[i].args[k]);
	}
}

static void put_state(Dump *d)
{
	const Run *run = d->run;
	const MapCall *map = run->extra ? run->extra->map : NULL;
	uint32_t flags = run->flags & RUN_FRESH       ? STATE_FRESH
					 : run->status == SBX_WAITING ? (map ? STATE_MAP : STATE_CALL)
					 : run->heap.head.value.tag   ? STATE_VALUE
												  : STATE_RAISED;
	bool found;
	put_number(d, index_in((const void *const *)d->program->entries, d->program->entry_count,
						   run->entry, &found));
	d->foreign |= !found;
	put_number(d, flags);
	put_number(d, run->call.id);
	put_number(d, sbx__limits_steps(run));
	put_number(d, sbx__limits_nanoseconds(run));
	if (flags == STATE_FRESH) {
		for (uint32_t i = 0; i < run->entry->input_count; i++)
			put_value(d, run->call.args[i]);
	} else if (flags == STATE_CALL) {
		put_task(d, run->call.task);
		put_number(d, run->call.site);
		for (uint32_t i = 0; i < run->call.task->param_count; i++)
			put_value(d, run->call.args[i]);
	} else if (flags == STATE_MAP) {
		put_map(d, map);
	} else if (flags == STATE_VALUE) {
		put_value(d, run->heap.head.value);
	} else {
		put_number(d, (uint64_t)-run->failure);
		put_value(d, run->heap.exception);
	}
}

static void put_run(Dump *d)
{
	uint64_t frames = 0;
	memcpy(d->at, "SBX", 3);
	d->at[3] = SNAPSHOT_VERSION;
	d->at += 4;
	put_fixed(d, d->program->fingerprint);
	put_state(d);
	for (const sbx_gen_frame *f = d->run->heap.head.top; f; f = f->parent)
		frames++;
	put_number(d, frames);
	for (sbx_gen_frame *f = d->run->heap.head.top; f && !d->failed; f = f->parent)
		put_frame(d, f);
	if (!d->failed && room(d, ROOM))
		put_fixed(d, sbx__snapshot_sum(d->bytes, (size_t)(d->at - d->bytes)));
}

sbx_status sbx_run_snapshot(const sbx_run *head, sbx_heap *to, sbx_value *bytes)
{
	const Run *run = (const Run *)head;
	Dump d;
	sbx_status status = SBX_DONE;
	*bytes = SBX_GEN_ERROR;
	if (!run->entry || to == head)
		return SBX_E_ARGUMENT;
	if (run->status != SBX_WAITING && run->status != SBX_RUNNING)
		return SBX_E_STATE;
	d.to = to;
	d.run = run;
	d.program = run->entry->program;
	d.bytes = d.at = d.few_bytes;
	d.end = d.few_bytes + FEW_BYTES;
	d.levels = d.few_levels;
	d.level_count = FEW_LEVELS;
	d.met = d.few_met;
	d.met_size = FEW_MET;
	d.depth = d.met_count = 0;
	d.failed = d.foreign = false;
	memset(d.few_met, 0, sizeof d.few_met);
	put_run(&d);
	if (!d.failed && !d.foreign)
		*bytes = sbx_bytes_make(to, d.bytes, (size_t)(d.at - d.bytes));
	if (d.foreign)
		status = SBX_E_STATE;
	else if (!bytes->tag)
		status = HEAP(to)->flags & HEAP_SYSTEM_FULL ? SBX_E_NO_MEMORY : SBX_E_MEMORY;
	if (d.bytes != d.few_bytes)
		sbx__free(to, d.bytes, (size_t)(d.end - d.bytes));
	if (d.levels != d.few_levels)
		sbx__free(to, d.levels, d.level_count * sizeof *d.levels);
	if (d.met != d.few_met)
		sbx__free(to, d.met, d.met_size * sizeof *d.met);
	return status;
}

/* ---- the check sum ---- */

static inline uint64_t mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9E3779B97F4A7C15);
	return sum ^ sum >> 32;
}

static inline uint64_t word_at(const uint8_t *bytes)
{
	uint64_t word = 0;
	for (int i = 0; i < 8; i++)
		word |= (uint64_t)bytes[i] << 8 * i;
	return word;
}

/* Four lanes, so that the multiplications overlap. A change of one word always changes the sum. */
uint64_t sbx__snapshot_sum(const uint8_t *bytes, size_t length)
{
	uint64_t lanes[4] = {1, 2, 3, 4}, sum = length;
	const uint8_t *end = bytes + length;
	for (; end - bytes >= 32; bytes += 32)
		for (int i = 0; i < 4; i++)
			lanes[i] = mix(lanes[i], word_at(bytes + 8 * i));
	for (int i = 0; i < 4; i++)
		sum = mix(sum, lanes[i]);
	for (; end - bytes >= 8; bytes += 8)
		sum = mix(sum, word_at(bytes));
	for (; bytes < end; bytes++)
		sum = mix(sum, *bytes);
	return sum;
}
