/*
 * Names that mean nothing in an orchestrator. The error says what the name is elsewhere: a builtin
 * that the language leaves out, a task that is not listed, a module, a plain function, a variable
 * of the file; or else which name may have been meant.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

#include <string.h>

#include "sbx.h"

typedef struct Names {
	Checker *c;
	Scope *scope;
	bool in_run; /* the name stands before .run(...) */
} Names;

const GlobalName *find_global(const EntryDecl *entry, const Atom *name)
{
	for (uint32_t i = 0; i < entry->global_count; i++)
		if (entry->globals[i].name == name)
			return &entry->globals[i];
	return NULL;
}

static bool is_faulty(const Checker *c, const Node *node)
{
	if (node->kind == NODE_NAME) {
		const NameInfo *info = &c->checked->names[node->id];
		return info->use == NAME_NONE || (info->variable && info->variable->is_faulty);
	}
	return node->kind == NODE_ATTRIBUTE && c->faulty[node->id];
}

bool is_unknown_root(const Checker *c, const Node *node)
{
	for (;;) {
		if (node->kind == NODE_ATTRIBUTE)
			node = ((const AstAttribute *)node)->value;
		else if (node->kind == NODE_CALL)
			node = ((const AstCall *)node)->func;
		else if (node->kind == NODE_SUBSCRIPT)
			node = ((const AstSubscript *)node)->value;
		else if (node->kind == NODE_AWAIT)
			node = ((const AstAwait *)node)->value;
		else
			return is_faulty(c, node);
		if (is_faulty(c, node))
			return true;
	}
}

/* ---- tasks ---- */

const TaskDecl *find_task(const EntryDecl *entry, const char *name, size_t length)
{
	for (uint32_t i = 0; i < entry->task_count; i++)
		if (entry->tasks[i].name->length == length &&
			!memcmp(entry->tasks[i].name->text, name, length))
			return entry->tasks[i].task;
	for (uint32_t i = 0; i < entry->task_count; i++) { /* "env-name.add" */
		const char *full_name = entry->tasks[i].task->full_name;
		if (full_name && strlen(full_name) == length && !memcmp(full_name, name, length))
			return entry->tasks[i].task;
	}
	return NULL;
}

void report_task(Checker *c, const TaskDecl *task, int param, const Node *use)
{
	for (const DeclProblem *problem = task->problems; problem; problem = problem->next) {
		if (problem->param != param)
			continue;
		DiagItem *item = diag_add(c->diag, problem->id, problem->source, problem->start,
								  problem->end, problem->a, problem->b);
		diag_note(c->diag, item, c->source, use->start, use->end, "'%s' is used here",
				  task->name->text);
	}
}

const char *signature_text(Checker *c, const TaskDecl *task)
{
	Text out;
	text_init(&out, c->arena);
	text_format(&out, "%s(", task->name->text);
	for (uint32_t i = 0; i < task->param_count; i++) {
		const ParamDecl *param = &task->params[i];
		const char *stars = param->kind == PARAM_ARGS     ? "*"
							: param->kind == PARAM_KWARGS ? "**"
														  : "";
		bool first_keyword =
			param->kind == PARAM_KEYWORD_ONLY && (!i || task->params[i - 1].kind < PARAM_ARGS);
		text_format(&out, "%s%s%s%s", i ? ", " : "", first_keyword ? "*, " : "", stars,
					param->name->text);
		if (param->type) {
			text_put(&out, ": ");
			type_print(&out, param->type);
		}
		if (param->default_value)
			text_put(&out, param->type ? " = ..." : "=...");
	}
	text_char(&out, ')');
	return out.bytes;
}

/* ---- what was meant ---- */

static const char *nearest_name(Names *n, const char *wanted)
{
	Nearest nearest = {.wanted = wanted};
	const EntryDecl *entry = n->c->entry;
	const char *name;
	for (const Scope *scope = n->scope; scope; scope = scope->parent)
		for (uint32_t i = 0; i < scope->variable_count; i++)
			nearest_try(&nearest, scope->variables[i]->name->text);
	for (uint32_t i = 0; i < entry->task_count; i++)
		nearest_try(&nearest, entry->tasks[i].name->text);
	for (size_t i = 0; (name = sbx_builtin_name(i)); i++)
		nearest_try(&nearest, name);
	nearest_try(&nearest, "flyte_map");
	return nearest.best;
}

/* "tasks=[add, plus]": as it is written now, and one more. */
static const char *listed_names(Checker *c, const char *more)
{
	Text out;
	text_init(&out, c->arena);
	text_put(&out, "tasks=[");
	for (uint32_t i = 0; i < c->entry->task_count && i < 8; i++) {
		const VisibleTask *task = &c->entry->tasks[i];
		text_format(&out, "%s, ", task->written ? task->written : task->name->text);
	}
	text_format(&out, "%s]", more);
	return out.bytes;
}

static void note_place(Checker *c, DiagItem *item, const GlobalName *global)
{
	if (global->node && global->source)
		diag_note(c->diag, item, global->source, global->node->start,
				  global->node->end < global->node->start + 200 ? global->node->end
																: global->node->start,
				  "'%s' comes from here", global->name->text);
}

/* A task of the module that is not listed under this name. In a code string a task has its own name, whatever name it was
   imported under. */
static void report_unlisted(Checker *c, const AstName *node, const GlobalName *global)
{
	const char *name = node->id->text, *own = global->task ? global->task->name->text : name;
	bool listed = false;
	for (uint32_t i = 0; i < c->entry->task_count; i++)
		listed |= c->entry->tasks[i].task == global->task;
	DiagItem *item = diag_add(c->diag, D_TASK_UNLISTED, c->source, node->base.start, node->base.end,
							  name, listed_names(c, name));
	if (listed) {
		diag_help(c->diag, item, "call it by its own name: %s(...)", own);
		diag_replace(c->diag, item, FIX_CERTAIN, own);
	} else if (strcmp(name, own)) {
		diag_help(c->diag, item, "add it to tasks=[...], and call it by its own name: %s, %s(...)",
				  listed_names(c, name), own);
	}
	note_place(c, item, global);
}

static const char *module_help(Checker *c, const GlobalName *global)
{
	static const struct {
		const char *name, *help;
	} table[] = {
		{"asyncio", "calls happen where they are written; flyte_map(\"task\", xs) runs a task over "
					"a list in parallel"},
		{"flyte",
		 "call tasks by their names; flyte_map(\"task\", xs) runs a task over a list in parallel"},
		{"time", "time and dates are read inside a task"},
		{"datetime", "take dates as inputs, or make them inside a task"},
		{"random", "random numbers are made inside a task"},
		{"json", "read and write JSON inside a task"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(global->name->text, table[i].name))
			return table[i].help;
	if (global->kind == GLOBAL_MODULE)
		return arena_format(c->arena, "import the task by its name: from %s import ...",
							global->name->text);
	return "use the module inside a task and call the task";
}

static bool is_module_symbol(const GlobalName *global)
{
	const AstAlias *alias = (const AstAlias *)global->node;
	if (!global->node || global->node->kind != NODE_ALIAS)
		return false;
	/* `import x`, `import x.y as z`: the symbol is what was written; `from x import y` makes it
	 * longer */
	return !strncmp(alias->name->text, global->text, strlen(global->text));
}

/* A name that the module has but that is no task. */
static void report_global(Names *n, const AstName *node, const GlobalName *global)
{
	Checker *c = n->c;
	uint32_t start = node->base.start, end = node->base.end;
	const char *name = node->id->text, *text = global->text ? global->text : "";
	DiagItem *item = NULL;
	switch (global->kind) {
	case GLOBAL_TASK:
		report_unlisted(c, node, global);
		return;
	case GLOBAL_VALUE:
		item = diag_add(c->diag, D_NAME_VALUE, c->source, start, end, name);
		break;
	case GLOBAL_FUNCTION:
		item = diag_add(c->diag, D_NAME_FUNCTION, c->source, start, end, name);
		break;
	case GLOBAL_CLASS:
		item = diag_add(c->diag, D_NAME_CLASS, c->source, start, end, name);
		break;
	case GLOBAL_MODULE:
		diag_add(c->diag, D_NAME_MODULE, c->source, start, end, name, module_help(c, global));
		return;
	case GLOBAL_IMPORT:
		if (!strncmp(text, "flyte.durable", 13))
			diag_add(c->diag, D_REFUSE_DURABLE, c->source, start, end, text);
		else if (is_module_symbol(global))
			diag_add(c->diag, D_NAME_MODULE, c->source, start, end, name, module_help(c, global));
		else
			item = diag_add(c->diag, D_NAME_IMPORT, c->source, start, end, name, text);
		break;
	case GLOBAL_MISSING:
		item = diag_add(c->diag, D_NAME_MISSING, c->source, start, end, name, text);
		break;
	case GLOBAL_TEMPLATE:
		item = diag_add(c->diag, D_NAME_TEMPLATE, c->source, start, end, name);
		break;
	case GLOBAL_UNKNOWN:
		item = diag_add(c->diag, D_NAME_NOT_CONSTANT, c->source, start, end, name, text);
		break;
	}
	if (item)
		note_place(c, item, global);
}

static bool is_dunder(const Atom *name)
{
	return name->length > 4 && !strncmp(name->text, "__", 2) &&
		   !strcmp(name->text + name->length - 2, "__");
}

static void report_name(Names *n, const AstName *node)
{
	Checker *c = n->c;
	const char *name = node->id->text, *help = builtin_help(name);
	const GlobalName *global = find_global(c->entry, node->id);
	if (global) {
		report_global(n, node, global);
	} else if (help) {
		diag_add(c->diag, D_REFUSE_BUILTIN, c->source, node->base.start, node->base.end, name,
				 help);
	} else if (is_dunder(node->id)) {
		diag_add(c->diag, D_REFUSE_DUNDER_NAME, c->source, node->base.start, node->base.end, name);
	} else if (c->entry->tasks_broken) {
		return; /* tasks= has its error */
	} else if (diag_first(c->diag, c->entry, (uint64_t)(uintptr_t)node->id)) {
		/* after so many errors nobody reads a guess, and each takes a millisecond */
		const char *nearest = diag_error_count(c->diag) < 200 ? nearest_name(n, name) : NULL;
		DiagItem *item = diag_add(
			c->diag, D_NAME_UNKNOWN, c->source, node->base.start, node->base.end, name,
			nearest ? arena_format(c->arena, "did you mean '%s'?", nearest)
					: "names come from inputs, assignments, local functions, tasks and builtins");
		diag_replace(c->diag, item, FIX_MAYBE, nearest);
	}
}

/* `flyte.durable.sleep(...)`: the whole chain has one error. */
static bool report_durable(Names *n, const AstAttribute *node)
{
	Checker *c = n->c;
	const Node *root = node->value;
	while (root->kind == NODE_ATTRIBUTE)
		root = ((const AstAttribute *)root)->value;
	if (root->kind != NODE_NAME || c->checked->names[root->id].use != NAME_NONE)
		return false;
	const GlobalName *global = find_global(c->entry, ((const AstName *)root)->id);
	if (!global || global->kind != GLOBAL_IMPORT)
		return false;
	const char *text = arena_format(c->arena, "%s%.*s", global->text,
									(int)(node->base.end - root->end), c->source->text + root->end);
	if (strncmp(text, "flyte.durable", 13))
		return false;
	diag_add(c->diag, D_REFUSE_DURABLE, c->source, node->base.start, node->base.end, text);
	return true;
}

static void visit(void *context, Node *node)
{
	Names *n = context;
	Checker *c = n->c;
	Scope *outer = n->scope;
	switch (node->kind) {
	case NODE_NAME: {
		const NameInfo *info = &c->checked->names[node->id];
		if (info->use == NAME_NONE && ((AstName *)node)->ctx == CONTEXT_LOAD)
			report_name(n, (const AstName *)node);
		else if (info->use == NAME_TASK && info->by_run && !n->in_run)
			diag_add(c->diag, D_NAME_SANDBOX, c->source, node->start, node->end,
					 ((AstName *)node)->id->text, ((AstName *)node)->id->text);
		else if (info->use == NAME_TASK)
			report_task(c, info->task, -1, node);
		return;
	}
	case NODE_CALL: {
		Node *target = (Node *)(uintptr_t)call_target(c->checked, (const AstCall *)node);
		const AstCall *call = (const AstCall *)node;
		n->in_run = target != call->func;
		visit(n, target);
		n->in_run = false;
		for (uint32_t i = 0; i < call->args.count; i++)
			visit(n, call->args.items[i]);
		for (uint32_t i = 0; i < call->keywords.count; i++)
			visit(n, call->keywords.items[i]);
		return;
	}
	case NODE_ATTRIBUTE:
		if (report_durable(n, (const AstAttribute *)node))
			return;
		break;
	case NODE_CLASS_DEF:
	case NODE_TYPE_ALIAS:
	case NODE_IMPORT:
	case NODE_IMPORT_FROM:
		return;
	case NODE_ARG: /* annotations mean nothing here */
		return;
	case NODE_ANN_ASSIGN:
		if (((AstAnnAssign *)node)->value)
			visit(n, ((AstAnnAssign *)node)->value);
		return;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF: {
		AstFunctionDef *def = (AstFunctionDef *)node;
		node_children(def->args, visit, n);
		n->scope = c->checked->node_scopes[node->id];
		for (uint32_t i = 0; i < def->body.count; i++)
			visit(n, def->body.items[i]);
		n->scope = outer;
		return;
	}
	case NODE_EXCEPT_HANDLER:
		for (uint32_t i = 0; i < ((AstExceptHandler *)node)->body.count; i++)
			visit(n, ((AstExceptHandler *)node)->body.items[i]);
		return;
	case NODE_MATCH_CASE:
		for (uint32_t i = 0; i < ((AstMatchCase *)node)->body.count; i++)
			visit(n, ((AstMatchCase *)node)->body.items[i]);
		return;
	default:
		break;
	}
	if (c->checked->node_scopes[node->id])
		n->scope = c->checked->node_scopes[node->id];
	node_children(node, visit, n);
	n->scope = outer;
}

void check_names(Checker *c)
{
	Names n = {.c = c, .scope = c->checked->root};
	NodeList body = scope_body(c->checked->root);
	for (uint32_t i = 0; i < body.count; i++)
		visit(&n, body.items[i]);
}
