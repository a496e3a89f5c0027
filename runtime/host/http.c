/*
 * See http.h: what both ways to an engine have in common.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "http_transport.h"

enum { MOST_TEXT = 16 << 20, MOST_NAME = 253 };

int64_t http_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- answers ---- */

static bool keep(HttpRequest *request, const char *bytes, size_t length)
{
	size_t most = request->most ? request->most : MOST_TEXT, need = request->text_length + length;
	if (need > most) {
		request->too_much = true;
		return false;
	}
	if (need + 1 > request->text_capacity) {
		size_t capacity = request->text_capacity ? request->text_capacity * 2 : 4096;
		while (capacity < need + 1)
			capacity *= 2;
		char *grown = realloc(request->text, capacity);
		if (!grown)
			return false;
		request->text = grown;
		request->text_capacity = capacity;
	}
	memcpy(request->text + request->text_length, bytes, length);
	request->text_length = need;
	request->text[need] = '\0';
	return true;
}

bool http_take_data(HttpRequest *request, const char *bytes, size_t length)
{
	bool success = request->status >= 200 && request->status < 300;
	return success && request->on_data ? request->on_data(request, bytes, length)
									   : keep(request, bytes, length);
}

static void drop_text(HttpRequest *request)
{
	free(request->text);
	request->text = NULL;
	request->text_length = request->text_capacity = 0;
}

/* ---- requests ---- */

static void leave_list(Http *http, HttpRequest *request)
{
	request->is_active = false;
	if (request->next)
		request->next->previous = request->previous;
	if (request->previous)
		request->previous->next = request->next;
	else
		http->first = request->next;
}

void http_finish(Http *http, HttpRequest *request, const char *problem)
{
	leave_list(http, request);
	request->on_end(request, problem);
}

bool http_start(Http *http, HttpRequest *request)
{
	drop_text(request);
	request->status = 0;
	request->head_came = request->head_told = request->too_much = request->was_resent = false;
	request->is_unreached = request->has_address = request->has_more = false;
	*request->error = '\0';
	request->transfer = request->headers = NULL;
	request->url = NULL;
	if (!(http->sockets ? http_socket_start(http, request) : http_curl_start(http, request)))
		return false;
	request->is_active = true;
	request->previous = NULL;
	request->next = http->first;
	if (http->first)
		http->first->previous = request;
	http->first = request;
	return true;
}

void http_cancel(Http *http, HttpRequest *request)
{
	if (request->is_active) {
		if (http->sockets)
			http_socket_release(http, request);
		else
			http_curl_release(http, request);
		leave_list(http, request);
	}
	drop_text(request);
}

int http_descriptor(const Http *http)
{
	return http->epoll;
}

int http_timeout(const Http *http)
{
	return http->sockets ? http_socket_timeout(http) : http_curl_timeout(http);
}

void http_poll(Http *http)
{
	if (http->sockets)
		http_socket_poll(http);
	else
		http_curl_poll(http);
}

/* ---- opening ---- */

static bool parse_host(Http *http, const char *host, HttpProblem *problem)
{
	const char *verify = getenv("DOCKER_TLS_VERIFY"), *folder = getenv("DOCKER_CERT_PATH");
	const char *address = strstr(host, "://");
	int length = 0;
	if (strncmp(host, "unix://", 7) == 0 && host[7] == '/') {
		http->socket_path = strdup(host + 7);
		return http->socket_path != NULL;
	}
	size_t scheme = address ? (size_t)(address - host) : 0;
	bool tcp = address && ((scheme == 3 && !strncmp(host, "tcp", 3)) ||
						   (scheme == 4 && !strncmp(host, "http", 4)) ||
						   (scheme == 5 && !strncmp(host, "https", 5)));
	if (!tcp || !address[3] || strpbrk(address + 3, " @?#")) {
		snprintf(problem->text, sizeof problem->text,
				 "DOCKER_HOST: expected unix:///PATH or tcp://HOST:PORT, got '%.200s'", host);
		return false;
	}
	bool tls = scheme == 5 || (verify && *verify);
	http->verify = verify && *verify;
	if (tls && (!folder || !*folder)) {
		const char *home = getenv("HOME");
		length = asprintf(&http->certificates, "%s/.docker", home ? home : "");
	} else if (tls) {
		http->certificates = strdup(folder);
	}
	const char *end = address + strlen(address);
	while (end > address + 3 && end[-1] == '/')
		end--;
	if (length < 0 || asprintf(&http->base, "%s://%.*s", tls ? "https" : "http",
							   (int)(end - address - 3), address + 3) < 0)
		return false;
	return true;
}

static Http *make_http(HttpProblem *problem)
{
	Http *http = calloc(1, sizeof *http);
	snprintf(problem->text, sizeof problem->text, "out of memory");
	if (http)
		http->epoll = -1;
	return http;
}

Http *http_open(const char *host, HttpProblem *problem)
{
	Http *http = make_http(problem);
	if (!host)
		host = getenv("DOCKER_HOST");
	if (!host || !*host)
		host = "unix:///var/run/docker.sock";
	if (!http)
		return NULL;
	http->host = strdup(host);
	if (!http->host || !parse_host(http, host, problem))
		goto failed;
	http->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (http->epoll < 0)
		goto failed;
	if (http->socket_path)
		http->sockets = http_socket_open(http);
	else
		http->curl = http_curl_open(http, problem);
	if (!http->sockets && !http->curl)
		goto failed;
	return http;
failed:
	http_close(http);
	return NULL;
}

static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

Http *http_open_service(const HttpService *service, HttpProblem *problem)
{
	Http *http = make_http(problem);
	if (!http)
		return NULL;
	http->is_service = true;
	http->verify = !service->is_unverified;
	if (copy(&http->host, service->base) && copy(&http->base, service->base) &&
		copy(&http->socket_path, service->socket_path) &&
		copy(&http->authorities, service->authorities) &&
		(http->epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 &&
		(http->curl = http_curl_open(http, problem)))
		return http;
	http_close(http);
	return NULL;
}

Http *http_open_names(HttpProblem *problem)
{
	Http *http = make_http(problem);
	if (!http)
		return NULL;
	http->is_names = true;
	if (copy(&http->base, "http://") && (http->epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 &&
		(http->curl = http_curl_open(http, problem)))
		return http;
	http_close(http);
	return NULL;
}

bool http_is_name(const char *text)
{
	static const char characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	size_t length = strlen(text);
	return length && length <= MOST_NAME && strspn(text, characters) == length;
}

void http_close(Http *http)
{
	if (!http)
		return;
	while (http->first)
		http_cancel(http, http->first);
	http_socket_close(http->sockets);
	http_curl_close(http->curl);
	if (http->epoll >= 0)
		close(http->epoll);
	free(http->host);
	free(http->socket_path);
	free(http->base);
	free(http->certificates);
	free(http->authorities);
	free(http);
}

bool http_is_local(const Http *http)
{
	return http->socket_path != NULL;
}

const char *http_host(const Http *http)
{
	return http->host;
}
