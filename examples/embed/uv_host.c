/*
 * A host whose event loop is libuv's: durable orders of shop.py on one thread. See README.md.
 *
 * Whatever happens only makes a turn of the dispatcher due: one of its descriptors is readable, its time has come, libuv's thread
 * pool has done some work. The turn is made once for all of that, just before the loop waits again. No descriptor is watched
 * meanwhile: in it backends close descriptors and open others, maybe under the same numbers, and libuv must not be watching one
 * that is closed.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "sbx-host.h"
#include "shop.h"

enum { DESCRIPTORS = 64, INPUTS = 16, TICK_MS = 10 };

/* A descriptor of the dispatcher. */
typedef struct Watch {
	uv_poll_t poll; /* first: what is closed is freed */
	struct Watch *next;
	int descriptor;
} Watch;

/* One argument of the command line. */
typedef struct Order {
	const char *inputs; /* JSON */
	sbx_run *run;       /* NULL: it had ended before, or could not be begun */
	char id[32], problem[300];
} Order;

typedef struct Host {
	uv_loop_t loop;
	uv_prepare_t turns;
	uv_timer_t timeout, ticks;
	uv_signal_t interrupt, terminate;
	Watch *watches;
	bool is_due, is_interrupted;
	sbx_journal *journal;
	sbx_dispatcher *dispatcher;
	sbx_log *log;
	sbx_heap *heap;
	Order *orders;
	size_t order_count;
	unsigned charge_ms;
	uint64_t last_tick, longest_pause, tick_count;
} Host;

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "uv_host: error: %s: %s\n", what, why);
	return 4;
}

/* ---- a task in C that would block: charge, in libuv's thread pool ---- */

typedef struct Charge {
	uv_work_t work;
	unsigned ms;
	sbx_attempt *attempt; /* NULL: it is not wanted any more */
	char *customer, *receipt;
	int64_t cents;
} Charge;

/* In another thread, which sees the copies and nothing of the library. */
static void charge_customer(uv_work_t *work)
{
	Charge *charge = work->data;
	uv_sleep(charge->ms);
	if (strcmp(charge->customer, "Nobody") == 0 ||
		asprintf(&charge->receipt, "%s paid %" PRId64, charge->customer, charge->cents) < 0)
		charge->receipt = NULL;
}

/* In the thread of the loop again. */
static void charge_done(uv_work_t *work, int status)
{
	Charge *charge = work->data;
	Host *host = work->loop->data;
	if (charge->attempt && (status || !charge->receipt)) {
		sbx_attempt_fail(charge->attempt, "ValueError", "no such customer", NULL);
	} else if (charge->attempt) {
		sbx_heap *heap = sbx_call_run(charge->attempt->call);
		sbx_value receipt = sbx_str_make(heap, charge->receipt, strlen(charge->receipt));
		sbx_attempt_answer(charge->attempt, receipt);
		sbx_value_free(heap, receipt);
	}
	host->is_due = true;
	free(charge->receipt);
	free(charge->customer);
	free(charge);
}

static sbx_status charge_start(void *context, sbx_attempt *attempt)
{
	Host *host = context;
	const sbx_call *call = attempt->call;
	const char *customer = sbx_peek_str(sbx_call_run(call), sbx_call_arg(call, 0), NULL);
	Charge *charge = calloc(1, sizeof *charge);
	if (charge && customer)
		charge->customer = strdup(customer);
	if (!charge || !charge->customer) {
		free(charge);
		return SBX_E_NO_MEMORY;
	}
	(void)sbx_get_int(sbx_call_arg(call, 1), &charge->cents);
	charge->ms = host->charge_ms;
	charge->attempt = attempt;
	attempt->state = charge->work.data = charge;
	if (!uv_queue_work(&host->loop, &charge->work, charge_customer, charge_done))
		return SBX_DONE;
	free(charge->customer);
	free(charge);
	return SBX_E_BACKEND;
}

/* A thread that is at it cannot be stopped; what it does is forgotten. */
static void charge_cancel(void *context, sbx_attempt *attempt)
{
	Charge *charge = attempt->state;
	(void)context;
	charge->attempt = NULL;
	(void)uv_cancel((uv_req_t *)&charge->work);
}

/* ---- commits, in the same pool: the loop does not wait for the disk ---- */

static void write_journal(uv_work_t *work)
{
	const Host *host = work->data;
	sbx_status status = sbx_journal_write(host->journal);
	(void)status; /* the dispatcher is told */
}

static void journal_written(uv_work_t *work, int status)
{
	Host *host = work->data;
	(void)status;
	host->is_due = true; /* for what is durable now */
	free(work);
}

/* The loop may not know yet that the former one has been written: each is work of its own. */
static void want_commit(void *context)
{
	Host *host = context;
	uv_work_t *work = calloc(1, sizeof *work);
	if (work)
		work->data = host;
	if (work && !uv_queue_work(&host->loop, work, write_journal, journal_written))
		return;
	free(work);
	uv_work_t at_once = {.data = host};
	write_journal(&at_once);
}

/* ---- descriptors ---- */

static void free_handle(uv_handle_t *handle)
{
	free(handle);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	Host *host = poll->loop->data;
	(void)status, (void)events; /* the dispatcher finds out by itself */
	host->is_due = true;
}

static void stop_watching(Host *host)
{
	for (Watch *watch = host->watches; watch; watch = watch->next)
		(void)uv_poll_stop(&watch->poll);
}

static bool is_among(const int *descriptors, size_t count, int descriptor)
{
	for (size_t i = 0; i < count; i++)
		if (descriptors[i] == descriptor)
			return true;
	return false;
}

/* The watch of a descriptor; NULL: libuv cannot watch it, or no memory. */
static Watch *watch_of(Host *host, int descriptor)
{
	Watch *watch = host->watches;
	while (watch && watch->descriptor != descriptor)
		watch = watch->next;
	if (watch)
		return watch;
	watch = calloc(1, sizeof *watch);
	if (!watch || uv_poll_init(&host->loop, &watch->poll, descriptor)) {
		free(watch);
		return NULL;
	}
	watch->descriptor = descriptor;
	watch->next = host->watches;
	host->watches = watch;
	return watch;
}

/* Watches what there is to watch now, and forgets what is no more. */
static bool watch_again(Host *host)
{
	int now[DESCRIPTORS];
	size_t count = sbx_dispatcher_descriptors(host->dispatcher, now, DESCRIPTORS);
	for (Watch **link = &host->watches; *link;) {
		Watch *watch = *link;
		if (is_among(now, count, watch->descriptor)) {
			link = &watch->next;
		} else {
			*link = watch->next;
			uv_close((uv_handle_t *)&watch->poll, free_handle);
		}
	}
	for (size_t i = 0; i < count; i++) {
		Watch *watch = watch_of(host, now[i]);
		if (!watch || uv_poll_start(&watch->poll, UV_READABLE, on_readable)) {
			fail("libuv", "a descriptor cannot be watched");
			return false;
		}
	}
	return true;
}

/* ---- turns ---- */

static void on_timeout(uv_timer_t *timer)
{
	Host *host = timer->loop->data;
	host->is_due = true;
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, uv_handle_get_type(handle) == UV_POLL ? free_handle : NULL);
}

/* Then the loop ends by itself, when the threads of the pool are done. What is unfinished goes on at the next start. */
static void end(Host *host)
{
	uv_walk(&host->loop, close_handle, NULL);
	host->watches = NULL;
	sbx_dispatcher_close(host->dispatcher);
	host->dispatcher = NULL;
}

static void on_signal(uv_signal_t *signal, int number)
{
	Host *host = signal->loop->data;
	(void)number;
	host->is_interrupted = true;
	end(host);
}

static void turn(uv_prepare_t *prepare)
{
	Host *host = prepare->loop->data;
	if (!host->is_due)
		return;
	host->is_due = false;
	stop_watching(host);
	sbx_status status = sbx_dispatcher_poll(host->dispatcher);
	if (status < 0)
		fail("stopped", sbx_journal_problem(host->journal));
	if (status != SBX_WAITING || !watch_again(host)) {
		end(host);
		return;
	}
	int ms = sbx_dispatcher_timeout(host->dispatcher);
	uv_update_time(&host->loop);
	if (ms < 0)
		uv_timer_stop(&host->timeout);
	else
		uv_timer_start(&host->timeout, on_timeout, (uint64_t)ms, 0);
}

/* What else such a program does: something every ten milliseconds, which no task and no run holds up. */
static void on_tick(uv_timer_t *timer)
{
	Host *host = timer->loop->data;
	uint64_t now = uv_hrtime(), pause = now - host->last_tick;
	host->last_tick = now;
	host->tick_count++;
	if (pause > host->longest_pause)
		host->longest_pause = pause;
}

/* ---- opening ---- */

static int open_loop(Host *host)
{
	uv_loop_t *loop = &host->loop;
	int status = uv_prepare_init(loop, &host->turns) || uv_timer_init(loop, &host->timeout) ||
				 uv_timer_init(loop, &host->ticks) || uv_signal_init(loop, &host->interrupt) ||
				 uv_signal_init(loop, &host->terminate);
	loop->data = host;
	host->last_tick = uv_hrtime();
	host->is_due = true;
	if (status || uv_prepare_start(&host->turns, turn) ||
		uv_timer_start(&host->ticks, on_tick, TICK_MS, TICK_MS) ||
		uv_signal_start(&host->interrupt, on_signal, SIGINT) ||
		uv_signal_start(&host->terminate, on_signal, SIGTERM))
		return fail("libuv", "its loop cannot be set up");
	return 0;
}

static int open_dispatcher(Host *host, const char *journal, const char *log)
{
	sbx_recorder recorder;
	sbx_native_task charge = {.size = sizeof charge,
							  .name = "shop.charge",
							  .context = host,
							  .call = charge_start,
							  .cancel = charge_cancel};
	sbx_local_options local = {.size = sizeof local, .entry = &sbx_machine_shop_order};
	sbx_dispatcher_options options = {
		.size = sizeof options, .recorder = &recorder, .event = sbx_log_event};
	sbx_backend backend;
	if (log && sbx_log_open(log, &host->log))
		return fail(log, "the log cannot be opened");
	if (sbx_journal_open(journal, &host->journal))
		return fail(journal, sbx_journal_problem(host->journal));
	sbx_journal_recorder(host->journal, &recorder);
	sbx_journal_hand_over(host->journal, want_commit, host);
	options.context = local.log = host->log;
	sbx_status status = sbx_dispatcher_open(&options, &host->dispatcher);
	if (!status)
		status = sbx_dispatcher_native(host->dispatcher, &charge);
	if (!status)
		status = sbx_local_open(&local, &backend);
	if (!status)
		status = sbx_dispatcher_route(host->dispatcher, NULL, &backend);
	return status ? fail("the dispatcher", sbx_status_text(status)) : 0;
}

/* ---- orders ---- */

/* The inputs in the entry's order, as it declares them. */
static sbx_status read_inputs(Host *host, const Order *order, sbx_value inputs[INPUTS])
{
	const sbx_entry *entry = &sbx_machine_shop_order;
	sbx_value given;
	sbx_status status = sbx_json_load(host->heap, order->inputs, strlen(order->inputs), &given);
	for (size_t i = 0; !status && i < sbx_entry_input_count(entry); i++) {
		inputs[i] = sbx_dict_find(host->heap, given, sbx_entry_input_name(entry, i));
		if (sbx_kind(inputs[i]) != SBX_INVALID)
			status = sbx_value_convert(host->heap, sbx_entry_input_type(entry, i), 1, inputs[i],
									   &inputs[i]);
	}
	return status;
}

/* Begins the run, or takes it up where a former process has left it. */
static void begin(Host *host, Order *order)
{
	const sbx_entry *entry = &sbx_machine_shop_order;
	sbx_value inputs[INPUTS];
	const char *problem = "";
	sbx_status status =
		sbx_run_open_json(entry, order->inputs, strlen(order->inputs), NULL, &order->run);
	if (status) {
		problem = order->run ? sbx_run_error_text(order->run) : sbx_status_text(status);
	} else if ((status = read_inputs(host, order, inputs)) != SBX_DONE) {
		problem = sbx_status_text(status);
	} else {
		status = sbx_journal_begin(host->journal, order->id, entry, inputs,
								   sbx_entry_input_count(entry));
		problem = status < 0 ? sbx_journal_problem(host->journal) : "";
		if (status == SBX_RUNNING) {
			status = sbx_journal_attach(host->journal, order->id, order->run);
			if (!status)
				status = sbx_dispatcher_add(host->dispatcher, order->run);
			problem = status ? sbx_status_text(status) : "";
			if (!status)
				return;
		}
	}
	snprintf(order->problem, sizeof order->problem, "%s", problem);
	sbx_run_free(order->run);
	order->run = NULL;
}

static const char *last_line(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	while (length > 1 && text[length - 2] != '\n')
		length--;
	return length ? text + length - 1 : "\n";
}

/* Why it has stopped: at a limit, without what a task needs, or since the journal cannot be written. */
static const char *why_not(const Host *host, const Order *order)
{
	const char *problem = sbx_journal_problem(host->journal);
	return *problem || !order->run ? problem : sbx_run_error_text(order->run);
}

/* false: it has no end. What has ended is in the journal, from whatever process. */
static bool print_end(Host *host, Order *order)
{
	sbx_value result, error, text;
	printf("%s\n", order->inputs);
	if (*order->problem)
		return printf("  %s\n", order->problem) > 0;
	switch (sbx_journal_result(host->journal, order->id, host->heap, &result, &error)) {
	case SBX_DONE:
		if (sbx_json_dump(host->heap, result, &text))
			return false;
		return printf("  %s\n", sbx_peek_str(host->heap, text, NULL)) > 0;
	case SBX_E_RAISED:
		return printf("  %s", last_line(sbx_peek_str(host->heap, error, NULL))) > 0;
	case SBX_E_CANCELLED:
		return printf("  cancelled\n") > 0;
	default:
		printf("  goes on at the next start%s%s\n", host->is_interrupted ? "" : ": ",
			   host->is_interrupted ? "" : why_not(host, order));
		return false;
	}
}

static int close_all(Host *host, int code)
{
	bool all_ended = true;
	for (size_t i = 0; i < host->order_count; i++) {
		if (!code)
			all_ended &= print_end(host, &host->orders[i]);
		sbx_run_free(host->orders[i].run);
		if (host->journal)
			sbx_journal_end(host->journal, host->orders[i].id);
	}
	sbx_journal_close(host->journal);
	sbx_log_close(host->log);
	sbx_heap_close(host->heap);
	free(host->orders);
	return code || all_ended ? code : host->is_interrupted ? 130 : 4;
}

static int serve(Host *host, const char *journal, const char *log)
{
	int code = open_loop(host);
	if (!code)
		code = open_dispatcher(host, journal, log);
	if (!code) {
		sbx_journal_defer(host->journal); /* all begin in the first commit */
		for (size_t i = 0; i < host->order_count; i++)
			begin(host, &host->orders[i]);
	} else {
		end(host);
	}
	(void)uv_run(&host->loop, UV_RUN_DEFAULT);
	fprintf(stderr, "uv_host: %" PRIu64 " ticks of %d ms, the longest pause %" PRIu64 " ms\n",
			host->tick_count, TICK_MS, host->longest_pause / 1000000);
	return code;
}

int main(int argc, char **argv)
{
	Host host = {.charge_ms = 20};
	const char *journal = NULL, *log = NULL;
	int i = 1;
	for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
		if (strcmp(argv[i], "--journal") == 0)
			journal = argv[i + 1];
		else if (strcmp(argv[i], "--log") == 0)
			log = argv[i + 1];
		else if (strcmp(argv[i], "--charge-ms") == 0)
			host.charge_ms = (unsigned)strtoul(argv[i + 1], NULL, 10);
		else
			break;
	}
	if (!journal || i >= argc || argv[i][0] == '-') {
		fputs("usage: uv_host --journal FILE [--log FILE] [--charge-ms N] INPUTS...\n", stderr);
		return 2;
	}
	host.order_count = (size_t)(argc - i);
	host.orders = calloc(host.order_count, sizeof *host.orders);
	if (!host.orders || sbx_heap_open(0, &host.heap) || uv_loop_init(&host.loop)) {
		free(host.orders);
		return fail("start", "no memory");
	}
	for (size_t k = 0; k < host.order_count; k++) {
		host.orders[k].inputs = argv[i + (int)k];
		snprintf(host.orders[k].id, sizeof host.orders[k].id, "order-%zu", k + 1);
	}
	int code = close_all(&host, serve(&host, journal, log));
	(void)uv_loop_close(&host.loop);
	return code;
}
