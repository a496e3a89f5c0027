/*
 * FILE.py -o FILE.c, FILE.py -o NAME, and --dump.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report.h"
#include "source_link.h"

typedef struct CompileOptions {
	const char *source, *output, *hosts;
	bool links;
	SbxcOptions emit;
} CompileOptions;

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), size = strlen(end);
	return length > size && strcmp(text + length - size, end) == 0;
}

static int read_options(CompileOptions *options, int argc, char **argv)
{
	*options = (CompileOptions){.emit.hide_folder = true};
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		if (strcmp(word, "-o") == 0) {
			if (++i == argc) {
				cli_error("-o: the name of the output is missing");
				return CLI_USAGE;
			}
			options->output = argv[i];
		} else if (strcmp(word, "--line-directives") == 0) {
			options->emit.line_directives = true;
			options->emit.hide_folder = false; /* a debugger needs it */
		} else if (strcmp(word, "--source-links") == 0) {
			options->links = true;
		} else if (strncmp(word, "--source-hosts=", 15) == 0) {
			options->hosts = word + 15;
		} else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
			cli_help(NULL);
			return -1;
		} else if (word[0] == '-' && word[1]) {
			cli_error("unknown option '%s'; see sbxc --help", word);
			return CLI_USAGE;
		} else if (options->source) {
			cli_error("one source file at a time: '%s' and '%s'", options->source, word);
			return CLI_USAGE;
		} else {
			options->source = word;
		}
	}
	if (!options->source || !options->output || !*options->output) {
		cli_error(options->source ? "nowhere to put the output: add -o FILE.c or -o NAME"
								  : "no source file");
		return CLI_USAGE;
	}
	if (ends_with(options->output, ".py")) {
		cli_error("-o %s: an output does not end in .py", options->output);
		return CLI_USAGE;
	}
	return CLI_OK;
}

static int output_error(const char *path)
{
	cli_error("cannot write '%s': %s", path, strerror(errno));
	return CLI_USAGE;
}

/* Both files are complete under other names before the first gets its own. */
static int write_c(const Compilation *compilation, const char *path)
{
	size_t length, header_length;
	const char *text = sbxc_c_text(compilation, &length),
			   *header = sbxc_header_text(compilation, &header_length);
	char *header_path = strdup(path), *c_file, *h_file = NULL;
	struct stat info;
	if (!header_path)
		return output_error(path);
	if (stat(path, &info) == 0 &&
		S_ISDIR(info.st_mode)) { /* it would be found out only after the header */
		free(header_path);
		errno = EISDIR;
		return output_error(path);
	}
	header_path[strlen(path) - 1] = 'h';
	c_file = whole_file_begin(path);
	if (c_file)
		h_file = whole_file_begin(header_path);
	int exit_code = CLI_OK;
	if (!h_file || !whole_file_write(c_file, text, length) ||
		!whole_file_write(h_file, header, header_length)) {
		exit_code = output_error(c_file ? header_path : path);
		whole_file_drop(h_file);
		whole_file_drop(c_file);
	} else if (!whole_file_end(h_file, header_path)) {
		exit_code = output_error(header_path);
		whole_file_drop(c_file);
	} else if (!whole_file_end(c_file, path)) {
		exit_code = output_error(path);
	}
	free(header_path);
	return exit_code;
}

int cli_build_program(const Toolchain *toolchain, const Compilation *compilation, const char *path,
					  const char *optimize)
{
	size_t length;
	const char *text = sbxc_c_text(compilation, &length);
	char *program = whole_file_begin(path), *source = NULL;
	int exit_code = CLI_OK;
	if (!program)
		return output_error(path);
	if (asprintf(&source, "%s.c", program) < 0)
		source = NULL;
	if (!source || !whole_file_write(source, text, length))
		exit_code = output_error(path);
	else
		exit_code = toolchain_build(toolchain, source, program, optimize);
	if (source)
		(void)unlink(source);
	free(source);
	if (exit_code)
		whole_file_drop(program);
	else if (!whole_file_end(program, path))
		exit_code = output_error(path);
	return exit_code;
}

static char *link_to(void *links, const char *path, unsigned line)
{
	return source_link(links, path, line);
}

/* *exit_code: set where the source is not to blame. */
static bool emit_text(Compilation *compilation, CompileOptions *options, int *exit_code)
{
	SourceLinks *links = NULL;
	char problem[512];
	if (options->links) {
		links = source_links_open(options->hosts, problem);
		if (!links) {
			cli_error("%s", problem);
			*exit_code = CLI_USAGE;
			return false;
		}
		options->emit.link = link_to;
		options->emit.context = links;
	}
	bool good = sbxc_emit(compilation, &options->emit);
	source_links_close(links);
	return good;
}

int command_compile(int argc, char **argv)
{
	CompileOptions options;
	Toolchain toolchain;
	int exit_code = read_options(&options, argc, argv);
	if (exit_code)
		return exit_code < 0 ? CLI_OK : exit_code;
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	bool good =
		sbxc_file(compilation, options.source) && emit_text(compilation, &options, &exit_code);
	report_text(stderr, compilation);
	if (exit_code)
		;
	else if (!good)
		exit_code = cli_exit_of(compilation);
	else if (ends_with(options.output, ".c"))
		exit_code = write_c(compilation, options.output);
	else if ((exit_code = toolchain_find(&toolchain)) == CLI_OK)
		exit_code = cli_build_program(&toolchain, compilation, options.output, "-O2");
	sbxc_free(compilation);
	return exit_code;
}

/* --emit=script FILE.py NAME */
int command_emit(int argc, char **argv)
{
	const char *what = argv[0] + 7, *why;
	size_t length;
	if (strcmp(what, "script") != 0) {
		cli_error("--emit: only 'script' can be printed, not '%s'", what);
		return CLI_USAGE;
	}
	if (argc != 3 || (argv[1][0] == '-' && argv[1][1])) {
		cli_error("usage: sbxc --emit=script FILE.py NAME");
		return CLI_USAGE;
	}
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	int exit_code = CLI_OK;
	bool good = sbxc_file(compilation, argv[1]);
	report_text(stderr, compilation);
	const char *text = good ? sbxc_script(compilation, argv[2], &length, &why) : NULL;
	if (text) {
		fwrite(text, 1, length, stdout);
	} else if (good) {
		cli_error("%s: %s: %s", argv[1], argv[2], why);
		exit_code = CLI_USAGE;
	} else {
		exit_code = cli_exit_of(compilation);
	}
	sbxc_free(compilation);
	return exit_code;
}

int cli_exit_of(const Compilation *compilation)
{
	for (unsigned i = 0; i < sbxc_diagnostic_count(compilation); i++)
		if (sbxc_diagnostic(compilation, i)->id == D_COMPILER_DEFECT)
			return CLI_DEFECT;
	return CLI_USAGE;
}

int command_dump(int argc, char **argv)
{
	static const char *const phases[] = {"tokens",  "ast",     "decl", "checked",
										 "machine", "counted", "c",    NULL};
	const char *phase = strncmp(argv[0], "--dump=", 7) == 0 ? argv[0] + 7 : "";
	unsigned known = 0;
	while (phases[known] && strcmp(phases[known], phase) != 0)
		known++;
	if (!phases[known]) {
		cli_error(
			"--dump: the phases are tokens, ast, decl, checked, machine, counted and c, not '%s'",
			phase);
		return CLI_USAGE;
	}
	if (argc != 2 || (argv[1][0] == '-' && argv[1][1])) {
		cli_error("usage: sbxc --dump=PHASE FILE.py");
		return CLI_USAGE;
	}
	Compilation *compilation = sbxc_open(0);
	size_t length;
	const char *text = compilation ? sbxc_dump(compilation, phase, argv[1], &length) : NULL;
	int exit_code = CLI_OK;
	if (text)
		fwrite(text, 1, length, stdout);
	else
		exit_code = compilation ? cli_exit_of(compilation) : CLI_FAILED;
	if (compilation)
		report_text(stderr, compilation);
	sbxc_free(compilation);
	return exit_code;
}
