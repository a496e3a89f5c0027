/*
 * SHA-256 as FIPS 180-4 has it, of bytes that come in pieces.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "sbx.h"

static const uint32_t K[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* One round: instead of moving the eight words along, the next round is given them one place further. */
#define ROUND(a, b, c, d, e, f, g, h, i) \
	do { \
		uint32_t one = (h) + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + \
					   ((g) ^ ((e) & ((f) ^ (g)))) + K[i] + w[i]; \
		(d) += one; \
		(h) = one + (turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + \
			  (((a) & (b)) | ((c) & ((a) | (b)))); \
	} while (0)

static void mix(uint32_t state[8], const unsigned char block[64])
{
	uint32_t w[64];
	for (unsigned i = 0; i < 16; i++)
		w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 |
			   (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
	for (unsigned i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] +
			   (turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3) +
			   (turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10);
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	for (unsigned i = 0; i < 64; i += 8) {
		ROUND(a, b, c, d, e, f, g, h, i);
		ROUND(h, a, b, c, d, e, f, g, i + 1);
		ROUND(g, h, a, b, c, d, e, f, i + 2);
		ROUND(f, g, h, a, b, c, d, e, i + 3);
		ROUND(e, f, g, h, a, b, c, d, i + 4);
		ROUND(d, e, f, g, h, a, b, c, i + 5);
		ROUND(c, d, e, f, g, h, a, b, i + 6);
		ROUND(b, c, d, e, f, g, h, a, i + 7);
	}
	const uint32_t mixed[8] = {a, b, c, d, e, f, g, h};
	for (unsigned i = 0; i < 8; i++)
		state[i] += mixed[i];
}

void sbx_sha256_begin(sbx_sha256 *hash)
{
	static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
									  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	memcpy(hash->state, first, sizeof first);
	hash->length = 0;
}

void sbx_sha256_add(sbx_sha256 *hash, const void *bytes, size_t length)
{
	const unsigned char *p = bytes;
	size_t used = hash->length % 64;
	hash->length += length;
	if (used && length >= 64 - used) {
		memcpy(hash->block + used, p, 64 - used);
		mix(hash->state, hash->block);
		p += 64 - used;
		length -= 64 - used;
		used = 0;
	}
	for (; length >= 64; length -= 64, p += 64)
		mix(hash->state, p);
	if (length)
		memcpy(hash->block + used, p, length);
}

void sbx_sha256_end(sbx_sha256 *hash, unsigned char digest[32])
{
	static const unsigned char padding[72] = {0x80};
	unsigned char bits[8];
	uint64_t length = hash->length;
	for (unsigned i = 0; i < 8; i++)
		bits[i] = (unsigned char)(length * 8 >> (56 - i * 8));
	sbx_sha256_add(hash, padding, length % 64 < 56 ? 56 - length % 64 : 120 - length % 64);
	sbx_sha256_add(hash, bits, sizeof bits);
	for (unsigned i = 0; i < 32; i++)
		digest[i] = (unsigned char)(hash->state[i / 4] >> (24 - i % 4 * 8));
}

void sbx_sha256_text(const unsigned char digest[32], char digits[65])
{
	for (unsigned i = 0; i < 32; i++) {
		digits[i * 2] = "0123456789abcdef"[digest[i] >> 4];
		digits[i * 2 + 1] = "0123456789abcdef"[digest[i] & 15];
	}
	digits[64] = '\0';
}
