/*
 * The parser's driver and its ground: making nodes, lists on the scratch stack, blocks.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tree.h"
#include "recovery.h"
#include "syntax_check.h"

#include <stdlib.h>
#include <string.h>

/* After the first error of one pass nothing more is told in it. */
DiagItem *parse_error(Parser *p, DiagId id, uint32_t start, uint32_t end, const char *argument)
{
	DiagItem *item = NULL;
	if (!p->failed) {
		p->item = item = diag_add(p->diag, id, p->source, start, end, argument);
		p->mistake = start;
	}
	p->failed = true;
	return item;
}

void check_binding(Parser *p, const Atom *name, uint32_t start, uint32_t end)
{
	if (name == p->debug)
		parse_error(p, D_TARGET, start, end, "__debug__");
}

static int compare_pointers(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t) * (const Atom *const *)left,
			  b = (uintptr_t) * (const Atom *const *)right;
	return a < b ? -1 : a > b;
}

const Atom *find_repeated(const Atom **atoms, uint32_t count)
{
	if (count > 8)
		qsort(atoms, count, sizeof *atoms, compare_pointers);
	for (uint32_t i = 1; i < count; i++)
		for (uint32_t k = count > 8 ? i - 1 : 0; k < i; k++)
			if (atoms[i] == atoms[k])
				return atoms[i];
	return NULL;
}

void node_mark_newer(Parser *p, Node *node)
{
	node->flags |= NODE_FLAG_NEWER;
	p->newer = true;
}

void scratch_grow(Parser *p)
{
	uint32_t capacity = p->scratch_capacity * 2;
	Node **scratch = ARENA_ARRAY(p->arena, Node *, capacity);
	memcpy(scratch, p->scratch, p->scratch_count * sizeof *scratch);
	p->scratch = scratch;
	p->scratch_capacity = capacity;
}

Open open_add(Parser *p, Open list, void *node)
{
	const Node *base = node;
	scratch_push(p, node);
	if (!list.count)
		list.start = base ? base->start : 0;
	list.end = base ? base->end : 0;
	list.count++;
	return list;
}

Open open_add_pair(Parser *p, Expr first, Expr second)
{
	return open_add_expr(p, open_add_expr(p, open_make(p), first), second);
}

/* `rest` lies directly above `list` on the scratch stack. */
Open open_join(Parser *p, Open list, Open rest)
{
	(void)p;
	list.count += rest.count;
	list.end = rest.end;
	return list;
}

NodeList open_close(Parser *p, Open list)
{
	NodeList closed = {NULL, list.count};
	if (list.count) {
		closed.items = ARENA_ARRAY_RAW(p->arena, Node *, list.count);
		Node *const *from = p->scratch + list.base;
		for (uint32_t i = 0; i < list.count; i++)
			closed.items[i] = from[i];
	}
	p->scratch_count = list.base;
	return closed;
}

AtomList open_close_names(Parser *p, Open list)
{
	AtomList closed = {NULL, list.count};
	closed.items = ARENA_ARRAY(p->arena, const Atom *, list.count);
	for (uint32_t i = 0; i < list.count; i++)
		closed.items[i] = ((const Token *)(void *)p->scratch[list.base + i])->atom;
	p->scratch_count = list.base;
	return closed;
}

Suite suite_make(Parser *p, Open lines)
{
	NodeList list = open_close(p, lines);
	return (Suite){list.items, list.count, lines.end};
}

NodeList suite_list(Suite block)
{
	return (NodeList){block.items, block.count};
}

void parse_keep(Parser *p, Open lines)
{
	p->done = lines.count;
}

void parse_finish(Parser *p, Open lines)
{
	p->module = MAKE(Module, MODULE, 0, p->source->length);
	p->module->body = open_close(p, lines);
}

void parse_no_memory(Parser *p)
{
	arena_fail(p->arena);
	p->failed = true;
}

/* The last token that begins at or before `place`. */
static uint32_t token_at(const Tokens *tokens, uint32_t place)
{
	uint32_t low = 0, high = tokens->count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (tokens->items[middle].start <= place)
			low = middle;
		else
			high = middle;
	}
	return low;
}

typedef struct Mistake {
	bool failed,
		misfit; /* misfit: the grammar does not take the token; else an action has refused what is there */
	uint32_t token;
} Mistake;

/* The tree as the grammar has it; not const yet. */
static Module *read_tree(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens,
						 Mistake *mistake)
{
	enum { FIRST_SCRATCH = 256 };
	Parser parser = {
		.arena = arena, .atoms = atoms, .diag = diag, .source = tokens->source, .tokens = tokens};
	parser.scratch = ARENA_ARRAY(arena, Node *, FIRST_SCRATCH);
	parser.scratch_capacity = FIRST_SCRATCH;
	parser.debug = atom_get(atoms, "__debug__", 9);
	/* without the end marker where the text behind is not known: the lexer has told what is wrong */
	const Token *last = tokens->items + tokens->count - 1;
	parse_tokens(&parser, tokens->items, tokens->truncated ? last - 1 : last);

	Module *module = ARENA_NEW(arena, Module);
	module->source = tokens->source;
	module->complete = parser.accepted && !parser.failed && tokens->complete;
	if (!parser.accepted || parser.failed)
		parse_finish(&parser, (Open){.base = 0, .count = parser.done});
	module->tree = parser.module;
	module->node_count = parser.node_count;
	module->newer = parser.newer;
	*mistake = (Mistake){.failed = parser.failed, .misfit = parser.stuck != NULL};
	if (parser.failed)
		mistake->token = parser.stuck ? (uint32_t)(parser.stuck - tokens->items)
									  : token_at(tokens, parser.mistake);
	return module;
}

const Module *parse_tree(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens)
{
	Mistake mistake;
	return read_tree(arena, atoms, diag, tokens, &mistake);
}

/* The other mistakes: the file is parsed again without the one that stopped it. */
static void read_further(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens,
						 Mistake mistake)
{
	enum { MOST_BYTES = 64 << 20 }; /* that are read again in all */
	uint32_t passes = tokens->count ? MOST_BYTES / (tokens->source->length + 1) : 0;
	uint32_t place = 0;
	if (passes > MOST_MISTAKES)
		passes = MOST_MISTAKES;
	while (tokens && passes-- && mistake.failed && !arena_is_failed(arena)) {
		uint32_t start = tokens->items[mistake.token].start;
		if (start < place)
			return; /* it comes back: what stands around it is wrong, and told */
		place = start;
		tokens = tokens_without(arena, atoms, tokens, mistake.token, mistake.misfit);
		if (tokens)
			read_tree(arena, atoms, diag, tokens, &mistake);
	}
}

const Module *parse_module(Arena *arena, AtomTable *atoms, Diag *diag, const Tokens *tokens)
{
	Mistake mistake;
	Module *module = read_tree(arena, atoms, diag, tokens, &mistake);
	if (module->complete)
		module->complete = syntax_check(arena, atoms, diag, module, &module->depth);
	else
		read_further(arena, atoms, diag, tokens, mistake);
	return module;
}
