/*
 * Values to JSON, one line, exactly as json.dumps writes it by default; and what json.dumps refuses but a boundary
 * lets through: sets are arrays, bytes base64, times and handles as contract says.
 *
 * The text is ASCII, so it grows in a byte buffer that becomes the str. Nesting has a stack on the heap, not in C.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "nesting.h"
#include "numbers.h"

#include <math.h>

#define PUT_TEXT(out, literal) sbx__bytes_add(out, literal, sizeof(literal) - 1)

/* ---- strings ---- */

static const char hex[] = "0123456789abcdef";

static unsigned char *put_unit(unsigned char *to, uint32_t unit)
{
	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = (unsigned char)hex[unit >> shift & 15];
	return to;
}

/* One character that is not written as it is; at most 12 bytes. */
static unsigned char *put_escape(unsigned char *to, uint32_t c)
{
	static const char short_forms[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	for (int i = 0; c < 128 && i < 14; i += 2)
		if (c == (unsigned char)short_forms[i]) {
			*to++ = '\\';
			*to++ = (unsigned char)short_forms[i + 1];
			return to;
		}
	if (c < 0x10000)
		return put_unit(to, c);
	c -= 0x10000;
	return put_unit(put_unit(to, 0xd800 + (c >> 10)), 0xdc00 + (c & 0x3ff));
}

static inline bool is_plain(uint32_t c)
{
	return c >= ' ' && c < 127 && c != '"' && c != '\\';
}

static void put_string(ByteBuffer *out, sbx_value v)
{
	const unsigned char *narrow = sbx__str_units(v);
	uint64_t length = STR(v)->length, i = 0;
	bool is_narrow = STR(v)->head.bits == 1;
	sbx__bytes_put(out, '"');
	while (i < length && !out->failed) {
		uint64_t start = i;
		if (is_narrow) {
			i += sbx__json_plain(narrow + i, length - i, true);
			sbx__bytes_add(out, narrow + start, i - start);
		}
		/* A piece that has what needs an escape: room for the worst of it, then without further tests. */
		if (i < length) {
			uint64_t end = length - i > 64 ? i + 64 : length;
			unsigned char *first = sbx__bytes_room(out, (end - i) * 12), *to = first;
			if (!first)
				return;
			for (; i < end; i++) {
				uint32_t c = sbx__str_at(v, i);
				if (is_plain(c))
					*to++ = (unsigned char)c;
				else
					to = put_escape(to, c);
			}
			out->length += (uint64_t)(to - first);
		}
	}
	sbx__bytes_put(out, '"');
}

/* ---- numbers and the like ---- */

/* At most 20 bytes; returns their end. */
static unsigned char *write_int(unsigned char *to, int64_t i)
{
	static const char pairs[] = "000102030405060708091011121314151617181920212223242526272829303132"
								"33343536373839404142434445464748"
								"495051525354555657585960616263646566676869707172737475767778798081"
								"82838485868788899091929394959697"
								"9899";
	unsigned char text[24];
	size_t at = sizeof text;
	uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
	if (i < 0)
		*to++ = '-';
	while (u >= 100) {
		at -= 2;
		memcpy(text + at, pairs + u % 100 * 2, 2);
		u /= 100;
	}
	if (u >= 10) {
		at -= 2;
		memcpy(text + at, pairs + u * 2, 2);
	} else {
		text[--at] = (unsigned char)('0' + u);
	}
	memcpy(to, text + at, sizeof text - at);
	return to + (sizeof text - at);
}

static inline void put_machine_int(ByteBuffer *out, int64_t i)
{
	unsigned char *to = sbx__bytes_room(out, 20);
	if (to)
		out->length += (uint64_t)(write_int(to, i) - to);
}

static int put_big_int(ByteBuffer *out, sbx_value v)
{
	size_t length, size;
	char *text = sbx__int_to_ascii(out->run, v, 10, false, &length, &size);
	if (!text)
		return -1;
	sbx__bytes_add(out, text, length);
	sbx__free(out->run, text, size);
	return 0;
}

static void put_float(ByteBuffer *out, double f)
{
	char text[32];
	if (isnan(f))
		PUT_TEXT(out, "NaN");
	else if (isinf(f))
		f < 0 ? PUT_TEXT(out, "-Infinity") : PUT_TEXT(out, "Infinity");
	else
		sbx__bytes_add(out, text, sbx_float_text(f, text));
}

static void put_base64(ByteBuffer *out, sbx_value v)
{
	size_t length, size;
	const unsigned char *bytes = sbx_peek_bytes(v, &length);
	unsigned char *to =
		length < INT64_MAX / 8 ? sbx__bytes_room(out, (length + 2) / 3 * 4 + 2) : NULL;
	if (!to)
		return;
	*to = '"';
	size = sbx__base64_encode(bytes, length, (char *)to + 1);
	to[1 + size] = '"';
	out->length += size + 2;
}

static void put_handle(ByteBuffer *out, sbx_value v)
{
	PUT_TEXT(out, "{\"__flyte_io_type__\": \"");
	sbx__bytes_add(out, sbx__handle_name(v), strlen(sbx__handle_name(v)));
	PUT_TEXT(out, "\", \"path\": ");
	if (SBX_IS(HANDLE(v)->path, STR))
		put_string(out, HANDLE(v)->path);
	else
		PUT_TEXT(out, "null");
	sbx__bytes_put(out, '}');
}

/* Everything but containers. 0, or -1 raised. */
static int put_scalar(ByteBuffer *out, sbx_value v)
{
	char text[48];
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		PUT_TEXT(out, "null");
		return 0;
	case SBX_KIND_BOOL:
		v.u.i ? PUT_TEXT(out, "true") : PUT_TEXT(out, "false");
		return 0;
	case SBX_KIND_INT:
		put_machine_int(out, v.u.i);
		return 0;
	case SBX_KIND_BIG:
		return put_big_int(out, v);
	case SBX_KIND_FLOAT:
		put_float(out, v.u.f);
		return 0;
	case SBX_KIND_STR:
		put_string(out, v);
		return 0;
	case SBX_KIND_BYTES:
		put_base64(out, v);
		return 0;
	case SBX_KIND_HANDLE:
		put_handle(out, v);
		return 0;
	case SBX_KIND_DATETIME:
		sbx__bytes_put(out, '"');
		sbx__bytes_add(out, text, sbx__datetime_text(v, text));
		sbx__bytes_put(out, '"');
		return 0;
	case SBX_KIND_TIMEDELTA:
		put_float(out, sbx__timedelta_seconds(v));
		return 0;
	default:
		sbx__raise(out->run, SBX_TYPE_TypeError, "Object of type %T is not JSON serializable", v);
		return -1;
	}
}

static int put_key(ByteBuffer *out, sbx_value key)
{
	int failed = 0;
	switch (SBX_GEN_KIND(key)) {
	case SBX_KIND_STR:
		put_string(out, key);
		break;
	case SBX_KIND_NONE:
	case SBX_KIND_BOOL:
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
	case SBX_KIND_FLOAT:
		sbx__bytes_put(out, '"');
		failed = put_scalar(out, key);
		sbx__bytes_put(out, '"');
		break;
	default:
		sbx__raise(out->run, SBX_TYPE_TypeError,
				   "keys must be str, int, float, bool or None, not %T", key);
		return -1;
	}
	PUT_TEXT(out, ": ");
	return failed;
}

/* ---- the walk ---- */

static int enter(ByteBuffer *out, Nesting *nesting, sbx_value v)
{
	if (sbx__nesting_write(nesting, v, SBX_JSON_DEPTH,
						   "maximum recursion depth exceeded while encoding a JSON object"))
		return -1;
	sbx__bytes_put(out, SBX_IS(v, DICT) ? '{' : '[');
	return 0;
}

/* The ints that come next in a list, the most frequent items, without a turn of the general loop for each. */
static int put_ints(ByteBuffer *out, NestingLevel *level)
{
	const sbx_gen_list *list = LIST(level->container);
	uint64_t first = level->at;
	while (level->at < list->length && list->items[level->at].tag == SBX_KIND_INT) {
		unsigned char *to = sbx__bytes_room(out, 24), *end = to;
		if (!to)
			return -1;
		if (level->done++) {
			*end++ = ',';
			*end++ = ' ';
		}
		end = write_int(end, list->items[level->at++].u.i);
		out->length += (uint64_t)(end - to);
	}
	return sbx__spend(out->run, level->at - first);
}

static int put_value(ByteBuffer *out, Nesting *nesting, sbx_value v)
{
	sbx_value item, value;
	if (!sbx__is_container(v))
		return put_scalar(out, v);
	if (enter(out, nesting, v))
		return -1;
	while (nesting->count) {
		NestingLevel *level = &nesting->levels[nesting->count - 1];
		if (SBX_IS(level->container, LIST) && put_ints(out, level))
			return -1;
		bool is_dict = SBX_IS(level->container, DICT), first = level->done == 0;
		if (!sbx__nesting_next(nesting, &item, &value)) {
			sbx__bytes_put(out, is_dict ? '}' : ']');
			continue;
		}
		if (!first)
			PUT_TEXT(out, ", ");
		if (sbx__spend(out->run, 1) || (is_dict && put_key(out, item)))
			return -1;
		if (is_dict)
			item = value;
		if (sbx__is_container(item) ? enter(out, nesting, item) : put_scalar(out, item))
			return -1;
		if (out->failed)
			return -1;
	}
	return 0;
}

sbx_status sbx_json_dump(sbx_heap *heap, sbx_value v, sbx_value *text)
{
	return sbx__dump(heap, v, put_value, SBX_KIND_STR, SBX_E_RAISED, text);
}
