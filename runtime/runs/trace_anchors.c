/*
 * Where the marks of a traceback differ within an expression: CPython 3.11 shows `a / b` as ~~^~~ and `x[i]` as ~^^^.
 *
 * CPython parses the marked text again to find out. Only the outermost operation matters, and the text is known to be
 * one expression, so that it is enough to walk over it once: what stands in brackets or quotes is skipped, and of the
 * binary operators outside them the one that binds least is the outermost. Any word or sign that makes the
 * whole something else (and, if, <, a comma) means that there are no anchors. As in CPython, an operand in round
 * brackets ends before its bracket, since the syntax tree does not have them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "traceback.h"

typedef struct Walk {
	const char *text;
	size_t length;
	size_t op, op_length; /* the outermost binary operator */
	int strength;         /* how tightly it binds; 0: there is none */
	size_t last_open;     /* the bracket that the last closing one at this level belongs to */
	bool has_unary;       /* a sign before the first operand */
	bool has_prefix;      /* the same, or await */
	bool is_other;        /* no operator, no subscript */
	bool has_comma, has_for;
} Walk;

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\f' || c == '\n' || c == '\r';
}
static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
		   (c & 0x80);
}

/* Behind the string literal whose quote is at `at`; length: it does not end. */
static size_t skip_quotes(const char *text, size_t length, size_t at)
{
	char quote = text[at];
	size_t marks = at + 2 < length && text[at + 1] == quote && text[at + 2] == quote ? 3 : 1;
	for (at += marks; at < length; at++) {
		if (text[at] == '\\')
			at++;
		else if (text[at] == quote && (marks == 1 || (at + 2 < length && text[at + 1] == quote &&
													  text[at + 2] == quote)))
			return at + marks;
	}
	return length;
}

/* Behind the bracket that closes the one at `at`. */
static size_t skip_brackets(const char *text, size_t length, size_t at)
{
	int depth = 0;
	while (at < length) {
		char c = text[at];
		if (c == '"' || c == '\'') {
			at = skip_quotes(text, length, at);
			continue;
		}
		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if ((c == ')' || c == ']' || c == '}') && --depth == 0)
			return at + 1;
		at++;
	}
	return length;
}

/* How tightly the binary operator at `at` binds, 0: it is none. */
static int strength_of(const char *text, size_t left, size_t *op_length)
{
	char c = text[0], d = left > 1 ? text[1] : 0;
	*op_length = 1 + ((c == '*' || c == '/' || c == '<' || c == '>') && d == c);
	switch (c) {
	case '|':
		return 1;
	case '^':
		return 2;
	case '&':
		return 3;
	case '<':
	case '>':
		return d == c ? 4 : 0;
	case '+':
	case '-':
		return 5;
	case '*':
		return d == '*' ? 8 : 6;
	case '/':
	case '%':
	case '@':
		return 6;
	default:
		return 0;
	}
}

static void take_operator(Walk *w, size_t at, int strength, size_t op_length)
{
	/* Of equal ones the last is the outermost; ** binds from the right. */
	if (!w->strength || strength < w->strength || (strength == w->strength && strength != 8)) {
		w->strength = strength;
		w->op = at;
		w->op_length = op_length;
	}
}

static size_t take_word(Walk *w, size_t at, bool *wants_operand)
{
	static const char *const others[] = {"and", "or", "not",    "if",    "else",
										 "in",  "is", "lambda", "yield", "raise"};
	size_t end = at;
	while (end < w->length && is_word(w->text[end]))
		end++;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strlen(others[i]) == end - at && memcmp(w->text + at, others[i], end - at) == 0)
			w->is_other = true;
	if (end - at == 3 && memcmp(w->text + at, "for", 3) == 0)
		w->has_for = w->is_other = true;
	if (end - at == 5 && memcmp(w->text + at, "await", 5) == 0) {
		if (!w->strength)
			w->has_prefix = true;
	} else {
		*wants_operand = false;
	}
	/* 1e-5, 1.5: one number */
	while (w->text[at] >= '0' && w->text[at] <= '9' && end < w->length &&
		   (is_word(w->text[end]) || w->text[end] == '.' ||
			((w->text[end] == '-' || w->text[end] == '+') && (w->text[end - 1] | 32) == 'e' &&
			 !(at + 1 < w->length && (w->text[at + 1] | 32) == 'x'))))
		end++;
	return end;
}

/* One walk over the level outside brackets. */
static Walk walk(const char *text, size_t length)
{
	Walk w = {.text = text, .length = length};
	bool wants_operand = true;
	size_t at = 0, op_length;
	while (at < length) {
		char c = text[at];
		int strength;
		if (is_space(c) || c == '\\') {
			at++;
		} else if (is_word(c)) {
			at = take_word(&w, at, &wants_operand);
		} else if (c == '"' || c == '\'') {
			at = skip_quotes(text, length, at);
			wants_operand = false;
		} else if (c == '(' || c == '[' || c == '{') {
			w.last_open = at;
			at = skip_brackets(text, length, at);
			wants_operand = false;
		} else if (c == '.') {
			at++;
		} else if (wants_operand && (c == '-' || c == '+' || c == '~')) {
			if (!w.strength)
				w.has_unary = w.has_prefix = true;
			at++;
		} else if (!wants_operand &&
				   (strength = strength_of(text + at, length - at, &op_length)) != 0) {
			take_operator(&w, at, strength, op_length);
			at += op_length;
			wants_operand = true;
		} else {
			w.has_comma = w.has_comma || c == ',';
			w.is_other = true;
			at++;
			wants_operand = true;
		}
	}
	return w;
}

/* Narrows [start, end) to what the syntax tree says of it: without space around it and without round brackets that only
   group. */
static void narrow(const char *text, size_t *start, size_t *end)
{
	for (;;) {
		Walk inner;
		while (*start < *end && is_space(text[*start]))
			++*start;
		while (*end > *start && is_space(text[*end - 1]))
			--*end;
		if (*end - *start < 3 || text[*start] != '(' || skip_brackets(text, *end, *start) != *end)
			return;
		inner = walk(text + *start + 1, *end - *start - 2);
		if (inner.has_comma || inner.has_for)
			return;
		++*start;
		--*end;
	}
}

static bool anchors_of(const char *text, size_t length, size_t *left, size_t *right)
{
	Walk w = walk(text, length);
	size_t start, end;
	if (w.is_other)
		return false;
	if (w.strength) {
		if (w.strength == 8 && w.has_unary)
			return false;
		start = 0;
		end = w.op;
		narrow(text, &start, &end);
		*left = end;
		start = w.op + w.op_length;
		end = length;
		narrow(text, &start, &end);
		while (*left < start && is_space(text[*left]))
			++*left;
		if (*left >= start)
			return false;
		*right = *left + 1;
		if (*right < start && !is_space(text[*right]))
			++*right;
		return true;
	}
	if (w.has_prefix || !length || text[length - 1] != ']' || text[w.last_open] != '[' ||
		w.last_open == 0)
		return false;
	start = 0;
	end = w.last_open;
	narrow(text, &start, &end);
	*left = end;
	start = w.last_open + 1;
	end = length - 1;
	narrow(text, &start, &end);
	*right = end + 1;
	return true;
}

bool sbx__trace_anchors(const char *text, size_t length, size_t *left, size_t *right)
{
	size_t start = 0, end = length;
	narrow(text, &start, &end);
	if (!anchors_of(text + start, end - start, left, right))
		return false;
	*left += start;
	*right += start;
	return true;
}
