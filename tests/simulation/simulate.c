/*
 * Simulates services, one a seed. README.md has the idea.
 *
 *     simulate [--seed N] [--seeds N] [--runs N] [--folder DIR] [--trace]
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SEEDS = 100 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SEEDS = 100 };
#else
enum { SEEDS = 1000 };
#endif
#else
enum { SEEDS = 1000 };
#endif
enum { RUNS = 100, TWICE = 20 }; /* one seed in so many runs a second time, for the same events */

static void usage(void)
{
	printf("usage: simulate [--seed N] [--seeds N] [--runs N] [--folder DIR] [--trace]\n"
		   "Simulates services that run orchestrations, one a seed, and checks that nothing is "
		   "lost or done twice.\n"
		   "  --seed N      the first seed (default 1)\n"
		   "  --seeds N     how many (default %d; 1 where --seed is given)\n"
		   "  --runs N      orchestrations a seed (default %d)\n"
		   "  --folder DIR  where journals are put (default /dev/shm, else /tmp)\n"
		   "  --trace       prints each event\n",
		   SEEDS, RUNS);
}

static void print_counts(const SimCounts *c, uint64_t hash, double seconds)
{
	printf("%" PRIu64 " runs (%" PRIu64 " failed, %" PRIu64 " cancelled), %" PRIu64
		   " calls, %" PRIu64 " attempts: %" PRIu64 " answered, %" PRIu64 " failed, %" PRIu64
		   " hung, %" PRIu64 " cancelled at the backend\n",
		   c->runs, c->failed_runs, c->cancelled_runs, c->calls, c->attempts, c->answers,
		   c->failures, c->hangs, c->cancels);
	printf("%" PRIu64 " crashes (%" PRIu64 " just before a commit, %" PRIu64
		   " just after one), %" PRIu64 " commits, %" PRIu64
		   " calls answered from the journal, %" PRIu64 " runs resumed after a missing engine\n",
		   c->crashes, c->crashes_before, c->crashes_after, c->commits, c->replays, c->resumes);
	printf("%" PRIu64 " snapshots, %" PRIu64 " used after a crash, %" PRIu64
		   " calls given up, %" PRIu64 " backend failures, %" PRIu64 " checks, hash %016" PRIx64
		   ", %.1f s\n",
		   c->snapshots, c->restores, c->call_cancels, c->backend_failures, c->checks, hash,
		   seconds);
}

int main(int argc, char **argv)
{
	SimOptions options = {
		.seed = 1, .runs = RUNS, .folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"};
	SimCounts counts = {0};
	uint64_t seeds = SEEDS, all = 0, failed = 0;
	struct timespec begin, end;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--trace") == 0) {
			options.trace = true;
			continue;
		}
		if (strcmp(argv[i], "--seed") == 0 && value) {
			options.seed = strtoull(value, NULL, 10);
			seeds = 1;
		} else if (strcmp(argv[i], "--seeds") == 0 && value) {
			seeds = strtoull(value, NULL, 10);
		} else if (strcmp(argv[i], "--runs") == 0 && value) {
			options.runs = (uint32_t)strtoul(value, NULL, 10);
		} else if (strcmp(argv[i], "--folder") == 0 && value) {
			options.folder = value;
		} else {
			usage();
			return strcmp(argv[i], "--help") == 0 ? 0 : 2;
		}
		i++;
	}
	if (!options.runs || !seeds) {
		usage();
		return 2;
	}
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (uint64_t i = 0; i < seeds; i++, options.seed++) {
		uint64_t hash, again;
		bool fails = sim_run_seed(&options, &counts, &hash) != 0;
		if (!fails && seeds > 1 && i % TWICE == 0) {
			SimCounts more = {0};
			fails = sim_run_seed(&options, &more, &again) != 0 || again != hash;
			if (again != hash)
				printf("FAIL seed %" PRIu64 ", %" PRIu32 " runs: other events the second time\n",
					   options.seed, options.runs);
		}
		failed += fails;
		all = sim_mix(all ^ hash);
		fflush(stdout);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	print_counts(&counts, all,
				 (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
	printf("%" PRIu64 " passed, %" PRIu64 " failed\n", seeds - failed, failed);
	return failed != 0;
}
