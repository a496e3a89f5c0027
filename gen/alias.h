/*
 * Which expressions may hold the same container, and what is put into containers after they were
 * made. Inference needs this for element types: `xs = [1]` is a list[int] only if nothing else is
 * appended through any name for that list.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ALIAS_H
#define SBX_GEN_ALIAS_H

#include "checking.h"

/* A class of expressions and variables that may hold the same object; 0: none that can hold others.
 */
typedef uint32_t Cell;
#define ALIAS_ANYTHING 1 /* what flows where the pass cannot follow */

typedef enum InsertKind {
	INSERT_ITEM, /* append, add, insert: `node` becomes an element (of a dict: a value) */
	INSERT_EACH, /* extend, update: each element of `node`; of a dict that of the other dict or the
					pairs */
	INSERT_KEY,  /* setdefault's first argument: `node` becomes a key */
	INSERT_TEXT, /* update(name=...): a str key */
	INSERT_ANY   /* anything, keys too */
} InsertKind;

typedef struct Insert {
	Cell cell;
	InsertKind kind;
	const Node *node; /* NULL: INSERT_ANY, INSERT_TEXT */
} Insert;

typedef struct Alias Alias;
Alias *alias_find(Checker *c);
Cell alias_of(Alias *alias, const Node *node); /* the class of an expression */
Cell alias_of_variable(Alias *alias, const Variable *variable);
Cell alias_peek_element(Alias *alias,
						Cell cell); /* of its elements; 0: nothing is known to touch them */
uint32_t alias_cell_count(const Alias *alias); /* cells are below this */
const Insert *alias_inserts(const Alias *alias, uint32_t *count);
Cell alias_root(Alias *alias, Cell cell);
/* The nodes of the entry stand together: ids from *first on. */
void alias_nodes(const Alias *alias, uint32_t *first, uint32_t *count);

#endif
