/*
 * The local backend: tasks in warm Python processes.
 *
 *   local_backend.c   the pool: which call goes to which worker, what happens when one ends
 *   local_worker.c    one process: started, fed, watched, ended
 *   local_protocol.c  the messages between the two, as bytes
 *   local_output.c    what a worker prints, cut into lines for the log
 *   templates/worker*.py   the other end
 *
 * Each worker has two channels: a socket for messages, and a pipe that is its standard output and
 * standard error. An epoll descriptor over all of them is the backend's descriptor. Nothing here
 * waits.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_LOCAL_H
#define SBX_LOCAL_H

#include <stdbool.h>
#include <sys/types.h>

#include "byte_queue.h"
#include "log.h"
#include "sbx_gen.h"

enum { LOCAL_MAX_WORKERS = 64, LOCAL_HEADER = 8, LOCAL_VERSION = 1 };
/* A message larger than this is nonsense: a length field that was overwritten. */
#define LOCAL_MAX_MESSAGE ((uint32_t)1 << 30)

typedef struct Local Local;
typedef struct Worker Worker;

/* What is done with a worker by whom it works for: the pool of tasks, or the connector of classes. */
typedef struct WorkerOwner {
	/* One message of `in`. False: no whole one is there, or no other is to be taken. */
	bool (*take)(Worker *worker);
	/* The process has ended or is of no use: kills what remains of it. `how` goes on from "the worker process". */
	void (*lose)(Worker *worker, const char *how);
} WorkerOwner;

struct Worker {
	Local *local;
	unsigned index;
	uint32_t generation; /* counts the processes of this place, so that an old event is told from a
							new one */
	pid_t pid;           /* 0: none */
	int pidfd, socket, output; /* -1: closed */
	bool wants_write;          /* epoll tells when the socket takes more */
	int64_t ended_at;          /* the socket has closed: since when; 0: open */
	ByteQueue in, out, line;
	sbx_attempt *attempt; /* what it works on; NULL: idle */
	bool started;         /* it has begun that call: a loss from here on is the call's own */
	uint64_t sequence;    /* of that call */
	uint64_t calls;       /* made so far by this process */
	char label[128];      /* "add#1", for the log */
	char task[256];       /* its full name, for errors: the call itself may have gone */
};

/* A call that waits for a worker. */
typedef struct Waiting {
	sbx_attempt *attempt;
	struct Waiting *next;
} Waiting;

struct Local {
	const WorkerOwner *owner;
	const sbx_gen_program *program;
	char *python; /* as asked for; the path that was found is `interpreter` */
	char *interpreter;
	char *source_folder; /* or NULL */
	char *run_folder;
	sbx_log *log;
	char *problem;
	int epoll;
	uint64_t next_sequence;
	Waiting *first, **last;
	pid_t *ending; /* killed, and not reaped yet: a large process needs time to end */
	size_t ending_count, ending_room;
	unsigned worker_count;
	Worker workers[LOCAL_MAX_WORKERS];
};

/* ---- local_backend.c ---- */

/* Of a Local whose bytes are zero; then local_fini, also when it failed (no memory). */
bool local_init(Local *local, const WorkerOwner *owner, const sbx_local_options *options);
void local_fini(Local *local); /* its workers have ended */
/* False: there is no Python; `problem` says so. */
bool local_have_interpreter(Local *local);
/* How many tasks run at once where nothing else is said: twice the processors, at most 8. */
unsigned local_default_workers(void);

/* ---- local_worker.c ---- */

/* Starts a process in this place. False: *reason says why not (static text, or errno's). */
bool local_worker_start(Worker *worker, const char **reason);
/* Sends what is in `out` as far as the socket takes it. False: the worker has gone. */
bool local_worker_flush(Worker *worker);
/* Kills it with its children, and gives back what it held; it is reaped in a later poll if it takes its time. */
void local_worker_kill(Worker *worker);
/* Reaps those that were killed and have ended. waits: until all have. */
void local_workers_reap(Local *local, bool waits);
/* Waits until then for a process that ends by itself, and kills it if it does not. */
void local_worker_await(Worker *worker, int64_t until);
/* Gives back descriptors and buffers of a worker that was reaped. */
void local_worker_clear(Worker *worker);
/* Looks, without waiting, at what all workers sent and wrote and which have ended. */
void local_workers_poll(Local *local);
int64_t local_now(void); /* monotonic, ms */

/* ---- local_protocol.c ---- */

enum Message {
	MESSAGE_PROGRAM = 'P', /* to the worker: the program's sources */
	MESSAGE_CALL = 'C',    /* to the worker: a task and its arguments */
	MESSAGE_CODE = 'X',    /* to the worker: more of its own text */
	MESSAGE_JOB = 'K',     /* to the worker: an operation of a connector */
	MESSAGE_STARTED = 'S',
	MESSAGE_BEGUN = 'B', /* the user's file is imported: the task's own work begins */
	MESSAGE_RESULT = 'R',
	MESSAGE_ERROR = 'E',
	MESSAGE_NOTE = 'N' /* a line for the log */
};

typedef struct Reply {
	int kind;
	uint64_t sequence;
	const unsigned char *body; /* after the sequence */
	size_t length;
} Reply;

void local_write_code(ByteQueue *out, const unsigned char *text, size_t length);
typedef struct JobMessage {
	const char *operation; /* "create", "get", "delete" */
	const char *key, *config, *metadata_bytes;
	size_t metadata_length;
	uint32_t version;
	const sbx_task_info *task;
	const sbx_call *call; /* its arguments; NULL: none */
} JobMessage;
/* As local_write_call. */
bool local_write_job(ByteQueue *out, const JobMessage *job, uint64_t sequence);
void local_write_program(ByteQueue *out, const sbx_gen_program *program, const char *source_folder,
						 const char *run_folder);
/* extra: what the worker is to do about environment and secrets, or NULL. False: an argument cannot cross, or memory ran
 * out (out->failed). */
bool local_write_call(ByteQueue *out, const sbx_attempt *attempt, const char *label,
					  const char *extra, uint64_t sequence);
enum ReplyState { REPLY_NONE, REPLY_READY, REPLY_GARBAGE };
/* The first whole message of `in`, which stays there until it is skipped by LOCAL_HEADER + 8 +
 * length bytes. */
enum ReplyState local_peek_reply(const ByteQueue *in, Reply *reply);
/* The three texts of an error, NUL-terminated in one block that the caller frees; NULL: garbage or
 * no memory. */
char *local_read_error(const Reply *reply, const char *texts[3]);

/* ---- local_values.c ---- */

/* Adds a value in wire form. False: it cannot cross, or memory ran out. */
bool local_write_value(ByteQueue *out, sbx_value value);
bool local_read_value(sbx_heap *heap, const unsigned char *bytes, size_t length, sbx_value *value);

/* ---- local_output.c ---- */

/* Logs the whole lines that have come. `all`: also the last one without its end. */
void local_output_read(Worker *worker, bool all);

#endif
