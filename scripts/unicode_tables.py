#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the Unicode tables of the runtime, asked from CPython 3.11's own str methods and unicodedata.

Each code point has a record: flags, a decimal value and four case mappings. Records repeat, so they stand once; a
code point finds its record through two levels of indexes over blocks of 128. A case mapping is the distance to the
mapped code point, or, where it maps to several, a place in the list of long mappings.

    scripts/unicode_tables.py OUTPUT.c
"""
import os
import subprocess
import sys
import unicodedata

BLOCK = 128


def flags_of(c):
    """The flags of one character, in the order of the bits in unicode.h (four LONG bits, one a mapping, follow)."""
    # What str does not tell directly shows in title() (cased) and in the final sigma of lower() (case-ignorable).
    cased = (c + "a").title()[-1] == "a"
    cased_base = (" " + c + "\u03a3").lower()[-1] == "\u03c2"
    other_base = ("a\u03a3" + c + "a").lower()[1] == "\u03c2"
    return [c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), c.isprintable(), c.isspace(), c.islower(),
            c.isupper(), unicodedata.category(c) == "Lt", cased, not cased_base and not other_base,
            c.isidentifier(), ("a" + c).isidentifier(), len(("a" + c + "b").splitlines()) == 2]


def records():
    """The list of different records, the long mappings, and each code point's record."""
    longs, long_places, seen, found, index = [], {}, {}, [], []
    for point in range(0x110000):
        c = chr(point)
        bits = sum(1 << i for i, flag in enumerate(flags_of(c)) if flag)
        mappings = []
        for i, mapped in enumerate((c.upper(), c.lower(), c.title(), c.casefold())):
            if len(mapped) == 1:
                mappings.append(ord(mapped) - point)
                continue
            bits |= 1 << (14 + i)
            if mapped not in long_places:
                long_places[mapped] = len(longs)
                longs.extend([len(mapped), *map(ord, mapped)])
            mappings.append(long_places[mapped])
        record = (bits, unicodedata.decimal(c, -1), *mappings)
        if record not in seen:
            seen[record] = len(found)
            found.append(record)
        index.append(seen[record])
    return found, longs, index


def blocks(index):
    """Splits the index into different blocks and the numbers of the blocks."""
    numbers, seen, flat = [], {}, []
    for at in range(0, len(index), BLOCK):
        block = tuple(index[at:at + BLOCK])
        if block not in seen:
            seen[block] = len(seen)
            flat.extend(block)
        numbers.append(seen[block])
    return numbers, flat


def latin1_hashes():
    """hash() of each one-character text below 256, as under PYTHONHASHSEED=0."""
    out = subprocess.run([sys.executable, "-c", "for i in range(256): print(hash(chr(i)))"], check=True,
                         env=dict(os.environ, PYTHONHASHSEED="0"), capture_output=True, text=True).stdout
    return [int(line) for line in out.split()]


def array(ctype, name, values, per_line=16):
    """A C array as text."""
    lines = [", ".join(map(str, values[i:i + per_line])) for i in range(0, len(values), per_line)]
    return f"const {ctype} {name}[{len(values)}] = {{\n\t" + ",\n\t".join(lines) + "\n};\n"


def main():
    """Writes the file named on the command line."""
    if sys.hash_info.algorithm != "siphash13" or unicodedata.unidata_version != "14.0.0":
        sys.exit("scripts/unicode_tables.py: needs CPython 3.11 (Unicode 14); set PYTHON to it")
    found, longs, index = records()
    numbers, flat = blocks(index)
    assert len(found) < 65536 and max(numbers) < 65536
    text = ["/*\n * Made by scripts/unicode_tables.py from Unicode " + unicodedata.unidata_version +
            "; do not edit.\n * SPDX-License-Identifier: Apache-2.0\n */\n",
            '#include "unicode.h"\n\n',
            array("UnicodeRecord", "sbx__unicode_records",
                  ["{%#x, {%d, %d, %d, %d}, %d}" % (r[0], *r[2:], r[1]) for r in found], 4),
            array("uint16_t", "sbx__unicode_blocks", numbers),
            array("uint16_t", "sbx__unicode_index", flat),
            array("uint32_t", "sbx__unicode_long", longs),
            "const sbx_gen_str sbx__empty_str = {{0, 1}, 0, 0};\n",
            array("StaticStr", "sbx__latin1_strs",
                  ["{{{0, 1}, %d, 1}, {%d}}" % (h, i) for i, h in enumerate(latin1_hashes())], 4)]
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("".join(text))


main()
