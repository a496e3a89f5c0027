/*
 * The code of a sandbox: parsed as any Python, and searched for what it assigns, since an output that
 * is never assigned can be told before anything runs. The search is on the safe side: code that may
 * bind names in ways that cannot be seen (`exec`, `globals()`, `from x import *`) assigns everything.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declare_sandbox.h"

#include <string.h>

typedef struct Search {
	const Atom *name;
	bool found;
	bool in_function; /* only `global` statements count */
	bool is_global;   /* the function has one for the name */
	unsigned depth;
} Search;

static void look(void *context, Node *node);

static bool names_all(const char *name)
{
	static const char *const calls[] = {"exec", "globals", "locals", "vars", "setattr"};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if (!strcmp(name, calls[i]))
			return true;
	return false;
}

static void look_imports(Search *search, const NodeList *names)
{
	for (uint32_t i = 0; i < names->count; i++) {
		const AstAlias *alias = (const AstAlias *)names->items[i];
		const char *text = alias->asname ? alias->asname->text : alias->name->text;
		size_t length = alias->asname ? alias->asname->length : strcspn(text, ".");
		if (!strcmp(text, "*") || (length == search->name->length && !search->in_function &&
								   !memcmp(text, search->name->text, length)))
			search->found = true;
	}
}

/* A body in which names are local unless a `global` statement says otherwise. */
static void look_function(Search *search, Node *node)
{
	bool in_function = search->in_function, is_global = search->is_global;
	search->in_function = true;
	search->is_global = false;
	node_children(node, look, search);
	search->in_function = in_function;
	search->is_global = is_global;
}

static void look_atom(Search *search, const Atom *name)
{
	if (name == search->name && !search->in_function)
		search->found = true;
}

static void look(void *context, Node *node)
{
	Search *search = context;
	if (search->found || search->depth > 400)
		return;
	search->depth++;
	switch (node->kind) {
	case NODE_NAME: {
		const AstName *name = (const AstName *)node;
		if (name->ctx == CONTEXT_STORE)
			look_atom(search, name->id);
		else if (names_all(name->id->text))
			search->found = true;
		break;
	}
	case NODE_GLOBAL:
		for (uint32_t i = 0; i < ((AstGlobal *)node)->names.count; i++)
			if (((AstGlobal *)node)->names.items[i] == search->name)
				search->found = true;
		break;
	case NODE_IMPORT:
		look_imports(search, &((AstImport *)node)->names);
		break;
	case NODE_IMPORT_FROM:
		look_imports(search, &((AstImportFrom *)node)->names);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		look_atom(search, ((AstFunctionDef *)node)->name);
		look_function(search, node);
		break;
	case NODE_CLASS_DEF:
		look_atom(search, ((AstClassDef *)node)->name);
		look_function(search, node);
		break;
	case NODE_LAMBDA:
		look_function(search, node);
		break;
	case NODE_COMPREHENSION: { /* its target is its own; `:=` in it is not */
		const AstComprehension *part = (const AstComprehension *)node;
		look(search, part->iter);
		for (uint32_t i = 0; i < part->ifs.count; i++)
			look(search, part->ifs.items[i]);
		break;
	}
	case NODE_EXCEPT_HANDLER:
		if (((AstExceptHandler *)node)->name)
			look_atom(search, ((AstExceptHandler *)node)->name);
		node_children(node, look, search);
		break;
	case NODE_MATCH_AS:
		if (((AstMatchAs *)node)->name)
			look_atom(search, ((AstMatchAs *)node)->name);
		node_children(node, look, search);
		break;
	case NODE_MATCH_STAR:
		if (((AstMatchStar *)node)->name)
			look_atom(search, ((AstMatchStar *)node)->name);
		break;
	case NODE_MATCH_MAPPING:
		if (((AstMatchMapping *)node)->rest)
			look_atom(search, ((AstMatchMapping *)node)->rest);
		node_children(node, look, search);
		break;
	default:
		node_children(node, look, search);
		break;
	}
	search->depth--;
}

static bool is_input(const SandboxDecl *sandbox, const Atom *name)
{
	for (uint32_t i = 0; i < sandbox->task->param_count; i++)
		if (sandbox->task->params[i].name == name)
			return true;
	return false;
}

static void check_outputs(SandboxReading *r)
{
	const SandboxDecl *sandbox = r->sandbox;
	const Node *node = arguments_node(r->arguments, UINT32_MAX, "outputs");
	const AstDict *written = node->kind == NODE_DICT ? (const AstDict *)node : NULL;
	bool same = written && written->keys.count == sandbox->output_count;
	for (uint32_t i = 0; i < sandbox->output_count; i++) {
		const SandboxOutput *output = &sandbox->outputs[i];
		const Atom *name = atom_get(r->d->atoms, output->name, strlen(output->name));
		Search search = {.name = name};
		if (output->type->kind == TYPE_FILE || output->type->kind == TYPE_DIR ||
			!strcmp(output->name, "exit_code") || is_input(sandbox, name))
			continue;
		look(&search, (Node *)(uintptr_t)&sandbox->code->tree->base);
		const Node *place = same && written->keys.items[i] ? written->keys.items[i] : node;
		if (!search.found)
			diag_add(r->d->diag, D_SANDBOX_UNASSIGNED, r->env->source, place->start, place->end,
					 output->name, output->name);
	}
}

void sandbox_read_code(SandboxReading *r)
{
	unsigned errors = diag_error_count(r->d->diag);
	const Module *code = declare_parse_code(r->env, r->code_text, &r->arguments->call->base);
	r->sandbox->code = code;
	if (!code || !code->complete || diag_error_count(r->d->diag) != errors)
		return;
	if (r->sandbox->mode == SANDBOX_AUTO)
		check_outputs(r);
}
