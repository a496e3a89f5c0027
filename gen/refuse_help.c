/*
 * What to do about text that the grammar does not take: the help line with the tokens as the user wrote them, the edit
 * where it is mechanical, and the line to which the mistake belongs. refuse.c has chosen the error.
 *
 * An edit is certain only where nothing else can have been meant: a colon at the end of a header, a comma too many, the
 * parentheses of a print statement with one argument.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nearest.h"
#include "tree.h"

#include <string.h>

typedef struct Advice {
	Parser *p;
	DiagItem *item;
	const Token *line, *at;
} Advice;

enum { LONGEST_SHOWN = 30 };

/* The token as written; of a long one the beginning. */
static const char *shown(const Advice *a, const Token *token)
{
	uint32_t length = token->end - token->start;
	const char *text = a->p->source->text + token->start;
	const char *newline = memchr(text, '\n', length);
	if (newline)
		length = (uint32_t)(newline - text);
	if (length <= LONGEST_SHOWN)
		return arena_copy(a->p->arena, text, length);
	length = LONGEST_SHOWN;
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return arena_format(a->p->arena, "%.*s...", (int)length, text);
}

static void edit(const Advice *a, FixKind kind, uint32_t start, uint32_t end, const char *text)
{
	diag_edit(a->p->diag, a->item, kind, a->p->source, start, end, text);
}

static bool ends_line(const Token *token)
{
	return token->kind == TK_NEWLINE || token->kind == TK_INDENT || token->kind == TK_DEDENT ||
		   token->kind == TK_BLOCK || token->kind == 0;
}

static void advise_colon(const Advice *a)
{
	const Token *before = a->at - 1;
	diag_help(a->p->diag, a->item, "write ':' behind '%s'", shown(a, before));
	edit(a, FIX_CERTAIN, before->end, before->end, ":");
}

static void advise_comma(const Advice *a)
{
	const Token *before = a->at - 1;
	diag_help(a->p->diag, a->item, "write ',' or an operator between '%s' and '%s'",
			  shown(a, before), shown(a, a->at));
	edit(a, FIX_MAYBE, before->end, before->end, ",");
}

/* print x */
static void advise_call(const Advice *a)
{
	const Token *name = a->at - 1, *last = a->p->header;
	uint32_t start = a->at->start, end = last->end;
	FixKind kind = last == a->at ? FIX_CERTAIN : FIX_MAYBE;
	if (end - start < 60)
		diag_help(a->p->diag, a->item, "write %s(%.*s)", name->atom->text, (int)(end - start),
				  a->p->source->text + start);
	edit(a, kind, name->end, start, "(");
	edit(a, kind, end, end, ")");
}

static void advise_equal(const Advice *a)
{
	const Token *before = a->at - 1, *after = a->at + 1;
	if (!ends_line(after))
		diag_help(a->p->diag, a->item, "compare with '==': %s == %s; or assign in a line before",
				  shown(a, before), shown(a, after));
	edit(a, FIX_MAYBE, a->at->start, a->at->end, "==");
}

/* The blanks that the line of the token begins with. */
static const char *margin_of(const Advice *a, const Token *token)
{
	size_t length;
	const char *line =
		source_line(a->p->source, source_place(a->p->source, token->start).line, &length);
	return arena_copy(a->p->arena, line, strspn(line, " \t"));
}

static void advise_block(const Advice *a)
{
	const Source *source = a->p->source;
	const Token *header = a->p->header;
	const char *margin = margin_of(a, header);
	uint32_t line = source_place(source, header->start).line;
	const Token *end = header;
	while (!ends_line(end))
		end++;
	diag_note(a->p->diag, a->item, source, header->start, end->start, "the block belongs to this");
	diag_help(a->p->diag, a->item,
			  "indent the lines behind line %u that belong to it, or write 'pass' there", line);
	line = source_place(source, end->start).line;
	if (line < source->line_count)
		edit(a, FIX_MAYBE, source->lines[line], source->lines[line],
			 arena_format(a->p->arena, "%s    pass\n", margin));
}

static void advise_indent(const Advice *a)
{
	const Token *before = a->at - 1;
	while (before > a->p->tokens->items && !ends_line(before - 1))
		before--;
	const char *margin = margin_of(a, before);
	diag_help(a->p->diag, a->item, "indent it as line %u, whose block it is in",
			  source_place(a->p->source, before->start).line);
	edit(a, FIX_MAYBE, a->at->start, a->at->end, margin);
}

static void advise_try(const Advice *a)
{
	diag_note(a->p->diag, a->item, a->p->source, a->p->header->start, a->p->header->end,
			  "the 'try' is here");
}

/* ---- words of other languages, and misspelt ones ---- */

static const char *word_of(const Token *token)
{
	return token->kind == TK_NAME && token->atom ? token->atom->text : NULL;
}

static const char *python_word(const char *word)
{
	static const char *const others[][2] = {
		{"function", "def"}, {"func", "def"},    {"fn", "def"},        {"elseif", "elif"},
		{"elsif", "elif"},   {"foreach", "for"}, {"switch", "match"},  {"until", "while not"},
		{"catch", "except"}, {"throw", "raise"}, {"unless", "if not"}, {"import_from", "from"},
	};
	static const char *const words[] = {
		"and",  "as",     "assert", "async",  "await",   "break",    "class", "continue",
		"def",  "elif",   "else",   "except", "finally", "for",      "from",  "global",
		"if",   "import", "in",     "is",     "lambda",  "nonlocal", "not",   "or",
		"pass", "raise",  "return", "try",    "while",   "with",     "yield"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(word, others[i][0]))
			return others[i][1];
	Nearest nearest = {.wanted = word};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		nearest_try(&nearest, words[i]);
	if (!nearest.best && strlen(word) == 2 && (!strcmp(word, "fi") || !strcmp(word, "ni")))
		return *word == 'f' ? "if" : "in";
	return nearest.best;
}

static bool advise_word(const Advice *a)
{
	const Token *candidates[] = {a->at - 1, a->line, a->at};
	for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++) {
		const Token *token = candidates[i];
		const char *word = token >= a->line ? word_of(token) : NULL;
		const char *meant = word ? python_word(word) : NULL;
		if (!meant)
			continue;
		diag_help(a->p->diag, a->item, "did you mean '%s' in place of '%s'?", meant, word);
		edit(a, FIX_MAYBE, token->start, token->end, meant);
		return true;
	}
	return false;
}

/* Two tokens for which Python has a word. */
static bool advise_sign(const Advice *a)
{
	const Token *before = a->at - 1;
	if (before < a->line)
		return false;
	const char *meant = NULL;
	bool pair = before->end == a->at->start && before->kind == a->at->kind;
	if (pair && a->at->kind == TK_AMPER)
		meant = "and";
	else if (pair && a->at->kind == TK_VBAR)
		meant = "or";
	else if (before->kind == TK_ELSE && a->at->kind == TK_IF)
		meant = "elif";
	if (!meant)
		return false;
	diag_help(a->p->diag, a->item, "write '%s' in place of '%.*s'", meant,
			  (int)(a->at->end - before->start), a->p->source->text + before->start);
	edit(a, FIX_MAYBE, before->start, a->at->end, meant);
	return true;
}

/* for i range(3): */
static bool advise_in(const Advice *a)
{
	const Token *line = a->line->kind == TK_ASYNC ? a->line + 1 : a->line;
	if (line->kind != TK_FOR || a->at < line + 2 || a->at[-1].kind != TK_NAME)
		return false;
	for (const Token *token = line; token < a->at; token++)
		if (token->kind == TK_FORIN)
			return false;
	diag_help(a->p->diag, a->item, "write 'in' between '%s' and '%s'", shown(a, a->at - 1),
			  shown(a, a->at));
	edit(a, FIX_MAYBE, a->at[-1].end, a->at[-1].end, " in");
	return true;
}

static const char *owner_of(unsigned kind)
{
	switch (kind) {
	case TK_ELSE:
		return "'if', 'for', 'while' or 'try'";
	case TK_ELIF:
		return "'if'";
	case TK_EXCEPT:
	case TK_FINALLY:
		return "'try'";
	default:
		return NULL;
	}
}

static void advise_syntax(const Advice *a)
{
	const char *owner = owner_of(a->at->kind);
	Diag *diag = a->p->diag;
	if (a->at == a->line && owner) {
		diag_help(diag, a->item, "there is no %s above it with the same indentation", owner);
		return;
	}
	if (advise_sign(a) || advise_in(a) || advise_word(a))
		return;
	if (a->at == a->line)
		diag_help(diag, a->item, "a statement cannot begin with '%s'", shown(a, a->at));
	else if (ends_line(a->at))
		diag_help(diag, a->item, "something must follow '%s'", shown(a, a->at - 1));
	else
		diag_help(diag, a->item, "'%s' cannot follow '%s'", shown(a, a->at), shown(a, a->at - 1));
}

static void advise_expected(const Advice *a)
{
	if (a->line->kind != TK_DEF && !(a->line->kind == TK_ASYNC && a->line[1].kind == TK_DEF))
		return;
	diag_help(a->p->diag, a->item, "write the parameters behind the name: def %s(...)",
			  shown(a, a->at - 1));
	if (a->at->kind == TK_COLON || a->at->kind == TK_BLOCK)
		edit(a, FIX_CERTAIN, a->at[-1].end, a->at[-1].end, "()");
}

void refuse_help(Parser *p, const Token *line, const Token *at)
{
	Advice advice = {p, p->item, line, at};
	switch (p->item->id) {
	case D_COLON_EXPECTED:
		advise_colon(&advice);
		break;
	case D_COMMA_FORGOTTEN:
		advise_comma(&advice);
		break;
	case D_CALL_PARENTHESES:
		advise_call(&advice);
		break;
	case D_EQUAL_MEANT:
		advise_equal(&advice);
		break;
	case D_INDENT_EXPECTED:
		advise_block(&advice);
		break;
	case D_INDENT_UNEXPECTED:
		advise_indent(&advice);
		break;
	case D_TRY_ALONE:
		advise_try(&advice);
		break;
	case D_IMPORT_COMMA:
		edit(&advice, FIX_CERTAIN, at[-1].start, at[-1].end, "");
		break;
	case D_WORD_EXPECTED:
		advise_expected(&advice);
		break;
	case D_SYNTAX:
		advise_syntax(&advice);
		break;
	default:
		break;
	}
}
