/*
 * Interned names: an open hash table of pointers to atoms. An atom never moves and never goes before its arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "arena.h"

#include <string.h>

struct AtomTable {
	Arena *arena;
	const Atom **slots;
	uint32_t mask; /* number of slots - 1; a power of two */
	uint32_t count;
};

AtomTable *atoms_make(Arena *arena)
{
	AtomTable *atoms = ARENA_NEW(arena, AtomTable);
	atoms->arena = arena;
	atoms->mask = 511;
	atoms->slots = ARENA_ARRAY(arena, const Atom *, atoms->mask + 1);
	return atoms;
}

/* Eight bytes a step; a multiplication spreads them. */
static uint32_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t word = 0;
	for (; length >= 8; bytes += 8, length -= 8) {
		memcpy(&word, bytes, 8);
		hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	word = 0;
	for (size_t i = 0; i < length; i++)
		word = word << 8 | (unsigned char)bytes[i];
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 32;
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(hash >> 32);
}

static void grow(AtomTable *atoms)
{
	uint32_t mask = atoms->mask * 2 + 1;
	const Atom **slots = ARENA_ARRAY(atoms->arena, const Atom *, (size_t)mask + 1);
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

const Atom *atom_get(AtomTable *atoms, const char *bytes, size_t length)
{
	uint32_t hash = hash_bytes(bytes, length);
	uint32_t at = hash & atoms->mask;
	for (const Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask)
		if (atom->hash == hash && atom->length == length && !memcmp(atom->text, bytes, length))
			return atom;
	if (atoms->count >= atoms->mask / 2) {
		grow(atoms);
		at = hash & atoms->mask;
		while (atoms->slots[at])
			at = (at + 1) & atoms->mask;
	}
	Atom *atom = arena_alloc(atoms->arena, sizeof(Atom) + length + 1);
	atom->length = (uint32_t)length;
	atom->hash = hash;
	if (length)
		memcpy(atom->text, bytes, length);
	atoms->slots[at] = atom;
	atoms->count++;
	return atom;
}
