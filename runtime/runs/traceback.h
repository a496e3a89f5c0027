/*
 * The parts of a traceback: the text around (traceback_text.c), the frames (traceback.c), their lines with the marks below.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TRACEBACK_H
#define SBX_TRACEBACK_H

#include "run.h"

/* The exception with its causes, frames and last line; of a group, the tree. */
void sbx__trace_text(TextBuffer *text, const Run *run, sbx_value exception);
/* "ValueError: negative input: -1". Text that cannot be made is replaced, as CPython does. */
void sbx__trace_last_line(TextBuffer *text, sbx_value exception);
/* The frames that the run has noted, outermost first. */
void sbx__trace_frames(TextBuffer *text, const Run *run);
/* Memory and time for a text that the host asks for, beyond what limits are left. */
void sbx__trace_widen(Run *run);

/* "    total = add(x, y)\n            ^^^^^^^^^\n"; nothing when there is no such line. */
void sbx__trace_line(TextBuffer *text, const sbx_gen_source *source, const sbx_gen_site *site);

/*
 * The text is one expression. True: it is a binary operation or a subscript, and the bytes from *left to *right are what
 * the marks single out.
 */
bool sbx__trace_anchors(const char *text, size_t length, size_t *left, size_t *right);

#endif
