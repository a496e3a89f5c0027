/*
 * x[key], item in x, len(x), and a, b = x, for every kind.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"

static sbx_value dict_getitem(sbx_run *run, sbx_value dict, sbx_value key)
{
	sbx_value value;
	if (sbx__dict_get(run, dict, key, &value))
		return SBX_GEN_ERROR;
	return value.tag ? sbx_gen_copy(value) : sbx__raise_value(run, SBX_TYPE_KeyError, key);
}

sbx_value sbx_gen_getitem_slow(sbx_run *run, sbx_value object, sbx_value key)
{
	if (SBX_GEN_LIKELY(SBX_IS(object, DICT)))
		return dict_getitem(run, object, key);
	switch (SBX_GEN_KIND(object)) {
	case SBX_KIND_LIST:
		return sbx__list_getitem(run, object, key);
	case SBX_KIND_TUPLE:
		return sbx__tuple_getitem(run, object, key);
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		return sbx__str_getitem(run, object, key);
	case SBX_KIND_RANGE:
		return sbx__range_getitem(run, object, key);
	case SBX_KIND_TYPE:
		return sbx__raise(run, SBX_TYPE_TypeError, "type '%s' is not subscriptable",
						  sbx__type_names[object.u.i]);
	default:
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not subscriptable", object);
	}
}

static int in_items(sbx_run *run, const sbx_value *items, uint64_t count, sbx_value item)
{
	for (uint64_t i = 0; i < count; i++) {
		int equal = sbx__equal(run, items[i], item);
		if (equal)
			return equal;
		if (sbx__pace(run, i, count))
			return -1;
	}
	return 0;
}

/* Through an iterator, which is used up as far as it went. */
static int in_iterator(sbx_run *run, sbx_value iterator, sbx_value item)
{
	for (;;) {
		sbx_value value = sbx_gen_next_native(run, iterator);
		int equal;
		if (SBX_IS(value, DONE))
			return 0;
		if (sbx__is_error(value) || sbx__spend(run, 1))
			return -1;
		equal = sbx__equal(run, value, item);
		sbx_gen_drop(run, value);
		if (equal)
			return equal;
	}
}

int sbx_gen_contains(sbx_run *run, sbx_value container, sbx_value item)
{
	sbx_value value;
	switch (SBX_GEN_KIND(container)) {
	case SBX_KIND_LIST:
		return in_items(run, LIST(container)->items, LIST(container)->length, item);
	case SBX_KIND_TUPLE:
		return in_items(run, TUPLE(container)->items, TUPLE(container)->length, item);
	case SBX_KIND_DICT:
		return sbx__dict_get(run, container, item, &value) ? -1 : value.tag != 0;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return sbx__set_has(run, container, item);
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		return sbx__str_contains(run, container, item);
	case SBX_KIND_RANGE:
		return sbx__range_contains(run, container, item);
	case SBX_KIND_DICT_VIEW:
		return sbx__dict_view_contains(run, container, item);
	case SBX_KIND_ITERATOR:
		return in_iterator(run, container, item);
	default:
		sbx__raise(run, SBX_TYPE_TypeError, "argument of type '%T' is not iterable", container);
		return -1;
	}
}

int64_t sbx_gen_len_slow(sbx_run *run, sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		return (int64_t)LIST(v)->length;
	case SBX_KIND_TUPLE:
		return (int64_t)TUPLE(v)->length;
	case SBX_KIND_STR:
		return (int64_t)STR(v)->length;
	case SBX_KIND_BYTES:
		return (int64_t)((const sbx_gen_bytes *)v.u.p)->length;
	case SBX_KIND_DICT:
		return (int64_t)DICT(v)->used;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		return (int64_t)SET(v)->used;
	case SBX_KIND_DICT_VIEW:
		return (int64_t)sbx__dict_view_length(v);
	case SBX_KIND_RANGE:
		if (RANGE(v)->length.tag == SBX_KIND_INT)
			return RANGE(v)->length.u.i;
		sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C ssize_t");
		return -1;
	default:
		sbx__raise(run, SBX_TYPE_TypeError, "object of type '%T' has no len()", v);
		return -1;
	}
}

/* ---- unpacking ---- */

static int cannot_unpack(sbx_run *run, sbx_value v)
{
	if (sbx__is_iterable(v))
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "cannot unpack non-iterable %T object", v);
	return -1;
}

/* From an iterator, which is asked for one item more than is wanted. */
static int unpack_iterator(sbx_run *run, sbx_value v, uint32_t count, sbx_value *out)
{
	sbx_value iterator = sbx_gen_iter(run, v), item;
	if (sbx__is_error(iterator))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		out[i] = sbx_gen_next_native(run, iterator);
		if (sbx__is_error(out[i]))
			return -1;
		if (SBX_IS(out[i], DONE)) {
			sbx__raise(run, SBX_TYPE_ValueError,
					   "not enough values to unpack (expected %d, got %d)", (int)count, (int)i);
			return -1;
		}
	}
	item = sbx_gen_next_native(run, iterator);
	if (sbx__is_error(item))
		return -1;
	if (!SBX_IS(item, DONE)) {
		sbx__raise(run, SBX_TYPE_ValueError, "too many values to unpack (expected %d)", (int)count);
		return -1;
	}
	sbx_gen_drop(run, iterator);
	return 0;
}

int sbx_gen_unpack(sbx_run *run, sbx_value v, uint32_t count, sbx_value *out)
{
	Items items;
	if (SBX_IS(v, TUPLE) && TUPLE(v)->length == count) {
		for (uint32_t i = 0; i < count; i++)
			out[i] = sbx_gen_copy(TUPLE(v)->items[i]);
		return 0;
	}
	if (cannot_unpack(run, v))
		return -1;
	if (!SBX_IS(v, LIST) && !SBX_IS(v, TUPLE))
		return unpack_iterator(run, v, count, out);
	if (sbx__items_open(run, v, &items))
		return -1;
	if (items.count < count) {
		sbx__raise(run, SBX_TYPE_ValueError, "not enough values to unpack (expected %d, got %llu)",
				   (int)count, (unsigned long long)items.count);
		return -1;
	}
	if (items.count > count) {
		sbx__raise(run, SBX_TYPE_ValueError, "too many values to unpack (expected %d)", (int)count);
		return -1;
	}
	for (uint32_t i = 0; i < count; i++)
		out[i] = sbx_gen_copy(items.at[i]);
	return 0;
}

int sbx_gen_unpack_star(sbx_run *run, sbx_value v, uint32_t before, uint32_t after, sbx_value *out)
{
	Items items;
	uint64_t rest;
	if (cannot_unpack(run, v) || sbx__items_open(run, v, &items))
		return -1;
	if (items.count < (uint64_t)before + after) {
		sbx__raise(run, SBX_TYPE_ValueError,
				   "not enough values to unpack (expected at least %d, got %llu)",
				   (int)(before + after), (unsigned long long)items.count);
		return -1;
	}
	rest = items.count - before - after;
	for (uint32_t i = 0; i < before; i++)
		out[i] = sbx_gen_copy(items.at[i]);
	out[before] = sbx__list_alloc(run, rest);
	if (sbx__is_error(out[before]) ||
		sbx__copy_items(run, LIST(out[before])->items, items.at + before, rest))
		return -1;
	LIST(out[before])->length = rest;
	for (uint32_t i = 0; i < after; i++)
		out[before + 1 + i] = sbx_gen_copy(items.at[before + rest + i]);
	sbx__items_close(run, &items);
	return 0;
}
