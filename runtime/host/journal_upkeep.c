/*
 * Cancels runs, also those of other processes, and collects what is old.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "job_notes.h"
#include "journal.h"

#include <string.h>

/* ---- cancelling ---- */

/* ?1 is the row; ?2, where there is one, the time. */
static sbx_status update_row(sbx_journal *j, const char *sql, int64_t row, bool with_time)
{
	Statement *statement = NULL;
	sbx_status status = journal_prepare(j, sql, &statement);
	if (!status) {
		statement_bind_int(statement, 1, row);
		if (with_time)
			statement_bind_int(statement, 2, database_now());
		status = journal_told(j, statement_run(statement));
	}
	statement_free(statement);
	return status;
}

sbx_status journal_get_mark(sbx_journal *j, int64_t row, bool *is_marked)
{
	Statement *statement = NULL;
	sbx_status status = journal_prepare(j, "SELECT cancel FROM runs WHERE id = ?1", &statement);
	if (!status) {
		statement_bind_int(statement, 1, row);
		status = journal_told(j, statement_step(statement));
		*is_marked = status == SBX_RUNNING && column_int(statement, 0) != 0;
	}
	statement_free(statement);
	return status < 0 ? status : SBX_DONE;
}

sbx_status journal_set_mark(sbx_journal *j, int64_t row, bool is_marked)
{
	return update_row(j,
					  is_marked ? "UPDATE runs SET cancel = 1 WHERE id = ?1"
								: "UPDATE runs SET cancel = 0 WHERE id = ?1",
					  row, false);
}

sbx_status journal_set_cancelled(sbx_journal *j, int64_t row)
{
	static const char SQL[] =
		"UPDATE runs SET state = 'cancelled', cancel = 0, ended = ?2,"
		" calls = (SELECT count(*) FROM events WHERE run = ?1 AND kind = 1 AND"
		" events.life = runs.life) WHERE id = ?1";
	return update_row(j, SQL, row, true);
}

/* No process has it: this one takes its lock for as long as it needs. */
static sbx_status cancel_left(sbx_journal *j, const char *run_id, int64_t row, bool leaves_jobs)
{
	sbx_status status = journal_claim(j, row, run_id);
	if (status)
		return status;
	if (!leaves_jobs)
		status = job_notes_refuse(j, row, run_id, "has");
	if (!status)
		status = journal_set_cancelled(j, row);
	journal_unclaim(j, row);
	return status;
}

/* SBX_RUNNING: the process that has it has been asked. */
static sbx_status cancel_row(sbx_journal *j, const char *run_id, int64_t row, bool leaves_jobs)
{
	JournalRun *r = journal_run_named(j, run_id);
	if (r && r->run) {
		r->is_cancelled = sbx_run_cancel(r->run) == SBX_DONE;
		return SBX_RUNNING;
	}
	sbx_status status = r ? SBX_E_STATE : cancel_left(j, run_id, row, leaves_jobs);
	if (status != SBX_E_STATE)
		return status;
	status = journal_set_mark(j, row, true);
	return status ? status : SBX_RUNNING;
}

static sbx_status cancel_run(sbx_journal *j, const char *run_id, bool leaves_jobs)
{
	RunRow found = {0};
	if (j->lock < 0)
		return journal_problem(j, SBX_E_STATE, "the journal is open for reading only");
	sbx_status status = journal_begin_alone(j);
	if (!status)
		status = journal_find_row(j, run_id, &found);
	int64_t row = found.id;
	bool is_over = !status && strcmp(found.state, "running") != 0;
	if (is_over)
		status = journal_problem(j, SBX_E_STATE, "run '%s' has ended: %s", run_id, found.state);
	statement_free(found.row);
	if (!status)
		status = cancel_row(j, run_id, row, leaves_jobs);
	if (status < 0) {
		journal_rollback(j);
		return status;
	}
	sbx_status committed = sbx_journal_commit(j);
	return committed ? committed : status;
}

sbx_status sbx_journal_cancel(sbx_journal *j, const char *run_id)
{
	return cancel_run(j, run_id, false);
}

sbx_status sbx_journal_abandon(sbx_journal *j, const char *run_id)
{
	return cancel_run(j, run_id, true);
}

/* ---- collecting ---- */

/* The runs that go, into the table `gone`; one that is still open in some process stays. */
static sbx_status choose(sbx_journal *j, const sbx_journal_rules *rules)
{
	static const char FIND[] =
		"SELECT id, name FROM runs WHERE state <> 'running' AND ended < ?1 AND id NOT IN"
		" (SELECT id FROM runs WHERE state <> 'running' ORDER BY ended DESC, id DESC LIMIT ?2)";
	Statement *find = NULL, *add = NULL;
	sbx_status status = journal_told(
		j, database_execute(j->db, "CREATE TEMP TABLE IF NOT EXISTS gone(id INTEGER PRIMARY KEY);"
								   "DELETE FROM gone"));
	if (!status)
		status = journal_prepare(j, FIND, &find);
	if (!status)
		status = journal_prepare(j, "INSERT INTO gone VALUES(?1)", &add);
	if (!status) {
		statement_bind_int(find, 1, rules->ended_before ? rules->ended_before : INT64_MAX);
		statement_bind_int(find, 2, rules->keep > INT64_MAX ? INT64_MAX : (int64_t)rules->keep);
	}
	while (!status && (status = journal_told(j, statement_step(find))) == SBX_RUNNING) {
		const char *name = column_text(find, 1);
		status = SBX_DONE;
		if (!name || journal_is_claimed(j, column_int(find, 0), name))
			continue;
		statement_bind_int(add, 1, column_int(find, 0));
		status = journal_told(j, statement_run(add));
	}
	statement_free(find);
	statement_free(add);
	return status;
}

sbx_status sbx_journal_collect(sbx_journal *j, const sbx_journal_rules *rules, uint64_t *removed)
{
	static const char REMOVE[] = "DELETE FROM events WHERE run IN (SELECT id FROM gone);"
								 "DELETE FROM runs WHERE id IN (SELECT id FROM gone);";
	Statement *count = NULL;
	*removed = 0;
	if (rules->size != sizeof *rules)
		return journal_problem(j, SBX_E_ARGUMENT, "sbx_journal_rules of another size");
	if (j->lock < 0)
		return journal_problem(j, SBX_E_STATE, "the journal is open for reading only");
	sbx_status status = journal_begin_alone(j);
	if (!status)
		status = choose(j, rules);
	if (!status)
		status = journal_prepare(j, "SELECT count(*) FROM gone", &count);
	if (!status)
		status = journal_told(j, statement_step(count));
	if (status == SBX_RUNNING) {
		*removed = (uint64_t)column_int(count, 0);
		status = SBX_DONE;
	}
	statement_free(count);
	if (!status && *removed && !rules->is_trial)
		status = journal_told(j, database_execute(j->db, REMOVE));
	if (!status)
		status = sbx_journal_commit(j);
	if (status)
		journal_rollback(j);
	return status;
}

sbx_status sbx_journal_shrink(sbx_journal *j)
{
	sbx_status status = sbx_journal_commit(j);
	return status ? status
				  : journal_told(
						j, database_execute(j->db, "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)"));
}
