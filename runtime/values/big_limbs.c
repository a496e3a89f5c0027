/*
 * Arrays of limbs: addition, subtraction, shifts, and the operations with a single limb that
 * multiplication and division are made of.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

int sbx__limbs_compare(const Limb *a, size_t an, const Limb *b, size_t bn)
{
	if (an != bn)
		return an < bn ? -1 : 1;
	while (an--)
		if (a[an] != b[an])
			return a[an] < b[an] ? -1 : 1;
	return 0;
}

/* a + b + carry, which is 0 or 1 and becomes the new one. */
static inline Limb add_limb(Limb a, Limb b, unsigned char *carry)
{
#if defined(__x86_64__)
	unsigned long long sum;
	*carry = _addcarry_u64(*carry, a, b, &sum);
	return sum;
#else
	Limb sum;
	unsigned char first = __builtin_add_overflow(a, b, &sum);
	*carry = (unsigned char)(first | __builtin_add_overflow(sum, (Limb)*carry, &sum));
	return sum;
#endif
}

Limb sbx__limbs_add(Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn)
{
	unsigned char carry = 0;
	size_t i = 0;
	for (; i + 4 <= bn; i += 4) { /* the carry stays in the processor's flag */
		r[i] = add_limb(a[i], b[i], &carry);
		r[i + 1] = add_limb(a[i + 1], b[i + 1], &carry);
		r[i + 2] = add_limb(a[i + 2], b[i + 2], &carry);
		r[i + 3] = add_limb(a[i + 3], b[i + 3], &carry);
	}
	for (; i < bn; i++)
		r[i] = add_limb(a[i], b[i], &carry);
	for (; i < an && carry; i++) {
		r[i] = a[i] + 1;
		carry = r[i] == 0;
	}
	if (r != a && i < an)
		memmove(r + i, a + i, (an - i) * sizeof *r);
	return carry;
}

Limb sbx__limbs_sub(Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn)
{
	Limb borrow = 0;
	size_t i;
	for (i = 0; i < bn; i++) {
		Limb left = a[i], right = b[i], difference = left - right;
		Limb next = left < right;
		r[i] = difference - borrow;
		borrow = next | (difference < borrow);
	}
	for (; i < an && borrow; i++) {
		borrow = a[i] == 0;
		r[i] = a[i] - 1;
	}
	if (r != a && i < an)
		memmove(r + i, a + i, (an - i) * sizeof *r);
	return borrow;
}

Limb sbx__limbs_shift_left(Limb *r, const Limb *a, size_t n, unsigned bits)
{
	Limb out;
	if (!n)
		return 0;
	if (!bits) {
		memmove(r, a, n * sizeof *r);
		return 0;
	}
	out = a[n - 1] >> (64 - bits);
	for (size_t i = n - 1; i > 0; i--)
		r[i] = a[i] << bits | a[i - 1] >> (64 - bits);
	r[0] = a[0] << bits;
	return out;
}

void sbx__limbs_shift_right(Limb *r, const Limb *a, size_t n, unsigned bits)
{
	if (!n)
		return;
	if (!bits) {
		memmove(r, a, n * sizeof *r);
		return;
	}
	for (size_t i = 0; i + 1 < n; i++)
		r[i] = a[i] >> bits | a[i + 1] << (64 - bits);
	r[n - 1] = a[n - 1] >> bits;
}

Limb sbx__limbs_mul_1(Limb *r, const Limb *a, size_t n, Limb m, Limb carry)
{
	size_t i = 0;
	for (; i + 4 <= n; i += 4) {
		Wide p0 = (Wide)a[i] * m + carry;
		Wide p1 = (Wide)a[i + 1] * m + (Limb)(p0 >> 64);
		Wide p2 = (Wide)a[i + 2] * m + (Limb)(p1 >> 64);
		Wide p3 = (Wide)a[i + 3] * m + (Limb)(p2 >> 64);
		r[i] = (Limb)p0;
		r[i + 1] = (Limb)p1;
		r[i + 2] = (Limb)p2;
		r[i + 3] = (Limb)p3;
		carry = (Limb)(p3 >> 64);
	}
	for (; i < n; i++) {
		Wide product = (Wide)a[i] * m + carry;
		r[i] = (Limb)product;
		carry = (Limb)(product >> 64);
	}
	return carry;
}

Limb sbx__limbs_addmul_1(Limb *r, const Limb *a, size_t n, Limb m)
{
	Limb carry = 0;
	size_t i = 0;
	for (; i + 4 <= n; i += 4) {
		Wide p0 = (Wide)a[i] * m + r[i] + carry;
		Wide p1 = (Wide)a[i + 1] * m + r[i + 1] + (Limb)(p0 >> 64);
		Wide p2 = (Wide)a[i + 2] * m + r[i + 2] + (Limb)(p1 >> 64);
		Wide p3 = (Wide)a[i + 3] * m + r[i + 3] + (Limb)(p2 >> 64);
		r[i] = (Limb)p0;
		r[i + 1] = (Limb)p1;
		r[i + 2] = (Limb)p2;
		r[i + 3] = (Limb)p3;
		carry = (Limb)(p3 >> 64);
	}
	for (; i < n; i++) {
		Wide product = (Wide)a[i] * m + r[i] + carry;
		r[i] = (Limb)product;
		carry = (Limb)(product >> 64);
	}
	return carry;
}

Limb sbx__limbs_submul_1(Limb *r, const Limb *a, size_t n, Limb m)
{
	Limb carry = 0;
	for (size_t i = 0; i < n; i++) {
		Wide product = (Wide)a[i] * m + carry;
		Limb low = (Limb)product;
		carry = (Limb)(product >> 64) + (r[i] < low);
		r[i] -= low;
	}
	return carry;
}

Limb sbx__limbs_divmod_1(Limb *q, const Limb *a, size_t n, Limb d)
{
	unsigned shift;
	Limb reciprocal, remainder = 0;
	if (n <= 2) { /* one hardware division or two are cheaper than the reciprocal */
		for (size_t i = n; i-- > 0;) {
			Wide part = (Wide)remainder << 64 | a[i];
			if (!remainder) {
				q[i] = a[i] / d;
				remainder = a[i] % d;
			} else {
				q[i] = (Limb)(part / d);
				remainder = a[i] - q[i] * d;
			}
		}
		return remainder;
	}
	shift = (unsigned)__builtin_clzll(d);
	d <<= shift;
	reciprocal = sbx__limb_reciprocal(d);
	if (!shift) {
		for (size_t i = n; i-- > 0;)
			q[i] = sbx__limb_divide(remainder, a[i], d, reciprocal, &remainder);
		return remainder;
	}
	remainder = a[n - 1] >> (64 - shift);
	for (size_t i = n - 1; i > 0; i--)
		q[i] = sbx__limb_divide(remainder, a[i] << shift | a[i - 1] >> (64 - shift), d, reciprocal,
								&remainder);
	q[0] = sbx__limb_divide(remainder, a[0] << shift, d, reciprocal, &remainder);
	return remainder >> shift;
}
