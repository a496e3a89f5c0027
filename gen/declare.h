/*
 * Declarations: what a user's file declares for Flyte. Task bodies stay opaque; constant arguments
 * are evaluated.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_DECLARE_H
#define SBX_GEN_DECLARE_H

#include "ast.h"
#include "diag.h"
#include "types.h"

typedef enum ParamKind {
	PARAM_POSITIONAL_ONLY,
	PARAM_NORMAL,
	PARAM_ARGS,
	PARAM_KEYWORD_ONLY,
	PARAM_KWARGS
} ParamKind;

typedef struct ParamDecl {
	const Atom *name;
	const Type *type;      /* NULL: not annotated, or *args or **kwargs */
	const Type *item_type; /* of each argument that *args or **kwargs takes; NULL: any */
	ParamKind kind;
	const Node *default_value; /* expression, or NULL */
	/* the default as a constant (constant.h), where it can be evaluated (entries: it must be) */
	const struct Constant *constant;
	const Node *node; /* where it is declared; NULL for inputs= of a code string whose key is not a
						 literal */
} ParamDecl;

/* Something wrong with a task's declaration that matters only if an orchestrator uses it. */
typedef struct DeclProblem {
	DiagId id;
	const Source *source;
	uint32_t start, end;
	const char *a, *b; /* fill the holes of the row */
	int param;         /* only where an argument is given to this parameter; -1: any use */
	struct DeclProblem *next;
} DeclProblem;

typedef enum CacheBehavior { CACHE_AUTO, CACHE_OVERRIDE, CACHE_DISABLE } CacheBehavior;

/* cache= of a task. */
typedef struct CacheDecl {
	CacheBehavior behavior;
	const char *version, *salt;            /* or NULL */
	const struct Constant *const *ignored; /* names of inputs that do not count */
	uint32_t ignored_count;
	const char *environment; /* variables and image as JSON; NULL: none */
	const char *text;        /* all of it as a JSON object, once all modules are read */
} CacheDecl;

typedef struct TaskDecl {
	const Atom *name;      /* as called in Python */
	const char *full_name; /* "env.function", or name= */
	const char *function;  /* the Python function in `module` */
	const char *module;    /* "" the file itself, else the module it is imported from */
	ParamDecl *params;
	uint32_t param_count;
	const Type *result; /* NULL: not annotated */
	bool is_async, is_trace;
	uint32_t retries, timeout_ms;
	const char *task_type;             /* NULL: a Python function */
	const char *extra;                 /* JSON object, or NULL */
	CacheDecl *cache;                  /* NULL: not declared */
	const struct EntryDecl *entry;     /* it is an orchestrator: its entry */
	const struct SandboxDecl *sandbox; /* it runs in a container: sandbox.h */
	const Source *source;
	const Node *node;            /* the def */
	const DeclProblem *problems; /* the checker reports them at the first use */
} TaskDecl;

typedef enum EntryKind {
	ENTRY_FUNCTION,    /* @env.sandbox.orchestrator */
	ENTRY_CODE_STRING, /* env.sandbox.orchestrator("...") or orchestrator_from_str */
	ENTRY_LOCAL /* orchestrate_local, or an orchestrator inside a function: checked, but no entry */
} EntryKind;

/* A task as an orchestrator may name it. */
typedef struct VisibleTask {
	const Atom *name;
	const TaskDecl *task;
	const char *written; /* in tasks=, as the user wrote it; NULL: not listed there */
	bool by_run;         /* a sandbox: it is called as NAME.run(...) */
} VisibleTask;

/* What else the module's globals name: nothing that an orchestrator may use, but the error can say
 * what it is. */
typedef enum GlobalKind {
	GLOBAL_TASK,
	GLOBAL_VALUE,
	GLOBAL_FUNCTION,
	GLOBAL_CLASS,
	GLOBAL_MODULE,
	GLOBAL_IMPORT,
	GLOBAL_MISSING,  /* an import that was not found beside the file */
	GLOBAL_TEMPLATE, /* a task that a class of the file makes */
	GLOBAL_UNKNOWN
} GlobalKind;
typedef struct GlobalName {
	const Atom *name;
	GlobalKind kind;
	const char *text; /* the symbol of an import, the reason of an unknown; or NULL */
	const Source *source;
	const Node *node;     /* where it comes from, or NULL */
	const TaskDecl *task; /* GLOBAL_TASK */
} GlobalName;

typedef struct EntryDecl {
	EntryKind kind;
	bool
		is_imported; /* of a neighbour module: compiled because an entry calls it, but not listed */
	const char *name;      /* "pipeline", "compute-stats" */
	const char *full_name; /* "env.pipeline" */
	const Module *module;  /* ENTRY_FUNCTION: the file's; else the code string's own */
	const AstFunctionDef *
		function; /* of a decorated function (maybe NODE_ASYNC_FUNCTION_DEF); NULL: a code string */
	ParamDecl *inputs;
	uint32_t input_count;
	const Type *result; /* NULL: not declared */
	VisibleTask *tasks; /* what it may call, in order of declaration */
	uint32_t task_count;
	bool
		tasks_listed; /* tasks= was given: others exist but are not listed (for the error's help) */
	bool tasks_broken; /* tasks= has an error: a name that is not there may have been meant by it */
	const GlobalName *globals; /* all other names of the module, for the wording of errors */
	uint32_t global_count;
	uint64_t max_memory;
	uint32_t max_depth, timeout_ms, retries;
	bool type_check;
	const char *doc;
	const Source *outer; /* where it is declared */
	const Node *node;
} EntryDecl;

typedef struct Declarations {
	const Module *module;
	TypeTable *types;
	AtomTable *atoms;
	EntryDecl **entries;  /* of kind FUNCTION and CODE_STRING, in source order; then imported ones;
							 then LOCAL ones */
	uint32_t entry_count; /* without the imported and the LOCAL ones */
	uint32_t all_entry_count;
	TaskDecl **tasks;
	uint32_t task_count;
	VisibleTask *visible; /* what the file's globals name: what `sbxc exec --tasks` may call */
	uint32_t visible_count;
	const Source **sources; /* [0] the file, then code strings and imported modules that are used */
	uint32_t source_count;
} Declarations;

const Declarations *declare_module(Arena *arena, AtomTable *atoms, Diag *diag,
								   const Module *module);
/* `sbxc exec`: the module is one code string; inputs are given, tasks come from another file's
 * declarations or NULL. */
/* The code that a code string stands for: dedented and stripped. */
const char *declare_code_text(Arena *arena, const char *text, size_t length, size_t *code_length);
const Declarations *declare_code(Arena *arena, AtomTable *atoms, Diag *diag, const Module *code,
								 const ParamDecl *inputs, uint32_t input_count,
								 const Declarations *tasks);
/* The place of a function's name in its def. */
void def_name_place(const Source *source, const AstFunctionDef *function, uint32_t *start,
					uint32_t *end);
void declare_print(Text *out, const Declarations *declarations);

#endif
