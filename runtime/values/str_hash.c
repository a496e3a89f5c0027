/*
 * hash() of str and bytes: SipHash-1-3 with a key of zero over the code units, which is what
 * CPython 3.11 computes under PYTHONHASHSEED=0. The units are those of the narrowest width, in the
 * machine's order; the host's are assumed little-endian, as are all that Debian builds sbxc for
 * today.
 *
 * The state takes units one at a time too, so that the hash of a UTF-8 text needs no memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"
#include "utf8.h"

typedef struct Sip {
	uint64_t v0, v1, v2, v3;
	uint64_t word; /* bytes not mixed in yet */
	uint64_t count;
} Sip;

static uint64_t rotate(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static void sip_round(Sip *sip)
{
	sip->v0 += sip->v1;
	sip->v2 += sip->v3;
	sip->v1 = rotate(sip->v1, 13) ^ sip->v0;
	sip->v3 = rotate(sip->v3, 16) ^ sip->v2;
	sip->v0 = rotate(sip->v0, 32);
	sip->v2 += sip->v1;
	sip->v0 += sip->v3;
	sip->v1 = rotate(sip->v1, 17) ^ sip->v2;
	sip->v3 = rotate(sip->v3, 21) ^ sip->v0;
	sip->v2 = rotate(sip->v2, 32);
}

static void sip_word(Sip *sip, uint64_t word)
{
	sip->v3 ^= word;
	sip_round(sip);
	sip->v0 ^= word;
}

static void sip_init(Sip *sip)
{
	Sip start = {
		0x736f6d6570736575u, 0x646f72616e646f6du, 0x6c7967656e657261u, 0x7465646279746573u, 0, 0};
	*sip = start;
}

static void sip_byte(Sip *sip, uint8_t byte)
{
	sip->word |= (uint64_t)byte << (sip->count % 8 * 8);
	if (++sip->count % 8 == 0) {
		sip_word(sip, sip->word);
		sip->word = 0;
	}
}

static int64_t sip_end(Sip *sip)
{
	int64_t hash;
	sip_word(sip, sip->word | sip->count << 56);
	sip->v2 ^= 0xff;
	sip_round(sip);
	sip_round(sip);
	sip_round(sip);
	hash = (int64_t)(sip->v0 ^ sip->v1 ^ sip->v2 ^ sip->v3);
	return hash == -1 ? -2 : hash; /* -1 means: not computed */
}

int64_t sbx__hash_bytes(const void *bytes, uint64_t size)
{
	const uint8_t *at = bytes;
	Sip sip;
	uint64_t word;
	if (size == 0)
		return 0;
	sip_init(&sip);
	while (size - sip.count >= sizeof word) {
		memcpy(&word, at + sip.count, sizeof word);
		sip_word(&sip, word);
		sip.count += sizeof word;
	}
	while (sip.count < size)
		sip_byte(&sip, at[sip.count]);
	return sip_end(&sip);
}

int sbx__str_hash_long(sbx_run *run, sbx_value v, int64_t *hash)
{
	const sbx_gen_str *str = STR(v);
	uint64_t size = str->length * (SBX_IS_STR(v) ? str->head.bits : 1), word;
	Sip sip;
	if (str->hash != -1 || size <= SBX_LONG) {
		bool cheap = str->hash != -1;
		*hash = sbx__str_hash(v);
		return cheap ? 0 : sbx__spend(run, size / 4);
	}
	sip_init(&sip);
	for (; size - sip.count >= sizeof word; sip.count += sizeof word) {
		if (sip.count % SBX_LONG == 0 && sbx__spend(run, SBX_LONG / 4))
			return -1;
		memcpy(&word, (const uint8_t *)(str + 1) + sip.count, sizeof word);
		sip_word(&sip, word);
	}
	while (sip.count < size)
		sip_byte(&sip, ((const uint8_t *)(str + 1))[sip.count]);
	*hash = sip_end(&sip);
	if (v.tag & SBX_GEN_COUNTED)
		((sbx_gen_str *)v.u.p)->hash = *hash;
	return 0;
}

/* Of a str or bytes value; kept in the object if that is on a heap. */
int64_t sbx__str_hash(sbx_value v)
{
	sbx_gen_str *str = v.u.p; /* bytes have the same layout */
	int64_t hash = str->hash;
	if (hash != -1)
		return hash;
	hash = sbx__hash_bytes(str + 1, str->length * (SBX_IS_STR(v) ? str->head.bits : 1));
	if (v.tag & SBX_GEN_COUNTED)
		str->hash = hash;
	return hash;
}

int64_t sbx_str_hash(const char *utf8, size_t length)
{
	const uint8_t *at = (const uint8_t *)utf8;
	uint32_t width, point = 0, largest = 0;
	const char *reason;
	Sip sip;
	int size;
	if (sbx__ascii_prefix(at, length) == length)
		return sbx__hash_bytes(utf8, length);
	for (size_t i = 0; i < length; i += (size_t)size) {
		size = sbx__utf8_next(at + i, length - i, true, &point, &reason);
		if (size < 0) { /* as a decoder that replaces would have it */
			size = -size;
			point = 0xfffd;
		}
		if (point > largest)
			largest = point;
	}
	width = sbx__width_for(largest);
	sip_init(&sip);
	for (size_t i = 0; i < length; i += (size_t)size) {
		size = sbx__utf8_next(at + i, length - i, true, &point, &reason);
		if (size < 0) {
			size = -size;
			point = 0xfffd;
		}
		for (uint32_t b = 0; b < width; b++)
			sip_byte(&sip, (uint8_t)(point >> (8 * b)));
	}
	return sip_end(&sip);
}
