/*
 * Requests over a Unix socket. A connection carries one request at a time and is kept for the next one; a stream, such as
 * the output of a container, has one of its own for as long as it lasts.
 *
 * A callback may start and cancel any request, so a connection is only marked as closed where callbacks are on the stack,
 * and freed at the end of a turn of http_socket_poll. Failures that are seen while a request is started wait there too.
 *
 * A poll takes a part only, so that a long answer keeps nobody: what is left makes the descriptor readable again.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "byte_queue.h"
#include "http_answer.h"
#include "http_transport.h"

enum {
	MOST_IDLE = 8,
	CONNECT_REST_MS = 5,
	BLOCK = 64 * 1024,
	MOST_BLOCKS = 4,
	MOST_PER_POLL = 512 * 1024
};

typedef struct Connection {
	struct Connection *next;
	HttpRequest *request; /* NULL: idle or closed */
	int descriptor;       /* -1: closed */
	HttpAnswer answer;
	ByteQueue head;       /* of the request: what is not sent yet */
	size_t sent;          /* of its body */
	const char *problem;  /* it failed as it was started */
	int64_t again, until; /* the engine is too busy to accept: when to try again; 0: connected */
	bool waits_to_write;
	bool is_reused, is_spoiled; /* has carried another request; is not for a further one */
} Connection;

struct HttpSockets {
	Connection *first;
	size_t taken; /* bytes, in this poll */
	char block[BLOCK];
};

/* ---- connections ---- */

static void close_connection(Connection *c)
{
	if (c->descriptor >= 0)
		close(c->descriptor); /* leaves epoll with it */
	c->descriptor = -1;
	c->request = NULL;
	c->problem = NULL;
	c->again = 0;
}

static void free_closed(HttpSockets *sockets)
{
	for (Connection **place = &sockets->first; *place;) {
		Connection *c = *place;
		if (c->descriptor >= 0 || c->problem) {
			place = &c->next;
			continue;
		}
		*place = c->next;
		byte_queue_free(&c->head);
		free(c);
	}
}

static void connect_socket(Http *http, Connection *c)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
	c->again = 0;
	if (strlen(http->socket_path) >= sizeof address.sun_path) {
		c->problem = strerror(ENAMETOOLONG);
		return;
	}
	memcpy(address.sun_path, http->socket_path, strlen(http->socket_path) + 1);
	if (connect(c->descriptor, (struct sockaddr *)&address, sizeof address) == 0) {
		if (epoll_ctl(http->epoll, EPOLL_CTL_ADD, c->descriptor, &event))
			c->problem = strerror(errno);
	} else if (errno == EAGAIN && http_now() < c->until) {
		c->again = http_now() + CONNECT_REST_MS;
	} else {
		c->problem = strerror(errno);
	}
}

/* One that is idle and still alive, or a new one. NULL: no memory. */
static Connection *take_connection(Http *http)
{
	char byte;
	for (Connection *c = http->sockets->first; c; c = c->next) {
		if (c->request || c->descriptor < 0)
			continue;
		if (recv(c->descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN) {
			c->is_reused = true;
			return c;
		}
		close_connection(c);
	}
	Connection *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->until = http_now() + HTTP_CONNECT_MS;
	c->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->descriptor < 0)
		c->problem = strerror(errno);
	else
		connect_socket(http, c);
	c->next = http->sockets->first;
	http->sockets->first = c;
	return c;
}

/* The connection and its request let go of each other. */
static HttpRequest *part(Connection *c, bool may_stay)
{
	HttpRequest *request = c->request;
	c->request = NULL;
	request->transfer = NULL;
	if (!may_stay)
		close_connection(c);
	return request;
}

static void fail(Http *http, Connection *c, const char *problem)
{
	http_finish(http, part(c, false), problem);
}

static void finish(Http *http, Connection *c, bool may_stay)
{
	unsigned idle = 0;
	for (const Connection *other = http->sockets->first; other; other = other->next)
		idle += other->descriptor >= 0 && !other->request;
	may_stay = may_stay && c->answer.keeps_alive && !c->is_spoiled && idle < MOST_IDLE;
	http_finish(http, part(c, may_stay), NULL);
}

/* ---- sending ---- */

/* Sends what the socket takes. An engine may answer, and close, before it has read all: its answer tells why. */
static void push(Http *http, Connection *c)
{
	const HttpRequest *request = c->request;
	bool waits = false;
	while (!waits) {
		size_t length = byte_queue_length(&c->head);
		bool is_head = length > 0;
		if (!is_head && (length = request->body_length - c->sent) == 0)
			break;
		const void *bytes = is_head ? (const void *)byte_queue_front(&c->head)
									: (const char *)request->body + c->sent;
		ssize_t n = send(c->descriptor, bytes, length, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN) {
			c->is_spoiled = true;
			byte_queue_clear(&c->head);
			c->sent = request->body_length;
			break;
		}
		waits = n < 0;
		if (n > 0 && is_head)
			byte_queue_skip(&c->head, (size_t)n);
		else if (n > 0)
			c->sent += (size_t)n;
	}
	if (waits != c->waits_to_write) {
		struct epoll_event event = {.events = EPOLLIN | (waits ? EPOLLOUT : 0u), .data.ptr = c};
		(void)epoll_ctl(http->epoll, EPOLL_CTL_MOD, c->descriptor, &event);
		c->waits_to_write = waits;
	}
}

static void put(ByteQueue *out, const char *text)
{
	byte_queue_add(out, text, strlen(text));
}

static bool write_head(Connection *c, const HttpRequest *request)
{
	ByteQueue *out = &c->head;
	char length[64];
	byte_queue_clear(out);
	put(out, request->method);
	put(out, " ");
	put(out, request->path);
	put(out, " HTTP/1.1\r\nHost: docker\r\nUser-Agent: sbxc\r\n");
	if (strcmp(request->method, "GET") != 0) {
		snprintf(length, sizeof length,
				 "Content-Length: %zu\r\nContent-Type: ", request->body_length);
		put(out, length);
		put(out, request->content_type ? request->content_type : "application/json");
		put(out, "\r\n");
	}
	if (request->header) {
		put(out, request->header);
		put(out, "\r\n");
	}
	put(out, "\r\n");
	return !out->failed;
}

bool http_socket_start(Http *http, HttpRequest *request)
{
	Connection *c = take_connection(http);
	if (!c)
		return false;
	if (!write_head(c, request)) {
		close_connection(c);
		return false;
	}
	c->request = request;
	request->transfer = c;
	c->sent = 0;
	http_answer_init(&c->answer);
	if (!c->problem && !c->again)
		push(http, c);
	return true;
}

void http_socket_release(Http *http, HttpRequest *request)
{
	(void)http;
	if (request->transfer)
		(void)part(request->transfer, false);
}

/* ---- answers ---- */

/* Takes bytes of the answer as far as the connection still has this request. */
static void feed(Http *http, Connection *c, const char *bytes, size_t length)
{
	HttpRequest *request = c->request;
	const char *data = NULL;
	size_t data_length = 0;
	while (c->request == request) {
		switch (http_answer_take(&c->answer, &bytes, &length, &data, &data_length)) {
		case ANSWER_MORE:
			return;
		case ANSWER_HEAD:
			request->status = c->answer.status;
			memcpy(request->api_version, c->answer.api_version, sizeof request->api_version);
			request->head_came = request->head_told = true;
			if (request->on_head && request->status < 300)
				request->on_head(request);
			break;
		case ANSWER_DATA:
			if (!http_take_data(request, data, data_length))
				fail(http, c,
					 request->too_much ? "the answer is too large" : "the answer was refused");
			break;
		case ANSWER_END:
			finish(http, c, !length && !c->waits_to_write);
			return;
		case ANSWER_BROKEN:
			fail(http, c, "the answer is not HTTP");
			return;
		}
	}
}

/* The connection has ended, or is broken. One that was kept may have ended as the request was on its way: then that goes out
 * again. Should the engine have taken it all the same, was_resent tells. */
static void end(Http *http, Connection *c, const char *problem)
{
	bool came = c->answer.head_length || c->answer.status;
	if (came || !c->is_reused) {
		fail(http, c,
			 problem ? problem
			 : came  ? "it ended in the middle of an answer"
					 : "it ended without an answer");
		return;
	}
	HttpRequest *request = part(c, false);
	request->was_resent = true;
	if (!http_socket_start(http, request))
		http_finish(http, request, "no memory");
}

static void pull(Http *http, Connection *c)
{
	for (int turn = 0; turn < MOST_BLOCKS && c->request; turn++) {
		char *block = http->sockets->block;
		ssize_t n = recv(c->descriptor, block, BLOCK, 0);
		if (n > 0) {
			http->sockets->taken += (size_t)n;
			feed(http, c, block, (size_t)n);
		} else if (n == 0) {
			if (http_answer_close(&c->answer) == ANSWER_END)
				finish(http, c, false);
			else
				end(http, c, NULL);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR) {
			end(http, c, strerror(errno));
		}
	}
}

static void serve(Http *http, Connection *c, uint32_t events)
{
	if (c->descriptor < 0)
		return;
	if (!c->request) { /* an idle one has ended, or says what nobody asked for */
		close_connection(c);
		return;
	}
	if (c->waits_to_write && events & EPOLLOUT)
		push(http, c);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		pull(http, c);
}

/* ---- turns ---- */

/* Connections that could not be made, or are to be tried again. */
static bool settle(Http *http)
{
	bool any = false;
	for (Connection *c = http->sockets->first; c; c = c->next) {
		if (c->again && c->again <= http_now()) {
			any = true;
			connect_socket(http, c);
			if (!c->again && !c->problem)
				push(http, c);
		}
		if (c->problem && c->request) {
			any = true;
			fail(http, c, c->problem);
		}
	}
	return any;
}

int http_socket_timeout(const Http *http)
{
	int least = -1;
	for (const Connection *c = http->sockets->first; c; c = c->next) {
		int64_t left = c->problem ? 0 : c->again ? c->again - http_now() : -1;
		if ((c->problem || c->again) && (least < 0 || left < least))
			least = left < 0 ? 0 : (int)left;
	}
	return least;
}

void http_socket_poll(Http *http)
{
	struct epoll_event events[64];
	http->sockets->taken = 0;
	for (int turn = 0; turn < 100 && http->sockets->taken < MOST_PER_POLL; turn++) {
		bool any = settle(http);
		int count = epoll_wait(http->epoll, events, 64, 0);
		for (int i = 0; i < count; i++)
			serve(http, events[i].data.ptr, events[i].events);
		free_closed(http->sockets);
		if (count <= 0 && !any)
			return;
	}
}

HttpSockets *http_socket_open(Http *http)
{
	(void)http;
	return calloc(1, sizeof(HttpSockets));
}

void http_socket_close(HttpSockets *sockets)
{
	if (!sockets)
		return;
	for (Connection *c = sockets->first; c; c = c->next)
		close_connection(c);
	free_closed(sockets);
	free(sockets);
}
