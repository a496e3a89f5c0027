/*
 * The C compiler: found in CC or as cc, run without a shell, with the headers and static libraries
 * that lie beside this program. Uninstalled, sbxc sits in build/ next to its libraries and the
 * headers are in runtime/include of a folder above; installed, they are in ../lib and ../include.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SBXC_SANITIZE
#define SBXC_SANITIZE "" /* a build with sanitizers links programs with them */
#endif

extern char **environ;

enum { MOST_WORDS = 64 };

static bool has_file(const char *folder, const char *name)
{
	char path[4096];
	int length = snprintf(path, sizeof path, "%s/%s", folder, name);
	return length > 0 && (size_t)length < sizeof path && access(path, R_OK) == 0;
}

/* The first of the folders under `base` that has the file; copied to `found`. */
static bool find_folder(const char *base, const char *const *folders, const char *name,
						char found[4096])
{
	for (; *folders; folders++) {
		char path[4096];
		int length = snprintf(path, sizeof path, "%s%s", base, *folders);
		if (length > 0 && (size_t)length < sizeof path && has_file(path, name)) {
			memcpy(found, path, (size_t)length + 1);
			return true;
		}
	}
	return false;
}

int toolchain_find(Toolchain *toolchain)
{
	static const char *const libraries[] = {"", "/../lib", "/../lib/sbxc", NULL};
	static const char *const includes[] = {"/../runtime/include",       "/../../runtime/include",
										   "/../../../runtime/include", "/../include",
										   "/../include/sbxc",          NULL};
	char base[4096];
	ssize_t length = readlink("/proc/self/exe", base, sizeof base - 1);
	base[length > 0 ? length : 0] = '\0';
	char *slash = strrchr(base, '/');
	if (slash)
		*slash = '\0';
	toolchain->compiler = getenv("CC");
	if (!toolchain->compiler || !*toolchain->compiler)
		toolchain->compiler = "cc";
	if (find_folder(base, libraries, "libsbx-host.a", toolchain->libraries) &&
		find_folder(base, includes, "sbx_gen.h", toolchain->include))
		return CLI_OK;
	cli_error(
		"the libraries of sbxc are not there: looked for libsbx-host.a and sbx_gen.h around %s",
		base);
	return CLI_DEFECT;
}

/* Splits `text` at blanks and adds the words. The text is changed. */
static int add_words(char **words, int count, char *text)
{
	char *rest = NULL;
	for (char *word = strtok_r(text, " \t\n", &rest); word && count < MOST_WORDS;
		 word = strtok_r(NULL, " \t\n", &rest))
		words[count++] = word;
	return count;
}

/* Starts the compiler with Ctrl-C as it was, while this process ignores it: what is half made is
 * removed here. */
static int spawn(pid_t *pid, char **words, struct sigaction *before)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	posix_spawnattr_t attributes;
	sigset_t defaults;
	sigemptyset(&defaults);
	sigaction(SIGINT, &ignore, before);
	if (before->sa_handler != SIG_IGN)
		sigaddset(&defaults, SIGINT);
	int error = posix_spawnattr_init(&attributes);
	if (error)
		return error;
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	error = posix_spawnp(pid, words[0], NULL, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	return error;
}

static int run_compiler(char **words)
{
	pid_t pid;
	int status = 0;
	struct sigaction before;
	int error = spawn(&pid, words, &before);
	while (!error && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			error = errno;
	sigaction(SIGINT, &before, NULL);
	if (error == ENOENT || error == EACCES) {
		cli_error("no C compiler: '%s' cannot be run (%s); install gcc or clang, or set CC",
				  words[0], strerror(error));
		return CLI_MISSING;
	}
	if (error) {
		cli_error("cannot run '%s': %s", words[0], strerror(error));
		return CLI_MISSING;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return CLI_OK;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		return CLI_INTERRUPTED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		cli_error("no C compiler: '%s' cannot be run; install gcc or clang, or set CC", words[0]);
	else
		cli_error("the C compiler '%s' failed; its words are above", words[0]);
	return CLI_MISSING;
}

int toolchain_build(const Toolchain *toolchain, const char *source, const char *output,
					const char *optimize)
{
	char standard[] = "-std=c11", contract[] = "-ffp-contract=off", to[] = "-o", math[] = "-lm",
		 sections[] = "-Wl,--gc-sections", strip[] = "-Wl,--strip-debug";
	char *words[MOST_WORDS + 16], *include = NULL, *host = NULL, *core = NULL;
	const char *more = getenv("CFLAGS"), *link = getenv("LDFLAGS");
	char *compiler = strdup(toolchain->compiler), *sanitize = strdup(SBXC_SANITIZE),
		 *level = strdup(optimize);
	char *flags = strdup(more ? more : ""), *link_flags = strdup(link ? link : "");
	char *from = strdup(source), *program = strdup(output);
	int exit_code = CLI_FAILED, count = 0;
	if (!compiler || !sanitize || !level || !flags || !link_flags || !from || !program ||
		asprintf(&include, "-I%s", toolchain->include) < 0 ||
		asprintf(&host, "%s/libsbx-host.a", toolchain->libraries) < 0 ||
		asprintf(&core, "%s/libsbx.a", toolchain->libraries) < 0) {
		cli_error("out of memory");
		goto out;
	}
	count = add_words(words, count, compiler);
	if (!count) {
		cli_error("no C compiler: CC is blank");
		exit_code = CLI_MISSING;
		goto out;
	}
	words[count++] = standard;
	words[count++] = contract; /* floats as Python's, also with -march=native */
	words[count++] = level;
	words[count++] = include;
	count = add_words(words, count, sanitize);
	bool keeps_symbols = strstr(flags, "-g") != NULL;
	count = add_words(words, count, flags);
	words[count++] = to;
	words[count++] = program;
	words[count++] = from;
	words[count++] = sections;
	if (!keeps_symbols) /* the libraries have them; a program is small without */
		words[count++] = strip;
	count = add_words(words, count, link_flags);
	words[count++] = host;
	words[count++] = core;
	words[count++] = math;
	words[count] = NULL;
	exit_code = run_compiler(words);
out:
	free(compiler), free(sanitize), free(level), free(flags), free(link_flags), free(from),
		free(program);
	free(include), free(host), free(core);
	return exit_code;
}
