/*
 * Compiles a file while allocations fail: the n-th alone, or all from the n-th on, n = 1, 2, 3 ... Each compilation must
 * come to its right end or say that memory ran out, and give everything back.
 *
 *     compile_driver FILE
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sbxc.h"

#include "failing_malloc.h"

static uint64_t fail_in;
static bool stay_failed;

static bool fails(void)
{
	if (!fail_in)
		return false;
	if (fail_in > 1) {
		fail_in--;
		return false;
	}
	if (!stay_failed)
		fail_in = 0;
	errno = ENOMEM;
	return true;
}

/* What a compilation says: 1 good, 0 it said that memory ran out, -1 neither. *length: of the C. */
static int compile(const char *path, size_t *length)
{
	const SbxcOptions options = {"program", false, false};
	Compilation *c = sbxc_open(0);
	bool good;
	int said = 0;
	if (!c)
		return 0;
	good = sbxc_file(c, path) && sbxc_emit(c, &options);
	if (good)
		sbxc_c_text(c, length);
	for (unsigned i = 0; !good && i < sbxc_diagnostic_count(c) && !said; i++)
		said = strstr(sbxc_diagnostic(c, i)->message, "memory") != NULL;
	if (!good && !said)
		for (unsigned i = 0; i < sbxc_diagnostic_count(c); i++)
			fprintf(stderr, "%s\n", sbxc_diagnostic(c, i)->message);
	fail_in = 0;
	sbxc_free(c);
	return good ? 1 : said ? 0 : -1;
}

int main(int argc, char **argv)
{
	size_t right = 0, length = 0;
	uint64_t runs = 0;
	if (argc < 2 || compile(argv[1], &right) != 1) {
		printf("FAIL %s: does not compile\n", argc < 2 ? "no file" : argv[1]);
		return 1;
	}
	for (int mode = 0; mode < 2; mode++)
		for (uint64_t n = 1, met = 1; met; n++, runs++) {
			int64_t before = blocks;
			fflush(stdout);
			stay_failed = mode;
			fail_in = n;
			int result = compile(argv[1], &length);
			/* Where it was not met, this was a good compilation with some left to count. */
			met = result != 1 || n < 3;
			if (result < 0 || blocks != before || (result == 1 && length != right)) {
				printf("FAIL %s: allocation %llu%s: %s\n", argv[1], (unsigned long long)n,
					   mode ? " and all after it" : "",
					   result < 0         ? "it does not say that memory ran out"
					   : blocks != before ? "something was not given back"
										  : "the C is another one");
				return 1;
			}
		}
	printf("ok %s: %llu compilations\nruns %llu\n", argv[1], (unsigned long long)runs,
		   (unsigned long long)runs);
	return 0;
}
