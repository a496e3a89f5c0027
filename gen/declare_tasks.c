/*
 * Tasks: their names, parameters, retries and timeouts. What is wrong with a task is kept as a
 * problem of the task and reported when an orchestrator uses it, because a file may hold any number
 * of tasks that no orchestrator calls. What is wrong with an orchestrator is reported at once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

void declare_problem(Declaring *d, TaskDecl *task, DiagId id, const Source *source,
					 const Node *node, int param, const char *a, const char *b)
{
	if (!task) {
		diag_add(d->diag, id, source, node->start, node->end, a, b);
		return;
	}
	DeclProblem *problem = ARENA_NEW(d->arena, DeclProblem);
	*problem = (DeclProblem){id, source, node->start, node->end, a, b, param, NULL};
	const DeclProblem **link = &task->problems;
	while (*link)
		link = (const DeclProblem **)(uintptr_t) & (*link)->next;
	*link = problem;
}

TaskDecl *declare_add_task(Declaring *d)
{
	if (d->task_count == d->task_capacity) {
		d->task_capacity = d->task_capacity ? d->task_capacity * 2 : 16;
		TaskDecl **tasks = ARENA_ARRAY(d->arena, TaskDecl *, d->task_capacity);
		for (uint32_t i = 0; i < d->task_count; i++)
			tasks[i] = d->tasks[i];
		d->tasks = tasks;
	}
	return d->tasks[d->task_count++] = ARENA_NEW(d->arena, TaskDecl);
}

/* ---- parameters ---- */

static void add_pending(ModuleEnv *env, const Type **type, const Node *annotation, TaskDecl *task,
						const char *what, int param)
{
	Declaring *d = env->declaring;
	PendingType *pending = ARENA_NEW(d->arena, PendingType);
	*pending = (PendingType){type, annotation, env, task, what, param, NULL};
	*type = type_simple(d->types, TYPE_ANY);
	if (!d->pending_end)
		d->pending_end = &d->pending;
	*d->pending_end = pending;
	d->pending_end = &pending->next;
}

static void read_annotation(ModuleEnv *env, const Type **type, const Node *annotation,
							TaskDecl *task, const char *what, int param)
{
	if (!annotation)
		return;
	*type = constant_as_type(env, evaluate(env, annotation));
	if (!*type)
		add_pending(env, type, annotation, task, what, param);
}

void declare_pending_types(Declaring *d)
{
	for (PendingType *pending = d->pending; pending; pending = pending->next) {
		ModuleEnv *env = pending->env;
		const Constant *value = evaluate(env, pending->annotation);
		const Type *type = constant_as_type(env, value);
		if (type) {
			*pending->type = type;
			continue;
		}
		const char *text = value->sort == SORT_STR
							   ? value->text
							   : node_text(d->arena, env->source, pending->annotation);
		declare_problem(d, pending->task, D_INTERFACE_TYPE, env->source, pending->annotation,
						pending->param, text, pending->what);
	}
	d->pending = NULL;
	d->pending_end = NULL;
}

/* `x: int = None` means Optional[int], as it always did. */
static void allow_none(Declaring *d, ParamDecl *param)
{
	if (param->type && param->constant->sort == SORT_NONE)
		param->type = type_join(d->types, param->type, type_simple(d->types, TYPE_NONE));
}

static void read_default(ModuleEnv *env, ParamDecl *param, TaskDecl *task)
{
	Declaring *d = env->declaring;
	const Constant *value = evaluate(env, param->default_value);
	if (constant_is_value(value)) {
		param->constant = value;
		allow_none(d, param);
	}
	if (task)
		return; /* a task's default is evaluated by the task */
	if (!param->constant) {
		diag_add(d->diag, D_DEFAULT, env->source, param->default_value->start,
				 param->default_value->end, param->name->text,
				 value->sort == SORT_UNKNOWN ? value->text : "it is not a constant value");
		return;
	}
	const Type *type = constant_type(d->types, value);
	if (!param->type || constant_fits(d->types, value, param->type))
		return;
	Text given, declared;
	text_init(&given, d->arena);
	text_init(&declared, d->arena);
	type_print(&given, type);
	type_print(&declared, param->type);
	diag_add(d->diag, D_DEFAULT_TYPE, env->source, param->default_value->start,
			 param->default_value->end, param->name->text, given.bytes, declared.bytes);
}

static void add_param(ModuleEnv *env, const AstFunctionDef *function, ParamDecl *param,
					  const AstArg *arg, ParamKind kind, const Node *value, TaskDecl *task,
					  int index)
{
	Declaring *d = env->declaring;
	*param =
		(ParamDecl){.name = arg->arg, .kind = kind, .default_value = value, .node = &arg->base};
	/* a type that is refused hurts only where something is given to a parameter that has a default
	 */
	bool is_rest = kind == PARAM_ARGS || kind == PARAM_KWARGS;
	int hurts = task && (value || is_rest) ? index : -1;
	if (!is_rest || task)
		read_annotation(env, is_rest ? &param->item_type : &param->type, arg->annotation, task,
						arena_format(d->arena, "the parameter '%s' of '%s'", arg->arg->text,
									 function->name->text),
						hurts);
	if (value)
		read_default(env, param, task);
}

void declare_params(ModuleEnv *env, const AstFunctionDef *function, ParamDecl **params,
					uint32_t *count, const Type **result, TaskDecl *task)
{
	Declaring *d = env->declaring;
	const AstArguments *a = (const AstArguments *)function->args;
	uint32_t positional = a->posonlyargs.count + a->args.count, n = 0;
	uint32_t total = positional + a->kwonlyargs.count + (a->vararg ? 1 : 0) + (a->kwarg ? 1 : 0);
	ParamDecl *list = ARENA_ARRAY(d->arena, ParamDecl, total ? total : 1);
	for (uint32_t i = 0; i < positional; i++) {
		bool only = i < a->posonlyargs.count;
		const Node *arg = only ? a->posonlyargs.items[i] : a->args.items[i - a->posonlyargs.count];
		const Node *value = i + a->defaults.count >= positional
								? a->defaults.items[i + a->defaults.count - positional]
								: NULL;
		add_param(env, function, &list[n], (const AstArg *)arg,
				  only ? PARAM_POSITIONAL_ONLY : PARAM_NORMAL, value, task, (int)n);
		n++;
	}
	if (a->vararg) {
		add_param(env, function, &list[n], (const AstArg *)a->vararg, PARAM_ARGS, NULL, task,
				  (int)n);
		n++;
	}
	for (uint32_t i = 0; i < a->kwonlyargs.count; i++) {
		add_param(env, function, &list[n], (const AstArg *)a->kwonlyargs.items[i],
				  PARAM_KEYWORD_ONLY, a->kw_defaults.items[i], task, (int)n);
		n++;
	}
	if (a->kwarg) {
		add_param(env, function, &list[n], (const AstArg *)a->kwarg, PARAM_KWARGS, NULL, task,
				  (int)n);
		n++;
	}
	*params = list;
	*count = n;
	read_annotation(env, result, function->returns, task,
					arena_format(d->arena, "the result of '%s'", function->name->text), -1);
}

/* ---- names and settings ---- */

bool declare_refuse_unknown(Declaring *d, const Constant *value, const char *what,
							const Source *source, const Node *node)
{
	if (value->sort != SORT_UNKNOWN)
		return false;
	bool here = value->source == source && value->node;
	const Node *place = here ? value->node : node;
	diag_add(d->diag, D_NOT_CONSTANT, source, place->start, place->end, what, value->text);
	return true;
}

static void problem_unknown(ModuleEnv *env, TaskDecl *task, const Constant *value, const char *what,
							const Node *node)
{
	const Node *place = value->source && value->node ? value->node : node;
	const Source *source = value->source && value->node ? value->source : env->source;
	declare_problem(env->declaring, task, D_NOT_CONSTANT, source, place, -1, what,
					value->sort == SORT_UNKNOWN ? value->text : "it is not a constant value");
}

static void problem_type(ModuleEnv *env, TaskDecl *task, const Node *node, const char *what,
						 const char *expected)
{
	declare_problem(env->declaring, task, D_ARGUMENT_TYPE, env->source, node, -1, what, expected);
}

const char *declare_full_name(ModuleEnv *env, TaskDecl *task, const Environment *environment,
							  const Arguments *arguments, const Node *node, const char *function)
{
	Declaring *d = env->declaring;
	const Constant *name = arguments_get(arguments, UINT32_MAX, "name");
	if (name && name->sort == SORT_STR && name->length)
		return name->text;
	if (name && name->sort != SORT_NONE) {
		if (name->sort == SORT_STR || name->sort != SORT_UNKNOWN)
			problem_type(env, task, arguments_node(arguments, UINT32_MAX, "name"),
						 "name=", "a non-empty str");
		else
			problem_unknown(env, task, name, arena_format(d->arena, "the name= of '%s'", function),
							node);
		return function;
	}
	if (!environment)
		return function;
	if (environment->name->sort == SORT_STR)
		return arena_format(d->arena, "%s.%s", environment->name->text, function);
	problem_unknown(env, task, environment->name,
					arena_format(d->arena, "the environment of '%s'", function), node);
	return function;
}

/* retries=3 or flyte.RetryStrategy(count=3) */
static void read_retries(ModuleEnv *env, TaskDecl *task, const Arguments *arguments)
{
	const Constant *value = arguments_get(arguments, UINT32_MAX, "retries");
	if (!value || value->sort == SORT_NONE)
		return;
	if (value->sort == SORT_OBJECT && value->object)
		value = arguments_get(value->object, 0, "count");
	const Node *node = arguments_node(arguments, UINT32_MAX, "retries");
	if (value && value->sort == SORT_UNKNOWN)
		problem_unknown(env, task, value, "retries=", node);
	else if (!value || value->sort != SORT_INT || !value->fits || value->integer < 0 ||
			 value->integer > 1000000)
		problem_type(env, task, node, "retries=", "an int from 0");
	else
		task->retries = (uint32_t)value->integer;
}

/* Milliseconds of timeout=60, timeout=timedelta(minutes=1) or flyte.Timeout(max_runtime=...). */
static void read_timeout(ModuleEnv *env, TaskDecl *task, const Arguments *arguments)
{
	const Constant *value = arguments_get(arguments, UINT32_MAX, "timeout");
	if (!value || value->sort == SORT_NONE)
		return;
	if (value->sort == SORT_OBJECT && value->object)
		value = arguments_get(value->object, 0, "max_runtime");
	const Node *node = arguments_node(arguments, UINT32_MAX, "timeout");
	if (value && value->sort == SORT_UNKNOWN) {
		problem_unknown(env, task, value, "timeout=", node);
		return;
	}
	int64_t milliseconds = -1;
	if (value && value->sort == SORT_INT && value->fits && value->integer >= 0 &&
		value->integer < 4000000)
		milliseconds = value->integer * 1000;
	else if (value && value->sort == SORT_FLOAT && value->real >= 0 && value->real < 4e6)
		milliseconds = (int64_t)(value->real * 1000);
	else if (value && value->sort == SORT_TIMEDELTA && value->integer >= 0)
		milliseconds = value->integer / 1000;
	if (milliseconds < 0 || milliseconds > UINT32_MAX)
		problem_type(env, task, node, "timeout=", "a number of seconds or a datetime.timedelta");
	else
		task->timeout_ms = (uint32_t)milliseconds;
}

static void read_task_type(ModuleEnv *env, TaskDecl *task, const Arguments *arguments)
{
	const Constant *value = arguments_get(arguments, UINT32_MAX, "task_type");
	if (!value || value->sort == SORT_NONE)
		return;
	const Node *node = arguments_node(arguments, UINT32_MAX, "task_type");
	if (value->sort == SORT_UNKNOWN)
		problem_unknown(env, task, value, "task_type=", node);
	else if (value->sort != SORT_STR)
		problem_type(env, task, node, "task_type=", "a str");
	else
		task->task_type = value->text;
}

void declare_task_settings(ModuleEnv *env, TaskDecl *task, const Arguments *arguments)
{
	read_retries(env, task, arguments);
	read_timeout(env, task, arguments);
}

static const Constant *task_constant(ModuleEnv *env, TaskDecl *task, const Node *node)
{
	Constant *value = constant_make(env->declaring, SORT_TASK, env->source, node);
	value->object = task;
	return value;
}

const Constant *declare_task(ModuleEnv *env, const AstFunctionDef *function,
							 const DecoratorCall *decorator)
{
	Declaring *d = env->declaring;
	TaskDecl *task = declare_add_task(d);
	task->name = function->name;
	task->function = function->name->text;
	task->module = env->name;
	task->is_async = function->base.kind == NODE_ASYNC_FUNCTION_DEF;
	task->is_trace = decorator->kind == DECORATE_TRACE;
	task->source = env->source;
	task->node = &function->base;
	declare_params(env, function, &task->params, &task->param_count, &task->result, task);
	task->full_name = declare_full_name(env, task, decorator->environment, decorator->arguments,
										&function->base, function->name->text);
	if (decorator->arguments) {
		declare_task_settings(env, task, decorator->arguments);
		read_task_type(env, task, decorator->arguments);
	}
	task->extra = declare_extra(env, task, decorator->environment, decorator->arguments);
	if (env->level == LEVEL_LOCAL && env->module)
		declare_problem(d, task, D_NAME_NOT_CONSTANT, env->source, &function->base, -1,
						function->name->text, "it is defined inside a function");
	return task_constant(env, task, &function->base);
}

const Constant *declare_entry_task(ModuleEnv *env, const EntryDecl *entry, const Atom *name,
								   const char *function)
{
	TaskDecl *task = declare_add_task(env->declaring);
	*task = (TaskDecl){
		.name = name,
		.full_name = entry->full_name,
		.function = function,
		.module = env->name,
		.params = entry->inputs,
		.param_count = entry->input_count,
		.result = entry->result,
		.is_async = entry->function && entry->function->base.kind == NODE_ASYNC_FUNCTION_DEF,
		.retries = entry->retries,
		.entry = entry,
		.source = env->source,
		.node = entry->node,
	};
	return task_constant(env, task, entry->node);
}
