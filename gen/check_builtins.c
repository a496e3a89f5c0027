/*
 * Calls of builtins, types and methods: how many arguments they take, under which names, and of which types, as far as a
 * mistake is certain. The runtime's own table says what methods take.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check_values.h"

#include <string.h>

#include "sbx.h"

enum { ANY_COUNT = 255 };

typedef enum Want { WANT_ALL, WANT_ITERABLE, WANT_SIZED, WANT_NUMBER, WANT_INT, WANT_TEXT } Want;

typedef struct BuiltinRow {
	const char *name;
	uint8_t min, max;     /* arguments, names included */
	uint8_t positional;   /* that may be given without a name */
	const char *keywords; /* "a b"; "**": any; "": none */
	Want wants; /* of the first argument; the iterables of map and zip are looked at by name */
} BuiltinRow;

static const BuiltinRow ROWS[] = {
	{"abs", 1, 1, 1, "", WANT_NUMBER},
	{"all", 1, 1, 1, "", WANT_ITERABLE},
	{"any", 1, 1, 1, "", WANT_ITERABLE},
	{"ascii", 1, 1, 1, "", WANT_ALL},
	{"bin", 1, 1, 1, "", WANT_INT},
	{"chr", 1, 1, 1, "", WANT_INT},
	{"divmod", 2, 2, 2, "", WANT_NUMBER},
	{"format", 1, 2, 2, "", WANT_ALL},
	{"hash", 1, 1, 1, "", WANT_ALL},
	{"hex", 1, 1, 1, "", WANT_INT},
	{"isinstance", 2, 2, 2, "", WANT_ALL},
	{"len", 1, 1, 1, "", WANT_SIZED},
	{"max", 1, ANY_COUNT, ANY_COUNT, "default key", WANT_ALL},
	{"min", 1, ANY_COUNT, ANY_COUNT, "default key", WANT_ALL},
	{"oct", 1, 1, 1, "", WANT_INT},
	{"ord", 1, 1, 1, "", WANT_TEXT},
	{"pow", 2, 3, 3, "base exp mod", WANT_NUMBER},
	{"print", 0, ANY_COUNT, ANY_COUNT, "sep end file flush", WANT_ALL},
	{"repr", 1, 1, 1, "", WANT_ALL},
	{"round", 1, 2, 2, "number ndigits", WANT_NUMBER},
	{"sorted", 1, 3, 1, "key reverse", WANT_ITERABLE},
	{"sum", 1, 2, 2, "start", WANT_ITERABLE},
	{"bool", 0, 1, 1, "", WANT_ALL},
	{"dict", 0, ANY_COUNT, 1, "**", WANT_ITERABLE},
	{"enumerate", 1, 2, 2, "iterable start", WANT_ITERABLE},
	{"filter", 2, 2, 2, "", WANT_ALL},
	{"float", 0, 1, 1, "", WANT_ALL},
	{"frozenset", 0, 1, 1, "", WANT_ITERABLE},
	{"list", 0, 1, 1, "", WANT_ITERABLE},
	{"map", 2, ANY_COUNT, ANY_COUNT, "", WANT_ALL},
	{"range", 1, 3, 3, "", WANT_INT},
	{"reversed", 1, 1, 1, "", WANT_ALL},
	{"set", 0, 1, 1, "", WANT_ITERABLE},
	{"tuple", 0, 1, 1, "", WANT_ITERABLE},
	{"zip", 0, ANY_COUNT, ANY_COUNT, "strict", WANT_ALL},
};

static const BuiltinRow *find_row(const char *name)
{
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
		if (!strcmp(ROWS[i].name, name))
			return &ROWS[i];
	return NULL;
}

/* ---- counts and names ---- */

/* "exactly one argument", "at most 2 arguments" */
static const char *wanted_text(Checker *c, uint32_t min, uint32_t max, uint32_t given)
{
	uint32_t wanted = given < min ? min : max;
	if (!max)
		return "no arguments";
	if (min == max && min == 1)
		return "exactly one argument";
	return arena_format(c->arena, "%s %u argument%s",
						min == max    ? "exactly"
						: given < min ? "at least"
									  : "at most",
						wanted, wanted == 1 ? "" : "s");
}

static void report_count(Checker *c, const AstCall *call, const char *name, uint32_t min,
						 uint32_t max, uint32_t given)
{
	diag_add(c->diag, D_CALL_COUNT, c->source, call->base.start, call->base.end, name,
			 wanted_text(c, min, max, given), (int)given);
	check_absorb(c, &call->base);
}

static bool is_listed(const char *names, const Atom *name)
{
	for (const char *p = names; *p; p += *p == ' ') {
		size_t length = strcspn(p, " ");
		if (length == name->length && !memcmp(p, name->text, length))
			return true;
		p += length;
	}
	return false;
}

static const char *keywords_help(Checker *c, const char *name, const char *keywords,
								 const Atom *wanted)
{
	if (!strcmp(name, "sorted") || !strcmp(name, "list.sort"))
		if (wanted->length == 3 && !memcmp(wanted->text, "cmp", 3))
			return "give key=, a function that makes the value to sort by";
	Text names;
	text_init(&names, c->arena);
	for (const char *p = keywords; *p; p += *p == ' ') {
		size_t length = strcspn(p, " ");
		if (*p != '*' && *p != '_' && *p != '(')
			text_format(&names, "%s'%.*s'", names.length ? ", " : "", (int)length, p);
		p += length;
	}
	return names.length ? arena_format(c->arena, "its named arguments are %s", names.bytes)
						: "it takes no named arguments";
}

/* False: something is wrong, and reported. */
static bool check_keywords(Checker *c, const AstCall *call, const char *name, const char *keywords)
{
	bool good = true;
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (is_listed(keywords, keyword->arg))
			continue;
		diag_add(c->diag, D_CALL_KEYWORD, c->source, keyword->base.start,
				 keyword->base.start + keyword->arg->length, name, keyword->arg->text,
				 keywords_help(c, name, keywords, keyword->arg));
		good = false;
	}
	return good;
}

/* ---- types of arguments ---- */

static bool is_unsized(TypeKind kind)
{
	switch (kind) {
	case TYPE_NONE:
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_FUNCTION:
	case TYPE_TYPE:
	case TYPE_EXCEPTION:
	case TYPE_GENERATOR:
		return true;
	default:
		return false;
	}
}

static bool is_no_number(TypeKind kind)
{
	switch (kind) {
	case TYPE_NONE:
	case TYPE_STR:
	case TYPE_BYTES:
	case TYPE_LIST:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_DICT:
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
	case TYPE_RANGE:
	case TYPE_FUNCTION:
	case TYPE_EXCEPTION:
	case TYPE_GENERATOR:
		return true;
	default:
		return false;
	}
}

static bool is_no_int(TypeKind kind)
{
	return kind == TYPE_FLOAT || is_no_number(kind);
}

static bool is_no_text(TypeKind kind)
{
	return is_no_number(kind) ? kind != TYPE_STR && kind != TYPE_BYTES
							  : kind == TYPE_INT || kind == TYPE_BOOL || kind == TYPE_FLOAT;
}

static void check_wanted(Checker *c, const char *name, Want want, const Node *argument)
{
	static const struct {
		bool (*is_wrong)(TypeKind kind);
		const char *text;
	} wants[] = {[WANT_SIZED] = {is_unsized, "a value with a length"},
				 [WANT_NUMBER] = {is_no_number, "a number"},
				 [WANT_INT] = {is_no_int, "an int"},
				 [WANT_TEXT] = {is_no_text, "a string of length 1"}};
	const Type *type = check_type_of(c, argument);
	if (!type || want == WANT_ALL || argument->kind == NODE_STARRED)
		return;
	if (want == WANT_ITERABLE)
		check_iterable(c, argument);
	else if (check_every(type, wants[want].is_wrong)) {
		DiagItem *item = diag_add(c->diag, D_BUILTIN_ARGUMENT, c->source, argument->start,
								  argument->end, name, wants[want].text, check_type_text(c, type));
		if (check_has_none(type))
			diag_help(c->diag, item, "test it with 'is not None' before");
	}
}

static bool is_class(TypeKind kind)
{
	return kind != TYPE_TYPE && kind != TYPE_TUPLE && kind != TYPE_TUPLE_OF && kind != TYPE_ANY &&
		   kind != TYPE_NONE;
}

static void check_types_of_arguments(Checker *c, const AstCall *call, const BuiltinRow *row)
{
	const NodeList *args = &call->args;
	check_wanted(c, row->name, row->wants, args->items[0]);
	if (!strcmp(row->name, "range") || !strcmp(row->name, "divmod"))
		for (uint32_t i = 1; i < args->count; i++)
			check_wanted(c, row->name, row->wants, args->items[i]);
	if (!strcmp(row->name, "zip"))
		for (uint32_t i = 0; i < args->count; i++)
			check_iterable(c, args->items[i]);
	if (!strcmp(row->name, "map") || !strcmp(row->name, "filter"))
		for (uint32_t i = 1; i < args->count; i++)
			check_iterable(c, args->items[i]);
	if (args->count == 1 && (!strcmp(row->name, "min") || !strcmp(row->name, "max")))
		check_iterable(c, args->items[0]);
	const Type *second = args->count == 2 ? check_type_of(c, args->items[1]) : NULL;
	if (second && !strcmp(row->name, "isinstance") && check_every(second, is_class))
		diag_add(c->diag, D_BUILTIN_ARGUMENT, c->source, args->items[1]->start, args->items[1]->end,
				 "isinstance", "a type, a tuple of types, or a union", check_type_text(c, second));
}

static void check_builtin(Checker *c, const AstCall *call, const BuiltinRow *row)
{
	uint32_t given = call->args.count + call->keywords.count;
	if (call_has_spread(call))
		return;
	if (strcmp(row->keywords, "**") && !check_keywords(c, call, row->name, row->keywords)) {
		check_absorb(c, &call->base);
		return;
	}
	bool too_many = row->positional != ANY_COUNT && call->args.count > row->positional;
	uint32_t least = row->min > call->keywords.count ? row->min : row->min;
	if (given < least || too_many || (row->max != ANY_COUNT && given > row->max) ||
		((!strcmp(row->name, "max") || !strcmp(row->name, "min") || !strcmp(row->name, "sorted") ||
		  !strcmp(row->name, "sum") || !strcmp(row->name, "map")) &&
		 call->args.count < row->min)) {
		uint32_t max = row->positional;
		report_count(c, call, row->name, row->min, max, call->args.count);
		return;
	}
	if (call->args.count)
		check_types_of_arguments(c, call, row);
}

/* ---- methods ---- */

/* Of a list of names: those before the "*". */
static uint32_t positional_count(const char *keywords)
{
	uint32_t count = 0;
	for (const char *p = keywords; *p && *p != '*'; p += *p == ' ') {
		count++;
		p += strcspn(p, " ");
	}
	return count;
}

static void check_method_call(Checker *c, const AstCall *call)
{
	const AstAttribute *method = (const AstAttribute *)call->func;
	const Type *self = check_type_of(c, method->value);
	const char *table = self ? check_method_table(self) : NULL, *keywords;
	unsigned min, max;
	if (!table || call_has_spread(call) ||
		(method->value->kind == NODE_NAME &&
		 c->checked->names[method->value->id].use != NAME_VARIABLE))
		return;
	if (!sbx_method_arguments(table, method->attr->text, &min, &max, &keywords))
		return;
	const char *name = arena_format(c->arena, "%s.%s", table, method->attr->text);
	uint32_t given = call->args.count;
	bool named = keywords && *keywords != '(';
	if (named && !strncmp(keywords, "**", 2)) {
		if (given < min || given > max)
			report_count(c, call, name, min, max, given);
		return;
	}
	if (!check_keywords(c, call, name, named ? keywords : ""))
		return;
	uint32_t total = given + call->keywords.count, most = named ? positional_count(keywords) : max;
	if (total < min || given > most) {
		report_count(c, call, name, min, most, given);
		return;
	}
	if (!strcmp(method->attr->text, "join") || !strcmp(method->attr->text, "extend"))
		check_iterable(c, call->args.items[0]);
}

void check_builtin_call(Checker *c, const AstCall *call)
{
	if (!check_type_of(c, &call->base) && !c->checked->types[call->base.id])
		return;
	if (call->func->kind == NODE_ATTRIBUTE) {
		check_method_call(c, call);
		return;
	}
	const NameInfo *info =
		call->func->kind == NODE_NAME ? &c->checked->names[call->func->id] : NULL;
	if (!info || (info->use != NAME_BUILTIN && info->use != NAME_TYPE))
		return;
	const BuiltinRow *row = find_row(info->text);
	if (row)
		check_builtin(c, call, row);
}
