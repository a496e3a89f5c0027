/*
 * sbxc gc: removes what has ended from a journal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runs.h"

/* "90", "90s", "15m", "12h", "7d" in microseconds. */
static bool read_age(const char *text, int64_t *microseconds)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	char *end;
	errno = 0;
	long long number = strtoll(text, &end, 10);
	int64_t seconds = *end ? 0 : 1;
	for (size_t i = 0; i < sizeof units / sizeof *units && *end && !end[1]; i++)
		if (*end == units[i].unit)
			seconds = units[i].seconds;
	bool good =
		isdigit((unsigned char)*text) && seconds && !errno && number <= 100000000000 / seconds;
	if (good)
		*microseconds = number * seconds * 1000000;
	else
		cli_error("--older-than: expected a time such as 90s, 15m, 12h or 7d, got '%s'", text);
	return good;
}

static bool read_count(const char *text, uint64_t *count)
{
	char *end;
	errno = 0;
	*count = strtoull(text, &end, 10);
	bool good = isdigit((unsigned char)*text) && !*end && !errno;
	if (!good)
		cli_error("--keep: expected a whole number, got '%s'", text);
	return good;
}

typedef struct GcWords {
	const char *journal;
	int64_t age; /* microseconds; -1: not given */
	uint64_t keep;
	bool has_keep, is_trial;
} GcWords;

static int read_gc_words(GcWords *words, int argc, char **argv)
{
	*words = (GcWords){.age = -1};
	for (int i = 1; i < argc; i++) {
		const char *value = cli_option(argc, argv, &i, "--older-than");
		if (value) {
			if (!read_age(value, &words->age))
				return CLI_USAGE;
		} else if ((value = cli_option(argc, argv, &i, "--keep")) != NULL) {
			words->has_keep = true;
			if (!read_count(value, &words->keep))
				return CLI_USAGE;
		} else if (strcmp(argv[i], "--dry-run") == 0) {
			words->is_trial = true;
		} else if ((argv[i][0] == '-' && argv[i][1]) || words->journal) {
			cli_error(words->journal ? "gc: too much on the command line: '%s'"
									 : "gc: unknown option '%s'; see sbxc gc --help",
					  argv[i]);
			return CLI_USAGE;
		} else {
			words->journal = argv[i];
		}
	}
	if (words->journal && (words->age >= 0 || words->has_keep))
		return CLI_OK;
	cli_error("gc: usage: sbxc gc [--dry-run] [--older-than TIME] [--keep N] JOURNAL, one of the "
			  "two at least");
	return CLI_USAGE;
}

/* gc [--dry-run] [--older-than TIME] [--keep N] JOURNAL */
int command_gc(int argc, char **argv)
{
	GcWords words;
	struct timespec now;
	uint64_t removed = 0;
	sbx_journal *journal;
	int exit_code = read_gc_words(&words, argc, argv);
	if (exit_code)
		return exit_code;
	clock_gettime(CLOCK_REALTIME, &now);
	sbx_journal_rules rules = {
		.size = sizeof rules, .keep = words.keep, .is_trial = words.is_trial};
	if (words.age >= 0)
		rules.ended_before = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 - words.age + 1;
	sbx_status status = sbx_journal_open_existing(words.journal, 0, &journal);
	if (!status)
		status = sbx_journal_collect(journal, &rules, &removed);
	if (!status)
		printf("%" PRIu64 " run%s%s\n", removed, removed == 1 ? "" : "s",
			   words.is_trial ? " would be removed" : " removed");
	if (!status && removed && !words.is_trial && sbx_journal_shrink(journal))
		cli_error("the file is not made smaller now: %s", sbx_journal_problem(journal));
	exit_code = status ? runs_failed(words.journal, journal, status) : CLI_OK;
	sbx_journal_close(journal);
	return exit_code;
}
