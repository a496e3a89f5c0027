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

#include "database.h"
#include "sbx-host.h"

static const char TABLE[] = "CREATE TABLE results(key BLOB PRIMARY KEY, task TEXT NOT NULL,"
							" version TEXT NOT NULL, value BLOB NOT NULL, files BLOB NOT NULL,"
							" proof BLOB NOT NULL, stored INTEGER NOT NULL, used INTEGER NOT NULL,"
							" hits INTEGER NOT NULL)";

/* What is to be written: a result, or (value NULL) a hit. */
typedef struct Pending {
	struct Pending *next;
	unsigned char key[32], proof[32];
	const CachePlan *plan;
	unsigned char *value, *files;
	size_t value_size, files_size;
	int64_t time;
} Pending;

struct sbx_cache_file {
	Database *db;
	Statement *find, *add, *hit;
	sbx_heap *heap;
	sbx_log *log;
	char *base_image;
	CachePlan *plans;
	Pending *pending, **end;
	bool is_broken; /* told, and not used any more */
	char problem[512];
};

/* ---- problems ---- */

static sbx_status failed(sbx_cache_file *c, sbx_status status)
{
	if (status < 0)
		snprintf(c->problem, sizeof c->problem, "the cache: %s", database_problem(c->db));
	return status;
}

/* The tasks go on without it. */
static void give_up(sbx_cache_file *c)
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
	return open_database(c, path, options && options->must_exist);
}

static void drop_pending(sbx_cache_file *c)
{
	while (c->pending) {
		Pending *one = c->pending;
		c->pending = one->next;
		free(one->value);
		free(one->files);
		free(one);
	}
	c->end = &c->pending;
}

void sbx_cache_file_close(sbx_cache_file *c)
{
	if (!c)
		return;
	drop_pending(c);
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

/* ---- looking up ---- */

static const CachePlan *plan_of(sbx_cache_file *c, const sbx_call *call)
{
	for (CachePlan *plan = c->plans; plan; plan = plan->next)
		if (cache_plan_is_for(plan, call))
			return plan;
	CachePlan *plan = cache_plan_make(call, c->base_image);
	if (plan) {
		plan->next = c->plans;
		c->plans = plan;
	}
	return plan;
}

static void prove(unsigned char proof[32], const unsigned char key[32], const void *value,
				  size_t value_size, const void *files, size_t files_size)
{
	sbx_sha256 hash;
	uint64_t size = value_size;
	unsigned char bytes[8];
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(size >> i * 8);
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, key, 32);
	sbx_sha256_add(&hash, bytes, sizeof bytes);
	sbx_sha256_add(&hash, value, value_size);
	sbx_sha256_add(&hash, files, files_size);
	sbx_sha256_end(&hash, proof);
}

static bool same_files(sbx_heap *heap, sbx_value v, const void *wanted, size_t wanted_size)
{
	unsigned char *files;
	size_t size;
	bool good = cache_value_files(heap, v, &files, &size) && size == wanted_size &&
				(!size || memcmp(files, wanted, size) == 0);
	free(files);
	return good;
}

/* The row's value, if it is what was stored and still holds. */
static bool read_row(const sbx_cache_file *c, const sbx_call *call, const unsigned char key[32],
					 sbx_heap *heap, sbx_value *result)
{
	size_t key_size, value_size, files_size, proof_size;
	const void *found = column_bytes(c->find, 0, &key_size);
	const void *value = column_bytes(c->find, 1, &value_size);
	const void *files = column_bytes(c->find, 2, &files_size);
	const void *given = column_bytes(c->find, 3, &proof_size);
	unsigned char proof[32];
	sbx_value v;
	if (key_size != 32 || memcmp(found, key, 32) != 0 || proof_size != 32)
		return false;
	prove(proof, key, value, value_size, files, files_size);
	if (memcmp(proof, given, 32) != 0 || sbx_wire_load(heap, value, value_size, &v))
		return false;
	bool good = same_files(heap, v, files, files_size) &&
				sbx_value_convert(heap, sbx_call_result_type(call), 0, v, result) == SBX_DONE;
	sbx_value_free(heap, v);
	return good;
}

static Pending *add_pending(sbx_cache_file *c, const unsigned char key[32])
{
	Pending *one = calloc(1, sizeof *one);
	if (!one)
		return NULL;
	memcpy(one->key, key, 32);
	one->time = database_now();
	*c->end = one;
	c->end = &one->next;
	return one;
}

static bool find_row(sbx_cache_file *c, const sbx_call *call, const unsigned char key[32],
					 sbx_heap *heap, sbx_value *result)
{
	bool found = false;
	sbx_status status = database_prepare(
		c->db, "SELECT key, value, files, proof FROM results WHERE key = ?1", &c->find);
	if (!status) {
		statement_bind_bytes(c->find, 1, key, 32);
		status = statement_step(c->find);
		found = status == SBX_RUNNING && read_row(c, call, key, heap, result);
		statement_reset(c->find);
	}
	if (status < 0)
		give_up(c);
	if (found)
		(void)add_pending(c, key); /* a hit that is not counted is no loss */
	return found;
}

static sbx_status look_up(void *context, const sbx_call *call, unsigned char key[32],
						  sbx_heap *heap, sbx_value *result)
{
	sbx_cache_file *c = context;
	const CachePlan *plan = c->is_broken ? NULL : plan_of(c, call);
	if (!plan || !plan->stores || !cache_key(plan, c->heap, call, key))
		return SBX_WAITING;
	if (plan->looks_up && find_row(c, call, key, heap, result))
		return SBX_DONE;
	return SBX_RUNNING;
}

/* ---- storing ---- */

/* A value that the task's declared result does not take is the call's failure, and none is kept. */
static sbx_value as_declared(sbx_cache_file *c, const sbx_call *call, sbx_value result)
{
	sbx_value copy = sbx_value_copy(c->heap, result), v = {0};
	if (copy.tag && sbx_value_convert(c->heap, sbx_call_result_type(call), 0, copy, &v) != SBX_DONE)
		v = (sbx_value){0};
	if (copy.tag)
		sbx_value_free(c->heap, copy);
	return v;
}

static void store(void *context, const sbx_call *call, const unsigned char key[32],
				  sbx_value result)
{
	sbx_cache_file *c = context;
	const CachePlan *plan = plan_of(c, call);
	unsigned char *files = NULL;
	size_t files_size, length;
	sbx_value v = as_declared(c, call, result), bytes = {0};
	if (plan && !c->is_broken && v.tag && cache_value_files(c->heap, v, &files, &files_size) &&
		sbx_wire_dump(c->heap, v, &bytes) == SBX_DONE) {
		const unsigned char *wire = sbx_peek_bytes(bytes, &length);
		unsigned char *copy = malloc(length + 1);
		Pending *one = copy ? add_pending(c, key) : NULL;
		if (one) {
			memcpy(copy, wire, length);
			one->plan = plan;
			one->value = copy;
			one->value_size = length;
			one->files = files;
			one->files_size = files_size;
			prove(one->proof, key, copy, length, files, files_size);
			copy = files = NULL;
		}
		free(copy);
		sbx_value_free(c->heap, bytes);
	}
	free(files);
	if (v.tag)
		sbx_value_free(c->heap, v);
}

static sbx_status write_result(sbx_cache_file *c, const Pending *one)
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

static sbx_status write_hit(sbx_cache_file *c, const Pending *one)
{
	sbx_status status = database_prepare(
		c->db, "UPDATE results SET hits = hits + 1, used = ?2 WHERE key = ?1", &c->hit);
	if (status)
		return status;
	statement_bind_bytes(c->hit, 1, one->key, 32);
	statement_bind_int(c->hit, 2, one->time);
	return statement_run(c->hit);
}

static void flush(void *context)
{
	sbx_cache_file *c = context;
	if (!c->pending || c->is_broken) {
		drop_pending(c);
		return;
	}
	sbx_status status = database_begin(c->db);
	for (const Pending *one = c->pending; one && !status; one = one->next)
		status = one->value ? write_result(c, one) : write_hit(c, one);
	if (!status)
		status = database_commit(c->db);
	if (status) {
		give_up(c);
		database_rollback(c->db);
	}
	drop_pending(c);
}

void sbx_cache_file_hooks(sbx_cache_file *c, sbx_cache *cache)
{
	*cache = (sbx_cache){
		.size = sizeof *cache, .context = c, .look_up = look_up, .store = store, .flush = flush};
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
