/*
 * One worker process, and the watch over all of one Local.
 *
 * It is started by fork and exec, never by a shell. Between the two only what POSIX allows there
 * happens. The child gets /dev/null as its input, one pipe as output and error, the message socket
 * as descriptor 3, nothing else, and a session of its own, so that it can be killed with all its
 * children. It asks the kernel to be killed when the thread that started it ends; it also ends by
 * itself when the socket closes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "local.h"
#include "worker_text.h"

enum { MESSAGE_FD = 3, PIPE_SIZE = 256 * 1024, END_GRACE_MS = 200 };
enum Channel { CHANNEL_SOCKET, CHANNEL_OUTPUT, CHANNEL_PROCESS };

int64_t local_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- starting ---- */

/* The first thing that Python runs: takes the rest of the worker from the socket. */
static const char bootstrap[] = "import os\n"
								"def take(n):\n"
								"    b = b''\n"
								"    while len(b) < n:\n"
								"        c = os.read(3, n - len(b))\n"
								"        if not c: os._exit(0)\n"
								"        b += c\n"
								"    return b\n"
								"exec(compile(take(int.from_bytes(take(4), 'little')), '<sbx "
								"worker>', 'exec'), {'__name__': '<sbx worker>'})\n";

/* Runs in the child after fork: only calls that are safe there. */
static void become_worker(const char *interpreter, pid_t parent, int socket, int output)
{
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < 32; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	int null = open("/dev/null", O_RDWR);
	/* Out of the way of the numbers that are given next. */
	socket = fcntl(socket, F_DUPFD, 10);
	output = fcntl(output, F_DUPFD, 10);
	if (null < 0 || socket < 0 || output < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
		dup2(output, 2) < 0 || dup2(socket, MESSAGE_FD) < 0)
		_exit(127);
	close_range(MESSAGE_FD + 1, ~0U, 0);
	char *arguments[] = {(char *)(uintptr_t)interpreter, (char *)(uintptr_t) "-c",
						 (char *)(uintptr_t)bootstrap, NULL};
	execv(interpreter, arguments);
	_exit(127);
}

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid,
						0); /* -1 in an old kernel: the socket's end tells, too */
}

static void watch(const Worker *worker, int descriptor, enum Channel channel)
{
	struct epoll_event event = {.events = EPOLLIN};
	event.data.u64 = (uint64_t)worker->generation << 32 | worker->index << 8 | channel;
	if (descriptor >= 0)
		(void)epoll_ctl(worker->local->epoll, EPOLL_CTL_ADD, descriptor, &event);
}

static void write_first_messages(Worker *worker)
{
	size_t length = sbx__worker_text_length;
	byte_queue_u32(&worker->out, (uint32_t)length);
	byte_queue_add(&worker->out, sbx__worker_text, length);
	local_write_program(&worker->out, worker->local->program, worker->local->source_folder,
						worker->local->run_folder);
}

bool local_worker_start(Worker *worker, const char **reason)
{
	Local *local = worker->local;
	int sockets[2] = {-1, -1}, output[2] = {-1, -1};
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) || pipe2(output, O_CLOEXEC))
		goto failed;
	worker->generation++;
	worker->calls = 0;
	worker->ended_at = 0;
	worker->wants_write = false;
	write_first_messages(worker);
	if (worker->out.failed) {
		errno = ENOMEM;
		goto failed;
	}
	pid_t parent = getpid(), pid = fork();
	if (pid < 0)
		goto failed;
	if (pid == 0)
		become_worker(local->interpreter, parent, sockets[1], output[1]);
	close(sockets[1]);
	close(output[1]);
	worker->pid = pid;
	worker->socket = sockets[0];
	worker->output = output[0];
	worker->pidfd = pidfd_of(pid);
	fcntl(worker->socket, F_SETFL, O_NONBLOCK);
	fcntl(worker->output, F_SETFL, O_NONBLOCK);
	fcntl(worker->output, F_SETPIPE_SZ, PIPE_SIZE);
	watch(worker, worker->socket, CHANNEL_SOCKET);
	watch(worker, worker->output, CHANNEL_OUTPUT);
	watch(worker, worker->pidfd, CHANNEL_PROCESS);
	return true;
failed:
	*reason = strerror(errno);
	for (int i = 0; i < 2; i++) {
		if (sockets[i] >= 0)
			close(sockets[i]);
		if (output[i] >= 0)
			close(output[i]);
	}
	byte_queue_clear(&worker->out);
	return false;
}

/* ---- its socket ---- */

/* Lets epoll tell when the socket takes more, or no longer. */
static void want_write(Worker *worker, bool wanted)
{
	if (worker->wants_write == wanted)
		return;
	struct epoll_event event = {.events = EPOLLIN | (wanted ? (uint32_t)EPOLLOUT : 0)};
	event.data.u64 = (uint64_t)worker->generation << 32 | worker->index << 8 | CHANNEL_SOCKET;
	(void)epoll_ctl(worker->local->epoll, EPOLL_CTL_MOD, worker->socket, &event);
	worker->wants_write = wanted;
}

bool local_worker_flush(Worker *worker)
{
	while (byte_queue_length(&worker->out) > 0) {
		ssize_t n = send(worker->socket, byte_queue_front(&worker->out),
						 byte_queue_length(&worker->out), MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			return false;
		if (n < 0)
			break;
		byte_queue_skip(&worker->out, (size_t)n);
	}
	want_write(worker, byte_queue_length(&worker->out) > 0);
	return true;
}

/* Reads what has come into `in`. False: the end of the stream. */
static bool read_some(Worker *worker)
{
	for (;;) {
		unsigned char *room = byte_queue_reserve(&worker->in, 64 * 1024);
		if (!room)
			return false;
		ssize_t n = recv(worker->socket, room, 64 * 1024, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0)
			return false;
		worker->in.end += (size_t)n;
		if (n < 64 * 1024)
			return true;
	}
}

/* ---- its end ---- */

/* Has the process ended? Then *text says how ("was ended by signal 9 (Killed)"), and it is reaped. */
static bool reap(Worker *worker, char *text, size_t size)
{
	int status;
	siginfo_t info = {0};
	if (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		info.si_pid == 0)
		return false;
	if (worker->attempt)
		kill(-worker->pid, SIGKILL); /* what the task started; its number is still taken */
	pid_t pid = waitpid(worker->pid, &status, WNOHANG);
	bool known = pid == worker->pid; /* not if the host ignores SIGCHLD */
	worker->pid = 0;
	if (!known) {
		snprintf(text, size, "ended");
		return true;
	}
	if (WIFSIGNALED(status))
		snprintf(text, size, "was ended by signal %d (%s)", WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
	else
		snprintf(text, size, "ended with exit code %d", WEXITSTATUS(status));
	return true;
}

/* False: it has not ended. */
static bool wait_for(pid_t pid, bool waits)
{
	pid_t reaped;
	do
		reaped = waitpid(pid, NULL, waits ? 0 : WNOHANG);
	while (reaped < 0 && errno == EINTR);
	return reaped != 0;
}

void local_workers_reap(Local *local, bool waits)
{
	size_t left = 0;
	for (size_t i = 0; i < local->ending_count; i++)
		if (!wait_for(local->ending[i], waits))
			local->ending[left++] = local->ending[i];
	local->ending_count = left;
}

static bool keep_ending(Local *local, pid_t pid)
{
	if (local->ending_count == local->ending_room) {
		size_t room = local->ending_room ? local->ending_room * 2 : 8;
		pid_t *more = realloc(local->ending, room * sizeof *more);
		if (!more)
			return false;
		local->ending = more;
		local->ending_room = room;
	}
	local->ending[local->ending_count++] = pid;
	return true;
}

void local_worker_kill(Worker *worker)
{
	if (worker->pid > 0) {
		kill(-worker->pid, SIGKILL);
		kill(worker->pid, SIGKILL); /* it may not have its own session yet */
		if (!wait_for(worker->pid, false) && !keep_ending(worker->local, worker->pid))
			(void)wait_for(worker->pid, true);
		worker->pid = 0;
	}
	local_worker_clear(worker);
}

void local_worker_await(Worker *worker, int64_t until)
{
	char how[256];
	while (worker->pid > 0 && !reap(worker, how, sizeof how) && local_now() < until) {
		local_output_read(worker, false);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	local_output_read(worker, true);
	local_worker_kill(worker);
}

static void close_one(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void local_worker_clear(Worker *worker)
{
	close_one(&worker->socket);
	close_one(&worker->output);
	close_one(&worker->pidfd);
	byte_queue_free(&worker->in);
	byte_queue_free(&worker->out);
	byte_queue_free(&worker->line);
	worker->attempt = NULL;
	worker->ended_at = 0;
}

/* ---- watching ---- */

/* The socket has closed: waits, without blocking, until it is known how the process ended. */
static void look_for_end(Worker *worker)
{
	const WorkerOwner *owner = worker->local->owner;
	char how[256];
	if (worker->pid == 0)
		return;
	if (reap(worker, how, sizeof how))
		owner->lose(worker, how);
	else if (worker->ended_at && local_now() - worker->ended_at >= END_GRACE_MS)
		owner->lose(worker, "closed its message channel and was stopped");
}

static void read_socket(Worker *worker)
{
	const WorkerOwner *owner = worker->local->owner;
	uint32_t generation = worker->generation;
	bool open = read_some(worker);
	if (worker->in.failed) {
		owner->lose(worker, "sent more than there is memory for");
		return;
	}
	while (owner->take(worker))
		;
	if (open || worker->generation != generation || worker->pid == 0 || worker->ended_at)
		return;
	worker->ended_at = local_now();
	(void)epoll_ctl(worker->local->epoll, EPOLL_CTL_DEL, worker->socket, NULL);
	look_for_end(worker);
}

static void handle_event(Local *local, const struct epoll_event *event)
{
	Worker *worker = &local->workers[event->data.u64 >> 8 & 0xffffff];
	if (worker->generation != event->data.u64 >> 32 || worker->pid == 0)
		return; /* of a process that is gone */
	switch ((enum Channel)(event->data.u64 & 0xff)) {
	case CHANNEL_OUTPUT:
		local_output_read(worker, false);
		if (event->events & EPOLLHUP && !(event->events & EPOLLIN))
			(void)epoll_ctl(local->epoll, EPOLL_CTL_DEL, worker->output, NULL);
		return;
	case CHANNEL_SOCKET:
		if (event->events & EPOLLOUT && !local_worker_flush(worker) && !worker->ended_at)
			worker->ended_at = local_now();
		if (event->events & ~(uint32_t)EPOLLOUT)
			read_socket(worker);
		return;
	case CHANNEL_PROCESS:
		/* Its last message may still be in the socket. */
		if (!worker->ended_at)
			read_socket(worker);
		if (worker->generation == event->data.u64 >> 32)
			look_for_end(worker);
	}
}

void local_workers_poll(Local *local)
{
	struct epoll_event events[32];
	local_workers_reap(local, false);
	int count = epoll_wait(local->epoll, events, 32, 0);
	for (int i = 0; i < count; i++)
		handle_event(local, &events[i]);
	for (unsigned i = 0; i < local->worker_count; i++)
		if (local->workers[i].ended_at)
			look_for_end(&local->workers[i]);
}
