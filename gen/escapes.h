/*
 * The text of string tokens: where it begins and ends, and its escapes.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ESCAPES_H
#define SBX_GEN_ESCAPES_H

#include "text.h"
#include "tree.h"

/* The range between the quotes of a STRING token. */
void string_body(const char *source, const Token *token, uint32_t *start, uint32_t *end);
/* Adds the value of a STRING or FSTRING_MIDDLE to `out`; an error of an escape is the parser's error. */
void string_decode(Parser *p, const Token *token, Text *out);

#endif
