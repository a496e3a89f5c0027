/*
 * The lexer's rules: what a token of Python code looks like. Indentation, brackets and strings have states of
 * their own and live in gen/indent.c, gen/tokens.c and gen/literals.c; the rules here only call them.
 *
 * The text ends with NUL bytes and contains none, so NUL is the end and nothing is ever read past it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "atom_table.h"
#include "codepoints.h"
#include "decode.h"
#include "lexing.h"
#include "python.h"
#include "recovery.h"
#include "scan.h"

#include <string.h>

/* One token, from its first byte to the cursor. */
#define TOKEN(kind)                                                                                                   \
	{                                                                                                                 \
		token_add(lexer, kind, start, cursor);                                                                        \
		continue;                                                                                                     \
	}
/* Goes on where a reader of literals says. */
#define GO(call)                                                                                                      \
	{                                                                                                                 \
		cursor = (call);                                                                                              \
		if (!cursor)                                                                                                  \
			return;                                                                                                   \
		continue;                                                                                                     \
	}
#define NUMBER(kind) GO(number_end(lexer, start, cursor, kind))
#define OPEN(kind, open)                                                                                              \
	{                                                                                                                 \
		bracket_open(lexer, open, false);                                                                             \
		TOKEN(kind)                                                                                                   \
	}
#define CLOSE(kind, close)                                                                                            \
	{                                                                                                                 \
		if (!bracket_close(lexer, close, start))                                                                      \
			return;                                                                                                   \
		TOKEN(kind)                                                                                                   \
	}

/* A name after a dot joins it, whatever stands between: "x.y" is two tokens. */
static void add_name_atom(Lexer *lexer, const char *start, const char *end, const Atom *atom)
{
	Token *before = lexer->next - 1;
	if (before->kind == TK_DOT) {
		before->kind = TK_DOTNAME;
		before->end = (uint32_t)(end - lexer->text);
		before->atom = atom;
		return;
	}
	if (before->kind == TK_NAME && before->atom == lexer->type_atom)
		before->kind = TK_TYPE;
	token_add(lexer, TK_NAME, start, end)->atom = atom;
}

static void add_unicode_name(Lexer *lexer, const char *start, const char *end)
{
	for (const char *p = start; p < end;) {
		const char *at = p;
		uint32_t code = utf8_read(&p);
		if (at == start ? !codepoint_is_name_start(code) : !codepoint_is_name_part(code)) {
			code_refuse(lexer, at, (unsigned)(p - at), code);
			return;
		}
	}
	size_t length;
	const char *normal = codepoint_normalize(lexer->arena, start, (size_t)(end - start), &length);
	add_name_atom(lexer, start, end, atom_get(lexer->atoms, normal, length));
}

/* Which bytes go on with a name: 1 in ASCII, 2 beyond it. */
#define FOUR(value) value, value, value, value
#define SIXTEEN(value) FOUR(value), FOUR(value), FOUR(value), FOUR(value)
static const unsigned char name_bytes[256] = {
	['0'] = 1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	1,
	['A'] = SIXTEEN(1),
	FOUR(1),
	FOUR(1),
	1,
	1,
	['_'] = 1,
	['a'] = SIXTEEN(1),
	FOUR(1),
	FOUR(1),
	1,
	1,
	[128] = SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
	SIXTEEN(2),
};

/* note [keywords] A keyword has two to eight letters. Its place in the table comes from the first, the last and their
   number, so that a name is known to be none before it is looked up among the atoms. */
typedef struct Keyword {
	char text[8];
	unsigned kind;
} Keyword;

enum { KEYWORD_PLACES = 128 };
#define KEYWORD_PLACE(first, last, length) (((unsigned)(first) + (unsigned)(last) * 20 + (unsigned)(length) * 16) % KEYWORD_PLACES)
#define KEYWORD(first, last, name, kind) [KEYWORD_PLACE(first, last, sizeof #name - 1)] = {#name, TK_##kind}
static const Keyword keywords[KEYWORD_PLACES] = {
	KEYWORD('F', 'e', False, FALSE),
	KEYWORD('N', 'e', None, NONE),
	KEYWORD('T', 'e', True, TRUE),
	KEYWORD('a', 'd', and, AND),
	KEYWORD('a', 's', as, AS),
	KEYWORD('a', 't', assert, ASSERT),
	KEYWORD('a', 'c', async, ASYNC),
	KEYWORD('a', 't', await, AWAIT),
	KEYWORD('b', 'k', break, BREAK),
	KEYWORD('c', 's', class, CLASS),
	KEYWORD('c', 'e', continue, CONTINUE),
	KEYWORD('d', 'f', def, DEF),
	KEYWORD('d', 'l', del, DEL),
	KEYWORD('e', 'f', elif, ELIF),
	KEYWORD('e', 'e', else, ELSE),
	KEYWORD('e', 't', except, EXCEPT),
	KEYWORD('f', 'y', finally, FINALLY),
	KEYWORD('f', 'r', for, FOR),
	KEYWORD('f', 'm', from, FROM),
	KEYWORD('g', 'l', global, GLOBAL),
	KEYWORD('i', 'f', if, IF),
	KEYWORD('i', 't', import, IMPORT),
	KEYWORD('i', 'n', in, IN),
	KEYWORD('i', 's', is, IS),
	KEYWORD('l', 'a', lambda, LAMBDA),
	KEYWORD('n', 'l', nonlocal, NONLOCAL),
	KEYWORD('n', 't', not, NOT),
	KEYWORD('o', 'r', or, OR),
	KEYWORD('p', 's', pass, PASS),
	KEYWORD('r', 'e', raise, RAISE),
	KEYWORD('r', 'n', return, RETURN),
	KEYWORD('t', 'y', try, TRY),
	KEYWORD('w', 'e', while, WHILE),
	KEYWORD('w', 'h', with, WITH),
	KEYWORD('y', 'd', yield, YIELD),
};

/* The token of a keyword, or 0; `words` is the name filled with zeros. */
static inline unsigned keyword_kind(const char *name, size_t length, const uint64_t words[2])
{
	const Keyword *keyword = &keywords[KEYWORD_PLACE(name[0], name[length - 1], length)];
	uint64_t text;
	memcpy(&text, keyword->text, sizeof text);
	return text == words[0] && !words[1] ? keyword->kind : 0;
}

static void add_keyword(Lexer *lexer, unsigned kind, const char *start, const char *end)
{
	if (kind == TK_FOR) {
		lexer->state.in_for = true;
	} else if (kind == TK_IN && lexer->state.in_for) {
		kind = TK_FORIN;
		lexer->state.in_comprehension |= lexer->depth > 0;
		lexer->state.in_for = false;
	} else if (kind == TK_IF && lexer->state.in_comprehension) {
		kind = TK_COMPIF;
	} else if (lexer->depth && !lexer->string_depth && bracket_is_open(lexer, start)) {
		bracket_refuse_open(lexer);
		return;
	}
	token_add(lexer, kind, start, end);
}

static const char *attribute_read(Lexer *lexer, const char *start)
{
	const char *end = scan_name(start + 1);
	size_t length = (size_t)(end - start - 1);
	uint64_t words[2];
	bool is_name = (unsigned char)*end < 0x80;
	if (is_name && length <= 16) {
		atom_load(start + 1, length, words);
		is_name = !keyword_kind(start + 1, length, words);
	}
	if (!is_name) {
		token_add(lexer, TK_DOT, start, start + 1);
		return start + 1;
	}
	token_add(lexer, TK_DOTNAME, start, end)->atom =
		length <= 16 ? atom_get_words(lexer->atoms, start + 1, length, words)
					 : atom_get(lexer->atoms, start + 1, length);
	return end;
}

static const char *name_read(Lexer *lexer, const char *start)
{
	const char *end = scan_name(start);
	if ((unsigned char)*end >= 0x80) {
		while (name_bytes[(unsigned char)*end])
			end++;
		add_unicode_name(lexer, start, end);
		return lexer->stuck ? NULL : end;
	}
	size_t length = (size_t)(end - start);
	if (length > 16) {
		add_name_atom(lexer, start, end, atom_get(lexer->atoms, start, length));
		return end;
	}
	uint64_t words[2];
	atom_load(start, length, words);
	unsigned keyword = keyword_kind(start, length, words);
	if (keyword)
		add_keyword(lexer, keyword, start, end);
	else
		add_name_atom(lexer, start, end, atom_get_words(lexer->atoms, start, length, words));
	return lexer->stuck ? NULL : end;
}

/* ':' in code, or the start of a format spec. */
static const char *lex_colon(Lexer *lexer, const char *start)
{
	if (lexer->state.in_field) {
		token_add(lexer, TK_FIELD_SPEC, start, start + 1);
		lexer->brackets[lexer->depth - 1].in_spec = true;
		return fstring_middle(lexer, start + 1);
	}
	/* note [parenthesised with]: "with (" ... "):" holds a list of items, with other ends an expression */
	uint32_t opener = lexer->last_opener;
	if (lexer->next[-1].kind == TK_RPAR && opener && lexer->items[opener - 1].kind == TK_WITH)
		lexer->items[opener].kind = TK_WITHPAR;
	token_add(lexer, TK_COLON, start, start + 1);
	return start + 1;
}

/* '}' of a set or dict, or of a replacement field. */
static const char *lex_brace(Lexer *lexer, const char *start)
{
	bool is_field = lexer->state.in_field;
	if (!bracket_close(lexer, '}', start))
		return NULL;
	token_add(lexer, is_field ? TK_FIELD_CLOSE : TK_RBRACE, start, start + 1);
	return is_field ? fstring_middle(lexer, start + 1) : start + 1;
}

/* A line break between brackets is white space; in the field of a string with one quote only 3.12 allows it. */
static const char *lex_newline(Lexer *lexer, const char *start)
{
	if (lexer->depth) {
		for (uint32_t i = lexer->string_depth; i--;)
			if (!(lexer->strings[i].flags & TOKEN_TRIPLE))
				lexer->strings[i].newer = true;
		return start + 1;
	}
	line_end(lexer, start, start + 1);
	return indent_read(lexer, start + 1);
}

static const char *lex_continuation(Lexer *lexer, const char *start)
{
	for (uint32_t i = lexer->string_depth; i--;)
		lexer->strings[i].newer = true;
	if (start[1] == '\n' && start[2])
		return start + 2;
	uint32_t place = (uint32_t)(start - lexer->text);
	if (start[1] == '\n' || !start[1])
		diag_add(lexer->diag, D_EOF_CONTINUATION, lexer->source, place, place + 1);
	else
		diag_add(lexer->diag, D_CONTINUATION, lexer->source, place + 1, place + 2);
	lexer_fail(lexer, start + 1);
	return NULL;
}

static void lex_code(Lexer *lexer, const char *cursor)
{
	const char *marker = cursor, *start, *end = lexer->text + lexer->source->length;
	for (;;) {
		while (*cursor == ' ')
			cursor++;
		start = cursor;
		/*!re2c
		re2c:define:YYCTYPE = "unsigned char";
		re2c:define:YYCURSOR = cursor;
		re2c:define:YYMARKER = marker;
		re2c:yyfill:enable = 0;
		re2c:flags:case-ranges = 0;

		digits = [0-9] ("_"? [0-9])*;
		exponent = [eE] [+-]? digits;
		fraction = digits "." digits? | "." digits;
		quote = ['"];

		[ \t\f]+                { continue; }
		"#"                     {
			const char *newline = memchr(start, '\n', (size_t)(end - start));
			cursor = newline ? newline : end;
			for (uint32_t i = lexer->string_depth; i--;)
				lexer->strings[i].newer = true;
			continue;
		}
		"\n"                    { GO(lex_newline(lexer, start)) }
		"\\"                    { GO(lex_continuation(lexer, start)) }
		"\x00"                  { return; }

		[A-Za-z_\x80-\xff]      { GO(name_read(lexer, start)) }

		"0" [xX] ("_"? [0-9a-fA-F])+    { NUMBER("hexadecimal") }
		"0" [oO] ("_"? [0-7])+          { NUMBER("octal") }
		"0" [bB] ("_"? [01])+           { NUMBER("binary") }
		[1-9] ("_"? [0-9])* | "0" ("_"? "0")*      { NUMBER("decimal") }
		fraction exponent? | digits exponent       { NUMBER("decimal") }
		(fraction exponent? | digits exponent?) [jJ] { NUMBER("imaginary") }

		([uUbBrR] | [bB] [rR] | [rR] [bB])? quote   { GO(string_read(lexer, start, cursor - 1)) }
		([fFtT] | [fFtT] [rR] | [rR] [fFtT]) quote  { GO(fstring_open(lexer, start, cursor - 1)) }

		"("                     { OPEN(TK_LPAR, '(') }
		"["                     { OPEN(TK_LSQB, '[') }
		"{"                     { OPEN(TK_LBRACE, '{') }
		")"                     { CLOSE(TK_RPAR, ')') }
		"]"                     { CLOSE(TK_RSQB, ']') }
		"}"                     { GO(lex_brace(lexer, start)) }
		":"                     { GO(lex_colon(lexer, start)) }
		":="                    {
			if (lexer->state.in_field)
				GO(lex_colon(lexer, start))
			TOKEN(TK_WALRUS)
		}
		"="                     {
			token_add(lexer, lexer->state.in_field ? TK_FIELD_EQUAL : TK_EQUAL, start, cursor);
			continue;
		}
		"!"                     {
			if (lexer->state.in_field)
				TOKEN(TK_FIELD_BANG)
			character_refuse(lexer, start);
			return;
		}
		"+"                     { TOKEN(TK_PLUS) }
		"-"                     { TOKEN(TK_MINUS) }
		"*"                     { TOKEN(TK_STAR) }
		"/"                     { TOKEN(TK_SLASH) }
		"%"                     { TOKEN(TK_PERCENT) }
		"@"                     { TOKEN(TK_AT) }
		"&"                     { TOKEN(TK_AMPER) }
		"|"                     { TOKEN(TK_VBAR) }
		"^"                     { TOKEN(TK_CIRCUMFLEX) }
		"~"                     { TOKEN(TK_TILDE) }
		"<"                     { TOKEN(TK_LESS) }
		">"                     { TOKEN(TK_GREATER) }
		","                     { TOKEN(TK_COMMA) }
		"."                     { TOKEN(TK_DOT) }
		"." / [A-Za-z_]         { GO(attribute_read(lexer, start)) }
		";"                     { TOKEN(TK_SEMI) }
		"**"                    { TOKEN(TK_DOUBLESTAR) }
		"//"                    { TOKEN(TK_DOUBLESLASH) }
		"<<"                    { TOKEN(TK_LEFTSHIFT) }
		">>"                    { TOKEN(TK_RIGHTSHIFT) }
		"=="                    { TOKEN(TK_EQEQUAL) }
		"!="                    { TOKEN(TK_NOTEQUAL) }
		"<="                    { TOKEN(TK_LESSEQUAL) }
		">="                    { TOKEN(TK_GREATEREQUAL) }
		"->"                    { TOKEN(TK_RARROW) }
		"..."                   { TOKEN(TK_ELLIPSIS) }
		"+="                    { TOKEN(TK_PLUSEQUAL) }
		"-="                    { TOKEN(TK_MINEQUAL) }
		"*="                    { TOKEN(TK_STAREQUAL) }
		"/="                    { TOKEN(TK_SLASHEQUAL) }
		"%="                    { TOKEN(TK_PERCENTEQUAL) }
		"@="                    { TOKEN(TK_ATEQUAL) }
		"&="                    { TOKEN(TK_AMPEREQUAL) }
		"|="                    { TOKEN(TK_VBAREQUAL) }
		"^="                    { TOKEN(TK_CIRCUMFLEXEQUAL) }
		"**="                   { TOKEN(TK_DOUBLESTAREQUAL) }
		"//="                   { TOKEN(TK_DOUBLESLASHEQUAL) }
		"<<="                   { TOKEN(TK_LEFTSHIFTEQUAL) }
		">>="                   { TOKEN(TK_RIGHTSHIFTEQUAL) }
		*                       {
			character_refuse(lexer, start);
			return;
		}
		*/
	}
}

const Tokens *lex_source(Arena *arena, AtomTable *atoms, Diag *diag, const Source *source)
{
	Lexer state = {.arena = arena, .atoms = atoms, .diag = diag, .source = source, .text = source->text};
	Lexer *lexer = &state;
	lexer_begin(lexer);
	const char *cursor = indent_read(lexer, lexer->text);
	const char *end = lexer->text + source->length;
	while (cursor) {
		lex_code(lexer, cursor);
		if (!lexer->stuck && indent_finish(lexer, end))
			break;
		cursor = lexer_recover(lexer);
	}
	bool whole = cursor != NULL;
	tokens_finish(lexer, end);
	Tokens *tokens = ARENA_NEW(arena, Tokens);
	*tokens = (Tokens){.source = source, .items = lexer->items, .count = token_count(lexer), .complete = !lexer->failed, .truncated = !whole};
	return tokens;
}
