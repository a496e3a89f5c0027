/*
 * Inside the alias pass: its cells, and what alias.c and alias_calls.c share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ALIAS_CELLS_H
#define SBX_GEN_ALIAS_CELLS_H

#include "alias.h"

enum { NOTHING = 0, ANYTHING = ALIAS_ANYTHING };

typedef struct CellRow {
	Cell parent;
	Cell element; /* NOTHING: not asked for yet */
} CellRow;

struct Alias {
	Checker *c;
	CellRow *cells;
	uint32_t count, capacity;
	Cell *of_node; /* by node id - first_node; the nodes of one entry stand together */
	uint32_t first_node, node_count;
	Cell **of_variable; /* by scope index, then variable index */
	Cell *of_result;    /* by scope index */
	Insert *inserts;
	uint32_t insert_count, insert_capacity;
	const Scope *scope; /* innermost */
};

/* A class of its own. */
Cell alias_make(Alias *a);
/* The class of the elements of a class; made when it is first asked for. */
Cell alias_element(Alias *a, Cell cell);
/* Makes two cells one, and then their elements, as long as both have some. */
Cell alias_unify(Alias *a, Cell x, Cell y);
void alias_put(Alias *a, Cell container, Cell element);
void alias_escape(Alias *a, Cell cell);
void alias_insert(Alias *a, Cell cell, InsertKind kind, const Node *node);
Cell alias_visit(Alias *a, const Node *node);
/* Is the function only called directly, with parameters that arguments can be bound to? */
bool alias_is_direct(const Scope *scope);
Cell alias_call(Alias *a, const AstCall *call);

#endif
