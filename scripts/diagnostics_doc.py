#!/usr/bin/env python3
"""Makes docs/diagnostics.md from gen/diag.def and the tests that show each diagnostic.

    scripts/diagnostics_doc.py [--check]

--check only compares. Examples come from tests/syntax/errors.txt (the front end) and from the first line of
tests/reject/*.py that names the id, alone where there is one.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(TOP, "docs", "diagnostics.md")
ROW = re.compile(r'^DIAG\((\w+), "([EW]\d{4})", (\w+), "((?:\\.|[^"\\])*)", (?:NULL|"((?:\\.|[^"\\])*)")\)', re.M)
GROUPS = [("E00", "Reading and lexing"), ("E01", "Syntax"), ("E02", "Declarations"), ("E03", "Refused constructs"),
          ("E04", "Names and calls"), ("E05", "Types"), ("E06", "Limits of the compiler"), ("W0", "Warnings")]
HEAD = """# Diagnostics

Made by `make docs` from `gen/diag.def` and the tests; do not edit.

A diagnostic has an id that never changes, a place with a caret, and where there is one the workaround (`help:`). `...`
stands for words of the user's file. `sbxc check --format=json` gives the same with byte ranges, and for some a `fix`:
the text to put in place of the range. Errors of the groups E00 and E01 stop the compilation; of the others a file gets
all it has in one run. Messages of E00 and E01 are CPython's own where it has one.

The examples are tests: those of E00 and E01 stand in `tests/syntax/errors.txt`, the others in `tests/reject/`.
"""


def unescape(text):
    return text.replace('\\"', '"').replace("\\\\", "\\")


def holes(text):
    return re.sub(r"%[sd]", "...", unescape(text))


def code(text):
    """As a code span; a backquote in it needs longer marks."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def examples():
    """{id: (language, text, where)}"""
    found = {}
    text = read(os.path.join(TOP, "tests", "syntax", "errors.txt"))
    for name, program in re.findall(r"^== (E\d{4}).*\n((?:(?!== ).*\n)*)", text, re.M):
        found[name] = program.rstrip("\n")
    alone = set()
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "reject", "*.py"))):
        if os.path.basename(path) in ("run.py", "mutate.py"):
            continue
        lines = read(path).split("\n")
        for number, line in enumerate(lines):
            match = re.search(r"^(.*?)\s*# (?:error|warning): ((?:[EW]\d{4})(?:, *[EW]\d{4})*)", line)
            if not match:
                continue
            ids = [one.strip() for one in match.group(2).split(",")]
            shown = match.group(1).strip()
            before = lines[number - 1].strip()
            if shown.startswith("def ") and before.startswith("@"):
                shown = re.sub(r"\s*# .*", "", before) + "\n" + shown
            for one in set(ids):
                if one not in found or (len(ids) == 1 and one not in alone):
                    found[one] = shown
                    if len(ids) == 1:
                        alone.add(one)
    return found


def document():
    rows = sorted(ROW.findall(read(os.path.join(TOP, "gen", "diag.def"))), key=lambda row: row[1])
    shown = examples()
    out = [HEAD]
    for prefix, title in GROUPS:
        out.append(f"## {title}\n")
        for _, name, _, message, advice in rows:
            if not name.startswith(prefix):
                continue
            out.append(f"**{name}** {code(holes(message))}")
            if advice and holes(advice) != "...":
                out.append(f"  \nhelp: {code(holes(advice))}")
            elif advice:
                out.append("  \nhelp: depends on what it is about")
            out.append("")
            if name in shown:
                out.append("```py\n" + shown[name] + "\n```\n")
    text = "\n".join(out).replace("\n  \nhelp", "  \nhelp")
    return re.sub(r"\n{3,}", "\n\n", text).rstrip("\n") + "\n", len(rows)


def main():
    text, count = document()
    if count != read(os.path.join(TOP, "gen", "diag.def")).count("\nDIAG("):
        sys.exit("scripts/diagnostics_doc.py: a row of gen/diag.def has a form that this script does not read")
    if "--check" in sys.argv:
        if not os.path.exists(OUT) or read(OUT) != text:
            sys.exit("docs/diagnostics.md is not what gen/diag.def and the tests make: run `make docs`")
        return
    with open(OUT, "w", encoding="utf-8") as file:
        file.write(text)


main()
