/*
 * Inside the check of types: what check_types.c, check_operations.c and check_builtins.c share.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_CHECK_VALUES_H
#define SBX_GEN_CHECK_VALUES_H

#include "checking.h"

/* NULL: control does not come there, or the expression has no value. */
const Type *check_type_of(const Checker *c, const Node *node);
const char *check_type_text(Checker *c, const Type *type);
/* Is it so for the type, of a union for each member? */
bool check_every(const Type *type, bool (*is)(TypeKind kind));
bool check_has_none(const Type *type); /* None, or a union with it */
/* The name under which the runtime knows a type's methods; NULL: any value might have the attribute. */
const char *check_method_table(const Type *type);
/* The expression is reported: from now on its value is ANY. */
void check_absorb(Checker *c, const Node *node);
bool check_iterable(Checker *c, const Node *node); /* false: reported */
void check_operation(Checker *c, const Node *node);
void check_unbound(Checker *c);

/* ---- check_builtins.c ---- */

void check_builtin_call(Checker *c, const AstCall *call);

#endif
