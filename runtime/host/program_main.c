/*
 * A generated program: reads its command line, runs one entry with its tasks in local workers,
 * prints the result.
 *
 * Standard output gets the result and nothing else; all words go to standard error, what tasks
 * print to the log. The driver is the loop that sbx.h describes: the dispatcher does what can be
 * done, then poll() waits for the workers' descriptors and for Ctrl-C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "local.h"
#include "program_session.h"

/* ---- words ---- */

static int show_help(const ProgramOptions *options, const sbx_gen_program *program)
{
	printf("Usage: %s [OPTIONS] ENTRY [--NAME VALUE]...\n"
		   "\n"
		   "Runs an orchestrator of %s and prints its result as one line of JSON.\n"
		   "\n"
		   "Entries:\n",
		   options->name, program->source_count ? program->sources[0].path : program->module);
	for (uint32_t i = 0; i < program->entry_count; i++) {
		char *signature = program_signature(program->entries[i]);
		printf("  %s\n", signature ? signature : sbx_entry_name(program->entries[i]));
		free(signature);
	}
	printf(
		"\n"
		"Options:\n"
		"  --input-json FILE   all inputs as one JSON object ('-': standard input)\n"
		"  --max-memory BYTES  memory limit of the orchestrator\n"
		"  --max-depth N       limit of its call depth\n"
		"  --timeout-ms N      limit of its own execution time, without waiting for tasks\n"
		"  --backend local     where tasks run: in local Python processes (local, the default), or "
		"each call in a\n"
		"                      container of its environment's image (docker)\n"
		"  --base-image NAME   in place of the public Python image that images are built on\n"
		"  --runtime NAME      another OCI runtime for containers, such as runsc\n"
		"  --log FILE          what runs where, and what tasks print ('-', the default: "
		"standard error)\n"
		"  --journal FILE      durable: keeps what has finished in FILE, with --run-id\n"
		"  --run-id ID         the same call with the same ID goes on where it was\n"
		"  --cache FILE        results of tasks that are declared with cache=\n"
		"  --resume [ID]...    with --journal: takes up these runs, or all that were left\n"
		"  --replay FILE...    plays the runs of journals against this program, without tasks\n"
		"  --cancel ID         with --journal: ends a run for good, and deletes its jobs in other "
		"systems\n"
		"  --leave-jobs        with --cancel: leaves them\n"
		"  --format text|json  of what --resume and --replay print\n"
		"  --connector T=FILE  tasks with task_type=\"T\" are jobs of the service that FILE "
		"(JSON)\n"
		"                      describes\n"
		"  --build-images      builds the images of all sandboxes and tasks and prints their "
		"names\n"
		"  --push              with --build-images: pushes them to their registries\n"
		"  --list              the entries with their inputs and outputs\n"
		"  --version           the version of sbxc that made this program\n"
		"  --help              this text\n"
		"\n"
		"Inputs by type: int, float, str as they stand; bool true or false; datetime ISO 8601; "
		"timedelta as\n"
		"seconds, 1h30m or '1 day, 0:00:00'; File and Dir a path; everything else JSON.\n"
		"\n"
		"Exit codes: 0 done, 1 the run failed, 2 usage, 3 a limit was reached, 4 something "
		"needed is missing,\n"
		"130 interrupted.\n");
	return EXIT_OK;
}

static int show_list(const sbx_gen_program *program)
{
	for (uint32_t i = 0; i < program->entry_count; i++) {
		char *signature = program_signature(program->entries[i]);
		puts(signature ? signature : sbx_entry_name(program->entries[i]));
		free(signature);
	}
	return EXIT_OK;
}

/* A closed standard stream would be the number of the next file that is opened. In its place stands one that fails as a
   closed one does: it cannot be written, or not be read. */
static void hold_standard_streams(void)
{
	for (int i = 0; i < 3; i++)
		if (fcntl(i, F_GETFD) < 0 && open("/dev/null", i == 0 ? O_WRONLY : O_RDONLY) != i)
			return;
}

/* What went wrong with standard output: errno, or, where an earlier write has failed, what the next one says. */
static int output_errno(bool flushed)
{
	int why = errno;
	if (flushed)
		why = write(STDOUT_FILENO, "\n", 1) < 0 ? errno : EIO;
	return why;
}

int session_finish_output(const ProgramOptions *options, int exit_code)
{
	bool flushed = fflush(stdout) == 0;
	if (flushed && !ferror(stdout))
		return exit_code;
	program_error(options, "cannot write to standard output: %s", strerror(output_errno(flushed)));
	return exit_code ? exit_code : EXIT_RUN_FAILED;
}

static const sbx_entry *choose_entry(const ProgramOptions *options, const sbx_gen_program *program)
{
	unsigned count;
	const sbx_entry *entry = program_find_entry(program, options->entry, &count);
	if (count == 1)
		return entry;
	if (count > 1)
		program_error(options, "'%s' is the name of %u entries", options->entry, count);
	else
		program_error(options, "no entry '%s'", options->entry);
	fprintf(stderr, "entries:");
	for (uint32_t i = 0; i < program->entry_count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", program_entry_name(program->entries[i]));
	putc('\n', stderr);
	return NULL;
}

/* ---- what the orchestrator prints ---- */

static void log_printed(Session *session, bool all)
{
	ByteQueue *text = &session->printed;
	size_t length;
	while ((length = byte_queue_length(text)) > 0) {
		const char *line = (const char *)byte_queue_front(text), *end = memchr(line, '\n', length);
		if (!end && !all)
			return;
		size_t used = end ? (size_t)(end - line) : length;
		sbx_log_line(session->log, sbx_entry_name(session->entry), line, used);
		byte_queue_skip(text, used + (end != NULL));
	}
}

static void print_line(void *context, const char *utf8, size_t length)
{
	Session *session = context;
	byte_queue_add(&session->printed, utf8, length);
	log_printed(session, false);
}

static int is_interrupted(void *context)
{
	return interrupt_came(((Session *)context)->interrupt);
}

/* ---- the run ---- */

/* Waits until a backend has something to do. */
void session_wait(Session *session, int most_ms)
{
	int descriptors[31];
	struct pollfd wait[32];
	size_t count = sbx_dispatcher_descriptors(session->dispatcher, descriptors, 31);
	for (size_t i = 0; i < count; i++)
		wait[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
	wait[count] = (struct pollfd){.fd = session->interrupt, .events = POLLIN};
	int ms = sbx_dispatcher_timeout(session->dispatcher);
	if (ms < 0 || (most_ms >= 0 && most_ms < ms))
		ms = most_ms;
	(void)poll(wait, (nfds_t)count + 1, ms);
}

static sbx_status drive(Session *session)
{
	sbx_status status;
	while ((status = sbx_dispatcher_poll(session->dispatcher)) == SBX_WAITING) {
		if (interrupt_came(session->interrupt)) {
			status = sbx_run_cancel(session->run);
			sbx_dispatcher_remove(session->dispatcher, session->run);
			return SBX_E_CANCELLED;
		}
		session_wait(session, -1);
	}
	return status < 0 ? status : sbx_run_status(session->run);
}

static sbx_status open_run(Session *session, const sbx_value *values)
{
	const ProgramOptions *options = session->options;
	sbx_run_options run = {.size = sizeof run,
						   .max_memory = options->max_memory,
						   .max_depth = options->max_depth,
						   .timeout_ms = options->timeout_ms,
						   .print = print_line,
						   .context = session,
						   .interrupted = is_interrupted};
	return sbx_run_open(session->entry, values, sbx_entry_input_count(session->entry), &run,
						&session->run);
}

/* Waits before the run is made again. False: interrupted. */
static bool rest(Session *session, unsigned attempt)
{
	enum { FIRST_MS = 100, LONGEST_MS = 10000 };
	int ms = attempt < 8 ? FIRST_MS << (attempt - 1) : LONGEST_MS;
	struct pollfd wait = {.fd = session->interrupt, .events = POLLIN};
	(void)poll(&wait, 1, ms < LONGEST_MS ? ms : LONGEST_MS);
	return !interrupt_came(session->interrupt);
}

/* note [retries of a run]
 * An orchestrator's retries= makes the whole run again when an exception has ended it: its own, or a task's whose own
 * retries are used up. A limit of its own, a cancelled run and what is missing would only fail again.
 */
static sbx_status run_with_retries(Session *session, const sbx_value *values)
{
	for (unsigned attempt = 1;; attempt++) {
		sbx_status status = open_run(session, values);
		if (!status && session->journal)
			status = sbx_journal_attach(session->journal, session->options->run_id, session->run);
		if (!status)
			status = sbx_dispatcher_add(session->dispatcher, session->run);
		if (status >= 0)
			status = drive(session);
		log_printed(session, true);
		if (status != SBX_E_RAISED || attempt > session->entry->retries)
			return status;
		char text[512];
		int length = snprintf(text, sizeof text, "failed, attempt %u of %u: %s", attempt,
							  session->entry->retries + 1, sbx_run_error_text(session->run));
		size_t used = length < (int)sizeof text ? (size_t)length : sizeof text - 1;
		sbx_log_line(session->log, sbx_entry_name(session->entry), text, used);
		if (!rest(session, attempt))
			return status;
		sbx_dispatcher_remove(session->dispatcher, session->run);
		sbx_run_free(session->run);
		session->run = NULL;
		if (session->journal) {
			status = sbx_journal_next_attempt(session->journal, session->options->run_id);
			if (status)
				return status;
		}
	}
}

static int exit_of(const Session *session, sbx_status status)
{
	switch (status) {
	case SBX_E_MEMORY:
	case SBX_E_DEPTH:
	case SBX_E_DEADLINE:
	case SBX_E_STEPS:
		return EXIT_LIMIT;
	case SBX_E_INPUT:
		return EXIT_USAGE;
	case SBX_E_UNAVAILABLE:
		return EXIT_MISSING;
	case SBX_E_CANCELLED:
		return interrupt_came(session->interrupt) ? EXIT_INTERRUPTED : EXIT_RUN_FAILED;
	case SBX_E_ABI:
	case SBX_E_ARGUMENT:
	case SBX_E_STATE:
		return EXIT_DEFECT;
	default:
		return sbx_local_problem(&session->local) || sbx_docker_problem(&session->docker)
				   ? EXIT_MISSING
				   : EXIT_RUN_FAILED;
	}
}

/* The traceback of a failed run, its last line exactly Python's. */
static void show_failure(const Session *session, sbx_status status)
{
	const char *text = session->run ? sbx_run_traceback(session->run) : NULL;
	if (!text || !*text)
		text = session->run ? sbx_run_error_text(session->run) : NULL;
	if (!text || !*text) {
		program_error(session->options, "%s", sbx_status_text(status));
		return;
	}
	fputs(text, stderr);
	if (text[strlen(text) - 1] != '\n')
		putc('\n', stderr);
}

/*
 * Text may be longer than the value that it shows, by a small factor; but a list that is in many places stands in each of
 * them, so a small run could have a result without end.
 */
enum { TEXT_FOR_VALUE = 8, DEFAULT_MEMORY = 50 << 20 };

static int show_result(Session *session, sbx_value result)
{
	uint64_t memory =
		session->options->max_memory ? session->options->max_memory : session->entry->max_memory;
	sbx_heap *heap = NULL;
	sbx_value text;
	size_t length;
	sbx_status status = sbx_heap_open((memory ? memory : DEFAULT_MEMORY) * TEXT_FOR_VALUE, &heap);
	if (!status)
		status = sbx_json_dump(heap, result, &text);
	const char *json = status ? NULL : sbx_peek_str(heap, text, &length);
	int exit_code = EXIT_OK;
	if (json) {
		fwrite(json, 1, length, stdout);
		putchar('\n');
	} else {
		const char *why = heap ? sbx_run_error_text(heap) : "";
		fprintf(stderr, "%s\n", *why ? why : sbx_status_text(status));
		exit_code = status == SBX_E_MEMORY || !status ? EXIT_LIMIT : EXIT_RUN_FAILED;
	}
	sbx_heap_close(heap);
	return exit_code ? exit_code : session_finish_output(session->options, EXIT_OK);
}

/* Where the user's file lies if not where its path says: beside the program. NULL: no need, or not
 * there either. */
static char *folder_beside_program(const sbx_gen_program *program)
{
	char path[4096];
	if (!program->source_count || access(program->sources[0].path, F_OK) == 0)
		return NULL;
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0)
		return NULL;
	path[length] = '\0';
	char *slash = strrchr(path, '/');
	if (!slash)
		return NULL;
	*slash = '\0';
	return strdup(path);
}

/* Local workers for tasks, or nothing: in Docker one backend has both tasks and sandboxes. */
static sbx_status open_local(Session *session)
{
	char *folder = folder_beside_program(session->program);
	sbx_local_options local = {.size = sizeof local,
							   .entry = session->entry,
							   .source_folder = folder,
							   .log = session->log};
	sbx_status status = sbx_local_open(&local, &session->local);
	free(folder);
	return status;
}

static bool wants_connectors(const Session *session)
{
	bool wanted = session->options->connector_count > 0;
	for (uint32_t i = 0; i < session->program->task_count; i++) {
		const char *type = session->program->tasks[i]->task_type;
		wanted = wanted || (type && strcmp(type, "raw-container") != 0);
	}
	return wanted;
}

static sbx_status open_dispatcher(Session *session)
{
	sbx_dispatcher_options options = {
		.size = sizeof options, .event = sbx_log_event, .context = session->log};
	if (session->event) {
		options.event = session->event;
		options.ended = session->ended;
		options.context = session;
	}
	sbx_recorder recorder;
	if (session->journal) {
		sbx_journal_recorder(session->journal, &recorder);
		options.recorder = &recorder;
	}
	sbx_cache cache;
	if (session->cache) {
		sbx_cache_file_hooks(session->cache, &cache);
		options.cache = &cache;
	}
	options.max_concurrency = wants_connectors(session) ? 0 : local_default_workers();
	return sbx_dispatcher_open(&options, &session->dispatcher);
}

/* Jobs in other systems take no place of what runs here. */
static sbx_status limit_what_runs_here(const Session *session)
{
	uint32_t most = local_default_workers();
	sbx_status status = sbx_dispatcher_limit_route(session->dispatcher, NULL, most);
	return status ? status : sbx_dispatcher_limit_route(session->dispatcher, "raw-container", most);
}

/* Opening Docker costs nothing before the first call. */
static sbx_status open_backends(Session *session)
{
	bool in_docker = session->options->in_docker;
	sbx_docker_options docker = {.size = sizeof docker,
								 .base_image = session->options->base_image,
								 .runtime = session->options->runtime,
								 .log = session->log,
								 .entry = in_docker ? session->entry : NULL};
	sbx_status status = open_dispatcher(session);
	if (!status && !in_docker)
		status = open_local(session);
	if (!status && !in_docker)
		status = sbx_dispatcher_route(session->dispatcher, NULL, &session->local);
	if (!status)
		status = sbx_docker_open(&docker, &session->docker);
	if (!status)
		status = sbx_docker_route(session->dispatcher, &session->docker);
	return status;
}

sbx_status session_make_connectors(Session *session, sbx_connectors **connectors)
{
	const ProgramOptions *options = session->options;
	enum { MOST_JOBS = 64 };
	char *folder = folder_beside_program(session->program);
	sbx_connectors_options settings = {.size = sizeof settings,
									   .entry = session->entry,
									   .source_folder = folder,
									   .log = session->log,
									   .max_jobs = MOST_JOBS,
									   .journal = session->journal};
	sbx_status status = sbx_connectors_open(&settings, connectors);
	free(folder);
	for (unsigned i = 0; !status && i < options->connector_count; i++) {
		const char *sign = strchr(options->connectors[i], '=');
		char *type = strndup(options->connectors[i], (size_t)(sign - options->connectors[i]));
		status = type ? sbx_connectors_load(*connectors, type, sign + 1) : SBX_E_NO_MEMORY;
		free(type);
		if (status)
			program_error(options, "--connector: %s", sbx_connectors_problem(*connectors));
	}
	if (!status)
		return SBX_DONE;
	sbx_connectors_close(*connectors);
	*connectors = NULL;
	return status == SBX_E_STATE ? SBX_E_INPUT : status;
}

/* Connectors, if the program has tasks for them: which there are is known when one is called. */
static sbx_status open_connectors(Session *session)
{
	sbx_connectors *connectors;
	if (!wants_connectors(session))
		return SBX_DONE;
	sbx_status status = session_make_connectors(session, &connectors);
	if (!status)
		status = sbx_connectors_route(connectors, session->dispatcher);
	if (status)
		return status;
	session->connectors = connectors;
	return limit_what_runs_here(session);
}

sbx_status session_open_backends(Session *session)
{
	sbx_status status = open_backends(session);
	return status ? status : open_connectors(session);
}

int session_journal_failed(Session *session, sbx_status status)
{
	bool is_usage = status == SBX_E_INPUT || status == SBX_E_STATE || status == SBX_E_ARGUMENT;
	program_error(session->options, "%s", sbx_journal_problem(session->journal));
	return is_usage ? EXIT_USAGE : EXIT_MISSING;
}

int session_show_recorded(Session *session, const char *run_id)
{
	sbx_value result, error;
	sbx_status status =
		sbx_journal_result(session->journal, run_id, session->heap, &result, &error);
	if (status == SBX_DONE)
		return show_result(session, result);
	if (status == SBX_E_RAISED) {
		const char *text = sbx_peek_str(session->heap, error, NULL);
		fputs(text ? text : "", stderr);
		return EXIT_RUN_FAILED;
	}
	if (status == SBX_E_CANCELLED) {
		program_error(session->options, "run '%s' was cancelled", run_id);
		return EXIT_RUN_FAILED;
	}
	return session_journal_failed(session, status);
}

/* Opens the journal and the run in it. True: *exit_code is all that there is to tell. */
static bool open_journal(Session *session, sbx_value *values, int *exit_code)
{
	const ProgramOptions *options = session->options;
	sbx_status status = sbx_journal_open(options->journal, &session->journal);
	if (!status && !program_fix_paths(session->entry, session->heap, values)) {
		program_error(options, "%s", sbx_status_text(SBX_E_NO_MEMORY));
		*exit_code = EXIT_RUN_FAILED;
		return true;
	}
	if (!status)
		status = sbx_journal_begin(session->journal, options->run_id, session->entry, values,
								   sbx_entry_input_count(session->entry));
	if (status == SBX_RUNNING)
		return false;
	*exit_code = status ? session_journal_failed(session, status)
						: session_show_recorded(session, options->run_id);
	return true;
}

/* Has the journal ended the run? Then the run has no words of its own for it. */
static bool journal_is_to_blame(const Session *session, sbx_status status)
{
	const char *text = session->run ? sbx_run_error_text(session->run) : "";
	if (!session->journal || !*sbx_journal_problem(session->journal) || status == SBX_E_RAISED)
		return false;
	return !text || !*text || strcmp(text, sbx_status_text(status)) == 0;
}

int session_show_end(Session *session, sbx_status status)
{
	if (!status)
		return show_result(session, sbx_run_result(session->run));
	if (journal_is_to_blame(session, status))
		return session_journal_failed(session, status);
	int exit_code = exit_of(session, status);
	if (exit_code == EXIT_INTERRUPTED)
		fputs("KeyboardInterrupt\n", stderr);
	else if (status == SBX_E_CANCELLED)
		program_error(session->options, "the run was cancelled");
	else
		show_failure(session, status);
	return exit_code;
}

static int run_entry(Session *session, sbx_value *values)
{
	sbx_status status = sbx_heap_open(0, &session->heap);
	if (status)
		goto failed;
	int exit_code = program_read_inputs(session->options, session->entry, session->heap, values);
	if (exit_code)
		return exit_code;
	if (session->options->journal && open_journal(session, values, &exit_code))
		return exit_code;
	status = session_open_backends(session);
	if (status == SBX_E_INPUT)
		return EXIT_USAGE;
	if (!status)
		status = run_with_retries(session, values);
failed:
	return session_show_end(session, status);
}

/* False: it cannot be used, which has been told. */
static bool open_cache(Session *session)
{
	const ProgramOptions *options = session->options;
	const char *base_image = options->base_image ? options->base_image : getenv("SBX_BASE_IMAGE");
	sbx_cache_options cache = {.size = sizeof cache, .base_image = base_image, .log = session->log};
	if (sbx_cache_file_open(options->cache, &cache, &session->cache) == SBX_DONE)
		return true;
	program_error(options, "%s", sbx_cache_file_problem(session->cache));
	return false;
}

int session_open(Session *session, const ProgramOptions *options, const sbx_gen_program *program)
{
	*session = (Session){.options = options, .program = program, .interrupt = -1};
	if (sbx_log_open(options->log, &session->log)) {
		program_error(options, "cannot write the log '%s': %s", options->log, strerror(errno));
		return EXIT_USAGE;
	}
	session->interrupt = interrupt_open();
	if (!options->cache || open_cache(session))
		return EXIT_OK;
	session_close(session);
	return EXIT_MISSING;
}

void session_close(Session *session)
{
	if (session->dispatcher) {
		if (session->run)
			sbx_dispatcher_remove(session->dispatcher, session->run);
		sbx_dispatcher_close(session->dispatcher);
	}
	sbx_run_free(session->run);
	sbx_journal_close(session->journal);
	sbx_cache_file_close(session->cache);
	sbx_heap_close(session->heap);
	byte_queue_free(&session->printed);
	if (session->interrupt >= 0)
		close(session->interrupt);
	sbx_log_close(session->log);
}

static int run_program(const ProgramOptions *options, const sbx_gen_program *program)
{
	Session session;
	const sbx_entry *entry = choose_entry(options, program);
	int exit_code = entry ? session_open(&session, options, program) : EXIT_USAGE;
	if (exit_code)
		return exit_code;
	session.entry = entry;
	sbx_value *values = calloc(sbx_entry_input_count(entry) + 1, sizeof *values);
	exit_code = values ? run_entry(&session, values) : EXIT_RUN_FAILED;
	session_close(&session);
	free(values);
	return exit_code;
}

/* --build-images */
static int build_images(const ProgramOptions *options, const sbx_gen_program *program)
{
	sbx_backend docker;
	sbx_docker_options docker_options = {.size = sizeof docker_options,
										 .base_image = options->base_image};
	if (sbx_log_open(options->log, &docker_options.log)) {
		program_error(options, "cannot write the log '%s': %s", options->log, strerror(errno));
		return EXIT_USAGE;
	}
	int exit_code = EXIT_RUN_FAILED, interrupt = interrupt_open();
	if (sbx_docker_open(&docker_options, &docker) == SBX_DONE) {
		exit_code = docker_build_images(options, program, &docker, interrupt);
		docker.close(docker.context);
	}
	if (interrupt >= 0)
		close(interrupt);
	sbx_log_close(docker_options.log);
	return session_finish_output(options, exit_code);
}

int sbx_program_main(const struct sbx_gen_program *program, int argc, char **argv)
{
	ProgramOptions options;
	hold_standard_streams();
	int exit_code = program_read_options(&options, argc, argv);
	if (exit_code)
		return exit_code;
	if (program->abi != SBX_ABI) {
		program_error(&options, "%s", sbx_status_text(SBX_E_ABI));
		return EXIT_DEFECT;
	}
	switch (options.action) {
	case ACTION_HELP:
		return session_finish_output(&options, show_help(&options, program));
	case ACTION_LIST:
		return session_finish_output(&options, show_list(program));
	case ACTION_VERSION:
		printf("%s, compiled by sbxc %s\n", options.name, program->compiler);
		return session_finish_output(&options, EXIT_OK);
	case ACTION_BUILD:
		return build_images(&options, program);
	case ACTION_RESUME:
		return program_resume(&options, program);
	case ACTION_REPLAY:
		return session_finish_output(&options, program_replay(&options, program));
	case ACTION_CANCEL:
		return session_finish_output(&options, program_cancel(&options, program));
	case ACTION_RUN:
		break;
	}
	return run_program(&options, program);
}
