/*
 * "Did you mean": the nearest of some names.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_NEAREST_H
#define SBX_GEN_NEAREST_H

/* Keeps the best of the names that it is shown: one letter may differ in short names, two in longer ones. */
typedef struct Nearest {
	const char *wanted, *best; /* NULL: none is near */
	unsigned distance;
} Nearest;
void nearest_try(Nearest *nearest, const char *name);

#endif
