/*
 * The texts of UnicodeDecodeError and UnicodeEncodeError, as CPython's __str__ of them writes it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "codec.h"

#include <stdio.h>

sbx_value sbx__raise_decode(sbx_run *run, const char *encoding, const uint8_t *bytes, uint64_t start, uint64_t count,
                            const char *reason)
{
	char what[96];
	if (count == 1)
		snprintf(what, sizeof what, "byte 0x%02x in position %llu", bytes[start], (unsigned long long)start);
	else
		snprintf(what, sizeof what, "bytes in position %llu-%llu", (unsigned long long)start,
		         (unsigned long long)(start + count - 1));
	return sbx__raise(run, SBX_TYPE_UnicodeDecodeError, "'%s' codec can't decode %s: %s", encoding, what, reason);
}

sbx_value sbx__raise_encode(sbx_run *run, const char *encoding, const Units *text, uint64_t start, uint64_t stop,
                            const char *reason)
{
	char what[96];
	uint32_t point = sbx__unit(text, start);
	if (stop - start == 1)
		snprintf(what, sizeof what, point < 0x100 ? "'\\x%02x' in position %llu" : point < 0x10000 ?
		         "'\\u%04x' in position %llu" : "'\\U%08x' in position %llu", point, (unsigned long long)start);
	else
		snprintf(what, sizeof what, "s in position %llu-%llu", (unsigned long long)start,
		         (unsigned long long)(stop - 1));
	return sbx__raise(run, SBX_TYPE_UnicodeEncodeError, "'%s' codec can't encode character%s%s: %s", encoding,
	                  stop - start == 1 ? " " : "", what, reason);
}
