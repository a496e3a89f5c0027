/*
 * Comprehensions and generator expressions.
 *
 * A comprehension is compiled in place: its loops stand in the enclosing function, its variables are registers of
 * their own. Tracebacks still show it as a frame: its sites name the site around it. Its first iterable is evaluated
 * outside. A generator expression that a builtin or loop consumes at once runs in place too, with the consumer as the
 * body of its loops; any other becomes a generator function, which gets the first iterator as its argument.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

typedef struct Clauses {
	const Node *node; /* the whole comprehension */
	const NodeList *generators;
	uint32_t level;
	void (*innermost)(Lower *l, void *context);
	void *context;
} Clauses;

/* ---- being inside ---- */

typedef struct Inside {
	Scope *scope;
	uint32_t outer_site;
	const char *inlined;
} Inside;

static Inside inside_of(const Lower *l)
{
	return (Inside){l->scope, l->outer_site, l->inlined};
}

static void go(Lower *l, Inside inside)
{
	l->scope = inside.scope;
	l->outer_site = inside.outer_site;
	l->inlined = inside.inlined;
}

/* ---- loops ---- */

static void clause_body(Lower *l, void *context, const Item *item)
{
	Clauses *clauses = context;
	const AstComprehension *clause =
		(const AstComprehension *)clauses->generators->items[clauses->level];
	Block *skip = lower_block(l, "skip");
	lower_assign_item(l, clause->target, item);
	for (uint32_t i = 0; i < clause->ifs.count; i++) {
		Block *yes = lower_block(l, "if");
		lower_condition(l, clause->ifs.items[i], yes, skip);
		lower_start(l, yes);
	}
	if (clauses->level + 1 < clauses->generators->count) {
		Clauses inner = *clauses;
		inner.level++;
		const AstComprehension *next =
			(const AstComprehension *)clauses->generators->items[inner.level];
		lower_loop(l, lower_begin(l, next->iter, clauses->node), clause_body, &inner);
	} else {
		clauses->innermost(l, clauses->context);
	}
	lower_jump(l, skip);
	lower_start(l, skip);
}

static void run_clauses(Lower *l, Iteration *first, const Node *node, const NodeList *generators,
						void (*innermost)(Lower *, void *), void *context)
{
	Clauses clauses = {node, generators, 0, innermost, context};
	lower_loop(l, first, clause_body, &clauses);
}

static const Node *first_iterable(const NodeList *generators)
{
	return ((const AstComprehension *)generators->items[0])->iter;
}

/* ---- list, set and dict comprehensions ---- */

typedef struct Building {
	const Node *node;
	Register result;
} Building;

static void push_element(Lower *l, void *context)
{
	const Building *building = context;
	Operand into = operand_register(building->result);
	if (building->node->kind == NODE_DICT_COMP) {
		const AstDictComp *dict = (const AstDictComp *)building->node;
		Operand key = lower_value(l, dict->key), value = lower_value(l, dict->value);
		lower_effect(l, OP_DICT_PUSH, building->node, OPERANDS(into, key, value));
		return;
	}
	const AstListComp *list = (const AstListComp *)building->node;
	Operand value = lower_value(l, list->elt);
	OpCode code = building->node->kind == NODE_SET_COMP ? OP_SET_PUSH : OP_LIST_PUSH;
	lower_effect(l, code, building->node, OPERANDS(into, value));
}

Value lower_comprehension(Lower *l, const Node *node)
{
	const NodeList *generators = node->kind == NODE_DICT_COMP
									 ? &((const AstDictComp *)node)->generators
									 : &((const AstListComp *)node)->generators;
	Inside outside = inside_of(l);
	Scope *scope = l->checked->node_scopes[node->id];
	Iteration *first = lower_begin(l, first_iterable(generators), node);
	uint32_t site = lower_site(l, node);
	go(l, (Inside){scope, site, scope->name});
	lower_settle_comprehension(l, scope);
	OpCode code = node->kind == NODE_DICT_COMP  ? OP_DICT
				  : node->kind == NODE_SET_COMP ? OP_SET
												: OP_LIST;
	Building building = {node, lower_op(l, code, node, NO_OPERANDS)};
	run_clauses(l, first, node, generators, push_element, &building);
	go(l, outside);
	return value_register(l, building.result);
}

/* ---- generator expressions in place ---- */

typedef struct Consuming {
	const AstGeneratorExp *node;
	Inside outside;
	LoopBody body;
	void *context;
} Consuming;

static void consume_element(Lower *l, void *context)
{
	const Consuming *consuming = context;
	Item item = {.value = lower_expr(l, consuming->node->elt)};
	Inside inside = inside_of(l);
	go(l, consuming->outside);
	consuming->body(l, consuming->context, &item);
	go(l, inside);
	if (!l->block)
		lower_start(l, lower_block(l, "nowhere"));
}

void lower_generator_loop(Lower *l, Iteration *iteration, LoopBody body, void *context)
{
	const AstGeneratorExp *node = iteration->generator;
	Consuming consuming = {node, inside_of(l), body, context};
	Scope *scope = l->checked->node_scopes[node->base.id];
	uint32_t site = lower_site(l, iteration->node);
	go(l, (Inside){scope, site, scope->name});
	lower_settle_comprehension(l, scope);
	run_clauses(l, iteration->parts[0], &node->base, &node->generators, consume_element,
				&consuming);
	go(l, consuming.outside);
}

/* ---- generator expressions as objects ---- */

Operand lower_generator_value(Lower *l, const AstGeneratorExp *node)
{
	Scope *scope = l->checked->node_scopes[node->base.id];
	Operand iterable = lower_value(l, first_iterable(&node->generators));
	Register iterator = lower_op(l, OP_ITER, &node->base, OPERANDS(iterable));
	bool captures = l->entry->facts[scope->index].cell_count != 0;
	Operand closure = captures ? lower_closure(l, scope, NULL, &node->base) : operand_unbound(l);
	Op *op = lower_raw(l, OP_GENERATOR, &node->base, OPERANDS(closure, operand_register(iterator)));
	op->function = lower_function_of(l->entry, scope);
	return operand_register(op->result);
}

static void yield_element(Lower *l, void *context)
{
	const AstGeneratorExp *node = context;
	Operand value = lower_value(l, node->elt);
	Exit *exit = &l->block->exit;
	exit->kind = EXIT_YIELD;
	exit->site = lower_site(l, node->elt);
	exit->operands = ARENA_NEW(l->arena, Operand);
	exit->operands[0] = value;
	exit->count = 1;
	exit->to = lower_block(l, "resumed");
	lower_start(l, exit->to);
}

void lower_generator_body(Lower *l, const AstGeneratorExp *node)
{
	const Node *first = first_iterable(&node->generators);
	bool may_be_generator =
		lower_may_be_generator(l, lower_type(l, first)) || lower_is_fused(l, first);
	Register iterator = l->function->params[0].reg;
	Iteration *iteration = lower_begin_iterator(l, iterator, may_be_generator, &node->base);
	run_clauses(l, iteration, &node->base, &node->generators, yield_element,
				(void *)(uintptr_t)node);
	lower_return(l, operand_none(l));
}
