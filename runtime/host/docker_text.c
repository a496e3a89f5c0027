/*
 * Values as the text in which they cross into a sandbox and back; docs/sandboxes.md has the forms. The other end is
 * templates/script_library.py.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "docker.h"
#include "program.h"

/* ---- to text ---- */

static void put(ByteQueue *out, const char *text)
{
	byte_queue_add(out, text, strlen(text));
}

/* Seconds, exactly: "-1.5s". */
static void put_timedelta(ByteQueue *out, int64_t microseconds)
{
	char text[48];
	uint64_t size = microseconds < 0 ? 0 - (uint64_t)microseconds : (uint64_t)microseconds;
	snprintf(text, sizeof text, "%s%" PRIu64 ".%06" PRIu64, microseconds < 0 ? "-" : "",
			 size / 1000000, size % 1000000);
	size_t length = strlen(text);
	while (text[length - 1] == '0')
		text[--length] = '\0';
	if (text[length - 1] == '.')
		text[--length] = '\0';
	put(out, text);
	put(out, "s");
}

static bool put_json(sbx_heap *heap, sbx_value value, ByteQueue *out)
{
	sbx_value json;
	size_t length;
	if (sbx_kind(value) == SBX_TIMEDELTA) {
		put(out, "\"");
		put_timedelta(out, sbx_timedelta_microseconds(value));
		put(out, "\"");
		return true;
	}
	if (sbx_kind(value) == SBX_LIST || sbx_kind(value) == SBX_DICT) {
		bool dict = sbx_kind(value) == SBX_DICT;
		put(out, dict ? "{" : "[");
		for (size_t i = 0; i < sbx_count(value); i++) {
			put(out, i ? ", " : "");
			if (!put_json(heap, sbx_peek_item(value, i), out))
				return false;
			if (!dict)
				continue;
			put(out, ": ");
			if (!put_json(heap, sbx_peek_value(value, i), out))
				return false;
		}
		put(out, dict ? "}" : "]");
		return true;
	}
	if (sbx_json_dump(heap, value, &json))
		return false;
	const char *text = sbx_peek_str(heap, json, &length);
	if (text)
		byte_queue_add(out, text, length);
	sbx_value_free(heap, json);
	return text != NULL;
}

/* A datetime's JSON without its quotes. */
static bool put_datetime(sbx_heap *heap, sbx_value value, ByteQueue *out)
{
	size_t before = byte_queue_length(out);
	if (!put_json(heap, value, out) || out->failed)
		return false;
	size_t length = byte_queue_length(out) - before;
	unsigned char *text = out->bytes + out->start + before;
	if (length < 2)
		return false;
	memmove(text, text + 1, length - 2);
	out->end -= 2;
	return true;
}

bool value_to_text(sbx_heap *heap, const sbx_type *type, sbx_value value, ByteQueue *out,
				   char problem[256])
{
	size_t length;
	const char *text;
	bool good = true;
	(void)type;
	switch (sbx_kind(value)) {
	case SBX_STR:
		text = sbx_peek_str(heap, value, &length);
		if ((good = text != NULL))
			byte_queue_add(out, text, length);
		break;
	case SBX_BOOL:
		put(out, sbx_get_bool(value) ? "true" : "false");
		break;
	case SBX_FLOAT: {
		char digits[32];
		byte_queue_add(out, digits, sbx_float_text(sbx_get_float(value), digits));
		break;
	}
	case SBX_TIMEDELTA:
		put_timedelta(out, sbx_timedelta_microseconds(value));
		break;
	case SBX_DATETIME:
		good = put_datetime(heap, value, out);
		break;
	default:
		good = put_json(heap, value, out);
		break;
	}
	if (!good || out->failed)
		snprintf(problem, 256, "no memory for its text");
	return good && !out->failed;
}

/* The length of a character of strict UTF-8, 0 for none: lone surrogates are none. */
static size_t character(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length = *p < 0x80   ? 1
					: *p < 0xC0 ? 0
					: *p < 0xE0 ? 2
					: *p < 0xF0 ? 3
					: *p < 0xF8 ? 4
								: 0;
	uint32_t point = length > 1 ? *p & (0xFFu >> (length + 1)) : *p;
	if (!length || length > left)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		point = point << 6 | (p[i] & 0x3F);
	}
	bool good = point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
	return good ? length : 0;
}

int text_crosses(const ByteQueue *text)
{
	const unsigned char *p = byte_queue_front(text);
	size_t left = byte_queue_length(text);
	int result = left > MOST_WORD ? 0 : 1;
	if (left && memchr(p, 0, left))
		return -1;
	while (left && result) {
		size_t length = character(p, left);
		if (!length)
			return 0;
		p += length;
		left -= length;
	}
	return result;
}

/* ---- from text ---- */

/* "-90.5s", exactly; hours to microseconds too. */
static bool read_seconds(const char *text, int64_t *microseconds)
{
	bool negative = *text == '-';
	const char *p = text + (*text == '-' || *text == '+');
	size_t digits = strspn(p, "0123456789");
	uint64_t total = 0, fraction = 0, scale = 100000;
	if (!digits || digits > 14)
		return false;
	for (size_t i = 0; i < digits; i++)
		total = total * 10 + (uint64_t)(p[i] - '0');
	p += digits;
	if (*p == '.')
		for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10)
			fraction += (uint64_t)(*p - '0') * scale;
	if (strcmp(p, "s") != 0 || total > 86400000000000)
		return false;
	int64_t size = (int64_t)(total * 1000000 + fraction);
	*microseconds = negative ? -size : size;
	return true;
}

static sbx_value timedelta_from(sbx_heap *heap, const char *text)
{
	int64_t microseconds;
	if (read_seconds(text, &microseconds) || program_parse_timedelta(text, &microseconds))
		return sbx_timedelta_make(heap, microseconds);
	return (sbx_value){0};
}

/* Durations in JSON are text: makes timedeltas of them. */
static sbx_value settle_json(sbx_heap *heap, const sbx_type *type, sbx_value value)
{
	sbx_type_kind kind = sbx_type_kind_of(type), item_kind = SBX_ANY;
	bool dict = kind == SBX_DICT && sbx_kind(value) == SBX_DICT;
	if (dict || (kind == SBX_LIST && sbx_kind(value) == SBX_LIST))
		item_kind = sbx_type_kind_of(sbx_type_argument(type, dict ? 1 : 0));
	size_t count = item_kind == SBX_TIMEDELTA ? sbx_count(value) : 0, length;
	if (!count)
		return value;
	sbx_value *items = calloc(count * 2, sizeof *items), result = {0};
	for (size_t i = 0; items && i < count; i++) {
		sbx_value item = dict ? sbx_peek_value(value, i) : sbx_peek_item(value, i);
		const char *text = sbx_kind(item) == SBX_STR ? sbx_peek_str(heap, item, &length) : NULL;
		items[i] = text ? timedelta_from(heap, text) : item;
		items[count + i] = sbx_peek_item(value, i);
	}
	if (items)
		result = dict ? sbx_dict_make(heap, items + count, items, count)
					  : sbx_list_make(heap, items, count);
	free(items);
	return result;
}

static sbx_value json_from(sbx_heap *heap, const sbx_type *type, const char *text, size_t length)
{
	sbx_value value, out;
	if (sbx_json_load(heap, text, length, &value))
		return (sbx_value){0};
	value = settle_json(heap, type, value);
	if (sbx_kind(value) == SBX_INVALID || sbx_value_convert(heap, type, 1, value, &out))
		return (sbx_value){0};
	return out;
}

static char *trimmed(const char *text, size_t length)
{
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	while (length && strchr(" \t\r\n", *text))
		text++, length--;
	return memchr(text, 0, length) ? NULL : strndup(text, length);
}

sbx_value value_from_text(sbx_heap *heap, const sbx_type *type, const char *text, size_t length,
						  char problem[256])
{
	sbx_type_kind kind = sbx_type_kind_of(type);
	sbx_value value = {0};
	char name[96];
	if (kind == SBX_STR) {
		value = sbx_str_make(heap, text, length);
		if (sbx_kind(value) == SBX_INVALID)
			snprintf(problem, 256, "expected str, got bytes that are not UTF-8");
		return value;
	}
	char *copy = trimmed(text, length);
	if (!copy) {
		snprintf(problem, 256, "expected text, got bytes with NUL");
		return value;
	}
	if (kind == SBX_BOOL && (!strcasecmp(copy, "true") || !strcmp(copy, "1")))
		value = sbx_bool(1);
	else if (kind == SBX_BOOL && (!strcasecmp(copy, "false") || !strcmp(copy, "0")))
		value = sbx_bool(0);
	else if (kind == SBX_TIMEDELTA)
		value = timedelta_from(heap, copy);
	else if (kind == SBX_LIST || kind == SBX_DICT)
		value = json_from(heap, type, copy, strlen(copy));
	else
		value = program_parse_input(heap, type, copy, problem);
	if (sbx_kind(value) == SBX_INVALID) {
		sbx_type_text(type, name, sizeof name);
		snprintf(problem, 256, "expected %s, got '%.100s'", name, copy);
	}
	free(copy);
	return value;
}
