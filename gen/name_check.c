/*
 * `global` and `nonlocal`: what a name was before its declaration, and whether a scope around binds it. Only scopes
 * with such a statement, and the functions around a `nonlocal`, are read; the table of a scope is made once.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast_fields.h"
#include "scope_check.h"

#include <string.h>

enum {
	NAME_PARAM = 1,
	NAME_LOCAL = 2,
	NAME_USED = 4,
	NAME_ANNOTATED = 8,
	NAME_IMPORTED = 16,
	NAME_GLOBAL = 32,
	NAME_NONLOCAL = 64,
	NAME_BOUND = NAME_PARAM | NAME_LOCAL | NAME_IMPORTED,
};

typedef struct NameRow {
	const Atom *name;
	unsigned flags;
	const Node *nonlocal; /* the statement that says so */
} NameRow;

struct NameTable {
	NameRow *rows;
	uint32_t mask, count;
};

typedef struct Item {
	const Node *node;
	bool in_comprehension; /* only the targets of := belong to the scope */
} Item;

typedef struct Reader {
	Checker *checker;
	CheckScope *scope;
	NameTable *table;
	bool report; /* tell the mistakes of directives */
	Item *items;
	uint32_t count, capacity;
} Reader;

static NameRow *find_row(Arena *arena, NameTable *table, const Atom *name)
{
	if (table->count * 2 >= table->mask) {
		NameTable larger = {.mask = table->mask * 2 + 1};
		larger.rows = ARENA_ARRAY(arena, NameRow, (size_t)larger.mask + 1);
		for (uint32_t i = 0; table->rows && i <= table->mask; i++)
			if (table->rows[i].name)
				*find_row(arena, &larger, table->rows[i].name) = table->rows[i];
		larger.count = table->count;
		*table = larger;
	}
	uint32_t at = name->hash & table->mask;
	while (table->rows[at].name && table->rows[at].name != name)
		at = (at + 1) & table->mask;
	if (!table->rows[at].name) {
		table->rows[at].name = name;
		table->count++;
	}
	return &table->rows[at];
}

static void mark(Reader *reader, const Atom *name, unsigned flag)
{
	find_row(reader->checker->arena, reader->table, name)->flags |= flag;
}

static void mark_opt(Reader *reader, const Atom *name, unsigned flag)
{
	if (name)
		mark(reader, name, flag);
}

static void push(Reader *reader, const Node *node, bool in_comprehension)
{
	if (!node)
		return;
	if (reader->count == reader->capacity) {
		uint32_t capacity = reader->capacity ? reader->capacity * 2 : 64;
		Item *items = ARENA_ARRAY(reader->checker->arena, Item, capacity);
		if (reader->count)
			memcpy(items, reader->items, reader->count * sizeof *items);
		reader->items = items;
		reader->capacity = capacity;
	}
	reader->items[reader->count++] = (Item){node, in_comprehension};
}

static void push_list(Reader *reader, const NodeList *list, bool in_comprehension)
{
	for (uint32_t i = 0; i < list->count; i++)
		push(reader, list->items[i], in_comprehension);
}

static void push_children(Reader *reader, const Node *node, bool in_comprehension)
{
	for (const AstField *field = node_fields((NodeKind)node->kind); field->name; field++) {
		if (field->kind == FIELD_NODE)
			push(reader, field_node(node, field), in_comprehension);
		else if (field->kind == FIELD_NODES)
			push_list(reader, field_nodes(node, field), in_comprehension);
	}
}

static void refuse_name(Reader *reader, DiagId id, const Node *node, const Atom *name)
{
	if (reader->report)
		check_refuse(reader->checker, id, node, name->text);
}

static void read_directive(Reader *reader, const AstGlobal *node)
{
	bool global = node->base.kind == NODE_GLOBAL;
	for (uint32_t i = 0; i < node->names.count; i++) {
		const Atom *name = node->names.items[i];
		unsigned before = find_row(reader->checker->arena, reader->table, name)->flags;
		if (before & NAME_PARAM)
			refuse_name(reader, global ? D_GLOBAL_PARAM : D_NONLOCAL_PARAM, &node->base, name);
		else if (before & NAME_USED)
			refuse_name(reader, global ? D_GLOBAL_USED : D_NONLOCAL_USED, &node->base, name);
		else if (before & NAME_ANNOTATED)
			refuse_name(reader, global ? D_GLOBAL_ANNOTATED : D_NONLOCAL_ANNOTATED, &node->base,
						name);
		else if (before & NAME_LOCAL)
			refuse_name(reader, global ? D_GLOBAL_ASSIGNED : D_NONLOCAL_ASSIGNED, &node->base,
						name);
		else if (before & (global ? NAME_NONLOCAL : NAME_GLOBAL))
			refuse_name(reader, D_NONLOCAL_GLOBAL, &node->base, name);
		NameRow *row = find_row(reader->checker->arena, reader->table, name);
		row->flags |= global ? NAME_GLOBAL : NAME_NONLOCAL;
		if (!global)
			row->nonlocal = &node->base;
	}
}

static void read_ann_assign(Reader *reader, const AstAnnAssign *node)
{
	if (node->target->kind == NODE_NAME) {
		const Atom *name = ((const AstName *)node->target)->id;
		unsigned before = find_row(reader->checker->arena, reader->table, name)->flags;
		if (node->simple && reader->scope->kind != SCOPE_MODULE &&
			before & (NAME_GLOBAL | NAME_NONLOCAL))
			refuse_name(reader, before & NAME_GLOBAL ? D_GLOBAL_ANNOTATED : D_NONLOCAL_ANNOTATED,
						&node->base, name);
		if (node->simple)
			mark(reader, name, NAME_ANNOTATED | NAME_LOCAL);
		else if (node->value)
			mark(reader, name, NAME_LOCAL);
	} else {
		push(reader, node->target, false);
	}
	push(reader, node->annotation, false);
	push(reader, node->value, false);
}

static void read_alias(Reader *reader, const AstAlias *node)
{
	if (node->asname) {
		mark(reader, node->asname, NAME_IMPORTED);
	} else if (strcmp(node->name->text, "*")) {
		const char *dot = memchr(node->name->text, '.', node->name->length);
		size_t length = dot ? (size_t)(dot - node->name->text) : node->name->length;
		mark(reader, atom_get(reader->checker->atoms, node->name->text, length), NAME_IMPORTED);
	}
}

static void read_parameters(Reader *reader, const AstArguments *args)
{
	const NodeList *lists[] = {&args->posonlyargs, &args->args, &args->kwonlyargs};
	for (size_t i = 0; i < 3; i++)
		for (uint32_t k = 0; k < lists[i]->count; k++)
			mark(reader, ((const AstArg *)lists[i]->items[k])->arg, NAME_PARAM);
	if (args->vararg)
		mark(reader, ((const AstArg *)args->vararg)->arg, NAME_PARAM);
	if (args->kwarg)
		mark(reader, ((const AstArg *)args->kwarg)->arg, NAME_PARAM);
}

/* A definition inside: its name, and what is evaluated here. */
static void read_function(Reader *reader, const AstFunctionDef *node)
{
	mark(reader, node->name, NAME_LOCAL);
	push(reader, node->args, false);
	push(reader, node->returns, false);
	push_list(reader, &node->decorator_list, false);
}

static void read_class(Reader *reader, const AstClassDef *node)
{
	mark(reader, node->name, NAME_LOCAL);
	push_list(reader, &node->bases, false);
	push_list(reader, &node->keywords, false);
	push_list(reader, &node->decorator_list, false);
}

static void read_comprehension(Reader *reader, const Node *node, bool in_comprehension)
{
	const NodeList *generators = node->kind == NODE_DICT_COMP
									 ? &((const AstDictComp *)node)->generators
									 : &((const AstListComp *)node)->generators;
	push_children(reader, node, true);
	push(reader, ((const AstComprehension *)generators->items[0])->iter, in_comprehension);
}

static void read_named(Reader *reader, const AstNamedExpr *node, bool in_comprehension)
{
	push(reader, node->value, in_comprehension);
	mark(reader, ((const AstName *)node->target)->id, NAME_LOCAL);
}

static void read_node(Reader *reader, const Node *node, bool in_comprehension)
{
	switch (node->kind) {
	case NODE_NAME:
		if (!in_comprehension)
			mark(reader, ((const AstName *)node)->id,
				 ((const AstName *)node)->ctx == CONTEXT_LOAD ? NAME_USED : NAME_LOCAL);
		break;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		read_function(reader, (const AstFunctionDef *)node);
		break;
	case NODE_CLASS_DEF:
		read_class(reader, (const AstClassDef *)node);
		break;
	case NODE_LAMBDA:
		push(reader, ((const AstLambda *)node)->args, in_comprehension);
		break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
	case NODE_GENERATOR_EXP:
		read_comprehension(reader, node, in_comprehension);
		break;
	case NODE_NAMED_EXPR:
		read_named(reader, (const AstNamedExpr *)node, in_comprehension);
		break;
	case NODE_GLOBAL:
	case NODE_NONLOCAL:
		read_directive(reader, (const AstGlobal *)node);
		break;
	case NODE_ANN_ASSIGN:
		read_ann_assign(reader, (const AstAnnAssign *)node);
		break;
	case NODE_ALIAS:
		read_alias(reader, (const AstAlias *)node);
		break;
	case NODE_EXCEPT_HANDLER:
		mark_opt(reader, ((const AstExceptHandler *)node)->name, NAME_LOCAL);
		push_children(reader, node, false);
		break;
	case NODE_MATCH_AS:
		mark_opt(reader, ((const AstMatchAs *)node)->name, NAME_LOCAL);
		push_children(reader, node, false);
		break;
	case NODE_MATCH_STAR:
		mark_opt(reader, ((const AstMatchStar *)node)->name, NAME_LOCAL);
		break;
	case NODE_MATCH_MAPPING:
		mark_opt(reader, ((const AstMatchMapping *)node)->rest, NAME_LOCAL);
		push_children(reader, node, false);
		break;
	default:
		push_children(reader, node, in_comprehension);
	}
}

/* Children are pushed in source order and read from the stack's end: each group is turned round first. */
static void read_all(Reader *reader)
{
	while (reader->count && !reader->checker->failed) {
		Item item = reader->items[--reader->count];
		uint32_t first = reader->count;
		read_node(reader, item.node, item.in_comprehension);
		for (uint32_t low = first, high = reader->count; low + 1 < high; low++, high--) {
			Item swapped = reader->items[low];
			reader->items[low] = reader->items[high - 1];
			reader->items[high - 1] = swapped;
		}
	}
}

static const NodeList *scope_body(const CheckScope *scope)
{
	switch (scope->node->kind) {
	case NODE_MODULE:
		return &((const AstModule *)scope->node)->body;
	case NODE_CLASS_DEF:
		return &((const AstClassDef *)scope->node)->body;
	default:
		return &((const AstFunctionDef *)scope->node)->body;
	}
}

static void read_scope(Checker *checker, CheckScope *scope, bool report)
{
	Reader reader = {.checker = checker, .scope = scope, .report = report};
	scope->names = ARENA_NEW(checker->arena, NameTable);
	scope->names->mask = 31;
	scope->names->rows = ARENA_ARRAY(checker->arena, NameRow, 32);
	reader.table = scope->names;
	if (scope->kind == SCOPE_FUNCTION)
		read_parameters(&reader, (const AstArguments *)((const AstFunctionDef *)scope->node)->args);
	const NodeList *body = scope_body(scope);
	for (uint32_t i = body->count; i--;)
		push(&reader, body->items[i], false);
	read_all(&reader);
}

/* Does a function around `scope` bind the name? */
static bool is_bound_around(Checker *checker, const CheckScope *scope, const Atom *name)
{
	for (CheckScope *at = scope->outer; at; at = at->outer) {
		if (at->kind == SCOPE_CLASS && name == checker->class_cell)
			return true;
		if (at->kind != SCOPE_FUNCTION)
			continue;
		if (!at->names)
			read_scope(checker, at, false);
		unsigned flags = find_row(checker->arena, at->names, name)->flags;
		if (flags & NAME_GLOBAL)
			return false;
		if (flags & NAME_NONLOCAL)
			continue;
		if (flags & NAME_BOUND)
			return true;
	}
	return false;
}

void check_directives(Checker *checker, CheckScope *scope)
{
	read_scope(checker, scope, true);
	if (checker->failed)
		return;
	NameTable *table = scope->names;
	for (uint32_t i = 0; i <= table->mask; i++) {
		const NameRow *row = &table->rows[i];
		if (row->nonlocal && !is_bound_around(checker, scope, row->name))
			check_refuse(checker, D_NONLOCAL_UNBOUND, row->nonlocal, row->name->text);
	}
}
