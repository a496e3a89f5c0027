/*
 * How what is told comes into the file. As a rule it is written at once, into the transaction that is open, and the commit is made
 * by the dispatcher's thread. Where commits are handed over (sbx_journal_hand_over) it waits in memory: the dispatcher's commit
 * only hands the list over, sbx_journal_write writes and commits it on a thread of the host's, and the dispatcher is told when it
 * asks again.
 *
 * Who has the database: the thread that writes, while it holds the mutex; else the dispatcher's thread, which alone hands over. When
 * that thread needs the database itself (a run is begun, or looked at) it first waits for who writes, or writes what nobody has
 * begun to (journal_settle).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- rows ---- */

static void bind_text_or_null(Statement *statement, int place, const char *text)
{
	if (text)
		statement_bind_text(statement, place, text);
	else
		statement_bind_null(statement, place);
}

static void bind_bytes_or_null(Statement *statement, int place, const void *bytes, size_t length)
{
	if (bytes)
		statement_bind_bytes(statement, place, bytes, length);
	else
		statement_bind_null(statement, place);
}

static sbx_status insert_event(sbx_journal *j, int64_t row, const JournalEvent *event)
{
	static const char SQL[] =
		"INSERT INTO events(run, life, kind, call, number, line, task, arguments, value, type, "
		"text,"
		" traceback, handed_out, started, ended)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
	sbx_status status = database_prepare(j->db, SQL, &j->add_event);
	if (status)
		return status;
	Statement *add = j->add_event;
	statement_bind_int(add, 1, row);
	statement_bind_int(add, 2, event->life);
	statement_bind_int(add, 3, event->kind);
	statement_bind_int(add, 4, (int64_t)event->call);
	statement_bind_int(add, 5, event->number);
	statement_bind_int(add, 6, event->line);
	bind_text_or_null(add, 7, event->task);
	bind_bytes_or_null(add, 8, event->arguments, event->arguments_length);
	bind_bytes_or_null(add, 9, event->value, event->value_length);
	bind_text_or_null(add, 10, event->type);
	bind_text_or_null(add, 11, event->text);
	bind_text_or_null(add, 12, event->traceback);
	statement_bind_int(add, 13, event->handed_out);
	statement_bind_int(add, 14, event->started);
	statement_bind_int(add, 15, event->ended);
	return statement_run(add);
}

static sbx_status update_run(sbx_journal *j, const JournalTold *told)
{
	static const char SQL[] =
		"UPDATE runs SET state = ?1, result = ?2, error = ?3, ended = ?4, cancel = 0,"
		" calls = ?5 WHERE id = ?6";
	const JournalEvent *end = &told->event;
	sbx_status status = database_prepare(j->db, SQL, &j->end_run);
	if (status)
		return status;
	statement_bind_text(j->end_run, 1, told->end);
	bind_bytes_or_null(j->end_run, 2, end->value, end->value_length);
	bind_text_or_null(j->end_run, 3, end->traceback);
	statement_bind_int(j->end_run, 4, end->ended);
	if (told->has_calls)
		statement_bind_int(j->end_run, 5, (int64_t)end->call);
	else
		statement_bind_null(j->end_run, 5);
	statement_bind_int(j->end_run, 6, told->row);
	return statement_run(j->end_run);
}

static sbx_status write_row(sbx_journal *j, const JournalTold *told)
{
	sbx_status status = database_begin(j->db);
	if (status)
		return status;
	return told->end ? update_run(j, told) : insert_event(j, told->row, &told->event);
}

/* ---- what is told ---- */

static void free_told(JournalTold *told)
{
	while (told) {
		JournalTold *next = told->next;
		journal_event_free(&told->event);
		free(told);
		told = next;
	}
}

/* told's own event points to what the caller has. */
static sbx_status tell(sbx_journal *j, JournalRun *r, const JournalTold *told)
{
	JournalHandOver *h = &j->hand_over;
	if (!h->wanted) { /* what was told before the host stopped handing over comes first */
		sbx_status status = journal_settle(j);
		return status ? status : journal_told(j, write_row(j, told));
	}
	JournalTold *kept = malloc(sizeof *kept);
	if (!kept)
		return journal_no_memory(j);
	*kept = *told;
	kept->next = NULL;
	if (!journal_event_copy(&kept->event, &told->event)) {
		free_told(kept);
		return journal_no_memory(j);
	}
	*h->told_end = kept;
	h->told_end = &kept->next;
	r->told_in = h->generation;
	return SBX_DONE;
}

sbx_status journal_add_event(sbx_journal *j, JournalRun *r, const JournalEvent *event)
{
	JournalTold told = {.row = r->row, .event = *event};
	told.event.life = (uint32_t)r->life;
	told.event.ended = database_now();
	return tell(j, r, &told);
}

sbx_status journal_add_end(sbx_journal *j, JournalRun *r, const JournalTold *end)
{
	JournalTold told = *end;
	told.event.ended = database_now();
	return tell(j, r, &told);
}

/* ---- committing at once ---- */

sbx_status sbx_journal_commit(sbx_journal *j)
{
	const JournalHandOver *h = &j->hand_over;
	sbx_status status = journal_settle(j);
	j->is_deferred = false;
	if (!status && h->state == JOURNAL_WRITTEN && h->status) /* the dispatcher will be told, too */
		status = journal_problem(j, h->status, "%s", h->problem);
	if (!status && database_in_transaction(j->db)) {
		status = journal_told(j, database_commit(j->db));
		j->is_lost |= status != SBX_DONE;
	}
	if (!status) /* settled: all that was told */
		j->hand_over.durable = j->hand_over.generation++;
	return status;
}

void journal_write_told(sbx_journal *j, const JournalRun *r)
{
	if (r->told_in <= j->hand_over.durable)
		return;
	sbx_status status = sbx_journal_commit(j);
	(void)status; /* the dispatcher's next commit tells */
}

/* ---- handing over ---- */

void journal_hand_over_open(sbx_journal *j)
{
	j->hand_over.told_end = &j->hand_over.told;
	j->hand_over.generation = 1;
	pthread_mutex_init(&j->hand_over.mutex, NULL); /* of the default kind it cannot fail */
}

void journal_hand_over_close(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	pthread_mutex_lock(&h->mutex); /* who writes may end that */
	free_told(h->writing);
	h->writing = NULL;
	h->state = JOURNAL_NOTHING_HANDED;
	pthread_mutex_unlock(&h->mutex);
	free_told(h->told);
	pthread_mutex_destroy(&h->mutex);
}

void sbx_journal_hand_over(sbx_journal *j, void (*wanted)(void *context), void *context)
{
	j->hand_over.wanted = wanted;
	j->hand_over.context = context;
}

/* Writes and commits what was handed over. The mutex is held. */
static void write_handed(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	sbx_status status = SBX_DONE;
	for (const JournalTold *told = h->writing; told && !status; told = told->next)
		status = write_row(j, told);
	if (!status)
		status = database_commit(j->db);
	if (status) {
		snprintf(h->problem, sizeof h->problem, "the journal: %s", database_problem(j->db));
		database_rollback(j->db);
	}
	free_told(h->writing);
	h->writing = NULL;
	h->status = status;
	h->state = JOURNAL_WRITTEN;
}

/* Waits for who writes, or writes what nobody has begun to. */
static sbx_status write_or_wait(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	sbx_status status = SBX_DONE;
	pthread_mutex_lock(&h->mutex);
	if (h->state == JOURNAL_HANDED) {
		write_handed(j);
		status = h->status;
	}
	pthread_mutex_unlock(&h->mutex);
	return status;
}

sbx_status sbx_journal_write(sbx_journal *j)
{
	return write_or_wait(j);
}

/* How the commit has ended that was handed over and written. */
static sbx_status take_status(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	h->state = JOURNAL_NOTHING_HANDED;
	h->durable =
		h->handed > h->durable ? h->handed : h->durable; /* or lost, as everybody is told */
	if (h->status)
		return journal_problem(j, h->status, "%s", h->problem);
	if (h->begins_lost) {
		h->begins_lost = false;
		return journal_problem(j, SBX_E_UNAVAILABLE, "the journal: an earlier commit has failed");
	}
	return SBX_DONE;
}

sbx_status journal_settle(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	sbx_status status = SBX_DONE;
	if (!h->wanted && !h->told && h->state == JOURNAL_NOTHING_HANDED)
		return SBX_DONE;
	(void)write_or_wait(j); /* its status is the dispatcher's to take */
	JournalTold *told = h->told;
	h->told = NULL;
	h->told_end = &h->told;
	for (const JournalTold *one = told; one && !status; one = one->next)
		status = journal_told(j, write_row(j, one));
	if (status) {
		database_rollback(j->db);
		j->is_lost = true;
	}
	free_told(told);
	return status;
}

/* ---- the recorder's commit ---- */

static sbx_status hand_over(sbx_journal *j)
{
	JournalHandOver *h = &j->hand_over;
	if (!h->told && !database_in_transaction(j->db))
		return SBX_DONE;
	j->is_deferred = false;
	pthread_mutex_lock(&h->mutex);
	h->writing = h->told;
	h->begins_lost = j->is_lost;
	h->state = JOURNAL_HANDED;
	pthread_mutex_unlock(&h->mutex);
	j->is_lost = false;
	h->handed = h->generation++;
	h->told = NULL;
	h->told_end = &h->told;
	h->wanted(h->context);
	return h->state == JOURNAL_WRITTEN ? take_status(j) : SBX_WAITING;
}

sbx_status journal_commit(sbx_journal *j)
{
	const JournalHandOver *h = &j->hand_over;
	if (h->state != JOURNAL_NOTHING_HANDED)
		return h->state == JOURNAL_WRITTEN ? take_status(j) : SBX_WAITING;
	sbx_status status = h->wanted ? hand_over(j) : sbx_journal_commit(j);
	if (!status && j->is_lost) /* what waits for this commit went with that one */
		status = journal_problem(j, SBX_E_UNAVAILABLE, "the journal: an earlier commit has failed");
	if (status != SBX_WAITING)
		j->is_lost = false;
	return status;
}

sbx_status journal_finish(sbx_journal *j)
{
	(void)write_or_wait(j);
	return j->hand_over.state == JOURNAL_WRITTEN ? take_status(j) : SBX_DONE;
}
