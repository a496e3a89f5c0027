/*
 * Bytes as a snapshot of one of the programs of tests/lang that call tasks: which one, then what stands between the head
 * of a snapshot and its check sum; both are put right. What is restored must give a snapshot that is restored again, and
 * goes on for some rounds of answers, with calls that fit their tasks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "../snapshot/snapshot_samples.h"
#include "fuzz_targets.h"

#define DECLARE_ENTRIES(name) extern const sbx_entry *const sbx_entries_##name[];
FUZZ_PROGRAMS(DECLARE_ENTRIES)
#undef DECLARE_ENTRIES

static const sbx_entry *const *const programs[] = {
#define ENTRIES_OF(name) sbx_entries_##name,
	FUZZ_PROGRAMS(ENTRIES_OF)
#undef ENTRIES_OF
};

enum { PROGRAMS = sizeof programs / sizeof *programs, ROUNDS = 8 };

/* The head that every snapshot of the program has. */
static bool head_of(const sbx_entry *entry, uint8_t *head)
{
	sbx_run *run;
	sbx_heap *heap;
	sbx_value bytes;
	size_t length;
	bool good = false;
	if (sbx_heap_open(0, &heap))
		return false;
	if (sbx_run_open(entry, NULL, 0, NULL, &run) == SBX_DONE &&
		sbx_run_snapshot(run, heap, &bytes) == SBX_DONE) {
		memcpy(head, sbx_peek_bytes(bytes, &length), SAMPLE_HEAD);
		good = true;
	}
	sbx_run_free(run);
	sbx_heap_close(heap);
	return good;
}

static const sbx_entry *first_of(const sbx_entry *const *entries, uint8_t *head)
{
	while (*entries && !head_of(*entries, head))
		entries++;
	return *entries;
}

void fuzz_snapshot(const uint8_t *data, size_t size)
{
	sbx_run_options options = {
		.size = sizeof options, .max_memory = 1 << 20, .timeout_ms = 100, .max_steps = 20000};
	size_t length = size + SAMPLE_HEAD + SAMPLE_TAIL - 1;
	Samples samples = {.random = 1};
	const sbx_entry *entry;
	uint8_t *bytes;
	sbx_run *run;
	if (size < 2 || (bytes = malloc(length)) == NULL)
		return;
	entry = first_of(programs[data[0] % PROGRAMS], bytes);
	CLAIM(entry);
	memcpy(bytes + SAMPLE_HEAD, data + 1, size - 1);
	samples_seal(bytes, length);
	if (sbx_run_restore(entry, bytes, length, &options, &run) == SBX_DONE) {
		free(bytes);
		CLAIM(samples_again(run, &options));
		CLAIM(samples_drive(&samples, run, ROUNDS) != SBX_E_PROGRAM);
		(void)sbx_run_traceback(run);
		sbx_run_free(run);
		return;
	}
	free(bytes);
}

/* Writes snapshots of the programs, as the fuzzer takes them, into files; returns how many. */
size_t fuzz_snapshot_seeds(const char *folder)
{
	size_t written = 0;
	for (size_t p = 0; p < PROGRAMS; p++) {
		Samples samples = {.random = 1};
		samples_take(&samples, programs[p], 12);
		for (size_t i = 0; i < samples.count; i++) {
			const Sample *sample = &samples.items[i];
			char path[4096];
			FILE *file;
			snprintf(path, sizeof path, "%s/%zu_%zu", folder, p, i);
			file = fopen(path, "wb");
			if (!file)
				break;
			fputc((int)p, file);
			fwrite(sample->bytes + SAMPLE_HEAD, 1, sample->length - SAMPLE_HEAD - SAMPLE_TAIL,
				   file);
			written += fclose(file) == 0;
		}
		samples_free(&samples);
	}
	return written;
}
