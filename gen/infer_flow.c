/*
 * The state of inference at a place: what each variable is here. It is kept in one row for each variable, with a log of
 * older states, so that a branch costs what it changes. Where ways part, a mark is set; flow_take lifts off what was
 * changed since; flow_join puts the joins of what was lifted.
 *
 * A loop remembers the joins over all ways to its head, for the variables that it assigns, from round to round. Where
 * these times its jumps would be too many, all of them have the join of all their assignments, everywhere.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

enum { MOST_LOOP_WORK = 400000 };

void flow_start(Infer *f)
{
	const Checked *checked = f->c->checked;
	f->rows = ARENA_ARRAY(f->c->arena, FlowRow *, checked->scope_count + 1);
	for (uint32_t i = 0; i < checked->scope_count; i++) {
		const Scope *scope = checked->scopes[i];
		f->rows[i] = ARENA_ARRAY(f->c->arena, FlowRow, scope->variable_count + 1);
		for (uint32_t k = 0; k < scope->variable_count; k++)
			f->rows[i][k].now = (VariableState){f->never, 0, true};
	}
	f->walked = ARENA_ARRAY(f->c->arena, unsigned, checked->scope_count + 1);
	f->is_called = ARENA_ARRAY(f->c->arena, bool, checked->scope_count + 1);
	f->loops = ARENA_ARRAY(f->c->arena, LoopMemory *, f->node_count + 1);
	f->web_count = 1;
}

static FlowRow *row_of(Infer *f, const Variable *variable)
{
	return &f->rows[variable->scope->index][variable->index];
}

VariableState *flow_state(Infer *f, const Variable *variable)
{
	return &row_of(f, variable)->now;
}

/* ---- webs ---- */

uint32_t flow_new_web(Infer *f)
{
	if (!f->is_last)
		return 0;
	if (f->web_count >= f->web_capacity) {
		f->web_capacity = f->web_capacity ? f->web_capacity * 2 : 64;
		uint32_t *webs = ARENA_ARRAY(f->c->arena, uint32_t, f->web_capacity);
		bool *unbound = ARENA_ARRAY(f->c->arena, bool, f->web_capacity);
		if (f->webs) {
			memcpy(webs, f->webs, sizeof *webs * f->web_count);
			memcpy(unbound, f->web_is_unbound, sizeof *unbound * f->web_count);
		}
		f->webs = webs;
		f->web_is_unbound = unbound;
	}
	f->webs[f->web_count] = f->web_count;
	return f->web_count++;
}

void flow_note_unbound(Infer *f, uint32_t web)
{
	if (web)
		f->web_is_unbound[web] = true;
}

bool flow_is_whole(Infer *f, const Variable *variable)
{
	return row_of(f, variable)->is_whole;
}

uint32_t flow_web(Infer *f, uint32_t web)
{
	if (!web)
		return 0;
	while (f->webs[web] != web) {
		f->webs[web] = f->webs[f->webs[web]];
		web = f->webs[web];
	}
	return web;
}

static uint32_t join_webs(Infer *f, uint32_t a, uint32_t b)
{
	a = flow_web(f, a);
	b = flow_web(f, b);
	if (!a || !b || a == b)
		return a ? a : b;
	if (a > b) {
		uint32_t swap = a;
		a = b;
		b = swap;
	}
	return f->webs[b] = a;
}

/* ---- changes ---- */

static Change *push(Infer *f, Change **items, uint32_t *count, uint32_t *capacity)
{
	if (*count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 64;
		Change *wider = ARENA_ARRAY_RAW(f->c->arena, Change, *capacity);
		if (*count)
			memcpy(wider, *items, sizeof *wider * *count);
		*items = wider;
	}
	return &(*items)[(*count)++];
}

void flow_set(Infer *f, Variable *variable, VariableState state)
{
	FlowRow *row = row_of(f, variable);
	*push(f, &f->log, &f->log_count, &f->log_capacity) = (Change){variable, row->now};
	row->now = state;
}

uint32_t flow_mark(const Infer *f)
{
	return f->log_count;
}

void flow_undo(Infer *f, uint32_t mark)
{
	while (f->log_count > mark) {
		const Change *change = &f->log[--f->log_count];
		row_of(f, change->variable)->now = change->state;
	}
}

Way flow_take(Infer *f, uint32_t mark)
{
	return flow_take_until(f, mark, mark);
}

Way flow_take_until(Infer *f, uint32_t mark, uint32_t until)
{
	Way way = {f->taken_count, 0, f->is_live};
	uint32_t stamp = ++f->stamp;
	for (uint32_t i = mark; f->is_live && i < f->log_count; i++) {
		FlowRow *row = row_of(f, f->log[i].variable);
		if (row->stamp == stamp)
			continue;
		row->stamp = stamp;
		*push(f, &f->taken, &f->taken_count, &f->taken_capacity) =
			(Change){f->log[i].variable, row->now};
	}
	way.count = f->taken_count - way.first;
	flow_undo(f, until);
	return way;
}

/* The same members, in whatever order. */
static bool is_same(const Type *a, const Type *b)
{
	if (a == b || a->kind != TYPE_UNION || b->kind != TYPE_UNION || a->count != b->count)
		return a == b;
	for (uint32_t i = 0; i < a->count; i++) {
		uint32_t k = 0;
		while (k < b->count && b->args[k] != a->args[i])
			k++;
		if (k == b->count)
			return false;
	}
	return true;
}

static void join_state(Infer *f, VariableState *to, const VariableState *from)
{
	to->type = type_merge(f->types, to->type, from->type);
	to->web = join_webs(f, to->web, from->web);
	to->may_be_unbound |= from->may_be_unbound;
}

void flow_join(Infer *f, const Way *ways, uint32_t count)
{
	uint32_t live = 0, stamp = ++f->stamp, first = f->taken_count;
	for (uint32_t i = 0; i < count; i++)
		live += ways[i].is_live;
	f->is_live = live > 0;
	/* behind what was taken: one change for each variable, and how many ways have it */
	uint32_t *times = NULL, most = 0;
	for (uint32_t i = 0; i < count; i++)
		most += ways[i].is_live ? ways[i].count : 0;
	if (most)
		times = ARENA_ARRAY(f->c->arena, uint32_t, most);
	for (uint32_t i = 0; i < count; i++)
		for (uint32_t k = 0; ways[i].is_live && k < ways[i].count; k++) {
			Change change = f->taken[ways[i].first + k];
			FlowRow *row = row_of(f, change.variable);
			if (row->stamp == stamp) {
				join_state(f, &f->taken[first + row->slot].state, &change.state);
			} else {
				row->stamp = stamp;
				row->slot = f->taken_count - first;
				*push(f, &f->taken, &f->taken_count, &f->taken_capacity) = change;
			}
			times[row->slot]++;
		}
	for (uint32_t i = first; i < f->taken_count; i++) {
		Change change = f->taken[i];
		VariableState before = *flow_state(f, change.variable);
		if (times[i - first] < live)
			join_state(f, &change.state, &before);
		if (is_same(change.state.type, before.type))
			change.state.type = before.type;
		if (change.state.type != before.type || change.state.web != before.web ||
			change.state.may_be_unbound != before.may_be_unbound)
			flow_set(f, change.variable, change.state);
	}
	f->taken_count = count ? ways[0].first : first;
}

/* ---- what code that runs later sees ---- */

bool flow_is_here(Infer *f, const Variable *variable)
{
	if (row_of(f, variable)->is_whole)
		return false;
	for (const Scope *scope = f->scope; scope != variable->scope; scope = scope->parent) {
		if (!scope || scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA)
			return false;
		if (scope->kind == SCOPE_GENERATOR && !scope->is_used_at_once)
			return variable->is_parameter && variable->assignments == 1;
	}
	return true;
}

/* ---- loops ---- */

typedef struct Survey {
	Infer *f;
	Variable **assigned;
	uint32_t count, capacity, stamp, jumps;
} Survey;

static void survey_target(Survey *s, const Node *target)
{
	if (!target)
		return;
	if (target->kind == NODE_TUPLE || target->kind == NODE_LIST) {
		const NodeList *elts = &((const AstTuple *)target)->elts;
		for (uint32_t i = 0; i < elts->count; i++)
			survey_target(s, elts->items[i]);
	} else if (target->kind == NODE_STARRED) {
		survey_target(s, ((const AstStarred *)target)->value);
	}
	Variable *variable =
		target->kind == NODE_NAME ? s->f->c->checked->names[target->id].variable : NULL;
	if (target->kind == NODE_FUNCTION_DEF || target->kind == NODE_ASYNC_FUNCTION_DEF)
		variable = s->f->c->checked->def_variables[target->id];
	if (!variable || row_of(s->f, variable)->stamp == s->stamp)
		return;
	row_of(s->f, variable)->stamp = s->stamp;
	if (s->count == s->capacity) {
		s->capacity = s->capacity ? s->capacity * 2 : 8;
		Variable **wider = ARENA_ARRAY(s->f->c->arena, Variable *, s->capacity);
		if (s->count)
			memcpy(wider, s->assigned, sizeof *wider * s->count);
		s->assigned = wider;
	}
	s->assigned[s->count++] = variable;
}

static void survey(void *context, Node *node)
{
	Survey *s = context;
	switch (node->kind) {
	case NODE_ASSIGN:
		for (uint32_t i = 0; i < ((AstAssign *)node)->targets.count; i++)
			survey_target(s, ((AstAssign *)node)->targets.items[i]);
		break;
	case NODE_ANN_ASSIGN:
		if (((AstAnnAssign *)node)->value)
			survey_target(s, ((AstAnnAssign *)node)->target);
		break;
	case NODE_AUG_ASSIGN:
		survey_target(s, ((AstAugAssign *)node)->target);
		break;
	case NODE_NAMED_EXPR:
		survey_target(s, ((AstNamedExpr *)node)->target);
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		survey_target(s, ((AstFor *)node)->target);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		s->jumps++;
		return;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		survey_target(s, node);
		return;
	case NODE_LAMBDA:
	case NODE_CLASS_DEF:
	case NODE_NAME:
	case NODE_CONSTANT:
		return;
	default:
		break;
	}
	node_children(node, survey, s);
}

static LoopMemory *make_loop(Infer *f, const Node *node)
{
	Survey s = {.f = f, .stamp = ++f->stamp};
	survey(&s, (Node *)(uintptr_t)node);
	LoopMemory *loop = ARENA_NEW(f->c->arena, LoopMemory);
	loop->assigned = s.assigned;
	loop->count = s.count;
	f->loop_work += (uint64_t)s.count * (s.jumps + 1);
	if (f->loop_work > MOST_LOOP_WORK) {
		for (uint32_t i = 0; i < s.count; i++)
			row_of(f, s.assigned[i])->is_whole = true;
		loop->count = 0;
		f->changed = true;
	}
	loop->head = ARENA_ARRAY(f->c->arena, VariableState, s.count + 1);
	loop->exit = ARENA_ARRAY(f->c->arena, VariableState, s.count + 1);
	for (uint32_t i = 0; i < s.count; i++)
		loop->head[i] = (VariableState){f->never, 0, false};
	return loop;
}

static void grow_head(Infer *f, VariableState *head, const VariableState *state)
{
	infer_grow(f, &head->type, state->type);
	f->changed |= state->may_be_unbound && !head->may_be_unbound;
	head->may_be_unbound |= state->may_be_unbound;
	head->web = join_webs(f, head->web, state->web);
}

LoopMemory *flow_enter_loop(Infer *f, const Node *node)
{
	uint32_t at = node->id - f->first_node;
	if (!f->loops[at])
		f->loops[at] = make_loop(f, node);
	LoopMemory *loop = f->loops[at];
	loop->exit_is_live = false;
	for (uint32_t i = 0; i < loop->count; i++) {
		const Variable *variable = loop->assigned[i];
		VariableState state = *flow_state(f, variable);
		loop->head[i].web = state.web;
		grow_head(f, &loop->head[i], &state);
		flow_set(f, loop->assigned[i], loop->head[i]);
	}
	loop->outer = f->loop;
	f->loop = loop;
	return loop;
}

void flow_back(Infer *f, LoopMemory *loop)
{
	if (!f->is_live)
		return;
	for (uint32_t i = 0; i < loop->count; i++)
		grow_head(f, &loop->head[i], flow_state(f, loop->assigned[i]));
}

void flow_break(Infer *f, LoopMemory *loop)
{
	if (!f->is_live)
		return;
	for (uint32_t i = 0; i < loop->count; i++) {
		const VariableState *state = flow_state(f, loop->assigned[i]);
		if (loop->exit_is_live)
			join_state(f, &loop->exit[i], state);
		else
			loop->exit[i] = *state;
	}
	loop->exit_is_live = true;
}

void flow_leave_loop(Infer *f, LoopMemory *loop)
{
	f->loop = loop->outer;
	if (!loop->exit_is_live)
		return;
	for (uint32_t i = 0; i < loop->count; i++) {
		VariableState state = *flow_state(f, loop->assigned[i]);
		if (f->is_live)
			join_state(f, &loop->exit[i], &state);
		flow_set(f, loop->assigned[i], loop->exit[i]);
	}
	f->is_live = true;
}
