/*
 * Interned names: an open hash table of pointers to atoms. An atom never moves and never goes before its arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "arena.h"

#include <string.h>

struct AtomTable {
	Arena *arena;
	Atom **slots;
	uint32_t mask; /* number of slots - 1; a power of two */
	uint32_t count;
};

AtomTable *atoms_make(Arena *arena)
{
	AtomTable *atoms = ARENA_NEW(arena, AtomTable);
	atoms->arena = arena;
	atoms->mask = 511;
	atoms->slots = ARENA_ARRAY(arena, Atom *, atoms->mask + 1);
	return atoms;
}

/* The last bytes of a name, fewer than eight, as a word. */
static uint64_t load_rest(const char *bytes, size_t length)
{
	uint64_t word = 0;
	memcpy(&word, bytes, length);
	return word;
}

static uint64_t stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 32;
}

/* Eight bytes a step; a multiplication spreads them. */
static uint32_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = length * UINT64_C(0x9e3779b97f4a7c15);
	uint64_t word;
	for (; length > 8; bytes += 8, length -= 8) {
		memcpy(&word, bytes, 8);
		hash = stir(hash, word);
	}
	return (uint32_t)(stir(hash, load_rest(bytes, length)) * UINT64_C(0xc4ceb9fe1a85ec53) >> 32);
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

static const Atom *add_atom(AtomTable *atoms, const char *bytes, size_t length, uint32_t hash)
{
	if (atoms->count >= atoms->mask / 2)
		grow(atoms);
	uint32_t at = hash & atoms->mask;
	while (atoms->slots[at])
		at = (at + 1) & atoms->mask;
	/* eight more bytes, so that atom_get_padded may compare the text in words */
	Atom *atom = arena_alloc(atoms->arena, sizeof(Atom) + length + 8);
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
	return add_atom(atoms, bytes, length, hash);
}

/* Eight bytes from `bytes`, those past `length` as zeros, in the order in which memory has them. */
static uint64_t load_padded(const char *bytes, size_t length)
{
	uint64_t word;
	memcpy(&word, bytes, 8);
	if (length >= 8)
		return word;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return word & ((UINT64_C(1) << length * 8) - 1);
#else
	return word & ~(UINT64_MAX >> length * 8);
#endif
}

const Atom *atom_get_padded(AtomTable *atoms, const char *bytes, size_t length)
{
	if (length > 16)
		return atom_get(atoms, bytes, length);
	size_t rest = length > 8 ? length - 8 : length;
	uint64_t hash64 = length * UINT64_C(0x9e3779b97f4a7c15), first = 0;
	if (length > 8) {
		memcpy(&first, bytes, 8);
		hash64 = stir(hash64, first);
	}
	uint64_t last = load_padded(bytes + length - rest, rest);
	uint32_t hash = (uint32_t)(stir(hash64, last) * UINT64_C(0xc4ceb9fe1a85ec53) >> 32);
	uint32_t at = hash & atoms->mask;
	for (const Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask) {
		if (atom->hash != hash || atom->length != length)
			continue;
		if (load_padded(atom->text + length - rest, rest) == last && (length <= 8 || !memcmp(atom->text, &first, 8)))
			return atom;
	}
	return add_atom(atoms, bytes, length, hash);
}

void atom_reserve(AtomTable *atoms, const char *text, uint32_t keyword)
{
	size_t length = strlen(text);
	const Atom *atom = atom_get(atoms, text, length);
	if (atom->keyword == keyword)
		return;
	uint32_t at = atom->hash & atoms->mask;
	while (atoms->slots[at] != atom)
		at = (at + 1) & atoms->mask;
	atoms->slots[at]->keyword = keyword;
}
