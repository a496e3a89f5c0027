/*
 * Reads the printed form of a machine, runs the back half of the compiler on it and prints what is asked for:
 *   machine_c print|counted|c|header FILE
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "register_class.h"

static char *read_all(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	size_t length = 0, capacity = 1 << 16;
	char *text = malloc(capacity);
	for (size_t n; text && (n = fread(text + length, 1, capacity - length - 1, file)) > 0;) {
		length += n;
		if (capacity - length < 2)
			text = realloc(text, capacity *= 2);
	}
	fclose(file);
	if (text)
		text[length] = 0;
	return text;
}

int main(int argc, char **argv)
{
	char *text = argc == 3 ? read_all(argv[2]) : NULL;
	if (!text) {
		fputs("usage: machine_c print|counted|c|header FILE\n", stderr);
		return 2;
	}
	Arena *arena = arena_make((size_t)1 << 30);
	const char *error;
	Machine *machine = machine_read(arena, types_make(arena), atoms_make(arena), text, &error);
	free(text);
	if (machine && strcmp(argv[1], "print") != 0) {
		machine_tidy(machine);
		machine_count(machine);
		error = machine_verify(machine, true);
		if (!error)
			register_classes(machine, &error);
	}
	Text out, header;
	text_init(&out, arena);
	text_init(&header, arena);
	if (error)
		fprintf(stderr, "machine_c: %s\n", error);
	else if (strcmp(argv[1], "c") == 0 || strcmp(argv[1], "header") == 0)
		emit_c(&out, &header, machine, &(EmitOptions){0});
	else
		machine_print(&out, machine);
	const Text *chosen = strcmp(argv[1], "header") == 0 ? &header : &out;
	if (!error)
		fwrite(chosen->bytes, 1, chosen->length, stdout);
	arena_free(arena);
	return error != NULL;
}
