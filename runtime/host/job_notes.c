/*
 * See job_notes.h. A note is a dict in wire form: "renewals", "metadata", "type", "version", "key", "config", "deleted".
 * SPDX-License-Identifier: Apache-2.0
 */
#include "job_notes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

const char JOB_NOTE_NAME[] = "job";

/* ---- its form ---- */

static sbx_value text_or_none(sbx_heap *heap, const char *text)
{
	return text ? sbx_str_make(heap, text, strlen(text)) : sbx_none();
}

const void *job_note_dump(sbx_heap *heap, const JobNote *note, size_t *length)
{
	enum { COUNT = 7 };
	static const char *const names[COUNT] = {"renewals", "metadata", "type",   "version",
											 "key",      "config",   "deleted"};
	const sbx_value values[COUNT] = {sbx_int(note->renewals),
									 sbx_bytes_make(heap, note->metadata, note->metadata_length),
									 text_or_none(heap, note->task_type),
									 sbx_int(note->version),
									 text_or_none(heap, note->key),
									 text_or_none(heap, note->config),
									 sbx_bool(note->is_deleted)};
	sbx_value keys[COUNT], bytes;
	for (int i = 0; i < COUNT; i++)
		keys[i] = sbx_str_make(heap, names[i], strlen(names[i]));
	sbx_value dict = sbx_dict_make(heap, keys, values, COUNT);
	if (sbx_kind(dict) == SBX_INVALID || sbx_wire_dump(heap, dict, &bytes) != SBX_DONE)
		return NULL;
	return sbx_peek_bytes(bytes, length);
}

/* A member that is a text, copied; NULL: another kind, or none. */
static char *copy_text(sbx_heap *heap, sbx_value dict, const char *name)
{
	sbx_value v = sbx_dict_find(heap, dict, name);
	const char *text = sbx_kind(v) == SBX_STR ? sbx_peek_str(heap, v, NULL) : NULL;
	return text ? strdup(text) : NULL;
}

static bool read_number(sbx_heap *heap, sbx_value dict, const char *name, int64_t most,
						uint32_t *number)
{
	int64_t n;
	if (!sbx_get_int(sbx_dict_find(heap, dict, name), &n) || n < 0 || n > most)
		return false;
	*number = (uint32_t)n;
	return true;
}

static bool load_dict(JobNote *note, sbx_heap *heap, sbx_value dict)
{
	enum { MOST_RENEWALS = 1000000 };
	size_t size = 0;
	sbx_value metadata = sbx_dict_find(heap, dict, "metadata");
	const void *data = sbx_kind(metadata) == SBX_BYTES ? sbx_peek_bytes(metadata, &size) : NULL;
	if (!data || !read_number(heap, dict, "renewals", MOST_RENEWALS, &note->renewals))
		return false;
	note->metadata = malloc(size + 1);
	if (!note->metadata)
		return false;
	memcpy(note->metadata, data, size);
	note->metadata[size] = '\0';
	note->metadata_length = size;
	(void)read_number(heap, dict, "version", UINT32_MAX, &note->version);
	sbx_value deleted = sbx_dict_find(heap, dict, "deleted");
	note->is_deleted = sbx_kind(deleted) == SBX_BOOL && sbx_get_bool(deleted);
	note->task_type = copy_text(heap, dict, "type");
	note->key = copy_text(heap, dict, "key");
	note->config = copy_text(heap, dict, "config");
	return true;
}

bool job_note_load(JobNote *note, const void *bytes, size_t length)
{
	sbx_heap *heap;
	sbx_value dict;
	*note = (JobNote){0};
	if (sbx_heap_open(0, &heap))
		return false;
	bool good = sbx_wire_load(heap, bytes, length, &dict) == SBX_DONE &&
				sbx_kind(dict) == SBX_DICT && load_dict(note, heap, dict);
	sbx_heap_close(heap);
	return good;
}

void job_note_clear(JobNote *note)
{
	free(note->task);
	free(note->task_type);
	free(note->key);
	free(note->config);
	free(note->metadata);
	*note = (JobNote){0};
}

/* ---- of a run ---- */

/* The last note of each attempt that is in flight: no outcome of its call has followed, and no other attempt. */
static const char UNDER_WAY[] =
	"SELECT n.call, n.number, n.task, n.value, max(n.seq) FROM events AS n"
	" JOIN runs AS r ON r.id = n.run LEFT JOIN"
	" (SELECT call AS its_call, max(CASE kind WHEN 1 THEN 4294967296 ELSE number END) AS most,"
	" life AS its_life FROM events WHERE run = ?1 AND kind IN (1, 2) GROUP BY call, life)"
	" ON its_call = n.call AND its_life = n.life"
	" WHERE n.run = ?1 AND n.life = r.life AND n.kind = 3 AND n.type = 'job'"
	" AND (most IS NULL OR most < n.number) GROUP BY n.call ORDER BY n.call";

void job_notes_free(JobNote *list)
{
	while (list) {
		JobNote *next = list->next;
		job_note_clear(list);
		free(list);
		list = next;
	}
}

/* A note that is none of ours is one of a host's own backend, which knows what to do with it. */
static sbx_status add_note(sbx_journal *j, const Statement *row, JobNote ***end)
{
	size_t length;
	const void *bytes = column_bytes(row, 3, &length);
	const char *task = column_text(row, 2);
	JobNote *note = calloc(1, sizeof *note);
	if (!note)
		return journal_no_memory(j);
	if (!bytes || !task || !job_note_load(note, bytes, length) || note->is_deleted) {
		job_notes_free(note);
		return SBX_DONE;
	}
	note->call = (uint64_t)column_int(row, 0);
	note->number = (uint32_t)column_int(row, 1);
	note->task = strdup(task);
	**end = note;
	*end = &note->next;
	return note->task ? SBX_DONE : journal_no_memory(j);
}

sbx_status job_notes_read(sbx_journal *j, int64_t row, JobNote **list)
{
	Statement *find = NULL;
	JobNote **end = list;
	*list = NULL;
	sbx_status status = journal_prepare(j, UNDER_WAY, &find);
	if (!status)
		statement_bind_int(find, 1, row);
	while (!status && (status = journal_told(j, statement_step(find))) == SBX_RUNNING)
		status = add_note(j, find, &end);
	statement_free(find);
	return status;
}

sbx_status job_notes_refuse(sbx_journal *j, int64_t row, const char *run_id, const char *what)
{
	JobNote *list;
	char names[300] = "";
	size_t count = 0, used = 0;
	sbx_status status = job_notes_read(j, row, &list);
	for (const JobNote *note = list; !status && note; note = note->next, count++)
		if (used < sizeof names)
			used += (size_t)snprintf(names + used, sizeof names - used,
									 "%s%.80s#%" PRIu64 " ('%.60s')", used ? ", " : "", note->task,
									 note->call, note->task_type ? note->task_type : "?");
	job_notes_free(list);
	if (status || !count)
		return status;
	return journal_problem(j, SBX_E_UNAVAILABLE,
						   "run '%s' %s %zu job%s under way in other systems: %s%s", run_id, what,
						   count, count == 1 ? "" : "s", names, used < sizeof names ? "" : " ...");
}

/* ---- deleted ---- */

/* Is it ours to write? Another process may have taken the run up since. */
static sbx_status may_write(sbx_journal *j, const char *run_id, bool is_claimed, int64_t *row)
{
	RunRow found;
	sbx_status status = journal_find_row(j, run_id, &found);
	*row = found.id;
	if (!status && !is_claimed && strcmp(found.state, "running") == 0 &&
		!journal_run_named(j, run_id))
		status = SBX_E_STATE;
	statement_free(found.row);
	return status;
}

sbx_status job_notes_delete(sbx_journal *j, const char *run_id, bool is_claimed,
							const JobNote *note)
{
	static const char SQL[] =
		"INSERT INTO events(run, life, kind, call, number, line, task, arguments, value, type,"
		" handed_out, started, ended) SELECT run, life, kind, call, number, line, task, arguments,"
		" ?1, type, handed_out, started, ?2 FROM events WHERE run = ?3 AND kind = 3 AND call = ?4"
		" AND number = ?5 AND type = 'job' AND value = ?6 AND NOT EXISTS (SELECT 1 FROM events AS e"
		" WHERE e.run = ?3 AND e.kind = 1 AND e.call = ?4 AND e.life = events.life)"
		" ORDER BY seq DESC LIMIT 1"; /* an outcome stays the last that is written of its call */
	JobNote then = *note, now = *note;
	Statement *add = NULL;
	sbx_heap *heap;
	int64_t row;
	size_t then_length = 0, now_length = 0;
	if (sbx_heap_open(0, &heap))
		return SBX_E_NO_MEMORY;
	then.is_deleted = false;
	now.is_deleted = true;
	const void *before = job_note_dump(heap, &then, &then_length);
	const void *after = job_note_dump(heap, &now, &now_length);
	sbx_status status = before && after ? journal_begin(j) : SBX_E_NO_MEMORY;
	if (!status)
		status = may_write(j, run_id, is_claimed, &row);
	if (!status)
		status = journal_prepare(j, SQL, &add);
	if (!status) {
		statement_bind_bytes(add, 1, after, now_length);
		statement_bind_int(add, 2, database_now());
		statement_bind_int(add, 3, row);
		statement_bind_int(add, 4, (int64_t)note->call);
		statement_bind_int(add, 5, note->number);
		statement_bind_bytes(add, 6, before, then_length);
		status = journal_told(j, statement_run(add));
	}
	statement_free(add);
	sbx_heap_close(heap);
	return status;
}

/* ---- for services ---- */

sbx_status sbx_journal_jobs(sbx_journal *j, const char *run_id, sbx_journal_job_visit visit,
							void *context)
{
	RunRow found;
	JobNote *list = NULL;
	sbx_status status = journal_find_row(j, run_id, &found);
	int64_t row = found.id;
	bool may_have =
		!status && (strcmp(found.state, "running") == 0 || strcmp(found.state, "cancelled") == 0);
	statement_free(found.row);
	if (may_have)
		status = job_notes_read(j, row, &list);
	for (const JobNote *note = list; !status && note; note = note->next) {
		const sbx_journal_job job = {.size = sizeof job,
									 .call = note->call,
									 .number = note->number,
									 .version = note->version,
									 .task = note->task,
									 .task_type = note->task_type,
									 .key = note->key};
		if (visit(context, &job))
			break;
	}
	job_notes_free(list);
	return status;
}
