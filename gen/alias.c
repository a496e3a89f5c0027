/*
 * Aliases by unification (after Steensgaard): every variable and every expression that may hold a
 * container has a cell; an assignment makes two cells one; each cell has one cell for the elements
 * of its containers. A flow that the pass does not know goes through one cell, ANYTHING, whose
 * elements are itself: arguments of unknown functions, what they return, parameters of functions
 * that are used as values.
 *
 * The pass needs no types: it looks at names and forms only, runs once, and errs on the side of too
 * many aliases. Keys of dicts and members of sets are hashable, so they hold no container that
 * could change. SPDX-License-Identifier: Apache-2.0
 */
#include "alias.h"

#include <string.h>

enum { NOTHING = 0, ANYTHING = ALIAS_ANYTHING };

typedef struct CellRow {
	Cell parent;
	Cell element; /* NOTHING: not asked for yet */
} CellRow;

struct Alias {
	Checker *c;
	CellRow *cells;
	uint32_t count, capacity;
	Cell *of_node; /* by node id - first_node; the nodes of one entry stand together */
	uint32_t first_node, node_count;
	Cell **of_variable; /* by scope index, then variable index */
	Cell *of_result;    /* by scope index */
	Insert *inserts;
	uint32_t insert_count, insert_capacity;
	const Scope *scope; /* innermost */
};

static Cell visit(Alias *a, const Node *node);

/* ---- cells ---- */

static Cell make_cell(Alias *a)
{
	if (a->count == a->capacity) {
		a->capacity *= 2;
		CellRow *cells = ARENA_ARRAY(a->c->arena, CellRow, a->capacity);
		memcpy(cells, a->cells, sizeof *cells * a->count);
		a->cells = cells;
	}
	a->cells[a->count] = (CellRow){a->count, NOTHING};
	return a->count++;
}

Cell alias_root(Alias *a, Cell cell)
{
	while (a->cells[cell].parent != cell) {
		a->cells[cell].parent = a->cells[a->cells[cell].parent].parent;
		cell = a->cells[cell].parent;
	}
	return cell;
}

static Cell element_of(Alias *a, Cell cell)
{
	if (cell == NOTHING)
		return NOTHING;
	cell = alias_root(a, cell);
	if (a->cells[cell].element == NOTHING) {
		Cell element = make_cell(a);
		a->cells[cell].element = element;
	}
	return alias_root(a, a->cells[cell].element);
}

Cell alias_peek_element(Alias *a, Cell cell)
{
	Cell element = cell == NOTHING ? NOTHING : a->cells[alias_root(a, cell)].element;
	return element == NOTHING ? NOTHING : alias_root(a, element);
}

/* Makes two cells one, and then their elements, as long as both have some. */
static Cell unify(Alias *a, Cell x, Cell y)
{
	Cell first = x ? x : y;
	while (x != NOTHING && y != NOTHING) {
		x = alias_root(a, x);
		y = alias_root(a, y);
		if (x == y)
			break;
		if (y < x) { /* the older one stays: ANYTHING above all */
			Cell swap = x;
			x = y;
			y = swap;
		}
		Cell x_element = a->cells[x].element, y_element = a->cells[y].element;
		a->cells[y].parent = x;
		if (x_element == NOTHING)
			a->cells[x].element = y_element;
		x = x_element;
		y = y_element;
	}
	return first ? alias_root(a, first) : NOTHING;
}

static void put_element(Alias *a, Cell container, Cell element)
{
	if (element != NOTHING)
		unify(a, element_of(a, container), element);
}

static void escape(Alias *a, Cell cell)
{
	unify(a, cell, ANYTHING);
}

static void insert(Alias *a, Cell cell, InsertKind kind, const Node *node)
{
	if (a->insert_count == a->insert_capacity) {
		a->insert_capacity = a->insert_capacity ? a->insert_capacity * 2 : 8;
		Insert *inserts = ARENA_ARRAY(a->c->arena, Insert, a->insert_capacity);
		if (a->insert_count)
			memcpy(inserts, a->inserts, sizeof *inserts * a->insert_count);
		a->inserts = inserts;
	}
	a->inserts[a->insert_count++] = (Insert){cell ? cell : ANYTHING, kind, node};
}

Cell alias_of_variable(Alias *a, const Variable *variable)
{
	return alias_root(a, a->of_variable[variable->scope->index][variable->index]);
}

Cell alias_of(Alias *a, const Node *node)
{
	uint32_t at = node->id - a->first_node;
	return at < a->node_count && a->of_node[at] ? alias_root(a, a->of_node[at]) : NOTHING;
}

/* ---- forms ---- */

static void visit_all(Alias *a, const NodeList *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i])
			visit(a, list->items[i]);
}

static void visit_child(void *context, Node *child)
{
	visit(context, child);
}

static void bind(Alias *a, const Node *target, Cell value)
{
	switch (target->kind) {
	case NODE_NAME: {
		const Variable *variable = a->c->checked->names[target->id].variable;
		if (variable)
			unify(a, alias_of_variable(a, variable), value);
		break;
	}
	case NODE_TUPLE:
	case NODE_LIST: {
		const NodeList *elts = &((const AstTuple *)target)->elts;
		for (uint32_t i = 0; i < elts->count; i++) {
			if (elts->items[i]->kind == NODE_STARRED) {
				Cell rest = make_cell(a);
				put_element(a, rest, element_of(a, value));
				bind(a, ((const AstStarred *)elts->items[i])->value, rest);
			} else {
				bind(a, elts->items[i], element_of(a, value));
			}
		}
		break;
	}
	default: /* refused elsewhere */
		visit(a, target);
		escape(a, value);
		break;
	}
}

static Cell visit_display(Alias *a, const NodeList *elts)
{
	Cell made = make_cell(a);
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *item = elts->items[i];
		if (item->kind == NODE_STARRED)
			put_element(a, made, element_of(a, visit(a, ((const AstStarred *)item)->value)));
		else
			put_element(a, made, visit(a, item));
	}
	return made;
}

static Cell visit_dict(Alias *a, const AstDict *dict)
{
	Cell made = make_cell(a);
	for (uint32_t i = 0; i < dict->values.count; i++) {
		Cell value = visit(a, dict->values.items[i]);
		if (dict->keys.items[i])
			visit(a, dict->keys.items[i]);
		put_element(a, made, dict->keys.items[i] ? value : element_of(a, value));
	}
	return made;
}

static Cell visit_comprehension(Alias *a, const Node *node, const NodeList *generators,
								const Node *key, const Node *value)
{
	const Scope *outer = a->scope;
	Cell made = make_cell(a);
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators->items[i];
		bind(a, part->target, element_of(a, visit(a, part->iter)));
		if (i == 0)
			a->scope = a->c->checked->node_scopes[node->id];
		visit_all(a, &part->ifs);
	}
	Cell element = visit(a, key);
	put_element(a, made, value ? visit(a, value) : element);
	a->scope = outer;
	return made;
}

static Cell visit_pair(Alias *a, const Node *left, const Node *right)
{
	Cell x = visit(a, left), y = visit(a, right), made = make_cell(a);
	put_element(a, made, element_of(a, x));
	put_element(a, made, element_of(a, y));
	return made;
}

static Cell visit_subscript(Alias *a, const AstSubscript *node)
{
	Cell value = visit(a, node->value);
	visit(a, node->slice);
	if (node->slice->kind != NODE_SLICE)
		return element_of(a, value);
	Cell made = make_cell(a);
	put_element(a, made, element_of(a, value));
	return made;
}

/* ---- functions ---- */

static bool is_direct(const Scope *scope)
{
	const AstFunctionDef *def = (const AstFunctionDef *)scope->node;
	const AstArguments *arguments = (const AstArguments *)def->args;
	return !scope->value_is_used && !arguments->vararg && !arguments->kwarg;
}

static void visit_defaults(Alias *a, const AstArguments *arguments, const Scope *scope)
{
	/* a default is shared by all calls; which parameter it belongs to does not matter much */
	const NodeList *lists[] = {&arguments->defaults, &arguments->kw_defaults};
	uint32_t positional = arguments->posonlyargs.count + arguments->args.count;
	for (size_t k = 0; k < 2; k++)
		for (uint32_t i = 0; i < lists[k]->count; i++) {
			if (!lists[k]->items[i])
				continue;
			Cell value = visit(a, lists[k]->items[i]);
			uint32_t at = k ? positional + (arguments->vararg ? 1 : 0) + i
							: positional - arguments->defaults.count + i;
			if (scope && at < scope->variable_count)
				unify(a, a->of_variable[scope->index][at], value);
		}
}

static void visit_function(Alias *a, const AstFunctionDef *def)
{
	Scope *scope = a->c->checked->node_scopes[def->base.id];
	const Scope *outer = a->scope;
	visit_all(a, &def->decorator_list);
	visit_defaults(a, (const AstArguments *)def->args, scope);
	if (!is_direct(scope)) {
		for (uint32_t i = 0; i < scope->variable_count; i++)
			if (scope->variables[i]->is_parameter)
				escape(a, a->of_variable[scope->index][i]);
		escape(a, a->of_result[scope->index]);
	}
	a->scope = scope;
	visit_all(a, &def->body);
	a->scope = outer;
}

static Cell visit_lambda(Alias *a, const AstLambda *lambda)
{
	Scope *scope = a->c->checked->node_scopes[lambda->base.id];
	const Scope *outer = a->scope;
	visit_defaults(a, (const AstArguments *)lambda->args, scope);
	for (uint32_t i = 0; i < scope->variable_count; i++)
		if (scope->variables[i]->is_parameter)
			escape(a, a->of_variable[scope->index][i]);
	a->scope = scope;
	escape(a, visit(a, lambda->body));
	a->scope = outer;
	return NOTHING;
}

/* ---- calls ---- */

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
		Cell cell = visit(a, spread ? ((const AstStarred *)arg)->value : arg);
		cells.has_spread |= spread;
		if (spread || i >= 4)
			escape(a, cell);
		else
			cells.args[i] = cell;
		cells.count = i < 4 ? i + 1 : 4;
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		Cell cell = visit(a, keyword->value);
		cells.has_spread |= !keyword->arg;
		if (!keyword->arg)
			escape(a, cell);
	}
	return cells;
}

static Cell keyword_cell(Alias *a, const AstCall *call, const char *name)
{
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (keyword->arg && !strcmp(keyword->arg->text, name))
			return alias_of(a, keyword->value);
	}
	return NOTHING;
}

static void escape_all(Alias *a, const CallCells *cells)
{
	for (uint32_t i = 0; i < cells->count; i++)
		escape(a, cells->args[i]);
	for (uint32_t i = 0; i < cells->call->keywords.count; i++)
		escape(a, alias_of(a, ((const AstKeyword *)cells->call->keywords.items[i])->value));
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

static const Node *keyword_node(const AstCall *call, const char *name)
{
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (keyword->arg && !strcmp(keyword->arg->text, name))
			return keyword->value;
	}
	return NULL;
}

/* list(x), sorted(x, key=f): a new container of the same elements. */
static Cell copy_elements(Alias *a, const CallCells *cells)
{
	Cell made = make_cell(a), element = element_of(a, cells->args[0]);
	put_element(a, made, element);
	if (!is_harmless_callback(a, keyword_node(cells->call, "key")))
		escape(a, element);
	return made;
}

static Cell call_dict(Alias *a, const CallCells *cells)
{
	Cell made = make_cell(a), element = element_of(a, cells->args[0]);
	put_element(a, made, element);
	put_element(a, made, element_of(a, element)); /* it may be a list of pairs */
	for (uint32_t i = 0; i < cells->call->keywords.count; i++)
		put_element(a, made,
					alias_of(a, ((const AstKeyword *)cells->call->keywords.items[i])->value));
	return made;
}

static Cell call_zip(Alias *a, const CallCells *cells)
{
	Cell made = make_cell(a), pair = make_cell(a);
	put_element(a, made, pair);
	for (uint32_t i = 0; i < cells->count; i++)
		put_element(a, pair, element_of(a, cells->args[i]));
	if (cells->call->args.count > 4)
		put_element(a, pair, ANYTHING);
	return made;
}

static Cell call_map(Alias *a, const CallCells *cells, bool filters)
{
	bool harmless = cells->call->args.count && is_harmless_callback(a, cells->call->args.items[0]);
	Cell made = make_cell(a);
	for (uint32_t i = 1; i < cells->count; i++) {
		Cell element = element_of(a, cells->args[i]);
		if (!harmless)
			escape(a, element);
		if (filters)
			put_element(a, made, element);
	}
	if (!filters && !harmless)
		put_element(a, made, ANYTHING);
	return made;
}

static Cell call_extreme(Alias *a, const CallCells *cells)
{
	Cell made = make_cell(a);
	if (cells->count == 1)
		unify(a, made, element_of(a, cells->args[0]));
	for (uint32_t i = 0; cells->count > 1 && i < cells->count; i++)
		unify(a, made, cells->args[i]);
	unify(a, made, keyword_cell(a, cells->call, "default"));
	if (!is_harmless_callback(a, keyword_node(cells->call, "key")) || cells->call->args.count > 4)
		escape(a, made);
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
		Cell made = make_cell(a), element = element_of(a, cells->args[0]),
			 start = cells->count > 1 ? cells->args[1] : keyword_cell(a, cells->call, "start");
		put_element(a, made, element_of(a, element));
		put_element(a, made, element_of(a, start));
		unify(a, made, start); /* of nothing it is the start itself */
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
		Cell made = make_cell(a);
		put_element(a, made, cells->args[1]);
		return made;
	}
	if (of_type || cells->has_spread) { /* list.append(xs, 1), xs.append(*ys) */
		insert(a, of_type ? ANYTHING : self, INSERT_ANY, NULL);
		escape(a, self);
		return call_unknown(a, cells);
	}
	const Node *first = call->args.count ? call->args.items[0] : NULL,
			   *second = call->args.count > 1 ? call->args.items[1] : NULL;
	if (IS_ONE_OF(name, keeps_item) && first) {
		put_element(a, self, cells->args[0]);
		insert(a, self, INSERT_ITEM, first);
		return NOTHING;
	}
	if (!strcmp(name, "insert") && second) {
		put_element(a, self, cells->args[1]);
		insert(a, self, INSERT_ITEM, second);
		return NOTHING;
	}
	if (IS_ONE_OF(name, keeps_each)) {
		for (uint32_t i = 0; i < call->args.count; i++) {
			Cell element = element_of(a, i < 4 ? cells->args[i] : ANYTHING);
			put_element(a, self, element);
			put_element(a, self, element_of(a, element));
			insert(a, self, INSERT_EACH, call->args.items[i]);
		}
		for (uint32_t i = 0; i < call->keywords.count; i++) {
			const Node *value = ((const AstKeyword *)call->keywords.items[i])->value;
			put_element(a, self, alias_of(a, value));
			insert(a, self, INSERT_ITEM, value);
			insert(a, self, INSERT_TEXT, NULL);
		}
		return NOTHING;
	}
	if (!strcmp(name, "setdefault") && first) {
		put_element(a, self, cells->args[1]);
		insert(a, self, INSERT_KEY, first);
		insert(a, self, second ? INSERT_ITEM : INSERT_ANY, second);
		return element_of(a, self);
	}
	if (!strcmp(name, "pop") || !strcmp(name, "get")) {
		Cell result = make_cell(a);
		unify(a, result, element_of(a, self));
		return unify(a, result, cells->args[1]);
	}
	if (!strcmp(name, "items") || !strcmp(name, "popitem")) {
		Cell made = make_cell(a), pair = make_cell(a);
		put_element(a, pair, element_of(a, self));
		put_element(a, made, pair);
		return *name == 'p' ? pair : made;
	}
	if (!strcmp(name, "sort") && !is_harmless_callback(a, keyword_node(call, "key")))
		escape(a, element_of(a, self));
	Cell made = make_cell(a);
	if (IS_ONE_OF(name, copies)) {
		put_element(a, made, element_of(a, self));
		for (uint32_t i = 0; i < cells->count; i++)
			put_element(a, made, element_of(a, cells->args[i]));
	}
	return made;
}

static Cell call_function(Alias *a, const AstCall *call, const Scope *callee,
						  const CallCells *cells)
{
	const CallBinding *binding = a->c->checked->bindings[call->base.id];
	Cell result = a->of_result[callee->index];
	if (!binding || !is_direct(callee)) {
		escape_all(a, cells);
		for (uint32_t i = 0; i < callee->variable_count; i++)
			if (callee->variables[i]->is_parameter)
				escape(a, a->of_variable[callee->index][i]);
		return result;
	}
	for (uint32_t i = 0; i < binding->count && i < callee->variable_count; i++)
		if (binding->args[i])
			unify(a, a->of_variable[callee->index][i], alias_of(a, binding->args[i]));
	return result;
}

static Cell visit_call(Alias *a, const AstCall *call)
{
	const Node *func = call->func;
	if (func->kind == NODE_ATTRIBUTE) {
		visit(a, ((const AstAttribute *)func)->value);
		CallCells cells = visit_arguments(a, call);
		return call_method(a, (const AstAttribute *)func, &cells);
	}
	if (func->kind != NODE_NAME) {
		escape(a, visit(a, func));
		CallCells cells = visit_arguments(a, call);
		return call_unknown(a, &cells);
	}
	const NameInfo *info = &a->c->checked->names[func->id];
	CallCells cells = visit_arguments(a, call);
	if (info->use == NAME_TASK || info->use == NAME_FLYTE_MAP)
		return make_cell(a); /* what crosses the boundary is a copy */
	if (info->use == NAME_BUILTIN || info->use == NAME_TYPE)
		return call_builtin(a, &cells, info->text);
	if (info->use == NAME_VARIABLE && info->variable->function && info->variable->function_is_sure)
		return call_function(a, call, info->variable->function, &cells);
	return call_unknown(a, &cells);
}

/* `f = xs.append`: whoever calls it puts anything in. */
static Cell visit_attribute(Alias *a, const AstAttribute *node)
{
	Cell self = visit(a, node->value);
	if (self != NOTHING) {
		insert(a, self, INSERT_ANY, NULL);
		escape(a, element_of(a, self));
	} else if (node->value->kind == NODE_NAME &&
			   a->c->checked->names[node->value->id].use == NAME_TYPE) {
		insert(a, ANYTHING, INSERT_ANY, NULL); /* f = list.append */
	}
	return NOTHING;
}

/* ---- all nodes ---- */

static Cell visit_node(Alias *a, const Node *node)
{
	switch (node->kind) {
	case NODE_NAME: {
		const NameInfo *info = &a->c->checked->names[node->id];
		return info->use == NAME_VARIABLE ? alias_of_variable(a, info->variable) : NOTHING;
	}
	case NODE_CONSTANT:
	case NODE_CLASS_DEF:
	case NODE_ARG:
		return NOTHING;
	case NODE_LIST:
	case NODE_TUPLE:
	case NODE_SET:
		return visit_display(a, &((const AstList *)node)->elts);
	case NODE_DICT:
		return visit_dict(a, (const AstDict *)node);
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP: {
		const AstListComp *comp = (const AstListComp *)node;
		return visit_comprehension(a, node, &comp->generators, comp->elt, NULL);
	}
	case NODE_DICT_COMP: {
		const AstDictComp *comp = (const AstDictComp *)node;
		return visit_comprehension(a, node, &comp->generators, comp->key, comp->value);
	}
	case NODE_BIN_OP:
		return visit_pair(a, ((const AstBinOp *)node)->left, ((const AstBinOp *)node)->right);
	case NODE_BOOL_OP: {
		const NodeList *values = &((const AstBoolOp *)node)->values;
		Cell all = make_cell(a);
		for (uint32_t i = 0; i < values->count; i++)
			unify(a, all, visit(a, values->items[i]));
		return all;
	}
	case NODE_IF_EXP: {
		const AstIfExp *choice = (const AstIfExp *)node;
		Cell both = make_cell(a);
		visit(a, choice->test);
		unify(a, both, visit(a, choice->body));
		unify(a, both, visit(a, choice->orelse));
		return both;
	}
	case NODE_SUBSCRIPT:
		return visit_subscript(a, (const AstSubscript *)node);
	case NODE_ATTRIBUTE:
		return visit_attribute(a, (const AstAttribute *)node);
	case NODE_CALL:
		return visit_call(a, (const AstCall *)node);
	case NODE_AWAIT:
		return visit(a, ((const AstAwait *)node)->value);
	case NODE_LAMBDA:
		return visit_lambda(a, (const AstLambda *)node);
	case NODE_NAMED_EXPR: {
		Cell value = visit(a, ((const AstNamedExpr *)node)->value);
		bind(a, ((const AstNamedExpr *)node)->target, value);
		return value;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		visit_function(a, (const AstFunctionDef *)node);
		return NOTHING;
	case NODE_ASSIGN: {
		const AstAssign *assign = (const AstAssign *)node;
		Cell value = visit(a, assign->value);
		for (uint32_t i = 0; i < assign->targets.count; i++)
			bind(a, assign->targets.items[i], value);
		return NOTHING;
	}
	case NODE_ANN_ASSIGN:
		if (((const AstAnnAssign *)node)->value)
			bind(a, ((const AstAnnAssign *)node)->target,
				 visit(a, ((const AstAnnAssign *)node)->value));
		return NOTHING;
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *loop = (const AstFor *)node;
		bind(a, loop->target, element_of(a, visit(a, loop->iter)));
		visit_all(a, &loop->body);
		visit_all(a, &loop->orelse);
		return NOTHING;
	}
	case NODE_RETURN:
		if (((const AstReturn *)node)->value)
			unify(a, a->of_result[a->scope->index], visit(a, ((const AstReturn *)node)->value));
		return NOTHING;
	default:
		node_children(node, visit_child, a);
		return NOTHING;
	}
}

static Cell visit(Alias *a, const Node *node)
{
	Cell cell = visit_node(a, node);
	uint32_t at = node->id - a->first_node;
	if (cell != NOTHING && at < a->node_count)
		a->of_node[at] = cell;
	return cell;
}

/* ---- the whole entry ---- */

typedef struct IdRange {
	uint32_t least, most;
} IdRange;

static void widen_range(void *context, Node *node)
{
	IdRange *range = context;
	range->least = node->id < range->least ? node->id : range->least;
	range->most = node->id > range->most ? node->id : range->most;
	node_children(node, widen_range, range);
}

Alias *alias_find(Checker *c)
{
	Alias *a = ARENA_NEW(c->arena, Alias);
	Checked *checked = c->checked;
	IdRange range = {UINT32_MAX, 0};
	NodeList body = scope_body(checked->root);
	for (uint32_t i = 0; i < body.count; i++)
		widen_range(&range, body.items[i]);
	a->c = c;
	a->first_node = range.least;
	a->node_count = range.most >= range.least ? range.most - range.least + 1 : 0;
	a->of_node = ARENA_ARRAY(c->arena, Cell, a->node_count + 1);
	a->capacity = 64;
	a->cells = ARENA_ARRAY(c->arena, CellRow, a->capacity);
	a->count = 2;
	a->cells[ANYTHING] = (CellRow){ANYTHING, ANYTHING};
	a->of_variable = ARENA_ARRAY(c->arena, Cell *, checked->scope_count + 1);
	a->of_result = ARENA_ARRAY(c->arena, Cell, checked->scope_count + 1);
	for (uint32_t i = 0; i < checked->scope_count; i++) {
		const Scope *scope = checked->scopes[i];
		a->of_variable[i] = ARENA_ARRAY(c->arena, Cell, scope->variable_count + 1);
		for (uint32_t k = 0; k < scope->variable_count; k++)
			a->of_variable[i][k] = make_cell(a);
		a->of_result[i] = make_cell(a);
	}
	a->scope = checked->root;
	visit_all(a, &body);
	return a;
}

uint32_t alias_cell_count(const Alias *a)
{
	return a->count;
}

const Insert *alias_inserts(const Alias *a, uint32_t *count)
{
	*count = a->insert_count;
	return a->inserts;
}
