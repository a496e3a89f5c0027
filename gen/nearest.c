/*
 * "Did you mean": the nearest of some names, by the number of letters that differ.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "nearest.h"

#include <string.h>

enum { LONGEST_NAME = 40 };

/* Edits between two names, a swap of neighbours counting as one; `most` + 1 where it is more. */
static unsigned edit_distance(const char *a, size_t m, const char *b, size_t n, unsigned most)
{
	unsigned rows[3][LONGEST_NAME + 1];
	for (size_t k = 0; k <= n; k++)
		rows[0][k] = (unsigned)k;
	for (size_t i = 1; i <= m; i++) {
		unsigned *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		unsigned least = now[0] = (unsigned)i;
		for (size_t k = 1; k <= n; k++) {
			unsigned best = last[k - 1] + (a[i - 1] != b[k - 1]);
			best = last[k] + 1 < best ? last[k] + 1 : best;
			best = now[k - 1] + 1 < best ? now[k - 1] + 1 : best;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
				before[k - 2] + 1 < best)
				best = before[k - 2] + 1;
			now[k] = best;
			least = best < least ? best : least;
		}
		if (least > most)
			return most + 1;
	}
	return rows[m % 3][n];
}

void nearest_try(Nearest *nearest, const char *name)
{
	size_t m = strlen(nearest->wanted), n = strlen(name);
	if (m > LONGEST_NAME || n > LONGEST_NAME || !strcmp(name, nearest->wanted))
		return;
	unsigned most = m <= 1 ? 0 : m <= 5 ? 1 : 2;
	if (nearest->best && nearest->distance <= most)
		most = nearest->distance ? nearest->distance - 1 : 0;
	if (nearest->best && !nearest->distance)
		return;
	unsigned distance = edit_distance(nearest->wanted, m, name, n, most);
	if (distance > most || distance == 0 || distance >= m)
		return;
	nearest->best = name;
	nearest->distance = distance;
}
