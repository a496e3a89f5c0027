/*
 * Annotations: which constant means which type. Allowed at a boundary are Python's own types, their
 * generics, Union and Optional, Any, datetime and timedelta, and Flyte's File, Dir and DataFrame;
 * everything else has no Type here, and who needs one refuses it by name.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

/* The last part of a typing name, or NULL: "typing.Optional" gives "Optional". */
static const char *typing_name(const Constant *constant)
{
	static const char *const modules[] = {"typing.", "typing_extensions.", "builtins.", "types."};
	if (constant->sort != SORT_SYMBOL)
		return NULL;
	for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
		size_t length = strlen(modules[i]);
		if (!strncmp(constant->text, modules[i], length) && !strchr(constant->text + length, '.'))
			return constant->text + length;
	}
	return NULL;
}

static bool is_one_of(const char *name, const char *a, const char *b)
{
	return name && (!strcmp(name, a) || !strcmp(name, b));
}

static const Type *make_any_of(TypeTable *types, TypeKind kind, uint32_t count)
{
	const Type *any[2] = {type_simple(types, TYPE_ANY), type_simple(types, TYPE_ANY)};
	return type_make(types, kind, any, count);
}

static const Type *handle_type(TypeTable *types, const Constant *constant)
{
	if (constant_is_flyte(constant, "File"))
		return type_simple(types, TYPE_FILE);
	if (constant_is_flyte(constant, "Dir"))
		return type_simple(types, TYPE_DIR);
	if (constant_is_flyte(constant, "DataFrame"))
		return type_simple(types, TYPE_DATAFRAME);
	return NULL;
}

static const Type *symbol_type(TypeTable *types, const Constant *constant)
{
	static const struct {
		const char *name;
		TypeKind kind;
	} simple[] = {{"int", TYPE_INT},      {"float", TYPE_FLOAT}, {"str", TYPE_STR},
				  {"bool", TYPE_BOOL},    {"bytes", TYPE_BYTES}, {"Any", TYPE_ANY},
				  {"NoneType", TYPE_NONE}};
	const char *name = typing_name(constant);
	if (!name) {
		if (!strcmp(constant->text, "datetime.datetime"))
			return type_simple(types, TYPE_DATETIME);
		if (!strcmp(constant->text, "datetime.timedelta"))
			return type_simple(types, TYPE_TIMEDELTA);
		return handle_type(types, constant);
	}
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++)
		if (!strcmp(name, simple[i].name))
			return type_simple(types, simple[i].kind);
	if (is_one_of(name, "list", "List"))
		return make_any_of(types, TYPE_LIST, 1);
	if (is_one_of(name, "set", "Set"))
		return make_any_of(types, TYPE_SET, 1);
	if (is_one_of(name, "frozenset", "FrozenSet"))
		return make_any_of(types, TYPE_FROZENSET, 1);
	if (is_one_of(name, "dict", "Dict"))
		return make_any_of(types, TYPE_DICT, 2);
	if (is_one_of(name, "tuple", "Tuple"))
		return make_any_of(types, TYPE_TUPLE_OF, 1);
	return NULL;
}

/* The type that an annotation in quotes means. */
static const Type *text_type(ModuleEnv *env, const Constant *constant)
{
	Declaring *d = env->declaring;
	if (d->depth > 100 || constant->length > 4096)
		return NULL;
	Diag *own = diag_make(d->arena); /* what is no expression is no type: the caller says so */
	const Source *source =
		source_from_bytes(d->arena, own, "<annotation>", constant->text, constant->length);
	if (!source)
		return NULL;
	const Module *module =
		parse_module(d->arena, d->atoms, own, lex_source(d->arena, d->atoms, own, source));
	if (diag_error_count(own) || module->tree->body.count != 1 ||
		module->tree->body.items[0]->kind != NODE_EXPR)
		return NULL;
	ModuleEnv *inner = env_make(d, env, env->level);
	inner->source = source;
	inner->in_turn = 1; /* its nodes do not outlive this evaluation */
	d->depth += 10;
	const Type *type = constant_as_type(
		inner, evaluate(inner, ((const AstExpr *)module->tree->body.items[0])->value));
	d->depth -= 10;
	return type;
}

const Type *constant_as_type(ModuleEnv *env, const Constant *constant)
{
	switch (constant->sort) {
	case SORT_NONE:
		return type_simple(env->declaring->types, TYPE_NONE);
	case SORT_TYPE:
		return constant->type;
	case SORT_SYMBOL:
		return symbol_type(env->declaring->types, constant);
	case SORT_STR:
		return text_type(env, constant);
	default:
		return NULL;
	}
}

/* Arguments of a generic as types. False: one is none. */
static bool argument_types(ModuleEnv *env, const Constant *slice, const Type **out, uint32_t *count,
						   uint32_t most)
{
	const Constant *const *items = slice->sort == SORT_TUPLE ? slice->items : &slice;
	uint32_t n = slice->sort == SORT_TUPLE ? slice->count : 1;
	if (n > most)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!(out[i] = constant_as_type(env, items[i])))
			return false;
	*count = n;
	return true;
}

static const Type *tuple_type(ModuleEnv *env, const Constant *slice)
{
	enum { MOST = 64 };
	const Type *arguments[MOST];
	uint32_t count;
	TypeTable *types = env->declaring->types;
	if (slice->sort == SORT_TUPLE && slice->count == 2 && slice->items[1]->sort == SORT_ELLIPSIS) {
		const Type *item = constant_as_type(env, slice->items[0]);
		return item ? type_make(types, TYPE_TUPLE_OF, &item, 1) : NULL;
	}
	if (!argument_types(env, slice, arguments, &count, MOST))
		return NULL;
	return type_make(types, TYPE_TUPLE, arguments, count);
}

static const Type *generic_type(ModuleEnv *env, const Constant *base, const Constant *slice)
{
	enum { MOST = 16 };
	TypeTable *types = env->declaring->types;
	const Type *arguments[MOST];
	uint32_t count = 0;
	const char *name = typing_name(base);
	if (!name)
		return handle_type(types, base); /* File["csv"], DataFrame[...] */
	if (is_one_of(name, "tuple", "Tuple"))
		return tuple_type(env, slice);
	if (!strcmp(name, "Annotated"))
		return slice->sort == SORT_TUPLE && slice->count ? constant_as_type(env, slice->items[0])
														 : NULL;
	if (!argument_types(env, slice, arguments, &count, MOST))
		return NULL;
	if (is_one_of(name, "dict", "Dict"))
		return count == 2 ? type_make(types, TYPE_DICT, arguments, 2) : NULL;
	if (!strcmp(name, "Union"))
		return type_make(types, TYPE_UNION, arguments, count);
	if (count != 1)
		return NULL;
	if (!strcmp(name, "Optional"))
		return type_join(types, arguments[0], type_simple(types, TYPE_NONE));
	if (is_one_of(name, "list", "List"))
		return type_make(types, TYPE_LIST, arguments, 1);
	if (is_one_of(name, "set", "Set"))
		return type_make(types, TYPE_SET, arguments, 1);
	if (is_one_of(name, "frozenset", "FrozenSet"))
		return type_make(types, TYPE_FROZENSET, arguments, 1);
	return NULL;
}

/* ---- type Pair[T] = tuple[T, T] ---- */

static const Constant *type_constant(ModuleEnv *env, const Node *node, const Type *type)
{
	Constant *constant = constant_make(env->declaring, SORT_TYPE, env->source, node);
	constant->type = type;
	return constant;
}

/* The value of an alias with its parameters bound; `arguments` NULL: to Any. */
static const Type *alias_type(ModuleEnv *env, const AstTypeAlias *alias,
							  const Type *const *arguments)
{
	Declaring *d = env->declaring;
	ModuleEnv *inner = env_make(d, env, env->level);
	const Type *any = type_simple(d->types, TYPE_ANY);
	if (d->depth > 100)
		return NULL;
	inner->source = env->source;
	inner->in_turn = env->in_turn + 1; /* its value is another one each time */
	for (uint32_t i = 0; i < alias->type_params.count; i++) {
		const Node *parameter = alias->type_params.items[i];
		env_bind(inner, ((const AstTypeVar *)parameter)->name,
				 type_constant(inner, parameter, arguments ? arguments[i] : any));
	}
	d->depth += 10;
	const Type *type = constant_as_type(inner, evaluate(inner, alias->value));
	d->depth -= 10;
	return type;
}

const Constant *constant_alias(ModuleEnv *env, const AstTypeAlias *alias)
{
	for (uint32_t i = 0; i < alias->type_params.count; i++)
		if (alias->type_params.items[i]->kind != NODE_TYPE_VAR)
			return evaluate(env, alias->value); /* *Ts and **P make no types of the boundary */
	const Type *type = alias->type_params.count ? alias_type(env, alias, NULL) : NULL;
	if (!type)
		return evaluate(env, alias->value);
	Constant *constant = constant_make(env->declaring, SORT_TYPE, env->source, &alias->base);
	constant->type = type;
	constant->object = (void *)(uintptr_t)alias;
	constant->home = env;
	return constant;
}

static const Type *generic_alias(ModuleEnv *env, const Constant *base, const Constant *slice)
{
	enum { MOST = 16 };
	const AstTypeAlias *alias = base->object;
	const Type *arguments[MOST];
	uint32_t count = 0;
	if (!alias || !argument_types(env, slice, arguments, &count, MOST) ||
		count != alias->type_params.count)
		return NULL;
	return alias_type(base->home, alias, arguments);
}

const Constant *constant_generic(ModuleEnv *env, const Node *node, const Constant *base,
								 const Constant *slice)
{
	Declaring *d = env->declaring;
	const Type *type = base->sort == SORT_SYMBOL ? generic_type(env, base, slice)
												 : generic_alias(env, base, slice);
	if (!type)
		return constant_unknown(d, env->source, node, "'%s' is not a type that can be used here",
								node_text(d->arena, env->source, node));
	return type_constant(env, node, type);
}
