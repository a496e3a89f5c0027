#!/usr/bin/env python3
"""The programs of tests/lang while allocations fail: each must end with MemoryError or come to its right end, leak nothing,
and leave the process fit for the next run.

    tests/fault/run.py [--most N] [--mode heap|system] [FILE...]

Task calls are answered as CPython's tasks do; see fault_driver.c. --most: how many allocations of each program fail, one
in each run; 0 for all of them (`make fault`).

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("SBX_BUILD", os.path.join(TOP, "build"))
sys.path.insert(0, os.path.join(TOP, "tests/lang"))
import run_lang  # noqa: E402

WRAP = "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free"


class Recorder:
    """Stands for flyte.TaskEnvironment; writes down what each task call gave."""
    calls = []

    def __init__(self, *args, **kwargs):
        self.sandbox = type("Sandbox", (), {"orchestrator": staticmethod(self.plain)})()

    @staticmethod
    def plain(function=None, **kwargs):
        return function if function else (lambda f: f)

    def task(self, function=None, **kwargs):
        return self.recorded(function) if function else self.recorded

    @staticmethod
    def recorded(function):
        def call(*args, **kwargs):
            try:
                value = function(*args, **kwargs)
            except Exception as error:
                Recorder.calls.append(f"! {type(error).__name__} {error}")
                raise
            Recorder.calls.append("= " + json.dumps(value, default=str))
            return value
        return call


def answers(path):
    """What the tasks of a file answer, an entry after the other."""
    run_lang.Environment = Recorder
    file, lines = run_lang.File(path), []
    for node in file.cases:
        Recorder.calls = []
        try:
            file.module()[node.name]()
        except BaseException:  # what a case raises may be no Exception
            pass
        lines += ["entry " + node.name] + [line.replace("\n", " ") for line in Recorder.calls]
    return "\n".join(lines) + "\n"


def build(path, folder, compiler=None, flags=("-O1",), libraries=BUILD):
    """The driver with the program of `path` in it; None: it does not compile."""
    shutil.copy(path, f"{folder}/program.py")
    with open(f"{folder}/answers", "w", encoding="utf-8", errors="surrogatepass") as f:
        f.write(answers(path))
    compiler = compiler or os.environ.get("CC", "cc")
    sanitize = os.environ.get("SANFLAGS", "-fsanitize=address,undefined" if "san" in libraries.split(os.sep) else "").split()
    for command in ([f"{libraries}/sbxc", "program.py", "-o", "program.c"],
                    [compiler, *flags, *sanitize, "-std=c11", "-D_GNU_SOURCE", "-DSBX_NO_MAIN", "-I.", f"-I{TOP}",
                     f"-I{TOP}/runtime/include", WRAP, "-o", "driver", f"{HERE}/fault_driver.c", "program.c",
                     f"{libraries}/libsbx.a", "-lm"]):
        result = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if result.returncode:
            print(f"FAIL {path}: {' '.join(command)}:\n{result.stdout[-2000:]}")
            return None
    return f"{folder}/driver"


def compilations(folder):
    """The compiler itself: the lines of compile_driver.c for some files."""
    sanitize = ["-fsanitize=address,undefined"] if "san" in BUILD.split(os.sep) else []
    command = [os.environ.get("CC", "cc"), "-O1", *sanitize, "-std=c11", "-D_GNU_SOURCE", f"-I{TOP}/gen", f"-I{TOP}/runtime/include", WRAP, "-o",
               f"{folder}/compile", f"{HERE}/compile_driver.c", f"{BUILD}/libsbxc.a", f"{BUILD}/libsbx.a", "-lm"]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        return [f"FAIL {' '.join(command)}:", result.stdout[-2000:]]
    lines = []
    for path in sorted(glob.glob(f"{TOP}/examples/*.py")) + [f"{TOP}/tests/accept/modules.py"] + sources():
        result = subprocess.run([f"{folder}/compile", os.path.relpath(path, TOP)], cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lines += result.stdout.splitlines()
        if result.returncode not in (0, 1):
            lines.append(f"FAIL {path}: the driver ended with {result.returncode}: {result.stderr[-1000:]}")
    return lines


def sources():
    """The files of tests/lang that have orchestrators."""
    paths = sorted(glob.glob(os.path.join(TOP, "tests/lang/*.py")))
    return [p for p in paths if "@env.sandbox" in open(p, encoding="utf-8").read() and "run_lang" not in p]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=150)
    parser.add_argument("--mode", choices=["heap", "system"])
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    passed = failed = runs = 0
    for path in [os.path.abspath(f) for f in options.files] or sources():
        with tempfile.TemporaryDirectory() as folder:
            driver = build(path, folder)
            failed += not driver
            for mode in [options.mode] if options.mode else ["heap", "system"]:
                if not driver:
                    break
                result = subprocess.run([driver, f"{folder}/answers", mode, str(options.most or 10**12)],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
                for line in result.stdout.splitlines():
                    passed += line.startswith("ok ")
                    failed += line.startswith("FAIL ")
                    runs += int(line.split()[1]) if line.startswith("runs ") else 0
                    if line.startswith("FAIL "):
                        print(f"{line} ({mode}, {os.path.basename(path)})")
                if result.returncode == 1:
                    print(result.stderr[-2000:])
                if result.returncode not in (0, 1):
                    failed += 1
                    print(f"FAIL {path}: {mode}: the driver ended with {result.returncode}\n{result.stderr[-3000:]}")
    if not options.files:
        with tempfile.TemporaryDirectory() as folder:
            for line in compilations(folder):
                passed += line.startswith("ok ")
                failed += line.startswith("FAIL ")
                runs += int(line.split()[1]) if line.startswith("runs ") else 0
                if not line.startswith(("ok ", "runs ")):
                    print(line)
    print(f"fault: {runs} runs and compilations, an allocation failing in each")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
