/*
 * Types of expressions: names, constants, displays, comprehensions, lambdas; operations and calls are elsewhere.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

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

/* Its clauses from `at` on, then what it makes of each turn; a turn that cannot come adds nothing. */
static void comprehension_parts(Infer *f, const NodeList *generators, const Node *key,
								const Node *value, const Type **first, const Type **second)
{
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators->items[i];
		const Type *iterable = i ? infer_expression(f, part->iter) : infer_known(f, part->iter);
		if (i && !type_is_iterable(iterable))
			f->is_live = false;
		infer_assign(f, part->target, infer_element(f, iterable));
		for (uint32_t k = 0; k < part->ifs.count; k++) {
			infer_expression(f, part->ifs.items[k]);
			infer_narrow(f, part->ifs.items[k], true);
		}
	}
	*first = infer_expression(f, key);
	*second = value ? infer_expression(f, value) : f->never;
	if (!f->is_live)
		*first = *second = f->never;
}

static const Type *comprehension_type(Infer *f, const Node *node, const NodeList *generators,
									  const Node *key, const Node *value)
{
	Scope *outer = f->scope, *scope = f->c->checked->node_scopes[node->id];
	const Type *first, *second;
	bool is_eager = f->is_eager;
	f->is_eager = false;
	const Node *source = ((const AstComprehension *)generators->items[0])->iter;
	if (!type_is_iterable(infer_expression(f, source)))
		f->is_live = false;
	if (!f->is_live)
		return f->never;
	uint32_t mark = flow_mark(f);
	f->scope = scope ? scope : outer;
	for (uint32_t i = 0; scope && i < scope->variable_count; i++)
		flow_set(f, scope->variables[i], (VariableState){f->never, flow_new_web(f), true});
	if (scope)
		scope->is_used_at_once = is_eager;
	comprehension_parts(f, generators, key, value, &first, &second);
	flow_undo(f, mark);
	f->is_live = true;
	f->scope = outer;
	if (scope)
		infer_grow(f, &scope->result, value ? second : first);
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

static const Type *lambda_type(Infer *f, const AstLambda *lambda)
{
	Scope *scope = f->c->checked->node_scopes[lambda->base.id];
	infer_defaults(f, scope, (const AstArguments *)lambda->args);
	infer_open_parameters(f, scope, (const AstArguments *)lambda->args);
	infer_body(f, scope);
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

const Type *infer_use(Infer *f, const NameInfo *info)
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

static void note_unbound(Infer *f, const Node *node)
{
	Checked *checked = f->c->checked;
	if (!f->is_last)
		return;
	if (!(checked->unbound_count & (checked->unbound_count - 1))) {
		uint32_t capacity = checked->unbound_count ? checked->unbound_count * 2 : 1;
		const Node **wider = ARENA_ARRAY(f->c->arena, const Node *, capacity);
		if (checked->unbound_count)
			memcpy(wider, checked->unbound, sizeof *wider * checked->unbound_count);
		checked->unbound = wider;
	}
	checked->unbound[checked->unbound_count++] = node;
}

static const Type *name_type(Infer *f, const Node *node)
{
	const NameInfo *info = &f->c->checked->names[node->id];
	if (info->use != NAME_VARIABLE)
		return infer_use(f, info);
	Variable *variable = info->variable;
	if (variable->is_opaque)
		return f->any;
	if (!flow_is_here(f, variable))
		return f->gives_up ? f->any : variable->type;
	VariableState state = *flow_state(f, variable);
	if (f->is_last)
		f->c->checked->webs[node->id] = state.web;
	if (state.may_be_unbound) {
		if (state.type->kind == TYPE_NEVER)
			note_unbound(f, node);
		if (f->is_last)
			flow_note_unbound(f, state.web);
		state.may_be_unbound = false; /* or control does not come further */
		flow_set(f, variable, state);
	}
	return state.type;
}

static void infer_child(void *context, Node *child)
{
	infer_expression(context, child);
}

/* Does what is called use up the generator expression that it is given before it does anything else? */
static bool is_eager_call(Infer *f, const AstCall *call)
{
	static const char *const names[] = {"sum", "list", "tuple", "set",       "dict", "sorted",
										"min", "max",  "any",   "frozenset", "all"},
							 *const methods[] = {"join", "extend", "update"};
	if (call->func->kind == NODE_ATTRIBUTE) {
		for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
			if (!strcmp(((const AstAttribute *)call->func)->attr->text, methods[i]))
				return true;
		return false;
	}
	const NameInfo *info =
		call->func->kind == NODE_NAME ? &f->c->checked->names[call->func->id] : NULL;
	if (!info || (info->use != NAME_BUILTIN && info->use != NAME_TYPE))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(info->text, names[i]))
			return true;
	return false;
}

static void infer_arguments(Infer *f, const AstCall *call)
{
	bool is_eager = is_eager_call(f, call);
	const Node *func = call_target(f->c->checked, call);
	if (func->kind == NODE_ATTRIBUTE) /* a method: the attribute itself has no type of its own */
		infer_expression(f, ((const AstAttribute *)func)->value);
	else
		infer_expression(f, func);
	for (uint32_t i = 0; i < call->args.count; i++) {
		const Node *arg = call->args.items[i];
		f->is_eager = is_eager && arg->kind == NODE_GENERATOR_EXP;
		infer_expression(f, arg->kind == NODE_STARRED ? ((const AstStarred *)arg)->value : arg);
	}
	f->is_eager = false;
	for (uint32_t i = 0; i < call->keywords.count; i++)
		infer_expression(f, ((const AstKeyword *)call->keywords.items[i])->value);
}

/* a and b: a where it is false, else b, which is looked at only where a is true. */
static const Type *bool_op(Infer *f, const AstBoolOp *op)
{
	const Type *type = f->never;
	bool sense = op->op == BOOL_AND;
	uint32_t mark = flow_mark(f), last = op->values.count - 1;
	bool may_end = false;
	for (uint32_t i = 0; i <= last; i++) {
		const Type *value = infer_expression(f, op->values.items[i]);
		if (i < last)
			value = infer_truth(f, value, !sense);
		may_end |= i == last ? f->is_live : f->is_live && value->kind != TYPE_NEVER;
		type = type_merge(f->types, type, value);
		if (i < last)
			infer_narrow(f, op->values.items[i], sense);
	}
	flow_undo(f, mark);
	f->is_live = may_end;
	return type;
}

static const Type *choice_type(Infer *f, const AstIfExp *choice)
{
	infer_expression(f, choice->test);
	bool was_live = f->is_live;
	uint32_t mark = flow_mark(f);
	infer_narrow(f, choice->test, true);
	const Type *body = infer_expression(f, choice->body);
	bool may_end = f->is_live;
	flow_undo(f, mark);
	f->is_live = was_live;
	infer_narrow(f, choice->test, false);
	const Type *orelse = infer_expression(f, choice->orelse);
	flow_undo(f, mark);
	f->is_live |= may_end;
	return type_merge(f->types, body, orelse);
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
		return bool_op(f, (const AstBoolOp *)node);
	case NODE_COMPARE:
		node_children(node, infer_child, f);
		return f->boolean;
	case NODE_IF_EXP:
		return choice_type(f, (const AstIfExp *)node);
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
		infer_assign(f, ((const AstNamedExpr *)node)->target, type);
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
	if (!f->is_live)
		return f->never;
	f->nesting++;
	const Type *type = type_of_node(f, node);
	f->nesting--;
	if (f->is_live && f->c->checked->absorbed[node->id])
		type = f->any; /* it has its message */
	if (!f->is_live)
		type = f->never; /* some part of it never comes to an end */
	f->is_live = type->kind != TYPE_NEVER;
	return f->c->checked->types[node->id] = type;
}
