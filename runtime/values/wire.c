/*
 * The wire form of values, written and read; wire.h describes it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "wire.h"

#include "boundary.h"
#include "nesting.h"
#include "utf8.h"

/* ---- writing ---- */

static void put_u64(ByteBuffer *out, uint64_t u)
{
	unsigned char bytes[8];
	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(u >> 8 * i);
	sbx__bytes_add(out, bytes, sizeof bytes);
}

static void put_head(ByteBuffer *out, char letter, uint64_t count)
{
	sbx__bytes_put(out, (unsigned char)letter);
	put_u64(out, count);
}

static void put_big(ByteBuffer *out, const sbx_gen_big *big)
{
	const uint64_t *limbs = (const uint64_t *)(big + 1);
	uint64_t top = limbs[big->count - 1], bytes = (big->count - 1) * 8;
	for (; top; top >>= 8)
		bytes++;
	put_head(out, big->head.bits & 1 ? '-' : '+', bytes);
	for (uint64_t i = 0; i < bytes; i++)
		sbx__bytes_put(out, (unsigned char)(limbs[i / 8] >> 8 * (i % 8)));
}

static void put_str(ByteBuffer *out, sbx_value v)
{
	uint64_t length = STR(v)->length, size = 0;
	unsigned char *to;
	for (uint64_t i = 0; i < length; i++)
		size += (uint64_t)sbx__utf8_size(sbx__str_at(v, i));
	put_head(out, 's', size);
	to = sbx__bytes_room(out, size);
	if (!to)
		return;
	if (size == length)
		memcpy(to, sbx__str_units(v), length);
	else
		for (uint64_t i = 0; i < length; i++)
			to += sbx__utf8_put(to, sbx__str_at(v, i));
	out->length += size;
}

static int put_scalar(ByteBuffer *out, sbx_value v)
{
	uint64_t bits;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		sbx__bytes_put(out, 'N');
		return 0;
	case SBX_KIND_BOOL:
		sbx__bytes_put(out, v.u.i ? 'T' : 'F');
		return 0;
	case SBX_KIND_INT:
		put_head(out, 'i', (uint64_t)v.u.i);
		return 0;
	case SBX_KIND_FLOAT:
		memcpy(&bits, &v.u.f, sizeof bits);
		put_head(out, 'f', bits);
		return 0;
	case SBX_KIND_BIG:
		put_big(out, v.u.p);
		return 0;
	case SBX_KIND_STR:
		put_str(out, v);
		return 0;
	case SBX_KIND_BYTES:
		put_head(out, 'b', ((const sbx_gen_bytes *)v.u.p)->length);
		sbx__bytes_add(out, (const sbx_gen_bytes *)v.u.p + 1,
					   ((const sbx_gen_bytes *)v.u.p)->length);
		return 0;
	case SBX_KIND_HANDLE:
		sbx__bytes_put(out, 'h');
		sbx__bytes_put(out, (unsigned char)(HANDLE(v)->head.bits - SBX_FILE));
		return put_scalar(out, HANDLE(v)->path) || put_scalar(out, HANDLE(v)->format) ||
			   put_scalar(out, HANDLE(v)->hash);
	case SBX_KIND_DATETIME:
		put_head(out, 'D', (uint64_t)TIME(v)->microseconds);
		for (int shift = 0; shift < 32; shift += 8)
			sbx__bytes_put(out, (unsigned char)((uint32_t)TIME(v)->offset_minutes >> shift));
		return 0;
	case SBX_KIND_TIMEDELTA:
		put_head(out, 'X', (uint64_t)TIME(v)->microseconds);
		return 0;
	default:
		sbx__raise(out->run, SBX_TYPE_TypeError, "a value of type %T cannot cross a boundary", v);
		return -1;
	}
}

static int put_container(ByteBuffer *out, Nesting *nesting, sbx_value v)
{
	static const char letters[] = {[SBX_KIND_LIST] = 'l',
								   [SBX_KIND_TUPLE] = 't',
								   [SBX_KIND_DICT] = 'd',
								   [SBX_KIND_SET] = 'S',
								   [SBX_KIND_FROZENSET] = 'Z'};
	if (sbx__nesting_write(nesting, v, SBX_WIRE_DEPTH,
						   "maximum recursion depth exceeded: a value is nested too deeply"))
		return -1;
	put_head(out, letters[SBX_GEN_KIND(v)], sbx_count(v));
	return 0;
}

static int put_value(ByteBuffer *out, Nesting *nesting, sbx_value v)
{
	sbx_value item, value;
	if (!sbx__is_container(v))
		return put_scalar(out, v);
	if (put_container(out, nesting, v))
		return -1;
	while (nesting->count) {
		bool is_dict = SBX_IS(nesting->levels[nesting->count - 1].container, DICT);
		if (!sbx__nesting_next(nesting, &item, &value))
			continue;
		/* A key is a scalar, or a tuple or frozenset of such: these are written whole before its value. */
		if (is_dict && sbx__is_container(item)) {
			Nesting inner;
			int failed;
			sbx__nesting_init(&inner, out->run);
			failed = sbx__recurse(out->run, "") ? -1 : put_value(out, &inner, item);
			sbx__nesting_fini(&inner);
			if (failed)
				return -1;
			sbx__recurse_end(out->run);
		} else if (is_dict && put_scalar(out, item)) {
			return -1;
		}
		if (is_dict)
			item = value;
		if (sbx__spend(out->run, 1) ||
			(sbx__is_container(item) ? put_container(out, nesting, item) : put_scalar(out, item)) ||
			out->failed)
			return -1;
	}
	return 0;
}

sbx_status sbx_wire_dump(sbx_heap *heap, sbx_value v, sbx_value *bytes)
{
	return sbx__dump(heap, v, put_value, SBX_KIND_BYTES, SBX_E_TYPE, bytes);
}

/* ---- reading ---- */

/* A container that is being filled. Items of a list, tuple or set, and pairs of a dict, wait on one stack of values. */
typedef struct Level {
	char letter;
	uint64_t wanted; /* values: of a dict twice its pairs */
	uint64_t first;  /* where its values begin */
} Level;

typedef struct Reader {
	sbx_run *run;
	const unsigned char *at, *end;
	Level *levels;
	uint64_t level_count, level_capacity;
	sbx_value *values;
	uint64_t count, capacity;
	bool damaged;
} Reader;

static sbx_value damaged(Reader *reader)
{
	reader->damaged = true;
	return SBX_GEN_ERROR;
}

static bool take_u64(Reader *reader, uint64_t *out)
{
	*out = 0;
	if (reader->end - reader->at < 8)
		return false;
	for (int i = 0; i < 8; i++)
		*out |= (uint64_t)*reader->at++ << 8 * i;
	return true;
}

/* A count of things that take at least one byte each. */
static bool take_count(Reader *reader, uint64_t *count)
{
	return take_u64(reader, count) && *count <= (uint64_t)(reader->end - reader->at);
}

static sbx_value read_big(Reader *reader, bool negative)
{
	uint64_t bytes;
	uint64_t limbs, *to;
	sbx_gen_big *big;
	sbx_value v;
	if (!take_count(reader, &bytes) || bytes < 8 || reader->at[bytes - 1] == 0)
		return damaged(reader);
	limbs = (bytes + 7) / 8;
	v = sbx__object(reader->run, SBX_KIND_BIG, sizeof *big + limbs * 8, &big);
	if (sbx__is_error(v))
		return v;
	big->head.bits = negative;
	big->count = limbs;
	to = (uint64_t *)(big + 1);
	memset(to, 0, limbs * 8);
	for (uint64_t i = 0; i < bytes; i++)
		to[i / 8] |= (uint64_t)*reader->at++ << 8 * (i % 8);
	/* One that fits an int64 has the other form. */
	if (limbs == 1 && (to[0] < (uint64_t)1 << 63 || (negative && to[0] == (uint64_t)1 << 63))) {
		sbx_gen_drop(reader->run, v);
		return damaged(reader);
	}
	return v;
}

static sbx_value read_text(Reader *reader, bool is_str)
{
	uint64_t length;
	sbx_value v;
	if (!take_count(reader, &length))
		return damaged(reader);
	/* sbx_str_make raises nothing for bad UTF-8: an invalid value without an exception is damage. */
	v = is_str ? sbx_str_make(reader->run, (const char *)reader->at, length)
			   : sbx_bytes_make(reader->run, reader->at, length);
	if (sbx__is_error(v) && !HEAP(reader->run)->exception.tag)
		return damaged(reader);
	reader->at += length;
	return v;
}

static sbx_value read_scalar(Reader *reader, char letter);

static sbx_value read_handle(Reader *reader)
{
	sbx_value parts[3] = {SBX_GEN_NONE, SBX_GEN_NONE, SBX_GEN_NONE}, v = SBX_GEN_ERROR;
	unsigned kind;
	if (reader->at == reader->end || *reader->at > 2)
		return damaged(reader);
	kind = SBX_FILE + *reader->at++;
	for (int i = 0; i < 3; i++) {
		bool may_be_none = i > 0;
		if (reader->at == reader->end ||
			(*reader->at != 's' && !(may_be_none && *reader->at == 'N'))) {
			damaged(reader);
			goto done;
		}
		parts[i] = read_scalar(reader, (char)*reader->at++);
		if (sbx__is_error(parts[i]))
			goto done;
	}
	v = sbx__handle_make(reader->run, kind, parts[0], parts[1], parts[2]);
done:
	for (int i = 0; i < 3; i++)
		sbx_gen_drop(reader->run, parts[i]);
	return v;
}

static sbx_value read_datetime(Reader *reader)
{
	uint64_t micro;
	uint32_t offset = 0;
	int64_t minutes;
	if (!take_u64(reader, &micro) || reader->end - reader->at < 4)
		return damaged(reader);
	for (int shift = 0; shift < 32; shift += 8)
		offset |= (uint32_t)*reader->at++ << shift;
	minutes = (int32_t)offset;
	if ((int64_t)micro < SBX_DATETIME_MIN || (int64_t)micro > SBX_DATETIME_MAX ||
		(minutes != INT32_MIN && (minutes <= -1440 || minutes >= 1440)))
		return damaged(reader);
	return sbx__time_make(reader->run, SBX_KIND_DATETIME, (int64_t)micro, (int32_t)minutes);
}

static sbx_value read_scalar(Reader *reader, char letter)
{
	uint64_t u;
	sbx_value v;
	switch (letter) {
	case 'N':
		return SBX_GEN_NONE;
	case 'T':
	case 'F':
		return sbx_gen_bool(letter == 'T');
	case 'i':
		return take_u64(reader, &u) ? sbx_gen_int((int64_t)u) : damaged(reader);
	case '+':
	case '-':
		return read_big(reader, letter == '-');
	case 'f':
		if (!take_u64(reader, &u))
			return damaged(reader);
		v = sbx_gen_float(0);
		memcpy(&v.u.f, &u, sizeof u);
		return v;
	case 's':
	case 'b':
		return read_text(reader, letter == 's');
	case 'h':
		return read_handle(reader);
	case 'D':
		return read_datetime(reader);
	case 'X':
		return take_u64(reader, &u)
				   ? sbx__time_make(reader->run, SBX_KIND_TIMEDELTA, (int64_t)u, INT32_MIN)
				   : damaged(reader);
	default:
		return damaged(reader);
	}
}

/* Room for one more element of a growing array. */
static bool grow(sbx_run *run, void *array, uint64_t count, uint64_t *capacity, size_t size)
{
	uint64_t more = *capacity ? *capacity * 2 : 16;
	void *block;
	if (count < *capacity)
		return true;
	memcpy(&block, array, sizeof block);
	block = sbx__realloc(run, block, *capacity * size, more * size);
	if (!block)
		return false;
	memcpy(array, &block, sizeof block);
	*capacity = more;
	return true;
}

static bool push_value(Reader *reader, sbx_value v)
{
	if (!grow(reader->run, &reader->values, reader->count, &reader->capacity,
			  sizeof *reader->values)) {
		sbx_gen_drop(reader->run, v);
		return false;
	}
	reader->values[reader->count++] = v;
	return true;
}

static bool begin_container(Reader *reader, char letter)
{
	uint64_t count;
	Level *level;
	if (!take_count(reader, &count) || reader->level_count >= SBX_WIRE_DEPTH) {
		damaged(reader);
		return false;
	}
	if (!grow(reader->run, &reader->levels, reader->level_count, &reader->level_capacity,
			  sizeof *reader->levels))
		return false;
	level = &reader->levels[reader->level_count++];
	level->letter = letter;
	level->wanted = letter == 'd' ? count * 2 : count;
	level->first = reader->count;
	return true;
}

/* The innermost container has all its values: takes them off the stack. A key that cannot be hashed is damage. */
static sbx_value finish_container(Reader *reader)
{
	const Level *level = &reader->levels[--reader->level_count];
	/* an empty container may be the first thing read: then there is no stack yet */
	sbx_value *items = reader->values ? reader->values + level->first : NULL, v;
	uint64_t count = reader->count - level->first, i;
	sbx_run *run = reader->run;
	if (level->letter == 'l' || level->letter == 't') {
		v = level->letter == 'l' ? sbx_gen_list_make(run, count, items)
								 : sbx_gen_tuple_make(run, count, items);
		if (!sbx__is_error(v))
			reader->count = level->first;
		return v;
	}
	v = level->letter == 'd' ? sbx__dict_alloc(run, count / 2)
							 : sbx__set_alloc(run, count, level->letter == 'Z');
	for (i = 0; i < count && !sbx__is_error(v); i += level->letter == 'd' ? 2 : 1) {
		int failed = level->letter == 'd' ? sbx__dict_put(run, v, items[i], items[i + 1])
										  : sbx__set_put(run, v, items[i]) < 0;
		if (failed) {
			sbx_gen_drop(run, v);
			return SBX_GEN_ERROR;
		}
	}
	if (sbx__is_error(v))
		return v;
	while (reader->count > level->first)
		sbx_gen_drop(run, reader->values[--reader->count]);
	return v;
}

static bool is_container_letter(char letter)
{
	return letter == 'l' || letter == 't' || letter == 'S' || letter == 'Z' || letter == 'd';
}

static sbx_value read_value(Reader *reader)
{
	for (;;) {
		sbx_value v;
		char letter;
		if (reader->at == reader->end || sbx__spend(reader->run, 1))
			return HEAP(reader->run)->exception.tag ? SBX_GEN_ERROR : damaged(reader);
		letter = (char)*reader->at++;
		if (is_container_letter(letter)) {
			if (!begin_container(reader, letter))
				return SBX_GEN_ERROR;
		} else {
			v = read_scalar(reader, letter);
			if (sbx__is_error(v) || (reader->level_count && !push_value(reader, v)))
				return SBX_GEN_ERROR;
			if (!reader->level_count)
				return v;
		}
		while (reader->level_count &&
			   reader->count - reader->levels[reader->level_count - 1].first ==
				   reader->levels[reader->level_count - 1].wanted) {
			v = finish_container(reader);
			if (sbx__is_error(v) || (reader->level_count && !push_value(reader, v)))
				return SBX_GEN_ERROR;
			if (!reader->level_count)
				return v;
		}
	}
}

sbx_status sbx_wire_load(sbx_heap *heap, const void *bytes, size_t length, sbx_value *v)
{
	Reader reader = {.run = heap, .at = bytes};
	reader.end = reader.at + length;
	sbx__forget_error(heap);
	*v = read_value(&reader);
	if (!sbx__is_error(*v) && reader.at < reader.end) {
		sbx_gen_drop(heap, *v);
		*v = damaged(&reader);
	}
	while (reader.count)
		sbx_gen_drop(heap, reader.values[--reader.count]);
	sbx__free(heap, reader.values, reader.capacity * sizeof *reader.values);
	sbx__free(heap, reader.levels, reader.level_capacity * sizeof *reader.levels);
	if (!sbx__is_error(*v))
		return SBX_DONE;
	if (reader.damaged)
		sbx__raise(heap, SBX_TYPE_ValueError, "a value in wire form is damaged");
	return sbx__status_of_error(heap, SBX_E_SYNTAX);
}
