/*
 * Displays and comprehensions of constants. An item may be unknown; a spread of something unknown makes the whole so.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

enum { MOST_ITEMS = 10000, MOST_KEYS = 4096 };

typedef struct Items {
	const Constant **items, **values;
	uint32_t count, capacity;
} Items;

static void items_add(Declaring *d, Items *list, const Constant *item, const Constant *value)
{
	if (list->count == list->capacity) {
		uint32_t capacity = list->capacity ? list->capacity * 2 : 8;
		const Constant **items = constant_item_array(d, capacity),
					   **values = constant_item_array(d, capacity);
		for (uint32_t i = 0; i < list->count; i++) {
			items[i] = list->items[i];
			values[i] = list->values[i];
		}
		list->items = items;
		list->values = values;
		list->capacity = capacity;
	}
	list->items[list->count] = item;
	list->values[list->count++] = value;
}

/* Adds to a dict or set: an equal key keeps its place. */
static void items_put(Declaring *d, Items *list, const Constant *key, const Constant *value)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (constant_equals(list->items[i], key)) {
			list->values[i] = value;
			return;
		}
	items_add(d, list, key, value);
}

static bool is_sequence(const Constant *constant)
{
	return constant->sort == SORT_LIST || constant->sort == SORT_TUPLE ||
		   constant->sort == SORT_SET || constant->sort == SORT_FROZENSET ||
		   constant->sort == SORT_DICT;
}

static const Constant *from_items(ModuleEnv *env, ConstantSort sort, const Items *list,
								  const Node *node)
{
	Constant *constant = constant_make(env->declaring, sort, env->source, node);
	constant->items = list->items;
	constant->values = sort == SORT_DICT ? list->values : NULL;
	constant->count = list->count;
	return constant;
}

const Constant *constant_display(ModuleEnv *env, ConstantSort sort, const NodeList *elts,
								 const Node *node)
{
	Items list = {0};
	const Constant *unknown = NULL;
	if (sort == SORT_SET && elts->count > MOST_KEYS)
		return constant_unknown(env->declaring, env->source, node, "it has more than %d items",
								MOST_KEYS);
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *item = elts->items[i];
		if (item->kind != NODE_STARRED) {
			const Constant *value = evaluate(env, item);
			if (sort == SORT_SET)
				items_put(env->declaring, &list, value, value);
			else
				items_add(env->declaring, &list, value, NULL);
			continue;
		}
		const Constant *spread = evaluate(env, ((const AstStarred *)item)->value);
		if (!is_sequence(spread)) {
			unknown = spread->sort == SORT_UNKNOWN
						  ? spread
						  : constant_unknown(env->declaring, env->source, item,
											 "what is spread is not a constant sequence");
			continue;
		}
		for (uint32_t k = 0; k < spread->count && list.count < MOST_ITEMS; k++)
			items_add(env->declaring, &list, spread->items[k], NULL);
	}
	return unknown ? unknown : from_items(env, sort, &list, node);
}

const Constant *constant_dict(ModuleEnv *env, const AstDict *node)
{
	Items list = {0};
	const Constant *unknown = NULL;
	if (node->values.count > MOST_KEYS)
		return constant_unknown(env->declaring, env->source, &node->base,
								"it has more than %d items", MOST_KEYS);
	for (uint32_t i = 0; i < node->values.count; i++) {
		const Constant *value = evaluate(env, node->values.items[i]);
		if (node->keys.items[i]) {
			items_put(env->declaring, &list, evaluate(env, node->keys.items[i]), value);
		} else if (value->sort == SORT_DICT) {
			for (uint32_t k = 0; k < value->count; k++)
				items_put(env->declaring, &list, value->items[k], value->values[k]);
		} else {
			unknown = value->sort == SORT_UNKNOWN
						  ? value
						  : constant_unknown(env->declaring, env->source, node->values.items[i],
											 "what is spread is not a constant dict");
		}
	}
	return unknown ? unknown : from_items(env, SORT_DICT, &list, &node->base);
}

typedef struct Loop {
	ModuleEnv *env;
	const NodeList *generators;
	const Node *key, *value; /* value: dict comprehensions */
	ConstantSort sort;
	Items list;
	const Constant *unknown;
} Loop;

static void run_generator(Loop *loop, uint32_t index)
{
	ModuleEnv *env = loop->env;
	if (loop->unknown)
		return;
	if (index == loop->generators->count) {
		const Constant *key = evaluate(env, loop->key);
		const Constant *value = loop->value ? evaluate(env, loop->value) : NULL;
		if (loop->sort == SORT_LIST)
			items_add(env->declaring, &loop->list, key, NULL);
		else
			items_put(env->declaring, &loop->list, key, value);
		uint32_t most = loop->sort == SORT_LIST ? MOST_ITEMS : MOST_KEYS;
		if (loop->list.count > most)
			loop->unknown = constant_unknown(env->declaring, env->source, loop->key,
											 "it has more than %d items", (int)most);
		return;
	}
	const AstComprehension *generator = (const AstComprehension *)loop->generators->items[index];
	const Constant *iterable = evaluate(env, generator->iter);
	if (!is_sequence(iterable) || generator->is_async) {
		loop->unknown =
			iterable->sort == SORT_UNKNOWN
				? iterable
				: constant_unknown(env->declaring, env->source, generator->iter,
								   "what the loop goes over is not a constant sequence");
		return;
	}
	for (uint32_t i = 0; i < iterable->count && !loop->unknown; i++) {
		declare_bind_target(env, generator->target, iterable->items[i]);
		int truth = 1;
		for (uint32_t k = 0; k < generator->ifs.count && truth == 1; k++)
			truth = constant_truth(evaluate(env, generator->ifs.items[k]));
		if (truth < 0)
			loop->unknown = constant_unknown(env->declaring, env->source, generator->ifs.items[0],
											 "the condition is not constant");
		else if (truth)
			run_generator(loop, index + 1);
	}
}

const Constant *constant_comprehension(ModuleEnv *env, ConstantSort sort, const Node *key,
									   const Node *value, const NodeList *generators,
									   const Node *node)
{
	Loop loop = {.env = env_make(env->declaring, env, env->level),
				 .generators = generators,
				 .key = key,
				 .value = value,
				 .sort = sort};
	loop.env->in_turn = env->in_turn + 1;
	run_generator(&loop, 0);
	return loop.unknown ? loop.unknown : from_items(env, sort, &loop.list, node);
}
