/*
 * The declare phase: runs the module (declare_statements.c), then the function bodies that may hold
 * code strings, then settles what needs the final names: annotations that name something later,
 * what each orchestrator may call, which imported orchestrators are compiled in, and the order of
 * the entries.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

#include "sbx.h"

void declare_add_source(Declaring *d, const Source *source)
{
	if (d->source_count == d->source_capacity) {
		d->source_capacity = d->source_capacity ? d->source_capacity * 2 : 8;
		const Source **sources = ARENA_ARRAY(d->arena, const Source *, d->source_capacity);
		for (uint32_t i = 0; i < d->source_count; i++)
			sources[i] = d->sources[i];
		d->sources = sources;
	}
	d->sources[d->source_count++] = source;
}

/* ---- names changed through `global` ---- */

typedef struct GlobalSearch {
	ModuleEnv *env;
	unsigned depth;
} GlobalSearch;

static void find_globals(void *context, Node *node)
{
	GlobalSearch *search = context;
	if (node->kind == NODE_GLOBAL) {
		const AtomList *names = &((AstGlobal *)node)->names;
		ModuleEnv *env = search->env;
		const Atom **list = ARENA_ARRAY(env->declaring->arena, const Atom *,
										env->globals_changed_count + names->count);
		for (uint32_t i = 0; i < env->globals_changed_count; i++)
			list[i] = env->globals_changed[i];
		for (uint32_t i = 0; i < names->count; i++)
			list[env->globals_changed_count++] = names->items[i];
		env->globals_changed = list;
		return;
	}
	/* only statements hold statements */
	if (node->kind > NODE_TYPE_ALIAS || search->depth > 100) {
		if (node->kind != NODE_EXCEPT_HANDLER && node->kind != NODE_MATCH_CASE)
			return;
	}
	search->depth++;
	node_children(node, find_globals, search);
	search->depth--;
}

static void find_changed_globals(ModuleEnv *env)
{
	GlobalSearch search = {.env = env};
	if (memmem(env->source->text, env->source->length, "global ", 7))
		find_globals(&search, &env->module->tree->base);
}

/* ---- running ---- */

/* The neighbour's own diagnostics become a problem of each orchestrator in which they stand. */
static void keep_problems(ModuleEnv *env)
{
	Declaring *d = env->declaring;
	for (unsigned i = 0; i < diag_count(d->diag); i++) {
		const DiagItem *item = diag_item(d->diag, i);
		for (uint32_t k = 0; k < d->entry_count; k++) {
			EntryRecord *record = d->entries[k];
			const Node *node = record->decl.node;
			const AstFunctionDef *function = record->decl.function;
			uint32_t start = function && function->decorator_list.count
								 ? function->decorator_list.items[0]->start
								 : node->start;
			bool inside =
				item->source == env->source && item->start >= start && item->start < node->end;
			if (record->env != env || !record->task ||
				!(inside || (record->call && item->source == record->decl.module->source)))
				continue;
			declare_problem(d, record->task, D_IMPORTED_BROKEN, env->source, node, -1,
							record->decl.name, item->message);
			record->is_unusable = true;
		}
	}
}

void declare_module_body(ModuleEnv *env)
{
	Declaring *d = env->declaring;
	PendingType *pending = d->pending, **pending_end = d->pending_end;
	d->pending = NULL;
	d->pending_end = NULL;
	find_changed_globals(env);
	declare_statements(env, &env->module->tree->body);
	declare_pending_types(d);
	if (env->level == LEVEL_NEIGHBOUR)
		keep_problems(env);
	d->pending = pending;
	d->pending_end = pending_end;
}

/* ---- what an orchestrator sees ---- */

static GlobalKind global_kind(const Constant *value)
{
	switch (value->sort) {
	case SORT_TASK:
	case SORT_SANDBOX:
		return GLOBAL_TASK;
	case SORT_FUNCTION:
		return GLOBAL_FUNCTION;
	case SORT_CLASS:
		return GLOBAL_CLASS;
	case SORT_MODULE:
		return GLOBAL_MODULE;
	case SORT_SYMBOL:
		return GLOBAL_IMPORT;
	case SORT_UNKNOWN:
		return value->is_missing    ? GLOBAL_MISSING
			   : value->is_template ? GLOBAL_TEMPLATE
									: GLOBAL_UNKNOWN;
	default:
		return GLOBAL_VALUE;
	}
}

/* `x = make_task()` may be a task; `n = compute()` is any value. Only what could have been callable
 * is "unknown". */
static void add_global(Declaring *d, EntryDecl *entry, GlobalName *globals, const Atom *name,
					   const Constant *value)
{
	GlobalName *global = &globals[entry->global_count++];
	*global = (GlobalName){name, global_kind(value), value->text, value->source, value->node, NULL};
	if (value->sort == SORT_TASK || value->sort == SORT_SANDBOX) {
		global->task = value->object;
		global->text = global->task->full_name;
	}
	(void)d;
}

static bool is_shadowed(const ModuleEnv *inner, const ModuleEnv *env, const Atom *name)
{
	for (; inner != env; inner = inner->parent)
		for (uint32_t i = 0; i < inner->count; i++)
			if (inner->bindings[i].name == name && inner->bindings[i].value)
				return true;
	return false;
}

static void set_names(EntryRecord *record)
{
	EntryDecl *entry = &record->decl;
	Declaring *d = record->env->declaring;
	const EntryDecl *like = record->env->seen_by;
	uint32_t total = 0;
	if (like && entry->function) {
		entry->globals = like->globals;
		entry->global_count = like->global_count;
		entry->tasks = like->tasks;
		entry->task_count = like->task_count;
		return;
	}
	for (const ModuleEnv *env = record->env; env; env = env->parent)
		total += env->count;
	GlobalName *globals = ARENA_ARRAY(d->arena, GlobalName, total + 1);
	VisibleTask *tasks = entry->function ? ARENA_ARRAY(d->arena, VisibleTask, total + 1) : NULL;
	for (const ModuleEnv *env = record->env; env; env = env->parent) {
		for (uint32_t i = 0; i < env->count; i++) {
			const Binding *binding = &env->bindings[i];
			if (!binding->value || is_shadowed(record->env, env, binding->name))
				continue;
			if (tasks &&
				(binding->value->sort == SORT_TASK || binding->value->sort == SORT_SANDBOX))
				tasks[entry->task_count++] =
					(VisibleTask){.name = binding->name,
								  .task = binding->value->object,
								  .by_run = binding->value->sort == SORT_SANDBOX};
			else
				add_global(d, entry, globals, binding->name, binding->value);
		}
	}
	entry->globals = globals;
	if (tasks) {
		entry->tasks = tasks;
		record->env->seen_by = entry;
	}
}

/* ---- imported orchestrators ---- */

typedef struct Use {
	Declaring *d;
	const EntryDecl *entry;
	unsigned depth;
} Use;

static void mark_used(Declaring *d, const EntryDecl *entry);

static void find_used_entries(void *context, Node *node)
{
	Use *use = context;
	if (use->depth > 3000)
		return;
	if (node->kind == NODE_NAME)
		for (uint32_t i = 0; i < use->entry->task_count; i++)
			if (use->entry->tasks[i].name == ((AstName *)node)->id &&
				use->entry->tasks[i].task->entry)
				mark_used(use->d, use->entry->tasks[i].task->entry);
	if (node->kind == NODE_CONSTANT) { /* flyte_map("task", ...) */
		const ConstantValue *value = &((AstConstant *)node)->value;
		for (uint32_t i = 0; value->kind == CONSTANT_STR && i < use->entry->task_count; i++)
			if (use->entry->tasks[i].task->entry &&
				!strcmp(use->entry->tasks[i].name->text, value->text))
				mark_used(use->d, use->entry->tasks[i].task->entry);
	}
	use->depth++;
	node_children(node, find_used_entries, use);
	use->depth--;
}

static bool sees_imported_entry(const EntryDecl *entry)
{
	for (uint32_t i = 0; i < entry->task_count; i++)
		if (entry->tasks[i].task->entry && entry->tasks[i].task->entry->is_imported)
			return true;
	return false;
}

static void follow_uses(Declaring *d, const EntryDecl *entry)
{
	Use use = {.d = d, .entry = entry};
	if (!sees_imported_entry(entry) || !entry->module)
		return;
	find_used_entries(&use, entry->function ? (Node *)(uintptr_t)&entry->function->base
											: &entry->module->tree->base);
}

static void mark_used(Declaring *d, const EntryDecl *entry)
{
	EntryRecord *record = (EntryRecord *)(uintptr_t)entry;
	if (!entry->is_imported || record->is_used)
		return;
	record->is_used = true;
	follow_uses(d, entry);
}

/* ---- the result ---- */

/* 0: an entry of the file; 1: imported and used; 2: only checked; 3: left out */
static int group_of(const EntryRecord *record)
{
	if (record->is_unusable || (record->decl.is_imported && !record->is_used))
		return 3;
	return record->decl.is_imported ? 1 : record->decl.kind == ENTRY_LOCAL ? 2 : 0;
}

static uint32_t add_group(Declaring *d, EntryDecl **out, uint32_t count, int group)
{
	uint32_t first = count;
	for (uint32_t i = 0; i < d->entry_count; i++) {
		EntryDecl *entry = &d->entries[i]->decl;
		if (group_of(d->entries[i]) != group)
			continue;
		uint32_t at = count++;
		for (; group != 1 && at > first && out[at - 1]->node->start > entry->node->start; at--)
			out[at] = out[at - 1];
		out[at] = entry;
	}
	return count;
}

/* A code string of the file itself that has neither a name nor a variable cannot be called from
 * outside. */
static void settle_kinds(Declaring *d)
{
	for (uint32_t i = 0; i < d->entry_count; i++)
		if (d->entries[i]->call && !d->entries[i]->variable)
			d->entries[i]->decl.kind = ENTRY_LOCAL;
}

static void set_visible(Declaring *d, Declarations *result)
{
	result->visible = ARENA_ARRAY(d->arena, VisibleTask, d->file->count + 1);
	for (uint32_t i = 0; i < d->file->count; i++) {
		const Binding *binding = &d->file->bindings[i];
		bool by_run = binding->value && binding->value->sort == SORT_SANDBOX;
		if (binding->value && (by_run || binding->value->sort == SORT_TASK))
			result->visible[result->visible_count++] = (VisibleTask){
				.name = binding->name, .task = binding->value->object, .by_run = by_run};
	}
}

static Declarations *collect(Declaring *d, const Module *module)
{
	Declarations *result = ARENA_NEW(d->arena, Declarations);
	result->module = module;
	result->types = d->types;
	result->atoms = d->atoms;
	result->entries = ARENA_ARRAY(d->arena, EntryDecl *, d->entry_count + 1);
	result->entry_count = add_group(d, result->entries, 0, 0);
	result->all_entry_count = add_group(d, result->entries, result->entry_count, 1);
	result->all_entry_count = add_group(d, result->entries, result->all_entry_count, 2);
	result->tasks = d->tasks;
	result->task_count = d->task_count;
	set_visible(d, result);
	for (uint32_t i = 0; i < d->neighbour_count; i++)
		if (d->neighbours[i]->source) /* tasks may need it, though no declaration does */
			declare_add_source(d, d->neighbours[i]->source);
	result->sources = d->sources;
	result->source_count = d->source_count;
	return result;
}

static Declaring *make_declaring(Arena *arena, AtomTable *atoms, Diag *diag, const Module *module,
								 TypeTable *types)
{
	Declaring *d = ARENA_NEW(arena, Declaring);
	d->arena = arena;
	d->atoms = atoms;
	d->diag = diag;
	d->types = types ? types : types_make(arena);
	const char *path = module->source->path, *slash = strrchr(path, '/');
	d->folder = slash ? arena_copy(arena, path, (size_t)(slash - path) + 1) : "";
	d->file = env_make(d, NULL, LEVEL_MODULE);
	d->file->module = module;
	d->file->source = module->source;
	d->has_code_strings =
		memmem(module->source->text, module->source->length, "orchestrat", 10) != NULL;
	declare_add_source(d, module->source);
	return d;
}

const Declarations *declare_module(Arena *arena, AtomTable *atoms, Diag *diag, const Module *module)
{
	Declaring *d = make_declaring(arena, atoms, diag, module, NULL);
	declare_module_body(d->file);
	declare_deferred(d->file);
	declare_pending_types(d);
	declare_trace_containers(d);
	settle_kinds(d);
	for (uint32_t i = 0; i < d->entry_count; i++)
		set_names(d->entries[i]);
	for (uint32_t i = 0; i < d->entry_count; i++)
		if (!d->entries[i]->decl.is_imported)
			follow_uses(d, &d->entries[i]->decl);
	declare_check_names(d);
	modules_carry(d);
	declare_caches(d);
	return collect(d, module);
}

/* The code is what the entry is: other code under the same id of a run would be another run. */
static const char *code_name(Arena *arena, const Source *code)
{
	enum { DIGITS = 16 };
	sbx_sha256 hash;
	unsigned char digest[32];
	char digits[65];
	sbx_sha256_begin(&hash);
	sbx_sha256_add(&hash, code->text, code->length);
	sbx_sha256_end(&hash, digest);
	sbx_sha256_text(digest, digits);
	return arena_format(arena, "sandboxed-code@%.*s", DIGITS, digits);
}

const Declarations *declare_code(Arena *arena, AtomTable *atoms, Diag *diag, const Module *code,
								 const ParamDecl *inputs, uint32_t input_count,
								 const Declarations *tasks)
{
	Declaring *d = make_declaring(arena, atoms, diag, code, tasks ? tasks->types : NULL);
	EntryDecl *entry = declare_add_entry(d->file, ENTRY_CODE_STRING);
	entry->name = "sandboxed-code";
	entry->full_name = code_name(arena, code->source);
	entry->node = &code->tree->base;
	entry->inputs = ARENA_ARRAY(arena, ParamDecl, input_count + 1);
	entry->input_count = input_count;
	for (uint32_t i = 0; i < input_count; i++)
		entry->inputs[i] = inputs[i];
	entry->tasks_listed = true;
	if (tasks) {
		entry->tasks = tasks->visible;
		entry->task_count = tasks->visible_count;
		d->tasks = tasks->tasks;
		d->task_count = tasks->task_count;
		for (uint32_t i = 0; i < tasks->source_count; i++)
			declare_add_source(d, tasks->sources[i]);
	}
	Declarations *result = collect(d, code);
	if (tasks) { /* orchestrators that the code may call are compiled in */
		EntryDecl **entries = ARENA_ARRAY(arena, EntryDecl *, 1 + tasks->all_entry_count);
		entries[0] = entry;
		for (uint32_t i = 0; i < tasks->all_entry_count; i++)
			if (tasks->entries[i]->kind != ENTRY_LOCAL)
				entries[result->all_entry_count++] = tasks->entries[i];
		result->entries = entries;
	}
	return result;
}
