#!/usr/bin/env python3
"""Replays the corpus of tests/fuzz through each target, in the build at hand: an input that a fuzzer found once stays mended.

usage: fuzz_corpus.py BUILD
SPDX-License-Identifier: Apache-2.0
"""
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGETS = ["front", "compile", "json", "wire", "machine", "snapshot", "docker"]


def replay(build, target):
    files = sorted(map(str, (HERE / "corpus" / target).iterdir()))
    passed = failed = 0
    while files:
        command = [f"{build}/tests/fuzz/fuzz_replay", target, *files]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", timeout=600, check=False)
        done = run.stdout.count("done ")
        passed += done
        if done == len(files) and run.returncode == 0:
            break
        failed += 1
        print(f"FAIL {target} {Path(files[min(done, len(files) - 1)]).name}: status {run.returncode}\n{run.stderr[:1000]}")
        files = files[done + 1:]
    if not passed:
        failed += 1
        print(f"FAIL {target}: nothing was run")
    return passed, failed


def main():
    results = [replay(sys.argv[1], target) for target in TARGETS]
    passed, failed = (sum(part) for part in zip(*results))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
