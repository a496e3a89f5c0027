/*
 * The printed form of a machine: line by line, each register by its representation and number, each constant in a
 * form that reads back to the same bits. docs/machine.md is its reference; machine_read.c its reader.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "machine_rows.h"

#include <inttypes.h>
#include <string.h>

#include "machine_text.h"

const char *const EXIT_NAMES[] = {
	[EXIT_NONE] = "open",
	[EXIT_JUMP] = "jump",
	[EXIT_BRANCH] = "branch",
	[EXIT_RETURN] = "return",
	[EXIT_YIELD] = "yield",
	[EXIT_RAISE] = "leave",
	[EXIT_TASK] = "task",
	[EXIT_CALL] = "call",
	[EXIT_CALL_VALUE] = "call_value",
	[EXIT_CALL_SPREAD] = "call_spread",
	[EXIT_NEXT] = "next",
	[EXIT_MAP] = "map",
};

static void put_string(Text *out, const char *bytes, size_t length)
{
	text_char(out, '"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '"' || c == '\\')
			text_format(out, "\\%c", c);
		else if (c == '\n')
			text_put(out, "\\n");
		else if (c < 32 || c >= 127)
			text_format(out, "\\x%02x", c);
		else
			text_char(out, (char)c);
	}
	text_char(out, '"');
}

static void put_name(Text *out, const char *string)
{
	if (string)
		put_string(out, string, strlen(string));
	else
		text_char(out, '-');
}

static void put_register(Text *out, const MachineFunction *function, Register reg)
{
	text_format(out, "%c%u", (char)function->registers[reg].rep, reg);
}

static void put_constant(Text *out, const MachineConstant *constant)
{
	uint64_t bits;
	switch (constant->kind) {
	case MC_UNBOUND:
		text_put(out, "unbound");
		break;
	case MC_NONE:
		text_put(out, "None");
		break;
	case MC_TRUE:
		text_put(out, "True");
		break;
	case MC_FALSE:
		text_put(out, "False");
		break;
	case MC_ELLIPSIS:
		text_put(out, "Ellipsis");
		break;
	case MC_INT:
		text_format(out, "%" PRId64, constant->integer);
		break;
	case MC_BIG:
		text_format(out, "big %s", constant->text);
		break;
	case MC_FLOAT:
		memcpy(&bits, &constant->real, sizeof bits);
		text_format(out, "float 0x%016" PRIx64, bits);
		break;
	case MC_STR:
	case MC_BYTES:
		text_put(out, constant->kind == MC_BYTES ? "bytes " : "");
		put_string(out, constant->text, constant->length);
		break;
	case MC_TUPLE:
		text_char(out, '(');
		for (uint32_t i = 0; i < constant->count; i++) {
			text_put(out, i ? ", " : "");
			put_constant(out, constant->items[i]);
		}
		text_char(out, ')');
		break;
	case MC_TYPE:
		text_format(out, "type %s", constant->text);
		break;
	case MC_BUILTIN:
		text_format(out, "builtin %s", constant->text);
		break;
	case MC_TASK:
		text_format(out, "task %u", constant->index);
		break;
	}
}

static void put_operands(Text *out, const MachineFunction *function, const Operand *operands,
						 uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		text_put(out, i ? ", " : " ");
		if (operands[i].constant)
			put_constant(out, operands[i].constant);
		else
			put_register(out, function, operands[i].reg);
	}
}

static void put_type(Text *out, const Type *type)
{
	if (type) {
		text_char(out, '\'');
		type_print(out, type);
		text_char(out, '\'');
	} else {
		text_char(out, '-');
	}
}

static void put_site(Text *out, const MachineFunction *function, uint32_t site)
{
	if (site < function->site_count)
		text_format(out, " @%u", site);
}

static void put_op(Text *out, const MachineFunction *function, const Op *op)
{
	const OpRow *row = op_row(op->code);
	text_put(out, "  ");
	if (op->result != NO_REGISTER) {
		put_register(out, function, op->result);
		text_put(out, " = ");
	}
	for (uint32_t r = 0; r < op->result_count; r++) {
		text_put(out, r ? ", " : "");
		put_register(out, function, op->results[r]);
	}
	text_put(out, op->result_count ? " = " : "");
	text_put(out, row->name);
	put_operands(out, function, op->operands, op->count);
	const char *immediates = op_immediates(row->operands);
	text_put(out, *immediates ? " :" : "");
	for (const char *p = immediates; *p; p++) {
		text_char(out, ' ');
		if (*p == 'n')
			text_format(out, "%" PRId64, op->number);
		else if (*p == 'd')
			text_format(out, "0x%016" PRIx64, (uint64_t)op->number);
		else if (*p == 'F')
			text_format(out, "%u", op->function->index);
		else if (*p == 'e')
			text_format(out, "%u", op->task);
		else
			put_name(out, op->text);
	}
	put_site(out, function, op->site);
	text_char(out, '\n');
}

static void put_exit(Text *out, const MachineFunction *function, const Exit *exit)
{
	text_put(out, "  ");
	if (exit_has_result(exit)) {
		put_register(out, function, exit->result);
		text_put(out, " = ");
	}
	text_put(out, EXIT_NAMES[exit->kind]);
	if (exit->kind == EXIT_CALL)
		text_format(out, " %u :", exit->function->index);
	if (exit->kind == EXIT_TASK || exit->kind == EXIT_MAP)
		text_format(out, " %u :", exit->task);
	if (exit->kind == EXIT_BRANCH) {
		text_char(out, ' ');
		put_register(out, function, exit->condition);
	}
	put_operands(out, function, exit->operands, exit->count);
	if (exit_has_result(exit) || exit->kind == EXIT_YIELD)
		put_site(out, function, exit->site);
	if (exit->to && exit->kind != EXIT_RETURN && exit->kind != EXIT_RAISE) {
		text_put(out, " -> ");
		put_name(out, exit->to->label);
	}
	if (exit->otherwise && (exit->kind == EXIT_BRANCH || exit->kind == EXIT_NEXT)) {
		text_put(out, " else ");
		put_name(out, exit->otherwise->label);
	}
	if (exit->suspends && exit->kind >= EXIT_CALL && exit->kind <= EXIT_NEXT)
		text_put(out, " suspends");
	text_char(out, '\n');
}

static void put_function(Text *out, const MachineFunction *function)
{
	text_format(out, "\nfunction %u ", function->index);
	put_name(out, function->name);
	text_put(out, " qualified ");
	put_name(out, function->qualified);
	text_format(
		out,
		" file %u line %u defaults %u cells %u suspends %d generator %d lambda %d code %d self ",
		function->file, function->line, function->default_count, function->cell_count,
		function->may_suspend, function->is_generator, function->is_lambda,
		function->is_code_string);
	if (function->self == NO_REGISTER)
		text_char(out, '-');
	else
		put_register(out, function, function->self);
	text_char(out, '\n');
	for (Register reg = 0; reg < function->register_count; reg++) {
		text_put(out, "  register ");
		put_register(out, function, reg);
		text_char(out, ' ');
		put_name(out, function->registers[reg].name);
		text_char(out, ' ');
		put_type(out, function->registers[reg].type);
		text_char(out, '\n');
	}
	for (uint32_t p = 0; p < function->param_count; p++) {
		const MachineParam *param = &function->params[p];
		text_put(out, "  param ");
		put_register(out, function, param->reg);
		text_char(out, ' ');
		put_name(out, param->name);
		text_format(out, " kind %d default %d ", param->kind, param->has_default);
		put_type(out, param->type);
		text_char(out, '\n');
	}
	for (uint32_t s = 0; s < function->site_count; s++) {
		const MachineSite *site = &function->sites[s];
		text_format(out, "  site %u %u %u %u ", s, site->line, site->column, site->end_column);
		put_name(out, site->name);
		text_format(out, " %u\n", site->name ? site->outer : 0);
	}
	for (uint32_t i = 0; i < function->block_count; i++) {
		const Block *block = function->blocks[i];
		text_put(out, "block ");
		put_name(out, block->label);
		text_format(out, " line %u\n", block->line);
		for (uint32_t k = 0; k < block->op_count; k++)
			put_op(out, function, block->ops[k]);
		put_exit(out, function, &block->exit);
	}
}

static void put_task(Text *out, const MachineTask *task, uint32_t index)
{
	text_format(out, "task %u ", index);
	put_name(out, task->name);
	text_put(out, " function ");
	put_name(out, task->function);
	text_put(out, " module ");
	put_name(out, task->module);
	text_format(out, " async %d trace %d retries %u timeout %u entry %d type ", task->is_async,
				task->is_trace, task->retries, task->timeout_ms, task->entry);
	put_name(out, task->task_type);
	text_put(out, " extra ");
	put_name(out, task->extra);
	text_put(out, " result ");
	put_type(out, task->result);
	text_char(out, '\n');
	for (uint32_t i = 0; i < task->param_count; i++) {
		text_put(out, "  param ");
		put_name(out, task->params[i].name);
		text_format(out, " kind %d default %d ", task->params[i].kind, task->params[i].has_default);
		put_type(out, task->params[i].type);
		if (task->params[i].default_value) {
			text_char(out, ' ');
			put_constant(out, task->params[i].default_value);
		}
		text_char(out, '\n');
	}
}

/* Lists of tasks up to this length are printed with each entry. */
enum { MOST_TASKS_REPEATED = 8 };

static void put_entry(Text *out, const MachineEntry *entry, uint32_t index)
{
	text_format(out, "entry %u ", index);
	put_name(out, entry->name);
	text_put(out, " full ");
	put_name(out, entry->full_name);
	text_put(out, " symbol ");
	put_name(out, entry->symbol);
	text_put(out, " doc ");
	put_name(out, entry->doc);
	text_format(out,
				" file %u main %u check %d code %d imported %d retries %u memory %" PRIu64
				" depth %u timeout %u tasks ",
				entry->file, entry->main->index, entry->type_check, entry->is_code_string,
				entry->is_imported, entry->retries, entry->max_memory, entry->max_depth,
				entry->timeout_ms);
	if (index && entry->task_count > MOST_TASKS_REPEATED && machine_same_tasks(entry - 1, entry)) {
		text_put(out, "as before");
	} else {
		text_char(out, '(');
		for (uint32_t i = 0; i < entry->task_count; i++)
			text_format(out, "%s%u", i ? ", " : "", entry->tasks[i]);
		text_char(out, ')');
	}
	text_put(out, " result ");
	put_type(out, entry->result);
	text_char(out, '\n');
	for (uint32_t i = 0; i < entry->input_count; i++) {
		text_put(out, "  input ");
		put_name(out, entry->inputs[i].name);
		text_char(out, ' ');
		put_type(out, entry->inputs[i].type);
		text_char(out, ' ');
		if (entry->inputs[i].default_value)
			put_constant(out, entry->inputs[i].default_value);
		else
			text_char(out, '-');
		text_char(out, '\n');
	}
}

void machine_print(Text *out, const Machine *machine)
{
	text_put(out, "machine ");
	put_name(out, machine->module);
	text_char(out, '\n');
	for (uint32_t i = 0; i < machine->source_count; i++) {
		text_put(out, "source ");
		put_name(out, machine->sources[i]->path);
		text_char(out, '\n');
	}
	for (uint32_t i = 0; i < machine->task_count; i++)
		put_task(out, &machine->tasks[i], i);
	for (uint32_t i = 0; i < machine->entry_count; i++)
		put_entry(out, &machine->entries[i], i);
	for (uint32_t i = 0; i < machine->function_count; i++)
		put_function(out, machine->functions[i]);
}
