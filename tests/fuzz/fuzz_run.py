#!/usr/bin/env python3
"""Fuzzes one target with libFuzzer for some seconds: tests/fuzz/fuzz_run.py TARGET SECONDS

Seeds are the files of tests/fuzz/corpus/TARGET and those that the test suites have for the same part of the program. What
is found new, and a finding, is kept in build/fuzz/TARGET. Ends with how many inputs ran, and with the status of libFuzzer.
SPDX-License-Identifier: Apache-2.0
"""
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PYTHON_FILES = ["examples/*.py", "tests/lang/*.py", "tests/accept/*.py", "tests/reject/*.py", "tests/reject/shapes/*.py", "tests/types/*.py",
                "tests/host/*.py", "tests/bench/*.py", "tests/golden/*/*.py"]
WORDS = """False None True and as assert async await break class continue def del elif else except finally for from global if import
in is lambda nonlocal not or pass raise return try while with yield match case type flyte env sandbox orchestrator task int str float bool bytes
list dict set tuple print range len sum sorted map flyte_map isinstance Any f' rb' \"\"\" := ** // << >> -> ... != == <= >= += @ \\\\N{ {x!r:>{w}}""".split()
TARGETS = {
    "front": (PYTHON_FILES, 4000),
    "compile": (PYTHON_FILES, 4000),
    "json": ([], 4000),
    "wire": ([], 4000),
    "machine": (["tests/golden/machine/*"], 8000),
    "snapshot": ([], 2000),
    "docker": ([], 12000),
}


def cut(data, longest):
    """The file, or if it is long, its beginning with one of its other parts at a time."""
    if len(data) <= longest:
        return [data]
    first, *parts = data.split(b"\n\n\n")
    while parts and b"orchestrator" not in parts[0]:
        first += b"\n\n\n" + parts.pop(0)
    return [whole for whole in (first + b"\n\n\n" + part + b"\n" for part in parts[:300]) if len(whole) <= longest]


def make_seeds(target, folder):
    folder.mkdir(parents=True, exist_ok=True)
    patterns, longest = TARGETS[target]
    for pattern in patterns:
        for path in TOP.glob(pattern):
            data = path.read_bytes() if path.is_file() else b""
            for number, part in enumerate(cut(data, longest)):
                (folder / f"{path.name}_{number}").write_bytes(part)
    if target == "snapshot":
        subprocess.run([TOP / "build/clang/fuzz/tests/fuzz/fuzz_replay", "seeds", folder], check=True)
    if target in ("front", "compile"):
        texts = (TOP / "tests/syntax/errors.txt").read_text(encoding="utf-8")
        for number, part in enumerate(re.split(r"^== .*\n", texts, flags=re.M)):
            (folder / f"errors_{number}").write_text(part, encoding="utf-8", errors="surrogateescape")


def main():
    target, seconds = sys.argv[1], sys.argv[2]
    work = TOP / "build/fuzz" / target
    make_seeds(target, work / "seeds")
    (work / "found").mkdir(parents=True, exist_ok=True)
    words = work / "words"
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in word.encode()) + '"\n' for word in WORDS))
    command = [str(TOP / f"build/clang/fuzz/tests/fuzz/fuzz_{target}"), f"-max_total_time={seconds}", "-timeout=300", "-rss_limit_mb=3000",
               f"-max_len={TARGETS[target][1]}", f"-dict={words}", f"-artifact_prefix={work}/", "-print_final_stats=1", str(work / "found"),
               str(TOP / "tests/fuzz/corpus" / target), str(work / "seeds")]
    log = work / "log"
    with open(log, "wb") as file:
        status = subprocess.run(["nice", "-n", "19", *command], cwd=work, stdout=file, stderr=file, check=False).returncode
    text = log.read_text(errors="replace")
    runs = re.findall(r"stat::number_of_executed_units: *(\d+)", text) or re.findall(r"^#(\d+)", text, re.M)
    print(f"{target}: {runs[-1] if runs else 0} inputs in {seconds} s, {'no finding' if status == 0 else 'a finding: ' + str(log)}")
    sys.exit(status)


main()
