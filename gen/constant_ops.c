/*
 * Operators on constants and their comparison. Integers are evaluated while they fit 64 bits; a larger result is unknown
 * (a larger literal is kept as its text).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include "sbx.h"

#include <math.h>
#include <string.h>

bool constant_is_value(const Constant *constant)
{
	if (constant->sort > SORT_TIMEDELTA)
		return false;
	for (uint32_t i = 0; i < constant->count; i++)
		if (!constant_is_value(constant->items[i]) ||
			(constant->values && !constant_is_value(constant->values[i])))
			return false;
	return true;
}

static bool is_integer(const Constant *constant)
{
	return (constant->sort == SORT_INT || constant->sort == SORT_BOOL) && constant->fits;
}

static bool is_number(const Constant *constant)
{
	return is_integer(constant) || constant->sort == SORT_FLOAT;
}

static double as_real(const Constant *constant)
{
	return constant->sort == SORT_FLOAT ? constant->real : (double)constant->integer;
}

bool constant_equals(const Constant *a, const Constant *b)
{
	if (a == b)
		return true;
	if (is_number(a) && is_number(b))
		return is_integer(a) && is_integer(b) ? a->integer == b->integer : as_real(a) == as_real(b);
	if (a->sort != b->sort)
		return false;
	switch (a->sort) {
	case SORT_NONE:
	case SORT_ELLIPSIS:
		return true;
	case SORT_INT:
		return !a->fits && !b->fits && !strcmp(a->text, b->text);
	case SORT_STR:
	case SORT_BYTES:
	case SORT_SYMBOL:
		return a->length == b->length && !memcmp(a->text, b->text, a->length);
	case SORT_TIMEDELTA:
		return a->integer == b->integer;
	case SORT_TYPE:
		return a->type == b->type;
	case SORT_LIST:
	case SORT_TUPLE:
		if (a->count != b->count)
			return false;
		for (uint32_t i = 0; i < a->count; i++)
			if (!constant_equals(a->items[i], b->items[i]))
				return false;
		return true;
	case SORT_MODULE:
	case SORT_ENVIRONMENT:
	case SORT_TASK:
		return a->object == b->object;
	default:
		return false;
	}
}

int constant_truth(const Constant *constant)
{
	switch (constant->sort) {
	case SORT_NONE:
		return 0;
	case SORT_BOOL:
	case SORT_TIMEDELTA:
		return constant->integer != 0;
	case SORT_INT:
		return !constant->fits || constant->integer != 0;
	case SORT_FLOAT:
		return constant->real != 0;
	case SORT_STR:
	case SORT_BYTES:
		return constant->length != 0;
	case SORT_LIST:
	case SORT_TUPLE:
	case SORT_SET:
	case SORT_FROZENSET:
	case SORT_DICT:
		return constant->count != 0;
	default:
		return -1;
	}
}

/* ---- arithmetic ---- */

static const Constant *make_real(ModuleEnv *env, const Node *node, double real)
{
	Constant *result = constant_make(env->declaring, SORT_FLOAT, env->source, node);
	result->real = real;
	return result;
}

static bool power(int64_t base, int64_t exponent, int64_t *result)
{
	*result = 1;
	for (int64_t i = 0; i < exponent; i++) {
		if (__builtin_mul_overflow(*result, base, result))
			return false;
		if ((*result == 0 || *result == 1) && (base == 0 || base == 1))
			return true;
	}
	return true;
}

/* Python's // and %: the quotient is rounded down. False: division by zero or overflow. */
static bool divide(int64_t a, int64_t b, int64_t *quotient, int64_t *rest)
{
	if (!b || (a == INT64_MIN && b == -1))
		return false;
	*quotient = a / b;
	*rest = a % b;
	if (*rest && (*rest < 0) != (b < 0)) {
		(*quotient)--;
		*rest += b;
	}
	return true;
}

/* False: not known. */
static bool integer_op(BinaryOperator op, int64_t a, int64_t b, int64_t *result)
{
	int64_t other;
	switch (op) {
	case BINARY_ADD:
		return !__builtin_add_overflow(a, b, result);
	case BINARY_SUB:
		return !__builtin_sub_overflow(a, b, result);
	case BINARY_MULT:
		return !__builtin_mul_overflow(a, b, result);
	case BINARY_FLOOR_DIV:
		return divide(a, b, result, &other);
	case BINARY_MOD:
		return divide(a, b, &other, result);
	case BINARY_POW:
		return b >= 0 && b < 4096 && power(a, b, result);
	case BINARY_L_SHIFT:
		if (b < 0 || b > 62 || a > (INT64_MAX >> b) || a < (INT64_MIN >> b))
			return false;
		*result = a * ((int64_t)1 << b);
		return true;
	case BINARY_R_SHIFT:
		*result = b > 62 ? (a < 0 ? -1 : 0) : a >> b;
		return b >= 0;
	case BINARY_BIT_OR:
		*result = a | b;
		return true;
	case BINARY_BIT_XOR:
		*result = a ^ b;
		return true;
	case BINARY_BIT_AND:
		*result = a & b;
		return true;
	default:
		return false;
	}
}

static const Constant *number_op(ModuleEnv *env, const Node *node, BinaryOperator op,
								 const Constant *a, const Constant *b)
{
	int64_t result;
	if (is_integer(a) && is_integer(b)) {
		if (op == BINARY_DIV && b->integer)
			return make_real(env, node, (double)a->integer / (double)b->integer);
		if (op != BINARY_DIV && integer_op(op, a->integer, b->integer, &result))
			return constant_of_int(env->declaring, result, env->source, node);
		return NULL;
	}
	double x = as_real(a), y = as_real(b);
	switch (op) {
	case BINARY_ADD:
		return make_real(env, node, x + y);
	case BINARY_SUB:
		return make_real(env, node, x - y);
	case BINARY_MULT:
		return make_real(env, node, x * y);
	case BINARY_DIV:
		return y != 0 ? make_real(env, node, x / y) : NULL;
	default:
		return NULL;
	}
}

static const Constant *repeat(ModuleEnv *env, const Node *node, const Constant *a, int64_t times)
{
	Declaring *d = env->declaring;
	bool is_text = a->sort == SORT_STR || a->sort == SORT_BYTES;
	uint32_t unit = is_text ? a->length : a->count;
	if (times < 0)
		times = 0;
	if (times > 1000000 || (uint64_t)times * unit > 1000000)
		return constant_unknown(d, env->source, node, "the result is too large");
	Constant *result = constant_make(d, a->sort, env->source, node);
	uint32_t total = (uint32_t)times * unit;
	if (is_text) {
		char *text = arena_alloc(d->arena, total + 1);
		for (uint32_t i = 0; unit && i < (uint32_t)times; i++)
			memcpy(text + i * unit, a->text, unit);
		result->text = text;
		result->length = total;
	} else {
		result->items = constant_item_array(d, total);
		for (uint32_t i = 0; i < total; i++)
			result->items[i] = a->items[i % unit];
		result->count = total;
	}
	return result;
}

static const Constant *concatenate(ModuleEnv *env, const Node *node, const Constant *a,
								   const Constant *b)
{
	Declaring *d = env->declaring;
	Constant *result = constant_make(d, a->sort, env->source, node);
	if (a->sort == SORT_STR || a->sort == SORT_BYTES) {
		char *text = arena_alloc(d->arena, (size_t)a->length + b->length + 1);
		memcpy(text, a->text, a->length);
		memcpy(text + a->length, b->text, b->length);
		result->text = text;
		result->length = a->length + b->length;
		return result;
	}
	result->items = constant_item_array(d, a->count + b->count);
	for (uint32_t i = 0; i < a->count; i++)
		result->items[i] = a->items[i];
	for (uint32_t i = 0; i < b->count; i++)
		result->items[a->count + i] = b->items[i];
	result->count = a->count + b->count;
	return result;
}

static const Constant *merge(ModuleEnv *env, const Node *node, const Constant *a, const Constant *b)
{
	Declaring *d = env->declaring;
	Constant *result = constant_make(d, SORT_DICT, env->source, node);
	result->items = constant_item_array(d, a->count + b->count);
	result->values = constant_item_array(d, a->count + b->count);
	for (uint32_t i = 0; i < a->count + b->count; i++) {
		const Constant *key = i < a->count ? a->items[i] : b->items[i - a->count];
		uint32_t k = 0;
		while (k < result->count && !constant_equals(result->items[k], key))
			k++;
		result->items[k] = k < result->count ? result->items[k] : key;
		result->values[k] = i < a->count ? a->values[i] : b->values[i - a->count];
		result->count += k == result->count;
	}
	return result;
}

static bool is_repeatable(const Constant *constant)
{
	return constant->sort == SORT_STR || constant->sort == SORT_BYTES ||
		   constant->sort == SORT_LIST || constant->sort == SORT_TUPLE;
}

/* "%s-%d" % (a, b) with the plain conversions. */
static const Constant *percent(ModuleEnv *env, const Node *node, const Constant *format,
							   const Constant *value)
{
	Declaring *d = env->declaring;
	Text out;
	text_init(&out, d->arena);
	uint32_t next = 0, count = value->sort == SORT_TUPLE ? value->count : 1;
	for (uint32_t i = 0; i < format->length; i++) {
		char c = format->text[i];
		if (c != '%') {
			text_char(&out, c);
			continue;
		}
		c = i + 1 < format->length ? format->text[++i] : 0;
		if (c == '%') {
			text_char(&out, c);
			continue;
		}
		const Constant *item =
			next < count ? (value->sort == SORT_TUPLE ? value->items[next] : value) : NULL;
		next++;
		if (!item || (c != 's' && c != 'r' && !(c == 'd' && is_integer(item))) ||
			!constant_format(&out, item, c == 'r' ? 'r' : 's', "", 0))
			return constant_unknown(d, env->source, node,
									"this formatting is not evaluated at compile time");
	}
	if (next != count)
		return constant_unknown(d, env->source, node,
								"the format does not use all of its arguments");
	return constant_str(d, out.bytes, out.length, env->source, node);
}

const Constant *constant_binary(ModuleEnv *env, const Node *node, BinaryOperator op,
								const Constant *a, const Constant *b)
{
	const Constant *result = NULL;
	if (op == BINARY_BIT_OR && constant_as_type(env, a) && constant_as_type(env, b) &&
		(a->sort != SORT_STR || b->sort != SORT_STR)) {
		const Type *members[2] = {constant_as_type(env, a), constant_as_type(env, b)};
		Constant *type = constant_make(env->declaring, SORT_TYPE, env->source, node);
		type->type = type_make(env->declaring->types, TYPE_UNION, members, 2);
		return type;
	}
	if (a->sort == SORT_UNKNOWN || b->sort == SORT_UNKNOWN)
		return a->sort == SORT_UNKNOWN ? a : b;
	if (is_number(a) && is_number(b))
		result = number_op(env, node, op, a, b);
	else if (op == BINARY_ADD && a->sort == b->sort && is_repeatable(a))
		result = concatenate(env, node, a, b);
	else if (op == BINARY_MULT && is_repeatable(a) && is_integer(b))
		result = repeat(env, node, a, b->integer);
	else if (op == BINARY_MULT && is_integer(a) && is_repeatable(b))
		result = repeat(env, node, b, a->integer);
	else if (op == BINARY_MOD && a->sort == SORT_STR)
		result = percent(env, node, a, b);
	else if (op == BINARY_BIT_OR && a->sort == SORT_DICT && b->sort == SORT_DICT)
		result = merge(env, node, a, b);
	else if (a->sort == SORT_TIMEDELTA || b->sort == SORT_TIMEDELTA) {
		int64_t microseconds;
		bool both = a->sort == b->sort;
		bool sum = both && (op == BINARY_ADD || op == BINARY_SUB);
		bool product = !both && op == BINARY_MULT && (is_integer(a) || is_integer(b));
		if ((sum || product) && integer_op(op, a->integer, b->integer, &microseconds)) {
			Constant *delta = constant_make(env->declaring, SORT_TIMEDELTA, env->source, node);
			delta->integer = microseconds;
			result = delta;
		}
	}
	return result ? result
				  : constant_unknown(env->declaring, env->source, node,
									 "this operation is not evaluated at compile time");
}

/* -1, 0, 1; 2: cannot be told */
static int order(const Constant *a, const Constant *b)
{
	if (is_integer(a) && is_integer(b))
		return (a->integer > b->integer) - (a->integer < b->integer);
	if (is_number(a) && is_number(b))
		return (as_real(a) > as_real(b)) - (as_real(a) < as_real(b));
	if (a->sort == SORT_STR && b->sort == SORT_STR) {
		int compared = memcmp(a->text, b->text, a->length < b->length ? a->length : b->length);
		return compared ? (compared > 0) - (compared < 0)
						: (a->length > b->length) - (a->length < b->length);
	}
	return 2;
}

static int is_in(const Constant *item, const Constant *container)
{
	if (container->sort == SORT_STR && item->sort == SORT_STR)
		return memmem(container->text, container->length, item->text, item->length) != NULL;
	if (container->sort != SORT_LIST && container->sort != SORT_TUPLE &&
		container->sort != SORT_DICT && container->sort != SORT_SET)
		return -1;
	int result = 0;
	for (uint32_t i = 0; i < container->count; i++) {
		if (container->items[i]->sort == SORT_UNKNOWN)
			return -1;
		result |= constant_equals(container->items[i], item);
	}
	return result;
}

const Constant *constant_compare(ModuleEnv *env, const Node *node, CompareOperator op,
								 const Constant *a, const Constant *b)
{
	int result = -1, ordered = 2;
	if (a->sort == SORT_UNKNOWN || b->sort == SORT_UNKNOWN)
		return a->sort == SORT_UNKNOWN ? a : b;
	bool values = constant_is_value(a) && constant_is_value(b);
	switch (op) {
	case COMPARE_EQ:
	case COMPARE_NOT_EQ:
		if (values)
			result = constant_equals(a, b) == (op == COMPARE_EQ);
		break;
	case COMPARE_IS:
	case COMPARE_IS_NOT:
		if (values && (a->sort == SORT_NONE || b->sort == SORT_NONE))
			result = (a->sort == b->sort) == (op == COMPARE_IS);
		break;
	case COMPARE_IN:
	case COMPARE_NOT_IN:
		result = is_in(a, b);
		if (result >= 0 && op == COMPARE_NOT_IN)
			result = !result;
		break;
	default:
		ordered = order(a, b);
		if (ordered != 2)
			result = op == COMPARE_LT     ? ordered < 0
					 : op == COMPARE_LT_E ? ordered <= 0
					 : op == COMPARE_GT   ? ordered > 0
										  : ordered >= 0;
		break;
	}
	if (result < 0)
		return constant_unknown(env->declaring, env->source, node,
								"this comparison is not evaluated at compile time");
	Constant *constant = constant_make(env->declaring, SORT_BOOL, env->source, node);
	constant->fits = true;
	constant->integer = result;
	return constant;
}
