/*
 * Walks over trees of any depth, without recursion.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "module_index.h"

void walk_push(NodeWalk *walk, const Node *node, unsigned place)
{
	if (walk->depth == walk->capacity) {
		uint32_t capacity = walk->capacity ? walk->capacity * 2 : 256;
		WalkItem *items = ARENA_ARRAY(walk->arena, WalkItem, capacity);
		if (walk->depth)
			memcpy(items, walk->items, walk->depth * sizeof *items);
		walk->items = items;
		walk->capacity = capacity;
	}
	walk->items[walk->depth++] = (WalkItem){node, place};
}

void walk_push_all(NodeWalk *walk, const NodeList *list, unsigned place)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->items[i])
			walk_push(walk, list->items[i], place);
}

static void push_child(void *context, Node *child)
{
	NodeWalk *walk = context;
	walk_push(walk, child, walk->place);
}

void walk_push_children(NodeWalk *walk, const Node *node, unsigned place)
{
	walk->place = place;
	node_children(node, push_child, walk);
}

bool node_is_definition(const Node *node)
{
	return node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF ||
		   node->kind == NODE_CLASS_DEF;
}

const Node *node_annotation(const Node *node)
{
	switch (node->kind) {
	case NODE_ARG:
		return ((const AstArg *)node)->annotation;
	case NODE_ANN_ASSIGN:
		return ((const AstAnnAssign *)node)->annotation;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		return ((const AstFunctionDef *)node)->returns;
	default:
		return NULL;
	}
}

static bool is_name_byte(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		   (unsigned char)c >= 0x80;
}

static void split_names(AtomTable *atoms, const ConstantValue *value,
						void (*found)(void *context, const Atom *name), void *context)
{
	const char *text = value->text;
	for (uint32_t i = 0; value->kind == CONSTANT_STR && i < value->length;) {
		uint32_t begin = i;
		while (i < value->length && is_name_byte(text[i]))
			i++;
		if (i > begin)
			found(context, atom_get(atoms, text + begin, i - begin));
		else
			i++;
	}
}

void names_in_strings(Arena *arena, AtomTable *atoms, const Node *annotation,
					  void (*found)(void *context, const Atom *name), void *context)
{
	NodeWalk walk = {.arena = arena};
	if (annotation->kind == NODE_NAME)
		return;
	walk_push(&walk, annotation, 0);
	while (walk.depth) {
		const Node *node = walk.items[--walk.depth].node;
		if (node->kind == NODE_CONSTANT)
			split_names(atoms, &((const AstConstant *)node)->value, found, context);
		walk_push_children(&walk, node, 0);
	}
}
