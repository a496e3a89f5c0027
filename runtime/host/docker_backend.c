/*
 * The Docker backend. Opening costs nothing: libraries are loaded and the engine is looked for when the first call
 * comes. Then the engine is asked for its version; all else is done where it delays nobody (docker.h).
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "docker.h"

enum { CLOSE_MS = 15000, OLDEST_API = 41, NEWEST_API = 47, FILES_US = 2000 };

int64_t docker_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 + 1;
}

int64_t docker_microseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool docker_has_time(const Docker *docker)
{
	return docker_microseconds() < docker->until;
}

bool docker_send(Docker *docker, HttpRequest *request, const char *method, const char *path,
				 const void *body, size_t length)
{
	request->method = method;
	request->path = path;
	request->body = body;
	request->body_length = length;
	return http_start(docker->http, request);
}

void docker_describe(Docker *docker, const HttpRequest *request, const char *problem, char *text,
					 size_t size)
{
	if (problem) {
		snprintf(text, size, "the connection to the engine failed: %s", problem);
		return;
	}
	Document *answer = request->text
						   ? document_read(docker->documents, request->text, request->text_length)
						   : NULL;
	const char *message = document_get_text(docker->documents, answer, "message");
	if (message)
		snprintf(text, size, "%s", message);
	else
		snprintf(text, size, "the engine answered with status %ld%s", request->status,
				 request->status < 300 ? " and no JSON" : "");
	document_free(docker->documents, answer);
}

/* ---- finding the engine ---- */

static void set_problem(Docker *docker, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void set_problem(Docker *docker, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	free(docker->problem);
	if (vasprintf(&docker->problem, format, arguments) < 0)
		docker->problem = NULL;
	va_end(arguments);
	docker->state = ENGINE_MISSING;
}

static void go_on_all(Docker *docker)
{
	Box *next;
	for (Box *box = docker->boxes; box; box = next) {
		next = box->next;
		box_go_on(box);
	}
}

/* The newest API that both sides know; all calls used here are the same since 1.41. */
static void pinged(HttpRequest *request, const char *problem)
{
	Docker *docker = request->context;
	unsigned major = 0, minor = 0;
	if (problem || request->status != 200) {
		char text[512];
		docker_describe(docker, request, problem, text, sizeof text);
		set_problem(docker, "no Docker engine at %s: %s; start it, or set DOCKER_HOST",
					http_host(docker->http), text);
	} else if (sscanf(request->api_version, "%u.%u", &major, &minor) != 2 || major != 1 ||
			   minor < OLDEST_API) {
		set_problem(docker, "the Docker engine at %s is too old: it has API %s, and 1.%d is needed",
					http_host(docker->http), *request->api_version ? request->api_version : "?",
					OLDEST_API);
	} else {
		snprintf(docker->prefix, sizeof docker->prefix, "/v1.%u",
				 minor < NEWEST_API ? minor : NEWEST_API);
		docker->state = ENGINE_READY;
	}
	go_on_all(docker);
}

void docker_find(Docker *docker)
{
	HttpProblem problem;
	docker->documents = documents_open();
	if (!docker->documents) {
		set_problem(docker, "libjansson.so.4 is needed to talk to Docker: install libjansson4");
		return;
	}
	docker->http = http_open(docker->host, &problem);
	if (!docker->http) {
		set_problem(docker, "%s", problem.text);
		return;
	}
	docker->state = ENGINE_ASKED;
	docker->ping.context = docker;
	docker->ping.on_end = pinged;
	if (!docker_send(docker, &docker->ping, "GET", "/_ping", NULL, 0))
		set_problem(docker, "no memory");
}

Tar *docker_tar(Docker *docker)
{
	if (!docker->tar && !(docker->tar = tar_open()))
		set_problem(docker, "libarchive.so.13 is needed to talk to Docker: install libarchive13");
	return docker->tar;
}

/* ---- the table ---- */

static sbx_status start(void *context, sbx_attempt *attempt)
{
	Docker *docker = context;
	sbx_task_info info = {.size = sizeof info};
	sbx_call_task(attempt->call, &info);
	attempt->state = NULL;
	if (docker->state == ENGINE_UNKNOWN)
		docker_find(docker);
	if (docker->state == ENGINE_MISSING) {
		sbx_attempt_fail(attempt, "RuntimeError",
						 docker->problem ? docker->problem : "no Docker engine", NULL);
		return SBX_E_UNAVAILABLE;
	}
	if (!info.task_type && !docker->program) {
		sbx_attempt_fail(attempt, "RuntimeError",
						 "this backend was opened for sandboxes, without the entry of a program "
						 "whose tasks it could run",
						 NULL);
		return SBX_E_BACKEND;
	}
	const Spec *spec = spec_read(docker, info.name, info.task_type, info.extra);
	Box *box = spec ? box_start(docker, attempt, spec) : NULL;
	if (!box) {
		sbx_attempt_fail(attempt, "RuntimeError",
						 spec ? "no memory for a container"
							  : "this task is neither a sandbox nor a Python function",
						 NULL);
		return SBX_E_BACKEND;
	}
	box_go_on(box);
	return SBX_DONE;
}

static sbx_status poll_engine(void *context)
{
	Docker *docker = context;
	if (docker->http) {
		docker->until = docker_microseconds() + FILES_US;
		http_poll(docker->http);
		image_poll(docker);
		box_poll(docker);
		sweep_poll(docker);
	}
	return SBX_DONE;
}

static void cancel(void *context, sbx_attempt *attempt)
{
	(void)context;
	if (attempt->state)
		box_cancel(attempt->state);
}

static int descriptor(void *context)
{
	Docker *docker = context;
	return docker->http ? http_descriptor(docker->http) : -1;
}

static int earlier(int a, int b)
{
	return a < 0 ? b : b < 0 ? a : a < b ? a : b;
}

static int timeout(void *context)
{
	Docker *docker = context;
	if (!docker->http)
		return -1;
	if (sweep_has_work(docker))
		return 0;
	return earlier(http_timeout(docker->http), earlier(image_timeout(docker), box_timeout(docker)));
}

/* Containers are still to be removed: waits for that, but not for ever. */
static void close_docker(void *context)
{
	Docker *docker = context;
	int64_t until = docker_now() + CLOSE_MS;
	if (!docker)
		return;
	for (Box *box = docker->boxes, *next; box; box = next) {
		next = box->next;
		box_cancel(box);
	}
	while (docker->http && (docker->boxes || !sweep_is_done(docker)) && docker_now() < until) {
		struct pollfd wait = {.fd = http_descriptor(docker->http), .events = POLLIN};
		int left = earlier(timeout(docker), 1000);
		(void)poll(&wait, 1, left);
		(void)poll_engine(docker);
	}
	docker->until = INT64_MAX;
	while (docker->boxes)
		box_drop(docker->boxes);
	if (docker->http) {
		sweep_free(docker);
		http_cancel(docker->http, &docker->ping);
	}
	image_free_all(docker);
	if (docker->documents)
		spec_free_all(docker);
	http_close(docker->http);
	documents_close(docker->documents);
	tar_close(docker->tar);
	free(docker->host);
	free(docker->base_image);
	free(docker->runtime);
	free(docker->run_folder);
	free(docker->problem);
	free(docker);
}

static bool copy(char **to, const char *from)
{
	*to = from && *from ? strdup(from) : NULL;
	return !from || !*from || *to;
}

sbx_status sbx_docker_open(const sbx_docker_options *options, sbx_backend *backend)
{
	memset(backend, 0, sizeof *backend);
	if (!options || options->size < sizeof *options)
		return SBX_E_ARGUMENT;
	Docker *docker = calloc(1, sizeof *docker);
	if (!docker)
		return SBX_E_NO_MEMORY;
	const char *base = options->base_image;
	docker->log = options->log;
	docker->program = options->entry ? options->entry->program : NULL;
	docker->space = sweep_identity(docker->identity);
	if (!copy(&docker->host, options->host) ||
		!copy(&docker->base_image, base ? base : getenv("SBX_BASE_IMAGE")) ||
		!copy(&docker->runtime, options->runtime) ||
		!copy(&docker->run_folder, options->run_folder)) {
		close_docker(docker);
		return SBX_E_NO_MEMORY;
	}
	*backend = (sbx_backend){sizeof *backend, docker,     start,   poll_engine,
							 cancel,          descriptor, timeout, close_docker};
	return SBX_DONE;
}

/* The second route has no life of its own: it is polled and closed as the first. */
sbx_status sbx_docker_route(sbx_dispatcher *dispatcher, const sbx_backend *docker)
{
	const Docker *opened = docker->context;
	sbx_backend tasks = {
		.size = sizeof tasks, .context = docker->context, .start = start, .cancel = cancel};
	sbx_status status = sbx_dispatcher_route(dispatcher, "raw-container", docker);
	if (!status && opened->program)
		status = sbx_dispatcher_route(dispatcher, NULL, &tasks);
	return status;
}

const char *sbx_docker_problem(const sbx_backend *backend)
{
	const Docker *docker = backend->context;
	return docker && docker->state == ENGINE_MISSING ? docker->problem : NULL;
}
