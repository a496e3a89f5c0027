/*
 * Ints as values: sums, products, quotients, comparison, hash. The small form is tried before the
 * limbs.
 *
 * A result is made with room for its longest case and then cut to what it is; a few limbs too many
 * stay with the object (they are noted in its head), so that no memory has to move.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

sbx_value sbx__big_take(sbx_run *run, sbx_gen_big *big, bool negative)
{
	size_t capacity = big->count, count = sbx__limbs_strip(sbx__big_limbs(big), capacity),
		   spare = capacity - count;
	sbx_value v;
	if (count == 0 || (count == 1 && sbx__big_limbs(big)[0] <= (Limb)INT64_MAX + negative)) {
		Limb magnitude = count ? sbx__big_limbs(big)[0] : 0;
		sbx__big_free(run, big, capacity);
		return sbx_gen_int((int64_t)(negative ? 0 - magnitude : magnitude));
	}
	if (spare > 8 + count / 8) {
		big = sbx__realloc(run, big, sizeof *big + capacity * sizeof(Limb),
						   sizeof *big + count * sizeof(Limb));
		if (!big)
			return SBX_GEN_ERROR;
		spare = 0;
	}
	big->count = count;
	big->head.bits = (uint32_t)spare << 1 | negative;
	v.tag = SBX_KIND_BIG | SBX_GEN_COUNTED;
	v.u.p = big;
	return v;
}

sbx_value sbx__int_from_wide(sbx_run *run, Wide magnitude, bool negative)
{
	sbx_gen_big *big;
	if (magnitude <= (Wide)INT64_MAX + negative)
		return sbx_gen_int((int64_t)(negative ? 0 - (uint64_t)magnitude : (uint64_t)magnitude));
	big = sbx__big_make(run, 2);
	if (!big)
		return SBX_GEN_ERROR;
	sbx__big_limbs(big)[0] = (Limb)magnitude;
	sbx__big_limbs(big)[1] = (Limb)(magnitude >> 64);
	return sbx__big_take(run, big, negative);
}

sbx_value sbx__int_from_u64(sbx_run *run, uint64_t u)
{
	return sbx__int_from_wide(run, u, false);
}

sbx_value sbx__int_of(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_BIG ? sbx_gen_copy(v) : sbx_gen_int(v.u.i);
}

sbx_value sbx_gen_index(sbx_run *run, sbx_value v)
{
	if (!SBX_IS_INT(v))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "'%T' object cannot be interpreted as an integer", v);
	return sbx__int_of(v);
}

int sbx_gen_flag(sbx_run *run, sbx_value v)
{
	int64_t i;
	if (!SBX_IS_INT(v)) {
		sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be interpreted as an integer", v);
		return -1;
	}
	if (!sbx__int_fits(v, &i) || i != (int)i) {
		sbx__raise(run, SBX_TYPE_OverflowError, "Python int too large to convert to C int");
		return -1;
	}
	return i != 0;
}

int sbx__index(sbx_run *run, sbx_value v, int overflow_type, int64_t *out)
{
	if (!SBX_IS_INT(v)) {
		sbx__raise(run, SBX_TYPE_TypeError, "'%T' object cannot be interpreted as an integer", v);
		return -1;
	}
	if (!sbx__int_fits(v, out)) {
		if (overflow_type >= 0) {
			sbx__raise(run, overflow_type, "cannot fit 'int' into an index-sized integer");
			return -1;
		}
		*out = sbx__int_clamp(v);
	}
	return 0;
}

/* ---- sums ---- */

/* |a| + |b| or |a| - |b|, with the sign of a where the result is not turned. */
static sbx_value add_magnitudes(sbx_run *run, const Int *a, const Int *b, bool subtract)
{
	const Int *x = a, *y = b;
	bool negative = a->negative;
	sbx_gen_big *big;
	Limb *r;
	if (subtract ? sbx__limbs_compare(a->limbs, a->count, b->limbs, b->count) < 0
				 : a->count < b->count) {
		x = b;
		y = a;
		negative ^= subtract;
	}
	big = sbx__big_make(run, x->count + !subtract);
	if (!big || sbx__spend(run, x->count / 4))
		return SBX_GEN_ERROR;
	r = sbx__big_limbs(big);
	if (subtract)
		sbx__limbs_sub(r, x->limbs, x->count, y->limbs, y->count);
	else
		r[x->count] = sbx__limbs_add(r, x->limbs, x->count, y->limbs, y->count);
	return sbx__big_take(run, big, negative);
}

sbx_value sbx__int_add(sbx_run *run, sbx_value a, sbx_value b)
{
	Int x, y;
	int64_t sum;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG &&
		!__builtin_add_overflow(a.u.i, b.u.i, &sum))
		return sbx_gen_int(sum);
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	return add_magnitudes(run, &x, &y, x.negative != y.negative);
}

sbx_value sbx__int_sub(sbx_run *run, sbx_value a, sbx_value b)
{
	Int x, y;
	int64_t difference;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG &&
		!__builtin_sub_overflow(a.u.i, b.u.i, &difference))
		return sbx_gen_int(difference);
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	y.negative = !y.negative;
	return add_magnitudes(run, &x, &y, x.negative != y.negative);
}

sbx_value sbx__int_neg(sbx_run *run, sbx_value a)
{
	return sbx__int_sub(run, sbx_gen_int(0), a);
}

/* ---- products ---- */

sbx_value sbx__int_mul(sbx_run *run, sbx_value a, sbx_value b)
{
	Int x, y;
	sbx_gen_big *big;
	size_t count;
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	if (x.count <= 1 && y.count <= 1) {
		Limb m = x.count ? x.limbs[0] : 0, n = y.count ? y.limbs[0] : 0;
		return sbx__int_from_wide(run, (Wide)m * n, x.negative != y.negative);
	}
	if (!x.count || !y.count)
		return sbx_gen_int(0);
	count = x.count + y.count;
	big = sbx__big_make(run, count);
	if (!big)
		return SBX_GEN_ERROR;
	if (a.u.p == b.u.p
			? sbx__limbs_square(run, sbx__big_limbs(big), x.limbs, x.count)
			: sbx__limbs_mul(run, sbx__big_limbs(big), x.limbs, x.count, y.limbs, y.count)) {
		sbx__big_free(run, big, count);
		return SBX_GEN_ERROR;
	}
	return sbx__big_take(run, big, x.negative != y.negative);
}

/* ---- quotients ---- */

static int divmod_small(sbx_run *run, int64_t a, int64_t b, sbx_value *quotient,
						sbx_value *remainder)
{
	int64_t q, r;
	if (b == -1) { /* the one case that overflows */
		if (remainder)
			*remainder = sbx_gen_int(0);
		if (quotient)
			*quotient = sbx__int_neg(run, sbx_gen_int(a));
		return quotient && sbx__is_error(*quotient) ? -1 : 0;
	}
	q = a / b;
	r = a % b;
	if (r && (r < 0) != (b < 0)) {
		q--;
		r += b;
	}
	if (quotient)
		*quotient = sbx_gen_int(q);
	if (remainder)
		*remainder = sbx_gen_int(r);
	return 0;
}

/* Turns the truncated quotient and rest, when the rest is not zero and the signs differ, into the
 * floored ones. */
static void floor_limbs(Limb *q, size_t qn, Limb *r, const Int *b)
{
	const Limb one = 1;
	if (q)
		sbx__limbs_add(q, q, qn, &one, 1);
	if (r) { /* |b| - r */
		size_t rn = sbx__limbs_strip(r, b->count);
		Limb borrow = 0;
		for (size_t i = 0; i < b->count; i++) {
			Limb right = i < rn ? r[i] : 0, difference = b->limbs[i] - right;
			Limb next = b->limbs[i] < right;
			r[i] = difference - borrow;
			borrow = next | (difference < borrow);
		}
	}
}

static int divmod_limbs(sbx_run *run, const Int *a, const Int *b, sbx_value *quotient,
						sbx_value *remainder)
{
	size_t qn = a->count - b->count + 2; /* one more than needed, for the carry of flooring */
	sbx_gen_big *q = NULL, *r = sbx__big_make(run, b->count);
	Limb *limbs;
	bool inexact;
	if (!r)
		return -1;
	if (quotient && !(q = sbx__big_make(run, qn)))
		goto fail;
	limbs = sbx__big_limbs(r);
	if (q)
		sbx__big_limbs(q)[qn - 1] = 0;
	if (sbx__limbs_divmod(run, q ? sbx__big_limbs(q) : NULL, limbs, a->limbs, a->count, b->limbs,
						  b->count))
		goto fail;
	inexact = sbx__limbs_strip(limbs, b->count) != 0;
	if (inexact && a->negative != b->negative)
		floor_limbs(q ? sbx__big_limbs(q) : NULL, qn, limbs, b);
	if (remainder) {
		*remainder = sbx__big_take(run, r, b->negative);
		r = NULL;
		if (sbx__is_error(*remainder))
			goto fail;
	}
	sbx__big_free(run, r, b->count);
	if (quotient) {
		*quotient = sbx__big_take(run, q, a->negative != b->negative);
		return sbx__is_error(*quotient) ? -1 : 0;
	}
	return 0;
fail:
	sbx__big_free(run, q, qn);
	sbx__big_free(run, r, b->count);
	return -1;
}

/* b is not zero. */
int sbx__int_divmod(sbx_run *run, sbx_value a, sbx_value b, sbx_value *quotient,
					sbx_value *remainder)
{
	Int x, y;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG)
		return divmod_small(run, a.u.i, b.u.i, quotient, remainder);
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	if (sbx__limbs_compare(x.limbs, x.count, y.limbs, y.count) < 0) {
		bool turned = x.count && x.negative != y.negative;
		if (quotient)
			*quotient = sbx_gen_int(turned ? -1 : 0);
		if (remainder)
			*remainder = turned ? sbx__int_add(run, a, b) : sbx__int_of(a);
		return remainder && sbx__is_error(*remainder) ? -1 : 0;
	}
	return divmod_limbs(run, &x, &y, quotient, remainder);
}

/* ---- comparison, hash ---- */

int sbx__int_compare(sbx_value a, sbx_value b)
{
	Int x, y;
	int order;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG)
		return (a.u.i > b.u.i) - (a.u.i < b.u.i);
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	if (x.negative != y.negative)
		return x.negative ? -1 : 1;
	order = sbx__limbs_compare(x.limbs, x.count, y.limbs, y.count);
	return x.negative ? -order : order;
}

/* The value modulo 2**61 - 1 with the sign, and -2 for -1: CPython's hash of every number. */
int64_t sbx__int_hash(sbx_value v)
{
	const Limb prime = ((Limb)1 << 61) - 1;
	Limb hash = 0;
	Int x;
	sbx__int_view(&x, v);
	for (size_t i = x.count; i-- > 0;) { /* 2**64 is 8 here */
		hash = ((hash << 3) & prime) | hash >> 58;
		hash += (x.limbs[i] & prime) + (x.limbs[i] >> 61);
		while (hash >= prime)
			hash -= prime;
	}
	if (x.negative)
		return hash == 1 ? -2 : -(int64_t)hash;
	return (int64_t)hash;
}
