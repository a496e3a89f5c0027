/*
 * The fields of each kind of node as data, from ast.def: for walks and prints that treat all kinds alike.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_AST_FIELDS_H
#define SBX_GEN_AST_FIELDS_H

#include "ast.h"

typedef enum FieldKind {
	FIELD_NODE,  /* Node *, or NULL where the row says OPT */
	FIELD_NODES, /* NodeList; NULL items stand for None */
	FIELD_ATOM,
	FIELD_ATOMS,
	FIELD_INT,
	FIELD_CONSTANT,
	FIELD_BINARY,
	FIELD_UNARY,
	FIELD_BOOL,
	FIELD_CONTEXT,
	FIELD_COMPARES,
	FIELD_ABSENT,  /* type comments: not in the struct, None in print */
	FIELD_IGNORES, /* not in the struct, always [] */
} FieldKind;

typedef struct AstField {
	const char *name; /* NULL after the last */
	FieldKind kind;
	uint16_t offset;
	bool is_new; /* printed only where it is not empty */
} AstField;

const AstField *node_fields(NodeKind kind);
/* Does the node have a place in CPython's tree? */
bool node_has_place(NodeKind kind);

static inline Node *field_node(const Node *node, const AstField *field)
{
	return *(Node *const *)(const void *)((const char *)node + field->offset);
}

static inline const NodeList *field_nodes(const Node *node, const AstField *field)
{
	return (const NodeList *)(const void *)((const char *)node + field->offset);
}

#endif
