/*
 * Types of operations. Each rule says what Python's result is for operands of these types; a union
 * is taken member by member, and what surely raises adds nothing.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

const Type *infer_union(Infer *f, const Type *type,
						const Type *(*each)(Infer *f, const Type *member, void *context),
						void *context)
{
	if (type->kind != TYPE_UNION)
		return each(f, type, context);
	const Type *joined = f->never;
	for (uint32_t i = 0; i < type->count; i++)
		joined = type_merge(f->types, joined, each(f, type->args[i], context));
	return joined;
}

const Type *infer_join_items(Infer *f, const Type *type)
{
	const Type *joined = f->never;
	for (uint32_t i = 0; i < type->count; i++)
		joined = type_merge(f->types, joined, type->args[i]);
	return joined;
}

/* ---- binary operators ---- */

static bool is_whole(const Type *type)
{
	return type->kind == TYPE_INT || type->kind == TYPE_BOOL;
}

static bool is_number(const Type *type)
{
	return is_whole(type) || type->kind == TYPE_FLOAT;
}

static bool is_set(const Type *type)
{
	return type->kind == TYPE_SET || type->kind == TYPE_FROZENSET;
}

static bool is_tuple(const Type *type)
{
	return type->kind == TYPE_TUPLE || type->kind == TYPE_TUPLE_OF;
}

/* 2 ** 3 is an int, 2 ** -1 a float. */
static const Type *power_type(Infer *f, const Type *left, const Type *right, const Node *right_node)
{
	if (!is_whole(left) || !is_whole(right))
		return f->real;
	bool literal = right_node && right_node->kind == NODE_CONSTANT &&
				   ((const AstConstant *)right_node)->value.kind == CONSTANT_INT;
	return literal || right->kind == TYPE_BOOL ? f->integer
											   : type_merge(f->types, f->integer, f->real);
}

static const Type *number_op(Infer *f, BinaryOperator op, const Type *left, const Type *right,
							 const Node *right_node)
{
	bool whole = is_whole(left) && is_whole(right);
	switch (op) {
	case BINARY_ADD:
	case BINARY_SUB:
	case BINARY_MULT:
	case BINARY_MOD:
	case BINARY_FLOOR_DIV:
		return whole ? f->integer : f->real;
	case BINARY_DIV:
		return f->real;
	case BINARY_POW:
		return power_type(f, left, right, right_node);
	case BINARY_L_SHIFT:
	case BINARY_R_SHIFT:
		return whole ? f->integer : f->never;
	case BINARY_BIT_OR:
	case BINARY_BIT_XOR:
	case BINARY_BIT_AND:
		if (!whole)
			return f->never;
		return left->kind == TYPE_BOOL && right->kind == TYPE_BOOL ? f->boolean : f->integer;
	default:
		return f->never;
	}
}

static const Type *tuple_sum(Infer *f, const Type *left, const Type *right)
{
	enum { MOST = 32 };
	const Type *items[MOST];
	if (left->kind == TYPE_TUPLE && right->kind == TYPE_TUPLE &&
		left->count + right->count <= MOST) {
		for (uint32_t i = 0; i < left->count + right->count; i++)
			items[i] = i < left->count ? left->args[i] : right->args[i - left->count];
		return type_make(f->types, TYPE_TUPLE, items, left->count + right->count);
	}
	const Type *joined =
		type_merge(f->types, infer_join_items(f, left), infer_join_items(f, right));
	return type_make(f->types, TYPE_TUPLE_OF, &joined, 1);
}

/* A sequence of the same kind and items, of any length, made by `node`; NEVER: it is none. */
static const Type *resized_type(Infer *f, const Node *node, const Type *sequence)
{
	const Type *item;
	switch (sequence->kind) {
	case TYPE_STR:
	case TYPE_BYTES:
	case TYPE_RANGE:
		return sequence;
	case TYPE_LIST:
		return infer_made(f, node, TYPE_LIST, sequence->args[0], NULL);
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
		item = infer_join_items(f, sequence);
		return type_make(f->types, TYPE_TUPLE_OF, &item, 1);
	default:
		return f->never;
	}
}

static const Type *repeat_type(Infer *f, const Node *node, const Type *sequence)
{
	return sequence->kind == TYPE_RANGE ? f->never : resized_type(f, node, sequence);
}

static const Type *set_op(Infer *f, const Node *node, BinaryOperator op, const Type *left,
						  const Type *right)
{
	if (op != BINARY_BIT_OR && op != BINARY_BIT_AND && op != BINARY_BIT_XOR && op != BINARY_SUB)
		return f->never;
	const Type *item =
		op == BINARY_SUB ? left->args[0] : type_merge(f->types, left->args[0], right->args[0]);
	return left->kind == TYPE_SET ? infer_made(f, node, TYPE_SET, item, NULL)
								  : type_make(f->types, TYPE_FROZENSET, &item, 1);
}

/* May the operands be something whose operators are not known here? */
static bool is_open(const Type *type)
{
	return type->kind == TYPE_ANY || type->kind == TYPE_DATETIME || type->kind == TYPE_TIMEDELTA ||
		   type->kind == TYPE_TYPE || type->kind == TYPE_ITERATOR;
}

static const Type *binary_pair(Infer *f, const Node *node, BinaryOperator op, const Type *left,
							   const Type *right, const Node *right_node)
{
	if (left->kind == TYPE_NEVER || right->kind == TYPE_NEVER)
		return f->never;
	if (op == BINARY_MOD && (left->kind == TYPE_STR || left->kind == TYPE_BYTES))
		return left;
	if (is_open(left) || is_open(right))
		return f->any;
	if (is_number(left) && is_number(right))
		return number_op(f, op, left, right, right_node);
	if (op == BINARY_MULT && is_whole(right))
		return repeat_type(f, node, left);
	if (op == BINARY_MULT && is_whole(left))
		return repeat_type(f, node, right);
	if (is_set(left) && is_set(right))
		return set_op(f, node, op, left, right);
	if (op == BINARY_BIT_OR && left->kind == TYPE_DICT && right->kind == TYPE_DICT)
		return infer_made(f, node, TYPE_DICT, type_merge(f->types, left->args[0], right->args[0]),
						  type_merge(f->types, left->args[1], right->args[1]));
	if (op != BINARY_ADD)
		return f->never;
	if (is_tuple(left) && is_tuple(right))
		return tuple_sum(f, left, right);
	if (left->kind != right->kind)
		return f->never;
	if (left->kind == TYPE_STR || left->kind == TYPE_BYTES)
		return left;
	if (left->kind == TYPE_LIST)
		return infer_made(f, node, TYPE_LIST, type_merge(f->types, left->args[0], right->args[0]),
						  NULL);
	return f->never;
}

const Type *infer_binary(Infer *f, const Node *node, BinaryOperator op, const Type *left,
						 const Type *right, const Node *right_node)
{
	const Type *joined = f->never;
	uint32_t n = left->kind == TYPE_UNION ? left->count : 1,
			 m = right->kind == TYPE_UNION ? right->count : 1;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < m; k++)
			joined = type_merge(
				f->types, joined,
				binary_pair(f, node, op, left->kind == TYPE_UNION ? left->args[i] : left,
							right->kind == TYPE_UNION ? right->args[k] : right, right_node));
	return joined;
}

/* ---- unary operators ---- */

static const Type *unary_member(Infer *f, const Type *member, void *context)
{
	bool invert = *(UnaryOperator *)context == UNARY_INVERT;
	if (is_open(member))
		return f->any;
	if (is_whole(member))
		return f->integer;
	return member->kind == TYPE_FLOAT && !invert ? f->real : f->never;
}

const Type *infer_unary(Infer *f, UnaryOperator op, const Type *operand)
{
	return op == UNARY_NOT ? f->boolean : infer_union(f, operand, unary_member, &op);
}

/* ---- subscripts and iteration ---- */

/* -3 or 3; false: no literal */
static bool literal_index(const Node *node, int64_t *index)
{
	bool negative = node->kind == NODE_UNARY_OP && ((const AstUnaryOp *)node)->op == UNARY_U_SUB;
	if (negative)
		node = ((const AstUnaryOp *)node)->operand;
	if (node->kind != NODE_CONSTANT)
		return false;
	const ConstantValue *value = &((const AstConstant *)node)->value;
	if (value->kind != CONSTANT_INT || !value->fits)
		return false;
	*index = negative ? -value->integer : value->integer;
	return true;
}

static const Type *item_member(Infer *f, const Type *member, void *context)
{
	const AstSubscript *node = context;
	int64_t index;
	if (node->slice->kind == NODE_SLICE)
		return is_open(member) ? f->any : resized_type(f, &node->base, member);
	switch (member->kind) {
	case TYPE_STR:
		return f->text;
	case TYPE_BYTES:
	case TYPE_RANGE:
		return f->integer;
	case TYPE_LIST:
		return member->args[0];
	case TYPE_DICT:
		return member->args[1];
	case TYPE_TUPLE:
		if (!literal_index(node->slice, &index))
			return infer_join_items(f, member);
		index += index < 0 ? (int64_t)member->count : 0;
		return index >= 0 && index < (int64_t)member->count ? member->args[index] : f->never;
	case TYPE_TUPLE_OF:
		return member->args[0];
	default:
		return is_open(member) ? f->any : f->never;
	}
}

const Type *infer_subscript(Infer *f, const AstSubscript *node, const Type *value)
{
	return infer_union(f, value, item_member, (void *)(uintptr_t)node);
}

static const Type *element_member(Infer *f, const Type *member, void *context)
{
	(void)context;
	switch (member->kind) {
	case TYPE_STR:
		return f->text;
	case TYPE_BYTES:
	case TYPE_RANGE:
		return f->integer;
	case TYPE_LIST:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_DICT:
	case TYPE_TUPLE_OF:
	case TYPE_GENERATOR:
		return member->args[0];
	case TYPE_ITERATOR:
		return member->count ? member->args[0] : f->any;
	case TYPE_TUPLE:
		return infer_join_items(f, member);
	case TYPE_ANY:
		return f->any;
	default:
		return f->never;
	}
}

const Type *infer_element(Infer *f, const Type *iterable)
{
	return infer_union(f, iterable, element_member, NULL);
}
