/*
 * The tokens of a file, as the lexer hands them to the parser: one array, so that the parser may look around
 * where the grammar alone is not enough (soft keywords, the wording of an error).
 * The kinds are the terminals of grammar/python.y; python.h, which lemon writes, numbers them (TK_NAME and so on).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TOKENS_H
#define SBX_GEN_TOKENS_H

#include "source.h"

enum {
	TOKEN_RAW = 1,       /* string: r prefix */
	TOKEN_BYTES = 2,     /* string: b prefix */
	TOKEN_UNICODE = 4,   /* string: u prefix */
	TOKEN_TRIPLE = 8,    /* string: three quotes */
	TOKEN_TEMPLATE = 16, /* FSTRING_START: t prefix */
	TOKEN_ESCAPES = 32,  /* string or FSTRING_MIDDLE: a backslash is in it */
	TOKEN_BRACES = 64,   /* FSTRING_MIDDLE: a doubled brace is in it */
	TOKEN_NEWER =
		128, /* FSTRING_END: the string is a t-string, or is written as only 3.12 and later allow */
};

typedef struct Token {
	uint16_t kind;
	uint16_t flags;
	uint32_t start, end; /* byte range in the source */
	const Atom *atom;    /* names and soft keywords, else NULL */
} Token;

typedef struct Tokens {
	const Source *source;
	Token *items; /* the last one is an ENDMARKER, kind 0 */
	uint32_t count;
	bool
		complete; /* false: a lexical error was reported; its line is replaced by one that says nothing */
	bool truncated; /* nothing is known of the text behind the last token */
} Tokens;

/* Never NULL; lexical errors are diagnostics. */
const Tokens *lex_source(Arena *arena, AtomTable *atoms, Diag *diag, const Source *source);

/* One token a line: place, kind, text. */
typedef struct Text Text;
void tokens_dump(Text *out, const Tokens *tokens);
/* "NAME", "IF", "PLUS": the terminal as the grammar writes it. */
const char *token_kind_text(unsigned kind);

#endif
