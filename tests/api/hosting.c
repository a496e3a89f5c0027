/*
 * What sbx.h promises to a host, each promise once, with the shop of examples/embed: listing, opening, calls answered in every
 * way (at once, later, out of order, from another thread's queue, in another process), limits, results, usage.
 * Prints `ok NAME` or `FAIL NAME: why`.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ends.h"
#include "shop.h"

static const char *name;
static int bad, all_bad;

#define CHECK(condition) \
	((condition) ? (void)0 \
				 : (void)(bad++, printf("FAIL %s: line %d: %s\n", name, __LINE__, #condition)))

static void begin(const char *test)
{
	name = test;
	bad = 0;
}

static void end(void)
{
	if (!bad)
		printf("ok %s\n", name);
	all_bad += bad;
}

static int is_type(const sbx_type *type, const char *text)
{
	char buffer[64];
	return sbx_type_text(type, buffer, sizeof buffer) == strlen(text) && strcmp(buffer, text) == 0;
}

static int is_json(sbx_heap *heap, sbx_value v, const char *json)
{
	sbx_value text;
	return sbx_json_dump(heap, v, &text) == SBX_DONE &&
		   strcmp(sbx_peek_str(heap, text, NULL), json) == 0;
}

static sbx_run *open_json(const char *json, const sbx_run_options *options)
{
	sbx_run *run;
	CHECK(sbx_run_open_json(&sbx_machine_shop_order, json, strlen(json), options, &run) ==
		  SBX_DONE);
	return run;
}

static void test_entries(void)
{
	const sbx_entry *entry = sbx_entries_shop[0];
	sbx_task_info info = {.size = sizeof info};
	sbx_heap *heap;
	uint32_t line = 0;
	begin("entries");
	CHECK(entry == &sbx_machine_shop_order && sbx_entries_shop[1] == NULL);
	CHECK(strcmp(sbx_entry_name(entry), "order") == 0);
	CHECK(strcmp(sbx_entry_full_name(entry), "shop.order") == 0);
	CHECK(strncmp(sbx_entry_doc(entry), "Prices all items", 16) == 0);
	CHECK(strstr(sbx_entry_source(entry, &line), "shop.py") && line == ORDER_LINE);
	CHECK(sbx_entry_input_count(entry) == 3);
	CHECK(strcmp(sbx_entry_input_name(entry, 1), "items") == 0 && !sbx_entry_input_name(entry, 3));
	CHECK(is_type(sbx_entry_input_type(entry, 1), "list[str]"));
	CHECK(is_type(sbx_entry_result_type(entry), "dict[str, str]"));
	CHECK(sbx_entry_input_required(entry, 0) && !sbx_entry_input_required(entry, 2));
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE);
	CHECK(sbx_kind(sbx_entry_input_default(entry, 0, heap)) == SBX_INVALID);
	CHECK(sbx_kind(sbx_entry_input_default(entry, 2, heap)) == SBX_BOOL);
	sbx_heap_close(heap);
	CHECK(sbx_entry_task_count(entry) == 4 && !sbx_entry_task(entry, 4, &info));
	CHECK(sbx_entry_task(entry, 0, &info) && strncmp(info.name, "shop.", 5) == 0 &&
		  !info.task_type);
	end();
}

/* The pending call of this id or the next one. */
static uint64_t next(sbx_run *run, const char *task)
{
	const sbx_call *call = sbx_run_next_call(run);
	CHECK(call && strcmp(sbx_call_task_name(call), task) == 0);
	return call ? sbx_call_id(call) : 0;
}

static void answer_text(sbx_run *run, const char *task, const char *json)
{
	uint64_t id = next(run, task);
	CHECK(sbx_run_answer_json(run, id, json, strlen(json)) == SBX_DONE);
	CHECK(sbx_run_step(run) >= SBX_DONE);
}

static void finish(sbx_run *run)
{
	answer_text(run, "shop.reserve", "\"a\"");
	answer_text(run, "shop.reserve", "\"b\"");
	answer_text(run, "shop.charge", "\"paid\"");
	answer_text(run, "shop.ship", "\"gone\"");
	CHECK(sbx_run_status(run) == SBX_DONE);
	CHECK(is_json(run, sbx_run_result(run), "{\"receipt\": \"paid\", \"shipment\": \"gone\"}"));
}

static const char TWO[] = "{\"customer\": \"Ada\", \"items\": [\"tea\", \"milk\"]}";

static void test_calls(void)
{
	sbx_run *run;
	const sbx_call *first, *second;
	begin("several calls pending, answered in another order");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_step(run) == SBX_WAITING);
	first = sbx_run_next_call(run);
	second = sbx_run_next_call(run);
	CHECK(first && second && !sbx_run_next_call(run));
	CHECK(sbx_call_id(first) == 1 && sbx_call_id(second) == 2 && sbx_call_run(first) == run);
	CHECK(sbx_call_arg_count(first) == 1 && strcmp(sbx_call_arg_name(first, 0), "item") == 0);
	CHECK(strcmp(sbx_peek_str(run, sbx_call_arg(second, 0), NULL), "milk") == 0);
	CHECK(is_type(sbx_call_arg_type(first, 0), "str") &&
		  is_type(sbx_call_result_type(first), "int"));
	CHECK(sbx_run_answer(run, 2, sbx_int(400)) == SBX_DONE && sbx_run_status(run) == SBX_WAITING);
	CHECK(sbx_run_answer(run, 2, sbx_int(400)) == SBX_E_NO_CALL && !sbx_run_has_call(run, 2));
	CHECK(sbx_run_answer(run, 1, (sbx_value){0}) == SBX_E_ARGUMENT && sbx_run_has_call(run, 1));
	CHECK(sbx_run_answer_json(run, 1, "{", 1) == SBX_E_SYNTAX && sbx_run_has_call(run, 1));
	CHECK(sbx_run_fail(run, 1, NULL, NULL, NULL) == SBX_E_ARGUMENT && sbx_run_has_call(run, 1));
	CHECK(sbx_run_answer(run, 1, sbx_int(300)) == SBX_DONE && sbx_run_status(run) == SBX_RUNNING);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	finish(run);
	CHECK(sbx_run_cancel(run) == SBX_E_STATE);
	sbx_run_free(run);
	end();

	begin("an answer that does not fit raises TypeError");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_answer(run, next(run, "shop.price"), sbx_float(1.5)) == SBX_E_TYPE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED && strcmp(sbx_run_error_type(run), "TypeError") == 0);
	sbx_run_free(run);
	end();

	begin("a failed call raises what the task raised");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_fail(run, next(run, "shop.price"), "shop.Sold", "no tea", "remote line\n") ==
		  SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED);
	CHECK(strcmp(sbx_run_error_text(run), "shop.Sold: no tea") == 0);
	CHECK(strncmp(sbx_run_traceback(run), "remote line\n", 12) == 0);
	CHECK(strstr(sbx_run_traceback(run), "shop.py\", line ") != NULL);
	CHECK(sbx_kind(sbx_run_result(run)) == SBX_INVALID);
	sbx_run_free(run);
	end();

	begin("one call is given up");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	CHECK(sbx_run_cancel_call(run, next(run, "shop.price"), "too dear") == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_E_RAISED && strstr(sbx_run_error_text(run), "too dear"));
	sbx_run_free(run);
	end();

	begin("a run is cancelled, or stopped with a text");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING && sbx_run_cancel(run) == SBX_DONE);
	CHECK(sbx_run_status(run) == SBX_E_CANCELLED && sbx_run_step(run) == SBX_E_CANCELLED);
	CHECK(!sbx_run_has_call(run, 1) && sbx_run_answer(run, 1, sbx_int(1)) == SBX_E_NO_CALL);
	sbx_run_free(run);
	run = open_json(TWO, NULL);
	CHECK(sbx_run_stop(run, SBX_DONE, "x") == SBX_E_ARGUMENT);
	CHECK(sbx_run_stop(run, SBX_E_UNAVAILABLE, "no shop") == SBX_DONE);
	CHECK(strcmp(sbx_run_error_text(run), "no shop") == 0);
	sbx_run_free(run);
	end();
}

static void test_opening(void)
{
	struct {
		sbx_run_options options;
		uint64_t later;
	} wide = {.options = {.size = sizeof wide}};
	sbx_value inputs[4];
	sbx_heap *heap;
	sbx_run *run;
	begin("values of another heap are copied");
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE);
	inputs[0] = sbx_str_make(heap, "Ada", 3);
	inputs[1] = sbx_str_make(heap, "tea", 3);
	inputs[1] = sbx_list_make(heap, &inputs[1], 1);
	CHECK(sbx_run_open(&sbx_machine_shop_order, inputs, 2, NULL, &run) == SBX_DONE);
	sbx_heap_close(heap);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	CHECK(strcmp(sbx_peek_str(run, sbx_call_arg(sbx_run_next_call(run), 0), NULL), "tea") == 0);
	sbx_run_free(run);
	end();

	begin("inputs that do not fit are all told");
	CHECK(sbx_run_open_json(&sbx_machine_shop_order, "{\"customer\": 5, \"x\": 1}", 23, NULL,
							&run) == SBX_E_INPUT);
	CHECK(run && strstr(sbx_run_error_text(run), "'customer'") &&
		  strstr(sbx_run_error_text(run), "'items'") && strstr(sbx_run_error_text(run), "'x'"));
	CHECK(sbx_run_step(run) == SBX_E_INPUT);
	sbx_run_free(run);
	CHECK(sbx_run_open(&sbx_machine_shop_order, inputs, 4, NULL, &run) == SBX_E_ARGUMENT && !run);
	CHECK(sbx_run_open(NULL, NULL, 0, NULL, &run) == SBX_E_ARGUMENT && !run);
	end();

	begin("options of later and of unknown versions");
	run = open_json(TWO, &wide.options);
	sbx_run_free(run);
	wide.later = 1;
	CHECK(sbx_run_open_json(&sbx_machine_shop_order, TWO, strlen(TWO), &wide.options, &run) ==
			  SBX_E_ARGUMENT &&
		  !run);
	wide.options.size = 8;
	CHECK(sbx_run_open_json(&sbx_machine_shop_order, TWO, strlen(TWO), &wide.options, &run) ==
			  SBX_E_ARGUMENT &&
		  !run);
	end();
}

static void test_limits(void)
{
	sbx_run_options options = {.size = sizeof options};
	sbx_usage usage = {.size = sizeof usage};
	char json[40000];
	sbx_run *run;
	begin("limits of one run, and what it has used");
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	sbx_run_usage(run, &usage);
	CHECK(usage.steps && usage.bytes && usage.peak_bytes >= usage.bytes);
	sbx_run_free(run);
	options.max_steps = usage.steps - 1;
	run = open_json(TWO, &options);
	CHECK(run && sbx_run_step(run) == SBX_E_STEPS);
	sbx_run_free(run);
	memset(json, ' ', sizeof json);
	options = (sbx_run_options){.size = sizeof options, .max_memory = 4096};
	snprintf(json, sizeof json, "{\"customer\": \"%*s\", \"items\": []}", 30000, "x");
	CHECK(sbx_run_open_json(&sbx_machine_shop_order, json, strlen(json), &options, &run) ==
			  SBX_E_MEMORY &&
		  !run);
	run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	sbx_run_usage(run, &usage);
	CHECK(usage.calls == 2);
	usage = (sbx_usage){.size = 2 * sizeof(uint64_t), .steps = 77};
	sbx_run_usage(run, &usage);
	CHECK(usage.bytes && usage.steps == 77); /* no more than fits is written */
	sbx_run_free(run);
	end();
}

/* What a call has left to its defaults, and what an entry says of its retries. */
static void test_left_out(void)
{
	const sbx_entry *entry = &sbx_machine_ends_leaves_out;
	sbx_value n = sbx_int(1);
	sbx_heap *heap;
	sbx_run *run;
	begin("defaults of a call");
	CHECK(sbx_entry_retries(entry) == 2 && sbx_entry_retries(&sbx_machine_ends_asks) == 0);
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE);
	CHECK(sbx_run_open(entry, &n, 1, NULL, &run) == SBX_DONE);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	const sbx_call *call = sbx_run_next_call(run);
	CHECK(sbx_kind(sbx_call_arg(call, 1)) == SBX_INVALID);
	CHECK(is_json(heap, sbx_call_arg_default(call, 1, heap), "[1, 2]"));
	CHECK(sbx_kind(sbx_call_arg(call, 2)) == SBX_INVALID);
	/* n has none, since is no constant, and there is no fifth one */
	for (size_t i = 0; i <= 4; i += 2)
		CHECK(sbx_kind(sbx_call_arg_default(call, i, heap)) == SBX_INVALID);
	CHECK(
		is_json(heap, sbx_call_arg_default(call, 3, heap), "\"m\"")); /* also where one is given */
	sbx_run_free(run);
	sbx_heap_close(heap);
	end();
}

/* Runs an entry of ends.py on n to its end. */
static sbx_run *run_ends(const sbx_entry *entry, int64_t n, const sbx_run_options *options,
						 sbx_usage *usage)
{
	sbx_value input = sbx_int(n);
	sbx_run *run;
	*usage = (sbx_usage){.size = sizeof *usage};
	CHECK(sbx_run_open(entry, &input, 1, options, &run) == SBX_DONE);
	CHECK(sbx_run_step(run) != SBX_RUNNING);
	sbx_run_usage(run, usage);
	return run;
}

static void test_usage_at_the_end(void)
{
	sbx_run_options small = {.size = sizeof small, .max_memory = 100};
	sbx_usage usage;
	begin("what was used until the end, however it came");
	for (int64_t n = 1; n <= 1000000; n *= 10) {
		sbx_run *run = run_ends(&sbx_machine_ends_returns, n, NULL, &usage);
		uint64_t steps = usage.steps;
		CHECK(sbx_run_status(run) == SBX_DONE && steps >= (uint64_t)n && steps < (uint64_t)n + 10);
		sbx_run_free(run);
		run = run_ends(&sbx_machine_ends_raises, n, NULL, &usage);
		CHECK(sbx_run_status(run) == SBX_E_RAISED && usage.nanoseconds > 0);
		CHECK(usage.steps >= (uint64_t)n && usage.steps < (uint64_t)n + 10);
		sbx_run_free(run);
	}
	sbx_run *run = run_ends(&sbx_machine_ends_descends, 1, NULL, &usage);
	CHECK(sbx_run_status(run) == SBX_E_DEPTH && usage.steps >= 256 && usage.nanoseconds > 0);
	sbx_run_free(run);
	/* a limit that the run itself is over */
	run = run_ends(&sbx_machine_ends_returns, 1, &small, &usage);
	CHECK(sbx_run_status(run) == SBX_E_MEMORY);
	CHECK(strcmp(sbx_run_error_text(run), "MemoryError") == 0);
	sbx_run_free(run);
	end();
}

static void test_asking_early(void)
{
	char asked[2000], unasked[2000];
	sbx_usage usage;
	begin("asking for an error before the run has seen it changes nothing");
	for (int asks = 0; asks < 2; asks++) {
		sbx_run *run = run_ends(&sbx_machine_ends_asks, 1, NULL, &usage);
		const sbx_call *call = sbx_run_next_call(run);
		CHECK(sbx_run_answer_json(run, sbx_call_id(call), "[1]", 3) == SBX_E_TYPE);
		if (asks)
			CHECK(strcmp(sbx_run_error_text(run), sbx_run_traceback(run)) == 0 &&
				  strstr(sbx_run_error_text(run), "TypeError: "));
		CHECK(sbx_run_step(run) == SBX_E_RAISED);
		snprintf(asks ? asked : unasked, sizeof asked, "%s", sbx_run_traceback(run));
		sbx_run_free(run);
	}
	CHECK(strcmp(asked, unasked) == 0 && strstr(asked, "line 38, in asks"));
	end();
}

/* ---- from another thread ---- */

typedef struct Queue {
	pthread_mutex_t mutex;
	pthread_cond_t some;
	uint64_t call;
	char json[64];
	int is_full;
} Queue;

static void *other_thread(void *context)
{
	Queue *queue = context;
	pthread_mutex_lock(&queue->mutex);
	snprintf(queue->json, sizeof queue->json, "%d", 700);
	queue->is_full = 1;
	pthread_cond_signal(&queue->some);
	pthread_mutex_unlock(&queue->mutex);
	return NULL;
}

static void test_threads(void)
{
	begin("answers through another thread's queue");
	sbx_run *run = open_json(TWO, NULL);
	CHECK(sbx_run_step(run) == SBX_WAITING);
	for (int i = 0; i < 2; i++) {
		Queue queue = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, next(run, "shop.price"),
					   "", 0};
		pthread_t thread;
		CHECK(pthread_create(&thread, NULL, other_thread, &queue) == 0);
		pthread_mutex_lock(&queue.mutex);
		while (!queue.is_full)
			pthread_cond_wait(&queue.some, &queue.mutex);
		pthread_mutex_unlock(&queue.mutex);
		pthread_join(thread, NULL);
		CHECK(sbx_run_answer_json(run, queue.call, queue.json, strlen(queue.json)) == SBX_DONE);
	}
	CHECK(sbx_run_step(run) == SBX_WAITING);
	finish(run);
	sbx_run_free(run);
	end();
}

static void *run_many(void *context)
{
	int *good = context;
	for (int i = 0; i < 200; i++) {
		sbx_run *run;
		const sbx_call *call;
		if (sbx_run_open_json(&sbx_machine_shop_order, TWO, strlen(TWO), NULL, &run))
			return NULL;
		while (sbx_run_step(run) == SBX_WAITING)
			while ((call = sbx_run_next_call(run)) != NULL) {
				const char *json =
					sbx_type_kind_of(sbx_call_result_type(call)) == SBX_INT ? "1" : "\"x\"";
				if (sbx_run_answer_json(run, sbx_call_id(call), json, strlen(json)))
					return NULL;
			}
		*good += sbx_run_status(run) == SBX_DONE;
		sbx_run_free(run);
	}
	return NULL;
}

static void test_independence(void)
{
	pthread_t threads[4];
	int good[4] = {0};
	begin("runs on different threads share nothing");
	for (int i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, run_many, &good[i]) == 0);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		CHECK(good[i] == 200);
	}
	end();
}

/* ---- in another process ---- */

static int go_on(int from)
{
	unsigned char bytes[4096];
	ssize_t length = read(from, bytes, sizeof bytes);
	sbx_run *run;
	if (length <= 0 ||
		sbx_run_restore(sbx_entries_shop[0], bytes, (size_t)length, NULL, &run) != SBX_DONE)
		return 1;
	/* the first call was answered before the snapshot, the second one is handed out again */
	if (next(run, "shop.price") != 2 || sbx_run_next_call(run) ||
		sbx_run_answer(run, 2, sbx_int(1)) != SBX_DONE || sbx_run_step(run) != SBX_WAITING)
		return 2;
	finish(run);
	sbx_run_free(run);
	return bad != 0;
}

static void test_processes(void)
{
	sbx_run *run = open_json(TWO, NULL);
	int ends[2], status = -1;
	const unsigned char *bytes;
	sbx_value snapshot;
	sbx_heap *heap;
	uint64_t fingerprint = 0;
	size_t length;
	begin("a run goes on in another process");
	CHECK(sbx_run_step(run) == SBX_WAITING && next(run, "shop.price") == 1);
	CHECK(next(run, "shop.price") == 2 && sbx_run_answer(run, 1, sbx_int(5)) == SBX_DONE);
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE &&
		  sbx_run_snapshot(run, heap, &snapshot) == SBX_DONE);
	bytes = sbx_peek_bytes(snapshot, &length);
	for (int i = 0; i < 8; i++)
		fingerprint |= (uint64_t)bytes[4 + i] << 8 * i;
	CHECK(fingerprint == sbx_entry_fingerprint(sbx_entries_shop[0]) && length < 160);
	CHECK(pipe(ends) == 0);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		_exit(go_on(ends[0]));
	}
	CHECK(write(ends[1], bytes, length) == (ssize_t)length);
	close(ends[1]);
	close(ends[0]);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	sbx_heap_close(heap);
	sbx_run_free(run);
	end();
}

static void test_values(void)
{
	sbx_heap *heap;
	sbx_value v, out, items[2];
	int64_t i = 7;
	begin("values");
	CHECK(sbx_heap_open(0, &heap) == SBX_DONE);
	CHECK(sbx_kind(sbx_str_make(heap, "\xff", 1)) == SBX_INVALID);
	CHECK(sbx_kind(sbx_int_from_text(heap, "1_0", 3)) == SBX_INVALID);
	v = sbx_int_from_text(heap, "-0xFFFFFFFFFFFFFFFFFF", 21);
	CHECK(sbx_kind(v) == SBX_INT && !sbx_get_int(v, &i) && i == 7);
	CHECK(is_json(heap, v, "-4722366482869645213695"));
	items[0] = items[1] = sbx_int(3);
	CHECK(sbx_count(sbx_set_make(heap, items, 2, 0)) == 1);
	items[0] = sbx_list_make(heap, NULL, 0);
	CHECK(sbx_kind(sbx_set_make(heap, items, 1, 0)) == SBX_INVALID);
	CHECK(sbx_kind(sbx_dict_make(heap, items, items, 1)) == SBX_INVALID);
	CHECK(sbx_kind(sbx_list_make(heap, &(sbx_value){0}, 1)) == SBX_INVALID);
	CHECK(sbx_kind(sbx_handle_make(heap, SBX_STR, "x", NULL, NULL)) == SBX_INVALID);
	CHECK(sbx_handle_format(heap, sbx_handle_make(heap, SBX_FILE, "x", NULL, NULL)) == NULL);
	CHECK(sbx_kind(sbx_datetime_make(heap, INT64_MAX, 0)) == SBX_INVALID);
	CHECK(!sbx_peek_str(heap, sbx_int(1), NULL) && !sbx_peek_bytes(sbx_int(1), &(size_t){0}));
	CHECK(sbx_kind(sbx_peek_item(sbx_int(1), 0)) == SBX_INVALID &&
		  sbx_get_float(sbx_int(2)) == 2.0);
	items[0] = sbx_tuple_make(heap, NULL, 0);
	items[0] = sbx_dict_make(heap, &items[0], &items[1], 1);
	CHECK(sbx_json_dump(heap, items[0], &v) == SBX_E_RAISED && *sbx_run_error_text(heap));
	CHECK(sbx_wire_dump(heap, items[0], &v) == SBX_DONE && sbx_kind(v) == SBX_BYTES);
	CHECK(sbx_json_load(heap, "[1, ", 4, &v) == SBX_E_SYNTAX && *sbx_run_error_text(heap));
	CHECK(sbx_json_load(heap, "[\"x\"]", 5, &v) == SBX_DONE);
	CHECK(sbx_value_convert(heap, sbx_entry_input_type(sbx_entries_shop[0], 0), 0, v, &out) ==
			  SBX_E_TYPE &&
		  *sbx_run_error_text(heap));
	CHECK(strcmp(sbx_status_text((sbx_status)99), "unknown status") == 0);
	sbx_heap_close(heap);
	sbx_heap_close(NULL);
	sbx_run_free(NULL);
	end();
}

int main(void)
{
	test_entries();
	test_left_out();
	test_opening();
	test_calls();
	test_limits();
	test_usage_at_the_end();
	test_asking_early();
	test_threads();
	test_independence();
	test_processes();
	test_values();
	return all_bad != 0;
}
