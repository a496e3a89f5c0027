/*
 * SHA-256, for the names of images.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_SHA256_H
#define SBX_SHA256_H

#include <stddef.h>

/* As 64 hex digits and a NUL. */
void sha256_text(const void *bytes, size_t length, char digits[65]);

#endif
