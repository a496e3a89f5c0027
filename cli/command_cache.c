/*
 * cache: what is in a cache of results, and throwing it away.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"
#include "report.h"
#include "sbx-host.h"

typedef struct CacheOptions {
	const char *file, *task;
	bool prunes, all, has_age, as_json;
	int64_t age; /* microseconds */
} CacheOptions;

typedef struct Listing {
	bool as_json;
	uint64_t count, bytes;
} Listing;

/* ---- words ---- */

/* "30d", "12h", "90m", "45s" */
static bool read_age(const char *text, int64_t *microseconds)
{
	static const struct {
		const char *unit;
		int64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}, {"", 1}};
	char *end;
	unsigned long long number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || number > 1000000000)
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(end, units[i].unit) == 0) {
			*microseconds = (int64_t)number * units[i].seconds * 1000000;
			return true;
		}
	return false;
}

/* The value of "--name VALUE" or "--name=VALUE"; NULL: it is another word. *i moves on. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t length = strlen(name);
	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length])
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}

static bool read_word(CacheOptions *options, int argc, char **argv, int *i)
{
	const char *word = argv[*i], *value;
	if (strcmp(word, "--prune") == 0) {
		options->prunes = true;
	} else if (strcmp(word, "--all") == 0) {
		options->all = true;
	} else if ((value = value_of("--format", argc, argv, i)) != NULL) {
		options->as_json = strcmp(value, "json") == 0;
		if (!options->as_json && strcmp(value, "text") != 0) {
			cli_error("cache: the formats are text and json, not '%s'", value);
			return false;
		}
	} else if ((value = value_of("--task", argc, argv, i)) != NULL) {
		options->task = value;
	} else if ((value = value_of("--older-than", argc, argv, i)) != NULL) {
		options->has_age = read_age(value, &options->age);
		if (!options->has_age) {
			cli_error("cache: --older-than: expected a time such as 30d, 12h, 90m or 45s, got '%s'",
					  value);
			return false;
		}
	} else if (word[0] == '-' && word[1]) {
		cli_error("cache: unknown option '%s'; see sbxc cache --help", word);
		return false;
	} else if (options->file) {
		cli_error("cache: one file at a time: '%s' and '%s'", options->file, word);
		return false;
	} else {
		options->file = word;
	}
	return true;
}

static int read_words(CacheOptions *options, int argc, char **argv)
{
	*options = (CacheOptions){0};
	for (int i = 1; i < argc; i++)
		if (!read_word(options, argc, argv, &i))
			return CLI_USAGE;
	const char *wrong = NULL;
	if (!options->file || !*options->file)
		wrong = "no file; usage: sbxc cache FILE [--prune --older-than TIME|--task NAME|--all]";
	else if (options->task && !*options->task)
		wrong = "--task: a name is missing";
	else if (options->prunes && !options->all && !options->has_age && !options->task)
		wrong = "--prune: say what: --older-than TIME, --task NAME, or --all";
	else if (!options->prunes && (options->all || options->has_age))
		wrong = "--all and --older-than belong to --prune";
	else if (options->all && (options->has_age || options->task))
		wrong = "--all leaves nothing for --older-than and --task";
	if (wrong)
		cli_error("cache: %s", wrong);
	return wrong ? CLI_USAGE : CLI_OK;
}

/* ---- listing ---- */

static void time_text(int64_t microseconds, const char *form, char text[32])
{
	time_t seconds = (time_t)(microseconds / 1000000);
	struct tm parts;
	if (microseconds <= 0 || !gmtime_r(&seconds, &parts) || !strftime(text, 32, form, &parts))
		snprintf(text, 32, "-");
}

static void put_time(const char *name, int64_t microseconds)
{
	char text[32];
	time_text(microseconds, "%Y-%m-%dT%H:%M:%SZ", text);
	printf(microseconds > 0 ? ", \"%s\": \"%s\"" : ", \"%s\": null", name, text);
}

static void list_json(const sbx_cached *cached, bool is_first)
{
	fputs(is_first ? "\n{\"task\": " : ",\n{\"task\": ", stdout);
	json_put_string(stdout, cached->task);
	fputs(", \"version\": ", stdout);
	json_put_string(stdout, cached->version);
	put_time("stored", cached->stored);
	put_time("used", cached->used);
	printf(", \"hits\": %" PRIu64 ", \"bytes\": %" PRIu64 "}", cached->hits, cached->bytes);
}

/* A name of another's file must not steer the terminal. */
static void put_printable(const char *text, size_t most)
{
	for (size_t i = 0; text[i] && i < most; i++)
		putchar((unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i]);
}

static void list_text(const sbx_cached *cached, bool is_first)
{
	enum { VERSION = 12, TASK = 32 };
	char stored[32], used[32];
	if (is_first)
		printf("%-*s  %-*s  %-16s  %-16s  %6s  %10s\n", TASK, "TASK", VERSION, "VERSION", "STORED",
			   "USED", "HITS", "BYTES");
	time_text(cached->stored, "%Y-%m-%d %H:%M", stored);
	time_text(cached->used, "%Y-%m-%d %H:%M", used);
	put_printable(cached->task, SIZE_MAX);
	printf("%*s  ", strlen(cached->task) < TASK ? TASK - (int)strlen(cached->task) : 0, "");
	put_printable(cached->version, VERSION);
	printf("%*s  %-16s  %-16s  %6" PRIu64 "  %10" PRIu64 "\n",
		   strlen(cached->version) < VERSION ? VERSION - (int)strlen(cached->version) : 0, "",
		   stored, used, cached->hits, cached->bytes);
}

static void list_one(void *context, const sbx_cached *cached)
{
	Listing *listing = context;
	if (listing->as_json)
		list_json(cached, !listing->count);
	else
		list_text(cached, !listing->count);
	listing->count++;
	listing->bytes += cached->bytes;
}

static sbx_status list(const CacheOptions *options, sbx_cache_file *file)
{
	Listing listing = {.as_json = options->as_json};
	if (listing.as_json)
		putchar('[');
	sbx_status status = sbx_cache_file_list(file, options->task, list_one, &listing);
	if (listing.as_json)
		fputs(listing.count ? "\n]\n" : "]\n", stdout);
	else
		printf("%" PRIu64 " result%s, %" PRIu64 " byte%s\n", listing.count,
			   listing.count == 1 ? "" : "s", listing.bytes, listing.bytes == 1 ? "" : "s");
	return status;
}

static sbx_status prune(const CacheOptions *options, sbx_cache_file *file)
{
	struct timespec now;
	uint64_t count;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t since = options->has_age
						? (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - options->age
						: INT64_MAX;
	sbx_status status = sbx_cache_file_prune(file, options->task, since, &count);
	if (status)
		return status;
	if (options->as_json)
		printf("{\"removed\": %" PRIu64 "}\n", count);
	else
		printf("%" PRIu64 " result%s removed\n", count, count == 1 ? "" : "s");
	return SBX_DONE;
}

int command_cache(int argc, char **argv)
{
	CacheOptions options;
	sbx_cache_file *file;
	int exit_code = read_words(&options, argc, argv);
	if (exit_code)
		return exit_code;
	sbx_cache_options how = {.size = sizeof how, .must_exist = 1};
	sbx_status status = sbx_cache_file_open(options.file, &how, &file);
	if (!status)
		status = options.prunes ? prune(&options, file) : list(&options, file);
	if (status) {
		cli_error("'%s': %s", options.file, sbx_cache_file_problem(file));
		exit_code = CLI_MISSING;
	}
	sbx_cache_file_close(file);
	return exit_code;
}
