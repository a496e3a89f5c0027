#!/usr/bin/env python3
"""Files as users write them: they must give no diagnostics, and declare what stands beside them.

    tests/accept/run.py CHECK_FILE [--bless]

NAME.py is a case, NAME.decl the print of its declarations (--bless writes it). Folders are packages that cases import.
The syntax of each case is Python's, too: it is compiled by the Python that runs this.

SPDX-License-Identifier: Apache-2.0
"""
import difflib
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(program, path):
    result = subprocess.run([program, "--decl", os.path.basename(path)], cwd=HERE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    lines = result.stdout.splitlines(keepends=True)
    found = [line for line in lines if line[:1].isdigit()]
    declared = "".join(line for line in lines[1:] if line not in found and not line.startswith(("  help: ", "  note: ", "  fix: ")))
    if result.returncode != 0:
        found.append(f"status {result.returncode}: {result.stderr[-2000:]}\n")
    return found, declared


def main():
    program, bless = os.path.abspath(sys.argv[1]), "--bless" in sys.argv
    passed = failed = 0
    for path in sorted(glob.glob(os.path.join(HERE, "*.py"))):
        name = os.path.basename(path)
        if name == "run.py":
            continue
        with open(path, encoding="utf-8") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
        found, declared = run(program, path)
        for line in found:
            print(f"FAIL {name}: {line}", end="")
        failed += len(found)
        passed += not found
        beside = path[:-3] + ".decl"
        if bless:
            with open(beside, "w", encoding="utf-8") as file:
                file.write(declared)
        wanted = open(beside, encoding="utf-8").read() if os.path.exists(beside) else ""
        if wanted == declared:
            passed += 1
            continue
        failed += 1
        print(f"FAIL {name}: other declarations than {os.path.basename(beside)}")
        print("".join(difflib.unified_diff(wanted.splitlines(True), declared.splitlines(True), "wanted", "got", n=1)))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
