/*
 * The registry: which connector serves a task type and version.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <unistd.h>

#include "connector.h"

/* Of a route that keeps the registry with the dispatcher when a program has no task types. */
static const char NO_TYPE[] = "\x01";

const char *sbx_phase_text(sbx_phase phase)
{
	switch (phase) {
#define TEXT(name, number, text) \
	case name: \
		return text;
		SBX_PHASE_LIST(TEXT)
#undef TEXT
	}
	return "unknown";
}

int sbx_phase_is_terminal(sbx_phase phase)
{
	return phase == SBX_PHASE_SUCCEEDED || phase == SBX_PHASE_ABORTED ||
		   phase == SBX_PHASE_FAILED || phase == SBX_PHASE_RETRYABLE_FAILED ||
		   phase == SBX_PHASE_TIMED_OUT;
}

/* ---- opening ---- */

static bool copy_text(const char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

static bool draw_nonce(sbx_connectors *c)
{
	unsigned char bytes[8];
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return false;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(c->nonce + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

sbx_status sbx_connectors_open(const sbx_connectors_options *options, sbx_connectors **connectors)
{
	*connectors = NULL;
	if (!options || options->size > sizeof *options ||
		options->size < offsetof(sbx_connectors_options, journal))
		return SBX_E_ARGUMENT;
	sbx_connectors *c = calloc(1, sizeof *c);
	if (!c)
		return SBX_E_NO_MEMORY;
	memcpy(&c->options, options, options->size);
	c->program = options->entry ? options->entry->program : NULL;
	c->next_due = INT64_MAX;
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	bool good = copy_text(&c->options.python, options->python);
	good = copy_text(&c->options.source_folder, options->source_folder) && good;
	good = copy_text(&c->options.run_folder, options->run_folder) && good;
	connector_backend(c);
	if (!good || c->epoll < 0 || !draw_nonce(c)) {
		sbx_connectors_close(c);
		return SBX_E_NO_MEMORY;
	}
	*connectors = c;
	return SBX_DONE;
}

void sbx_connectors_close(sbx_connectors *c)
{
	if (!c)
		return;
	connector_drain(c);
	while (c->served) {
		Served *served = c->served;
		c->served = served->next;
		if (served->table.close)
			served->table.close(served->table.context);
		free(served->name);
		free(served);
	}
	while (c->registered) {
		Registered *one = c->registered;
		c->registered = one->next;
		free(one->task_type);
		free(one);
	}
	if (c->epoll >= 0)
		close(c->epoll);
	free((char *)(uintptr_t)c->options.python);
	free((char *)(uintptr_t)c->options.source_folder);
	free((char *)(uintptr_t)c->options.run_folder);
	free(c);
}

const char *sbx_connectors_problem(const sbx_connectors *c)
{
	return c ? c->problem : "out of memory";
}

/* ---- registering ---- */

/* One connector may serve several types: it is polled and closed once. */
static Served *serve(sbx_connectors *c, const sbx_connector *table)
{
	for (Served *served = c->served; served; served = served->next)
		if (served->table.context == table->context &&
			served->table.create_job == table->create_job)
			return served;
	Served *served = calloc(1, sizeof *served);
	if (!served)
		return NULL;
	served->table = *table;
	served->descriptor = -1;
	served->name = strdup(table->name ? table->name : "connector");
	if (!served->name) {
		free(served);
		return NULL;
	}
	served->table.name = served->name;
	served->next = c->served;
	c->served = served;
	return served;
}

static Registered *find_key(sbx_connectors *c, const char *task_type, uint32_t version,
							bool any_version)
{
	for (Registered *one = c->registered; one; one = one->next)
		if (strcmp(one->task_type, task_type) == 0 && one->any_version == any_version &&
			(any_version || one->version == version))
			return one;
	return NULL;
}

static sbx_status add(sbx_connectors *c, const char *task_type, uint32_t version, bool any_version,
					  const sbx_connector *table, bool overrides)
{
	Registered *one = find_key(c, task_type, version, any_version);
	if (one && !overrides) {
		snprintf(c->problem, sizeof c->problem,
				 "task type '%.200s' (version %u) has a connector already: '%.200s'", task_type,
				 version, one->served->name);
		return SBX_E_STATE;
	}
	Served *served = serve(c, table);
	if (!served)
		return SBX_E_NO_MEMORY;
	if (!one) {
		one = calloc(1, sizeof *one);
		if (!one || !(one->task_type = strdup(task_type))) {
			free(one);
			return SBX_E_NO_MEMORY;
		}
		one->next = c->registered;
		c->registered = one;
	}
	one->version = version;
	one->any_version = any_version;
	one->served = served;
	return SBX_DONE;
}

sbx_status sbx_connectors_register(sbx_connectors *c, const char *task_type, uint32_t version,
								   const sbx_connector *table, int overrides)
{
	if (!c || !task_type || !*task_type || !table || table->size < sizeof *table ||
		!table->create_job || !table->get_job || !table->delete_job)
		return SBX_E_ARGUMENT;
	return add(c, task_type, version, false, table, overrides);
}

sbx_status sbx_connectors_load(sbx_connectors *c, const char *task_type, const char *path)
{
	ConnectorFile document;
	sbx_connector table = {.size = sizeof table};
	const char *kind = NULL;
	bool good = connector_file_open(&document, path) &&
				connector_file_text(&document, document.root, "", "connector", &kind);
	if (good && !kind)
		good = connector_file_complain(&document, "/connector",
									   "is missing: expected \"http\" or \"postgresql\"");
	else if (good && strcmp(kind, "http") == 0)
		good = connector_http_open(&document, &table);
	else if (good && strcmp(kind, "postgresql") == 0)
		good = connector_postgres_open(&document, &table);
	else if (good)
		good = connector_file_complain(&document, "/connector",
									   "expected \"http\" or \"postgresql\", got \"%.100s\"", kind);
	if (!good) {
		snprintf(c->problem, sizeof c->problem, "%s", document.problem);
		connector_file_close(&document);
		return SBX_E_INPUT;
	}
	sbx_status status = add(c, task_type, 0, true, &table, false);
	if (status)
		table.close(table.context);
	return status;
}

/* ---- finding ---- */

const char *connector_missing(sbx_connectors *c, const char *task_type, uint32_t version,
							  const char *more)
{
	char names[600] = "";
	size_t used = 0, size = sizeof names;
	for (const Registered *one = c->registered; one && used < size; one = one->next) {
		used += (size_t)snprintf(names + used, size - used, "%s'%.100s'", used ? ", " : "",
								 one->task_type);
		if (!one->any_version && used < size)
			used += (size_t)snprintf(names + used, size - used, " (version %u)", one->version);
	}
	if (more && *more && used < size)
		snprintf(names + used, size - used, "%s%s", used ? ", " : "", more);
	snprintf(c->problem, sizeof c->problem,
			 "no connector for task type '%.200s' (version %u); registered: %s; name one with "
			 "--connector %.200s=FILE.json, or register a class that derives from AsyncConnector",
			 task_type, version, *names ? names : "none", task_type);
	return c->problem;
}

static const Served *python(sbx_connectors *c)
{
	sbx_connector table = {.size = sizeof table};
	if (!c->python && c->program && connector_python_open(c, &table) == SBX_DONE) {
		c->python = serve(c, &table);
		if (!c->python)
			table.close(table.context);
	}
	return c->python;
}

const Served *connector_find(sbx_connectors *c, const char *task_type, uint32_t version)
{
	const Registered *one = find_key(c, task_type, version, false);
	if (!one)
		one = find_key(c, task_type, version, true);
	if (one)
		return one->served;
	const Served *served = python(c);
	if (!served)
		connector_missing(c, task_type, version, NULL);
	return served;
}

/* ---- routing ---- */

static sbx_status route(sbx_connectors *c, sbx_dispatcher *dispatcher, const char *task_type)
{
	sbx_status status = sbx_dispatcher_route(dispatcher, task_type, &c->backend);
	if (status == SBX_E_STATE)
		return SBX_DONE; /* it has a backend */
	if (status)
		return status;
	c->routes++;
	return sbx_dispatcher_limit_route(dispatcher, task_type, c->options.max_jobs);
}

sbx_status sbx_connectors_route(sbx_connectors *c, sbx_dispatcher *dispatcher)
{
	sbx_status status = route(c, dispatcher, NO_TYPE);
	if (!c->routes) {
		sbx_connectors_close(c);
		return status ? status : SBX_E_STATE; /* the dispatcher has runs already */
	}
	for (uint32_t i = 0; !status && c->program && i < c->program->task_count; i++)
		if (c->program->tasks[i]->task_type)
			status = route(c, dispatcher, c->program->tasks[i]->task_type);
	for (const Registered *one = c->registered; !status && one; one = one->next)
		status = route(c, dispatcher, one->task_type);
	return status;
}
