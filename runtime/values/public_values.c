/*
 * The values of sbx.h: making them and looking into them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "numbers.h"

sbx_type_kind sbx_kind(sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_ERROR:
	case SBX_KIND_SUSPEND:
	case SBX_KIND_DONE:
		return SBX_INVALID;
	case SBX_KIND_NONE:
		return SBX_NONE;
	case SBX_KIND_BOOL:
		return SBX_BOOL;
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
		return SBX_INT;
	case SBX_KIND_FLOAT:
		return SBX_FLOAT;
	case SBX_KIND_STR:
		return SBX_STR;
	case SBX_KIND_BYTES:
		return SBX_BYTES;
	case SBX_KIND_LIST:
		return SBX_LIST;
	case SBX_KIND_TUPLE:
		return SBX_TUPLE;
	case SBX_KIND_DICT:
		return SBX_DICT;
	case SBX_KIND_SET:
		return SBX_SET;
	case SBX_KIND_FROZENSET:
		return SBX_FROZENSET;
	case SBX_KIND_HANDLE:
		return (sbx_type_kind)HANDLE(v)->head.bits;
	case SBX_KIND_DATETIME:
		return SBX_DATETIME;
	case SBX_KIND_TIMEDELTA:
		return SBX_TIMEDELTA;
	case SBX_KIND_EXCEPTION:
		return SBX_EXCEPTION;
	default:
		return SBX_OTHER;
	}
}

sbx_value sbx_none(void)
{
	return SBX_GEN_NONE;
}
sbx_value sbx_bool(int b)
{
	return sbx_gen_bool(b);
}
sbx_value sbx_int(int64_t i)
{
	return sbx_gen_int(i);
}
sbx_value sbx_float(double f)
{
	return sbx_gen_float(f);
}

void sbx__forget_error(sbx_heap *heap)
{
	if (HEAP(heap)->exception.tag && (HEAP(heap)->flags & HEAP_OF_HOST))
		sbx_gen_drop(heap, sbx__exception_take(heap));
}

sbx_status sbx__status_of_error(sbx_heap *heap, sbx_status otherwise)
{
	sbx_value exception = HEAP(heap)->exception;
	switch (exception.tag ? sbx__type_of(exception) : SBX_TYPE_MemoryError) {
	case SBX_TYPE_MemoryError:
		return HEAP(heap)->flags & HEAP_SYSTEM_FULL ? SBX_E_NO_MEMORY : SBX_E_MEMORY;
	case SBX_TYPE_RecursionError:
		return SBX_E_DEPTH;
	case SBX_TYPE_TimeoutError:
		return SBX_E_DEADLINE;
	case SBX_TYPE_RuntimeError:
		return SBX_E_STEPS;
	case SBX_TYPE_KeyboardInterrupt:
		return SBX_E_CANCELLED;
	default:
		return otherwise;
	}
}

/* A constructor failed: the caller sees an invalid value, the heap goes on. */
static sbx_value without_error(sbx_heap *heap, sbx_value v)
{
	if (sbx__is_error(v) && HEAP(heap)->exception.tag)
		sbx_gen_drop(heap, sbx__exception_take(heap));
	return v;
}

sbx_value sbx_int_from_text(sbx_heap *heap, const char *digits, size_t length)
{
	static const char all[] = "0123456789abcdef";
	size_t at = length && (digits[0] == '-' || digits[0] == '+');
	int base = 10;
	sbx_value v, negative;
	if (length - at > 2 && digits[at] == '0') {
		char letter = (char)(digits[at + 1] | 32);
		base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 10;
	}
	if (base != 10)
		at += 2;
	if (at == length)
		return SBX_GEN_ERROR;
	for (size_t i = at; i < length; i++) {
		char c = digits[i] >= 'A' && digits[i] <= 'F' ? (char)(digits[i] + 32) : digits[i];
		if (!c || !memchr(all, c, (size_t)base))
			return SBX_GEN_ERROR;
	}
	v = sbx__int_from_ascii(heap, digits + at, length - at, base, false);
	if (!sbx__is_error(v) && digits[0] == '-') {
		negative = sbx_gen_neg(heap, v);
		sbx_gen_drop(heap, v);
		v = negative;
	}
	return without_error(heap, v);
}

/* A reference for a container; the host's own stays the host's. */
static sbx_value member(sbx_value v)
{
	return sbx_kind(v) == SBX_INVALID ? SBX_GEN_ERROR : sbx_gen_copy(v);
}

sbx_value sbx_list_make(sbx_heap *heap, const sbx_value *items, size_t count)
{
	sbx_value v = sbx__list_alloc(heap, count);
	for (size_t i = 0; i < count && !sbx__is_error(v); i++) {
		sbx_value item = member(items[i]);
		if (sbx__is_error(item)) {
			sbx_gen_drop(heap, v);
			return item;
		}
		LIST(v)->items[LIST(v)->length++] = item;
	}
	return without_error(heap, v);
}

sbx_value sbx_tuple_make(sbx_heap *heap, const sbx_value *items, size_t count)
{
	sbx_value v = sbx__tuple_alloc(heap, count);
	for (size_t i = 0; i < count && !sbx__is_error(v); i++) {
		TUPLE(v)->items[i] = member(items[i]);
		if (sbx__is_error(TUPLE(v)->items[i])) {
			sbx_gen_drop(heap, v);
			return SBX_GEN_ERROR;
		}
	}
	return without_error(heap, v);
}

sbx_value sbx_set_make(sbx_heap *heap, const sbx_value *items, size_t count, int frozen)
{
	sbx_value v = sbx__set_alloc(heap, count, frozen != 0);
	for (size_t i = 0; i < count && !sbx__is_error(v); i++)
		if (sbx_kind(items[i]) == SBX_INVALID || sbx__set_put(heap, v, items[i]) < 0) {
			sbx_gen_drop(heap, v);
			v = SBX_GEN_ERROR;
		}
	return without_error(heap, v);
}

sbx_value sbx_dict_make(sbx_heap *heap, const sbx_value *keys, const sbx_value *values,
						size_t count)
{
	sbx_value v = sbx__dict_alloc(heap, count);
	for (size_t i = 0; i < count && !sbx__is_error(v); i++)
		if (sbx_kind(keys[i]) == SBX_INVALID || sbx_kind(values[i]) == SBX_INVALID ||
			sbx__dict_put(heap, v, keys[i], values[i])) {
			sbx_gen_drop(heap, v);
			v = SBX_GEN_ERROR;
		}
	return without_error(heap, v);
}

sbx_value sbx__handle_make(sbx_run *run, unsigned kind, sbx_value path, sbx_value format,
						   sbx_value hash)
{
	HandleObject *handle;
	sbx_value v = sbx__object(run, SBX_KIND_HANDLE, sizeof *handle, &handle);
	if (sbx__is_error(v))
		return v;
	handle->head.bits = kind;
	handle->path = sbx_gen_copy(path);
	handle->format = sbx_gen_copy(format);
	handle->hash = sbx_gen_copy(hash);
	return v;
}

sbx_value sbx_handle_make(sbx_heap *heap, sbx_type_kind kind, const char *path, const char *format,
						  const char *hash)
{
	sbx_value parts[3] = {SBX_GEN_NONE, SBX_GEN_NONE, SBX_GEN_NONE}, v = SBX_GEN_ERROR;
	const char *const texts[3] = {path, format, hash};
	if (kind != SBX_FILE && kind != SBX_DIR && kind != SBX_DATAFRAME)
		return SBX_GEN_ERROR;
	for (int i = 0; i < 3; i++)
		if (texts[i]) {
			parts[i] = sbx_str_make(heap, texts[i], strlen(texts[i]));
			if (sbx__is_error(parts[i]))
				goto done;
		}
	v = sbx__handle_make(heap, kind, parts[0], parts[1], parts[2]);
done:
	for (int i = 0; i < 3; i++)
		sbx_gen_drop(heap, parts[i]);
	return without_error(heap, v);
}

sbx_value sbx__time_make(sbx_run *run, unsigned kind, int64_t microseconds, int32_t offset_minutes)
{
	TimeObject *time;
	sbx_value v = sbx__object(run, kind, sizeof *time, &time);
	if (sbx__is_error(v))
		return v;
	time->microseconds = microseconds;
	time->offset_minutes = offset_minutes;
	return v;
}

sbx_value sbx_datetime_make(sbx_heap *heap, int64_t microseconds, int32_t offset_minutes)
{
	if (microseconds < SBX_DATETIME_MIN || microseconds > SBX_DATETIME_MAX ||
		(offset_minutes != INT32_MIN && (offset_minutes <= -1440 || offset_minutes >= 1440)))
		return SBX_GEN_ERROR;
	return without_error(heap,
						 sbx__time_make(heap, SBX_KIND_DATETIME, microseconds, offset_minutes));
}

sbx_value sbx_timedelta_make(sbx_heap *heap, int64_t microseconds)
{
	return without_error(heap, sbx__time_make(heap, SBX_KIND_TIMEDELTA, microseconds, INT32_MIN));
}

void sbx_value_free(sbx_heap *heap, sbx_value v)
{
	if (sbx_kind(v) != SBX_INVALID)
		sbx_gen_drop(heap, v);
}

/* ---- looking into them ---- */

int sbx_get_bool(sbx_value v)
{
	return SBX_IS(v, BOOL) && v.u.i;
}

int sbx_get_int(sbx_value v, int64_t *out)
{
	if (!SBX_IS(v, INT) && !SBX_IS(v, BOOL))
		return 0;
	*out = v.u.i;
	return 1;
}

double sbx_get_float(sbx_value v)
{
	if (SBX_IS(v, FLOAT))
		return v.u.f;
	return SBX_IS_INT(v) ? sbx__int_nearest_double(v) : 0.0;
}

size_t sbx_count(sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		return (size_t)LIST(v)->length;
	case SBX_KIND_TUPLE:
		return (size_t)TUPLE(v)->length;
	case SBX_KIND_DICT:
		return (size_t)DICT(v)->used;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return (size_t)SET(v)->used;
	default:
		return 0;
	}
}

/* The entry of a live pair by its place; at once where nothing was deleted. */
static const DictEntry *dict_entry(const DictObject *dict, size_t index)
{
	uint64_t at = 0;
	const DictEntry *entry = NULL;
	if (index >= dict->used)
		return NULL;
	if (dict->used == dict->filled)
		return &dict->entries[index];
	for (size_t i = 0; i <= index; i++)
		entry = sbx__dict_next(dict, &at);
	return entry;
}

static sbx_value set_key(const SetObject *set, size_t index)
{
	uint64_t at = 0;
	const SetEntry *entry = NULL;
	if (index >= set->used)
		return SBX_GEN_ERROR;
	if (set->used == set->filled)
		return set->entries[index].key;
	for (size_t i = 0; i <= index; i++)
		entry = sbx__set_next(set, &at);
	return entry->key;
}

sbx_value sbx_peek_item(sbx_value v, size_t index)
{
	const DictEntry *entry;
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		return index < LIST(v)->length ? LIST(v)->items[index] : SBX_GEN_ERROR;
	case SBX_KIND_TUPLE:
		return index < TUPLE(v)->length ? TUPLE(v)->items[index] : SBX_GEN_ERROR;
	case SBX_KIND_DICT:
		entry = dict_entry(DICT(v), index);
		return entry ? entry->key : SBX_GEN_ERROR;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return set_key(SET(v), index);
	default:
		return SBX_GEN_ERROR;
	}
}

sbx_value sbx_peek_value(sbx_value dict, size_t index)
{
	const DictEntry *entry = SBX_IS(dict, DICT) ? dict_entry(DICT(dict), index) : NULL;
	return entry ? entry->value : SBX_GEN_ERROR;
}

sbx_value sbx_dict_find(sbx_heap *heap, sbx_value dict, const char *key)
{
	sbx_value text, value = SBX_GEN_ERROR;
	if (!SBX_IS(dict, DICT))
		return value;
	text = sbx_str_make(heap, key, strlen(key));
	if (sbx__is_error(text))
		return text;
	if (sbx__dict_get(heap, dict, text, &value))
		(void)without_error(heap, SBX_GEN_ERROR);
	sbx_gen_drop(heap, text);
	return value;
}

static const char *handle_text(sbx_heap *heap, sbx_value v, int part)
{
	sbx_value text;
	if (!SBX_IS(v, HANDLE))
		return NULL;
	text = part == 0 ? HANDLE(v)->path : part == 1 ? HANDLE(v)->format : HANDLE(v)->hash;
	return SBX_IS(text, STR) ? sbx_peek_str(heap, text, NULL) : NULL;
}

const char *sbx_handle_path(sbx_heap *heap, sbx_value v)
{
	return handle_text(heap, v, 0);
}
const char *sbx_handle_format(sbx_heap *heap, sbx_value v)
{
	return handle_text(heap, v, 1);
}
const char *sbx_handle_hash(sbx_heap *heap, sbx_value v)
{
	return handle_text(heap, v, 2);
}

int64_t sbx_datetime_microseconds(sbx_value v, int32_t *offset_minutes)
{
	if (!SBX_IS(v, DATETIME))
		return 0;
	if (offset_minutes)
		*offset_minutes = TIME(v)->offset_minutes;
	return TIME(v)->microseconds;
}

int64_t sbx_timedelta_microseconds(sbx_value v)
{
	return SBX_IS(v, TIMEDELTA) ? TIME(v)->microseconds : 0;
}

sbx_value sbx_repr(sbx_heap *heap, sbx_value v)
{
	return without_error(heap, sbx_gen_to_repr(heap, v));
}

const char *sbx__handle_name(sbx_value v)
{
	return HANDLE(v)->head.bits == SBX_FILE  ? "File"
		   : HANDLE(v)->head.bits == SBX_DIR ? "Dir"
											 : "DataFrame";
}
