/*
 * An HTTP job service, as its document describes it. Texts and values are those of the document, whose heap is kept.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CONNECTOR_HTTP_H
#define SBX_CONNECTOR_HTTP_H

#include "connector.h"
#include "http.h"
#include "http_template.h"

typedef struct HttpHeader {
	const char *name;
	const char *text;     /* a template; NULL: of a variable */
	const char *variable; /* of the environment */
	const char *prefix;   /* of a variable: "Bearer "; else "" */
} HttpHeader;
typedef struct HttpHeaders {
	HttpHeader *items;
	size_t count;
} HttpHeaders;

typedef struct HttpOperation {
	const char *name, *method;
	const char *path; /* a template; NULL: the document has no such operation */
	HttpHeaders headers;
	sbx_value body; /* a template; SBX_INVALID: none */
} HttpOperation;

/* Names, and JSON pointers into an answer. */
typedef struct HttpPointers {
	const char **names, **places;
	size_t count;
} HttpPointers;

typedef struct HttpLink {
	const char *name;
	const char *text;  /* a template, or */
	const char *place; /* a pointer */
} HttpLink;

typedef struct HttpConnector {
	sbx_heap *heap;
	Http *http; /* NULL: not needed yet */
	char problem[512];
	const char *name;
	HttpService service;
	HttpHeaders headers;
	HttpOperation create, get, result, delete_;
	HttpPointers metadata;
	const char *phase, *message, *custom_info; /* pointers; NULL: none */
	const char *output;                        /* a pointer, or */
	HttpPointers outputs;
	sbx_value phases; /* a dict, word of the service to ours; SBX_INVALID: none */
	HttpLink *links;
	size_t link_count;
	uint32_t timeout_ms, first_ms, most_ms, most_bytes;
	bool sends_key; /* create tells the job's key, so it may be repeated */
} HttpConnector;

/* ---- connector_http_read.c ---- */

/* Takes the document's heap. NULL: the document's problem is told. */
HttpConnector *http_connector_read(ConnectorFile *file);
void http_connector_free(HttpConnector *connector);
/* The phase that a word of the service means; false: none. */
bool http_phase(const HttpConnector *connector, const char *word, sbx_phase *phase);

#endif
