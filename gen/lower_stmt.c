/*
 * Statements.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

/* ---- assignment ---- */

static bool is_sequence(const Node *node)
{
	return node->kind == NODE_TUPLE || node->kind == NODE_LIST;
}

static const NodeList *elements(const Node *node)
{
	return node->kind == NODE_TUPLE ? &((const AstTuple *)node)->elts
									: &((const AstList *)node)->elts;
}

static bool has_star(const NodeList *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i]->kind == NODE_STARRED)
			return true;
	return false;
}

static void unpack(Lower *l, const Node *target, Value value)
{
	const NodeList *targets = elements(target);
	Operand operand = lower_to_value(l, value);
	Register *results = ARENA_ARRAY(l->arena, Register, targets->count + 1);
	uint32_t star = UINT32_MAX;
	for (uint32_t i = 0; i < targets->count; i++) {
		results[i] = lower_temp(l, REP_VALUE);
		if (targets->items[i]->kind == NODE_STARRED)
			star = i;
	}
	Op *op =
		lower_raw(l, star == UINT32_MAX ? OP_UNPACK : OP_UNPACK_STAR, target, OPERANDS(operand));
	op->results = results;
	op->result_count = targets->count;
	op->number = star == UINT32_MAX ? 0 : star;
	for (uint32_t i = 0; i < targets->count; i++) {
		const Node *item = targets->items[i];
		if (item->kind == NODE_STARRED)
			item = ((const AstStarred *)item)->value;
		lower_assign(l, item, value_register(l, results[i]));
	}
}

void lower_assign(Lower *l, const Node *target, Value value)
{
	const NameInfo *info = lower_name(l, target);
	if (info && info->use == NAME_VARIABLE)
		lower_store(l, info->variable, value);
	else if (is_sequence(target))
		unpack(l, target, value);
}

bool lower_is_pairwise(const Node *target, const Node *value)
{
	return is_sequence(target) && is_sequence(value) &&
		   elements(target)->count == elements(value)->count && !has_star(elements(target)) &&
		   !has_star(elements(value));
}

static OpCode move_of(Representation rep)
{
	return rep == REP_INT     ? OP_I_MOVE
		   : rep == REP_FLOAT ? OP_F_MOVE
		   : rep == REP_BOOL  ? OP_B_MOVE
							  : OP_MOVE;
}

/* a, b = x, y: no tuple is made; every value is there before the first is stored. */
static bool assign_pairs(Lower *l, const Node *target, const Node *value)
{
	if (!lower_is_pairwise(target, value))
		return false;
	const NodeList *targets = elements(target), *values = elements(value);
	Value *results = ARENA_ARRAY(l->arena, Value, values->count + 1);
	for (uint32_t i = 0; i < values->count; i++) {
		results[i] = lower_expr(l, values->items[i]);
		if (results[i].operand.constant || !l->function->registers[results[i].operand.reg].name)
			continue;
		/* a variable's own register: an earlier target may change it */
		results[i].operand = operand_register(
			lower_op(l, move_of(results[i].rep), NULL, OPERANDS(results[i].operand)));
	}
	for (uint32_t i = 0; i < targets->count; i++)
		lower_assign(l, targets->items[i], results[i]);
	return true;
}

static void lower_assignment(Lower *l, const AstAssign *node)
{
	if (node->targets.count == 1 && assign_pairs(l, node->targets.items[0], node->value))
		return;
	Value value = lower_expr(l, node->value);
	const Type *type = lower_type(l, node->value);
	if (node->targets.count == 1) {
		if (is_sequence(node->targets.items[0]) && value.rep == REP_VALUE)
			value.operand = lower_drain(l, value.operand, type, node->targets.items[0]);
		lower_assign(l, node->targets.items[0], value);
		return;
	}
	/* several readers: the value keeps a register of its own, which no store takes over */
	if (!value.operand.constant) {
		Register kept = machine_register(l->machine, l->function, value.rep, "value", type);
		lower_set(l, move_of(value.rep), kept, &value.operand, 1);
		value.operand = operand_register(kept);
	}
	for (uint32_t i = 0; i < node->targets.count; i++)
		lower_assign(l, node->targets.items[i], value);
}

/* ---- the others ---- */

static void lower_if(Lower *l, const AstIf *node)
{
	Block *yes = lower_block(l, "then"), *no = lower_block(l, "else"),
		  *end = lower_block(l, "endif");
	lower_condition(l, node->test, yes, no);
	lower_start(l, yes);
	lower_body(l, &node->body);
	bool reaches = l->block != NULL;
	lower_jump(l, end);
	lower_start(l, no);
	lower_body(l, &node->orelse);
	reaches |= l->block != NULL;
	lower_jump(l, end);
	l->block = reaches ? end : NULL;
}

static void lower_raise(Lower *l, const AstRaise *node)
{
	Operand exception, cause = operand_unbound(l);
	if (node->exc) {
		exception = lower_value(l, node->exc);
		if (node->cause)
			cause = lower_value(l, node->cause);
	} else {
		Operand text = operand_str(l, "No active exception to reraise");
		exception = lower_call_builtin(l, true, "RuntimeError", &text, 1, NULL, &node->base);
	}
	lower_effect(l, OP_RAISE, &node->base, OPERANDS(exception, cause));
	l->block->exit.kind = EXIT_RAISE;
	l->block = NULL;
}

static void lower_def(Lower *l, const AstFunctionDef *node)
{
	const Variable *variable = l->checked->def_variables[node->base.id];
	Scope *scope = l->checked->node_scopes[node->base.id];
	if (!variable || !scope || lower_is_elided(l->entry, variable))
		return;
	lower_store(
		l, variable,
		value_operand(lower_closure(l, scope, (const AstArguments *)node->args, &node->base)));
}

static void lower_statement(Lower *l, const Node *node)
{
	switch (node->kind) {
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		lower_def(l, (const AstFunctionDef *)node);
		break;
	case NODE_RETURN: {
		const Node *value = ((const AstReturn *)node)->value;
		lower_return(l, value ? lower_value(l, value) : operand_none(l));
		break;
	}
	case NODE_ASSIGN:
		lower_assignment(l, (const AstAssign *)node);
		break;
	case NODE_ANN_ASSIGN: {
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		if (assign->value)
			lower_assign(l, assign->target, lower_expr(l, assign->value));
		break;
	}
	case NODE_FOR:
		lower_for(l, (const AstFor *)node);
		break;
	case NODE_WHILE:
		lower_while(l, (const AstWhile *)node);
		break;
	case NODE_IF:
		lower_if(l, (const AstIf *)node);
		break;
	case NODE_RAISE:
		lower_raise(l, (const AstRaise *)node);
		break;
	case NODE_EXPR:
		lower_value(l, ((const AstExpr *)node)->value);
		break;
	case NODE_BREAK:
		lower_jump(l, l->loop->done);
		break;
	case NODE_CONTINUE:
		lower_jump(l, l->loop->next);
		break;
	default: /* pass; all others were refused */
		break;
	}
}

/* Each source line begins a block, so that it can stand above its C; machine_tidy joins what need not be apart. */
static void begin_line(Lower *l, const Node *node)
{
	uint32_t line = source_place(l->checked->module->source, node->start).line;
	if (l->block->op_count != 0) {
		Block *block = lower_block(l, "line");
		lower_jump(l, block);
		lower_start(l, block);
	}
	l->block->line = line;
}

void lower_body(Lower *l, const NodeList *body)
{
	for (uint32_t i = 0; i < body->count && l->block; i++) {
		begin_line(l, body->items[i]);
		lower_statement(l, body->items[i]);
	}
}

/* A code string: the value of its last statement, if that is an expression, is its result. */
void lower_module_body(Lower *l, const NodeList *body)
{
	NodeList most = *body;
	const Node *last = body->count ? body->items[body->count - 1] : NULL;
	if (last && last->kind == NODE_EXPR)
		most.count--;
	lower_body(l, &most);
	if (!l->block)
		return;
	Operand result = operand_none(l);
	if (most.count != body->count) {
		begin_line(l, last);
		result = lower_value(l, ((const AstExpr *)last)->value);
	}
	lower_return(l, result);
}
