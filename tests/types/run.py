#!/usr/bin/env python3
"""Is what inference says true? Every typed expression is checked while CPython runs the program.

    tests/types/run.py CHECK_FILE [--random N] [--seed N] [FILE...]

The checker prints the type of each expression; the program is rewritten so that each of these expressions looks at its
value when it has one, and then run. A value that is not of the inferred type, elements included, is a failure. The
programs are those of tests/types, tests/lang, tests/bench/programs and N files of the random programs. `bool` is not
`int` here, and `int` is not `float`: native code relies on it.

What the checker refuses as certain to fail is tried too: an expression that it calls impossible and that has a value
all the same is a failure, and so is a statement that comes to its end after it.

A comment `# type: X` states the type of the line's expression, `# dead` that nothing on the line has one.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import ast
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile
import types

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(TOP, "tests", "lang"), os.path.join(TOP, "tests", "generated")]
import random_programs  # noqa: E402
import random_tasks  # noqa: E402
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
        key = (*self.place(node), type(node).__name__) if isinstance(node, ast.expr) and hasattr(node, "lineno") else None
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


CERTAIN = re.compile(r"E0(40[3-7]|417|42[145]|50[1-9]|51\d)$")  # of these one is told at each place that must fail
WHOLE = ("E0417", "E0421", "E0424", "E0425", "E0504", "E0505", "E0508", "E0510")  # the place is what fails, not an operand


class Reach(ast.NodeTransformer):
    """Of a statement with a refused place: __reach(place) when control comes there, __done(places) when it comes past."""

    def __init__(self, wrap, refused):
        self.wrap, self.refused, self.found = wrap, refused, []

    def visit(self, node):
        if isinstance(node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
            return node
        place = self.wrap.place(node) if isinstance(node, ast.expr) and not isinstance(node, ast.Starred) else None
        node = self.generic_visit(node)
        if place in self.refused and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            self.found.append(place)
            return ast.copy_location(ast.Call(ast.Name("__reach", ast.Load()), [node, ast.Constant(place)], []), node)
        return node


def watch(tree, wrap, refused):
    """Puts __reach and __done into simple statements."""
    for node in ast.walk(tree):
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if not isinstance(body, list):
                continue
            new = []
            for statement in body:
                if isinstance(statement, (ast.Expr, ast.Assign, ast.Return)) and statement.value:
                    reach = Reach(wrap, refused)
                    statement.value = reach.visit(statement.value)
                    new.append(statement)
                    if reach.found and not isinstance(statement, ast.Return):
                        done = ast.Call(ast.Name("__done", ast.Load()), [ast.Constant(tuple(reach.found))], [])
                        new.append(ast.copy_location(ast.Expr(done), statement))
                else:
                    new.append(statement)
            setattr(node, name, new)


def read_types(program, path):
    table = {}
    result = subprocess.run([program, "--types", path], stdout=subprocess.PIPE, text=True, check=True)
    errors = [line for line in result.stdout.splitlines() if ": error: " in line]
    for line in result.stdout.splitlines():
        if line.startswith("type "):
            _, start, end, kind, text = line.split(" ", 4)
            table[(int(start), int(end), kind)] = text
    refused = {(int(a), int(b)): code for a, b, code in re.findall(r"^refused (\d+) (\d+) (\w+)$", result.stdout, re.M)
               if CERTAIN.match(code)}
    return table, [e for e in errors if not CERTAIN.match(e[e.rindex("[") + 1:-1])], refused


def stated(path, text, table):
    """What the comments of a file say of types."""
    passed, failures, lines = 0, [], text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line.encode()) + 1)
    for number, line in enumerate(lines):
        match = re.search(r"  # (?:type: (.*)|(dead))$", line)
        if not match:
            continue
        here = {key: found for key, found in table.items() if starts[number] <= key[0] and key[1] < starts[number + 1]}
        if match.group(2):
            wrong = f"has types: {here}" if here else None
        else:
            whole = max(here, key=lambda key: (key[1], key[1] - key[0]), default=None)
            wrong = None if whole and here[whole] == match.group(1) else f"should be {match.group(1)}, is {here.get(whole)}"
        passed += not wrong
        if wrong:
            failures.append(f"{os.path.relpath(path, TOP)}:{number + 1}: {line.split('#')[0].strip()!r} {wrong}")
    return passed, failures


def run_file(program, path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    table, errors, refused = read_types(program, path)
    if errors:
        return 0, [f"{path}: {error}" for error in errors]
    passed, failures = stated(path, text, table)
    wrap = Wrap(text.split("\n"), table)
    tree = ast.parse(text)
    watch(tree, wrap, refused)
    tree = ast.fix_missing_locations(wrap.visit(tree))
    checks = {}
    seen, reached = set(), set()
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

    def false_alarm(place):
        if place not in seen:
            seen.add(place)
            source, line = text.encode()[place[0]:place[1]].decode(), text.encode()[:place[0]].count(b"\n") + 1
            failures.append(f"{os.path.relpath(path, TOP)}:{line}: {source[:60]!r} is refused ({refused[place]}), and does not fail")

    def reach(value, place):
        reached.add(place)
        if refused[place] in WHOLE:
            false_alarm(place)
        return value

    def done(places):
        for place in places:
            if place in reached:
                false_alarm(place)

    run_lang.stand_in()
    module = {"__look": look, "__reach": reach, "__done": done, "__name__": "case", "print": lambda *a, **k: None}
    module["flyte_map"] = run_lang.flyte_map(module)
    exec(compile(tree, path, "exec"), module)
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in ("float", "int") and is_task(node):
            module[node.name] = as_declared(module[node.name], ast.unparse(node.returns))
    cases = [n.name for n in ast.parse(text).body
             if isinstance(n, ast.FunctionDef) and n.decorator_list and "orchestrator" in ast.unparse(n.decorator_list[0])
             and not (n.args.args or n.args.kwonlyargs)]
    for name in cases:
        signal.setitimer(signal.ITIMER_REAL, 2)
        try:
            module[name]()
        except BaseException:  # SystemExit too
            pass  # what it raises is for other tests, and so is how long it may run
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return passed + len(where), failures


def stop(*_):
    raise TimeoutError


def is_task(node):
    return any(ast.unparse(decorator).endswith(".task") for decorator in node.decorator_list)


def as_declared(task, kind):
    """The boundary makes an int that is declared as float that float. A bool that is declared as int stays one; what is said
    of ints is true of it, but for its type."""
    def call(*args, **named):
        value = task(*args, **named)
        return (float if kind == "float" else int)(value) if isinstance(value, int) else value
    return call


def bench_file(folder):
    """The programs of tests/bench as orchestrators, with less to do."""
    text = "import flyte\n\nenv = flyte.TaskEnvironment(name=\"bench\")\n"
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "bench", "programs", "*.py"))):
        with open(path, encoding="utf-8") as file:
            body = re.sub(r"\b\d{4,}\b", lambda m: m.group() if len(m.group()) > 8 else "150", file.read()).rstrip().split("\n")
        body[-1] = "return " + body[-1]
        name = os.path.basename(path)[:-3]
        text += f"\n\n@env.sandbox.orchestrator\ndef {name}():\n" + "".join(f"    {line}\n" if line else "\n" for line in body)
    result = os.path.join(folder, "bench.py")
    with open(result, "w", encoding="utf-8") as file:
        file.write(text)
    return result


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
            writer = random_programs.Writer(seed)
            text = random_tasks.HEAD + "".join(writer.program(f"entry_{i}", with_inputs=False)[0] for i in range(60))
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            files.append(path)
        if not options.files:
            files.append(bench_file(folder))
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
