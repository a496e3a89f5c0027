/*
 * Values at a boundary: do they fit the declared type, and what makes them fit.
 *
 * A value that fits as it is stays the same object. What can be made to fit becomes a new one, and so do the containers
 * around it: an int where a float is declared, and from JSON also text that stands for bytes, times or the keys of a
 * dict, arrays that stand for tuples and sets, objects that stand for handles. A union takes its first member
 * that fits exactly, then the first that can be made to. Depth is bounded by the declared type; where it says Any, only
 * whether the value may cross at all is looked at.
 *
 * A mistake is reported with its place, built from the chain of places on the C stack: "[3]['a']: expected int, got
 * str".
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "nesting.h"
#include "numbers.h"

enum Mode { MODE_PYTHON, MODE_JSON };

/* Where in the value: an item of a list or tuple, a value of a dict by its key, or a key or item itself. */
typedef struct Place {
	const struct Place *outer;
	sbx_value key;
	int64_t index; /* where key has tag 0 */
	bool is_key;
} Place;

typedef struct Converter {
	sbx_run *run;
	enum Mode mode;
	bool exact; /* no conversion: for the first turn of a union */
	bool quiet; /* no message: for a try */
} Converter;

static sbx_value convert(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place);

/* ---- messages ---- */

static void put_place(TextBuffer *text, const Place *place)
{
	char number[32];
	if (!place)
		return;
	put_place(text, place->outer);
	if (place->is_key) {
		sbx__text_ascii(text, "[key ");
		sbx__repr_into(text, place->key);
		sbx__text_ascii(text, "]");
	} else if (place->key.tag) {
		sbx__text_ascii(text, "[");
		sbx__repr_into(text, place->key);
		sbx__text_ascii(text, "]");
	} else {
		size_t at = sizeof number - 1;
		uint64_t i = (uint64_t)place->index;
		number[at] = 0;
		do {
			number[--at] = (char)('0' + i % 10);
			i /= 10;
		} while (i);
		sbx__text_ascii(text, "[");
		sbx__text_ascii(text, number + at);
		sbx__text_ascii(text, "]");
	}
}

/* Raises TypeError "<place>: expected <type>, got <what>". */
static sbx_value refuse(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place,
						const char *got)
{
	TextBuffer text;
	char small[128];
	sbx_value message;
	if (c->quiet)
		return SBX_GEN_ERROR;
	sbx__text_init(&text, c->run);
	put_place(&text, place);
	sbx__text_ascii(&text, place ? ": expected " : "expected ");
	if (sbx_type_text(type, small, sizeof small) >= sizeof small)
		memcpy(small + sizeof small - 4, "...", 4);
	sbx__text_ascii(&text, strcmp(small, "Any") ? small : "a value that can cross the boundary");
	sbx__text_ascii(&text, ", got ");
	sbx__text_ascii(&text, got ? got : sbx__type_name(v));
	message = sbx__text_take(&text);
	if (!sbx__is_error(message)) {
		sbx__raise(c->run, SBX_TYPE_TypeError, "%V", message);
		sbx_gen_drop(c->run, message);
	}
	return SBX_GEN_ERROR;
}

/* ---- Any: may it cross? ---- */

/* Marks containers as seen while it walks, so that shared ones and cycles are looked at once. */
static sbx_value check_any(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	Nesting nesting;
	sbx_value item, value, bad = SBX_GEN_ERROR;
	if (!sbx__is_container(v)) {
		sbx_type_kind kind = sbx_kind(v);
		return kind == SBX_OTHER || kind == SBX_EXCEPTION ? refuse(c, type, v, place, NULL)
														  : sbx_gen_copy(v);
	}
	sbx__nesting_init(&nesting, c->run);
	if (sbx__nesting_enter(&nesting, v, UINT64_MAX) != NESTING_OK)
		return SBX_GEN_ERROR;
	while (nesting.count && !bad.tag) {
		bool is_dict = SBX_IS(nesting.levels[nesting.count - 1].container, DICT);
		if (!sbx__nesting_next(&nesting, &item, &value))
			continue;
		for (int i = 0; i < 1 + is_dict; i++, item = value) {
			sbx_type_kind kind = sbx_kind(item);
			if (kind == SBX_OTHER || kind == SBX_EXCEPTION)
				bad = item;
			else if (sbx__is_container(item) &&
					 sbx__nesting_enter(&nesting, item, UINT64_MAX) == NESTING_MEMORY)
				return SBX_GEN_ERROR;
			/* The value of a pair is looked at first when its key is a container too: the order does not matter. */
		}
		if (sbx__spend(c->run, 1))
			return SBX_GEN_ERROR;
	}
	sbx__nesting_fini(&nesting);
	return bad.tag ? refuse(c, type, bad, place, NULL) : sbx_gen_copy(v);
}

/* ---- scalars ---- */

static sbx_value to_float(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	double f;
	if (SBX_IS(v, FLOAT))
		return v;
	if (!SBX_IS_INT(v) || c->exact || (c->mode == MODE_JSON && SBX_IS(v, BOOL)))
		return refuse(c, type, v, place, NULL);
	f = sbx__int_nearest_double(v);
	if (f - f != 0.0)
		return refuse(c, type, v, place, "an int too large for a float");
	return sbx_gen_float(f);
}

/* The text of a str, where it is short and ASCII, as a C string in `buffer`. */
static bool short_ascii(sbx_value v, char buffer[80], size_t *length)
{
	if (!SBX_IS(v, STR) || STR(v)->length >= 80)
		return false;
	*length = (size_t)STR(v)->length;
	for (size_t i = 0; i < *length; i++) {
		uint32_t point = sbx__str_at(v, i);
		if (point >= 128)
			return false;
		buffer[i] = (char)point;
	}
	buffer[*length] = 0;
	return true;
}

static sbx_value to_time(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	bool is_date = type->kind == SBX_DATETIME;
	char text[80];
	size_t length;
	int64_t microseconds;
	int32_t offset = INT32_MIN;
	if (SBX_GEN_KIND(v) == (is_date ? SBX_KIND_DATETIME : SBX_KIND_TIMEDELTA))
		return sbx_gen_copy(v);
	if (c->mode != MODE_JSON || c->exact)
		return refuse(c, type, v, place, NULL);
	if (is_date) {
		if (!SBX_IS(v, STR))
			return refuse(c, type, v, place, NULL);
		if (!short_ascii(v, text, &length) ||
			!sbx__datetime_parse(text, length, &microseconds, &offset))
			return refuse(c, type, v, place, "text that is not ISO 8601");
		return sbx__time_make(c->run, SBX_KIND_DATETIME, microseconds, offset);
	}
	if (SBX_IS(v, STR)) {
		if (!short_ascii(v, text, &length) || !sbx__timedelta_parse(text, length, &microseconds))
			return refuse(c, type, v, place, "text that is no duration");
	} else if (!SBX_IS(v, INT) && !SBX_IS(v, FLOAT)) {
		return refuse(c, type, v, place, NULL);
	} else if (!sbx__timedelta_from_seconds(SBX_IS(v, INT) ? (double)v.u.i : v.u.f,
											&microseconds)) {
		return refuse(c, type, v, place, "too many seconds");
	}
	return sbx__time_make(c->run, SBX_KIND_TIMEDELTA, microseconds, INT32_MIN);
}

/* A handle as JSON has it: {"__flyte_io_type__": "File", "path": "..."}; a path alone is one too. */
static sbx_value to_handle(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	sbx_value path, format = SBX_GEN_NONE, hash = SBX_GEN_NONE, kind;
	static const char *const names[] = {"File", "Dir", "DataFrame"};
	if (SBX_IS(v, HANDLE) && HANDLE(v)->head.bits == type->kind)
		return sbx_gen_copy(v);
	if (c->mode != MODE_JSON || c->exact || (!SBX_IS(v, DICT) && !SBX_IS(v, STR)))
		return refuse(c, type, v, place, NULL);
	if (SBX_IS(v, STR))
		return sbx__handle_make(c->run, type->kind, v, format, hash);
	kind = sbx_dict_find(c->run, v, "__flyte_io_type__");
	path = sbx_dict_find(c->run, v, "path");
	format = sbx_dict_find(c->run, v, "format");
	hash = sbx_dict_find(c->run, v, "hash");
	if (!SBX_IS(kind, STR) || !sbx__str_is(kind, names[type->kind - SBX_FILE]))
		return refuse(c, type, v, place, "an object without the right \"__flyte_io_type__\"");
	if (!SBX_IS(path, STR))
		return refuse(c, type, v, place, "an object without \"path\"");
	return sbx__handle_make(c->run, type->kind, path, SBX_IS(format, STR) ? format : SBX_GEN_NONE,
							SBX_IS(hash, STR) ? hash : SBX_GEN_NONE);
}

static sbx_value to_bytes(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	sbx_value out;
	if (SBX_IS(v, BYTES))
		return sbx_gen_copy(v);
	if (c->mode != MODE_JSON || c->exact || !SBX_IS(v, STR))
		return refuse(c, type, v, place, NULL);
	out = sbx__base64_decode(c->run, v);
	if (sbx__is_error(out) && !HEAP(c->run)->exception.tag)
		return refuse(c, type, v, place, "text that is not base64");
	return out;
}

/* ---- containers ---- */

static const sbx_gen_type any_type = {SBX_ANY, 0, NULL};

static const sbx_gen_type *argument(const sbx_gen_type *type, uint64_t i)
{
	return i < type->count && type->args[i] ? type->args[i] : &any_type;
}

static bool is_same(sbx_value a, sbx_value b)
{
	return a.tag == b.tag && a.u.i == b.u.i;
}

/* Does an item stay as it is? 1, 0, or -1 where it does not fit. */
static int stays(Converter *c, const sbx_gen_type *type, sbx_value item, const Place *place)
{
	sbx_value out = convert(c, type, item, place);
	bool same = is_same(out, item);
	if (sbx__is_error(out) || sbx__spend(c->run, 1))
		return -1;
	sbx_gen_drop(c->run, out);
	return same;
}

static bool all_any(const sbx_gen_type *type)
{
	for (uint32_t i = 0; i < type->count; i++)
		if (argument(type, i)->kind != SBX_ANY)
			return false;
	return true;
}

/* The items of a list or tuple converted; the value itself where all stay as they are and the kind is right. */
static sbx_value to_sequence(Converter *c, const sbx_gen_type *type, sbx_value v,
							 const Place *outer)
{
	bool is_list = type->kind == SBX_LIST;
	const sbx_value *items = SBX_IS(v, LIST) ? LIST(v)->items : TUPLE(v)->items;
	uint64_t count = SBX_IS(v, LIST) ? LIST(v)->length : TUPLE(v)->length;
	sbx_value out = SBX_GEN_ERROR, list;
	Place place = {outer, SBX_GEN_ERROR, 0, false};
	int same = SBX_IS(v, LIST) == is_list;
	for (uint64_t i = 0; i < count && same > 0; i++) {
		place.index = (int64_t)i;
		same = stays(c, argument(type, type->kind == SBX_TUPLE ? i : 0), items[i], &place);
	}
	if (same)
		return same < 0 ? SBX_GEN_ERROR : sbx_gen_copy(v);
	list = sbx__list_alloc(c->run, count);
	if (sbx__is_error(list))
		return list;
	for (uint64_t i = 0; i < count; i++) {
		sbx_value item;
		place.index = (int64_t)i;
		item = convert(c, argument(type, type->kind == SBX_TUPLE ? i : 0), items[i], &place);
		if (sbx__is_error(item) || sbx__spend(c->run, 1)) {
			sbx_gen_drop(c->run, list);
			return SBX_GEN_ERROR;
		}
		LIST(list)->items[LIST(list)->length++] = item;
	}
	if (is_list)
		return list;
	out = sbx_gen_list_to_tuple(c->run, list);
	sbx_gen_drop(c->run, list);
	return out;
}

static sbx_value to_list_or_tuple(Converter *c, const sbx_gen_type *type, sbx_value v,
								  const Place *place)
{
	bool is_list = type->kind == SBX_LIST,
		 from_array = c->mode == MODE_JSON && !c->exact && !is_list && SBX_IS(v, LIST);
	uint64_t count;
	if (SBX_IS(v, LIST) != is_list || (!is_list && !SBX_IS(v, TUPLE)))
		if (!from_array)
			return refuse(c, type, v, place, NULL);
	count = SBX_IS(v, LIST) ? LIST(v)->length : TUPLE(v)->length;
	if (type->kind == SBX_TUPLE && type->args && count != type->count) {
		char got[64] = "items of another number: ", *at = got + strlen(got) + 20;
		uint64_t n = count;
		*at = 0;
		do {
			*--at = (char)('0' + n % 10);
			n /= 10;
		} while (n);
		memmove(got + strlen("items of another number: "), at, strlen(at) + 1);
		return refuse(c, type, v, place, got);
	}
	if (all_any(type) && !from_array)
		return check_any(c, type, v, place);
	return to_sequence(c, type, v, place);
}

static sbx_value to_set(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *outer)
{
	bool frozen = type->kind == SBX_FROZENSET,
		 fits = SBX_IS_SET(v) && SBX_IS(v, FROZENSET) == frozen;
	sbx_value out, item;
	Items items;
	Place place = {outer, SBX_GEN_ERROR, 0, false};
	int same = fits;
	if (!fits && (c->mode != MODE_JSON || c->exact || !SBX_IS(v, LIST)))
		return refuse(c, type, v, outer, NULL);
	if (fits && all_any(type))
		return check_any(c, type, v, outer);
	if (sbx__items_open(c->run, v, &items))
		return SBX_GEN_ERROR;
	for (uint64_t i = 0; i < items.count && same > 0; i++) {
		place.index = (int64_t)i;
		same = stays(c, argument(type, 0), items.at[i], &place);
	}
	out = same < 0 ? SBX_GEN_ERROR : same ? sbx_gen_copy(v) : sbx__set_alloc(c->run, 0, frozen);
	for (uint64_t i = 0; i < items.count && !same && !sbx__is_error(out); i++) {
		int added = -1;
		place.index = (int64_t)i;
		item = convert(c, argument(type, 0), items.at[i], &place);
		if (!sbx__is_error(item)) {
			added = sbx__set_put(c->run, out, item);
			sbx_gen_drop(c->run, item);
		}
		if (added < 0 || sbx__spend(c->run, 1)) {
			sbx_gen_drop(c->run, out);
			out = SBX_GEN_ERROR;
		}
	}
	sbx__items_close(c->run, &items);
	return out;
}

/* JSON's key, which is text, as the declared type; tag 0 without a message where it is none. */
static sbx_value key_from_text(Converter *c, const sbx_gen_type *type, sbx_value key)
{
	double f;
	sbx_value v = SBX_GEN_ERROR;
	switch (type->kind) {
	case SBX_INT:
		if (STR(key)->head.bits == 1) /* of any size */
			v = sbx_int_from_text(c->run, sbx__str_units(key), STR(key)->length);
		return v;
	case SBX_FLOAT:
		if (STR(key)->head.bits == 1 && sbx__float_parse(sbx__str_units(key), STR(key)->length, &f))
			return sbx_gen_float(f);
		return v;
	case SBX_BOOL:
		if (sbx__str_is(key, "true") || sbx__str_is(key, "false"))
			return sbx_gen_bool(sbx__str_is(key, "true"));
		return v;
	case SBX_NONE:
		return sbx__str_is(key, "null") ? SBX_GEN_NONE : v;
	default:
		return v;
	}
}

static sbx_value convert_key(Converter *c, const sbx_gen_type *type, sbx_value key,
							 const Place *place)
{
	sbx_value out;
	Converter quiet = *c;
	if (c->mode != MODE_JSON || !SBX_IS(key, STR) || type->kind == SBX_STR || type->kind == SBX_ANY)
		return convert(c, type, key, place);
	if (type->kind == SBX_UNION) {
		for (uint32_t i = 0; i < type->count; i++) {
			quiet.quiet = true;
			out = convert_key(&quiet, argument(type, i), key, place);
			if (!sbx__is_error(out) || HEAP(c->run)->exception.tag)
				return out;
		}
		return refuse(c, type, key, place, NULL);
	}
	out = key_from_text(c, type, key);
	return sbx__is_error(out) ? convert(c, type, key, place) : out;
}

/* Do all pairs stay as they are? 1, 0, or -1. */
static int pairs_stay(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *outer)
{
	uint64_t at = 0;
	const DictEntry *entry;
	int same = 1;
	while (same > 0 && (entry = sbx__dict_next(DICT(v), &at)) != NULL) {
		Place place = {outer, entry->key, 0, true};
		sbx_value key = convert_key(c, argument(type, 0), entry->key, &place);
		if (sbx__is_error(key))
			return -1;
		same = is_same(key, entry->key);
		sbx_gen_drop(c->run, key);
		place.is_key = false;
		if (same)
			same = stays(c, argument(type, 1), entry->value, &place);
	}
	return same;
}

static sbx_value to_dict(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *outer)
{
	uint64_t at = 0;
	const DictEntry *entry;
	sbx_value out;
	int same;
	if (!SBX_IS(v, DICT))
		return refuse(c, type, v, outer, NULL);
	if (all_any(type))
		return check_any(c, type, v, outer);
	same = pairs_stay(c, type, v, outer);
	if (same)
		return same < 0 ? SBX_GEN_ERROR : sbx_gen_copy(v);
	out = sbx__dict_alloc(c->run, DICT(v)->used);
	while (!sbx__is_error(out) && (entry = sbx__dict_next(DICT(v), &at)) != NULL) {
		Place place = {outer, entry->key, 0, true};
		sbx_value key = convert_key(c, argument(type, 0), entry->key, &place),
				  value = SBX_GEN_ERROR;
		place.is_key = false;
		if (!sbx__is_error(key))
			value = convert(c, argument(type, 1), entry->value, &place);
		if (sbx__is_error(value) || sbx_gen_dict_set(c->run, out, key, value) ||
			sbx__spend(c->run, 1)) {
			sbx_gen_drop(c->run, out);
			out = SBX_GEN_ERROR;
		}
	}
	return out;
}

static sbx_value to_union(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	Converter attempt = *c;
	attempt.quiet = true;
	for (int turn = 0; turn < 2; turn++) {
		attempt.exact = turn == 0;
		if (turn && c->exact)
			break;
		for (uint32_t i = 0; i < type->count; i++) {
			sbx_value out = convert(&attempt, argument(type, i), v, place);
			if (!sbx__is_error(out) || HEAP(c->run)->exception.tag)
				return out;
		}
	}
	return refuse(c, type, v, place, NULL);
}

/* A new reference to what fits, or tag 0: raised, or refused in silence. */
static sbx_value convert(Converter *c, const sbx_gen_type *type, sbx_value v, const Place *place)
{
	bool fits;
	if (!type)
		type = &any_type;
	switch ((int)type->kind) {
	case SBX_ANY:
		return check_any(c, type, v, place);
	case SBX_NONE:
		fits = SBX_IS(v, NONE);
		break;
	case SBX_BOOL:
		fits = SBX_IS(v, BOOL);
		break;
	case SBX_INT: /* a bool is an int in Python, not in JSON */
		fits = SBX_IS(v, INT) || SBX_IS(v, BIG) ||
			   (SBX_IS(v, BOOL) && c->mode == MODE_PYTHON && !c->exact);
		break;
	case SBX_STR:
		fits = SBX_IS(v, STR);
		break;
	case SBX_FLOAT:
		return to_float(c, type, v, place);
	case SBX_BYTES:
		return to_bytes(c, type, v, place);
	case SBX_LIST:
	case SBX_TUPLE:
	case SBX_TUPLE_OF:
		return to_list_or_tuple(c, type, v, place);
	case SBX_SET:
	case SBX_FROZENSET:
		return to_set(c, type, v, place);
	case SBX_DICT:
		return to_dict(c, type, v, place);
	case SBX_FILE:
	case SBX_DIR:
	case SBX_DATAFRAME:
		return to_handle(c, type, v, place);
	case SBX_DATETIME:
	case SBX_TIMEDELTA:
		return to_time(c, type, v, place);
	case SBX_UNION:
		return to_union(c, type, v, place);
	default:
		fits = false;
	}
	return fits ? sbx_gen_copy(v) : refuse(c, type, v, place, NULL);
}

sbx_status sbx_value_convert(sbx_heap *heap, const sbx_type *type, int from_json, sbx_value v,
							 sbx_value *out)
{
	Converter converter = {heap, from_json ? MODE_JSON : MODE_PYTHON, false, false};
	if (sbx_kind(v) == SBX_INVALID)
		return SBX_E_ARGUMENT;
	sbx__forget_error(heap);
	v = convert(&converter, type, v, NULL);
	*out = v;
	return sbx__is_error(v) ? sbx__status_of_error(heap, SBX_E_TYPE) : SBX_DONE;
}
