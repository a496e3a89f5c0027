/*
 * See postgres_values.h. Types are known by the numbers that are the same in every database (pg_type.dat of PostgreSQL).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres_values.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "byte_queue.h"

enum {
	TYPE_BOOL = 16,
	TYPE_BYTEA = 17,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_TEXT = 25,
	TYPE_OID = 26,
	TYPE_JSON = 114,
	TYPE_FLOAT4 = 700,
	TYPE_FLOAT8 = 701,
	TYPE_TIMESTAMP = 1114,
	TYPE_TIMESTAMPTZ = 1184,
	TYPE_INTERVAL = 1186,
	TYPE_NUMERIC = 1700,
	TYPE_JSONB = 3802
};

enum { DEEPEST = 16 };

static const int64_t DAY_MICROSECONDS = INT64_C(86400000000);

/* The type of the members of an array; 0: it is no array that is known. */
static unsigned member_type(unsigned type)
{
	static const unsigned short arrays[][2] = {
		{1000, TYPE_BOOL},      {1001, TYPE_BYTEA},       {1016, TYPE_INT8},
		{1005, TYPE_INT2},      {1007, TYPE_INT4},        {1009, TYPE_TEXT},
		{1015, TYPE_TEXT},      {1014, TYPE_TEXT},        {1028, TYPE_OID},
		{199, TYPE_JSON},       {1021, TYPE_FLOAT4},      {1022, TYPE_FLOAT8},
		{1115, TYPE_TIMESTAMP}, {1185, TYPE_TIMESTAMPTZ}, {1187, TYPE_INTERVAL},
		{1231, TYPE_NUMERIC},   {3807, TYPE_JSONB},       {1182, TYPE_TEXT},
		{1183, TYPE_TEXT},      {2951, TYPE_TEXT},
	};
	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		if (arrays[i][0] == type)
			return arrays[i][1];
	return 0;
}

/* ---- numbers ---- */

static sbx_value to_float(sbx_heap *heap, const char *text, size_t length)
{
	sbx_value v;
	if (sbx_json_load(heap, text, length, &v))
		return sbx_str_make(heap, text, length);
	return sbx_float(sbx_get_float(v));
}

static sbx_value to_numeric(sbx_heap *heap, const char *text, size_t length)
{
	size_t digits = length;
	const char *point = memchr(text, '.', length);
	if (point) {
		while (digits && text[digits - 1] == '0')
			digits--;
		if (text + digits - 1 != point)
			return to_float(heap, text, length);
		digits--;
	}
	if (strspn(text, "-0123456789") < digits)
		return to_float(heap, text, length);
	return sbx_int_from_text(heap, text, digits);
}

/* ---- bytes ---- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static sbx_value to_bytes(sbx_heap *heap, const char *text, size_t length)
{
	size_t count = length / 2 - 1;
	if (length < 2 || length % 2 || text[0] != '\\' || text[1] != 'x')
		return sbx_str_make(heap, text, length);
	unsigned char *bytes = malloc(count + 1);
	if (!bytes)
		return (sbx_value){0};
	for (size_t i = 0; i < count; i++)
		bytes[i] = (unsigned char)(digit(text[2 + 2 * i]) << 4 | digit(text[3 + 2 * i]));
	sbx_value v = sbx_bytes_make(heap, bytes, count);
	free(bytes);
	return v;
}

/* ---- times ---- */

/* Days since 1970-01-01. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Up to `most` digits. False: there is none. */
static bool take_number(const char **text, int most, int64_t *number)
{
	int count = 0;
	*number = 0;
	for (; count < most && **text >= '0' && **text <= '9'; count++)
		*number = *number * 10 + *(*text)++ - '0';
	return count > 0;
}

static bool take(const char **text, char c)
{
	if (**text != c)
		return false;
	++*text;
	return true;
}

/* "04:05:06.789" in microseconds; hours have any number of digits. */
static bool take_clock(const char **text, int64_t *microseconds)
{
	int64_t hours, minutes, seconds, fraction = 0, unit = 100000;
	if (!take_number(text, 10, &hours) || !take(text, ':') || !take_number(text, 2, &minutes) ||
		!take(text, ':') || !take_number(text, 2, &seconds))
		return false;
	if (take(text, '.'))
		for (; **text >= '0' && **text <= '9'; ++*text, unit /= 10)
			fraction += unit * (**text - '0');
	*microseconds = ((hours * 60 + minutes) * 60 + seconds) * 1000000 + fraction;
	return true;
}

/* "+05:30", "-03"; seconds are no whole minutes. */
static bool take_zone(const char **text, int32_t *minutes)
{
	int64_t hours, rest = 0, sign = **text == '-' ? -1 : 1;
	if (**text != '+' && **text != '-')
		return false;
	++*text;
	if (!take_number(text, 2, &hours) || (take(text, ':') && !take_number(text, 2, &rest)))
		return false;
	*minutes = (int32_t)(sign * (hours * 60 + rest));
	return true;
}

static sbx_value to_datetime(sbx_heap *heap, const char *text, size_t length)
{
	const char *at = text;
	int64_t year, month, day, clock;
	int32_t zone = INT32_MIN;
	bool good = take_number(&at, 4, &year) && take(&at, '-') && take_number(&at, 2, &month) &&
				take(&at, '-') && take_number(&at, 2, &day) && take(&at, ' ') &&
				take_clock(&at, &clock);
	if (good && *at)
		good = take_zone(&at, &zone);
	if (!good || *at || year < 1)
		return sbx_str_make(heap, text, length);
	return sbx_datetime_make(heap, days_of(year, month, day) * DAY_MICROSECONDS + clock, zone);
}

/* "3 days -04:05:06.7"; months and years have no fixed length. */
static sbx_value to_timedelta(sbx_heap *heap, const char *text, size_t length)
{
	const char *at = text;
	int64_t total = 0, number;
	while (*at) {
		int64_t sign = *at == '-' ? -1 : 1;
		const char *begin;
		at += *at == '-' || *at == '+';
		begin = at;
		if (take_clock(&at, &number)) {
			total += sign * number;
		} else {
			at = begin;
			if (!take_number(&at, 9, &number) || strncmp(at, " day", 4) != 0)
				return sbx_str_make(heap, text, length);
			at += 4 + (at[4] == 's');
			total += sign * number * DAY_MICROSECONDS;
		}
		at += *at == ' ';
	}
	return sbx_timedelta_make(heap, total);
}

/* ---- arrays ---- */

typedef struct Members {
	sbx_value *items;
	size_t count, room;
} Members;

static bool add(Members *members, sbx_value v)
{
	if (members->count == members->room) {
		size_t room = members->room ? members->room * 2 : 8;
		sbx_value *more = realloc(members->items, room * sizeof *more);
		if (!more)
			return false;
		members->items = more;
		members->room = room;
	}
	members->items[members->count++] = v;
	return sbx_kind(v) != SBX_INVALID;
}

/* One member that is no array, quoted or not. */
static sbx_value take_member(sbx_heap *heap, unsigned type, const char **text)
{
	ByteQueue bytes = {0};
	bool quoted = take(text, '"');
	while (**text && (quoted ? **text != '"' : **text != ',' && **text != '}')) {
		*text += **text == '\\' && (*text)[1];
		byte_queue_u8(&bytes, (unsigned char)*(*text)++);
	}
	if (quoted)
		take(text, '"');
	byte_queue_u8(&bytes, '\0');
	size_t length = bytes.failed ? 0 : byte_queue_length(&bytes) - 1;
	const char *member = (const char *)byte_queue_front(&bytes);
	sbx_value v = {0};
	if (!bytes.failed)
		v = !quoted && strcmp(member, "NULL") == 0 ? sbx_none()
												   : postgres_to_value(heap, type, member, length);
	byte_queue_free(&bytes);
	return v;
}

static sbx_value take_array(sbx_heap *heap, unsigned type, const char **text, int depth)
{
	Members members = {0};
	bool good = take(text, '{') && depth < DEEPEST;
	while (good && **text && **text != '}') {
		good = add(&members, **text == '{' ? take_array(heap, type, text, depth + 1)
										   : take_member(heap, type, text));
		if (!take(text, ','))
			break;
	}
	good = good && take(text, '}');
	sbx_value list = good ? sbx_list_make(heap, members.items, members.count) : (sbx_value){0};
	free(members.items);
	return list;
}

/* "[2:4]={...}" has other bounds than 1. */
static sbx_value to_list(sbx_heap *heap, unsigned type, const char *text, size_t length)
{
	const char *at = *text == '[' ? strchr(text, '=') : NULL;
	at = at ? at + 1 : text;
	sbx_value list = take_array(heap, type, &at, 0);
	return sbx_kind(list) == SBX_INVALID || *at ? sbx_str_make(heap, text, length) : list;
}

/* ---- both ways ---- */

sbx_value postgres_to_value(sbx_heap *heap, unsigned type, const char *text, size_t length)
{
	sbx_value v;
	switch (type) {
	case TYPE_BOOL:
		return sbx_bool(*text == 't');
	case TYPE_INT2:
	case TYPE_INT4:
	case TYPE_INT8:
	case TYPE_OID:
		return sbx_int_from_text(heap, text, length);
	case TYPE_FLOAT4:
	case TYPE_FLOAT8:
		return to_float(heap, text, length);
	case TYPE_NUMERIC:
		return to_numeric(heap, text, length);
	case TYPE_BYTEA:
		return to_bytes(heap, text, length);
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return to_datetime(heap, text, length);
	case TYPE_INTERVAL:
		return to_timedelta(heap, text, length);
	case TYPE_JSON:
	case TYPE_JSONB:
		return sbx_json_load(heap, text, length, &v) ? sbx_str_make(heap, text, length) : v;
	default:
		return member_type(type) ? to_list(heap, member_type(type), text, length)
								 : sbx_str_make(heap, text, length);
	}
}

static bool set_text(PostgresParameter *parameter, unsigned type, const char *text,
					 const char **why)
{
	parameter->type = type;
	parameter->bytes = text ? strdup(text) : NULL;
	*why = "there is no memory for it";
	return parameter->bytes != NULL;
}

static bool set_string(sbx_heap *heap, sbx_value v, PostgresParameter *parameter, const char **why)
{
	size_t length;
	const char *text = sbx_peek_str(heap, v, &length);
	if (text && strlen(text) != length) {
		*why = "it has a zero character, which PostgreSQL cannot hold";
		return false;
	}
	return set_text(parameter, 0, text, why);
}

static bool set_int(sbx_heap *heap, sbx_value v, PostgresParameter *parameter, const char **why)
{
	int64_t i;
	sbx_value text = sbx_repr(heap, v);
	unsigned type = TYPE_NUMERIC;
	if (sbx_get_int(v, &i))
		type = i >= INT32_MIN && i <= INT32_MAX ? TYPE_INT4 : TYPE_INT8;
	return set_text(parameter, type,
					sbx_kind(text) == SBX_STR ? sbx_peek_str(heap, text, NULL) : NULL, why);
}

static const char *float_text(double f, char buffer[40])
{
	if (isnan(f))
		return "NaN";
	if (isinf(f))
		return f < 0 ? "-Infinity" : "Infinity";
	buffer[sbx_float_text(f, buffer)] = '\0';
	return buffer;
}

static bool set_bytes(sbx_value v, PostgresParameter *parameter, const char **why)
{
	size_t length;
	const unsigned char *bytes = sbx_peek_bytes(v, &length);
	*why = "it is too large";
	if (length > INT32_MAX)
		return false;
	*parameter = (PostgresParameter){TYPE_BYTEA, malloc(length + 1), (int)length, true};
	*why = "there is no memory for it";
	if (parameter->bytes && length)
		memcpy(parameter->bytes, bytes, length);
	return parameter->bytes != NULL;
}

/* The date of a count of days since 1970-01-01. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
	int64_t years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100),
			part = (5 * of_year + 2) / 153;
	*day = (int)(of_year - (153 * part + 2) / 5 + 1);
	*month = (int)(part < 10 ? part + 3 : part - 9);
	*year = years + era * 400 + (*month <= 2);
}

static bool set_datetime(sbx_value v, PostgresParameter *parameter, const char **why)
{
	int32_t zone;
	int64_t all = sbx_datetime_microseconds(v, &zone), year;
	int month, day, used;
	char text[80];
	int64_t days = all / DAY_MICROSECONDS - (all % DAY_MICROSECONDS < 0),
			rest = all - days * DAY_MICROSECONDS;
	date_of(days, &year, &month, &day);
	used = snprintf(text, sizeof text, "%04" PRId64 "-%02d-%02d %02d:%02d:%02d.%06d", year, month,
					day, (int)(rest / 3600000000), (int)(rest / 60000000 % 60),
					(int)(rest / 1000000 % 60), (int)(rest % 1000000));
	if (zone != INT32_MIN)
		snprintf(text + used, sizeof text - (size_t)used, "%c%02d:%02d", zone < 0 ? '-' : '+',
				 abs(zone) / 60, abs(zone) % 60);
	return set_text(parameter, zone == INT32_MIN ? TYPE_TIMESTAMP : TYPE_TIMESTAMPTZ, text, why);
}

/* A member of an array, quoted so that it is nothing but itself. */
static bool add_member(sbx_heap *heap, ByteQueue *out, sbx_value v, int depth, const char **why)
{
	PostgresParameter member = {0};
	if (sbx_kind(v) == SBX_LIST || sbx_kind(v) == SBX_TUPLE) {
		*why = "it is nested too deep";
		byte_queue_u8(out, '{');
		for (size_t i = 0; i < sbx_count(v); i++) {
			if (i)
				byte_queue_u8(out, ',');
			if (depth >= DEEPEST || !add_member(heap, out, sbx_peek_item(v, i), depth + 1, why))
				return false;
		}
		byte_queue_u8(out, '}');
		return true;
	}
	if (sbx_kind(v) == SBX_NONE) {
		byte_queue_add(out, "NULL", 4);
		return true;
	}
	*why = "it has bytes inside";
	if (sbx_kind(v) == SBX_BYTES || !postgres_from_value(heap, v, &member, why))
		return false;
	byte_queue_u8(out, '"');
	for (const char *c = member.bytes; *c; c++) {
		if (*c == '"' || *c == '\\')
			byte_queue_u8(out, '\\');
		byte_queue_u8(out, (unsigned char)*c);
	}
	byte_queue_u8(out, '"');
	free(member.bytes);
	return true;
}

static bool set_array(sbx_heap *heap, sbx_value v, PostgresParameter *parameter, const char **why)
{
	ByteQueue out = {0};
	bool good = add_member(heap, &out, v, 0, why);
	byte_queue_u8(&out, '\0');
	good = good && !out.failed && set_text(parameter, 0, (const char *)byte_queue_front(&out), why);
	byte_queue_free(&out);
	return good;
}

bool postgres_from_value(sbx_heap *heap, sbx_value v, PostgresParameter *parameter,
						 const char **why)
{
	char buffer[40];
	sbx_value text;
	*parameter = (PostgresParameter){0};
	switch (sbx_kind(v)) {
	case SBX_NONE:
		return true;
	case SBX_BOOL:
		return set_text(parameter, TYPE_BOOL, sbx_get_bool(v) ? "t" : "f", why);
	case SBX_INT:
		return set_int(heap, v, parameter, why);
	case SBX_FLOAT:
		return set_text(parameter, TYPE_FLOAT8, float_text(sbx_get_float(v), buffer), why);
	case SBX_STR:
		return set_string(heap, v, parameter, why);
	case SBX_BYTES:
		return set_bytes(v, parameter, why);
	case SBX_DATETIME:
		return set_datetime(v, parameter, why);
	case SBX_TIMEDELTA:
		snprintf(buffer, sizeof buffer, "%" PRId64 " microseconds", sbx_timedelta_microseconds(v));
		return set_text(parameter, TYPE_INTERVAL, buffer, why);
	case SBX_LIST:
	case SBX_TUPLE:
		return set_array(heap, v, parameter, why);
	case SBX_DICT:
		*why = "it is no JSON";
		return sbx_json_dump(heap, v, &text) == SBX_DONE &&
			   set_string(heap, text, parameter, why) && (parameter->type = TYPE_JSONB) != 0;
	default:
		*why = "values of its type cannot be sent to PostgreSQL";
		return false;
	}
}
