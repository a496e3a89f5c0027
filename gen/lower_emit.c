/*
 * Emitting: the few functions through which every operation, block and site of a machine is made.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <stdlib.h>
#include <string.h>

#include "machine_rows.h"

Register lower_temp(Lower *l, Representation rep)
{
	return machine_register(l->machine, l->function, rep, NULL, NULL);
}

Block *lower_block(Lower *l, const char *label)
{
	return machine_block(l->machine, l->function, label);
}

void lower_start(Lower *l, Block *block)
{
	l->block = block;
}

void lower_jump(Lower *l, Block *to)
{
	if (!l->block)
		return;
	l->block->exit.kind = EXIT_JUMP;
	l->block->exit.to = to;
	l->block = NULL;
}

void lower_branch(Lower *l, Register condition, Block *yes, Block *no)
{
	Exit *exit = &l->block->exit;
	exit->kind = EXIT_BRANCH;
	exit->condition = condition;
	exit->to = yes;
	exit->otherwise = no;
	l->block = NULL;
}

void lower_return(Lower *l, Operand value)
{
	Exit *exit = &l->block->exit;
	exit->kind = EXIT_RETURN;
	exit->operands = ARENA_NEW(l->arena, Operand);
	exit->operands[0] = value;
	exit->count = 1;
	l->block = NULL;
}

/* ---- sites ---- */

/* As CPython: an attribute, or the call of one, that stands on a later line than its object begins there. */
static uint32_t shown_start(const Source *source, const Node *node)
{
	const Node *func = node->kind == NODE_CALL ? ((const AstCall *)node)->func : node;
	if (func->kind != NODE_ATTRIBUTE)
		return node->start;
	uint32_t length = ((const AstAttribute *)func)->attr->length;
	bool same_line = source_place(source, func->end).line == source_place(source, node->start).line;
	return same_line || length > func->end ? node->start : func->end - length;
}

/* The place of a node. Functions that no source text has give line 0: tracebacks leave such frames out. */
uint32_t lower_site(Lower *l, const Node *node)
{
	MachineFunction *function = l->function;
	/* one node's operations come close together: look at the last few */
	for (uint32_t back = 1; back <= 8 && back <= function->site_count; back++) {
		uint32_t index = function->site_count - back;
		if (l->site_nodes[index] == node && function->sites[index].outer == l->outer_site)
			return index;
	}
	MachineSite site = {.outer = l->outer_site, .name = l->inlined};
	if (node) {
		const Source *source = l->checked->module->source;
		Place from = source_place(source, shown_start(source, node)),
			  to = source_place(source, node->end);
		site.line = from.line;
		site.column = from.column;
		site.end_column = from.line == to.line ? to.column : 0;
	}
	if (function->site_count == l->site_node_capacity) {
		uint32_t wanted = l->site_node_capacity ? l->site_node_capacity * 2 : 16;
		const Node **fresh = ARENA_ARRAY(l->arena, const Node *, wanted);
		if (l->site_node_capacity)
			memcpy(fresh, l->site_nodes, l->site_node_capacity * sizeof *fresh);
		l->site_nodes = fresh;
		l->site_node_capacity = wanted;
	}
	l->site_nodes[function->site_count] = node;
	return machine_site(l->machine, function, site);
}

typedef struct SiteKey {
	const Node *node;
	uint32_t old;
} SiteKey;

static int compare_sites(const void *a, const void *b)
{
	const SiteKey *x = a, *y = b;
	if (x->node && y->node) {
		if (x->node->start != y->node->start)
			return x->node->start < y->node->start ? -1 : 1;
		if (x->node->end != y->node->end)
			return x->node->end > y->node->end ? -1 : 1;
	}
	return x->old < y->old ? -1 : x->old > y->old;
}

/* Sites were made in the order of evaluation; they are numbered in the order of the source. */
void lower_sort_sites(Lower *l)
{
	MachineFunction *function = l->function;
	uint32_t count = function->site_count;
	SiteKey *keys = ARENA_ARRAY(l->arena, SiteKey, count + 1);
	uint32_t *fresh = ARENA_ARRAY(l->arena, uint32_t, count + 1);
	MachineSite *sites = ARENA_ARRAY(l->arena, MachineSite, count + 1);
	for (uint32_t i = 0; i < count; i++)
		keys[i] = (SiteKey){l->site_nodes[i], i};
	if (count)
		qsort(keys, count, sizeof *keys, compare_sites);
	for (uint32_t i = 0; i < count; i++) {
		fresh[keys[i].old] = i;
		sites[i] = function->sites[keys[i].old];
	}
	for (uint32_t i = 0; i < count; i++) {
		function->sites[i] = sites[i];
		if (sites[i].outer != NO_SITE)
			function->sites[i].outer = fresh[sites[i].outer];
	}
	for (uint32_t b = 0; b < function->block_count; b++) {
		Block *block = function->blocks[b];
		for (uint32_t k = 0; k < block->op_count; k++)
			if (block->ops[k]->site != NO_SITE)
				block->ops[k]->site = fresh[block->ops[k]->site];
		if (exit_has_result(&block->exit) || block->exit.kind == EXIT_YIELD)
			block->exit.site = fresh[block->exit.site];
	}
}

/* ---- operations ---- */

Op *lower_raw(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count)
{
	const OpRow *row = op_row(code);
	uint32_t site = row->failure == FAILURE_NEVER ? NO_SITE : lower_site(l, node);
	Register result = NO_REGISTER;
	if (row->result[0] != '-' && row->result[0] != '*')
		result = lower_temp(l, (Representation)row->result[0]);
	return machine_op(l->machine, l->block, code, result, site, operands, count);
}

Register lower_op(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count)
{
	return lower_raw(l, code, node, operands, count)->result;
}

void lower_effect(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count)
{
	lower_raw(l, code, node, operands, count);
}

void lower_set(Lower *l, OpCode code, Register reg, const Operand *operands, uint32_t count)
{
	machine_op(l->machine, l->block, code, reg, NO_SITE, operands, count);
}

Exit *lower_exit(Lower *l, ExitKind kind, const Node *node, const Operand *operands, uint32_t count)
{
	Exit *exit = &l->block->exit;
	exit->kind = kind;
	exit->site = lower_site(l, node);
	exit->count = count;
	exit->operands = ARENA_ARRAY(l->arena, Operand, count + 1);
	memcpy(exit->operands, operands, count * sizeof *operands);
	exit->result = lower_temp(l, REP_VALUE);
	exit->suspends = true; /* settled when the whole machine is known */
	exit->to = lower_block(l, "after");
	l->last_exit = exit;
	l->block = exit->to;
	return exit;
}

Register lower_i_const(Lower *l, int64_t number)
{
	Op *op = lower_raw(l, OP_I_CONST, NULL, NO_OPERANDS);
	op->number = number;
	return op->result;
}

Register lower_b_const(Lower *l, bool truth)
{
	Op *op = lower_raw(l, OP_B_CONST, NULL, NO_OPERANDS);
	op->number = truth;
	return op->result;
}

void lower_turn(Lower *l, const Node *node)
{
	lower_effect(l, OP_TURN, node, NO_OPERANDS);
}

/* ---- operands and values ---- */

Operand operand_none(Lower *l)
{
	return operand_constant(constant_simple(l->machine, MC_NONE));
}

Operand operand_unbound(Lower *l)
{
	return operand_constant(constant_simple(l->machine, MC_UNBOUND));
}

Operand operand_int(Lower *l, int64_t number)
{
	return operand_constant(constant_int(l->machine, number));
}

Operand operand_str(Lower *l, const char *text)
{
	return operand_constant(constant_text(l->machine, MC_STR, text, (uint32_t)strlen(text)));
}

Value value_operand(Operand operand)
{
	return (Value){REP_VALUE, operand};
}

Value value_register(Lower *l, Register reg)
{
	return (Value){l->function->registers[reg].rep, operand_register(reg)};
}

Operand lower_to_value(Lower *l, Value value)
{
	switch (value.rep) {
	case REP_INT:
		return operand_register(lower_op(l, OP_V_FROM_I, NULL, OPERANDS(value.operand)));
	case REP_FLOAT:
		return operand_register(lower_op(l, OP_V_FROM_F, NULL, OPERANDS(value.operand)));
	case REP_BOOL:
		return operand_register(lower_op(l, OP_V_FROM_B, NULL, OPERANDS(value.operand)));
	default:
		return value.operand;
	}
}

Register lower_to_register(Lower *l, Operand operand)
{
	return operand.constant ? lower_op(l, OP_MOVE, NULL, OPERANDS(operand)) : operand.reg;
}

bool lower_constant_truth(const MachineConstant *constant)
{
	switch (constant->kind) {
	case MC_NONE:
	case MC_FALSE:
		return false;
	case MC_INT:
		return constant->integer != 0;
	case MC_FLOAT:
		return constant->real != 0;
	case MC_STR:
	case MC_BYTES:
		return constant->length != 0;
	case MC_TUPLE:
		return constant->count != 0;
	default:
		return true;
	}
}

Register lower_truth(Lower *l, Value value, const Node *node)
{
	switch (value.rep) {
	case REP_BOOL:
		return value.operand.reg;
	case REP_INT:
		return lower_op(l, OP_I_NE, node,
						OPERANDS(value.operand, operand_register(lower_i_const(l, 0))));
	case REP_FLOAT: {
		Op *zero = lower_raw(l, OP_F_CONST, NULL, NO_OPERANDS);
		return lower_op(l, OP_F_NE, node, OPERANDS(value.operand, operand_register(zero->result)));
	}
	default:
		if (value.operand.constant)
			return lower_b_const(l, lower_constant_truth(value.operand.constant));
		return lower_op(l, OP_TRUTH, node, OPERANDS(value.operand));
	}
}

/* ---- what nobody reads ---- */

static void count_reads(const MachineFunction *function, uint32_t *reads)
{
	memset(reads, 0, function->register_count * sizeof *reads);
	for (uint32_t b = 0; b < function->block_count; b++) {
		const Block *block = function->blocks[b];
		for (uint32_t k = 0; k < block->op_count; k++)
			for (uint32_t i = 0; i < block->ops[k]->count; i++)
				if (!block->ops[k]->operands[i].constant)
					reads[block->ops[k]->operands[i].reg]++;
		for (uint32_t i = 0; i < block->exit.count; i++)
			if (!block->exit.operands[i].constant)
				reads[block->exit.operands[i].reg]++;
		if (block->exit.kind == EXIT_BRANCH)
			reads[block->exit.condition]++;
	}
}

/* Natives that are computed and never read would be warnings of the C compiler. Values are dropped by counting. */
void lower_remove_unread(Lower *l)
{
	MachineFunction *function = l->function;
	uint32_t *reads = ARENA_ARRAY(l->arena, uint32_t, function->register_count + 1);
	for (bool changed = true; changed;) {
		changed = false;
		count_reads(function, reads);
		for (uint32_t b = 0; b < function->block_count; b++) {
			Block *block = function->blocks[b];
			uint32_t kept = 0;
			for (uint32_t k = 0; k < block->op_count; k++) {
				Op *op = block->ops[k];
				bool unread = op->result != NO_REGISTER && reads[op->result] == 0 &&
							  function->registers[op->result].rep != REP_VALUE &&
							  op_row(op->code)->failure == FAILURE_NEVER;
				changed |= unread;
				if (!unread)
					block->ops[kept++] = op;
			}
			block->op_count = kept;
		}
	}
}
