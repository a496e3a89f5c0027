/*
 * Views of a journal: the list of its runs (command_runs.c), one run (runs_show.c), its timeline (runs_timeline.c).
 *
 * Texts of a journal are anybody's: control characters in them are shown as \xNN.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBXC_RUNS_H
#define SBXC_RUNS_H

#include <stdio.h>

#include "cli.h"
#include "report.h"
#include "sbx-host.h"

/* ---- command_runs.c ---- */

/* "left", "running", "cancelling", "done", "failed", "cancelled" */
const char *runs_state_word(const sbx_journal_run *run);
void runs_put_text(FILE *out, const char *text);
/* Its first characters, which take `most` places at most; returns how many they take. */
int runs_put_some(FILE *out, const char *text, int most);
/* Members of a JSON object on standard output, `before` in front of each. */
void runs_put_member(const char *before, const char *name, const char *text);
void runs_put_time(const char *before, const char *name, int64_t microseconds);
/* The members that the list and the view of one run share, without the closing brace. */
void runs_put_head(const sbx_journal_run *run);
void runs_local_time(int64_t microseconds, char *out, size_t size);
void runs_duration(int64_t microseconds, char *out, size_t size);
/* Tells the journal's problem; returns the exit code. */
int runs_failed(const char *path, const sbx_journal *journal, sbx_status status);

/* ---- runs_show.c ---- */

/* source: the file of the run's orchestrator, for links to its lines; or NULL. */
sbx_status runs_show(sbx_journal *journal, const char *run_id, bool json, const char *source);

/* ---- runs_timeline.c ---- */

/* An attempt of a call, for the drawing. Times in microseconds; handed_out and started 0: not known. */
typedef struct TimelineBar {
	uint64_t call;
	const char *task;
	uint32_t life, number;
	bool has_failed;
	bool
		is_open; /* it is under way, or was when its process ended; `ended` is when that was written */
	int64_t handed_out, started, ended;
	size_t place; /* the drawing's own */
} TimelineBar;

/* A line a bar, 200 at most; first and last are the ends of the whole. Bars that are open and have an end further on are left out;
   the order of the others stays. */
void runs_draw_timeline(TimelineBar *bars, size_t count, int64_t first, int64_t last);

#endif
