/*
 * What the front end asks about Unicode characters: may it stand in a name, does repr() show it, how is a name
 * normalised, which character has this name. The answers are CPython 3.11's own (Unicode 14).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_CODEPOINTS_H
#define SBX_GEN_CODEPOINTS_H

#include "arena.h"

bool codepoint_is_name_start(uint32_t code);
bool codepoint_is_name_part(uint32_t code);
bool codepoint_is_printable(uint32_t code);
/* A name in normal form KC, as Python compares names. `text` is valid UTF-8 of characters that names may have. */
const char *codepoint_normalize(Arena *arena, const char *text, size_t length,
								size_t *normal_length);
/* The character called `name` in \N{name}, in any case of letters; false when there is none. */
bool codepoint_from_name(const char *name, size_t length, uint32_t *code);

#endif
