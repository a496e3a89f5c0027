/*
 * A source file in memory: its bytes, decoded to UTF-8 as PEP 263 says, and an index of its lines.
 * A place in it is a byte offset into `text`; lines and columns are computed only when somebody asks.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SOURCE_H
#define SBX_GEN_SOURCE_H

#include "arena.h"

typedef struct Diag Diag;

typedef struct Source {
	const char *path;      /* as the user wrote it; "<string>" or "-" where there is none */
	const char *text;      /* UTF-8, without a byte order mark, followed by at least 16 NUL bytes */
	uint32_t length;       /* bytes of `text` */
	const uint32_t *lines; /* offset of the first byte of each line */
	uint32_t line_count;
	const struct Source *outer; /* a code string: the file in which it stands, else NULL */
	/* a code string: for each of its lines the offset in `outer` at which that line's text begins, or NULL where
	   the string is not one literal (then diagnostics point at the literal as a whole) */
	const uint32_t *outer_lines;
	uint32_t outer_start, outer_end; /* the expression in `outer` that is this string */
	/* From bytes of `text` back to those of the file: */
	bool recoded;            /* the file is in another encoding: its bytes are not known */
	uint32_t mark;           /* bytes of the byte order mark */
	const uint32_t *removed; /* offsets of the newlines of `text` that were two bytes, in order */
	uint32_t removed_count;
} Source;

typedef struct Place {
	uint32_t line;   /* from 1 */
	uint32_t column; /* bytes of UTF-8 from 0, as in CPython's `col_offset` */
} Place;

/* Reads a file ("-": standard input). NULL after a diagnostic (missing, unreadable, bad encoding, NUL bytes). */
const Source *source_read(Arena *arena, Diag *diag, const char *path);
/* Takes text already in memory (copied). Same diagnostics. */
const Source *source_from_bytes(Arena *arena, Diag *diag, const char *path, const char *bytes,
								size_t length);
/* How many bytes of the file before `offset` (of carriage returns) are not in `text`. */
uint32_t source_removed_before(const Source *source, uint32_t offset);
Place source_place(const Source *source, uint32_t offset);
/* Takes a range in a code string to the file around it: the same characters where the string is one literal there,
   else the whole expression. A range of a file stays as it is. */
void source_outermost(const Source **source, uint32_t *start, uint32_t *end);
/* The text of a line without its newline. */
const char *source_line(const Source *source, uint32_t line, size_t *length);

#endif
