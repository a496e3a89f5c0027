/*
 * Requests that are filled in: paths, header values and bodies with places for values, and nothing that could become more
 * than a value. A context is a dict; a place names what stands there: "inputs/size" is {"inputs": {"size": ...}}.
 *
 *   text   "/jobs/{meta/id}?size={inputs/size}"; "{{" is a brace. What is filled in is encoded for where it stands.
 *   body   JSON in which {"$": "inputs/size"} stands for that value, whatever it is, and {"$env": "NAME"} for an
 *          environment variable
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_HTTP_TEMPLATE_H
#define SBX_HTTP_TEMPLATE_H

#include <stdbool.h>

#include "byte_queue.h"
#include "sbx.h"

typedef enum TemplatePlace {
	PLACE_PATH,  /* percent-encoded */
	PLACE_HEADER /* printable ASCII, or an error */
} TemplatePlace;

typedef struct TemplateProblem {
	bool is_missing; /* a variable of the environment */
	char text[300];
} TemplateProblem;

/* Are its braces right, and does each place begin with one of `sources` (to a NULL)? */
bool template_check_text(const char *text, const char *const *sources, TemplateProblem *problem);
bool template_check_body(sbx_heap *heap, sbx_value body, const char *const *sources,
						 TemplateProblem *problem);
/* Does a place of it name this source? */
bool template_text_uses(const char *text, const char *source);
bool template_body_uses(sbx_heap *heap, sbx_value body, const char *source);

bool template_fill_text(ByteQueue *out, const char *text, sbx_heap *heap, sbx_value context,
						TemplatePlace place, TemplateProblem *problem);
/* A new value; SBX_INVALID: the problem is told. */
sbx_value template_fill_body(sbx_heap *heap, sbx_value body, sbx_value context,
							 TemplateProblem *problem);
/* Is it fit for a header line? */
bool template_is_header_text(const char *text);
/* One line of JSON, made with malloc. NULL: it has a NaN or infinity, which are no JSON, or no memory. */
char *template_json(sbx_heap *heap, sbx_value v, TemplateProblem *problem);

#endif
