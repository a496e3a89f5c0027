/*
 * JSON to values: strict as Python's json module, with NaN, Infinity and -Infinity; ints of any size.
 *
 * One pass over the bytes. Containers under construction are on a stack on the heap, each with the key that waits for
 * its value. Objects of one document tend to be alike: each is expected to have the keys of the last one at its depth,
 * in their order, which costs one comparison a key and no look-up. Other keys are remembered in a small table by their
 * bytes, so that the second time needs no allocation and no hash. Messages are Python's, with
 * line, column and character counted in code points.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "numbers.h"
#include "units.h"
#include "utf8.h"

#include <math.h>

enum { KEY_SLOTS = 64, KEY_LENGTH_MAX = 32, DEPTHS = 8, LENGTH_MAX = 64 };

typedef struct Level {
	sbx_value container; /* list or dict */
	sbx_value key;       /* of a dict: the key whose value comes next */
	bool alike;          /* of a dict: its keys so far are those of the last dict at this depth */
	bool is_plain;       /* its keys stand in the text as they are */
} Level;

typedef struct Reader {
	sbx_run *run;
	const unsigned char *start, *at, *end;
	Level *levels;
	uint64_t count, capacity;
	sbx_value keys[KEY_SLOTS];
	sbx_value last[DEPTHS];       /* by depth: the last dict with plain keys, or NONE */
	uint64_t list_length[DEPTHS]; /* by depth: of the last list; the next may be alike */
	const char
		*message; /* what is wrong with the text; NULL: nothing, or an exception was raised */
	const unsigned char *place;
} Reader;

static int wrong(Reader *reader, const char *message, const unsigned char *place)
{
	reader->message = message;
	reader->place = place;
	return -1;
}

static inline void skip_blanks(Reader *reader)
{
	if (reader->at<reader->end && * reader->at> ' ')
		return;
	while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\n' ||
										*reader->at == '\t' || *reader->at == '\r'))
		reader->at++;
}

/* ---- strings ---- */

static int hex4(const unsigned char *at, const unsigned char *end, uint32_t *out)
{
	*out = 0;
	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		unsigned char c = at[i], letter = c | 32;
		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t)(c - '0');
		else if (letter >= 'a' && letter <= 'f')
			*out = *out << 4 | (uint32_t)(letter - 'a' + 10);
		else
			return -1;
	}
	return 0;
}

/* \uXXXX behind the backslash at `slash`, perhaps with the other half of a pair. */
static int read_unit(Reader *reader, const unsigned char *slash, uint32_t *point)
{
	uint32_t low;
	/* Like Python, it wants something behind the digits, if only the closing quote. */
	if (reader->end - reader->at <= 4 || hex4(reader->at, reader->end, point))
		return wrong(reader, "Invalid \\uXXXX escape", slash + 1);
	reader->at += 4;
	if (*point >= 0xd800 && *point < 0xdc00 && reader->end - reader->at > 6 &&
		reader->at[0] == '\\' && reader->at[1] == 'u' && !hex4(reader->at + 2, reader->end, &low) &&
		low >= 0xdc00 && low < 0xe000) {
		*point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
		reader->at += 6;
	}
	return 0;
}

static int read_escape(Reader *reader, uint32_t *point)
{
	static const char forms[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
	const unsigned char *slash = reader->at++;
	unsigned char c;
	if (reader->at == reader->end)
		return -2;
	c = *reader->at++;
	if (c == 'u')
		return read_unit(reader, slash, point);
	for (int i = 0; i < 16; i += 2)
		if (c == (unsigned char)forms[i]) {
			*point = (unsigned char)forms[i + 1];
			return 0;
		}
	return wrong(reader, "Invalid \\escape", slash);
}

/* Where a string's points go; `units` NULL: they are only counted. */
typedef struct Points {
	void *units;
	uint64_t count;
	uint32_t width, largest;
} Points;

static void add_plain(Points *points, const unsigned char *text, size_t length)
{
	if (points->units && points->width == 1)
		memcpy((unsigned char *)points->units + points->count, text, length);
	else if (points->units)
		for (size_t i = 0; i < length; i++)
			sbx__unit_put(points->units, points->width, points->count + i, text[i]);
	points->count += length;
}

static void add_point(Points *points, uint32_t point)
{
	if (points->units)
		sbx__unit_put(points->units, points->width, points->count, point);
	points->largest = point > points->largest ? point : points->largest;
	points->count++;
}

/* Goes through a string whose opening quote is at `quote` and stands behind it at the end. */
static int read_points(Reader *reader, const unsigned char *quote, Points *points)
{
	reader->at = quote + 1;
	for (;;) {
		size_t length = sbx__json_plain(reader->at, (size_t)(reader->end - reader->at), false);
		const char *reason;
		uint32_t point;
		int size;
		add_plain(points, reader->at, length);
		reader->at += length;
		if (reader->at == reader->end)
			return wrong(reader, "Unterminated string starting at", quote);
		if (*reader->at == '"') {
			reader->at++;
			return 0;
		}
		if (*reader->at == '\\') {
			int failed = read_escape(reader, &point);
			if (failed)
				return failed == -1 ? -1 : wrong(reader, "Unterminated string starting at", quote);
		} else if (*reader->at < ' ') {
			return wrong(reader, "Invalid control character at", reader->at);
		} else {
			size = sbx__utf8_next(reader->at, (size_t)(reader->end - reader->at), true, &point,
								  &reason);
			if (size <= 0)
				return wrong(reader, "Invalid UTF-8", reader->at);
			reader->at += size;
		}
		add_point(points, point);
	}
}

/* A string with escapes or non-ASCII text: once to count, once to write. */
static sbx_value read_long_string(Reader *reader, const unsigned char *quote)
{
	Points points = {NULL, 0, 1, 0};
	sbx_value v;
	if (read_points(reader, quote, &points) || sbx__spend(reader->run, points.count / 4))
		return SBX_GEN_ERROR;
	points.width = points.largest < 0x100 ? 1 : points.largest < 0x10000 ? 2 : 4;
	v = sbx__str_alloc(reader->run, points.count, points.width, &points.units);
	points.count = 0;
	if (!sbx__is_error(v) && points.units)
		(void)read_points(reader, quote, &points);
	return v;
}

/* Plain ASCII up to the closing quote? Its length, or -1. */
static inline int64_t plain_length(const Reader *reader)
{
	const unsigned char *text = reader->at + 1;
	size_t length = sbx__json_plain(text, (size_t)(reader->end - text), false);
	return text + length < reader->end && text[length] == '"' ? (int64_t)length : -1;
}

/* Made here and not by sbx__str_alloc: half of all values are such strings. */
static sbx_value ascii_string(Reader *reader, int64_t length)
{
	sbx_gen_str *str;
	if (length == 0) {
		reader->at += 2;
		return sbx__str_ascii(reader->run, "");
	}
	str = sbx__alloc(reader->run, sbx__str_size((uint64_t)length, 1));
	if (!str)
		return SBX_GEN_ERROR;
	str->head.refs = 1;
	str->head.bits = 1;
	str->hash = -1;
	str->length = (uint64_t)length;
	memcpy(str + 1, reader->at + 1, (size_t)length);
	((char *)(str + 1))[length] = 0;
	reader->at += length + 2;
	return sbx_gen_object(SBX_KIND_STR | SBX_GEN_COUNTED, str);
}

/* The reader stands at the opening quote. */
static sbx_value read_string(Reader *reader)
{
	int64_t length = plain_length(reader);
	return length >= 0 ? ascii_string(reader, length) : read_long_string(reader, reader->at);
}

static sbx_value read_other_key(Reader *reader, int64_t length)
{
	const unsigned char *text = reader->at + 1;
	uint32_t hash = (uint32_t)length * 31;
	sbx_value *slot, v;
	if (length < 0 || length > KEY_LENGTH_MAX)
		return read_string(reader);
	for (int64_t i = 0; i < length; i++)
		hash = hash * 33 + text[i];
	slot = &reader->keys[(hash ^ hash >> 9) % KEY_SLOTS];
	if (slot->tag && STR(*slot)->length == (uint64_t)length &&
		!memcmp(sbx__str_units(*slot), text, (size_t)length)) {
		reader->at += length + 2;
		return sbx_gen_copy(*slot);
	}
	v = ascii_string(reader, length);
	if (!sbx__is_error(v)) {
		sbx_gen_drop(reader->run, *slot);
		*slot = sbx_gen_copy(v);
	}
	return v;
}

/* The entry of the last dict at this depth that has the key which this one is expected to have next; or NULL. */
static const DictEntry *expected_entry(const Reader *reader, const Level *level)
{
	uint64_t at = DICT(level->container)->used;
	const DictObject *last;
	if (!level->alike)
		return NULL;
	last = DICT(reader->last[reader->count - 1]);
	return at < last->used ? &last->entries[at] : NULL;
}

static sbx_value read_key(Reader *reader, Level *level)
{
	const DictEntry *entry = expected_entry(reader, level);
	int64_t length;
	if (entry) {
		uint64_t expected = STR(entry->key)->length;
		if ((uint64_t)(reader->end - reader->at) > expected + 1 &&
			reader->at[expected + 1] == '"' &&
			!memcmp(sbx__str_units(entry->key), reader->at + 1, expected)) {
			reader->at += expected + 2;
			return sbx_gen_copy(entry->key);
		}
	}
	level->alike = false;
	length = plain_length(reader);
	level->is_plain = level->is_plain && length >= 0;
	return read_other_key(reader, length);
}

/* ---- numbers ---- */

/* Exact where the digits fit a double and the power of ten is one that a double holds; else by the general way. */
static int read_float(Reader *reader, const unsigned char *start, uint64_t digits, int digit_count,
					  int exponent, bool negative, sbx_value *out)
{
	static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
									1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
									1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	double f = (double)digits;
	if (digit_count <= 15 && exponent >= -22 && exponent <= 22) {
		f = exponent < 0 ? f / powers[-exponent] : f * powers[exponent];
		*out = sbx_gen_float(negative ? -f : f);
		return 0;
	}
	if (!sbx__float_parse((const char *)start, (size_t)(reader->at - start), &f))
		return wrong(reader, "Expecting value", start);
	*out = sbx_gen_float(f);
	return 0;
}

static bool at_digit(const Reader *reader)
{
	return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* A fraction and exponent, where they are whole; the digits go into `digits`. True: there was one. */
static bool read_fraction(Reader *reader, uint64_t *digits, int *digit_count, int *exponent)
{
	const unsigned char *before;
	bool is_float = false;
	int written = 0;
	if (reader->at + 1 < reader->end && *reader->at == '.' && reader->at[1] >= '0' &&
		reader->at[1] <= '9') {
		is_float = true;
		for (reader->at++; at_digit(reader); reader->at++) {
			if (*digit_count < 18)
				*digits = *digits * 10 + (*reader->at - '0');
			*digit_count += *digit_count < 1000 && (*digits || *digit_count);
			*exponent -= *exponent > -1000;
		}
	}
	before = reader->at;
	if (reader->at < reader->end && (*reader->at | 32) == 'e') {
		bool minus;
		reader->at++;
		minus = reader->at < reader->end && *reader->at == '-';
		if (reader->at < reader->end && (*reader->at == '-' || *reader->at == '+'))
			reader->at++;
		if (!at_digit(reader)) {
			reader->at = before;
			return is_float;
		}
		for (; at_digit(reader); reader->at++)
			written = written < 10000 ? written * 10 + (*reader->at - '0') : written;
		*exponent += minus ? -written : written;
		is_float = true;
	}
	return is_float;
}

static int read_number(Reader *reader, sbx_value *out)
{
	const unsigned char *start = reader->at;
	bool negative = *start == '-', is_float;
	uint64_t digits = 0;
	int digit_count = 0, exponent = 0;
	size_t length;
	if (negative)
		reader->at++;
	if (!at_digit(reader)) {
		reader->at = start;
		return wrong(reader, "Expecting value", start);
	}
	if (*reader->at == '0') {
		reader->at++;
	} else {
		for (; at_digit(reader); reader->at++) {
			if (digit_count < 18)
				digits = digits * 10 + (*reader->at - '0');
			digit_count += digit_count < 1000;
		}
	}
	length = (size_t)(reader->at - start);
	if (digit_count > 18)
		exponent = 1000; /* too many for the short way */
	is_float = read_fraction(reader, &digits, &digit_count, &exponent);
	if (is_float)
		return read_float(reader, start, digits, digit_count, exponent, negative, out);
	if (digit_count <= 18) {
		*out = sbx_gen_int(negative ? -(int64_t)digits : (int64_t)digits);
		return 0;
	}
	*out = sbx__int_from_ascii(reader->run, (const char *)start, length, 10, false);
	return sbx__is_error(*out) ? -1 : 0;
}

/* ---- values ---- */

static bool take_word(Reader *reader, const char *word)
{
	size_t length = strlen(word);
	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static int push(Reader *reader, sbx_value container)
{
	if (sbx__is_error(container))
		return -1;
	if (reader->count >= SBX_JSON_DEPTH) {
		sbx_gen_drop(reader->run, container);
		return wrong(reader, "Nested too deeply", reader->at - 1);
	}
	if (reader->count == reader->capacity) {
		uint64_t capacity = reader->capacity ? reader->capacity * 2 : 8;
		Level *levels;
		levels = sbx__realloc(reader->run, reader->levels, reader->capacity * sizeof *levels,
							  capacity * sizeof *levels);
		if (!levels) {
			sbx_gen_drop(reader->run, container);
			return -1;
		}
		reader->levels = levels;
		reader->capacity = capacity;
	}
	reader->levels[reader->count].container = container;
	reader->levels[reader->count].key = SBX_GEN_NONE;
	reader->levels[reader->count].alike = reader->count < DEPTHS && reader->last[reader->count].tag;
	reader->levels[reader->count++].is_plain = true;
	return 0;
}

static uint64_t expected_pairs(const Reader *reader)
{
	sbx_value last = reader->count < DEPTHS ? reader->last[reader->count] : SBX_GEN_ERROR;
	return !last.tag ? 0 : DICT(last)->used < LENGTH_MAX ? DICT(last)->used : LENGTH_MAX;
}

/* A scalar into *out, or a container begun on the stack (*out has tag 0 then). */
static int read_value(Reader *reader, sbx_value *out)
{
	*out = SBX_GEN_ERROR;
	if (reader->at == reader->end)
		return wrong(reader, "Expecting value", reader->at);
	switch (*reader->at) {
	case '"':
		*out = read_string(reader);
		return sbx__is_error(*out) ? -1 : 0;
	case '[':
		reader->at++;
		return push(reader, sbx__list_alloc(reader->run, reader->count < DEPTHS
															 ? reader->list_length[reader->count]
															 : 0));
	case '{':
		reader->at++;
		return push(reader, sbx__dict_alloc(reader->run, expected_pairs(reader)));
	case 't':
		*out = sbx_gen_bool(1);
		if (take_word(reader, "true"))
			return 0;
		break;
	case 'f':
		*out = sbx_gen_bool(0);
		if (take_word(reader, "false"))
			return 0;
		break;
	case 'n':
		*out = SBX_GEN_NONE;
		if (take_word(reader, "null"))
			return 0;
		break;
	case 'N':
		*out = sbx_gen_float((double)NAN);
		if (take_word(reader, "NaN"))
			return 0;
		break;
	case 'I':
		*out = sbx_gen_float((double)INFINITY);
		if (take_word(reader, "Infinity"))
			return 0;
		break;
	case '-':
		*out = sbx_gen_float(-(double)INFINITY);
		if (take_word(reader, "-Infinity"))
			return 0;
		return read_number(reader, out);
	default:
		return read_number(reader, out);
	}
	*out = SBX_GEN_ERROR;
	return wrong(reader, "Expecting value", reader->at);
}

/* "key": of the innermost dict. */
static int read_pair_start(Reader *reader, Level *level)
{
	sbx_value key;
	if (reader->at == reader->end || *reader->at != '"')
		return wrong(reader, "Expecting property name enclosed in double quotes", reader->at);
	key = read_key(reader, level);
	if (sbx__is_error(key))
		return -1;
	level->key = key;
	skip_blanks(reader);
	if (reader->at == reader->end || *reader->at != ':')
		return wrong(reader, "Expecting ':' delimiter", reader->at);
	reader->at++;
	skip_blanks(reader);
	return 0;
}

/* Puts a finished value where it belongs: taken. */
static inline int place_value(Reader *reader, Level *level, sbx_value v)
{
	sbx_value key = level->key;
	if (SBX_IS(level->container, LIST))
		return sbx_gen_list_append(reader->run, level->container, v);
	level->key = SBX_GEN_NONE;
	if (level->alike)
		return sbx__dict_append(reader->run, level->container, expected_entry(reader, level), key,
								v);
	return sbx_gen_dict_set(reader->run, level->container, key, v);
}

/*
 * The innermost container, after its opening or after a value: 1 when it has ended, 0 when a value comes next.
 */
static inline int read_separator(Reader *reader, Level *level, bool is_first)
{
	bool is_dict = SBX_IS(level->container, DICT);
	skip_blanks(reader);
	if (reader->at < reader->end && *reader->at == (is_dict ? '}' : ']')) {
		reader->at++;
		return 1;
	}
	if (!is_first) {
		if (reader->at == reader->end || *reader->at != ',')
			return wrong(reader, "Expecting ',' delimiter", reader->at);
		reader->at++;
		skip_blanks(reader);
	}
	return is_dict ? read_pair_start(reader, level) : 0;
}

/* What the next container at this depth may be like. */
static void end_container(Reader *reader, const Level *level)
{
	uint64_t depth = reader->count, length;
	if (depth >= DEPTHS)
		return;
	if (SBX_IS(level->container, LIST)) {
		length = LIST(level->container)->length;
		reader->list_length[depth] = length < LENGTH_MAX ? length : LENGTH_MAX;
	} else if (level->is_plain &&
			   !(level->alike && reader->last[depth].tag &&
				 DICT(level->container)->used == DICT(reader->last[depth])->used)) {
		sbx_gen_drop(reader->run, reader->last[depth]);
		reader->last[depth] = sbx_gen_copy(level->container);
	}
}

static int read_document(Reader *reader, sbx_value *out)
{
	sbx_value v;
	uint64_t depth;
	bool is_first;
	if (reader->end - reader->at >= 3 && !memcmp(reader->at, "\xef\xbb\xbf", 3))
		return wrong(reader, "Unexpected UTF-8 BOM (decode using utf-8-sig)", reader->at);
	skip_blanks(reader);
	if (read_value(reader, &v))
		return -1;
	is_first = sbx__is_error(v);
	while (reader->count) {
		Level *level = &reader->levels[reader->count - 1];
		int ended = read_separator(reader, level, is_first);
		if (ended < 0 || sbx__spend(reader->run, 2))
			return -1;
		if (ended) {
			v = level->container;
			reader->count--;
			end_container(reader, level);
		} else {
			depth = reader->count;
			if (read_value(reader, &v))
				return -1;
			if (reader->count > depth) {
				is_first = true;
				continue;
			}
		}
		is_first = false;
		if (reader->count && place_value(reader, &reader->levels[reader->count - 1], v))
			return -1;
	}
	skip_blanks(reader);
	*out = v;
	if (reader->at < reader->end) {
		sbx_gen_drop(reader->run, v);
		return wrong(reader, "Extra data", reader->at);
	}
	return 0;
}

/* "Expecting value: line 1 column 1 (char 0)" */
static void raise_message(Reader *reader)
{
	unsigned long long line = 1, column = 1, character = 0;
	for (const unsigned char *at = reader->start; at < reader->place; at++) {
		if ((*at & 0xc0) == 0x80)
			continue;
		character++;
		column++;
		if (*at == '\n') {
			line++;
			column = 1;
		}
	}
	sbx__raise(reader->run, SBX_TYPE_ValueError, "%s: line %llu column %llu (char %llu)",
			   reader->message, line, column, character);
}

sbx_status sbx_json_load(sbx_heap *heap, const char *json, size_t length, sbx_value *v)
{
	Reader reader = {.run = heap, .start = (const unsigned char *)json};
	int failed;
	reader.at = reader.start;
	reader.end = reader.start + length;
	*v = SBX_GEN_ERROR;
	sbx__forget_error(heap);
	failed = read_document(&reader, v);
	for (int i = 0; i < KEY_SLOTS; i++)
		sbx_gen_drop(heap, reader.keys[i]);
	for (int i = 0; i < DEPTHS; i++)
		sbx_gen_drop(heap, reader.last[i]);
	while (reader.count) {
		Level *level = &reader.levels[--reader.count];
		sbx_gen_drop(heap, level->container);
		sbx_gen_drop(heap, level->key);
	}
	sbx__free(heap, reader.levels, reader.capacity * sizeof *reader.levels);
	if (!failed)
		return SBX_DONE;
	*v = SBX_GEN_ERROR;
	if (reader.message)
		raise_message(&reader);
	return sbx__status_of_error(heap, SBX_E_SYNTAX);
}
