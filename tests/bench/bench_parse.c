/*
 * Lexes and parses many files that are already in memory, several times, and prints the best round.
 *
 * usage: bench_parse ROUNDS FILE...
 * Prints `sbxc SECONDS s`, `lines NUMBER lines` and `bytes NUMBER bytes`. What CPython does after its ast.parse (the
 * symbol table's and the compiler's refusals) is not in the time.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "ast.h"
#include "diag.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct File {
	const char *path;
	char *bytes;
	size_t length;
} File;

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static bool load(File *file, const char *path)
{
	FILE *stream = fopen(path, "rb");
	if (!stream)
		return false;
	fseek(stream, 0, SEEK_END);
	long size = ftell(stream);
	rewind(stream);
	file->path = path;
	file->bytes = malloc((size_t)size + 1);
	file->length = file->bytes ? fread(file->bytes, 1, (size_t)size, stream) : 0;
	fclose(stream);
	return file->bytes && file->length == (size_t)size;
}

/* One file from bytes to tree; the number of its lines. */
static size_t parse(Arena *arena, const File *file)
{
	Diag *diag = diag_make(arena);
	AtomTable *atoms = atoms_make(arena);
	const Source *source = source_from_bytes(arena, diag, file->path, file->bytes, file->length);
	size_t lines = 0;
	if (source) {
		lines = source->line_count;
		const Module *module =
			parse_tree(arena, atoms, diag, lex_source(arena, atoms, diag, source));
		lines += module->node_count == 0 && diag_count(diag) == 0;
	}
	arena_reset(arena);
	return lines;
}

int main(int argc, char **argv)
{
	int rounds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, count = argc - 2;
	File *files = count > 0 ? calloc((size_t)count, sizeof *files) : NULL;
	size_t bytes = 0, lines = 0;
	for (int i = 0; files && i < count; i++) {
		if (!load(&files[i], argv[i + 2])) {
			fprintf(stderr, "bench_parse: cannot read %s\n", argv[i + 2]);
			return 2;
		}
		bytes += files[i].length;
	}
	Arena *arena = arena_make((size_t)1 << 32);
	double best = 0;
	for (int round = 0; round < rounds; round++) {
		double start = now();
		lines = 0;
		for (int i = 0; i < count; i++)
			lines += parse(arena, &files[i]);
		double seconds = now() - start;
		if (round == 0 || seconds < best)
			best = seconds;
	}
	arena_free(arena);
	printf("sbxc %.6f s\nlines %zu lines\nbytes %zu bytes\n", best, lines, bytes);
	return 0;
}
