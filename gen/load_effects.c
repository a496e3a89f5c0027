/*
 * What loading a module runs, statement by statement. Python can run code almost anywhere: not in calls alone but in
 * operators, attributes, iterations, decorators, bases of classes. Here stands what is known to run nothing of the
 * program's and to change nothing; all else counts as running.
 *
 * acts      a call, a store into an object, an iteration, a decorator, a base class that is not known to be harmless
 * operates  an operator, attribute or truth test of something that may be an object of a class of the program
 *
 * A function whose body does nothing but make and return functions (most decorators) is harmless to call.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdlib.h>
#include <string.h>

#include "module_index.h"

enum { DEEPEST_EXPRESSION = 60, DEEPEST_FUNCTION = 20 };

/* ---- what names and attributes mean ---- */

static const char *chain_path(ModuleIndex *index, const Node *node, unsigned depth)
{
	Arena *arena = index->all->d->arena;
	if (node->kind == NODE_ATTRIBUTE && depth < DEEPEST_EXPRESSION) {
		const AstAttribute *attribute = (const AstAttribute *)node;
		const char *outer = chain_path(index, attribute->value, depth + 1);
		return outer ? arena_format(arena, "%s.%s", outer, attribute->attr->text) : NULL;
	}
	if (node->kind != NODE_NAME)
		return NULL;
	const Atom *name = ((const AstName *)node)->id;
	const IndexedName *found = module_index_name(index, name);
	if (found && found->is_shadowed)
		return NULL;
	bool is_starred = index->has_beside_star && is_starred_name(index->all, name);
	if (found && found->binders)
		return found->only_imports && !is_starred ? found->path : NULL;
	return is_starred || env_lookup_own(index->env, name) || index->env->has_star
			   ? NULL
			   : arena_format(arena, "builtins.%s", name->text);
}

const char *load_path(ModuleIndex *index, const Node *node)
{
	return chain_path(index, node, 0);
}

/* What the compiler has found a name to be, where one statement alone decides it. */
static const Constant *name_value(ModuleIndex *index, const Atom *name)
{
	const IndexedName *found = module_index_name(index, name);
	if (found && (found->is_shadowed || (found->binders > 1 && !found->only_imports)))
		return NULL;
	return env_lookup_own(index->env, name);
}

/* Of a name, or of an attribute of a module beside the file. NULL: not known. */
static const Constant *value_of(ModuleIndex *index, const Node *node)
{
	if (node->kind == NODE_NAME)
		return name_value(index, ((const AstName *)node)->id);
	if (node->kind != NODE_ATTRIBUTE)
		return NULL;
	const AstAttribute *attribute = (const AstAttribute *)node;
	if (attribute->value->kind != NODE_NAME)
		return NULL;
	const Constant *outer = name_value(index, ((const AstName *)attribute->value)->id);
	return outer && outer->sort == SORT_MODULE ? env_lookup_own(outer->object, attribute->attr)
											   : NULL;
}

static bool is_flyte_value(const Constant *value)
{
	switch (value ? value->sort : SORT_UNKNOWN) {
	case SORT_ENVIRONMENT:
	case SORT_SANDBOX:
		return true;
	case SORT_SYMBOL:
	case SORT_OBJECT:
		return !strncmp(value->text, "flyte.", 6) && !load_is_running_path(value->text);
	default:
		return false;
	}
}

bool load_is_flyte(ModuleIndex *index, const Node *node)
{
	for (;;) {
		const char *path = load_path(index, node);
		if (path)
			return (!strcmp(path, "flyte") || !strncmp(path, "flyte.", 6)) &&
				   !load_is_running_path(path);
		if (is_flyte_value(value_of(index, node)))
			return true;
		if (node->kind == NODE_CALL)
			node = ((const AstCall *)node)->func;
		else if (node->kind == NODE_ATTRIBUTE)
			node = ((const AstAttribute *)node)->value;
		else
			return false;
	}
}

bool load_is_plain_import(ModuleIndex *index, const Atom *name, bool is_used)
{
	const Constant *value = name_value(index, name);
	return value && (value->sort <= SORT_BYTES || (is_used && is_flyte_value(value)));
}

static ModuleIndex *index_of(ModuleIndexes *all, const ModuleEnv *env)
{
	for (uint32_t i = 0; i < all->count; i++)
		if (all->items[i] && all->items[i]->env == env)
			return all->items[i];
	return NULL;
}

static bool is_quiet_callee(ModuleIndex *index, const Node *node, unsigned levels, unsigned depth);

/* A class of the program whose creation, and that of classes derived from it, runs nothing. Modules are judged after those
 * that they import, statements in their order: one that is not judged yet is not held. */
static bool is_held_class(ModuleIndex *index, const Constant *value)
{
	if (!value || value->sort != SORT_CLASS || !value->home->parent)
		return false;
	ModuleIndex *home = index_of(index->all, value->home->parent);
	const IndexedName *name =
		home ? module_index_name(home, ((const AstClassDef *)value->node)->name) : NULL;
	if (!name || name->binders != 1 || home->body->items[name->binder] != value->node)
		return false;
	return home->statements[name->binder].is_held;
}

/* ---- functions that only make functions ---- */

static bool is_local_name(ModuleIndexes *all, const Node *function, const Atom *name)
{
	NodeWalk *walk = &all->walk;
	uint32_t bottom = walk->depth;
	bool found = false;
	walk_push_children(walk, function, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		found |= node->kind == NODE_ARG && ((const AstArg *)node)->arg == name;
		found |= node->kind == NODE_NAME && ((const AstName *)node)->id == name &&
				 ((const AstName *)node)->ctx != CONTEXT_LOAD;
		found |= node_is_definition(node) && ((const AstFunctionDef *)node)->name == name;
		found |= node->kind == NODE_IMPORT || node->kind == NODE_IMPORT_FROM;
		walk_push_children(walk, node, 0);
	}
	return found;
}

static const Node *root_of(const Node *node)
{
	for (;;) {
		if (node->kind == NODE_CALL)
			node = ((const AstCall *)node)->func;
		else if (node->kind == NODE_ATTRIBUTE)
			node = ((const AstAttribute *)node)->value;
		else if (node->kind == NODE_SUBSCRIPT)
			node = ((const AstSubscript *)node)->value;
		else
			return node;
	}
}

static bool is_trivial(const Node *node)
{
	return !node || node->kind == NODE_NAME || node->kind == NODE_CONSTANT;
}

static bool is_plain(ModuleIndex *index, const Node *node, unsigned depth);

static bool is_plain_annotation(ModuleIndex *index, const Node *annotation)
{
	NodeWalk *walk = &index->all->walk;
	uint32_t bottom = walk->depth;
	bool is_good = true;
	walk_push(walk, annotation, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		bool is_operator = node->kind == NODE_SUBSCRIPT || node->kind == NODE_ATTRIBUTE ||
						   node->kind == NODE_BIN_OP;
		bool is_list = node->kind == NODE_TUPLE || node->kind == NODE_LIST;
		is_good &= is_trivial(node) || is_list || (is_operator && is_plain(index, node, 0));
		walk_push_children(walk, node, 0);
	}
	return is_good;
}

/* Local names among them mean what they mean outside, or are names of types. */
static bool has_plain_annotations(ModuleIndex *index, const AstFunctionDef *function)
{
	const AstArguments *arguments = (const AstArguments *)function->args;
	const NodeList *lists[] = {&arguments->posonlyargs, &arguments->args, &arguments->kwonlyargs};
	const Node *stars[] = {arguments->vararg, arguments->kwarg};
	if (function->returns && !is_plain_annotation(index, function->returns))
		return false;
	for (size_t k = 0; k < 3; k++)
		for (uint32_t i = 0; i < lists[k]->count; i++) {
			const Node *annotation = node_annotation(lists[k]->items[i]);
			if (annotation && !is_plain_annotation(index, annotation))
				return false;
		}
	for (size_t k = 0; k < 2; k++)
		if (stars[k] && node_annotation(stars[k]) &&
			!is_plain_annotation(index, node_annotation(stars[k])))
			return false;
	return true;
}

static bool has_trivial_header(ModuleIndex *index, const AstFunctionDef *function)
{
	const AstArguments *arguments = (const AstArguments *)function->args;
	if (!index->has_lazy_annotations && !has_plain_annotations(index, function))
		return false;
	for (uint32_t i = 0; i < arguments->defaults.count; i++)
		if (!is_trivial(arguments->defaults.items[i]))
			return false;
	for (uint32_t i = 0; i < arguments->kw_defaults.count; i++)
		if (!is_trivial(arguments->kw_defaults.items[i]))
			return false;
	return true;
}

static bool is_quiet_body(ModuleIndex *index, const AstFunctionDef *outer, const NodeList *body,
						  unsigned levels, unsigned depth);

/* A function inside `outer`: it is made, and called only where there is one more level. */
static bool is_quiet_inner(ModuleIndex *index, const AstFunctionDef *outer,
						   const AstFunctionDef *inner, unsigned levels, unsigned depth)
{
	for (uint32_t i = 0; i < inner->decorator_list.count; i++) {
		const Node *decorator = inner->decorator_list.items[i], *root = root_of(decorator);
		if (root->kind != NODE_NAME ||
			is_local_name(index->all, &outer->base, ((const AstName *)root)->id) ||
			!is_quiet_callee(index, decorator, 1, depth + 1))
			return false;
		if (decorator->kind == NODE_CALL)
			for (uint32_t k = 0; k < ((const AstCall *)decorator)->args.count; k++)
				if (!is_trivial(((const AstCall *)decorator)->args.items[k]))
					return false;
	}
	return has_trivial_header(index, inner) &&
		   (levels < 2 || is_quiet_body(index, outer, &inner->body, levels - 1, depth + 1));
}

static bool is_quiet_statement(ModuleIndex *index, const AstFunctionDef *outer, const Node *node,
							   unsigned levels, unsigned depth)
{
	switch (node->kind) {
	case NODE_PASS:
		return true;
	case NODE_EXPR:
		return ((const AstExpr *)node)->value->kind == NODE_CONSTANT;
	case NODE_RETURN:
		return is_trivial(((const AstReturn *)node)->value);
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		return is_quiet_inner(index, outer, (const AstFunctionDef *)node, levels, depth);
	default:
		return false;
	}
}

static bool is_quiet_body(ModuleIndex *index, const AstFunctionDef *outer, const NodeList *body,
						  unsigned levels, unsigned depth)
{
	for (uint32_t i = 0; i < body->count; i++)
		if (depth > DEEPEST_FUNCTION ||
			!is_quiet_statement(index, outer, body->items[i], levels, depth))
			return false;
	return true;
}

static bool is_quiet_function(ModuleIndex *index, const Constant *value, unsigned levels,
							  unsigned depth)
{
	ModuleIndex *home = index_of(index->all, value->home);
	const AstFunctionDef *function = (const AstFunctionDef *)value->node;
	const IndexedName *name = home ? module_index_name(home, function->name) : NULL;
	if (!name || name->binders != 1 || home->body->items[name->binder] != value->node)
		return false;
	for (uint32_t i = 0; i < function->decorator_list.count; i++)
		if (!is_quiet_callee(home, function->decorator_list.items[i], 1, depth + 1))
			return false;
	return is_quiet_body(home, function, &function->body, levels, depth);
}

/* `levels`: how often it is called in a row: 1 f(x), 2 f(x)(y). */
static bool is_quiet_callee(ModuleIndex *index, const Node *node, unsigned levels, unsigned depth)
{
	if (depth > DEEPEST_FUNCTION)
		return false;
	if (load_is_flyte(index, node))
		return true;
	if (node->kind == NODE_CALL)
		return is_quiet_callee(index, ((const AstCall *)node)->func, levels + 1, depth + 1);
	if (node->kind == NODE_SUBSCRIPT) /* Generic[T] */
		return is_quiet_callee(index, ((const AstSubscript *)node)->value, levels, depth + 1);
	const char *path = load_path(index, node);
	if (path)
		return load_is_quiet_path(path);
	const Constant *value = value_of(index, node);
	return value && value->sort == SORT_FUNCTION &&
		   is_quiet_function(index, value, levels, depth + 1);
}

/* ---- expressions ---- */

static bool are_plain(ModuleIndex *index, const NodeList *nodes, unsigned depth);

/* T = TypeVar("T"): the compiler knows no more of it than that call. */
static bool is_type_variable(ModuleIndex *index, const Constant *value)
{
	if (!value || value->sort != SORT_UNKNOWN || value->source != index->env->source ||
		!value->node || value->node->kind != NODE_CALL)
		return false;
	const char *path = load_path(index, ((const AstCall *)value->node)->func);
	return path && (!strcmp(path, "typing.TypeVar") || !strcmp(path, "typing.ParamSpec"));
}

/* Operators, iterations and truth tests of its value run nothing of the program's. */
static bool is_plain(ModuleIndex *index, const Node *node, unsigned depth)
{
	if (depth > DEEPEST_EXPRESSION)
		return false;
	switch (node->kind) {
	case NODE_CONSTANT:
	case NODE_JOINED_STR:
	case NODE_LAMBDA:
		return true;
	case NODE_TUPLE:
	case NODE_LIST:
	case NODE_SET:
		return are_plain(index, &((const AstTuple *)node)->elts, depth + 1);
	case NODE_DICT:
		return are_plain(index, &((const AstDict *)node)->keys, depth + 1) &&
			   are_plain(index, &((const AstDict *)node)->values, depth + 1);
	case NODE_UNARY_OP:
		return is_plain(index, ((const AstUnaryOp *)node)->operand, depth + 1);
	case NODE_BIN_OP:
		return is_plain(index, ((const AstBinOp *)node)->left, depth + 1) &&
			   is_plain(index, ((const AstBinOp *)node)->right, depth + 1);
	case NODE_COMPARE:
		return is_plain(index, ((const AstCompare *)node)->left, depth + 1) &&
			   are_plain(index, &((const AstCompare *)node)->comparators, depth + 1);
	case NODE_BOOL_OP:
		return are_plain(index, &((const AstBoolOp *)node)->values, depth + 1);
	case NODE_SUBSCRIPT:
		return is_plain(index, ((const AstSubscript *)node)->value, depth + 1);
	case NODE_CALL: {
		const char *path = load_path(index, ((const AstCall *)node)->func);
		return load_is_flyte(index, node) || (path && load_is_quiet_path(path));
	}
	case NODE_NAME:
	case NODE_ATTRIBUTE: {
		const Constant *value = value_of(index, node);
		if (load_path(index, node) || load_is_flyte(index, node) || is_held_class(index, value))
			return true;
		if (is_type_variable(index, value))
			return true;
		if (value && (constant_is_value(value) || value->sort == SORT_SYMBOL ||
					  value->sort == SORT_TYPE || value->sort == SORT_MODULE))
			return true;
		if (node->kind == NODE_NAME)
			return false;
		value = value_of(index, ((const AstAttribute *)node)->value);
		return is_held_class(index, value) || is_type_variable(index, value);
	}
	default:
		return false;
	}
}

static bool are_plain(ModuleIndex *index, const NodeList *nodes, unsigned depth)
{
	for (uint32_t i = 0; i < nodes->count; i++)
		if (nodes->items[i] && !is_plain(index, nodes->items[i], depth))
			return false;
	return true;
}

/* ---- judging ---- */

enum { IN_CLASS = 1 }; /* the place of what stands in the body of a class */

typedef struct Judge {
	ModuleIndex *index;
	bool acts, operates;
} Judge;

/* @value.setter */
static bool is_property_part(const Node *node)
{
	const char *attr = node->kind == NODE_ATTRIBUTE ? ((const AstAttribute *)node)->attr->text : "";
	return (!strcmp(attr, "setter") || !strcmp(attr, "getter") || !strcmp(attr, "deleter")) &&
		   ((const AstAttribute *)node)->value->kind == NODE_NAME;
}

static void judge_arguments(Judge *judge, const Node *node)
{
	NodeWalk *walk = &judge->index->all->walk;
	const AstCall *call = (const AstCall *)node;
	if (node->kind != NODE_CALL)
		return;
	walk_push_all(walk, &call->args, 0);
	walk_push_all(walk, &call->keywords, 0);
}

static void judge_decorators(Judge *judge, const NodeList *decorators)
{
	for (uint32_t i = 0; i < decorators->count; i++) {
		const Node *node = decorators->items[i];
		bool is_quiet = is_property_part(node) || load_is_task_decorator(judge->index, node) ||
						is_quiet_callee(judge->index, node, 1, 0);
		judge->acts |= !is_quiet;
		judge_arguments(judge, node);
	}
}

static void judge_class(Judge *judge, const AstClassDef *class)
{
	judge_decorators(judge, &class->decorator_list);
	for (uint32_t i = 0; i < class->bases.count; i++) {
		const Node *base = class->bases.items[i];
		if (!is_quiet_callee(judge->index, base, 1, 0) &&
			!is_held_class(judge->index, value_of(judge->index, base)))
			judge->acts = true;
	}
	for (uint32_t i = 0; i < class->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)class->keywords.items[i];
		bool is_constant = keyword->value->kind == NODE_CONSTANT;
		judge->acts |= !is_constant && !is_quiet_callee(judge->index, keyword->value, 1, 0);
	}
	walk_push_all(&judge->index->all->walk, &class->body, IN_CLASS);
}

static void judge_function(Judge *judge, const AstFunctionDef *function)
{
	NodeWalk *walk = &judge->index->all->walk;
	judge_decorators(judge, &function->decorator_list);
	walk_push(walk, function->args, 0);
	if (function->returns && !judge->index->has_lazy_annotations)
		walk_push(walk, function->returns, 0);
}

static void judge_call(Judge *judge, const AstCall *call)
{
	const char *path = load_path(judge->index, call->func);
	NodeWalk *walk = &judge->index->all->walk;
	if (!is_quiet_callee(judge->index, call->func, 1, 0))
		judge->acts = true;
	else if (path && !load_is_keeping_path(path)) /* str(x) */
		judge->operates |= !are_plain(judge->index, &call->args, 0) || call->keywords.count;
	if (call->func->kind == NODE_ATTRIBUTE || call->func->kind == NODE_CALL)
		walk_push(walk, call->func, 0);
	judge_arguments(judge, &call->base);
}

/* The operands of an operator, the test of a branch, what is iterated over. NULL: none. */
static const Node *tested(const Node *node)
{
	switch (node->kind) {
	case NODE_IF:
		return ((const AstIf *)node)->test;
	case NODE_WHILE:
		return ((const AstWhile *)node)->test;
	case NODE_IF_EXP:
		return ((const AstIfExp *)node)->test;
	case NODE_ASSERT:
		return ((const AstAssert *)node)->test;
	case NODE_MATCH:
		return ((const AstMatch *)node)->subject;
	case NODE_FORMATTED_VALUE:
		return ((const AstFormattedValue *)node)->value;
	case NODE_STARRED:
		return ((const AstStarred *)node)->value;
	case NODE_UNARY_OP:
	case NODE_BIN_OP:
	case NODE_COMPARE:
	case NODE_BOOL_OP:
		return node;
	case NODE_ASSIGN: {
		const AstAssign *assign = (const AstAssign *)node;
		for (uint32_t i = 0; i < assign->targets.count; i++)
			if (assign->targets.items[i]->kind != NODE_NAME)
				return assign->value;
		return NULL;
	}
	default:
		return NULL;
	}
}

static bool is_stored(ExprContext context)
{
	return context != CONTEXT_LOAD;
}

/* What the body of a class binds may have a __set_name__. */
static bool is_nameless(ModuleIndex *index, const Node *node)
{
	const Node *value = node->kind == NODE_ASSIGN       ? ((const AstAssign *)node)->value
						: node->kind == NODE_ANN_ASSIGN ? ((const AstAnnAssign *)node)->value
														: NULL;
	if (node->kind == NODE_IMPORT || node->kind == NODE_IMPORT_FROM ||
		node->kind == NODE_NAMED_EXPR)
		return false;
	const Constant *known = value ? value_of(index, value) : NULL;
	return !value || (known && known->sort == SORT_FUNCTION) || is_plain(index, value, 0);
}

static void judge_node(Judge *judge, const Node *node, unsigned place)
{
	ModuleIndex *index = judge->index;
	NodeWalk *walk = &index->all->walk;
	const Node *operand = tested(node);
	if (operand)
		judge->operates |= !is_plain(index, operand, 0);
	if (place == IN_CLASS)
		judge->operates |= !is_nameless(index, node);
	switch (node->kind) {
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		judge_function(judge, (const AstFunctionDef *)node);
		return;
	case NODE_CLASS_DEF:
		judge_class(judge, (const AstClassDef *)node);
		return;
	case NODE_LAMBDA:
		walk_push(walk, ((const AstLambda *)node)->args, 0);
		return;
	case NODE_CALL:
		judge_call(judge, (const AstCall *)node);
		return;
	case NODE_ARG:
		if (!index->has_lazy_annotations)
			walk_push_children(walk, node, 0);
		return;
	case NODE_ANN_ASSIGN:
		if (index->has_lazy_annotations) {
			const AstAnnAssign *assign = (const AstAnnAssign *)node;
			walk_push(walk, assign->target, 0);
			if (assign->value)
				walk_push(walk, assign->value, 0);
			return;
		}
		break;
	case NODE_ATTRIBUTE:
		judge->acts |= is_stored(((const AstAttribute *)node)->ctx);
		judge->operates |= !is_plain(index, node, 0);
		break;
	case NODE_SUBSCRIPT:
		judge->acts |= is_stored(((const AstSubscript *)node)->ctx);
		judge->operates |= !is_plain(index, node, 0);
		break;
	case NODE_DICT:
		judge->operates |= !are_plain(index, &((const AstDict *)node)->keys, 0);
		break;
	case NODE_SET:
		judge->operates |= !are_plain(index, &((const AstSet *)node)->elts, 0);
		break;
	case NODE_FOR:
		judge->acts |= !is_plain(index, ((const AstFor *)node)->iter, 0);
		break;
	case NODE_COMPREHENSION:
		judge->acts |= !is_plain(index, ((const AstComprehension *)node)->iter, 0);
		break;
	case NODE_AUG_ASSIGN:
	case NODE_ASYNC_FOR:
	case NODE_WITH:
	case NODE_ASYNC_WITH:
	case NODE_AWAIT:
	case NODE_YIELD:
	case NODE_YIELD_FROM:
	case NODE_RAISE:
		judge->acts = true;
		break;
	default:
		break;
	}
	walk_push_children(walk, node, place);
}

static void judge_walk(Judge *judge, uint32_t bottom)
{
	NodeWalk *walk = &judge->index->all->walk;
	while (walk->depth > bottom) {
		WalkItem item = walk->items[--walk->depth];
		judge_node(judge, item.node, item.place);
	}
}

static bool is_hook(const Atom *name)
{
	return !strcmp(name->text, "__init_subclass__") || !strcmp(name->text, "__class_getitem__");
}

/* Does the class say what happens when another is derived from it? */
static bool has_hook(NodeWalk *walk, const Node *class)
{
	uint32_t bottom = walk->depth;
	bool found = false;
	walk_push(walk, class, 0);
	while (walk->depth > bottom) {
		const Node *node = walk->items[--walk->depth].node;
		found |= node_is_definition(node) && is_hook(((const AstFunctionDef *)node)->name);
		found |= node->kind == NODE_NAME && is_hook(((const AstName *)node)->id);
		walk_push_children(walk, node, 0);
	}
	return found;
}

void load_effects_judge(ModuleIndex *index, uint32_t statement)
{
	IndexedStatement *result = &index->statements[statement];
	const Node *node = index->body->items[statement];
	NodeWalk *walk = &index->all->walk;
	Judge judge = {.index = index};
	uint32_t bottom = walk->depth;
	walk_push(walk, node, 0);
	judge_walk(&judge, bottom);
	result->acts = judge.acts;
	result->operates = judge.operates;
	result->is_held =
		node->kind == NODE_CLASS_DEF && !judge.acts && !judge.operates && !has_hook(walk, node);
}

bool load_is_task_decorator(ModuleIndex *index, const Node *decorator)
{
	Judge judge = {.index = index};
	uint32_t bottom = index->all->walk.depth;
	const Node *node =
		decorator->kind == NODE_CALL ? ((const AstCall *)decorator)->func : decorator;
	const char *path = load_path(index, node);
	const char *last = node->kind == NODE_ATTRIBUTE ? ((const AstAttribute *)node)->attr->text : "";
	bool is_named =
		!strcmp(last, "task") || !strcmp(last, "orchestrator") || !strcmp(last, "trace");
	bool is_trace = path && !strcmp(path, "flyte.trace");
	/* an environment of an installed package is taken for one */
	bool is_elsewhere = path && strncmp(path, "builtins.", 9) != 0;
	if (!is_trace && !(is_named && (is_elsewhere || load_is_flyte(index, node))))
		return false;
	judge_arguments(&judge, decorator);
	judge_walk(&judge, bottom);
	return !judge.acts && !judge.operates;
}
