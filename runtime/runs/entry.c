/*
 * Entries: the inputs and results that cross their boundary.
 *
 * All that is wrong with the inputs is told at once, one line each: missing, unknown, of the wrong type. A run that
 * was refused so never starts; it can tell its error and be freed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "run.h"

/* ---- opening ---- */

typedef struct Opening {
	Run *run;
	sbx_value *args;
	TextBuffer errors; /* made when the first one is found */
	bool refused;
} Opening;

/* A line of the message: `before` 'name'[after]. */
static void refuse(Opening *o, const char *before, const char *name, sbx_value after)
{
	TextBuffer *text = &o->errors;
	if (!o->refused)
		sbx__text_init(text, &o->run->heap.head);
	else
		sbx__text_ascii(text, "\n");
	o->refused = true;
	sbx__text_ascii(text, before);
	sbx__text_ascii(text, " '");
	sbx__text_utf8(text, name, strlen(name));
	sbx__text_ascii(text, "'");
	if (after.tag)
		sbx__text_str(text, after);
}

/* The exception that a conversion raised, as a line. Another one than TypeError (memory) stays raised. 0, or -1. */
static int refuse_type(Opening *o, const char *name)
{
	sbx_run *head = &o->run->heap.head;
	sbx_value exception = sbx__exception_take(head), text, colon;
	if (o->run->failure != SBX_E_RAISED) {
		sbx__exception_set(head, exception, (sbx_status)o->run->failure);
		return -1;
	}
	text = sbx__exception_str(head, exception);
	sbx_gen_drop(head, exception);
	if (text.tag && (!STR(text)->length || sbx__str_at(text, 0) != '[')) {
		sbx_value parts[2];
		parts[0] = colon = sbx__str_ascii(head, ": ");
		parts[1] = text;
		if (!colon.tag)
			return -1;
		text = sbx_gen_str_concat(head, 2, parts);
		sbx_gen_drop(head, colon);
		sbx_gen_drop(head, parts[1]);
	}
	if (!text.tag)
		return -1;
	refuse(o, "input", name, text);
	sbx_gen_drop(head, text);
	return 0;
}

/* One input (SBX_INVALID: not given) of the run's own heap, converted into its place. 0, or -1 raised. */
static int place(Opening *o, uint32_t index, sbx_value v, bool from_json)
{
	const sbx_entry *entry = o->run->entry;
	const sbx_gen_param *input = &entry->inputs[index];
	sbx_run *head = &o->run->heap.head;
	sbx_value made = SBX_GEN_ERROR;
	if (!v.tag && !sbx__entry_default(entry, index).tag) {
		refuse(o, "missing input", input->name, SBX_GEN_ERROR);
		o->args[index] = v;
		return 0;
	}
	if (!v.tag) {
		v = made = sbx_gen_default_make(head, sbx__entry_default(entry, index));
		if (!made.tag)
			return -1;
	}
	if (sbx__fits_at_once(input->type, v)) {
		o->args[index] = sbx_gen_copy(v);
		sbx_gen_drop(head, made);
		return 0;
	}
	sbx_status status = sbx_value_convert(head, input->type, from_json, v, &o->args[index]);
	if (status == SBX_E_TYPE && !entry->type_check)
		status = sbx_value_convert(head, NULL, from_json, v, &o->args[index]);
	sbx_gen_drop(head, made);
	if (status == SBX_DONE)
		return 0;
	o->args[index].tag = 0;
	return refuse_type(o, input->name);
}

static sbx_status begin(Opening *o, const sbx_entry *entry, const sbx_run_options *options)
{
	sbx_status status = sbx__run_make(entry, options, &o->run);
	o->refused = false;
	if (status)
		return status;
	o->args = o->run->args;
	if (entry->input_count > INLINE_ARGS) {
		o->args = sbx__alloc(&o->run->heap.head, entry->input_count * sizeof *o->args);
		if (!o->args) {
			status = (sbx_status)o->run->failure;
			sbx_run_free(&o->run->heap.head);
			return status;
		}
		o->run->call.args = o->args;
	}
	return SBX_DONE;
}

/* The run is open, refused, or gone after a failure. */
static sbx_status end(Opening *o, bool failed, sbx_run **run)
{
	sbx_run *head = &o->run->heap.head;
	sbx_status status = SBX_DONE;
	head->stack_limit = NULL;
	if (SBX_GEN_UNLIKELY(o->refused)) {
		sbx_value text = sbx__text_take(&o->errors);
		RunExtra *extra = sbx__run_extra(o->run);
		failed =
			failed || !text.tag || !extra || !(extra->message = sbx_peek_str(head, text, NULL));
		status = SBX_E_INPUT;
	}
	if (SBX_GEN_UNLIKELY(failed)) {
		status = head && HEAP(head)->exception.tag ? (sbx_status)o->run->failure : SBX_E_NO_MEMORY;
		sbx_run_free(head);
		return status;
	}
	o->run->status = status ? (int16_t)status : SBX_RUNNING;
	*run = head;
	return status;
}

sbx_status sbx_run_open(const sbx_entry *entry, const sbx_value *inputs, size_t count,
						const sbx_run_options *options, sbx_run **run)
{
	Opening o;
	sbx_status status;
	bool failed = false;
	char here;
	*run = NULL;
	if (entry && count > entry->input_count)
		return SBX_E_ARGUMENT;
	status = begin(&o, entry, options);
	if (status)
		return status;
	o.run->heap.head.stack_limit = (char *)((uintptr_t)&here - o.run->stack_bytes);
	for (uint32_t i = 0; i < entry->input_count && !failed; i++) {
		sbx_value v = i < count ? inputs[i] : SBX_GEN_ERROR;
		bool copies = (v.tag & SBX_GEN_COUNTED) != 0;
		if (copies) {
			v = sbx_value_copy(&o.run->heap.head, v);
			if (!v.tag) {
				failed = refuse_type(&o, entry->inputs[i].name) != 0;
				o.args[i] = SBX_GEN_ERROR;
				continue;
			}
		}
		failed = place(&o, i, v, false) != 0;
		if (copies)
			sbx_gen_drop(&o.run->heap.head, v);
	}
	return end(&o, failed, run);
}

/* Names of the object that are no input. */
static void refuse_unknown(Opening *o, const DictObject *dict)
{
	const sbx_entry *entry = o->run->entry;
	for (uint64_t i = 0; i < dict->filled; i++) {
		bool known = false;
		const char *name;
		if (!dict->entries[i].key.tag)
			continue;
		for (uint32_t k = 0; k < entry->input_count && !known; k++)
			known = sbx__str_is(dict->entries[i].key, entry->inputs[k].name);
		if (!known && (name = sbx_peek_str(&o->run->heap.head, dict->entries[i].key, NULL)) != NULL)
			refuse(o, "unknown input", name, SBX_GEN_ERROR);
	}
}

static int place_all(Opening *o, sbx_value object)
{
	const sbx_entry *entry = o->run->entry;
	for (uint32_t i = 0; i < entry->input_count; i++)
		if (place(o, i, sbx_dict_find(&o->run->heap.head, object, entry->inputs[i].name), true))
			return -1;
	refuse_unknown(o, object.u.p);
	return 0;
}

/* What is wrong with the text as a whole. */
static int refuse_text(Opening *o, sbx_value why)
{
	sbx_run *head = &o->run->heap.head;
	sbx__text_init(&o->errors, head);
	o->refused = true;
	sbx__text_ascii(&o->errors, "the inputs are not a JSON object");
	if (why.tag) {
		sbx__text_ascii(&o->errors, ": ");
		sbx__text_str(&o->errors, why);
	}
	return 0;
}

sbx_status sbx_run_open_json(const sbx_entry *entry, const char *json, size_t length,
							 const sbx_run_options *options, sbx_run **run)
{
	Opening o;
	sbx_status status;
	sbx_run *head;
	sbx_value object;
	int failed;
	char here;
	*run = NULL;
	status = begin(&o, entry, options);
	if (status)
		return status;
	head = &o.run->heap.head;
	head->stack_limit = (char *)((uintptr_t)&here - o.run->stack_bytes);
	status = sbx_json_load(head, json, length, &object);
	if (status == SBX_DONE && SBX_GEN_KIND(object) == SBX_KIND_DICT) {
		failed = place_all(&o, object);
		sbx_gen_drop(head, object);
	} else if (status == SBX_DONE || status == SBX_E_SYNTAX) {
		sbx_value exception = sbx__exception_take(head);
		failed = refuse_text(&o, exception.tag ? sbx__exception_str(head, exception) : exception);
	} else {
		failed = -1;
	}
	return end(&o, failed != 0, run);
}

/* ---- orchestrators that are called by others ---- */

int sbx__entry_fit(sbx_run *run, const sbx_entry *entry, const sbx_gen_type *type, sbx_value v,
				   sbx_value *out, const char *param)
{
	if (!entry->type_check && sbx_value_convert(run, type, false, v, out) == SBX_DONE)
		return 0;
	return sbx__fit(run, entry->type_check ? type : NULL, false, v, out, entry->name, param);
}

/* A deep copy, as if the value had left the run and come back. */
static sbx_value cross(sbx_run *run, const sbx_entry *entry, const sbx_gen_type *type, sbx_value v,
					   const char *param)
{
	sbx_value copy, fitting = SBX_GEN_ERROR;
	if (v.tag <= SBX_KIND_FLOAT && sbx__fits_at_once(type, v))
		return v;
	copy = sbx_value_copy(run, v);
	if (!copy.tag)
		return copy;
	if (sbx__entry_fit(run, entry, type, copy, &fitting, param))
		fitting.tag = 0;
	sbx_gen_drop(run, copy);
	return fitting;
}

sbx_value sbx_gen_entry_argument(sbx_run *run, const sbx_entry *entry, int64_t index, sbx_value v)
{
	const sbx_gen_param *input = &entry->inputs[index];
	sbx_value made = SBX_GEN_ERROR, crossed;
	if (!v.tag) {
		v = sbx__entry_default(entry, (size_t)index);
		if (!v.tag)
			return sbx__raise(run, SBX_TYPE_TypeError,
							  "%s() missing 1 required positional argument: '%s'", entry->name,
							  input->name);
		v = made = sbx_gen_default_make(run, v);
		if (!made.tag)
			return made;
	}
	crossed = cross(run, entry, input->type, v, input->name);
	sbx_gen_drop(run, made);
	return crossed;
}

sbx_value sbx_gen_entry_result(sbx_run *run, const sbx_entry *entry, sbx_value v)
{
	return cross(run, entry, entry->result, v, NULL);
}

const sbx_entry *sbx__entry_of(sbx_run *run, const sbx_gen_task *task)
{
	if (!task->entry)
		sbx__raise(run, SBX_TYPE_SystemError, "orchestrator '%s' is not compiled in", task->name);
	return task->entry;
}

sbx_value sbx__entry_take_result(sbx_run *run, const sbx_entry *entry, sbx_value v)
{
	sbx_value result = v.tag ? sbx_gen_entry_result(run, entry, v) : v;
	sbx_gen_drop(run, v);
	return result;
}

sbx_value sbx__entry_call(sbx_run *run, const sbx_entry *entry, sbx_value *args)
{
	sbx_value v;
	for (uint32_t i = 0; i < entry->input_count; i++) {
		sbx_value checked = sbx_gen_entry_argument(run, entry, i, args[i]);
		if (!checked.tag)
			return checked;
		sbx_gen_drop(run, args[i]);
		args[i] = checked;
	}
	v = entry->main->call(run, SBX_GEN_ERROR, args);
	return v.tag == SBX_KIND_SUSPEND ? v : sbx__entry_take_result(run, entry, v);
}
