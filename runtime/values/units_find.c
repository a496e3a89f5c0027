/*
 * Searching in code units, forwards and backwards, in linear time whatever the text.
 *
 * Most searches end after a plain scan for the first unit and a comparison. A scan that has
 * compared much more than it has moved on is being fed a hostile text ("aaaa...b" in "aaaa..."); it
 * goes on with the two-way algorithm of Crochemore and Perrin, which needs no memory and compares
 * each unit a constant number of times. Searching backwards is the same over a view that counts
 * from the end. Narrow text in narrow text is left to memmem, which is two-way too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "units.h"

/* A direction: unit i of the text as the search sees it. */
typedef struct Sight {
	const Units *units;
	uint64_t first; /* place of unit 0 */
	bool back;
} Sight;

static uint32_t seen(const Sight *sight, uint64_t i)
{
	return sbx__unit(sight->units, sight->back ? sight->first - i : sight->first + i);
}

/* The start of the largest suffix of `what` under < (or >), and its period. */
static uint64_t largest_suffix(const Sight *what, uint64_t m, bool reverse, uint64_t *period)
{
	uint64_t best = 0, at = 1, k = 0,
			 p = 1; /* best: start of the suffix; at + k is compared with best + k */
	while (at + k < m) {
		uint32_t a = seen(what, at + k), b = seen(what, best + k);
		if (a == b) {
			if (++k == p) {
				at += p;
				k = 0;
			}
		} else if (reverse ? a > b : a < b) {
			at += k + 1;
			k = 0;
			p = at - best;
		} else {
			best = at++;
			k = 0;
			p = 1;
		}
	}
	*period = p;
	return best;
}

/* The place of what (m units) in in (n units), or -1. */
static int64_t two_way(const Sight *in, uint64_t n, const Sight *what, uint64_t m)
{
	uint64_t p1, p2, s1 = largest_suffix(what, m, false, &p1),
					 s2 = largest_suffix(what, m, true, &p2);
	uint64_t cut = s1 > s2 ? s1 : s2, period = s1 > s2 ? p1 : p2, memory = 0, i = 0;
	bool periodic = cut + period <= m;
	for (uint64_t k = 0; periodic && k < cut; k++)
		periodic = seen(what, k) == seen(what, k + period);
	if (!periodic)
		period = (cut > m - cut ? cut : m - cut) + 1;
	while (i + m <= n) {
		uint64_t k = memory > cut ? memory : cut;
		while (k < m && seen(what, k) == seen(in, i + k))
			k++;
		if (k < m) {
			i += k - cut + 1;
			memory = 0;
			continue;
		}
		k = cut;
		while (k > memory && seen(what, k - 1) == seen(in, i + k - 1))
			k--;
		if (k <= memory)
			return (int64_t)i;
		i += period;
		memory = periodic ? m - period : 0;
	}
	return -1;
}

/* The next i, from `i` on and below `end`, at which the text has `point`; `end`: there is none. */
static uint64_t skip_to(const Sight *in, uint64_t i, uint64_t end, uint32_t point)
{
	const Units *units = in->units;
	if (units->width == 1 && !in->back) {
		const char *start = (const char *)units->at + in->first;
		const char *place = memchr(start + i, (int)point, end - i);
		return place ? (uint64_t)(place - start) : end;
	}
	if (in->back && units->width == 1) {
		const char *start = units->at;
		const char *place = memrchr(start + (in->first - (end - 1)), (int)point, end - i);
		return place ? in->first - (uint64_t)(place - start) : end;
	}
	if (in->back) {
		while (i < end && seen(in, i) != point)
			i++;
	} else if (units->width == 2) {
		const uint16_t *at = (const uint16_t *)units->at + in->first;
		while (i < end && at[i] != point)
			i++;
	} else {
		const uint32_t *at = (const uint32_t *)units->at + in->first;
		while (i < end && at[i] != point)
			i++;
	}
	return i;
}

/* two_way, or what the C library has for narrow text. */
static int64_t sure_scan(const Sight *in, uint64_t n, const Sight *what, uint64_t m)
{
	const char *start = (const char *)in->units->at + in->first, *place;
	if (in->back || in->units->width > 1)
		return two_way(in, n, what, m);
	place = memmem(start, n, what->units->at, m);
	return place ? place - start : -1;
}

/* A plain search that turns to a sure one when it compares too much. */
static int64_t scan(const Sight *in, uint64_t n, const Sight *what, uint64_t m)
{
	uint32_t first = seen(what, 0);
	uint64_t compared = 0;
	for (uint64_t i = 0; i + m <= n; i++) {
		uint64_t k = 1;
		i = skip_to(in, i, n - m + 1, first);
		if (i + m > n)
			break;
		while (k < m && seen(in, i + k) == seen(what, k))
			k++;
		if (k == m)
			return (int64_t)i;
		compared += k;
		if (compared > 64 + 2 * i) {
			Sight rest = {in->units, in->back ? in->first - i - 1 : in->first + i + 1, in->back};
			int64_t at = n - i - 1 < m ? -1 : sure_scan(&rest, n - i - 1, what, m);
			return at < 0 ? at : at + (int64_t)i + 1;
		}
	}
	return -1;
}

/* Searches in pieces that overlap, so that the deadline comes in between. The first or last place.
 */
static int64_t search(sbx_run *run, const Units *in, const Units *what, uint64_t from, uint64_t to,
					  bool back)
{
	uint64_t m = what->length, piece = 4 * m > 1 << 18 ? 4 * m : 1 << 18;
	Sight needle = {what, back ? m - 1 : 0, back};
	while (to - from >= m) {
		uint64_t n = to - from < piece ? to - from : piece;
		Sight hay = {in, back ? to - 1 : from, back};
		int64_t at = scan(&hay, n, &needle, m);
		if (sbx__spend(run, (at < 0 ? n : (uint64_t)at) / 16 + 1))
			return -2;
		if (at >= 0)
			return back ? (int64_t)(to - m) - at : at + (int64_t)from;
		if (n == to - from)
			return -1;
		if (back)
			to -= n - (m - 1);
		else
			from += n - (m - 1);
	}
	return -1;
}

int64_t sbx__units_find(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						uint64_t to)
{
	if (from > to || to - from < what->length)
		return -1;
	if (what->length == 0)
		return (int64_t)from;
	return what->width > in->width ? -1 : search(run, in, what, from, to, false);
}

int64_t sbx__units_rfind(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						 uint64_t to)
{
	if (from > to || to - from < what->length)
		return -1;
	if (what->length == 0)
		return (int64_t)to;
	return what->width > in->width ? -1 : search(run, in, what, from, to, true);
}

int64_t sbx__units_count(sbx_run *run, const Units *in, const Units *what, uint64_t from,
						 uint64_t to, uint64_t most)
{
	uint64_t count = 0;
	int64_t at;
	if (from > to)
		return 0;
	if (what->length == 0)
		return (int64_t)(to - from < most ? to - from + 1 : most);
	while (count < most && (at = sbx__units_find(run, in, what, from, to)) >= 0) {
		if (sbx__spend(run, what->length / 4))
			return -2;
		count++;
		from = (uint64_t)at + what->length;
	}
	return count < most && at == -2 ? -2 : (int64_t)count;
}
