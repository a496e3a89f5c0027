#!/usr/bin/env python3
"""Files as users write them: they must give no diagnostics, and declare what stands beside them.

    tests/accept/run.py CHECK_FILE [--bless]

NAME.py is a case, NAME.decl the print of its declarations (--bless writes it). Folders are packages that cases import.
The syntax of each case is Python's, too: it is compiled by the Python that runs this. constants.py is also executed: each
default that the checker has evaluated must be the value that Python has.

SPDX-License-Identifier: Apache-2.0
"""
import difflib
import glob
import inspect
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


def compare_defaults(path, declared):
    """Defaults as printed, against those of the functions."""
    sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lang"))
    import run_lang
    run_lang.stand_in()
    module = {"__name__": "constants", "__file__": path}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), module)
    passed, failures, function = 0, [], None
    for line in declared.splitlines():
        if line.startswith("entry "):
            function = inspect.signature(module[line.split()[1]])
        elif line.startswith("  input "):
            name, _, value = line[len("  input "):].partition(": ")
            printed = value.partition(" = ")[2]
            wanted = function.parameters[name].default
            if printed == repr(wanted):
                passed += 1
            else:
                failures.append(f"{name} is {printed}, Python has {wanted!r}")
    return passed, failures


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
        if name == "constants.py":
            good, failures = compare_defaults(path, declared)
            passed, failed = passed + good, failed + len(failures)
            for failure in failures:
                print(f"FAIL {name}: {failure}")
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
