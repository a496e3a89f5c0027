#!/usr/bin/env python3
"""Runs every example as its own comments say, natively compiled and by `sbxc run`, and compares what comes out.

A file's last comments are groups: `# run: ENTRY OPTIONS` or `# exec: CODE OPTIONS`, then `# prints: LINE` or
`# fails: LAST LINE OF THE TRACEBACK`.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import shlex
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SBX_BUILD", f"{TOP}/build")
SBXC = f"{BUILD}/sbxc"
passed = failed = 0


def cases(path):
    command = None
    for line in open(path, encoding="utf-8"):
        for kind in ("run", "exec"):
            if line.startswith(f"# {kind}: "):
                command = (kind, shlex.split(line.split(": ", 1)[1]))
        for kind in ("prints", "fails"):
            if line.startswith(f"# {kind}: "):
                yield command, kind, line.split(": ", 1)[1].rstrip("\n")


def check(name, arguments, kind, wanted):
    global passed, failed
    result = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    if kind == "prints":
        good = result.returncode == 0 and result.stdout == wanted + "\n"
    else:
        lines = result.stderr.rstrip("\n").split("\n")
        good = result.returncode == 1 and lines[-1] == wanted and result.stdout == ""
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}: {shlex.join(arguments)}\n  wanted: {wanted}\n  stdout: {result.stdout}  status {result.returncode}\n"
              f"  stderr: {result.stderr[-2000:]}")


with tempfile.TemporaryDirectory() as folder:
    for path in sorted(glob.glob(f"{TOP}/examples/*.py")):
        name = os.path.basename(path)
        program = f"{folder}/{name[:-3]}"
        built = subprocess.run([SBXC, path, "-o", program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if built.returncode != 0 or built.stdout:
            failed += 1
            print(f"FAIL {name}: sbxc -o: status {built.returncode}\n{built.stdout[-3000:]}")
            continue
        count = 0
        for (how, words), kind, wanted in cases(path):
            count += 1
            if how == "exec":
                check(name, [SBXC, "exec", *words[:1], *words[1:], "--tasks", path], kind, wanted)
                continue
            check(name, [program, *words], kind, wanted)
            check(name, [SBXC, "run", path, *words], kind, wanted)
        if count == 0:
            failed += 1
            print(f"FAIL {name}: says nothing of how to run it")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
