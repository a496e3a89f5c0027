/*
 * Recovery by logical lines. What is wrong in a line says nothing about the lines around it, so the line as a whole is
 * replaced by one that cannot be wrong: `pass`, or, where the line opens a block, the same kind of header with names
 * in it (`if x y:` becomes `if _:`), so that the block and its `else` still have their place. Nothing but the syntax is
 * told of a file with such a mistake, so nobody ever asks what the replaced line meant.
 *
 * The lexer does it in its text: a mistake inside brackets ends where they close, or before the first line that
 * stands no further in than the statement and does not begin with a closing bracket. A bracket that is never closed
 * is found at the end of the file; then the lexer goes back to it. The parser does it in its tokens, and parses
 * again from the beginning. Both give up after MOST_MISTAKES, which bounds the time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "recovery.h"
#include "python.h"

#include <ctype.h>
#include <string.h>

typedef struct Header {
	uint16_t kinds[5]; /* as far as the colon; 0 ends it */
} Header;

/* The shortest header that begins with the token. False: it begins no block. */
static bool find_header(unsigned kind, Header *header)
{
	static const Header headers[] = {
		{{TK_IF, TK_NAME}},
		{{TK_ELIF, TK_NAME}},
		{{TK_ELSE}},
		{{TK_WHILE, TK_NAME}},
		{{TK_FOR, TK_NAME, TK_FORIN, TK_NAME}},
		{{TK_TRY}},
		{{TK_EXCEPT, TK_NAME}},
		{{TK_FINALLY}},
		{{TK_WITH, TK_NAME}},
		{{TK_DEF, TK_NAME, TK_LPAR, TK_RPAR}},
		{{TK_CLASS, TK_NAME}},
		{{TK_MATCH, TK_NAME}},
		{{TK_CASE, TK_NONE}},
	};
	for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
		if (headers[i].kinds[0] == kind) {
			*header = headers[i];
			return true;
		}
	return false;
}

static bool ends_line(unsigned kind)
{
	return kind == TK_NEWLINE || kind == TK_INDENT || kind == TK_DEDENT || kind == TK_BLOCK;
}

/* ---- the lexer's part ---- */

/* A string in a line that is skipped: behind its closing quote, or the end of its line. */
static const char *skip_string(const char *p)
{
	char quote = *p++;
	while (*p && *p != '\n' && *p != quote)
		p += *p == '\\' && p[1] && p[1] != '\n' ? 2 : 1;
	return *p == quote ? p + 1 : p;
}

/* Does a statement begin here that no expression can hold? Inside brackets that tells that one was not closed. */
static bool begins_statement(const char *at)
{
	static const char *const words[] = {"def",    "class",  "return",   "import", "while",
										"try",    "with",   "raise",    "pass",   "break",
										"del",    "elif",   "continue", "global", "nonlocal",
										"assert", "except", "finally"};
	size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");
	if (isalnum((unsigned char)at[length]) || at[length] == '_' || (at[length] & 0x80))
		return false;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == length && !memcmp(words[i], at, length))
			return true;
	return false;
}

bool bracket_is_open(const Lexer *lexer, const char *keyword)
{
	const char *p = keyword;
	while (p > lexer->text && (p[-1] == ' ' || p[-1] == '\t'))
		p--;
	return p > lexer->text && p[-1] == '\n' && begins_statement(keyword);
}

/* The column of the first character of a line that is not blank, from `line` on. */
static uint32_t next_column(const char *line, const char **first)
{
	uint32_t column = 0;
	for (;; line++) {
		if (*line == ' ')
			column++;
		else if (*line == '\t')
			column = (column / 8 + 1) * 8;
		else if (*line == '\n')
			column = 0;
		else
			break;
	}
	*first = line;
	return column;
}

/* From the mistake to the end of its logical line: a newline, or the end of the text. A header that ends in a colon is
   complete, whatever is open in it. */
static const char *skip_line(const char *p, uint32_t depth, uint32_t column, bool is_header)
{
	char last = 0; /* the last character that is no blank */
	for (;;) {
		const char *first;
		switch (*p) {
		case '\0':
			return p;
		case '\'':
		case '"':
			p = skip_string(p);
			continue;
		case '#':
			p += strcspn(p, "\n");
			continue;
		case '(':
		case '[':
		case '{':
			depth++;
			break;
		case ')':
		case ']':
		case '}':
			depth -= depth > 0;
			break;
		case '\\':
			p += p[1] == '\n';
			break;
		case '\n':
			if (!depth)
				return p;
			if (next_column(p + 1, &first) <= column && (!*first || !strchr(")]}", *first)))
				return p;
			if (begins_statement(first) || (is_header && last == ':'))
				return p;
			break;
		default:
			break;
		}
		last = *p == ' ' || *p == '\t' || *p == '\n' ? last : *p;
		p++;
	}
}

/* Is it "name = "? No further in than its statement, that is a statement of its own. */
static bool is_assignment(const char *at)
{
	if (!isalpha((unsigned char)*at) && *at != '_')
		return false;
	while (isalnum((unsigned char)*at) || *at == '_')
		at++;
	at += strspn(at, " ");
	return at[0] == '=' && at[1] != '=';
}

/* The lexer is stuck inside brackets: was the innermost one that stands before a line like an assignment forgotten? Then
   that is told, since the mistake told may come from it. */
static bool tell_open_bracket(Lexer *lexer, const char *mistake, uint32_t column)
{
	const char *first, *at = lexer->text + lexer->items[lexer->brackets[0].token].start;
	for (; at < mistake; at++) {
		if (*at != '\n' || next_column(at + 1, &first) > column || first >= mistake ||
			!is_assignment(first))
			continue;
		while (lexer->text + lexer->items[lexer->brackets[lexer->depth - 1].token].start > at)
			lexer->depth--;
		bracket_refuse_open(lexer);
		return true;
	}
	return false;
}

/* Does the line that ends at `end` end in a colon? Its comment has been read before, or hides the answer. */
static bool opens_block(const char *start, const char *end)
{
	while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return end > start && end[-1] == ':';
}

/* Is the line before a decorator? */
static bool is_decorated(const Lexer *lexer)
{
	const Token *line = lexer->items + lexer->line_first;
	if (line == lexer->items || line[-1].kind != TK_NEWLINE)
		return false;
	for (line--; line > lexer->items && !ends_line(line[-1].kind);)
		line--;
	return line->kind == TK_AT;
}

static void add_header(Lexer *lexer, const Token *first, bool block, const char *end)
{
	unsigned kind = first ? first->kind : 0;
	Header header;
	if (kind == TK_ASYNC)
		kind = first[1].kind;
	bool is_case = first && kind == TK_NAME && first->atom == lexer->case_atom &&
				   lexer->indents[lexer->indent_depth - 1].is_match;
	if (first && block && kind == TK_NAME && (first->atom == lexer->match_atom || is_case)) {
		/* line_end makes the word a keyword */
		token_add(lexer, TK_NAME, lexer->text + first->start, lexer->text + first->end)->atom =
			first->atom;
		token_add(lexer, is_case ? TK_NONE : TK_NAME, end, end)->atom = lexer->type_atom;
		token_add(lexer, TK_COLON, end, end);
		return;
	}
	if (!find_header(kind, &header)) {
		if (!block) {
			token_add(lexer, TK_PASS, end, end);
			return;
		}
		find_header(is_decorated(lexer) ? TK_DEF : TK_IF, &header);
	}
	for (size_t i = 0; header.kinds[i]; i++)
		token_add(lexer, header.kinds[i], end, end)->atom = lexer->type_atom;
	token_add(lexer, TK_COLON, end, end);
	if (!block)
		token_add(lexer, TK_PASS, end, end);
}

const char *lexer_recover(Lexer *lexer)
{
	const char *mistake = lexer->stuck, *limit = lexer->text + lexer->source->length;
	uint32_t column = lexer->indents[lexer->indent_depth - 1].column;
	if (!mistake || ++lexer->mistakes >= MOST_MISTAKES)
		return NULL;
	if (lexer->depth && !lexer->string_depth && tell_open_bracket(lexer, mistake, column))
		mistake = lexer->stuck;
	lexer->stuck = NULL;
	uint32_t depth = lexer->depth;
	uint32_t line = lexer->line_first;
	Token first[2] = {{0}};
	uint32_t count = token_count(lexer) - line;
	bool begun = count > 0;
	memcpy(first, lexer->items + line, (count > 1 ? 2 : count) * sizeof *first);
	if (mistake == limit ||
		(*mistake && strchr("([{", *mistake) && depth &&
		 lexer->items[lexer->brackets[0].token].start == (uint32_t)(mistake - lexer->text)))
		depth = 0; /* the opening bracket itself: skip_line counts it */
	for (uint32_t i = 0; i < lexer->depth; i++)
		if (lexer->brackets[i].is_field && depth > i)
			depth = i; /* the rest of an f-string is skipped as code is */
	Header header;
	bool is_header = begun && find_header(first[first->kind == TK_ASYNC].kind, &header);
	const char *end = skip_line(mistake, depth, column, is_header);
	lexer->depth = lexer->string_depth = 0;
	lexer->state = (BracketState){0};
	lexer->next = lexer->items + line;
	add_header(lexer, begun ? first : NULL, opens_block(lexer->text, end), end);
	uint32_t colon = token_count(lexer) - 1;
	line_end(lexer, end, *end ? end + 1 : end);
	const char *next = *end ? indent_read(lexer, end + 1) : end;
	if (lexer->items[colon].kind ==
		TK_COLON) { /* no block follows: that is no mistake of its own */
		token_add(lexer, TK_PASS, end, end);
		Token *place = lexer->items + colon + 1, pass = lexer->next[-1];
		memmove(place + 1, place, (size_t)(lexer->next - place - 1) * sizeof *place);
		*place = pass;
		lexer->line_first++;
	}
	return next;
}

/* ---- the parser's part ---- */

typedef struct Splice {
	Arena *arena;
	const Tokens *tokens;
	uint32_t from, to; /* tokens [from, to) go */
	uint16_t kinds[12];
	uint32_t count;
} Splice;

static void splice_add(Splice *splice, unsigned kind)
{
	splice->kinds[splice->count++] = (uint16_t)kind;
}

static const Tokens *splice_end(const Splice *splice, const Atom *name)
{
	const Tokens *old = splice->tokens;
	Tokens *tokens = ARENA_NEW(splice->arena, Tokens);
	*tokens = *old;
	tokens->count = old->count - (splice->to - splice->from) + splice->count;
	tokens->items = ARENA_ARRAY_RAW(splice->arena, Token, tokens->count);
	memcpy(tokens->items, old->items, splice->from * sizeof(Token));
	uint32_t place = old->items[splice->from].start;
	for (uint32_t i = 0; i < splice->count; i++)
		tokens->items[splice->from + i] =
			(Token){.kind = splice->kinds[i], .start = place, .end = place, .atom = name};
	memcpy(tokens->items + splice->from + splice->count, old->items + splice->to,
		   (old->count - splice->to) * sizeof(Token));
	return tokens;
}

/* The DEDENT that ends the block which begins at `from`. */
static uint32_t block_end(const Tokens *tokens, uint32_t from)
{
	uint32_t depth = 0;
	for (uint32_t i = from; i < tokens->count; i++) {
		unsigned kind = tokens->items[i].kind;
		if (kind == TK_INDENT || kind == TK_BLOCK)
			depth++;
		else if (kind == TK_DEDENT && --depth == 0)
			return i;
	}
	return tokens->count;
}

/* Is the token in a `try` block that ends just before it? Then that lacks its handlers. */
static bool is_behind_try(const Tokens *tokens, uint32_t at)
{
	uint32_t depth = 0;
	const Token *items = tokens->items;
	if (!at || (items[at - 1].kind != TK_DEDENT && items[at - 1].kind != TK_NEWLINE))
		return false;
	for (uint32_t i = at; i-- > 0;) {
		if (items[i].kind == TK_DEDENT) {
			depth++;
		} else if (items[i].kind == TK_BLOCK || items[i].kind == TK_INDENT) {
			if (depth <= 1)
				return depth == 1 && i > 0 && items[i - 1].kind == TK_TRY;
			depth--;
		} else if (!depth && i + 1 < at && ends_line(items[i].kind)) {
			return items[i + 1].kind == TK_TRY;
		}
	}
	return items[0].kind == TK_TRY;
}

/* In place of the line [first, last]: its header, or `pass`. */
static void replace_line(Splice *splice, uint32_t first, uint32_t last)
{
	const Token *items = splice->tokens->items;
	bool block = items[last].kind == TK_BLOCK;
	splice->from = first;
	splice->to = last + 1;
	if (items[last].kind == TK_NEWLINE && items[last + 1].kind == TK_INDENT) {
		block = true; /* the colon is not there, or not at the end */
		splice->to++;
	}
	unsigned kind = items[first].kind;
	if (kind == TK_ASYNC && first < last)
		kind = items[first + 1].kind;
	bool decorated = first > 1 && items[first - 1].kind == TK_NEWLINE;
	for (uint32_t i = first - 1; decorated && i-- > 0 && !ends_line(items[i].kind);)
		if (items[i].kind == TK_AT && (i == 0 || ends_line(items[i - 1].kind)))
			kind = kind == TK_CLASS ? kind : TK_DEF; /* only these stand behind a decorator */
	Header header;
	if (items[first].kind == TK_AT) {
		splice_add(splice, TK_AT);
		splice_add(splice, TK_NAME);
		splice_add(splice, TK_NEWLINE);
		return;
	}
	if (!find_header(kind, &header)) {
		if (!block) {
			splice_add(splice, TK_PASS);
			splice_add(splice, TK_NEWLINE);
			return;
		}
		find_header(TK_IF, &header);
	}
	for (size_t i = 0; header.kinds[i]; i++)
		splice_add(splice, header.kinds[i]);
	if (block) {
		splice_add(splice, TK_BLOCK);
		return;
	}
	splice_add(splice, TK_COLON);
	splice_add(splice, TK_PASS);
	splice_add(splice, TK_NEWLINE);
}

const Tokens *tokens_without(Arena *arena, AtomTable *atoms, const Tokens *tokens, uint32_t mistake,
							 bool misfit)
{
	const Token *items = tokens->items, *at = items + mistake;
	Splice splice = {.arena = arena, .tokens = tokens, .from = mistake, .to = mistake};
	const Atom *name = atom_get(atoms, "_", 1);
	if (at->kind == TK_INDENT) { /* as if it stood where the line before does */
		uint32_t end = block_end(tokens, mistake);
		if (end == tokens->count)
			return NULL;
		splice.from = end;
		splice.to = end + 1;
		splice.tokens = splice_end(&splice, name);
		splice.from = mistake;
		splice.to = mistake + 1;
		return splice_end(&splice, name);
	}
	if (at->kind == TK_NEWLINE && mistake && at[-1].kind == TK_COLON) {
		splice_add(&splice, TK_PASS);
		return splice_end(&splice, name);
	}
	if (misfit && is_behind_try(tokens, mistake)) {
		splice_add(&splice, TK_FINALLY);
		splice_add(&splice, TK_COLON);
		splice_add(&splice, TK_PASS);
		splice_add(&splice, TK_NEWLINE);
		return splice_end(&splice, name);
	}
	uint32_t first = mistake, last = mistake;
	while (first > 0 && !ends_line(items[first - 1].kind))
		first--;
	while (items[last].kind && !ends_line(items[last].kind))
		last++;
	if (items[last].kind != TK_NEWLINE && items[last].kind != TK_BLOCK)
		return NULL;
	unsigned kind = items[first].kind;
	if (misfit && mistake == first &&
		(kind == TK_ELSE || kind == TK_ELIF || kind == TK_EXCEPT || kind == TK_FINALLY)) {
		/* it goes with nothing: the block stays as that of an `if` */
		splice.to = last;
		splice_add(&splice, TK_IF);
		splice_add(&splice, TK_NAME);
		if (items[last].kind == TK_NEWLINE) {
			splice_add(&splice, TK_COLON);
			splice_add(&splice, TK_PASS);
		}
		return splice_end(&splice, name);
	}
	replace_line(&splice, first, last);
	return splice_end(&splice, name);
}
