/*
 * A sandbox is an entry too: run from outside, it gives one object, output name to value. The entry is a
 * small program of the language, written here and compiled as any other; it calls the sandbox like a task:
 *
 *     result = sandbox(values=values, dt=dt); {"mean": result[0], "window_end": result[1]}
 *
 * It is one line, which tracebacks show as the line of the declaration. Names of inputs need not be identifiers
 * (`tests.py`); such a one is parsed under a name of our own and then gets its real one. So does the sandbox itself,
 * whose name nobody can write.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare_sandbox.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRY_MEMORY = 1 << 30 }; /* outputs may be large */

static void put_call(Text *out, const TaskDecl *task)
{
	text_put(out, "sandbox(");
	for (uint32_t i = 0; i < task->param_count; i++) {
		const char *name = task->params[i].name->text;
		bool plain = sandbox_is_variable(name) && strcmp(name, "sandbox") && strcmp(name, "result");
		text_put(out, i ? ", " : "");
		if (plain)
			text_format(out, "%s=%s", name, name);
		else
			text_format(out, "sbx_%u=sbx_%u", i, i);
	}
	text_char(out, ')');
}

static void put_program(Text *out, const SandboxDecl *sandbox)
{
	bool one = sandbox->output_count == 1;
	if (!one) {
		text_put(out, "result = ");
		put_call(out, sandbox->task);
		text_put(out, "; ");
	}
	text_char(out, '{');
	for (uint32_t i = 0; i < sandbox->output_count; i++) {
		text_put(out, i ? ", " : "");
		/* a legal name has nothing that JSON and Python write differently */
		text_json(out, sandbox->outputs[i].name, strlen(sandbox->outputs[i].name));
		text_put(out, ": ");
		if (one)
			put_call(out, sandbox->task);
		else
			text_format(out, "result[%u]", i);
	}
	text_char(out, '}');
}

/* ---- the names ---- */

typedef struct Naming {
	AtomTable *atoms;
	const TaskDecl *task;
} Naming;

static const Atom *real_name(const Naming *naming, const Atom *name)
{
	char *end;
	if (!strcmp(name->text, "sandbox"))
		return atom_get(naming->atoms, "<sandbox>", 9);
	if (strncmp(name->text, "sbx_", 4))
		return name;
	unsigned long index = strtoul(name->text + 4, &end, 10);
	if (*end || end == name->text + 4 || index >= naming->task->param_count)
		return name;
	return naming->task->params[index].name;
}

static void set_names(void *context, Node *node)
{
	if (node->kind == NODE_NAME)
		((AstName *)node)->id = real_name(context, ((AstName *)node)->id);
	else if (node->kind == NODE_KEYWORD)
		((AstKeyword *)node)->arg = real_name(context, ((AstKeyword *)node)->arg);
	node_children(node, set_names, context);
}

static const Module *parse_program(SandboxReading *r)
{
	Declaring *d = r->d;
	const Node *call = &r->arguments->call->base;
	Text text;
	text_init(&text, d->arena);
	put_program(&text, r->sandbox);
	const Source *plain =
		source_from_bytes(d->arena, d->diag, r->env->source->path, text.bytes, text.length);
	if (!plain)
		return NULL;
	Source *source = ARENA_NEW(d->arena, Source);
	*source = *plain;
	source->outer = r->env->source;
	source->outer_start = call->start;
	source->outer_end = call->end;
	uint32_t *lines = ARENA_ARRAY(d->arena, uint32_t, source->line_count);
	for (uint32_t i = 0; i < source->line_count; i++)
		lines[i] = call->start;
	source->outer_lines = lines;
	const Module *module =
		parse_module(d->arena, d->atoms, d->diag, lex_source(d->arena, d->atoms, d->diag, source));
	if (!module || !module->complete)
		return NULL;
	Naming naming = {d->atoms, r->sandbox->task};
	set_names(&naming, (Node *)(uintptr_t)&module->tree->base);
	return module;
}

/* ---- the entry ---- */

static const Type *entry_type(SandboxReading *r)
{
	TypeTable *types = r->d->types;
	const Type *items[2] = {type_simple(types, TYPE_STR), type_simple(types, TYPE_NEVER)};
	for (uint32_t i = 0; i < r->sandbox->output_count; i++)
		items[1] = type_join(types, items[1], r->sandbox->outputs[i].type);
	if (!r->sandbox->output_count)
		items[1] = type_simple(types, TYPE_ANY);
	return type_make(types, TYPE_DICT, items, 2);
}

void sandbox_make_entry(SandboxReading *r, bool has_name)
{
	Declaring *d = r->d;
	TaskDecl *task = r->sandbox->task;
	const Module *module = parse_program(r);
	if (!module)
		return;
	EntryDecl *entry = declare_add_entry(r->env, ENTRY_CODE_STRING);
	EntryRecord *record = (EntryRecord *)entry;
	declare_add_source(d, module->source);
	record->call = has_name ? NULL : task->node;
	entry->name = entry->full_name = task->full_name;
	entry->node = task->node;
	entry->module = module;
	entry->inputs = ARENA_ARRAY(d->arena, ParamDecl, task->param_count + 1);
	entry->input_count = task->param_count;
	for (uint32_t i = 0; i < task->param_count; i++) {
		entry->inputs[i] = task->params[i];
		entry->inputs[i].kind = PARAM_NORMAL;
	}
	entry->result = entry_type(r);
	entry->max_memory = ENTRY_MEMORY;
	entry->tasks_listed = true;
	entry->tasks = ARENA_ARRAY(d->arena, VisibleTask, 1);
	entry->tasks[entry->task_count++] =
		(VisibleTask){.name = atom_get(d->atoms, "<sandbox>", 9), .task = task};
	r->sandbox->entry = entry;
}

void declare_name_sandbox(ModuleEnv *env, const Node *made_by, const Constant *value,
						  const Atom *name)
{
	TaskDecl *task = value->object;
	EntryRecord *record = (EntryRecord *)task->sandbox->entry;
	(void)env;
	if (!record || !record->call || record->variable || value->node != made_by)
		return;
	record->variable = name;
	record->decl.name = record->decl.full_name = name->text;
	task->name = name;
	task->full_name = task->function = name->text;
}
