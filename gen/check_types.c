/*
 * What is certainly wrong with types: an attribute that no value can have, an argument that can
 * never be what the task declares, a result that can never be what is declared. Where one of
 * several types might do, there is silence: then it is Python's own exception at run time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check_values.h"

#include <string.h>

#include "sbx.h"

/* ---- attributes ---- */

const char *check_method_table(const Type *type)
{
	switch (type->kind) {
	case TYPE_NONE:
		return "NoneType";
	case TYPE_BOOL:
	case TYPE_INT:
		return "int";
	case TYPE_FLOAT:
		return "float";
	case TYPE_STR:
		return "str";
	case TYPE_BYTES:
		return "bytes";
	case TYPE_LIST:
		return "list";
	case TYPE_SET:
		return "set";
	case TYPE_FROZENSET:
		return "frozenset";
	case TYPE_DICT:
		return "dict";
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
		return "tuple";
	case TYPE_RANGE:
		return "range";
	default:
		return NULL;
	}
}

static bool is_handle(const Type *type)
{
	return type->kind >= TYPE_FILE && type->kind <= TYPE_TIMEDELTA;
}

static bool may_have(const Type *type, const char *name)
{
	if (type->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (may_have(type->args[i], name))
				return true;
		return false;
	}
	if (is_handle(type))
		return false;
	const char *table = check_method_table(type);
	return table ? sbx_has_method(table, name) : sbx_has_method(NULL, name);
}

static const char *attribute_help(const char *name)
{
	static const struct {
		const char *name, *help;
	} table[] = {
		{"push", "use .append()"},
		{"push_back", "use .append()"},
		{"length", "use len()"},
		{"size", "use len()"},
		{"contains", "use 'in'"},
		{"includes", "use 'in'"},
		{"has_key", "use 'in'"},
		{"indexOf", "use .index() or .find()"},
		{"substring", "use a slice: text[a:b]"},
		{"substr", "use a slice: text[a:b]"},
		{"slice", "use a slice: xs[a:b]"},
		{"trim", "use .strip()"},
		{"toUpperCase", "use .upper()"},
		{"toLowerCase", "use .lower()"},
		{"toString", "use str()"},
		{"map", "use a list comprehension"},
		{"filter", "use a list comprehension with 'if'"},
		{"forEach", "use a 'for' loop"},
		{"iteritems", "use .items()"},
		{"itervalues", "use .values()"},
		{"iterkeys", "use .keys()"},
		{"concat", "use '+'"},
		{"args", "use str() of the exception"},
		{"shape", "data frames and arrays are read inside a task"},
		{"aio", "call the task itself"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(name, table[i].name))
			return table[i].help;
	return NULL;
}

static const char *nearest_method(const char *wanted, const Type *type)
{
	static const char *const names[] = {
		"append",       "capitalize", "casefold",   "center",     "clear",        "copy",
		"count",        "decode",     "difference", "discard",    "encode",       "endswith",
		"extend",       "find",       "format",     "get",        "index",        "insert",
		"intersection", "isalnum",    "isalpha",    "isdigit",    "islower",      "isspace",
		"isupper",      "items",      "join",       "keys",       "ljust",        "lower",
		"lstrip",       "partition",  "pop",        "remove",     "removeprefix", "removesuffix",
		"replace",      "reverse",    "rfind",      "rjust",      "rsplit",       "rstrip",
		"setdefault",   "sort",       "split",      "splitlines", "startswith",   "strip",
		"swapcase",     "title",      "union",      "update",     "upper",        "values",
		"zfill"};
	Nearest nearest = {.wanted = wanted};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!type || may_have(type, names[i]))
			nearest_try(&nearest, names[i]);
	return nearest.best;
}

static void report_attribute(Checker *c, const AstAttribute *node, const Type *type,
							 const char *owner)
{
	const char *name = node->attr->text;
	uint32_t end = node->base.end, start = end - node->attr->length;
	const char *help = attribute_help(name),
			   *nearest = help ? NULL : nearest_method(name, type->kind == TYPE_ANY ? NULL : type);
	if (nearest)
		help = arena_format(c->arena, "did you mean '.%s'?", nearest);
	if (!help)
		help = "values have Python's own methods only; other work is done inside a task";
	bool anywhere = sbx_has_method(NULL, name) != 0;
	DiagItem *item = anywhere || owner
						 ? diag_add(c->diag, D_METHOD_TYPE, c->source, start, end,
									owner ? owner : check_type_text(c, type), name, help)
						 : diag_add(c->diag, D_METHOD_UNKNOWN, c->source, start, end, name, help);
	diag_replace(c->diag, item, FIX_MAYBE, nearest);
	c->faulty[node->base.id] = true;
}

static bool is_dunder(const Atom *name)
{
	return name->length > 4 && !strncmp(name->text, "__", 2);
}

static bool has_handle(const Type *type)
{
	if (type->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (is_handle(type->args[i]))
				return true;
		return false;
	}
	return is_handle(type);
}

/* Is it a module, class or context that a refused statement binds? That statement has its error
 * already. */
static bool is_refused_root(const Checker *c, const Node *node)
{
	for (;;) {
		if (node->kind == NODE_ATTRIBUTE)
			node = ((const AstAttribute *)node)->value;
		else if (node->kind == NODE_CALL)
			node = ((const AstCall *)node)->func;
		else
			break;
	}
	const Variable *variable =
		node->kind == NODE_NAME ? c->checked->names[node->id].variable : NULL;
	return variable && variable->is_opaque;
}

static void check_attribute(Checker *c, const AstAttribute *node)
{
	const char *name = node->attr->text;
	uint32_t end = node->base.end, start = end - node->attr->length;
	if (is_dunder(node->attr) || is_unknown_root(c, &node->base) || node->ctx != CONTEXT_LOAD)
		return;
	if (node->value->kind == NODE_NAME) {
		const NameInfo *info = &c->checked->names[node->value->id];
		if (info->use == NAME_TASK || info->use == NAME_FLYTE_MAP) {
			const char *task = ((const AstName *)node->value)->id->text;
			DiagItem *item = diag_add(c->diag, D_TASK_ATTRIBUTE, c->source, start, end, name, task);
			diag_edit(c->diag, item, FIX_MAYBE, c->source, node->value->end, end, "");
			return;
		}
		if (info->use == NAME_TYPE) {
			if (!sbx_has_method(info->text, name))
				report_attribute(c, node, type_simple(c->types, TYPE_TYPE),
								 arena_format(c->arena, "type object %s", info->text));
			return;
		}
	}
	const Type *type = check_type_of(c, node->value);
	if (!type || may_have(type, name) || is_refused_root(c, node->value))
		return;
	if (has_handle(type))
		diag_add(c->diag, D_REFUSE_HANDLE_ATTRIBUTE, c->source, start, end,
				 check_type_text(c, type), name);
	else
		report_attribute(c, node, type, NULL);
}

/* ---- what surely does not fit ---- */

static const Node *misfit(Checker *c, const Node *node, const Type *declared);

static const Node *misfit_among(Checker *c, const NodeList *items, const Type *declared)
{
	for (uint32_t i = 0; i < items->count; i++) {
		const Node *item = items->items[i];
		const Type *type = declared;
		if (declared->kind == TYPE_TUPLE)
			type = declared->args[i];
		else if (declared->count == 1)
			type = declared->args[0];
		const Node *bad = !item || item->kind == NODE_STARRED ? NULL : misfit(c, item, type);
		if (bad)
			return bad;
	}
	return NULL;
}

static bool has_starred(const NodeList *items)
{
	for (uint32_t i = 0; i < items->count; i++)
		if (items->items[i]->kind == NODE_STARRED)
			return true;
	return false;
}

/* The innermost expression that cannot fit: of a list, tuple or dict that is written out, an item. An empty list fits
 * every list, so that types alone do not tell. NULL: all of it may fit. */
static const Node *misfit(Checker *c, const Node *node, const Type *declared)
{
	const Type *type = check_type_of(c, node);
	if (!type)
		return NULL;
	if (type_never_fits(type, declared))
		return node;
	if (declared->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < declared->count; i++)
			if (!misfit(c, node, declared->args[i]))
				return NULL;
		return node;
	}
	if (node->kind == NODE_LIST && declared->kind == TYPE_LIST)
		return misfit_among(c, &((const AstList *)node)->elts, declared);
	if (node->kind == NODE_TUPLE) {
		const NodeList *items = &((const AstTuple *)node)->elts;
		bool fixed =
			declared->kind == TYPE_TUPLE && !has_starred(items) && items->count == declared->count;
		if (fixed || declared->kind == TYPE_TUPLE_OF)
			return misfit_among(c, items, declared);
	}
	if (node->kind == NODE_DICT && declared->kind == TYPE_DICT) {
		const AstDict *dict = (const AstDict *)node;
		for (uint32_t i = 0; i < dict->keys.count; i++) {
			if (!dict->keys.items[i])
				continue; /* **other */
			const Node *bad = misfit(c, dict->keys.items[i], declared->args[0]);
			bad = bad ? bad : misfit(c, dict->values.items[i], declared->args[1]);
			if (bad)
				return bad;
		}
	}
	return NULL;
}

/* ---- what crosses no boundary ---- */

static bool stays_inside(TypeKind kind)
{
	return kind == TYPE_RANGE || kind == TYPE_ITERATOR || kind == TYPE_GENERATOR ||
		   kind == TYPE_FUNCTION || kind == TYPE_TYPE || kind == TYPE_EXCEPTION ||
		   kind == TYPE_SLICE;
}

static void check_crossing(Checker *c, const Node *node, const char *how)
{
	const Type *type = check_type_of(c, node);
	if (!type || !check_every(type, stays_inside))
		return;
	bool is_many =
		type->kind == TYPE_RANGE || type->kind == TYPE_ITERATOR || type->kind == TYPE_GENERATOR;
	const char *text = is_many ? source_text(c->arena, c->source, node) : NULL;
	diag_add(c->diag, D_CROSSING, c->source, node->start, node->end, check_type_text(c, type), how,
			 text      ? arena_format(c->arena, "make it a list: list(%s)", text)
			 : is_many ? "make it a list: list(...)"
					   : "give the values that are needed of it");
}

/* ---- calls ---- */

/* int("3") and the like, where there is a function for it. */
static void help_convert(Checker *c, DiagItem *item, const Node *node, const Type *type,
						 const Type *declared)
{
	const char *text = source_text(c->arena, c->source, node), *function = NULL;
	TypeKind from = type ? type->kind : TYPE_ANY, to = declared ? declared->kind : TYPE_ANY;
	if (to == TYPE_STR && from != TYPE_NONE)
		function = "str";
	else if (to == TYPE_INT && (from == TYPE_STR || from == TYPE_FLOAT))
		function = "int";
	else if (to == TYPE_FLOAT && from == TYPE_STR)
		function = "float";
	else if (to == TYPE_LIST && (from == TYPE_TUPLE || from == TYPE_TUPLE_OF || from == TYPE_SET ||
								 from == TYPE_RANGE || from == TYPE_ITERATOR))
		function = "list";
	if (function && text && node->kind != NODE_CONSTANT) {
		diag_help(c->diag, item, "convert it: %s(%s)", function, text);
		diag_replace(c->diag, item, FIX_MAYBE, arena_format(c->arena, "%s(%s)", function, text));
	} else if (declared) {
		diag_help(c->diag, item, "give a value of type %s", check_type_text(c, declared));
	}
}

static void check_argument(Checker *c, const TaskDecl *task, const ParamDecl *param,
						   const Type *declared, const Node *arg)
{
	const Node *bad = arg && declared ? misfit(c, arg, declared) : NULL;
	if (!bad && arg)
		check_crossing(c, arg, "is given to a task");
	if (!bad)
		return;
	DiagItem *item = diag_add(c->diag, D_ARGUMENT_MISFIT, c->source, bad->start, bad->end,
							  task->name->text, check_type_text(c, declared), param->name->text,
							  check_type_text(c, c->checked->types[arg->id]));
	if (param->node)
		diag_note(c->diag, item, task->source, param->node->start, param->node->end,
				  "'%s' is declared here", param->name->text);
	help_convert(c, item, bad, c->checked->types[bad->id], bad == arg ? declared : NULL);
}

static const ParamDecl *find_param(const TaskDecl *task, const Atom *name)
{
	const ParamDecl *rest = NULL;
	for (uint32_t i = 0; i < task->param_count; i++) {
		const ParamDecl *param = &task->params[i];
		if (param->kind == PARAM_KWARGS)
			rest = param;
		else if (param->name == name &&
				 (param->kind == PARAM_NORMAL || param->kind == PARAM_KEYWORD_ONLY))
			return param;
	}
	return rest;
}

/* A task with *args or **kwargs: its calls have no binding. */
static void check_open_arguments(Checker *c, const AstCall *call, const TaskDecl *task)
{
	uint32_t at = 0;
	for (uint32_t i = 0; i < call->args.count; i++) {
		if (at >= task->param_count || call->args.items[i]->kind == NODE_STARRED)
			break; /* after a spread nobody knows which parameter is next */
		const ParamDecl *param = &task->params[at];
		if (param->kind == PARAM_KEYWORD_ONLY || param->kind == PARAM_KWARGS)
			break;
		bool rest = param->kind == PARAM_ARGS;
		check_argument(c, task, param, rest ? param->item_type : param->type, call->args.items[i]);
		at += !rest;
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		const ParamDecl *param = keyword->arg ? find_param(task, keyword->arg) : NULL;
		if (param)
			check_argument(c, task, param,
						   param->kind == PARAM_KWARGS ? param->item_type : param->type,
						   keyword->value);
	}
}

static void check_arguments(Checker *c, const AstCall *call, const TaskDecl *task)
{
	const CallBinding *binding = c->checked->bindings[call->base.id];
	for (uint32_t i = 0; binding && i < binding->count; i++)
		check_argument(c, task, &task->params[i], task->params[i].type, binding->args[i]);
	for (uint32_t i = 0; !binding && i < task->param_count; i++)
		if (task->params[i].kind == PARAM_ARGS || task->params[i].kind == PARAM_KWARGS) {
			check_open_arguments(c, call, task);
			return;
		}
}

/* 5(3), "text"(), [1](0) */
static void check_callee(Checker *c, const AstCall *call)
{
	const Node *func = call->func;
	const Type *type = check_type_of(c, func);
	if (func->kind == NODE_ATTRIBUTE || !type)
		return;
	bool value = type->kind >= TYPE_NONE && type->kind <= TYPE_TUPLE_OF;
	if (value)
		diag_add(c->diag, D_NOT_CALLABLE, c->source, func->start, func->end,
				 check_type_text(c, type));
}

/* ---- values of what has an error already: nothing more is told of them ---- */

static bool has_fault(const Checker *c, const Node *node)
{
	switch (node->kind) {
	case NODE_BIN_OP:
		return has_fault(c, ((const AstBinOp *)node)->left) ||
			   has_fault(c, ((const AstBinOp *)node)->right);
	case NODE_IF_EXP:
		return has_fault(c, ((const AstIfExp *)node)->body) ||
			   has_fault(c, ((const AstIfExp *)node)->orelse);
	default:
		return is_unknown_root(c, node);
	}
}

static void mark_target(Checker *c, const Node *target)
{
	if (target->kind == NODE_NAME && c->checked->names[target->id].variable)
		c->checked->names[target->id].variable->is_faulty = true;
	else if (target->kind == NODE_STARRED)
		mark_target(c, ((const AstStarred *)target)->value);
	if (target->kind != NODE_TUPLE && target->kind != NODE_LIST)
		return;
	const NodeList *items = &((const AstTuple *)target)->elts; /* a List has the same fields */
	for (uint32_t i = 0; i < items->count; i++)
		mark_target(c, items->items[i]);
}

static void bind_target(Checker *c, const Node *target, const Node *value)
{
	if (has_fault(c, value))
		mark_target(c, target);
}

/* Binds what the node binds, if its value is at fault. */
static void bind_targets(Checker *c, const Node *node)
{
	const NodeList *generators = NULL;
	switch (node->kind) {
	case NODE_ASSIGN:
		for (uint32_t i = 0; i < ((const AstAssign *)node)->targets.count; i++)
			bind_target(c, ((const AstAssign *)node)->targets.items[i],
						((const AstAssign *)node)->value);
		return;
	case NODE_FOR:
		bind_target(c, ((const AstFor *)node)->target, ((const AstFor *)node)->iter);
		return;
	case NODE_WITH: /* refused: what it binds is nothing */
	case NODE_ASYNC_WITH:
		for (uint32_t i = 0; i < ((const AstWith *)node)->items.count; i++) {
			const AstWithitem *item = (const AstWithitem *)((const AstWith *)node)->items.items[i];
			if (item->optional_vars)
				mark_target(c, item->optional_vars);
		}
		return;
	case NODE_DICT_COMP:
		generators = &((const AstDictComp *)node)->generators;
		break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP:
		generators = &((const AstListComp *)node)->generators;
		break;
	default:
		return;
	}
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *one = (const AstComprehension *)generators->items[i];
		bind_target(c, one->target, one->iter);
	}
}

static void visit(void *context, Node *node)
{
	Checker *c = context;
	bind_targets(c, node);
	switch (node->kind) {
	case NODE_CLASS_DEF:
	case NODE_ARG:
		return;
	case NODE_ATTRIBUTE:
		check_attribute(c, (const AstAttribute *)node);
		break;
	case NODE_CALL: {
		const AstCall *call = (const AstCall *)node;
		const Node *func = call_target(c->checked, call);
		const NameInfo *info = func->kind == NODE_NAME ? &c->checked->names[func->id] : NULL;
		if (info && info->use == NAME_TASK && c->entry->type_check)
			check_arguments(c, call, info->task);
		if (func != call->func) { /* NAME.run is no attribute to be checked */
			for (uint32_t i = 0; i < call->args.count; i++)
				visit(c, call->args.items[i]);
			for (uint32_t i = 0; i < call->keywords.count; i++)
				visit(c, call->keywords.items[i]);
			return;
		}
		check_callee(c, call);
		break;
	}
	case NODE_ANN_ASSIGN:
		if (((AstAnnAssign *)node)->value)
			visit(c, ((AstAnnAssign *)node)->value);
		return;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF: {
		AstFunctionDef *def = (AstFunctionDef *)node;
		node_children(def->args, visit, c);
		for (uint32_t i = 0; i < def->body.count; i++)
			visit(c, def->body.items[i]);
		return;
	}
	default:
		break;
	}
	check_operation(c, node);
	node_children(node, visit, c);
	if (node->kind == NODE_ASSIGN)
		bind_targets(c, node); /* its value may have turned out to be at fault */
}

/* ---- results ---- */

/* Where the result is declared. */
static void note_result(Checker *c, DiagItem *item)
{
	const Node *returns = c->entry->function ? c->entry->function->returns : NULL;
	if (returns)
		diag_note(c->diag, item, c->source, returns->start, returns->end,
				  "the result is declared here");
}

static void check_value(Checker *c, const Node *value)
{
	const Node *bad = c->entry->result ? misfit(c, value, c->entry->result) : NULL;
	if (!bad)
		check_crossing(c, value, "is returned");
	else
		note_result(c, diag_add(c->diag, D_RESULT_MISFIT, c->source, bad->start, bad->end,
								check_type_text(c, c->entry->result),
								check_type_text(c, c->checked->types[value->id])));
}

/* Nothing is returned: an error where None cannot be the result. */
static void report_nothing(Checker *c, uint32_t start, uint32_t end, const Node *last)
{
	if (!c->entry->result || !type_never_fits(type_simple(c->types, TYPE_NONE), c->entry->result))
		return;
	const char *help = "return the result";
	if (last && last->kind == NODE_EXPR && source_text(c->arena, c->source, last))
		help = arena_format(c->arena, "return %s", source_text(c->arena, c->source, last));
	else if (c->checked->root->kind == SCOPE_MODULE)
		help = "the last line must be an expression: its value is the result";
	note_result(c, diag_add(c->diag, D_RESULT_NONE, c->source, start, end,
							check_type_text(c, c->entry->result), help));
}

typedef struct Returns {
	Checker *c;
	bool has_value; /* some return gives one, or something refused does */
} Returns;

static void find_returns(void *context, Node *node)
{
	Returns *returns = context;
	switch (node->kind) {
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
	case NODE_CLASS_DEF:
		return;
	case NODE_RETURN:
		returns->has_value |= ((AstReturn *)node)->value != NULL;
		if (((AstReturn *)node)->value)
			check_value(returns->c, ((AstReturn *)node)->value);
		else if (returns->c->checked->reached[node->id])
			report_nothing(returns->c, node->start, node->end, NULL);
		return;
	case NODE_YIELD:
	case NODE_YIELD_FROM:
		returns->has_value = true; /* refused; its result is something else */
		return;
	default:
		node_children(node, find_returns, returns);
	}
}

static void check_result(Checker *c, const NodeList *body)
{
	const Node *last = body->count ? body->items[body->count - 1] : NULL;
	if (!c->entry->type_check)
		return;
	if (c->checked->root->kind == SCOPE_MODULE) {
		if (last && last->kind == NODE_EXPR)
			check_value(c, ((const AstExpr *)last)->value);
		else if (c->checked->root->may_complete)
			report_nothing(c, last ? last->start : 0, last ? last->end : 0, NULL);
		return;
	}
	Returns returns = {.c = c};
	for (uint32_t i = 0; i < body->count; i++)
		find_returns(&returns, body->items[i]);
	if (returns.has_value || !c->checked->root->may_complete)
		return;
	uint32_t start, end;
	def_name_place(c->source, c->entry->function, &start, &end);
	report_nothing(c, start, end, last);
}

void check_types(Checker *c)
{
	NodeList body = scope_body(c->checked->root);
	check_unbound(c);
	for (uint32_t i = 0; i < body.count; i++)
		visit(c, body.items[i]);
	check_result(c, &body);
}
