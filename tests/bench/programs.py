#!/usr/bin/env python3
"""Times the code strings of tests/bench/programs, compiled by sbxc, against CPython's exec of the same code, interleaved.

    tests/bench/programs.py [--build DIR] [--rounds N] [--flags "..."] [NAME...]

Run it with the CPython that is the peer (3.11). A result that differs is an error. Prints `name ours_ms cpython_ms
ratio` a program, then `geometric_mean RATIO x` and `slowest RATIO x`. Time counts from the opened run (CPython: from
the compiled code) to the result; the median of all runs. A side runs several times in its turn: a processor that has
slept while the other ran is slow for milliseconds, and a program of ours is often over by then.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import ast
import glob
import math
import os
import shlex
import statistics
import subprocess
import sys
import time

WARM_SECONDS, RUNS_OF_A_TURN, MOST_SECONDS = 0.08, 9, 0.3 # of each side, then the other has its turn

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def compile_all(texts, build, flags):
    """One C file of all programs and the harness, as one native program."""
    folder = f"{build}/tests/bench"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/programs_compiled.py", "w", encoding="utf-8") as f:
        f.write('from typing import Any\nimport flyte\nenv = flyte.TaskEnvironment(name="programs")\n')
        for name, text in texts.items():
            f.write(f"{name} = env.sandbox.orchestrator({text!r}, inputs={{}}, output=Any, name={name!r})\n")
    with open(f"{folder}/programs_list.h", "w", encoding="utf-8") as f:
        f.writelines(f"X({name})\n" for name in texts)
    subprocess.run([f"{build}/sbxc", f"{folder}/programs_compiled.py", "-o", f"{folder}/programs_compiled.c"], check=True)
    subprocess.run([os.environ.get("CC", "gcc"), "-std=c11", "-O2", *flags, "-DSBX_NO_MAIN", "-D_GNU_SOURCE", f"-I{TOP}/runtime/include",
                    f"-I{folder}", "-o", f"{folder}/time_programs", f"{TOP}/tests/bench/time_programs.c", f"{folder}/programs_compiled.c",
                    f"{build}/libsbx.a", "-lm"], check=True)
    return f"{folder}/time_programs"


def compile_python(text, name):
    tree = ast.parse(text, name)
    last = ast.Expression(tree.body.pop().value)
    return compile(tree, name, "exec"), compile(last, name, "eval")


def time_python(code):
    body, last = code
    space = {}
    begin = time.perf_counter()
    exec(body, space)
    result = eval(last, space)
    return (time.perf_counter() - begin) * 1e3, result


def time_ours(harness, name):
    harness.stdin.write(name + "\n")
    harness.stdin.flush()
    ns, result = harness.stdout.readline().rstrip("\n").split(" ", 1)
    return float(ns) / 1e6, result


def several(time_once, times):
    """A turn of one side: its times are added to `times`; gives the result. The first runs wake the processor and do not count."""
    begin = time.perf_counter()
    while True:
        _, result = time_once()
        if time.perf_counter() - begin > WARM_SECONDS:
            break
    begin = time.perf_counter()
    for _ in range(RUNS_OF_A_TURN):
        ms, result = time_once()
        times.append(ms)
        if time.perf_counter() - begin > MOST_SECONDS:
            break
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--flags", default="", help="more options of the C compiler")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    texts = {os.path.basename(path)[:-3]: open(path, encoding="utf-8").read() for path in sorted(glob.glob(f"{TOP}/tests/bench/programs/*.py"))}
    program = compile_all(texts, os.path.abspath(options.build), shlex.split(options.flags))
    ratios = []
    wrong = 0
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as harness:
        for name in options.names or texts:
            code = compile_python(texts[name], name)
            ours, theirs = [], []
            for _ in range(options.rounds):
                result = several(lambda: time_ours(harness, name), ours)
                expected = several(lambda: time_python(code), theirs)
                if result != repr(expected):
                    print(f"{name}: got {result}, expected {expected!r}", file=sys.stderr)
                    wrong += 1
                    break
            ratio = statistics.median(theirs) / statistics.median(ours)
            ratios.append(ratio)
            print(f"{name} {statistics.median(ours):.3f} {statistics.median(theirs):.3f} {ratio:.2f}", flush=True)
        harness.stdin.close()
    print(f"geometric_mean {math.exp(statistics.fmean(map(math.log, ratios))):.2f} x")
    print(f"slowest {min(ratios):.2f} x")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
