/*
 * Interned names: an open hash table of pointers to atoms. An atom never moves and never goes before its arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "atom_table.h"

#include <string.h>

enum { SPARE = 16 };

AtomTable *atoms_make(Arena *arena)
{
	AtomTable *atoms = ARENA_NEW(arena, AtomTable);
	atoms->arena = arena;
	atoms->mask = 511;
	atoms->slots = ARENA_ARRAY(arena, Atom *, atoms->mask + 1);
	return atoms;
}

static uint32_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t words[2], hash = length;
	for (; length > 16; bytes += 8, length -= 8) {
		memcpy(words, bytes, 8);
		hash = atom_stir(hash, words[0]);
	}
	words[0] = words[1] = 0;
	memcpy(words, bytes, length);
	return atom_hash_words(words[0], words[1], hash);
}

static void grow(AtomTable *atoms)
{
	uint32_t mask = atoms->mask * 2 + 1;
	Atom **slots = ARENA_ARRAY(atoms->arena, Atom *, (size_t)mask + 1);
	for (uint32_t i = 0; i <= atoms->mask; i++) {
		if (!atoms->slots[i])
			continue;
		uint32_t at = atoms->slots[i]->hash & mask;
		while (slots[at])
			at = (at + 1) & mask;
		slots[at] = atoms->slots[i];
	}
	atoms->slots = slots;
	atoms->mask = mask;
}

const Atom *atom_add(AtomTable *atoms, const char *bytes, size_t length, uint32_t hash)
{
	if (atoms->count >= atoms->mask / 2)
		grow(atoms);
	uint32_t at = hash & atoms->mask;
	while (atoms->slots[at])
		at = (at + 1) & atoms->mask;
	/* zeros after the text, so that atom_get_words may compare it in words */
	Atom *atom = arena_alloc(atoms->arena, sizeof(Atom) + length + SPARE);
	atom->length = (uint32_t)length;
	atom->hash = hash;
	if (length)
		memcpy(atom->text, bytes, length);
	atoms->slots[at] = atom;
	atoms->count++;
	return atom;
}

const Atom *atom_get(AtomTable *atoms, const char *bytes, size_t length)
{
	uint32_t hash = hash_bytes(bytes, length);
	uint32_t at = hash & atoms->mask;
	for (const Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask)
		if (atom->hash == hash && atom->length == length && !memcmp(atom->text, bytes, length))
			return atom;
	return atom_add(atoms, bytes, length, hash);
}
