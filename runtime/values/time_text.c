/*
 * str() and repr() of datetime and timedelta, as Python's datetime module writes them. Dates are counted in days from
 * 1970-01-01 in the Gregorian calendar.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_US INT64_C(86400000000)

typedef struct Moment {
	int64_t year;
	int month, day, hour, minute, second, microsecond;
} Moment;

static int64_t floor_divide(int64_t a, int64_t b, int64_t *rest)
{
	*rest = a % b;
	if (*rest < 0)
		*rest += b;
	return (a - *rest) / b;
}

/* Years begin in March here, so that the leap day is the last of its year; 400 years have 146,097 days. */
static void set_date(Moment *moment, int64_t days)
{
	int64_t rest, era = floor_divide(days + 719468, 146097, &rest);
	int64_t year = (rest - rest / 1460 + rest / 36524 - rest / 146096) / 365;
	int64_t day_of_year = rest - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	moment->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	moment->month = (int)(month < 10 ? month + 3 : month - 9);
	moment->year = year + era * 400 + (moment->month <= 2);
}

static Moment moment_of(int64_t microseconds)
{
	Moment moment;
	int64_t rest;
	set_date(&moment, floor_divide(microseconds, DAY_US, &rest));
	moment.microsecond = (int)(rest % 1000000);
	moment.second = (int)(rest / 1000000 % 60);
	moment.minute = (int)(rest / 60000000 % 60);
	moment.hour = (int)(rest / 3600000000);
	return moment;
}

static void datetime_str(TextBuffer *text, const TimeObject *time)
{
	Moment m = moment_of(time->microseconds);
	char out[80];
	int offset = time->offset_minutes;
	snprintf(out, sizeof out, "%04lld-%02d-%02d %02d:%02d:%02d", (long long)m.year, m.month, m.day, m.hour, m.minute,
	         m.second);
	sbx__text_ascii(text, out);
	if (m.microsecond) {
		snprintf(out, sizeof out, ".%06d", m.microsecond);
		sbx__text_ascii(text, out);
	}
	if (offset == INT32_MIN)
		return;
	snprintf(out, sizeof out, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60, abs(offset) % 60);
	sbx__text_ascii(text, out);
}

static void datetime_repr(TextBuffer *text, const TimeObject *time)
{
	Moment m = moment_of(time->microseconds);
	char out[120];
	int offset = time->offset_minutes;
	snprintf(out, sizeof out, "datetime.datetime(%lld, %d, %d, %d, %d", (long long)m.year, m.month, m.day, m.hour,
	         m.minute);
	sbx__text_ascii(text, out);
	if (m.second || m.microsecond) {
		snprintf(out, sizeof out, m.microsecond ? ", %d, %d" : ", %d", m.second, m.microsecond);
		sbx__text_ascii(text, out);
	}
	if (offset == 0) {
		sbx__text_ascii(text, ", tzinfo=datetime.timezone.utc");
	} else if (offset != INT32_MIN) {
		snprintf(out, sizeof out, offset < 0 ? ", tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=%d))"
		         : ", tzinfo=datetime.timezone(datetime.timedelta(seconds=%d))", (offset < 0 ? offset + 1440 : offset) * 60);
		sbx__text_ascii(text, out);
	}
	sbx__text_ascii(text, ")");
}

static void timedelta_str(TextBuffer *text, const TimeObject *time)
{
	int64_t rest, days = floor_divide(time->microseconds, DAY_US, &rest), seconds = rest / 1000000;
	char out[80];
	if (days) {
		snprintf(out, sizeof out, "%lld day%s, ", (long long)days, days == 1 || days == -1 ? "" : "s");
		sbx__text_ascii(text, out);
	}
	snprintf(out, sizeof out, "%lld:%02lld:%02lld", (long long)(seconds / 3600), (long long)(seconds / 60 % 60),
	         (long long)(seconds % 60));
	sbx__text_ascii(text, out);
	if (rest % 1000000) {
		snprintf(out, sizeof out, ".%06lld", (long long)(rest % 1000000));
		sbx__text_ascii(text, out);
	}
}

static void timedelta_repr(TextBuffer *text, const TimeObject *time)
{
	int64_t rest, days = floor_divide(time->microseconds, DAY_US, &rest);
	int64_t values[] = {days, rest / 1000000, rest % 1000000};
	static const char *const names[] = {"days", "seconds", "microseconds"};
	const char *separator = "";
	char out[80];
	sbx__text_ascii(text, "datetime.timedelta(");
	for (int i = 0; i < 3; i++) {
		if (!values[i])
			continue;
		snprintf(out, sizeof out, "%s%s=%lld", separator, names[i], (long long)values[i]);
		sbx__text_ascii(text, out);
		separator = ", ";
	}
	sbx__text_ascii(text, time->microseconds ? ")" : "0)");
}

void sbx__time_str(TextBuffer *text, sbx_value v)
{
	(SBX_GEN_KIND(v) == SBX_KIND_DATETIME ? datetime_str : timedelta_str)(text, v.u.p);
}

void sbx__time_repr(TextBuffer *text, sbx_value v)
{
	(SBX_GEN_KIND(v) == SBX_KIND_DATETIME ? datetime_repr : timedelta_repr)(text, v.u.p);
}
