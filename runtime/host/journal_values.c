/*
 * What crosses between runs and the journal: arguments, inputs and results as bytes in the wire form, and as words for people.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "journal.h"

#include <stdio.h>
#include <string.h>

const char *journal_entry_name(const sbx_entry *entry)
{
	const char *name = sbx_entry_full_name(entry);
	return strcmp(name, "sandboxed-code") == 0 ? sbx_entry_name(entry) : name;
}

sbx_status journal_add_wire(sbx_journal *j, ByteQueue *out, sbx_value v)
{
	sbx_value bytes;
	size_t length;
	sbx_status status = sbx_wire_dump(j->heap, v, &bytes);
	if (status)
		return journal_problem(j, status, "the journal: a value cannot be written: %s",
							   sbx_run_error_text(j->heap));
	const unsigned char *data = sbx_peek_bytes(bytes, &length);
	byte_queue_add(out, data, length);
	sbx_value_free(j->heap, bytes);
	return out->failed ? journal_no_memory(j) : SBX_DONE;
}

static void add_count(ByteQueue *out, char letter, uint64_t n)
{
	byte_queue_u8(out, (unsigned char)letter);
	byte_queue_u64(out, n);
}

static sbx_status add_pair(sbx_journal *j, const char *name, sbx_value v)
{
	size_t length = strlen(name);
	add_count(&j->arguments, 's', length);
	byte_queue_add(&j->arguments, name, length);
	return journal_add_wire(j, &j->arguments, v);
}

sbx_status journal_write_arguments(sbx_journal *j, const sbx_call *call)
{
	uint64_t given = 0;
	size_t count = sbx_call_arg_count(call);
	sbx_status status = SBX_DONE;
	byte_queue_clear(&j->arguments);
	for (size_t i = 0; i < count; i++)
		given += sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID;
	add_count(&j->arguments, 'd', given);
	for (size_t i = 0; !status && i < count; i++)
		if (sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID)
			status = add_pair(j, sbx_call_arg_name(call, i), sbx_call_arg(call, i));
	return !status && j->arguments.failed ? journal_no_memory(j) : status;
}

sbx_status journal_write_inputs(sbx_journal *j, const sbx_entry *entry, const sbx_value *inputs,
								size_t count)
{
	uint64_t given = 0;
	sbx_status status = SBX_DONE;
	byte_queue_clear(&j->arguments);
	if (count > sbx_entry_input_count(entry))
		return journal_problem(j, SBX_E_ARGUMENT, "more inputs than %s has",
							   sbx_entry_full_name(entry));
	for (size_t i = 0; i < count; i++)
		given += sbx_kind(inputs[i]) != SBX_INVALID;
	add_count(&j->arguments, 'd', given);
	for (size_t i = 0; !status && i < count; i++)
		if (sbx_kind(inputs[i]) != SBX_INVALID)
			status = add_pair(j, sbx_entry_input_name(entry, i), inputs[i]);
	return !status && j->arguments.failed ? journal_no_memory(j) : status;
}

sbx_status journal_load_dict(sbx_journal *j, sbx_heap *heap, const void *bytes, size_t length,
							 sbx_value *dict)
{
	sbx_status status = sbx_wire_load(heap, bytes, length, dict);
	bool good = !status && sbx_kind(*dict) == SBX_DICT;
	for (size_t i = 0; good && i < sbx_count(*dict); i++)
		good = sbx_kind(sbx_peek_item(*dict, i)) == SBX_STR;
	if (good)
		return SBX_DONE;
	if (!status)
		sbx_value_free(heap, *dict);
	*dict = (sbx_value){0};
	return status == SBX_E_NO_MEMORY || status == SBX_E_MEMORY
			   ? status
			   : journal_problem(j, SBX_E_DAMAGED, "the journal: a value in it is damaged");
}

void journal_describe(sbx_journal *j, const char *task, const void *bytes, size_t length, char *out,
					  size_t size)
{
	sbx_value dict;
	size_t used = (size_t)snprintf(out, size, "%s(", task);
	if (journal_load_dict(j, j->heap, bytes, length, &dict)) {
		snprintf(out, size, "%s(?)", task);
		return;
	}
	for (size_t i = 0; i < sbx_count(dict) && used < size; i++) {
		sbx_value repr = sbx_repr(j->heap, sbx_peek_value(dict, i));
		const char *name = sbx_peek_str(j->heap, sbx_peek_item(dict, i), NULL);
		const char *text = repr.tag ? sbx_peek_str(j->heap, repr, NULL) : NULL;
		used += (size_t)snprintf(out + used, size - used, "%s%s=%.200s", i ? ", " : "",
								 name ? name : "?", text ? text : "?");
		sbx_value_free(j->heap, repr);
	}
	if (used < size)
		snprintf(out + used, size - used, ")");
	sbx_value_free(j->heap, dict);
}

/* The bytes of the UTF-8 character at text; 0: none begins there. */
static size_t character_length(const unsigned char *text)
{
	size_t length = *text < 0x80                    ? 1
					: *text >= 0xc2 && *text < 0xe0 ? 2
					: (*text & 0xf0) == 0xe0        ? 3
					: *text >= 0xf0 && *text < 0xf5 ? 4
													: 0;
	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (length == 3 &&
		((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] >= 0xa0)))
		return 0;
	if (length == 4 &&
		((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] >= 0x90)))
		return 0;
	return length;
}

void journal_clean(char *text)
{
	for (unsigned char *at = (unsigned char *)text; *at;) {
		size_t length = character_length(at);
		if (!length)
			*at = '?';
		at += length ? length : 1;
	}
}

const char *journal_change(const JournalRun *r, const sbx_run *run)
{
	return r->program != sbx_entry_fingerprint(sbx_run_entry(run))
			   ? "the program has changed"
			   : "it differs from what is recorded, though the program is the same";
}
