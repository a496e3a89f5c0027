/*
 * Escapes in string literals, as CPython decodes them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "escapes.h"
#include "codepoints.h"
#include "decode.h"

#include <string.h>

void string_body(const char *source, const Token *token, uint32_t *start, uint32_t *end)
{
	uint32_t at = token->start, quotes = token->flags & TOKEN_TRIPLE ? 3 : 1;
	while (source[at] != '\'' && source[at] != '"')
		at++;
	*start = at + quotes;
	*end = token->end - quotes;
}

typedef struct Escaper {
	Parser *p;
	const Token *token;
	const char *body, *end; /* the text being decoded */
	Text *out;
	bool is_bytes, braces;
} Escaper;

static void add_code(Escaper *escaper, uint32_t code)
{
	char buffer[4];
	if (escaper->is_bytes) {
		buffer[0] = (char)code;
		text_add(escaper->out, buffer, 1);
	} else {
		text_add(escaper->out, buffer, utf8_write(buffer, code));
	}
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *refuse_escape(Escaper *escaper, const char *backslash, const char *end,
								 const char *reason)
{
	Parser *p = escaper->p;
	uint32_t start = (uint32_t)(backslash - p->source->text);
	int first = (int)(backslash - escaper->body), last = (int)(end - escaper->body) - 1;
	if (p->failed)
		return NULL;
	p->failed = true;
	p->mistake = start;
	if (escaper->is_bytes)
		diag_add(p->diag, D_BYTES_ESCAPE, p->source, start, start + 2, first);
	else
		diag_add(p->diag, D_STRING_ESCAPE, p->source, start, (uint32_t)(end - p->source->text),
				 first, last, reason);
	return NULL;
}

/* \xHH, \uHHHH, \UHHHHHHHH; `at` is the first digit. */
static const char *read_hex(Escaper *escaper, const char *backslash, unsigned digits)
{
	static const char *const reasons[] = {"truncated \\xXX escape", "truncated \\uXXXX escape",
										  "truncated \\UXXXXXXXX escape"};
	uint32_t code = 0;
	const char *at = backslash + 2;
	for (unsigned i = 0; i < digits; i++, at++) {
		int value = at < escaper->end ? hex_value(*at) : -1;
		if (value < 0)
			return refuse_escape(escaper, backslash, at, reasons[digits / 4]);
		code = code << 4 | (uint32_t)value;
	}
	if (code > 0x10ffff)
		return refuse_escape(escaper, backslash, at, "illegal Unicode character");
	add_code(escaper, code);
	return at;
}

static const char *read_name(Escaper *escaper, const char *backslash)
{
	const char *open = backslash + 2;
	const char *close = open < escaper->end && *open == '{'
							? memchr(open, '}', (size_t)(escaper->end - open))
							: NULL;
	if (!close || close == open + 1)
		return refuse_escape(escaper, backslash, close ? close + 1 : open,
							 "malformed \\N character escape");
	uint32_t code;
	if (!codepoint_from_name(open + 1, (size_t)(close - open - 1), &code))
		return refuse_escape(escaper, backslash, close + 1, "unknown Unicode character name");
	add_code(escaper, code);
	return close + 1;
}

static const char *read_octal(Escaper *escaper, const char *at)
{
	uint32_t code = 0;
	for (int i = 0; i < 3 && at < escaper->end && *at >= '0' && *at <= '7'; i++, at++)
		code = code * 8 + (uint32_t)(*at - '0');
	add_code(escaper, escaper->is_bytes ? code & 0xff : code);
	return at;
}

/* One escape; returns what follows it, or NULL after an error. */
static const char *read_escape(Escaper *escaper, const char *backslash)
{
	const char *at = backslash + 1;
	if (at == escaper->end) {
		text_char(escaper->out, '\\'); /* before a replacement field */
		return at;
	}
	static const char letters[] = "abfnrtv\\'\"", values[] = "\a\b\f\n\r\t\v\\'\"";
	const char *letter = strchr(letters, *at);
	if (letter) {
		text_char(escaper->out, values[letter - letters]);
		return at + 1;
	}
	if (*at == '\n')
		return at + 1;
	if (*at >= '0' && *at <= '7')
		return read_octal(escaper, at);
	if (*at == 'x')
		return read_hex(escaper, backslash, 2);
	if (!escaper->is_bytes && *at == 'u')
		return read_hex(escaper, backslash, 4);
	if (!escaper->is_bytes && *at == 'U')
		return read_hex(escaper, backslash, 8);
	if (!escaper->is_bytes && *at == 'N')
		return read_name(escaper, backslash);
	text_char(escaper->out, '\\'); /* not an escape: the backslash stays */
	return at;
}

static void decode_body(Escaper *escaper, bool raw)
{
	const char *p = escaper->body;
	while (p && p < escaper->end) {
		const char *plain = p;
		while (p < escaper->end && (raw || *p != '\\') &&
			   !(escaper->braces && (*p == '{' || *p == '}')))
			p++;
		text_add(escaper->out, plain, (size_t)(p - plain));
		if (p == escaper->end)
			break;
		if (*p == '\\') {
			p = read_escape(escaper, p);
		} else {
			text_char(escaper->out, *p);
			p += 2; /* a brace and its double */
		}
	}
}

void string_decode(Parser *p, const Token *token, Text *out)
{
	const char *source = p->source->text;
	uint32_t start = token->start, end = token->end;
	if (token->kind != TK_FSTRING_MIDDLE)
		string_body(source, token, &start, &end);
	bool raw = token->flags & TOKEN_RAW;
	Escaper escaper = {
		.p = p, .token = token, .body = source + start, .end = source + end, .out = out};
	escaper.is_bytes = token->flags & TOKEN_BYTES;
	escaper.braces = token->flags & TOKEN_BRACES;
	for (const char *c = escaper.body; escaper.is_bytes && c < escaper.end; c++) {
		if ((unsigned char)*c >= 0x80) {
			parse_error(p, D_BYTES_ASCII, token->start, token->end, NULL);
			return;
		}
	}
	if (!escaper.braces && (raw || !(token->flags & TOKEN_ESCAPES)))
		text_add(out, escaper.body, end - start);
	else
		decode_body(&escaper, raw);
}
