/*
 * Register classes by a forward analysis. Kinds are found for each register once and for all places (registers are
 * variables, and most are set once): the join of what is ever put into it, over the whole machine until nothing changes,
 * since the arguments of generators and of direct calls are operands elsewhere. A register that is kept over some
 * suspension is then widened to a class that has a letter. Only whether a register is bound depends on the place.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "register_class.h"

#include <string.h>

#include "liveness.h"
#include "machine_rows.h"

enum Kinds {
	K_UNBOUND = 1,
	K_NONE = 2,
	K_STR = 4,
	K_LIST = 8,
	K_TUPLE = 16,
	K_DICT = 32,
	K_SET = 64,
	K_ITERATOR = 128,
	K_SELF = 256, /* the closure of the function whose register it is */
	K_CELL = 512,
	K_OTHER = 1024,
	K_VALUE = K_NONE | K_STR | K_LIST | K_TUPLE | K_DICT | K_SET | K_ITERATOR | K_SELF | K_OTHER
};

/* From the narrowest on. */
static const struct {
	char letter;
	uint16_t kinds;
} CLASSES[] = {
	{'q', K_SELF},
	{'c', K_CELL},
	{'n', K_ITERATOR},
	{'s', K_STR},
	{'l', K_LIST},
	{'t', K_TUPLE},
	{'d', K_DICT},
	{'e', K_SET},
	{'r', K_LIST | K_NONE},
	{'p', K_LIST | K_TUPLE},
	{'o', K_DICT | K_NONE},
	{'v', K_VALUE},
	{'v', 0xFFFF & ~K_UNBOUND},
};

typedef struct FunctionClasses {
	uint16_t *kinds; /* by register */
	uint32_t
		*closures;  /* by register: the function whose closure it holds, plus 1; 0: none so far */
	Register *kept; /* over some suspension */
	uint32_t kept_count;
	uint64_t **unbound; /* by block: a bit for each register that may be unbound where it begins */
} FunctionClasses;

#define ANY_CLOSURE UINT32_MAX

struct RegisterClasses {
	FunctionClasses *functions;
};

typedef struct RegisterClasses RegisterClasses;

typedef struct Pass {
	Machine *machine;
	RegisterClasses *classes;
	const MachineFunction *function;
	const Block *block;
	bool changed;
	const char *defect;
} Pass;

static uint16_t kinds_of(const Pass *pass, const Operand *operand)
{
	if (!operand->constant)
		return pass->classes->functions[pass->function->index].kinds[operand->reg];
	switch (operand->constant->kind) {
	case MC_UNBOUND:
		return K_UNBOUND;
	case MC_NONE:
		return K_NONE;
	case MC_STR:
		return K_STR;
	case MC_TUPLE:
		return K_TUPLE;
	default:
		return K_OTHER;
	}
}

static uint32_t closure_of(const Pass *pass, const Operand *operand)
{
	return operand->constant
			   ? ANY_CLOSURE
			   : pass->classes->functions[pass->function->index].closures[operand->reg];
}

/* ---- what operations put where ---- */

static void put_closure(Pass *pass, const MachineFunction *function, Register reg, uint32_t closure)
{
	uint32_t *known = &pass->classes->functions[function->index].closures[reg];
	if (*known == closure || *known == ANY_CLOSURE || !closure)
		return;
	pass->changed = true;
	*known = *known ? ANY_CLOSURE : closure;
}

static void put(Pass *pass, const MachineFunction *function, Register reg, uint16_t kinds)
{
	if (reg == NO_REGISTER || function->registers[reg].rep != REP_VALUE)
		return;
	uint16_t *known = &pass->classes->functions[function->index].kinds[reg];
	pass->changed |= (kinds & ~*known) != 0;
	*known |= kinds;
}

/* What an operand is for another function: the closure of this one is any value there. */
static uint16_t outside(uint16_t kinds)
{
	return kinds & K_SELF ? (uint16_t)((kinds & ~K_SELF) | K_OTHER) : kinds;
}

static uint16_t kinds_of_type(const char *type)
{
	static const struct {
		const char *name;
		uint16_t kinds;
	} TYPES[] = {{"list", K_LIST}, {"tuple", K_TUPLE}, {"dict", K_DICT},
				 {"set", K_SET},   {"str", K_STR},     {"sorted", K_LIST}};
	for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++)
		if (strcmp(TYPES[i].name, type) == 0)
			return TYPES[i].kinds;
	return K_VALUE;
}

static uint16_t result_kinds(const Pass *pass, const Op *op)
{
	switch (op->code) {
	case OP_MOVE:
	case OP_COPY:
		return kinds_of(pass, &op->operands[0]);
	case OP_LIST:
		return K_LIST;
	case OP_TUPLE:
	case OP_LIST_TO_TUPLE:
	case OP_MAP_LISTS:
	case OP_MAP_COLUMNS:
		return K_TUPLE;
	case OP_DICT:
		return K_DICT;
	case OP_SET:
		return K_SET;
	case OP_STR_CONCAT:
	case OP_FORMAT:
	case OP_TO_STR:
		return K_STR;
	case OP_ITER:
	case OP_GENERATOR:
		return K_ITERATOR;
	case OP_CELL:
		return K_CELL;
	case OP_CELL_GET:
		return K_VALUE | K_UNBOUND;
	case OP_CAPTURED:
		return op->number < (int64_t)pass->function->default_count ? K_VALUE : K_CELL;
	case OP_CALL_TYPE:
	case OP_CALL_BUILTIN:
		return kinds_of_type(op->text);
	case OP_V_FROM_I:
	case OP_V_FROM_F:
	case OP_V_FROM_B:
		return K_OTHER;
	default:
		return K_VALUE;
	}
}

static void put_op(Pass *pass, const Op *op)
{
	if (op->result != NO_REGISTER && pass->function->registers[op->result].rep == REP_VALUE) {
		put(pass, pass->function, op->result, result_kinds(pass, op));
		put_closure(pass, pass->function, op->result,
					op->code == OP_CLOSURE ? op->function->index + 1
					: op->code == OP_MOVE || op->code == OP_COPY
						? closure_of(pass, &op->operands[0])
						: ANY_CLOSURE);
	}
	for (uint32_t i = 0; i < op->result_count; i++)
		put(pass, pass->function, op->results[i], K_VALUE);
	if (op->code == OP_GENERATOR)
		for (uint32_t i = 1; i < op->count && i <= op->function->param_count; i++)
			put(pass, op->function, op->function->params[i - 1].reg,
				outside(kinds_of(pass, &op->operands[i])));
	if (op->code == OP_CLOSURE && !op->function->is_generator) /* anybody may call it */
		for (uint32_t i = 0; i < op->function->param_count; i++)
			put(pass, op->function, op->function->params[i].reg, K_VALUE);
}

static void put_exit(Pass *pass, const Exit *exit)
{
	if (exit_has_result(exit)) {
		put(pass, pass->function, exit->result, K_VALUE);
		put_closure(pass, pass->function, exit->result, ANY_CLOSURE);
	}
	if (exit->kind == EXIT_CALL)
		for (uint32_t i = 1; i < exit->count; i++)
			put(pass, exit->function, exit->function->params[i - 1].reg,
				outside(kinds_of(pass, &exit->operands[i])));
}

static void put_function(Pass *pass, const MachineFunction *function)
{
	pass->function = function;
	put(pass, function, function->self, K_SELF);
	for (uint32_t p = 0; p < function->param_count; p++)
		put_closure(pass, function, function->params[p].reg, ANY_CLOSURE);
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = function->blocks[i];
		for (uint32_t k = 0; k < block->op_count; k++)
			put_op(pass, block->ops[k]);
		put_exit(pass, &block->exit);
	}
}

/* Functions that nothing here calls or makes a value of are called by the runtime: builtins that call back. */
static void put_uncalled(Pass *pass, const MachineFunction *function)
{
	const uint16_t *kinds = pass->classes->functions[function->index].kinds;
	for (uint32_t p = 0; !function->is_generator && p < function->param_count; p++)
		if (!kinds[function->params[p].reg])
			put(pass, function, function->params[p].reg, K_VALUE);
}

/* ---- widening to classes ---- */

static uint32_t class_of(uint16_t kinds)
{
	uint32_t i = 0;
	while (kinds & ~CLASSES[i].kinds & ~K_UNBOUND)
		i++;
	return i;
}

static bool may_stay(const Exit *exit)
{
	return exit->kind == EXIT_TASK || exit->kind == EXIT_MAP || exit->kind == EXIT_YIELD ||
		   exit->suspends;
}

/* Which registers stay over some suspension. */
static void find_kept(Pass *pass, MachineFunction *function)
{
	FunctionClasses *classes = &pass->classes->functions[function->index];
	machine_liveness(pass->machine, function);
	Register *all = ARENA_ARRAY(pass->machine->arena, Register, function->live_count + 1);
	classes->kept = all;
	classes->kept_count = function_keeps(pass->machine, function, may_stay, all);
}

/* A register that nothing reaches, as in a generator that is never made, stays without a kind. */
static void widen_register(Pass *pass, const MachineFunction *function, Register reg)
{
	uint16_t known = pass->classes->functions[function->index].kinds[reg];
	if (known)
		put(pass, function, reg, CLASSES[class_of(known)].kinds);
}

static void widen(Pass *pass, const MachineFunction *function)
{
	const FunctionClasses *classes = &pass->classes->functions[function->index];
	for (uint32_t k = 0; k < classes->kept_count; k++) {
		widen_register(pass, function, classes->kept[k]);
		if (classes->kinds[classes->kept[k]])
			put_closure(pass, function, classes->kept[k], ANY_CLOSURE);
	}
	if (function->is_generator) /* its arguments are kept before it begins */
		for (uint32_t p = 0; p < function->param_count; p++)
			widen_register(pass, function, function->params[p].reg);
}

/* ---- bound or not, by place ---- */

static void bit_set(uint64_t *set, Register reg, bool value)
{
	uint64_t bit = UINT64_C(1) << (reg % 64);
	set[reg / 64] = value ? set[reg / 64] | bit : set[reg / 64] & ~bit;
}

static bool bit_is(const uint64_t *set, Register reg)
{
	return set[reg / 64] >> (reg % 64) & 1;
}

static bool operand_unbound(const uint64_t *set, const Operand *operand)
{
	return operand->constant ? operand->constant->kind == MC_UNBOUND : bit_is(set, operand->reg);
}

static void flow_op(const Op *op, uint64_t *set)
{
	if (op->code == OP_CHECK_BOUND && !op->operands[0].constant)
		bit_set(set, op->operands[0].reg, false);
	if (op->result != NO_REGISTER) {
		bool unbound = op->code == OP_CELL_GET;
		if (op->code == OP_MOVE || op->code == OP_COPY)
			unbound = operand_unbound(set, &op->operands[0]);
		bit_set(set, op->result, unbound);
	}
	for (uint32_t i = 0; i < op->result_count; i++)
		bit_set(set, op->results[i], false);
}

/* The register that a branch has just found bound on its way to `to`, or NO_REGISTER. */
static Register found_bound(const Block *block, const Block *to)
{
	const Exit *exit = &block->exit;
	if (exit->kind != EXIT_BRANCH || to != exit->otherwise || exit->otherwise == exit->to)
		return NO_REGISTER;
	for (uint32_t k = block->op_count; k-- > 0;) {
		const Op *op = block->ops[k];
		if (op->result == exit->condition)
			return op->code == OP_IS_UNBOUND && !op->operands[0].constant ? op->operands[0].reg
																		  : NO_REGISTER;
		if (op->code != OP_COPY && op->code != OP_DROP)
			return NO_REGISTER;
	}
	return NO_REGISTER;
}

static void flow_edge(Pass *pass, FunctionClasses *classes, const Block *block, const Block *to,
					  uint64_t *set)
{
	uint32_t words = pass->function->register_count / 64 + 1;
	Register bound = found_bound(block, to);
	bool was = bound != NO_REGISTER && bit_is(set, bound);
	if (was)
		bit_set(set, bound, false);
	for (uint32_t w = 0; w < words; w++) {
		pass->changed |= (set[w] & ~classes->unbound[to->index][w]) != 0;
		classes->unbound[to->index][w] |= set[w];
	}
	if (was)
		bit_set(set, bound, true);
}

static bool is_ever_unbound(const Pass *pass, const FunctionClasses *classes)
{
	for (Register reg = 0; reg < pass->function->register_count; reg++)
		if (classes->kinds[reg] & K_UNBOUND)
			return true;
	return false;
}

static void flow_function(Pass *pass, const MachineFunction *function)
{
	FunctionClasses *classes = &pass->classes->functions[function->index];
	uint32_t words = function->register_count / 64 + 1;
	pass->function = function;
	if (!is_ever_unbound(pass, classes))
		return;
	uint64_t *set = ARENA_ARRAY(pass->machine->arena, uint64_t, words);
	classes->unbound = ARENA_ARRAY(pass->machine->arena, uint64_t *, function->block_count);
	for (uint32_t i = 0; i < function->block_count; i++)
		classes->unbound[i] = ARENA_ARRAY(pass->machine->arena, uint64_t, words);
	for (uint32_t p = 0; p < function->param_count; p++)
		if (classes->kinds[function->params[p].reg] & K_UNBOUND)
			bit_set(classes->unbound[0], function->params[p].reg, true);
	do {
		pass->changed = false;
		for (uint32_t i = 0; i < function->block_count; i++) {
			const Block *block = function->blocks[i];
			Block *successors[2];
			memcpy(set, classes->unbound[i], words * sizeof *set);
			for (uint32_t k = 0; k < block->op_count; k++)
				flow_op(block->ops[k], set);
			if (exit_has_result(&block->exit))
				bit_set(set, block->exit.result, false);
			uint32_t count = block_successors(block, successors);
			for (uint32_t s = 0; s < count; s++)
				flow_edge(pass, classes, block, successors[s], set);
		}
	} while (pass->changed);
}

/* ---- what operations rely on ---- */

static void rely(Pass *pass, const char *name, const Operand *operand, uint16_t kinds)
{
	uint16_t known = kinds_of(pass, operand) & ~K_UNBOUND;
	if ((known & ~kinds) && !pass->defect)
		pass->defect = arena_format(pass->machine->arena,
									"function %u \"%s\", block \"%s\": %s relies on register %u",
									pass->function->index, pass->function->name, pass->block->label,
									name, operand->constant ? 0 : (unsigned)operand->reg);
}

static void rely_op(Pass *pass, const Op *op)
{
	const char *name = op_row(op->code)->name;
	switch (op->code) {
	case OP_LIST_PUSH:
	case OP_LIST_EXTEND:
	case OP_LIST_TO_TUPLE:
	case OP_MAP_LISTS:
	case OP_GIVE:
		rely(pass, name, &op->operands[0], K_LIST);
		break;
	case OP_MAP_COLUMNS:
		rely(pass, name, &op->operands[0], K_LIST);
		rely(pass, name, &op->operands[1], K_LIST);
		break;
	case OP_ASK:
		rely(pass, name, &op->operands[1], K_LIST);
		rely(pass, name, &op->operands[2], K_DICT | K_NONE);
		break;
	case OP_SET_PUSH:
	case OP_SET_UPDATE:
		rely(pass, name, &op->operands[0], K_SET);
		break;
	case OP_DICT_PUSH:
	case OP_DICT_UPDATE:
		rely(pass, name, &op->operands[0], K_DICT);
		break;
	case OP_DICT_MERGE:
		rely(pass, name, &op->operands[1], K_DICT);
		break;
	case OP_STR_CONCAT:
		for (uint32_t i = 0; i < op->count; i++)
			rely(pass, name, &op->operands[i], K_STR);
		break;
	case OP_FORMAT:
		rely(pass, name, &op->operands[1], K_STR);
		break;
	case OP_CALL_METHOD:
		rely(pass, name, &op->operands[1], op->operands[1].constant ? K_TUPLE | K_NONE : 0);
		break;
	case OP_CALL_BUILTIN:
	case OP_CALL_TYPE:
		rely(pass, name, &op->operands[0], op->operands[0].constant ? K_TUPLE | K_NONE : 0);
		break;
	case OP_CELL_GET:
	case OP_CELL_SET:
		rely(pass, name, &op->operands[0], K_CELL);
		break;
	case OP_CAPTURED:
		rely(pass, name, &op->operands[0], K_SELF);
		break;
	case OP_CLOSURE:
		for (uint32_t i = op->function->default_count; i < op->count; i++)
			rely(pass, name, &op->operands[i], K_CELL);
		break;
	case OP_GENERATOR:
		if (op->function->self != NO_REGISTER &&
			!register_is_closure_of(pass->machine, pass->function, &op->operands[0], op->function))
			rely(pass, name, &op->operands[0], 0);
		break;
	default:
		break;
	}
}

static void rely_exit(Pass *pass, const Exit *exit)
{
	switch (exit->kind) {
	case EXIT_NEXT:
		rely(pass, "next", &exit->operands[0], K_ITERATOR);
		break;
	case EXIT_MAP:
		rely(pass, "map", &exit->operands[0], K_TUPLE);
		break;
	case EXIT_CALL_VALUE:
		rely(pass, "call_value", &exit->operands[1],
			 exit->operands[1].constant ? K_TUPLE | K_NONE : 0);
		break;
	case EXIT_CALL_SPREAD:
		rely(pass, "call_spread", &exit->operands[1], K_LIST | K_TUPLE);
		rely(pass, "call_spread", &exit->operands[2], K_DICT | K_NONE);
		break;
	default:
		break;
	}
}

static void rely_function(Pass *pass, const MachineFunction *function)
{
	pass->function = function;
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = pass->block = function->blocks[i];
		for (uint32_t k = 0; k < block->op_count; k++)
			rely_op(pass, block->ops[k]);
		rely_exit(pass, &block->exit);
	}
}

/* ---- all of it ---- */

void register_classes(Machine *machine, const char **defect)
{
	Arena *arena = machine->arena;
	RegisterClasses *classes = ARENA_NEW(arena, RegisterClasses);
	Pass pass = {.machine = machine, .classes = classes};
	classes->functions = ARENA_ARRAY(arena, FunctionClasses, machine->function_count + 1);
	machine->classes = classes;
	for (uint32_t i = 0; i < machine->function_count; i++) {
		uint32_t count = machine->functions[i]->register_count + 1;
		classes->functions[i].kinds = ARENA_ARRAY(arena, uint16_t, count);
		classes->functions[i].closures = ARENA_ARRAY(arena, uint32_t, count);
	}
	for (uint32_t i = 0; i < machine->entry_count; i++)
		for (uint32_t p = 0; p < machine->entries[i].main->param_count; p++)
			put(&pass, machine->entries[i].main, machine->entries[i].main->params[p].reg, K_VALUE);
	for (uint32_t i = 0; i < machine->function_count;
		 i++) { /* called by the runtime: see sbx_gen_callback */
		MachineFunction *function = machine->functions[i];
		if (machine_is_builtin(function) && !function->is_generator)
			for (uint32_t p = 0; p < function->param_count; p++)
				put(&pass, function, function->params[p].reg, K_VALUE);
	}
	for (uint32_t i = 0; i < machine->function_count; i++)
		find_kept(&pass, machine->functions[i]);
	do {
		pass.changed = false;
		for (uint32_t i = 0; i < machine->function_count; i++) {
			put_function(&pass, machine->functions[i]);
			widen(&pass, machine->functions[i]);
		}
		for (uint32_t i = 0; !pass.changed && i < machine->function_count; i++)
			put_uncalled(&pass, machine->functions[i]);
	} while (pass.changed);
	for (uint32_t i = 0; i < machine->function_count; i++) {
		flow_function(&pass, machine->functions[i]);
		rely_function(&pass, machine->functions[i]);
	}
	*defect = pass.defect;
}

static char letter(const FunctionClasses *classes, Register reg, bool may_be_unbound)
{
	char c = CLASSES[class_of(classes->kinds[reg])].letter;
	return may_be_unbound ? (char)(c - 'a' + 'A') : c;
}

char register_class(const Machine *machine, const MachineFunction *function, const Block *block,
					Register reg)
{
	const FunctionClasses *own = &machine->classes->functions[function->index];
	const Exit *exit = &block->exit;
	bool unbound =
		own->unbound && ((exit->to && bit_is(own->unbound[exit->to->index], reg)) ||
						 (exit->otherwise && bit_is(own->unbound[exit->otherwise->index], reg)));
	return letter(own, reg, unbound);
}

char register_class_at_start(const Machine *machine, const MachineFunction *function, Register reg)
{
	const FunctionClasses *own = &machine->classes->functions[function->index];
	return letter(own, reg, (own->kinds[reg] & K_UNBOUND) != 0);
}

bool register_is_closure_of(const Machine *machine, const MachineFunction *function,
							const Operand *operand, const MachineFunction *callee)
{
	return !operand->constant &&
		   machine->classes->functions[function->index].closures[operand->reg] == callee->index + 1;
}
