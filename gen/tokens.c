/*
 * The hand-written half of the lexer: the token array, brackets, names, the ends of logical lines, and the print.
 *
 * note [soft keywords] "match", "case" and "type" are names unless the line says otherwise. No simple statement ends
 * in a colon, so a logical line that begins with "match", has a token between, and ends in a colon is a match
 * statement; in its block, and only there, a line that begins with "case" is a case. Two names in a row are never
 * Python, so "type" before a name begins a type alias.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tokens.h"
#include "codepoints.h"
#include "decode.h"
#include "lexing.h"
#include "python.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

void lexer_fail(Lexer *lexer, const char *at)
{
	lexer->stuck = at;
	lexer->failed = true;
}

/* Room for `capacity` tokens and for what stands before them. */
static void make_room(Lexer *lexer, size_t capacity)
{
	size_t count = lexer->items ? token_count(lexer) : 0;
	Token *items = ARENA_ARRAY_RAW(lexer->arena, Token, capacity + 1) + 1;
	items[-1] = (Token){.kind = TK_NEWLINE};
	if (count)
		memcpy(items, lexer->items, count * sizeof *items);
	lexer->items = items;
	lexer->next = items + count;
	lexer->limit = items + capacity;
}

void tokens_grow(Lexer *lexer)
{
	make_room(lexer, (size_t)(lexer->limit - lexer->items) * 2);
}

void lexer_begin(Lexer *lexer)
{
	make_room(lexer, lexer->source->length / 4 + 64);
	indent_begin(lexer);
	lexer->match_atom = atom_get(lexer->atoms, "match", 5);
	lexer->case_atom = atom_get(lexer->atoms, "case", 4);
	lexer->type_atom = atom_get(lexer->atoms, "type", 4);
}

void brackets_grow(Lexer *lexer)
{
	uint32_t capacity = lexer->bracket_capacity ? lexer->bracket_capacity * 2 : 32;
	Bracket *brackets = ARENA_ARRAY(lexer->arena, Bracket, capacity);
	if (lexer->depth)
		memcpy(brackets, lexer->brackets, lexer->depth * sizeof *brackets);
	lexer->brackets = brackets;
	lexer->bracket_capacity = capacity;
}

static uint32_t line_of(const Lexer *lexer, uint32_t place)
{
	return source_place(lexer->source, place).line;
}

/* A closing bracket that closes nothing, or the wrong one. */
void bracket_refuse(Lexer *lexer, char close, const char *start)
{
	uint32_t place = (uint32_t)(start - lexer->text);
	const char shown[2] = {close, '\0'};
	lexer_fail(lexer, start);
	if (!lexer->depth) {
		DiagItem *item =
			diag_add(lexer->diag, D_BRACKET_UNMATCHED, lexer->source, place, place + 1, shown);
		diag_replace(lexer->diag, item, FIX_MAYBE, "");
		return;
	}
	const Bracket *top = &lexer->brackets[lexer->depth - 1];
	const char open[2] = {top->open, '\0'};
	uint32_t line = line_of(lexer, lexer->items[top->token].start);
	const char *where = "";
	if (line != line_of(lexer, place))
		where = arena_format(lexer->arena, " on line %u", (unsigned)line);
	if (top->is_field)
		diag_replace(
			lexer->diag,
			diag_add(lexer->diag, D_FSTRING_UNMATCHED, lexer->source, place, place + 1, shown),
			FIX_MAYBE, "");
	else
		help_mismatch(lexer,
					  diag_add(lexer->diag, D_BRACKET_MISMATCH, lexer->source, place, place + 1,
							   shown, open, where),
					  lexer->items + top->token, top->open);
}

void line_end(Lexer *lexer, const char *start, const char *end)
{
	Token *first = lexer->items + lexer->line_first, *next = lexer->next;
	if (next == first)
		return;
	if (first->kind == TK_NAME) {
		if (first->atom == lexer->match_atom && next - first > 2 && next[-1].kind == TK_COLON) {
			first->kind = TK_MATCH;
			lexer->block_is_match = true;
		} else if (first->atom == lexer->case_atom &&
				   lexer->indents[lexer->indent_depth - 1].is_match) {
			first->kind = TK_CASE;
		}
	}
	token_add(lexer, TK_NEWLINE, start, end);
	lexer->state.in_for = false;
	lexer->line_first = token_count(lexer);
}

void code_refuse(Lexer *lexer, const char *at, unsigned size, uint32_t code)
{
	uint32_t place = (uint32_t)(at - lexer->text);
	const char *number = arena_format(lexer->arena, "%04X", (unsigned)code);
	DiagItem *item;
	if (codepoint_is_printable(code)) {
		const char *shown = arena_copy(lexer->arena, at, size);
		item = diag_add(lexer->diag, D_CHARACTER_INVALID, lexer->source, place, place + size, shown,
						number);
	} else {
		item =
			diag_add(lexer->diag, D_CHARACTER_HIDDEN, lexer->source, place, place + size, number);
	}
	help_character(lexer, item, code);
	lexer_fail(lexer, at);
}

void character_refuse(Lexer *lexer, const char *at)
{
	uint32_t place = (uint32_t)(at - lexer->text);
	if (*at > ' ' && *at < 0x7f) {
		help_character(lexer, diag_add(lexer->diag, D_SYNTAX, lexer->source, place, place + 1),
					   (unsigned char)*at);
		lexer_fail(lexer, at);
	} else {
		code_refuse(lexer, at, 1, (unsigned char)*at);
	}
}

static const char *const kind_texts[] = {
	[0] = "ENDMARKER",
#define KIND(name) [TK_##name] = #name,
#include "token_kinds.def"
#undef KIND
};

const char *token_kind_text(unsigned kind)
{
	const char *text = kind < sizeof kind_texts / sizeof *kind_texts ? kind_texts[kind] : NULL;
	return text ? text : "?";
}

void tokens_dump(Text *out, const Tokens *tokens)
{
	const char *text = tokens->source->text;
	for (uint32_t i = 0; i < tokens->count; i++) {
		const Token *token = &tokens->items[i];
		Place start = source_place(tokens->source, token->start),
			  end = source_place(tokens->source, token->end);
		text_format(out, "%u,%u-%u,%u\t%s", (unsigned)start.line, (unsigned)start.column,
					(unsigned)end.line, (unsigned)end.column, token_kind_text(token->kind));
		if (token->end > token->start) {
			text_char(out, '\t');
			for (uint32_t at = token->start; at < token->end; at++) {
				if (text[at] == '\n')
					text_put(out, "\\n");
				else
					text_char(out, text[at]);
			}
		}
		text_char(out, '\n');
	}
}
