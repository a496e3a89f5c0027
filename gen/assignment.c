/*
 * Definite assignment: which variables may be read before they are set.
 *
 * A walk over the statements knows of each variable whether it is surely assigned; a log says which ones became so since
 * a mark. Where ways meet, only those stay that each way has assigned; a way that does not go on (return, raise, break,
 * continue) does not count. A loop's body may run zero times. What an inner function reads of the outer one must be
 * assigned where the function is made, since it may be called at once. So a statement costs what it assigns.
 *
 * Functions that are bound once, by a def at the top level of their scope, get a second chance: `function_is_sure` when
 * nothing that runs before the def can reach a use of the name, though mutual recursion mentions it before.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scope.h"

#include <string.h>

typedef struct Loop {
	struct Loop *outer;
	uint32_t mark;    /* of the log, where it began */
	uint32_t *breaks; /* variables that all breaks have assigned */
	uint32_t count;
	bool has_break;
} Loop;

/* What a way assigned: indexes of variables. */
typedef struct Way {
	uint32_t first, count; /* in Flow.taken */
	bool is_live;
} Way;

typedef struct Indexes {
	uint32_t *items;
	uint32_t count, capacity;
} Indexes;

typedef struct Flow {
	Arena *arena;
	Checked *checked;
	Scope *scope;    /* function or module scope whose variables are tracked */
	bool *now;       /* by variable index: surely assigned */
	uint32_t *times; /* scratch of join */
	bool is_live;
	Indexes log, taken;
	Loop *loop;
} Flow;

static void statement(Flow *flow, const Node *node);
static void expression(Flow *flow, const Node *node);
static void body(Flow *flow, NodeList list);

static void push(Flow *flow, Indexes *indexes, uint32_t index)
{
	if (indexes->count == indexes->capacity) {
		indexes->capacity = indexes->capacity ? indexes->capacity * 2 : 64;
		uint32_t *wider = ARENA_ARRAY(flow->arena, uint32_t, indexes->capacity);
		if (indexes->count)
			memcpy(wider, indexes->items, sizeof *wider * indexes->count);
		indexes->items = wider;
	}
	indexes->items[indexes->count++] = index;
}

static void set(Flow *flow, const Variable *variable)
{
	if (!variable || variable->scope != flow->scope || !flow->is_live || flow->now[variable->index])
		return;
	flow->now[variable->index] = true;
	push(flow, &flow->log, variable->index);
}

static void undo(Flow *flow, uint32_t mark)
{
	while (flow->log.count > mark)
		flow->now[flow->log.items[--flow->log.count]] = false;
}

/* Lifts off what was assigned since the mark. */
static Way take(Flow *flow, uint32_t mark)
{
	Way way = {flow->taken.count, 0, flow->is_live};
	for (uint32_t i = mark; flow->is_live && i < flow->log.count; i++)
		push(flow, &flow->taken, flow->log.items[i]);
	way.count = flow->taken.count - way.first;
	undo(flow, mark);
	return way;
}

/* Goes on where the ways meet: with what all of them that go on have assigned. */
static void join(Flow *flow, const Way *ways, uint32_t count)
{
	uint32_t live = 0;
	for (uint32_t i = 0; i < count; i++)
		live += ways[i].is_live;
	flow->is_live = live > 0;
	for (int step = 0; step < 2; step++)
		for (uint32_t i = 0; i < count; i++)
			for (uint32_t k = 0; k < ways[i].count; k++) {
				uint32_t index = flow->taken.items[ways[i].first + k];
				if (step == 0) {
					flow->times[index]++;
				} else {
					if (flow->times[index] == live)
						set(flow, flow->scope->variables[index]);
					flow->times[index] = 0;
				}
			}
	flow->taken.count = ways[0].first;
}

static bool is_set(const Flow *flow, const Variable *variable)
{
	return !flow->is_live || flow->now[variable->index];
}

static void assign(Flow *flow, const Node *target)
{
	if (!target)
		return;
	if (target->kind == NODE_NAME) {
		set(flow, flow->checked->names[target->id].variable);
	} else if (target->kind == NODE_TUPLE || target->kind == NODE_LIST) {
		const AstTuple *tuple = (const AstTuple *)target;
		for (uint32_t i = 0; i < tuple->elts.count; i++)
			assign(flow, tuple->elts.items[i]);
	} else if (target->kind == NODE_STARRED) {
		assign(flow, ((const AstStarred *)target)->value);
	} else {
		expression(flow, target);
	}
}

/* A use now: of the variable itself, or by an inner function that is made now. */
static void use(Flow *flow, Variable *variable)
{
	if (variable && variable->scope == flow->scope && !variable->is_parameter &&
		!is_set(flow, variable))
		variable->may_be_unbound = true;
}

static void expressions(Flow *flow, NodeList list)
{
	for (uint32_t i = 0; i < list.count; i++)
		if (list.items[i])
			expression(flow, list.items[i]);
}

static void capture(Flow *flow, const Scope *scope)
{
	for (uint32_t i = 0; i < scope->free_count; i++)
		use(flow, scope->free[i]);
}

static void visit_child(void *context, Node *child)
{
	expression(context, child);
}

static void defaults(Flow *flow, const Node *node)
{
	const AstArguments *arguments = (const AstArguments *)node;
	expressions(flow, arguments->defaults);
	expressions(flow, arguments->kw_defaults);
}

static void expression(Flow *flow, const Node *node)
{
	switch (node->kind) {
	case NODE_NAME:
		use(flow, flow->checked->names[node->id].variable);
		break;
	case NODE_LAMBDA:
		defaults(flow, ((const AstLambda *)node)->args);
		capture(flow, flow->checked->node_scopes[node->id]);
		break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP:
	case NODE_DICT_COMP: {
		NodeList generators = node->kind == NODE_DICT_COMP
								  ? ((const AstDictComp *)node)->generators
								  : ((const AstListComp *)node)->generators;
		if (generators.count)
			expression(flow, ((const AstComprehension *)generators.items[0])->iter);
		capture(flow, flow->checked->node_scopes[node->id]);
		break;
	}
	case NODE_NAMED_EXPR:
		expression(flow, ((const AstNamedExpr *)node)->value);
		assign(flow, ((const AstNamedExpr *)node)->target);
		break;
	default:
		node_children(node, visit_child, flow);
	}
}

/* ---- statements ---- */

static void body(Flow *flow, NodeList list)
{
	for (uint32_t i = 0; i < list.count; i++)
		statement(flow, list.items[i]);
}

/* A chain of elifs is one meeting of many ways. */
static void if_statement(Flow *flow, const AstIf *node)
{
	uint32_t mark = flow->log.count, count = 0, capacity = 2;
	Way *ways = ARENA_ARRAY(flow->arena, Way, capacity);
	for (;;) {
		expression(flow, node->test);
		bool was_live = flow->is_live;
		body(flow, node->body);
		if (count + 2 > capacity) {
			Way *wider = ARENA_ARRAY(flow->arena, Way, capacity * 2);
			memcpy(wider, ways, sizeof *ways * count);
			ways = wider;
			capacity *= 2;
		}
		ways[count++] = take(flow, mark);
		flow->is_live = was_live;
		if (node->orelse.count != 1 || node->orelse.items[0]->kind != NODE_IF)
			break;
		node = (const AstIf *)node->orelse.items[0];
	}
	body(flow, node->orelse);
	ways[count++] = take(flow, mark);
	join(flow, ways, count);
}

static bool is_true(const Node *node)
{
	if (node->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)node)->value;
	return value->kind == CONSTANT_TRUE ||
		   (value->kind == CONSTANT_INT && value->fits && value->integer != 0);
}

/* A break: what is assigned since the loop began counts for the state after it. */
static void break_statement(Flow *flow)
{
	Loop *loop = flow->loop;
	if (!loop || !flow->is_live)
		return;
	if (!loop->has_break) {
		loop->has_break = true;
		loop->count = flow->log.count - loop->mark;
		loop->breaks = ARENA_ARRAY(flow->arena, uint32_t, loop->count + 1);
		if (loop->count)
			memcpy(loop->breaks, flow->log.items + loop->mark, sizeof(uint32_t) * loop->count);
		return;
	}
	uint32_t kept = 0;
	for (uint32_t i = 0; i < loop->count; i++)
		if (flow->now[loop->breaks[i]])
			loop->breaks[kept++] = loop->breaks[i];
	loop->count = kept;
}

/* test: NULL for a for loop. */
static void loop(Flow *flow, const Node *test, const Node *target, NodeList inner, NodeList orelse)
{
	Loop here = {.outer = flow->loop};
	if (test)
		expression(flow, test);
	uint32_t mark = flow->log.count;
	bool was_live = flow->is_live;
	here.mark = mark;
	flow->loop = &here;
	assign(flow, target);
	body(flow, inner);
	flow->loop = here.outer;
	undo(flow, mark);
	flow->is_live = was_live && !(test && is_true(test)); /* left by the test */
	body(flow, orelse);
	if (!here.has_break)
		return;
	Way ways[2] = {take(flow, mark), {flow->taken.count, here.count, true}};
	for (uint32_t i = 0; i < here.count; i++)
		push(flow, &flow->taken, here.breaks[i]);
	ways[1].first = ways[0].first + ways[0].count;
	join(flow, ways, 2);
}

static void define(Flow *flow, const AstFunctionDef *def)
{
	expressions(flow, def->decorator_list);
	defaults(flow, def->args);
	capture(flow, flow->checked->node_scopes[def->base.id]);
	set(flow, flow->checked->def_variables[def->base.id]);
}

static void try_statement(Flow *flow, const AstTry *node)
{
	uint32_t mark = flow->log.count, count = 0;
	Way *ways = ARENA_ARRAY(flow->arena, Way, node->handlers.count + 1);
	bool was_live = flow->is_live;
	body(flow, node->body);
	body(flow, node->orelse);
	ways[count++] = take(flow, mark);
	for (uint32_t i = 0; i < node->handlers.count; i++) {
		flow->is_live = was_live;
		body(flow, ((const AstExceptHandler *)node->handlers.items[i])->body);
		ways[count++] = take(flow, mark);
	}
	join(flow, ways, count);
	body(flow, node->finalbody);
}

static void assignments(Flow *flow, const Node *node)
{
	if (node->kind == NODE_ASSIGN) {
		const AstAssign *assignment = (const AstAssign *)node;
		expression(flow, assignment->value);
		for (uint32_t i = 0; i < assignment->targets.count; i++)
			assign(flow, assignment->targets.items[i]);
	} else if (node->kind == NODE_ANN_ASSIGN) {
		const AstAnnAssign *assignment = (const AstAnnAssign *)node;
		if (assignment->value) {
			expression(flow, assignment->value);
			assign(flow, assignment->target);
		}
	} else {
		const AstAugAssign *assignment = (const AstAugAssign *)node;
		expression(flow, assignment->target);
		expression(flow, assignment->value);
		assign(flow, assignment->target);
	}
}

static void statement(Flow *flow, const Node *node)
{
	switch (node->kind) {
	case NODE_ASSIGN:
	case NODE_ANN_ASSIGN:
	case NODE_AUG_ASSIGN:
		assignments(flow, node);
		break;
	case NODE_IF:
		if_statement(flow, (const AstIf *)node);
		break;
	case NODE_WHILE: {
		const AstWhile *wh = (const AstWhile *)node;
		loop(flow, wh->test, NULL, wh->body, wh->orelse);
		break;
	}
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *fo = (const AstFor *)node;
		expression(flow, fo->iter);
		loop(flow, NULL, fo->target, fo->body, fo->orelse);
		break;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		define(flow, (const AstFunctionDef *)node);
		break;
	case NODE_TRY:
	case NODE_TRY_STAR:
		try_statement(flow, (const AstTry *)node);
		break;
	case NODE_WITH:
	case NODE_ASYNC_WITH:
		body(flow, ((const AstWith *)node)->body);
		break;
	case NODE_BREAK:
		break_statement(flow);
		flow->is_live = false;
		break;
	case NODE_CONTINUE:
		flow->is_live = false;
		break;
	case NODE_RETURN:
	case NODE_RAISE:
		node_children(node, visit_child, flow);
		flow->is_live = false;
		break;
	case NODE_CLASS_DEF:
	case NODE_MATCH:
	case NODE_IMPORT:
	case NODE_IMPORT_FROM:
		break; /* refused elsewhere */
	default:
		node_children(node, visit_child, flow);
	}
}

/* ---- comprehensions and generators: their own variables are set by their targets, in order ---- */

static void comprehension(Flow *flow, const Scope *scope)
{
	const Node *node = scope->node;
	bool is_dict = node->kind == NODE_DICT_COMP;
	NodeList generators =
		is_dict ? ((const AstDictComp *)node)->generators : ((const AstListComp *)node)->generators;
	for (uint32_t i = 0; i < generators.count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators.items[i];
		if (i > 0)
			expression(flow, part->iter);
		assign(flow, part->target);
		expressions(flow, part->ifs);
	}
	if (is_dict) {
		expression(flow, ((const AstDictComp *)node)->key);
		expression(flow, ((const AstDictComp *)node)->value);
	} else {
		expression(flow, ((const AstListComp *)node)->elt);
	}
}

static void flow_scope(Arena *arena, Checked *checked, Scope *scope)
{
	Flow flow = {.arena = arena, .checked = checked, .scope = scope, .is_live = true};
	flow.now = ARENA_ARRAY(arena, bool, scope->variable_count + 1);
	flow.times = ARENA_ARRAY(arena, uint32_t, scope->variable_count + 1);
	if (scope->kind == SCOPE_COMPREHENSION || scope->kind == SCOPE_GENERATOR)
		comprehension(&flow, scope);
	else if (scope->kind == SCOPE_LAMBDA)
		expression(&flow, ((const AstLambda *)scope->node)->body);
	else
		body(&flow, scope_body(scope));
}

/* ---- functions that are surely defined before every use ---- */

typedef struct Mentions {
	const Checked *checked;
	const Scope *scope;
	bool *seen; /* by variable index of `scope`: reached */
	Variable **queue;
	uint32_t count;
} Mentions;

static void note_mention(Mentions *m, const Variable *variable)
{
	if (variable && variable->scope == m->scope && !m->seen[variable->index]) {
		m->seen[variable->index] = true;
		m->queue[m->count++] = (Variable *)variable;
	}
}

/* Everything that a piece of code names, inner functions included (a def's own name is not a mention). */
static void mention(void *context, Node *node)
{
	Mentions *m = context;
	if (node->kind == NODE_NAME)
		note_mention(m, m->checked->names[node->id].variable);
	node_children(node, mention, m);
}

/* What runs when the statement runs: of a def only its defaults. */
static void mention_statement(Mentions *m, Node *node)
{
	if (node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF) {
		const AstArguments *arguments = (const AstArguments *)((AstFunctionDef *)node)->args;
		for (uint32_t i = 0; i < arguments->defaults.count; i++)
			mention(m, arguments->defaults.items[i]);
		for (uint32_t i = 0; i < arguments->kw_defaults.count; i++)
			if (arguments->kw_defaults.items[i])
				mention(m, arguments->kw_defaults.items[i]);
	} else {
		mention(m, node);
	}
}

static void settle_functions(Arena *arena, Checked *checked, Scope *scope)
{
	NodeList list = scope_body(scope);
	Mentions m = {checked, scope, NULL, NULL, 0};
	if (scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_MODULE)
		return;
	m.seen = ARENA_ARRAY(arena, bool, scope->variable_count + 1);
	m.queue = ARENA_ARRAY(arena, Variable *, scope->variable_count + 1);
	for (uint32_t i = 0; i < list.count; i++) {
		Node *node = list.items[i];
		bool is_def = node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF;
		Variable *variable = is_def ? checked->def_variables[node->id] : NULL;
		if (variable && variable->scope == scope && variable->assignments == 1 &&
			!variable->is_parameter)
			variable->function = checked->node_scopes[node->id];
	}
	uint32_t done = 0;
	for (uint32_t i = 0; i < list.count; i++) {
		Node *node = list.items[i];
		mention_statement(&m, node);
		for (; done < m.count;
			 done++) /* and what the functions that were mentioned name in their turn */
			if (m.queue[done]->function)
				for (uint32_t k = 0; k < m.queue[done]->function->free_count; k++)
					note_mention(&m, m.queue[done]->function->free[k]);
		bool is_def = node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF;
		Variable *variable = is_def ? checked->def_variables[node->id] : NULL;
		if (variable && variable->function && !m.seen[variable->index]) {
			variable->function_is_sure = true;
			variable->may_be_unbound = false;
		}
	}
}

void scope_assignments(Arena *arena, Checked *checked)
{
	for (uint32_t i = 0; i < checked->scope_count; i++)
		flow_scope(arena, checked, checked->scopes[i]);
	for (uint32_t i = 0; i < checked->scope_count; i++)
		settle_functions(arena, checked, checked->scopes[i]);
	for (uint32_t i = 0; i < checked->root->variable_count; i++) {
		Variable *variable = checked->root->variables[i];
		if (variable->initial.use != NAME_NONE)
			variable->may_be_unbound = false;
	}
}
