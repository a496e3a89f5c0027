/*
 * Inside inference: what infer.c, infer_ops.c and infer_calls.c share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_INFER_H
#define SBX_GEN_INFER_H

#include "alias.h"

typedef struct Infer {
	Checker *c;
	TypeTable *types;
	Alias *alias;
	const Type **items, **keys; /* by root cell: what is inserted into containers of the class */
	Scope *scope;               /* innermost */
	bool changed;
	unsigned round;
	const Type *any, *never, *none, *boolean, *integer, *real, *text, *bytes;
} Infer;

/* ---- infer.c ---- */

const Type *infer_expression(Infer *f, const Node *node);
/* A container just made at `node`: with what is put into it later. */
const Type *infer_made(Infer *f, const Node *node, TypeKind kind, const Type *first,
					   const Type *second);

/* ---- infer_ops.c: types of operations; NEVER where they surely raise ---- */

const Type *infer_binary(Infer *f, const Node *node, BinaryOperator op, const Type *left,
						 const Type *right, const Node *right_node);
const Type *infer_unary(Infer *f, UnaryOperator op, const Type *operand);
const Type *infer_subscript(Infer *f, const AstSubscript *node, const Type *value);
/* What `for` gives. */
const Type *infer_element(Infer *f, const Type *iterable);
const Type *infer_union(Infer *f, const Type *type,
						const Type *(*each)(Infer *f, const Type *member, void *context),
						void *context);
/* A fixed tuple's items joined. */
const Type *infer_join_items(Infer *f, const Type *type);

/* ---- infer_calls.c ---- */

/* All arguments have been inferred. */
const Type *infer_call(Infer *f, const AstCall *call);
/* A value that crosses a boundary at `cell`: with what is put into its containers later. */
const Type *infer_declared(Infer *f, const Type *type, Cell cell);

#endif
