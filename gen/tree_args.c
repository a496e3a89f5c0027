/*
 * Parameters of functions and arguments of calls. The grammar takes them in any order; the order is checked here,
 * where each mistake can have its own words.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

Param *param_make(Parser *p, const Token *name, const Token *star, Expr annotation, Expr value)
{
	Param *param = ARENA_NEW(p->arena, Param);
	const Token *first = star ? star : name;
	param->start = first->start;
	param->end = value.node        ? value.end
				 : annotation.node ? annotation.end
				 : name            ? name->end
								   : first->end;
	if (star)
		param->star = star->kind == TK_SLASH ? '/' : star->kind == TK_STAR ? '*' : 'k';
	param->value = value.node;
	if (name) {
		param->arg = MAKE(Arg, ARG, name->start, annotation.node ? annotation.end : name->end);
		param->arg->arg = name->atom;
		param->arg->annotation = annotation.node;
		check_binding(p, name->atom, name->start, name->end);
	}
	return param;
}

Open open_add_param(Parser *p, Open list, Param *param)
{
	return open_add_expr(p, list, (Expr){(Node *)(void *)param, param->start, param->end});
}

typedef struct ParamReader {
	bool slash, star, keywords, defaults;
	const Param *bare_star; /* nothing has followed it yet */
} ParamReader;

static void read_star(Parser *p, AstArguments *node, ParamReader *reader, const Param *param)
{
	if (reader->star)
		parse_error(p, D_PARAM_STARS, param->start, param->end, NULL);
	if (param->value)
		parse_error(p, D_PARAM_DEFAULT, param->start, param->end, "var-positional");
	reader->star = true;
	reader->bare_star = param->arg ? NULL : param;
	node->vararg = param->arg ? &param->arg->base : NULL;
}

static void read_keywords(Parser *p, AstArguments *node, ParamReader *reader, const Param *param)
{
	if (param->value)
		parse_error(p, D_PARAM_DEFAULT, param->start, param->end, "var-keyword");
	if (reader->bare_star)
		parse_error(p, D_PARAM_BARE_STAR, reader->bare_star->start, reader->bare_star->end, NULL);
	reader->keywords = true;
	node->kwarg = &param->arg->base;
}

static void check_slash(Parser *p, const ParamReader *reader, const Param *param, uint32_t index)
{
	if (reader->slash)
		parse_error(p, D_PARAM_SLASHES, param->start, param->end, NULL);
	else if (reader->star)
		parse_error(p, D_PARAM_SLASH_LATE, param->start, param->end, NULL);
	else if (index == 0)
		parse_error(p, D_PARAM_SLASH_FIRST, param->start, param->end, NULL);
}

/* Copies the names, or the defaults, of params [from, to) that are plain names. */
static NodeList collect(Parser *p, Param *const *params, uint32_t from, uint32_t to, bool values,
						bool holes)
{
	Open list = open_make(p);
	for (uint32_t i = from; i < to; i++) {
		if (params[i]->star)
			continue;
		if (!values)
			list = open_add(p, list, params[i]->arg);
		else if (params[i]->value || holes)
			list = open_add(p, list, params[i]->value);
	}
	return open_close(p, list);
}

/* What stands in parentheses of its own is right. */
static void refuse_generator(Parser *p, uint32_t start, uint32_t end)
{
	DiagItem *item = parse_error(p, D_GENERATOR_BARE, start, end, NULL);
	if (!item)
		return;
	diag_edit(p->diag, item, FIX_CERTAIN, p->source, start, start, "(");
	diag_edit(p->diag, item, FIX_CERTAIN, p->source, end, end, ")");
}

static void check_repeated(Parser *p, Param *const *params, uint32_t count)
{
	if (count < 2)
		return;
	const Atom **names = ARENA_ARRAY(p->arena, const Atom *, count);
	uint32_t named = 0;
	for (uint32_t i = 0; i < count; i++)
		if (params[i]->arg)
			names[named++] = params[i]->arg->arg;
	const Atom *repeated = find_repeated(names, named);
	const Param *first = NULL;
	for (uint32_t i = 0; repeated && i < count; i++) {
		if (!params[i]->arg || params[i]->arg->arg != repeated)
			continue;
		if (first) {
			DiagItem *item =
				parse_error(p, D_PARAM_TWICE, params[i]->start, params[i]->end, repeated->text);
			if (item)
				diag_note(p->diag, item, p->source, first->start, first->end,
						  "the first '%s' is here", repeated->text);
		}
		first = first ? first : params[i];
	}
}

/* A parameter without a default behind one that has it. */
static void refuse_order(Parser *p, Param *const *params, const Param *param)
{
	DiagItem *item = parse_error(p, D_PARAM_ORDER, param->start, param->end, NULL);
	while (!(*params)->value)
		params++;
	if (!item || !param->arg || !(*params)->arg)
		return;
	diag_help(p->diag, item, "put '%s' before '%s', or give it a default: %s=...",
			  param->arg->arg->text, (*params)->arg->arg->text, param->arg->arg->text);
	diag_note(p->diag, item, p->source, (*params)->start, (*params)->end, "'%s' has a default",
			  (*params)->arg->arg->text);
}

AstArguments *make_arguments(Parser *p, Open open)
{
	AstArguments *node = MAKE(Arguments, ARGUMENTS, open.start, open.end);
	NodeList list = open_close(p, open);
	Param *const *params = (Param *const *)(void *)list.items;
	ParamReader reader = {0};
	uint32_t slash = 0, star = list.count;
	for (uint32_t i = 0; i < list.count; i++) {
		const Param *param = params[i];
		if (reader.keywords)
			parse_error(p, D_PARAM_LATE, param->start, param->end, NULL);
		if (param->star == '/') {
			check_slash(p, &reader, param, i);
			reader.slash = true;
			slash = i;
		} else if (param->star == '*') {
			read_star(p, node, &reader, param);
			star = i < star ? i : star;
		} else if (param->star == 'k') {
			read_keywords(p, node, &reader, param);
		} else if (reader.star) {
			reader.bare_star = NULL;
		} else if (param->value) {
			reader.defaults = true;
		} else if (reader.defaults) {
			refuse_order(p, params, param);
		}
	}
	if (reader.bare_star)
		parse_error(p, D_PARAM_BARE_STAR, reader.bare_star->start, reader.bare_star->end, NULL);
	check_repeated(p, params, list.count);
	node->posonlyargs = collect(p, params, 0, slash, false, false);
	node->args = collect(p, params, slash, star, false, false);
	node->defaults = collect(p, params, 0, star, true, false);
	node->kwonlyargs = collect(p, params, star, list.count, false, false);
	node->kw_defaults = collect(p, params, star, list.count, true, true);
	return node;
}

Expr make_keyword(Parser *p, Expr name, Expr value)
{
	AstKeyword *node = MAKE(Keyword, KEYWORD, name.start, value.end);
	if (name.node->kind == NODE_NAME && name.node->start == name.start) {
		node->arg = ((AstName *)name.node)->id;
		check_binding(p, node->arg, name.start, name.end);
	} else if (name.node->kind == NODE_CONSTANT &&
			   ((AstConstant *)name.node)->value.kind <= CONSTANT_FALSE)
		parse_error(p, D_TARGET, name.start, name.end, expr_kind_text(name.node));
	else {
		parse_error(p, D_ARG_ASSIGNMENT, name.start, name.end, NULL);
	}
	node->value = value.node;
	return expr_of(node);
}

Expr make_keywords(Parser *p, const Token *star, Expr value)
{
	AstKeyword *node = MAKE(Keyword, KEYWORD, star->start, value.end);
	node->value = value.node;
	return expr_of(node);
}

static bool is_bare_generator(const Node *arg)
{
	return arg->kind == NODE_GENERATOR_EXP && (arg->flags & NODE_FLAG_BARE);
}

Open open_add_arg(Parser *p, Open list, Expr arg)
{
	if (list.count) {
		Node *first = p->scratch[list.base];
		if (is_bare_generator(first))
			refuse_generator(p, first->start, first->end);
		else if (is_bare_generator(arg.node))
			refuse_generator(p, arg.start, arg.end);
	}
	return open_add_expr(p, list, arg);
}

/* A comma behind the only argument. */
Open open_refuse_generator(Parser *p, Open list)
{
	Node *first = p->scratch[list.base];
	if (list.count == 1 && is_bare_generator(first))
		refuse_generator(p, first->start, first->end);
	return list;
}

static void check_keywords(Parser *p, const NodeList *keywords)
{
	if (keywords->count < 2)
		return;
	const Atom **names = ARENA_ARRAY(p->arena, const Atom *, keywords->count);
	uint32_t named = 0;
	for (uint32_t i = 0; i < keywords->count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)keywords->items[i];
		if (keyword->arg)
			names[named++] = keyword->arg;
	}
	const Atom *repeated = find_repeated(names, named);
	const Node *first = NULL;
	for (uint32_t i = 0; repeated && i < keywords->count; i++) {
		const Node *keyword = keywords->items[i];
		if (((const AstKeyword *)keyword)->arg != repeated)
			continue;
		if (first) {
			DiagItem *item =
				parse_error(p, D_ARG_TWICE, keyword->start, keyword->end, repeated->text);
			if (item)
				diag_note(p->diag, item, p->source, first->start, first->end,
						  "'%s' is given here already", repeated->text);
		}
		first = first ? first : keyword;
	}
}

/* Arguments in source order become the positional ones and the keywords. */
void split_args(Parser *p, Open list, NodeList *args, NodeList *keywords)
{
	NodeList all = open_close(p, list);
	*args = all;
	*keywords = NO_LIST;
	bool named = false, unpacked = false;
	uint32_t positional = 0;
	for (uint32_t i = 0; i < all.count; i++) {
		const Node *arg = all.items[i];
		if (arg->kind == NODE_KEYWORD) {
			named = true;
			unpacked |= !((const AstKeyword *)arg)->arg;
			continue;
		}
		positional++;
		if (arg->kind == NODE_STARRED ? unpacked : named)
			parse_error(p,
						arg->kind == NODE_STARRED ? D_ARG_STAR_LATE
						: unpacked                ? D_ARG_AFTER_UNPACKING
												  : D_ARG_LATE,
						arg->start, arg->end, NULL);
	}
	if (positional == all.count)
		return;
	Open some = open_make(p);
	for (uint32_t i = 0; i < all.count; i++)
		if (all.items[i]->kind != NODE_KEYWORD)
			some = open_add(p, some, all.items[i]);
	*args = open_close(p, some);
	some = open_make(p);
	for (uint32_t i = 0; i < all.count; i++)
		if (all.items[i]->kind == NODE_KEYWORD)
			some = open_add(p, some, all.items[i]);
	*keywords = open_close(p, some);
	check_keywords(p, keywords);
}
