#!/usr/bin/env python3
"""Compiling is bounded: for programs of many shapes, time, memory and C text grow with the source and no faster.

Each shape is compiled at a size, at twice and at four times the size. From each doubling to the next the C may grow by 2.4
times, memory (above what the compiler takes for nothing) by 2.9 and time (the best of three, above a floor) by 3.4: what is
quadratic grows by 4. Shapes whose sets are dense by nature have bounds of their own, with the reason. A function of many
task calls also runs, and means what CPython says it means.
SPDX-License-Identifier: Apache-2.0
"""
import os
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SBXC = f"{os.environ.get('SBX_BUILD', TOP + '/build')}/sbxc"
HEAD = "import flyte\nenv = flyte.TaskEnvironment(name='big')\n\n\n@env.task\ndef add(x: int, y: int) -> int:\n    return x + y\n\n\n"
MOST_C, MOST_MEMORY, MOST_TIME = 2.4, 2.9, 3.4
TIME_FLOOR, MEMORY_FLOOR = 0.15, 16 << 20
results = []


def function(lines, name="total"):
    return f"@env.sandbox.orchestrator\ndef {name}(n: int) -> int:\n" + "".join(f"    {line}\n" for line in lines)


def calls(n):
    lines = ["t = 0"]
    for i in range(n):
        lines += [f"v{i} = add(n, {i}) + t", f"if v{i} % 3 == 1:", f"    t = t + v{i}"]
    return HEAD + function(lines + ["return t + " + " + ".join(f"v{i}" for i in range(0, n, 7))])


def straight(n):
    return HEAD + function(["t = n"] + [line for i in range(n) for line in (f"v{i} = t + {i}", f"t = v{i} * 2 - n")] + ["return t"])


def branches(n):
    lines = ["t = 0"]
    for i in range(n):
        lines += [f"if n % {i + 2} == 1:", f"    t = t + {i}", f"    u{i} = t", "else:", f"    u{i} = 2", f"t = t + u{i}"]
    return HEAD + function(lines + ["return t"])


def elifs(n):
    lines = ["t = 0"]
    for _ in range(n // 100):
        lines += ["if n == 0:", "    t = 1"]
        for i in range(100):
            lines += [f"elif n == {i + 1}:", f"    t = t + {i}"]
    return HEAD + function(lines + ["return t"])


def loops(n):
    return HEAD + function(["t = 0"] + [line for i in range(n) for line in (f"for i{i} in range(n):", f"    t = t + i{i}", f"    s{i} = str(t)")] + ["return t"])


def loops_of_calls(n):
    return HEAD + function(["t = 0"] + [line for i in range(n) for line in (f"for i{i} in range(n):", f"    t = add(t, i{i})")] + ["return t"])


def deep(n):
    lines = ["t = 0"]
    for _ in range(n // 90):
        lines += ["    " * i + f"if n > {i}:" for i in range(90)] + ["    " * 90 + "t = t + 1"]
    return HEAD + function(lines + ["return t"])


def parentheses(n):
    return HEAD + function(["t = 0"] + ["t = " + "(" * 200 + "t" + " + 1)" * 200 for _ in range(n // 200)] + ["return t"])


def display(n):
    return HEAD + function(["d = {" + ", ".join(f"'k{i}': [{i}, n, 'x{i}']" for i in range(n)) + "}", "return len(d)"])


def constants(n):
    return HEAD + function(["d = [" + ", ".join(str(i) for i in range(n)) + "]", "return len(d)"])


def display_of_calls(n):
    return HEAD + function(["d = [" + ", ".join(f"add(n, {i})" for i in range(n)) + "]", "return len(d)"])


def line(n):
    return HEAD + function(["return 1 if " + " or ".join(f"n == {i}" for i in range(n)) + " else 0"])


def text(n):
    return HEAD + function(["s = '" + "abcdefgh" * 8 * n + "'", "return len(s)"])


def fields(n):
    return HEAD + function(["s = f'" + "{n} x " * n + "'", "return len(s)"])


def functions(n):
    lines = [line for i in range(n) for line in (f"def f{i}(x):", f"    return x + {i}")]
    return HEAD + function(lines + ["t = n"] + [f"t = f{i}(t)" for i in range(n)] + ["return t"])


def comprehensions(n):
    return HEAD + function(["t = 0"] + [f"t = t + sum([x * {i} for x in range(n)])" for i in range(n)] + ["return t"])


def orchestrators(n):
    return HEAD + "\n\n".join(function([f"v = add(n, {i})", "return v"], f"o{i}") for i in range(n))


def dying(n):
    lines = [f"v{i} = str(n + {i})" for i in range(n)] + ["t = 0"] + [f"t = add(t, len(v{i}))" for i in range(n)]
    return HEAD + function(lines + ["return t"])


# shape, size; what is allowed beyond the bounds above
SHAPES = [
    (straight, 2000, {}),
    (branches, 1000, {}),
    (elifs, 1500, {}),
    (loops, 1000, {}),
    (loops_of_calls, 1000, {}),
    (deep, 2000, {}),
    (parentheses, 4000, {}),
    (display, 1500, {}),
    (constants, 8000, {}),
    (line, 2000, {}),
    (text, 4000, {}),
    (fields, 2000, {}),
    (functions, 1000, {}),
    (comprehensions, 800, {}),
    (dying, 600, {}),
    # what each of n suspensions keeps are up to n values: the lists are walked, though not written
    (calls, 1000, {"time": 4.6, "memory": 3.4}),
    (display_of_calls, 800, {"time": 4.6, "memory": 3.4}),
    (orchestrators, 1000, {}),
]


def report(name, good, what=""):
    results.append(good)
    print(f"{'ok  ' if good else 'FAIL'} {name}{': ' + what if what else ''}")


def compile_once(path):
    """(seconds, bytes at most, bytes of C)"""
    process = subprocess.Popen([SBXC, path, "-o", f"{path[:-3]}.c"])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"FAIL {path}: status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, os.path.getsize(f"{path[:-3]}.c")


def measure(folder, shape, size):
    path = f"{folder}/{shape.__name__}_{size}.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(shape(size))
    return [min(column) for column in zip(*(compile_once(path) for _ in range(3)))]


def check_shape(folder, shape, size, allowed, base):
    rows = [measure(folder, shape, factor * size) for factor in (1, 2, 4)]
    for (t0, m0, c0), (t1, m1, c1) in zip(rows, rows[1:]):
        good = (
            c1 <= MOST_C * c0
            and max(t1, TIME_FLOOR) <= allowed.get("time", MOST_TIME) * max(t0, TIME_FLOOR)
            and max(m1 - base, MEMORY_FLOOR) <= allowed.get("memory", MOST_MEMORY) * max(m0 - base, MEMORY_FLOOR)
        )
        report(shape.__name__, good, f"{t0:.2f} to {t1:.2f} s, {m0 >> 20} to {m1 >> 20} MB, {c0 >> 10} to {c1 >> 10} KB of C")


def check_meaning(folder):
    source = calls(300)
    names = {}
    exec(source.split("@env.task\n")[1].replace("@env.sandbox.orchestrator\n", ""), names)
    path = f"{folder}/meaning.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    run = subprocess.run([SBXC, "run", "--log", os.devnull, path, "total", "--n", "5"], stdout=subprocess.PIPE, text=True, check=False)
    report("the same result as CPython's", run.stdout == f"{names['total'](5)}\n")


def check_refused(folder, name, source, wanted):
    path = f"{folder}/{name}.py"
    with open(path, "w", encoding="utf-8") as file:
        file.write(source)
    run = subprocess.run([SBXC, "check", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    report(f"{name} is refused", run.returncode > 0 and wanted in run.stdout, run.stdout[:120] if wanted not in run.stdout else "")


def main():
    with tempfile.TemporaryDirectory() as folder:
        base = measure(folder, straight, 1)[1]
        for shape, size, allowed in SHAPES:
            check_shape(folder, shape, size, allowed, base)
        check_meaning(folder)
        check_refused(folder, "too_deep", HEAD + function(["return " + "n + (" * 4000 + "1" + ")" * 4000]), "nested")
        check_refused(folder, "too_large", HEAD + "# " + "x" * (17 << 20) + "\n", "E0007")
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    sys.exit(not all(results))


main()
