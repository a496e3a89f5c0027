#!/usr/bin/env python3
"""A function of a thousand task calls with hundreds of live variables: the emitted C grows with the source, and means the
same. (Beyond some thousand stores at suspensions the frame itself holds the variables: gen/emit_function.c.)
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SBXC = f"{os.environ.get('SBX_BUILD', TOP + '/build')}/sbxc"
HEAD = "import flyte\nenv = flyte.TaskEnvironment(name='big')\n\n\n@env.task\ndef add(x: int, y: int) -> int:\n    return x + y\n\n\n"
results = []


def program(calls):
    body = ["@env.sandbox.orchestrator", "def total(n: int) -> int:", "    t = 0"]
    for i in range(calls):
        body += [f"    v{i} = add(n, {i}) + t", f"    if v{i} % 3 == 1:", f"        t = t + v{i}"]
    return HEAD + "\n".join(body) + "\n    return t + " + " + ".join(f"v{i}" for i in range(0, calls, 7)) + "\n"


def report(name, good):
    results.append(good)
    print(f"{'ok  ' if good else 'FAIL'} {name}")


with tempfile.TemporaryDirectory() as folder:
    sizes = []
    for calls in (300, 1200):
        path = f"{folder}/big_{calls}.py"
        open(path, "w", encoding="utf-8").write(program(calls))
        subprocess.run([SBXC, path, "-o", f"{path[:-3]}.c"], check=True)
        sizes.append(os.path.getsize(f"{path[:-3]}.c"))
    report(f"four times the source, {sizes[1] / sizes[0]:.1f} times the C", sizes[1] < 4.6 * sizes[0])
    source = program(300)
    names = {}
    exec(source.split("@env.task\n")[1].replace("@env.sandbox.orchestrator\n", ""), names)
    run = subprocess.run([SBXC, "run", "--log", os.devnull, f"{folder}/big_300.py", "total", "--n", "5"], stdout=subprocess.PIPE, text=True)
    report("the same result as CPython's", run.stdout == f"{names['total'](5)}\n")
print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
