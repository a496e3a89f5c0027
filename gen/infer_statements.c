/*
 * The walk of inference over statements and functions. What control cannot reach is not looked at: its expressions have
 * no type.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

enum { DEEPEST_CALLS = 40 };

/* ---- assignment ---- */

static void assign_elements(Infer *f, const NodeList *elts, const Type *value);

void infer_assign(Infer *f, const Node *target, const Type *type)
{
	f->is_live &= type->kind != TYPE_NEVER;
	if (!f->is_live)
		return;
	switch (target->kind) {
	case NODE_NAME: {
		Variable *variable = f->c->checked->names[target->id].variable;
		if (variable) {
			uint32_t web = flow_new_web(f);
			infer_grow(f, &variable->type, type);
			flow_set(f, variable, (VariableState){type, web, false});
			if (f->is_last)
				f->c->checked->webs[target->id] = web;
		}
		f->c->checked->types[target->id] = type;
		break;
	}
	case NODE_TUPLE:
	case NODE_LIST:
		assign_elements(f, &((const AstTuple *)target)->elts, type);
		break;
	case NODE_STARRED:
		infer_assign(f, ((const AstStarred *)target)->value, f->any);
		break;
	default: /* refused elsewhere */
		break;
	}
}

static void assign_elements(Infer *f, const NodeList *elts, const Type *value)
{
	bool plain = true;
	for (uint32_t i = 0; i < elts->count; i++)
		plain &= elts->items[i]->kind != NODE_STARRED;
	const Type *element = infer_element(f, value);
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *target = elts->items[i];
		if (target->kind == NODE_STARRED) {
			const Node *rest = ((const AstStarred *)target)->value;
			infer_assign(f, rest, infer_made(f, rest, TYPE_LIST, element, NULL));
		} else if (plain && value->kind == TYPE_TUPLE && value->count == elts->count) {
			infer_assign(f, target, value->args[i]);
		} else {
			infer_assign(f, target, element);
		}
	}
}

/* ---- functions ---- */

void infer_open_parameters(Infer *f, Scope *scope, const AstArguments *arguments)
{
	uint32_t positional = arguments->posonlyargs.count + arguments->args.count;
	const Type *named[2] = {f->text, f->any};
	f->is_called[scope->index] = true;
	for (uint32_t i = 0; i < scope->variable_count; i++) {
		Variable *variable = scope->variables[i];
		if (!variable->is_parameter)
			continue;
		const Type *type = f->any;
		if (arguments->vararg && i == positional)
			type = type_make(f->types, TYPE_TUPLE_OF, &f->any, 1);
		else if (arguments->kwarg && ((const AstArg *)arguments->kwarg)->arg == variable->name)
			type = type_make(f->types, TYPE_DICT, named, 2);
		infer_grow(f, &variable->type, type);
	}
}

void infer_defaults(Infer *f, Scope *scope, const AstArguments *arguments)
{
	uint32_t positional = arguments->posonlyargs.count + arguments->args.count,
			 first = positional - arguments->defaults.count;
	for (uint32_t i = 0; i < arguments->defaults.count; i++) {
		const Type *type = infer_expression(f, arguments->defaults.items[i]);
		if (first + i < scope->variable_count)
			infer_grow(f, &scope->variables[first + i]->type, type);
	}
	uint32_t keyword = positional + (arguments->vararg ? 1 : 0);
	for (uint32_t i = 0; i < arguments->kw_defaults.count; i++) {
		if (!arguments->kw_defaults.items[i])
			continue;
		const Type *type = infer_expression(f, arguments->kw_defaults.items[i]);
		if (keyword + i < scope->variable_count)
			infer_grow(f, &scope->variables[keyword + i]->type, type);
	}
}

/* Its own variables at its begin. False: some parameter has no value yet, so it is not called. */
static bool begin_scope(Infer *f, const Scope *scope)
{
	for (uint32_t i = 0; i < scope->variable_count; i++) {
		Variable *variable = scope->variables[i];
		if (variable->is_parameter && variable->type->kind == TYPE_NEVER)
			return false;
		uint32_t web = flow_new_web(f);
		if (variable->is_parameter)
			flow_note_unbound(f, web); /* it is no assignment of the program's */
		flow_set(f, variable,
				 variable->is_parameter ? (VariableState){variable->type, web, false}
										: (VariableState){f->never, web, true});
	}
	return true;
}

void infer_body(Infer *f, Scope *scope)
{
	bool is_lambda = scope->kind == SCOPE_LAMBDA; /* nobody comes back to it later */
	if (f->walked[scope->index] == f->round || (f->depth >= DEEPEST_CALLS && !is_lambda))
		return;
	f->walked[scope->index] = f->round;
	Scope *outer = f->scope;
	LoopMemory *loop = f->loop;
	bool was_live = f->is_live, was_eager = f->is_eager;
	uint32_t mark = flow_mark(f);
	f->scope = scope;
	f->loop = NULL;
	f->is_live = true;
	f->is_eager = false;
	f->depth++;
	if (begin_scope(f, scope)) {
		if (scope->kind == SCOPE_LAMBDA) {
			const Type *type = infer_expression(f, ((const AstLambda *)scope->node)->body);
			infer_grow(f, &scope->result, type);
		} else {
			infer_statements(f, &((const AstFunctionDef *)scope->node)->body);
			scope->may_complete = f->is_live;
			if (f->is_live)
				infer_grow(f, &scope->result, f->none);
		}
	}
	f->depth--;
	flow_undo(f, mark);
	f->scope = outer;
	f->loop = loop;
	f->is_live = was_live;
	f->is_eager = was_eager;
}

static void function_def(Infer *f, const AstFunctionDef *def)
{
	Scope *scope = f->c->checked->node_scopes[def->base.id];
	Variable *variable = f->c->checked->def_variables[def->base.id];
	const AstArguments *arguments = (const AstArguments *)def->args;
	infer_defaults(f, scope, arguments);
	if (variable && f->is_live) {
		const Type *function = type_simple(f->types, TYPE_FUNCTION);
		infer_grow(f, &variable->type, function);
		flow_set(f, variable, (VariableState){function, flow_new_web(f), false});
	}
	if (f->is_live && (scope->value_is_used || arguments->vararg || arguments->kwarg)) {
		infer_open_parameters(f, scope, arguments);
		if (scope->value_is_used)
			infer_body(f, scope);
	}
}

/* ---- statements that are refused: enough is known that nothing else is said about them ---- */

static void try_statement(Infer *f, const AstTry *try)
{
	enum { MOST = 16 };
	Way ways[MOST + 1];
	uint32_t mark = flow_mark(f), count = 0;
	infer_statements(f, &try->body);
	Way body = flow_take(f, mark), before = {f->taken_count, 0, true};
	flow_join(f, (Way[]){body, before}, 2); /* anywhere in it */
	uint32_t inner = flow_mark(f);
	infer_statements(f, &try->orelse);
	ways[count++] = flow_take(f, inner);
	for (uint32_t i = 0; i < try->handlers.count && count < MOST; i++) {
		f->is_live = true;
		infer_statements(f, &((const AstExceptHandler *)try->handlers.items[i])->body);
		ways[count++] = flow_take(f, inner);
	}
	flow_join(f, ways, count);
	infer_statements(f, &try->finalbody);
}

static void match_statement(Infer *f, const AstMatch *match)
{
	uint32_t mark = flow_mark(f);
	infer_expression(f, match->subject);
	Way *ways = ARENA_ARRAY(f->c->arena, Way, match->cases.count + 1);
	for (uint32_t i = 0; i < match->cases.count; i++) {
		f->is_live = true;
		infer_statements(f, &((const AstMatchCase *)match->cases.items[i])->body);
		ways[i] = flow_take(f, mark);
	}
	ways[match->cases.count] = (Way){f->taken_count, 0, true};
	flow_join(f, ways, match->cases.count + 1);
}

static void infer_child(void *context, Node *child)
{
	infer_expression(context, child);
}

static void refused_statement(Infer *f, const Node *node)
{
	switch (node->kind) {
	case NODE_WITH:
	case NODE_ASYNC_WITH: {
		const AstWith *with = (const AstWith *)node;
		for (uint32_t i = 0; i < with->items.count; i++)
			infer_expression(f, ((const AstWithitem *)with->items.items[i])->context_expr);
		infer_statements(f, &with->body);
		break;
	}
	case NODE_TRY:
	case NODE_TRY_STAR:
		try_statement(f, (const AstTry *)node);
		break;
	case NODE_MATCH:
		match_statement(f, (const AstMatch *)node);
		break;
	case NODE_AUG_ASSIGN: {
		const AstAugAssign *augmented = (const AstAugAssign *)node;
		infer_expression(f, augmented->value);
		if (augmented->target->kind == NODE_NAME)
			infer_assign(f, augmented->target, f->any);
		break;
	}
	case NODE_ASSERT:
		infer_expression(f, ((const AstAssert *)node)->test);
		infer_narrow(f, ((const AstAssert *)node)->test, true);
		break;
	default:
		break;
	}
}

/* ---- conditions and loops ---- */

/* A chain of elifs is one meeting of many ways. */
static void if_statement(Infer *f, const AstIf *choice)
{
	enum { CHAIN = 64 };
	uint32_t mark = flow_mark(f), count = 0, capacity = 0;
	Way *ways = NULL;
	for (;;) {
		if (count + 2 > capacity) {
			Way *wider = ARENA_ARRAY(f->c->arena, Way, capacity ? capacity * 2 : 2);
			for (uint32_t i = 0; i < count; i++)
				wider[i] = ways[i];
			ways = wider;
			capacity = capacity ? capacity * 2 : 2;
		}
		infer_expression(f, choice->test);
		uint32_t inner = flow_mark(f);
		bool was_live = f->is_live, narrows = count < CHAIN;
		if (narrows)
			infer_narrow(f, choice->test, true);
		infer_statements(f, &choice->body);
		ways[count++] = flow_take_until(f, mark, inner); /* what the chain narrowed stays */
		f->is_live = was_live;
		if (narrows)
			infer_narrow(f, choice->test, false);
		const NodeList *orelse = &choice->orelse;
		if (orelse->count != 1 || orelse->items[0]->kind != NODE_IF) {
			infer_statements(f, orelse);
			break;
		}
		choice = (const AstIf *)orelse->items[0];
	}
	ways[count++] = flow_take(f, mark);
	flow_join(f, ways, count);
}

/* The state after a loop: that of its head, narrowed by its condition, through else; and the breaks'. */
static void after_loop(Infer *f, LoopMemory *loop, const Node *test, const NodeList *orelse)
{
	uint32_t mark = flow_mark(f);
	f->loop = loop->outer;
	if (test)
		infer_narrow(f, test, false);
	infer_statements(f, orelse);
	if (!f->is_live)
		flow_undo(f, mark);
	flow_leave_loop(f, loop);
}

static void while_statement(Infer *f, const AstWhile *node)
{
	LoopMemory *loop = flow_enter_loop(f, &node->base);
	infer_expression(f, node->test);
	bool was_live = f->is_live;
	uint32_t mark = flow_mark(f);
	infer_narrow(f, node->test, true);
	infer_statements(f, &node->body);
	flow_back(f, loop);
	flow_undo(f, mark);
	f->is_live = was_live;
	after_loop(f, loop, node->test, &node->orelse);
}

static void for_statement(Infer *f, const AstFor *node)
{
	const Type *iterable = infer_expression(f, node->iter);
	if (!type_is_iterable(iterable))
		f->is_live = false;
	if (!f->is_live)
		return;
	LoopMemory *loop = flow_enter_loop(f, &node->base);
	uint32_t mark = flow_mark(f);
	infer_assign(f, node->target, infer_element(f, iterable));
	infer_statements(f, &node->body);
	flow_back(f, loop);
	flow_undo(f, mark);
	f->is_live = true;
	after_loop(f, loop, NULL, &node->orelse);
}

/* ---- all statements ---- */

static void statement(Infer *f, const Node *node)
{
	switch (node->kind) {
	case NODE_ASSIGN: {
		const AstAssign *assignment = (const AstAssign *)node;
		const Type *type = infer_expression(f, assignment->value);
		for (uint32_t i = 0; i < assignment->targets.count; i++)
			infer_assign(f, assignment->targets.items[i], type);
		break;
	}
	case NODE_ANN_ASSIGN:
		if (((const AstAnnAssign *)node)->value)
			infer_assign(f, ((const AstAnnAssign *)node)->target,
						 infer_expression(f, ((const AstAnnAssign *)node)->value));
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		for_statement(f, (const AstFor *)node);
		break;
	case NODE_WHILE:
		while_statement(f, (const AstWhile *)node);
		break;
	case NODE_IF:
		if_statement(f, (const AstIf *)node);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		if (f->loop && node->kind == NODE_BREAK)
			flow_break(f, f->loop);
		else if (f->loop)
			flow_back(f, f->loop);
		f->is_live = false;
		break;
	case NODE_RETURN: {
		const Node *value = ((const AstReturn *)node)->value;
		f->c->checked->reached[node->id] = true;
		infer_grow(f, &f->scope->result, value ? infer_expression(f, value) : f->none);
		f->is_live = false;
		break;
	}
	case NODE_RAISE:
		node_children(node, infer_child, f);
		f->is_live = false;
		break;
	case NODE_EXPR:
		infer_expression(f, ((const AstExpr *)node)->value);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		function_def(f, (const AstFunctionDef *)node);
		break;
	default:
		refused_statement(f, node);
		break;
	}
}

void infer_statements(Infer *f, const NodeList *list)
{
	for (uint32_t i = 0; f->is_live && i < list->count; i++)
		statement(f, list->items[i]);
}
