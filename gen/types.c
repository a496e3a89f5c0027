/*
 * Types are interned: the table keeps each one once, so that equality is a comparison of pointers.
 * A union is kept flat, without ANY and NEVER, and in the order in which its members were first
 * seen; two unions of the same members in another order are other types with the same meaning,
 * which costs nothing but a few rows.
 *
 * Growth is bounded, because inference joins types in a loop until nothing changes: a union of more
 * than eight members and anything nested deeper than eight levels become ANY.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "types.h"

#include <string.h>

enum { MOST_MEMBERS = 8, MOST_PARTS = 64, DEEPEST = 8, FIRST_SLOTS = 128 };

typedef struct TypeRow {
	Type type; /* first: a type is its row */
	uint32_t depth;
	uint32_t hash;
} TypeRow;

struct TypeTable {
	Arena *arena;
	TypeRow **slots;
	uint32_t mask, count;
};

static const char *const simple_names[] = {
	[TYPE_ANY] = "Any",
	[TYPE_NEVER] = "Never",
	[TYPE_NONE] = "None",
	[TYPE_BOOL] = "bool",
	[TYPE_INT] = "int",
	[TYPE_FLOAT] = "float",
	[TYPE_STR] = "str",
	[TYPE_BYTES] = "bytes",
	[TYPE_FILE] = "File",
	[TYPE_DIR] = "Dir",
	[TYPE_DATAFRAME] = "DataFrame",
	[TYPE_DATETIME] = "datetime",
	[TYPE_TIMEDELTA] = "timedelta",
	[TYPE_LIST] = "list",
	[TYPE_SET] = "set",
	[TYPE_FROZENSET] = "frozenset",
	[TYPE_DICT] = "dict",
	[TYPE_TUPLE] = "tuple",
	[TYPE_TUPLE_OF] = "tuple",
	[TYPE_UNION] = "Union",
	[TYPE_RANGE] = "range",
	[TYPE_SLICE] = "slice",
	[TYPE_ITERATOR] = "iterator",
	[TYPE_GENERATOR] = "generator",
	[TYPE_FUNCTION] = "function",
	[TYPE_TYPE] = "type",
	[TYPE_EXCEPTION] = "exception",
};

TypeTable *types_make(Arena *arena)
{
	TypeTable *types = ARENA_NEW(arena, TypeTable);
	types->arena = arena;
	types->mask = FIRST_SLOTS - 1;
	types->slots = ARENA_ARRAY(arena, TypeRow *, FIRST_SLOTS);
	return types;
}

static uint32_t hash_type(TypeKind kind, const Type *const *args, uint32_t count)
{
	uint32_t hash = (uint32_t)kind * 2654435761u + count;
	for (uint32_t i = 0; i < count; i++)
		hash = (hash ^ (args[i]->id + 1)) * 2246822519u + (hash >> 13);
	return hash;
}

static void grow(TypeTable *types)
{
	uint32_t mask = types->mask * 2 + 1;
	TypeRow **slots = ARENA_ARRAY(types->arena, TypeRow *, (size_t)mask + 1);
	for (uint32_t i = 0; i <= types->mask; i++) {
		TypeRow *row = types->slots[i];
		if (!row)
			continue;
		uint32_t at = row->hash & mask;
		while (slots[at])
			at = (at + 1) & mask;
		slots[at] = row;
	}
	types->slots = slots;
	types->mask = mask;
}

static const Type *intern(TypeTable *types, TypeKind kind, const Type *const *args, uint32_t count)
{
	uint32_t hash = hash_type(kind, args, count), depth = 0;
	uint32_t at = hash & types->mask;
	for (TypeRow *row; (row = types->slots[at]); at = (at + 1) & types->mask)
		if (row->hash == hash && row->type.kind == kind && row->type.count == count &&
			(!count || !memcmp(row->type.args, args, sizeof *args * count)))
			return &row->type;
	for (uint32_t i = 0; i < count; i++)
		if (((const TypeRow *)args[i])->depth + 1 > depth)
			depth = ((const TypeRow *)args[i])->depth + 1;
	if (depth > DEEPEST)
		return type_simple(types, TYPE_ANY);
	if (types->count >= types->mask / 2) {
		grow(types);
		at = hash & types->mask;
		while (types->slots[at])
			at = (at + 1) & types->mask;
	}
	TypeRow *row = ARENA_NEW(types->arena, TypeRow);
	const Type **copy = count ? ARENA_ARRAY(types->arena, const Type *, count) : NULL;
	if (count)
		memcpy(copy, args, sizeof *args * count);
	*row = (TypeRow){.type = {kind, count, types->count, copy}, .depth = depth, .hash = hash};
	types->slots[at] = row;
	types->count++;
	return &row->type;
}

const Type *type_simple(TypeTable *types, TypeKind kind)
{
	return intern(types, kind, NULL, 0);
}

const Type *type_make(TypeTable *types, TypeKind kind, const Type *const *args, uint32_t count)
{
	if (kind != TYPE_UNION)
		return intern(types, kind, args, count);
	const Type *joined = type_simple(types, TYPE_NEVER);
	for (uint32_t i = 0; i < count; i++)
		joined = type_join(types, joined, args[i]);
	return joined;
}

/* Adds `type` (a union: its members) to a list without doubles. False: there are too many. */
static bool add_members(const Type **members, uint32_t *count, const Type *type)
{
	uint32_t n = type->kind == TYPE_UNION ? type->count : 1;
	const Type *const *list = type->kind == TYPE_UNION ? type->args : &type;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t k = 0;
		while (k < *count && members[k] != list[i])
			k++;
		if (k < *count)
			continue;
		if (*count == MOST_MEMBERS)
			return false;
		members[(*count)++] = list[i];
	}
	return true;
}

const Type *type_join(TypeTable *types, const Type *a, const Type *b)
{
	if (a == b || b->kind == TYPE_NEVER || a->kind == TYPE_ANY)
		return a;
	if (a->kind == TYPE_NEVER || b->kind == TYPE_ANY)
		return b;
	const Type *members[MOST_MEMBERS];
	uint32_t count = 0;
	if (!add_members(members, &count, a) || !add_members(members, &count, b))
		return type_simple(types, TYPE_ANY);
	return intern(types, TYPE_UNION, members, count);
}

/* Takes one member into a list whose containers are of different shapes. */
static bool merge_member(TypeTable *types, const Type **members, uint32_t *count, const Type *type)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (members[i] == type)
			return true;
		if (members[i]->kind != type->kind || !type->count || members[i]->count != type->count)
			continue;
		const Type *parts[MOST_PARTS];
		if (type->count > MOST_PARTS)
			return false;
		for (uint32_t k = 0; k < type->count; k++)
			parts[k] = type_merge(types, members[i]->args[k], type->args[k]);
		members[i] = intern(types, type->kind, parts, type->count);
		return members[i]->kind != TYPE_ANY; /* it may have grown too deep */
	}
	return add_members(members, count, type);
}

const Type *type_merge(TypeTable *types, const Type *a, const Type *b)
{
	if (a == b || b->kind == TYPE_NEVER || a->kind == TYPE_ANY)
		return a;
	if (a->kind == TYPE_NEVER || b->kind == TYPE_ANY)
		return b;
	const Type *members[MOST_MEMBERS];
	uint32_t count = 0;
	for (int side = 0; side < 2; side++) {
		const Type *type = side ? b : a;
		uint32_t n = type->kind == TYPE_UNION ? type->count : 1;
		for (uint32_t i = 0; i < n; i++)
			if (!merge_member(types, members, &count,
							  type->kind == TYPE_UNION ? type->args[i] : type))
				return type_simple(types, TYPE_ANY);
	}
	return count == 1 ? members[0] : intern(types, TYPE_UNION, members, count);
}

/* Do the values of both kinds have the same shape, so that their arguments decide? */
static bool is_same_shape(const Type *a, const Type *b)
{
	if (a->kind == b->kind)
		return a->kind != TYPE_TUPLE || a->count == b->count;
	return (a->kind == TYPE_TUPLE && b->kind == TYPE_TUPLE_OF) ||
		   (a->kind == TYPE_TUPLE_OF && b->kind == TYPE_TUPLE);
}

static const Type *argument(const Type *type, uint32_t index)
{
	return type->args[type->kind == TYPE_TUPLE_OF ? 0 : index];
}

bool type_fits(const Type *a, const Type *b)
{
	if (a == b || b->kind == TYPE_ANY || a->kind == TYPE_NEVER)
		return true;
	if (a->kind == TYPE_ANY || b->kind == TYPE_NEVER)
		return false;
	if (a->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < a->count; i++)
			if (!type_fits(a->args[i], b))
				return false;
		return true;
	}
	if (b->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < b->count; i++)
			if (type_fits(a, b->args[i]))
				return true;
		return false;
	}
	if (a->kind == TYPE_BOOL)
		return b->kind == TYPE_INT || b->kind == TYPE_FLOAT;
	if (a->kind == TYPE_INT)
		return b->kind == TYPE_FLOAT;
	if (!is_same_shape(a, b) || (a->kind == TYPE_TUPLE_OF && b->kind == TYPE_TUPLE))
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!type_fits(argument(a, i), argument(b, i)))
			return false;
	return true;
}

bool type_never_fits(const Type *a, const Type *b)
{
	if (a->kind == TYPE_ANY || b->kind == TYPE_ANY || a->kind == TYPE_NEVER || a == b)
		return false;
	if (a->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < a->count; i++)
			if (!type_never_fits(a->args[i], b))
				return false;
		return true;
	}
	if (b->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < b->count; i++)
			if (!type_never_fits(a, b->args[i]))
				return false;
		return true;
	}
	if (a->kind == TYPE_BOOL && (b->kind == TYPE_INT || b->kind == TYPE_FLOAT))
		return false;
	if (a->kind == TYPE_INT && b->kind == TYPE_FLOAT)
		return false;
	if (!is_same_shape(a, b))
		return true;
	if (a->kind != TYPE_TUPLE || b->kind != TYPE_TUPLE)
		return false; /* an empty container fits every element type */
	for (uint32_t i = 0; i < a->count; i++)
		if (type_never_fits(a->args[i], b->args[i]))
			return true;
	return false;
}

bool type_is_iterable(const Type *type)
{
	if (type->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (type_is_iterable(type->args[i]))
				return true;
		return false;
	}
	switch (type->kind) {
	case TYPE_NEVER:
	case TYPE_NONE:
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_FUNCTION:
	case TYPE_EXCEPTION:
	case TYPE_SLICE:
		return false;
	default:
		return true;
	}
}

static void print_list(Text *out, const Type *type, const char *separator)
{
	for (uint32_t i = 0; i < type->count; i++) {
		if (i)
			text_put(out, separator);
		type_print(out, type->args[i]);
	}
}

/* None comes last, as people write it. */
static void print_union(Text *out, const Type *type)
{
	bool has_none = false, first = true;
	for (uint32_t i = 0; i < type->count; i++) {
		if (type->args[i]->kind == TYPE_NONE) {
			has_none = true;
			continue;
		}
		text_put(out, first ? "" : " | ");
		type_print(out, type->args[i]);
		first = false;
	}
	if (has_none)
		text_put(out, first ? "None" : " | None");
}

void type_print(Text *out, const Type *type)
{
	if (type->kind == TYPE_UNION) {
		print_union(out, type);
		return;
	}
	text_put(out, simple_names[type->kind]);
	if (type->kind == TYPE_TUPLE && !type->count)
		text_put(out, "[()]");
	if (!type->count || (type->count == 1 && type->args[0]->kind == TYPE_NEVER) ||
		(type->kind == TYPE_DICT && type->args[0]->kind == TYPE_NEVER))
		return; /* empty: Python has no name for what is in it */
	text_char(out, '[');
	print_list(out, type, ", ");
	text_put(out, type->kind == TYPE_TUPLE_OF ? ", ...]" : "]");
}
