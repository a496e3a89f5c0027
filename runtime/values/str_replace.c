/*
 * Methods of str and bytes that put text together from parts: replace, join, translate, maketrans.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "str_methods.h"

/* ---- replace ---- */

static sbx_value take_like(TextBuffer *text, const Units *like)
{
	return like->is_bytes ? sbx__text_take_bytes(text) : sbx__text_take(text);
}

/* Asks whether a result of this many units fits, in numbers that cannot overflow. */
static int check_size(sbx_run *run, uint64_t kept, uint64_t count, uint64_t size, uint32_t width)
{
	uint64_t length;
	if (__builtin_mul_overflow(count, size, &length) ||
		__builtin_add_overflow(length, kept, &length) || length > INT64_MAX / 8) {
		sbx__raise_memory(run);
		return -1;
	}
	return sbx__reserve(run, length * width);
}

/* Puts `with` before each unit and at the end, `count` times in all. */
static void interleave(TextBuffer *text, const Units *in, const Units *with, uint64_t count)
{
	for (uint64_t i = 0; i < count && !text->failed; i++) {
		sbx__text_units(text, *with);
		if (i < in->length)
			sbx__text_point(text, sbx__unit(in, i));
	}
	if (count < in->length)
		sbx__text_units(text, sbx__units_part(*in, count, in->length));
}

/* In narrow text, by narrow text: the size of the result is known, so the parts are copied. */
static sbx_value replace_narrow(sbx_run *run, const Units *in, const Units *old, const Units *with,
								uint64_t count)
{
	uint64_t length = in->length - count * old->length + count * with->length, start = 0;
	const char *from = in->at;
	char *to;
	sbx_value v = in->is_bytes ? sbx__bytes_alloc(run, length, (uint8_t **)&to)
							   : sbx__str_alloc(run, length, 1, &to);
	if (sbx__is_error(v) || length == 0)
		return v;
	while (count--) {
		int64_t at = sbx__units_find(run, in, old, start, in->length);
		if (at < 0)
			return SBX_GEN_ERROR; /* the deadline: it was there when counted */
		if (sbx__copy(run, to, from + start, (uint64_t)at - start))
			return SBX_GEN_ERROR;
		to += (uint64_t)at - start;
		if (sbx__copy(run, to, with->at, with->length))
			return SBX_GEN_ERROR;
		to += with->length;
		start = (uint64_t)at + old->length;
	}
	return sbx__copy(run, to, from + start, in->length - start) ? SBX_GEN_ERROR : v;
}

static sbx_value replace(sbx_run *run, sbx_value self, const Units *old, const Units *with,
						 uint64_t most)
{
	Units in = sbx__units_of(self);
	uint32_t width = in.width > with->width ? in.width : with->width;
	int64_t count = sbx__units_count(run, &in, old, 0, in.length, most), at;
	uint64_t start = 0;
	TextBuffer text;
	if (count <= 0)
		return count == 0 ? sbx_gen_copy(self) : SBX_GEN_ERROR;
	if (check_size(run, in.length - (uint64_t)count * old->length, (uint64_t)count, with->length,
				   with->length ? width : 1) ||
		sbx__spend(run, (uint64_t)count * 4))
		return SBX_GEN_ERROR;
	if (width == 1 && old->length)
		return replace_narrow(run, &in, old, with, (uint64_t)count);
	sbx__text_init(&text, run);
	sbx__text_room(&text,
				   in.length - (uint64_t)count * old->length + (uint64_t)count * with->length, 1);
	if (old->length == 0) {
		interleave(&text, &in, with, (uint64_t)count);
		return take_like(&text, &in);
	}
	while (count-- && !text.failed) {
		at = sbx__units_find(run, &in, old, start, in.length);
		if (at < 0)
			return SBX_GEN_ERROR; /* the deadline: it was there when counted */
		sbx__text_units(&text, sbx__units_part(in, start, (uint64_t)at));
		sbx__text_units(&text, *with);
		start = (uint64_t)at + old->length;
	}
	sbx__text_units(&text, sbx__units_part(in, start, in.length));
	return take_like(&text, &in);
}

TEXT_METHOD(sbx__do_replace)
{
	Units old, with;
	int64_t most = -1;
	for (uint32_t i = 0; i < 2; i++)
		if (SBX_IS_STR(self) ? sbx__need_str(run, args[i], "replace", i ? " 2" : " 1")
							 : sbx__need_bytes(run, args[i]))
			return SBX_GEN_ERROR;
	if (count > 2 && sbx__size_argument(run, args[2], &most))
		return SBX_GEN_ERROR;
	old = sbx__units_of(args[0]);
	with = sbx__units_of(args[1]);
	return replace(run, self, &old, &with, most < 0 ? UINT64_MAX : (uint64_t)most);
}

/* ---- join ---- */

/* The length and width of the joined items; -1 raised. */
static int measure_join(sbx_run *run, const Units *sep, const Items *items, uint64_t *length,
						uint32_t *width)
{
	unsigned kind = sep->is_bytes ? SBX_KIND_BYTES : SBX_KIND_STR;
	*length = 0;
	*width = 1;
	for (uint64_t i = 0; i < items->count; i++) {
		Units part;
		if (SBX_GEN_KIND(items->at[i]) != kind) {
			sbx__raise(run, SBX_TYPE_TypeError,
					   sep->is_bytes ? "sequence item %llu: expected a bytes-like object, %T found"
									 : "sequence item %llu: expected str instance, %T found",
					   (unsigned long long)i, items->at[i]);
			return -1;
		}
		part = sbx__units_of(items->at[i]);
		if (i && sep->length) {
			*length += sep->length;
			if (sep->width > *width)
				*width = sep->width;
		}
		*length += part.length;
		if (part.length && part.width > *width)
			*width = part.width;
	}
	return check_size(run, *length, 0, 0, *width);
}

static sbx_value join_items(sbx_run *run, sbx_value self, const Items *items)
{
	Units sep = sbx__units_of(self), part;
	uint64_t length;
	uint32_t width;
	char *to;
	sbx_value v;
	if (sbx__spend(run, items->count * 2) || measure_join(run, &sep, items, &length, &width))
		return SBX_GEN_ERROR;
	if (items->count == 1)
		return sbx_gen_copy(items->at[0]);
	if (sbx__spend(run, 1))
		return SBX_GEN_ERROR;
	v = sep.is_bytes ? sbx__bytes_alloc(run, length, (uint8_t **)&to)
					 : sbx__str_alloc(run, length, width, &to);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < items->count; i++) {
		if (i && sep.length) {
			if (sbx__units_copy(run, to, width, &sep))
				return SBX_GEN_ERROR;
			to += sep.length * width;
		}
		part = sbx__units_of(items->at[i]);
		if (sbx__units_copy(run, to, width, &part))
			return SBX_GEN_ERROR;
		to += part.length * width;
	}
	return v;
}

static sbx_value join(sbx_run *run, sbx_value self, sbx_value iterable)
{
	Items items;
	sbx_value v;
	if (!sbx__is_iterable(iterable))
		return sbx__raise(run, SBX_TYPE_TypeError, "can only join an iterable");
	if (sbx__items_open(run, iterable, &items))
		return SBX_GEN_ERROR;
	v = join_items(run, self, &items);
	sbx__items_close(run, &items);
	return v;
}

TEXT_METHOD(sbx__str_join)
{
	return join(run, self, args[0]);
}
TEXT_METHOD(sbx__bytes_join)
{
	return join(run, self, args[0]);
}

/* ---- translate, maketrans ---- */

/* table[point], borrowed; tag 0 in *mapped: not in the table, the point stays. */
static int look_up(sbx_run *run, sbx_value table, uint32_t point, sbx_value *mapped, bool *owned)
{
	unsigned kind = SBX_GEN_KIND(table);
	*owned = false;
	*mapped = SBX_GEN_ERROR;
	if (kind == SBX_KIND_DICT)
		return sbx__dict_get(run, table, sbx_gen_int(point), mapped);
	if (kind == SBX_KIND_LIST || kind == SBX_KIND_TUPLE || kind == SBX_KIND_STR ||
		kind == SBX_KIND_BYTES || kind == SBX_KIND_RANGE) {
		int64_t length = sbx_gen_len(run, table);
		if (length < 0)
			return -1;
		if (point >= length)
			return 0;
	}
	*mapped = sbx_gen_getitem_slow(run, table, sbx_gen_int(point));
	*owned = true;
	return sbx__is_error(*mapped) ? -1 : 0;
}

static int add_mapped(sbx_run *run, TextBuffer *text, sbx_value mapped)
{
	if (SBX_IS_INT(mapped)) {
		if (SBX_GEN_KIND(mapped) == SBX_KIND_BIG || mapped.u.i < 0 || mapped.u.i > 0x10ffff) {
			sbx__raise(run, SBX_TYPE_ValueError, "character mapping must be in range(0x110000)");
			return -1;
		}
		sbx__text_point(text, (uint32_t)mapped.u.i);
	} else if (SBX_IS_STR(mapped)) {
		sbx__text_str(text, mapped);
	} else if (SBX_GEN_KIND(mapped) != SBX_KIND_NONE) {
		sbx__raise(run, SBX_TYPE_TypeError, "character mapping must return integer, None or str");
		return -1;
	}
	return 0;
}

TEXT_METHOD(sbx__str_translate)
{
	Units in = sbx__units_of(self);
	TextBuffer text;
	sbx__text_init(&text, run);
	for (uint64_t i = 0; i < in.length && !text.failed; i++) {
		uint32_t point = sbx__unit(&in, i);
		sbx_value mapped;
		bool owned;
		if (look_up(run, args[0], point, &mapped, &owned) || sbx__spend(run, 8))
			return SBX_GEN_ERROR;
		if (mapped.tag == 0)
			sbx__text_point(&text, point);
		else if (add_mapped(run, &text, mapped))
			return SBX_GEN_ERROR;
		if (owned)
			sbx_gen_drop(run, mapped);
	}
	return sbx__text_take(&text);
}

static sbx_value maketrans_of_dict(sbx_run *run, sbx_value from)
{
	const DictEntry *entry;
	uint64_t at = 0;
	sbx_value dict;
	if (SBX_GEN_KIND(from) != SBX_KIND_DICT)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "if you give only one argument to maketrans it must be a dict");
	dict = sbx__dict_alloc(run, DICT(from)->used);
	while (!sbx__is_error(dict) && (entry = sbx__dict_next(DICT(from), &at))) {
		sbx_value key = entry->key;
		if (SBX_IS_STR(key)) {
			if (STR(key)->length != 1)
				return sbx__raise(run, SBX_TYPE_ValueError,
								  "string keys in translate table must be of length 1");
			key = sbx_gen_int(sbx__str_at(key, 0));
		} else if (!SBX_IS_INT(key)) {
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "keys in translate table must be strings or integers");
		}
		if (sbx__dict_put(run, dict, key, entry->value))
			return SBX_GEN_ERROR;
	}
	return dict;
}

TEXT_METHOD(sbx__str_maketrans)
{
	sbx_value dict;
	if (count > 1 && sbx__need_str(run, args[1], "maketrans", " 2"))
		return SBX_GEN_ERROR;
	if (count > 2 && sbx__need_str(run, args[2], "maketrans", " 3"))
		return SBX_GEN_ERROR;
	if (count == 1)
		return maketrans_of_dict(run, args[0]);
	if (!SBX_IS_STR(args[0]))
		return sbx__raise(
			run, SBX_TYPE_TypeError,
			"first maketrans argument must be a string if there is a second argument");
	if (STR(args[0])->length != STR(args[1])->length)
		return sbx__raise(run, SBX_TYPE_ValueError,
						  "the first two maketrans arguments must have equal length");
	dict = sbx__dict_alloc(run, STR(args[0])->length);
	for (uint64_t i = 0; !sbx__is_error(dict) && i < STR(args[0])->length; i++)
		if (sbx__spend(run, 8) || sbx__dict_put(run, dict, sbx_gen_int(sbx__str_at(args[0], i)),
												sbx_gen_int(sbx__str_at(args[1], i))))
			return SBX_GEN_ERROR;
	for (uint64_t i = 0; count > 2 && !sbx__is_error(dict) && i < STR(args[2])->length; i++)
		if (sbx__spend(run, 8) ||
			sbx__dict_put(run, dict, sbx_gen_int(sbx__str_at(args[2], i)), SBX_GEN_NONE))
			return SBX_GEN_ERROR;
	return dict;
}

TEXT_METHOD(sbx__bytes_maketrans)
{
	Units from, to;
	uint8_t *table;
	sbx_value v;
	if (sbx__need_bytes(run, args[0]) || sbx__need_bytes(run, args[1]))
		return SBX_GEN_ERROR;
	from = sbx__units_of(args[0]);
	to = sbx__units_of(args[1]);
	if (from.length != to.length)
		return sbx__raise(run, SBX_TYPE_ValueError, "maketrans arguments must have same length");
	v = sbx__bytes_alloc(run, 256, &table);
	if (sbx__is_error(v))
		return v;
	for (int i = 0; i < 256; i++)
		table[i] = (uint8_t)i;
	for (uint64_t i = 0; i < from.length; i++) {
		if (sbx__pace(run, i, from.length))
			return SBX_GEN_ERROR;
		table[sbx__unit(&from, i)] = (uint8_t)sbx__unit(&to, i);
	}
	return v;
}

TEXT_METHOD(sbx__bytes_translate)
{
	Units in = sbx__units_of(self), table = {NULL, 0, 1, true}, delete = table;
	bool gone[256] = {false};
	TextBuffer text;
	if (SBX_GEN_KIND(args[0]) != SBX_KIND_NONE) {
		if (sbx__need_bytes(run, args[0]))
			return SBX_GEN_ERROR;
		table = sbx__units_of(args[0]);
		if (table.length != 256)
			return sbx__raise(run, SBX_TYPE_ValueError,
							  "translation table must be 256 characters long");
	}
	if (args[1].tag) {
		if (sbx__need_bytes(run, args[1]))
			return SBX_GEN_ERROR;
		delete = sbx__units_of(args[1]);
	}
	for (uint64_t i = 0; i < delete.length; i++) {
		if (sbx__pace(run, i, delete.length))
			return SBX_GEN_ERROR;
		gone[sbx__unit(&delete, i)] = true;
	}
	sbx__text_init(&text, run);
	sbx__text_room(&text, in.length, 1);
	for (uint64_t i = 0; i < in.length && !text.failed; i++) {
		uint32_t byte = sbx__unit(&in, i);
		text.failed |= sbx__pace(run, i, in.length) != 0;
		if (!gone[byte])
			sbx__text_point(&text, table.length ? sbx__unit(&table, byte) : byte);
	}
	return sbx__text_take_bytes(&text);
}
