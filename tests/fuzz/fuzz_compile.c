/*
 * Bytes as a pipeline file, through the whole compiler to C. It is refused with an error or there is C for it; the C
 * grows with the source and no faster; the compiler never finds a defect of its own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz_targets.h"
#include "sbxc.h"

/* The runtime's declarations of a file are some kilobytes; then a byte of Python is never more than this. */
enum { FIXED_SIZE = 200 * 1000, MOST_PER_BYTE = 2000 };

void fuzz_compile(const uint8_t *data, size_t size)
{
	Compilation *compilation = sbxc_open((size_t)1 << 30);
	size_t length;
	bool done = sbxc_text(compilation, "no-such-folder/fuzz.py", (const char *)data, size) &&
				sbxc_emit(compilation, NULL);
	if (done) {
		CLAIM(sbxc_c_text(compilation, &length) && length > 0);
		CLAIM(length < FIXED_SIZE + size * MOST_PER_BYTE);
		CLAIM(sbxc_header_text(compilation, &length) && length > 0);
		for (unsigned i = 0; i < sbxc_entry_count(compilation); i++)
			CLAIM(sbxc_entry(compilation, i)->name);
	} else {
		CLAIM(sbxc_error_count(compilation) > 0);
	}
	for (unsigned i = 0; i < sbxc_diagnostic_count(compilation); i++)
		CLAIM(sbxc_diagnostic(compilation, i)->id != D_COMPILER_DEFECT);
	sbxc_free(compilation);
}
