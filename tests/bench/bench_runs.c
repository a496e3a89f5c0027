/*
 * Measures programs compiled by sbxc (bench_programs.py) through the public interface: a task call, the start of a run,
 * the memory of a suspended run, a loop.
 * Each figure is the median of interleaved rounds. One line a figure: name, value, unit.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sbx.h"

#include "bench_programs.h"
#include "switch_machine.h"

enum {
	ROUNDS = 9,
	CALLS = 2000000,
	STARTS = 200000,
	ALIVE = 100000,
	TURNS = 10000000,
	MILLION = 1000000
};

static double now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof *values, by_value);
	return values[ROUNDS / 2];
}

static void check(int is_right, const char *what)
{
	if (is_right)
		return;
	fprintf(stderr, "wrong: %s\n", what);
	exit(1);
}

static double time_switch_machine(void)
{
	SwitchMachine m = {.n = CALLS};
	double begin = now_ns();
	while (switch_machine_step(&m) == 1)
		m.answer = m.task == 1 ? m.argument : 0;
	begin = now_ns() - begin;
	check(m.result == (int64_t)CALLS * (CALLS - 1) / 2, "sum of the switch machine");
	return begin / CALLS;
}

static double time_task_call(void)
{
	sbx_value n = sbx_int(CALLS);
	sbx_run *run;
	sbx_status status;
	int64_t total = 0;
	double begin;
	check(sbx_run_open(&sbx_machine_bench_programs_task_loop, &n, 1, NULL, &run) == SBX_DONE,
		  "open");
	begin = now_ns();
	while ((status = sbx_run_step(run)) == SBX_WAITING) {
		const sbx_call *call = sbx_run_next_call(run);
		if (sbx_run_answer(run, sbx_call_id(call), sbx_call_arg(call, 0)))
			break;
	}
	begin = now_ns() - begin;
	check(status == SBX_DONE && sbx_get_int(sbx_run_result(run), &total), "status of the loop");
	check(total == (int64_t)CALLS * (CALLS - 1) / 2, "sum of the loop");
	sbx_run_free(run);
	return begin / CALLS;
}

static double time_start(void)
{
	double begin = now_ns();
	for (int i = 0; i < STARTS; i++) {
		sbx_value n = sbx_int(i);
		sbx_run *run;
		check(sbx_run_open(&sbx_machine_bench_programs_pipeline, &n, 1, NULL, &run) == SBX_DONE,
			  "open");
		check(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run) != NULL, "first call");
		sbx_run_free(run);
	}
	return (now_ns() - begin) / STARTS;
}

static long resident_bytes(void)
{
	long size, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file) {
		check(fscanf(file, "%ld %ld", &size, &resident) == 2, "statm");
		fclose(file);
	}
	return resident * sysconf(_SC_PAGESIZE);
}

static double bytes_of_suspended(void)
{
	sbx_run **runs = calloc(ALIVE, sizeof *runs);
	long before;
	double bytes;
	for (int i = 0; i < ALIVE; i++)
		runs[i] = (sbx_run *)runs; /* touch the table, so that it is not counted */
	before = resident_bytes();
	for (int i = 0; i < ALIVE; i++) {
		sbx_value n = sbx_int(i);
		check(sbx_run_open(&sbx_machine_bench_programs_pipeline, &n, 1, NULL, &runs[i]) == SBX_DONE,
			  "open");
		check(sbx_run_step(runs[i]) == SBX_WAITING && sbx_run_next_call(runs[i]) != NULL,
			  "first call");
	}
	bytes = (double)(resident_bytes() - before) / ALIVE;
	for (int i = 0; i < ALIVE; i++)
		sbx_run_free(runs[i]);
	free(runs);
	return bytes;
}

/* A million runs of a loop of task calls: bytes of each, and a step of each in turn. */
static void measure_million(double *bytes, double *step)
{
	sbx_run **runs = calloc(MILLION, sizeof *runs);
	long before;
	double begin;
	for (int i = 0; i < MILLION; i++)
		runs[i] = (sbx_run *)runs;
	before = resident_bytes();
	for (int i = 0; i < MILLION; i++) {
		sbx_value n = sbx_int(100);
		check(sbx_run_open(&sbx_machine_bench_programs_task_loop, &n, 1, NULL, &runs[i]) ==
				  SBX_DONE,
			  "open");
		check(sbx_run_step(runs[i]) == SBX_WAITING, "first call");
	}
	*bytes = (double)(resident_bytes() - before) / MILLION;
	begin = now_ns();
	for (int turn = 0; turn < 3; turn++)
		for (int i = 0; i < MILLION; i++) {
			const sbx_call *call = sbx_run_next_call(runs[i]);
			check(sbx_run_answer(runs[i], sbx_call_id(call), sbx_int(1)) == SBX_DONE &&
					  sbx_run_step(runs[i]) == SBX_WAITING,
				  "a step");
		}
	*step = (now_ns() - begin) / (3.0 * MILLION);
	for (int i = 0; i < MILLION; i++)
		sbx_run_free(runs[i]);
	free(runs);
}

/* ---- snapshots ---- */

typedef struct SnapshotFigures {
	double bytes, dump, load;
} SnapshotFigures;

/* Of a run at its first task call. */
static SnapshotFigures measure_snapshot(const sbx_entry *entry, int64_t n, int times)
{
	double dump[ROUNDS], load[ROUNDS];
	sbx_value input = sbx_int(n), bytes;
	sbx_heap *heap;
	sbx_run *run, *again;
	size_t length = 0;
	check(sbx_heap_open(0, &heap) == SBX_DONE, "heap");
	check(sbx_run_open(entry, &input, 1, NULL, &run) == SBX_DONE, "open");
	check(sbx_run_step(run) == SBX_WAITING && sbx_run_next_call(run) != NULL, "first call");
	for (int round = 0; round < ROUNDS; round++) {
		double begin = now_ns();
		for (int i = 0; i < times; i++) {
			check(sbx_run_snapshot(run, heap, &bytes) == SBX_DONE, "snapshot");
			sbx_value_free(heap, bytes);
		}
		dump[round] = (now_ns() - begin) / times;
		check(sbx_run_snapshot(run, heap, &bytes) == SBX_DONE, "snapshot");
		const unsigned char *data = sbx_peek_bytes(bytes, &length);
		begin = now_ns();
		for (int i = 0; i < times; i++) {
			check(sbx_run_restore(entry, data, length, NULL, &again) == SBX_DONE, "restore");
			sbx_run_free(again);
		}
		load[round] = (now_ns() - begin) / times;
		sbx_value_free(heap, bytes);
	}
	sbx_run_free(run);
	sbx_heap_close(heap);
	return (SnapshotFigures){(double)length, median(dump), median(load)};
}

static void measure_snapshots(void)
{
	SnapshotFigures few = measure_snapshot(&sbx_machine_bench_programs_few_variables, 7, 20000);
	SnapshotFigures many = measure_snapshot(&sbx_machine_bench_programs_many_ints, 10000, 500);
	printf("snapshot_few_bytes %.0f bytes\n", few.bytes);
	printf("snapshot_few_dump %.1f ns\n", few.dump);
	printf("snapshot_few_load %.1f ns\n", few.load);
	printf("snapshot_many_bytes %.0f bytes\n", many.bytes);
	printf("snapshot_many_dump %.1f ns\n", many.dump);
	printf("snapshot_many_load %.1f ns\n", many.load);
}

/* Nanoseconds a turn. */
static double time_sum(void)
{
	sbx_value n = sbx_int(TURNS);
	sbx_run *run;
	int64_t total = 0;
	double begin;
	check(sbx_run_open(&sbx_machine_bench_programs_sum_ints, &n, 1, NULL, &run) == SBX_DONE,
		  "open");
	begin = now_ns();
	check(sbx_run_step(run) == SBX_DONE && sbx_get_int(sbx_run_result(run), &total),
		  "status of the sum");
	begin = now_ns() - begin;
	check(total == (int64_t)TURNS * (TURNS - 1) / 2, "sum");
	sbx_run_free(run);
	return begin / TURNS;
}

int main(void)
{
	double hand[ROUNDS], call[ROUNDS], start[ROUNDS], sum[ROUNDS], ratio[ROUNDS],
		bytes = bytes_of_suspended(), million_bytes, million_step;
	measure_million(&million_bytes, &million_step);
	measure_snapshots();
	for (int i = 0; i < ROUNDS; i++) {
		hand[i] = time_switch_machine();
		call[i] = time_task_call();
		ratio[i] = call[i] / hand[i]; /* side by side: the machine's other work falls on both */
		start[i] = time_start();
		sum[i] = time_sum();
	}
	printf("switch_machine %.2f ns\n", median(hand));
	printf("task_call_ratio %.2f x\n", median(ratio));
	printf("task_call %.2f ns\n", median(call));
	printf("run_start %.1f ns\n", median(start));
	printf("sum_ints %.3f ns\n", median(sum));
	printf("suspended_run %.0f bytes\n", bytes);
	printf("million_bytes %.0f bytes\n", million_bytes);
	printf("million_step %.1f ns\n", million_step);
	return 0;
}
