/*
 * A service in C that runs entries with their tasks and sandboxes in containers, over sbx-host.h alone:
 *
 *     container_host ENTRY JSON [sandboxes]
 *
 * prints the result as JSON, or the traceback. "sandboxes": the backend is opened without a program's entry, and takes
 * "raw-container" only. Built with -DENTRIES=sbx_entries_<file> for the C that sbxc has made of the file.
 *
 * SBX_TEST_POLLS=FILE has the file say how long the longest poll took, how much of that the processor worked, how long all took (us),
 * and how many there were. SBX_TEST_CANCEL=N cancels the run at the Nth poll in a row that is due at once: in the middle of work
 * that is done in pieces. SBX_TEST_LATE=N has ten hours pass then, so that timeouts end what is under way.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

static struct {
	long long longest, worked, total, count;
} polls;

static long long microseconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static sbx_status poll_once(sbx_dispatcher *dispatcher)
{
	long long begun = microseconds(CLOCK_MONOTONIC), cpu = microseconds(CLOCK_THREAD_CPUTIME_ID);
	sbx_status status = sbx_dispatcher_poll(dispatcher);
	long long took = microseconds(CLOCK_MONOTONIC) - begun;
	polls.count++;
	polls.total += took;
	if (took > polls.longest) {
		polls.longest = took;
		polls.worked = microseconds(CLOCK_THREAD_CPUTIME_ID) - cpu;
	}
	return status;
}

static void tell_polls(void)
{
	const char *path = getenv("SBX_TEST_POLLS");
	FILE *out = path ? fopen(path, "w") : NULL;
	if (!out)
		return;
	fprintf(out, "%lld %lld %lld %lld\n", polls.longest, polls.worked, polls.total, polls.count);
	fclose(out);
}

/* The dispatcher's clock. */
static int64_t passed;

static int64_t now_ms(void *context)
{
	(void)context;
	return microseconds(CLOCK_MONOTONIC) / 1000 + passed;
}

static sbx_status drive(sbx_dispatcher *dispatcher, sbx_run *run)
{
	const char *cancel = getenv("SBX_TEST_CANCEL"), *late = getenv("SBX_TEST_LATE");
	long due = 0, cancelled = cancel ? strtol(cancel, NULL, 10) : -1;
	sbx_status status;
	while ((status = poll_once(dispatcher)) == SBX_WAITING) {
		int descriptors[8], timeout = sbx_dispatcher_timeout(dispatcher);
		struct pollfd wait[8];
		size_t count = sbx_dispatcher_descriptors(dispatcher, descriptors, 8);
		for (size_t i = 0; i < count; i++)
			wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
		due = timeout == 0 ? due + 1 : 0;
		if (due == cancelled && sbx_run_cancel(run))
			return SBX_E_STATE;
		if (late && due == strtol(late, NULL, 10))
			passed = 36000000;
		(void)poll(wait, (nfds_t)count, timeout);
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
	sbx_dispatcher_options dispatching = {
		.size = sizeof dispatching, .max_concurrency = 4, .now_ms = now_ms};
	if (sbx_log_open(NULL, &log))
		goto done;
	options.log = log;
	if (sbx_dispatcher_open(&dispatching, &dispatcher) || sbx_docker_open(&options, &docker) ||
		sbx_docker_route(dispatcher, &docker) ||
		sbx_run_open(entry, inputs, sbx_entry_input_count(entry), NULL, &run) ||
		sbx_dispatcher_add(dispatcher, run) < 0 || drive(dispatcher, run) < 0)
		goto done;
	result = show(run);
done:
	tell_polls();
	if (run)
		sbx_dispatcher_remove(dispatcher, run);
	sbx_dispatcher_close(dispatcher);
	sbx_run_free(run);
	sbx_heap_close(heap);
	sbx_log_close(log);
	return result;
}
