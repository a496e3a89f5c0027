#!/usr/bin/env python3
"""Hostile programs against the limits: every line of cases.txt is run until its deadline, and with little memory.

    tests/limits/run.py [--full] [--cases FIRST LAST] [--verbose]

Each must end with TimeoutError, MemoryError or RecursionError (or an exception of its own), not later than 50 ms after the
deadline (10 ms in the median), and take no more from malloc than its limit of memory, 10 % and 64 KiB; the resident set may
have half a megabyte more, which malloc keeps between its blocks. The next run in the same process must be right.
Milliseconds are CPU time of the thread; see limits_driver.c. Inputs are a quarter of what cases.txt says, and 20 ms the
most, so that CI has the time; --full (`make limits`) takes them whole.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import ast
import os
import re
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SBX_BUILD", os.path.join(TOP, "build"))
STATUS_DEADLINE, STATUS_MEMORY, STATUS_DEPTH, STATUS_RAISED = -4, -2, -3, -1
MOST_LATE_MS, MEDIAN_LATE_MS, SCALE = 50, 10, 4
MOST_TEXT_MS = 400 # 250 ms to make it and hand it out, the slice under way, and a block of memory that is given back
MALLOC_KEEPS = 512 << 10
HEAD = '''import flyte
env = flyte.TaskEnvironment(name="limits")

@env.sandbox.orchestrator
def good():
    words = [str(i * i) for i in range(200)]
    return (",".join(sorted(words)[:5]), {w: len(w) for w in words[:3]}, 7 ** 100 % 1000007)
'''


def read_cases(path, scale):
    """(inputs by name, cases); numbers that are sizes of inputs are divided by `scale`."""
    def scaled(text, digits):
        return re.sub(rf"\b\d{{{digits}}}\b", lambda m: str(int(m.group(0)) // scale), text)
    lets, cases = [], []
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("let "):
            name, value = line[4:].split(" = ", 1)
            lets.append((name, scaled(value, "6,8")))
        elif line and not line.startswith("# "):
            cases.append(re.sub(r"\b(3999999|4000000|500000)\b", lambda m: str(int(m.group(0)) // scale), line))
    return lets, cases


def statements(case):
    """At `; `, but not within brackets or quotes; a one-line loop has one statement."""
    parts, depth, quote, begin = [], 0, "", 0
    for i, c in enumerate(case):
        if quote:
            quote = "" if c == quote and case[i - 1] != "\\" else quote
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == ";" and not depth:
            parts.append(case[begin:i].strip())
            begin = i + 1
    return parts + [case[begin:].strip()]


def program(lets, cases):
    text = HEAD
    names = {name for name, _ in lets}
    for name, value in lets:
        text += f"\n@env.sandbox.orchestrator\ndef let_{name}():\n    return {value}\n"
    for i, case in enumerate(cases):
        lines = statements(case)
        tree = ast.parse("\n".join(lines))
        stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        stored |= {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}
        used = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} & names - stored)
        body = "".join(f"        {line}\n" for line in lines)
        text += f"\n@env.sandbox.orchestrator(type_check=False)\ndef case_{i}({', '.join(used)}):\n    while True:\n{body}"
    return text


def build(folder, text):
    with open(f"{folder}/cases.py", "w", encoding="utf-8") as f:
        f.write(text)
    for command in ([f"{BUILD}/sbxc", "cases.py", "-o", "cases.c"],
                    [os.environ.get("CC", "cc"), "-O1", "-std=c11", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", "-I.", f"-I{TOP}/runtime/include",
                     "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free", "-o", "driver", f"{HERE}/limits_driver.c", "cases.c",
                     f"{BUILD}/libsbx.a", "-lm"]):
        result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            sys.exit(f"limits: {' '.join(command)}:\n{result.stdout[-3000:]}\n0 passed, 1 failed")


def judge(fields):
    """What is wrong with a line of the driver; '' for nothing."""
    if len(fields) != 13:
        return "no result"
    mode, _, status, late, limit, counted, resident, kind, text_ms, _, free_ms, left, good = fields
    if int(status) not in (STATUS_DEADLINE, STATUS_MEMORY, STATUS_DEPTH, STATUS_RAISED):
        return f"status {status}"
    if float(late) > MOST_LATE_MS:
        return f"{late} ms after the deadline"
    if float(text_ms) > MOST_TEXT_MS:
        return f"the traceback took {text_ms} ms"
    allowed = int(limit) * 1.1 + 65536
    if int(counted) > allowed:
        return f"{counted} bytes of malloc for a limit of {limit}"
    if int(resident) > allowed + MALLOC_KEEPS and mode != "time":
        return f"{resident} bytes resident for a limit of {limit}"
    if int(left):
        return f"{left} bytes were not given back"
    return "" if good == "1" else "the next run was not right"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--deadline", default="10")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--cases", nargs=2, default=["0", "1000000"])
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--file", default=f"{HERE}/cases.txt")
    options = parser.parse_args()
    lets, cases = read_cases(options.file, 1 if options.full else SCALE)
    late, ratios, resident, failed, passed, ended = [], [], [], 0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        build(folder, program(lets, cases))
        process = subprocess.Popen([f"{folder}/driver", options.deadline, *options.cases], stdout=subprocess.PIPE, text=True)
        for line in process.stdout:
            fields = line.split()
            wrong = judge(fields)
            case = cases[int(fields[1].split("_")[1])]
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong or options.verbose:
                print(f"{'FAIL' if wrong else 'ok'} {' '.join(fields)}: {case}{': ' + wrong if wrong else ''}", flush=True)
            if len(fields) == 13:
                ended[fields[7]] = ended.get(fields[7], 0) + 1
                if int(fields[2]) == STATUS_DEADLINE:
                    late.append(float(fields[3]))
                if fields[0] != "time":
                    ratios.append(int(fields[5]) / int(fields[4]))
                    resident.append((int(fields[6]) - int(fields[4])) / 1024)
        if process.wait():
            print(f"FAIL the driver ended with {process.returncode} after: {line.strip() if passed + failed else 'nothing'}")
            failed += 1
    if late:
        median = statistics.median(late)
        print(f"limits: {len(cases)} programs; deadline exceeded by {median:.2f} ms in the median, {max(late):.2f} ms at most ({len(late)} runs)")
        if median > MEDIAN_LATE_MS:
            failed += 1
            print("FAIL the median is too late")
    if ratios:
        print(f"limits: malloc gave {max(ratios):.3f} of the limit at most; resident beyond the limit {max(resident):.0f} KiB at most")
    print("limits: ended with " + ", ".join(f"{n} {k}" for k, n in sorted(ended.items())))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
