/*
 * Calls of Flyte's names: what a TaskEnvironment, a decorator, a code string or a sandbox is when
 * it is called. A call that this file does not know is not an error; it is none of ours.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

/* ---- arguments ---- */

static void add_positional(Declaring *d, Arguments *arguments, const Constant *value,
						   const Node *node)
{
	uint32_t n = arguments->positional_count;
	if ((n & (n - 1)) == 0) { /* grows at the powers of two */
		const Constant **values = constant_item_array(d, n ? n * 2 : 4);
		const Node **nodes = ARENA_ARRAY(d->arena, const Node *, n ? n * 2 : 4);
		for (uint32_t i = 0; i < n; i++) {
			values[i] = arguments->positional[i];
			nodes[i] = arguments->positional_nodes[i];
		}
		arguments->positional = values;
		arguments->positional_nodes = nodes;
	}
	arguments->positional[n] = value;
	arguments->positional_nodes[n] = node;
	arguments->positional_count++;
}

static void add_keyword(Declaring *d, Arguments *arguments, const Atom *name, const Constant *value,
						const Node *node)
{
	uint32_t n = arguments->keyword_count;
	if ((n & (n - 1)) == 0) {
		uint32_t capacity = n ? n * 2 : 4;
		const Atom **names = ARENA_ARRAY(d->arena, const Atom *, capacity);
		const Constant **values = constant_item_array(d, capacity);
		const Node **nodes = ARENA_ARRAY(d->arena, const Node *, capacity);
		for (uint32_t i = 0; i < n; i++) {
			names[i] = arguments->names[i];
			values[i] = arguments->values[i];
			nodes[i] = arguments->nodes[i];
		}
		arguments->names = names;
		arguments->values = values;
		arguments->nodes = nodes;
	}
	arguments->names[n] = name;
	arguments->values[n] = value;
	arguments->nodes[n] = node;
	arguments->keyword_count++;
}

static void spread_dict(ModuleEnv *env, Arguments *arguments, const Constant *value,
						const Node *node)
{
	Declaring *d = env->declaring;
	for (uint32_t i = 0; value->sort == SORT_DICT && i < value->count; i++)
		if (value->items[i]->sort == SORT_STR)
			add_keyword(d, arguments,
						atom_get(d->atoms, value->items[i]->text, value->items[i]->length),
						value->values[i], node);
	if (value->sort != SORT_DICT)
		arguments->unknown =
			value->sort == SORT_UNKNOWN
				? value
				: constant_unknown(d, env->source, node, "what is spread is not a constant dict");
}

Arguments *arguments_read(ModuleEnv *env, const AstCall *call)
{
	Declaring *d = env->declaring;
	Arguments *arguments = ARENA_NEW(d->arena, Arguments);
	arguments->call = call;
	arguments->source = env->source;
	for (uint32_t i = 0; i < call->args.count; i++) {
		const Node *node = call->args.items[i];
		if (node->kind != NODE_STARRED) {
			add_positional(d, arguments, evaluate(env, node), node);
			continue;
		}
		const Constant *value = evaluate(env, ((const AstStarred *)node)->value);
		if (value->sort == SORT_LIST || value->sort == SORT_TUPLE)
			for (uint32_t k = 0; k < value->count; k++)
				add_positional(d, arguments, value->items[k], node);
		else
			arguments->unknown = value->sort == SORT_UNKNOWN
									 ? value
									 : constant_unknown(d, env->source, node,
														"what is spread is not a constant list");
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		const Constant *value = evaluate(env, keyword->value);
		if (keyword->arg)
			add_keyword(d, arguments, keyword->arg, value, keyword->value);
		else
			spread_dict(env, arguments, value, keyword->value);
	}
	return arguments;
}

/* The index of a keyword, or -1. */
static int find_keyword(const Arguments *arguments, const char *name)
{
	for (uint32_t i = 0; i < arguments->keyword_count; i++)
		if (!strcmp(arguments->names[i]->text, name))
			return (int)i;
	return -1;
}

const Constant *arguments_get(const Arguments *arguments, uint32_t position, const char *name)
{
	if (!arguments)
		return NULL;
	if (position < arguments->positional_count)
		return arguments->positional[position];
	int at = find_keyword(arguments, name);
	return at >= 0 ? arguments->values[at] : arguments->unknown;
}

const Node *arguments_node(const Arguments *arguments, uint32_t position, const char *name)
{
	if (position < arguments->positional_count)
		return arguments->positional_nodes[position];
	int at = find_keyword(arguments, name);
	return at >= 0 ? arguments->nodes[at] : &arguments->call->base;
}

/* ---- environments ---- */

static const Constant *keyword_only(const Arguments *arguments, const char *name)
{
	int at = find_keyword(arguments, name);
	return at >= 0 ? arguments->values[at] : NULL;
}

static const Constant *make_environment(ModuleEnv *env, const AstCall *call,
										const Arguments *arguments, const Environment *base)
{
	Declaring *d = env->declaring;
	Environment *environment = ARENA_NEW(d->arena, Environment);
	if (base)
		*environment = *base;
	const Constant *name = arguments_get(arguments, base ? UINT32_MAX : 0, "name");
	if (name || !base)
		environment->name =
			name ? name
				 : constant_unknown(d, env->source, &call->base, "the environment has no name=");
	const Constant **fields[] = {&environment->image, &environment->resources, &environment->cache,
								 &environment->env_vars, &environment->secrets};
	static const char *const names[] = {"image", "resources", "cache", "env_vars", "secrets"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (keyword_only(arguments, names[i]))
			*fields[i] = keyword_only(arguments, names[i]);
	Constant *value = constant_make(d, SORT_ENVIRONMENT, env->source, &call->base);
	value->object = environment;
	return value;
}

/* ---- decorators ---- */

/* env.task gives env; env.sandbox.orchestrator gives env, with the kind. NULL: neither. */
static const Constant *decorated_environment(const Constant *value, DecoratorKind *kind)
{
	if (value->sort != SORT_METHOD)
		return NULL;
	const Constant *self = value->object;
	if (self->sort == SORT_ENVIRONMENT && !strcmp(value->text, "task")) {
		*kind = DECORATE_TASK;
		return self;
	}
	if (self->sort == SORT_METHOD && !strcmp(self->text, "sandbox") &&
		!strcmp(value->text, "orchestrator")) {
		self = self->object;
		*kind = DECORATE_ORCHESTRATOR;
		return self->sort == SORT_ENVIRONMENT ? self : NULL;
	}
	return NULL;
}

static const Constant *make_decorator(ModuleEnv *env, const AstCall *call, DecoratorKind kind,
									  const Environment *environment, Arguments *arguments)
{
	DecoratorCall *decorator = ARENA_NEW(env->declaring->arena, DecoratorCall);
	*decorator = (DecoratorCall){
		.kind = kind, .environment = environment, .arguments = arguments, .node = &call->base};
	Constant *value = constant_make(env->declaring, SORT_DECORATOR, env->source, &call->base);
	value->object = decorator;
	return value;
}

/* env.task(f), flyte.trace(f), env.task(retries=3)(f): the function is in a variable already. */
static const Constant *apply(const Constant *function, const DecoratorCall *decorator)
{
	const AstFunctionDef *def = (const AstFunctionDef *)function->node;
	return decorator->kind == DECORATE_ORCHESTRATOR ? declare_entry(function->home, def, decorator)
													: declare_task(function->home, def, decorator);
}

/* An environment that is not known: imported from elsewhere, or made by a function. */
static const Environment *unknown_environment(ModuleEnv *env, const Constant *value,
											  const Node *node)
{
	Environment *environment = ARENA_NEW(env->declaring->arena, Environment);
	environment->name =
		value->sort == SORT_UNKNOWN
			? value
			: constant_unknown(
				  env->declaring, env->source, node,
				  "'%s' is not an environment that is declared here or beside this file",
				  node_text(env->declaring->arena, env->source, node));
	return environment;
}

/* `@x.task` and `@x.sandbox.orchestrator` of an `x` that is not known. */
static bool guess_decorator(ModuleEnv *env, const Node *expression, DecoratorCall *decorator)
{
	const AstAttribute *attribute = (const AstAttribute *)expression;
	if (expression->kind != NODE_ATTRIBUTE)
		return false;
	const Node *object = attribute->value;
	DecoratorKind kind = DECORATE_TASK;
	if (!strcmp(attribute->attr->text, "orchestrator") && object->kind == NODE_ATTRIBUTE &&
		!strcmp(((const AstAttribute *)object)->attr->text, "sandbox")) {
		kind = DECORATE_ORCHESTRATOR;
		object = ((const AstAttribute *)object)->value;
	} else if (strcmp(attribute->attr->text, "task")) {
		return false;
	}
	const Constant *value = evaluate(env, object);
	if (value->sort != SORT_UNKNOWN && value->sort != SORT_SYMBOL && value->sort != SORT_OBJECT)
		return false;
	decorator->kind = kind;
	decorator->environment = unknown_environment(env, value, object);
	return true;
}

DecoratorCall declare_decorator(ModuleEnv *env, const Node *expression)
{
	DecoratorCall decorator = {.kind = DECORATE_OTHER, .node = expression};
	const Constant *value = evaluate(env, expression);
	if (value->sort == SORT_DECORATOR)
		return *(const DecoratorCall *)value->object;
	const Constant *environment = decorated_environment(value, &decorator.kind);
	if (environment) {
		decorator.environment = environment->object;
		return decorator;
	}
	decorator.kind = DECORATE_OTHER;
	if (constant_is_symbol(value, "flyte.trace")) {
		decorator.kind = DECORATE_TRACE;
		return decorator;
	}
	const Constant *symbol =
		value->sort == SORT_OBJECT && value->object
			? constant_symbol(env->declaring, value->text, env->source, expression)
			: value;
	if (constant_is_symbol(symbol, "flyte.workflow")) {
		decorator.is_workflow = true;
		return decorator;
	}
	if (guess_decorator(env, expression, &decorator))
		return decorator;
	if (expression->kind == NODE_CALL &&
		guess_decorator(env, ((const AstCall *)expression)->func, &decorator))
		decorator.arguments = arguments_read(env, (const AstCall *)expression);
	return decorator;
}

/* ---- calls ---- */

static const Constant *call_decorator(ModuleEnv *env, const AstCall *call, DecoratorKind kind,
									  const Environment *environment, Arguments *arguments)
{
	const Constant *first = arguments->positional_count ? arguments->positional[0] : NULL;
	if (first && first->sort == SORT_FUNCTION) {
		DecoratorCall decorator = {
			.kind = kind, .environment = environment, .arguments = arguments, .node = &call->base};
		return apply(first, &decorator);
	}
	if (kind == DECORATE_ORCHESTRATOR && (first || keyword_only(arguments, "source")))
		return declare_code_string(env, call, CODE_ORCHESTRATOR, environment, arguments);
	return make_decorator(env, call, kind, environment, arguments);
}

static const Constant *call_symbol(ModuleEnv *env, const AstCall *call, const Constant *callee,
								   Arguments *arguments)
{
	const char *path = callee->text;
	if (strncmp(path, "flyte.", 6))
		return NULL;
	if (constant_is_flyte(callee, "TaskEnvironment") ||
		!strcmp(path, "flyte.TaskEnvironment.from_task"))
		return make_environment(env, call, arguments, NULL);
	if (!strcmp(path, "flyte.trace"))
		return call_decorator(env, call, DECORATE_TRACE, NULL, arguments);
	if (strncmp(path, "flyte.sandbox.", 14))
		return NULL;
	if (constant_is_flyte(callee, "orchestrator_from_str"))
		return declare_code_string(env, call, CODE_FROM_STR, NULL, arguments);
	if (constant_is_flyte(callee, "orchestrate_local"))
		return declare_code_string(env, call, CODE_LOCAL, NULL, arguments);
	return constant_is_flyte(callee, "create") ? declare_sandbox(env, call, arguments) : NULL;
}

/* sandbox.as_task(), sandbox.as_task.aio(): a task, but of a sandbox. */
static const Constant *call_sandbox(ModuleEnv *env, const AstCall *call, const Constant *callee)
{
	const Constant *self = callee->object;
	if (!strcmp(callee->text, "aio") && self->sort == SORT_METHOD) {
		callee = self;
		self = callee->object;
	}
	return self->sort == SORT_SANDBOX && !strcmp(callee->text, "as_task")
			   ? declare_sandbox_task(env, self, &call->base)
			   : NULL;
}

/* Does a function's body return what a code string call made? Looked for without running it. */
typedef struct MakerSearch {
	bool found;
	unsigned depth;
} MakerSearch;

static void find_maker(void *context, Node *node)
{
	MakerSearch *search = context;
	if (node->kind == NODE_ATTRIBUTE)
		search->found |= !strcmp(((AstAttribute *)node)->attr->text, "orchestrator_from_str") ||
						 !strcmp(((AstAttribute *)node)->attr->text, "orchestrator");
	if (node->kind == NODE_NAME)
		search->found |= !strcmp(((AstName *)node)->id->text, "orchestrator_from_str");
	if (search->found || search->depth > 100 || node->kind == NODE_FUNCTION_DEF ||
		node->kind == NODE_ASYNC_FUNCTION_DEF || node->kind == NODE_CLASS_DEF)
		return;
	search->depth++;
	node_children(node, find_maker, context);
	search->depth--;
}

/* `sum_task = make_reducer("sum")` */
static void refuse_builder(ModuleEnv *env, const AstCall *call, const Constant *callee)
{
	MakerSearch search = {0};
	const AstFunctionDef *function = (const AstFunctionDef *)callee->node;
	if (env->level != LEVEL_MODULE || !env->declaring->has_code_strings)
		return;
	for (uint32_t i = 0; i < function->body.count; i++)
		find_maker(&search, function->body.items[i]);
	if (search.found)
		diag_add(env->declaring->diag, D_CODE_BUILDER, env->source, call->base.start,
				 call->base.end, function->name->text);
}

const Constant *declare_call(ModuleEnv *env, const AstCall *call, const Constant *callee,
							 Arguments *arguments)
{
	DecoratorKind kind;
	const Constant *environment;
	switch (callee->sort) {
	case SORT_SYMBOL:
		return call_symbol(env, call, callee, arguments);
	case SORT_METHOD:
		if ((environment = decorated_environment(callee, &kind)))
			return call_decorator(env, call, kind, environment->object, arguments);
		environment = callee->object;
		if (environment->sort == SORT_ENVIRONMENT && !strcmp(callee->text, "clone_with"))
			return make_environment(env, call, arguments, environment->object);
		return call_sandbox(env, call, callee);
	case SORT_DECORATOR:
		if (arguments->positional_count == 1 && arguments->positional[0]->sort == SORT_FUNCTION)
			return apply(arguments->positional[0], callee->object);
		return NULL;
	case SORT_FUNCTION:
		refuse_builder(env, call, callee);
		return NULL;
	default:
		return NULL;
	}
}

/* ---- function definitions ---- */

/* `@flyte.workflow` and `@flyte.workflow(...)` */
static void refuse_workflow(ModuleEnv *env, const AstFunctionDef *function, const Node *decorator)
{
	diag_add(env->declaring->diag, D_WORKFLOW, env->source, decorator->start, decorator->end,
			 function->name->text);
}

bool declare_function(ModuleEnv *env, const AstFunctionDef *function)
{
	Declaring *d = env->declaring;
	DecoratorCall chosen = {.kind = DECORATE_OTHER};
	const Node *other = NULL;
	for (uint32_t i = function->decorator_list.count; i-- > 0;) {
		DecoratorCall decorator = declare_decorator(env, function->decorator_list.items[i]);
		if (decorator.is_workflow)
			refuse_workflow(env, function, decorator.node);
		if (decorator.kind == DECORATE_OTHER)
			other = decorator.node;
		else if (decorator.kind > chosen.kind)
			chosen = decorator;
	}
	const Constant *value;
	if (chosen.kind == DECORATE_OTHER) {
		Constant *plain = constant_make(d, SORT_FUNCTION, env->source, &function->base);
		plain->home = env;
		plain->text = function->name->text;
		value = plain;
	} else if (chosen.kind == DECORATE_ORCHESTRATOR) {
		value = declare_entry(env, function, &chosen);
		if (other)
			diag_add(d->diag, D_DECORATOR, env->source, other->start, other->end);
	} else {
		value = declare_task(env, function, &chosen);
	}
	env_bind(env, function->name, value);
	return chosen.kind == DECORATE_ORCHESTRATOR;
}
