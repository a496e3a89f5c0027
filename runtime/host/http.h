/*
 * Requests to an engine, many at once and without a thread, behind one epoll descriptor. A request calls back from
 * http_poll only; a callback may start and cancel requests (on_data may not). http_transport.h has the parts.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_HTTP_H
#define SBX_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Http Http;
typedef struct HttpRequest HttpRequest;

struct HttpRequest {
	/* set before http_start; the texts must live as long as the request */
	const char *method, *path; /* "/v1.41/containers/json" */
	const void *body;
	size_t body_length;
	const char *content_type;        /* of the body; NULL: JSON */
	const char *header;              /* one more, "X-Registry-Auth: ...", or NULL */
	const char *const *more_headers; /* others, to a NULL; or NULL */
	uint32_t timeout_ms;             /* for the whole of it; 0: none */
	void *context;
	size_t most; /* bytes of `text` that are kept; 0: 16 MiB. More of them are a failure. */
	/* Takes a part of a successful answer's body in place of `text`; false stops the request. It may start nothing. */
	bool (*on_data)(HttpRequest *request, const char *bytes, size_t length);
	/* Of http_open_names: an address of the name, as text. It may start nothing. */
	void (*on_address)(HttpRequest *request, const char *address);
	/* The head has come, and it is a success. */
	void (*on_head)(HttpRequest *request);
	/* It is over; problem NULL: an answer came whole, whatever its status. The request may be used again. */
	void (*on_end)(HttpRequest *request, const char *problem);
	/* set by this module */
	long status;
	char *
		text; /* the body, with a NUL behind it, until the next start or http_cancel; NULL: empty */
	size_t text_length, text_capacity;
	char api_version[16]; /* from the head Api-Version */
	bool is_active, head_came, head_told, too_much, has_address, has_more;
	bool
		is_unreached; /* it has ended before there was a connection: the service has seen nothing of it */
	bool was_resent; /* the first time it may have reached the engine, whose answer was lost */
	void *transfer, *headers; /* of the transport */
	char *url;
	char error[256];
	struct HttpRequest *next, *previous;
};

/* Why there is no Http: a text for the user. */
typedef struct HttpProblem {
	char text[512];
} HttpProblem;

/* host: as DOCKER_HOST has it ("unix:///run/docker.sock", "tcp://machine:2376"), NULL: from the environment, with
 * DOCKER_TLS_VERIFY and DOCKER_CERT_PATH. NULL: problem tells why. */
Http *http_open(const char *host, HttpProblem *problem);
/* Another service than an engine. Redirects are not followed: they are answers of status 3xx. */
typedef struct HttpService {
	const char *base;        /* "https://host:port/prefix" */
	const char *socket_path; /* in place of the host; or NULL */
	const char *authorities; /* a file of certificates; NULL: the system's */
	bool is_unverified;      /* any certificate will do */
} HttpService;
Http *http_open_service(const HttpService *service, HttpProblem *problem);
/* Looks names up without waiting, as requests do, and connects to nothing. A request's path is the name, its method GET;
 * on_address is told each address, in the order to try them, and then on_end. Nothing is remembered: each asks anew. */
Http *http_open_names(HttpProblem *problem);
/* Letters, digits, '.', '-' and '_', 253 of them at most: only such a text may be the path of a request for addresses. */
bool http_is_name(const char *text);
void http_close(Http *http);
bool http_is_local(const Http *http); /* through a socket of this machine */
const char *http_host(const Http *http);
/* false: no memory; on_end is not called. */
bool http_start(Http *http, HttpRequest *request);
/* Nothing is called back any more. */
void http_cancel(Http *http, HttpRequest *request);
int http_descriptor(const Http *http);
int http_timeout(const Http *http); /* ms, -1: none */
void http_poll(Http *http);

#endif
