#!/usr/bin/env python3
"""Every number that the project promises, each against its peer in the same run. Prints one table and writes
BUILD/bench.json: a list of {"workload", "value", "unit", "against", "ratio", "bound", "holds"}. A peer that is not
installed (`make bench-peers` gets those from npm) is named in "against" with "holds": null.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
rows = []


def row(workload, value, unit, against, ratio, bound, holds):
    rows.append({"workload": workload, "value": value, "unit": unit, "against": against, "ratio": ratio, "bound": bound, "holds": holds})


def figures(command):
    """The `name value unit` lines of a program; empty when it cannot run."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        print(f"bench: {command[0]}: {result.stderr.strip()[-400:]}", file=sys.stderr)
        return {}
    return {line.split()[0]: float(line.split()[1]) for line in result.stdout.splitlines() if len(line.split()) == 3}


def at_least(workload, value, unit, against, peer, bound):
    """peer / value must be at least `bound`: so many times faster."""
    ratio = peer / value if peer and value else None
    row(workload, value, unit, against if peer else f"{against} (missing)", ratio, f"at least {bound:g} x faster", None if ratio is None else ratio >= bound)


def absolute(workload, value, unit, bound, against="", peer=None):
    row(workload, value, unit, against if peer or not against else f"{against} (missing)", peer / value if peer else None,
        f"at most {bound:g} {unit}", value <= bound)


def cpython_sum(python, n):
    code = f"""
import time
def main(n):
    total = 0
    for i in range(n):
        total = total + i
    return total
times = []
for _ in range(5):
    begin = time.perf_counter()
    main({n})
    times.append(time.perf_counter() - begin)
print("sum_ints", sorted(times)[2] / {n} * 1e9, "ns")
"""
    return figures([python, "-c", code]).get("sum_ints")


def process_ms(command, times=40):
    """Wall time of a whole process, median, in milliseconds."""
    taken = []
    null = os.open(os.devnull, os.O_WRONLY)
    for _ in range(times):
        begin = time.perf_counter()
        pid = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1), (os.POSIX_SPAWN_DUP2, null, 2)])
        _, status = os.waitpid(pid, 0)
        taken.append(time.perf_counter() - begin)
        if status != 0:
            sys.exit(f"bench: {command} failed with status {status}")
    os.close(null)
    return statistics.median(taken) * 1e3


def hundred_lines(folder):
    """A pipeline of exactly 100 lines, with orchestrators of every usual form."""
    text = open(f"{TOP}/examples/pipeline.py", encoding="utf-8").read().split("# run:")[0].rstrip("\n").split("\n")
    filler = ["", "@env.sandbox.orchestrator", "def step_{i}(n: int, factor: int = 2) -> list[int]:", "    out = []",
              "    for i in range(n):", "        if i % factor == 0:", "            out.append(add(i, multiply(i, factor)))",
              "        else:", "            out.append(i - 1)", "    return [x * 2 for x in out if x > 0]"]
    i = 0
    while len(text) + len(filler) <= 100:
        text += [line.replace("{i}", str(i)) for line in filler]
        i += 1
    text += ["# the end"] * (100 - len(text))
    path = f"{folder}/hundred_lines.py"
    open(path, "w", encoding="utf-8").write("\n".join(text) + "\n")
    return path


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--python", default="/usr/bin/python3")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    ours = figures([f"{build}/tests/bench/bench_runs"])
    monty = {}
    peers = f"{build}/peers"
    if shutil.which("node") and os.path.isdir(f"{peers}/node_modules/@pydantic/monty"):
        monty = figures(["node", "--expose-gc", f"{TOP}/tests/bench/monty.mjs", peers])
    ratio = ours["task_call_ratio"]  # of neighbouring rounds, the median
    row("task call: suspend, answer, resume", ours["task_call"], "ns", "hand-written switch machine", ratio, "at most 8 x", ratio <= 8)
    at_least("task call: suspend, answer, resume", ours["task_call"], "ns", "Monty start/resume", monty.get("task_call"), 200)
    absolute("start of a run, to its first task call", ours["run_start"], "ns", 300, "Monty", monty.get("run_start"))
    absolute("memory of a suspended run, 100,000 alive", ours["suspended_run"], "bytes", 640, "Monty", monty.get("suspended_run"))
    absolute("memory of a suspended run, 1,000,000 alive", ours["million_bytes"], "bytes", 480, "Monty", monty.get("suspended_run"))
    absolute("a step of each of 1,000,000 runs in turn", ours["million_step"], "ns", 200)
    absolute("snapshot, few variables", ours["snapshot_few_bytes"], "bytes", 160, "Monty", monty.get("snapshot_few_bytes"))
    absolute("snapshot, few variables: dump", ours["snapshot_few_dump"], "ns", 500, "Monty", monty.get("snapshot_few_dump"))
    absolute("snapshot, few variables: load", ours["snapshot_few_load"], "ns", 1000, "Monty", monty.get("snapshot_few_load"))
    absolute("snapshot, list(range(10000))", ours["snapshot_many_bytes"], "bytes", 24 * 1024, "Monty", monty.get("snapshot_many_bytes"))
    absolute("snapshot, list(range(10000)): dump", ours["snapshot_many_dump"], "ns", 20000, "Monty", monty.get("snapshot_many_dump"))
    absolute("snapshot, list(range(10000)): load", ours["snapshot_many_load"], "ns", 20000, "Monty", monty.get("snapshot_many_load"))
    folder = f"{build}/bench-journals"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    journal = figures([f"{build}/tests/bench/bench_journal", folder])
    row("durable task calls, 10,000 runs in flight", journal["durable_calls"], "/s", "", None, "at least 50000 /s", journal["durable_calls"] >= 50000)
    absolute("resume of a run with 10,000 finished calls", journal["resume_long"], "ms", 50)
    at_least("for sum of ints to 10 million, per turn", ours["sum_ints"], "ns", "CPython 3.11", cpython_sum(options.python, 10_000_000), 20)
    absolute("sbxc check of a 100-line file", process_ms([f"{build}/sbxc", "check", hundred_lines(build)]), "ms", 5)
    front = figures([options.python, f"{TOP}/tests/bench/bench_parse.py", "--build", build])
    at_least("front end on the standard library", front.get("sbxc", 0.0), "s", "CPython's ast.parse", front.get("ast_parse"), 20)

    programs = figures([options.python, f"{TOP}/tests/bench/programs.py", "--build", build])
    for name, bound in (("geometric_mean", 8), ("slowest", 1)):
        ratio = programs.get(name)
        row(f"programs of tests/bench/programs, {name.replace('_', ' ')}", ratio or 0.0, "x", "CPython 3.11", ratio, f"at least {bound} x faster",
            ratio is not None and ratio >= bound)

    docker = subprocess.run([options.python, f"{TOP}/tests/bench/bench_docker.py", f"{build}/sbxc"], stdout=subprocess.PIPE, text=True, check=False)
    rows.extend(json.loads(line) for line in docker.stdout.splitlines())
    if docker.returncode != 0:
        row("sandboxes", 0.0, "", "a Docker engine (missing)", None, "", None)

    json.dump(rows, open(f"{build}/bench.json", "w", encoding="utf-8"), indent=1)
    print(f"{'workload':<44} {'value':>10} {'unit':<6} {'ratio':>9}  {'bound':<24} {'holds':<6} against")
    for r in rows:
        ratio = "" if r["ratio"] is None else f"{r['ratio']:.2f}"
        holds = {True: "yes", False: "NO", None: "-"}[r["holds"]]
        print(f"{r['workload']:<44} {r['value']:>10.2f} {r['unit']:<6} {ratio:>9}  {r['bound']:<24} {holds:<6} {r['against']}")
    return 1 if any(r["holds"] is False for r in rows) else 0


sys.exit(main())
