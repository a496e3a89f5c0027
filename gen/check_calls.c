/*
 * Calls: arguments against the parameters of what is called, where that is known: a task, or a
 * function of the program that is surely the one (Variable.function_is_sure). Fills
 * Checked.bindings. Messages are Python's own.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

#include <string.h>

/* A parameter of a task or of a local function. */
typedef struct Slot {
	const Atom *name;
	ParamKind kind;
	bool has_default;
	const Node *node;
	const Source *source;
} Slot;

typedef struct Signature {
	const char *name;
	const TaskDecl *task; /* NULL: a local function */
	Slot *slots;
	uint32_t count, positional; /* positional: those that an argument without a name can reach */
	bool has_args, has_kwargs;
} Signature;

static void add_slot(Signature *signature, const Atom *name, ParamKind kind, bool has_default,
					 const Node *node, const Source *source)
{
	signature->slots[signature->count++] = (Slot){name, kind, has_default, node, source};
	signature->positional += kind == PARAM_POSITIONAL_ONLY || kind == PARAM_NORMAL;
	signature->has_args |= kind == PARAM_ARGS;
	signature->has_kwargs |= kind == PARAM_KWARGS;
}

static Signature task_signature(Checker *c, const TaskDecl *task)
{
	Signature signature = {.name = task->name->text, .task = task};
	signature.slots = ARENA_ARRAY(c->arena, Slot, task->param_count + 1);
	for (uint32_t i = 0; i < task->param_count; i++) {
		const ParamDecl *param = &task->params[i];
		bool optional =
			param->default_value || param->kind == PARAM_ARGS || param->kind == PARAM_KWARGS;
		add_slot(&signature, param->name, param->kind, optional, param->node, task->source);
	}
	return signature;
}

static void add_args(Checker *c, Signature *signature, const NodeList *args, ParamKind kind,
					 uint32_t without_default)
{
	for (uint32_t i = 0; i < args->count; i++) {
		const AstArg *arg = (const AstArg *)args->items[i];
		add_slot(signature, arg->arg, kind, signature->positional >= without_default, &arg->base,
				 c->source);
	}
}

static Signature function_signature(Checker *c, const AstFunctionDef *def)
{
	const AstArguments *a = (const AstArguments *)def->args;
	Signature signature = {.name = def->name->text};
	uint32_t positional = a->posonlyargs.count + a->args.count;
	signature.slots = ARENA_ARRAY(c->arena, Slot, positional + a->kwonlyargs.count + 2);
	add_args(c, &signature, &a->posonlyargs, PARAM_POSITIONAL_ONLY, positional - a->defaults.count);
	add_args(c, &signature, &a->args, PARAM_NORMAL, positional - a->defaults.count);
	if (a->vararg)
		add_slot(&signature, ((const AstArg *)a->vararg)->arg, PARAM_ARGS, true, a->vararg,
				 c->source);
	for (uint32_t i = 0; i < a->kwonlyargs.count; i++) {
		const AstArg *arg = (const AstArg *)a->kwonlyargs.items[i];
		add_slot(&signature, arg->arg, PARAM_KEYWORD_ONLY, a->kw_defaults.items[i] != NULL,
				 &arg->base, c->source);
	}
	if (a->kwarg)
		add_slot(&signature, ((const AstArg *)a->kwarg)->arg, PARAM_KWARGS, true, a->kwarg,
				 c->source);
	return signature;
}

/* ---- errors ---- */

static void note_declaration(Checker *c, DiagItem *item, const Signature *signature,
							 const Slot *slot)
{
	const Node *node = slot && slot->node ? slot->node
					   : signature->count ? signature->slots[0].node
					   : signature->task  ? signature->task->node
										  : NULL;
	const Source *source = slot               ? slot->source
						   : signature->count ? signature->slots[0].source
											  : c->source;
	if (!node || !source)
		return;
	diag_note(c->diag, item, source, node->start, node->end,
			  slot ? "'%s' is declared here" : "%s() is declared here",
			  slot ? slot->name->text : signature->name);
}

/* "2 positional arguments", "from 1 to 2 positional arguments" */
static const char *taken_text(Checker *c, const Signature *signature)
{
	uint32_t least = 0;
	for (uint32_t i = 0; i < signature->positional; i++)
		least += !signature->slots[i].has_default;
	if (least != signature->positional)
		return arena_format(c->arena, "from %u to %u positional arguments", least,
							signature->positional);
	return arena_format(c->arena, "%u positional argument%s", least, least == 1 ? "" : "s");
}

static void too_many(Checker *c, const AstCall *call, const Signature *signature, uint32_t given)
{
	const Node *first = call->args.items[signature->positional],
			   *last = call->args.items[call->args.count - 1];
	DiagItem *item =
		diag_add(c->diag, D_CALL_TOO_MANY, c->source, first->start, last->end, signature->name,
				 taken_text(c, signature), (int)given, given == 1 ? "was" : "were");
	note_declaration(c, item, signature, NULL);
	Node whole = {.start = first->start, .end = last->end};
	const char *text = source_text(c->arena, c->source, &whole);
	if (text)
		diag_help(c->diag, item, "leave out %s", text);
	uint32_t start =
		signature->positional ? call->args.items[signature->positional - 1]->end : first->start;
	diag_edit(c->diag, item, FIX_MAYBE, c->source, start, last->end, "");
}

/* "2 required positional arguments: 'x' and 'y'" */
static bool missing(Checker *c, const AstCall *call, const Signature *signature, const Node **args,
					bool keyword_only)
{
	uint32_t count = 0, done = 0;
	const Slot *first = NULL;
	for (uint32_t i = 0; i < signature->count; i++)
		if (!args[i] && !signature->slots[i].has_default &&
			(signature->slots[i].kind == PARAM_KEYWORD_ONLY) == keyword_only) {
			first = first ? first : &signature->slots[i];
			count++;
		}
	if (!count)
		return false;
	Text names;
	text_init(&names, c->arena);
	text_format(&names, "%u required %s argument%s: ", count,
				keyword_only ? "keyword-only" : "positional", count == 1 ? "" : "s");
	for (uint32_t i = 0; i < signature->count; i++)
		if (!args[i] && !signature->slots[i].has_default &&
			(signature->slots[i].kind == PARAM_KEYWORD_ONLY) == keyword_only) {
			text_format(&names, "%s'%s'",
						!done              ? ""
						: done + 1 < count ? ", "
						: count == 2       ? " and "
										   : ", and ",
						signature->slots[i].name->text);
			done++;
		}
	const char *form = signature->task
						   ? signature_text(c, signature->task)
						   : arena_format(c->arena, "%s(...) with all of them", signature->name);
	DiagItem *item = diag_add(c->diag, D_CALL_MISSING, c->source, call->base.start, call->base.end,
							  signature->name, names.bytes, form);
	const char *text = source_text(c->arena, c->source, &call->base);
	if (text) {
		Text whole;
		text_init(&whole, c->arena);
		bool some = call->args.count + call->keywords.count > 0;
		text_format(&whole, "%.*s", (int)strlen(text) - 1, text);
		for (uint32_t i = 0; i < signature->count; i++)
			if (!args[i] && !signature->slots[i].has_default &&
				(signature->slots[i].kind == PARAM_KEYWORD_ONLY) == keyword_only) {
				bool bare = signature->slots[i].kind == PARAM_POSITIONAL_ONLY;
				text_format(&whole, "%s%s%s...", some ? ", " : "",
							bare ? "" : signature->slots[i].name->text, bare ? "" : "=");
				some = true;
			}
		if (signature->task)
			diag_help(c->diag, item, "write %s); it is %s", whole.bytes, form);
		else
			diag_help(c->diag, item, "write %s)", whole.bytes);
	}
	note_declaration(c, item, signature, first);
	return true;
}

static const char *keyword_help(Checker *c, const Signature *signature, const char *name,
								const char **near)
{
	Nearest nearest = {.wanted = name};
	Text names;
	text_init(&names, c->arena);
	for (uint32_t i = 0; i < signature->count; i++) {
		if (signature->slots[i].kind == PARAM_ARGS || signature->slots[i].kind == PARAM_KWARGS)
			continue;
		nearest_try(&nearest, signature->slots[i].name->text);
		text_format(&names, "%s'%s'", names.length ? ", " : "", signature->slots[i].name->text);
	}
	*near = nearest.best;
	if (nearest.best)
		return arena_format(c->arena, "did you mean '%s'?", nearest.best);
	return names.length ? arena_format(c->arena, "its parameters are %s", names.bytes)
						: "it has no parameters";
}

/* ---- binding ---- */

static int find_slot(const Signature *signature, const Atom *name)
{
	for (uint32_t i = 0; i < signature->count; i++)
		if (signature->slots[i].name == name && signature->slots[i].kind != PARAM_ARGS &&
			signature->slots[i].kind != PARAM_KWARGS)
			return (int)i;
	return -1;
}

static bool bind_keyword(Checker *c, const AstKeyword *keyword, const Signature *signature,
						 const Node **args, bool spread)
{
	int at = find_slot(signature, keyword->arg);
	uint32_t start = keyword->base.start, end = keyword->base.start + keyword->arg->length;
	DiagItem *item = NULL;
	if (at >= 0 && signature->slots[at].kind == PARAM_POSITIONAL_ONLY) {
		if (signature->has_kwargs)
			return true;
		item = diag_add(c->diag, D_CALL_POSITIONAL_ONLY, c->source, start, end, keyword->arg->text,
						signature->name);
		note_declaration(c, item, signature, &signature->slots[at]);
		args[at] = keyword->value;
		return false;
	}
	if (at < 0) {
		if (signature->has_kwargs)
			return true;
		const char *near, *help = keyword_help(c, signature, keyword->arg->text, &near);
		item = diag_add(c->diag, D_CALL_KEYWORD, c->source, start, end, signature->name,
						keyword->arg->text, help);
		diag_replace(c->diag, item, FIX_MAYBE, near);
		note_declaration(c, item, signature, NULL);
		return false;
	}
	if (args[at]) {
		item = diag_add(c->diag, D_CALL_TWICE, c->source, start, end, signature->name,
						keyword->arg->text);
		note_declaration(c, item, signature, &signature->slots[at]);
		return false;
	}
	(void)spread;
	args[at] = keyword->value;
	return true;
}

static void bind_arguments(Checker *c, const AstCall *call, const Signature *signature)
{
	const Node **args = ARENA_ARRAY(c->arena, const Node *, signature->count + 1);
	bool spread = call_has_spread(call), good = true;
	uint32_t given = 0, plain = 0;
	for (uint32_t i = 0; i < call->args.count; i++)
		given += call->args.items[i]->kind != NODE_STARRED;
	while (plain < call->args.count && call->args.items[plain]->kind != NODE_STARRED)
		plain++; /* after a spread nobody knows which parameter is next */
	for (uint32_t i = 0; i < plain && i < signature->positional; i++)
		args[i] = call->args.items[i];
	if (!signature->has_args && given > signature->positional) {
		if (!spread)
			too_many(c, call, signature, given);
		good = false;
	}
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (keyword->arg)
			good &= bind_keyword(c, keyword, signature, args, spread);
	}
	if (spread)
		return;
	if (good) {
		good &= !missing(c, call, signature, args, false);
		good &= !missing(c, call, signature, args, true);
	}
	if ((!good && !signature->task) || signature->has_args || signature->has_kwargs)
		return;
	CallBinding *binding = ARENA_NEW(c->arena, CallBinding);
	*binding = (CallBinding){signature->count, args};
	c->checked->bindings[call->base.id] = binding;
}

/* What control cannot reach is bound all the same, but nothing is said about it. */
static void bind_call(Checker *c, const AstCall *call, const Signature *signature)
{
	Diag *diag = c->diag;
	if (!c->checked->types[call->base.id])
		c->diag = diag_make(c->arena);
	bind_arguments(c, call, signature);
	c->diag = diag;
	const CallBinding *binding = c->checked->bindings[call->base.id];
	for (uint32_t i = 0; signature->task && binding && i < binding->count; i++)
		if (binding->args[i])
			report_task(c, signature->task, (int)i, binding->args[i]);
}

/* ---- flyte_map ---- */

static const char *available_tasks(Checker *c)
{
	Text out;
	text_init(&out, c->arena);
	for (uint32_t i = 0; i < c->entry->task_count && i < 20; i++)
		text_format(&out, "%s%s", i ? ", " : "", c->entry->tasks[i].name->text);
	return out.length ? out.bytes : "none";
}

static void check_map_keywords(Checker *c, const AstCall *call)
{
	static const char *const names[] = {"concurrency", "group_name", "return_exceptions"};
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		const char *name = keyword->arg ? keyword->arg->text : "**";
		bool known = false;
		for (uint32_t k = 0; k < 3; k++)
			known |= strcmp(name, names[k]) == 0;
		if (!known)
			diag_add(c->diag, D_CALL_KEYWORD, c->source, keyword->base.start, keyword->base.end,
					 "flyte_map", name, "it takes concurrency, group_name and return_exceptions");
	}
}

/*
 * flyte_map("add", xs, ys): each iterable gives one argument. The name is a literal, since the task
 * decides what is compiled.
 */
static void check_map(Checker *c, const AstCall *call)
{
	const Node *first = call->args.count ? call->args.items[0] : NULL;
	if (first && first->kind == NODE_NAME && c->checked->names[first->id].use == NAME_TASK) {
		DiagItem *item = diag_add(c->diag, D_MAP_NAME, c->source, first->start, first->end,
								  ((const AstName *)first)->id->text);
		diag_replace(c->diag, item, FIX_CERTAIN,
					 arena_format(c->arena, "\"%s\"", ((const AstName *)first)->id->text));
		return;
	}
	if (!first || first->kind != NODE_CONSTANT ||
		((const AstConstant *)first)->value.kind != CONSTANT_STR) {
		const Node *place = first ? first : &call->base;
		diag_add(c->diag, D_MAP_NAME, c->source, place->start, place->end, "task");
		return;
	}
	check_map_keywords(c, call);
	const ConstantValue *value = &((const AstConstant *)first)->value;
	const TaskDecl *task = find_task(c->entry, value->text, value->length);
	if (!task) {
		DiagItem *item = diag_add(c->diag, D_MAP_TASK, c->source, first->start, first->end,
								  value->text, available_tasks(c));
		Nearest nearest = {.wanted = value->text};
		for (uint32_t i = 0; i < c->entry->task_count; i++)
			nearest_try(&nearest, c->entry->tasks[i].name->text);
		if (nearest.best) {
			diag_help(c->diag, item, "did you mean '%s'? Available are: %s", nearest.best,
					  available_tasks(c));
			diag_replace(c->diag, item, FIX_MAYBE, arena_format(c->arena, "\"%s\"", nearest.best));
		}
		return;
	}
	report_task(c, task, -1, first);
	Signature signature = task_signature(c, task);
	uint32_t given = call->args.count - 1, least = 0;
	for (uint32_t i = 0; i < signature.count; i++)
		least += !signature.slots[i].has_default;
	if (call_has_spread(call) ||
		(given >= least && (given <= signature.positional || signature.has_args)))
		return;
	DiagItem *item = diag_add(c->diag, D_MAP_ITERABLES, c->source, call->base.start, call->base.end,
							  (int)given, task->name->text, taken_text(c, &signature));
	note_declaration(c, item, &signature, NULL);
}

/* ---- all calls ---- */

static void check_call(Checker *c, const AstCall *call)
{
	const Node *func = call_target(c->checked, call);
	if (func->kind != NODE_NAME)
		return;
	const NameInfo *info = &c->checked->names[func->id];
	const Variable *variable = info->variable;
	if (info->use == NAME_TASK) {
		Signature signature = task_signature(c, info->task);
		bind_call(c, call, &signature);
	} else if (info->use == NAME_FLYTE_MAP) {
		check_map(c, call);
	} else if (info->use == NAME_VARIABLE && variable->function && variable->function_is_sure) {
		Signature signature =
			function_signature(c, (const AstFunctionDef *)variable->function->node);
		bind_call(c, call, &signature);
	}
}

static void visit(void *context, Node *node);

static void visit_list(Checker *c, const NodeList *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		visit(c, list->items[i]);
}

static void visit(void *context, Node *node)
{
	Checker *c = context;
	if (node->kind == NODE_CLASS_DEF || node->kind == NODE_ARG)
		return;
	if (node->kind == NODE_NAME && c->checked->names[node->id].use == NAME_FLYTE_MAP)
		diag_add(c->diag, D_MAP_VALUE, c->source, node->start, node->end);
	if (node->kind == NODE_CALL) {
		const AstCall *call = (const AstCall *)node;
		check_call(c, call);
		if (call_target(c->checked, call)->kind != NODE_NAME)
			visit(c, call->func);
		visit_list(c, &call->args);
		visit_list(c, &call->keywords);
		return;
	}
	if (node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF) {
		AstFunctionDef *def = (AstFunctionDef *)node;
		node_children(def->args, visit, c);
		for (uint32_t i = 0; i < def->body.count; i++)
			visit(c, def->body.items[i]);
		return;
	}
	node_children(node, visit, c);
}

void check_calls(Checker *c)
{
	NodeList body = scope_body(c->checked->root);
	for (uint32_t i = 0; i < body.count; i++)
		visit(c, body.items[i]);
}
