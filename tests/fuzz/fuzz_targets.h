/*
 * What is fuzzed: each target takes any bytes and must come back, within its bounds, without a finding of the
 * sanitizers. Besides, it checks what must hold for every input (CLAIM), and ends the process where it does not.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_FUZZ_TARGETS_H
#define SBX_FUZZ_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_TARGETS(X) X(front) X(compile) X(json) X(wire) X(machine) X(snapshot) X(docker)

#define DECLARE(name) void fuzz_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(DECLARE)
#undef DECLARE

/* The programs of tests/lang whose snapshots are fuzzed; the Makefile has the same list. */
#define FUZZ_PROGRAMS(X) \
	X(corners) X(mapping) X(random_findings) X(representations) X(suspend_anywhere)
size_t fuzz_snapshot_seeds(const char *folder);

#define CLAIM(condition) ((condition) ? (void)0 : claim_failed(__FILE__, __LINE__, #condition))

static inline void claim_failed(const char *file, int line, const char *text)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, text);
	abort();
}

#endif
