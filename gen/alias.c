/*
 * Aliases by unification (after Steensgaard): every variable and every expression that may hold a
 * container has a cell; an assignment makes two cells one; each cell has one cell for the elements
 * of its containers. A flow that the pass does not know goes through one cell, ANYTHING, whose
 * elements are itself: arguments of unknown functions, what they return, parameters of functions
 * that are used as values.
 *
 * The pass needs no types: it looks at names and forms only, runs once, and errs on the side of too
 * many aliases. Keys of dicts and members of sets are hashable, so they hold no container that
 * could change.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "alias_cells.h"

#include <string.h>

/* ---- cells ---- */

Cell alias_make(Alias *a)
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

Cell alias_element(Alias *a, Cell cell)
{
	if (cell == NOTHING)
		return NOTHING;
	cell = alias_root(a, cell);
	if (a->cells[cell].element == NOTHING) {
		Cell element = alias_make(a);
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
Cell alias_unify(Alias *a, Cell x, Cell y)
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

void alias_put(Alias *a, Cell container, Cell element)
{
	if (element != NOTHING)
		alias_unify(a, alias_element(a, container), element);
}

void alias_escape(Alias *a, Cell cell)
{
	alias_unify(a, cell, ANYTHING);
}

void alias_insert(Alias *a, Cell cell, InsertKind kind, const Node *node)
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
			alias_visit(a, list->items[i]);
}

static void visit_child(void *context, Node *child)
{
	alias_visit(context, child);
}

static void bind(Alias *a, const Node *target, Cell value)
{
	switch (target->kind) {
	case NODE_NAME: {
		const Variable *variable = a->c->checked->names[target->id].variable;
		if (variable)
			alias_unify(a, alias_of_variable(a, variable), value);
		break;
	}
	case NODE_TUPLE:
	case NODE_LIST: {
		const NodeList *elts = &((const AstTuple *)target)->elts;
		for (uint32_t i = 0; i < elts->count; i++) {
			if (elts->items[i]->kind == NODE_STARRED) {
				Cell rest = alias_make(a);
				alias_put(a, rest, alias_element(a, value));
				bind(a, ((const AstStarred *)elts->items[i])->value, rest);
			} else {
				bind(a, elts->items[i], alias_element(a, value));
			}
		}
		break;
	}
	default: /* refused elsewhere */
		alias_visit(a, target);
		alias_escape(a, value);
		break;
	}
}

static Cell visit_display(Alias *a, const NodeList *elts)
{
	Cell made = alias_make(a);
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *item = elts->items[i];
		if (item->kind == NODE_STARRED)
			alias_put(a, made, alias_element(a, alias_visit(a, ((const AstStarred *)item)->value)));
		else
			alias_put(a, made, alias_visit(a, item));
	}
	return made;
}

static Cell visit_dict(Alias *a, const AstDict *dict)
{
	Cell made = alias_make(a);
	for (uint32_t i = 0; i < dict->values.count; i++) {
		Cell value = alias_visit(a, dict->values.items[i]);
		if (dict->keys.items[i])
			alias_visit(a, dict->keys.items[i]);
		alias_put(a, made, dict->keys.items[i] ? value : alias_element(a, value));
	}
	return made;
}

static Cell visit_comprehension(Alias *a, const Node *node, const NodeList *generators,
								const Node *key, const Node *value)
{
	const Scope *outer = a->scope;
	Cell made = alias_make(a);
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators->items[i];
		bind(a, part->target, alias_element(a, alias_visit(a, part->iter)));
		if (i == 0)
			a->scope = a->c->checked->node_scopes[node->id];
		visit_all(a, &part->ifs);
	}
	Cell element = alias_visit(a, key);
	alias_put(a, made, value ? alias_visit(a, value) : element);
	a->scope = outer;
	return made;
}

static Cell visit_pair(Alias *a, const Node *left, const Node *right)
{
	Cell x = alias_visit(a, left), y = alias_visit(a, right), made = alias_make(a);
	alias_put(a, made, alias_element(a, x));
	alias_put(a, made, alias_element(a, y));
	return made;
}

static Cell visit_subscript(Alias *a, const AstSubscript *node)
{
	Cell value = alias_visit(a, node->value);
	alias_visit(a, node->slice);
	if (node->slice->kind != NODE_SLICE)
		return alias_element(a, value);
	Cell made = alias_make(a);
	alias_put(a, made, alias_element(a, value));
	return made;
}

/* ---- functions ---- */

bool alias_is_direct(const Scope *scope)
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
			Cell value = alias_visit(a, lists[k]->items[i]);
			uint32_t at = k ? positional + (arguments->vararg ? 1 : 0) + i
							: positional - arguments->defaults.count + i;
			if (scope && at < scope->variable_count)
				alias_unify(a, a->of_variable[scope->index][at], value);
		}
}

static void visit_function(Alias *a, const AstFunctionDef *def)
{
	Scope *scope = a->c->checked->node_scopes[def->base.id];
	const Scope *outer = a->scope;
	visit_all(a, &def->decorator_list);
	visit_defaults(a, (const AstArguments *)def->args, scope);
	if (!alias_is_direct(scope)) {
		for (uint32_t i = 0; i < scope->variable_count; i++)
			if (scope->variables[i]->is_parameter)
				alias_escape(a, a->of_variable[scope->index][i]);
		alias_escape(a, a->of_result[scope->index]);
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
			alias_escape(a, a->of_variable[scope->index][i]);
	a->scope = scope;
	alias_escape(a, alias_visit(a, lambda->body));
	a->scope = outer;
	return NOTHING;
}

/* `f = xs.append`: whoever calls it puts anything in. */
static Cell visit_attribute(Alias *a, const AstAttribute *node)
{
	Cell self = alias_visit(a, node->value);
	if (self != NOTHING) {
		alias_insert(a, self, INSERT_ANY, NULL);
		alias_escape(a, alias_element(a, self));
	} else if (node->value->kind == NODE_NAME &&
			   a->c->checked->names[node->value->id].use == NAME_TYPE) {
		alias_insert(a, ANYTHING, INSERT_ANY, NULL); /* f = list.append */
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
		Cell all = alias_make(a);
		for (uint32_t i = 0; i < values->count; i++)
			alias_unify(a, all, alias_visit(a, values->items[i]));
		return all;
	}
	case NODE_IF_EXP: {
		const AstIfExp *choice = (const AstIfExp *)node;
		Cell both = alias_make(a);
		alias_visit(a, choice->test);
		alias_unify(a, both, alias_visit(a, choice->body));
		alias_unify(a, both, alias_visit(a, choice->orelse));
		return both;
	}
	case NODE_SUBSCRIPT:
		return visit_subscript(a, (const AstSubscript *)node);
	case NODE_ATTRIBUTE:
		return visit_attribute(a, (const AstAttribute *)node);
	case NODE_CALL:
		return alias_call(a, (const AstCall *)node);
	case NODE_AWAIT:
		return alias_visit(a, ((const AstAwait *)node)->value);
	case NODE_LAMBDA:
		return visit_lambda(a, (const AstLambda *)node);
	case NODE_NAMED_EXPR: {
		Cell value = alias_visit(a, ((const AstNamedExpr *)node)->value);
		bind(a, ((const AstNamedExpr *)node)->target, value);
		return value;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		visit_function(a, (const AstFunctionDef *)node);
		return NOTHING;
	case NODE_ASSIGN: {
		const AstAssign *assign = (const AstAssign *)node;
		Cell value = alias_visit(a, assign->value);
		for (uint32_t i = 0; i < assign->targets.count; i++)
			bind(a, assign->targets.items[i], value);
		return NOTHING;
	}
	case NODE_ANN_ASSIGN:
		if (((const AstAnnAssign *)node)->value)
			bind(a, ((const AstAnnAssign *)node)->target,
				 alias_visit(a, ((const AstAnnAssign *)node)->value));
		return NOTHING;
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *loop = (const AstFor *)node;
		bind(a, loop->target, alias_element(a, alias_visit(a, loop->iter)));
		visit_all(a, &loop->body);
		visit_all(a, &loop->orelse);
		return NOTHING;
	}
	case NODE_RETURN:
		if (((const AstReturn *)node)->value)
			alias_unify(a, a->of_result[a->scope->index],
						alias_visit(a, ((const AstReturn *)node)->value));
		return NOTHING;
	default:
		node_children(node, visit_child, a);
		return NOTHING;
	}
}

Cell alias_visit(Alias *a, const Node *node)
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
			a->of_variable[i][k] = alias_make(a);
		a->of_result[i] = alias_make(a);
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

void alias_nodes(const Alias *a, uint32_t *first, uint32_t *count)
{
	*first = a->first_node;
	*count = a->node_count;
}
