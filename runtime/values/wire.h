/*
 * The wire form of values: without loss, for the pipe between a host and its worker processes, and for files that only
 * sbx reads. JSON cannot do it: it has no tuples, sets or bytes, and keys are strings. templates/worker_values.py is
 * the Python side.
 *
 * A value is one letter and what follows it; numbers are little-endian, counts have eight bytes ("<Q").
 *
 *   N            None
 *   T  F         True, False
 *   i 8 bytes    int that fits: signed ("<q")
 *   + count ...  int above: its magnitude, least byte first
 *   - count ...  int below: likewise
 *   f 8 bytes    float: IEEE 754 ("<d")
 *   s count ...  str: UTF-8, a lone surrogate as its three bytes (Python: "surrogatepass"); the count is of bytes
 *   b count ...  bytes
 *   l count ...  list: that many values
 *   t count ...  tuple
 *   S count ...  set
 *   Z count ...  frozenset
 *   d count ...  dict: that many pairs, key, value, key, value ... in order
 *   h kind v v v handle: one byte, 0 File, 1 Dir, 2 DataFrame; then as values the path, a str, and format and hash, str or None
 *   D 8 + 4      datetime: microseconds since 1970-01-01T00:00:00 of its wall clock, then the offset of its zone from
 *                UTC in minutes, -2147483648 for none ("<qi")
 *   X 8 bytes    timedelta: microseconds ("<q")
 *
 * Containers nest at most SBX_WIRE_DEPTH deep. An object that is reachable twice is written twice; one that contains
 * itself is refused. A reader checks every count against the bytes that are left before it makes room, so that
 * hostile bytes cost no more memory than a small multiple of their length. Nothing may follow the value.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_WIRE_H
#define SBX_WIRE_H

#include "object.h"

#define SBX_WIRE_DEPTH 1000

#endif
