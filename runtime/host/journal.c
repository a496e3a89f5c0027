/*
 * The journal's file: opened, checked, committed. See journal.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- problems ---- */

sbx_status journal_problem(sbx_journal *j, sbx_status status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(j->problem, sizeof j->problem, format, arguments);
	va_end(arguments);
	return status;
}

sbx_status journal_no_memory(sbx_journal *j)
{
	return journal_problem(j, SBX_E_NO_MEMORY, "out of memory");
}

sbx_status journal_told(sbx_journal *j, sbx_status status)
{
	return status < 0 ? journal_problem(j, status, "the journal: %s", database_problem(j->db))
					  : status;
}

const char *sbx_journal_problem(const sbx_journal *j)
{
	return j ? j->problem : "out of memory";
}

/* ---- statements ---- */

sbx_status journal_prepare(sbx_journal *j, const char *sql, Statement **statement)
{
	sbx_status status = journal_settle(j);
	if (status)
		return status;
	return journal_told(j, database_prepare(j->db, sql, statement));
}

sbx_status journal_begin(sbx_journal *j)
{
	sbx_status status = journal_settle(j);
	if (status)
		return status;
	return journal_told(j, database_begin(j->db));
}

void journal_rollback(sbx_journal *j)
{
	if (database_in_transaction(j->db))
		database_rollback(j->db);
}

sbx_status journal_begin_alone(sbx_journal *j)
{
	sbx_status status = sbx_journal_commit(j);
	return status ? status : journal_begin(j);
}

sbx_status journal_begin_apart(sbx_journal *j)
{
	sbx_status status = j->is_deferred ? SBX_DONE : sbx_journal_commit(j);
	return status ? status : journal_begin(j);
}

void sbx_journal_defer(sbx_journal *j)
{
	j->is_deferred = true;
}

/* ---- opening ---- */

/* Beside the file itself, so that a run is open once, by whatever path its journal is reached. */
static sbx_status open_lock(sbx_journal *j, int flags)
{
	char *lock = database_beside(database_path(j->db), "-runs");
	if (!lock)
		return journal_no_memory(j);
	sbx_status status = SBX_DONE;
	j->lock = open(lock, flags | O_CLOEXEC, 0666);
	if (j->lock < 0 && (flags & O_CREAT))
		status =
			journal_problem(j, SBX_E_UNAVAILABLE, "the journal: '%s': %s", lock, strerror(errno));
	free(lock);
	return status;
}

static bool has_wal(const char *path)
{
	struct stat about;
	char *wal = database_beside(path, "-wal");
	bool has = wal && stat(wal, &about) == 0 && about.st_size > 0;
	free(wal);
	return has;
}

/* A reader writes a lock beside the file. Where it may not, and the last process that had the file has left nothing beside it,
   the file by itself is all that there is. */
static sbx_status open_frozen(sbx_journal *j, const char *path, sbx_status status, bool *is_new)
{
	if (status != SBX_E_UNAVAILABLE || has_wal(path) || access(path, R_OK) != 0 ||
		database_is_damaged(j->db))
		return status;
	database_close(j->db);
	j->db = NULL;
	status = journal_told(j, database_open(path, DATABASE_FROZEN, &j->db));
	return status ? status : journal_check_file(j, path, is_new);
}

static sbx_status open_database(sbx_journal *j, const char *path, enum DatabaseMode mode)
{
	bool is_new = false;
	sbx_status status = journal_told(j, database_open(path, mode, &j->db));
	if (!status) /* before anything is changed in a file that is no journal */
		status = journal_check_file(j, path, &is_new);
	if (status && mode == DATABASE_READ)
		status = open_frozen(j, path, status, &is_new);
	if (!status && is_new && mode != DATABASE_MAKE)
		status = journal_problem(j, SBX_E_UNAVAILABLE, "'%s' is no journal", path);
	if (!status && mode != DATABASE_READ)
		status = journal_told(j, database_configure(j->db, true));
	if (!status && is_new)
		status = journal_make_tables(j, path);
	return status ? status : open_lock(j, mode == DATABASE_READ ? O_RDONLY : O_RDWR | O_CREAT);
}

static sbx_status open_journal(const char *path, enum DatabaseMode mode, sbx_journal **journal)
{
	sbx_journal *j = calloc(1, sizeof *j);
	*journal = j;
	if (!j)
		return SBX_E_NO_MEMORY;
	j->lock = -1;
	j->data_version = -1;
	journal_hand_over_open(j);
	if (sbx_heap_open(0, &j->heap))
		return journal_no_memory(j);
	return open_database(j, path, mode);
}

sbx_status sbx_journal_open(const char *path, sbx_journal **journal)
{
	return open_journal(path, DATABASE_MAKE, journal);
}

sbx_status sbx_journal_open_existing(const char *path, int read_only, sbx_journal **journal)
{
	return open_journal(path, read_only ? DATABASE_READ : DATABASE_WRITE, journal);
}

void sbx_journal_close(sbx_journal *j)
{
	if (!j)
		return;
	while (j->runs)
		sbx_journal_end(j, j->runs->name);
	journal_hand_over_close(j);
	free(j->buckets);
	statement_free(j->add_event);
	statement_free(j->end_run);
	statement_free(j->find_run);
	statement_free(j->insert_run);
	statement_free(j->take_run);
	statement_free(j->read_events);
	statement_free(j->version);
	database_close(j->db); /* what is not committed nobody has seen */
	if (j->lock >= 0)
		close(j->lock);
	free(j->reason);
	byte_queue_free(&j->arguments);
	byte_queue_free(&j->value);
	sbx_heap_close(j->heap);
	free(j);
}
