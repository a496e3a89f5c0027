/*
 * What CPython's compiler refuses of a match statement: patterns behind one that always matches, names bound twice,
 * alternatives that bind different names, keys and attributes asked for twice.
 *
 * The walk is recursive, with a limit: patterns nested more deeply than CPython's own compiler takes are refused.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"
#include "python_text.h"

#include <stdlib.h>
#include <string.h>

enum { DEEPEST_PATTERN = 2000 };

/* Names bound so far, on the scratch stack from `base`. */
typedef struct Names {
	uint32_t base;
} Names;

static void check_pattern(Parser *p, const Node *node, bool last, Names *names, unsigned depth);

static void bind(Parser *p, const Names *names, const Atom *name, const Node *node)
{
	if (!name)
		return;
	for (uint32_t i = names->base; i < p->scratch_count; i++)
		if ((const Atom *)(const void *)p->scratch[i] == name)
			parse_error(p, D_PATTERN_NAME_TWICE, node->start, node->end, name->text);
	Open unused = {0};
	open_add_expr(p, unused, (Expr){(Node *)(uintptr_t)name, 0, 0});
}

static void check_list(Parser *p, const NodeList *list, Names *names, unsigned depth)
{
	for (uint32_t i = 0; i < list->count && !p->failed; i++)
		check_pattern(p, list->items[i], true, names, depth + 1);
}

static int compare_atoms(const void *left, const void *right)
{
	uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
	return a < b ? -1 : a > b;
}

/* Each alternative binds on its own; all must bind the same names. */
static void check_or(Parser *p, const AstMatchOr *node, bool last, Names *names, unsigned depth)
{
	uint32_t start = p->scratch_count, first_count = 0;
	for (uint32_t i = 0; i < node->patterns.count && !p->failed; i++) {
		Names own = {p->scratch_count};
		check_pattern(p, node->patterns.items[i], last && i + 1 == node->patterns.count, &own,
					  depth + 1);
		uint32_t count = p->scratch_count - own.base;
		qsort(p->scratch + own.base, count, sizeof *p->scratch, compare_atoms);
		if (i == 0) {
			first_count = count;
			continue;
		}
		if (count != first_count ||
			memcmp(p->scratch + start, p->scratch + own.base, count * sizeof *p->scratch))
			parse_error(p, D_PATTERN_NAMES_DIFFER, node->base.start, node->base.end, NULL);
		p->scratch_count = own.base;
	}
	/* now they count as bound here */
	p->scratch_count = start;
	for (uint32_t i = 0; i < first_count && !p->failed; i++)
		bind(p, names, (const Atom *)(const void *)p->scratch[start + i], &node->base);
}

static void check_sequence(Parser *p, const AstMatchSequence *node, Names *names, unsigned depth)
{
	bool star = false;
	for (uint32_t i = 0; i < node->patterns.count; i++) {
		const Node *item = node->patterns.items[i];
		if (item->kind == NODE_MATCH_STAR && star)
			parse_error(p, D_PATTERN_STARS, item->start, item->end, NULL);
		star |= item->kind == NODE_MATCH_STAR;
	}
	check_list(p, &node->patterns, names, depth);
}

/* A key of a mapping as a number, text or bytes: equal keys are equal in Python. */
typedef struct Key {
	ConstantKind
		kind; /* CONSTANT_FLOAT for every number, CONSTANT_INT for one too large for a double */
	double real, imaginary;
	const char *text;
	size_t length;
} Key;

static Key key_of(const ConstantValue *value)
{
	Key key = {.kind = value->kind, .text = value->text, .length = value->length};
	switch (value->kind) {
	case CONSTANT_TRUE:
	case CONSTANT_FALSE:
		key.real = value->kind == CONSTANT_TRUE;
		key.kind = CONSTANT_FLOAT;
		break;
	case CONSTANT_INT:
		if (value->fits && value->integer < (INT64_C(1) << 53)) {
			key.real = (double)value->integer;
			key.kind = CONSTANT_FLOAT;
		}
		break;
	case CONSTANT_FLOAT:
		key.real = value->real;
		break;
	case CONSTANT_COMPLEX:
		key.imaginary = value->real;
		key.kind = CONSTANT_FLOAT;
		break;
	default:
		break;
	}
	return key;
}

static bool read_key(const Node *node, Key *key)
{
	if (node->kind == NODE_CONSTANT) {
		*key = key_of(&((const AstConstant *)node)->value);
		return true;
	}
	if (node->kind == NODE_UNARY_OP) {
		if (!read_key(((const AstUnaryOp *)node)->operand, key) || key->kind != CONSTANT_FLOAT)
			return false;
		key->real = -key->real;
		key->imaginary = -key->imaginary;
		return true;
	}
	Key right;
	const AstBinOp *sum = (const AstBinOp *)node;
	if (node->kind != NODE_BIN_OP || !read_key(sum->left, key) || !read_key(sum->right, &right))
		return false;
	key->imaginary += sum->op == BINARY_ADD ? right.imaginary : -right.imaginary;
	return key->kind == CONSTANT_FLOAT && right.kind == CONSTANT_FLOAT;
}

static bool same_key(const Key *a, const Key *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == CONSTANT_FLOAT)
		return a->real == b->real && a->imaginary == b->imaginary;
	return a->length == b->length && (!a->length || !memcmp(a->text, b->text, a->length));
}

static void check_mapping(Parser *p, const AstMatchMapping *node, Names *names, unsigned depth)
{
	Key *keys = ARENA_ARRAY(p->arena, Key, node->keys.count);
	uint32_t count = 0;
	for (uint32_t i = 0; i < node->keys.count; i++) {
		const Node *key = node->keys.items[i];
		if (!read_key(key, &keys[count]))
			continue;
		for (uint32_t k = 0; k < count; k++) {
			if (p->failed || !same_key(&keys[k], &keys[count]))
				continue;
			Text text;
			text_init(&text, p->arena);
			if (key->kind == NODE_CONSTANT)
				text_python_constant(&text, &((const AstConstant *)key)->value);
			else
				text_add(&text, p->source->text + key->start, key->end - key->start);
			parse_error(p, D_PATTERN_KEY_TWICE, node->base.start, node->base.end, text.bytes);
		}
		count++;
	}
	check_list(p, &node->patterns, names, depth);
	bind(p, names, node->rest, &node->base);
}

static void check_class(Parser *p, const AstMatchClass *node, Names *names, unsigned depth)
{
	if (node->kwd_attrs.count > 1) {
		const Atom **attributes = ARENA_ARRAY(p->arena, const Atom *, node->kwd_attrs.count);
		memcpy(attributes, node->kwd_attrs.items, node->kwd_attrs.count * sizeof *attributes);
		const Atom *repeated = find_repeated(attributes, node->kwd_attrs.count);
		if (repeated)
			parse_error(p, D_PATTERN_ATTRIBUTE_TWICE, node->base.start, node->base.end,
						repeated->text);
	}
	check_list(p, &node->patterns, names, depth);
	check_list(p, &node->kwd_patterns, names, depth);
}

/* `last`: what always matches is allowed here. */
static void check_pattern(Parser *p, const Node *node, bool last, Names *names, unsigned depth)
{
	if (depth > DEEPEST_PATTERN)
		parse_error(p, D_SYNTAX_DEPTH, node->start, node->end, NULL);
	if (p->failed)
		return;
	switch (node->kind) {
	case NODE_MATCH_AS: {
		const AstMatchAs *as = (const AstMatchAs *)node;
		if (as->pattern) {
			check_pattern(p, as->pattern, last, names, depth + 1);
		} else if (!last) {
			const char *what =
				as->name ? arena_format(p->arena, "name capture '%s'", as->name->text) : "wildcard";
			parse_error(p, D_PATTERN_UNREACHABLE, node->start, node->end, what);
		}
		bind(p, names, as->name, node);
		break;
	}
	case NODE_MATCH_STAR:
		bind(p, names, ((const AstMatchStar *)node)->name, node);
		break;
	case NODE_MATCH_OR:
		check_or(p, (const AstMatchOr *)node, last, names, depth);
		break;
	case NODE_MATCH_SEQUENCE:
		check_sequence(p, (const AstMatchSequence *)node, names, depth);
		break;
	case NODE_MATCH_MAPPING:
		check_mapping(p, (const AstMatchMapping *)node, names, depth);
		break;
	case NODE_MATCH_CLASS:
		check_class(p, (const AstMatchClass *)node, names, depth);
		break;
	default:
		break;
	}
}

void match_check(Parser *p, const AstMatch *node)
{
	for (uint32_t i = 0; i < node->cases.count && !p->failed; i++) {
		const AstMatchCase *one = (const AstMatchCase *)node->cases.items[i];
		Names names = {p->scratch_count};
		check_pattern(p, one->pattern, one->guard || i + 1 == node->cases.count, &names, 0);
		p->scratch_count = names.base;
	}
}
