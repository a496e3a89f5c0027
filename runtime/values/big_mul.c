/*
 * Multiplication of magnitudes: the school method, and Karatsuba's above some 30 limbs.
 *
 * Karatsuba, subtractive: with a = a1 * B**h + a0 and b alike,
 *     a * b = z2 * B**2h + (z0 + z2 - (a0 - a1)(b0 - b1)) * B**h + z0,   z0 = a0 * b0, z2 = a1 *
 * b1, three products of half the length instead of four. The differences are taken as magnitude and
 * sign. Operands of different length are cut into pieces of the shorter one's length. Every leaf
 * spends steps for its limb products, so that the largest product can be stopped soon after any of
 * them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

enum { KARATSUBA_MUL = 32, KARATSUBA_SQUARE = 56, PIECE = 4096 };

/* an >= 1, bn >= 1. */
static void mul_school(Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn)
{
	r[an] = sbx__limbs_mul_1(r, a, an, b[0], 0);
	for (size_t j = 1; j < bn; j++)
		r[an + j] = sbx__limbs_addmul_1(r + j, a, an, b[j]);
}

/* The products of different limbs once, doubled, and the squares added. */
static void square_school(Limb *r, const Limb *a, size_t n)
{
	Limb carry = 0;
	if (n == 1) {
		Wide square = (Wide)a[0] * a[0];
		r[0] = (Limb)square;
		r[1] = (Limb)(square >> 64);
		return;
	}
	r[0] = 0;
	r[n] = sbx__limbs_mul_1(r + 1, a + 1, n - 1, a[0], 0);
	for (size_t i = 1; i + 1 < n; i++)
		r[n + i] = sbx__limbs_addmul_1(r + 2 * i + 1, a + i + 1, n - 1 - i, a[i]);
	r[2 * n - 1] = 0;
	for (size_t i = 0; i < n; i++) {
		Wide square = (Wide)a[i] * a[i];
		Limb low = r[2 * i], high = r[2 * i + 1], out = high >> 63;
		Wide sum;
		high = high << 1 | low >> 63;
		low <<= 1;
		sum = (Wide)low + (Limb)square + carry;
		r[2 * i] = (Limb)sum;
		sum = (Wide)high + (Limb)(square >> 64) + (Limb)(sum >> 64);
		r[2 * i + 1] = (Limb)sum;
		carry = out + (Limb)(sum >> 64);
	}
}

/* r = |x - y| with xn >= yn; true when x < y. r has xn limbs. */
static bool difference(Limb *r, const Limb *x, size_t xn, const Limb *y, size_t yn)
{
	size_t xs = sbx__limbs_strip(x, xn), ys = sbx__limbs_strip(y, yn);
	if (sbx__limbs_compare(x, xs, y, ys) >= 0) {
		sbx__limbs_sub(r, x, xn, y, ys);
		return false;
	}
	sbx__limbs_sub(r, y, ys, x, xs);
	memset(r + ys, 0, (xn - ys) * sizeof *r);
	return true;
}

/* Limbs of scratch that karatsuba() needs for operands of n limbs. */
static size_t karatsuba_scratch(size_t n)
{
	size_t half = (n + 1) / 2, inner;
	if (n < KARATSUBA_MUL)
		return 0;
	inner = karatsuba_scratch(half);
	return 2 * half + (inner > 2 * half + 1 ? inner : 2 * half + 1);
}

/* r[h..] += z0 + z2 -+ z1, where r holds z0 and z2 already. */
static void add_middle(Limb *r, size_t n, size_t h, const Limb *z1, bool add_z1, Limb *sum)
{
	size_t high = 2 * (n - h), length = 2 * h;
	sum[length] = sbx__limbs_add(sum, r, length, r + length, high);
	if (add_z1)
		sum[length] += sbx__limbs_add(sum, sum, length, z1, length);
	else
		sum[length] -= sbx__limbs_sub(sum, sum, length, z1, length);
	length = sbx__limbs_strip(sum, length + 1);
	sbx__limbs_add(r + h, r + h, 2 * n - h, sum, length);
}

/* r = a * b, n limbs each; b == a: a square. */
static int karatsuba(sbx_run *run, Limb *r, const Limb *a, const Limb *b, size_t n, Limb *scratch)
{
	size_t h = (n + 1) / 2;
	Limb *z1 = scratch, *inner = scratch + 2 * h;
	bool square = a == b, negative = false;
	if (n < (square ? KARATSUBA_SQUARE : KARATSUBA_MUL)) {
		if (square)
			square_school(r, a, n);
		else
			mul_school(r, a, n, b, n);
		return sbx__spend(run, n * n);
	}
	negative = difference(r, a, h, a + h, n - h);
	if (square) {
		if (karatsuba(run, z1, r, r, h, inner))
			return -1;
		negative = false;
	} else {
		negative ^= difference(r + h, b, h, b + h, n - h);
		if (karatsuba(run, z1, r, r + h, h, inner))
			return -1;
	}
	if (karatsuba(run, r, a, b, h, inner) || karatsuba(run, r + 2 * h, a + h, b + h, n - h, inner))
		return -1;
	add_middle(r, n, h, z1, negative, inner);
	return 0;
}

static int mul_balanced(sbx_run *run, Limb *r, const Limb *a, const Limb *b, size_t n)
{
	size_t size = karatsuba_scratch(n);
	Limb *scratch = NULL;
	int failed;
	if (size && !(scratch = sbx__limbs_make(run, size)))
		return -1;
	failed = karatsuba(run, r, a, b, n, scratch);
	sbx__limbs_free(run, scratch, size);
	return failed;
}

/* r += product, where the first `filled` limbs of r hold something and the others nothing yet. */
static void add_piece(Limb *r, const Limb *product, size_t count, size_t filled)
{
	sbx__limbs_add(r, product, count, r, filled); /* no carry: the whole product fits */
}

/* a longer than b: piece after piece of a, each at most `piece` limbs. */
static int mul_pieces(sbx_run *run, Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn,
					  size_t piece)
{
	Limb *product = sbx__limbs_make(run, piece + bn);
	int failed = !product;
	for (size_t at = 0; at < an && !failed; at += piece) {
		size_t n = an - at < piece ? an - at : piece;
		if (n < bn)
			failed = sbx__limbs_mul(run, product, b, bn, a + at, n);
		else
			failed = sbx__limbs_mul(run, product, a + at, n, b, bn);
		if (failed)
			break;
		if (at == 0)
			memcpy(r, product, (n + bn) * sizeof *r);
		else
			add_piece(r + at, product, n + bn, bn);
	}
	sbx__limbs_free(run, product, piece + bn);
	return failed ? -1 : 0;
}

int sbx__limbs_mul(sbx_run *run, Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn)
{
	if (an < bn) {
		const Limb *other = a;
		size_t n = an;
		a = b;
		an = bn;
		b = other;
		bn = n;
	}
	if (bn == 0) {
		memset(r, 0, an * sizeof *r);
		return 0;
	}
	if (bn < KARATSUBA_MUL) {
		if (an > PIECE)
			return mul_pieces(run, r, a, an, b, bn, PIECE);
		mul_school(r, a, an, b, bn);
		return sbx__spend(run, an * bn);
	}
	if (an == bn)
		return mul_balanced(run, r, a, b, an);
	return mul_pieces(run, r, a, an, b, bn, bn);
}

int sbx__limbs_square(sbx_run *run, Limb *r, const Limb *a, size_t n)
{
	if (n == 0)
		return 0;
	if (n < KARATSUBA_SQUARE) {
		square_school(r, a, n);
		return sbx__spend(run, n * n);
	}
	return mul_balanced(run, r, a, a, n);
}
