/*
 * Types of method calls.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

typedef struct MethodCall {
	const AstCall *call;
	const char *name;
} MethodCall;

typedef struct MethodRow {
	const char *name;
	TypeKind kind; /* of the result */
} MethodRow;

static const Type *find_row(Infer *f, const MethodRow *rows, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name))
			return type_simple(f->types, rows[i].kind);
	return NULL;
}
#define FIND_ROW(f, rows, name) find_row(f, rows, sizeof(rows) / sizeof *(rows), name)

static const Type *text_method(Infer *f, const Type *self, const MethodCall *m)
{
	static const MethodRow rows[] = {{"count", TYPE_INT},     {"find", TYPE_INT},
									 {"rfind", TYPE_INT},     {"index", TYPE_INT},
									 {"rindex", TYPE_INT},    {"startswith", TYPE_BOOL},
									 {"endswith", TYPE_BOOL}, {"encode", TYPE_BYTES},
									 {"decode", TYPE_STR},    {"hex", TYPE_STR}};
	static const char *const lists[] = {"split", "rsplit", "splitlines"}, *const triples[] = {
																			  "partition",
																			  "rpartition"};
	const Type *known = FIND_ROW(f, rows, m->name), *three[3] = {self, self, self};
	if (known)
		return known;
	if (!strncmp(m->name, "is", 2))
		return f->boolean;
	for (size_t i = 0; i < 3; i++)
		if (!strcmp(m->name, lists[i]))
			return infer_made(f, &m->call->base, TYPE_LIST, self, NULL);
	for (size_t i = 0; i < 2; i++)
		if (!strcmp(m->name, triples[i]))
			return type_make(f->types, TYPE_TUPLE, three, 3);
	if (!strcmp(m->name, "maketrans"))
		return f->any;
	return self; /* all others return text of their own kind */
}

static const Type *list_method(Infer *f, const Type *self, const MethodCall *m)
{
	static const MethodRow rows[] = {
		{"append", TYPE_NONE}, {"extend", TYPE_NONE}, {"insert", TYPE_NONE},
		{"remove", TYPE_NONE}, {"clear", TYPE_NONE},  {"reverse", TYPE_NONE},
		{"sort", TYPE_NONE},   {"index", TYPE_INT},   {"count", TYPE_INT}};
	const Type *known = FIND_ROW(f, rows, m->name);
	if (known)
		return known;
	if (!strcmp(m->name, "pop"))
		return self->args[0];
	if (!strcmp(m->name, "copy"))
		return infer_made(f, &m->call->base, TYPE_LIST, self->args[0], NULL);
	return f->any;
}

static const Type *dict_method(Infer *f, const Type *self, const MethodCall *m)
{
	static const MethodRow rows[] = {{"update", TYPE_NONE}, {"clear", TYPE_NONE}};
	const Type *known = FIND_ROW(f, rows, m->name),
			   *other = m->call->args.count > 1 ? infer_argument(f, m->call, 1) : NULL;
	if (known)
		return known;
	if (!strcmp(m->name, "keys"))
		return infer_one(f, TYPE_ITERATOR, self->args[0]);
	if (!strcmp(m->name, "values"))
		return infer_one(f, TYPE_ITERATOR, self->args[1]);
	if (!strcmp(m->name, "items"))
		return infer_one(f, TYPE_ITERATOR, infer_pair(f, self->args[0], self->args[1]));
	if (!strcmp(m->name, "popitem"))
		return infer_pair(f, self->args[0], self->args[1]);
	if (!strcmp(m->name, "copy"))
		return infer_made(f, &m->call->base, TYPE_DICT, self->args[0], self->args[1]);
	if (!strcmp(m->name, "get"))
		return type_merge(f->types, self->args[1], other ? other : f->none);
	if (!strcmp(m->name, "pop"))
		return other ? type_merge(f->types, self->args[1], other) : self->args[1];
	if (!strcmp(m->name, "setdefault"))
		return type_merge(f->types, self->args[1], other ? other : f->none);
	return f->any;
}

static const Type *set_method(Infer *f, const Type *self, const MethodCall *m)
{
	static const MethodRow rows[] = {{"add", TYPE_NONE},
									 {"remove", TYPE_NONE},
									 {"discard", TYPE_NONE},
									 {"clear", TYPE_NONE},
									 {"update", TYPE_NONE},
									 {"difference_update", TYPE_NONE},
									 {"intersection_update", TYPE_NONE},
									 {"symmetric_difference_update", TYPE_NONE},
									 {"isdisjoint", TYPE_BOOL},
									 {"issubset", TYPE_BOOL},
									 {"issuperset", TYPE_BOOL}};
	const Type *known = FIND_ROW(f, rows, m->name), *item = self->args[0];
	if (known)
		return known;
	if (!strcmp(m->name, "pop"))
		return item;
	if (strcmp(m->name, "copy") && strcmp(m->name, "difference"))
		for (uint32_t i = 0; i < m->call->args.count; i++)
			item = type_merge(f->types, item, infer_element(f, infer_argument(f, m->call, i)));
	return self->kind == TYPE_SET ? infer_made(f, &m->call->base, TYPE_SET, item, NULL)
								  : infer_one(f, TYPE_FROZENSET, item);
}

static const Type *number_method(Infer *f, const MethodCall *m)
{
	static const MethodRow rows[] = {{"bit_length", TYPE_INT},
									 {"bit_count", TYPE_INT},
									 {"is_integer", TYPE_BOOL},
									 {"to_bytes", TYPE_BYTES},
									 {"hex", TYPE_STR}};
	const Type *known = FIND_ROW(f, rows, m->name);
	return known ? known : f->any;
}

static const Type *method_member(Infer *f, const Type *self, void *context)
{
	const MethodCall *m = context;
	switch (self->kind) {
	case TYPE_NEVER:
		return f->never;
	case TYPE_STR:
	case TYPE_BYTES:
		return text_method(f, self, m);
	case TYPE_LIST:
		return list_method(f, self, m);
	case TYPE_DICT:
		return dict_method(f, self, m);
	case TYPE_SET:
	case TYPE_FROZENSET:
		return set_method(f, self, m);
	case TYPE_INT:
	case TYPE_BOOL:
	case TYPE_FLOAT:
		return number_method(f, m);
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
	case TYPE_RANGE:
		return !strcmp(m->name, "index") || !strcmp(m->name, "count") ? f->integer : f->any;
	case TYPE_NONE:
		return f->never;
	default:
		return f->any;
	}
}

/* dict.fromkeys(keys, value); other methods of types as functions are not followed */
static const Type *type_method(Infer *f, const AstCall *call, const char *type, const char *name)
{
	if (!strcmp(type, "dict") && !strcmp(name, "fromkeys") && call->args.count &&
		!call_has_spread(call))
		return infer_made(f, &call->base, TYPE_DICT, infer_element(f, infer_argument(f, call, 0)),
						  call->args.count > 1 ? infer_argument(f, call, 1) : f->none);
	if (!strcmp(type, "int") && !strcmp(name, "from_bytes"))
		return f->integer;
	if (!strcmp(type, "float") && !strcmp(name, "fromhex"))
		return f->real;
	if (!strcmp(type, "bytes") && !strcmp(name, "fromhex"))
		return f->bytes;
	return f->any;
}

const Type *infer_method(Infer *f, const AstCall *call)
{
	const AstAttribute *method = (const AstAttribute *)call->func;
	MethodCall m = {call, method->attr->text};
	if (method->value->kind == NODE_NAME) {
		const NameInfo *info = &f->c->checked->names[method->value->id];
		if (info->use == NAME_TYPE)
			return type_method(f, call, info->text, m.name);
		if (info->use == NAME_NONE)
			return f->any;
	}
	if (call_has_spread(call))
		return f->any;
	const Type *self = infer_known(f, method->value);
	return self && self->kind != TYPE_NONE ? infer_union(f, self, method_member, &m) : f->any;
}
