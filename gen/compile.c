/*
 * The compiler from end to end: the phases, in order, on one page (sbxc_text, sbxc_emit), and the
 * questions that commands ask a finished compilation. SPDX-License-Identifier: Apache-2.0
 */
#include "sbxc.h"

#include <stdlib.h>
#include <string.h>

#include "checked.h"
#include "constant.h"
#include "machine.h"
#include "register_class.h"
#include "sandbox.h"
#include "tokens.h"

#define DEFAULT_MAX_BYTES ((size_t)4 << 30)

struct Compilation {
	Arena *arena;
	AtomTable *atoms;
	Diag *diag;
	const Source *source;
	const Tokens *tokens;
	const Module *module;
	const Declarations *declarations;
	const CheckedFile *checked;
	Machine *machine;
	const char *module_name;
	Text c_text, header_text;
	SbxcEntry *entries;
};

Compilation *sbxc_open(size_t max_bytes)
{
	Arena *arena = arena_make(max_bytes ? max_bytes : DEFAULT_MAX_BYTES);
	if (!arena)
		return NULL;
	Compilation *compilation = ARENA_NEW(arena, Compilation);
	compilation->arena = arena;
	compilation->atoms = atoms_make(arena);
	compilation->diag = diag_make(arena);
	return compilation;
}

void sbxc_free(Compilation *compilation)
{
	if (compilation)
		arena_free(compilation->arena);
}

/* No phase goes on with what an exhausted arena has given it. */
static bool stands(Compilation *compilation)
{
	if (arena_is_failed(compilation->arena)) {
		diag_add(compilation->diag, D_OUT_OF_MEMORY, compilation->source, 0, 0);
		return false;
	}
	return diag_error_count(compilation->diag) == 0;
}

/* "dir/my-pipeline.py" is the module "my-pipeline"; "-" and "<string>" are "main". */
static const char *module_name_of(Compilation *compilation, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t length = strlen(base);
	if (length > 3 && strcmp(base + length - 3, ".py") == 0)
		length -= 3;
	if (length == 0 || base[0] == '-' || base[0] == '<')
		return "main";
	return arena_copy(compilation->arena, base, length);
}

static bool parse_source(Compilation *compilation, const Source *source)
{
	compilation->source = source;
	if (!source)
		return false;
	compilation->module_name = module_name_of(compilation, source->path);
	compilation->tokens =
		lex_source(compilation->arena, compilation->atoms, compilation->diag, source);
	if (arena_is_failed(compilation->arena))
		return stands(compilation);
	compilation->module = parse_module(compilation->arena, compilation->atoms, compilation->diag,
									   compilation->tokens);
	return stands(compilation);
}

static bool check_declarations(Compilation *compilation)
{
	if (arena_is_failed(compilation->arena))
		return stands(compilation);
	compilation->checked =
		check_file(compilation->arena, compilation->diag, compilation->declarations);
	return stands(compilation);
}

static bool compile_source(Compilation *compilation, const Source *source)
{
	if (!parse_source(compilation, source))
		return false;
	compilation->declarations = declare_module(compilation->arena, compilation->atoms,
											   compilation->diag, compilation->module);
	return check_declarations(compilation);
}

bool sbxc_file(Compilation *compilation, const char *path)
{
	return compile_source(compilation, source_read(compilation->arena, compilation->diag, path));
}

bool sbxc_text(Compilation *compilation, const char *path, const char *text, size_t length)
{
	return compile_source(
		compilation, source_from_bytes(compilation->arena, compilation->diag, path, text, length));
}

/* The declarations of the file that a one-shot code string takes its tasks from. */
static const Declarations *tasks_of(Compilation *compilation, const char *path)
{
	if (!path)
		return NULL;
	if (!parse_source(compilation, source_read(compilation->arena, compilation->diag, path)))
		return NULL;
	return declare_module(compilation->arena, compilation->atoms, compilation->diag,
						  compilation->module);
}

/* Of the names that an input's type can have; NULL: not known. */
static const Type *input_type(TypeTable *types, const char *name)
{
	static const struct {
		const char *name;
		TypeKind kind;
		uint32_t count;
	} table[] = {{"bool", TYPE_BOOL, 0}, {"int", TYPE_INT, 0},   {"float", TYPE_FLOAT, 0},
				 {"str", TYPE_STR, 0},   {"list", TYPE_LIST, 1}, {"dict", TYPE_DICT, 2}};
	const Type *parts[2] = {type_simple(types, TYPE_ANY), type_simple(types, TYPE_ANY)};
	for (size_t i = 0; name && i < sizeof table / sizeof *table; i++)
		if (!strcmp(name, table[i].name))
			return type_make(types, table[i].kind, parts, table[i].count);
	return NULL;
}

/* The declarations' table is the one in which all types are equal by pointer. */
static void set_input_types(const Declarations *declarations, const SbxcInput *inputs,
							unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		declarations->entries[0]->inputs[i].type = input_type(declarations->types, inputs[i].type);
}

bool sbxc_code(Compilation *compilation, const char *code, size_t length, const SbxcInput *inputs,
			   unsigned input_count, const char *tasks_path)
{
	const Declarations *tasks = tasks_of(compilation, tasks_path);
	if (tasks_path && !stands(compilation))
		return false;
	ParamDecl *params = ARENA_ARRAY(compilation->arena, ParamDecl, input_count + 1);
	for (unsigned i = 0; i < input_count; i++) {
		params[i].name = atom_get(compilation->atoms, inputs[i].name, strlen(inputs[i].name));
		params[i].kind = PARAM_NORMAL;
	}
	code = declare_code_text(compilation->arena, code, length, &length);
	if (!parse_source(compilation, source_from_bytes(compilation->arena, compilation->diag,
													 "<string>", code, length)))
		return false;
	compilation->declarations =
		declare_code(compilation->arena, compilation->atoms, compilation->diag, compilation->module,
					 params, input_count, tasks);
	set_input_types(compilation->declarations, inputs, input_count);
	return check_declarations(compilation);
}

/* ---- the back half ---- */

static bool make_machine(Compilation *compilation, bool counted)
{
	if (!compilation->checked || !stands(compilation))
		return false;
	Machine *machine = lower_file(compilation->arena, compilation->checked);
	compilation->machine = machine;
	if (arena_is_failed(compilation->arena))
		return stands(compilation);
	machine->module = compilation->module_name;
	machine_tidy(machine);
	const char *defect = machine_verify(machine, false);
	if (!defect && counted) {
		machine_count(machine);
		defect = machine_verify(machine, false);
		if (!defect)
			register_classes(machine, &defect);
	}
	if (defect)
		diag_add(compilation->diag, D_COMPILER_DEFECT, compilation->source, 0, 0, defect);
	return stands(compilation);
}

/* What is made does not say where it was made: the file's folder goes from the paths of all sources. */
static void hide_folder(Compilation *compilation)
{
	Machine *machine = compilation->machine;
	const char *file = machine->sources[0]->path, *slash = strrchr(file, '/');
	size_t folder = slash ? (size_t)(slash + 1 - file) : 0;
	const Source **sources =
		arena_alloc(compilation->arena, machine->source_count * sizeof *sources);
	if (!folder)
		return;
	for (uint32_t i = 0; i < machine->source_count; i++) {
		Source *copy = ARENA_NEW(compilation->arena, Source);
		*copy = *machine->sources[i];
		slash = strrchr(copy->path, '/');
		if (!strncmp(copy->path, file, folder))
			copy->path += folder;
		else if (slash)
			copy->path = slash + 1;
		sources[i] = copy;
	}
	machine->sources = sources;
}

static const char *link_of(Compilation *compilation, const SbxcOptions *options, const char *path,
						   unsigned line)
{
	char *link = options->link(options->context, path, line);
	const char *copy = link ? arena_copy(compilation->arena, link, strlen(link)) : NULL;
	free(link);
	return copy;
}

static unsigned entry_line(const EntryDecl *entry)
{
	return entry->node && entry->outer ? source_place(entry->outer, entry->node->start).line : 0;
}

/* Links to the file and to its entries, in the machine's order. */
static void add_links(Compilation *compilation, const SbxcOptions *options, EmitOptions *emit)
{
	const CheckedFile *checked = compilation->checked;
	const char **links = ARENA_ARRAY(compilation->arena, const char *, checked->count + 1);
	uint32_t count = 0;
	for (uint32_t i = 0; i < checked->count; i++) {
		const EntryDecl *entry = checked->entries[i] ? checked->entries[i]->entry : NULL;
		if (!entry || entry->kind == ENTRY_LOCAL)
			continue;
		links[count++] = link_of(compilation, options,
								 entry->outer ? entry->outer->path : compilation->source->path,
								 entry_line(entry));
	}
	emit->entry_links = links;
	emit->source_link = link_of(compilation, options, compilation->source->path, 0);
}

bool sbxc_emit(Compilation *compilation, const SbxcOptions *options)
{
	EmitOptions emit_options = {.line_directives = options && options->line_directives};
	if (options && options->module)
		compilation->module_name = options->module;
	if (!make_machine(compilation, true))
		return false;
	if (options && options->link)
		add_links(compilation, options, &emit_options);
	if (options && options->hide_folder)
		hide_folder(compilation);
	text_init(&compilation->c_text, compilation->arena);
	text_init(&compilation->header_text, compilation->arena);
	emit_c(&compilation->c_text, &compilation->header_text, compilation->machine, &emit_options);
	return stands(compilation);
}

uint64_t sbxc_fingerprint(const Compilation *compilation)
{
	return emit_fingerprint(compilation->arena, compilation->machine);
}

const char *sbxc_c_text(const Compilation *compilation, size_t *length)
{
	*length = compilation->c_text.length;
	return compilation->c_text.bytes;
}

const char *sbxc_header_text(const Compilation *compilation, size_t *length)
{
	*length = compilation->header_text.length;
	return compilation->header_text.bytes;
}

const char *sbxc_module_name(const Compilation *compilation)
{
	return compilation->module_name;
}

unsigned sbxc_diagnostic_count(const Compilation *compilation)
{
	return diag_count(compilation->diag);
}

unsigned sbxc_error_count(const Compilation *compilation)
{
	return diag_error_count(compilation->diag);
}

const DiagItem *sbxc_diagnostic(const Compilation *compilation, unsigned index)
{
	return diag_item(compilation->diag, index);
}

/* ---- dumps ---- */

static bool dump_front(Compilation *compilation, const char *phase, Text *out)
{
	if (strcmp(phase, "tokens") == 0 && compilation->tokens) {
		tokens_dump(out, compilation->tokens);
		return true;
	}
	if (strcmp(phase, "ast") == 0 && compilation->module && compilation->module->complete) {
		ast_dump(out, compilation->module, false);
		text_char(out, '\n');
		return true;
	}
	return false;
}

static bool dump_back(Compilation *compilation, const char *phase, Text *out)
{
	if (strcmp(phase, "decl") == 0 && compilation->declarations) {
		declare_print(out, compilation->declarations);
		return true;
	}
	if (strcmp(phase, "checked") == 0 && compilation->checked) {
		checked_print(out, compilation->checked);
		return true;
	}
	bool counted = strcmp(phase, "counted") == 0;
	if (counted || strcmp(phase, "machine") == 0) {
		if (!make_machine(compilation, counted))
			return false;
		machine_print(out, compilation->machine);
		return true;
	}
	if (strcmp(phase, "c") == 0 && sbxc_emit(compilation, NULL)) {
		text_add(out, compilation->c_text.bytes, compilation->c_text.length);
		return true;
	}
	return false;
}

const char *sbxc_dump(Compilation *compilation, const char *phase, const char *path, size_t *length)
{
	Text *out = ARENA_NEW(compilation->arena, Text);
	text_init(out, compilation->arena);
	const Source *source = source_read(compilation->arena, compilation->diag, path);
	parse_source(compilation, source);
	bool done = dump_front(compilation, phase, out);
	if (!done && stands(compilation)) {
		compilation->declarations = declare_module(compilation->arena, compilation->atoms,
												   compilation->diag, compilation->module);
		check_declarations(compilation);
		done = dump_back(compilation, phase, out);
	}
	*length = out->length;
	return done ? out->bytes ? out->bytes : "" : NULL;
}

/* ---- sandboxes ---- */

const char *sbxc_script(Compilation *compilation, const char *name, size_t *length,
						const char **why)
{
	const Declarations *declarations = compilation->declarations;
	Text *out = ARENA_NEW(compilation->arena, Text);
	text_init(out, compilation->arena);
	*why = "no sandbox has this name";
	for (uint32_t i = 0; i < declarations->task_count; i++) {
		const SandboxDecl *sandbox = declarations->tasks[i]->sandbox;
		if (!sandbox || strcmp(sandbox->task->full_name, name) != 0)
			continue;
		if (!sandbox->code) {
			*why = "it runs a command and has no script";
			return NULL;
		}
		script_emit(out, sandbox);
		*length = out->length;
		return out->bytes;
	}
	return NULL;
}

/* ---- sandboxes ---- */

static const SandboxDecl *find_sandbox(const Compilation *compilation, unsigned index)
{
	const Declarations *declarations = compilation->declarations;
	for (uint32_t i = 0; declarations && i < declarations->task_count; i++)
		if (declarations->tasks[i]->sandbox && !index--)
			return declarations->tasks[i]->sandbox;
	return NULL;
}

unsigned sbxc_sandbox_count(const Compilation *compilation)
{
	unsigned count = 0;
	while (find_sandbox(compilation, count))
		count++;
	return count;
}

const SbxcSandbox *sbxc_sandbox(Compilation *compilation, unsigned index)
{
	const SandboxDecl *decl = find_sandbox(compilation, index);
	SbxcSandbox *sandbox = decl ? ARENA_NEW(compilation->arena, SbxcSandbox) : NULL;
	if (!sandbox || arena_is_failed(compilation->arena))
		return NULL;
	sandbox->name = decl->task->full_name;
	sandbox->spec = sandbox_spec(compilation->arena, decl);
	sandbox->path = decl->task->source->path;
	sandbox->line = source_place(decl->task->source, decl->task->node->start).line;
	return sandbox;
}

bool sbxc_check_tasks(Compilation *compilation)
{
	const SandboxDecl *decl;
	for (unsigned i = 0; (decl = find_sandbox(compilation, i)) != NULL; i++)
		sandbox_task_check(compilation->arena, compilation->diag, decl);
	return stands(compilation);
}

/* ---- entries ---- */

static const char *type_text(Compilation *compilation, const Type *type)
{
	Text text;
	if (!type)
		return NULL;
	text_init(&text, compilation->arena);
	type_print(&text, type);
	return text.bytes;
}

static SbxcTask task_shown(const TaskDecl *task)
{
	bool has_place = task->node && task->source;
	return (SbxcTask){.name = task->full_name,
					  .path = has_place ? task->source->path : NULL,
					  .line = has_place ? source_place(task->source, task->node->start).line : 0,
					  .cache = task->cache ? task->cache->text : NULL};
}

unsigned sbxc_entry_count(const Compilation *compilation)
{
	return compilation->declarations ? compilation->declarations->entry_count : 0;
}

const SbxcEntry *sbxc_entry(Compilation *compilation, unsigned index)
{
	const EntryDecl *decl = compilation->declarations->entries[index];
	Arena *arena = compilation->arena;
	SbxcEntry *entry = ARENA_NEW(arena, SbxcEntry);
	const char **names = ARENA_ARRAY(arena, const char *, decl->input_count + 1);
	const char **types = ARENA_ARRAY(arena, const char *, decl->input_count + 1);
	const char **defaults = ARENA_ARRAY(arena, const char *, decl->input_count + 1);
	SbxcTask *tasks = ARENA_ARRAY(arena, SbxcTask, decl->task_count + 1);
	bool *required = ARENA_ARRAY(arena, bool, decl->input_count + 1);
	for (uint32_t i = 0; i < decl->input_count; i++) {
		const char *type = type_text(compilation, decl->inputs[i].type);
		names[i] = decl->inputs[i].name->text;
		types[i] = type ? type : "Any";
		required[i] = decl->inputs[i].default_value == NULL;
		if (decl->inputs[i].constant) {
			Text text;
			text_init(&text, arena);
			constant_print(&text, decl->inputs[i].constant);
			defaults[i] = text.bytes;
		}
	}
	for (uint32_t i = 0; i < decl->task_count; i++)
		tasks[i] = task_shown(decl->tasks[i].task);
	*entry = (SbxcEntry){.name = decl->name,
						 .full_name = decl->full_name,
						 .doc = decl->doc,
						 .is_code_string = decl->kind != ENTRY_FUNCTION,
						 .line = entry_line(decl),
						 .input_count = decl->input_count,
						 .input_names = names,
						 .input_types = types,
						 .input_required = required,
						 .input_defaults = defaults,
						 .result_type = type_text(compilation, decl->result),
						 .task_count = decl->task_count,
						 .tasks = tasks};
	return entry;
}
