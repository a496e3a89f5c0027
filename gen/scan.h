/*
 * Scans over the text of a source, sixteen bytes at a time where the processor can: a loop over bytes is guessed wrong
 * at the end of each name, and takes most of its time there. The text has sixteen NULs behind it, and all of these
 * stop at one.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_SCAN_H
#define SBX_GEN_SCAN_H

#if defined(__SSE2__)
#include <emmintrin.h>

static inline __m128i scan_load(const char *at)
{
	return _mm_loadu_si128((const __m128i *)(const void *)at);
}

static inline unsigned scan_mask(__m128i bytes)
{
	return (unsigned)_mm_movemask_epi8(bytes);
}

/* The first byte from `at` on that is no ASCII letter, digit or underscore. */
static inline const char *scan_name(const char *at)
{
	for (;; at += 16) {
		__m128i bytes = scan_load(at), lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
		/* ranges of signed bytes; what is over 127 is negative and in none */
		__m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
									   _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
		__m128i digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
									  _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
		__m128i underscore = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
		unsigned good = scan_mask(_mm_or_si128(_mm_or_si128(letter, digit), underscore));
		if (good != 0xffff)
			return at + __builtin_ctz(~good);
	}
}

static inline const char *scan_spaces(const char *at)
{
	for (;; at += 16) {
		unsigned spaces = scan_mask(_mm_cmpeq_epi8(scan_load(at), _mm_set1_epi8(' ')));
		if (spaces != 0xffff)
			return at + __builtin_ctz(~spaces);
	}
}

/* The first quote, backslash, newline or NUL. */
static inline const char *scan_string(const char *at, char quote)
{
	for (;; at += 16) {
		__m128i bytes = scan_load(at);
		__m128i stops = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(quote)),
									 _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
		__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')),
									_mm_cmpeq_epi8(bytes, _mm_setzero_si128()));
		unsigned found = scan_mask(_mm_or_si128(stops, ends));
		if (found)
			return at + __builtin_ctz(found);
	}
}
#else
static inline const char *scan_name(const char *at)
{
	for (;; at++) {
		char lower = (char)(*at | 0x20);
		if (!(lower >= 'a' && lower <= 'z') && !(*at >= '0' && *at <= '9') && *at != '_')
			return at;
	}
}

static inline const char *scan_spaces(const char *at)
{
	while (*at == ' ')
		at++;
	return at;
}

static inline const char *scan_string(const char *at, char quote)
{
	while (*at != quote && *at != '\\' && *at != '\n' && *at)
		at++;
	return at;
}
#endif

#endif
