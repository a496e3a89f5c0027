/*
 * Names of a module, and its imports. A module that stands beside the file (or in a package in its
 * folder) is read and run for its declarations; every other import is a symbol, a dotted path such
 * as "numpy.array" or "flyte.TaskEnvironment", which costs nothing and is an error only where an
 * orchestrator uses it.
 *
 * A neighbour has diagnostics of its own that nobody sees: what is wrong in it matters only when it
 * is used, and then one error says so at the use.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>
#include <sys/stat.h>

enum { MOST_NEIGHBOURS = 1000, HASH_FROM = 16 };

/* ---- names ---- */

ModuleEnv *env_make(Declaring *d, ModuleEnv *parent, EnvLevel level)
{
	ModuleEnv *env = ARENA_NEW(d->arena, ModuleEnv);
	env->declaring = d;
	env->parent = parent;
	env->level = level;
	env->name = env->package = "";
	if (parent) {
		env->module = parent->module;
		env->source = parent->source;
		env->name = parent->name;
		env->package = parent->package;
		env->in_loop = parent->in_loop;
		env->in_turn = parent->in_turn;
	}
	return env;
}

static void index_bindings(ModuleEnv *env)
{
	uint32_t size = 64;
	while (size < env->capacity * 2)
		size *= 2;
	env->slots = ARENA_ARRAY(env->declaring->arena, uint32_t, size);
	env->slot_mask = size - 1;
	for (uint32_t i = 0; i < env->count; i++) {
		uint32_t at = env->bindings[i].name->hash & env->slot_mask;
		while (env->slots[at])
			at = (at + 1) & env->slot_mask;
		env->slots[at] = i + 1;
	}
}

static Binding *find_binding(ModuleEnv *env, const Atom *name)
{
	if (!env->slots) {
		for (uint32_t i = 0; i < env->count; i++)
			if (env->bindings[i].name == name)
				return &env->bindings[i];
		return NULL;
	}
	for (uint32_t at = name->hash & env->slot_mask; env->slots[at]; at = (at + 1) & env->slot_mask)
		if (env->bindings[env->slots[at] - 1].name == name)
			return &env->bindings[env->slots[at] - 1];
	return NULL;
}

const Constant *env_lookup(ModuleEnv *env, const Atom *name)
{
	for (; env; env = env->parent) {
		Binding *binding = find_binding(env, name);
		if (binding && binding->value)
			return binding->value;
	}
	return NULL;
}

const Constant *env_lookup_own(ModuleEnv *env, const Atom *name)
{
	Binding *binding = find_binding(env, name);
	return binding ? binding->value : NULL;
}

static bool is_changed_elsewhere(const ModuleEnv *env, const Atom *name)
{
	for (uint32_t i = 0; i < env->globals_changed_count; i++)
		if (env->globals_changed[i] == name)
			return true;
	return false;
}

void env_bind(ModuleEnv *env, const Atom *name, const Constant *value)
{
	Declaring *d = env->declaring;
	if (value && value->sort < SORT_UNKNOWN && is_changed_elsewhere(env, name))
		value = constant_unknown(d, value->source, value->node,
								 "'%s' is changed by a function through 'global'", name->text);
	Binding *binding = find_binding(env, name);
	if (binding) {
		binding->value = value;
		return;
	}
	if (env->count == env->capacity) {
		env->capacity = env->capacity ? env->capacity * 2 : 8;
		Binding *bindings = ARENA_ARRAY(d->arena, Binding, env->capacity);
		if (env->count)
			memcpy(bindings, env->bindings, sizeof *bindings * env->count);
		env->bindings = bindings;
		if (env->capacity > HASH_FROM)
			index_bindings(env);
	}
	env->bindings[env->count++] = (Binding){name, value};
	if (env->slots) {
		uint32_t at = name->hash & env->slot_mask;
		while (env->slots[at])
			at = (at + 1) & env->slot_mask;
		env->slots[at] = env->count;
	}
}

/* ---- finding modules ---- */

static bool is_file(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISREG(info.st_mode);
}

static bool is_folder(const char *path)
{
	struct stat info;
	return !stat(path, &info) && S_ISDIR(info.st_mode);
}

/* "pkg.tasks" to "pkg/tasks" */
static char *module_path(Declaring *d, const char *name)
{
	char *path = arena_format(d->arena, "%s%s", d->folder, name);
	for (char *p = path + strlen(d->folder); *p; p++)
		if (*p == '.')
			*p = '/';
	return path;
}

static ModuleEnv *add_neighbour(Declaring *d, const char *name)
{
	ModuleEnv *env = env_make(d, NULL, LEVEL_NEIGHBOUR);
	env->name = name;
	if (d->neighbour_count == d->neighbour_capacity) {
		d->neighbour_capacity = d->neighbour_capacity ? d->neighbour_capacity * 2 : 8;
		ModuleEnv **list = ARENA_ARRAY(d->arena, ModuleEnv *, d->neighbour_capacity);
		for (uint32_t i = 0; i < d->neighbour_count; i++)
			list[i] = d->neighbours[i];
		d->neighbours = list;
	}
	d->neighbours[d->neighbour_count++] = env;
	return env;
}

static void read_neighbour(Declaring *d, ModuleEnv *env, const char *path)
{
	Diag *outer = d->diag;
	d->diag = diag_make(d->arena);
	env->source = source_read(d->arena, d->diag, path);
	if (env->source) {
		env->module = parse_module(d->arena, d->atoms, d->diag,
								   lex_source(d->arena, d->atoms, d->diag, env->source));
		env->is_broken = diag_error_count(d->diag) > 0;
		declare_module_body(env);
	} else {
		env->is_broken = true;
	}
	env->is_ready = true;
	d->diag = outer;
}

/* The neighbour of a dotted name: read at the first use. NULL: there is none. */
static ModuleEnv *find_module(Declaring *d, const char *name)
{
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (!strcmp(d->neighbours[i]->name, name))
			return d->neighbours[i];
	if (d->neighbour_count >= MOST_NEIGHBOURS || !*name || strlen(name) > 1000)
		return NULL;
	const char *outer = strrchr(name, '.');
	if (outer) /* a package is there before its modules */
		(void)find_module(d, arena_copy(d->arena, name, (size_t)(outer - name)));
	const char *path = module_path(d, name);
	const char *file = arena_format(d->arena, "%s.py", path),
			   *init = arena_format(d->arena, "%s/__init__.py", path);
	name = arena_copy(d->arena, name, strlen(name));
	if (is_file(init) || (!is_file(file) && is_folder(path))) {
		ModuleEnv *env = add_neighbour(d, name);
		env->package = name;
		env->is_package = true;
		if (is_file(init))
			read_neighbour(d, env, init);
		else
			env->is_ready = true;
		return env;
	}
	if (!is_file(file))
		return NULL;
	ModuleEnv *env = add_neighbour(d, name);
	const char *dot = strrchr(name, '.');
	env->package = dot ? arena_copy(d->arena, name, (size_t)(dot - name)) : "";
	read_neighbour(d, env, file);
	return env;
}

/* Modules that are never looked for beside the file. */
static bool is_known_elsewhere(const char *name)
{
	static const char *const known[] = {"flyte",    "typing",   "typing_extensions", "datetime",
										"textwrap", "builtins", "__future__",        "asyncio",
										"os",       "sys"};
	size_t length = strcspn(name, ".");
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strlen(known[i]) == length && !strncmp(known[i], name, length))
			return true;
	return false;
}

static ModuleEnv *find_neighbour(ModuleEnv *env, const char *name)
{
	return is_known_elsewhere(name) ? NULL : find_module(env->declaring, name);
}

static const Constant *module_constant(ModuleEnv *env, ModuleEnv *module, const Node *node)
{
	Constant *constant = constant_make(env->declaring, SORT_MODULE, env->source, node);
	constant->object = module;
	constant->text = module->name;
	return constant;
}

const Constant *modules_attribute(ModuleEnv *env, ModuleEnv *module, const Atom *name,
								  const Node *node)
{
	Declaring *d = env->declaring;
	Binding *binding = find_binding(module, name);
	if (binding && binding->value && !module->is_broken)
		return binding->value;
	if (module->is_package) {
		ModuleEnv *inner =
			find_module(d, arena_format(d->arena, "%s.%s", module->name, name->text));
		if (inner)
			return module_constant(env, inner, node);
	}
	Constant *missing = (Constant *)(uintptr_t)constant_unknown(
		d, env->source, node,
		module->is_broken  ? "the module '%s' beside this file has errors of its own ('%s')"
		: module->is_ready ? "the module '%s' beside this file has no '%s'"
						   : "the module '%s' imports this one before it binds '%s'",
		module->name, name->text);
	missing->is_missing = true;
	return missing;
}

/* ---- import statements ---- */

void modules_import(ModuleEnv *env, const AstImport *statement)
{
	Declaring *d = env->declaring;
	for (uint32_t i = 0; i < statement->names.count; i++) {
		const AstAlias *alias = (const AstAlias *)statement->names.items[i];
		const char *name = alias->name->text;
		size_t first = strcspn(name, ".");
		const char *root = arena_copy(d->arena, name, first);
		const Atom *bound = alias->asname ? alias->asname : atom_get(d->atoms, root, first);
		ModuleEnv *module = find_neighbour(env, alias->asname ? name : root);
		if (module && !alias->asname && name[first])
			find_neighbour(env, name);
		env_bind(env, bound,
				 module
					 ? module_constant(env, module, &alias->base)
					 : constant_symbol(d, alias->asname ? name : root, env->source, &alias->base));
	}
}

/* The dotted name that `from ..x import y` means; NULL: above the top. */
static const char *absolute_name(ModuleEnv *env, const AstImportFrom *statement)
{
	Declaring *d = env->declaring;
	const char *name = statement->module ? statement->module->text : "";
	if (statement->level <= 0)
		return name;
	char *package = arena_copy(d->arena, env->package, strlen(env->package));
	for (int i = 1; i < statement->level; i++) {
		char *dot = strrchr(package, '.');
		if (!*package)
			return NULL;
		*(dot ? dot : package) = '\0';
	}
	return arena_format(d->arena, "%s%s%s", package, *package && *name ? "." : "", name);
}

static bool is_in_all(const Constant *all, const Atom *name)
{
	if (!all || (all->sort != SORT_LIST && all->sort != SORT_TUPLE))
		return name->text[0] != '_';
	for (uint32_t i = 0; i < all->count; i++)
		if (all->items[i]->sort == SORT_STR && all->items[i]->length == name->length &&
			!memcmp(all->items[i]->text, name->text, name->length))
			return true;
	return false;
}

/*
 * `from typing import *` and its like: of a module that is not read, the names that declarations use. Others of its
 * names stay unknown.
 */
static void import_known_star(ModuleEnv *env, const char *module_name, const Node *node)
{
	static const char *const known[][14] = {
		{"typing", "Annotated", "Any", "Dict", "FrozenSet", "List", "Optional", "Set", "Tuple",
		 "Union", "TYPE_CHECKING"},
		{"datetime", "date", "datetime", "time", "timedelta", "timezone"},
		{"textwrap", "dedent"},
		{"flyte", "Cache", "Image", "Resources", "RetryStrategy", "Secret", "TaskEnvironment",
		 "Timeout", "trace", "workflow"},
		{"flyte.io", "DataFrame", "Dir", "File"},
		{"flyte.sandbox", "ImageConfig", "create", "orchestrate_local", "orchestrator_from_str"},
	};
	Declaring *d = env->declaring;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (strcmp(known[i][0], module_name))
			continue;
		for (size_t k = 1; k < 14 && known[i][k]; k++)
			env_bind(env, atom_get(d->atoms, known[i][k], strlen(known[i][k])),
					 constant_symbol(d, arena_format(d->arena, "%s.%s", module_name, known[i][k]),
									 env->source, node));
	}
}

static void import_star(ModuleEnv *env, ModuleEnv *module, const char *module_name,
						const Node *node)
{
	if (!module) {
		env->has_star = true;
		if (module_name)
			import_known_star(env, module_name, node);
		return;
	}
	Binding *all = find_binding(module, atom_get(env->declaring->atoms, "__all__", 7));
	env->has_star |= module->has_star || module->is_broken;
	for (uint32_t i = 0; i < module->count; i++)
		if (module->bindings[i].value &&
			is_in_all(all ? all->value : NULL, module->bindings[i].name))
			env_bind(env, module->bindings[i].name, module->bindings[i].value);
}

/* One name of `from module import name`. */
static const Constant *import_name(ModuleEnv *env, const AstImportFrom *statement,
								   const char *module_name, ModuleEnv *module,
								   const AstAlias *alias)
{
	Declaring *d = env->declaring;
	if (module)
		return modules_attribute(env, module, alias->name, &alias->base);
	if (statement->level <= 0)
		return constant_symbol(d, arena_format(d->arena, "%s.%s", module_name, alias->name->text),
							   env->source, &alias->base);
	ModuleEnv *inner = NULL;
	if (module_name && !*module_name) /* from . import my_tasks */
		inner = find_module(d, alias->name->text);
	if (inner)
		return module_constant(env, inner, &alias->base);
	Constant *missing = (Constant *)(uintptr_t)constant_unknown(
		d, env->source, &alias->base, "there is no module '%s' in the folder of this file",
		module_name && *module_name ? module_name : alias->name->text);
	missing->is_missing = true;
	return missing;
}

void modules_import_from(ModuleEnv *env, const AstImportFrom *statement)
{
	const char *name = absolute_name(env, statement);
	ModuleEnv *module = NULL;
	if (name && *name)
		module =
			statement->level > 0 ? find_module(env->declaring, name) : find_neighbour(env, name);
	for (uint32_t i = 0; i < statement->names.count; i++) {
		const AstAlias *alias = (const AstAlias *)statement->names.items[i];
		if (!strcmp(alias->name->text, "*"))
			import_star(env, module, statement->level > 0 ? NULL : name, &alias->base);
		else
			env_bind(env, alias->asname ? alias->asname : alias->name,
					 import_name(env, statement, name, module, alias));
	}
}

/* ---- imports inside functions ---- */

enum { DEEPEST_IMPORT = 100 }; /* blocks inside each other; CPython has no more */

static void carry_list(ModuleEnv *env, const NodeList *body, unsigned depth);

static void carry_import(ModuleEnv *env, const Node *node)
{
	if (node->kind == NODE_IMPORT) {
		const NodeList *names = &((const AstImport *)node)->names;
		for (uint32_t i = 0; i < names->count; i++)
			(void)find_neighbour(env, ((const AstAlias *)names->items[i])->name->text);
		return;
	}
	const AstImportFrom *from = (const AstImportFrom *)node;
	const char *name = absolute_name(env, from);
	if (!name)
		return;
	ModuleEnv *module = !*name            ? NULL
						: from->level > 0 ? find_module(env->declaring, name)
										  : find_neighbour(env, name);
	for (uint32_t i = 0; i < from->names.count && (!*name || (module && module->is_package)); i++)
		(void)find_module(env->declaring,
						  arena_format(env->declaring->arena, "%s%s%s", name, *name ? "." : "",
									   ((const AstAlias *)from->names.items[i])->name->text));
}

static void carry_statement(ModuleEnv *env, const Node *node, unsigned depth)
{
	switch (node->kind) {
	case NODE_IMPORT:
	case NODE_IMPORT_FROM:
		carry_import(env, node);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		carry_list(env, &((const AstFunctionDef *)node)->body, depth);
		break;
	case NODE_CLASS_DEF:
		carry_list(env, &((const AstClassDef *)node)->body, depth);
		break;
	case NODE_IF:
		carry_list(env, &((const AstIf *)node)->body, depth);
		carry_list(env, &((const AstIf *)node)->orelse, depth);
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		carry_list(env, &((const AstFor *)node)->body, depth);
		carry_list(env, &((const AstFor *)node)->orelse, depth);
		break;
	case NODE_WHILE:
		carry_list(env, &((const AstWhile *)node)->body, depth);
		carry_list(env, &((const AstWhile *)node)->orelse, depth);
		break;
	case NODE_WITH:
	case NODE_ASYNC_WITH:
		carry_list(env, &((const AstWith *)node)->body, depth);
		break;
	case NODE_TRY:
	case NODE_TRY_STAR: {
		const AstTry *attempt = (const AstTry *)node;
		carry_list(env, &attempt->body, depth);
		for (uint32_t i = 0; i < attempt->handlers.count; i++)
			carry_list(env, &((const AstExceptHandler *)attempt->handlers.items[i])->body, depth);
		carry_list(env, &attempt->orelse, depth);
		carry_list(env, &attempt->finalbody, depth);
		break;
	}
	default:
		break;
	}
}

static void carry_list(ModuleEnv *env, const NodeList *body, unsigned depth)
{
	for (uint32_t i = 0; i < body->count && depth < DEEPEST_IMPORT; i++)
		carry_statement(env, body->items[i], depth + 1);
}

void modules_carry(Declaring *d)
{
	carry_list(d->file, &d->file->module->tree->body, 0);
	for (uint32_t i = 0; i < d->neighbour_count; i++) /* they may bring more */
		if (d->neighbours[i]->module)
			carry_list(d->neighbours[i], &d->neighbours[i]->module->tree->body, 0);
}
