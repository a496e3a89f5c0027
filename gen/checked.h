/*
 * The checked tree: what the checker found out, in side tables by node id. The tree itself never
 * changes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_CHECKED_H
#define SBX_GEN_CHECKED_H

#include "declare.h"

typedef enum ScopeKind {
	SCOPE_MODULE, /* a code string's top level: its variables are Python globals */
	SCOPE_FUNCTION,
	SCOPE_LAMBDA,
	SCOPE_COMPREHENSION, /* list, dict (set) comprehension: compiled in place, but a scope of its
							own, and a frame in tracebacks */
	SCOPE_GENERATOR      /* generator expression: a generator of its own */
} ScopeKind;

typedef struct Scope Scope;

typedef enum NameUse {
	NAME_NONE,
	NAME_VARIABLE, /* `variable` */
	NAME_TASK,     /* `task` */
	NAME_BUILTIN,  /* a function of sbx_gen_builtins.def, by name */
	NAME_TYPE, /* int, str, ValueError ... by the name in sbx_gen_types.def (IOError is "OSError")
				*/
	NAME_FLYTE_MAP,
} NameUse;

typedef struct NameInfo {
	NameUse use;
	struct Variable *variable;
	const TaskDecl *task;
	const char *text; /* builtin or type name */
	bool by_run;      /* NAME_TASK: a sandbox, called as NAME.run(...) */
} NameInfo;

typedef struct Variable {
	const Atom *name;
	Scope *scope;   /* that owns it */
	uint32_t index; /* in scope->variables */
	bool is_parameter;
	bool is_captured;     /* used by an inner function: lives in a cell */
	bool is_iteration;    /* target of a for or comprehension */
	uint32_t assignments; /* places that bind it (parameters and defs count) */
	/* a function that is bound once, by its def at the top level of its scope, and never otherwise;
	 * NULL: none */
	Scope *function;
	/* ... and every use comes surely after the def (so that a call needs no check and may be
	 * direct) */
	bool function_is_sure;
	const Type *type;    /* join of all that is assigned; ANY where not known */
	bool is_faulty;      /* bound to the value of an expression that has an error */
	bool is_opaque;      /* something refused binds it: an import, a class, with, except, match */
	bool may_be_unbound; /* some use may come before every assignment: loads check */
	/* Some webs of a variable, not all: on a way that types prove dead, but the machine has, it is
	   read without having been set, so that it starts with something. */
	bool is_web;
	/* A code string's own variable with the name of a task or builtin (`len = 3` after a use of
	   len): what the name means until it is assigned; the variable starts with it. NAME_NONE:
	   nothing. */
	NameInfo initial;
} Variable;

struct Scope {
	ScopeKind kind;
	const Node *node; /* FunctionDef, Lambda, comprehension expression, Module */
	Scope *parent;
	Scope **children;
	uint32_t child_count;
	uint32_t index;        /* in Checked.scopes */
	const char *name;      /* "fib", "<lambda>", "<listcomp>", "<genexpr>", "<module>" */
	const char *qualified; /* "main.<locals>.fib" */
	Variable **variables;  /* its own; parameters first, in order */
	uint32_t variable_count;
	Variable **by_name; /* open addressing over name_mask + 1 slots; NULL: there are none yet */
	uint32_t name_mask;
	Variable **
		free; /* variables of outer scopes that it (or a scope in it) uses, in order of first use */
	uint32_t free_count;
	const Type *result; /* join of its returns */
	bool is_async;
	bool may_suspend;     /* it can reach a task call (conservative) */
	bool value_is_used;   /* the function is used otherwise than by a direct call */
	bool is_used_at_once; /* a generator expression that is used up before anything else happens */
	bool may_complete;    /* its end can be reached: it may return None without a return */
};

/* How the arguments of a call stand to the callee's parameters, where the callee is known (task or
 * sure function). */
typedef struct CallBinding {
	uint32_t count; /* parameters */
	/* per parameter: the argument expression, or NULL: left to its default. For *args and **kwargs
	   parameters and calls with spreads there is no binding (Checked.bindings is NULL): they are
	   bound at run time. */
	const Node **args;
} CallBinding;

/* One orchestrator, checked. */
typedef struct Checked {
	const Declarations *declarations;
	const EntryDecl *entry;
	const Module *module; /* whose node ids index the tables */
	Scope *root;          /* the orchestrator's function, or the code string's module scope */
	Scope **scopes;       /* all, outer before inner, in source order */
	uint32_t scope_count;
	const Type *
		*types; /* by node id: type of each expression; NULL: not an expression of this entry */
	NameInfo *names;          /* by node id of Name nodes (also of store context) */
	Scope **node_scopes;      /* by node id of FunctionDef, Lambda, comprehensions: their scope */
	CallBinding **bindings;   /* by node id of Call nodes */
	Variable **def_variables; /* by node id of FunctionDef inside the entry: the variable that the
								 def binds */
	uint32_t *webs;           /* by node id of Name nodes: the web of the variable there; 0: none */
	bool *absorbed;           /* by node id: it is certain to fail, and reported */
	bool *reached;            /* by node id of return statements: control comes there */
	const Node **unbound;     /* names that are surely unbound where they are read */
	uint32_t unbound_count;
} Checked;

typedef struct CheckedFile {
	const Declarations *declarations;
	Checked *
		*entries; /* as Declarations.entries, all_entry_count of them; NULL where it has errors */
	uint32_t count;
} CheckedFile;

/*
 * What a call calls: its `func`, but the sandbox's name for NAME.run(...) and NAME.run.aio(...), which is a call of the
 * task that the name means. */
const Node *call_target(const Checked *checked, const AstCall *call);

const CheckedFile *check_file(Arena *arena, Diag *diag, const Declarations *declarations);
/* Every expression with its type, in source order. */
void checked_print(Text *out, const CheckedFile *file);

#endif
