/*
 * The inside of the journal. sbx-host.h is its interface, docs/journal.md has the invariants that are cited here by number and
 * what is in the tables.
 *
 *   journal.c            the file: opened, checked, committed; problems
 *   journal_values.c     arguments, inputs and results as bytes, and as words
 *   journal_history.c    what is recorded of a run, read into memory
 *   journal_schema.c     its tables: made, and checked
 *   journal_runs.c       runs that are open in this process: begun, taken up, left
 *   journal_recorder.c   what the dispatcher tells (sbx_recorder)
 *   journal_commit.c     how it comes into the file: at once, or on a thread of the host's
 *   journal_view.c       lists and reads, for services and for `sbxc runs`
 *   journal_upkeep.c     cancels, and collects what is old
 *   job_notes.c          which jobs in other systems a run has under way
 *   journal_replay.c     recorded runs against another version of their program
 *
 * One transaction is open while something waits for the commit. Where commits are handed over (sbx_journal_hand_over) what is told
 * waits in memory instead, until another thread writes it. `events` is only ever added to, at its end. When a run is
 * opened again its events are read into memory and answered from there as the run hands its calls out; what is not there has
 * not finished.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_JOURNAL_H
#define SBX_JOURNAL_H

#include <pthread.h>
#include <stdbool.h>

#include "byte_queue.h"
#include "database.h"
#include "sbx-host.h"

/* One row of `events`. The numbers stand in files: they are never changed. */
typedef struct JournalEvent {
	int64_t seq;
	uint32_t kind; /* enum sbx_journal_event_kind */
	uint32_t life; /* of the run: its attempt */
	uint64_t call;
	uint32_t number, line;    /* the attempt of the call; the line of the call */
	char *task;               /* of a call */
	unsigned char *arguments; /* wire form; NULL: not of a call */
	unsigned char
		*value; /* of an outcome its result in wire form, NULL: it failed; of a note its bytes */
	size_t arguments_length, value_length;
	char *type, *text, *traceback;      /* of a failure; of a note: type is its name */
	int64_t handed_out, started, ended; /* microseconds since 1970 */
} JournalEvent;

/* A run that is open in this process. */
typedef struct JournalRun {
	struct JournalRun *next, *previous;
	struct JournalRun *chain; /* the next one of its bucket */
	int64_t row;
	int64_t life; /* its attempt: an orchestrator may have retries */
	char *name;
	uint64_t program;     /* the fingerprint that it was begun with */
	int64_t begun;        /* microseconds since 1970 */
	JournalEvent *events; /* of this life: by call, then as they were written */
	size_t count, room;
	uint64_t last_call; /* the highest one with an outcome; 0: none */
	uint64_t told_in;   /* the generation in which something was told of it last; 0: never */
	bool is_cancelled;  /* by sbx_journal_cancel, here or in another process */
	sbx_run *run;
} JournalRun;

/* A run that nobody may take up here meanwhile: it is claimed, and not open. */
typedef struct JournalHold {
	struct JournalHold *next;
	int64_t row;
} JournalHold;

/* What the recorder was told of a run, and is written at the commit: an event, or the end of the run. */
typedef struct JournalTold {
	struct JournalTold *next;
	int64_t row;
	const char *end; /* the run's state, static; NULL: an event */
	JournalEvent
		event; /* of an end: value is its result, traceback its error, call the number of calls; all its own */
	bool has_calls;
} JournalTold;

/* Where a commit is that was handed over. */
enum JournalHanded {
	JOURNAL_NOTHING_HANDED,
	JOURNAL_HANDED,  /* nobody writes yet */
	JOURNAL_WRITTEN, /* the dispatcher does not know yet how it has ended */
};

/* Commits on a thread of the host's. */
typedef struct JournalHandOver {
	void (*wanted)(void *context); /* NULL: commits are made at once */
	void *context;
	JournalTold *told,
		**told_end; /* since the last commit was handed over: the dispatcher's thread alone */
	pthread_mutex_t mutex; /* held while a thread writes; guards what follows */
	/* The numbers of the list that is told, of the last one that is known to be durable, and of the one that was handed over: the
	   dispatcher's thread alone. */
	uint64_t generation, durable, handed;
	bool begins_lost; /* what the handed one began with went with a commit that has failed */
	JournalTold *writing;
	_Atomic int state; /* enum JournalHanded */
	sbx_status status; /* of what was written */
	char problem[512];
} JournalHandOver;

struct sbx_journal {
	Database *db;
	Statement *add_event, *end_run, *find_run, *insert_run, *take_run, *read_events, *version;
	sbx_heap *heap;
	JournalRun *runs;
	JournalRun **buckets; /* by name */
	JournalHold *holds;
	size_t bucket_count, run_count;
	int lock; /* of FILE-runs: a byte for each run that is open in some process; -1: only read */
	bool is_deferred; /* sbx_journal_defer */
	bool is_lost;     /* a commit has failed of which the dispatcher does not know yet */
	JournalHandOver hand_over;
	int64_t looked;             /* when marks of cancellation were looked for */
	int64_t data_version;       /* of the file, at that time */
	ByteQueue arguments, value; /* room that is used again */
	char *reason;               /* of the last replay */
	char problem[512];
};

/* ---- journal.c ---- */

sbx_status journal_problem(sbx_journal *j, sbx_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* What a function of database.h has returned, with its text if it is a failure. */
sbx_status journal_told(sbx_journal *j, sbx_status status);
sbx_status journal_prepare(sbx_journal *j, const char *sql, Statement **statement);
sbx_status journal_begin(sbx_journal *j);
/* The same for what may have to be rolled back: what the recorder was told so far is committed first. */
sbx_status journal_begin_apart(sbx_journal *j);
/* The same also where begins are deferred: what is rolled back then is the caller's own and nothing else. */
sbx_status journal_begin_alone(sbx_journal *j);
void journal_rollback(sbx_journal *j);
sbx_status journal_no_memory(sbx_journal *j);

/* ---- journal_schema.c ---- */

/* Is it a journal, and of this version? *is_new: it is nothing yet. */
sbx_status journal_check_file(sbx_journal *j, const char *path, bool *is_new);
/* In a new file; two processes may want to make the same. */
sbx_status journal_make_tables(sbx_journal *j, const char *path);

/* ---- journal_commit.c ---- */

/* Another thread does not have the database any more, and what was told is in its transaction. Before any other use of it. */
sbx_status journal_settle(sbx_journal *j);
/* Written now, or told at the commit that is handed over; what it points to is copied. */
sbx_status journal_add_event(sbx_journal *j, JournalRun *r, const JournalEvent *event);
sbx_status journal_add_end(sbx_journal *j, JournalRun *r, const JournalTold *end);
/* What was told of the run is in the file, before another process may have it. */
void journal_write_told(sbx_journal *j, const JournalRun *r);
/* As the recorder's. */
sbx_status journal_commit(sbx_journal *j);
sbx_status journal_finish(sbx_journal *j);
void journal_hand_over_open(sbx_journal *j);
void journal_hand_over_close(sbx_journal *j);

/* ---- journal_values.c ---- */

/* What a run is one of (invariant 5): the entry's full name. Flyte gives all code strings without a name= the same: those have
   the names of their variables. */
const char *journal_entry_name(const sbx_entry *entry);

sbx_status journal_add_wire(sbx_journal *j, ByteQueue *out, sbx_value v);
/* The arguments of a call as a dict, name to value, of those that are given: into j->arguments. */
sbx_status journal_write_arguments(sbx_journal *j, const sbx_call *call);
/* The inputs of a run in the same way. */
sbx_status journal_write_inputs(sbx_journal *j, const sbx_entry *entry, const sbx_value *inputs,
								size_t count);
/* A dict of names; SBX_E_DAMAGED: the bytes are something else. *dict is the heap's. */
sbx_status journal_load_dict(sbx_journal *j, sbx_heap *heap, const void *bytes, size_t length,
							 sbx_value *dict);
/* "add(x=1, y=2)" of a task and its arguments in wire form. */
void journal_describe(sbx_journal *j, const char *task, const void *bytes, size_t length, char *out,
					  size_t size);

/* Makes a text fit for sbx_str_make: what is no UTF-8 in it (a text that was cut, hostile bytes) becomes '?'. */
void journal_clean(char *text);
/* Why the run may differ from what is recorded: "the program has changed", or that it has not. */
const char *journal_change(const JournalRun *r, const sbx_run *run);

/* ---- journal_history.c ---- */

/* Its texts and bytes become its own. False: no memory; it is to be freed all the same. */
bool journal_event_copy(JournalEvent *to, const JournalEvent *from);
void journal_event_free(JournalEvent *event); /* what it points to */

/* What was recorded of this life of the run. */
sbx_status journal_read_history(sbx_journal *j, JournalRun *r);
void journal_forget_history(JournalRun *r);
/* The events of a call stand together: the first of them, NULL: none. */
const JournalEvent *journal_events_of(const JournalRun *r, uint64_t call, size_t *count);
/* Its outcome; NULL: it has not finished. */
const JournalEvent *journal_outcome(const JournalRun *r, uint64_t call);
/* SBX_RUNNING: *event is the next row, whose texts are those of the statement; SBX_DONE: no more. */
sbx_status journal_next_event(sbx_journal *j, Statement *statement, JournalEvent *event);
/* Prepares j->read_events for one life of a run, or for all (life 0), in the order of the log. */
sbx_status journal_select_events(sbx_journal *j, int64_t row, int64_t life);

/* ---- journal_runs.c ---- */

JournalRun *journal_run_named(sbx_journal *j, const char *run_id);
/* Takes the lock of the run's row. SBX_E_STATE: another process has it. */
sbx_status journal_claim(sbx_journal *j, int64_t row, const char *name);
void journal_unclaim(sbx_journal *j, int64_t row);
/* Claims the row for something else than a run: also within this process it cannot be claimed again. */
sbx_status journal_hold(sbx_journal *j, JournalHold *hold, const char *name);
void journal_let_go(sbx_journal *j, JournalHold *hold);
/* Is it open in some process? */
bool journal_is_claimed(sbx_journal *j, int64_t row, const char *name);
/* As sbx_journal_begin, with inputs as they are recorded. */
sbx_status journal_begin_recorded(sbx_journal *j, const char *run_id, const sbx_entry *entry,
								  const void *inputs, size_t length);

/* ---- journal_view.c ---- */

/* A run as its row has it; everything is lent by the statement `row`, which the caller frees, also after a failure. Columns 6
   and 7 are its result and error. */
typedef struct RunRow {
	Statement *row;
	int64_t id, life;
	uint64_t program;
	const char *entry, *state;
	const void *inputs;
	size_t inputs_length;
} RunRow;
sbx_status journal_find_row(sbx_journal *j, const char *run_id, RunRow *found);

/* ---- journal_upkeep.c ---- */

/* A run that has not ended is to be cancelled, or not, or is. */
sbx_status journal_get_mark(sbx_journal *j, int64_t row, bool *is_marked);
sbx_status journal_set_mark(sbx_journal *j, int64_t row, bool is_marked);
sbx_status journal_set_cancelled(sbx_journal *j, int64_t row);

/* ---- journal_recorder.c ---- */

/* Is the call the one that is recorded (invariant 4)? False: `text` says what differs. */
bool journal_same_call(sbx_journal *j, const JournalRun *r, const JournalEvent *event,
					   const sbx_call *call, char *text, size_t size);
/* Answers the call from what is recorded. 1: done; 0: it has not finished; -1: it cannot be. */
int journal_answer(sbx_journal *j, const JournalEvent *event, const sbx_call *call);

#endif
