#!/usr/bin/env python3
"""Kills every entry of examples/ and of the programs of tests/lang with task calls at the writes of its journal.

    tests/journal/sweep.py [--every N] [--threads] [FILE.py...]

sweep_host.c does it and says what must hold; here the programs are built. --every 1 is `make kill-sweep`. --threads: commits are
handed over to a thread.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")))
SANITIZED = "san" in BUILD.split(os.sep)


def programs():
    found = sorted(glob.glob(f"{TOP}/examples/*.py") + glob.glob(f"{TOP}/tests/lang/**/*.py", recursive=True))
    for path in found:
        text = open(path, encoding="utf-8").read()
        if re.search(r"^@\w+\.task\b", text, re.M) and ".sandbox.orchestrator" in text:
            yield path


def build(path, folder):
    """The shared object and the name of its table."""
    name = re.sub(r"\W", "_", os.path.basename(path)[:-3])
    source = f"{folder}/{name}.c"
    done = subprocess.run([f"{BUILD}/sbxc", os.path.basename(path), "-o", source], cwd=os.path.dirname(path), capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr
    done = subprocess.run(["cc", "-O0", "-shared", "-fPIC", "-DSBX_NO_MAIN", f"-I{TOP}/runtime/include", "-o", f"{folder}/{name}.so", source],
                          capture_output=True, text=True)
    table = re.search(r"const sbx_entry \*const (sbx_entries_\w+)\[\] = ", open(source, encoding="utf-8").read())
    if done.returncode or not table:
        return None, done.stderr or "no table of entries"
    return f"{folder}/{name}.so", table.group(1)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--every", type=int, default=16)
    arguments.add_argument("--threads", action="store_true")
    arguments.add_argument("files", nargs="*")
    arguments = arguments.parse_args()
    threads = {"COMMIT_THREAD": "1"} if arguments.threads else {}
    passed = failed = skipped = kills = 0
    room = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # what counts is the order of writes, not the disk
    with tempfile.TemporaryDirectory(dir=room) as folder:
        preload = f"{folder}/kill_at.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_GNU_SOURCE", "-o", preload, f"{TOP}/tests/journal/kill_at.c", "-ldl"], check=True)
        runtime = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip() + " " if SANITIZED else ""
        for path in [os.path.abspath(f) for f in arguments.files] or programs():
            program, table = build(path, folder)
            if not program:
                failed += 1
                print(f"FAIL {path}: {table}")
                continue
            done = subprocess.run([f"{BUILD}/tests/journal/sweep_host", program, table, folder, str(arguments.every)], capture_output=True, text=True,
                                  env=dict(os.environ, LD_PRELOAD=runtime + preload, ASAN_OPTIONS="detect_leaks=0", **threads))
            counts = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped, (\d+) kills$", done.stdout, re.M)
            if not counts or int(counts.group(2)) or done.returncode:
                print(f"FAIL {os.path.relpath(path, TOP)}: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-1000:]}")
                failed += not counts
            if counts:
                passed, failed, skipped = passed + int(counts.group(1)), failed + int(counts.group(2)), skipped + int(counts.group(3))
                kills += int(counts.group(4))
    print(f"{kills} kills; {skipped} entries make calls without end on these answers, and are left out")
    if kills < 100 and not arguments.files:
        failed += 1
        print("FAIL hardly any process was killed")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
