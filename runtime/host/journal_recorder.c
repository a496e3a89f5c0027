/*
 * What the dispatcher tells the journal, and asks it: sbx_recorder.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_EVERY_MS = 250 }; /* for marks that other processes have made */

/* ---- the log ---- */

/* An event of the attempt's call: its arguments are written into j->arguments, which it lends. */
static sbx_status event_of(sbx_journal *j, const sbx_attempt *attempt, uint32_t kind,
						   JournalEvent *event)
{
	const sbx_call *call = attempt->call;
	const char *path;
	sbx_status status = journal_write_arguments(j, call);
	*event = (JournalEvent){.kind = kind,
							.call = sbx_call_id(call),
							.number = attempt->number,
							.line = sbx_call_line(call, &path),
							.task = (char *)(uintptr_t)sbx_call_task_name(call),
							.handed_out = attempt->handed_out,
							.started = attempt->started};
	event->arguments_length = byte_queue_length(&j->arguments);
	event->arguments = status ? NULL : (unsigned char *)(uintptr_t)byte_queue_front(&j->arguments);
	return status;
}

static sbx_status add_failure(sbx_journal *j, JournalRun *r, JournalEvent *event, const char *type,
							  const char *text, const char *traceback)
{
	event->type = (char *)(uintptr_t)type;
	event->text = (char *)(uintptr_t)text;
	event->traceback = (char *)(uintptr_t)traceback;
	return journal_add_event(j, r, event);
}

static JournalRun *run_of(const sbx_call *call)
{
	return sbx_run_context(sbx_call_run(call));
}

static sbx_status finished(void *context, const sbx_attempt *attempt, sbx_value result,
						   const char *type, const char *text, const char *traceback)
{
	sbx_journal *j = context;
	JournalRun *r = run_of(attempt->call);
	JournalEvent event;
	if (!r)
		return SBX_DONE; /* a run without an id is not recorded */
	sbx_status status = event_of(j, attempt, SBX_JOURNAL_FINISHED, &event);
	if (!status && sbx_kind(result) != SBX_INVALID) {
		byte_queue_clear(&j->value);
		status = journal_add_wire(j, &j->value, result);
		event.value = (unsigned char *)(uintptr_t)byte_queue_front(&j->value);
		event.value_length = byte_queue_length(&j->value);
	}
	return status ? status : add_failure(j, r, &event, type, text, traceback);
}

static sbx_status retried(void *context, const sbx_attempt *attempt, const char *type,
						  const char *text, const char *traceback)
{
	sbx_journal *j = context;
	JournalRun *r = run_of(attempt->call);
	JournalEvent event;
	if (!r)
		return SBX_DONE;
	sbx_status status = event_of(j, attempt, SBX_JOURNAL_RETRIED, &event);
	return status ? status : add_failure(j, r, &event, type, text, traceback);
}

static sbx_status lasts(void *context, const sbx_attempt *attempt)
{
	sbx_journal *j = context;
	JournalRun *r = run_of(attempt->call);
	JournalEvent event;
	if (!r)
		return SBX_E_STATE;
	sbx_status status = event_of(j, attempt, SBX_JOURNAL_STARTED, &event);
	return status ? status : journal_add_event(j, r, &event);
}

static sbx_status noted(void *context, const sbx_attempt *attempt, const char *name,
						const void *bytes, size_t length)
{
	static const unsigned char nothing[1] = {0};
	sbx_journal *j = context;
	JournalRun *r = run_of(attempt->call);
	JournalEvent event;
	if (!r)
		return SBX_E_STATE;
	sbx_status status = event_of(j, attempt, SBX_JOURNAL_NOTE, &event);
	event.value = (unsigned char *)(uintptr_t)(bytes ? bytes : nothing);
	event.value_length = bytes ? length : 0;
	return status ? status : add_failure(j, r, &event, name, NULL, NULL);
}

/* Another journal may have a run of the same id: it was not begun in the same microsecond. */
static size_t identity(void *context, const sbx_run *run, char *text, size_t size)
{
	const JournalRun *r = sbx_run_context(run);
	(void)context;
	if (!r)
		return 0;
	return (size_t)snprintf(text, size, "%s begun %" PRId64 " life %" PRId64, r->name, r->begun,
							r->life);
}

static int64_t journal_clock(void *context)
{
	(void)context;
	return database_now();
}

/* ---- what a former process has recorded ---- */

bool journal_same_call(sbx_journal *j, const JournalRun *r, const JournalEvent *event,
					   const sbx_call *call, char *text, size_t size)
{
	char then[800], now[800];
	const char *path;
	size_t length = byte_queue_length(&j->arguments);
	if (strcmp(event->task, sbx_call_task_name(call)) == 0 && event->arguments_length == length &&
		memcmp(event->arguments, byte_queue_front(&j->arguments), length) == 0)
		return true;
	journal_describe(j, event->task, event->arguments, event->arguments_length, then, sizeof then);
	journal_describe(j, sbx_call_task_name(call), byte_queue_front(&j->arguments), length, now,
					 sizeof now);
	uint32_t line = sbx_call_line(call, &path);
	snprintf(text, size,
			 "run '%s' cannot go on: %s\n"
			 "  call %" PRIu64 " in the journal: %s\n"
			 "  call %" PRIu64 " in the program: %s\n"
			 "  at %s:%" PRIu32,
			 r->name, journal_change(r, sbx_call_run(call)), event->call, then, event->call, now,
			 path ? path : "?", line);
	journal_clean(text);
	return false;
}

/* Invariant 4: the error shows both. */
static int diverged(const sbx_call *call, const char *text)
{
	if (sbx_run_stop(sbx_call_run(call), SBX_E_DIVERGED, text) != SBX_DONE)
		return SBX_E_STATE;
	return SBX_E_DIVERGED;
}

int journal_answer(sbx_journal *j, const JournalEvent *event, const sbx_call *call)
{
	sbx_run *run = sbx_call_run(call);
	sbx_value v;
	sbx_status status;
	if (!event->value) {
		/* where it finds no memory the run has ended with that */
		status = sbx_run_fail(run, sbx_call_id(call), event->type, event->text, event->traceback);
		return 1;
	}
	status = sbx_wire_load(j->heap, event->value, event->value_length, &v);
	if (status) {
		status = sbx_run_stop(run, SBX_E_DAMAGED, "a value in the journal is damaged");
		return SBX_E_DAMAGED;
	}
	/* one that does not fit has raised TypeError in the first run, too */
	status = sbx_run_answer(run, sbx_call_id(call), v);
	sbx_value_free(j->heap, v);
	return 1;
}

/* Invariants 2 and 4. */
static int handed_out(void *context, const sbx_call *call)
{
	sbx_journal *j = context;
	const JournalRun *r = run_of(call);
	size_t count = 0;
	const JournalEvent *events = r ? journal_events_of(r, sbx_call_id(call), &count) : NULL;
	char text[2400];
	if (!events)
		return 0;
	if (journal_write_arguments(j, call)) {
		if (sbx_run_stop(sbx_call_run(call), SBX_E_NO_MEMORY, NULL) != SBX_DONE)
			return SBX_E_STATE;
		return SBX_E_NO_MEMORY;
	}
	for (size_t i = 0; i < count; i++)
		if (!journal_same_call(j, r, &events[i], call, text, sizeof text))
			return diverged(call, text);
	if (events[count - 1].kind != SBX_JOURNAL_FINISHED)
		return 0;
	return journal_answer(j, &events[count - 1], call);
}

static uint32_t attempts(void *context, const sbx_call *call)
{
	const JournalRun *r = run_of(call);
	size_t count = 0;
	const JournalEvent *events = r ? journal_events_of(r, sbx_call_id(call), &count) : NULL;
	uint32_t most = 0;
	(void)context;
	for (size_t i = 0; events && i < count; i++)
		if (events[i].kind == SBX_JOURNAL_RETRIED && events[i].number > most)
			most = events[i].number;
	return most;
}

/* The last one of that name that this very attempt has left. */
static const void *note(void *context, const sbx_attempt *attempt, const char *name, size_t *length)
{
	const JournalRun *r = run_of(attempt->call);
	size_t count = 0;
	const JournalEvent *events =
		r ? journal_events_of(r, sbx_call_id(attempt->call), &count) : NULL;
	(void)context;
	for (size_t i = count; events && i-- > 0;) {
		if (events[i].kind == SBX_JOURNAL_NOTE && events[i].number == attempt->number &&
			strcmp(events[i].type, name) == 0) {
			*length = events[i].value_length;
			return events[i].value;
		}
	}
	return NULL;
}

/* ---- the end of a run ---- */

static const char *state_word(const JournalRun *r, sbx_status state)
{
	if (state == SBX_E_CANCELLED)
		return r->is_cancelled ? "cancelled" : NULL;
	return state == SBX_DONE ? "done" : state == SBX_E_RAISED ? "failed" : NULL;
}

static sbx_status write_end(sbx_journal *j, JournalRun *r, sbx_run *run, const char *word)
{
	sbx_usage usage = {.size = sizeof usage};
	sbx_status state = sbx_run_status(run);
	JournalTold end = {.row = r->row, .end = word};
	byte_queue_clear(&j->value);
	if (state == SBX_DONE) {
		sbx_status status = journal_add_wire(j, &j->value, sbx_run_result(run));
		if (status)
			return status;
		end.event.value = (unsigned char *)(uintptr_t)byte_queue_front(&j->value);
		end.event.value_length = byte_queue_length(&j->value);
	}
	if (state == SBX_E_RAISED)
		end.event.traceback = (char *)(uintptr_t)sbx_run_traceback(run);
	sbx_run_usage(run, &usage);
	end.event.call = usage.calls;
	end.has_calls =
		state != SBX_E_CANCELLED; /* some may have no outcome: they are counted when it is shown */
	return journal_add_end(j, r, &end);
}

/* Has it ended before it made a call that is recorded? Then it is not the run that was recorded (invariant 4). */
static bool ends_too_early(const JournalRun *r, sbx_run *run, char *text, size_t size)
{
	sbx_usage usage = {.size = sizeof usage};
	sbx_run_usage(run, &usage);
	if (r->last_call <= usage.calls)
		return false;
	snprintf(text, size,
			 "run '%s' cannot go on: %s\n"
			 "  call %" PRIu64 " is in the journal, and the program ends after call %" PRIu64,
			 r->name, journal_change(r, run), r->last_call, usage.calls);
	return true;
}

/* Only a result, an exception and a cancellation end a run for good: a limit may be wider next time. */
static sbx_status ended(void *context, sbx_run *run)
{
	sbx_journal *j = context;
	JournalRun *r = sbx_run_context(run);
	sbx_status state = sbx_run_status(run);
	char text[800];
	if (!r)
		return SBX_DONE;
	r->run = NULL; /* its host may free it now */
	if (state == SBX_E_DIVERGED)
		return SBX_DONE;
	const char *word = state_word(r, state);
	if (word && state != SBX_E_CANCELLED && ends_too_early(r, run, text, sizeof text))
		return sbx_run_stop(run, SBX_E_DIVERGED, text);
	if (word)
		return write_end(j, r, run, word);
	JournalEvent event = {.kind = SBX_JOURNAL_STOPPED,
						  .type = (char *)(uintptr_t)sbx_status_text(state),
						  .text = (char *)(uintptr_t)sbx_run_error_text(run)};
	return journal_add_event(j, r, &event);
}

/* ---- marks of other processes ---- */

static sbx_status read_version(sbx_journal *j, int64_t *version)
{
	sbx_status status =
		journal_told(j, database_prepare(j->db, "PRAGMA data_version", &j->version));
	if (!status)
		status = journal_told(j, statement_step(j->version));
	*version = status == SBX_RUNNING ? column_int(j->version, 0) : 0;
	if (j->version)
		statement_reset(j->version);
	return status < 0 ? status : SBX_DONE;
}

static void cancel_row(sbx_journal *j, int64_t row)
{
	for (JournalRun *r = j->runs; r; r = r->next) {
		if (r->row != row || !r->run || r->is_cancelled)
			continue;
		r->is_cancelled = sbx_run_cancel(r->run) == SBX_DONE;
	}
}

static void take_marks(sbx_journal *j)
{
	int64_t version;
	Statement *statement = NULL;
	if (read_version(j, &version) || version == j->data_version)
		return;
	if (!database_prepare(j->db, "SELECT id FROM runs WHERE cancel = 1", &statement)) {
		while (statement_step(statement) == SBX_RUNNING)
			cancel_row(j, column_int(statement, 0));
		j->data_version = version;
	}
	statement_free(statement);
}

/* What goes wrong here goes wrong at the next commit, too, and is told there. */
static void poll_marks(void *context)
{
	sbx_journal *j = context;
	int64_t now = database_now();
	if (j->hand_over.state == JOURNAL_HANDED) /* another thread has the file: next time */
		return;
	if (j->runs && (now >= j->looked + LOOK_EVERY_MS * 1000 || now < j->looked)) {
		j->looked = now;
		take_marks(j);
	}
}

static int poll_timeout(void *context)
{
	const sbx_journal *j = context;
	return j->runs ? LOOK_EVERY_MS : -1;
}

static sbx_status commit(void *context)
{
	return journal_commit(context);
}

static sbx_status finish(void *context)
{
	return journal_finish(context);
}

void sbx_journal_recorder(sbx_journal *j, sbx_recorder *recorder)
{
	*recorder = (sbx_recorder){.size = sizeof *recorder,
							   .context = j,
							   .handed_out = handed_out,
							   .finished = finished,
							   .ended = ended,
							   .commit = commit,
							   .attempts = attempts,
							   .retried = retried,
							   .noted = noted,
							   .note = note,
							   .clock = journal_clock,
							   .poll = poll_marks,
							   .timeout = poll_timeout,
							   .identity = identity,
							   .lasts = lasts,
							   .finish = finish};
}
