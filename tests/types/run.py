#!/usr/bin/env python3
"""Is what inference says true? Every typed expression is checked while CPython runs the program.

    tests/types/run.py CHECK_FILE [--random N] [--seed N] [FILE...]

The checker prints the type of each expression; the program is rewritten so that each of these expressions looks at its
value when it has one, and then run. A value that is not of the inferred type, elements included, is a failure. The
programs are those of tests/types, tests/lang and N files of the random programs. `bool` is not `int` here, and `int`
is not `float`: native code relies on it.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import ast
import glob
import os
import signal
import subprocess
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests", "lang"), os.path.join(TOP, "tests", "generated")]
import generate_programs  # noqa: E402
import run_lang  # noqa: E402

SIMPLE = {"None": type(None), "bool": bool, "int": int, "float": float, "str": str, "bytes": bytes, "range": range, "type": type}
DEEPEST = 6


def parse_type(text):
    """A function (value, depth) -> bool."""
    return make(ast.parse(text, mode="eval").body)


def make(node):
    if isinstance(node, ast.BinOp):
        left, right = make(node.left), make(node.right)
        return lambda v, d: left(v, d) or right(v, d)
    if isinstance(node, ast.Constant):
        return lambda v, d: v is None
    name = node.id if isinstance(node, ast.Name) else node.value.id
    if isinstance(node, ast.Name):
        return plain(name)
    items = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name == "tuple" and len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is ...:
        item = make(items[0])
        return lambda v, d: type(v) is tuple and (d > DEEPEST or all(item(x, d + 1) for x in v))
    parts = [make(item) for item in items]
    if name == "tuple":
        return lambda v, d: type(v) is tuple and len(v) == len(parts) and all(p(x, d + 1) for p, x in zip(parts, v))
    if name == "dict":
        return lambda v, d: type(v) is dict and (d > DEEPEST or all(parts[0](k, d + 1) and parts[1](x, d + 1) for k, x in v.items()))
    if name in ("list", "set", "frozenset"):
        kind = {"list": list, "set": set, "frozenset": frozenset}[name]
        return lambda v, d: type(v) is kind and (d > DEEPEST or all(parts[0](x, d + 1) for x in v))
    return plain(name)


def plain(name):
    if name == "Any":
        return lambda v, d: True
    if name == "Never":
        return lambda v, d: False
    if name == "function":
        return lambda v, d: callable(v)
    if name == "exception":
        return lambda v, d: isinstance(v, BaseException)
    if name == "generator":
        return lambda v, d: isinstance(v, types.GeneratorType)
    if name == "iterator":  # also what is iterable only: the views of a dict
        return lambda v, d: hasattr(v, "__iter__") and not isinstance(v, (list, tuple, str, bytes, dict, set, frozenset))
    kind = SIMPLE[name]
    return lambda v, d: type(v) is kind


class Wrap(ast.NodeTransformer):
    def __init__(self, lines, table):
        self.starts = [0]
        for line in lines:
            self.starts.append(self.starts[-1] + len(line.encode()) + 1)
        self.table = table
        self.count = 0

    def place(self, node):
        return (self.starts[node.lineno - 1] + node.col_offset, self.starts[node.end_lineno - 1] + node.end_col_offset)

    def generic_visit(self, node):
        key = (*self.place(node), type(node).__name__) if isinstance(node, ast.expr) else None
        node = super().generic_visit(node)
        if key not in self.table or isinstance(node, (ast.Constant, ast.Starred, ast.FormattedValue)):
            return node
        if isinstance(getattr(node, "ctx", ast.Load()), (ast.Store, ast.Del)):
            return node
        self.count += 1
        call = ast.Call(ast.Name("__look", ast.Load()), [node, ast.Constant(key)], [])
        return ast.copy_location(call, node)

    def visit_FunctionDef(self, node):
        if node.decorator_list and "task" in ast.unparse(node.decorator_list[0]):
            return node
        return self.generic_visit(node)

    def visit_arg(self, node):
        return node

    def visit_JoinedStr(self, node):
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                value.value = self.visit(value.value)
        return node


def read_types(program, path):
    table = {}
    result = subprocess.run([program, "--types", path], stdout=subprocess.PIPE, text=True, check=True)
    errors = [line for line in result.stdout.splitlines() if ": error: " in line]
    for line in result.stdout.splitlines():
        if line.startswith("type "):
            _, start, end, kind, text = line.split(" ", 4)
            table[(int(start), int(end), kind)] = text
    return table, errors


def run_file(program, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    table, errors = read_types(program, path)
    if errors:
        return 0, [f"{path}: {error}" for error in errors]
    wrap = Wrap(text.split("\n"), table)
    tree = ast.fix_missing_locations(wrap.visit(ast.parse(text)))
    checks = {}
    failures, seen = [], set()
    where = {}

    def look(value, key):
        check = checks.get(key)
        if check is None:
            check = checks[key] = parse_type(table[key])
        where[key] = True
        if not check(value, 0) and key not in seen:
            seen.add(key)
            source = text.encode()[key[0]:key[1]].decode()
            line = text.encode()[:key[0]].count(b"\n") + 1
            failures.append(f"{os.path.relpath(path, TOP)}:{line}: {source[:60]!r} is said to be {table[key]}, and is {value!r:.200}")
        return value

    run_lang.stand_in()
    module = {"__look": look, "__name__": "case"}
    module["flyte_map"] = run_lang.flyte_map(module)
    exec(compile(tree, path, "exec"), module)
    cases = [n.name for n in ast.parse(text).body
             if isinstance(n, ast.FunctionDef) and n.decorator_list and "orchestrator" in ast.unparse(n.decorator_list[0])
             and not (n.args.args or n.args.kwonlyargs)]
    for name in cases:
        signal.setitimer(signal.ITIMER_REAL, 2)
        try:
            module[name]()
        except Exception:
            pass  # what it raises is for other tests, and so is how long it may run
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return len(where), failures


def stop(*_):
    raise TimeoutError


def main():
    signal.signal(signal.SIGALRM, stop)
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--random", type=int, default=6, help="files of random programs")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    program = os.path.abspath(options.program)
    passed, failures = 0, []
    files = options.files or sorted(p for p in glob.glob(os.path.join(TOP, "tests", "types", "*.py")) + glob.glob(os.path.join(TOP, "tests", "lang", "*.py"))
                                    if os.path.basename(p) not in ("run.py", "run_lang.py", "code_string.py"))
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(options.seed, options.seed + (0 if options.files else options.random)):
            path = os.path.join(folder, f"random{seed}.py")
            text = generate_programs.HEAD + "".join(generate_programs.entry_text(seed * 1000 + i, f"entry_{i}") for i in range(25))
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            files.append(path)
        for path in files:
            good, bad = run_file(program, path)
            passed += good - len(bad)
            failures += bad
    for failure in failures[:40]:
        print("FAIL " + failure)
    print(f"{passed} passed, {len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
