/*
 * Reference counting, once and for all: lowering writes operations as if values were free, and this pass makes each
 * register that holds a value give it back exactly once.
 *
 * The rules, from liveness:
 *   - An operation that takes an operand gets the register's own reference if it is the last use, else a copy.
 *   - After the last use by an operation that only borrows, the register is dropped.
 *   - a + b takes a when that is its last use (add.take), so that texts can grow in place.
 *   - A result that nobody reads is dropped at once.
 *   - Where a value is live at the end of a block but not in one of its successors, it is dropped on that edge, in the
 *     successor if it has one predecessor, else in a block of its own.
 * An operation that raises leaves the function and the run with it, so there is nothing to give back on that way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "liveness.h"

#include <string.h>

#include "machine_rows.h"

typedef struct Counting {
	Machine *machine;
	MachineFunction *function;
	Block *block;      /* being rewritten: its ops are appended anew */
	Register *missing; /* room for live_missing */
} Counting;

static bool is_value(const MachineFunction *function, Register reg)
{
	return reg != NO_REGISTER && function->registers[reg].rep == REP_VALUE;
}

static void put_drop(Counting *counting, Block *block, Register reg)
{
	Operand operand = operand_register(reg);
	machine_op(counting->machine, block, OP_DROP, NO_REGISTER, UINT32_MAX, &operand, 1);
}

static Register put_copy(Counting *counting, Register reg, OpCode code)
{
	Operand operand = operand_register(reg);
	Register copy = machine_register(counting->machine, counting->function, REP_VALUE, NULL,
									 counting->function->registers[reg].type);
	machine_op(counting->machine, counting->block, code, copy, UINT32_MAX, &operand, 1);
	return copy;
}

/* How often an operand list reads a register, borrowed and taken. */
typedef struct Reads {
	uint32_t borrowed, taken;
} Reads;

typedef char (*LetterOf)(const void *owner, uint32_t index);

static char op_letter(const void *owner, uint32_t index)
{
	return op_operand_letter(op_row(((const Op *)owner)->code)->operands, index);
}

static char exit_letter(const void *owner, uint32_t index)
{
	return exit_operand_letter(owner, index);
}

static Reads count_reads(const void *owner, LetterOf letter_of, const Operand *operands,
						 uint32_t count, Register reg)
{
	Reads reads = {0, 0};
	for (uint32_t i = 0; i < count; i++) {
		if (operands[i].constant || operands[i].reg != reg)
			continue;
		if (letter_of(owner, i) == 'V')
			reads.taken++;
		else
			reads.borrowed++;
	}
	return reads;
}

/* ---- inside a block ---- */

/*
 * Liveness after an operation is found with one backward walk per block that writes, for each operation, which of
 * its registers die there: `dies` has one bit an operand, `result_dies` tells of the result.
 */
typedef struct Death {
	bool *operand_dies; /* per operand: the register is not live after this operation */
	bool result_dies;
	bool *results_die;
} Death;

/* Whether a register is live while the walk goes back over a block, for those that the block mentions. */
typedef struct LiveHere {
	const MachineFunction *function;
	const Block *block;
	uint32_t *known_in; /* by register: the block (its index + 1) for which `live` is known */
	bool *live;
} LiveHere;

static bool is_live(LiveHere *here, Register reg)
{
	if (here->known_in[reg] != here->block->index + 1) {
		here->known_in[reg] = here->block->index + 1;
		here->live[reg] = live_at_end(here->function, here->block, reg);
	}
	return here->live[reg];
}

static void set_live(LiveHere *here, Register reg, bool live)
{
	here->known_in[reg] = here->block->index + 1;
	here->live[reg] = live;
}

static void mark_live(void *context, Register reg, char letter)
{
	(void)letter;
	set_live(context, reg, true);
}

static Death *find_deaths(Counting *counting, const Block *block, LiveHere *here)
{
	Arena *arena = counting->machine->arena;
	Death *deaths = ARENA_ARRAY(arena, Death, block->op_count + 1);
	here->block = block;
	const Exit *exit = &block->exit;
	Death *last = &deaths[block->op_count];
	last->operand_dies = ARENA_ARRAY(arena, bool, exit->count + 1);
	for (uint32_t i = 0; i < exit->count; i++)
		last->operand_dies[i] =
			!exit->operands[i].constant && !is_live(here, exit->operands[i].reg);
	exit_reads(exit, mark_live, here);
	for (uint32_t k = block->op_count; k-- > 0;) {
		const Op *op = block->ops[k];
		Death *death = &deaths[k];
		if (op->result != NO_REGISTER) {
			death->result_dies = !is_live(here, op->result);
			set_live(here, op->result, false);
		}
		death->results_die = ARENA_ARRAY(arena, bool, op->result_count + 1);
		for (uint32_t r = 0; r < op->result_count; r++) {
			death->results_die[r] = !is_live(here, op->results[r]);
			set_live(here, op->results[r], false);
		}
		death->operand_dies = ARENA_ARRAY(arena, bool, op->count + 1);
		for (uint32_t i = 0; i < op->count; i++)
			death->operand_dies[i] =
				!op->operands[i].constant && !is_live(here, op->operands[i].reg);
		op_reads(op, mark_live, here);
	}
	return deaths;
}

static bool op_sets(const Op *op, Register reg)
{
	bool sets = op->result == reg;
	for (uint32_t r = 0; r < op->result_count; r++)
		sets |= op->results[r] == reg;
	return sets;
}

static void count_op(Counting *counting, Op *op, const Death *death)
{
	MachineFunction *function = counting->function;
	Block *block = counting->block;
	Register *drops = ARENA_ARRAY(counting->machine->arena, Register, op->count + 1);
	uint32_t drop_count = 0;
	if (op->code == OP_ADD && !op->operands[0].constant && death->operand_dies[0] &&
		(op->operands[1].constant || op->operands[1].reg != op->operands[0].reg))
		op->code = OP_ADD_TAKE;
	for (uint32_t i = 0; i < op->count; i++) {
		Register reg = op->operands[i].reg;
		if (op->operands[i].constant || !is_value(function, reg))
			continue;
		Reads reads = count_reads(op, op_letter, op->operands, op->count, reg);
		bool first = true;
		for (uint32_t k = 0; k < i; k++)
			first &= op->operands[k].constant || op->operands[k].reg != reg;
		if (!first)
			continue; /* all its places were settled with the first one */
		bool dies = death->operand_dies[i];
		bool own_is_taken = dies && reads.borrowed == 0;
		Register borrowed_from = reg;
		if (dies && !own_is_taken && op_sets(op, reg)) {
			/* the operation overwrites the register it borrows from: keep the old value aside */
			borrowed_from = put_copy(counting, reg, OP_MOVE);
		}
		for (uint32_t k = i; k < op->count; k++) {
			if (op->operands[k].constant || op->operands[k].reg != reg)
				continue;
			if (op_letter(op, k) != 'V')
				op->operands[k].reg = borrowed_from;
			else if (own_is_taken)
				own_is_taken = false;
			else
				op->operands[k].reg = put_copy(counting, borrowed_from, OP_COPY);
		}
		if (dies && reads.borrowed > 0)
			drops[drop_count++] = borrowed_from;
	}
	machine_append(counting->machine, block, op);
	if (op_row(op->code)->failure == FAILURE_ALWAYS)
		return;
	for (uint32_t i = 0; i < drop_count; i++)
		put_drop(counting, block, drops[i]);
	if (is_value(function, op->result) && death->result_dies)
		put_drop(counting, block, op->result);
	for (uint32_t r = 0; r < op->result_count; r++)
		if (death->results_die[r])
			put_drop(counting, block, op->results[r]);
}

/* ---- at the end of a block ---- */

/* Takes copies for taken operands; returns how many registers the exit leaves to be dropped on its edges. */
static uint32_t count_exit(Counting *counting, Exit *exit, const Death *death, Register *left)
{
	uint32_t left_count = 0;
	for (uint32_t i = 0; i < exit->count; i++) {
		Register reg = exit->operands[i].reg;
		if (exit->operands[i].constant)
			continue;
		bool first = true;
		for (uint32_t k = 0; k < i; k++)
			first &= exit->operands[k].constant || exit->operands[k].reg != reg;
		if (!first)
			continue;
		Reads reads = count_reads(exit, exit_letter, exit->operands, exit->count, reg);
		bool own_is_taken = death->operand_dies[i] && reads.borrowed == 0;
		for (uint32_t k = i; k < exit->count; k++) {
			if (exit->operands[k].constant || exit->operands[k].reg != reg ||
				exit_letter(exit, k) != 'V')
				continue;
			if (own_is_taken)
				own_is_taken = false;
			else
				exit->operands[k].reg = put_copy(counting, reg, OP_COPY);
		}
		if (death->operand_dies[i] && reads.borrowed > 0)
			left[left_count++] = reg;
	}
	return left_count;
}

/* The block in which values can be dropped that are owned at the end of `from` but not needed in *edge. */
static Block *edge_block(Counting *counting, Block **edge, Block *fresh)
{
	if (fresh)
		return fresh;
	Block *between = machine_block(counting->machine, counting->function, "edge");
	between->exit.kind = EXIT_JUMP;
	between->exit.to = *edge;
	*edge = between;
	return between;
}

/* What the edge from a block to *edge must drop. `left`: registers that the exit borrowed and that died there;
   `other`: where else the exit may go, or NULL, with what is live there in vain here. */
static void count_edge(Counting *counting, const Block *from, Block **edge, const Block *other,
					   const Register *left, uint32_t left_count, bool has_result)
{
	MachineFunction *function = counting->function;
	const Block *target = *edge;
	Register result = exit_has_result(&from->exit) ? from->exit.result : NO_REGISTER;
	Block *between = NULL;
	for (uint32_t i = 0; i < left_count; i++) {
		between = edge_block(counting, edge, between);
		put_drop(counting, between, left[i]);
	}
	uint32_t dead = other ? live_missing(function, other, target, counting->missing) : 0;
	for (uint32_t i = 0; i < dead; i++) {
		Register reg = counting->missing[i];
		/* on the way to `otherwise` the result is not set, and it is live only on the other way */
		if (!is_value(function, reg) || (!has_result && reg == result))
			continue;
		between = edge_block(counting, edge, between);
		put_drop(counting, between, reg);
	}
	if (has_result && is_value(function, result) && !live_at_start(function, target, result)) {
		between = edge_block(counting, edge, between);
		put_drop(counting, between, result);
	}
}

static void count_entry(Counting *counting)
{
	MachineFunction *function = counting->function;
	Block *entry = function->blocks[0];
	for (uint32_t p = 0; p < function->param_count + 1; p++) {
		Register reg = p < function->param_count ? function->params[p].reg : function->self;
		if (is_value(function, reg) && !live_at_start(function, entry, reg))
			put_drop(counting, entry, reg);
	}
}

static void count_function(Machine *machine, MachineFunction *function)
{
	machine_liveness(machine, function);
	Counting counting = {.machine = machine, .function = function};
	uint32_t block_count = function->block_count, register_count = function->register_count;
	LiveHere here = {.function = function};
	here.known_in = ARENA_ARRAY(machine->arena, uint32_t, register_count);
	here.live = ARENA_ARRAY(machine->arena, bool, register_count);
	counting.missing = ARENA_ARRAY(machine->arena, Register, function->live_count + 1);
	for (uint32_t i = 0; i < block_count; i++) {
		Block *block = function->blocks[i];
		Death *deaths = find_deaths(&counting, block, &here);
		Op **ops = block->ops;
		uint32_t op_count = block->op_count;
		counting.block = block;
		block->ops = NULL;
		block->op_count = block->op_capacity = 0;
		if (i == 0)
			count_entry(&counting);
		for (uint32_t k = 0; k < op_count; k++)
			count_op(&counting, ops[k], &deaths[k]);
		Register *left = ARENA_ARRAY(machine->arena, Register, block->exit.count + 1);
		uint32_t left_count = count_exit(&counting, &block->exit, &deaths[op_count], left);
		bool has_result = exit_has_result(&block->exit);
		if (block->exit.kind == EXIT_RETURN || block->exit.kind == EXIT_RAISE)
			continue;
		Block *to = block->exit.to, *otherwise = block->exit.otherwise;
		if (to)
			count_edge(&counting, block, &block->exit.to, otherwise, left, left_count, has_result);
		if (otherwise)
			count_edge(&counting, block, &block->exit.otherwise, to, left, left_count, false);
	}
	machine_order(machine->arena, function);
}

void machine_count(Machine *machine)
{
	for (uint32_t i = 0; i < machine->function_count; i++)
		count_function(machine, machine->functions[i]);
}
