/*
 * The rows of machine.def as data, for the passes over machines.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_MACHINE_ROWS_H
#define SBX_GEN_MACHINE_ROWS_H

#include "machine.h"

typedef enum Failure {
	FAILURE_NEVER,
	FAILURE_TAG,
	FAILURE_NEGATIVE,
	FAILURE_STATUS,
	FAILURE_ALWAYS
} Failure;

typedef struct OpRow {
	const char *name;
	const char *result;
	const char *operands;
	Failure failure;
	const char *template_;
	const char *meaning;
} OpRow;

const OpRow *op_row(OpCode code);
/* 'v', 'V' (taken), 'i', 'f' or 'b'; 0 where the row has no such operand. */
char op_operand_letter(const char *specification, uint32_t index);
uint32_t op_fixed_operands(const char *specification, bool *variadic);
const char *op_immediates(const char *specification);
char exit_operand_letter(const Exit *exit, uint32_t index);
/* Exits whose `result` is set when the function goes on at `to`. */
bool exit_has_result(const Exit *exit);
/* Puts the blocks in the order in which they are printed and emitted (machine_tidy.c). */
void machine_order(Arena *arena, MachineFunction *function);
/* Appends an operation that was made by itself. */
void machine_append(Machine *machine, Block *block, Op *op);

#endif
