/*
 * The list of diagnostics. They are kept in the order in which they were added and sorted when somebody first reads
 * them: by file in order of first use, then by place, then by order of adding.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct DiagRow {
	const char *id;
	Severity severity;
	const char *message, *help;
} DiagRow;

static const DiagRow rows[] = {
#define DIAG(enumerator, id, severity, message, help) {id, severity, message, help},
#include "diag.def"
#undef DIAG
};

typedef struct DiagEntry {
	DiagItem item; /* first: an item is its entry */
	unsigned file; /* number of the item's file, in order of first use */
	uint32_t
		start; /* where it stands in that file: a code string is a part of the file around it */
	unsigned order;
} DiagEntry;

typedef struct DiagKey {
	const void *thing; /* NULL: free */
	uint64_t about;
} DiagKey;

struct Diag {
	Arena *arena;
	DiagEntry **entries;
	unsigned count, capacity, errors;
	const Source **files;
	unsigned file_count, file_capacity;
	bool sorted;
	DiagKey *keys; /* a hash set; the capacity is a power of two, at most half of it used */
	uint32_t key_count, key_capacity;
};

Diag *diag_make(Arena *arena)
{
	Diag *diag = ARENA_NEW(arena, Diag);
	diag->arena = arena;
	return diag;
}

/* printf into the arena, with the rest of `arguments` left to the caller. */
static char *format_text(Arena *arena, const char *format, va_list arguments)
{
	va_list copy;
	va_copy(copy, arguments);
	int length = vsnprintf(NULL, 0, format, copy);
	va_end(copy);
	char *text = arena_alloc(arena, length < 0 ? 1 : (size_t)length + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, arguments);
	return text;
}

/* Takes the arguments of `format`'s holes off the list: vsnprintf leaves a va_list in no known state. */
static void skip_arguments(const char *format, va_list *arguments)
{
	for (const char *p = format; (p = strchr(p, '%')); p += 2) {
		if (p[1] == 's')
			(void)va_arg(*arguments, const char *);
		else if (p[1] == 'd')
			(void)va_arg(*arguments, int);
	}
}

static unsigned file_number(Diag *diag, const Source *source)
{
	for (unsigned i = 0; i < diag->file_count; i++)
		if (diag->files[i] == source)
			return i;
	if (diag->file_count == diag->file_capacity) {
		diag->file_capacity = diag->file_capacity ? diag->file_capacity * 2 : 8;
		const Source **files = ARENA_ARRAY(diag->arena, const Source *, diag->file_capacity);
		for (unsigned i = 0; i < diag->file_count; i++)
			files[i] = diag->files[i];
		diag->files = files;
	}
	diag->files[diag->file_count] = source;
	return diag->file_count++;
}

static void append(Diag *diag, DiagEntry *entry)
{
	if (diag->count == diag->capacity) {
		diag->capacity = diag->capacity ? diag->capacity * 2 : 16;
		DiagEntry **entries = ARENA_ARRAY(diag->arena, DiagEntry *, diag->capacity);
		for (unsigned i = 0; i < diag->count; i++)
			entries[i] = diag->entries[i];
		diag->entries = entries;
	}
	diag->entries[diag->count++] = entry;
	diag->sorted = false;
}

/* The place of the key, or the free one where it belongs. */
static DiagKey *find_key(DiagKey *keys, uint32_t capacity, const void *thing, uint64_t about)
{
	uint64_t hash =
		((uint64_t)(uintptr_t)thing ^ about * 0x9e3779b97f4a7c15u) * 0xff51afd7ed558ccdu;
	uint32_t at = (uint32_t)(hash >> 32) & (capacity - 1);
	while (keys[at].thing && (keys[at].thing != thing || keys[at].about != about))
		at = (at + 1) & (capacity - 1);
	return &keys[at];
}

bool diag_first(Diag *diag, const void *thing, uint64_t about)
{
	if (diag->key_count * 2 >= diag->key_capacity) {
		uint32_t capacity = diag->key_capacity ? diag->key_capacity * 2 : 64;
		DiagKey *keys = ARENA_ARRAY(diag->arena, DiagKey, capacity);
		for (uint32_t i = 0; i < diag->key_capacity; i++)
			if (diag->keys[i].thing)
				*find_key(keys, capacity, diag->keys[i].thing, diag->keys[i].about) = diag->keys[i];
		diag->keys = keys;
		diag->key_capacity = capacity;
	}
	DiagKey *key = find_key(diag->keys, diag->key_capacity, thing, about);
	if (key->thing)
		return false;
	*key = (DiagKey){thing, about};
	diag->key_count++;
	return true;
}

DiagItem *diag_add(Diag *diag, DiagId id, const Source *source, uint32_t start, uint32_t end, ...)
{
	const DiagRow *row = &rows[id];
	DiagEntry *entry = ARENA_NEW(diag->arena, DiagEntry);
	entry->item =
		(DiagItem){.id = id, .source = source, .start = start, .end = end < start ? start : end};
	va_list arguments;
	va_start(arguments, end);
	va_list for_message;
	va_copy(for_message, arguments);
	entry->item.message = format_text(diag->arena, row->message, for_message);
	va_end(for_message);
	if (row->help) {
		skip_arguments(row->message, &arguments);
		entry->item.help = format_text(diag->arena, row->help, arguments);
	}
	va_end(arguments);

	if (!diag_first(diag, source ? (const void *)source : diag, (uint64_t)start << 16 | id))
		return &entry->item; /* a second one at this place: made for the caller, but not listed */
	entry->order = diag->count;
	uint32_t outer_end = entry->item.end;
	const Source *outermost = source;
	entry->start = start;
	source_outermost(&outermost, &entry->start, &outer_end);
	entry->file = file_number(diag, outermost);
	if (row->severity == SEVERITY_ERROR)
		diag->errors++;
	append(diag, entry);
	return &entry->item;
}

void diag_note(Diag *diag, DiagItem *item, const Source *source, uint32_t start, uint32_t end,
			   const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	DiagNote *note = ARENA_NEW(diag->arena, DiagNote);
	*note = (DiagNote){.source = source, .start = start, .end = end};
	note->text = format_text(diag->arena, format, arguments);
	va_end(arguments);
	DiagNote **link = &item->notes;
	while (*link)
		link = &(*link)->next;
	*link = note;
}

void diag_help(Diag *diag, DiagItem *item, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	item->help = format_text(diag->arena, format, arguments);
	va_end(arguments);
}

/* Can the text stand in the literal around a code string as it is? It may have no line break, since the string is
   dedented, and nothing that the literal would read otherwise. */
static bool fits_literal(const Source *code, const char *text)
{
	const Source *outer = code->outer;
	const char *literal = outer->text + code->outer_start, *end = outer->text + code->outer_end;
	while (literal < end && *literal != '"' && *literal != '\'')
		literal++;
	char forbidden[] = {'\\', '\n', literal < end ? *literal : '"', 0};
	return code->outer_lines && !text[strcspn(text, forbidden)];
}

void diag_edit(Diag *diag, DiagItem *item, FixKind kind, const Source *source, uint32_t start,
			   uint32_t end, const char *text)
{
	for (const Source *code = source; code->outer; code = code->outer)
		item->fix_spoilt |= !fits_literal(code, text);
	if (item->fix_spoilt || kind == FIX_NONE) {
		item->fix = FIX_NONE;
		item->edits = NULL;
		item->fix_spoilt = true;
		return;
	}
	source_outermost(&source, &start, &end);
	DiagEdit *edit = ARENA_NEW(diag->arena, DiagEdit);
	*edit = (DiagEdit){.source = source, .start = start, .end = end};
	edit->text = arena_copy(diag->arena, text, strlen(text));
	DiagEdit **link = &item->edits;
	while (*link && (*link)->start <= start)
		link = &(*link)->next;
	edit->next = *link;
	*link = edit;
	item->fix = item->fix == FIX_NONE || kind < item->fix ? kind : item->fix;
}

void diag_replace(Diag *diag, DiagItem *item, FixKind kind, const char *text)
{
	if (text)
		diag_edit(diag, item, kind, item->source, item->start, item->end, text);
}

unsigned diag_error_count(const Diag *diag)
{
	return diag->errors;
}

unsigned diag_count(const Diag *diag)
{
	return diag->count;
}

static int compare_entries(const void *left, const void *right)
{
	const DiagEntry *a = *(DiagEntry *const *)left, *b = *(DiagEntry *const *)right;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

const DiagItem *diag_item(Diag *diag, unsigned index)
{
	if (index >= diag->count)
		return NULL;
	if (!diag->sorted) {
		qsort(diag->entries, diag->count, sizeof *diag->entries, compare_entries);
		diag->sorted = true;
	}
	return &diag->entries[index]->item;
}

const char *diag_id_text(DiagId id)
{
	return rows[id].id;
}

const char *diag_id_message(DiagId id)
{
	return rows[id].message;
}

const char *diag_id_help(DiagId id)
{
	return rows[id].help;
}
