/*
 * What a dispatcher asks its cache: at once or poll by poll, and what becomes of calls that are cancelled, removed or cut off
 * meanwhile; and the cache of sbx-host.h, whose files are read in pieces.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "run_fake.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/include/sbx-host.h"

/* ---- a cache made by hand: says SBX_WAITING so many times before it answers ---- */

typedef struct Hand {
	int look_waits, store_waits;
	int is_hit, stores_nothing;
	int looks, stores, drops, flushes, alive, asked_in_poll;
	int64_t stored;
	int unwritten; /* so many flushes leave something */
} Hand;

/* The state counts how often it has waited. */
static int waits_again(Hand *hand, void **state, int most)
{
	int *waited = *state;
	hand->asked_in_poll++;
	if (!waited) {
		if (!most)
			return 0;
		*state = waited = calloc(1, sizeof *waited);
		hand->alive++;
	}
	if ((*waited)++ < most)
		return 1;
	free(waited);
	hand->alive--;
	*state = NULL;
	return 0;
}
static sbx_status hand_look_up(void *context, const sbx_call *call, unsigned char key[32],
							   sbx_heap *heap, sbx_value *result, void **state)
{
	Hand *hand = context;
	(void)heap;
	hand->looks++;
	if (waits_again(hand, state, hand->look_waits))
		return SBX_WAITING;
	memset(key, 0, 32);
	key[0] = (unsigned char)sbx_call_id(call);
	if (hand->is_hit)
		*result = sbx_int(70 + (int64_t)sbx_call_id(call));
	return hand->is_hit ? SBX_DONE : hand->stores_nothing ? SBX_E_UNAVAILABLE : SBX_RUNNING;
}
static sbx_status hand_store(void *context, const sbx_call *call, const unsigned char key[32],
							 sbx_value result, void **state)
{
	Hand *hand = context;
	hand->stores++;
	CHECK(key[0] == sbx_call_id(call) && sbx_call_arg(call, 0).u.i >= 0);
	hand->stored = int_of(result);
	return waits_again(hand, state, hand->store_waits) ? SBX_WAITING : SBX_DONE;
}
static void hand_drop(void *context, void *state)
{
	Hand *hand = context;
	CHECK(state != NULL);
	free(state);
	hand->alive--;
	hand->drops++;
}
static sbx_status hand_flush(void *context)
{
	Hand *hand = context;
	hand->flushes++;
	hand->asked_in_poll = 0;
	return hand->unwritten-- > 0 ? SBX_WAITING : SBX_DONE;
}
static sbx_dispatcher *cached(Fake *fake, Hand *hand, uint32_t concurrency)
{
	sbx_cache cache = {sizeof cache, hand, hand_look_up, hand_store, hand_drop, hand_flush};
	return dispatcher_with(
		fake, (sbx_dispatcher_options){.max_concurrency = concurrency, .cache = &cache});
}

static void test_looking(void)
{
	Fake fake = {.mode = KEEP};
	Hand hand = {.look_waits = 2};
	sbx_dispatcher *d = cached(&fake, &hand, 0);
	sbx_run *first = added(d, &entry_one, 1), *second = added(d, &entry_one, 1);
	group("run_cache/a look-up that takes several polls");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.starts == 0 && hand.looks == 2);
	CHECK(sbx_dispatcher_timeout(d) == 0 && hand.flushes == 1);
	/* one of them a poll, in turns: each is asked three times in all */
	for (int i = 1; i < 4; i++) {
		CHECK(fake.starts == 0 && sbx_dispatcher_poll(d) == SBX_WAITING);
		CHECK(hand.flushes == i + 1 && hand.looks <= 2 + 2 * i);
	}
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.starts == 2 && hand.looks == 6);
	CHECK(sbx_dispatcher_timeout(d) == 1000 && hand.alive == 0); /* the tasks' own */
	CHECK(sbx_call_run(fake.attempts[0]->call) == first);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	sbx_attempt_answer(taken(&fake, 0), sbx_int(2));
	CHECK(sbx_dispatcher_poll(d) == SBX_DONE && hand.stores == 2 && hand.drops == 0);
	SAME(fake.log, "started1 started1 done1 done1");
	sbx_run_free(first);
	sbx_run_free(second);
	sbx_dispatcher_close(d);

	fake = (Fake){.mode = KEEP};
	hand = (Hand){.look_waits = 3, .is_hit = 1};
	d = cached(&fake, &hand, 0);
	first = added(d, &entry_many, 4);
	group("run_cache/hits that take several polls");
	for (int polls = 0; sbx_dispatcher_poll(d) == SBX_WAITING && CHECK(polls < 20); polls++)
		CHECK(hand.asked_in_poll == 0 && sbx_dispatcher_timeout(d) == 0);
	CHECK(sbx_run_status(first) == SBX_DONE && fake.starts == 0 && hand.stores == 0);
	for (uint32_t i = 0; i < 4; i++)
		CHECK(int_of(sbx_peek_item(sbx_run_result(first), i)) == 71 + (int64_t)i);
	sbx_run_free(first);
	sbx_dispatcher_close(d);
}

static void test_run_that_ends(void)
{
	Fake fake = {.mode = AT_ONCE};
	Hand hand = {.look_waits = 1, .unwritten = 3};
	sbx_dispatcher *d = cached(&fake, &hand, 0);
	sbx_run *run = added(d, &entry_one, 1), *other = added(d, &entry_batch, 1);
	group("run_cache/a call is not started when its run has ended meanwhile");
	CHECK(sbx_run_status(other) == SBX_RUNNING); /* it has no backend */
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 1 && hand.alive == 1);
	CHECK(sbx_run_cancel(run) == SBX_DONE && sbx_dispatcher_poll(d) == SBX_DONE);
	CHECK(hand.looks == 1 && hand.drops == 1 && hand.alive == 0 && fake.starts == 0);
	CHECK(hand.flushes == 2); /* what is left is written after each poll */
	CHECK(sbx_dispatcher_poll(d) == SBX_DONE && sbx_dispatcher_poll(d) == SBX_DONE &&
		  sbx_dispatcher_poll(d) == SBX_DONE && hand.flushes == 4);
	sbx_run_free(run);
	sbx_run_free(other);
	sbx_dispatcher_close(d);
}

static void test_limits(void)
{
	Fake fake = {.mode = KEEP};
	Hand hand = {.look_waits = 1, .stores_nothing = 1};
	sbx_dispatcher *d = cached(&fake, &hand, 1);
	sbx_run *run = added(d, &entry_one, 1), *other = added(d, &entry_one, 1);
	group("run_cache/what is looked up has a place among those under way");
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 1 && fake.starts == 0);
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 2 && fake.starts == 1);
	fake.poll_status = SBX_E_BACKEND; /* the attempt fails; it is looked up once only */
	fake.count = 0;
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 3);
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 4 && fake.starts == 2);
	fake.poll_status = SBX_DONE;
	fake.now += 100;
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && hand.looks == 4 && fake.starts == 3);
	sbx_attempt_answer(taken(&fake, 0), sbx_int(1));
	CHECK(sbx_dispatcher_poll(d) == SBX_DONE && hand.stores == 0);
	sbx_run_free(run);
	sbx_run_free(other);
	sbx_dispatcher_close(d);
}

/* A look-up or a store in its middle. */
static void test_cut_off(void)
{
	static const char *const names[] = {"run_cache/cancelled while it is looked up",
										"run_cache/cancelled while it is stored"};
	for (int stores = 0; stores < 2; stores++) {
		group(names[stores]);
		for (int how = 0; how < 4; how++) {
			Fake fake = {.mode = AT_ONCE};
			Hand hand = {.look_waits = stores ? 0 : 5, .store_waits = stores ? 5 : 0};
			sbx_dispatcher *d = cached(&fake, &hand, 0);
			sbx_run *run = added(d, &entry_one, 1);
			CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && sbx_dispatcher_poll(d) == SBX_WAITING);
			CHECK(hand.alive == 1 && fake.starts == stores && sbx_dispatcher_timeout(d) == 0);
			if (how == 0) {
				CHECK(sbx_run_cancel(run) == SBX_DONE && sbx_dispatcher_poll(d) == SBX_DONE);
				CHECK(sbx_run_status(run) == SBX_E_CANCELLED);
			} else if (how == 1) {
				CHECK(sbx_run_cancel_call(run, 1, "enough") == SBX_DONE);
				CHECK(sbx_dispatcher_poll(d) == SBX_DONE);
				SAME(sbx_run_error_text(run), "flyte.errors.ActionAbortedError: enough");
			} else if (how == 2) {
				sbx_dispatcher_remove(d, run);
				CHECK(sbx_run_status(run) == (stores ? SBX_RUNNING : SBX_WAITING));
			} else {
				sbx_dispatcher_close(d);
				d = NULL;
				CHECK(sbx_run_status(run) == (stores ? SBX_RUNNING : SBX_WAITING));
			}
			CHECK(hand.alive == 0 && hand.drops == 1 && fake.cancels == 0);
			if (stores && how >= 2) /* the result was there, and the run has it */
				CHECK(sbx_run_step(run) == SBX_DONE && int_of(sbx_run_result(run)) == 1);
			sbx_run_free(run);
			sbx_dispatcher_close(d);
		}
	}
}

/* ---- storing, with a recorder ---- */

static void test_storing(void)
{
	for (int closes = 0; closes < 2; closes++) {
		Fake fake = {.mode = KEEP};
		Hand hand = {.store_waits = 3};
		Fake record = {0};
		sbx_cache cache = {sizeof cache, &hand, hand_look_up, hand_store, hand_drop, hand_flush};
		sbx_recorder recorder = recorder_of(&record);
		sbx_dispatcher *d = dispatcher_with(
			&fake, (sbx_dispatcher_options){.recorder = &recorder, .cache = &cache});
		sbx_run *run = added(d, &entry_one, 1);
		group(closes ? "run_cache/closed while it is stored: the result is recorded"
					 : "run_cache/recorded when it has been stored");
		CHECK(sbx_dispatcher_poll(d) == SBX_WAITING && fake.count == 1);
		sbx_attempt_answer(taken(&fake, 0), sbx_int(9));
		for (int i = 0; i < (closes ? 1 : 3); i++)
			CHECK(!record.log[0] && sbx_run_status(run) == SBX_WAITING &&
				  (i == 2 ? 1 : sbx_dispatcher_poll(d) == SBX_WAITING));
		if (!closes)
			CHECK(sbx_dispatcher_poll(d) == SBX_DONE && hand.drops == 0);
		fake.now += 100000; /* its timeout counts no more */
		sbx_dispatcher_close(d);
		SAME(record.log, closes ? "finished1 commit0" : "finished1 commit0 end0 commit0");
		CHECK(hand.stored == 9 && hand.alive == 0);
		CHECK(hand.drops == closes && sbx_run_status(run) == (closes ? SBX_RUNNING : SBX_DONE));
		sbx_run_free(run);
	}
}

/* ---- the cache of sbx-host.h: def on_file(f: File): return work(f) ---- */

static const sbx_gen_type type_file = {SBX_FILE, 0, NULL}, type_dir = {SBX_DIR, 0, NULL};
static const sbx_gen_param params_file[] = {PARAM("f", &type_file)};
static const sbx_gen_param params_dir[] = {PARAM("f", &type_dir)};
static const char cache_extra[] = "{\"cache\": {\"behavior\": \"auto\", \"version\": \"1\"}}";
static const sbx_gen_task task_file = {.name = "test.on_file",
									   .function = "on_file",
									   .module = "",
									   .params = params_file,
									   .param_count = 1,
									   .result = &type_file,
									   .extra = cache_extra,
									   .program = &program};
static const sbx_gen_task task_dir = {.name = "test.on_dir",
									  .function = "on_dir",
									  .module = "",
									  .params = params_dir,
									  .param_count = 1,
									  .result = &type_int,
									  .extra = cache_extra,
									  .program = &program};
static const sbx_gen_function info_file, info_dir;

static sbx_value call_on(sbx_run *run, const sbx_gen_task *task, const sbx_gen_function *info,
						 sbx_value argument)
{
	if (sbx_gen_enter(run) || sbx_gen_task_begin(run, task, 0, &argument))
		return SBX_GEN_ERROR;
	sbx_gen_frame *f = sbx_gen_frame_make(run, info);
	return f ? sbx_gen_link(run, f, 1, 0) : SBX_GEN_ERROR;
}
static sbx_value file_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return call_on(run, &task_file, &info_file, args[0]);
}
static sbx_value dir_call(sbx_run *run, sbx_value self, const sbx_value *args)
{
	(void)self;
	return call_on(run, &task_dir, &info_dir, args[0]);
}
FUNCTION(info_file, "file", params_file, 1, file_call, give_value, sizeof(sbx_gen_frame), "",
		 sites);
FUNCTION(info_dir, "dir", params_dir, 1, dir_call, give_value, sizeof(sbx_gen_frame), "", sites);
ENTRY(entry_file, "file", info_file, params_file, 1, &type_file);
ENTRY(entry_dir, "dir", info_dir, params_dir, 1, &type_int);

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef struct Measured {
	double whole, longest;
	int polls, starts;
} Measured;

static sbx_status give_argument(void *context, sbx_attempt *attempt)
{
	++*(int *)context;
	sbx_value v = sbx_call_arg(attempt->call, 0);
	sbx_attempt_answer(attempt, sbx_kind(v) == SBX_FILE ? v : sbx_int(5));
	return SBX_DONE;
}

/* One run of the entry on the path, and how long the polls took. */
static Measured run_on(sbx_cache_file *file, const sbx_entry *entry, sbx_type_kind kind,
					   const char *path)
{
	Measured m = {0};
	sbx_cache cache;
	sbx_dispatcher *d = NULL;
	sbx_backend backend = {.size = sizeof backend, .context = &m.starts, .start = give_argument};
	sbx_heap *heap = NULL;
	sbx_cache_file_hooks(file, &cache);
	sbx_dispatcher_options options = {.size = sizeof options, .cache = &cache};
	CHECK(sbx_dispatcher_open(&options, &d) == SBX_DONE &&
		  sbx_dispatcher_route(d, NULL, &backend) == SBX_DONE &&
		  sbx_heap_open(0, &heap) == SBX_DONE);
	sbx_value input = sbx_handle_make(heap, kind, path, NULL, NULL);
	sbx_run *run = open_run(entry, &input, 1);
	CHECK(sbx_dispatcher_add(d, run) == SBX_DONE);
	double begun = seconds();
	for (sbx_status status = SBX_WAITING; status == SBX_WAITING; m.polls++) {
		double before = seconds();
		status = sbx_dispatcher_poll(d);
		double took = seconds() - before;
		m.longest = took > m.longest ? took : m.longest;
		CHECK(status == SBX_DONE || sbx_dispatcher_timeout(d) == 0);
	}
	m.whole = seconds() - begun;
	CHECK(sbx_run_status(run) == SBX_DONE);
	if (kind == SBX_FILE)
		SAME(sbx_handle_path(run, sbx_run_result(run)), path);
	sbx_run_free(run);
	sbx_dispatcher_close(d);
	sbx_heap_close(heap);
	return m;
}

enum { MEBIBYTE = 1 << 20, SIZE = 48 * MEBIBYTE, NAMES = 5000 };

static void write_file(const char *path, size_t size)
{
	char *bytes = malloc(MEBIBYTE);
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	for (size_t i = 0; i < MEBIBYTE; i++)
		bytes[i] = (char)(i * 7 + i / 300);
	for (size_t done = 0; done < size; done += MEBIBYTE)
		CHECK(write(file, bytes, MEBIBYTE) == MEBIBYTE);
	free(bytes);
	CHECK(close(file) == 0);
}

static void test_files(const char *folder)
{
	char path[200], db[200], name[300];
	sbx_cache_file *file;
	snprintf(path, sizeof path, "%s/large", folder);
	snprintf(db, sizeof db, "%s/cache.db", folder);
	write_file(path, SIZE);
	group("run_cache/a large file is read in pieces, for input and result");
	CHECK(sbx_cache_file_open(db, NULL, &file) == SBX_DONE);
	Measured first = run_on(file, &entry_file, SBX_FILE, path);
	CHECK(first.starts == 1 && first.polls >= 2 * SIZE / MEBIBYTE);
	CHECK(first.longest < first.whole / 6);
	Measured second = run_on(file, &entry_file, SBX_FILE, path);
	CHECK(second.starts == 0 && second.polls >= 2 * SIZE / MEBIBYTE);
	CHECK(second.longest < second.whole / 6);
	int changed = open(path, O_WRONLY);
	CHECK(pwrite(changed, "changed", 7, SIZE - 7) == 7 && close(changed) == 0);
	CHECK(run_on(file, &entry_file, SBX_FILE, path).starts == 1);

	group("run_cache/a large folder is read in pieces");
	snprintf(path, sizeof path, "%s/folder", folder);
	CHECK(mkdir(path, 0755) == 0);
	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof name, "%s/%d", path, i * 7919 % NAMES);
		int one = open(name, O_WRONLY | O_CREAT, 0644);
		CHECK(write(one, name, 1) == 1 && close(one) == 0);
	}
	first = run_on(file, &entry_dir, SBX_DIR, path);
	CHECK(first.starts == 1 && first.polls >= 10 && first.longest < first.whole / 4);
	second = run_on(file, &entry_dir, SBX_DIR, path);
	CHECK(second.starts == 0 && second.polls >= 10);
	CHECK(unlink(name) == 0 && run_on(file, &entry_dir, SBX_DIR, path).starts == 1);

	group("run_cache/closed in the middle of a file");
	sbx_cache cache;
	sbx_dispatcher *d = NULL;
	sbx_heap *heap = NULL;
	sbx_cache_file_hooks(file, &cache);
	sbx_dispatcher_options options = {.size = sizeof options, .cache = &cache};
	Measured m = {0};
	sbx_backend backend = {.size = sizeof backend, .context = &m.starts, .start = give_argument};
	CHECK(sbx_dispatcher_open(&options, &d) == SBX_DONE &&
		  sbx_dispatcher_route(d, NULL, &backend) == SBX_DONE &&
		  sbx_heap_open(0, &heap) == SBX_DONE);
	sbx_value input = sbx_handle_make(heap, SBX_DIR, path, NULL, NULL);
	sbx_run *run = open_run(&entry_dir, &input, 1);
	CHECK(sbx_dispatcher_add(d, run) == SBX_DONE && sbx_dispatcher_poll(d) == SBX_WAITING);
	sbx_dispatcher_close(d);
	CHECK(m.starts == 0 && sbx_run_status(run) == SBX_WAITING);
	sbx_run_free(run);
	sbx_heap_close(heap);
	sbx_cache_file_close(file);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

int main(void)
{
	char folder[] = "/tmp/sbx-run-cache-XXXXXX";
	test_looking();
	test_run_that_ends();
	test_limits();
	test_cut_off();
	test_storing();
	if (mkdtemp(folder)) {
		test_files(folder);
		CHECK(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	}
	group_end();
	return all_failures != 0;
}
