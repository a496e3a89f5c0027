/*
 * The log: one line at a time, "[label] text", flushed at once so that a crash loses nothing.
 * Text of tasks is not trusted: control characters other than tabs are shown as \xNN, so that a
 * task cannot steer the terminal. A carriage return at the end of a line is dropped, one inside it
 * ends a progress bar's old text.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"

struct sbx_log {
	FILE *file;
	bool owned;
	bool colour;
	bool has_terminal, shows_progress; /* on standard error */
};

sbx_status sbx_log_open(const char *path, sbx_log **log)
{
	*log = NULL;
	sbx_log *made = calloc(1, sizeof *made);
	if (!made)
		return SBX_E_NO_MEMORY;
	made->owned = path && strcmp(path, "-") != 0;
	made->file = made->owned ? fopen(path, "ae") : stderr;
	if (!made->file) {
		free(made);
		return SBX_E_UNAVAILABLE;
	}
	made->has_terminal = isatty(STDERR_FILENO);
	made->colour = isatty(fileno(made->file)) && !getenv("NO_COLOR");
	*log = made;
	return SBX_DONE;
}

/* A line is put together first: standard error has no buffer, and what is written at once stays together. */
typedef struct Line {
	FILE *file;
	size_t length;
	char bytes[2048];
} Line;

static void flush_line(Line *line)
{
	fwrite(line->bytes, 1, line->length, line->file);
	fflush(line->file);
	line->length = 0;
}

static void add_plain(Line *line, const char *text, size_t length)
{
	if (sizeof line->bytes - line->length < length)
		flush_line(line);
	memcpy(line->bytes + line->length, text, length);
	line->length += length;
}

static void add_text(Line *line, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		char shown[8];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			add_plain(line, shown, (size_t)snprintf(shown, sizeof shown, "\\x%02x", c));
		else
			add_plain(line, text + i, 1);
	}
}

bool sbx__log_has_terminal(const sbx_log *log)
{
	return log && log->has_terminal;
}

void sbx__log_progress(sbx_log *log, const char *text)
{
	struct winsize window = {0};
	if (!log || !log->has_terminal || (!text && !log->shows_progress))
		return;
	log->shows_progress = text != NULL;
	Line line = {.file = stderr};
	add_plain(&line, "\r\033[K", 4);
	if (text) {
		size_t most = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1
						  ? window.ws_col - 1u
						  : 79,
			   length = strlen(text);
		add_text(&line, text, length < most ? length : most);
	}
	flush_line(&line);
}

void sbx_log_close(sbx_log *log)
{
	if (!log)
		return;
	sbx__log_progress(log, NULL);
	if (log->owned)
		fclose(log->file);
	free(log);
}

/* What a terminal would show of a line with carriage returns: the text after the last one. */
static void after_return(const char **text, size_t *length)
{
	if (*length && (*text)[*length - 1] == '\r')
		--*length;
	const char *last = memrchr(*text, '\r', *length);
	if (last) {
		*length -= (size_t)(last + 1 - *text);
		*text = last + 1;
	}
}

void sbx_log_line(sbx_log *log, const char *label, const char *utf8, size_t length)
{
	if (!log)
		return;
	if (log->file == stderr)
		sbx__log_progress(log, NULL);
	Line line = {.file = log->file};
	if (label) {
		add_plain(&line, log->colour ? "\033[36m[" : "[", log->colour ? 6 : 1);
		add_text(&line, label, strlen(label));
		add_plain(&line, log->colour ? "]\033[0m " : "] ", log->colour ? 6 : 2);
	}
	if (length)
		after_return(&utf8, &length);
	add_text(&line, utf8, length);
	add_plain(&line, "\n", 1);
	flush_line(&line);
}

void sbx_log_event(void *context, const sbx_attempt *attempt, const char *what, const char *detail)
{
	sbx_log *log = context;
	char label[128], line[1024], number[32] = "";
	sbx__log_label(attempt->call, label, sizeof label);
	if (attempt->number > 1 && strcmp(what, "started") == 0)
		snprintf(number, sizeof number, " (attempt %u)", attempt->number);
	bool more = detail && *detail;
	int length =
		snprintf(line, sizeof line, "%s%s%s%s", what, number, more ? ": " : "", more ? detail : "");
	if (length >= (int)sizeof line)
		length = (int)sizeof line - 1;
	for (int i = 0; i < length; i++)
		if (line[i] == '\n')
			line[i] = ' ';
	sbx_log_line(log, label, line, length > 0 ? (size_t)length : 0);
}

void sbx__log_label(const sbx_call *call, char *label, size_t size)
{
	const char *name = sbx_call_task_name(call);
	const char *dot = strrchr(name, '.');
	if (dot && dot[1])
		name = dot + 1;
	snprintf(label, size, "%.*s#%llu", 90, name, (unsigned long long)sbx_call_id(call));
}
