/*
 * Comparison and hash of values of every kind.
 *
 * Numbers compare by their exact value whatever their types, and equal numbers hash alike. Handles
 * (File, Dir, DataFrame) are equal when kind, path, format and hash are; what has no other meaning
 * is equal to itself alone. Where CPython would hash an address, a fixed number stands here, so
 * that a run and its replay agree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "big.h"

#include <math.h>
#include <string.h>

static bool is_number(sbx_value v)
{
	return SBX_IS_INT(v) || v.tag == SBX_KIND_FLOAT;
}

static int compare_numbers(int op, sbx_value a, sbx_value b)
{
	if (a.tag == SBX_KIND_FLOAT && b.tag == SBX_KIND_FLOAT) {
		if (isnan(a.u.f) || isnan(b.u.f))
			return op == SBX_COMPARE_NE;
		return sbx__order_decides(op, (a.u.f > b.u.f) - (a.u.f < b.u.f));
	}
	if (a.tag == SBX_KIND_FLOAT)
		return isnan(a.u.f) ? op == SBX_COMPARE_NE
							: sbx__order_decides(op, -sbx__int_compare_double(b, a.u.f));
	if (b.tag == SBX_KIND_FLOAT)
		return isnan(b.u.f) ? op == SBX_COMPARE_NE
							: sbx__order_decides(op, sbx__int_compare_double(a, b.u.f));
	return sbx__order_decides(op, sbx__int_compare(a, b));
}

int sbx__bytes_compare(sbx_value a, sbx_value b)
{
	const sbx_gen_bytes *x = a.u.p, *y = b.u.p;
	int order = memcmp(x + 1, y + 1, x->length < y->length ? x->length : y->length);
	if (order)
		return order < 0 ? -1 : 1;
	return (x->length > y->length) - (x->length < y->length);
}

static int unordered(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	static const char *const symbols[] = {"==", "!=", "<", "<=", ">", ">="};
	sbx__raise(run, SBX_TYPE_TypeError, "'%s' not supported between instances of '%T' and '%T'",
			   symbols[op], a, b);
	return -1;
}

/* The result of an equality as that of `op`, EQ or NE. */
static int by_equality(int op, int equal)
{
	return equal < 0 || op == SBX_COMPARE_EQ ? equal : !equal;
}

static bool same_handle(const HandleObject *a, const HandleObject *b)
{
	return a->head.bits == b->head.bits && sbx_gen_is(a->path, b->path) &&
		   sbx_gen_is(a->format, b->format) && sbx_gen_is(a->hash, b->hash);
}

/* With a zone on both sides the instant counts, with none the clock; mixed ones differ. */
static bool same_time(const TimeObject *a, const TimeObject *b)
{
	const int64_t minute = 60000000;
	if ((a->offset_minutes == INT32_MIN) != (b->offset_minutes == INT32_MIN))
		return false;
	if (a->offset_minutes == INT32_MIN)
		return a->microseconds == b->microseconds;
	return a->microseconds - a->offset_minutes * minute ==
		   b->microseconds - b->offset_minutes * minute;
}

static int equal_slices(sbx_run *run, const SliceObject *a, const SliceObject *b)
{
	int equal = sbx__equal(run, a->start, b->start);
	if (equal > 0)
		equal = sbx__equal(run, a->stop, b->stop);
	if (equal > 0)
		equal = sbx__equal(run, a->step, b->step);
	return equal;
}

/* Equality of two values of one kind that has no order. */
static int equal_of_kind(sbx_run *run, sbx_value a, sbx_value b)
{
	switch (SBX_GEN_KIND(a)) {
	case SBX_KIND_DICT:
		return sbx__dict_equal(run, a, b);
	case SBX_KIND_RANGE:
		return sbx__range_equal(run, a, b);
	case SBX_KIND_SLICE:
		return equal_slices(run, a.u.p, b.u.p);
	case SBX_KIND_HANDLE:
		return same_handle(a.u.p, b.u.p);
	case SBX_KIND_DATETIME:
		return same_time(a.u.p, b.u.p);
	case SBX_KIND_TIMEDELTA:
		return ((const TimeObject *)a.u.p)->microseconds ==
			   ((const TimeObject *)b.u.p)->microseconds;
	case SBX_KIND_METHOD: {
		const MethodObject *x = a.u.p, *y = b.u.p;
		return x->head.bits == y->head.bits && sbx_gen_is(x->self, y->self);
	}
	default:
		return sbx_gen_is(a, b);
	}
}

static bool is_set(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_SET || SBX_GEN_KIND(v) == SBX_KIND_FROZENSET;
}
static bool is_set_view(sbx_value v)
{
	return SBX_GEN_KIND(v) == SBX_KIND_DICT_VIEW && sbx__dict_view_type(v) != SBX_TYPE_dict_values;
}

static int equal_texts(sbx_run *run, sbx_value a, sbx_value b)
{
	const sbx_gen_str *x = STR(a), *y = STR(b);
	int order;
	if (x->length <= SBX_LONG)
		return sbx__str_equal(a, b);
	if (x->length != y->length || (x->hash != y->hash && x->hash != -1 && y->hash != -1) ||
		x->head.bits != y->head.bits)
		return 0;
	return sbx__compare_long(run, x + 1, y + 1, x->length * x->head.bits, &order) ? -1 : order == 0;
}

int sbx_gen_compare_slow(sbx_run *run, int op, sbx_value a, sbx_value b)
{
	int order;
	if (is_number(a) && is_number(b)) {
		if (SBX_GEN_KIND(a) == SBX_KIND_BIG && SBX_GEN_KIND(b) == SBX_KIND_BIG &&
			sbx__spend(run, ((const sbx_gen_big *)a.u.p)->count / 8))
			return -1;
		return compare_numbers(op, a, b);
	}
	if (SBX_GEN_KIND(a) == SBX_GEN_KIND(b)) {
		switch (SBX_GEN_KIND(a)) {
		case SBX_KIND_STR:
			if (op <= SBX_COMPARE_NE)
				return by_equality(op, equal_texts(run, a, b));
			/* fallthrough */
		case SBX_KIND_BYTES:
			if (sbx__text_compare(run, a, b, &order))
				return -1;
			return sbx__order_decides(op, order);
		case SBX_KIND_LIST:
		case SBX_KIND_TUPLE:
			return sbx__sequence_compare(run, op, a, b);
		default:
			break;
		}
	}
	if (is_set(a) && is_set(b))
		return sbx__set_compare(run, op, a, b);
	if ((is_set_view(a) && (is_set(b) || is_set_view(b))) || (is_set(a) && is_set_view(b)))
		return sbx__dict_view_compare(run, op, a, b);
	if (op > SBX_COMPARE_NE)
		return unordered(run, op, a, b);
	return by_equality(op, SBX_GEN_KIND(a) == SBX_GEN_KIND(b) ? equal_of_kind(run, a, b) : 0);
}

/* Floats are values here and have no identity: a nan counts as the same as itself when its bits
 * are. */
int sbx__equal(sbx_run *run, sbx_value a, sbx_value b)
{
	if (a.tag == b.tag && a.u.i == b.u.i)
		return 1;
	return sbx_gen_compare_slow(run, SBX_COMPARE_EQ, a, b);
}

/* ---- hash ---- */

/* CPython's: the value modulo 2**61 - 1, so that it equals the hash of an int of the same value. */
int64_t sbx__float_hash(double f)
{
	const uint64_t prime = ((uint64_t)1 << 61) - 1;
	uint64_t hash = 0;
	int exponent, sign = 1;
	if (isinf(f))
		return f > 0 ? 314159 : -314159;
	if (isnan(f))
		return 0;
	f = frexp(f, &exponent);
	if (f < 0) {
		sign = -1;
		f = -f;
	}
	while (f != 0.0) {
		uint64_t part;
		hash = ((hash << 28) & prime) | hash >> 33;
		f *= 268435456.0;
		exponent -= 28;
		part = (uint64_t)f;
		f -= (double)part;
		hash += part;
		if (hash >= prime)
			hash -= prime;
	}
	exponent = exponent >= 0 ? exponent % 61 : 60 - (-1 - exponent) % 61;
	hash = ((hash << exponent) & prime) | hash >> (61 - exponent);
	if (sign < 0)
		return hash == 1 ? -2 : -(int64_t)hash;
	return (int64_t)hash;
}

static int64_t mixed(int64_t a, int64_t b)
{
	uint64_t h = ((uint64_t)a ^ 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 31 ^ (uint64_t)b) * 0x94d049bb133111ebu;
	h ^= h >> 29;
	return h == UINT64_MAX ? -2 : (int64_t)h;
}

static int unhashable(sbx_run *run, sbx_value v)
{
	sbx__raise(run, SBX_TYPE_TypeError, "unhashable type: '%T'", v);
	return -1;
}

int sbx__hash(sbx_run *run, sbx_value v, int64_t *hash)
{
	unsigned kind = SBX_GEN_KIND(v);
	*hash = mixed(kind, 0);
	switch (kind) {
	case SBX_KIND_BOOL:
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
		*hash = sbx__int_hash(v);
		return kind == SBX_KIND_BIG ? sbx__spend(run, ((const sbx_gen_big *)v.u.p)->count) : 0;
	case SBX_KIND_FLOAT:
		*hash = sbx__float_hash(v.u.f);
		return 0;
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		return sbx__str_hash_long(run, v, hash);
	case SBX_KIND_TUPLE:
		return sbx__tuple_hash(run, v, hash);
	case SBX_KIND_FROZENSET:
		return sbx__frozenset_hash(run, v, hash);
	case SBX_KIND_RANGE:
		return sbx__range_hash(run, v, hash);
	case SBX_KIND_TYPE:
	case SBX_KIND_BUILTIN:
		*hash = mixed(kind, v.u.i);
		return 0;
	case SBX_KIND_TASK:
		*hash = mixed(kind, sbx_str_hash(((const sbx_gen_task *)v.u.p)->name,
										 strlen(((const sbx_gen_task *)v.u.p)->name)));
		return 0;
	case SBX_KIND_FUNCTION:
		*hash = mixed(kind, ((const sbx_gen_closure *)v.u.p)->function->line);
		return 0;
	case SBX_KIND_METHOD:
		*hash = mixed(kind, ((const MethodObject *)v.u.p)->head.bits);
		return 0;
	case SBX_KIND_HANDLE:
		*hash = mixed(kind, sbx__str_hash(((const HandleObject *)v.u.p)->path));
		return 0;
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA: {
		const TimeObject *time = v.u.p;
		int64_t offset = kind == SBX_KIND_DATETIME && time->offset_minutes != INT32_MIN
							 ? time->offset_minutes
							 : 0;
		*hash = mixed(kind, time->microseconds - offset * 60000000);
		return 0;
	}
	case SBX_KIND_LIST:
	case SBX_KIND_DICT:
	case SBX_KIND_SET:
	case SBX_KIND_SLICE:
		return unhashable(run, v);
	case SBX_KIND_DICT_VIEW:
		return is_set_view(v) ? unhashable(run, v) : 0;
	default:
		return 0;
	}
}
