/*
 * Connectors that are described by a JSON document: reading it, and pointing out what is wrong in it.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connector.h"

enum { MOST_BYTES = 1 << 20 };

bool connector_file_complain(ConnectorFile *file, const char *place, const char *format, ...)
{
	va_list arguments;
	int used = snprintf(file->problem, sizeof file->problem, "%.300s: %s%s", file->path, place,
						*place ? " " : "");
	va_start(arguments, format);
	if (used > 0 && (size_t)used < sizeof file->problem)
		vsnprintf(file->problem + used, sizeof file->problem - (size_t)used, format, arguments);
	va_end(arguments);
	return false;
}

static char *read_file(ConnectorFile *document, size_t *length)
{
	FILE *file = fopen(document->path, "rb");
	char *text = file ? malloc(MOST_BYTES + 1) : NULL;
	*length = text ? fread(text, 1, MOST_BYTES + 1, file) : 0;
	if (!file || (text && ferror(file)))
		connector_file_complain(document, "", "cannot be read: %s", strerror(errno));
	else if (!text)
		connector_file_complain(document, "", "out of memory");
	else if (*length <= MOST_BYTES)
		goto done;
	else
		connector_file_complain(document, "", "is larger than %d bytes", MOST_BYTES);
	free(text);
	text = NULL;
done:
	if (file)
		fclose(file);
	return text;
}

bool connector_file_open(ConnectorFile *file, const char *path)
{
	size_t length;
	*file = (ConnectorFile){.path = path};
	char *text = read_file(file, &length);
	if (!text)
		return false;
	bool good = sbx_heap_open(0, &file->heap) == SBX_DONE;
	if (good && sbx_json_load(file->heap, text, length, &file->root))
		good = connector_file_complain(file, "", "is not JSON: %s", sbx_run_error_text(file->heap));
	else if (good && sbx_kind(file->root) != SBX_DICT)
		good = connector_file_complain(file, "", "is not a JSON object");
	free(text);
	return good;
}

void connector_file_close(ConnectorFile *file)
{
	sbx_heap_close(file->heap);
	file->heap = NULL;
}

/* ---- places ---- */

/* One part of a pointer: ~1 is a slash, ~0 a tilde. False: it is too long. */
static bool read_part(const char **pointer, char *part, size_t size)
{
	size_t length = 0;
	const char *p = *pointer;
	for (; *p && *p != '/'; p++) {
		char c = *p;
		if (c == '~' && (p[1] == '0' || p[1] == '1'))
			c = *++p == '1' ? '/' : '~';
		if (length + 1 >= size)
			return false;
		part[length++] = c;
	}
	part[length] = '\0';
	*pointer = p;
	return true;
}

sbx_value json_at(sbx_heap *heap, sbx_value v, const char *pointer)
{
	char part[256];
	const sbx_value none = {0};
	while (*pointer == '/') {
		pointer++;
		if (!read_part(&pointer, part, sizeof part))
			return none;
		if (sbx_kind(v) == SBX_DICT) {
			v = sbx_dict_find(heap, v, part);
		} else if (sbx_kind(v) == SBX_LIST) {
			char *end;
			unsigned long index = strtoul(part, &end, 10);
			if (*part < '0' || *part > '9' || *end || index >= sbx_count(v))
				return none;
			v = sbx_peek_item(v, index);
		} else {
			return none;
		}
		if (sbx_kind(v) == SBX_INVALID)
			return none;
	}
	return *pointer ? none : v;
}

/* ---- members ---- */

/* "/get/path" of place "/get" and a name. */
static void member_place(char *to, size_t size, const char *place, const char *name)
{
	snprintf(to, size, "%.150s/%.100s", place, name);
}

bool connector_file_text(ConnectorFile *file, sbx_value object, const char *place, const char *name,
						 const char **out)
{
	char full[300];
	sbx_value v = sbx_dict_find(file->heap, object, name);
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	size_t length = 0;
	const char *text = sbx_kind(v) == SBX_STR ? sbx_peek_str(file->heap, v, &length) : NULL;
	member_place(full, sizeof full, place, name);
	if (!text)
		return connector_file_complain(file, full, "is not a string");
	if (strlen(text) != length)
		return connector_file_complain(file, full, "has a zero character");
	*out = text;
	return true;
}

bool connector_file_number(ConnectorFile *file, sbx_value object, const char *place,
						   const char *name, uint32_t most, uint32_t *out)
{
	char full[300];
	int64_t number = 0;
	sbx_value v = sbx_dict_find(file->heap, object, name);
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	member_place(full, sizeof full, place, name);
	if (sbx_kind(v) != SBX_INT || !sbx_get_int(v, &number) || number < 1 || number > most)
		return connector_file_complain(file, full, "is not a whole number from 1 to %u", most);
	*out = (uint32_t)number;
	return true;
}

bool connector_file_truth(ConnectorFile *file, sbx_value object, const char *place,
						  const char *name, bool *out)
{
	char full[300];
	sbx_value v = sbx_dict_find(file->heap, object, name);
	if (sbx_kind(v) == SBX_INVALID)
		return true;
	member_place(full, sizeof full, place, name);
	if (sbx_kind(v) != SBX_BOOL)
		return connector_file_complain(file, full, "is not true or false");
	*out = sbx_get_bool(v);
	return true;
}

bool connector_file_only(ConnectorFile *file, sbx_value object, const char *place,
						 const char *const *names)
{
	for (size_t i = 0; i < sbx_count(object); i++) {
		const char *key = sbx_peek_str(file->heap, sbx_peek_item(object, i), NULL);
		size_t n = 0;
		while (key && names[n] && strcmp(names[n], key) != 0)
			n++;
		if (!key || !names[n]) {
			char known[400] = "";
			size_t used = 0;
			for (n = 0; names[n] && used < sizeof known; n++)
				used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", n ? ", " : "",
										 names[n]);
			return connector_file_complain(file, place, "has an unknown member '%.100s'; known: %s",
										   key ? key : "?", known);
		}
	}
	return true;
}
