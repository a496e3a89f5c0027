/*
 * Diagnostics as SARIF 2.1.0, for code hosts and editors: one log with one run.
 *
 * The results are written as they come, so the run's rules, which only the end knows, stand behind them; a rule is in
 * the log if a result uses it. Columns are in code points (columnKind), as in the other formats. A region has its place
 * three times: lines and columns, characters, and bytes where they are known. The workaround (`help`) is the fix's
 * description where there is a fix, and always a property of the result.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "report.h"

#include <string.h>

#include "cli.h"
#include "sbx.h"

/* A path as a relative reference, or as a file URI. */
static void put_uri(FILE *out, const char *path)
{
	fputs(*path == '/' ? "\"file://" : "\"", out);
	for (const char *p = path; *p; p++) {
		char c = *p;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
					 strchr("-._~/", c);
		if (plain)
			putc(c, out);
		else
			fprintf(out, "%%%02X", (unsigned char)c);
	}
	putc('"', out);
}

static void put_region(FILE *out, Range range)
{
	Shown start = range_shown(range.source, range.start),
		  end = range_shown(range.source, range.end);
	uint32_t first = range_characters(range.source, range.start);
	fprintf(out,
			"{\"startLine\": %u, \"startColumn\": %u, \"endLine\": %u, \"endColumn\": %u, "
			"\"charOffset\": %u, \"charLength\": %u",
			start.line, start.column, end.line, end.column, first,
			range_characters(range.source, range.end) - first);
	if (start.byte >= 0)
		fprintf(out, ", \"byteOffset\": %lld, \"byteLength\": %lld", (long long)start.byte,
				(long long)(end.byte - start.byte));
}

static void put_location(FILE *out, Range range)
{
	enum { LONGEST_SNIPPET = 1000 };
	fputs("\"physicalLocation\": {\"artifactLocation\": {\"uri\": ", out);
	put_uri(out, range.source->path);
	fputs("}, \"region\": ", out);
	put_region(out, range);
	if (range.end > range.start && range.end - range.start <= LONGEST_SNIPPET) {
		fputs(", \"snippet\": {\"text\": ", out);
		json_put_text(out, range.source->text + range.start, range.end - range.start);
		putc('}', out);
	}
	fputs("}}", out);
}

static void put_notes(FILE *out, const DiagItem *item)
{
	unsigned count = 0;
	for (const DiagNote *note = item->notes; note; note = note->next) {
		Range place = range_outermost(note->source, note->start, note->end);
		if (!place.source)
			continue;
		fprintf(out, "%s{\"id\": %u, ", count ? ", " : ", \"relatedLocations\": [", count);
		put_location(out, place);
		fputs(", \"message\": {\"text\": ", out);
		json_put_string(out, note->text);
		fputs("}}", out);
		count++;
	}
	fputs(count ? "]" : "", out);
}

/* The edits of one file from `edit` on, as one change; returns the first edit of another file. */
static const DiagEdit *put_change(FILE *out, const DiagEdit *edit)
{
	const Source *source = edit->source;
	fputs("{\"artifactLocation\": {\"uri\": ", out);
	put_uri(out, source->path);
	fputs("}, \"replacements\": [", out);
	for (bool first = true; edit && edit->source == source; edit = edit->next, first = false) {
		fputs(first ? "{\"deletedRegion\": " : ", {\"deletedRegion\": ", out);
		put_region(out, (Range){edit->source, edit->start, edit->end});
		fputs("}, \"insertedContent\": {\"text\": ", out);
		json_put_string(out, edit->text);
		fputs("}}", out);
	}
	fputs("]}", out);
	return edit;
}

static void put_fix(FILE *out, const DiagItem *item)
{
	if (item->fix == FIX_NONE)
		return;
	fputs(", \"fixes\": [{\"description\": {\"text\": ", out);
	json_put_string(out, item->help ? item->help : "edit");
	fputs("}, \"artifactChanges\": [", out);
	for (const DiagEdit *edit = item->edits; edit;) {
		edit = put_change(out, edit);
		fputs(edit ? ", " : "", out);
	}
	fprintf(out, "], \"properties\": {\"applicable\": \"%s\"}}]",
			item->fix == FIX_CERTAIN ? "certain" : "maybe");
}

void report_sarif_item(Report *report, const DiagItem *item)
{
	FILE *out = report->out;
	Range range = range_of(item);
	if (!report->rules[item->id])
		report->rules[item->id] = ++report->rule_count;
	fprintf(out,
			"{\"ruleId\": \"%s\", \"ruleIndex\": %u, \"level\": \"%s\", \"message\": {\"text\": ",
			diag_id_text(item->id), report->rules[item->id] - 1,
			is_warning(item) ? "warning" : "error");
	json_put_string(out, item->message);
	fputs("}, \"locations\": [", out);
	if (range.source) {
		putc('{', out);
		put_location(out, range);
		putc('}', out);
	}
	putc(']', out);
	put_notes(out, item);
	put_fix(out, item);
	if (item->help) {
		fputs(", \"properties\": {\"help\": ", out);
		json_put_string(out, item->help);
		putc('}', out);
	}
	putc('}', out);
}

void report_sarif_begin(Report *report)
{
	fputs("{\"$schema\": \"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
		  "sarif-schema-2.1.0.json\",\n\"version\": \"2.1.0\",\n\"runs\": [{\"columnKind\": "
		  "\"unicodeCodePoints\",\n\"results\": [",
		  report->out);
}

/* A row's text with "..." for its holes. */
static void put_row_text(FILE *out, const char *format)
{
	char text[1024];
	size_t used = 0;
	for (const char *p = format; *p && used + 4 < sizeof text; p++) {
		if (p[0] == '%' && (p[1] == 's' || p[1] == 'd')) {
			memcpy(text + used, "...", 3);
			used += 3;
			p++;
		} else {
			text[used++] = *p;
		}
	}
	json_put_text(out, text, used);
}

static void put_rule(FILE *out, DiagId id)
{
	const char *help = diag_id_help(id);
	fprintf(out, "{\"id\": \"%s\", \"shortDescription\": {\"text\": ", diag_id_text(id));
	put_row_text(out, diag_id_message(id));
	putc('}', out);
	if (help && strcmp(help, "%s") != 0) {
		fputs(", \"help\": {\"text\": ", out);
		put_row_text(out, help);
		putc('}', out);
	}
	fprintf(out, ", \"defaultConfiguration\": {\"level\": \"%s\"}}",
			diag_id_text(id)[0] == 'W' ? "warning" : "error");
}

void report_sarif_end(Report *report, int exit_code)
{
	FILE *out = report->out;
	fprintf(out,
			"],\n\"invocations\": [{\"executionSuccessful\": %s, \"exitCode\": %d}],\n\"tool\": "
			"{\"driver\": {\"name\": \"sbxc\", \"version\": \"%s\", \"rules\": [",
			exit_code == CLI_OK || exit_code == CLI_USAGE ? "true" : "false", exit_code,
			sbx_version());
	for (unsigned number = 1; number <= report->rule_count; number++)
		for (int id = 0; id < D_COUNT; id++)
			if (report->rules[id] == number) {
				fputs(number > 1 ? ",\n" : "\n", out);
				put_rule(out, (DiagId)id);
			}
	fputs("]}}}]}\n", out);
}
