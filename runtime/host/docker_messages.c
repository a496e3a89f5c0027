/*
 * What an engine says while it builds, pulls or pushes an image: a stream of JSON objects, one a line. From it come the log's
 * lines, the step that failed, the package that does not exist, the engine's error, and how far it is.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"

enum { MOST_MESSAGE = 16 << 20, MOST_SAID = 4000 };

void messages_clear(Messages *m)
{
	byte_queue_free(&m->output);
	byte_queue_free(&m->said);
	m->output = m->said = (ByteQueue){0};
	*m->problem = *m->step = *m->package = '\0';
	m->layer_count = 0;
}

/* ---- packages that do not exist ---- */

/* What installers say of a package that they cannot find; its name follows, or stands behind `then`. */
static const struct PackageMark {
	const char *mark, *then;
} PACKAGE_MARKS[] = {
	{"E: Unable to locate package ", NULL},
	{"E: Couldn't find any package by ", " '"}, /* glob '...', regex '...' */
	{"E: Version '", "' for '"},
	{"E: Package '", NULL}, /* ... has no installation candidate */
	{"No matching distribution found for ", NULL},
	{"ERROR: Invalid requirement: ", NULL},
};

static void find_package(Messages *m, const char *line)
{
	for (size_t i = 0; i < sizeof PACKAGE_MARKS / sizeof *PACKAGE_MARKS; i++) {
		const struct PackageMark *p = &PACKAGE_MARKS[i];
		const char *found = strstr(line, p->mark);
		if (!found || *m->package)
			continue;
		found += strlen(p->mark);
		const char *then = p->then ? strstr(found, p->then) : NULL;
		if (then)
			found = then + strlen(p->then);
		found += strspn(found, "'\"");
		snprintf(m->package, sizeof m->package, "%.*s", (int)strcspn(found, "'\"\n\r ("), found);
	}
}

/* ---- what steps print ---- */

static void log_text(Docker *docker, const char *text, size_t length)
{
	sbx_log_line(docker->log, "image", text, length);
}

/* A step's output comes in pieces and with colours: makes plain lines of it. */
static void take_output(Docker *docker, Messages *m, const char *text)
{
	ByteQueue *said = &m->said;
	for (; *text; text++) {
		if (*text == '\033') {
			text += strcspn(text, "m");
			if (!*text)
				break;
		} else if (*text != '\n') {
			if (byte_queue_length(said) < MOST_SAID)
				byte_queue_add(said, text, 1);
		} else if (byte_queue_length(said)) {
			log_text(docker, (const char *)byte_queue_front(said), byte_queue_length(said));
			byte_queue_add(said, "", 1);
			if (!said->failed)
				find_package(m, (const char *)byte_queue_front(said));
			byte_queue_clear(said);
		}
	}
}

/* ---- layers on their way ---- */

static void take_layer(Docker *docker, Messages *m, const Document *message, const char *id)
{
	Documents *d = docker->documents;
	int64_t current = document_get_int(d, message, "progressDetail/current");
	int64_t total = document_get_int(d, message, "progressDetail/total");
	unsigned i = 0;
	while (i < m->layer_count && strncmp(m->layers[i].id, id, sizeof m->layers->id - 1) != 0)
		i++;
	if (i == MESSAGES_LAYERS || current < 0 || total <= 0)
		return;
	if (i == m->layer_count)
		snprintf(m->layers[m->layer_count++].id, sizeof m->layers->id, "%s", id);
	m->layers[i].current = (uint64_t)(current < total ? current : total);
	m->layers[i].total = (uint64_t)total;
}

void messages_progress(const Messages *m, char *text, size_t size)
{
	double current = 0, total = 0;
	*text = '\0';
	for (unsigned i = 0; i < m->layer_count; i++) {
		current += (double)m->layers[i].current;
		total += (double)m->layers[i].total;
	}
	if (total > 0)
		snprintf(text, size, "%.1f of %.1f MB", current / 1e6, total / 1e6);
	else if (*m->step)
		snprintf(text, size, "%s", m->step);
}

/* ---- messages ---- */

/* One object. */
static void take_message(Docker *docker, Messages *m, const char *line, size_t length)
{
	Documents *d = docker->documents;
	Document *message = document_read(d, line, length);
	const char *stream = document_get_text(d, message, "stream");
	const char *status = document_get_text(d, message, "status");
	const char *error = document_get_text(d, message, "error");
	const char *id = document_get_text(d, message, "id");
	if (!message) {
		if (!*m->problem)
			snprintf(m->problem, sizeof m->problem, "the engine's answer is not JSON");
		return;
	}
	if (stream && strncmp(stream, "Step ", 5) == 0) {
		snprintf(m->step, sizeof m->step, "%.*s", (int)strcspn(stream, "\n"), stream);
		m->layer_count = 0;
	}
	if (stream)
		take_output(docker, m, stream);
	if (id)
		take_layer(docker, m, message, id);
	else if (status)
		log_text(docker, status, strlen(status));
	if (error && !*m->problem) {
		find_package(m, error);
		snprintf(m->problem, sizeof m->problem, "%.600s", error);
	}
	document_free(d, message);
}

bool messages_take(Docker *docker, Messages *m, const char *bytes, size_t length)
{
	ByteQueue *text = &m->output;
	byte_queue_add(text, bytes, length);
	for (const char *line, *end; (line = (const char *)byte_queue_front(text)) &&
								 byte_queue_length(text) &&
								 (end = memchr(line, '\n', byte_queue_length(text))) != NULL;) {
		size_t used = (size_t)(end - line);
		if (used && !(used == 1 && *line == '\r'))
			take_message(docker, m, line, used);
		byte_queue_skip(text, used + 1);
	}
	return !text->failed && byte_queue_length(text) < MOST_MESSAGE;
}

void messages_end(Docker *docker, Messages *m)
{
	size_t length = byte_queue_length(&m->output);
	if (length)
		take_message(docker, m, (const char *)byte_queue_front(&m->output), length);
	byte_queue_clear(&m->output);
}
