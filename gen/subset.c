/*
 * The subset: every construct that an orchestrator may not use has its own diagnostic, with the
 * place and the workaround in the user's own words. The walk goes on inside a refused construct
 * where that makes sense, so that all errors come in one run; it stays out of what the language
 * does not have at all (the bodies of classes).
 *
 * Annotations inside an orchestrator are never evaluated and may say anything.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "checking.h"

#include <string.h>

typedef struct Subset {
	Checker *c;
	const Node *bare;     /* a generator expression whose parentheses are those of the call */
	const Node *consumed; /* a generator expression that the construct around it consumes at once */
} Subset;

static void visit(Subset *s, const Node *node);

static void visit_child(void *context, Node *child)
{
	visit(context, child);
}

static void visit_list(Subset *s, const NodeList *list)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i])
			visit(s, list->items[i]);
}

static DiagItem *refuse(Subset *s, DiagId id, uint32_t start, uint32_t end, const char *a,
						const char *b)
{
	return diag_add(s->c->diag, id, s->c->source, start, end, a, b);
}

static void refuse_node(Subset *s, DiagId id, const Node *node, const char *a, const char *b)
{
	refuse(s, id, node->start, node->end, a, b);
}

/* The first word or words of a statement that has a body. */
static void refuse_head(Subset *s, DiagId id, const Node *node, uint32_t length, const char *a)
{
	refuse(s, id, node->start, node->start + length, a, NULL);
}

/* An expression whose value is used up by the construct around it: a generator expression may stand
 * here. */
static void visit_consumed(Subset *s, const Node *node)
{
	s->consumed = node;
	visit(s, node);
}

/* ---- assignments ---- */

static void check_target(Subset *s, const Node *target, const Node *value)
{
	switch (target->kind) {
	case NODE_SUBSCRIPT: {
		const AstSubscript *subscript = (const AstSubscript *)target;
		refuse_node(s, D_REFUSE_SUBSCRIPT_STORE, target,
					subscript_store_help(s->c, subscript, value), NULL);
		visit(s, subscript->value);
		visit(s, subscript->slice);
		break;
	}
	case NODE_ATTRIBUTE: {
		const AstAttribute *attribute = (const AstAttribute *)target;
		refuse_node(s, D_REFUSE_ATTRIBUTE_STORE, target, attribute->attr->text, NULL);
		visit(s, attribute->value);
		break;
	}
	case NODE_TUPLE:
	case NODE_LIST: {
		const NodeList *elts = &((const AstTuple *)target)->elts;
		for (uint32_t i = 0; i < elts->count; i++)
			check_target(s, elts->items[i], NULL);
		break;
	}
	case NODE_STARRED:
		check_target(s, ((const AstStarred *)target)->value, NULL);
		break;
	default:
		break;
	}
}

static void check_assign(Subset *s, const AstAssign *node)
{
	bool unpacks = true;
	for (uint32_t i = 0; i < node->targets.count; i++) {
		check_target(s, node->targets.items[i], node->targets.count == 1 ? node->value : NULL);
		unpacks &=
			node->targets.items[i]->kind == NODE_TUPLE || node->targets.items[i]->kind == NODE_LIST;
	}
	if (unpacks)
		visit_consumed(s, node->value);
	else
		visit(s, node->value);
}

static void check_augmented(Subset *s, const AstAugAssign *node)
{
	const char *text = augmented_text(s->c, node);
	const char *sign = arena_format(s->c->arena, "%s=", binary_text(node->op));
	DiagItem *item = refuse(s, D_REFUSE_AUGMENTED, node->base.start, node->base.end, sign, text);
	if (node->target->kind == NODE_NAME && source_text(s->c->arena, s->c->source, node->value))
		diag_replace(s->c->diag, item, FIX_CERTAIN, text);
	visit(s, node->value);
}

/* ---- functions ---- */

static void check_function(Subset *s, const AstFunctionDef *def)
{
	const AstArguments *arguments = (const AstArguments *)def->args;
	for (uint32_t i = 0; i < def->decorator_list.count; i++)
		refuse_node(s, D_REFUSE_DECORATOR, def->decorator_list.items[i], NULL, NULL);
	if (def->type_params.count) {
		const Node *first = def->type_params.items[0],
				   *last = def->type_params.items[def->type_params.count - 1];
		refuse(s, D_REFUSE_TYPE_PARAMETERS, first->start, last->end, def->name->text, NULL);
	}
	visit_list(s, &arguments->defaults);
	visit_list(s, &arguments->kw_defaults);
	visit_list(s, &def->body);
}

static void check_lambda(Subset *s, const AstLambda *lambda)
{
	const AstArguments *arguments = (const AstArguments *)lambda->args;
	visit_list(s, &arguments->defaults);
	visit_list(s, &arguments->kw_defaults);
	visit(s, lambda->body);
}

/* ---- calls, awaits, attributes ---- */

/* xs.append(generator) keeps it. */
static bool keeps_argument(const AstCall *call)
{
	static const char *const keepers[] = {"append", "insert", "add", "setdefault"};
	if (call->func->kind != NODE_ATTRIBUTE)
		return false;
	for (size_t i = 0; i < sizeof keepers / sizeof *keepers; i++)
		if (!strcmp(((const AstAttribute *)call->func)->attr->text, keepers[i]))
			return true;
	return false;
}

static void check_call(Subset *s, const AstCall *call)
{
	bool keeps = keeps_argument(call);
	visit(s, call_target(s->c->checked, call));
	for (uint32_t i = 0; i < call->args.count; i++) {
		if (call->args.items[i]->end ==
			call->base.end) /* f(x for x in xs): no parentheses of its own */
			s->bare = call->args.items[i];
		if (keeps)
			visit(s, call->args.items[i]);
		else
			visit_consumed(s, call->args.items[i]);
	}
	for (uint32_t i = 0; i < call->keywords.count; i++)
		visit_consumed(s, ((const AstKeyword *)call->keywords.items[i])->value);
}

static void check_await(Subset *s, const AstAwait *node)
{
	Checker *c = s->c;
	const Node *value = node->value;
	if (value->kind != NODE_CALL) {
		const char *text = source_text(c->arena, c->source, value);
		refuse_node(s, D_REFUSE_AWAIT, &node->base,
					text && value->kind == NODE_NAME
						? arena_format(c->arena, "%s = add(...) or await add(...)", text)
						: "x = await add(...)",
					NULL);
	} else {
		const Node *func = call_target(c->checked, (const AstCall *)value);
		NameUse use = func->kind == NODE_NAME ? c->checked->names[func->id].use : NAME_NONE;
		bool method =
			func->kind == NODE_ATTRIBUTE && !is_unknown_root(c, func) &&
			!(((const AstAttribute *)func)->value->kind == NODE_NAME &&
			  c->checked->names[((const AstAttribute *)func)->value->id].use == NAME_TASK);
		if (use == NAME_BUILTIN || use == NAME_TYPE || method)
			diag_edit(c->diag,
					  refuse(s, D_REFUSE_AWAIT_CALL, node->base.start, node->base.start + 5,
							 node_text(c->arena, c->source, func), NULL),
					  FIX_CERTAIN, c->source, node->base.start, value->start, "");
	}
	visit(s, value);
}

static bool is_dunder(const Atom *name)
{
	return name->length > 4 && !strncmp(name->text, "__", 2) &&
		   !strcmp(name->text + name->length - 2, "__");
}

static void check_attribute(Subset *s, const AstAttribute *node)
{
	if (is_dunder(node->attr))
		refuse(s, D_REFUSE_DUNDER, node->base.end - node->attr->length, node->base.end,
			   node->attr->text, dunder_help(node->attr->text));
	visit(s, node->value);
}

/* ---- comprehensions ---- */

static void check_generators(Subset *s, const NodeList *generators)
{
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators->items[i];
		if (part->is_async)
			refuse(s, D_REFUSE_ASYNC_COMPREHENSION, part->base.start, part->base.end, NULL, NULL);
		check_target(s, part->target, NULL);
		visit_consumed(s, part->iter);
		visit_list(s, &part->ifs);
	}
}

static void check_generator_expression(Subset *s, const AstListComp *node, bool consumed)
{
	Checker *c = s->c;
	if (!consumed) {
		const char *text = source_text(c->arena, c->source, &node->base);
		size_t length = text ? strlen(text) : 0;
		const char *list = length > 2 && text[0] == '('
							   ? arena_format(c->arena, "[%.*s]", (int)length - 2, text + 1)
							   : "[... for ... in ...]";
		bool bare = s->bare == &node->base;
		DiagItem *item =
			refuse(s, D_REFUSE_KEPT_GENERATOR, node->base.start, node->base.end, list, NULL);
		if (length > 2 && text[0] == '(')
			diag_replace(c->diag, item, FIX_CERTAIN,
						 bare ? arena_format(c->arena, "(%s)", list) : list);
	}
	visit(s, node->elt);
	check_generators(s, &node->generators);
}

/* "set([1, 2])": the same value, which an orchestrator may make. NULL: not shown whole. */
static const char *in_set(Checker *c, const Node *set)
{
	return source_text(c->arena, c->source, set)
			   ? arena_format(c->arena, "set(%s)", set_as_list(c, set))
			   : NULL;
}

/* t"..." */
static void report_template(Subset *s, const Node *node)
{
	const Source *source = s->c->source;
	DiagItem *item = refuse(s, D_REFUSE_TEMPLATE, node->start, node->end, NULL, NULL);
	uint32_t prefix = node->start + ((source->text[node->start] | 32) == 'r');
	if ((source->text[prefix] | 32) == 't')
		diag_edit(s->c->diag, item, FIX_CERTAIN, source, prefix, prefix + 1, "f");
}

/* ---- statements ---- */

static void check_import_from(Subset *s, const AstImportFrom *node)
{
	for (uint32_t i = 0; i < node->names.count; i++)
		if (!strcmp(((const AstAlias *)node->names.items[i])->name->text, "*")) {
			refuse_node(s, D_REFUSE_STAR_IMPORT, &node->base,
						node->module ? node->module->text : ".", NULL);
			return;
		}
	refuse_node(s, D_REFUSE_IMPORT, &node->base, NULL, NULL);
}

static void check_try(Subset *s, const AstTry *node)
{
	if (node->base.kind == NODE_TRY)
		refuse_head(s, D_REFUSE_TRY, &node->base, 3, NULL);
	else
		refuse_head(s, D_REFUSE_TRY_STAR, &node->base, 3, NULL);
	visit_list(s, &node->body);
	for (uint32_t i = 0; i < node->handlers.count; i++)
		visit_list(s, &((const AstExceptHandler *)node->handlers.items[i])->body);
	visit_list(s, &node->orelse);
	visit_list(s, &node->finalbody);
}

static void check_with(Subset *s, const AstWith *node)
{
	if (node->base.kind == NODE_WITH)
		refuse_head(s, D_REFUSE_WITH, &node->base, 4, NULL);
	else
		refuse_head(s, D_REFUSE_ASYNC_WITH, &node->base, 10, NULL);
	for (uint32_t i = 0; i < node->items.count; i++)
		visit(s, ((const AstWithitem *)node->items.items[i])->context_expr);
	visit_list(s, &node->body);
}

static void check_class(Subset *s, const AstClassDef *node)
{
	const char *text = s->c->source->text;
	const char *name = memmem(text + node->base.start, node->base.end - node->base.start,
							  node->name->text, node->name->length);
	uint32_t length = name ? (uint32_t)(name - text) - node->base.start + node->name->length : 5;
	refuse_head(s, D_REFUSE_CLASS, &node->base, length, node->name->text);
}

static void check_match(Subset *s, const AstMatch *node)
{
	refuse_head(s, D_REFUSE_MATCH, &node->base, 5, NULL);
	visit(s, node->subject);
	for (uint32_t i = 0; i < node->cases.count; i++)
		visit_list(s, &((const AstMatchCase *)node->cases.items[i])->body);
}

static void check_for(Subset *s, const AstFor *node)
{
	if (node->base.kind == NODE_ASYNC_FOR)
		refuse_head(s, D_REFUSE_ASYNC_FOR, &node->base, 9, NULL);
	check_target(s, node->target, NULL);
	visit_consumed(s, node->iter);
	visit_list(s, &node->body);
	visit_list(s, &node->orelse);
}

static void check_assert(Subset *s, const AstAssert *node)
{
	const char *text = assert_as_if(s->c, node);
	DiagItem *item = refuse(s, D_REFUSE_ASSERT, node->base.start, node->base.end, text, NULL);
	if (!strstr(text, "..."))
		diag_replace(s->c->diag, item, FIX_MAYBE, text);
	visit(s, node->test);
	if (node->msg)
		visit(s, node->msg);
}

/* True: the node is a statement (or part of one) with a rule of its own. */
static bool visit_statement(Subset *s, const Node *node)
{
	switch (node->kind) {
	case NODE_IMPORT:
		refuse_node(s, D_REFUSE_IMPORT, node, NULL, NULL);
		return true;
	case NODE_IMPORT_FROM:
		check_import_from(s, (const AstImportFrom *)node);
		return true;
	case NODE_CLASS_DEF:
		check_class(s, (const AstClassDef *)node);
		return true;
	case NODE_TRY:
	case NODE_TRY_STAR:
		check_try(s, (const AstTry *)node);
		return true;
	case NODE_WITH:
	case NODE_ASYNC_WITH:
		check_with(s, (const AstWith *)node);
		return true;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		check_for(s, (const AstFor *)node);
		return true;
	case NODE_MATCH:
		check_match(s, (const AstMatch *)node);
		return true;
	case NODE_ASSIGN:
		check_assign(s, (const AstAssign *)node);
		return true;
	case NODE_ANN_ASSIGN: {
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		check_target(s, assign->target, assign->value);
		if (assign->value)
			visit(s, assign->value);
		return true;
	}
	case NODE_AUG_ASSIGN:
		check_augmented(s, (const AstAugAssign *)node);
		return true;
	case NODE_DELETE:
		refuse_node(s, D_REFUSE_DEL, node, NULL, NULL);
		return true;
	case NODE_ASSERT:
		check_assert(s, (const AstAssert *)node);
		return true;
	case NODE_GLOBAL:
		refuse_node(s, D_REFUSE_GLOBAL, node, NULL, NULL);
		return true;
	case NODE_NONLOCAL:
		refuse_node(s, D_REFUSE_NONLOCAL, node, NULL, NULL);
		return true;
	case NODE_TYPE_ALIAS: {
		const Node *name = ((const AstTypeAlias *)node)->name;
		refuse_node(s, D_REFUSE_TYPE_ALIAS, node,
					name->kind == NODE_NAME ? ((const AstName *)name)->id->text : "it", NULL);
		return true;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		check_function(s, (const AstFunctionDef *)node);
		return true;
	default:
		return false;
	}
}

static bool visit_expression(Subset *s, const Node *node, bool consumed)
{
	Checker *c = s->c;
	switch (node->kind) {
	case NODE_NAMED_EXPR: {
		const AstNamedExpr *named = (const AstNamedExpr *)node;
		refuse_node(s, D_REFUSE_WALRUS, node,
					named->target->kind == NODE_NAME ? ((const AstName *)named->target)->id->text
													 : "it",
					NULL);
		visit(s, named->value);
		return true;
	}
	case NODE_YIELD:
		refuse_node(s, D_REFUSE_YIELD, node, NULL, NULL);
		return false;
	case NODE_YIELD_FROM:
		refuse_node(s, D_REFUSE_YIELD_FROM, node, NULL, NULL);
		return false;
	case NODE_SET:
		diag_replace(c->diag,
					 refuse(s, D_REFUSE_SET, node->start, node->end, set_as_list(c, node), NULL),
					 FIX_MAYBE, in_set(c, node));
		return false;
	case NODE_SET_COMP:
		diag_replace(c->diag,
					 refuse(s, D_REFUSE_SET_COMPREHENSION, node->start, node->end,
							set_as_list(c, node), NULL),
					 FIX_MAYBE, in_set(c, node));
		visit(s, ((const AstSetComp *)node)->elt);
		check_generators(s, &((const AstSetComp *)node)->generators);
		return true;
	case NODE_LIST_COMP:
		visit(s, ((const AstListComp *)node)->elt);
		check_generators(s, &((const AstListComp *)node)->generators);
		return true;
	case NODE_DICT_COMP:
		visit(s, ((const AstDictComp *)node)->key);
		visit(s, ((const AstDictComp *)node)->value);
		check_generators(s, &((const AstDictComp *)node)->generators);
		return true;
	case NODE_GENERATOR_EXP:
		check_generator_expression(s, (const AstListComp *)node, consumed);
		return true;
	case NODE_STARRED:
		visit_consumed(s, ((const AstStarred *)node)->value);
		return true;
	case NODE_COMPARE: {
		const AstCompare *compare = (const AstCompare *)node;
		visit(s, compare->left);
		for (uint32_t i = 0; i < compare->comparators.count; i++) {
			bool in =
				compare->ops.items[i] == COMPARE_IN || compare->ops.items[i] == COMPARE_NOT_IN;
			s->consumed = in ? compare->comparators.items[i] : NULL;
			visit(s, compare->comparators.items[i]);
		}
		return true;
	}
	case NODE_CALL:
		check_call(s, (const AstCall *)node);
		return true;
	case NODE_AWAIT:
		check_await(s, (const AstAwait *)node);
		return true;
	case NODE_ATTRIBUTE:
		check_attribute(s, (const AstAttribute *)node);
		return true;
	case NODE_LAMBDA:
		check_lambda(s, (const AstLambda *)node);
		return true;
	case NODE_CONSTANT:
		if (((const AstConstant *)node)->value.kind == CONSTANT_COMPLEX)
			refuse_node(s, D_REFUSE_COMPLEX, node, NULL, NULL);
		return true;
	case NODE_TEMPLATE_STR:
		report_template(s, node);
		return true;
	default:
		return false;
	}
}

static void visit(Subset *s, const Node *node)
{
	bool consumed = s->consumed == node;
	s->consumed = NULL;
	if (!visit_statement(s, node) && !visit_expression(s, node, consumed))
		node_children(node, visit_child, s);
}

void check_subset(Checker *c)
{
	Subset s = {.c = c};
	NodeList body = scope_body(c->checked->root);
	if (c->entry->function && c->entry->function->type_params.count)
		refuse_node(&s, D_REFUSE_TYPE_PARAMETERS, c->entry->function->type_params.items[0],
					c->entry->function->name->text, NULL);
	visit_list(&s, &body);
}
