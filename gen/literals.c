/*
 * The lexer's way through literals: what may follow a number, where a string ends, and the text between the
 * replacement fields of an f-string. Values are not made here (strings.c and constants.c do that).
 *
 * note [f-string tokens] An f-string is read as 3.12 reads it, into a start, middles, fields and an end, because
 * that is a superset of what 3.11 takes. In one point they differ: in a format spec 3.11 never doubles braces.
 * Whether a string needs 3.12 is noted on its end token: a quote of its own kind, a backslash, a comment or, with
 * single quotes, a line break inside a field.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lexing.h"
#include "python.h"
#include "scan.h"

#include <string.h>

enum { DEEPEST_SPEC = 3 };

static uint32_t place_of(const Lexer *lexer, const char *at)
{
	return (uint32_t)(at - lexer->text);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
		   (unsigned char)c >= 0x80;
}

static const char *refuse_digit(Lexer *lexer, const char *at, const char *kind)
{
	const char digit[2] = {*at, '\0'};
	diag_add(lexer->diag, D_NUMBER_DIGIT, lexer->source, place_of(lexer, at),
			 place_of(lexer, at) + 1, digit, kind);
	lexer_fail(lexer, at);
	return NULL;
}

/* CPython still takes "1if x else y": one of these may follow a number directly. */
static bool begins_keyword(const char *at)
{
	static const char *const words[] = {"and", "else", "for", "if", "in", "is", "or", "not"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return true;
	return false;
}

const char *number_end(Lexer *lexer, const char *start, const char *end, const char *kind)
{
	char base = start[0] == '0' && end == start + 1 ? (char)(*end | 0x20) : 0;
	bool prefixed = base == 'x' || base == 'o' || base == 'b';
	if (prefixed)
		kind = base == 'x' ? "hexadecimal" : base == 'o' ? "octal" : "binary";
	if (!is_name_byte(*end) || (!prefixed && begins_keyword(end))) {
		token_add(lexer, TK_NUMBER, start, end);
		return end;
	}
	if (prefixed && base != 'x' && is_digit(end[1]))
		return refuse_digit(lexer, end + 1, kind);
	if (!prefixed && is_digit(*end) && kind[0] != 'd')
		return refuse_digit(lexer, end, kind);
	if (start[0] == '0' && kind[0] == 'd' &&
		(is_digit(*end) || (*end == '_' && is_digit(end[1])))) {
		while (is_digit(*end) || *end == '_')
			end++;
		help_number(lexer, diag_add(lexer->diag, D_NUMBER_ZEROS, lexer->source,
									place_of(lexer, start), place_of(lexer, end)));
	} else {
		diag_add(lexer->diag, D_NUMBER_INVALID, lexer->source, place_of(lexer, start),
				 place_of(lexer, end) + 1, kind);
	}
	lexer_fail(lexer, end);
	return NULL;
}

static uint32_t prefix_flags(const char *start, const char *quote)
{
	uint32_t flags = quote[1] == quote[0] && quote[2] == quote[0] ? TOKEN_TRIPLE : 0;
	for (; start < quote; start++) {
		char letter = (char)(*start | 0x20);
		if (letter == 'r')
			flags |= TOKEN_RAW;
		else if (letter == 'b')
			flags |= TOKEN_BYTES;
		else if (letter == 't')
			flags |= TOKEN_TEMPLATE;
		else if (*start == 'u')
			flags |= TOKEN_UNICODE; /* "U" leaves no trace in CPython's tree */
	}
	return flags;
}

static const char *refuse_open_string(Lexer *lexer, const char *start, const char *end, bool triple)
{
	const OpenString *outer = lexer->string_depth ? &lexer->strings[lexer->string_depth - 1] : NULL;
	if (outer && !triple && lexer->depth && *start == outer->quote) {
		/* most likely the quote that ends the f-string around, whose field lacks its brace */
		diag_add(lexer->diag, D_FSTRING_EXPECT, lexer->source, place_of(lexer, start),
				 place_of(lexer, start) + 1);
		lexer_fail(lexer, start + 1);
		return NULL;
	}
	uint32_t first = place_of(lexer, start), last = place_of(lexer, end);
	int line = (int)source_place(lexer->source, last).line;
	if (triple && *end == '\0' && end > lexer->text && end[-1] == '\n')
		line--;
	DiagItem *item = diag_add(lexer->diag, triple ? D_STRING_OPEN_TRIPLE : D_STRING_OPEN,
							  lexer->source, first, first + 1, line);
	const char *quote = start + strcspn(start, "'\"");
	if (!triple)
		help_open_string(lexer, item, *quote);
	lexer_fail(lexer, triple ? lexer->text + lexer->source->length : start + 1);
	return NULL;
}

/* What a nested string says about the strings around it: see note [f-string tokens]. */
static void mark_outer_strings(Lexer *lexer, const char *start, const char *end, uint32_t flags)
{
	for (uint32_t i = lexer->string_depth; i--;) {
		OpenString *outer = &lexer->strings[i];
		if (flags & TOKEN_ESCAPES)
			outer->newer = true;
		uint32_t run = 0, needed = outer->flags & TOKEN_TRIPLE ? 3 : 1;
		for (const char *p = start; p < end && !outer->newer; p++) {
			run = *p == outer->quote ? run + 1 : 0;
			outer->newer = run == needed || (*p == '\n' && needed == 1);
		}
	}
}

/* The closing quote, or the newline or end of the text where it is missing. */
static const char *single_end(const char *p, char quote, uint32_t *flags)
{
	for (;;) {
		p = scan_string(p, quote);
		if (*p != '\\')
			return p;
		*flags |= TOKEN_ESCAPES;
		p += p[1] ? 2 : 1;
	}
}

/* The first of three closing quotes, or the end of the text. Looks for quotes first, then for backslashes before. */
static const char *triple_end(const Lexer *lexer, const char *p, char quote, uint32_t *flags)
{
	const char *end = lexer->text + lexer->source->length, *found = p - 1;
	for (;;) {
		if (found < p)
			found = memchr(p, quote, (size_t)(end - p));
		if (!found)
			found = end;
		const char *backslash = memchr(p, '\\', (size_t)(found - p));
		if (backslash) {
			*flags |= TOKEN_ESCAPES;
			p = backslash + 2 < end ? backslash + 2 : end;
		} else if (found < end && (found[1] != quote || found[2] != quote)) {
			p = found + 1;
		} else {
			return found;
		}
	}
}

const char *string_read(Lexer *lexer, const char *start, const char *quote)
{
	uint32_t flags = prefix_flags(start, quote);
	bool triple = flags & TOKEN_TRIPLE;
	const char *p = quote + (triple ? 3 : 1);
	p = triple ? triple_end(lexer, p, *quote, &flags) : single_end(p, *quote, &flags);
	if (*p != *quote)
		return refuse_open_string(lexer, start, p, triple);
	p += triple ? 2 : 0;
	p++;
	Token *before = lexer->next - 1;
	bool lone = before->kind != TK_LONESTRING && before->kind != TK_STRING &&
				before->kind != TK_FSTRING_END;
	if (before->kind == TK_LONESTRING)
		before->kind = TK_STRING;
	token_add(lexer, lone ? TK_LONESTRING : TK_STRING, start, p)->flags = (uint16_t)flags;
	if (lexer->string_depth)
		mark_outer_strings(lexer, start, p, flags);
	return p;
}

const char *fstring_open(Lexer *lexer, const char *start, const char *quote)
{
	uint32_t flags = prefix_flags(start, quote);
	if (lexer->string_depth == lexer->string_capacity) {
		uint32_t capacity = lexer->string_capacity ? lexer->string_capacity * 2 : 8;
		OpenString *strings = ARENA_ARRAY(lexer->arena, OpenString, capacity);
		if (lexer->string_depth)
			memcpy(strings, lexer->strings, lexer->string_depth * sizeof *strings);
		lexer->strings = strings;
		lexer->string_capacity = capacity;
	}
	lexer->strings[lexer->string_depth++] = (OpenString){.start = place_of(lexer, start),
														 .flags = flags,
														 .quote = *quote,
														 .newer = flags & TOKEN_TEMPLATE};
	const char *cursor = quote + (flags & TOKEN_TRIPLE ? 3 : 1);
	if (lexer->next[-1].kind == TK_LONESTRING)
		lexer->next[-1].kind = TK_STRING;
	token_add(lexer, TK_FSTRING_START, start, cursor)->flags = (uint16_t)flags;
	return fstring_middle(lexer, cursor);
}

static void add_middle(Lexer *lexer, const char *start, const char *end, uint32_t flags)
{
	if (end > start) {
		token_add(lexer, TK_FSTRING_MIDDLE, start, end)->flags = (uint16_t)flags;
		if (flags &
			TOKEN_ESCAPES) /* of this string's text: it stands in the fields of the outer ones */
			for (uint32_t i = lexer->string_depth - 1; i--;)
				lexer->strings[i].newer = true;
	}
}

/* The closing quote: back to the code of the field around, or of the file. */
static const char *close_string(Lexer *lexer, const char *quote, const OpenString *string)
{
	const char *end = quote + (string->flags & TOKEN_TRIPLE ? 3 : 1);
	token_add(lexer, TK_FSTRING_END, quote, end)->flags =
		(uint16_t)((string->flags & ~(uint32_t)TOKEN_NEWER) | (string->newer ? TOKEN_NEWER : 0));
	const char *start = lexer->text + string->start;
	lexer->string_depth--;
	if (lexer->string_depth)
		mark_outer_strings(lexer, start, end, 0);
	return end;
}

static const char *refuse_at(Lexer *lexer, DiagId id, const char *at)
{
	DiagItem *item =
		diag_add(lexer->diag, id, lexer->source, place_of(lexer, at), place_of(lexer, at) + 1);
	if (id == D_FSTRING_BRACE)
		diag_replace(lexer->diag, item, FIX_CERTAIN, "}}");
	lexer_fail(lexer, at + 1);
	return NULL;
}

static const char *open_field(Lexer *lexer, const char *brace, OpenString *string)
{
	if (string->fields >= DEEPEST_SPEC)
		return refuse_at(lexer, D_FSTRING_DEPTH, brace);
	string->fields++;
	if (string->fields > 2)
		string->newer = true; /* 3.11 takes a field in a spec, but none in that one's spec */
	bracket_open(lexer, '{', true);
	token_add(lexer, TK_FIELD_OPEN, brace, brace + 1);
	return brace + 1;
}

/* After a backslash: where its sequence ends as far as braces and quotes are concerned. */
static const char *skip_escape(const char *backslash, uint32_t flags)
{
	const char *p = backslash + 1;
	if (*p == '{' || *p == '}' || !*p)
		return p; /* a brace is not escaped by it */
	if (*p == 'N' && p[1] == '{' && !(flags & TOKEN_RAW)) {
		const char *end = p + 2;
		while (*end && *end != '}' && *end != '\n' && *end != '\'' && *end != '"')
			end++;
		return *end == '}' ? end + 1 : p + 1;
	}
	return p + 1;
}

/* The text of an f-string, or of a format spec, up to the next field or the end. Returns where code goes on. */
const char *fstring_middle(Lexer *lexer, const char *cursor)
{
	OpenString *string = &lexer->strings[lexer->string_depth - 1];
	bool triple = string->flags & TOKEN_TRIPLE;
	bool in_spec = lexer->state.in_field && lexer->brackets[lexer->depth - 1].in_spec;
	uint32_t flags = string->flags & TOKEN_RAW;
	const char *start = cursor, *p = cursor;
	for (;;) {
		if (*p == '\\') {
			flags |= TOKEN_ESCAPES;
			p = skip_escape(p, string->flags);
		} else if (*p == '{') {
			if (!in_spec && p[1] == '{') {
				flags |= TOKEN_BRACES;
				p += 2;
				continue;
			}
			add_middle(lexer, start, p, flags);
			return open_field(lexer, p, string);
		} else if (*p == '}') {
			if (in_spec) {
				add_middle(lexer, start, p, flags);
				bracket_close(lexer, '}', p);
				token_add(lexer, TK_FIELD_CLOSE, p, p + 1);
				p++;
				start = p;
				flags = string->flags & TOKEN_RAW;
				in_spec = lexer->state.in_field && lexer->brackets[lexer->depth - 1].in_spec;
				continue;
			}
			if (p[1] != '}')
				return refuse_at(lexer, D_FSTRING_BRACE, p);
			flags |= TOKEN_BRACES;
			p += 2;
		} else if (*p == string->quote && (!triple || (p[1] == *p && p[2] == *p))) {
			if (in_spec)
				return refuse_at(lexer, D_FSTRING_EXPECT, p);
			add_middle(lexer, start, p, flags);
			return close_string(lexer, p, string);
		} else if (!*p || (*p == '\n' && !triple)) {
			return refuse_open_string(lexer, lexer->text + string->start, p, triple);
		} else {
			p++;
		}
	}
}
