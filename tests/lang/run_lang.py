#!/usr/bin/env python3
"""Runs the programs of tests/lang natively and under CPython; both must give what the files say.

    tests/lang/run_lang.py [--sbxc PROGRAM] [--bless] [FILE...]

A file is a Flyte file; each of its orchestrators without inputs is one case. The comment at the end of its body says
what comes out: `# expect: JSON`, or `# raises: ValueError: text` (then the tracebacks must be the same too). A file without orchestrators is a code string. --bless writes what CPython gives.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import ast
import glob
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import traceback
import types

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COMMENT = re.compile(r"^\s*# (expect|raises): (.*)$")


class Environment:
    """Stands for flyte.TaskEnvironment: tasks and orchestrators are plain functions."""

    def __init__(self, *args, **kwargs):
        self.sandbox = types.SimpleNamespace(orchestrator=self.task)

    def task(self, function=None, **kwargs):
        return function if function else (lambda f: f)


def flyte_map(tasks):
    def call(name, *iterables, concurrency=0, group_name=None, return_exceptions=True):
        results = []
        for items in zip(*iterables):
            try:
                results.append(tasks[name](*items))
            except Exception as error:
                if not return_exceptions:
                    raise
                results.append(error)
        return results
    return call


def stand_in():
    flyte = types.ModuleType("flyte")
    flyte.TaskEnvironment = Environment
    flyte.sandbox = types.ModuleType("flyte.sandbox")
    sys.modules["flyte"], sys.modules["flyte.sandbox"] = flyte, flyte.sandbox


def as_json(value):
    return json.dumps(value, default=lambda v: sorted(v) if isinstance(v, (set, frozenset)) else str(v))


def python_case(function, path):
    """(what is expected, the traceback or None)"""
    try:
        return "expect: " + as_json(function()), None
    except BaseException as error:
        lines = traceback.TracebackException.from_exception(error)
        parts = [lines]
        for part in parts: # those of groups and causes too
            part.stack[:] = [frame for frame in part.stack if frame.filename == path]
            parts += [other for other in (part.__cause__, *(part.exceptions or [])) if other]
        text = "".join(lines.format())
        return "raises: " + text.rstrip("\n").split("\n")[-1], text


class File:
    def __init__(self, path):
        self.path = os.path.relpath(path, TOP)
        self.shown = os.path.basename(path) # in tracebacks: what is compiled does not tell its folder
        self.text = open(path, encoding="utf-8").read()
        self.lines = self.text.split("\n")
        self.tree = ast.parse(self.text)
        self.cases = [n for n in self.tree.body if isinstance(n, ast.FunctionDef) and self.is_entry(n)]

    @staticmethod
    def is_entry(node):
        names = [ast.unparse(d) for d in node.decorator_list]
        return not node.args.args and any("sandbox.orchestrator" in name for name in names)

    def module(self):
        stand_in()
        namespace = {"__name__": os.path.basename(self.path)[:-3], "print": lambda *a, **k: None}
        linecache.cache[self.shown] = (len(self.text), None, self.text.splitlines(True), self.shown)
        exec(compile(self.text, self.shown, "exec"), namespace)
        namespace["flyte_map"] = flyte_map(namespace)
        return namespace

    def said(self, node):
        """The comment after the last statement of a function: (line index, text) or None."""
        for index in range(node.end_lineno, min(node.end_lineno + 2, len(self.lines))):
            match = COMMENT.match(self.lines[index])
            if match:
                return index, match.group(1) + ": " + match.group(2)
        return None


def bless(file, results):
    for node in reversed(file.cases):
        said, comment = file.said(node), "    # " + results[node.name][0]
        if said:
            file.lines[said[0]] = comment
        else:
            file.lines.insert(node.end_lineno, comment)
    with open(os.path.join(TOP, file.path), "w", encoding="utf-8") as out:
        out.write("\n".join(file.lines))


def build(sbxc, file, folder):
    program = os.path.join(folder, os.path.basename(file.path)[:-3])
    result = subprocess.run([sbxc, file.path, "-o", program], cwd=TOP, capture_output=True, text=True)
    return program if result.returncode == 0 else None, result.stderr


def native_case(program, name):
    result = subprocess.run([program, "--log", os.devnull, name], cwd=TOP, capture_output=True, text=True)
    if result.returncode == 0:
        return "expect: " + result.stdout.rstrip("\n"), None
    if result.returncode == 1:
        return "raises: " + result.stderr.rstrip("\n").split("\n")[-1], result.stderr
    return f"status {result.returncode}: {result.stderr[-500:]}", None


def check_file(sbxc, path, folder, do_bless):
    file = File(path)
    python = {node.name: python_case(file.module()[node.name], file.shown) for node in file.cases}
    if do_bless:
        bless(file, python)
        return 0, []
    program, errors = build(sbxc, file, folder)
    if not program:
        return 0, [f"{file.path}: does not compile:\n{errors}"]
    passed, failures = 0, []
    for node in file.cases:
        said = file.said(node)
        got, trace = native_case(program, node.name)
        where = f"{file.path}: {node.name}"
        if not said:
            failures.append(f"{where}: says nothing")
        elif said[1] != python[node.name][0]:
            failures.append(f"{where}: CPython gives\n    {python[node.name][0]}\n    the file says\n    {said[1]}")
        elif said[1] != got:
            failures.append(f"{where}: says\n    {said[1]}\n  native gives\n    {got}\n{trace or ''}")
        elif trace is not None and trace != python[node.name][1]:
            failures.append(f"{where}: CPython's traceback\n{python[node.name][1]}  native\n{trace}")
        else:
            passed += 1
    return passed, failures


def check_code(sbxc, path):
    """A code string: the value of its last expression is on its last line."""
    text = open(path, encoding="utf-8").read()
    name = os.path.relpath(path, TOP)
    said = re.search(r"# expect: (.*)\s*$", text)
    tree = ast.parse(text)
    last = tree.body.pop()
    namespace = {}
    exec(compile(tree, name, "exec"), namespace)
    value = as_json(eval(compile(ast.Expression(last.value), name, "eval"), namespace))
    result = subprocess.run([sbxc, "exec", "-"], input=text, cwd=TOP, capture_output=True, text=True)
    if not said or said.group(1).strip() != value:
        return 0, [f"{name}: CPython gives {value}"]
    if result.returncode or result.stdout.strip() != value:
        return 0, [f"{name}: says {value}; native gives {result.stdout}{result.stderr}"]
    return 1, []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sbxc", default=os.path.join(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")), "sbxc"))
    parser.add_argument("--bless", action="store_true")
    parser.add_argument("files", nargs="*")
    options = parser.parse_args()
    files = options.files or sorted(glob.glob(os.path.join(TOP, "tests/lang/*.py")))
    files = [os.path.abspath(f) for f in files if os.path.basename(f) != os.path.basename(__file__)]
    passed, failures = 0, []
    os.chdir(TOP)
    with tempfile.TemporaryDirectory() as folder:
        for path in files:
            if "@env.sandbox" in open(path, encoding="utf-8").read():
                more, bad = check_file(options.sbxc, path, folder, options.bless)
            else:
                more, bad = (0, []) if options.bless else check_code(options.sbxc, path)
            passed += more
            failures += bad
    for failure in failures:
        print(failure)
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
