/*
 * One container: created, its output attached, started, its end awaited, its outputs read, removed.
 *
 * The stream of its output is attached before it starts, so no word of it is lost and the engine keeps no log of it.
 * When the stream ends the container has ended, or is about to. The report to the dispatcher comes last of all, when
 * the container and its volume are gone; a box that was cancelled goes the same way and reports nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "docker.h"

/* A timeout counts from the start of the container; before that its image may be built and its files copied, for an hour each,
   and the engine may take a minute to make it. */
enum { BUILD_GRACE_MS = 3600000, CREATE_GRACE_MS = 60000 };
enum { MOST_REMOVALS = 50, REMOVAL_REST_MS = 200 };

static void remove_container(Box *box);

/* ---- failure ---- */

void box_fail(Box *box, const char *type, const char *format, ...)
{
	va_list arguments;
	if (box->failure.type) /* the first one is the cause */
		return;
	va_start(arguments, format);
	if (vasprintf(&box->failure.text, format, arguments) < 0)
		box->failure.text = NULL;
	va_end(arguments);
	box->failure.type = strdup(type);
}

/* A container that may still run reads its inputs. */
static bool can_clean(const Box *box)
{
	return box->stage >= BOX_GONE || (box->stage == BOX_REMOVES && box->is_over);
}

/* Ends all work on files. */
static void stop_work(Box *box)
{
	inputs_stop(box);
	volume_stop(box);
	outputs_stop(box);
}

void box_drop(Box *box)
{
	Docker *docker = box->docker;
	http_cancel(docker->http, &box->request);
	http_cancel(docker->http, &box->attach);
	stop_work(box);
	(void)box_clean(box); /* there is something where the backend closes, which has the time */
	if (box->creation)
		document_free(docker->documents, box->creation);
	free(box->creation_text);
	for (int i = 0; i < 3; i++)
		byte_queue_free(&box->lines[i]);
	byte_queue_free(&box->tail);
	byte_queue_free(&box->tar);
	for (size_t i = 0; i < box->folder_count; i++)
		free(box->folders[i].path);
	free(box->folders);
	free(box->other_text);
	for (size_t i = 0; i < box->path_count; i++) {
		free(box->paths[i].given);
		free(box->paths[i].real);
	}
	free(box->paths);
	free(box->kept);
	free(box->failure.type);
	free(box->failure.text);
	free(box->failure.traceback);
	if (box->heap)
		sbx_heap_close(box->heap);
	if (box->next)
		box->next->previous = box->previous;
	if (box->previous)
		box->previous->next = box->next;
	else
		docker->boxes = box->next;
	free(box);
}

/* Nothing of it is left; tells the dispatcher, as the very last thing. */
static void finish(Box *box)
{
	sbx_attempt *attempt = box->attempt;
	Failure failure = box->failure;
	sbx_heap *heap = box->heap;
	sbx_value result = box->result;
	bool has_engine = box->docker->state != ENGINE_MISSING;
	box->failure = (Failure){0};
	box->heap = NULL;
	box_drop(box);
	if (attempt && failure.type && !has_engine)
		sbx_attempt_unavailable(attempt, failure.text);
	else if (attempt && failure.type)
		sbx_attempt_fail(attempt, failure.type, failure.text, failure.traceback);
	else if (attempt)
		sbx_attempt_answer(attempt, result);
	free(failure.type);
	free(failure.text);
	free(failure.traceback);
	if (heap)
		sbx_heap_close(heap);
}

/* Nothing of it is on the engine: its files go, then it does. */
static void leave(Box *box)
{
	box->stage = BOX_CLEANS;
	if (box_clean(box))
		finish(box);
}

/* A request of this box went wrong: the container goes, and the call fails. */
void box_give_up(Box *box, const HttpRequest *request, const char *problem, const char *what)
{
	char text[512];
	if (request)
		docker_describe(box->docker, request, problem, text, sizeof text);
	box_fail(box, "RuntimeError", "%s: %s: %s", box->what, what, request ? text : problem);
	remove_container(box);
}

static bool is_success(const HttpRequest *request, const char *problem)
{
	return !problem && request->status >= 200 && request->status < 300;
}

static void send(Box *box, const char *method, const void *body,
				 void (*on_end)(HttpRequest *request, const char *problem))
{
	box->request.on_end = on_end;
	box->request.on_data = NULL;
	box->request.context = box;
	box->request.content_type = NULL;
	if (docker_send(box->docker, &box->request, method, box->path, body, body ? strlen(body) : 0))
		return;
	box_fail(box, "MemoryError", "no memory for a request to the engine");
	if (box->stage < BOX_REMOVES)
		remove_container(box);
}

#define PATH(box, ...) snprintf((box)->path, sizeof(box)->path, __VA_ARGS__)

/* ---- removing ---- */

static void removed_volume(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	(void)problem;
	leave(box);
}

static void removed_holder(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	(void)problem;
	PATH(box, "%s/volumes/%s?force=1", box->docker->prefix, box->name);
	send(box, "DELETE", NULL, removed_volume);
}

static void removed(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	bool gone = !problem && (request->status == 404 || request->status < 300);
	if (!gone && ++box->removals < MOST_REMOVALS) {
		/* being removed by someone else, or the engine is away for a moment */
		box->again = docker_now() + REMOVAL_REST_MS;
		return;
	}
	if (!gone) {
		char text[256];
		docker_describe(box->docker, request, problem, text, sizeof text);
		sbx_log_line(box->docker->log, box->label, text, strlen(text));
	}
	box->stage = BOX_GONE;
	if (gone && request->status == 404 && box->was_created)
		sweep_volumes_of(box->docker, box->name);
	if (box->has_volume) {
		PATH(box, "%s/containers/%s-fill?force=1", box->docker->prefix, box->name);
		send(box, "DELETE", NULL, removed_holder);
		return;
	}
	leave(box);
}

static void send_removal(Box *box)
{
	PATH(box, "%s/containers/%s?force=1&v=1", box->docker->prefix, box->name);
	send(box, "DELETE", NULL, removed);
}

static void remove_container(Box *box)
{
	http_cancel(box->docker->http, &box->attach);
	http_cancel(box->docker->http, &box->request);
	box->is_over = box->has_exit_code || box->stage < BOX_ATTACHES;
	box->stage = BOX_REMOVES;
	send_removal(box);
	stop_work(box);
	if (can_clean(box))
		(void)box_clean(box); /* takes milliseconds on a disk, while the engine has more to do */
	sweep_start(box->docker);
}

/* ---- the end ---- */

static void collect(Box *box)
{
	if (outputs_go_on(box))
		remove_container(box);
}

static void begin_collecting(Box *box)
{
	box->stage = BOX_COLLECTS;
	outputs_begin(box);
	if (docker_has_time(box->docker))
		collect(box);
}

static void outputs_came(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	if (is_success(request, problem))
		begin_collecting(box);
	else
		box_give_up(box, request, problem, "its outputs cannot be read");
}

static bool spool(HttpRequest *request, const char *bytes, size_t length)
{
	Box *box = request->context;
	while (length) {
		ssize_t n = write(box->spool, bytes, length);
		if (n <= 0)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	struct stat status;
	return fstat(box->spool, &status) == 0 &&
		   (uint64_t)status.st_size <= TAR_MOST_BYTES + (64 << 20);
}

static void ask_outputs(Box *box)
{
	char path[4096];
	if (box->failure.type) {
		remove_container(box);
		return;
	}
	if (!outputs_are_wanted(box)) {
		begin_collecting(box);
		return;
	}
	snprintf(path, sizeof path, "%s/outputs.tar", box->folder);
	box->spool = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (box->spool < 0) {
		box_fail(box, "RuntimeError", "cannot write %s", path);
		remove_container(box);
		return;
	}
	PATH(box, "%s/containers/%s/archive?path=/var/outputs", box->docker->prefix, box->name);
	send(box, "GET", NULL, outputs_came);
	box->request.on_data = spool;
}

static void state_came(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	Documents *d = box->docker->documents;
	Document *answer = is_success(request, problem) && request->text
						   ? document_read(d, request->text, request->text_length)
						   : NULL;
	if (!answer) {
		box_give_up(box, request, problem, "its state cannot be read");
		return;
	}
	box->is_out_of_memory = document_get_bool(d, answer, "State/OOMKilled");
	document_free(d, answer);
	outputs_explain(box);
	ask_outputs(box);
}

static void exit_came(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	Documents *d = box->docker->documents;
	Document *answer = is_success(request, problem) && request->text
						   ? document_read(d, request->text, request->text_length)
						   : NULL;
	const char *error = document_get_text(d, answer, "Error/Message");
	if (!answer) {
		box_give_up(box, request, problem, "its end cannot be awaited");
		return;
	}
	if ((error && *error) || !document_has_int(d, answer, "StatusCode")) {
		box_give_up(box, NULL, error && *error ? error : "the engine's answer has no exit code",
					"its end cannot be awaited");
		document_free(d, answer);
		return;
	}
	box->exit_code = (int)document_get_int(d, answer, "StatusCode");
	box->has_exit_code = true;
	document_free(d, answer);
	if (box->exit_code == 0) {
		ask_outputs(box);
		return;
	}
	PATH(box, "%s/containers/%s/json", box->docker->prefix, box->name);
	send(box, "GET", NULL, state_came);
}

/* ---- running ---- */

/* The stream has ended, whole or not: now the engine knows the exit code, or soon will. */
static void stream_ended(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	bool is_attached = request->head_told && is_success(request, problem);
	if (!is_attached && box->stage == BOX_ATTACHES) {
		box_give_up(box, request, problem, "its output cannot be attached");
		return;
	}
	outputs_end_stream(box);
	if (box->stage != BOX_RUNS)
		return; /* it has not been started yet: `started` goes on */
	box->stage = BOX_ENDS;
	PATH(box, "%s/containers/%s/wait", box->docker->prefix, box->name);
	send(box, "POST", NULL, exit_came);
}

static bool stream_came(HttpRequest *request, const char *bytes, size_t length)
{
	outputs_read_stream(request->context, bytes, length);
	return true;
}

static void started(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	if (problem || (request->status != 204 && request->status != 304)) { /* 304: it runs already */
		box_give_up(box, request, problem, "its container cannot be started");
		return;
	}
	box->stage = BOX_RUNS;
	if (box->attempt)
		sbx_attempt_extend(box->attempt, 0);
	if (!box->attach.is_active)
		stream_ended(&box->attach, NULL);
}

static void attached(HttpRequest *request)
{
	Box *box = request->context;
	if (box->stage != BOX_ATTACHES)
		return;
	PATH(box, "%s/containers/%s/start", box->docker->prefix, box->name);
	send(box, "POST", NULL, started);
	/* the engine is busy now: what is needed later */
	sweep_start(box->docker);
	if (outputs_are_wanted(box))
		(void)docker_tar(box->docker);
}

static void created(HttpRequest *request, const char *problem)
{
	Box *box = request->context;
	Docker *docker = box->docker;
	/* a conflict of names is with itself, if the first answer was lost */
	box->was_created =
		is_success(request, problem) || (!problem && request->status == 409 && request->was_resent);
	if (box->attempt && !problem && request->status == 404 && !box->missed_image) {
		/* no such image: it is built, or somebody has removed it */
		box->missed_image = true;
		sbx_attempt_extend(box->attempt, BUILD_GRACE_MS);
		box->stage = BOX_WAITS;
		if (box->image->state == IMAGE_ASSUMED || box->image->state == IMAGE_READY)
			box->image->state = IMAGE_NEW;
		box_go_on(box);
		return;
	}
	if (!box->attempt || !box->was_created) {
		box_give_up(box, request, problem, "its container cannot be created");
		return;
	}
	box->stage = BOX_ATTACHES;
	PATH(box, "%s/containers/%s/attach?stream=1&stdout=1&stderr=1", docker->prefix, box->name);
	box->attach.on_data = stream_came;
	box->attach.on_head = attached;
	box->attach.on_end = stream_ended;
	box->attach.context = box;
	if (docker_send(docker, &box->attach, "POST", box->path, NULL, 0))
		return;
	box_fail(box, "MemoryError", "no memory for a request to the engine");
	remove_container(box);
}

void box_create(Box *box)
{
	box->stage = BOX_CREATES;
	PATH(box, "%s/containers/create?name=%s", box->docker->prefix, box->name);
	send(box, "POST", box->creation_text, created);
}

/* ---- beginning ---- */

/* Before the container is asked for. */
static void turn_back(Box *box)
{
	if (box->has_volume) { /* the image has gone in between */
		remove_container(box);
		return;
	}
	stop_work(box);
	leave(box);
}

/* Its inputs are made, as long as there is time; then the engine is asked for its container. */
static void prepare(Box *box)
{
	bool local = http_is_local(box->docker->http);
	if (!inputs_go_on(box) || (!local && !box->failure.type && !volume_pack(box)))
		return;
	if (box->failure.type) {
		turn_back(box);
		return;
	}
	sbx_attempt_extend(box->attempt, CREATE_GRACE_MS);
	if (local)
		box_create(box);
	else
		volume_fill(box);
}

Box *box_start(Docker *docker, sbx_attempt *attempt, const Spec *spec)
{
	Box *box = calloc(1, sizeof *box);
	if (!box)
		return NULL;
	box->docker = docker;
	box->attempt = attempt;
	box->spec = spec;
	box->spool = box->reply = -1;
	sbx__log_label(attempt->call, box->label, sizeof box->label);
	snprintf(box->what, sizeof box->what, "%s '%.160s'", spec->is_task ? "task" : "sandbox",
			 spec->name);
	sbx_attempt_extend(attempt, BUILD_GRACE_MS);
	snprintf(box->name, sizeof box->name, "sbx-box-%llx-%ld-%llx-%llu", docker->space,
			 (long)getpid(), (unsigned long long)docker_now(),
			 (unsigned long long)++docker->box_count);
	box->next = docker->boxes;
	if (docker->boxes)
		docker->boxes->previous = box;
	docker->boxes = box;
	attempt->state = box;
	return box;
}

void box_go_on(Box *box)
{
	Docker *docker = box->docker;
	if (box->stage != BOX_WAITS)
		return;
	if (docker->state == ENGINE_MISSING) {
		box_fail(box, "RuntimeError", "%s", docker->problem);
		turn_back(box);
		return;
	}
	if (docker->state != ENGINE_READY)
		return;
	if (box->spec->problem) {
		box_fail(box, "RuntimeError", "the image of %s cannot be built: %s", box->what,
				 box->spec->problem);
		turn_back(box);
		return;
	}
	if (!box->image && !(box->image = image_of(docker, box->spec))) {
		box_fail(box, "MemoryError", "no memory for the image");
		turn_back(box);
		return;
	}
	if (box->image->state == IMAGE_NEW && http_is_local(docker->http) && !box->missed_image)
		box->image->state = IMAGE_ASSUMED;
	if (box->image->state == IMAGE_NEW) {
		image_ensure(box->image);
		return;
	}
	if (box->image->state == IMAGE_FAILED) {
		box_fail(box, "RuntimeError", "%s", box->image->problem);
		turn_back(box);
		return;
	}
	if (box->image->state != IMAGE_READY && box->image->state != IMAGE_ASSUMED)
		return;
	box->stage = BOX_PREPARES;
	sbx_attempt_extend(box->attempt, BUILD_GRACE_MS);
	if (!box->creation && !inputs_make(box)) {
		box_fail(box, "RuntimeError", "%s: its inputs cannot be made", box->what);
		turn_back(box);
		return;
	}
	if (box->copied == box->copy_count || docker_has_time(docker))
		prepare(box);
}

void box_cancel(Box *box)
{
	box->attempt = NULL;
	if (box->stage <= BOX_PREPARES)
		turn_back(box);
	else if (box->stage > BOX_CREATES && box->stage < BOX_REMOVES)
		remove_container(box); /* while something is created, its answer does it */
}

/* ---- turns ---- */

static bool has_work(const Box *box)
{
	return box->stage == BOX_PREPARES || box->stage == BOX_COLLECTS || box->stage == BOX_CLEANS ||
		   (can_clean(box) && box_has_leftovers(box)) || (box->is_sent && box->tar.capacity);
}

static void work(Box *box)
{
	if (box->stage == BOX_PREPARES)
		prepare(box);
	else if (box->stage == BOX_COLLECTS)
		collect(box);
	else if (box->stage == BOX_CLEANS)
		leave(box);
	else if (can_clean(box))
		(void)box_clean(box);
	else
		box_shed_tar(box);
}

/* Who has had a turn stands behind all others. */
static void move_to_end(Box *box)
{
	Box *last = box;
	if (!box->next)
		return;
	while (last->next)
		last = last->next;
	box->next->previous = box->previous;
	if (box->previous)
		box->previous->next = box->next;
	else
		box->docker->boxes = box->next;
	last->next = box;
	box->previous = last;
	box->next = NULL;
}

static void work_on_files(Docker *docker)
{
	Box *next;
	for (Box *box = docker->boxes; box; box = next) {
		next = box->next;
		if (!has_work(box))
			continue;
		move_to_end(box);
		work(box);
		if (!docker_has_time(docker))
			return;
	}
}

/* Removals that are due, and work on files. */
void box_poll(Docker *docker)
{
	Box *next;
	for (Box *box = docker->boxes; box; box = next) {
		next = box->next;
		if (!box->again || box->again > docker_now())
			continue;
		box->again = 0;
		send_removal(box);
	}
	work_on_files(docker);
}

int box_timeout(const Docker *docker)
{
	int least = -1;
	for (const Box *box = docker->boxes; box; box = box->next) {
		if (has_work(box))
			return 0;
		int64_t left = box->again ? box->again - docker_now() : -1;
		if (box->again && (least < 0 || left < least))
			least = left < 0 ? 0 : (int)left;
	}
	return least;
}
