/*
 * cache= of environments, tasks and sandboxes: "auto", "override", "disable", or flyte.Cache(...). What comes out stands
 * in the task's JSON as {"behavior": ..., "version": ...}; docs/cache.md says what the version covers.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>
#include <strings.h>

#include "sandbox.h"
#include "task_source.h"

static const char *const EXPECTED = "\"auto\", \"override\", \"disable\" or a flyte.Cache";

/* What is being read, for messages. */
typedef struct CacheReading {
	ModuleEnv *env;
	TaskDecl *task;
	const Constant *declared; /* cache= as a whole */
	CacheDecl *cache;
} CacheReading;

static void problem_at(const CacheReading *r, DiagId id, const Constant *place, const char *a,
					   const char *b)
{
	const Constant *at = place->node ? place : r->declared;
	declare_problem(r->env->declaring, r->task, id, at->source ? at->source : r->env->source,
					at->node ? at->node : r->task->node, -1, a, b);
}

/* Its results are not kept then, which is never wrong. */
static void not_known(const CacheReading *r, const Constant *value, const char *why)
{
	r->cache->behavior = CACHE_DISABLE;
	problem_at(r, D_CACHE_UNKNOWN, value, r->task->function, why);
}

/* Has a call of Flyte's name made it? */
static bool is_made_by(const Constant *value, const char *name)
{
	return value->sort == SORT_OBJECT && value->object && !strncmp(value->text, "flyte.", 6) &&
		   !strcmp(strrchr(value->text, '.') + 1, name);
}

/* As the SDK spells them, its aliases included. */
static bool read_word(const char *text, CacheBehavior *behavior)
{
	static const struct {
		const char *word;
		CacheBehavior behavior;
	} words[] = {{"auto", CACHE_AUTO},     {"override", CACHE_OVERRIDE}, {"disable", CACHE_DISABLE},
				 {"enable", CACHE_AUTO},   {"enabled", CACHE_AUTO},      {"on", CACHE_AUTO},
				 {"true", CACHE_AUTO},     {"yes", CACHE_AUTO},          {"off", CACHE_DISABLE},
				 {"false", CACHE_DISABLE}, {"no", CACHE_DISABLE},        {"none", CACHE_DISABLE}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (i < 3 ? !strcmp(text, words[i].word) : !strcasecmp(text, words[i].word)) {
			*behavior = words[i].behavior;
			return true;
		}
	return false;
}

static void read_behavior(const CacheReading *r, const Constant *value)
{
	if (value->sort == SORT_UNKNOWN)
		not_known(r, value, value->text);
	else if (value->sort != SORT_STR || !read_word(value->text, &r->cache->behavior))
		problem_at(r, D_ARGUMENT_TYPE, value, "cache=", EXPECTED);
}

/* A str argument of flyte.Cache, or NULL. */
static const char *read_str(const CacheReading *r, uint32_t position, const char *name)
{
	const Constant *value = arguments_get(r->declared->object, position, name);
	if (!value || value->sort == SORT_NONE)
		return NULL;
	if (value->sort == SORT_STR && strlen(value->text) == value->length)
		return value->text;
	if (value->sort == SORT_UNKNOWN)
		not_known(r, value, value->text);
	else
		problem_at(r, D_ARGUMENT_TYPE, value, arena_format(r->env->declaring->arena, "%s=", name),
				   "a str");
	return NULL;
}

static bool is_parameter(const TaskDecl *task, const Constant *name)
{
	for (uint32_t i = 0; i < task->param_count; i++)
		if (name->sort == SORT_STR && !strcmp(task->params[i].name->text, name->text))
			return true;
	return false;
}

static void read_ignored(const CacheReading *r)
{
	const Constant *value = arguments_get(r->declared->object, 3, "ignored_inputs");
	if (!value || value->sort == SORT_NONE)
		return;
	if (value->sort == SORT_UNKNOWN) {
		not_known(r, value, value->text);
		return;
	}
	const Constant **one = constant_item_array(r->env->declaring, 1);
	one[0] = value;
	const Constant *const *names = value->sort == SORT_STR ? one : value->items;
	uint32_t count = value->sort == SORT_STR ? 1 : value->count;
	bool is_list = value->sort == SORT_STR || value->sort == SORT_LIST || value->sort == SORT_TUPLE;
	for (uint32_t i = 0; i < count || !is_list; i++) {
		if (!is_list || !is_parameter(r->task, names[i])) {
			problem_at(r, D_ARGUMENT_TYPE, value, "ignored_inputs=",
					   arena_format(r->env->declaring->arena, "names of inputs of '%s'",
									r->task->function));
			return;
		}
	}
	r->cache->ignored = names;
	r->cache->ignored_count = count;
}

/* The default policy is what the compiler does; another one is a program that it does not run. */
static void read_policies(const CacheReading *r)
{
	const Constant *value = arguments_get(r->declared->object, 5, "policies");
	if (!value || value->sort == SORT_NONE || r->cache->version)
		return;
	bool is_list = value->sort == SORT_LIST || value->sort == SORT_TUPLE;
	const Constant *const *items = is_list ? value->items : &value;
	for (uint32_t i = 0; i < (is_list ? value->count : 1); i++) {
		if (!is_made_by(items[i], "FunctionBodyPolicy")) {
			not_known(r, value, "its policies= are run by Flyte only");
			return;
		}
	}
}

static void read_object(const CacheReading *r)
{
	const Arguments *arguments = r->declared->object;
	const Constant *behavior = arguments_get(arguments, 0, "behavior");
	if (behavior)
		read_behavior(r, behavior);
	else
		problem_at(r, D_ARGUMENT_TYPE, r->declared, "behavior=", EXPECTED);
	r->cache->version = read_str(r, 1, "version_override");
	r->cache->salt = read_str(r, 4, "salt");
	read_ignored(r);
	read_policies(r);
}

void declare_cache(ModuleEnv *env, TaskDecl *task, const Constant *value)
{
	CacheDecl *cache = ARENA_NEW(env->declaring->arena, CacheDecl);
	CacheReading reading = {env, task, value, cache};
	cache->behavior = CACHE_DISABLE;
	task->cache = cache;
	if (is_made_by(value, "Cache"))
		read_object(&reading);
	else
		read_behavior(&reading, value);
}

/* ---- at the end, when all modules are read ---- */

static void put_cache(Text *out, const CacheDecl *cache, const char *version)
{
	static const char *const words[] = {"auto", "override", "disable"};
	text_format(out, "{\"behavior\": \"%s\"", words[cache->behavior]);
	if (version) {
		text_put(out, ", \"version\": ");
		text_json(out, version, strlen(version));
		if (cache->version && cache->salt && *cache->salt) {
			text_put(out, ", \"salt\": ");
			text_json(out, cache->salt, strlen(cache->salt));
		}
	}
	for (uint32_t i = 0; version && i < cache->ignored_count; i++) {
		text_put(out, i ? ", " : ", \"ignored_inputs\": [");
		text_json(out, cache->ignored[i]->text, cache->ignored[i]->length);
	}
	text_put(out, version && cache->ignored_count ? "]}" : "}");
}

static const char *version_of(Declaring *d, TaskSources **sources, const TaskDecl *task)
{
	if (task->cache->behavior == CACHE_DISABLE)
		return NULL;
	if (task->cache->version)
		return task->cache->version;
	if (task->sandbox)
		return sandbox_version(d->arena, task->sandbox);
	if (!task->node)
		return NULL;
	if (!*sources)
		*sources = task_sources_make(d);
	return task_sources_version(*sources, task);
}

void declare_caches(Declaring *d)
{
	TaskSources *sources = NULL;
	for (uint32_t i = 0; i < d->task_count; i++) {
		TaskDecl *task = d->tasks[i];
		Text out;
		if (!task->cache)
			continue;
		text_init(&out, d->arena);
		put_cache(&out, task->cache, version_of(d, &sources, task));
		task->cache->text = out.bytes;
		task->extra = arena_format(d->arena, "{\"cache\": %s%s%s", out.bytes,
								   task->extra ? ", " : "}", task->extra ? task->extra + 1 : "");
	}
}
