/*
 * What crosses between a host and its runs: handles, times, bytes under construction, errors of public calls.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_BOUNDARY_H
#define SBX_BOUNDARY_H

#include <string.h>

#include "containers.h"

#define HANDLE(v) ((const HandleObject *)(v).u.p)
#define TIME(v) ((const TimeObject *)(v).u.p)
#define SBX_JSON_DEPTH 1000

/* ---- errors of public calls ---- */

/* Takes back the exception that an earlier call left on a heap of the host's; that of a run stays. */
void sbx__forget_error(sbx_heap *heap);
/* The status for the exception that has been raised: limits have their own, others are `otherwise`. */
sbx_status sbx__status_of_error(sbx_heap *heap, sbx_status otherwise);

/* ---- handles, times ---- */

/* kind: SBX_FILE, SBX_DIR, SBX_DATAFRAME; texts: str or None, borrowed. */
sbx_value sbx__handle_make(sbx_run *run, unsigned kind, sbx_value path, sbx_value format,
						   sbx_value hash);
const char *sbx__handle_name(sbx_value v); /* "File" */

#define SBX_DATETIME_MIN INT64_C(-62135596800000000) /* 0001-01-01 */
#define SBX_DATETIME_MAX INT64_C(253402300799999999) /* 9999-12-31 */
sbx_value sbx__time_make(sbx_run *run, unsigned kind, int64_t microseconds, int32_t offset_minutes);
/* isoformat(); the length of the text. */
size_t sbx__datetime_text(sbx_value v, char buffer[48]);
double sbx__timedelta_seconds(sbx_value v);
/* ISO 8601: date, or date and time, with an optional zone. */
bool sbx__datetime_parse(const char *text, size_t length, int64_t *microseconds,
						 int32_t *offset_minutes);
/* "90", "1.5", "1h30m", "1 day, 0:00:00", "0:01:30". */
bool sbx__timedelta_parse(const char *text, size_t length, int64_t *microseconds);
/* Seconds to microseconds, half to even; false: too many, or no number. */
bool sbx__timedelta_from_seconds(double seconds, int64_t *microseconds);

/* ---- JSON ---- */

/* How many bytes from `at` on can stand in a JSON string as they are: ASCII without control characters, '"', '\\'.
   Eight at a time: a byte that is wanted sets the top bit of its place in `found` (or a place above it does).
   Python escapes DEL when it writes and takes it as it is when it reads. */
static inline size_t sbx__json_plain(const unsigned char *at, size_t length, bool writing)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	size_t i = 0;
	for (; i + 8 <= length; i += 8) {
		uint64_t word, quote, slash, found;
		memcpy(&word, at + i, sizeof word);
		quote = word ^ ones * '"';
		slash = word ^ ones * '\\';
		found = (word | (word - ones * ' ') | (quote - ones) | (slash - ones)) & tops;
		if (writing)
			found |= ((word ^ ones * 127) - ones) & tops;
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		if (found)
			return i +
				   (size_t)__builtin_ctzll(found) / 8; /* the lowest place is never a false one */
#else
		if (found)
			break;
#endif
	}
	while (i < length && at[i] >= ' ' && at[i] < (writing ? 127 : 128) && at[i] != '"' &&
		   at[i] != '\\')
		i++;
	return i;
}

/* ---- base64 ---- */

size_t sbx__base64_encode(const unsigned char *bytes, size_t length,
						  char *out); /* (length + 2) / 3 * 4 bytes */
/* The bytes (a bytes value) of text with its padding; tag 0 and nothing raised: not base64. */
sbx_value sbx__base64_decode(sbx_run *run, sbx_value text);

/* ---- bytes under construction: what becomes a bytes value, or a str of ASCII, without being copied ---- */

typedef struct ByteBuffer {
	sbx_run *run;
	unsigned char *block; /* room for the object's head, then the bytes */
	uint64_t length, capacity;
	bool failed; /* an exception was raised; further writes do nothing */
} ByteBuffer;
void sbx__bytes_init(ByteBuffer *buffer, sbx_run *run);
bool sbx__bytes_grow(ByteBuffer *buffer, uint64_t more);
sbx_value sbx__bytes_take(ByteBuffer *buffer, unsigned kind); /* SBX_KIND_BYTES or SBX_KIND_STR */
void sbx__bytes_drop(ByteBuffer *buffer);

/* Room for `more` bytes at the end; NULL after a failure. */
static inline unsigned char *sbx__bytes_room(ByteBuffer *buffer, uint64_t more)
{
	if (SBX_GEN_UNLIKELY(buffer->failed || more > buffer->capacity - buffer->length) &&
		!sbx__bytes_grow(buffer, more))
		return NULL;
	return buffer->block + sizeof(sbx_gen_str) + buffer->length;
}
static inline void sbx__bytes_put(ByteBuffer *buffer, unsigned char byte)
{
	unsigned char *at = sbx__bytes_room(buffer, 1);
	if (at) {
		*at = byte;
		buffer->length++;
	}
}
static inline void sbx__bytes_add(ByteBuffer *buffer, const void *bytes, uint64_t length)
{
	unsigned char *at = sbx__bytes_room(buffer, length);
	if (at) {
		if (length)
			memcpy(at, bytes, length);
		buffer->length += length;
	}
}

#endif
