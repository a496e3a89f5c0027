/*
 * The names of a module and what its top-level statements have to do with each. Two passes: what binds names, for all
 * modules; then what mentions them, which needs to know what names mean. At the end, what is out of a module's own hands
 * spreads from imports to the names that are made of them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "module_index.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ---- */

bool module_same_root(const char *a, const char *b)
{
	size_t length = strcspn(a, ".");
	return length == strcspn(b, ".") && !strncmp(a, b, length);
}

bool module_is_beside(const Declaring *d, const char *name)
{
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (module_same_root(d->neighbours[i]->name, name))
			return true;
	return false;
}

static uint32_t *find_slot(const ModuleIndex *index, const Atom *name)
{
	uint32_t at = name->hash & index->slot_mask;
	while (index->slots[at] && index->names[index->slots[at] - 1].name != name)
		at = (at + 1) & index->slot_mask;
	return &index->slots[at];
}

IndexedName *module_index_name(const ModuleIndex *index, const Atom *name)
{
	uint32_t *slot = index->slots ? find_slot(index, name) : NULL;
	return slot && *slot ? &index->names[*slot - 1] : NULL;
}

static void grow_names(ModuleIndex *index)
{
	Arena *arena = index->all->d->arena;
	uint32_t capacity = index->name_capacity ? index->name_capacity * 2 : 64;
	IndexedName *names = ARENA_ARRAY(arena, IndexedName, capacity);
	if (index->name_count)
		memcpy(names, index->names, index->name_count * sizeof *names);
	index->names = names;
	index->name_capacity = capacity;
	index->slots = ARENA_ARRAY(arena, uint32_t, capacity * 2);
	index->slot_mask = capacity * 2 - 1;
	for (uint32_t i = 0; i < index->name_count; i++)
		*find_slot(index, names[i].name) = i + 1;
}

IndexedName *module_index_add(ModuleIndex *index, const Atom *name)
{
	if (index->name_count == index->name_capacity)
		grow_names(index);
	uint32_t *slot = find_slot(index, name);
	if (!*slot) {
		index->names[index->name_count] = (IndexedName){
			.name = name, .only_imports = true, .is_dynamic = load_is_dynamic_name(name->text)};
		*slot = ++index->name_count;
	}
	return &index->names[*slot - 1];
}

/* ---- the first pass: what binds names ---- */

static IndexedName *bind_name(ModuleIndex *index, const Atom *name, uint32_t statement)
{
	IndexedName *found = name ? module_index_add(index, name) : NULL;
	if (!found)
		return NULL;
	found->binders++;
	found->binder = statement;
	return found;
}

static void bind_other(ModuleIndex *index, const Atom *name, uint32_t statement)
{
	IndexedName *found = bind_name(index, name, statement);
	if (found)
		found->only_imports = false;
}

/* path NULL: of a module beside the file */
static void bind_import(ModuleIndex *index, const Atom *name, uint32_t statement, const char *path)
{
	IndexedName *found = bind_name(index, name, statement);
	bool is_same = path && found->path && !strcmp(found->path, path);
	if (found->binders > 1 && !is_same)
		path = NULL;
	found->path = path;
	found->has_import = true;
	found->only_imports &= index->statements[statement].is_import;
}

static void bind_aliases(ModuleIndex *index, const AstImport *import, uint32_t statement)
{
	Declaring *d = index->all->d;
	for (uint32_t i = 0; i < import->names.count; i++) {
		const AstAlias *alias = (const AstAlias *)import->names.items[i];
		const char *name = alias->name->text;
		const Atom *root = atom_get(d->atoms, name, strcspn(name, "."));
		bool is_beside = module_is_beside(d, name);
		const Atom *bound = alias->asname ? alias->asname : root;
		bind_import(index, bound, statement, is_beside ? NULL : alias->asname ? name : root->text);
		module_index_add(index, bound)->is_beside |= is_beside;
	}
}

static void bind_star(ModuleIndex *index, const AstImportFrom *from)
{
	const Declaring *d = index->all->d;
	index->has_beside_star = true;
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		index->all->are_starred[i] |= from->level > 0 || !from->module ||
									  module_same_root(d->neighbours[i]->name, from->module->text);
}

static void bind_from(ModuleIndex *index, const AstImportFrom *from, uint32_t statement)
{
	Declaring *d = index->all->d;
	bool is_beside = from->level > 0 || !from->module || module_is_beside(d, from->module->text);
	for (uint32_t i = 0; i < from->names.count; i++) {
		const AstAlias *alias = (const AstAlias *)from->names.items[i];
		index->has_lazy_annotations |= !is_beside && !strcmp(from->module->text, "__future__") &&
									   !strcmp(alias->name->text, "annotations");
		const Atom *bound = alias->asname ? alias->asname : alias->name;
		if (is_beside && !strcmp(alias->name->text, "*"))
			bind_star(index, from);
		bind_import(index, bound, statement,
					is_beside
						? NULL
						: arena_format(d->arena, "%s.%s", from->module->text, alias->name->text));
		module_index_add(index, bound)->is_beside |= is_beside;
	}
}

static void bind_node(ModuleIndex *index, const Node *node, uint32_t i)
{
	switch (node->kind) {
	case NODE_NAME:
		if (((const AstName *)node)->ctx != CONTEXT_LOAD)
			bind_other(index, ((const AstName *)node)->id, i);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
	case NODE_CLASS_DEF:
		bind_other(index, ((const AstFunctionDef *)node)->name, i);
		break;
	case NODE_IMPORT:
		bind_aliases(index, (const AstImport *)node, i);
		break;
	case NODE_IMPORT_FROM:
		bind_from(index, (const AstImportFrom *)node, i);
		break;
	case NODE_EXCEPT_HANDLER:
		bind_other(index, ((const AstExceptHandler *)node)->name, i);
		break;
	case NODE_MATCH_AS:
		bind_other(index, ((const AstMatchAs *)node)->name, i);
		break;
	case NODE_MATCH_STAR:
		bind_other(index, ((const AstMatchStar *)node)->name, i);
		break;
	case NODE_MATCH_MAPPING:
		bind_other(index, ((const AstMatchMapping *)node)->rest, i);
		break;
	default:
		break;
	}
}

static void bind_globals(ModuleIndex *index, const Node *node, uint32_t i)
{
	if (node->kind == NODE_GLOBAL)
		for (uint32_t k = 0; k < ((const AstGlobal *)node)->names.count; k++)
			bind_other(index, ((const AstGlobal *)node)->names.items[k], i);
}

/* Names that the body of a class binds for itself. */
static void shadow_names(ModuleIndex *index, const AstClassDef *class)
{
	NodeWalk *walk = &index->all->walk;
	uint32_t bottom = walk->depth;
	walk_push_all(walk, &class->body, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		if (node_is_definition(node)) {
			module_index_add(index, ((const AstFunctionDef *)node)->name)->is_shadowed = true;
			continue;
		}
		if (node->kind == NODE_NAME && ((const AstName *)node)->ctx != CONTEXT_LOAD)
			module_index_add(index, ((const AstName *)node)->id)->is_shadowed = true;
		if (node->kind == NODE_ALIAS) {
			const AstAlias *alias = (const AstAlias *)node;
			module_index_add(index, alias->asname ? alias->asname : alias->name)->is_shadowed =
				true;
		}
		walk_push_children(walk, node, 0);
	}
}

/* `if __name__ == "__main__":` does not run where tasks do. */
static bool is_main_block(const Node *node)
{
	if (node->kind != NODE_IF || ((const AstIf *)node)->orelse.count)
		return false;
	const AstCompare *test = (const AstCompare *)((const AstIf *)node)->test;
	if (test->base.kind != NODE_COMPARE || test->ops.count != 1 ||
		test->ops.items[0] != COMPARE_EQ || test->left->kind != NODE_NAME ||
		test->comparators.items[0]->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)test->comparators.items[0])->value;
	return !strcmp(((const AstName *)test->left)->id->text, "__name__") &&
		   value->kind == CONSTANT_STR && value->length == 8 && !memcmp(value->text, "__main__", 8);
}

/* __main__.py is loaded under its name. */
static bool is_run_as_main(const Source *source)
{
	const char *slash = strrchr(source->path, '/');
	return !strcmp(slash ? slash + 1 : source->path, "__main__.py");
}

static void bind_statement(ModuleIndex *index, uint32_t i)
{
	NodeWalk *walk = &index->all->walk;
	const Node *top = index->body->items[i];
	IndexedStatement *statement = &index->statements[i];
	bool is_definition = node_is_definition(top);
	statement->is_import = top->kind == NODE_IMPORT || top->kind == NODE_IMPORT_FROM;
	statement->is_main = is_main_block(top) && !is_run_as_main(index->env->source);
	statement->own = UINT32_MAX;
	if (statement->is_main)
		return;
	if (is_definition) {
		bind_node(index, top, i);
		statement->own =
			(uint32_t)(module_index_add(index, ((const AstFunctionDef *)top)->name) - index->names);
	}
	walk_push(walk, top, 0);
	while (walk->depth) {
		const Node *node = walk->items[--walk->depth].node;
		if (!is_definition)
			bind_node(index, node, i);
		bind_globals(index, node, i);
		if (node->kind == NODE_CLASS_DEF)
			shadow_names(index, (const AstClassDef *)node);
		walk_push_children(walk, node, 0);
	}
}

/* ---- what is out of the module's hands ---- */

typedef struct Spreading {
	ModuleIndex *index;
	uint32_t *names; /* whose taint has grown */
	uint32_t count;
	bool *is_waiting;
} Spreading;

static void taint_name(Spreading *s, uint32_t name, unsigned taint)
{
	IndexedName *found = &s->index->names[name];
	if ((found->taint | taint) == found->taint)
		return;
	found->taint |= (uint8_t)taint;
	if (!s->is_waiting[name]) {
		s->is_waiting[name] = true;
		s->names[s->count++] = name;
	}
}

/* What a statement makes of tainted things is tainted. */
static void taint_bound(Spreading *s, const IndexedStatement *statement)
{
	for (uint32_t i = statement->first; i < statement->end; i++)
		if (s->index->mentions[i].kind == MENTION_BINDS)
			taint_name(s, s->index->mentions[i].name, statement->taint);
}

static void spread_taint(ModuleIndex *index)
{
	Arena *arena = index->all->d->arena;
	Spreading s = {.index = index,
				   .names = ARENA_ARRAY(arena, uint32_t, index->name_count + 1),
				   .is_waiting = ARENA_ARRAY(arena, bool, index->name_count + 1)};
	for (uint32_t i = 0; i < index->body->count; i++)
		if (index->statements[i].taint)
			taint_bound(&s, &index->statements[i]);
	while (s.count) {
		uint32_t name = s.names[--s.count];
		s.is_waiting[name] = false;
		for (uint32_t at = index->names[name].mentions; at; at = index->mentions[at - 1].next) {
			IndexedStatement *statement = &index->statements[index->mentions[at - 1].statement];
			unsigned taint = statement->taint | index->names[name].taint;
			if (index->mentions[at - 1].kind == MENTION_BINDS || taint == statement->taint)
				continue;
			statement->taint = (uint8_t)taint;
			taint_bound(&s, statement);
		}
	}
}

static void find_ambient(ModuleIndex *index)
{
	for (uint32_t i = 0; i < index->body->count; i++) {
		IndexedStatement *statement = &index->statements[i];
		statement->is_followed = (statement->acts && statement->taint) ||
								 (statement->operates && statement->taint & TAINT_BESIDE) ||
								 (statement->imports_elsewhere && !statement->is_import);
		if (node_is_definition(index->body->items[i]) && statement->imports_elsewhere)
			statement->is_followed = statement->acts && statement->taint;
		statement->is_ambient =
			statement->is_followed || (statement->is_import && statement->imports_elsewhere);
		index->has_ambient |= statement->is_ambient;
	}
}

/* Does the import load a module in which something is ambient? */
static bool imports_ambient(const ModuleIndexes *all, const char *name)
{
	const Declaring *d = all->d;
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (!name || module_same_root(d->neighbours[i]->name, name))
			if (all->items[i + 1] ? all->items[i + 1]->has_ambient : d->neighbours[i]->is_broken)
				return true;
	return false;
}

static bool is_ambient_import(const ModuleIndexes *all, const Node *node)
{
	if (node->kind == NODE_IMPORT_FROM) {
		const AstImportFrom *from = (const AstImportFrom *)node;
		return imports_ambient(all, from->level > 0 || !from->module ? NULL : from->module->text);
	}
	const NodeList *names = &((const AstImport *)node)->names;
	for (uint32_t i = 0; i < names->count; i++)
		if (imports_ambient(all, ((const AstAlias *)names->items[i])->name->text))
			return true;
	return false;
}

/* The order in which modules act counts: so do the imports that lead to them. */
static void find_ambient_imports(ModuleIndexes *all)
{
	for (bool is_changed = true; is_changed;) {
		is_changed = false;
		for (uint32_t i = 0; i < all->count; i++) {
			ModuleIndex *index = all->items[i];
			for (uint32_t k = 0; index && k < index->body->count; k++) {
				IndexedStatement *statement = &index->statements[k];
				if (!statement->is_import || statement->is_ambient ||
					!is_ambient_import(all, index->body->items[k]))
					continue;
				statement->is_ambient = true;
				is_changed |= !index->has_ambient;
				index->has_ambient = true;
			}
		}
	}
}

/* ---- all modules ---- */

static ModuleIndex *make_index(ModuleIndexes *all, ModuleEnv *env)
{
	if (!env->module || env->is_broken)
		return NULL;
	ModuleIndex *index = ARENA_NEW(all->d->arena, ModuleIndex);
	index->all = all;
	index->env = env;
	index->body = &env->module->tree->body;
	index->statements = ARENA_ARRAY(all->d->arena, IndexedStatement, index->body->count + 1);
	for (uint32_t i = 0; i < index->body->count && !arena_is_failed(all->d->arena); i++)
		bind_statement(index, i);
	return index;
}

ModuleIndexes *module_indexes_make(Declaring *d)
{
	ModuleIndexes *all = ARENA_NEW(d->arena, ModuleIndexes);
	all->d = d;
	all->walk.arena = d->arena;
	all->count = d->neighbour_count + 1;
	all->items = ARENA_ARRAY(d->arena, ModuleIndex *, all->count);
	all->are_starred = ARENA_ARRAY(d->arena, bool, all->count);
	all->items[0] = make_index(all, d->file);
	for (uint32_t i = 0; i < d->neighbour_count; i++) {
		const Source *source = d->neighbours[i]->source;
		all->items[i + 1] = make_index(all, d->neighbours[i]);
		all->is_circular |= source && !strcmp(source->path, d->file->source->path);
	}
	for (uint32_t i = all->count; i-- > 0;) /* what a module imports stands after it */
		for (uint32_t k = 0; all->items[i] && k < all->items[i]->body->count; k++)
			if (!arena_is_failed(d->arena))
				mention_statement(all->items[i], k);
	for (uint32_t i = 0; i < all->count; i++)
		if (all->items[i] && !arena_is_failed(d->arena)) {
			spread_taint(all->items[i]);
			find_ambient(all->items[i]);
		}
	find_ambient_imports(all);
	return all;
}
