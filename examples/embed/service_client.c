/*
 * Connections: each line of a client is a JSON object, and so is each answer. Answers wait in the client's buffer until
 * the commit has been made that holds what they tell.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service.h"

enum {
	LINE_MAX_BYTES = 1 << 20,
	OUTPUT_MAX_BYTES = 64 << 20,
	FIELDS = 6,
	INPUTS = 16,
	WATCHES_MAX = 1 << 16
};

/* Asks to be told when a run has ended. */
typedef struct Watch {
	struct Watch *next;
	char *id;
} Watch;

typedef struct Bytes {
	char *data;
	size_t used, room;
} Bytes;

struct Client {
	Client *next, *previous;
	int socket;
	Bytes input, output;
	Watch *watches;
	size_t watch_count;
	bool is_closing, wants_write;
};

static bool add_bytes(Bytes *bytes, const char *data, size_t size)
{
	if (bytes->used + size > bytes->room) {
		size_t room = (bytes->used + size) * 2 + 256;
		char *more = realloc(bytes->data, room);
		if (!more)
			return false;
		bytes->data = more;
		bytes->room = room;
	}
	memcpy(bytes->data + bytes->used, data, size);
	bytes->used += size;
	return true;
}

static void drop_bytes(Bytes *bytes, size_t size)
{
	memmove(bytes->data, bytes->data + size, bytes->used - size);
	bytes->used -= size;
}

/* ---- answers ---- */

typedef struct Answer {
	sbx_heap *heap;
	sbx_value keys[FIELDS], values[FIELDS];
	size_t count;
} Answer;

static void put(Answer *answer, const char *key, sbx_value value)
{
	if (sbx_kind(value) == SBX_INVALID || answer->count == FIELDS)
		return;
	answer->keys[answer->count] = sbx_str_make(answer->heap, key, strlen(key));
	answer->values[answer->count++] = value;
}

static void put_text(Answer *answer, const char *key, const char *text)
{
	put(answer, key, sbx_str_make(answer->heap, text, strlen(text)));
}

static void send_answer(Client *client, Answer *answer)
{
	sbx_value text, dict = sbx_dict_make(answer->heap, answer->keys, answer->values, answer->count);
	const char *line = "{\"error\": \"no memory for the answer\"}";
	size_t length = strlen(line);
	if (sbx_kind(dict) != SBX_INVALID && sbx_json_dump(answer->heap, dict, &text) == SBX_DONE)
		line = sbx_peek_str(answer->heap, text, &length);
	if (client->output.used + length > OUTPUT_MAX_BYTES ||
		!add_bytes(&client->output, line, length) || !add_bytes(&client->output, "\n", 1))
		client->is_closing = true; /* it does not read */
}

static void put_outcome(Service *service, Answer *answer, const char *id)
{
	Outcome outcome;
	if (runs_outcome(service, id, answer->heap, &outcome)) {
		put_text(answer, "error", sbx_journal_problem(service->journal));
		return;
	}
	put_text(answer, "status", outcome.word);
	put(answer, "result", outcome.result);
	put(answer, "error", outcome.error);
}

/* ---- what clients ask ---- */

static const sbx_entry *find_entry(const char *name)
{
	for (const sbx_entry *const *entry = sbx_entries_shop; *entry; entry++)
		if (strcmp(sbx_entry_name(*entry), name) == 0)
			return *entry;
	return NULL;
}

/* A text of the request; NULL: it has none, or one with a zero byte in it. */
static const char *text_of(Answer *answer, sbx_value request, const char *key)
{
	size_t length;
	const char *text =
		sbx_peek_str(answer->heap, sbx_dict_find(answer->heap, request, key), &length);
	return text && strlen(text) == length ? text : NULL;
}

/* The inputs in the entry's order, as it declares them. */
static const char *read_inputs(Answer *answer, const sbx_entry *entry, sbx_value given,
							   sbx_value *inputs)
{
	size_t used = 0;
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		const char *name = sbx_entry_input_name(entry, i);
		sbx_value v = sbx_dict_find(answer->heap, given, name);
		inputs[i] = v;
		if (sbx_kind(v) == SBX_INVALID)
			continue;
		used++;
		if (sbx_value_convert(answer->heap, sbx_entry_input_type(entry, i), 1, v, &inputs[i]))
			return sbx_run_error_text(answer->heap);
	}
	return used == sbx_count(given) ? NULL : "an unknown input";
}

static const char *start(Service *service, Answer *answer, const char *id, sbx_value request,
						 char *problem, size_t size)
{
	const char *name = text_of(answer, request, "entry");
	const sbx_entry *entry = find_entry(name ? name : "");
	sbx_value inputs[INPUTS];
	size_t count = entry ? sbx_entry_input_count(entry) : 0;
	if (!entry || count > INPUTS)
		return "no such entry";
	const char *wrong =
		read_inputs(answer, entry, sbx_dict_find(answer->heap, request, "inputs"), inputs);
	if (wrong)
		return wrong;
	return runs_start(service, id, entry, inputs, count, problem, size) < 0 ? problem : NULL;
}

static void do_start(Service *service, Answer *answer, const char *id, sbx_value request)
{
	char text[512] = "";
	const char *problem =
		runs_find(service, id) ? NULL : start(service, answer, id, request, text, sizeof text);
	if (problem)
		put_text(answer, "error", problem);
	else
		put_outcome(service, answer, id);
}

/* false: the answer comes when the run has ended. */
static bool do_result(Service *service, Client *client, Answer *answer, const char *id)
{
	Job *job = runs_find(service, id);
	Watch *watch;
	if (!job) {
		put_outcome(service, answer, id);
		return true;
	}
	watch = client->watch_count < WATCHES_MAX ? calloc(1, sizeof *watch) : NULL;
	if (!watch || !(watch->id = strdup(id))) {
		free(watch);
		put_text(answer, "error", "too many questions wait for their answer");
		return true;
	}
	client->watch_count++;
	job->is_watched = true;
	watch->next = client->watches;
	client->watches = watch;
	return false;
}

static void do_list(Service *service, Answer *answer)
{
	size_t count = 0;
	sbx_value *ids = malloc((service->job_count + 1) * sizeof *ids);
	for (const Job *job = service->jobs; ids && job; job = job->next)
		ids[count++] = sbx_str_make(answer->heap, job->id, strlen(job->id));
	put(answer, "running", sbx_int((int64_t)service->job_count));
	put(answer, "runs", ids ? sbx_list_make(answer->heap, ids, count) : sbx_none());
	free(ids);
}

static void handle(Service *service, Client *client, const char *line, size_t length)
{
	Answer answer = {0};
	sbx_value request;
	const char *verb = NULL, *id = NULL;
	bool is_answered = true;
	if (sbx_heap_open(64 << 20, &answer.heap)) {
		client->is_closing = true;
		return;
	}
	if (sbx_json_load(answer.heap, line, length, &request) == SBX_DONE) {
		verb = text_of(&answer, request, "do");
		id = text_of(&answer, request, "id");
	}
	if (id)
		put_text(&answer, "id", id);
	if (verb && strcmp(verb, "list") == 0)
		do_list(service, &answer);
	else if (!verb || !id || !*id)
		put_text(&answer, "error", "a request is an object with \"do\" and \"id\", on one line");
	else if (strcmp(verb, "start") == 0)
		do_start(service, &answer, id, request);
	else if (strcmp(verb, "status") == 0)
		put_outcome(service, &answer, id);
	else if (strcmp(verb, "result") == 0)
		is_answered = do_result(service, client, &answer, id);
	else if (strcmp(verb, "cancel") == 0 && runs_cancel(service, id) < 0)
		put_text(&answer, "error", sbx_journal_problem(service->journal));
	else if (strcmp(verb, "cancel") == 0)
		is_answered = do_result(service, client, &answer, id);
	else
		put_text(&answer, "error", "\"do\" is start, status, result, cancel or list");
	if (is_answered)
		send_answer(client, &answer);
	sbx_heap_close(answer.heap);
}

static void tell_client(Service *service, Client *client, const char *id)
{
	for (Watch **link = &client->watches, *watch; (watch = *link) != NULL;) {
		Answer answer = {0};
		if (strcmp(watch->id, id) != 0) {
			link = &watch->next;
			continue;
		}
		*link = watch->next;
		client->watch_count--;
		free(watch->id);
		free(watch);
		if (sbx_heap_open(64 << 20, &answer.heap)) {
			client->is_closing = true;
			continue;
		}
		put_text(&answer, "id", id);
		put_outcome(service, &answer, id);
		send_answer(client, &answer);
		sbx_heap_close(answer.heap);
	}
}

void clients_tell(Service *service, const char *id)
{
	for (Client *client = service->clients; client; client = client->next)
		tell_client(service, client, id);
}

/* ---- connections ---- */

void client_accept(Service *service)
{
	int s = accept4(service->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	Client *client = s < 0 ? NULL : calloc(1, sizeof *client);
	if (!client) {
		if (s >= 0)
			close(s);
		return;
	}
	client->socket = s;
	client->next = service->clients;
	if (client->next)
		client->next->previous = client;
	service->clients = client;
	(void)epoll_ctl(service->epoll, EPOLL_CTL_ADD, s,
					&(struct epoll_event){.events = EPOLLIN, .data.ptr = client});
}

static void close_client(Service *service, Client *client)
{
	Watch *watch;
	if (client->next)
		client->next->previous = client->previous;
	*(client->previous ? &client->previous->next : &service->clients) = client->next;
	while ((watch = client->watches) != NULL) {
		client->watches = watch->next;
		free(watch->id);
		free(watch);
	}
	close(client->socket);
	free(client->input.data);
	free(client->output.data);
	free(client);
}

void client_read(Service *service, Client *client)
{
	char block[1 << 16];
	ssize_t n = recv(client->socket, block, sizeof block, 0);
	size_t at = 0;
	const char *end;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
		(n > 0 && !add_bytes(&client->input, block, (size_t)n)))
		client->is_closing = true;
	while (!client->is_closing && at < client->input.used &&
		   (end = memchr(client->input.data + at, '\n', client->input.used - at)) != NULL) {
		size_t length = (size_t)(end - client->input.data) - at;
		handle(service, client, client->input.data + at, length);
		at += length + 1;
	}
	if (at)
		drop_bytes(&client->input, at);
	if (client->input.used > LINE_MAX_BYTES)
		client->is_closing = true;
}

void clients_write(Service *service)
{
	for (Client *client = service->clients, *next; client; client = next) {
		next = client->next;
		if (client->output.used && !client->is_closing) {
			ssize_t n =
				send(client->socket, client->output.data, client->output.used, MSG_NOSIGNAL);
			if (n > 0)
				drop_bytes(&client->output, (size_t)n);
			else if (n < 0 && errno != EAGAIN && errno != EINTR)
				client->is_closing = true;
		}
		if (client->wants_write != (client->output.used != 0)) {
			client->wants_write = client->output.used != 0;
			(void)epoll_ctl(
				service->epoll, EPOLL_CTL_MOD, client->socket,
				&(struct epoll_event){.events = EPOLLIN | (client->wants_write ? EPOLLOUT : 0),
									  .data.ptr = client});
		}
		if (client->is_closing)
			close_client(service, client);
	}
}

void clients_close(Service *service)
{
	while (service->clients)
		close_client(service, service->clients);
}
