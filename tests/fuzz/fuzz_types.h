/*
 * A declared type in front of what is read against it: letters in prefix form up to a newline, as "dsli" for dict[str,
 * list[int]]. What is no type is Any.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_FUZZ_TYPES_H
#define SBX_FUZZ_TYPES_H

#include <string.h>

#include "runtime/values/object.h"

enum { MOST_TYPES = 64 };

typedef struct TypeReader {
	const char *at, *end;
	sbx_gen_type types[MOST_TYPES];
	const sbx_gen_type *arguments[MOST_TYPES][2];
	int used;
} TypeReader;

static const sbx_gen_type *type_read(TypeReader *reader)
{
	static const struct {
		char letter;
		uint8_t kind, count;
	} letters[] = {
		{'n', SBX_NONE, 0},     {'b', SBX_BOOL, 0},      {'i', SBX_INT, 0},
		{'f', SBX_FLOAT, 0},    {'s', SBX_STR, 0},       {'y', SBX_BYTES, 0},
		{'F', SBX_FILE, 0},     {'D', SBX_DIR, 0},       {'P', SBX_DATAFRAME, 0},
		{'t', SBX_DATETIME, 0}, {'e', SBX_TIMEDELTA, 0}, {'l', SBX_LIST, 1},
		{'T', SBX_TUPLE_OF, 1}, {'S', SBX_SET, 1},       {'Z', SBX_FROZENSET, 1},
		{'d', SBX_DICT, 2},     {'u', SBX_UNION, 2},     {'x', SBX_TUPLE, 2},
		{'O', SBX_UNION, 1},
	};
	if (reader->used == MOST_TYPES || reader->at == reader->end)
		return NULL;
	char letter = *reader->at++;
	for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
		if (letters[i].letter != letter)
			continue;
		int at = reader->used++;
		for (int k = 0; k < letters[i].count; k++)
			reader->arguments[at][k] = type_read(reader);
		reader->types[at].kind = letters[i].kind;
		reader->types[at].count = letters[i].count;
		reader->types[at].args = reader->arguments[at];
		return &reader->types[at];
	}
	return NULL;
}

/* Takes the type's line off the front. */
static const sbx_gen_type *type_take(TypeReader *reader, const uint8_t **data, size_t *size)
{
	const uint8_t *line = *data, *newline = *size ? memchr(line, '\n', *size) : NULL;
	memset(reader, 0, sizeof *reader);
	if (!newline)
		return NULL;
	reader->at = (const char *)line;
	reader->end = (const char *)newline;
	*size -= (size_t)(newline + 1 - line);
	*data = newline + 1;
	return type_read(reader);
}

#endif
