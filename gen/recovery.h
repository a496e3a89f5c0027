/*
 * Going on after a mistake in the syntax, so that several mistakes give several messages and one gives one.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_RECOVERY_H
#define SBX_GEN_RECOVERY_H

#include "lexing.h"

enum { MOST_MISTAKES = 20 }; /* of lexing, and of parsing */

/* After lexer_fail: puts a statement that says nothing in place of the logical line with the mistake. Returns the first
   token behind it, or NULL: nothing can be read there. */
const char *lexer_recover(Lexer *lexer);

/* A keyword inside brackets: does it begin a line, and a statement? Then a bracket was not closed. */
bool bracket_is_open(const Lexer *lexer, const char *keyword);

/* The same for the parser: tokens without the mistake at `mistake`, an index into tokens->items; misfit: it is this token
   that does not fit, not what the line says. NULL: it cannot be taken out. */
const Tokens *tokens_without(Arena *arena, AtomTable *atoms, const Tokens *tokens, uint32_t mistake,
							 bool misfit);

#endif
