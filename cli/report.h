/*
 * Diagnostics as people and as programs read them.
 *
 *   report_place.c   ranges as lines and columns; widths of characters
 *   report_text.c    GNU style, with source lines and carets
 *   report_json.c    an array of objects
 *   report_sarif.c   SARIF 2.1.0
 *
 * Lines count from 1. Columns count characters (code points) from 1; `end` is the column behind the last character. Bytes
 * are those of the file on disk from 0; they are not known (null) in a file that is not UTF-8. A place in a code
 * string is shown in the file in which the string stands.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_REPORT_H
#define SBXC_REPORT_H

#include <stdio.h>

#include "sbxc.h"

/* All of a compilation, on a stream of diagnostics; colour on a terminal only. The last line counts them. */
void report_text(FILE *out, const Compilation *compilation);

typedef enum ReportFormat { REPORT_TEXT, REPORT_JSON, REPORT_SARIF } ReportFormat;

/* A report over several compilations: begin, each, end. What it needs to remember of them is in here. */
typedef struct Report {
	FILE *out;
	ReportFormat format;
	unsigned errors, warnings; /* added so far */
	unsigned rule_count;
	unsigned rules[D_COUNT]; /* SARIF: number of a diagnostic's rule, from 1 in order of use */
} Report;

void report_begin(Report *report, FILE *out, ReportFormat format);
void report_add(Report *report, const Compilation *compilation);
/* exit_code: what the command ends with, as SARIF says it. */
void report_end(Report *report, int exit_code);

/* ---- report_place.c ---- */

typedef struct Range {
	const Source *source;
	uint32_t start, end;
} Range;

/* A place as it is shown. */
typedef struct Shown {
	uint32_t line, column;
	int64_t byte; /* -1: not known */
} Shown;

/* In the file around a code string. */
Range range_outermost(const Source *source, uint32_t start, uint32_t end);
Range range_of(const DiagItem *item);
Shown range_shown(const Source *source, uint32_t offset);
/* Characters of the file before `offset`. */
uint32_t range_characters(const Source *source, uint32_t offset);
bool is_warning(const DiagItem *item);
/* The character at text[0 .. length), at least one byte; *size: its bytes. */
uint32_t character_at(const char *text, size_t length, size_t *size);
/* Columns that a terminal gives to the character: 0, 1 or 2. */
unsigned character_width(uint32_t point);
/* One that may change the terminal or the order of the text around it. */
bool character_is_control(uint32_t point);

/* ---- for the formats ---- */

void report_text_items(FILE *out, const Compilation *compilation);
void report_text_summary(FILE *out, unsigned errors, unsigned warnings);
void report_json_item(FILE *out, const DiagItem *item);
void report_sarif_item(Report *report, const DiagItem *item);
void report_sarif_begin(Report *report);
void report_sarif_end(Report *report, int exit_code);
/* A JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void json_put_string(FILE *out, const char *text);
void json_put_text(FILE *out, const char *text, size_t length);

#endif
