/*
 * sbxc resume, sbxc replay: what a journal holds, by a source file. The program that is built from it does the work, so that
 * `sbxc resume` and a generated program cannot differ.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

/* Options that the program takes, too, in front of its other words. */
static bool is_passed_on(const char *word, const char *const *names)
{
	size_t length = strcspn(word, "=");
	for (unsigned i = 0; names[i]; i++)
		if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
			return true;
	return false;
}

/* The options of the command line, then its other words. */
typedef struct Words {
	char **options, **others;
	int option_count, other_count;
} Words;

static int read_words(Words *words, const char *command, const char *const *names, int argc,
					  char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-' || !argv[i][1]) {
			words->others[words->other_count++] = argv[i];
			continue;
		}
		if (!is_passed_on(argv[i], names)) {
			cli_error("%s: unknown option '%s'; see sbxc %s --help", command, argv[i], command);
			return CLI_USAGE;
		}
		words->options[words->option_count++] = argv[i];
		if (strchr(argv[i], '='))
			continue;
		if (i + 1 == argc) {
			cli_error("%s: a value is missing", argv[i]);
			return CLI_USAGE;
		}
		words->options[words->option_count++] = argv[++i];
	}
	return CLI_OK;
}

/* Compiles the last of the words and becomes the program: NAME OPTIONS, then `mode` and the other words. */
static int become_program(char *name, const Words *words, char *const *mode, char **others,
						  int count)
{
	int used = 0;
	char **out = calloc((size_t)words->option_count + (size_t)count + 6, sizeof *out);
	if (!out) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	out[used++] = name;
	for (int i = 0; i < words->option_count; i++)
		out[used++] = words->options[i];
	for (int i = 0; mode[i]; i++)
		out[used++] = mode[i];
	for (int i = 0; i < count; i++)
		out[used++] = others[i];
	const char *source = words->others[words->other_count - 1];
	int exit_code = cli_compile_and_become(source, out);
	free(out);
	return exit_code;
}

static bool is_source(const char *word)
{
	size_t length = strlen(word);
	return strcmp(word, "-") == 0 || (length > 3 && strcmp(word + length - 3, ".py") == 0);
}

static int run_words(bool is_resume, int argc, char **argv)
{
	static const char *const of_resume[] = {
		"--log",     "--max-memory", "--max-depth", "--timeout-ms", "--backend", "--base-image",
		"--runtime", "--format",     "--connector", "--cache",      NULL};
	static const char *const of_replay[] = {"--max-memory", "--max-depth", "--timeout-ms",
											"--format",     "--run-id",    NULL};
	const char *command = is_resume ? "resume" : "replay";
	Words words = {.options = calloc((size_t)argc + 1, sizeof(char *)),
				   .others = calloc((size_t)argc + 1, sizeof(char *))};
	int exit_code = words.options && words.others ? CLI_OK : CLI_FAILED;
	if (!exit_code)
		exit_code = read_words(&words, command, is_resume ? of_resume : of_replay, argc, argv);
	if (!exit_code && (words.other_count < 2 || !is_source(words.others[words.other_count - 1]))) {
		cli_error(is_resume ? "resume: usage: sbxc resume [OPTIONS] JOURNAL [ID]... FILE.py"
							: "replay: usage: sbxc replay [OPTIONS] JOURNAL... FILE.py");
		exit_code = CLI_USAGE;
	}
	if (!exit_code && is_resume) {
		char *mode[] = {(char[]){"--journal"}, words.others[0], (char[]){"--resume"}, NULL};
		exit_code = become_program((char[]){"sbxc resume"}, &words, mode, words.others + 1,
								   words.other_count - 2);
	} else if (!exit_code) {
		char *mode[] = {(char[]){"--replay"}, NULL};
		exit_code = become_program((char[]){"sbxc replay"}, &words, mode, words.others,
								   words.other_count - 1);
	}
	free(words.options);
	free(words.others);
	return exit_code;
}

int command_resume(int argc, char **argv)
{
	return run_words(true, argc, argv);
}

int command_replay(int argc, char **argv)
{
	return run_words(false, argc, argv);
}
