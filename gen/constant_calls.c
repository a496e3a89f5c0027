/*
 * Calls of builtins and of datetime.timedelta with constant arguments.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include "sbx.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool has_items(const Constant *constant)
{
	return constant->sort >= SORT_LIST && constant->sort <= SORT_DICT;
}

static const Constant *unknown_call(ModuleEnv *env, const AstCall *call, const Arguments *arguments)
{
	for (uint32_t i = 0; i < arguments->positional_count; i++)
		if (arguments->positional[i]->sort == SORT_UNKNOWN)
			return arguments->positional[i];
	return constant_unknown(env->declaring, env->source, &call->base,
							"this call of '%s' is not evaluated at compile time",
							node_text(env->declaring->arena, env->source, call->func));
}

/* ---- containers ---- */

/* list(x), tuple(x), set(x), frozenset(x) */
static const Constant *make_sequence(ModuleEnv *env, const AstCall *call, ConstantSort sort,
									 const Arguments *arguments)
{
	Declaring *d = env->declaring;
	if (arguments->keyword_count || arguments->positional_count > 1)
		return NULL;
	const Constant *from = arguments->positional_count ? arguments->positional[0] : NULL;
	if (from && !has_items(from))
		return NULL;
	bool unique = sort == SORT_SET || sort == SORT_FROZENSET;
	Constant *result = constant_make(d, sort, env->source, &call->base);
	result->items = constant_item_array(d, from ? from->count : 0);
	for (uint32_t i = 0; from && i < from->count; i++) {
		uint32_t k = unique ? 0 : result->count;
		while (k < result->count && !constant_equals(result->items[k], from->items[i]))
			k++;
		if (k == result->count)
			result->items[result->count++] = from->items[i];
	}
	return result;
}

static void put_pair(Constant *dict, const Constant *key, const Constant *value)
{
	uint32_t k = 0;
	while (k < dict->count && !constant_equals(dict->items[k], key))
		k++;
	if (k == dict->count)
		dict->items[dict->count++] = key;
	dict->values[k] = value;
}

/* dict(), dict(x=int), dict(other, x=int), dict([("x", int)]) */
static const Constant *make_dict(ModuleEnv *env, const AstCall *call, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	const Constant *from = arguments->positional_count ? arguments->positional[0] : NULL;
	if (arguments->positional_count > 1 || (from && !has_items(from)))
		return NULL;
	Constant *dict = constant_make(d, SORT_DICT, env->source, &call->base);
	uint32_t most = (from ? from->count : 0) + arguments->keyword_count;
	dict->items = constant_item_array(d, most);
	dict->values = constant_item_array(d, most);
	for (uint32_t i = 0; from && i < from->count; i++) {
		const Constant *pair = from->items[i];
		if (from->sort == SORT_DICT)
			put_pair(dict, pair, from->values[i]);
		else if ((pair->sort == SORT_TUPLE || pair->sort == SORT_LIST) && pair->count == 2)
			put_pair(dict, pair->items[0], pair->items[1]);
		else
			return NULL;
	}
	for (uint32_t i = 0; i < arguments->keyword_count; i++) {
		const Atom *name = arguments->names[i];
		put_pair(dict, constant_str(d, name->text, name->length, env->source, arguments->nodes[i]),
				 arguments->values[i]);
	}
	return dict;
}

static const Constant *dict_fromkeys(ModuleEnv *env, const AstCall *call,
									 const Arguments *arguments)
{
	Declaring *d = env->declaring;
	if (arguments->keyword_count || !arguments->positional_count || arguments->positional_count > 2)
		return NULL;
	const Constant *keys = arguments->positional[0];
	if (!has_items(keys))
		return NULL;
	const Constant *value = arguments->positional_count == 2
								? arguments->positional[1]
								: constant_make(d, SORT_NONE, env->source, &call->base);
	Constant *dict = constant_make(d, SORT_DICT, env->source, &call->base);
	dict->items = constant_item_array(d, keys->count);
	dict->values = constant_item_array(d, keys->count);
	for (uint32_t i = 0; i < keys->count; i++)
		put_pair(dict, keys->items[i], value);
	return dict;
}

static const Constant *make_range(ModuleEnv *env, const AstCall *call, const Arguments *arguments)
{
	Declaring *d = env->declaring;
	int64_t bounds[3] = {0, 0, 1};
	uint32_t n = arguments->positional_count;
	if (arguments->keyword_count || !n || n > 3)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		if (arguments->positional[i]->sort != SORT_INT || !arguments->positional[i]->fits)
			return NULL;
		bounds[n == 1 ? 1 : i] = arguments->positional[i]->integer;
	}
	if (!bounds[2] || llabs(bounds[0]) > 1000000 || llabs(bounds[1]) > 1000000 ||
		llabs(bounds[2]) > 1000000)
		return NULL;
	Constant *list = constant_make(d, SORT_LIST, env->source, &call->base);
	int64_t span = bounds[2] > 0 ? bounds[1] - bounds[0] : bounds[0] - bounds[1];
	int64_t step = llabs(bounds[2]);
	int64_t count = span > 0 ? (span + step - 1) / step : 0;
	if (count > 10000)
		return NULL;
	list->items = constant_item_array(d, (uint32_t)count);
	for (int64_t i = 0; i < count; i++)
		list->items[list->count++] =
			constant_of_int(d, bounds[0] + i * bounds[2], env->source, &call->base);
	return list;
}

/* ---- scalars ---- */

static const Constant *make_str(ModuleEnv *env, const AstCall *call, const Constant *value,
								int conversion)
{
	Text out;
	text_init(&out, env->declaring->arena);
	if (!constant_format(&out, value, conversion, "", 0))
		return NULL;
	return constant_str(env->declaring, out.bytes, out.length, env->source, &call->base);
}

static const Constant *make_int(ModuleEnv *env, const AstCall *call, const Constant *value)
{
	if ((value->sort == SORT_INT || value->sort == SORT_BOOL) && value->fits)
		return constant_of_int(env->declaring, value->integer, env->source, &call->base);
	if (value->sort == SORT_FLOAT && fabs(value->real) < 9e18)
		return constant_of_int(env->declaring, (int64_t)value->real, env->source, &call->base);
	if (value->sort != SORT_STR || !value->length || value->length > 18)
		return NULL;
	int64_t number = 0;
	for (uint32_t i = 0; i < value->length; i++) {
		if (value->text[i] < '0' || value->text[i] > '9')
			return NULL;
		number = number * 10 + (value->text[i] - '0');
	}
	return constant_of_int(env->declaring, number, env->source, &call->base);
}

static const Constant *make_float(ModuleEnv *env, const AstCall *call, const Constant *value)
{
	if (value->sort != SORT_FLOAT &&
		!((value->sort == SORT_INT || value->sort == SORT_BOOL) && value->fits))
		return NULL;
	Constant *result = constant_make(env->declaring, SORT_FLOAT, env->source, &call->base);
	result->real = value->sort == SORT_FLOAT ? value->real : (double)value->integer;
	return result;
}

static const Constant *make_bool(ModuleEnv *env, const AstCall *call, const Constant *value)
{
	int truth = constant_truth(value);
	if (truth < 0)
		return NULL;
	Constant *result = constant_make(env->declaring, SORT_BOOL, env->source, &call->base);
	result->fits = true;
	result->integer = truth;
	return result;
}

static const Constant *count_items(ModuleEnv *env, const AstCall *call, const Constant *value)
{
	int64_t count = 0;
	if (value->sort == SORT_STR)
		for (uint32_t i = 0; i < value->length; i++)
			count += ((unsigned char)value->text[i] & 0xC0) != 0x80;
	else if (has_items(value))
		count = value->count;
	else if (value->sort == SORT_BYTES)
		count = value->length;
	else
		return NULL;
	return constant_of_int(env->declaring, count, env->source, &call->base);
}

/* min and max of constants that compare; of one list or of several arguments */
static const Constant *extreme(ModuleEnv *env, const AstCall *call, const Arguments *arguments,
							   CompareOperator op)
{
	bool single = arguments->positional_count == 1;
	const Constant *list = arguments->positional[0];
	if (single && !has_items(list))
		return NULL;
	const Constant *const *items = single ? list->items : arguments->positional;
	uint32_t count = single ? list->count : arguments->positional_count;
	const Constant *best = count ? items[0] : NULL;
	for (uint32_t i = 1; i < count; i++) {
		const Constant *better = constant_compare(env, &call->base, op, items[i], best);
		if (better->sort != SORT_BOOL)
			return NULL;
		if (better->integer)
			best = items[i];
	}
	return best;
}

static const Constant *call_with_one(ModuleEnv *env, const AstCall *call, const char *name,
									 const Constant *value)
{
	if (value->sort == SORT_UNKNOWN)
		return value;
	if (!strcmp(name, "str"))
		return make_str(env, call, value, 's');
	if (!strcmp(name, "repr"))
		return make_str(env, call, value, 'r');
	if (!strcmp(name, "int"))
		return make_int(env, call, value);
	if (!strcmp(name, "float"))
		return make_float(env, call, value);
	if (!strcmp(name, "bool"))
		return make_bool(env, call, value);
	if (!strcmp(name, "len"))
		return count_items(env, call, value);
	if (!strcmp(name, "type") && value->sort == SORT_NONE) {
		Constant *type = constant_make(env->declaring, SORT_TYPE, env->source, &call->base);
		type->type = type_simple(env->declaring->types, TYPE_NONE);
		return type;
	}
	if (!strcmp(name, "abs") && value->sort == SORT_INT && value->fits &&
		value->integer != INT64_MIN)
		return constant_of_int(env->declaring, llabs(value->integer), env->source, &call->base);
	return NULL;
}

const Constant *constant_builtin(ModuleEnv *env, const AstCall *call, const char *name,
								 const Arguments *arguments)
{
	static const struct {
		const char *name;
		ConstantSort sort;
	} sequences[] = {{"list", SORT_LIST},
					 {"tuple", SORT_TUPLE},
					 {"set", SORT_SET},
					 {"frozenset", SORT_FROZENSET}};
	const Constant *result = NULL;
	if (arguments->unknown)
		return arguments->unknown;
	for (size_t i = 0; i < sizeof sequences / sizeof *sequences; i++)
		if (!strcmp(name, sequences[i].name))
			result = make_sequence(env, call, sequences[i].sort, arguments);
	if (!strcmp(name, "dict"))
		result = make_dict(env, call, arguments);
	else if (!strcmp(name, "dict.fromkeys"))
		result = dict_fromkeys(env, call, arguments);
	else if (!strcmp(name, "range"))
		result = make_range(env, call, arguments);
	else if (!strcmp(name, "str") && !arguments->positional_count && !arguments->keyword_count)
		result = constant_str(env->declaring, "", 0, env->source, &call->base);
	else if ((!strcmp(name, "min") || !strcmp(name, "max")) && arguments->positional_count &&
			 !arguments->keyword_count)
		result =
			extreme(env, call, arguments, *name == 'm' && name[1] == 'i' ? COMPARE_LT : COMPARE_GT);
	else if (!strncmp(name, "str.", 4) && arguments->positional_count &&
			 arguments->positional[0]->sort == SORT_STR) {
		Arguments rest = *arguments; /* str.strip(TEXT) */
		rest.positional++;
		rest.positional_nodes++;
		rest.positional_count--;
		result = constant_method(env, call, arguments->positional[0], name + 4, &rest);
	} else if (!result && arguments->positional_count == 1 && !arguments->keyword_count)
		result = call_with_one(env, call, name, arguments->positional[0]);
	return result ? result : unknown_call(env, call, arguments);
}

/* ---- datetime.timedelta ---- */

const Constant *constant_timedelta(ModuleEnv *env, const AstCall *call, const Arguments *arguments)
{
	static const struct {
		const char *name;
		double microseconds;
	} units[] = {{"days", 86400e6}, {"seconds", 1e6},  {"microseconds", 1}, {"milliseconds", 1e3},
				 {"minutes", 60e6}, {"hours", 3600e6}, {"weeks", 604800e6}};
	enum { UNITS = sizeof units / sizeof *units };
	const Constant *given[UNITS] = {0};
	if (arguments->unknown)
		return arguments->unknown;
	if (arguments->positional_count > UNITS)
		return unknown_call(env, call, arguments);
	for (uint32_t i = 0; i < arguments->positional_count; i++)
		given[i] = arguments->positional[i];
	for (uint32_t i = 0; i < arguments->keyword_count; i++) {
		size_t unit = 0;
		while (unit < UNITS && strcmp(units[unit].name, arguments->names[i]->text))
			unit++;
		if (unit == UNITS)
			return unknown_call(env, call, arguments);
		given[unit] = arguments->values[i];
	}
	double total = 0;
	for (size_t i = 0; i < UNITS; i++) {
		if (!given[i])
			continue;
		if (given[i]->sort == SORT_UNKNOWN)
			return given[i];
		if (given[i]->sort != SORT_FLOAT &&
			!((given[i]->sort == SORT_INT || given[i]->sort == SORT_BOOL) && given[i]->fits))
			return unknown_call(env, call, arguments);
		total += units[i].microseconds *
				 (given[i]->sort == SORT_FLOAT ? given[i]->real : (double)given[i]->integer);
	}
	if (!(fabs(total) < 9e15))
		return unknown_call(env, call, arguments);
	Constant *result = constant_make(env->declaring, SORT_TIMEDELTA, env->source, &call->base);
	result->integer = (int64_t)rint(total);
	return result;
}
