/*
 * Expressions. Each gives its value in the representation that comes naturally; see lower.h.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lower.h"

#include <string.h>

const Type *lower_type(const Lower *l, const Node *node)
{
	const Type *type = l->checked ? l->checked->types[node->id] : NULL;
	return type ? type : type_simple(l->entry->file->declarations->types, TYPE_ANY);
}

bool lower_is_int(const Type *type)
{
	return type->kind == TYPE_INT;
}

/* ---- constants ---- */

bool lower_small_literal(const Node *node, int64_t *number)
{
	int64_t sign = 1;
	if (node->kind == NODE_UNARY_OP && ((const AstUnaryOp *)node)->op == UNARY_U_SUB) {
		sign = -1;
		node = ((const AstUnaryOp *)node)->operand;
	}
	if (node->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)node)->value;
	if (value->kind != CONSTANT_INT || !value->fits || value->integer > SMALL_INT)
		return false;
	*number = sign * value->integer;
	return true;
}

/* 0b and 0o literals that do not fit a word become hexadecimal: what MC_BIG holds is decimal or 0x. */
static const MachineConstant *big_constant(Lower *l, const ConstantValue *value)
{
	const char *text = value->text;
	char kind = text[0] == '0' && value->length > 2 ? (char)(text[1] | 32) : 'd';
	if (kind != 'b' && kind != 'o')
		return constant_text(l->machine, MC_BIG, text, value->length);
	uint32_t per_digit = kind == 'b' ? 1 : 3, digits = value->length - 2, bits = digits * per_digit;
	uint32_t length = (bits + 3) / 4;
	char *hex = ARENA_ARRAY(l->arena, char, length + 3);
	memcpy(hex, "0x", 2);
	for (uint32_t i = 0; i < length; i++) {
		unsigned nibble = 0;
		for (uint32_t b = 4; b-- > 0;) {
			uint32_t bit = (length - 1 - i) * 4 + b; /* counted from the least */
			unsigned digit =
				bit < bits ? (unsigned)(text[2 + digits - 1 - bit / per_digit] - '0') : 0;
			nibble = nibble << 1 | (digit >> (bit % per_digit) & 1);
		}
		hex[2 + i] = "0123456789abcdef"[nibble];
	}
	return constant_text(l->machine, MC_BIG, hex, length + 2);
}

static const MachineConstant *literal(Lower *l, const ConstantValue *value)
{
	switch (value->kind) {
	case CONSTANT_TRUE:
		return constant_simple(l->machine, MC_TRUE);
	case CONSTANT_FALSE:
		return constant_simple(l->machine, MC_FALSE);
	case CONSTANT_ELLIPSIS:
		return constant_simple(l->machine, MC_ELLIPSIS);
	case CONSTANT_INT:
		return value->fits ? constant_int(l->machine, value->integer) : big_constant(l, value);
	case CONSTANT_FLOAT:
		return constant_float(l->machine, value->real);
	case CONSTANT_STR:
		return constant_text(l->machine, MC_STR, value->text, value->length);
	case CONSTANT_BYTES:
		return constant_text(l->machine, MC_BYTES, value->text, value->length);
	default:
		return constant_simple(l->machine, MC_NONE);
	}
}

static const MachineConstant *negated(Lower *l, const AstUnaryOp *node)
{
	if (node->op != UNARY_U_SUB || node->operand->kind != NODE_CONSTANT)
		return NULL;
	const ConstantValue *value = &((const AstConstant *)node->operand)->value;
	if (value->kind == CONSTANT_INT && value->fits)
		return constant_int(l->machine, -value->integer);
	return value->kind == CONSTANT_FLOAT ? constant_float(l->machine, -value->real) : NULL;
}

static const MachineConstant *constant_tuple_of(Lower *l, const AstTuple *tuple)
{
	const MachineConstant **items =
		ARENA_ARRAY(l->arena, const MachineConstant *, tuple->elts.count + 1);
	for (uint32_t i = 0; i < tuple->elts.count; i++)
		if (!(items[i] = lower_constant(l, tuple->elts.items[i])))
			return NULL;
	return constant_tuple(l->machine, items, tuple->elts.count);
}

const MachineConstant *lower_constant(Lower *l, const Node *node)
{
	switch (node->kind) {
	case NODE_CONSTANT:
		return literal(l, &((const AstConstant *)node)->value);
	case NODE_UNARY_OP:
		return negated(l, (const AstUnaryOp *)node);
	case NODE_TUPLE:
		return constant_tuple_of(l, (const AstTuple *)node);
	case NODE_NAME: {
		const NameInfo *info = lower_name(l, node);
		if (info->use != NAME_TYPE || strcmp(info->text, "map") == 0 ||
			strcmp(info->text, "filter") == 0)
			return NULL;
		return constant_text(l->machine, MC_TYPE, info->text, (uint32_t)strlen(info->text));
	}
	default:
		return NULL;
	}
}

/* ---- arithmetic ---- */

static bool is_small_number(const Value *value, double *real)
{
	const MachineConstant *constant = value->rep == REP_VALUE ? value->operand.constant : NULL;
	if (!constant || (constant->kind != MC_FLOAT && constant->kind != MC_INT))
		return false;
	if (constant->kind == MC_INT &&
		(constant->integer > SMALL_INT || constant->integer < -SMALL_INT))
		return false;
	*real = constant->kind == MC_INT ? (double)constant->integer : constant->real;
	return true;
}

/* A number, with what is known of its expression. */
typedef struct Number {
	Value value;
	bool is_float; /* surely, in whatever representation */
} Number;

static Number lower_number(Lower *l, const Node *node)
{
	return (Number){lower_expr(l, node), lower_is_float(l, node)};
}

static bool can_be_double(const Number *number)
{
	double real;
	return number->is_float || number->value.rep == REP_FLOAT || number->value.rep == REP_INT ||
		   is_small_number(&number->value, &real);
}

/* The number as a double. */
static Operand as_double(Lower *l, const Number *number)
{
	double real;
	if (number->value.rep == REP_FLOAT)
		return number->value.operand;
	if (number->value.rep == REP_INT)
		return operand_register(lower_op(l, OP_F_FROM_I, NULL, OPERANDS(number->value.operand)));
	if (!is_small_number(&number->value, &real))
		return operand_register(lower_op(l, OP_F_CHECK, NULL, OPERANDS(number->value.operand)));
	Op *op = lower_raw(l, OP_F_CONST, NULL, NO_OPERANDS);
	memcpy(&op->number, &real, sizeof op->number);
	return operand_register(op->result);
}

static bool both_floats(Lower *l, const Number *a, const Number *b, Operand operands[2])
{
	bool is_float =
		a->is_float || b->is_float || a->value.rep == REP_FLOAT || b->value.rep == REP_FLOAT;
	if (!is_float || !can_be_double(a) || !can_be_double(b))
		return false;
	operands[0] = as_double(l, a);
	operands[1] = as_double(l, b);
	return true;
}

static bool native_operator(BinaryOperator op, OpCode *code)
{
	switch (op) {
	case BINARY_ADD:
		*code = OP_F_ADD;
		return true;
	case BINARY_SUB:
		*code = OP_F_SUB;
		return true;
	case BINARY_MULT:
		*code = OP_F_MUL;
		return true;
	case BINARY_DIV:
		*code = OP_F_TRUEDIV;
		return true;
	case BINARY_FLOOR_DIV:
		*code = OP_F_FLOORDIV;
		return true;
	case BINARY_MOD:
		*code = OP_F_MOD;
		return true;
	default:
		return false;
	}
}

static OpCode value_operator(BinaryOperator op, bool ints)
{
	switch (op) {
	case BINARY_ADD:
		return ints ? OP_INT_ADD : OP_ADD;
	case BINARY_SUB:
		return ints ? OP_INT_SUB : OP_SUB;
	case BINARY_MULT:
		return ints ? OP_INT_MUL : OP_MUL;
	case BINARY_MAT_MULT:
		return OP_MATMUL;
	case BINARY_DIV:
		return OP_TRUEDIV;
	case BINARY_MOD:
		return OP_MOD;
	case BINARY_POW:
		return OP_POW;
	case BINARY_L_SHIFT:
		return OP_LSHIFT;
	case BINARY_R_SHIFT:
		return OP_RSHIFT;
	case BINARY_BIT_OR:
		return OP_OR;
	case BINARY_BIT_XOR:
		return OP_XOR;
	case BINARY_BIT_AND:
		return OP_AND;
	default:
		return OP_FLOORDIV;
	}
}

static bool is_surely_int(const Lower *l, const Node *node, const Value *value)
{
	return value->rep == REP_INT || lower_is_int(lower_type(l, node));
}

static Value lower_binary(Lower *l, const AstBinOp *node)
{
	OpCode code;
	Operand operands[2];
	Number a = lower_number(l, node->left), b = lower_number(l, node->right);
	if (native_operator(node->op, &code) && both_floats(l, &a, &b, operands))
		return value_register(l, lower_op(l, code, &node->base, operands, 2));
	bool ints = is_surely_int(l, node->left, &a.value) && is_surely_int(l, node->right, &b.value);
	operands[0] = lower_to_value(l, a.value);
	operands[1] = lower_to_value(l, b.value);
	return value_register(l, lower_op(l, value_operator(node->op, ints), &node->base, operands, 2));
}

static Value lower_unary(Lower *l, const AstUnaryOp *node)
{
	const MachineConstant *constant = negated(l, node);
	if (constant)
		return value_operand(operand_constant(constant));
	Value value = lower_expr(l, node->operand);
	if (node->op == UNARY_NOT) {
		Register truth = lower_truth(l, value, node->operand);
		return value_register(
			l, lower_op(l, OP_B_NOT, &node->base, OPERANDS(operand_register(truth))));
	}
	if (value.rep == REP_FLOAT && node->op == UNARY_U_ADD)
		return value;
	if (value.rep == REP_FLOAT && node->op == UNARY_U_SUB)
		return value_register(l, lower_op(l, OP_F_NEG, &node->base, OPERANDS(value.operand)));
	OpCode code = node->op == UNARY_U_SUB ? OP_NEG : node->op == UNARY_U_ADD ? OP_POS : OP_INVERT;
	return value_register(l, lower_op(l, code, &node->base, OPERANDS(lower_to_value(l, value))));
}

/* ---- comparison ---- */

static bool ordering(CompareOperator op, OpCode codes[3])
{
	static const OpCode table[6][3] = {
		{OP_EQ, OP_I_EQ, OP_F_EQ}, {OP_NE, OP_I_NE, OP_F_NE}, {OP_LT, OP_I_LT, OP_F_LT},
		{OP_LE, OP_I_LE, OP_F_LE}, {OP_GT, OP_I_GT, OP_F_GT}, {OP_GE, OP_I_GE, OP_F_GE},
	};
	if (op > COMPARE_GT_E)
		return false;
	memcpy(codes, table[op], sizeof table[op]);
	return true;
}

static bool as_int(Lower *l, const Value *value, Operand *result)
{
	if (value->rep == REP_INT) {
		*result = value->operand;
		return true;
	}
	const MachineConstant *constant = value->rep == REP_VALUE ? value->operand.constant : NULL;
	if (!constant || constant->kind != MC_INT)
		return false;
	*result = operand_register(lower_i_const(l, constant->integer));
	return true;
}

static bool both_ints(Lower *l, const Value *a, const Value *b, Operand operands[2])
{
	if (a->rep != REP_INT && b->rep != REP_INT)
		return false;
	const Value *other = a->rep == REP_INT ? b : a;
	if (other->rep != REP_INT && !(other->rep == REP_VALUE && other->operand.constant &&
								   other->operand.constant->kind == MC_INT))
		return false;
	return as_int(l, a, &operands[0]) && as_int(l, b, &operands[1]);
}

/* One comparison of a chain. */
static Register compare(Lower *l, CompareOperator op, Number a, Number b, const Node *node)
{
	OpCode codes[3] = {OP_IS, OP_IS, OP_IS};
	Operand operands[2];
	bool is_ordering = ordering(op, codes);
	if (is_ordering && both_ints(l, &a.value, &b.value, operands))
		return lower_op(l, codes[1], node, operands, 2);
	if (is_ordering && both_floats(l, &a, &b, operands))
		return lower_op(l, codes[2], node, operands, 2);
	operands[0] = lower_to_value(l, a.value);
	operands[1] = lower_to_value(l, b.value);
	return lower_op(l, codes[0], node, operands, 2);
}

/* One link of a chain; *right is the value of its second operand, for the next link. */
static Register lower_link(Lower *l, CompareOperator op, Number left, const Node *comparator,
						   const Node *node, Number *right)
{
	Register truth;
	if (op == COMPARE_IN || op == COMPARE_NOT_IN) {
		Operand item = lower_to_value(l, left.value);
		Value found = lower_contains(l, item, comparator, node);
		truth = found.operand.reg;
		*right = (Number){value_operand(operand_none(l)), false};
	} else {
		*right = lower_number(l, comparator);
		truth = compare(l, op, left, *right, node);
	}
	if (op == COMPARE_IS_NOT || op == COMPARE_NOT_IN)
		truth = lower_op(l, OP_B_NOT, node, OPERANDS(operand_register(truth)));
	return truth;
}

/* `a < b < c`; `in` before the last link keeps its container, which lower_contains evaluates: such chains are rare. */
static Register lower_chain_link(Lower *l, const AstCompare *node, uint32_t i, Number left,
								 Number *right)
{
	CompareOperator op = node->ops.items[i];
	bool last = i + 1 == node->ops.count;
	if (last || (op != COMPARE_IN && op != COMPARE_NOT_IN))
		return lower_link(l, op, left, node->comparators.items[i], &node->base, right);
	*right = (Number){value_operand(lower_value(l, node->comparators.items[i])), false};
	Operand container = right->value.operand;
	Register truth =
		lower_op(l, OP_CONTAINS, &node->base, OPERANDS(container, lower_to_value(l, left.value)));
	return op == COMPARE_IN ? truth
							: lower_op(l, OP_B_NOT, NULL, OPERANDS(operand_register(truth)));
}

static void branch_compare(Lower *l, const AstCompare *node, Block *yes, Block *no)
{
	Number left = lower_number(l, node->left);
	for (uint32_t i = 0; i < node->ops.count; i++) {
		Number right;
		Register truth = lower_chain_link(l, node, i, left, &right);
		bool last = i + 1 == node->ops.count;
		Block *next = last ? yes : lower_block(l, "chain");
		lower_branch(l, truth, next, no);
		if (!last)
			lower_start(l, next);
		left = right;
	}
}

/* ---- conditions ---- */

static Value join_truth(Lower *l, Block *yes, Block *no)
{
	Block *end = lower_block(l, "truth");
	Register result = lower_temp(l, REP_BOOL);
	for (int truth = 1; truth >= 0; truth--) {
		lower_start(l, truth ? yes : no);
		Op *op = machine_op(l->machine, l->block, OP_B_CONST, result, NO_SITE, NO_OPERANDS);
		op->number = truth;
		lower_jump(l, end);
	}
	lower_start(l, end);
	return value_register(l, result);
}

static Value lower_compare(Lower *l, const AstCompare *node)
{
	if (node->ops.count == 1) {
		Number right, left = lower_number(l, node->left);
		return value_register(l, lower_chain_link(l, node, 0, left, &right));
	}
	Block *yes = lower_block(l, "true"), *no = lower_block(l, "false");
	branch_compare(l, node, yes, no);
	return join_truth(l, yes, no);
}

static void branch_bool(Lower *l, const AstBoolOp *node, Block *yes, Block *no)
{
	for (uint32_t i = 0; i < node->values.count; i++) {
		bool last = i + 1 == node->values.count;
		Block *next = last ? NULL : lower_block(l, node->op == BOOL_AND ? "and" : "or");
		if (node->op == BOOL_AND)
			lower_condition(l, node->values.items[i], last ? yes : next, no);
		else
			lower_condition(l, node->values.items[i], yes, last ? no : next);
		if (!last)
			lower_start(l, next);
	}
}

void lower_condition(Lower *l, const Node *node, Block *yes, Block *no)
{
	switch (node->kind) {
	case NODE_UNARY_OP:
		if (((const AstUnaryOp *)node)->op == UNARY_NOT) {
			lower_condition(l, ((const AstUnaryOp *)node)->operand, no, yes);
			return;
		}
		break;
	case NODE_BOOL_OP:
		branch_bool(l, (const AstBoolOp *)node, yes, no);
		return;
	case NODE_COMPARE:
		branch_compare(l, (const AstCompare *)node, yes, no);
		return;
	default:
		break;
	}
	Value value = lower_expr(l, node);
	if (value.rep == REP_VALUE && value.operand.constant) {
		lower_jump(l, lower_constant_truth(value.operand.constant) ? yes : no);
		return;
	}
	lower_branch(l, lower_truth(l, value, node), yes, no);
}

/* `a and b` as a value: the first that decides. */
static Value lower_bool_op(Lower *l, const AstBoolOp *node)
{
	Block *end = lower_block(l, "end");
	Register result = lower_temp(l, REP_VALUE);
	for (uint32_t i = 0; i < node->values.count; i++) {
		Value value = lower_expr(l, node->values.items[i]);
		Operand operand = lower_to_value(l, value);
		lower_set(l, OP_MOVE, result, &operand, 1);
		if (i + 1 == node->values.count)
			break;
		Block *next = lower_block(l, node->op == BOOL_AND ? "and" : "or");
		Register truth = value.rep == REP_VALUE && !operand.constant
							 ? lower_truth(l, value_register(l, result), node->values.items[i])
							 : lower_truth(l, value, node->values.items[i]);
		lower_branch(l, truth, node->op == BOOL_AND ? next : end,
					 node->op == BOOL_AND ? end : next);
		lower_start(l, next);
	}
	lower_jump(l, end);
	lower_start(l, end);
	return value_register(l, result);
}

static Value lower_choice(Lower *l, const AstIfExp *node)
{
	Block *yes = lower_block(l, "then"), *no = lower_block(l, "else"), *end = lower_block(l, "end");
	Register result = lower_temp(l, REP_VALUE);
	lower_condition(l, node->test, yes, no);
	for (int side = 0; side < 2; side++) {
		lower_start(l, side ? no : yes);
		Operand operand = lower_value(l, side ? node->orelse : node->body);
		lower_set(l, OP_MOVE, result, &operand, 1);
		lower_jump(l, end);
	}
	lower_start(l, end);
	return value_register(l, result);
}

/* ---- displays ---- */

static bool has_star(const NodeList *items)
{
	for (uint32_t i = 0; i < items->count; i++)
		if (items->items[i]->kind == NODE_STARRED)
			return true;
	return false;
}

static Operand *lower_all(Lower *l, const NodeList *items, uint32_t count)
{
	Operand *operands = ARENA_ARRAY(l->arena, Operand, count + 1);
	for (uint32_t i = 0; i < count; i++)
		operands[i] = lower_value(l, items->items[i]);
	return operands;
}

static void push_items(Lower *l, const NodeList *items, uint32_t from, Register into, bool is_set,
					   const Node *node)
{
	for (uint32_t i = from; i < items->count; i++) {
		const Node *item = items->items[i];
		if (item->kind != NODE_STARRED) {
			Operand value = lower_value(l, item);
			lower_effect(l, is_set ? OP_SET_PUSH : OP_LIST_PUSH, node,
						 OPERANDS(operand_register(into), value));
			continue;
		}
		const Node *inner = ((const AstStarred *)item)->value;
		Operand value = lower_drain(l, lower_value(l, inner), lower_type(l, inner), node);
		lower_effect(l, is_set ? OP_SET_UPDATE : OP_LIST_EXTEND, node,
					 OPERANDS(operand_register(into), value));
	}
}

static uint32_t first_star(const NodeList *items)
{
	uint32_t i = 0;
	while (i < items->count && items->items[i]->kind != NODE_STARRED)
		i++;
	return i;
}

/* A display with starred items: a list (or set) of those before the first, then one at a time. */
static Register build(Lower *l, OpCode code, const NodeList *items, const Node *node)
{
	uint32_t plain = first_star(items);
	Operand *operands = lower_all(l, items, plain);
	Register result = lower_op(l, code, node, operands, plain);
	push_items(l, items, plain, result, code == OP_SET, node);
	return result;
}

Operand lower_list_of(Lower *l, const NodeList *items, const Node *node)
{
	return operand_register(build(l, OP_LIST, items, node));
}

static Value lower_tuple(Lower *l, const AstTuple *node)
{
	const MachineConstant *constant = lower_constant(l, &node->base);
	if (constant)
		return value_operand(operand_constant(constant));
	if (!has_star(&node->elts))
		return value_register(l, build(l, OP_TUPLE, &node->elts, &node->base));
	Operand list = lower_list_of(l, &node->elts, &node->base);
	return value_register(l, lower_op(l, OP_LIST_TO_TUPLE, &node->base, OPERANDS(list)));
}

static Value lower_dict(Lower *l, const AstDict *node)
{
	uint32_t plain = 0;
	while (plain < node->keys.count && node->keys.items[plain])
		plain++;
	Operand *operands = ARENA_ARRAY(l->arena, Operand, plain * 2 + 1);
	for (uint32_t i = 0; i < plain; i++) {
		operands[2 * i] = lower_value(l, node->keys.items[i]);
		operands[2 * i + 1] = lower_value(l, node->values.items[i]);
	}
	Operand result = operand_register(lower_op(l, OP_DICT, &node->base, operands, plain * 2));
	for (uint32_t i = plain; i < node->keys.count; i++) {
		if (!node->keys.items[i]) {
			Operand other = lower_value(l, node->values.items[i]);
			lower_effect(l, OP_DICT_UPDATE, &node->base, OPERANDS(result, other));
			continue;
		}
		Operand key = lower_value(l, node->keys.items[i]),
				value = lower_value(l, node->values.items[i]);
		lower_effect(l, OP_DICT_PUSH, &node->base, OPERANDS(result, key, value));
	}
	return value_operand(result);
}

/* ---- f-strings ---- */

typedef struct Pieces {
	Operand *operands;
	uint32_t count;
} Pieces;

static void add_text(Lower *l, Pieces *pieces, const ConstantValue *value)
{
	Operand *last = pieces->count ? &pieces->operands[pieces->count - 1] : NULL;
	if (value->length == 0)
		return;
	if (last && last->constant) {
		const char *joined = arena_format(l->arena, "%s", "");
		uint32_t before = last->constant->length;
		char *bytes = ARENA_ARRAY(l->arena, char, before + value->length + 1);
		memcpy(bytes, last->constant->text, before);
		memcpy(bytes + before, value->text, value->length);
		joined = bytes;
		*last = operand_constant(constant_text(l->machine, MC_STR, joined, before + value->length));
		return;
	}
	pieces->operands[pieces->count++] = operand_constant(literal(l, value));
}

static Operand lower_formatted(Lower *l, const AstFormattedValue *node)
{
	Operand value = lower_value(l, node->value);
	Operand spec = node->format_spec ? lower_value(l, node->format_spec) : operand_unbound(l);
	Op *op = lower_raw(l, OP_FORMAT, &node->base, OPERANDS(value, spec));
	op->number = node->conversion < 0 ? 0 : node->conversion;
	return operand_register(op->result);
}

static Value lower_joined(Lower *l, const AstJoinedStr *node)
{
	Pieces pieces = {ARENA_ARRAY(l->arena, Operand, node->values.count + 1), 0};
	for (uint32_t i = 0; i < node->values.count; i++) {
		const Node *part = node->values.items[i];
		if (part->kind == NODE_CONSTANT)
			add_text(l, &pieces, &((const AstConstant *)part)->value);
		else if (part->kind == NODE_FORMATTED_VALUE)
			pieces.operands[pieces.count++] = lower_formatted(l, (const AstFormattedValue *)part);
		else
			pieces.operands[pieces.count++] = lower_value(l, part);
	}
	if (pieces.count == 0)
		return value_operand(operand_str(l, ""));
	if (pieces.count == 1)
		return value_operand(pieces.operands[0]);
	return value_register(l,
						  lower_op(l, OP_STR_CONCAT, &node->base, pieces.operands, pieces.count));
}

/* ---- subscripts, attributes, names ---- */

static Operand lower_slice(Lower *l, const AstSlice *node)
{
	Operand parts[3];
	const Node *nodes[3] = {node->lower, node->upper, node->step};
	for (int i = 0; i < 3; i++)
		parts[i] = nodes[i] ? lower_value(l, nodes[i]) : operand_none(l);
	return operand_register(lower_op(l, OP_SLICE, &node->base, parts, 3));
}

static Value lower_subscript(Lower *l, const AstSubscript *node)
{
	Operand object = lower_value(l, node->value), key = lower_value(l, node->slice);
	return value_register(l, lower_op(l, OP_GETITEM, &node->base, OPERANDS(object, key)));
}

static Value lower_attribute(Lower *l, const AstAttribute *node)
{
	Operand object = lower_value(l, node->value);
	bool method = lower_is_method_name(node->attr->text);
	if (strcmp(node->attr->text, "sort") == 0) /* it may be called with a key */
		lower_need_function(l, "sort");
	Op *op = lower_raw(l, method ? OP_GET_METHOD : OP_GET_ATTRIBUTE, &node->base, OPERANDS(object));
	op->text = node->attr->text;
	return value_register(l, op->result);
}

static Value lower_name_load(Lower *l, const AstName *node)
{
	const NameInfo *info = &l->checked->names[node->base.id];
	if (info->use == NAME_VARIABLE)
		return lower_load(l, info->variable, &node->base);
	return value_operand(lower_name_value(l, info));
}

/* ---- every kind ---- */

Value lower_expr(Lower *l, const Node *node)
{
	switch (node->kind) {
	case NODE_CONSTANT:
		return value_operand(operand_constant(lower_constant(l, node)));
	case NODE_NAME:
		return lower_name_load(l, (const AstName *)node);
	case NODE_BIN_OP:
		return lower_binary(l, (const AstBinOp *)node);
	case NODE_UNARY_OP:
		return lower_unary(l, (const AstUnaryOp *)node);
	case NODE_COMPARE:
		return lower_compare(l, (const AstCompare *)node);
	case NODE_BOOL_OP:
		return lower_bool_op(l, (const AstBoolOp *)node);
	case NODE_IF_EXP:
		return lower_choice(l, (const AstIfExp *)node);
	case NODE_LIST:
		return value_operand(lower_list_of(l, &((const AstList *)node)->elts, node));
	case NODE_SET:
		return value_register(l, build(l, OP_SET, &((const AstSet *)node)->elts, node));
	case NODE_TUPLE:
		return lower_tuple(l, (const AstTuple *)node);
	case NODE_DICT:
		return lower_dict(l, (const AstDict *)node);
	case NODE_JOINED_STR:
		return lower_joined(l, (const AstJoinedStr *)node);
	case NODE_FORMATTED_VALUE:
		return value_operand(lower_formatted(l, (const AstFormattedValue *)node));
	case NODE_SUBSCRIPT:
		return lower_subscript(l, (const AstSubscript *)node);
	case NODE_SLICE:
		return value_operand(lower_slice(l, (const AstSlice *)node));
	case NODE_ATTRIBUTE:
		return lower_attribute(l, (const AstAttribute *)node);
	case NODE_AWAIT:
		return lower_expr(l, ((const AstAwait *)node)->value);
	case NODE_CALL:
		return lower_call(l, (const AstCall *)node);
	case NODE_LAMBDA: {
		const AstArguments *arguments = (const AstArguments *)((const AstLambda *)node)->args;
		return value_operand(lower_closure(l, l->checked->node_scopes[node->id], arguments, node));
	}
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_DICT_COMP:
		return lower_comprehension(l, node);
	case NODE_GENERATOR_EXP:
		return value_operand(lower_generator_value(l, (const AstGeneratorExp *)node));
	default: /* refused by the checker */
		return value_operand(operand_none(l));
	}
}

Operand lower_value(Lower *l, const Node *node)
{
	return lower_to_value(l, lower_expr(l, node));
}
