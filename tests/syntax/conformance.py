"""Compares the front end with CPython on every file of the standard library and its test suite.

usage: conformance.py DUMP_AST [--places] [--verbose] [DIRECTORY]...

A file is accepted exactly where CPython's compile() accepts it; the printed tree of an accepted file equals
CPython's ast.dump byte for byte (--places: with include_attributes=True).
The last line is "N passed, N failed".
SPDX-License-Identifier: Apache-2.0
"""

import ast
import subprocess
import sys
import sysconfig
import warnings
from pathlib import Path

from verdicts import difference

BATCH = 60


def expected(path, places):
    """The line that dump_ast must print, or None where only a refusal is asked for."""
    source = path.read_bytes()
    try:
        compile(source, str(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return "ok " + ast.dump(ast.parse(source), include_attributes=places)


def dump(tool, paths, places):
    command = [tool] + (["-a"] if places else []) + [str(path) for path in paths]
    output = subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout
    return output.decode("utf-8", "surrogateescape").split("\n")[:-1]


def main():
    arguments = [word for word in sys.argv[1:] if not word.startswith("--")]
    places, verbose = "--places" in sys.argv, "--verbose" in sys.argv
    tool = arguments[0]
    roots = arguments[1:] or [sysconfig.get_path("stdlib")]
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(100000)
    files = sorted(path for root in roots for path in Path(root).rglob("*.py"))
    passed = failed = refused = 0
    for start in range(0, len(files), BATCH):
        batch = files[start:start + BATCH]
        lines = dump(tool, batch, places)
        for index, path in enumerate(batch):
            theirs = expected(path, places)
            ours = lines[index] if index < len(lines) else "nothing: the tool stopped"
            refused += theirs is None
            if theirs is None:
                good = ours.startswith("error ") and "no diagnostic" not in ours
                problem = "" if good else f"accepted, but CPython refuses it: {ours[:80]}"
            else:
                good = ours == theirs
                problem = "" if good else ours[:200] if ours.startswith("error ") else difference(ours, theirs)
            passed += good
            failed += not good
            if not good:
                print(f"FAIL {path}: {problem}")
            elif verbose:
                print(f"ok {path}")
    if len(files) < 1000 and not arguments[1:]:
        print("FAIL: the standard library's test suite is not installed (libpython3.11-testsuite)")
        failed += 1
    print(f"# {refused} of the files are refused by CPython", file=sys.stderr)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
