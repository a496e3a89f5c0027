/*
 * The tables of a journal: made in a new file, and looked for, word for word, in one that is there. A file may be anyone's: a
 * view, a trigger or a column that is computed in it would run as part of every statement.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <string.h>

/* "sbxj", and the version of the tables below: they tell a journal from another database and from another version. */
enum { APPLICATION_ID = 0x7362786a, SCHEMA_VERSION = 2 };

#define RUNS \
	"CREATE TABLE runs(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, entry TEXT NOT NULL," \
	" inputs BLOB NOT NULL, program INTEGER NOT NULL, state TEXT NOT NULL, result BLOB," \
	" error TEXT, begun INTEGER NOT NULL, ended INTEGER, life INTEGER NOT NULL, calls INTEGER," \
	" owner TEXT, cancel INTEGER NOT NULL DEFAULT 0)"
#define CANCELS "CREATE INDEX cancels ON runs(id) WHERE cancel = 1"
#define EVENTS \
	"CREATE TABLE events(seq INTEGER PRIMARY KEY, run INTEGER NOT NULL, life INTEGER NOT NULL," \
	" kind INTEGER NOT NULL, call INTEGER, number INTEGER, line INTEGER, task TEXT," \
	" arguments BLOB, value BLOB, type TEXT, text TEXT, traceback TEXT, handed_out INTEGER," \
	" started INTEGER, ended INTEGER NOT NULL)"
#define EVENTS_OF "CREATE INDEX events_of ON events(run)"

static const struct {
	const char *name, *sql;
} parts[] = {{"runs", RUNS}, {"cancels", CANCELS}, {"events", EVENTS}, {"events_of", EVENTS_OF}};

enum { PARTS = sizeof parts / sizeof *parts };

static const char SCHEMA[] = RUNS ";" CANCELS ";" EVENTS ";" EVENTS_OF
								  ";PRAGMA application_id = 1935833194;PRAGMA user_version = 2";

/* A number that the file says of itself. */
static sbx_status ask(sbx_journal *j, const char *sql, int64_t *number)
{
	Statement *statement = NULL;
	sbx_status status = journal_prepare(j, sql, &statement);
	if (!status)
		status = journal_told(j, statement_step(statement));
	*number = status == SBX_RUNNING ? column_int(statement, 0) : 0;
	statement_free(statement);
	return status < 0 ? status : SBX_DONE;
}

static bool is_part(const char *name, const char *sql)
{
	for (size_t i = 0; i < PARTS; i++)
		if (strcmp(parts[i].name, name) == 0)
			return strcmp(parts[i].sql, sql) == 0;
	return false;
}

typedef struct Found {
	unsigned parts;  /* of a journal */
	unsigned others; /* that are not, nor a cache's, nor SQLite's own */
} Found;

static sbx_status look(sbx_journal *j, Found *found)
{
	static const char SQL[] =
		"SELECT name, sql FROM sqlite_master WHERE tbl_name <> 'results'" /* a cache's */
		" AND NOT (type IN ('table', 'index') AND name GLOB 'sqlite_*')";
	Statement *statement = NULL;
	sbx_status status = journal_prepare(j, SQL, &statement);
	*found = (Found){0};
	while (!status && (status = journal_told(j, statement_step(statement))) == SBX_RUNNING) {
		const char *name = column_text(statement, 0), *sql = column_text(statement, 1);
		if (name && sql && is_part(name, sql))
			found->parts++;
		else
			found->others++;
		status = SBX_DONE;
	}
	statement_free(statement);
	return status;
}

sbx_status journal_check_file(sbx_journal *j, const char *path, bool *is_new)
{
	int64_t application = 0, version = 0;
	Found found;
	sbx_status status = look(j, &found);
	if (!status)
		status = ask(j, "PRAGMA application_id", &application);
	if (!status)
		status = ask(j, "PRAGMA user_version", &version);
	*is_new = !status && !found.parts && !found.others && !application;
	if (status || *is_new)
		return status;
	if (application != APPLICATION_ID)
		return journal_problem(j, SBX_E_UNAVAILABLE, "'%s' is a database of something else", path);
	if (version != SCHEMA_VERSION)
		return journal_problem(j, SBX_E_UNAVAILABLE,
							   "'%s' is a journal of version %lld, this program writes version %d",
							   path, (long long)version, SCHEMA_VERSION);
	if (found.parts != PARTS || found.others)
		return journal_problem(j, SBX_E_UNAVAILABLE,
							   "the tables of '%s' are not those of a journal", path);
	return SBX_DONE;
}

sbx_status journal_make_tables(sbx_journal *j, const char *path)
{
	bool is_new;
	sbx_status status = journal_begin(j);
	if (!status)
		status = journal_check_file(j, path, &is_new);
	if (!status && is_new)
		status = journal_told(j, database_execute(j->db, SCHEMA));
	if (!status)
		status = sbx_journal_commit(j);
	if (status)
		journal_rollback(j);
	return status;
}
