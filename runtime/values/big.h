/*
 * The inside of big integers: sign and magnitude, the magnitude in 64-bit limbs, the least
 * significant first.
 *
 * Two layers. `sbx__limbs_...` work on plain arrays of limbs and know nothing of values; lengths
 * are given, results go where the caller says. Those that can work for long get the run, spend its
 * steps, and give -1 when it must stop. `sbx__big_...` make values of them. Scratch memory comes
 * from the run's heap like everything else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_BIG_H
#define SBX_BIG_H

#include "numbers.h"

typedef uint64_t Limb;
__extension__ typedef unsigned __int128 Wide;

/* An int of any size as sign and magnitude. Points into itself for a small one: never copy it. */
typedef struct Int {
	const Limb *limbs;
	size_t count; /* no leading zeros; 0 for zero */
	bool negative;
	Limb small;
} Int;

static inline void sbx__int_view(Int *x, sbx_value v)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG) {
		const sbx_gen_big *big = v.u.p;
		x->limbs = (const Limb *)(big + 1);
		x->count = big->count;
		x->negative = big->head.bits & 1;
		return;
	}
	x->negative = v.u.i < 0;
	x->small = x->negative ? 0 - (uint64_t)v.u.i : (uint64_t)v.u.i;
	x->limbs = &x->small;
	x->count = x->small != 0;
}

/* A big int under construction with room for `count` limbs; NULL: raised. */
static inline sbx_gen_big *sbx__big_make(sbx_run *run, size_t count)
{
	sbx_gen_big *big;
	if (count >= (size_t)1 << 31) {
		sbx__raise_memory(run);
		return NULL;
	}
	big = sbx__alloc(run, sizeof *big + count * sizeof(Limb));
	if (big) {
		big->head.refs = 1;
		big->count = count;
	}
	return big;
}
static inline Limb *sbx__big_limbs(sbx_gen_big *big)
{
	return (Limb *)(big + 1);
}
/* Ends the construction: takes `big`, strips leading zeros, gives a small int where it fits. */
sbx_value sbx__big_take(sbx_run *run, sbx_gen_big *big, bool negative);
/* Gives an unfinished one back. */
static inline void sbx__big_free(sbx_run *run, sbx_gen_big *big, size_t count)
{
	if (big)
		sbx__free(run, big, sizeof *big + count * sizeof(Limb));
}
/* Of sign and a magnitude of two limbs. */
sbx_value sbx__int_from_wide(sbx_run *run, Wide magnitude, bool negative);

/* Scratch limbs from the heap. */
static inline Limb *sbx__limbs_make(sbx_run *run, size_t count)
{
	return sbx__alloc(run, count * sizeof(Limb));
}
static inline void sbx__limbs_free(sbx_run *run, Limb *limbs, size_t count)
{
	sbx__free(run, limbs, count * sizeof(Limb));
}

/* ---- arrays of limbs (big_limbs.c) ---- */

static inline size_t sbx__limbs_strip(const Limb *a, size_t n)
{
	while (n && !a[n - 1])
		n--;
	return n;
}
static inline unsigned sbx__limb_bits(Limb a)
{
	return a ? 64 - (unsigned)__builtin_clzll(a) : 0;
}
static inline uint64_t sbx__limbs_bits(const Limb *a, size_t n)
{
	return n ? (n - 1) * (uint64_t)64 + sbx__limb_bits(a[n - 1]) : 0;
}
int sbx__limbs_compare(const Limb *a, size_t an, const Limb *b, size_t bn); /* both stripped */
/* r = a + b, r = a - b with an >= bn; r has an limbs and may be a or b. Carry or borrow out. */
Limb sbx__limbs_add(Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn);
Limb sbx__limbs_sub(Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn);
/* r = a << bits, a >> bits for 0 <= bits < 64; r may be a. The bits shifted out (left: low end of a
 * limb). */
Limb sbx__limbs_shift_left(Limb *r, const Limb *a, size_t n, unsigned bits);
void sbx__limbs_shift_right(Limb *r, const Limb *a, size_t n, unsigned bits);
/* r = a * m + carry; r += a * m; r -= a * m. The limb that does not fit any more. */
Limb sbx__limbs_mul_1(Limb *r, const Limb *a, size_t n, Limb m, Limb carry);
Limb sbx__limbs_addmul_1(Limb *r, const Limb *a, size_t n, Limb m);
Limb sbx__limbs_submul_1(Limb *r, const Limb *a, size_t n, Limb m);
/* q = a / d; the remainder. q may be a. */
Limb sbx__limbs_divmod_1(Limb *q, const Limb *a, size_t n, Limb d);

/* The decimal digits, ending at `end`, without leading zeros (none for zero); limbs are destroyed.
   For short ones: the work is quadratic. (int_text.c) */
char *sbx__limbs_put_decimal(char *end, Limb *limbs, size_t n);

/* floor((2**128 - 1) / d) - 2**64 for d with its top bit set: division by d becomes two
 * multiplications. */
static inline Limb sbx__limb_reciprocal(Limb d)
{
	return (Limb)(((Wide)~d << 64 | ~(Limb)0) / d);
}
/* (high:low) / d with high < d and the reciprocal of d (Moeller and Granlund, 2011). */
static inline Limb sbx__limb_divide(Limb high, Limb low, Limb d, Limb reciprocal, Limb *remainder)
{
	Wide q = (Wide)reciprocal * high + ((Wide)high << 64 | low);
	Limb quotient = (Limb)(q >> 64) + 1, r = low - quotient * d;
	if (r > (Limb)q) {
		quotient--;
		r += d;
	}
	if (SBX_GEN_UNLIKELY(r >= d)) {
		quotient++;
		r -= d;
	}
	*remainder = r;
	return quotient;
}

/* ---- multiplication and division (big_mul.c, big_div.c) ---- */

/* r = a * b, r = a * a; r has an + bn limbs and is apart from both. -1: raised. */
int sbx__limbs_mul(sbx_run *run, Limb *r, const Limb *a, size_t an, const Limb *b, size_t bn);
int sbx__limbs_square(sbx_run *run, Limb *r, const Limb *a, size_t n);
/*
 * q = a / b, r = a % b for b stripped, not zero, and an >= bn. q (NULL: not wanted) has an - bn + 1
 * limbs, r has bn. -1: raised. Neither may be a or b.
 */
int sbx__limbs_divmod(sbx_run *run, Limb *q, Limb *r, const Limb *a, size_t an, const Limb *b,
					  size_t bn);

/* ---- ints as values (int_arithmetic.c, int_bits.c, int_power.c): every operand SBX_IS_INT ---- */

sbx_value sbx__int_add(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__int_sub(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__int_mul(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__int_neg(sbx_run *run, sbx_value a);
/* Floor division; ZeroDivisionError with CPython's texts. Either result may be NULL. 0, or -1
 * raised. */
int sbx__int_divmod(sbx_run *run, sbx_value a, sbx_value b, sbx_value *quotient,
					sbx_value *remainder);
sbx_value sbx__int_truediv(sbx_run *run, sbx_value a, sbx_value b);
sbx_value sbx__int_shift_left(sbx_run *run, sbx_value a, sbx_value count);
sbx_value sbx__int_shift_right(sbx_run *run, sbx_value a, sbx_value count);
sbx_value sbx__int_bitwise(sbx_run *run, int op, sbx_value a,
						   sbx_value b); /* SBX_BINARY_AND, OR, XOR */
sbx_value sbx__int_invert(sbx_run *run, sbx_value a);
sbx_value sbx__int_pow(sbx_run *run, sbx_value a, sbx_value exponent); /* exponent >= 0 */
sbx_value sbx__int_pow_mod(sbx_run *run, sbx_value a, sbx_value exponent, sbx_value modulus);
int sbx__int_compare(sbx_value a, sbx_value b);     /* -1, 0, 1 */
int sbx__int_compare_double(sbx_value a, double f); /* -1, 0, 1; f is not nan */
int64_t sbx__int_hash(sbx_value v);

#endif
