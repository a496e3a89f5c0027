/*
 * Type inference: rounds of walks over the program until no type grows; after some of them whatever still grows becomes
 * ANY, so that the end is never far. What a variable is at a place is the state's affair (infer_flow.c); from round to
 * round go only the heads of loops, parameters, results, what is put into containers, and, for code that runs later, all
 * that a variable is ever assigned. A last round, in which nothing grows, notes the types of the expressions.
 *
 * Declared inputs and task results are trusted, because the boundary checks them (type_check=False: they are ANY).
 * Parameters of functions that are only called directly have the join of their arguments; of functions that are used as
 * values, ANY. An element type counts everything that is put into any container of the same alias class (alias.h).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

enum { PATIENCE = 12, MOST_ROUNDS = 24, MOST_PASSES = 100, MOST_VISITS = 4000000 };

/* ---- variables ---- */

void infer_grow(Infer *f, const Type **type, const Type *with)
{
	const Type *joined = f->gives_up ? f->any : type_merge(f->types, *type, with);
	if (joined == *type)
		return;
	*type = f->rounds > PATIENCE ? f->any : joined;
	f->changed = true;
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
			continue; /* control does not come there */
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

/* For later phases: what has no value is ANY, and so is what nobody looked at. */
static void settle(void *context, Node *node)
{
	const Checker *c = context;
	const Type **type = &c->checked->types[node->id];
	if (*type && (*type)->kind == TYPE_NEVER)
		*type = type_simple(c->types, TYPE_ANY);
	node_children(node, settle, context);
}

void infer_settle(Checker *c)
{
	NodeList body = scope_body(c->checked->root);
	const Type *any = type_simple(c->types, TYPE_ANY);
	for (uint32_t i = 0; i < body.count; i++)
		settle(c, body.items[i]);
	for (uint32_t i = 0; i < c->checked->scope_count; i++) {
		Scope *scope = c->checked->scopes[i];
		if (scope->result->kind == TYPE_NEVER)
			scope->result = any;
		for (uint32_t k = 0; k < scope->variable_count; k++)
			if (scope->variables[k]->type->kind == TYPE_NEVER)
				scope->variables[k]->type = any;
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
			scope->variables[k]->type = scope->variables[k]->is_opaque ? f->any : f->never;
	}
	alias_nodes(f->alias, &f->first_node, &f->node_count);
	flow_start(f);
}

/* Functions that a call reached when it could not walk them at once; these may reach others. */
static void walk_rest(Infer *f)
{
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < f->c->checked->scope_count; i++) {
			Scope *scope = f->c->checked->scopes[i];
			if (scope->kind != SCOPE_FUNCTION || !f->is_called[i] || f->walked[i] == f->round ||
				scope == f->c->checked->root)
				continue;
			infer_body(f, scope);
			more = true;
		}
	}
}

static void walk_root(Infer *f, const NodeList *body)
{
	Scope *root = f->c->checked->root;
	uint32_t mark = flow_mark(f);
	f->scope = root;
	f->is_live = true;
	f->changed = false;
	f->round++;
	f->rounds++;
	set_inputs(f);
	for (uint32_t i = 0; i < root->variable_count; i++) {
		Variable *variable = root->variables[i];
		bool is_set = variable->is_parameter || variable->initial.use != NAME_NONE;
		const Type *type = variable->is_parameter               ? variable->type
						   : variable->initial.use != NAME_NONE ? infer_use(f, &variable->initial)
																: f->never;
		if (is_set && !variable->is_parameter)
			infer_grow(f, &variable->type, type);
		uint32_t web = flow_new_web(f);
		if (is_set)
			flow_note_unbound(f, web); /* it is no assignment of the program's */
		flow_set(f, variable, (VariableState){type, web, !is_set});
	}
	infer_statements(f, body);
	root->may_complete = f->is_live;
	if (root->kind == SCOPE_FUNCTION && f->is_live)
		infer_grow(f, &root->result, f->none);
	walk_rest(f);
	flow_undo(f, mark);
}

/* A program whose types come one by one, each round one: the rest of them is not known. */
static void give_up(Infer *f)
{
	uint32_t cells = alias_cell_count(f->alias);
	f->gives_up = true;
	for (uint32_t i = 0; i <= cells; i++)
		f->items[i] = f->keys[i] = f->any;
}

static void find_types(Infer *f, const NodeList *body)
{
	Checked *checked = f->c->checked;
	f->is_last = false;
	f->rounds = 0;
	do {
		if (f->rounds > MOST_ROUNDS && !f->gives_up)
			give_up(f);
		walk_root(f, body);
		gather_inserts(f);
	} while (f->changed && !arena_is_failed(f->c->arena));
	memset(checked->types + f->first_node, 0, sizeof(Type *) * f->node_count);
	checked->unbound_count = 0;
	memset(checked->webs + f->first_node, 0, sizeof(uint32_t) * f->node_count);
	if (f->web_is_unbound)
		memset(f->web_is_unbound, 0, sizeof(bool) * f->web_capacity);
	f->web_count = 1;
	f->is_last = true;
	walk_root(f, body);
	set_code_result(f, body);
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
	uint32_t absorbed;
	unsigned passes = 0;
	start(&f);
	do { /* what is certain to fail goes on as ANY, so that what comes after it is looked at */
		absorbed = c->absorbed_count;
		find_types(&f, &body);
		check_types(c);
	} while (c->absorbed_count > absorbed && ++passes < MOST_PASSES &&
			 (uint64_t)passes * f.node_count < MOST_VISITS);
	if (!c->absorbed_count)
		infer_split_webs(&f);
}
