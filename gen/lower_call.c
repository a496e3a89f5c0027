/*
 * Calls. The callee is resolved as far as the checker could: a task, an orchestrator, a function of the program whose
 * arguments are bound already, a builtin, a type, a method; what is left is a call of a value, bound at run time with
 * Python's own errors. Operands are evaluated in the order of the source and then put into the order of the parameters.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

/* The names of the keyword arguments as a tuple; NULL: none. */
const MachineConstant *lower_keyword_names(Lower *l, const NodeList *keywords)
{
	if (keywords->count == 0)
		return NULL;
	const MachineConstant **names = ARENA_ARRAY(l->arena, const MachineConstant *, keywords->count);
	for (uint32_t i = 0; i < keywords->count; i++) {
		const Atom *name = ((const AstKeyword *)keywords->items[i])->arg;
		names[i] = constant_text(l->machine, MC_STR, name->text, name->length);
	}
	return constant_tuple(l->machine, names, keywords->count);
}

/* Arguments in source order, after `before` places that are left free. */
static Operand *lower_arguments(Lower *l, const AstCall *call, uint32_t before, uint32_t *count)
{
	uint32_t total = before + call->args.count + call->keywords.count;
	Operand *operands = ARENA_ARRAY(l->arena, Operand, total + 1);
	for (uint32_t i = 0; i < call->args.count; i++)
		operands[before + i] = lower_value(l, call->args.items[i]);
	for (uint32_t i = 0; i < call->keywords.count; i++)
		operands[before + call->args.count + i] =
			lower_value(l, ((const AstKeyword *)call->keywords.items[i])->value);
	*count = total;
	return operands;
}

static Operand names_operand(Lower *l, const MachineConstant *names)
{
	return names ? operand_constant(names) : operand_none(l);
}

Operand lower_call_builtin(Lower *l, bool is_type, const char *name, const Operand *args,
						   uint32_t count, const MachineConstant *names, const Node *node)
{
	Operand *operands = ARENA_ARRAY(l->arena, Operand, count + 1);
	operands[0] = names_operand(l, names);
	if (count)
		memcpy(operands + 1, args, count * sizeof *args);
	Op *op = lower_raw(l, is_type ? OP_CALL_TYPE : OP_CALL_BUILTIN, node, operands, count + 1);
	op->text = name;
	return operand_register(op->result);
}

/* ---- bound calls: tasks, orchestrators, functions ---- */

/* The arguments by parameter; what is left to its default has `is_given` false. */
static Operand *lower_bound(Lower *l, const AstCall *call, const CallBinding *binding,
							uint32_t before, bool *is_given)
{
	Operand *operands = ARENA_ARRAY(l->arena, Operand, before + binding->count + 1);
	for (uint32_t i = 0; i < call->args.count + call->keywords.count; i++) {
		const Node *node =
			i < call->args.count
				? call->args.items[i]
				: ((const AstKeyword *)call->keywords.items[i - call->args.count])->value;
		Operand operand = lower_value(l, node);
		for (uint32_t p = 0; p < binding->count; p++) {
			if (binding->args[p] != node)
				continue;
			operands[before + p] = operand;
			is_given[p] = true;
		}
	}
	return operands;
}

uint32_t lower_task_index(LowerFile *file, const TaskDecl *task)
{
	for (uint32_t i = 0; i < file->task_count; i++)
		if (file->tasks[i] == task)
			return i;
	return 0;
}

static uint32_t entry_index(const LowerFile *file, const EntryDecl *entry)
{
	for (uint32_t i = 0; i < file->entry_count; i++)
		if (file->entries[i] == entry)
			return i;
	return UINT32_MAX;
}

/* Operands of the call of an orchestrator: copied and checked as its inputs, one a parameter, at operands[1]. */
static Value call_entry(Lower *l, uint32_t index, Operand *operands, uint32_t count,
						const bool *is_given, const Node *node)
{
	operands[0] = operand_unbound(l);
	for (uint32_t p = 0; p < count; p++) {
		Operand given = is_given[p] ? operands[1 + p] : operand_unbound(l);
		Op *op = lower_raw(l, OP_ENTRY_ARGUMENT, node, OPERANDS(given));
		op->task = index;
		op->number = p;
		operands[1 + p] = operand_register(op->result);
	}
	Exit *exit = lower_exit(l, EXIT_CALL, node, operands, count + 1);
	exit->function = l->entry->file->mains[index];
	Op *op = lower_raw(l, OP_ENTRY_RESULT, node, OPERANDS(operand_register(exit->result)));
	op->task = index;
	return value_register(l, op->result);
}

static Value lower_task_call(Lower *l, const AstCall *call, const TaskDecl *task,
							 const CallBinding *binding)
{
	bool *is_given = ARENA_ARRAY(l->arena, bool, binding->count + 1);
	Operand *operands = lower_bound(l, call, binding, 1, is_given);
	uint32_t entry = task->entry ? entry_index(l->entry->file, task->entry) : UINT32_MAX;
	if (entry != UINT32_MAX)
		return call_entry(l, entry, operands, binding->count, is_given, &call->base);
	for (uint32_t p = 0; p < binding->count; p++)
		if (!is_given[p])
			operands[1 + p] = operand_unbound(l);
	Exit *exit = lower_exit(l, EXIT_TASK, &call->base, operands + 1, binding->count);
	exit->task = lower_task_index(l->entry->file, task);
	return value_register(l, exit->result);
}

/* The value of a parameter that is left to its default, out of the closure. */
static Operand captured_default(Lower *l, const MachineFunction *function, Operand closure,
								uint32_t param)
{
	uint32_t index = 0;
	for (uint32_t p = 0; p < param; p++)
		index += function->params[p].has_default;
	Op *op = lower_raw(l, OP_DEFAULT_OF, NULL, OPERANDS(closure));
	op->number = index;
	return operand_register(op->result);
}

static Operand call_function(Lower *l, Scope *scope, Operand closure, Operand *operands,
							 const bool *is_given, const Node *node)
{
	MachineFunction *function = lower_function_of(l->entry, scope);
	operands[0] = closure;
	for (uint32_t p = 0; p < function->param_count; p++)
		if (!is_given[p])
			operands[1 + p] = captured_default(l, function, closure, p);
	Exit *exit = lower_exit(l, EXIT_CALL, node, operands, function->param_count + 1);
	exit->function = function;
	return operand_register(exit->result);
}

static Operand closure_of(Lower *l, const Variable *variable, const Node *node)
{
	if (lower_is_elided(l->entry, variable))
		return operand_unbound(l);
	return lower_to_value(l, lower_load(l, variable, node));
}

static Value lower_function_call(Lower *l, const AstCall *call, const Variable *variable,
								 const CallBinding *binding)
{
	bool *is_given = ARENA_ARRAY(l->arena, bool, binding->count + 1);
	Operand closure = closure_of(l, variable, call->func);
	Operand *operands = lower_bound(l, call, binding, 1, is_given);
	return value_operand(
		call_function(l, variable->function, closure, operands, is_given, &call->base));
}

/* ---- flyte_map ---- */

static const TaskDecl *mapped_task(const Lower *l, const AstCall *call)
{
	const NameInfo *info = lower_name(l, call->func);
	if (info && info->task)
		return info->task;
	const Node *first = call->args.count ? call->args.items[0] : NULL;
	const NameInfo *named = lower_name(l, first);
	if (named && named->use == NAME_TASK)
		return named->task;
	const EntryDecl *entry = l->entry->entry;
	for (uint32_t i = 0; first && first->kind == NODE_CONSTANT && i < entry->task_count; i++) {
		const char *text = ((const AstConstant *)first)->value.text;
		if (text && (strcmp(entry->tasks[i].name->text, text) == 0 ||
					 strcmp(entry->tasks[i].task->full_name, text) == 0))
			return entry->tasks[i].task;
	}
	return NULL;
}

static Operand as_list(Lower *l, Operand value, const Type *type, const Node *node)
{
	Operand drained = lower_drain(l, value, type, node);
	return lower_call_builtin(l, true, "list", &drained, 1, NULL, node);
}

typedef struct Iterators {
	Register list;
	const Node *node;
} Iterators;

static void push_iterator(Lower *l, void *context, const Item *item)
{
	const Iterators *to = context;
	Register iterator = lower_op(l, OP_ITER, to->node, OPERANDS(item->value.operand));
	lower_effect(l, OP_LIST_PUSH, to->node,
				 OPERANDS(operand_register(to->list), operand_register(iterator)));
}

/* The items of the iterables in the list `args`, as a tuple of lists of one length: as zip takes them, one of each in turn. */
static Operand map_lists(Lower *l, const AstCall *call, Operand args, bool may_be_generators)
{
	const Node *node = &call->base;
	if (!may_be_generators)
		return operand_register(lower_op(l, OP_MAP_LISTS, node, &args, 1));
	const Type *list = type_simple(l->entry->file->declarations->types, TYPE_LIST);
	Iterators to = {lower_op(l, OP_LIST, node, NO_OPERANDS), node};
	lower_loop(l, lower_begin_value(l, args, list, node), push_iterator, &to);
	Op *zip =
		lower_raw(l, OP_GENERATOR, node, OPERANDS(operand_unbound(l), operand_register(to.list)));
	zip->function = lower_synthesise(l->entry->file, l->entry->source, "zip");
	Register rows = lower_op(l, OP_LIST, node, NO_OPERANDS);
	lower_loop_into(l, lower_begin_iterator(l, zip->result, true, node), rows);
	return operand_register(
		lower_op(l, OP_MAP_COLUMNS, node, OPERANDS(operand_register(rows), args)));
}

static Value lower_map_call(Lower *l, const AstCall *call)
{
	const TaskDecl *task = mapped_task(l, call);
	NodeList iterables = {call->args.items + 1, call->args.count - 1};
	bool is_one = iterables.count == 1 && iterables.items[0]->kind != NODE_STARRED;
	bool is_lazy =
		l->entry->makes_generators && (lower_is_any_generator(l, call) || call_has_spread(call));
	Operand args =
		is_one ? lower_value(l, iterables.items[0]) : lower_list_of(l, &iterables, &call->base);
	static const char *const names[] = {"concurrency", "group_name", "return_exceptions"};
	Operand operands[4] = {operand_none(l), operand_int(l, 0), operand_none(l),
						   operand_constant(constant_simple(l->machine, MC_TRUE))};
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		Operand value = lower_value(l, keyword->value);
		for (uint32_t k = 0; k < 3; k++)
			if (keyword->arg && strcmp(keyword->arg->text, names[k]) == 0)
				operands[1 + k] = value;
	}
	if (is_one) {
		Operand list = as_list(l, args, lower_type(l, iterables.items[0]), &call->base);
		operands[0] = operand_register(lower_op(l, OP_TUPLE, &call->base, &list, 1));
	} else {
		operands[0] = map_lists(l, call, args, is_lazy);
	}
	if (!task) /* refused by the checker */
		return value_operand(operand_none(l));
	Exit *exit = lower_exit(l, EXIT_MAP, &call->base, operands, 4);
	exit->task = lower_task_index(l->entry->file, task);
	return value_register(l, exit->result);
}

/* ---- calls of values ---- */

static Operand lower_spread_keywords(Lower *l, const AstCall *call, Operand callee)
{
	if (call->keywords.count == 0)
		return operand_none(l);
	Operand dict = operand_register(lower_op(l, OP_DICT, &call->base, NO_OPERANDS));
	for (uint32_t i = 0; i < call->keywords.count; i++) {
		const AstKeyword *keyword = (const AstKeyword *)call->keywords.items[i];
		Operand value = lower_value(l, keyword->value);
		if (keyword->arg) {
			Operand one = operand_register(lower_op(
				l, OP_DICT, &call->base, OPERANDS(operand_str(l, keyword->arg->text), value)));
			lower_effect(l, OP_DICT_MERGE, &call->base, OPERANDS(callee, dict, one));
		} else {
			lower_effect(l, OP_DICT_MERGE, &call->base, OPERANDS(callee, dict, value));
		}
	}
	return dict;
}

/*
 * Native code does not run the generators that it is given: the call ends where it would begin to iterate over one, gets
 * a list of its items in its place, and is made again. Thus all checks come before the first item, as in Python.
 */
Register lower_ask(Lower *l, Operand callee, Operand args, Operand kwargs, const Node *node)
{
	Block *ask = lower_block(l, "ask"), *drain = lower_block(l, "drain"),
		  *end = lower_block(l, "told");
	Register result = lower_temp(l, REP_VALUE);
	lower_jump(l, ask);
	lower_start(l, ask);
	machine_op(l->machine, l->block, OP_ASK, result, lower_site(l, node),
			   OPERANDS(callee, args, kwargs));
	lower_branch(l, lower_op(l, OP_IS_ASKED, node, OPERANDS(operand_register(result))), drain, end);
	lower_start(l, drain);
	Operand generator = operand_register(lower_op(l, OP_WANTED, node, NO_OPERANDS));
	Register items = lower_op(l, OP_LIST, node, NO_OPERANDS);
	Register iterator = lower_op(l, OP_ITER, node, &generator, 1);
	lower_loop_into(l, lower_begin_iterator(l, iterator, true, node), items);
	lower_effect(l, OP_GIVE, node, OPERANDS(args, generator, operand_register(items)));
	lower_jump(l, ask);
	lower_start(l, end);
	return result;
}

/* The keyword arguments of a call without stars, whose values are known. */
static Operand keyword_dict(Lower *l, const AstCall *call, const Operand *values)
{
	uint32_t count = call->keywords.count;
	Operand *operands = ARENA_ARRAY(l->arena, Operand, 2 * count + 1);
	if (count == 0)
		return operand_none(l);
	for (uint32_t i = 0; i < count; i++) {
		operands[2 * i] = operand_str(l, ((const AstKeyword *)call->keywords.items[i])->arg->text);
		operands[2 * i + 1] = values[i];
	}
	return operand_register(lower_op(l, OP_DICT, &call->base, operands, 2 * count));
}

/* A call of a value that may be native or not, with generators among the arguments: `other` is closed with the exit. */
typedef struct EitherCall {
	Register result;
	Block *other, *end;
} EitherCall;

static EitherCall begin_either(Lower *l, Operand callee, const Node *node, Block *native)
{
	EitherCall either = {lower_temp(l, REP_VALUE), lower_block(l, "other"), lower_block(l, "end")};
	lower_branch(l, lower_op(l, OP_IS_NATIVE, node, OPERANDS(callee)), native, either.other);
	lower_start(l, native);
	return either;
}

static void either_gives(Lower *l, const EitherCall *either, Register result, bool is_last)
{
	lower_set(l, OP_MOVE, either->result, OPERANDS(operand_register(result)));
	lower_jump(l, either->end);
	lower_start(l, is_last ? either->end : either->other);
}

static Value call_spread(Lower *l, const AstCall *call, Operand callee)
{
	const Node *only = call->args.count == 1 && call->args.items[0]->kind == NODE_STARRED
						   ? ((const AstStarred *)call->args.items[0])->value
						   : NULL;
	Operand args, keywords;
	if (only && !lower_is_fused(
					l, only)) { /* f(*xs): read after the keywords, with a message that names f */
		Operand spread = lower_value(l, only);
		keywords = lower_spread_keywords(l, call, callee);
		lower_effect(l, OP_CHECK_SPREAD, &call->base, OPERANDS(callee, spread));
		spread = lower_drain(l, spread, lower_type(l, only), &call->base);
		args = operand_register(lower_op(l, OP_LIST, &call->base, NO_OPERANDS));
		lower_effect(l, OP_LIST_EXTEND, &call->base, OPERANDS(args, spread));
	} else {
		args = lower_list_of(l, &call->args, &call->base);
		keywords = lower_spread_keywords(l, call, callee);
	}
	if (!l->entry->makes_generators) {
		Exit *exit = lower_exit(l, EXIT_CALL_SPREAD, &call->base, OPERANDS(callee, args, keywords));
		return value_register(l, exit->result);
	}
	EitherCall either = begin_either(l, callee, &call->base, lower_block(l, "native"));
	either_gives(l, &either, lower_ask(l, callee, args, keywords, &call->base), false);
	Exit *exit = lower_exit(l, EXIT_CALL_SPREAD, &call->base, OPERANDS(callee, args, keywords));
	either_gives(l, &either, exit->result, true);
	return value_register(l, either.result);
}

static Value call_value(Lower *l, const AstCall *call, Operand callee)
{
	uint32_t count, given = call->args.count;
	Operand *operands = lower_arguments(l, call, 2, &count);
	EitherCall either;
	bool asks = lower_is_any_generator(l, call);
	operands[0] = callee;
	operands[1] = names_operand(l, lower_keyword_names(l, &call->keywords));
	if (asks) {
		either = begin_either(l, callee, &call->base, lower_block(l, "native"));
		Register args = lower_op(l, OP_LIST, &call->base, operands + 2, given);
		Operand kwargs = keyword_dict(l, call, operands + 2 + given);
		either_gives(l, &either, lower_ask(l, callee, operand_register(args), kwargs, &call->base),
					 false);
	}
	Exit *exit = lower_exit(l, EXIT_CALL_VALUE, &call->base, operands, count);
	if (!asks)
		return value_register(l, exit->result);
	either_gives(l, &either, exit->result, true);
	return value_register(l, either.result);
}

static Value call_native(Lower *l, const AstCall *call, const NameInfo *info)
{
	uint32_t count;
	Operand *operands = lower_arguments(l, call, 0, &count);
	const MachineConstant *names = lower_keyword_names(l, &call->keywords);
	return value_operand(lower_call_builtin(l, info->use == NAME_TYPE, info->text, operands, count,
											names, &call->base));
}

/* The object of a method call. Python looks the method up at once, so where its type does not tell, it is looked for. */
Operand lower_object(Lower *l, const AstAttribute *method)
{
	Operand object = lower_value(l, method->value);
	TypeKind kind = lower_type(l, method->value)->kind;
	if (kind == TYPE_ANY || kind == TYPE_UNION || kind == TYPE_NONE) {
		Op *op = lower_raw(l, OP_CHECK_METHOD, &method->base, OPERANDS(object));
		op->text = method->attr->text;
	}
	return object;
}

static Value call_method(Lower *l, const AstCall *call, const AstAttribute *method)
{
	uint32_t count;
	Operand object = lower_object(l, method);
	Operand *operands = lower_arguments(l, call, 2, &count);
	operands[0] = object;
	operands[1] = names_operand(l, lower_keyword_names(l, &call->keywords));
	Op *op = lower_raw(l, OP_CALL_METHOD, &call->base, operands, count);
	op->text = method->attr->text;
	return value_register(l, op->result);
}

Value lower_call(Lower *l, const AstCall *call)
{
	Value result;
	const Node *func = call_target(l->checked, call);
	const NameInfo *info = lower_name(l, func);
	const CallBinding *binding = l->checked->bindings[call->base.id];
	bool spread = call_has_spread(call);
	if (info && info->use == NAME_FLYTE_MAP)
		return lower_map_call(l, call);
	if (info && info->use == NAME_TASK && binding && !spread)
		return lower_task_call(l, call, info->task, binding);
	if (info && info->use == NAME_VARIABLE && info->variable->function &&
		info->variable->function_is_sure && binding && !spread)
		return lower_function_call(l, call, info->variable, binding);
	if (info && (info->use == NAME_BUILTIN || info->use == NAME_TYPE) && !spread) {
		bool zips =
			strcmp(info->text, "zip") == 0; /* with strict=: by the function that stands for it */
		if (lower_builtin(l, call, info, &result))
			return result;
		if (!zips || !call->keywords.count || !lower_is_any_generator(l, call))
			return call_native(l, call, info);
	}
	if (func->kind == NODE_ATTRIBUTE && !spread) {
		const AstAttribute *method = (const AstAttribute *)func;
		if (lower_method(l, call, method, &result))
			return result;
		bool sorts = strcmp(method->attr->text, "sort") == 0 && call->keywords.count;
		if (lower_is_method_name(method->attr->text) && !sorts)
			return call_method(l, call, method);
	}
	Operand callee = lower_value(l, func);
	return spread ? call_spread(l, call, callee) : call_value(l, call, callee);
}

/* ---- callees: what map, filter and key= call ---- */

static bool takes_positional(const MachineFunction *function, uint32_t count)
{
	uint32_t positional = 0;
	for (uint32_t p = 0; p < function->param_count; p++) {
		const MachineParam *param = &function->params[p];
		if (param->kind == PARAM_ARGS || param->kind == PARAM_KWARGS)
			return false;
		bool is_positional = param->kind != PARAM_KEYWORD_ONLY;
		if (!param->has_default && (!is_positional || positional >= count))
			return false;
		positional += is_positional;
	}
	return positional >= count;
}

static bool task_takes(const TaskDecl *task, uint32_t count)
{
	uint32_t positional = 0;
	for (uint32_t p = 0; p < task->param_count; p++) {
		const ParamDecl *param = &task->params[p];
		if (param->kind == PARAM_ARGS || param->kind == PARAM_KWARGS)
			return false;
		bool is_positional = param->kind != PARAM_KEYWORD_ONLY;
		if (!param->default_value && (!is_positional || positional >= count))
			return false;
		positional += is_positional;
	}
	return positional >= count;
}

Callee lower_callee(Lower *l, const Node *node, uint32_t count)
{
	Callee callee = {.kind = CALLEE_VALUE};
	const NameInfo *info = lower_name(l, node);
	Scope *scope = node->kind == NODE_LAMBDA ? l->checked->node_scopes[node->id] : NULL;
	const Variable *variable = info && info->use == NAME_VARIABLE ? info->variable : NULL;
	if (variable && variable->function && variable->function_is_sure)
		scope = variable->function;
	if (scope && takes_positional(lower_function_of(l->entry, scope), count)) {
		callee.kind = CALLEE_FUNCTION;
		callee.scope = scope;
		callee.value = operand_unbound(l);
		if (variable)
			callee.value = closure_of(l, variable, node);
		else if (l->entry->facts[scope->index].needs_closure)
			callee.value = lower_value(l, node);
		return callee;
	}
	if (info && info->use == NAME_TASK && !info->task->entry && task_takes(info->task, count)) {
		callee.kind = CALLEE_TASK;
		callee.task = info->task;
		return callee;
	}
	bool is_native = info && (info->use == NAME_BUILTIN || info->use == NAME_TYPE);
	bool may_call =
		is_native && (strcmp(info->text, "map") == 0 || strcmp(info->text, "filter") == 0 ||
					  (l->entry->makes_generators && lower_has_function(info->text)));
	if (is_native && !may_call) {
		callee.kind = info->use == NAME_TYPE ? CALLEE_TYPE : CALLEE_BUILTIN;
		callee.text = info->text;
		return callee;
	}
	callee.value = lower_value(l, node);
	return callee;
}

Operand lower_call_callee(Lower *l, const Callee *callee, const Operand *args, uint32_t count,
						  const Node *node)
{
	uint32_t places = count;
	if (callee->kind == CALLEE_FUNCTION)
		places = lower_function_of(l->entry, callee->scope)->param_count;
	else if (callee->kind == CALLEE_TASK)
		places = callee->task->param_count;
	if (places < count)
		places = count;
	Operand *operands = ARENA_ARRAY(l->arena, Operand, places + 2);
	bool *is_given = ARENA_ARRAY(l->arena, bool, places + 1);
	uint32_t before = callee->kind == CALLEE_VALUE ? 2 : callee->kind == CALLEE_TASK ? 0 : 1;
	for (uint32_t i = 0; i < count; i++) {
		operands[before + i] = args[i];
		is_given[i] = true;
	}
	switch (callee->kind) {
	case CALLEE_FUNCTION:
		return call_function(l, callee->scope, callee->value, operands, is_given, node);
	case CALLEE_TASK: {
		for (uint32_t p = count; p < places; p++)
			operands[p] = operand_unbound(l);
		Exit *exit = lower_exit(l, EXIT_TASK, node, operands, places);
		exit->task = lower_task_index(l->entry->file, callee->task);
		return operand_register(exit->result);
	}
	case CALLEE_BUILTIN:
	case CALLEE_TYPE:
		return lower_call_builtin(l, callee->kind == CALLEE_TYPE, callee->text, args, count, NULL,
								  node);
	default: {
		operands[0] = callee->value;
		operands[1] = operand_none(l);
		Exit *exit = lower_exit(l, EXIT_CALL_VALUE, node, operands, count + 2);
		return operand_register(exit->result);
	}
	}
}
