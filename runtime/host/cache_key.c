/*
 * The key of a result: a hash over the task's name, its version (which the compiler has made of its source, image and
 * environment, or the user by version_override=), its interface, and the inputs of the call. An input is taken in its wire
 * form, but for two: a File, Dir or DataFrame stands for its content, and the items of a set have no order.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "cache.h"

enum { DEEPEST = CACHE_DEEPEST };

static void add_text(sbx_sha256 *hash, const char *text)
{
	const char *given = text ? text : "";
	sbx_sha256_add(hash, given, strlen(given) + 1);
}

static void add_number(sbx_sha256 *hash, char letter, uint64_t number)
{
	unsigned char bytes[9] = {(unsigned char)letter};
	for (unsigned i = 0; i < 8; i++)
		bytes[i + 1] = (unsigned char)(number >> i * 8);
	sbx_sha256_add(hash, bytes, sizeof bytes);
}

/* ---- what the declaration says ---- */

static const char *member(sbx_heap *heap, sbx_value object, const char *name)
{
	sbx_value v = sbx_kind(object) == SBX_DICT ? sbx_dict_find(heap, object, name) : sbx_none();
	return sbx_kind(v) == SBX_STR ? sbx_peek_str(heap, v, NULL) : NULL;
}

static void add_type(sbx_sha256 *hash, const sbx_type *type)
{
	char text[512], *longer = text;
	size_t length = sbx_type_text(type, text, sizeof text);
	if (length >= sizeof text && (longer = malloc(length + 1)) != NULL)
		(void)sbx_type_text(type, longer, length + 1);
	add_text(hash, longer ? longer : text);
	if (longer != text)
		free(longer);
}

static void begin_key(CachePlan *plan, const sbx_call *call, const char *salt,
					  const char *base_image)
{
	sbx_sha256 *hash = &plan->begun;
	sbx_sha256_begin(hash);
	add_text(hash, "sbx cache 1");
	add_text(hash, plan->name);
	add_text(hash, plan->version);
	add_text(hash, salt);
	add_text(hash, base_image);
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		add_text(hash, sbx_call_arg_name(call, i));
		add_type(hash, sbx_call_arg_type(call, i));
	}
	add_text(hash, "->");
	add_type(hash, sbx_call_result_type(call));
}

static bool read_ignored(CachePlan *plan, sbx_heap *heap, sbx_value list)
{
	size_t count = sbx_kind(list) == SBX_LIST ? sbx_count(list) : 0;
	plan->ignored = calloc(count + 1, sizeof *plan->ignored);
	for (size_t i = 0; plan->ignored && i < count; i++) {
		const char *name = sbx_peek_str(heap, sbx_peek_item(list, i), NULL);
		plan->ignored[i] = name ? strdup(name) : NULL;
		if (!plan->ignored[i])
			return false;
		plan->ignored_count++;
	}
	return plan->ignored != NULL;
}

/* {"cache": {"behavior": "auto", "version": ..., ...}, ...} */
static bool read_plan(CachePlan *plan, sbx_heap *heap, const sbx_call *call, const char *base_image)
{
	sbx_task_info info = {.size = sizeof info};
	sbx_value extra, cache;
	sbx_call_task(call, &info);
	if (sbx_json_load(heap, plan->extra, strlen(plan->extra), &extra))
		return false;
	cache = sbx_kind(extra) == SBX_DICT ? sbx_dict_find(heap, extra, "cache") : sbx_none();
	const char *behavior = member(heap, cache, "behavior"),
			   *version = member(heap, cache, "version");
	if (!behavior || !version || strcmp(behavior, "disable") == 0)
		return true;
	plan->looks_up = strcmp(behavior, "auto") == 0;
	plan->stores = true;
	plan->version = strdup(version);
	if (!plan->version || !read_ignored(plan, heap, sbx_dict_find(heap, cache, "ignored_inputs")))
		return false;
	bool is_sandbox = info.task_type && strcmp(info.task_type, "raw-container") == 0;
	begin_key(plan, call, member(heap, cache, "salt"), is_sandbox ? base_image : NULL);
	return true;
}

CachePlan *cache_plan_make(const sbx_call *call, const char *base_image)
{
	sbx_task_info info = {.size = sizeof info};
	CachePlan *plan = calloc(1, sizeof *plan);
	sbx_heap *heap;
	sbx_call_task(call, &info);
	if (!plan)
		return NULL;
	plan->name = strdup(info.name);
	plan->extra = strdup(info.extra ? info.extra : "{}");
	bool good = plan->name && plan->extra && sbx_heap_open(0, &heap) == SBX_DONE;
	if (good) {
		good = read_plan(plan, heap, call, base_image);
		sbx_heap_close(heap);
	}
	if (!good) {
		cache_plan_free(plan);
		return NULL;
	}
	return plan;
}

void cache_plan_free(CachePlan *plan)
{
	for (size_t i = 0; i < plan->ignored_count; i++)
		free(plan->ignored[i]);
	free(plan->ignored);
	free(plan->name);
	free(plan->extra);
	free(plan->version);
	free(plan);
}

bool cache_plan_is_for(const CachePlan *plan, const sbx_call *call)
{
	sbx_task_info info = {.size = sizeof info};
	sbx_call_task(call, &info);
	return strcmp(plan->name, info.name) == 0 &&
		   strcmp(plan->extra, info.extra ? info.extra : "{}") == 0;
}

/* ---- values ---- */

/* What goes into the hash: values of a heap, and the digests of the files that they name, in the order in which they are met. */
typedef struct Adding {
	sbx_heap *heap;
	const unsigned char *digests, *end;
} Adding;

static bool add_value(Adding *a, sbx_sha256 *hash, sbx_value v, unsigned depth);

static bool add_wire(const Adding *a, sbx_sha256 *hash, sbx_value v)
{
	sbx_value bytes;
	size_t length;
	if (sbx_wire_dump(a->heap, v, &bytes))
		return false;
	const unsigned char *wire = sbx_peek_bytes(bytes, &length);
	add_number(hash, 'w', length);
	sbx_sha256_add(hash, wire, length);
	sbx_value_free(a->heap, bytes);
	return true;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

/* The digests of the items, sorted. */
static bool add_set(Adding *a, sbx_sha256 *hash, sbx_value set, unsigned depth)
{
	size_t count = sbx_count(set);
	unsigned char(*digests)[32] = calloc(count + 1, sizeof *digests);
	bool good = digests != NULL;
	add_number(hash, sbx_kind(set) == SBX_SET ? 'S' : 'Z', count);
	for (size_t i = 0; good && i < count; i++) {
		sbx_sha256 item;
		sbx_sha256_begin(&item);
		good = add_value(a, &item, sbx_peek_item(set, i), depth + 1);
		sbx_sha256_end(&item, digests[i]);
	}
	if (good && count) {
		qsort(digests, count, sizeof *digests, by_bytes);
		sbx_sha256_add(hash, digests, count * sizeof *digests);
	}
	free(digests);
	return good;
}

static bool add_handle(Adding *a, sbx_sha256 *hash, sbx_value v)
{
	if (a->digests == a->end)
		return false;
	add_number(hash, 'h', sbx_kind(v));
	sbx_sha256_add(hash, a->digests, 32);
	add_text(hash, sbx_handle_format(a->heap, v));
	a->digests += 32;
	return true;
}

static bool add_items(Adding *a, sbx_sha256 *hash, sbx_value v, unsigned depth)
{
	bool is_dict = sbx_kind(v) == SBX_DICT, good = true;
	add_number(hash, is_dict ? 'd' : sbx_kind(v) == SBX_LIST ? 'l' : 't', sbx_count(v));
	for (size_t i = 0; good && i < sbx_count(v); i++)
		good = add_value(a, hash, sbx_peek_item(v, i), depth + 1) &&
			   (!is_dict || add_value(a, hash, sbx_peek_value(v, i), depth + 1));
	return good;
}

static bool add_value(Adding *a, sbx_sha256 *hash, sbx_value v, unsigned depth)
{
	int64_t number;
	if (depth > DEEPEST)
		return false;
	switch (sbx_kind(v)) {
	case SBX_LIST:
	case SBX_TUPLE:
	case SBX_DICT:
		return add_items(a, hash, v, depth);
	case SBX_SET:
	case SBX_FROZENSET:
		return add_set(a, hash, v, depth);
	case SBX_FILE:
	case SBX_DIR:
	case SBX_DATAFRAME:
		return add_handle(a, hash, v);
	case SBX_INT:
		if (!sbx_get_int(v, &number))
			return add_wire(a, hash, v);
		add_number(hash, 'i', (uint64_t)number);
		return true;
	default:
		return add_wire(a, hash, v);
	}
}

/* ---- inputs ---- */

static bool is_ignored(const CachePlan *plan, const char *name)
{
	for (size_t i = 0; i < plan->ignored_count; i++)
		if (strcmp(plan->ignored[i], name) == 0)
			return true;
	return false;
}

/* Is the argument given, and does it count? */
static bool counts(const CachePlan *plan, const sbx_call *call, size_t i)
{
	return sbx_kind(sbx_call_arg(call, i)) != SBX_INVALID &&
		   !is_ignored(plan, sbx_call_arg_name(call, i));
}

bool cache_key_files(const CachePlan *plan, sbx_heap *heap, const sbx_call *call, CacheFiles *files)
{
	for (size_t i = 0; i < sbx_call_arg_count(call); i++)
		if (counts(plan, call, i) && !cache_files_add(files, heap, sbx_call_arg(call, i)))
			return false;
	return true;
}

bool cache_key(const CachePlan *plan, sbx_heap *heap, const sbx_call *call, const CacheFiles *files,
			   unsigned char key[32])
{
	sbx_sha256 hash = plan->begun;
	Adding a = {heap, files->digests, files->digests + files->count * 32};
	for (size_t i = 0; i < sbx_call_arg_count(call); i++) {
		if (!counts(plan, call, i))
			continue;
		add_text(&hash, sbx_call_arg_name(call, i));
		if (!add_value(&a, &hash, sbx_call_arg(call, i), 0))
			return false;
	}
	sbx_sha256_end(&hash, key);
	return true;
}
