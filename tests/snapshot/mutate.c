/*
 * Mutated snapshots: takes one at each suspension of each entry, changes its bytes, puts the check sum right, restores it and
 * goes on with what comes out. A sanitizer build shows whether anything outside the run is touched; every build shows
 * whether what was restored can be put into a snapshot and restored again.
 *
 *     mutate COUNT SEED
 *
 * Prints how many were refused, and how the others ended.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbx.h"

extern const sbx_entry *const ENTRIES[];
extern uint64_t sbx__snapshot_sum(const uint8_t *bytes, size_t length);

enum { MOST = 4096, HEAD = 12, TAIL = 8, ROUNDS = 12 };

typedef struct Sample {
	const sbx_entry *entry;
	uint8_t *bytes;
	size_t length;
} Sample;

static Sample samples[MOST];
static size_t sample_count;
static uint64_t state;

static uint64_t random_number(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below ? state % below : 0;
}

static sbx_value some_value(sbx_heap *heap, const sbx_type *type, int round)
{
	sbx_value item;
	switch (sbx_type_kind_of(type)) {
	case SBX_BOOL:
		return sbx_bool(round & 1);
	case SBX_FLOAT:
		return sbx_float(1.5 * round);
	case SBX_STR:
		return sbx_str_make(heap, "name", 4);
	case SBX_NONE:
		return sbx_none();
	case SBX_LIST: {
		sbx_value items[3];
		for (int i = 0; i < 3; i++)
			items[i] = some_value(heap, sbx_type_argument(type, 0), round + i);
		return sbx_list_make(heap, items, 3);
	}
	case SBX_DICT:
		item = sbx_str_make(heap, "a", 1);
		return sbx_dict_make(heap, &item, &(sbx_value){.tag = sbx_int(1).tag}, 1);
	default:
		return sbx_int(round % 5);
	}
}

static void keep(sbx_run *run)
{
	sbx_heap *heap;
	sbx_value v;
	if (sample_count == MOST || sbx_heap_open(0, &heap))
		return;
	if (sbx_run_snapshot(run, heap, &v) == SBX_DONE) {
		Sample *sample = &samples[sample_count++];
		const unsigned char *bytes = sbx_peek_bytes(v, &sample->length);
		sample->entry = sbx_run_entry(run);
		sample->bytes = malloc(sample->length);
		memcpy(sample->bytes, bytes, sample->length);
	}
	sbx_heap_close(heap);
}

/* A few rounds of answers; `keeps`: with a sample of each state. */
static sbx_status drive(sbx_run *run, int rounds, int keeps)
{
	sbx_status status = sbx_run_status(run);
	sbx_heap *heap;
	if (sbx_heap_open(1 << 20, &heap))
		return SBX_E_NO_MEMORY;
	for (int round = 0; round < rounds; round++) {
		const sbx_call *call;
		if (keeps)
			keep(run);
		status = sbx_run_step(run);
		if (status != SBX_WAITING)
			break;
		if (keeps)
			keep(run);
		while ((call = sbx_run_next_call(run)) != NULL) {
			uint64_t id = sbx_call_id(call);
			sbx_status answered =
				random_number(16) == 0
					? sbx_run_fail(run, id, "ValueError", "no", NULL)
					: sbx_run_answer(run, id, some_value(heap, sbx_call_result_type(call), round));
			if (answered < 0 && answered != SBX_E_TYPE && answered != SBX_E_MEMORY)
				break;
			if (keeps)
				keep(run);
		}
	}
	sbx_heap_close(heap);
	return status;
}

static void take_samples(void)
{
	for (const sbx_entry *const *entry = ENTRIES; *entry; entry++) {
		sbx_run *run;
		if (sbx_run_open(*entry, NULL, 0, NULL, &run) != SBX_DONE) {
			sbx_run_free(run);
			continue;
		}
		(void)drive(run, 40, 1);
		sbx_run_free(run);
	}
}

/* A changed copy, of its own size. */
static uint8_t *mutate(const Sample *sample, size_t *length)
{
	const Sample *other = &samples[random_number(sample_count)];
	uint8_t *bytes = malloc(sample->length + 64);
	uint64_t sum;
	*length = sample->length;
	memcpy(bytes, sample->bytes, sample->length);
	for (uint64_t i = 0, n = 1 + random_number(4); i < n; i++) {
		size_t body = *length - HEAD - TAIL, at = HEAD + random_number(body);
		size_t size = 1 + random_number(8);
		switch (random_number(6)) {
		case 0:
			bytes[at] ^= (uint8_t)(1 << random_number(8));
			break;
		case 1:
			bytes[at] = (uint8_t)random_number(256);
			break;
		case 2: /* another tag */
			bytes[at] = (uint8_t)(0xC0 + random_number(40));
			break;
		case 3: /* leave some out */
			if (body > size + 2 && at + size < *length - TAIL) {
				memmove(bytes + at, bytes + at + size, *length - at - size);
				*length -= size;
			}
			break;
		case 4: /* put some in */
			if (*length + size <= sample->length + 64) {
				memmove(bytes + at + size, bytes + at, *length - at);
				for (size_t k = 0; k < size; k++)
					bytes[at + k] = (uint8_t)random_number(256);
				*length += size;
			}
			break;
		default: /* a piece of another one */
			if (other->length > HEAD + TAIL + size && at + size < *length - TAIL)
				memcpy(bytes + at,
					   other->bytes + HEAD + random_number(other->length - HEAD - TAIL - size),
					   size);
		}
	}
	sum = sbx__snapshot_sum(bytes, *length - TAIL);
	for (int i = 0; i < 8; i++)
		bytes[*length - TAIL + (size_t)i] = (uint8_t)(sum >> 8 * i);
	return realloc(bytes, *length);
}

static int check_again(sbx_run *run, const sbx_run_options *options)
{
	sbx_heap *heap;
	sbx_run *again = NULL;
	sbx_value v;
	size_t length;
	int good = 0;
	if (sbx_heap_open(0, &heap))
		return 1;
	if (sbx_run_snapshot(run, heap, &v) == SBX_DONE) {
		const unsigned char *bytes = sbx_peek_bytes(v, &length);
		sbx_status status = sbx_run_restore(ENTRIES[0], bytes, length, options, &again);
		good = status == SBX_DONE || status == SBX_E_MEMORY || status == SBX_E_STEPS ||
			   status == SBX_E_DEADLINE;
	}
	sbx_run_free(again);
	sbx_heap_close(heap);
	return good;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned long refused = 0, restored = 0, done = 0, raised = 0, limits = 0, bad = 0;
	sbx_run_options options = {
		.size = sizeof options, .max_memory = 1 << 20, .timeout_ms = 100, .max_steps = 20000};
	state = argc > 2 ? strtoull(argv[2], NULL, 10) * 2 + 1 : 1;
	state *= UINT64_C(0x9E3779B97F4A7C15);
	take_samples();
	for (unsigned long i = 0; i < count; i++) {
		const Sample *sample = &samples[random_number(sample_count)];
		size_t length;
		uint8_t *bytes = mutate(sample, &length);
		sbx_run *run;
		sbx_status status = sbx_run_restore(sample->entry, bytes, length, &options, &run);
		free(bytes);
		if (status) {
			refused++;
			continue;
		}
		restored++;
		if (!check_again(run, &options)) {
			printf("mutation %lu: what was restored is not restored again\n", i);
			bad++;
		}
		status = drive(run, ROUNDS, 0);
		if (status < 0)
			(void)sbx_run_traceback(run);
		done += status == SBX_DONE;
		raised += status == SBX_E_RAISED;
		limits += status < SBX_E_RAISED;
		sbx_run_free(run);
	}
	for (size_t i = 0; i < sample_count; i++)
		free(samples[i].bytes);
	printf("%zu snapshots, %lu mutations: %lu refused, %lu restored (%lu done, %lu raised, %lu at "
		   "a limit)\n",
		   sample_count, count, refused, restored, done, raised, limits);
	return bad != 0 || !sample_count;
}
