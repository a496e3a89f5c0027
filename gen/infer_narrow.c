/*
 * What a condition says of the names in it, on the side on which it is true and on the other: truth, `is None`,
 * comparison with a literal, isinstance and type(), joined by and, or, not, conditional expressions. Everything else says
 * nothing. A side on which a name has no type left is dead.
 *
 * `a and b` is false in two ways, so that its parts are looked at twice; nested conditions could double at each level.
 * A fuel bounds that: when it is used up, the rest of the condition says nothing, which is always true.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "infer.h"

#include <string.h>

enum { FUEL = 256 };

typedef const Type *(*Filter)(Infer *f, const Type *member, bool sense, const void *context);

static const Type *filter(Infer *f, const Type *type, Filter keep, bool sense, const void *context)
{
	if (type->kind != TYPE_UNION)
		return keep(f, type, sense, context);
	const Type *kept[8];
	uint32_t count = 0;
	bool whole = true;
	for (uint32_t i = 0; i < type->count; i++) {
		const Type *member = keep(f, type->args[i], sense, context);
		whole &= member == type->args[i];
		if (member->kind != TYPE_NEVER && count < 8)
			kept[count++] = member;
	}
	if (whole)
		return type;
	const Type *joined = f->never;
	for (uint32_t i = 0; i < count; i++)
		joined = type_merge(f->types, joined, kept[i]);
	return joined;
}

/* ---- truth ---- */

static bool is_always_empty(const Type *type)
{
	switch (type->kind) {
	case TYPE_LIST:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_TUPLE_OF:
	case TYPE_DICT:
		return type->args[0]->kind == TYPE_NEVER;
	case TYPE_TUPLE:
		return !type->count;
	default:
		return false;
	}
}

static const Type *keep_truth(Infer *f, const Type *member, bool sense, const void *context)
{
	(void)context;
	switch (member->kind) {
	case TYPE_NONE:
		return sense ? f->never : member;
	case TYPE_FUNCTION:
	case TYPE_TYPE:
	case TYPE_EXCEPTION:
	case TYPE_GENERATOR:
		return sense ? member : f->never;
	case TYPE_TUPLE:
		return sense == (member->count != 0) ? member : f->never;
	default:
		return sense && is_always_empty(member) ? f->never : member;
	}
}

const Type *infer_truth(Infer *f, const Type *type, bool sense)
{
	return filter(f, type, keep_truth, sense, NULL);
}

/* ---- None, literals ---- */

static const Type *keep_none(Infer *f, const Type *member, bool sense, const void *context)
{
	(void)context;
	if (member->kind == TYPE_ANY)
		return sense ? f->none : member;
	return (member->kind == TYPE_NONE) == sense ? member : f->never;
}

static bool is_number(const Type *type)
{
	return type->kind == TYPE_INT || type->kind == TYPE_BOOL || type->kind == TYPE_FLOAT;
}

/* What can equal a number or a text that is written out. */
static const Type *keep_equal(Infer *f, const Type *member, bool sense, const void *context)
{
	const Type *literal = context;
	if (!sense || member->kind == TYPE_ANY)
		return member;
	bool may_equal = is_number(literal)
						 ? is_number(member)
						 : member->kind == literal->kind || member->kind == TYPE_TYPE ||
							   member->kind >= TYPE_EXCEPTION;
	return may_equal ? member : f->never;
}

/* ---- isinstance ---- */

typedef struct Classes {
	bool kinds[TYPE_EXCEPTION + 1]; /* that surely belong to them */
	bool may_exception, is_exact, is_known;
	uint32_t count;
} Classes;

static void add_class(Classes *classes, const char *name, bool exact)
{
	static const struct {
		const char *name;
		TypeKind kind;
	} table[] = {{"bool", TYPE_BOOL},   {"int", TYPE_INT},     {"float", TYPE_FLOAT},
				 {"str", TYPE_STR},     {"bytes", TYPE_BYTES}, {"list", TYPE_LIST},
				 {"dict", TYPE_DICT},   {"set", TYPE_SET},     {"frozenset", TYPE_FROZENSET},
				 {"range", TYPE_RANGE}, {"tuple", TYPE_TUPLE}};
	size_t length = strlen(name);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(name, table[i].name)) {
			classes->kinds[table[i].kind] = true;
			classes->kinds[TYPE_BOOL] |= table[i].kind == TYPE_INT && !exact;
			classes->kinds[TYPE_TUPLE_OF] |= table[i].kind == TYPE_TUPLE;
			return;
		}
	if ((length > 5 && !strcmp(name + length - 5, "Error")) || strstr(name, "Exception") ||
		strstr(name, "Warning") || !strcmp(name, "StopIteration"))
		classes->may_exception = true;
	else
		classes->is_known = false;
}

static void read_classes(Infer *f, const Node *node, Classes *classes, bool exact)
{
	if (++classes->count > 64) {
		classes->is_known = false;
		return;
	}
	if (node->kind == NODE_NAME && f->c->checked->names[node->id].use == NAME_TYPE) {
		add_class(classes, f->c->checked->names[node->id].text, exact);
	} else if (node->kind == NODE_TUPLE && !exact) {
		const NodeList *elts = &((const AstTuple *)node)->elts;
		for (uint32_t i = 0; i < elts->count && classes->is_known; i++)
			read_classes(f, elts->items[i], classes, exact);
	} else if (node->kind == NODE_BIN_OP && !exact &&
			   ((const AstBinOp *)node)->op == BINARY_BIT_OR) {
		read_classes(f, ((const AstBinOp *)node)->left, classes, exact);
		read_classes(f, ((const AstBinOp *)node)->right, classes, exact);
	} else if (node->kind == NODE_CONSTANT && !exact &&
			   ((const AstConstant *)node)->value.kind == CONSTANT_NONE) {
		classes->kinds[TYPE_NONE] = true;
	} else if (node->kind == NODE_CALL) { /* type(None) */
		const AstCall *call = (const AstCall *)node;
		const NameInfo *info =
			call->func->kind == NODE_NAME ? &f->c->checked->names[call->func->id] : NULL;
		if (info && info->use == NAME_TYPE && !strcmp(info->text, "type") &&
			call->args.count == 1 && call->args.items[0]->kind == NODE_CONSTANT &&
			((const AstConstant *)call->args.items[0])->value.kind == CONSTANT_NONE)
			classes->kinds[TYPE_NONE] = true;
		else
			classes->is_known = false;
	} else {
		classes->is_known = false;
	}
}

/* All values of the kind, where nothing was known. */
static const Type *whole_kind(Infer *f, TypeKind kind)
{
	const Type *two[2] = {f->any, f->any};
	switch (kind) {
	case TYPE_DICT:
		return type_make(f->types, kind, two, 2);
	case TYPE_LIST:
	case TYPE_SET:
	case TYPE_FROZENSET:
	case TYPE_TUPLE_OF:
		return type_make(f->types, kind, two, 1);
	case TYPE_TUPLE:
		return f->never; /* TYPE_TUPLE_OF has them */
	default:
		return type_simple(f->types, kind);
	}
}

static const Type *keep_classes(Infer *f, const Type *member, bool sense, const void *context)
{
	const Classes *classes = context;
	if (member->kind == TYPE_EXCEPTION)
		return !sense || classes->may_exception ? member : f->never;
	if (member->kind != TYPE_ANY)
		return member->kind > TYPE_EXCEPTION || classes->kinds[member->kind] == sense ? member
																					  : f->never;
	if (!sense)
		return member;
	const Type *joined = classes->may_exception ? type_simple(f->types, TYPE_EXCEPTION) : f->never;
	for (int kind = 0; kind < TYPE_EXCEPTION; kind++)
		if (classes->kinds[kind])
			joined = type_join(f->types, joined, whole_kind(f, (TypeKind)kind));
	return joined;
}

/* ---- names ---- */

/* Any expression may have nothing left; only a name is another type afterwards. */
static void narrow_name(Infer *f, const Node *node, Filter keep, bool sense, const void *context)
{
	const NameInfo *info = node->kind == NODE_NAME ? &f->c->checked->names[node->id] : NULL;
	if (!info || info->use != NAME_VARIABLE || !flow_is_here(f, info->variable) ||
		info->variable->is_opaque || info->variable->initial.use != NAME_NONE) {
		const Type *type = f->c->checked->types[node->id];
		if (type && f->is_live)
			f->is_live = filter(f, type, keep, sense, context)->kind != TYPE_NEVER;
		return;
	}
	VariableState state = *flow_state(f, info->variable);
	const Type *kept = filter(f, state.type, keep, sense, context);
	if (kept == state.type)
		return;
	state.type = kept;
	flow_set(f, info->variable, state);
	f->is_live &= kept->kind != TYPE_NEVER;
}

/* ---- conditions ---- */

static void narrow(Infer *f, const Node *test, bool sense);

static const ConstantValue *constant_of(const Node *node)
{
	return node->kind == NODE_CONSTANT ? &((const AstConstant *)node)->value : NULL;
}

static bool is_call_of(Infer *f, const Node *node, const char *name, uint32_t count)
{
	if (node->kind != NODE_CALL)
		return false;
	const AstCall *call = (const AstCall *)node;
	if (call->func->kind != NODE_NAME || call->args.count != count || call->keywords.count ||
		call_has_spread(call))
		return false;
	const NameInfo *info = &f->c->checked->names[call->func->id];
	return (info->use == NAME_BUILTIN || info->use == NAME_TYPE) && !strcmp(info->text, name);
}

static void narrow_equal(Infer *f, const Node *left, const Node *right, bool sense, bool identity)
{
	const ConstantValue *constant = constant_of(right);
	if (is_call_of(f, left, "type", 1)) {
		Classes classes = {.is_known = true, .is_exact = true};
		read_classes(f, right, &classes, true);
		if (classes.is_known && !classes.may_exception)
			narrow_name(f, ((const AstCall *)left)->args.items[0], keep_classes, sense, &classes);
	} else if (constant && constant->kind == CONSTANT_NONE) {
		narrow_name(f, left, keep_none, sense, NULL);
	} else if (constant && !identity) {
		const Type *literal = constant->kind == CONSTANT_STR     ? f->text
							  : constant->kind == CONSTANT_BYTES ? f->bytes
							  : constant->kind == CONSTANT_FLOAT ? f->real
							  : constant->kind == CONSTANT_INT   ? f->integer
							  : constant->kind == CONSTANT_TRUE || constant->kind == CONSTANT_FALSE
								  ? f->boolean
								  : NULL;
		if (literal)
			narrow_name(f, left, keep_equal, sense, literal);
	}
}

static void narrow_compare(Infer *f, const AstCompare *test, bool sense)
{
	if (test->ops.count != 1)
		return;
	CompareOperator op = test->ops.items[0];
	bool negative = op == COMPARE_NOT_EQ || op == COMPARE_IS_NOT;
	bool identity = op == COMPARE_IS || op == COMPARE_IS_NOT;
	if (!negative && !identity && op != COMPARE_EQ)
		return;
	const Node *left = test->left, *right = test->comparators.items[0];
	if (constant_of(left) && !constant_of(right)) {
		const Node *swap = left;
		left = right;
		right = swap;
	}
	narrow_equal(f, left, right, sense != negative, identity);
}

/* all of them have this sense */
static void narrow_all(Infer *f, const NodeList *values, bool sense)
{
	for (uint32_t i = 0; i < values->count && f->is_live; i++)
		narrow(f, values->items[i], sense);
}

/* Not all of them have this sense: one way for each that is the first not to have it. */
static void narrow_some(Infer *f, const NodeList *values, bool sense)
{
	uint32_t mark = flow_mark(f);
	enum { MOST = 16 };
	Way ways[MOST];
	if (values->count > MOST)
		return;
	for (uint32_t i = 0; i < values->count; i++) {
		f->is_live = true;
		for (uint32_t k = 0; k < i && f->is_live; k++)
			narrow(f, values->items[k], sense);
		if (f->is_live)
			narrow(f, values->items[i], !sense);
		ways[i] = flow_take(f, mark);
	}
	flow_join(f, ways, values->count);
}

static void narrow_choice(Infer *f, const AstIfExp *choice, bool sense)
{
	uint32_t mark = flow_mark(f);
	Way ways[2];
	narrow(f, choice->test, true);
	if (f->is_live)
		narrow(f, choice->body, sense);
	ways[0] = flow_take(f, mark);
	f->is_live = true;
	narrow(f, choice->test, false);
	if (f->is_live)
		narrow(f, choice->orelse, sense);
	ways[1] = flow_take(f, mark);
	flow_join(f, ways, 2);
}

static bool constant_truth(const ConstantValue *value)
{
	switch (value->kind) {
	case CONSTANT_NONE:
	case CONSTANT_FALSE:
		return false;
	case CONSTANT_INT:
		return !value->fits || value->integer;
	case CONSTANT_FLOAT:
		return value->real != 0;
	case CONSTANT_STR:
	case CONSTANT_BYTES:
		return value->length;
	default:
		return true;
	}
}

static void narrow(Infer *f, const Node *test, bool sense)
{
	if (!f->fuel)
		return;
	f->fuel--;
	switch (test->kind) {
	case NODE_CONSTANT:
		f->is_live &= constant_truth(&((const AstConstant *)test)->value) == sense;
		return;
	case NODE_NAME:
		narrow_name(f, test, keep_truth, sense, NULL);
		break;
	case NODE_UNARY_OP:
		if (((const AstUnaryOp *)test)->op == UNARY_NOT) {
			narrow(f, ((const AstUnaryOp *)test)->operand, !sense);
			return;
		}
		break;
	case NODE_BOOL_OP: {
		const AstBoolOp *op = (const AstBoolOp *)test;
		if ((op->op == BOOL_AND) == sense)
			narrow_all(f, &op->values, sense);
		else
			narrow_some(f, &op->values, !sense);
		return;
	}
	case NODE_IF_EXP:
		narrow_choice(f, (const AstIfExp *)test, sense);
		return;
	case NODE_COMPARE:
		narrow_compare(f, (const AstCompare *)test, sense);
		return;
	case NODE_CALL:
		if (is_call_of(f, test, "isinstance", 2)) {
			Classes classes = {.is_known = true};
			read_classes(f, ((const AstCall *)test)->args.items[1], &classes, false);
			if (classes.is_known)
				narrow_name(f, ((const AstCall *)test)->args.items[0], keep_classes, sense,
							&classes);
		}
		return;
	default:
		break;
	}
	const Type *type = f->c->checked->types[test->id];
	if (f->is_live && type && test->kind != NODE_NAME)
		f->is_live = infer_truth(f, type, sense)->kind != TYPE_NEVER;
}

void infer_narrow(Infer *f, const Node *test, bool sense)
{
	f->fuel = FUEL;
	if (f->is_live)
		narrow(f, test, sense);
}
