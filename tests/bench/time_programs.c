/*
 * Runs one of the compiled programs a line of standard input names: prints the nanoseconds from the opened run to its
 * result, and the result as Python writes it. programs.py drives it and makes programs_list.h, one X(name) each.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sbx.h"

#include "programs_compiled.h"

static const struct {
	const char *name;
	const sbx_entry *entry;
} programs[] = {
#define X(name) {#name, &sbx_machine_programs_compiled_##name},
#include "programs_list.h"
#undef X
};

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void time_program(const sbx_entry *entry)
{
	sbx_run_options options = {.size = sizeof options,
							   .max_memory = (uint64_t)2 << 30,
							   .max_depth = 1000,
							   .timeout_ms = 120000};
	sbx_run *run;
	sbx_status status;
	const char *text = NULL;
	size_t length;
	double ns;
	if (sbx_run_open(entry, NULL, 0, &options, &run) != SBX_DONE) {
		printf("0 cannot open\n");
		return;
	}
	ns = now_ns();
	while ((status = sbx_run_step(run)) == SBX_RUNNING)
		;
	ns = now_ns() - ns;
	if (status == SBX_DONE)
		text = sbx_peek_str(run, sbx_repr(run, sbx_run_result(run)), &length);
	printf("%.0f %s\n", ns, text ? text : sbx_status_text(status));
	sbx_run_free(run);
}

int main(void)
{
	char line[256];
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = 0;
		for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
			if (!strcmp(programs[i].name, line))
				time_program(programs[i].entry);
		fflush(stdout);
	}
	return 0;
}
