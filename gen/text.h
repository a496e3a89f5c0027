/*
 * A growing text in an arena: how every phase prints.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TEXT_H
#define SBX_GEN_TEXT_H

#include "arena.h"

typedef struct Text {
	Arena *arena;
	char *bytes; /* NUL-terminated */
	size_t length, capacity;
	uint32_t line; /* newlines written so far + 1 */
} Text;

void text_init(Text *text, Arena *arena);
void text_add(Text *text, const char *bytes, size_t length);
void text_put(Text *text, const char *string);
void text_char(Text *text, char c);
/* A JSON string with its quotes; a lone surrogate, three bytes here, is an escape there. */
void text_json(Text *text, const char *bytes, size_t length);
void text_format(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
