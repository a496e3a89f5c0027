/*
 * The abstract run of a module level, statement by statement. A condition that is not constant runs
 * both branches and merges the names; what a loop binds is unknown; a function's body waits until
 * the module has run, and is looked through only for code strings. `if TYPE_CHECKING:` and the body
 * of `try:` ... `except ImportError:` are read as what Python would find.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <string.h>

enum { DEEPEST_STATEMENT = 200, DEEPEST_SEARCH = 400 };

/* ---- targets ---- */

static void bind_list(ModuleEnv *env, const NodeList *elts, const Constant *value)
{
	bool fits =
		(value->sort == SORT_LIST || value->sort == SORT_TUPLE) && value->count == elts->count;
	for (uint32_t i = 0; i < elts->count; i++)
		fits = fits && elts->items[i]->kind != NODE_STARRED;
	for (uint32_t i = 0; i < elts->count; i++) {
		const Node *target = elts->items[i];
		if (target->kind == NODE_STARRED)
			target = ((const AstStarred *)target)->value;
		declare_bind_target(
			env, target,
			fits ? value->items[i]
			: value->sort == SORT_UNKNOWN
				? value
				: constant_unknown(env->declaring, env->source, target,
								   "it is unpacked from something that is not constant"));
	}
}

/* `config["x"] = 1` and `thing.x = 1` change what the name at their left holds. */
static void spoil_target(ModuleEnv *env, const Node *target)
{
	if (target->kind == NODE_SUBSCRIPT)
		constant_spoil(evaluate(env, ((const AstSubscript *)target)->value), env->source, target,
					   "it is changed in place");
}

void declare_bind_target(ModuleEnv *env, const Node *target, const Constant *value)
{
	switch (target->kind) {
	case NODE_NAME:
		env_bind(env, ((const AstName *)target)->id, value);
		break;
	case NODE_TUPLE:
		bind_list(env, &((const AstTuple *)target)->elts, value);
		break;
	case NODE_LIST:
		bind_list(env, &((const AstList *)target)->elts, value);
		break;
	default:
		spoil_target(env, target);
		break;
	}
}

const Constant *declare_run_time(ModuleEnv *env, const Node *node, const char *what)
{
	return constant_unknown(env->declaring, env->source, node, "%s", what);
}

/* ---- branches ---- */

typedef struct Snapshot {
	const Constant **values;
	uint32_t count;
} Snapshot;

static Snapshot take_snapshot(ModuleEnv *env)
{
	Snapshot snapshot = {constant_item_array(env->declaring, env->count), env->count};
	for (uint32_t i = 0; i < env->count; i++)
		snapshot.values[i] = env->bindings[i].value;
	return snapshot;
}

static void restore(ModuleEnv *env, const Snapshot *snapshot)
{
	for (uint32_t i = 0; i < env->count; i++)
		env->bindings[i].value = i < snapshot->count ? snapshot->values[i] : NULL;
}

static const Constant *merge_values(ModuleEnv *env, const Atom *name, const Constant *a,
									const Constant *b)
{
	if (a == b || (a && b && constant_is_value(a) && constant_equals(a, b)))
		return a;
	if (a && b && a->sort == SORT_SYMBOL && constant_equals(a, b))
		return a;
	if (a && a->is_missing)
		return b ? b : a;
	if (b && b->is_missing)
		return a ? a : b;
	const Constant *shown = b ? b : a;
	return constant_unknown(env->declaring, shown->source, shown->node,
							"'%s' depends on a condition that is not constant", name->text);
}

/* The names after one of two branches: `other` is how the first one left them. */
static void merge(ModuleEnv *env, const Snapshot *other)
{
	for (uint32_t i = 0; i < env->count; i++) {
		const Constant *a = i < other->count ? other->values[i] : NULL, *b = env->bindings[i].value;
		if (a != b)
			env->bindings[i].value = merge_values(env, env->bindings[i].name, a, b);
	}
}

static bool is_main_test(const Node *test)
{
	if (test->kind != NODE_COMPARE)
		return false;
	const AstCompare *compare = (const AstCompare *)test;
	if (compare->ops.count != 1 || compare->ops.items[0] != COMPARE_EQ)
		return false;
	for (int swap = 0; swap < 2; swap++) {
		const Node *left = swap ? compare->comparators.items[0] : compare->left;
		const Node *right = swap ? compare->left : compare->comparators.items[0];
		if (left->kind == NODE_NAME && right->kind == NODE_CONSTANT &&
			!strcmp(((const AstName *)left)->id->text, "__name__") &&
			((const AstConstant *)right)->value.kind == CONSTANT_STR)
			return true;
	}
	return false;
}

static bool is_type_checking(ModuleEnv *env, const Node *test)
{
	return (test->kind == NODE_NAME || test->kind == NODE_ATTRIBUTE) &&
		   constant_is_symbol(evaluate(env, test), "typing.TYPE_CHECKING");
}

static void defer(ModuleEnv *env, const Node *node)
{
	if (env->level == LEVEL_NEIGHBOUR || !env->declaring->has_code_strings)
		return;
	Deferred *deferred = ARENA_NEW(env->declaring->arena, Deferred);
	*deferred = (Deferred){.node = node, .env = env};
	if (!env->deferred_first)
		env->deferred_first = deferred;
	else
		env->deferred_last->next = deferred;
	env->deferred_last = deferred;
}

static void run_if(ModuleEnv *env, const AstIf *statement)
{
	if (env->level != LEVEL_LOCAL && is_main_test(statement->test)) {
		defer(env, &statement->base);
		declare_statements(env, &statement->orelse);
		return;
	}
	if (is_type_checking(env, statement->test)) {
		declare_statements(env, &statement->body);
		declare_statements(env, &statement->orelse);
		return;
	}
	int truth = constant_truth(evaluate(env, statement->test));
	declare_explore(env, statement->test);
	if (truth >= 0) {
		declare_statements(env, truth ? &statement->body : &statement->orelse);
		return;
	}
	Snapshot before = take_snapshot(env);
	declare_statements(env, &statement->body);
	Snapshot after = take_snapshot(env);
	restore(env, &before);
	declare_statements(env, &statement->orelse);
	merge(env, &after);
}

/* ---- try ---- */

static bool catches_imports(ModuleEnv *env, const AstExceptHandler *handler)
{
	const Constant *type = handler->type ? evaluate(env, handler->type) : NULL;
	if (!type)
		return true;
	if (type->sort == SORT_TUPLE && type->count)
		type = type->items[0];
	return constant_is_symbol(type, "builtins.ImportError") ||
		   constant_is_symbol(type, "builtins.ModuleNotFoundError") ||
		   constant_is_symbol(type, "builtins.Exception");
}

static bool leaves(const NodeList *body)
{
	const Node *last = body->count ? body->items[body->count - 1] : NULL;
	return last && (last->kind == NODE_RAISE || last->kind == NODE_RETURN ||
					last->kind == NODE_CONTINUE || last->kind == NODE_BREAK);
}

static bool only_imports(const NodeList *body)
{
	for (uint32_t i = 0; i < body->count; i++) {
		NodeKind kind = body->items[i]->kind;
		if (kind != NODE_IMPORT && kind != NODE_IMPORT_FROM && kind != NODE_ASSIGN &&
			kind != NODE_PASS && kind != NODE_EXPR)
			return false;
	}
	return true;
}

/* After `try: from x import a` / `except ImportError: a = None`, `a` is what the body found, unless
 * it found nothing. */
static void prefer(ModuleEnv *env, const Snapshot *body)
{
	for (uint32_t i = 0; i < env->count; i++) {
		const Constant *found = i < body->count ? body->values[i] : NULL;
		if (found && !found->is_missing)
			env->bindings[i].value = found;
	}
}

static void run_try(ModuleEnv *env, const AstTry *statement)
{
	declare_statements(env, &statement->body);
	declare_statements(env, &statement->orelse);
	Snapshot after = take_snapshot(env);
	for (uint32_t i = 0; i < statement->handlers.count; i++) {
		const AstExceptHandler *handler = (const AstExceptHandler *)statement->handlers.items[i];
		if (handler->name)
			env_bind(env, handler->name,
					 declare_run_time(env, &handler->base, "a caught exception"));
		bool imports = catches_imports(env, handler) && only_imports(&statement->body);
		declare_statements(env, &handler->body);
		if (imports)
			prefer(env, &after);
		else if (leaves(&handler->body))
			restore(env, &after);
		else
			merge(env, &after);
		after = take_snapshot(env);
	}
	declare_statements(env, &statement->finalbody);
}

/* ---- loops and other blocks ---- */

typedef struct Spoil {
	ModuleEnv *env;
	unsigned depth;
} Spoil;

/* Makes every name unknown that is bound somewhere in a statement. */
static void spoil_bound_names(void *context, Node *node)
{
	Spoil *spoil = context;
	ModuleEnv *env = spoil->env;
	if (spoil->depth > DEEPEST_SEARCH)
		return;
	const char *why = "it is bound in a loop";
	switch (node->kind) {
	case NODE_NAME:
		if (((AstName *)node)->ctx != CONTEXT_LOAD)
			env_bind(env, ((AstName *)node)->id, declare_run_time(env, node, why));
		return;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		env_bind(env, ((AstFunctionDef *)node)->name, declare_run_time(env, node, why));
		return;
	case NODE_CLASS_DEF:
		env_bind(env, ((AstClassDef *)node)->name, declare_run_time(env, node, why));
		return;
	case NODE_LAMBDA:
	case NODE_CONSTANT:
		return;
	default:
		break;
	}
	spoil->depth++;
	node_children(node, spoil_bound_names, spoil);
	spoil->depth--;
}

static void run_loop(ModuleEnv *env, const Node *loop, const Node *head, const NodeList *body,
					 const NodeList *orelse)
{
	Spoil spoil = {.env = env};
	if (head) {
		evaluate(env, head);
		declare_explore(env, head);
	}
	spoil_bound_names(&spoil, (Node *)(uintptr_t)loop);
	env->in_loop++;
	declare_statements(env, body);
	env->in_loop--;
	spoil_bound_names(&spoil, (Node *)(uintptr_t)loop);
	declare_statements(env, orelse);
}

static void run_with(ModuleEnv *env, const AstWith *statement)
{
	for (uint32_t i = 0; i < statement->items.count; i++) {
		const AstWithitem *item = (const AstWithitem *)statement->items.items[i];
		evaluate(env, item->context_expr);
		declare_explore(env, item->context_expr);
		if (item->optional_vars)
			declare_bind_target(env, item->optional_vars,
								declare_run_time(env, item->optional_vars, "what 'with' gives"));
	}
	declare_statements(env, &statement->body);
}

static void run_match(ModuleEnv *env, const AstMatch *statement)
{
	Spoil spoil = {.env = env};
	spoil_bound_names(&spoil, (Node *)(uintptr_t)statement);
	for (uint32_t i = 0; i < statement->cases.count; i++)
		declare_statements(env, &((const AstMatchCase *)statement->cases.items[i])->body);
	spoil_bound_names(&spoil, (Node *)(uintptr_t)statement);
}

/* ---- single statements ---- */

static void run_statement(ModuleEnv *env, const Node *node);

static void run_assign(ModuleEnv *env, const AstAssign *statement)
{
	const Constant *value = evaluate(env, statement->value);
	for (uint32_t i = 0; i < statement->targets.count; i++) {
		const Node *target = statement->targets.items[i];
		if (target->kind == NODE_NAME)
			declare_name_entry(env, statement->value, value, ((const AstName *)target)->id);
		declare_bind_target(env, target, value);
	}
	declare_explore(env, statement->value);
}

static void run_ann_assign(ModuleEnv *env, const AstAnnAssign *statement)
{
	if (!statement->value)
		return;
	const Constant *value = evaluate(env, statement->value);
	if (statement->target->kind == NODE_NAME)
		declare_name_entry(env, statement->value, value, ((const AstName *)statement->target)->id);
	declare_bind_target(env, statement->target, value);
	declare_explore(env, statement->value);
}

static void run_aug_assign(ModuleEnv *env, const AstAugAssign *statement)
{
	const Constant *value = evaluate(env, statement->value);
	if (statement->target->kind == NODE_NAME) {
		const Atom *name = ((const AstName *)statement->target)->id;
		const Constant *old = env_lookup(env, name);
		const Constant *new =
			old ? constant_binary(env, &statement->base, statement->op, old, value)
				: declare_run_time(env, &statement->base, "it has no value yet");
		if (old) /* other names may hold the same list */
			constant_spoil(old, env->source, &statement->base, "it is changed in place");
		env_bind(env, name, new);
	} else {
		spoil_target(env, statement->target);
	}
	declare_explore(env, statement->value);
}

/* Does it derive from one of Flyte's classes of tasks, in one step or more? */
static bool is_template(ModuleEnv *env, const AstClassDef *class)
{
	static const char *const names[] = {".AsyncConnectorExecutorMixin", ".TaskTemplate"};
	for (uint32_t i = 0; i < class->bases.count; i++) {
		const Node *node = class->bases.items[i];
		const Constant *base =
			node->kind == NODE_NAME || node->kind == NODE_ATTRIBUTE ? evaluate(env, node) : NULL;
		const char *dot = base && base->sort == SORT_SYMBOL ? strrchr(base->text, '.') : NULL;
		if (base && base->sort == SORT_CLASS && base->is_template)
			return true;
		for (size_t k = 0; dot && k < sizeof names / sizeof *names; k++)
			if (!strncmp(base->text, "flyte.", 6) && !strcmp(dot, names[k]))
				return true;
	}
	return false;
}

/* The constants of a class can be arguments: `timeout_ms=Settings.TIMEOUT`. Its methods wait, as functions do. */
static void run_class(ModuleEnv *env, const AstClassDef *class)
{
	Constant *value = constant_make(env->declaring, SORT_CLASS, env->source, &class->base);
	ModuleEnv *inner = env_make(env->declaring, env, env->level);
	value->text = class->name->text;
	value->home = inner;
	value->is_template = is_template(env, class);
	for (uint32_t i = 0; i < class->body.count; i++) {
		const Node *node = class->body.items[i];
		if (node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF)
			defer(env, node);
		else if (node->kind == NODE_ASSIGN || node->kind == NODE_ANN_ASSIGN)
			run_statement(inner, node);
	}
	env_bind(env, class->name, value);
}

static void run_delete(ModuleEnv *env, const AstDelete *statement)
{
	for (uint32_t i = 0; i < statement->targets.count; i++) {
		const Node *target = statement->targets.items[i];
		if (target->kind == NODE_NAME)
			env_bind(env, ((const AstName *)target)->id, NULL);
		else
			spoil_target(env, target);
	}
}

static void run_statement(ModuleEnv *env, const Node *node)
{
	switch (node->kind) {
	case NODE_IMPORT:
		modules_import(env, (const AstImport *)node);
		break;
	case NODE_IMPORT_FROM:
		modules_import_from(env, (const AstImportFrom *)node);
		break;
	case NODE_ASSIGN:
		run_assign(env, (const AstAssign *)node);
		break;
	case NODE_ANN_ASSIGN:
		run_ann_assign(env, (const AstAnnAssign *)node);
		break;
	case NODE_AUG_ASSIGN:
		run_aug_assign(env, (const AstAugAssign *)node);
		break;
	case NODE_TYPE_ALIAS: {
		const AstTypeAlias *alias = (const AstTypeAlias *)node;
		declare_bind_target(env, alias->name, constant_alias(env, alias));
		break;
	}
	case NODE_EXPR:
		evaluate(env, ((const AstExpr *)node)->value);
		declare_explore(env, ((const AstExpr *)node)->value);
		break;
	case NODE_RETURN:
		if (((const AstReturn *)node)->value) {
			evaluate(env, ((const AstReturn *)node)->value);
			declare_explore(env, ((const AstReturn *)node)->value);
		}
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		if (!declare_function(env, (const AstFunctionDef *)node))
			defer(env, node);
		break;
	case NODE_CLASS_DEF:
		run_class(env, (const AstClassDef *)node);
		break;
	case NODE_IF:
		run_if(env, (const AstIf *)node);
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR: {
		const AstFor *loop = (const AstFor *)node;
		run_loop(env, node, loop->iter, &loop->body, &loop->orelse);
		break;
	}
	case NODE_WHILE: {
		const AstWhile *loop = (const AstWhile *)node;
		run_loop(env, node, NULL, &loop->body, &loop->orelse);
		break;
	}
	case NODE_WITH:
	case NODE_ASYNC_WITH:
		run_with(env, (const AstWith *)node);
		break;
	case NODE_TRY:
	case NODE_TRY_STAR:
		run_try(env, (const AstTry *)node);
		break;
	case NODE_MATCH:
		run_match(env, (const AstMatch *)node);
		break;
	case NODE_DELETE:
		run_delete(env, (const AstDelete *)node);
		break;
	default:
		break;
	}
}

void declare_statements(ModuleEnv *env, const NodeList *body)
{
	Declaring *d = env->declaring;
	if (d->statement_depth >= DEEPEST_STATEMENT)
		return;
	d->statement_depth++;
	for (uint32_t i = 0; i < body->count && !arena_is_failed(d->arena); i++)
		run_statement(env, body->items[i]);
	d->statement_depth--;
}
