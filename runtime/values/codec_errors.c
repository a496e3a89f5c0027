/*
 * What codecs do with what they cannot take: the error handlers of CPython (but namereplace), and
 * the texts of UnicodeDecodeError and UnicodeEncodeError.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codec.h"
#include "utf8.h"

#include <stdio.h>

/* ---- the errors ---- */

/* Error(encoding, object, start, stop, reason) */
static sbx_value raise_codec(sbx_run *run, int type, const char *encoding, sbx_value object,
							 uint64_t start, uint64_t stop, const char *reason)
{
	sbx_value args[] = {sbx__str_ascii(run, encoding), object, sbx_gen_int((int64_t)start),
						sbx_gen_int((int64_t)stop), sbx__str_ascii(run, reason)};
	if (!args[0].tag || !args[4].tag)
		return SBX_GEN_ERROR;
	sbx__raise_call(run, type, 5, args);
	sbx_gen_drop(run, args[0]);
	sbx_gen_drop(run, args[4]);
	return SBX_GEN_ERROR;
}

sbx_value sbx__raise_decode(sbx_run *run, const char *encoding, const uint8_t *bytes,
							uint64_t length, uint64_t start, uint64_t count, const char *reason)
{
	sbx_value object = sbx__bytes_from(run, bytes, length);
	if (!object.tag)
		return object;
	raise_codec(run, SBX_TYPE_UnicodeDecodeError, encoding, object, start, start + count, reason);
	sbx_gen_drop(run, object);
	return SBX_GEN_ERROR;
}

/* A code point as a Python escape: \x41, \u20ac, \U0001f600. */
static void escape(uint32_t point, char out[12])
{
	snprintf(out, 12, point < 0x100 ? "\\x%02x" : point < 0x10000 ? "\\u%04x" : "\\U%08x", point);
}

static int raise_encode(Codec *codec, uint64_t start, uint64_t stop, const char *reason)
{
	raise_codec(codec->run, SBX_TYPE_UnicodeEncodeError, codec->name, codec->object, start, stop,
				reason);
	return -1;
}

/*
 * An error of the handlers themselves. CPython wraps it where the codec came from its registry.
 */
static void raise_other(const Codec *codec, const char *doing, int type, const char *text)
{
	if (codec->given.tag)
		sbx__raise(codec->run, type, "%s with '%V' codec failed (%s: %s)", doing, codec->given,
				   sbx__type_names[type], text);
	else
		sbx__raise(codec->run, type, "%s", text);
}

/* ---- the handlers ---- */

enum Handler {
	HANDLER_STRICT,
	HANDLER_IGNORE,
	HANDLER_REPLACE,
	HANDLER_BACKSLASH,
	HANDLER_ESCAPE,
	HANDLER_PASS,
	HANDLER_XML,
	HANDLER_UNKNOWN
};

static enum Handler handler_of(const Codec *codec, const char *doing)
{
	char text[128];
	size_t length;
	const char *name;
	static const char *const names[] = {"strict",           "ignore",          "replace",
										"backslashreplace", "surrogateescape", "surrogatepass",
										"xmlcharrefreplace"};
	if (codec->errors.tag == 0)
		return HANDLER_STRICT;
	for (int i = 0; i < HANDLER_UNKNOWN; i++)
		if (sbx__str_is(codec->errors, names[i]))
			return (enum Handler)i;
	name = sbx_peek_str(codec->run, codec->errors, &length);
	if (!name)
		return HANDLER_UNKNOWN;
	snprintf(text, sizeof text, "unknown error handler name '%.90s'", name);
	raise_other(codec, doing, SBX_TYPE_LookupError, text);
	return HANDLER_UNKNOWN;
}

static bool is_wide(const Codec *codec)
{
	return codec->kind == CODEC_UTF16 || codec->kind == CODEC_UTF32;
}

/* Writes ASCII text in the codec's encoding. */
static void put_ascii(Codec *codec, const char *text)
{
	if (!is_wide(codec)) {
		sbx__text_ascii(&codec->out, text);
		return;
	}
	while (*text)
		sbx__put_wide(codec, (uint32_t)*text++);
}

/* surrogateescape: each stands for one byte that could not be decoded. */
static int put_escaped(Codec *codec, uint64_t start, uint64_t stop, const char *reason)
{
	for (uint64_t i = start; i < stop && !codec->out.failed; i++) {
		uint32_t point = sbx__unit(&codec->in, i);
		if (is_wide(codec) || point < 0xdc80 || point > 0xdcff)
			return raise_encode(codec, i, stop, reason);
		sbx__text_point(&codec->out, point - 0xdc00);
	}
	return 0;
}

/* surrogatepass: written as any other point. */
static int put_surrogates(Codec *codec, uint64_t start, uint64_t stop, const char *reason)
{
	if (codec->kind == CODEC_ASCII || codec->kind == CODEC_LATIN1)
		return raise_encode(codec, start, stop, reason);
	for (uint64_t i = start; i < stop && !codec->out.failed; i++) {
		uint32_t point = sbx__unit(&codec->in, i);
		uint8_t bytes[4];
		if (is_wide(codec)) {
			sbx__put_wide(codec, point);
			continue;
		}
		for (int k = 0, size = sbx__utf8_put(bytes, point); k < size; k++)
			sbx__text_point(&codec->out, bytes[k]);
	}
	return 0;
}

int sbx__encode_error(Codec *codec, uint64_t start, uint64_t stop, const char *reason)
{
	enum Handler handler = handler_of(codec, "encoding");
	char text[16];
	switch (handler) {
	case HANDLER_STRICT:
		return raise_encode(codec, start, stop, reason);
	case HANDLER_ESCAPE:
		return put_escaped(codec, start, stop, reason);
	case HANDLER_PASS:
		return put_surrogates(codec, start, stop, reason);
	case HANDLER_UNKNOWN:
		return -1;
	default:
		break;
	}
	for (uint64_t i = start; i < stop && handler != HANDLER_IGNORE && !codec->out.failed; i++) {
		uint32_t point = sbx__unit(&codec->in, i);
		if (handler == HANDLER_REPLACE)
			snprintf(text, sizeof text, "?");
		else if (handler == HANDLER_XML)
			snprintf(text, sizeof text, "&#%u;", (unsigned)point);
		else
			escape(point, text);
		put_ascii(codec, text);
	}
	return 0;
}

/* The surrogate that stands encoded at `start`, and its size; 0: none. */
static uint32_t surrogate_at(const Codec *codec, uint64_t start, int *size)
{
	const uint8_t *at = (const uint8_t *)codec->in.at + start;
	uint64_t left = codec->in.length - start;
	uint32_t point = 0;
	*size = codec->kind == CODEC_UTF8 ? 3 : codec->kind == CODEC_UTF16 ? 2 : 4;
	if (codec->kind == CODEC_ASCII || left < (uint64_t)*size)
		return 0;
	if (codec->kind == CODEC_UTF8) {
		if ((at[0] & 0xf0) == 0xe0 && (at[1] & 0xc0) == 0x80 && (at[2] & 0xc0) == 0x80)
			point = (at[0] & 15u) << 12 | (at[1] & 63u) << 6 | (at[2] & 63u);
	} else {
		for (int k = 0; k < *size; k++)
			point |= (uint32_t)at[k] << (codec->order == ORDER_BIG ? *size - 1 - k : k) * 8;
	}
	return point >= 0xd800 && point < 0xe000 ? point : 0;
}

int64_t sbx__decode_error(Codec *codec, uint64_t start, uint64_t count, const char *reason)
{
	enum Handler handler = handler_of(codec, "decoding");
	const uint8_t *bytes = codec->in.at;
	uint32_t point;
	char text[12];
	int size;
	switch (handler) {
	case HANDLER_IGNORE:
		return (int64_t)count;
	case HANDLER_REPLACE:
		sbx__text_point(&codec->out, 0xfffd);
		return (int64_t)count;
	case HANDLER_BACKSLASH:
		for (uint64_t i = 0; i < count; i++) {
			escape(bytes[start + i], text);
			sbx__text_ascii(&codec->out, text);
		}
		return (int64_t)count;
	case HANDLER_ESCAPE: /* ASCII is never escaped: what follows is then read anew */
		for (uint64_t i = 0; i < count; i++) {
			if (bytes[start + i] < 0x80 && i > 0)
				return (int64_t)i;
			if (bytes[start + i] < 0x80)
				break;
			sbx__text_point(&codec->out, 0xdc00u + bytes[start + i]);
			if (i + 1 == count)
				return (int64_t)count;
		}
		break;
	case HANDLER_PASS:
		point = surrogate_at(codec, start, &size);
		if (point) {
			sbx__text_point(&codec->out, point);
			return size;
		}
		break;
	case HANDLER_XML:
		raise_other(codec, "decoding", SBX_TYPE_TypeError,
					"don't know how to handle UnicodeDecodeError in error callback");
		return -1;
	case HANDLER_UNKNOWN:
		return -1;
	default:
		break;
	}
	raise_codec(codec->run, SBX_TYPE_UnicodeDecodeError, codec->name, codec->object, start,
				start + count, reason);
	return -1;
}
