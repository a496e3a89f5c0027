/*
 * The SHA-256 of a short text, for the names of images.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SHA256_H
#define SBX_SHA256_H

#include "sbx.h"

/* As 64 hex digits and a NUL. */
static inline void sha256_text(const void *bytes, size_t length, char digits[65])
{
	sbx_sha256 hash;
	unsigned char digest[32];
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, bytes, length);
	sbx_sha256_end(&hash, digest);
	sbx_sha256_text(digest, digits);
}

#endif
