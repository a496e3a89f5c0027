/*
 * SQLite, as far as the journal and the cache need it. database.c is the owner of sqlite3.h; it loads the library with
 * the first database, so that a program that keeps none starts without it.
 *
 *     status = database_open(path, DATABASE_MAKE, &db);     on failure db can only tell its problem and be closed
 *     status = database_prepare(db, "SELECT a, b FROM t WHERE c = ?1", &statement);
 *     statement_bind_int(statement, 1, 17);
 *     while ((status = statement_step(statement)) == SBX_RUNNING)
 *         ... column_int(statement, 0), column_text(statement, 1) ...
 *     statement_free(statement);
 *
 * What fails returns SBX_E_UNAVAILABLE, and database_problem tells why; nothing is retried but a lock, for ten seconds.
 * A database belongs to one thread. Texts and bytes that are bound are lent until the statement is reset.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_DATABASE_H
#define SBX_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sbx.h"

/* PRAGMA application_id of a journal, in which a cache may lie too. */
#define DATABASE_OF_JOURNAL 1935833194

typedef struct Database Database;
typedef struct Statement Statement;

enum DatabaseMode {
	DATABASE_READ, /* the file is there, and what is in it is not changed */
	/* the same, and nobody changes it meanwhile: nothing is written beside it, which DATABASE_READ may need for its lock */
	DATABASE_FROZEN,
	DATABASE_WRITE, /* the file is there */
	DATABASE_MAKE   /* it is made if it is not there */
};

/*
 * The name is one of a file, whatever SQLite may mean by it (":memory:", "file:..."). SBX_E_ARGUMENT: it is empty. A file with
 * several hard links is only opened for reading: each of its names would have a WAL of its own.
 */
SBX_MUST_CHECK sbx_status database_open(const char *path, enum DatabaseMode mode, Database **db);
/*
 * "PATH-wal": the file of that suffix beside the database, where SQLite looks for it: by the path without symbolic links. Made
 * with malloc; NULL: no memory.
 */
char *database_beside(const char *path, const char *suffix);
const char *database_path(const Database *db); /* the absolute one that it was opened by */
void database_close(
	Database *db); /* rolls back what was not committed; its statements are gone before */
const char *database_problem(const Database *db); /* what the last failure was; db may be NULL */
/* Was it that the file is no database, or a damaged one? */
bool database_is_damaged(const Database *db);
/* Was it that another process has the lock? */
bool database_is_locked(const Database *db);
/* False: a lock is a failure at once, from now on. */
void database_wait_for_locks(Database *db, bool waits);

/* Statements without parameters and rows, one or more. */
SBX_MUST_CHECK sbx_status database_execute(Database *db, const char *sql);
/* WAL, and a commit that has reached the disk (`durable`) or at least survives the end of the process. */
SBX_MUST_CHECK sbx_status database_configure(Database *db, bool durable);
/* Takes the lock for writing at once. Nothing where a transaction is open. */
SBX_MUST_CHECK sbx_status database_begin(Database *db);
SBX_MUST_CHECK sbx_status database_commit(Database *db); /* on failure it has been rolled back */
void database_rollback(Database *db);
bool database_in_transaction(const Database *db);
int64_t database_last_row(const Database *db); /* the id of the row that was inserted last */
int64_t database_changes(const Database *db);  /* rows that the last statement has changed */

/* Leaves a statement that is there (*statement not NULL) as it is. */
SBX_MUST_CHECK sbx_status database_prepare(Database *db, const char *sql, Statement **statement);
void statement_free(Statement *statement); /* accepts NULL */
/* Places count from 1. */
void statement_bind_int(Statement *statement, int place, int64_t value);
void statement_bind_text(Statement *statement, int place, const char *text); /* NULL: null */
void statement_bind_bytes(Statement *statement, int place, const void *bytes, size_t length);
void statement_bind_null(Statement *statement, int place);
/* SBX_RUNNING: a row; SBX_DONE: no more. */
SBX_MUST_CHECK sbx_status statement_step(Statement *statement);
/* Of a statement that gives no rows; it is reset. */
SBX_MUST_CHECK sbx_status statement_run(Statement *statement);
void statement_reset(Statement *statement);

/* Of the row. Columns count from 0; texts and bytes live until the next step. */
int64_t column_int(const Statement *statement, int column);
const char *column_text(const Statement *statement, int column); /* NULL: null, or no memory */
/* Never NULL where length is not 0, but for want of memory. */
const void *column_bytes(const Statement *statement, int column, size_t *length);
bool column_is_null(const Statement *statement, int column);
/* The clock of what is written: microseconds since 1970. */
int64_t database_now(void);

#endif
