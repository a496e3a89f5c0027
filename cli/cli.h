/*
 * The commands of sbxc.
 *
 *   main.c              which command; the only place that exits
 *   command_compile.c   FILE.py -o FILE.c or NAME, --dump
 *   command_check.c     check, list
 *   command_run.c       run and exec
 *   command_resume.c    resume and replay
 *   command_runs.c      runs; runs.h
 *   command_cancel.c    cancel
 *   command_upkeep.c    gc
 *   command_tasks.c     tasks: sandboxes for a Flyte backend
 *   command_cache.c     cache
 *   help.c              --help
 *   report_*.c          diagnostics as text, as JSON and as SARIF
 *   toolchain.c         the C compiler
 *   program_cache.c     programs that `run` has built before
 *   whole_file.c        output files, written whole or not at all
 *   source_link.c       links to the git host, with source_url.c, source_hosts.c and git.c
 *
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_CLI_H
#define SBXC_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct Compilation;

enum CliExit {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,
	CLI_MISSING = 4,
	CLI_DEFECT = 70,
	CLI_INTERRUPTED = 130
};

/* "sbxc: error: ..." on standard error. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- commands: argv[0] is the command's own name; they return the exit code ---- */

int command_compile(int argc, char **argv);
int command_check(int argc, char **argv);
int command_list(int argc, char **argv);
int command_dump(int argc, char **argv);
int command_emit(int argc, char **argv);
int command_run(int argc, char **argv);
int command_build(int argc, char **argv);
int command_exec(int argc, char **argv);
int command_runs(int argc, char **argv);
int command_resume(int argc, char **argv);
int command_replay(int argc, char **argv);
int command_cancel(int argc, char **argv);
int command_gc(int argc, char **argv);
int command_tasks(int argc, char **argv);
int command_cache(int argc, char **argv);
/* The help of a command ("run"), or of the whole (NULL). False: no such command. */
bool cli_help(const char *command);

/* CLI_USAGE, or CLI_DEFECT if a diagnostic is of that kind: the exit code of a failed compilation.
 */
int cli_exit_of(const struct Compilation *compilation);

/* The value of an option that takes one, in the form NAME=VALUE or NAME VALUE; NULL: argv[*i] is not that option, or has no
   value. Moves *i to the value. */
const char *cli_option(int argc, char **argv, int *i, const char *name);
/* Becomes the program that is built of the compilation, which is taken; returns only if something failed (command_run.c). */
int cli_become_program(struct Compilation *compilation, char **words);
/* The same of a source file, which is compiled first; mistakes in it are told. */
int cli_compile_and_become(const char *source, char **words);

/* ---- toolchain.c ---- */

/* Where this sbxc has its headers and libraries; uninstalled and installed. */
typedef struct Toolchain {
	char include[4096];
	char libraries[4096]; /* the folder of libsbx.a and libsbx-host.a */
	const char *compiler; /* CC, or cc; may have arguments of its own */
} Toolchain;

/* CLI_OK, or CLI_DEFECT after saying what is not there. */
int toolchain_find(Toolchain *toolchain);
/* Compiles and links the C file `source` into the program `output`. optimize: "-O1". CLI_MISSING:
 * no C compiler. */
int toolchain_build(const Toolchain *toolchain, const char *source, const char *output,
					const char *optimize);

/* Builds what was emitted into the program `path`, whole or not at all (command_compile.c). */
int cli_build_program(const Toolchain *toolchain, const struct Compilation *compilation,
					  const char *path, const char *optimize);

/* ---- whole_file.c ---- */

/* A name beside `path` that nobody has; made with malloc. The file exists and is empty. NULL: errno
 * says why. */
char *whole_file_begin(const char *path);
/* Writes all bytes to the file of that name. False: errno says why. */
bool whole_file_write(const char *temporary, const char *bytes, size_t length);
/* Makes it the file `path`; frees the name. False: errno says why, and the temporary file is gone.
 */
bool whole_file_end(char *temporary, const char *path);
void whole_file_drop(char *temporary);

/* ---- program_cache.c ---- */

/* The path of a program built from this C text, whether or not it is there: "~/.cache/sbxc/<hash>".
 * False: no cache. */
bool program_cache_path(const Toolchain *toolchain, const char *text, size_t length,
						char path[4096]);
/* Removes the oldest programs when there are many. */
void program_cache_trim(const char *path);

#endif
