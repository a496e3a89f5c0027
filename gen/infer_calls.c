/*
 * Types of calls: tasks, the program's own functions, builtins, types and methods.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

/* ---- arguments ---- */

const Type *infer_argument(Infer *f, const AstCall *call, uint32_t index)
{
	const Type *type =
		index < call->args.count ? f->c->checked->types[call->args.items[index]->id] : NULL;
	return type ? type : f->any;
}

const Type *infer_one(Infer *f, TypeKind kind, const Type *item)
{
	return type_make(f->types, kind, &item, 1);
}

const Type *infer_pair(Infer *f, const Type *first, const Type *second)
{
	const Type *items[2] = {first, second};
	if (first->kind == TYPE_NEVER || second->kind == TYPE_NEVER)
		return f->never;
	return type_make(f->types, TYPE_TUPLE, items, 2);
}

/* ---- what crosses a boundary ---- */

const Type *infer_declared(Infer *f, const Type *type, Cell cell)
{
	enum { MOST = 64 };
	const Type *parts[MOST];
	if (!type->count || type->count > MOST || cell == 0)
		return type;
	if (type->kind == TYPE_UNION) {
		const Type *joined = f->never;
		for (uint32_t i = 0; i < type->count; i++)
			joined = type_merge(f->types, joined, infer_declared(f, type->args[i], cell));
		return joined;
	}
	Cell element = alias_peek_element(f->alias, cell);
	for (uint32_t i = 0; i < type->count; i++)
		parts[i] = infer_declared(f, type->args[i], element);
	if (type->kind == TYPE_DICT) {
		parts[0] = type_merge(f->types, parts[0], f->keys[cell]);
		parts[1] = type_merge(f->types, parts[1], f->items[cell]);
	} else if (type->kind == TYPE_LIST || type->kind == TYPE_SET) {
		parts[0] = type_merge(f->types, parts[0], f->items[cell]);
	}
	return type_make(f->types, type->kind, parts, type->count);
}

static const Type *task_result(Infer *f, const TaskDecl *task, const Node *node)
{
	if (!task->result || !f->c->entry->type_check)
		return f->any;
	return infer_declared(f, task->result, alias_of(f->alias, node));
}

/* flyte_map("add", xs): a list of results and, unless return_exceptions=False, of exceptions. */
static const Type *map_result(Infer *f, const AstCall *call)
{
	const Type *item = f->any;
	const Node *first = call->args.count ? call->args.items[0] : NULL,
			   *keep = call_keyword(call, "return_exceptions");
	if (first && first->kind == NODE_CONSTANT &&
		((const AstConstant *)first)->value.kind == CONSTANT_STR) {
		const ConstantValue *name = &((const AstConstant *)first)->value;
		const TaskDecl *task = find_task(f->c->entry, name->text, name->length);
		if (task && task->result && f->c->entry->type_check)
			item = infer_declared(f, task->result,
								  alias_peek_element(f->alias, alias_of(f->alias, &call->base)));
	}
	bool raises = keep && keep->kind == NODE_CONSTANT &&
				  ((const AstConstant *)keep)->value.kind == CONSTANT_FALSE;
	if (!raises)
		item = type_merge(f->types, item, type_simple(f->types, TYPE_EXCEPTION));
	return infer_made(f, &call->base, TYPE_LIST, item, NULL);
}

/* ---- functions of the program ---- */

static const Type *function_result(Infer *f, const AstCall *call, Scope *callee)
{
	enum { DEEPEST = 200 };
	const CallBinding *binding = f->c->checked->bindings[call->base.id];
	const AstArguments *parameters =
		(const AstArguments *)((const AstFunctionDef *)callee->node)->args;
	if (!binding && !parameters->vararg && !parameters->kwarg && !callee->value_is_used)
		return f->any; /* its arguments do not fit: there is a message */
	for (uint32_t i = 0; binding && i < binding->count && i < callee->variable_count; i++)
		if (binding->args[i])
			infer_grow(f, &callee->variables[i]->type, infer_known(f, binding->args[i]));
	f->changed |= !f->is_called[callee->index];
	f->is_called[callee->index] = true;
	if (f->nesting < DEEPEST)
		infer_body(f, callee);
	return f->gives_up ? f->any : callee->result;
}

/* ---- builtins ---- */

static const Type *same_number(Infer *f, const Type *member, void *context)
{
	(void)context;
	switch (member->kind) {
	case TYPE_INT:
	case TYPE_BOOL:
		return f->integer;
	case TYPE_FLOAT:
		return f->real;
	default:
		return member->kind == TYPE_NEVER ? f->never : f->any;
	}
}

static const Type *round_type(Infer *f, const AstCall *call)
{
	const Node *digits = call->args.count > 1 ? call->args.items[1] : call_keyword(call, "ndigits");
	if (!digits)
		return f->integer;
	const Type *type = infer_known(f, digits),
			   *value = infer_union(f, infer_argument(f, call, 0), same_number, NULL);
	if (type && type->kind == TYPE_INT)
		return value;
	return type_merge(f->types, value, f->integer);
}

static const Type *sum_type(Infer *f, const AstCall *call)
{
	const Node *start = call->args.count > 1 ? call->args.items[1] : call_keyword(call, "start");
	const Type *first = start ? infer_known(f, start) : f->integer, *total = first ? first : f->any;
	const Type *element = infer_element(f, infer_argument(f, call, 0));
	for (int i = 0; i < 4; i++) { /* start + a + b ...: until the type stays */
		const Type *next = type_merge(
			f->types, total, infer_binary(f, &call->base, BINARY_ADD, total, element, NULL));
		if (next == total)
			return total;
		total = next;
	}
	return f->any;
}

static const Type *extreme_type(Infer *f, const AstCall *call)
{
	const Type *type = f->never;
	const Node *other = call_keyword(call, "default");
	if (call->args.count == 1)
		type = infer_element(f, infer_argument(f, call, 0));
	for (uint32_t i = 0; call->args.count > 1 && i < call->args.count; i++)
		type = type_merge(f->types, type, infer_argument(f, call, i));
	return other ? type_merge(f->types, type, infer_known(f, other)) : type;
}

static const Type *builtin_type(Infer *f, const AstCall *call, const char *name)
{
	static const struct {
		const char *name;
		TypeKind kind;
	} simple[] = {{"all", TYPE_BOOL},   {"any", TYPE_BOOL}, {"ascii", TYPE_STR},
				  {"bin", TYPE_STR},    {"chr", TYPE_STR},  {"format", TYPE_STR},
				  {"hash", TYPE_INT},   {"hex", TYPE_STR},  {"isinstance", TYPE_BOOL},
				  {"len", TYPE_INT},    {"oct", TYPE_STR},  {"ord", TYPE_INT},
				  {"print", TYPE_NONE}, {"repr", TYPE_STR}};
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (!strcmp(name, simple[i].name))
			return type_simple(f->types, simple[i].kind);
	if (call_has_spread(call))
		return f->any;
	const Type *first = infer_argument(f, call, 0);
	if (!strcmp(name, "abs"))
		return infer_union(f, first, same_number, NULL);
	if (!strcmp(name, "round"))
		return round_type(f, call);
	if (!strcmp(name, "sum"))
		return sum_type(f, call);
	if (!strcmp(name, "min") || !strcmp(name, "max"))
		return extreme_type(f, call);
	if (!strcmp(name, "sorted"))
		return infer_made(f, &call->base, TYPE_LIST, infer_element(f, first), NULL);
	if (!strcmp(name, "divmod")) {
		const Type *quotient =
			infer_binary(f, &call->base, BINARY_FLOOR_DIV, first, infer_argument(f, call, 1), NULL);
		return infer_pair(
			f, quotient,
			infer_binary(f, &call->base, BINARY_MOD, first, infer_argument(f, call, 1), NULL));
	}
	if (!strcmp(name, "pow") && call->args.count == 2)
		return infer_binary(f, &call->base, BINARY_POW, first, infer_argument(f, call, 1),
							call->args.items[1]);
	if (!strcmp(name, "pow") && call->args.count == 3)
		return f->integer;
	return f->any;
}

/* ---- calls of types ---- */

/* The key (0) or value (1) of what dict() is given: a dict, or an iterable of pairs. */
static const Type *pair_member(Infer *f, const Type *member, void *context)
{
	int part = *(int *)context;
	if (member->kind == TYPE_DICT)
		return member->args[part];
	const Type *pair = infer_element(f, member);
	if (pair->kind == TYPE_NEVER)
		return f->never;
	return pair->kind == TYPE_TUPLE && pair->count == 2 ? pair->args[part] : f->any;
}

static const Type *dict_call(Infer *f, const AstCall *call)
{
	const Type *keys = f->never, *values = f->never;
	int key_part = 0, value_part = 1;
	if (call->args.count) {
		keys = infer_union(f, infer_argument(f, call, 0), pair_member, &key_part);
		values = infer_union(f, infer_argument(f, call, 0), pair_member, &value_part);
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		keys = type_merge(f->types, keys, f->text);
		values = type_merge(f->types, values,
							infer_known(f, ((const AstKeyword *)call->keywords.items[i])->value));
	}
	return infer_made(f, &call->base, TYPE_DICT, keys, values);
}

static const Type *zip_type(Infer *f, const AstCall *call)
{
	enum { MOST = 16 };
	const Type *items[MOST];
	if (call->args.count > MOST)
		return infer_one(f, TYPE_ITERATOR, f->any);
	for (uint32_t i = 0; i < call->args.count; i++)
		items[i] = infer_element(f, infer_argument(f, call, i));
	for (uint32_t i = 0; i < call->args.count; i++)
		if (items[i]->kind == TYPE_NEVER)
			return infer_one(f, TYPE_ITERATOR, f->never);
	return infer_one(f, TYPE_ITERATOR, type_make(f->types, TYPE_TUPLE, items, call->args.count));
}

/* map(str, xs) gives str; what other functions return is known for tasks and scalars only. */
static const Type *mapped_type(Infer *f, const AstCall *call)
{
	const Node *func = call->args.count ? call->args.items[0] : NULL;
	if (!func || func->kind != NODE_NAME)
		return f->any;
	const NameInfo *info = &f->c->checked->names[func->id];
	static const struct {
		const char *name;
		TypeKind kind;
	} simple[] = {{"int", TYPE_INT}, {"float", TYPE_FLOAT}, {"str", TYPE_STR}, {"bool", TYPE_BOOL},
				  {"len", TYPE_INT}, {"repr", TYPE_STR},    {"ord", TYPE_INT}, {"chr", TYPE_STR}};
	if (info->use == NAME_TASK && info->task->result && f->c->entry->type_check &&
		!info->task->result->count)
		return info->task->result;
	for (size_t i = 0; (info->use == NAME_TYPE || info->use == NAME_BUILTIN) &&
					   i < sizeof simple / sizeof *simple;
		 i++)
		if (!strcmp(info->text, simple[i].name))
			return type_simple(f->types, simple[i].kind);
	return f->any;
}

static const Type *type_call(Infer *f, const AstCall *call, const char *name)
{
	static const struct {
		const char *name;
		TypeKind kind;
	} simple[] = {{"int", TYPE_INT},   {"float", TYPE_FLOAT}, {"str", TYPE_STR},
				  {"bool", TYPE_BOOL}, {"bytes", TYPE_BYTES}, {"range", TYPE_RANGE},
				  {"type", TYPE_TYPE}};
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (!strcmp(name, simple[i].name))
			return type_simple(f->types, simple[i].kind);
	bool spread = call_has_spread(call);
	const Type *element = spread             ? f->any
						  : call->args.count ? infer_element(f, infer_argument(f, call, 0))
											 : f->never;
	if (!strcmp(name, "list"))
		return infer_made(f, &call->base, TYPE_LIST, element, NULL);
	if (!strcmp(name, "set"))
		return infer_made(f, &call->base, TYPE_SET, element, NULL);
	if (!strcmp(name, "tuple"))
		return infer_one(f, TYPE_TUPLE_OF, element);
	if (!strcmp(name, "frozenset"))
		return infer_one(f, TYPE_FROZENSET, element);
	if (!strcmp(name, "dict"))
		return spread ? infer_made(f, &call->base, TYPE_DICT, f->any, f->any) : dict_call(f, call);
	if (spread)
		return f->any;
	if (!strcmp(name, "enumerate"))
		return infer_one(f, TYPE_ITERATOR, infer_pair(f, f->integer, element));
	if (!strcmp(name, "zip"))
		return zip_type(f, call);
	if (!strcmp(name, "reversed"))
		return infer_one(f, TYPE_ITERATOR, element);
	if (!strcmp(name, "filter"))
		return infer_one(f, TYPE_ITERATOR, infer_element(f, infer_argument(f, call, 1)));
	if (!strcmp(name, "map"))
		return infer_one(f, TYPE_ITERATOR, mapped_type(f, call));
	return type_simple(f->types, TYPE_EXCEPTION); /* what remains of the types are exceptions */
}

const Type *infer_call(Infer *f, const AstCall *call)
{
	const Node *func = call_target(f->c->checked, call);
	if (func->kind == NODE_ATTRIBUTE)
		return infer_method(f, call);
	if (func->kind != NODE_NAME)
		return f->any;
	const NameInfo *info = &f->c->checked->names[func->id];
	switch (info->use) {
	case NAME_TASK:
		return task_result(f, info->task, &call->base);
	case NAME_FLYTE_MAP:
		return map_result(f, call);
	case NAME_BUILTIN:
		return builtin_type(f, call, info->text);
	case NAME_TYPE:
		return type_call(f, call, info->text);
	case NAME_VARIABLE:
		if (info->variable->function && info->variable->function_is_sure)
			return function_result(f, call, info->variable->function);
		return f->any;
	default:
		return f->any;
	}
}
