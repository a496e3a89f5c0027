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

static void write_text(FILE *file, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			fprintf(file, "\\x%02x", c);
		else
			putc(c, file);
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
	fputs("\r\033[K", stderr);
	if (text) {
		size_t most = ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 1
						  ? window.ws_col - 1u
						  : 79,
			   length = strlen(text);
		write_text(stderr, text, length < most ? length : most);
	}
	fflush(stderr);
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
	if (label) {
		fputs(log->colour ? "\033[36m[" : "[", log->file);
		write_text(log->file, label, strlen(label));
		fputs(log->colour ? "]\033[0m " : "] ", log->file);
	}
	if (length)
		after_return(&utf8, &length);
	write_text(log->file, utf8, length);
	putc('\n', log->file);
	fflush(log->file);
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
