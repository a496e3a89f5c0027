/*
 * The words for text that the grammar does not take. The parser knows only that a token does not fit; what the user
 * meant is guessed here from the tokens around it, with CPython's wording. A guess never changes the verdict.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

#include <string.h>

typedef struct Scene {
	Parser *p;
	const Token *first; /* of the file */
	const Token *at;    /* the token that does not fit */
	const Token *line;  /* first token of the statement's logical line */
} Scene;

static bool is_atom_end(const Token *token)
{
	switch (token->kind) {
	case TK_NAME:
	case TK_DOTNAME:
	case TK_NUMBER:
	case TK_STRING:
	case TK_LONESTRING:
	case TK_FSTRING_END:
	case TK_RPAR:
	case TK_RSQB:
	case TK_RBRACE:
	case TK_NONE:
	case TK_TRUE:
	case TK_FALSE:
	case TK_ELLIPSIS:
		return true;
	default:
		return false;
	}
}

static bool is_atom_start(const Token *token)
{
	switch (token->kind) {
	case TK_NAME:
	case TK_NUMBER:
	case TK_STRING:
	case TK_LONESTRING:
	case TK_FSTRING_START:
	case TK_LBRACE:
	case TK_NONE:
	case TK_TRUE:
	case TK_FALSE:
	case TK_ELLIPSIS:
	case TK_LAMBDA:
	case TK_TILDE:
	case TK_AWAIT:
		return true;
	default:
		return false;
	}
}

static bool is_compound(unsigned kind)
{
	switch (kind) {
	case TK_IF:
	case TK_ELIF:
	case TK_ELSE:
	case TK_WHILE:
	case TK_FOR:
	case TK_TRY:
	case TK_EXCEPT:
	case TK_FINALLY:
	case TK_WITH:
	case TK_DEF:
	case TK_CLASS:
	case TK_MATCH:
	case TK_CASE:
		return true;
	default:
		return false;
	}
}

static bool ends_line(unsigned kind)
{
	return kind == TK_NEWLINE || kind == TK_INDENT || kind == TK_DEDENT || kind == TK_BLOCK;
}

/* Is `token` between brackets that opened on this logical line? */
static const Token *enclosing_bracket(const Scene *scene)
{
	int depth = 0;
	for (const Token *token = scene->at; token-- > scene->line;) {
		switch (token->kind) {
		case TK_RPAR:
		case TK_RSQB:
		case TK_RBRACE:
		case TK_FIELD_CLOSE:
			depth++;
			break;
		case TK_LPAR:
		case TK_LSQB:
		case TK_LBRACE:
		case TK_WITHPAR:
		case TK_FIELD_OPEN:
			if (depth-- == 0)
				return token;
			break;
		default:
			break;
		}
	}
	return NULL;
}

static bool add(const Scene *scene, DiagId id, const Token *from, const Token *to,
				const char *argument)
{
	parse_error(scene->p, id, from->start, to->end, argument);
	return true;
}

static const char *block_text(const Token *token)
{
	static const struct {
		unsigned kind;
		const char *text;
	} rows[] = {
		{TK_IF, "'if' statement"},         {TK_ELIF, "'elif' statement"},
		{TK_ELSE, "'else' statement"},     {TK_WHILE, "'while' statement"},
		{TK_FOR, "'for' statement"},       {TK_TRY, "'try' statement"},
		{TK_EXCEPT, "'except' statement"}, {TK_FINALLY, "'finally' statement"},
		{TK_WITH, "'with' statement"},     {TK_DEF, "function definition"},
		{TK_CLASS, "class definition"},    {TK_MATCH, "'match' statement"},
		{TK_CASE, "'case' statement"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].kind == token->kind)
			return rows[i].text;
	return NULL;
}

/* The line before ended in a colon and this one stands no further in. */
static bool explain_block(const Scene *scene)
{
	const Token *at = scene->at;
	if (at->kind == TK_INDENT)
		return add(scene, D_INDENT_UNEXPECTED, at, at, NULL);
	if (at->kind == TK_NEWLINE && at > scene->first && at[-1].kind == TK_COLON) {
		at++; /* only a BLOCK would do in place of the two: the place is where the next line begins */
		if (!at->kind && scene->p->tokens->truncated)
			return scene->p->failed = true; /* the lexer has told what is wrong there */
	}
	const Token *newline = at - 1;
	while (newline > scene->first && newline->kind == TK_DEDENT)
		newline--;
	if (newline <= scene->first || newline->kind != TK_NEWLINE || newline[-1].kind != TK_COLON)
		return false;
	const Token *line = newline - 1;
	while (line > scene->first && !ends_line(line[-1].kind))
		line--;
	if (line->kind == TK_ASYNC)
		line++;
	const char *what = block_text(line);
	if (!what)
		return false;
	Parser *p = scene->p;
	const char *star =
		line->kind == TK_EXCEPT && line[1].kind == TK_STAR ? "'except*' statement" : what;
	const char *text = arena_format(p->arena, "%s on line %u", star,
									(unsigned)source_place(p->source, line->start).line);
	p->header = line;
	return add(scene, D_INDENT_EXPECTED, at, at, text);
}

static bool explain_missing_colon(const Scene *scene)
{
	const Token *line = scene->line->kind == TK_ASYNC ? scene->line + 1 : scene->line;
	if (scene->at->kind != TK_NEWLINE || !is_compound(line->kind) || scene->at[-1].kind == TK_COLON)
		return false;
	if (scene->at == line + 1 && line->kind != TK_ELSE && line->kind != TK_TRY &&
		line->kind != TK_FINALLY)
		return false; /* "if" alone lacks more than a colon */
	if (!is_atom_end(scene->at - 1) && scene->at - 1 != line)
		return false;
	return add(scene, D_COLON_EXPECTED, scene->at, scene->at, NULL);
}

/* Back over the block before, to the line that opened it: is that a `try`? */
static bool explain_try(const Scene *scene)
{
	const Token *token = scene->at;
	int depth = 0; /* blocks that ended just before; the first of them is the one that counts */
	while (token > scene->first && token[-1].kind == TK_DEDENT) {
		token--;
		depth++;
	}
	if (depth > 1)
		depth = 1 + (depth - 1); /* those inside it end here too */
	if (depth == 0) {
		/* "try: x" on one line */
		if (token == scene->first || token[-1].kind != TK_NEWLINE)
			return false;
		for (token--; token > scene->first && !ends_line(token[-1].kind);)
			token--;
	} else {
		for (; token > scene->first; token--) {
			if (token->kind == TK_DEDENT && token < scene->at - depth)
				depth++;
			else if (token->kind == TK_BLOCK && --depth == 0)
				break;
		}
		token--;
	}
	if (token < scene->first || token->kind != TK_TRY)
		return false;
	scene->p->header = token;
	return add(scene, D_TRY_ALONE, scene->at, scene->at, NULL);
}

static bool is_word(const Token *token, const char *word)
{
	return token->kind == TK_NAME && !strcmp(token->atom->text, word);
}

/* print "x", exec "x" */
static bool explain_print(const Scene *scene)
{
	const Token *name = scene->at - 1;
	if (name < scene->first || !is_atom_start(scene->at))
		return false;
	bool begins = name == scene->first || ends_line(name[-1].kind) || name[-1].kind == TK_SEMI ||
				  name[-1].kind == TK_COLON;
	if (!begins || (!is_word(name, "print") && !is_word(name, "exec")))
		return false;
	const Token *end = scene->at;
	while (!ends_line(end[1].kind) && end[1].kind && end[1].kind != TK_SEMI)
		end++;
	Parser *p = scene->p;
	const char *called = name->atom->text;
	p->item =
		diag_add(p->diag, D_CALL_PARENTHESES, p->source, name->start, end->end, called, called);
	p->header = end;
	p->failed = true;
	return true;
}

static bool explain_equal(const Scene *scene)
{
	if (scene->at->kind != TK_EQUAL || !is_atom_end(scene->at - 1) || scene->line->kind == TK_CASE)
		return false;
	return add(scene, D_EQUAL_MEANT, scene->at - 1, scene->at + 1, NULL);
}

static bool explain_comma(const Scene *scene)
{
	const Token *bracket = enclosing_bracket(scene);
	if (!bracket || !is_atom_start(scene->at) || !is_atom_end(scene->at - 1))
		return false;
	if (bracket->kind == TK_FIELD_OPEN)
		return false;
	const Token *before = scene->at - 1;
	if (before->kind == TK_NAME && (is_word(before, "print") || is_word(before, "exec")))
		return false;
	return add(scene, D_COMMA_FORGOTTEN, before, scene->at, NULL);
}

static bool explain_field(const Scene *scene)
{
	const Token *bracket = enclosing_bracket(scene);
	if (!bracket || bracket->kind != TK_FIELD_OPEN)
		return false;
	const Token *at = scene->at;
	bool ends = at->kind == TK_FIELD_CLOSE || at->kind == TK_FIELD_BANG ||
				at->kind == TK_FIELD_SPEC || at->kind == TK_FIELD_EQUAL;
	if (ends && at == bracket + 1)
		return add(scene, D_FSTRING_EMPTY, bracket, at, NULL);
	if (at[-1].kind == TK_FIELD_BANG)
		return add(scene, D_FSTRING_CONVERSION, at, at, NULL);
	if (at > bracket + 1 && (bracket + 1)->kind == TK_LAMBDA && at->kind == TK_FIELD_SPEC)
		return add(scene, D_FSTRING_LAMBDA, bracket + 1, at, NULL);
	if (at[-1].kind == TK_FIELD_EQUAL || at[-2].kind == TK_FIELD_BANG)
		return add(scene, D_FSTRING_EXPECT, at, at, NULL);
	return add(scene, D_FSTRING_SYNTAX, at, at, NULL);
}

/* Words that the grammar wants here and nothing else. */
static bool explain_expected(const Scene *scene)
{
	const Token *at = scene->at,
				*line = scene->line->kind == TK_ASYNC ? scene->line + 1 : scene->line;
	if (line->kind == TK_DEF && at == line + 2 && line[1].kind == TK_NAME)
		return add(scene, D_WORD_EXPECTED, at, at, "'('");
	if (line->kind == TK_EXCEPT && at == line + 2 && line[1].kind == TK_STAR &&
		at->kind == TK_COLON)
		return add(scene, D_WORD_EXPECTED, at, at, "one or more exception types");
	if (line->kind == TK_NAME && is_word(line, "match") && at == line + 1 && is_atom_start(at)) {
		const Token *end = at;
		while (end->kind && !ends_line(end->kind))
			end++;
		if (end == at + 1 && end[1].kind == TK_INDENT)
			return add(scene, D_COLON_EXPECTED, end, end, NULL);
	}
	return false;
}

/* "a if b" without its else: back from the token that stands where `else` should, over operands and dots. */
static bool explain_conditional(const Scene *scene)
{
	const Token *token = scene->at - 1;
	if (!is_atom_end(token) || scene->at->kind == TK_COLON)
		return false;
	int depth = 0;
	for (; token > scene->line; token--) {
		switch (token->kind) {
		case TK_RPAR:
		case TK_RSQB:
		case TK_RBRACE:
			depth++;
			break;
		case TK_LPAR:
		case TK_LSQB:
		case TK_LBRACE:
			if (depth-- == 0)
				return false;
			break;
		case TK_IF:
			if (depth == 0 && is_atom_end(token - 1))
				return add(scene, D_WORD_EXPECTED, token - 1, scene->at - 1,
						   "'else' after 'if' expression");
			break;
		case TK_COMMA:
		case TK_ELSE:
		case TK_EQUAL:
		case TK_COLON:
		case TK_SEMI:
			if (depth == 0)
				return false;
			break;
		default:
			break;
		}
	}
	return false;
}

static bool explain_params(const Scene *scene)
{
	const Token *at = scene->at, *bracket = enclosing_bracket(scene);
	if (at->kind != TK_LPAR)
		return false;
	bool in_def = bracket && bracket - 2 >= scene->line && bracket[-2].kind == TK_DEF;
	bool in_lambda = at[-1].kind == TK_LAMBDA;
	if (in_def && (at[-1].kind == TK_COMMA || at[-1].kind == TK_LPAR))
		return add(scene, D_PARAM_PARENTHESES, at, at, "Function");
	return in_lambda && add(scene, D_PARAM_PARENTHESES, at, at, "Lambda expression");
}

static bool explain_display(const Scene *scene)
{
	const Token *at = scene->at, *bracket = enclosing_bracket(scene);
	if (!bracket)
		return false;
	bool brace = bracket->kind == TK_LBRACE;
	if (brace && at[-1].kind == TK_COLON && at->kind == TK_STAR)
		return add(scene, D_DICT_STAR, at, at, NULL);
	if (brace && at[-1].kind == TK_COLON && (at->kind == TK_RBRACE || at->kind == TK_COMMA))
		return at - 1 > bracket + 1 && add(scene, D_DICT_VALUE, at - 1, at - 1, NULL);
	if (at->kind == TK_FOR && (brace || bracket->kind == TK_LSQB) && is_atom_end(at - 1)) {
		for (const Token *token = bracket + 1; token < at; token++)
			if (token->kind == TK_COMMA)
				return add(scene, D_COMPREHENSION_TARGET, bracket + 1, at - 1, NULL);
	}
	if (brace && at->kind == TK_RBRACE && is_atom_end(at - 1)) {
		bool dict = false;
		for (const Token *token = bracket + 1; token < at; token++)
			dict |= token->kind == TK_COLON;
		return dict && add(scene, D_DICT_COLON, at - 1, at - 1, NULL);
	}
	return false;
}

static bool explain_import(const Scene *scene)
{
	if (scene->line->kind != TK_FROM && scene->line->kind != TK_IMPORT)
		return false;
	if (scene->at->kind == TK_NEWLINE && scene->at[-1].kind == TK_COMMA &&
		scene->line->kind == TK_FROM)
		return add(scene, D_IMPORT_COMMA, scene->at - 1, scene->at - 1, NULL);
	return false;
}

static void explain(const Scene *scene)
{
	if (explain_block(scene) || explain_try(scene) || explain_expected(scene))
		return;
	if (scene->at > scene->first) {
		if (explain_field(scene) || explain_missing_colon(scene) || explain_print(scene) ||
			explain_import(scene) || explain_equal(scene) || explain_params(scene) ||
			explain_display(scene) || explain_comma(scene) || explain_conditional(scene))
			return;
	}
	parse_error(scene->p, D_SYNTAX, scene->at->start, scene->at->end, NULL);
}

void parse_refuse(Parser *p, const Token *token)
{
	Scene scene = {.p = p, .first = p->tokens->items, .at = token};
	scene.line = token;
	p->stuck = p->failed ? p->stuck : token;
	while (scene.line > scene.first && !ends_line(scene.line[-1].kind))
		scene.line--;
	if (p->failed)
		return;
	explain(&scene);
	if (p->item)
		refuse_help(p, scene.line, token);
}
