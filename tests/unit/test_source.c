/*
 * Arena, atoms, text, diagnostics and the decoding of source files.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "decode.h"
#include "diag.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#include "unit_report.h"

/* Decodes; true when the text is `expected`, or, with `expected` NULL, when it is refused with `id`. */
static bool decodes(const char *bytes, size_t length, const char *expected, const char *id)
{
	Arena *arena = arena_make(1 << 20);
	Diag *diag = diag_make(arena);
	const Source *source = source_from_bytes(arena, diag, "x.py", bytes, length);
	bool good;
	if (expected)
		good = source && source->length == strlen(expected) &&
			   !memcmp(source->text, expected, source->length) && diag_count(diag) == 0;
	else
		good =
			!source && diag_count(diag) == 1 && !strcmp(diag_id_text(diag_item(diag, 0)->id), id);
	arena_free(arena);
	return good;
}

static void test_decoding(void)
{
	static const struct {
		const char *name, *bytes, *expected, *id;
	} cases[] = {
		{"plain", "x = 1\n", "x = 1\n", NULL},
		{"newlines", "a\r\nb\rc\n", "a\nb\nc\n", NULL},
		{"utf8", "s = '\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'",
		 "s = '\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'", NULL},
		{"mark", "\xef\xbb\xbf# coding: utf-8\nx", "# coding: utf-8\nx", NULL},
		{"latin1", "# -*- coding: latin-1 -*-\n'\xe9'", "# -*- coding: latin-1 -*-\n'\xc3\xa9'",
		 NULL},
		{"latin1 in line 2", "#!/bin/x\n# vim: set fileencoding=iso8859-1 :\n'\xe9'",
		 "#!/bin/x\n# vim: set fileencoding=iso8859-1 :\n'\xc3\xa9'", NULL},
		{"koi8", "# coding: koi8_r\n'\xcd'", "# coding: koi8_r\n'\xd0\xbc'", NULL},
		{"cp1252", "# coding: cp1252\n'\x80'", "# coding: cp1252\n'\xe2\x82\xac'", NULL},
		{"cookie in line 3 is none", "\n\n# coding: latin-1\n'\xe9'", NULL, "E0003"},
		{"cookie after code is none", "x = 1\n# coding: latin-1\n'\xe9'", NULL, "E0003"},
		{"no cookie", "'\xe9'", NULL, "E0003"},
		{"truncated", "# \xe2\x82", NULL, "E0003"},
		{"surrogate", "# \xed\xa0\x80", NULL, "E0003"},
		{"overlong", "# \xc0\x80", NULL, "E0003"},
		{"declared utf-8", "# coding: utf-8\n'\xe9'", NULL, "E0004"},
		{"bad cp1252", "# coding: cp1252\n'\x81'", NULL, "E0004"},
		{"unknown", "# coding: klingon\n", NULL, "E0005"},
		{"clash", "\xef\xbb\xbf# coding: latin-1\n", NULL, "E0006"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		report(cases[i].name,
			   decodes(cases[i].bytes, strlen(cases[i].bytes), cases[i].expected, cases[i].id));
	report("null byte", decodes("x = 1\0\n", 7, NULL, "E0002"));
	report("null byte far in", decodes("x = 1234567890\n\0", 16, NULL, "E0002"));
	report("empty", decodes("", 0, "", NULL));
}

static void test_places(void)
{
	Arena *arena = arena_make(1 << 20);
	Diag *diag = diag_make(arena);
	const Source *source = source_from_bytes(arena, diag, "x.py", "ab\n\ncd", 6);
	Place place = source_place(source, 5);
	report("place", place.line == 3 && place.column == 1);
	place = source_place(source, 3);
	report("place of an empty line", place.line == 2 && place.column == 0);
	size_t length;
	const char *line = source_line(source, 3, &length);
	report("line", length == 2 && !memcmp(line, "cd", 2));
	source_line(source, 4, &length);
	report("line past the end", length == 0);

	diag_add(diag, D_SOURCE_NUL, source, 4, 5);
	diag_add(diag, D_ENCODING_BOM, source, 1, 2, "latin-1");
	diag_add(diag, D_SOURCE_NUL, source, 4, 5);
	report("diagnostics in order, no doubles",
		   diag_count(diag) == 2 && diag_error_count(diag) == 2 &&
			   diag_item(diag, 0)->id == D_ENCODING_BOM &&
			   !strcmp(diag_item(diag, 0)->message, "encoding problem: latin-1 with BOM") &&
			   diag_item(diag, 0)->help && diag_item(diag, 1)->start == 4);
	report("missing file",
		   !source_read(arena, diag, "no/such/file.py") && diag_error_count(diag) == 3);
	arena_free(arena);
}

static void test_arena(void)
{
	Arena *arena = arena_make(100000);
	AtomTable *atoms = atoms_make(arena);
	bool same = true;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 1000; i++) {
			char name[16];
			int length = snprintf(name, sizeof name, "name%d", i);
			const Atom *atom = atom_get(atoms, name, (size_t)length);
			same &= atom == atom_get(atoms, name, (size_t)length) && !strcmp(atom->text, name);
		}
	report("atoms", same && atom_get(atoms, "a", 1) != atom_get(atoms, "b", 1));
	Text text;
	text_init(&text, arena);
	for (int i = 0; i < 200; i++)
		text_format(&text, "%d\n", i);
	text_char(&text, 'x');
	report("text",
		   text.line == 201 && text.length == 691 && text.bytes[690] == 'x' && !text.bytes[691]);
	report("limit not reached", !arena_is_failed(arena));
	char *block = arena_alloc(arena, 200000);
	memset(block, 1, 200000);
	report("limit reached", arena_is_failed(arena));
	arena_reset(arena);
	report("reset", !arena_is_failed(arena) && arena_bytes(arena) == 0);
	char *again = arena_alloc(arena, 5000);
	report("zeroed again", !again[0] && !again[4999] && !memchr(again, 1, 5000));
	report("aligned", (uintptr_t)arena_alloc(arena, 1) % 16 == 0 &&
						  (uintptr_t)arena_alloc(arena, 100000) % 16 == 0);
	arena_free(arena);
}

int main(void)
{
	test_arena();
	test_decoding();
	test_places();
	return failures != 0;
}
