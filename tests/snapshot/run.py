#!/usr/bin/env python3
"""Every program of tests/lang with task calls, in a snapshot at every suspension and after every answer.

    tests/snapshot/run.py [BUILD]

Each case runs twice in hopping.c: straight through, and going on in a fresh process whenever it can be put into a
snapshot. Results, tracebacks and the calls that tasks saw must be the same. Where clang is there the processes alternate
between builds of gcc and of clang. Then MUTATIONS (4,000) mutated snapshots of each program are restored and run: mutate.c. In
forged.c floats become texts and lists.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [f"{TOP}/tests/lang", f"{TOP}/templates"]
import run_lang  # noqa: E402
import worker_values  # noqa: E402

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] if "san" in BUILD.split(os.sep) else []


class Program:
    """A file of tests/lang, built with the host of this suite by each compiler."""

    def __init__(self, path, folder):
        self.file = run_lang.File(path)
        self.name = os.path.basename(path)[:-3]
        self.binaries = []
        c_file = f"{folder}/{self.name}.c"
        subprocess.run([f"{BUILD}/sbxc", self.file.path, "-o", c_file], cwd=TOP, check=True, capture_output=True)
        for compiler in ["gcc"] + (["clang"] if shutil.which("clang") and not SANITIZE else []):
            binary = f"{folder}/{self.name}.{compiler}"
            optimize = "-O1" if compiler == "gcc" else "-O2"
            subprocess.run([compiler, "-std=c11", optimize, "-w", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", f"-DENTRIES=sbx_entries_{self.name}",
                            *SANITIZE, f"-I{TOP}/runtime/include", c_file, f"{TOP}/tests/snapshot/hopping.c", f"{BUILD}/libsbx.a",
                            "-lm", "-o", binary], check=True)
            self.binaries.append(binary)

    def run(self, entry, words):
        """What comes out: the last lines, and what each call was."""
        namespace, calls, last = self.file.module(), [], {}
        host = subprocess.Popen([self.binaries[0], entry, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in host.stdout:
            verb, *rest = line.split()
            if verb != "call":
                last[verb] = bytes.fromhex(rest[0]).decode() if rest and verb != "hops" else "".join(rest)
                continue
            calls.append(line)
            try:
                value = namespace[rest[0]](**worker_values.value_from_wire(bytes.fromhex(rest[1])))
                answer = "answer " + bytes(worker_values.value_to_wire(value, None)).hex()
            except Exception as error:
                answer = f"fail {type(error).__name__} {str(error).encode().hex()}"
            try:
                host.stdin.write(answer + "\n")
                host.stdin.flush()
            except BrokenPipeError:
                break
        words = host.stderr.read()
        return host.wait(), last, calls, words


def check(program, folder):
    passed, failures, hops = 0, [], 0
    for case in program.file.cases:
        code, straight, calls, words = program.run(case.name, [])
        hopping = program.run(case.name, [f"{folder}/snapshot", *program.binaries, *([] if len(program.binaries) > 1 else program.binaries)])
        hops += int(hopping[1].pop("hops", "0"))
        straight.pop("hops", None)
        where = f"{program.file.path}: {case.name}"
        if code:
            failures.append(f"{where}: does not run: {words}")
        elif hopping[0]:
            failures.append(f"{where}: exit {hopping[0]}: {hopping[3]}")
        elif hopping[1] != straight:
            failures.append(f"{where}: straight through\n  {straight}\n  in snapshots\n  {hopping[1]}")
        elif sorted(hopping[2]) != sorted(calls):
            failures.append(f"{where}: other calls:\n  {calls}\n  {hopping[2]}")
        else:
            passed += 1
    return passed, failures, hops


def has_tasks(path):
    tree = ast.parse(open(path, encoding="utf-8").read())
    return any(isinstance(n, ast.FunctionDef) and any(ast.unparse(d).endswith(".task") for d in n.decorator_list) for n in tree.body)


def mutate(path, folder, count):
    """Mutated snapshots of the program's entries; None, or what is wrong."""
    name, binary = os.path.basename(path)[:-3], f"{folder}/mutate"
    subprocess.run(["gcc", "-std=c11", "-O1", "-w", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", f"-DENTRIES=sbx_entries_{name}", *SANITIZE,
                    f"-I{TOP}/runtime/include", f"{folder}/{name}.c", f"{TOP}/tests/snapshot/mutate.c", f"{TOP}/tests/snapshot/snapshot_samples.c", f"{BUILD}/libsbx.a", "-lm", "-o", binary], check=True)
    result = subprocess.run([binary, str(count), "1"], capture_output=True, text=True, errors="replace")
    return f"{path}: mutated snapshots: exit {result.returncode}\n{result.stdout[-2000:]}{result.stderr[-4000:]}" if result.returncode else None


def forge(folder, blindly):
    """forged.c with forged.py; blindly: with compiled code that does not look at what it takes for a float."""
    subprocess.run([f"{BUILD}/sbxc", f"{TOP}/tests/snapshot/forged.py", "-o", f"{folder}/forged.c"], check=True, capture_output=True)
    text = open(f"{folder}/forged.c", encoding="utf-8").read()
    if blindly:
        text, count = re.subn(r"sbx_gen_float_check\(run, (\w+), &status\)", r"\1.u.f", text)
        if not count:
            return "no float is checked"
    with open(f"{folder}/forged_{blindly}.c", "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["gcc", "-std=c11", "-O1", "-w", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", "-DENTRIES=sbx_entries_forged", *SANITIZE, f"-I{TOP}/runtime/include",
                    f"{folder}/forged_{blindly}.c", f"{TOP}/tests/snapshot/forged.c", f"{TOP}/tests/snapshot/snapshot_samples.c", f"{BUILD}/libsbx.a", "-lm",
                    "-o", f"{folder}/forged"], check=True)
    result = subprocess.run([f"{folder}/forged"], capture_output=True, text=True, errors="replace")
    if blindly:
        return None if result.returncode else "a program that does not look at its floats is not noticed"
    return f"forged floats: exit {result.returncode}\n{result.stdout}{result.stderr[-3000:]}" if result.returncode else None


def main():
    passed, failures, hops = 0, [], 0
    mutations = int(os.environ.get("MUTATIONS", "4000"))
    with tempfile.TemporaryDirectory() as folder:
        for blindly in (False, True):
            wrong = forge(folder, blindly)
            passed, failures = passed + (not wrong), failures + ([wrong] if wrong else [])
        for path in sorted(glob.glob(f"{TOP}/tests/lang/*.py")):
            if os.path.basename(path).startswith("run_") or not has_tasks(path):
                continue
            more, wrong, hopped = check(Program(path, folder), folder)
            passed, failures, hops = passed + more, failures + wrong, hops + hopped
            wrong = mutate(path, folder, mutations)
            passed, failures = passed + (not wrong), failures + ([wrong] if wrong else [])
    for failure in failures:
        print(f"FAIL {failure}")
    if hops < 200:
        failures.append("few snapshots")
        print(f"FAIL only {hops} snapshots were made")
    print(f"{hops} snapshots")
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


sys.exit(main())
