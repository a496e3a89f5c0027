/*
 * Documents: the JSON that engines take and give. Places in them are paths: "HostConfig/Memory", "State/ExitCode".
 * The values of tasks are not documents; libsbx reads and writes those without loss.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_DOCUMENT_H
#define SBX_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Documents Documents; /* the library */
typedef struct Document Document;   /* an object or an array, with what is in it */

/* NULL: libjansson is not there. */
Documents *documents_open(void);
void documents_close(Documents *documents);

Document *document_make(Documents *documents);
/* NULL: not JSON. */
Document *document_read(Documents *documents, const char *text, size_t length);
void document_free(Documents *documents, Document *document);
/* One line of text, made with malloc; NULL: no memory, or what was set did not fit into JSON. */
char *document_text(Documents *documents, const Document *document);
/* The same over several lines, indented by two. */
char *document_pretty(Documents *documents, const Document *document);

/* Setting makes the objects on the way. Text that is not UTF-8, or no memory, makes the document unprintable. */
void document_set_text(Documents *documents, Document *document, const char *path,
					   const char *text);
void document_set_int(Documents *documents, Document *document, const char *path, int64_t number);
void document_set_bool(Documents *documents, Document *document, const char *path, bool truth);
void document_set(Documents *documents, Document *document, const char *path, Document *taken);
/* A member of the document itself; the key may hold anything. */
void document_set_member(Documents *documents, Document *document, const char *key,
						 Document *taken);
void document_set_key(Documents *documents, Document *document, const char *path, const char *key,
					  const char *text); /* the key may hold anything */
void document_append_text(Documents *documents, Document *document, const char *path,
						  const char *text);
void document_append(Documents *documents, Document *document, const char *path, Document *taken);

/* Reading borrows; NULL, 0, false where the place is not there or of another kind. path NULL: the
 * document itself. */
const Document *document_get(Documents *documents, const Document *document, const char *path);
const char *document_get_text(Documents *documents, const Document *document, const char *path);
int64_t document_get_int(Documents *documents, const Document *document, const char *path);
bool document_has_int(Documents *documents, const Document *document, const char *path);
bool document_get_bool(Documents *documents, const Document *document, const char *path);
/* Members of an array or object. */
size_t document_count(Documents *documents, const Document *document, const char *path);
const Document *document_item(Documents *documents, const Document *document, const char *path,
							  size_t index);
const char *document_key(Documents *documents, const Document *document, const char *path,
						 size_t index);
Document *document_copy(Documents *documents, const Document *document);

#endif
