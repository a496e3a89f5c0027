#!/usr/bin/env python3
"""Hostile files: mutations of the cases of tests/reject, tests/accept and tests/lang, which must never crash the checker.

    tests/reject/mutate.py CHECK_FILE [COUNT [SEED]]

Each mutant is a case with lines or tokens deleted, doubled, swapped or taken from another case. Only the end of the
program counts: 0, whatever it says. Built with SAN=address,undefined this finds what reads or writes too far.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
AT_ONCE = 40


def read_cases():
    cases = []
    for pattern in ("tests/reject/*.py", "tests/accept/*.py", "tests/lang/*.py", "examples/*.py"):
        for path in sorted(glob.glob(os.path.join(TOP, pattern))):
            if os.path.basename(path) not in ("run.py", "mutate.py", "run_lang.py"):
                with open(path, encoding="utf-8") as file:
                    cases.append(file.read())
    return cases


def pieces(text, rng):
    return text.splitlines(keepends=True) if rng.random() < 0.5 else TOKEN.findall(text)


def mutate(cases, rng):
    parts = pieces(rng.choice(cases), rng)
    other = pieces(rng.choice(cases), rng)
    for _ in range(rng.choice((1, 2, 3, 5, 10, 30))):
        if not parts:
            break
        at = rng.randrange(len(parts))
        kind = rng.randrange(6)
        if kind == 0:
            del parts[at:at + rng.randrange(1, 4)]
        elif kind == 1:
            parts[at:at] = parts[at:at + rng.randrange(1, 4)]
        elif kind == 2:
            to = rng.randrange(len(parts))
            parts[at], parts[to] = parts[to], parts[at]
        elif kind == 3:
            start = rng.randrange(len(other))
            parts[at:at] = other[start:start + rng.randrange(1, 6)]
        elif kind == 4:
            parts[at] = rng.choice(("lambda x: x", "(yield)", "await x", "*x", "**x", "x := 1", "[", "{", "match x:\n case", "\x00", "\u00e9",
                                    "\ud7ff", "0x" + "f" * 40, "1" * 400, "f'{x!r:>{y}}'", "@env.task\n", "global x", "...", "async "))
        else:
            parts[at] = parts[rng.randrange(len(parts))]
    return "".join(parts)


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 400
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cases = read_cases()
    failed = done = 0
    with tempfile.TemporaryDirectory() as folder:
        while done < count:
            paths = []
            for i in range(min(AT_ONCE, count - done)):
                paths.append(os.path.join(folder, f"mutant{i}.py"))
                with open(paths[-1], "w", encoding="utf-8") as file:
                    file.write(mutate(cases, rng))
            done += len(paths)
            result = subprocess.run([program, "--checked"] + paths, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
            if result.returncode == 0:
                continue
            for path in paths:
                alone = subprocess.run([program, "--checked", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=600)
                if alone.returncode:
                    failed += 1
                    kept = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"mutant-{done}-{os.path.basename(path)}")
                    os.replace(path, kept)
                    text = alone.stderr.decode(errors="replace")
                    print(f"FAIL {kept}: status {alone.returncode}\n{text[:1500]}")
    print(f"{done - failed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
