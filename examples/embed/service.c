/*
 * A service that runs orchestrations for the clients of a Unix socket: see README.md.
 *
 * One thread, one epoll. Each turn of the loop reads requests, lets the dispatcher do what can be done, makes one commit for
 * all of it, and only then answers: what a client was told is on disk.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "service.h"

enum { EVENTS = 64, DESCRIPTORS = 64, MOST_MS = 1000 };

typedef struct Options {
	const char *socket_path, *journal_path, *work_log;
	uint32_t task_ms, concurrency;
	bool local;
} Options;

static const char USAGE[] =
	"usage: service --socket PATH --journal FILE [options]\n"
	"Runs the orchestrators of shop.py for clients that send lines of JSON: see README.md.\n"
	"  --task-ms N       how long each task takes (default 20)\n"
	"  --concurrency N   task calls under way at once (default: no limit)\n"
	"  --work-log FILE   a line for each task call that was carried out: RUN CALL TASK\n"
	"  --local           the tasks run in local Python processes instead of in C\n"
	"SIGTERM and SIGINT stop it: what is unfinished goes on at the next start.\n";

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "service: error: %s: %s\n", what, why);
	return 4;
}

static bool read_options(int argc, char **argv, Options *options)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i];
		if (strcmp(name, "--local") == 0) {
			options->local = true;
			continue;
		}
		if (++i == argc)
			return false;
		if (strcmp(name, "--socket") == 0)
			options->socket_path = argv[i];
		else if (strcmp(name, "--journal") == 0)
			options->journal_path = argv[i];
		else if (strcmp(name, "--work-log") == 0)
			options->work_log = argv[i];
		else if (strcmp(name, "--task-ms") == 0)
			options->task_ms = (uint32_t)strtoul(argv[i], NULL, 10);
		else if (strcmp(name, "--concurrency") == 0)
			options->concurrency = (uint32_t)strtoul(argv[i], NULL, 10);
		else
			return false;
	}
	return options->socket_path && options->journal_path;
}

/* ---- opening ---- */

static bool watch(Service *service, int descriptor, void *what)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
	return epoll_ctl(service->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

/* Does another service listen there? One that was killed has left its socket behind. */
static bool is_taken(const struct sockaddr_un *address)
{
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool taken = s >= 0 && connect(s, (const struct sockaddr *)address, sizeof *address) == 0;
	if (s >= 0)
		close(s);
	return taken;
}

static int open_socket(Service *service)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat status;
	if (strlen(service->socket_path) >= sizeof address.sun_path)
		return fail(service->socket_path, "the path is too long for a socket");
	memcpy(address.sun_path, service->socket_path, strlen(service->socket_path) + 1);
	if (is_taken(&address))
		return fail(service->socket_path, "another service listens there");
	if (lstat(service->socket_path, &status) == 0 && S_ISSOCK(status.st_mode))
		(void)unlink(service->socket_path); /* another file is none of ours: bind tells */
	service->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (service->listener < 0 ||
		bind(service->listener, (struct sockaddr *)&address, sizeof address) ||
		listen(service->listener, SOMAXCONN) ||
		!watch(service, service->listener, &service->listener))
		return fail(service->socket_path, strerror(errno));
	service->is_bound = true;
	return 0;
}

static int open_signals(Service *service)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	service->epoll = epoll_create1(EPOLL_CLOEXEC);
	service->signals = -1;
	if (service->epoll >= 0 && sigprocmask(SIG_BLOCK, &set, NULL) == 0)
		service->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (service->signals < 0 || !watch(service, service->signals, &service->signals))
		return fail("signals", strerror(errno));
	return 0;
}

static int open_dispatcher(Service *service, const Options *options)
{
	sbx_recorder recorder;
	sbx_dispatcher_options dispatcher = {.size = sizeof dispatcher,
										 .recorder = &recorder,
										 .max_concurrency = options->concurrency,
										 .context = service,
										 .ended = runs_ended};
	sbx_local_options local = {.size = sizeof local, .entry = sbx_entries_shop[0]};
	sbx_backend backend;
	sbx_status status = sbx_journal_open(service->journal_path, &service->journal);
	if (status)
		return fail(service->journal_path, sbx_journal_problem(service->journal));
	sbx_journal_recorder(service->journal, &recorder);
	status = sbx_dispatcher_open(&dispatcher, &service->dispatcher);
	if (!status)
		status = options->local
					 ? sbx_local_open(&local, &backend)
					 : tasks_open(service, options->task_ms, options->work_log, &backend);
	if (!status)
		status = sbx_dispatcher_route(service->dispatcher, NULL, &backend);
	if (!status)
		status = runs_resume(service);
	if (status)
		return fail(service->journal_path, *sbx_journal_problem(service->journal)
											   ? sbx_journal_problem(service->journal)
											   : sbx_status_text(status));
	return 0;
}

/* ---- the loop ---- */

/*
 * The descriptors of backends come and go in a poll of the dispatcher, and a new one may have the number of one that was closed.
 * So none is watched meanwhile, and all that there are then are watched after it.
 */
static void unwatch_backends(Service *service, const int *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		(void)epoll_ctl(service->epoll, EPOLL_CTL_DEL, known[i], NULL);
}

static size_t watch_backends(Service *service, int known[DESCRIPTORS])
{
	size_t count = sbx_dispatcher_descriptors(service->dispatcher, known, DESCRIPTORS);
	for (size_t i = 0; i < count; i++)
		(void)watch(service, known[i], &service->dispatcher);
	return count;
}

static void handle_event(Service *service, const struct epoll_event *event)
{
	if (event->data.ptr == &service->signals)
		service->stops = true;
	else if (event->data.ptr == &service->listener)
		client_accept(service);
	else if (event->data.ptr != &service->dispatcher && event->events & (EPOLLIN | EPOLLHUP))
		client_read(service, event->data.ptr);
}

static int serve(Service *service)
{
	int known[DESCRIPTORS];
	size_t known_count = 0;
	for (;;) {
		struct epoll_event events[EVENTS];
		unwatch_backends(service, known, known_count);
		sbx_status status = sbx_dispatcher_poll(service->dispatcher);
		if (status >= 0)
			status = sbx_journal_commit(service->journal);
		if (status < 0) /* nothing that waits for the commit is told to anybody */
			return fail(service->journal_path, sbx_journal_problem(service->journal));
		clients_write(service);
		if (service->stops)
			return 0;
		known_count = watch_backends(service, known);
		int ms = sbx_dispatcher_timeout(service->dispatcher);
		int count =
			epoll_wait(service->epoll, events, EVENTS, ms < 0 || ms > MOST_MS ? MOST_MS : ms);
		for (int i = 0; i < count; i++)
			handle_event(service, &events[i]);
	}
}

int main(int argc, char **argv)
{
	Options options = {.task_ms = 20};
	Service *service = calloc(1, sizeof *service);
	int code;
	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(USAGE, stdout);
		free(service);
		return 0;
	}
	if (!service || !read_options(argc, argv, &options)) {
		fputs(USAGE, stderr);
		free(service);
		return 2;
	}
	service->socket_path = options.socket_path;
	service->journal_path = options.journal_path;
	service->listener = -1;
	/* Each run is small: a hundred thousand of them fit a few hundred megabytes. */
	service->limits = (sbx_run_options){
		.size = sizeof service->limits, .max_memory = 4 << 20, .timeout_ms = 10000};
	code = open_signals(service);
	if (!code)
		code = open_socket(service);
	if (!code)
		code = open_dispatcher(service, &options);
	if (!code) {
		fprintf(stderr, "service: %llu runs go on, listening at %s\n",
				(unsigned long long)service->job_count, service->socket_path);
		code = serve(service);
	}
	if (service->is_bound)
		(void)unlink(service->socket_path);
	clients_close(service);
	runs_close(service);
	sbx_dispatcher_close(service->dispatcher);
	sbx_journal_close(service->journal);
	free(service);
	return code;
}
