/*
 * The binary and unary operators for every pair of values: numbers here, sequences and sets by
 * their own files.
 *
 * A bool is an int; with a float beside it an int becomes a float. What Python would answer with a
 * complex number is refused: the language has none.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <math.h>

static const char *const symbols[] = {
	[SBX_BINARY_ADD] = "+",           [SBX_BINARY_SUB] = "-",
	[SBX_BINARY_MUL] = "*",           [SBX_BINARY_MATMUL] = "@",
	[SBX_BINARY_TRUEDIV] = "/",       [SBX_BINARY_MOD] = "%",
	[SBX_BINARY_POW] = "** or pow()", [SBX_BINARY_LSHIFT] = "<<",
	[SBX_BINARY_RSHIFT] = ">>",       [SBX_BINARY_OR] = "|",
	[SBX_BINARY_XOR] = "^",           [SBX_BINARY_AND] = "&",
	[SBX_BINARY_FLOORDIV] = "//",
};

static sbx_value unsupported(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	return sbx__raise(run, SBX_TYPE_TypeError, "unsupported operand type(s) for %s: '%T' and '%T'",
					  symbols[op], a, b);
}

/* ---- floats ---- */

double sbx_gen_float_mod(sbx_run *run, double a, double b, int *status)
{
	double rest;
	if (b == 0.0) {
		sbx__raise(run, SBX_TYPE_ZeroDivisionError, "float modulo");
		*status = -1;
		return 0.0;
	}
	rest = fmod(a, b);
	if (rest == 0.0)
		return copysign(0.0, b);
	return (rest < 0) != (b < 0) ? rest + b : rest;
}

/* Quotient and rest as CPython computes them: the quotient is the rounded (a - rest) / b, snapped
 * to a whole number. */
static double float_divmod(double a, double b, double *rest)
{
	double r = fmod(a, b), quotient = (a - r) / b, whole;
	if (r != 0.0) {
		if ((r < 0) != (b < 0)) {
			r += b;
			quotient -= 1.0;
		}
	} else {
		r = copysign(0.0, b);
	}
	*rest = r;
	if (quotient == 0.0)
		return copysign(0.0, a / b);
	whole = floor(quotient);
	return quotient - whole > 0.5 ? whole + 1.0 : whole;
}

double sbx_gen_float_floordiv(sbx_run *run, double a, double b, int *status)
{
	double rest;
	if (b == 0.0) {
		sbx__raise(run, SBX_TYPE_ZeroDivisionError, "float floor division by zero");
		*status = -1;
		return 0.0;
	}
	return float_divmod(a, b, &rest);
}

static bool is_odd(double f)
{
	return fmod(fabs(f), 2.0) == 1.0;
}

/* Whether C's pow agrees is not left to the library: every case of IEEE 754 that Python names is
 * decided here. */
double sbx_gen_float_pow_slow(sbx_run *run, double a, double b, int *status)
{
	bool negate = false;
	double result;
	if (b == 0.0 || a == 1.0)
		return 1.0;
	if (isnan(a))
		return a;
	if (isnan(b))
		return b;
	if (isinf(b)) {
		a = fabs(a);
		if (a == 1.0)
			return 1.0;
		return (b > 0) == (a > 1.0) ? fabs(b) : 0.0;
	}
	if (isinf(a)) {
		bool odd = is_odd(b);
		if (b > 0)
			return odd ? a : fabs(a);
		return odd ? copysign(0.0, a) : 0.0;
	}
	if (a == 0.0) {
		if (b < 0) {
			sbx__raise(run, SBX_TYPE_ZeroDivisionError, "0.0 cannot be raised to a negative power");
			*status = -1;
			return 0.0;
		}
		return is_odd(b) ? a : 0.0;
	}
	if (a < 0) {
		if (b != floor(b)) {
			sbx__raise(
				run, SBX_TYPE_ValueError,
				"complex numbers are not supported: negative number raised to a fractional power");
			*status = -1;
			return 0.0;
		}
		a = -a;
		negate = is_odd(b);
	}
	result = a == 1.0 ? 1.0 : pow(a, b);
	if (isinf(result)) {
		sbx_value args[] = {sbx_gen_int(34), sbx__str_ascii(run, "Numerical result out of range")};
		if (args[1].tag)
			sbx__raise_call(run, SBX_TYPE_OverflowError, 2, args);
		sbx_gen_drop(run, args[1]);
		*status = -1;
		return 0.0;
	}
	return negate ? -result : result;
}

static sbx_value float_binary(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	double x, y;
	int status = 0;
	if (op == SBX_BINARY_MATMUL || (op >= SBX_BINARY_LSHIFT && op <= SBX_BINARY_AND))
		return unsupported(run, op, a, b);
	if (sbx__to_double(run, a, &x) || sbx__to_double(run, b, &y))
		return SBX_GEN_ERROR;
	switch (op) {
	case SBX_BINARY_ADD:
		return sbx_gen_float(x + y);
	case SBX_BINARY_SUB:
		return sbx_gen_float(x - y);
	case SBX_BINARY_MUL:
		return sbx_gen_float(x * y);
	case SBX_BINARY_TRUEDIV:
		if (y == 0.0)
			return sbx__raise(run, SBX_TYPE_ZeroDivisionError, "float division by zero");
		return sbx_gen_float(x / y);
	case SBX_BINARY_FLOORDIV:
		x = sbx_gen_float_floordiv(run, x, y, &status);
		break;
	case SBX_BINARY_MOD:
		x = sbx_gen_float_mod(run, x, y, &status);
		break;
	default:
		x = sbx_gen_float_pow_slow(run, x, y, &status);
		break;
	}
	return status ? SBX_GEN_ERROR : sbx_gen_float(x);
}

/* ---- ints ---- */

static sbx_value int_pow(sbx_run *run, sbx_value a, sbx_value b)
{
	if (sbx__int_sign(b) < 0)
		return float_binary(run, SBX_BINARY_POW, a, b);
	return sbx__int_pow(run, a, b);
}

static sbx_value int_binary(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	sbx_value result;
	switch (op) {
	case SBX_BINARY_ADD:
		return sbx__int_add(run, a, b);
	case SBX_BINARY_SUB:
		return sbx__int_sub(run, a, b);
	case SBX_BINARY_MUL:
		return sbx__int_mul(run, a, b);
	case SBX_BINARY_TRUEDIV:
		return sbx__int_truediv(run, a, b);
	case SBX_BINARY_FLOORDIV:
		if (sbx__int_sign(b) == 0)
			return sbx__raise(run, SBX_TYPE_ZeroDivisionError,
							  "integer division or modulo by zero");
		return sbx__int_divmod(run, a, b, &result, NULL) ? SBX_GEN_ERROR : result;
	case SBX_BINARY_MOD:
		if (sbx__int_sign(b) == 0)
			return sbx__raise(run, SBX_TYPE_ZeroDivisionError, "integer modulo by zero");
		return sbx__int_divmod(run, a, b, NULL, &result) ? SBX_GEN_ERROR : result;
	case SBX_BINARY_POW:
		return int_pow(run, a, b);
	case SBX_BINARY_LSHIFT:
		return sbx__int_shift_left(run, a, b);
	case SBX_BINARY_RSHIFT:
		return sbx__int_shift_right(run, a, b);
	case SBX_BINARY_OR:
	case SBX_BINARY_XOR:
	case SBX_BINARY_AND:
		result = sbx__int_bitwise(run, op, a, b);
		if (a.tag == SBX_KIND_BOOL && b.tag == SBX_KIND_BOOL)
			result.tag = SBX_KIND_BOOL;
		return result;
	default:
		return unsupported(run, op, a, b);
	}
}

/* ---- sequences and sets ---- */

static bool is_sequence(sbx_value v)
{
	unsigned kind = SBX_GEN_KIND(v);
	return kind == SBX_KIND_STR || kind == SBX_KIND_BYTES || kind == SBX_KIND_LIST ||
		   kind == SBX_KIND_TUPLE;
}
static bool is_set(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_SET || SBX_GEN_KIND(v) == SBX_KIND_FROZENSET;
}
static bool is_set_view(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_DICT_VIEW && sbx__dict_view_type(v) != SBX_TYPE_dict_values;
}

static sbx_value concat(sbx_run *run, sbx_value a, sbx_value b)
{
	unsigned kind = SBX_GEN_KIND(a);
	if (!is_sequence(a))
		return unsupported(run, SBX_BINARY_ADD, a, b);
	if (kind != SBX_GEN_KIND(b)) {
		if (kind == SBX_KIND_BYTES)
			return sbx__raise(run, SBX_TYPE_TypeError, "can't concat %T to bytes", b);
		return sbx__raise(run, SBX_TYPE_TypeError, "can only concatenate %T (not \"%T\") to %T", a,
						  b, a);
	}
	switch (kind) {
	case SBX_KIND_STR:
		return sbx__str_concat2(run, a, b);
	case SBX_KIND_BYTES:
		return sbx__bytes_concat(run, a, b);
	case SBX_KIND_LIST:
		return sbx__list_concat(run, a, b);
	default:
		return sbx__tuple_concat(run, a, b);
	}
}

sbx_value sbx_gen_add_take_slow(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value v;
	if (SBX_GEN_KIND(a) == SBX_KIND_STR && SBX_GEN_KIND(b) == SBX_KIND_STR)
		return sbx__str_append_take(run, a, b);
	v = sbx_gen_binary_slow(run, SBX_BINARY_ADD, a, b);
	sbx_gen_drop(run, a);
	return v;
}

static sbx_value repeat(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value sequence = is_sequence(a) ? a : b, count = is_sequence(a) ? b : a;
	int64_t n;
	if (!is_sequence(sequence))
		return unsupported(run, SBX_BINARY_MUL, a, b);
	if (!SBX_IS_INT(count))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "can't multiply sequence by non-int of type '%T'", count);
	if (sbx__index(run, count, SBX_TYPE_OverflowError, &n))
		return SBX_GEN_ERROR;
	switch (SBX_GEN_KIND(sequence)) {
	case SBX_KIND_LIST:
		return sbx__list_repeat(run, sequence, n);
	case SBX_KIND_TUPLE:
		return sbx__tuple_repeat(run, sequence, n);
	default:
		return sbx__str_repeat(run, sequence, sbx_gen_int(n));
	}
}

sbx_value sbx_gen_binary_slow(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	bool a_is_int = SBX_IS_INT(a), b_is_int = SBX_IS_INT(b);
	if (a_is_int && b_is_int)
		return int_binary(run, op, a, b);
	if ((a_is_int || a.tag == SBX_KIND_FLOAT) && (b_is_int || b.tag == SBX_KIND_FLOAT))
		return float_binary(run, op, a, b);
	switch (op) {
	case SBX_BINARY_ADD:
		return concat(run, a, b);
	case SBX_BINARY_MUL:
		return repeat(run, a, b);
	case SBX_BINARY_MOD:
		if (SBX_GEN_KIND(a) == SBX_KIND_STR || SBX_GEN_KIND(a) == SBX_KIND_BYTES)
			return sbx__percent_format(run, a, b);
		break;
	case SBX_BINARY_OR:
		if (SBX_GEN_KIND(a) == SBX_KIND_DICT && SBX_GEN_KIND(b) == SBX_KIND_DICT)
			return sbx__dict_or(run, a, b);
		/* fall through */
	case SBX_BINARY_SUB:
	case SBX_BINARY_XOR:
	case SBX_BINARY_AND:
		if (is_set(a) && is_set(b))
			return sbx__set_binary(run, op, a, b);
		if (is_set_view(a) || is_set_view(b))
			return sbx__dict_view_binary(run, op, a, b);
		break;
	default:
		break;
	}
	return unsupported(run, op, a, b);
}

sbx_value sbx_gen_unary_slow(sbx_run *run, int op, sbx_value a)
{
	if (op == SBX_UNARY_NOT) {
		int truth = sbx_gen_truth(run, a);
		return truth < 0 ? SBX_GEN_ERROR : sbx_gen_bool(!truth);
	}
	if (SBX_IS_INT(a)) {
		if (op == SBX_UNARY_NEG)
			return sbx__int_neg(run, a);
		return op == SBX_UNARY_POS ? sbx__int_of(a) : sbx__int_invert(run, a);
	}
	if (a.tag == SBX_KIND_FLOAT && op != SBX_UNARY_INVERT)
		return op == SBX_UNARY_NEG ? sbx_gen_float(-a.u.f) : a;
	return sbx__raise(run, SBX_TYPE_TypeError, "bad operand type for unary %c: '%T'",
					  op == SBX_UNARY_NEG   ? '-'
					  : op == SBX_UNARY_POS ? '+'
											: '~',
					  a);
}

double sbx_gen_float_check_slow(sbx_run *run, sbx_value v, int *status)
{
	sbx__raise(run, SBX_TYPE_SystemError, "a value that was found to be a float is %T", v);
	*status = -1;
	return 0;
}

int64_t sbx_gen_range_bound_slow(sbx_run *run, sbx_value v, int *status)
{
	int64_t bound = 0;
	if (sbx__index(run, v, -1, &bound))
		*status = -1;
	return bound;
}

/* ---- builtins ---- */

sbx_value sbx__abs(sbx_run *run, sbx_value v)
{
	if (SBX_IS_INT(v))
		return sbx__int_sign(v) < 0 ? sbx__int_neg(run, v) : sbx__int_of(v);
	if (v.tag == SBX_KIND_FLOAT)
		return sbx_gen_float(fabs(v.u.f));
	return sbx__raise(run, SBX_TYPE_TypeError, "bad operand type for abs(): '%T'", v);
}

sbx_value sbx__divmod(sbx_run *run, sbx_value a, sbx_value b)
{
	sbx_value items[2];
	double x, y, rest;
	if (SBX_IS_INT(a) && SBX_IS_INT(b)) {
		if (sbx__int_sign(b) == 0)
			return sbx__raise(run, SBX_TYPE_ZeroDivisionError,
							  "integer division or modulo by zero");
		if (sbx__int_divmod(run, a, b, &items[0], &items[1]))
			return SBX_GEN_ERROR;
		return sbx_gen_tuple_make(run, 2, items);
	}
	if ((!SBX_IS_INT(a) && a.tag != SBX_KIND_FLOAT) || (!SBX_IS_INT(b) && b.tag != SBX_KIND_FLOAT))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "unsupported operand type(s) for divmod(): '%T' and '%T'", a, b);
	if (sbx__to_double(run, a, &x) || sbx__to_double(run, b, &y))
		return SBX_GEN_ERROR;
	if (y == 0.0)
		return sbx__raise(run, SBX_TYPE_ZeroDivisionError, "float divmod()");
	items[0] = sbx_gen_float(float_divmod(x, y, &rest));
	items[1] = sbx_gen_float(rest);
	return sbx_gen_tuple_make(run, 2, items);
}

sbx_value sbx__pow(sbx_run *run, sbx_value base, sbx_value exponent, sbx_value modulus)
{
	if (modulus.tag == 0 || SBX_GEN_KIND(modulus) == SBX_KIND_NONE)
		return sbx_gen_binary_slow(run, SBX_BINARY_POW, base, exponent);
	if (SBX_IS_INT(base) && SBX_IS_INT(exponent) && SBX_IS_INT(modulus))
		return sbx__int_pow_mod(run, base, exponent, modulus);
	if (base.tag == SBX_KIND_FLOAT || exponent.tag == SBX_KIND_FLOAT ||
		modulus.tag == SBX_KIND_FLOAT)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "pow() 3rd argument not allowed unless all arguments are integers");
	return sbx__raise(run, SBX_TYPE_TypeError,
					  "unsupported operand type(s) for ** or pow(): '%T', '%T', '%T'", base,
					  exponent, modulus);
}
