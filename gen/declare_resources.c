/*
 * flyte.Resources: how much of a processor and of memory a container gets.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <stdlib.h>
#include <string.h>

enum { LEAST_MEMORY = 6 * 1024 * 1024 }; /* the engine's own bound */

/* "512Mi", "1.5G", 1000000: a quantity as Kubernetes writes it, times `scale`; 0: none. */
static uint64_t read_quantity(const Constant *value, uint64_t scale)
{
	static const struct {
		const char *suffix;
		double factor;
	} units[] = {{"", 1},
				 {"m", 1e-3},
				 {"k", 1e3},
				 {"M", 1e6},
				 {"G", 1e9},
				 {"T", 1e12},
				 {"Ki", 1024.0},
				 {"Mi", 1048576.0},
				 {"Gi", 1073741824.0},
				 {"Ti", 1099511627776.0}};
	double number = 0, factor = 0;
	if (value->sort == SORT_INT && value->fits && value->integer > 0) {
		number = (double)value->integer;
		factor = 1;
	} else if (value->sort == SORT_FLOAT) {
		number = value->real;
		factor = 1;
	} else if (value->sort == SORT_STR && *value->text >= '0' && *value->text <= '9') {
		char *end;
		size_t digits = strspn(value->text, "0123456789.");
		number = strtod(value->text, &end);
		for (size_t i = 0; end == value->text + digits && i < sizeof units / sizeof *units; i++)
			if (!strcmp(end, units[i].suffix))
				factor = units[i].factor;
	}
	double result = number * factor * (double)scale;
	return result >= 1 && result < 9e15 ? (uint64_t)(result + 0.5) : 0;
}

/* A pair is request and limit; a container has the limit. */
static const Constant *limit_of(const Constant *value)
{
	bool pair = (value->sort == SORT_TUPLE || value->sort == SORT_LIST) && value->count == 2;
	return pair ? value->items[1] : value;
}

static bool is_resources(const Constant *value)
{
	const char *last =
		value->sort == SORT_OBJECT && value->object ? strrchr(value->text, '.') : NULL;
	return last && !strncmp(value->text, "flyte.", 6) && !strcmp(last + 1, "Resources");
}

const char *declare_resources(const Constant *value, uint32_t *milli_cpu, uint64_t *memory)
{
	if (!is_resources(value))
		return "a flyte.Resources";
	const Constant *cpu = arguments_get(value->object, 0, "cpu"),
				   *bytes = arguments_get(value->object, 1, "memory");
	if (cpu && cpu->sort != SORT_NONE) {
		uint64_t milli = read_quantity(limit_of(cpu), 1000);
		if (milli < 1 || milli > 1000000)
			return "a flyte.Resources whose cpu is such as 1, 0.5 or \"500m\"";
		*milli_cpu = (uint32_t)milli;
	}
	if (bytes && bytes->sort != SORT_NONE) {
		uint64_t size = read_quantity(limit_of(bytes), 1);
		if (size < LEAST_MEMORY)
			return "a flyte.Resources whose memory is such as \"512Mi\", from \"6Mi\"";
		*memory = size;
	}
	return NULL;
}
