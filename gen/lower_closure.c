/*
 * Functions of the program: what they capture, how their closures are made, and the list of those still to be lowered.
 *
 * A function that is bound once, is only ever called directly and captures nothing but such functions needs no closure
 * at all, so that a local helper costs what a C function costs. "Captures nothing" is assumed for all and taken
 * back until nothing changes.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

static bool is_function_scope(const Scope *scope)
{
	return scope->kind == SCOPE_FUNCTION || scope->kind == SCOPE_LAMBDA ||
		   scope->kind == SCOPE_GENERATOR;
}

static const AstArguments *arguments_of(const Scope *scope)
{
	if (scope->kind == SCOPE_FUNCTION)
		return (const AstArguments *)((const AstFunctionDef *)scope->node)->args;
	if (scope->kind == SCOPE_LAMBDA)
		return (const AstArguments *)((const AstLambda *)scope->node)->args;
	return NULL;
}

static uint32_t count_defaults(const AstArguments *arguments)
{
	uint32_t count = arguments ? arguments->defaults.count : 0;
	for (uint32_t i = 0; arguments && i < arguments->kw_defaults.count; i++)
		count += arguments->kw_defaults.items[i] != NULL;
	return count;
}

/* ---- facts ---- */

typedef struct UseWalk {
	LowerEntry *entry;
	const Node *callee; /* of a direct call: no use as a value */
} UseWalk;

static void walk_uses(void *context, Node *node)
{
	UseWalk *walk = context;
	LowerEntry *entry = walk->entry;
	const Checked *checked = entry->checked;
	if (node->kind == NODE_NAME && node != walk->callee) {
		const NameInfo *info = &checked->names[node->id];
		bool loads = ((const AstName *)node)->ctx == CONTEXT_LOAD;
		if (info->use == NAME_VARIABLE && info->variable && info->variable->function && loads)
			entry->facts[info->variable->function->index].value_is_used = true;
		if (info->use == NAME_TYPE && loads &&
			(strcmp(info->text, "map") == 0 || strcmp(info->text, "filter") == 0))
			entry->makes_generators = true;
	}
	if (node->kind == NODE_GENERATOR_EXP)
		entry->makes_generators = true;
	UseWalk inner = {entry, NULL};
	if (node->kind == NODE_CALL && checked->bindings[node->id])
		inner.callee = ((const AstCall *)node)->func;
	node_children(node, walk_uses, &inner);
}

bool lower_is_elided(const LowerEntry *entry, const Variable *variable)
{
	if (!variable->function || !variable->function_is_sure)
		return false;
	const FunctionFacts *facts = &entry->facts[variable->function->index];
	return !facts->value_is_used && !facts->needs_closure;
}

static bool captures_something(const LowerEntry *entry, const Scope *scope)
{
	for (uint32_t i = 0; i < scope->free_count; i++)
		if (!lower_is_elided(entry, scope->free[i]))
			return true;
	return false;
}

void lower_find_facts(LowerEntry *entry)
{
	const Checked *checked = entry->checked;
	entry->facts = ARENA_ARRAY(entry->file->arena, FunctionFacts, checked->scope_count + 1);
	UseWalk walk = {entry, NULL};
	node_children(checked->root->node, walk_uses, &walk);
	for (uint32_t i = 0; i < checked->scope_count; i++)
		if (checked->scopes[i] != checked->root)
			entry->facts[i].needs_closure = count_defaults(arguments_of(checked->scopes[i])) != 0;
	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t i = 0; i < checked->scope_count; i++) {
			const Scope *scope = checked->scopes[i];
			if (!is_function_scope(scope) || entry->facts[i].needs_closure ||
				scope == checked->root)
				continue;
			entry->facts[i].needs_closure = captures_something(entry, scope);
			changed |= entry->facts[i].needs_closure;
		}
	}
	for (uint32_t i = 0; i < checked->scope_count; i++) {
		const Scope *scope = checked->scopes[i];
		FunctionFacts *facts = &entry->facts[i];
		if (!is_function_scope(scope) || scope == checked->root)
			continue;
		facts->cells = ARENA_ARRAY(entry->file->arena, Variable *, scope->free_count + 1);
		for (uint32_t k = 0; k < scope->free_count; k++)
			if (!lower_is_elided(entry, scope->free[k]))
				facts->cells[facts->cell_count++] = scope->free[k];
	}
}

/* ---- closures ---- */

Operand lower_closure(Lower *l, Scope *scope, const AstArguments *arguments, const Node *node)
{
	const FunctionFacts *facts = &l->entry->facts[scope->index];
	uint32_t count = 0, defaults = count_defaults(arguments);
	Operand *captured = ARENA_ARRAY(l->arena, Operand, defaults + facts->cell_count + 1);
	for (uint32_t i = 0; arguments && i < arguments->defaults.count; i++)
		captured[count++] = lower_value(l, arguments->defaults.items[i]);
	for (uint32_t i = 0; arguments && i < arguments->kw_defaults.count; i++)
		if (arguments->kw_defaults.items[i])
			captured[count++] = lower_value(l, arguments->kw_defaults.items[i]);
	for (uint32_t i = 0; i < facts->cell_count; i++)
		captured[count++] = operand_register(lower_home(l, facts->cells[i])->reg);
	Op *op = lower_raw(l, OP_CLOSURE, node, captured, count);
	op->function = lower_function_of(l->entry, scope);
	return operand_register(op->result);
}

/* ---- functions ---- */

MachineParam lower_param(const char *name, Register reg, int kind, bool has_default)
{
	return (MachineParam){.reg = reg, .name = name, .kind = kind, .has_default = has_default};
}

static void add_param(Machine *machine, MachineFunction *function, const Node *node, int kind,
					  bool has_default)
{
	if (!node)
		return;
	const char *name = ((const AstArg *)node)->arg->text;
	Register reg = machine_register(machine, function, REP_VALUE, name, NULL);
	function->params[function->param_count++] = lower_param(name, reg, kind, has_default);
}

static void make_params(Machine *machine, MachineFunction *function, const AstArguments *arguments)
{
	uint32_t positional = arguments->posonlyargs.count + arguments->args.count;
	uint32_t without = positional - arguments->defaults.count;
	function->params =
		ARENA_ARRAY(machine->arena, MachineParam, positional + arguments->kwonlyargs.count + 3);
	for (uint32_t i = 0; i < positional; i++) {
		bool only = i < arguments->posonlyargs.count;
		const Node *node = only ? arguments->posonlyargs.items[i]
								: arguments->args.items[i - arguments->posonlyargs.count];
		add_param(machine, function, node, only ? PARAM_POSITIONAL_ONLY : PARAM_NORMAL,
				  i >= without);
	}
	add_param(machine, function, arguments->vararg, PARAM_ARGS, false);
	for (uint32_t i = 0; i < arguments->kwonlyargs.count; i++)
		add_param(machine, function, arguments->kwonlyargs.items[i], PARAM_KEYWORD_ONLY,
				  arguments->kw_defaults.items[i] != NULL);
	add_param(machine, function, arguments->kwarg, PARAM_KWARGS, false);
}

static void make_inputs(Machine *machine, MachineFunction *function, const EntryDecl *entry)
{
	function->params = ARENA_ARRAY(machine->arena, MachineParam, entry->input_count + 1);
	for (uint32_t i = 0; i < entry->input_count; i++) {
		const char *name = entry->inputs[i].name->text;
		Register reg = machine_register(machine, function, REP_VALUE, name, entry->inputs[i].type);
		MachineParam param = lower_param(name, reg, entry->inputs[i].kind, false);
		param.type = entry->inputs[i].type;
		function->params[function->param_count++] = param;
	}
}

static void add_to_queue(LowerEntry *entry, Scope *scope)
{
	if (entry->queue_count == entry->queue_capacity) {
		uint32_t wanted = entry->queue_capacity ? entry->queue_capacity * 2 : 16;
		Scope **fresh = ARENA_ARRAY(entry->file->arena, Scope *, wanted);
		if (entry->queue_count)
			memcpy(fresh, entry->queue, entry->queue_count * sizeof *fresh);
		entry->queue = fresh;
		entry->queue_capacity = wanted;
	}
	entry->queue[entry->queue_count++] = scope;
}

MachineFunction *lower_function_of(LowerEntry *entry, Scope *scope)
{
	FunctionFacts *facts = &entry->facts[scope->index];
	if (facts->function)
		return facts->function;
	Machine *machine = entry->file->machine;
	MachineFunction *function = machine_function(machine, scope->name, scope->qualified);
	facts->function = function;
	function->file = entry->source;
	function->line = scope->kind == SCOPE_MODULE
						 ? 1
						 : source_place(entry->checked->module->source, scope->node->start).line;
	function->is_lambda = scope->kind == SCOPE_LAMBDA;
	function->is_generator = scope->kind == SCOPE_GENERATOR;
	function->is_code_string = scope->kind == SCOPE_MODULE;
	if (scope == entry->checked->root) {
		make_inputs(machine, function, entry->entry);
	} else if (scope->kind == SCOPE_GENERATOR) {
		function->params = ARENA_ARRAY(machine->arena, MachineParam, 1);
		Register reg = machine_register(machine, function, REP_VALUE, ".0", NULL);
		function->params[function->param_count++] =
			lower_param(".0", reg, PARAM_POSITIONAL_ONLY, false);
	} else {
		make_params(machine, function, arguments_of(scope));
		function->default_count = count_defaults(arguments_of(scope));
	}
	function->cell_count = facts->cell_count;
	if (facts->cell_count)
		function->self = machine_register(machine, function, REP_VALUE, "self", NULL);
	add_to_queue(entry, scope);
	return function;
}

void lower_function_body(LowerEntry *entry, Scope *scope)
{
	Lower l = {.entry = entry,
			   .arena = entry->file->arena,
			   .machine = entry->file->machine,
			   .checked = entry->checked,
			   .function_scope = scope,
			   .scope = scope,
			   .outer_site = NO_SITE};
	l.function = entry->facts[scope->index].function;
	lower_start(&l, lower_block(&l, "entry"));
	l.block->line = l.function->line;
	lower_settle_function(&l);
	if (scope->kind == SCOPE_LAMBDA) {
		Operand value = lower_value(&l, ((const AstLambda *)scope->node)->body);
		lower_return(&l, value);
	} else if (scope->kind == SCOPE_GENERATOR) {
		lower_generator_body(&l, (const AstGeneratorExp *)scope->node);
	} else if (scope->kind == SCOPE_MODULE) {
		lower_module_body(&l, &((const AstModule *)scope->node)->body);
	} else {
		lower_body(&l, &((const AstFunctionDef *)scope->node)->body);
		if (l.block)
			lower_return(&l, operand_none(&l));
	}
	lower_remove_unread(&l);
	lower_sort_sites(&l);
}

void lower_queue(LowerEntry *entry)
{
	while (entry->queue_next < entry->queue_count)
		lower_function_body(entry, entry->queue[entry->queue_next++]);
}
