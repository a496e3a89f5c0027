/*
 * The text of floats: the shortest one, exact digits, and reading, against known texts and against
 * the C library's printf and strtod in the C locale, which are exact.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/values/numbers.h"
#include "unit_report.h"

static uint64_t seed = 88172645463325252u;
static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static double random_double(void)
{
	uint64_t bits = random_word();
	double f;
	switch (random_word() % 5) {
	case 0:
		return (double)(int64_t)(bits % 2000000) / 100.0;
	case 1:
		bits &= ~(uint64_t)0 << random_word() % 53; /* short mantissas, powers of two */
		break;
	case 2:
		return (double)(bits >> random_word() % 64);
	case 3:
		bits &=
			((uint64_t)1 << 63) | (((uint64_t)1 << 53) - 1) >> random_word() % 53; /* subnormal */
		break;
	default:
		break;
	}
	memcpy(&f, &bits, sizeof f);
	return isfinite(f) ? f : 1.0;
}

static bool same(double a, double b)
{
	return !memcmp(&a, &b, sizeof a);
}

static void test_known(void)
{
	static const struct {
		double f;
		const char *text;
	} cases[] = {
		{0.0, "0.0"},
		{-0.0, "-0.0"},
		{1.0, "1.0"},
		{0.1, "0.1"},
		{-1.5, "-1.5"},
		{1e16, "1e+16"},
		{1e15, "1000000000000000.0"},
		{9999999999999998.0, "9999999999999998.0"},
		{123456789012345680.0, "1.2345678901234568e+17"},
		{1e-4, "0.0001"},
		{1e-5, "1e-05"},
		{1.5e-5, "1.5e-05"},
		{5e-324, "5e-324"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{2.2250738585072014e-308, "2.2250738585072014e-308"},
		{9007199254740993.0, "9007199254740992.0"},
		{1e22, "1e+22"},
		{1e23, "1e+23"},
		{9.5367431640625e-07, "9.5367431640625e-07"},
		{2e-44, "2e-44"},
		{0.30000000000000004, "0.30000000000000004"},
		{100.0, "100.0"},
		{1e100, "1e+100"},
		{HUGE_VAL, "inf"},
		{-HUGE_VAL, "-inf"},
		{(double)NAN, "nan"},
		{4.35, "4.35"},
		{2.675, "2.675"},
		{9.109383632e-31, "9.109383632e-31"},
		{5.684341886080802e-14, "5.684341886080802e-14"},
	};
	bool good = true;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[32];
		size_t length = sbx_float_text(cases[i].f, text);
		if (length != strlen(cases[i].text) || strcmp(text, cases[i].text)) {
			printf("   %s instead of %s\n", text, cases[i].text);
			good = false;
		}
	}
	report("float text", good);
}

/* Reads back as the same double, and no text with fewer digits does. */
static void test_shortest(void)
{
	bool good = true;
	for (int i = 0; i < 100000 && good; i++) {
		double f = random_double(), back = 0.0;
		char text[32], shorter[40];
		size_t length = sbx_float_text(f, text);
		FloatDigits digits;
		good =
			same(strtod(text, NULL), f) && sbx__float_parse(text, length, &back) && same(back, f);
		sbx__float_digits(f, FLOAT_SHORTEST, 0, &digits);
		if (digits.count > 1) {
			snprintf(shorter, sizeof shorter, "%.*e", digits.count - 2, f);
			good = good && !same(strtod(shorter, NULL), f);
		}
		if (!good)
			printf("   %a is %s\n", f, text);
	}
	report("float text is the shortest", good);
}

/* The digits of printf's "d.ddde+dd", trailing zeros stripped. */
static int printed_digits(const char *text, char *digits, int *point)
{
	int count = 0;
	for (; *text && *text != 'e'; text++)
		if (*text >= '0' && *text <= '9')
			digits[count++] = *text;
	*point = (int)strtol(text + 1, NULL, 10) + 1;
	while (count > 1 && digits[count - 1] == '0')
		count--;
	return count;
}

static void test_significant(void)
{
	bool good = true;
	for (int i = 0; i < 100000 && good; i++) {
		double f = random_double();
		int wanted = 1 + (int)(random_word() % (i % 10 ? 25 : 800)), count, point;
		char text[1000], digits[1000];
		FloatDigits ours;
		snprintf(text, sizeof text, "%.*e", wanted - 1, fabs(f));
		count = printed_digits(text, digits, &point);
		sbx__float_digits(f, FLOAT_SIGNIFICANT, wanted, &ours);
		good = ours.count == count && !memcmp(ours.digits, digits, (size_t)count) &&
			   (f == 0.0 || ours.point == point) && ours.negative == !!signbit(f);
		if (!good)
			printf("   %a to %d: %s, not %.*s point %d\n", f, wanted, text, ours.count, ours.digits,
				   ours.point);
	}
	report("significant digits", good);
}

static void test_fraction(void)
{
	bool good = true;
	for (int i = 0; i < 100000 && good; i++) {
		double f = fabs(random_double());
		int wanted = (int)(random_word() % (i % 10 ? 12 : 1100)), at = 0;
		static char text[3000], ours_text[3000];
		FloatDigits ours;
		snprintf(text, sizeof text, "%.*f", wanted, f);
		sbx__float_digits(f, FLOAT_FRACTION, wanted, &ours);
		for (int place = ours.point > 1 ? ours.point : 1; place > -wanted;
			 place--) { /* of 10 ** (place - 1) */
			int index = ours.point - place;
			if (place == 0)
				ours_text[at++] = '.';
			ours_text[at++] = (char)(index >= 0 && index < ours.count ? ours.digits[index] : '0');
		}
		ours_text[at] = 0;
		good = !strcmp(text, ours_text);
		if (!good)
			printf("   %a to %d: %s, not %s\n", f, wanted, text, ours_text);
	}
	report("digits after the point", good);
}

static void test_reading(void)
{
	static const char *const wrong[] = {
		"",      "+",    ".",   "e5",    "1e",  "1e+",  "1 ", " 1",  "1.2.3", "0x10",    "1f",
		"infin", "nan0", "--1", "1e5.0", "1_0", "inf ", "i",  "1e-", "+-1",   "\xd9\xa1"};
	bool good = true;
	double f;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		good = good && !sbx__float_parse(wrong[i], strlen(wrong[i]), &f);
	report("what is no float", good);
	good = true;
	for (int i = 0; i < 100000 && good; i++) {
		char text[900];
		int length = 0, digits = 1 + (int)(random_word() % (i % 50 ? 22 : 790)),
			point = (int)(random_word() % 30);
		for (int k = 0; k < digits; k++) {
			if (k == point)
				text[length++] = '.';
			text[length++] = (char)('0' + random_word() % (i % 3 ? 10 : 2) * (i % 3 ? 1 : 9));
		}
		length += snprintf(text + length, sizeof text - (size_t)length, "e%d",
						   (int)(random_word() % 700) - 350);
		good = sbx__float_parse(text, (size_t)length, &f) && same(f, strtod(text, NULL));
		if (!good)
			printf("   %s is not %a\n", text, f);
	}
	report("floats read", good);
}

/* Exactly between two doubles, and a trace beside: the digits of the middle come from printf of a
 * long double. */
static void test_halves(void)
{
	bool good = true;
	for (int i = 0; i < 10000 && good; i++) {
		double f = fabs(random_double()), next = nextafter(f, HUGE_VAL), read;
		static char text[2000];
		long double middle = ((long double)f + (long double)next) / 2;
		size_t length;
		if (!isfinite(next))
			continue;
		snprintf(text, sizeof text, "%.1200Le", middle);
		for (int side = 0; side < 3 && good; side++) {
			char *last = strchr(text, 'e') - 1;
			if (side == 1) { /* a trace above */
				*last = '1';
			} else if (side == 2) { /* a trace below: ...5000 to ...4999 */
				*last = '0';
				for (; *last == '0' || *last == '.'; last--)
					if (*last == '0')
						*last = '9';
				--*last;
			}
			length = strlen(text);
			good = sbx__float_parse(text, length, &read) && same(read, strtod(text, NULL));
		}
		if (!good)
			printf("   between %a and %a: %a\n", f, next, read);
	}
	report("floats read halfway", good);
}

int main(void)
{
	test_known();
	test_shortest();
	test_significant();
	test_fraction();
	test_reading();
	test_halves();
	return failures != 0;
}
