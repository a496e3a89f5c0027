/*
 * The verifier: every pass leaves a machine that holds these rules, and the reader believes no text that does not.
 *
 *   - Operands and results have the representation that the row of machine.def states, in the right number.
 *   - Every block is closed, and its exits lead to blocks of the same function.
 *   - No register is read before it is set, on any path.
 *   - The result of `next` is not read where the iterator is exhausted.
 *   - In a counted machine, on every path, each value register is owned when it is read, not owned when it is set, and
 *     owned exactly where it is live: so each reference is given back exactly once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "liveness.h"

#include <stdio.h>

#include "machine_rows.h"

typedef struct Verifier {
	Machine *machine;
	MachineFunction *function;
	const Block *block;
	const char *error;
	bool *owned; /* per register, while walking a counted block */
} Verifier;

static void complain(Verifier *verifier, const char *what, Register reg)
{
	if (verifier->error)
		return;
	char where[16] = "";
	if (reg != NO_REGISTER)
		snprintf(where, sizeof where, " %u", (unsigned)reg);
	verifier->error =
		arena_format(verifier->machine->arena, "function %u \"%s\", block \"%s\": %s%s",
					 verifier->function->index, verifier->function->name,
					 verifier->block ? verifier->block->label : "", what, where);
}

static bool register_is(Verifier *verifier, Register reg, char letter)
{
	char rep = letter == 'V' ? 'v' : letter;
	return reg < verifier->function->register_count &&
		   (char)verifier->function->registers[reg].rep == rep;
}

static void check_operand(Verifier *verifier, const Operand *operand, char letter)
{
	if (letter == 0)
		complain(verifier, "too many operands", NO_REGISTER);
	else if (operand->constant && letter != 'v' && letter != 'V')
		complain(verifier, "a constant where a native register must stand", NO_REGISTER);
	else if (!operand->constant && !register_is(verifier, operand->reg, letter))
		complain(verifier, "wrong representation of register", operand->reg);
	else if (operand->constant && operand->constant->kind == MC_TASK &&
			 operand->constant->index >= verifier->machine->task_count)
		complain(verifier, "no such task", NO_REGISTER);
}

static void check_op(Verifier *verifier, const Op *op)
{
	const OpRow *row = op_row(op->code);
	bool variadic;
	uint32_t fixed = op_fixed_operands(row->operands, &variadic);
	if (op->count < fixed || (!variadic && op->count > fixed))
		complain(verifier, "wrong number of operands", NO_REGISTER);
	for (uint32_t i = 0; i < op->count; i++)
		check_operand(verifier, &op->operands[i], op_operand_letter(row->operands, i));
	if (row->result[0] == '*') {
		if (op->result_count == 0 && op->code == OP_UNPACK_STAR)
			complain(verifier, "an unpacking without results", NO_REGISTER);
		for (uint32_t r = 0; r < op->result_count; r++)
			if (!register_is(verifier, op->results[r], 'v'))
				complain(verifier, "wrong representation of result", op->results[r]);
	} else if (row->result[0] == '-') {
		if (op->result != NO_REGISTER)
			complain(verifier, "a result where there is none", op->result);
	} else if (!register_is(verifier, op->result, row->result[0])) {
		complain(verifier, "wrong representation of result", op->result);
	}
	for (const char *p = op_immediates(row->operands); *p; p++) {
		if ((*p == 't' || *p == 'm' || *p == 'B' || *p == 'Y') && !op->text)
			complain(verifier, "a name is missing", NO_REGISTER);
		if (*p == 'F' && !op->function)
			complain(verifier, "a function is missing", NO_REGISTER);
		if (*p == 'e' && op->task >= verifier->machine->entry_count)
			complain(verifier, "no such entry", NO_REGISTER);
	}
	if (row->failure != FAILURE_NEVER && op->site >= verifier->function->site_count)
		complain(verifier, "an operation that can raise has no site", NO_REGISTER);
}

static bool exit_count_is_right(const Machine *machine, const Exit *exit)
{
	switch (exit->kind) {
	case EXIT_RETURN:
	case EXIT_YIELD:
	case EXIT_NEXT:
		return exit->count == 1;
	case EXIT_TASK:
		return exit->task < machine->task_count &&
			   exit->count == machine->tasks[exit->task].param_count;
	case EXIT_CALL:
		return exit->function && exit->count == exit->function->param_count + 1;
	case EXIT_CALL_VALUE:
		return exit->count >= 2;
	case EXIT_CALL_SPREAD:
		return exit->count == 3;
	case EXIT_MAP:
		return exit->task < machine->task_count && exit->count == 4;
	default:
		return exit->count == 0;
	}
}

static void check_exit(Verifier *verifier, const Exit *exit)
{
	bool ends = exit->kind == EXIT_RETURN || exit->kind == EXIT_RAISE;
	bool two = exit->kind == EXIT_BRANCH || exit->kind == EXIT_NEXT;
	if (exit->kind == EXIT_NONE)
		complain(verifier, "not closed", NO_REGISTER);
	else if (!exit_count_is_right(verifier->machine, exit))
		complain(verifier, "wrong operands of the exit", NO_REGISTER);
	else if (!ends && (!exit->to || (two && !exit->otherwise)))
		complain(verifier, "an exit without target", NO_REGISTER);
	else if (exit->kind == EXIT_BRANCH && !register_is(verifier, exit->condition, 'b'))
		complain(verifier, "wrong representation of condition", exit->condition);
	else if (exit_has_result(exit) && !register_is(verifier, exit->result, 'v'))
		complain(verifier, "wrong representation of result", exit->result);
	else if (exit_has_result(exit) && exit->site >= verifier->function->site_count)
		complain(verifier, "an exit that can raise has no site", NO_REGISTER);
	else if (exit->kind == EXIT_YIELD && !verifier->function->is_generator)
		complain(verifier, "yield outside a generator", NO_REGISTER);
	else if (exit->kind == EXIT_RAISE &&
			 (verifier->block->op_count == 0 ||
			  op_row(verifier->block->ops[verifier->block->op_count - 1]->code)->failure !=
				  FAILURE_ALWAYS))
		complain(verifier, "raise without an operation that raises", NO_REGISTER);
	for (uint32_t i = 0; i < exit->count; i++)
		check_operand(verifier, &exit->operands[i], exit_operand_letter(exit, i));
}

static void check_shape(Verifier *verifier)
{
	const MachineFunction *function = verifier->function;
	if (function->block_count == 0)
		complain(verifier, "no blocks", NO_REGISTER);
	for (uint32_t p = 0; p < function->param_count; p++)
		if (!register_is(verifier, function->params[p].reg, 'v'))
			complain(verifier, "wrong representation of parameter", function->params[p].reg);
	for (uint32_t i = 0; i < function->block_count; i++)
		function->blocks[i]->index = i;
	for (uint32_t i = 0; i < function->block_count && !verifier->error; i++) {
		const Block *block = verifier->block = function->blocks[i];
		for (uint32_t k = 0; k < block->op_count && !verifier->error; k++)
			check_op(verifier, block->ops[k]);
		check_exit(verifier, &block->exit);
		Block *successors[2];
		uint32_t count = verifier->error ? 0 : block_successors(block, successors);
		for (uint32_t s = 0; s < count; s++)
			if (successors[s]->index >= function->block_count ||
				function->blocks[successors[s]->index] != successors[s])
				complain(verifier, "an exit leads out of the function", NO_REGISTER);
	}
}

static bool enters(const MachineFunction *function, Register reg)
{
	if (reg == function->self)
		return true;
	for (uint32_t p = 0; p < function->param_count; p++)
		if (function->params[p].reg == reg)
			return true;
	return false;
}

static void check_flow(Verifier *verifier)
{
	MachineFunction *function = verifier->function;
	machine_liveness(verifier->machine, function);
	verifier->block = function->blocks[0];
	if (verifier->block->predecessors)
		complain(verifier, "the entry block has a predecessor", NO_REGISTER);
	for (uint32_t i = 0; i < function->live_count; i++) {
		Register reg = function->live_registers[i];
		if (live_at_start(function, verifier->block, reg) && !enters(function, reg))
			complain(verifier, "read before it is set: register", reg);
	}
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = verifier->block = function->blocks[i];
		if (block->exit.kind == EXIT_NEXT &&
			live_at_start(function, block->exit.otherwise, block->exit.result))
			complain(verifier, "the result of next is read after exhaustion: register",
					 block->exit.result);
	}
}

/* ---- ownership, in counted machines ---- */

static void own_reads(void *context, Register reg, char letter)
{
	Verifier *verifier = context;
	(void)letter;
	if (verifier->function->registers[reg].rep != REP_VALUE)
		return;
	if (!verifier->owned[reg])
		complain(verifier, "read without owning: register", reg);
}

static void own_takes(void *context, Register reg, char letter)
{
	Verifier *verifier = context;
	if (letter != 'V')
		return;
	if (!verifier->owned[reg])
		complain(verifier, "taken twice: register", reg);
	verifier->owned[reg] = false;
}

static void own_set(Verifier *verifier, Register reg)
{
	if (reg == NO_REGISTER || verifier->function->registers[reg].rep != REP_VALUE)
		return;
	if (verifier->owned[reg])
		complain(verifier, "set while it owns a value: register", reg);
	verifier->owned[reg] = true;
}

static void check_edge(Verifier *verifier, const Block *target, Register result)
{
	const MachineFunction *function = verifier->function;
	for (Register reg = 0; reg < function->register_count; reg++) {
		if (function->registers[reg].rep != REP_VALUE)
			continue;
		bool owned = verifier->owned[reg] || reg == result;
		if (owned != live_at_start(function, target, reg))
			complain(verifier, owned ? "never given back: register" : "not owned: register", reg);
	}
}

static void check_counts(Verifier *verifier)
{
	MachineFunction *function = verifier->function;
	verifier->owned = ARENA_ARRAY(verifier->machine->arena, bool, function->register_count);
	for (uint32_t i = 0; i < function->block_count && !verifier->error; i++) {
		const Block *block = verifier->block = function->blocks[i];
		for (Register reg = 0; reg < function->register_count; reg++)
			verifier->owned[reg] =
				function->registers[reg].rep == REP_VALUE &&
				(i == 0 ? enters(function, reg) : live_at_start(function, block, reg));
		bool leaves = false;
		for (uint32_t k = 0; k < block->op_count; k++) {
			const Op *op = block->ops[k];
			op_reads(op, own_reads, verifier);
			op_reads(op, own_takes, verifier);
			if (op->code == OP_DROP)
				verifier->owned[op->operands[0].reg] = false;
			own_set(verifier, op->result);
			for (uint32_t r = 0; r < op->result_count; r++)
				own_set(verifier, op->results[r]);
			leaves |= op_row(op->code)->failure == FAILURE_ALWAYS;
		}
		const Exit *exit = &block->exit;
		exit_reads(exit, own_reads, verifier);
		exit_reads(exit, own_takes, verifier);
		if (leaves)
			continue;
		Register result = exit_has_result(exit) ? exit->result : NO_REGISTER;
		if (result != NO_REGISTER && verifier->owned[result])
			complain(verifier, "set while it owns a value: register", result);
		if (exit->kind == EXIT_RETURN) {
			for (Register reg = 0; reg < function->register_count; reg++)
				if (verifier->owned[reg])
					complain(verifier, "never given back: register", reg);
		} else {
			check_edge(verifier, exit->to, result);
			if (exit->otherwise)
				check_edge(verifier, exit->otherwise, NO_REGISTER);
		}
	}
}

const char *machine_verify(Machine *machine, bool counted)
{
	Verifier verifier = {.machine = machine};
	for (uint32_t i = 0; i < machine->function_count && !verifier.error; i++) {
		verifier.function = machine->functions[i];
		verifier.block = NULL;
		check_shape(&verifier);
		if (!verifier.error)
			check_flow(&verifier);
		if (!verifier.error && counted)
			check_counts(&verifier);
	}
	return verifier.error;
}
