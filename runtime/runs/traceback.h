/*
 * The source line of a traceback's frame, with the marks below it.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TRACEBACK_H
#define SBX_TRACEBACK_H

#include "../values/object.h"

/* "    total = add(x, y)\n            ^^^^^^^^^\n"; nothing when there is no such line. */
void sbx__trace_line(TextBuffer *text, const sbx_gen_source *source, const sbx_gen_site *site);

/*
 * The text is one expression. True: it is a binary operation or a subscript, and the bytes from *left to *right are what
 * the marks single out.
 */
bool sbx__trace_anchors(const char *text, size_t length, size_t *left, size_t *right);

#endif
