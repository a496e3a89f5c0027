/*
 * A growing text in an arena. It doubles when it is full; the old bytes stay in the arena until that goes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(Text *text, Arena *arena)
{
	*text = (Text){.arena = arena, .capacity = 256, .line = 1};
	text->bytes = arena_alloc(arena, text->capacity);
}

/* Room for `extra` more bytes and the NUL. */
static void reserve(Text *text, size_t extra)
{
	if (text->capacity - text->length > extra)
		return;
	size_t capacity = text->capacity;
	while (capacity - text->length <= extra)
		capacity *= 2;
	char *bytes = arena_alloc(text->arena, capacity);
	memcpy(bytes, text->bytes, text->length);
	text->bytes = bytes;
	text->capacity = capacity;
}

void text_add(Text *text, const char *bytes, size_t length)
{
	if (!length)
		return;
	reserve(text, length);
	memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->bytes[text->length] = '\0';
	for (const char *p = bytes; (p = memchr(p, '\n', length - (size_t)(p - bytes))); p++)
		text->line++;
}

void text_put(Text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

void text_char(Text *text, char c)
{
	text_add(text, &c, 1);
}

void text_format(Text *text, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length <= 0)
		return;
	reserve(text, (size_t)length);
	char *start = text->bytes + text->length;
	va_start(arguments, format);
	vsnprintf(start, (size_t)length + 1, format, arguments);
	va_end(arguments);
	text->length += (size_t)length;
	for (const char *p = start; (p = strchr(p, '\n')); p++)
		text->line++;
}

void text_json(Text *out, const char *text, size_t length)
{
	text_char(out, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			text_format(out, "\\%c", c);
		else if (c < 0x20)
			text_format(out, "\\u%04x", c);
		else if (c == 0xED && i + 2 < length &&
				 (unsigned char)text[i + 1] >= 0xA0) { /* a lone surrogate */
			text_format(
				out, "\\u%04x",
				(unsigned)((c & 0x0F) << 12 | (text[i + 1] & 0x3F) << 6 | (text[i + 2] & 0x3F)));
			i += 2;
		} else
			text_char(out, (char)c);
	}
	text_char(out, '"');
}
