/*
 * The journal: what has finished, in a SQLite file, so that runs survive their process. docs/journal.md has the invariants
 * that are cited here by number, and what is in the tables.
 *
 * One transaction is open while something waits for the commit. `calls` is only ever added to, at its end. When a run is
 * opened again its rows are read into memory, one a call, and answered from there as the run hands its calls out; what is
 * not there has not finished.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "byte_queue.h"
#include "database.h"
#include "sbx-host.h"

/* An outcome that was recorded. */
typedef struct Recorded {
	uint64_t call;
	char *task;
	unsigned char *arguments, *result; /* wire form; result NULL: it failed */
	size_t arguments_length, result_length;
	char *type, *text, *traceback;
} Recorded;

/* A run that is open in this process. */
typedef struct JournalRun {
	struct JournalRun *next, *previous;
	int64_t row;
	int64_t attempt;
	char *name;
	Recorded *recorded; /* by call id */
	size_t count;
	sbx_run *run;
} JournalRun;

struct sbx_journal {
	Database *db;
	Statement *add_call, *end_run;
	sbx_heap *heap;
	JournalRun *runs;
	int lock;                   /* of FILE-runs: a byte for each run that is open in some process */
	ByteQueue arguments, value; /* room that is used again */
	char problem[512];
};

static const char SCHEMA[] = "CREATE TABLE IF NOT EXISTS runs(id INTEGER PRIMARY KEY, name TEXT "
							 "NOT NULL UNIQUE, entry TEXT NOT NULL,"
							 " inputs BLOB NOT NULL, state TEXT NOT NULL, result BLOB, error TEXT, "
							 "begun INTEGER NOT NULL, ended INTEGER,"
							 " attempt INTEGER NOT NULL, first INTEGER NOT NULL);"
							 "CREATE TABLE IF NOT EXISTS calls(seq INTEGER PRIMARY KEY, run "
							 "INTEGER NOT NULL, attempt INTEGER NOT NULL,"
							 " call INTEGER NOT NULL, task TEXT NOT NULL, arguments BLOB NOT NULL, "
							 "result BLOB, type TEXT, text TEXT,"
							 " traceback TEXT, attempts INTEGER NOT NULL, ended INTEGER NOT NULL);";

/* ---- problems ---- */

static sbx_status problem(sbx_journal *j, sbx_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static sbx_status problem(sbx_journal *j, sbx_status status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(j->problem, sizeof j->problem, format, arguments);
	va_end(arguments);
	return status;
}

/* What a function of database.h has returned, with its text if it is a failure. */
static sbx_status told(sbx_journal *j, sbx_status status)
{
	return status < 0 ? problem(j, status, "the journal: %s", database_problem(j->db)) : status;
}

const char *sbx_journal_problem(const sbx_journal *j)
{
	return j ? j->problem : "out of memory";
}

/* ---- statements ---- */

static sbx_status prepare(sbx_journal *j, const char *sql, Statement **statement)
{
	return told(j, database_prepare(j->db, sql, statement));
}

static void bind_queue(Statement *statement, int place, const ByteQueue *bytes)
{
	statement_bind_bytes(statement, place, byte_queue_front(bytes), byte_queue_length(bytes));
}

static sbx_status begin(sbx_journal *j)
{
	return told(j, database_begin(j->db));
}

/* Runs a statement that gives no rows. */
static sbx_status run_statement(sbx_journal *j, Statement *statement)
{
	return told(j, statement_run(statement));
}

sbx_status sbx_journal_commit(sbx_journal *j)
{
	return told(j, database_commit(j->db));
}

/* ---- opening ---- */

static sbx_status open_database(sbx_journal *j, const char *path)
{
	char lock[4096];
	sbx_status status = database_open(path, DATABASE_MAKE, &j->db);
	if (!status)
		status = database_configure(j->db, true);
	if (!status)
		status = database_execute(j->db, SCHEMA);
	if (status)
		return told(j, status);
	snprintf(lock, sizeof lock, "%s-runs", path);
	j->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	return j->lock < 0
			   ? problem(j, SBX_E_UNAVAILABLE, "the journal: '%s': %s", lock, strerror(errno))
			   : SBX_DONE;
}

sbx_status sbx_journal_open(const char *path, sbx_journal **journal)
{
	sbx_journal *j = calloc(1, sizeof *j);
	*journal = j;
	if (!j)
		return SBX_E_NO_MEMORY;
	j->lock = -1;
	if (sbx_heap_open(0, &j->heap))
		return problem(j, SBX_E_NO_MEMORY, "out of memory");
	return open_database(j, path);
}

/* ---- runs of this process ---- */

static void recorded_free(Recorded *recorded)
{
	free(recorded->task);
	free(recorded->arguments);
	free(recorded->result);
	free(recorded->type);
	free(recorded->text);
	free(recorded->traceback);
}

static void forget_run(sbx_journal *j, JournalRun *r)
{
	if (r->next)
		r->next->previous = r->previous;
	if (r->previous)
		r->previous->next = r->next;
	else if (j->runs == r)
		j->runs = r->next;
	for (size_t i = 0; i < r->count; i++)
		recorded_free(&r->recorded[i]);
	if (r->row) {
		struct flock lock = {
			.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = r->row, .l_len = 1};
		(void)fcntl(j->lock, F_OFD_SETLK, &lock);
	}
	free(r->recorded);
	free(r->name);
	free(r);
}

void sbx_journal_close(sbx_journal *j)
{
	if (!j)
		return;
	while (j->runs)
		forget_run(j, j->runs);
	statement_free(j->add_call);
	statement_free(j->end_run);
	database_close(j->db); /* what is not committed nobody has seen */
	if (j->lock >= 0)
		close(j->lock);
	byte_queue_free(&j->arguments);
	byte_queue_free(&j->value);
	sbx_heap_close(j->heap);
	free(j);
}

/* ---- values ---- */

static sbx_status add_wire(sbx_journal *j, ByteQueue *out, sbx_value v)
{
	sbx_value bytes;
	size_t length;
	sbx_status status = sbx_wire_dump(j->heap, v, &bytes);
	if (status)
		return problem(j, status, "the journal: a value cannot be written: %s",
					   sbx_run_error_text(j->heap));
	const unsigned char *data = sbx_peek_bytes(bytes, &length);
	byte_queue_add(out, data, length);
	sbx_value_free(j->heap, bytes);
	return out->failed ? problem(j, SBX_E_NO_MEMORY, "out of memory") : SBX_DONE;
}

static void add_count(ByteQueue *out, char letter, uint64_t n)
{
	byte_queue_u8(out, (unsigned char)letter);
	byte_queue_u64(out, n);
}

/* The arguments of a call as a dict, name to value, of those that are given. */
static sbx_status write_arguments(sbx_journal *j, const sbx_call *call)
{
	uint64_t count = 0;
	sbx_status status = SBX_DONE;
	byte_queue_clear(&j->arguments);
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		count += sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID;
	add_count(&j->arguments, 'd', count);
	for (size_t i = 0; !status && i < sbx_call_arg_count(call); i++) {
		const char *name = sbx_call_arg_name(call, i);
		if (sbx_kind(sbx_call_arg(call, i)) == SBX_INVALID)
			continue;
		add_count(&j->arguments, 's', strlen(name));
		byte_queue_add(&j->arguments, name, strlen(name));
		status = add_wire(j, &j->arguments, sbx_call_arg(call, i));
	}
	if (!status && j->arguments.failed)
		status = problem(j, SBX_E_NO_MEMORY, "out of memory");
	return status;
}

/* "add(x=1, y=2)" of a task and its arguments in wire form. */
static void describe(sbx_journal *j, const char *task, const void *bytes, size_t length, char *out,
					 size_t size)
{
	sbx_value dict;
	size_t used = (size_t)snprintf(out, size, "%s(", task);
	if (sbx_wire_load(j->heap, bytes, length, &dict) || sbx_kind(dict) != SBX_DICT) {
		snprintf(out, size, "%s(?)", task);
		return;
	}
	for (size_t i = 0; i < sbx_count(dict) && used < size; i++) {
		sbx_value repr = sbx_repr(j->heap, sbx_peek_value(dict, i));
		const char *name = sbx_peek_str(j->heap, sbx_peek_item(dict, i), NULL);
		const char *text = repr.tag ? sbx_peek_str(j->heap, repr, NULL) : NULL;
		used += (size_t)snprintf(out + used, size - used, "%s%s=%.200s", i ? ", " : "",
								 name ? name : "?", text ? text : "?");
		sbx_value_free(j->heap, repr);
	}
	if (used < size)
		snprintf(out + used, size - used, ")");
	sbx_value_free(j->heap, dict);
}

/* ---- reading a run back ---- */

static int by_call(const void *a, const void *b)
{
	uint64_t x = ((const Recorded *)a)->call, y = ((const Recorded *)b)->call;
	return (x > y) - (x < y);
}

static sbx_status read_calls(sbx_journal *j, JournalRun *r, int64_t first)
{
	Statement *statement = NULL;
	size_t room = 0;
	sbx_status status =
		prepare(j,
				"SELECT call, task, arguments, result, type, text, traceback FROM calls"
				" WHERE seq > ?1 AND run = ?2 AND attempt = ?3",
				&statement);
	if (status)
		return status;
	statement_bind_int(statement, 1, first);
	statement_bind_int(statement, 2, r->row);
	statement_bind_int(statement, 3, r->attempt);
	while ((status = told(j, statement_step(statement))) == SBX_RUNNING) {
		if (r->count == room) {
			room = room ? room * 2 : 16;
			Recorded *more = realloc(r->recorded, room * sizeof *more);
			if (!more) {
				status = problem(j, SBX_E_NO_MEMORY, "out of memory");
				break;
			}
			r->recorded = more;
		}
		Recorded *one = &r->recorded[r->count++];
		*one = (Recorded){.call = (uint64_t)column_int(statement, 0),
						  .task = column_text_copy(statement, 1),
						  .type = column_text_copy(statement, 4),
						  .text = column_text_copy(statement, 5),
						  .traceback = column_text_copy(statement, 6)};
		one->arguments = column_bytes_copy(statement, 2, &one->arguments_length);
		one->result = column_bytes_copy(statement, 3, &one->result_length);
		if (!one->task || !one->arguments || (!one->result && !one->type)) {
			status =
				problem(j, SBX_E_DAMAGED, "the journal: a call of run '%s' is damaged", r->name);
			break;
		}
	}
	statement_free(statement);
	if (r->count)
		qsort(r->recorded, r->count, sizeof *r->recorded, by_call);
	return status;
}

/* ---- a run and its row ---- */

static sbx_status claim(sbx_journal *j, const JournalRun *r)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = r->row, .l_len = 1};
	if (fcntl(j->lock, F_OFD_SETLK, &lock) == 0)
		return SBX_DONE;
	return problem(j, SBX_E_STATE, "run '%s' is open in another process", r->name);
}

static sbx_status write_inputs(sbx_journal *j, const sbx_value *inputs, size_t count)
{
	sbx_status status = SBX_DONE;
	byte_queue_clear(&j->arguments);
	add_count(&j->arguments, 't', count);
	for (size_t i = 0; i < count && !status; i++)
		status =
			add_wire(j, &j->arguments, sbx_kind(inputs[i]) == SBX_INVALID ? sbx_none() : inputs[i]);
	return status;
}

static sbx_status insert_run(sbx_journal *j, JournalRun *r, const sbx_entry *entry)
{
	Statement *statement = NULL;
	sbx_status status =
		prepare(j,
				"INSERT INTO runs(name, entry, inputs, state, begun, attempt, first)"
				" VALUES(?1, ?2, ?3, 'running', ?4, 1, coalesce((SELECT max(seq) FROM calls), 0))",
				&statement);
	if (status)
		return status;
	statement_bind_text(statement, 1, r->name);
	statement_bind_text(statement, 2, sbx_entry_full_name(entry));
	bind_queue(statement, 3, &j->arguments);
	statement_bind_int(statement, 4, database_now());
	status = run_statement(j, statement);
	statement_free(statement);
	r->row = database_last_row(j->db);
	r->attempt = 1;
	return status;
}

/* Invariants 5 and 6. *state: 'r'unning, 'd'one, 'f'ailed, 0: there is no such run. */
static sbx_status find_run(sbx_journal *j, JournalRun *r, const sbx_entry *entry, int64_t *first,
						   char *state)
{
	Statement *statement = NULL;
	sbx_status status = prepare(
		j, "SELECT id, entry, inputs, state, attempt, first FROM runs WHERE name = ?1", &statement);
	*state = 0;
	if (status)
		return status;
	statement_bind_text(statement, 1, r->name);
	status = told(j, statement_step(statement));
	if (status == SBX_RUNNING) {
		const char *name = column_text(statement, 1);
		size_t length;
		const void *inputs = column_bytes(statement, 2, &length);
		const char *word = column_text(statement, 3);
		r->row = column_int(statement, 0);
		r->attempt = column_int(statement, 4);
		*first = column_int(statement, 5);
		*state = word ? *word : '?';
		status = SBX_DONE;
		if (!name || strcmp(name, sbx_entry_full_name(entry)) != 0)
			status = problem(j, SBX_E_INPUT, "run '%s' is one of %s, not of %s", r->name,
							 name ? name : "?", sbx_entry_full_name(entry));
		else if (length != byte_queue_length(&j->arguments) ||
				 memcmp(inputs, byte_queue_front(&j->arguments), length) != 0)
			status = problem(j, SBX_E_INPUT, "run '%s' was begun with other inputs", r->name);
	}
	statement_free(statement);
	return status;
}

static sbx_status open_row(sbx_journal *j, JournalRun *r, const sbx_entry *entry)
{
	int64_t first = 0;
	char state = 0;
	sbx_status status = begin(j); /* finding and adding are one thing, between processes too */
	if (!status)
		status = find_run(j, r, entry, &first, &state);
	if (!status && !state)
		status = insert_run(j, r, entry);
	if (!status)
		status = claim(j, r);
	if (!status && state == 'r')
		status = read_calls(j, r, first);
	if (!status)
		status = sbx_journal_commit(j);
	if (!status && state && state != 'r')
		status = SBX_RUNNING; /* it has ended */
	return status;
}

sbx_status sbx_journal_begin(sbx_journal *j, const char *run_id, const sbx_entry *entry,
							 const sbx_value *inputs, size_t count)
{
	JournalRun *r = calloc(1, sizeof *r);
	if (!r || !(r->name = strdup(run_id))) {
		free(r);
		return problem(j, SBX_E_NO_MEMORY, "out of memory");
	}
	r->next = j->runs;
	if (j->runs)
		j->runs->previous = r;
	j->runs = r;
	sbx_status status = write_inputs(j, inputs, count);
	if (!status)
		status = open_row(j, r, entry);
	if (status < 0) {
		database_rollback(j->db);
		forget_run(j, r);
		return status;
	}
	return status == SBX_RUNNING ? SBX_DONE : SBX_RUNNING;
}

static JournalRun *run_named(sbx_journal *j, const char *run_id)
{
	JournalRun *r = j->runs;
	while (r && strcmp(r->name, run_id) != 0)
		r = r->next;
	return r;
}

sbx_status sbx_journal_attach(sbx_journal *j, const char *run_id, sbx_run *run)
{
	JournalRun *r = run_named(j, run_id);
	if (!r)
		return problem(j, SBX_E_ARGUMENT, "run '%s' was not begun", run_id);
	r->run = run;
	return sbx_run_set_context(run, r);
}

sbx_status sbx_journal_result(sbx_journal *j, const char *run_id, sbx_heap *heap, sbx_value *result,
							  sbx_value *error)
{
	Statement *statement = NULL;
	sbx_status status =
		prepare(j, "SELECT state, result, error FROM runs WHERE name = ?1", &statement);
	*result = *error = (sbx_value){0};
	if (status)
		return status;
	statement_bind_text(statement, 1, run_id);
	status = told(j, statement_step(statement));
	if (status == SBX_RUNNING) {
		const char *state = column_text(statement, 0);
		if (state && strcmp(state, "done") == 0) {
			size_t length;
			const void *bytes = column_bytes(statement, 1, &length);
			status = sbx_wire_load(heap, bytes, length, result);
			if (status)
				status = problem(j, SBX_E_DAMAGED, "the journal: the result of run '%s' is damaged",
								 run_id);
		} else if (state && strcmp(state, "failed") == 0) {
			size_t length;
			const void *text = column_bytes(statement, 2, &length);
			*error = sbx_str_make(heap, text, length);
			status = SBX_E_RAISED;
		} else {
			status = state && strcmp(state, "cancelled") == 0 ? SBX_E_CANCELLED : SBX_RUNNING;
		}
	} else if (!status) {
		status = problem(j, SBX_E_ARGUMENT, "no run '%s'", run_id);
	}
	statement_free(statement);
	return status;
}

sbx_status sbx_journal_next_attempt(sbx_journal *j, const char *run_id)
{
	JournalRun *r = run_named(j, run_id);
	Statement *statement = NULL;
	sbx_status status = r ? begin(j) : SBX_E_ARGUMENT;
	if (!status)
		status =
			prepare(j, "UPDATE runs SET attempt = attempt + 1, state = 'running' WHERE id = ?1",
					&statement);
	if (status)
		return status;
	statement_bind_int(statement, 1, r->row);
	status = run_statement(j, statement);
	statement_free(statement);
	r->attempt++;
	for (size_t i = 0; i < r->count; i++)
		recorded_free(&r->recorded[i]);
	r->count = 0;
	return status ? status : sbx_journal_commit(j);
}

/* ---- the recorder ---- */

static const Recorded *find_recorded(const JournalRun *r, uint64_t id)
{
	size_t low = 0, high = r->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (r->recorded[middle].call < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < r->count && r->recorded[low].call == id ? &r->recorded[low] : NULL;
}

/* Invariant 4: the error shows both. */
static int diverged(sbx_journal *j, const JournalRun *r, const Recorded *recorded,
					const sbx_call *call)
{
	char then[800], now[800], text[2048];
	describe(j, recorded->task, recorded->arguments, recorded->arguments_length, then, sizeof then);
	describe(j, sbx_call_task_name(call), byte_queue_front(&j->arguments),
			 byte_queue_length(&j->arguments), now, sizeof now);
	snprintf(text, sizeof text,
			 "run '%s' cannot go on: the program has changed\n"
			 "  call %" PRIu64 " in the journal: %s\n"
			 "  call %" PRIu64 " in the program: %s",
			 r->name, recorded->call, then, recorded->call, now);
	if (sbx_run_stop(sbx_call_run(call), SBX_E_DIVERGED, text) != SBX_DONE)
		return SBX_E_STATE;
	return SBX_E_DIVERGED;
}

/* Invariant 2. */
static int handed_out(void *context, const sbx_call *call)
{
	sbx_journal *j = context;
	sbx_run *run = sbx_call_run(call);
	const JournalRun *r = sbx_run_context(run);
	const Recorded *recorded = r ? find_recorded(r, sbx_call_id(call)) : NULL;
	sbx_value v;
	sbx_status status;
	if (!recorded)
		return 0;
	status = write_arguments(j, call);
	if (!status && (strcmp(recorded->task, sbx_call_task_name(call)) != 0 ||
					recorded->arguments_length != byte_queue_length(&j->arguments) ||
					memcmp(recorded->arguments, byte_queue_front(&j->arguments),
						   recorded->arguments_length) != 0))
		return diverged(j, r, recorded, call);
	if (!status && !recorded->result) {
		status = sbx_run_fail(run, sbx_call_id(call), recorded->type, recorded->text,
							  recorded->traceback);
		return 1; /* where it found no memory the run has ended with that */
	}
	if (!status)
		status = sbx_wire_load(j->heap, recorded->result, recorded->result_length, &v);
	if (status) {
		status = sbx_run_stop(run, SBX_E_DAMAGED, "a value in the journal is damaged");
		return SBX_E_DAMAGED;
	}
	status = sbx_run_answer(run, sbx_call_id(call), v);
	sbx_value_free(j->heap, v);
	return 1;
}

static sbx_status finished(void *context, const sbx_attempt *attempt, sbx_value result,
						   const char *type, const char *text, const char *traceback)
{
	static const char SQL[] =
		"INSERT INTO calls(run, attempt, call, task, arguments, result, type, text, traceback,"
		" attempts, ended) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
	sbx_journal *j = context;
	const sbx_call *call = attempt->call;
	const JournalRun *r = sbx_run_context(sbx_call_run(call));
	sbx_status status;
	if (!r)
		return SBX_DONE; /* a run without an id is not recorded */
	status = begin(j);
	if (!status)
		status = prepare(j, SQL, &j->add_call);
	if (!status)
		status = write_arguments(j, call);
	byte_queue_clear(&j->value);
	if (!status && sbx_kind(result) != SBX_INVALID)
		status = add_wire(j, &j->value, result);
	if (status)
		return status;
	statement_bind_int(j->add_call, 1, r->row);
	statement_bind_int(j->add_call, 2, r->attempt);
	statement_bind_int(j->add_call, 3, (int64_t)sbx_call_id(call));
	statement_bind_text(j->add_call, 4, sbx_call_task_name(call));
	bind_queue(j->add_call, 5, &j->arguments);
	if (sbx_kind(result) != SBX_INVALID)
		bind_queue(j->add_call, 6, &j->value);
	else
		statement_bind_null(j->add_call, 6);
	statement_bind_text(j->add_call, 7, type);
	statement_bind_text(j->add_call, 8, text);
	statement_bind_text(j->add_call, 9, traceback);
	statement_bind_int(j->add_call, 10, attempt->number);
	statement_bind_int(j->add_call, 11, database_now());
	return run_statement(j, j->add_call);
}

/* Only a result and an exception end a run for good: a limit may be wider next time. */
static sbx_status ended(void *context, sbx_run *run)
{
	sbx_journal *j = context;
	const JournalRun *r = sbx_run_context(run);
	sbx_status state = sbx_run_status(run);
	sbx_status status;
	if (!r || (state != SBX_DONE && state != SBX_E_RAISED))
		return SBX_DONE;
	status = begin(j);
	if (!status)
		status = prepare(
			j, "UPDATE runs SET state = ?1, result = ?2, error = ?3, ended = ?4 WHERE id = ?5",
			&j->end_run);
	byte_queue_clear(&j->value);
	if (!status && state == SBX_DONE)
		status = add_wire(j, &j->value, sbx_run_result(run));
	if (status)
		return status;
	statement_bind_text(j->end_run, 1, state == SBX_DONE ? "done" : "failed");
	if (state == SBX_DONE)
		bind_queue(j->end_run, 2, &j->value);
	else
		statement_bind_null(j->end_run, 2);
	statement_bind_text(j->end_run, 3, state == SBX_DONE ? NULL : sbx_run_traceback(run));
	statement_bind_int(j->end_run, 4, database_now());
	statement_bind_int(j->end_run, 5, r->row);
	return run_statement(j, j->end_run);
}

static sbx_status commit(void *context)
{
	return sbx_journal_commit(context);
}

void sbx_journal_recorder(sbx_journal *j, sbx_recorder *recorder)
{
	*recorder = (sbx_recorder){.size = sizeof *recorder,
							   .context = j,
							   .handed_out = handed_out,
							   .finished = finished,
							   .ended = ended,
							   .commit = commit};
}

void sbx_journal_end(sbx_journal *j, const char *run_id)
{
	JournalRun *r = run_named(j, run_id);
	if (r)
		forget_run(j, r);
}
