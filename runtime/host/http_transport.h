/*
 * What the parts of the Http module share. One Http has one way to its engine:
 *
 *   http.c          what is common: hosts, the list of requests, what is kept of answers
 *   http_socket.c   an engine of this machine: a Unix socket, by http_answer.c
 *   http_curl.c     any other: TCP and TLS, by curl
 *
 * Curl could do both, but it costs a process 5 to 10 ms to load, as much as the engine needs for a tenth of a container;
 * a Unix socket needs no names, certificates, proxies or redirects (measured: docs/dependencies.md).
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_HTTP_TRANSPORT_H
#define SBX_HTTP_TRANSPORT_H

#include "http.h"

enum { HTTP_CONNECT_MS = 10000 };

typedef struct HttpSockets HttpSockets;
typedef struct HttpCurl HttpCurl;

struct Http {
	int epoll;          /* what a host waits for */
	HttpRequest *first; /* the active ones */
	char *host;         /* as it was given */
	char *socket_path;  /* NULL: by curl, as services always are */
	char *base;         /* of curl's addresses: "http://machine:2375" */
	char *certificates; /* folder; NULL: no TLS */
	char *authorities;  /* of a service: a file of certificates; NULL: the system's */
	bool verify, is_service;
	bool is_names;        /* http_open_names */
	HttpSockets *sockets; /* one of the two */
	HttpCurl *curl;
};

int64_t http_now(void); /* ms of a clock that only goes forward */
/* A part of the body: to on_data, or kept as text. false: the request stops; it may be too_much. */
bool http_take_data(HttpRequest *request, const char *bytes, size_t length);
/* It is over: leaves the list, tells its owner. The transport has let go of it. */
void http_finish(Http *http, HttpRequest *request, const char *problem);

HttpSockets *http_socket_open(Http *http);
void http_socket_close(HttpSockets *sockets);
bool http_socket_start(Http *http, HttpRequest *request);
void http_socket_release(Http *http, HttpRequest *request);
int http_socket_timeout(const Http *http);
void http_socket_poll(Http *http);

/* NULL: libcurl cannot be used. */
HttpCurl *http_curl_open(Http *http, HttpProblem *problem);
void http_curl_close(HttpCurl *curl);
bool http_curl_start(Http *http, HttpRequest *request);
void http_curl_release(Http *http, HttpRequest *request);
int http_curl_timeout(const Http *http);
void http_curl_poll(Http *http);

#endif
