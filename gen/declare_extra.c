/*
 * What a task's declaration says beyond its function, as one JSON object for the backends: env_vars, image, resources,
 * secrets, and of a task with a task_type= its task_type_version and custom_config (and cache, which declare_cache.c adds).
 * An object of Flyte's (flyte.Resources, flyte.Secret) is an
 * object of its arguments; an image, which is built by a chain of calls, is kept as its expression.
 * `container` is what image and resources mean for a container of the task (declare_image.c).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <math.h>
#include <string.h>

static void json_expression(Text *out, const Constant *value)
{
	text_put(out, "{\"expression\": ");
	if (value->source && value->node && value->node->end <= value->source->length &&
		value->node->start <= value->node->end)
		text_json(out, value->source->text + value->node->start,
				  value->node->end - value->node->start);
	else
		text_put(out, "null");
	text_char(out, '}');
}

static void json_value(Text *out, const Constant *value);

/* flyte.Resources(cpu=1, memory="512Mi") as {"cpu": 1, "memory": "512Mi"} */
static void json_object(Text *out, const Constant *value)
{
	static const struct {
		const char *type, *first, *second;
	} known[] = {{"Resources", "cpu", "memory"}, {"Secret", "key", "group"}};
	const Arguments *arguments = value->object;
	const char *last = strrchr(value->text, '.');
	size_t k = 0;
	while (k < sizeof known / sizeof *known && strcmp(last + 1, known[k].type))
		k++;
	if (k == sizeof known / sizeof *known || arguments->unknown ||
		arguments->positional_count > 2) {
		json_expression(out, value);
		return;
	}
	text_char(out, '{');
	const char *separator = "";
	for (uint32_t i = 0; i < arguments->positional_count; i++) {
		text_format(out, "%s\"%s\": ", separator, i ? known[k].second : known[k].first);
		json_value(out, arguments->positional[i]);
		separator = ", ";
	}
	for (uint32_t i = 0; i < arguments->keyword_count; i++) {
		text_put(out, separator);
		text_json(out, arguments->names[i]->text, arguments->names[i]->length);
		text_put(out, ": ");
		json_value(out, arguments->values[i]);
		separator = ", ";
	}
	text_char(out, '}');
}

static void json_list(Text *out, const Constant *value)
{
	bool dict = value->sort == SORT_DICT;
	text_char(out, dict ? '{' : '[');
	for (uint32_t i = 0; i < value->count; i++) {
		if (i)
			text_put(out, ", ");
		json_value(out, value->items[i]);
		if (dict) {
			text_put(out, ": ");
			json_value(out, value->values[i]);
		}
	}
	text_char(out, dict ? '}' : ']');
}

static bool has_text_keys(const Constant *dict)
{
	for (uint32_t i = 0; i < dict->count; i++)
		if (dict->items[i]->sort != SORT_STR)
			return false;
	return true;
}

static void json_value(Text *out, const Constant *value)
{
	switch (value->sort) {
	case SORT_NONE:
		text_put(out, "null");
		return;
	case SORT_BOOL:
		text_put(out, value->integer ? "true" : "false");
		return;
	case SORT_INT:
		if (!value->fits)
			break;
		constant_print(out, value);
		return;
	case SORT_FLOAT:
		if (!isfinite(value->real))
			break;
		constant_print(out, value);
		return;
	case SORT_STR:
		text_json(out, value->text, value->length);
		return;
	case SORT_DICT:
		if (!has_text_keys(value))
			break;
		json_list(out, value);
		return;
	case SORT_LIST:
	case SORT_TUPLE:
		json_list(out, value);
		return;
	case SORT_OBJECT:
		json_object(out, value);
		return;
	default:
		break;
	}
	json_expression(out, value);
}

/* env_vars and secrets reach the task, so they must be known when it is used. */
static void require_known(ModuleEnv *env, TaskDecl *task, const char *name, const Constant *value)
{
	const Constant *culprit = value->sort == SORT_UNKNOWN ? value : NULL;
	for (uint32_t i = 0; !culprit && i < value->count; i++) {
		const Constant *item = value->values ? value->values[i] : value->items[i];
		if (item->sort == SORT_UNKNOWN)
			culprit = item;
	}
	if (culprit)
		declare_problem(env->declaring, task, D_NOT_CONSTANT,
						culprit->source ? culprit->source : env->source,
						culprit->node ? culprit->node : task->node, -1,
						arena_format(env->declaring->arena, "%s= of '%s'", name, task->function),
						culprit->text);
}

/* What a connector is told. Both must be known when the task is used, and are of the task alone. */
static void connector_settings(ModuleEnv *env, TaskDecl *task, const Arguments *arguments,
							   Text *out)
{
	static const struct {
		const char *name, *expected;
		ConstantSort sort;
	} settings[] = {{"task_type_version", "an int from 0", SORT_INT},
					{"custom_config", "a dict with keys of type str", SORT_DICT}};
	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
		const char *name = settings[i].name;
		const Constant *value = arguments_get(arguments, UINT32_MAX, name);
		const Node *node = arguments_node(arguments, UINT32_MAX, name);
		if (!value || value == arguments->unknown || value->sort == SORT_NONE)
			continue;
		if (value->sort == SORT_UNKNOWN || value->sort == SORT_DICT)
			require_known(env, task, name, value);
		if (value->sort == SORT_UNKNOWN)
			continue;
		bool good = value->sort == settings[i].sort &&
					(value->sort == SORT_DICT
						 ? has_text_keys(value)
						 : value->fits && value->integer >= 0 && value->integer <= UINT32_MAX);
		if (!good) {
			declare_problem(env->declaring, task, D_ARGUMENT_TYPE, env->source, node, -1,
							arena_format(env->declaring->arena, "%s=", name), settings[i].expected);
			continue;
		}
		text_format(out, "%s\"%s\": ", out->length ? ", " : "{", name);
		json_value(out, value);
	}
}

const char *declare_extra(ModuleEnv *env, TaskDecl *task, const Environment *environment,
						  const Arguments *arguments)
{
	static const char *const names[] = {"cache", "env_vars", "image", "resources", "secrets"};
	const Constant *from_environment[] = {
		environment ? environment->cache : NULL,   environment ? environment->env_vars : NULL,
		environment ? environment->image : NULL,   environment ? environment->resources : NULL,
		environment ? environment->secrets : NULL,
	};
	const Constant *image = NULL, *resources = NULL;
	Text out;
	size_t environment_end = 0;
	text_init(&out, env->declaring->arena);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const Constant *own = arguments_get(arguments, UINT32_MAX, names[i]);
		if (own && own == arguments->unknown)
			own = NULL; /* a spread that is not known may hold it, or not */
		const Constant *value = own ? own : from_environment[i];
		if (!value || value->sort == SORT_NONE)
			continue;
		if (i == 0) {
			declare_cache(env, task, value);
			continue;
		}
		if (i == 1 || i == 4)
			require_known(env, task, names[i], value);
		text_format(&out, "%s\"%s\": ", out.length ? ", " : "{", names[i]);
		json_value(&out, value);
		if (i == 2)
			image = value;
		if (i == 3)
			resources = value;
		if (i <= 2) /* what stands up to here decides results */
			environment_end = out.length;
	}
	size_t connector = out.length;
	if (task->task_type && arguments)
		connector_settings(env, task, arguments, &out);
	if (task->cache)
		task->cache->environment =
			arena_format(env->declaring->arena, "%.*s%s", (int)environment_end,
						 out.length ? out.bytes : "", out.length ? out.bytes + connector : "");
	const char *container =
		task->sandbox ? NULL : declare_container(env->declaring, image, resources);
	if (container)
		text_format(&out, "%s\"container\": %s", out.length ? ", " : "{", container);
	if (!out.length)
		return NULL;
	text_char(&out, '}');
	return out.bytes;
}
