/*
 * Quoting. A C string literal: everything but plain ASCII is written as three octal digits, which end by themselves
 * (\x would swallow digits that follow), and `?` as \? so that no trigraph arises. A comment cannot be left: a star
 * before a slash is parted from it, a backslash never ends a line, and control characters become spaces.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "template_holes.h"

#include <string.h>

TemplateBytes template_bytes(const char *string)
{
	return (TemplateBytes){string ? string : "", string ? strlen(string) : 0};
}

static bool is_identifier(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
			  *s == '_'))
			return false;
	return true;
}

void hole_ident(Text *out, const char *identifier)
{
	text_put(out, is_identifier(identifier) ? identifier : "$invalid$");
}

void hole_place(Text *out, const char *place)
{
	bool in_frame = strncmp(place, "f->", 3) == 0;
	text_put(out, in_frame ? "f->" : "");
	hole_ident(out, place + (in_frame ? 3 : 0));
}

void hole_int(Text *out, long long number)
{
	text_format(out, "%lld", number);
}

void hole_cstr(Text *out, TemplateBytes value)
{
	text_char(out, '"');
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.bytes[i];
		if (c == '"' || c == '\\' || c == '?')
			text_format(out, "\\%c", c);
		else if (c == '\n')
			text_put(out, "\\n");
		else if (c == '\t')
			text_put(out, "\\t");
		else if (c >= 32 && c < 127)
			text_char(out, (char)c);
		else
			text_format(out, "\\%03o", c);
	}
	text_char(out, '"');
}

void hole_pystr(Text *out, TemplateBytes value)
{
	text_char(out, '\'');
	for (size_t i = 0; i < value.length; i++) {
		unsigned char c = (unsigned char)value.bytes[i];
		if (c == '\'' || c == '\\')
			text_format(out, "\\%c", c);
		else if (c == '\n')
			text_put(out, "\\n");
		else if (c < 32 || c == 127)
			text_format(out, "\\x%02x", c);
		else
			text_char(out, (char)c);
	}
	text_char(out, '\'');
}

/* The UTF-8 of a character that changes the direction of text (U+200E, U+202A to U+202E, U+2066 ...): compilers warn of it. */
static bool is_direction(const unsigned char *c, size_t left)
{
	if (left < 3 || c[0] != 0xE2)
		return false;
	return (c[1] == 0x80 && (c[2] == 0x8E || c[2] == 0x8F || (c[2] >= 0xAA && c[2] <= 0xAE))) ||
		   (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9);
}

void hole_comment(Text *out, TemplateBytes value)
{
	for (size_t i = 0; i < value.length; i++) {
		if (is_direction((const unsigned char *)value.bytes + i, value.length - i)) {
			text_char(out, ' ');
			i += 2;
			continue;
		}
		unsigned char c = (unsigned char)value.bytes[i];
		unsigned char next = i + 1 < value.length ? (unsigned char)value.bytes[i + 1] : 0;
		text_char(out, c < 32 || c == 127 || (c == '?' && next == '?') ? ' ' : (char)c);
		if ((c == '*' && next == '/') || (c == '/' && next == '*') || (c == '\\' && next < 32))
			text_char(out, ' ');
	}
}

void hole_block(Text *out, const Text *block)
{
	text_add(out, block->bytes, block->length);
}
