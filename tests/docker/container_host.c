/*
 * A service in C that runs entries with their tasks and sandboxes in containers, over sbx-host.h alone:
 *
 *     container_host ENTRY JSON [sandboxes]
 *
 * prints the result as JSON, or the traceback. "sandboxes": the backend is opened without a program's entry, and takes
 * "raw-container" only. Built with -DENTRIES=sbx_entries_<file> for the C that sbxc has made of the file.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbx-host.h"

extern const sbx_entry *const ENTRIES[];

static const sbx_entry *find(const char *name)
{
	for (size_t i = 0; ENTRIES[i]; i++)
		if (strcmp(sbx_entry_name(ENTRIES[i]), name) == 0)
			return ENTRIES[i];
	return NULL;
}

/* Inputs of the entry from an object: converted to their declared types. */
static int read_inputs(sbx_heap *heap, const sbx_entry *entry, const char *json, sbx_value *inputs)
{
	sbx_value object;
	if (sbx_json_load(heap, json, strlen(json), &object))
		return -1;
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		sbx_value given = sbx_dict_find(heap, object, sbx_entry_input_name(entry, i));
		if (sbx_kind(given) != SBX_INVALID &&
			sbx_value_convert(heap, sbx_entry_input_type(entry, i), 1, given, &inputs[i]))
			return -1;
	}
	return 0;
}

static sbx_status drive(sbx_dispatcher *dispatcher)
{
	sbx_status status;
	while ((status = sbx_dispatcher_poll(dispatcher)) == SBX_WAITING) {
		int descriptors[8];
		struct pollfd wait[8];
		size_t count = sbx_dispatcher_descriptors(dispatcher, descriptors, 8);
		for (size_t i = 0; i < count; i++)
			wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
		(void)poll(wait, (nfds_t)count, sbx_dispatcher_timeout(dispatcher));
	}
	return status;
}

static int show(sbx_run *run)
{
	sbx_value text;
	if (sbx_run_status(run) == SBX_DONE && !sbx_json_dump(run, sbx_run_result(run), &text)) {
		puts(sbx_peek_str(run, text, NULL));
		return 0;
	}
	fputs(sbx_run_traceback(run), stderr);
	return 1;
}

int main(int argc, char **argv)
{
	const sbx_entry *entry = argc > 2 ? find(argv[1]) : NULL;
	int sandboxes = argc > 3, result = 2;
	sbx_value inputs[32] = {0};
	sbx_heap *heap = NULL;
	sbx_log *log = NULL;
	sbx_dispatcher *dispatcher = NULL;
	sbx_run *run = NULL;
	sbx_backend docker;
	if (!entry || sbx_heap_open(0, &heap) || read_inputs(heap, entry, argv[2], inputs)) {
		fputs("usage: container_host ENTRY JSON [sandboxes]\n", stderr);
		return 2;
	}
	sbx_docker_options options = {.size = sizeof options, .entry = sandboxes ? NULL : entry};
	sbx_dispatcher_options dispatching = {.size = sizeof dispatching, .max_concurrency = 4};
	if (sbx_log_open(NULL, &log))
		goto done;
	options.log = log;
	if (sbx_dispatcher_open(&dispatching, &dispatcher) || sbx_docker_open(&options, &docker) ||
		sbx_docker_route(dispatcher, &docker) ||
		sbx_run_open(entry, inputs, sbx_entry_input_count(entry), NULL, &run) ||
		sbx_dispatcher_add(dispatcher, run) < 0 || drive(dispatcher) < 0)
		goto done;
	result = show(run);
done:
	if (run)
		sbx_dispatcher_remove(dispatcher, run);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
	sbx_heap_close(heap);
	sbx_log_close(log);
	return result;
}
