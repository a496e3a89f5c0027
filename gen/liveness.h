/*
 * Liveness: which registers hold a value that is still needed, at the borders of blocks and inside them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_LIVENESS_H
#define SBX_GEN_LIVENESS_H

#include "machine.h"

/* Calls `visit` for each register that the operation or exit reads (taken or borrowed), in order, with repeats. */
typedef void (*RegisterVisit)(void *context, Register reg, char letter);
void op_reads(const Op *op, RegisterVisit visit, void *context);
void exit_reads(const Exit *exit, RegisterVisit visit, void *context);
/* Is `reg` live at the start / at the end (before the exit has read and set its registers: after it) of the block? */
bool live_at_start(const MachineFunction *function, const Block *block, Register reg);
bool live_at_end(const MachineFunction *function, const Block *block, Register reg);
/* The registers that are live at the start of `here` but not of `there`; returns how many. */
uint32_t live_missing(const MachineFunction *function, const Block *here, const Block *there,
					  Register *missing);
/* The successors, at most two. */
uint32_t block_successors(const Block *block, Block *successors[2]);
/* What must be kept over the suspension at this exit: live at `to` (and `otherwise`), without the result; in register
   order. `kept` has room for live_count registers; returns how many. */
uint32_t exit_keeps(const MachineFunction *function, const Exit *exit, Register *kept);
/* What is kept over one exit or another of those that count, each once, in no order. */
uint32_t function_keeps(Machine *machine, const MachineFunction *function,
						bool (*counts)(const Exit *), Register *kept);

#endif
