#!/usr/bin/env python3
"""The emitted C of every example and language test: the same bytes from any folder, no warning from gcc or clang, a header
that stands alone in C and C++, and no absolute path in it.
SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SBX_BUILD", f"{TOP}/build")
FLAGS = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{TOP}/runtime/include", "-c", "-o", os.devnull]
passed = failed = 0


def report(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}\n{detail[-3000:]}")


def run(command, folder):
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace")


with tempfile.TemporaryDirectory() as scratch:
    for path in sorted(glob.glob(f"{TOP}/examples/*.py") + glob.glob(f"{TOP}/tests/lang/*.py")):
        base = os.path.basename(path)[:-3]
        if base == "run_lang":
            continue
        texts = []
        for folder in (f"{scratch}/a", f"{scratch}/some/where/else"):
            os.makedirs(folder, exist_ok=True)
            shutil.copy(path, f"{folder}/{base}.py")
            result = run([f"{BUILD}/sbxc", f"{base}.py", "-o", f"{base}.c"], folder)
            report(f"{base}: compiles in silence", result.returncode == 0 and not result.stdout, result.stdout)
            texts.append([open(f"{folder}/{base}.{end}", "rb").read() if result.returncode == 0 else b"" for end in "ch"])
        report(f"{base}: the same bytes everywhere", texts[0] == texts[1])
        report(f"{base}: UTF-8", all(text.decode(errors="replace").encode() == text for text in texts[0]))
        report(f"{base}: no path of this machine", not any(word in text for text in texts[0] for word in (scratch.encode(), TOP.encode())))
        for words in (["gcc", "-O0"], ["gcc", "-O2"], ["clang", "-O1"]):
            result = run(words + FLAGS + [f"{base}.c"], f"{scratch}/a")
            report(f"{base}: {' '.join(words)}", result.returncode == 0, result.stdout)
        for words in (["gcc", "-x", "c", "-std=c11"], ["g++", "-x", "c++", "-std=c++11"]):
            result = run(words + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{TOP}/runtime/include", "-fsyntax-only", f"{base}.h"],
                         f"{scratch}/a")
            report(f"{base}: header, {words[0]}", result.returncode == 0, result.stdout)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
