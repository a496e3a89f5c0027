/*
 * The marks of tracebacks: every row says what CPython 3.11 singles out (traceback._extract_caret_anchors...), as
 * "left right" in bytes, or "-".
 * SPDX-License-Identifier: Apache-2.0
 */
#include "runtime/runs/traceback.h"

#include "run_machines.h"

static const struct {
	const char *text, *anchors;
} rows[] = {
	{"a / b", "2 3"},
	{"a//b", "1 3"},
	{"(a) + b", "2 3"},
	{"(a + b) ** c", "6 7"},
	{"a + b * c", "2 3"},
	{"a * b - c", "6 7"},
	{"a ** b ** c", "2 4"},
	{"-a ** b", "-"},
	{"-a * b", "3 4"},
	{"a+(b)", "1 3"},
	{"a << 1e-5", "2 4"},
	{"xs[i]", "2 5"},
	{"xs[ (i) ]", "2 7"},
	{"(xs)[i]", "3 7"},
	{"xs[i][j]", "5 8"},
	{"xs[i].y", "-"},
	{"await xs[i]", "-"},
	{"await f() + 1", "10 11"},
	{"f(a / b)", "-"},
	{"a < b / c", "-"},
	{"a and b + c", "-"},
	{"'a + b' + c", "8 9"},
	{"{'k': 1}['a/b']", "8 15"},
	{"[x + 1 for x in y]", "-"},
	{"(a, b) + c", "7 8"},
	{"f'{a + b}'", "-"},
	{"\xc3\xa9t\xc3\xa9 % b", "6 7"},
	{"lambda: a + b", "-"},
	{"", "-"},
	{"(", "-"},
	{"'", "-"},
	{"]", "-"},
};

int main(void)
{
	group("run_anchors");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t left, right, length = strlen(rows[i].text);
		char got[64] = "-";
		if (sbx__trace_anchors(rows[i].text, length, &left, &right)) {
			CHECK(left <= right && right <= length);
			snprintf(got, sizeof got, "%zu %zu", left, right);
		}
		if (strcmp(got, rows[i].anchors) != 0)
			printf("# %s\n", rows[i].text);
		SAME(got, rows[i].anchors);
	}
	group_end();
	return all_failures != 0;
}
