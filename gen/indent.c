/*
 * Indentation: from the start of a line to its first token, over blank lines and comments.
 *
 * A column is counted twice, as CPython does: with tabs to multiples of eight, and with a tab as one column. Where the
 * two disagree about which of two lines stands further in, the file mixes tabs and spaces inconsistently.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lexing.h"
#include "python.h"
#include "scan.h"

#include <string.h>

typedef struct Margin {
	uint32_t column, tabless_column;
} Margin;

static void push_indent(Lexer *lexer, Margin margin)
{
	if (lexer->indent_depth == lexer->indent_capacity) {
		uint32_t capacity = lexer->indent_capacity ? lexer->indent_capacity * 2 : 32;
		Indent *indents = ARENA_ARRAY(lexer->arena, Indent, capacity);
		if (lexer->indent_depth)
			memcpy(indents, lexer->indents, lexer->indent_depth * sizeof *indents);
		lexer->indents = indents;
		lexer->indent_capacity = capacity;
	}
	lexer->indents[lexer->indent_depth++] = (Indent){.column = margin.column,
													 .tabless_column = margin.tabless_column,
													 .is_match = lexer->block_is_match};
	lexer->block_is_match = false;
}

static DiagItem *refuse(Lexer *lexer, DiagId id, const char *start, const char *end)
{
	lexer->failed = true;
	return diag_add(lexer->diag, id, lexer->source, (uint32_t)(start - lexer->text),
					(uint32_t)(end - lexer->text));
}

/* One that mixes them does so in many lines: the first is told. */
static void check_tabs(Lexer *lexer, bool good, const char *start, const char *end)
{
	if (!good && !lexer->tabs_told)
		refuse(lexer, D_INDENT_TABS, start, end);
	lexer->tabs_told |= !good;
}

/* The colon, the end of its line and the indent are one token, BLOCK; an indent without a colon stays one. */
static void begin_block(Lexer *lexer, const char *line, const char *first)
{
	Token *next = lexer->next;
	if (next - lexer->items > 1 && next[-1].kind == TK_NEWLINE && next[-2].kind == TK_COLON) {
		lexer->next = next - 1;
		next[-2].kind = TK_BLOCK;
		next[-2].end = (uint32_t)(first - lexer->text);
	} else {
		token_add(lexer, TK_INDENT, line, first);
	}
}

/*
 * Compares the margin with the open blocks; adds BLOCK or DEDENTs. A line that stands between two of them is told, and
 * then belongs to the inner one, as do those behind it.
 */
static const char *apply_margin(Lexer *lexer, Margin margin, const char *line, const char *first)
{
	Indent *top = &lexer->indents[lexer->indent_depth - 1];
	if (margin.column == top->column) {
		lexer->block_is_match = false;
		check_tabs(lexer, margin.tabless_column == top->tabless_column, line, first);
		return first;
	}
	if (margin.column > top->column) {
		check_tabs(lexer, margin.tabless_column > top->tabless_column, line, first);
		push_indent(lexer, margin);
		begin_block(lexer, line, first);
		lexer->line_first = token_count(lexer);
		return first;
	}
	lexer->block_is_match = false;
	while (margin.column < top->column && margin.column <= top[-1].column) {
		lexer->indent_depth--;
		top--;
		token_add(lexer, TK_DEDENT, first, first);
	}
	lexer->line_first = token_count(lexer);
	if (margin.column != top->column) {
		if (margin.column != top->odd_column)
			help_margin(lexer, refuse(lexer, D_INDENT_DEDENT, line, first), top->column,
						top[-1].column);
		top->odd_column = margin.column;
		return first;
	}
	check_tabs(lexer, margin.tabless_column == top->tabless_column, line, first);
	return first;
}

void indent_begin(Lexer *lexer)
{
	push_indent(lexer, (Margin){0, 0});
}

const char *indent_read(Lexer *lexer, const char *cursor)
{
	/* the common line: spaces, then what can only be its first token */
	const char *first = scan_spaces(cursor);
	if ((unsigned char)*first > '#' && *first != '\\') {
		uint32_t column = (uint32_t)(first - cursor);
		return apply_margin(lexer, (Margin){column, column}, cursor, first);
	}
	const char *line = cursor;
	Margin margin = {0, 0};
	uint32_t continued = 0; /* a backslash fixes the column of the line that it continues */
	for (;; cursor++) {
		if (*cursor == ' ') {
			const char *rest = scan_spaces(cursor);
			margin.column += (uint32_t)(rest - cursor);
			margin.tabless_column += (uint32_t)(rest - cursor);
			cursor = rest - 1;
		} else if (*cursor == '\t') {
			margin.column = (margin.column / 8 + 1) * 8;
			margin.tabless_column++;
		} else if (*cursor == '\f') {
			margin = (Margin){0, 0};
		} else if (*cursor == '#' || *cursor == '\n') {
			if (*cursor == '#') {
				const char *end = lexer->text + lexer->source->length;
				cursor = memchr(cursor, '\n', (size_t)(end - cursor));
				if (!cursor)
					return end;
			}
			line = cursor + 1;
			margin = (Margin){0, 0};
			continued = 0;
		} else if (*cursor == '\\' && cursor[1] == '\n' && cursor[2]) {
			continued = continued ? continued : margin.column;
			cursor++;
		} else {
			break;
		}
	}
	if (!*cursor)
		return cursor;
	if (continued)
		margin = (Margin){continued, continued};
	return apply_margin(lexer, margin, line, cursor);
}

void bracket_refuse_open(Lexer *lexer)
{
	const Bracket *top = &lexer->brackets[lexer->depth - 1];
	const Token *opener = &lexer->items[top->token];
	const char open[2] = {top->open, '\0'};
	DiagItem *item = diag_add(lexer->diag, top->is_field ? D_FSTRING_OPEN : D_BRACKET_OPEN,
							  lexer->source, opener->start, opener->end, open);
	if (!top->is_field)
		help_open_bracket(lexer, item, top->open);
	lexer_fail(lexer, lexer->text + lexer->items[lexer->brackets[0].token].start);
}

bool indent_finish(Lexer *lexer, const char *end)
{
	if (lexer->depth) {
		bracket_refuse_open(lexer);
		return false;
	}
	line_end(lexer, end, end);
	for (; lexer->indent_depth > 1; lexer->indent_depth--)
		token_add(lexer, TK_DEDENT, end, end);
	return true;
}

void tokens_finish(Lexer *lexer, const char *end)
{
	token_add(lexer, 0, end, end);
}
