/*
 * str() and repr() of datetime and timedelta, as Python's datetime module writes them. (Their text
 * at boundaries is in time.c.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "boundary.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY_US INT64_C(86400000000)

static void datetime_str(TextBuffer *text, sbx_value v)
{
	char out[48];
	sbx__datetime_text(v, out);
	out[10] = ' '; /* for the T */
	sbx__text_ascii(text, out);
}

static void datetime_repr(TextBuffer *text, sbx_value v)
{
	int year, month, day, hour, minute, second, microsecond = 0;
	int offset = ((const TimeObject *)v.u.p)->offset_minutes;
	char out[120];
	sbx__datetime_text(v, out);
	if (sscanf(out, "%d-%d-%dT%d:%d:%d.%d", &year, &month, &day, &hour, &minute, &second,
			   &microsecond) < 6)
		return;
	snprintf(out, sizeof out, "datetime.datetime(%d, %d, %d, %d, %d", year, month, day, hour,
			 minute);
	sbx__text_ascii(text, out);
	if (second || microsecond) {
		snprintf(out, sizeof out, microsecond ? ", %d, %d" : ", %d", second, microsecond);
		sbx__text_ascii(text, out);
	}
	if (offset == 0) {
		sbx__text_ascii(text, ", tzinfo=datetime.timezone.utc");
	} else if (offset != INT32_MIN) {
		snprintf(out, sizeof out,
				 offset < 0 ? ", tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=%d))"
							: ", tzinfo=datetime.timezone(datetime.timedelta(seconds=%d))",
				 (offset < 0 ? offset + 1440 : offset) * 60);
		sbx__text_ascii(text, out);
	}
	sbx__text_ascii(text, ")");
}

/* Days, and what is left of the day, which is not negative. */
static int64_t days_of(sbx_value v, int64_t *rest)
{
	int64_t microseconds = ((const TimeObject *)v.u.p)->microseconds;
	*rest = microseconds % DAY_US;
	if (*rest < 0)
		*rest += DAY_US;
	return microseconds / DAY_US - (microseconds % DAY_US < 0);
}

static void timedelta_str(TextBuffer *text, sbx_value v)
{
	int64_t rest, days = days_of(v, &rest), seconds = rest / 1000000;
	char out[80];
	if (days) {
		snprintf(out, sizeof out, "%" PRId64 " day%s, ", days, days == 1 || days == -1 ? "" : "s");
		sbx__text_ascii(text, out);
	}
	snprintf(out, sizeof out, "%d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
			 (int)(seconds % 60));
	sbx__text_ascii(text, out);
	if (rest % 1000000) {
		snprintf(out, sizeof out, ".%06d", (int)(rest % 1000000));
		sbx__text_ascii(text, out);
	}
}

static void timedelta_repr(TextBuffer *text, sbx_value v)
{
	static const char *const names[] = {"days", "seconds", "microseconds"};
	int64_t rest, values[3];
	const char *separator = "";
	char out[80];
	values[0] = days_of(v, &rest);
	values[1] = rest / 1000000;
	values[2] = rest % 1000000;
	sbx__text_ascii(text, "datetime.timedelta(");
	for (int i = 0; i < 3; i++) {
		if (!values[i])
			continue;
		snprintf(out, sizeof out, "%s%s=%" PRId64, separator, names[i], values[i]);
		sbx__text_ascii(text, out);
		separator = ", ";
	}
	sbx__text_ascii(text, *separator ? ")" : "0)");
}

void sbx__time_str(TextBuffer *text, sbx_value v)
{
	(SBX_GEN_KIND(v) == SBX_KIND_DATETIME ? datetime_str : timedelta_str)(text, v);
}

void sbx__time_repr(TextBuffer *text, sbx_value v)
{
	(SBX_GEN_KIND(v) == SBX_KIND_DATETIME ? datetime_repr : timedelta_repr)(text, v);
}
