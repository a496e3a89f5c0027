/*
 * Long work in pieces.
 *
 * Copying, filling and comparing go at several bytes a nanosecond, but what a program may hold is large: 50 MB take ten
 * milliseconds when the memory is new. So each of these works on a quarter of a megabyte, spends for it, and the deadline
 * is looked at in between. After a failure the target is half made: the run is over, and its heap goes as a whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include <string.h>

enum { PIECE = 1 << 18, ITEMS = PIECE / sizeof(sbx_value) };

int sbx__copy_long(sbx_run *run, void *to, const void *from, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PIECE) {
		uint64_t part = size - at < PIECE ? size - at : PIECE;
		if (sbx__spend(run, part / 8))
			return -1;
		memcpy((char *)to + at, (const char *)from + at, part);
	}
	return 0;
}

int sbx__fill(sbx_run *run, void *to, int byte, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PIECE) {
		uint64_t part = size - at < PIECE ? size - at : PIECE;
		if (sbx__spend(run, part / 8))
			return -1;
		memset((char *)to + at, byte, part);
	}
	return 0;
}

int sbx__compare_long(sbx_run *run, const void *a, const void *b, uint64_t size, int *order)
{
	*order = 0;
	for (uint64_t at = 0; at < size && !*order; at += PIECE) {
		uint64_t part = size - at < PIECE ? size - at : PIECE;
		if (sbx__spend(run, part / 16))
			return -1;
		*order = memcmp((const char *)a + at, (const char *)b + at, part);
	}
	return 0;
}

int sbx__copy_items(sbx_run *run, sbx_value *to, const sbx_value *from, uint64_t count)
{
	for (uint64_t at = 0; at < count; at += ITEMS) {
		uint64_t end = count - at < ITEMS ? count : at + ITEMS;
		if (sbx__spend(run, end - at))
			return -1;
		for (uint64_t i = at; i < end; i++)
			to[i] = sbx_gen_copy(from[i]);
	}
	return 0;
}

int sbx__repeat_items(sbx_run *run, sbx_value *to, const sbx_value *from, uint64_t count,
					  uint64_t total)
{
	uint64_t next = 0, times = total / count;
	for (uint64_t i = 0; i < count; i++) {
		if (i % ITEMS == 0 && sbx__spend(run, count - i < ITEMS ? count - i : ITEMS))
			return -1;
		if (from[i].tag & SBX_GEN_COUNTED)
			((sbx_gen_head *)from[i].u.p)->refs += (uint32_t)times;
	}
	for (uint64_t at = 0; at < total; at += ITEMS) {
		uint64_t end = total - at < ITEMS ? total : at + ITEMS;
		if (sbx__spend(run, end - at))
			return -1;
		for (uint64_t i = at; i < end; i++) {
			to[i] = from[next];
			next = next + 1 == count ? 0 : next + 1;
		}
	}
	return 0;
}
