/*
 * The print of a tree, as CPython 3.11's `ast.dump` writes it. A stack of frames in the arena in place of recursion:
 * a chain of a hundred thousand terms is a tree as deep.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast_fields.h"
#include "python_text.h"

#include <string.h>

typedef struct Frame {
	const Node *node;
	const AstField *field; /* to be printed next */
	uint32_t item;         /* of a list */
	bool comma;            /* something was printed in the parentheses */
} Frame;

typedef struct Dumper {
	Text *out;
	const Source *source;
	bool attributes;
	Frame *frames;
	uint32_t count, capacity;
	uint32_t line; /* where the last place was found: most are near */
} Dumper;

static const char *binary_text(BinaryOperator op)
{
	static const char *const texts[] = {
		[BINARY_ADD] = "Add",           [BINARY_SUB] = "Sub",        [BINARY_MULT] = "Mult",
		[BINARY_MAT_MULT] = "MatMult",  [BINARY_DIV] = "Div",        [BINARY_MOD] = "Mod",
		[BINARY_POW] = "Pow",           [BINARY_L_SHIFT] = "LShift", [BINARY_R_SHIFT] = "RShift",
		[BINARY_BIT_OR] = "BitOr",      [BINARY_BIT_XOR] = "BitXor", [BINARY_BIT_AND] = "BitAnd",
		[BINARY_FLOOR_DIV] = "FloorDiv"};
	return texts[op];
}

static const char *unary_text(UnaryOperator op)
{
	static const char *const texts[] = {[UNARY_INVERT] = "Invert",
										[UNARY_NOT] = "Not",
										[UNARY_U_ADD] = "UAdd",
										[UNARY_U_SUB] = "USub"};
	return texts[op];
}

static const char *compare_text(CompareOperator op)
{
	static const char *const texts[] = {
		[COMPARE_EQ] = "Eq",       [COMPARE_NOT_EQ] = "NotEq", [COMPARE_LT] = "Lt",
		[COMPARE_LT_E] = "LtE",    [COMPARE_GT] = "Gt",        [COMPARE_GT_E] = "GtE",
		[COMPARE_IS] = "Is",       [COMPARE_IS_NOT] = "IsNot", [COMPARE_IN] = "In",
		[COMPARE_NOT_IN] = "NotIn"};
	return texts[op];
}

static const char *context_text(ExprContext context)
{
	static const char *const texts[] = {
		[CONTEXT_LOAD] = "Load", [CONTEXT_STORE] = "Store", [CONTEXT_DEL] = "Del"};
	return texts[context];
}

static void push_frame(Dumper *dumper, const Node *node)
{
	if (dumper->count == dumper->capacity) {
		uint32_t capacity = dumper->capacity ? dumper->capacity * 2 : 64;
		Frame *frames = ARENA_ARRAY(dumper->out->arena, Frame, capacity);
		if (dumper->count)
			memcpy(frames, dumper->frames, dumper->count * sizeof *frames);
		dumper->frames = frames;
		dumper->capacity = capacity;
	}
	dumper->frames[dumper->count++] =
		(Frame){.node = node, .field = node_fields((NodeKind)node->kind)};
	text_put(dumper->out, node_kind_text((NodeKind)node->kind));
	text_char(dumper->out, '(');
}

static void put_name(Dumper *dumper, Frame *frame, const char *name)
{
	if (frame->comma)
		text_put(dumper->out, ", ");
	frame->comma = true;
	text_put(dumper->out, name);
	text_char(dumper->out, '=');
}

static void put_atom(Text *out, const Atom *atom)
{
	text_python_string(out, atom->text, atom->length);
}

static void put_atoms(Text *out, const AtomList *list)
{
	text_char(out, '[');
	for (uint32_t i = 0; i < list->count; i++) {
		if (i)
			text_put(out, ", ");
		put_atom(out, list->items[i]);
	}
	text_char(out, ']');
}

static void put_compares(Text *out, const CompareOperatorList *list)
{
	text_char(out, '[');
	for (uint32_t i = 0; i < list->count; i++)
		text_format(out, i ? ", %s()" : "%s()", compare_text(list->items[i]));
	text_char(out, ']');
}

/* A field without nodes. */
static void put_scalar(Dumper *dumper, Frame *frame, const AstField *field)
{
	const void *value = (const char *)frame->node + field->offset;
	Text *out = dumper->out;
	if (field->kind == FIELD_ABSENT || (field->kind == FIELD_ATOM && !*(const Atom *const *)value))
		return;
	if (field->kind == FIELD_INT && *(const int *)value == -1 &&
		frame->node->kind == NODE_IMPORT_FROM)
		return;
	put_name(dumper, frame, field->name);
	switch (field->kind) {
	case FIELD_ATOM:
		put_atom(out, *(const Atom *const *)value);
		break;
	case FIELD_ATOMS:
		put_atoms(out, value);
		break;
	case FIELD_INT:
		text_format(out, "%d", *(const int *)value);
		break;
	case FIELD_CONSTANT:
		text_python_constant(out, value);
		break;
	case FIELD_BINARY:
		text_format(out, "%s()", binary_text(*(const BinaryOperator *)value));
		break;
	case FIELD_UNARY:
		text_format(out, "%s()", unary_text(*(const UnaryOperator *)value));
		break;
	case FIELD_BOOL:
		text_put(out, *(const BoolOperator *)value == BOOL_AND ? "And()" : "Or()");
		break;
	case FIELD_CONTEXT:
		text_format(out, "%s()", context_text(*(const ExprContext *)value));
		break;
	case FIELD_COMPARES:
		put_compares(out, value);
		break;
	default:
		text_put(out, "[]"); /* FIELD_IGNORES */
	}
}

static Place find_place(Dumper *dumper, uint32_t offset)
{
	const Source *source = dumper->source;
	uint32_t line = dumper->line;
	bool here = source->lines[line] <= offset &&
				(line + 1 == source->line_count || offset < source->lines[line + 1]);
	if (here)
		return (Place){line + 1, offset - source->lines[line]};
	Place place = source_place(source, offset);
	dumper->line = place.line - 1;
	return place;
}

static void put_place(Dumper *dumper, Frame *frame)
{
	Place start = find_place(dumper, frame->node->start),
		  end = find_place(dumper, frame->node->end);
	text_format(dumper->out, "%slineno=%u, col_offset=%u, end_lineno=%u, end_col_offset=%u",
				frame->comma ? ", " : "", (unsigned)start.line, (unsigned)start.column,
				(unsigned)end.line, (unsigned)end.column);
}

/* The next item of the list field at which the frame stands, or its end. */
static void step_list(Dumper *dumper, Frame *frame)
{
	const AstField *field = frame->field;
	const NodeList *list = field_nodes(frame->node, field);
	if (frame->item == 0) {
		if (field->is_new && !list->count) {
			frame->field++;
			return;
		}
		put_name(dumper, frame, field->name);
		text_char(dumper->out, '[');
	}
	if (frame->item == list->count) {
		text_char(dumper->out, ']');
		frame->field++;
		frame->item = 0;
		return;
	}
	if (frame->item)
		text_put(dumper->out, ", ");
	const Node *child = list->items[frame->item++];
	if (child)
		push_frame(dumper, child);
	else
		text_put(dumper->out, "None");
}

static void step(Dumper *dumper)
{
	Frame *frame = &dumper->frames[dumper->count - 1];
	const AstField *field = frame->field;
	if (!field->name) {
		if (dumper->attributes && node_has_place((NodeKind)frame->node->kind))
			put_place(dumper, frame);
		text_char(dumper->out, ')');
		dumper->count--;
	} else if (field->kind == FIELD_NODES) {
		step_list(dumper, frame);
	} else if (field->kind == FIELD_NODE) {
		const Node *child = field_node(frame->node, field);
		frame->field++;
		if (child) {
			put_name(dumper, frame, field->name);
			push_frame(dumper, child);
		}
	} else {
		frame->field++;
		put_scalar(dumper, frame, field);
	}
}

static void dump(Dumper *dumper, const Node *node)
{
	push_frame(dumper, node);
	while (dumper->count)
		step(dumper);
}

void ast_dump(Text *out, const Module *module, bool attributes)
{
	Dumper dumper = {.out = out, .source = module->source, .attributes = attributes};
	dump(&dumper, &module->tree->base);
}

void ast_dump_node(Text *out, const Node *node)
{
	Dumper dumper = {.out = out};
	dump(&dumper, node);
}
