/*
 * Variables: where each lives (a register of some representation, or a cell), reading and writing them.
 *
 * A variable is a machine integer if it is only ever bound by loops over native ranges, small literals and len(); it is
 * a double if it is only ever bound to floats, by form or by what the checker found. Both are assumed first and taken back
 * until nothing changes, since one variable's assignments read others. A value whose form does not make it a float is
 * unboxed with a look at its tag (OP_F_CHECK).
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

const NameInfo *lower_name(const Lower *l, const Node *node)
{
	return node && node->kind == NODE_NAME ? &l->checked->names[node->id] : NULL;
}

Home *lower_home(Lower *l, const Variable *variable)
{
	Home **homes = l->entry->homes;
	uint32_t scope = variable->scope->index;
	if (!homes[scope])
		homes[scope] = ARENA_ARRAY(l->arena, Home, variable->scope->variable_count + 1);
	return &homes[scope][variable->index];
}

static Variable *target_variable(const Lower *l, const Node *node)
{
	const NameInfo *info = lower_name(l, node);
	return info && info->use == NAME_VARIABLE ? info->variable : NULL;
}

/* ---- what binds the variables of a function ---- */

typedef enum BindingKind { BINDING_EXPRESSION, BINDING_COUNTER, BINDING_OTHER } BindingKind;

typedef struct Binding {
	BindingKind kind;
	const Variable *variable;
	const Node *node;   /* EXPRESSION: it; COUNTER: the call of range or enumerate */
	const Node *target; /* the name */
} Binding;

typedef struct Bindings {
	Binding *items;
	uint32_t count, capacity;
} Bindings;

static void note_binding(Lower *l, Bindings *bindings, BindingKind kind, const Node *target,
						 const Node *node)
{
	const Variable *variable = target_variable(l, target);
	if (!variable)
		return;
	if (bindings->count == bindings->capacity) {
		uint32_t wanted = bindings->capacity ? bindings->capacity * 2 : 16;
		Binding *fresh = ARENA_ARRAY(l->arena, Binding, wanted);
		if (bindings->count)
			memcpy(fresh, bindings->items, bindings->count * sizeof *fresh);
		bindings->items = fresh;
		bindings->capacity = wanted;
	}
	bindings->items[bindings->count++] = (Binding){kind, variable, node, target};
}

static const NodeList *sequence_items(const Node *node)
{
	if (node->kind == NODE_TUPLE)
		return &((const AstTuple *)node)->elts;
	if (node->kind == NODE_LIST)
		return &((const AstList *)node)->elts;
	return NULL;
}

/* A target that gets the value of an expression, or (value NULL) something that no expression shows. */
static void note_targets(Lower *l, Bindings *bindings, const Node *target, const Node *value)
{
	const NodeList *targets = sequence_items(target);
	if (target->kind == NODE_STARRED)
		note_targets(l, bindings, ((const AstStarred *)target)->value, NULL);
	for (uint32_t i = 0; targets && i < targets->count; i++)
		note_targets(l, bindings, targets->items[i], NULL);
	if (!targets)
		note_binding(l, bindings, value ? BINDING_EXPRESSION : BINDING_OTHER, target, value);
}

static void note_assignment(Lower *l, Bindings *bindings, const AstAssign *assign)
{
	const Node *first = assign->targets.items[0];
	if (assign->targets.count == 1 && lower_is_pairwise(first, assign->value)) {
		for (uint32_t i = 0; i < sequence_items(first)->count; i++)
			note_targets(l, bindings, sequence_items(first)->items[i],
						 sequence_items(assign->value)->items[i]);
		return;
	}
	for (uint32_t i = 0; i < assign->targets.count; i++)
		note_targets(l, bindings, assign->targets.items[i], assign->value);
}

static bool is_call_of_type(const Lower *l, const Node *node, const char *name)
{
	if (node->kind != NODE_CALL)
		return false;
	const NameInfo *info = lower_name(l, ((const AstCall *)node)->func);
	return info && info->use == NAME_TYPE && strcmp(info->text, name) == 0;
}

static void note_iteration(Lower *l, Bindings *bindings, const Node *target, const Node *iter)
{
	const NodeList *targets = sequence_items(target);
	if (is_call_of_type(l, iter, "range") && target->kind == NODE_NAME) {
		note_binding(l, bindings, BINDING_COUNTER, target, iter);
	} else if (is_call_of_type(l, iter, "enumerate") && targets && targets->count == 2 &&
			   targets->items[0]->kind == NODE_NAME) {
		note_binding(l, bindings, BINDING_COUNTER, targets->items[0], iter);
		note_targets(l, bindings, targets->items[1], NULL);
	} else {
		note_targets(l, bindings, target, NULL);
	}
}

static void note_body(Lower *l, Bindings *bindings, const NodeList *body);

static void note_statement(Lower *l, Bindings *bindings, const Node *node)
{
	switch (node->kind) {
	case NODE_ASSIGN:
		note_assignment(l, bindings, (const AstAssign *)node);
		break;
	case NODE_ANN_ASSIGN: {
		const AstAnnAssign *assign = (const AstAnnAssign *)node;
		if (assign->value)
			note_targets(l, bindings, assign->target, assign->value);
		break;
	}
	case NODE_FOR: {
		const AstFor *loop = (const AstFor *)node;
		note_iteration(l, bindings, loop->target, loop->iter);
		note_body(l, bindings, &loop->body);
		note_body(l, bindings, &loop->orelse);
		break;
	}
	case NODE_WHILE:
		note_body(l, bindings, &((const AstWhile *)node)->body);
		note_body(l, bindings, &((const AstWhile *)node)->orelse);
		break;
	case NODE_IF:
		note_body(l, bindings, &((const AstIf *)node)->body);
		note_body(l, bindings, &((const AstIf *)node)->orelse);
		break;
	default:
		break;
	}
}

static void note_body(Lower *l, Bindings *bindings, const NodeList *body)
{
	for (uint32_t i = 0; i < body->count; i++)
		note_statement(l, bindings, body->items[i]);
}

/* ---- what is surely a machine integer or a float ---- */

bool lower_is_machine_int(const Lower *l, const Node *node)
{
	int64_t number;
	if (lower_small_literal(node, &number))
		return true;
	const Variable *variable = target_variable(l, node);
	if (variable)
		return lower_home((Lower *)l, variable)->rep == REP_INT;
	if (node->kind == NODE_CALL) {
		const AstCall *call = (const AstCall *)node;
		const NameInfo *info = lower_name(l, call->func);
		return info && info->use == NAME_BUILTIN && strcmp(info->text, "len") == 0 &&
			   call->args.count == 1 && call->keywords.count == 0 && !call_has_spread(call);
	}
	return false;
}

static bool is_float_operation(const Lower *l, const AstBinOp *op)
{
	bool left = lower_is_float(l, op->left), right = lower_is_float(l, op->right);
	switch (op->op) {
	case BINARY_DIV:
		return true; /* of numbers always a float; of anything else it raises */
	case BINARY_ADD:
	case BINARY_SUB:
	case BINARY_MULT:
	case BINARY_FLOOR_DIV:
		return left || right;
	case BINARY_MOD: /* "%f" % x is a str */
		return left;
	default:
		return false;
	}
}

bool lower_is_float(const Lower *l, const Node *node)
{
	if (lower_type(l, node)->kind == TYPE_FLOAT)
		return true;
	switch (node->kind) {
	case NODE_CONSTANT:
		return ((const AstConstant *)node)->value.kind == CONSTANT_FLOAT;
	case NODE_NAME: {
		const Variable *variable = target_variable(l, node);
		return variable && lower_home((Lower *)l, variable)->rep == REP_FLOAT;
	}
	case NODE_BIN_OP:
		return is_float_operation(l, (const AstBinOp *)node);
	case NODE_UNARY_OP: {
		const AstUnaryOp *op = (const AstUnaryOp *)node;
		return (op->op == UNARY_U_SUB || op->op == UNARY_U_ADD) && lower_is_float(l, op->operand);
	}
	case NODE_IF_EXP: {
		const AstIfExp *choice = (const AstIfExp *)node;
		return lower_is_float(l, choice->body) && lower_is_float(l, choice->orelse);
	}
	case NODE_AWAIT:
		return lower_is_float(l, ((const AstAwait *)node)->value);
	case NODE_CALL: {
		const NameInfo *info = lower_name(l, call_target(l->checked, (const AstCall *)node));
		if (!info)
			return false;
		if (info->use == NAME_TYPE)
			return strcmp(info->text, "float") == 0;
		/* the boundary made it a float */
		return info->use == NAME_TASK && l->entry->entry->type_check && info->task->result &&
			   info->task->result->kind == TYPE_FLOAT && !info->task->entry;
	}
	default:
		return false;
	}
}

static bool binding_holds(const Lower *l, const Binding *binding, Representation rep)
{
	int64_t number;
	if (rep == REP_FLOAT && lower_type(l, binding->target)->kind == TYPE_FLOAT)
		return true;
	if (binding->kind == BINDING_OTHER)
		return false;
	if (rep == REP_FLOAT)
		return binding->kind == BINDING_EXPRESSION && lower_is_float(l, binding->node);
	if (binding->kind == BINDING_EXPRESSION)
		return lower_is_machine_int(l, binding->node);
	return is_call_of_type(l, binding->node, "range")
			   ? lower_is_native_range(l, binding->node)
			   : lower_is_native_enumerate(l, binding->node, &number);
}

static bool is_candidate(const Variable *variable)
{
	return !variable->is_captured && !variable->may_be_unbound && !variable->is_parameter &&
		   !variable->function && variable->type && variable->initial.use == NAME_NONE &&
		   (variable->type->kind == TYPE_FLOAT || variable->type->kind == TYPE_INT);
}

static void choose_representations(Lower *l, const Bindings *bindings)
{
	for (uint32_t i = 0; i < bindings->count; i++) {
		const Variable *variable = bindings->items[i].variable;
		if (is_candidate(variable))
			lower_home(l, variable)->rep = variable->type->kind == TYPE_FLOAT ? REP_FLOAT : REP_INT;
	}
	for (bool changed = true; changed;) {
		changed = false;
		for (uint32_t i = 0; i < bindings->count; i++) {
			Home *home = lower_home(l, bindings->items[i].variable);
			if (home->rep == REP_VALUE || binding_holds(l, &bindings->items[i], home->rep))
				continue;
			home->rep = REP_VALUE;
			changed = true;
		}
	}
}

/* ---- giving every variable its home ---- */

static void reset_homes(Lower *l, Scope *scope)
{
	for (uint32_t i = 0; i < scope->variable_count; i++)
		*lower_home(l, scope->variables[i]) = (Home){.rep = REP_VALUE, .reg = NO_REGISTER};
}

static void start_web(Lower *l, const Home *home)
{
	if (home->rep == REP_FLOAT)
		lower_set(l, OP_F_CONST, home->reg, NO_OPERANDS);
	else if (home->rep == REP_INT)
		lower_set(l, OP_I_CONST, home->reg, NO_OPERANDS);
	else
		lower_set(l, OP_MOVE, home->reg, OPERANDS(operand_none(l)));
}

static void settle_variable(Lower *l, Variable *variable)
{
	Home *home = lower_home(l, variable);
	if (lower_is_elided(l->entry, variable)) {
		home->is_elided = true;
		return;
	}
	Register parameter = home->reg; /* of a parameter; else none */
	Operand start = parameter != NO_REGISTER ? operand_register(parameter) : operand_unbound(l);
	if (variable->initial.use != NAME_NONE)
		start = lower_name_value(l, &variable->initial);
	if (variable->is_captured) {
		home->rep = REP_VALUE;
		home->in_cell = true;
		home->reg =
			machine_register(l->machine, l->function, REP_VALUE, variable->name->text, NULL);
		uint32_t site = lower_site(l, variable->scope->node);
		machine_op(l->machine, l->block, OP_CELL, home->reg, site, &start, 1);
		return;
	}
	if (parameter != NO_REGISTER)
		return;
	home->reg =
		machine_register(l->machine, l->function, home->rep, variable->name->text, variable->type);
	if (variable->is_web)
		start_web(l, home);
	else if (home->rep == REP_VALUE &&
			 (variable->may_be_unbound || variable->initial.use != NAME_NONE))
		lower_set(l, OP_MOVE, home->reg, &start, 1);
}

/* Inputs that are declared float are doubles from the start, since the boundary has made them so; parameters of the
 * program's own functions, where all calls give floats. */
static bool is_float_input(const Lower *l, const Variable *variable)
{
	const EntryDecl *entry = l->entry->entry;
	if (!entry->type_check || variable->is_captured || variable->may_be_unbound ||
		!variable->is_parameter)
		return false;
	if (l->function_scope != l->checked->root)
		return l->function_scope->kind == SCOPE_FUNCTION && variable->type->kind == TYPE_FLOAT;
	for (uint32_t i = 0; i < entry->input_count; i++) {
		const ParamDecl *input = &entry->inputs[i];
		if (input->name == variable->name)
			return input->type && input->type->kind == TYPE_FLOAT && input->kind != PARAM_ARGS &&
				   input->kind != PARAM_KWARGS;
	}
	return false;
}

static void settle_float_input(Lower *l, Variable *variable)
{
	Home *home = lower_home(l, variable);
	Register reg = machine_register(l->machine, l->function, REP_FLOAT, variable->name->text, NULL);
	if (l->function_scope == l->checked->root)
		lower_set(l, OP_F_FROM_V, reg, OPERANDS(operand_register(home->reg)));
	else
		machine_op(l->machine, l->block, OP_F_CHECK, reg, lower_site(l, variable->scope->node),
				   OPERANDS(operand_register(home->reg)));
	home->reg = reg;
}

static void settle_captured(Lower *l)
{
	const FunctionFacts *facts = &l->entry->facts[l->function_scope->index];
	for (uint32_t i = 0; i < l->function_scope->free_count; i++) {
		Variable *variable = l->function_scope->free[i];
		*lower_home(l, variable) = (Home){.rep = REP_VALUE, .reg = NO_REGISTER, .is_elided = true};
	}
	for (uint32_t i = 0; i < facts->cell_count; i++) {
		Home *home = lower_home(l, facts->cells[i]);
		home->is_elided = false;
		home->in_cell = true;
		home->reg =
			machine_register(l->machine, l->function, REP_VALUE, facts->cells[i]->name->text, NULL);
		Op *op = machine_op(l->machine, l->block, OP_CAPTURED, home->reg, NO_SITE,
							OPERANDS(operand_register(l->function->self)));
		op->number = l->function->default_count + i;
	}
}

void lower_settle_function(Lower *l)
{
	Scope *scope = l->function_scope;
	Bindings bindings = {0};
	reset_homes(l, scope);
	for (uint32_t p = 0; p < l->function->param_count; p++)
		for (uint32_t i = 0; i < scope->variable_count; i++)
			if ((scope->variables[i]->is_parameter || scope->kind == SCOPE_MODULE) &&
				strcmp(scope->variables[i]->name->text, l->function->params[p].name) == 0)
				lower_home(l, scope->variables[i])->reg = l->function->params[p].reg;
	settle_captured(l);
	for (uint32_t i = 0; i < scope->variable_count; i++)
		if (is_float_input(l, scope->variables[i]))
			lower_home(l, scope->variables[i])->rep = REP_FLOAT;
	if (scope->kind == SCOPE_FUNCTION)
		note_body(l, &bindings, &((const AstFunctionDef *)scope->node)->body);
	else if (scope->kind == SCOPE_MODULE)
		note_body(l, &bindings, &((const AstModule *)scope->node)->body);
	choose_representations(l, &bindings);
	for (uint32_t i = 0; i < scope->variable_count; i++) {
		bool is_native = lower_home(l, scope->variables[i])->rep == REP_FLOAT;
		if (is_native && scope->variables[i]->is_parameter)
			settle_float_input(l, scope->variables[i]);
		else
			settle_variable(l, scope->variables[i]);
	}
}

static const NodeList *generators_of(const Node *node)
{
	if (node->kind == NODE_DICT_COMP)
		return &((const AstDictComp *)node)->generators;
	return &((const AstListComp *)node)->generators;
}

/* The variables of a comprehension: fresh registers at each place, fresh cells each time it runs. */
void lower_settle_comprehension(Lower *l, Scope *scope)
{
	Bindings bindings = {0};
	const NodeList *generators = generators_of(scope->node);
	reset_homes(l, scope);
	for (uint32_t i = 0; i < generators->count; i++) {
		const AstComprehension *clause = (const AstComprehension *)generators->items[i];
		note_iteration(l, &bindings, clause->target, clause->iter);
	}
	choose_representations(l, &bindings);
	for (uint32_t i = 0; i < scope->variable_count; i++)
		if (!scope->variables[i]->is_parameter)
			settle_variable(l, scope->variables[i]);
}

/* ---- reading and writing ---- */

static int unbound_kind(const Lower *l, const Variable *variable)
{
	if (variable->scope->kind == SCOPE_MODULE)
		return 2;
	return variable->scope == l->scope ? 0 : 1;
}

Value lower_load(Lower *l, const Variable *variable, const Node *node)
{
	Home *home = lower_home(l, variable);
	Register reg = home->reg;
	if (home->is_elided || reg == NO_REGISTER) /* refused by the checker */
		return value_operand(operand_none(l));
	if (home->in_cell)
		reg = lower_op(l, OP_CELL_GET, node, OPERANDS(operand_register(reg)));
	if (variable->may_be_unbound && home->rep == REP_VALUE) {
		Op *op = lower_raw(l, OP_CHECK_BOUND, node, OPERANDS(operand_register(reg)));
		op->text = variable->name->text;
		op->number = unbound_kind(l, variable);
	}
	return value_register(l, reg);
}

/* Makes the operation that has just computed a temporary set the variable's register instead. */
static bool retarget(Lower *l, Operand value, Register reg)
{
	if (value.constant || l->function->registers[value.reg].name)
		return false;
	Exit *exit = l->last_exit;
	if (l->block->op_count == 0 && exit && exit->to == l->block && exit->result == value.reg &&
		exit->kind != EXIT_NEXT) {
		exit->result = reg;
		return true;
	}
	if (l->block->op_count == 0)
		return false;
	Op *last = l->block->ops[l->block->op_count - 1];
	if (last->result != value.reg)
		return false;
	last->result = reg;
	/* x = x + y: the old value of x goes at the same time */
	if (last->code == OP_ADD && !last->operands[0].constant && last->operands[0].reg == reg &&
		(last->operands[1].constant || last->operands[1].reg != reg))
		last->code = OP_ADD_TAKE;
	return true;
}

static void store_native(Lower *l, const Home *home, Value value)
{
	if (value.rep == home->rep) {
		if (!retarget(l, value.operand, home->reg))
			lower_set(l, home->rep == REP_INT ? OP_I_MOVE : OP_F_MOVE, home->reg, &value.operand,
					  1);
		return;
	}
	const MachineConstant *constant = value.rep == REP_VALUE ? value.operand.constant : NULL;
	if (home->rep == REP_INT && constant) {
		Op *op = machine_op(l->machine, l->block, OP_I_CONST, home->reg, NO_SITE, NO_OPERANDS);
		op->number = constant->integer;
	} else if (home->rep == REP_INT) { /* no binding of a machine integer gives this */
		machine_op(l->machine, l->block, OP_I_BOUND, home->reg, lower_site(l, NULL), &value.operand,
				   1);
	} else if (constant) {
		Op *op = machine_op(l->machine, l->block, OP_F_CONST, home->reg, NO_SITE, NO_OPERANDS);
		memcpy(&op->number, &constant->real, sizeof op->number);
	} else {
		machine_op(l->machine, l->block, OP_F_CHECK, home->reg, lower_site(l, NULL), &value.operand,
				   1);
	}
}

void lower_store(Lower *l, const Variable *variable, Value value)
{
	Home *home = lower_home(l, variable);
	if (home->is_elided || home->reg == NO_REGISTER)
		return;
	if (home->rep != REP_VALUE) {
		store_native(l, home, value);
		return;
	}
	Operand operand = lower_to_value(l, value);
	if (home->in_cell)
		lower_effect(l, OP_CELL_SET, NULL, OPERANDS(operand_register(home->reg), operand));
	else if (!retarget(l, operand, home->reg))
		lower_set(l, OP_MOVE, home->reg, &operand, 1);
}
