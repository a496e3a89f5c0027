/*
 * Text of the runtime: making, hashing, lending and growing str objects, the limits of everything
 * that can grow, and searching in hostile text. What methods give is compared with CPython in
 * tests/text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/values/containers.h"
#include "runtime/values/units.h"

#include <stdio.h>
#include <time.h>

#include "unit_report.h"

#define HASH_ABC INT64_C(-4594863902769663758) /* CPython 3.11, PYTHONHASHSEED=0 */

static sbx_run *open_heap(uint64_t limit)
{
	sbx_run *run;
	return sbx_heap_open(limit, &run) == SBX_DONE ? run : NULL;
}

static sbx_value text_of(sbx_run *run, const char *utf8)
{
	return sbx_str_make(run, utf8, strlen(utf8));
}

static void test_hash(void)
{
	static const struct {
		const char *utf8;
		int64_t hash;
	} cases[] = {
		{"", 0},
		{"abc", HASH_ABC},
		{"h\xc3\xa9", INT64_C(5785546998624587330)},
		{"\xe2\x82\xacuro", INT64_C(7542247858446192590)},
		{"\xf0\x9f\x98\x80!", INT64_C(8079344741099293211)},
		{"abcdefghijklmnopq", INT64_C(7044894726457044172)},
		{"\xed\xa0\x80", INT64_C(5926611903945376553)},
	};
	sbx_run *run = open_heap(0);
	bool good = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		sbx_value v = text_of(run, cases[i].utf8);
		good = good && sbx__str_hash(v) == cases[i].hash && sbx__str_hash(v) == cases[i].hash &&
			   sbx_str_hash(cases[i].utf8, strlen(cases[i].utf8)) == cases[i].hash;
	}
	report("hash as CPython's", good);
	report("hash of bytes", sbx__str_hash(sbx_bytes_make(run, "abc", 3)) == HASH_ABC);
	sbx_heap_close(run);
}

static void test_making(void)
{
	static const char *const bad[] = {"\xff",  "a\xc0\x80",   "\xe2\x82", "\xf4\x90\x80\x80",
									  "\xc3(", "\xf0\x9f\x98"};
	static const struct {
		sbx_gen_str head;
		char units[4];
	} fixed = {{{0, 1}, -1, 3}, "abc"};
	sbx_run *run = open_heap(0);
	sbx_value v = text_of(run, "abc"), lone = text_of(run, "\xed\xb2\x80x"),
			  wide = text_of(run, "a\xf0\x9f\x98\x80");
	sbx_value still = sbx_gen_object(SBX_KIND_STR, &fixed);
	size_t length;
	const char *text;
	bool good = true;
	text = sbx_peek_str(run, v, &length);
	report("ASCII is lent as it is",
		   text == (const char *)(STR(v) + 1) && length == 3 && !strcmp(text, "abc"));
	text = sbx_peek_str(run, lone, &length);
	report("lone surrogate",
		   STR(lone)->length == 2 && length == 4 && !memcmp(text, "\xed\xb2\x80x", 5));
	text = sbx_peek_str(run, still, &length);
	report("static text is copied", text != fixed.units && length == 3 && !strcmp(text, "abc"));
	report("static text is not written to",
		   sbx__str_hash(still) == HASH_ABC && fixed.head.hash == -1);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		good = good && sbx_kind(text_of(run, bad[i])) == SBX_INVALID;
	report("bad UTF-8 is refused", good);
	v = sbx__str_slice(run, wide, 0, 1);
	report("a slice is narrow",
		   STR(wide)->head.bits == 4 && STR(v)->head.bits == 1 && sbx__str_is(v, "a"));
	report("one point is static", !(v.tag & SBX_GEN_COUNTED));
	sbx_heap_close(run);
}

#if defined HEAP_MOVES || defined __SANITIZE_ADDRESS__ /* each of them copies the whole text */
enum { APPENDS = 2000 };
#else
enum { APPENDS = 200000 };
#endif

static void test_append(void)
{
	sbx_run *run = open_heap(0);
	sbx_value s = text_of(run, "begin"), part = text_of(run, "0123456789"), other, before;
	int64_t hash = sbx__str_hash(s);
	other = sbx_gen_copy(s);
	before = s;
	s = sbx__str_append_take(run, s, part);
	report("shared text is copied",
		   s.u.p != before.u.p && sbx__str_is(other, "begin") && sbx__str_is(s, "begin0123456789"));
	sbx__str_hash(s);
	for (int i = 0; i < APPENDS; i++)
		s = sbx__str_append_take(run, s, part);
	report("appending in place", STR(s)->length == APPENDS * 10 + 15 && sbx__str_hash(s) != hash &&
									 sbx__str_at(s, APPENDS * 10 + 14) == '9');
	s = sbx__str_append_take(run, s, text_of(run, "\xe2\x82\xac!"));
	report("appending wider text", STR(s)->head.bits == 2 &&
									   sbx__str_at(s, APPENDS * 10 + 15) == 0x20ac &&
									   sbx__str_at(s, 3) == 'i');
	sbx_heap_close(run);
}

/* ---- limits ---- */

static sbx_value call(sbx_run *run, sbx_value self, int method, uint32_t count, sbx_value a,
					  sbx_value b)
{
	sbx_value args[2] = {a, b};
	return sbx_gen_call_method(run, self, method, count, args, SBX_GEN_NONE);
}

enum { LIMIT = 1 << 20 };

/* The operations that ask for too much, by number; the error value where there is none of this
 * number. */
static sbx_value ask_too_much(sbx_run *run, int number, bool *known)
{
	sbx_value a = text_of(run, "ab\tc"), b = sbx_bytes_make(run, "ab\tc", 4), none = SBX_GEN_NONE;
	sbx_value big = sbx_gen_int(1000000000), huge = sbx_gen_int(INT64_MAX / 2), thousands, items;
	*known = true;
	switch (number) {
	case 0:
		return sbx_gen_mul(run, a, big);
	case 1:
		return sbx_gen_mul(run, b, big);
	case 2:
		return call(run, a, SBX_METHOD_center, 1, big, none);
	case 3:
		return call(run, a, SBX_METHOD_ljust, 1, huge, none);
	case 4:
		return call(run, b, SBX_METHOD_rjust, 1, big, none);
	case 5:
		return call(run, a, SBX_METHOD_zfill, 1, big, none);
	case 6:
		return call(run, b, SBX_METHOD_zfill, 1, huge, none);
	case 7:
		return call(run, a, SBX_METHOD_expandtabs, 1, big, none);
	case 8:
		return call(run, b, SBX_METHOD_expandtabs, 1, big, none);
	case 9:
		return sbx__format_value(run, a, text_of(run, "1000000000"));
	case 10:
		return sbx__format_value(run, sbx_gen_int(5), text_of(run, "9223372036854775807"));
	case 11:
		return sbx__format_value(run, sbx_gen_int(5), text_of(run, "01000000000,"));
	case 12:
		return sbx__format_value(run, sbx_gen_float(0.1), text_of(run, ".1000000000f"));
	case 13:
		return sbx__format_value(run, sbx_gen_float(0.1), text_of(run, "<99999999999"));
	case 14:
		return sbx__percent_format(run, text_of(run, "%1000000000d"), sbx_gen_int(5));
	case 15:
		return sbx__percent_format(run, text_of(run, "%.1000000000d"), sbx_gen_int(5));
	case 16:
		return sbx__percent_format(run, sbx_bytes_make(run, "%9000000000000000000s", 21), b);
	case 17:
		return sbx__percent_format(run, text_of(run, "%#.2000000000g"), sbx_gen_float(0.5));
	case 18:
		return call(run, text_of(run, "{:1000000000}"), SBX_METHOD_format, 1, a, none);
	case 19:
	case 20:
		thousands = sbx_gen_mul(run, a, sbx_gen_int(10000));
		if (number == 19)
			return call(run, thousands, SBX_METHOD_replace, 2, text_of(run, "a"), thousands);
		return call(run, thousands, SBX_METHOD_replace, 2, text_of(run, ""), thousands);
	case 21:
	case 22:
		thousands = sbx_gen_mul(run, number == 21 ? a : b, sbx_gen_int(1000));
		items = sbx_gen_mul(run, sbx_list_make(run, &thousands, 1), sbx_gen_int(1000));
		return call(run, number == 21 ? a : b, SBX_METHOD_join, 1, items, none);
	case 23:
		thousands = sbx_gen_mul(run, text_of(run, "\xed\xa0\x80"), sbx_gen_int(120000));
		return call(run, thousands, SBX_METHOD_encode, 2, text_of(run, "ascii"),
					text_of(run, "backslashreplace"));
	case 24:
		thousands = sbx_gen_mul(run, a, sbx_gen_int(150000));
		return sbx_gen_add(run, thousands, thousands);
	case 25:
		thousands = sbx_gen_mul(run, sbx_bytes_make(run, "\xff", 1), sbx_gen_int(400000));
		return sbx_gen_to_repr(run, thousands);
	default:
		*known = false;
		return SBX_GEN_ERROR;
	}
}

static void test_limits(void)
{
	bool known = true;
	for (int number = 0; known; number++) {
		sbx_run *run = open_heap(LIMIT);
		sbx_value v = ask_too_much(run, number, &known), exception = HEAP(run)->exception;
		char name[40];
		snprintf(name, sizeof name, "limit %d", number);
		if (known)
			report(name, sbx__is_error(v) && exception.tag &&
							 sbx__type_of(exception) == SBX_TYPE_MemoryError &&
							 HEAP(run)->peak <= LIMIT + 16384);
		sbx_heap_close(run);
	}
}

/* ---- hostile searches ---- */

/* "aa...a" of a width, with `tail` behind; the wide point makes the width and stands at the far
 * end. */
static sbx_value many(sbx_run *run, uint64_t count, const char *before, const char *behind)
{
	sbx_value v = sbx_gen_mul(run, text_of(run, "a"), sbx_gen_int((int64_t)count));
	v = sbx_gen_add(run, text_of(run, before), v);
	return sbx_gen_add(run, v, text_of(run, behind));
}

static void test_searches(void)
{
	static const char *const ends[] = {"b", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
	static const char *const names[] = {"hostile search, narrow", "hostile search, two bytes",
										"hostile search, four bytes"};
	for (int width = 0; width < 3; width++) {
		sbx_run *run = open_heap(0);
		sbx_value in = many(run, 400000, ends[width], ends[width]), none = SBX_GEN_NONE;
		sbx_value late = many(run, 100000, "", "c"), early = many(run, 100000, "c", ""),
				  middle = many(run, 50000, "", "");
		clock_t start = clock();
		bool good;
		middle = sbx_gen_add(run, middle, sbx_gen_add(run, text_of(run, "c"), middle));
		good = call(run, in, SBX_METHOD_find, 1, late, none).u.i == -1 &&
			   call(run, in, SBX_METHOD_rfind, 1, early, none).u.i == -1 &&
			   call(run, in, SBX_METHOD_find, 1, middle, none).u.i == -1 &&
			   call(run, in, SBX_METHOD_rfind, 1, middle, none).u.i == -1 &&
			   call(run, in, SBX_METHOD_count, 1, many(run, 1000, "", ""), none).u.i == 400;
		/* Quadratic would be 20,000,000,000 comparisons each. */
		report(names[width], good && (double)(clock() - start) / CLOCKS_PER_SEC < 2.0);
		sbx_heap_close(run);
	}
}

int main(void)
{
	test_hash();
	test_making();
	test_append();
	test_limits();
	test_searches();
	return failures != 0;
}
