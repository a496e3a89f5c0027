#!/usr/bin/env python3
"""Every name of an encoding that CPython has, in a file's first line: the same tree as CPython's, or a refusal where it refuses.

    tests/syntax/encodings.py SBXC

iconv has no codec for those of OTHER, or one with other characters; sbxc then refuses the file or reads those
characters otherwise, and nobody writes Python in them.
SPDX-License-Identifier: Apache-2.0
"""
import ast
import codecs
import encodings.aliases
import os
import subprocess
import sys
import tempfile
import warnings

OTHER = {"big5", "big5hkscs", "cp950", "euc_jis_2004", "euc_jisx0213", "shift_jis_2004", "shift_jisx0213", "hz", "iso2022_jp_1", "iso2022_jp_2",
         "iso2022_jp_2004", "iso2022_jp_3", "iso2022_jp_ext", "mac_cyrillic", "mac_greek", "mac_iceland", "mac_turkish", "unicode_escape",
         "raw_unicode_escape", "mbcs", "oem"}
MORE = ("utf-8-sig", "UTF_8", "latin-1", "ISO-8859-15", "windows-1252", "Windows-1251", "cp1252", "koi8-r", "mac_roman", "kz1048", "no-such", "utf-16", "rot13")


def characters(codec):
    text = ""
    for point in [ord(one) for one in "あ漢한ก€"] + list(range(0xA1, 0x600)):
        try:
            if chr(point).encode(codec).decode(codec) == chr(point) and point != 0xAD:
                text += chr(point)
        except (UnicodeError, LookupError):
            pass
    return text


def main():
    warnings.simplefilter("ignore")
    passed = failed = 0
    texts = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.py")
        for name in sorted(set(encodings.aliases.aliases) | set(encodings.aliases.aliases.values()) | set(MORE)):
            codec = encodings.aliases.aliases.get(name.lower().replace("-", "_"), name)
            if codec in OTHER or name == "csHPRoman8":  # an alias that CPython itself never finds
                continue
            try:
                if codec not in texts:
                    texts[codec] = characters(codec)
                data = f"# -*- coding: {name} -*-\nx = '{texts[codec]}'\n".encode(codec)
            except (UnicodeError, LookupError, TypeError):
                data = f"# -*- coding: {name} -*-\nx = 1\n".encode()
            with open(path, "wb") as file:
                file.write(data)
            try:
                wanted = ast.dump(ast.parse(data))
            except (SyntaxError, LookupError, ValueError):
                wanted = None
            done = subprocess.run([sys.argv[1], "--dump=ast", path], capture_output=True)
            found = done.stdout.decode().rstrip("\n") if done.returncode == 0 else None
            good = found == wanted
            passed += good
            failed += not good
            if not good:
                print(f"FAIL {name}: {'accepted' if found else done.stderr.decode()[:120]!r}, CPython {'accepts' if wanted else 'refuses'} it")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
