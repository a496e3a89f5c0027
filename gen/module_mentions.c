/*
 * What the top-level statements of a module mention, and whether what they mention is out of the module's hands: a module
 * beside it, a package, the process. An import taints a statement, but where the name is only used as known_effects.c
 * knows to be harmless.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "module_index.h"

/* What the place of a name says. */
enum {
	PLACE_USED =
		1, /* called, derived from, indexed, an operand: the name itself does not get anywhere else */
	PLACE_STORED = 2, /* an attribute or item of it is set */
};

typedef struct Mentioning {
	ModuleIndex *index;
	uint32_t statement;
	bool is_held; /* the bodies are */
} Mentioning;

static void add_mention(const Mentioning *m, const Atom *name, MentionKind kind)
{
	ModuleIndex *index = m->index;
	if (!name)
		return;
	if (index->mention_count == index->mention_capacity) {
		uint32_t capacity = index->mention_capacity ? index->mention_capacity * 2 : 256;
		Mention *mentions = ARENA_ARRAY(index->all->d->arena, Mention, capacity);
		if (index->mention_count)
			memcpy(mentions, index->mentions, index->mention_count * sizeof *mentions);
		index->mentions = mentions;
		index->mention_capacity = capacity;
	}
	IndexedName *found = module_index_add(index, name);
	index->mentions[index->mention_count] =
		(Mention){(uint32_t)(found - index->names), m->statement, found->mentions, kind};
	found->mentions = ++index->mention_count;
}

static MentionKind kind_of(const Mentioning *m)
{
	return m->is_held ? MENTION_HELD : MENTION_RUNS;
}

bool is_starred_name(const ModuleIndexes *all, const Atom *name)
{
	for (uint32_t i = 1; i < all->count; i++) {
		const IndexedName *found = all->items[i] ? module_index_name(all->items[i], name) : NULL;
		if (found && found->binders && all->are_starred[i - 1])
			return true;
	}
	return false;
}

/* A name that nothing in the module binds: a builtin, a local one, or one that a star has brought. */
static unsigned taint_of_unbound(ModuleIndex *index, const Atom *name)
{
	if (!load_is_pure_path(arena_format(index->all->d->arena, "builtins.%s", name->text)))
		return TAINT_ELSEWHERE;
	if (index->env->has_star)
		return TAINT_ELSEWHERE | TAINT_BESIDE;
	bool is_brought = index->has_beside_star &&
					  (env_lookup_own(index->env, name) || is_starred_name(index->all, name));
	return is_brought && !load_is_plain_import(index, name, true) ? TAINT_BESIDE : 0;
}

/* What a name, or a chain of attributes of it, brings into a statement. */
static unsigned taint_of(ModuleIndex *index, const Node *node, const Atom *root, unsigned place)
{
	const IndexedName *name = module_index_name(index, root);
	if (load_is_dynamic_name(root->text))
		return TAINT_ELSEWHERE;
	if (!name || !name->binders)
		return taint_of_unbound(index, root);
	if (!name->only_imports)
		return name->has_import ? TAINT_ELSEWHERE | TAINT_BESIDE : 0;
	if (name->is_beside)
		return place & PLACE_STORED || !load_is_plain_import(index, root, place == PLACE_USED)
				   ? TAINT_BESIDE
				   : 0;
	if (load_is_flyte(index, node) && !(place & PLACE_STORED))
		return 0;
	const char *path = load_path(index, node);
	return path && place == PLACE_USED && load_is_pure_path(path) ? 0 : TAINT_ELSEWHERE;
}

/* The name that a chain of attributes begins with; NULL: something else. */
static const Atom *chain_root(const Node *node)
{
	while (node->kind == NODE_ATTRIBUTE)
		node = ((const AstAttribute *)node)->value;
	return node->kind == NODE_NAME ? ((const AstName *)node)->id : NULL;
}

static void mention_string_name(void *context, const Atom *name)
{
	add_mention(context, name, kind_of(context));
}

static void mention_import(Mentioning *m, const Node *node)
{
	Declaring *d = m->index->all->d;
	IndexedStatement *statement = &m->index->statements[m->statement];
	const NodeList *names = &((const AstImport *)node)->names;
	if (node->kind == NODE_IMPORT_FROM) {
		const AstImportFrom *from = (const AstImportFrom *)node;
		bool is_beside =
			from->level > 0 || !from->module || module_is_beside(d, from->module->text);
		if (!statement->is_import)
			statement->taint |= is_beside ? TAINT_BESIDE : TAINT_ELSEWHERE;
		statement->imports_elsewhere |=
			!is_beside && (!load_is_standard_module(from->module->text) ||
						   !strcmp(from->module->text, "__future__"));
		return;
	}
	for (uint32_t i = 0; i < names->count; i++) {
		const char *name = ((const AstAlias *)names->items[i])->name->text;
		bool is_beside = module_is_beside(d, name);
		if (!statement->is_import)
			statement->taint |= is_beside ? TAINT_BESIDE : TAINT_ELSEWHERE;
		statement->imports_elsewhere |= !is_beside && !load_is_standard_module(name);
	}
}

/* An attribute chain; false: it does not begin with a name. */
static bool mention_chain(Mentioning *m, const Node *node, unsigned place)
{
	const Atom *root = chain_root(node);
	IndexedStatement *statement = &m->index->statements[m->statement];
	bool is_bound = node->kind == NODE_NAME && ((const AstName *)node)->ctx != CONTEXT_LOAD;
	for (const Node *at = node; at->kind == NODE_ATTRIBUTE; at = ((const AstAttribute *)at)->value)
		if (load_is_dynamic_attribute(((const AstAttribute *)at)->attr->text))
			statement->taint |= TAINT_ELSEWHERE;
	if (!root)
		return false;
	if (node->kind == NODE_ATTRIBUTE && ((const AstAttribute *)node)->ctx != CONTEXT_LOAD)
		place = PLACE_STORED;
	statement->taint |= is_bound ? 0 : (uint8_t)taint_of(m->index, node, root, place);
	add_mention(m, root, kind_of(m));
	return true;
}

static void mention_call(Mentioning *m, const AstCall *call)
{
	NodeWalk *walk = &m->index->all->walk;
	const char *path = load_path(m->index, call->func);
	bool keeps = load_is_flyte(m->index, call->func) ||
				 (path && (!strcmp(path, "builtins.isinstance") || !strncmp(path, "typing.", 7)));
	walk_push(walk, call->func, PLACE_USED);
	walk_push_all(walk, &call->args, keeps ? PLACE_USED : 0);
	for (uint32_t i = 0; i < call->keywords.count; i++)
		walk_push(walk, ((const AstKeyword *)call->keywords.items[i])->value,
				  keeps ? PLACE_USED : 0);
}

/* Decorators that make tasks are left out, their arguments are not: they run. */
static void mention_decorators(Mentioning *m, const NodeList *decorators)
{
	NodeWalk *walk = &m->index->all->walk;
	for (uint32_t i = 0; i < decorators->count; i++) {
		const Node *node = decorators->items[i];
		if (!load_is_task_decorator(m->index, node))
			walk_push(walk, node, PLACE_USED);
	}
}

static void mention_definition(Mentioning *m, const Node *node)
{
	NodeWalk *walk = &m->index->all->walk;
	if (node->kind == NODE_CLASS_DEF) {
		const AstClassDef *class = (const AstClassDef *)node;
		mention_decorators(m, &class->decorator_list);
		walk_push_all(walk, &class->bases, PLACE_USED);
		for (uint32_t i = 0; i < class->keywords.count; i++)
			walk_push(walk, ((const AstKeyword *)class->keywords.items[i])->value, PLACE_USED);
		walk_push_all(walk, &class->type_params, PLACE_USED);
		walk_push_all(walk, &class->body, 0);
		return;
	}
	const AstFunctionDef *function = (const AstFunctionDef *)node;
	mention_decorators(m, &function->decorator_list);
	walk_push(walk, function->args, 0);
	if (function->returns)
		walk_push(walk, function->returns, PLACE_USED);
	walk_push_all(walk, &function->type_params, PLACE_USED);
	walk_push_all(walk, &function->body, 0);
}

/* Pushes what is below a node, each with what its place says. */
static void mention_children(Mentioning *m, const Node *node, unsigned place)
{
	NodeWalk *walk = &m->index->all->walk;
	switch (node->kind) {
	case NODE_CALL:
		mention_call(m, (const AstCall *)node);
		break;
	case NODE_SUBSCRIPT: {
		const AstSubscript *subscript = (const AstSubscript *)node;
		bool is_stored = subscript->ctx != CONTEXT_LOAD;
		walk_push(walk, subscript->value, is_stored ? PLACE_STORED : PLACE_USED);
		walk_push(walk, subscript->slice, place == PLACE_USED ? PLACE_USED : 0);
		break;
	}
	case NODE_ARG:
		if (((const AstArg *)node)->annotation)
			walk_push(walk, ((const AstArg *)node)->annotation, PLACE_USED);
		break;
	case NODE_ANN_ASSIGN: {
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		walk_push(walk, assign->target, 0);
		walk_push(walk, assign->annotation, PLACE_USED);
		if (assign->value)
			walk_push(walk, assign->value, 0);
		break;
	}
	case NODE_BIN_OP:
	case NODE_UNARY_OP:
	case NODE_COMPARE:
	case NODE_FORMATTED_VALUE:
		walk_push_children(walk, node, PLACE_USED);
		break;
	case NODE_ATTRIBUTE: { /* of what is no name; a store into it is one into what it is of */
		const AstAttribute *attribute = (const AstAttribute *)node;
		bool is_stored = attribute->ctx != CONTEXT_LOAD || place & PLACE_STORED;
		walk_push(walk, attribute->value, is_stored ? PLACE_STORED : PLACE_USED);
		break;
	}
	case NODE_TUPLE: /* dict[str, Any] */
		walk_push_children(walk, node, place == PLACE_USED ? PLACE_USED : 0);
		break;
	default:
		walk_push_children(walk, node, 0);
	}
}

static void mention_node(Mentioning *m, const Node *node, unsigned place)
{
	IndexedStatement *statement = &m->index->statements[m->statement];
	const Node *annotation = node_annotation(node);
	if (annotation)
		names_in_strings(m->index->all->d->arena, m->index->all->d->atoms, annotation,
						 mention_string_name, m);
	switch (node->kind) {
	case NODE_NAME:
	case NODE_ATTRIBUTE:
		if (!mention_chain(m, node, place))
			mention_children(m, node, place);
		return;
	case NODE_GLOBAL:
		for (uint32_t i = 0; i < ((const AstGlobal *)node)->names.count; i++) {
			if (load_is_dynamic_name(((const AstGlobal *)node)->names.items[i]->text))
				statement->taint |= TAINT_ELSEWHERE;
			add_mention(m, ((const AstGlobal *)node)->names.items[i], kind_of(m));
			add_mention(m, ((const AstGlobal *)node)->names.items[i], MENTION_BINDS);
		}
		return;
	case NODE_IMPORT:
	case NODE_IMPORT_FROM:
		mention_import(m, node);
		return;
	case NODE_CONSTANT: {
		const ConstantValue *value = &((const AstConstant *)node)->value;
		if (value->kind == CONSTANT_STR && load_is_dynamic_attribute(value->text))
			statement->taint |= TAINT_ELSEWHERE;
		return;
	}
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
	case NODE_CLASS_DEF:
		mention_definition(m, node);
		return;
	default:
		mention_children(m, node, place);
	}
}

/* What the first pass has found, as mentions. */
static void mention_bound(const Mentioning *m, const Node *top)
{
	ModuleIndex *index = m->index;
	NodeWalk *walk = &index->all->walk;
	walk_push(walk, top, 0);
	while (walk->depth) {
		const Node *node = walk->items[--walk->depth].node;
		if (node->kind == NODE_NAME && ((const AstName *)node)->ctx != CONTEXT_LOAD)
			add_mention(m, ((const AstName *)node)->id, MENTION_BINDS);
		else if (node_is_definition(node))
			add_mention(m, ((const AstFunctionDef *)node)->name, MENTION_BINDS);
		else if (node->kind == NODE_EXCEPT_HANDLER)
			add_mention(m, ((const AstExceptHandler *)node)->name, MENTION_BINDS);
		else if (node->kind == NODE_MATCH_AS)
			add_mention(m, ((const AstMatchAs *)node)->name, MENTION_BINDS);
		else if (node->kind == NODE_MATCH_STAR)
			add_mention(m, ((const AstMatchStar *)node)->name, MENTION_BINDS);
		else if (node->kind == NODE_MATCH_MAPPING)
			add_mention(m, ((const AstMatchMapping *)node)->rest, MENTION_BINDS);
		else if (node->kind == NODE_ALIAS) {
			const AstAlias *alias = (const AstAlias *)node;
			const char *name = alias->name->text;
			add_mention(m,
						alias->asname ? alias->asname
									  : atom_get(index->all->d->atoms, name,
												 *name == '*' ? 1 : strcspn(name, ".")),
						MENTION_BINDS);
		}
		if (!node_is_definition(top))
			walk_push_children(walk, node, 0);
	}
}

/* box = flyte.sandbox.create(...): it does nothing but declare. */
static bool is_flyte_statement(ModuleIndex *index, uint32_t i)
{
	const Node *node = index->body->items[i];
	const Node *value = node->kind == NODE_ASSIGN       ? ((const AstAssign *)node)->value
						: node->kind == NODE_ANN_ASSIGN ? ((const AstAnnAssign *)node)->value
						: node->kind == NODE_EXPR       ? ((const AstExpr *)node)->value
														: NULL;
	return value && value->kind == NODE_CALL && load_is_flyte(index, value) &&
		   !index->statements[i].acts && !index->statements[i].operates;
}

static bool is_task_name(ModuleIndex *index, const Node *node)
{
	const Atom *name = node->kind == NODE_NAME ? ((const AstName *)node)->id : NULL;
	const Constant *value = name ? env_lookup_own(index->env, name) : NULL;
	return value && value->sort == SORT_TASK;
}

void mention_statement(ModuleIndex *index, uint32_t i)
{
	NodeWalk *walk = &index->all->walk;
	const Node *top = index->body->items[i];
	IndexedStatement *statement = &index->statements[i];
	Mentioning m = {.index = index, .statement = i};
	bool leaves_tasks = false;
	statement->first = index->mention_count;
	if (!statement->is_main) {
		load_effects_judge(index, i);
		m.is_held = node_is_definition(top) && !statement->acts && !statement->operates;
		leaves_tasks = is_flyte_statement(index, i); /* tasks=[...] */
		mention_bound(&m, top);
		walk_push(walk, top, 0);
	}
	while (walk->depth) {
		WalkItem item = walk->items[--walk->depth];
		if (!leaves_tasks || !is_task_name(index, item.node))
			mention_node(&m, item.node, item.place);
	}
	statement->end = index->mention_count;
}
