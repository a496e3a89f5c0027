/*
 * See snapshot_samples.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "snapshot_samples.h"

#include <stdlib.h>
#include <string.h>

extern uint64_t sbx__snapshot_sum(const uint8_t *bytes, size_t length);

uint64_t samples_random(Samples *samples, uint64_t below)
{
	samples->random ^= samples->random << 13;
	samples->random ^= samples->random >> 7;
	samples->random ^= samples->random << 17;
	return samples->random % below;
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

static void keep(Samples *samples, sbx_run *run)
{
	sbx_heap *heap;
	sbx_value v;
	if (sbx_heap_open(0, &heap))
		return;
	if (samples->count == samples->size) {
		size_t size = samples->size * 2 + 64;
		Sample *items = realloc(samples->items, size * sizeof *items);
		if (!items)
			abort();
		samples->items = items;
		samples->size = size;
	}
	if (sbx_run_snapshot(run, heap, &v) == SBX_DONE) {
		Sample *sample = &samples->items[samples->count++];
		const unsigned char *bytes = sbx_peek_bytes(v, &sample->length);
		sample->entry = sbx_run_entry(run);
		sample->bytes = malloc(sample->length);
		if (!sample->bytes)
			abort();
		memcpy(sample->bytes, bytes, sample->length);
	}
	sbx_heap_close(heap);
}

static int call_fits(sbx_heap *heap, const sbx_call *call)
{
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		sbx_value v = sbx_call_arg(call, i), fitting;
		sbx_status status;
		if (sbx_kind(v) == SBX_INVALID)
			continue;
		status = sbx_value_convert(heap, sbx_call_arg_type(call, i), 0, v, &fitting);
		if (status == SBX_E_TYPE)
			return 0;
		if (status == SBX_DONE)
			sbx_value_free(heap, fitting);
	}
	return 1;
}

/* Some rounds of answers; `most` above 0: with a sample of each state. */
static sbx_status drive(Samples *samples, sbx_run *run, int rounds, size_t most)
{
	size_t end = samples->count + most;
	sbx_status status = sbx_run_status(run);
	sbx_heap *heap;
	if (sbx_heap_open(4 << 20, &heap))
		return SBX_E_NO_MEMORY;
	for (int round = 0; round < rounds; round++) {
		const sbx_call *call;
		if (samples->count < end)
			keep(samples, run);
		status = sbx_run_step(run);
		if (status != SBX_WAITING)
			break;
		if (samples->count < end)
			keep(samples, run);
		while ((call = sbx_run_next_call(run)) != NULL) {
			uint64_t id = sbx_call_id(call);
			sbx_status answered;
			if (!call_fits(heap, call)) {
				sbx_heap_close(heap);
				return SBX_E_PROGRAM;
			}
			if (samples_random(samples, 16) == 0)
				answered = sbx_run_fail(run, id, "ValueError", "no", NULL);
			else
				answered =
					sbx_run_answer(run, id, some_value(heap, sbx_call_result_type(call), round));
			if (answered < 0 && answered != SBX_E_TYPE && answered != SBX_E_MEMORY)
				break;
			if (samples->count < end)
				keep(samples, run);
		}
	}
	sbx_heap_close(heap);
	return status;
}

sbx_status samples_drive(Samples *samples, sbx_run *run, int rounds)
{
	return drive(samples, run, rounds, 0);
}

void samples_take(Samples *samples, const sbx_entry *const *entries, size_t most)
{
	for (; *entries; entries++) {
		sbx_run *run;
		if (sbx_run_open(*entries, NULL, 0, NULL, &run) == SBX_DONE)
			(void)drive(samples, run, 40, most);
		sbx_run_free(run);
	}
}

void samples_free(Samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		free(samples->items[i].bytes);
	free(samples->items);
}

void samples_seal(uint8_t *bytes, size_t length)
{
	uint64_t sum = sbx__snapshot_sum(bytes, length - SAMPLE_TAIL);
	for (int i = 0; i < 8; i++)
		bytes[length - SAMPLE_TAIL + (size_t)i] = (uint8_t)(sum >> 8 * i);
}

int samples_again(sbx_run *run, const sbx_run_options *options)
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
		sbx_status status = sbx_run_restore(sbx_run_entry(run), bytes, length, options, &again);
		good = status == SBX_DONE || status == SBX_E_MEMORY || status == SBX_E_STEPS ||
			   status == SBX_E_DEADLINE;
	}
	sbx_run_free(again);
	sbx_heap_close(heap);
	return good;
}
