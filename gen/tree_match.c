/*
 * The match statement and its patterns.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"

#include <string.h>

Node *make_match(Parser *p, const Token *token, Expr subject, Open cases)
{
	AstMatch *node = MAKE(Match, MATCH, token->start, cases.end);
	node->subject = subject.node;
	node->cases = open_close(p, cases);
	match_check(p, node);
	return &node->base;
}

Node *make_case(Parser *p, Expr pattern, Expr guard, Suite body)
{
	AstMatchCase *node = MAKE(MatchCase, MATCH_CASE, pattern.start, body.end);
	node->pattern = pattern.node;
	node->guard = guard.node;
	node->body = suite_list(body);
	return &node->base;
}

Expr pattern_refuse_star(Parser *p, Expr pattern)
{
	if (pattern.node->kind == NODE_MATCH_STAR)
		parse_error(p, D_SYNTAX, pattern.start, pattern.end, NULL);
	return pattern;
}

Expr make_sequence_pattern(Parser *p, Open list, uint32_t start, uint32_t end)
{
	AstMatchSequence *node = MAKE(MatchSequence, MATCH_SEQUENCE, start, end);
	node->patterns = open_close(p, list);
	return expr_of(node);
}

static bool is_wildcard(const Token *name)
{
	return name->atom->length == 1 && name->atom->text[0] == '_';
}

Expr make_star_pattern(Parser *p, const Token *star, const Token *name)
{
	AstMatchStar *node = MAKE(MatchStar, MATCH_STAR, star->start, name->end);
	node->name = is_wildcard(name) ? NULL : name->atom;
	check_binding(p, name->atom, name->start, name->end);
	return expr_of(node);
}

Expr make_as_pattern(Parser *p, Expr pattern, const Token *name)
{
	if (is_wildcard(name))
		parse_error(p, D_PATTERN_AS_WILDCARD, name->start, name->end, NULL);
	AstMatchAs *node = MAKE(MatchAs, MATCH_AS, pattern.start, name->end);
	node->pattern = pattern.node;
	node->name = name->atom;
	check_binding(p, name->atom, name->start, name->end);
	return expr_of(node);
}

Expr make_or_pattern(Parser *p, Open list)
{
	AstMatchOr *node = MAKE(MatchOr, MATCH_OR, list.start, list.end);
	node->patterns = open_close(p, list);
	return expr_of(node);
}

Expr make_capture(Parser *p, const Token *name)
{
	check_binding(p, name->atom, name->start, name->end);
	AstMatchAs *node = MAKE(MatchAs, MATCH_AS, name->start, name->end);
	node->name = is_wildcard(name) ? NULL : name->atom;
	return expr_of(node);
}

Expr make_value_pattern(Parser *p, Expr value)
{
	if (value.node->kind == NODE_JOINED_STR || value.node->kind == NODE_TEMPLATE_STR)
		parse_error(p, D_PATTERN_VALUE, value.start, value.end, NULL);
	AstMatchValue *node = MAKE(MatchValue, MATCH_VALUE, value.start, value.end);
	node->value = value.node;
	return expr_of(node);
}

Expr make_singleton_pattern(Parser *p, const Token *token)
{
	AstMatchSingleton *node = MAKE(MatchSingleton, MATCH_SINGLETON, token->start, token->end);
	node->value.kind = token->kind == TK_NONE   ? CONSTANT_NONE
					   : token->kind == TK_TRUE ? CONSTANT_TRUE
												: CONSTANT_FALSE;
	return expr_of(node);
}

/* "**rest" stands in the list as a pair of NULL and its name's token. */
Open open_add_rest(Parser *p, Open list, const Token *name)
{
	list = open_add_expr(p, list, (Expr){NULL, name->start, name->end});
	check_binding(p, name->atom, name->start, name->end);
	if (is_wildcard(name))
		parse_error(p, D_SYNTAX, name->start, name->end, NULL);
	return open_add_expr(p, list, (Expr){(Node *)(uintptr_t)name, name->start, name->end});
}

Expr make_mapping_pattern(Parser *p, const Token *open, Open items, const Token *close)
{
	AstMatchMapping *node = MAKE(MatchMapping, MATCH_MAPPING, open->start, close->end);
	uint32_t count = items.count / 2;
	Node **pairs = p->scratch + items.base;
	if (count && !pairs[2 * count - 2]) {
		count--;
		node->rest = ((const Token *)(void *)pairs[2 * count + 1])->atom;
	}
	if (count) {
		node->keys = (NodeList){ARENA_ARRAY(p->arena, Node *, count), count};
		node->patterns = (NodeList){ARENA_ARRAY(p->arena, Node *, count), count};
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!pairs[2 * i]) {
			const Token *name = (const Token *)(void *)pairs[2 * i + 1];
			parse_error(p, D_SYNTAX, name->start, name->end, NULL);
			break;
		}
		node->keys.items[i] = pairs[2 * i];
		node->patterns.items[i] = pairs[2 * i + 1];
		if (pairs[2 * i]->kind == NODE_JOINED_STR || pairs[2 * i]->kind == NODE_TEMPLATE_STR)
			parse_error(p, D_PATTERN_KEY, pairs[2 * i]->start, pairs[2 * i]->end, NULL);
	}
	p->scratch_count = items.base;
	return expr_of(node);
}

/* Pairs of the keyword's token (NULL: positional) and the pattern. */
Open open_add_class_arg(Parser *p, Open list, const Token *name, Expr pattern)
{
	bool keyword_before = list.count && p->scratch[list.base + list.count - 2];
	if (keyword_before && !name)
		parse_error(p, D_PATTERN_ORDER, pattern.start, pattern.end, NULL);
	if (name)
		check_binding(p, name->atom, name->start, name->end);
	list = open_add_expr(p, list, (Expr){(Node *)(uintptr_t)name, pattern.start, pattern.end});
	return open_add_expr(p, list, pattern);
}

Expr make_class_pattern(Parser *p, Expr cls, Open args, const Token *close)
{
	AstMatchClass *node = MAKE(MatchClass, MATCH_CLASS, cls.start, close->end);
	node->cls = cls.node;
	Node **pairs = p->scratch + args.base;
	uint32_t count = args.count / 2, positional = 0;
	while (positional < count && !pairs[2 * positional])
		positional++;
	node->patterns = (NodeList){ARENA_ARRAY(p->arena, Node *, positional), positional};
	for (uint32_t i = 0; i < positional; i++)
		node->patterns.items[i] = pairs[2 * i + 1];
	uint32_t named = count - positional;
	node->kwd_attrs = (AtomList){ARENA_ARRAY(p->arena, const Atom *, named), named};
	node->kwd_patterns = (NodeList){ARENA_ARRAY(p->arena, Node *, named), named};
	for (uint32_t i = 0; i < named; i++) {
		const Token *name = (const Token *)(void *)pairs[2 * (positional + i)];
		node->kwd_attrs.items[i] = name ? name->atom : NULL; /* NULL only after an error */
		node->kwd_patterns.items[i] = pairs[2 * (positional + i) + 1];
	}
	p->scratch_count = args.base;
	return expr_of(node);
}

static bool is_imaginary(const Node *node)
{
	if (node->kind == NODE_UNARY_OP)
		node = ((const AstUnaryOp *)node)->operand;
	return ((const AstConstant *)node)->value.kind == CONSTANT_COMPLEX;
}

Expr make_complex(Parser *p, Expr real, BinaryOperator op, Expr imaginary)
{
	if (is_imaginary(real.node))
		parse_error(p, D_PATTERN_COMPLEX, real.start, real.end, "real");
	if (!is_imaginary(imaginary.node))
		parse_error(p, D_PATTERN_COMPLEX, imaginary.start, imaginary.end, "imaginary");
	return make_binary(p, real, op, imaginary);
}
