#!/usr/bin/env python3
"""Compares what each phase prints with the file beside the source.

    tests/golden/run_golden.py [--sbxc PROGRAM] [--bless] [PHASE...]

A folder here is named after a phase of `sbxc --dump=PHASE`; each X.py in it has X.PHASE beside it. --bless rewrites.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import difflib
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PHASES = ["tokens", "ast", "decl", "checked", "machine", "counted", "c"]


def dump(sbxc, phase, path):
    result = subprocess.run([sbxc, f"--dump={phase}", path], cwd=TOP, capture_output=True, text=True)
    return result.stdout if result.returncode == 0 else f"status {result.returncode}\n{result.stderr}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sbxc", default=os.path.join(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")), "sbxc"))
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("phases", nargs="*", default=PHASES)
    options = parser.parse_args()
    passed = failed = 0
    for phase in options.phases:
        for path in sorted(glob.glob(f"{HERE}/{phase}/*.py")):
            name, golden = os.path.relpath(path, TOP), f"{path[:-3]}.{phase}"
            got = dump(options.sbxc, phase, name)
            if options.bless:
                with open(golden, "w", encoding="utf-8") as out:
                    out.write(got)
            want = open(golden, encoding="utf-8").read() if os.path.exists(golden) else ""
            if got == want:
                passed += 1
                continue
            failed += 1
            print(f"FAIL {name}: the print of {phase} differs")
            print("".join(list(difflib.unified_diff(want.splitlines(True), got.splitlines(True), "golden", "now"))[:40]))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
