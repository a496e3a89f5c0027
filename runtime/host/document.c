/*
 * Documents, by jansson, of which this file is the only user.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "document.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "shared_library.h"

#define FUNCTIONS(X) \
	X(json_object) \
	X(json_array) \
	X(json_string) \
	X(json_integer) \
	X(json_true) \
	X(json_false) \
	X(json_loadb) \
	X(json_dumps) \
	X(json_delete) \
	X(json_deep_copy) \
	X(json_object_get) \
	X(json_object_set_new) \
	X(json_array_append_new) \
	X(json_array_get) \
	X(json_array_size) \
	X(json_object_size) \
	X(json_object_iter) \
	X(json_object_iter_next) \
	X(json_object_iter_key) \
	X(json_object_iter_value) \
	X(json_string_value) \
	X(json_integer_value)

struct Documents {
#define MEMBER(name) __typeof__(&name) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
};

static const SharedName NAMES[] = {
#define NAME(name) {#name, offsetof(struct Documents, name)},
	FUNCTIONS(NAME)
#undef NAME
};

/* A document is jansson's value; its flaw, if setting failed, is a member that no JSON has. */
#define VALUE(document) ((json_t *)(uintptr_t)(document))
#define FLAW "\x01"

Documents *documents_open(void)
{
	Documents *d = calloc(1, sizeof *d);
	if (d && !shared_library_load("libjansson.so.4", NAMES, SHARED_COUNT(NAMES), d)) {
		free(d);
		d = NULL;
	}
	return d;
}

void documents_close(Documents *documents)
{
	free(documents);
}

static void release(Documents *d, json_t *value)
{
	if (value && value->refcount != (size_t)-1 && --value->refcount == 0)
		d->json_delete(value);
}

Document *document_make(Documents *d)
{
	return (Document *)d->json_object();
}

Document *document_read(Documents *d, const char *text, size_t length)
{
	json_error_t error;
	return (Document *)d->json_loadb(text, length, JSON_ALLOW_NUL, &error);
}

void document_free(Documents *d, Document *document)
{
	release(d, VALUE(document));
}

Document *document_copy(Documents *d, const Document *document)
{
	return (Document *)d->json_deep_copy(VALUE(document));
}

char *document_text(Documents *d, const Document *document)
{
	if (!document || d->json_object_get(VALUE(document), FLAW))
		return NULL;
	return d->json_dumps(VALUE(document), JSON_COMPACT);
}

char *document_pretty(Documents *d, const Document *document)
{
	if (!document || d->json_object_get(VALUE(document), FLAW))
		return NULL;
	return d->json_dumps(VALUE(document), JSON_INDENT(2));
}

/* ---- setting ---- */

/* The object that holds the last part of the path, made where it is missing. */
static json_t *holder(Documents *d, json_t *object, const char **path)
{
	const char *slash;
	char name[64];
	while (object && (slash = strchr(*path, '/')) != NULL) {
		size_t length = (size_t)(slash - *path);
		if (length >= sizeof name)
			return NULL;
		memcpy(name, *path, length);
		name[length] = '\0';
		json_t *next = d->json_object_get(object, name);
		if (!next && d->json_object_set_new(object, name, d->json_object()) == 0)
			next = d->json_object_get(object, name);
		object = next;
		*path = slash + 1;
	}
	return object;
}

static void set(Documents *d, Document *document, const char *path, json_t *taken)
{
	json_t *object = holder(d, VALUE(document), &path);
	if (!object || !taken || d->json_object_set_new(object, path, taken))
		d->json_object_set_new(VALUE(document), FLAW, d->json_true());
}

void document_set_text(Documents *d, Document *document, const char *path, const char *text)
{
	set(d, document, path, d->json_string(text));
}

void document_set_int(Documents *d, Document *document, const char *path, int64_t number)
{
	set(d, document, path, d->json_integer(number));
}

void document_set_bool(Documents *d, Document *document, const char *path, bool truth)
{
	set(d, document, path, truth ? d->json_true() : d->json_false());
}

void document_set(Documents *d, Document *document, const char *path, Document *taken)
{
	set(d, document, path, VALUE(taken));
}

void document_set_member(Documents *d, Document *document, const char *key, Document *taken)
{
	if (!taken || d->json_object_set_new(VALUE(document), key, VALUE(taken)))
		d->json_object_set_new(VALUE(document), FLAW, d->json_true());
}

void document_set_key(Documents *d, Document *document, const char *path, const char *key,
					  const char *text)
{
	json_t *object = holder(d, VALUE(document), &path), *inner = NULL;
	if (object && !(inner = d->json_object_get(object, path)) &&
		d->json_object_set_new(object, path, d->json_object()) == 0)
		inner = d->json_object_get(object, path);
	if (!inner || d->json_object_set_new(inner, key, d->json_string(text)))
		d->json_object_set_new(VALUE(document), FLAW, d->json_true());
}

static void append(Documents *d, Document *document, const char *path, json_t *taken)
{
	json_t *object = holder(d, VALUE(document), &path), *array = NULL;
	if (object && !(array = d->json_object_get(object, path)) &&
		d->json_object_set_new(object, path, d->json_array()) == 0)
		array = d->json_object_get(object, path);
	if (!array || !taken || d->json_array_append_new(array, taken))
		d->json_object_set_new(VALUE(document), FLAW, d->json_true());
}

void document_append_text(Documents *d, Document *document, const char *path, const char *text)
{
	append(d, document, path, d->json_string(text));
}

void document_append(Documents *d, Document *document, const char *path, Document *taken)
{
	append(d, document, path, VALUE(taken));
}

/* ---- reading ---- */

static json_t *find(Documents *d, const Document *document, const char *path)
{
	json_t *value = VALUE(document);
	char name[64];
	while (value && path) {
		const char *slash = strchr(path, '/');
		size_t length = slash ? (size_t)(slash - path) : strlen(path);
		if (length >= sizeof name || !json_is_object(value))
			return NULL;
		memcpy(name, path, length);
		name[length] = '\0';
		value = d->json_object_get(value, name);
		path = slash ? slash + 1 : NULL;
	}
	return value;
}

const Document *document_get(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	return value && !json_is_null(value) ? (const Document *)value : NULL;
}

const char *document_get_text(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	return value && json_is_string(value) ? d->json_string_value(value) : NULL;
}

int64_t document_get_int(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	return value && json_is_integer(value) ? d->json_integer_value(value) : 0;
}

bool document_has_int(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	return value && json_is_integer(value);
}

bool document_get_bool(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	return value && json_is_true(value);
}

size_t document_count(Documents *d, const Document *document, const char *path)
{
	const json_t *value = find(d, document, path);
	if (value && json_is_object(value))
		return d->json_object_size(value);
	return value && json_is_array(value) ? d->json_array_size(value) : 0;
}

static void *nth(Documents *d, json_t *object, size_t index)
{
	void *iterator = d->json_object_iter(object);
	while (iterator && index-- > 0)
		iterator = d->json_object_iter_next(object, iterator);
	return iterator;
}

const Document *document_item(Documents *d, const Document *document, const char *path,
							  size_t index)
{
	json_t *value = find(d, document, path);
	if (value && json_is_array(value))
		return (const Document *)d->json_array_get(value, index);
	void *iterator = value && json_is_object(value) ? nth(d, value, index) : NULL;
	return iterator ? (const Document *)d->json_object_iter_value(iterator) : NULL;
}

const char *document_key(Documents *d, const Document *document, const char *path, size_t index)
{
	json_t *value = find(d, document, path);
	void *iterator = value && json_is_object(value) ? nth(d, value, index) : NULL;
	return iterator ? d->json_object_iter_key(iterator) : NULL;
}
