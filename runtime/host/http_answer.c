/*
 * See http_answer.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "http_answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_HEAD = 64 * 1024 };

enum AnswerState {
	IN_STATUS,
	IN_HEAD,
	IN_BODY, /* `left` bytes */
	IN_REST, /* until the connection ends */
	IN_CHUNK_HEAD,
	IN_CHUNK,     /* `left` bytes */
	IN_CHUNK_END, /* the line end behind it */
	IN_TRAILER,
	AT_END,
	IS_BROKEN
};

void http_answer_init(HttpAnswer *answer)
{
	memset(answer, 0, sizeof *answer);
}

/* ---- lines ---- */

/* Collects a line; true: answer->line has it whole, without its end, as a C string. */
static bool take_line(HttpAnswer *a, const char **bytes, size_t *length)
{
	const char *end = memchr(*bytes, '\n', *length);
	size_t taken = end ? (size_t)(end - *bytes) : *length;
	size_t room = sizeof a->line - 1 - a->line_length, kept = taken < room ? taken : room;
	memcpy(a->line + a->line_length, *bytes, kept);
	a->line_length += kept;
	a->is_cut |= kept < taken;
	a->head_length += taken + 1;
	*bytes += taken + (end != NULL);
	*length -= taken + (end != NULL);
	if (a->head_length > MOST_HEAD)
		a->state = IS_BROKEN;
	if (!end || a->state == IS_BROKEN)
		return false;
	if (a->line_length && a->line[a->line_length - 1] == '\r' && !a->is_cut)
		a->line_length--;
	a->line[a->line_length] = '\0';
	return true;
}

static void next_line(HttpAnswer *a)
{
	a->line_length = 0;
	a->is_cut = false;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(HttpAnswer *a)
{
	const char *line = a->line;
	if (a->is_cut || strncmp(line, "HTTP/1.", 7) != 0 || (line[7] != '0' && line[7] != '1') ||
		line[8] != ' ' || strspn(line + 9, "0123456789") != 3 || (line[12] && line[12] != ' '))
		return false;
	a->status = strtol(line + 9, NULL, 10);
	a->keeps_alive = line[7] == '1';
	return a->status >= 100;
}

/* The value of a header of this name; NULL: it is another one. */
static const char *value_of(const HttpAnswer *a, const char *name)
{
	size_t length = strlen(name);
	if (strncasecmp(a->line, name, length) != 0 || a->line[length] != ':')
		return NULL;
	const char *value = a->line + length + 1;
	return value + strspn(value, " \t");
}

/* One token, with blanks behind it. */
static bool is_token(const char *value, const char *token)
{
	size_t length = strlen(token);
	return strncasecmp(value, token, length) == 0 &&
		   value[length + strspn(value + length, " \t")] == '\0';
}

static bool read_length(HttpAnswer *a, const char *value)
{
	size_t digits = strspn(value, "0123456789");
	if (!digits || digits > 18 || value[digits + strspn(value + digits, " \t")])
		return false;
	uint64_t left = strtoull(value, NULL, 10);
	bool good = !a->has_length || a->left == left;
	a->left = left;
	a->has_length = true;
	return good;
}

static bool read_header(HttpAnswer *a)
{
	const char *value;
	size_t name = strcspn(a->line, ": \t");
	if (!name || a->line[name] != ':' || memchr(a->line, 0, a->line_length))
		return false;
	if ((value = value_of(a, "Content-Length")) != NULL)
		return !a->is_cut && read_length(a, value);
	if ((value = value_of(a, "Transfer-Encoding")) != NULL) {
		a->is_chunked = true;
		return is_token(value, "chunked");
	}
	if ((value = value_of(a, "Connection")) != NULL)
		a->keeps_alive &= !is_token(value, "close");
	if ((value = value_of(a, "Api-Version")) != NULL) {
		size_t length = strspn(value, "0123456789.");
		if (length < sizeof a->api_version) {
			memcpy(a->api_version, value, length);
			a->api_version[length] = '\0';
		}
	}
	return true;
}

/* The empty line behind the head: what body follows? */
static AnswerEvent end_head(HttpAnswer *a)
{
	if (a->status == 101) {
		a->state = IS_BROKEN; /* nothing here asks for another protocol */
		return ANSWER_BROKEN;
	}
	if (a->status < 200) { /* the real answer comes */
		http_answer_init(a);
		return ANSWER_MORE;
	}
	if (a->status == 204 || a->status == 304) {
		a->state = AT_END;
	} else if (a->is_chunked) {
		a->state = IN_CHUNK_HEAD;
		a->head_length = 0;
	} else if (a->has_length) {
		a->state = a->left ? IN_BODY : AT_END;
	} else {
		a->state = IN_REST;
		a->keeps_alive = false;
	}
	return ANSWER_HEAD;
}

/* "1a2b; extension" */
static bool read_chunk_head(HttpAnswer *a)
{
	size_t digits = strspn(a->line, "0123456789abcdefABCDEF");
	char after = a->line[digits];
	if (!digits || digits > 15 || (after && after != ';' && after != ' '))
		return false;
	a->left = strtoull(a->line, NULL, 16);
	a->state = a->left ? IN_CHUNK : IN_TRAILER;
	return true;
}

/* A whole line: what it means where it stands. */
static AnswerEvent read_line(HttpAnswer *a)
{
	bool good = true;
	AnswerEvent event = ANSWER_MORE;
	switch (a->state) {
	case IN_STATUS:
		good = read_status(a);
		a->state = IN_HEAD;
		break;
	case IN_HEAD:
		if (!a->line_length && !a->is_cut)
			event = end_head(a);
		else
			good = read_header(a);
		break;
	case IN_CHUNK_HEAD:
		a->head_length = 0;
		good = read_chunk_head(a);
		break;
	case IN_CHUNK_END:
		good = !a->line_length && !a->is_cut;
		a->state = IN_CHUNK_HEAD;
		break;
	default: /* IN_TRAILER: its headers mean nothing here */
		if (!a->line_length && !a->is_cut)
			a->state = AT_END;
		break;
	}
	next_line(a);
	if (!good)
		a->state = IS_BROKEN;
	return good ? event : ANSWER_BROKEN;
}

/* ---- bodies ---- */

static AnswerEvent take_body(HttpAnswer *a, const char **bytes, size_t *length, const char **data,
							 size_t *data_length)
{
	size_t part = *length;
	if (a->state != IN_REST && part > a->left)
		part = (size_t)a->left;
	*data = *bytes;
	*data_length = part;
	*bytes += part;
	*length -= part;
	if (a->state == IN_REST)
		return ANSWER_DATA;
	a->left -= part;
	if (!a->left)
		a->state = a->state == IN_BODY ? AT_END : IN_CHUNK_END;
	return ANSWER_DATA;
}

AnswerEvent http_answer_take(HttpAnswer *a, const char **bytes, size_t *length, const char **data,
							 size_t *data_length)
{
	for (;;) {
		AnswerEvent event = ANSWER_MORE;
		if (a->state == AT_END)
			return ANSWER_END;
		if (a->state == IS_BROKEN)
			return ANSWER_BROKEN;
		if (!*length)
			return ANSWER_MORE;
		if (a->state == IN_BODY || a->state == IN_REST || a->state == IN_CHUNK)
			return take_body(a, bytes, length, data, data_length);
		if (take_line(a, bytes, length))
			event = read_line(a);
		if (event != ANSWER_MORE)
			return event;
	}
}

AnswerEvent http_answer_close(const HttpAnswer *answer)
{
	return answer->state == IN_REST || answer->state == AT_END ? ANSWER_END : ANSWER_BROKEN;
}
