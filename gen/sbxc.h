/*
 * sbxc.h - the compiler as a library (libsbxc).
 *
 * A compilation holds everything that it made: source, tokens, tree, declarations, diagnostics,
 * machine, C text. All of it lives until sbxc_free. No call prints, exits, or touches global state;
 * different compilations may run in different threads.
 *
 *     Compilation *c = sbxc_open(0);
 *     if (sbxc_file(c, "pipeline.py") && sbxc_emit(c, &options))
 *         ... sbxc_c_text(c, &length), sbxc_header_text(c, &length)
 *     for (unsigned i = 0; i < sbxc_diagnostic_count(c); i++) ...
 *     sbxc_free(c);
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_H
#define SBXC_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

typedef struct Compilation Compilation;

/* An input of a code string given on the command line: its type is found from the JSON value by the
 * caller. */
typedef struct SbxcInput {
	const char *name;
	const char *type; /* Python text: "int", "list[int]"; NULL: not known */
} SbxcInput;

/* max_bytes: of memory that the compilation may take; 0: 4 GiB. NULL: no memory. */
Compilation *sbxc_open(size_t max_bytes);
void sbxc_free(Compilation *compilation);

/* Reads, parses, declares and checks a file ("-": standard input). false: there are errors. */
bool sbxc_file(Compilation *compilation, const char *path);
/* The same for text in memory; `path` is its name in messages, neighbours are looked for beside it.
 */
bool sbxc_text(Compilation *compilation, const char *path, const char *text, size_t length);
/* A one-shot code string. tasks_path: a file whose tasks it may call, or NULL. */
bool sbxc_code(Compilation *compilation, const char *code, size_t length, const SbxcInput *inputs,
			   unsigned input_count, const char *tasks_path);

typedef struct SbxcOptions {
	const char *module;   /* NULL: from the file's name */
	bool line_directives; /* #line, for debuggers */
	bool hide_folder;     /* paths in the text begin at the source's folder */
	/* Where a line of a file can be read, for comments in the text; line 0: the file. NULL: not told. What it returns
	   is made with malloc, or NULL. link NULL: no links, and the text does not depend on where the file is. */
	char *(*link)(void *context, const char *path, unsigned line);
	void *context;
} SbxcOptions;
/* Lowers and emits; after success the texts are there. false: there are errors. */
bool sbxc_emit(Compilation *compilation, const SbxcOptions *options);
/* After sbxc_emit: sbx_entry_fingerprint of the program's entries. */
uint64_t sbxc_fingerprint(const Compilation *compilation);
const char *sbxc_c_text(const Compilation *compilation, size_t *length);
const char *sbxc_header_text(const Compilation *compilation, size_t *length);
const char *sbxc_module_name(const Compilation *compilation); /* "pipeline" */

/* In source order; place and source line are in the item (diag.h). */
unsigned sbxc_diagnostic_count(const Compilation *compilation);
unsigned sbxc_error_count(const Compilation *compilation);
const DiagItem *sbxc_diagnostic(const Compilation *compilation, unsigned index);

/* Prints one phase: "tokens", "ast", "decl", "checked", "machine", "counted", "c". Reads the file
   first. NULL: no such phase, or an error before it (see the diagnostics). The text lives as long
   as the compilation. */
const char *sbxc_dump(Compilation *compilation, const char *phase, const char *path,
					  size_t *length);

/* The Python script of the sandbox of this name, after sbxc_file. NULL: there is none; *why says so. */
const char *sbxc_script(Compilation *compilation, const char *name, size_t *length,
						const char **why);

/* The sandboxes of the file, after sbxc_file. */
typedef struct SbxcSandbox {
	const char *name;
	const char *spec; /* a JSON object, for sbx_task_documents of sbx-host.h */
	const char *path; /* where it is declared */
	unsigned line;
} SbxcSandbox;
unsigned sbxc_sandbox_count(const Compilation *compilation);
const SbxcSandbox *sbxc_sandbox(Compilation *compilation, unsigned index);
/* Can each be a task of a Flyte backend? false: there are errors. */
bool sbxc_check_tasks(Compilation *compilation);
/* A task as an entry may call it. */
typedef struct SbxcTask {
	const char *name; /* in full */
	const char *path; /* the file in which it stands */
	unsigned line;
	const char *cache; /* JSON: {"behavior": "auto", "version": ...}; NULL: not declared */
} SbxcTask;

/* What `sbxc list` shows: entries with their typed inputs and outputs. */
typedef struct SbxcEntry {
	const char *name, *full_name, *doc;
	bool is_code_string;
	unsigned line;
	unsigned input_count;
	const char *const *input_names;
	const char *const *input_types; /* Python text; "Any" where not declared */
	const bool *input_required;
	const char *const *input_defaults; /* as repr writes the value; NULL: none, or not known */
	const char *result_type;           /* NULL: not declared */
	unsigned task_count;
	const SbxcTask *tasks;
} SbxcEntry;
unsigned sbxc_entry_count(const Compilation *compilation);
const SbxcEntry *sbxc_entry(Compilation *compilation, unsigned index);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
