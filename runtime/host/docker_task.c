/*
 * A Python task in a container: the same worker as in a local process, for one call. Where a local worker has a socket, this
 * one has files: what it would read (worker, program, call) stands in /var/inputs/_call, what it answers in
 * /var/outputs/_reply. Nothing is pasted into anything, and the same values cross.
 *
 * Files and folders among the arguments are mounted read-only, each at a place of its own; the worker renames them on
 * both ways (templates/worker_box.py). What a task makes lies under /var/outputs/files, which becomes a folder of the
 * run. A task is not trusted: a result may name what it was given and what it has made, and no other file of this
 * machine, since the next task would get it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"
#include "local.h"
#include "worker_text.h"

#define INSIDE_FOLDER "/var/outputs/files"
enum { SEQUENCE = 1 };

/* The first thing that Python runs: takes the worker from the file. */
static const char bootstrap[] =
	"import os\n"
	"os.dup2(os.open('/var/inputs/_call', os.O_RDONLY), 3)\n"
	"os.dup2(os.open('/var/outputs/_reply', os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), 4)\n"
	"def take(n):\n"
	"    b = b''\n"
	"    while len(b) < n:\n"
	"        c = os.read(3, n - len(b))\n"
	"        if not c: os._exit(1)\n"
	"        b += c\n"
	"    return b\n"
	"exec(compile(take(int.from_bytes(take(4), 'little')), '<sbx worker>', 'exec'), "
	"{'__name__': '<sbx worker>', 'BOX': '/var/inputs/_paths'})\n";

/* ---- files and folders among the arguments ---- */

static bool is_known(const Box *box, const char *given)
{
	for (size_t i = 0; i < box->path_count; i++)
		if (strcmp(box->paths[i].given, given) == 0)
			return true;
	return false;
}

static bool add_path(Box *box, Document *told, const char *given)
{
	Documents *d = box->docker->documents;
	struct BoxPath *paths = realloc(box->paths, (box->path_count + 1) * sizeof *paths);
	char *inside = NULL, *name = strdup(given), place[512];
	struct stat status;
	if (!paths || !name) {
		free(name);
		box->paths = paths ? paths : box->paths;
		return false;
	}
	box->paths = paths;
	struct BoxPath *path = &paths[box->path_count++];
	*path = (struct BoxPath){.given = name};
	const char *local = strncmp(given, "file://", 7) == 0 ? given + 7 : given;
	path->real = strstr(local, "://") ? NULL : realpath(local, NULL);
	bool is_here = path->real && stat(path->real, &status) == 0 &&
				   (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode));
	bool good = true;
	if (is_here) {
		const char *base = strrchr(path->real, '/') + 1;
		snprintf(place, sizeof place, "_files/%zu", box->path_count);
		good = inputs_add_folder(box, "_files") && inputs_add_folder(box, place) &&
			   asprintf(&inside, "%s/%s", place, *base ? base : "root") >= 0 &&
			   inputs_add_path(box, inside, path->real, &status);
	}
	if (inside)
		snprintf(place, sizeof place, "/var/inputs/%s", inside);
	document_append_text(d, told, "given", given);
	document_append_text(d, told, "places", inside ? place : given);
	free(inside);
	return good;
}

/* All handles in a value. It has crossed the wire's bound on depth already. */
static bool add_handles(Box *box, Document *told, sbx_value value)
{
	sbx_type_kind kind = sbx_kind(value);
	size_t count = 0;
	if (kind == SBX_FILE || kind == SBX_DIR || kind == SBX_DATAFRAME) {
		const char *given = sbx_handle_path(sbx_call_run(box->attempt->call), value);
		return !given || !*given || is_known(box, given) || add_path(box, told, given);
	}
	if (kind == SBX_LIST || kind == SBX_TUPLE || kind == SBX_SET || kind == SBX_FROZENSET ||
		kind == SBX_DICT)
		count = sbx_count(value);
	for (size_t i = 0; i < count; i++)
		if (!add_handles(box, told, sbx_peek_item(value, i)) ||
			(kind == SBX_DICT && !add_handles(box, told, sbx_peek_value(value, i))))
			return false;
	return true;
}

/* ---- what goes in ---- */

static bool add_call(Box *box)
{
	ByteQueue out = {0};
	byte_queue_u32(&out, (uint32_t)(sbx__box_text_length + sbx__worker_text_length));
	byte_queue_add(&out, sbx__box_text, sbx__box_text_length);
	byte_queue_add(&out, sbx__worker_text, sbx__worker_text_length);
	local_write_program(&out, box->docker->program, NULL, INSIDE_FOLDER);
	/* env_vars and secrets are the container's, so the worker has nothing to do about them */
	bool good = local_write_call(&out, box->attempt, box->label, NULL, SEQUENCE);
	if (out.failed)
		box_fail(box, "MemoryError", "no memory for the arguments");
	else if (!good)
		box_fail(box, "ValueError", "the arguments are too large to be sent to a container");
	else
		good = inputs_add_file(box, "_call", byte_queue_front(&out), byte_queue_length(&out));
	byte_queue_free(&out);
	return good && !box->failure.type;
}

static bool add_paths(Box *box)
{
	Documents *d = box->docker->documents;
	const sbx_call *call = box->attempt->call;
	Document *told = document_make(d);
	bool good = told && (box->kept = outputs_name_folder(box->docker)) != NULL;
	if (good) {
		document_set_text(d, told, "inside", INSIDE_FOLDER);
		document_set_text(d, told, "outside", box->kept);
	}
	for (size_t i = 0; good && i < sbx_call_arg_count(call); i++)
		if (sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID)
			good = add_handles(box, told, sbx_call_arg(call, i));
	char *text = good ? document_text(d, told) : NULL;
	if (good && !text)
		box_fail(box, "ValueError", "the path of a file among the arguments is not UTF-8");
	if (text)
		good = inputs_add_file(box, "_paths", text, strlen(text));
	free(text);
	document_free(d, told);
	return good && !box->failure.type;
}

bool task_make(Box *box)
{
	static const char *const words[] = {"python3", "-c", bootstrap};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		document_append_text(box->docker->documents, box->creation, "Entrypoint", words[i]);
	return add_call(box) && add_paths(box);
}

/* ---- what comes out ---- */

/* Is `path` in the folder, by its name and not by what is on the disk? */
static bool is_below(const char *path, const char *folder)
{
	size_t length = strlen(folder);
	if (strncmp(path, folder, length) != 0 || path[length] != '/')
		return false;
	for (const char *p = path + length; *p;) {
		size_t part = strcspn(++p, "/");
		if (!part || (part == 1 && *p == '.') || (part == 2 && !strncmp(p, "..", 2)))
			return false;
		p += part;
	}
	return true;
}

/* What the call was given, or something in a folder that it was given and that no link leads out of. */
static bool is_given(const Box *box, const char *path)
{
	for (size_t i = 0; i < box->path_count; i++) {
		const struct BoxPath *known = &box->paths[i];
		if (strcmp(path, known->given) == 0)
			return true;
		if (!known->real || !is_below(path, known->given))
			continue;
		const char *local = strncmp(path, "file://", 7) == 0 ? path + 7 : path;
		char *real = realpath(local, NULL);
		bool inside = real && is_below(real, known->real);
		free(real);
		if (inside)
			return true;
	}
	return false;
}

static bool check_handles(Box *box, sbx_value value)
{
	sbx_type_kind kind = sbx_kind(value);
	struct stat status;
	size_t count = 0;
	if (kind == SBX_FILE || kind == SBX_DIR || kind == SBX_DATAFRAME) {
		const char *path = sbx_handle_path(box->heap, value);
		if (!path || !*path || is_given(box, path) ||
			(strstr(path, "://") && strncmp(path, "file:", 5) != 0) ||
			(is_below(path, box->kept) && lstat(path, &status) == 0))
			return true;
		box_fail(box, "ValueError",
				 "%s: its result names '%.300s', which it was not given and has not made",
				 box->what, path);
		return false;
	}
	if (kind == SBX_LIST || kind == SBX_TUPLE || kind == SBX_SET || kind == SBX_FROZENSET ||
		kind == SBX_DICT)
		count = sbx_count(value);
	for (size_t i = 0; i < count; i++)
		if (!check_handles(box, sbx_peek_item(value, i)) ||
			(kind == SBX_DICT && !check_handles(box, sbx_peek_value(value, i))))
			return false;
	return true;
}

static void take_result(Box *box, const Reply *reply)
{
	if (sbx_heap_open(0, &box->heap))
		box_fail(box, "MemoryError", "no memory for the result");
	else if (!local_read_value(box->heap, reply->body, reply->length, &box->result))
		box_fail(box, "RuntimeError", "%s sent a result that is damaged", box->what);
	else
		(void)check_handles(box, box->result);
}

static void take_error(Box *box, const Reply *reply)
{
	const char *texts[3];
	char *block = local_read_error(reply, texts);
	if (!block) {
		box_fail(box, "RuntimeError", "%s sent an error that is damaged", box->what);
		return;
	}
	box_fail(box, texts[0], "%s", texts[1]);
	if (*texts[2] && !box->failure.traceback)
		box->failure.traceback = strdup(texts[2]);
	free(block);
}

/* The first message of the answer. true: there is a result, or a failure. */
static bool take_message(Box *box)
{
	Reply reply;
	if (local_peek_reply(&box->answer, &reply) != REPLY_READY || reply.sequence != SEQUENCE) {
		if (box->exit_code)
			box_fail(box, "RuntimeError", "%s ended with exit code %d", box->what, box->exit_code);
		else
			box_fail(box, "RuntimeError", "%s ended without an answer", box->what);
		return true;
	}
	if (reply.kind == MESSAGE_RESULT)
		take_result(box, &reply);
	if (reply.kind == MESSAGE_ERROR)
		take_error(box, &reply);
	if (reply.kind == MESSAGE_RESULT || reply.kind == MESSAGE_ERROR)
		return true;
	if (reply.kind == MESSAGE_NOTE)
		sbx_log_line(box->docker->log, box->label, (const char *)reply.body, reply.length);
	byte_queue_skip(&box->answer, LOCAL_HEADER + 8 + reply.length);
	return false;
}

/* Memory is taken for as many bytes as the file has. */
static bool open_answer(Box *box)
{
	struct stat status;
	box->reply = open(box->wanted[0].to, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return box->reply >= 0 && fstat(box->reply, &status) == 0 &&
		   (uint64_t)status.st_size <= LOCAL_MAX_MESSAGE + (1 << 20) &&
		   byte_queue_reserve(&box->answer, (size_t)status.st_size + 1);
}

/* A step of it. false: there is no more. */
static bool read_step(Box *box)
{
	ByteQueue *answer = &box->answer;
	size_t room = answer->capacity - answer->end, part = room < STEP_BYTES ? room : STEP_BYTES;
	ssize_t n = part ? read(box->reply, answer->bytes + answer->end, part) : 0;
	answer->end += n > 0 ? (size_t)n : 0;
	return n > 0;
}

/* All of the tar is read. Where there are no files their folder goes. */
static bool begin_answer(Box *box)
{
	if (!box->wanted[1].found && rmdir(box->kept) == 0)
		(void)rmdir(box->docker->run_folder); /* nothing is in it */
	if (!box->wanted[0].found || open_answer(box))
		return true;
	box_fail(box, "RuntimeError", "%s: its answer is larger than there is memory for", box->what);
	return false;
}

TarWanted *task_wanted(Box *box)
{
	TarWanted *wanted = calloc(2, sizeof *wanted);
	char *reply = NULL;
	box->wanted_count = wanted ? 2 : 0;
	if (!wanted || asprintf(&reply, "%s/reply", box->folder) < 0 ||
		!outputs_make_run_folder(box->docker) || mkdir(box->kept, 0755)) {
		box_fail(box, "RuntimeError", "%s: no place for its files", box->what);
		free(reply);
		return wanted;
	}
	wanted[0] = (TarWanted){.name = "_reply", .to = reply};
	wanted[1] = (TarWanted){.name = "files", .to = strdup(box->kept), .is_folder = true};
	if (!wanted[1].to)
		box_fail(box, "RuntimeError", "%s: no place for its files", box->what);
	return wanted;
}

bool task_read_answer(Box *box)
{
	Docker *docker = box->docker;
	if (!box->answer_begun) {
		box->answer_begun = true;
		if (!begin_answer(box))
			return true;
	}
	do {
		if (box->reply < 0) {
			if (take_message(box))
				return true;
		} else if (!read_step(box)) {
			close(box->reply);
			box->reply = -1;
		}
	} while (docker_has_time(docker));
	return false;
}
