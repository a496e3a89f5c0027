/*
 * The timeline of a run, drawn in text: a line for each attempt of a call, '.' while it waited for a place, '=' while it ran,
 * '>' at its end, 'x' where it failed.
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
	char line[WIDEST + 1], label[LABEL + 1], time[32];
	int64_t out = bar->handed_out ? bar->handed_out : bar->started;
	int begin = column_of(out, first, last, width), end = column_of(bar->ended, first, last, width);
	int start = column_of(bar->started, first, last, width);
	memset(line, ' ', (size_t)width);
	line[width] = '\0';
	for (int i = begin; i < start; i++)
		line[i] = '.';
	for (int i = start; i <= end; i++)
		line[i] = '=';
	line[end] = bar->has_failed ? 'x' : '>';
	int used = snprintf(label, sizeof label, "#%" PRIu64 " %.*s", bar->call, 16,
						bar->task ? bar->task : "?");
	if (bar->number > 1 && used < (int)sizeof label)
		snprintf(label + used, sizeof label - (size_t)used, " (%u)", (unsigned)bar->number);
	runs_duration(bar->ended - bar->started, time, sizeof time);
	fputs("  ", stdout);
	runs_put_text(stdout, label);
	printf("%*s|%s| %s\n", (int)(LABEL - strlen(label)), "", line, time);
}

void runs_draw_timeline(const TimelineBar *bars, size_t count, int64_t first, int64_t last)
{
	char time[32];
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
