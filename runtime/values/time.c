/*
 * datetime and timedelta as text, both ways, for boundaries; str() and repr() of them are in time_text.c.
 *
 * Both hold microseconds in 64 bits. A datetime counts them from 1970-01-01T00:00:00 of its own wall clock, so that a
 * zone changes nothing but the offset behind it. Days become dates by the usual count from 1 March of year 0, in
 * which the leap day is the last of its year.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"
#include "numbers.h"

#include <math.h>
#include <stdio.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

static int64_t floor_divide(int64_t a, int64_t b, int64_t *rest)
{
	int64_t q = a / b - (a % b < 0);
	*rest = a - q * b;
	return q;
}

/* ---- writing ---- */

static void date_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era, in_era, year_of_era, day_of_year, m;
	era = floor_divide(z, 146097, &in_era);
	year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	day_of_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	m = (5 * day_of_year + 2) / 153;
	*day = (int)(day_of_year - (153 * m + 2) / 5) + 1;
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

size_t sbx__datetime_text(sbx_value v, char buffer[48])
{
	int64_t clock, micro;
	int64_t days = floor_divide(TIME(v)->microseconds, DAY, &clock);
	int year, month, day, length, seconds, offset = TIME(v)->offset_minutes;
	seconds = (int)floor_divide(clock, SECOND, &micro);
	date_from_days(days, &year, &month, &day);
	length = snprintf(buffer, 48, "%04d-%02d-%02dT%02d:%02d:%02d", year, month, day, seconds / 3600,
					  seconds / 60 % 60, seconds % 60);
	if (micro)
		length += snprintf(buffer + length, 48 - (size_t)length, ".%06d", (int)micro);
	if (TIME(v)->offset_minutes != INT32_MIN) {
		char sign = offset < 0 ? '-' : '+';
		offset = offset < 0 ? -offset : offset;
		length += snprintf(buffer + length, 48 - (size_t)length, "%c%02d:%02d", sign, offset / 60,
						   offset % 60);
	}
	return (size_t)length;
}

/* The quotient rounded once: the bits that the first rounding would lose are kept as a remainder. */
double sbx__timedelta_seconds(sbx_value v)
{
	int64_t us = TIME(v)->microseconds;
	if (us > -(INT64_C(1) << 53) && us < INT64_C(1) << 53)
		return (double)us / 1e6;
	return (double)((long double)us / 1e6L);
}

/* ---- reading ---- */

typedef struct Cursor {
	const char *at, *end;
} Cursor;

/* Exactly `count` digits. */
static bool take_digits(Cursor *cursor, int count, int *out)
{
	*out = 0;
	for (int i = 0; i < count; i++, cursor->at++) {
		if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
			return false;
		*out = *out * 10 + (*cursor->at - '0');
	}
	return true;
}

static bool take(Cursor *cursor, char c)
{
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static int64_t days_from_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2), era = y / 400, year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
		   719468;
}

static bool take_date(Cursor *cursor, int64_t *days)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, length;
	bool dashes;
	if (!take_digits(cursor, 4, &year))
		return false;
	dashes = take(cursor, '-');
	if (!take_digits(cursor, 2, &month) || dashes != take(cursor, '-') ||
		!take_digits(cursor, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12)
		return false;
	length =
		lengths[month - 1] + (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
	if (day < 1 || day > length)
		return false;
	*days = days_from_date(year, month, day);
	return true;
}

/* .5 or ,5: digits behind the sixth are cut off. */
static bool take_fraction(Cursor *cursor, int64_t *microseconds)
{
	int64_t unit = SECOND / 10;
	*microseconds = 0;
	if (!take(cursor, '.') && !take(cursor, ','))
		return true;
	if (cursor->at == cursor->end || *cursor->at < '0' || *cursor->at > '9')
		return false;
	for (; cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9';
		 cursor->at++, unit /= 10)
		*microseconds += unit * (*cursor->at - '0');
	return true;
}

/* HH, HH:MM, HH:MM:SS[.f], or without colons. */
static bool take_clock(Cursor *cursor, int64_t *microseconds)
{
	int hour, minute = 0, second = 0;
	int64_t fraction = 0;
	bool colons;
	if (!take_digits(cursor, 2, &hour))
		return false;
	colons = take(cursor, ':');
	if (colons || (cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9')) {
		if (!take_digits(cursor, 2, &minute))
			return false;
		if (colons ? take(cursor, ':')
				   : cursor->at < cursor->end && *cursor->at >= '0' && *cursor->at <= '9') {
			if (!take_digits(cursor, 2, &second) || !take_fraction(cursor, &fraction))
				return false;
		}
	}
	*microseconds = ((int64_t)hour * 3600 + minute * 60 + second) * SECOND + fraction;
	return hour < 24 && minute < 60 && second < 60;
}

bool sbx__datetime_parse(const char *text, size_t length, int64_t *microseconds,
						 int32_t *offset_minutes)
{
	Cursor cursor = {text, text + length};
	int64_t days, clock = 0, offset;
	*offset_minutes = INT32_MIN;
	if (!take_date(&cursor, &days))
		return false;
	if (cursor.at < cursor.end) {
		cursor.at++; /* 'T', a blank, or whatever parts them */
		if (!take_clock(&cursor, &clock))
			return false;
	}
	if (take(&cursor, 'Z') || take(&cursor, 'z')) {
		*offset_minutes = 0;
	} else if (cursor.at < cursor.end && (*cursor.at == '+' || *cursor.at == '-')) {
		bool negative = *cursor.at++ == '-';
		if (!take_clock(&cursor, &offset) || offset % (60 * SECOND))
			return false;
		*offset_minutes = (int32_t)(offset / (60 * SECOND)) * (negative ? -1 : 1);
	}
	*microseconds = days * DAY + clock;
	return cursor.at == cursor.end;
}

bool sbx__timedelta_from_seconds(double seconds, int64_t *microseconds)
{
	double whole, part = modf(seconds, &whole), us;
	if (!(fabs(seconds) < 9.2e12))
		return false;
	us = nearbyint(part * 1e6); /* half to even, as Python's */
	*microseconds = (int64_t)whole * SECOND + (int64_t)us;
	return true;
}

/* A decimal number, perhaps with a point; a double at most. */
static bool take_number(Cursor *cursor, double *out)
{
	const char *start = cursor->at;
	while (cursor->at < cursor->end &&
		   ((*cursor->at >= '0' && *cursor->at <= '9') || *cursor->at == '.'))
		cursor->at++;
	return cursor->at > start && sbx__float_parse(start, (size_t)(cursor->at - start), out);
}

/* 1h30m, 1.5d, 250ms ... */
static bool parse_units(Cursor cursor, int64_t *microseconds)
{
	static const struct {
		const char name[3];
		double seconds;
	} units[] = {{"us", 1e-6}, {"ms", 1e-3}, {"w", 604800}, {"d", 86400},
				 {"h", 3600},  {"m", 60},    {"s", 1}};
	bool negative = take(&cursor, '-');
	double total = 0, number;
	size_t i;
	if (!negative)
		take(&cursor, '+');
	if (cursor.at == cursor.end)
		return false;
	while (cursor.at < cursor.end) {
		if (!take_number(&cursor, &number))
			return false;
		for (i = 0; i < sizeof units / sizeof units[0]; i++) {
			size_t length = strlen(units[i].name);
			if ((size_t)(cursor.end - cursor.at) >= length &&
				!memcmp(cursor.at, units[i].name, length)) {
				cursor.at += length;
				break;
			}
		}
		if (i == sizeof units / sizeof units[0])
			return false;
		total += number * units[i].seconds;
	}
	return sbx__timedelta_from_seconds(negative ? -total : total, microseconds);
}

/* [D day[s], ]H:MM:SS[.ffffff] */
static bool parse_python(Cursor cursor, int64_t *microseconds)
{
	bool negative = take(&cursor, '-');
	int64_t first = 0, days = 0, fraction;
	int minute, second, digits = 0;
	for (; cursor.at < cursor.end && *cursor.at >= '0' && *cursor.at <= '9' && digits < 10;
		 digits++)
		first = first * 10 + (*cursor.at++ - '0');
	if (digits == 0 || digits == 10)
		return false;
	if (take(&cursor, ' ')) {
		if (!take(&cursor, 'd') || !take(&cursor, 'a') || !take(&cursor, 'y'))
			return false;
		take(&cursor, 's');
		days = negative ? -first : first;
		negative = false;
		first = 0;
		if (cursor.at < cursor.end) {
			if (!take(&cursor, ',') || !take(&cursor, ' '))
				return false;
			for (digits = 0;
				 cursor.at < cursor.end && *cursor.at >= '0' && *cursor.at <= '9' && digits < 3;
				 digits++)
				first = first * 10 + (*cursor.at++ - '0');
			if (digits == 0)
				return false;
		} else {
			if (days > 106000000 || days < -106000000)
				return false;
			*microseconds = days * DAY;
			return true;
		}
	}
	if (!take(&cursor, ':') || !take_digits(&cursor, 2, &minute) || !take(&cursor, ':') ||
		!take_digits(&cursor, 2, &second) || !take_fraction(&cursor, &fraction) ||
		cursor.at != cursor.end)
		return false;
	if (minute > 59 || second > 59 || days > 106000000 || days < -106000000)
		return false;
	first = (first * 3600 + minute * 60 + second) * SECOND + fraction;
	*microseconds = days * DAY + (negative ? -first : first);
	return true;
}

bool sbx__timedelta_parse(const char *text, size_t length, int64_t *microseconds)
{
	Cursor cursor = {text, text + length};
	double seconds;
	if (length && sbx__float_parse(text, length, &seconds))
		return sbx__timedelta_from_seconds(seconds, microseconds);
	return parse_units(cursor, microseconds) || parse_python(cursor, microseconds);
}
