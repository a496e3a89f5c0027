/*
 * Operations that are certain to fail: Python has no meaning for any pair of types that their operands can have. Where
 * one member of a union might do, or a type is not known, there is silence: then it is Python's own exception at run
 * time. The words are Python's, with the whole types.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "check_values.h"

#include <string.h>

/* ---- looking at types ---- */

const Type *check_type_of(const Checker *c, const Node *node)
{
	const Type *type = c->checked->types[node->id];
	return type && type->kind != TYPE_NEVER ? type : NULL;
}

const char *check_type_text(Checker *c, const Type *type)
{
	Text out;
	text_init(&out, c->arena);
	type_print(&out, type);
	return out.bytes;
}

bool check_every(const Type *type, bool (*is)(TypeKind kind))
{
	if (type->kind != TYPE_UNION)
		return is(type->kind);
	for (uint32_t i = 0; i < type->count; i++)
		if (!is(type->args[i]->kind))
			return false;
	return true;
}

static bool is_none(TypeKind kind)
{
	return kind == TYPE_NONE;
}

bool check_has_none(const Type *type)
{
	for (uint32_t i = 0; type->kind == TYPE_UNION && i < type->count; i++)
		if (type->args[i]->kind == TYPE_NONE)
			return true;
	return type->kind == TYPE_NONE;
}

static bool is_number(TypeKind kind)
{
	return kind == TYPE_INT || kind == TYPE_BOOL || kind == TYPE_FLOAT;
}

/* An operation that was found to fail goes on as ANY, so that there is one message. */
void check_absorb(Checker *c, const Node *node)
{
	if (!c->checked->absorbed[node->id]) {
		c->checked->absorbed[node->id] = true;
		c->absorbed_count++;
	}
}

static bool is_lost(const Checker *c, const Node *node)
{
	const Type *type = c->checked->types[node->id];
	return type && (type->kind == TYPE_NEVER || c->checked->absorbed[node->id]);
}

/* ---- operators ---- */

static const char *operands_help(Checker *c, BinaryOperator op, const Type *left, const Type *right)
{
	bool none = check_every(left, is_none) || check_every(right, is_none);
	if (none || check_has_none(left) || check_has_none(right))
		return "a value that may be None is not a number: test it with 'is not None' before";
	if (op == BINARY_ADD && left->kind == TYPE_STR)
		return "make it a text first: str(...), or use an f-string";
	if (op == BINARY_ADD && right->kind == TYPE_STR)
		return "make the text a number with int() or float(), or the number a text with str()";
	return arena_format(c->arena, "make both operands of types that '%s' takes", binary_text(op));
}

static void check_binary(Checker *c, const AstBinOp *node)
{
	const Type *left = check_type_of(c, node->left), *right = check_type_of(c, node->right);
	if (!left || !right || !is_lost(c, &node->base))
		return;
	diag_add(c->diag, D_OPERANDS, c->source, node->base.start, node->base.end,
			 node->op == BINARY_POW ? "** or pow()" : binary_text(node->op),
			 check_type_text(c, left), check_type_text(c, right),
			 operands_help(c, node->op, left, right));
	check_absorb(c, &node->base);
}

static void check_unary(Checker *c, const AstUnaryOp *node)
{
	static const char *const texts[] = {"~", "not", "+", "-"};
	const Type *type = check_type_of(c, node->operand);
	if (!type || !is_lost(c, &node->base))
		return;
	diag_add(c->diag, D_OPERAND, c->source, node->base.start, node->base.end, texts[node->op],
			 check_type_text(c, type));
	check_absorb(c, &node->base);
}

/* May a < b have a meaning? */
static bool may_order(const Type *a, const Type *b)
{
	if (is_number(a->kind))
		return is_number(b->kind) || b->kind == TYPE_ANY;
	switch (a->kind) {
	case TYPE_STR:
	case TYPE_BYTES:
	case TYPE_LIST:
		return b->kind == a->kind || b->kind == TYPE_ANY;
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
		return b->kind == TYPE_TUPLE || b->kind == TYPE_TUPLE_OF || b->kind == TYPE_ANY;
	case TYPE_SET:
	case TYPE_FROZENSET: /* and the views of a dict */
		return b->kind == TYPE_SET || b->kind == TYPE_FROZENSET || b->kind == TYPE_ITERATOR ||
			   b->kind == TYPE_ANY;
	case TYPE_NONE:
	case TYPE_DICT:
	case TYPE_RANGE:
	case TYPE_FUNCTION:
	case TYPE_TYPE:
	case TYPE_EXCEPTION:
	case TYPE_GENERATOR:
		return b->kind == TYPE_ANY;
	default:
		return true;
	}
}

static bool may_some(const Type *a, const Type *b, bool (*may)(const Type *a, const Type *b))
{
	uint32_t n = a->kind == TYPE_UNION ? a->count : 1, m = b->kind == TYPE_UNION ? b->count : 1;
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < m; k++)
			if (may(a->kind == TYPE_UNION ? a->args[i] : a, b->kind == TYPE_UNION ? b->args[k] : b))
				return true;
	return false;
}

/* May `item in container` have a meaning? */
static bool may_contain(const Type *item, const Type *container)
{
	switch (container->kind) {
	case TYPE_STR:
		return item->kind == TYPE_STR || item->kind == TYPE_ANY;
	case TYPE_BYTES:
		return item->kind == TYPE_BYTES || item->kind == TYPE_INT || item->kind == TYPE_BOOL ||
			   item->kind == TYPE_ANY;
	case TYPE_NONE:
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_FUNCTION:
	case TYPE_EXCEPTION:
		return false;
	default:
		return true;
	}
}

static void check_pair(Checker *c, CompareOperator op, const Node *left_node,
					   const Node *right_node)
{
	static const char *const texts[] = {
		[COMPARE_LT] = "<", [COMPARE_LT_E] = "<=", [COMPARE_GT] = ">", [COMPARE_GT_E] = ">="};
	const Type *left = check_type_of(c, left_node), *right = check_type_of(c, right_node);
	if (!left || !right)
		return;
	if (op == COMPARE_IN || op == COMPARE_NOT_IN) {
		if (!may_some(left, right, may_contain))
			diag_add(c->diag, D_CONTAINS, c->source, left_node->start, right_node->end,
					 check_type_text(c, left), check_type_text(c, right));
		return;
	}
	if (op < COMPARE_LT || op > COMPARE_GT_E || may_some(left, right, may_order))
		return;
	const char *help = check_has_none(left) || check_has_none(right)
						   ? "a value that may be None has no order: test it with 'is not None' "
							 "before"
						   : "compare values of one kind";
	diag_add(c->diag, D_ORDER, c->source, left_node->start, right_node->end, texts[op],
			 check_type_text(c, left), check_type_text(c, right), help);
}

static void check_compare(Checker *c, const AstCompare *node)
{
	const Node *left = node->left;
	for (uint32_t i = 0; i < node->ops.count; i++) {
		check_pair(c, node->ops.items[i], left, node->comparators.items[i]);
		left = node->comparators.items[i];
	}
}

/* ---- subscripts ---- */

static bool is_unsubscriptable(TypeKind kind)
{
	switch (kind) {
	case TYPE_NONE:
	case TYPE_BOOL:
	case TYPE_INT:
	case TYPE_FLOAT:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_FUNCTION:
	case TYPE_EXCEPTION:
	case TYPE_GENERATOR:
		return true;
	default:
		return false;
	}
}

static bool is_sequence(TypeKind kind)
{
	switch (kind) {
	case TYPE_LIST:
	case TYPE_TUPLE:
	case TYPE_TUPLE_OF:
	case TYPE_STR:
	case TYPE_BYTES:
	case TYPE_RANGE:
		return true;
	default:
		return false;
	}
}

static bool is_no_index(TypeKind kind)
{
	return kind != TYPE_INT && kind != TYPE_BOOL && kind != TYPE_ANY && kind != TYPE_SLICE;
}

static bool is_unhashable(TypeKind kind)
{
	return kind == TYPE_LIST || kind == TYPE_DICT || kind == TYPE_SET;
}

static void check_hashable(Checker *c, const Node *node)
{
	const Type *type = node ? check_type_of(c, node) : NULL;
	if (type && check_every(type, is_unhashable))
		diag_add(c->diag, D_UNHASHABLE, c->source, node->start, node->end,
				 check_type_text(c, type));
}

static bool is_dict(TypeKind kind)
{
	return kind == TYPE_DICT;
}

static void check_subscript(Checker *c, const AstSubscript *node)
{
	const Type *value = check_type_of(c, node->value);
	if (!value || node->ctx != CONTEXT_LOAD)
		return;
	if (check_every(value, is_unsubscriptable)) {
		diag_add(c->diag, D_SUBSCRIPT, c->source, node->base.start, node->base.end,
				 check_type_text(c, value),
				 check_has_none(value)
					 ? "test it with 'is not None' before"
					 : "only sequences and dicts have items that are read with [...]");
		check_absorb(c, &node->base);
		return;
	}
	if (node->slice->kind == NODE_SLICE) {
		if (check_every(value, is_dict)) {
			diag_add(c->diag, D_UNHASHABLE, c->source, node->slice->start, node->slice->end,
					 "slice");
			check_absorb(c, &node->base);
		}
		return;
	}
	const Type *index = check_type_of(c, node->slice);
	if (index && check_every(value, is_sequence) && check_every(index, is_no_index))
		diag_add(c->diag, D_INDEX, c->source, node->slice->start, node->slice->end,
				 check_type_text(c, value), check_type_text(c, index));
	else if (index && check_every(value, is_dict))
		check_hashable(c, node->slice);
	else if (index && value->kind == TYPE_TUPLE && is_lost(c, &node->base)) {
		diag_add(c->diag, D_TUPLE_INDEX, c->source, node->slice->start, node->slice->end,
				 check_type_text(c, value), (int)value->count);
		check_absorb(c, &node->base);
	}
}

/* ---- iteration and unpacking ---- */

bool check_iterable(Checker *c, const Node *node)
{
	const Type *type = check_type_of(c, node);
	if (!type || type_is_iterable(type))
		return true;
	const char *help = "iterate over a list, tuple, dict, set, text or range";
	if (type->kind == TYPE_INT)
		help = "did you mean range(...)?";
	else if (check_has_none(type))
		help = "test it with 'is not None' before";
	diag_add(c->diag, D_ITERABLE, c->source, node->start, node->end, check_type_text(c, type),
			 help);
	check_absorb(c, node);
	return false;
}

static void check_unpacking(Checker *c, const Node *target, const Node *value)
{
	const Type *type = value ? check_type_of(c, value) : NULL;
	if (!type || (target->kind != NODE_TUPLE && target->kind != NODE_LIST))
		return;
	const NodeList *elts = &((const AstTuple *)target)->elts;
	uint32_t starred = 0;
	for (uint32_t i = 0; i < elts->count; i++)
		starred += elts->items[i]->kind == NODE_STARRED;
	if (!type_is_iterable(type)) {
		diag_add(c->diag, D_UNPACK_TYPE, c->source, value->start, value->end,
				 check_type_text(c, type));
		check_absorb(c, value);
		return;
	}
	if (type->kind != TYPE_TUPLE)
		return;
	uint32_t wanted = elts->count - starred;
	if (type->count < wanted)
		diag_add(c->diag, D_UNPACK, c->source, target->start, target->end,
				 arena_format(c->arena, "not enough values to unpack (expected %s%u, got %u)",
							  starred ? "at least " : "", wanted, type->count),
				 check_type_text(c, type));
	else if (type->count > wanted && !starred)
		diag_add(c->diag, D_UNPACK, c->source, target->start, target->end,
				 arena_format(c->arena, "too many values to unpack (expected %u)", wanted),
				 check_type_text(c, type));
	for (uint32_t i = 0;
		 value->kind == NODE_TUPLE && !starred && type->count == wanted && i < elts->count; i++)
		if (((const AstTuple *)value)->elts.count == elts->count)
			check_unpacking(c, elts->items[i], ((const AstTuple *)value)->elts.items[i]);
}

/* ---- await ---- */

static bool is_plain(const Checker *c, const Node *node);

static bool are_plain(const Checker *c, const NodeList *nodes)
{
	for (uint32_t i = 0; i < nodes->count; i++)
		if (!is_plain(c, nodes->items[i]))
			return false;
	return true;
}

static bool is_plain_call(const Checker *c, const AstCall *call)
{
	static const char *const names[] = {"len",   "str",    "int",  "float", "bool", "repr",
										"round", "sorted", "list", "dict",  "set",  "tuple",
										"range", "bytes",  "abs",  "bin",   "hex",  "ord"};
	const NameInfo *info =
		call->func->kind == NODE_NAME ? &c->checked->names[call->func->id] : NULL;
	for (size_t i = 0; info && (info->use == NAME_BUILTIN || info->use == NAME_TYPE) &&
					   i < sizeof names / sizeof *names;
		 i++)
		if (!strcmp(info->text, names[i]))
			return true;
	return false;
}

/* Is the value surely no coroutine, for CPython too? There a call of an async function that is not awaited gives one, and
 * so may a name or an item. */
static bool is_plain(const Checker *c, const Node *node)
{
	switch (node->kind) {
	case NODE_CONSTANT:
	case NODE_BIN_OP:
	case NODE_UNARY_OP:
	case NODE_COMPARE:
	case NODE_JOINED_STR:
	case NODE_LIST:
	case NODE_TUPLE:
	case NODE_DICT:
	case NODE_LIST_COMP:
	case NODE_DICT_COMP:
	case NODE_LAMBDA:
		return true;
	case NODE_BOOL_OP:
		return are_plain(c, &((const AstBoolOp *)node)->values);
	case NODE_IF_EXP:
		return is_plain(c, ((const AstIfExp *)node)->body) &&
			   is_plain(c, ((const AstIfExp *)node)->orelse);
	case NODE_CALL:
		return is_plain_call(c, (const AstCall *)node);
	default:
		return false;
	}
}

typedef struct Results {
	const Checker *c;
	bool are_plain;
} Results;

static void see_result(void *context, Node *node)
{
	Results *results = context;
	if (node->kind == NODE_FUNCTION_DEF || node->kind == NODE_ASYNC_FUNCTION_DEF ||
		node->kind == NODE_LAMBDA)
		return;
	if (node->kind == NODE_RETURN && ((AstReturn *)node)->value)
		results->are_plain &= is_plain(results->c, ((AstReturn *)node)->value);
	if (node->kind == NODE_YIELD || node->kind == NODE_YIELD_FROM)
		results->are_plain = false;
	node_children(node, see_result, results);
}

/* await f() of a function of the program that is not async and gives no coroutine. */
static void check_await(Checker *c, const AstAwait *node)
{
	const AstCall *call = (const AstCall *)node->value;
	if (!check_type_of(c, node->value) || node->value->kind != NODE_CALL ||
		call->func->kind != NODE_NAME)
		return;
	const Variable *variable = c->checked->names[call->func->id].variable;
	const Scope *scope = variable && variable->function_is_sure ? variable->function : NULL;
	if (!scope || scope->is_async)
		return;
	Results results = {c, true};
	const NodeList *body = &((const AstFunctionDef *)scope->node)->body;
	for (uint32_t i = 0; i < body->count; i++)
		see_result(&results, body->items[i]);
	if (results.are_plain)
		diag_add(c->diag, D_REFUSE_AWAIT_CALL, c->source, node->base.start, node->base.start + 5,
				 variable->name->text);
}

/* ---- all nodes ---- */

static void check_generators(Checker *c, const NodeList *generators)
{
	for (uint32_t i = 0; i < generators->count; i++)
		check_iterable(c, ((const AstComprehension *)generators->items[i])->iter);
}

void check_operation(Checker *c, const Node *node)
{
	if (!c->entry->type_check)
		return;
	switch (node->kind) {
	case NODE_BIN_OP:
		check_binary(c, (const AstBinOp *)node);
		break;
	case NODE_UNARY_OP:
		check_unary(c, (const AstUnaryOp *)node);
		break;
	case NODE_COMPARE:
		check_compare(c, (const AstCompare *)node);
		break;
	case NODE_SUBSCRIPT:
		check_subscript(c, (const AstSubscript *)node);
		break;
	case NODE_STARRED:
		check_iterable(c, ((const AstStarred *)node)->value);
		break;
	case NODE_FOR:
		check_iterable(c, ((const AstFor *)node)->iter);
		break;
	case NODE_LIST_COMP:
	case NODE_SET_COMP:
	case NODE_GENERATOR_EXP:
		check_generators(c, &((const AstListComp *)node)->generators);
		break;
	case NODE_DICT_COMP:
		check_generators(c, &((const AstDictComp *)node)->generators);
		check_hashable(c, ((const AstDictComp *)node)->key);
		break;
	case NODE_DICT:
		for (uint32_t i = 0; i < ((const AstDict *)node)->keys.count; i++)
			check_hashable(c, ((const AstDict *)node)->keys.items[i]);
		break;
	case NODE_ASSIGN:
		for (uint32_t i = 0; i < ((const AstAssign *)node)->targets.count; i++)
			check_unpacking(c, ((const AstAssign *)node)->targets.items[i],
							((const AstAssign *)node)->value);
		break;
	case NODE_CALL:
		check_builtin_call(c, (const AstCall *)node);
		break;
	case NODE_AWAIT:
		check_await(c, (const AstAwait *)node);
		break;
	default:
		break;
	}
}

void check_unbound(Checker *c)
{
	for (uint32_t i = 0; c->entry->type_check && i < c->checked->unbound_count; i++) {
		const Node *node = c->checked->unbound[i];
		const Variable *variable = c->checked->names[node->id].variable;
		const char *name = variable->name->text;
		const char *how = variable->scope->kind == SCOPE_MODULE
							  ? arena_format(c->arena, "name '%s' is not defined", name)
							  : arena_format(c->arena,
											 "cannot access local variable '%s' where it is not "
											 "associated with a value",
											 name);
		diag_add(c->diag, D_NAME_UNBOUND, c->source, node->start, node->end, how, name);
		check_absorb(c, node);
	}
}
