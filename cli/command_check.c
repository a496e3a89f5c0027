/*
 * check: what is wrong in files. list: their entries.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "source_link.h"

typedef struct Words {
	char **files; /* at the front of argv */
	int count;
	ReportFormat format;
	const char *hosts; /* --source-hosts */
} Words;

/* False: there is no such format, or not for this command. */
static bool read_format(const char *text, bool has_sarif, ReportFormat *format)
{
	if (strcmp(text, "text") == 0)
		*format = REPORT_TEXT;
	else if (strcmp(text, "json") == 0)
		*format = REPORT_JSON;
	else if (has_sarif && strcmp(text, "sarif") == 0)
		*format = REPORT_SARIF;
	else
		return false;
	return true;
}

static int read_words(Words *words, int argc, char **argv)
{
	const char *command = argv[0];
	bool has_sarif = strcmp(command, "check") == 0;
	*words = (Words){.files = argv};
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *format = NULL;
		if (strncmp(word, "--format=", 9) == 0)
			format = word + 9;
		else if (strcmp(word, "--format") == 0 && i + 1 < argc)
			format = argv[++i];
		else if (!has_sarif && strncmp(word, "--source-hosts=", 15) == 0) {
			words->hosts = word + 15;
			continue;
		} else if (word[0] == '-' && word[1]) {
			cli_error("%s: unknown option '%s'; see sbxc %s --help", command, word, command);
			return CLI_USAGE;
		} else {
			words->files[words->count++] = argv[i];
			continue;
		}
		if (!read_format(format, has_sarif, &words->format)) {
			cli_error("%s: the formats are text%s, not '%s'", command,
					  has_sarif ? ", json and sarif" : " and json", format);
			return CLI_USAGE;
		}
	}
	if (!words->count) {
		cli_error("%s: no source file", command);
		return CLI_USAGE;
	}
	return CLI_OK;
}

static int check_one(Report *report, const char *path)
{
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	bool good = sbxc_file(compilation, path);
	report_add(report, compilation);
	int exit_code = good ? CLI_OK : cli_exit_of(compilation);
	sbxc_free(compilation);
	return exit_code;
}

int command_check(int argc, char **argv)
{
	Words words;
	Report report;
	int exit_code = read_words(&words, argc, argv);
	if (exit_code)
		return exit_code;
	report_begin(&report, words.format == REPORT_TEXT ? stderr : stdout, words.format);
	for (int i = 0; i < words.count; i++) {
		int one = check_one(&report, words.files[i]);
		if (one > exit_code)
			exit_code = one;
	}
	report_end(&report, exit_code);
	return exit_code;
}

/* ---- list ---- */

static void list_text(const SbxcEntry *entry)
{
	printf("%s(", entry->is_code_string ? entry->name : entry->full_name);
	for (unsigned i = 0; i < entry->input_count; i++) {
		const char *value = entry->input_defaults[i] ? entry->input_defaults[i] : "...";
		printf("%s%s: %s", i ? ", " : "", entry->input_names[i], entry->input_types[i]);
		if (!entry->input_required[i])
			printf(" = %s", value);
	}
	printf(")%s%s\n", entry->result_type ? " -> " : "",
		   entry->result_type ? entry->result_type : "");
}

static void member(const char *before, const char *name, const char *text)
{
	printf("%s\"%s\": ", before, name);
	if (text)
		json_put_string(stdout, text);
	else
		fputs("null", stdout);
}

static void list_json(const SbxcEntry *entry, SourceLinks *links, const char *path)
{
	char *link = source_link(links, path, entry->line);
	member("{", "name", entry->name);
	member(", ", "full_name", entry->full_name);
	member(", ", "doc", entry->doc);
	printf(", \"code_string\": %s, \"line\": %u", entry->is_code_string ? "true" : "false",
		   entry->line);
	member(", ", "source", link);
	fputs(", \"inputs\": [", stdout);
	free(link);
	for (unsigned i = 0; i < entry->input_count; i++) {
		member(i ? ", {" : "{", "name", entry->input_names[i]);
		member(", ", "type", entry->input_types[i]);
		printf(", \"required\": %s", entry->input_required[i] ? "true" : "false");
		if (entry->input_defaults[i])
			member(", ", "default", entry->input_defaults[i]);
		putchar('}');
	}
	member("], ", "result", entry->result_type);
	fputs(", \"tasks\": [", stdout);
	for (unsigned i = 0; i < entry->task_count; i++) {
		fputs(i ? ", " : "", stdout);
		json_put_string(stdout, entry->tasks[i].name);
	}
	fputs("], \"calls\": [", stdout);
	for (unsigned i = 0; i < entry->task_count; i++) {
		const SbxcTask *task = &entry->tasks[i];
		link = task->path ? source_link(links, task->path, task->line) : NULL;
		member(i ? ", {" : "{", "name", task->name);
		printf(", \"line\": %u", task->line);
		member(", ", "source", link);
		printf(", \"cache\": %s}", task->cache ? task->cache : "null");
		free(link);
	}
	fputs("]}", stdout);
}

/* The links of --format=json; NULL after telling what is wrong with the table of hosts. */
static SourceLinks *open_links(const Words *words)
{
	char problem[512];
	SourceLinks *links = source_links_open(words->hosts, problem);
	if (!links)
		cli_error("%s", problem);
	return links;
}

static void list_entries(Compilation *compilation, const Words *words, SourceLinks *links)
{
	unsigned count = sbxc_entry_count(compilation);
	bool as_json = words->format == REPORT_JSON;
	if (as_json)
		putchar('[');
	for (unsigned i = 0; i < count; i++) {
		const SbxcEntry *entry = sbxc_entry(compilation, i);
		if (as_json) {
			fputs(i ? ",\n" : "\n", stdout);
			list_json(entry, links, words->files[0]);
		} else {
			list_text(entry);
		}
	}
	if (as_json)
		fputs(count ? "\n]\n" : "]\n", stdout);
}

int command_list(int argc, char **argv)
{
	Words words;
	int exit_code = read_words(&words, argc, argv);
	if (exit_code)
		return exit_code;
	if (words.count > 1) {
		cli_error("list: one source file at a time");
		return CLI_USAGE;
	}
	SourceLinks *links = words.format == REPORT_JSON ? open_links(&words) : NULL;
	if (words.format == REPORT_JSON && !links)
		return CLI_USAGE;
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		source_links_close(links);
		cli_error("out of memory");
		return CLI_FAILED;
	}
	bool good = sbxc_file(compilation, words.files[0]);
	report_text(stderr, compilation);
	if (good)
		list_entries(compilation, &words, links);
	else
		exit_code = cli_exit_of(compilation);
	sbxc_free(compilation);
	source_links_close(links);
	return exit_code;
}
