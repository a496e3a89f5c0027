/*
 * The table of methods, and the calls that go through it.
 *
 * Every file of rows is read three times: to declare the functions, to list the rows, and to fill the table from kind
 * and name to row, which is 16 bits an entry.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "methods.h"

#include <string.h>

#include "containers.h"

/* ---- declarations ---- */

#define METHOD(kind, name, function, min, max, keywords) SBX_DECLARE_METHOD(function)
#define CLASS_METHOD METHOD
#define STATIC_METHOD METHOD
#define ATTRIBUTE(kind, name, function) SBX_DECLARE_METHOD(function)
#include "methods_all.def"
#undef METHOD
#undef ATTRIBUTE

/* ---- rows ---- */

#define METHOD(kind, name, function, min, max, keywords) ROW_##kind##_##name,
#define ATTRIBUTE(kind, name, function) ROW_##kind##_##name,
enum {
	ROW_NONE,
#include "methods_all.def"
	ROW_COUNT
};
#undef METHOD
#undef ATTRIBUTE
#undef CLASS_METHOD
#undef STATIC_METHOD

#define ROW(kind, name, function, min, max, keywords, form) \
	[ROW_##kind##_## \
		name] = {function, keywords, min, max, form, SBX_KIND_##kind, SBX_METHOD_##name},
#define METHOD(kind, name, function, min, max, keywords) \
	ROW(kind, name, function, min, max, keywords, METHOD_PLAIN)
#define CLASS_METHOD(kind, name, function, min, max, keywords) \
	ROW(kind, name, function, min, max, keywords, METHOD_CLASS)
#define STATIC_METHOD(kind, name, function, min, max, keywords) \
	ROW(kind, name, function, min, max, keywords, METHOD_STATIC)
#define ATTRIBUTE(kind, name, function) ROW(kind, name, function, 0, 0, NULL, METHOD_ATTRIBUTE)
static const MethodRow rows[ROW_COUNT] = {
#include "methods_all.def"
};
#undef METHOD
#undef CLASS_METHOD
#undef STATIC_METHOD
#undef ATTRIBUTE

#define METHOD(kind, name, function, min, max, keywords) \
	[SBX_KIND_##kind][SBX_METHOD_##name] = ROW_##kind##_##name,
#define CLASS_METHOD METHOD
#define STATIC_METHOD METHOD
#define ATTRIBUTE(kind, name, function) METHOD(kind, name, function, 0, 0, NULL)
static const uint16_t row_numbers[SBX_KIND_COUNT][SBX_METHOD_COUNT] = {
#include "methods_all.def"
};
#undef METHOD

static const char *const method_names[SBX_METHOD_COUNT] = {
#define METHOD_NAME(name) #name,
#include "../include/sbx_gen_methods.def"
#undef METHOD_NAME
};

const char *sbx__method_name(int method)
{
	return method_names[method];
}

const MethodRow *sbx__method_row(unsigned kind, int method)
{
	uint16_t number;
	if (kind == SBX_KIND_BIG || kind == SBX_KIND_BOOL)
		kind = SBX_KIND_INT;
	number = kind < SBX_KIND_COUNT ? row_numbers[kind][method] : ROW_NONE;
	return number ? &rows[number] : NULL;
}

/* The kind whose rows a type has; 0: a type without methods. */
static unsigned kind_of_type(int type)
{
	switch (type) {
	case SBX_TYPE_int:
	case SBX_TYPE_bool:
		return SBX_KIND_INT;
	case SBX_TYPE_float:
		return SBX_KIND_FLOAT;
	case SBX_TYPE_str:
		return SBX_KIND_STR;
	case SBX_TYPE_bytes:
		return SBX_KIND_BYTES;
	case SBX_TYPE_list:
		return SBX_KIND_LIST;
	case SBX_TYPE_tuple:
		return SBX_KIND_TUPLE;
	case SBX_TYPE_dict:
		return SBX_KIND_DICT;
	case SBX_TYPE_set:
		return SBX_KIND_SET;
	case SBX_TYPE_frozenset:
		return SBX_KIND_FROZENSET;
	case SBX_TYPE_range:
		return SBX_KIND_RANGE;
	default:
		return 0;
	}
}

static const char *kind_name(unsigned kind)
{
	static const char *const names[SBX_KIND_COUNT] = {
		[SBX_KIND_INT] = "int",
		[SBX_KIND_FLOAT] = "float",
		[SBX_KIND_STR] = "str",
		[SBX_KIND_BYTES] = "bytes",
		[SBX_KIND_LIST] = "list",
		[SBX_KIND_TUPLE] = "tuple",
		[SBX_KIND_DICT] = "dict",
		[SBX_KIND_SET] = "set",
		[SBX_KIND_FROZENSET] = "frozenset",
		[SBX_KIND_RANGE] = "range",
		[SBX_KIND_DICT_VIEW] = "dict_keys",
	};
	return names[kind];
}

int sbx__method_number(const char *name)
{
	for (int method = 0; method < SBX_METHOD_COUNT; method++)
		if (strcmp(method_names[method], name) == 0)
			return method;
	return -1;
}

int sbx_has_method(const char *type, const char *name)
{
	for (int method = 0; method < SBX_METHOD_COUNT; method++) {
		if (strcmp(method_names[method], name) != 0)
			continue;
		for (unsigned kind = 0; kind < SBX_KIND_COUNT; kind++) {
			const char *named = kind_name(kind);
			if (!row_numbers[kind][method])
				continue;
			if (!type || !strcmp(type, named) || (!strcmp(type, "bool") && kind == SBX_KIND_INT))
				return 1;
		}
	}
	return 0;
}

int sbx_method_arguments(const char *type, const char *name, unsigned *min, unsigned *max,
						 const char **keywords)
{
	for (size_t i = 1; i < ROW_COUNT; i++) {
		const MethodRow *row = &rows[i];
		const char *named = kind_name(row->kind);
		if (strcmp(method_names[row->method], name) || !named || strcmp(named, type))
			continue;
		*min = row->min;
		*max = row->max == SBX_ANY_COUNT ? UINT32_MAX : row->max;
		*keywords = row->keywords;
		return row->form == METHOD_PLAIN;
	}
	return 0;
}

/* ---- arguments ---- */

static const char *plural(uint32_t n)
{
	return n == 1 ? "" : "s";
}

/* The checks of functions without keywords. */
static int check_count(sbx_run *run, const MethodRow *row, const char *owner, uint32_t count)
{
	const char *name = method_names[row->method], *bound = row->min == row->max ? ""
														   : count < row->min   ? "at least "
																				: "at most ";
	uint32_t wanted = count < row->min ? row->min : row->max;
	if (count >= row->min && (count <= row->max || row->max == SBX_ANY_COUNT))
		return 0;
	if (row->keywords && !strcmp(row->keywords, "()"))
		sbx__raise(run, SBX_TYPE_TypeError, "%s() takes %s%d argument%s (%d given)", name,
				   *bound ? bound : "exactly ", (int)wanted, plural(wanted), (int)count);
	else if (row->max == 0)
		sbx__raise(run, SBX_TYPE_TypeError, "%s.%s() takes no arguments (%d given)", owner, name,
				   (int)count);
	else if (row->min == 1 && row->max == 1 && !row->keywords)
		sbx__raise(run, SBX_TYPE_TypeError, "%s.%s() takes exactly one argument (%d given)", owner,
				   name, (int)count);
	else
		sbx__raise(run, SBX_TYPE_TypeError, "%s expected %s%d argument%s, got %d", name, bound,
				   (int)wanted, plural(wanted), (int)count);
	return -1;
}

/* A parameter's name inside a list of names separated by blanks. */
typedef struct Name {
	const char *text;
	size_t length;
} Name;

static bool name_is(Name name, sbx_value str)
{
	if (STR(str)->length != name.length || STR(str)->head.bits != 1)
		return false;
	return !memcmp(sbx__str_units(str), name.text, name.length);
}

/* Cuts the list; returns how many parameters, *positional: how many of them may be given by position. */
static uint32_t parameter_names(const char *keywords, Name *out, uint32_t *positional)
{
	uint32_t count = 0;
	*positional = UINT32_MAX;
	while (*keywords) {
		size_t length = strcspn(keywords, " ");
		if (*keywords == '*') {
			*positional = count;
		} else {
			out[count].text = keywords;
			out[count++].length = length;
		}
		keywords += length;
		keywords += *keywords == ' ';
	}
	if (*positional == UINT32_MAX)
		*positional = count;
	return count;
}

/* A keyword argument that found no parameter. */
static int unexpected(sbx_run *run, const char *name, const Name *params, uint32_t given,
					  sbx_value names, uint32_t total)
{
	const sbx_gen_tuple *keywords = TUPLE(names);
	for (uint32_t i = 0; i < given; i++)
		for (uint64_t k = 0; k < keywords->length; k++)
			if (name_is(params[i], keywords->items[k])) {
				sbx__raise(run, SBX_TYPE_TypeError,
						   "argument for %s() given by name ('%V') and position (%d)", name,
						   keywords->items[k], (int)i + 1);
				return -1;
			}
	for (uint64_t k = 0; k < keywords->length; k++) {
		bool known = false;
		for (uint32_t i = given; i < total; i++)
			known = known || name_is(params[i], keywords->items[k]);
		if (!known) {
			sbx__raise(run, SBX_TYPE_TypeError, "'%V' is an invalid keyword argument for %s()",
					   keywords->items[k], name);
			return -1;
		}
	}
	return -1;
}

static void missing(sbx_run *run, const char *name, Name param, uint32_t place)
{
	char text[32] = "";
	memcpy(text, param.text, param.length < sizeof text ? param.length : sizeof text - 1);
	sbx__raise(run, SBX_TYPE_TypeError, "%s() missing required argument '%s' (pos %d)", name, text,
			   (int)place);
}

int sbx__bind_arguments(sbx_run *run, const char *name, const char *keywords, uint32_t min,
						uint32_t max, uint32_t count, const sbx_value *args, sbx_value names,
						sbx_value *bound)
{
	Name params[SBX_MAX_PARAMETERS];
	uint32_t positional, total = parameter_names(keywords, params, &positional);
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0,
			 given = count - named, found = 0;
	(void)max;
	if (count > total) {
		sbx__raise(run, SBX_TYPE_TypeError, "%s() takes %s %d %sargument%s (%d given)", name,
				   min < total ? "at most" : "exactly", (int)total, given ? "" : "keyword ",
				   plural(total), (int)count);
		return -1;
	}
	if (given > positional) {
		if (positional == 0)
			sbx__raise(run, SBX_TYPE_TypeError, "%s() takes no positional arguments", name);
		else
			sbx__raise(run, SBX_TYPE_TypeError, "%s() takes %s %d positional argument%s (%d given)",
					   name, min < positional ? "at most" : "exactly", (int)positional,
					   plural(positional), (int)given);
		return -1;
	}
	for (uint32_t i = 0; i < total; i++) {
		bound[i] = i < given ? args[i] : SBX_GEN_ERROR;
		if (i < given)
			continue;
		for (uint32_t k = 0; k < named && params[i].text[0] != '_'; k++)
			if (name_is(params[i], TUPLE(names)->items[k])) {
				bound[i] = args[given + k];
				found++;
			}
		if (bound[i].tag || i >= min)
			continue;
		if (params[i].text[0] == '_')
			sbx__raise(run, SBX_TYPE_TypeError, "%s() takes %s %d positional argument%s (%d given)",
					   name, min < positional ? "at least" : "exactly", (int)min, plural(min),
					   (int)given);
		else
			missing(run, name, params[i], i + 1);
		return -1;
	}
	return found < named ? unexpected(run, name, params, given, names, total) : 0;
}

/* ---- calls ---- */

/* owner: the type whose method it is, as messages say it. */
static sbx_value call_row(sbx_run *run, const MethodRow *row, const char *owner, sbx_value self,
						  uint32_t count, const sbx_value *args, sbx_value names)
{
	sbx_value bound[SBX_MAX_PARAMETERS];
	uint32_t total = 0;
	if (row->keywords && row->keywords[0] == '*' && row->keywords[1] == '*') {
		uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0;
		if (check_count(run, row, owner, count - named))
			return SBX_GEN_ERROR;
		return row->function(run, self, count, args, names);
	}
	if (!row->keywords || row->keywords[0] == '(') {
		if (SBX_IS(names, TUPLE) && TUPLE(names)->length)
			return sbx__raise(run, SBX_TYPE_TypeError, "%s.%s() takes no keyword arguments", owner,
							  method_names[row->method]);
		if (check_count(run, row, owner, count))
			return SBX_GEN_ERROR;
		return row->function(run, self, count, args, SBX_GEN_NONE);
	}
	if (sbx__bind_arguments(run, method_names[row->method], row->keywords, row->min, row->max,
							count, args, names, bound))
		return SBX_GEN_ERROR;
	for (const char *c = row->keywords; *c; c++)
		total += *c != ' ' && *c != '*' && (c == row->keywords || c[-1] == ' ');
	return row->function(run, self, total, bound, SBX_GEN_NONE);
}

/* str.upper("x"), dict.fromkeys(...): through the type. */
static sbx_value call_on_type(sbx_run *run, int type, int method, uint32_t count,
							  const sbx_value *args, sbx_value names)
{
	const MethodRow *row = sbx__method_row(kind_of_type(type), method);
	uint32_t named = SBX_IS(names, TUPLE) ? (uint32_t)TUPLE(names)->length : 0;
	sbx_value self = sbx_gen_make(SBX_KIND_TYPE, type);
	if (!row)
		return sbx_gen_get_attribute(run, self, method_names[method]);
	if (row->form == METHOD_CLASS || row->form == METHOD_STATIC)
		return call_row(run, row, kind_name(row->kind), self, count, args, names);
	if (row->form == METHOD_ATTRIBUTE)
		return sbx__raise(run, SBX_TYPE_TypeError, "'getset_descriptor' object is not callable");
	if (count == named)
		return sbx__raise(run, SBX_TYPE_TypeError, "unbound method %s.%s() needs an argument",
						  kind_name(row->kind), method_names[method]);
	if (!sbx__is_subtype(sbx__type_of(args[0]), type))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "descriptor '%s' for '%s' objects doesn't apply to a '%T' object",
						  method_names[method], sbx__type_names[type], args[0]);
	return call_row(run, row, kind_name(row->kind), args[0], count - 1, args + 1, names);
}

static sbx_value call_named(sbx_run *run, const char *owner, sbx_value object, int method,
							uint32_t count, const sbx_value *args, sbx_value names)
{
	const MethodRow *row;
	if (SBX_IS(object, TYPE))
		return call_on_type(run, (int)object.u.i, method, count, args, names);
	row = sbx__method_row(SBX_GEN_KIND(object), method);
	if (SBX_GEN_UNLIKELY(!row))
		return sbx_gen_get_attribute(run, object, method_names[method]);
	if (SBX_GEN_UNLIKELY(row->form == METHOD_ATTRIBUTE)) {
		sbx_value value = row->function(run, object, 0, NULL, SBX_GEN_NONE);
		return sbx__raise(run, SBX_TYPE_TypeError, "'%T' object is not callable", value);
	}
	return call_row(run, row, owner ? owner : kind_name(row->kind), object, count, args, names);
}

sbx_value sbx_gen_call_method(sbx_run *run, sbx_value object, int method, uint32_t count,
							  const sbx_value *args, sbx_value names)
{
	return call_named(run, NULL, object, method, count, args, names);
}

sbx_value sbx__call_bound(sbx_run *run, sbx_value object, int method, uint32_t count,
						  const sbx_value *args, sbx_value names)
{
	return call_named(run, SBX_IS(object, BOOL) ? "bool" : NULL, object, method, count, args,
					  names);
}

int sbx_gen_check_method_slow(sbx_run *run, sbx_value object, int method)
{
	unsigned kind = SBX_IS(object, TYPE) ? kind_of_type((int)object.u.i) : SBX_GEN_KIND(object);
	if (sbx__method_row(kind, method))
		return 0;
	sbx_gen_get_attribute(run, object, method_names[method]);
	return -1;
}

sbx_value sbx_gen_append_slow(sbx_run *run, sbx_value object, sbx_value item)
{
	sbx_value result = sbx_gen_call_method(run, object, SBX_METHOD_append, 1, &item, SBX_GEN_NONE);
	sbx_gen_drop(run, item);
	return result;
}

sbx_value sbx_gen_get_method(sbx_run *run, sbx_value object, int method)
{
	unsigned kind = SBX_IS(object, TYPE) ? kind_of_type((int)object.u.i) : SBX_GEN_KIND(object);
	const MethodRow *row = sbx__method_row(kind, method);
	MethodObject *bound;
	sbx_value v;
	if (!row || (row->form == METHOD_ATTRIBUTE && SBX_IS(object, TYPE)))
		return sbx_gen_get_attribute(run, object, method_names[method]);
	if (row->form == METHOD_ATTRIBUTE)
		return row->function(run, object, 0, NULL, SBX_GEN_NONE);
	v = sbx__object(run, SBX_KIND_METHOD, sizeof *bound, &bound);
	if (sbx__is_error(v))
		return v;
	bound->head.bits = (uint32_t)method;
	bound->self = sbx_gen_copy(object);
	return v;
}

sbx_value sbx_gen_get_attribute(sbx_run *run, sbx_value object, const char *name)
{
	if (SBX_IS(object, TYPE))
		return sbx__raise(run, SBX_TYPE_AttributeError, "type object '%s' has no attribute '%s'",
						  sbx__type_names[object.u.i], name);
	return sbx__raise(run, SBX_TYPE_AttributeError, "'%T' object has no attribute '%s'", object,
					  name);
}
