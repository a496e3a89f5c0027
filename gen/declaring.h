/*
 * Inside the declare phase: what its files share. Nobody else includes this.
 *
 * The phase runs the module level of a file abstractly, statement by statement: each name is bound
 * to a Constant, and what cannot be told is SORT_UNKNOWN with the reason. Calls of Flyte's names
 * make environments, tasks and entries on the way. Function bodies run afterwards, with unknown
 * parameters, only to find the code strings in them.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_DECLARING_H
#define SBX_GEN_DECLARING_H

#include "constant.h"
#include "declare.h"

typedef struct Binding {
	const Atom *name;
	const Constant *value; /* NULL: deleted, or not bound yet */
} Binding;

typedef enum EnvLevel {
	LEVEL_MODULE,    /* the file itself: code strings are entries */
	LEVEL_NEIGHBOUR, /* a module that the file imports */
	LEVEL_LOCAL,     /* a function, or the main block: code strings are checked, but no entries */
} EnvLevel;

/* The names of one scope. */
typedef struct ModuleEnv {
	struct Declaring *declaring;
	struct ModuleEnv *parent; /* a function's module (or outer function); NULL */
	EnvLevel level;
	const Module *module;
	const Source *source;
	const char *name;    /* dotted: "my_tasks"; "" for the file itself */
	const char *package; /* the package it stands in, for relative imports: "" or "pkg.sub" */
	Binding *bindings;   /* in order of first binding */
	uint32_t count, capacity;
	uint32_t *slots; /* index + 1 of bindings, by hash; NULL while there are few */
	uint32_t slot_mask;
	unsigned in_loop; /* depth of loops around the statement that runs (once, with unknown names) */
	unsigned in_turn; /* depth of comprehensions that are evaluated, turn by turn */
	bool is_package;
	bool is_ready;  /* its statements have run */
	bool has_star;  /* `from something_unknown import *` */
	bool is_broken; /* a neighbour that does not parse */
	struct Deferred *deferred_first, *deferred_last;
	const Atom **globals_changed; /* names that a function changes through `global` */
	uint32_t globals_changed_count;
	/* what the functions of this module see, made for the first of them: NULL until then */
	const EntryDecl *seen_by;
} ModuleEnv;

/* A function whose body is to be looked through later. */
typedef struct Deferred {
	const Node *node; /* FunctionDef, Lambda is never deferred */
	ModuleEnv *env;
	struct Deferred *next;
} Deferred;

typedef struct Environment {
	const Constant *name;                                           /* of SORT_STR, or unknown */
	const Constant *image, *resources, *cache, *env_vars, *secrets; /* NULL: not given */
} Environment;

/* A later one wins over an earlier one on the same function. */
typedef enum DecoratorKind {
	DECORATE_OTHER,
	DECORATE_TRACE,
	DECORATE_TASK,
	DECORATE_ORCHESTRATOR
} DecoratorKind;

/* A call's arguments, evaluated: positional ones first, then keywords; spreads of constants are
 * taken apart. */
typedef struct Arguments {
	const Constant **positional;
	const Node **positional_nodes;
	uint32_t positional_count;
	const Atom **names;
	const Constant **values;
	const Node **nodes;
	uint32_t keyword_count;
	const Constant *unknown; /* a spread that could not be evaluated; NULL */
	const AstCall *call;     /* NULL: a decorator without arguments */
	const Source *source;
} Arguments;

typedef struct DecoratorCall {
	DecoratorKind kind;
	const Environment *environment; /* NULL: flyte.trace, flyte.sandbox.orchestrator */
	Arguments *arguments;
	const Node *node; /* of the decorator expression */
	bool is_workflow; /* flyte.workflow */
} DecoratorCall;

/* A call that has been evaluated once already. */
typedef struct Made {
	const Node *node;
	const Constant *value;
	struct Made *next;
} Made;

/* An annotation that has no type yet: a name in it may be bound later in the module. */
typedef struct PendingType {
	const Type **type;
	const Node *annotation;
	ModuleEnv *env;
	TaskDecl *task; /* NULL: an entry, whose errors are reported at once */
	const char *what;
	int param;
	struct PendingType *next;
} PendingType;

/* An entry and where its globals are. */
typedef struct EntryRecord {
	EntryDecl decl; /* first: an entry is its record */
	ModuleEnv *env;
	const Atom *variable;           /* of a code string: what it is assigned to */
	const Node *call;               /* of a code string */
	TaskDecl *task;                 /* as others call it */
	const Environment *environment; /* it is declared in; NULL: none */
	bool is_used;                   /* imported: an entry of the file calls it */
	bool is_unusable;               /* its code could not be evaluated: there is nothing to check */
} EntryRecord;

typedef struct Declaring {
	Arena *arena;
	AtomTable *atoms;
	Diag *diag;
	TypeTable *types;
	const char *folder; /* of the file: "" or "some/where/" */
	ModuleEnv *file;
	ModuleEnv **neighbours;
	uint32_t neighbour_count, neighbour_capacity;
	EntryRecord **entries;
	uint32_t entry_count, entry_capacity;
	PendingType *pending, **pending_end;
	TaskDecl **tasks;
	uint32_t task_count, task_capacity;
	const Source **sources;
	uint32_t source_count, source_capacity;
	Made *made[64];
	unsigned depth, steps; /* of evaluation */
	unsigned statement_depth, deferred_depth;
	bool has_code_strings; /* the file may have some: its text names an orchestrator */
} Declaring;

/* ---- constant.c, constant_ops.c, constant_text.c, constant_types.c: expressions ---- */

/* Never NULL. */
const Constant *evaluate(ModuleEnv *env, const Node *node);
Constant *constant_make(Declaring *d, ConstantSort sort, const Source *source, const Node *node);
const Constant *constant_unknown(Declaring *d, const Source *source, const Node *node,
								 const char *format, ...) __attribute__((format(printf, 4, 5)));
const Constant *constant_str(Declaring *d, const char *text, size_t length, const Source *source,
							 const Node *node);
const Constant *constant_of_int(Declaring *d, int64_t integer, const Source *source,
								const Node *node);
const Constant *constant_symbol(Declaring *d, const char *path, const Source *source,
								const Node *node);
const Constant *constant_binary(ModuleEnv *env, const Node *node, BinaryOperator op,
								const Constant *a, const Constant *b);
const Constant *constant_compare(ModuleEnv *env, const Node *node, CompareOperator op,
								 const Constant *a, const Constant *b);
/* 1 true, 0 false, -1 not known */
int constant_truth(const Constant *constant);
const Constant *constant_joined_str(ModuleEnv *env, const AstJoinedStr *node);
const Constant *constant_display(ModuleEnv *env, ConstantSort sort, const NodeList *elts,
								 const Node *node);
const Constant *constant_dict(ModuleEnv *env, const AstDict *node);
/* key only: a list or set; the value too: a dict */
const Constant *constant_comprehension(ModuleEnv *env, ConstantSort sort, const Node *key,
									   const Node *value, const NodeList *generators,
									   const Node *node);
const Constant *constant_str_format(ModuleEnv *env, const AstCall *call, const Constant *self,
									const Arguments *arguments);
/* A method of a str, list, dict, timedelta constant. */
const Constant *constant_method(ModuleEnv *env, const AstCall *call, const Constant *self,
								const char *name, const Arguments *arguments);
/* str(x), len(x), dict(...), range(...) */
const Constant *constant_builtin(ModuleEnv *env, const AstCall *call, const char *name,
								 const Arguments *arguments);
const Constant *constant_timedelta(ModuleEnv *env, const AstCall *call, const Arguments *arguments);
void dedent_text(Text *out, const char *text, size_t length); /* as textwrap.dedent */
const Constant *constant_dedent(ModuleEnv *env, const Constant *text, const Node *node);
/* The text as str() writes it, into `out`; with a format spec where `spec_length` > 0. False: not
 * known. */
bool constant_format(Text *out, const Constant *value, int conversion, const char *spec,
					 size_t spec_length);
/* Container[arguments] of a generic, X | Y of types. Unknown: it is no type that can cross a
 * boundary. */
const Constant *constant_alias(ModuleEnv *env, const AstTypeAlias *alias);
const Constant *constant_generic(ModuleEnv *env, const Node *node, const Constant *base,
								 const Constant *slice);
/* The type that a constant means where a type is expected, or NULL. */
const Type *constant_as_type(ModuleEnv *env, const Constant *constant);
bool constant_is_symbol(const Constant *constant, const char *path);
/* Is it a name of Flyte: "flyte.<anything>.<name>"? */
bool constant_is_flyte(const Constant *constant, const char *name);
const Constant **constant_item_array(Declaring *d, uint32_t count);
/* Turns a container that is changed in place into an unknown. */
void constant_spoil(const Constant *constant, const Source *source, const Node *node,
					const char *why);

/* ---- modules.c: names and imports ---- */

ModuleEnv *env_make(Declaring *d, ModuleEnv *parent, EnvLevel level);
const Constant *env_lookup(ModuleEnv *env, const Atom *name);     /* NULL: nowhere bound */
const Constant *env_lookup_own(ModuleEnv *env, const Atom *name); /* in this scope only */
void env_bind(ModuleEnv *env, const Atom *name, const Constant *value);
void modules_import(ModuleEnv *env, const AstImport *statement);
void modules_import_from(ModuleEnv *env, const AstImportFrom *statement);
/* Reads the modules that only function bodies import: a task needs them when it runs. */
void modules_carry(Declaring *d);
const Constant *modules_attribute(ModuleEnv *env, ModuleEnv *module, const Atom *name,
								  const Node *node);

/* ---- declare.c, declare_statements.c: running a module ---- */

/* Runs a module's statements and then what waits for its end. */
void declare_module_body(ModuleEnv *env);
void declare_statements(ModuleEnv *env, const NodeList *body);
/* Binds a target to a value, taking tuples apart. */
void declare_bind_target(ModuleEnv *env, const Node *target, const Constant *value);
/* What is known only at run time, and why. */
const Constant *declare_run_time(ModuleEnv *env, const Node *node, const char *what);
/* ---- declare_explore.c ---- */
void declare_deferred(ModuleEnv *env);
/* Looks for code strings in an expression that evaluation did not reach. */
void declare_explore(ModuleEnv *env, const Node *node);
/* True: it is an orchestrator, whose body is the checker's. */
bool declare_function(ModuleEnv *env, const AstFunctionDef *function);
void declare_add_source(Declaring *d, const Source *source);

/* ---- declare_calls.c: calls of Flyte's names ---- */

/* NULL: not a call of Flyte's. */
const Constant *declare_call(ModuleEnv *env, const AstCall *call, const Constant *callee,
							 Arguments *arguments);
Arguments *arguments_read(ModuleEnv *env, const AstCall *call);
const Constant *arguments_get(const Arguments *arguments, uint32_t position, const char *name);
const Node *arguments_node(const Arguments *arguments, uint32_t position, const char *name);
/* What a decorator expression means; kind DECORATE_OTHER where it is none of Flyte's. */
DecoratorCall declare_decorator(ModuleEnv *env, const Node *expression);

/* ---- declare_tasks.c, declare_entries.c, declare_code.c ---- */

const Constant *declare_task(ModuleEnv *env, const AstFunctionDef *function,
							 const DecoratorCall *decorator);
const Constant *declare_entry(ModuleEnv *env, const AstFunctionDef *function,
							  const DecoratorCall *decorator);
typedef enum CodeKind { CODE_FROM_STR, CODE_LOCAL, CODE_ORCHESTRATOR } CodeKind;
const Constant *declare_code_string(ModuleEnv *env, const AstCall *call, CodeKind kind,
									const Environment *environment, Arguments *arguments);
/* Code in a string of the file, dedented and stripped, as a module whose diagnostics point into the file. NULL: it
 * cannot be read. */
const Module *declare_parse_code(ModuleEnv *env, const Constant *text, const Node *call);
/* ---- declare_sandbox.c ---- */
const Constant *declare_sandbox(ModuleEnv *env, const AstCall *call, Arguments *arguments);
/* An unnamed one gets the name of its variable. */
void declare_name_sandbox(ModuleEnv *env, const Node *made_by, const Constant *value,
						  const Atom *name);
/* sandbox.as_task() */
const Constant *declare_sandbox_task(ModuleEnv *env, const Constant *sandbox, const Node *node);
/* retries= and timeout= */
void declare_task_settings(ModuleEnv *env, TaskDecl *task, const Arguments *arguments);
/* Gives an unnamed code string the name of the variable it is assigned to. */
void declare_name_entry(ModuleEnv *env, const Node *made_by, const Constant *value,
						const Atom *name);
/* What both tasks and entries are made of. `task` gets the problems; NULL: they are reported at
 * once. */
void declare_params(ModuleEnv *env, const AstFunctionDef *function, ParamDecl **params,
					uint32_t *count, const Type **result, TaskDecl *task);
/* Annotations that had no type yet, now that the whole module has run. */
void declare_pending_types(Declaring *d);
TaskDecl *declare_add_task(Declaring *d);
EntryDecl *declare_add_entry(ModuleEnv *env, EntryKind kind);
/* A task made of an entry, so that other orchestrators can call it. */
const Constant *declare_entry_task(ModuleEnv *env, const EntryDecl *entry, const Atom *name,
								   const char *function);
const char *declare_extra(ModuleEnv *env, TaskDecl *task, const Environment *environment,
						  const Arguments *arguments);
/* ---- declare_image.c, declare_resources.c ---- */

/* What a container for a task needs, as a JSON object: `image` and `resources` are the declared ones or NULL. NULL: nothing
 * is declared, and the default will do. */
const char *declare_container(Declaring *d, const Constant *image, const Constant *resources);
/* The container of flyte.trace functions: that of the first orchestrator of their module. */
void declare_trace_containers(Declaring *d);
bool image_is_reference(
	const char *text); /* the name of an image, with registry and tag or without */
bool image_is_debian_package(const char *text);
bool image_is_python_package(const char *text);
enum { CONTAINER_MILLI_CPU = 1000, CONTAINER_MEMORY = 1 << 30 }; /* where nothing is declared */
/* flyte.Resources(cpu=, memory=): thousandths of a processor and bytes, set where they are given. NULL, or what was
 * expected instead. */
const char *declare_resources(const Constant *value, uint32_t *milli_cpu, uint64_t *memory);
/* ---- declare_cache.c ---- */
/* cache= of the task or of its environment. */
void declare_cache(ModuleEnv *env, TaskDecl *task, const Constant *value);
/* Puts it, with the versions of tasks, in front of what is in `extra`; when all modules are read. */
void declare_caches(Declaring *d);
void declare_problem(Declaring *d, TaskDecl *task, DiagId id, const Source *source,
					 const Node *node, int param, const char *a, const char *b);
/* Limits, retries and the rest of what a decorator or code string call says of an entry. */
void declare_limits(ModuleEnv *env, EntryDecl *entry, const Arguments *arguments);
/* "env.function", or name=; a problem where it is not constant. */
const char *declare_full_name(ModuleEnv *env, TaskDecl *task, const Environment *environment,
							  const Arguments *arguments, const Node *node, const char *function);
/* An error if `value` is unknown: "`what` cannot be evaluated ...". */
bool declare_refuse_unknown(Declaring *d, const Constant *value, const char *what,
							const Source *source, const Node *node);
void declare_check_names(Declaring *d);
/* Where to point for an entry: the name of its function, or the call. */
void declare_place(const EntryDecl *entry, uint32_t *start, uint32_t *end);

#endif
