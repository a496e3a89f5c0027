/*
 * Diagnostics as JSON: one array, an object for each diagnostic.
 *
 *     {"file": "a.py", "range": {"start": {"byte": 10, "line": 2, "column": 5}, "end": {...}},
 *      "severity": "error", "id": "E0309", "message": "...", "help": "..." or null,
 *      "fix": null or {"applicable": "certain" or "maybe", "edits": [{"file", "range", "text"}]},
 *      "notes": [{"file", "range", "message"}]}
 *
 * A diagnostic without a place has the file and the range null. The edits of a fix belong together, do not overlap, and
 * stand in the order of their places.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <string.h>

/* Is there a whole, valid UTF-8 character of this many bytes? */
static bool is_valid(const char *text, size_t size, uint32_t point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (size == 1)
		return point < 0x80;
	for (size_t i = 1; i < size; i++)
		if (((unsigned char)text[i] & 0xc0) != 0x80)
			return false;
	return point >= least[size] && point < 0x110000 && (point & 0xfffff800) != 0xd800;
}

void json_put_text(FILE *out, const char *text, size_t length)
{
	putc('"', out);
	for (size_t i = 0, size; i < length; i += size) {
		uint32_t point = character_at(text + i, length - i, &size);
		if (!is_valid(text + i, size, point)) {
			fputs("\\ufffd", out);
			size = 1;
		} else if (point == '"' || point == '\\') {
			fprintf(out, "\\%c", (char)point);
		} else if (point == '\n') {
			fputs("\\n", out);
		} else if (point < 0x20 || (point >= 0x7f && point < 0x10000)) {
			fprintf(out, "\\u%04x", point);
		} else if (point >= 0x10000) {
			fprintf(out, "\\u%04x\\u%04x", 0xd800 + ((point - 0x10000) >> 10),
					0xdc00 + ((point - 0x10000) & 0x3ff));
		} else {
			putc((int)point, out);
		}
	}
	putc('"', out);
}

void json_put_string(FILE *out, const char *text)
{
	json_put_text(out, text, strlen(text));
}

static void put_place(FILE *out, const char *name, const Source *source, uint32_t offset)
{
	Shown shown = range_shown(source, offset);
	fprintf(out, "\"%s\": {\"byte\": ", name);
	if (shown.byte < 0)
		fputs("null", out);
	else
		fprintf(out, "%lld", (long long)shown.byte);
	fprintf(out, ", \"line\": %u, \"column\": %u}", shown.line, shown.column);
}

static void put_range(FILE *out, Range range)
{
	fputs("\"file\": ", out);
	if (!range.source) {
		fputs("null, \"range\": null", out);
		return;
	}
	json_put_string(out, range.source->path);
	fputs(", \"range\": {", out);
	put_place(out, "start", range.source, range.start);
	fputs(", ", out);
	put_place(out, "end", range.source, range.end);
	putc('}', out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ", \"%s\": ", name);
	if (text)
		json_put_string(out, text);
	else
		fputs("null", out);
}

static void put_fix(FILE *out, const DiagItem *item)
{
	if (item->fix == FIX_NONE) {
		fputs(", \"fix\": null", out);
		return;
	}
	fprintf(out, ", \"fix\": {\"applicable\": \"%s\", \"edits\": [",
			item->fix == FIX_CERTAIN ? "certain" : "maybe");
	for (const DiagEdit *edit = item->edits; edit; edit = edit->next) {
		putc('{', out);
		put_range(out, (Range){edit->source, edit->start, edit->end});
		put_member(out, "text", edit->text);
		fputs(edit->next ? "}, " : "}", out);
	}
	fputs("]}", out);
}

void report_json_item(FILE *out, const DiagItem *item)
{
	putc('{', out);
	put_range(out, range_of(item));
	put_member(out, "severity", is_warning(item) ? "warning" : "error");
	put_member(out, "id", diag_id_text(item->id));
	put_member(out, "message", item->message);
	put_member(out, "help", item->help);
	put_fix(out, item);
	fputs(", \"notes\": [", out);
	for (const DiagNote *note = item->notes; note; note = note->next) {
		putc('{', out);
		put_range(out, range_outermost(note->source, note->start, note->end));
		put_member(out, "message", note->text);
		fputs(note->next ? "}, " : "}", out);
	}
	fputs("]}", out);
}

/* ---- several compilations ---- */

void report_begin(Report *report, FILE *out, ReportFormat format)
{
	*report = (Report){.out = out, .format = format};
	if (format == REPORT_JSON)
		putc('[', out);
	else if (format == REPORT_SARIF)
		report_sarif_begin(report);
}

void report_add(Report *report, const Compilation *compilation)
{
	unsigned count = sbxc_diagnostic_count(compilation), before = report->errors + report->warnings;
	if (report->format == REPORT_TEXT)
		report_text_items(report->out, compilation);
	for (unsigned i = 0; report->format != REPORT_TEXT && i < count; i++) {
		fputs(before + i ? ",\n" : "\n", report->out);
		if (report->format == REPORT_JSON)
			report_json_item(report->out, sbxc_diagnostic(compilation, i));
		else
			report_sarif_item(report, sbxc_diagnostic(compilation, i));
	}
	report->errors += sbxc_error_count(compilation);
	report->warnings += count - sbxc_error_count(compilation);
}

void report_end(Report *report, int exit_code)
{
	if (report->format == REPORT_TEXT)
		report_text_summary(report->out, report->errors, report->warnings);
	else if (report->format == REPORT_JSON)
		fputs(report->errors + report->warnings ? "\n]\n" : "]\n", report->out);
	else
		report_sarif_end(report, exit_code);
}
