/*
 * Liveness by the usual backward data flow. Most registers are temporaries that live inside one block; only those
 * that some block reads before it sets them get a place in the bit sets, so that the sets stay small and the
 * whole pass nearly linear in the size of the function.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "liveness.h"

#include <stdlib.h>
#include <string.h>

#include "machine_rows.h"

void op_reads(const Op *op, RegisterVisit visit, void *context)
{
	const char *specification = op_row(op->code)->operands;
	for (uint32_t i = 0; i < op->count; i++) {
		if (!op->operands[i].constant)
			visit(context, op->operands[i].reg, op_operand_letter(specification, i));
	}
}

void exit_reads(const Exit *exit, RegisterVisit visit, void *context)
{
	for (uint32_t i = 0; i < exit->count; i++) {
		if (!exit->operands[i].constant)
			visit(context, exit->operands[i].reg, exit_operand_letter(exit, i));
	}
	if (exit->kind == EXIT_BRANCH)
		visit(context, exit->condition, 'b');
}

uint32_t block_successors(const Block *block, Block *successors[2])
{
	uint32_t count = 0;
	if (block->exit.kind == EXIT_RETURN || block->exit.kind == EXIT_RAISE)
		return 0;
	if (block->exit.to)
		successors[count++] = block->exit.to;
	if (block->exit.otherwise)
		successors[count++] = block->exit.otherwise;
	return count;
}

static bool bit_has(const uint64_t *set, uint32_t bit)
{
	return bit != UINT32_MAX && (set[bit / 64] >> (bit % 64) & 1);
}

bool live_at_start(const MachineFunction *function, const Block *block, Register reg)
{
	return bit_has(block->live_in, function->live_index[reg]);
}

/* ---- which registers cross a border ---- */

typedef struct Exposure {
	MachineFunction *function;
	uint32_t *set_in; /* the block (its index + 1) that set the register last */
	uint32_t block;
} Exposure;

static void note_exposed(void *context, Register reg, char letter)
{
	Exposure *exposure = context;
	(void)letter;
	if (exposure->set_in[reg] != exposure->block &&
		exposure->function->live_index[reg] == UINT32_MAX)
		exposure->function->live_index[reg] = exposure->function->live_count++;
}

static void number_crossing_registers(Machine *machine, MachineFunction *function)
{
	Exposure exposure = {function, NULL, 0};
	exposure.set_in = ARENA_ARRAY(machine->arena, uint32_t, function->register_count);
	function->live_index = ARENA_ARRAY(machine->arena, uint32_t, function->register_count);
	memset(function->live_index, 0xff, function->register_count * sizeof *function->live_index);
	function->live_count = 0;
	for (uint32_t i = 0; i < function->block_count; i++) {
		Block *block = function->blocks[i];
		exposure.block = i + 1;
		for (uint32_t k = 0; k < block->op_count; k++) {
			const Op *op = block->ops[k];
			op_reads(op, note_exposed, &exposure);
			if (op->result != NO_REGISTER)
				exposure.set_in[op->result] = exposure.block;
			for (uint32_t r = 0; r < op->result_count; r++)
				exposure.set_in[op->results[r]] = exposure.block;
		}
		exit_reads(&block->exit, note_exposed, &exposure);
	}
	function->live_words = (function->live_count + 63) / 64;
	function->live_registers = ARENA_ARRAY(machine->arena, Register, function->live_count + 1);
	for (Register reg = 0; reg < function->register_count; reg++) {
		if (function->live_index[reg] != UINT32_MAX)
			function->live_registers[function->live_index[reg]] = reg;
	}
}

/* ---- the flow ---- */

typedef struct Local {
	const MachineFunction *function;
	uint64_t *gen, *kill;
} Local;

static void note_read(void *context, Register reg, char letter)
{
	Local *local = context;
	uint32_t bit = local->function->live_index[reg];
	(void)letter;
	if (bit != UINT32_MAX && !bit_has(local->kill, bit))
		local->gen[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static void note_set(Local *local, Register reg)
{
	uint32_t bit = reg == NO_REGISTER ? UINT32_MAX : local->function->live_index[reg];
	if (bit != UINT32_MAX)
		local->kill[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static void block_local_sets(const Block *block, Local *local)
{
	for (uint32_t k = 0; k < block->op_count; k++) {
		const Op *op = block->ops[k];
		op_reads(op, note_read, local);
		note_set(local, op->result);
		for (uint32_t r = 0; r < op->result_count; r++)
			note_set(local, op->results[r]);
	}
	exit_reads(&block->exit, note_read, local);
}

/* live_out of a block: what its successors need, without the result that the exit itself sets on the way to `to`. */
static void gather_out(const MachineFunction *function, Block *block)
{
	const Exit *exit = &block->exit;
	Block *successors[2];
	uint32_t count = block_successors(block, successors);
	for (uint32_t s = 0; s < count; s++) {
		for (uint32_t w = 0; w < function->live_words; w++) {
			uint64_t bits = successors[s]->live_in[w];
			if (exit_has_result(exit) && exit->result != NO_REGISTER && successors[s] == exit->to) {
				uint32_t bit = function->live_index[exit->result];
				if (bit != UINT32_MAX && bit / 64 == w)
					bits &= ~((uint64_t)1 << (bit % 64));
			}
			block->live_out[w] |= bits;
		}
	}
}

void machine_liveness(Machine *machine, MachineFunction *function)
{
	number_crossing_registers(machine, function);
	uint32_t words = function->live_words, blocks = function->block_count;
	uint64_t *sets = ARENA_ARRAY(machine->arena, uint64_t, (size_t)words * blocks * 4 + 1);
	for (uint32_t i = 0; i < blocks; i++) {
		Block *block = function->blocks[i];
		block->live_in = sets + (size_t)i * words * 4;
		block->live_out = block->live_in + words;
		block->index = i;
		block->predecessors = 0;
		Local local = {function, block->live_in + 2 * words, block->live_in + 3 * words};
		block_local_sets(block, &local);
	}
	for (uint32_t i = 0; i < blocks; i++) {
		Block *successors[2];
		uint32_t count = block_successors(function->blocks[i], successors);
		for (uint32_t s = 0; s < count; s++)
			successors[s]->predecessors++;
	}
	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t i = blocks; i-- > 0;) {
			Block *block = function->blocks[i];
			const uint64_t *gen = block->live_in + 2 * words, *kill = block->live_in + 3 * words;
			gather_out(function, block);
			for (uint32_t w = 0; w < words; w++) {
				uint64_t in = gen[w] | (block->live_out[w] & ~kill[w]);
				changed |= in != block->live_in[w];
				block->live_in[w] = in;
			}
		}
	}
}

static int compare_registers(const void *a, const void *b)
{
	Register x = *(const Register *)a, y = *(const Register *)b;
	return x < y ? -1 : x > y;
}

uint32_t exit_keeps(const MachineFunction *function, const Exit *exit, Register *kept)
{
	uint32_t count = 0;
	for (uint32_t w = 0; w < function->live_words; w++) {
		uint64_t bits = (exit->to ? exit->to->live_in[w] : 0) |
						(exit->otherwise ? exit->otherwise->live_in[w] : 0);
		for (; bits; bits &= bits - 1) {
			Register reg = function->live_registers[w * 64 + (uint32_t)__builtin_ctzll(bits)];
			if (!exit_has_result(exit) || reg != exit->result)
				kept[count++] = reg;
		}
	}
	qsort(kept, count, sizeof *kept, compare_registers);
	return count;
}
