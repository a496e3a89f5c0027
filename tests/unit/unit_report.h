/*
 * The line that a unit test writes for each thing it looks at.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_TEST_UNIT_REPORT_H
#define SBX_TEST_UNIT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

static int failures;

static void report(const char *name, bool good)
{
	if (good)
		printf("ok %s\n", name);
	else
		printf("FAIL %s: not as expected\n", name);
	failures += !good;
}

#endif
