/*
 * sbxc runs: what a journal holds, as a table or as JSON; runs_show.c has one run.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runs.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- words that both views use ---- */

const char *runs_state_word(const sbx_journal_run *run)
{
	static const char *const words[] = {[SBX_JOURNAL_LEFT] = "left",
										[SBX_JOURNAL_RUNNING] = "running",
										[SBX_JOURNAL_DONE] = "done",
										[SBX_JOURNAL_FAILED] = "failed",
										[SBX_JOURNAL_CANCELLED] = "cancelled"};
	return run->is_marked && run->state == SBX_JOURNAL_RUNNING ? "cancelling" : words[run->state];
}

int runs_put_some(FILE *out, const char *text, int most)
{
	int used = 0;
	for (const unsigned char *at = (const unsigned char *)(text ? text : "?"); *at; at++) {
		bool is_control = *at < 0x20 || *at == 0x7f;
		int more = is_control ? 4 : (*at & 0xc0) != 0x80; /* bytes that go on take no place */
		if (more && used + more > most)
			break;
		used += more;
		if (is_control)
			fprintf(out, "\\x%02x", *at);
		else
			putc(*at, out);
	}
	return used;
}

void runs_put_text(FILE *out, const char *text)
{
	(void)runs_put_some(out, text, INT_MAX);
}

/* In a column of so many characters, at least. */
static void put_column(const char *text, int width)
{
	int used = runs_put_some(stdout, text, INT_MAX);
	printf("%*s  ", used < width ? width - used : 0, "");
}

void runs_put_member(const char *before, const char *name, const char *text)
{
	printf("%s\"%s\": ", before, name);
	if (text)
		json_put_string(stdout, text);
	else
		fputs("null", stdout);
}

void runs_put_time(const char *before, const char *name, int64_t microseconds)
{
	struct tm utc;
	char text[32];
	time_t seconds = (time_t)(microseconds / 1000000);
	printf("%s\"%s\": ", before, name);
	if (microseconds > 0 && gmtime_r(&seconds, &utc) &&
		strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc))
		printf("\"%s.%06dZ\"", text, (int)(microseconds % 1000000));
	else
		fputs("null", stdout);
}

void runs_local_time(int64_t microseconds, char *out, size_t size)
{
	struct tm local;
	time_t seconds = (time_t)(microseconds / 1000000);
	if (microseconds <= 0 || !localtime_r(&seconds, &local) ||
		!strftime(out, size, "%Y-%m-%d %H:%M:%S", &local))
		snprintf(out, size, "?");
}

void runs_duration(int64_t microseconds, char *out, size_t size)
{
	double seconds = (double)microseconds / 1e6;
	if (microseconds < 0)
		snprintf(out, size, "?");
	else if (seconds < 10)
		snprintf(out, size, "%.3f s", seconds);
	else if (seconds < 600)
		snprintf(out, size, "%.1f s", seconds);
	else if (seconds < 36000)
		snprintf(out, size, "%.0f min", seconds / 60);
	else
		snprintf(out, size, "%.1f h", seconds / 3600);
}

/* ---- the list ---- */

typedef struct Listing {
	bool json;
	const char *state; /* only those; NULL: all */
	uint64_t shown;
} Listing;

/* "ValueError: text" of a traceback. */
static void last_line(const char *text, const char **line, int *length)
{
	size_t end = strlen(text);
	while (end && text[end - 1] == '\n')
		end--;
	size_t begin = end;
	while (begin && text[begin - 1] != '\n')
		begin--;
	*line = text + begin;
	*length = end - begin > 100 ? 100 : (int)(end - begin);
}

static void list_text(const Listing *list, const sbx_journal_run *run)
{
	char begun[32], time[32] = "", error[128] = "";
	const char *line;
	int length;
	if (!list->shown)
		printf("%-10s  %-24s  %-24s  %8s  %-19s  %s\n", "STATE", "RUN", "ENTRY", "CALLS", "BEGUN",
			   "TIME");
	runs_local_time(run->begun, begun, sizeof begun);
	if (run->ended)
		runs_duration(run->ended - run->begun, time, sizeof time);
	if (run->error) {
		last_line(run->error, &line, &length);
		snprintf(error, sizeof error, "  %.*s", length, line);
	}
	printf("%-10s  ", runs_state_word(run));
	put_column(run->id, 24);
	put_column(run->entry, 24);
	printf("%8" PRIu64 "  %-19s  %s", run->calls, begun, time);
	if (*error)
		runs_put_text(stdout, error);
	putchar('\n');
}

void runs_put_head(const sbx_journal_run *run)
{
	runs_put_member("{", "run", run->id);
	runs_put_member(", ", "entry", run->entry);
	runs_put_member(", ", "state", runs_state_word(run));
	printf(", \"calls\": %" PRIu64 ", \"attempt\": %u, \"program\": \"%016" PRIx64 "\"", run->calls,
		   (unsigned)run->life, run->fingerprint);
	runs_put_time(", ", "begun", run->begun);
	runs_put_time(", ", "ended", run->ended);
	runs_put_member(", ", "owner", run->owner);
	runs_put_member(", ", "error", run->error);
}

static int list_run(void *context, const sbx_journal_run *run)
{
	Listing *list = context;
	if (list->state && strcmp(list->state, runs_state_word(run)) != 0)
		return 0;
	if (list->json) {
		fputs(list->shown ? ",\n " : "\n ", stdout);
		runs_put_head(run);
		putchar('}');
	} else {
		list_text(list, run);
	}
	list->shown++;
	return 0;
}

static sbx_status list_runs(sbx_journal *journal, Listing *list)
{
	if (list->json)
		putchar('[');
	sbx_status status = sbx_journal_runs(journal, NULL, list_run, list);
	if (list->json)
		puts(list->shown ? "\n]" : "]");
	return status;
}

/* ---- the command ---- */

int runs_failed(const char *path, const sbx_journal *journal, sbx_status status)
{
	cli_error("%s: %s", path, sbx_journal_problem(journal));
	return status == SBX_E_ARGUMENT || status == SBX_E_STATE ? CLI_USAGE
		   : status == SBX_E_BACKEND                         ? CLI_FAILED
															 : CLI_MISSING;
}

static bool is_state(const char *word)
{
	static const char *const states[] = {"left",   "running",   "cancelling", "done",
										 "failed", "cancelled", NULL};
	for (unsigned i = 0; states[i]; i++)
		if (strcmp(states[i], word) == 0)
			return true;
	return false;
}

/* runs [--format=text|json] [--state=STATE] JOURNAL [ID] */
int command_runs(int argc, char **argv)
{
	Listing list = {0};
	const char *words[2] = {NULL, NULL}, *source = NULL;
	int count = 0;
	for (int i = 1; i < argc; i++) {
		const char *value = cli_option(argc, argv, &i, "--format");
		if (value) {
			list.json = strcmp(value, "json") == 0;
			if (!list.json && strcmp(value, "text") != 0) {
				cli_error("--format: expected text or json, got '%s'", value);
				return CLI_USAGE;
			}
		} else if ((value = cli_option(argc, argv, &i, "--state")) != NULL) {
			list.state = value;
			if (!is_state(value)) {
				cli_error("--state: expected left, running, cancelling, done, failed or cancelled, "
						  "got '%s'",
						  value);
				return CLI_USAGE;
			}
		} else if ((value = cli_option(argc, argv, &i, "--source")) != NULL) {
			source = value;
		} else if ((argv[i][0] == '-' && argv[i][1]) || count == 2) {
			cli_error(count == 2 ? "runs: too much on the command line: '%s'"
								 : "runs: unknown option '%s'; see sbxc runs --help",
					  argv[i]);
			return CLI_USAGE;
		} else {
			words[count++] = argv[i];
		}
	}
	if (!count) {
		cli_error("runs: no journal; usage: sbxc runs [OPTIONS] JOURNAL [ID]");
		return CLI_USAGE;
	}
	if (source && strcmp(source, "-") != 0 && access(source, R_OK) != 0) {
		cli_error("--source: cannot read '%s': %s", source, strerror(errno));
		return CLI_USAGE;
	}
	sbx_journal *journal;
	sbx_status status = sbx_journal_open_existing(words[0], 1, &journal);
	if (!status)
		status =
			words[1] ? runs_show(journal, words[1], list.json, source) : list_runs(journal, &list);
	int exit_code = status ? runs_failed(words[0], journal, status) : CLI_OK;
	sbx_journal_close(journal);
	return exit_code;
}
