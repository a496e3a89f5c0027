/*
 * UTF-8, one code point at a time.
 *
 * Where bytes are not UTF-8, the error covers the longest part that could still have begun a code
 * point, as the Unicode standard recommends and CPython does; so "replace" gives the same number of
 * U+FFFD, and the messages name the same positions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "utf8.h"

#include <string.h>

static bool is_continuation(uint8_t c)
{
	return (c & 0xc0) == 0x80;
}

static const char *const unexpected_end = "unexpected end of data";
static const char *const bad_continuation = "invalid continuation byte";

/* Is `c` possible as the second byte after `first` (0xe0 to 0xf4)? */
static bool is_second(uint8_t first, uint8_t c, bool surrogates)
{
	if (!is_continuation(c))
		return false;
	switch (first) {
	case 0xe0:
		return c >= 0xa0;
	case 0xed:
		return surrogates || c < 0xa0;
	case 0xf0:
		return c >= 0x90;
	case 0xf4:
		return c < 0x90;
	default:
		return true;
	}
}

int sbx__utf8_next(const uint8_t *s, size_t left, bool surrogates, uint32_t *point,
				   const char **reason)
{
	uint8_t c = s[0];
	int size;
	if (c < 0x80) {
		*point = c;
		return 1;
	}
	if (c < 0xc2 || c > 0xf4) {
		*reason = "invalid start byte";
		return -1;
	}
	size = c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	*point = c & (0xff >> (size + 1));
	for (int i = 1; i < size; i++) {
		if ((size_t)i >= left) {
			*reason = unexpected_end;
			return -i;
		}
		if (i == 1 && size > 2 ? !is_second(c, s[1], surrogates) : !is_continuation(s[i])) {
			*reason = bad_continuation;
			return -i;
		}
		*point = *point << 6 | (s[i] & 0x3f);
	}
	return size;
}

int sbx__utf8_measure(sbx_run *run, const uint8_t *utf8, size_t length, bool surrogates,
					  uint64_t *count, uint32_t *largest, size_t *place, const char **reason)
{
	uint32_t point = 0;
	*count = 0;
	*largest = 0;
	for (size_t i = 0; i < length; ++*count) {
		int size;
		if (sbx__pace(run, *count, length - i + *count)) {
			*reason = NULL;
			return -1;
		}
		if (utf8[i] < 0x80) {
			i++;
			continue;
		}
		size = sbx__utf8_next(utf8 + i, length - i, surrogates, &point, reason);
		if (size < 0) {
			*place = i;
			return size;
		}
		if (point > *largest)
			*largest = point;
		i += (size_t)size;
	}
	return 0;
}

int sbx__utf8_put(uint8_t *s, uint32_t point)
{
	int size = sbx__utf8_size(point);
	static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (int i = size - 1; i > 0; i--) {
		s[i] = 0x80 | (point & 0x3f);
		point >>= 6;
	}
	s[0] = (uint8_t)(first[size] | point);
	return size;
}

size_t sbx__ascii_prefix(const uint8_t *s, size_t length)
{
	size_t i = 0;
	uint64_t word;
	while (i + sizeof word <= length) {
		memcpy(&word, s + i, sizeof word);
		if (word & 0x8080808080808080u)
			break;
		i += sizeof word;
	}
	while (i < length && s[i] < 0x80)
		i++;
	return i;
}
