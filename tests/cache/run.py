#!/usr/bin/env python3
"""The cache of results: docs/cache.md.

    tests/cache/run.py [BUILD]

What changes a task's version and what does not (loading.py has what runs while a module is loaded); hits and misses by inputs, files and behaviour; many processes on one
file; kills; damaged, foreign, full, read-only and locked files.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SBX_BUILD", "build"))
sys.path.insert(0, f"{TOP}/tests/tools")
from checks import check, finish  # noqa: E402
sys.path.insert(0, f"{TOP}/tests/cache")
import loading  # noqa: E402
SBXC = f"{BUILD}/sbxc"


# ---- versions ----

BASE = '''import flyte
import beside
from pack.inner import deep
from star import *
import numpy as np

LIMIT = 10
TABLE = {"a": LIMIT}
TABLE["b"] = 2
UNUSED = 1
env = flyte.TaskEnvironment(name="v", cache="auto", env_vars={"A": "1"}, image="python:3.11")


def other_decorator(f):
    return f


class Point:
    x = 1


def unused():
    return UNUSED


def helper(x):
    return x + TABLE["a"]


if np:
    def chosen():
        return 1


@env.task(retries=1)
def uses(x: int, more: int = LIMIT) -> int:
    """Text."""
    return helper(x) + Point.x + chosen() + deep() + starred()


@env.task
def imports(x: int) -> int:
    import beside
    return beside.f(x)


@env.task
def dynamic(x: int) -> int:
    return globals()["helper"](x)


@other_decorator
@env.task
def alone(x: int) -> int:
    return x


@env.task(cache=flyte.Cache("auto", salt="s"))
def salted(x: int) -> int:
    return x


@env.sandbox.orchestrator
def main(x: int) -> int:
    return uses(x) + imports(x) + alone(x)


box = flyte.sandbox.create(name="box", code="y = x + 1", inputs={"x": int}, outputs={"y": int}, cache="auto", env_vars={"Q": "1"})
command = flyte.sandbox.create(name="command", command=["true"], outputs={"y": int}, cache="auto", image="debian:12")

if __name__ == "__main__":
    print(flyte.run(main, x=1))
'''
MODULES = {"beside.py": "import further\ndef f(x):\n    return x\n", "further.py": "N = 1\n", "pack/__init__.py": "", "pack/inner.py": "def deep():\n    return 1\n",
           "star.py": "def starred():\n    return 1\n", "apart.py": "X = 1\n"}
EVERY = {"uses", "imports", "dynamic", "alone", "salted", "box", "command"}
# (what, file, old, new, tasks whose version changes)
EDITS = [
    ("a comment", "p.py", "LIMIT = 10\n", "LIMIT = 10  # ten\n", set()),
    ("blank lines and layout", "p.py", "def helper(x):\n    return x + TABLE", "\n\n\ndef helper( x ):\n\n        return  x+TABLE", set()),
    ("the orchestrator", "p.py", "uses(x) + imports(x)", "imports(x) + uses(x)", {"dynamic"}),
    ("retries", "p.py", "retries=1", "retries=2", set()),
    ("an unused constant", "p.py", "UNUSED = 1", "UNUSED = 2", {"dynamic"}),
    ("an unused function", "p.py", "return UNUSED", "return UNUSED + 1", {"dynamic"}),
    ("the main block", "p.py", "main, x=1", "main, x=2", {"dynamic"}),
    ("a module that is not used", "apart.py", "X = 1", "X = 2", set()),
    ("the body", "p.py", "Point.x + chosen()", "Point.x - chosen()", {"uses", "dynamic"}),
    ("the docstring", "p.py", '"""Text."""', '"""Other."""', {"uses", "dynamic"}),
    ("a helper", "p.py", 'x + TABLE["a"]', 'x - TABLE["a"]', {"uses", "dynamic"}),
    ("a constant of a constant", "p.py", "LIMIT = 10", "LIMIT = 11", {"uses", "dynamic"}),
    ("what changes a constant", "p.py", 'TABLE["b"] = 2', 'TABLE["b"] = 3', {"uses", "dynamic"}),
    ("a class", "p.py", "    x = 1\n", "    x = 2\n", {"uses", "dynamic"}),
    ("a function inside if", "p.py", "def chosen():\n        return 1", "def chosen():\n        return 2", {"uses", "dynamic"}),
    ("a module in a package", "pack/inner.py", "return 1", "return 2", {"uses", "dynamic"}),
    ("the package itself", "pack/__init__.py", "", "import os\n", {"uses", "dynamic"}),
    ("a star import", "star.py", "return 1", "return 2", {"uses", "imports", "dynamic", "alone", "salted"}),
    ("a module that the body imports", "beside.py", "return x", "return -x", {"imports", "dynamic"}),
    ("comments of that module", "beside.py", "return x", "return x  # x", set()),
    ("what that module imports", "further.py", "N = 1", "N = 2", {"imports", "dynamic"}),
    ("another decorator", "p.py", "    return f\n", "    return f  or f\n", {"alone", "dynamic"}),
    ("env_vars", "p.py", '{"A": "1"}', '{"A": "2"}', {"uses", "imports", "dynamic", "alone", "salted"}),
    ("the image", "p.py", "python:3.11", "python:3.12", {"uses", "imports", "dynamic", "alone", "salted"}),
    ("salt", "p.py", 'salt="s"', 'salt="t"', {"salted", "dynamic"} - {"dynamic"}),
    ("code of a sandbox", "p.py", "y = x + 1", "y = x + 2", {"box", "dynamic"}),
    ("env_vars of a sandbox", "p.py", '{"Q": "1"}', '{"Q": "2"}', {"box", "dynamic"}),
    ("packages of a sandbox", "p.py", 'env_vars={"Q"', 'packages=["six"], env_vars={"Q"', {"box", "dynamic"}),
    ("outputs of a sandbox", "p.py", '"y = x + 1", inputs={"x": int}, outputs={"y": int}', '"y = x + 1", inputs={"x": int}, outputs={"y": str}', {"box", "dynamic"}),
    ("a command", "p.py", '["true"]', '["false"]', {"command", "dynamic"}),
    ("the image of a sandbox", "p.py", "debian:12", "debian:13", {"command", "dynamic"}),
    ("a sandbox's place", "p.py", "\n\nbox =", "\n\n# one\n\n\nbox =", set()),
]


def declared(folder):
    """{task: its cache object}"""
    result = subprocess.run([SBXC, "--dump=decl", "p.py"], cwd=folder, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found, name = {}, None
    for line in result.stdout.splitlines():
        match = re.match(r"task (\S+)", line) or re.match(r"sandbox (\S+)", line)
        if match:
            name = match.group(1).strip("'\"").split("=")[0]
        elif line.startswith("  extra "):
            found[name.split(".")[-1]] = json.loads(line[8:]).get("cache")
    return found


def write_all(folder, files):
    for name, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "w") as file:
            file.write(text)


def versions(folder):
    files = {"p.py": BASE, **MODULES}
    write_all(folder, files)
    base = {name: cache["version"] for name, cache in declared(folder).items()}
    check(set(base) == EVERY, "versions: tasks", base)
    check(len(set(base.values())) == len(base), "versions: all differ", base)
    moved = f"{folder}/moved/to"
    write_all(moved, files)
    check({name: cache["version"] for name, cache in declared(moved).items()} == base, "versions: from another folder")
    for what, name, old, new, wanted in EDITS:
        assert files[name].count(old) >= 1, (what, old)
        write_all(folder, {**files, name: files[name].replace(old, new, 1) if old else new})
        now = {task: cache["version"] for task, cache in declared(folder).items()}
        changed = {task for task in base if now.get(task) != base[task]}
        check(changed == wanted, f"versions: {what}", f"  changed {changed}\n  wanted  {wanted}")
    write_all(folder, files)


def forms(folder):
    head = 'import flyte\nimport os\nenv = flyte.TaskEnvironment(name="f"{})\n'
    body = '\n@env.task{}\ndef t(x: int, y: int = 0) -> int:\n    return x\n\n@env.sandbox.orchestrator\ndef main(x: int) -> int:\n    return t(x)\n'

    def compiled(environment, task):
        write_all(folder, {"p.py": head.format(environment) + body.format(task)})
        result = subprocess.run([SBXC, "check", "p.py"], cwd=folder, capture_output=True, text=True)
        cache = declared(folder).get("t") if result.returncode == 0 else None
        return result.returncode, cache, result.stderr

    auto = compiled("", '(cache="auto")')[1]
    check(auto["behavior"] == "auto" and len(auto["version"]) == 64, "forms: auto", auto)
    check(compiled("", "")[1] is None, "forms: none")
    for environment, task, behavior in ((', cache="auto"', "", "auto"), (', cache="auto"', '(cache="disable")', "disable"), (', cache="disable"', '(cache="override")', "override"),
                                        ("", '(cache="enable")', "auto"), ("", '(cache="ON")', "auto"), ("", '(cache="off")', "disable"),
                                        ("", '(cache=flyte.Cache(behavior="override"))', "override"), ("", '(cache=flyte.Cache("auto"))', "auto"),
                                        ("", '(cache=flyte.Cache("auto", policies=[flyte.cache.FunctionBodyPolicy()]))', "auto")):
        code, cache, text = compiled(environment, task)
        check(code == 0 and cache["behavior"] == behavior and not text, f"forms: {environment} {task}", (cache, text))
    both = compiled("", '(cache="auto")')[1]["version"], compiled("", '(cache="override")')[1]["version"]
    check(both[0] == both[1], "forms: override stores where auto looks")
    cache = compiled("", '(cache=flyte.Cache("auto", "v7", False, ("y",), "salt"))')[1]
    check(cache == {"behavior": "auto", "version": "v7", "salt": "salt", "ignored_inputs": ["y"]}, "forms: all of flyte.Cache", cache)
    cache = compiled("", '(cache=flyte.Cache("auto", ignored_inputs="y"))')[1]
    check(cache["ignored_inputs"] == ["y"], "forms: one ignored input", cache)
    for task in ('(cache="always")', "(cache=True)", '(cache=flyte.Cache("x"))', "(cache=flyte.Cache())", '(cache=flyte.Cache("auto", ignored_inputs="z"))',
                 '(cache=flyte.Cache("auto", version_override=7))'):
        code, _, text = compiled("", task)
        check(code == 2 and "E0203" in text, f"forms: {task} is refused", text)
    for task in ('(cache=os.environ["C"])', '(cache=flyte.Cache("auto", policies=[Mine()]))', '(cache=flyte.Cache(behavior="auto", salt=os.environ["C"]))'):
        code, cache, text = compiled("", task)
        check(code == 0 and cache == {"behavior": "disable"} and "W0004" in text, f"forms: {task} is not cached", (cache, text))


# ---- runs ----

class Program:
    def __init__(self, folder):
        self.folder, self.count = folder, 0
        shutil.copy(f"{TOP}/tests/cache/cached.py", folder)
        subprocess.run([SBXC, "cached.py", "-o", "cached"], cwd=folder, check=True)

    def file(self):
        self.count += 1
        return f"{self.folder}/cache{self.count}.db"

    def command(self, cache, *words, options=()):
        return [f"{self.folder}/cached", "--cache", cache, *options, *words]

    def run(self, cache, *words, options=(), **more):
        """(exit code, result, what happened to the calls in order, standard error)"""
        result = subprocess.run(self.command(cache, *words, options=options), capture_output=True, text=True, cwd=self.folder, **more)
        log = [line for line in re.findall(r"^\[\w+#\d+\] (started|cached|failed)", result.stderr, re.M)]
        return result.returncode, result.stdout.strip(), log, result.stderr


def expect(found, code, result, log, what):
    check(found[:3] == (code, result, log), what, found)


def hits(p):
    c = p.file()
    expect(p.run(c, "doubled", "--x", "4"), 0, "8", ["started"], "a miss")
    expect(p.run(c, "doubled", "--x", "4"), 0, "8", ["cached"], "a hit")
    expect(p.run(c, "doubled", "--x", "5"), 0, "10", ["started"], "another input")
    expect(p.run(c, "reals", "--x", "4"), 0, "1.3333333333333333", ["started"], "another task")
    expect(p.run(c, "reals", "--x", "4.0"), 0, "1.3333333333333333", ["cached"], "4 is 4.0 where a float is declared")
    expect(p.run(c, "shown", "--a", "1", "--b", "2"), 0, "\"['a', 'b']\"", ["started"], "a dict")
    expect(p.run(c, "shown", "--a", "1", "--b", "2"), 0, "\"['a', 'b']\"", ["cached"], "the same dict")
    expect(p.run(c, "shown", "--a", "1", "--b", "3"), 0, "\"['a', 'b']\"", ["started"], "another dict")
    code, result, log, _ = p.run(c, "sets")
    check((code, result) == (0, "[3, 3, 2]") and log == ["started", "cached", "started"], "sets: the second is the first in another order", log)
    code, result, log, _ = p.run(c, "sets")
    check((code, result, log) == (0, "[3, 3, 2]", ["cached"] * 3), "sets again", log)
    check(sqlite3.connect(c).execute("SELECT count(*) FROM results WHERE task = 'c.unique'").fetchone()[0] == 2, "the order of a set does not count")
    for _ in range(2):
        expect(p.run(c, "overridden", "--x", "1"), 0, "2", ["started"], "override always runs")
        expect(p.run(c, "disabled", "--x", "1"), 0, "3", ["started"], "disable always runs")
        found = p.run(c, "failing", "--x", "1")
        check(found[0] == 1 and found[2] == ["started", "failed"] and "ValueError: no 1" in found[3], "a failure is not kept", found)
    expect(p.run(c, "labels", "--x", "1", "--label", "a"), 0, '"a1"', ["started"], "an ignored input")
    expect(p.run(c, "labels", "--x", "1", "--label", "b"), 0, '"a1"', ["cached"], "an ignored input does not count")
    rows = dict(sqlite3.connect(c).execute("SELECT task, count(*) FROM results GROUP BY task"))
    check(rows.get("c.fresh") == 1 and "c.never" not in rows and "c.fails" not in rows, "what is kept", rows)
    code, result, log, _ = p.run(c, "all_kinds", "--x", "1")
    again = p.run(c, "all_kinds", "--x", "1")
    check(code == 0 and again[:3] == (0, result, ["cached"]), "values of all kinds", (result, again))
    code, result, log, _ = p.run(c, "mapped", "--n", "50")
    check(result == str([2 * i for i in range(50)]) and log.count("cached") == 2 and log.count("started") == 48, "a map, two of it known", log)
    check(p.run(c, "mapped", "--n", "50")[2] == ["cached"] * 50, "a map")
    none = subprocess.run([f"{p.folder}/cached", "doubled", "--x", "4"], capture_output=True, text=True)
    check("started" in none.stderr, "without --cache nothing is looked up")


def one_after_another(p):
    """What a run has made it does not make again, whether or not there was time to write it."""
    for options in ((), ("--journal", f"{p.folder}/in_turn.db", "--run-id", "r")):
        c = p.file()
        expect(p.run(c, "in_turn", "--x", "4", "--n", "6", options=options), 0, "48", ["started"] + ["cached"] * 5, f"the same call in turn {options}")
        check(sqlite3.connect(c).execute("SELECT hits FROM results").fetchall() == [(5,)], f"its hits are counted {options}")
        folder = f"{p.folder}/in_turn{len(options)}"
        os.mkdir(folder)
        found = p.run(c, "writes_twice", "--text", "hello", "--folder", folder, options=[w.replace("r", "r2") if w == "r" else w for w in options])
        check(found[0] == 0 and found[2] == ["started", "cached"], f"a result with a file, in turn {options}", found)


def edits(p):
    """What a change of the program means for what is kept."""
    c = p.file()
    source = open(f"{p.folder}/cached.py").read()
    p.run(c, "doubled", "--x", "4")
    p.run(c, "labels", "--x", "4", "--label", "a")
    p.run(c, "reals", "--x", "4")
    with open(f"{p.folder}/cached.py", "w") as file:
        file.write(source.replace("return x * 2", "return x * 2 + 0").replace('f"{label}{x}"', 'f"{label}-{x}"').replace("def real(x: float)", "def real(x: float, y: int = 0)"))
    subprocess.run([SBXC, "cached.py", "-o", "cached"], cwd=p.folder, check=True)
    expect(p.run(c, "doubled", "--x", "4"), 0, "8", ["started"], "a changed body")
    expect(p.run(c, "labels", "--x", "4", "--label", "b"), 0, '"a4"', ["cached"], "a changed body with version_override")
    expect(p.run(c, "reals", "--x", "4"), 0, "1.3333333333333333", ["started"], "a changed interface")
    with open(f"{p.folder}/cached.py", "w") as file:
        file.write(source)
    subprocess.run([SBXC, "cached.py", "-o", "cached"], cwd=p.folder, check=True)
    expect(p.run(c, "doubled", "--x", "4"), 0, "8", ["cached"], "the old body again")
    run = subprocess.run([SBXC, "run", "--cache", c, "cached.py", "doubled", "--x", "4"], cwd=p.folder, capture_output=True, text=True)
    check(run.stdout == "8\n" and "[double#1] cached" in run.stderr, "sbxc run --cache", run)


def files(p):
    c = p.file()
    folder = f"{p.folder}/data"
    os.makedirs(f"{folder}/d/sub")
    for name, text in (("a.txt", "one"), ("b.txt", "one"), ("c.txt", "two!"), ("d/x", "x"), ("d/sub/y", "y")):
        open(f"{folder}/{name}", "w").write(text)
    expect(p.run(c, "sizes", "--f", f"{folder}/a.txt"), 0, "3", ["started"], "a file")
    expect(p.run(c, "sizes", "--f", f"{folder}/b.txt"), 0, "3", ["cached"], "another file of the same content")
    expect(p.run(c, "sizes", "--f", f"{folder}/c.txt"), 0, "4", ["started"], "a file of another content")
    before = os.stat(f"{folder}/a.txt")
    open(f"{folder}/a.txt", "w").write("six")
    os.utime(f"{folder}/a.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
    expect(p.run(c, "sizes", "--f", f"{folder}/a.txt"), 0, "3", ["started"], "another content of the same size and time")
    shutil.copytree(f"{folder}/d", f"{folder}/e")
    expect(p.run(c, "listed", "--d", f"{folder}/d"), 0, '["sub", "x"]', ["started"], "a folder")
    expect(p.run(c, "listed", "--d", f"{folder}/e"), 0, '["sub", "x"]', ["cached"], "another folder of the same content")

    def changed(what, change, result='["sub", "x"]'):
        change()
        expect(p.run(c, "listed", "--d", f"{folder}/e"), 0, result, ["started"], f"a folder: {what}")
        expect(p.run(c, "listed", "--d", f"{folder}/e"), 0, result, ["cached"], f"a folder: {what}, again")

    changed("a file deep in it", lambda: open(f"{folder}/e/sub/y", "w").write("z"))
    changed("a name deep in it", lambda: os.rename(f"{folder}/e/sub/y", f"{folder}/e/sub/w"))
    changed("may be executed", lambda: os.chmod(f"{folder}/e/x", 0o755))
    changed("an empty folder", lambda: os.mkdir(f"{folder}/e/sub/empty"))
    changed("a link", lambda: os.symlink("nowhere", f"{folder}/e/l"), '["l", "sub", "x"]')
    os.remove(f"{folder}/e/l")
    changed("the link leads elsewhere", lambda: os.symlink("elsewhere", f"{folder}/e/l"), '["l", "sub", "x"]')
    os.mkfifo(f"{folder}/e/pipe")
    for _ in range(2):
        expect(p.run(c, "listed", "--d", f"{folder}/e"), 0, '["l", "pipe", "sub", "x"]', ["started"], "a folder with a pipe is not kept")
    out = f"{folder}/out"
    os.mkdir(out)
    words = ("writes", "--text", "hello", "--folder", out)
    first = p.run(c, *words)
    check(first[0] == 0 and first[2] == ["started"], "a task that writes a file", first)
    expect(p.run(c, *words), 0, first[1], ["cached"], "its file is there")
    open(f"{out}/written.txt", "w").write("hellO")
    expect(p.run(c, *words), 0, first[1], ["started"], "its file has another content")
    check(open(f"{out}/written.txt").read() == "hello", "and is written again")
    os.remove(f"{out}/written.txt")
    expect(p.run(c, *words), 0, first[1], ["started"], "its file is gone")
    expect(p.run(c, *words), 0, first[1], ["cached"], "its file is there again")


def with_journal(p):
    c = p.file()
    options = ("--journal", c, "--run-id", "one")
    expect(p.run(c, "doubled", "--x", "4", options=options), 0, "8", ["started"], "journal and cache in one file")
    expect(p.run(c, "doubled", "--x", "4", options=options), 0, "8", [], "the journal comes first")
    expect(p.run(c, "doubled", "--x", "4", options=("--journal", c, "--run-id", "two")), 0, "8", ["cached"], "another run hits")
    expect(p.run(c, "doubled", "--x", "4", options=("--journal", c, "--run-id", "two")), 0, "8", [], "a hit is journalled")
    expect(p.run(c, "mapped", "--n", "30", options=("--journal", c, "--run-id", "map"))[:2] + (None,), 0, str([2 * i for i in range(30)]), None, "a map, both in one file")
    other = p.file()
    p.run(other, "doubled", "--x", "1")
    expect(p.run(other, "doubled", "--x", "1", options=("--journal", other, "--run-id", "a")), 0, "2", ["cached"], "a journal in a cache's file")
    check(intact(c) and intact(other), "both are intact")


def intact(path):
    return sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def together(p):
    """Many processes on one file."""
    c = p.file()
    running = [subprocess.Popen(p.command(c, "mapped", "--n", str(20 + i % 3)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for i in range(6)]
    for i, process in enumerate(running):
        out, err = process.communicate()
        check(process.returncode == 0 and out.strip() == str([2 * k for k in range(20 + i % 3)]), f"process {i} of six", err[-500:])
    check(intact(c), "six processes: the file is intact")
    check(sqlite3.connect(c).execute("SELECT count(*) FROM results").fetchone()[0] == 22, "six processes: each result once")
    check(p.run(c, "mapped", "--n", "22")[2] == ["cached"] * 22, "six processes: all of them hit")


def killed(p):
    c = p.file()
    for i in range(12):
        process = subprocess.Popen(p.command(c, "mapped", "--n", "40"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(0.05 + 0.04 * i)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if os.path.exists(c):
        check(intact(c), "killed twelve times: the file is intact")
    code, result, log, err = p.run(c, "mapped", "--n", "40")
    check(code == 0 and result == str([2 * i for i in range(40)]), "killed twelve times: the result", err[-500:])


def damaged(p):
    good = p.file()
    wanted = str([2 * i for i in range(12)])
    p.run(good, "mapped", "--n", "12")
    data = open(good, "rb").read()
    size = int.from_bytes(data[16:18], "big")
    chance = random.Random(7)
    bad = p.file()

    def still_right(bytes_, what):
        for end in ("-wal", "-shm"):
            if os.path.exists(bad + end):
                os.remove(bad + end)
        open(bad, "wb").write(bytes_)
        code, result, log, err = p.run(bad, "mapped", "--n", "12")
        check((code == 0 and result == wanted) or (code == 4 and not result and "the cache" in err), what, (code, result, err[-300:]))
        return code, log

    check(still_right(data, "not damaged")[1] == ["cached"] * 12, "not damaged: hits")
    for page in range(len(data) // size):
        zeros = bytearray(data)
        zeros[page * size:(page + 1) * size] = bytes(size)
        still_right(zeros, f"page {page} of zeros")
        noise = bytearray(data)
        noise[page * size:(page + 1) * size] = chance.randbytes(size)
        still_right(noise, f"page {page} of noise")
    for _ in range(12):
        noise = bytearray(data)
        for _ in range(8):
            noise[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)
        still_right(noise, "bits turned")
    for length in (0, size, len(data) // 2, len(data) - 1):
        still_right(data[:length], f"cut at {length}")
    forged = p.file()
    shutil.copy(good, forged)
    with sqlite3.connect(forged) as db:
        rows = db.execute("SELECT key, value FROM results").fetchall()
        for (key, _), (_, value) in zip(rows, rows[1:] + rows[:1]):
            db.execute("UPDATE results SET value = ? WHERE key = ?", (value, key))
    db.close()
    expect(p.run(forged, "mapped", "--n", "12"), 0, wanted, ["started"] * 12, "values of other rows are no hits")


def unusable(p):
    def refused(path, text, what, **more):
        result = p.run(path, "doubled", "--x", "4", **more)
        check(result[0] == 4 and not result[1] and text in result[3], what, result)

    text = p.file()
    open(text, "w").write("this is no database, and long enough to be sure of that. " * 40)
    refused(text, "not a database", "a text")
    whole = p.file()
    p.run(whole, "doubled", "--x", "4")
    scrap = p.file()
    for length in range(1, 512):
        data = open(whole, "rb").read(length)
        open(scrap, "wb").write(data)
        result = p.run(scrap, "doubled", "--x", "4")
        if result[0] != 4 or result[1] or "the cache: file is not a database" not in result[3] or open(scrap, "rb").read() != data:
            break
    check(length == 511, "a file of 1 to 511 bytes", length, result)
    refused(f"{p.folder}/nowhere/c.db", "unable to open", "a folder that is not there")
    refused(p.folder, "unable to open", "a folder")
    for sql, what in (("CREATE TABLE results(a)", "another table of that name"), ("CREATE VIEW results AS SELECT 1", "a view of that name"),
                      ("CREATE TABLE t(a)", "another program's tables")):
        path = p.file()
        db = sqlite3.connect(path)
        db.execute(sql)
        db.close()
        refused(path, "the cache: the file", what)
    path = p.file()
    p.run(path, "doubled", "--x", "4")
    db = sqlite3.connect(path)
    db.execute("CREATE TRIGGER t AFTER INSERT ON results BEGIN UPDATE results SET value = x'00'; END")
    db.close()
    refused(path, "not a cache's", "a trigger")
    result = subprocess.run([f"{p.folder}/cached", "--cache"], capture_output=True, text=True)
    check(result.returncode == 2 and "a value is missing" in result.stderr, "--cache without a file", result)


def full(p):
    def limit(bytes_):
        def before():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, bytes_))
        return before

    wanted = str([2 * i for i in range(30)])
    for bytes_ in (0, 4096, 12288, 20000, 33000, 40000):
        c = p.file()
        code, result, log, err = p.run(c, "mapped", "--n", "30", preexec_fn=limit(bytes_))
        check((code == 0 and result == wanted) or (code == 4 and "the cache: " in err), f"a disk of {bytes_} bytes", (code, err[-400:]))
        if code == 0 and "[cache] not used any more" not in err:
            check(p.run(c, "mapped", "--n", "30")[2] == ["cached"] * 30, f"a disk of {bytes_} bytes: all was stored")
        check(p.run(c, "mapped", "--n", "30")[:2] == (0, wanted), f"a disk of {bytes_} bytes: afterwards")


def read_only(p):
    place = f"{p.folder}/readonly"
    os.mkdir(place)
    c = f"{place}/c.db"
    p.run(c, "doubled", "--x", "4")
    for path in (c, place):
        os.chmod(path, 0o555 if path == place else 0o444)
    for path in (p.folder, os.path.dirname(p.folder)):
        os.chmod(path, 0o755)

    def other_user():
        if os.getuid() == 0:
            os.setgid(12345)
            os.setuid(12345)

    result = p.run(c, "doubled", "--x", "4", preexec_fn=other_user)
    check(result[0] == 4 and "the cache: " in result[3] and not result[1], "a file that may only be read", result)
    os.chmod(place, 0o755)


def locked(p):
    c = p.file()
    p.run(c, "doubled", "--x", "4")
    db = sqlite3.connect(c, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    begin = time.monotonic()
    code, result, log, err = p.run(c, "doubled", "--x", "5")
    check((code, result) == (0, "10") and "[cache] not used any more: database is locked" in err, "a file that another process keeps locked", err)
    check(time.monotonic() - begin < 30, "it is not waited for without end")
    db.execute("ROLLBACK")


def command(p):
    c = p.file()

    def cache(*words):
        result = subprocess.run([SBXC, "cache", *words], capture_output=True, text=True)
        return result.returncode, result.stdout, result.stderr

    p.run(c, "doubled", "--x", "4")
    p.run(c, "doubled", "--x", "4")
    p.run(c, "doubled", "--x", "5")
    p.run(c, "labels", "--x", "5", "--label", "a")
    code, out, err = cache(c)
    lines = out.splitlines()
    check(code == 0 and lines[0].split() == ["TASK", "VERSION", "STORED", "USED", "HITS", "BYTES"] and len(lines) == 5, "cache: the table", out)
    check(re.match(r"c\.double +[0-9a-f]{12}  \d{4}-\d\d-\d\d \d\d:\d\d  \d{4}.* 1 +9$", lines[1]) and lines[4].startswith("3 results, "), "cache: its lines", out)
    rows = json.loads(cache(c, "--format=json")[1])
    check([(row["task"], row["hits"]) for row in rows] == [("c.double", 1), ("c.double", 0), ("c.labelled", 0)] and rows[2]["version"] == "v1"
          and rows[0]["bytes"] == 9 and rows[1]["used"] is None and rows[0]["stored"].endswith("Z"), "cache: JSON", rows)
    check(len(json.loads(cache(c, "--format", "json", "--task", "c.labelled")[1])) == 1, "cache: of one task")
    check(cache(c, "--prune", "--older-than", "1h")[1] == "0 results removed\n", "cache: nothing is that old")
    db = sqlite3.connect(c)
    db.execute("UPDATE results SET stored = stored - 7200000000 WHERE task = 'c.double'")
    db.commit()
    db.close()
    check(cache(c, "--prune", "--older-than=1h")[1] == "1 result removed\n", "cache: what was used since stays")
    check(cache(c, "--prune", "--task", "c.labelled", "--format=json")[1] == '{"removed": 1}\n', "cache: prune a task")
    check(cache(c, "--prune", "--all")[1] == "1 result removed\n" and json.loads(cache(c, "--format=json")[1]) == [], "cache: prune all")
    for words, text in (((), "no file"), ((c, "--prune"), "say what"), ((c, "--all"), "belong to --prune"), ((c, "--older-than", "x"), "expected a time"),
                        ((c, "--format=xml"), "the formats are"), ((c, "--what"), "unknown option"), ((c, c), "one file at a time"), ((c, "--prune", "--all", "--task", "t"), "leaves nothing")):
        code, out, err = cache(*words)
        check(code == 2 and text in err and not out, f"cache {words}", err)
    code, out, err = cache(f"{p.folder}/none.db")
    check(code == 4 and "unable to open" in err and not os.path.exists(f"{p.folder}/none.db"), "cache: no file is made", err)


with tempfile.TemporaryDirectory() as top:
    for name, part in (("versions", versions), ("forms", forms)):
        os.mkdir(f"{top}/{name}")
        part(f"{top}/{name}")
    loading.forms(SBXC, f"{top}/loading")
    loading.random_modules(SBXC, f"{top}/loading", 60, 1, edits=5)
    os.mkdir(f"{top}/runs")
    program = Program(f"{top}/runs")
    for part in (hits, one_after_another, edits, files, with_journal, together, killed, damaged, unusable, full, read_only, locked, command):
        part(program)
sys.exit(finish())
