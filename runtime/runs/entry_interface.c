/*
 * What entries declare: names, inputs, result, tasks, where they stand.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "run.h"

const char *sbx_entry_name(const sbx_entry *entry)
{
	return entry->name;
}
const char *sbx_entry_full_name(const sbx_entry *entry)
{
	return entry->full_name;
}
const char *sbx_entry_doc(const sbx_entry *entry)
{
	return entry->doc;
}
size_t sbx_entry_input_count(const sbx_entry *entry)
{
	return entry->input_count;
}
const sbx_type *sbx_entry_result_type(const sbx_entry *entry)
{
	return entry->result;
}
uint64_t sbx_entry_fingerprint(const sbx_entry *entry)
{
	return entry->program->fingerprint;
}

const char *sbx_entry_source(const sbx_entry *entry, uint32_t *line)
{
	const sbx_gen_source *source = &entry->program->sources[entry->main->file];
	if (line)
		*line = source->before + (entry->main->line ? entry->main->line : 1);
	return source->path;
}

/* ---- inputs ---- */

const char *sbx_entry_input_name(const sbx_entry *entry, size_t index)
{
	return index < entry->input_count ? entry->inputs[index].name : NULL;
}

const sbx_type *sbx_entry_input_type(const sbx_entry *entry, size_t index)
{
	return index < entry->input_count ? entry->inputs[index].type : NULL;
}

sbx_value sbx__entry_default(const sbx_entry *entry, size_t index)
{
	return entry->defaults ? entry->defaults[index] : SBX_GEN_ERROR;
}

int sbx_entry_input_required(const sbx_entry *entry, size_t index)
{
	return index < entry->input_count && !sbx__entry_default(entry, index).tag;
}

sbx_value sbx_entry_input_default(const sbx_entry *entry, size_t index, sbx_heap *heap)
{
	if (index >= entry->input_count || !sbx__entry_default(entry, index).tag)
		return SBX_GEN_ERROR;
	return sbx_gen_default_make(heap, sbx__entry_default(entry, index));
}

uint32_t sbx_entry_retries(const sbx_entry *entry)
{
	return entry->retries;
}

/* ---- tasks ---- */

void sbx__task_tell(const sbx_gen_task *task, sbx_task_info *info)
{
	sbx_task_info all = {
		.size = info->size < sizeof all ? info->size : sizeof all,
		.name = task->name,
		.function = task->function,
		.module = task->module,
		.task_type = task->task_type,
		.extra = task->extra,
		.retries = task->retries,
		.timeout_ms = task->timeout_ms,
		.is_async = task->is_async,
	};
	memcpy(info, &all, all.size);
}

/* Orchestrators are tables of tasks too, but calls of them never wait for a host. */
static const sbx_gen_task *task_at(const sbx_entry *entry, size_t index, size_t *count)
{
	const sbx_gen_task *found = NULL;
	*count = 0;
	for (uint32_t i = 0; i < entry->task_count; i++) {
		if (entry->tasks[i]->is_orchestrator)
			continue;
		if (*count == index)
			found = entry->tasks[i];
		++*count;
	}
	return found;
}

size_t sbx_entry_task_count(const sbx_entry *entry)
{
	size_t count;
	(void)task_at(entry, 0, &count);
	return count;
}

int sbx_entry_task(const sbx_entry *entry, size_t index, sbx_task_info *info)
{
	size_t count;
	const sbx_gen_task *task = task_at(entry, index, &count);
	if (!task)
		return 0;
	sbx__task_tell(task, info);
	return 1;
}
