/*
 * round() and sum().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"
#include "containers.h"

#include <math.h>
#include <string.h>

/* ---- round ---- */

static sbx_value round_to_int(sbx_run *run, double f)
{
	double whole = round(f);
	if (fabs(f - whole) == 0.5)
		whole = 2.0 * round(f / 2.0);
	return sbx__int_from_double(run, whole);
}

static sbx_value round_float(sbx_run *run, double f, int64_t ndigits)
{
	FloatDigits digits;
	char text[sizeof digits.digits + 32], *at = text;
	double rounded;
	int exponent;
	if (!isfinite(f) || ndigits > 323)
		return sbx_gen_float(f);
	if (ndigits < -308)
		return sbx_gen_float(0.0 * f);
	sbx__float_digits(f, FLOAT_FRACTION, (int)ndigits, &digits);
	if (digits.count == 0)
		return sbx_gen_float(copysign(0.0, f));
	*at++ = digits.negative ? '-' : '+';
	memcpy(at, digits.digits, (size_t)digits.count);
	at += digits.count;
	exponent = digits.point - digits.count;
	*at++ = 'e';
	*at++ = exponent < 0 ? '-' : '+';
	exponent = exponent < 0 ? -exponent : exponent;
	*at++ = (char)('0' + exponent / 1000);
	*at++ = (char)('0' + exponent / 100 % 10);
	*at++ = (char)('0' + exponent / 10 % 10);
	*at++ = (char)('0' + exponent % 10);
	if (!sbx__float_parse(text, (size_t)(at - text), &rounded) || isinf(rounded))
		return sbx__raise(run, SBX_TYPE_OverflowError, "rounded value too large to represent");
	return sbx_gen_float(rounded);
}

/* v rounded to a multiple of 10**digits, half to even. */
static sbx_value round_int(sbx_run *run, sbx_value v, uint64_t digits)
{
	sbx_value unit, rest, twice = SBX_GEN_ERROR, change, result = SBX_GEN_ERROR, quotient;
	int order;
	Int x;
	sbx__int_view(&x, v);
	if (digits >
		sbx__limbs_bits(x.limbs, x.count) + 1) /* the unit is far more than twice the number */
		return sbx_gen_int(0);
	unit = sbx__int_pow(run, sbx_gen_int(10), sbx_gen_int((int64_t)digits));
	if (sbx__is_error(unit) || sbx__int_divmod(run, v, unit, &quotient, &rest))
		return SBX_GEN_ERROR;
	twice = sbx__int_add(run, rest, rest);
	if (sbx__is_error(twice))
		return twice;
	order = sbx__int_compare(twice, unit);
	sbx__int_view(&x, quotient);
	if (order > 0 || (order == 0 && x.count && x.limbs[0] & 1))
		change = sbx__int_sub(run, unit, rest);
	else
		change = sbx__int_neg(run, rest);
	if (!sbx__is_error(change))
		result = sbx__int_add(run, v, change);
	sbx_gen_drop(run, change);
	sbx_gen_drop(run, twice);
	sbx_gen_drop(run, rest);
	sbx_gen_drop(run, quotient);
	sbx_gen_drop(run, unit);
	return result;
}

sbx_value sbx__round(sbx_run *run, sbx_value v, sbx_value ndigits)
{
	bool none = !ndigits.tag || SBX_GEN_KIND(ndigits) == SBX_KIND_NONE;
	int64_t digits = 0;
	if (!SBX_IS_INT(v) && v.tag != SBX_KIND_FLOAT)
		return sbx__raise(run, SBX_TYPE_TypeError, "type %T doesn't define __round__ method", v);
	if (!none && sbx__index(run, ndigits, -1, &digits))
		return SBX_GEN_ERROR;
	if (v.tag == SBX_KIND_FLOAT)
		return none ? round_to_int(run, v.u.f) : round_float(run, v.u.f, digits);
	if (none || digits >= 0)
		return sbx__int_of(v);
	return round_int(run, v, digits == INT64_MIN ? INT64_MAX : (uint64_t)-digits);
}

/* ---- sum ---- */

enum { SUM_SLICE = 1024 };

/* The machine ints with which a range or list begins, without a value for each. -1: raised. */
static int sum_begin(sbx_run *run, IteratorObject *it, int64_t *total)
{
	const sbx_gen_list *list = it->source.u.p;
	for (;;) {
		uint64_t done = 0, most = SUM_SLICE;
		int64_t sum = *total, at = it->at;
		if (it->head.bits == ITERATE_RANGE) {
			most = it->left < most ? it->left : most;
			while (done < most && !__builtin_add_overflow(sum, at, &sum)) {
				at = (int64_t)((uint64_t)at + (uint64_t)it->step);
				done++;
				*total = sum;
			}
			it->left -= done;
		} else if (it->head.bits == ITERATE_LIST) {
			most = list->length - (uint64_t)at < most ? list->length - (uint64_t)at : most;
			while (done < most && list->items[at].tag == SBX_KIND_INT &&
				   !__builtin_add_overflow(sum, list->items[at].u.i, &sum)) {
				at++;
				done++;
				*total = sum;
			}
		}
		it->at = at;
		if (sbx__spend(run, done))
			return -1;
		if (done < SUM_SLICE)
			return 0;
	}
}

sbx_value sbx__sum(sbx_run *run, sbx_value iterable, sbx_value start)
{
	sbx_value total = start.tag ? sbx_gen_copy(start) : sbx_gen_int(0),
			  iterator = sbx_gen_iter(run, iterable), item, next;
	if (sbx__is_error(iterator))
		return iterator;
	if (SBX_GEN_KIND(total) == SBX_KIND_STR)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "sum() can't sum strings [use ''.join(seq) instead]");
	if (SBX_GEN_KIND(total) == SBX_KIND_BYTES)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "sum() can't sum bytes [use b''.join(seq) instead]");
	if (total.tag == SBX_KIND_INT && SBX_GEN_KIND(iterator) == SBX_KIND_ITERATOR &&
		ITERATOR(iterator)->source.tag && sum_begin(run, ITERATOR(iterator), &total.u.i))
		return SBX_GEN_ERROR;
	for (;;) {
		item = sbx_gen_next_native(run, iterator);
		if (item.tag == SBX_KIND_DONE)
			break;
		if (sbx__is_error(item) || sbx__spend(run, 1))
			return SBX_GEN_ERROR;
		next = sbx_gen_add_take(run, total, item);
		if (sbx__is_error(next))
			return next;
		sbx_gen_drop(run, item);
		total = next;
	}
	sbx_gen_drop(run, iterator);
	return total;
}
