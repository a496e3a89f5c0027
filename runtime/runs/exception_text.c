/*
 * What str() and repr() of an exception say, and the exceptions that check their arguments for it: as CPython's
 * OSError, SyntaxError and the three of Unicode do.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>

#include "../values/units.h"
#include "run.h"

#define EXCEPTION(v) ((const ExceptionObject *)(v).u.p)

static void add(TextBuffer *text, sbx_value v, bool repr)
{
	sbx_value str = repr ? sbx_gen_to_repr(text->run, v) : sbx_gen_to_str(text->run, v);
	if (!str.tag) {
		text->failed = true;
		return;
	}
	sbx__text_str(text, str);
	sbx_gen_drop(text->run, str);
}

static void add_number(TextBuffer *text, int64_t i)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%lld", (long long)i);
	sbx__text_ascii(text, digits);
}

/* The three that check their arguments: (encoding, object, start, end, reason), the last without the encoding. */
bool sbx__unicode_arguments_fit(sbx_run *run, int type, const sbx_value *args, uint32_t count)
{
	uint32_t wanted = type == SBX_TYPE_UnicodeTranslateError ? 4 : 5;
	if (type != SBX_TYPE_UnicodeDecodeError && type != SBX_TYPE_UnicodeEncodeError &&
		type != SBX_TYPE_UnicodeTranslateError)
		return true;
	if (count != wanted) {
		sbx__raise(run, SBX_TYPE_TypeError, "function takes exactly %d arguments (%d given)",
				   (int)wanted, (int)count);
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t place = i + 5 - wanted; /* 0 encoding, 1 object, 2 start, 3 end, 4 reason */
		unsigned kind = SBX_GEN_KIND(args[i]);
		if (place == 1 && type == SBX_TYPE_UnicodeDecodeError) {
			if (kind != SBX_KIND_BYTES)
				sbx__raise(run, SBX_TYPE_TypeError, "a bytes-like object is required, not '%T'",
						   args[i]);
			else
				continue;
		} else if (place == 2 || place == 3) {
			if (kind == SBX_KIND_INT || kind == SBX_KIND_BOOL)
				continue;
			if (kind == SBX_KIND_BIG)
				sbx__raise(run, SBX_TYPE_OverflowError,
						   "Python int too large to convert to C ssize_t");
			else
				sbx__raise(run, SBX_TYPE_TypeError,
						   "'%T' object cannot be interpreted as an integer", args[i]);
		} else if (kind == SBX_KIND_STR)
			continue;
		else
			sbx__raise(run, SBX_TYPE_TypeError, "argument %d must be str, not %T", (int)i + 1,
					   args[i]);
		return false;
	}
	return true;
}

static sbx_value text_take_pair(TextBuffer *text, sbx_value a, const char *between, sbx_value b)
{
	add(text, a, false);
	sbx__text_ascii(text, between);
	add(text, b, false);
	return sbx__text_take(text);
}

/* A third argument is a file's name, which CPython takes out of the arguments; BlockingIOError's may be a number. */
static bool os_error_has_file(int type, const sbx_gen_tuple *args)
{
	sbx_value file = args->length >= 3 && args->length <= 5 ? args->items[2] : SBX_GEN_NONE;
	unsigned kind = SBX_GEN_KIND(file);
	return kind != SBX_KIND_NONE &&
		   !(type == SBX_TYPE_BlockingIOError && (kind == SBX_KIND_INT || kind == SBX_KIND_BOOL ||
												  kind == SBX_KIND_BIG || kind == SBX_KIND_FLOAT));
}

/* "[Errno 2] No such file: 'name'" for the arguments (errno, text[, file]). */
static sbx_value os_error_str(sbx_run *run, int type, const sbx_gen_tuple *args)
{
	TextBuffer text;
	sbx__text_init(&text, run);
	sbx__text_ascii(&text, "[Errno ");
	if (!os_error_has_file(type, args))
		return text_take_pair(&text, args->items[0], "] ", args->items[1]);
	add(&text, args->items[0], false);
	sbx__text_ascii(&text, "] ");
	add(&text, args->items[1], false);
	sbx__text_ascii(&text, ": ");
	add(&text, args->items[2], true);
	if (args->length == 5 && args->items[4].tag != SBX_KIND_NONE) {
		sbx__text_ascii(&text, " -> ");
		add(&text, args->items[4], true);
	}
	return sbx__text_take(&text);
}

/* "'ascii' codec can't encode character '\\xe9' in position 1: why", of arguments that were checked when it was made. */
static sbx_value unicode_error_str(sbx_run *run, int type, const sbx_gen_tuple *args)
{
	bool translates = type == SBX_TYPE_UnicodeTranslateError;
	const sbx_value *items = args->items + !translates; /* object, start, end, reason */
	const char *verb = translates                            ? "can't translate"
					   : type == SBX_TYPE_UnicodeDecodeError ? " codec can't decode"
															 : " codec can't encode";
	int64_t start = items[1].u.i, end = items[2].u.i;
	bool is_bytes = type == SBX_TYPE_UnicodeDecodeError;
	Units units = sbx__units_of(items[0]);
	TextBuffer text;
	sbx__text_init(&text, run);
	if (!translates) {
		sbx__text_ascii(&text, "'");
		add(&text, args->items[0], false);
		sbx__text_ascii(&text, "'");
	}
	sbx__text_ascii(&text, verb);
	if (start >= 0 && start < (int64_t)units.length && end == start + 1) {
		char point[32];
		uint32_t unit = sbx__unit(&units, (uint64_t)start);
		snprintf(point, sizeof point,
				 is_bytes         ? " byte 0x%02x"
				 : unit < 0x100   ? " character '\\x%02x'"
				 : unit < 0x10000 ? " character '\\u%04x'"
								  : " character '\\U%08x'",
				 unit);
		sbx__text_ascii(&text, point);
		sbx__text_ascii(&text, " in position ");
		add_number(&text, start);
	} else {
		sbx__text_ascii(&text, is_bytes ? " bytes in position " : " characters in position ");
		add_number(&text, start);
		sbx__text_ascii(&text, "-");
		add_number(&text, end - 1);
	}
	sbx__text_ascii(&text, ": ");
	add(&text, items[3], false);
	return sbx__text_take(&text);
}

static sbx_value str_of(sbx_run *run, sbx_value v)
{
	const ExceptionObject *exception = EXCEPTION(v);
	const sbx_gen_tuple *args = exception->args.u.p;
	int type = (int)exception->head.bits;
	if (args->length == 0)
		return sbx__str_ascii(run, sbx__is_subtype(type, SBX_TYPE_SyntaxError) ? "None" : "");
	if (sbx__is_subtype(type, SBX_TYPE_OSError) && args->length >= 2 && args->length <= 5 &&
		exception->type_name.tag == SBX_KIND_NONE)
		return os_error_str(run, type, args);
	if (sbx__is_subtype(type, SBX_TYPE_SyntaxError))
		return sbx_gen_to_str(run, args->items[0]);
	if (sbx__is_subtype(type, SBX_TYPE_UnicodeError) && args->length >= 4)
		return unicode_error_str(run, type, args);
	if (args->length > 1)
		return sbx_gen_to_repr(run, exception->args);
	if (sbx__is_subtype(type, SBX_TYPE_KeyError) && exception->context.tag != SBX_KIND_BOOL)
		return sbx_gen_to_repr(run, args->items[0]);
	return sbx_gen_to_str(run, args->items[0]);
}

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
		add(&text, args->items[0], true);
		sbx__text_ascii(&text, ")");
	} else if (sbx__is_subtype((int)exception->head.bits, SBX_TYPE_OSError) &&
			   os_error_has_file((int)exception->head.bits, args)) {
		sbx__text_ascii(&text, "(");
		add(&text, args->items[0], true);
		sbx__text_ascii(&text, ", ");
		add(&text, args->items[1], true);
		sbx__text_ascii(&text, ")");
	} else {
		add(&text, exception->args, true);
	}
	return sbx__text_take(&text);
}

bool sbx__is_syntax_error_without_text(sbx_run *run, sbx_value v)
{
	const sbx_gen_tuple *args = EXCEPTION(v)->args.u.p;
	return sbx__is_subtype((int)EXCEPTION(v)->head.bits, SBX_TYPE_SyntaxError) &&
		   (args->length == 0 || sbx_gen_truth(run, args->items[0]) == 0);
}

/* An exception may be the argument of another one, and so on. */
sbx_value sbx__exception_str(sbx_run *run, sbx_value v)
{
	sbx_value text;
	if (sbx__recurse(run, " while getting the str of an object"))
		return SBX_GEN_ERROR;
	text = str_of(run, v);
	sbx__recurse_end(run);
	return text;
}

sbx_value sbx__exception_repr(sbx_run *run, sbx_value v)
{
	sbx_value text;
	if (sbx__recurse(run, " while getting the repr of an object"))
		return SBX_GEN_ERROR;
	text = repr_of(run, v);
	sbx__recurse_end(run);
	return text;
}
