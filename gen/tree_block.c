/*
 * Compound statements, without match. A statement ends where its last block ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

static uint32_t last_end(Suite body, Suite tail)
{
	return tail.count ? tail.end : body.end;
}

Node *make_if(Parser *p, const Token *token, Expr test, Suite body, Tail tail)
{
	AstIf *node = MAKE(If, IF, token->start, last_end(body, tail));
	node->test = test.node;
	node->body = suite_list(body);
	node->orelse = suite_list(tail);
	return &node->base;
}

/* An `elif` is an `if` in the orelse of the one before. */
Tail tail_make_elif(Parser *p, Node *node)
{
	Node **items = ARENA_NEW(p->arena, Node *);
	items[0] = node;
	return (Tail){items, 1, node->end};
}

Node *make_while(Parser *p, const Token *token, Expr test, Suite body, Suite orelse)
{
	AstWhile *node = MAKE(While, WHILE, token->start, last_end(body, orelse));
	node->test = test.node;
	node->body = suite_list(body);
	node->orelse = suite_list(orelse);
	return &node->base;
}

Node *make_for(Parser *p, const Token *async, const Token *token, Expr target, Expr iter,
			   Suite body, Suite orelse)
{
	target_set(p, target, TARGET_FOR);
	expr_refuse_lone_star(p, iter);
	uint32_t start = async ? async->start : token->start;
	AstFor *node = node_make(p, async ? NODE_ASYNC_FOR : NODE_FOR, sizeof(AstFor), start,
							 last_end(body, orelse));
	node->target = target.node;
	node->iter = iter.node;
	node->body = suite_list(body);
	node->orelse = suite_list(orelse);
	return &node->base;
}

Node *make_with_item(Parser *p, Expr value, Expr target)
{
	if (target.node)
		target_set(p, target, TARGET_WITH);
	AstWithitem *node = MAKE(Withitem, WITHITEM, value.start, target.node ? target.end : value.end);
	node->context_expr = value.node;
	node->optional_vars = target.node;
	return &node->base;
}

Open open_add_item(Parser *p, Expr value)
{
	return open_add(p, open_make(p), make_with_item(p, value, NO_EXPR));
}

/*
 * "with (a, b as c):" has two items, but with a "*a" or "a := b" among them the parentheses are those of a tuple or
 * of a group, and nothing may have an "as".
 */
Open open_paren_items(Parser *p, const Token *open, Open items, const Token *close, bool comma)
{
	bool is_expression = false;
	const AstWithitem *with_target = NULL;
	for (uint32_t i = 0; i < items.count; i++) {
		const AstWithitem *item = (const AstWithitem *)p->scratch[items.base + i];
		bool named = item->context_expr->kind == NODE_NAMED_EXPR &&
					 item->context_expr->start == item->base.start;
		is_expression |= named || item->context_expr->kind == NODE_STARRED;
		if (item->optional_vars)
			with_target = item;
	}
	if (!is_expression)
		return items;
	if (with_target)
		parse_error(p, D_SYNTAX, with_target->base.start, with_target->base.end, NULL);
	for (uint32_t i = 0; i < items.count; i++)
		p->scratch[items.base + i] = ((AstWithitem *)p->scratch[items.base + i])->context_expr;
	if (items.count > 1 || comma)
		return open_add_item(p, make_tuple_in(p, open, items, close));
	Expr only = expr_refuse_star(p, expr_of(p->scratch[items.base]));
	p->scratch_count = items.base;
	return open_add_item(p, make_group(p, open, only, close));
}

Node *make_with(Parser *p, const Token *async, const Token *token, Open items, Suite body)
{
	uint32_t start = async ? async->start : token->start;
	AstWith *node =
		node_make(p, async ? NODE_ASYNC_WITH : NODE_WITH, sizeof(AstWith), start, body.end);
	node->items = open_close(p, items);
	node->body = suite_list(body);
	return &node->base;
}

/* Marks a handler of `except*` until its `try` is made. */
enum { FLAG_STAR = 1 << 15 };

Node *make_try(Parser *p, const Token *token, Suite body, Open handlers, Suite orelse,
			   Suite finally)
{
	uint32_t end = finally.count ? finally.end : orelse.count ? orelse.end : handlers.end;
	NodeList list = open_close(p, handlers);
	bool star = list.count && (list.items[0]->flags & FLAG_STAR);
	for (uint32_t i = 0; i < list.count; i++) {
		if (!(list.items[i]->flags & FLAG_STAR) == star)
			parse_error(p, D_EXCEPT_MIXED, list.items[i]->start, list.items[i]->end, NULL);
		list.items[i]->flags &= (uint16_t)~FLAG_STAR;
		if (!((AstExceptHandler *)list.items[i])->type && i + 1 < list.count)
			parse_error(p, D_EXCEPT_ORDER, list.items[i]->start, list.items[i]->end, NULL);
	}
	AstTry *node = node_make(p, star ? NODE_TRY_STAR : NODE_TRY, sizeof(AstTry), token->start, end);
	node->body = suite_list(body);
	node->handlers = list;
	node->orelse = suite_list(orelse);
	node->finalbody = suite_list(finally);
	return &node->base;
}

Node *make_handler(Parser *p, const Token *token, const Token *star, Expr type, const Token *name,
				   Suite body)
{
	AstExceptHandler *node = MAKE(ExceptHandler, EXCEPT_HANDLER, token->start, body.end);
	node->type = type.node;
	node->name = name ? name->atom : NULL;
	if (name)
		check_binding(p, name->atom, name->start, name->end);
	node->body = suite_list(body);
	if (star)
		node->base.flags |= FLAG_STAR;
	return &node->base;
}

/* 3.14: several types without parentheses. */
Node *make_handler_bare(Parser *p, const Token *token, const Token *star, Expr types, Suite body)
{
	Node *node = make_handler(p, token, star, types, NULL, body);
	node_mark_newer(p, node);
	return node;
}

Node *node_decorate(Parser *p, Open decorators, Node *definition)
{
	NodeList list = open_close(p, decorators);
	if (definition->kind == NODE_CLASS_DEF)
		((AstClassDef *)definition)->decorator_list = list;
	else
		((AstFunctionDef *)definition)->decorator_list = list;
	return definition;
}

Node *node_make_async(Parser *p, const Token *async, Node *function)
{
	(void)p;
	function->kind = NODE_ASYNC_FUNCTION_DEF;
	function->start = async->start;
	return function;
}

static const Atom *type_param_name(const Node *node)
{
	return ((const AstTypeVar *)node)->name; /* the first field of all three kinds */
}

static void check_type_params(Parser *p, const NodeList *params)
{
	bool with_default = false;
	if (!params->count)
		return;
	const Atom **names = ARENA_ARRAY(p->arena, const Atom *, params->count);
	for (uint32_t i = 0; i < params->count; i++) {
		const Node *param = params->items[i];
		names[i] = type_param_name(param);
		const Node *value =
			param->kind == NODE_TYPE_VAR     ? ((const AstTypeVar *)param)->default_value
			: param->kind == NODE_PARAM_SPEC ? ((const AstParamSpec *)param)->default_value
											 : ((const AstTypeVarTuple *)param)->default_value;
		if (with_default && !value)
			parse_error(p, D_TYPE_PARAM_ORDER, param->start, param->end, names[i]->text);
		with_default |= value != NULL;
	}
	const Atom *repeated = find_repeated(names, params->count);
	if (repeated)
		parse_error(p, D_TYPE_PARAM_TWICE, params->items[0]->start, params->items[0]->end,
					repeated->text);
}

Node *make_function(Parser *p, const Token *token, const Token *name, NodeList types, Open params,
					Expr returns, Suite body)
{
	check_binding(p, name->atom, name->start, name->end);
	check_type_params(p, &types);
	AstFunctionDef *node = MAKE(FunctionDef, FUNCTION_DEF, token->start, body.end);
	node->name = name->atom;
	node->args = &make_arguments(p, params)->base;
	node->body = suite_list(body);
	node->returns = returns.node;
	node->type_params = types;
	if (types.count)
		node_mark_newer(p, &node->base);
	return &node->base;
}

Node *make_class(Parser *p, const Token *token, const Token *name, NodeList types, Open args,
				 Suite body)
{
	check_binding(p, name->atom, name->start, name->end);
	check_type_params(p, &types);
	AstClassDef *node = MAKE(ClassDef, CLASS_DEF, token->start, body.end);
	node->name = name->atom;
	split_args(p, args, &node->bases, &node->keywords);
	for (uint32_t i = 0; i < node->bases.count; i++) {
		const Node *base = node->bases.items[i];
		if (base->kind == NODE_GENERATOR_EXP && (base->flags & NODE_FLAG_BARE))
			parse_error(p, D_SYNTAX, base->start, base->end, NULL);
	}
	node->body = suite_list(body);
	node->type_params = types;
	if (types.count)
		node_mark_newer(p, &node->base);
	return &node->base;
}

Node *make_type_var(Parser *p, const Token *name, Expr bound, Expr value)
{
	uint32_t end = value.node ? value.end : bound.node ? bound.end : name->end;
	AstTypeVar *node = MAKE(TypeVar, TYPE_VAR, name->start, end);
	node_mark_newer(p, &node->base);
	node->name = name->atom;
	node->bound = bound.node;
	node->default_value = value.node;
	return &node->base;
}

Node *make_type_pack(Parser *p, NodeKind kind, const Token *star, const Token *name, Expr value)
{
	size_t size = kind == NODE_PARAM_SPEC ? sizeof(AstParamSpec) : sizeof(AstTypeVarTuple);
	AstParamSpec *node = node_make(p, kind, size, star->start, value.node ? value.end : name->end);
	node_mark_newer(p, &node->base);
	node->name = name->atom;
	if (kind == NODE_PARAM_SPEC)
		node->default_value = value.node;
	else
		((AstTypeVarTuple *)(void *)node)->default_value = value.node;
	return &node->base;
}
