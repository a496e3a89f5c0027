/*
 * Type inference. A variable has one type: the join of all that is assigned to it, wherever (flow
 * comes in a later issue). The walk over the program is repeated until no type grows; after some
 * rounds whatever still grows becomes ANY, so that the end is never far.
 *
 * Declared inputs and task results are trusted, because the boundary checks them (type_check=False:
 * they are ANY). Parameters of functions that are only called directly have the join of their
 * arguments; of functions that are used as values, ANY. An element type counts everything that is
 * put into any container of the same alias class (alias.h). SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

enum { PATIENCE = 12 };

static void statements(Infer *f, const NodeList *list);

/* ---- variables ---- */

static void grow(Infer *f, const Type **type, const Type *with)
{
	const Type *joined = type_merge(f->types, *type, with);
	if (joined == *type)
		return;
	*type = f->round > PATIENCE ? f->any : joined;
	f->changed = true;
}

static void assign_elements(Infer *f, const NodeList *elts, const Type *value);

static void assign(Infer *f, const Node *target, const Type *type)
{
	switch (target->kind) {
	case NODE_NAME: {
		Variable *variable = f->c->checked->names[target->id].variable;
		if (variable)
			grow(f, &variable->type, type);
		f->c->checked->types[target->id] = variable ? variable->type : type;
		break;
	}
	case NODE_TUPLE:
	case NODE_LIST:
		assign_elements(f, &((const AstTuple *)target)->elts, type);
		break;
	case NODE_STARRED:
		assign(f, ((const AstStarred *)target)->value, f->any);
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
			assign(f, rest, infer_made(f, rest, TYPE_LIST, element, NULL));
		} else if (plain && value->kind == TYPE_TUPLE && value->count == elts->count) {
			assign(f, target, value->args[i]);
		} else {
			assign(f, target, element);
		}
	}
}

/* ---- containers ---- */

const Type *infer_made(Infer *f, const Node *node, TypeKind kind, const Type *first,
					   const Type *second)
{
	Cell cell = alias_of(f->alias, node);
	const NameInfo *info = node->kind == NODE_NAME ? &f->c->checked->names[node->id] : NULL;
	if (info && info->variable) /* the rest in `a, *rest = xs` */
		cell = alias_of_variable(f->alias, info->variable);
	if (!cell)
		cell = ALIAS_ANYTHING;
	const Type *parts[2] = {first, second};
	if (kind == TYPE_DICT) {
		parts[0] = type_merge(f->types, first, f->keys[cell]);
		parts[1] = type_merge(f->types, second, f->items[cell]);
	} else if (kind == TYPE_LIST || kind == TYPE_SET) {
		parts[0] = type_merge(f->types, first, f->items[cell]);
	}
	return type_make(f->types, kind, parts, kind == TYPE_DICT ? 2 : 1);
}

static const Type *display_type(Infer *f, const Node *node, const NodeList *elts, TypeKind kind)
{
	enum { MOST = 32 };
	const Type *joined = f->never, *items[MOST];
	bool fixed = kind == TYPE_TUPLE && elts->count <= MOST;
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *item = elts->items[i];
		const Type *type;
		if (item->kind == NODE_STARRED) {
			type = infer_element(f, infer_expression(f, ((const AstStarred *)item)->value));
			fixed = false;
		} else {
			type = infer_expression(f, item);
		}
		joined = type_merge(f->types, joined, type);
		if (fixed)
			items[i] = type;
	}
	if (fixed)
		return type_make(f->types, TYPE_TUPLE, items, elts->count);
	return infer_made(f, node, kind == TYPE_TUPLE ? TYPE_TUPLE_OF : kind, joined, NULL);
}

static const Type *mapping_part(Infer *f, const Type *member, void *context)
{
	if (member->kind == TYPE_DICT)
		return member->args[*(int *)context];
	return member->kind == TYPE_ANY ? f->any : f->never;
}

static const Type *dict_type(Infer *f, const AstDict *dict)
{
	const Type *keys = f->never, *values = f->never;
	for (uint32_t i = 0; i < dict->values.count; i++) {
		const Type *value = infer_expression(f, dict->values.items[i]);
		int key_part = 0, value_part = 1;
		const Type *key = dict->keys.items[i] ? infer_expression(f, dict->keys.items[i])
											  : infer_union(f, value, mapping_part, &key_part);
		keys = type_merge(f->types, keys, key);
		values = type_merge(f->types, values,
							dict->keys.items[i] ? value
												: infer_union(f, value, mapping_part, &value_part));
	}
	return infer_made(f, &dict->base, TYPE_DICT, keys, values);
}

static const Type *comprehension_type(Infer *f, const Node *node, const NodeList *generators,
									  const Node *key, const Node *value)
{
	Scope *outer = f->scope, *scope = f->c->checked->node_scopes[node->id];
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators->items[i];
		const Type *iterable = infer_expression(f, part->iter);
		f->scope = scope ? scope : outer;
		assign(f, part->target, infer_element(f, iterable));
		for (uint32_t k = 0; k < part->ifs.count; k++)
			infer_expression(f, part->ifs.items[k]);
	}
	const Type *first = infer_expression(f, key),
			   *second = value ? infer_expression(f, value) : NULL;
	f->scope = outer;
	if (scope)
		grow(f, &scope->result, value ? second : first);
	switch (node->kind) {
	case NODE_LIST_COMP:
		return infer_made(f, node, TYPE_LIST, first, NULL);
	case NODE_SET_COMP:
		return infer_made(f, node, TYPE_SET, first, NULL);
	case NODE_DICT_COMP:
		return infer_made(f, node, TYPE_DICT, first, second);
	default:
		return type_make(f->types, TYPE_GENERATOR, &first, 1);
	}
}

/* ---- functions ---- */

static void set_open_parameters(Infer *f, Scope *scope, const AstArguments *arguments)
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
		grow(f, &variable->type, type);
	}
}

static void infer_defaults(Infer *f, Scope *scope, const AstArguments *arguments)
{
	uint32_t positional = arguments->posonlyargs.count + arguments->args.count,
			 first = positional - arguments->defaults.count;
	for (uint32_t i = 0; i < arguments->defaults.count; i++) {
		const Type *type = infer_expression(f, arguments->defaults.items[i]);
		if (first + i < scope->variable_count)
			grow(f, &scope->variables[first + i]->type, type);
	}
	uint32_t keyword = positional + (arguments->vararg ? 1 : 0);
	for (uint32_t i = 0; i < arguments->kw_defaults.count; i++) {
		if (!arguments->kw_defaults.items[i])
			continue;
		const Type *type = infer_expression(f, arguments->kw_defaults.items[i]);
		if (keyword + i < scope->variable_count)
			grow(f, &scope->variables[keyword + i]->type, type);
	}
}

static void function_def(Infer *f, const AstFunctionDef *def)
{
	Scope *outer = f->scope, *scope = f->c->checked->node_scopes[def->base.id];
	Variable *variable = f->c->checked->def_variables[def->base.id];
	const AstArguments *arguments = (const AstArguments *)def->args;
	if (variable)
		grow(f, &variable->type, type_simple(f->types, TYPE_FUNCTION));
	infer_defaults(f, scope, arguments);
	if (scope->value_is_used || arguments->vararg || arguments->kwarg)
		set_open_parameters(f, scope, arguments);
	f->scope = scope;
	statements(f, &def->body);
	if (may_complete(&def->body))
		grow(f, &scope->result, f->none);
	f->scope = outer;
}

static const Type *lambda_type(Infer *f, const AstLambda *lambda)
{
	Scope *outer = f->scope, *scope = f->c->checked->node_scopes[lambda->base.id];
	infer_defaults(f, scope, (const AstArguments *)lambda->args);
	set_open_parameters(f, scope, (const AstArguments *)lambda->args);
	f->scope = scope;
	grow(f, &scope->result, infer_expression(f, lambda->body));
	f->scope = outer;
	return type_simple(f->types, TYPE_FUNCTION);
}

/* ---- expressions ---- */

static const Type *constant_type_of(Infer *f, const ConstantValue *value)
{
	switch (value->kind) {
	case CONSTANT_NONE:
		return f->none;
	case CONSTANT_TRUE:
	case CONSTANT_FALSE:
		return f->boolean;
	case CONSTANT_INT:
		return f->integer;
	case CONSTANT_FLOAT:
		return f->real;
	case CONSTANT_STR:
		return f->text;
	case CONSTANT_BYTES:
		return f->bytes;
	default:
		return f->any;
	}
}

static const Type *use_type(Infer *f, const NameInfo *info)
{
	switch (info->use) {
	case NAME_TASK:
	case NAME_BUILTIN:
	case NAME_FLYTE_MAP:
		return type_simple(f->types, TYPE_FUNCTION);
	case NAME_TYPE:
		return type_simple(f->types, TYPE_TYPE);
	default:
		return f->any;
	}
}

static const Type *name_type(Infer *f, const Node *node)
{
	const NameInfo *info = &f->c->checked->names[node->id];
	if (info->use != NAME_VARIABLE)
		return use_type(f, info);
	const Variable *variable = info->variable;
	return variable->initial.use != NAME_NONE
			   ? type_merge(f->types, variable->type, use_type(f, &variable->initial))
			   : variable->type;
}

static void infer_child(void *context, Node *child)
{
	infer_expression(context, child);
}

static void infer_arguments(Infer *f, const AstCall *call)
{
	if (call->func->kind ==
		NODE_ATTRIBUTE) /* a method: the attribute itself has no type of its own */
		infer_expression(f, ((const AstAttribute *)call->func)->value);
	else
		infer_expression(f, call->func);
	for (uint32_t i = 0; i < call->args.count; i++) {
		const Node *arg = call->args.items[i];
		infer_expression(f, arg->kind == NODE_STARRED ? ((const AstStarred *)arg)->value : arg);
	}
	for (uint32_t i = 0; i < call->keywords.count; i++)
		infer_expression(f, ((const AstKeyword *)call->keywords.items[i])->value);
}

static const Type *join_list(Infer *f, const NodeList *values)
{
	const Type *type = f->never;
	for (uint32_t i = 0; i < values->count; i++)
		type = type_merge(f->types, type, infer_expression(f, values->items[i]));
	return type;
}

/* x.real, x.numerator, x.start; all other attributes are methods as values. */
static const Type *attribute_type(Infer *f, const AstAttribute *node)
{
	const Type *value = infer_expression(f, node->value);
	const char *name = node->attr->text;
	bool whole = value->kind == TYPE_INT || value->kind == TYPE_BOOL;
	if (whole && (!strcmp(name, "real") || !strcmp(name, "imag") || !strcmp(name, "numerator") ||
				  !strcmp(name, "denominator")))
		return f->integer;
	if (value->kind == TYPE_FLOAT && (!strcmp(name, "real") || !strcmp(name, "imag")))
		return f->real;
	return f->any;
}

static const Type *type_of_node(Infer *f, const Node *node)
{
	switch (node->kind) {
	case NODE_NAME:
		return name_type(f, node);
	case NODE_CONSTANT:
		return constant_type_of(f, &((const AstConstant *)node)->value);
	case NODE_JOINED_STR:
		node_children(node, infer_child, f);
		return f->text;
	case NODE_FORMATTED_VALUE:
		node_children(node, infer_child, f);
		return f->text;
	case NODE_BIN_OP: {
		const AstBinOp *op = (const AstBinOp *)node;
		const Type *left = infer_expression(f, op->left), *right = infer_expression(f, op->right);
		return infer_binary(f, node, op->op, left, right, op->right);
	}
	case NODE_UNARY_OP:
		return infer_unary(f, ((const AstUnaryOp *)node)->op,
						   infer_expression(f, ((const AstUnaryOp *)node)->operand));
	case NODE_BOOL_OP:
		return join_list(f, &((const AstBoolOp *)node)->values);
	case NODE_COMPARE:
		node_children(node, infer_child, f);
		return f->boolean;
	case NODE_IF_EXP: {
		const AstIfExp *choice = (const AstIfExp *)node;
		infer_expression(f, choice->test);
		const Type *body = infer_expression(f, choice->body);
		return type_merge(f->types, body, infer_expression(f, choice->orelse));
	}
	case NODE_LIST:
		return display_type(f, node, &((const AstList *)node)->elts, TYPE_LIST);
	case NODE_TUPLE:
		return display_type(f, node, &((const AstTuple *)node)->elts, TYPE_TUPLE);
	case NODE_SET:
		return display_type(f, node, &((const AstSet *)node)->elts, TYPE_SET);
	case NODE_DICT:
		return dict_type(f, (const AstDict *)node);
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP: {
		const AstListComp *comp = (const AstListComp *)node;
		return comprehension_type(f, node, &comp->generators, comp->elt, NULL);
	}
	case NODE_DICT_COMP: {
		const AstDictComp *comp = (const AstDictComp *)node;
		return comprehension_type(f, node, &comp->generators, comp->key, comp->value);
	}
	case NODE_SUBSCRIPT: {
		const AstSubscript *subscript = (const AstSubscript *)node;
		const Type *value = infer_expression(f, subscript->value);
		if (subscript->slice->kind == NODE_SLICE)
			node_children(subscript->slice, infer_child, f);
		else
			infer_expression(f, subscript->slice);
		return infer_subscript(f, subscript, value);
	}
	case NODE_ATTRIBUTE:
		return attribute_type(f, (const AstAttribute *)node);
	case NODE_CALL:
		infer_arguments(f, (const AstCall *)node);
		return infer_call(f, (const AstCall *)node);
	case NODE_AWAIT:
		return infer_expression(f, ((const AstAwait *)node)->value);
	case NODE_LAMBDA:
		return lambda_type(f, (const AstLambda *)node);
	case NODE_NAMED_EXPR: {
		const Type *type = infer_expression(f, ((const AstNamedExpr *)node)->value);
		assign(f, ((const AstNamedExpr *)node)->target, type);
		return type;
	}
	case NODE_STARRED:
		infer_expression(f, ((const AstStarred *)node)->value);
		return f->any;
	default:
		node_children(node, infer_child, f);
		return f->any;
	}
}

const Type *infer_expression(Infer *f, const Node *node)
{
	return f->c->checked->types[node->id] = type_of_node(f, node);
}

/* ---- statements ---- */

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
			assign(f, assignment->targets.items[i], type);
		break;
	}
	case NODE_ANN_ASSIGN:
		if (((const AstAnnAssign *)node)->value)
			assign(f, ((const AstAnnAssign *)node)->target,
				   infer_expression(f, ((const AstAnnAssign *)node)->value));
		break;
	case NODE_AUG_ASSIGN: {
		const AstAugAssign *augmented = (const AstAugAssign *)node;
		infer_expression(f, augmented->value);
		if (augmented->target->kind == NODE_NAME)
			assign(f, augmented->target, f->any);
		break;
	}
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *loop = (const AstFor *)node;
		assign(f, loop->target, infer_element(f, infer_expression(f, loop->iter)));
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
		grow(f, &f->scope->result, value ? infer_expression(f, value) : f->none);
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
			grow(f, &f->items[cell], type);
			break;
		case INSERT_EACH: /* of a list or set the elements, of a dict its keys and values, or pairs
						   */
			grow(f, &f->items[cell], infer_element(f, type));
			grow(f, &f->keys[cell], infer_union(f, type, mapping_key, NULL));
			grow(f, &f->items[cell], infer_union(f, type, mapping_value, NULL));
			break;
		case INSERT_KEY:
			grow(f, &f->keys[cell], type);
			break;
		case INSERT_TEXT:
			grow(f, &f->keys[cell], f->text);
			break;
		case INSERT_ANY:
			grow(f, &f->items[cell], f->any);
			grow(f, &f->keys[cell], f->any);
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
			grow(f, &variable->type,
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
		grow(&f, &c->checked->root->result, f.none);
	set_code_result(&f, &body);
	settle_all(&f, &body);
}
