"""The front end against CPython's ast.parse, on every file of the standard library and its test suite.

usage: bench_parse.py [--build DIR] [--rounds N]

All files are in memory before the clock starts. The two take turns; the best round of each counts.
Prints `sbxc SECONDS s` and `ast_parse SECONDS s`.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import ast
import gc
import subprocess
import sysconfig
import time
import warnings
from pathlib import Path


def time_ast_parse(sources):
    gc.collect()
    start = time.perf_counter()
    for source in sources:
        try:
            ast.parse(source)
        except (SyntaxError, ValueError):
            pass
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default="build")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    files = sorted(Path(sysconfig.get_path("stdlib")).rglob("*.py"))
    sources = [path.read_bytes() for path in files]
    command = [f"{options.build}/tests/bench/bench_parse", "5", *map(str, files)]
    ours, theirs = [], []
    for _ in range(options.rounds):
        output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        ours.append(float(output.split()[1]))
        theirs.append(time_ast_parse(sources))
    print(f"sbxc {min(ours):.6f} s")
    print(f"ast_parse {min(theirs):.6f} s")
    print(f"ratio {min(theirs) / min(ours):.2f} times")
    print(f"files {len(files)} files")


if __name__ == "__main__":
    main()
