/*
 * The version of a Python task.
 *
 * Its function is taken as its tree, so that comments and layout do not count. To it comes what the function uses of its
 * module: the statements that bind a name that occurs in it or may change what that name means, and what those use in turn.
 * An import of a module beside the file brings that module as a whole, with the modules that it imports. What cannot be
 * followed by names (globals(), exec, __import__ ...) brings everything. So an edit of the orchestrator, or of another
 * task, changes nothing; an edit of a helper or of a constant does. When in doubt a statement is taken in: a version that
 * changes too often costs time, one that changes too seldom gives wrong results.
 *
 * The decorator that makes it a task is left out (retries and limits decide no result; environment variables and the image
 * are added by themselves), any other counts.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "task_source.h"

#include <stdlib.h>
#include <string.h>

#include "ast_fields.h"
#include "sbx.h"

/* A name in a top-level statement. */
typedef struct Mention {
	const Atom *name;
	uint32_t statement;
	bool is_bound;
} Mention;

/* The top-level statements of a module. */
typedef struct Statements {
	struct Statements *next;
	ModuleEnv *env;
	const NodeList *body;
	Mention *mentions; /* by name */
	uint32_t count, capacity;
	const char **digests; /* by statement; NULL: not made yet */
} Statements;

struct TaskSources {
	Declaring *d;
	Statements *modules;
	const char **neighbours; /* digests of whole modules, by their number */
	const Node **stack;      /* of the walk */
	uint32_t depth, capacity;
};

/* What has been found to belong to one task. */
typedef struct Closure {
	TaskSources *sources;
	Statements *module;
	bool *statements, *neighbours;
	const Atom **names; /* found, in order; those from `done` on are to be looked up */
	uint32_t count, capacity, done;
	bool is_whole;
} Closure;

/* ---- walking ---- */

static void push(void *context, Node *child)
{
	TaskSources *sources = context;
	if (sources->depth == sources->capacity) {
		uint32_t capacity = sources->capacity ? sources->capacity * 2 : 256;
		const Node **stack = ARENA_ARRAY(sources->d->arena, const Node *, capacity);
		if (sources->depth)
			memcpy(stack, sources->stack, sources->depth * sizeof *stack);
		sources->stack = stack;
		sources->capacity = capacity;
	}
	sources->stack[sources->depth++] = child;
}

static bool is_definition(const Node *node)
{
	return node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF ||
		   node->kind == NODE_CLASS_DEF;
}

/* @env.task, @env.task(...), @env.sandbox.orchestrator(...), @flyte.trace */
static bool is_task_decorator(const Node *node)
{
	if (node->kind == NODE_CALL)
		node = ((const AstCall *)node)->func;
	const char *last = node->kind == NODE_ATTRIBUTE ? ((const AstAttribute *)node)->attr->text
					   : node->kind == NODE_NAME    ? ((const AstName *)node)->id->text
													: "";
	if (node->kind == NODE_NAME)
		return !strcmp(last, "trace");
	return !strcmp(last, "task") || !strcmp(last, "orchestrator") || !strcmp(last, "trace");
}

/* The statement without the decorators that make tasks: what is hashed and walked. */
static const Node *bare(Arena *arena, const Node *node)
{
	if (node->kind != NODE_FUNCTION_DEF && node->kind != NODE_ASYNC_FUNCTION_DEF)
		return node;
	AstFunctionDef *copy = ARENA_NEW(arena, AstFunctionDef);
	*copy = *(const AstFunctionDef *)node;
	const NodeList *all = &((const AstFunctionDef *)node)->decorator_list;
	copy->decorator_list = (NodeList){ARENA_ARRAY(arena, Node *, all->count + 1), 0};
	for (uint32_t i = 0; i < all->count; i++)
		if (!is_task_decorator(all->items[i]))
			copy->decorator_list.items[copy->decorator_list.count++] = all->items[i];
	return &copy->base;
}

/* ---- the index of a module ---- */

static void add_mention(TaskSources *sources, Statements *module, const Atom *name,
						uint32_t statement, bool is_bound)
{
	if (!name)
		return;
	if (module->count == module->capacity) {
		module->capacity = module->capacity ? module->capacity * 2 : 256;
		Mention *mentions = ARENA_ARRAY(sources->d->arena, Mention, module->capacity);
		if (module->count)
			memcpy(mentions, module->mentions, module->count * sizeof *mentions);
		module->mentions = mentions;
	}
	module->mentions[module->count++] = (Mention){name, statement, is_bound};
}

/* The name that an alias binds: "a" of `import a.b`. */
static const Atom *bound_by(TaskSources *sources, const AstAlias *alias)
{
	const char *name = alias->name->text;
	return alias->asname ? alias->asname : atom_get(sources->d->atoms, name, strcspn(name, "."));
}

static void mention_aliases(TaskSources *sources, Statements *module, const NodeList *names,
							uint32_t statement)
{
	for (uint32_t i = 0; i < names->count; i++)
		add_mention(sources, module, bound_by(sources, (const AstAlias *)names->items[i]),
					statement, true);
}

/* What one node of a statement mentions. */
static void mention_node(TaskSources *sources, Statements *module, const Node *node, uint32_t i)
{
	switch (node->kind) {
	case NODE_NAME:
		add_mention(sources, module, ((const AstName *)node)->id, i,
					((const AstName *)node)->ctx != CONTEXT_LOAD);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		add_mention(sources, module, ((const AstFunctionDef *)node)->name, i, true);
		break;
	case NODE_CLASS_DEF:
		add_mention(sources, module, ((const AstClassDef *)node)->name, i, true);
		break;
	case NODE_IMPORT:
		mention_aliases(sources, module, &((const AstImport *)node)->names, i);
		break;
	case NODE_IMPORT_FROM:
		mention_aliases(sources, module, &((const AstImportFrom *)node)->names, i);
		break;
	case NODE_EXCEPT_HANDLER:
		add_mention(sources, module, ((const AstExceptHandler *)node)->name, i, true);
		break;
	case NODE_MATCH_AS:
		add_mention(sources, module, ((const AstMatchAs *)node)->name, i, true);
		break;
	default:
		break;
	}
}

/* `if __name__ == "__main__":` does not run where tasks do. */
static bool is_main_block(const Node *node)
{
	if (node->kind != NODE_IF)
		return false;
	const AstIf *block = (const AstIf *)node;
	const Node *left =
		block->test->kind == NODE_COMPARE ? ((const AstCompare *)block->test)->left : NULL;
	return left && left->kind == NODE_NAME && !block->orelse.count &&
		   !strcmp(((const AstName *)left)->id->text, "__name__");
}

static int by_name(const void *a, const void *b)
{
	const Mention *x = a, *y = b;
	if (x->name != y->name)
		return (uintptr_t)x->name < (uintptr_t)y->name ? -1 : 1;
	return (x->statement > y->statement) - (x->statement < y->statement);
}

static Statements *find_statements(TaskSources *sources, ModuleEnv *env)
{
	for (Statements *module = sources->modules; module; module = module->next)
		if (module->env == env)
			return module;
	Statements *module = ARENA_NEW(sources->d->arena, Statements);
	module->env = env;
	module->body = &env->module->tree->body;
	module->digests = ARENA_ARRAY(sources->d->arena, const char *, module->body->count + 1);
	module->next = sources->modules;
	sources->modules = module;
	for (uint32_t i = 0; i < module->body->count; i++) {
		const Node *node = module->body->items[i];
		if (is_definition(node)) {
			mention_node(sources, module, node, i);
			continue;
		}
		if (!is_main_block(node))
			push(sources, (Node *)(uintptr_t)node);
		while (sources->depth) {
			node = sources->stack[--sources->depth];
			mention_node(sources, module, node, i);
			node_children(node, push, sources);
		}
	}
	if (module->count)
		qsort(module->mentions, module->count, sizeof *module->mentions, by_name);
	return module;
}

static uint32_t first_mention(const Statements *module, const Atom *name)
{
	uint32_t low = 0, high = module->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if ((uintptr_t)module->mentions[middle].name < (uintptr_t)name)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- modules beside the file ---- */

static bool same_root(const char *a, const char *b)
{
	size_t length = strcspn(a, ".");
	return length == strcspn(b, ".") && !strncmp(a, b, length);
}

static void take_import(Closure *closure, const Node *node);

/* A neighbour as a whole, with what it imports. */
static void take_neighbour(Closure *closure, uint32_t index)
{
	TaskSources *sources = closure->sources;
	const ModuleEnv *env = sources->d->neighbours[index];
	if (closure->neighbours[index])
		return;
	closure->neighbours[index] = true;
	if (!env->module)
		return;
	uint32_t bottom = sources->depth;
	push(sources, &env->module->tree->base);
	while (sources->depth > bottom) {
		const Node *node = sources->stack[--sources->depth];
		take_import(closure, node);
		node_children(node, push, sources);
	}
}

/* name NULL: all of them */
static void take_neighbours(Closure *closure, const char *name)
{
	const Declaring *d = closure->sources->d;
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (!name || same_root(d->neighbours[i]->name, name))
			take_neighbour(closure, i);
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
	}
}

/* ---- what belongs to a task ---- */

static bool is_dynamic(const char *name)
{
	static const char *const names[] = {"globals", "locals",     "vars",     "eval",
										"exec",    "__import__", "importlib"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static void need(Closure *closure, const Atom *name)
{
	for (uint32_t i = 0; i < closure->count; i++)
		if (closure->names[i] == name)
			return;
	if (closure->count == closure->capacity) {
		closure->capacity = closure->capacity ? closure->capacity * 2 : 32;
		const Atom **names =
			ARENA_ARRAY(closure->sources->d->arena, const Atom *, closure->capacity);
		if (closure->count)
			memcpy(names, closure->names, closure->count * sizeof *names);
		closure->names = names;
	}
	closure->names[closure->count++] = name;
	closure->is_whole |= is_dynamic(name->text);
}

static void need_names_of(Closure *closure, const Node *root)
{
	TaskSources *sources = closure->sources;
	uint32_t bottom = sources->depth;
	push(sources, (Node *)(uintptr_t)root);
	while (sources->depth > bottom) {
		const Node *node = sources->stack[--sources->depth];
		if (node->kind == NODE_NAME)
			need(closure, ((const AstName *)node)->id);
		for (uint32_t i = 0;
			 node->kind == NODE_GLOBAL && i < ((const AstGlobal *)node)->names.count; i++)
			need(closure, ((const AstGlobal *)node)->names.items[i]);
		take_import(closure, node);
		node_children(node, push, sources);
	}
}

static void take_statement(Closure *closure, uint32_t index)
{
	if (closure->statements[index])
		return;
	closure->statements[index] = true;
	need_names_of(closure, bare(closure->sources->d->arena, closure->module->body->items[index]));
}

/* A plain `name = value`: it binds, and changes nothing else but through what its value calls. */
static bool is_plain(const Node *node)
{
	if (node->kind == NODE_ASSIGN) {
		const NodeList *targets = &((const AstAssign *)node)->targets;
		for (uint32_t i = 0; i < targets->count; i++)
			if (targets->items[i]->kind != NODE_NAME)
				return false;
		return true;
	}
	return node->kind == NODE_ANN_ASSIGN && ((const AstAnnAssign *)node)->target->kind == NODE_NAME;
}

static bool is_import(const Node *node)
{
	return node->kind == NODE_IMPORT || node->kind == NODE_IMPORT_FROM;
}

/*
 * The statements that bind the name, and those that may change what it means. Of a name that only imports bind, a plain
 * assignment that mentions it is none: `env = flyte.TaskEnvironment(...)` does not change flyte.
 */
static void look_up(Closure *closure, const Atom *name)
{
	const Statements *module = closure->module;
	uint32_t first = first_mention(module, name);
	bool is_imported = true;
	for (uint32_t i = first; i < module->count && module->mentions[i].name == name; i++)
		if (module->mentions[i].is_bound)
			is_imported &= is_import(module->body->items[module->mentions[i].statement]);
	for (uint32_t i = first; i < module->count && module->mentions[i].name == name; i++) {
		const Mention *mention = &module->mentions[i];
		if (mention->is_bound || !is_imported || !is_plain(module->body->items[mention->statement]))
			take_statement(closure, mention->statement);
	}
}

static void take_stars(Closure *closure)
{
	const Atom *star = atom_get(closure->sources->d->atoms, "*", 1);
	look_up(closure, star);
}

static void close_over(Closure *closure, const Node *function)
{
	need_names_of(closure, function);
	take_stars(closure);
	while (closure->done < closure->count)
		look_up(closure, closure->names[closure->done++]);
	if (!closure->is_whole)
		return;
	take_neighbours(closure, NULL);
	for (uint32_t i = 0; i < closure->module->body->count; i++)
		closure->statements[i] = true;
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

static ModuleEnv *module_of(const Declaring *d, const TaskDecl *task)
{
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (d->neighbours[i]->source == task->source)
			return d->neighbours[i];
	return d->file;
}

TaskSources *task_sources_make(Declaring *d)
{
	TaskSources *sources = ARENA_NEW(d->arena, TaskSources);
	sources->d = d;
	sources->neighbours = ARENA_ARRAY(d->arena, const char *, d->neighbour_count + 1);
	return sources;
}

const char *task_sources_version(TaskSources *sources, const TaskDecl *task)
{
	Arena *arena = sources->d->arena;
	Statements *module = find_statements(sources, module_of(sources->d, task));
	Closure closure = {.sources = sources,
					   .module = module,
					   .statements = ARENA_ARRAY(arena, bool, module->body->count + 1),
					   .neighbours = ARENA_ARRAY(arena, bool, sources->d->neighbour_count + 1)};
	const Node *function = bare(arena, task->node);
	sbx_sha256 hash;
	close_over(&closure, function);
	sbx_sha256_begin(&hash);
	hash_text(&hash, "python task 1");
	hash_text(&hash, task->task_type);
	hash_text(&hash, task->cache->salt);
	hash_text(&hash, task->cache->environment);
	hash_text(&hash, node_digest(arena, function));
	for (uint32_t i = 0; i < module->body->count; i++) {
		if (!closure.statements[i] || module->body->items[i] == task->node)
			continue;
		if (!module->digests[i])
			module->digests[i] = node_digest(arena, bare(arena, module->body->items[i]));
		hash_text(&hash, module->digests[i]);
	}
	hash_neighbours(&hash, &closure);
	return end_hash(arena, &hash);
}
