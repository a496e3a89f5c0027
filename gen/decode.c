/*
 * Decoding of source files. The common file is ASCII or UTF-8 with '\n' at its line ends: it is looked at once,
 * many bytes at a time, and copied. Only what has a byte order mark, a cookie, a carriage return or a byte over
 * 127 takes the longer ways.
 *
 * The rules are those of CPython's tokenizer: a cookie stands in a comment that is alone on line 1 or 2 (on line 2
 * only when line 1 is blank or a comment); "utf-8" and "latin-1" have their usual aliases; a file with a byte order
 * mark may only say utf-8.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decode.h"
#include "diag.h"
#include "encoding_names.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 64 };

unsigned utf8_sequence(const unsigned char *text)
{
	unsigned char a = text[0];
	if (a < 0x80)
		return 1;
	if (a < 0xc2 || a > 0xf4 || (text[1] & 0xc0) != 0x80)
		return 0;
	if (a < 0xe0)
		return 2;
	if ((text[2] & 0xc0) != 0x80)
		return 0;
	if (a < 0xf0) {
		bool overlong = a == 0xe0 && text[1] < 0xa0;
		bool surrogate = a == 0xed && text[1] >= 0xa0;
		return overlong || surrogate ? 0 : 3;
	}
	bool out_of_range = (a == 0xf0 && text[1] < 0x90) || (a == 0xf4 && text[1] >= 0x90);
	return out_of_range || (text[3] & 0xc0) != 0x80 ? 0 : 4;
}

uint32_t utf8_read(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	if (p[0] < 0x80) {
		*text += 1;
		return p[0];
	}
	if (p[0] < 0xe0) {
		*text += 2;
		return (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
	}
	if (p[0] < 0xf0) {
		*text += 3;
		return (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
	}
	*text += 4;
	return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3f) << 12 |
		   (uint32_t)(p[2] & 0x3f) << 6 | (p[3] & 0x3f);
}

unsigned utf8_write(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* What a first look at the bytes tells. */
typedef struct Survey {
	bool has_nul, has_return, has_high;
} Survey;

/* Copies the bytes from `i` on, looks at them and notes where lines begin. */
static Survey copy_rest(Survey survey, LineIndex *index, char *text, const char *bytes, size_t i,
						size_t length)
{
	for (; i < length; i++) {
		text[i] = bytes[i];
		survey.has_high |= (unsigned char)bytes[i] >= 0x80;
		survey.has_nul |= bytes[i] == '\0';
		survey.has_return |= bytes[i] == '\r';
		if (bytes[i] == '\n') {
			lines_reserve(index, 1);
			index->lines[index->count++] = (uint32_t)i + 1;
		}
	}
	return survey;
}

#if defined(__SSE2__)
#include <emmintrin.h>

static Survey copy_bytes(LineIndex *index, char *text, const char *bytes, size_t length)
{
	const __m128i zero = _mm_setzero_si128(), carriage = _mm_set1_epi8('\r'),
				  newline = _mm_set1_epi8('\n');
	__m128i seen = zero, nuls = zero, returns = zero;
	size_t i = 0;
	for (; i + 32 <= length; i += 32) {
		__m128i first = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i)),
				second = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i + 16));
		_mm_storeu_si128((__m128i *)(void *)(text + i), first);
		_mm_storeu_si128((__m128i *)(void *)(text + i + 16), second);
		seen = _mm_or_si128(seen, _mm_or_si128(first, second));
		/* the least of the two is zero where one is */
		nuls = _mm_or_si128(nuls, _mm_cmpeq_epi8(_mm_min_epu8(first, second), zero));
		returns = _mm_or_si128(returns, _mm_or_si128(_mm_cmpeq_epi8(first, carriage),
													 _mm_cmpeq_epi8(second, carriage)));
		uint32_t found = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(first, newline)) |
						 (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(second, newline)) << 16;
		if (!found)
			continue;
		lines_reserve(index, 32);
		uint32_t *next = index->lines + index->count;
		for (; found; found &= found - 1)
			*next++ = (uint32_t)i + (uint32_t)__builtin_ctz(found) + 1;
		index->count = (uint32_t)(next - index->lines);
	}
	Survey survey = {_mm_movemask_epi8(nuls) != 0, _mm_movemask_epi8(returns) != 0,
					 _mm_movemask_epi8(seen) != 0};
	return copy_rest(survey, index, text, bytes, i, length);
}
#else
static Survey copy_bytes(LineIndex *index, char *text, const char *bytes, size_t length)
{
	return copy_rest((Survey){false, false, false}, index, text, bytes, 0, length);
}
#endif

static void set_text(Source *source, char *text, size_t length)
{
	source->text = text;
	source->length = (uint32_t)length;
}

static char *copy_padded(Arena *arena, const char *bytes, size_t length)
{
	char *text = arena_alloc_raw(arena, length + SOURCE_PADDING);
	if (length)
		memcpy(text, bytes, length);
	memset(text + length, 0, SOURCE_PADDING);
	return text;
}

/* "\r\n" and "\r" become "\n", in place; the source remembers where it has one byte less. */
static size_t translate_newlines(Arena *arena, Source *source, char *text, size_t length)
{
	char *out = text;
	uint32_t pairs = 0;
	for (size_t i = 0; i + 1 < length; i++)
		pairs += text[i] == '\r' && text[i + 1] == '\n';
	uint32_t *removed = ARENA_ARRAY_RAW(arena, uint32_t, pairs + 1);
	source->removed = removed;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\r') {
			if (i + 1 < length && text[i + 1] == '\n') {
				removed[source->removed_count++] = (uint32_t)(out - text);
				i++;
			}
			*out++ = '\n';
		} else {
			*out++ = text[i];
		}
	}
	size_t shorter = (size_t)(out - text);
	memset(out, 0, length - shorter);
	return shorter;
}

/* The bytes with '?' for what cannot be shown, so that a diagnostic can quote the line. */
static void set_printable(Arena *arena, Source *source, const char *bytes, size_t length)
{
	char *text = copy_padded(arena, bytes, length);
	for (size_t i = 0; i < length; i++) {
		unsigned sequence = text[i] ? utf8_sequence((const unsigned char *)text + i) : 0;
		if (sequence == 0)
			text[i] = '?';
		else
			i += sequence - 1;
	}
	set_text(source, text, length);
}

/* The cookie's name as it stands in the line, or length 0. `*blank` says that the line has no code. */
static size_t find_cookie(const char *line, size_t length, const char **name, bool *blank)
{
	size_t i = 0;
	while (i < length && (line[i] == ' ' || line[i] == '\t' || line[i] == '\f'))
		i++;
	*blank = i == length || line[i] == '#';
	if (i == length || line[i] != '#')
		return 0;
	for (; i + 7 <= length; i++) {
		if (memcmp(line + i, "coding", 6) || (line[i + 6] != ':' && line[i + 6] != '='))
			continue;
		size_t start = i + 7;
		while (start < length && (line[start] == ' ' || line[start] == '\t'))
			start++;
		size_t end = start;
		while (end < length &&
			   ((line[end] >= 'a' && line[end] <= 'z') || (line[end] >= 'A' && line[end] <= 'Z') ||
				(line[end] >= '0' && line[end] <= '9') || line[end] == '-' || line[end] == '_' ||
				line[end] == '.'))
			end++;
		if (end > start) {
			*name = line + start;
			return end - start;
		}
	}
	return 0;
}

static size_t line_length(const char *bytes, size_t length)
{
	size_t i = 0;
	while (i < length && bytes[i] != '\n' && bytes[i] != '\r')
		i++;
	return i;
}

/* Looks at lines 1 and 2. Returns the name's length, 0 if there is none; the name is copied in lower case. */
static size_t read_cookie(const char *bytes, size_t length, char name[LONGEST_NAME],
						  const char **where)
{
	bool blank = false;
	size_t first = line_length(bytes, length);
	size_t size = find_cookie(bytes, first, where, &blank);
	if (!size && blank && first < length) {
		size_t next =
			first +
			(bytes[first] == '\r' && first + 1 < length && bytes[first + 1] == '\n' ? 2 : 1);
		size = find_cookie(bytes + next, line_length(bytes + next, length - next), where, &blank);
	}
	if (size >= LONGEST_NAME)
		size = LONGEST_NAME - 1;
	for (size_t i = 0; i < size; i++) {
		char c = (*where)[i];
		name[i] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	name[size] = '\0';
	return size;
}

static bool is_alias(const char *name, const char *alias)
{
	size_t length = strlen(alias);
	return !strncmp(name, alias, length) && (name[length] == '\0' || name[length] == '-');
}

/* Opens iconv for a Python codec name: as it is, then "iso8859-2" as "iso-8859-2" and "windows-1252" as "cp1252". */
static iconv_t open_codec(Arena *arena, const char *name)
{
	iconv_t codec = iconv_open("UTF-8", encoding_name(name));
	if (codec == (iconv_t)-1 && !strncmp(name, "iso8859-", 8))
		codec = iconv_open("UTF-8", arena_format(arena, "iso-%s", name + 3));
	if (codec == (iconv_t)-1 && !strncmp(name, "windows-", 8))
		codec = iconv_open("UTF-8", arena_format(arena, "cp%s", name + 8));
	return codec;
}

/* Every codec but UTF-8, through iconv. */
static bool decode_foreign(Arena *arena, Diag *diag, Source *source, const char *name,
						   const char *shown, const char *bytes, size_t length)
{
	iconv_t codec = open_codec(arena, name);
	if (codec == (iconv_t)-1) {
		set_printable(arena, source, bytes, length);
		uint32_t line = (uint32_t)(shown - bytes);
		diag_add(diag, D_ENCODING_UNKNOWN, source, line, line + (uint32_t)strlen(name), name);
		return false;
	}
	size_t capacity = length * 4 + SOURCE_PADDING;
	char *text = arena_alloc(arena, capacity);
	char *in = (char *)(uintptr_t)bytes, *out = text;
	size_t left = length, room = capacity - SOURCE_PADDING;
	size_t result = iconv(codec, &in, &left, &out, &room);
	if (result != (size_t)-1)
		result = iconv(codec, NULL, NULL, &out, &room);
	iconv_close(codec);
	if (result == (size_t)-1) {
		size_t position = length - left;
		set_printable(arena, source, bytes, length);
		const char *byte =
			arena_format(arena, "%02x", position < length ? (unsigned char)bytes[position] : 0);
		diag_add(diag, D_SOURCE_DECODE, source, (uint32_t)position, (uint32_t)position + 1, name,
				 byte, (int)position);
		return false;
	}
	size_t decoded = (size_t)(out - text);
	if (memchr(text, '\0', decoded)) {
		set_printable(arena, source, bytes, length);
		diag_add(diag, D_SOURCE_NUL, source, 0, 0);
		return false;
	}
	source->recoded = true;
	set_text(source, text, translate_newlines(arena, source, text, decoded));
	return true;
}

static bool check_utf8(Arena *arena, Diag *diag, Source *source, bool declared)
{
	const unsigned char *text = (const unsigned char *)source->text;
	for (uint32_t i = 0; i < source->length;) {
		uint64_t word;
		memcpy(&word, text + i, 8); /* the padding makes this safe */
		if (!(word & UINT64_C(0x8080808080808080))) {
			i += 8;
			continue;
		}
		unsigned size = utf8_sequence(text + i);
		if (size) {
			i += size;
			continue;
		}
		const char *byte = arena_format(arena, "%02x", text[i]);
		set_printable(arena, source, (const char *)text, source->length);
		if (declared)
			diag_add(diag, D_SOURCE_DECODE, source, i, i + 1, "utf-8", byte, (int)i);
		else
			diag_add(diag, D_SOURCE_UTF8, source, i, i + 1, byte);
		return false;
	}
	return true;
}

bool decode_source(Arena *arena, Diag *diag, Source *source, LineIndex *index, const char *bytes,
				   size_t length)
{
	char *text = arena_alloc_raw(arena, length + SOURCE_PADDING);
	Survey survey = copy_bytes(index, text, bytes, length);
	memset(text + length, 0, SOURCE_PADDING);
	index->complete = !survey.has_return;
	if (survey.has_nul) {
		const char *nul = memchr(bytes, '\0', length);
		uint32_t place = nul ? (uint32_t)(nul - bytes) : 0;
		set_printable(arena, source, bytes, length);
		diag_add(diag, D_SOURCE_NUL, source, place, place + 1);
		return false;
	}
	bool has_mark = length >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3);
	if (has_mark) {
		bytes += 3;
		length -= 3;
		source->mark = 3;
		text += 3;
		index->complete = false;
	}
	char name[LONGEST_NAME];
	const char *where = NULL;
	bool declared = read_cookie(bytes, length, name, &where) > 0;
	bool is_utf8 = !declared || is_alias(name, "utf-8");
	if (has_mark && !is_utf8) {
		set_printable(arena, source, bytes, length);
		uint32_t start = (uint32_t)(where - bytes);
		diag_add(diag, D_ENCODING_BOM, source, start, start + (uint32_t)strlen(name), name);
		return false;
	}
	if (declared && (is_alias(name, "latin-1") || is_alias(name, "iso-8859-1") ||
					 is_alias(name, "iso-latin-1")))
		memcpy(name, "latin1", sizeof "latin1");
	index->complete &= is_utf8;
	if (!is_utf8)
		return decode_foreign(arena, diag, source, name, where, bytes, length);

	set_text(source, text,
			 survey.has_return ? translate_newlines(arena, source, text, length) : length);
	return !survey.has_high || check_utf8(arena, diag, source, declared || has_mark);
}
