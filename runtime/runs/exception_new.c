/*
 * Calls of exception types, and the text of those with rules of their own.
 *
 * Most exceptions keep their arguments and that is all. OSError, ImportError, NameError, AttributeError, SyntaxError, the
 * errors of codecs and exception groups check theirs, with CPython's texts, and make their str() of parts of them:
 * `details` holds these parts where `args` (what repr shows) has lost them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "../values/containers.h"
#include "../values/numbers.h"
#include "run.h"

#define EXCEPTION(v) ((ExceptionObject *)(v).u.p)

enum OsDetail { OS_NUMBER, OS_TEXT, OS_FILE, OS_OTHER_FILE, OS_DETAILS };
enum SyntaxDetail { SYNTAX_MESSAGE, SYNTAX_FILE, SYNTAX_LINE, SYNTAX_DETAILS };

static bool is_kind(sbx_value v, unsigned kind)
{
	return SBX_GEN_KIND(v) == kind;
}

/* ---- arguments ---- */

static int no_keywords(sbx_run *run, int type, sbx_value names)
{
	if (!is_kind(names, SBX_KIND_TUPLE) || !TUPLE(names)->length)
		return 0;
	sbx__raise(run, SBX_TYPE_TypeError, "%s() takes no keyword arguments", sbx__type_names[type]);
	return -1;
}

/* The keywords that a type knows, its name in messages: both NULL for the others. */
static const char *keywords_of(int type, const char **name)
{
	if (sbx__is_subtype(type, SBX_TYPE_ImportError)) {
		*name = "ImportError";
		return " name path ";
	}
	if (type == SBX_TYPE_AttributeError) {
		*name = "AttributeError";
		return " name obj ";
	}
	if (sbx__is_subtype(type, SBX_TYPE_NameError)) {
		*name = "NameError";
		return " name ";
	}
	return *name = NULL;
}

static bool is_listed(const char *list, sbx_value name)
{
	for (const char *at = list + 1; *at; at += strcspn(at, " ") + 1) {
		size_t length = strcspn(at, " ");
		if (STR(name)->head.bits == 1 && STR(name)->length == length &&
			!memcmp(sbx__str_units(name), at, length))
			return true;
	}
	return false;
}

static int check_keywords(sbx_run *run, int type, sbx_value names)
{
	const char *owner, *known = keywords_of(type, &owner);
	if (!known)
		return no_keywords(run, type, names);
	for (uint64_t i = 0; is_kind(names, SBX_KIND_TUPLE) && i < TUPLE(names)->length; i++)
		if (!is_listed(known, TUPLE(names)->items[i])) {
			sbx__raise(run, SBX_TYPE_TypeError, "'%V' is an invalid keyword argument for %s()",
					   TUPLE(names)->items[i], owner);
			return -1;
		}
	return 0;
}

static const char *name_of(sbx_value v)
{
	return is_kind(v, SBX_KIND_NONE) ? "None" : sbx__type_name(v);
}

/* ---- codecs ---- */

/* Checks the arguments by their letters: U a str, y bytes, n an index. */
static int check_letters(sbx_run *run, const char *letters, uint32_t count, const sbx_value *args)
{
	uint32_t wanted = (uint32_t)strlen(letters);
	if (count != wanted) {
		sbx__raise(run, SBX_TYPE_TypeError, "function takes exactly %d arguments (%d given)",
				   (int)wanted, (int)count);
		return -1;
	}
	for (uint32_t i = 0; i < count; i++) {
		int64_t number;
		if (letters[i] == 'U' && !is_kind(args[i], SBX_KIND_STR)) {
			sbx__raise(run, SBX_TYPE_TypeError, "argument %d must be str, not %s", (int)i + 1,
					   name_of(args[i]));
			return -1;
		}
		if (letters[i] == 'n' && sbx__index(run, args[i], SBX_TYPE_OverflowError, &number)) {
			if (is_kind(args[i], SBX_KIND_BIG))
				sbx__raise(run, SBX_TYPE_OverflowError,
						   "Python int too large to convert to C ssize_t");
			return -1;
		}
	}
	for (uint32_t i = 0; i < count; i++)
		if (letters[i] == 'y' && !is_kind(args[i], SBX_KIND_BYTES)) {
			sbx__raise(run, SBX_TYPE_TypeError, "a bytes-like object is required, not '%T'",
					   args[i]);
			return -1;
		}
	return 0;
}

static const char *letters_of(int type)
{
	return type == SBX_TYPE_UnicodeDecodeError      ? "UynnU"
		   : type == SBX_TYPE_UnicodeEncodeError    ? "UUnnU"
		   : type == SBX_TYPE_UnicodeTranslateError ? "UnnU"
													: NULL;
}

static void put_number(TextBuffer *text, int64_t number)
{
	sbx_value str = sbx_gen_to_str(text->run, sbx_gen_int(number));
	if (str.tag)
		sbx__text_str(text, str);
	else
		text->failed = true;
	sbx_gen_drop(text->run, str);
}

static void put_hex(TextBuffer *text, uint32_t number, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
		sbx__text_point(text, (uint32_t) "0123456789abcdef"[number >> (4 * i) & 15]);
}

/* "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte" */
static sbx_value codec_str(sbx_run *run, int type, const sbx_gen_tuple *args)
{
	const sbx_value *at = args->items;
	bool decodes = type == SBX_TYPE_UnicodeDecodeError,
		 translates = type == SBX_TYPE_UnicodeTranslateError;
	sbx_value object = translates ? at[0] : at[1];
	int64_t start = at[args->length - 3].u.i, end = at[args->length - 2].u.i;
	int64_t length = decodes ? (int64_t)((const sbx_gen_bytes *)object.u.p)->length
							 : (int64_t)STR(object)->length;
	bool one = start >= 0 && start < length && end == start + 1;
	TextBuffer text;
	sbx__text_init(&text, run);
	if (!translates) {
		sbx__text_ascii(&text, "'");
		sbx__text_str(&text, at[0]);
		sbx__text_ascii(&text, "' codec ");
	}
	sbx__text_ascii(&text, decodes      ? "can't decode byte"
						   : translates ? "can't translate character"
										: "can't encode character");
	if (one && decodes) {
		sbx__text_ascii(&text, " 0x");
		put_hex(&text, ((const uint8_t *)((const sbx_gen_bytes *)object.u.p + 1))[start], 2);
	} else if (one) {
		uint32_t point = sbx__str_at(object, (uint64_t)start);
		sbx__text_ascii(&text, point < 256 ? " '\\x" : point < 65536 ? " '\\u" : " '\\U");
		put_hex(&text, point, point < 256 ? 2 : point < 65536 ? 4 : 8);
		sbx__text_ascii(&text, "'");
	} else {
		sbx__text_ascii(&text, "s");
	}
	sbx__text_ascii(&text, " in position ");
	put_number(&text, start);
	if (!one) {
		sbx__text_ascii(&text, "-");
		put_number(&text, end - 1);
	}
	sbx__text_ascii(&text, ": ");
	sbx__text_str(&text, at[args->length - 1]);
	return sbx__text_take(&text);
}

/* ---- OSError ---- */

/* OSError(errno, text) is made as the subclass that belongs to the number (Linux). */
static int os_error_type(sbx_value number)
{
	static const struct {
		uint8_t number;
		uint8_t type;
	} rows[] = {
		{1, SBX_TYPE_PermissionError},        {2, SBX_TYPE_FileNotFoundError},
		{3, SBX_TYPE_ProcessLookupError},     {4, SBX_TYPE_InterruptedError},
		{10, SBX_TYPE_ChildProcessError},     {11, SBX_TYPE_BlockingIOError},
		{13, SBX_TYPE_PermissionError},       {17, SBX_TYPE_FileExistsError},
		{20, SBX_TYPE_NotADirectoryError},    {21, SBX_TYPE_IsADirectoryError},
		{32, SBX_TYPE_BrokenPipeError},       {103, SBX_TYPE_ConnectionAbortedError},
		{104, SBX_TYPE_ConnectionResetError}, {108, SBX_TYPE_BrokenPipeError},
		{110, SBX_TYPE_TimeoutError},         {111, SBX_TYPE_ConnectionRefusedError},
		{114, SBX_TYPE_BlockingIOError},      {115, SBX_TYPE_BlockingIOError},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if ((number.tag == SBX_KIND_INT || number.tag == SBX_KIND_BOOL) &&
			rows[i].number == number.u.i)
			return rows[i].type;
	return SBX_TYPE_OSError;
}

static bool is_number(sbx_value v)
{
	return SBX_IS_INT(v) || is_kind(v, SBX_KIND_FLOAT);
}

/* What the str of an OSError with two to five arguments is made of; *shown: how many arguments remain its args. */
static int os_details(sbx_run *run, int type, uint32_t count, const sbx_value *args,
					  sbx_value *details, uint32_t *shown)
{
	sbx_value parts[OS_DETAILS] = {args[0], args[1], SBX_GEN_NONE, SBX_GEN_NONE};
	int64_t written;
	if (count > 2 && type == SBX_TYPE_BlockingIOError && is_number(args[2])) {
		if (sbx__index(run, args[2], SBX_TYPE_ValueError, &written))
			return -1;
	} else if (count > 2 && !is_kind(args[2], SBX_KIND_NONE)) {
		parts[OS_FILE] = args[2];
		parts[OS_OTHER_FILE] = count > 4 ? args[4] : SBX_GEN_NONE;
		*shown = 2;
	}
	for (int i = 0; i < OS_DETAILS; i++)
		parts[i] = sbx_gen_copy(parts[i]);
	*details = sbx_gen_tuple_make(run, OS_DETAILS, parts);
	return details->tag ? 0 : -1;
}

/* "[Errno 2] No such file: 'name' -> 'other'" */
static sbx_value os_str(sbx_run *run, const sbx_value *details)
{
	if (is_kind(details[OS_FILE], SBX_KIND_NONE))
		return sbx__text_of(run, "[Errno %V] %V", details[OS_NUMBER], details[OS_TEXT]);
	if (is_kind(details[OS_OTHER_FILE], SBX_KIND_NONE))
		return sbx__text_of(run, "[Errno %V] %V: %R", details[OS_NUMBER], details[OS_TEXT],
							details[OS_FILE]);
	return sbx__text_of(run, "[Errno %V] %V: %R -> %R", details[OS_NUMBER], details[OS_TEXT],
						details[OS_FILE], details[OS_OTHER_FILE]);
}

/* ---- SyntaxError ---- */

static int syntax_details(sbx_run *run, uint32_t count, const sbx_value *args, sbx_value *details)
{
	sbx_value parts[SYNTAX_DETAILS] = {SBX_GEN_NONE, SBX_GEN_NONE, SBX_GEN_NONE}, info;
	uint64_t given;
	if (count)
		parts[SYNTAX_MESSAGE] = args[0];
	if (count == 2) {
		info = sbx__tuple_from(run, args[1]);
		if (!info.tag)
			return -1;
		given = TUPLE(info)->length;
		if (given < 4 || given > 6)
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "function takes at %s %d arguments (%d given)",
							  given < 4 ? "least" : "most", given < 4 ? 4 : 6, (int)given),
				   -1;
		if (given == 5)
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "end_offset must be provided when end_lineno is provided"),
				   -1;
		parts[SYNTAX_FILE] = TUPLE(info)->items[0];
		parts[SYNTAX_LINE] = TUPLE(info)->items[1];
	}
	for (int i = 0; i < SYNTAX_DETAILS; i++)
		parts[i] = sbx_gen_copy(parts[i]);
	*details = sbx_gen_tuple_make(run, SYNTAX_DETAILS, parts);
	return details->tag ? 0 : -1;
}

/* "message (file.py, line 3)" */
static sbx_value syntax_str(sbx_run *run, const sbx_value *details)
{
	sbx_value message = details[SYNTAX_MESSAGE], file = details[SYNTAX_FILE],
			  line = details[SYNTAX_LINE];
	bool has_line = is_kind(line, SBX_KIND_INT) || is_kind(line, SBX_KIND_BIG);
	if (is_kind(line, SBX_KIND_BIG)) /* as CPython shows what is no C long */
		line = sbx_gen_int(-1);
	if (is_kind(file, SBX_KIND_STR)) {
		uint64_t start = 0;
		for (uint64_t i = 0; i < STR(file)->length; i++)
			if (sbx__str_at(file, i) == '/')
				start = i + 1;
		file = sbx__str_slice(run, file, start, STR(file)->length);
		if (!file.tag)
			return file;
		return has_line ? sbx__text_of(run, "%V (%V, line %V)", message, file, line)
						: sbx__text_of(run, "%V (%V)", message, file);
	}
	return has_line ? sbx__text_of(run, "%V (line %V)", message, line)
					: sbx_gen_to_str(run, message);
}

/* ---- exception groups ---- */

/* The type that the call makes, or -1 raised; *details: the exceptions as a tuple. */
static int check_group(sbx_run *run, int type, uint32_t count, const sbx_value *args,
					   sbx_value *details)
{
	static const char *const name = "BaseExceptionGroup.__new__()";
	bool is_base = false;
	if (count != 2)
		return sbx__raise(run, SBX_TYPE_TypeError, "%s takes exactly 2 arguments (%d given)", name,
						  (int)count),
			   -1;
	if (!is_kind(args[0], SBX_KIND_STR))
		return sbx__raise(run, SBX_TYPE_TypeError, "%s argument 1 must be str, not %s", name,
						  name_of(args[0])),
			   -1;
	switch (SBX_GEN_KIND(args[1])) {
	case SBX_KIND_LIST:
	case SBX_KIND_TUPLE:
	case SBX_KIND_STR:
	case SBX_KIND_BYTES:
	case SBX_KIND_RANGE:
		break;
	default:
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "second argument (exceptions) must be a sequence"),
			   -1;
	}
	*details = sbx__tuple_from(run, args[1]);
	if (!details->tag)
		return -1;
	if (!TUPLE(*details)->length)
		return sbx__raise(run, SBX_TYPE_ValueError,
						  "second argument (exceptions) must be a non-empty sequence"),
			   -1;
	for (uint64_t i = 0; i < TUPLE(*details)->length; i++) {
		sbx_value item = TUPLE(*details)->items[i];
		if (!is_kind(item, SBX_KIND_EXCEPTION))
			return sbx__raise(run, SBX_TYPE_ValueError,
							  "Item %llu of second argument (exceptions) is not an exception",
							  (unsigned long long)i),
				   -1;
		is_base = is_base || !sbx__is_subtype(sbx__type_of(item), SBX_TYPE_Exception);
	}
	if (type == SBX_TYPE_ExceptionGroup && is_base)
		return sbx__raise(run, SBX_TYPE_TypeError,
						  "Cannot nest BaseExceptions in an ExceptionGroup"),
			   -1;
	return is_base ? SBX_TYPE_BaseExceptionGroup : SBX_TYPE_ExceptionGroup;
}

/* ---- the calls ---- */

sbx_value sbx__exception_make(sbx_run *run, int type, uint32_t count, const sbx_value *args,
							  sbx_value names)
{
	uint32_t given =
				 is_kind(names, SBX_KIND_TUPLE) ? count - (uint32_t)TUPLE(names)->length : count,
			 shown = given;
	const char *letters = letters_of(type);
	sbx_value details = SBX_GEN_NONE;
	bool is_group = sbx__is_subtype(type, SBX_TYPE_BaseExceptionGroup);
	if (is_group) {
		type = check_group(run, type, given, args, &details);
		if (type < 0)
			return SBX_GEN_ERROR;
	}
	if (check_keywords(run, type, names))
		return SBX_GEN_ERROR;
	if (letters && check_letters(run, letters, given, args))
		return SBX_GEN_ERROR;
	if (sbx__is_subtype(type, SBX_TYPE_SyntaxError) && syntax_details(run, given, args, &details))
		return SBX_GEN_ERROR;
	if (type == SBX_TYPE_OSError && given >= 2 && given <= 5)
		type = os_error_type(args[0]);
	if (sbx__is_subtype(type, SBX_TYPE_OSError) && given >= 2 && given <= 5 &&
		os_details(run, type, given, args, &details, &shown))
		return SBX_GEN_ERROR;
	return sbx__exception_with(run, type, shown, args, details);
}

/* ---- the text ---- */

bool sbx__exception_is_whole(const ExceptionObject *exception)
{
	int type = (int)exception->head.bits;
	const sbx_gen_tuple *args = exception->args.u.p;
	const char *letters = letters_of(type);
	uint64_t wanted = sbx__is_subtype(type, SBX_TYPE_SyntaxError) ? SYNTAX_DETAILS
					  : sbx__is_subtype(type, SBX_TYPE_OSError)   ? OS_DETAILS
																  : 0;
	if (letters && args->length >= 4) { /* one argument is a task's failure as text */
		if (args->length != strlen(letters))
			return false;
		for (uint64_t i = 0; i < args->length; i++)
			if (letters[i] == 'n'
					? !SBX_IS_INT(args->items[i]) || is_kind(args->items[i], SBX_KIND_BIG)
					: !is_kind(args->items[i], letters[i] == 'U' ? SBX_KIND_STR : SBX_KIND_BYTES))
				return false;
	}
	if (is_kind(exception->details, SBX_KIND_NONE))
		return true;
	if (!is_kind(exception->details, SBX_KIND_TUPLE))
		return false;
	if (sbx__is_subtype(type, SBX_TYPE_BaseExceptionGroup))
		return args->length > 0;
	return TUPLE(exception->details)->length == wanted;
}

static sbx_value str_of(sbx_run *run, sbx_value v)
{
	const ExceptionObject *exception = EXCEPTION(v);
	const sbx_gen_tuple *args = exception->args.u.p;
	int type = (int)exception->head.bits;
	const sbx_value *details =
		is_kind(exception->details, SBX_KIND_TUPLE) ? TUPLE(exception->details)->items : NULL;
	if (details && sbx__is_subtype(type, SBX_TYPE_SyntaxError))
		return syntax_str(run, details);
	if (details && sbx__is_subtype(type, SBX_TYPE_OSError))
		return os_str(run, details);
	if (details && sbx__is_subtype(type, SBX_TYPE_BaseExceptionGroup)) {
		uint64_t number = TUPLE(exception->details)->length;
		return sbx__text_of(run, "%V (%llu sub-exception%s)", args->items[0],
							(unsigned long long)number, number == 1 ? "" : "s");
	}
	if (letters_of(type) && args->length >= 4)
		return codec_str(run, type, args);
	if (args->length == 0)
		return sbx__str_ascii(run, "");
	if (args->length > 1)
		return sbx_gen_to_repr(run, exception->args);
	if (sbx__is_subtype(type, SBX_TYPE_KeyError) && exception->context.tag != SBX_KIND_BOOL)
		return sbx_gen_to_repr(run, args->items[0]);
	return sbx_gen_to_str(run, args->items[0]);
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
