/*
 * See http.h. Curl tells which sockets it waits for and until when (its socket and timer callbacks); the sockets stand
 * in one epoll descriptor, which is what a host waits for.
 *
 * Curl must not be called from its own callbacks, so those only collect; what a request's owner is told, it is told
 * by `settle`, when curl is off the stack.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "http.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "shared_library.h"

#define FUNCTIONS(X) \
	X(curl_global_init) \
	X(curl_easy_init) \
	X(curl_easy_setopt) \
	X(curl_easy_getinfo) \
	X(curl_easy_cleanup) \
	X(curl_easy_strerror) \
	X(curl_slist_append) \
	X(curl_slist_free_all) \
	X(curl_multi_init) \
	X(curl_multi_setopt) \
	X(curl_multi_add_handle) \
	X(curl_multi_remove_handle) \
	X(curl_multi_socket_action) \
	X(curl_multi_info_read) \
	X(curl_multi_cleanup)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

enum { CONNECT_MS = 10000, MOST_TEXT = 16 << 20 };

struct Http {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
	CURLM *multi;
	int epoll;
	int64_t due; /* curl's timer; -1: none */
	HttpRequest *first;
	char *host, *socket_path, *base; /* base: "http://localhost" */
	char *certificates;              /* folder; NULL: no TLS */
	bool verify, in_settle;
};

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(struct Http, name)},
	FUNCTIONS(NAME)
#undef NAME
};

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- curl's callbacks ---- */

static int socket_changed(CURL *easy, curl_socket_t s, int what, void *context, void *known)
{
	Http *http = context;
	struct epoll_event event = {.data.fd = s};
	(void)easy, (void)known;
	if (what == CURL_POLL_REMOVE) {
		(void)epoll_ctl(http->epoll, EPOLL_CTL_DEL, s, NULL);
		return 0;
	}
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (epoll_ctl(http->epoll, EPOLL_CTL_MOD, s, &event) && errno == ENOENT)
		(void)epoll_ctl(http->epoll, EPOLL_CTL_ADD, s, &event);
	return 0;
}

static int timer_changed(CURLM *multi, long milliseconds, void *context)
{
	(void)multi;
	((Http *)context)->due = milliseconds < 0 ? -1 : now_ms() + milliseconds;
	return 0;
}

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

static size_t data_came(char *bytes, size_t one, size_t length, void *context)
{
	HttpRequest *request = context;
	bool success = request->status >= 200 && request->status < 300;
	(void)one;
	bool good = success && request->on_data ? request->on_data(request, bytes, length)
											: keep(request, bytes, length);
	return good ? length : 0;
}

/* "HTTP/1.1 200 OK", "Api-Version: 1.41", and the empty line at the end. */
static size_t head_came(char *bytes, size_t one, size_t length, void *context)
{
	HttpRequest *request = context;
	char line[128];
	(void)one;
	size_t size = length < sizeof line - 1 ? length : sizeof line - 1;
	memcpy(line, bytes, size);
	line[size] = '\0';
	if (strncmp(line, "HTTP/", 5) == 0)
		request->status = strchr(line, ' ') ? strtol(strchr(line, ' '), NULL, 10) : 0;
	else if (strncasecmp(line, "Api-Version:", 12) == 0)
		sscanf(line + 12, " %15[0-9.]", request->api_version);
	else if ((*line == '\r' || *line == '\n') && request->status >= 200)
		request->head_came = true;
	return length;
}

/* ---- requests ---- */

static void forget(Http *http, HttpRequest *request)
{
	if (!request->is_active)
		return;
	http->curl_multi_remove_handle(http->multi, request->easy);
	http->curl_easy_cleanup(request->easy);
	http->curl_slist_free_all(request->headers);
	free(request->url);
	request->easy = request->headers = NULL;
	request->url = NULL;
	request->is_active = false;
	if (request->next)
		request->next->previous = request->previous;
	if (request->previous)
		request->previous->next = request->next;
	else
		http->first = request->next;
}

static void drop_text(HttpRequest *request)
{
	free(request->text);
	request->text = NULL;
	request->text_length = request->text_capacity = 0;
}

/* Tells what curl has collected. */
static void settle(Http *http)
{
	bool again = !http->in_settle;
	http->in_settle = true;
	while (again) {
		int left;
		CURLMsg *message;
		again = false;
		for (HttpRequest *r = http->first; r; r = r->next) {
			if (!r->head_came || r->head_told)
				continue;
			r->head_told = true;
			if (r->on_head && r->status < 300) {
				again = true;
				r->on_head(r);
				break; /* the list may have changed */
			}
		}
		if (again || (message = http->curl_multi_info_read(http->multi, &left)) == NULL)
			continue;
		again = true;
		if (message->msg != CURLMSG_DONE)
			continue;
		HttpRequest *request = NULL;
		CURLcode code = message->data.result;
		http->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
		char problem[sizeof request->error];
		snprintf(problem, sizeof problem, "%s",
				 request->too_much ? "the answer is too large"
				 : *request->error ? request->error
								   : http->curl_easy_strerror(code));
		forget(http, request);
		request->on_end(request, code == CURLE_OK ? NULL : problem);
	}
	http->in_settle = false;
}

static void set_options(Http *http, HttpRequest *request)
{
	CURL *easy = request->easy;
#define SET(option, value) http->curl_easy_setopt(easy, option, value)
	if (http->socket_path)
		SET(CURLOPT_UNIX_SOCKET_PATH, http->socket_path);
	if (http->certificates) {
		char path[4096];
		snprintf(path, sizeof path, "%s/ca.pem", http->certificates);
		SET(CURLOPT_CAINFO, path);
		snprintf(path, sizeof path, "%s/cert.pem", http->certificates);
		SET(CURLOPT_SSLCERT, path);
		snprintf(path, sizeof path, "%s/key.pem", http->certificates);
		SET(CURLOPT_SSLKEY, path);
		SET(CURLOPT_SSL_VERIFYPEER, http->verify ? 1L : 0L);
		SET(CURLOPT_SSL_VERIFYHOST, http->verify ? 2L : 0L);
	}
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_PRIVATE, (char *)request);
	SET(CURLOPT_ERRORBUFFER, request->error);
	SET(CURLOPT_WRITEFUNCTION, data_came);
	SET(CURLOPT_WRITEDATA, request);
	SET(CURLOPT_HEADERFUNCTION, head_came);
	SET(CURLOPT_HEADERDATA, request);
	SET(CURLOPT_HTTPHEADER, request->headers);
	if (strcmp(request->method, "GET") != 0) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
		SET(CURLOPT_POSTFIELDS, request->body ? request->body : "");
		SET(CURLOPT_CUSTOMREQUEST, request->method);
	}
#undef SET
}

static bool make_request(Http *http, HttpRequest *request)
{
	char content[128];
	snprintf(content, sizeof content, "Content-Type: %.100s",
			 request->content_type ? request->content_type : "application/json");
	request->easy = http->curl_easy_init();
	if (!request->easy || asprintf(&request->url, "%s%s", http->base, request->path) < 0) {
		request->url = NULL;
		return false;
	}
	/* no "Expect: 100-continue": it costs a round trip */
	request->headers = http->curl_slist_append(NULL, "Expect:");
	struct curl_slist *more = http->curl_slist_append(request->headers, content);
	if (more && request->header)
		more = http->curl_slist_append(request->headers, request->header);
	if (!more)
		return false;
	set_options(http, request);
	return http->curl_multi_add_handle(http->multi, request->easy) == CURLM_OK;
}

bool http_start(Http *http, HttpRequest *request)
{
	int running;
	drop_text(request);
	request->status = 0;
	request->head_came = request->head_told = request->too_much = false;
	*request->error = '\0';
	request->headers = NULL;
	if (!make_request(http, request)) {
		if (request->easy)
			http->curl_easy_cleanup(request->easy);
		http->curl_slist_free_all(request->headers);
		free(request->url);
		request->url = NULL;
		return false;
	}
	request->is_active = true;
	request->previous = NULL;
	request->next = http->first;
	if (http->first)
		http->first->previous = request;
	http->first = request;
	/* out it goes; what comes back at once is told by the next poll */
	http->curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	return true;
}

void http_cancel(Http *http, HttpRequest *request)
{
	forget(http, request);
	drop_text(request);
}

int http_descriptor(const Http *http)
{
	return http->epoll;
}

int http_timeout(const Http *http)
{
	if (http->due < 0)
		return -1;
	int64_t left = http->due - now_ms();
	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

void http_poll(Http *http)
{
	struct epoll_event events[64];
	int running, count;
	for (int turn = 0; turn < 100; turn++) {
		count = epoll_wait(http->epoll, events, 64, 0);
		bool due = http->due >= 0 && http->due <= now_ms();
		if (due) {
			http->due = -1;
			http->curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		for (int i = 0; i < count; i++) {
			uint32_t e = events[i].events;
			int what = (e & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0) |
					   (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
					   (e & EPOLLERR ? CURL_CSELECT_ERR : 0);
			http->curl_multi_socket_action(http->multi, events[i].data.fd, what, &running);
		}
		settle(http);
		if (count <= 0 && !due)
			return;
	}
}

/* ---- opening ---- */

static bool parse_host(Http *http, const char *host, HttpProblem *problem)
{
	const char *verify = getenv("DOCKER_TLS_VERIFY"), *folder = getenv("DOCKER_CERT_PATH");
	const char *address = strstr(host, "://");
	int length = 0;
	if (strncmp(host, "unix://", 7) == 0 && host[7] == '/') {
		http->socket_path = strdup(host + 7);
		http->base = strdup("http://localhost");
		return http->socket_path && http->base;
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

Http *http_open(const char *host, HttpProblem *problem)
{
	Http *http = calloc(1, sizeof *http);
	if (!host)
		host = getenv("DOCKER_HOST");
	if (!host || !*host)
		host = "unix:///var/run/docker.sock";
	snprintf(problem->text, sizeof problem->text, "out of memory");
	if (!http)
		return NULL;
	http->epoll = -1;
	http->due = -1;
	http->host = strdup(host);
	if (!http->host || !parse_host(http, host, problem))
		goto failed;
	if (!shared_library_load("libcurl.so.4", NAMES, SHARED_COUNT(NAMES), http)) {
		snprintf(problem->text, sizeof problem->text,
				 "libcurl.so.4 is needed to talk to Docker: install libcurl4");
		goto failed;
	}
	http->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (http->epoll < 0 || http->curl_global_init(CURL_GLOBAL_DEFAULT))
		goto failed;
	http->multi = http->curl_multi_init();
	if (!http->multi)
		goto failed;
	http->curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
	http->curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	http->curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
	http->curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	return http;
failed:
	http_close(http);
	return NULL;
}

void http_close(Http *http)
{
	if (!http)
		return;
	while (http->first)
		http_cancel(http, http->first);
	if (http->multi)
		http->curl_multi_cleanup(http->multi);
	if (http->epoll >= 0)
		close(http->epoll);
	free(http->host);
	free(http->socket_path);
	free(http->base);
	free(http->certificates);
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
