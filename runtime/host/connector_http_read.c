/*
 * Reads the document of an HTTP job service. All that can be wrong with it is found here, before a job is made.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "connector_http.h"

enum { MOST_MS = 3600 * 1000, USUAL_MS = 30000, MOST_BYTES = 1 << 30, USUAL_BYTES = 16 << 20 };

static const char *const SOURCES[] = {"key",    "task",   "task_type", "version",
									  "config", "inputs", "meta",      NULL};

static bool complain_memory(ConnectorFile *file)
{
	return connector_file_complain(file, "", "out of memory");
}

/* ---- phases ---- */

/* What services call them, in lower case without '_', '-' and blanks. */
static const struct {
	const char *word;
	sbx_phase phase;
} WORDS[] = {
	{"queued", SBX_PHASE_QUEUED},
	{"pending", SBX_PHASE_QUEUED},
	{"submitted", SBX_PHASE_QUEUED},
	{"initializing", SBX_PHASE_INITIALIZING},
	{"starting", SBX_PHASE_INITIALIZING},
	{"waitingforresources", SBX_PHASE_WAITING_FOR_RESOURCES},
	{"running", SBX_PHASE_RUNNING},
	{"inprogress", SBX_PHASE_RUNNING},
	{"terminating", SBX_PHASE_RUNNING},
	{"succeeded", SBX_PHASE_SUCCEEDED},
	{"success", SBX_PHASE_SUCCEEDED},
	{"completed", SBX_PHASE_SUCCEEDED},
	{"finished", SBX_PHASE_SUCCEEDED},
	{"done", SBX_PHASE_SUCCEEDED},
	{"failed", SBX_PHASE_FAILED},
	{"failure", SBX_PHASE_FAILED},
	{"error", SBX_PHASE_FAILED},
	{"retryablefailed", SBX_PHASE_RETRYABLE_FAILED},
	{"retryablefailure", SBX_PHASE_RETRYABLE_FAILED},
	{"aborted", SBX_PHASE_ABORTED},
	{"cancelled", SBX_PHASE_ABORTED},
	{"canceled", SBX_PHASE_ABORTED},
	{"deleted", SBX_PHASE_ABORTED},
	{"timedout", SBX_PHASE_TIMED_OUT},
	{"timeout", SBX_PHASE_TIMED_OUT},
};

static bool usual_phase(const char *word, sbx_phase *phase)
{
	char plain[32];
	size_t length = 0;
	for (; *word && length + 1 < sizeof plain; word++)
		if (*word != '_' && *word != '-' && *word != ' ')
			plain[length++] = (char)(*word >= 'A' && *word <= 'Z' ? *word + 32 : *word);
	plain[length] = '\0';
	for (size_t i = 0; !*word && i < sizeof WORDS / sizeof *WORDS; i++)
		if (strcmp(WORDS[i].word, plain) == 0) {
			*phase = WORDS[i].phase;
			return true;
		}
	return false;
}

bool http_phase(const HttpConnector *c, const char *word, sbx_phase *phase)
{
	sbx_value v =
		sbx_kind(c->phases) == SBX_DICT ? sbx_dict_find(c->heap, c->phases, word) : (sbx_value){0};
	const char *own = sbx_kind(v) == SBX_STR ? sbx_peek_str(c->heap, v, NULL) : NULL;
	return usual_phase(own ? own : word, phase);
}

static bool read_phases(HttpConnector *c, ConnectorFile *file)
{
	sbx_phase phase;
	c->phases = sbx_dict_find(file->heap, file->root, "phases");
	if (sbx_kind(c->phases) == SBX_INVALID)
		return true;
	if (sbx_kind(c->phases) != SBX_DICT)
		return connector_file_complain(file, "/phases", "is not an object");
	for (size_t i = 0; i < sbx_count(c->phases); i++) {
		sbx_value v = sbx_peek_value(c->phases, i);
		const char *text = sbx_kind(v) == SBX_STR ? sbx_peek_str(file->heap, v, NULL) : NULL;
		if (!text || !usual_phase(text, &phase))
			return connector_file_complain(
				file, "/phases",
				"has an unknown phase '%.60s'; known: queued, initializing, waiting for resources, "
				"running, "
				"succeeded, failed, retryable failure, aborted, timed out",
				text ? text : "");
	}
	return true;
}

/* ---- headers ---- */

static bool read_header(ConnectorFile *file, const char *place, HttpHeader *header, sbx_value key,
						sbx_value v)
{
	static const char *const members[] = {"env", "prefix", NULL};
	static const char *const sources[] = {"key", "task", "task_type", "version", NULL};
	TemplateProblem problem;
	*header = (HttpHeader){.name = sbx_peek_str(file->heap, key, NULL), .prefix = ""};
	if (!header->name || !*header->name ||
		strspn(header->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
			strlen(header->name))
		return connector_file_complain(file, place, "has a name that no header can have");
	if (sbx_kind(v) == SBX_STR) {
		header->text = sbx_peek_str(file->heap, v, NULL);
		if (!header->text || !template_is_header_text(header->text))
			return connector_file_complain(file, place,
										   "%.60s: it has characters that cannot stand in a header",
										   header->name);
		return template_check_text(header->text, sources, &problem) ||
			   connector_file_complain(file, place, "%.60s: %s", header->name, problem.text);
	}
	if (sbx_kind(v) != SBX_DICT)
		return connector_file_complain(file, place, "%.60s: expected a string or {\"env\": NAME}",
									   header->name);
	if (!connector_file_only(file, v, place, members) ||
		!connector_file_text(file, v, place, "env", &header->variable) ||
		!connector_file_text(file, v, place, "prefix", &header->prefix))
		return false;
	if (!template_is_header_text(header->prefix))
		return connector_file_complain(file, place, "%.60s: its prefix cannot stand in a header",
									   header->name);
	return header->variable ||
		   connector_file_complain(file, place, "%.60s: \"env\" is missing", header->name);
}

static bool read_headers(ConnectorFile *file, sbx_value object, const char *place,
						 HttpHeaders *headers)
{
	sbx_value v = sbx_dict_find(file->heap, object, "headers");
	char full[64];
	snprintf(full, sizeof full, "%s/headers", place);
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	if (sbx_kind(v) != SBX_DICT)
		return connector_file_complain(file, full, "is not an object");
	headers->items = calloc(sbx_count(v) + 1, sizeof *headers->items);
	if (!headers->items)
		return complain_memory(file);
	for (size_t i = 0; i < sbx_count(v); i++)
		if (!read_header(file, full, &headers->items[headers->count++], sbx_peek_item(v, i),
						 sbx_peek_value(v, i)))
			return false;
	return true;
}

/* ---- pointers ---- */

static bool is_pointer(const char *text)
{
	return !*text || *text == '/';
}

static bool read_pointer(ConnectorFile *file, sbx_value object, const char *place, const char *name,
						 const char **out)
{
	char full[64];
	snprintf(full, sizeof full, "%s/%s", place, name);
	if (!connector_file_text(file, object, place, name, out))
		return false;
	return !*out || is_pointer(*out) ||
		   connector_file_complain(file, full,
								   "is no JSON pointer: it must be empty or begin with '/'");
}

/* {"name": "/pointer", ...} */
static bool read_pointers(ConnectorFile *file, sbx_value v, const char *place,
						  HttpPointers *pointers)
{
	if (sbx_kind(v) != SBX_DICT)
		return connector_file_complain(file, place, "is not an object of JSON pointers");
	pointers->names = calloc(sbx_count(v) + 1, sizeof *pointers->names);
	pointers->places = calloc(sbx_count(v) + 1, sizeof *pointers->places);
	if (!pointers->names || !pointers->places)
		return complain_memory(file);
	for (size_t i = 0; i < sbx_count(v); i++) {
		sbx_value text = sbx_peek_value(v, i);
		const char *pointer =
			sbx_kind(text) == SBX_STR ? sbx_peek_str(file->heap, text, NULL) : NULL;
		if (!pointer || !is_pointer(pointer))
			return connector_file_complain(file, place, "has a value that is no JSON pointer");
		pointers->names[i] = sbx_peek_str(file->heap, sbx_peek_item(v, i), NULL);
		pointers->places[i] = pointer;
		if (!pointers->names[i])
			return complain_memory(file);
		pointers->count++;
	}
	return true;
}

static bool read_outputs(HttpConnector *c, ConnectorFile *file, sbx_value object, const char *place)
{
	char full[64];
	sbx_value v = sbx_dict_find(file->heap, object, "outputs");
	snprintf(full, sizeof full, "%s/outputs", place);
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	if (c->output || c->outputs.names)
		return connector_file_complain(file, full, "is told twice: of 'get' and of 'result'");
	return sbx_kind(v) == SBX_STR ? read_pointer(file, object, place, "outputs", &c->output)
								  : read_pointers(file, v, full, &c->outputs);
}

static bool read_links(HttpConnector *c, ConnectorFile *file, sbx_value object)
{
	static const char *const members[] = {"name", "uri", "at", NULL};
	static const char *const sources[] = {"key", "task", "task_type", "version", "meta", NULL};
	const char *place = "/get/log_links";
	TemplateProblem problem;
	sbx_value v = sbx_dict_find(file->heap, object, "log_links");
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	if (sbx_kind(v) != SBX_LIST)
		return connector_file_complain(file, place, "is not an array");
	c->links = calloc(sbx_count(v) + 1, sizeof *c->links);
	if (!c->links)
		return complain_memory(file);
	for (size_t i = 0; i < sbx_count(v); i++) {
		HttpLink *link = &c->links[c->link_count++];
		sbx_value item = sbx_peek_item(v, i);
		link->name = "log";
		if (sbx_kind(item) != SBX_DICT)
			return connector_file_complain(file, place, "has a member that is not an object");
		if (!connector_file_only(file, item, place, members) ||
			!connector_file_text(file, item, place, "name", &link->name) ||
			!connector_file_text(file, item, place, "uri", &link->text) ||
			!read_pointer(file, item, place, "at", &link->place))
			return false;
		if (!link->text == !link->place)
			return connector_file_complain(file, place, "needs either \"uri\" or \"at\"");
		if (link->text && !template_check_text(link->text, sources, &problem))
			return connector_file_complain(file, place, "%s", problem.text);
	}
	return true;
}

/* ---- operations ---- */

static bool is_method(const char *text)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (strcmp(methods[i], text) == 0)
			return true;
	return false;
}

static bool read_operation(ConnectorFile *file, const char *name, const char *method,
						   const char *const *members, HttpOperation *operation, sbx_value *object)
{
	char place[32];
	TemplateProblem problem;
	operation->name = name;
	operation->method = method;
	*object = sbx_dict_find(file->heap, file->root, name);
	snprintf(place, sizeof place, "/%s", name);
	if (sbx_kind(*object) == SBX_INVALID)
		return true;
	if (sbx_kind(*object) != SBX_DICT)
		return connector_file_complain(file, place, "is not an object");
	if (!connector_file_only(file, *object, place, members) ||
		!connector_file_text(file, *object, place, "method", &operation->method) ||
		!connector_file_text(file, *object, place, "path", &operation->path) ||
		!read_headers(file, *object, place, &operation->headers))
		return false;
	if (!is_method(operation->method))
		return connector_file_complain(file, place, "has an unknown method '%.20s'",
									   operation->method);
	if (!operation->path || *operation->path != '/' || strpbrk(operation->path, " #\\\r\n\t"))
		return connector_file_complain(file, place,
									   "needs a \"path\" that begins with '/' and has no blank");
	if (!template_check_text(operation->path, SOURCES, &problem))
		return connector_file_complain(file, place, "path: %s", problem.text);
	operation->body = sbx_dict_find(file->heap, *object, "body");
	return sbx_kind(operation->body) == SBX_INVALID ||
		   template_check_body(file->heap, operation->body, SOURCES, &problem) ||
		   connector_file_complain(file, place, "body: %s", problem.text);
}

static bool uses_key(const HttpConnector *c)
{
	for (size_t i = 0; i < c->create.headers.count; i++)
		if (c->create.headers.items[i].text &&
			template_text_uses(c->create.headers.items[i].text, "key"))
			return true;
	return template_text_uses(c->create.path, "key") ||
		   (sbx_kind(c->create.body) != SBX_INVALID &&
			template_body_uses(c->heap, c->create.body, "key"));
}

static bool read_operations(HttpConnector *c, ConnectorFile *file)
{
	static const char *const create[] = {"method", "path", "headers", "body", "meta", NULL};
	static const char *const get[] = {"method",  "path",    "headers",   "body",        "phase",
									  "message", "outputs", "log_links", "custom_info", NULL};
	static const char *const result[] = {"method", "path", "headers", "body", "outputs", NULL};
	static const char *const other[] = {"method", "path", "headers", "body", NULL};
	sbx_value object;
	if (!read_operation(file, "create", "POST", create, &c->create, &object))
		return false;
	if (!c->create.path)
		return connector_file_complain(file, "/create", "is missing");
	sbx_value meta = sbx_dict_find(file->heap, object, "meta");
	if (sbx_kind(meta) == SBX_INVALID)
		return connector_file_complain(file, "/create/meta",
									   "is missing: it says where the job's id is in the answer");
	if (!read_pointers(file, meta, "/create/meta", &c->metadata) ||
		!read_operation(file, "get", "GET", get, &c->get, &object))
		return false;
	if (!c->get.path)
		return connector_file_complain(file, "/get", "is missing");
	if (!read_pointer(file, object, "/get", "phase", &c->phase) ||
		!read_pointer(file, object, "/get", "message", &c->message) ||
		!read_pointer(file, object, "/get", "custom_info", &c->custom_info) ||
		!read_links(c, file, object) || !read_outputs(c, file, object, "/get"))
		return false;
	if (!c->phase)
		return connector_file_complain(file, "/get/phase",
									   "is missing: it says where the phase is in the answer");
	if (!read_operation(file, "result", "GET", result, &c->result, &object) ||
		(c->result.path && !read_outputs(c, file, object, "/result")))
		return false;
	return read_operation(file, "delete", "DELETE", other, &c->delete_, &object);
}

/* ---- the service ---- */

static bool read_base(HttpConnector *c, ConnectorFile *file)
{
	const char *base = NULL;
	if (!connector_file_text(file, file->root, "", "base_url", &base) ||
		!connector_file_text(file, file->root, "", "unix_socket", &c->service.socket_path))
		return false;
	bool good = base && (strncmp(base, "http://", 7) == 0 || strncmp(base, "https://", 8) == 0) &&
				!strpbrk(base, " @?#\\\r\n\t");
	if (!good)
		return connector_file_complain(
			file, "/base_url",
			"is missing or no address: expected http://HOST[:PORT][/PATH] or https://...");
	size_t length = strlen(base);
	while (length && base[length - 1] == '/')
		length--;
	char *copy = strndup(base, length);
	c->service.base = copy;
	return copy || complain_memory(file);
}

static bool read_tls(HttpConnector *c, ConnectorFile *file)
{
	static const char *const members[] = {"verify", "ca_file", NULL};
	bool verify = true;
	sbx_value tls = sbx_dict_find(file->heap, file->root, "tls");
	if (sbx_kind(tls) == SBX_INVALID)
		return true;
	if (sbx_kind(tls) != SBX_DICT)
		return connector_file_complain(file, "/tls", "is not an object");
	if (!connector_file_only(file, tls, "/tls", members) ||
		!connector_file_truth(file, tls, "/tls", "verify", &verify) ||
		!connector_file_text(file, tls, "/tls", "ca_file", &c->service.authorities))
		return false;
	c->service.is_unverified = !verify;
	return true;
}

static bool read_poll(HttpConnector *c, ConnectorFile *file)
{
	static const char *const members[] = {"first_ms", "most_ms", NULL};
	sbx_value poll = sbx_dict_find(file->heap, file->root, "poll");
	if (sbx_kind(poll) == SBX_INVALID)
		return true;
	if (sbx_kind(poll) != SBX_DICT)
		return connector_file_complain(file, "/poll", "is not an object");
	return connector_file_only(file, poll, "/poll", members) &&
		   connector_file_number(file, poll, "/poll", "first_ms", MOST_MS, &c->first_ms) &&
		   connector_file_number(file, poll, "/poll", "most_ms", MOST_MS, &c->most_ms);
}

static bool read_all(HttpConnector *c, ConnectorFile *file)
{
	static const char *const members[] = {"connector",  "name",       "base_url", "unix_socket",
										  "headers",    "create",     "get",      "result",
										  "delete",     "phases",     "tls",      "poll",
										  "timeout_ms", "most_bytes", NULL};
	c->name = "http";
	c->timeout_ms = USUAL_MS;
	c->most_bytes = USUAL_BYTES;
	if (!connector_file_only(file, file->root, "", members) ||
		!connector_file_text(file, file->root, "", "name", &c->name) || !read_base(c, file) ||
		!read_headers(file, file->root, "", &c->headers) || !read_operations(c, file) ||
		!read_phases(c, file) || !read_tls(c, file) || !read_poll(c, file) ||
		!connector_file_number(file, file->root, "", "timeout_ms", MOST_MS, &c->timeout_ms) ||
		!connector_file_number(file, file->root, "", "most_bytes", MOST_BYTES, &c->most_bytes))
		return false;
	c->sends_key = uses_key(c);
	return true;
}

HttpConnector *http_connector_read(ConnectorFile *file)
{
	HttpConnector *c = calloc(1, sizeof *c);
	if (!c) {
		complain_memory(file);
		return NULL;
	}
	c->heap = file->heap;
	if (!read_all(c, file)) {
		c->heap = NULL; /* it stays the file's */
		http_connector_free(c);
		return NULL;
	}
	file->heap = NULL;
	return c;
}

static void free_pointers(HttpPointers *pointers)
{
	free(pointers->names);
	free(pointers->places);
}

void http_connector_free(HttpConnector *c)
{
	if (!c)
		return;
	free(c->headers.items);
	free(c->create.headers.items);
	free(c->get.headers.items);
	free(c->result.headers.items);
	free(c->delete_.headers.items);
	free_pointers(&c->metadata);
	free_pointers(&c->outputs);
	free(c->links);
	free((char *)(uintptr_t)c->service.base);
	sbx_heap_close(c->heap);
	free(c);
}
