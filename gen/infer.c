/*
 * Type inference. A variable has one type: the join of all that is assigned to it, wherever (flow
 * comes in a later issue). The walk over the program is repeated until no type grows; after some
 * rounds whatever still grows becomes ANY, so that the end is never far.
 *
 * Declared inputs and task results are trusted, because the boundary checks them (type_check=False:
 * they are ANY). Parameters of functions that are only called directly have the join of their
 * arguments; of functions that are used as values, ANY. An element type counts everything that is
 * put into any container of the same alias class (alias.h).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

enum { PATIENCE = 12 };

static void statements(Infer *f, const NodeList *list);

/* ---- variables ---- */

void infer_grow(Infer *f, const Type **type, const Type *with)
{
	const Type *joined = type_merge(f->types, *type, with);
	if (joined == *type)
		return;
	*type = f->round > PATIENCE ? f->any : joined;
	f->changed = true;
}

static void assign_elements(Infer *f, const NodeList *elts, const Type *value);

void infer_assign(Infer *f, const Node *target, const Type *type)
{
	switch (target->kind) {
	case NODE_NAME: {
		Variable *variable = f->c->checked->names[target->id].variable;
		if (variable)
			infer_grow(f, &variable->type, type);
		f->c->checked->types[target->id] = variable ? variable->type : type;
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

static void function_def(Infer *f, const AstFunctionDef *def)
{
	Scope *outer = f->scope, *scope = f->c->checked->node_scopes[def->base.id];
	Variable *variable = f->c->checked->def_variables[def->base.id];
	const AstArguments *arguments = (const AstArguments *)def->args;
	if (variable)
		infer_grow(f, &variable->type, type_simple(f->types, TYPE_FUNCTION));
	infer_defaults(f, scope, arguments);
	if (scope->value_is_used || arguments->vararg || arguments->kwarg)
		infer_open_parameters(f, scope, arguments);
	f->scope = scope;
	statements(f, &def->body);
	if (may_complete(&def->body))
		infer_grow(f, &scope->result, f->none);
	f->scope = outer;
}

/* ---- statements ---- */

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
		statements(f, &with->body);
		break;
	}
	case NODE_TRY:
	case NODE_TRY_STAR: {
		const AstTry *try = (const AstTry *)node;
		statements(f, &try->body);
		for (uint32_t i = 0; i < try->handlers.count; i++)
			statements(f, &((const AstExceptHandler *)try->handlers.items[i])->body);
		statements(f, &try->orelse);
		statements(f, &try->finalbody);
		break;
	}
	case NODE_MATCH: {
		const AstMatch *match = (const AstMatch *)node;
		infer_expression(f, match->subject);
		for (uint32_t i = 0; i < match->cases.count; i++)
			statements(f, &((const AstMatchCase *)match->cases.items[i])->body);
		break;
	}
	case NODE_ASSERT:
	case NODE_RAISE:
	case NODE_EXPR:
		node_children(node, infer_child, f);
		break;
	default:
		break;
	}
}

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
	case NODE_AUG_ASSIGN: {
		const AstAugAssign *augmented = (const AstAugAssign *)node;
		infer_expression(f, augmented->value);
		if (augmented->target->kind == NODE_NAME)
			infer_assign(f, augmented->target, f->any);
		break;
	}
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *loop = (const AstFor *)node;
		infer_assign(f, loop->target, infer_element(f, infer_expression(f, loop->iter)));
		statements(f, &loop->body);
		statements(f, &loop->orelse);
		break;
	}
	case NODE_WHILE: {
		const AstWhile *loop = (const AstWhile *)node;
		infer_expression(f, loop->test);
		statements(f, &loop->body);
		statements(f, &loop->orelse);
		break;
	}
	case NODE_IF: {
		const AstIf *choice = (const AstIf *)node;
		infer_expression(f, choice->test);
		statements(f, &choice->body);
		statements(f, &choice->orelse);
		break;
	}
	case NODE_RETURN: {
		const Node *value = ((const AstReturn *)node)->value;
		infer_grow(f, &f->scope->result, value ? infer_expression(f, value) : f->none);
		break;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		function_def(f, (const AstFunctionDef *)node);
		break;
	default:
		refused_statement(f, node);
		break;
	}
}

static void statements(Infer *f, const NodeList *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		statement(f, list->items[i]);
}

/* ---- the whole entry ---- */

static const Type *mapping_key(Infer *f, const Type *member, void *context)
{
	const Type *pair = member->kind == TYPE_DICT ? NULL : infer_element(f, member);
	(void)context;
	if (member->kind == TYPE_DICT)
		return member->args[0];
	return pair->kind == TYPE_TUPLE && pair->count == 2 ? pair->args[0] : f->any;
}

static const Type *mapping_value(Infer *f, const Type *member, void *context)
{
	const Type *pair = member->kind == TYPE_DICT ? NULL : infer_element(f, member);
	(void)context;
	if (member->kind == TYPE_DICT)
		return member->args[1];
	return pair->kind == TYPE_TUPLE && pair->count == 2 ? pair->args[1] : f->any;
}

static void gather_inserts(Infer *f)
{
	uint32_t count;
	const Insert *inserts = alias_inserts(f->alias, &count);
	for (uint32_t i = 0; i < count; i++) {
		Cell cell = alias_root(f->alias, inserts[i].cell);
		const Type *type = inserts[i].node ? f->c->checked->types[inserts[i].node->id] : NULL;
		if (inserts[i].node && !type)
			type = f->any;
		switch (inserts[i].kind) {
		case INSERT_ITEM:
			infer_grow(f, &f->items[cell], type);
			break;
		case INSERT_EACH: /* of a list or set the elements, of a dict its keys and values, or pairs
						   */
			infer_grow(f, &f->items[cell], infer_element(f, type));
			infer_grow(f, &f->keys[cell], infer_union(f, type, mapping_key, NULL));
			infer_grow(f, &f->items[cell], infer_union(f, type, mapping_value, NULL));
			break;
		case INSERT_KEY:
			infer_grow(f, &f->keys[cell], type);
			break;
		case INSERT_TEXT:
			infer_grow(f, &f->keys[cell], f->text);
			break;
		case INSERT_ANY:
			infer_grow(f, &f->items[cell], f->any);
			infer_grow(f, &f->keys[cell], f->any);
			break;
		}
	}
}

static void set_inputs(Infer *f)
{
	const EntryDecl *entry = f->c->entry;
	Scope *root = f->c->checked->root;
	for (uint32_t i = 0; i < root->variable_count; i++) {
		Variable *variable = root->variables[i];
		const Type *declared = NULL;
		for (uint32_t k = 0; variable->is_parameter && k < entry->input_count; k++)
			if (entry->inputs[k].name == variable->name)
				declared = entry->inputs[k].type;
		if (variable->is_parameter)
			infer_grow(f, &variable->type,
					   declared && entry->type_check
						   ? infer_declared(f, declared, alias_of_variable(f->alias, variable))
						   : f->any);
	}
}

/* The value of a code string: its last statement's, if that is an expression. */
static void set_code_result(Infer *f, const NodeList *body)
{
	Scope *root = f->c->checked->root;
	const Node *last = body->count ? body->items[body->count - 1] : NULL;
	if (root->kind != SCOPE_MODULE)
		return;
	const Type *type = last && last->kind == NODE_EXPR
						   ? f->c->checked->types[((const AstExpr *)last)->value->id]
						   : f->none;
	root->result = type ? type : f->any;
}

/* What nothing was ever assigned to is never read; for later phases it is ANY. */
static void settle(void *context, Node *node)
{
	Infer *f = context;
	const Type **type = &f->c->checked->types[node->id];
	if (*type && (*type)->kind == TYPE_NEVER)
		*type = f->any;
	node_children(node, settle, f);
}

static void settle_all(Infer *f, const NodeList *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		settle(f, body->items[i]);
	for (uint32_t i = 0; i < f->c->checked->scope_count; i++) {
		Scope *scope = f->c->checked->scopes[i];
		if (scope->result->kind == TYPE_NEVER)
			scope->result = f->any;
		for (uint32_t k = 0; k < scope->variable_count; k++)
			if (scope->variables[k]->type->kind == TYPE_NEVER) {
				scope->variables[k]->type = f->any;
				scope->variables[k]->is_opaque = !scope->variables[k]->is_parameter;
			}
	}
}

static void start(Infer *f)
{
	uint32_t cells = alias_cell_count(f->alias);
	f->items = ARENA_ARRAY(f->c->arena, const Type *, cells + 1);
	f->keys = ARENA_ARRAY(f->c->arena, const Type *, cells + 1);
	for (uint32_t i = 0; i <= cells; i++)
		f->items[i] = f->keys[i] = f->never;
	for (uint32_t i = 0; i < f->c->checked->scope_count; i++) {
		Scope *scope = f->c->checked->scopes[i];
		scope->result = f->never;
		for (uint32_t k = 0; k < scope->variable_count; k++)
			scope->variables[k]->type = f->never;
	}
}

void infer_types(Checker *c)
{
	TypeTable *types = c->types;
	Infer f = {
		.c = c,
		.types = types,
		.alias = alias_find(c),
		.any = type_simple(types, TYPE_ANY),
		.never = type_simple(types, TYPE_NEVER),
		.none = type_simple(types, TYPE_NONE),
		.boolean = type_simple(types, TYPE_BOOL),
		.integer = type_simple(types, TYPE_INT),
		.real = type_simple(types, TYPE_FLOAT),
		.text = type_simple(types, TYPE_STR),
		.bytes = type_simple(types, TYPE_BYTES),
	};
	NodeList body = scope_body(c->checked->root);
	start(&f);
	do {
		f.changed = false;
		f.scope = c->checked->root;
		set_inputs(&f);
		statements(&f, &body);
		gather_inserts(&f);
		f.round++;
	} while (f.changed);
	if (c->checked->root->kind == SCOPE_FUNCTION && may_complete(&body))
		infer_grow(&f, &c->checked->root->result, f.none);
	set_code_result(&f, &body);
	settle_all(&f, &body);
}
