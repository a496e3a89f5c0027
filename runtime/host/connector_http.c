/*
 * Any job service that speaks HTTP and JSON, as a JSON document describes it (docs/connectors.md has the document).
 *
 * A document is read once (connector_http_read.c) into texts and values of its own heap. Each operation of a job is one
 * request, made of the document's templates and a context of the job; the answer is read as JSON and looked into by pointers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connector_http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a job has of its own. */
typedef struct HttpJob {
	HttpConnector *connector;
	sbx_job *job;
	const HttpOperation *operation; /* under way; NULL: none */
	HttpRequest request;
	sbx_heap *heap; /* of the operation */
	ByteQueue path;
	char *body;
	char **headers;  /* to a NULL */
	sbx_heap *kept;  /* of `found` */
	sbx_value found; /* the answer of get, while the result is asked for */
} HttpJob;

/* ---- the context of a job ---- */

static sbx_value text_value(sbx_heap *heap, const char *text)
{
	return sbx_str_make(heap, text, strlen(text));
}

static sbx_value json_or_empty(sbx_heap *heap, const char *json, size_t length)
{
	sbx_value v;
	if (json && sbx_json_load(heap, json, length, &v) == SBX_DONE)
		return v;
	return sbx_dict_make(heap, NULL, NULL, 0);
}

static sbx_value inputs_of(sbx_heap *heap, const sbx_call *call)
{
	size_t count = call ? sbx_call_arg_count(call) : 0, given = 0;
	sbx_value *keys = calloc(count + 1, sizeof *keys), *values = calloc(count + 1, sizeof *values);
	for (size_t i = 0; keys && values && i < count; i++) {
		sbx_value v = job_input(call, i, heap);
		if (sbx_kind(v) == SBX_INVALID) /* create_job has refused it */
			continue;
		keys[given] = text_value(heap, sbx_call_arg_name(call, i));
		values[given++] = v;
	}
	sbx_value dict = keys && values ? sbx_dict_make(heap, keys, values, given) : (sbx_value){0};
	free(keys);
	free(values);
	return dict;
}

/* {"key": ..., "task": ..., "task_type": ..., "version": ..., "config": {...}, "inputs": {...}, "meta": {...}} */
static sbx_value context_of(sbx_heap *heap, const sbx_job *job)
{
	enum { COUNT = 7 };
	sbx_task_info info = {.size = sizeof info};
	size_t length;
	const char *config = sbx_job_config(job);
	sbx_job_task(job, &info);
	const char *meta = sbx_job_metadata(job, &length);
	const char *const names[COUNT] = {"key",    "task",   "task_type", "version",
									  "config", "inputs", "meta"};
	sbx_value keys[COUNT];
	const sbx_value values[COUNT] = {text_value(heap, sbx_job_key(job)),
									 text_value(heap, info.name),
									 text_value(heap, info.task_type),
									 sbx_int(sbx_job_task_version(job)),
									 json_or_empty(heap, config, config ? strlen(config) : 0),
									 inputs_of(heap, sbx_job_call(job)),
									 json_or_empty(heap, meta, length)};
	for (int i = 0; i < COUNT; i++)
		keys[i] = text_value(heap, names[i]);
	return sbx_dict_make(heap, keys, values, COUNT);
}

/* ---- requests ---- */

static void clear(HttpJob *h)
{
	byte_queue_clear(&h->path);
	free(h->body);
	h->body = NULL;
	for (size_t i = 0; h->headers && h->headers[i]; i++)
		free(h->headers[i]);
	free(h->headers);
	h->headers = NULL;
	sbx_heap_close(h->heap);
	h->heap = NULL;
	h->operation = NULL;
}

/* A failure before or instead of an answer. */
static void fail(HttpJob *h, sbx_job_problem problem, const char *text)
{
	sbx_job *job = h->job;
	clear(h);
	sbx_job_failed(job, problem, NULL, text, NULL);
}

static bool make_header(HttpJob *h, const HttpHeader *header, sbx_value context, char **line,
						TemplateProblem *problem)
{
	ByteQueue value = {0};
	*line = NULL;
	const char *text = header->text;
	if (header->variable) {
		text = getenv(header->variable);
		if (!text || !template_is_header_text(text)) {
			snprintf(problem->text, sizeof problem->text,
					 "the environment variable '%.100s' (header %.100s) %s", header->variable,
					 header->name,
					 text ? "has characters that cannot stand in a header" : "is not set");
			problem->is_missing = !text;
			return false;
		}
	} else if (!template_fill_text(&value, header->text, h->heap, context, PLACE_HEADER, problem)) {
		byte_queue_free(&value);
		return false;
	} else {
		text = (const char *)byte_queue_front(&value);
	}
	if (asprintf(line, "%s: %s%s", header->name, header->prefix, text) < 0)
		*line = NULL;
	byte_queue_free(&value);
	if (!*line)
		snprintf(problem->text, sizeof problem->text, "out of memory");
	return *line != NULL;
}

static bool make_headers(HttpJob *h, sbx_value context, TemplateProblem *problem)
{
	const HttpHeaders *lists[2] = {&h->connector->headers, &h->operation->headers};
	size_t count = 0;
	h->headers = calloc(lists[0]->count + lists[1]->count + 1, sizeof *h->headers);
	if (!h->headers) {
		snprintf(problem->text, sizeof problem->text, "out of memory");
		return false;
	}
	for (int l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++)
			if (!make_header(h, &lists[l]->items[i], context, &h->headers[count++], problem))
				return false;
	return true;
}

static bool make_request(HttpJob *h, TemplateProblem *problem)
{
	const HttpOperation *operation = h->operation;
	snprintf(problem->text, sizeof problem->text, "out of memory");
	if (sbx_heap_open(0, &h->heap))
		return false;
	sbx_value context = context_of(h->heap, h->job);
	if (sbx_kind(context) == SBX_INVALID)
		return false;
	if (!template_fill_text(&h->path, operation->path, h->heap, context, PLACE_PATH, problem) ||
		!make_headers(h, context, problem))
		return false;
	if (sbx_kind(operation->body) == SBX_INVALID)
		return true;
	sbx_value body = template_fill_body(h->heap, operation->body, context, problem);
	if (sbx_kind(body) == SBX_INVALID)
		return false;
	h->body = template_json(h->heap, body, problem);
	return h->body != NULL;
}

static bool open_http(HttpConnector *c)
{
	HttpProblem problem;
	if (c->http)
		return true;
	c->http = http_open_service(&c->service, &problem);
	if (!c->http)
		snprintf(c->problem, sizeof c->problem, "%s", problem.text);
	return c->http != NULL;
}

static void ended(HttpRequest *request, const char *problem);

static void send_request(HttpJob *h, const HttpOperation *operation)
{
	HttpConnector *c = h->connector;
	TemplateProblem problem = {.is_missing = false};
	char text[512];
	h->operation = operation;
	if (!open_http(c)) {
		fail(h, SBX_JOB_MISSING, c->problem);
		return;
	}
	if (!make_request(h, &problem)) {
		snprintf(text, sizeof text, "%s: the request of '%s' cannot be made: %s", c->name,
				 operation->name, problem.text);
		fail(h, problem.is_missing ? SBX_JOB_MISSING : SBX_JOB_FINAL, text);
		return;
	}
	h->request.method = operation->method;
	h->request.path = (const char *)byte_queue_front(&h->path);
	h->request.body = h->body;
	h->request.body_length = h->body ? strlen(h->body) : 0;
	h->request.more_headers = (const char *const *)h->headers;
	h->request.timeout_ms = c->timeout_ms;
	h->request.most = c->most_bytes;
	h->request.context = h;
	h->request.on_end = ended;
	if (!http_start(c->http, &h->request))
		fail(h, SBX_JOB_PASSING, "no memory for a request");
}

/* ---- answers ---- */

/* "batch: GET /jobs/7: status 503: <what the body says>" */
static void describe(const HttpJob *h, const char *problem, char *text, size_t size)
{
	const HttpRequest *request = &h->request;
	int used =
		snprintf(text, size, "%s: %s %.200s: ", h->connector->name, request->method, request->path);
	size_t at = used < 0 ? 0 : (size_t)used < size ? (size_t)used : size - 1;
	if (problem) {
		snprintf(text + at, size - at, "%s", problem);
		return;
	}
	const char *body = request->text ? request->text : "";
	snprintf(text + at, size - at, "status %ld%s%.300s", request->status, *body ? ": " : "", body);
	for (char *c = text + at; *c; c++) /* whatever it was meant to be */
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = ' ';
}

/* A status that may be another one next time. */
static bool is_passing(long status)
{
	return status >= 500 || status == 429 || status == 408 || status == 425;
}

static const char *text_at(HttpJob *h, sbx_value reply, const char *pointer)
{
	sbx_value v = pointer ? json_at(h->heap, reply, pointer) : (sbx_value){0}, text;
	if (sbx_kind(v) == SBX_STR)
		return sbx_peek_str(h->heap, v, NULL);
	if (sbx_kind(v) == SBX_INVALID || sbx_kind(v) == SBX_NONE)
		return NULL;
	return sbx_json_dump(h->heap, v, &text) == SBX_DONE ? sbx_peek_str(h->heap, text, NULL) : NULL;
}

/* The value at a pointer, or a dict of those at several. SBX_INVALID: one is missing, *missing is its pointer. */
static sbx_value collect(HttpJob *h, sbx_value reply, const HttpPointers *pointers,
						 const char **missing)
{
	sbx_value *keys = calloc(pointers->count + 1, sizeof *keys);
	sbx_value *values = calloc(pointers->count + 1, sizeof *values);
	sbx_value dict = {0};
	bool good = keys && values;
	*missing = "(out of memory)";
	for (size_t i = 0; good && i < pointers->count; i++) {
		keys[i] = text_value(h->heap, pointers->names[i]);
		values[i] = json_at(h->heap, reply, pointers->places[i]);
		good = sbx_kind(values[i]) != SBX_INVALID;
		if (!good)
			*missing = pointers->places[i];
	}
	if (good)
		dict = sbx_dict_make(h->heap, keys, values, pointers->count);
	free(keys);
	free(values);
	return dict;
}

static void created(HttpJob *h, sbx_value reply)
{
	const char *missing;
	TemplateProblem problem;
	char text[400];
	sbx_value meta = collect(h, reply, &h->connector->metadata, &missing);
	char *json = sbx_kind(meta) == SBX_INVALID ? NULL : template_json(h->heap, meta, &problem);
	if (!json) {
		snprintf(text, sizeof text, "%s: the answer of 'create' has no '%.200s'",
				 h->connector->name, missing);
		fail(h, SBX_JOB_FINAL, text);
		return;
	}
	sbx_job *job = h->job;
	clear(h);
	sbx_job_created(job, json, strlen(json));
	free(json);
}

/* The links that the document has texts for. */
static size_t make_links(HttpJob *h, sbx_value reply, sbx_log_link *links)
{
	const HttpConnector *c = h->connector;
	TemplateProblem problem;
	size_t count = 0;
	for (size_t i = 0; i < c->link_count; i++) {
		const HttpLink *link = &c->links[i];
		const char *uri = text_at(h, reply, link->place);
		ByteQueue filled = {0};
		if (link->text && template_fill_text(&filled, link->text, h->heap,
											 context_of(h->heap, h->job), PLACE_PATH, &problem)) {
			sbx_value copy = text_value(h->heap, (const char *)byte_queue_front(&filled));
			uri = sbx_kind(copy) == SBX_STR ? sbx_peek_str(h->heap, copy, NULL) : NULL;
		}
		byte_queue_free(&filled);
		if (uri)
			links[count++] = (sbx_log_link){link->name, uri};
	}
	return count;
}

/* False: it has no outputs where the document says that they are. */
static bool read_outputs(HttpJob *h, sbx_value reply, sbx_resource *resource, char *text,
						 size_t size)
{
	const HttpConnector *c = h->connector;
	const char *missing = c->output;
	resource->outputs_from_json = 1;
	if (c->output)
		resource->outputs = json_at(h->heap, reply, c->output);
	else if (c->outputs.count)
		resource->outputs = collect(h, reply, &c->outputs, &missing);
	else
		return true;
	if (sbx_kind(resource->outputs) != SBX_INVALID)
		return true;
	snprintf(text, size, "%s: the answer of '%s' has no '%.200s'", c->name, h->operation->name,
			 missing);
	return false;
}

static void report_found(HttpJob *h, sbx_value reply, sbx_phase phase, sbx_value outputs_in)
{
	const HttpConnector *c = h->connector;
	sbx_resource resource = {.size = sizeof resource, .phase = phase};
	sbx_log_link *links = calloc(c->link_count + 1, sizeof *links);
	char text[400];
	if (phase == SBX_PHASE_SUCCEEDED &&
		!read_outputs(h, outputs_in, &resource, text, sizeof text)) {
		free(links);
		fail(h, SBX_JOB_FINAL, text);
		return;
	}
	resource.message = text_at(h, reply, c->message);
	resource.custom_info = text_at(h, reply, c->custom_info);
	resource.links = links;
	resource.link_count = links ? make_links(h, reply, links) : 0;
	/* What the resource holds is copied by the report, which may free this job: the heaps are kept until then. */
	sbx_heap *heap = h->heap, *kept = h->kept;
	sbx_job *job = h->job;
	h->heap = h->kept = NULL;
	clear(h);
	sbx_job_found(job, &resource);
	sbx_heap_close(heap);
	sbx_heap_close(kept);
	free(links);
}

static void found(HttpJob *h, sbx_value reply)
{
	HttpConnector *c = h->connector;
	sbx_phase phase;
	char text[400];
	if (h->operation == &c->result) {
		report_found(h, h->found, SBX_PHASE_SUCCEEDED, reply);
		return;
	}
	const char *word = text_at(h, reply, c->phase);
	if (!word || !http_phase(c, word, &phase)) {
		snprintf(text, sizeof text,
				 word ? "%s: '%.100s' is no phase that the document knows (%.200s)"
					  : "%s: the answer of 'get' has no '%.0s%.200s'",
				 c->name, word ? word : "", c->phase);
		fail(h, SBX_JOB_FINAL, text);
	} else if (phase == SBX_PHASE_SUCCEEDED && c->result.path) {
		sbx_heap_close(h->kept);
		h->kept = h->heap;
		h->found = reply;
		h->heap = NULL;
		clear(h);
		send_request(h, &c->result);
	} else {
		report_found(h, reply, phase, reply);
	}
}

/* The job is not there (any more). */
static void gone(HttpJob *h)
{
	sbx_resource resource = {.size = sizeof resource,
							 .phase = SBX_PHASE_ABORTED,
							 .message = "the service does not know it any more"};
	sbx_job *job = h->job;
	clear(h);
	sbx_job_found(job, &resource);
}

static void ended(HttpRequest *request, const char *problem)
{
	HttpJob *h = request->context;
	HttpConnector *c = h->connector;
	const HttpOperation *operation = h->operation;
	sbx_value reply = {0};
	char text[1024];
	bool good = !problem && request->status >= 200 && request->status < 300;
	bool is_gone = !problem && (request->status == 404 || request->status == 410);
	if (operation == &c->delete_ && (good || is_gone)) {
		sbx_job *job = h->job;
		clear(h);
		sbx_job_deleted(job);
		return;
	}
	if (is_gone && operation == &c->get) {
		gone(h);
		return;
	}
	if (good &&
		sbx_json_load(h->heap, request->text ? request->text : "", request->text_length, &reply)) {
		problem = "the answer is not JSON";
		good = false;
	}
	if (good) {
		if (operation == &c->create)
			created(h, reply);
		else
			found(h, reply);
		return;
	}
	describe(h, problem, text, sizeof text);
	bool is_final = request->too_much || (!problem && !is_passing(request->status));
	fail(h,
		 problem && request->is_unreached ? SBX_JOB_UNREACHED
		 : is_final                       ? SBX_JOB_FINAL
										  : SBX_JOB_PASSING,
		 text);
}

/* ---- the table ---- */

static HttpJob *own(HttpConnector *c, sbx_job *job)
{
	HttpJob *h = sbx_job_state(job);
	if (h)
		return h;
	h = calloc(1, sizeof *h);
	if (!h) {
		sbx_job_failed(job, SBX_JOB_PASSING, "MemoryError", "no memory for a request", NULL);
		return NULL;
	}
	h->connector = c;
	h->job = job;
	sbx_job_set_state(job, h);
	return h;
}

/* An input that was left to a default which only Python can evaluate; NULL: there is none, or it is not looked for. */
static const char *unknown_input(const sbx_call *call)
{
	const char *name = NULL;
	sbx_heap *heap;
	if (sbx_heap_open(0, &heap))
		return NULL;
	for (size_t i = 0; !name && i < sbx_call_arg_count(call); i++)
		if (sbx_kind(job_input(call, i, heap)) == SBX_INVALID)
			name = sbx_call_arg_name(call, i);
	sbx_heap_close(heap);
	return name;
}

static void create_job(void *context, sbx_job *job)
{
	HttpConnector *c = context;
	const char *unknown = unknown_input(sbx_job_call(job));
	char text[300];
	if (unknown) {
		snprintf(text, sizeof text,
				 "%.60s: the input '%.100s' is not given; its default is known to Python only",
				 c->name, unknown);
		sbx_job_failed(job, SBX_JOB_FINAL, "ValueError", text, NULL);
		return;
	}
	HttpJob *h = own(c, job);
	if (h)
		send_request(h, &c->create);
}

static void get_job(void *context, sbx_job *job)
{
	HttpConnector *c = context;
	HttpJob *h = own(c, job);
	if (h)
		send_request(h, &c->get);
}

static void delete_job(void *context, sbx_job *job)
{
	HttpConnector *c = context;
	HttpJob *h = own(c, job);
	if (h && c->delete_.path)
		send_request(h, &c->delete_);
	else if (h)
		sbx_job_failed(job, SBX_JOB_FINAL, NULL, "the document has no 'delete'", NULL);
}

static void abandon_job(void *context, sbx_job *job)
{
	HttpConnector *c = context;
	HttpJob *h = sbx_job_state(job);
	if (!h || !h->operation)
		return;
	http_cancel(c->http, &h->request);
	clear(h);
}

static void release_job(void *context, sbx_job *job)
{
	HttpJob *h = sbx_job_state(job);
	if (!h)
		return;
	abandon_job(context, job);
	clear(h);
	sbx_heap_close(h->kept);
	free(h->request.text);
	byte_queue_free(&h->path);
	free(h);
	sbx_job_set_state(job, NULL);
}

static sbx_status poll_http(void *context)
{
	HttpConnector *c = context;
	if (c->http)
		http_poll(c->http);
	return SBX_DONE;
}

static int descriptor(void *context)
{
	HttpConnector *c = context;
	return c->http ? http_descriptor(c->http) : -1;
}

static int timeout(void *context)
{
	HttpConnector *c = context;
	return c->http ? http_timeout(c->http) : -1;
}

static void close_http(void *context)
{
	HttpConnector *c = context;
	http_close(c->http);
	http_connector_free(c);
}

bool connector_http_open(ConnectorFile *file, sbx_connector *table)
{
	HttpConnector *c = http_connector_read(file);
	if (!c)
		return false;
	*table = (sbx_connector){.size = sizeof *table,
							 .context = c,
							 .name = c->name,
							 .create_job = create_job,
							 .get_job = get_job,
							 .delete_job = delete_job,
							 .abandon_job = abandon_job,
							 .release_job = release_job,
							 .poll = poll_http,
							 .descriptor = descriptor,
							 .timeout = timeout,
							 .close = close_http,
							 .first_ms = c->first_ms,
							 .most_ms = c->most_ms,
							 .is_safe_to_repeat = c->sends_key};
	return true;
}
