/*
 * For the tests of runs: checks, and the tables that every program made by hand needs. Each test file includes this
 * once and writes its functions in the form that sbxc emits.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef RUN_MACHINES_H
#define RUN_MACHINES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/include/sbx_gen.h"

/* ---- checks: one line a group ---- */

static const char *group_name;
static int group_failures, all_failures;

static inline void group_end(void)
{
	if (group_name && !group_failures)
		printf("ok %s\n", group_name);
	all_failures += group_failures;
}
static inline void group(const char *name)
{
	group_end();
	group_name = name;
	group_failures = 0;
}
static inline int check_at(int is_right, const char *what, int line)
{
	if (!is_right && !group_failures++)
		printf("FAIL %s: line %d: %s\n", group_name, line, what);
	return is_right;
}
static inline int same_at(const char *got, const char *expected, int line)
{
	if (got && strcmp(got, expected) == 0)
		return 1;
	if (!group_failures++)
		printf("FAIL %s: line %d: got <<%s>>, expected <<%s>>\n", group_name, line,
			   got ? got : "NULL", expected);
	return 0;
}
#define CHECK(x) check_at((x) != 0, #x, __LINE__)
#define SAME(got, expected) same_at(got, expected, __LINE__)

/* ---- tables ---- */

static const sbx_gen_type type_int = {SBX_INT, 0, NULL};
static const sbx_gen_type type_float = {SBX_FLOAT, 0, NULL};
static const sbx_gen_type type_str = {SBX_STR, 0, NULL};
static const sbx_gen_type *const list_arguments[] = {&type_float};
static const sbx_gen_type type_list = {SBX_LIST, 1, list_arguments}; /* list[float] */

static const sbx_gen_program program;

#define PARAM(name, type) \
	{ \
		name, type, SBX_PARAM_NORMAL, 0 \
	}
#define TASK(symbol, name_, params_, result_) \
	static const sbx_gen_task symbol = {.name = "test." name_, \
										.function = name_, \
										.module = "", \
										.params = params_, \
										.param_count = sizeof params_ / sizeof *params_, \
										.result = result_, \
										.program = &program}
#define FUNCTION(symbol, name_, params_, count_, call_, resume_, frame_, slots_, sites_) \
	static const sbx_gen_function symbol = {.name = name_, \
											.qualified = name_, \
											.call = call_, \
											.resume = resume_, \
											.params = params_, \
											.param_count = count_, \
											.sites = sites_, \
											.site_count = sizeof sites_ / sizeof *sites_, \
											.slots = (const uint8_t *)(slots_), \
											.slot_count = sizeof(slots_) - 1, \
											.frame_size = frame_, \
											.line = 1}
#define ENTRY(symbol, name_, main_, inputs_, count_, result_) \
	static const sbx_entry symbol = {.name = name_, \
									 .full_name = "test." name_, \
									 .program = &program, \
									 .main = &main_, \
									 .inputs = inputs_, \
									 .input_count = count_, \
									 .result = result_, \
									 .max_memory = 50u << 20, \
									 .type_check = 1, \
									 .max_depth = 256, \
									 .timeout_ms = 30000}
#define PROGRAM(pieces_, ...) \
	static const sbx_gen_source program_sources[] = { \
		{"pipeline.py", pieces_, sizeof pieces_ / sizeof *pieces_, 0, 0}}; \
	static const sbx_entry *const program_entries[] = {__VA_ARGS__}; \
	static const sbx_gen_program program = {.abi = SBX_ABI, \
											.compiler = "by hand", \
											.module = "pipeline", \
											.sources = program_sources, \
											.source_count = 1, \
											.entries = program_entries, \
											.entry_count = \
												sizeof program_entries / sizeof *program_entries}

/* A str constant. */
#define TEXT_CONSTANT(name, text) \
	static const struct { \
		sbx_gen_str str; \
		uint8_t units[sizeof text]; \
	} name = {{{0, 1}, -1, sizeof text - 1}, text}

static inline sbx_run *open_run(const sbx_entry *entry, const sbx_value *inputs, size_t count)
{
	sbx_run *run = NULL;
	sbx_status status = sbx_run_open(entry, inputs, count, NULL, &run);
	CHECK(status == SBX_DONE);
	return run;
}

static inline int64_t int_of(sbx_value v)
{
	int64_t i = INT64_MIN;
	return sbx_get_int(v, &i) ? i : INT64_MIN;
}

#endif
