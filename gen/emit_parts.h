/*
 * What the files of the emitter share. emit.c puts a program together; emit_constant.c and emit_type.c collect the
 * constants and types that functions mention; emit_function.c and emit_exit.c write the functions.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_EMIT_PARTS_H
#define SBX_GEN_EMIT_PARTS_H

#include "liveness.h"
#include "machine_rows.h"
#include "template_holes.h"

typedef struct ConstantPool ConstantPool;

typedef struct Emitter {
	Arena *arena;
	const Machine *machine;
	const EmitOptions *options;
	Text types, constants, tasks, task_defaults, frames, forwards, tables, functions;
	ConstantPool *pool;
	bool *type_done; /* by Type.id */
	uint32_t type_done_count;
} Emitter;

/* ---- names ---- */

/* The C identifier of `text`: other characters than letters, digits and _ become _. */
const char *emit_identifier(Arena *arena, const char *text);
const char *emit_register(const Emitter *emitter, const MachineFunction *function, Register reg);
const char *emit_function_name(const Emitter *emitter, const MachineFunction *function);
const char *emit_info_name(const Emitter *emitter, const MachineFunction *function);
const char *emit_frame_name(const Emitter *emitter, const MachineFunction *function);
const char *emit_entry_symbol(const Emitter *emitter, const MachineEntry *entry);

/* How many lines of the file stand before a code string, if its lines are lines of the file; else 0. */
uint32_t emit_lines_before(const Source *source);

/* ---- small blocks of text ---- */

Text *emit_block(Emitter *emitter, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A C string literal, or NULL; long ones become an array of their own. */
Text *emit_string(Emitter *emitter, const char *string);

/* ---- constants and types ---- */

ConstantPool *pool_make(Arena *arena);
/* The constant as an expression / as an initialiser of a static sbx_value. */
void emit_constant(Emitter *emitter, Text *out, const MachineConstant *constant);
void emit_initialiser(Emitter *emitter, Text *out, const MachineConstant *constant);
/* "&type_3", or "NULL" for what is not declared. */
Text *emit_type(Emitter *emitter, const Type *type);

/* ---- functions ---- */

void emit_function(Emitter *emitter, MachineFunction *function);

/* The function that is being written. */
typedef struct FunctionEmitter {
	Emitter *emitter;
	MachineFunction *function;
	Text *out;
	Text cold;        /* what follows the blocks: suspensions of calls */
	bool *site_fails; /* by site: its fail label is needed */
	bool *labels;     /* by block: somebody jumps to it */
	Register *kept;   /* room for what one exit keeps */
	bool *slots;      /* by register: it has a slot in the frame */
	uint32_t *states; /* by block: the state at which its exit resumes; 0: none */
	uint32_t state_count;
	bool has_turns, has_status;
	uint64_t keep_count; /* registers kept, over all suspensions */
	bool is_resident;    /* registers with a slot live in the frame all the time */
} FunctionEmitter;

/* Where a register is: its own C variable, or its slot in the frame. */
const char *emit_place(const FunctionEmitter *f, Register reg);

void emit_operand(FunctionEmitter *f, Text *out, const Operand *operand);
/* "(sbx_value[]){a, b}" or "NULL" */
void emit_operand_array(FunctionEmitter *f, Text *out, const Operand *operands, uint32_t count);
void emit_op(FunctionEmitter *f, const Op *op);
/* `next`: the block that follows in the text, or NULL. */
void emit_exit(FunctionEmitter *f, const Block *block, const Block *next);
void emit_fail(FunctionEmitter *f, uint32_t site);

#endif
