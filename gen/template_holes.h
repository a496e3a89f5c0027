/*
 * What fills the holes of templates: each kind of hole quotes what it is given, so that nothing of a user's file can
 * become code.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_TEMPLATE_HOLES_H
#define SBX_GEN_TEMPLATE_HOLES_H

#include "text.h"

typedef struct TemplateBytes {
	const char *bytes;
	size_t length;
} TemplateBytes;

TemplateBytes template_bytes(const char *string); /* NUL-terminated; NULL is empty */

void hole_ident(Text *out, const char *identifier);
void hole_place(Text *out, const char *place);
void hole_int(Text *out, long long number);
void hole_cstr(Text *out, TemplateBytes bytes);
void hole_pystr(Text *out, TemplateBytes bytes);
void hole_comment(Text *out, TemplateBytes bytes);
void hole_block(Text *out, const Text *block);

#endif
