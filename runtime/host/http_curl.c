/*
 * Requests over TCP and TLS, by curl, of which this file is the only user. Curl tells which sockets it waits for and until
 * when (its socket and timer callbacks); the sockets stand in the one epoll descriptor of http_transport.h.
 *
 * Curl must not be called from its own callbacks, so those only collect; what a request's owner is told, it is told
 * by `settle`, when curl is off the stack.
 *
 * Names are looked up by a thread of curl's, the only one of this library. Where a name is all that is wanted, curl is made to
 * ask for a socket to each address, and gets none. It asks for one at a time and then waits for a time for other things to
 * happen, which cannot: so it is called again (curl_multi_perform) as long as addresses come.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <assert.h>
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#include "http_transport.h"
#include "shared_library.h"

enum {
	POLL_MS = 2
}; /* what still comes then is for the next poll: its descriptor stays readable */

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
	X(curl_multi_perform) \
	X(curl_multi_info_read) \
	X(curl_multi_cleanup)

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

struct HttpCurl {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
	CURLM *multi;
	int64_t due; /* curl's timer; -1: none */
	bool in_settle;
};

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(struct HttpCurl, name)},
	FUNCTIONS(NAME)
#undef NAME
};

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
	((HttpCurl *)context)->due = milliseconds < 0 ? -1 : http_now() + milliseconds;
	return 0;
}

static size_t data_came(char *bytes, size_t one, size_t length, void *context)
{
	(void)one;
	return http_take_data(context, bytes, length) ? length : 0;
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

static curl_socket_t address_came(void *context, curlsocktype purpose,
								  struct curl_sockaddr *address)
{
	HttpRequest *request = context;
	char text[128];
	(void)purpose;
	if (getnameinfo(&address->addr, address->addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) ==
		0) {
		request->has_address = request->has_more = true;
		request->on_address(request, text);
	}
	return CURL_SOCKET_BAD;
}

/* ---- requests ---- */

void http_curl_release(Http *http, HttpRequest *request)
{
	HttpCurl *curl = http->curl;
	if (request->transfer) {
		curl->curl_multi_remove_handle(curl->multi, request->transfer);
		curl->curl_easy_cleanup(request->transfer);
	}
	curl->curl_slist_free_all(request->headers);
	free(request->url);
	request->transfer = request->headers = NULL;
	request->url = NULL;
}

/* Did it end before the request could be sent? Then nobody is there, or nobody who can be trusted. */
static bool is_unreached(const HttpCurl *curl, CURL *easy, CURLcode code)
{
	curl_off_t sent_after = 0;
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_PEER_FAILED_VERIFICATION:
		return true;
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
		curl->curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &sent_after);
		return sent_after == 0;
	default:
		return false;
	}
}

/* Tells what curl has collected. */
static void settle(Http *http)
{
	HttpCurl *curl = http->curl;
	bool again = !curl->in_settle;
	curl->in_settle = true;
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
		if (again || (message = curl->curl_multi_info_read(curl->multi, &left)) == NULL)
			continue;
		again = true;
		if (message->msg != CURLMSG_DONE)
			continue;
		HttpRequest *request = NULL;
		CURLcode code = message->data.result;
		curl->curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
		request->is_unreached = is_unreached(curl, message->easy_handle, code);
		char problem[sizeof request->error];
		snprintf(problem, sizeof problem, "%s",
				 request->too_much ? "the answer is too large"
				 : *request->error ? request->error
								   : curl->curl_easy_strerror(code));
		/* a look-up ends with no socket to connect */
		bool good = code == CURLE_OK || (request->has_address && code == CURLE_COULDNT_CONNECT);
		http_curl_release(http, request);
		http_finish(http, request, good ? NULL : problem);
	}
	curl->in_settle = false;
}

static void set_options(Http *http, HttpRequest *request)
{
	CURL *easy = request->transfer;
#define SET(option, value) http->curl->curl_easy_setopt(easy, option, value)
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
	if (http->is_service) {
		if (http->socket_path)
			SET(CURLOPT_UNIX_SOCKET_PATH, http->socket_path);
		if (http->authorities)
			SET(CURLOPT_CAINFO, http->authorities);
		SET(CURLOPT_SSL_VERIFYPEER, http->verify ? 1L : 0L);
		SET(CURLOPT_SSL_VERIFYHOST, http->verify ? 2L : 0L);
		SET(CURLOPT_PROTOCOLS_STR, "http,https");
	}
	if (http->is_names) {
		SET(CURLOPT_OPENSOCKETFUNCTION, address_came);
		SET(CURLOPT_OPENSOCKETDATA, request);
		SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
		SET(CURLOPT_PROTOCOLS_STR, "http");
	}
	if (request->timeout_ms)
		SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	/* a request that ends while its name is looked up leaves the thread to itself, and does not wait for it */
	SET(CURLOPT_QUICK_EXIT, 1L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, http->is_names ? 0L : (long)HTTP_CONNECT_MS);
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
	HttpCurl *curl = http->curl;
	char content[128];
	assert(!http->is_names || http_is_name(request->path));
	snprintf(content, sizeof content, "Content-Type: %.100s",
			 request->content_type ? request->content_type : "application/json");
	request->transfer = curl->curl_easy_init();
	if (!request->transfer || asprintf(&request->url, "%s%s", http->base, request->path) < 0) {
		request->url = NULL;
		return false;
	}
	/* no "Expect: 100-continue": it costs a round trip */
	request->headers = curl->curl_slist_append(NULL, "Expect:");
	struct curl_slist *more = curl->curl_slist_append(request->headers, content);
	if (more && request->header)
		more = curl->curl_slist_append(request->headers, request->header);
	for (size_t i = 0; more && request->more_headers && request->more_headers[i]; i++)
		more = curl->curl_slist_append(request->headers, request->more_headers[i]);
	if (!more)
		return false;
	set_options(http, request);
	return curl->curl_multi_add_handle(curl->multi, request->transfer) == CURLM_OK;
}

bool http_curl_start(Http *http, HttpRequest *request)
{
	int running;
	if (!make_request(http, request)) {
		http_curl_release(http, request);
		return false;
	}
	/* out it goes; what comes back at once is told by the next poll */
	http->curl->curl_multi_socket_action(http->curl->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	return true;
}

/* Has an address come since curl was called for the next ones? */
static bool has_more(const Http *http)
{
	for (const HttpRequest *r = http->first; http->is_names && r; r = r->next)
		if (r->has_more)
			return true;
	return false;
}

static void ask_for_more(Http *http)
{
	int running;
	for (HttpRequest *r = http->first; r; r = r->next)
		r->has_more = false;
	http->curl->curl_multi_perform(http->curl->multi, &running);
}

int http_curl_timeout(const Http *http)
{
	if (has_more(http))
		return 0;
	if (http->curl->due < 0)
		return -1;
	int64_t left = http->curl->due - http_now();
	return left <= 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

void http_curl_poll(Http *http)
{
	HttpCurl *curl = http->curl;
	struct epoll_event events[64];
	int running, count;
	int64_t until = http_now() + POLL_MS;
	for (int turn = 0; turn < 100 && http_now() <= until; turn++) {
		count = epoll_wait(http->epoll, events, 64, 0);
		bool due = curl->due >= 0 && curl->due <= http_now(), more = has_more(http);
		if (more)
			ask_for_more(http);
		if (due) {
			curl->due = -1;
			curl->curl_multi_socket_action(curl->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		for (int i = 0; i < count; i++) {
			uint32_t e = events[i].events;
			int what = (e & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0) |
					   (e & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
					   (e & EPOLLERR ? CURL_CSELECT_ERR : 0);
			curl->curl_multi_socket_action(curl->multi, events[i].data.fd, what, &running);
		}
		settle(http);
		if (count <= 0 && !due && !more && !has_more(http))
			return;
	}
}

/* ---- opening ---- */

HttpCurl *http_curl_open(Http *http, HttpProblem *problem)
{
	HttpCurl *curl = calloc(1, sizeof *curl);
	if (curl && !shared_library_load("libcurl.so.4", NAMES, SHARED_COUNT(NAMES), curl)) {
		snprintf(problem->text, sizeof problem->text,
				 "libcurl.so.4 is needed to %s: install libcurl4",
				 http->is_names     ? "look up names of hosts"
				 : http->is_service ? "talk to HTTP services"
									: "talk to an engine over TCP");
		free(curl);
		return NULL;
	}
	if (!curl || curl->curl_global_init(CURL_GLOBAL_DEFAULT) ||
		!(curl->multi = curl->curl_multi_init())) {
		free(curl);
		return NULL;
	}
	curl->due = -1;
	curl->curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
	curl->curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, http);
	curl->curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
	curl->curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
	return curl;
}

void http_curl_close(HttpCurl *curl)
{
	if (!curl)
		return;
	curl->curl_multi_cleanup(curl->multi);
	free(curl);
}
