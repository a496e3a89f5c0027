/*
 * repr() of containers, ranges, slices, views and iterators.
 *
 * A list or dict that contains itself is written as [...] or {...} inside. Which ones are being written is marked in
 * their heads (a bit that nothing else uses); constants cannot be marked, and contain no such thing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "containers.h"
#include "kinds.h"

#define BEING_WRITTEN 0x80000000u

/* Marks an object; false: it is marked already. */
static bool mark(sbx_value v)
{
	sbx_gen_head *head = v.u.p;
	if (!(v.tag & SBX_GEN_COUNTED))
		return true;
	if (head->bits & BEING_WRITTEN)
		return false;
	head->bits |= BEING_WRITTEN;
	return true;
}

static void unmark(sbx_value v)
{
	if (v.tag & SBX_GEN_COUNTED)
		((sbx_gen_head *)v.u.p)->bits &= ~BEING_WRITTEN;
}

static void put_items(TextBuffer *text, const sbx_value *items, uint64_t count)
{
	for (uint64_t i = 0; i < count && !text->failed; i++) {
		if (i)
			sbx__text_ascii(text, ", ");
		sbx__repr_into(text, items[i]);
	}
}

static void put_dict(TextBuffer *text, const DictObject *dict)
{
	uint64_t at = 0;
	const DictEntry *entry;
	const char *between = "{";
	while (!text->failed && (entry = sbx__dict_next(dict, &at)) != NULL) {
		sbx__text_ascii(text, between);
		between = ", ";
		sbx__repr_into(text, entry->key);
		sbx__text_ascii(text, ": ");
		sbx__repr_into(text, entry->value);
	}
	sbx__text_ascii(text, "}");
}

static void put_set(TextBuffer *text, sbx_value v)
{
	uint64_t at = 0;
	const SetEntry *entry;
	const char *between = SBX_IS(v, FROZENSET) ? "frozenset({" : "{";
	while (!text->failed && (entry = sbx__set_next(SET(v), &at)) != NULL) {
		sbx__text_ascii(text, between);
		between = ", ";
		sbx__repr_into(text, entry->key);
	}
	sbx__text_ascii(text, SBX_IS(v, FROZENSET) ? "})" : "}");
}

static void put_view(TextBuffer *text, sbx_value v)
{
	uint64_t at = 0;
	const DictEntry *entry;
	unsigned form = DICT_VIEW(v)->head.bits & 3;
	const char *between = "";
	sbx__text_ascii(text, sbx__type_name(v));
	sbx__text_ascii(text, "([");
	while (!text->failed && (entry = sbx__dict_next(DICT(DICT_VIEW(v)->dict), &at)) != NULL) {
		sbx__text_ascii(text, between);
		between = ", ";
		if (form == VIEW_ITEMS)
			sbx__text_ascii(text, "(");
		if (form != VIEW_VALUES)
			sbx__repr_into(text, entry->key);
		if (form == VIEW_ITEMS)
			sbx__text_ascii(text, ", ");
		if (form != VIEW_KEYS)
			sbx__repr_into(text, entry->value);
		if (form == VIEW_ITEMS)
			sbx__text_ascii(text, ")");
	}
	sbx__text_ascii(text, "])");
}

static void put_range(TextBuffer *text, const RangeObject *range)
{
	sbx__text_ascii(text, "range(");
	put_items(text, &range->start, 2);
	if (range->step.tag != SBX_KIND_INT || range->step.u.i != 1) {
		sbx__text_ascii(text, ", ");
		sbx__repr_into(text, range->step);
	}
	sbx__text_ascii(text, ")");
}

static void put_marked(TextBuffer *text, sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		sbx__text_ascii(text, "[");
		put_items(text, LIST(v)->items, LIST(v)->length);
		sbx__text_ascii(text, "]");
		break;
	case SBX_KIND_TUPLE:
		sbx__text_ascii(text, "(");
		put_items(text, TUPLE(v)->items, TUPLE(v)->length);
		sbx__text_ascii(text, TUPLE(v)->length == 1 ? ",)" : ")");
		break;
	case SBX_KIND_DICT:
		put_dict(text, DICT(v));
		break;
	case SBX_KIND_DICT_VIEW:
		put_view(text, v);
		break;
	default:
		put_set(text, v);
	}
}

/* What needs no mark: what is empty, and what holds no containers. False: it is a container with something in it. */
static bool put_simple(TextBuffer *text, sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_LIST:
		if (LIST(v)->length)
			return false;
		sbx__text_ascii(text, "[]");
		return true;
	case SBX_KIND_TUPLE:
		if (TUPLE(v)->length)
			return false;
		sbx__text_ascii(text, "()");
		return true;
	case SBX_KIND_DICT:
		if (DICT(v)->used)
			return false;
		sbx__text_ascii(text, "{}");
		return true;
	case SBX_KIND_SET:
	case SBX_KIND_FROZENSET:
		if (SET(v)->used)
			return false;
		sbx__text_ascii(text, sbx__type_name(v));
		sbx__text_ascii(text, "()");
		return true;
	case SBX_KIND_DICT_VIEW:
		return false;
	case SBX_KIND_RANGE:
		put_range(text, RANGE(v));
		return true;
	case SBX_KIND_SLICE:
		sbx__text_ascii(text, "slice(");
		put_items(text, &SLICE(v)->start, 3);
		sbx__text_ascii(text, ")");
		return true;
	default:
		/* Iterators, generators, cells: no address is shown, a replay must write the same text. */
		sbx__text_ascii(text, "<");
		sbx__text_ascii(text, sbx__type_name(v));
		sbx__text_ascii(text, " object at 0x7f0000000000>");
		return true;
	}
}

int sbx__container_repr(TextBuffer *text, sbx_value v)
{
	if (put_simple(text, v))
		return text->failed ? -1 : 0;
	if (!mark(v)) {
		sbx__text_ascii(text, SBX_IS(v, LIST)    ? "[...]"
							  : SBX_IS(v, DICT)  ? "{...}"
							  : SBX_IS(v, TUPLE) ? "(...)"
												 : "...");
		return text->failed ? -1 : 0;
	}
	if (sbx__recurse(text->run, " while getting the repr of an object") ||
		sbx__spend(text->run, sbx_count(v))) {
		text->failed = true;
		unmark(v);
		return -1;
	}
	put_marked(text, v);
	unmark(v);
	sbx__recurse_end(text->run);
	return text->failed ? -1 : 0;
}
