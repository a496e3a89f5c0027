/*
 * Methods of str and bytes that take text apart: split, rsplit, splitlines, partition, rpartition,
 * strip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "str_methods.h"
#include "unicode.h"

static bool is_space(const Units *units, uint64_t i)
{
	uint32_t point = sbx__unit(units, i);
	if (point < 0x80)
		return point == ' ' || (point >= 9 && point <= 13) ||
			   (!units->is_bytes && point >= 0x1c && point <= 0x1f);
	return !units->is_bytes && sbx__is(point, UNICODE_SPACE);
}

/* Adds the part [start, stop) of `self` to a list. */
static int push_part(sbx_run *run, sbx_value list, sbx_value self, uint64_t start, uint64_t stop)
{
	sbx_value part = sbx__units_slice(run, self, start, stop);
	return sbx__is_error(part) || sbx__spend(run, 4) ? -1 : sbx__list_push(run, list, part);
}

/* ---- split ---- */

static int split_spaces(sbx_run *run, sbx_value self, const Units *in, uint64_t most,
						sbx_value list)
{
	uint64_t i = 0;
	for (;;) {
		uint64_t start;
		for (; i < in->length && is_space(in, i); i++)
			if (sbx__pace(run, i, in->length))
				return -1;
		if (i == in->length)
			return 0;
		start = i;
		if (most-- == 0)
			return push_part(run, list, self, start, in->length);
		for (; i < in->length && !is_space(in, i); i++)
			if (sbx__pace(run, i, in->length))
				return -1;
		if (sbx__spend(run, (i - start) / 4) || push_part(run, list, self, start, i))
			return -1;
	}
}

static int split_at(sbx_run *run, sbx_value self, const Units *in, const Units *sep, uint64_t most,
					sbx_value list)
{
	uint64_t start = 0;
	int64_t at = -1;
	while (most-- && (at = sbx__units_find(run, in, sep, start, in->length)) >= 0) {
		if (push_part(run, list, self, start, (uint64_t)at))
			return -1;
		start = (uint64_t)at + sep->length;
	}
	return at == -2 ? -1 : push_part(run, list, self, start, in->length);
}

/* From the end; the parts come in reverse. */
static int rsplit_spaces(sbx_run *run, sbx_value self, const Units *in, uint64_t most,
						 sbx_value list)
{
	uint64_t i = in->length;
	for (;;) {
		uint64_t stop;
		for (; i > 0 && is_space(in, i - 1); i--)
			if (sbx__pace(run, i, in->length))
				return -1;
		if (i == 0)
			return 0;
		stop = i;
		if (most-- == 0)
			return push_part(run, list, self, 0, stop);
		for (; i > 0 && !is_space(in, i - 1); i--)
			if (sbx__pace(run, i, in->length))
				return -1;
		if (sbx__spend(run, (stop - i) / 4) || push_part(run, list, self, i, stop))
			return -1;
	}
}

static int rsplit_at(sbx_run *run, sbx_value self, const Units *in, const Units *sep, uint64_t most,
					 sbx_value list)
{
	uint64_t stop = in->length;
	int64_t at = -1;
	while (most-- && (at = sbx__units_rfind(run, in, sep, 0, stop)) >= 0) {
		if (push_part(run, list, self, (uint64_t)at + sep->length, stop))
			return -1;
		stop = (uint64_t)at;
	}
	return at == -2 ? -1 : push_part(run, list, self, 0, stop);
}

static void reverse_list(sbx_value list)
{
	sbx_gen_list *items = list.u.p;
	for (uint64_t i = 0, j = items->length; i + 1 < j; i++) {
		sbx_value first = items->items[i];
		items->items[i] = items->items[--j];
		items->items[j] = first;
	}
}

static sbx_value split(sbx_run *run, sbx_value self, const sbx_value *args, bool from_end)
{
	Units in = sbx__units_of(self), sep;
	int64_t most = -1;
	sbx_value list;
	int bad;
	if (args[1].tag && sbx__size_argument(run, args[1], &most))
		return SBX_GEN_ERROR;
	if (args[0].tag && SBX_GEN_KIND(args[0]) != SBX_KIND_NONE) {
		if (SBX_IS_STR(self) && !SBX_IS_STR(args[0]))
			return sbx__raise(run, SBX_TYPE_TypeError, "must be str or None, not %T", args[0]);
		if (SBX_IS_BYTES(self) && sbx__need_bytes(run, args[0]))
			return SBX_GEN_ERROR;
		sep = sbx__units_of(args[0]);
		if (sep.length == 0)
			return sbx__raise(run, SBX_TYPE_ValueError, "empty separator");
	} else {
		sep.length = 0;
	}
	list = sbx__list_alloc(run, 4);
	if (sbx__is_error(list))
		return list;
	if (sep.length)
		bad = from_end ? rsplit_at(run, self, &in, &sep, (uint64_t)most, list)
					   : split_at(run, self, &in, &sep, (uint64_t)most, list);
	else
		bad = from_end ? rsplit_spaces(run, self, &in, (uint64_t)most, list)
					   : split_spaces(run, self, &in, (uint64_t)most, list);
	if (bad)
		return SBX_GEN_ERROR;
	if (from_end)
		reverse_list(list);
	return list;
}

TEXT_METHOD(sbx__do_split)
{
	return split(run, self, args, false);
}
TEXT_METHOD(sbx__do_rsplit)
{
	return split(run, self, args, true);
}

static bool ends_line(const Units *units, uint64_t i)
{
	uint32_t point = sbx__unit(units, i);
	return units->is_bytes ? point == '\n' || point == '\r' : sbx__is(point, UNICODE_LINE_END);
}

TEXT_METHOD(sbx__do_splitlines)
{
	Units in = sbx__units_of(self);
	int32_t keep = 0;
	sbx_value list;
	if (args[0].tag && sbx__c_int_argument(run, args[0], &keep))
		return SBX_GEN_ERROR;
	list = sbx__list_alloc(run, 4);
	for (uint64_t i = 0; i < in.length && !sbx__is_error(list);) {
		uint64_t start = i, end;
		for (; i < in.length && !ends_line(&in, i); i++)
			if (sbx__pace(run, i, in.length))
				return SBX_GEN_ERROR;
		end = i;
		if (i < in.length) {
			i += sbx__unit(&in, i) == '\r' && i + 1 < in.length && sbx__unit(&in, i + 1) == '\n'
					 ? 2
					 : 1;
			if (keep)
				end = i;
		}
		if (sbx__spend(run, (i - start) / 2) || push_part(run, list, self, start, end))
			return SBX_GEN_ERROR;
	}
	return list;
}

/* ---- partition ---- */

static sbx_value empty_like(sbx_run *run, sbx_value self)
{
	Units empty = sbx__units_part(sbx__units_of(self), 0, 0);
	return sbx__units_value(run, empty);
}

/* The tuple of three parts; they are taken, an error among them makes an error. */
static sbx_value tuple_of_three(sbx_run *run, sbx_value a, sbx_value b, sbx_value c)
{
	sbx_value items[3] = {a, b, c};
	if (sbx__is_error(a) || sbx__is_error(b) || sbx__is_error(c))
		return SBX_GEN_ERROR;
	return sbx_gen_tuple_make(run, 3, items);
}

static sbx_value partition(sbx_run *run, sbx_value self, sbx_value sep_value, bool from_end)
{
	Units in = sbx__units_of(self), sep;
	int64_t at;
	if (SBX_IS_STR(self) && !SBX_IS_STR(sep_value))
		return sbx__raise(run, SBX_TYPE_TypeError, "must be str, not %T", sep_value);
	if (SBX_IS_BYTES(self) && sbx__need_bytes(run, sep_value))
		return SBX_GEN_ERROR;
	sep = sbx__units_of(sep_value);
	if (sep.length == 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "empty separator");
	at = (from_end ? sbx__units_rfind : sbx__units_find)(run, &in, &sep, 0, in.length);
	if (at == -2)
		return SBX_GEN_ERROR;
	if (at == -1)
		return from_end ? tuple_of_three(run, empty_like(run, self), empty_like(run, self),
										 sbx_gen_copy(self))
						: tuple_of_three(run, sbx_gen_copy(self), empty_like(run, self),
										 empty_like(run, self));
	return tuple_of_three(run, sbx__units_slice(run, self, 0, (uint64_t)at),
						  sbx_gen_copy(sep_value),
						  sbx__units_slice(run, self, (uint64_t)at + sep.length, in.length));
}

TEXT_METHOD(sbx__do_partition)
{
	return partition(run, self, args[0], false);
}
TEXT_METHOD(sbx__do_rpartition)
{
	return partition(run, self, args[0], true);
}

/* ---- strip ---- */

enum { STRIP_LEFT = 1, STRIP_RIGHT = 2 };

/* The points to strip: those below 256 as a table, so that a long list costs once. */
typedef struct Among {
	Units points;
	bool spaces; /* white space, and no list */
	bool narrow[256];
} Among;

static bool is_among(const Units *units, uint64_t i, const Among *among)
{
	uint32_t point = sbx__unit(units, i);
	if (among->spaces)
		return is_space(units, i);
	if (point < 256)
		return among->narrow[point];
	for (uint64_t k = 0; among->points.width > 1 && k < among->points.length; k++)
		if (sbx__unit(&among->points, k) == point)
			return true;
	return false;
}

static int read_among(sbx_run *run, sbx_value self, sbx_value v, const char *name, Among *among)
{
	if (SBX_IS_STR(self) && !SBX_IS_STR(v)) {
		sbx__raise(run, SBX_TYPE_TypeError, "%s arg must be None or str", name);
		return -1;
	}
	if (SBX_IS_BYTES(self) && sbx__need_bytes(run, v))
		return -1;
	among->points = sbx__units_of(v);
	for (uint64_t k = 0; k < among->points.length; k++) {
		uint32_t point = sbx__unit(&among->points, k);
		if (sbx__pace(run, k, among->points.length))
			return -1;
		if (point < 256)
			among->narrow[point] = true;
	}
	return 0;
}

static sbx_value strip(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
					   int sides, const char *name)
{
	Units in = sbx__units_of(self);
	uint64_t start = 0, stop = in.length, work = 1;
	Among among = {.spaces = count == 0 || SBX_GEN_KIND(args[0]) == SBX_KIND_NONE};
	if (!among.spaces && read_among(run, self, args[0], name, &among))
		return SBX_GEN_ERROR;
	if (!among.spaces && among.points.width > 1)
		work = 1 + among.points.length / 4;
	while (sides & STRIP_LEFT && start < stop && is_among(&in, start, &among)) {
		start++;
		if (sbx__spend(run, work))
			return SBX_GEN_ERROR;
	}
	while (sides & STRIP_RIGHT && start < stop && is_among(&in, stop - 1, &among)) {
		stop--;
		if (sbx__spend(run, work))
			return SBX_GEN_ERROR;
	}
	return sbx__units_slice(run, self, start, stop);
}

TEXT_METHOD(sbx__do_strip)
{
	return strip(run, self, count, args, STRIP_LEFT | STRIP_RIGHT, "strip");
}
TEXT_METHOD(sbx__do_lstrip)
{
	return strip(run, self, count, args, STRIP_LEFT, "lstrip");
}
TEXT_METHOD(sbx__do_rstrip)
{
	return strip(run, self, count, args, STRIP_RIGHT, "rstrip");
}
