/*
 * The machine: the compiler's intermediate form, one function a Python function, basic blocks, no expressions.
 *
 * A machine stands alone: it can be printed, read back, verified and emitted; an operation means exactly what its row
 * in machine.def says. docs/machine.md describes the printed form.
 *
 * Registers are variables, not single assignments. A register has a representation:
 *   v  a Python value (sbx_value)         i  a machine integer that cannot overflow (int64_t)
 *   f  a double                           b  a truth value (int)
 * A v register owns its value. Lowering writes operations as if values were free; the pass machine_count() inserts
 * `copy` and `drop`, from liveness, so that each reference is given back exactly once. An operation that raises
 * leaves the function: nothing is dropped there, since the run's heap goes as a whole.
 *
 * A suspension is an exit of a block: task, call, call_value, next and map are terminators with a successor at which the
 * function goes on with the result.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_MACHINE_H
#define SBX_GEN_MACHINE_H

#include "diag.h"
#include "text.h"
#include "types.h"

typedef enum Representation {
	REP_VALUE = 'v',
	REP_INT = 'i',
	REP_FLOAT = 'f',
	REP_BOOL = 'b'
} Representation;

typedef uint32_t Register; /* index into MachineFunction.registers */
#define NO_REGISTER UINT32_MAX

typedef enum MachineConstantKind {
	MC_UNBOUND, /* tag 0 */
	MC_NONE,
	MC_TRUE,
	MC_FALSE,
	MC_ELLIPSIS,
	MC_INT,   /* integer */
	MC_BIG,   /* text: decimal digits with sign, or 0x... */
	MC_FLOAT, /* real */
	MC_STR,   /* text, length: UTF-8, surrogates as three bytes */
	MC_BYTES,
	MC_TUPLE,   /* items */
	MC_TYPE,    /* text: int, ValueError ... (sbx_gen_types.def) */
	MC_BUILTIN, /* text (sbx_gen_builtins.def) */
	MC_TASK,    /* index into Machine.tasks */
} MachineConstantKind;

typedef struct MachineConstant {
	MachineConstantKind kind;
	int64_t integer;
	double real;
	const char *text;
	uint32_t length;
	const struct MachineConstant *const *items;
	uint32_t count;
	uint32_t index; /* MC_TASK */
} MachineConstant;

/* A register or, for v operands, a constant. */
typedef struct Operand {
	const MachineConstant *constant; /* NULL: a register */
	Register reg;
} Operand;

typedef enum OpCode {
#define OP(enumerator, name, result, operands, failure, template_, meaning) OP_##enumerator,
#include "machine.def"
#undef OP
	OP_COUNT
} OpCode;

struct MachineFunction;

typedef struct Op {
	OpCode code;
	Register result; /* NO_REGISTER: none */
	Operand *operands;
	uint32_t count;
	uint32_t site; /* index into the function's sites; of operations that can raise */
	/* immediates, as the row asks for them */
	int64_t number;
	const char *text; /* a method, builtin, type or attribute name; a variable's name */
	struct MachineFunction *function;
	uint32_t task;
	Register *results; /* several results: unpack */
	uint32_t result_count;
} Op;

typedef enum ExitKind {
	EXIT_NONE,   /* not yet closed */
	EXIT_JUMP,   /* to */
	EXIT_BRANCH, /* on b register `condition`: to, otherwise */
	EXIT_RETURN, /* operand 0 (taken) */
	EXIT_YIELD,  /* generators: operand 0 (taken), then goes on at `to` */
	EXIT_RAISE,  /* the block's last operation always raises: nothing follows */
	/* may suspend; the result is in `result` at `to` */
	EXIT_TASK, /* task `task`: one operand a parameter, taken (MC_UNBOUND: not given); always suspends */
	EXIT_CALL, /* `function` of this machine: operand 0 its closure (or MC_UNBOUND), then one a parameter; taken */
	EXIT_CALL_VALUE, /* operand 0 the callee (borrowed), 1 the tuple of keyword names or MC_NONE, then arguments (taken) */
	EXIT_CALL_SPREAD, /* operands: callee, list or tuple of arguments, dict or MC_NONE; all borrowed */
	EXIT_NEXT, /* operand 0 an iterator (borrowed): `to` with the item, or `otherwise` when exhausted */
	EXIT_MAP, /* flyte_map: operands iterables (a tuple), concurrency, group name, return_exceptions; borrowed */
} ExitKind;

typedef struct Exit {
	ExitKind kind;
	struct Block *to, *otherwise;
	Register condition, result;
	Operand *operands;
	uint32_t count;
	uint32_t site;
	struct MachineFunction *function;
	uint32_t task;
	bool
		suspends; /* CALL, CALL_VALUE, CALL_SPREAD, NEXT: false when it is known that it does not */
} Exit;

/* A set of live indices: the words of it that are not zero, in order. */
typedef struct LiveSet {
	uint32_t *words;
	uint64_t *bits;
	uint32_t count, capacity;
} LiveSet;

typedef struct Block {
	const char *label; /* "entry", "for_body_2" ...; unique in the function */
	uint32_t index;
	uint32_t line; /* source line that starts here: emitted as a comment; 0: none */
	Op **ops;
	uint32_t op_count, op_capacity;
	Exit exit;
	LiveSet live_in; /* filled by liveness; only of the function at which it looked last */
	uint32_t predecessors;
} Block;

typedef struct RegisterInfo {
	Representation rep;
	const char *name; /* the Python variable, for readers; NULL: a temporary */
	const Type *type; /* of v registers, where known, else NULL; never trusted for memory safety */
} RegisterInfo;

typedef struct MachineSite {
	uint32_t line, column, end_column; /* end 0: not on one line */
	uint32_t
		outer; /* site of the enclosing code when this one is inside a comprehension compiled in place; else UINT32_MAX */
	const char *name; /* then: "<listcomp>" ...; else NULL */
} MachineSite;

typedef struct MachineParam {
	Register reg;
	const char *name;
	int kind; /* ParamKind of declare.h */
	bool has_default;
	const Type *type;
} MachineParam;

typedef struct MachineFunction {
	const char *name; /* "fib", "<lambda>", "<module>" */
	const char *qualified;
	uint32_t index;
	uint32_t file, line;
	MachineParam *params;
	uint32_t param_count;
	Register self; /* v register with the closure, or NO_REGISTER */
	uint32_t default_count,
		cell_count; /* what its closure holds: defaults (params with has_default, in order), then cells */
	bool is_generator, may_suspend, is_lambda, is_code_string;
	RegisterInfo *registers;
	uint32_t register_count, register_capacity;
	Block **blocks; /* [0] is the entry */
	uint32_t block_count, block_capacity, label_count;
	MachineSite *sites;
	uint32_t site_count, site_capacity;
	/* filled by liveness: registers that are live at the start of some block have a number here, others UINT32_MAX */
	uint32_t *live_index;
	Register *live_registers; /* the other way round */
	uint32_t live_count, live_capacity;
} MachineFunction;

/* It has no place in a source: it stands for a builtin that calls back, or is the iterator of one. */
static inline bool machine_is_builtin(const MachineFunction *function)
{
	return function->line == 0 && function->name[0] != '<';
}

typedef struct MachineInput {
	const char *name;
	const Type *type;                     /* NULL: not declared */
	const MachineConstant *default_value; /* NULL: required */
} MachineInput;

typedef struct MachineTaskParam {
	const char *name;
	const Type *type;
	int kind;
	bool has_default;
	const MachineConstant *default_value; /* NULL: none, or none that is known here */
} MachineTaskParam;

typedef struct MachineTask {
	const char *name, *function, *module, *task_type, *extra;
	MachineTaskParam *params;
	uint32_t param_count;
	const Type *result;
	bool is_async, is_trace;
	uint32_t retries, timeout_ms;
	int32_t entry; /* an orchestrator of this machine: its entry's index; else -1 */
} MachineTask;

typedef struct MachineEntry {
	const char *name, *full_name, *symbol,
		*doc; /* symbol: the C identifier after sbx_machine_<file>_ */
	uint32_t file;
	MachineFunction *main;
	MachineInput *inputs;
	uint32_t input_count;
	const Type *result;
	uint32_t *tasks; /* indexes into Machine.tasks */
	uint32_t task_count;
	bool type_check, is_code_string;
	bool is_imported; /* of a neighbour module: called by others, not listed */
	uint32_t retries, max_depth, timeout_ms;
	uint64_t max_memory;
} MachineEntry;

/* The room of the sets of the function that liveness looked at last. */
typedef struct LiveRoom {
	char *bytes;
	size_t used, capacity;
} LiveRoom;

typedef struct Machine {
	Arena *arena;
	const char *module;     /* "pipeline" */
	const Source **sources; /* [0] the user's file */
	uint32_t source_count;
	MachineFunction **functions;
	uint32_t function_count, function_capacity;
	MachineTask *tasks;
	uint32_t task_count;
	MachineEntry *entries;
	uint32_t entry_count;
	LiveRoom live_room;
	struct RegisterClasses *classes; /* filled by register_classes (register_class.h) */
} Machine;

/* May both call the same tasks, in one order? (machine.c) */
bool machine_same_tasks(const MachineEntry *a, const MachineEntry *b);

/* ---- building (machine.c) ---- */

Machine *machine_make(Arena *arena, const char *module);
MachineFunction *machine_function(Machine *machine, const char *name, const char *qualified);
Register machine_register(Machine *machine, MachineFunction *function, Representation rep,
						  const char *name, const Type *type);
Block *machine_block(Machine *machine, MachineFunction *function,
					 const char *label); /* a number is added to make it unique */
uint32_t machine_site(Machine *machine, MachineFunction *function, MachineSite site);
/* Appends an operation; immediates are set on the result. Operands are copied. */
Op *machine_op(Machine *machine, Block *block, OpCode code, Register result, uint32_t site,
			   const Operand *operands, uint32_t count);
Operand operand_register(Register reg);
Operand operand_constant(const MachineConstant *constant);
const MachineConstant *constant_simple(Machine *machine, MachineConstantKind kind);
const MachineConstant *constant_int(Machine *machine, int64_t i);
const MachineConstant *constant_text(Machine *machine, MachineConstantKind kind, const char *text,
									 uint32_t length);
const MachineConstant *constant_float(Machine *machine, double f);
const MachineConstant *constant_tuple(Machine *machine, const MachineConstant *const *items,
									  uint32_t count);
const MachineConstant *constant_task(Machine *machine, uint32_t task);

/* ---- passes, in order ---- */

/* checked tree -> machine (lower.c) */
struct CheckedFile;
Machine *lower_file(Arena *arena, const struct CheckedFile *file);
/* Unreachable blocks go, jumps to jumps are threaded, empty blocks merged (machine_tidy.c). */
void machine_tidy(Machine *machine);
/* live_in of every block (liveness.c). What it found of another function before is gone. */
void machine_liveness(Machine *machine, MachineFunction *function);
/* Inserts `copy` and `drop` (counting.c). After it the machine is "counted". */
void machine_count(Machine *machine);
/* Checks that every register is defined before use, kinds fit the rows, targets exist. NULL: fine; else what is wrong. */
const char *machine_verify(Machine *machine, bool counted);
void machine_print(Text *out, const Machine *machine);
/* Reads what machine_print printed. NULL after an error: *error says what and where. */
Machine *machine_read(Arena *arena, TypeTable *types, AtomTable *atoms, const char *text,
					  const char **error);
/* machine -> C (emit.c); the header goes to `header`. */
typedef struct EmitOptions {
	bool line_directives; /* #line */
	bool no_sources;
	const char *header_name;
	const char *source_link;        /* where the file can be read; NULL: nothing is told */
	const char *const *entry_links; /* of each entry, or NULL; an item may be NULL */
} EmitOptions;
void emit_c(Text *out, Text *header, const Machine *machine, const EmitOptions *options);
/* Of a counted machine: what the program tells of itself (sbx_entry_fingerprint). */
uint64_t emit_fingerprint(Arena *arena, const Machine *machine);

#endif
