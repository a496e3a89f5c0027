/*
 * Checks files and prints what the checker says, for tests/reject and tests/accept:
 *
 *     check_file [--decl | --checked | --types | --tasks] FILE...
 *
 *     == FILE
 *     LINE:COLUMN: error: MESSAGE [ID]
 *       help: TEXT      fix: TEXT      note: LINE:COLUMN: TEXT
 *
 * Lines are those of the outermost file (another file's name stands before them), columns count
 * bytes from 1. With --decl or --checked the print of that phase follows; with --types a line
 * "type START END KIND TYPE" for each typed expression, places in bytes of the file, and a line
 * "refused START END ID" for each diagnostic of the file itself. With --tasks sandboxes are checked as tasks of a
 * Flyte backend, too. Another word after "--" is none of these, for the files that follow.
 *
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checked.h"
#include "diag.h"
#include "sandbox.h"

#include <stdio.h>
#include <string.h>

static const char *severity_of(DiagId id)
{
	return diag_id_text(id)[0] == 'W' ? "warning" : "error";
}

static void print_place(const char *path, const Source *source, uint32_t start, uint32_t end)
{
	source_outermost(&source, &start, &end);
	Place place = source_place(source, start);
	if (strcmp(source->path, path))
		printf("%s:", source->path);
	printf("%u:%u", place.line, place.column + 1);
}

static void print_item(const char *path, const DiagItem *item)
{
	print_place(path, item->source, item->start, item->end);
	printf(": %s: %s [%s]\n", severity_of(item->id), item->message, diag_id_text(item->id));
	if (item->help)
		printf("  help: %s\n", item->help);
	for (const DiagEdit *edit = item->edits; edit; edit = edit->next)
		printf("  fix: %s\n", edit->text);
	for (const DiagNote *note = item->notes; note; note = note->next) {
		printf("  note: ");
		print_place(path, note->source, note->start, note->end);
		printf(": %s\n", note->text);
	}
}

typedef struct Types {
	Text *out;
	const Checked *checked;
} Types;

static void print_types(void *context, Node *node)
{
	Types *types = context;
	const Type *type = types->checked->types[node->id];
	if (type) {
		text_format(types->out, "type %u %u %s ", node->start, node->end,
					node_kind_text((NodeKind)node->kind));
		type_print(types->out, type);
		text_char(types->out, '\n');
	}
	node_children(node, print_types, types);
}

static void print_all_types(Text *out, const CheckedFile *file)
{
	for (uint32_t i = 0; i < file->count; i++) {
		Types types = {out, file->entries[i]};
		if (types.checked && types.checked->entry->function)
			print_types(&types, (Node *)(uintptr_t)types.checked->root->node);
	}
}

static void check(const char *path, const char *phase)
{
	Arena *arena = arena_make((size_t)1 << 30);
	if (!arena)
		return;
	Diag *diag = diag_make(arena);
	AtomTable *atoms = atoms_make(arena);
	const Source *source = source_read(arena, diag, path);
	printf("== %s\n", path);
	const Module *module = NULL;
	if (source)
		module = parse_module(arena, atoms, diag, lex_source(arena, atoms, diag, source));
	if (module && module->complete) {
		const Declarations *declarations = declare_module(arena, atoms, diag, module);
		const CheckedFile *checked = check_file(arena, diag, declarations);
		Text text;
		text_init(&text, arena);
		for (uint32_t i = 0; !strcmp(phase, "--tasks") && i < declarations->task_count; i++)
			if (declarations->tasks[i]->sandbox)
				sandbox_task_check(arena, diag, declarations->tasks[i]->sandbox);
		if (!strcmp(phase, "--decl"))
			declare_print(&text, declarations);
		else if (!strcmp(phase, "--checked"))
			checked_print(&text, checked);
		else if (!strcmp(phase, "--types"))
			print_all_types(&text, checked);
		for (unsigned i = 0; i < diag_count(diag); i++) {
			const DiagItem *item = diag_item(diag, i);
			const Source *outer = item->source;
			uint32_t start = item->start, end = item->end;
			print_item(path, item);
			source_outermost(&outer, &start, &end);
			if (!strcmp(phase, "--types"))
				printf("refused %u %u %s\n", start, end, diag_id_text(item->id));
		}
		fwrite(text.bytes, 1, text.length, stdout);
	} else {
		for (unsigned i = 0; i < diag_count(diag); i++)
			print_item(path, diag_item(diag, i));
	}
	arena_free(arena);
}

int main(int argc, char **argv)
{
	const char *phase = "";
	for (int i = 1; i < argc; i++) {
		if (!strncmp(argv[i], "--", 2))
			phase = argv[i];
		else
			check(argv[i], phase);
	}
	return 0;
}
