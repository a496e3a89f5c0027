/*
 * Loops and what they iterate over. One Iteration stands for any iterable expression: a native range counts in a
 * machine integer; enumerate, zip, map and filter pull from their parts and make no object; generator expressions run
 * in place, their loops around the body; everything else is an iterator asked with the exit `next`.
 *
 * lower_begin evaluates the operands in Python's order, lower_next makes one item, lower_step is what a turn does at
 * its end. A generator expression cannot be asked for one item at a time that way: only lower_loop takes it, and
 * as a part of a zip it is a generator object.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

#define MAX_STEP 65536

/* ---- which expressions need no object ---- */

static const char *called_type(const Lower *l, const Node *node)
{
	if (node->kind != NODE_CALL)
		return NULL;
	const NameInfo *info = lower_name(l, ((const AstCall *)node)->func);
	return info && info->use == NAME_TYPE ? info->text : NULL;
}

static bool is_start(const Lower *l, const Node *node, int64_t step)
{
	int64_t number;
	if (lower_small_literal(node, &number))
		return true;
	if (step != 1 && step != -1)
		return false;
	if (node->kind == NODE_BIN_OP) { /* i + 1, and the like */
		const AstBinOp *op = (const AstBinOp *)node;
		return (op->op == BINARY_ADD || op->op == BINARY_SUB) &&
			   lower_small_literal(op->right, &number) && lower_is_machine_int(l, op->left);
	}
	return lower_is_machine_int(l, node);
}

bool lower_is_native_range(const Lower *l, const Node *node)
{
	const char *name = called_type(l, node);
	const AstCall *call = (const AstCall *)node;
	if (!name || strcmp(name, "range") != 0 || call->keywords.count || call_has_spread(call) ||
		call->args.count < 1 || call->args.count > 3)
		return false;
	int64_t step = 1;
	if (call->args.count == 3 && (!lower_small_literal(call->args.items[2], &step) || step == 0 ||
								  step > MAX_STEP || step < -MAX_STEP))
		return false;
	return call->args.count == 1 || is_start(l, call->args.items[0], step);
}

bool lower_is_native_enumerate(const Lower *l, const Node *node, int64_t *start)
{
	const char *name = called_type(l, node);
	const AstCall *call = (const AstCall *)node;
	if (!name || strcmp(name, "enumerate") != 0 || call_has_spread(call) || call->args.count < 1 ||
		call->args.count + call->keywords.count > 2)
		return false;
	*start = 0;
	if (call->args.count == 2)
		return lower_small_literal(call->args.items[1], start);
	if (call->keywords.count == 0)
		return true;
	const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[0];
	return keyword->arg && strcmp(keyword->arg->text, "start") == 0 &&
		   lower_small_literal(keyword->value, start);
}

static bool is_plain_call(const AstCall *call, uint32_t least)
{
	return call->keywords.count == 0 && !call_has_spread(call) && call->args.count >= least;
}

static IterationKind iteration_kind(const Lower *l, const Node *node)
{
	int64_t start;
	if (node->kind == NODE_GENERATOR_EXP)
		return ITERATION_GENERATOR;
	const char *name = called_type(l, node);
	const AstCall *call = (const AstCall *)node;
	if (!name)
		return ITERATION_PLAIN;
	if (lower_is_native_range(l, node))
		return ITERATION_RANGE;
	if (lower_is_native_enumerate(l, node, &start))
		return ITERATION_ENUMERATE;
	if (strcmp(name, "zip") == 0 && is_plain_call(call, 1))
		return ITERATION_ZIP;
	if (strcmp(name, "map") == 0 && is_plain_call(call, 2))
		return ITERATION_MAP;
	if (strcmp(name, "filter") == 0 && is_plain_call(call, 2) && call->args.count == 2)
		return ITERATION_FILTER;
	return ITERATION_PLAIN;
}

/* For builtins that could take the object natively: is a loop of the IR needed (or surely better)? */
bool lower_is_fused(const Lower *l, const Node *node)
{
	const AstCall *call = (const AstCall *)node;
	switch (iteration_kind(l, node)) {
	case ITERATION_GENERATOR:
	case ITERATION_MAP:
	case ITERATION_FILTER:
		return true;
	case ITERATION_ENUMERATE:
	case ITERATION_ZIP:
		for (uint32_t i = 0; i < call->args.count; i++)
			if (lower_is_fused(l, call->args.items[i]) ||
				lower_may_be_generator(l, lower_type(l, call->args.items[i])))
				return true;
		return false;
	default:
		return false;
	}
}

bool lower_may_be_generator(const Lower *l, const Type *type)
{
	if (!l->entry->makes_generators)
		return false;
	if (type->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (lower_may_be_generator(l, type->args[i]))
				return true;
		return false;
	}
	return type->kind == TYPE_ANY || type->kind == TYPE_GENERATOR || type->kind == TYPE_ITERATOR;
}

/* ---- beginning ---- */

static Register hold(Lower *l, Representation rep, const char *name)
{
	return machine_register(l->machine, l->function, rep, name, NULL);
}

/* An int operand of a native range, in a register of its own. */
static Register bound(Lower *l, const Node *node, const Node *at, const char *name)
{
	Register reg = hold(l, REP_INT, name);
	Value value = lower_expr(l, node);
	const MachineConstant *constant = value.rep == REP_VALUE ? value.operand.constant : NULL;
	if (value.rep == REP_INT) {
		lower_set(l, OP_I_MOVE, reg, &value.operand, 1);
	} else if (constant && constant->kind == MC_INT) {
		machine_op(l->machine, l->block, OP_I_CONST, reg, NO_SITE, NO_OPERANDS)->number =
			constant->integer;
	} else {
		Operand operand = lower_to_value(l, value);
		machine_op(l->machine, l->block, OP_I_BOUND, reg, lower_site(l, at), &operand, 1);
	}
	return reg;
}

static void begin_range(Lower *l, Iteration *iteration, const AstCall *call)
{
	uint32_t count = call->args.count;
	iteration->step = 1;
	if (count == 3)
		lower_small_literal(call->args.items[2], &iteration->step);
	if (count == 1) {
		iteration->counter = hold(l, REP_INT, "counter");
		iteration->stop = bound(l, call->args.items[0], &call->base, "stop");
		machine_op(l->machine, l->block, OP_I_CONST, iteration->counter, NO_SITE, NO_OPERANDS);
		return;
	}
	const AstBinOp *sum = (const AstBinOp *)call->args.items[0];
	int64_t number;
	if (sum->base.kind == NODE_BIN_OP && lower_small_literal(sum->right, &number)) {
		Register left = bound(l, sum->left, &call->base, "start");
		iteration->counter = hold(l, REP_INT, "counter");
		lower_set(l, sum->op == BINARY_ADD ? OP_I_ADD : OP_I_SUB, iteration->counter,
				  OPERANDS(operand_register(left), operand_register(lower_i_const(l, number))));
	} else {
		iteration->counter = bound(l, call->args.items[0], &call->base, "counter");
	}
	iteration->stop = bound(l, call->args.items[1], &call->base, "stop");
}

static Iteration *make(Lower *l, IterationKind kind, const Node *at)
{
	Iteration *iteration = ARENA_NEW(l->arena, Iteration);
	iteration->kind = kind;
	iteration->node = at;
	return iteration;
}

Iteration *lower_begin_iterator(Lower *l, Register iterator, bool may_be_generator,
								const Node *node)
{
	Iteration *iteration = make(l, ITERATION_PLAIN, node);
	iteration->iterator = iterator;
	iteration->may_be_generator = may_be_generator;
	return iteration;
}

Iteration *lower_begin_value(Lower *l, Operand value, const Type *type, const Node *node)
{
	Register iterator = lower_op(l, OP_ITER, node, OPERANDS(value));
	return lower_begin_iterator(l, iterator, lower_may_be_generator(l, type), node);
}

/*
 * Parts: Python evaluates all operands first and calls iter() on each afterwards. A part that is fused itself is
 * begun when it is evaluated, as its own call would be.
 */
static void begin_parts(Lower *l, Iteration *iteration, const AstCall *call, uint32_t from,
						uint32_t to)
{
	iteration->part_count = to - from;
	iteration->parts = ARENA_ARRAY(l->arena, Iteration *, to - from + 1);
	Operand *values = ARENA_ARRAY(l->arena, Operand, to - from + 1);
	for (uint32_t i = from; i < to; i++) {
		const Node *node = call->args.items[i];
		IterationKind kind = iteration_kind(l, node);
		if (kind != ITERATION_PLAIN && kind != ITERATION_GENERATOR)
			iteration->parts[i - from] = lower_begin(l, node, iteration->node);
		else
			values[i - from] = lower_value(l, node);
	}
	for (uint32_t i = from; i < to; i++) {
		const Node *node = call->args.items[i];
		if (iteration->parts[i - from])
			continue;
		Register iterator = lower_op(l, OP_ITER, &call->base, &values[i - from], 1);
		bool may_be_generator = lower_may_be_generator(l, lower_type(l, node));
		iteration->parts[i - from] =
			lower_begin_iterator(l, iterator, may_be_generator, iteration->node);
	}
}

Iteration *lower_begin(Lower *l, const Node *node, const Node *at)
{
	Iteration *iteration = make(l, iteration_kind(l, node), at);
	const AstCall *call = (const AstCall *)node;
	switch (iteration->kind) {
	case ITERATION_PLAIN: {
		Operand value = lower_value(l, node);
		return lower_begin_value(l, value, lower_type(l, node), at);
	}
	case ITERATION_RANGE:
		begin_range(l, iteration, call);
		break;
	case ITERATION_ENUMERATE: {
		Register counter = hold(l, REP_INT, "counter");
		begin_parts(l, iteration, call, 0, 1);
		lower_is_native_enumerate(l, node, &iteration->step);
		machine_op(l->machine, l->block, OP_I_CONST, counter, NO_SITE, NO_OPERANDS)->number =
			iteration->step;
		iteration->counter = counter;
		iteration->step = 1;
		break;
	}
	case ITERATION_ZIP:
		begin_parts(l, iteration, call, 0, call->args.count);
		break;
	case ITERATION_MAP:
	case ITERATION_FILTER: {
		const Node *function = call->args.items[0];
		bool none = function->kind == NODE_CONSTANT && iteration->kind == ITERATION_FILTER &&
					((const AstConstant *)function)->value.kind == CONSTANT_NONE;
		if (none)
			iteration->callee.kind = CALLEE_NONE;
		else
			iteration->callee = lower_callee(l, function, call->args.count - 1);
		begin_parts(l, iteration, call, 1, call->args.count);
		break;
	}
	case ITERATION_GENERATOR: {
		const AstGeneratorExp *generator = (const AstGeneratorExp *)node;
		iteration->parts = ARENA_ARRAY(l->arena, Iteration *, 1);
		const Node *first = ((const AstComprehension *)generator->generators.items[0])->iter;
		iteration->generator = generator;
		iteration->parts[0] = lower_begin(l, first, node);
		iteration->part_count = 1;
		break;
	}
	}
	return iteration;
}

/* ---- one item ---- */

Operand lower_item(Lower *l, const Item *item, const Node *node)
{
	if (!item->parts)
		return lower_to_value(l, item->value);
	Operand *operands = ARENA_ARRAY(l->arena, Operand, item->part_count + 1);
	for (uint32_t i = 0; i < item->part_count; i++)
		operands[i] = lower_to_value(l, item->parts[i]);
	return operand_register(lower_op(l, OP_TUPLE, node, operands, item->part_count));
}

static Value item_value(Lower *l, const Item *item, const Node *node)
{
	return item->parts ? value_operand(lower_item(l, item, node)) : item->value;
}

static Item next_range(Lower *l, Iteration *iteration, Block *done)
{
	Block *body = lower_block(l, "body");
	OpCode code = iteration->step > 0 ? OP_I_LT : OP_I_GT;
	Register more =
		lower_op(l, code, NULL,
				 OPERANDS(operand_register(iteration->counter), operand_register(iteration->stop)));
	lower_branch(l, more, body, done);
	lower_start(l, body);
	return (Item){.value = value_register(l, iteration->counter)};
}

static Item next_plain(Lower *l, Iteration *iteration, Block *done)
{
	Exit *exit =
		lower_exit(l, EXIT_NEXT, iteration->node, OPERANDS(operand_register(iteration->iterator)));
	exit->otherwise = done;
	exit->suspends = iteration->may_be_generator;
	return (Item){.value = value_register(l, exit->result)};
}

static Item next_filter(Lower *l, Iteration *iteration, Block *done)
{
	Block *again = lower_block(l, "filter"), *skip = lower_block(l, "skip"),
		  *body = lower_block(l, "body");
	lower_jump(l, again);
	lower_start(l, again);
	Item item = lower_next(l, iteration->parts[0], done);
	Value value = item_value(l, &item, iteration->node);
	if (iteration->callee.kind == CALLEE_NONE) {
		lower_branch(l, lower_truth(l, value, iteration->node), body, skip);
	} else {
		Operand argument = lower_to_value(l, value);
		Operand wanted = lower_call_callee(l, &iteration->callee, &argument, 1, iteration->node);
		lower_branch(l, lower_truth(l, value_operand(wanted), iteration->node), body, skip);
		value = value_operand(argument);
	}
	lower_start(l, skip);
	lower_turn(l, iteration->node);
	lower_step(l, iteration->parts[0]);
	lower_jump(l, again);
	lower_start(l, body);
	return (Item){.value = value};
}

Item lower_next(Lower *l, Iteration *iteration, Block *done)
{
	uint32_t count = iteration->part_count;
	if (iteration->kind == ITERATION_RANGE)
		return next_range(l, iteration, done);
	if (iteration->kind == ITERATION_PLAIN)
		return next_plain(l, iteration, done);
	if (iteration->kind == ITERATION_FILTER)
		return next_filter(l, iteration, done);
	Value *values = ARENA_ARRAY(l->arena, Value, count + 2);
	uint32_t first = iteration->kind == ITERATION_ENUMERATE ? 1 : 0;
	for (uint32_t i = 0; i < count; i++) {
		Item item = lower_next(l, iteration->parts[i], done);
		values[first + i] = item_value(l, &item, iteration->node);
	}
	if (iteration->kind == ITERATION_MAP) {
		Operand *operands = ARENA_ARRAY(l->arena, Operand, count + 1);
		for (uint32_t i = 0; i < count; i++)
			operands[i] = lower_to_value(l, values[i]);
		Operand result = lower_call_callee(l, &iteration->callee, operands, count, iteration->node);
		return (Item){.value = value_operand(result)};
	}
	if (first)
		values[0] = value_register(l, iteration->counter);
	return (Item){.parts = values, .part_count = first + count};
}

void lower_step(Lower *l, Iteration *iteration)
{
	for (uint32_t i = 0; i < iteration->part_count; i++)
		lower_step(l, iteration->parts[i]);
	if (iteration->kind == ITERATION_RANGE || iteration->kind == ITERATION_ENUMERATE)
		lower_set(l, OP_I_ADD, iteration->counter,
				  OPERANDS(operand_register(iteration->counter),
						   operand_register(lower_i_const(l, iteration->step))));
}

/* ---- loops ---- */

void lower_loop(Lower *l, Iteration *iteration, LoopBody body, void *context)
{
	if (iteration->kind == ITERATION_GENERATOR) {
		lower_generator_loop(l, iteration, body, context);
		return;
	}
	Block *head = lower_block(l, "loop"), *done = lower_block(l, "done");
	lower_jump(l, head);
	lower_start(l, head);
	Item item = lower_next(l, iteration, done);
	body(l, context, &item);
	if (l->block) {
		lower_turn(l, iteration->node);
		lower_step(l, iteration);
		lower_jump(l, head);
	}
	lower_start(l, done);
}

void lower_assign_item(Lower *l, const Node *target, const Item *item)
{
	const NodeList *targets = target->kind == NODE_TUPLE  ? &((const AstTuple *)target)->elts
							  : target->kind == NODE_LIST ? &((const AstList *)target)->elts
														  : NULL;
	bool direct = item->parts && targets && targets->count == item->part_count;
	for (uint32_t i = 0; direct && i < targets->count; i++)
		direct = targets->items[i]->kind != NODE_STARRED;
	if (!direct) {
		lower_assign(l, target, item_value(l, item, target));
		return;
	}
	for (uint32_t i = 0; i < targets->count; i++)
		lower_assign(l, targets->items[i], item->parts[i]);
}

typedef struct PushContext {
	Register list;
	const Node *node;
} PushContext;

static void push_item(Lower *l, void *context, const Item *item)
{
	const PushContext *push = context;
	Operand value = lower_item(l, item, push->node);
	lower_effect(l, OP_LIST_PUSH, push->node, OPERANDS(operand_register(push->list), value));
}

void lower_loop_into(Lower *l, Iteration *iteration, Register list)
{
	PushContext push = {list, iteration->node};
	lower_loop(l, iteration, push_item, &push);
}

Operand lower_drain(Lower *l, Operand value, const Type *type, const Node *node)
{
	if (value.constant || !lower_may_be_generator(l, type))
		return value;
	Block *drain = lower_block(l, "drain"), *keep = lower_block(l, "keep"),
		  *end = lower_block(l, "drained");
	Register result = lower_temp(l, REP_VALUE);
	lower_branch(l, lower_op(l, OP_IS_GENERATOR, node, OPERANDS(value)), drain, keep);
	lower_start(l, keep);
	lower_set(l, OP_MOVE, result, &value, 1);
	lower_jump(l, end);
	lower_start(l, drain);
	Register list = lower_op(l, OP_LIST, node, NO_OPERANDS);
	Register items = lower_op(l, OP_ITER, node, OPERANDS(value));
	lower_loop_into(l, lower_begin_iterator(l, items, true, node), list);
	lower_set(l, OP_MOVE, result, OPERANDS(operand_register(list)));
	lower_jump(l, end);
	lower_start(l, end);
	return operand_register(result);
}

/* ---- statements ---- */

typedef struct ForContext {
	const AstFor *node;
	LowerLoop loop;
} ForContext;

static void for_body(Lower *l, void *context, const Item *item)
{
	ForContext *state = context;
	state->loop.next = lower_block(l, "next");
	state->loop.outer = l->loop;
	l->loop = &state->loop;
	lower_assign_item(l, state->node->target, item);
	lower_body(l, &state->node->body);
	l->loop = state->loop.outer;
	lower_jump(l, state->loop.next);
	lower_start(l, state->loop.next);
}

void lower_for(Lower *l, const AstFor *node)
{
	ForContext context = {.node = node};
	context.loop.done = lower_block(l, "after");
	lower_loop(l, lower_begin(l, node->iter, &node->base), for_body, &context);
	lower_body(l, &node->orelse);
	lower_jump(l, context.loop.done);
	lower_start(l, context.loop.done);
}

void lower_while(Lower *l, const AstWhile *node)
{
	LowerLoop loop = {
		.outer = l->loop, .next = lower_block(l, "while"), .done = lower_block(l, "after")};
	Block *body = lower_block(l, "body"), *otherwise = lower_block(l, "otherwise");
	Block *next = lower_block(l, "next");
	lower_jump(l, loop.next);
	lower_start(l, loop.next);
	lower_condition(l, node->test, body, otherwise);
	Block *head = loop.next;
	loop.next = next;
	lower_start(l, body);
	l->loop = &loop;
	lower_body(l, &node->body);
	l->loop = loop.outer;
	lower_jump(l, next);
	lower_start(l, next);
	lower_turn(l, node->test);
	lower_jump(l, head);
	lower_start(l, otherwise);
	lower_body(l, &node->orelse);
	lower_jump(l, loop.done);
	lower_start(l, loop.done);
}
