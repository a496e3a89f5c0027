/*
 * Expressions, without strings.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

/* These bind less than the operator before them; the grammar lets `not` and `lambda` follow any. */
static bool is_loosest(const Node *node)
{
	return node->kind == NODE_IF_EXP || node->kind == NODE_LAMBDA;
}

static bool is_loose(Expr expr)
{
	const Node *node = expr.node;
	if (node->start != expr.start || node->end != expr.end)
		return false; /* in parentheses */
	return node->kind == NODE_BOOL_OP || node->kind == NODE_COMPARE || is_loosest(node) ||
		   (node->kind == NODE_UNARY_OP && ((const AstUnaryOp *)node)->op == UNARY_NOT);
}

static void refuse_loose(Parser *p, Expr operand)
{
	if (is_loose(operand))
		parse_error(p, D_SYNTAX, operand.start, operand.start + 1, NULL);
}

/* Where an `or` may stand, but no conditional expression and no lambda. */
static void refuse_loosest(Parser *p, Expr operand)
{
	if (is_loosest(operand.node) && operand.node->start == operand.start &&
		operand.node->end == operand.end)
		parse_error(p, D_SYNTAX, operand.start, operand.start + 1, NULL);
}

static Expr make_sequence(Parser *p, NodeKind kind, Open list, uint32_t start, uint32_t end)
{
	AstTuple *node =
		node_make(p, kind, sizeof(AstTuple), start, end); /* a List has the same fields */
	node->elts = open_close(p, list);
	return expr_of(node);
}

Expr make_tuple(Parser *p, Open list, uint32_t end)
{
	return make_sequence(p, NODE_TUPLE, list, list.start, end);
}

Expr make_tuple_in(Parser *p, const Token *open, Open list, const Token *close)
{
	return make_sequence(p, NODE_TUPLE, list, open->start, close->end);
}

/* In a replacement field: CPython reads the field as if it had parentheses; make_field sets the range. */
Expr make_bare_tuple(Parser *p, Open list, uint32_t end)
{
	Expr tuple = make_tuple(p, list, end);
	tuple.node->flags |= NODE_FLAG_BARE;
	return tuple;
}

Expr make_list(Parser *p, const Token *open, Open list, const Token *close)
{
	return make_sequence(p, NODE_LIST, list, open->start, close->end);
}

Expr make_set(Parser *p, const Token *open, Open list, const Token *close)
{
	AstSet *node = MAKE(Set, SET, open->start, close->end);
	node->elts = open_close(p, list);
	return expr_of(node);
}

/* The scratch stack holds key and value in turn; the key of "**x" is NULL. */
Expr make_dict(Parser *p, const Token *open, Open items, const Token *close)
{
	AstDict *node = MAKE(Dict, DICT, open->start, close->end);
	uint32_t count = items.count / 2;
	if (count) {
		node->keys = (NodeList){ARENA_ARRAY(p->arena, Node *, count), count};
		node->values = (NodeList){ARENA_ARRAY(p->arena, Node *, count), count};
	}
	for (uint32_t i = 0; i < count; i++) {
		node->keys.items[i] = p->scratch[items.base + 2 * i];
		node->values.items[i] = p->scratch[items.base + 2 * i + 1];
	}
	p->scratch_count = items.base;
	return expr_of(node);
}

Open open_add_unpacked(Parser *p, Open list, const Token *star, Expr value)
{
	refuse_loose(p, value);
	list = open_add_expr(p, list, (Expr){NULL, star->start, star->end});
	return open_add_expr(p, list, value);
}

Expr make_group(Parser *p, const Token *open, Expr inner, const Token *close)
{
	(void)p;
	return (Expr){inner.node, open->start, close->end};
}

Expr expr_refuse_star(Parser *p, Expr expr)
{
	if (expr.node->kind == NODE_STARRED && expr.node->start == expr.start)
		parse_error(p, D_STAR_HERE, expr.start, expr.end, NULL);
	return expr;
}

Expr make_starred(Parser *p, const Token *star, Expr value)
{
	AstStarred *node = MAKE(Starred, STARRED, star->start, value.end);
	node->value = value.node;
	return expr_of(node);
}

Expr make_comprehension(Parser *p, NodeKind kind, const Token *open, Expr element, Open comps,
						const Token *close)
{
	if (element.node->kind == NODE_STARRED)
		parse_error(p, D_COMPREHENSION_STAR, element.start, element.end, NULL);
	AstListComp *node = node_make(p, kind, sizeof(AstListComp), open->start, close->end);
	node->elt = element.node;
	node->generators = open_close(p, comps);
	return expr_of(node);
}

Expr make_generator(Parser *p, const Token *open, Expr element, Open comps, const Token *close)
{
	return make_comprehension(p, NODE_GENERATOR_EXP, open, element, comps, close);
}

/* The only argument of a call, or a replacement field: whoever uses it sets the range. */
Expr make_bare_generator(Parser *p, Expr element, Open comps)
{
	const Token first = {.start = element.start}, last = {.end = comps.end};
	Expr generator = make_generator(p, &first, element, comps, &last);
	generator.node->flags |= NODE_FLAG_BARE;
	return generator;
}

Expr make_dict_comp(Parser *p, const Token *open, Open items, Open comps, const Token *close)
{
	AstDictComp *node = MAKE(DictComp, DICT_COMP, open->start, close->end);
	node->generators = open_close(p, comps);
	node->key = p->scratch[items.base];
	node->value = p->scratch[items.base + 1];
	if (items.count > 2)
		parse_error(p, D_SYNTAX, node->generators.items[0]->start, node->generators.items[0]->end,
					NULL);
	else if (!node->key)
		parse_error(p, D_COMPREHENSION_UNPACK, items.start, items.end, NULL);
	p->scratch_count = items.base;
	return expr_of(node);
}

Node *make_comp(Parser *p, const Token *async, const Token *token, Expr target, Expr iter,
				Open conditions)
{
	target_set(p, target, TARGET_FOR);
	refuse_loosest(p, iter);
	uint32_t end = conditions.count ? conditions.end : iter.end;
	AstComprehension *node =
		MAKE(Comprehension, COMPREHENSION, async ? async->start : token->start, end);
	node->target = target.node;
	node->iter = iter.node;
	node->ifs = open_close(p, conditions);
	node->is_async = async != NULL;
	return &node->base;
}

Expr make_named_expr(Parser *p, Expr target, Expr value)
{
	if (target.node->kind == NODE_NAME && target.node->start == target.start)
		target_set(p, target, TARGET_FOR);
	else
		parse_error(p, D_TARGET_NAMED, target.start, target.end, expr_kind_text(target.node));
	AstNamedExpr *node = MAKE(NamedExpr, NAMED_EXPR, target.start, value.end);
	node->target = target.node;
	node->value = value.node;
	return expr_of(node);
}

Expr make_yield(Parser *p, const Token *token, Expr value)
{
	expr_refuse_lone_star(p, value);
	AstYield *node = MAKE(Yield, YIELD, token->start, value.node ? value.end : token->end);
	node->value = value.node;
	return expr_of(node);
}

Expr make_yield_from(Parser *p, const Token *token, Expr value)
{
	AstYieldFrom *node = MAKE(YieldFrom, YIELD_FROM, token->start, value.end);
	node->value = value.node;
	return expr_of(node);
}

Open open_add_condition(Parser *p, Open list, Expr condition)
{
	refuse_loosest(p, condition);
	return open_add_expr(p, list, condition);
}

Expr make_star_operand(Parser *p, const Token *star, Expr value)
{
	refuse_loose(p, value);
	return make_starred(p, star, value);
}

Expr make_not(Parser *p, const Token *token, Expr operand)
{
	refuse_loosest(p, operand);
	AstUnaryOp *node = MAKE(UnaryOp, UNARY_OP, token->start, operand.end);
	node->op = UNARY_NOT;
	node->operand = operand.node;
	return expr_of(node);
}

Expr make_if_expr(Parser *p, Expr body, Expr test, Expr orelse)
{
	refuse_loosest(p, test);
	AstIfExp *node = MAKE(IfExp, IF_EXP, body.start, orelse.end);
	node->test = test.node;
	node->body = body.node;
	node->orelse = orelse.node;
	return expr_of(node);
}

Expr make_lambda(Parser *p, const Token *token, Open params, Expr body)
{
	AstLambda *node = MAKE(Lambda, LAMBDA, token->start, body.end);
	node->args = &make_arguments(p, params)->base;
	node->body = body.node;
	return expr_of(node);
}

/* A list whose room is the power of two that holds it: adding is cheap however long the chain. */
static void append(Parser *p, NodeList *list, Node *item)
{
	if ((list->count & (list->count - 1)) == 0) {
		Node **items = ARENA_ARRAY(p->arena, Node *, list->count ? list->count * 2 : 2);
		for (uint32_t i = 0; i < list->count; i++)
			items[i] = list->items[i];
		list->items = items;
	}
	list->items[list->count++] = item;
}

static bool is_bare(Expr expr, NodeKind kind)
{
	return expr.node->kind == kind && expr.node->start == expr.start && expr.node->end == expr.end;
}

Expr make_bool(Parser *p, Expr left, BoolOperator op, Expr right)
{
	refuse_loosest(p, right);
	AstBoolOp *node = (AstBoolOp *)left.node;
	if (!is_bare(left, NODE_BOOL_OP) || node->op != op) {
		node = MAKE(BoolOp, BOOL_OP, left.start, right.end);
		node->op = op;
		append(p, &node->values, left.node);
	}
	append(p, &node->values, right.node);
	node->base.end = right.end;
	return expr_of(node);
}

Expr make_compare(Parser *p, Expr left, CompareOperator op, Expr right)
{
	refuse_loose(p, right);
	AstCompare *node = (AstCompare *)left.node;
	if (!is_bare(left, NODE_COMPARE)) {
		node = MAKE(Compare, COMPARE, left.start, right.end);
		node->left = left.node;
	}
	CompareOperatorList *ops = &node->ops;
	if ((ops->count & (ops->count - 1)) == 0) {
		CompareOperator *items =
			ARENA_ARRAY(p->arena, CompareOperator, ops->count ? ops->count * 2 : 2);
		for (uint32_t i = 0; i < ops->count; i++)
			items[i] = ops->items[i];
		ops->items = items;
	}
	ops->items[ops->count++] = op;
	append(p, &node->comparators, right.node);
	node->base.end = right.end;
	return expr_of(node);
}

Expr make_unary(Parser *p, const Token *token, UnaryOperator op, Expr operand)
{
	AstUnaryOp *node = MAKE(UnaryOp, UNARY_OP, token->start, operand.end);
	refuse_loose(p, operand);
	node->op = op;
	node->operand = operand.node;
	return expr_of(node);
}

Expr make_binary(Parser *p, Expr left, BinaryOperator op, Expr right)
{
	refuse_loose(p, right);
	AstBinOp *node = MAKE(BinOp, BIN_OP, left.start, right.end);
	node->left = left.node;
	node->op = op;
	node->right = right.node;
	return expr_of(node);
}

Expr make_await(Parser *p, const Token *token, Expr value)
{
	bool bare = value.node->start == value.start && value.node->end == value.end;
	unsigned kind = value.node->kind;
	if (bare && (kind == NODE_UNARY_OP || kind == NODE_AWAIT || kind == NODE_LAMBDA))
		parse_error(p, D_SYNTAX, value.start, value.start + 1, NULL);
	AstAwait *node = MAKE(Await, AWAIT, token->start, value.end);
	node->value = value.node;
	return expr_of(node);
}

Expr make_number(Parser *p, const Token *token)
{
	AstConstant *node = MAKE(Constant, CONSTANT, token->start, token->end);
	constant_from_number(p, token, &node->value);
	return expr_of(node);
}

Expr make_constant(Parser *p, const Token *token, ConstantKind kind)
{
	AstConstant *node = MAKE(Constant, CONSTANT, token->start, token->end);
	node->value.kind = kind;
	return expr_of(node);
}

Expr make_call(Parser *p, Expr func, const Token *open, Open args, const Token *close)
{
	AstCall *node = MAKE(Call, CALL, func.start, close->end);
	node->func = func.node;
	split_args(p, args, &node->args, &node->keywords);
	if (node->args.count == 1 && (node->args.items[0]->flags & NODE_FLAG_BARE)) {
		node->args.items[0]->start = open->start;
		node->args.items[0]->end = close->end;
		node->args.items[0]->flags &= (uint16_t)~NODE_FLAG_BARE;
	}
	return expr_of(node);
}

Expr make_subscript(Parser *p, Expr value, Expr slice, const Token *close)
{
	AstSubscript *node = MAKE(Subscript, SUBSCRIPT, value.start, close->end);
	node->value = value.node;
	node->slice = slice.node;
	return expr_of(node);
}

/* "a[*b]" is a tuple of one. */
Expr make_index(Parser *p, Expr slice)
{
	if (slice.node->kind == NODE_STARRED && slice.node->start == slice.start)
		return make_tuple(p, open_add_expr(p, open_make(p), slice), slice.end);
	return slice;
}

Expr make_slice(Parser *p, Expr lower, const Token *colon, Expr upper, const Token *second,
				Expr step)
{
	uint32_t end = step.node    ? step.end
				   : second     ? second->end
				   : upper.node ? upper.end
								: colon->end;
	AstSlice *node = MAKE(Slice, SLICE, lower.node ? lower.start : colon->start, end);
	node->lower = lower.node;
	node->upper = upper.node;
	node->step = step.node;
	return expr_of(node);
}
