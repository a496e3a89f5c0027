#!/usr/bin/env python3
"""Golden tests: the printed form of each phase, few and small, one construct each.

tests/golden/PHASE/NAME.py is dumped with `sbxc --dump=PHASE` and compared with NAME.PHASE beside it; a file of
tests/golden/back is the printed form of a machine, which is read, printed (it must come out the same), counted (NAME.counted)
and emitted (the C must compile without a warning, with gcc and with clang). `--bless` rewrites the goldens: read the
difference before you commit it.
SPDX-License-Identifier: Apache-2.0
"""
import difflib
import glob
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SBX_BUILD", f"{TOP}/build")
BLESS = "--bless" in sys.argv
passed = failed = 0


def report(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}\n{detail}")


def output(command):
    result = subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return result.stdout if result.returncode == 0 else f"status {result.returncode}\n{result.stderr}"


def compare(name, golden, got):
    if BLESS:
        open(golden, "w", encoding="utf-8").write(got)
    wanted = open(golden, encoding="utf-8").read() if os.path.exists(golden) else ""
    report(name, got == wanted, "".join(difflib.unified_diff(wanted.splitlines(True), got.splitlines(True), "golden", "now")))


def check_machine(path, folder):
    name = os.path.relpath(path, TOP)
    tool = f"{BUILD}/tests/tools/machine_c"
    printed = output([tool, "print", name])
    report(f"{name} printed again", printed == open(path, encoding="utf-8").read(), printed)
    compare(name, path[:-len(".machine")] + ".counted", output([tool, "counted", name]))
    c_path = f"{folder}/{os.path.basename(path)}.c"
    open(c_path, "w", encoding="utf-8").write(output([tool, "c", name]))
    for compiler in ("gcc", "clang"):
        result = subprocess.run([compiler, "-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{TOP}/runtime/include",
                                 "-c", c_path, "-o", os.devnull], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) \
            if shutil.which(compiler) else None
        report(f"{name} with {compiler}", result is not None and result.returncode == 0, result.stdout if result else f"no {compiler}")


with tempfile.TemporaryDirectory() as scratch:
    for case in sorted(glob.glob(f"{TOP}/tests/golden/*/*")):
        phase = os.path.basename(os.path.dirname(case))
        if phase == "back" and case.endswith(".machine"):
            check_machine(case, scratch)
        elif case.endswith(".py"):
            compare(f"{phase} {os.path.basename(case)}", f"{case[:-3]}.{phase}", output([f"{BUILD}/sbxc", f"--dump={phase}", os.path.relpath(case, TOP)]))
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
