/*
 * Big integers where the differential test is too small: the long algorithms checked by identities,
 * memory that runs out at every place, and work that is stopped.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/runs/run.h"
#include "runtime/values/big.h"
#include "unit_report.h"

static sbx_run *open_heap(uint64_t limit)
{
	sbx_heap *heap;
	if (sbx_heap_open(limit, &heap) != SBX_DONE)
		exit(2);
	return heap;
}

static uint64_t seed = 88172645463325252u;
static uint64_t random_word(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* A number of that many limbs, at times with long runs of ones or zeros. */
static sbx_value random_int(sbx_run *run, size_t limbs)
{
	sbx_gen_big *big = sbx__big_make(run, limbs);
	unsigned pattern = random_word() % 3;
	for (size_t i = 0; i < limbs; i++) {
		Limb word = random_word();
		if (pattern == 1 && i % 97 > 4)
			word = i / 97 % 2 ? ~(Limb)0 : 0;
		else if (pattern == 2)
			word = ~(Limb)0 << word % 64;
		sbx__big_limbs(big)[i] = word;
	}
	sbx__big_limbs(big)[limbs - 1] |= 1;
	return sbx__big_take(run, big, random_word() % 2);
}

static bool same(sbx_value a, sbx_value b)
{
	return a.tag && b.tag && sbx__int_compare(a, b) == 0;
}

/* q * b + r == a, 0 <= r < |b|: for a quotient and a divisor of these lengths. */
static bool divides(sbx_run *run, size_t an, size_t bn)
{
	sbx_value a = random_int(run, an), b = random_int(run, bn), q, r, product, sum;
	bool good;
	if (sbx__int_divmod(run, a, b, &q, &r))
		return false;
	product = sbx__int_mul(run, q, b);
	sum = sbx__int_add(run, product, r);
	good = same(sum, a) && (!sbx__int_sign(r) || sbx__int_sign(r) == sbx__int_sign(b)) &&
		   sbx__int_compare(sbx__abs(run, r), sbx__abs(run, b)) < 0;
	sbx_gen_drop(run, sum);
	sum = sbx__int_sub(run, product, sbx_gen_int(1)); /* all ones in the quotient's corrections */
	good = good && !sbx__int_divmod(run, sum, b, &q, &r) &&
		   same(sbx__int_add(run, sbx__int_mul(run, q, b), r), sum);
	return good;
}

static void test_division(void)
{
	static const size_t lengths[] = {1,   2,   3,   31,  63,  64,  65,  127,
									 128, 129, 200, 255, 300, 511, 700, 1500};
	bool good = true;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths && good; i++)
		for (size_t j = 0; j < sizeof lengths / sizeof *lengths && good; j++) {
			sbx_run *run = open_heap(0);
			good = divides(run, lengths[i], lengths[j]) &&
				   divides(run, lengths[i] + lengths[j], lengths[j]);
			sbx_heap_close(run);
		}
	report("big division", good);
}

/* The long product, piece by piece, against the sum of products with one limb each. */
static void test_product(void)
{
	static const size_t lengths[] = {1, 31, 32, 33, 55, 56, 57, 64, 65, 100, 127, 129, 250, 1001};
	bool good = true;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths && good; i++)
		for (size_t j = 0; j < sizeof lengths / sizeof *lengths && good; j++) {
			sbx_run *run = open_heap(0);
			sbx_value a = random_int(run, lengths[i]), b = i == j ? a : random_int(run, lengths[j]);
			sbx_value product = sbx__int_mul(run, a, b);
			Int x, y, p;
			Limb *sum = calloc(lengths[i] + lengths[j], sizeof *sum);
			sbx__int_view(&x, a);
			sbx__int_view(&y, b);
			for (size_t k = 0; k < y.count; k++)
				sum[x.count + k] = sbx__limbs_addmul_1(sum + k, x.limbs, x.count, y.limbs[k]);
			sbx__int_view(&p, product);
			good = sbx__limbs_compare(p.limbs, p.count, sum,
									  sbx__limbs_strip(sum, x.count + y.count)) == 0 &&
				   (!p.count || p.negative == (x.negative != y.negative));
			free(sum);
			sbx_heap_close(run);
		}
	report("big product", good);
}

static void test_text(void)
{
	static const size_t lengths[] = {1, 2, 47, 48, 49, 63, 64, 65, 200, 1000, 5000};
	bool good = true;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths && good; i++) {
		sbx_run *run = open_heap(0);
		sbx_value v = random_int(run, lengths[i]);
		for (int base = 2; base <= 16 && good; base = base == 2 ? 8 : base == 8 ? 10 : base + 6) {
			size_t length, size;
			char *text = sbx__int_to_ascii(run, v, base, false, &length, &size);
			good = text && same(sbx__int_from_ascii(run, text, length, base, false), v);
			sbx__free(run, text, size);
		}
		sbx_heap_close(run);
	}
	report("big text there and back", good);
}

/* 10**n is a one and zeros; 10**n - 1 nines: long texts known beforehand. */
static void test_powers_of_ten(void)
{
	bool good = true;
	for (int64_t n = 1; n < 100000 && good; n = n * 3 + 1) {
		sbx_run *run = open_heap(0);
		sbx_value power = sbx__int_pow(run, sbx_gen_int(10), sbx_gen_int(n)), less;
		size_t length, size;
		char *text = sbx__int_to_ascii(run, power, 10, false, &length, &size);
		good = length == (size_t)n + 1 && text[0] == '1' && strspn(text + 1, "0") == (size_t)n;
		less = sbx__int_sub(run, power, sbx_gen_int(1));
		text = sbx__int_to_ascii(run, less, 10, false, &length, &size);
		good = good && length == (size_t)n && strspn(text, "9") == (size_t)n;
		sbx_heap_close(run);
	}
	report("text of powers of ten", good);
}

/* a and b long, 0 <= which < 9: one operation. */
static sbx_value operate(sbx_run *run, int which, sbx_value a, sbx_value b)
{
	sbx_value q, r;
	switch (which) {
	case 0:
		return sbx__int_mul(run, a, b);
	case 1:
		return sbx__int_divmod(run, a, b, &q, &r) ? SBX_GEN_ERROR : r;
	case 2:
		return sbx__int_pow(run, b, sbx_gen_int(5));
	case 3:
		return sbx__int_pow_mod(run, b, sbx_gen_int(1000), a);
	case 4:
		return sbx__int_to_str(run, a, false);
	case 5:
		r = sbx__int_sub(run, a, b);
		return r.tag ? sbx__int_truediv(run, a, r) : r;
	case 6:
		return sbx__int_bitwise(run, SBX_BINARY_AND, a, b);
	case 7:
		return sbx__int_pow_mod(run, b, sbx_gen_int(-1), a);
	default:
		return sbx__round(run, a, sbx_gen_int(-100));
	}
}

/* Each operation with its 1st, 2nd, 3rd ... allocation failing until none does. */
static void test_failing(void)
{
	for (int which = 0; which < 9; which++) {
		char name[48];
		bool good = true, done = false;
		uint32_t n;
		for (n = 1; !done && good && n < 100000; n++) {
			sbx_run *run = open_heap(0);
			uint64_t start = seed;
			sbx_value a = random_int(run, which == 7 ? 9 : 300),
					  b = random_int(run, which == 7 ? 4 : 90), result;
			seed = start;
			HEAP(run)->fail_in = n;
			result = operate(run, which, a, b);
			done = HEAP(run)->fail_in != 0;
			if (!done) {
				sbx_value exception = HEAP(run)->exception;
				good =
					!result.tag && exception.tag && sbx__type_of(exception) == SBX_TYPE_MemoryError;
			} else {
				good = result.tag != 0 || which == 7;
			}
			sbx_heap_close(run);
		}
		snprintf(name, sizeof name, "big operation %d without memory", which);
		report(name, good && done && n > 1);
	}
}

/* What cannot fit is refused before it is computed. */
static void test_too_large(void)
{
	sbx_run *run = open_heap(50 << 20);
	clock_t start = clock();
	bool good = !sbx__int_pow(run, sbx_gen_int(10), sbx_gen_int(100000000)).tag;
	good = good && !sbx__int_pow(run, sbx_gen_int(3), sbx_gen_int(INT64_MAX)).tag;
	good = good && !sbx__int_shift_left(run, sbx_gen_int(1), sbx_gen_int(INT64_C(1) << 40)).tag;
	good = good && !sbx__int_shift_left(run, sbx_gen_int(1), sbx_gen_int(INT64_MAX)).tag;
	report("big results are refused at once", good && clock() - start < CLOCKS_PER_SEC / 20);
	sbx_heap_close(run);
}

/* An operation that would take seconds must end soon after its deadline. */
static void test_deadline(void)
{
	static const sbx_entry entry = {.name = "test"};
	for (int which = 0; which < 5; which++) {
		sbx_run *run = open_heap(0);
		sbx_value a = random_int(run, which == 3 ? 3000 : 400000),
				  b = random_int(run, which == 3 ? 2000 : 200000), result;
		struct timespec t;
		char name[48];
		double before, after;
		if (which == 2) {
			sbx_gen_drop(run, b);
			b = random_int(run, 50000);
		}
		RUN(run)->entry = &entry; /* heaps of a host have no deadline */
		RUN(run)->timeout_ms = 20;
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		before = (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
		result = operate(run, which, a, b);
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
		after = (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
		snprintf(name, sizeof name, "big operation %d is stopped", which);
		report(name, !result.tag && RUN(run)->failure == SBX_E_DEADLINE && after - before < 70);
		if (result.tag || after - before >= 70)
			printf("   after %.0f ms\n", after - before);
		RUN(run)->entry = NULL;
		sbx_heap_close(run);
	}
}

int main(void)
{
	test_product();
	test_division();
	test_text();
	test_powers_of_ten();
	test_failing();
	test_too_large();
	test_deadline();
	return failures != 0;
}
