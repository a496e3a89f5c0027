/*
 * --resume: runs that a journal holds and that were left, taken up at once and driven together by one dispatcher.
 *
 * Where one run is named it ends as the command that began it would have: its result on standard output, or its traceback and
 * exit code. Of several, each end is one line.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "program_session.h"

typedef struct Resumed {
	char *id;
	sbx_run *run;
	ByteQueue printed;
	struct Resuming *owner;
	sbx_status status; /* SBX_RUNNING: not over */
	uint32_t attempts; /* made in this process; an orchestrator may have retries */
	bool is_marked;    /* to be cancelled, with its jobs */
	int64_t due;       /* when it is made again, by the monotonic clock in ms; 0: it is under way */
} Resumed;

typedef struct Resuming {
	Session *session;
	Resumed *runs;
	size_t count, room;
	size_t cancelling; /* so many of them */
	bool is_one;       /* one run was named */
	bool any_failed, no_memory;
	int exit_code; /* of the one */
} Resuming;

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- words ---- */

static void log_printed(Resumed *r, bool all)
{
	size_t length;
	while ((length = byte_queue_length(&r->printed)) > 0) {
		const char *line = (const char *)byte_queue_front(&r->printed);
		const char *end = memchr(line, '\n', length);
		if (!end && !all)
			return;
		size_t used = end ? (size_t)(end - line) : length;
		sbx_log_line(r->owner->session->log, r->id, line, used);
		byte_queue_skip(&r->printed, used + (end != NULL));
	}
}

static void print_line(void *context, const char *utf8, size_t length)
{
	Resumed *r = context;
	byte_queue_add(&r->printed, utf8, length);
	log_printed(r, false);
}

static int is_interrupted(void *context)
{
	return interrupt_came(((Resumed *)context)->owner->session->interrupt);
}

/* "[order-17 price#3] done" */
static void tell_event(void *context, const sbx_attempt *attempt, const char *what,
					   const char *detail)
{
	const Session *session = context;
	const Resuming *all = session->owner;
	const char *id = sbx_journal_run_id(sbx_call_run(attempt->call));
	sbx_task_info task = {.size = sizeof task};
	char label[400], text[700];
	if (all->is_one) {
		sbx_log_event(session->log, attempt, what, detail);
		return;
	}
	sbx_call_task(attempt->call, &task);
	snprintf(label, sizeof label, "%s %s#%" PRIu64, id ? id : "?", task.function,
			 sbx_call_id(attempt->call));
	int length =
		snprintf(text, sizeof text, "%s%s%s", what, detail ? ": " : "", detail ? detail : "");
	sbx_log_line(session->log, label, text,
				 length < (int)sizeof text ? (size_t)length : sizeof text - 1);
}

/* A text as JSON; it is UTF-8 from our own files. */
static void put_json_text(sbx_heap *heap, const char *text)
{
	sbx_value str = sbx_str_make(heap, text, strlen(text)), json;
	if (!sbx_json_dump(heap, str, &json))
		fputs(sbx_peek_str(heap, json, NULL), stdout);
	else
		fputs("\"?\"", stdout);
}

static const char *state_word(sbx_status status)
{
	return status == SBX_DONE          ? "done"
		   : status == SBX_E_RAISED    ? "failed"
		   : status == SBX_E_CANCELLED ? "cancelled"
		   : status == SBX_E_DIVERGED  ? "diverged"
									   : "stopped";
}

/* A text of several lines stays in its line. */
static void put_in_line(const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			fputs("\\n", stdout);
		else
			putchar(*text);
	}
	putchar('\n');
}

/* One line of several: "order-17 done 80", or an object. error NULL: it is done, with that result. */
static void put_end(const Resumed *r, sbx_status status, sbx_value value, const char *error)
{
	sbx_heap *heap;
	sbx_value json;
	if (sbx_heap_open(0, &heap))
		return;
	const char *result = NULL;
	if (!error && sbx_json_dump(heap, value, &json) == SBX_DONE)
		result = sbx_peek_str(heap, json, NULL);
	if (r->owner->session->options->json) {
		fputs("{\"run\": ", stdout);
		put_json_text(heap, r->id);
		printf(", \"state\": \"%s\", ", state_word(status));
		fputs(error ? "\"error\": " : "\"result\": ", stdout);
		if (error)
			put_json_text(heap, error);
		else
			fputs(result ? result : "null", stdout);
		puts("}");
	} else {
		printf("%s %s ", r->id, state_word(status));
		put_in_line(error ? error : result ? result : "?");
	}
	fflush(stdout);
	sbx_heap_close(heap);
}

/* "ValueError: text" of a traceback, which is cut there. */
static char *without_places(char *traceback)
{
	static const char HEAD[] = "Traceback (most recent call last):\n";
	char *end = traceback, *next;
	for (char *at = traceback; (at = strstr(at, HEAD)) != NULL;)
		end = at += sizeof HEAD - 1;
	while (*end == ' ' && (next = strchr(end, '\n')) != NULL)
		end = next + 1;
	for (size_t length = strlen(end); length && end[length - 1] == '\n';)
		end[--length] = '\0';
	return end;
}

/* Of a run that had ended before. */
static void put_recorded_end(Resumed *r)
{
	Session *session = r->owner->session;
	sbx_value result, error;
	r->status = sbx_journal_result(session->journal, r->id, session->heap, &result, &error);
	r->owner->any_failed = r->owner->any_failed || r->status != SBX_DONE;
	if (r->status == SBX_E_RAISED) {
		const char *text = sbx_peek_str(session->heap, error, NULL);
		char *copy = strdup(text ? text : "");
		put_end(r, r->status, result, copy ? without_places(copy) : "out of memory");
		free(copy);
	} else {
		put_end(r, r->status, result,
				r->status == SBX_DONE          ? NULL
				: r->status == SBX_E_CANCELLED ? sbx_status_text(r->status)
											   : sbx_journal_problem(session->journal));
	}
}

/* ---- taking up ---- */

static bool add_id(Resuming *all, const sbx_journal_run *run)
{
	if (all->count == all->room) {
		size_t room = all->room ? all->room * 2 : 16;
		Resumed *more = realloc(all->runs, room * sizeof *more);
		if (!more)
			return false;
		all->runs = more;
		all->room = room;
	}
	all->runs[all->count] =
		(Resumed){.id = strdup(run->id),
				  .owner = all,
				  .status = SBX_RUNNING,
				  .is_marked = run->is_marked && run->state == SBX_JOURNAL_LEFT};
	return all->runs[all->count].id && ++all->count;
}

/* Of a list: those that no process has, and that are of this program. */
static int add_left(void *context, const sbx_journal_run *run)
{
	Resuming *all = context;
	const sbx_gen_program *program = all->session->program;
	if (run->state != SBX_JOURNAL_LEFT)
		return 0;
	for (uint32_t i = 0; i < program->entry_count; i++)
		if (strcmp(program_entry_name(program->entries[i]), run->entry) == 0)
			return !add_id(all, run);
	fprintf(stderr, "%s: run '%s' is left as it is: it is one of %s, which is not here\n",
			all->session->options->name, run->id, run->entry);
	return 0;
}

static sbx_run_options run_options(Resumed *r)
{
	const ProgramOptions *options = r->owner->session->options;
	return (sbx_run_options){.size = sizeof(sbx_run_options),
							 .max_memory = options->max_memory,
							 .max_depth = options->max_depth,
							 .timeout_ms = options->timeout_ms,
							 .print = print_line,
							 .context = r,
							 .interrupted = is_interrupted};
}

/* It cannot be taken up; or, SBX_DONE, it has ended before. */
static void tell_not_taken(Resumed *r, sbx_status status)
{
	Resuming *all = r->owner;
	Session *session = all->session;
	r->status = status;
	if (all->is_one) {
		all->exit_code = status ? session_journal_failed(session, status)
								: session_show_recorded(session, r->id);
	} else if (status) {
		all->any_failed = true;
		put_end(r, status, (sbx_value){0}, sbx_journal_problem(session->journal));
	} else {
		put_recorded_end(r);
	}
}

static Resumed *find_cancelled(Resuming *all, const char *id)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->runs[i].is_marked && strcmp(all->runs[i].id, id) == 0)
			return &all->runs[i];
	return NULL;
}

static void cancel_ended(void *context, const char *run_id, sbx_status status)
{
	Resuming *all = context;
	Resumed *r = find_cancelled(all, run_id);
	all->cancelling--;
	if (r) /* else all is being closed, after an interrupt */
		tell_not_taken(r, status);
}

/* Runs whose process had ended before it saw that they were to be cancelled: what they have under way is deleted. */
static void cancel_marked(Resuming *all)
{
	Session *session = all->session;
	for (size_t i = 0; session->connectors && i < all->count; i++) {
		Resumed *r = &all->runs[i];
		if (!r->is_marked)
			continue;
		sbx_status status =
			sbx_connectors_cancel(session->connectors, session->journal, r->id, cancel_ended, all);
		if (status == SBX_WAITING)
			all->cancelling++;
		else
			tell_not_taken(r, status == SBX_RUNNING ? SBX_E_STATE : status);
	}
}

static void take_up(Resumed *r)
{
	Session *session = r->owner->session;
	if (r->is_marked && session->connectors)
		return;
	sbx_run_options options = run_options(r);
	sbx_status status = sbx_journal_resume(session->journal, r->id, session->program->entries,
										   session->program->entry_count, &options, &r->run);
	if (status != SBX_RUNNING) {
		tell_not_taken(r, status);
		return;
	}
	if (sbx_journal_program_changed(session->journal, r->id, sbx_run_entry(r->run))) {
		static const char text[] =
			"was begun by another version of the program: its calls are compared";
		sbx_log_line(session->log, r->id, text, sizeof text - 1);
	}
	r->attempts = 1;
	status = sbx_dispatcher_add(session->dispatcher, r->run);
	if (status)
		tell_not_taken(r, status);
}

/* ---- ends ---- */

static Resumed *find_run(Resuming *all, const sbx_run *run)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->runs[i].run == run)
			return &all->runs[i];
	return NULL;
}

/* note [retries of a run] of program_main.c. */
static bool rests(Resumed *r)
{
	enum { FIRST_MS = 100, LONGEST_MS = 10000 };
	if (r->status != SBX_E_RAISED || r->attempts > sbx_run_entry(r->run)->retries)
		return false;
	int64_t ms = r->attempts < 8 ? FIRST_MS << (r->attempts - 1) : LONGEST_MS;
	r->due = now_ms() + (ms < LONGEST_MS ? ms : LONGEST_MS);
	return true;
}

static void over(Resumed *r)
{
	Resuming *all = r->owner;
	Session *session = all->session;
	if (all->is_one) {
		session->run = r->run;
		all->exit_code = session_show_end(session, r->status);
		session->run = NULL;
	} else {
		all->any_failed = all->any_failed || r->status != SBX_DONE;
		put_end(r, r->status, sbx_run_result(r->run),
				r->status == SBX_DONE ? NULL : sbx_run_error_text(r->run));
	}
	sbx_journal_end(session->journal, r->id);
	sbx_run_free(r->run);
	r->run = NULL;
}

static void run_ended(void *context, sbx_run *run)
{
	const Session *session = context;
	Resumed *r = find_run(session->owner, run);
	if (!r)
		return;
	log_printed(r, true);
	r->status = sbx_run_status(run);
	if (!rests(r))
		over(r);
}

static void make_again(Resumed *r)
{
	Session *session = r->owner->session;
	sbx_run_options options = run_options(r);
	const sbx_entry *entry = sbx_run_entry(r->run);
	sbx_run *again = NULL;
	r->due = 0;
	r->attempts++;
	sbx_status status = sbx_journal_retry(session->journal, r->id, entry, &options, &again);
	if (!status) {
		sbx_run_free(r->run);
		r->run = again;
		r->status = SBX_RUNNING;
		status = sbx_dispatcher_add(session->dispatcher, r->run);
	}
	if (status)
		tell_not_taken(r, status);
}

/* ---- driving ---- */

/* False: nothing is left to do. */
static bool make_due_again(Resuming *all)
{
	int64_t now = now_ms();
	bool any = false;
	for (size_t i = 0; i < all->count; i++) {
		Resumed *r = &all->runs[i];
		if (r->due && r->due <= now)
			make_again(r);
		any = any || r->due;
	}
	return any;
}

/* Milliseconds until a run is made again; -1: none rests. */
static int rest_ms(const Resuming *all)
{
	int64_t now = now_ms(), least = -1;
	for (size_t i = 0; i < all->count; i++) {
		int64_t ms = all->runs[i].due - now;
		if (all->runs[i].due && (least < 0 || ms < least))
			least = ms < 0 ? 0 : ms;
	}
	return (int)least;
}

static int drive(Resuming *all)
{
	Session *session = all->session;
	for (;;) {
		sbx_status status = sbx_dispatcher_poll(session->dispatcher);
		bool rests_any = make_due_again(all);
		if (interrupt_came(session->interrupt)) {
			fputs("KeyboardInterrupt\n", stderr);
			return EXIT_INTERRUPTED;
		}
		if (status != SBX_WAITING && status < 0)
			return session_journal_failed(session, status);
		if (status != SBX_WAITING && !rests_any && !all->cancelling)
			return all->is_one ? all->exit_code : all->any_failed ? EXIT_RUN_FAILED : EXIT_OK;
		session_wait(session, rest_ms(all));
	}
}

static int see_run(void *context, const sbx_journal_run *run)
{
	Resuming *all = context;
	all->no_memory = !add_id(all, run);
	return 0;
}

/* Those that are named. An id that the journal has not is told before anything is run. */
static sbx_status add_named(Resuming *all)
{
	Session *session = all->session;
	const ProgramOptions *options = session->options;
	for (int i = 0; i < options->input_count; i++) {
		sbx_status status = sbx_journal_runs(session->journal, options->inputs[i], see_run, all);
		if (status || all->no_memory)
			return status ? status : SBX_E_NO_MEMORY;
	}
	return SBX_DONE;
}

static int resume(Resuming *all)
{
	Session *session = all->session;
	const ProgramOptions *options = session->options;
	sbx_status status = sbx_heap_open(0, &session->heap);
	if (!status)
		status = sbx_journal_open_existing(options->journal, 0, &session->journal);
	all->is_one = options->input_count == 1 && !options->json;
	if (!status)
		status = options->input_count ? add_named(all)
									  : sbx_journal_runs(session->journal, NULL, add_left, all);
	if (status)
		return session_journal_failed(session, status);
	status = session_open_backends(session);
	if (status == SBX_E_INPUT)
		return EXIT_USAGE;
	if (status) {
		program_error(options, "%s", sbx_status_text(status));
		return EXIT_RUN_FAILED;
	}
	cancel_marked(all);
	sbx_journal_defer(session->journal);
	for (size_t i = 0; i < all->count; i++)
		take_up(&all->runs[i]);
	status = sbx_journal_commit(session->journal);
	return status ? session_journal_failed(session, status) : drive(all);
}

int program_resume(const ProgramOptions *options, const sbx_gen_program *program)
{
	Session session;
	int exit_code = session_open(&session, options, program);
	if (exit_code)
		return exit_code;
	Resuming all = {.session = &session};
	session.entry = program->entry_count ? program->entries[0] : NULL;
	session.event = tell_event;
	session.ended = run_ended;
	session.owner = &all;
	if (session.entry) {
		exit_code = resume(&all);
	} else {
		program_error(options, "the program has no entries");
		exit_code = EXIT_USAGE;
	}
	for (size_t i = 0; i < all.count; i++) {
		Resumed *r = &all.runs[i];
		if (r->run && session.dispatcher)
			sbx_dispatcher_remove(session.dispatcher, r->run);
		sbx_run_free(r->run);
		byte_queue_free(&r->printed);
		free(r->id);
	}
	free(all.runs);
	all.runs = NULL;
	all.count = 0;
	session_close(&session);
	return session_finish_output(options, exit_code);
}
