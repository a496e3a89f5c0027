/*
 * What the statements of a module mention and do while it is loaded: what task_source.c follows to find what a task
 * depends on. module_index.c makes it, load_effects.c judges what runs.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_MODULE_INDEX_H
#define SBX_GEN_MODULE_INDEX_H

#include "declaring.h"

/* How a top-level statement has to do with a name. */
typedef enum MentionKind {
	MENTION_BINDS, /* it binds it in the module, through `global` too */
	MENTION_RUNS,  /* the name stands in what runs while the module is loaded */
	MENTION_HELD,  /* it stands in a body that runs only if something calls it */
} MentionKind;

typedef struct Mention {
	uint32_t name, statement;
	uint32_t next; /* of the same name: index + 1; 0: the last */
	MentionKind kind;
} Mention;

/* Where code that is not the module's own may run, or state that is not its own be changed. */
enum {
	TAINT_BESIDE = 1, /* in a module beside it */
	TAINT_ELSEWHERE =
		2, /* in an installed package, in the process, or by names that cannot be followed */
};

typedef struct IndexedName {
	const Atom *name;
	uint32_t mentions; /* index + 1 of the newest */
	uint32_t binders;  /* how many times statements bind it; 0: it is none of the module's */
	uint32_t binder;   /* the last of them */
	const char
		*path; /* only_imports: "numpy.random"; NULL: several, or of a module beside the file */
	bool only_imports; /* nothing but top-level import statements bind it */
	bool has_import;
	bool is_beside;   /* one of them is of a module beside the file */
	bool is_shadowed; /* the body of a class binds it too: it may mean something else there */
	bool is_dynamic;  /* load_is_dynamic_name */
	uint8_t taint;
} IndexedName;

typedef struct IndexedStatement {
	uint32_t first, end; /* its mentions */
	uint32_t own;        /* a definition: the name it binds; else UINT32_MAX */
	bool is_import;      /* nothing but an import */
	bool is_main;        /* if __name__ == "__main__": never runs where tasks do */
	bool acts; /* calls, stores into an object, iterates: not only what is known to be harmless */
	bool operates;          /* applies operators, which classes can define, to what is not known */
	bool imports_elsewhere; /* a package that is not in the standard library */
	bool is_held;     /* a class whose creation, and that of those derived from it, runs nothing */
	bool is_ambient;  /* may change what any task sees: belongs to all */
	bool is_followed; /* ambient, with all that it uses */
	uint8_t taint;
	bool is_known;      /* task_source.c has walked it: its mentions are all that it needs, and */
	bool is_whole;      /* ... it needs everything */
	const char *digest; /* NULL: not made yet */
} IndexedStatement;

typedef struct ModuleIndex {
	struct ModuleIndexes *all;
	ModuleEnv *env;
	const NodeList *body;
	IndexedStatement *statements;
	IndexedName *names;
	uint32_t name_count, name_capacity;
	uint32_t *slots; /* index + 1 of names, by hash */
	uint32_t slot_mask;
	Mention *mentions;
	uint32_t mention_count, mention_capacity;
	bool has_beside_star;      /* from a module beside it import * */
	bool has_lazy_annotations; /* from __future__ import annotations */
	bool has_ambient;
	const char *ambient_digest; /* task_source.c's; NULL: not made yet */
	bool ambient_is_whole;
} ModuleIndex;

/* Nodes that wait in a walk, each with what its place says. */
typedef struct WalkItem {
	const Node *node;
	unsigned place;
} WalkItem;

typedef struct NodeWalk {
	Arena *arena;
	WalkItem *items;
	uint32_t depth, capacity;
	unsigned place; /* for the children that are pushed next */
} NodeWalk;

void walk_push(NodeWalk *walk, const Node *node, unsigned place);
void walk_push_all(NodeWalk *walk, const NodeList *list, unsigned place);
void walk_push_children(NodeWalk *walk, const Node *node, unsigned place);

typedef struct ModuleIndexes {
	Declaring *d;
	ModuleIndex *
		*items; /* [0] the file, then the neighbours in their order; NULL: one without a tree */
	uint32_t count;
	NodeWalk walk;
	bool *are_starred; /* of the neighbours, by their number: some module imports all its names */
	bool is_circular;  /* a module beside the file imports the file */
} ModuleIndexes;

/* After all modules were read. */
ModuleIndexes *module_indexes_make(Declaring *d);
/* NULL: the module does not have the name in any way. */
IndexedName *module_index_name(const ModuleIndex *index, const Atom *name);

/* Calls `found` for each name in the strings of an annotation: "list[Point]". */
void names_in_strings(Arena *arena, AtomTable *atoms, const Node *annotation,
					  void (*found)(void *context, const Atom *name), void *context);
/* The annotation of a node of this kind, or NULL. */
const Node *node_annotation(const Node *node);
/* The dotted root of two names is the same. */
bool module_same_root(const char *a, const char *b);
/* Is there a module of that root beside the file? */
bool module_is_beside(const Declaring *d, const char *name);
bool node_is_definition(const Node *node);

/* ---- module_mentions.c ---- */

/* A module whose names come by a star binds it, perhaps only while it runs. */
bool is_starred_name(const ModuleIndexes *all, const Atom *name);
/* What the statement mentions, and what that brings in; after the first pass over all modules. */
void mention_statement(ModuleIndex *index, uint32_t statement);

/* ---- module_index.c ---- */

/* The name, made if it is not there. May move what module_index_name has returned. */
IndexedName *module_index_add(ModuleIndex *index, const Atom *name);

/* ---- load_effects.c ---- */

/* Sets acts, operates and, of a class, is_held of the statement. */
void load_effects_judge(ModuleIndex *index, uint32_t statement);
/* Is it a decorator that makes a task, with arguments that run nothing? Versions leave it out. */
bool load_is_task_decorator(ModuleIndex *index, const Node *decorator);
/* "numpy.random.seed", "builtins.len": what a name or attribute stands for. NULL: something of the module, or unknown. */
const char *load_path(ModuleIndex *index, const Node *node);
/* Of a name that an import from a module beside binds: a constant, or (where it is only called and the like) Flyte's. */
bool load_is_plain_import(ModuleIndex *index, const Atom *name, bool is_used);
/* Flyte's, or a call of what Flyte's calls made. */
bool load_is_flyte(ModuleIndex *index, const Node *node);
/* ---- known_effects.c ---- */

/* As a call, a decorator, a base class it runs nothing that it is given, and changes nothing. */
bool load_is_quiet_path(const char *path);
/* It does no more than keep what it is given: no operator, iteration or conversion of that either. */
bool load_is_keeping_path(const char *path);
/* Of Flyte's, what runs things. */
bool load_is_running_path(const char *path);
/* Using it so (a call, a base, a decorator, an annotation) changes nothing outside the module. */
bool load_is_pure_path(const char *path);
bool load_is_standard_module(const char *name);
/* Finds names or runs text by itself: globals(), sys.modules, inspect ... */
bool load_is_dynamic_name(const char *name);
bool load_is_dynamic_attribute(const char *name);
bool load_is_dynamic_module(const char *name);

#endif
