/*
 * The entries of a program: found by name, and shown with their typed inputs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const sbx_entry *program_find_entry(const sbx_gen_program *program, const char *name,
									unsigned *count)
{
	const sbx_entry *found = NULL, *in_full = NULL;
	unsigned in_full_count = 0;
	*count = 0;
	for (uint32_t i = 0; i < program->entry_count; i++) {
		const sbx_entry *entry = program->entries[i];
		if (strcmp(sbx_entry_full_name(entry), name) == 0) {
			in_full = entry;
			in_full_count++;
		} else if (strcmp(sbx_entry_name(entry), name) == 0) {
			found = entry;
			++*count;
		}
	}
	if (in_full)
		*count = in_full_count;
	return in_full ? in_full : found;
}

const char *program_entry_name(const sbx_entry *entry)
{
	return entry->is_code_string ? sbx_entry_name(entry) : sbx_entry_full_name(entry);
}

static void print_type(FILE *out, const char *before, const sbx_type *type)
{
	char text[512];
	if (!type)
		return;
	size_t length = sbx_type_text(type, text, sizeof text);
	fprintf(out, "%s%s%s", before, text, length >= sizeof text ? "..." : "");
}

static void print_default(FILE *out, const sbx_entry *entry, size_t index)
{
	sbx_heap *heap;
	if (sbx_entry_input_required(entry, index))
		return;
	if (!entry->defaults || sbx_kind(entry->defaults[index]) == SBX_INVALID ||
		sbx_heap_open(0, &heap)) {
		fputs(" = ...", out);
		return;
	}
	/* a heap begins with what generated code knows of a run */
	sbx_value value = sbx_gen_default_make((sbx_run *)(void *)heap, entry->defaults[index]);
	const char *text = sbx_peek_str(heap, sbx_repr(heap, value), NULL);
	fprintf(out, " = %s", text ? text : "...");
	sbx_heap_close(heap);
}

char *program_signature(const sbx_entry *entry)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	fprintf(out, "%s(", program_entry_name(entry));
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		const sbx_type *type = sbx_entry_input_type(entry, i);
		fprintf(out, "%s%s", i ? ", " : "", sbx_entry_input_name(entry, i));
		if (type)
			print_type(out, ": ", type);
		else
			fputs(": Any", out);
		print_default(out, entry, i);
	}
	putc(')', out);
	print_type(out, " -> ", sbx_entry_result_type(entry));
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
