/*
 * The timeline of a run, drawn in text: a line for each attempt of a call, '.' while it waited for a place, '=' while it ran,
 * '>' at its end, 'x' where it failed. One that has not ended goes on to the edge.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "runs.h"

enum { LABEL = 26, MOST_LINES = 200, WIDTH = 60, WIDEST = 200 };

static int drawing_width(void)
{
	struct winsize window = {0};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col < LABEL + 30)
		return WIDTH;
	int width = window.ws_col - LABEL - 18;
	return width < WIDEST ? width : WIDEST;
}

/* The column of a time. */
static int column_of(int64_t time, int64_t first, int64_t last, int width)
{
	if (time <= first || last <= first)
		return 0;
	if (time >= last)
		return width - 1;
	return (int)((double)(time - first) / (double)(last - first) * (width - 1));
}

static void draw_bar(const TimelineBar *bar, int64_t first, int64_t last, int width)
{
	char line[WIDEST + 1], time[32];
	int64_t started = bar->started ? bar->started : bar->ended; /* it was never started: cached */
	int64_t out = bar->handed_out ? bar->handed_out : started;
	int64_t ended = bar->is_open ? last : bar->ended;
	int begin = column_of(out, first, last, width), end = column_of(ended, first, last, width);
	int start = column_of(started, first, last, width);
	memset(line, ' ', (size_t)width);
	line[width] = '\0';
	for (int i = begin; i < start; i++)
		line[i] = '.';
	for (int i = start; i <= end; i++)
		line[i] = '=';
	if (!bar->is_open)
		line[end] = bar->has_failed ? 'x' : '>';
	runs_duration(ended - started, time, sizeof time);
	int used = printf("  #%" PRIu64 " ", bar->call) - 2;
	used += runs_put_some(stdout, bar->task, 16);
	if (bar->number > 1)
		used += printf(" (%u)", (unsigned)bar->number);
	printf("%*s|%s| %s%s\n", used < LABEL ? LABEL - used : 0, "", line, time,
		   bar->is_open ? ", not ended" : "");
}

static int by_attempt(const void *a, const void *b)
{
	const TimelineBar *x = a, *y = b;
	if (x->life != y->life)
		return x->life < y->life ? -1 : 1;
	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
	const TimelineBar *x = a, *y = b;
	return (x->place > y->place) - (x->place < y->place);
}

/* An attempt that was seen under way and ended later is drawn once. Returns how many are left. */
static size_t drop_closed(TimelineBar *bars, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		bars[i].place = i;
	qsort(bars, count, sizeof *bars, by_attempt);
	for (size_t i = 0; i < count; i++) {
		const TimelineBar *next = i + 1 < count ? &bars[i + 1] : NULL;
		if (!bars[i].is_open || !next || next->life != bars[i].life || next->call != bars[i].call ||
			next->number != bars[i].number)
			bars[kept++] = bars[i];
	}
	qsort(bars, kept, sizeof *bars, by_place);
	return kept;
}

void runs_draw_timeline(TimelineBar *bars, size_t count, int64_t first, int64_t last)
{
	char time[32];
	count = drop_closed(bars, count);
	int width = drawing_width();
	uint32_t life = count ? bars[0].life : 0;
	runs_duration(last - first, time, sizeof time);
	printf("\ntimeline %*s0 s%*s%s\n", LABEL - 6, "", width - 3 - (int)strlen(time), "", time);
	for (size_t i = 0; i < count && i < MOST_LINES; i++) {
		if (bars[i].life != life)
			printf("  attempt %u of the run\n", (unsigned)bars[i].life);
		life = bars[i].life;
		draw_bar(&bars[i], first, last, width);
	}
	if (count > MOST_LINES)
		printf("  ... %zu more\n", count - MOST_LINES);
}
