/*
 * Diagnostics as text (GNU style, with the source line) and as JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_REPORT_H
#define SBXC_REPORT_H

#include <stdio.h>

#include "sbxc.h"

/* All of a compilation; colour on a terminal only. */
void report_text(FILE *out, const Compilation *compilation);
/* One array over several compilations: begin, each, end. */
void report_json_begin(FILE *out);
void report_json_add(FILE *out, const Compilation *compilation, bool *first);
void report_json_end(FILE *out, bool first);

/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_put_string(FILE *out, const char *text);

#endif
