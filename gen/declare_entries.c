/*
 * Entries: decorated orchestrators, their limits, and the rules for names of entries.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

enum { DEFAULT_MEMORY = 50 * 1024 * 1024, DEFAULT_DEPTH = 256, DEFAULT_TIMEOUT_MS = 30000 };

EntryDecl *declare_add_entry(ModuleEnv *env, EntryKind kind)
{
	Declaring *d = env->declaring;
	if (d->entry_count == d->entry_capacity) {
		d->entry_capacity = d->entry_capacity ? d->entry_capacity * 2 : 16;
		EntryRecord **entries = ARENA_ARRAY(d->arena, EntryRecord *, d->entry_capacity);
		for (uint32_t i = 0; i < d->entry_count; i++)
			entries[i] = d->entries[i];
		d->entries = entries;
	}
	EntryRecord *record = ARENA_NEW(d->arena, EntryRecord);
	record->env = env;
	record->decl = (EntryDecl){
		.kind = env->level == LEVEL_LOCAL || env->in_loop ? ENTRY_LOCAL : kind,
		.is_imported = env->level == LEVEL_NEIGHBOUR,
		.module = env->module,
		.max_memory = DEFAULT_MEMORY,
		.max_depth = DEFAULT_DEPTH,
		.timeout_ms = DEFAULT_TIMEOUT_MS,
		.type_check = true,
		.outer = env->source,
	};
	d->entries[d->entry_count++] = record;
	return &record->decl;
}

/* ---- limits ---- */

/* An int in a range; the old value where it is not given or wrong. */
static uint64_t read_integer(ModuleEnv *env, const Arguments *arguments, const char *name,
							 uint64_t old, int64_t least, int64_t most)
{
	Declaring *d = env->declaring;
	const Constant *value = arguments_get(arguments, UINT32_MAX, name);
	if (!value || value->sort == SORT_NONE ||
		(value->sort == SORT_UNKNOWN && (env->level == LEVEL_LOCAL || env->in_loop)))
		return old; /* in a function it may be a parameter */
	const Node *node = arguments_node(arguments, UINT32_MAX, name);
	if (value->sort == SORT_OBJECT && value->object) /* flyte.RetryStrategy(count=3) */
		value = arguments_get(value->object, 0, "count");
	const char *what = arena_format(d->arena, "%s=", name);
	if (value && declare_refuse_unknown(d, value, what, env->source, node))
		return old;
	if (value && value->sort == SORT_INT && value->fits && value->integer >= least &&
		value->integer <= most)
		return (uint64_t)value->integer;
	diag_add(d->diag, D_ARGUMENT_TYPE, env->source, node->start, node->end, what,
			 least ? "a positive int" : "an int from 0");
	return old;
}

static bool read_bool(ModuleEnv *env, const Arguments *arguments, const char *name, bool old)
{
	Declaring *d = env->declaring;
	const Constant *value = arguments_get(arguments, UINT32_MAX, name);
	if (!value || value->sort == SORT_NONE ||
		(value->sort == SORT_UNKNOWN && (env->level == LEVEL_LOCAL || env->in_loop)))
		return old; /* in a function it may be a parameter */
	const Node *node = arguments_node(arguments, UINT32_MAX, name);
	const char *what = arena_format(d->arena, "%s=", name);
	if (declare_refuse_unknown(d, value, what, env->source, node))
		return old;
	if (value->sort == SORT_BOOL)
		return value->integer != 0;
	diag_add(d->diag, D_ARGUMENT_TYPE, env->source, node->start, node->end, what, "True or False");
	return old;
}

void declare_limits(ModuleEnv *env, EntryDecl *entry, const Arguments *arguments)
{
	if (!arguments)
		return;
	entry->timeout_ms =
		(uint32_t)read_integer(env, arguments, "timeout_ms", entry->timeout_ms, 1, UINT32_MAX);
	entry->max_memory = read_integer(env, arguments, "max_memory", entry->max_memory, 1, INT64_MAX);
	entry->max_depth =
		(uint32_t)read_integer(env, arguments, "max_stack_depth", entry->max_depth, 1, 1000000);
	entry->retries = (uint32_t)read_integer(env, arguments, "retries", entry->retries, 0, 1000000);
	entry->type_check = read_bool(env, arguments, "type_check", entry->type_check);
	const Constant *docs = arguments_get(arguments, UINT32_MAX, "docs");
	if (docs && docs->sort == SORT_STR)
		entry->doc = docs->text;
}

/* ---- decorated functions ---- */

static const char *docstring(const AstFunctionDef *function)
{
	const Node *first = function->body.count ? function->body.items[0] : NULL;
	if (!first || first->kind != NODE_EXPR)
		return NULL;
	const Node *value = ((const AstExpr *)first)->value;
	if (value->kind != NODE_CONSTANT || ((const AstConstant *)value)->value.kind != CONSTANT_STR)
		return NULL;
	return ((const AstConstant *)value)->value.text;
}

static void refuse_variadic(ModuleEnv *env, const Node *arg, const char *stars)
{
	Declaring *d = env->declaring;
	if (arg)
		diag_add(d->diag, D_VARIADIC_ENTRY, env->source, arg->start, arg->end,
				 arena_format(d->arena, "%s%s", stars, ((const AstArg *)arg)->arg->text));
}

const Constant *declare_entry(ModuleEnv *env, const AstFunctionDef *function,
							  const DecoratorCall *decorator)
{
	EntryDecl *entry = declare_add_entry(env, ENTRY_FUNCTION);
	EntryRecord *record = (EntryRecord *)entry;
	const AstArguments *arguments = (const AstArguments *)function->args;
	entry->function = function;
	entry->node = &function->base;
	entry->name = function->name->text;
	entry->doc = docstring(function);
	declare_params(env, function, &entry->inputs, &entry->input_count, &entry->result, NULL);
	refuse_variadic(env, arguments->vararg, "*");
	refuse_variadic(env, arguments->kwarg, "**");
	entry->full_name = declare_full_name(env, NULL, decorator->environment, decorator->arguments,
										 &function->base, function->name->text);
	declare_limits(env, entry, decorator->arguments);
	const Constant *value = declare_entry_task(env, entry, function->name, function->name->text);
	record->task = value->object;
	record->environment = decorator->environment;
	return value;
}

/* ---- names of entries ---- */

void def_name_place(const Source *source, const AstFunctionDef *function, uint32_t *start,
					uint32_t *end)
{
	*start = function->base.start;
	*end = function->base.end;
	const Atom *name = function->name;
	const char *text = source->text + *start;
	const char *found = memmem(text, *end - *start, "def", 3);
	found = found ? memmem(found + 3, *end - *start - (size_t)(found + 3 - text), name->text,
						   name->length)
				  : NULL;
	if (found) {
		*start += (uint32_t)(found - text);
		*end = *start + name->length;
	}
}

void declare_place(const EntryDecl *entry, uint32_t *start, uint32_t *end)
{
	*start = entry->node->start;
	*end = entry->node->end;
	if (entry->function)
		def_name_place(entry->outer, entry->function, start, end);
}

static bool is_symbol_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The character of a symbol that the one at *p becomes; 0 at the end. */
static char next_symbol_character(const char **p)
{
	char c = **p;
	if (!c)
		return c;
	do
		++*p;
	while (((unsigned char)**p & 0xC0) == 0x80);
	return is_symbol_character(c) ? c : '_';
}

/* Are both names the same C symbol? Each character that is no letter or digit becomes an underscore. */
static bool is_same_symbol(const char *a, const char *b)
{
	for (;;) {
		char one = next_symbol_character(&a), other = next_symbol_character(&b);
		if (one != other)
			return false;
		if (!one)
			return true;
	}
}

static void compare_names(Declaring *d, const EntryDecl *first, const EntryDecl *second)
{
	uint32_t start, end;
	DiagItem *item;
	if (!is_same_symbol(first->name, second->name))
		return;
	declare_place(second, &start, &end);
	if (!strcmp(first->name, second->name))
		item = diag_add(d->diag, D_ENTRY_TWICE, second->outer, start, end, second->name);
	else
		item =
			diag_add(d->diag, D_SYMBOL_CLASH, second->outer, start, end, first->name, second->name);
	declare_place(first, &start, &end);
	diag_note(d->diag, item, first->outer, start, end, "the first one is here");
}

void declare_check_names(Declaring *d)
{
	for (uint32_t i = 0; i < d->entry_count; i++) {
		const EntryDecl *second = &d->entries[i]->decl;
		if (second->kind == ENTRY_LOCAL || second->is_imported)
			continue;
		if (!*second->name || strpbrk(second->name, "\r\n")) {
			uint32_t start, end;
			declare_place(second, &start, &end);
			diag_add(d->diag, D_NAME_TYPE, second->outer, start, end, second->name);
		}
		for (uint32_t k = 0; k < i; k++)
			if (d->entries[k]->decl.kind != ENTRY_LOCAL && !d->entries[k]->decl.is_imported)
				compare_names(d, &d->entries[k]->decl, second);
	}
}
