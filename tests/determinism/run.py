#!/usr/bin/env python3
"""Same inputs, same result, same task calls with the same arguments: however the C was compiled, wherever it runs.

    tests/determinism/run.py [FILE...]

The programs of tests/lang and tests/determinism/floats.py are compiled by gcc and clang, with and without optimisation and for this very processor,
and run under other locales, time zones, hash seeds, environments, folders, and address layouts. The log of each (every task call with its
arguments, then the outcome) must be the same, byte by byte. A build that would change floats must be refused.

SPDX-License-Identifier: Apache-2.0
"""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests/fault"))
import run as fault  # noqa: E402

BUILDS = [("gcc", ["-O0"]), ("gcc", ["-O2"]), ("clang", ["-O0"]), ("clang", ["-O2"]), ("gcc", ["-O3", "-march=native", "-ffp-contract=off"]),
          ("clang", ["-O3", "-march=native", "-ffp-contract=off"])]
ENVIRONMENTS = [{}, {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kolkata"}, {"PYTHONHASHSEED": "7", "LC_ALL": "de_DE.UTF-8"},
                {"TZ": "America/St_Johns", "MALLOC_PERTURB_": "173", "MALLOC_ARENA_MAX": "1"}, {"FILLER": "x" * 50000}]
REFUSED = ["-ffast-math"]


def logs(driver, folder):
    """The log under each environment, and without address randomisation."""
    commands = [([], environment) for environment in ENVIRONMENTS]
    if shutil.which("setarch"):
        commands.append((["setarch", os.uname().machine, "-R"], {}))
    for prefix, environment in commands:
        with tempfile.TemporaryDirectory() as elsewhere:
            result = subprocess.run([*prefix, driver, f"{folder}/answers", "log"], cwd=elsewhere, env=dict(environment, PATH=os.environ["PATH"]),
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        yield f"{' '.join(prefix)} {sorted(environment)}", result.stdout if result.returncode == 0 else b"status %d" % result.returncode


def main():
    passed = failed = calls = 0
    files = [os.path.abspath(f) for f in sys.argv[1:]] or [*fault.sources(), f"{HERE}/floats.py"]
    for path in files:
        first = None
        for compiler, flags in BUILDS:
            if not shutil.which(compiler):
                continue
            with tempfile.TemporaryDirectory() as folder:
                driver = fault.build(path, folder, compiler, flags)
                failed += not driver
                for where, log in logs(driver, folder) if driver else []:
                    first = first or log
                    good = log == first and log.count(b"\n") > 3
                    passed, failed = passed + good, failed + (not good)
                    if not good:
                        different = [i for i, (a, b) in enumerate(zip(first.splitlines(), log.splitlines())) if a != b][:1]
                        lines = log.splitlines()[different[0] - 1:different[0] + 2] if different else log[-200:]
                        print(f"FAIL {os.path.basename(path)}, {compiler} {' '.join(flags)}, {where}: another log: {lines}")
        calls += (first or b"").count(b"\ncall ")
    with tempfile.TemporaryDirectory() as folder:
        for flag in REFUSED:
            result = subprocess.run(["gcc", flag, "-fsyntax-only", f"-I{TOP}/runtime/include", "-x", "c", "-"], input="#include \"sbx_gen.h\"\n",
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            good = result.returncode != 0 and "#error" in result.stdout
            passed, failed = passed + good, failed + (not good)
            if not good:
                print(f"FAIL {flag} is not refused")
    print(f"determinism: {calls} task calls compared in each build and environment")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
