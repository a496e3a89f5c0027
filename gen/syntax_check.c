/*
 * What CPython refuses after parsing, in its symbol table and its compiler: `return` outside a function, `await`
 * outside an async one, `break` outside a loop, late __future__ imports and so on. What can be seen from one node
 * and its children alone is refused where the node is made (tree*.c, targets.c, match_check.c); here is what depends
 * on the scope and the blocks around.
 *
 * One walk over the tree with a stack of work in the arena: an entry is a node, its scope, and flags for what it
 * stands in. Names and constants are never pushed.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "syntax_check.h"
#include "ast_fields.h"
#include "scope_check.h"

#include <string.h>

enum {
	IN_LOOP = 1,
	IN_STAR = 2,         /* in a handler of except* */
	IN_STAR_OF_LOOP = 4, /* such a handler stands between here and the loop */
	IN_ITERABLE = 8,     /* in the iterable of a comprehension */
	IN_ANNOTATION = 16,  /* in an annotation under `from __future__ import annotations` */
	NOT_COMPILED = 32,   /* the annotation of a local name: CPython only looks for its names */
	IN_TYPE = 64,        /* in the bound of a type parameter, or the value of a type alias */
	OF_EXPRESSION = IN_ITERABLE | IN_ANNOTATION | NOT_COMPILED | IN_TYPE,
};

typedef struct Work {
	const Node *node; /* NULL: the scope ends here */
	CheckScope *scope;
	unsigned flags;
	uint32_t depth; /* nodes above */
} Work;

typedef struct Walk {
	Checker checker;
	Work *work;
	uint32_t count, capacity;
	uint32_t depth, deepest;
} Walk;

void check_refuse(Checker *checker, DiagId id, const Node *node, const char *argument)
{
	if (checker->refused != node) /* one mistake a node */
		diag_add(checker->diag, id, checker->source, node->start, node->end, argument);
	checker->refused = node;
	checker->failed = true;
}

static void add_work(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	if (walk->count == walk->capacity) {
		uint32_t capacity = walk->capacity * 2;
		Work *work = ARENA_ARRAY(walk->checker.arena, Work, capacity);
		memcpy(work, walk->work, walk->count * sizeof *work);
		walk->work = work;
		walk->capacity = capacity;
	}
	walk->work[walk->count++] = (Work){node, scope, flags, walk->depth};
}

static void visit(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	if (node && node->kind != NODE_NAME && node->kind != NODE_CONSTANT)
		add_work(walk, node, scope, flags);
}

static void visit_list(Walk *walk, const NodeList *list, CheckScope *scope, unsigned flags)
{
	for (uint32_t i = 0; i < list->count; i++)
		visit(walk, list->items[i], scope, flags);
}

static void visit_children(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	for (const AstField *field = node_fields((NodeKind)node->kind); field->name; field++) {
		if (field->kind == FIELD_NODE)
			visit(walk, field_node(node, field), scope, flags);
		else if (field->kind == FIELD_NODES)
			visit_list(walk, field_nodes(node, field), scope, flags);
	}
}

static CheckScope *open_scope(Walk *walk, CheckScope *outer, const Node *node, ScopeKind kind)
{
	CheckScope *scope = ARENA_NEW(walk->checker.arena, CheckScope);
	scope->outer = outer;
	scope->node = node;
	scope->kind = kind;
	return scope;
}

static void close_scope(Walk *walk, CheckScope *scope)
{
	Checker *checker = &walk->checker;
	if (scope->is_async && scope->is_generator && scope->return_value)
		check_refuse(checker, D_RETURN_ASYNC_GENERATOR, scope->return_value, NULL);
	if (scope->kind == SCOPE_COMPREHENSION && scope->is_coroutine &&
		scope->node->kind != NODE_GENERATOR_EXP) {
		CheckScope *outer = scope->outer;
		if (outer->kind != SCOPE_COMPREHENSION &&
			!(outer->kind == SCOPE_FUNCTION && outer->is_async))
			check_refuse(checker, D_ASYNC_COMPREHENSION, scope->node, NULL);
		outer->is_coroutine = true;
	}
	if (scope->has_directive)
		check_directives(checker, scope);
}

/* ---- scopes ---- */

static unsigned annotation_flags(const Walk *walk)
{
	return walk->checker.future_annotations ? IN_ANNOTATION : 0;
}

static void visit_arguments(Walk *walk, const AstArguments *args, CheckScope *scope, unsigned flags)
{
	const NodeList *lists[] = {&args->posonlyargs, &args->args, &args->kwonlyargs};
	visit_list(walk, &args->defaults, scope, flags);
	visit_list(walk, &args->kw_defaults, scope, flags);
	for (size_t i = 0; i < 3; i++)
		for (uint32_t k = 0; k < lists[i]->count; k++)
			visit(walk, ((const AstArg *)lists[i]->items[k])->annotation, scope,
				  annotation_flags(walk));
	const AstArg *rest[] = {(const AstArg *)args->vararg, (const AstArg *)args->kwarg};
	for (size_t i = 0; i < 2; i++)
		if (rest[i])
			visit(walk, rest[i]->annotation, scope, annotation_flags(walk));
}

static void visit_type_params(Walk *walk, const NodeList *params, CheckScope *scope)
{
	for (uint32_t i = 0; i < params->count; i++)
		visit_children(walk, params->items[i], scope, IN_TYPE);
}

static void check_function(Walk *walk, const AstFunctionDef *node, CheckScope *scope)
{
	visit_list(walk, &node->decorator_list, scope, 0);
	visit_type_params(walk, &node->type_params, scope);
	visit_arguments(walk, (const AstArguments *)node->args, scope, 0);
	visit(walk, node->returns, scope, annotation_flags(walk));
	CheckScope *inner = open_scope(walk, scope, &node->base, SCOPE_FUNCTION);
	inner->is_async = node->base.kind == NODE_ASYNC_FUNCTION_DEF;
	visit_list(walk, &node->body, inner, 0);
	add_work(walk, NULL, inner, 0);
}

static void check_class(Walk *walk, const AstClassDef *node, CheckScope *scope)
{
	visit_list(walk, &node->decorator_list, scope, 0);
	visit_type_params(walk, &node->type_params, scope);
	visit_list(walk, &node->bases, scope, node->type_params.count ? IN_TYPE : 0);
	visit_list(walk, &node->keywords, scope, node->type_params.count ? IN_TYPE : 0);
	CheckScope *inner = open_scope(walk, scope, &node->base, SCOPE_CLASS);
	visit_list(walk, &node->body, inner, 0);
	add_work(walk, NULL, inner, 0);
}

static void check_lambda(Walk *walk, const AstLambda *node, CheckScope *scope, unsigned flags)
{
	visit_arguments(walk, (const AstArguments *)node->args, scope, flags);
	CheckScope *inner = open_scope(walk, scope, &node->base, SCOPE_LAMBDA);
	visit(walk, node->body, inner, flags & IN_ITERABLE);
	add_work(walk, NULL, inner, 0);
}

/* The first iterable belongs to the scope around. */
static void check_comprehension(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	const AstListComp *list = (const AstListComp *)node;
	const AstDictComp *dict = (const AstDictComp *)node;
	bool is_dict = node->kind == NODE_DICT_COMP;
	const NodeList *generators = is_dict ? &dict->generators : &list->generators;
	CheckScope *inner = open_scope(walk, scope, node, SCOPE_COMPREHENSION);
	unsigned within = flags & (IN_ITERABLE | NOT_COMPILED);
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *comp = (const AstComprehension *)generators->items[i];
		inner->is_coroutine |= comp->is_async;
		visit(walk, comp->iter, i ? inner : scope, (i ? within : flags) | IN_ITERABLE);
		visit(walk, comp->target, inner, within);
		visit_list(walk, &comp->ifs, inner, within);
	}
	if (is_dict)
		visit(walk, dict->value, inner, within);
	visit(walk, is_dict ? dict->key : list->elt, inner, within);
	add_work(walk, NULL, inner, 0);
}

/* ---- named expressions in comprehensions ---- */

static bool binds_name(const Node *target, const Atom *name)
{
	if (target->kind == NODE_NAME)
		return ((const AstName *)target)->id == name;
	if (target->kind == NODE_STARRED)
		return binds_name(((const AstStarred *)target)->value, name);
	if (target->kind != NODE_TUPLE && target->kind != NODE_LIST)
		return false;
	const NodeList *list = &((const AstTuple *)target)->elts; /* a List has the same fields */
	for (uint32_t i = 0; i < list->count; i++)
		if (binds_name(list->items[i], name))
			return true;
	return false;
}

/* Is `name` an iteration variable of this comprehension, and which: one read before `node`, or one after it? */
static void check_rebinding(Walk *walk, const CheckScope *scope, const AstNamedExpr *node,
							bool innermost)
{
	const Atom *name = ((const AstName *)node->target)->id;
	const Node *comp = scope->node;
	const NodeList *generators = comp->kind == NODE_DICT_COMP
									 ? &((const AstDictComp *)comp)->generators
									 : &((const AstListComp *)comp)->generators;
	bool in_element = node->base.start < generators->items[0]->start;
	for (uint32_t i = 0; i < generators->count; i++) {
		const Node *target = ((const AstComprehension *)generators->items[i])->target;
		if (!binds_name(target, name))
			continue;
		if (in_element || target->start < node->base.start)
			check_refuse(&walk->checker, D_NAMED_REBINDS, &node->base, name->text);
		else if (innermost)
			check_refuse(&walk->checker, D_NAMED_REBOUND, target, name->text);
	}
}

static void check_named(Walk *walk, const AstNamedExpr *node, const CheckScope *scope,
						unsigned flags)
{
	if (flags & IN_ITERABLE)
		check_refuse(&walk->checker, D_NAMED_ITERABLE, &node->base, NULL);
	for (const CheckScope *at = scope; at->kind == SCOPE_COMPREHENSION; at = at->outer) {
		check_rebinding(walk, at, node, at == scope);
		if (at->outer->kind == SCOPE_CLASS)
			check_refuse(&walk->checker, D_NAMED_CLASS, &node->base, NULL);
	}
}

/* ---- expressions that a scope allows or not ---- */

static void refuse_in_annotation(Walk *walk, const Node *node, unsigned flags, const char *what)
{
	if (flags & IN_ANNOTATION)
		check_refuse(&walk->checker, D_IN_ANNOTATION, node, what);
	else if (flags & IN_TYPE)
		check_refuse(&walk->checker, D_IN_TYPE, node, what);
}

static const char *comprehension_text(const Node *node)
{
	switch (node->kind) {
	case NODE_LIST_COMP:
		return "list comprehension";
	case NODE_SET_COMP:
		return "set comprehension";
	case NODE_DICT_COMP:
		return "dict comprehension";
	default:
		return "generator expression";
	}
}

static void check_yield(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	Checker *checker = &walk->checker;
	refuse_in_annotation(walk, node, flags, "yield expression");
	if (scope->kind == SCOPE_COMPREHENSION)
		check_refuse(checker, D_YIELD_COMPREHENSION, node, comprehension_text(scope->node));
	else if (scope->kind != SCOPE_FUNCTION && scope->kind != SCOPE_LAMBDA)
		check_refuse(checker, D_YIELD_OUTSIDE, node, NULL);
	else if (node->kind == NODE_YIELD_FROM && scope->is_async)
		check_refuse(checker, D_YIELD_FROM_ASYNC, node, NULL);
	scope->is_generator = true;
}

static bool is_code_string(const Source *source)
{
	return source->outer || !strcmp(source->path, "<string>");
}

static void check_await(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	Checker *checker = &walk->checker;
	refuse_in_annotation(walk, node, flags, "await expression");
	if (scope->kind == SCOPE_COMPREHENSION)
		scope->is_coroutine = true;
	else if (flags & NOT_COMPILED)
		return;
	else if (scope->kind == SCOPE_MODULE && is_code_string(checker->source))
		return; /* `await add(x, 1)` is its result */
	else if (scope->kind == SCOPE_MODULE || scope->kind == SCOPE_CLASS)
		check_refuse(checker, D_AWAIT_OUTSIDE, node, "'await' outside function");
	else if (!scope->is_async && !scope->await_told) {
		check_refuse(checker, D_AWAIT_OUTSIDE, node, "'await' outside async function");
		scope->await_told = true; /* the function lacks one word, however many there are */
	}
}

static bool in_async_function(const CheckScope *scope)
{
	return scope->kind == SCOPE_FUNCTION && scope->is_async;
}

/* ---- statements ---- */

static void check_return(Walk *walk, const AstReturn *node, CheckScope *scope, unsigned flags)
{
	if (scope->kind != SCOPE_FUNCTION)
		check_refuse(&walk->checker, D_RETURN_OUTSIDE, &node->base, NULL);
	else if (flags & IN_STAR)
		check_refuse(&walk->checker, D_EXCEPT_STAR_LEFT, &node->base, NULL);
	if (node->value && !scope->return_value)
		scope->return_value = &node->base;
	visit(walk, node->value, scope, 0);
}

static void check_jump(Walk *walk, const Node *node, unsigned flags)
{
	if (flags & IN_STAR_OF_LOOP)
		check_refuse(&walk->checker, D_EXCEPT_STAR_LEFT, node, NULL);
	else if (!(flags & IN_LOOP))
		check_refuse(&walk->checker,
					 node->kind == NODE_BREAK ? D_BREAK_OUTSIDE : D_CONTINUE_OUTSIDE, node, NULL);
}

static unsigned loop_flags(unsigned flags)
{
	return (flags | IN_LOOP) & ~(unsigned)IN_STAR_OF_LOOP;
}

static void check_for(Walk *walk, const AstFor *node, CheckScope *scope, unsigned flags)
{
	if (node->base.kind == NODE_ASYNC_FOR && !in_async_function(scope))
		check_refuse(&walk->checker, D_ASYNC_OUTSIDE, &node->base, "for");
	visit(walk, node->target, scope, 0);
	visit(walk, node->iter, scope, 0);
	visit_list(walk, &node->body, scope, loop_flags(flags));
	visit_list(walk, &node->orelse, scope, flags);
}

static void check_with(Walk *walk, const AstWith *node, CheckScope *scope, unsigned flags)
{
	if (node->base.kind == NODE_ASYNC_WITH && !in_async_function(scope))
		check_refuse(&walk->checker, D_ASYNC_OUTSIDE, &node->base, "with");
	visit_list(walk, &node->items, scope, 0);
	visit_list(walk, &node->body, scope, flags);
}

static void check_try(Walk *walk, const AstTry *node, CheckScope *scope, unsigned flags)
{
	unsigned within = node->base.kind == NODE_TRY_STAR ? flags | IN_STAR | IN_STAR_OF_LOOP : flags;
	visit_list(walk, &node->body, scope, flags);
	for (uint32_t i = 0; i < node->handlers.count; i++) {
		const AstExceptHandler *handler = (const AstExceptHandler *)node->handlers.items[i];
		visit(walk, handler->type, scope, 0);
		visit_list(walk, &handler->body, scope, within);
	}
	visit_list(walk, &node->orelse, scope, flags);
	visit_list(walk, &node->finalbody, scope, flags);
}

static bool is_future(const AstImportFrom *node)
{
	return node->module && !strcmp(node->module->text, "__future__");
}

static void check_import_from(Walk *walk, const AstImportFrom *node, const CheckScope *scope)
{
	Checker *checker = &walk->checker;
	bool late = !checker->last_future || node->base.start > checker->last_future->start;
	if (is_future(node) && late)
		check_refuse(checker, D_FUTURE_LATE, &node->base, NULL);
	const Atom *first = ((const AstAlias *)node->names.items[0])->name;
	if (scope->kind != SCOPE_MODULE && !strcmp(first->text, "*"))
		check_refuse(checker, D_IMPORT_STAR, &node->base, NULL);
}

static void check_ann_assign(Walk *walk, const AstAnnAssign *node, CheckScope *scope)
{
	bool compiled = scope->kind == SCOPE_MODULE || scope->kind == SCOPE_CLASS;
	visit(walk, node->target, scope, 0);
	visit(walk, node->annotation, scope, annotation_flags(walk) | (compiled ? 0 : NOT_COMPILED));
	visit(walk, node->value, scope, 0);
}

static void check_match(Walk *walk, const AstMatch *node, CheckScope *scope, unsigned flags)
{
	visit(walk, node->subject, scope, 0);
	for (uint32_t i = 0; i < node->cases.count; i++) {
		const AstMatchCase *one = (const AstMatchCase *)node->cases.items[i];
		visit(walk, one->guard, scope, 0);
		visit_list(walk, &one->body, scope, flags);
	}
}

static void check_directive(Walk *walk, const Node *node, CheckScope *scope)
{
	if (node->kind == NODE_NONLOCAL && scope->kind == SCOPE_MODULE)
		check_refuse(&walk->checker, D_NONLOCAL_MODULE, node, NULL);
	scope->has_directive = true;
}

static void check_statement(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	switch (node->kind) {
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		check_function(walk, (const AstFunctionDef *)node, scope);
		break;
	case NODE_CLASS_DEF:
		check_class(walk, (const AstClassDef *)node, scope);
		break;
	case NODE_RETURN:
		check_return(walk, (const AstReturn *)node, scope, flags);
		break;
	case NODE_BREAK:
	case NODE_CONTINUE:
		check_jump(walk, node, flags);
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		check_for(walk, (const AstFor *)node, scope, flags);
		break;
	case NODE_WHILE: {
		const AstWhile *loop = (const AstWhile *)node;
		visit(walk, loop->test, scope, 0);
		visit_list(walk, &loop->body, scope, loop_flags(flags));
		visit_list(walk, &loop->orelse, scope, flags);
		break;
	}
	case NODE_IF: {
		const AstIf *branch = (const AstIf *)node;
		visit(walk, branch->test, scope, 0);
		visit_list(walk, &branch->body, scope, flags);
		visit_list(walk, &branch->orelse, scope, flags);
		break;
	}
	case NODE_WITH:
	case NODE_ASYNC_WITH:
		check_with(walk, (const AstWith *)node, scope, flags);
		break;
	case NODE_TRY:
	case NODE_TRY_STAR:
		check_try(walk, (const AstTry *)node, scope, flags);
		break;
	case NODE_MATCH:
		check_match(walk, (const AstMatch *)node, scope, flags);
		break;
	case NODE_IMPORT_FROM:
		check_import_from(walk, (const AstImportFrom *)node, scope);
		break;
	case NODE_GLOBAL:
	case NODE_NONLOCAL:
		check_directive(walk, node, scope);
		break;
	case NODE_ANN_ASSIGN:
		check_ann_assign(walk, (const AstAnnAssign *)node, scope);
		break;
	case NODE_TYPE_ALIAS: {
		const AstTypeAlias *alias = (const AstTypeAlias *)node;
		visit_type_params(walk, &alias->type_params, scope);
		visit(walk, alias->value, scope, IN_TYPE);
		break;
	}
	default:
		visit_children(walk, node, scope, 0);
	}
}

static void check_expression(Walk *walk, const Node *node, CheckScope *scope, unsigned flags)
{
	switch (node->kind) {
	case NODE_LAMBDA:
		check_lambda(walk, (const AstLambda *)node, scope, flags);
		break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
	case NODE_GENERATOR_EXP:
		check_comprehension(walk, node, scope, flags);
		break;
	case NODE_YIELD:
	case NODE_YIELD_FROM:
		check_yield(walk, node, scope, flags);
		visit_children(walk, node, scope, flags);
		break;
	case NODE_AWAIT:
		check_await(walk, node, scope, flags);
		visit(walk, ((const AstAwait *)node)->value, scope, flags);
		break;
	case NODE_NAMED_EXPR:
		refuse_in_annotation(walk, node, flags, "named expression");
		check_named(walk, (const AstNamedExpr *)node, scope, flags);
		visit(walk, ((const AstNamedExpr *)node)->value, scope, flags);
		break;
	case NODE_ATTRIBUTE:
		visit(walk, ((const AstAttribute *)node)->value, scope, flags);
		break;
	case NODE_CALL: {
		const AstCall *call = (const AstCall *)node;
		visit(walk, call->func, scope, flags);
		visit_list(walk, &call->args, scope, flags);
		for (uint32_t i = 0; i < call->keywords.count; i++)
			visit(walk, ((const AstKeyword *)call->keywords.items[i])->value, scope, flags);
		break;
	}
	default:
		visit_children(walk, node, scope, flags);
	}
}

/* Which of the first statements are __future__ imports, as CPython's future.c reads them. */
static void read_future(Checker *checker, const AstModule *tree)
{
	static const char *const features[] = {
		"nested_scopes",  "generators",       "division",       "absolute_import", "with_statement",
		"print_function", "unicode_literals", "barry_as_FLUFL", "generator_stop",  "annotations"};
	for (uint32_t i = 0; i < tree->body.count; i++) {
		const Node *node = tree->body.items[i];
		const Node *value = node->kind == NODE_EXPR ? ((const AstExpr *)node)->value : NULL;
		if (i == 0 && value && value->kind == NODE_CONSTANT &&
			((const AstConstant *)value)->value.kind == CONSTANT_STR)
			continue;
		if (node->kind != NODE_IMPORT_FROM || !is_future((const AstImportFrom *)node))
			return;
		checker->last_future = node;
		const NodeList *names = &((const AstImportFrom *)node)->names;
		for (uint32_t k = 0; k < names->count; k++) {
			const char *name = ((const AstAlias *)names->items[k])->name->text;
			size_t known = 0;
			while (known < sizeof features / sizeof *features && strcmp(name, features[known]))
				known++;
			if (!strcmp(name, "braces"))
				check_refuse(checker, D_FUTURE_BRACES, names->items[k], NULL);
			else if (known == sizeof features / sizeof *features)
				check_refuse(checker, D_FUTURE_UNKNOWN, node, name);
			if (!strcmp(name, "annotations"))
				checker->future_annotations = true;
		}
	}
}

static void turn_round(Work *first, Work *last)
{
	for (; first < last; first++, last--) {
		Work work = *first;
		*first = *last;
		*last = work;
	}
}

bool syntax_check(Arena *arena, AtomTable *atoms, Diag *diag, const Module *module, uint32_t *depth)
{
	enum { FIRST_WORK = 256 };
	Walk walk = {
		.checker = {.arena = arena, .atoms = atoms, .diag = diag, .source = module->source},
		.capacity = FIRST_WORK};
	walk.checker.class_cell = atom_get(atoms, "__class__", 9);
	walk.work = ARENA_ARRAY(arena, Work, FIRST_WORK);
	read_future(&walk.checker, module->tree);
	CheckScope *top = open_scope(&walk, NULL, &module->tree->base, SCOPE_MODULE);
	visit_list(&walk, &module->tree->body, top, 0);
	add_work(&walk, NULL, top, 0);
	turn_round(walk.work, walk.work + walk.count - 1);
	while (walk.count) {
		Work work = walk.work[--walk.count];
		walk.depth = work.depth + 1;
		if (walk.depth > walk.deepest)
			walk.deepest = walk.depth;
		uint32_t first = walk.count;
		if (!work.node)
			close_scope(&walk, work.scope);
		else if (work.node->kind <= NODE_TYPE_ALIAS)
			check_statement(&walk, work.node, work.scope, work.flags);
		else
			check_expression(&walk, work.node, work.scope, work.flags & OF_EXPRESSION);
		if (walk.count > first + 1)
			turn_round(walk.work + first, walk.work + walk.count - 1);
	}
	*depth = walk.deepest + 1;
	return !walk.checker.failed;
}
