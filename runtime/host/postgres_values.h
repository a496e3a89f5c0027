/*
 * Values on their way to and from PostgreSQL.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_POSTGRES_VALUES_H
#define SBX_POSTGRES_VALUES_H

#include "postgres_client.h"
#include "sbx.h"

/*
 * A column's text as a value: bool; ints; floats; numeric, an int where it has no fraction, else the nearest float; bytea;
 * timestamps as datetime; intervals without months as timedelta; json; arrays of these. Everything else, and what a datetime
 * or timedelta cannot hold, stays text. SBX_INVALID: the heap is full.
 */
sbx_value postgres_to_value(sbx_heap *heap, unsigned type, const char *text, size_t length);
/*
 * A value as a parameter, with the type that SQL gives to such a literal: the smallest int type that holds it; text and arrays
 * have none, so the server takes what the place needs. False: *why says why it cannot be one (static text).
 */
bool postgres_from_value(sbx_heap *heap, sbx_value v, PostgresParameter *parameter,
						 const char **why);

#endif
