/*
 * Simple statements.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

#include <string.h>

Node *make_expr_statement(Parser *p, Expr value)
{
	expr_refuse_lone_star(p, value);
	AstExpr *node = MAKE(Expr, EXPR, value.start, value.end);
	node->value = value.node;
	return &node->base;
}

Open open_add_target(Parser *p, Open list, Expr target)
{
	target_set(p, target, TARGET_ASSIGN);
	return open_add_expr(p, list, target);
}

Node *make_assign(Parser *p, Open targets, Expr value)
{
	expr_refuse_lone_star(p, value);
	AstAssign *node = MAKE(Assign, ASSIGN, targets.start, value.end);
	node->targets = open_close(p, targets);
	node->value = value.node;
	return &node->base;
}

/* The targets' list makes way for the statement's. */
Open open_add_assign(Parser *p, Open targets, Expr value)
{
	Node *node = make_assign(p, targets, value);
	return open_add(p, open_make(p), node);
}

static bool is_single_target(const Node *node)
{
	return node->kind == NODE_NAME || node->kind == NODE_ATTRIBUTE || node->kind == NODE_SUBSCRIPT;
}

Node *make_aug_assign(Parser *p, Expr target, BinaryOperator op, Expr value)
{
	if (is_single_target(target.node))
		target_set(p, target, TARGET_ASSIGN);
	else
		parse_error(p, D_TARGET_AUGMENTED, target.start, target.end, expr_kind_text(target.node));
	expr_refuse_lone_star(p, value);
	AstAugAssign *node = MAKE(AugAssign, AUG_ASSIGN, target.start, value.end);
	node->target = target.node;
	node->op = op;
	node->value = value.node;
	return &node->base;
}

Node *make_ann_assign(Parser *p, Expr target, Expr annotation, Expr value)
{
	bool bare = target.node->start == target.start;
	if (is_single_target(target.node))
		target_set(p, target, TARGET_ASSIGN);
	else if (target.node->kind == NODE_TUPLE || target.node->kind == NODE_LIST)
		parse_error(p, D_TARGET_ANNOTATED, target.start, target.end, expr_kind_text(target.node));
	else
		parse_error(p, D_TARGET_ILLEGAL, target.start, target.end, NULL);
	expr_refuse_lone_star(p, value);
	AstAnnAssign *node =
		MAKE(AnnAssign, ANN_ASSIGN, target.start, value.node ? value.end : annotation.end);
	node->target = target.node;
	node->annotation = annotation.node;
	node->value = value.node;
	node->simple = target.node->kind == NODE_NAME && bare;
	return &node->base;
}

Node *make_plain(Parser *p, NodeKind kind, const Token *token)
{
	return node_make(p, kind, sizeof(AstPass), token->start, token->end);
}

Node *make_return(Parser *p, const Token *token, Expr value)
{
	expr_refuse_lone_star(p, value);
	AstReturn *node = MAKE(Return, RETURN, token->start, value.node ? value.end : token->end);
	node->value = value.node;
	return &node->base;
}

Node *make_raise(Parser *p, const Token *token, Expr exception, Expr cause)
{
	uint32_t end = cause.node ? cause.end : exception.node ? exception.end : token->end;
	AstRaise *node = MAKE(Raise, RAISE, token->start, end);
	node->exc = exception.node;
	node->cause = cause.node;
	return &node->base;
}

Node *make_assert(Parser *p, const Token *token, Expr test, Expr message)
{
	AstAssert *node = MAKE(Assert, ASSERT, token->start, message.node ? message.end : test.end);
	node->test = test.node;
	node->msg = message.node;
	return &node->base;
}

Node *make_delete(Parser *p, const Token *token, Open targets)
{
	AstDelete *node = MAKE(Delete, DELETE, token->start, targets.end);
	node->targets = open_close(p, targets);
	for (uint32_t i = 0; i < node->targets.count; i++)
		target_set(p, expr_of(node->targets.items[i]), TARGET_DELETE);
	return &node->base;
}

/* The tokens themselves stand on the scratch stack until the list is closed. */
Open open_add_name(Parser *p, Open list, const Token *name)
{
	return open_add_expr(p, list, (Expr){(Node *)(uintptr_t)name, name->start, name->end});
}

Node *make_global(Parser *p, NodeKind kind, const Token *token, Open names)
{
	AstGlobal *node = node_make(p, kind, sizeof(AstGlobal), token->start, names.end);
	node->names = open_close_names(p, names);
	return &node->base;
}

Node *make_type_alias(Parser *p, const Token *token, const Token *name, NodeList params, Expr value)
{
	AstTypeAlias *node = MAKE(TypeAlias, TYPE_ALIAS, token->start, value.end);
	node_mark_newer(p, &node->base);
	node->name = make_name(p, name).node;
	((AstName *)node->name)->ctx = CONTEXT_STORE;
	node->type_params = params;
	node->value = value.node;
	return &node->base;
}

/* "a.b.c", without the spaces that may stand around the dots. */
static const Atom *dotted_atom(Parser *p, Dotted name)
{
	if (name.first == name.last)
		return name.first->atom;
	size_t length = 0;
	for (const Token *token = name.first; token <= name.last; token++)
		length += token->atom->length + 1;
	char *text = arena_alloc(p->arena, length);
	length = 0;
	for (const Token *token = name.first; token <= name.last; token++) {
		memcpy(text + length, token->atom->text, token->atom->length);
		length += token->atom->length;
		text[length++] = '.';
	}
	return atom_get(p->atoms, text, length - 1);
}

Node *make_alias(Parser *p, Dotted name, const Token *as)
{
	AstAlias *node = MAKE(Alias, ALIAS, name.first->start, as ? as->end : name.last->end);
	node->name = dotted_atom(p, name);
	node->asname = as ? as->atom : NULL;
	const Token *bound = as ? as : name.first;
	check_binding(p, bound->atom, bound->start, bound->end);
	return &node->base;
}

Node *make_import(Parser *p, const Token *token, Open names)
{
	AstImport *node = MAKE(Import, IMPORT, token->start, names.end);
	node->names = open_close(p, names);
	return &node->base;
}

Open open_add_star(Parser *p, const Token *star)
{
	AstAlias *node = MAKE(Alias, ALIAS, star->start, star->end);
	node->name = atom_get(p->atoms, "*", 1);
	return open_add(p, open_make(p), node);
}

Node *make_import_from(Parser *p, const Token *token, Dots dots, Dotted module, Open names)
{
	AstImportFrom *node = MAKE(ImportFrom, IMPORT_FROM, token->start, names.end);
	if (!module.first && !dots.count)
		parse_error(p, D_SYNTAX, token[1].start, token[1].end, NULL);
	node->module = module.first ? dotted_atom(p, module) : NULL;
	node->names = open_close(p, names);
	node->level = dots.count;
	return &node->base;
}
