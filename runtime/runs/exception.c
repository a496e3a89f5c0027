/*
 * Exceptions: making and raising.
 *
 * Raising stores the exception on the heap and says in run.failure with which status the run will end, since a
 * MemoryError of the limit and one that the program raises by name differ there. The language has no handlers, so the
 * first exception ends the run. While one is being made the heap may grow past its limit by `reserve`; the
 * MemoryError itself is a constant and needs no memory at all.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdarg.h>
#include <string.h>

#include "run.h"

#define RESERVE_MIN (64u << 10)

static const sbx_gen_tuple no_arguments = {{1, 0}, 0};
#define NO_ARGUMENTS sbx_gen_object(SBX_KIND_TUPLE, &no_arguments)

static const ExceptionObject memory_error = {
	{1, SBX_TYPE_MemoryError}, {SBX_KIND_TUPLE, {.p = (void *)(uintptr_t)&no_arguments}},
	{SBX_KIND_NONE, {0}},      {SBX_KIND_NONE, {0}},
	{SBX_KIND_NONE, {0}},      {SBX_KIND_NONE, {0}},
	{SBX_KIND_NONE, {0}},
};

#define EXCEPTION(v) ((ExceptionObject *)(v).u.p)

/* ---- making ---- */

/* args: a tuple, taken. */
static sbx_value make(sbx_run *run, int type, sbx_value args)
{
	ExceptionObject *object;
	sbx_value v;
	if (!args.tag)
		return SBX_GEN_ERROR;
	v = sbx__object(run, SBX_KIND_EXCEPTION, sizeof *object, &object);
	if (!v.tag)
		return SBX_GEN_ERROR;
	object->head.bits = (uint32_t)type;
	object->args = args;
	object->type_name = object->remote = object->cause = object->context = object->details =
		SBX_GEN_NONE;
	return v;
}

static sbx_value tuple_of(sbx_run *run, uint32_t count, const sbx_value *items)
{
	sbx_value copy[4];
	if (count == 0)
		return NO_ARGUMENTS;
	if (count > 4) {
		sbx_value list = sbx_gen_list_make(run, 0, NULL), tuple = SBX_GEN_ERROR;
		for (uint32_t i = 0; i < count && list.tag; i++)
			if (sbx_gen_list_append(run, list, sbx_gen_copy(items[i])))
				return SBX_GEN_ERROR;
		if (list.tag) {
			tuple = sbx_gen_list_to_tuple(run, list);
			sbx_gen_drop(run, list);
		}
		return tuple;
	}
	for (uint32_t i = 0; i < count; i++)
		copy[i] = sbx_gen_copy(items[i]);
	return sbx_gen_tuple_make(run, count, copy);
}

sbx_value sbx__exception_with(sbx_run *run, int type, uint32_t count, const sbx_value *args,
							  sbx_value details)
{
	sbx_value v = make(run, type, tuple_of(run, count, args));
	if (v.tag)
		EXCEPTION(v)->details = details;
	return v;
}

static int type_by_name(const char *name)
{
	for (int type = SBX_TYPE_BaseException; type < SBX_TYPE_COUNT; type++)
		if (strcmp(sbx__type_names[type], name) == 0)
			return type;
	return -1;
}

sbx_value sbx__exception_remote(sbx_run *run, const char *type, const char *text,
								const char *traceback)
{
	int known = type_by_name(type);
	sbx_value argument = text ? sbx__str_from_utf8(run, text, strlen(text)) : SBX_GEN_NONE, v;
	if (!argument.tag)
		return SBX_GEN_ERROR;
	v = make(run, known < 0 ? SBX_TYPE_Exception : known,
			 text ? tuple_of(run, 1, &argument) : NO_ARGUMENTS);
	sbx_gen_drop(run, argument);
	if (!v.tag)
		return v;
	if (known < 0)
		EXCEPTION(v)->type_name = sbx__str_from_utf8(run, type, strlen(type));
	if (traceback)
		EXCEPTION(v)->remote = sbx__str_from_utf8(run, traceback, strlen(traceback));
	EXCEPTION(v)->context = sbx_gen_bool(1); /* its argument is its text already */
	if (!EXCEPTION(v)->type_name.tag || !EXCEPTION(v)->remote.tag)
		return SBX_GEN_ERROR;
	return v;
}

void sbx__exception_free(sbx_run *run, void *object)
{
	ExceptionObject *exception = object;
	sbx_gen_drop(run, exception->args);
	sbx_gen_drop(run, exception->type_name);
	sbx_gen_drop(run, exception->remote);
	sbx_gen_drop(run, exception->cause);
	sbx_gen_drop(run, exception->context);
	sbx_gen_drop(run, exception->details);
	sbx__free(run, exception, sizeof *exception);
}

/* ---- raising ---- */

void sbx__exception_set(sbx_run *run, sbx_value exception, sbx_status failure)
{
	sbx_value old = HEAP(run)->exception;
	if (sbx__is_asked_for(old)) { /* no failure: see sbx_gen_ask */
		sbx_gen_drop(run, exception);
		return;
	}
	HEAP(run)->exception = exception;
	RUN(run)->failure = (int16_t)failure;
	sbx_gen_drop(run, old);
}

sbx_value sbx__exception_take(sbx_run *run)
{
	sbx_value v = HEAP(run)->exception;
	HEAP(run)->exception.tag = 0;
	return v;
}

sbx_value sbx__raise_memory(sbx_run *run)
{
	bool system_full = HEAP(run)->flags & HEAP_SYSTEM_FULL;
	sbx__exception_set(run, sbx_gen_object(SBX_KIND_EXCEPTION, &memory_error),
					   system_full ? SBX_E_NO_MEMORY : SBX_E_MEMORY);
	return SBX_GEN_ERROR;
}

/* Widens the heap for the time of making an exception. */
static uint64_t reserve_open(sbx_run *run)
{
	Heap *heap = HEAP(run);
	uint64_t before = heap->reserve;
	uint64_t over = heap->used > heap->limit ? heap->used - heap->limit : 0;
	if (heap->limit && heap->reserve < over + RESERVE_MIN)
		heap->reserve = over + RESERVE_MIN;
	return before;
}

sbx_value sbx__raise_value(sbx_run *run, int type, sbx_value argument)
{
	uint64_t reserve = reserve_open(run);
	sbx_value v = make(run, type, tuple_of(run, 1, &argument));
	HEAP(run)->reserve = reserve;
	if (v.tag)
		sbx__exception_set(run, v, SBX_E_RAISED);
	return SBX_GEN_ERROR;
}

sbx_value sbx__raise_call(sbx_run *run, int type, uint32_t count, const sbx_value *args)
{
	uint64_t reserve = reserve_open(run);
	sbx_value v = sbx__exception_make(run, type, count, args, SBX_GEN_NONE);
	HEAP(run)->reserve = reserve;
	if (v.tag)
		sbx__exception_set(run, v, SBX_E_RAISED);
	return SBX_GEN_ERROR;
}

static void add_value(TextBuffer *text, sbx_value v, bool repr)
{
	sbx_value str = repr ? sbx_gen_to_repr(text->run, v) : sbx_gen_to_str(text->run, v);
	if (!str.tag) {
		text->failed = true;
		return;
	}
	sbx__text_str(text, str);
	sbx_gen_drop(text->run, str);
}

static void add_signed(TextBuffer *text, long long i)
{
	char digits[24];
	char *at = digits + sizeof digits;
	unsigned long long u = i < 0 ? 0ull - (unsigned long long)i : (unsigned long long)i;
	*--at = 0;
	do
		*--at = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (i < 0)
		*--at = '-';
	sbx__text_ascii(text, at);
}

static void add_unsigned(TextBuffer *text, unsigned long long u)
{
	if (u > 9)
		add_unsigned(text, u / 10);
	sbx__text_point(text, (uint32_t)('0' + u % 10));
}

/* At most `most` bytes of a C string. */
static void add_chars(TextBuffer *text, const char *chars, size_t most)
{
	size_t length = 0;
	while (length < most && chars[length])
		length++;
	sbx__text_utf8(text, chars, length);
}

/* One conversion; returns where the format goes on. */
static const char *add_conversion(TextBuffer *text, const char *at, va_list *args)
{
	size_t most = SIZE_MAX;
	if (*at == '.')
		for (most = 0, at++; *at >= '0' && *at <= '9'; at++)
			most = most * 10 + (size_t)(*at - '0');
	switch (*at) {
	case 's':
		add_chars(text, va_arg(*args, const char *), most);
		break;
	case 'c':
		sbx__text_point(text, (uint32_t)va_arg(*args, int));
		break;
	case 'd':
		add_signed(text, va_arg(*args, int));
		break;
	case 'u':
		add_unsigned(text, va_arg(*args, unsigned));
		break;
	case 'V':
		add_value(text, va_arg(*args, sbx_value), false);
		break;
	case 'R':
		add_value(text, va_arg(*args, sbx_value), true);
		break;
	case 'T':
		add_chars(text, sbx__type_name(va_arg(*args, sbx_value)), most);
		break;
	case 'z':
		at++, add_unsigned(text, va_arg(*args, size_t));
		break;
	case 'l':
		at += at[1] == 'l' ? 2 : 1;
		if (*at == 'd')
			add_signed(text, at[-2] == 'l' ? va_arg(*args, long long) : va_arg(*args, long));
		else
			add_unsigned(text, at[-2] == 'l' ? va_arg(*args, unsigned long long)
											 : va_arg(*args, unsigned long));
		break;
	default:
		sbx__text_point(text, (unsigned char)*at);
		break; /* %% */
	}
	return at + 1;
}

static sbx_value format_text(sbx_run *run, const char *format, va_list *args)
{
	TextBuffer text;
	sbx__text_init(&text, run);
	while (*format && !text.failed) {
		const char *percent = strchr(format, '%');
		size_t plain = percent ? (size_t)(percent - format) : strlen(format);
		sbx__text_utf8(&text, format, plain);
		format += plain;
		if (percent)
			format = add_conversion(&text, percent + 1, args);
	}
	return sbx__text_take(&text);
}

sbx_value sbx__text_of(sbx_run *run, const char *format, ...)
{
	sbx_value text;
	va_list args;
	va_start(args, format);
	text = format_text(run, format, &args);
	va_end(args);
	return text;
}

sbx_value sbx__raise(sbx_run *run, int type, const char *format, ...)
{
	uint64_t reserve = reserve_open(run);
	sbx_value message;
	va_list args;
	va_start(args, format);
	message = format_text(run, format, &args);
	va_end(args);
	if (message.tag) {
		sbx_value v = make(run, type, tuple_of(run, 1, &message));
		sbx_gen_drop(run, message);
		if (v.tag)
			sbx__exception_set(run, v, SBX_E_RAISED);
	}
	HEAP(run)->reserve = reserve;
	return SBX_GEN_ERROR;
}

sbx_value sbx__raise_depth(sbx_run *run, const char *where)
{
	sbx__raise(run, SBX_TYPE_RecursionError, "maximum recursion depth exceeded%s", where);
	if (RUN(run)->failure == SBX_E_RAISED)
		RUN(run)->failure = SBX_E_DEPTH;
	return SBX_GEN_ERROR;
}

/* The exception that `raise v` means: v itself, or one made of the type v. A new reference. */
static sbx_value exception_of(sbx_run *run, sbx_value v, const char *otherwise)
{
	if (SBX_GEN_KIND(v) == SBX_KIND_EXCEPTION)
		return sbx_gen_copy(v);
	if (v.tag == SBX_KIND_TYPE && sbx__is_exception_type((int)v.u.i))
		return sbx__exception_make(run, (int)v.u.i, 0, NULL, SBX_GEN_NONE);
	return sbx__raise(run, SBX_TYPE_TypeError, "%s", otherwise);
}

sbx_value sbx_gen_raise(sbx_run *run, sbx_value v, sbx_value cause)
{
	uint64_t reserve = reserve_open(run);
	sbx_value exception = exception_of(run, v, "exceptions must derive from BaseException");
	if (exception.tag && cause.tag) {
		sbx_value from =
			cause.tag == SBX_KIND_NONE
				? cause
				: exception_of(run, cause, "exception causes must derive from BaseException");
		if (!from.tag)
			exception.tag = 0;
		else if (exception.tag & SBX_GEN_COUNTED) {
			sbx_gen_drop(run, EXCEPTION(exception)->cause);
			EXCEPTION(exception)->cause = from;
		}
	}
	HEAP(run)->reserve = reserve;
	if (exception.tag)
		sbx__exception_set(run, exception, SBX_E_RAISED);
	return SBX_GEN_ERROR;
}

sbx_value sbx_gen_unbound(sbx_run *run, const char *name, int kind)
{
	switch (kind) {
	case 0:
		return sbx__raise(
			run, SBX_TYPE_UnboundLocalError,
			"cannot access local variable '%s' where it is not associated with a value", name);
	case 1:
		return sbx__raise(
			run, SBX_TYPE_NameError,
			"cannot access free variable '%s' where it is not associated with a value in "
			"enclosing scope",
			name);
	default:
		return sbx__raise(run, SBX_TYPE_NameError, "name '%s' is not defined", name);
	}
}

/* ---- text ---- */

static sbx_value repr_of(sbx_run *run, sbx_value v)
{
	const ExceptionObject *exception = EXCEPTION(v);
	const sbx_gen_tuple *args = exception->args.u.p;
	TextBuffer text;
	sbx__text_init(&text, run);
	if (exception->type_name.tag == SBX_KIND_NONE)
		sbx__text_ascii(&text, sbx__type_names[exception->head.bits]);
	else
		sbx__text_str(&text, exception->type_name);
	if (args->length == 1) {
		sbx__text_ascii(&text, "(");
		add_value(&text, args->items[0], true);
		sbx__text_ascii(&text, ")");
	} else {
		add_value(&text, exception->args, true);
	}
	return sbx__text_take(&text);
}

/* An exception may be the argument of another one, and so on. */
sbx_value sbx__exception_repr(sbx_run *run, sbx_value v)
{
	sbx_value text;
	if (sbx__recurse(run, " while getting the repr of an object"))
		return SBX_GEN_ERROR;
	text = repr_of(run, v);
	sbx__recurse_end(run);
	return text;
}
