/*
 * What to do about text that is no token: the help line and the edit, where one is likely. None is certain but the
 * doubled brace of an f-string: what stands behind the mistake may say otherwise.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lexing.h"

#include <string.h>

static void edit(const Lexer *lexer, DiagItem *item, FixKind kind, uint32_t start, uint32_t end,
				 const char *text)
{
	diag_edit(lexer->diag, item, kind, lexer->source, start, end, text);
}

/* The end of the line that `place` is in, before blanks and, of a header, before its colon. 0: a comment is in the way. */
static uint32_t end_of_line(const Lexer *lexer, uint32_t place, bool before_colon)
{
	size_t length;
	Place start = source_place(lexer->source, place);
	const char *line = source_line(lexer->source, start.line, &length);
	if (memchr(line, '#', length))
		return 0;
	while (length > start.column && (line[length - 1] == ' ' || line[length - 1] == '\t'))
		length--;
	if (before_colon && length > start.column + 1 && line[length - 1] == ':')
		length--;
	return place - start.column + (uint32_t)length;
}

void help_open_bracket(const Lexer *lexer, DiagItem *item, char open)
{
	const char close[2] = {open == '(' ? ')' : (char)(open + 2), '\0'};
	uint32_t end = end_of_line(lexer, item->start, open == '(');
	diag_help(lexer->diag, item, "write '%s' where what it holds ends", close);
	if (end)
		edit(lexer, item, FIX_MAYBE, end, end, close);
}

void help_open_string(const Lexer *lexer, DiagItem *item, char quote)
{
	const char text[2] = {quote, '\0'};
	uint32_t end = end_of_line(lexer, item->start, false);
	diag_help(lexer->diag, item, "write %s where the string ends, on the same line", text);
	if (end)
		edit(lexer, item, FIX_MAYBE, end, end, text);
}

void help_mismatch(const Lexer *lexer, DiagItem *item, const Token *opener, char open)
{
	const char close[2] = {open == '(' ? ')' : (char)(open + 2), '\0'};
	diag_note(lexer->diag, item, lexer->source, opener->start, opener->end, "'%c' is opened here",
			  open);
	diag_help(lexer->diag, item, "close '%c' with '%s' first", open, close);
	diag_replace(lexer->diag, item, FIX_MAYBE, close);
}

void help_number(const Lexer *lexer, DiagItem *item)
{
	const char *text = lexer->text + item->start;
	uint32_t length = item->end - item->start, zeros = 0;
	while (zeros + 1 < length && (text[zeros] == '0' || text[zeros] == '_'))
		zeros++;
	if (length - zeros > 40)
		return;
	const char *plain = arena_copy(lexer->arena, text + zeros, length - zeros);
	diag_help(lexer->diag, item, "write %s, or 0o%s if it is octal", plain, plain);
	diag_replace(lexer->diag, item, FIX_MAYBE, plain);
}

void help_margin(const Lexer *lexer, DiagItem *item, uint32_t inner, uint32_t outer)
{
	enum { MOST_BLANKS = 64 };
	char blanks[MOST_BLANKS + 1];
	diag_help(lexer->diag, item, "indent it with %u blanks, as the block above, or with %u", inner,
			  outer);
	if (inner > MOST_BLANKS)
		return;
	memset(blanks, ' ', inner);
	blanks[inner] = '\0';
	diag_replace(lexer->diag, item, FIX_MAYBE, blanks);
}

void help_character(const Lexer *lexer, DiagItem *item, uint32_t code)
{
	static const struct {
		uint32_t code;
		const char *text;
	} likely[] = {
		{0x201c, "\""}, {0x201d, "\""}, {0x201e, "\""}, {0x2018, "'"},  {0x2019, "'"},
		{0x2212, "-"},  {0x2013, "-"},  {0x2014, "-"},  {0xd7, "*"},    {0xf7, "/"},
		{0xff08, "("},  {0xff09, ")"},  {0xff0c, ","},  {0xff1a, ":"},  {0xff1d, "="},
		{0xff1b, ";"},  {0x2264, "<="}, {0x2265, ">="}, {0x2260, "!="}, {0x2192, "->"},
		{0xa0, " "},    {0x2003, " "},  {'!', "not "},
	};
	for (size_t i = 0; i < sizeof likely / sizeof *likely; i++)
		if (likely[i].code == code) {
			diag_help(lexer->diag, item, "write '%s' in its place", likely[i].text);
			diag_replace(lexer->diag, item, FIX_MAYBE, likely[i].text);
			return;
		}
	if (item->id == D_SYNTAX)
		diag_help(lexer->diag, item, "'%c' means nothing in Python; delete it", (int)code);
	diag_replace(lexer->diag, item, FIX_MAYBE, "");
}
