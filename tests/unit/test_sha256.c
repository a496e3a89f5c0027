/*
 * SHA-256: the examples of FIPS 180-4, and pieces of every size against the whole.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sbx.h"

#include <stdio.h>
#include <string.h>

#include "unit_report.h"

/* In pieces of `piece` bytes. */
static void digest_of(const char *bytes, size_t length, size_t piece, char digits[65])
{
	sbx_sha256 hash;
	unsigned char digest[32];
	sbx_sha256_begin(&hash);
	for (size_t at = 0; at < length; at += piece)
		sbx_sha256_add(&hash, bytes + at, length - at < piece ? length - at : piece);
	sbx_sha256_end(&hash, digest);
	sbx_sha256_text(digest, digits);
}

static void known(const char *name, const char *bytes, size_t length, const char *wanted)
{
	char digits[65];
	digest_of(bytes, length, length ? length : 1, digits);
	report(name, strcmp(digits, wanted) == 0);
}

static void pieces(const char *bytes, size_t length)
{
	char whole[65], parts[65];
	int good = 1;
	for (size_t used = 0; used <= length; used++) {
		digest_of(bytes, used, used ? used : 1, whole);
		for (size_t piece = 1; piece <= 130; piece += 3) {
			digest_of(bytes, used, piece, parts);
			good &= strcmp(whole, parts) == 0;
		}
	}
	report("pieces", good);
}

int main(void)
{
	static char million[1000000], some[300];
	memset(million, 'a', sizeof million);
	for (size_t i = 0; i < sizeof some; i++)
		some[i] = (char)(i * 7 + 3);
	known("nothing", "", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	known("abc", "abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	known("two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	known("a million", million, sizeof million,
		  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	pieces(some, sizeof some);
	return failures != 0;
}
