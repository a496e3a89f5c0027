/*
 * Can statements be left at their end? By their form alone: a loop whose condition is the literal True can not, unless a
 * break is in it; everything else may.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

static bool has_break(const NodeList *body);

static bool is_true(const Node *test)
{
	if (test->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)test)->value;
	return value->kind == CONSTANT_TRUE ||
		   (value->kind == CONSTANT_INT && value->fits && value->integer);
}

static bool has_break_in(const Node *node)
{
	switch (node->kind) {
	case NODE_BREAK:
		return true;
	case NODE_IF:
		return has_break(&((const AstIf *)node)->body) || has_break(&((const AstIf *)node)->orelse);
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		return has_break(&((const AstFor *)node)->orelse);
	case NODE_WHILE:
		return has_break(&((const AstWhile *)node)->orelse);
	case NODE_WITH:
	case NODE_ASYNC_WITH:
	case NODE_TRY:
	case NODE_TRY_STAR:
	case NODE_MATCH:
		return true; /* refused; nobody asks further */
	default:
		return false;
	}
}

static bool has_break(const NodeList *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		if (has_break_in(body->items[i]))
			return true;
	return false;
}

bool may_pass(const Node *node)
{
	switch (node->kind) {
	case NODE_RETURN:
	case NODE_RAISE:
	case NODE_BREAK:
	case NODE_CONTINUE:
		return false;
	case NODE_IF: {
		const AstIf *choice = (const AstIf *)node;
		return may_complete(&choice->body) || may_complete(&choice->orelse);
	}
	case NODE_WHILE: {
		const AstWhile *loop = (const AstWhile *)node;
		return !is_true(loop->test) || has_break(&loop->body);
	}
	default:
		return true;
	}
}

bool may_complete(const NodeList *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		if (!may_pass(body->items[i]))
			return false;
	return true;
}
