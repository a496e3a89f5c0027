/*
 * Runs that are open in this process: begun, taken up where they were, left. One process has a run at a time: it holds the
 * lock of the run's byte in FILE-runs, which goes with the process (invariant 9).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job_notes.h"

/* ---- claims ---- */

static struct flock byte_lock(int64_t row, short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = row, .l_len = 1};
}

static bool is_held(const sbx_journal *j, int64_t row)
{
	const JournalHold *hold = j->holds;
	while (hold && hold->row != row)
		hold = hold->next;
	return hold != NULL;
}

sbx_status journal_claim(sbx_journal *j, int64_t row, const char *name)
{
	struct flock lock = byte_lock(row, F_WRLCK);
	if (is_held(j, row))
		return journal_problem(j, SBX_E_STATE, "run '%s' is being cancelled", name);
	if (fcntl(j->lock, F_OFD_SETLK, &lock) == 0)
		return SBX_DONE;
	if (errno == EAGAIN || errno == EACCES)
		return journal_problem(j, SBX_E_STATE, "run '%s' is open in another process", name);
	return journal_problem(j, SBX_E_UNAVAILABLE, "the journal: no lock for run '%s': %s", name,
						   strerror(errno));
}

void journal_unclaim(sbx_journal *j, int64_t row)
{
	struct flock lock = byte_lock(row, F_UNLCK);
	(void)fcntl(j->lock, F_OFD_SETLK, &lock);
}

sbx_status journal_hold(sbx_journal *j, JournalHold *hold, const char *name)
{
	sbx_status status = journal_claim(j, hold->row, name);
	if (status)
		return status;
	hold->next = j->holds;
	j->holds = hold;
	return SBX_DONE;
}

void journal_let_go(sbx_journal *j, JournalHold *hold)
{
	JournalHold **link = &j->holds;
	while (*link && *link != hold)
		link = &(*link)->next;
	if (!*link)
		return;
	*link = hold->next;
	journal_unclaim(j, hold->row);
}

bool journal_is_claimed(sbx_journal *j, int64_t row, const char *name)
{
	if (journal_run_named(j, name) || is_held(j, row))
		return true;
	struct flock lock = byte_lock(row, F_WRLCK);
	if (j->lock < 0)
		return false;
	return fcntl(j->lock, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* ---- by name ---- */

static size_t bucket_of(const sbx_journal *j, const char *name)
{
	uint64_t hash = 14695981039346656037u;
	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	return (size_t)(hash & (j->bucket_count - 1));
}

JournalRun *journal_run_named(sbx_journal *j, const char *run_id)
{
	JournalRun *r = j->bucket_count ? j->buckets[bucket_of(j, run_id)] : NULL;
	while (r && strcmp(r->name, run_id) != 0)
		r = r->chain;
	return r;
}

static bool grow_buckets(sbx_journal *j)
{
	size_t count = j->bucket_count ? j->bucket_count * 2 : 64;
	JournalRun **buckets = calloc(count, sizeof *buckets);
	if (!buckets)
		return false;
	free(j->buckets);
	j->buckets = buckets;
	j->bucket_count = count;
	for (JournalRun *r = j->runs; r; r = r->next) {
		JournalRun **bucket = &buckets[bucket_of(j, r->name)];
		r->chain = *bucket;
		*bucket = r;
	}
	return true;
}

static JournalRun *add_run(sbx_journal *j, const char *run_id)
{
	if (j->run_count == j->bucket_count && !grow_buckets(j))
		return NULL;
	JournalRun *r = calloc(1, sizeof *r);
	if (!r || !(r->name = strdup(run_id))) {
		free(r);
		return NULL;
	}
	JournalRun **bucket = &j->buckets[bucket_of(j, run_id)];
	r->chain = *bucket;
	*bucket = r;
	r->next = j->runs;
	if (j->runs)
		j->runs->previous = r;
	j->runs = r;
	j->run_count++;
	return r;
}

static void forget_run(sbx_journal *j, JournalRun *r)
{
	JournalRun **link = &j->buckets[bucket_of(j, r->name)];
	while (*link != r)
		link = &(*link)->chain;
	*link = r->chain;
	if (r->next)
		r->next->previous = r->previous;
	if (r->previous)
		r->previous->next = r->next;
	else
		j->runs = r->next;
	j->run_count--;
	journal_forget_history(r);
	if (r->row)
		journal_unclaim(j, r->row);
	free(r->events);
	free(r->name);
	free(r);
}

void sbx_journal_end(sbx_journal *j, const char *run_id)
{
	JournalRun *r = journal_run_named(j, run_id);
	if (!r)
		return;
	journal_write_told(j, r);
	forget_run(j, r);
}

/* ---- rows ---- */

/* "process 4711 on host", for people. */
static void describe_owner(char *out, size_t size)
{
	char host[65] = "";
	if (gethostname(host, sizeof host - 1))
		host[0] = '\0';
	snprintf(out, size, "process %ld%s%s", (long)getpid(), *host ? " on " : "", host);
}

static sbx_status insert_row(sbx_journal *j, JournalRun *r, const sbx_entry *entry)
{
	static const char SQL[] =
		"INSERT INTO runs(name, entry, inputs, program, state, begun, life, owner)"
		" VALUES(?1, ?2, ?3, ?4, 'running', ?5, 1, ?6)";
	char owner[128];
	sbx_status status = journal_prepare(j, SQL, &j->insert_run);
	if (status)
		return status;
	describe_owner(owner, sizeof owner);
	r->life = 1;
	r->program = sbx_entry_fingerprint(entry);
	statement_bind_text(j->insert_run, 1, r->name);
	statement_bind_text(j->insert_run, 2, journal_entry_name(entry));
	statement_bind_bytes(j->insert_run, 3, byte_queue_front(&j->arguments),
						 byte_queue_length(&j->arguments));
	statement_bind_int(j->insert_run, 4, (int64_t)r->program);
	r->begun = database_now();
	statement_bind_int(j->insert_run, 5, r->begun);
	statement_bind_text(j->insert_run, 6, owner);
	status = journal_told(j, statement_run(j->insert_run));
	r->row = status ? 0 : database_last_row(j->db);
	return status;
}

typedef struct FoundRun {
	char state;     /* 'r'unning, 'd'one, 'f'ailed, 'c'ancelled; 0: there is no such run */
	bool is_marked; /* to be cancelled */
} FoundRun;

/* Entries of `sbxc exec`, whose names are this and a hash of the code. */
static bool are_of_exec(const char *name, const char *other)
{
	static const char BEGIN[] = "sandboxed-code@";
	return strncmp(name, BEGIN, sizeof BEGIN - 1) == 0 &&
		   strncmp(other, BEGIN, sizeof BEGIN - 1) == 0;
}

/* Does the row, whose columns these are, belong to that entry and to the inputs in j->arguments? */
static sbx_status check_beginning(sbx_journal *j, const JournalRun *r, const sbx_entry *entry,
								  const char *name, const void *inputs, size_t length)
{
	const char *mine = journal_entry_name(entry);
	if (!name || strcmp(name, mine) != 0) {
		if (name && are_of_exec(name, mine))
			return journal_problem(j, SBX_E_INPUT, "run '%s' was begun with other code", r->name);
		return journal_problem(j, SBX_E_INPUT, "run '%s' is one of %s, not of %s", r->name,
							   name ? name : "?", mine);
	}
	if (length == byte_queue_length(&j->arguments) &&
		(!length || memcmp(inputs, byte_queue_front(&j->arguments), length) == 0))
		return SBX_DONE;
	return journal_problem(j, SBX_E_INPUT, "run '%s' was begun with other inputs", r->name);
}

/* Invariant 5. */
static sbx_status find_row(sbx_journal *j, JournalRun *r, const sbx_entry *entry, FoundRun *found)
{
	static const char SQL[] = "SELECT id, entry, inputs, state, life, program, cancel, begun"
							  " FROM runs WHERE name = ?1";
	sbx_status status = journal_prepare(j, SQL, &j->find_run);
	*found = (FoundRun){0};
	if (status)
		return status;
	statement_bind_text(j->find_run, 1, r->name);
	status = journal_told(j, statement_step(j->find_run));
	if (status == SBX_RUNNING) {
		const Statement *row = j->find_run;
		size_t length;
		const char *name = column_text(row, 1), *word = column_text(row, 3);
		const void *inputs = column_bytes(row, 2, &length);
		r->life = column_int(row, 4);
		r->program = (uint64_t)column_int(row, 5);
		r->begun = column_int(row, 7);
		*found =
			(FoundRun){.state = word && *word ? *word : '?', .is_marked = column_int(row, 6) != 0};
		status = check_beginning(j, r, entry, name, inputs, length);
		if (!status && !strchr("rdfc", found->state))
			status = journal_problem(j, SBX_E_DAMAGED,
									 "the journal: the state of run '%s' is damaged", r->name);
		if (!status)
			r->row = column_int(row, 0);
	}
	statement_reset(j->find_run);
	return status;
}

/* This process has the run now, which another one has left; or, if it was to be cancelled, nobody needs it. */
static sbx_status take_up(sbx_journal *j, JournalRun *r, const FoundRun *found,
						  const sbx_entry *entry)
{
	static const char SQL[] =
		"UPDATE runs SET owner = ?1, state = CASE cancel WHEN 0 THEN state ELSE 'cancelled' END,"
		" ended = CASE cancel WHEN 0 THEN NULL ELSE ?2 END, cancel = 0 WHERE id = ?3";
	char owner[128];
	JournalEvent event = {.kind = SBX_JOURNAL_OPENED, .type = owner};
	sbx_status status = journal_prepare(j, SQL, &j->take_run);
	if (!status && found->is_marked)
		status = job_notes_refuse(j, r->row, r->name, "is to be cancelled, and has");
	if (status)
		return status;
	describe_owner(owner, sizeof owner);
	statement_bind_text(j->take_run, 1, owner);
	statement_bind_int(j->take_run, 2, database_now());
	statement_bind_int(j->take_run, 3, r->row);
	status = journal_told(j, statement_run(j->take_run));
	if (status || found->is_marked)
		return status;
	if (r->program != sbx_entry_fingerprint(entry))
		event.text = (char *)(uintptr_t) "with another version of the program";
	status = journal_add_event(j, r, &event);
	return status ? status : journal_read_history(j, r);
}

/* SBX_DONE: it has ended before. Finding and adding are one thing, between processes too. */
static sbx_status open_row(sbx_journal *j, JournalRun *r, const sbx_entry *entry)
{
	FoundRun found;
	sbx_status status = journal_begin_apart(j);
	if (!status)
		status = find_row(j, r, entry, &found);
	if (!status && !found.state)
		status = insert_row(j, r, entry);
	if (!status && (!found.state || found.state == 'r')) {
		status = journal_claim(j, r->row, r->name);
		if (status)
			r->row = 0; /* not ours to give back */
	}
	if (!status && found.state == 'r')
		status = take_up(j, r, &found, entry);
	if (!status && !j->is_deferred)
		status = sbx_journal_commit(j);
	if (status)
		return status;
	return !found.state || (found.state == 'r' && !found.is_marked) ? SBX_RUNNING : SBX_DONE;
}

/* The inputs are in j->arguments. */
static sbx_status begin_run(sbx_journal *j, const char *run_id, const sbx_entry *entry)
{
	if (j->lock < 0)
		return journal_problem(j, SBX_E_STATE, "the journal is open for reading only");
	if (journal_run_named(j, run_id))
		return journal_problem(j, SBX_E_STATE, "run '%s' is open already", run_id);
	JournalRun *r = add_run(j, run_id);
	if (!r)
		return journal_no_memory(j);
	sbx_status status = open_row(j, r, entry);
	if (status < 0 && !j->is_deferred)
		journal_rollback(j);
	if (status != SBX_RUNNING)
		forget_run(j, r);
	return status;
}

sbx_status sbx_journal_begin(sbx_journal *j, const char *run_id, const sbx_entry *entry,
							 const sbx_value *inputs, size_t count)
{
	sbx_status status = journal_write_inputs(j, entry, inputs, count);
	return status ? status : begin_run(j, run_id, entry);
}

sbx_status journal_begin_recorded(sbx_journal *j, const char *run_id, const sbx_entry *entry,
								  const void *inputs, size_t length)
{
	byte_queue_clear(&j->arguments);
	byte_queue_add(&j->arguments, inputs, length);
	return j->arguments.failed ? journal_no_memory(j) : begin_run(j, run_id, entry);
}

sbx_status sbx_journal_attach(sbx_journal *j, const char *run_id, sbx_run *run)
{
	JournalRun *r = journal_run_named(j, run_id);
	if (!r)
		return journal_problem(j, SBX_E_ARGUMENT, "run '%s' was not begun", run_id);
	r->run = run;
	return sbx_run_set_context(run, r);
}

const char *sbx_journal_run_id(const sbx_run *run)
{
	const JournalRun *r = sbx_run_context(run);
	return r ? r->name : NULL;
}

int sbx_journal_program_changed(sbx_journal *j, const char *run_id, const sbx_entry *entry)
{
	const JournalRun *r = journal_run_named(j, run_id);
	return r && r->program != sbx_entry_fingerprint(entry);
}

sbx_status sbx_journal_result(sbx_journal *j, const char *run_id, sbx_heap *heap, sbx_value *result,
							  sbx_value *error)
{
	Statement *statement = NULL;
	sbx_status status =
		journal_prepare(j, "SELECT state, result, error FROM runs WHERE name = ?1", &statement);
	*result = *error = (sbx_value){0};
	if (status)
		return status;
	statement_bind_text(statement, 1, run_id);
	status = journal_told(j, statement_step(statement));
	if (status == SBX_DONE)
		status = journal_problem(j, SBX_E_ARGUMENT, "no run '%s' in this journal", run_id);
	if (status == SBX_RUNNING) {
		const char *state = column_text(statement, 0), *text;
		size_t length;
		if (state && strcmp(state, "done") == 0) {
			const void *bytes = column_bytes(statement, 1, &length);
			status = sbx_wire_load(heap, bytes, length, result);
			if (status)
				status = journal_problem(j, SBX_E_DAMAGED,
										 "the journal: the result of run '%s' is damaged", run_id);
		} else if (state && strcmp(state, "failed") == 0) {
			text = column_text(statement, 2);
			status = SBX_E_RAISED;
			if (text)
				*error = sbx_str_make(heap, text, strlen(text));
			if (sbx_kind(*error) == SBX_INVALID)
				status = journal_problem(j, SBX_E_DAMAGED,
										 "the journal: the error of run '%s' is damaged", run_id);
		} else if (state && strcmp(state, "cancelled") == 0) {
			status = SBX_E_CANCELLED;
		}
	}
	statement_free(statement);
	return status;
}

/* The error of the life that ends, and what was recorded of it, stay in the log for people. */
static sbx_status end_life(sbx_journal *j, JournalRun *r)
{
	static const char FIND[] = "SELECT error FROM runs WHERE id = ?1";
	static const char NEXT[] = "UPDATE runs SET life = life + 1, state = 'running', error = NULL,"
							   " ended = NULL, calls = NULL WHERE id = ?1";
	JournalEvent event = {.kind = SBX_JOURNAL_STOPPED, .type = (char *)(uintptr_t) "failed"};
	Statement *find = NULL, *next = NULL;
	sbx_status status = journal_begin_alone(j);
	if (!status)
		status = journal_prepare(j, FIND, &find);
	if (!status)
		status = journal_prepare(j, NEXT, &next);
	if (!status) {
		statement_bind_int(find, 1, r->row);
		statement_bind_int(next, 1, r->row);
		status = journal_told(j, statement_step(find));
		if (status == SBX_RUNNING)
			event.traceback = (char *)(uintptr_t)column_text(find, 0);
	}
	if (status >= 0)
		status = journal_add_event(j, r, &event);
	if (!status)
		status = journal_told(j, statement_run(next));
	statement_free(find);
	statement_free(next);
	return status;
}

sbx_status sbx_journal_next_attempt(sbx_journal *j, const char *run_id)
{
	JournalRun *r = journal_run_named(j, run_id);
	if (!r)
		return journal_problem(j, SBX_E_ARGUMENT, "run '%s' was not begun", run_id);
	sbx_status status = end_life(j, r);
	if (status) {
		journal_rollback(j);
		return status;
	}
	r->life++;
	r->run = NULL;
	journal_forget_history(r);
	return sbx_journal_commit(j);
}
