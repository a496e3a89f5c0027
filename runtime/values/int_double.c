/*
 * Between ints and doubles: the nearest double of an int, the exact int of a double, exact
 * comparison, and the correctly rounded quotient of two ints. Ties go to the even one, as the
 * hardware does it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <math.h>
#include <string.h>

/* The top 64 bits of a magnitude, with the lowest of them set if any bit below is. */
static Limb top_bits(const Limb *a, size_t n, int64_t *exponent)
{
	unsigned shift;
	Limb top;
	bool sticky = false;
	if (n == 0) {
		*exponent = 0;
		return 0;
	}
	shift = (unsigned)__builtin_clzll(a[n - 1]);
	top = a[n - 1] << shift;
	*exponent = ((int64_t)n - 1) * 64 - (int64_t)shift;
	if (n > 1) {
		if (shift)
			top |= a[n - 2] >> (64 - shift);
		sticky = a[n - 2] << shift != 0;
		for (size_t i = n - 2; i > 0 && !sticky; i--)
			sticky = a[i - 1] != 0;
	}
	return top | sticky;
}

double sbx__int_nearest_double(sbx_value v)
{
	Int x;
	int64_t exponent;
	Limb top;
	double f;
	if (SBX_GEN_KIND(v) != SBX_KIND_BIG)
		return (double)v.u.i;
	sbx__int_view(&x, v);
	top = top_bits(x.limbs, x.count, &exponent);
	/* the conversion rounds to 53 bits; the sticky bit is eleven places below, so it sees every
	 * lost bit */
	f = exponent > 1024 ? HUGE_VAL : ldexp((double)top, (int)exponent);
	return x.negative ? -f : f;
}

int sbx__int_to_double(sbx_run *run, sbx_value v, double *out)
{
	*out = sbx__int_nearest_double(v);
	if (!isinf(*out))
		return 0;
	sbx__raise(run, SBX_TYPE_OverflowError, "int too large to convert to float");
	return -1;
}

int sbx__to_double(sbx_run *run, sbx_value v, double *out)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_FLOAT) {
		*out = v.u.f;
		return 0;
	}
	if (SBX_IS_INT(v))
		return sbx__int_to_double(run, v, out);
	sbx__raise(run, SBX_TYPE_TypeError, "must be real number, not %T", v);
	return -1;
}

sbx_value sbx__int_from_double(sbx_run *run, double f)
{
	int exponent;
	Limb mantissa;
	size_t limbs;
	sbx_gen_big *big;
	if (isnan(f))
		return sbx__raise(run, SBX_TYPE_ValueError, "cannot convert float NaN to integer");
	if (isinf(f))
		return sbx__raise(run, SBX_TYPE_OverflowError, "cannot convert float infinity to integer");
	if (f > -9223372036854775808.0 && f < 9223372036854775808.0)
		return sbx_gen_int((int64_t)f);
	mantissa = (Limb)ldexp(frexp(fabs(f), &exponent), 53);
	exponent -= 53; /* at least 11 */
	limbs = (size_t)exponent / 64;
	big = sbx__big_make(run, limbs + 2);
	if (!big)
		return SBX_GEN_ERROR;
	memset(sbx__big_limbs(big), 0, limbs * sizeof(Limb));
	sbx__big_limbs(big)[limbs + 1] =
		sbx__limbs_shift_left(sbx__big_limbs(big) + limbs, &mantissa, 1, (unsigned)exponent % 64);
	return sbx__big_take(run, big, f < 0);
}

int sbx__int_compare_double(sbx_value a, double f)
{
	Int x;
	int64_t exponent, whole;
	int order, f_exponent;
	Limb top, mantissa;
	if (isinf(f))
		return f > 0 ? -1 : 1;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG) {
		if (f >= 9223372036854775808.0)
			return -1;
		if (f < -9223372036854775808.0)
			return 1;
		whole = (int64_t)f; /* exact: what is cut off decides only between equal ones */
		if (a.u.i != whole)
			return a.u.i < whole ? -1 : 1;
		return (f < (double)whole) - (f > (double)whole);
	}
	sbx__int_view(&x, a);
	if (x.negative != (f < 0) || fabs(f) < 9223372036854775808.0)
		return x.negative ? -1 : 1;
	top = top_bits(x.limbs, x.count,
				   &exponent); /* with 64 bits and the sticky one no double lies between */
	mantissa = (Limb)ldexp(frexp(fabs(f), &f_exponent), 64);
	if (exponent != (int64_t)f_exponent - 64)
		order = exponent < (int64_t)f_exponent - 64 ? -1 : 1;
	else
		order = (top > mantissa) - (top < mantissa);
	return x.negative ? -order : order;
}

/* Rounds a quotient of at least 54 bits, scaled by 2**-shift, where `inexact` says that bits below
 * are lost. */
static double round_quotient(Limb *q, size_t n, int64_t shift, bool inexact)
{
	int64_t exponent, drop, lowest;
	Limb top;
	n = sbx__limbs_strip(q, n);
	top = top_bits(q, n, &exponent) | inexact;
	exponent -= shift;      /* the value is top * 2**exponent */
	lowest = exponent + 11; /* of the last bit of a normal double */
	drop = 11;
	if (lowest < -1074)
		drop += -1074 - lowest;
	if (drop > 64)
		return 0.0; /* below half the smallest one */
	if (drop == 64) {
		top = top > (Limb)1 << 63; /* exactly half goes to zero */
	} else {
		Limb half = (Limb)1 << (drop - 1), rest = top & ((half << 1) - 1);
		top >>= drop;
		top += rest > half || (rest == half && (top & 1));
	}
	exponent += drop;
	return exponent > 1024 ? HUGE_VAL : ldexp((double)top, (int)exponent);
}

sbx_value sbx__int_truediv(sbx_run *run, sbx_value a, sbx_value b)
{
	const int64_t exact = (int64_t)1 << 53;
	Int x, y;
	int64_t shift, xbits, ybits;
	size_t skip = 0, move = 0, xn, size, qn;
	Limb *scratch, *q, *r;
	bool inexact = false;
	double f;
	if (sbx__int_sign(b) == 0)
		return sbx__raise(run, SBX_TYPE_ZeroDivisionError, "division by zero");
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG && a.u.i <= exact &&
		a.u.i >= -exact && b.u.i <= exact && b.u.i >= -exact)
		return sbx_gen_float((double)a.u.i / (double)b.u.i);
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	if (!x.count)
		return sbx_gen_float(y.negative ? -0.0 : 0.0);
	xbits = (int64_t)sbx__limbs_bits(x.limbs, x.count);
	ybits = (int64_t)sbx__limbs_bits(y.limbs, y.count);
	if (xbits - ybits > 1025)
		return sbx__raise(run, SBX_TYPE_OverflowError,
						  "integer division result too large for a float");
	if (xbits - ybits < -1080)
		return sbx_gen_float(x.negative != y.negative ? -0.0 : 0.0);
	/* The quotient gets 66 bits or a limb more: zeros are added to x, or its low limbs left out. */
	shift = ybits - xbits + 66;
	if (shift > 0)
		move = (size_t)(shift + 63) / 64;
	else
		skip = (size_t)(-shift) / 64;
	for (size_t i = 0; i < skip && !inexact; i++)
		inexact = x.limbs[i] != 0;
	xn = x.count - skip + move;
	qn = xn - y.count + 1;
	size = xn + qn + y.count;
	scratch = sbx__limbs_make(run, size);
	if (!scratch)
		return SBX_GEN_ERROR;
	memset(scratch, 0, move * sizeof *scratch);
	memcpy(scratch + move, x.limbs + skip, (x.count - skip) * sizeof *scratch);
	q = scratch + xn;
	r = q + qn;
	if (sbx__limbs_divmod(run, q, r, scratch, xn, y.limbs, y.count))
		return SBX_GEN_ERROR;
	inexact |= sbx__limbs_strip(r, y.count) != 0;
	f = round_quotient(q, qn, ((int64_t)move - (int64_t)skip) * 64, inexact);
	sbx__limbs_free(run, scratch, size);
	if (isinf(f))
		return sbx__raise(run, SBX_TYPE_OverflowError,
						  "integer division result too large for a float");
	return sbx_gen_float(x.negative != y.negative ? -f : f);
}
