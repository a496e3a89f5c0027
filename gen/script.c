/*
 * The Python script of a sandbox. In auto-IO: a library (templates/script_library.py), one line an
 * input that declares it and one that makes it a variable, the user's code as it was written, one line
 * an output. Verbatim: the code alone. Names stand in typed holes (templates/script.tmpl), so no name of
 * a user can become code.
 *
 * The script must know on which of its own lines the code stands, to show the user's line numbers in
 * tracebacks; so the text before the code is made twice, the second time with the numbers of the first.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "sandbox.h"
#include "sbx.h"
#include "script_text.h"
#include "templates.h"

/* ---- where the code stands in the user's file ---- */

const char *script_place(const SandboxDecl *sandbox, uint32_t *line)
{
	const Source *code = sandbox->code->source, *file = sandbox->task->source;
	const char *path = file->path, *slash = strrchr(path, '/');
	*line = 1;
	if (*path == '/')
		path = slash + 1;
	for (uint32_t i = 0; code->outer_lines && i < code->line_count; i++) {
		size_t length;
		uint32_t at = source_place(code->outer, code->outer_lines[i]).line;
		(void)source_line(code, i + 1, &length);
		if (i == 0)
			*line = at;
		else if (at != *line + i && length)
			return NULL; /* made of several literals */
	}
	return code->outer_lines ? path : NULL;
}

/* ---- `from __future__`, which must stand first ---- */

static bool is_future(const Node *node)
{
	const AstImportFrom *import = (const AstImportFrom *)node;
	return node->kind == NODE_IMPORT_FROM && import->module &&
		   !strcmp(import->module->text, "__future__");
}

static void put_futures(Text *out, const Module *code, Arena *arena)
{
	const NodeList *body = &code->tree->body;
	Text names;
	text_init(&names, arena);
	for (uint32_t i = 0; i < body->count; i++) {
		const NodeList *aliases = &((const AstImportFrom *)body->items[i])->names;
		for (uint32_t k = 0; is_future(body->items[i]) && k < aliases->count; k++) {
			const AstAlias *alias = (const AstAlias *)aliases->items[k];
			text_put(&names, names.length ? ", " : "");
			hole_ident(&names, alias->name->text);
		}
	}
	if (names.length)
		template_script_future(out, &(TemplateScriptFuture){.names = &names});
}

/* The code; a future import in it has moved to the top, and leaves `pass` and its lines. */
static void put_code(Text *out, const Module *code)
{
	const NodeList *body = &code->tree->body;
	const char *text = code->source->text;
	uint32_t done = 0;
	for (uint32_t i = 0; i < body->count; i++) {
		const Node *node = body->items[i];
		if (!is_future(node))
			continue;
		text_add(out, text + done, node->start - done);
		text_put(out, "pass");
		for (uint32_t at = node->start + 4; at < node->end; at++)
			if (text[at] == '\n')
				text_char(out, '\n');
		done = node->end;
	}
	text_add(out, text + done, code->source->length - done);
	text_char(out, '\n');
}

/* ---- the parts ---- */

static TemplateBytes type_bytes(const Type *type, Arena *arena)
{
	Text text;
	text_init(&text, arena);
	type_print(&text, type);
	return template_bytes(text.bytes);
}

typedef struct CodePlace {
	const char *file;
	uint32_t file_line, script_line, count;
} CodePlace;

static void put_head(Text *out, const SandboxDecl *sandbox, const CodePlace *place, Arena *arena)
{
	const TaskDecl *task = sandbox->task;
	TemplateBytes name = template_bytes(task->full_name);
	template_script_head(out, &(TemplateScriptHead){.name = name,
													.source = template_bytes(place->file),
													.version = template_bytes(sbx_version())});
	put_futures(out, sandbox->code, arena);
	text_char(out, '\n');
	text_add(out, (const char *)script_library, script_library_length);
	template_script_open(
		out, &(TemplateScriptOpen){.name = name,
								   .source = template_bytes(place->file),
								   .first = place->script_line,
								   .count = place->count,
								   .shift = (long long)place->file_line - place->script_line});
	for (uint32_t i = 0; i < task->param_count; i++)
		template_script_argument(
			out, &(TemplateScriptArgument){.name = template_bytes(task->params[i].name->text),
										   .type = type_bytes(task->params[i].type, arena)});
	template_script_parse(out);
	for (uint32_t i = 0; i < task->param_count; i++)
		template_script_value(
			out, &(TemplateScriptValue){.variable = task->params[i].name->text,
										.name = template_bytes(task->params[i].name->text),
										.type = type_bytes(task->params[i].type, arena)});
	const char *lines = arena_format(arena, "%s, line %u", place->file, place->file_line);
	template_script_code(out, &(TemplateScriptCode){.lines = template_bytes(lines)});
}

static void put_outputs(Text *out, const SandboxDecl *sandbox, Arena *arena)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < sandbox->output_count; i++) {
		const SandboxOutput *output = &sandbox->outputs[i];
		if (output->type->kind == TYPE_FILE || output->type->kind == TYPE_DIR ||
			!strcmp(output->name, "exit_code"))
			continue;
		if (!count++)
			template_script_end(out);
		template_script_output(out,
							   &(TemplateScriptOutput){.name = template_bytes(output->name),
													   .type = type_bytes(output->type, arena)});
	}
}

void script_emit(Text *out, const SandboxDecl *sandbox)
{
	Arena *arena = out->arena;
	CodePlace place = {.count = sandbox->code->source->line_count};
	if (sandbox->mode != SANDBOX_AUTO) {
		text_add(out, sandbox->code->source->text, sandbox->code->source->length);
		text_char(out, '\n');
		return;
	}
	place.file = script_place(sandbox, &place.file_line);
	if (!place.file) {
		place.file = arena_format(arena, "<code of %s>", sandbox->task->full_name);
		place.file_line = 1;
	}
	Text trial;
	text_init(&trial, arena);
	put_head(&trial, sandbox, &place, arena);
	place.script_line = trial.line;
	put_head(out, sandbox, &place, arena);
	put_code(out, sandbox->code);
	put_outputs(out, sandbox, arena);
}
