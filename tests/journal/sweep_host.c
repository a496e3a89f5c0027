/*
 * Kills runs at every write of their journal: `sweep_host PROGRAM.so TABLE FOLDER EVERY`, with kill_at.so preloaded.
 *
 * Each entry of the table runs once to its end. Then, for each EVERYth write and sync of the journal, whole and torn, a child
 * process runs it and is killed there (SIGKILL), and another one takes it up. Tasks are answered here, from their name and
 * arguments alone, two a poll; each start of a call is one line of a log that is only appended to. The last child must give
 * the result of the first one; a call that is in the journal when it begins must not start again, no call more than twice
 * (docs/journal.md, invariants 1, 2, 3, 7). Ends with "N passed, N failed".
 *
 * With COMMIT_THREAD=1 commits are handed over to a thread, as sbx_journal_hand_over has it.
 *
 * With HOST_RUN=ENTRY it takes up, or begins, that entry once in FOLDER and exits with 0 and a file `result`, or with words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sbx-host.h"

enum { MOST_CALLS = 300, ANSWERS_A_POLL = 2, TOO_LONG = 77, FAILED_TO_OPEN = 78 };

typedef struct Sweep {
	const char *folder;
	const sbx_entry *entry;
	char journal[4096], log[4096], result[4096], count[4096];
	long passed, failed, skipped, kills;
} Sweep;

/* ---- answers ---- */

static uint64_t mix(uint64_t hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211u;
	return hash;
}

static sbx_value made(sbx_heap *heap, const sbx_type *type, uint64_t seed);

static sbx_value made_items(sbx_heap *heap, const sbx_type *type, uint64_t seed)
{
	sbx_value items[3], keys[3];
	sbx_type_kind kind = sbx_type_kind_of(type);
	const sbx_type *item = sbx_type_count(type) ? sbx_type_argument(type, 0) : NULL;
	const sbx_type *value = sbx_type_count(type) > 1 ? sbx_type_argument(type, 1) : NULL;
	for (unsigned i = 0; i < 3; i++) {
		keys[i] = made(heap, item, seed + i);
		items[i] = kind == SBX_DICT ? made(heap, value, seed + 7 * i) : keys[i];
	}
	switch (kind) {
	case SBX_DICT:
		return sbx_dict_make(heap, keys, items, 3);
	case SBX_SET:
	case SBX_FROZENSET:
		return sbx_set_make(heap, items, 3, kind == SBX_FROZENSET);
	case SBX_TUPLE_OF:
		return sbx_tuple_make(heap, items, 3);
	default:
		return sbx_list_make(heap, items, 3);
	}
}

static sbx_value made_tuple(sbx_heap *heap, const sbx_type *type, uint64_t seed)
{
	sbx_value items[16];
	size_t count = sbx_type_count(type) < 16 ? sbx_type_count(type) : 16;
	for (size_t i = 0; i < count; i++)
		items[i] = made(heap, sbx_type_argument(type, i), seed + i);
	return sbx_tuple_make(heap, items, count);
}

/* A value of the type that depends on nothing but the seed. */
static sbx_value made(sbx_heap *heap, const sbx_type *type, uint64_t seed)
{
	char text[32];
	switch (sbx_type_kind_of(type)) {
	case SBX_NONE:
		return sbx_none();
	case SBX_BOOL:
		return sbx_bool((int)(seed % 2));
	case SBX_FLOAT:
		return sbx_float((double)(seed % 9) + 0.5);
	case SBX_STR:
		snprintf(text, sizeof text, "s%u", (unsigned)(seed % 5));
		return sbx_str_make(heap, text, strlen(text));
	case SBX_BYTES:
		return sbx_bytes_make(heap, "bytes", seed % 6);
	case SBX_LIST:
	case SBX_DICT:
	case SBX_SET:
	case SBX_FROZENSET:
	case SBX_TUPLE_OF:
		return made_items(heap, type, seed);
	case SBX_TUPLE:
		return made_tuple(heap, type, seed);
	case SBX_FILE:
	case SBX_DIR:
	case SBX_DATAFRAME:
		return sbx_handle_make(heap, sbx_type_kind_of(type), "/tmp/there", NULL, NULL);
	case SBX_DATETIME:
		return sbx_datetime_make(heap, (int64_t)(seed % 1000) * 1000000, INT32_MIN);
	case SBX_TIMEDELTA:
		return sbx_timedelta_make(heap, (int64_t)(seed % 1000) * 1000);
	case SBX_UNION:
		return made(heap, sbx_type_argument(type, 0), seed);
	default:
		return sbx_int((int64_t)(seed % 7) + 1);
	}
}

/* ---- a backend that answers two a poll ---- */

typedef struct Backend {
	sbx_attempt *waiting[4096];
	size_t count;
	int log;
	long calls;
} Backend;

static void log_line(int log, const char *word, uint64_t call)
{
	char line[64];
	int length = snprintf(line, sizeof line, "%s %llu\n", word, (unsigned long long)call);
	if (write(log, line, (size_t)length) != length)
		_exit(FAILED_TO_OPEN);
}

static sbx_status start(void *context, sbx_attempt *attempt)
{
	Backend *backend = context;
	if (++backend->calls > MOST_CALLS || backend->count == 4096)
		_exit(TOO_LONG);
	if (attempt->number == 1)
		log_line(backend->log, "start", sbx_call_id(attempt->call));
	backend->waiting[backend->count++] = attempt;
	return SBX_DONE;
}

static void answer(sbx_attempt *attempt)
{
	sbx_heap *heap;
	const sbx_call *call = attempt->call;
	uint64_t seed = mix(14695981039346656037u, sbx_call_task_name(call));
	if (sbx_heap_open(0, &heap))
		_exit(FAILED_TO_OPEN);
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		if (sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID)
			seed = mix(seed, sbx_peek_str(heap, sbx_repr(heap, sbx_call_arg(call, i)), NULL));
	seed = (seed ^ seed >> 29) % 1000003;
	if (seed % 11 == 0)
		sbx_attempt_fail(attempt, "ValueError", "made up", "Traceback\nValueError: made up\n");
	else
		sbx_attempt_answer(attempt, made(heap, sbx_call_result_type(call), seed));
	sbx_heap_close(heap);
}

static sbx_status answer_some(void *context)
{
	Backend *backend = context;
	for (int i = 0; i < ANSWERS_A_POLL && backend->count; i++) {
		sbx_attempt *first = backend->waiting[0];
		memmove(backend->waiting, backend->waiting + 1, --backend->count * sizeof first);
		answer(first);
	}
	return SBX_DONE;
}

static void cancel(void *context, sbx_attempt *attempt)
{
	Backend *backend = context;
	size_t kept = 0;
	for (size_t i = 0; i < backend->count; i++)
		if (backend->waiting[i] != attempt)
			backend->waiting[kept++] = backend->waiting[i];
	backend->count = kept;
}

static int timeout(void *context)
{
	return ((const Backend *)context)->count ? 0 : -1;
}

/* ---- a child ---- */

static int finished(void *context, const sbx_journal_event *event)
{
	if (event->kind == SBX_JOURNAL_FINISHED)
		log_line(*(const int *)context, "finished", event->call);
	return 0;
}

/* What is durable before this child does anything. */
static void log_finished(const Sweep *sweep, int log)
{
	sbx_journal *journal;
	if (sbx_journal_open_existing(sweep->journal, 0, &journal) == SBX_DONE &&
		sbx_journal_events(journal, "r", finished, &log) == SBX_E_DAMAGED) {
		fprintf(stderr, "%s\n", sbx_journal_problem(journal));
		_exit(FAILED_TO_OPEN);
	}
	sbx_journal_close(journal);
}

static void write_result(const Sweep *sweep, const char *kind, const char *text)
{
	FILE *file = fopen(sweep->result, "w");
	if (!file)
		_exit(FAILED_TO_OPEN);
	fprintf(file, "%s %s\n", kind, text ? text : "?");
	if (fclose(file))
		_exit(FAILED_TO_OPEN);
}

/* ---- commits on a thread ---- */

typedef struct Committer {
	sbx_journal *journal;
	pthread_t thread;
	int wanted, done; /* eventfds */
} Committer;

static void *write_commits(void *context)
{
	Committer *c = context;
	uint64_t count;
	while (read(c->wanted, &count, sizeof count) == (ssize_t)sizeof count && count < 1000) {
		sbx_status status = sbx_journal_write(c->journal); /* the dispatcher is told the same */
		if (eventfd_write(c->done, 1) || status)
			break;
	}
	return NULL;
}

static void want_commit(void *context)
{
	if (eventfd_write(((const Committer *)context)->wanted, 1))
		_exit(FAILED_TO_OPEN);
}

static void committer_open(Committer *c, sbx_journal *journal)
{
	*c = (Committer){.journal = journal, .wanted = eventfd(0, 0), .done = eventfd(0, EFD_NONBLOCK)};
	if (c->wanted < 0 || c->done < 0 || pthread_create(&c->thread, NULL, write_commits, c))
		_exit(FAILED_TO_OPEN);
	sbx_journal_hand_over(journal, want_commit, c);
}

static void committer_close(Committer *c)
{
	if (eventfd_write(c->wanted, 1000) || pthread_join(c->thread, NULL))
		_exit(FAILED_TO_OPEN);
	close(c->wanted);
	close(c->done);
}

static void wait_for(const Committer *c, int ms)
{
	struct pollfd one = {.fd = c ? c->done : -1, .events = POLLIN};
	eventfd_t count;
	if (poll(&one, 1, ms) > 0)
		(void)eventfd_read(c->done, &count);
}

static sbx_status drive(sbx_journal *journal, const Committer *committer, Backend *backend,
						sbx_run *run)
{
	sbx_recorder recorder;
	sbx_journal_recorder(journal, &recorder);
	sbx_dispatcher_options options = {
		.size = sizeof options, .recorder = &recorder, .backoff_first_ms = 1, .backoff_max_ms = 1};
	sbx_backend table = {.size = sizeof table,
						 .context = backend,
						 .start = start,
						 .poll = answer_some,
						 .cancel = cancel,
						 .timeout = timeout};
	sbx_dispatcher *dispatcher;
	sbx_status status = sbx_dispatcher_open(&options, &dispatcher);
	if (!status)
		status = sbx_dispatcher_route(dispatcher, NULL, &table);
	if (!status)
		status = sbx_dispatcher_add(dispatcher, run);
	while (!status && (status = sbx_dispatcher_poll(dispatcher)) == SBX_WAITING) {
		wait_for(committer, sbx_dispatcher_timeout(dispatcher));
		status = SBX_DONE;
	}
	sbx_dispatcher_close(dispatcher);
	return status;
}

/* The run, to its end: 0. */
static int run_child(const Sweep *sweep, bool resumes)
{
	sbx_journal *journal;
	sbx_heap *heap;
	sbx_value inputs[32], result, error;
	sbx_run *run = NULL;
	Committer committer;
	bool on_thread = getenv("COMMIT_THREAD") != NULL;
	Backend *backend = calloc(1, sizeof *backend);
	size_t count = sbx_entry_input_count(sweep->entry);
	if (!backend || count > 32 || sbx_heap_open(0, &heap))
		return FAILED_TO_OPEN;
	backend->log = open(sweep->log, O_WRONLY | O_APPEND | O_CREAT, 0600);
	for (size_t i = 0; i < count; i++)
		inputs[i] = sbx_entry_input_required(sweep->entry, i)
						? made(heap, sbx_entry_input_type(sweep->entry, i), 3 + i)
						: (sbx_value){0};
	if (resumes)
		log_finished(sweep, backend->log);
	sbx_status status = sbx_journal_open(sweep->journal, &journal);
	if (!status && on_thread)
		committer_open(&committer, journal);
	if (!status)
		status = sbx_journal_begin(journal, "r", sweep->entry, inputs, count);
	if (status == SBX_RUNNING)
		status = sbx_run_open(sweep->entry, inputs, count, NULL, &run);
	if (!status && run)
		status = sbx_journal_attach(journal, "r", run);
	if (!status && run)
		status = drive(journal, on_thread ? &committer : NULL, backend, run);
	if (status < 0) {
		fprintf(stderr, "%s\n", sbx_journal_problem(journal));
		return FAILED_TO_OPEN;
	}
	status = sbx_journal_result(journal, "r", heap, &result, &error);
	if (status == SBX_DONE)
		write_result(sweep, "result", sbx_peek_str(heap, sbx_repr(heap, result), NULL));
	else if (status == SBX_E_RAISED)
		write_result(sweep, "error", sbx_peek_str(heap, error, NULL));
	else
		write_result(sweep, "status", run ? sbx_run_error_text(run) : "?");
	sbx_run_free(run);
	if (on_thread)
		committer_close(&committer);
	sbx_journal_close(journal);
	sbx_heap_close(heap);
	close(backend->log);
	free(backend);
	return 0;
}

/* How a child has ended, as wait() tells it. at 0: it is not killed. */
static int fork_child(const Sweep *sweep, bool resumes, long at, bool torn)
{
	char number[32];
	int status = 0;
	pid_t pid = fork();
	if (pid == 0) {
		snprintf(number, sizeof number, "%ld", at);
		if (at) {
			setenv("KILL_AT", number, 1);
			if (torn)
				setenv("KILL_TORN", "1", 1);
		} else if (!resumes) {
			setenv("COUNT_TO", sweep->count, 1);
		}
		alarm(20);
		exit(run_child(sweep, resumes));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}

/* ---- what was seen ---- */

/* Not by unlink(), which kill_at.c counts, in this process too. */
static void forget(const Sweep *sweep)
{
	static const char *const tails[] = {"", "-wal", "-shm", "-runs"};
	char path[4200];
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		snprintf(path, sizeof path, "%s%s", sweep->journal, tails[i]);
		(void)unlinkat(AT_FDCWD, path, 0);
	}
	(void)unlinkat(AT_FDCWD, sweep->log, 0);
	(void)unlinkat(AT_FDCWD, sweep->result, 0);
	(void)unlinkat(AT_FDCWD, sweep->count, 0);
}

static char *read_file(const char *path)
{
	struct stat about;
	FILE *file = fopen(path, "r");
	char *text = NULL;
	if (!file)
		return strdup("");
	if (fstat(fileno(file), &about) == 0 && (text = calloc(1, (size_t)about.st_size + 1)) != NULL &&
		fread(text, 1, (size_t)about.st_size, file) != (size_t)about.st_size)
		text[0] = '\0';
	fclose(file);
	return text;
}

/* NULL: the log is as it must be. A retried call is logged with its first attempt only. */
static const char *check_log(const char *text)
{
	static char starts[MOST_CALLS * 4], finished_before[MOST_CALLS * 4];
	memset(starts, 0, sizeof starts);
	memset(finished_before, 0, sizeof finished_before);
	for (const char *line = text; *line;) {
		char word[16];
		unsigned long long call;
		if (sscanf(line, "%15s %llu", word, &call) != 2 || call >= sizeof starts)
			return "a line of the log is damaged";
		if (strcmp(word, "finished") == 0)
			finished_before[call] = 1;
		else if (finished_before[call])
			return "a finished call ran again";
		else if (++starts[call] > 2)
			return "a call ran more than twice";
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	for (size_t i = 0; i < sizeof starts; i++)
		if (finished_before[i] && !starts[i])
			return "a call has finished that nobody started";
	return NULL;
}

static void check(Sweep *sweep, bool good, const char *what, long at, bool torn, const char *more)
{
	if (good) {
		sweep->passed++;
		return;
	}
	sweep->failed++;
	printf("FAIL %s killed at %ld%s: %s\n%s\n", sbx_entry_full_name(sweep->entry), at,
		   torn ? ", torn" : "", what, more);
}

static void kill_once(Sweep *sweep, const char *reference, long at, bool torn)
{
	forget(sweep);
	int killed = fork_child(sweep, false, at, torn);
	bool was_killed = WIFSIGNALED(killed) && WTERMSIG(killed) == SIGKILL;
	/* what is told in one commit depends on the time that an attempt rests: it may have ended before */
	check(sweep, was_killed || killed == 0, "it ended in another way", at, torn, "");
	sweep->kills += was_killed;
	int resumed = fork_child(sweep, true, 0, false);
	char *result = read_file(sweep->result), *log = read_file(sweep->log);
	const char *wrong = check_log(log);
	check(sweep, resumed == 0 && strcmp(result, reference) == 0, "another result", at, torn,
		  result);
	check(sweep, !wrong, wrong ? wrong : "", at, torn, log);
	free(result);
	free(log);
}

static void sweep_entry(Sweep *sweep, long every)
{
	forget(sweep);
	int ended = fork_child(sweep, false, 0, false);
	char *reference = read_file(sweep->result), *count = read_file(sweep->count);
	long writes = strtol(count, NULL, 10);
	if (WIFEXITED(ended) && WEXITSTATUS(ended) == TOO_LONG) {
		sweep->skipped++;
	} else if (ended || !*reference || writes < 5) {
		check(sweep, false, "it does not run to its end", 0, false, reference);
	} else {
		for (long at = 1 + (long)(sweep->passed % every); at <= writes; at += every)
			kill_once(sweep, reference, at, false);
		for (long at = 1 + (long)(sweep->passed % every); at <= writes; at += every)
			kill_once(sweep, reference, at, true);
	}
	forget(sweep);
	free(reference);
	free(count);
}

/* SQLite is loaded once, not in each child. */
static void warm_up(const char *folder)
{
	char path[4096];
	sbx_journal *journal;
	snprintf(path, sizeof path, "%s/warm.db", folder);
	if (sbx_journal_open(path, &journal))
		fprintf(stderr, "%s\n", sbx_journal_problem(journal));
	sbx_journal_close(journal);
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	void *program = dlopen(argv[1], RTLD_NOW);
	const sbx_entry *const *entries = program ? dlsym(program, argv[2]) : NULL;
	long every = strtol(argv[4], NULL, 10);
	Sweep sweep = {.folder = argv[3]};
	if (!entries || every < 1) {
		fprintf(stderr, "%s\n", program ? argv[2] : dlerror());
		return 2;
	}
	snprintf(sweep.journal, sizeof sweep.journal, "%s/swept.db", argv[3]);
	snprintf(sweep.log, sizeof sweep.log, "%s/log", argv[3]);
	snprintf(sweep.result, sizeof sweep.result, "%s/result", argv[3]);
	snprintf(sweep.count, sizeof sweep.count, "%s/count", argv[3]);
	if (!getenv("KILL_FILE"))
		setenv("KILL_FILE", "swept.db", 1);
	const char *one = getenv("HOST_RUN");
	for (; one && *entries; entries++)
		if (strcmp(sbx_entry_full_name(*entries), one) == 0) {
			sweep.entry = *entries;
			return run_child(&sweep, true);
		}
	warm_up(argv[3]);
	for (; *entries; entries++) {
		sweep.entry = *entries;
		sweep_entry(&sweep, every);
	}
	printf("%ld passed, %ld failed, %ld skipped, %ld kills\n", sweep.passed, sweep.failed,
		   sweep.skipped, sweep.kills);
	return sweep.failed ? 1 : 0;
}
