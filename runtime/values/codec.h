/*
 * Codecs: str.encode and bytes.decode. codec.c knows names and UTF-8, ASCII and Latin-1;
 * codec_wide.c has UTF-16 and UTF-32; codec_errors.c has the error handlers and the texts of the
 * errors.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_CODEC_H
#define SBX_CODEC_H

#include "units.h"

enum CodecKind { CODEC_UTF8, CODEC_ASCII, CODEC_LATIN1, CODEC_UTF16, CODEC_UTF32 };
enum CodecOrder {
	ORDER_MARK,
	ORDER_LITTLE,
	ORDER_BIG
}; /* ORDER_MARK: a byte order mark tells; little without one */

typedef struct Codec {
	sbx_run *run;
	const char *name; /* as errors say it: "utf-16-le" */
	enum CodecKind kind;
	enum CodecOrder order;
	sbx_value errors; /* a str, or tag 0: strict */
	sbx_value given;  /* the encoding as the program wrote it; tag 0: errors are not wrapped, see
						 codec_errors.c */
	sbx_value object; /* the text, or the bytes */
	Units in;         /* its units */
	TextBuffer out;   /* what comes out; bytes as points below 256 */
} Codec;

/* encoding, errors: as given by the program; tag 0: the default. */
sbx_value sbx__encode(sbx_run *run, sbx_value text, sbx_value encoding, sbx_value errors);
sbx_value sbx__decode(sbx_run *run, sbx_value bytes, sbx_value encoding, sbx_value errors);

/* A str that can be a C string: no surrogate, no NUL. 0, or -1 raised as CPython does before it looks at anything else. */
int sbx__check_c_string(sbx_run *run, sbx_value text);

/* UTF-16 and UTF-32: 0, or -1 raised. */
int sbx__encode_wide(Codec *codec);
int sbx__decode_wide(Codec *codec);
/* Writes one unit of UTF-16 or UTF-32. */
void sbx__put_wide(Codec *codec, uint32_t unit);

/* in[start, stop) cannot be encoded: does what the handler says. 0, or -1 raised. */
int sbx__encode_error(Codec *codec, uint64_t start, uint64_t stop, const char *reason);
/* `count` bytes at `start` cannot be decoded. Returns how many to go on behind, or -1 raised. */
int64_t sbx__decode_error(Codec *codec, uint64_t start, uint64_t count, const char *reason);

#endif
