/*
 * The cache of results: one table in a SQLite file. docs/cache.md says what a user may rely on.
 *
 * Reading is done when a call is looked up. What is to be written waits in memory for `flush`, which comes when no journal
 * has a transaction open: so the file may be the journal's. A row carries a proof, a hash over all of it that matters; a
 * row that does not fit its proof, its key or the task's declared result is none. Files that a result names must still be
 * there with the content that they had.
 *
 * Whatever goes wrong with an open file is told once, and the tasks run.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A lock is waited for so long, and tried so often. */
enum { LOCKED_US = 10000000, LOCKED_TRIES = 20 };

static const char TABLE[] = "CREATE TABLE results(key BLOB PRIMARY KEY, task TEXT NOT NULL,"
							" version TEXT NOT NULL, value BLOB NOT NULL, files BLOB NOT NULL,"
							" proof BLOB NOT NULL, stored INTEGER NOT NULL, used INTEGER NOT NULL,"
							" hits INTEGER NOT NULL)";

/* ---- problems ---- */

static sbx_status failed(sbx_cache_file *c, sbx_status status)
{
	if (status < 0)
		snprintf(c->problem, sizeof c->problem, "the cache: %s", database_problem(c->db));
	return status;
}

/* The tasks go on without it. */
void cache_give_up(sbx_cache_file *c)
{
	char text[600];
	if (c->is_broken)
		return;
	c->is_broken = true;
	int length = snprintf(text, sizeof text, "not used any more: %s", database_problem(c->db));
	sbx_log_line(c->log, "cache", text, (size_t)length);
}

const char *sbx_cache_file_problem(const sbx_cache_file *c)
{
	return c ? c->problem : "out of memory";
}

/* ---- opening ---- */

/* Is the table of that name the one that is made here, and nothing hung on it? */
static sbx_status check_table(sbx_cache_file *c)
{
	Statement *statement = NULL;
	bool good = false;
	sbx_status status = database_prepare(
		c->db, "SELECT type, sql FROM sqlite_master WHERE tbl_name = 'results' AND sql IS NOT NULL",
		&statement);
	while (!status && (status = statement_step(statement)) == SBX_RUNNING) {
		const char *type = column_text(statement, 0), *sql = column_text(statement, 1);
		good = type && sql && strcmp(type, "table") == 0 && strcmp(sql, TABLE) == 0;
		status = SBX_DONE;
		if (!good)
			break;
	}
	statement_free(statement);
	if (status)
		return failed(c, status);
	if (good)
		return SBX_DONE;
	snprintf(c->problem, sizeof c->problem,
			 "the cache: the file has a table 'results' that is not a cache's");
	return SBX_E_UNAVAILABLE;
}

/* A cache lies in a file of its own or in a journal's, and in none of anybody else. */
static sbx_status check_neighbours(sbx_cache_file *c)
{
	Statement *statement = NULL;
	int64_t others = 0, application = 0;
	sbx_status status = database_prepare(
		c->db,
		"SELECT (SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'results'), application_id"
		" FROM pragma_application_id",
		&statement);
	if (!status)
		status = statement_step(statement);
	if (status == SBX_RUNNING) {
		others = column_int(statement, 0);
		application = column_int(statement, 1);
		status = SBX_DONE;
	}
	statement_free(statement);
	if (status)
		return failed(c, status);
	if (application == DATABASE_OF_JOURNAL || (!others && !application))
		return SBX_DONE;
	snprintf(c->problem, sizeof c->problem, "the cache: the file is a database of something else");
	return SBX_E_UNAVAILABLE;
}

static sbx_status open_database(sbx_cache_file *c, const char *path, bool must_exist)
{
	char sql[sizeof TABLE + 32];
	snprintf(sql, sizeof sql, "CREATE TABLE IF NOT EXISTS%s", TABLE + strlen("CREATE TABLE"));
	sbx_status status = database_open(path, must_exist ? DATABASE_WRITE : DATABASE_MAKE, &c->db);
	if (status)
		return failed(c, status);
	status = check_neighbours(c);
	if (status)
		return status;
	status = database_configure(c->db, false);
	if (!status)
		status = database_execute(c->db, sql);
	return status ? failed(c, status) : check_table(c);
}

sbx_status sbx_cache_file_open(const char *path, const sbx_cache_options *options,
							   sbx_cache_file **file)
{
	sbx_cache_file *c = calloc(1, sizeof *c);
	*file = c;
	if (!c)
		return SBX_E_NO_MEMORY;
	c->end = &c->pending;
	if (options && options->size != sizeof *options)
		return SBX_E_ARGUMENT;
	c->log = options ? options->log : NULL;
	if (options && options->base_image && !(c->base_image = strdup(options->base_image)))
		return SBX_E_NO_MEMORY;
	if (sbx_heap_open(0, &c->heap))
		return SBX_E_NO_MEMORY;
	c->budget = CACHE_BUDGET;
	return open_database(c, path, options && options->must_exist);
}

static void drop_pending(sbx_cache_file *c)
{
	while (c->pending) {
		CachePending *one = c->pending;
		c->pending = one->next;
		free(one->value);
		free(one->files);
		free(one);
	}
	c->end = &c->pending;
	memset(c->buckets, 0, sizeof c->buckets);
}

/* ---- writing ---- */

static sbx_status write_result(sbx_cache_file *c, const CachePending *one)
{
	sbx_status status = database_prepare(c->db,
										 "INSERT OR REPLACE INTO results(key, task, version, "
										 "value, files, proof, stored, used, hits)"
										 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0)",
										 &c->add);
	if (status)
		return status;
	statement_bind_bytes(c->add, 1, one->key, 32);
	statement_bind_text(c->add, 2, one->plan->name);
	statement_bind_text(c->add, 3, one->plan->version);
	statement_bind_bytes(c->add, 4, one->value, one->value_size);
	statement_bind_bytes(c->add, 5, one->files, one->files_size);
	statement_bind_bytes(c->add, 6, one->proof, 32);
	statement_bind_int(c->add, 7, one->time);
	return statement_run(c->add);
}

static sbx_status write_hit(sbx_cache_file *c, const CachePending *one)
{
	sbx_status status = database_prepare(
		c->db, "UPDATE results SET hits = hits + 1, used = ?2 WHERE key = ?1", &c->hit);
	if (status)
		return status;
	statement_bind_bytes(c->hit, 1, one->key, 32);
	statement_bind_int(c->hit, 2, one->time);
	return statement_run(c->hit);
}

static sbx_status write_pending(sbx_cache_file *c)
{
	sbx_status status = SBX_DONE;
	for (const CachePending *one = c->pending; one && !status; one = one->next)
		status = one->value ? write_result(c, one) : write_hit(c, one);
	if (!status)
		status = database_commit(c->db);
	if (status)
		database_rollback(c->db);
	return status;
}

/* Has the lock been tried for less than ten seconds, or hardly ever? */
static bool is_worth_waiting(sbx_cache_file *c)
{
	int64_t now = database_now();
	if (!c->locked_tries++)
		c->locked_since = now;
	return c->locked_tries < LOCKED_TRIES || now < c->locked_since + LOCKED_US;
}

void cache_flush(sbx_cache_file *c, bool waits)
{
	c->budget = CACHE_BUDGET;
	if (!c->pending || c->is_broken) {
		drop_pending(c);
		return;
	}
	database_wait_for_locks(c->db, waits);
	sbx_status status = database_begin(c->db);
	if (!status)
		status = write_pending(c);
	/* someone else writes: it all stays for the next time */
	if (status && database_is_locked(c->db) && !waits && is_worth_waiting(c))
		return;
	c->locked_tries = 0;
	if (status)
		cache_give_up(c);
	drop_pending(c);
}

void sbx_cache_file_close(sbx_cache_file *c)
{
	if (!c)
		return;
	cache_flush(c, true);
	while (c->plans) {
		CachePlan *plan = c->plans;
		c->plans = plan->next;
		cache_plan_free(plan);
	}
	statement_free(c->find);
	statement_free(c->add);
	statement_free(c->hit);
	database_close(c->db);
	sbx_heap_close(c->heap);
	free(c->base_image);
	free(c);
}

/* ---- listing and pruning ---- */

sbx_status sbx_cache_file_list(sbx_cache_file *c, const char *task,
							   void (*each)(void *context, const sbx_cached *cached), void *context)
{
	Statement *statement = NULL;
	sbx_status status =
		database_prepare(c->db,
						 "SELECT task, version, stored, used, hits, length(value) FROM results"
						 " WHERE ?1 IS NULL OR task = ?1 ORDER BY task, stored, key",
						 &statement);
	if (!status)
		statement_bind_text(statement, 1, task);
	while (!status && (status = statement_step(statement)) == SBX_RUNNING) {
		const char *name = column_text(statement, 0), *version = column_text(statement, 1);
		sbx_cached cached = {name ? name : "?",
							 version ? version : "?",
							 column_int(statement, 2),
							 column_int(statement, 3),
							 (uint64_t)column_int(statement, 4),
							 (uint64_t)column_int(statement, 5)};
		each(context, &cached);
		status = SBX_DONE;
	}
	statement_free(statement);
	return failed(c, status);
}

sbx_status sbx_cache_file_prune(sbx_cache_file *c, const char *task, int64_t since, uint64_t *count)
{
	Statement *statement = NULL;
	*count = 0;
	sbx_status status = database_prepare(c->db,
										 "DELETE FROM results WHERE max(stored, used) < ?1"
										 " AND (?2 IS NULL OR task = ?2)",
										 &statement);
	if (!status) {
		statement_bind_int(statement, 1, since);
		statement_bind_text(statement, 2, task);
		status = statement_run(statement);
	}
	statement_free(statement);
	if (status)
		return failed(c, status);
	*count = (uint64_t)database_changes(c->db);
	/* where others are at it the file stays as long as it is, and its pages are used again */
	status = *count ? database_execute(c->db, "VACUUM") : SBX_DONE;
	return status == SBX_E_NO_MEMORY ? failed(c, status) : SBX_DONE;
}
