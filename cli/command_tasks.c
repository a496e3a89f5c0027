/*
 * tasks: each sandbox of a file as a task of a Flyte backend, printed, or written into a folder with the network policies of those
 * whose network is blocked. The documents are made by libsbx-host (task_spec.c), from what the compiler says of a sandbox.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "report.h"
#include "sbx-host.h"
#include "source_link.h"

typedef struct TasksCommand {
	const char *source, *folder;
	sbx_task_options options;
	Compilation *compilation;
	SourceLinks *links;
	char **written; /* pairs: the temporary file, and its path */
	size_t written_count;
} TasksCommand;

/* An address or network of IPv4 or IPv6, and more of them behind commas. */
static bool is_cidr_list(const char *text)
{
	return *text && strspn(text, "0123456789abcdefABCDEF.:/,") == strlen(text) &&
		   !strstr(text, ",,") && *text != ',' && text[strlen(text) - 1] != ',';
}

static int read_options(TasksCommand *t, int argc, char **argv)
{
	const struct {
		const char *name, **to;
	} valued[] = {{"-o", &t->folder},
				  {"--base-image", &t->options.base_image},
				  {"--image-prefix", &t->options.image_prefix},
				  {"--org", &t->options.org},
				  {"--project", &t->options.project},
				  {"--domain", &t->options.domain},
				  {"--egress", &t->options.egress}};
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i], *value = strchr(word, '=');
		size_t length = strcspn(word, "="), k = 0;
		if (word[0] != '-' || !word[1]) {
			if (t->source) {
				cli_error("tasks: one source file at a time: '%s' and '%s'", t->source, word);
				return CLI_USAGE;
			}
			t->source = word;
			continue;
		}
		while (k < sizeof valued / sizeof *valued &&
			   (strlen(valued[k].name) != length || memcmp(valued[k].name, word, length) != 0))
			k++;
		if (k == sizeof valued / sizeof *valued) {
			cli_error("tasks: unknown option '%s'; see sbxc tasks --help", word);
			return CLI_USAGE;
		}
		value = value ? value + 1 : i + 1 < argc ? argv[++i] : "";
		if (!*value) {
			cli_error("tasks: %s: a value is missing", valued[k].name);
			return CLI_USAGE;
		}
		*valued[k].to = value;
	}
	if (!t->source) {
		cli_error("tasks: no source file; usage: sbxc tasks [OPTIONS] FILE.py [-o FOLDER]");
		return CLI_USAGE;
	}
	if (t->options.egress && !is_cidr_list(t->options.egress)) {
		cli_error("tasks: --egress: expected networks such as 10.0.0.0/24,fd00::/8, got '%s'",
				  t->options.egress);
		return CLI_USAGE;
	}
	return CLI_OK;
}

/* Writes a file under another name, to be renamed when all are there. */
static int write_one(TasksCommand *t, const char *name, const char *suffix, const char *text)
{
	char *path, *temporary = NULL,
				**written = realloc(t->written, (t->written_count + 1) * 2 * sizeof *t->written);
	if (!written || asprintf(&path, "%s/%s%s", t->folder, name, suffix) < 0) {
		cli_error("out of memory");
		t->written = written ? written : t->written;
		return CLI_FAILED;
	}
	t->written = written;
	for (size_t i = 0; i < t->written_count; i++)
		if (strcmp(written[2 * i + 1], path) == 0) {
			cli_error("%s: two sandboxes have the name '%s'", t->source, name);
			free(path);
			return CLI_USAGE;
		}
	temporary = whole_file_begin(path);
	if (!temporary || !whole_file_write(temporary, text, strlen(text))) {
		cli_error("cannot write '%s': %s", path, strerror(errno));
		whole_file_drop(temporary);
		free(path);
		return CLI_USAGE;
	}
	written[2 * t->written_count] = temporary;
	written[2 * t->written_count++ + 1] = path;
	return CLI_OK;
}

/* All files get their names, or none was begun. */
static int finish_files(TasksCommand *t, int exit_code)
{
	for (size_t i = 0; i < t->written_count; i++) {
		char *temporary = t->written[2 * i], *path = t->written[2 * i + 1];
		if (exit_code) {
			whole_file_drop(temporary);
		} else if (!whole_file_end(temporary, path)) {
			cli_error("cannot write '%s': %s", path, strerror(errno));
			exit_code = CLI_USAGE;
		} else {
			puts(path);
		}
		free(path);
	}
	free(t->written);
	return exit_code;
}

/* One sandbox: printed, or written. */
static int give(TasksCommand *t, unsigned index)
{
	const SbxcSandbox *sandbox = sbxc_sandbox(t->compilation, index);
	char *spec, *policy;
	if (!sandbox) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	char *link = source_link(t->links, sandbox->path, sandbox->line);
	t->options.source_link = link;
	sbx_status status =
		sbx_task_documents(sandbox->name, sandbox->spec, &t->options, &spec, &policy);
	free(link);
	if (status) {
		bool missing = status == SBX_E_UNAVAILABLE;
		cli_error("the task of '%s' cannot be made: %s", sandbox->name,
				  missing ? "libjansson.so.4 is needed: install libjansson4"
						  : sbx_status_text(status));
		return missing ? CLI_MISSING : CLI_FAILED;
	}
	int exit_code = CLI_OK;
	if (!t->folder) {
		printf("%s%s", index ? ",\n" : "", spec);
	} else {
		exit_code = write_one(t, sandbox->name, ".json", spec);
		if (!exit_code && policy)
			exit_code = write_one(t, sandbox->name, ".network-policy.json", policy);
	}
	free(spec);
	free(policy);
	return exit_code;
}

static int give_all(TasksCommand *t)
{
	int exit_code = CLI_OK;
	unsigned count = sbxc_sandbox_count(t->compilation);
	if (!count) {
		cli_error("%s: no sandboxes are declared here", t->source);
		return CLI_USAGE;
	}
	if (t->folder && mkdir(t->folder, 0777) && errno != EEXIST) {
		cli_error("cannot make the folder '%s': %s", t->folder, strerror(errno));
		return CLI_USAGE;
	}
	if (!t->folder)
		puts("[");
	for (unsigned i = 0; !exit_code && i < count; i++)
		exit_code = give(t, i);
	if (!t->folder)
		puts("\n]");
	return finish_files(t, exit_code);
}

int command_tasks(int argc, char **argv)
{
	char problem[512];
	TasksCommand t = {.options = {.size = sizeof t.options}};
	int exit_code = read_options(&t, argc, argv);
	if (exit_code)
		return exit_code;
	t.links = source_links_open(NULL, problem);
	if (!t.links) {
		cli_error("%s", problem);
		return CLI_USAGE;
	}
	t.compilation = sbxc_open(0);
	if (!t.compilation) {
		cli_error("out of memory");
		source_links_close(t.links);
		return CLI_FAILED;
	}
	bool good = sbxc_file(t.compilation, t.source) && sbxc_check_tasks(t.compilation);
	report_text(stderr, t.compilation);
	exit_code = good ? give_all(&t) : cli_exit_of(t.compilation);
	sbxc_free(t.compilation);
	source_links_close(t.links);
	return exit_code;
}
