/*
 * run and exec: compile, build, and become the program. The program reads the options and inputs
 * itself, so that it and `sbxc run` cannot differ. What was built before is taken from the cache.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"
#include "sbx.h"

/* Options of the program that take a value. */
static bool takes_value(const char *word)
{
	static const char *const names[] = {"--input-json",
										"--log",
										"--max-memory",
										"--max-depth",
										"--timeout-ms",
										"--backend",
										"--base-image",
										"--runtime",
										"--journal",
										"--run-id",
										"--connector",
										"--cache",
										NULL};
	for (unsigned i = 0; names[i]; i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

static bool is_program_option(const char *word)
{
	char name[32];
	size_t length = strcspn(word, "=");
	if (length >= sizeof name)
		return false;
	memcpy(name, word, length);
	name[length] = '\0';
	return takes_value(name);
}

/* Runs a program that is not in the cache, so that its file can be removed afterwards. */
static int run_and_remove(const char *path, char **words)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		execv(path, words);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			pid = -1;
	(void)unlink(path);
	if (pid < 0) {
		cli_error("cannot run the program: %s", strerror(errno));
		return CLI_FAILED;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A name for a program that cannot be kept. */
static int temporary_path(char path[4096])
{
	const char *folder = getenv("TMPDIR");
	snprintf(path, 4096, "%.4000s/sbxc-run", folder && *folder ? folder : "/tmp");
	char *temporary = whole_file_begin(path);
	if (!temporary) {
		cli_error("cannot write to '%s': %s", path, strerror(errno));
		return CLI_USAGE;
	}
	snprintf(path, 4096, "%s", temporary);
	free(temporary);
	return CLI_OK;
}

/* Builds the program if it is not there yet. */
static int build(const Compilation *compilation, char path[4096], bool *cached)
{
	Toolchain toolchain;
	size_t length;
	int exit_code = toolchain_find(&toolchain);
	if (exit_code)
		return exit_code;
	const char *text = sbxc_c_text(compilation, &length);
	*cached = program_cache_path(&toolchain, text, length, path);
	if (*cached && access(path, X_OK) == 0)
		return CLI_OK;
	if (!*cached)
		exit_code = temporary_path(path);
	if (!exit_code)
		exit_code = cli_build_program(&toolchain, compilation, path, "-O1");
	if (exit_code && !*cached)
		(void)unlink(path);
	return exit_code;
}

int cli_become_program(Compilation *compilation, char **words)
{
	char path[4096];
	bool cached;
	int exit_code = build(compilation, path, &cached);
	sbxc_free(compilation);
	if (exit_code)
		return exit_code;
	fflush(stdout);
	if (!cached)
		return run_and_remove(path, words);
	program_cache_trim(path);
	execv(path, words);
	cli_error("cannot run '%s': %s", path, strerror(errno));
	return CLI_FAILED;
}

int cli_compile_and_become(const char *source, char **words)
{
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	bool good = sbxc_file(compilation, source) && sbxc_emit(compilation, NULL);
	report_text(stderr, compilation);
	if (good)
		return cli_become_program(compilation, words);
	int exit_code = cli_exit_of(compilation);
	sbxc_free(compilation);
	return exit_code;
}

int command_run(int argc, char **argv)
{
	int i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
		if (!is_program_option(argv[i])) {
			cli_error("run: unknown option '%s'; inputs stand after the entry; see sbxc run --help",
					  argv[i]);
			return CLI_USAGE;
		}
		i += takes_value(argv[i]);
	}
	if (i >= argc) {
		cli_error("run: no source file; usage: sbxc run [OPTIONS] FILE.py ENTRY [--NAME VALUE]...");
		return CLI_USAGE;
	}
	/* The program's words are ours without the file: options, entry, inputs. */
	char name[] = "sbxc run";
	const char *source = argv[i];
	memmove(argv + 1, argv, (size_t)i * sizeof *argv);
	argv[1] = name;
	return cli_compile_and_become(source, argv + 1);
}

/* build [--push] [--base-image NAME] [--log FILE] FILE.py: the program builds its images. */
int command_build(int argc, char **argv)
{
	char *words[10] = {(char[]){"sbxc build"}, (char[]){"--build-images"}};
	char push[] = "--push";
	bool pushes = false;
	const char *source = NULL;
	int count = 2;
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		bool known = strncmp(word, "--base-image", 12) == 0 || strncmp(word, "--log", 5) == 0;
		if (strcmp(word, push) == 0)
			pushes = true;
		else if (word[0] == '-' && word[1] && (!known || !is_program_option(word))) {
			cli_error("build: unknown option '%s'; see sbxc build --help", word);
			return CLI_USAGE;
		} else if (word[0] == '-' && word[1] && count < 6) {
			words[count++] = argv[i];
			if (takes_value(word) && i + 1 < argc)
				words[count++] = argv[++i];
		} else if (source || (word[0] == '-' && word[1])) {
			cli_error("build: too much on the command line: '%s'", word);
			return CLI_USAGE;
		} else {
			source = word;
		}
	}
	if (!source) {
		cli_error("build: no source file; usage: sbxc build [--push] [--base-image NAME] FILE.py");
		return CLI_USAGE;
	}
	if (pushes)
		words[count] = push;
	return cli_compile_and_become(source, words);
}

/* ---- exec ---- */

typedef struct ExecOptions {
	const char *code, *tasks;
	SbxcInput *inputs;
	unsigned input_count;
	FILE *json;   /* the inputs as one object */
	char **words; /* for the program */
	int word_count;
} ExecOptions;

static bool is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!(letter || c == '_' || c >= 0x80 || (i > 0 && c >= '0' && c <= '9')))
			return false;
	}
	return length > 0;
}

/* The type of an input, as far as its value tells it. */
static const char *type_of(sbx_value v)
{
	switch (sbx_kind(v)) {
	case SBX_BOOL:
		return "bool";
	case SBX_INT:
		return "int";
	case SBX_FLOAT:
		return "float";
	case SBX_STR:
		return "str";
	case SBX_LIST:
		return "list";
	case SBX_DICT:
		return "dict";
	default:
		return NULL;
	}
}

static int add_input(ExecOptions *options, const char *text)
{
	size_t length = strcspn(text, "=");
	sbx_heap *heap;
	sbx_value v;
	if (text[length] != '=' || !is_name(text, length)) {
		cli_error("--input: expected NAME=JSON, got '%s'", text);
		return CLI_USAGE;
	}
	for (unsigned i = 0; i < options->input_count; i++)
		if (strlen(options->inputs[i].name) == length &&
			memcmp(options->inputs[i].name, text, length) == 0) {
			cli_error("--input: '%.*s' is given twice", (int)length, text);
			return CLI_USAGE;
		}
	char *name = strndup(text, length);
	if (!name || sbx_heap_open(0, &heap)) {
		free(name);
		cli_error("out of memory");
		return CLI_FAILED;
	}
	const char *json = text + length + 1;
	int exit_code = CLI_OK;
	if (sbx_json_load(heap, json, strlen(json), &v)) {
		cli_error("--input %s: '%s' is not valid JSON", name, json);
		exit_code = CLI_USAGE;
	} else {
		fputs(options->input_count ? ", " : "{", options->json);
		json_put_string(options->json, name);
		fprintf(options->json, ": %s", json);
		options->inputs[options->input_count++] = (SbxcInput){.name = name, .type = type_of(v)};
		name = NULL;
	}
	sbx_heap_close(heap);
	free(name);
	return exit_code;
}

static int read_exec_words(ExecOptions *options, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char *word = argv[i], *value = strchr(word, '=');
		size_t length = strcspn(word, "=");
		bool is_input = length == 7 && memcmp(word, "--input", 7) == 0;
		bool is_tasks = length == 7 && memcmp(word, "--tasks", 7) == 0;
		bool is_run = is_program_option(word) && strncmp(word, "--input-json", 12) != 0;
		if (!is_input && !is_tasks && !is_run) {
			if (word[0] == '-' && word[1] == '-') {
				cli_error("exec: unknown option '%s'; see sbxc exec --help", word);
				return CLI_USAGE;
			}
			if (options->code) {
				cli_error("exec: one code string at a time");
				return CLI_USAGE;
			}
			options->code = word;
			continue;
		}
		if (!value && i + 1 == argc) {
			cli_error("%s: a value is missing", word);
			return CLI_USAGE;
		}
		bool apart = !value;
		value = apart ? argv[++i] : value + 1;
		if (is_run) {
			options->words[options->word_count++] = word;
			if (apart)
				options->words[options->word_count++] = value;
		} else if (is_tasks) {
			options->tasks = value;
		} else {
			int exit_code = add_input(options, value);
			if (exit_code)
				return exit_code;
		}
	}
	if (!options->code) {
		cli_error(
			"exec: no code; usage: sbxc exec 'CODE' [--input NAME=JSON]... [--tasks FILE.py]");
		return CLI_USAGE;
	}
	return CLI_OK;
}

/* All of standard input, made with malloc. */
static char *read_standard_input(size_t *length)
{
	char *text = NULL, part[8192];
	FILE *whole = open_memstream(&text, length);
	size_t n;
	while (whole && (n = fread(part, 1, sizeof part, stdin)) > 0)
		fwrite(part, 1, n, whole);
	if (!whole || fclose(whole) || ferror(stdin)) {
		free(text);
		return NULL;
	}
	return text;
}

/* A file without a name that the program inherits; its inputs are read from there. */
static int inputs_descriptor(const char *json, size_t length)
{
	int descriptor = memfd_create("inputs", 0);
	if (descriptor < 0 || write(descriptor, json, length) != (ssize_t)length ||
		lseek(descriptor, 0, SEEK_SET) < 0)
		return -1;
	return descriptor;
}

static int run_code(ExecOptions *options, const char *code, size_t length, const char *json,
					size_t json_length)
{
	char name[] = "sbxc exec", input_json[] = "--input-json";
	char path[32];
	Compilation *compilation = sbxc_open(0);
	if (!compilation) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	bool good = sbxc_code(compilation, code, length, options->inputs, options->input_count,
						  options->tasks) &&
				sbxc_emit(compilation, NULL);
	report_text(stderr, compilation);
	int descriptor = good ? inputs_descriptor(json, json_length) : -1;
	if (!good || descriptor < 0 || !sbxc_entry_count(compilation)) {
		int exit_code = good ? CLI_FAILED : cli_exit_of(compilation);
		if (good)
			cli_error("cannot hand on the inputs: %s", strerror(errno));
		sbxc_free(compilation);
		return exit_code;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
	char *entry = strdup(sbxc_entry(compilation, 0)->full_name);
	options->words[0] = name;
	options->words[options->word_count++] = input_json;
	options->words[options->word_count++] = path;
	options->words[options->word_count++] = entry;
	options->words[options->word_count] = NULL;
	int exit_code = cli_become_program(compilation, options->words);
	free(entry);
	return exit_code;
}

int command_exec(int argc, char **argv)
{
	char *json = NULL, *code = NULL;
	size_t json_length, length;
	ExecOptions options = {.word_count = 1};
	options.inputs = calloc((size_t)argc + 1, sizeof *options.inputs);
	options.words = calloc((size_t)argc + 8, sizeof *options.words);
	options.json = open_memstream(&json, &json_length);
	int exit_code = CLI_FAILED;
	if (options.inputs && options.words && options.json)
		exit_code = read_exec_words(&options, argc, argv);
	if (options.json) {
		fputs(options.input_count ? "}" : "{}", options.json);
		if (fclose(options.json) && !exit_code)
			exit_code = CLI_FAILED;
	}
	if (!exit_code && strcmp(options.code, "-") == 0) {
		code = read_standard_input(&length);
		if (!code) {
			cli_error("cannot read standard input: %s", strerror(errno));
			exit_code = CLI_USAGE;
		}
	}
	if (!exit_code)
		exit_code = run_code(&options, code ? code : options.code,
							 code ? length : strlen(options.code), json, json_length);
	for (unsigned i = 0; i < options.input_count; i++)
		free((char *)(uintptr_t)options.inputs[i].name);
	free(options.inputs);
	free(options.words);
	free(json);
	free(code);
	return exit_code;
}
