/*
 * Questions about Unicode characters, answered from tables that grammar/codepoint_tables.py makes at build time.
 * Names outside ASCII are rare in source files: everything here is a binary search, and small.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codepoints.h"
#include "decode.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct CodeRange {
	uint32_t start, end;
} CodeRange;

typedef struct ClassRange {
	uint32_t start, end;
	uint8_t class;
} ClassRange;

typedef struct Decomposition {
	uint32_t code;
	uint16_t at, length;
} Decomposition;

typedef struct Composition {
	uint32_t first, second, code;
} Composition;

#include "codepoint_tables.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum {
	HANGUL_FIRST = 0xac00,
	HANGUL_LAST = 0xd7a3,
	LEAD_FIRST = 0x1100,
	VOWEL_FIRST = 0x1161,
	TRAIL_BASE = 0x11a7,
	LEADS = 19,
	VOWELS = 21,
	TRAILS = 28,
};

static bool in_ranges(const CodeRange *ranges, size_t count, uint32_t code)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (code > ranges[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && code >= ranges[low].start;
}

bool codepoint_is_name_start(uint32_t code)
{
	return in_ranges(name_starts, COUNT(name_starts), code);
}

bool codepoint_is_name_part(uint32_t code)
{
	return in_ranges(name_parts, COUNT(name_parts), code);
}

bool codepoint_is_printable(uint32_t code)
{
	return !in_ranges(hidden, COUNT(hidden), code);
}

static uint8_t combining_class(uint32_t code)
{
	size_t low = 0, high = COUNT(classes);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (code > classes[middle].end)
			low = middle + 1;
		else
			high = middle;
	}
	return low < COUNT(classes) && code >= classes[low].start ? classes[low].class : 0;
}

/* Writes the decomposition of `code` and returns its length. */
static size_t decompose(uint32_t code, uint32_t *out)
{
	if (code >= HANGUL_FIRST && code <= HANGUL_LAST) {
		uint32_t index = code - HANGUL_FIRST;
		out[0] = LEAD_FIRST + index / (VOWELS * TRAILS);
		out[1] = VOWEL_FIRST + index % (VOWELS * TRAILS) / TRAILS;
		out[2] = TRAIL_BASE + index % TRAILS;
		return index % TRAILS ? 3 : 2;
	}
	size_t low = 0, high = COUNT(decompositions);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (decompositions[middle].code < code)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == COUNT(decompositions) || decompositions[low].code != code) {
		out[0] = code;
		return 1;
	}
	const Decomposition *row = &decompositions[low];
	memcpy(out, decomposed + row->at, row->length * sizeof *out);
	return row->length;
}

/* The character that `first` and `second` make together, or 0. */
static uint32_t compose(uint32_t first, uint32_t second)
{
	if (first - LEAD_FIRST < LEADS && second - VOWEL_FIRST < VOWELS)
		return HANGUL_FIRST + ((first - LEAD_FIRST) * VOWELS + (second - VOWEL_FIRST)) * TRAILS;
	if (first >= HANGUL_FIRST && first <= HANGUL_LAST && (first - HANGUL_FIRST) % TRAILS == 0 &&
		second > TRAIL_BASE && second < TRAIL_BASE + TRAILS)
		return first + (second - TRAIL_BASE);
	size_t low = 0, high = COUNT(compositions);
	while (low < high) {
		size_t middle = (low + high) / 2;
		const Composition *row = &compositions[middle];
		if (row->first < first || (row->first == first && row->second < second))
			low = middle + 1;
		else
			high = middle;
	}
	bool found = low < COUNT(compositions) && compositions[low].first == first &&
				 compositions[low].second == second;
	return found ? compositions[low].code : 0;
}

/* Canonical order: runs of combining marks sorted by class, equal classes in their order. */
static void order_marks(uint32_t *codes, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		uint8_t class = combining_class(codes[i]);
		uint32_t code = codes[i];
		size_t at = i;
		for (; class && at > 0 && combining_class(codes[at - 1]) > class; at--)
			codes[at] = codes[at - 1];
		codes[at] = code;
	}
}

static size_t compose_all(uint32_t *codes, size_t count)
{
	size_t out = 0, starter = SIZE_MAX;
	int last_class = -1; /* of the character before, if it was kept after the starter */
	for (size_t i = 0; i < count; i++) {
		uint8_t class = combining_class(codes[i]);
		uint32_t together = 0;
		if (starter != SIZE_MAX && (last_class < (int)class || last_class == -1))
			together = compose(codes[starter], codes[i]);
		if (together) {
			codes[starter] = together;
			continue;
		}
		codes[out] = codes[i];
		if (class == 0) {
			starter = out;
			last_class = -1;
		} else {
			last_class = class;
		}
		out++;
	}
	return out;
}

const char *codepoint_normalize(Arena *arena, const char *text, size_t length,
								size_t *normal_length)
{
	enum { LONGEST = 18 };
	uint32_t parts[LONGEST];
	size_t count = 0;
	for (const char *p = text; p < text + length;)
		count += decompose(utf8_read(&p), parts);
	uint32_t *codes = ARENA_ARRAY(arena, uint32_t, count + 1);
	count = 0;
	for (const char *p = text; p < text + length;)
		count += decompose(utf8_read(&p), codes + count);
	order_marks(codes, count);
	count = compose_all(codes, count);
	char *out = arena_alloc(arena, count * 4 + 1);
	size_t written = 0;
	for (size_t i = 0; i < count; i++)
		written += utf8_write(out + written, codes[i]);
	*normal_length = written;
	return out;
}

/* FNV-1a over the upper-case name; codepoint_tables.py has the same. */
static uint64_t name_hash(const char *name, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c >= 'a' && c <= 'z')
			c = (unsigned char)(c - 'a' + 'A');
		hash = (hash ^ c) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static bool begins_with(const char *name, size_t length, const char *prefix)
{
	return length >= strlen(prefix) && !strncasecmp(name, prefix, strlen(prefix));
}

/* "HANGUL SYLLABLE GAG": the longest lead, then the longest vowel, then what is left. */
static bool hangul_from_name(const char *name, size_t length, uint32_t *code)
{
	static const char leads[LEADS][3] = {"G",  "GG", "N", "D",  "DD", "R", "M", "B", "BB", "S",
										 "SS", "",   "J", "JJ", "C",  "K", "T", "P", "H"};
	static const char vowels[VOWELS][4] = {"A",   "AE", "YA", "YAE", "EO", "E",  "YEO",
										   "YE",  "O",  "WA", "WAE", "OE", "YO", "U",
										   "WEO", "WE", "WI", "YU",  "EU", "YI", "I"};
	static const char trails[TRAILS][3] = {
		"",   "G",  "GG", "GS", "N",  "NJ", "NH", "D",  "L", "LG", "LM", "LB", "LS", "LT",
		"LP", "LH", "M",  "B",  "BS", "S",  "SS", "NG", "J", "C",  "K",  "T",  "P",  "H"};
	size_t best = 0, lead = LEADS, vowel = VOWELS;
	for (size_t i = 0; i < LEADS; i++)
		if (begins_with(name, length, leads[i]) && (lead == LEADS || strlen(leads[i]) > best)) {
			best = strlen(leads[i]);
			lead = i;
		}
	name += best;
	length -= best;
	best = 0;
	for (size_t i = 0; i < VOWELS; i++)
		if (begins_with(name, length, vowels[i]) && strlen(vowels[i]) > best) {
			best = strlen(vowels[i]);
			vowel = i;
		}
	if (lead == LEADS || vowel == VOWELS)
		return false;
	name += best;
	length -= best;
	for (size_t i = 0; i < TRAILS; i++)
		if (length == strlen(trails[i]) && begins_with(name, length, trails[i])) {
			*code = HANGUL_FIRST + (uint32_t)((lead * VOWELS + vowel) * TRAILS + i);
			return true;
		}
	return false;
}

static bool is_ideograph(uint32_t code)
{
	static const CodeRange ideographs[] = {
		{0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0x20000, 0x2a6df}, {0x2a700, 0x2b738},
		{0x2b740, 0x2b81d}, {0x2b820, 0x2cea1}, {0x2ceb0, 0x2ebe0}, {0x30000, 0x3134a}};
	return in_ranges(ideographs, COUNT(ideographs), code);
}

/* "CJK UNIFIED IDEOGRAPH-4E00" */
static bool ideograph_from_name(const char *digits, size_t length, uint32_t *code)
{
	if (length != 4 && length != 5)
		return false;
	uint32_t value = 0;
	for (size_t i = 0; i < length; i++) {
		char c = digits[i];
		if (c >= '0' && c <= '9')
			value = value * 16 + (uint32_t)(c - '0');
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (uint32_t)(c - 'A') + 10;
		else
			return false;
	}
	*code = value;
	return is_ideograph(value);
}

bool codepoint_from_name(const char *name, size_t length, uint32_t *code)
{
	static const char hangul[] = "HANGUL SYLLABLE ", ideograph[] = "CJK UNIFIED IDEOGRAPH-";
	if (begins_with(name, length, hangul))
		return hangul_from_name(name + sizeof hangul - 1, length - (sizeof hangul - 1), code);
	if (begins_with(name, length, ideograph))
		return ideograph_from_name(name + sizeof ideograph - 1, length - (sizeof ideograph - 1),
								   code);
	uint64_t wanted = name_hash(name, length) >> 21;
	size_t low = 0, high = COUNT(names);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (names[middle] >> 21 < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == COUNT(names) || names[low] >> 21 != wanted)
		return false;
	*code = (uint32_t)(names[low] & 0x1fffff);
	return true;
}
