/*
 * sbxc: which command it is. A source file as the first word means compile; any other word is a
 * command.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sbx.h"

void cli_error(const char *format, ...)
{
	va_list arguments;
	fputs("sbxc: error: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	putc('\n', stderr);
}

const char *cli_option(int argc, char **argv, int *i, const char *name)
{
	size_t length = strlen(name);
	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	return !argv[*i][length] && *i + 1 < argc ? argv[++*i] : NULL;
}

static bool is_source(const char *word)
{
	size_t length = strlen(word);
	return strcmp(word, "-") == 0 || (length > 3 && strcmp(word + length - 3, ".py") == 0);
}

static int choose_command(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} commands[] = {
		{"check", command_check},   {"list", command_list},     {"run", command_run},
		{"exec", command_exec},     {"runs", command_runs},     {"resume", command_resume},
		{"replay", command_replay}, {"cancel", command_cancel}, {"gc", command_gc},
		{"build", command_build},   {"tasks", command_tasks},   {"cache", command_cache}};
	const char *word = argc > 1 ? argv[1] : "--help";
	if (argc < 2) {
		cli_error("no source file and no command; see sbxc --help");
		return CLI_USAGE;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		cli_help(NULL);
		return CLI_OK;
	}
	if (strcmp(word, "--version") == 0) {
		printf("sbxc %s\n", sbx_version());
		return CLI_OK;
	}
	if (strncmp(word, "--dump", 6) == 0)
		return command_dump(argc - 1, argv + 1);
	if (strncmp(word, "--emit=", 7) == 0)
		return command_emit(argc - 1, argv + 1);
	if (is_source(word) || strcmp(word, "-o") == 0 || strcmp(word, "--line-directives") == 0 ||
		strncmp(word, "--source-", 9) == 0)
		return command_compile(argc, argv);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(word, commands[i].name) != 0)
			continue;
		for (int j = 2; j < argc && argv[j][0] == '-' && argv[j][1]; j++)
			if (strcmp(argv[j], "--help") == 0 || strcmp(argv[j], "-h") == 0) {
				cli_help(word);
				return CLI_OK;
			}
		return commands[i].run(argc - 1, argv + 1);
	}
	if (word[0] == '-')
		cli_error("unknown option '%s'; see sbxc --help", word);
	else
		cli_error("'%s' is neither a command nor a source file ending in .py; see sbxc --help",
				  word);
	return CLI_USAGE;
}

/* A closed standard stream would be the number of the next file that is opened. In its place stands one that fails as a
   closed one does: it cannot be written, or not be read. */
static void hold_standard_streams(void)
{
	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) < 0 && open("/dev/null", i == 0 ? O_WRONLY : O_RDONLY) != i)
			return;
}

/* What went wrong with standard output: errno, or, where an earlier write has failed, what the next one says. */
static int output_errno(bool flushed)
{
	int why = errno;
	if (flushed)
		why = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
	return why;
}

int main(int argc, char **argv)
{
	hold_standard_streams();
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* diagnostics are written in many small pieces */
	int exit_code = choose_command(argc, argv);
	bool flushed = fflush(stdout) == 0;
	if (!flushed || ferror(stdout)) {
		cli_error("cannot write to standard output: %s", strerror(output_errno(flushed)));
		exit_code = exit_code ? exit_code : CLI_FAILED;
	}
	exit(exit_code);
}
