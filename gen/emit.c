/*
 * From a counted machine to C: puts the parts of a program together. The order of the text: head, sources, types,
 * constants, tasks, frames, declarations and tables of functions, functions, entries, program, main.
 * Same machine, same bytes: there is no date, no absolute path and no hash order in it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "emit_parts.h"

#include <inttypes.h>
#include <string.h>

#include "declare.h"
#include "sbx.h"
#include "sbxc_abi.h"
#include "templates.h"

const char *emit_entry_symbol(const Emitter *emitter, const MachineEntry *entry)
{
	return arena_format(emitter->arena, "sbx_machine_%s_%s",
						emit_identifier(emitter->arena, emitter->machine->module),
						emit_identifier(emitter->arena, entry->symbol));
}

static const char *table_name(const Emitter *emitter)
{
	return arena_format(emitter->arena, "sbx_entries_%s",
						emit_identifier(emitter->arena, emitter->machine->module));
}

/* ---- sources, in pieces that C promises to accept ---- */

#define PIECE_BYTES 1000

uint32_t emit_lines_before(const Source *source)
{
	if (!source->outer || !source->outer_lines || !source->line_count)
		return 0;
	uint32_t first = source_place(source->outer, source->outer_lines[0]).line;
	for (uint32_t i = 1; i < source->line_count; i++)
		if (source_place(source->outer, source->outer_lines[i]).line != first + i)
			return 0;
	return first - 1;
}

static void emit_sources(Emitter *emitter, Text *out, const EmitOptions *options)
{
	const Machine *machine = emitter->machine;
	Text rows;
	text_init(&rows, emitter->arena);
	template_heading(out, &(TemplateHeading){.text = template_bytes("the Python sources")});
	template_sources_head(&rows);
	for (uint32_t s = 0; s < machine->source_count; s++) {
		const Source *source = machine->sources[s];
		const char *name = arena_format(emitter->arena, "source_%u", s);
		uint32_t count = 0;
		uint32_t length = options->no_sources ? 0 : source->length;
		if (length)
			template_pieces_head(out, &(TemplatePiecesHead){.name = name});
		for (uint32_t at = 0; at < length; count++) {
			const char *newline = memchr(source->text + at, '\n', length - at);
			uint32_t end = newline ? (uint32_t)(newline - source->text) + 1 : length;
			end = end - at > PIECE_BYTES ? at + PIECE_BYTES : end;
			template_piece(out, &(TemplatePiece){.text = {source->text + at, end - at}});
			at = end;
		}
		if (length)
			template_rows_foot(out);
		template_sources_row(&rows, &(TemplateSourcesRow){
										.path = template_bytes(source->path),
										.pieces = emit_block(emitter, "%s", length ? name : "NULL"),
										.count = count,
										.length = length,
										.before = emit_lines_before(source)});
	}
	template_rows_foot(&rows);
	text_add(out, rows.bytes, rows.length);
}

/* ---- tasks ---- */

static const char *param_kind(int kind)
{
	switch (kind) {
	case PARAM_POSITIONAL_ONLY:
		return "SBX_PARAM_POSITIONAL_ONLY";
	case PARAM_ARGS:
		return "SBX_PARAM_ARGS";
	case PARAM_KEYWORD_ONLY:
		return "SBX_PARAM_KEYWORD_ONLY";
	case PARAM_KWARGS:
		return "SBX_PARAM_KWARGS";
	default:
		return "SBX_PARAM_NORMAL";
	}
}

static Text *entry_pointer(Emitter *emitter, const MachineTask *task)
{
	if (task->entry < 0)
		return emit_block(emitter, "NULL");
	return emit_block(emitter, "&%s",
					  emit_entry_symbol(emitter, &emitter->machine->entries[task->entry]));
}

/* The table of a task's defaults, and that it will come: constants stand behind the tasks. NULL: it has none. */
static const char *emit_task_defaults(Emitter *emitter, const MachineTask *task, uint32_t index)
{
	const char *name = arena_format(emitter->arena, "task_defaults_%u", index);
	Text rows;
	bool any = false;
	text_init(&rows, emitter->arena);
	for (uint32_t i = 0; i < task->param_count; i++) {
		const MachineConstant *constant = task->params[i].default_value;
		Text *value = emit_block(emitter, "%s", constant ? "" : "{0, {0}}");
		if (constant)
			emit_initialiser(emitter, value, constant);
		any = any || constant;
		template_defaults_row(&rows, &(TemplateDefaultsRow){.value = value});
	}
	if (!any)
		return NULL;
	template_task_defaults_forward(
		&emitter->tasks, &(TemplateTaskDefaultsForward){.name = name, .count = task->param_count});
	template_defaults_head(&emitter->task_defaults, &(TemplateDefaultsHead){.name = name});
	text_add(&emitter->task_defaults, rows.bytes, rows.length);
	template_rows_foot(&emitter->task_defaults);
	return name;
}

static void emit_task_row(Emitter *emitter, uint32_t index)
{
	const MachineTask *task = &emitter->machine->tasks[index];
	const char *params = arena_format(emitter->arena, "task_params_%u", index);
	Text rows;
	text_init(&rows, emitter->arena);
	for (uint32_t i = 0; i < task->param_count; i++)
		template_params_row(&rows,
							&(TemplateParamsRow){.name = template_bytes(task->params[i].name),
												 .type = emit_type(emitter, task->params[i].type),
												 .kind = param_kind(task->params[i].kind),
												 .has_default = task->params[i].has_default});
	if (task->param_count) {
		template_params_head(&emitter->tasks, &(TemplateParamsHead){.name = params});
		text_add(&emitter->tasks, rows.bytes, rows.length);
		template_rows_foot(&emitter->tasks);
	}
	const char *defaults = emit_task_defaults(emitter, task, index);
	template_task(
		&emitter->tasks,
		&(TemplateTask){.name = arena_format(emitter->arena, "task_%u", index),
						.full_name = emit_string(emitter, task->name),
						.function = emit_string(emitter, task->function),
						.module = emit_string(emitter, task->module),
						.params = emit_block(emitter, "%s", task->param_count ? params : "NULL"),
						.param_count = task->param_count,
						.is_async = task->is_async,
						.is_orchestrator = task->entry >= 0,
						.is_trace = task->is_trace,
						.result = emit_type(emitter, task->result),
						.retries = task->retries,
						.timeout_ms = task->timeout_ms,
						.task_type = emit_string(emitter, task->task_type),
						.extra = emit_string(emitter, task->extra),
						.entry = entry_pointer(emitter, task),
						.defaults = emit_block(emitter, "%s", defaults ? defaults : "NULL")});
}

/* ---- entries ---- */

static bool has_defaults(const MachineEntry *entry)
{
	for (uint32_t i = 0; i < entry->input_count; i++)
		if (entry->inputs[i].default_value)
			return true;
	return false;
}

static void emit_inputs(Emitter *emitter, Text *out, const MachineEntry *entry, const char *inputs,
						const char *defaults)
{
	Text rows, values;
	text_init(&rows, emitter->arena);
	text_init(&values, emitter->arena);
	for (uint32_t i = 0; i < entry->input_count; i++) {
		const MachineInput *input = &entry->inputs[i];
		Text *value = emit_block(emitter, "%s", "");
		if (input->default_value)
			emit_initialiser(emitter, value, input->default_value);
		else
			text_put(value, "{0, {0}}");
		template_params_row(&rows,
							&(TemplateParamsRow){.name = template_bytes(input->name),
												 .type = emit_type(emitter, input->type),
												 .kind = "SBX_PARAM_NORMAL",
												 .has_default = input->default_value != NULL});
		template_defaults_row(&values, &(TemplateDefaultsRow){.value = value});
	}
	if (entry->input_count) {
		template_params_head(out, &(TemplateParamsHead){.name = inputs});
		text_add(out, rows.bytes, rows.length);
		template_rows_foot(out);
	}
	if (has_defaults(entry)) {
		template_defaults_head(out, &(TemplateDefaultsHead){.name = defaults});
		text_add(out, values.bytes, values.length);
		template_rows_foot(out);
	}
}

/* same: the first of the entries in a row that see the same tasks, which is the one that has the table. */
static void emit_entry(Emitter *emitter, Text *out, uint32_t index, uint32_t same)
{
	const MachineEntry *entry = &emitter->machine->entries[index];
	const char *inputs = arena_format(emitter->arena, "inputs_%u", index);
	const char *defaults = arena_format(emitter->arena, "defaults_%u", index);
	const char *tasks = arena_format(emitter->arena, "tasks_%u", same);
	emit_inputs(emitter, out, entry, inputs, defaults);
	if (entry->task_count && same == index) {
		template_task_table_head(out, &(TemplateTaskTableHead){.name = tasks});
		for (uint32_t i = 0; i < entry->task_count; i++)
			template_table_row(out,
							   &(TemplateTableRow){.name = arena_format(emitter->arena, "task_%u",
																		entry->tasks[i])});
		template_rows_foot(out);
	}
	template_entry(
		out, &(TemplateEntry){
				 .symbol = emit_entry_symbol(emitter, entry),
				 .name = emit_string(emitter, entry->name),
				 .full_name = emit_string(emitter, entry->full_name),
				 .info = emit_info_name(emitter, entry->main),
				 .inputs = emit_block(emitter, "%s", entry->input_count ? inputs : "NULL"),
				 .input_count = entry->input_count,
				 .file = entry->file,
				 .result = emit_type(emitter, entry->result),
				 .tasks = emit_block(emitter, "%s", entry->task_count ? tasks : "NULL"),
				 .task_count = entry->task_count,
				 .type_check = entry->type_check,
				 .is_code_string = entry->is_code_string,
				 .retries = entry->retries,
				 .max_memory = (long long)entry->max_memory,
				 .max_depth = entry->max_depth,
				 .timeout_ms = entry->timeout_ms,
				 .defaults = emit_block(emitter, "%s", has_defaults(entry) ? defaults : "NULL"),
				 .doc = emit_string(emitter, entry->doc)});
}

/* Of all but the paths of the sources: they are as the compiler was given them, here and there. */
uint64_t emit_fingerprint(Arena *arena, const Machine *machine)
{
	static const char PATH[] = "source \"";
	Text text;
	uint64_t hash = 14695981039346656037u;
	text_init(&text, arena);
	machine_print(&text, machine);
	for (size_t i = 0; i < text.length; i++) {
		bool is_path = (!i || text.bytes[i - 1] == '\n') && text.length - i >= sizeof PATH - 1 &&
					   memcmp(text.bytes + i, PATH, sizeof PATH - 1) == 0;
		while (is_path && i < text.length && text.bytes[i] != '\n')
			i++;
		hash = (hash ^ (unsigned char)text.bytes[i]) * 1099511628211u;
	}
	return hash;
}

/* The functions that stand for builtins (lower_synthesis.c), by designators in the order of their names. */
static Text *callbacks(Emitter *emitter)
{
	static const char *const names[] = {"all", "any",  "enumerate", "filter", "map", "max",
										"min", "sort", "sorted",    "sum",    "zip"};
	const Machine *machine = emitter->machine;
	Text *text = emit_block(emitter, "%s", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const MachineFunction *found = NULL;
		for (uint32_t k = 0; k < machine->function_count && !found; k++)
			if (machine_is_builtin(machine->functions[k]) && !machine->functions[k]->is_generator &&
				strcmp(machine->functions[k]->name, names[i]) == 0)
				found = machine->functions[k];
		text_put(text, i ? ", " : "");
		if (found)
			text_format(text, "&%s", emit_info_name(emitter, found));
		else
			text_put(text, "NULL");
	}
	return text;
}

static void emit_program(Emitter *emitter, Text *out)
{
	const Machine *machine = emitter->machine;
	template_entries_head(out, &(TemplateEntriesHead){.table = table_name(emitter)});
	uint32_t listed = 0;
	for (uint32_t i = 0; i < machine->entry_count; i++) {
		if (machine->entries[i].is_imported)
			continue;
		template_table_row(
			out, &(TemplateTableRow){.name = emit_entry_symbol(emitter, &machine->entries[i])});
		listed++;
	}
	template_entries_foot(out);
	if (machine->function_count) {
		template_functions_head(out);
		for (uint32_t i = 0; i < machine->function_count; i++)
			template_table_row(
				out, &(TemplateTableRow){.name = emit_info_name(emitter, machine->functions[i])});
		template_rows_foot(out);
	}
	if (machine->task_count) {
		template_task_table_head(out, &(TemplateTaskTableHead){.name = "tasks"});
		for (uint32_t i = 0; i < machine->task_count; i++)
			template_table_row(
				out, &(TemplateTableRow){.name = arena_format(emitter->arena, "task_%u", i)});
		template_rows_foot(out);
	}
	template_program(
		out, &(TemplateProgram){
				 .abi = SBXC_RUNTIME_ABI,
				 .version = template_bytes(sbx_version()),
				 .module = template_bytes(machine->module),
				 .sources = machine->source_count,
				 .table = table_name(emitter),
				 .entry_count = listed,
				 .functions = emit_block(emitter, machine->function_count ? "functions" : "NULL"),
				 .function_count = machine->function_count,
				 .tasks = emit_block(emitter, machine->task_count ? "tasks" : "NULL"),
				 .task_count = machine->task_count,
				 .fingerprint = emit_block(emitter, "UINT64_C(0x%016" PRIx64 ")",
										   emit_fingerprint(emitter->arena, machine)),
				 .callbacks = callbacks(emitter)});
}

/* ---- the header ---- */

static TemplateBytes interface_of(Emitter *emitter, const MachineEntry *entry)
{
	Text *text = emit_block(emitter, "(");
	for (uint32_t i = 0; i < entry->input_count; i++) {
		text_format(text, "%s%s", i ? ", " : "", entry->inputs[i].name);
		if (entry->inputs[i].type) {
			text_put(text, ": ");
			type_print(text, entry->inputs[i].type);
		}
	}
	text_char(text, ')');
	if (entry->result) {
		text_put(text, " -> ");
		type_print(text, entry->result);
	}
	return (TemplateBytes){text->bytes, text->length};
}

static const char *entry_link(const Emitter *emitter, uint32_t index)
{
	return emitter->options->entry_links ? emitter->options->entry_links[index] : NULL;
}

static void emit_links(Emitter *emitter, Text *out)
{
	const Machine *machine = emitter->machine;
	if (emitter->options->source_link)
		template_source_link(
			out, &(TemplateSourceLink){.name = template_bytes(machine->sources[0]->path),
									   .link = template_bytes(emitter->options->source_link)});
	for (uint32_t i = 0; i < machine->entry_count; i++)
		if (entry_link(emitter, i))
			template_source_link(
				out, &(TemplateSourceLink){.name = template_bytes(machine->entries[i].full_name),
										   .link = template_bytes(entry_link(emitter, i))});
}

static void emit_header(Emitter *emitter, Text *header)
{
	const Machine *machine = emitter->machine;
	Text *declarations = emit_block(emitter, "%s", "");
	for (uint32_t i = 0; i < machine->entry_count; i++) {
		const MachineEntry *entry = &machine->entries[i];
		if (entry->is_imported)
			continue;
		if (entry_link(emitter, i))
			template_header_link(declarations, &(TemplateHeaderLink){
												   .link = template_bytes(entry_link(emitter, i))});
		template_header_entry(
			declarations,
			&(TemplateHeaderEntry){
				.symbol = emit_entry_symbol(emitter, entry),
				.name = template_bytes(entry->is_code_string ? entry->name : entry->full_name),
				.interface = interface_of(emitter, entry)});
	}
	template_header_table(declarations, &(TemplateHeaderTable){.table = table_name(emitter)});
	template_header(header, &(TemplateHeader){.guard = arena_format(
												  emitter->arena, "SBX_MACHINE_%s_H",
												  emit_identifier(emitter->arena, machine->module)),
											  .source = template_bytes(machine->sources[0]->path),
											  .version = template_bytes(sbx_version()),
											  .declarations = declarations});
}

static void add(Text *out, const Text *part)
{
	if (part->length)
		text_add(out, part->bytes, part->length);
}

static void add_headed(Text *out, const char *heading, const Text *part)
{
	if (part->length) {
		template_heading(out, &(TemplateHeading){.text = template_bytes(heading)});
		add(out, part);
	}
}

void emit_c(Text *out, Text *header, const Machine *machine, const EmitOptions *options)
{
	Emitter emitter = {
		.arena = out->arena, .machine = machine, .options = options, .pool = pool_make(out->arena)};
	Text entries, *parts[] = {&emitter.types,     &emitter.constants,     &emitter.tasks,
							  &emitter.frames,    &emitter.forwards,      &emitter.tables,
							  &emitter.functions, &emitter.task_defaults, &entries};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		text_init(parts[i], emitter.arena);
	for (uint32_t i = 0; i < machine->entry_count; i++)
		template_entry_forward(
			&emitter.tasks,
			&(TemplateEntryForward){.symbol = emit_entry_symbol(&emitter, &machine->entries[i])});
	for (uint32_t i = 0; i < machine->task_count; i++)
		emit_task_row(&emitter, i);
	for (uint32_t i = 0; i < machine->function_count; i++) {
		machine_liveness((Machine *)machine, machine->functions[i]);
		emit_function(&emitter, machine->functions[i]);
	}
	for (uint32_t i = 0, same = 0; i < machine->entry_count; i++) {
		if (i && !machine_same_tasks(&machine->entries[i - 1], &machine->entries[i]))
			same = i;
		emit_entry(&emitter, &entries, i, same);
	}
	template_file_head(out, &(TemplateFileHead){.source = template_bytes(machine->sources[0]->path),
												.version = template_bytes(sbx_version()),
												.abi = SBXC_RUNTIME_ABI});
	emit_links(&emitter, out);
	emit_sources(&emitter, out, options);
	add_headed(out, "declared types", &emitter.types);
	template_program_forward(out);
	add_headed(out, "entries and tasks", &emitter.tasks);
	add_headed(out, "constants", &emitter.constants);
	add_headed(out, "defaults of tasks", &emitter.task_defaults);
	add_headed(out, "frames: what lives across suspensions", &emitter.frames);
	add_headed(out, "functions and their tables", &emitter.forwards);
	text_char(out, '\n');
	add(out, &emitter.tables);
	add(out, &emitter.functions);
	add_headed(out, "entries", &entries);
	emit_program(&emitter, out);
	if (header)
		emit_header(&emitter, header);
}
