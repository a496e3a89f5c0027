/*
 * --replay: recorded runs against this program, without a task. One line a run, more about each that diverges; the exit code is
 * 1 if any does.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "program_session.h"

typedef struct Replaying {
	const ProgramOptions *options;
	const sbx_gen_program *program;
	sbx_journal *journal;
	const char *path;  /* of the journal */
	sbx_status status; /* of the journal: below zero, it cannot be read on */
	uint64_t same, go_on, diverge, shown;
} Replaying;

static const char *verdict_word(sbx_replay_verdict verdict)
{
	return verdict == SBX_REPLAY_SAME      ? "same"
		   : verdict == SBX_REPLAY_GOES_ON ? "goes on"
										   : "diverges";
}

/* ---- text ---- */

/* Indented below the line of its run. */
static void show_reason(const char *reason)
{
	for (const char *line = reason; *line;) {
		size_t length = strcspn(line, "\n");
		printf("    %.*s\n", (int)length, line);
		line += length + (line[length] == '\n');
	}
}

static void show_text(const Replaying *all, const sbx_journal_run *run, const sbx_replay *replay)
{
	if (all->options->input_count > 1)
		printf("%s: ", all->path);
	printf("%-8s  %s  %s  %" PRIu64 " call%s", verdict_word(replay->verdict), run->id, run->entry,
		   replay->answered, replay->answered == 1 ? "" : "s");
	if (replay->verdict != SBX_REPLAY_DIVERGES) {
		fputs(replay->is_changed ? ", the program has changed" : "", stdout);
		if (replay->reason)
			printf(", then stopped: %s", replay->reason);
		putchar('\n');
		return;
	}
	if (replay->path)
		printf(", at %s:%" PRIu32, replay->path, replay->line);
	if (replay->path && replay->recorded_line && replay->recorded_line != replay->line)
		printf(" (it was line %" PRIu32 ")", replay->recorded_line);
	putchar('\n');
	show_reason(replay->reason);
}

/* ---- JSON ---- */

static void put_text(const char *name, const char *text)
{
	sbx_heap *heap;
	sbx_value json;
	const char *out = NULL;
	printf("\"%s\": ", name);
	if (text && sbx_heap_open(0, &heap) == SBX_DONE) {
		if (!sbx_json_dump(heap, sbx_str_make(heap, text, strlen(text)), &json))
			out = sbx_peek_str(heap, json, NULL);
		fputs(out ? out : "null", stdout);
		sbx_heap_close(heap);
		return;
	}
	fputs("null", stdout);
}

static void show_json(const Replaying *all, const sbx_journal_run *run, const sbx_replay *replay)
{
	fputs(all->shown ? ",\n {" : "\n {", stdout);
	put_text("journal", all->path);
	fputs(", ", stdout);
	put_text("run", run->id);
	fputs(", ", stdout);
	put_text("entry", run->entry);
	fputs(", ", stdout);
	put_text("verdict", verdict_word(replay->verdict));
	printf(", \"changed\": %s, \"answered\": %" PRIu64 ", \"call\": %" PRIu64 ", ",
		   replay->is_changed ? "true" : "false", replay->answered, replay->call);
	put_text("file", replay->path);
	printf(", \"line\": %" PRIu32 ", \"recorded_line\": %" PRIu32 ", ", replay->line,
		   replay->recorded_line);
	put_text("reason", replay->reason);
	putchar('}');
}

/* ---- runs ---- */

static int visit(void *context, const sbx_journal_run *run)
{
	Replaying *all = context;
	const ProgramOptions *options = all->options;
	sbx_replay replay = {.size = sizeof replay};
	sbx_run_options limits = {.size = sizeof limits,
							  .max_memory = options->max_memory,
							  .max_depth = options->max_depth,
							  .timeout_ms = options->timeout_ms};
	all->status = sbx_journal_replay(all->journal, run->id, all->program->entries,
									 all->program->entry_count, &limits, &replay);
	if (all->status)
		return 1;
	all->same += replay.verdict == SBX_REPLAY_SAME;
	all->go_on += replay.verdict == SBX_REPLAY_GOES_ON;
	all->diverge += replay.verdict == SBX_REPLAY_DIVERGES;
	if (options->json)
		show_json(all, run, &replay);
	else
		show_text(all, run, &replay);
	all->shown++;
	return 0;
}

static sbx_status replay_journal(Replaying *all, const char *path)
{
	all->path = path;
	bool is_elsewhere = false;
	sbx_status status = sbx_journal_open_existing(path, 1, &all->journal);
	if (!status) {
		status = sbx_journal_runs(all->journal, all->options->run_id, visit, all);
		/* one of several journals has the run */
		is_elsewhere = status == SBX_E_ARGUMENT && all->options->input_count > 1;
	}
	if (!status)
		status = all->status;
	if (is_elsewhere)
		status = SBX_DONE;
	if (status)
		program_error(all->options, "%s: %s", path, sbx_journal_problem(all->journal));
	sbx_journal_close(all->journal);
	return status;
}

int program_replay(const ProgramOptions *options, const sbx_gen_program *program)
{
	Replaying all = {.options = options, .program = program};
	int exit_code = EXIT_OK;
	if (options->json)
		putchar('[');
	for (int i = 0; i < options->input_count; i++) {
		sbx_status status = replay_journal(&all, options->inputs[i]);
		if (status)
			exit_code = status == SBX_E_ARGUMENT ? EXIT_USAGE : EXIT_MISSING;
	}
	if (options->run_id && options->input_count > 1 && !all.shown && !exit_code) {
		program_error(options, "no run '%s' in these journals", options->run_id);
		exit_code = EXIT_USAGE;
	}
	if (options->json)
		puts(all.shown ? "\n]" : "]");
	else
		printf("%" PRIu64 " run%s: %" PRIu64 " end the same, %" PRIu64 " go on, %" PRIu64
			   " diverge\n",
			   all.shown, all.shown == 1 ? "" : "s", all.same, all.go_on, all.diverge);
	return exit_code ? exit_code : all.diverge ? EXIT_RUN_FAILED : EXIT_OK;
}
