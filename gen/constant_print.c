/*
 * Constants as Python's repr writes them, and the types of their values.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include "sbx.h"

#include <string.h>

static const Type *join_items(TypeTable *types, const Constant *const *items, uint32_t count)
{
	const Type *joined = type_simple(types, TYPE_NEVER);
	for (uint32_t i = 0; i < count; i++)
		joined = type_join(types, joined, constant_type(types, items[i]));
	return joined;
}

const Type *constant_type(TypeTable *types, const Constant *constant)
{
	static const struct {
		ConstantSort sort;
		TypeKind kind;
	} simple[] = {{SORT_NONE, TYPE_NONE},          {SORT_BOOL, TYPE_BOOL}, {SORT_INT, TYPE_INT},
				  {SORT_FLOAT, TYPE_FLOAT},        {SORT_STR, TYPE_STR},   {SORT_BYTES, TYPE_BYTES},
				  {SORT_TIMEDELTA, TYPE_TIMEDELTA}};
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (constant->sort == simple[i].sort)
			return type_simple(types, simple[i].kind);
	const Type *parts[2] = {join_items(types, constant->items, constant->count), NULL};
	switch (constant->sort) {
	case SORT_LIST:
		return type_make(types, TYPE_LIST, parts, 1);
	case SORT_SET:
		return type_make(types, TYPE_SET, parts, 1);
	case SORT_FROZENSET:
		return type_make(types, TYPE_FROZENSET, parts, 1);
	case SORT_DICT:
		parts[1] = join_items(types, constant->values, constant->count);
		return type_make(types, TYPE_DICT, parts, 2);
	case SORT_TUPLE:
		if (constant->count <= 8) {
			const Type *items[8];
			for (uint32_t i = 0; i < constant->count; i++)
				items[i] = constant_type(types, constant->items[i]);
			return type_make(types, TYPE_TUPLE, items, constant->count);
		}
		return type_make(types, TYPE_TUPLE_OF, parts, 1);
	default:
		return type_simple(types, TYPE_ANY);
	}
}

static bool every_fits(TypeTable *types, const Constant *const *items, uint32_t count,
					   const Type *type)
{
	for (uint32_t i = 0; i < count; i++)
		if (!constant_fits(types, items[i], type))
			return false;
	return true;
}

bool constant_fits(TypeTable *types, const Constant *constant, const Type *type)
{
	if (type->kind == TYPE_UNION) {
		for (uint32_t i = 0; i < type->count; i++)
			if (constant_fits(types, constant, type->args[i]))
				return true;
		return false;
	}
	if (type_never_fits(constant_type(types, constant), type))
		return false;
	switch (type->kind) {
	case TYPE_LIST:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_TUPLE_OF:
		return every_fits(types, constant->items, constant->count, type->args[0]);
	case TYPE_DICT:
		return every_fits(types, constant->items, constant->count, type->args[0]) &&
			   every_fits(types, constant->values, constant->count, type->args[1]);
	case TYPE_TUPLE:
		for (uint32_t i = 0; i < constant->count && i < type->count; i++)
			if (!constant_fits(types, constant->items[i], type->args[i]))
				return false;
		return true;
	default:
		return true;
	}
}

static void print_quoted(Text *out, const Constant *constant)
{
	bool bytes = constant->sort == SORT_BYTES;
	char quote = memchr(constant->text, '\'', constant->length) &&
						 !memchr(constant->text, '"', constant->length)
					 ? '"'
					 : '\'';
	text_put(out, bytes ? "b" : "");
	text_char(out, quote);
	for (uint32_t i = 0; i < constant->length; i++) {
		unsigned char c = (unsigned char)constant->text[i];
		if (c == (unsigned char)quote || c == '\\')
			text_format(out, "\\%c", c);
		else if (c == '\n' || c == '\t' || c == '\r')
			text_put(out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r");
		else if (c < 0x20 || c == 0x7F || (bytes && c > 0x7F))
			text_format(out, "\\x%02x", c);
		else
			text_char(out, (char)c);
	}
	text_char(out, quote);
}

static void print_items(Text *out, const Constant *constant, const char *open, const char *close)
{
	text_put(out, open);
	for (uint32_t i = 0; i < constant->count; i++) {
		if (i)
			text_put(out, ", ");
		constant_print(out, constant->items[i]);
		if (constant->values) {
			text_put(out, ": ");
			constant_print(out, constant->values[i]);
		}
	}
	if (constant->sort == SORT_TUPLE && constant->count == 1)
		text_char(out, ',');
	text_put(out, close);
}

/* datetime.timedelta(days=-1, seconds=86399): days may be negative, the others are not. */
static void print_timedelta(Text *out, int64_t microseconds)
{
	const int64_t day = INT64_C(86400000000);
	int64_t days = microseconds / day - (microseconds % day < 0), rest = microseconds - days * day;
	const char *comma = "";
	text_put(out, "datetime.timedelta(");
	if (days) {
		text_format(out, "days=%lld", (long long)days);
		comma = ", ";
	}
	if (rest / 1000000) {
		text_format(out, "%sseconds=%lld", comma, (long long)(rest / 1000000));
		comma = ", ";
	}
	if (rest % 1000000)
		text_format(out, "%smicroseconds=%lld", comma, (long long)(rest % 1000000));
	text_put(out, microseconds ? ")" : "0)");
}

void constant_print(Text *out, const Constant *constant)
{
	char buffer[32];
	switch (constant->sort) {
	case SORT_NONE:
		text_put(out, "None");
		break;
	case SORT_BOOL:
		text_put(out, constant->integer ? "True" : "False");
		break;
	case SORT_INT:
		if (constant->fits)
			text_format(out, "%lld", (long long)constant->integer);
		else
			text_put(out, constant->text);
		break;
	case SORT_FLOAT:
		text_add(out, buffer, sbx_float_text(constant->real, buffer));
		break;
	case SORT_STR:
	case SORT_BYTES:
		print_quoted(out, constant);
		break;
	case SORT_LIST:
		print_items(out, constant, "[", "]");
		break;
	case SORT_TUPLE:
		print_items(out, constant, "(", ")");
		break;
	case SORT_SET:
		if (constant->count)
			print_items(out, constant, "{", "}");
		else
			text_put(out, "set()");
		break;
	case SORT_FROZENSET:
		print_items(out, constant, constant->count ? "frozenset({" : "frozenset(",
					constant->count ? "})" : ")");
		break;
	case SORT_DICT:
		print_items(out, constant, "{", "}");
		break;
	case SORT_TIMEDELTA:
		print_timedelta(out, constant->integer);
		break;
	case SORT_TYPE:
		type_print(out, constant->type);
		break;
	case SORT_ELLIPSIS:
		text_put(out, "Ellipsis");
		break;
	default:
		text_put(out, "<unknown>");
		break;
	}
}
