/*
 * str(), repr() and ascii() of every kind; chr() and ord(). Containers, ranges, views and iterators
 * are written by sbx__container_repr, exceptions by exception.c. Functions have no address: a
 * program must not see one, and a run that is replayed must write the same text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "format.h"
#include "str_methods.h"
#include "unicode.h"

#include <stdio.h>

/* ---- text ---- */

static bool contains(TextBuffer *text, const Units *units, uint32_t point)
{
	for (uint64_t i = 0; i < units->length && !text->failed; i++) {
		if (sbx__unit(units, i) == point)
			return true;
		text->failed |= sbx__pace(text->run, i, units->length) != 0;
	}
	return false;
}

static void put_escape(TextBuffer *text, uint32_t point)
{
	char escape[12];
	snprintf(escape, sizeof escape,
			 point < 0x100     ? "\\x%02x"
			 : point < 0x10000 ? "\\u%04x"
							   : "\\U%08x",
			 (unsigned)point);
	sbx__text_ascii(text, escape);
}

/* One character between quotes; plain: what is not ASCII stands as it is if it can be printed. */
static void put_quoted(TextBuffer *text, uint32_t point, uint32_t quote, bool plain)
{
	switch (point) {
	case '\n':
		sbx__text_ascii(text, "\\n");
		return;
	case '\r':
		sbx__text_ascii(text, "\\r");
		return;
	case '\t':
		sbx__text_ascii(text, "\\t");
		return;
	default:
		break;
	}
	if (point == '\\' || point == quote)
		sbx__text_point(text, '\\');
	if (point >= 0x7f ? !plain || !sbx__is(point, UNICODE_PRINTABLE) : point < ' ')
		put_escape(text, point);
	else
		sbx__text_point(text, point);
}

static void quote(TextBuffer *text, Units units)
{
	uint32_t mark = contains(text, &units, '\'') && !contains(text, &units, '"') ? '"' : '\'';
	sbx__text_room(text, units.length + 3, 1);
	if (units.is_bytes)
		sbx__text_point(text, 'b');
	sbx__text_point(text, mark);
	for (uint64_t i = 0; i < units.length && !text->failed; i++) {
		uint32_t point = sbx__unit(&units, i);
		if (sbx__pace(text->run, i, units.length))
			text->failed = true;
		if (point >= ' ' && point < 0x7f && point != mark && point != '\\')
			sbx__text_put(text, point);
		else
			put_quoted(text, point, mark, !units.is_bytes);
	}
	sbx__text_point(text, mark);
}

/* ---- scalars ---- */

static void put_int(TextBuffer *text, sbx_value v)
{
	char digits[SBX_SMALL_DIGITS];
	sbx_value str;
	if (SBX_GEN_KIND(v) == SBX_KIND_INT) {
		sbx__text_units(text, sbx__small_digits(v.u.i, 10, digits));
		return;
	}
	str = sbx__int_to_str(text->run, v, true);
	if (sbx__is_error(str)) {
		text->failed = true;
		return;
	}
	sbx__text_str(text, str);
	sbx_gen_drop(text->run, str);
}

static void put_type(TextBuffer *text, int type)
{
	sbx__text_ascii(text, "<class '");
	if (type == SBX_TYPE_datetime || type == SBX_TYPE_timedelta)
		sbx__text_ascii(text, "datetime.");
	sbx__text_ascii(text, sbx__type_names[type]);
	sbx__text_ascii(text, "'>");
}

static void put_builtin(TextBuffer *text, int64_t builtin)
{
	static const char *const names[] = {
#define BUILTIN(name) #name,
#include "../include/sbx_gen_builtins.def"

#include <string.h>
#undef BUILTIN
	};
	sbx__text_ascii(text, "<built-in function ");
	sbx__text_ascii(text, names[builtin]);
	sbx__text_ascii(text, ">");
}

static const char no_address[] = " at 0x7f0000000000>";

static void put_function(TextBuffer *text, const char *name)
{
	sbx__text_ascii(text, "<function ");
	sbx__text_utf8(text, name, strlen(name));
	sbx__text_ascii(text, no_address);
}

static void put_method(TextBuffer *text, const MethodObject *method)
{
	sbx__text_ascii(text, "<built-in method ");
	sbx__text_ascii(text, sbx__method_name((int)method->head.bits));
	sbx__text_ascii(text, " of ");
	sbx__text_ascii(text, sbx__type_name(method->self));
	sbx__text_ascii(text, " object");
	sbx__text_ascii(text, no_address);
}

static void put_handle(TextBuffer *text, sbx_value v)
{
	const HandleObject *handle = v.u.p;
	sbx__text_ascii(text, sbx__type_name(v));
	sbx__text_ascii(text, "(path=");
	sbx__repr_into(text, handle->path);
	sbx__text_ascii(text, ", format=");
	sbx__repr_into(text, handle->format);
	sbx__text_ascii(text, ", hash=");
	sbx__repr_into(text, handle->hash);
	sbx__text_ascii(text, ")");
}

/* Takes a str, or notes the failure. */
static void put_taken(TextBuffer *text, sbx_value str)
{
	if (sbx__is_error(str)) {
		text->failed = true;
		return;
	}
	sbx__text_str(text, str);
	sbx_gen_drop(text->run, str);
}

int sbx__repr_into(TextBuffer *text, sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_NONE:
		sbx__text_ascii(text, "None");
		break;
	case SBX_KIND_BOOL:
		sbx__text_ascii(text, v.u.i ? "True" : "False");
		break;
	case SBX_KIND_INT:
	case SBX_KIND_BIG:
		put_int(text, v);
		break;
	case SBX_KIND_FLOAT:
		sbx__float_text_into(text, v.u.f, 'r', 0, FLOAT_ADD_DOT);
		break;
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
		quote(text, sbx__units_of(v));
		break;
	case SBX_KIND_TYPE:
		put_type(text, (int)v.u.i);
		break;
	case SBX_KIND_BUILTIN:
		put_builtin(text, v.u.i);
		break;
	case SBX_KIND_TASK:
		put_function(text, ((const sbx_gen_task *)v.u.p)->function);
		break;
	case SBX_KIND_FUNCTION:
		put_function(text, ((const sbx_gen_closure *)v.u.p)->function->qualified);
		break;
	case SBX_KIND_METHOD:
		put_method(text, v.u.p);
		break;
	case SBX_KIND_NOT_IMPLEMENTED:
		sbx__text_ascii(text, "NotImplemented");
		break;
	case SBX_KIND_ELLIPSIS:
		sbx__text_ascii(text, "Ellipsis");
		break;
	case SBX_KIND_HANDLE:
		put_handle(text, v);
		break;
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA:
		sbx__time_repr(text, v);
		break;
	case SBX_KIND_EXCEPTION:
		put_taken(text, sbx__exception_repr(text->run, v));
		break;
	default:
		if (sbx__container_repr(text, v))
			text->failed = true;
	}
	return text->failed ? -1 : 0;
}

int sbx__str_into(TextBuffer *text, sbx_value v)
{
	switch (SBX_GEN_KIND(v)) {
	case SBX_KIND_STR:
		sbx__text_str(text, v);
		break;
	case SBX_KIND_DATETIME:
	case SBX_KIND_TIMEDELTA:
		sbx__time_str(text, v);
		break;
	case SBX_KIND_EXCEPTION:
		put_taken(text, sbx__exception_str(text->run, v));
		break;
	default:
		return sbx__repr_into(text, v);
	}
	return text->failed ? -1 : 0;
}

sbx_value sbx_gen_to_str(sbx_run *run, sbx_value v)
{
	char digits[SBX_SMALL_DIGITS];
	TextBuffer text;
	if (SBX_IS_STR(v))
		return sbx_gen_copy(v);
	if (SBX_GEN_KIND(v) == SBX_KIND_INT) { /* most of what f-strings write */
		Units units = sbx__small_digits(v.u.i, 10, digits);
		char *to;
		sbx_value str;
		if (units.length == 1)
			return sbx__str_point(run, sbx__unit(&units, 0));
		str = sbx__str_alloc(run, units.length, 1, &to);
		if (!sbx__is_error(str))
			memcpy(to, units.at, units.length);
		return str;
	}
	sbx__text_init(&text, run);
	sbx__str_into(&text, v);
	return sbx__text_take(&text);
}

sbx_value sbx_gen_to_repr(sbx_run *run, sbx_value v)
{
	TextBuffer text;
	sbx__text_init(&text, run);
	sbx__repr_into(&text, v);
	return sbx__text_take(&text);
}

/* ---- ascii, chr, ord ---- */

sbx_value sbx__ascii(sbx_run *run, sbx_value v)
{
	sbx_value repr = sbx_gen_to_repr(run, v);
	Units units;
	TextBuffer text;
	if (sbx__is_error(repr))
		return repr;
	units = sbx__units_of_str(repr);
	sbx__text_init(&text, run);
	for (uint64_t i = 0; i < units.length && !text.failed; i++) {
		uint32_t point = sbx__unit(&units, i);
		if (sbx__pace(run, i, units.length))
			return SBX_GEN_ERROR;
		if (point < 0x80)
			sbx__text_put(&text, point);
		else
			put_escape(&text, point);
	}
	sbx_gen_drop(run, repr);
	return sbx__text_take(&text);
}

sbx_value sbx__chr(sbx_run *run, sbx_value v)
{
	int32_t point;
	if (sbx__c_int_argument(run, v, &point))
		return SBX_GEN_ERROR;
	if (point < 0 || point > 0x10ffff)
		return sbx__raise(run, SBX_TYPE_ValueError, "chr() arg not in range(0x110000)");
	return sbx__str_point(run, (uint32_t)point);
}

sbx_value sbx__ord(sbx_run *run, sbx_value v)
{
	Units units;
	if (!SBX_IS_STR(v) && !SBX_IS_BYTES(v))
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "ord() expected string of length 1, but %T found", v);
	units = sbx__units_of(v);
	if (units.length != 1)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "ord() expected a character, but string of length %llu found",
						  (unsigned long long)units.length);
	return sbx_gen_int(sbx__unit(&units, 0));
}
