/*
 * What CPython's symbol table and compiler refuse though its grammar takes it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SYNTAX_CHECK_H
#define SBX_GEN_SYNTAX_CHECK_H

#include "ast.h"

/* False after a diagnostic. `*depth` becomes that of the tree. */
bool syntax_check(Arena *arena, AtomTable *atoms, Diag *diag, const Module *module,
				  uint32_t *depth);

#endif
