/*
 * Declarations in text, for --dump=decl and the goldens: one line an entry, input, task and
 * parameter.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "constant.h"
#include "declare.h"

static void print_param(Text *out, const ParamDecl *param, const char *what)
{
	static const char *const marks[] = {" (positional-only)", "", " (*args)", " (keyword-only)",
										" (**kwargs)"};
	text_format(out, "  %s %s: ", what, param->name->text);
	if (param->type)
		type_print(out, param->type);
	else
		text_put(out, "?");
	if (param->constant) {
		text_put(out, " = ");
		constant_print(out, param->constant);
	} else if (param->default_value) {
		text_put(out, " = ...");
	}
	text_format(out, "%s\n", marks[param->kind]);
}

static void print_result(Text *out, const Type *result)
{
	text_put(out, "  result ");
	if (result)
		type_print(out, result);
	else
		text_put(out, "?");
	text_char(out, '\n');
}

static void print_entry(Text *out, const EntryDecl *entry)
{
	static const char *const kinds[] = {"function", "code", "local"};
	text_format(out, "entry %s (%s) %s%s, line %d\n", entry->name, entry->full_name,
				entry->is_imported ? "imported " : "", kinds[entry->kind],
				(int)source_place(entry->outer, entry->node->start).line);
	for (uint32_t i = 0; i < entry->input_count; i++)
		print_param(out, &entry->inputs[i], "input");
	print_result(out, entry->result);
	text_format(out, "  limits memory %llu depth %u timeout %u ms, retries %u%s\n",
				(unsigned long long)entry->max_memory, entry->max_depth, entry->timeout_ms,
				entry->retries, entry->type_check ? "" : ", no type check");
	for (uint32_t i = 0; i < entry->task_count; i++)
		text_format(out, "  may call %s (%s)\n", entry->tasks[i].name->text,
					entry->tasks[i].task->full_name);
}

static void print_task(Text *out, const TaskDecl *task)
{
	text_format(out, "task %s (%s)%s%s", task->name->text, task->full_name,
				task->is_async ? " async" : "", task->is_trace ? " trace" : "");
	text_format(out, "%s", task->entry ? " orchestrator" : "");
	if (*task->module)
		text_format(out, " of %s", task->module);
	text_format(out, ", line %d\n", (int)source_place(task->source, task->node->start).line);
	if (task->entry)
		return;
	for (uint32_t i = 0; i < task->param_count; i++)
		print_param(out, &task->params[i], "param");
	print_result(out, task->result);
	if (task->retries)
		text_format(out, "  retries %u\n", task->retries);
	if (task->timeout_ms)
		text_format(out, "  timeout %u ms\n", task->timeout_ms);
	if (task->task_type)
		text_format(out, "  type %s\n", task->task_type);
	if (task->extra)
		text_format(out, "  extra %s\n", task->extra);
	for (const DeclProblem *problem = task->problems; problem; problem = problem->next)
		text_format(out, "  problem %s: %s\n", diag_id_text(problem->id), problem->a);
}

void declare_print(Text *out, const Declarations *declarations)
{
	for (uint32_t i = 0; i < declarations->all_entry_count; i++)
		print_entry(out, declarations->entries[i]);
	for (uint32_t i = 0; i < declarations->task_count; i++)
		print_task(out, declarations->tasks[i]);
}
