/*
 * Inside the check phase: what its files share. Nobody else includes this.
 *
 *   check.c          the driver: one entry after the other
 *   subset.c         constructs that the language refuses, each by name
 *   subset_text.c    their workarounds in the user's own names
 *   check_names.c    names that mean nothing, and what they may have meant
 *   check_calls.c    arguments against parameters of tasks and of the program's own functions
 *   alias.c          which expressions may be the same container
 *   infer.c ...      types
 *   check_types.c    what is certainly wrong with them; check_operations.c, check_builtins.c
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_CHECKING_H
#define SBX_GEN_CHECKING_H

#include "checked.h"
#include "constant.h"
#include "nearest.h"
#include "scope.h"

typedef struct Checker {
	Arena *arena;
	Diag *diag;
	const Declarations *declarations;
	TypeTable *types;
	Checked *checked;
	const EntryDecl *entry;
	const Source *source;
	uint32_t absorbed_count; /* expressions whose failure is certain, so far */
	bool *faulty; /* by node id: an expression that has an error of its own (check_types.c) */
} Checker;

void check_subset(Checker *c);
void check_names(Checker *c);
void check_calls(Checker *c);
/* Calls check_types: what is certain to fail is ANY afterwards, and what comes after it is looked at. */
void infer_types(Checker *c);
/* After the last look at what has no value: NEVER becomes ANY. */
void infer_settle(Checker *c);
void check_types(Checker *c);

/* ---- subset_text.c ---- */

/* The text of a node as written, whole; NULL where it is longer than a line of help should be. */
const char *source_text(Arena *arena, const Source *source, const Node *node);
const char *binary_text(BinaryOperator op); /* "+" */
/* `x = x + 1` for `x += 1`. */
const char *augmented_text(Checker *c, const AstAugAssign *node);
const char *subscript_store_help(Checker *c, const AstSubscript *target, const Node *value);
const char *set_as_list(Checker *c, const Node *set);
const char *assert_as_if(Checker *c, const AstAssert *node);
const char *builtin_help(const char *name); /* NULL: no builtin of Python */
const char *dunder_help(const char *name);
/* ---- names and calls ---- */

const GlobalName *find_global(const EntryDecl *entry, const Atom *name);
/* Does the expression begin with what has an error already: a name that means nothing, an attribute that is not there,
   a variable bound to such a value? */
bool is_unknown_root(const Checker *c, const Node *node);
/* Reports what is wrong with a task's declaration; param -1: any use, else a value is given to this
 * parameter. */
void report_task(Checker *c, const TaskDecl *task, int param, const Node *use);
const TaskDecl *find_task(const EntryDecl *entry, const char *name, size_t length);
/* "add(x: int, y: int)" */
const char *signature_text(Checker *c, const TaskDecl *task);

#endif
