/*
 * The answer to an HTTP/1.1 request, byte by byte as it comes: head, then a body that is counted, chunked, or ends with
 * its connection. Nothing is copied but the head's lines. Limits: 64 KiB of head or trailer, 1 KiB of a line that means
 * something here (status, length, encoding); whatever is not plain HTTP is broken.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_HTTP_ANSWER_H
#define SBX_HTTP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum AnswerEvent {
	ANSWER_MORE, /* all bytes are taken; more are needed */
	ANSWER_HEAD, /* status, api_version and keeps_alive are known */
	ANSWER_DATA, /* a part of the body */
	ANSWER_END,  /* the answer is whole; what follows is not of it */
	ANSWER_BROKEN
} AnswerEvent;

typedef struct HttpAnswer {
	long status;
	char api_version[16];
	bool keeps_alive; /* the connection may carry another request */
	/* of the reader */
	int state;
	bool is_chunked, has_length, is_cut; /* is_cut: the line did not fit */
	uint64_t left;                       /* of the body, or of its chunk */
	size_t head_length, line_length;
	char line[1024];
} HttpAnswer;

void http_answer_init(HttpAnswer *answer);
/* Takes bytes from the front of *bytes up to the next event. ANSWER_DATA: *data is a part of what was taken. */
AnswerEvent http_answer_take(HttpAnswer *answer, const char **bytes, size_t *length,
							 const char **data, size_t *data_length);
/* The connection has ended: ANSWER_END if that is how the body ends, else ANSWER_BROKEN. */
AnswerEvent http_answer_close(const HttpAnswer *answer);

#endif
