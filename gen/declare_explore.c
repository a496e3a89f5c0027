/*
 * Where code strings may hide: in the bodies of functions, which run with unknown parameters after the module, and in
 * expressions that evaluation does not reach.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

enum { DEEPEST_SEARCH = 400, DEEPEST_FUNCTION = 50 };

static void bind_parameters(ModuleEnv *env, const AstArguments *arguments)
{
	const NodeList *lists[] = {&arguments->posonlyargs, &arguments->args, &arguments->kwonlyargs};
	const char *why = "a parameter, known only at run time";
	for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
		for (uint32_t i = 0; i < lists[k]->count; i++)
			env_bind(env, ((const AstArg *)lists[k]->items[i])->arg,
					 declare_run_time(env, lists[k]->items[i], why));
	if (arguments->vararg)
		env_bind(env, ((const AstArg *)arguments->vararg)->arg,
				 declare_run_time(env, arguments->vararg, why));
	if (arguments->kwarg)
		env_bind(env, ((const AstArg *)arguments->kwarg)->arg,
				 declare_run_time(env, arguments->kwarg, why));
}

void declare_deferred(ModuleEnv *env)
{
	Declaring *d = env->declaring;
	if (d->deferred_depth >= DEEPEST_FUNCTION)
		return;
	d->deferred_depth++;
	for (const Deferred *deferred = env->deferred_first; deferred; deferred = deferred->next) {
		ModuleEnv *inner = env_make(d, deferred->env, LEVEL_LOCAL);
		inner->in_loop = inner->in_turn = 0;
		if (deferred->node->kind == NODE_IF) {
			declare_statements(inner, &((const AstIf *)deferred->node)->body);
		} else {
			const AstFunctionDef *function = (const AstFunctionDef *)deferred->node;
			bind_parameters(inner, (const AstArguments *)function->args);
			declare_statements(inner, &function->body);
		}
		declare_deferred(inner);
	}
	d->deferred_depth--;
}

typedef struct Search {
	ModuleEnv *env;
	unsigned depth;
} Search;

static void explore(void *context, Node *node);

static void explore_comprehension(Search *search, const Node *node, const NodeList *generators)
{
	ModuleEnv *inner =
		env_make(search->env->declaring, search->env,
				 search->env->level == LEVEL_MODULE ? LEVEL_LOCAL : search->env->level);
	for (uint32_t i = 0; i < generators->count; i++) {
		const Node *target = ((const AstComprehension *)generators->items[i])->target;
		declare_bind_target(inner, target,
							declare_run_time(inner, target, "it is bound in a loop"));
	}
	Search deeper = {inner, search->depth + 1};
	node_children(node, explore, &deeper);
}

static void explore(void *context, Node *node)
{
	Search *search = context;
	if (search->depth > DEEPEST_SEARCH)
		return;
	if (node->kind == NODE_LIST_COMP || node->kind == NODE_SET_COMP ||
		node->kind == NODE_GENERATOR_EXP) {
		explore_comprehension(search, node, &((const AstListComp *)node)->generators);
		return;
	}
	if (node->kind == NODE_DICT_COMP) {
		explore_comprehension(search, node, &((const AstDictComp *)node)->generators);
		return;
	}
	if (node->kind == NODE_LAMBDA) {
		const AstLambda *lambda = (const AstLambda *)node;
		ModuleEnv *inner = env_make(search->env->declaring, search->env, LEVEL_LOCAL);
		bind_parameters(inner, (const AstArguments *)lambda->args);
		Search deeper = {inner, search->depth + 1};
		explore(&deeper, lambda->body);
		return;
	}
	search->depth++;
	node_children(node, explore, search);
	search->depth--;
	if (node->kind == NODE_CALL)
		evaluate(search->env, node);
}

void declare_explore(ModuleEnv *env, const Node *node)
{
	if (!env->declaring->has_code_strings || env->level == LEVEL_NEIGHBOUR)
		return;
	Search search = {.env = env};
	explore(&search, (Node *)(uintptr_t)node);
}
