/*
 * Containers and boundaries where CPython is no measure: depth, limits, shared objects, failing memory, hostile keys,
 * and the public functions for hosts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/values/boundary.h"
#include "runtime/values/kinds.h"

static int failures;

static void report(const char *name, const char *why)
{
	if (!why)
		printf("ok %s\n", name);
	else
		printf("FAIL %s: %s\n", name, why);
	failures += why != NULL;
}

#define CHECK(condition) \
	do { \
		if (!(condition)) \
			return #condition; \
	} while (0)

static sbx_heap *heap_make(uint64_t limit)
{
	sbx_heap *heap = NULL;
	if (sbx_heap_open(limit, &heap))
		exit(1);
	return heap;
}

static sbx_value text(sbx_heap *heap, const char *utf8)
{
	return sbx_str_make(heap, utf8, strlen(utf8));
}

/* The value of JSON. */
static sbx_value json(sbx_heap *heap, const char *source)
{
	sbx_value v;
	return sbx_json_load(heap, source, strlen(source), &v) ? SBX_GEN_ERROR : v;
}

static bool has_repr(sbx_heap *heap, sbx_value v, const char *expected)
{
	sbx_value repr = sbx_repr(heap, v);
	const char *utf8 = repr.tag ? sbx_peek_str(heap, repr, NULL) : NULL;
	bool same = utf8 && !strcmp(utf8, expected);
	if (!same)
		printf("# got %s\n", utf8 ? utf8 : "nothing");
	sbx_value_free(heap, repr);
	return same;
}

static bool raised(sbx_heap *heap, int type)
{
	sbx_value exception = sbx__exception_take(heap);
	bool same = exception.tag && sbx__type_of(exception) == type;
	sbx_gen_drop(heap, exception);
	return same;
}

/* [[[...]]] */
static sbx_value nested(sbx_heap *heap, int depth)
{
	sbx_value v = sbx_list_make(heap, NULL, 0);
	for (int i = 0; i < depth; i++)
		v = sbx_gen_list_make(heap, 1, &v);
	return v;
}

/* ---- depth ---- */

static const char *test_depth(void)
{
	sbx_heap *heap = heap_make(0), *other = heap_make(0);
	sbx_value deep = nested(heap, 300000), copy, json_text, twin;
	copy = sbx_value_copy(other, deep);
	CHECK(copy.tag);
	CHECK(sbx__is_error(sbx_gen_to_repr(heap, deep)) && raised(heap, SBX_TYPE_RecursionError));
	twin = sbx_value_copy(heap, deep);
	CHECK(sbx_gen_compare_slow(heap, SBX_COMPARE_EQ, deep, twin) == -1 &&
		  raised(heap, SBX_TYPE_RecursionError));
	CHECK(sbx_json_dump(heap, deep, &json_text) == SBX_E_DEPTH);
	CHECK(sbx_wire_dump(heap, deep, &json_text) == SBX_E_DEPTH);
	sbx_value_free(heap, twin);
	sbx_value_free(heap, deep);
	sbx_value_free(other, copy);
	/* Tables and tuples are released without recursion too. */
	deep = SBX_GEN_NONE;
	for (int i = 0; i < 200000; i++) {
		sbx_value pair[2] = {sbx_gen_int(i), deep};
		deep = i % 2 ? sbx_gen_dict_make(heap, 1, pair) : sbx_gen_tuple_make(heap, 2, pair);
	}
	sbx_value_free(heap, deep);
	sbx_heap_close(heap);
	sbx_heap_close(other);
	return NULL;
}

/* ---- copies ---- */

static const char *test_copies(void)
{
	sbx_heap *heap = heap_make(0), *other = heap_make(0);
	sbx_value inner = json(heap, "[1, 2]"), parts[3], outer, copy, key, dict;
	parts[0] = parts[1] = inner;
	parts[2] = json(heap, "[]");
	outer = sbx_list_make(heap, parts, 3);
	CHECK(!sbx_gen_list_append(heap, outer, sbx_gen_copy(outer)));
	copy = sbx_value_copy(other, outer);
	CHECK(copy.tag && sbx_count(copy) == 4);
	CHECK(sbx_peek_item(copy, 0).u.p == sbx_peek_item(copy, 1).u.p);
	CHECK(sbx_peek_item(copy, 0).u.p != sbx_peek_item(copy, 2).u.p);
	CHECK(sbx_peek_item(copy, 3).u.p == copy.u.p);
	CHECK(has_repr(other, copy, "[[1, 2], [1, 2], [], [...]]"));
	/* A shared tuple that is an item and a key. */
	key = sbx_tuple_make(heap, parts + 2, 0);
	sbx_value_free(heap, key);
	parts[0] = sbx_int(7);
	key = sbx_tuple_make(heap, parts, 1);
	dict = sbx_dict_make(heap, &key, &key, 1);
	parts[0] = key;
	parts[1] = dict;
	copy = sbx_value_copy(other, sbx_list_make(heap, parts, 2));
	CHECK(has_repr(other, copy, "[(7,), {(7,): (7,)}]"));
	/* What passes no boundary. */
	parts[0] = sbx_gen_make(SBX_KIND_TYPE, SBX_TYPE_int);
	CHECK(!sbx_value_copy(other, sbx_gen_list_make(heap, 1, parts)).tag &&
		  raised(other, SBX_TYPE_TypeError));
	sbx_heap_close(heap);
	sbx_heap_close(other);
	return NULL;
}

/* ---- limits ---- */

static const char *test_limits(void)
{
	sbx_heap *heap = heap_make(1 << 20);
	sbx_value zero = sbx_int(0), list = sbx_list_make(heap, &zero, 1),
			  tuple = sbx_tuple_make(heap, &zero, 1), args[3];
	CHECK(sbx__is_error(sbx_gen_binary_slow(heap, SBX_BINARY_MUL, list, sbx_int(1000000000))));
	CHECK(raised(heap, SBX_TYPE_MemoryError));
	CHECK(sbx__is_error(sbx_gen_binary_slow(heap, SBX_BINARY_MUL, tuple, sbx_int(INT64_MAX))));
	CHECK(raised(heap, SBX_TYPE_MemoryError));
	args[0] = sbx_int(100000000);
	CHECK(sbx__is_error(sbx_gen_call_type(heap, SBX_TYPE_bytes, 1, args, SBX_GEN_NONE)));
	CHECK(raised(heap, SBX_TYPE_MemoryError));
	args[0] = sbx_gen_call_type(heap, SBX_TYPE_range, 1, args, SBX_GEN_NONE);
	CHECK(sbx__is_error(sbx_gen_call_type(heap, SBX_TYPE_list, 1, args, SBX_GEN_NONE)));
	CHECK(raised(heap, SBX_TYPE_MemoryError));
	CHECK(sbx__is_error(sbx_gen_call_type(heap, SBX_TYPE_set, 1, args, SBX_GEN_NONE)));
	CHECK(raised(heap, SBX_TYPE_MemoryError));
	sbx_heap_close(heap);
	return NULL;
}

/* Every allocation of an operation fails once: an exception each time, and in the end the result. */
static const char *fail_each(sbx_value (*operate)(sbx_heap *heap), int most)
{
	for (uint32_t n = 1;; n++) {
		sbx_heap *heap = heap_make(0);
		sbx_value v;
		HEAP(heap)->fail_in = n;
		v = operate(heap);
		HEAP(heap)->fail_in = 0;
		sbx_heap_close(heap);
		if (v.tag)
			return n > 2 ? NULL : "it allocates nothing";
		if (n > (uint32_t)most)
			return "it never succeeds";
	}
}

static sbx_value make_tables(sbx_heap *heap)
{
	sbx_value dict = sbx__dict_alloc(heap, 0), set = sbx__set_alloc(heap, 0, false), view, all;
	if (!dict.tag || !set.tag)
		return SBX_GEN_ERROR;
	for (int i = 0; i < 40; i++)
		if (sbx_gen_dict_set(heap, dict, sbx_int(i), sbx_int(i)) ||
			sbx_gen_set_add(heap, set, sbx_int(i)))
			return SBX_GEN_ERROR;
	view = sbx_gen_call_method(heap, dict, SBX_METHOD_keys, 0, NULL, SBX_GEN_NONE);
	all = view.tag ? sbx_gen_binary_slow(heap, SBX_BINARY_OR, view, set) : SBX_GEN_ERROR;
	return all.tag ? sbx_gen_call_builtin(heap, SBX_BUILTIN_sorted, 1, &all, SBX_GEN_NONE) : all;
}

static sbx_value make_json(sbx_heap *heap)
{
	static const char source[] =
		"{\"a\": [1, 2.5, \"x\\u00e9\", {}], \"b\": 123456789012345678901234567890}";
	sbx_value v, out;
	if (sbx_json_load(heap, source, sizeof source - 1, &v) || sbx_json_dump(heap, v, &out) ||
		sbx_wire_dump(heap, v, &out) ||
		sbx_wire_load(heap, (const char *)out.u.p + sizeof(sbx_gen_bytes), STR(out)->length, &v))
		return SBX_GEN_ERROR;
	return sbx_value_copy(heap, v);
}

static sbx_value make_sorted(sbx_heap *heap)
{
	sbx_value list = sbx__list_alloc(heap, 0), keys = sbx__list_alloc(heap, 0);
	for (int i = 0; i < 200 && list.tag && keys.tag; i++)
		if (sbx_gen_list_append(heap, list, sbx_int(i)) ||
			sbx_gen_list_append(heap, keys, sbx_int(i * 7 % 10)))
			return SBX_GEN_ERROR;
	return !list.tag || !keys.tag || sbx_gen_sort(heap, list, keys, 1) ? SBX_GEN_ERROR : list;
}

static const char *test_failing_memory(void)
{
	const char *why = fail_each(make_tables, 500);
	if (!why)
		why = fail_each(make_json, 500);
	return why ? why : fail_each(make_sorted, 500);
}

/* ---- time ---- */

/* The fuel that an operation takes tells how much work it is. */
static int64_t work_of(sbx_heap *heap, sbx_value table, int64_t count, int64_t step, bool set)
{
	int64_t before = heap->fuel, spent = 0;
	for (int64_t i = 0; i < count; i++) {
		int failed = set ? sbx_gen_set_add(heap, table, sbx_int(i * step))
						 : sbx_gen_dict_set(heap, table, sbx_int(i * step), sbx_int(i));
		if (failed)
			return -1;
		if (heap->fuel > before)
			before = heap->fuel;
		spent += before - heap->fuel;
		before = heap->fuel;
	}
	return spent;
}

static const char *test_hostile_keys(void)
{
	static const int64_t steps[] = {1, 1 << 16, INT64_C(1) << 32, INT64_C(1) << 44, 1000003, -4096};
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		sbx_heap *heap = heap_make(0);
		int64_t dict = work_of(heap, sbx__dict_alloc(heap, 0), 50000, steps[i], false);
		int64_t set = work_of(heap, sbx__set_alloc(heap, 0, false), 50000, steps[i], true);
		sbx_heap_close(heap);
		printf("# step %lld: work %lld, %lld\n", (long long)steps[i], (long long)dict,
			   (long long)set);
		CHECK(dict >= 0 && dict < 50000 * 30);
		CHECK(set >= 0 && set < 50000 * 30);
	}
	return NULL;
}

/* Taking everything out again, from either end, is linear: a quarter of a million each in a moment. */
static const char *test_queues(void)
{
	sbx_heap *heap = heap_make(0);
	sbx_value dict = sbx__dict_alloc(heap, 0), set = sbx__set_alloc(heap, 0, false), item;
	int64_t count = 250000;
	CHECK(work_of(heap, dict, count, 1, false) > 0 && work_of(heap, set, count, 1, true) > 0);
	for (int64_t i = 0; i < count; i++) {
		item = sbx_gen_call_method(heap, dict, SBX_METHOD_popitem, 0, NULL, SBX_GEN_NONE);
		CHECK(item.tag && TUPLE(item)->items[0].u.i == count - 1 - i);
		sbx_gen_drop(heap, item);
		item = sbx_gen_call_method(heap, set, SBX_METHOD_pop, 0, NULL, SBX_GEN_NONE);
		CHECK(item.tag && item.u.i == i);
	}
	/* As a stack that goes up and down, a table stays as small as what is in it. */
	for (int64_t i = 0; i < count; i++) {
		CHECK(!sbx_gen_dict_set(heap, dict, sbx_int(i), sbx_int(i)) &&
			  !sbx_gen_set_add(heap, set, sbx_int(i)));
		sbx_gen_drop(heap,
					 sbx_gen_call_method(heap, dict, SBX_METHOD_popitem, 0, NULL, SBX_GEN_NONE));
		sbx_gen_drop(heap, sbx_gen_call_method(heap, set, SBX_METHOD_pop, 0, NULL, SBX_GEN_NONE));
	}
	CHECK(DICT(dict)->used == 0 && SET(set)->used == 0);
	sbx_heap_close(heap);
	return NULL;
}

/* ---- public functions ---- */

static const char *test_public(void)
{
	sbx_heap *heap = heap_make(0);
	sbx_value v = json(heap, "{\"a\": [1, 2], \"\\u00e9\": null}"), keys[2], none = SBX_GEN_ERROR,
			  list;
	int64_t i = 0;
	int32_t offset = 0;
	CHECK(sbx_kind(v) == SBX_DICT && sbx_count(v) == 2 &&
		  sbx_count(sbx_dict_find(heap, v, "a")) == 2);
	CHECK(sbx_kind(sbx_dict_find(heap, v, "\xc3\xa9")) == SBX_NONE &&
		  !sbx_dict_find(heap, v, "b").tag);
	CHECK(sbx_kind(sbx_peek_item(v, 2)) == SBX_INVALID &&
		  sbx_kind(sbx_peek_value(v, 1)) == SBX_NONE);
	CHECK(!sbx_list_make(heap, &none, 1).tag && !sbx_tuple_make(heap, &none, 1).tag);
	list = sbx_list_make(heap, NULL, 0);
	CHECK(!sbx_set_make(heap, &list, 1, 0).tag && !sbx_dict_make(heap, &list, &list, 1).tag);
	keys[0] = sbx_int(1);
	keys[1] = sbx_float(1.0);
	CHECK(sbx_count(sbx_set_make(heap, keys, 2, 1)) == 1);
	CHECK(!sbx_get_int(sbx_int_from_text(heap, "9223372036854775808", 19), &i));
	CHECK(sbx_get_int(sbx_int_from_text(heap, "-0x10", 5), &i) && i == -16);
	CHECK(!sbx_int_from_text(heap, "", 0).tag && !sbx_int_from_text(heap, "-", 1).tag &&
		  !sbx_int_from_text(heap, "1_0", 3).tag && !sbx_int_from_text(heap, "0x", 2).tag &&
		  !sbx_int_from_text(heap, "12a", 3).tag && !sbx_int_from_text(heap, "0b2", 3).tag);
	CHECK(!sbx_datetime_make(heap, INT64_MAX, INT32_MIN).tag &&
		  !sbx_datetime_make(heap, 0, 1440).tag);
	v = sbx_datetime_make(heap, -1, -90);
	CHECK(sbx_datetime_microseconds(v, &offset) == -1 && offset == -90);
	CHECK(!sbx_handle_make(heap, SBX_LIST, "x", NULL, NULL).tag);
	v = sbx_handle_make(heap, SBX_DIR, "/a", NULL, "h");
	CHECK(!strcmp(sbx_handle_path(heap, v), "/a") && !sbx_handle_format(heap, v) &&
		  !strcmp(sbx_handle_hash(heap, v), "h"));
	CHECK(sbx_has_method("str", "upper") && !sbx_has_method("list", "upper") &&
		  sbx_has_method(NULL, "upper") && sbx_has_method("bool", "bit_length") &&
		  !sbx_has_method(NULL, "nothing"));
	sbx_heap_close(heap);
	return NULL;
}

static const char *test_times(void)
{
	static const struct {
		const char *text;
		int64_t microseconds;
		int32_t offset;
		bool good;
	} moments[] =
		{
			{"1970-01-01", 0, INT32_MIN, true},
			{"1969-12-31T23:59:59.999999", -1, INT32_MIN, true},
			{"2024-02-29 12:30Z", INT64_C(1709209800000000), 0, true},
			{"20240229T123000+0530", INT64_C(1709209800000000), 330, true},
			{"2024-02-29T12:30:00.5-08:00", INT64_C(1709209800500000), -480, true},
			{"2023-02-29", 0, 0, false},
			{"2024-1-01", 0, 0, false},
			{"2024-01-01T24:00", 0, 0, false},
			{"2024-01-01T10:00:00+25:00", 0, 0, false},
			{"0000-01-01", 0, 0, false},
			{"2024-01-01T", 0, 0, false},
			{"2024-01-01T10:00 ", 0, 0, false},
			{"", 0, 0, false},
		},
	  spans[] = {
		  {"90", 90000000, 0, true},
		  {"1.5", 1500000, 0, true},
		  {"1h30m", INT64_C(5400000000), 0, true},
		  {"-90s", -90000000, 0, true},
		  {"250ms", 250000, 0, true},
		  {"1d", INT64_C(86400000000), 0, true},
		  {"0:01:30", 90000000, 0, true},
		  {"1 day, 0:00:00", INT64_C(86400000000), 0, true},
		  {"-1 day, 23:59:59", -1000000, 0, true},
		  {"2 days", INT64_C(172800000000), 0, true},
		  {"0:00:00.000001", 1, 0, true},
		  {"1h30", 0, 0, false},
		  {"h", 0, 0, false},
		  {"1:60:00", 0, 0, false},
		  {"1e300", 0, 0, false},
		  {"nan", 0, 0, false},
		  {"99999999999 days", 0, 0, false},
		  {"", 0, 0, false},
		  {"-", 0, 0, false},
	  };
	int64_t microseconds;
	int32_t offset;
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		const char *source = moments[i].text;
		bool good = sbx__datetime_parse(source, strlen(source), &microseconds, &offset);
		if (good != moments[i].good ||
			(good && (microseconds != moments[i].microseconds || offset != moments[i].offset)))
			return source;
	}
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		const char *source = spans[i].text;
		bool good = sbx__timedelta_parse(source, strlen(source), &microseconds);
		if (good != spans[i].good || (good && microseconds != spans[i].microseconds))
			return source;
	}
	return NULL;
}

/* A host's heap goes on after a mistake, and keeps nothing of it. */
static const char *test_heap_goes_on(void)
{
	sbx_heap *heap = heap_make(0);
	sbx_value v, out;
	static const sbx_gen_type of_int = {SBX_INT, 0, NULL};
	CHECK(sbx_json_load(heap, "[1, {\"a\": [\"x\", ", 17, &v) == SBX_E_SYNTAX);
	CHECK(sbx_json_load(heap, "[1]", 3, &v) == SBX_DONE);
	CHECK(sbx_value_convert(heap, &of_int, 0, v, &out) == SBX_E_TYPE);
	CHECK(sbx_json_dump(heap, v, &out) == SBX_DONE &&
		  !strcmp(sbx_peek_str(heap, out, NULL), "[1]"));
	CHECK(sbx_wire_load(heap, "?", 1, &out) == SBX_E_SYNTAX);
	CHECK(sbx_value_convert(heap, &of_int, 0, text(heap, "x"), &out) == SBX_E_TYPE);
	CHECK(sbx_value_convert(heap, &of_int, 0, SBX_GEN_ERROR, &out) == SBX_E_ARGUMENT);
	CHECK(sbx_value_convert(heap, &of_int, 0, sbx_int(3), &out) == SBX_DONE && out.u.i == 3);
	sbx_heap_close(heap);
	return NULL;
}

int main(void)
{
	report("nesting of any depth", test_depth());
	report("copies keep what is shared", test_copies());
	report("sizes are refused before they are made", test_limits());
	report("every allocation may fail", test_failing_memory());
	report("keys that cluster", test_hostile_keys());
	report("tables as queues and stacks", test_queues());
	report("public values", test_public());
	report("times from text", test_times());
	report("a heap goes on after a mistake", test_heap_goes_on());
	return failures != 0;
}
