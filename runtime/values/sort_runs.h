/*
 * A stable merge sort of sbx_value elements, written once for each way to compare (SORT_NAME, SORT_LESS).
 *
 * It finds runs that are sorted already, makes short ones longer by binary insertion, and merges them so that their
 * lengths stay balanced: sorted input costs n comparisons. Short lists compare the same pairs in the same order as
 * CPython's sort, so that an error about two types names them as Python does. SORT_LESS gives 1, 0, or -1 raised;
 * `keys` is what it may look numbers up in.
 * SPDX-License-Identifier: Apache-2.0
 */

#define SORT_JOIN2(a, b) a##_##b
#define SORT_JOIN(a, b) SORT_JOIN2(a, b)
#define SORT_FN(name) SORT_JOIN(SORT_NAME, name)

/* The length of the run that begins at `a`; one that falls strictly is turned around. -1: raised. */
static int64_t SORT_FN(run_length)(sbx_run *run, const sbx_value *keys, sbx_value *a, uint64_t n)
{
	uint64_t i = 2;
	int less;
	(void)run, (void)keys;
	if (n < 2)
		return (int64_t)n;
	less = SORT_LESS(run, keys, a[1], a[0]);
	if (less < 0)
		return -1;
	if (less) {
		for (; i < n; i++) {
			int next = SORT_LESS(run, keys, a[i], a[i - 1]);
			if (next < 0 || sbx__pace(run, i, n))
				return -1;
			if (!next)
				break;
		}
		for (uint64_t low = 0, high = i - 1; low < high; low++, high--) {
			sbx_value t = a[low];
			a[low] = a[high];
			a[high] = t;
		}
		return (int64_t)i;
	}
	for (; i < n; i++) {
		int next = SORT_LESS(run, keys, a[i], a[i - 1]);
		if (next < 0 || sbx__pace(run, i, n))
			return -1;
		if (next)
			break;
	}
	return (int64_t)i;
}

/* The first place whose element is greater than x; with `before`, the first that is not less. */
static int64_t SORT_FN(place)(sbx_run *run, const sbx_value *keys, const sbx_value *a, uint64_t n,
							  sbx_value x, bool before)
{
	uint64_t low = 0, high = n;
	(void)run, (void)keys;
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		int less = before ? SORT_LESS(run, keys, a[middle], x) : SORT_LESS(run, keys, x, a[middle]);
		if (less < 0)
			return -1;
		if (before ? less : !less)
			low = middle + 1;
		else
			high = middle;
	}
	return (int64_t)low;
}

/* Inserts the elements from `sorted` on into those before. */
static int SORT_FN(insert)(sbx_run *run, const sbx_value *keys, sbx_value *a, uint64_t n,
						   uint64_t sorted)
{
	for (uint64_t i = sorted; i < n; i++) {
		sbx_value x = a[i];
		int64_t at = SORT_FN(place)(run, keys, a, i, x, false);
		if (at < 0)
			return -1;
		memmove(a + at + 1, a + at, (i - (uint64_t)at) * sizeof *a);
		a[at] = x;
	}
	return 0;
}

/* Merges two sorted neighbours of m and n elements; spare holds the shorter one. */
static int SORT_FN(merge)(sbx_run *run, const sbx_value *keys, sbx_value *a, uint64_t m, uint64_t n,
						  sbx_value *spare)
{
	sbx_value *b = a + m, *to;
	int64_t skip = SORT_FN(place)(run, keys, a, m, b[0], false), keep;
	uint64_t i, k;
	if (skip < 0)
		return -1;
	a += skip;
	m -= (uint64_t)skip;
	if (m == 0)
		return 0;
	keep = SORT_FN(place)(run, keys, b, n, b[-1], true);
	if (keep < 0)
		return -1;
	n = (uint64_t)keep;
	if (m <= n) {
		if (sbx__copy(run, spare, a, m * sizeof *a))
			return -1;
		for (i = 0, k = 0, to = a; i < m && k < n;) {
			const sbx_value *stop = to + SORT_PIECE;
			while (i < m && k < n && to < stop) {
				int less = SORT_LESS(run, keys, b[k], spare[i]);
				if (less < 0)
					return -1;
				/* Selected, not branched on: which one it is cannot be foreseen. */
				*to++ = *(less ? b + k : spare + i);
				k += (uint64_t)less;
				i += (uint64_t)!less;
			}
			if (sbx__spend(run, SORT_PIECE - (uint64_t)(stop - to)))
				return -1;
		}
		return sbx__copy(run, to, spare + i, (m - i) * sizeof *a);
	}
	if (sbx__copy(run, spare, b, n * sizeof *a))
		return -1;
	for (i = m, k = n, to = b + n; i > 0 && k > 0;) {
		uint64_t left = SORT_PIECE;
		while (i > 0 && k > 0 && left) {
			int less = SORT_LESS(run, keys, spare[k - 1], a[i - 1]);
			if (less < 0)
				return -1;
			*--to = less ? a[--i] : spare[--k];
			left--;
		}
		if (sbx__spend(run, SORT_PIECE - left))
			return -1;
	}
	return sbx__copy(run, to - k, spare, k * sizeof *a);
}

static int SORT_FN(merge_at)(sbx_run *run, const sbx_value *keys, SortRun *runs, uint64_t *count,
							 uint64_t i, sbx_value *spare)
{
	if (SORT_FN(merge)(run, keys, runs[i].at, runs[i].length, runs[i + 1].length, spare))
		return -1;
	runs[i].length += runs[i + 1].length;
	for (uint64_t k = i + 1; k + 1 < *count; k++)
		runs[k] = runs[k + 1];
	(*count)--;
	return 0;
}

/* Sorts n elements; spare has room for n / 2. */
static int SORT_FN(sort)(sbx_run *run, const sbx_value *keys, sbx_value *a, uint64_t n,
						 sbx_value *spare)
{
	SortRun runs[SORT_RUNS_MAX];
	uint64_t count = 0, least = sort_least_run(n);
	while (n) {
		int64_t length = SORT_FN(run_length)(run, keys, a, n);
		uint64_t wanted = n < least ? n : least;
		if (length < 0 || sbx__spend(run, (uint64_t)length))
			return -1;
		if ((uint64_t)length < wanted) {
			if (SORT_FN(insert)(run, keys, a, wanted, (uint64_t)length))
				return -1;
			length = (int64_t)wanted;
		}
		runs[count].at = a;
		runs[count++].length = (uint64_t)length;
		a += length;
		n -= (uint64_t)length;
		while (count > 1) {
			uint64_t i = count - 2;
			bool unbalanced =
				(i > 0 && runs[i - 1].length <= runs[i].length + runs[i + 1].length) ||
				(i > 1 && runs[i - 2].length <= runs[i - 1].length + runs[i].length);
			if (unbalanced && runs[i - 1].length < runs[i + 1].length)
				i--;
			else if (!unbalanced && runs[i].length > runs[i + 1].length)
				break;
			if (SORT_FN(merge_at)(run, keys, runs, &count, i, spare))
				return -1;
		}
	}
	while (count > 1) {
		uint64_t i = count - 2;
		if (i > 0 && runs[i - 1].length < runs[i + 1].length)
			i--;
		if (SORT_FN(merge_at)(run, keys, runs, &count, i, spare))
			return -1;
	}
	return 0;
}

#undef SORT_FN
#undef SORT_JOIN
#undef SORT_JOIN2
#undef SORT_NAME
#undef SORT_LESS
