/*
 * Tables of the syntax tree, made from ast.def, the walk over a node's children, and what the phases ask of
 * a call.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast.h"

#include <string.h>
#include "ast_fields.h"

/* In each function below `Self` is the node's struct, so that a row's fields can name their offsets. */
#define FIELD(kind, name, is_new) {#name, kind, (uint16_t)offsetof(Self, name), is_new},
#define NODE(name) FIELD(FIELD_NODE, name, false)
#define NODE_OPT(name) FIELD(FIELD_NODE, name, false)
#define NODE_OPT_NEW(name) FIELD(FIELD_NODE, name, true)
#define NODES(name) FIELD(FIELD_NODES, name, false)
#define NODES_OPT(name) FIELD(FIELD_NODES, name, false)
#define NODES_NEW(name) FIELD(FIELD_NODES, name, true)
#define ATOM(name) FIELD(FIELD_ATOM, name, false)
#define ATOM_OPT(name) FIELD(FIELD_ATOM, name, false)
#define ATOMS(name) FIELD(FIELD_ATOMS, name, false)
#define INT(name) FIELD(FIELD_INT, name, false)
#define INT_OPT(name) FIELD(FIELD_INT, name, false)
#define CONSTANT(name) FIELD(FIELD_CONSTANT, name, false)
#define ENUM_BinaryOperator FIELD_BINARY
#define ENUM_UnaryOperator FIELD_UNARY
#define ENUM_BoolOperator FIELD_BOOL
#define ENUM_ExprContext FIELD_CONTEXT
#define ENUM(name, Type) FIELD(ENUM_##Type, name, false)
#define COMPARE_OPS(name) FIELD(FIELD_COMPARES, name, false)
#define TYPE_COMMENT(name) {#name, FIELD_ABSENT, 0, false},
#define TYPE_IGNORES(name) {#name, FIELD_IGNORES, 0, false},
#define AST_NODE(ENUM_NAME, printed, Struct, fields) \
	static const AstField *fields_of_##Struct(void) \
	{ \
		typedef Ast##Struct Self; \
		static const AstField rows[] = {fields{NULL, FIELD_ABSENT, sizeof(Self) > 0, false}}; \
		return rows; \
	}
#define AST_SAME(ENUM_NAME, printed, Struct, Other)
#include "ast.def"
#undef AST_NODE
#undef AST_SAME

const AstField *node_fields(NodeKind kind)
{
	switch (kind) {
#define AST_NODE(ENUM_NAME, printed, Struct, fields) \
	case NODE_##ENUM_NAME: \
		return fields_of_##Struct();
#define AST_SAME(ENUM_NAME, printed, Struct, Other) \
	case NODE_##ENUM_NAME: \
		return fields_of_##Other();
#include "ast.def"
#undef AST_NODE
#undef AST_SAME
	case NODE_COUNT:
		break;
	}
	static const AstField none[] = {{NULL, FIELD_ABSENT, 0, false}};
	return none;
}

const char *node_kind_text(NodeKind kind)
{
	switch (kind) {
#define AST_NODE(ENUM_NAME, printed, Struct, fields) \
	case NODE_##ENUM_NAME: \
		return printed;
#define AST_SAME(ENUM_NAME, printed, Struct, Other) \
	case NODE_##ENUM_NAME: \
		return printed;
#include "ast.def"
	case NODE_COUNT:
		break;
	}
	return "?";
}

bool node_has_place(NodeKind kind)
{
	return kind != NODE_MODULE && kind != NODE_COMPREHENSION && kind != NODE_ARGUMENTS &&
		   kind != NODE_WITHITEM && kind != NODE_MATCH_CASE;
}

void node_children(const Node *node, void (*visit)(void *context, Node *child), void *context)
{
	for (const AstField *field = node_fields((NodeKind)node->kind); field->name; field++) {
		if (field->kind == FIELD_NODE && field_node(node, field)) {
			visit(context, field_node(node, field));
		} else if (field->kind == FIELD_NODES) {
			const NodeList *list = field_nodes(node, field);
			for (uint32_t i = 0; i < list->count; i++)
				if (list->items[i])
					visit(context, list->items[i]);
		}
	}
}

const char *node_text(Arena *arena, const Source *source, const Node *node)
{
	uint32_t length = node->end > node->start ? node->end - node->start : 0;
	if (node->start > source->length || node->end > source->length)
		length = 0;
	const char *newline = length ? memchr(source->text + node->start, '\n', length) : NULL;
	bool cut = newline || length > 60;
	if (newline)
		length = (uint32_t)(newline - (source->text + node->start));
	if (length > 60)
		length = 60;
	while (cut && length && ((unsigned char)source->text[node->start + length] & 0xC0) == 0x80)
		length--; /* not in the middle of a character */
	return arena_format(arena, "%.*s%s", (int)length, length ? source->text + node->start : "",
						cut ? "..." : "");
}

bool call_has_spread(const AstCall *call)
{
	for (uint32_t i = 0; i < call->args.count; i++)
		if (call->args.items[i]->kind == NODE_STARRED)
			return true;
	for (uint32_t i = 0; i < call->keywords.count; i++)
		if (!((const AstKeyword *)call->keywords.items[i])->arg)
			return true;
	return false;
}

const Node *call_keyword(const AstCall *call, const char *name)
{
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		if (keyword->arg && !strcmp(keyword->arg->text, name))
			return keyword->value;
	}
	return NULL;
}
