/*
 * Bytes as a printed machine. What the reader takes and the verifier accepts goes through the back half of the compiler,
 * and its print is read as the same machine.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <string.h>

#include "fuzz_targets.h"
#include "machine.h"
#include "register_class.h"
#include "text.h"

static Machine *read_text(Arena *arena, const char *text)
{
	const char *error;
	return machine_read(arena, types_make(arena), atoms_make(arena), text, &error);
}

static void print(Text *out, Arena *arena, const Machine *machine)
{
	text_init(out, arena);
	machine_print(out, machine);
}

void fuzz_machine(const uint8_t *data, size_t size)
{
	Arena *arena = arena_make((size_t)1 << 30);
	Machine *machine = read_text(arena, arena_copy(arena, (const char *)data, size));
	if (machine && !machine_verify(machine, false)) {
		Text first, second, header;
		print(&first, arena, machine);
		Machine *again = read_text(arena, first.bytes);
		CLAIM(again);
		print(&second, arena, again);
		CLAIM(first.length == second.length && !memcmp(first.bytes, second.bytes, first.length));
		machine_tidy(machine);
		machine_count(machine);
		const char *error = machine_verify(machine, true);
		if (!error)
			register_classes(machine, &error);
		if (!error) {
			text_init(&second, arena);
			text_init(&header, arena);
			emit_c(&second, &header, machine, &(EmitOptions){0});
		}
	}
	arena_free(arena);
}
