/*
 * Which builtin names the language has, for compilers and editors. The tables of the runtime are the only list; the
 * types that only messages name, and those that the language leaves out, are skipped here.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "object.h"

#include <string.h>

typedef struct BuiltinName {
	const char *name, *canonical;
	int kind;
} BuiltinName;

static const BuiltinName NAMES[] = {
#define BUILTIN(name) {#name, #name, 1},
#include "../include/sbx_gen_builtins.def"
#undef BUILTIN
#define TYPE(name, base) {#name, #name, 2},
#include "../include/sbx_gen_types.def"
#undef TYPE
	{"EnvironmentError", "OSError", 2},
	{"IOError", "OSError", 2},
};
#define NAME_COUNT (sizeof NAMES / sizeof *NAMES)

/* Python programs can name these types only through an import, or the language leaves them out. */
static bool is_hidden(const BuiltinName *name)
{
	static const char *const HIDDEN[] = {
		"object",
		"slice",
		"NoneType",
		"function",
		"builtin_function_or_method",
		"method",
		"generator",
		"cell",
		"dict_keys",
		"dict_values",
		"dict_items",
		"NotImplementedType",
		"ellipsis",
		"File",
		"Dir",
		"DataFrame",
		"datetime",
		"timedelta",
	};
	if (name->kind == 1)
		return false;
	for (size_t i = 0; i < sizeof HIDDEN / sizeof *HIDDEN; i++)
		if (strcmp(name->name, HIDDEN[i]) == 0)
			return true;
	size_t length = strlen(name->name);
	return length > 8 && strcmp(name->name + length - 8, "iterator") == 0;
}

int sbx_name_kind(const char *name, const char **canonical)
{
	for (size_t i = 0; i < NAME_COUNT; i++) {
		if (strcmp(NAMES[i].name, name) == 0 && !is_hidden(&NAMES[i])) {
			*canonical = NAMES[i].canonical;
			return NAMES[i].kind;
		}
	}
	*canonical = NULL;
	return 0;
}

const char *sbx_builtin_name(size_t index)
{
	for (size_t i = 0; i < NAME_COUNT; i++)
		if (!is_hidden(&NAMES[i]) && index-- == 0)
			return NAMES[i].name;
	return NULL;
}
