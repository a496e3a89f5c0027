/*
 * Mutated snapshots: takes one at each suspension of each entry, changes its bytes, puts the check sum right, restores it and
 * goes on with what comes out. A sanitizer build shows whether anything outside the run is touched; every build shows
 * whether what was restored can be put into a snapshot and restored again, and hands out calls that fit their tasks.
 *
 *     mutate COUNT SEED
 *
 * Prints how many were refused, and how the others ended.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snapshot_samples.h"

extern const sbx_entry *const ENTRIES[];

enum { MOST = 400, ROUNDS = 12 };

/* A changed copy, of its own size. */
static uint8_t *mutate(Samples *samples, const Sample *sample, size_t *length)
{
	const Sample *other = &samples->items[samples_random(samples, samples->count)];
	uint8_t *bytes = malloc(sample->length + 64);
	if (!bytes)
		abort();
	*length = sample->length;
	memcpy(bytes, sample->bytes, sample->length);
	for (uint64_t i = 0, n = 1 + samples_random(samples, 4); i < n; i++) {
		size_t body = *length - SAMPLE_HEAD - SAMPLE_TAIL;
		size_t at = SAMPLE_HEAD + samples_random(samples, body);
		size_t size = 1 + samples_random(samples, 8);
		switch (samples_random(samples, 7)) {
		case 0:
			bytes[at] ^= (uint8_t)(1 << samples_random(samples, 8));
			break;
		case 1:
			bytes[at] = (uint8_t)samples_random(samples, 256);
			break;
		case 2: /* another tag */
			bytes[at] = (uint8_t)(0xC0 + samples_random(samples, 40));
			break;
		case 3: /* leave some out */
			if (body > size + 2 && at + size < *length - SAMPLE_TAIL) {
				memmove(bytes + at, bytes + at + size, *length - at - size);
				*length -= size;
			}
			break;
		case 4: /* put some in */
			if (*length + size <= sample->length + 64) {
				memmove(bytes + at + size, bytes + at, *length - at);
				for (size_t k = 0; k < size; k++)
					bytes[at + k] = (uint8_t)samples_random(samples, 256);
				*length += size;
			}
			break;
		case 5: /* the greatest number instead of a small one */
			if (*length + 9 <= sample->length + 64) {
				memmove(bytes + at + 9, bytes + at, *length - at);
				memset(bytes + at, 0xFF, 9);
				bytes[at + 9] = 1;
				*length += 9;
			}
			break;
		default: /* a piece of another one */
			if (other->length > SAMPLE_HEAD + SAMPLE_TAIL + size &&
				at + size < *length - SAMPLE_TAIL)
				memcpy(
					bytes + at,
					other->bytes + SAMPLE_HEAD +
						samples_random(samples, other->length - SAMPLE_HEAD - SAMPLE_TAIL - size),
					size);
		}
	}
	samples_seal(bytes, *length);
	return realloc(bytes, *length);
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;
	unsigned long refused = 0, restored = 0, done = 0, raised = 0, limits = 0, bad = 0;
	sbx_run_options options = {
		.size = sizeof options, .max_memory = 1 << 20, .timeout_ms = 100, .max_steps = 20000};
	Samples samples = {.random = argc > 2 ? strtoull(argv[2], NULL, 10) * 2 + 1 : 1};
	samples.random *= UINT64_C(0x9E3779B97F4A7C15);
	samples_take(&samples, ENTRIES, MOST);
	for (unsigned long i = 0; samples.count && i < count; i++) {
		const Sample *sample = &samples.items[samples_random(&samples, samples.count)];
		size_t length;
		uint8_t *bytes = mutate(&samples, sample, &length);
		sbx_run *run;
		sbx_status status = sbx_run_restore(sample->entry, bytes, length, &options, &run);
		free(bytes);
		if (status) {
			refused++;
			continue;
		}
		restored++;
		if (!samples_again(run, &options)) {
			printf("mutation %lu: what was restored is not restored again\n", i);
			bad++;
		}
		status = samples_drive(&samples, run, ROUNDS);
		if (status == SBX_E_PROGRAM) {
			printf("mutation %lu: a call does not fit its task\n", i);
			bad++;
		} else if (status < 0) {
			(void)sbx_run_traceback(run);
		}
		done += status == SBX_DONE;
		raised += status == SBX_E_RAISED;
		limits += status < SBX_E_RAISED;
		sbx_run_free(run);
	}
	printf("%zu snapshots, %lu mutations: %lu refused, %lu restored (%lu done, %lu raised, %lu at "
		   "a limit)\n",
		   samples.count, count, refused, restored, done, raised, limits);
	bad += !samples.count;
	samples_free(&samples);
	return bad != 0;
}
