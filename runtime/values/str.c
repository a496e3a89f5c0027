/*
 * str: making, cutting, joining and comparing text.
 *
 * A str holds its code points in the narrowest of 1, 2 or 4 bytes, as CPython does (PEP 393), so
 * that indexing is one load and equal texts have equal units. Every function that makes a str keeps
 * that: what may have become narrower is looked through first. The empty str and those of one point
 * below 256 are static objects and cost no memory; static objects are never written to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"
#include "unicode.h"
#include "utf8.h"

static sbx_value latin1_str(uint32_t point)
{
	return sbx_gen_object(SBX_KIND_STR, &sbx__latin1_strs[point]);
}

static sbx_value empty_str(void)
{
	return sbx_gen_object(SBX_KIND_STR, &sbx__empty_str);
}

/* A new str of `length` > 0; the caller fills in units whose largest needs this width. */
sbx_value sbx__str_alloc(sbx_run *run, uint64_t length, uint32_t width, void *units)
{
	void *object;
	sbx_gen_str *str;
	sbx_value v;
	if (length == 0) {
		*(void **)units = NULL;
		return empty_str();
	}
	if (length > INT64_MAX / 8)
		return sbx__raise_memory(run);
	v = sbx__object(run, SBX_KIND_STR, sbx__str_size(length, width), &object);
	if (sbx__is_error(v))
		return v;
	str = object;
	str->head.bits = width;
	str->hash = -1;
	str->length = length;
	((char *)(str + 1))[length * width] = 0;
	*(void **)units = str + 1;
	return v;
}

/* What stands at `at` and behind, SBX_LONG units at most. */
static Units next_part(const Units *units, uint64_t at)
{
	return sbx__units_part(*units, at,
						   units->length - at < SBX_LONG ? units->length : at + SBX_LONG);
}

/* sbx__units_copy of a part that is short. */
static void copy_part(void *to, uint32_t width, const Units *from)
{
	if (from->width == 1 && width == 2) {
		for (uint64_t i = 0; i < from->length; i++)
			((uint16_t *)to)[i] = ((const uint8_t *)from->at)[i];
	} else {
		for (uint64_t i = 0; i < from->length; i++)
			sbx__unit_put(to, width, i, sbx__unit(from, i));
	}
}

int sbx__units_copy(sbx_run *run, void *to, uint32_t width, const Units *from)
{
	if (from->width == width)
		return sbx__copy(run, to, from->at, from->length * width);
	for (uint64_t at = 0; at < from->length; at += SBX_LONG) {
		Units part = next_part(from, at);
		if (sbx__spend(run, part.length / 2))
			return -1;
		copy_part((char *)to + at * width, width, &part);
	}
	return 0;
}

/* Of a part that is short. */
static uint32_t largest_of(const Units *units)
{
	uint32_t all = 0;
	for (uint64_t i = 0; i < units->length && all < 0x10000; i++)
		all |= sbx__unit(units, i);
	return all;
}

uint32_t sbx__units_width(sbx_run *run, const Units *units)
{
	uint32_t all = 0;
	if (units->width == 1)
		return 1;
	for (uint64_t at = 0; at < units->length && all < 0x10000; at += SBX_LONG) {
		Units part = next_part(units, at);
		if (sbx__spend(run, part.length / 4))
			return 0;
		all |= largest_of(&part);
	}
	return sbx__width_for(all);
}

sbx_value sbx__units_value(sbx_run *run, Units units)
{
	void *to;
	sbx_value v;
	uint32_t width;
	if (units.is_bytes)
		return sbx__bytes_from(run, units.at, units.length);
	if (units.length == 0)
		return empty_str();
	width = sbx__units_width(run, &units);
	if (units.length == 1 && width == 1)
		return latin1_str(sbx__unit(&units, 0));
	if (width == 0)
		return SBX_GEN_ERROR;
	v = sbx__str_alloc(run, units.length, width, &to);
	if (sbx__is_error(v) || sbx__units_copy(run, to, width, &units))
		return SBX_GEN_ERROR;
	return v;
}

sbx_value sbx__units_slice(sbx_run *run, sbx_value v, uint64_t start, uint64_t stop)
{
	Units units = sbx__units_of(v);
	if (start == 0 && stop == units.length)
		return sbx_gen_copy(v);
	return sbx__units_value(run, sbx__units_part(units, start, stop));
}

sbx_value sbx__str_slice(sbx_run *run, sbx_value v, uint64_t start, uint64_t stop)
{
	return sbx__units_slice(run, v, start, stop);
}

sbx_value sbx__str_point(sbx_run *run, uint32_t code_point)
{
	Units units = {&code_point, 1, 4, false};
	if (code_point < 256)
		return latin1_str(code_point);
	return sbx__units_value(run, units);
}

sbx_value sbx__str_ascii(sbx_run *run, const char *ascii)
{
	Units units = {ascii, strlen(ascii), 1, false};
	return sbx__units_value(run, units);
}

sbx_value sbx__str_of_measured(sbx_run *run, const uint8_t *utf8, uint64_t count, uint32_t largest)
{
	const char *reason;
	uint32_t point = 0, width = sbx__width_for(largest);
	void *to;
	sbx_value v;
	if (count == 1)
		return sbx__utf8_next(utf8, 4, true, &point, &reason), sbx__str_point(run, point);
	v = sbx__str_alloc(run, count, width, &to);
	if (sbx__is_error(v))
		return v;
	for (uint64_t i = 0; i < count; i++) {
		if (sbx__pace(run, i, count))
			return SBX_GEN_ERROR;
		if (*utf8 < 0x80)
			point = *utf8++;
		else
			utf8 += sbx__utf8_next(utf8, 4, true, &point, &reason);
		sbx__unit_put(to, width, i, point);
	}
	return v;
}

sbx_value sbx__str_from_utf8(sbx_run *run, const char *utf8, size_t length)
{
	const uint8_t *at = (const uint8_t *)utf8;
	const char *reason = NULL;
	size_t place = 0;
	uint64_t count;
	uint32_t largest;
	int bad;
	Units ascii = {utf8, length, 1, false};
	if (sbx__ascii_prefix(at, length) == length)
		return sbx__units_value(run, ascii);
	bad = sbx__utf8_measure(run, at, length, true, &count, &largest, &place, &reason);
	if (bad && !reason)
		return SBX_GEN_ERROR;
	if (bad)
		return sbx__raise_decode(run, "utf-8", at, length, place, (size_t)-bad, reason);
	return sbx__str_of_measured(run, at, count, largest);
}

sbx_value sbx_str_make(sbx_heap *heap, const char *utf8, size_t length)
{
	const char *reason;
	size_t place;
	uint64_t count;
	uint32_t largest;
	if (sbx__utf8_measure(heap, (const uint8_t *)utf8, length, true, &count, &largest, &place,
						  &reason))
		return SBX_GEN_ERROR;
	return sbx__str_from_utf8(heap, utf8, length);
}

/* How many bytes of UTF-8 a short part takes. */
static size_t utf8_length(const Units *part)
{
	size_t size = part->length;
	if (part->width == 1) {
		for (uint64_t i = 0; i < part->length; i++)
			size += ((const uint8_t *)part->at)[i] >> 7;
	} else if (part->width == 2) {
		const uint16_t *units = part->at;
		for (uint64_t i = 0; i < part->length; i++)
			size += (size_t)(units[i] >= 0x80) + (size_t)(units[i] >= 0x800);
	} else {
		size = 0;
		for (uint64_t i = 0; i < part->length; i++)
			size += (size_t)sbx__utf8_size(sbx__unit(part, i));
	}
	return size;
}

/* Writes a short part; gives the place behind it. */
static uint8_t *utf8_write(uint8_t *to, const Units *part)
{
	for (uint64_t i = 0; i < part->length; i++) {
		uint32_t point = sbx__unit(part, i);
		if (point < 0x80)
			*to++ = (uint8_t)point;
		else
			to += sbx__utf8_put(to, point);
	}
	return to;
}

/* As sbx_peek_str; `spends`: the time counts, and where there is none left the answer is NULL. */
static const char *peek(sbx_heap *heap, sbx_value v, size_t *length, bool spends)
{
	Units units;
	size_t size = 0;
	uint8_t *copy, *to;
	if (!SBX_IS_STR(v))
		return NULL;
	units = sbx__units_of_str(v);
	for (uint64_t at = 0; at < units.length; at += SBX_LONG) {
		Units part = next_part(&units, at);
		if (spends && sbx__spend(heap, part.length / 2))
			return NULL;
		size += utf8_length(&part);
	}
	if (length)
		*length = size;
	if (v.tag & SBX_GEN_COUNTED && size == units.length)
		return units.at;               /* ASCII, with its zero byte */
	copy = sbx__alloc(heap, size + 1); /* stays until the heap goes */
	if (!copy)
		return NULL;
	to = copy;
	for (uint64_t at = 0; at < units.length; at += SBX_LONG) {
		Units part = next_part(&units, at);
		if (spends && sbx__spend(heap, 2 * part.length))
			return NULL;
		to = utf8_write(to, &part);
	}
	*to = 0;
	return (const char *)copy;
}

const char *sbx_peek_str(sbx_heap *heap, sbx_value v, size_t *length)
{
	return peek(heap, v, length, false);
}

const char *sbx__peek_spending(sbx_run *run, sbx_value v)
{
	return peek(run, v, NULL, true);
}

/* ---- joining ---- */

sbx_value sbx_gen_str_concat(sbx_run *run, uint64_t count, const sbx_value *parts)
{
	uint64_t length = 0;
	uint32_t width = 1;
	sbx_value v;
	char *to;
	for (uint64_t i = 0; i < count; i++) {
		length += STR(parts[i])->length;
		if (STR(parts[i])->length && STR(parts[i])->head.bits > width)
			width = STR(parts[i])->head.bits;
	}
	if (length <= 1)
		for (uint64_t i = 0; i < count; i++)
			if (STR(parts[i])->length)
				return sbx_gen_copy(parts[i]);
	if (length > INT64_MAX / 8)
		return sbx__raise_memory(run);
	if (sbx__reserve(run, length * width) || sbx__spend(run, count))
		return SBX_GEN_ERROR;
	v = sbx__str_alloc(run, length, width, &to);
	if (sbx__is_error(v) || length == 0) /* the empty text has no units to write to */
		return v;
	for (uint64_t i = 0; i < count; i++) {
		Units units = sbx__units_of_str(parts[i]);
		if (units.width == 1 && width > 1 && units.length <= SBX_LONG)
			copy_part(to, width, &units);
		else if (sbx__units_copy(run, to, width, &units))
			return SBX_GEN_ERROR;
		to += units.length * width;
	}
	return v;
}

sbx_value sbx__str_concat2(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value parts[2] = {a, b};
	if (STR(a)->length == 0)
		return sbx_gen_copy(b);
	if (STR(b)->length == 0)
		return sbx_gen_copy(a);
	return sbx_gen_str_concat(run, 2, parts);
}

sbx_value sbx__str_append_take(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_gen_str *str = a.u.p;
	uint32_t width = str->head.bits;
	uint64_t length = str->length, more = STR(b)->length;
	Units units = sbx__units_of_str(b);
	sbx_value v;
	if (!(a.tag & SBX_GEN_COUNTED) || str->head.refs != 1 || units.width > width || length == 0 ||
		a.u.p == b.u.p) {
		v = sbx__str_concat2(run, a, b);
		sbx_gen_drop(run, a);
		return v;
	}
	if (more == 0)
		return a;
	str = sbx__realloc(run, str, sbx__str_size(length, width), sbx__str_size(length + more, width));
	if (!str)
		return SBX_GEN_ERROR;
	str->hash = -1;
	str->length = length + more;
	if (sbx__units_copy(run, (char *)(str + 1) + length * width, width, &units))
		return SBX_GEN_ERROR;
	((char *)(str + 1))[str->length * width] = 0;
	a.u.p = str;
	return a;
}

/* ---- comparing ---- */

static int compare_part(const Units *a, const Units *b)
{
	uint64_t shorter = a->length < b->length ? a->length : b->length;
	if (a->width == 1 && b->width == 1) {
		int order = shorter ? memcmp(a->at, b->at, shorter) : 0;
		if (order)
			return order < 0 ? -1 : 1;
	} else {
		for (uint64_t i = 0; i < shorter; i++) {
			uint32_t x = sbx__unit(a, i), y = sbx__unit(b, i);
			if (x != y)
				return x < y ? -1 : 1;
		}
	}
	return a->length == b->length ? 0 : a->length < b->length ? -1 : 1;
}

int sbx__units_compare(sbx_run *run, const Units *a, const Units *b, int *order)
{
	uint64_t shorter = a->length < b->length ? a->length : b->length, at = 0;
	*order = 0;
	for (; shorter - at > SBX_LONG && !*order; at += SBX_LONG) {
		Units x = sbx__units_part(*a, at, at + SBX_LONG),
			  y = sbx__units_part(*b, at, at + SBX_LONG);
		if (sbx__spend(run, a->width + b->width == 2 ? SBX_LONG / 16 : SBX_LONG))
			return -1;
		*order = compare_part(&x, &y);
	}
	if (!*order) {
		Units x = sbx__units_part(*a, at, a->length), y = sbx__units_part(*b, at, b->length);
		*order = compare_part(&x, &y);
	}
	return shorter > 1024 ? sbx__spend(run, (shorter < SBX_LONG ? shorter : SBX_LONG) / 16) : 0;
}

int sbx__str_compare(sbx_value a, sbx_value b)
{
	Units x = sbx__units_of(a), y = sbx__units_of(b);
	return compare_part(&x, &y);
}

int sbx__text_compare(sbx_run *run, sbx_value a, sbx_value b, int *order)
{
	Units x = sbx__units_of(a), y = sbx__units_of(b);
	return sbx__units_compare(run, &x, &y, order);
}

bool sbx__str_equal(sbx_value a, sbx_value b)
{
	const sbx_gen_str *x = STR(a), *y = STR(b);
	if (x == y)
		return true;
	if (x->length != y->length || (x->hash != y->hash && x->hash != -1 && y->hash != -1))
		return false;
	return x->length == 0 ||
		   (x->head.bits == y->head.bits && !memcmp(x + 1, y + 1, x->length * x->head.bits));
}

bool sbx__str_is(sbx_value v, const char *ascii)
{
	return SBX_IS_STR(v) && STR(v)->head.bits == 1 && STR(v)->length == strlen(ascii) &&
		   !memcmp(STR(v) + 1, ascii, STR(v)->length);
}
