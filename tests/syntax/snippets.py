"""Compares the verdict, and the tree, of every line of lines.txt with CPython's, and reads newer.txt.

usage: snippets.py DUMP_AST

lines.txt holds one program a line. newer.txt holds the examples of PEPs 695, 696, 701, 750 and 758, which CPython
3.11 refuses: programs separated by lines "----"; a line "==> TEXT" after a program demands that its print contains
TEXT, "==> error ID" that it is refused so.
SPDX-License-Identifier: Apache-2.0
"""

import sys
from pathlib import Path

from verdicts import compare, front_end

HERE = Path(__file__).parent


def check_lines(tool):
    text = (HERE / "lines.txt").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    sources = [(line.replace("\\n", "\n") + "\n").encode() for line in lines]
    for line, source, answer in zip(lines, sources, front_end(tool, sources)):
        yield line, compare(source, answer)


def check_newer(tool):
    programs = (HERE / "newer.txt").read_text(encoding="utf-8").split("----\n")[1:]
    sources, demands = [], []
    for program in programs:
        lines = program.split("\n")
        sources.append("\n".join(line for line in lines if not line.startswith("==> ")).encode())
        demands.append([line[4:] for line in lines if line.startswith("==> ")])
    for source, wanted, answer in zip(sources, demands, front_end(tool, sources, ())):
        refused = [word for word in wanted if word.startswith("error ")]
        if refused:
            good = answer.startswith("error ") and answer.split()[2] == refused[0].split()[1]
            problem = "" if good else f"not refused so: {answer[:100]}"
        elif not answer.startswith("newer "):
            problem = f"not taken as newer syntax: {answer[:100]}"
        else:
            missing = [text for text in wanted if text not in answer]
            problem = f"{missing[0]!r} is not in {answer}" if missing else ""
        yield source.decode().strip(), problem


def main():
    passed = failed = 0
    for check in (check_lines, check_newer):
        for program, problem in check(sys.argv[1]):
            passed += not problem
            failed += bool(problem)
            if problem:
                print(f"FAIL {program!r}: {problem}")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
