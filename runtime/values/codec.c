/*
 * str.encode and bytes.decode: the names of the encodings, and UTF-8, ASCII and Latin-1.
 *
 * A codec reads its input once and writes into a text buffer; encoded bytes are points below 256
 * there. Where it meets something that it cannot take it asks the error handler (codec_errors.c),
 * which writes a replacement or raises.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codec.h"
#include "str_methods.h"
#include "utf8.h"

/* ---- names ---- */

typedef struct CodecName {
	const char *alias; /* normalised */
	const char *name;
	enum CodecKind kind;
	enum CodecOrder order;
	bool direct; /* CPython goes to this one without its codec registry */
} CodecName;

static const CodecName codec_names[] = {
	{"utf_8", "utf-8", CODEC_UTF8, ORDER_MARK, true},
	{"utf8", "utf-8", CODEC_UTF8, ORDER_MARK, true},
	{"u8", "utf-8", CODEC_UTF8, ORDER_MARK, false},
	{"utf", "utf-8", CODEC_UTF8, ORDER_MARK, false},
	{"cp65001", "utf-8", CODEC_UTF8, ORDER_MARK, false},
	{"utf8_ucs2", "utf-8", CODEC_UTF8, ORDER_MARK, false},
	{"utf8_ucs4", "utf-8", CODEC_UTF8, ORDER_MARK, false},
	{"ascii", "ascii", CODEC_ASCII, ORDER_MARK, true},
	{"us_ascii", "ascii", CODEC_ASCII, ORDER_MARK, true},
	{"646", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"us", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"iso646_us", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"iso_646.irv_1991", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"ansi_x3.4_1968", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"ansi_x3_4_1968", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"ansi_x3.4_1986", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"cp367", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"csascii", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"ibm367", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"iso_ir_6", "ascii", CODEC_ASCII, ORDER_MARK, false},
	{"latin_1", "latin-1", CODEC_LATIN1, ORDER_MARK, true},
	{"latin1", "latin-1", CODEC_LATIN1, ORDER_MARK, true},
	{"latin", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"l1", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"iso8859_1", "latin-1", CODEC_LATIN1, ORDER_MARK, true},
	{"iso_8859_1", "latin-1", CODEC_LATIN1, ORDER_MARK, true},
	{"iso8859", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"8859", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"cp819", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"ibm819", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"iso_8859_1_1987", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"iso_ir_100", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"csisolatin1", "latin-1", CODEC_LATIN1, ORDER_MARK, false},
	{"utf_16", "utf-16", CODEC_UTF16, ORDER_MARK, true},
	{"utf16", "utf-16", CODEC_UTF16, ORDER_MARK, true},
	{"u16", "utf-16", CODEC_UTF16, ORDER_MARK, false},
	{"utf_16_le", "utf-16-le", CODEC_UTF16, ORDER_LITTLE, false},
	{"utf_16le", "utf-16-le", CODEC_UTF16, ORDER_LITTLE, false},
	{"unicodelittleunmarked", "utf-16-le", CODEC_UTF16, ORDER_LITTLE, false},
	{"utf_16_be", "utf-16-be", CODEC_UTF16, ORDER_BIG, false},
	{"utf_16be", "utf-16-be", CODEC_UTF16, ORDER_BIG, false},
	{"unicodebigunmarked", "utf-16-be", CODEC_UTF16, ORDER_BIG, false},
	{"utf_32", "utf-32", CODEC_UTF32, ORDER_MARK, true},
	{"utf32", "utf-32", CODEC_UTF32, ORDER_MARK, true},
	{"u32", "utf-32", CODEC_UTF32, ORDER_MARK, false},
	{"utf_32_le", "utf-32-le", CODEC_UTF32, ORDER_LITTLE, false},
	{"utf_32le", "utf-32-le", CODEC_UTF32, ORDER_LITTLE, false},
	{"utf_32_be", "utf-32-be", CODEC_UTF32, ORDER_BIG, false},
	{"utf_32be", "utf-32-be", CODEC_UTF32, ORDER_BIG, false},
};

/* Lower case, with one "_" for what is neither letter, digit nor dot. Empty when it is too long or
 * not ASCII. */
static void normalise(sbx_value name, char out[32])
{
	size_t n = 0;
	bool gap = false;
	for (uint64_t i = 0; i < STR(name)->length; i++) {
		uint32_t c = sbx__str_at(name, i);
		if (c >= 'A' && c <= 'Z')
			c += 32;
		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')) {
			gap = true;
			if (c < 0x80)
				continue;
			n = 0;
			break;
		}
		if (n >= 29) {
			n = 0;
			break;
		}
		if (gap && n)
			out[n++] = '_';
		gap = false;
		out[n++] = (char)c;
	}
	out[n] = 0;
}

static int find_codec(sbx_run *run, sbx_value encoding, Codec *codec)
{
	char name[32] = "utf_8";
	if (encoding.tag)
		normalise(encoding, name);
	for (size_t i = 0; i < sizeof codec_names / sizeof *codec_names; i++)
		if (!strcmp(codec_names[i].alias, name)) {
			codec->name = codec_names[i].name;
			codec->kind = codec_names[i].kind;
			codec->order = codec_names[i].order;
			codec->given = codec_names[i].direct ? SBX_GEN_ERROR : encoding;
			return 0;
		}
	sbx__raise(run, SBX_TYPE_LookupError, "unknown encoding: %V", encoding);
	return -1;
}

int sbx__check_c_string(sbx_run *run, sbx_value text)
{
	Units units = sbx__units_of(text);
	sbx_value encoded;
	if (units.width > 1) {
		encoded = sbx__encode(run, text, SBX_GEN_ERROR, SBX_GEN_ERROR);
		if (sbx__is_error(encoded))
			return -1;
		sbx_gen_drop(run, encoded);
	}
	for (uint64_t i = 0; i < units.length; i++)
		if (sbx__unit(&units, i) == 0) {
			sbx__raise(run, SBX_TYPE_ValueError, "embedded null character");
			return -1;
		}
	return 0;
}

/* A text argument without NUL. */
static int check_argument(sbx_run *run, sbx_value v, const char *function, const char *which)
{
	if (v.tag == 0)
		return 0;
	return sbx__need_str(run, v, function, which) ? -1 : sbx__check_c_string(run, v);
}

static int open_codec(sbx_run *run, sbx_value v, sbx_value encoding, sbx_value errors,
					  const char *function, Codec *codec)
{
	if (check_argument(run, encoding, function, " 'encoding'") ||
		check_argument(run, errors, function, " 'errors'"))
		return -1;
	codec->run = run;
	codec->errors = errors;
	codec->object = v;
	codec->in = sbx__units_of(v);
	sbx__text_init(&codec->out, run);
	return find_codec(run, encoding, codec);
}

/* ---- encoding ---- */

static bool is_surrogate(uint32_t point)
{
	return point >= 0xd800 && point < 0xe000;
}

/* UTF-8 of text without surrogates, measured first; *done is false where there are some. */
static sbx_value encode_plain_utf8(sbx_run *run, const Units *in, bool *done)
{
	uint64_t size = 0;
	uint8_t *to;
	sbx_value v = SBX_GEN_ERROR;
	*done = true;
	for (uint64_t i = 0; i < in->length && *done; i++) {
		uint32_t point = sbx__unit(in, i);
		if (sbx__pace(run, i, in->length))
			return SBX_GEN_ERROR;
		size += (uint64_t)sbx__utf8_size(point);
		*done = !is_surrogate(point);
	}
	if (!*done)
		return v;
	v = sbx__bytes_alloc(run, size, &to);
	for (uint64_t i = 0; !sbx__is_error(v) && i < in->length; i++) {
		uint32_t point = sbx__unit(in, i);
		if (sbx__pace(run, i, in->length))
			return SBX_GEN_ERROR;
		if (point < 0x80)
			*to++ = (uint8_t)point;
		else
			to += sbx__utf8_put(to, point);
	}
	return v;
}

static int encode_utf8(Codec *codec)
{
	const Units *in = &codec->in;
	for (uint64_t i = 0; i < in->length && !codec->out.failed; i++) {
		uint32_t point = sbx__unit(in, i);
		uint64_t stop = i;
		uint8_t bytes[4];
		int size = sbx__utf8_put(bytes, point);
		if (sbx__pace(codec->run, i, in->length))
			return -1;
		if (!is_surrogate(point)) {
			for (int k = 0; k < size; k++)
				sbx__text_point(&codec->out, bytes[k]);
			continue;
		}
		while (stop < in->length && is_surrogate(sbx__unit(in, stop)))
			stop++;
		if (sbx__spend(codec->run, stop - i))
			return -1;
		if (sbx__encode_error(codec, i, stop, "surrogates not allowed"))
			return -1;
		i = stop - 1;
	}
	return 0;
}

static int encode_narrow(Codec *codec)
{
	const Units *in = &codec->in;
	uint32_t limit = codec->kind == CODEC_ASCII ? 128 : 256;
	for (uint64_t i = 0; i < in->length && !codec->out.failed; i++) {
		uint64_t stop = i;
		if (sbx__pace(codec->run, i, in->length))
			return -1;
		while (stop < in->length && sbx__unit(in, stop) >= limit)
			stop++;
		if (sbx__spend(codec->run, stop - i))
			return -1;
		if (stop == i) {
			sbx__text_point(&codec->out, sbx__unit(in, i));
			continue;
		}
		if (sbx__encode_error(codec, i, stop,
							  limit == 128 ? "ordinal not in range(128)"
										   : "ordinal not in range(256)"))
			return -1;
		i = stop - 1;
	}
	return 0;
}

sbx_value sbx__encode(sbx_run *run, sbx_value text, sbx_value encoding, sbx_value errors)
{
	Codec codec;
	int bad;
	if (open_codec(run, text, encoding, errors, "encode", &codec))
		return SBX_GEN_ERROR;
	if (codec.in.width == 1 && codec.kind <= CODEC_LATIN1 &&
		(codec.kind == CODEC_LATIN1 ||
		 sbx__ascii_prefix(codec.in.at, codec.in.length) == codec.in.length))
		return sbx__bytes_from(run, codec.in.at, codec.in.length);
	if (codec.kind == CODEC_UTF8) {
		bool done;
		sbx_value v = encode_plain_utf8(run, &codec.in, &done);
		if (done)
			return v;
	}
	sbx__text_room(&codec.out, codec.in.length, 1);
	bad = codec.kind == CODEC_UTF8     ? encode_utf8(&codec)
		  : codec.kind <= CODEC_LATIN1 ? encode_narrow(&codec)
									   : sbx__encode_wide(&codec);
	return bad ? SBX_GEN_ERROR : sbx__text_take_bytes(&codec.out);
}

/* ---- decoding ---- */

static int decode_utf8(Codec *codec)
{
	const uint8_t *at = codec->in.at;
	uint64_t length = codec->in.length;
	for (uint64_t i = 0; i < length && !codec->out.failed;) {
		const char *reason = NULL;
		uint32_t point;
		int64_t behind;
		int size;
		if (sbx__spend(codec->run, 1))
			return -1;
		if (at[i] < 0x80) {
			uint64_t run = sbx__ascii_prefix(at + i, length - i);
			sbx__text_units(&codec->out, sbx__units_part(codec->in, i, i + run));
			i += run;
			continue;
		}
		behind = size = sbx__utf8_next(at + i, length - i, false, &point, &reason);
		if (size > 0)
			sbx__text_point(&codec->out, point);
		else
			behind = sbx__decode_error(codec, i, (uint64_t)-size, reason);
		if (behind < 0)
			return -1;
		i += (uint64_t)behind;
	}
	return 0;
}

static int decode_ascii(Codec *codec)
{
	for (uint64_t i = 0; i < codec->in.length && !codec->out.failed; i++) {
		uint32_t byte = sbx__unit(&codec->in, i);
		if (sbx__pace(codec->run, i, codec->in.length))
			return -1;
		if (byte < 0x80)
			sbx__text_point(&codec->out, byte);
		else if (sbx__decode_error(codec, i, 1, "ordinal not in range(128)") < 0)
			return -1;
	}
	return 0;
}

sbx_value sbx__decode(sbx_run *run, sbx_value bytes, sbx_value encoding, sbx_value errors)
{
	const char *reason;
	uint64_t count;
	uint32_t largest;
	size_t place;
	Codec codec;
	int bad;
	if (BYTES(bytes)->length == 0) /* CPython does not look at the names then */
		return check_argument(run, encoding, "decode", " 'encoding'") ||
					   check_argument(run, errors, "decode", " 'errors'")
				   ? SBX_GEN_ERROR
				   : sbx__str_ascii(run, "");
	if (open_codec(run, bytes, encoding, errors, "decode", &codec))
		return SBX_GEN_ERROR;
	if (codec.kind <= CODEC_LATIN1 &&
		(codec.kind == CODEC_LATIN1 ||
		 sbx__ascii_prefix(codec.in.at, codec.in.length) == codec.in.length)) {
		codec.in.is_bytes = false;
		return sbx__units_value(run, codec.in);
	}
	if (codec.kind == CODEC_UTF8) {
		if (!sbx__utf8_measure(run, codec.in.at, codec.in.length, false, &count, &largest, &place,
							   &reason))
			return sbx__str_of_measured(run, codec.in.at, count, largest);
		if (!reason)
			return SBX_GEN_ERROR;
	}
	bad = codec.kind == CODEC_UTF8    ? decode_utf8(&codec)
		  : codec.kind == CODEC_ASCII ? decode_ascii(&codec)
									  : sbx__decode_wide(&codec);
	return bad ? SBX_GEN_ERROR : sbx__text_take(&codec.out);
}
