/*
 * What the files of the lowering share: the state of one function that is being lowered, and the small vocabulary
 * with which they emit operations. Order of reading: lower.c, lower_stmt.c, lower_expr.c, lower_call.c, lower_loop.c,
 * lower_comprehension.c, lower_builtin.c, lower_synthesis.c, lower_variables.c, lower_emit.c.
 *
 * A Value is where the result of an expression is: a register of some representation, or (v only) a constant. An
 * expression gives its natural representation; who needs another one converts. Registers of variables are used as
 * operands without a copy: no expression of the language assigns to a variable of its own function.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_LOWER_H
#define SBX_GEN_LOWER_H

#include "checked.h"
#include "machine.h"

#define NO_SITE UINT32_MAX
#define MAX_SYNTHESISED 20
#define SMALL_INT ((int64_t)1 << 31) /* literals up to this may be machine integers */

typedef struct Value {
	Representation rep;
	Operand operand;
} Value;

/* Where a variable lives. */
typedef struct Home {
	Representation rep;
	bool in_cell; /* `reg` holds its cell */
	bool
		is_elided; /* a function that is only ever called directly, with nothing captured: lives nowhere */
	bool is_set_up;
	Register reg;
} Home;

/* What is known of each function scope of an entry before lowering (lower_closure.c). */
typedef struct FunctionFacts {
	MachineFunction *function; /* NULL: nobody has asked for it yet */
	bool value_is_used;        /* used otherwise than by a direct call */
	bool needs_closure;
	Variable **cells; /* captured variables, without elided functions */
	uint32_t cell_count;
} FunctionFacts;

typedef struct LowerFile {
	Arena *arena;
	Machine *machine;
	const struct CheckedFile *checked;
	const Declarations *declarations;
	const TaskDecl **tasks; /* as Machine.tasks */
	uint32_t task_count, task_capacity;
	const EntryDecl **entries; /* as Machine.entries */
	MachineFunction **mains;
	uint32_t entry_count;
	MachineFunction **synthesised; /* found again by name */
	uint32_t synthesised_count;
} LowerFile;

typedef struct LowerEntry {
	LowerFile *file;
	const Checked *checked;
	const EntryDecl *entry;
	uint32_t source;       /* index of its source in the machine */
	Home **homes;          /* by scope and variable index; of the function that is being lowered */
	FunctionFacts *facts;  /* by scope index */
	bool makes_generators; /* some expression of the entry makes a generator of the program */
	Scope **queue;         /* functions asked for and not lowered yet */
	uint32_t queue_count, queue_capacity, queue_next;
} LowerEntry;

typedef struct LowerLoop {
	struct LowerLoop *outer;
	Block *next, *done;
} LowerLoop;

typedef struct Lower {
	LowerEntry *entry;
	Arena *arena;
	Machine *machine;
	const Checked *checked;
	MachineFunction *function;
	Scope *function_scope;
	Scope *scope;    /* the innermost: maybe a comprehension that is compiled in place */
	Block *block;    /* NULL: not reachable */
	Exit *last_exit; /* that may suspend */
	LowerLoop *loop;
	uint32_t outer_site; /* inside a comprehension in place: the site around it, and its name */
	const char *inlined;
	const Node **site_nodes; /* by site */
	uint32_t site_node_capacity;
} Lower;

/* ---- lower_emit.c: registers, blocks, operations ---- */

#define OPERANDS(...) \
	(Operand[]){__VA_ARGS__}, (uint32_t)(sizeof((Operand[]){__VA_ARGS__}) / sizeof(Operand))
#define NO_OPERANDS NULL, 0

Register lower_temp(Lower *l, Representation rep);
Block *lower_block(Lower *l, const char *label);
void lower_start(Lower *l, Block *block); /* goes on in `block` */
void lower_jump(Lower *l, Block *to);     /* closes; not reachable afterwards */
void lower_return(Lower *l, Operand value);
void lower_branch(Lower *l, Register condition, Block *yes, Block *no);
uint32_t lower_site(Lower *l, const Node *node);
/* An operation with a fresh register as its result, of the representation that its row says. */
Register lower_op(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count);
/* The same, giving the operation so that immediates can be set (with or without result). */
Op *lower_raw(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count);
void lower_effect(Lower *l, OpCode code, const Node *node, const Operand *operands, uint32_t count);
/* Sets a register that exists. */
void lower_set(Lower *l, OpCode code, Register reg, const Operand *operands, uint32_t count);
/* Closes the block with an exit that may suspend; goes on at its successor, where the returned register is set. */
Exit *lower_exit(Lower *l, ExitKind kind, const Node *node, const Operand *operands,
				 uint32_t count);
Register lower_i_const(Lower *l, int64_t number);
Register lower_b_const(Lower *l, bool truth);
void lower_turn(Lower *l, const Node *node);
const MachineConstant *lower_none(Lower *l);
Operand operand_none(Lower *l);
Operand operand_unbound(Lower *l);
Operand operand_int(Lower *l, int64_t number);
Operand operand_str(Lower *l, const char *text);
Value value_operand(Operand operand);         /* v */
Value value_register(Lower *l, Register reg); /* of the register's representation */
Operand lower_to_value(Lower *l, Value value);
Register lower_to_register(Lower *l, Operand operand); /* a constant gets a register */
bool lower_constant_truth(const MachineConstant *constant);
Register lower_truth(Lower *l, Value value, const Node *node); /* b */
void lower_sort_sites(Lower *l);
void lower_remove_unread(Lower *l);

/* ---- lower_expr.c ---- */

Value lower_expr(Lower *l, const Node *node);
Operand lower_value(Lower *l, const Node *node);
void lower_condition(Lower *l, const Node *node, Block *yes, Block *no);
const Type *lower_type(const Lower *l, const Node *node);          /* never NULL */
const MachineConstant *lower_constant(Lower *l, const Node *node); /* NULL: not constant */
bool lower_small_literal(const Node *node, int64_t *number);
bool lower_is_int(const Type *type);
Operand lower_list_of(Lower *l, const NodeList *items, const Node *node); /* with starred items */

/* ---- lower_stmt.c ---- */

void lower_body(Lower *l, const NodeList *body);
void lower_module_body(Lower *l, const NodeList *body);
void lower_assign(Lower *l, const Node *target, Value value);
bool lower_is_pairwise(const Node *target, const Node *value); /* a, b = x, y */

/* ---- lower_variables.c ---- */

void lower_settle_function(Lower *l); /* parameters, captured cells, own variables */
void lower_settle_comprehension(Lower *l, Scope *scope);
Home *lower_home(Lower *l, const Variable *variable);
Value lower_load(Lower *l, const Variable *variable, const Node *node);
void lower_store(Lower *l, const Variable *variable, Value value);
const NameInfo *lower_name(const Lower *l, const Node *node); /* NULL: not a name */
/* Does the expression have a machine integer, as far as the variables' places are known? */
bool lower_is_machine_int(const Lower *l, const Node *node);
bool lower_is_float(const Lower *l, const Node *node); /* is its value surely a float? */

/* ---- lower_closure.c ---- */

void lower_find_facts(LowerEntry *entry);
bool lower_is_elided(const LowerEntry *entry, const Variable *variable);
MachineFunction *lower_function_of(LowerEntry *entry, Scope *scope); /* asks for it to be lowered */
/* The cells that a function captures, as operands for CLOSURE, GENERATOR, ... */
Operand lower_closure(Lower *l, Scope *scope, const AstArguments *arguments, const Node *node);
void lower_queue(LowerEntry *entry);
void lower_function_body(LowerEntry *entry, Scope *scope);
MachineParam lower_param(const char *name, Register reg, int kind, bool has_default);

/* ---- lower_call.c ---- */

Value lower_call(Lower *l, const AstCall *call);
Operand lower_object(Lower *l, const AstAttribute *method);

/* What is called: known as far as possible, so that the call can be direct. */
typedef enum CalleeKind {
	CALLEE_VALUE,
	CALLEE_FUNCTION,
	CALLEE_TASK,
	CALLEE_BUILTIN,
	CALLEE_TYPE,
	CALLEE_NONE
} CalleeKind;
typedef struct Callee {
	CalleeKind kind;
	Operand value; /* VALUE: the function; FUNCTION: its closure */
	Scope *scope;
	const TaskDecl *task;
	const char *text;
} Callee;
/* Evaluates an expression that will be called with `count` positional arguments. */
Callee lower_callee(Lower *l, const Node *node, uint32_t count);
Operand lower_call_callee(Lower *l, const Callee *callee, const Operand *args, uint32_t count,
						  const Node *node);
uint32_t lower_task_index(LowerFile *file, const TaskDecl *task);
const MachineConstant *lower_keyword_names(Lower *l, const NodeList *keywords);
Operand lower_call_builtin(Lower *l, bool is_type, const char *name, const Operand *args,
						   uint32_t count, const MachineConstant *names, const Node *node);

/* ---- lower_loop.c ---- */

typedef enum IterationKind {
	ITERATION_PLAIN,
	ITERATION_RANGE, /* a machine integer */
	ITERATION_ENUMERATE,
	ITERATION_ZIP,
	ITERATION_MAP,
	ITERATION_FILTER,   /* over parts */
	ITERATION_GENERATOR /* a generator expression compiled in place */
} IterationKind;

/* Something that is iterated over, its operands evaluated. */
typedef struct Iteration {
	IterationKind kind;
	const Node *node; /* whose place its sites have: the consumer, as in Python's tracebacks */
	const AstGeneratorExp *generator;
	bool may_be_generator;
	Register iterator, counter, stop;
	int64_t step;
	struct Iteration **parts;
	uint32_t part_count;
	Callee callee;
} Iteration;

/* What one turn gives: a value, or the parts of a tuple that need not be made. */
typedef struct Item {
	Value value;
	const Value *parts;
	uint32_t part_count;
} Item;

typedef void (*LoopBody)(Lower *l, void *context, const Item *item);

/* Is the expression iterated over without making its object (range, enumerate, zip, map, filter, generators)? */
bool lower_is_fused(const Lower *l, const Node *node);
bool lower_is_native_range(const Lower *l, const Node *node);
bool lower_is_native_enumerate(const Lower *l, const Node *node, int64_t *start);
/* Begins to iterate over the value of `node`; `at` is who consumes it. */
Iteration *lower_begin(Lower *l, const Node *node, const Node *at);
/* The same over a value that is there already. */
Iteration *lower_begin_value(Lower *l, Operand value, const Type *type, const Node *node);
Iteration *lower_begin_iterator(Lower *l, Register iterator, bool may_be_generator,
								const Node *node);
/* The next item, or `done`. Not for ITERATION_GENERATOR. */
Item lower_next(Lower *l, Iteration *iteration, Block *done);
void lower_step(Lower *l, Iteration *iteration); /* what a turn does at its end */
/* The whole loop; afterwards the current block is where the iteration was exhausted. */
void lower_loop(Lower *l, Iteration *iteration, LoopBody body, void *context);
Operand lower_item(Lower *l, const Item *item, const Node *node);
void lower_assign_item(Lower *l, const Node *target, const Item *item);
bool lower_may_be_generator(const Lower *l, const Type *type);
/* May one of the positional arguments be a generator? */
bool lower_is_any_generator(const Lower *l, const AstCall *call);
/* A call of native code with the list `args` and the dict (or None) `kwargs`, which may hold generators. */
Register lower_ask(Lower *l, Operand callee, Operand args, Operand kwargs, const Node *node);
/* The items of a generator as a list; any other value as it is. */
Operand lower_drain(Lower *l, Operand value, const Type *type, const Node *node);
void lower_loop_into(Lower *l, Iteration *iteration, Register list); /* appends all items */
void lower_for(Lower *l, const AstFor *loop);
void lower_while(Lower *l, const AstWhile *loop);

/* ---- lower_comprehension.c ---- */

Value lower_comprehension(Lower *l, const Node *node);
Operand lower_generator_value(Lower *l, const AstGeneratorExp *node);
void lower_generator_body(Lower *l, const AstGeneratorExp *node);
void lower_generator_loop(Lower *l, Iteration *iteration, LoopBody body, void *context);

/* ---- lower_builtin.c ---- */

/* A call of a builtin or type that consumes an iterable or calls back; false: nothing special about it. */
bool lower_builtin(Lower *l, const AstCall *call, const NameInfo *info, Value *result);
bool lower_method(Lower *l, const AstCall *call, const AstAttribute *method, Value *result);
Value lower_contains(Lower *l, Operand item, const Node *container, const Node *node);
Operand lower_name_value(Lower *l, const NameInfo *info); /* a builtin, type or task as a value */
bool lower_is_method_name(const char *name);
/* Builtins that are functions of the program when they are used as values; bodies for lower_synthesis.c. */
bool lower_has_function(const char *name);
void lower_need_function(Lower *l, const char *name);
void lower_sort_function(Lower *l, Register list, Register key, Register reverse);
void lower_sum_function(Lower *l, Register iterable, Register start);
void lower_search_function(Lower *l, const char *name, Register iterable);
void lower_extreme_function(Lower *l, const char *name, Register args, Register key,
							Register fallback);

/* ---- lower_synthesis.c: functions that no source text has ---- */

/*
 * "map" (function, iterators), "filter" (function, iterator), "zip" (iterators), "enumerate" (iterator, start): generators;
 * "map()", "filter()", "sorted()": the builtins as functions of the program.
 */
MachineFunction *lower_synthesise(LowerFile *file, uint32_t source, const char *name);

#endif
