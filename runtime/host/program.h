/*
 * The command line of a generated program, in the order of its work:
 *
 *   program_options.c   the words of the command line
 *   program_inputs.c    inputs by declared type, all mistakes at once
 *   program_paths.c     their relative paths, where there is a journal
 *   program_main.c      help, list, and the run with its exit code
 *   interrupt.c         Ctrl-C
 *
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_PROGRAM_H
#define SBX_PROGRAM_H

#include <stdbool.h>

#include "log.h"
#include "sbx_gen.h"

enum ProgramExit {
	EXIT_OK = 0,
	EXIT_RUN_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_LIMIT = 3,
	EXIT_MISSING = 4,
	EXIT_DEFECT = 70,
	EXIT_INTERRUPTED = 130
};

enum { PROGRAM_CONNECTORS = 32 }; /* --connector, at most */

enum ProgramAction {
	ACTION_RUN,
	ACTION_RESUME,
	ACTION_REPLAY,
	ACTION_CANCEL,
	ACTION_BUILD,
	ACTION_LIST,
	ACTION_HELP,
	ACTION_VERSION
};

typedef struct ProgramOptions {
	const char *name; /* of the program, for messages */
	enum ProgramAction action;
	const char *entry;
	bool push;                                           /* built images go to their registries */
	bool leaves_jobs;                                    /* of a run that is cancelled */
	const char *input_json, *log, *base_image, *runtime; /* or NULL */
	const char *journal, *run_id;               /* both or neither, where an entry is run */
	const char *cache;                          /* or NULL */
	bool json;                                  /* --format */
	bool in_docker;                             /* --backend docker */
	const char *connectors[PROGRAM_CONNECTORS]; /* TYPE=FILE */
	unsigned connector_count;
	uint64_t max_memory; /* 0: not given */
	uint32_t max_depth, timeout_ms;
	char *
		*inputs; /* the words after the entry; of --resume and --cancel ids, of --replay journals */
	int input_count;
} ProgramOptions;

/* ---- program_options.c ---- */

/* EXIT_OK, or EXIT_USAGE after telling all that is wrong. */
int program_read_options(ProgramOptions *options, int argc, char **argv);
/* Is the word an option that takes a value, rather than an input? */
bool program_is_option(const char *word);
/* "pipeline: error: ..." on standard error. */
void program_error(const ProgramOptions *options, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- program_inputs.c ---- */

/*
 * Reads the inputs of `entry` into `heap`: one value per input, tag 0 where none was given. All
 * mistakes are told; returns EXIT_OK or EXIT_USAGE. `values` has room for every input. */
int program_read_inputs(const ProgramOptions *options, const sbx_entry *entry, sbx_heap *heap,
						sbx_value *values);
/* A value from a word of the command line. SBX_INVALID: *problem says what was expected. */
sbx_value program_parse_input(sbx_heap *heap, const sbx_type *type, const char *text,
							  char problem[256]);
/* "1h30m", "90", "1 day, 0:00:00" in microseconds; false: none of these. */
bool program_parse_timedelta(const char *text, int64_t *microseconds);

/* ---- program_paths.c ---- */

/* Makes relative paths in the inputs absolute. False: no memory. */
bool program_fix_paths(const sbx_entry *entry, sbx_heap *heap, sbx_value *values);

/* ---- program_list.c ---- */

/* "pipeline(n: int, scale: float = 1.0) -> dict[str, int]"; made with malloc, NULL: no memory. */
char *program_signature(const sbx_entry *entry);
/* As users name it: a function in full, a code string by its name= or its variable. */
const char *program_entry_name(const sbx_entry *entry);
/* By its own name or in full; *count is how many there are of that name. */
const sbx_entry *program_find_entry(const sbx_gen_program *program, const char *name,
									unsigned *count);

/* ---- docker_prepare.c ---- */

/* Builds the image of each sandbox, pushes it if that is asked for, and prints its name; returns the exit code. */
int docker_build_images(const ProgramOptions *options, const sbx_gen_program *program,
						const sbx_backend *backend, int interrupt);

/* ---- interrupt.c ---- */

/* Blocks SIGINT, SIGTERM and SIGHUP and gives a descriptor that becomes readable when one comes.
 * -1: not possible. */
int interrupt_open(void);
/* Has one come? */
bool interrupt_came(int descriptor);

#endif
