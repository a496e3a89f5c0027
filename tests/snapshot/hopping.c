/*
 * A host that puts its run into a snapshot at every suspension and after every answer, and goes on with it in a fresh
 * process: it writes the bytes to FILE and executes the next program of PROGRAM..., which may be another compiler's build.
 *
 *     hopping ENTRY FILE PROGRAM...     without FILE and PROGRAMs it never hops
 *
 * Calls are answered by whoever started it. It writes "call FUNCTION HEX" (a dict of arguments in wire form) and reads
 * "answer HEX" or "fail TYPE HEX"; at the end it writes "result HEX" or "raised HEX" (traceback), then "hops N".
 * The first of two pending calls is answered last.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sbx.h"

extern const sbx_entry *const ENTRIES[];

typedef struct Host {
	sbx_run *run;
	const char *file;
	char **programs; /* NULL at the end */
	char **argv;
	unsigned hops;
} Host;

static void stop(const char *why, int status)
{
	fprintf(stderr, "hopping: %s: %s\n", why, sbx_status_text((sbx_status)status));
	exit(2);
}

static void put_hex(const void *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
}

/* The bytes of a word of hex; its length halves. */
static size_t from_hex(char *text)
{
	size_t length = strlen(text) / 2;
	for (size_t i = 0; i < length; i++) {
		char pair[3] = {text[2 * i], text[2 * i + 1], 0};
		text[i] = (char)strtoul(pair, NULL, 16);
	}
	text[length] = 0;
	return length;
}

static void hop(Host *host)
{
	sbx_heap *heap;
	sbx_value bytes;
	size_t length;
	int status;
	if (!host->file)
		return;
	if (sbx_heap_open(0, &heap))
		stop("heap", SBX_E_NO_MEMORY);
	status = sbx_run_snapshot(host->run, heap, &bytes);
	if (status)
		stop("snapshot", status);
	const unsigned char *data = sbx_peek_bytes(bytes, &length);
	FILE *file = fopen(host->file, "wb");
	if (!file || fwrite(data, 1, length, file) != length || fclose(file))
		stop("cannot write the snapshot", SBX_E_UNAVAILABLE);
	char hops[24];
	snprintf(hops, sizeof hops, "%u", host->hops + 1);
	setenv("HOPS", hops, 1);
	fflush(stdout);
	execv(host->programs[host->hops % 2 && host->programs[1] ? 1 : 0], host->argv);
	stop("cannot execute", SBX_E_UNAVAILABLE);
}

static void open_again(Host *host)
{
	FILE *file = fopen(host->file, "rb");
	unsigned char *bytes = malloc(1 << 24);
	size_t length = file && bytes ? fread(bytes, 1, 1 << 24, file) : 0;
	/* A copy of its own size, so that a sanitizer sees what is read behind its end. */
	unsigned char *exact = malloc(length + !length);
	if (!exact || !length)
		stop("cannot read the snapshot", SBX_E_UNAVAILABLE);
	memcpy(exact, bytes, length);
	int status = sbx_run_restore(ENTRIES[0], exact, length, NULL, &host->run);
	if (status)
		stop("restore", status);
	free(exact);
	free(bytes);
	fclose(file);
}

static void ask(Host *host, const sbx_call *call)
{
	static char line[1 << 20];
	sbx_task_info info = {.size = sizeof info};
	sbx_heap *heap;
	sbx_value keys[64], values[64], dict, bytes;
	size_t count = 0, length;
	uint64_t id = sbx_call_id(call);
	sbx_status status;
	sbx_call_task(call, &info);
	if (sbx_heap_open(0, &heap))
		stop("heap", SBX_E_NO_MEMORY);
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		if (sbx_kind(sbx_call_arg(call, i)) == SBX_INVALID)
			continue;
		keys[count] =
			sbx_str_make(heap, sbx_call_arg_name(call, i), strlen(sbx_call_arg_name(call, i)));
		values[count++] = sbx_value_copy(heap, sbx_call_arg(call, i));
	}
	dict = sbx_dict_make(heap, keys, values, count);
	status = sbx_wire_dump(heap, dict, &bytes);
	if (status)
		stop("arguments", status);
	printf("call %s ", info.function);
	const unsigned char *data = sbx_peek_bytes(bytes, &length);
	put_hex(data, length);
	putchar('\n');
	fflush(stdout);
	/* One byte at a time: what is buffered would be lost in a hop. */
	size_t used = 0;
	while (used + 1 < sizeof line && read(0, line + used, 1) == 1 && line[used] != '\n')
		used++;
	line[used] = 0;
	char *verb = strtok_r(line, " ", &(char *){NULL});
	char *rest = line + strlen(verb ? verb : "") + 1;
	if (verb && strcmp(verb, "answer") == 0) {
		sbx_value v;
		length = from_hex(rest);
		status = sbx_wire_load(heap, rest, length, &v);
		if (status == SBX_DONE)
			status = sbx_run_answer(host->run, id, v);
		if (status && status != SBX_E_TYPE)
			stop("answer", status);
	} else if (verb && strcmp(verb, "fail") == 0) {
		char *type = rest, *text = strchr(rest, ' ');
		*text++ = 0;
		from_hex(text);
		status = sbx_run_fail(host->run, id, type, text, NULL);
		if (status)
			stop("fail", status);
	} else {
		stop("nobody answers", SBX_E_UNAVAILABLE);
	}
	sbx_heap_close(heap);
}

static void serve(Host *host)
{
	const sbx_call *first = sbx_run_next_call(host->run);
	const sbx_call *second = first ? sbx_run_next_call(host->run) : NULL;
	if (!first)
		stop("waits for nothing", SBX_E_STATE);
	ask(host, second ? second : first);
	hop(host);
	if (second && sbx_run_has_call(host->run, sbx_call_id(first))) {
		ask(host, first);
		hop(host);
	}
}

static void finish(Host *host, sbx_status status)
{
	if (status == SBX_DONE) {
		sbx_heap *heap;
		sbx_value repr;
		size_t length;
		if (sbx_heap_open(0, &heap))
			stop("heap", SBX_E_NO_MEMORY);
		repr = sbx_repr(heap, sbx_run_result(host->run));
		const char *text = sbx_peek_str(heap, repr, &length);
		printf("result ");
		put_hex(text, length);
		sbx_heap_close(heap);
	} else {
		const char *text = sbx_run_traceback(host->run);
		printf("raised ");
		put_hex(text ? text : "", text ? strlen(text) : 0);
	}
	printf("\nhops %u\n", host->hops);
	sbx_run_free(host->run);
}

int main(int argc, char **argv)
{
	const char *hops = getenv("HOPS");
	Host host = {.argv = argv, .hops = hops ? (unsigned)strtoul(hops, NULL, 10) : 0};
	sbx_status status;
	bool has_hopped = host.hops != 0; /* else it would never get any further */
	if (argc < 2)
		return 2;
	if (argc > 3) {
		host.file = argv[2];
		host.programs = argv + 3;
	}
	if (host.hops) {
		open_again(&host);
	} else {
		const sbx_entry *const *entry = ENTRIES;
		while (*entry && strcmp(sbx_entry_name(*entry), argv[1]) != 0)
			entry++;
		status = *entry ? sbx_run_open(*entry, NULL, 0, NULL, &host.run) : SBX_E_ARGUMENT;
		if (status)
			stop("open", status);
		hop(&host);
	}
	while ((status = sbx_run_step(host.run)) == SBX_WAITING) {
		if (!has_hopped)
			hop(&host);
		has_hopped = false;
		serve(&host);
	}
	finish(&host, status);
	return 0;
}
