/*
 * Types as the compiler sees them. Interned: two types are the same exactly when they are the same
 * pointer. TYPE_ANY is "not known": everything may fit. TYPE_NEVER is the type of what does not
 * return.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TYPES_H
#define SBX_GEN_TYPES_H

#include "text.h"

typedef enum TypeKind {
	TYPE_ANY,
	TYPE_NEVER,
	TYPE_NONE,
	TYPE_BOOL,
	TYPE_INT,
	TYPE_FLOAT,
	TYPE_STR,
	TYPE_BYTES,
	TYPE_FILE,
	TYPE_DIR,
	TYPE_DATAFRAME,
	TYPE_DATETIME,
	TYPE_TIMEDELTA,
	TYPE_LIST, /* 1 argument (ANY where the source has none) */
	TYPE_SET,
	TYPE_FROZENSET, /* 1 */
	TYPE_DICT,      /* 2 */
	TYPE_TUPLE,     /* n, fixed */
	TYPE_TUPLE_OF,  /* 1: tuple[T, ...] */
	TYPE_UNION,     /* 2 or more, flat, no ANY; in the order of the source */
	TYPE_RANGE,
	TYPE_SLICE,
	TYPE_ITERATOR,  /* 1: zip, enumerate, reversed, dict views ... */
	TYPE_GENERATOR, /* 1: may be consumed once, and suspend */
	TYPE_FUNCTION,  /* a function of the program, a task or builtin as a value */
	TYPE_TYPE,      /* a type as a value */
	TYPE_EXCEPTION, /* an exception value */
} TypeKind;

typedef struct Type {
	TypeKind kind;
	uint32_t count;
	uint32_t id; /* dense, for tables */
	const struct Type *const *args;
} Type;

typedef struct TypeTable TypeTable;
TypeTable *types_make(Arena *arena);
const Type *type_simple(TypeTable *types, TypeKind kind);
const Type *type_make(TypeTable *types, TypeKind kind, const Type *const *args, uint32_t count);
/* The union of both; ANY absorbs everything, NEVER nothing. Unions of more than 8 members become
 * ANY. */
const Type *type_join(TypeTable *types, const Type *a, const Type *b);
/* The same for inference: containers of one kind become one, list[int] and list[str] a list[int |
 * str]. */
const Type *type_merge(TypeTable *types, const Type *a, const Type *b);
/* Is every value of `a` surely a value of `b` at a boundary (int fits float)? / Can no value of `a`
 * fit `b`? */
bool type_fits(const Type *a, const Type *b);
bool type_never_fits(const Type *a, const Type *b);
bool type_is_iterable(const Type *type);      /* may it be? */
void type_print(Text *out, const Type *type); /* "dict[str, int]", "int | None" */

#endif
