"""Makes the tables of gen/codepoints.c from CPython's own unicodedata and str methods.

usage: codepoint_tables.py NAME_ALIASES OUTPUT

Only what the front end asks for: which characters a name may have, NFKC for those, which characters repr() shows as
they are, and the names of \\N{...} as hashes (a name is found by its hash, the text itself is not kept).
SPDX-License-Identifier: Apache-2.0
"""

import sys
import unicodedata

LAST = 0x110000
HANGUL = range(0xAC00, 0xD7A4)


def ranges(test):
    found, start = [], None
    for code in range(LAST + 1):
        good = code < LAST and test(chr(code))
        if good and start is None:
            start = code
        elif not good and start is not None:
            found.append((start, code - 1))
            start = None
    return found


def print_ranges(out, name, pairs):
    print(f"static const CodeRange {name}[] = {{", file=out)
    for start, end in pairs:
        print(f"\t{{0x{start:x}, 0x{end:x}}},", file=out)
    print("};", file=out)


def print_decompositions(out):
    pool, rows = [], []
    for code in range(LAST):
        char = chr(code)
        if code in HANGUL or not ("a" + char).isidentifier():
            continue
        parts = unicodedata.normalize("NFKD", char)
        if parts != char:
            rows.append((code, len(pool), len(parts)))
            pool += map(ord, parts)
    print("static const uint32_t decomposed[] = {", ", ".join(map(hex, pool)), "};", file=out)
    print("static const Decomposition decompositions[] = {", file=out)
    for code, at, length in rows:
        print(f"\t{{0x{code:x}, {at}, {length}}},", file=out)
    print("};", file=out)


def print_classes(out):
    rows = []
    for code in range(LAST):
        kind = unicodedata.combining(chr(code))
        if not kind:
            continue
        if rows and rows[-1][1] == code - 1 and rows[-1][2] == kind:
            rows[-1][1] = code
        else:
            rows.append([code, code, kind])
    print("static const ClassRange classes[] = {", file=out)
    for start, end, kind in rows:
        print(f"\t{{0x{start:x}, 0x{end:x}, {kind}}},", file=out)
    print("};", file=out)


def print_compositions(out):
    rows = []
    for code in range(LAST):
        parts = unicodedata.decomposition(chr(code)).split()
        if len(parts) != 2 or parts[0].startswith("<"):
            continue
        first, second = (int(part, 16) for part in parts)
        if unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(code):
            rows.append((first, second, code))
    print("static const Composition compositions[] = {", file=out)
    for first, second, code in sorted(rows):
        print(f"\t{{0x{first:x}, 0x{second:x}, 0x{code:x}}},", file=out)
    print("};", file=out)


def name_hash(name):
    """FNV-1a; codepoints.c has the same."""
    value = 0xCBF29CE484222325
    for byte in name.encode("ascii"):
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def print_names(out, aliases):
    names = {}
    for code in range(LAST):
        name = unicodedata.name(chr(code), "")
        if name and code not in HANGUL and not name.startswith("CJK UNIFIED IDEOGRAPH-"):
            names[name] = code
    for line in aliases:
        if not line.startswith("#"):
            code, name = line.strip().split(";")
            if ord(unicodedata.lookup(name)) != int(code, 16):
                sys.exit(f"codepoint_tables.py: {name} is not U+{code}")
            names[name] = int(code, 16)
    words = sorted((name_hash(name) >> 21 << 21) | code for name, code in names.items())
    if len({word >> 21 for word in words}) != len(words):
        sys.exit("codepoint_tables.py: two names have one hash")
    print("static const uint64_t names[] = {", file=out)
    for word in words:
        print(f"\tUINT64_C(0x{word:x}),", file=out)
    print("};", file=out)


def main():
    with open(sys.argv[1], encoding="ascii") as file:
        aliases = file.readlines()
    with open(sys.argv[2], "w", encoding="ascii") as out:
        print(f"/* Made by codepoint_tables.py from Unicode {unicodedata.unidata_version}. */", file=out)
        print_ranges(out, "name_starts", ranges(str.isidentifier))
        print_ranges(out, "name_parts", ranges(lambda char: ("a" + char).isidentifier()))
        print_ranges(out, "hidden", ranges(lambda char: not char.isprintable()))
        print_decompositions(out)
        print_classes(out)
        print_compositions(out)
        print_names(out, aliases)


if __name__ == "__main__":
    main()
