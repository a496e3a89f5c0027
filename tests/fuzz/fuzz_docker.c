/*
 * What an engine, a container or a registry's secret gives to the Docker backend. The first byte chooses the reader:
 *
 *     h  an HTTP answer                    m  the messages of a build
 *     a  the frames of a container's output    e  the end of that, as an error is made of it
 *     t  the tar of its outputs            s  credentials
 *     v  a type, and the text of an output of it
 *
 * What comes in pieces must mean the same however it is cut.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz_targets.h"
#include "fuzz_types.h"
#include "runtime/host/docker.h"
#include "runtime/host/http_answer.h"

enum { MEMORY = 64 * 1024 * 1024 };

static Docker *docker_of(void)
{
	static Docker docker;
	if (!docker.documents) {
		docker.documents = documents_open();
		docker.tar = tar_open();
		CLAIM(docker.documents && docker.tar);
	}
	return &docker;
}

/* ---- cutting ---- */

/* Gives the bytes in parts of `part`; 0: at once. Each in memory of its own, so that a byte too far is seen. */
static void in_parts(const uint8_t *data, size_t size, size_t part, void *context,
					 bool (*take)(void *context, const char *bytes, size_t length))
{
	for (size_t at = 0; at < size;) {
		size_t length = part && part < size - at ? part : size - at;
		char *bytes = malloc(length);
		memcpy(bytes, data + at, length);
		bool more = take(context, bytes, length);
		free(bytes);
		at += length;
		if (!more)
			return;
	}
}

/* ---- answers ---- */

typedef struct Reading {
	HttpAnswer answer;
	ByteQueue body;
	AnswerEvent last;
} Reading;

static bool take_answer(void *context, const char *bytes, size_t length)
{
	Reading *r = context;
	const char *data = NULL;
	size_t data_length = 0;
	for (;;) {
		r->last = http_answer_take(&r->answer, &bytes, &length, &data, &data_length);
		if (r->last == ANSWER_HEAD)
			byte_queue_add(&r->body, "<head>", 6);
		else if (r->last == ANSWER_DATA)
			byte_queue_add(&r->body, data, data_length);
		else
			return r->last == ANSWER_MORE;
	}
}

static void fuzz_answer(const uint8_t *data, size_t size)
{
	Reading whole = {.last = ANSWER_MORE}, cut = {.last = ANSWER_MORE};
	in_parts(data, size, 0, &whole, take_answer);
	in_parts(data, size, 1, &cut, take_answer);
	CLAIM(whole.last == cut.last && whole.answer.status == cut.answer.status);
	CLAIM(byte_queue_length(&whole.body) == byte_queue_length(&cut.body));
	size_t length = byte_queue_length(&whole.body);
	CLAIM(!length || !memcmp(byte_queue_front(&whole.body), byte_queue_front(&cut.body), length));
	CLAIM(http_answer_close(&whole.answer) == http_answer_close(&cut.answer));
	CLAIM(length <= size + 6);
	byte_queue_free(&whole.body);
	byte_queue_free(&cut.body);
}

/* ---- output ---- */

static bool take_frames(void *context, const char *bytes, size_t length)
{
	outputs_read_stream(context, bytes, length);
	return true;
}

static void free_box(Box *box)
{
	for (int i = 0; i < 3; i++)
		byte_queue_free(&box->lines[i]);
	byte_queue_free(&box->tail);
	free(box->failure.type);
	free(box->failure.text);
	free(box->failure.traceback);
}

static void fuzz_frames(const uint8_t *data, size_t size)
{
	Box whole = {.docker = docker_of()}, cut = {.docker = docker_of()};
	in_parts(data, size, 0, &whole, take_frames);
	in_parts(data, size, 1, &cut, take_frames);
	outputs_end_stream(&whole);
	outputs_end_stream(&cut);
	size_t length = byte_queue_length(&whole.tail), other = byte_queue_length(&cut.tail);
	size_t least =
		length < other ? length : other; /* the tail is cut when it is twice as long as needed */
	CLAIM(least == 0 || !memcmp(byte_queue_front(&whole.tail) + length - least,
								byte_queue_front(&cut.tail) + other - least, least));
	CLAIM(whole.frame_left == cut.frame_left && whole.head_length == cut.head_length);
	free_box(&whole);
	free_box(&cut);
}

static void fuzz_explain(const uint8_t *data, size_t size)
{
	const Spec spec = {.name = "box", .source = "box.py", .line = 7, .memory = 1 << 30};
	Box box = {.docker = docker_of(), .spec = &spec, .exit_code = size ? data[0] : 1};
	if (size)
		byte_queue_add(&box.tail, data + 1, size - 1);
	outputs_explain(&box);
	CLAIM(box.failure.type && *box.failure.type);
	free_box(&box);
}

/* ---- messages ---- */

typedef struct Saying {
	Messages messages;
	bool good;
} Saying;

static bool take_messages(void *context, const char *bytes, size_t length)
{
	Saying *saying = context;
	saying->good = messages_take(docker_of(), &saying->messages, bytes, length);
	return saying->good;
}

static void fuzz_messages(const uint8_t *data, size_t size)
{
	static Saying whole, cut;
	char progress[700];
	in_parts(data, size, 0, &whole, take_messages);
	in_parts(data, size, 3, &cut, take_messages);
	messages_end(docker_of(), &whole.messages);
	messages_end(docker_of(), &cut.messages);
	CLAIM(whole.good == cut.good && !strcmp(whole.messages.problem, cut.messages.problem));
	CLAIM(!strcmp(whole.messages.step, cut.messages.step));
	CLAIM(!strcmp(whole.messages.package, cut.messages.package));
	messages_progress(&whole.messages, progress, sizeof progress);
	messages_clear(&whole.messages);
	messages_clear(&cut.messages);
}

/* ---- outputs ---- */

static size_t entries_of(const char *path)
{
	size_t count = 0;
	DIR *folder = opendir(path);
	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* Nothing may appear beside the one folder and the one file that are wanted. */
static void read_tar(const uint8_t *data, size_t size, size_t budget, char problem[256],
					 size_t *length)
{
	char parent[64], inner[96], folder[128], file[128];
	snprintf(parent, sizeof parent, "/tmp/sbx-fuzz-%ld", (long)getpid());
	snprintf(inner, sizeof inner, "%s/in", parent);
	snprintf(folder, sizeof folder, "%s/d", inner);
	snprintf(file, sizeof file, "%s/f", inner);
	CLAIM(mkdir(parent, 0700) == 0 && mkdir(inner, 0700) == 0);
	TarWanted wanted[] = {
		{.name = "n"}, {.name = "d", .to = folder, .is_folder = true}, {.name = "f", .to = file}};
	int spool = memfd_create("outputs", MFD_CLOEXEC);
	CLAIM(spool >= 0 && write(spool, data, size) == (ssize_t)size &&
		  lseek(spool, 0, SEEK_SET) == 0);
	TarReader *reader = tar_reader_open(docker_of()->tar, spool, wanted, 3);
	enum TarState state;
	CLAIM(reader);
	while ((state = tar_reader_go_on(reader, budget)) == TAR_MORE)
		;
	snprintf(problem, 256, "%s", tar_reader_problem(reader));
	CLAIM((state == TAR_FAILED) == (*problem != 0));
	tar_reader_close(reader);
	CLAIM(entries_of(parent) == 3 && entries_of(inner) <= 4);
	CLAIM(!wanted[0].text || wanted[0].length <= TAR_MOST_TEXT);
	*length = wanted[0].length;
	close(spool);
	free(wanted[0].text);
	folder_remove(parent);
}

static void fuzz_tar(const uint8_t *data, size_t size)
{
	char whole[256], cut[256];
	size_t length, cut_length;
	read_tar(data, size, SIZE_MAX, whole, &length);
	read_tar(data, size, 700, cut, &cut_length);
	CLAIM(!strcmp(whole, cut) && length == cut_length);
}

/* Only these are outputs that are text: scalars, and lists and dicts of them. */
static bool crosses(const sbx_gen_type *type, int depth)
{
	if (type && depth == 0 && (type->kind == SBX_LIST || type->kind == SBX_DICT))
		return crosses(type->args[type->count - 1], 1);
	return type &&
		   (type->kind == SBX_BOOL || type->kind == SBX_INT || type->kind == SBX_FLOAT ||
			type->kind == SBX_STR || type->kind == SBX_DATETIME || type->kind == SBX_TIMEDELTA);
}

static void fuzz_value(const uint8_t *data, size_t size)
{
	TypeReader reader;
	const sbx_gen_type *type = type_take(&reader, &data, &size);
	char problem[256] = "";
	sbx_heap *heap;
	ByteQueue first = {0}, second = {0};
	if (!crosses(type, 0) || sbx_heap_open(MEMORY, &heap))
		return;
	sbx_value value = value_from_text(heap, type, (const char *)data, size, problem);
	if (sbx_kind(value) == SBX_INVALID) {
		CLAIM(*problem);
	} else if (value_to_text(heap, type, value, &first, problem)) {
		size_t length = byte_queue_length(&first);
		value = value_from_text(heap, type, length ? (const char *)byte_queue_front(&first) : "",
								length, problem);
		if (sbx_kind(value) != SBX_INVALID && value_to_text(heap, type, value, &second, problem))
			CLAIM(
				length == byte_queue_length(&second) &&
				(!length || !memcmp(byte_queue_front(&first), byte_queue_front(&second), length)));
	}
	byte_queue_free(&first);
	byte_queue_free(&second);
	sbx_heap_close(heap);
}

/* ---- credentials ---- */

static void fuzz_secret(const uint8_t *data, size_t size)
{
	const Spec spec = {.name = "box", .secret = "fuzz-login", .registry = "h.io/team"};
	char problem[256], text[700], *words = strndup((const char *)data, size);
	CLAIM(words && setenv("FUZZ_LOGIN", words, 1) == 0);
	char *auth = registry_auth(docker_of(), &spec, problem);
	CLAIM(auth ? !strpbrk(auth, "\r\n") : *problem != '\0');
	char *config = registry_config(docker_of(), &spec, problem);
	CLAIM(!config || !strpbrk(config, "\r\n"));
	registry_explain(&spec, words, words, "", text, sizeof text);
	free(auth);
	free(config);
	free(words);
}

void fuzz_docker(const uint8_t *data, size_t size)
{
	if (!size)
		return;
	switch (data[0]) {
	case 'h':
		fuzz_answer(data + 1, size - 1);
		break;
	case 'a':
		fuzz_frames(data + 1, size - 1);
		break;
	case 'e':
		fuzz_explain(data + 1, size - 1);
		break;
	case 'm':
		fuzz_messages(data + 1, size - 1);
		break;
	case 't':
		fuzz_tar(data + 1, size - 1);
		break;
	case 'v':
		fuzz_value(data + 1, size - 1);
		break;
	case 's':
		fuzz_secret(data + 1, size - 1);
		break;
	default:
		break;
	}
}
