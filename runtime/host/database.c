/*
 * See database.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "database.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shared_library.h"

enum { BUSY_MS = 10000, LEAST_PAGE = 512 };

#define FUNCTIONS(X) \
	X(sqlite3_open_v2) \
	X(sqlite3_close_v2) \
	X(sqlite3_db_filename) \
	X(sqlite3_errmsg) \
	X(sqlite3_errcode) \
	X(sqlite3_system_errno) \
	X(sqlite3_exec) \
	X(sqlite3_busy_timeout) \
	X(sqlite3_prepare_v2) \
	X(sqlite3_step) \
	X(sqlite3_reset) \
	X(sqlite3_finalize) \
	X(sqlite3_bind_blob64) \
	X(sqlite3_bind_int64) \
	X(sqlite3_bind_null) \
	X(sqlite3_bind_text) \
	X(sqlite3_bind_zeroblob) \
	X(sqlite3_column_blob) \
	X(sqlite3_column_bytes) \
	X(sqlite3_column_int64) \
	X(sqlite3_column_text) \
	X(sqlite3_column_type) \
	X(sqlite3_changes) \
	X(sqlite3_last_insert_rowid)

typedef struct Sqlite {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
} Sqlite;

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(Sqlite, name)},
	FUNCTIONS(NAME)
#undef NAME
};

struct Database {
	Sqlite sqlite;
	sqlite3 *handle; /* NULL: it was not opened */
	bool in_transaction;
	int code; /* of the last failure */
	char problem[300];
};

struct Statement {
	Database *db;
	sqlite3_stmt *handle;
};

int64_t database_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- problems ---- */

/* Kept, because a rollback that follows would overwrite it. "disk I/O error" may be a full disk: the system knows. */
static sbx_status failed(Database *db)
{
	const char *words = db->handle ? db->sqlite.sqlite3_errmsg(db->handle) : "out of memory";
	int reason = 0;
	db->code = db->handle ? db->sqlite.sqlite3_errcode(db->handle) : SQLITE_NOMEM;
	if ((db->code & 0xff) == SQLITE_IOERR)
		reason = db->sqlite.sqlite3_system_errno(db->handle);
	snprintf(db->problem, sizeof db->problem, "%s%s%s", words, reason ? ": " : "",
			 reason ? strerror(reason) : "");
	return SBX_E_UNAVAILABLE;
}

const char *database_problem(const Database *db)
{
	return db ? db->problem : "out of memory";
}

bool database_is_damaged(const Database *db)
{
	int code = db ? db->code & 0xff : 0;
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT;
}

bool database_is_locked(const Database *db)
{
	int code = db->code & 0xff;
	return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

void database_wait_for_locks(Database *db, bool waits)
{
	db->sqlite.sqlite3_busy_timeout(db->handle, waits ? BUSY_MS : 0);
}

/* ---- opening ---- */

/* Relative names are begun with "./", so that none is one of SQLite's own (":memory:", "file:..."). Made with malloc. */
static char *plain_name(const char *path)
{
	const char *folder = *path == '/' ? "" : "./";
	size_t length = strlen(folder) + strlen(path) + 1;
	char *name = malloc(length);
	if (name)
		snprintf(name, length, "%s%s", folder, path);
	return name;
}

/* "file:PATH?immutable=1" of a plain name, which is freed. */
static char *frozen_name(char *plain)
{
	static const char HEX[] = "0123456789abcdef";
	char *name = plain ? malloc(3 * strlen(plain) + sizeof "file:?immutable=1") : NULL;
	char *at = name;
	if (name) {
		memcpy(at, "file:", 5);
		at += 5;
		for (const char *path = plain; *path; path++) {
			if (strchr("%?#", *path)) {
				*at++ = '%';
				*at++ = HEX[(unsigned char)*path >> 4];
				*at++ = HEX[*path & 15];
			} else {
				*at++ = *path;
			}
		}
		memcpy(at, "?immutable=1", sizeof "?immutable=1");
	}
	free(plain);
	return name;
}

char *database_beside(const char *path, const char *suffix)
{
	char *real = realpath(path, NULL);
	const char *begin = real ? real : path;
	size_t length = strlen(begin) + strlen(suffix) + 1;
	char *name = malloc(length);
	if (name)
		snprintf(name, length, "%s%s", begin, suffix);
	free(real);
	return name;
}

static bool is_there(const char *path, const char *suffix)
{
	char *name = database_beside(path, suffix);
	bool there = name && access(name, F_OK) == 0;
	free(name);
	return there;
}

/*
 * Less than a page is no database, but SQLite takes a file of one byte for an empty one, and would write into it. A first page
 * that was torn has SQLite's rollback journal beside it, by which the file becomes empty again.
 */
static bool is_scrap(const char *path)
{
	struct stat about;
	if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0 ||
		about.st_size >= LEAST_PAGE)
		return false;
	return !is_there(path, "-journal");
}

static bool has_links(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 && about.st_nlink > 1;
}

/*
 * A reader of a database in WAL mode needs files beside it, and only who may write takes them away again. So where none are,
 * the file is opened as by a writer, if the user may, and `query_only` keeps it as it is.
 */
static bool reads_as_writer(const char *path, enum DatabaseMode mode)
{
	return mode == DATABASE_READ && !has_links(path) && !is_there(path, "-wal") &&
		   !is_there(path, "-journal");
}

static sbx_status open_handle(Database *db, const char *path, enum DatabaseMode mode)
{
	static const int flags[] = {[DATABASE_READ] = SQLITE_OPEN_READONLY,
								[DATABASE_FROZEN] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
								[DATABASE_WRITE] = SQLITE_OPEN_READWRITE,
								[DATABASE_MAKE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
	bool as_writer = reads_as_writer(path, mode);
	char *name = plain_name(path);
	if (mode == DATABASE_FROZEN)
		name = frozen_name(name);
	int code = SQLITE_NOMEM;
	if (name)
		code = db->sqlite.sqlite3_open_v2(
			name, &db->handle, flags[as_writer ? DATABASE_WRITE : mode] | SQLITE_OPEN_NOMUTEX,
			NULL);
	free(name);
	if (code != SQLITE_OK)
		return failed(db);
	db->sqlite.sqlite3_busy_timeout(db->handle, BUSY_MS);
	return as_writer ? database_execute(db, "PRAGMA query_only=ON") : SBX_DONE;
}

sbx_status database_open(const char *path, enum DatabaseMode mode, Database **database)
{
	Database *db = calloc(1, sizeof *db);
	*database = db;
	if (!db)
		return SBX_E_NO_MEMORY;
	if (!path || !*path) {
		snprintf(db->problem, sizeof db->problem, "the name of its file is empty");
		return SBX_E_ARGUMENT;
	}
	if (!shared_library_load("libsqlite3.so.0", NAMES, SHARED_COUNT(NAMES), &db->sqlite)) {
		snprintf(db->problem, sizeof db->problem, "SQLite is needed (libsqlite3.so.0)");
		return SBX_E_UNAVAILABLE;
	}
	if (is_scrap(path)) {
		db->code = SQLITE_NOTADB;
		snprintf(db->problem, sizeof db->problem, "file is not a database");
		return SBX_E_UNAVAILABLE;
	}
	sbx_status status = open_handle(db, path, mode);
	if (status || mode == DATABASE_READ || mode == DATABASE_FROZEN || !has_links(path))
		return status;
	snprintf(db->problem, sizeof db->problem,
			 "the file has more than one name (hard links), which would each have a WAL");
	return SBX_E_UNAVAILABLE;
}

const char *database_path(const Database *db)
{
	return db->sqlite.sqlite3_db_filename(db->handle, "main");
}

void database_close(Database *db)
{
	if (!db)
		return;
	database_rollback(db);
	if (db->handle)
		db->sqlite.sqlite3_close_v2(db->handle);
	free(db);
}

/* ---- transactions ---- */

sbx_status database_execute(Database *db, const char *sql)
{
	return db->sqlite.sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? SBX_DONE
																				   : failed(db);
}

/* SQLite does not wait by itself where two processes make the same file WAL at once: each has a lock that the other needs. */
static sbx_status use_wal(Database *db)
{
	const struct timespec rest = {.tv_nsec = 10000000};
	sbx_status status;
	for (int tries = 0; tries < BUSY_MS / 10; tries++) {
		status = database_execute(db, "PRAGMA journal_mode=WAL");
		if (!status || !database_is_locked(db))
			break;
		nanosleep(&rest, NULL);
	}
	return status;
}

sbx_status database_configure(Database *db, bool durable)
{
	/* the file may be anyone's: what its schema calls, and how its pages are filled, is not trusted */
	sbx_status status = database_execute(db, "PRAGMA trusted_schema=OFF;"
											 "PRAGMA cell_size_check=ON");
	if (!status)
		status = use_wal(db);
	return status ? status
				  : database_execute(db, durable ? "PRAGMA synchronous=FULL"
												 : "PRAGMA synchronous=NORMAL");
}

sbx_status database_begin(Database *db)
{
	sbx_status status = db->in_transaction ? SBX_DONE : database_execute(db, "BEGIN IMMEDIATE");
	if (!status)
		db->in_transaction = true;
	return status;
}

void database_rollback(Database *db)
{
	if (db->in_transaction)
		(void)db->sqlite.sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
	db->in_transaction = false;
}

sbx_status database_commit(Database *db)
{
	sbx_status status = db->in_transaction ? database_execute(db, "COMMIT") : SBX_DONE;
	if (status)
		database_rollback(db);
	db->in_transaction = false;
	return status;
}

bool database_in_transaction(const Database *db)
{
	return db->in_transaction;
}

int64_t database_last_row(const Database *db)
{
	return db->sqlite.sqlite3_last_insert_rowid(db->handle);
}

int64_t database_changes(const Database *db)
{
	return db->sqlite.sqlite3_changes(db->handle);
}

/* ---- statements ---- */

sbx_status database_prepare(Database *db, const char *sql, Statement **statement)
{
	if (*statement)
		return SBX_DONE;
	Statement *made = calloc(1, sizeof *made);
	if (!made) {
		snprintf(db->problem, sizeof db->problem, "out of memory");
		return SBX_E_NO_MEMORY;
	}
	made->db = db;
	if (db->sqlite.sqlite3_prepare_v2(db->handle, sql, -1, &made->handle, NULL) != SQLITE_OK) {
		free(made);
		return failed(db);
	}
	*statement = made;
	return SBX_DONE;
}

void statement_free(Statement *statement)
{
	if (!statement)
		return;
	statement->db->sqlite.sqlite3_finalize(statement->handle);
	free(statement);
}

void statement_bind_int(Statement *statement, int place, int64_t value)
{
	statement->db->sqlite.sqlite3_bind_int64(statement->handle, place, value);
}

void statement_bind_null(Statement *statement, int place)
{
	statement->db->sqlite.sqlite3_bind_null(statement->handle, place);
}

void statement_bind_text(Statement *statement, int place, const char *text)
{
	if (text)
		statement->db->sqlite.sqlite3_bind_text(statement->handle, place, text, -1, SQLITE_STATIC);
	else
		statement_bind_null(statement, place);
}

void statement_bind_bytes(Statement *statement, int place, const void *bytes, size_t length)
{
	if (length) /* no bytes may come as NULL, which would be null */
		statement->db->sqlite.sqlite3_bind_blob64(statement->handle, place, bytes, length,
												  SQLITE_STATIC);
	else
		statement->db->sqlite.sqlite3_bind_zeroblob(statement->handle, place, 0);
}

sbx_status statement_step(Statement *statement)
{
	switch (statement->db->sqlite.sqlite3_step(statement->handle)) {
	case SQLITE_ROW:
		return SBX_RUNNING;
	case SQLITE_DONE:
		return SBX_DONE;
	default:
		return failed(statement->db);
	}
}

void statement_reset(Statement *statement)
{
	statement->db->sqlite.sqlite3_reset(statement->handle);
}

sbx_status statement_run(Statement *statement)
{
	sbx_status status = statement_step(statement);
	statement_reset(statement);
	return status == SBX_RUNNING ? SBX_E_STATE : status;
}

/* ---- columns ---- */

int64_t column_int(const Statement *statement, int column)
{
	return statement->db->sqlite.sqlite3_column_int64(statement->handle, column);
}

const char *column_text(const Statement *statement, int column)
{
	return (const char *)statement->db->sqlite.sqlite3_column_text(statement->handle, column);
}

const void *column_bytes(const Statement *statement, int column, size_t *length)
{
	const void *bytes = statement->db->sqlite.sqlite3_column_blob(statement->handle, column);
	*length = (size_t)statement->db->sqlite.sqlite3_column_bytes(statement->handle, column);
	return bytes;
}

bool column_is_null(const Statement *statement, int column)
{
	return statement->db->sqlite.sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}
