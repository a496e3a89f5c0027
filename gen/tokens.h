/*
 * The tokens of a file, as the lexer hands them to the parser.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TOKENS_H
#define SBX_GEN_TOKENS_H

#include "source.h"

typedef struct Tokens Tokens;

/* Never NULL; lexical errors are diagnostics. */
const Tokens *lex_source(Arena *arena, AtomTable *atoms, Diag *diag, const Source *source);

#endif
