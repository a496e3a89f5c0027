/*
 * Snapshots of a program in many of its states, made by answering its calls with any values; for mutate.c, forged.c and the
 * fuzzer of snapshots. What is restored is looked at: it must give another snapshot, and calls that fit their tasks.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SNAPSHOT_SAMPLES_H
#define SBX_SNAPSHOT_SAMPLES_H

#include "sbx.h"

enum { SAMPLE_HEAD = 12, SAMPLE_TAIL = 8 }; /* magic, version, fingerprint; check sum */

typedef struct Sample {
	const sbx_entry *entry;
	uint8_t *bytes;
	size_t length;
} Sample;

typedef struct Samples {
	Sample *items;
	size_t count, size;
	uint64_t random; /* not 0 */
} Samples;

/* Any number below `below`, which is not 0. */
uint64_t samples_random(Samples *samples, uint64_t below);
/* Adds one of each state that the entries without required inputs come to, at most `most` of each entry. */
void samples_take(Samples *samples, const sbx_entry *const *entries, size_t most);
void samples_free(Samples *samples);
/* Goes on with a run for some rounds of answers. SBX_E_PROGRAM: a call had arguments that do not fit its task. */
sbx_status samples_drive(Samples *samples, sbx_run *run, int rounds);
/* 1: the run gives a snapshot that can be restored, if the limits allow it. */
int samples_again(sbx_run *run, const sbx_run_options *options);
/* Puts the check sum of changed bytes right. */
void samples_seal(uint8_t *bytes, size_t length);

#endif
