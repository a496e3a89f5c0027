/*
 * The inside of syntax_check.c and name_check.c: a scope as CPython's symbol table sees it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SCOPE_CHECK_H
#define SBX_GEN_SCOPE_CHECK_H

#include "ast.h"
#include "diag.h"

typedef enum ScopeKind {
	SCOPE_MODULE,
	SCOPE_CLASS,
	SCOPE_FUNCTION,
	SCOPE_LAMBDA,
	SCOPE_COMPREHENSION,
} ScopeKind;

typedef struct NameTable NameTable;

typedef struct CheckScope {
	struct CheckScope *outer;
	const Node *node;
	ScopeKind kind;
	bool is_async;     /* async def */
	bool is_coroutine; /* a comprehension with await or async for */
	bool is_generator; /* has a yield */
	bool await_told;
	bool has_directive; /* has a global or nonlocal statement */
	const Node *return_value;
	NameTable *names; /* made when a directive here or further in asks for it */
} CheckScope;

typedef struct Checker {
	Arena *arena;
	AtomTable *atoms;
	Diag *diag;
	const Source *source;
	const Atom *class_cell; /* __class__ */
	bool failed;
	const Node *refused; /* the last one that was told */
	bool future_annotations;
	const Node *last_future; /* the last of the leading __future__ imports */
} Checker;

void check_refuse(Checker *checker, DiagId id, const Node *node, const char *argument);
/* The global and nonlocal statements of a scope against its names and those of the scopes around it. */
void check_directives(Checker *checker, CheckScope *scope);

#endif
