/*
 * Text of ints, both ways, of any size.
 *
 * Decimal: 19 digits fill a limb nearly, so short numbers go limb by limb in base 10**19. Long ones
 * are split in halves at 10**(304 * 2**k): to text by one division, from text by one
 * multiplication, and each half alike; so the work is that of a few long multiplications, not
 * quadratic. The powers are made once for each conversion.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <string.h>

#define TEN_19 UINT64_C(10000000000000000000)

enum { CHUNK_DIGITS = 19, LEVEL_0_DIGITS = 16 * CHUNK_DIGITS, SPLIT_LIMBS = 48, LEVELS = 32 };

/* powers[k]: 10**(304 * 2**k). */
typedef struct Powers {
	sbx_run *run;
	int count;
	struct {
		Limb *limbs;
		size_t count, room;
	} level[LEVELS];
} Powers;

static uint64_t level_digits(int level)
{
	return (uint64_t)LEVEL_0_DIGITS << level;
}

/* Makes the powers up to `level`. -1: raised. */
static int powers_make(Powers *powers, int level)
{
	while (powers->count <= level) {
		int k = powers->count;
		size_t n = k ? powers->level[k - 1].count : 8, room = 2 * n;
		Limb *limbs = sbx__limbs_make(powers->run, room);
		if (!limbs)
			return -1;
		powers->level[k].limbs = limbs;
		powers->level[k].room = room;
		powers->count++;
		if (k) {
			if (sbx__limbs_square(powers->run, limbs, powers->level[k - 1].limbs, n))
				return -1;
			n = room;
		} else {
			limbs[0] = 1;
			n = 1;
			for (int i = 0; i < 16; i++) {
				limbs[n] = sbx__limbs_mul_1(limbs, limbs, n, TEN_19, 0);
				n += limbs[n] != 0;
			}
		}
		powers->level[k].count = sbx__limbs_strip(limbs, n);
	}
	return 0;
}

static void powers_free(Powers *powers)
{
	while (powers->count) {
		powers->count--;
		sbx__limbs_free(powers->run, powers->level[powers->count].limbs,
						powers->level[powers->count].room);
	}
}

/* ---- to decimal ---- */

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445"
	"46474849505152535455565758596061626364656667686970717273747576777879808182838485868788899091"
	"9293949596979899";

static inline void put_8(char *at, uint32_t v)
{
	uint32_t high = v / 10000, low = v % 10000;
	memcpy(at, pairs + high / 100 * 2, 2);
	memcpy(at + 2, pairs + high % 100 * 2, 2);
	memcpy(at + 4, pairs + low / 100 * 2, 2);
	memcpy(at + 6, pairs + low % 100 * 2, 2);
}

/* Exactly 19 digits. */
static void put_19(char *at, Limb v)
{
	uint64_t high = v / 10000000000000000u, rest = v % 10000000000000000u;
	at[0] = (char)('0' + high / 100);
	memcpy(at + 1, pairs + high % 100 * 2, 2);
	put_8(at + 3, (uint32_t)(rest / 100000000));
	put_8(at + 11, (uint32_t)(rest % 100000000));
}

/* The digits of a word, without leading zeros, ending at `end`. */
static char *put_word(char *end, Limb v)
{
	while (v >= 100) {
		end -= 2;
		memcpy(end, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		end -= 2;
		memcpy(end, pairs + v * 2, 2);
	} else {
		*--end = (char)('0' + v);
	}
	return end;
}

/* limbs (n of them, destroyed), ending at `end`; with at least `width` digits. */
static char *put_limbs(char *end, Limb *limbs, size_t n, uint64_t width)
{
	const Limb reciprocal = sbx__limb_reciprocal(TEN_19);
	char *start = end - width, *at = end;
	n = sbx__limbs_strip(limbs, n);
	while (n > 1 || (n == 1 && limbs[0] >= TEN_19)) {
		Limb chunk = 0;
		for (size_t i = n; i-- > 0;)
			limbs[i] = sbx__limb_divide(chunk, limbs[i], TEN_19, reciprocal, &chunk);
		n -= limbs[n - 1] == 0;
		at -= CHUNK_DIGITS;
		put_19(at, chunk);
	}
	if (n)
		at = put_word(at, limbs[0]);
	while (at > start)
		*--at = '0';
	return at;
}

char *sbx__limbs_put_decimal(char *end, Limb *limbs, size_t n)
{
	return put_limbs(end, limbs, n, 0);
}

/*
 * The same for any length, where the number is below 10**level_digits(level); limbs are destroyed.
 * width 0: as many digits as it has, else exactly that many. NULL: raised.
 */
static char *put_decimal(Powers *powers, char *end, Limb *limbs, size_t n, int level,
						 uint64_t width)
{
	sbx_run *run = powers->run;
	Limb *scratch;
	size_t pn, qn, room;
	char *at = NULL;
	n = sbx__limbs_strip(limbs, n);
	if (n <= SPLIT_LIMBS || level == 0)
		return sbx__spend(run, n * n) ? NULL : put_limbs(end, limbs, n, width);
	level--;
	pn = powers->level[level].count;
	if (sbx__limbs_compare(limbs, n, powers->level[level].limbs, pn) < 0)
		return put_decimal(powers, end, limbs, n, level, width);
	qn = n - pn + 1;
	room = qn + pn;
	scratch = sbx__limbs_make(run, room);
	if (!scratch)
		return NULL;
	if (!sbx__limbs_divmod(run, scratch, scratch + qn, limbs, n, powers->level[level].limbs, pn)) {
		uint64_t low = level_digits(level);
		at = put_decimal(powers, end, scratch + qn, pn, level, low);
		if (at)
			at = put_decimal(powers, end - low, scratch, qn, level, width > low ? width - low : 0);
	}
	sbx__limbs_free(run, scratch, room);
	return at;
}

/* Ends at `end`; NULL: raised. */
static char *decimal_of_long(sbx_run *run, char *end, const Int *x, uint64_t digits)
{
	Powers powers = {.run = run};
	Limb fixed[SPLIT_LIMBS],
		*copy = x->count <= SPLIT_LIMBS ? fixed : sbx__limbs_make(run, x->count);
	int level = 0;
	char *at = NULL;
	if (!copy)
		return NULL;
	memcpy(copy, x->limbs, x->count * sizeof *copy);
	while (x->count > SPLIT_LIMBS && level_digits(level) < digits)
		level++;
	if (!level || !powers_make(&powers, level - 1))
		at = put_decimal(&powers, end, copy, x->count, level, 0);
	powers_free(&powers);
	if (copy != fixed)
		sbx__limbs_free(run, copy, x->count);
	return at;
}

/* An upper bound; at most one too many for any length that fits memory. */
static uint64_t decimal_digits(uint64_t bits)
{
	return bits / 100000 * 30103 + bits % 100000 * 30103 / 100000 + 1;
}

static char *too_long(sbx_run *run)
{
	sbx__raise(run, SBX_TYPE_ValueError,
			   "Exceeds the limit (%d digits) for integer string conversion; "
			   "use sys.set_int_max_str_digits() to increase the limit",
			   SBX_MAX_STR_DIGITS);
	return NULL;
}

static char *to_decimal(sbx_run *run, const Int *x, bool limited, size_t *length, size_t *size)
{
	uint64_t digits = decimal_digits(sbx__limbs_bits(x->limbs, x->count));
	char *block, *end, *at;
	if (limited && digits > SBX_MAX_STR_DIGITS + 1)
		return too_long(run);
	*size = (size_t)digits + 2;
	block = sbx__alloc(run, *size);
	if (!block)
		return NULL;
	end = block + *size - 1;
	at = x->count > 1 ? decimal_of_long(run, end, x, digits)
					  : put_word(end, x->count ? x->limbs[0] : 0);
	if (!at || (limited && end - at > SBX_MAX_STR_DIGITS)) {
		sbx__free(run, block, *size);
		return at ? too_long(run) : NULL;
	}
	*end = 0;
	if (x->negative)
		*--at = '-';
	*length = (size_t)(end - at);
	memmove(block, at, *length + 1);
	return block;
}

/* Bases 2, 8 and 16: bits of a digit. */
static char *to_binary(sbx_run *run, const Int *x, unsigned bits, size_t *length, size_t *size)
{
	uint64_t digits = (sbx__limbs_bits(x->limbs, x->count) + bits - 1) / bits;
	char *block, *at;
	digits += digits == 0;
	*length = (size_t)digits + x->negative;
	*size = *length + 1;
	block = sbx__alloc(run, *size);
	if (!block)
		return NULL;
	at = block;
	if (x->negative)
		*at++ = '-';
	for (uint64_t i = 0; i < digits; i++) {
		uint64_t bit = i * bits, limb = bit / 64, offset = bit % 64;
		Limb digit = limb < x->count ? x->limbs[limb] >> offset : 0;
		if (sbx__pace(run, i, digits))
			return NULL;
		if (offset + bits > 64 && limb + 1 < x->count)
			digit |= x->limbs[limb + 1] << (64 - offset);
		at[digits - 1 - i] = "0123456789abcdef"[digit & ((1u << bits) - 1)];
	}
	at[digits] = 0;
	return block;
}

char *sbx__int_to_ascii(sbx_run *run, sbx_value v, int base, bool limited, size_t *length,
						size_t *size)
{
	Int x;
	sbx__int_view(&x, v);
	switch (base) {
	case 2:
		return to_binary(run, &x, 1, length, size);
	case 8:
		return to_binary(run, &x, 3, length, size);
	case 16:
		return to_binary(run, &x, 4, length, size);
	default:
		return to_decimal(run, &x, limited, length, size);
	}
}

static sbx_value str_of_ascii(sbx_run *run, const char *ascii, size_t length)
{
	void *units;
	sbx_value v = sbx__str_alloc(run, length, 1, &units);
	if (!sbx__is_error(v))
		memcpy(units, ascii, length);
	return v;
}

sbx_value sbx__int_to_str(sbx_run *run, sbx_value v, bool limited)
{
	size_t length, size;
	char *ascii;
	sbx_value str;
	Int x;
	sbx__int_view(&x, v);
	if (x.count <= 8) {
		char fixed[8 * 20 + 2], *end = fixed + sizeof fixed, *at;
		if (x.count > 1) {
			Limb copy[8];
			memcpy(copy, x.limbs, x.count * sizeof *copy);
			at = put_limbs(end, copy, x.count, 0);
		} else {
			at = put_word(end, x.count ? x.limbs[0] : 0);
		}
		if (x.negative)
			*--at = '-';
		return str_of_ascii(run, at, (size_t)(end - at));
	}
	ascii = to_decimal(run, &x, limited, &length, &size);
	if (!ascii)
		return SBX_GEN_ERROR;
	str = str_of_ascii(run, ascii, length);
	sbx__free(run, ascii, size);
	return str;
}

/* bin(), oct(), hex(). */
sbx_value sbx__int_prefixed(sbx_run *run, sbx_value v, int base)
{
	size_t length, size, sign;
	char *ascii, *units;
	void *memory;
	sbx_value str;
	if (!SBX_IS_INT(v))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "'%T' object cannot be interpreted as an integer", v);
	ascii = sbx__int_to_ascii(run, v, base, false, &length, &size);
	if (!ascii)
		return SBX_GEN_ERROR;
	str = sbx__str_alloc(run, length + 2, 1, &memory);
	if (!sbx__is_error(str)) {
		units = memory;
		sign = ascii[0] == '-';
		units[0] = '-';
		units[sign] = '0';
		units[sign + 1] = base == 2 ? 'b' : base == 8 ? 'o' : 'x';
		memcpy(units + sign + 2, ascii + sign, length - sign);
	}
	sbx__free(run, ascii, size);
	return str;
}

/* ---- from text ---- */

static inline unsigned digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return (unsigned)((c | 0x20) - 'a') + 10;
}

/* Limb by limb: r = r * base**k + k digits. The count of limbs. */
static size_t read_school(Limb *r, const char *digits, size_t length, unsigned base)
{
	size_t chunk = 0, n = 0;
	Limb full = 1;
	while (full <= UINT64_MAX / base) {
		full *= base;
		chunk++;
	}
	for (size_t at = 0; at < length;) {
		size_t take = at == 0 && length % chunk ? length % chunk : chunk;
		Limb value = 0, carry;
		for (size_t i = 0; i < take; i++)
			value = value * base + digit_value(digits[at + i]);
		carry = sbx__limbs_mul_1(r, r, n, full, value);
		if (carry)
			r[n++] = carry;
		at += take;
	}
	return n;
}

/* Decimal digits below 10**level_digits(level) into r, which has room for length / 19 + 2 limbs.
 * -1: raised. */
static int read_decimal(Powers *powers, Limb *r, size_t *count, const char *digits, size_t length,
						int level)
{
	sbx_run *run = powers->run;
	size_t low_length, low_count, high_count, room;
	Limb *scratch;
	int failed;
	while (level && level_digits(level - 1) >= length)
		level--;
	if (length <= 8 * LEVEL_0_DIGITS || level == 0) {
		*count = read_school(r, digits, length, 10);
		return sbx__spend(run, *count * *count / 2);
	}
	level--;
	low_length = (size_t)level_digits(level);
	room = length / CHUNK_DIGITS + 4;
	scratch = sbx__limbs_make(run, room);
	if (!scratch)
		return -1;
	failed =
		read_decimal(powers, scratch, &high_count, digits, length - low_length, level) ? -1 : 0;
	if (!failed) {
		size_t pn = powers->level[level].count, total = high_count + pn;
		Limb *low = sbx__limbs_make(run, total);
		failed =
			!low || sbx__limbs_mul(run, low, scratch, high_count, powers->level[level].limbs, pn);
		if (!failed) {
			failed = read_decimal(powers, r, &low_count, digits + length - low_length, low_length,
								  level);
			if (!failed) {
				sbx__limbs_add(low, low, total, r, low_count);
				*count = sbx__limbs_strip(low, total);
				memcpy(r, low, *count * sizeof *r);
			}
		}
		sbx__limbs_free(run, low, total);
	}
	sbx__limbs_free(run, scratch, room);
	return failed ? -1 : 0;
}

static int read_long_decimal(sbx_run *run, Limb *r, size_t *count, const char *digits,
							 size_t length)
{
	Powers powers = {.run = run};
	int level = 0, failed;
	while (level_digits(level) < length)
		level++;
	failed = (level && powers_make(&powers, level - 1)) ||
			 read_decimal(&powers, r, count, digits, length, level);
	powers_free(&powers);
	return failed;
}

static void read_binary(Limb *r, size_t n, const char *digits, size_t length, unsigned bits)
{
	memset(r, 0, n * sizeof *r);
	for (size_t i = 0; i < length; i++) {
		uint64_t bit = (uint64_t)i * bits, offset = bit % 64;
		Limb digit = digit_value(digits[length - 1 - i]);
		r[bit / 64] |= digit << offset;
		if (offset + bits > 64)
			r[bit / 64 + 1] |= digit >> (64 - offset);
	}
}

sbx_value sbx__int_from_ascii(sbx_run *run, const char *digits, size_t length, int base,
							  bool limited)
{
	bool negative = length && digits[0] == '-', binary = (base & (base - 1)) == 0;
	unsigned bits = sbx__limb_bits((Limb)base - 1);
	size_t room, count;
	sbx_gen_big *big;
	int failed = 0;
	if (length && (digits[0] == '-' || digits[0] == '+')) {
		digits++;
		length--;
	}
	if (length <= 12) { /* 36**12 fits */
		int64_t small = 0;
		for (size_t i = 0; i < length; i++)
			small = small * base + (int64_t)digit_value(digits[i]);
		return sbx_gen_int(negative ? -small : small);
	}
	if (limited && !binary && length > SBX_MAX_STR_DIGITS)
		return sbx__raise(
			run, SBX_TYPE_ValueError,
			"Exceeds the limit (%d digits) for integer string conversion: "
			"value has %zu digits; use sys.set_int_max_str_digits() to increase the limit",
			SBX_MAX_STR_DIGITS, length);
	if (length >= (size_t)1 << 36)
		return sbx__raise_memory(run);
	room = base == 10 ? length / CHUNK_DIGITS + 2 : length * bits / 64 + 2;
	big = sbx__big_make(run, room);
	if (!big)
		return SBX_GEN_ERROR;
	count = room;
	if (binary) {
		read_binary(sbx__big_limbs(big), room, digits, length, bits);
		failed = sbx__spend(run, length);
	} else if (base == 10 && length > 8 * LEVEL_0_DIGITS) {
		failed = read_long_decimal(run, sbx__big_limbs(big), &count, digits, length);
	} else {
		count = read_school(sbx__big_limbs(big), digits, length, (unsigned)base);
		failed = sbx__spend(run, count * count / 2);
	}
	if (failed) {
		sbx__big_free(run, big, room);
		return SBX_GEN_ERROR;
	}
	memset(sbx__big_limbs(big) + count, 0, (room - count) * sizeof(Limb));
	return sbx__big_take(run, big, negative);
}
