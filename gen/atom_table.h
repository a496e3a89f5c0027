/*
 * The table of atoms, open to the lexer: looking up a name is a large part of reading a file, so that the common case
 * is inline there.
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef SBX_GEN_ATOM_TABLE_H
#define SBX_GEN_ATOM_TABLE_H

#include "arena.h"

struct AtomTable {
	Arena *arena;
	Atom **slots;
	uint32_t mask; /* number of slots - 1; a power of two */
	uint32_t count;
};

/* Adds a name that is not there yet. */
const Atom *atom_add(AtomTable *atoms, const char *bytes, size_t length, uint32_t hash);

static inline uint64_t atom_stir(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
	return hash ^ hash >> 32;
}

/* Names of up to sixteen bytes are two words, filled with zeros. */
static inline uint32_t atom_hash_words(uint64_t first, uint64_t second, size_t length)
{
	uint64_t hash = first + length + second * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)((hash ^ hash >> 29) * UINT64_C(0xc4ceb9fe1a85ec53) >> 32);
}

/* Sixteen bytes from `bytes`, all of which may be read, those past `length` as zeros. */
static inline void atom_load(const char *bytes, size_t length, uint64_t words[2])
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

/* atom_get for a name of up to sixteen bytes, which atom_load has read. */
static inline const Atom *atom_get_words(AtomTable *atoms, const char *bytes, size_t length,
										 const uint64_t words[2])
{
	uint64_t other[2];
	uint32_t hash = atom_hash_words(words[0], words[1], length);
	uint32_t at = hash & atoms->mask;
	for (const Atom *atom; (atom = atoms->slots[at]); at = (at + 1) & atoms->mask) {
		memcpy(other, atom->text, sizeof other);
		if (((other[0] ^ words[0]) | (other[1] ^ words[1]) | (atom->length ^ length)) == 0)
			return atom;
	}
	return atom_add(atoms, bytes, length, hash);
}

#endif
