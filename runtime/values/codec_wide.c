/*
 * UTF-16 and UTF-32, in both byte orders and with a byte order mark.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codec.h"

static bool is_surrogate(uint32_t point)
{
	return point >= 0xd800 && point < 0xe000;
}

void sbx__put_wide(Codec *codec, uint32_t unit)
{
	int size = codec->kind == CODEC_UTF16 ? 2 : 4;
	for (int i = 0; i < size; i++)
		sbx__text_point(&codec->out,
						unit >> (codec->order == ORDER_BIG ? size - 1 - i : i) * 8 & 0xff);
}

int sbx__encode_wide(Codec *codec)
{
	const Units *in = &codec->in;
	if (codec->order == ORDER_MARK)
		sbx__put_wide(codec, 0xfeff);
	for (uint64_t i = 0; i < in->length && !codec->out.failed; i++) {
		uint32_t point = sbx__unit(in, i);
		if (sbx__pace(codec->run, i, in->length))
			return -1;
		if (is_surrogate(point)) {
			if (sbx__encode_error(codec, i, i + 1, "surrogates not allowed"))
				return -1;
		} else if (point < 0x10000 || codec->kind == CODEC_UTF32) {
			sbx__put_wide(codec, point);
		} else {
			sbx__put_wide(codec, 0xd800 + ((point - 0x10000) >> 10));
			sbx__put_wide(codec, 0xdc00 + (point & 0x3ff));
		}
	}
	return 0;
}

static uint32_t unit_at(const Codec *codec, uint64_t i, int size)
{
	uint32_t unit = 0;
	for (int k = 0; k < size; k++)
		unit |= sbx__unit(&codec->in, i + (uint64_t)k)
				<< (codec->order == ORDER_BIG ? size - 1 - k : k) * 8;
	return unit;
}

/* Decodes what stands at `i`; returns how many bytes, or -1 raised. */
static int64_t decode_16(Codec *codec, uint64_t i, uint64_t left)
{
	uint32_t unit, low;
	if (left < 2)
		return sbx__decode_error(codec, i, left, "truncated data");
	unit = unit_at(codec, i, 2);
	if (!is_surrogate(unit)) {
		sbx__text_point(&codec->out, unit);
		return 2;
	}
	if (unit >= 0xdc00)
		return sbx__decode_error(codec, i, 2, "illegal encoding");
	if (left < 4)
		return sbx__decode_error(codec, i, left, "unexpected end of data");
	low = unit_at(codec, i + 2, 2);
	if (low < 0xdc00 || low > 0xdfff)
		return sbx__decode_error(codec, i, 2, "illegal UTF-16 surrogate");
	sbx__text_point(&codec->out, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff));
	return 4;
}

static int64_t decode_32(Codec *codec, uint64_t i, uint64_t left)
{
	uint32_t unit;
	if (left < 4)
		return sbx__decode_error(codec, i, left, "truncated data");
	unit = unit_at(codec, i, 4);
	if (is_surrogate(unit))
		return sbx__decode_error(codec, i, 4,
								 "code point in surrogate code point range(0xd800, 0xe000)");
	if (unit > 0x10ffff)
		return sbx__decode_error(codec, i, 4, "code point not in range(0x110000)");
	sbx__text_point(&codec->out, unit);
	return 4;
}

int sbx__decode_wide(Codec *codec)
{
	int size = codec->kind == CODEC_UTF16 ? 2 : 4;
	uint64_t i = 0;
	if (codec->order == ORDER_MARK && codec->in.length >= (uint64_t)size) {
		uint32_t mark = unit_at(codec, 0, size); /* read as little */
		if (mark == 0xfeff || mark == (size == 2 ? 0xfffe : 0xfffe0000)) {
			codec->order = mark == 0xfeff ? ORDER_LITTLE : ORDER_BIG;
			i = (uint64_t)size;
		}
	}
	if (codec->order == ORDER_BIG)
		codec->name = size == 2 ? "utf-16-be" : "utf-32-be";
	else
		codec->name = size == 2 ? "utf-16-le" : "utf-32-le";
	while (i < codec->in.length && !codec->out.failed) {
		int64_t behind = (size == 2 ? decode_16 : decode_32)(codec, i, codec->in.length - i);
		if (behind < 0 || sbx__spend(codec->run, 1))
			return -1;
		i += (uint64_t)behind;
	}
	return 0;
}
