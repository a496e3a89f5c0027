/*
 * Expressions that stand where something is assigned or deleted: the grammar reads them as expressions, this turns
 * them into targets or says what is wrong with them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

static const char *constant_text(const AstConstant *constant)
{
	switch (constant->value.kind) {
	case CONSTANT_NONE:
		return "None";
	case CONSTANT_TRUE:
		return "True";
	case CONSTANT_FALSE:
		return "False";
	case CONSTANT_ELLIPSIS:
		return "ellipsis";
	default:
		return "literal";
	}
}

/* What CPython's messages call a kind of expression. */
const char *expr_kind_text(const Node *node)
{
	switch (node->kind) {
	case NODE_ATTRIBUTE:
		return "attribute";
	case NODE_SUBSCRIPT:
		return "subscript";
	case NODE_STARRED:
		return "starred";
	case NODE_NAME:
		return "name";
	case NODE_LIST:
		return "list";
	case NODE_TUPLE:
		return "tuple";
	case NODE_LAMBDA:
		return "lambda";
	case NODE_CALL:
		return "function call";
	case NODE_GENERATOR_EXP:
		return "generator expression";
	case NODE_YIELD:
	case NODE_YIELD_FROM:
		return "yield expression";
	case NODE_AWAIT:
		return "await expression";
	case NODE_LIST_COMP:
		return "list comprehension";
	case NODE_SET_COMP:
		return "set comprehension";
	case NODE_DICT_COMP:
		return "dict comprehension";
	case NODE_DICT:
		return "dict literal";
	case NODE_SET:
		return "set display";
	case NODE_JOINED_STR:
	case NODE_FORMATTED_VALUE:
		return "f-string expression";
	case NODE_TEMPLATE_STR:
	case NODE_INTERPOLATION:
		return "t-string expression";
	case NODE_CONSTANT:
		return constant_text((const AstConstant *)node);
	case NODE_COMPARE:
		return "comparison";
	case NODE_IF_EXP:
		return "conditional expression";
	case NODE_NAMED_EXPR:
		return "named expression";
	default:
		return "expression";
	}
}

/* "Maybe you meant '=='": CPython says it of what is a single operand, but not of displays and the three names. */
static bool may_be_comparison(const Node *node)
{
	switch (node->kind) {
	case NODE_LIST:
	case NODE_TUPLE:
	case NODE_GENERATOR_EXP:
	case NODE_BOOL_OP:
	case NODE_COMPARE:
	case NODE_IF_EXP:
	case NODE_LAMBDA:
	case NODE_STARRED:
	case NODE_YIELD:
	case NODE_YIELD_FROM:
		return false;
	case NODE_CONSTANT: {
		ConstantKind kind = ((const AstConstant *)node)->value.kind;
		return kind != CONSTANT_NONE && kind != CONSTANT_TRUE && kind != CONSTANT_FALSE;
	}
	case NODE_UNARY_OP:
		return ((const AstUnaryOp *)node)->op != UNARY_NOT;
	default:
		return true;
	}
}

static void refuse(Parser *p, const Node *node, TargetUse use, bool whole)
{
	DiagId id = D_TARGET;
	if (use == TARGET_DELETE)
		id = D_TARGET_DELETE;
	else if (use == TARGET_ASSIGN && whole && may_be_comparison(node))
		id = D_TARGET_EQUAL;
	const char *kind = expr_kind_text(node);
	if (use == TARGET_ASSIGN && (node->kind == NODE_YIELD || node->kind == NODE_YIELD_FROM) &&
		whole)
		parse_error(p, D_TARGET_YIELD, node->start, node->end, NULL);
	else
		parse_error(p, id, node->start, node->end, kind);
}

static void push_all(Parser *p, Open *work, NodeList list)
{
	for (uint32_t i = list.count; i--;)
		*work = open_add(p, *work, list.items[i]);
}

static void check_debug(Parser *p, const Atom *name, const Node *node, TargetUse use)
{
	if (name == p->debug)
		parse_error(p, use == TARGET_DELETE ? D_TARGET_DELETE : D_TARGET, node->start, node->end,
					"__debug__");
}

/* One star at most, and not too many targets before it for CPython's UNPACK_EX. */
static void check_stars(Parser *p, const NodeList *list)
{
	enum { MOST_BEFORE = 256 };
	bool seen = false;
	for (uint32_t i = 0; i < list->count; i++) {
		const Node *node = list->items[i];
		if (node->kind != NODE_STARRED)
			continue;
		if (seen)
			parse_error(p, D_STAR_TWICE, node->start, node->end, NULL);
		else if (i >= MOST_BEFORE)
			parse_error(p, D_STAR_FAR, node->start, node->end, NULL);
		seen = true;
	}
}

Expr expr_refuse_lone_star(Parser *p, Expr expr)
{
	if (expr.node && expr.node->kind == NODE_STARRED)
		parse_error(p, D_STAR_LONE, expr.start, expr.end, NULL);
	return expr;
}

/* Walks tuples and lists on the scratch stack, so that deep ones need no C stack. */
void target_set(Parser *p, Expr expr, TargetUse use)
{
	ExprContext context = use == TARGET_DELETE ? CONTEXT_DEL : CONTEXT_STORE;
	Open work = open_add_expr(p, open_make(p), expr);
	uint32_t bottom = p->scratch_count - 1;
	while (p->scratch_count > bottom && !p->failed) {
		Node *node = p->scratch[--p->scratch_count];
		switch (node->kind) {
		case NODE_NAME:
			((AstName *)node)->ctx = context;
			check_debug(p, ((AstName *)node)->id, node, use);
			break;
		case NODE_ATTRIBUTE:
			((AstAttribute *)node)->ctx = context;
			if (use != TARGET_DELETE) /* CPython does not look at that one */
				check_debug(p, ((AstAttribute *)node)->attr, node, use);
			break;
		case NODE_SUBSCRIPT:
			((AstSubscript *)node)->ctx = context;
			break;
		case NODE_TUPLE:
			((AstTuple *)node)->ctx = context;
			check_stars(p, &((AstTuple *)node)->elts);
			push_all(p, &work, ((AstTuple *)node)->elts);
			break;
		case NODE_LIST:
			((AstList *)node)->ctx = context;
			check_stars(p, &((AstList *)node)->elts);
			push_all(p, &work, ((AstList *)node)->elts);
			break;
		case NODE_STARRED: {
			AstStarred *starred = (AstStarred *)node;
			if (use != TARGET_DELETE && node == expr.node) {
				parse_error(p, D_STAR_TARGET, node->start, node->end, NULL);
				break;
			}
			if (use == TARGET_DELETE || starred->value->kind == NODE_STARRED) {
				refuse(p, node, use, false);
				break;
			}
			starred->ctx = context;
			work = open_add(p, work, starred->value);
			break;
		}
		default:
			refuse(p, node, use, node == expr.node);
		}
	}
	p->scratch_count = bottom;
}
