/*
 * Python's scopes. A first walk makes the scopes and finds what each of them binds; a second one resolves every name,
 * inside out, and notes which variables inner functions capture. Comprehensions are scopes of their own but are
 * compiled in place: what they read of the function around them is not captured.
 *
 * Annotations inside an orchestrator are never evaluated, so names in them mean nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "scope.h"

#include <string.h>

#include "sbx.h"

typedef struct Walk {
	Arena *arena;
	Checked *checked;
	Scope *scope;
	uint32_t depth;
	const Node *deepest;
	bool resolving; /* the second walk */
	uint32_t scope_capacity;
} Walk;

static void walk(Walk *w, const Node *node);

/* ---- scopes and variables ---- */

static void *grown(Arena *arena, void *items, uint32_t count, size_t size)
{
	if (count & (count - 1))
		return items; /* grows at powers of two */
	void *wider = arena_alloc(arena, (size_t)(count ? count * 2 : 1) * size);
	if (count)
		memcpy(wider, items, count * size);
	return wider;
}

Scope *scope_function(Scope *scope)
{
	while (scope->kind == SCOPE_COMPREHENSION)
		scope = scope->parent;
	return scope;
}

NodeList scope_body(const Scope *scope)
{
	switch (scope->node->kind) {
	case NODE_MODULE:
		return ((const AstModule *)scope->node)->body;
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		return ((const AstFunctionDef *)scope->node)->body;
	case NODE_LAMBDA:
		return (NodeList){&((AstLambda *)scope->node)->body, 1};
	default:
		return (NodeList){NULL, 0};
	}
}

static Variable *find_own(const Scope *scope, const Atom *name)
{
	for (uint32_t at = name->hash; scope->by_name; at++) {
		Variable *variable = scope->by_name[at & scope->name_mask];
		if (!variable || variable->name == name)
			return variable;
	}
	return NULL;
}

static void enter_name(Scope *scope, Variable *variable)
{
	uint32_t at = variable->name->hash;
	while (scope->by_name[at & scope->name_mask])
		at++;
	scope->by_name[at & scope->name_mask] = variable;
}

static void add_variable(Walk *w, Scope *scope, Variable *variable)
{
	scope->variables =
		grown(w->arena, scope->variables, scope->variable_count, sizeof *scope->variables);
	scope->variables[scope->variable_count++] = variable;
	if (!scope->by_name || scope->variable_count > scope->name_mask / 2) {
		scope->name_mask = scope->by_name ? scope->name_mask * 2 + 1 : 7;
		scope->by_name = ARENA_ARRAY(w->arena, Variable *, scope->name_mask + 1);
		for (uint32_t i = 0; i < scope->variable_count; i++)
			enter_name(scope, scope->variables[i]);
	} else {
		enter_name(scope, variable);
	}
}

static Variable *bind(Walk *w, Scope *scope, const Atom *name)
{
	Variable *variable = find_own(scope, name);
	if (!variable) {
		variable = ARENA_NEW(w->arena, Variable);
		variable->name = name;
		variable->scope = scope;
		variable->index = scope->variable_count;
		variable->type = type_simple(w->checked->declarations->types, TYPE_ANY);
		add_variable(w, scope, variable);
	}
	variable->assignments++;
	return variable;
}

static const char *qualified_name(Walk *w, const Scope *parent, const char *name)
{
	if (!parent || parent->kind == SCOPE_MODULE)
		return name;
	/* CPython 3.11 counts locals of functions, lambdas among them, but not of comprehensions */
	bool has_locals = parent->kind == SCOPE_FUNCTION || parent->kind == SCOPE_LAMBDA;
	return arena_format(w->arena, has_locals ? "%s.<locals>.%s" : "%s.%s", parent->qualified, name);
}

static Scope *new_scope(Walk *w, ScopeKind kind, const Node *node, const char *name)
{
	Checked *checked = w->checked;
	Scope *scope = ARENA_NEW(w->arena, Scope);
	scope->kind = kind;
	scope->node = node;
	scope->parent = w->scope;
	scope->name = name;
	scope->qualified = qualified_name(w, w->scope, name);
	scope->index = checked->scope_count;
	scope->result = type_simple(checked->declarations->types, TYPE_ANY);
	checked->scopes =
		grown(w->arena, checked->scopes, checked->scope_count, sizeof *checked->scopes);
	checked->scopes[checked->scope_count++] = scope;
	checked->node_scopes[node->id] = scope;
	if (w->scope) {
		Scope *parent = w->scope;
		parent->children =
			grown(w->arena, parent->children, parent->child_count, sizeof *parent->children);
		parent->children[parent->child_count++] = scope;
	}
	return scope;
}

/* ---- binding: targets and parameters ---- */

static void bind_target(Walk *w, const Node *target, bool iteration)
{
	if (!target)
		return;
	if (target->kind == NODE_NAME) {
		Variable *variable = bind(w, w->scope, ((const AstName *)target)->id);
		variable->is_iteration |= iteration;
	} else if (target->kind == NODE_TUPLE || target->kind == NODE_LIST) {
		const AstTuple *tuple = (const AstTuple *)target;
		for (uint32_t i = 0; i < tuple->elts.count; i++)
			bind_target(w, tuple->elts.items[i], iteration);
	} else if (target->kind == NODE_STARRED) {
		bind_target(w, ((const AstStarred *)target)->value, iteration);
	}
}

/* Nobody knows what a refused statement binds its targets to. */
static void set_opaque(Walk *w, const Node *target)
{
	Variable *variable = NULL;
	if (!target)
		return;
	if (target->kind == NODE_NAME)
		variable = find_own(w->scope, ((const AstName *)target)->id);
	if (target->kind == NODE_TUPLE || target->kind == NODE_LIST)
		for (uint32_t i = 0; i < ((const AstTuple *)target)->elts.count; i++)
			set_opaque(w, ((const AstTuple *)target)->elts.items[i]);
	if (variable)
		variable->is_opaque = true;
}

static void bind_parameter(Walk *w, const Node *node)
{
	if (node)
		bind(w, w->scope, ((const AstArg *)node)->arg)->is_parameter = true;
}

static void bind_parameters(Walk *w, const AstArguments *arguments)
{
	for (uint32_t i = 0; i < arguments->posonlyargs.count; i++)
		bind_parameter(w, arguments->posonlyargs.items[i]);
	for (uint32_t i = 0; i < arguments->args.count; i++)
		bind_parameter(w, arguments->args.items[i]);
	bind_parameter(w, arguments->vararg);
	for (uint32_t i = 0; i < arguments->kwonlyargs.count; i++)
		bind_parameter(w, arguments->kwonlyargs.items[i]);
	bind_parameter(w, arguments->kwarg);
}

/* ---- resolving ---- */

static void add_free(Walk *w, Scope *scope, Variable *variable)
{
	for (uint32_t i = 0; i < scope->free_count; i++)
		if (scope->free[i] == variable)
			return;
	scope->free = grown(w->arena, scope->free, scope->free_count, sizeof *scope->free);
	scope->free[scope->free_count++] = variable;
}

/* What a name means where no variable has it. */
static NameInfo outside(const Walk *w, const Atom *name)
{
	const EntryDecl *entry = w->checked->entry;
	NameInfo info = {.use = NAME_NONE};
	for (uint32_t i = 0; i < entry->task_count; i++) {
		if (entry->tasks[i].name == name) {
			info.use = NAME_TASK;
			info.task = entry->tasks[i].task;
			info.by_run = entry->tasks[i].by_run;
			return info;
		}
	}
	if (strcmp(name->text, "flyte_map") == 0) {
		info.use = NAME_FLYTE_MAP;
		return info;
	}
	const char *canonical;
	int kind = sbx_name_kind(name->text, &canonical);
	info.use = kind == 1 ? NAME_BUILTIN : kind == 2 ? NAME_TYPE : NAME_NONE;
	info.text = kind ? canonical : NULL;
	return info;
}

static NameInfo resolve(Walk *w, const Atom *name)
{
	for (Scope *scope = w->scope; scope; scope = scope->parent) {
		Variable *variable = find_own(scope, name);
		if (!variable)
			continue;
		Scope *here = scope_function(w->scope), *home = scope_function(scope);
		variable->is_captured |= here != home;
		for (Scope *s = w->scope; s != scope; s = s->parent)
			add_free(w, s, variable);
		return (NameInfo){.use = NAME_VARIABLE, .variable = variable};
	}
	return outside(w, name);
}

/* ---- both walks ---- */

static void walk_list(Walk *w, NodeList list)
{
	for (uint32_t i = 0; i < list.count; i++)
		if (list.items[i])
			walk(w, list.items[i]);
}

static Scope *enter(Walk *w, ScopeKind kind, const Node *node, const char *name)
{
	return w->resolving ? w->checked->node_scopes[node->id] : new_scope(w, kind, node, name);
}

static void walk_defaults(Walk *w, const AstArguments *arguments)
{
	walk_list(w, arguments->defaults);
	walk_list(w, arguments->kw_defaults);
}

static void walk_function(Walk *w, const AstFunctionDef *def)
{
	Scope *outer = w->scope;
	walk_list(w, def->decorator_list);
	walk_defaults(w, (const AstArguments *)def->args);
	if (w->resolving) {
		w->checked->def_variables[def->base.id] = resolve(w, def->name).variable;
	} else {
		bind(w, outer, def->name);
	}
	w->scope = enter(w, SCOPE_FUNCTION, &def->base, def->name->text);
	w->scope->is_async = def->base.kind == NODE_ASYNC_FUNCTION_DEF;
	if (!w->resolving)
		bind_parameters(w, (const AstArguments *)def->args);
	walk_list(w, def->body);
	w->scope = outer;
}

static void walk_lambda(Walk *w, const AstLambda *lambda)
{
	Scope *outer = w->scope;
	walk_defaults(w, (const AstArguments *)lambda->args);
	w->scope = enter(w, SCOPE_LAMBDA, &lambda->base, "<lambda>");
	if (!w->resolving)
		bind_parameters(w, (const AstArguments *)lambda->args);
	walk(w, lambda->body);
	w->scope = outer;
}

/* [element for target in iter if ...]: the first iterable belongs to the scope around. */
static void walk_comprehension(Walk *w, const Node *node, NodeList generators, const Node *first,
							   const Node *second)
{
	static const struct {
		NodeKind kind;
		const char *name;
	} NAMES[] = {{NODE_LIST_COMP, "<listcomp>"},
				 {NODE_SET_COMP, "<setcomp>"},
				 {NODE_DICT_COMP, "<dictcomp>"},
				 {NODE_GENERATOR_EXP, "<genexpr>"}};
	const char *name = "";
	for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
		if (NAMES[i].kind == (NodeKind)node->kind)
			name = NAMES[i].name;
	Scope *outer = w->scope;
	if (generators.count)
		walk(w, ((const AstComprehension *)generators.items[0])->iter);
	w->scope = enter(w, node->kind == NODE_GENERATOR_EXP ? SCOPE_GENERATOR : SCOPE_COMPREHENSION,
					 node, name);
	for (uint32_t i = 0; i < generators.count; i++) {
		const AstComprehension *part = (const AstComprehension *)generators.items[i];
		if (i > 0)
			walk(w, part->iter);
		if (!w->resolving)
			bind_target(w, part->target, true);
		walk(w, part->target);
		walk_list(w, part->ifs);
	}
	walk(w, first);
	if (second)
		walk(w, second);
	w->scope = outer;
}

/* The scope in which := binds: the function around the comprehensions. */
static void walk_walrus(Walk *w, const AstNamedExpr *named)
{
	walk(w, named->value);
	if (!w->resolving) {
		Scope *scope = w->scope;
		w->scope = scope_function(scope);
		bind_target(w, named->target, false);
		w->scope = scope;
	}
	walk(w, named->target);
}

static void bind_imports(Walk *w, NodeList names)
{
	for (uint32_t i = 0; i < names.count && !w->resolving; i++) {
		const AstAlias *alias = (const AstAlias *)names.items[i];
		const char *dot = memchr(alias->name->text, '.', alias->name->length);
		const Atom *name = alias->asname ? alias->asname : alias->name;
		if (dot && !alias->asname) /* import os.path binds os */
			name =
				atom_get(w->checked->declarations->atoms, name->text, (size_t)(dot - name->text));
		bind(w, w->scope, name)->is_opaque = true;
	}
}

static void visit_child(void *context, Node *child)
{
	walk(context, child);
}

/* Statements and expressions that bind names or open scopes; everything else is walked through. */
static bool walk_special(Walk *w, const Node *node)
{
	switch (node->kind) {
	case NODE_FUNCTION_DEF:
	case NODE_ASYNC_FUNCTION_DEF:
		walk_function(w, (const AstFunctionDef *)node);
		return true;
	case NODE_LAMBDA:
		walk_lambda(w, (const AstLambda *)node);
		return true;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP: {
		const AstListComp *comp = (const AstListComp *)node;
		walk_comprehension(w, node, comp->generators, comp->elt, NULL);
		return true;
	}
	case NODE_DICT_COMP: {
		const AstDictComp *comp = (const AstDictComp *)node;
		walk_comprehension(w, node, comp->generators, comp->key, comp->value);
		return true;
	}
	case NODE_NAMED_EXPR:
		walk_walrus(w, (const AstNamedExpr *)node);
		return true;
	case NODE_CLASS_DEF: /* refused elsewhere: its body is no part of the program */
		if (!w->resolving)
			bind(w, w->scope, ((const AstClassDef *)node)->name)->is_opaque = true;
		return true;
	case NODE_ANN_ASSIGN: {
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		if (assign->value)
			walk(w, assign->value);
		if (!w->resolving)
			bind_target(w, assign->target, false);
		if (!assign->value && !w->resolving && assign->target->kind == NODE_NAME)
			find_own(w->scope, ((const AstName *)assign->target)->id)->assignments--;
		walk(w, assign->target);
		return true;
	}
	default:
		return false;
	}
}

static void bind_plain(Walk *w, const Node *node)
{
	switch (node->kind) {
	case NODE_ASSIGN: {
		const AstAssign *assign = (const AstAssign *)node;
		for (uint32_t i = 0; i < assign->targets.count; i++)
			bind_target(w, assign->targets.items[i], false);
		break;
	}
	case NODE_AUG_ASSIGN:
		bind_target(w, ((const AstAugAssign *)node)->target, false);
		break;
	case NODE_FOR:
	case NODE_ASYNC_FOR:
		bind_target(w, ((const AstFor *)node)->target, true);
		break;
	case NODE_WITHITEM:
		bind_target(w, ((const AstWithitem *)node)->optional_vars, false);
		set_opaque(w, ((const AstWithitem *)node)->optional_vars);
		break;
	case NODE_EXCEPT_HANDLER:
		if (((const AstExceptHandler *)node)->name)
			bind(w, w->scope, ((const AstExceptHandler *)node)->name)->is_opaque = true;
		break;
	case NODE_GLOBAL:
	case NODE_NONLOCAL: /* refused; who assigns to it is not known */
		for (uint32_t i = 0; i < ((const AstGlobal *)node)->names.count; i++)
			bind(w, w->scope, ((const AstGlobal *)node)->names.items[i])->is_opaque = true;
		break;
	case NODE_MATCH_AS:
	case NODE_MATCH_STAR: {
		const Atom *name = node->kind == NODE_MATCH_AS ? ((const AstMatchAs *)node)->name
													   : ((const AstMatchStar *)node)->name;
		if (name)
			bind(w, w->scope, name)->is_opaque = true;
		break;
	}
	default:
		break;
	}
}

static void walk(Walk *w, const Node *node)
{
	if (w->depth >= SCOPE_MAX_DEPTH) {
		w->deepest = node;
		return;
	}
	w->depth++;
	if (w->resolving && node->kind == NODE_NAME)
		w->checked->names[node->id] = resolve(w, ((const AstName *)node)->id);
	if (!w->resolving)
		bind_plain(w, node);
	if (node->kind == NODE_IMPORT)
		bind_imports(w, ((const AstImport *)node)->names);
	else if (node->kind == NODE_IMPORT_FROM)
		bind_imports(w, ((const AstImportFrom *)node)->names);
	else if (!walk_special(w, node))
		node_children(node, visit_child, w);
	w->depth--;
}

/* ---- what is called ---- */

const Node *call_target(const Checked *checked, const AstCall *call)
{
	const Node *node = call->func;
	bool runs = false;
	if (node->kind != NODE_ATTRIBUTE)
		return node;
	if (!strcmp(((const AstAttribute *)node)->attr->text, "aio"))
		node = ((const AstAttribute *)node)->value;
	if (node->kind == NODE_ATTRIBUTE && !strcmp(((const AstAttribute *)node)->attr->text, "run")) {
		node = ((const AstAttribute *)node)->value;
		runs = true;
	}
	const NameInfo *info = node->kind == NODE_NAME ? &checked->names[node->id] : NULL;
	if (runs && info && info->use == NAME_TASK && info->by_run)
		return node;
	return call->func;
}

/* ---- the whole entry ---- */

static void walk_root(Walk *w)
{
	const EntryDecl *entry = w->checked->entry;
	w->scope = NULL;
	if (entry->function) {
		const AstFunctionDef *def = entry->function;
		w->scope = enter(w, SCOPE_FUNCTION, &def->base, def->name->text);
		w->scope->is_async = def->base.kind == NODE_ASYNC_FUNCTION_DEF;
		if (!w->resolving)
			bind_parameters(w, (const AstArguments *)def->args);
		walk_list(w, def->body);
	} else {
		const Node *module = &entry->module->tree->base;
		w->scope = enter(w, SCOPE_MODULE, module, "<module>");
		for (uint32_t i = 0; i < entry->input_count && !w->resolving; i++)
			bind(w, w->scope, entry->inputs[i].name)->is_parameter = true;
		walk_list(w, ((const AstModule *)module)->body);
	}
	w->checked->root = w->scope;
}

/* A code string's variable that has the name of a task or builtin means that until it is assigned. */
static void find_initial_meanings(Walk *w)
{
	Scope *root = w->checked->root;
	if (root->kind != SCOPE_MODULE)
		return;
	for (uint32_t i = 0; i < root->variable_count; i++) {
		Variable *variable = root->variables[i];
		if (!variable->is_parameter)
			variable->initial = outside(w, variable->name);
	}
}

bool scope_entry(Arena *arena, Checked *checked, const Node **deepest)
{
	Walk w = {.arena = arena, .checked = checked};
	walk_root(&w);
	w.resolving = true;
	if (!w.deepest)
		walk_root(&w);
	*deepest = w.deepest;
	if (w.deepest)
		return false;
	find_initial_meanings(&w);
	scope_assignments(arena, checked);
	scope_suspensions(arena, checked);
	return true;
}
