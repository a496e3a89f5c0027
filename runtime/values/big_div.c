/*
 * Division of magnitudes.
 *
 * The school method (Knuth 4.3.1 D) estimates each limb of the quotient from the top three limbs of
 * the rest and the top two of the divisor, by a reciprocal that is made once (Moeller and Granlund,
 * 2011); the estimate is at most one too large. Above some 60 limbs of quotient, division in
 * halves: the upper half of the quotient comes from the upper parts alone, then the product with
 * what was left out is subtracted and the half corrected; so it costs little more than the
 * multiplications (Brent and Zimmermann, Modern Computer Arithmetic, 1.4.3).
 *
 * Both work on a rest that is overwritten and a divisor shifted so that its top bit is set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

enum { RECURSIVE_DIV = 64 };

/* The reciprocal for three limbs by two: floor((B**3 - 1) / (d1 * B + d0)) - B. */
static Limb reciprocal_2(Limb d1, Limb d0)
{
	Limb v = sbx__limb_reciprocal(d1), p = d1 * v + d0;
	Wide t;
	if (p < d0) {
		v--;
		if (p >= d1) {
			v--;
			p -= d1;
		}
		p -= d1;
	}
	t = (Wide)v * d0;
	p += (Limb)(t >> 64);
	if (p < (Limb)(t >> 64)) {
		v--;
		if (((Wide)p << 64 | (Limb)t) >= ((Wide)d1 << 64 | d0))
			v--;
	}
	return v;
}

/* floor((u2, u1, u0) / (d1, d0)) for (u2, u1) < (d1, d0). */
static inline Limb divide_3_by_2(Limb u2, Limb u1, Limb u0, Limb d1, Limb d0, Limb reciprocal)
{
	Wide q = (Wide)reciprocal * u2 + ((Wide)u2 << 64 | u1), d = (Wide)d1 << 64 | d0, r;
	Limb quotient = (Limb)(q >> 64), low = (Limb)q;
	r = ((Wide)(u1 - quotient * d1) << 64 | u0) - (Wide)d0 * quotient - d;
	quotient++;
	if ((Limb)(r >> 64) >= low) {
		quotient--;
		r += d;
	}
	if (SBX_GEN_UNLIKELY(r >= d))
		quotient++;
	return quotient;
}

/*
 * a (m + n limbs) by d (n >= 2 limbs, normalized): the quotient's m limbs to q, the rest to the low
 * n limbs of a. The result is the limb above q: 0 or 1.
 */
static Limb divide_school(Limb *q, Limb *a, size_t m, const Limb *d, size_t n)
{
	Limb d1 = d[n - 1], d0 = d[n - 2], reciprocal = reciprocal_2(d1, d0), top = 0;
	size_t i = n;
	while (i > 0 && a[m + i - 1] == d[i - 1])
		i--;
	if (i == 0 || a[m + i - 1] > d[i - 1]) {
		sbx__limbs_sub(a + m, a + m, n, d, n);
		top = 1;
	}
	for (size_t j = m; j-- > 0;) {
		Limb *rest = a + j, u2 = rest[n], u1 = rest[n - 1], estimate, over;
		if (SBX_GEN_UNLIKELY(u2 == d1 && u1 == d0))
			estimate = ~(Limb)0;
		else
			estimate = divide_3_by_2(u2, u1, rest[n - 2], d1, d0, reciprocal);
		over = sbx__limbs_submul_1(rest, d, n, estimate);
		rest[n] = u2 - over;
		if (SBX_GEN_UNLIKELY(u2 < over)) {
			estimate--;
			rest[n] += sbx__limbs_add(rest, rest, n, d, n);
		}
		q[j] = estimate;
	}
	return top;
}

static void decrement(Limb *q, size_t n, Limb *top)
{
	const Limb one = 1;
	*top -= sbx__limbs_sub(q, q, n, &one, 1);
}

/*
 * Subtracts (q, top) * low from the n limbs of the rest at `a`, where `low` is the part of the
 * divisor d that the estimate left out; while that goes below zero, takes one from the quotient and
 * gives the divisor back.
 */
static int correct(sbx_run *run, Limb *q, size_t qn, Limb *top, Limb *a, size_t n, const Limb *d,
				   size_t low, Limb *product)
{
	Limb below;
	if (sbx__limbs_mul(run, product, q, qn, d, low))
		return -1;
	below = sbx__limbs_sub(a, a, n, product, qn + low);
	if (*top)
		below += sbx__limbs_sub(a + qn, a + qn, n - qn, d, low);
	while (below) {
		decrement(q, qn, top);
		below -= sbx__limbs_add(a, a, n, d, n);
	}
	return 0;
}

/* As divide_school, for m <= n; product: m limbs of scratch. -1: raised. */
static int divide_halves(sbx_run *run, Limb *q, Limb *a, size_t m, const Limb *d, size_t n,
						 Limb *product, Limb *top)
{
	size_t k = m / 2;
	Limb low_top;
	if (m < RECURSIVE_DIV) {
		*top = divide_school(q, a, m, d, n);
		return sbx__spend(run, m * n);
	}
	if (divide_halves(run, q + k, a + 2 * k, m - k, d + k, n - k, product, top) ||
		correct(run, q + k, m - k, top, a + k, n, d, k, product) ||
		divide_halves(run, q, a + k, k, d + k, n - k, product, &low_top) ||
		correct(run, q, k, &low_top, a, n, d, k, product))
		return -1;
	return 0;
}

/* As divide_school, for any m; -1: raised. The limb above q is zero by the caller's choice of a. */
static int divide(sbx_run *run, Limb *q, Limb *a, size_t m, const Limb *d, size_t n)
{
	size_t part = m % n ? m % n : n, scratch = m < n ? m : n;
	Limb *product = NULL, top;
	int failed = 0;
	if (m == 0)
		return 0;
	if (n < RECURSIVE_DIV || m < RECURSIVE_DIV) { /* in slices, so that it can be stopped */
		size_t slice = n > 65536 ? 1 : 65536 / n;
		while (m && !failed) {
			part = m < slice ? m : slice;
			m -= part;
			divide_school(q + m, a + m, part, d, n);
			failed = sbx__spend(run, part * n);
		}
		return failed;
	}
	if (!(product = sbx__limbs_make(run, scratch)))
		return -1;
	while (m && !failed) {
		m -= part;
		failed = divide_halves(run, q + m, a + m, part, d, n, product, &top);
		part = n;
	}
	sbx__limbs_free(run, product, scratch);
	return failed;
}

int sbx__limbs_divmod(sbx_run *run, Limb *q, Limb *r, const Limb *a, size_t an, const Limb *b,
					  size_t bn)
{
	size_t m = an - bn + 1, size = an + 1 + bn + (q ? 0 : m);
	unsigned shift = (unsigned)__builtin_clzll(b[bn - 1]);
	Limb *rest, *divisor, fixed[24];
	int failed;
	if (bn == 1) {
		if (q) {
			r[0] = sbx__limbs_divmod_1(q, a, an, b[0]);
			return sbx__spend(run, an);
		}
	}
	rest = size <= sizeof fixed / sizeof *fixed ? fixed : sbx__limbs_make(run, size);
	if (!rest)
		return -1;
	divisor = rest + an + 1;
	if (bn == 1) {
		r[0] = sbx__limbs_divmod_1(divisor + 1, a, an, b[0]);
		failed = sbx__spend(run, an);
	} else {
		sbx__limbs_shift_left(divisor, b, bn, shift);
		rest[an] = sbx__limbs_shift_left(rest, a, an, shift);
		failed = divide(run, q ? q : divisor + bn, rest, m, divisor, bn);
		if (!failed)
			sbx__limbs_shift_right(r, rest, bn, shift);
	}
	if (rest != fixed)
		sbx__limbs_free(run, rest, size);
	return failed;
}
