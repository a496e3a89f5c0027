/*
 * Powers of ints, also modulo a number.
 *
 * The exponent is read from its highest bit down: square, and multiply by the base where the bit is
 * set. Factors of two are taken out of the base first: they are a shift. How long the result will
 * be is known before, so a power that cannot fit is refused at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

/* base ** exponent while it fits a word; 0 when it does not (base > 1). */
static Limb power_of_word(Limb base, uint64_t exponent)
{
	Limb result = 1;
	for (;;) {
		if (exponent & 1 && __builtin_mul_overflow(result, base, &result))
			return 0;
		exponent >>= 1;
		if (!exponent)
			return result;
		if (__builtin_mul_overflow(base, base, &base))
			return 0;
	}
}

/* The power of a magnitude, its length into *length, in one of two buffers of `room` limbs. NULL:
 * raised. */
static Limb *power_limbs(sbx_run *run, const Limb *base, size_t count, uint64_t exponent,
						 Limb *buffers, size_t room, size_t *length)
{
	Limb *now = buffers, *next = buffers + room, *swap;
	size_t n = count;
	memcpy(now, base, count * sizeof *now);
	for (int bit = 62 - __builtin_clzll(exponent); bit >= 0; bit--) {
		if (sbx__limbs_square(run, next, now, n))
			return NULL;
		n = sbx__limbs_strip(next, 2 * n);
		swap = now;
		now = next;
		next = swap;
		if (!(exponent >> bit & 1))
			continue;
		if (sbx__limbs_mul(run, next, now, n, base, count))
			return NULL;
		n = sbx__limbs_strip(next, n + count);
		swap = now;
		now = next;
		next = swap;
	}
	*length = n;
	return now;
}

/* (base << shift) ** exponent for an odd base. */
static sbx_value power(sbx_run *run, const Limb *base, size_t count, uint64_t shift,
					   uint64_t exponent, bool negative)
{
	uint64_t bits = sbx__limbs_bits(base, count), twos;
	size_t room, length = 1, limbs;
	Limb fixed[32], *buffers = fixed, *result = fixed;
	sbx_gen_big *big = NULL;
	if (__builtin_mul_overflow(bits, exponent, &bits) ||
		__builtin_mul_overflow(shift, exponent, &twos) || bits + twos < bits ||
		(bits + twos) / 64 >= (uint64_t)1 << 31)
		return sbx__raise_memory(run);
	room = (size_t)(bits / 64) + 2 + 2 * count;
	limbs = (size_t)(twos / 64);
	if (room * 2 > sizeof fixed / sizeof *fixed) {
		if (sbx__reserve(run, (3 * room + limbs) * sizeof(Limb)))
			return SBX_GEN_ERROR;
		buffers = sbx__limbs_make(run, 2 * room);
	}
	fixed[0] = 1;
	if (buffers && (count > 1 || base[0] != 1))
		result = power_limbs(run, base, count, exponent, buffers, room, &length);
	if (buffers && result && (big = sbx__big_make(run, limbs + length + 1)) != NULL) {
		Limb *r = sbx__big_limbs(big);
		memset(r, 0, limbs * sizeof *r);
		r[limbs + length] = sbx__limbs_shift_left(r + limbs, result, length, (unsigned)(twos % 64));
	}
	if (buffers != fixed)
		sbx__limbs_free(run, buffers, 2 * room);
	return big ? sbx__big_take(run, big, negative) : SBX_GEN_ERROR;
}

sbx_value sbx__int_pow(sbx_run *run, sbx_value a, sbx_value exponent)
{
	Int x;
	int64_t e;
	bool negative;
	Limb word;
	sbx__int_view(&x, a);
	negative = x.negative && (SBX_GEN_KIND(exponent) == SBX_KIND_BIG
								  ? ((const Limb *)((sbx_gen_big *)exponent.u.p + 1))[0] & 1
								  : exponent.u.i & 1);
	if (sbx__int_sign(exponent) == 0)
		return sbx_gen_int(1);
	if (!x.count || (x.count == 1 && x.limbs[0] == 1))
		return sbx_gen_int(x.count ? (negative ? -1 : 1) : 0);
	if (!sbx__int_fits(exponent, &e))
		return sbx__raise_memory(run);
	if (x.count == 1) {
		unsigned shift = (unsigned)__builtin_ctzll(x.limbs[0]);
		word = power_of_word(x.limbs[0], (uint64_t)e);
		if (word)
			return sbx__int_from_wide(run, word, negative);
		word = x.limbs[0] >> shift;
		return power(run, &word, 1, shift, (uint64_t)e, negative);
	}
	return power(run, x.limbs, x.count, 0, (uint64_t)e, negative);
}

/* ---- modulo ---- */

/* a * x == 1 modulo m, by Euclid's algorithm on (a, m) with the factors of a alone. m > 1. */
static sbx_value inverse(sbx_run *run, sbx_value a, sbx_value m)
{
	sbx_value x = sbx_gen_int(1), next_x = sbx_gen_int(0), n = sbx_gen_copy(m), result;
	a = sbx__int_of(a);
	while (sbx__int_sign(n)) {
		sbx_value q, r, product, difference;
		if (sbx__int_divmod(run, a, n, &q, &r))
			return SBX_GEN_ERROR;
		sbx_gen_drop(run, a);
		a = n;
		n = r;
		product = sbx__int_mul(run, q, next_x);
		if (sbx__is_error(product))
			return product;
		difference = sbx__int_sub(run, x, product);
		if (sbx__is_error(difference))
			return difference;
		sbx_gen_drop(run, q);
		sbx_gen_drop(run, product);
		sbx_gen_drop(run, x);
		x = next_x;
		next_x = difference;
	}
	sbx_gen_drop(run, next_x);
	if (a.tag != SBX_KIND_INT || a.u.i != 1) {
		sbx_gen_drop(run, a);
		sbx_gen_drop(run, x);
		return sbx__raise(run, SBX_TYPE_ValueError, "base is not invertible for the given modulus");
	}
	if (sbx__int_divmod(run, x, m, NULL, &result))
		return SBX_GEN_ERROR;
	sbx_gen_drop(run, x);
	return result;
}

/* a * b modulo m, where d is m shifted so that its top bit is set. a, b < m. */
static inline Limb mul_mod(Limb a, Limb b, Limb d, Limb reciprocal, unsigned shift)
{
	Wide product = (Wide)a * b << shift;
	Limb rest;
	sbx__limb_divide((Limb)(product >> 64), (Limb)product, d, reciprocal, &rest);
	return rest >> shift;
}

/* 0 <= base < m. */
static int power_mod_word(sbx_run *run, Limb base, const Int *exponent, Limb m, Limb *result)
{
	unsigned shift = (unsigned)__builtin_clzll(m);
	Limb d = m << shift, reciprocal = sbx__limb_reciprocal(d), r = 1;
	for (size_t i = exponent->count; i-- > 0;) {
		unsigned bits = i == exponent->count - 1 ? sbx__limb_bits(exponent->limbs[i]) : 64;
		while (bits-- > 0) {
			r = mul_mod(r, r, d, reciprocal, shift);
			if (exponent->limbs[i] >> bits & 1)
				r = mul_mod(r, base, d, reciprocal, shift);
		}
		if (sbx__spend(run, 128))
			return -1;
	}
	*result = r;
	return 0;
}

/* product (2 * n limbs) modulo m (n limbs) into `result`. */
static int reduce(sbx_run *run, Limb *result, const Limb *product, size_t length, const Limb *m,
				  size_t n)
{
	length = sbx__limbs_strip(product, length);
	if (sbx__limbs_compare(product, length, m, n) < 0) {
		memcpy(result, product, length * sizeof *result);
		memset(result + length, 0, (n - length) * sizeof *result);
		return 0;
	}
	return sbx__limbs_divmod(run, NULL, result, product, length, m, n);
}

/* base < m, n limbs; scratch: 4 * n limbs. The power's n limbs into `result`. */
static int power_mod(sbx_run *run, Limb *result, const Limb *base, const Int *exponent,
					 const Limb *m, size_t n, Limb *product)
{
	size_t base_count = sbx__limbs_strip(base, n);
	memset(result, 0, n * sizeof *result);
	result[0] = 1;
	for (uint64_t bit = sbx__limbs_bits(exponent->limbs, exponent->count); bit-- > 0;) {
		if (sbx__limbs_square(run, product, result, n) || reduce(run, result, product, 2 * n, m, n))
			return -1;
		if (!(exponent->limbs[bit / 64] >> (bit % 64) & 1))
			continue;
		if (sbx__limbs_mul(run, product, result, n, base, base_count) ||
			reduce(run, result, product, n + base_count, m, n))
			return -1;
	}
	return 0;
}

/* 0 <= base < modulus, modulus > 1, exponent >= 0. */
static sbx_value positive_power_mod(sbx_run *run, sbx_value base, const Int *exponent,
									sbx_value modulus)
{
	Int b, m;
	sbx_gen_big *big;
	Limb *scratch;
	int failed;
	sbx__int_view(&b, base);
	sbx__int_view(&m, modulus);
	if (m.count == 1) {
		Limb rest;
		if (power_mod_word(run, b.count ? b.limbs[0] : 0, exponent, m.limbs[0], &rest))
			return SBX_GEN_ERROR;
		return sbx__int_from_u64(run, rest);
	}
	big = sbx__big_make(run, m.count);
	scratch = sbx__limbs_make(run, 3 * m.count);
	if (!big || !scratch)
		return SBX_GEN_ERROR;
	memset(scratch, 0, m.count * sizeof *scratch);
	memcpy(scratch, b.limbs, b.count * sizeof *scratch);
	failed =
		power_mod(run, sbx__big_limbs(big), scratch, exponent, m.limbs, m.count, scratch + m.count);
	sbx__limbs_free(run, scratch, 3 * m.count);
	return failed ? SBX_GEN_ERROR : sbx__big_take(run, big, false);
}

sbx_value sbx__int_pow_mod(sbx_run *run, sbx_value a, sbx_value exponent, sbx_value modulus)
{
	Int e;
	sbx_value m, base, result;
	if (sbx__int_sign(modulus) == 0)
		return sbx__raise(run, SBX_TYPE_ValueError, "pow() 3rd argument cannot be 0");
	m = sbx__int_sign(modulus) < 0 ? sbx__int_neg(run, modulus) : sbx__int_of(modulus);
	if (sbx__is_error(m) || (m.tag == SBX_KIND_INT && m.u.i == 1))
		return sbx__is_error(m) ? m : sbx_gen_int(0);
	base = sbx__int_of(a);
	if (sbx__int_sign(exponent) < 0) {
		sbx_gen_drop(run, base);
		base = inverse(run, a, m);
		if (sbx__is_error(base))
			return base;
	}
	if (sbx__int_divmod(run, base, m, NULL, &result))
		return SBX_GEN_ERROR;
	sbx_gen_drop(run, base);
	base = result;
	sbx__int_view(&e, exponent);
	result = positive_power_mod(run, base, &e, m);
	sbx_gen_drop(run, base);
	sbx_gen_drop(run, m);
	if (!sbx__is_error(result) && sbx__int_sign(modulus) < 0 && sbx__int_sign(result)) {
		base = result;
		result = sbx__int_add(run, base, modulus);
		sbx_gen_drop(run, base);
	}
	return result;
}
