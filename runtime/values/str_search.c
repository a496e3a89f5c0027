/*
 * Methods of str and bytes that look for a part: find, index, count, startswith, and the operator
 * `in`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "str_methods.h"

/* What is looked for: a str in a str; bytes, or one byte given as an int, in bytes. *byte holds
 * that one. */
static int part_argument(sbx_run *run, sbx_value self, sbx_value v, Units *part, uint8_t *byte)
{
	if (SBX_IS_STR(self)) {
		if (!SBX_IS_STR(v)) {
			sbx__raise(run, SBX_TYPE_TypeError, "must be str, not %T", v);
			return -1;
		}
		*part = sbx__units_of_str(v);
		return 0;
	}
	if (SBX_IS_BYTES(v)) {
		*part = sbx__units_of_bytes(v);
		return 0;
	}
	if (!SBX_IS_INT(v)) {
		sbx__raise(run, SBX_TYPE_TypeError,
				   "argument should be integer or bytes-like object, not '%T'", v);
		return -1;
	}
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG || v.u.i < 0 || v.u.i > 255) {
		sbx__raise(run, SBX_TYPE_ValueError, "byte must be in range(0, 256)");
		return -1;
	}
	*byte = (uint8_t)v.u.i;
	part->at = byte;
	part->length = part->width = 1;
	return 0;
}

typedef int64_t (*Search)(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						  uint64_t to);

static int64_t count_all(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						 uint64_t to)
{
	return sbx__units_count(run, in, what, from, to, UINT64_MAX);
}

/* -1: not there; -2: raised. */
static int64_t search(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
					  Search how)
{
	Units in = sbx__units_of(self), part = in;
	uint64_t start, stop;
	uint8_t byte;
	if (sbx__bounds_argument(run, count, args, 1, in.length, &start, &stop) ||
		part_argument(run, self, args[0], &part, &byte))
		return -2;
	return how(run, &in, &part, start, stop);
}

static sbx_value place_value(int64_t place)
{
	return place == -2 ? SBX_GEN_ERROR : sbx_gen_int(place);
}

static sbx_value place_or_error(sbx_run *run, sbx_value self, int64_t place)
{
	if (place != -1)
		return place_value(place);
	return sbx__raise(run, SBX_TYPE_ValueError,
					  SBX_IS_STR(self) ? "substring not found" : "subsection not found");
}

TEXT_METHOD(sbx__do_find)
{
	return place_value(search(run, self, count, args, sbx__units_find));
}
TEXT_METHOD(sbx__do_rfind)
{
	return place_value(search(run, self, count, args, sbx__units_rfind));
}
TEXT_METHOD(sbx__do_count)
{
	return place_value(search(run, self, count, args, count_all));
}
TEXT_METHOD(sbx__do_index)
{
	return place_or_error(run, self, search(run, self, count, args, sbx__units_find));
}
TEXT_METHOD(sbx__do_rindex)
{
	return place_or_error(run, self, search(run, self, count, args, sbx__units_rfind));
}

int sbx__str_contains(sbx_run *run, sbx_value v, sbx_value item)
{
	Units in = sbx__units_of(v), part = in;
	uint8_t byte;
	int64_t place;
	if (SBX_IS_STR(v) && !SBX_IS_STR(item)) {
		sbx__raise(run, SBX_TYPE_TypeError, "'in <string>' requires string as left operand, not %T",
				   item);
		return -1;
	}
	if (SBX_IS_BYTES(v) && !SBX_IS_BYTES(item) && !SBX_IS_INT(item))
		return sbx__need_bytes(run, item);
	if (part_argument(run, v, item, &part, &byte))
		return -1;
	place = sbx__units_find(run, &in, &part, 0, in.length);
	return place == -2 ? -1 : place >= 0;
}

/* ---- startswith, endswith ---- */

/* -1: raised. */
static int stands_at(sbx_run *run, const Units *in, uint64_t start, uint64_t stop,
					 const Units *part, bool at_end)
{
	Units cut;
	int order;
	if (start > stop || stop - start < part->length)
		return 0;
	if (at_end)
		start = stop - part->length;
	cut = sbx__units_part(*in, start, start + part->length);
	return sbx__units_compare(run, &cut, part, &order) ? -1 : order == 0;
}

static sbx_value begins_or_ends(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
								bool at_end)
{
	const char *name = at_end ? "endswith" : "startswith",
			   *type = SBX_IS_STR(self) ? "str" : "bytes";
	const sbx_gen_tuple *tuple = args[0].u.p;
	Units in = sbx__units_of(self), part;
	uint64_t start, stop;
	int stands;
	if (sbx__bounds_argument(run, count, args, 1, in.length, &start, &stop))
		return SBX_GEN_ERROR;
	if (SBX_GEN_KIND(args[0]) == SBX_GEN_KIND(self)) {
		part = sbx__units_of(args[0]);
		stands = stands_at(run, &in, start, stop, &part, at_end);
		return stands < 0 ? SBX_GEN_ERROR : sbx_gen_bool(stands);
	}
	if (SBX_GEN_KIND(args[0]) != SBX_KIND_TUPLE)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "%s first arg must be %s or a tuple of %s, not %T", name, type, type,
						  args[0]);
	for (uint64_t i = 0; i < tuple->length; i++) {
		if (SBX_IS_STR(self) && !SBX_IS_STR(tuple->items[i]))
			return sbx__raise(run, SBX_TYPE_TypeError, "tuple for %s must only contain str, not %T",
							  name, tuple->items[i]);
		if (SBX_IS_BYTES(self) && sbx__need_bytes(run, tuple->items[i]))
			return SBX_GEN_ERROR;
		part = sbx__units_of(tuple->items[i]);
		stands = stands_at(run, &in, start, stop, &part, at_end);
		if (stands < 0 || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		if (stands)
			return sbx_gen_bool(1);
	}
	return sbx_gen_bool(0);
}

TEXT_METHOD(sbx__do_startswith)
{
	return begins_or_ends(run, self, count, args, false);
}
TEXT_METHOD(sbx__do_endswith)
{
	return begins_or_ends(run, self, count, args, true);
}

static sbx_value without(sbx_run *run, sbx_value self, sbx_value part_value, bool at_end,
						 const char *name)
{
	Units in = sbx__units_of(self), part;
	int stands;
	if (SBX_IS_STR(self) ? sbx__need_str(run, part_value, name, "")
						 : sbx__need_bytes(run, part_value))
		return SBX_GEN_ERROR;
	part = sbx__units_of(part_value);
	stands = stands_at(run, &in, 0, in.length, &part, at_end);
	if (stands <= 0)
		return stands ? SBX_GEN_ERROR : sbx_gen_copy(self);
	return at_end ? sbx__units_slice(run, self, 0, in.length - part.length)
				  : sbx__units_slice(run, self, part.length, in.length);
}

TEXT_METHOD(sbx__do_removeprefix)
{
	return without(run, self, args[0], false, "removeprefix");
}
TEXT_METHOD(sbx__do_removesuffix)
{
	return without(run, self, args[0], true, "removesuffix");
}
