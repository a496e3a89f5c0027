#!/usr/bin/env python3
"""Random programs of the language, natively and under CPython: the same results, errors and tracebacks.

    tests/generated/generate_programs.py [--seed N] [--files N] [--entries N] [--forever] [--keep DIR]

Each file holds a number of orchestrators that call tasks everywhere. A difference prints the orchestrator. Programs are
typed loosely on purpose: one in some dozens raises, and then the exception is what must be the same.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import linecache
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "lang"))
import run_lang  # noqa: E402

HEAD = '''import flyte
env = flyte.TaskEnvironment(name="random")


@env.task
def ti(x: int) -> int:
    return x


@env.task
def tf(x: float) -> float:
    return x


@env.task
def ts(x: str) -> str:
    return x


@env.task
def tb(x):
    return bool(x)


@env.task
def tl(x: list) -> list:
    return x


@env.task
def ta(x, y=3):
    return x if y == 3 else y

'''


class Scope:
    def __init__(self, parent=None):
        self.parent = parent
        self.names = {kind: [] for kind in ("int", "float", "str", "bool", "list", "dict")}
        self.functions = []

    def all(self, kind):
        return self.names[kind] + (self.parent.all(kind) if self.parent else [])

    def all_functions(self):
        return self.functions + (self.parent.all_functions() if self.parent else [])


class Generator:
    def __init__(self, random_):
        self.r = random_
        self.count = 0
        self.scope = Scope()
        self.lines = []
        self.in_loop = 0
        self.task_share = random_.choice([0.0, 0.05, 0.2])

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def pick(self, *choices):
        return self.r.choice(choices)

    # ---- expressions ----

    def expr(self, kind, depth):
        if depth > 0 and self.r.random() < self.task_share:
            inner = self.expr(kind, depth - 1)
            tasks = {"int": "ti", "float": "tf", "str": "ts", "bool": "tb", "list": "tl"}
            return self.pick(f"{tasks.get(kind, 'ta')}({inner})", f"ta({inner})", f"ta(y=3, x={inner})")
        if depth <= 0 or self.r.random() < 0.2:
            return self.leaf(kind)
        if self.r.random() < 0.06:
            return f"({self.expr(kind, depth - 1)} if {self.expr('bool', depth - 1)} else {self.expr(kind, depth - 1)})"
        if self.r.random() < 0.06:
            return f"({self.expr(kind, depth - 1)} {self.pick('and', 'or')} {self.expr(kind, depth - 1)})"
        if self.r.random() < 0.07:
            matching = [f for f in self.scope.all_functions() if f[2] == kind]
            if matching:
                name, parameters, _ = self.r.choice(matching)
                args = [self.expr(p, depth - 2) for p in parameters]
                if args and self.r.random() < 0.2:
                    return f"{name}(*[{', '.join(args)}])"
                return f"{name}({', '.join(args)})"
        return getattr(self, kind)(depth)

    def leaf(self, kind):
        names = self.scope.all(kind)
        if names and self.r.random() < 0.75:
            return self.r.choice(names)
        return {"int": lambda: self.pick("0", "1", "2", "3", "7", "-1", "10", "9223372036854775807", "4611686018427387904"),
                "float": lambda: self.pick("0.5", "1.0", "-2.5", "0.0", "1e10", "3.7"),
                "str": lambda: self.pick("''", "'a'", "'bc'", "'é'", "'x y'"),
                "bool": lambda: self.pick("True", "False"),
                "list": lambda: self.pick("[]", "[1]", "[3, 1, 2]"),
                "dict": lambda: self.pick("{}", "{'a': 1}", "{'b': 2, 'a': 3}")}[kind]()

    def int(self, d):
        e = lambda k="int": self.expr(k, d - 1)
        return self.pick(
            lambda: f"({e()} {self.pick('+', '-', '*', '+', '-', '//', '%', '&', '|', '^')} {e()})", lambda: f"(-{e()})",
            lambda: f"len({e('list')})", lambda: f"len({e('str')})", lambda: f"sum({self.ints(d)})", lambda: f"{e('list')}[{e()}]",
            lambda: f"abs({e()})", lambda: f"{self.pick('min', 'max')}({e()}, {e()})", lambda: f"{e('dict')}.get('a', {e()})",
            lambda: f"{self.pick('min', 'max')}({self.ints(d)}, default={e()})", lambda: f"({e()} + {e()} * {e()})",
            lambda: f"{self.pick('min', 'max')}({self.ints(d)}, key=lambda k: {self.key('k', d)}, default={e()})",
            lambda: f"int({e('bool')})", lambda: f"sum({self.ints(d)}, {e()})", lambda: f"(lambda q: q + {e()})({e()})")()

    def float(self, d):
        e = lambda k="float": self.expr(k, d - 1)
        return self.pick(lambda: f"({e()} {self.pick('+', '-', '*', '/', '//', '%')} {e()})", lambda: f"({e()} {self.pick('+', '-', '*')} {e('int')})",
                         lambda: f"({e('int')} / {e('int')})", lambda: f"(-{e()})", lambda: f"float({e('int')})", lambda: f"({e()} * 2 + 1)",
                         lambda: f"abs({e()})")()

    def str(self, d):
        e = lambda k="str": self.expr(k, d - 1)
        return self.pick(lambda: f"({e()} + {e()})", lambda: f"str({e('int')})", lambda: "f'<{" + e("int").replace("'", '"') + "}>'" if "'" not in e("int") else "'q'",
                         lambda: f"{e()}.upper()", lambda: f"({e()} * {self.pick('2', '0')})", lambda: f"''.join(str(j) for j in {self.ints(d)})",
                         lambda: f"('%s-%s' % ({e('int')}, {e('float')}))", lambda: f"{e()}[{e('int')}:]", lambda: f"repr({e('list')})")()

    def bool(self, d):
        e = lambda k: self.expr(k, d - 1)
        op = lambda: self.pick("<", "<=", "==", "!=", ">", ">=")
        return self.pick(lambda: f"({e('int')} {op()} {e('int')})", lambda: f"({e('float')} {op()} {e('int')})", lambda: f"({e('float')} {op()} {e('float')})",
                         lambda: f"(not {e(self.pick('bool', 'list', 'int', 'str'))})", lambda: f"({e('int')} {op()} {e('int')} {op()} {e('int')})",
                         lambda: f"({e('int')} {self.pick('in', 'not in')} {self.ints(d)})", lambda: f"({e('str')} in {e('str')})",
                         lambda: f"{self.pick('any', 'all')}({e('bool')} for j in {self.ints(d)})", lambda: f"({e('bool')} {self.pick('and', 'or')} {e('int')} == {e('int')})",
                         lambda: f"isinstance({e('int')}, int)", lambda: f"bool({e('list')})", lambda: f"({e('str')} {op()} {e('str')})",
                         lambda: f"(log is {self.pick('None', 'log')})", lambda: f"{self.pick('any', 'all')}({e('list')})")()

    def key(self, name, d):
        return self.pick(f"-{name}", f"{name} % 3", f"ti({name})" if self.task_share else f"{name} * {name}", f"({name} + {self.leaf('int')})")

    def list(self, d):
        e = lambda k: self.expr(k, d - 1)
        return self.pick(lambda: f"[{', '.join(e('int') for _ in range(self.r.randrange(4)))}]", lambda: f"({e('list')} + {e('list')})", lambda: self.comprehension(d),
                         lambda: f"sorted({self.ints(d)})", lambda: f"sorted({self.ints(d)}, key=lambda k: {self.key('k', d)}{self.pick('', ', reverse=True')})",
                         lambda: f"list({self.ints(d)})", lambda: f"list(map(lambda m: {self.key('m', d)}, {self.ints(d)}))", lambda: f"{e('list')}[{e('int')}:{e('int')}]",
                         lambda: f"list(filter(lambda m: {self.key('m', d)} > 1, {self.ints(d)}))", lambda: f"[*{self.ints(d)}, {e('int')}]",
                         lambda: f"[a + b for a, b in zip({self.ints(d)}, {self.ints(d)})]", lambda: f"[i * v for i, v in enumerate({self.ints(d)})]",
                         lambda: f"{e('list')}[::-1]", lambda: f"list({e('dict')}.values())")()

    def dict(self, d):
        e = lambda k: self.expr(k, d - 1)
        return self.pick(lambda: "{" + f"{e('str')}: {e('int')}, 'a': {e('int')}" + "}", lambda: "{str(w): w for w in " + self.ints(d) + "}",
                         lambda: "{**" + e("dict") + f", 'z': {e('int')}" + "}")()

    def ints(self, d):
        """Something that gives ints, few of them."""
        e = lambda k: self.expr(k, d - 2)
        return self.pick(lambda: e("list"), lambda: e("list"), lambda: f"range({self.pick('3', '5', '-1', '1, 4', '5, 0, -2')})", lambda: f"[{e('int')}, {e('int')}]",
                         lambda: f"range({e('int')} % 5)", lambda: f"({self.pick('g', 'h')}0 for {self.pick('g', 'h')}0 in {e('list')})".replace("h0 for g0", "g0 for g0").replace("g0 for h0", "h0 for h0"),
                         lambda: f"map(lambda p: p + {e('int')}, {e('list')})" if d > 1 else "[2]", lambda: f"tuple({e('list')})")()

    def comprehension(self, d):
        saved = self.scope
        source = self.ints(d)
        self.scope = Scope(saved)
        name = self.fresh("c")
        self.scope.names["int"].append(name)
        text = f" for {name} in {source}"
        if self.r.random() < 0.4:
            text += f" if {self.expr('bool', d - 2)}"
        if self.r.random() < 0.3:
            other = self.fresh("c")
            text += f" for {other} in {self.ints(d)}"
            self.scope.names["int"].append(other)
        text = f"[{self.expr('int', d - 1)}{text}]"
        self.scope = saved
        return text

    # ---- statements ----

    def line(self, indent, text):
        self.lines.append("    " * indent + text)

    def body(self, indent, budget):
        for _ in range(self.r.randrange(1, 4)):
            self.statement(indent, budget)

    def branch(self, indent, budget):
        """A body whose new names are not sure afterwards."""
        saved = self.scope
        self.scope = Scope(saved)
        inner = self.scope
        self.body(indent, budget)
        self.scope = saved
        if self.r.random() < 0.05: # maybe unbound then
            for kind in saved.names:
                saved.names[kind] += inner.names[kind]

    def assign(self, indent):
        kind = self.pick("int", "int", "float", "str", "bool", "list", "dict")
        names = self.scope.names[kind]
        value = self.expr(kind, 3)
        if names and self.r.random() < 0.5:
            name = self.r.choice(names)
        else:
            name = self.fresh(kind[0])
            names.append(name)
        self.line(indent, f"{name} = {value}")

    def statement(self, indent, budget):
        choice = self.r.random()
        if budget <= 0 or choice < 0.4:
            self.assign(indent)
        elif choice < 0.5:
            self.line(indent, f"log.append({self.expr(self.pick('int', 'str', 'float', 'list', 'bool'), 2)})")
        elif choice < 0.62:
            self.line(indent, f"if {self.expr('bool', 3)}:")
            self.branch(indent + 1, budget - 1)
            if self.r.random() < 0.3:
                self.line(indent, f"elif {self.expr('bool', 2)}:")
                self.branch(indent + 1, budget - 1)
            if self.r.random() < 0.5:
                self.line(indent, "else:")
                self.branch(indent + 1, budget - 1)
        elif choice < 0.76:
            self.loop(indent, budget)
        elif choice < 0.82:
            a, b = self.fresh("i"), self.fresh("i")
            self.line(indent, f"{a}, {b} = {self.pick(self.expr('int', 2) + ', ' + self.expr('int', 2), '[' + self.expr('int', 2) + ', 5]', self.expr('list', 2))}")
            self.scope.names["int"] += [a, b]
        elif choice < 0.86 and len(self.scope.names["int"]) > 1:
            a, b = self.r.sample(self.scope.names["int"], 2)
            self.line(indent, f"{a}, {b} = {b}, {a} + 1")
        elif choice < 0.94 and indent < 4:
            self.function(indent, budget)
        elif self.in_loop:
            self.line(indent, f"if {self.expr('bool', 2)}:")
            self.line(indent + 1, self.pick("break", "continue"))
        else:
            self.assign(indent)

    def loop(self, indent, budget):
        name = self.fresh("i")
        saved = self.scope
        shape = self.r.random()
        if shape < 0.2:
            self.line(indent, f"{name} = 0")
            saved.names["int"].append(name)
            self.line(indent, f"while {name} < {self.pick('3', '4')} and {self.expr('bool', 2)}:")
            self.line(indent + 1, f"{name} = {name} + 1")
        elif shape < 0.4:
            other = self.fresh("i")
            self.line(indent, f"for {name}, {other} in {self.pick('enumerate', 'zip')}({self.ints(3)}):".replace("zip(", f"zip({self.ints(2)}, "))
        else:
            self.line(indent, f"for {name} in {self.ints(3)}:")
        self.scope = Scope(saved)
        self.scope.names["int"].append(name)
        self.in_loop += 1
        self.body(indent + 1, budget - 1)
        self.in_loop -= 1
        self.scope = saved
        if self.r.random() < 0.2:
            self.line(indent, "else:")
            self.branch(indent + 1, 0)

    def function(self, indent, budget):
        name, kind = self.fresh("f"), self.pick("int", "float", "str", "list", "bool")
        parameters = [self.pick("int", "float", "list") for _ in range(self.r.randrange(3))]
        default = f"={self.expr(parameters[-1], 1)}" if parameters and self.r.random() < 0.3 else ""
        saved, in_loop = self.scope, self.in_loop
        self.scope, self.in_loop = Scope(saved), 0
        names = []
        for parameter in parameters:
            names.append(self.fresh("p"))
            self.scope.names[parameter].append(names[-1])
        self.line(indent, f"def {name}({', '.join(names)}{default}):")
        self.body(indent + 1, budget - 1)
        self.line(indent + 1, f"return {self.expr(kind, 3)}")
        self.scope, self.in_loop = saved, in_loop
        if default and self.r.random() < 0.5:
            parameters.pop()
        saved.functions.append((name, parameters, kind))

    def entry(self, name):
        self.lines, self.scope = [], Scope()
        self.line(0, "@env.sandbox.orchestrator(timeout_ms=20000)")
        self.line(0, f"def {name}():")
        self.line(1, "log = []")
        for _ in range(self.r.randrange(3, 9)):
            self.statement(1, 3)
        names = [n for kind in self.scope.names for n in self.scope.names[kind]]
        self.line(1, f"return [log, {', '.join(names)}]")
        return "\n".join(self.lines) + "\n"


def entry_text(seed, name):
    """A program that Python's own compiler accepts."""
    for attempt in range(100):
        text = Generator(random.Random(f"{seed}/{attempt}")).entry(name)
        try:
            compile(HEAD + text, "random", "exec")
            return text
        except SyntaxError:
            continue
    raise RuntimeError("no program")


class TooLong(BaseException):
    pass


def stop(*_):
    raise TooLong


def python_results(path, text, names):
    """By name; programs that take more than a second are left out."""
    run_lang.stand_in()
    namespace, results = {"__name__": "random"}, {}
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    exec(compile(text, path, "exec"), namespace)
    signal.signal(signal.SIGALRM, stop)
    for name in names:
        signal.alarm(1)
        try:
            results[name] = run_lang.python_case(namespace[name], path)
        except TooLong:
            pass
        signal.alarm(0)
    return results


def function_text(text, name):
    start = text.index(f"def {name}():")
    end = text.find("@env", start)
    return text[start:end if end > 0 else len(text)]


def name_of(path):
    """As tracebacks show it: an absolute path never gets into a program."""
    return os.path.basename(path)


def write_file(path, seed, names):
    text = HEAD + "\n\n".join(entry_text(f"{seed}/{name}", name) for name in names)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return text


def refused(path, text, errors):
    """The entries that the checker refuses: it may see a certain mistake where another error comes first at run time."""
    lines, found = text.split("\n"), set()
    for number, code in re.findall(re.escape(path) + r":(\d+):\d+: error: .*\[(E0[45]\d\d)\]", errors):
        above = [line for line in lines[:int(number)] if line.startswith("def main")]
        found.add(above[-1][4:above[-1].index("(")])
    return found


def plain(trace):
    """CPython's carets are a name too far left where it loads two variables at once."""
    return trace and (re.sub(r"^ *\^+\n", "", trace, flags=re.M) if "UnboundLocalError" in trace else trace)


def run_file(sbxc, seed, entries, folder):
    """(passed, failures)"""
    names = [f"main{i}" for i in range(entries)]
    path = os.path.join(folder, f"random_{seed}.py")
    environment = dict(os.environ, CFLAGS=os.environ.get("CFLAGS", "-O0"))
    program = path[:-3]
    for attempt in range(2):
        text = write_file(path, seed, names)
        result = subprocess.run([sbxc, name_of(path), "-o", program], cwd=folder, env=environment, capture_output=True,
                                text=True)
        out = refused(name_of(path), text, result.stderr) if result.returncode == 2 else set()
        if not out or len(out) > entries // 4 + 1:
            break
        names = [name for name in names if name not in out]
    if result.returncode:
        return 0, [f"seed {seed}: does not compile ({path}):\n{result.stderr[:3000]}"]
    python = python_results(name_of(path), text, names)
    passed, failures = 0, []
    for name in python:
        got, trace = run_lang.native_case(program, name)
        if got == python[name][0] and plain(trace) == plain(python[name][1]):
            passed += 1
        else:
            failures.append(f"seed {seed}, {name}:\n{function_text(text, name)}\nCPython: {python[name][0]}\n{python[name][1] or ''}\n"
                            f"native: {got}\n{trace or ''}")
    return passed, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--sbxc", default=os.path.join(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")), "sbxc"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=4)
    parser.add_argument("--entries", type=int, default=25)
    parser.add_argument("--forever", action="store_true")
    parser.add_argument("--keep")
    options = parser.parse_args()
    passed = failed = 0
    folder = os.path.abspath(options.keep or tempfile.mkdtemp())
    options.sbxc = os.path.abspath(options.sbxc)
    seed = options.seed
    try:
        while options.forever or seed < options.seed + options.files:
            more, failures = run_file(options.sbxc, seed, options.entries, folder)
            passed += more
            failed += len(failures)
            for failure in failures:
                print(failure)
            sys.stdout.flush()
            seed += 1
    except KeyboardInterrupt:
        traceback.print_exc(limit=0)
    finally:
        if not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
