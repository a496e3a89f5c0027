/*
 * The evaluator of constant expressions: literals, names, displays, operators, comprehensions over
 * constants, and the calls that real declarations use. It never fails: what it cannot tell is a
 * SORT_UNKNOWN that remembers the innermost culprit and says why, and only who needs the value
 * makes an error of it. A container may hold unknowns.
 *
 * Constants are immutable, but for constant_spoil: when the file changes a container in place,
 * every name that holds it becomes unknown, because they share the one Constant.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "declaring.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST_EXPRESSION = 1000, MOST_STEPS = 4000000 };

Constant *constant_make(Declaring *d, ConstantSort sort, const Source *source, const Node *node)
{
	Constant *constant = ARENA_NEW(d->arena, Constant);
	constant->sort = sort;
	constant->source = source;
	constant->node = node;
	return constant;
}

const Constant *constant_unknown(Declaring *d, const Source *source, const Node *node,
								 const char *format, ...)
{
	char buffer[512];
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(buffer, sizeof buffer, format, arguments);
	va_end(arguments);
	Constant *constant = constant_make(d, SORT_UNKNOWN, source, node);
	if (length < 0)
		length = 0;
	if ((size_t)length >= sizeof buffer)
		length = sizeof buffer - 1;
	constant->text = arena_copy(d->arena, buffer, (size_t)length);
	return constant;
}

const Constant *constant_str(Declaring *d, const char *text, size_t length, const Source *source,
							 const Node *node)
{
	Constant *constant = constant_make(d, SORT_STR, source, node);
	constant->text = arena_copy(d->arena, text, length);
	constant->length = (uint32_t)length;
	return constant;
}

const Constant *constant_of_int(Declaring *d, int64_t integer, const Source *source,
								const Node *node)
{
	Constant *constant = constant_make(d, SORT_INT, source, node);
	constant->integer = integer;
	constant->fits = true;
	return constant;
}

const Constant *constant_symbol(Declaring *d, const char *path, const Source *source,
								const Node *node)
{
	Constant *constant = constant_make(d, SORT_SYMBOL, source, node);
	constant->text = path;
	constant->length = (uint32_t)strlen(path);
	return constant;
}

const Constant **constant_item_array(Declaring *d, uint32_t count)
{
	return ARENA_ARRAY(d->arena, const Constant *, count ? count : 1);
}

void constant_spoil(const Constant *constant, const Source *source, const Node *node,
					const char *why)
{
	if (constant->sort != SORT_LIST && constant->sort != SORT_DICT && constant->sort != SORT_SET)
		return;
	Constant *spoiled =
		(Constant *)(uintptr_t)constant; /* the one place where a constant changes */
	spoiled->sort = SORT_UNKNOWN;
	spoiled->text = why;
	spoiled->source = source;
	spoiled->node = node;
	spoiled->count = 0;
}

bool constant_is_symbol(const Constant *constant, const char *path)
{
	return constant->sort == SORT_SYMBOL && !strcmp(constant->text, path);
}

bool constant_is_flyte(const Constant *constant, const char *name)
{
	if (constant->sort != SORT_SYMBOL || strncmp(constant->text, "flyte.", 6))
		return false;
	const char *last = strrchr(constant->text, '.');
	return !strcmp(last + 1, name);
}

/* ---- literals and names ---- */

static const Constant *evaluate_literal(ModuleEnv *env, const AstConstant *node)
{
	Declaring *d = env->declaring;
	const ConstantValue *value = &node->value;
	Constant *constant = constant_make(d, SORT_NONE, env->source, &node->base);
	switch (value->kind) {
	case CONSTANT_NONE:
		break;
	case CONSTANT_TRUE:
	case CONSTANT_FALSE:
		constant->sort = SORT_BOOL;
		constant->fits = true;
		constant->integer = value->kind == CONSTANT_TRUE;
		break;
	case CONSTANT_ELLIPSIS:
		constant->sort = SORT_ELLIPSIS;
		break;
	case CONSTANT_INT:
		constant->sort = SORT_INT;
		constant->fits = value->fits;
		constant->integer = value->integer;
		constant->text = value->text;
		constant->length = value->length;
		break;
	case CONSTANT_FLOAT:
		constant->sort = SORT_FLOAT;
		constant->real = value->real;
		break;
	case CONSTANT_COMPLEX:
		return constant_unknown(d, env->source, &node->base, "complex numbers are not supported");
	case CONSTANT_STR:
	case CONSTANT_BYTES:
		constant->sort = value->kind == CONSTANT_STR ? SORT_STR : SORT_BYTES;
		constant->text = value->text;
		constant->length = value->length;
		break;
	}
	return constant;
}

static const char *const builtin_names[] = {
	"abs",        "bool",          "bytes",       "dict",
	"enumerate",  "float",         "frozenset",   "int",
	"len",        "list",          "max",         "min",
	"object",     "range",         "repr",        "reversed",
	"round",      "set",           "sorted",      "str",
	"sum",        "tuple",         "type",        "zip",
	"print",      "complex",       "bytearray",   "slice",
	"Exception",  "BaseException", "ImportError", "ModuleNotFoundError",
	"ValueError", "TypeError",     "open",        "getattr",
	"globals",    "eval",          "exec",        "input",
	"iter",       "next",          "map",         "filter",
	"any",        "all",           "isinstance",
};

static const Constant *evaluate_name(ModuleEnv *env, const AstName *node)
{
	Declaring *d = env->declaring;
	const Constant *value = env_lookup(env, node->id);
	if (value)
		return value;
	for (size_t i = 0; i < sizeof builtin_names / sizeof *builtin_names; i++)
		if (!strcmp(node->id->text, builtin_names[i]))
			return constant_symbol(d, arena_format(d->arena, "builtins.%s", builtin_names[i]),
								   env->source, &node->base);
	return constant_unknown(d, env->source, &node->base,
							"the name '%s' has no value that is known here", node->id->text);
}

static const Constant *evaluate_attribute(ModuleEnv *env, const AstAttribute *node)
{
	Declaring *d = env->declaring;
	const Constant *value = evaluate(env, node->value);
	switch (value->sort) {
	case SORT_UNKNOWN:
		return value;
	case SORT_SYMBOL:
	case SORT_OBJECT:
		if (value->sort == SORT_SYMBOL)
			return constant_symbol(d,
								   arena_format(d->arena, "%s.%s", value->text, node->attr->text),
								   env->source, &node->base);
		break;
	case SORT_MODULE:
		return modules_attribute(env, value->object, node->attr, &node->base);
	case SORT_CLASS: {
		const Constant *member = env_lookup_own(value->home, node->attr);
		if (member && constant_is_value(member))
			return member;
		return constant_unknown(d, env->source, &node->base, "an attribute of the class '%s'",
								value->text);
	}
	case SORT_FUNCTION:
		return constant_unknown(d, env->source, &node->base, "an attribute of '%s'",
								node_text(d->arena, env->source, node->value));
	default:
		break;
	}
	Constant *method = constant_make(d, SORT_METHOD, env->source, &node->base);
	method->object = (void *)(uintptr_t)value;
	method->text = node->attr->text;
	return method;
}

/* ---- operators ---- */

static const Constant *evaluate_unary(ModuleEnv *env, const AstUnaryOp *node)
{
	Declaring *d = env->declaring;
	const Constant *operand = evaluate(env, node->operand);
	if (operand->sort == SORT_UNKNOWN)
		return operand;
	if (node->op == UNARY_NOT) {
		int truth = constant_truth(operand);
		if (truth >= 0) {
			Constant *result = constant_make(d, SORT_BOOL, env->source, &node->base);
			result->fits = true;
			result->integer = !truth;
			return result;
		}
	}
	if (operand->sort == SORT_FLOAT && (node->op == UNARY_U_SUB || node->op == UNARY_U_ADD)) {
		Constant *result = constant_make(d, SORT_FLOAT, env->source, &node->base);
		result->real = node->op == UNARY_U_SUB ? -operand->real : operand->real;
		return result;
	}
	if ((operand->sort == SORT_INT || operand->sort == SORT_BOOL) && operand->fits &&
		operand->integer != INT64_MIN) {
		int64_t i = operand->integer;
		if (node->op != UNARY_NOT)
			return constant_of_int(d,
								   node->op == UNARY_U_SUB    ? -i
								   : node->op == UNARY_INVERT ? ~i
															  : i,
								   env->source, &node->base);
	}
	if (operand->sort == SORT_INT && !operand->fits && node->op == UNARY_U_SUB &&
		operand->text[0] != '-') {
		Constant *result = constant_make(d, SORT_INT, env->source, &node->base);
		result->text = arena_format(d->arena, "-%s", operand->text);
		result->length = (uint32_t)strlen(result->text);
		if (!strcmp(result->text, "-9223372036854775808")) {
			result->fits = true;
			result->integer = INT64_MIN;
		}
		return result;
	}
	if (operand->sort == SORT_TIMEDELTA && node->op == UNARY_U_SUB) {
		Constant *result = constant_make(d, SORT_TIMEDELTA, env->source, &node->base);
		result->integer = -operand->integer;
		return result;
	}
	return constant_unknown(d, env->source, &node->base,
							"this operation is not evaluated at compile time");
}

static const Constant *evaluate_bool_op(ModuleEnv *env, const AstBoolOp *node)
{
	const Constant *value = NULL;
	for (uint32_t i = 0; i < node->values.count; i++) {
		value = evaluate(env, node->values.items[i]);
		int truth = constant_truth(value);
		if (truth < 0)
			return value->sort == SORT_UNKNOWN
					   ? value
					   : constant_unknown(env->declaring, env->source, node->values.items[i],
										  "whether it is true is not known");
		if (truth == (node->op == BOOL_OR))
			return value;
	}
	return value;
}

static const Constant *evaluate_compare(ModuleEnv *env, const AstCompare *node)
{
	const Constant *left = evaluate(env, node->left), *result = NULL;
	for (uint32_t i = 0; i < node->comparators.count; i++) {
		const Constant *right = evaluate(env, node->comparators.items[i]);
		result = constant_compare(env, &node->base, node->ops.items[i], left, right);
		if (result->sort != SORT_BOOL || !result->integer)
			return result;
		left = right;
	}
	return result;
}

static int64_t index_of(int64_t index, int64_t count)
{
	return index < 0 ? index + count : index;
}

static const Constant *evaluate_subscript(ModuleEnv *env, const AstSubscript *node)
{
	Declaring *d = env->declaring;
	const Constant *value = evaluate(env, node->value);
	if (value->sort == SORT_UNKNOWN)
		return value;
	if (node->slice->kind == NODE_SLICE)
		return constant_unknown(d, env->source, &node->base,
								"slices are not evaluated at compile time");
	const Constant *slice = evaluate(env, node->slice);
	if (value->sort == SORT_SYMBOL || value->sort == SORT_TYPE)
		return constant_generic(env, &node->base, value, slice);
	if (slice->sort == SORT_UNKNOWN)
		return slice;
	if (value->sort == SORT_DICT) {
		for (uint32_t i = 0; i < value->count; i++)
			if (constant_equals(value->items[i], slice))
				return value->values[i];
	} else if ((value->sort == SORT_LIST || value->sort == SORT_TUPLE) && slice->sort == SORT_INT &&
			   slice->fits) {
		int64_t index = index_of(slice->integer, value->count);
		if (index >= 0 && index < value->count)
			return value->items[index];
	}
	return constant_unknown(d, env->source, &node->base,
							"this subscript is not evaluated at compile time");
}

/* ---- calls ---- */

static Made **made_bucket(Declaring *d, const Node *node)
{
	return &d->made[((uintptr_t)node >> 4) % (sizeof d->made / sizeof *d->made)];
}

static bool has_list_argument(const Arguments *arguments)
{
	for (uint32_t i = 0; i < arguments->positional_count; i++)
		if (arguments->positional[i]->sort == SORT_LIST ||
			arguments->positional[i]->sort == SORT_DICT)
			return true;
	for (uint32_t i = 0; i < arguments->keyword_count; i++)
		if (arguments->values[i]->sort == SORT_LIST || arguments->values[i]->sort == SORT_DICT)
			return true;
	return false;
}

/* A function of the file may change the lists that it is given. */
static void spoil_arguments(ModuleEnv *env, const AstCall *call, const Arguments *arguments)
{
	const char *why = "it was given to a function that may change it";
	if (!has_list_argument(arguments))
		return;
	for (uint32_t i = 0; i < arguments->positional_count; i++)
		constant_spoil(arguments->positional[i], env->source, &call->base, why);
	for (uint32_t i = 0; i < arguments->keyword_count; i++)
		constant_spoil(arguments->values[i], env->source, &call->base, why);
}

static const Constant *call_symbol(ModuleEnv *env, const AstCall *call, const Constant *callee,
								   Arguments *arguments)
{
	Declaring *d = env->declaring;
	const char *path = callee->text;
	if (!strncmp(path, "builtins.", 9))
		return constant_builtin(env, call, path + 9, arguments);
	if (!strcmp(path, "datetime.timedelta"))
		return constant_timedelta(env, call, arguments);
	if (!strcmp(path, "textwrap.dedent") && arguments->positional_count == 1)
		return constant_dedent(env, arguments->positional[0], &call->base);
	if (!strcmp(path, "typing.cast") && arguments->positional_count == 2)
		return arguments->positional[1];
	if (!strncmp(path, "flyte.", 6)) {
		Constant *object = constant_make(d, SORT_OBJECT, env->source, &call->base);
		object->text = path;
		object->object = arguments;
		return object;
	}
	return constant_unknown(d, env->source, &call->base, "a call of '%s'", path);
}

static const Constant *evaluate_call(ModuleEnv *env, const AstCall *call)
{
	Declaring *d = env->declaring;
	const Constant *callee = evaluate(env, call->func);
	Arguments *arguments = arguments_read(env, call);
	const Constant *made = declare_call(env, call, callee, arguments);
	if (made)
		return made;
	switch (callee->sort) {
	case SORT_UNKNOWN:
		spoil_arguments(env, call, arguments);
		return callee;
	case SORT_SYMBOL:
		return call_symbol(env, call, callee, arguments);
	case SORT_METHOD: {
		const Constant *self = callee->object;
		if (self->sort == SORT_OBJECT) { /* flyte.Image.from_debian_base().with_pip_packages(...) */
			Constant *object = constant_make(d, SORT_OBJECT, env->source, &call->base);
			object->text = arena_format(d->arena, "%s.%s", self->text, callee->text);
			object->object = arguments;
			object->of = self;
			return object;
		}
		return constant_method(env, call, self, callee->text, arguments);
	}
	default:
		break;
	}
	spoil_arguments(env, call, arguments);
	const Constant *unknown = constant_unknown(d, env->source, &call->base, "a call of '%s'",
											   node_text(d->arena, env->source, call->func));
	if (callee->sort != SORT_CLASS || !callee->is_template)
		return unknown;
	Constant *template = ARENA_NEW(d->arena, Constant);
	*template = *unknown;
	template->is_template = true;
	return template;
}

/* Each call is evaluated once, so that what it declares is declared once; but in a loop, where each
 * turn may differ. */
static const Constant *evaluate_call_once(ModuleEnv *env, const AstCall *call)
{
	Made **bucket = made_bucket(env->declaring, &call->base);
	if (!env->in_turn)
		for (const Made *made = *bucket; made; made = made->next)
			if (made->node == &call->base)
				return made->value;
	const Constant *value = evaluate_call(env, call);
	if (!env->in_turn) {
		Made *made = ARENA_NEW(env->declaring->arena, Made);
		*made = (Made){&call->base, value, *bucket};
		*bucket = made;
	}
	return value;
}

static const Constant *evaluate_node(ModuleEnv *env, const Node *node)
{
	Declaring *d = env->declaring;
	switch (node->kind) {
	case NODE_CONSTANT:
		return evaluate_literal(env, (const AstConstant *)node);
	case NODE_NAME:
		return evaluate_name(env, (const AstName *)node);
	case NODE_ATTRIBUTE:
		return evaluate_attribute(env, (const AstAttribute *)node);
	case NODE_CALL:
		return evaluate_call_once(env, (const AstCall *)node);
	case NODE_LIST:
		return constant_display(env, SORT_LIST, &((const AstList *)node)->elts, node);
	case NODE_TUPLE:
		return constant_display(env, SORT_TUPLE, &((const AstTuple *)node)->elts, node);
	case NODE_SET:
		return constant_display(env, SORT_SET, &((const AstSet *)node)->elts, node);
	case NODE_DICT:
		return constant_dict(env, (const AstDict *)node);
	case NODE_LIST_COMP:
	case NODE_GENERATOR_EXP:
	case NODE_SET_COMP: {
		const AstListComp *comp = (const AstListComp *)node;
		return constant_comprehension(env, node->kind == NODE_SET_COMP ? SORT_SET : SORT_LIST,
									  comp->elt, NULL, &comp->generators, node);
	}
	case NODE_DICT_COMP: {
		const AstDictComp *comp = (const AstDictComp *)node;
		return constant_comprehension(env, SORT_DICT, comp->key, comp->value, &comp->generators,
									  node);
	}
	case NODE_BIN_OP: {
		const AstBinOp *op = (const AstBinOp *)node;
		const Constant *left = evaluate(env, op->left);
		return constant_binary(env, node, op->op, left, evaluate(env, op->right));
	}
	case NODE_UNARY_OP:
		return evaluate_unary(env, (const AstUnaryOp *)node);
	case NODE_BOOL_OP:
		return evaluate_bool_op(env, (const AstBoolOp *)node);
	case NODE_COMPARE:
		return evaluate_compare(env, (const AstCompare *)node);
	case NODE_IF_EXP: {
		const AstIfExp *choice = (const AstIfExp *)node;
		const Constant *test = evaluate(env, choice->test);
		int truth = constant_truth(test);
		if (truth < 0)
			return test->sort == SORT_UNKNOWN ? test
											  : constant_unknown(d, env->source, choice->test,
																 "the condition is not constant");
		return evaluate(env, truth ? choice->body : choice->orelse);
	}
	case NODE_SUBSCRIPT:
		return evaluate_subscript(env, (const AstSubscript *)node);
	case NODE_JOINED_STR:
		return constant_joined_str(env, (const AstJoinedStr *)node);
	case NODE_AWAIT:
		return evaluate(env, ((const AstAwait *)node)->value);
	case NODE_NAMED_EXPR: {
		const AstNamedExpr *named = (const AstNamedExpr *)node;
		const Constant *value = evaluate(env, named->value);
		declare_bind_target(env, named->target, value);
		return value;
	}
	case NODE_LAMBDA:
		return constant_unknown(d, env->source, node, "a lambda");
	default:
		return constant_unknown(d, env->source, node,
								"this expression is not evaluated at compile time");
	}
}

const Constant *evaluate(ModuleEnv *env, const Node *node)
{
	Declaring *d = env->declaring;
	if (d->depth >= DEEPEST_EXPRESSION)
		return constant_unknown(d, env->source, node, "the expression is nested too deeply");
	if (d->steps++ > MOST_STEPS)
		return constant_unknown(d, env->source, node, "it takes too many steps");
	d->depth++;
	const Constant *value = evaluate_node(env, node);
	d->depth--;
	return value;
}
