#!/usr/bin/env python3
"""Makes docs/diagnostics.md from gen/diag.def and the tests that show each diagnostic.

    scripts/diagnostics_doc.py [--check]

--check only compares. Examples come from tests/diagnostics, what is printed from the sbxc of the build.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SBXC = os.path.join(os.path.abspath(os.environ.get("SBX_BUILD", os.path.join(TOP, "build"))), "sbxc")
OUT = os.path.join(TOP, "docs", "diagnostics.md")
ROW = re.compile(r'^DIAG\((\w+), "([EW]\d{4})", (\w+), "((?:\\.|[^"\\])*)", (?:NULL|"((?:\\.|[^"\\])*)")\)', re.M)
GROUPS = [("E00", "Reading and lexing"), ("E01", "Syntax"), ("E02", "Declarations"), ("E03", "Refused constructs"),
          ("E04", "Names and calls"), ("E05", "Types"), ("E06", "Limits of the compiler"), ("W0", "Warnings")]
HEAD = """# Diagnostics

Made by `make docs` from `gen/diag.def` and the tests; do not edit.

A diagnostic has an id that never changes, a place, a message that says what was expected and what was found, and a help
line with the edit to make. `note:` shows a place that explains it: where a task is declared, where a bracket was opened.
`...` stands for words of the user's file. Messages of E00 and E01 are CPython's own where it has one.

```text
sbxc check FILE.py...                   # text, on standard error
sbxc check --format=json FILE.py...     # an array of objects, on standard output
sbxc check --format=sarif FILE.py...    # SARIF 2.1.0, on standard output
```

In JSON a diagnostic is

```json
{"file": "a.py", "range": {"start": {"byte": 10, "line": 2, "column": 5}, "end": {"byte": 20, "line": 2, "column": 15}},
 "severity": "error", "id": "E0309", "message": "...", "help": "...",
 "fix": {"applicable": "certain", "edits": [{"file": "a.py", "range": {"start": ..., "end": ...}, "text": "..."}]},
 "notes": [{"file": "a.py", "range": {"start": ..., "end": ...}, "message": "..."}]}
```

Lines count from 1, columns from 1 in characters (code points), bytes from 0 in the file as it lies on the disk; bytes are
null where the file is not UTF-8. `end` is behind the last character. `fix` is null where the edit is not mechanical; all
edits of a fix belong together. `certain`: with them the diagnostic is gone, and the program means what it said;
`maybe`: a likely guess, such as the nearest name. SARIF has the same as `fixes`, `relatedLocations` and regions with
`columnKind` `unicodeCodePoints`.

One mistake gives one message. A line with a mistake in its syntax is left out, and the rest of the file is still read; so a
file gets all of its mistakes in the syntax in one run, up to twenty of the lexer and twenty of the parser, and when there
are none, all others.

The examples are tests: the first has this diagnostic and no other error, `sbxc check` prints what is shown, and the
corrected one has no error. Those of groups E02 to E05 stand behind this head, or are the body of the orchestrator below:

```py
HEAD_OF_EXAMPLES
```
"""

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, "tests", "diagnostics"))
diagnostics = __import__("run")  # how examples are read


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


def outputs(programs):
    """{id: what `sbxc check example.py` prints}; one process for all, in folders of their own."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (wrong, _, _, _) in programs.items():
            path = os.path.join(folder, "example.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(wrong)
            done = subprocess.run([SBXC, "check", "example.py"], cwd=folder, capture_output=True, text=True)
            found[name] = re.sub(r"sbxc: .*\n$", "", done.stderr)
    return found


def correction(name, wrong, right, programs):
    """As it is shown: the example's own correction, or the mistake with its certain edits made."""
    if right is not None:
        return right
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "example.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(wrong)
        done = subprocess.run([SBXC, "check", "--format=json", "example.py"], cwd=folder, capture_output=True, text=True)
        fix = json.loads(done.stdout)[-1]["fix"]
        return diagnostics.applied(wrong.encode(), fix).decode()


def document():
    rows = sorted(ROW.findall(read(os.path.join(TOP, "gen", "diag.def"))), key=lambda row: row[1])
    programs = {name: one for name, one in diagnostics.whole_programs().items() if name not in diagnostics.ELSEWHERE}
    printed = outputs(programs)
    found = dict(diagnostics.sections(os.path.join(TOP, "tests", "diagnostics", "examples.txt")))
    out = [HEAD.replace("HEAD_OF_EXAMPLES", (found["head"] + found["orchestrator"]).rstrip("\n") + "\n    ...")]
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
            if name in programs:
                wrong, _, shown, right = programs[name]
                out.append("```py\n" + shown.rstrip("\n") + "\n```\n")
                out.append("```text\n" + printed[name].rstrip("\n") + "\n```\n")
                out.append("Corrected:\n\n```py\n" + correction(name, wrong, right, programs).rstrip("\n") + "\n```\n")
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
