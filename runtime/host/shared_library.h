/*
 * Libraries that are loaded when they are first needed.
 *
 * curl, jansson and libarchive cost a process 5 ms to start. A program pays them only when it talks to an
 * engine: each owner file has a table of the functions that it calls, filled from the shared library at
 * run time. A program so also links and starts where they are not installed.
 *
 *     #define FUNCTIONS(X) X(json_object) X(json_integer)
 *     typedef struct Jansson { SHARED_FUNCTIONS(FUNCTIONS) } Jansson;
 *     static const SharedName names[] = { SHARED_NAMES(FUNCTIONS, Jansson) };
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SHARED_LIBRARY_H
#define SBX_SHARED_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

typedef struct SharedName {
	const char *name;
	size_t place; /* of the pointer in the table */
} SharedName;

#define SHARED_COUNT(names) (sizeof(names) / sizeof *(names))

/* Fills the table; false: the library, or a function of it, is not there. It stays loaded: libraries keep
 * state of their own. */
bool shared_library_load(const char *file, const SharedName *names, size_t count, void *table);

#endif
