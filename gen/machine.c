/*
 * Building machines: functions, registers, blocks, operations, constants. Everything lives in the machine's arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "machine_rows.h"

#include <string.h>

/* Grows an array in the arena by doubling; the old one stays behind in the arena. */
static void *grow(Arena *arena, void *items, uint32_t count, uint32_t *capacity, size_t item_size)
{
	if (count < *capacity)
		return items;
	uint32_t wanted = *capacity ? *capacity * 2 : 8;
	void *fresh = arena_alloc(arena, wanted * item_size);
	if (count)
		memcpy(fresh, items, count * item_size);
	*capacity = wanted;
	return fresh;
}

Machine *machine_make(Arena *arena, const char *module)
{
	Machine *machine = ARENA_NEW(arena, Machine);
	machine->arena = arena;
	machine->module = module;
	return machine;
}

MachineFunction *machine_function(Machine *machine, const char *name, const char *qualified)
{
	MachineFunction *function = ARENA_NEW(machine->arena, MachineFunction);
	function->name = name;
	function->qualified = qualified;
	function->self = NO_REGISTER;
	function->index = machine->function_count;
	machine->functions = grow(machine->arena, machine->functions, machine->function_count,
							  &machine->function_capacity, sizeof *machine->functions);
	machine->functions[machine->function_count++] = function;
	return function;
}

Register machine_register(Machine *machine, MachineFunction *function, Representation rep,
						  const char *name, const Type *type)
{
	function->registers = grow(machine->arena, function->registers, function->register_count,
							   &function->register_capacity, sizeof *function->registers);
	function->registers[function->register_count] = (RegisterInfo){rep, name, type};
	return function->register_count++;
}

Block *machine_block(Machine *machine, MachineFunction *function, const char *label)
{
	Block *block = ARENA_NEW(machine->arena, Block);
	block->index = function->block_count;
	block->exit.result = block->exit.condition = NO_REGISTER;
	block->label = function->label_count
					   ? arena_format(machine->arena, "%s_%u", label, function->label_count)
					   : arena_format(machine->arena, "%s", label);
	function->label_count++;
	function->blocks = grow(machine->arena, function->blocks, function->block_count,
							&function->block_capacity, sizeof *function->blocks);
	function->blocks[function->block_count++] = block;
	return block;
}

uint32_t machine_site(Machine *machine, MachineFunction *function, MachineSite site)
{
	function->sites = grow(machine->arena, function->sites, function->site_count,
						   &function->site_capacity, sizeof *function->sites);
	function->sites[function->site_count] = site;
	return function->site_count++;
}

void machine_append(Machine *machine, Block *block, Op *op)
{
	block->ops =
		grow(machine->arena, block->ops, block->op_count, &block->op_capacity, sizeof *block->ops);
	block->ops[block->op_count++] = op;
}

Op *machine_op(Machine *machine, Block *block, OpCode code, Register result, uint32_t site,
			   const Operand *operands, uint32_t count)
{
	Op *op = ARENA_NEW(machine->arena, Op);
	op->code = code;
	op->result = result;
	op->site = site;
	op->count = count;
	op->operands = ARENA_ARRAY(machine->arena, Operand, count);
	if (count)
		memcpy(op->operands, operands, count * sizeof *operands);
	machine_append(machine, block, op);
	return op;
}

Operand operand_register(Register reg)
{
	return (Operand){NULL, reg};
}

Operand operand_constant(const MachineConstant *constant)
{
	return (Operand){constant, NO_REGISTER};
}

static MachineConstant *constant_make(Machine *machine, MachineConstantKind kind)
{
	MachineConstant *constant = ARENA_NEW(machine->arena, MachineConstant);
	constant->kind = kind;
	return constant;
}

const MachineConstant *constant_simple(Machine *machine, MachineConstantKind kind)
{
	return constant_make(machine, kind);
}

const MachineConstant *constant_int(Machine *machine, int64_t i)
{
	MachineConstant *constant = constant_make(machine, MC_INT);
	constant->integer = i;
	return constant;
}

const MachineConstant *constant_float(Machine *machine, double f)
{
	MachineConstant *constant = constant_make(machine, MC_FLOAT);
	constant->real = f;
	return constant;
}

const MachineConstant *constant_text(Machine *machine, MachineConstantKind kind, const char *text,
									 uint32_t length)
{
	MachineConstant *constant = constant_make(machine, kind);
	constant->text = arena_copy(machine->arena, text, length);
	constant->length = length;
	return constant;
}

const MachineConstant *constant_tuple(Machine *machine, const MachineConstant *const *items,
									  uint32_t count)
{
	MachineConstant *constant = constant_make(machine, MC_TUPLE);
	const MachineConstant **copy = ARENA_ARRAY(machine->arena, const MachineConstant *, count);
	if (count)
		memcpy(copy, items, count * sizeof *items);
	constant->items = copy;
	constant->count = count;
	return constant;
}

const MachineConstant *constant_task(Machine *machine, uint32_t task)
{
	MachineConstant *constant = constant_make(machine, MC_TASK);
	constant->index = task;
	return constant;
}

/* ---- the rows of machine.def as data ---- */

static const OpRow ROWS[OP_COUNT] = {
#define OP(enumerator, name, result, operands, failure, template_, meaning) \
	[OP_##enumerator] = {name, result, operands, FAILURE_##failure, template_, meaning},
#include "machine.def"
#undef OP
};

const OpRow *op_row(OpCode code)
{
	return &ROWS[code];
}

/* The letter of operand `index` in a specification such as "vV*v:n". */
char op_operand_letter(const char *specification, uint32_t index)
{
	for (const char *p = specification; *p && *p != ':'; p++) {
		if (*p == '*')
			return p[1];
		if (index-- == 0)
			return *p;
	}
	return 0;
}

uint32_t op_fixed_operands(const char *specification, bool *variadic)
{
	uint32_t count = 0;
	*variadic = false;
	for (const char *p = specification; *p && *p != ':'; p++) {
		if (*p == '*') {
			*variadic = true;
			return count;
		}
		count++;
	}
	return count;
}

const char *op_immediates(const char *specification)
{
	const char *colon = strchr(specification, ':');
	return colon ? colon + 1 : "";
}

/* The letters of an exit's operands: capital ones are taken. */
char exit_operand_letter(const Exit *exit, uint32_t index)
{
	switch (exit->kind) {
	case EXIT_RETURN:
	case EXIT_YIELD:
	case EXIT_TASK:
	case EXIT_CALL:
		return 'V';
	case EXIT_CALL_VALUE:
		return index < 2 ? 'v' : 'V';
	default:
		return 'v';
	}
}

bool exit_has_result(const Exit *exit)
{
	return exit->kind >= EXIT_TASK;
}

bool machine_same_tasks(const MachineEntry *a, const MachineEntry *b)
{
	return a->task_count == b->task_count &&
		   (a->tasks == b->tasks || !memcmp(a->tasks, b->tasks, a->task_count * sizeof *a->tasks));
}
