/*
 * The version of a Python task.
 *
 * Its function is taken as its tree, so that comments and layout do not count. To it comes what may decide what its names
 * mean when the module has been loaded:
 *
 * (1) A name brings the statements that bind it, whole, and with them the names in them.
 * (2) It brings each statement that runs while the module is loaded and mentions it: that may change it in place or give
 *     it to something that does. A statement that runs mentions also what the functions and classes that it mentions
 *     have in their bodies, to any depth: it may call them. Definitions run nothing but where their decorators, defaults,
 *     bases or the body of a class do (load_effects.c).
 * (3) Ambient statements belong to every task: those that may run code of other modules or of installed packages that is
 *     not known to be harmless, for that can change anything; with all that they use. So do imports of packages.
 * (4) An import of a module beside the file brings that module as a whole, with what it imports. Of the other modules
 *     come the ambient statements.
 * (5) What cannot be followed by names (globals(), exec, sys.modules, inspect ...) brings everything.
 *
 * (2) follows names as they are written: neither objects nor types are known, every function that is mentioned may be
 * called, and a local name that is like a global one counts as that. Names that only imports bind are not followed by (2):
 * what changes things through them is ambient. When in doubt a statement is taken in: a version that changes too often
 * costs time, one that changes too seldom gives wrong results.
 *
 * The decorator that makes it a task is left out (retries and limits decide no result; environment variables and the image
 * are added by themselves), any other counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "task_source.h"

#include <stdlib.h>
#include <string.h>

#include "module_index.h"
#include "sbx.h"

struct TaskSources {
	Declaring *d;
	ModuleIndexes *indexes;
	const char **neighbours; /* digests of whole modules, by their number */
};

enum { NAME_NEEDED = 1, NAME_CARRIES = 2 };

/* A name that is to be looked up. */
typedef struct Wanted {
	uint32_t name;
	bool carries;
} Wanted;

/* What has been found to belong to one task, or to all. */
typedef struct Closure {
	TaskSources *sources;
	ModuleIndex *module;
	bool *statements, *neighbours;
	uint8_t *names; /* NAME_*, by their number */
	Wanted *
		wanted; /* in the order in which they were found; those from `done` on are to be looked up */
	uint32_t count, capacity, done;
	bool is_whole;
} Closure;

/* The statement without the decorators that make tasks: what is hashed and walked. */
static const Node *bare(ModuleIndex *module, const Node *node)
{
	Arena *arena = module->all->d->arena;
	if (node->kind != NODE_FUNCTION_DEF && node->kind != NODE_ASYNC_FUNCTION_DEF)
		return node;
	AstFunctionDef *copy = ARENA_NEW(arena, AstFunctionDef);
	*copy = *(const AstFunctionDef *)node;
	const NodeList *all = &((const AstFunctionDef *)node)->decorator_list;
	copy->decorator_list = (NodeList){ARENA_ARRAY(arena, Node *, all->count + 1), 0};
	for (uint32_t i = 0; i < all->count; i++)
		if (!load_is_task_decorator(module, all->items[i]))
			copy->decorator_list.items[copy->decorator_list.count++] = all->items[i];
	return &copy->base;
}

/* ---- modules beside the file ---- */

static void take_import(Closure *closure, const Node *node);

/* Can the code of another module get hold of this one? Its own globals() are its own. */
static bool reaches_others(const Node *node)
{
	const char *name = node->kind == NODE_NAME        ? ((const AstName *)node)->id->text
					   : node->kind == NODE_ATTRIBUTE ? ((const AstAttribute *)node)->attr->text
													  : "";
	if (node->kind == NODE_ATTRIBUTE)
		return load_is_dynamic_attribute(name);
	return !strcmp(name, "eval") || !strcmp(name, "exec") || !strcmp(name, "__import__");
}

static bool is_dynamic_string(const Node *node)
{
	if (node->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)node)->value;
	return value->kind == CONSTANT_STR && load_is_dynamic_attribute(value->text);
}

/* A neighbour as a whole, with what it imports. */
static void take_neighbour(Closure *closure, uint32_t index)
{
	NodeWalk *walk = &closure->sources->indexes->walk;
	const ModuleEnv *env = closure->sources->d->neighbours[index];
	if (closure->neighbours[index])
		return;
	closure->neighbours[index] = true;
	if (!env->module)
		return;
	uint32_t bottom = walk->depth;
	walk_push(walk, &env->module->tree->base, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		closure->is_whole |= reaches_others(node) || is_dynamic_string(node);
		take_import(closure, node);
		walk_push_children(walk, node, 0);
	}
}

/* name NULL: all of them */
static void take_neighbours(Closure *closure, const char *name)
{
	const Declaring *d = closure->sources->d;
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (!name || module_same_root(d->neighbours[i]->name, name))
			take_neighbour(closure, i);
	if (name && load_is_dynamic_module(name) && !module_is_beside(d, name))
		closure->is_whole = true;
}

static void take_import(Closure *closure, const Node *node)
{
	if (node->kind == NODE_IMPORT) {
		const NodeList *names = &((const AstImport *)node)->names;
		for (uint32_t i = 0; i < names->count; i++)
			take_neighbours(closure, ((const AstAlias *)names->items[i])->name->text);
	} else if (node->kind == NODE_IMPORT_FROM) {
		const AstImportFrom *from = (const AstImportFrom *)node;
		take_neighbours(closure, from->level > 0 || !from->module ? NULL : from->module->text);
		for (uint32_t i = 0; i < from->names.count; i++)
			closure->is_whole |=
				load_is_dynamic_attribute(((const AstAlias *)from->names.items[i])->name->text);
	}
}

/* ---- what belongs to a task ---- */

static void want(Closure *closure, uint32_t name, uint8_t mark)
{
	if (closure->names[name] & mark)
		return;
	closure->names[name] |= mark;
	if (closure->count == closure->capacity) {
		closure->capacity = closure->capacity ? closure->capacity * 2 : 32;
		Wanted *wanted = ARENA_ARRAY(closure->sources->d->arena, Wanted, closure->capacity);
		if (closure->count)
			memcpy(wanted, closure->wanted, closure->count * sizeof *wanted);
		closure->wanted = wanted;
	}
	closure->wanted[closure->count++] = (Wanted){name, mark == NAME_CARRIES};
}

static void take_docstring(Closure *closure)
{
	const NodeList *body = closure->module->body;
	if (body->count && body->items[0]->kind == NODE_EXPR)
		closure->statements[0] = true;
}

static void need(void *context, const Atom *name)
{
	Closure *closure = context;
	const IndexedName *found = module_index_name(closure->module, name);
	if (found)
		want(closure, (uint32_t)(found - closure->module->names), NAME_NEEDED);
	closure->is_whole |= found ? found->is_dynamic : load_is_dynamic_name(name->text);
	if (name->text[0] == '_' && !strcmp(name->text, "__doc__"))
		take_docstring(closure);
}

/* Does it import? */
static bool need_names_of(Closure *closure, const Node *root)
{
	bool has_imports = false;
	NodeWalk *walk = &closure->sources->indexes->walk;
	uint32_t bottom = walk->depth;
	walk_push(walk, root, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		const Node *annotation = node_annotation(node);
		if (annotation)
			names_in_strings(walk->arena, closure->sources->d->atoms, annotation, need, closure);
		if (node->kind == NODE_NAME)
			need(closure, ((const AstName *)node)->id);
		if (node->kind == NODE_ATTRIBUTE)
			closure->is_whole |=
				load_is_dynamic_attribute(((const AstAttribute *)node)->attr->text);
		closure->is_whole |= is_dynamic_string(node);
		for (uint32_t i = 0;
			 node->kind == NODE_GLOBAL && i < ((const AstGlobal *)node)->names.count; i++)
			need(closure, ((const AstGlobal *)node)->names.items[i]);
		take_import(closure, node);
		has_imports |= node->kind == NODE_IMPORT || node->kind == NODE_IMPORT_FROM;
		walk_push_children(walk, node, 0);
	}
	return has_imports;
}

/* The names of a statement that was walked before, for another task. */
static void need_mentioned(Closure *closure, const IndexedStatement *statement)
{
	const ModuleIndex *module = closure->module;
	for (uint32_t i = statement->first; i < statement->end; i++)
		need(closure, module->names[module->mentions[i].name].name);
	closure->is_whole |= statement->is_whole;
}

static void take_statement(Closure *closure, uint32_t index)
{
	IndexedStatement *statement = &closure->module->statements[index];
	bool was_whole = closure->is_whole, has_imports;
	if (closure->statements[index])
		return;
	closure->statements[index] = true;
	if (statement->is_known) {
		need_mentioned(closure, statement);
		return;
	}
	if (statement->own != UINT32_MAX)
		want(closure, statement->own, NAME_NEEDED);
	closure->is_whole = false;
	has_imports =
		need_names_of(closure, bare(closure->module, closure->module->body->items[index]));
	statement->is_whole = closure->is_whole;
	statement->is_known = !has_imports && statement->own != UINT32_MAX;
	closure->is_whole |= was_whole;
}

/* Rules (1) and (2) of the head of this file, from a name to the statements. */
static void look_up(Closure *closure, Wanted wanted)
{
	const ModuleIndex *module = closure->module;
	const IndexedName *name = &module->names[wanted.name];
	if (!name->binders)
		return;
	for (uint32_t at = name->mentions; at; at = module->mentions[at - 1].next) {
		const Mention *mention = &module->mentions[at - 1];
		if (mention->kind == MENTION_BINDS) {
			if (!wanted.carries)
				take_statement(closure, mention->statement);
		} else if (!name->only_imports && mention->kind == MENTION_RUNS) {
			take_statement(closure, mention->statement);
		} else if (!name->only_imports) {
			want(closure, module->statements[mention->statement].own, NAME_CARRIES);
		}
	}
}

static void take_whole(Closure *closure)
{
	closure->is_whole = true;
	take_neighbours(closure, NULL);
	for (uint32_t i = 0; i < closure->module->body->count; i++)
		closure->statements[i] = true;
}

static void close_over(Closure *closure)
{
	const ModuleIndex *module = closure->module;
	const Atom *star = atom_get(closure->sources->d->atoms, "*", 1);
	need(closure, star);
	for (uint32_t i = 0; i < module->body->count; i++)
		if (module->statements[i].is_followed)
			take_statement(closure, i);
		else if (module->statements[i].is_ambient)
			closure->statements[i] = true;
	while (closure->done < closure->count)
		look_up(closure, closure->wanted[closure->done++]);
	closure->is_whole |= module->all->is_circular;
	if (closure->is_whole)
		take_whole(closure);
}

static Closure closure_make(TaskSources *sources, ModuleIndex *module)
{
	Arena *arena = sources->d->arena;
	return (Closure){.sources = sources,
					 .module = module,
					 .statements = ARENA_ARRAY(arena, bool, module->body->count + 1),
					 .names = ARENA_ARRAY(arena, uint8_t, module->name_count + 1),
					 .neighbours = ARENA_ARRAY(arena, bool, sources->d->neighbour_count + 1)};
}

/* ---- hashes ---- */

static void hash_text(sbx_sha256 *hash, const char *text)
{
	const char *given = text ? text : "";
	sbx_sha256_add(hash, given, strlen(given) + 1);
}

static const char *end_hash(Arena *arena, sbx_sha256 *hash)
{
	unsigned char digest[32];
	char digits[65];
	sbx_sha256_end(hash, digest);
	sbx_sha256_text(digest, digits);
	return arena_copy(arena, digits, 64);
}

static const char *node_digest(Arena *arena, const Node *node)
{
	Text text;
	sbx_sha256 hash;
	text_init(&text, arena);
	ast_dump_node(&text, node);
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, text.bytes, text.length);
	return end_hash(arena, &hash);
}

static const char *neighbour_digest(TaskSources *sources, uint32_t index)
{
	const ModuleEnv *env = sources->d->neighbours[index];
	const char **digest = &sources->neighbours[index];
	if (!*digest && env->module && !env->is_broken) {
		*digest = node_digest(sources->d->arena, &env->module->tree->base);
	} else if (!*digest) {
		sbx_sha256 hash;
		sbx_sha256_begin(&hash);
		if (env->source)
			sbx_sha256_add(&hash, env->source->text, env->source->length);
		*digest = end_hash(sources->d->arena, &hash);
	}
	return *digest;
}

/* In the order of their names, which is not that in which they were met. */
static void hash_neighbours(sbx_sha256 *hash, Closure *closure)
{
	const Declaring *d = closure->sources->d;
	const char *last = NULL;
	for (;;) {
		uint32_t next = d->neighbour_count;
		for (uint32_t i = 0; i < d->neighbour_count; i++)
			if (closure->neighbours[i] && (!last || strcmp(d->neighbours[i]->name, last) > 0) &&
				(next == d->neighbour_count ||
				 strcmp(d->neighbours[i]->name, d->neighbours[next]->name) < 0))
				next = i;
		if (next == d->neighbour_count)
			return;
		last = d->neighbours[next]->name;
		hash_text(hash, last);
		hash_text(hash, neighbour_digest(closure->sources, next));
	}
}

/* The statements that were taken. `own`: the task's, which stands for its place only. */
static void hash_statements(sbx_sha256 *hash, const Closure *closure, const Node *own)
{
	ModuleIndex *module = closure->module;
	for (uint32_t i = 0; i < module->body->count; i++) {
		IndexedStatement *statement = &module->statements[i];
		const Node *node = module->body->items[i];
		if (node == own)
			hash_text(hash, "itself");
		if (!closure->statements[i] || node == own)
			continue;
		if (!statement->digest)
			statement->digest = node_digest(module->all->d->arena, bare(module, node));
		hash_text(hash, statement->digest);
	}
}

/* What belongs to all tasks, of a module. */
static const char *ambient_digest(TaskSources *sources, ModuleIndex *module)
{
	if (!module->ambient_digest) {
		Closure closure = closure_make(sources, module);
		sbx_sha256 hash;
		sbx_sha256_begin(&hash);
		close_over(&closure);
		if (closure.is_whole)
			hash_text(&hash, "whole");
		hash_statements(&hash, &closure, NULL);
		hash_neighbours(&hash, &closure);
		module->ambient_digest = end_hash(sources->d->arena, &hash);
		module->ambient_is_whole = closure.is_whole;
	}
	return module->ambient_digest;
}

static uint32_t module_of(const Declaring *d, const TaskDecl *task)
{
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (d->neighbours[i]->source == task->source)
			return i + 1;
	return 0;
}

/* Of the modules that are not the task's own. May bring everything. */
static void hash_other_modules(sbx_sha256 *hash, Closure *closure)
{
	TaskSources *sources = closure->sources;
	ModuleIndexes *indexes = sources->indexes;
	for (uint32_t i = 0; i < indexes->count; i++) {
		ModuleIndex *other = indexes->items[i];
		if (i && !other && sources->d->neighbours[i - 1]->is_broken)
			closure->neighbours[i - 1] = true;
		if (!other || other == closure->module || !other->has_ambient)
			continue;
		(void)ambient_digest(sources, other);
		if (other->ambient_is_whole)
			take_whole(closure);
	}
	if (closure->is_whole && indexes->items[0] != closure->module)
		hash_text(hash, node_digest(sources->d->arena, &sources->d->file->module->tree->base));
	for (uint32_t i = 0; i < indexes->count; i++) {
		ModuleIndex *other = indexes->items[i];
		if (!other || other == closure->module || !other->has_ambient ||
			(i && closure->neighbours[i - 1]))
			continue;
		hash_text(hash, other->env->name);
		hash_text(hash, ambient_digest(sources, other));
	}
}

TaskSources *task_sources_make(Declaring *d)
{
	TaskSources *sources = ARENA_NEW(d->arena, TaskSources);
	sources->d = d;
	sources->indexes = module_indexes_make(d);
	sources->neighbours = ARENA_ARRAY(d->arena, const char *, d->neighbour_count + 1);
	return sources;
}

const char *task_sources_version(TaskSources *sources, const TaskDecl *task)
{
	Arena *arena = sources->d->arena;
	ModuleIndex *module = sources->indexes->items[module_of(sources->d, task)];
	if (!module || arena_is_failed(arena))
		return "";
	Closure closure = closure_make(sources, module);
	const Node *function = bare(module, task->node);
	sbx_sha256 hash, others;
	if (task->name)
		need(&closure, task->name);
	(void)need_names_of(&closure, function);
	close_over(&closure);
	sbx_sha256_begin(&others);
	hash_other_modules(&others, &closure);
	sbx_sha256_begin(&hash);
	hash_text(&hash, "python task 2");
	hash_text(&hash, task->task_type);
	hash_text(&hash, task->cache->salt);
	hash_text(&hash, task->cache->environment);
	hash_text(&hash, node_digest(arena, function));
	hash_statements(&hash, &closure, task->node);
	hash_neighbours(&hash, &closure);
	hash_text(&hash, end_hash(arena, &others));
	return end_hash(arena, &hash);
}
