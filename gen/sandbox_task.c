/*
 * What a sandbox may do and no container task can: the limits of a Flyte backend and of its helper that carries values into a
 * container and out of it (docs/container-tasks.md). Told by `sbxc tasks` only, since a sandbox need not become a task.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "sandbox.h"

enum { MOST_NAME = 63 };

typedef struct Called {
	const Source *source;
	uint32_t start, end;
} Called;

/* The function of the call that declares it. */
static Called place_of(const SandboxDecl *sandbox)
{
	const Node *node = sandbox->task->node;
	if (node->kind == NODE_CALL)
		node = ((const AstCall *)node)->func;
	return (Called){sandbox->task->source, node->start, node->end};
}

static void check_name(Diag *diag, Called at, const char *name, const char *what)
{
	int length = (int)strlen(name);
	if (length > MOST_NAME)
		diag_add(diag, D_CONTAINER_NAME, at.source, at.start, at.end, name, what, length);
}

static const char *type_text(Arena *arena, const Type *type)
{
	Text text;
	text_init(&text, arena);
	type_print(&text, type);
	return text.bytes;
}

static bool is_container(const Type *type)
{
	return type->kind == TYPE_LIST || type->kind == TYPE_DICT;
}

static void check_inputs(Arena *arena, Diag *diag, Called at, const SandboxDecl *sandbox)
{
	for (uint32_t i = 0; i < sandbox->task->param_count; i++) {
		const ParamDecl *input = &sandbox->task->params[i];
		check_name(diag, at, input->name->text, "an input");
		if (is_container(input->type) && sandbox->mode != SANDBOX_AUTO)
			diag_add(diag, D_CONTAINER_INPUT, at.source, at.start, at.end, input->name->text,
					 type_text(arena, input->type));
	}
}

static void check_outputs(Arena *arena, Diag *diag, Called at, const SandboxDecl *sandbox)
{
	for (uint32_t i = 0; i < sandbox->output_count; i++) {
		const SandboxOutput *output = &sandbox->outputs[i];
		check_name(diag, at, output->name, "an output");
		if (is_container(output->type))
			diag_add(diag, D_CONTAINER_OUTPUT, at.source, at.start, at.end, output->name,
					 type_text(arena, output->type));
		else if (output->type->kind == TYPE_STR && strcmp(output->name, "exit_code") != 0)
			diag_add(diag, D_CONTAINER_TEXT, at.source, at.start, at.end, output->name);
	}
}

void sandbox_task_check(Arena *arena, Diag *diag, const SandboxDecl *sandbox)
{
	Called at = place_of(sandbox);
	Text script;
	check_name(diag, at, sandbox->task->full_name, "a container task");
	check_inputs(arena, diag, at, sandbox);
	check_outputs(arena, diag, at, sandbox);
	for (uint32_t i = 0; i < sandbox->command.count; i++)
		if (strstr(sandbox->command.items[i].text, "{{"))
			diag_add(diag, D_CONTAINER_TEMPLATE, at.source, at.start, at.end,
					 sandbox->command.items[i].text);
	if (!sandbox->code)
		return;
	text_init(&script, arena);
	script_emit(&script, sandbox);
	if (script.length > CONTAINER_SCRIPT_KIB * 1024)
		diag_add(diag, D_CONTAINER_SCRIPT, at.source, at.start, at.end, sandbox->task->full_name,
				 CONTAINER_SCRIPT_KIB);
}
