/*
 * Reading the values of a snapshot. Nothing is believed: counts are compared with the bytes that are left, references with
 * what has come, and each object is looked at when its last value is in its place. Until then it is a safe object of
 * its kind (an empty list, a tuple of Nones), since a later value may already refer to it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snapshot_values.h"

#include <string.h>

#include "../values/numbers.h"

/* ---- numbers ---- */

static bool damaged(Load *l)
{
	l->bad = true;
	l->at = l->end;
	return false;
}

static inline uint64_t left(const Load *l)
{
	return (uint64_t)(l->end - l->at);
}

uint64_t sbx__load_number(Load *l)
{
	uint64_t n = 0;
	for (unsigned shift = 0; shift < 64 && l->at < l->end; shift += 7) {
		uint8_t byte = *l->at++;
		if (shift == 63 && byte > 1)
			break;
		n |= (uint64_t)(byte & 0x7F) << shift;
		if (byte < 0x80)
			return n;
	}
	damaged(l);
	return 0;
}

uint64_t sbx__load_index(Load *l, uint64_t most)
{
	uint64_t n = sbx__load_number(l);
	if (n < most)
		return n;
	damaged(l);
	return 0;
}

const sbx_gen_task *sbx__load_task(Load *l)
{
	uint64_t index = sbx__load_index(l, l->program->task_count);
	return l->bad ? NULL : l->program->tasks[index];
}

static int64_t load_zigzag(Load *l)
{
	uint64_t n = sbx__load_number(l);
	return (int64_t)(n >> 1 ^ (0 - (n & 1)));
}

static uint64_t load_fixed(Load *l)
{
	uint64_t n = 0;
	if (left(l) < 8) {
		damaged(l);
		return 0;
	}
	for (int i = 0; i < 8; i++)
		n |= (uint64_t)*l->at++ << 8 * i;
	return n;
}

static uint8_t load_byte(Load *l)
{
	if (l->at < l->end)
		return *l->at++;
	damaged(l);
	return 0;
}

/* A count of things that take `size` bytes here. */
static uint64_t load_count(Load *l, uint64_t size)
{
	uint64_t n = sbx__load_number(l);
	if (n <= left(l) / size)
		return n;
	damaged(l);
	return 0;
}

/* ---- classes ---- */

/* What a variable of the program can hold: no cell, no function that only generators are made of. */
static inline bool is_plain(sbx_value v)
{
	unsigned kind = SBX_GEN_KIND(v);
	if (SBX_GEN_LIKELY(kind < SBX_KIND_FUNCTION))
		return kind != SBX_KIND_ERROR;
	if (kind == SBX_KIND_FUNCTION)
		return ((const sbx_gen_closure *)v.u.p)->function->call != NULL;
	return kind != SBX_KIND_CELL;
}

bool sbx__class_allows(uint8_t letter, const sbx_gen_function *function, sbx_value v)
{
	unsigned kind = SBX_GEN_KIND(v);
	if (!v.tag)
		return letter < 'a';
	switch (letter | 0x20) {
	case 'v':
		return is_plain(v);
	case 'l':
		return kind == SBX_KIND_LIST;
	case 't':
		return kind == SBX_KIND_TUPLE;
	case 'd':
		return kind == SBX_KIND_DICT;
	case 'e':
		return kind == SBX_KIND_SET;
	case 's':
		return kind == SBX_KIND_STR;
	case 'n':
		return kind == SBX_KIND_ITERATOR || kind == SBX_KIND_GENERATOR;
	case 'p':
		return kind == SBX_KIND_LIST || kind == SBX_KIND_TUPLE;
	case 'o':
		return kind == SBX_KIND_DICT || kind == SBX_KIND_NONE;
	case 'r':
		return kind == SBX_KIND_LIST || kind == SBX_KIND_NONE;
	case 'c':
		return kind == SBX_KIND_CELL;
	case 'q':
		return kind == SBX_KIND_FUNCTION && ((const sbx_gen_closure *)v.u.p)->function == function;
	default:
		return false;
	}
}

/* ---- objects without values ---- */

static bool load_str(Load *l, uint64_t length, uint32_t width, sbx_value *v)
{
	uint32_t most = 0;
	void *units;
	if (length > left(l) / width)
		return damaged(l);
	*v = sbx__str_alloc(l->head, length, width, &units);
	if (!v->tag)
		return false;
	if (length)
		memcpy(units, l->at, (size_t)(length * width));
	l->at += length * width;
	if (width == 1)
		return true;
	for (uint64_t i = 0; i < length; i++) {
		uint32_t point = width == 2 ? ((uint16_t *)units)[i] : ((uint32_t *)units)[i];
		most = point > most ? point : most;
	}
	return most > (width == 2 ? 0xFF : 0xFFFF) && most <= 0x10FFFF ? true : damaged(l);
}

static bool load_bytes(Load *l, sbx_value *v)
{
	uint64_t length = load_count(l, 1);
	if (l->bad)
		return false;
	*v = sbx_bytes_make(l->head, l->at, (size_t)length);
	l->at += length;
	return v->tag != 0;
}

static bool load_big(Load *l, sbx_value *v)
{
	uint64_t head = sbx__load_number(l), count = head / 2;
	uint64_t *limbs;
	sbx_gen_big *big;
	if (l->bad || count == 0 || count > left(l) / 8)
		return damaged(l);
	*v = sbx__object(l->head, SBX_KIND_BIG, sizeof *big + (size_t)count * 8, &big);
	if (!v->tag)
		return false;
	big->head.bits = head & 1;
	big->count = count;
	limbs = (uint64_t *)(big + 1);
	for (uint64_t i = 0; i < count; i++)
		limbs[i] = load_fixed(l);
	if (limbs[count - 1] == 0)
		return damaged(l);
	if (count == 1 && limbs[0] <= (uint64_t)INT64_MAX + (head & 1))
		return damaged(l); /* it fits a machine int */
	return true;
}

static bool load_time(Load *l, unsigned kind, sbx_value *v)
{
	TimeObject *time;
	int64_t offset;
	*v = sbx__object(l->head, kind, sizeof *time, &time);
	if (!v->tag)
		return false;
	time->microseconds = load_zigzag(l);
	offset = load_zigzag(l);
	time->offset_minutes = (int32_t)offset;
	if (offset != INT32_MIN && (offset <= -24 * 60 || offset >= 24 * 60))
		return damaged(l);
	return !l->bad;
}

/* ---- objects that hold values ---- */

static bool push(Load *l, unsigned tag, sbx_value v, uint64_t count)
{
	LoadLevel *level;
	if (l->depth == l->level_count) {
		bool few = l->levels == l->few_levels;
		size_t size = (size_t)l->level_count * sizeof *level;
		LoadLevel *levels =
			few ? sbx__alloc(l->head, size * 2) : sbx__realloc(l->head, l->levels, size, size * 2);
		if (!levels)
			return false;
		if (few)
			memcpy(levels, l->levels, size);
		l->levels = levels;
		l->level_count *= 2;
	}
	level = &l->levels[l->depth++];
	level->v = v;
	level->key = SBX_GEN_ERROR;
	level->at = 0;
	level->count = count;
	level->tag = tag;
	return true;
}

static bool open_container(Load *l, unsigned tag, sbx_value *v)
{
	uint64_t count = load_count(l, tag == TAG_DICT ? 2 : 1);
	if (l->bad)
		return false;
	switch (tag) {
	case TAG_LIST:
		*v = sbx__list_alloc(l->head, count);
		break;
	case TAG_TUPLE:
		*v = sbx__tuple_alloc(l->head, count);
		for (uint64_t i = 0; v->tag && i < count; i++)
			TUPLE(*v)->items[i] = SBX_GEN_NONE;
		break;
	case TAG_DICT:
		*v = sbx__dict_alloc(l->head, count);
		break;
	default:
		*v = sbx__set_alloc(l->head, count, tag == TAG_FROZENSET);
	}
	return v->tag && push(l, tag, *v, tag == TAG_DICT ? count * 2 : count);
}

static bool open_closure(Load *l, sbx_value *v)
{
	uint64_t index = sbx__load_index(l, l->program->function_count);
	const sbx_gen_function *function = l->bad ? NULL : l->program->functions[index];
	sbx_gen_closure *closure;
	uint32_t count;
	if (!function)
		return damaged(l);
	count = (uint32_t)function->default_count + function->cell_count;
	*v = sbx__object(l->head, SBX_KIND_FUNCTION,
					 sizeof *closure + count * sizeof *closure->captured, &closure);
	if (!v->tag)
		return false;
	closure->function = function;
	closure->default_count = function->default_count;
	closure->cell_count = function->cell_count;
	for (uint32_t i = 0; i < count; i++)
		closure->captured[i] = SBX_GEN_NONE;
	return push(l, TAG_FUNCTION, *v, count);
}

static bool open_generator(Load *l, sbx_value *v)
{
	uint64_t index = sbx__load_index(l, l->program->function_count);
	const sbx_gen_function *function = l->bad ? NULL : l->program->functions[index];
	uint8_t life = load_byte(l);
	const sbx_gen_point *point = NULL;
	GeneratorObject *generator;
	uint64_t state = 0;
	size_t size;
	if (!function || !(function->flags & SBX_FUNCTION_GENERATOR) || l->bad || life > LIFE_LOST)
		return damaged(l);
	if (life == LIFE_IDLE || life == LIFE_WAITING) {
		state = sbx__load_number(l);
		point = l->bad ? NULL : sbx__point_of(function, state);
		if (!point || (life == LIFE_IDLE) !=
						  (point->kind == SBX_POINT_YIELD || point->kind == SBX_POINT_START))
			return damaged(l);
	}
	size = offsetof(GeneratorObject, frame) + function->frame_size;
	*v = sbx__object(l->head, SBX_KIND_GENERATOR, size, &generator);
	if (!v->tag)
		return false;
	memset(&generator->frame, 0, function->frame_size);
	/* Until it is whole it is one that is running, so that nobody looks at its slots. */
	generator->head.bits = GENERATOR_RUNNING;
	generator->frame.function = function;
	generator->frame.state = (uint32_t)state;
	if (life == LIFE_DONE)
		generator->head.bits = GENERATOR_DONE;
	if (!point)
		return push(l, TAG_GENERATOR, *v, 0);
	generator->frame.site = point->site;
	if (life == LIFE_WAITING) {
		generator->frame.parent = &generator->frame; /* marks it until it is linked */
		l->waiting++;
	}
	if (!sbx__load_natives(l, function, point, &generator->frame) ||
		!push(l, TAG_GENERATOR, *v, UINT64_MAX))
		return false;
	sbx__slots_begin(&l->levels[l->depth - 1].walk, function, point, &generator->frame);
	return true;
}

static bool open_iterator(Load *l, sbx_value *v)
{
	IteratorObject *it;
	uint8_t form = load_byte(l);
	if (form > ITERATE_REVERSED)
		return damaged(l);
	*v = sbx__object(l->head, SBX_KIND_ITERATOR, sizeof *it, &it);
	if (!v->tag)
		return false;
	it->source = SBX_GEN_ERROR;
	it->extra = SBX_GEN_NONE;
	it->is_asked = false;
	it->head.bits = form;
	it->at = load_zigzag(l);
	it->step = load_zigzag(l);
	it->left = sbx__load_number(l);
	it->remaining = sbx__load_number(l);
	if (it->at < 0 && form != ITERATE_RANGE)
		return damaged(l);
	return !l->bad && push(l, TAG_ITERATOR, *v, 2);
}

/* An object of `count` values in a row behind its head. */
static bool open_row(Load *l, unsigned tag, unsigned kind, size_t size, uint32_t bits,
					 uint32_t count, sbx_value *v)
{
	sbx_gen_head *object;
	sbx_value *items;
	*v = sbx__object(l->head, kind, size, &object);
	if (!v->tag)
		return false;
	object->bits = bits;
	items = (sbx_value *)(void *)(object + 1);
	for (size_t i = 0; i < (size - sizeof *object) / sizeof *items; i++)
		items[i] = kind == SBX_KIND_RANGE ? sbx_gen_int(1) : SBX_GEN_NONE;
	return push(l, tag, *v, count);
}

static bool open_small(Load *l, unsigned tag, sbx_value *v)
{
	uint64_t number = 0;
	switch (tag) {
	case TAG_RANGE:
		return open_row(l, tag, SBX_KIND_RANGE, sizeof(RangeObject), 0, 3, v);
	case TAG_SLICE:
		return open_row(l, tag, SBX_KIND_SLICE, sizeof(SliceObject), 0, 3, v);
	case TAG_CELL:
		return open_row(l, tag, SBX_KIND_CELL, sizeof(sbx_gen_cell), 0, 1, v);
	case TAG_METHOD:
		number = sbx__load_index(l, SBX_METHOD_COUNT);
		return !l->bad &&
			   open_row(l, tag, SBX_KIND_METHOD, sizeof(MethodObject), (uint32_t)number, 1, v);
	case TAG_DICT_VIEW:
		number = sbx__load_index(l, VIEW_ITEMS + 1);
		if (!l->bad &&
			open_row(l, tag, SBX_KIND_DICT_VIEW, sizeof(DictViewObject), (uint32_t)number, 1, v)) {
			DICT_VIEW(*v)->dict = sbx__dict_alloc(l->head, 0); /* never a view of nothing */
			return DICT_VIEW(*v)->dict.tag != 0;
		}
		return false;
	case TAG_EXCEPTION:
		number = sbx__load_index(l, SBX_TYPE_COUNT);
		if (!sbx__is_exception_type((int)number))
			return damaged(l);
		if (!open_row(l, tag, SBX_KIND_EXCEPTION, sizeof(ExceptionObject), (uint32_t)number, 6, v))
			return false;
		((ExceptionObject *)v->u.p)->args = sbx__tuple_alloc(l->head, 0);
		return ((ExceptionObject *)v->u.p)->args.tag != 0;
	default: /* TAG_HANDLE */
		number = sbx__load_number(l);
		if (number != SBX_FILE && number != SBX_DIR && number != SBX_DATAFRAME)
			return damaged(l);
		return open_row(l, tag, SBX_KIND_HANDLE, sizeof(HandleObject), (uint32_t)number, 3, v);
	}
}

/* ---- putting a value into the object at hand ---- */

static bool put_pair(Load *l, LoadLevel *level, sbx_value v)
{
	uint64_t used = DICT(level->v)->used;
	if (level->at & 1) {
		if (sbx_gen_dict_set(l->head, level->v, level->key, v))
			return false;
		level->key = SBX_GEN_ERROR;
		return DICT(level->v)->used == used + 1 ? true : damaged(l);
	}
	level->key = v;
	return true;
}

static bool put_generator_slot(Load *l, LoadLevel *level, sbx_value v)
{
	SlotWalk *walk = &level->walk;
	if (!sbx__class_allows(walk->letter, walk->function, v))
		return damaged(l);
	*(sbx_value *)walk->place = v;
	return true;
}

/* `v` (taken) is the next value that the object holds. */
static bool put(Load *l, LoadLevel *level, sbx_value v)
{
	void *object = level->v.u.p;
	switch (level->tag) {
	case TAG_FUNCTION: {
		sbx_gen_closure *closure = object;
		bool is_cell = SBX_GEN_KIND(v) == SBX_KIND_CELL;
		if (level->at < closure->default_count ? !is_plain(v) : !is_cell)
			return damaged(l);
		closure->captured[level->at] = v;
		return true;
	}
	case TAG_GENERATOR:
		return put_generator_slot(l, level, v);
	case TAG_CELL:
		if (v.tag && !is_plain(v))
			return damaged(l);
		((sbx_gen_cell *)object)->value = v;
		return true;
	case TAG_ITERATOR:
		if (!is_plain(v) && (v.tag || level->at))
			return damaged(l);
		*(level->at == 0 ? &ITERATOR(level->v)->source : &ITERATOR(level->v)->extra) = v;
		return true;
	default:
		break;
	}
	if (!is_plain(v))
		return damaged(l);
	switch (level->tag) {
	case TAG_LIST:
		LIST(level->v)->items[LIST(level->v)->length++] = v;
		return true;
	case TAG_TUPLE:
		TUPLE(level->v)->items[level->at] = v;
		return true;
	case TAG_DICT:
		return put_pair(l, level, v);
	case TAG_SET:
	case TAG_FROZENSET: {
		int was_new = sbx__set_put(l->head, level->v, v);
		sbx_gen_drop(l->head, v);
		return was_new == 1 ? true : was_new < 0 ? false : damaged(l);
	}
	case TAG_DICT_VIEW:
		if (!SBX_IS(v, DICT))
			return damaged(l);
		sbx_gen_drop(l->head, DICT_VIEW(level->v)->dict);
		DICT_VIEW(level->v)->dict = v;
		return true;
	case TAG_EXCEPTION:
		if (level->at == 0) {
			if (!SBX_IS(v, TUPLE))
				return damaged(l);
			sbx_gen_drop(l->head, ((ExceptionObject *)object)->args);
		}
		break;
	case TAG_RANGE:
		if (!SBX_IS_INT(v) || v.tag == SBX_KIND_BOOL)
			return damaged(l);
		break;
	default:
		break;
	}
	((sbx_value *)(void *)((sbx_gen_head *)object + 1))[level->at] = v;
	return true;
}

/* ---- the last value is in its place ---- */

static bool is_source_iterator(sbx_value v)
{
	return SBX_IS(v, ITERATOR) || SBX_IS(v, GENERATOR);
}

static bool iterator_is_whole(const IteratorObject *it)
{
	sbx_value source = it->source, extra = it->extra;
	if (!source.tag)
		return it->head.bits != ITERATE_RANGE;
	switch (it->head.bits) {
	case ITERATE_LIST:
	case ITERATE_LIST_BACK:
		return SBX_IS(source, LIST);
	case ITERATE_TUPLE:
		return SBX_IS(source, TUPLE);
	case ITERATE_STR:
		return SBX_IS(source, STR);
	case ITERATE_BYTES:
		return SBX_IS(source, BYTES);
	case ITERATE_RANGE:
		return SBX_IS(source, NONE);
	case ITERATE_RANGE_BIG:
		return SBX_IS(source, RANGE) && SBX_IS_INT(extra);
	case ITERATE_KEYS:
	case ITERATE_VALUES:
	case ITERATE_ITEMS:
		return SBX_IS(source, DICT);
	case ITERATE_KEYS_BACK:
	case ITERATE_VALUES_BACK:
	case ITERATE_ITEMS_BACK:
		return SBX_IS(source, DICT) && (uint64_t)it->at <= DICT(source)->filled;
	case ITERATE_SET:
		return SBX_IS_SET(source);
	case ITERATE_ENUMERATE:
		return is_source_iterator(source) && SBX_IS_INT(extra);
	case ITERATE_ZIP:
		if (!SBX_IS(source, TUPLE) || !SBX_IS(extra, BOOL))
			return false;
		for (uint64_t i = 0; i < TUPLE(source)->length; i++)
			if (!is_source_iterator(TUPLE(source)->items[i]))
				return false;
		return true;
	case ITERATE_REVERSED:
		return SBX_IS(source, TUPLE) || SBX_IS(source, STR) || SBX_IS(source, BYTES);
	default:
		return false;
	}
}

static bool is_str_or_none(sbx_value v)
{
	return SBX_IS(v, STR) || SBX_IS(v, NONE);
}

static bool exception_is_whole(const ExceptionObject *exception)
{
	return is_str_or_none(exception->type_name) && is_str_or_none(exception->remote) &&
		   (SBX_IS(exception->cause, NONE) || SBX_IS(exception->cause, EXCEPTION)) &&
		   (SBX_IS(exception->context, NONE) || SBX_IS(exception->context, BOOL)) &&
		   sbx__exception_is_whole(exception);
}

static bool finish_range(Load *l, RangeObject *range)
{
	sbx_value again;
	if (sbx__int_sign(range->step) == 0)
		return damaged(l);
	again = sbx__range_make(l->head, range->start, range->stop, range->step);
	if (!again.tag)
		return false;
	range->length = sbx_gen_copy(RANGE(again)->length);
	sbx_gen_drop(l->head, again);
	return true;
}

static bool finish(Load *l, const LoadLevel *level)
{
	void *object = level->v.u.p;
	switch (level->tag) {
	case TAG_RANGE:
		return finish_range(l, object);
	case TAG_ITERATOR:
		return iterator_is_whole(object) ? true : damaged(l);
	case TAG_EXCEPTION:
		return exception_is_whole(object) ? true : damaged(l);
	case TAG_HANDLE: {
		const HandleObject *handle = object;
		return SBX_IS(handle->path, STR) && is_str_or_none(handle->format) &&
					   is_str_or_none(handle->hash)
				   ? true
				   : damaged(l);
	}
	case TAG_GENERATOR: {
		GeneratorObject *generator = object;
		if (level->count && !generator->frame.parent)
			generator->head.bits = 0;
		return true;
	}
	default:
		return true;
	}
}

/* ---- values ---- */

static bool mark(Load *l, sbx_value v)
{
	if (l->marked_count == l->marked_size) {
		bool few = l->marked == l->few_marked;
		size_t size = (size_t)l->marked_size * sizeof *l->marked;
		sbx_value *marked =
			few ? sbx__alloc(l->head, size * 2) : sbx__realloc(l->head, l->marked, size, size * 2);
		if (!marked)
			return false;
		if (few)
			memcpy(marked, l->marked, size);
		l->marked = marked;
		l->marked_size *= 2;
	}
	l->marked[l->marked_count++] = v;
	return true;
}

static bool load_immediate(Load *l, unsigned tag, sbx_value *v)
{
	const sbx_gen_task *task;
	uint64_t bits;
	switch (tag) {
	case TAG_UNBOUND:
		*v = SBX_GEN_ERROR;
		return true;
	case TAG_NONE:
		*v = SBX_GEN_NONE;
		return true;
	case TAG_FALSE:
	case TAG_TRUE:
		*v = sbx_gen_bool(tag == TAG_TRUE);
		return true;
	case TAG_INT:
		*v = sbx_gen_int(load_zigzag(l));
		return !l->bad;
	case TAG_FLOAT:
		bits = load_fixed(l);
		v->tag = SBX_KIND_FLOAT;
		memcpy(&v->u.f, &bits, sizeof bits);
		return !l->bad;
	case TAG_TYPE:
		*v = sbx_gen_make(SBX_KIND_TYPE, (int64_t)sbx__load_index(l, SBX_TYPE_COUNT));
		return !l->bad;
	case TAG_BUILTIN:
		*v = sbx_gen_make(SBX_KIND_BUILTIN, (int64_t)sbx__load_index(l, SBX_BUILTIN_COUNT));
		return !l->bad;
	case TAG_TASK:
		task = sbx__load_task(l);
		*v = sbx_gen_object(SBX_KIND_TASK, task);
		return task != NULL;
	case TAG_NOT_IMPLEMENTED:
		*v = sbx_gen_make(SBX_KIND_NOT_IMPLEMENTED, 0);
		return true;
	case TAG_ELLIPSIS:
		*v = sbx_gen_make(SBX_KIND_ELLIPSIS, 0);
		return true;
	default: /* TAG_REFERENCE */
		bits = sbx__load_index(l, l->marked_count);
		if (l->bad)
			return false;
		*v = sbx_gen_copy(l->marked[bits]);
		return true;
	}
}

static bool load_object(Load *l, unsigned tag, sbx_value *v)
{
	switch (tag) {
	case TAG_BIG:
		return load_big(l, v);
	case TAG_STR1:
		return load_str(l, sbx__load_number(l), 1, v);
	case TAG_STR2:
		return load_str(l, sbx__load_number(l), 2, v);
	case TAG_STR4:
		return load_str(l, sbx__load_number(l), 4, v);
	case TAG_BYTES:
		return load_bytes(l, v);
	case TAG_DATETIME:
		return load_time(l, SBX_KIND_DATETIME, v);
	case TAG_TIMEDELTA:
		return load_time(l, SBX_KIND_TIMEDELTA, v);
	case TAG_LIST:
	case TAG_TUPLE:
	case TAG_DICT:
	case TAG_SET:
	case TAG_FROZENSET:
		return open_container(l, tag, v);
	case TAG_FUNCTION:
		return open_closure(l, v);
	case TAG_ITERATOR:
		return open_iterator(l, v);
	case TAG_GENERATOR:
		return open_generator(l, v);
	case TAG_RANGE:
	case TAG_SLICE:
	case TAG_METHOD:
	case TAG_CELL:
	case TAG_DICT_VIEW:
	case TAG_EXCEPTION:
	case TAG_HANDLE:
		return open_small(l, tag, v);
	default:
		return tag >= TAG_SHORT ? load_str(l, tag - TAG_SHORT, 1, v) : damaged(l);
	}
}

/* One value; where it holds others it is the innermost level now. */
static inline bool load_one(Load *l, sbx_value *v)
{
	unsigned tag;
	if (SBX_GEN_UNLIKELY(l->at == l->end))
		return damaged(l);
	tag = *l->at++;
	if (tag < TAG_SMALL) {
		*v = sbx_gen_int(tag);
		return true;
	}
	if (tag < TAG_UNBOUND) {
		if (SBX_GEN_UNLIKELY(l->at == l->end))
			return damaged(l);
		*v = sbx_gen_int((int64_t)(tag & 0x3F) << 8 | *l->at++);
		return true;
	}
	if (tag <= TAG_REFERENCE)
		return load_immediate(l, tag, v);
	if (tag == TAG_MARKED) {
		tag = load_byte(l);
		return tag > TAG_MARKED && load_object(l, tag, v) && !l->bad ? mark(l, *v) : damaged(l);
	}
	return load_object(l, tag, v);
}

/* Is there another value to be read for this object? */
static inline bool wants_more(LoadLevel *level)
{
	if (level->tag != TAG_GENERATOR)
		return level->at < level->count;
	while (level->count && sbx__slots_next(&level->walk))
		if (level->walk.kind == 'v')
			return true;
	return false;
}

/* The small ints that come next in a list. */
static void load_small_ints(Load *l, LoadLevel *level)
{
	sbx_gen_list *list = LIST(level->v);
	sbx_value *item = list->items + list->length,
			  *end = list->items + list->length + (level->count - level->at);
	const uint8_t *at = l->at, *last = l->end - 2;
	for (; item < end && at <= last && *at < TAG_UNBOUND; item++) {
		unsigned tag = *at++;
		item->tag = SBX_KIND_INT;
		item->u.i = tag < TAG_SMALL ? tag : (int64_t)((tag & 0x3F) << 8 | *at++);
	}
	level->at += (uint64_t)(item - list->items) - list->length;
	list->length = (uint64_t)(item - list->items);
	l->at = at;
}

static bool load_tree(Load *l, sbx_value *out)
{
	sbx_value v;
	if (!load_one(l, out))
		return false;
	while (l->depth) {
		LoadLevel *level = &l->levels[l->depth - 1];
		uint64_t depth = l->depth;
		if (level->tag == TAG_LIST && level->at + 2 < level->count)
			load_small_ints(l, level);
		if (!wants_more(level)) {
			sbx_value whole = level->v;
			if (!finish(l, level) || sbx__spend(l->head, 4))
				return false;
			if (--l->depth == 0) {
				*out = whole;
				return true;
			}
			level--;
			if (!put(l, level, whole))
				return false;
			level->at++;
			continue;
		}
		if (!load_one(l, &v))
			return false;
		if (depth != l->depth) /* it is put into its place when it is whole */
			continue;
		if (SBX_GEN_LIKELY(level->tag == TAG_LIST && is_plain(v)))
			LIST(level->v)->items[LIST(level->v)->length++] = v;
		else if (!put(l, level, v))
			return false;
		level->at++;
	}
	return true;
}

bool sbx__load_value(Load *l, uint8_t letter, const sbx_gen_function *function, sbx_value *v)
{
	if (!load_tree(l, v))
		return false;
	return sbx__class_allows(letter, function, *v) ? true : damaged(l);
}

bool sbx__load_natives(Load *l, const sbx_gen_function *function, const sbx_gen_point *point,
					   sbx_gen_frame *frame)
{
	SlotWalk walk;
	sbx__slots_begin(&walk, function, point, frame);
	while (sbx__slots_next(&walk)) {
		if (walk.kind == 'i') {
			*(int64_t *)walk.place = load_zigzag(l);
		} else if (walk.kind == 'b') {
			uint8_t truth = load_byte(l);
			if (truth > 1)
				return damaged(l);
			*(int *)walk.place = truth;
		} else if (walk.kind == 'f') {
			uint64_t bits = load_fixed(l);
			memcpy(walk.place, &bits, sizeof bits);
		}
	}
	return !l->bad;
}
