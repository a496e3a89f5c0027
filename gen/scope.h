/*
 * Names and scopes of one orchestrator: what each name means, where each variable lives, what may suspend.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SCOPE_H
#define SBX_GEN_SCOPE_H

#include "checked.h"

/*
 * Fills root, scopes, names, node_scopes and def_variables of `checked` (whose tables have been allocated), all but the
 * types. Adds no diagnostic: a Name node of the orchestrator that means nothing is left with NAME_NONE.
 * false: the program is nested more deeply than SCOPE_MAX_DEPTH, at *deepest.
 */
#define SCOPE_MAX_DEPTH 3000
bool scope_entry(Arena *arena, Checked *checked, const Node **deepest);

/* ---- shared by scope.c, assignment.c and suspension.c ---- */

/* The function, generator or module scope in whose C function this scope is compiled. */
Scope *scope_function(Scope *scope);
/* Which variables may be read before they are set: fills may_be_unbound, function, function_is_sure. */
void scope_assignments(Arena *arena, Checked *checked);
/* Which scopes can reach a task call: fills may_suspend and value_is_used. */
void scope_suspensions(Arena *arena, Checked *checked);
/* The body of a scope: statements, or one expression (lambda). */
NodeList scope_body(const Scope *scope);

#endif
