/*
 * Tidies a machine after lowering, so that lowering may be simple-minded about blocks: jumps to empty blocks that
 * only jump on go straight to the end, a block with one predecessor that jumps to it is merged into that, and what
 * cannot be reached goes. The entry block never gets a predecessor.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "liveness.h"

#include <string.h>

#include "machine_rows.h"

/* The block at which a jump to `block` really ends. */
static Block *final_target(Block *block)
{
	for (uint32_t hops = 0; block && hops < 64; hops++) {
		if (block->op_count != 0 || block->exit.kind != EXIT_JUMP || block->exit.to == block)
			return block;
		block = block->exit.to;
	}
	return block;
}

static void thread_jumps(MachineFunction *function)
{
	for (uint32_t i = 0; i < function->block_count; i++) {
		Exit *exit = &function->blocks[i]->exit;
		exit->to = final_target(exit->to);
		exit->otherwise = final_target(exit->otherwise);
		if (exit->kind == EXIT_BRANCH && exit->to == exit->otherwise) {
			exit->kind = EXIT_JUMP;
			exit->otherwise = NULL;
		}
	}
}

/* Depth-first from the entry, with a stack of its own: functions may have very many blocks. */
static uint32_t mark_reachable(Arena *arena, MachineFunction *function)
{
	uint32_t reached = 0, top = 0;
	Block **stack = ARENA_ARRAY(arena, Block *, (size_t)function->block_count * 2 + 1);
	for (uint32_t i = 0; i < function->block_count; i++)
		function->blocks[i]->predecessors = 0;
	stack[top++] = function->blocks[0];
	bool *seen = ARENA_ARRAY(arena, bool, function->block_count);
	for (uint32_t i = 0; i < function->block_count; i++)
		function->blocks[i]->index = i;
	while (top) {
		Block *block = stack[--top];
		if (seen[block->index])
			continue;
		seen[block->index] = true;
		reached++;
		Block *successors[2];
		uint32_t count = block_successors(block, successors);
		for (uint32_t s = 0; s < count; s++) {
			successors[s]->predecessors++;
			if (!seen[successors[s]->index])
				stack[top++] = successors[s];
		}
	}
	uint32_t kept = 0;
	for (uint32_t i = 0; i < function->block_count; i++) {
		Block *block = function->blocks[i];
		if (seen[i])
			function->blocks[kept++] = block;
	}
	function->block_count = kept;
	for (uint32_t i = 0; i < kept; i++)
		function->blocks[i]->index = i;
	return reached;
}

static void append_block(Machine *machine, Block *into, const Block *from)
{
	for (uint32_t k = 0; k < from->op_count; k++)
		machine_append(machine, into, from->ops[k]);
	into->exit = from->exit;
}

static void merge_chains(Machine *machine, MachineFunction *function)
{
	for (uint32_t i = 0; i < function->block_count; i++) {
		Block *block = function->blocks[i];
		if (block->exit.kind == EXIT_NONE)
			continue; /* merged into another already */
		while (block->exit.kind == EXIT_JUMP) {
			Block *next = block->exit.to;
			/* a block that begins a source line keeps its comment, unless this one has said it */
			if (next->predecessors != 1 || next == block || next == function->blocks[0] ||
				(next->line && next->line != block->line && block->op_count))
				break;
			if (next->line && !block->op_count)
				block->line = next->line;
			append_block(machine, block, next);
			next->exit = (Exit){.kind = EXIT_NONE, .result = NO_REGISTER, .condition = NO_REGISTER};
			next->op_count = 0;
		}
	}
}

/* The entry must have no predecessor, so that what enters the function is counted once. */
static void guard_entry(Machine *machine, MachineFunction *function)
{
	if (function->blocks[0]->predecessors == 0)
		return;
	Block *old = function->blocks[0];
	Block *entry = machine_block(machine, function, "start");
	entry->exit.kind = EXIT_JUMP;
	entry->exit.to = old;
	memmove(function->blocks + 1, function->blocks,
			(function->block_count - 1) * sizeof *function->blocks);
	function->blocks[0] = entry;
	for (uint32_t i = 0; i < function->block_count; i++)
		function->blocks[i]->index = i;
}

/*
 * Blocks in reverse postorder, the second successor visited first: so a loop's body follows its head and what comes
 * after the loop follows the body, as in the source.
 */
void machine_order(Arena *arena, MachineFunction *function)
{
	uint32_t count = function->block_count, placed = count, top = 0;
	Block **order = ARENA_ARRAY(arena, Block *, count),
		  **stack = ARENA_ARRAY(arena, Block *, count + 1);
	uint8_t *visits =
		ARENA_ARRAY(arena, uint8_t, count); /* successors already taken up, plus one */
	stack[top++] = function->blocks[0];
	visits[0] = 1;
	while (top) {
		Block *block = stack[top - 1], *successors[2];
		uint32_t successor_count = block_successors(block, successors);
		uint32_t taken = visits[block->index]++ - 1u;
		if (taken == successor_count) {
			order[--placed] = block;
			top--;
			continue;
		}
		Block *next = successors[successor_count - 1 - taken];
		if (!visits[next->index]) {
			visits[next->index] = 1;
			stack[top++] = next;
		}
	}
	memcpy(function->blocks, order + placed, (count - placed) * sizeof *order);
	function->block_count = count - placed;
	for (uint32_t i = 0; i < function->block_count; i++)
		function->blocks[i]->index = i;
}

void machine_tidy(Machine *machine)
{
	for (uint32_t i = 0; i < machine->function_count; i++) {
		MachineFunction *function = machine->functions[i];
		thread_jumps(function);
		mark_reachable(machine->arena, function);
		merge_chains(machine, function);
		mark_reachable(machine->arena, function);
		machine_order(machine->arena, function);
		guard_entry(machine, function);
	}
}
