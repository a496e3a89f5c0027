/*
 * The lowering: from the checked tree to the machine. All entries of a file come into one machine: tasks, entries and
 * their main functions first, then the body of each function, as calls and closures ask for it. At the end it is settled
 * which calls may suspend, which only the whole machine can tell.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

#include "constant.h"
#include "machine_rows.h"
#include "sandbox.h"

/* ---- tasks ---- */

static void add_task(LowerFile *file, const TaskDecl *task)
{
	for (uint32_t i = 0; i < file->task_count; i++)
		if (file->tasks[i] == task)
			return;
	if (file->task_count == file->task_capacity) {
		uint32_t wanted = file->task_capacity ? file->task_capacity * 2 : 16;
		const TaskDecl **fresh = ARENA_ARRAY(file->arena, const TaskDecl *, wanted);
		if (file->task_count)
			memcpy(fresh, file->tasks, file->task_count * sizeof *fresh);
		file->tasks = fresh;
		file->task_capacity = wanted;
	}
	file->tasks[file->task_count++] = task;
}

/* ---- defaults ---- */

static const MachineConstant *default_constant(LowerFile *file, const Constant *constant);

/* What is no static value is described by a tuple that begins with its type; see sbx_gen_default_make. */
static const MachineConstant *container_constant(LowerFile *file, const char *type,
												 const Constant *constant)
{
	uint32_t count = 0;
	const MachineConstant **items =
		ARENA_ARRAY(file->arena, const MachineConstant *, constant->count * 2 + 1);
	if (type)
		items[count++] = constant_text(file->machine, MC_TYPE, type, (uint32_t)strlen(type));
	for (uint32_t i = 0; i < constant->count; i++) {
		items[count++] = default_constant(file, constant->items[i]);
		if (constant->sort == SORT_DICT)
			items[count++] = default_constant(file, constant->values[i]);
	}
	return constant_tuple(file->machine, items, count);
}

static const MachineConstant *default_constant(LowerFile *file, const Constant *constant)
{
	Machine *machine = file->machine;
	switch (constant->sort) {
	case SORT_BOOL:
		return constant_simple(machine, constant->integer ? MC_TRUE : MC_FALSE);
	case SORT_INT:
		return constant->fits ? constant_int(machine, constant->integer)
							  : constant_text(machine, MC_BIG, constant->text,
											  (uint32_t)strlen(constant->text));
	case SORT_FLOAT:
		return constant_float(machine, constant->real);
	case SORT_STR:
		return constant_text(machine, MC_STR, constant->text, constant->length);
	case SORT_BYTES:
		return constant_text(machine, MC_BYTES, constant->text, constant->length);
	case SORT_TUPLE:
		return container_constant(file, NULL, constant);
	case SORT_LIST:
		return container_constant(file, "list", constant);
	case SORT_SET:
		return container_constant(file, "set", constant);
	case SORT_FROZENSET:
		return container_constant(file, "frozenset", constant);
	case SORT_DICT:
		return container_constant(file, "dict", constant);
	case SORT_TIMEDELTA: {
		const MachineConstant *items[] = {constant_text(machine, MC_TYPE, "timedelta", 9),
										  constant_int(machine, constant->integer)};
		return constant_tuple(machine, items, 2);
	}
	default:
		return constant_simple(machine, MC_NONE);
	}
}

/* ---- tasks, in full ---- */

static int32_t entry_of_task(const LowerFile *file, const TaskDecl *task)
{
	for (uint32_t i = 0; task->entry && i < file->entry_count; i++)
		if (file->entries[i] == task->entry)
			return (int32_t)i;
	return -1;
}

static void make_task(LowerFile *file, MachineTask *to, const TaskDecl *task)
{
	*to = (MachineTask){.name = task->full_name,
						.function = task->function,
						.module = task->module,
						.task_type = task->task_type,
						.extra =
							task->sandbox ? sandbox_spec(file->arena, task->sandbox) : task->extra,
						.param_count = task->param_count,
						.result = task->result,
						.is_async = task->is_async,
						.is_trace = task->is_trace,
						.retries = task->retries,
						.timeout_ms = task->timeout_ms,
						.entry = entry_of_task(file, task)};
	to->params = ARENA_ARRAY(file->arena, MachineTaskParam, task->param_count + 1);
	for (uint32_t i = 0; i < task->param_count; i++) {
		const ParamDecl *param = &task->params[i];
		to->params[i] = (MachineTaskParam){.name = param->name->text,
										   .type = param->type,
										   .kind = (int)param->kind,
										   .has_default = param->default_value != NULL};
		if (param->default_value && param->constant && to->entry < 0)
			to->params[i].default_value = default_constant(file, param->constant);
	}
}

static void make_tasks(LowerFile *file)
{
	const Declarations *declarations = file->declarations;
	for (uint32_t i = 0; i < declarations->task_count; i++)
		add_task(file, declarations->tasks[i]);
	for (uint32_t i = 0; i < file->entry_count; i++) {
		const EntryDecl *entry = file->entries[i];
		if (i && entry->tasks == file->entries[i - 1]->tasks)
			continue; /* functions of one module see the same */
		for (uint32_t k = 0; k < entry->task_count; k++)
			add_task(file, entry->tasks[k].task);
	}
	file->machine->task_count = file->task_count;
	file->machine->tasks = ARENA_ARRAY(file->arena, MachineTask, file->task_count + 1);
	for (uint32_t i = 0; i < file->task_count; i++)
		make_task(file, &file->machine->tasks[i], file->tasks[i]);
}

/* ---- entries ---- */

static void make_inputs(LowerFile *file, MachineEntry *to, const EntryDecl *entry)
{
	to->input_count = entry->input_count;
	to->inputs = ARENA_ARRAY(file->arena, MachineInput, entry->input_count + 1);
	for (uint32_t i = 0; i < entry->input_count; i++) {
		const ParamDecl *input = &entry->inputs[i];
		to->inputs[i] = (MachineInput){.name = input->name->text, .type = input->type};
		if (input->constant)
			to->inputs[i].default_value = default_constant(file, input->constant);
	}
}

static uint32_t source_index(const LowerFile *file, const Source *source)
{
	for (uint32_t i = 0; i < file->machine->source_count; i++)
		if (file->machine->sources[i] == source)
			return i;
	return 0;
}

static void make_entry(LowerFile *file, MachineEntry *to, const EntryDecl *entry,
					   MachineFunction *main)
{
	*to = (MachineEntry){.name = entry->name,
						 .full_name = entry->full_name,
						 .symbol = entry->name,
						 .doc = entry->doc,
						 .file = source_index(file, entry->module->source),
						 .main = main,
						 .result = entry->result,
						 .task_count = entry->task_count,
						 .type_check = entry->type_check,
						 .is_code_string = entry->kind != ENTRY_FUNCTION,
						 .retries = entry->retries,
						 .max_depth = entry->max_depth,
						 .timeout_ms = entry->timeout_ms,
						 .max_memory = entry->max_memory};
	if (entry->is_imported)
		to->symbol = arena_format(file->arena, "imported_%u_%s", to->file, entry->name);
	to->is_imported = entry->is_imported;
	make_inputs(file, to, entry);
	uint32_t index = (uint32_t)(to - file->machine->entries);
	if (index && file->entries[index - 1]->tasks == entry->tasks) {
		to->tasks = to[-1].tasks;
		return;
	}
	to->tasks = ARENA_ARRAY(file->arena, uint32_t, entry->task_count + 1);
	for (uint32_t i = 0; i < entry->task_count; i++)
		to->tasks[i] = lower_task_index(file, entry->tasks[i].task);
}

/* ---- what suspends ---- */

typedef struct Suspending {
	bool values,
		generators; /* some function that is used as a value, some generator, may suspend */
} Suspending;

static bool suspends(const Machine *machine, const Exit *exit, const Suspending *known)
{
	(void)machine;
	switch (exit->kind) {
	case EXIT_TASK:
	case EXIT_MAP:
		return true;
	case EXIT_CALL:
		return exit->function->may_suspend;
	case EXIT_CALL_VALUE:
	case EXIT_CALL_SPREAD:
		return known->values;
	case EXIT_NEXT:
		return exit->suspends && known->generators;
	default:
		return false;
	}
}

/* Functions and tasks that are made values in this function. */
static void note_values(const MachineFunction *function, Suspending *known)
{
	for (uint32_t b = 0; b < function->block_count; b++) {
		const Block *block = function->blocks[b];
		for (uint32_t k = 0; k < block->op_count; k++) {
			const Op *op = block->ops[k];
			known->values |= op->code == OP_CLOSURE && op->function->may_suspend;
			known->generators |= op->code == OP_GENERATOR && op->function->may_suspend;
			for (uint32_t i = 0; i < op->count; i++)
				known->values |=
					op->operands[i].constant && op->operands[i].constant->kind == MC_TASK;
		}
		for (uint32_t i = 0; i < block->exit.count; i++)
			known->values |= block->exit.operands[i].constant &&
							 block->exit.operands[i].constant->kind == MC_TASK;
	}
}

static bool settle_function(const Machine *machine, MachineFunction *function,
							const Suspending *known)
{
	bool before = function->may_suspend;
	for (uint32_t b = 0; b < function->block_count; b++)
		function->may_suspend |= suspends(machine, &function->blocks[b]->exit, known);
	return function->may_suspend != before;
}

static void settle_suspensions(Machine *machine)
{
	Suspending known = {false, false};
	for (bool changed = true; changed;) {
		Suspending before = known;
		changed = false;
		for (uint32_t i = 0; i < machine->function_count; i++) {
			note_values(machine->functions[i], &known);
			known.values |= machine_is_builtin(machine->functions[i]) &&
							!machine->functions[i]->is_generator &&
							machine->functions[i]->may_suspend;
			changed |= settle_function(machine, machine->functions[i], &known);
		}
		changed |= before.values != known.values || before.generators != known.generators;
	}
	for (uint32_t i = 0; i < machine->function_count; i++) {
		MachineFunction *function = machine->functions[i];
		for (uint32_t b = 0; b < function->block_count; b++) {
			Exit *exit = &function->blocks[b]->exit;
			exit->suspends = suspends(machine, exit, &known);
		}
	}
}

/* ---- all ---- */

static LowerEntry *open_entry(LowerFile *file, const Checked *checked)
{
	LowerEntry *entry = ARENA_NEW(file->arena, LowerEntry);
	entry->file = file;
	entry->checked = checked;
	entry->entry = checked->entry;
	entry->source = source_index(file, checked->module->source);
	entry->homes = ARENA_ARRAY(file->arena, Home *, checked->scope_count + 1);
	lower_find_facts(entry);
	return entry;
}

Machine *lower_file(Arena *arena, const struct CheckedFile *checked)
{
	LowerFile file = {.arena = arena,
					  .machine = machine_make(arena, "main"),
					  .checked = checked,
					  .declarations = checked->declarations};
	Machine *machine = file.machine;
	machine->sources = checked->declarations->sources;
	machine->source_count = checked->declarations->source_count;
	file.entries = ARENA_ARRAY(arena, const EntryDecl *, checked->count + 1);
	file.mains = ARENA_ARRAY(arena, MachineFunction *, checked->count + 1);
	file.synthesised = ARENA_ARRAY(arena, MachineFunction *, MAX_SYNTHESISED);
	LowerEntry **entries = ARENA_ARRAY(arena, LowerEntry *, checked->count + 1);
	const Checked **found = ARENA_ARRAY(arena, const Checked *, checked->count + 1);
	for (uint32_t i = 0; i < checked->count; i++) {
		const Checked *one = checked->entries[i];
		if (!one || one->entry->kind == ENTRY_LOCAL)
			continue;
		found[file.entry_count] = one;
		file.entries[file.entry_count++] = one->entry;
	}
	make_tasks(&file);
	machine->entry_count = file.entry_count;
	machine->entries = ARENA_ARRAY(arena, MachineEntry, file.entry_count + 1);
	for (uint32_t i = 0; i < file.entry_count; i++) {
		entries[i] = open_entry(&file, found[i]);
		file.mains[i] = lower_function_of(entries[i], found[i]->root);
		make_entry(&file, &machine->entries[i], file.entries[i], file.mains[i]);
	}
	for (uint32_t i = 0; i < file.entry_count; i++)
		lower_queue(entries[i]);
	settle_suspensions(machine);
	return machine;
}
