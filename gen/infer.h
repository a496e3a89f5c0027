/*
 * Inside inference: what its files share.
 *
 *   infer.c             rounds, what is put into containers, results
 *   infer_flow.c        the state at a place: what each variable is here; where ways meet; loops
 *   infer_statements.c  the walk over statements and functions
 *   infer_narrow.c      what a condition says of the names in it
 *   infer_webs.c        variables that share a name only
 *   infer_expressions.c, infer_ops.c, infer_calls.c, infer_methods.c   expressions
 *
 * docs/notes/types.md has the idea.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_INFER_H
#define SBX_GEN_INFER_H

#include "alias.h"

/* What a variable is at a place. Type NEVER and may_be_unbound: it is unbound there. */
typedef struct VariableState {
	const Type *type;
	uint32_t web; /* assignments that some use may see together; 0: not asked for */
	bool may_be_unbound;
} VariableState;

/* One variable's row: its state here, and scratch of the joins. */
typedef struct FlowRow {
	VariableState now;
	uint32_t stamp, slot;
	bool is_whole; /* its webs were not told apart */
} FlowRow;

typedef struct Change {
	Variable *variable;
	VariableState state;
} Change;

/* How control may come to a place where ways meet: what it changed since they parted. */
typedef struct Way {
	uint32_t first, count; /* in Infer.taken */
	bool is_live;
} Way;

/* What is remembered of a loop from round to round. */
typedef struct LoopMemory {
	Variable **assigned; /* by its body */
	VariableState *head; /* joins over all ways to its head */
	VariableState *exit; /* over all breaks of this round */
	uint32_t count;
	bool exit_is_live;
	struct LoopMemory *outer;
} LoopMemory;

typedef struct Infer {
	Checker *c;
	TypeTable *types;
	Alias *alias;
	const Type **items, **keys; /* by root cell: what is inserted into containers of the class */
	Scope *scope;               /* innermost */
	bool changed;
	bool is_live;     /* can control come here? */
	bool is_eager;    /* the generator expression that comes next is used up at once */
	bool gives_up;    /* there were too many rounds: what is not of one place is ANY */
	bool is_last;     /* the round that notes types and webs */
	unsigned round;   /* from 1 */
	unsigned rounds;  /* since the last message */
	unsigned depth;   /* of functions walked from their calls */
	unsigned nesting; /* of expressions, over all of these */
	unsigned fuel;    /* of narrowing */
	const Type *any, *never, *none, *boolean, *integer, *real, *text, *bytes;

	FlowRow **rows; /* by scope index, variable index */
	Change *log;    /* older states of what was changed */
	uint32_t log_count, log_capacity;
	Change *taken;
	uint32_t taken_count, taken_capacity;
	uint32_t stamp;
	LoopMemory **loops; /* by node id - first_node */
	LoopMemory *loop;   /* innermost */
	uint64_t loop_work; /* what all loops cost in a round */
	uint32_t first_node, node_count;
	unsigned *walked; /* by scope index: the round in which it was last walked */
	bool *is_called;  /* by scope index: some call of it was met */
	uint32_t *webs;   /* union-find over webs */
	bool *web_is_unbound;
	uint32_t web_count, web_capacity;
} Infer;

/* ---- infer.c ---- */

/* *type becomes the join of both; notes that another round is needed. */
void infer_grow(Infer *f, const Type **type, const Type *with);

/* ---- infer_flow.c ---- */

void flow_start(Infer *f);
VariableState *flow_state(Infer *f, const Variable *variable);
void flow_set(Infer *f, Variable *variable, VariableState state);
uint32_t flow_new_web(Infer *f);
uint32_t flow_web(Infer *f, uint32_t web); /* of its class */
bool flow_is_whole(Infer *f, const Variable *variable);
void flow_note_unbound(Infer *f, uint32_t web); /* it is read where it may be unbound */
/* The mark at which ways part; what a way changed since then, undone. */
uint32_t flow_mark(const Infer *f);
Way flow_take(Infer *f, uint32_t mark);
Way flow_take_until(Infer *f, uint32_t mark, uint32_t until); /* undone only so far */
void flow_undo(Infer *f, uint32_t mark);
/* Goes on where `count` ways meet; they are all that was taken since the first of them. */
void flow_join(Infer *f, const Way *ways, uint32_t count);
/* Is the value here what is known at this place, or may the variable have changed before the code runs? */
bool flow_is_here(Infer *f, const Variable *variable);
LoopMemory *flow_enter_loop(Infer *f, const Node *loop); /* the state is that of the head */
void flow_back(Infer *f, LoopMemory *loop);              /* control goes back to the head */
void flow_break(Infer *f, LoopMemory *loop);
void flow_leave_loop(Infer *f, LoopMemory *loop); /* joins the breaks to the state after the loop */

/* ---- infer_statements.c ---- */

void infer_statements(Infer *f, const NodeList *list);
void infer_assign(Infer *f, const Node *target, const Type *type);
/* Parameters of a function that anybody may call: ANY. */
void infer_open_parameters(Infer *f, Scope *scope, const AstArguments *arguments);
void infer_defaults(Infer *f, Scope *scope, const AstArguments *arguments);
/* The body of a function or lambda, once a round. */
void infer_body(Infer *f, Scope *scope);

/* ---- infer_webs.c ---- */

/* After the last round: variables of their own for what is a float where others are not. */
void infer_split_webs(Infer *f);

/* ---- infer_narrow.c ---- */

/* The state becomes that of the side on which the condition is true or false. */
void infer_narrow(Infer *f, const Node *test, bool sense);
/* The members of a type whose values may be true or false. */
const Type *infer_truth(Infer *f, const Type *type, bool sense);

/* ---- infer_expressions.c ---- */

const Type *infer_expression(Infer *f, const Node *node);
const Type *infer_use(Infer *f, const NameInfo *info); /* of a name that is no variable */
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

/* What was found for a node; NEVER where control did not reach it, since what stands before it surely raises. */
static inline const Type *infer_known(const Infer *f, const Node *node)
{
	const Type *type = f->c->checked->types[node->id];
	return type ? type : f->never;
}

/* ---- infer_calls.c ---- */

/* All arguments have been inferred. */
const Type *infer_call(Infer *f, const AstCall *call);
const Type *infer_argument(Infer *f, const AstCall *call, uint32_t index);
const Type *infer_one(Infer *f, TypeKind kind, const Type *item);
const Type *infer_pair(Infer *f, const Type *first, const Type *second);
/* ---- infer_methods.c ---- */
const Type *infer_method(Infer *f, const AstCall *call);
/* A value that crosses a boundary at `cell`: with what is put into its containers later. */
const Type *infer_declared(Infer *f, const Type *type, Cell cell);

#endif
