/*
 * What a generated program has open while it runs entries, shared by the files that run them:
 *
 *   program_main.c     one entry with the inputs of the command line
 *   program_resume.c   runs that a journal holds, and that were left
 *   program_replay.c   recorded runs against this program, without tasks
 *   program_cancel.c   a run ended for good, with its jobs
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_PROGRAM_SESSION_H
#define SBX_PROGRAM_SESSION_H

#include "byte_queue.h"
#include "program.h"

typedef struct Session {
	const ProgramOptions *options;
	const sbx_gen_program *program;
	const sbx_entry *entry; /* any one of the program, where many are run */
	sbx_log *log;
	sbx_dispatcher *dispatcher;
	sbx_connectors *connectors; /* the dispatcher's; NULL: none are needed */
	sbx_backend local, docker;  /* the dispatcher's copies are closed with it */
	sbx_heap *heap;             /* inputs, and the text of the result */
	sbx_run *run;
	sbx_journal *journal; /* NULL: none */
	sbx_cache_file *cache;
	ByteQueue printed; /* by the orchestrator: the line that is not finished */
	int interrupt;
	/* Of the dispatcher, where many are run; or NULL. Their context is the session. */
	void (*event)(void *context, const sbx_attempt *attempt, const char *what, const char *detail);
	void (*ended)(void *context, sbx_run *run);
	void *owner; /* what those two need more */
} Session;

/* The log, the interrupt and the cache; EXIT_OK, or another exit code after saying why not. */
int session_open(Session *session, const ProgramOptions *options, const sbx_gen_program *program);
/* Everything that it has, in the order that the parts need. */
void session_close(Session *session);
/* The dispatcher with all backends. SBX_E_INPUT: what was wrong has been said. */
sbx_status session_open_backends(Session *session);
/* The connectors of the command line and of the program's file, not routed yet. SBX_E_INPUT: what was wrong has been said. */
sbx_status session_make_connectors(Session *session, sbx_connectors **connectors);
/* Waits until a backend has something to do or Ctrl-C came, most_ms at most; -1: as long as it takes. */
void session_wait(Session *session, int most_ms);
/* Prints the result of session->run, or its failure; returns the exit code. */
int session_show_end(Session *session, sbx_status status);
/* The result, or the error, of a run that the journal says has ended. */
int session_show_recorded(Session *session, const char *run_id);
int session_journal_failed(Session *session, sbx_status status);
/* Standard output is complete, or the exit code says that it is not. */
int session_finish_output(const ProgramOptions *options, int exit_code);

/* ---- program_resume.c ---- */

/* --journal FILE --resume [ID]...: those runs, or all that were left. */
int program_resume(const ProgramOptions *options, const sbx_gen_program *program);

/* ---- program_cancel.c ---- */

/* --journal FILE --cancel ID */
int program_cancel(const ProgramOptions *options, const sbx_gen_program *program);

/* ---- program_replay.c ---- */

/* --replay JOURNAL... */
int program_replay(const ProgramOptions *options, const sbx_gen_program *program);

#endif
