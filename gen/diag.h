/*
 * Diagnostics. A phase never prints and never exits: it adds a diagnostic and goes on. All wording is in diag.def;
 * the command prints the list, in source order, when the phases are done.
 *
 * A diagnostic is a place, a message, and up to three more things, each of which is put on the item that diag_add
 * returned:
 *
 *     DiagItem *item = diag_add(diag, D_CALL_KEYWORD, source, start, end, "add", "z", help);
 *     diag_note(diag, item, task->source, param->start, param->end, "'x' is declared here");   a related place
 *     diag_help(diag, item, "did you mean '%s'?", nearest);                  the help line, in place of the row's
 *     diag_replace(diag, item, FIX_CERTAIN, nearest);                        the edit as data, for the item's range
 *     diag_edit(diag, item, FIX_MAYBE, source, at, at, "await ");            an edit elsewhere; several make one fix
 *
 * Places are byte ranges [start, end) of source->text, in which a code string is a Source of its own. Whoever shows
 * them turns them into lines and columns: lines from 1, columns from 1 in characters (code points).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_DIAG_H
#define SBX_GEN_DIAG_H

#include "source.h"

typedef enum DiagId {
#define DIAG(enumerator, id, severity, message, help) enumerator,
#include "diag.def"
#undef DIAG
	D_COUNT
} DiagId;

typedef enum Severity { SEVERITY_ERROR, SEVERITY_WARNING } Severity;

/* A second place that explains the first: "declared here". */
typedef struct DiagNote {
	const Source *source;
	uint32_t start, end;
	const char *text;
	struct DiagNote *next;
} DiagNote;

/* How sure an edit is: CERTAIN, the diagnostic is gone and the program means what was meant; MAYBE, a person looks. */
typedef enum FixKind { FIX_NONE, FIX_MAYBE, FIX_CERTAIN } FixKind;

/* `text` in place of [start, end) of a file (never of a code string). */
typedef struct DiagEdit {
	const Source *source;
	uint32_t start, end;
	const char *text;
	struct DiagEdit *next;
} DiagEdit;

typedef struct DiagItem {
	DiagId id;
	const Source *source;
	uint32_t start, end; /* byte range in source->text */
	const char *message; /* complete, without the id */
	const char *help;    /* NULL: none */
	DiagNote *notes;
	FixKind fix;     /* of all edits together: the least sure of them; FIX_NONE: no edits */
	DiagEdit *edits; /* all of them are to be made; they do not overlap */
	bool fix_spoilt; /* an edit could not be written: the item has no fix */
} DiagItem;

Diag *diag_make(Arena *arena);
/*
 * Adds a diagnostic at [start, end). The arguments fill the holes of the row's message and then of its help: the
 * row's text is a printf format that may use %s (UTF-8 C string), %d (int) only. One error per id and start:
 * a second is dropped. Returns the item so that a note or a fix can be put on it (never NULL).
 */
DiagItem *diag_add(Diag *diag, DiagId id, const Source *source, uint32_t start, uint32_t end, ...);
/* True the first time that it is asked for this pair: for mistakes that would be told at each use of a thing. */
bool diag_first(Diag *diag, const void *thing, uint64_t about);
void diag_note(Diag *diag, DiagItem *item, const Source *source, uint32_t start, uint32_t end,
			   const char *format, ...) __attribute__((format(printf, 6, 7)));
void diag_help(Diag *diag, DiagItem *item, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Adds an edit to the item's fix. In a code string it becomes an edit of the literal in the file; where it cannot (the
   literal has escapes, `text` would need some), the item has no fix at all. */
void diag_edit(Diag *diag, DiagItem *item, FixKind kind, const Source *source, uint32_t start,
			   uint32_t end, const char *text);
/* The same for the item's own range. NULL: nothing. */
void diag_replace(Diag *diag, DiagItem *item, FixKind kind, const char *text);
unsigned diag_error_count(const Diag *diag);
unsigned diag_count(const Diag *diag);
/* In source order: by file in order of first use, then by start. */
const DiagItem *diag_item(Diag *diag, unsigned index);
const char *diag_id_text(DiagId id); /* "E0203" */
/* The row's texts with their holes; the help may be NULL. */
const char *diag_id_message(DiagId id);
const char *diag_id_help(DiagId id);

#endif
