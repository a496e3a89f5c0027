/*
 * The wire form of values: compact, without loss, for the pipe between a host and its worker processes, and for files
 * that only sbx reads. JSON cannot do it: it has no tuples, sets, bytes, infinities, and keys are strings.
 *
 * A value is one letter and what follows it. Numbers of fixed width are little-endian.
 *
 *   N            None
 *   T  F         True, False
 *   i N bytes    int: two's complement, little-endian, in as few bytes as hold it (none for 0)
 *                Python: v.to_bytes(n, "little", signed=True); int.from_bytes(b, "little", signed=True)
 *   f 8 bytes    float: IEEE 754, little-endian; struct "<d"
 *   s N bytes    str: UTF-8, a lone surrogate as its three bytes (Python: "surrogatepass")
 *   y N bytes    bytes
 *   l N values   list
 *   t N values   tuple
 *   S N values   set
 *   Z N values   frozenset
 *   d N pairs    dict: key, value, key, value ... in order
 *   h K v v v    handle: K is one letter, F (File), D (Dir) or T (DataFrame); then path, format, hash as values, each
 *                a str or None
 *   D 8 + 4      datetime: microseconds since 1970-01-01T00:00:00 of its wall clock (signed), then the offset of its
 *                zone from UTC in minutes (signed), -2147483648 for none; struct "<qi"
 *   E 8 bytes    timedelta: microseconds (signed); struct "<q"
 *
 * N is a count: one byte up to 254, or the byte 255 and the count in eight bytes ("<Q").
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
