"""Each diagnostic of the front end has a program that shows it, in CPython's words.

usage: errors.py CHECK_FILE

The programs are those of errors.txt and, where they are long or no text, the ones made here. The last check compares
the ids of gen/diag.def with them.
SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
TOP = HERE.parent.parent
PLACE = re.compile(r"^(?:.*\.py:)?\d+:\d+: error: (.*) \[(E\d{4})\]$")

# id: (program, whether CPython says the same)
MADE = {
    "E0001": (None, False),
    "E0002": (b"x = 1\0\n", False),
    "E0003": (b'x = "\xff"\n', False),
    "E0006": (b"\xef\xbb\xbf# -*- coding: latin-1 -*-\n", False),
    "E0015": (b"x = " + b"1" * 4301 + b"\n", False),
    "E0101": (b"match x:\n  case " + b"[" * 2100 + b"a" + b"]" * 2100 + b": pass\n", False),
    "E0141": (b", ".join(b"a%d" % i for i in range(256)) + b", *b = c\n", True),
}
# Not shown: the size of a source (tests/emit/big.py shows it), the own memory limit, a defect; E0603 is shown by tests/reject.
HIDDEN = {"E0007", "E0601", "E0602", "E0603"}


def read_cases():
    """{id: (program, mark)} of errors.txt"""
    text = (HERE / "errors.txt").read_text(encoding="utf-8")
    found = re.findall(r"^== (E\d{4})(.*)\n((?:(?!== ).*\n)*)", text, re.M)
    return {name: (program, mark.strip()) for name, mark, program in found}


def cpython(program):
    try:
        compile(program, "<string>", "exec", dont_inherit=True)
        return "nothing"
    except (SyntaxError, ValueError) as error:
        return getattr(error, "msg", str(error))


def main():
    warnings.simplefilter("ignore")
    programs = {name: (text.encode(), mark == "") for name, (text, mark) in read_cases().items()} | MADE
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder, f"{name}.py") for name in programs}
        for name, (program, _) in programs.items():
            if program is not None:
                paths[name].write_bytes(program)
        result = subprocess.run([sys.argv[1], *map(str, paths.values())], stdout=subprocess.PIPE, check=False)
    sections = re.split(r"^== .*/(E\d{4})\.py\n", result.stdout.decode("utf-8", "replace"), flags=re.M)
    printed = dict(zip(sections[1::2], sections[2::2]))
    for name, (program, same) in programs.items():
        found = [match.groups() for match in map(PLACE.match, printed.get(name, "").split("\n")) if match]
        theirs = cpython(program) if same else None
        good = [i for _, i in found] == [name] and (not same or found[0][0] == theirs)
        passed += good
        failed += not good
        if not good:
            print(f"FAIL {name}: {found or 'nothing'}" + (f"; CPython says {theirs}" if same else ""))
    ids = re.findall(r'"(E0[01]\d\d|E06\d\d)"', (TOP / "gen" / "diag.def").read_text(encoding="utf-8"))
    for name in sorted(set(ids) ^ (set(programs) | HIDDEN)):
        failed += 1
        print(f"FAIL {name}: " + ("has no program" if name in ids else "is no diagnostic"))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
