/*
 * Jobs: what connectors may ask of them, their keys, and what is remembered of them.
 *
 * note [keys of jobs]
 * A key is the same whenever the same job is asked for, and never that of another one: what names the run in its journal
 * (its id, when it was begun, its life), the call's number, the attempt's, and how often the job was renewed. Runs that are
 * not recorded never come again: a number that is drawn for each job stands for them.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"
#include "sha256.h"

/* ---- lists ---- */

static void take_out(sbx_job *job)
{
	if (job->next)
		job->next->previous = job->previous;
	if (job->previous)
		job->previous->next = job->next;
	else
		job->list->first = job->next;
}

static void put_in(sbx_job *job, JobList *list)
{
	job->list = list;
	job->previous = NULL;
	job->next = list->first;
	if (list->first)
		list->first->previous = job;
	list->first = job;
}

void job_move(sbx_job *job, JobList *to)
{
	take_out(job);
	put_in(job, to);
}

/* ---- making ---- */

static const char KEY_CHARACTERS[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

/* The beginning of the run's name, as far as it can stand anywhere, and what makes it the only one. */
static void name_run(const sbx_attempt *attempt, sbx_connectors *connectors, char *name,
					 size_t size)
{
	char identity[512], digits[65], plain[41];
	size_t used = 0, length = sbx_attempt_identity(attempt, identity, sizeof identity);
	if (!length) {
		snprintf(name, size, "%s.%" PRIu64, connectors->nonce, ++connectors->jobs_made);
		return;
	}
	sha256_text(identity, strlen(identity), digits);
	for (const char *c = identity; *c && *c != ' ' && used + 1 < sizeof plain; c++)
		plain[used++] = (char)(strchr(KEY_CHARACTERS, *c) ? *c : '_');
	plain[used] = '\0';
	snprintf(name, size, "%s.%.12s", plain, digits);
}

static void make_key(sbx_job *job)
{
	char renewed[16] = "";
	if (job->renewals)
		snprintf(renewed, sizeof renewed, "-r%u", job->renewals);
	snprintf(job->key, sizeof job->key, "%s-%" PRIu64 "-%u%s", job->run, job->call_id, job->number,
			 renewed);
}

/* task_type_version= and custom_config= of the declaration. */
static bool read_extra(sbx_job *job)
{
	sbx_heap *heap;
	sbx_value extra, text;
	int64_t version;
	size_t length;
	if (!job->info.extra)
		return true;
	if (sbx_heap_open(0, &heap))
		return false;
	bool good = sbx_json_load(heap, job->info.extra, strlen(job->info.extra), &extra) == SBX_DONE;
	if (good && sbx_get_int(sbx_dict_find(heap, extra, "task_type_version"), &version))
		job->version = (uint32_t)version;
	sbx_value config = good ? sbx_dict_find(heap, extra, "custom_config") : (sbx_value){0};
	if (sbx_kind(config) == SBX_DICT) {
		good = sbx_json_dump(heap, config, &text) == SBX_DONE;
		const char *json = good ? sbx_peek_str(heap, text, &length) : NULL;
		job->config = json ? strdup(json) : NULL;
		good = job->config != NULL;
	}
	sbx_heap_close(heap);
	return good;
}

sbx_job *job_make(sbx_connectors *connectors, sbx_attempt *attempt)
{
	sbx_job *job = calloc(1, sizeof *job);
	if (!job)
		return NULL;
	job->owner = connectors;
	job->attempt = attempt;
	job->call_id = sbx_call_id(attempt->call);
	job->number = attempt->number;
	job->info.size = sizeof job->info;
	sbx_call_task(attempt->call, &job->info);
	job->result = sbx_call_result_type(attempt->call);
	sbx__log_label(attempt->call, job->label, sizeof job->label);
	put_in(job, &connectors->jobs);
	name_run(attempt, connectors, job->run, sizeof job->run);
	make_key(job);
	if (!read_extra(job)) {
		job_free(job);
		return NULL;
	}
	return job;
}

/* What the program says of the task, if it still has it: else what the note says. */
static void describe_noted(sbx_job *job)
{
	const sbx_gen_program *program = job->owner->program;
	const JobNote *note = &job->note;
	const char *dot = strrchr(note->task, '.');
	job->info.name = note->task;
	job->info.function = dot ? dot + 1 : note->task;
	job->info.module = "";
	for (uint32_t i = 0; program && i < program->task_count; i++) {
		const sbx_gen_task *task = program->tasks[i];
		if (strcmp(task->name, note->task) != 0)
			continue;
		job->info.function = task->function;
		job->info.module = task->module;
		job->info.extra = task->extra;
	}
	job->info.task_type = note->task_type;
	snprintf(job->label, sizeof job->label, "%.100s#%" PRIu64, job->info.function, note->call);
}

sbx_job *job_make_noted(sbx_connectors *connectors, JobNote *note)
{
	sbx_job *job = calloc(1, sizeof *job);
	if (!job) {
		job_note_clear(note);
		return NULL;
	}
	job->owner = connectors;
	job->note = *note;
	*note = (JobNote){.next = job->note.next};
	job->note.next = NULL;
	job->info.size = sizeof job->info;
	put_in(job, &connectors->jobs);
	describe_noted(job);
	job->call_id = job->note.call;
	job->number = job->note.number;
	job->version = job->note.version;
	job->renewals = job->note.renewals;
	snprintf(job->key, sizeof job->key, "%s", job->note.key);
	job->config = job->note.config ? strdup(job->note.config) : NULL;
	if (job_set_metadata(job, job->note.metadata, job->note.metadata_length) &&
		!job->config == !job->note.config)
		return job;
	job_free(job);
	return NULL;
}

void job_free(sbx_job *job)
{
	if (job->served && job->served->table.release_job)
		job->served->table.release_job(job->served->table.context, job);
	take_out(job);
	free(job->metadata);
	free(job->config);
	free(job->links);
	free(job->custom_info);
	free(job->run_id);
	job_note_clear(&job->note);
	free(job);
}

bool job_set_metadata(sbx_job *job, const void *metadata, size_t length)
{
	unsigned char *copy = malloc(length + 1);
	if (!copy)
		return false;
	if (length)
		memcpy(copy, metadata, length);
	copy[length] = '\0';
	free(job->metadata);
	job->metadata = copy;
	job->metadata_length = length;
	job->has_metadata = true;
	return true;
}

void job_renew(sbx_job *job)
{
	job->renewals++;
	job->has_metadata = job->is_taken_up = false;
	make_key(job);
}

/* ---- notes ---- */

static JobNote note_of(const sbx_job *job)
{
	return (JobNote){.call = job->call_id,
					 .number = job->number,
					 .renewals = job->renewals,
					 .version = job->version,
					 .task_type = (char *)(uintptr_t)job->info.task_type,
					 .key = (char *)(uintptr_t)job->key,
					 .config = job->config,
					 .metadata = job->metadata,
					 .metadata_length = job->metadata_length};
}

/* The run that it is noted in, for when its call is gone. */
static void keep_run(sbx_job *job)
{
	const char *id =
		job->owner->options.journal ? sbx_journal_run_id(sbx_call_run(job->attempt->call)) : NULL;
	job->is_noted = true;
	free(job->run_id);
	job->run_id = id ? strdup(id) : NULL;
}

bool job_find_note(sbx_job *job)
{
	size_t length;
	const void *bytes = sbx_attempt_find_note(job->attempt, JOB_NOTE_NAME, &length);
	JobNote note;
	if (!bytes)
		return false;
	bool good = job_note_load(&note, bytes, length);
	if (!good)
		job_log(job, "the note of the job is damaged: it is created again with the same key");
	job->renewals = good ? note.renewals : 0;
	if (good && note.is_deleted) {
		job_log(job, "the job was deleted: a new one is made");
		job_renew(job);
		good = false;
	} else if (good) {
		make_key(job);
		good = job_set_metadata(job, note.metadata, note.metadata_length);
	}
	job_note_clear(&note);
	if (!good)
		return false;
	job->is_taken_up = true;
	keep_run(job);
	return true;
}

/* False: this run is not recorded. What cannot be written ends the run with the next commit. */
static bool note(sbx_job *job, const char *name, const void *bytes, size_t length)
{
	return job->attempt && sbx_attempt_note(job->attempt, name, bytes, length) != SBX_E_STATE;
}

void job_note(sbx_job *job)
{
	const JobNote all = note_of(job);
	sbx_heap *heap;
	size_t length;
	if (sbx_heap_open(0, &heap))
		return;
	const void *bytes = job_note_dump(heap, &all, &length);
	if (bytes && note(job, JOB_NOTE_NAME, bytes, length))
		keep_run(job);
	sbx_heap_close(heap);
}

/* Where it cannot be written the note stays as it was: somebody deletes the job once more. */
void job_note_deleted(sbx_job *job)
{
	sbx_journal *journal = job->cancelling ? job->cancelling->journal : job->owner->options.journal;
	const JobNote all = job->cancelling ? job->note : note_of(job);
	const char *run_id = job->cancelling ? job->cancelling->run_id : job->run_id;
	if (!journal || !run_id)
		return;
	if (job->owner->written && job->owner->written != journal)
		(void)!sbx_journal_commit(job->owner->written);
	job->owner->written = journal;
	(void)!job_notes_delete(journal, run_id, job->cancelling != NULL, &all);
}

/* ---- the log ---- */

void job_log(const sbx_job *job, const char *format, ...)
{
	va_list arguments;
	char line[2048];
	va_start(arguments, format);
	int length = vsnprintf(line, sizeof line, format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof line)
		length = (int)sizeof line - 1;
	for (int i = 0; i < length; i++)
		if (line[i] == '\n')
			line[i] = ' ';
	sbx_log_line(job->owner->options.log, job->label, line, length > 0 ? (size_t)length : 0);
}

void sbx_job_log(const sbx_job *job, const char *text)
{
	job_log(job, "%s", text);
}

/* [{"name": ..., "url": ...}] as JSON, made with malloc; NULL: no memory, or text that is not UTF-8. */
static char *links_text(const sbx_resource *resource)
{
	sbx_heap *heap;
	char *copy = NULL;
	if (sbx_heap_open(0, &heap))
		return NULL;
	sbx_value *items = calloc(resource->link_count + 1, sizeof *items), text;
	const sbx_value keys[2] = {sbx_str_make(heap, "name", 4), sbx_str_make(heap, "url", 3)};
	for (size_t i = 0; items && i < resource->link_count; i++) {
		const char *name = resource->links[i].name, *uri = resource->links[i].uri;
		sbx_value values[2] = {sbx_str_make(heap, name ? name : "log", strlen(name ? name : "log")),
							   sbx_str_make(heap, uri ? uri : "", strlen(uri ? uri : ""))};
		items[i] = sbx_dict_make(heap, keys, values, 2);
	}
	if (items &&
		sbx_json_dump(heap, sbx_list_make(heap, items, resource->link_count), &text) == SBX_DONE) {
		const char *json = sbx_peek_str(heap, text, NULL);
		copy = json ? strdup(json) : NULL;
	}
	free(items);
	sbx_heap_close(heap);
	return copy;
}

void job_show(sbx_job *job, const sbx_resource *resource)
{
	const char *info = resource->custom_info;
	char *links = resource->link_count ? links_text(resource) : NULL;
	if (links && (!job->links || strcmp(links, job->links) != 0)) {
		for (size_t i = 0; i < resource->link_count; i++)
			job_log(job, "%s: %s", resource->links[i].name ? resource->links[i].name : "log",
					resource->links[i].uri ? resource->links[i].uri : "");
		(void)note(job, "links", links, strlen(links));
		free(job->links);
		job->links = links;
		links = NULL;
	}
	free(links);
	if (info && (!job->custom_info || strcmp(info, job->custom_info) != 0)) {
		char *copy = strdup(info);
		job_log(job, "info: %s", info);
		(void)note(job, "info", info, strlen(info));
		free(job->custom_info);
		job->custom_info = copy;
	}
}

/* ---- what a connector may ask ---- */

const char *sbx_job_key(const sbx_job *job)
{
	return job->key;
}

void sbx_job_task(const sbx_job *job, sbx_task_info *info)
{
	size_t size = info->size < sizeof *info ? info->size : sizeof *info;
	sbx_task_info all = job->info;
	all.size = info->size;
	memcpy(info, &all, size);
}

uint32_t sbx_job_task_version(const sbx_job *job)
{
	return job->version;
}

const char *sbx_job_config(const sbx_job *job)
{
	return job->config;
}

sbx_value job_input(const sbx_call *call, size_t index, sbx_heap *heap)
{
	sbx_value v = sbx_call_arg(call, index);
	return sbx_kind(v) == SBX_INVALID ? sbx_call_arg_default(call, index, heap)
									  : sbx_value_copy(heap, v);
}

const sbx_call *sbx_job_call(const sbx_job *job)
{
	return job->attempt ? job->attempt->call : NULL;
}

const void *sbx_job_metadata(const sbx_job *job, size_t *length)
{
	*length = job->has_metadata ? job->metadata_length : 0;
	return job->has_metadata ? job->metadata : NULL;
}

void *sbx_job_state(const sbx_job *job)
{
	return job->own;
}

void sbx_job_set_state(sbx_job *job, void *state)
{
	job->own = state;
}
