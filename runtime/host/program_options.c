/*
 * The words of a generated program's command line: options, the entry, and what follows it
 * untouched.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "program.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void program_error(const ProgramOptions *options, const char *format, ...)
{
	va_list arguments;
	fprintf(stderr, "%s: error: ", options->name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	putc('\n', stderr);
}

/* A whole number from 1 to `most`. */
static bool read_number(const ProgramOptions *options, const char *name, const char *text,
						uint64_t most, uint64_t *number)
{
	char *end;
	errno = 0;
	*number = strtoull(text, &end, 10);
	bool good = *text >= '0' && *text <= '9' && !*end && !errno && *number >= 1 && *number <= most;
	if (!good)
		program_error(options, "%s: expected a whole number from 1 to %" PRIu64 ", got '%s'", name,
					  most, text);
	return good;
}

/* TYPE=FILE */
static bool add_connector(ProgramOptions *options, const char *value)
{
	const char *sign = strchr(value, '=');
	bool good = sign && sign != value && sign[1];
	if (!good)
		program_error(options, "--connector: expected TYPE=FILE.json, got '%s'", value);
	else if (options->connector_count == PROGRAM_CONNECTORS)
		program_error(options, "--connector: more than %d of them", PROGRAM_CONNECTORS);
	else
		options->connectors[options->connector_count++] = value;
	return good && options->connector_count;
}

/* Sets one option that has a value. */
static bool set_option(ProgramOptions *options, const char *name, const char *value)
{
	uint64_t number = 0;
	bool good = true;
	if (strcmp(name, "--input-json") == 0) {
		options->input_json = value;
	} else if (strcmp(name, "--log") == 0) {
		options->log = value;
	} else if (strcmp(name, "--journal") == 0) {
		options->journal = value;
	} else if (strcmp(name, "--cache") == 0) {
		options->cache = value;
	} else if (strcmp(name, "--run-id") == 0) {
		options->run_id = value;
	} else if (strcmp(name, "--base-image") == 0) {
		options->base_image = value;
	} else if (strcmp(name, "--runtime") == 0) {
		options->runtime = value;
	} else if (strcmp(name, "--connector") == 0) {
		good = add_connector(options, value);
	} else if (strcmp(name, "--max-memory") == 0) {
		good = read_number(options, name, value, INT64_MAX, &number);
		options->max_memory = number;
	} else if (strcmp(name, "--max-depth") == 0) {
		good = read_number(options, name, value, INT32_MAX, &number);
		options->max_depth = (uint32_t)number;
	} else if (strcmp(name, "--timeout-ms") == 0) {
		good = read_number(options, name, value, INT32_MAX, &number);
		options->timeout_ms = (uint32_t)number;
	} else if (strcmp(name, "--format") == 0) {
		options->json = strcmp(value, "json") == 0;
		good = options->json || strcmp(value, "text") == 0;
		if (!good)
			program_error(options, "--format: expected text or json, got '%s'", value);
	} else { /* --backend */
		options->in_docker = strcmp(value, "docker") == 0;
		good = options->in_docker || strcmp(value, "local") == 0;
		if (!good)
			program_error(options, "--backend: '%s' is unknown; there are 'local' and 'docker'",
						  value);
	}
	return good;
}

/* The option's own spelling if it is one that takes a value; NULL: it is not. */
static const char *valued_option(const char *word)
{
	static const char *const names[] = {"--input-json", "--log",     "--max-memory", "--max-depth",
										"--timeout-ms", "--backend", "--base-image", "--runtime",
										"--journal",    "--run-id",  "--connector",  "--format",
										"--cache"};
	size_t length = strcspn(word, "=");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
			return names[i];
	return NULL;
}

bool program_is_option(const char *word)
{
	return valued_option(word) != NULL;
}

static bool flag_option(ProgramOptions *options, const char *word)
{
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		options->action = ACTION_HELP;
	else if (strcmp(word, "--version") == 0)
		options->action = ACTION_VERSION;
	else if (strcmp(word, "--list") == 0)
		options->action = ACTION_LIST;
	else if (strcmp(word, "--build-images") == 0)
		options->action = ACTION_BUILD;
	else if (strcmp(word, "--resume") == 0)
		options->action = ACTION_RESUME;
	else if (strcmp(word, "--replay") == 0)
		options->action = ACTION_REPLAY;
	else if (strcmp(word, "--cancel") == 0)
		options->action = ACTION_CANCEL;
	else if (strcmp(word, "--leave-jobs") == 0)
		options->leaves_jobs = true;
	else if (strcmp(word, "--push") == 0)
		options->push = true;
	else
		return false;
	return true;
}

static const char *base_name(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	return slash ? slash + 1 : path ? path : "program";
}

/* The options, up to the first other word: *next. Stops where what is asked for is shown, whatever else stands there. */
static int read_words(ProgramOptions *options, int argc, char **argv, int *next)
{
	int exit_code = EXIT_OK, i = 1;
	for (; i < argc && argv[i][0] == '-' && argv[i][1] && options->action < ACTION_LIST; i++) {
		const char *name = valued_option(argv[i]);
		if (!name && flag_option(options, argv[i]))
			continue;
		if (!name) {
			program_error(options, "unknown option '%s'", argv[i]);
			exit_code = EXIT_USAGE;
			continue;
		}
		const char *value = strchr(argv[i], '=');
		if (value)
			value++;
		else if (i + 1 < argc)
			value = argv[++i];
		if (!value) {
			program_error(options, "%s: a value is missing", name);
			exit_code = EXIT_USAGE;
		} else if (!set_option(options, name, value)) {
			exit_code = EXIT_USAGE;
		}
	}
	*next = i;
	return exit_code;
}

/* What belongs together where an entry is run; NULL: all is well. */
static const char *mistake_of_run(const ProgramOptions *options)
{
	if (!options->entry)
		return "no entry is named; --list shows them, --help the options";
	if (!options->journal != !options->run_id)
		return "--journal and --run-id belong together";
	if (options->json)
		return "--format belongs to --resume and --replay";
	return NULL;
}

static const char *mistake(const ProgramOptions *options)
{
	if (options->leaves_jobs && options->action != ACTION_CANCEL)
		return "--leave-jobs belongs to --cancel";
	if (options->push && options->action != ACTION_BUILD)
		return "--push belongs to --build-images";
	if (options->journal && !*options->journal)
		return "--journal: expected the name of a file, got ''";
	if (options->cache && !*options->cache)
		return "--cache: expected the name of a file, got ''";
	if (options->run_id && (!*options->run_id || strlen(options->run_id) > 200))
		return "--run-id: expected 1 to 200 characters";
	switch (options->action) {
	case ACTION_RUN:
		return mistake_of_run(options);
	case ACTION_RESUME:
		if (options->run_id)
			return "--resume: ids of runs stand behind the options, without --run-id";
		return options->journal ? NULL : "--resume: no journal is named (--journal FILE)";
	case ACTION_CANCEL:
		if (options->run_id || options->input_count != 1)
			return "--cancel: the id of one run stands behind the options";
		return options->journal ? NULL : "--cancel: no journal is named (--journal FILE)";
	case ACTION_REPLAY:
		if (options->journal)
			return "--replay: journals stand behind the options, without --journal";
		return options->input_count ? NULL : "--replay: no journal is named";
	default:
		return NULL;
	}
}

int program_read_options(ProgramOptions *options, int argc, char **argv)
{
	int next;
	*options = (ProgramOptions){.name = base_name(argc > 0 ? argv[0] : NULL), .action = ACTION_RUN};
	int exit_code = read_words(options, argc, argv, &next);
	if (options->action >= ACTION_LIST)
		return EXIT_OK;
	if (options->action == ACTION_BUILD && next < argc) {
		program_error(options, "--build-images: '%s' is too much: it takes no entry", argv[next]);
		return EXIT_USAGE;
	}
	if (options->action == ACTION_RUN && next < argc)
		options->entry = argv[next++];
	options->inputs = argv + next;
	options->input_count = argc > next ? argc - next : 0;
	const char *wrong = exit_code ? NULL : mistake(options);
	if (wrong)
		program_error(options, "%s", wrong);
	return wrong ? EXIT_USAGE : exit_code;
}
