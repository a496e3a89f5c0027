/*
 * Base64 as Python's base64 module writes it: how bytes stand in JSON.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

size_t sbx__base64_encode(const unsigned char *bytes, size_t length, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < length; i += 3) {
		size_t left = length - i;
		uint32_t group = (uint32_t)bytes[i] << 16;
		if (left > 1)
			group |= (uint32_t)bytes[i + 1] << 8;
		if (left > 2)
			group |= bytes[i + 2];
		out[n++] = alphabet[group >> 18];
		out[n++] = alphabet[group >> 12 & 63];
		out[n++] = left > 1 ? alphabet[group >> 6 & 63] : '=';
		out[n++] = left > 2 ? alphabet[group & 63] : '=';
	}
	return n;
}

static int digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* How many bytes the text stands for; -1: it is not base64. */
static int64_t decoded_length(const unsigned char *text, uint64_t length)
{
	uint64_t padding = 0;
	if (length % 4)
		return -1;
	while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
		padding++;
	for (uint64_t i = 0; i < length - padding; i++)
		if (digit(text[i]) < 0)
			return -1;
	return (int64_t)(length / 4 * 3 - padding);
}

sbx_value sbx__base64_decode(sbx_run *run, sbx_value text)
{
	const unsigned char *from = sbx__str_units(text);
	uint64_t length = STR(text)->length;
	int64_t size = STR(text)->head.bits == 1 ? decoded_length(from, length) : -1;
	ByteBuffer out;
	unsigned char *to;
	if (size < 0)
		return SBX_GEN_ERROR;
	sbx__bytes_init(&out, run);
	to = sbx__bytes_room(&out, length / 4 * 3 + 1);
	if (!to)
		return SBX_GEN_ERROR;
	for (uint64_t i = 0; i < length; i += 4) {
		uint32_t group = 0;
		for (uint64_t k = i; k < i + 4; k++)
			group = group << 6 | (from[k] == '=' ? 0u : (uint32_t)digit(from[k]));
		*to++ = (unsigned char)(group >> 16);
		*to++ = (unsigned char)(group >> 8);
		*to++ = (unsigned char)group;
	}
	out.length = (uint64_t)size;
	return sbx__bytes_take(&out, SBX_KIND_BYTES);
}
