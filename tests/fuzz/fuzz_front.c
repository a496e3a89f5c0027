/*
 * Bytes as a source file: decoding, tokens, tree, and the prints of both. Whatever the bytes are, places lie in the text
 * and in order, and a file is refused with a word or has a tree.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast.h"
#include "diag.h"
#include "fuzz_targets.h"
#include "text.h"

static void check_tokens(const Tokens *tokens)
{
	uint32_t before = 0;
	for (uint32_t i = 0; i < tokens->count; i++) {
		const Token *token = &tokens->items[i];
		CLAIM(before <= token->start && token->start <= token->end);
		CLAIM(token->end <= tokens->source->length);
		before = token->start;
	}
	CLAIM(tokens->count && tokens->items[tokens->count - 1].kind == 0);
}

static void check_node(void *context, Node *node)
{
	const Module *module = context;
	CLAIM(node->start <= node->end && node->end <= module->source->length);
	CLAIM(node->id < module->node_count);
	node_children(node, check_node, context);
}

void fuzz_front(const uint8_t *data, size_t size)
{
	Arena *arena = arena_make((size_t)1 << 30);
	Diag *diag = diag_make(arena);
	AtomTable *atoms = atoms_make(arena);
	const Source *source = source_from_bytes(arena, diag, "fuzz.py", (const char *)data, size);
	if (source) {
		Text text;
		text_init(&text, arena);
		const Tokens *tokens = lex_source(arena, atoms, diag, source);
		check_tokens(tokens);
		const Module *module = parse_module(arena, atoms, diag, tokens);
		CLAIM(module->complete == (diag_error_count(diag) == 0));
		tokens_dump(&text, tokens);
		if (module->complete) {
			ast_dump(&text, module, true);
			check_node((void *)(uintptr_t)module, &module->tree->base);
		}
	} else {
		CLAIM(diag_error_count(diag) > 0);
	}
	for (unsigned i = 0; i < diag_count(diag); i++) {
		const DiagItem *item = diag_item(diag, i);
		CLAIM(item->message && item->start <= item->end);
		CLAIM(item->end <= item->source->length + 1);
	}
	arena_free(arena);
}
