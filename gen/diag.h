/*
 * Diagnostics. A phase never prints and never exits: it adds a diagnostic and goes on. All wording is in diag.def;
 * the command prints the list, in source order, when the phases are done.
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

typedef struct DiagItem {
	DiagId id;
	const Source *source;
	uint32_t start, end; /* byte range in source->text */
	const char *message; /* complete, without the id */
	const char *help;    /* NULL: none */
	const char *fix;     /* NULL, or the text that should stand in place of the range */
	DiagNote *notes;
} DiagItem;

Diag *diag_make(Arena *arena);
/*
 * Adds a diagnostic at [start, end). The arguments fill the holes of the row's message and then of its help: the
 * row's text is a printf format that may use %s (UTF-8 C string), %d (int) only. One error per id and start:
 * a second is dropped. Returns the item so that a note or a fix can be put on it (never NULL).
 */
DiagItem *diag_add(Diag *diag, DiagId id, const Source *source, uint32_t start, uint32_t end, ...);
void diag_note(Diag *diag, DiagItem *item, const Source *source, uint32_t start, uint32_t end,
			   const char *format, ...) __attribute__((format(printf, 6, 7)));
unsigned diag_error_count(const Diag *diag);
unsigned diag_count(const Diag *diag);
/* In source order: by file in order of first use, then by start. */
const DiagItem *diag_item(Diag *diag, unsigned index);
const char *diag_id_text(DiagId id); /* "E0203" */

#endif
