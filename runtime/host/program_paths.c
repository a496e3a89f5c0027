/*
 * Relative paths of File, Dir and DataFrame inputs, made absolute where a run has a journal: it may be taken up from another
 * folder, and the inputs that it was begun with are compared. What tasks make has absolute paths anyway.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "program.h"

enum { DEEPEST = 200 };

static bool has_handles(const sbx_type *type)
{
	sbx_type_kind kind = sbx_type_kind_of(type);
	bool has = kind == SBX_FILE || kind == SBX_DIR || kind == SBX_DATAFRAME;
	for (size_t i = 0; !has && i < sbx_type_count(type); i++)
		has = has_handles(sbx_type_argument(type, i));
	return has;
}

/* "s3://bucket/key", "file:///x" */
static bool is_uri(const char *path)
{
	size_t scheme =
		strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
	return scheme && strncmp(path + scheme, "://", 3) == 0;
}

/* Its "." and "//" go; so does ".." at its begin, since the folder has no links in it. Made with malloc. */
static char *absolute_path(const char *path)
{
	char *folder = getcwd(NULL, 0);
	size_t room = folder ? strlen(folder) + strlen(path) + 2 : 0;
	char *whole = folder ? malloc(room) : NULL;
	bool at_begin = true;
	if (!whole) {
		free(folder);
		return NULL;
	}
	size_t used = strlen(folder);
	memcpy(whole, folder, used + 1);
	free(folder);
	while (used && whole[used - 1] == '/')
		whole[--used] = '\0';
	while (*path) {
		size_t length = strcspn(path, "/");
		bool is_up = length == 2 && memcmp(path, "..", 2) == 0;
		if (is_up && at_begin) {
			while (used && whole[used - 1] != '/')
				used--;
			used -= used > 0;
		} else if (length && !(length == 1 && *path == '.')) {
			whole[used++] = '/';
			memcpy(whole + used, path, length);
			used += length;
			at_begin = false;
		}
		path += length + (path[length] == '/');
	}
	whole[used] = '\0';
	if (!used)
		snprintf(whole, room, "/");
	return whole;
}

static sbx_value fix_handle(sbx_heap *heap, sbx_value v)
{
	const char *path = sbx_handle_path(heap, v);
	if (!path || !*path || *path == '/' || is_uri(path))
		return v;
	char *whole = absolute_path(path);
	if (!whole)
		return v; /* there is no such folder any more */
	v = sbx_handle_make(heap, sbx_kind(v), whole, sbx_handle_format(heap, v),
						sbx_handle_hash(heap, v));
	free(whole);
	return v;
}

static sbx_value fix(sbx_heap *heap, sbx_value v, unsigned depth);

static sbx_value fix_items(sbx_heap *heap, sbx_value v, unsigned depth)
{
	sbx_type_kind kind = sbx_kind(v);
	size_t count = sbx_count(v);
	sbx_value *items = calloc(2 * count + 1, sizeof *items), *values = items + count, out = {0};
	if (!items)
		return out;
	for (size_t i = 0; i < count; i++) {
		items[i] = fix(heap, sbx_peek_item(v, i), depth + 1);
		if (kind == SBX_DICT)
			values[i] = fix(heap, sbx_peek_value(v, i), depth + 1);
	}
	if (kind == SBX_DICT)
		out = sbx_dict_make(heap, items, values, count);
	else if (kind == SBX_LIST)
		out = sbx_list_make(heap, items, count);
	else if (kind == SBX_TUPLE)
		out = sbx_tuple_make(heap, items, count);
	else
		out = sbx_set_make(heap, items, count, kind == SBX_FROZENSET);
	free(items);
	return out;
}

static sbx_value fix(sbx_heap *heap, sbx_value v, unsigned depth)
{
	switch (sbx_kind(v)) {
	case SBX_FILE:
	case SBX_DIR:
	case SBX_DATAFRAME:
		return fix_handle(heap, v);
	case SBX_LIST:
	case SBX_TUPLE:
	case SBX_DICT:
	case SBX_SET:
	case SBX_FROZENSET:
		return depth < DEEPEST ? fix_items(heap, v, depth) : v;
	default:
		return v;
	}
}

bool program_fix_paths(const sbx_entry *entry, sbx_heap *heap, sbx_value *values)
{
	for (size_t i = 0; i < sbx_entry_input_count(entry); i++) {
		if (sbx_kind(values[i]) == SBX_INVALID || !has_handles(sbx_entry_input_type(entry, i)))
			continue;
		values[i] = fix(heap, values[i], 0);
		if (sbx_kind(values[i]) == SBX_INVALID)
			return false;
	}
	return true;
}
