/*
 * examples/embed/uv_host.c with a backend in place of the local workers whose descriptor is another one after each poll: mostly
 * under the number of the one that was closed. Nothing but that descriptor tells that a call is done, so a host that
 * misses a change waits for ever; an alarm ends it.
 */
#define sbx_local_open fickle_open
#include "uv_host.c"

#include <sys/timerfd.h>
#include <unistd.h>

enum { CALLS = 64, CALL_MS = 3, MOST_SECONDS = 30 };

typedef struct Fickle {
	sbx_attempt *waiting[CALLS]; /* the first one is being carried out */
	size_t count;
	unsigned polls;
	int timer;
} Fickle;

static void arm(Fickle *fickle)
{
	struct itimerspec soon = {.it_value.tv_nsec = CALL_MS * 1000000};
	fickle->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fickle->timer < 0 || timerfd_settime(fickle->timer, 0, &soon, NULL))
		abort();
}

static void carry_out(sbx_attempt *attempt)
{
	const sbx_call *call = attempt->call;
	sbx_heap *heap = sbx_call_run(call);
	const char *name = sbx_call_task_name(call);
	const char *first = sbx_peek_str(heap, sbx_call_arg(call, 0), NULL);
	char line[200];
	if (strcmp(name, "shop.price") == 0) {
		sbx_attempt_answer(attempt, sbx_int(100 * (int64_t)strlen(first)));
		return;
	}
	if (strcmp(name, "shop.reserve") == 0)
		snprintf(line, sizeof line, "reserved %s", first);
	else
		snprintf(line, sizeof line, "%zu to %s", sbx_count(sbx_call_arg(call, 1)), first);
	sbx_value text = sbx_str_make(heap, line, strlen(line));
	sbx_attempt_answer(attempt, text);
	sbx_value_free(heap, text);
}

static sbx_status fickle_start(void *context, sbx_attempt *attempt)
{
	Fickle *fickle = context;
	if (fickle->count == CALLS)
		return SBX_E_BACKEND;
	fickle->waiting[fickle->count++] = attempt;
	if (fickle->timer < 0)
		arm(fickle);
	return SBX_DONE;
}

static sbx_status fickle_poll(void *context)
{
	Fickle *fickle = context;
	uint64_t times;
	if (fickle->timer < 0)
		return SBX_DONE;
	if (read(fickle->timer, &times, sizeof times) == sizeof times) {
		sbx_attempt *done = fickle->waiting[0];
		fickle->count--;
		memmove(fickle->waiting, fickle->waiting + 1, fickle->count * sizeof *fickle->waiting);
		carry_out(done);
	}
	int former = fickle->timer;
	if (++fickle->polls % 3 == 0 && fickle->count) { /* under another number */
		arm(fickle);
		close(former);
		return SBX_DONE;
	}
	close(former);
	fickle->timer = -1;
	if (fickle->count)
		arm(fickle);
	return SBX_DONE;
}

static void fickle_cancel(void *context, sbx_attempt *attempt)
{
	Fickle *fickle = context;
	size_t i = 0;
	while (fickle->waiting[i] != attempt)
		i++;
	fickle->count--;
	memmove(fickle->waiting + i, fickle->waiting + i + 1,
			(fickle->count - i) * sizeof *fickle->waiting);
}

static int fickle_descriptor(void *context)
{
	const Fickle *fickle = context;
	return fickle->timer;
}

static void fickle_close(void *context)
{
	Fickle *fickle = context;
	fprintf(stderr, "%u polls\n", fickle->polls);
	if (fickle->timer >= 0)
		close(fickle->timer);
	free(fickle);
}

sbx_status fickle_open(const sbx_local_options *options, sbx_backend *backend)
{
	Fickle *fickle = calloc(1, sizeof *fickle);
	(void)options;
	if (!fickle)
		return SBX_E_NO_MEMORY;
	fickle->timer = -1;
	alarm(MOST_SECONDS);
	*backend = (sbx_backend){.size = sizeof *backend,
							 .context = fickle,
							 .start = fickle_start,
							 .poll = fickle_poll,
							 .cancel = fickle_cancel,
							 .descriptor = fickle_descriptor,
							 .close = fickle_close};
	return SBX_DONE;
}
