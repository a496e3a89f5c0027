/*
 * The inside of the lexer: its state, and what the hand-written half (indent.c, literals.c, tokens.c) does for the
 * rules in grammar/lexer.re.
 *
 * The state is three stacks, none with a fixed limit: open brackets, open f-strings, indentation. While the
 * innermost bracket is a replacement field of an f-string, ':' '!' '=' and '}' mean what f-strings say.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_LEXING_H
#define SBX_GEN_LEXING_H

#include "diag.h"
#include "tokens.h"

/* What the lexer must know of the innermost bracket. */
typedef struct BracketState {
	bool in_field;         /* it is a replacement field */
	bool in_for;           /* the next `in` in it is that of a `for` */
	bool in_comprehension; /* each `if` in it is one of a comprehension's */
} BracketState;

typedef struct Bracket {
	uint32_t token; /* index of the opening token */
	char open;      /* '(' '[' '{'; in ASCII the closing ones of the last two stand two further */
	bool is_field;  /* a replacement field: '{' in an f-string */
	bool in_spec;   /* a field whose format spec is being read */
	BracketState around;
} Bracket;

typedef struct OpenString {
	uint32_t start, flags; /* of the FSTRING_START */
	uint32_t fields;       /* replacement fields of it that are open */
	char quote;
	bool newer;
} OpenString;

typedef struct Indent {
	uint32_t column, tabless_column; /* tabs to multiples of 8; tabs as one column */
	uint32_t
		odd_column; /* of a line that was refused for it, and is taken to stand here; 0: none */
	bool is_match;  /* the block of a match statement: "case" is a keyword here */
} Indent;

typedef struct Lexer {
	Arena *arena;
	AtomTable *atoms;
	Diag *diag;
	const Source *source;
	const char *text;
	Token *items, *next,
		*limit; /* before the first item stands one of kind NEWLINE, which is no token */
	Bracket *brackets;
	uint32_t depth, bracket_capacity;
	OpenString *strings;
	uint32_t string_depth, string_capacity;
	Indent *indents;
	uint32_t indent_depth, indent_capacity;
	uint32_t line_first;  /* index of the logical line's first token */
	uint32_t last_opener; /* index of the token that the last ')' closed */
	BracketState state;
	bool failed;       /* some mistake was told */
	const char *stuck; /* it stands here, and the lexer has stopped; NULL after recovery */
	uint32_t mistakes;
	bool tabs_told;      /* that tabs and spaces are mixed */
	bool block_is_match; /* the next INDENT opens the block of a match statement */
	const Atom *match_atom, *case_atom, *type_atom;
} Lexer;

/* tokens.c */
void tokens_grow(Lexer *lexer);

static inline uint32_t token_count(const Lexer *lexer)
{
	return (uint32_t)(lexer->next - lexer->items);
}

static inline Token *token_add(Lexer *lexer, unsigned kind, const char *start, const char *end)
{
	if (lexer->next == lexer->limit)
		tokens_grow(lexer);
	Token *token = lexer->next++;
	token->kind = (uint16_t)kind;
	token->flags = 0;
	token->atom = NULL;
	token->start = (uint32_t)(start - lexer->text);
	token->end = (uint32_t)(end - lexer->text);
	return token;
}

void brackets_grow(Lexer *lexer);
void bracket_refuse(Lexer *lexer, char close, const char *start);

static inline void bracket_open(Lexer *lexer, char open, bool is_field)
{
	if (lexer->depth == lexer->bracket_capacity)
		brackets_grow(lexer);
	lexer->brackets[lexer->depth++] =
		(Bracket){token_count(lexer), open, is_field, false, lexer->state};
	lexer->state = (BracketState){.in_field = is_field};
}

static inline bool bracket_close(Lexer *lexer, char close, const char *start)
{
	const Bracket *top = lexer->depth ? &lexer->brackets[lexer->depth - 1] : NULL;
	if (!top || close != (top->open == '(' ? ')' : top->open + 2)) {
		bracket_refuse(lexer, close, start);
		return false;
	}
	if (top->is_field)
		lexer->strings[lexer->string_depth - 1].fields--;
	lexer->last_opener = top->token;
	lexer->state = top->around;
	lexer->depth--;
	return true;
}

/* The rules stop at the mistake `at`; recovery.c goes on behind its line. */
void lexer_fail(Lexer *lexer, const char *at);
void line_end(Lexer *lexer, const char *start, const char *end);
/* Refuses a character that stands at `at`. */
void code_refuse(Lexer *lexer, const char *at, unsigned size, uint32_t code);
/* The array of tokens and the names that are keywords in some places. */
void lexer_begin(Lexer *lexer);
void character_refuse(Lexer *lexer, const char *at);

/* indent.c */
void indent_begin(Lexer *lexer);
/* From the start of a line to its first token; NULL at the end of the text or after an error. */
const char *indent_read(Lexer *lexer, const char *cursor);
/* A bracket is open at the end of the text, or where a statement begins: the lexer is stuck at it. */
void bracket_refuse_open(Lexer *lexer);
/* At the end of the text. False: a bracket is open, and the lexer is stuck at it. */
bool indent_finish(Lexer *lexer, const char *end);
void tokens_finish(Lexer *lexer, const char *end);

/* lexer_help.c: the help line and the edit of a mistake that was told */
void help_open_bracket(const Lexer *lexer, DiagItem *item, char open);
void help_open_string(const Lexer *lexer, DiagItem *item, char quote);
void help_mismatch(const Lexer *lexer, DiagItem *item, const Token *opener, char open);
void help_number(const Lexer *lexer, DiagItem *item);
void help_margin(const Lexer *lexer, DiagItem *item, uint32_t inner, uint32_t outer);
void help_character(const Lexer *lexer, DiagItem *item, uint32_t code);

/* literals.c: each returns where to go on, or NULL after an error. */
const char *number_end(Lexer *lexer, const char *start, const char *end, const char *kind);
const char *string_read(Lexer *lexer, const char *start, const char *quote);
const char *fstring_open(Lexer *lexer, const char *start, const char *quote);
const char *fstring_middle(Lexer *lexer, const char *cursor);

#endif
