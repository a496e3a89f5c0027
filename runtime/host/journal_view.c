/*
 * Reads a journal for people and services: its runs, and what is written of one.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <string.h>

/* ---- runs ---- */

static const char RUNS[] =
	"SELECT id, name, entry, state, error, begun, ended, life, program, owner, cancel,"
	" coalesce(calls, (SELECT count(*) FROM events WHERE events.run = runs.id AND events.life ="
	" runs.life AND kind = 1)) FROM runs WHERE ?1 IS NULL OR name = ?1 ORDER BY begun, id";

/* False: no process has written it so. */
static bool read_state(sbx_journal *j, int64_t row, const char *name, const char *word,
					   sbx_journal_state *state)
{
	static const struct {
		const char *word;
		sbx_journal_state state;
	} states[] = {{"done", SBX_JOURNAL_DONE},
				  {"failed", SBX_JOURNAL_FAILED},
				  {"cancelled", SBX_JOURNAL_CANCELLED}};
	if (strcmp(word, "running") == 0) {
		*state = journal_is_claimed(j, row, name) ? SBX_JOURNAL_RUNNING : SBX_JOURNAL_LEFT;
		return true;
	}
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		if (strcmp(word, states[i].word) != 0)
			continue;
		*state = states[i].state;
		return true;
	}
	return false;
}

static sbx_status read_run(sbx_journal *j, const Statement *row, sbx_journal_run *run)
{
	const char *word = column_text(row, 3);
	*run = (sbx_journal_run){.size = sizeof *run,
							 .id = column_text(row, 1),
							 .entry = column_text(row, 2),
							 .error = column_text(row, 4),
							 .begun = column_int(row, 5),
							 .ended = column_int(row, 6),
							 .life = (uint32_t)column_int(row, 7),
							 .fingerprint = (uint64_t)column_int(row, 8),
							 .owner = column_text(row, 9),
							 .is_marked = column_int(row, 10) != 0,
							 .calls = (uint64_t)column_int(row, 11)};
	if (run->id && run->entry && word &&
		read_state(j, column_int(row, 0), run->id, word, &run->state))
		return SBX_DONE;
	return journal_problem(j, SBX_E_DAMAGED, "the journal: run number %lld is damaged",
						   (long long)column_int(row, 0));
}

sbx_status sbx_journal_runs(sbx_journal *j, const char *run_id, sbx_journal_run_visit visit,
							void *context)
{
	Statement *statement = NULL;
	sbx_journal_run run;
	bool goes_on = true, any = false;
	sbx_status status = journal_prepare(j, RUNS, &statement);
	if (!status && run_id)
		statement_bind_text(statement, 1, run_id);
	else if (!status)
		statement_bind_null(statement, 1);
	while (!status && goes_on) {
		status = journal_told(j, statement_step(statement));
		if (status != SBX_RUNNING)
			break;
		status = read_run(j, statement, &run);
		any = true;
		goes_on = !status && visit(context, &run) == 0;
	}
	statement_free(statement);
	if (!status && run_id && !any)
		return journal_problem(j, SBX_E_ARGUMENT, "no run '%s' in this journal", run_id);
	return status < 0 ? status : SBX_DONE;
}

/* ---- one run ---- */

sbx_status journal_find_row(sbx_journal *j, const char *run_id, RunRow *found)
{
	static const char SQL[] = "SELECT id, entry, inputs, life, program, state, result, error"
							  " FROM runs WHERE name = ?1";
	*found = (RunRow){0};
	sbx_status status = journal_prepare(j, SQL, &found->row);
	if (status)
		return status;
	statement_bind_text(found->row, 1, run_id);
	status = journal_told(j, statement_step(found->row));
	if (status == SBX_DONE)
		return journal_problem(j, SBX_E_ARGUMENT, "no run '%s' in this journal", run_id);
	if (status < 0)
		return status;
	found->id = column_int(found->row, 0);
	found->entry = column_text(found->row, 1);
	found->inputs = column_bytes(found->row, 2, &found->inputs_length);
	found->life = column_int(found->row, 3);
	found->program = (uint64_t)column_int(found->row, 4);
	found->state = column_text(found->row, 5);
	if (found->entry && found->inputs && found->state)
		return SBX_DONE;
	return journal_problem(j, SBX_E_DAMAGED, "the journal: run '%s' is damaged", run_id);
}

sbx_status sbx_journal_inputs(sbx_journal *j, const char *run_id, sbx_heap *heap, sbx_value *inputs)
{
	RunRow found;
	*inputs = (sbx_value){0};
	sbx_status status = journal_find_row(j, run_id, &found);
	if (!status)
		status = journal_load_dict(j, heap, found.inputs, found.inputs_length, inputs);
	statement_free(found.row);
	return status;
}

static sbx_status show_event(sbx_journal *j, const JournalEvent *row, sbx_journal_event_visit visit,
							 void *context, bool *goes_on)
{
	bool is_note = row->kind == SBX_JOURNAL_NOTE;
	sbx_journal_event event = {.size = sizeof event,
							   .kind = (sbx_journal_event_kind)row->kind,
							   .life = row->life,
							   .number = row->number,
							   .line = row->line,
							   .call = row->call,
							   .task = row->task,
							   .note = is_note ? row->value : NULL,
							   .note_length = is_note ? row->value_length : 0,
							   .type = row->type,
							   .text = row->text,
							   .traceback = row->traceback,
							   .handed_out = row->handed_out,
							   .started = row->started,
							   .ended = row->ended};
	sbx_status status = SBX_DONE;
	if (row->arguments)
		status =
			journal_load_dict(j, j->heap, row->arguments, row->arguments_length, &event.arguments);
	if (!status && row->value && !is_note &&
		sbx_wire_load(j->heap, row->value, row->value_length, &event.result))
		status = journal_problem(j, SBX_E_DAMAGED, "the journal: row %lld of its log is damaged",
								 (long long)row->seq);
	if (!status)
		*goes_on = visit(context, &event) == 0;
	sbx_value_free(j->heap, event.arguments);
	sbx_value_free(j->heap, event.result);
	return status;
}

sbx_status sbx_journal_events(sbx_journal *j, const char *run_id, sbx_journal_event_visit visit,
							  void *context)
{
	RunRow found;
	JournalEvent event;
	bool goes_on = true;
	sbx_status status = journal_find_row(j, run_id, &found);
	if (!status)
		status = journal_select_events(j, found.id, 0);
	while (!status && goes_on) {
		status = journal_next_event(j, j->read_events, &event);
		if (status != SBX_RUNNING)
			break;
		status = show_event(j, &event, visit, context, &goes_on);
	}
	if (j->read_events)
		statement_reset(j->read_events);
	statement_free(found.row);
	return status < 0 ? status : SBX_DONE;
}
