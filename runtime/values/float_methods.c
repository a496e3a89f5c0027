/*
 * Methods and attributes of float, with the hexadecimal form of both directions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "big.h"
#include "methods.h"

#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define CLASS_METHOD METHOD
#define ATTRIBUTE(kind, name, function) SBX_DECLARE_METHOD(function)
#include "float_methods.def"
#undef METHOD
#undef CLASS_METHOD
#undef ATTRIBUTE

/* conjugate() and .real: the number itself. */
sbx_value sbx__float_method_conjugate(sbx_run *run, sbx_value self, uint32_t count,
									  const sbx_value *args, sbx_value names)
{
	UNUSED_ARGUMENTS;
	return self;
}

sbx_value sbx__float_method_imag(sbx_run *run, sbx_value self, uint32_t count,
								 const sbx_value *args, sbx_value names)
{
	UNUSED_ARGUMENTS, (void)self;
	return sbx_gen_float(0.0);
}

sbx_value sbx__float_method_is_integer(sbx_run *run, sbx_value self, uint32_t count,
									   const sbx_value *args, sbx_value names)
{
	UNUSED_ARGUMENTS;
	return sbx_gen_bool(isfinite(self.u.f) && floor(self.u.f) == self.u.f);
}

sbx_value sbx__float_method_as_integer_ratio(sbx_run *run, sbx_value self, uint32_t count,
											 const sbx_value *args, sbx_value names)
{
	int exponent;
	double part;
	sbx_value items[2], *scaled, one = sbx_gen_int(1), old;
	UNUSED_ARGUMENTS;
	if (isinf(self.u.f))
		return sbx__raise(run, SBX_TYPE_OverflowError, "cannot convert Infinity to integer ratio");
	if (isnan(self.u.f))
		return sbx__raise(run, SBX_TYPE_ValueError, "cannot convert NaN to integer ratio");
	part = frexp(self.u.f, &exponent);
	for (int i = 0; i < 300 && part != floor(part); i++) {
		part *= 2.0;
		exponent--;
	}
	items[0] = sbx__int_from_double(run, part);
	items[1] = one;
	if (sbx__is_error(items[0]))
		return SBX_GEN_ERROR;
	scaled = exponent > 0 ? &items[0] : &items[1];
	old = *scaled;
	*scaled = sbx__int_shift_left(run, old, sbx_gen_int(exponent > 0 ? exponent : -exponent));
	sbx_gen_drop(run, old);
	if (sbx__is_error(*scaled))
		return SBX_GEN_ERROR;
	return sbx_gen_tuple_make(run, 2, items);
}

/* ---- hexadecimal ---- */

sbx_value sbx__float_method_hex(sbx_run *run, sbx_value self, uint32_t count, const sbx_value *args,
								sbx_value names)
{
	char text[48];
	double f = self.u.f, part;
	int exponent;
	unsigned long long bits;
	UNUSED_ARGUMENTS;
	if (!isfinite(f)) {
		sbx_float_text(f, text);
		return sbx__str_ascii(run, text);
	}
	if (f == 0.0)
		return sbx__str_ascii(run, signbit(f) ? "-0x0.0p+0" : "0x0.0p+0");
	part = frexp(fabs(f), &exponent);
	if (exponent < -1021) { /* subnormal */
		part = ldexp(part, exponent + 1021);
		exponent = -1021;
	}
	bits = (unsigned long long)ldexp(part, 53); /* 1 and 52 bits, or 0 and 52 */
	snprintf(text, sizeof text, "%s0x%llu.%013llxp%+d", f < 0 ? "-" : "", bits >> 52,
			 bits & (((unsigned long long)1 << 52) - 1), exponent - 1);
	return sbx__str_ascii(run, text);
}

typedef struct HexText {
	const char *at, *end;
} HexText;

static int hex_digit(const HexText *t)
{
	char c = t->at < t->end ? *t->at : 0;
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool take(HexText *t, char lower)
{
	if (t->at >= t->end || (*t->at | 0x20) != lower)
		return false;
	t->at++;
	return true;
}

static bool is_word(HexText *t, const char *word)
{
	HexText copy = *t;
	for (; *word; word++)
		if (!take(&copy, *word))
			return false;
	*t = copy;
	return true;
}

/* What a hexadecimal number says: the value is word * 2**exponent, a little more if `sticky`. */
typedef struct HexNumber {
	uint64_t word;
	int64_t exponent;
	bool sticky;
} HexNumber;

static bool read_mantissa(HexText *t, HexNumber *n)
{
	bool any = false, point = false;
	int digit;
	n->word = 0;
	n->exponent = 0;
	n->sticky = false;
	for (;; t->at++) {
		if (t->at < t->end && *t->at == '.' && !point) {
			point = true;
			continue;
		}
		digit = hex_digit(t);
		if (digit < 0)
			return any;
		any = true;
		if (n->word >> 58) { /* full enough for any rounding */
			n->sticky |= digit != 0;
			n->exponent += point ? 0 : 4;
		} else {
			n->word = n->word << 4 | (unsigned)digit;
			n->exponent -= point ? 4 : 0;
		}
	}
}

static bool read_exponent(HexText *t, HexNumber *n)
{
	bool negative = false, any = false;
	int64_t value = 0;
	if (!take(t, 'p'))
		return true;
	if (t->at < t->end && (*t->at == '-' || *t->at == '+'))
		negative = *t->at++ == '-';
	for (; t->at < t->end && *t->at >= '0' && *t->at <= '9'; t->at++) {
		any = true;
		if (value < INT64_C(1000000000000000))
			value = value * 10 + (*t->at - '0');
	}
	n->exponent += negative ? -value : value;
	return any;
}

/* Rounds half to even at the double's last bit; inf when it is too large. */
static double round_hex(const HexNumber *n)
{
	unsigned bits = sbx__limb_bits(n->word);
	int64_t drop = (int64_t)bits - 53, exponent = n->exponent;
	uint64_t word = n->word, half, rest;
	if (!word)
		return 0.0;
	if (exponent > 2000)
		return HUGE_VAL;
	if (exponent + drop < -1074)
		drop = -1074 - exponent;
	if (drop > 64)
		return 0.0;
	if (drop > 0) {
		half = (uint64_t)1 << (drop - 1);
		rest = drop == 64 ? word : word & ((half << 1) - 1);
		word = drop == 64 ? 0 : word >> drop;
		word += rest > half || (rest == half && (n->sticky || (word & 1)));
		exponent += drop;
	}
	return ldexp((double)word, (int)exponent);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* 1: read, 0: no such text, -1: too large. */
static int parse_hex(HexText *t, double *out)
{
	bool negative = false;
	HexNumber n;
	while (t->at < t->end && is_space(*t->at))
		t->at++;
	while (t->at < t->end && is_space(t->end[-1]))
		t->end--;
	if (t->at < t->end && (*t->at == '-' || *t->at == '+'))
		negative = *t->at++ == '-';
	if (is_word(t, "infinity") || is_word(t, "inf")) {
		*out = HUGE_VAL;
	} else if (is_word(t, "nan")) {
		*out = (double)NAN;
	} else {
		if (t->at < t->end && *t->at == '0' && t->end - t->at > 1 && (t->at[1] | 0x20) == 'x')
			t->at += 2;
		if (!read_mantissa(t, &n) || !read_exponent(t, &n))
			return 0;
		*out = round_hex(&n);
		if (isinf(*out) && t->at == t->end)
			return -1;
	}
	if (negative)
		*out = -*out;
	return t->at == t->end;
}

sbx_value sbx__float_method_fromhex(sbx_run *run, sbx_value self, uint32_t count,
									const sbx_value *args, sbx_value names)
{
	HexText text;
	double f = 0.0;
	int read = 0;
	UNUSED_ARGUMENTS, (void)self;
	if (SBX_GEN_KIND(args[0]) != SBX_KIND_STR)
		return sbx__raise(run, SBX_TYPE_TypeError, "bad argument type for built-in operation");
	if (STR(args[0])->head.bits == 1) {
		text.at = sbx__str_units(args[0]);
		text.end = text.at + STR(args[0])->length;
		if (sbx__spend(run, STR(args[0])->length))
			return SBX_GEN_ERROR;
		read = parse_hex(&text, &f);
	}
	if (read < 0)
		return sbx__raise(run, SBX_TYPE_OverflowError,
						  "hexadecimal value too large to represent as a float");
	if (!read)
		return sbx__raise(run, SBX_TYPE_ValueError, "invalid hexadecimal floating-point string");
	return sbx_gen_float(f);
}
