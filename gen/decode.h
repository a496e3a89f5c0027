/*
 * From the bytes of a file to UTF-8 text, as PEP 263 and CPython's tokenizer say.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_DECODE_H
#define SBX_GEN_DECODE_H

#include "source.h"

/* What stands after the text, so that a lexer may look ahead without counting. */
enum { SOURCE_PADDING = 16 };

/* Where each line begins, as far as it is known. */
typedef struct LineIndex {
	Arena *arena;
	uint32_t *lines, count, capacity;
	bool complete; /* decode_source noted all lines of the text on its way */
} LineIndex;

/* Room for `more` lines that is not there. */
void lines_grow(LineIndex *index, uint32_t more);

static inline void lines_reserve(LineIndex *index, uint32_t more)
{
	if (index->capacity - index->count < more)
		lines_grow(index, more);
}

/*
 * Decodes `bytes`: byte order mark, coding cookie in line 1 or 2, UTF-8 by default, newlines of all three kinds to
 * '\n'. Fills text and length of `source`. False after a diagnostic; `source` then holds a printable form of the
 * bytes, for the diagnostic's sake.
 */
bool decode_source(Arena *arena, Diag *diag, Source *source, LineIndex *index, const char *bytes,
				   size_t length);

/* The length of the UTF-8 sequence at `text` (1 to 4), or 0 when it is not valid UTF-8. `text` ends with a NUL. */
unsigned utf8_sequence(const unsigned char *text);
/* Reads one code point of valid UTF-8 (surrogates pass) and moves on. */
uint32_t utf8_read(const char **text);
/* Writes a code point (surrogates as their three bytes); returns the number of bytes, at most 4. */
unsigned utf8_write(char *out, uint32_t code);

#endif
