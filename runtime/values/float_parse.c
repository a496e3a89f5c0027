/*
 * Reading floats, correctly rounded, without the C library: its strtod obeys the host's locale.
 *
 * Three ways, the first that can answer does. Few digits and a small power of ten: both are exact
 * doubles, and one multiplication or division rounds once (W. Clinger, 1990). Else the first 19
 * digits times 128 bits of the power of ten, with a bound of the error (D. Lemire, 2021): nearly
 * always the bits below the double's last one are clearly on one side of a half. If not, all digits
 * are compared exactly with the point halfway between two doubles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"
#include "float_tables.h"

#include <math.h>
#include <string.h>

enum {
	KEPT_DIGITS = 800,
	WORD_DIGITS = 19,
	EXACT_LIMBS = 128,
	MANTISSA_BITS = 53,
	LEAST_EXPONENT = -1074
};

/* A decimal: its significant digits lie in the text, perhaps with a point between. */
typedef struct Decimal {
	const char *digits; /* from the first one that is not zero */
	const char *end;
	uint64_t word;    /* the first 19 digits */
	int64_t exponent; /* of the last digit in `word` */
	int64_t count;    /* significant digits */
	bool cut;         /* there are more than `word` has, not all zeros */
} Decimal;

/* ---- exact comparison ---- */

typedef struct Exact {
	size_t count;
	Limb limbs[EXACT_LIMBS];
} Exact;

static void exact_mul(Exact *x, Limb m, Limb add)
{
	Limb carry = sbx__limbs_mul_1(x->limbs, x->limbs, x->count, m, add);
	if (carry)
		x->limbs[x->count++] = carry;
}

static void exact_mul_fives(Exact *x, int64_t n)
{
	for (; n >= 27; n -= 27)
		exact_mul(x, UINT64_C(7450580596923828125), 0);
	for (; n > 0; n--)
		exact_mul(x, 5, 0);
}

static void exact_shift(Exact *x, int64_t bits)
{
	size_t skip = (size_t)bits / 64;
	if (!x->count)
		return;
	x->limbs[x->count + skip] =
		sbx__limbs_shift_left(x->limbs + skip, x->limbs, x->count, (unsigned)(bits % 64));
	memset(x->limbs, 0, skip * sizeof(Limb));
	x->count = sbx__limbs_strip(x->limbs, x->count + skip + 1);
}

/* The decimal against (2 * mantissa + 1) * 2**(exponent - 1): -1, 0, 1. */
static int compare_with_half(const Decimal *d, uint64_t mantissa, int64_t exponent)
{
	Exact left = {0, {0}}, right = {1, {2 * mantissa + 1}};
	int64_t ten = d->exponent + (d->count < WORD_DIGITS ? d->count : WORD_DIGITS),
			two = exponent - 1, kept = 0;
	for (const char *at = d->digits; at < d->end; at++) {
		if (*at == '.')
			continue;
		if (kept <
			KEPT_DIGITS) { /* more than any half has; of the rest only whether it is zero matters */
			exact_mul(&left, 10, (Limb)(*at - '0'));
			kept++;
		} else if (*at != '0') {
			exact_mul(&left, 10, 1);
			kept++;
			break;
		}
	}
	ten -= kept; /* left * 10**ten against right * 2**two */
	if (ten >= 0)
		exact_mul_fives(&left, ten);
	else
		exact_mul_fives(&right, -ten);
	two -= ten;
	if (two >= 0)
		exact_shift(&right, two);
	else
		exact_shift(&left, -two);
	return sbx__limbs_compare(left.limbs, left.count, right.limbs, right.count);
}

/* ---- the three ways ---- */

static double from_parts(uint64_t mantissa, int64_t exponent)
{
	return exponent > 1024 ? HUGE_VAL : ldexp((double)mantissa, (int)exponent);
}

static double by_product(const Decimal *d)
{
	const uint64_t *ten = sbx__tens[d->exponent - TENS_FIRST];
	unsigned lead = (unsigned)__builtin_clzll(d->word);
	uint64_t word = d->word << lead, mantissa;
	Wide product = (Wide)word * ten[0] + (uint64_t)((Wide)word * ten[1] >> 64), rest, half,
		 error = 2;
	int64_t exponent = sbx__log2_of_ten_power((int)d->exponent) - 127 + 64 - (int64_t)lead,
			drop = 128 - MANTISSA_BITS;
	if (!(product >> 127)) {
		product <<= 1;
		exponent--;
		error = 4;
	}
	if (d->cut)
		error += (Wide)2 << 64 << lead;
	if (exponent + drop < LEAST_EXPONENT)
		drop = LEAST_EXPONENT - exponent;
	if (drop >
		128) /* below half of the smallest, or so near to it that only the comparison tells */
		return ~product > error || compare_with_half(d, 0, LEAST_EXPONENT) <= 0
				   ? 0.0
				   : from_parts(1, LEAST_EXPONENT);
	half = (Wide)1 << (drop - 1);
	mantissa = drop == 128 ? 0 : (uint64_t)(product >> drop);
	rest = drop == 128 ? product : product & ((half << 1) - 1);
	if (rest <= half && half - rest <= error) {
		int order = compare_with_half(d, mantissa, exponent + drop);
		mantissa += order > 0 || (order == 0 && (mantissa & 1));
	} else {
		mantissa += rest > half;
	}
	return from_parts(mantissa, exponent + drop);
}

static double from_decimal(const Decimal *d)
{
	static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
									1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
									1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
	if (!d->word)
		return 0.0;
	if (!d->cut && d->word <= (uint64_t)1 << 53 && d->exponent >= -22 && d->exponent <= 22)
		return d->exponent < 0 ? (double)d->word / powers[-d->exponent]
							   : (double)d->word * powers[d->exponent];
	if (d->exponent > 310)
		return HUGE_VAL;
	if (d->exponent < -345)
		return 0.0;
	return by_product(d);
}

/* ---- syntax ---- */

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* digits [. digits] | . digits; the place after it, or NULL. */
static const char *read_digits(const char *at, const char *end, Decimal *d)
{
	bool any = false, point = false;
	d->digits = NULL;
	d->end = NULL;
	d->word = 0;
	d->exponent = d->count = 0;
	d->cut = false;
	for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		any = true;
		if (*at != '0' && !d->digits)
			d->digits = at;
		if (!d->digits) {
			d->exponent -= point;
			continue;
		}
		if (d->count++ < WORD_DIGITS) {
			d->word = d->word * 10 + (uint64_t)(*at - '0');
			d->exponent -= point;
		} else {
			d->cut |= *at != '0';
			d->exponent += !point;
		}
	}
	d->end = at;
	return any ? at : NULL;
}

static const char *read_exponent(const char *at, const char *end, Decimal *d)
{
	const char *start = at;
	bool negative = false;
	int64_t value = 0;
	if (at >= end || (*at | 0x20) != 'e')
		return at;
	at++;
	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (at >= end || !is_digit(*at))
		return start;
	for (; at < end && is_digit(*at); at++)
		if (value < INT64_C(1000000000000000))
			value = value * 10 + (*at - '0');
	d->exponent += negative ? -value : value;
	return at;
}

static bool is_word(const char *at, const char *end, const char *word)
{
	for (; *word; at++, word++)
		if (at >= end || (*at | 0x20) != *word)
			return false;
	return at == end;
}

bool sbx__float_parse(const char *ascii, size_t length, double *out)
{
	const char *at = ascii, *end = ascii + length;
	bool negative = false;
	Decimal d;
	double f;
	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (is_word(at, end, "inf") || is_word(at, end, "infinity")) {
		f = HUGE_VAL;
	} else if (is_word(at, end, "nan")) {
		f = (double)NAN;
	} else {
		at = read_digits(at, end, &d);
		if (!at || read_exponent(at, end, &d) != end)
			return false;
		f = from_decimal(&d);
	}
	*out = negative ? -f : f;
	return true;
}
