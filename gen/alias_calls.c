/*
 * Aliases through calls: what each builtin and method keeps, returns and puts into a container. What is not listed
 * here may keep, change and return whatever it is given.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "alias_cells.h"

#include <string.h>

typedef struct CallCells {
	const AstCall *call;
	Cell args[4]; /* of the first four; a spread's is NOTHING */
	uint32_t count;
	bool has_spread;
} CallCells;

/* Visits all arguments. Those past the fourth escape. */
static CallCells visit_arguments(Alias *a, const AstCall *call)
{
	CallCells cells = {.call = call};
	for (uint32_t i = 0; i < call->args.count; i++) {
		const Node *arg = call->args.items[i];
		bool spread = arg->kind == NODE_STARRED;
		Cell cell = alias_visit(a, spread ? ((const AstStarred *)arg)->value : arg);
		cells.has_spread |= spread;
		if (spread || i >= 4)
			alias_escape(a, cell);
		else
			cells.args[i] = cell;
		cells.count = i < 4 ? i + 1 : 4;
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		Cell cell = alias_visit(a, keyword->value);
		cells.has_spread |= !keyword->arg;
		if (!keyword->arg)
			alias_escape(a, cell);
	}
	return cells;
}

static Cell keyword_cell(Alias *a, const AstCall *call, const char *name)
{
	const Node *value = call_keyword(call, name);
	return value ? alias_of(a, value) : NOTHING;
}

static void escape_all(Alias *a, const CallCells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		alias_escape(a, cells->args[i]);
	for (uint32_t i = 0; i < cells->call->keywords.count; i++)
		alias_escape(a, alias_of(a, ((const AstKeyword *)cells->call->keywords.items[i])->value));
}

/* A call of something unknown: it may keep, change and return whatever it is given. */
static Cell call_unknown(Alias *a, const CallCells *cells)
{
	escape_all(a, cells);
	return ANYTHING;
}

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, list[i]))
			return true;
	return false;
}
#define IS_ONE_OF(name, list) is_one_of(name, list, sizeof(list) / sizeof *(list))

/* Builtins whose result holds none of what they are given. */
static bool gives_nothing(const char *name)
{
	static const char *const names[] = {
		"abs",   "all",    "any",   "ascii", "bin",   "bool",       "bytes", "chr", "divmod",
		"float", "format", "hash",  "hex",   "int",   "isinstance", "len",   "oct", "ord",
		"pow",   "print",  "range", "repr",  "round", "str",        "type"};
	return IS_ONE_OF(name, names);
}

/* Does the node name a builtin that keeps nothing? Else the elements that a callback is given
 * escape. */
static bool is_harmless_callback(const Alias *a, const Node *node)
{
	if (!node ||
		(node->kind == NODE_CONSTANT && ((const AstConstant *)node)->value.kind == CONSTANT_NONE))
		return true;
	if (node->kind != NODE_NAME)
		return false;
	const NameInfo *info = &a->c->checked->names[node->id];
	return (info->use == NAME_BUILTIN || info->use == NAME_TYPE) && gives_nothing(info->text);
}

/* list(x), sorted(x, key=f): a new container of the same elements. */
static Cell copy_elements(Alias *a, const CallCells *cells)
{
	Cell made = alias_make(a), element = alias_element(a, cells->args[0]);
	alias_put(a, made, element);
	if (!is_harmless_callback(a, call_keyword(cells->call, "key")))
		alias_escape(a, element);
	return made;
}

static Cell call_dict(Alias *a, const CallCells *cells)
{
	Cell made = alias_make(a), element = alias_element(a, cells->args[0]);
	alias_put(a, made, element);
	alias_put(a, made, alias_element(a, element)); /* it may be a list of pairs */
	for (uint32_t i = 0; i < cells->call->keywords.count; i++)
		alias_put(a, made,
				  alias_of(a, ((const AstKeyword *)cells->call->keywords.items[i])->value));
	return made;
}

static Cell call_zip(Alias *a, const CallCells *cells)
{
	Cell made = alias_make(a), pair = alias_make(a);
	alias_put(a, made, pair);
	for (uint32_t i = 0; i < cells->count; i++)
		alias_put(a, pair, alias_element(a, cells->args[i]));
	if (cells->call->args.count > 4)
		alias_put(a, pair, ANYTHING);
	return made;
}

static Cell call_map(Alias *a, const CallCells *cells, bool filters)
{
	bool harmless = cells->call->args.count && is_harmless_callback(a, cells->call->args.items[0]);
	Cell made = alias_make(a);
	for (uint32_t i = 1; i < cells->count; i++) {
		Cell element = alias_element(a, cells->args[i]);
		if (!harmless)
			alias_escape(a, element);
		if (filters)
			alias_put(a, made, element);
	}
	if (!filters && !harmless)
		alias_put(a, made, ANYTHING);
	return made;
}

static Cell call_extreme(Alias *a, const CallCells *cells)
{
	Cell made = alias_make(a);
	if (cells->count == 1)
		alias_unify(a, made, alias_element(a, cells->args[0]));
	for (uint32_t i = 0; cells->count > 1 && i < cells->count; i++)
		alias_unify(a, made, cells->args[i]);
	alias_unify(a, made, keyword_cell(a, cells->call, "default"));
	if (!is_harmless_callback(a, call_keyword(cells->call, "key")) || cells->call->args.count > 4)
		alias_escape(a, made);
	return made;
}

static Cell call_builtin(Alias *a, const CallCells *cells, const char *name)
{
	static const char *const copies[] = {"list", "tuple", "set", "frozenset", "sorted", "reversed"};
	if (gives_nothing(name))
		return NOTHING;
	if (cells->has_spread)
		return call_unknown(a, cells);
	if (IS_ONE_OF(name, copies))
		return copy_elements(a, cells);
	if (!strcmp(name, "dict"))
		return call_dict(a, cells);
	if (!strcmp(name, "zip") || !strcmp(name, "enumerate"))
		return call_zip(a, cells);
	if (!strcmp(name, "map") || !strcmp(name, "filter"))
		return call_map(a, cells, *name == 'f');
	if (!strcmp(name, "min") || !strcmp(name, "max"))
		return call_extreme(a, cells);
	if (!strcmp(name, "sum")) {
		Cell made = alias_make(a), element = alias_element(a, cells->args[0]),
			 start = cells->count > 1 ? cells->args[1] : keyword_cell(a, cells->call, "start");
		alias_put(a, made, alias_element(a, element));
		alias_put(a, made, alias_element(a, start));
		alias_unify(a, made, start); /* of nothing it is the start itself */
		return made;
	}
	size_t length = strlen(name);
	if (length > 5 && (!strcmp(name + length - 5, "Error") || strstr(name, "Exception")))
		return NOTHING;
	return call_unknown(a, cells);
}

static Cell call_method(Alias *a, const AstAttribute *method, const CallCells *cells)
{
	static const char *const keeps_item[] = {"append", "add"};
	static const char *const keeps_each[] = {"extend", "update", "symmetric_difference_update",
											 "intersection_update"};
	static const char *const copies[] = {
		"copy", "union", "intersection", "difference", "symmetric_difference", "values", "keys"};
	const char *name = method->attr->text;
	const AstCall *call = cells->call;
	bool of_type = method->value->kind == NODE_NAME &&
				   a->c->checked->names[method->value->id].use == NAME_TYPE;
	Cell self = alias_of(a, method->value);
	if (of_type && !strcmp(name, "fromkeys") && !cells->has_spread) {
		Cell made = alias_make(a);
		alias_put(a, made, cells->args[1]);
		return made;
	}
	if (of_type || cells->has_spread) { /* list.append(xs, 1), xs.append(*ys) */
		alias_insert(a, of_type ? ANYTHING : self, INSERT_ANY, NULL);
		alias_escape(a, self);
		return call_unknown(a, cells);
	}
	const Node *first = call->args.count ? call->args.items[0] : NULL,
			   *second = call->args.count > 1 ? call->args.items[1] : NULL;
	if (IS_ONE_OF(name, keeps_item) && first) {
		alias_put(a, self, cells->args[0]);
		alias_insert(a, self, INSERT_ITEM, first);
		return NOTHING;
	}
	if (!strcmp(name, "insert") && second) {
		alias_put(a, self, cells->args[1]);
		alias_insert(a, self, INSERT_ITEM, second);
		return NOTHING;
	}
	if (IS_ONE_OF(name, keeps_each)) {
		for (uint32_t i = 0; i < call->args.count; i++) {
			Cell element = alias_element(a, i < 4 ? cells->args[i] : ANYTHING);
			alias_put(a, self, element);
			alias_put(a, self, alias_element(a, element));
			alias_insert(a, self, INSERT_EACH, call->args.items[i]);
		}
		for (uint32_t i = 0; i < call->keywords.count; i++) {
			const Node *value = ((const AstKeyword *)call->keywords.items[i])->value;
			alias_put(a, self, alias_of(a, value));
			alias_insert(a, self, INSERT_ITEM, value);
			alias_insert(a, self, INSERT_TEXT, NULL);
		}
		return NOTHING;
	}
	if (!strcmp(name, "setdefault") && first) {
		alias_put(a, self, cells->args[1]);
		alias_insert(a, self, INSERT_KEY, first);
		alias_insert(a, self, second ? INSERT_ITEM : INSERT_ANY, second);
		return alias_element(a, self);
	}
	if (!strcmp(name, "pop") || !strcmp(name, "get")) {
		Cell result = alias_make(a);
		alias_unify(a, result, alias_element(a, self));
		return alias_unify(a, result, cells->args[1]);
	}
	if (!strcmp(name, "items") || !strcmp(name, "popitem")) {
		Cell made = alias_make(a), pair = alias_make(a);
		alias_put(a, pair, alias_element(a, self));
		alias_put(a, made, pair);
		return *name == 'p' ? pair : made;
	}
	if (!strcmp(name, "sort") && !is_harmless_callback(a, call_keyword(call, "key")))
		alias_escape(a, alias_element(a, self));
	Cell made = alias_make(a);
	if (IS_ONE_OF(name, copies)) {
		alias_put(a, made, alias_element(a, self));
		for (uint32_t i = 0; i < cells->count; i++)
			alias_put(a, made, alias_element(a, cells->args[i]));
	}
	return made;
}

static Cell call_function(Alias *a, const AstCall *call, const Scope *callee,
						  const CallCells *cells)
{
	const CallBinding *binding = a->c->checked->bindings[call->base.id];
	Cell result = a->of_result[callee->index];
	if (!binding || !alias_is_direct(callee)) {
		escape_all(a, cells);
		for (uint32_t i = 0; i < callee->variable_count; i++)
			if (callee->variables[i]->is_parameter)
				alias_escape(a, a->of_variable[callee->index][i]);
		return result;
	}
	for (uint32_t i = 0; i < binding->count && i < callee->variable_count; i++)
		if (binding->args[i])
			alias_unify(a, a->of_variable[callee->index][i], alias_of(a, binding->args[i]));
	return result;
}

Cell alias_call(Alias *a, const AstCall *call)
{
	const Node *func = call_target(a->c->checked, call);
	if (func->kind == NODE_ATTRIBUTE) {
		alias_visit(a, ((const AstAttribute *)func)->value);
		CallCells cells = visit_arguments(a, call);
		return call_method(a, (const AstAttribute *)func, &cells);
	}
	if (func->kind != NODE_NAME) {
		alias_escape(a, alias_visit(a, func));
		CallCells cells = visit_arguments(a, call);
		return call_unknown(a, &cells);
	}
	const NameInfo *info = &a->c->checked->names[func->id];
	CallCells cells = visit_arguments(a, call);
	if (info->use == NAME_TASK || info->use == NAME_FLYTE_MAP)
		return alias_make(a); /* what crosses the boundary is a copy */
	if (info->use == NAME_BUILTIN || info->use == NAME_TYPE)
		return call_builtin(a, &cells, info->text);
	if (info->use == NAME_VARIABLE && info->variable->function && info->variable->function_is_sure)
		return call_function(a, call, info->variable->function, &cells);
	return call_unknown(a, &cells);
}
