/*
 * Prints the syntax trees of many files in one process, for the conformance tests.
 *
 * usage: dump_ast [-a] [-t] [-q] [FILE]...
 *   -a  with places, as ast.dump(tree, include_attributes=True)    -t  the tokens in place of the tree
 *   "-" reads blocks from standard input: a line with the number of bytes, then these bytes.
 * One line for each file: "ok DUMP" ("newer DUMP" where 3.11 would refuse it) or "error LINE:COLUMN ID message". With -q no dump, only the verdict.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast.h"
#include "diag.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Options {
	bool places, tokens, quiet;
} Options;

static void print_error(Diag *diag)
{
	const DiagItem *item = diag_item(diag, 0);
	Place place = source_place(item->source, item->start);
	printf("error %u:%u %s %s\n", (unsigned)place.line, (unsigned)place.column,
		   diag_id_text(item->id), item->message);
}

static void print_source(Options options, Arena *arena, Diag *diag, const Source *source)
{
	AtomTable *atoms = atoms_make(arena);
	const Tokens *tokens = source ? lex_source(arena, atoms, diag, source) : NULL;
	Text text;
	text_init(&text, arena);
	bool good = tokens != NULL, newer = false;
	if (tokens && options.tokens) {
		tokens_dump(&text, tokens);
		good = tokens->complete;
	} else if (tokens) {
		const Module *module = parse_module(arena, atoms, diag, tokens);
		good = module->complete;
		newer = module->newer;
		if (good && !options.quiet)
			ast_dump(&text, module, options.places);
	}
	if (!good && diag_count(diag) == 0) {
		printf("error 0:0 NONE no diagnostic\n");
	} else if (!good) {
		print_error(diag);
	} else {
		printf(newer ? "newer " : "ok ");
		fwrite(text.bytes, 1, text.length, stdout);
		putchar('\n');
	}
}

static void print_file(Options options, const char *path)
{
	Arena *arena = arena_make((size_t)4 << 30);
	Diag *diag = diag_make(arena);
	print_source(options, arena, diag, source_read(arena, diag, path));
	arena_free(arena);
}

static bool print_block(Options options)
{
	char line[32];
	if (!fgets(line, sizeof line, stdin))
		return false;
	size_t length = strtoul(line, NULL, 10);
	char *bytes = malloc(length + 1);
	if (!bytes || fread(bytes, 1, length, stdin) != length) {
		free(bytes);
		return false;
	}
	Arena *arena = arena_make((size_t)4 << 30);
	Diag *diag = diag_make(arena);
	print_source(options, arena, diag, source_from_bytes(arena, diag, "snippet.py", bytes, length));
	arena_free(arena);
	free(bytes);
	fflush(stdout);
	return true;
}

int main(int argc, char **argv)
{
	Options options = {false, false, false};
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-a"))
			options.places = true;
		else if (!strcmp(argv[i], "-t"))
			options.tokens = true;
		else if (!strcmp(argv[i], "-q"))
			options.quiet = true;
		else if (!strcmp(argv[i], "-"))
			while (print_block(options)) {
			}
		else
			print_file(options, argv[i]);
	}
	return 0;
}
