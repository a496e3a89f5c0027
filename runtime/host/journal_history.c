/*
 * What is recorded of a run, read into memory: by call, and of each call as it was written.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

sbx_status journal_select_events(sbx_journal *j, int64_t row, int64_t life)
{
	static const char SQL[] =
		"SELECT seq, kind, life, call, number, line, task, arguments, value, type, text, traceback,"
		" handed_out, started, ended FROM events WHERE run = ?1 AND (?2 = 0 OR life = ?2)"
		" ORDER BY seq";
	sbx_status status = journal_prepare(j, SQL, &j->read_events);
	if (status)
		return status;
	statement_bind_int(j->read_events, 1, row);
	statement_bind_int(j->read_events, 2, life);
	return SBX_DONE;
}

static bool is_of_call(uint32_t kind)
{
	return kind == SBX_JOURNAL_FINISHED || kind == SBX_JOURNAL_RETRIED ||
		   kind == SBX_JOURNAL_NOTE || kind == SBX_JOURNAL_STARTED;
}

/* A row that nobody has written so is damage (invariant 8). */
static bool is_possible(const JournalEvent *event, bool has_value)
{
	if (event->kind < SBX_JOURNAL_FINISHED || event->kind > SBX_JOURNAL_STARTED)
		return false;
	if (!is_of_call(event->kind))
		return true;
	if (!event->call || !event->task || !event->arguments)
		return false;
	switch (event->kind) {
	case SBX_JOURNAL_FINISHED:
		return has_value || event->type;
	case SBX_JOURNAL_RETRIED:
		return event->type && !has_value;
	case SBX_JOURNAL_STARTED:
		return !event->type && !has_value;
	default:
		return event->type && has_value;
	}
}

/* column_bytes lends NULL for bytes of length 0. */
static unsigned char *lent_bytes(const Statement *statement, int column, size_t *length)
{
	static const unsigned char nothing[1] = {0};
	const void *bytes = column_bytes(statement, column, length);
	if (column_is_null(statement, column))
		return NULL;
	return (unsigned char *)(uintptr_t)(bytes ? bytes : nothing);
}

sbx_status journal_next_event(sbx_journal *j, Statement *statement, JournalEvent *event)
{
	sbx_status status = journal_told(j, statement_step(statement));
	if (status != SBX_RUNNING)
		return status;
	*event = (JournalEvent){.seq = column_int(statement, 0),
							.kind = (uint32_t)column_int(statement, 1),
							.life = (uint32_t)column_int(statement, 2),
							.call = (uint64_t)column_int(statement, 3),
							.number = (uint32_t)column_int(statement, 4),
							.line = (uint32_t)column_int(statement, 5),
							.task = (char *)(uintptr_t)column_text(statement, 6),
							.type = (char *)(uintptr_t)column_text(statement, 9),
							.text = (char *)(uintptr_t)column_text(statement, 10),
							.traceback = (char *)(uintptr_t)column_text(statement, 11),
							.handed_out = column_int(statement, 12),
							.started = column_int(statement, 13),
							.ended = column_int(statement, 14)};
	event->arguments = lent_bytes(statement, 7, &event->arguments_length);
	event->value = lent_bytes(statement, 8, &event->value_length);
	if (is_possible(event, event->value != NULL))
		return SBX_RUNNING;
	return journal_problem(j, SBX_E_DAMAGED, "the journal: row %lld of its log is damaged",
						   (long long)event->seq);
}

/* ---- a run's own ---- */

void journal_event_free(JournalEvent *event)
{
	free(event->task);
	free(event->arguments);
	free(event->value);
	free(event->type);
	free(event->text);
	free(event->traceback);
}

static char *text_copy(const char *text, bool *good)
{
	char *copy = text ? strdup(text) : NULL;
	*good = *good && (copy || !text);
	return copy;
}

static unsigned char *bytes_copy(const unsigned char *bytes, size_t length, bool *good)
{
	unsigned char *copy = bytes ? malloc(length + 1) : NULL;
	if (copy && length)
		memcpy(copy, bytes, length);
	*good = *good && (copy || !bytes);
	return copy;
}

bool journal_event_copy(JournalEvent *to, const JournalEvent *from)
{
	bool good = true;
	*to = *from;
	to->task = text_copy(from->task, &good);
	to->arguments = bytes_copy(from->arguments, from->arguments_length, &good);
	to->value = bytes_copy(from->value, from->value_length, &good);
	to->type = text_copy(from->type, &good);
	to->text = text_copy(from->text, &good);
	to->traceback = text_copy(from->traceback, &good);
	return good;
}

static bool keep_event(JournalRun *r, const JournalEvent *event)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 16;
		JournalEvent *more = realloc(r->events, room * sizeof *more);
		if (!more)
			return false;
		r->events = more;
		r->room = room;
	}
	return journal_event_copy(&r->events[r->count++], event);
}

static int by_call(const void *a, const void *b)
{
	const JournalEvent *x = a, *y = b;
	if (x->call != y->call)
		return x->call < y->call ? -1 : 1;
	return (x->seq > y->seq) - (x->seq < y->seq);
}

/* A call ends once (invariant 2). */
static sbx_status check_history(sbx_journal *j, JournalRun *r)
{
	uint64_t ended = 0;
	for (size_t i = 0; i < r->count; i++) {
		if (r->events[i].call == ended)
			return journal_problem(j, SBX_E_DAMAGED,
								   "the journal: call %llu of run '%s' has ended more than once",
								   (unsigned long long)ended, r->name);
		if (r->events[i].kind == SBX_JOURNAL_FINISHED)
			ended = r->last_call = r->events[i].call;
	}
	return SBX_DONE;
}

sbx_status journal_read_history(sbx_journal *j, JournalRun *r)
{
	JournalEvent event;
	sbx_status status = journal_select_events(j, r->row, r->life);
	while (!status) {
		status = journal_next_event(j, j->read_events, &event);
		if (status != SBX_RUNNING)
			break;
		status = !is_of_call(event.kind) || keep_event(r, &event) ? SBX_DONE : journal_no_memory(j);
	}
	if (j->read_events)
		statement_reset(j->read_events);
	if (status)
		return status;
	if (r->count)
		qsort(r->events, r->count, sizeof *r->events, by_call);
	return check_history(j, r);
}

void journal_forget_history(JournalRun *r)
{
	for (size_t i = 0; i < r->count; i++)
		journal_event_free(&r->events[i]);
	r->count = 0;
	r->last_call = 0;
}

const JournalEvent *journal_events_of(const JournalRun *r, uint64_t call, size_t *count)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->events[middle].call < call)
			low = middle + 1;
		else
			high = middle;
	}
	for (high = low; high < r->count && r->events[high].call == call;)
		high++;
	*count = high - low;
	return high > low ? &r->events[low] : NULL;
}

const JournalEvent *journal_outcome(const JournalRun *r, uint64_t call)
{
	size_t count;
	const JournalEvent *events = journal_events_of(r, call, &count);
	return events && events[count - 1].kind == SBX_JOURNAL_FINISHED ? &events[count - 1] : NULL;
}
