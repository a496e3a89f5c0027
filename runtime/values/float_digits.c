/*
 * Decimal digits of doubles.
 *
 * Shortest: R. Giulietti, "The Schubfach way to render doubles" (2020). A double v = c * 2**q
 * stands for the interval of reals that round to it. With k chosen so that 10**k is just not longer
 * than that interval, at most two multiples of 10**k and at most one of 10**(k+1) can be the
 * answer; one multiplication of 64 by 128 bits for each end of the interval and for v itself
 * decides, if the lost bits are kept as a sticky one ("round to odd").
 *
 * A number of digits: every double is a whole number times a power of two, so M = m * 5**n (or m *
 * 2**n) has exactly its decimal digits, at most 767. They are written out and rounded half to even
 * as text. Nothing is approximate.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"
#include "float_tables.h"

#include <math.h>
#include <string.h>

enum { MANTISSA_BITS = 52, MOST_LIMBS = 44 };

/* v = c * 2**q for a finite double. */
static uint64_t split(double f, int *q)
{
	uint64_t bits, c;
	int exponent;
	memcpy(&bits, &f, sizeof bits);
	exponent = (int)(bits >> MANTISSA_BITS & 0x7ff);
	c = bits & (((uint64_t)1 << MANTISSA_BITS) - 1);
	if (exponent)
		c |= (uint64_t)1 << MANTISSA_BITS;
	else
		exponent = 1;
	*q = exponent - 1075;
	return c;
}

/* The upper 64 of the 192 bits of (high, low) * c, with the lowest bit set if any below is (but for
 * one unit of error). */
static inline uint64_t multiply_to_odd(uint64_t high, uint64_t low, uint64_t c)
{
	Wide upper = (Wide)high * c + (uint64_t)((Wide)low * c >> 64);
	return (uint64_t)(upper >> 64) | ((uint64_t)upper > 1);
}

/* The shortest decimal of c * 2**q: the result times 10**exponent. */
static uint64_t shortest(uint64_t c, int q, int *exponent)
{
	bool narrow =
		c == (uint64_t)1 << MANTISSA_BITS && q > -1074; /* the next smaller double is half as far */
	uint64_t odd = c & 1, middle = 4 * c, high, low, v, lower, upper, s;
	int k = (int)(((int64_t)q * 1262611 - (narrow ? 524031 : 0)) >> 22);
	int shift = q + sbx__log2_of_ten_power(-k) + 1;
	bool under, over;
	high = sbx__tens[-k - TENS_FIRST][0];
	low = sbx__tens[-k - TENS_FIRST][1];
	if (k > 0 || k < -55) { /* cut off in the table: the next one up is what the method wants */
		low++;
		high += low == 0;
	}
	v = multiply_to_odd(high, low, middle << shift);
	lower = multiply_to_odd(high, low, (middle - (narrow ? 1 : 2)) << shift) + odd;
	upper = multiply_to_odd(high, low, (middle + 2) << shift) - odd;
	s = v / 4;
	if (s >= 10) {
		uint64_t tens = s / 10;
		under = lower <= 40 * tens;
		over = 40 * tens + 40 <= upper;
		if (under != over) {
			*exponent = k + 1;
			return tens + over;
		}
	}
	*exponent = k;
	under = lower <= 4 * s;
	over = 4 * s + 4 <= upper;
	if (under != over)
		return s + over;
	return s + (v > 4 * s + 2 || (v == 4 * s + 2 && (s & 1)));
}

/* Writes a number of at most 17 digits and strips its trailing zeros. */
static void digits_of_word(FloatDigits *out, uint64_t value, int exponent)
{
	char buffer[20];
	int at = sizeof buffer;
	while (value % 10 == 0) {
		value /= 10;
		exponent++;
	}
	for (; value; value /= 10)
		buffer[--at] = (char)('0' + value % 10);
	out->count = (int)sizeof buffer - at;
	out->point = out->count + exponent;
	memcpy(out->digits, buffer + at, (size_t)out->count);
}

static void shortest_digits(double f, FloatDigits *out)
{
	int q, exponent;
	uint64_t c = split(f, &q), value;
	if (q <= 0 && q > -53 &&
		!(c & (((uint64_t)1 << -q) - 1))) { /* a whole number that the double holds exactly */
		value = c >> -q;
		exponent = 0;
	} else {
		value = shortest(c, q, &exponent);
	}
	digits_of_word(out, value, exponent);
}

/* All digits of c * 2**q. */
static void exact_digits(uint64_t c, int q, FloatDigits *out)
{
	Limb limbs[MOST_LIMBS] = {0};
	size_t n = 1;
	int scale = 0; /* the digits times 10**-scale */
	char buffer[MOST_LIMBS * 20], *at, *end = buffer + sizeof buffer;
	int zeros = __builtin_ctzll(c);
	c >>= zeros;
	q += zeros;
	if (q >= 0) {
		size_t skip = (size_t)q / 64;
		limbs[skip + 1] = sbx__limbs_shift_left(limbs + skip, &c, 1, (unsigned)q % 64);
		n = skip + 2;
	} else {
		const Limb five_27 = UINT64_C(7450580596923828125);
		Limb last = 1;
		int fives = -q;
		limbs[0] = c;
		for (; fives >= 27; fives -= 27) {
			limbs[n] = sbx__limbs_mul_1(limbs, limbs, n, five_27, 0);
			n += limbs[n] != 0;
		}
		for (; fives > 0; fives--)
			last *= 5;
		limbs[n] = sbx__limbs_mul_1(limbs, limbs, n, last, 0);
		n++;
		scale = -q;
	}
	at = sbx__limbs_put_decimal(end, limbs, n);
	out->count = (int)(end - at);
	out->point = out->count - scale;
	while (out->count > 1 && at[out->count - 1] == '0')
		out->count--;
	memcpy(out->digits, at, (size_t)out->count);
}

/* Keeps the first `keep` digits, rounding half to even. */
static void round_digits(FloatDigits *out, int keep)
{
	bool up;
	int last;
	if (keep >= out->count)
		return;
	if (keep < 0) {
		out->count = 0;
		return;
	}
	up = out->digits[keep] > '5' ||
		 (out->digits[keep] == '5' &&
		  (out->count > keep + 1 || (keep > 0 && out->digits[keep - 1] & 1)));
	last = keep;
	if (up) {
		while (last > 0 && out->digits[last - 1] == '9')
			last--;
		if (last == 0) {
			out->digits[0] = '1';
			out->point++;
			last = 1;
		} else {
			out->digits[last - 1]++;
		}
	}
	while (last > 0 && out->digits[last - 1] == '0')
		last--;
	out->count = last;
}

void sbx__float_digits(double f, int mode, int ndigits, FloatDigits *out)
{
	int q;
	uint64_t c;
	out->negative = signbit(f);
	out->digits[0] = '0';
	out->count = out->point = 1;
	if (f == 0.0)
		return;
	if (mode == FLOAT_SHORTEST) {
		shortest_digits(f, out);
		return;
	}
	c = split(f, &q);
	exact_digits(c, q, out);
	if (mode == FLOAT_SIGNIFICANT)
		round_digits(out, ndigits < 1 ? 1 : ndigits);
	else if (ndigits < 2000)
		round_digits(out, ndigits < -2000 ? -1 : out->point + ndigits);
	if (out->count == 0)
		out->point = -ndigits;
}

/* Python's repr: plain from 1e-4 up to 1e16, else with an exponent of two digits or more. */
size_t sbx_float_text(double f, char buffer[32])
{
	FloatDigits digits;
	char *at = buffer;
	int exponent;
	if (isnan(f)) {
		memcpy(buffer, "nan", 4);
		return 3;
	}
	if (signbit(f))
		*at++ = '-';
	if (isinf(f)) {
		memcpy(at, "inf", 4);
		return (size_t)(at - buffer) + 3;
	}
	sbx__float_digits(f, FLOAT_SHORTEST, 0, &digits);
	if (digits.point > -4 && digits.point <= 0) {
		memcpy(at, "0.000", 5);
		at += 2 - digits.point;
		memcpy(at, digits.digits, (size_t)digits.count);
		at += digits.count;
	} else if (digits.point > 0 && digits.point <= 16) {
		int whole = digits.point < digits.count ? digits.point : digits.count;
		memcpy(at, digits.digits, (size_t)whole);
		memset(at + whole, '0', (size_t)(digits.point - whole));
		at += digits.point;
		*at++ = '.';
		if (whole == digits.count)
			*at++ = '0';
		memcpy(at, digits.digits + whole, (size_t)(digits.count - whole));
		at += digits.count - whole;
	} else {
		*at++ = digits.digits[0];
		if (digits.count > 1) {
			*at++ = '.';
			memcpy(at, digits.digits + 1, (size_t)digits.count - 1);
			at += digits.count - 1;
		}
		exponent = digits.point - 1;
		*at++ = 'e';
		*at++ = exponent < 0 ? '-' : '+';
		exponent = exponent < 0 ? -exponent : exponent;
		if (exponent >= 100)
			*at++ = (char)('0' + exponent / 100);
		*at++ = (char)('0' + exponent / 10 % 10);
		*at++ = (char)('0' + exponent % 10);
	}
	*at = 0;
	return (size_t)(at - buffer);
}
