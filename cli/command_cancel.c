/*
 * sbxc cancel: ends a run for good. A process that has it open is asked. One that was left is cancelled here, and what it has
 * under way in other systems is deleted first, through connectors that documents describe, or by the program of its file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"
#include "runs.h"

enum { LOOK_MS = 100, WAIT_SECONDS = 10 };

/* ---- a process that has it ---- */

typedef struct Watched {
	sbx_journal_state state;
	char owner[200];
} Watched;

static int watch(void *context, const sbx_journal_run *run)
{
	Watched *watched = context;
	watched->state = run->state;
	snprintf(watched->owner, sizeof watched->owner, "%s", run->owner ? run->owner : "a process");
	return 0;
}

typedef struct CancelWords {
	const char *journal, *id, *source; /* source NULL: none */
	int seconds;
	bool leaves_jobs;
	char **passed; /* --connector and --log, for the program */
	int passed_count;
} CancelWords;

static sbx_status ask(sbx_journal *journal, const CancelWords *words)
{
	return words->leaves_jobs ? sbx_journal_abandon(journal, words->id)
							  : sbx_journal_cancel(journal, words->id);
}

/* SBX_DONE: it is cancelled; negative, as sbx_journal_cancel says. SBX_RUNNING: *exit_code is told. Waits until the process
   that has the run has seen the mark; if that has gone, the run is cancelled as one that was left. */
static sbx_status wait_for_owner(sbx_journal *journal, const CancelWords *words, int *exit_code)
{
	Watched watched = {0};
	const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};
	*exit_code = CLI_FAILED;
	for (int i = 0; i <= words->seconds * 1000 / LOOK_MS; i++) {
		sbx_status status = sbx_journal_runs(journal, words->id, watch, &watched);
		if (status || watched.state == SBX_JOURNAL_CANCELLED)
			return status;
		if (watched.state == SBX_JOURNAL_DONE || watched.state == SBX_JOURNAL_FAILED) {
			cli_error("run '%s' has ended before it could be cancelled", words->id);
			return SBX_RUNNING;
		}
		if (watched.state == SBX_JOURNAL_LEFT) {
			status = ask(journal, words);
			if (status <= 0)
				return status;
		}
		nanosleep(&look, NULL);
	}
	cli_error("%s has run '%s' open and has not answered for %d s; it is marked, and will be "
			  "cancelled when "
			  "that process looks",
			  watched.owner, words->id, words->seconds);
	return SBX_RUNNING;
}

/* ---- jobs in other systems ---- */

typedef struct Jobs {
	const CancelWords *words;
	size_t count;
	char types[10][100];
	size_t type_count;
} Jobs;

static int add_job(void *context, const sbx_journal_job *job)
{
	Jobs *jobs = context;
	const char *type = job->task_type ? job->task_type : "?";
	jobs->count++;
	for (size_t i = 0; i < jobs->type_count; i++)
		if (strncmp(jobs->types[i], type, sizeof jobs->types[i] - 1) == 0)
			return 0;
	if (jobs->type_count < sizeof jobs->types / sizeof *jobs->types)
		snprintf(jobs->types[jobs->type_count++], sizeof jobs->types[0], "%s", type);
	return 0;
}

/* A word as a shell reads it. */
static void put_word(const char *word)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+,=";
	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, stderr);
		return;
	}
	putc('\'', stderr);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", stderr);
		else
			putc((unsigned char)*word < 0x20 || *word == 0x7f ? '?' : *word, stderr);
	}
	putc('\'', stderr);
}

static void put_command(const CancelWords *words, const char *options, const char *end)
{
	fprintf(stderr, "  sbxc cancel%s ", options);
	put_word(words->journal);
	putc(' ', stderr);
	put_word(words->id);
	fprintf(stderr, "%s\n", end);
}

/* What can be typed: nothing has happened yet. */
static void suggest(const Jobs *jobs)
{
	char connectors[1500] = "";
	size_t used = 0;
	const char *them = jobs->count == 1 ? "it" : "them";
	for (size_t i = 0; i < jobs->type_count && used < sizeof connectors; i++)
		used += (size_t)snprintf(connectors + used, sizeof connectors - used,
								 " --connector %s=FILE.json", jobs->types[i]);
	fprintf(stderr, "to delete %s and cancel the run:\n", them);
	put_command(jobs->words, connectors, "");
	fprintf(stderr, "or, where the connector is a class of the run's file:\n");
	put_command(jobs->words, "", " FILE.py");
	fprintf(stderr, "to cancel the run and leave %s:\n", them);
	put_command(jobs->words, " --leave-jobs", "");
}

/* With the connectors of the file, which is compiled and does the rest. */
static int become_canceller(const CancelWords *words)
{
	char **out = calloc((size_t)words->passed_count + 6, sizeof *out);
	int used = 0;
	if (!out) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	out[used++] = (char[]){"sbxc cancel"};
	for (int i = 0; i < words->passed_count; i++)
		out[used++] = words->passed[i];
	out[used++] = (char[]){"--journal"};
	out[used++] = (char *)(uintptr_t)words->journal;
	out[used++] = (char[]){"--cancel"};
	out[used++] = (char *)(uintptr_t)words->id;
	int exit_code = cli_compile_and_become(words->source, out);
	free(out);
	return exit_code;
}

static void jobs_ended(void *context, const char *run_id, sbx_status status)
{
	(void)run_id;
	*(sbx_status *)context = status;
}

/* The value of --NAME VALUE or --NAME=VALUE at *i. */
static const char *passed_value(const CancelWords *words, int *i, const char *name)
{
	size_t length = strlen(name);
	const char *word = words->passed[*i];
	if (strncmp(word, name, length) != 0 || (word[length] && word[length] != '='))
		return NULL;
	return word[length] ? word + length + 1 : words->passed[++*i];
}

static bool load_connectors(sbx_connectors *connectors, const CancelWords *words)
{
	char type[200];
	for (int i = 0; i < words->passed_count; i++) {
		const char *value = passed_value(words, &i, "--connector");
		const char *sign = value ? strchr(value, '=') : NULL;
		if (!value)
			continue;
		if (!sign || sign == value || !sign[1] || sign - value >= (int)sizeof type) {
			cli_error("--connector: expected TYPE=FILE.json, got '%s'", value);
			return false;
		}
		snprintf(type, sizeof type, "%.*s", (int)(sign - value), value);
		if (sbx_connectors_load(connectors, type, sign + 1)) {
			cli_error("--connector: %s", sbx_connectors_problem(connectors));
			return false;
		}
	}
	return true;
}

/* With the connectors that documents describe: no program is needed. */
static int cancel_with_documents(sbx_journal *journal, const CancelWords *words)
{
	sbx_connectors_options options = {.size = sizeof options};
	sbx_connectors *connectors = NULL;
	const char *log = "-";
	for (int i = 0; i < words->passed_count; i++) {
		const char *value = passed_value(words, &i, "--log");
		log = value ? value : log;
	}
	if (sbx_log_open(log, &options.log)) {
		cli_error("cannot write the log '%s': %s", log, strerror(errno));
		return CLI_USAGE;
	}
	sbx_status status = sbx_connectors_open(&options, &connectors), ended = SBX_WAITING;
	int exit_code = CLI_FAILED;
	if (!status && !load_connectors(connectors, words))
		exit_code = CLI_USAGE;
	else if (!status)
		status = sbx_connectors_cancel(connectors, journal, words->id, jobs_ended, &ended);
	sbx_connectors_close(connectors); /* waits for its jobs */
	sbx_log_close(options.log);
	if (exit_code == CLI_USAGE)
		return exit_code;
	if (status == SBX_WAITING)
		status = ended;
	if (status < 0)
		return runs_failed(words->journal, journal, status);
	if (status == SBX_RUNNING) {
		cli_error("run '%s' is open in a process again: it is marked", words->id);
		return CLI_FAILED;
	}
	puts("cancelled");
	return CLI_OK;
}

/* The run was left, and its journal knows of jobs; or it was cancelled, and has left them. */
static int cancel_jobs(sbx_journal **journal, const CancelWords *words, const Jobs *jobs,
					   sbx_status status)
{
	bool has_connectors = false;
	for (int i = 0; i < words->passed_count; i++)
		has_connectors = passed_value(words, &i, "--connector") != NULL || has_connectors;
	if (words->source) {
		sbx_journal_close(*journal);
		*journal = NULL;
		return become_canceller(words);
	}
	if (has_connectors)
		return cancel_with_documents(*journal, words);
	int exit_code = runs_failed(words->journal, *journal, status);
	if (status == SBX_E_UNAVAILABLE)
		suggest(jobs);
	return exit_code;
}

/* ---- the command ---- */

static bool read_seconds(const char *text, int *seconds)
{
	char *end;
	errno = 0;
	long number = strtol(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || errno || number > 86400) {
		cli_error("--wait: expected seconds from 0 to 86400, got '%s'", text);
		return false;
	}
	*seconds = (int)number;
	return true;
}

static bool is_source(const char *word)
{
	size_t length = strlen(word);
	return strcmp(word, "-") == 0 || (length > 3 && strcmp(word + length - 3, ".py") == 0);
}

/* --connector or --log, which the program takes, too. False: neither. */
static bool pass_on(CancelWords *words, int argc, char **argv, int *i)
{
	size_t length = strcspn(argv[*i], "=");
	bool known = (length == 11 && strncmp(argv[*i], "--connector", length) == 0) ||
				 (length == 5 && strncmp(argv[*i], "--log", length) == 0);
	if (!known || (!argv[*i][length] && *i + 1 == argc))
		return false;
	words->passed[words->passed_count++] = argv[*i];
	if (!argv[*i][length])
		words->passed[words->passed_count++] = argv[++*i];
	return true;
}

static int read_cancel_words(CancelWords *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *value = cli_option(argc, argv, &i, "--wait");
		if (value) {
			if (!read_seconds(value, &words->seconds))
				return CLI_USAGE;
		} else if (strcmp(argv[i], "--leave-jobs") == 0) {
			words->leaves_jobs = true;
		} else if (pass_on(words, argc, argv, &i)) {
			continue;
		} else if (argv[i][0] == '-' && argv[i][1]) {
			cli_error("cancel: unknown option '%s'; see sbxc cancel --help", argv[i]);
			return CLI_USAGE;
		} else if (!words->journal) {
			words->journal = argv[i];
		} else if (!words->id) {
			words->id = argv[i];
		} else if (!words->source && is_source(argv[i])) {
			words->source = argv[i];
		} else {
			cli_error("cancel: too much on the command line: '%s'", argv[i]);
			return CLI_USAGE;
		}
	}
	if (words->id)
		return CLI_OK;
	cli_error("cancel: usage: sbxc cancel [OPTIONS] JOURNAL ID [FILE.py]");
	return CLI_USAGE;
}

static int cancel_run(const CancelWords *words)
{
	sbx_journal *journal;
	Jobs jobs = {.words = words};
	int exit_code = CLI_OK;
	sbx_status status = sbx_journal_open_existing(words->journal, 0, &journal);
	bool is_open = !status;
	if (!status)
		status = ask(journal, words);
	if (status == SBX_RUNNING)
		status = wait_for_owner(journal, words, &exit_code);
	if (!status) {
		puts("cancelled");
		exit_code = CLI_OK;
	}
	bool may_have_jobs = is_open && (status == SBX_E_UNAVAILABLE || status == SBX_E_STATE);
	sbx_status listed =
		may_have_jobs ? sbx_journal_jobs(journal, words->id, add_job, &jobs) : SBX_DONE;
	if (!listed && jobs.count)
		exit_code = cancel_jobs(&journal, words, &jobs, status);
	else if (status < 0)
		exit_code = runs_failed(words->journal, journal, status);
	sbx_journal_close(journal);
	return exit_code;
}

/* cancel [--wait SECONDS] [--leave-jobs] [--connector TYPE=FILE]... [--log FILE] JOURNAL ID [FILE.py] */
int command_cancel(int argc, char **argv)
{
	CancelWords words = {.seconds = WAIT_SECONDS};
	words.passed = calloc((size_t)argc + 1, sizeof *words.passed);
	int exit_code = words.passed ? read_cancel_words(&words, argc, argv) : CLI_FAILED;
	if (!exit_code)
		exit_code = cancel_run(&words);
	free(words.passed);
	return exit_code;
}
