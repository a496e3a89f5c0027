/*
 * Runs by what is recorded of them: taken up by their entry's name, and replayed against another version of their program
 * without a task.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- an entry and its inputs, from a row ---- */

static const sbx_entry *entry_named(const sbx_entry *const *entries, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(journal_entry_name(entries[i]), name) == 0)
			return entries[i];
	return NULL;
}

/* One value an input, those of the dict; the dict stays with the heap. False: one of them is no input of the entry. */
static bool place_inputs(sbx_heap *heap, const sbx_entry *entry, sbx_value dict, sbx_value *values,
						 const char **unknown)
{
	size_t found = 0;
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		values[i] = sbx_dict_find(heap, dict, sbx_entry_input_name(entry, i));
		found += sbx_kind(values[i]) != SBX_INVALID;
	}
	for (size_t i = 0; found < sbx_count(dict) && i < sbx_count(dict); i++) {
		size_t k = 0;
		*unknown = sbx_peek_str(heap, sbx_peek_item(dict, i), NULL);
		while (*unknown && k < sbx_entry_input_count(entry) &&
			   strcmp(*unknown, sbx_entry_input_name(entry, k)) != 0)
			k++;
		if (k == sbx_entry_input_count(entry))
			return false;
	}
	return found == sbx_count(dict);
}

/* Opens the run that the row describes. On failure *run may hold the run that tells why. */
static sbx_status open_recorded(sbx_journal *j, const RunRow *found, const sbx_entry *entry,
								const sbx_run_options *options, sbx_run **run)
{
	sbx_heap *heap = NULL;
	sbx_value dict;
	const char *unknown = NULL;
	*run = NULL;
	sbx_value *values = calloc(sbx_entry_input_count(entry) + 1, sizeof *values);
	sbx_status status = values ? sbx_heap_open(0, &heap) : SBX_E_NO_MEMORY;
	if (status)
		status = journal_no_memory(j);
	else
		status = journal_load_dict(j, heap, found->inputs, found->inputs_length, &dict);
	if (!status && !place_inputs(heap, entry, dict, values, &unknown))
		status = journal_problem(j, SBX_E_PROGRAM, "%s has no input '%s' any more",
								 sbx_entry_full_name(entry), unknown ? unknown : "?");
	if (!status)
		status = sbx_run_open(entry, values, sbx_entry_input_count(entry), options, run);
	if (status && *run)
		(void)journal_problem(j, status, "%s", sbx_run_error_text(*run));
	if (status) {
		sbx_run_free(*run);
		*run = NULL;
	}
	free(values);
	sbx_heap_close(heap);
	return status;
}

/* ---- taking up ---- */

/* What was read is let go before the run begins: a reader of an older state could not write. */
static sbx_status begin_and_open(sbx_journal *j, const char *run_id, const sbx_entry *entry,
								 const ByteQueue *inputs, const sbx_run_options *options,
								 sbx_run **run)
{
	RunRow row = {.inputs = byte_queue_front(inputs), .inputs_length = byte_queue_length(inputs)};
	sbx_status status = journal_begin_recorded(j, run_id, entry, row.inputs, row.inputs_length);
	if (status != SBX_RUNNING)
		return status;
	status = open_recorded(j, &row, entry, options, run);
	if (!status)
		status = sbx_journal_attach(j, run_id, *run);
	if (!status)
		return SBX_RUNNING;
	sbx_journal_end(j, run_id);
	return status;
}

sbx_status sbx_journal_resume(sbx_journal *j, const char *run_id, const sbx_entry *const *entries,
							  size_t count, const sbx_run_options *options, sbx_run **run)
{
	RunRow found;
	ByteQueue inputs = {0};
	*run = NULL;
	sbx_status status = journal_find_row(j, run_id, &found);
	const sbx_entry *entry = status ? NULL : entry_named(entries, count, found.entry);
	if (!status && !entry)
		status = journal_problem(j, SBX_E_PROGRAM, "run '%s' is one of %s, which is not here",
								 run_id, found.entry);
	if (!status)
		byte_queue_add(&inputs, found.inputs, found.inputs_length);
	statement_free(found.row);
	if (!status && inputs.failed)
		status = journal_no_memory(j);
	if (!status)
		status = begin_and_open(j, run_id, entry, &inputs, options, run);
	byte_queue_free(&inputs);
	return status;
}

sbx_status sbx_journal_retry(sbx_journal *j, const char *run_id, const sbx_entry *entry,
							 const sbx_run_options *options, sbx_run **run)
{
	RunRow found;
	*run = NULL;
	sbx_status status = sbx_journal_next_attempt(j, run_id);
	if (status)
		return status;
	status = journal_find_row(j, run_id, &found);
	if (!status)
		status = open_recorded(j, &found, entry, options, run);
	if (!status)
		status = sbx_journal_attach(j, run_id, *run);
	statement_free(found.row);
	return status;
}

/* ---- replaying ---- */

typedef struct Replay {
	sbx_journal *journal;
	JournalRun record;
	const RunRow *found;
	sbx_run *run;
	sbx_replay *out;
	char text[2400];
} Replay;

static void give_reason(Replay *p)
{
	journal_clean(p->text);
	free(p->journal->reason);
	p->journal->reason = strdup(p->text);
	p->out->reason = p->journal->reason ? p->journal->reason : "out of memory";
}

static void diverges(Replay *p)
{
	p->out->verdict = SBX_REPLAY_DIVERGES;
	give_reason(p);
}

static void note_place(Replay *p, const sbx_call *call)
{
	p->out->call = sbx_call_id(call);
	p->out->line = sbx_call_line(call, &p->out->path);
}

/* False: it is not the call that is recorded, or cannot be answered. */
static bool answer_call(Replay *p, const sbx_call *call, bool *answered)
{
	size_t count;
	const JournalEvent *events = journal_events_of(&p->record, sbx_call_id(call), &count);
	note_place(p, call);
	if (!events)
		return true;
	if (journal_write_arguments(p->journal, call)) {
		snprintf(p->text, sizeof p->text, "%s", p->journal->problem);
		return false;
	}
	p->out->recorded_line = events[0].line;
	for (size_t i = 0; i < count; i++)
		if (!journal_same_call(p->journal, &p->record, &events[i], call, p->text, sizeof p->text))
			return false;
	if (events[count - 1].kind != SBX_JOURNAL_FINISHED)
		return true;
	*answered = true;
	p->out->answered++;
	if (journal_answer(p->journal, &events[count - 1], call) == 1)
		return true;
	snprintf(p->text, sizeof p->text, "a value in the journal is damaged");
	return false;
}

/* Plays what is recorded; false: it diverges, p->text says why. */
static bool play(Replay *p)
{
	bool answered = true;
	while (answered && sbx_run_step(p->run) == SBX_WAITING) {
		const sbx_call *call;
		answered = false;
		while ((call = sbx_run_next_call(p->run)) != NULL)
			if (!answer_call(p, call, &answered))
				return false;
	}
	return true;
}

/* The last line of a traceback, without its newline. */
static void last_line(const char *text, char *out, size_t size)
{
	size_t length = text ? strlen(text) : 0;
	while (length && text[length - 1] == '\n')
		length--;
	size_t begin = length;
	while (begin && text[begin - 1] != '\n')
		begin--;
	snprintf(out, size, "%.*s", (int)(length - begin), text ? text + begin : "");
}

static void describe_end(sbx_journal *j, const void *result, size_t length, const char *error,
						 char *out, size_t size)
{
	sbx_value v, repr;
	if (error) {
		last_line(error, out, size);
	} else if (sbx_wire_load(j->heap, result, length, &v)) {
		snprintf(out, size, "?");
	} else {
		repr = sbx_repr(j->heap, v);
		const char *text = repr.tag ? sbx_peek_str(j->heap, repr, NULL) : NULL;
		snprintf(out, size, "%s", text ? text : "?");
		sbx_value_free(j->heap, repr);
		sbx_value_free(j->heap, v);
	}
}

/* It has ended before: does it end so now? */
static bool ends_the_same(Replay *p)
{
	char then[600], now[600];
	sbx_journal *j = p->journal;
	bool was_done = strcmp(p->found->state, "done") == 0;
	size_t length;
	const void *result = column_bytes(p->found->row, 6, &length);
	const char *error = column_text(p->found->row, 7);
	sbx_status status = sbx_run_status(p->run);
	byte_queue_clear(&j->value);
	if (status == SBX_DONE && journal_add_wire(j, &j->value, sbx_run_result(p->run)))
		byte_queue_clear(&j->value);
	if (was_done && status == SBX_DONE && length == byte_queue_length(&j->value) &&
		memcmp(result, byte_queue_front(&j->value), length) == 0)
		return true;
	describe_end(j, result, length, was_done ? NULL : error ? error : "", then, sizeof then);
	describe_end(j, byte_queue_front(&j->value), byte_queue_length(&j->value),
				 status == SBX_DONE ? NULL : sbx_run_traceback(p->run), now, sizeof now);
	if (!was_done && status == SBX_E_RAISED && strcmp(then, now) == 0)
		return true;
	snprintf(p->text, sizeof p->text,
			 "run '%s' would end otherwise: %s\n  in the journal: %s\n  in the program: %s",
			 p->record.name, journal_change(&p->record, p->run), then, now);
	return false;
}

static bool is_over(sbx_status status)
{
	return status == SBX_DONE || status == SBX_E_RAISED;
}

/* What the log has beyond outcomes. */
typedef struct LastSeen {
	uint64_t call;   /* the highest one of which anything is written */
	bool is_stopped; /* by that status, with no event of a call after it */
} LastSeen;

static sbx_status see_last(Replay *p, sbx_status status, LastSeen *last)
{
	sbx_journal *j = p->journal;
	JournalEvent event;
	sbx_status read = journal_select_events(j, p->record.row, p->record.life);
	*last = (LastSeen){0};
	while (!read && (read = journal_next_event(j, j->read_events, &event)) == SBX_RUNNING) {
		if (event.task)
			*last = (LastSeen){.call = event.call > last->call ? event.call : last->call};
		else if (event.kind == SBX_JOURNAL_STOPPED && event.type)
			last->is_stopped = strcmp(event.type, sbx_status_text(status)) == 0;
		read = SBX_DONE;
	}
	if (j->read_events)
		statement_reset(j->read_events);
	return read;
}

/*
 * A limit was reached after all that is recorded. That is no divergence where the recorded run was stopped by it, too; nor where
 * the program is the one that began the run, which was killed or is cancelled: it does what it did, if it is not known to have
 * gone further.
 */
static bool is_stopped_alike(Replay *p, sbx_status status, uint64_t calls)
{
	LastSeen last;
	if (status != SBX_E_DEADLINE && status != SBX_E_MEMORY && status != SBX_E_DEPTH &&
		status != SBX_E_STEPS)
		return false;
	if (see_last(p, status, &last) || last.call > calls)
		return false;
	return last.is_stopped || !p->out->is_changed;
}

/* A call that is recorded was not made. */
static void tell_missing_call(Replay *p, sbx_status status, uint64_t calls)
{
	const JournalEvent *event = journal_outcome(&p->record, p->record.last_call);
	const char *task = event ? event->task : "?";
	if (is_over(status) || status == SBX_WAITING)
		snprintf(p->text, sizeof p->text,
				 "run '%s' cannot go on: %s\n  call %" PRIu64
				 " is in the journal (%s), and the program %s call %" PRIu64,
				 p->record.name, journal_change(&p->record, p->run), p->record.last_call, task,
				 is_over(status) ? "ends after" : "waits at", calls);
	else
		snprintf(p->text, sizeof p->text,
				 "run '%s' cannot go on: %s\n  call %" PRIu64
				 " is in the journal (%s), and the program is stopped after call %" PRIu64,
				 p->record.name, sbx_run_error_text(p->run), p->record.last_call, task, calls);
}

static bool judge(Replay *p)
{
	sbx_status status = sbx_run_status(p->run);
	sbx_usage usage = {.size = sizeof usage};
	bool had_ended = strcmp(p->found->state, "done") == 0 || strcmp(p->found->state, "failed") == 0;
	sbx_run_usage(p->run, &usage);
	if (p->record.last_call > usage.calls) {
		tell_missing_call(p, status, usage.calls);
		return false;
	}
	if (status != SBX_WAITING && !is_over(status)) {
		if (!had_ended && is_stopped_alike(p, status, usage.calls)) {
			snprintf(p->text, sizeof p->text, "%s", sbx_run_error_text(p->run));
			give_reason(p);
			return true;
		}
		snprintf(p->text, sizeof p->text, "run '%s' cannot go on: %s", p->record.name,
				 sbx_run_error_text(p->run));
		return false;
	}
	p->out->verdict = had_ended ? SBX_REPLAY_SAME : SBX_REPLAY_GOES_ON;
	if (!had_ended)
		return true;
	if (status != SBX_WAITING)
		return ends_the_same(p);
	snprintf(p->text, sizeof p->text,
			 "run '%s' would go on: %s\n  it has ended, and the program makes call %" PRIu64
			 " at %s:%" PRIu32,
			 p->record.name, journal_change(&p->record, p->run), p->out->call,
			 p->out->path ? p->out->path : "?", p->out->line);
	return false;
}

static sbx_status replay_entry(Replay *p, const char *run_id, const sbx_entry *entry,
							   const sbx_run_options *options)
{
	const RunRow *found = p->found;
	sbx_journal *j = p->journal;
	p->record.name = (char *)(uintptr_t)run_id;
	p->record.row = found->id;
	p->record.life = found->life;
	p->record.program = found->program;
	p->out->is_changed = found->program != sbx_entry_fingerprint(entry);
	sbx_status status = journal_read_history(j, &p->record);
	if (status)
		return status;
	status = open_recorded(j, found, entry, options, &p->run);
	if (status == SBX_E_INPUT || status == SBX_E_PROGRAM) {
		snprintf(p->text, sizeof p->text, "run '%s' cannot begin: %s", run_id, j->problem);
		diverges(p);
		return SBX_DONE;
	}
	if (status)
		return status;
	p->out->verdict = SBX_REPLAY_GOES_ON;
	if (!play(p) || !judge(p))
		diverges(p);
	return SBX_DONE;
}

sbx_status sbx_journal_replay(sbx_journal *j, const char *run_id, const sbx_entry *const *entries,
							  size_t count, const sbx_run_options *options, sbx_replay *out)
{
	RunRow found;
	if (out->size != sizeof *out)
		return journal_problem(j, SBX_E_ARGUMENT, "sbx_replay of another size");
	*out = (sbx_replay){.size = sizeof *out};
	Replay p = {.journal = j, .found = &found, .out = out};
	sbx_status status = journal_find_row(j, run_id, &found);
	if (!status) {
		const sbx_entry *entry = entry_named(entries, count, found.entry);
		if (entry) {
			status = replay_entry(&p, run_id, entry, options);
		} else {
			snprintf(p.text, sizeof p.text, "run '%s' cannot begin: no entry '%s' in the program",
					 run_id, found.entry);
			diverges(&p);
		}
	}
	sbx_run_free(p.run);
	journal_forget_history(&p.record);
	free(p.record.events);
	statement_free(found.row);
	return status;
}
