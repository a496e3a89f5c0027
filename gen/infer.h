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

/* *type becomes the join of both; notes that another round is needed. */
void infer_grow(Infer *f, const Type **type, const Type *with);
void infer_assign(Infer *f, const Node *target, const Type *type);
/* Parameters of a function that anybody may call: ANY. */
void infer_open_parameters(Infer *f, Scope *scope, const AstArguments *arguments);
void infer_defaults(Infer *f, Scope *scope, const AstArguments *arguments);

/* ---- infer_expressions.c ---- */

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
const Type *infer_argument(Infer *f, const AstCall *call, uint32_t index);
bool infer_has_spread(const AstCall *call);
const Type *infer_one(Infer *f, TypeKind kind, const Type *item);
const Type *infer_pair(Infer *f, const Type *first, const Type *second);
/* ---- infer_methods.c ---- */
const Type *infer_method(Infer *f, const AstCall *call);
/* A value that crosses a boundary at `cell`: with what is put into its containers later. */
const Type *infer_declared(Infer *f, const Type *type, Cell cell);

#endif
