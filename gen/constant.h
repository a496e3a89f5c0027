/*
 * Constants: what an expression at module level means at compile time. Defaults of parameters are
 * constants of the first group; the second group is the compiler's own view of names (types, what
 * is imported, what Flyte calls made) and never reaches the lowering.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_CONSTANT_H
#define SBX_GEN_CONSTANT_H

#include "ast.h"
#include "types.h"

typedef enum ConstantSort {
	/* values */
	SORT_NONE,
	SORT_BOOL,  /* integer */
	SORT_INT,   /* `fits`: integer; else `text` is the literal (0x 0o 0b or decimal, perhaps with a
				   minus) */
	SORT_FLOAT, /* real */
	SORT_STR,   /* text, length */
	SORT_BYTES, /* text, length */
	SORT_LIST,  /* items */
	SORT_TUPLE, /* items */
	SORT_SET,   /* items */
	SORT_FROZENSET, /* items */
	SORT_DICT,      /* items are the keys, values the values, in Python's order */
	SORT_TIMEDELTA, /* integer: microseconds */
	/* names */
	SORT_UNKNOWN, /* text: why; source and node: what could not be evaluated */
	SORT_ELLIPSIS,
	SORT_TYPE,   /* type; text: as written, for messages */
	SORT_SYMBOL, /* text: "flyte.sandbox.create", "builtins.int", "typing.Optional" */
	SORT_OBJECT, /* what a call of a symbol made, other than the below; text: the symbol; keywords
					in items/values */
	SORT_MODULE, /* object: a ModuleEnv of a neighbour */
	SORT_ENVIRONMENT, /* object: an Environment */
	SORT_TASK,        /* object: a TaskDecl, also of orchestrators */
	SORT_SANDBOX,     /* object: the TaskDecl of the sandbox */
	SORT_FUNCTION,    /* node: the def; a plain function */
	SORT_CLASS,       /* node */
	SORT_METHOD,      /* object: the constant it is read from; text: the name */
	SORT_DECORATOR,   /* object: a DecoratorCall */
} ConstantSort;

typedef struct Constant {
	ConstantSort sort;
	bool fits;
	bool is_missing; /* SORT_UNKNOWN: an import that was not found */
	bool
		is_template; /* SORT_CLASS: one of Flyte's task templates; SORT_UNKNOWN: made by such a class */
	uint32_t length, count;
	int64_t integer;
	double real;
	const char *text;
	const struct Constant **items, **values;
	const Type *type;
	void *object;
	const Source *source; /* where it stands, for diagnostics */
	const Node *node;
	struct ModuleEnv *home; /* SORT_FUNCTION, SORT_CLASS: where its globals are */
	const struct Constant
		*of; /* SORT_OBJECT that a method made: what it was called on; else NULL */
} Constant;

/* Is it, with all its parts, of the first group? */
bool constant_is_value(const Constant *constant);
bool constant_equals(const Constant *a, const Constant *b);
/* The type of a value. */
const Type *constant_type(TypeTable *types, const Constant *constant);
/* May the value be of the type, items included? */
bool constant_fits(TypeTable *types, const Constant *constant, const Type *type);
/* As Python's repr. */
void constant_print(Text *out, const Constant *constant);

#endif
