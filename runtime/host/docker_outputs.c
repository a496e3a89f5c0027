/*
 * What comes out of a container: the stream of its output, in the engine's frames; its outputs, as a tar; and, where it
 * did not end well, why. A script's own traceback is found at the end of standard error, so that the error of a call is
 * what was raised inside, whatever wrote it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "docker.h"

enum { MOST_LINE = 64 * 1024 };

/* ---- the stream: frames of eight bytes of head (stream, three zeros, length) and the text ---- */

static void keep_tail(Box *box, const char *bytes, size_t length)
{
	byte_queue_add(&box->tail, bytes, length);
	size_t have = byte_queue_length(&box->tail);
	if (have > 2 * MOST_TAIL)
		byte_queue_skip(&box->tail, have - MOST_TAIL);
}

static void log_lines(Box *box, ByteQueue *text, bool all)
{
	size_t length;
	while ((length = byte_queue_length(text)) > 0) {
		const char *line = (const char *)byte_queue_front(text), *end = memchr(line, '\n', length);
		if (!end && !all && length < MOST_LINE)
			return;
		size_t used = end ? (size_t)(end - line) : length;
		sbx_log_line(box->docker->log, box->label, line, used);
		byte_queue_skip(text, used + (end != NULL));
	}
}

static void take_text(Box *box, const char *bytes, size_t length)
{
	unsigned stream = box->stream > 2 ? 1 : box->stream;
	byte_queue_add(&box->lines[stream], bytes, length);
	log_lines(box, &box->lines[stream], false);
	keep_tail(box, bytes, length);
}

void outputs_read_stream(Box *box, const char *bytes, size_t length)
{
	while (length) {
		if (box->head_length < sizeof box->head) {
			box->head[box->head_length++] = (unsigned char)*bytes++;
			length--;
			if (box->head_length == sizeof box->head) {
				const unsigned char *h = box->head;
				box->stream = h[0];
				box->frame_left =
					(size_t)h[4] << 24 | (size_t)h[5] << 16 | (size_t)h[6] << 8 | (size_t)h[7];
			}
			continue;
		}
		size_t part = length < box->frame_left ? length : box->frame_left;
		take_text(box, bytes, part);
		bytes += part;
		length -= part;
		box->frame_left -= part;
		if (!box->frame_left)
			box->head_length = 0;
	}
}

void outputs_end_stream(Box *box)
{
	for (int i = 0; i < 3; i++)
		log_lines(box, &box->lines[i], true);
}

/* ---- what went wrong ---- */

/* "File "/var/inputs/_script", line 3" of a verbatim script is a line of the user's file. */
static char *place_lines(const Spec *spec, const char *text)
{
	static const char mark[] = "File \"/var/inputs/_script\", line ";
	ByteQueue out = {0};
	const char *found;
	while (spec->source && spec->line && (found = strstr(text, mark)) != NULL) {
		char *end, place[512];
		unsigned long line = strtoul(found + strlen(mark), &end, 10);
		byte_queue_add(&out, text, (size_t)(found - text));
		int length = snprintf(place, sizeof place, "File \"%.400s\", line %lu", spec->source,
							  line + spec->line - 1);
		byte_queue_add(&out, place, (size_t)length);
		text = end;
	}
	byte_queue_add(&out, text, strlen(text) + 1);
	if (!out.failed)
		return (char *)out.bytes;
	byte_queue_free(&out);
	return NULL;
}

/* The line behind the frames of the last traceback: "ValueError: text". */
static const char *last_line_of(const char *traceback)
{
	const char *line = traceback, *next;
	for (const char *more; (more = strstr(line, "\nTraceback (most recent call last):\n")) != NULL;)
		line = more + 1;
	next = strchr(line, '\n');
	while (next && next[1] == ' ')
		next = strchr(next + 1, '\n');
	return next && next[1] ? next + 1 : NULL;
}

/* Fills the failure from a Python traceback at the end of `tail`; false: there is none. */
static bool explain_traceback(Box *box, const char *tail)
{
	static const char mark[] = "Traceback (most recent call last):\n";
	const char *start = tail;
	while ((start = strstr(start, mark)) != NULL && start != tail && start[-1] != '\n')
		start++;
	const char *last = start ? last_line_of(start) : NULL;
	if (!last)
		return false;
	size_t name = 0;
	while (isalnum((unsigned char)last[name]) || last[name] == '_' || last[name] == '.')
		name++;
	bool colon = strncmp(last + name, ": ", 2) == 0;
	if (!name || (!colon && last[name] != '\n' && last[name]))
		return false;
	box->failure.type = strndup(last, name);
	size_t length = colon ? strlen(last + name + 2) : 0;
	while (length && strchr("\r\n ", last[name + 2 + length - 1]))
		length--;
	box->failure.text = colon ? strndup(last + name + 2, length) : NULL;
	box->failure.traceback = place_lines(box->spec, start);
	return box->failure.type != NULL;
}

/* The last lines, indented. */
static char *tail_lines(const char *tail)
{
	const char *start = tail + strlen(tail);
	ByteQueue out = {0};
	for (int lines = 0; start > tail && lines <= 20; start--)
		if (start[-1] == '\n' && ++lines > 20)
			break;
	while (*start) {
		size_t length = strcspn(start, "\n");
		byte_queue_add(&out, "\n  ", 3);
		byte_queue_add(&out, start, length);
		start += length + (start[length] == '\n');
	}
	byte_queue_add(&out, "", 1);
	if (!out.failed)
		return (char *)out.bytes;
	byte_queue_free(&out);
	return NULL;
}

void outputs_explain(Box *box)
{
	int code = box->exit_code;
	byte_queue_add(&box->tail, "", 1);
	const char *tail = box->tail.failed ? "" : (const char *)byte_queue_front(&box->tail);
	if (box->is_out_of_memory && (code == 128 + SIGKILL || !box->spec->fills_exit_code)) {
		box_fail(box, "MemoryError", "%s ran out of memory: its limit is %llu MiB", box->what,
				 (unsigned long long)(box->spec->memory >> 20));
		return;
	}
	if (box->spec->fills_exit_code)
		return;
	if (code > 128 && code < 128 + 65) {
		const char *signal_name = sigabbrev_np(code - 128);
		box_fail(box, "RuntimeError", "%s was killed by signal %d (SIG%s)", box->what, code - 128,
				 signal_name ? signal_name : "?");
		return;
	}
	if (!box->spec->is_task && explain_traceback(box, tail))
		return;
	char *lines = tail_lines(tail);
	box_fail(box, "RuntimeError", "%s ended with exit code %d%s%s", box->what, code,
			 lines && *lines ? "; the end of its output:" : "", lines ? lines : "");
	free(lines);
}

/* ---- the outputs ---- */

static const char *output_name(const Box *box, size_t index)
{
	Documents *d = box->docker->documents;
	const Document *output = document_item(d, box->spec->document, "sandbox/outputs", index);
	const char *name = document_get_text(d, output, "name");
	return name ? name : "";
}

static const sbx_type *output_type(const Box *box, size_t index)
{
	const sbx_type *type = sbx_call_result_type(box->attempt->call);
	return box->spec->output_count == 1 ? type : sbx_type_argument(type, index);
}

static bool is_exit_code(const Box *box, size_t index)
{
	return strcmp(output_name(box, index), "exit_code") == 0;
}

bool outputs_are_wanted(const Box *box)
{
	if (box->spec->is_task)
		return true;
	for (size_t i = 0; i < box->spec->output_count; i++)
		if (!is_exit_code(box, i))
			return true;
	return false;
}

char *outputs_name_folder(Docker *docker)
{
	const char *parent = getenv("TMPDIR");
	char *folder;
	if (!docker->run_folder && asprintf(&docker->run_folder, "%s/sbx-run-%ld-%llx-files",
										parent && *parent == '/' ? parent : "/tmp", (long)getpid(),
										(unsigned long long)docker_now()) < 0)
		docker->run_folder = NULL;
	if (!docker->run_folder ||
		asprintf(&folder, "%s/%u", docker->run_folder, ++docker->run_folder_count) < 0)
		return NULL;
	return folder;
}

bool outputs_make_run_folder(const Docker *docker)
{
	return docker->run_folder && (mkdir(docker->run_folder, 0755) == 0 || errno == EEXIST);
}

/* A folder of its own for the files of this call, which are kept. */
static bool make_kept(Box *box)
{
	box->kept = outputs_name_folder(box->docker);
	return box->kept && outputs_make_run_folder(box->docker) && mkdir(box->kept, 0755) == 0;
}

/* Names what is to be read. */
static TarWanted *make_wanted(Box *box)
{
	size_t count = box->spec->output_count;
	TarWanted *wanted = calloc(count + 1, sizeof *wanted);
	bool good = wanted != NULL;
	box->wanted_count = wanted ? count : 0;
	for (size_t i = 0; good && i < count; i++) {
		sbx_type_kind kind = sbx_type_kind_of(output_type(box, i));
		char *path = NULL;
		wanted[i].name = output_name(box, i);
		if (kind != SBX_FILE && kind != SBX_DIR)
			continue;
		good = (box->kept || make_kept(box)) &&
			   asprintf(&path, "%s/%s", box->kept, wanted[i].name) >= 0;
		wanted[i].to = good ? path : NULL;
		wanted[i].is_folder = kind == SBX_DIR;
	}
	if (!good)
		box_fail(box, "RuntimeError", "%s: no place for its output files", box->what);
	return wanted;
}

static sbx_value make_exit_code(Box *box, const sbx_type *type)
{
	char text[16];
	if (sbx_type_kind_of(type) == SBX_INT)
		return sbx_int(box->exit_code);
	snprintf(text, sizeof text, "%d", box->exit_code);
	return sbx_str_make(box->heap, text, strlen(text));
}

/* One output as a value; SBX_INVALID after box_fail. */
static sbx_value make_output(Box *box, size_t index, const TarWanted *wanted)
{
	const sbx_type *type = output_type(box, index);
	const char *name = output_name(box, index);
	char problem[256] = "no memory";
	char type_text[96];
	sbx_value value = {0};
	if (is_exit_code(box, index))
		return make_exit_code(box, type);
	sbx_type_text(type, type_text, sizeof type_text);
	if (!wanted->found) {
		box_fail(box, "RuntimeError",
				 "%s did not write the output '%s' (%s): nothing is at /var/outputs/%s%s",
				 box->what, name, type_text, name,
				 box->exit_code ? "; its exit code is not 0" : "");
		return value;
	}
	if (wanted->to)
		value = sbx_handle_make(box->heap, wanted->is_folder ? SBX_DIR : SBX_FILE, wanted->to, NULL,
								NULL);
	else
		value = value_from_text(box->heap, type, wanted->text, wanted->length, problem);
	if (sbx_kind(value) == SBX_INVALID)
		box_fail(box, "TypeError", "%s: the output '%s': %s", box->what, name, problem);
	return value;
}

static void make_result(Box *box, const TarWanted *wanted)
{
	size_t count = box->spec->output_count;
	sbx_value *values = calloc(count + 1, sizeof *values);
	if (!values || sbx_heap_open(0, &box->heap)) {
		box_fail(box, "MemoryError", "no memory for the outputs");
		free(values);
		return;
	}
	for (size_t i = 0; i < count && !box->failure.type; i++)
		values[i] = make_output(box, i, &wanted[i]);
	if (!box->failure.type) {
		box->result = count == 0   ? sbx_none()
					  : count == 1 ? values[0]
								   : sbx_tuple_make(box->heap, values, count);
		if (sbx_kind(box->result) == SBX_INVALID)
			box_fail(box, "MemoryError", "no memory for the outputs");
	}
	free(values);
}

void outputs_begin(Box *box)
{
	box->wanted = box->spec->is_task ? task_wanted(box) : make_wanted(box);
	if (box->failure.type || box->spool < 0)
		return;
	if (!docker_tar(box->docker))
		box_fail(box, "RuntimeError", "%s", box->docker->problem);
	else if (lseek(box->spool, 0, SEEK_SET) != 0 ||
			 !(box->reader =
				   tar_reader_open(box->docker->tar, box->spool, box->wanted, box->wanted_count)))
		box_fail(box, "RuntimeError", "%s: %s", box->what, strerror(errno));
}

bool outputs_go_on(Box *box)
{
	while (box->reader && !box->failure.type) {
		enum TarState state = tar_reader_go_on(box->reader, STEP_BYTES);
		if (state == TAR_FAILED)
			box_fail(box, "RuntimeError", "%s: %s", box->what, tar_reader_problem(box->reader));
		if (state == TAR_MORE && !docker_has_time(box->docker))
			return false;
		if (state == TAR_MORE)
			continue;
		tar_reader_close(box->reader);
		box->reader = NULL;
	}
	if (box->failure.type)
		return true;
	if (box->spec->is_task)
		return task_read_answer(box);
	make_result(box, box->wanted);
	return true;
}

void outputs_stop(Box *box)
{
	tar_reader_close(box->reader);
	box->reader = NULL;
	for (size_t i = 0; i < box->wanted_count; i++) {
		free((char *)(uintptr_t)box->wanted[i].to);
		free(box->wanted[i].text);
	}
	free(box->wanted);
	box->wanted = NULL;
	box->wanted_count = 0;
	if (box->reply >= 0)
		close(box->reply);
	if (box->spool >= 0)
		close(box->spool);
	box->reply = box->spool = -1;
	byte_queue_free(&box->answer);
}
