/*
 * Defaults of inputs. A default is a static value where it can be; lists, dicts, sets and time spans belong to a heap, so
 * the table describes them by a tuple that begins with a type (which no default of a user contains), and each run
 * makes its own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "../values/boundary.h"
#include "run.h"

static sbx_value of_type(sbx_run *run, int64_t type, uint64_t count, sbx_value *items)
{
	sbx_value set, v;
	switch (type) {
	case SBX_TYPE_list:
		return sbx_gen_list_make(run, count, items);
	case SBX_TYPE_set:
		return sbx_gen_set_make(run, count, items);
	case SBX_TYPE_dict:
		return sbx_gen_dict_make(run, count / 2, items);
	case SBX_TYPE_timedelta:
		return sbx__time_make(run, SBX_KIND_TIMEDELTA, items[0].u.i, 0);
	default:
		set = sbx_gen_set_make(run, count, items);
		v = set.tag ? sbx_gen_call_type(run, SBX_TYPE_frozenset, 1, &set, SBX_GEN_NONE) : set;
		sbx_gen_drop(run, set);
		return v;
	}
}

sbx_value sbx_gen_default_make(sbx_run *run, sbx_value v)
{
	const sbx_gen_tuple *tuple = v.u.p;
	uint64_t from, count;
	sbx_value *items, made = SBX_GEN_ERROR;
	if (SBX_GEN_KIND(v) != SBX_KIND_TUPLE || !tuple->length)
		return sbx_gen_copy(v);
	from = SBX_GEN_KIND(tuple->items[0]) == SBX_KIND_TYPE;
	count = tuple->length - from;
	items = sbx__alloc(run, (count + 1) * sizeof *items);
	if (!items)
		return made;
	for (uint64_t i = 0; i < count; i++) {
		items[i] = sbx_gen_default_make(run, tuple->items[from + i]);
		if (!items[i].tag)
			return made; /* the run ends with what was made so far */
	}
	made = from ? of_type(run, tuple->items[0].u.i, count, items)
				: sbx_gen_tuple_make(run, count, items);
	sbx__free(run, items, (count + 1) * sizeof *items);
	return made;
}
