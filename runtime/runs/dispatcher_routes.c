/*
 * Which backend a call goes to, tasks in C, and limits by name. Tasks lie by their names in a hash table, with what was said of
 * them and with their calls under way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "dispatcher.h"

char *sbx__text_copy(const char *text)
{
	size_t size = text ? strlen(text) + 1 : 0;
	char *copy = text ? malloc(size) : NULL;
	return copy ? memcpy(copy, text, size) : NULL;
}

/* ---- routes by type ---- */

static Route *route_make(const char *task_type, const sbx_backend *backend)
{
	Route *route = calloc(1, sizeof *route);
	if (!route)
		return NULL;
	route->task_type = sbx__text_copy(task_type);
	if (task_type && !route->task_type) {
		free(route);
		return NULL;
	}
	route->backend = *backend;
	link_init(&route->in_routes);
	link_init(&route->attempts);
	sbx__gate_init(&route->gate, 0);
	return route;
}

static Route *route_find(const sbx_dispatcher *d, const char *task_type)
{
	for (Link *link = d->routes.next; link != &d->routes; link = link->next) {
		Route *route = HOLDER(Route, in_routes, link);
		if (task_type ? route->task_type && strcmp(route->task_type, task_type) == 0
					  : !route->task_type)
			return route;
	}
	return NULL;
}

Route *sbx__route_of(const sbx_dispatcher *d, const sbx_gen_task *task, const Named *named)
{
	return named->route ? named->route : route_find(d, task->task_type);
}

sbx_status sbx_dispatcher_route(sbx_dispatcher *d, const char *task_type,
								const sbx_backend *backend)
{
	if (!backend || backend->size != sizeof *backend || !backend->start)
		return SBX_E_ARGUMENT;
	if (route_find(d, task_type))
		return SBX_E_STATE;
	Route *route = route_make(task_type, backend);
	if (!route)
		return SBX_E_NO_MEMORY;
	link_add_last(&d->routes, &route->in_routes);
	return SBX_DONE;
}

static void named_free(Named *named)
{
	free(named->name);
	free(named);
}

static void route_close(Route *route)
{
	if (route->backend.close)
		route->backend.close(route->backend.context);
	free(route->task_type);
	free(route);
}

void sbx__routes_close(sbx_dispatcher *d)
{
	Link *link;
	while ((link = link_take_first(&d->routes)) != NULL)
		route_close(HOLDER(Route, in_routes, link));
	for (size_t i = 0; i < d->named_room; i++) {
		Named *named = d->named[i];
		if (!named)
			continue;
		if (named->route)
			route_close(named->route);
		named_free(named);
	}
	free(d->named);
}

/* ---- names ---- */

/* Where the name is, or would be. */
static size_t slot_of(Named *const *table, size_t room, const char *name)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		hash = (hash ^ *p) * 1099511628211u;
	size_t slot = (size_t)(hash ^ hash >> 32) & (room - 1);
	while (table[slot] && strcmp(table[slot]->name, name) != 0)
		slot = (slot + 1) & (room - 1);
	return slot;
}

/* Nothing was said of the task, and none of its calls is here. */
static bool is_idle(const sbx_dispatcher *d, const Named *named)
{
	return !named->route && !named->jobs && named->gate.limit == d->options.max_per_task;
}

/* Room for one more. Tasks that are idle are forgotten then, since a service may come to know any number of them. */
static bool make_room(sbx_dispatcher *d)
{
	if (d->named_count * 2 < d->named_room)
		return true;
	size_t room = d->named_room ? d->named_room * 2 : 16;
	Named **table = calloc(room, sizeof *table);
	if (!table)
		return false;
	for (size_t i = 0; i < d->named_room; i++) {
		Named *named = d->named[i];
		if (!named)
			continue;
		if (is_idle(d, named)) {
			named_free(named);
			d->named_count--;
		} else {
			table[slot_of(table, room, named->name)] = named;
		}
	}
	free(d->named);
	d->named = table;
	d->named_room = room;
	return true;
}

Named *sbx__named_get(sbx_dispatcher *d, const char *task)
{
	size_t slot = d->named_room ? slot_of(d->named, d->named_room, task) : 0;
	if (d->named_room && d->named[slot])
		return d->named[slot];
	if (!make_room(d))
		return NULL;
	slot = slot_of(d->named, d->named_room, task);
	Named *named = calloc(1, sizeof *named);
	if (!named || !(named->name = sbx__text_copy(task))) {
		free(named);
		return NULL;
	}
	sbx__gate_init(&named->gate, d->options.max_per_task);
	d->named[slot] = named;
	d->named_count++;
	return named;
}

/* ---- tasks in C ---- */

static sbx_status native_start(void *context, sbx_attempt *attempt)
{
	const Named *named = context;
	Job *job = (Job *)attempt;
	sbx_status status = named->native.call(named->native.context, attempt);
	if (status >= 0 && job->state == JOB_RUNNING && !job->has_reported && !named->native.cancel)
		sbx_attempt_fail(attempt, "RuntimeError",
						 "the function of a task in C returned without an answer", NULL);
	return status;
}

static void native_cancel(void *context, sbx_attempt *attempt)
{
	const Named *named = context;
	if (named->native.cancel)
		named->native.cancel(named->native.context, attempt);
}

sbx_status sbx_dispatcher_native(sbx_dispatcher *d, const sbx_native_task *task)
{
	sbx_backend backend = {.size = sizeof backend, .start = native_start, .cancel = native_cancel};
	if (!task || task->size != sizeof *task || !task->name || !task->call)
		return SBX_E_ARGUMENT;
	Named *named = sbx__named_get(d, task->name);
	if (!named)
		return SBX_E_NO_MEMORY;
	if (named->route)
		return SBX_E_STATE;
	backend.context = named;
	named->route = route_make(NULL, &backend);
	if (!named->route)
		return SBX_E_NO_MEMORY;
	named->native = *task;
	named->native.name = named->name;
	return SBX_DONE;
}

/* ---- limits ---- */

sbx_status sbx_dispatcher_limit_task(sbx_dispatcher *d, const char *task, uint32_t max_concurrency)
{
	Named *named = task ? sbx__named_get(d, task) : NULL;
	if (!named)
		return task ? SBX_E_NO_MEMORY : SBX_E_ARGUMENT;
	sbx__gate_set(&named->gate, max_concurrency);
	return SBX_DONE;
}

sbx_status sbx_dispatcher_limit_route(sbx_dispatcher *d, const char *task_type,
									  uint32_t max_concurrency)
{
	Route *route = route_find(d, task_type);
	if (!route)
		return SBX_E_ARGUMENT;
	sbx__gate_set(&route->gate, max_concurrency);
	return SBX_DONE;
}

sbx_status sbx_dispatcher_limit_run(sbx_dispatcher *d, sbx_run *run, uint32_t max_concurrency)
{
	RunExtra *extra = run ? RUN(run)->extra : NULL;
	if (!extra || !extra->dispatched || extra->dispatched->dispatcher != d)
		return SBX_E_ARGUMENT;
	sbx__gate_set(&extra->dispatched->gate, max_concurrency);
	return SBX_DONE;
}
