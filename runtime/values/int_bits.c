/*
 * Shifts and bitwise operations of ints, with Python's meaning: a negative number has endless ones
 * to the left.
 *
 * -x is ~x + 1 in that form, so an operand is turned into it limb by limb, on the fly, and the
 * result back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

static int check_count(sbx_run *run, sbx_value count)
{
	if (sbx__int_sign(count) >= 0)
		return 0;
	sbx__raise(run, SBX_TYPE_ValueError, "negative shift count");
	return -1;
}

sbx_value sbx__int_shift_left(sbx_run *run, sbx_value a, sbx_value count)
{
	Int x;
	int64_t shift;
	size_t limbs, room;
	sbx_gen_big *big;
	Limb *r;
	if (check_count(run, count))
		return SBX_GEN_ERROR;
	sbx__int_view(&x, a);
	if (!x.count)
		return sbx_gen_int(0);
	if (!sbx__int_fits(count, &shift))
		return sbx__raise(run, SBX_TYPE_OverflowError, "too many digits in integer");
	if (x.count == 1 && shift < 64)
		return sbx__int_from_wide(run, (Wide)x.limbs[0] << shift, x.negative);
	limbs = (size_t)shift / 64;
	room = limbs + x.count + 1;
	big = sbx__big_make(run, room);
	if (!big || sbx__spend(run, x.count / 4))
		return SBX_GEN_ERROR;
	r = sbx__big_limbs(big);
	if (sbx__fill(run, r, 0, limbs * sizeof *r))
		return SBX_GEN_ERROR;
	r[room - 1] = sbx__limbs_shift_left(r + limbs, x.limbs, x.count, (unsigned)shift % 64);
	return sbx__big_take(run, big, x.negative);
}

/* Towards minus infinity: for a negative number one more when a bit is lost. */
static sbx_value shift_right_limbs(sbx_run *run, const Int *x, uint64_t shift)
{
	size_t limbs = shift / 64, count;
	const Limb one = 1;
	bool lost = false;
	sbx_gen_big *big;
	Limb *r;
	if (limbs >= x->count)
		return sbx_gen_int(x->negative ? -1 : 0);
	count = x->count - limbs;
	big = sbx__big_make(run, count + 1);
	if (!big || sbx__spend(run, count / 4))
		return SBX_GEN_ERROR;
	r = sbx__big_limbs(big);
	sbx__limbs_shift_right(r, x->limbs + limbs, count, (unsigned)(shift % 64));
	r[count] = 0;
	if (x->negative) {
		for (size_t i = 0; i < limbs && !lost; i++)
			lost = x->limbs[i] != 0;
		if (shift % 64)
			lost |= x->limbs[limbs] << (64 - shift % 64) != 0;
		if (lost)
			sbx__limbs_add(r, r, count + 1, &one, 1);
	}
	return sbx__big_take(run, big, x->negative);
}

sbx_value sbx__int_shift_right(sbx_run *run, sbx_value a, sbx_value count)
{
	Int x;
	int64_t shift;
	if (check_count(run, count))
		return SBX_GEN_ERROR;
	if (!sbx__int_fits(count, &shift))
		return sbx_gen_int(sbx__int_sign(a) < 0 ? -1 : 0);
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG)
		return sbx_gen_int(shift > 63 ? -(a.u.i < 0) : a.u.i >> shift);
	sbx__int_view(&x, a);
	return shift_right_limbs(run, &x, (uint64_t)shift);
}

/* One operand in two's complement, limb after limb. */
typedef struct Complement {
	const Int *x;
	Limb carry;
} Complement;

static inline Limb complement_limb(Complement *c, size_t i)
{
	Limb limb = i < c->x->count ? c->x->limbs[i] : 0;
	if (c->x->negative) {
		limb = ~limb + c->carry;
		c->carry = c->carry && limb == 0;
	}
	return limb;
}

static inline Limb apply(int op, Limb a, Limb b)
{
	return op == SBX_BINARY_AND ? a & b : op == SBX_BINARY_OR ? a | b : a ^ b;
}

sbx_value sbx__int_bitwise(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	Int x, y;
	Complement left = {&x, 1}, right = {&y, 1};
	size_t count;
	bool negative;
	sbx_gen_big *big;
	Limb *r;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG && SBX_GEN_KIND(b) != SBX_KIND_BIG)
		return sbx_gen_int((int64_t)apply(op, (uint64_t)a.u.i, (uint64_t)b.u.i));
	sbx__int_view(&x, a);
	sbx__int_view(&y, b);
	count = (x.count > y.count ? x.count : y.count) + 1;
	negative = apply(op, x.negative, y.negative);
	big = sbx__big_make(run, count);
	if (!big || sbx__spend(run, count / 2))
		return SBX_GEN_ERROR;
	r = sbx__big_limbs(big);
	for (size_t i = 0; i < count; i++)
		r[i] = apply(op, complement_limb(&left, i), complement_limb(&right, i));
	if (negative) {
		Limb carry = 1;
		for (size_t i = 0; i < count; i++) {
			r[i] = ~r[i] + carry;
			carry = carry && r[i] == 0;
		}
	}
	return sbx__big_take(run, big, negative);
}

/* ~a is -a - 1. */
sbx_value sbx__int_invert(sbx_run *run, sbx_value a)
{
	sbx_value negated, result;
	if (SBX_GEN_KIND(a) != SBX_KIND_BIG)
		return sbx_gen_int(~a.u.i);
	negated = sbx__int_neg(run, a);
	if (sbx__is_error(negated))
		return negated;
	result = sbx__int_sub(run, negated, sbx_gen_int(1));
	sbx_gen_drop(run, negated);
	return result;
}
