#!/usr/bin/env python3
"""Files with mistakes, and what the checker says about them.

    tests/reject/run.py CHECK_FILE [FILE...]

A case is a Python file. A line that must have a diagnostic says so at its end:

    total += 1            # error: E0309
    ad(1)                 # error: E0401  help: did you mean 'add'?  fix: add
    add(1, "x")           # error: E0501  note: 'y' is declared here  says: expects int

Several ids are separated by commas; `warning:` stands for a warning. Each line must have exactly the diagnostics that
it names; a line that says nothing must have none. Files in folders are neighbours of the cases: what the cases
make the checker say about them is expected in them.

One more check: every id of gen/diag.def that the checker owns is named by some case.

SPDX-License-Identifier: Apache-2.0
"""
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
EXPECT = re.compile(r"# (?:error|warning): ((?:[EW]\d{4})(?:, *[EW]\d{4})*)(.*)$")
PART = re.compile(r"\b(help|fix|note|says): ")
PLACE = re.compile(r"^(?:(.*\.py):)?(\d+):(\d+): (error|warning): (.*) \[([EW]\d{4})\]$")
OWNED = re.compile(r'^DIAG\(\w+, "([EW]\d{4})"', re.M)


def expectations(path):
    wanted = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            match = EXPECT.search(line)
            if not match:
                continue
            parts = PART.split(match.group(2))
            texts = [(parts[i], parts[i + 1].strip()) for i in range(1, len(parts) - 1, 2)]
            wanted[number] = (sorted(match.group(1).replace(" ", "").split(",")), texts)
    return wanted


def read_output(text):
    """The diagnostics of each file: {path: {line: [(id, message, [(kind, text)])]}}"""
    files, current, last = {}, None, None
    for line in text.splitlines():
        if line.startswith("== "):
            current = files.setdefault(line[3:], {})
            continue
        match = PLACE.match(line)
        if match:
            last = (match.group(6), match.group(5), [])
            place = files.setdefault(match.group(1), {}) if match.group(1) else current
            place.setdefault(int(match.group(2)), []).append(last)
        elif line.startswith("  ") and last:
            kind, _, rest = line.strip().partition(": ")
            last[2].append((kind, rest))
    return files


def compare(path, wanted, found):
    problems = []
    for line in sorted(set(wanted) | set(found)):
        ids, texts = wanted.get(line, ([], []))
        got = sorted(item[0] for item in found.get(line, []))
        if ids != got:
            problems.append(f"line {line}: expected {', '.join(ids) or 'nothing'}, got {', '.join(got) or 'nothing'}"
                            + "".join(f"\n      {item[0]}: {item[1]}" for item in found.get(line, [])))
            continue
        for kind, text in texts:
            have = [item[1] for item in found[line]] if kind == "says" else \
                [rest for item in found[line] for k, rest in item[2] if k == kind]
            if not any(text in one for one in have):
                problems.append(f"line {line}: {kind} has no '{text}': {have}")
    return problems


def deep_file(folder):
    path = os.path.join(folder, "too_deep.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write("import flyte\nenv = flyte.TaskEnvironment(name='x')\n@env.sandbox.orchestrator\ndef f(x: int):\n")
        file.write("    return x" + " + 1" * 4000 + "  # error: E0603\n")
    return path


def run(program, paths):
    words = []  # container_*.py are checked as `sbxc tasks` does
    for path in paths:
        words += ["--tasks" if os.path.basename(path).startswith("container_") else "--plain", path]
    result = subprocess.run([program] + words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        print(result.stderr[-3000:])
        print(f"FAIL {program}: status {result.returncode}")
    return read_output(result.stdout), result.returncode == 0


def missing_ids(named):
    with open(os.path.join(TOP, "gen", "diag.def"), encoding="utf-8") as file:
        ids = [i for i in OWNED.findall(file.read()) if "E0200" <= i <= "E0599" or i.startswith("W0") or i == "E0603"]
    return [i for i in ids if i not in named], len(ids)


def main():
    program = os.path.abspath(sys.argv[1])
    everything = len(sys.argv) == 2
    paths = sorted(glob.glob(os.path.join(HERE, "*.py"))) if everything else sys.argv[2:]
    paths = [path for path in paths if os.path.basename(path) != "run.py"]
    passed = failed = 0
    named = set()
    with tempfile.TemporaryDirectory() as folder:
        if everything:
            paths.append(deep_file(folder))
        found, ok = run(program, paths)
        failed += not ok
        if everything:
            paths += sorted(glob.glob(os.path.join(HERE, "*", "*.py")))
        for path in paths:
            wanted = expectations(path)
            for ids, _ in wanted.values():
                named.update(ids)
            problems = compare(path, wanted, found.get(path, {}))
            good = len(wanted) - len({p.split(":")[0] for p in problems if p.startswith("line")} & {f"line {n}" for n in wanted})
            passed += max(good, 0)
            failed += len(problems)
            for problem in problems:
                print(f"FAIL {os.path.basename(path)}: {problem}")
    if everything:
        missing, count = missing_ids(named)
        for one in missing:
            print(f"FAIL {one} has no case")
        passed += count - len(missing)
        failed += len(missing)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
