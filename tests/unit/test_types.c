/*
 * Types: interning, joins, and what fits where.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "types.h"

#include <stdio.h>
#include <string.h>

typedef struct Fixture {
	Arena *arena;
	TypeTable *types;
	int failures;
} Fixture;

static const Type *one(Fixture *f, TypeKind kind, const Type *item)
{
	return type_make(f->types, kind, &item, 1);
}

static const Type *two(Fixture *f, TypeKind kind, const Type *a, const Type *b)
{
	const Type *items[2] = {a, b};
	return type_make(f->types, kind, items, 2);
}

static void expect(Fixture *f, bool good, const char *what)
{
	if (good)
		return;
	printf("FAIL types: %s\n", what);
	f->failures++;
}

static void expect_text(Fixture *f, const Type *type, const char *wanted)
{
	Text out;
	text_init(&out, f->arena);
	type_print(&out, type);
	if (!strcmp(out.bytes, wanted))
		return;
	printf("FAIL types: %s printed as %s\n", wanted, out.bytes);
	f->failures++;
}

static void test_joins(Fixture *f)
{
	const Type *integer = type_simple(f->types, TYPE_INT), *text = type_simple(f->types, TYPE_STR);
	const Type *any = type_simple(f->types, TYPE_ANY), *never = type_simple(f->types, TYPE_NEVER);
	const Type *both = type_join(f->types, integer, text);
	expect(f, one(f, TYPE_LIST, integer) == one(f, TYPE_LIST, integer), "equal types are one");
	expect(f, type_join(f->types, both, text) == both, "a union takes a member once");
	expect(f, type_join(f->types, integer, any) == any, "Any absorbs");
	expect(f, type_join(f->types, never, text) == text, "Never adds nothing");
	expect_text(f, both, "int | str");
	expect_text(f, type_join(f->types, one(f, TYPE_LIST, integer), one(f, TYPE_LIST, text)),
				"list[int] | list[str]");
	expect_text(f, type_merge(f->types, one(f, TYPE_LIST, integer), one(f, TYPE_LIST, text)),
				"list[int | str]");
	expect_text(
		f, type_merge(f->types, two(f, TYPE_DICT, text, integer), two(f, TYPE_DICT, text, never)),
		"dict[str, int]");
	expect_text(f, type_make(f->types, TYPE_TUPLE, NULL, 0), "tuple[()]");
	expect_text(f, one(f, TYPE_TUPLE_OF, integer), "tuple[int, ...]");
	const Type *deep = integer;
	for (int i = 0; i < 50; i++)
		deep = one(f, TYPE_LIST, deep);
	const Type *again = one(f, TYPE_LIST, deep);
	Text out;
	text_init(&out, f->arena);
	type_print(&out, again);
	expect(f, out.length < 100, "nesting is bounded");
	const Type *wide = never;
	for (int kind = TYPE_NONE; kind <= TYPE_TIMEDELTA; kind++)
		wide = type_join(f->types, wide, type_simple(f->types, (TypeKind)kind));
	expect(f, wide == any, "wide unions are Any");
}

static void test_fits(Fixture *f)
{
	const Type *integer = type_simple(f->types, TYPE_INT),
			   *real = type_simple(f->types, TYPE_FLOAT);
	const Type *text = type_simple(f->types, TYPE_STR), *boolean = type_simple(f->types, TYPE_BOOL);
	const Type *any = type_simple(f->types, TYPE_ANY), *none = type_simple(f->types, TYPE_NONE);
	const Type *maybe = type_join(f->types, integer, none);
	const Type *ints = one(f, TYPE_LIST, integer), *texts = one(f, TYPE_LIST, text);
	const Type *pair = two(f, TYPE_TUPLE, integer, text), *row = one(f, TYPE_TUPLE_OF, integer);
	expect(f, type_fits(integer, real) && type_fits(boolean, integer),
		   "int fits float, bool fits int");
	expect(f, !type_fits(real, integer) && type_never_fits(real, integer), "float never fits int");
	expect(f,
		   type_fits(integer, maybe) && !type_fits(maybe, integer) &&
			   !type_never_fits(maybe, integer),
		   "unions");
	expect(f, type_never_fits(text, maybe) && type_never_fits(maybe, text), "no member fits");
	expect(f, !type_fits(any, integer) && !type_never_fits(any, integer) && type_fits(integer, any),
		   "Any may be all");
	expect(f, !type_never_fits(ints, texts) && !type_fits(ints, texts),
		   "an empty list fits any list");
	expect(f, type_never_fits(ints, pair), "a list is no tuple");
	expect(f, type_never_fits(pair, two(f, TYPE_TUPLE, integer, integer)),
		   "items of tuples decide");
	expect(f, type_never_fits(pair, one(f, TYPE_TUPLE, integer)), "so does their number");
	expect(f,
		   type_fits(two(f, TYPE_TUPLE, integer, integer), row) && !type_fits(row, pair) &&
			   !type_never_fits(row, pair),
		   "tuples of any length");
	expect(f, type_fits(ints, one(f, TYPE_LIST, real)), "list[int] fits list[float]");
}

int main(void)
{
	Fixture f = {.arena = arena_make((size_t)1 << 24)};
	if (!f.arena)
		return 1;
	f.types = types_make(f.arena);
	test_joins(&f);
	if (!f.failures)
		printf("ok types: joins\n");
	int before = f.failures;
	test_fits(&f);
	if (f.failures == before)
		printf("ok types: fits\n");
	arena_free(f.arena);
	return f.failures != 0;
}
