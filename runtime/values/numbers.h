/*
 * What the numbers offer to the other files: conversions, text both ways, and the builtins on
 * numbers.
 *
 * An int is SBX_KIND_INT when it fits an int64, else SBX_KIND_BIG (sign and magnitude); a bool
 * counts as an int wherever a value of SBX_IS_INT is asked for. Every function here gives ints in
 * that one form.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_NUMBERS_H
#define SBX_NUMBERS_H

#include "kinds.h"

/* ---- ints ---- */

#define SBX_MAX_STR_DIGITS 4300 /* CPython's limit for decimal text inside programs */

sbx_value sbx__int_from_u64(sbx_run *run, uint64_t u);
sbx_value sbx__int_from_double(sbx_run *run,
							   double f); /* truncates; OverflowError, ValueError for inf, nan */
/* v is SBX_IS_INT: true when it fits. */
static inline bool sbx__int_fits(sbx_value v, int64_t *out)
{
	*out = v.u.i;
	return SBX_GEN_KIND(v) != SBX_KIND_BIG;
}
/* v is SBX_IS_INT: -1, 0, 1. */
static inline int sbx__int_sign(sbx_value v)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG)
		return ((const sbx_gen_head *)v.u.p)->bits & 1 ? -1 : 1;
	return (v.u.i > 0) - (v.u.i < 0);
}
/* v is SBX_IS_INT: the nearest int64 (saturating). */
static inline int64_t sbx__int_clamp(sbx_value v)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_BIG)
		return sbx__int_sign(v) < 0 ? INT64_MIN : INT64_MAX;
	return v.u.i;
}
/*
 * operator.index: TypeError "'str' object cannot be interpreted as an integer". Outside int64:
 * clamps where overflow_type is -1, else raises it (SBX_TYPE_IndexError or SBX_TYPE_OverflowError)
 * with CPython's text "cannot fit 'int' into an index-sized integer". 0, or -1 raised.
 */
int sbx__index(sbx_run *run, sbx_value v, int overflow_type, int64_t *out);
/* v as an int proper: a bool becomes 0 or 1. A new reference. */
sbx_value sbx__int_of(sbx_value v);

/*
 * Text of an int (SBX_IS_INT) in base 2, 8, 10 or 16, lower case, with '-', without prefix: a block
 * of *size bytes (NUL-terminated) that the caller gives back with sbx__free(run, block, *size).
 * NULL: raised. limited: ValueError above 4,300 digits, as programs see it (bases other than 10
 * never have it).
 */
char *sbx__int_to_ascii(sbx_run *run, sbx_value v, int base, bool limited, size_t *length,
						size_t *size);
sbx_value sbx__int_to_str(sbx_run *run, sbx_value v, bool limited); /* decimal, a str */
/* Digits of `base` (2 to 36) with an optional sign and nothing else; false syntax is the caller's
 * to exclude. */
sbx_value sbx__int_from_ascii(sbx_run *run, const char *digits, size_t length, int base,
							  bool limited);

/* ---- floats ---- */

/* Decimal digits of a finite double, exact and correctly rounded (half to even), trailing zeros
 * stripped. */
typedef struct FloatDigits {
	int count;        /* digits; 0.0 has the one digit "0" */
	int point;        /* position of the decimal point: 0.d1d2d3... * 10**point; 1 for 0.0 */
	bool negative;    /* of -0.0 too */
	char digits[800]; /* '0' to '9', not terminated; the longest double has 767 */
} FloatDigits;
enum sbx__float_mode {
	FLOAT_SHORTEST, /* the shortest text that reads back as the same double (ndigits is ignored) */
	FLOAT_SIGNIFICANT, /* at most ndigits significant digits (at least 1): for %e and %g */
	FLOAT_FRACTION /* ndigits after the point, which may be negative: for %f and round(); count may
					  become 0 */
};
void sbx__float_digits(double f, int mode, int ndigits, FloatDigits *out);
/* Reads a float in the form that float() takes, without white space or underscores; true when the
 * whole text is one. */
bool sbx__float_parse(const char *ascii, size_t length, double *out);
/* Exact value of an int as the nearest double; OverflowError "int too large to convert to float".
 * v: SBX_IS_INT. */
int sbx__int_to_double(sbx_run *run, sbx_value v, double *out);
double sbx__int_nearest_double(sbx_value v); /* inf where it is too large */
/* Any number (int, bool, float) as a double; TypeError "must be real number, not str". */
int sbx__to_double(sbx_run *run, sbx_value v, double *out);
int64_t sbx__float_hash(double f);

/* ---- the builtins on numbers; a missing argument has tag 0 ---- */

sbx_value sbx__int_new(sbx_run *run, sbx_value x, sbx_value base); /* int(x), int(x, base) */
sbx_value sbx__float_new(sbx_run *run, sbx_value x);
sbx_value sbx__abs(sbx_run *run, sbx_value v);
sbx_value sbx__divmod(sbx_run *run, sbx_value a, sbx_value b); /* a tuple */
sbx_value sbx__pow(sbx_run *run, sbx_value base, sbx_value exponent,
				   sbx_value modulus); /* modulus: tag 0 or None */
sbx_value sbx__round(sbx_run *run, sbx_value v, sbx_value ndigits);
sbx_value sbx__int_prefixed(sbx_run *run, sbx_value v, int base);      /* bin(), oct(), hex() */
sbx_value sbx__sum(sbx_run *run, sbx_value iterable, sbx_value start); /* over native iterables */

#endif
