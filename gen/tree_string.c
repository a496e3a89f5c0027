/*
 * String literals: escapes, implicit concatenation, f-strings and t-strings.
 *
 * A literal is first a StringPart with its Pieces (stretches of text and replacement fields); only when the whole
 * concatenation is known are nodes made, because text runs together across the parts, and because CPython 3.11 gives
 * each node of an f-string, the expressions in it excepted, the range of the whole concatenation; but a format spec, and
 * the text at its end, that of the one literal.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"
#include "escapes.h"
#include "text.h"

#include <string.h>

static const Piece *piece_at(const NodeList *pieces, uint32_t index)
{
	return (const Piece *)(const void *)pieces->items[index];
}

Open open_add_string(Parser *p, Open list, const Token *token)
{
	StringPart *part = ARENA_NEW(p->arena, StringPart);
	part->first = part->last = token;
	return open_add_expr(p, list, (Expr){(Node *)(void *)part, token->start, token->end});
}

Open open_add_middle(Parser *p, Open list, const Token *token)
{
	Piece *piece = ARENA_NEW(p->arena, Piece);
	piece->text = token;
	return open_add_expr(p, list, (Expr){(Node *)(void *)piece, token->start, token->end});
}

Node *make_fstring(Parser *p, const Token *start, Open pieces, const Token *end)
{
	StringPart *part = ARENA_NEW(p->arena, StringPart);
	part->first = start;
	part->last = end;
	part->has_fields = true;
	part->pieces = open_close(p, pieces);
	return (Node *)(void *)part;
}

Spec make_spec(Parser *p, const Token *colon, Open pieces)
{
	NodeList *list = ARENA_NEW(p->arena, NodeList);
	*list = open_close(p, pieces);
	return (Spec){colon, list};
}

static int read_conversion(Parser *p, Conversion conversion)
{
	const Token *name = conversion.name;
	char letter = name->atom->text[0];
	bool known = name->atom->length == 1 && (letter == 's' || letter == 'r' || letter == 'a');
	if (!known || name->start != conversion.bang->end)
		parse_error(p, D_FSTRING_CONVERSION, name->start, name->end, NULL);
	return letter;
}

Node *make_field(Parser *p, const Token *open, Expr value, const Token *equal,
				 Conversion conversion, Spec spec, const Token *close)
{
	Piece *piece = ARENA_NEW(p->arena, Piece);
	const Token *after = equal             ? equal
						 : conversion.bang ? conversion.bang
						 : spec.colon      ? spec.colon
										   : close;
	const Token *rest = conversion.bang ? conversion.bang : spec.colon ? spec.colon : close;
	if (value.node->flags & NODE_FLAG_BARE) {
		/* CPython parses the text of the field between parentheses, which stand where its braces do */
		value.node->start = open->start;
		value.node->end = after->start + 1;
		value.node->flags &= (uint16_t)~NODE_FLAG_BARE;
	}
	piece->value = value;
	piece->text_start = open->end;
	piece->text_end = after->start;
	piece->conversion = -1;
	if (conversion.bang)
		piece->conversion = read_conversion(p, conversion);
	else if (equal && !spec.colon)
		piece->conversion = 'r';
	if (equal) {
		piece->debug_start = open->end;
		piece->debug_end = rest->start;
	}
	const Token *next = spec.colon ? spec.colon : close;
	piece->newer = conversion.name && next->start != conversion.name->end;
	piece->has_spec = spec.colon != NULL;
	if (piece->has_spec)
		piece->spec = *spec.pieces;
	for (uint32_t i = 0; i < piece->spec.count; i++)
		piece->newer |= piece_at(&piece->spec, i)->newer;
	return (Node *)(void *)piece;
}

/* What is being put together. */
typedef struct Joiner {
	Text text;                     /* the constant that is growing */
	Open values;                   /* nodes made so far */
	uint32_t start, end;           /* of the whole concatenation */
	uint32_t part_start, part_end; /* of the literal at hand */
	const Atom *kind;              /* "u" or NULL */
	bool template;                 /* fields become Interpolation */
} Joiner;

static AstConstant *make_text_constant(Parser *p, Joiner *joiner, ConstantKind kind)
{
	AstConstant *node = MAKE(Constant, CONSTANT, joiner->start, joiner->end);
	node->kind = joiner->kind;
	node->value.kind = kind;
	node->value.length = (uint32_t)joiner->text.length;
	node->value.text = joiner->text.bytes;
	return node;
}

static void flush_text(Parser *p, Joiner *joiner)
{
	if (!joiner->text.length)
		return;
	AstConstant *node = make_text_constant(p, joiner, CONSTANT_STR);
	node->value.text = arena_copy(p->arena, joiner->text.bytes, joiner->text.length);
	joiner->text.length = 0;
	joiner->values = open_add(p, joiner->values, node);
}

static void add_pieces(Parser *p, Joiner *joiner, const NodeList *pieces);

static Node *make_spec_node(Parser *p, const Joiner *outer, const Piece *piece)
{
	if (!piece->has_spec)
		return NULL;
	Joiner joiner = *outer;
	joiner.template = false;
	text_init(&joiner.text, p->arena);
	joiner.values = open_make(p);
	AstJoinedStr *node = MAKE(JoinedStr, JOINED_STR, outer->part_start, outer->part_end);
	add_pieces(p, &joiner, &piece->spec);
	joiner.start = outer->part_start;
	joiner.end = outer->part_end;
	joiner.kind = NULL;
	flush_text(p, &joiner);
	node->values = open_close(p, joiner.values);
	return &node->base;
}

/* The text of a t-string's expression, without the white space after it. */
static void set_expression_text(Parser *p, AstInterpolation *node, const Piece *piece)
{
	const char *text = p->source->text;
	uint32_t end = piece->text_end;
	while (end > piece->text_start && strchr(" \t\n\f", text[end - 1]))
		end--;
	node->str.kind = CONSTANT_STR;
	node->str.length = end - piece->text_start;
	node->str.text = arena_copy(p->arena, text + piece->text_start, node->str.length);
}

static Node *make_field_node(Parser *p, const Joiner *joiner, const Piece *piece)
{
	if (joiner->template) {
		AstInterpolation *node = MAKE(Interpolation, INTERPOLATION, joiner->start, joiner->end);
		node->value = piece->value.node;
		node->conversion = piece->conversion;
		node->format_spec = make_spec_node(p, joiner, piece);
		set_expression_text(p, node, piece);
		return &node->base;
	}
	AstFormattedValue *node = MAKE(FormattedValue, FORMATTED_VALUE, joiner->start, joiner->end);
	node->value = piece->value.node;
	node->conversion = piece->conversion;
	node->format_spec = make_spec_node(p, joiner, piece);
	return &node->base;
}

static void add_pieces(Parser *p, Joiner *joiner, const NodeList *pieces)
{
	for (uint32_t i = 0; i < pieces->count && !p->failed; i++) {
		const Piece *piece = piece_at(pieces, i);
		if (piece->text) {
			string_decode(p, piece->text, &joiner->text);
			continue;
		}
		text_add(&joiner->text, p->source->text + piece->debug_start,
				 piece->debug_end - piece->debug_start);
		flush_text(p, joiner);
		Node *node = make_field_node(p, joiner, piece);
		joiner->values = open_add(p, joiner->values, node);
	}
}

static void check_mixture(Parser *p, const NodeList *parts, uint32_t start, uint32_t end)
{
	bool bytes = false, text = false, template = false;
	for (uint32_t i = 0; i < parts->count; i++) {
		const Token *first = ((const StringPart *)(const void *)parts->items[i])->first;
		bytes |= first->flags & TOKEN_BYTES;
		template |= first->flags &TOKEN_TEMPLATE;
		text |= !(first->flags & (TOKEN_BYTES | TOKEN_TEMPLATE));
	}
	if (bytes && text)
		parse_error(p, D_STRING_MIXED, start, end, NULL);
	else if (template && (bytes || text))
		parse_error(p, D_STRING_MIXED_TEMPLATE, start, end, NULL);
}

static Expr make_joined(Parser *p, Joiner *joiner, const NodeList *parts, bool newer)
{
	bool template =
		((const StringPart *)(const void *)parts->items[0])->first->flags & TOKEN_TEMPLATE;
	AstJoinedStr *node = MAKE(JoinedStr, JOINED_STR, joiner->start, joiner->end);
	if (template) {
		node->base.kind = NODE_TEMPLATE_STR; /* the same fields */
		newer = true;
	}
	if (newer)
		node_mark_newer(p, &node->base);
	joiner->template = template;
	joiner->values = open_make(p);
	for (uint32_t i = 0; i < parts->count && !p->failed; i++) {
		const StringPart *part = (const StringPart *)(const void *)parts->items[i];
		joiner->part_start = part->first->start;
		joiner->part_end = part->last->end;
		if (part->has_fields)
			add_pieces(p, joiner, &part->pieces);
		else
			string_decode(p, part->first, &joiner->text);
	}
	flush_text(p, joiner);
	node->values = open_close(p, joiner->values);
	return expr_of(node);
}

Expr make_string(Parser *p, Open open)
{
	NodeList parts = open_close(p, open);
	const StringPart *first = (const StringPart *)(const void *)parts.items[0];
	const StringPart *last = (const StringPart *)(const void *)parts.items[parts.count - 1];
	Joiner joiner = {.start = first->first->start, .end = last->last->end};
	if (first->first->flags & TOKEN_UNICODE)
		joiner.kind = atom_get(p->atoms, "u", 1);
	check_mixture(p, &parts, joiner.start, joiner.end);
	text_init(&joiner.text, p->arena);
	bool has_fields = false, newer = false;
	for (uint32_t i = 0; i < parts.count; i++) {
		const StringPart *part = (const StringPart *)(const void *)parts.items[i];
		has_fields |= part->has_fields;
		newer |= part->has_fields && (part->last->flags & TOKEN_NEWER);
		for (uint32_t k = 0; k < part->pieces.count; k++)
			newer |= piece_at(&part->pieces, k)->newer;
	}
	if (has_fields)
		return make_joined(p, &joiner, &parts, newer);
	for (uint32_t i = 0; i < parts.count && !p->failed; i++)
		string_decode(p, ((const StringPart *)(const void *)parts.items[i])->first, &joiner.text);
	bool bytes = first->first->flags & TOKEN_BYTES;
	return expr_of(make_text_constant(p, &joiner, bytes ? CONSTANT_BYTES : CONSTANT_STR));
}

/* A string that no other stands beside, without escapes as a rule: by far the most common. */
Expr make_lone_string(Parser *p, const Token *token)
{
	uint32_t start, end;
	AstConstant *node = MAKE(Constant, CONSTANT, token->start, token->end);
	if (token->flags & TOKEN_UNICODE)
		node->kind = atom_get(p->atoms, "u", 1);
	node->value.kind = token->flags & TOKEN_BYTES ? CONSTANT_BYTES : CONSTANT_STR;
	if (token->flags & TOKEN_BYTES ||
		(token->flags & TOKEN_ESCAPES && !(token->flags & TOKEN_RAW))) {
		Text text;
		text_init(&text, p->arena);
		string_decode(p, token, &text);
		node->value.text = text.bytes;
		node->value.length = (uint32_t)text.length;
	} else {
		string_body(p->source->text, token, &start, &end);
		node->value.length = end - start;
		node->value.text = arena_copy(p->arena, p->source->text + start, end - start);
	}
	return expr_of(node);
}
