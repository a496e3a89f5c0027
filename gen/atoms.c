/*
 * Interned names: an open hash table of pointers to atoms. An atom never moves and never goes before its arena.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "arena.h"

#include <string.h>

enum { SPARE = 16 };

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

static uint64_t stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 32;
}

/* Names of up to sixteen bytes are two words, filled with zeros. */
static uint32_t hash_words(uint64_t first, uint64_t second, size_t length)
{
	uint64_t hash = stir(first + length * UINT64_C(0x9e3779b97f4a7c15), second);
	return (uint32_t)(hash * UINT64_C(0xc4ceb9fe1a85ec53) >> 32);
}

static uint32_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t words[2], hash = length;
	for (; length > 16; bytes += 8, length -= 8) {
		memcpy(words, bytes, 8);
		hash = stir(hash, words[0]);
	}
	words[0] = words[1] = 0;
	memcpy(words, bytes, length);
	return hash_words(words[0], words[1], hash);
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
	/* zeros after the text, so that atom_get_padded may compare it in words */
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
	return add_atom(atoms, bytes, length, hash);
}

/* Sixteen bytes from `bytes`, those past `length` as zeros. */
static void load_padded(const char *bytes, size_t length, uint64_t words[2])
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	static const uint64_t masks[17][2] = {
		{0},
		{0xff},
		{0xffff},
		{0xffffff},
		{UINT32_MAX},
		{UINT64_MAX >> 24},
		{UINT64_MAX >> 16},
		{UINT64_MAX >> 8},
		{UINT64_MAX},
		{UINT64_MAX, 0xff},
		{UINT64_MAX, 0xffff},
		{UINT64_MAX, 0xffffff},
		{UINT64_MAX, UINT32_MAX},
		{UINT64_MAX, UINT64_MAX >> 24},
		{UINT64_MAX, UINT64_MAX >> 16},
		{UINT64_MAX, UINT64_MAX >> 8},
		{UINT64_MAX, UINT64_MAX},
	};
	memcpy(words, bytes, 16);
	words[0] &= masks[length][0];
	words[1] &= masks[length][1];
#else
	words[0] = words[1] = 0;
	memcpy(words, bytes, length);
#endif
}

const Atom *atom_get_padded(AtomTable *atoms, const char *bytes, size_t length)
{
	if (length > 16)
		return atom_get(atoms, bytes, length);
	uint64_t words[2], other[2];
	load_padded(bytes, length, words);
	uint32_t hash = hash_words(words[0], words[1], length);
	uint32_t at = hash & atoms->mask;
	for (const Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask) {
		memcpy(other, atom->text, sizeof other);
		if (atom->hash == hash && atom->length == length && other[0] == words[0] &&
			other[1] == words[1])
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
