/*
 * Which functions of a program can reach a task call: those get a frame and a resume point, all others are plain C.
 * The answer errs on the safe side.
 *
 * A function suspends where it calls a task, or a function that suspends. Where tasks or suspending functions are used as
 * values, or a generator suspends, anything that calls an unknown value or iterates over one may suspend as well.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scope.h"

#include <string.h>

/* What one function-like scope does, the comprehensions in it included. */
typedef struct Acts {
	bool calls_task;
	bool calls_unknown; /* a value, a builtin that calls back or consumes an iterable, a method */
	bool iterates;
	Scope **callees; /* sure functions */
	uint32_t callee_count;
} Acts;

typedef struct Survey {
	Arena *arena;
	Checked *checked;
	Scope *scope; /* innermost */
	Acts *acts;   /* by scope index */
	bool task_is_value;
} Survey;

static void survey(Survey *s, const Node *node);

static void visit_child(void *context, Node *child)
{
	survey(context, child);
}

static Acts *acts_here(Survey *s)
{
	return &s->acts[scope_function(s->scope)->index];
}

static void add_callee(Survey *s, Scope *callee)
{
	Acts *acts = acts_here(s);
	if (!(acts->callee_count & (acts->callee_count - 1))) {
		Scope **wider =
			ARENA_ARRAY(s->arena, Scope *, acts->callee_count ? acts->callee_count * 2 : 1);
		if (acts->callee_count)
			memcpy(wider, acts->callees, acts->callee_count * sizeof *wider);
		acts->callees = wider;
	}
	acts->callees[acts->callee_count++] = callee;
}

static void survey_call(Survey *s, const AstCall *call)
{
	const Node *func = call_target(s->checked, call);
	const NameInfo *info = func->kind == NODE_NAME ? &s->checked->names[func->id] : NULL;
	Variable *variable = info && info->use == NAME_VARIABLE ? info->variable : NULL;
	if (info && (info->use == NAME_TASK || info->use == NAME_FLYTE_MAP)) {
		acts_here(s)->calls_task = true;
	} else if (variable && variable->function_is_sure) {
		add_callee(s, variable->function);
		if (call_has_spread(call)) /* bound at run time: called as a value */
			variable->function->value_is_used = true;
	} else {
		acts_here(s)->calls_unknown = true;
		survey(s, call->func);
	}
	for (uint32_t i = 0; i < call->args.count; i++)
		survey(s, call->args.items[i]);
	for (uint32_t i = 0; i < call->keywords.count; i++)
		survey(s, ((const AstKeyword *)call->keywords.items[i])->value);
}

static void survey_name(Survey *s, const Node *node)
{
	const NameInfo *info = &s->checked->names[node->id];
	if (info->use == NAME_TASK || info->use == NAME_FLYTE_MAP)
		s->task_is_value = true;
	else if (info->use == NAME_VARIABLE && info->variable->function &&
			 ((const AstName *)node)->ctx == CONTEXT_LOAD)
		info->variable->function->value_is_used = true;
	else if (info->use == NAME_VARIABLE && info->variable->initial.use == NAME_TASK)
		s->task_is_value = true;
}

/* Every part once: nested ones would be surveyed 2^n times otherwise. The first iterable is the outer scope's. */
static void survey_comprehension(Survey *s, const Node *node, Scope *outer)
{
	Scope *inner = s->scope;
	const AstDictComp *dict = (const AstDictComp *)node;
	const AstListComp *list = (const AstListComp *)node;
	const NodeList *generators =
		node->kind == NODE_DICT_COMP ? &dict->generators : &list->generators;
	survey(s, node->kind == NODE_DICT_COMP ? dict->key : list->elt);
	if (node->kind == NODE_DICT_COMP)
		survey(s, dict->value);
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *clause = (const AstComprehension *)generators->items[i];
		s->scope = i == 0 ? outer : inner;
		survey(s, clause->iter);
		s->scope = inner;
		survey(s, clause->target);
		for (uint32_t k = 0; k < clause->ifs.count; k++)
			survey(s, clause->ifs.items[k]);
	}
}

static void survey_scope(Survey *s, const Node *node)
{
	Scope *outer = s->scope, *scope = s->checked->node_scopes[node->id];
	if (node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF) {
		const AstFunctionDef *def = (const AstFunctionDef *)node;
		Variable *variable = s->checked->def_variables[node->id];
		if (!variable || !variable->function_is_sure)
			scope->value_is_used = true;
		node_children(def->args, visit_child, s); /* defaults; annotations name nothing */
		s->scope = scope;
		for (uint32_t i = 0; i < def->body.count; i++)
			survey(s, def->body.items[i]);
	} else if (node->kind == NODE_LAMBDA) {
		scope->value_is_used = true;
		node_children(((const AstLambda *)node)->args, visit_child, s);
		s->scope = scope;
		survey(s, ((const AstLambda *)node)->body);
	} else {
		acts_here(s)->iterates = true;
		scope->value_is_used = scope->kind == SCOPE_GENERATOR;
		s->scope = scope;
		acts_here(s)->iterates = true;
		survey_comprehension(s, node, outer);
	}
	s->scope = outer;
}

static void survey(Survey *s, const Node *node)
{
	switch (node->kind) {
	case NODE_CALL:
		survey_call(s, (const AstCall *)node);
		return;
	case NODE_NAME:
		survey_name(s, node);
		return;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
	case NODE_LAMBDA:
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
	case NODE_GENERATOR_EXP:
		survey_scope(s, node);
		return;
	case NODE_ANN_ASSIGN: { /* its annotation names nothing */
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		if (assign->value)
			survey(s, assign->value);
		survey(s, assign->target);
		return;
	}
	case NODE_ARG:
	case NODE_CLASS_DEF:
		return;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
	case NODE_STARRED:
	case NODE_TUPLE:
	case NODE_LIST:
	case NODE_COMPARE: /* `in` */
		acts_here(s)->iterates = true;
		break;
	default:
		break;
	}
	node_children(node, visit_child, s);
}

/* Is something in circulation whose call or iteration may suspend without the caller's knowing? */
static bool suspensions_circulate(const Survey *s)
{
	if (s->task_is_value)
		return true;
	for (uint32_t i = 0; i < s->checked->scope_count; i++)
		if (s->checked->scopes[i]->may_suspend && s->checked->scopes[i]->value_is_used)
			return true;
	return false;
}

static bool scope_suspends(const Survey *s, const Scope *scope, bool circulate)
{
	const Acts *acts = &s->acts[scope->index];
	if (acts->calls_task || (circulate && (acts->calls_unknown || acts->iterates)))
		return true;
	for (uint32_t i = 0; i < acts->callee_count; i++)
		if (acts->callees[i]->may_suspend)
			return true;
	return false;
}

void scope_suspensions(Arena *arena, Checked *checked)
{
	Survey s = {.arena = arena, .checked = checked, .scope = checked->root};
	s.acts = ARENA_ARRAY(arena, Acts, checked->scope_count + 1);
	NodeList list = scope_body(checked->root);
	for (uint32_t i = 0; i < list.count; i++)
		survey(&s, list.items[i]);
	for (bool changed = true; changed;) {
		changed = false;
		bool circulate = suspensions_circulate(&s);
		for (uint32_t i = 0; i < checked->scope_count; i++) {
			Scope *scope = checked->scopes[i], *function = scope_function(scope);
			bool suspends =
				scope == function ? scope_suspends(&s, scope, circulate) : function->may_suspend;
			changed |= suspends && !scope->may_suspend;
			scope->may_suspend |= suspends;
		}
	}
}
