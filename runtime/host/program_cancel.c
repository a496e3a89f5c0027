/*
 * --cancel: ends a run for good. The jobs of one that was left are deleted through this program's connectors; a process that
 * has the run open is asked, and deletes them itself.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_session.h"

enum { WAIT_MS = 10000, LOOK_MS = 100 };

typedef struct Cancel {
	Session *session;
	const char *id;
	sbx_connectors *connectors;
	sbx_status ended; /* of its jobs; SBX_WAITING: not yet */
	sbx_journal_state state;
	char owner[200];
} Cancel;

static int see_state(void *context, const sbx_journal_run *run)
{
	Cancel *c = context;
	c->state = run->state;
	snprintf(c->owner, sizeof c->owner, "%s", run->owner ? run->owner : "a process");
	return 0;
}

static void jobs_ended(void *context, const char *run_id, sbx_status status)
{
	(void)run_id;
	((Cancel *)context)->ended = status;
}

static int failed(const Cancel *c, sbx_status status)
{
	program_error(c->session->options, "%s", sbx_journal_problem(c->session->journal));
	return status == SBX_E_ARGUMENT || status == SBX_E_STATE ? EXIT_USAGE
		   : status == SBX_E_BACKEND                         ? EXIT_RUN_FAILED
															 : EXIT_MISSING;
}

static sbx_status ask(Cancel *c)
{
	sbx_journal *journal = c->session->journal;
	c->ended = SBX_WAITING;
	if (c->session->options->leaves_jobs)
		return sbx_journal_abandon(journal, c->id);
	sbx_status status = sbx_connectors_cancel(c->connectors, journal, c->id, jobs_ended, c);
	if (status != SBX_WAITING)
		return status;
	sbx_connectors_close(c->connectors); /* waits for it */
	c->connectors = NULL;
	return c->ended;
}

/* Until the process that has the run has seen the mark; if that has gone, what it has left is done here. */
static int wait_for_owner(Cancel *c)
{
	Session *session = c->session;
	for (int ms = 0; ms < WAIT_MS && !interrupt_came(session->interrupt); ms += LOOK_MS) {
		sbx_status status = sbx_journal_runs(session->journal, c->id, see_state, c);
		if (!status && c->state == SBX_JOURNAL_LEFT)
			status = ask(c);
		if (status < 0)
			return failed(c, status);
		if (c->state == SBX_JOURNAL_CANCELLED || (c->state == SBX_JOURNAL_LEFT && !status)) {
			puts("cancelled");
			return EXIT_OK;
		}
		if (c->state == SBX_JOURNAL_DONE || c->state == SBX_JOURNAL_FAILED) {
			program_error(session->options, "run '%s' has ended before it could be cancelled",
						  c->id);
			return EXIT_RUN_FAILED;
		}
		struct pollfd wait = {.fd = session->interrupt, .events = POLLIN};
		(void)poll(&wait, 1, LOOK_MS);
	}
	program_error(session->options,
				  "%s has run '%s' open and has not answered; it is marked, and will be cancelled "
				  "when that process looks",
				  c->owner, c->id);
	return EXIT_RUN_FAILED;
}

static int cancel(Cancel *c)
{
	const ProgramOptions *options = c->session->options;
	sbx_status status = sbx_journal_open_existing(options->journal, 0, &c->session->journal);
	if (status)
		return failed(c, status);
	status = session_make_connectors(c->session, &c->connectors);
	if (status) {
		if (status != SBX_E_INPUT)
			program_error(options, "%s", sbx_status_text(status));
		return status == SBX_E_INPUT ? EXIT_USAGE : EXIT_RUN_FAILED;
	}
	status = ask(c);
	if (status < 0)
		return failed(c, status);
	if (status == SBX_RUNNING)
		return wait_for_owner(c);
	puts("cancelled");
	return EXIT_OK;
}

int program_cancel(const ProgramOptions *options, const sbx_gen_program *program)
{
	Session session;
	Cancel c = {.session = &session, .id = options->inputs[0]};
	int exit_code = session_open(&session, options, program);
	if (exit_code)
		return exit_code;
	session.entry = program->entry_count ? program->entries[0] : NULL;
	exit_code = cancel(&c);
	sbx_connectors_close(c.connectors);
	session_close(&session);
	return exit_code;
}
