#!/usr/bin/env python3
"""One mistake gives one message: programs that are accepted, with one mistake planted in each.

    tests/reject/planted.py CHECK_FILE [COUNT [SEED]]

Each kind of mistake is planted COUNT times (6 without it), at places drawn with a fixed seed: in the syntax anywhere, the
others in orchestrators. There must be exactly one error, on the line with the mistake (or on the next one, for what is
missing at the end of a line), and where the kind names ids, one of these.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import glob
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import tokenize

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLACE = re.compile(r"^(?:.*\.py:)?(\d+):\d+: error: (.*) \[([EW]\d{4})\]$")


class Program:
    """A file, its tokens, and its orchestrators' nodes."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.text = file.read()
        self.lines = self.text.split("\n")
        self.tokens = list(tokenize.generate_tokens(io.StringIO(self.text).readline))
        self.tree = ast.parse(self.text)
        self.bodies = [node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                       and any("sandbox" in ast.unparse(one) for one in node.decorator_list)]
        self.tasks = {node.name: node for node in self.tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                      and any(ast.unparse(one).startswith(("env.task", "flyte.trace")) for one in node.decorator_list)}

    def nodes(self, kind):
        return [node for body in self.bodies for statement in body.body for node in ast.walk(statement) if isinstance(node, kind)]

    def simple(self):
        """Statements of orchestrators that stand alone on one line."""
        found = []
        for node in self.nodes((ast.Assign, ast.Return, ast.Expr)):
            line = self.lines[node.lineno - 1]
            if node.lineno == node.end_lineno and line[:node.col_offset].strip() == "" and line.isascii() and ";" not in line:
                found.append(node)
        return found

    def plain(self):
        """Tokens of code on lines without a string of several lines."""
        return [token for token in self.tokens if token.start[0] == token.end[0] and token.line.isascii()]

    def edit(self, line, start, end, text):
        """The file with [start, end) of a line (from 1) replaced; may hold line breaks."""
        lines = list(self.lines)
        lines[line - 1] = lines[line - 1][:start] + text + lines[line - 1][end:]
        return "\n".join(lines)

    def insert(self, line, *more):
        return "\n".join(self.lines[:line - 1] + list(more) + self.lines[line - 1:])


KINDS = {}


def kind(*ids, below=0):
    """below: lines after the planted one that may have the error."""
    def add(function):
        KINDS[function.__name__] = (function, ids, below)
        return function
    return add


# ---- syntax: each gives (text, line) ----

@kind("E0102")
def colon_missing(p, rng):
    ends = [a for a, b in zip(p.tokens, p.tokens[1:]) if a.string == ":" and b.type in (tokenize.NEWLINE, tokenize.COMMENT) and a.line.isascii()
            and re.match(r"\s*(if|for|while|def|else)\b", p.lines[a.start[0] - 1])]
    at = rng.choice(ends)
    return p.edit(at.start[0], at.start[1], at.end[1], ""), at.start[0]


@kind("E0022")
def bracket_not_closed(p, rng):
    pairs = [(opener, closer) for opener, closer in one_line_brackets(p) if not closes_a_number(closer)]
    opener, closer = rng.choice(pairs)
    return p.edit(closer.start[0], closer.start[1], closer.end[1], ""), opener.start[0]


def closes_a_number(closer):
    """Whether a number would run into the text behind its bracket: `xs[0].upper` has another mistake without it."""
    before, after = closer.line[:closer.start[1]], closer.line[closer.end[1]:]
    return bool(re.search(r"\d\w*$", before) and re.match(r"[.\w]", after))


def one_line_brackets(p):
    """Outermost brackets that open and close on one line, without strings behind them there."""
    stack, found = [], []
    for token in p.tokens:
        if token.type != tokenize.OP:
            continue
        if token.string in "([{":
            stack.append(token)
        elif token.string in ")]}" and stack:
            opener = stack.pop()
            if not stack and opener.start[0] == token.start[0] and token.line.isascii() and opener.line.count("\n") <= 1:
                found.append((opener, token))
    return found


@kind("E0020", "E0021")
def bracket_too_many(p, rng):
    _, closer = rng.choice(one_line_brackets(p))
    return p.edit(closer.start[0], closer.end[1], closer.end[1], ")"), closer.start[0]


@kind("E0010")
def string_not_closed(p, rng):
    strings = [t for t in p.plain() if t.type == tokenize.STRING and not t.string.endswith(('"""', "'''")) and t.string[0] in "\"'"
               and "'" not in p.lines[t.start[0] - 1][t.end[1]:] and '"' not in p.lines[t.start[0] - 1][t.end[1]:]]
    at = rng.choice(strings)
    return p.edit(at.start[0], at.end[1] - 1, at.end[1], ""), at.start[0]


@kind("E0100", "E0016", "E0018", "E0103", "E0017")
def strange_character(p, rng):
    at = rng.choice([t for t in p.plain() if t.type in (tokenize.NAME, tokenize.NUMBER)])
    return p.edit(at.start[0], at.start[1], at.start[1], rng.choice(("$", "?", "“", "!"))), at.start[0]


@kind("E0012", "E0013", "E0014")
def number_wrong(p, rng):
    at = rng.choice([t for t in p.plain() if t.type == tokenize.NUMBER])
    return p.edit(at.start[0], at.start[1], at.end[1], rng.choice(("12abc", "0o9", "0b12", "012"))), at.start[0]


@kind("E0105", "E0133", "E0111", "E0100")
def equals_once(p, rng):
    at = rng.choice([t for t in p.plain() if t.string == "==" and re.match(r"\s*(if|while)\b", p.lines[t.start[0] - 1])])
    return p.edit(at.start[0], at.start[1], at.end[1], "="), at.start[0]


@kind()
def operand_missing(p, rng):
    node = rng.choice([node for node in p.simple() if "#" not in p.lines[node.lineno - 1]])
    return p.edit(node.lineno, node.end_col_offset, node.end_col_offset, rng.choice((" +", " and", " ==", " *"))), node.lineno


@kind("E0025", "E0024")
def indented_more(p, rng):
    choices = [n for n in p.simple() if re.search(r"[^:\s]\s*$", p.lines[n.lineno - 2]) and not p.lines[n.lineno - 2].lstrip().startswith("#")]
    node = rng.choice(choices)
    return p.edit(node.lineno, 0, 0, "  "), node.lineno


@kind("E0024", "E0026")
def indented_less(p, rng):
    before = {node.lineno: p.lines[node.lineno - 2] for node in p.simple()}
    node = rng.choice([n for n in p.simple() if not before[n.lineno].rstrip().endswith((":", '"""')) and before[n.lineno].strip()
                       and "#" not in before[n.lineno]])
    return p.edit(node.lineno, 0, 1, ""), node.lineno


@kind("E0026", below=9)
def block_missing(p, rng):
    node = rng.choice(p.nodes((ast.For, ast.If, ast.While)))
    lines = p.lines[:node.body[0].lineno - 1] + p.lines[node.body[-1].end_lineno:]
    return "\n".join(lines), node.lineno


@kind("E0100", "E0102", "E0104", "E0109", "E0110")
def keyword_misspelt(p, rng):
    wrong = {"return": "retrun", "for": "fro", "while": "whlie", "else": "esle", "def": "dfe", "if": "fi", "in": "ni"}
    names = [t for t in p.plain() if t.string in wrong and t.type == tokenize.NAME]
    names = [t for t in names if p.lines[t.start[0] - 1][:t.start[1]].strip() == ""]
    names = [t for t in names if t.string != "return" or not re.match(r"\s*return\s*(\(|\[|-|\*|$|#)", p.lines[t.start[0] - 1])]
    at = rng.choice(names)
    return p.edit(at.start[0], at.start[1], at.end[1], wrong[at.string]), at.start[0]


@kind("E0103", "E0100")
def comma_missing(p, rng):
    calls = [n for n in p.nodes(ast.Call) if len(n.args) > 1 and not n.keywords and n.lineno == n.end_lineno
             and isinstance(n.args[0], (ast.Name, ast.Constant)) and isinstance(n.args[1], ast.Name) and p.lines[n.lineno - 1].isascii()]
    node = rng.choice(calls)
    a, b = node.args[0], node.args[1]
    return p.edit(node.lineno, a.end_col_offset, b.col_offset, " "), node.lineno


@kind("E0110", "E0111", "E0114")
def target_wrong(p, rng):
    node = rng.choice(p.simple())
    return p.insert(node.lineno, " " * node.col_offset + rng.choice(("f() = 1", "1 = 2", "None = 3"))), node.lineno


# ---- what an orchestrator may not do ----

def refused(text, *ids):
    def plant(p, rng):
        tops = [one for body in p.bodies for one in body.body]
        node = rng.choice([one for one in p.simple() if one in tops])
        margin = " " * node.col_offset
        return p.insert(node.lineno, *[margin + line for line in text.split("\n")]), node.lineno
    KINDS["refused: " + text.split("\n")[0]] = (plant, ids, text.count("\n"))


refused("import os", "E0301")
refused("import os\nos.getcwd()", "E0301")
refused("from os import *", "E0171")
refused("from os import path\npath.join('a', path.sep)", "E0301")
refused("class Model:\n    x = 1", "E0303")
refused("class Model:\n    def f(self):\n        return self.x\nModel().f()", "E0303")
refused("try:\n    pass\nexcept ValueError as e:\n    print(e)", "E0304")
refused("with str(1) as f:\n    f.read()", "E0306")
refused("planted = 0\nplanted += 1", "E0309")
refused("planted = {}\nplanted['a'] = 1", "E0310")
refused("planted = [1]\ndel planted", "E0312")
refused("planted = [(k := 1), k]", "E0313")
refused("global planted", "E0316")
refused("planted = {1, 2}", "E0318")
refused("planted = {a for a in [1]}", "E0319")
refused("assert True, 'no'", "E0320")
refused("match 1:\n    case 1:\n        pass\n    case planted:\n        print(planted)", "E0321")
refused("planted = (a for a in [1])\nfor b in planted:\n    print(b)", "E0330")
refused("planted = 1j", "E0325")
refused("planted = eval('1')\nprint(planted)", "E0326")
refused("planted = (1).__class__", "E0327")
refused("planted = open('a')\nprint(planted.read())\nplanted.close()", "E0326")
refused("planted = nothing\nprint(nothing)\nprint(planted + nothing)", "E0401")
refused("for planted in nothing.items():\n    print(planted.x)", "E0401")
refused("print('a'.uper())", "E0417", "E0416")
refused("planted = 'a'.uper()\nprint(planted.more())", "E0417", "E0416")
refused("print(5(3))", "E0421")
refused("def planted(a):\n    return a\nplanted()", "E0404")
refused("def planted(a):\n    return a\nplanted(1, 2)", "E0403")
refused("def planted(a):\n    return a\nplanted(b=1)", "E0405", "E0404")


@kind("E0401")
def name_misspelt(p, rng):
    uses = [n for n in p.nodes(ast.Name) if isinstance(n.ctx, ast.Load) and len(n.id) > 3 and p.lines[n.lineno - 1].isascii()]
    node = rng.choice(uses)
    return p.edit(node.lineno, node.col_offset, node.end_col_offset, node.id + "qx"), node.lineno


@kind("E0401", below=99)
def definition_misspelt(p, rng):
    found = []
    for body in p.bodies:
        names = [n for n in ast.walk(body) if isinstance(n, ast.Name)]
        for n in names:
            stores = [m for m in names if m.id == n.id and isinstance(m.ctx, ast.Store)]
            loads = [m for m in names if m.id == n.id and isinstance(m.ctx, ast.Load)]
            alone = n is stores[0] if stores else False
            if alone and len(stores) == 1 and loads and n.id not in [a.arg for a in ast.walk(body) if isinstance(a, ast.arg)]:
                found.append(n)
    node = rng.choice([n for n in found if p.lines[n.lineno - 1].isascii()])
    return p.edit(node.lineno, node.col_offset, node.end_col_offset, node.id + "qx"), node.lineno


def task_calls(p):
    inner = {one.name for body in p.bodies for one in ast.walk(body) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return [n for n in p.nodes(ast.Call) if isinstance(n.func, ast.Name) and n.func.id in set(p.tasks) - inner and n.lineno == n.end_lineno
            and p.lines[n.lineno - 1].isascii() and n.args and not n.keywords and not any(isinstance(a, ast.Starred) for a in n.args)
            and not p.tasks[n.func.id].args.vararg and not p.tasks[n.func.id].args.kwarg]


@kind("E0403")
def too_many_arguments(p, rng):
    node = rng.choice(task_calls(p))
    extra = ", 1" * (len(p.tasks[node.func.id].args.args) + 1)
    return p.edit(node.lineno, node.args[-1].end_col_offset, node.args[-1].end_col_offset, extra), node.lineno


@kind("E0404")
def argument_missing(p, rng):
    node = rng.choice([n for n in task_calls(p) if not p.tasks[n.func.id].args.defaults])
    return p.edit(node.lineno, node.func.end_col_offset + 1, node.end_col_offset - 1, ""), node.lineno


@kind("E0405")
def unknown_keyword(p, rng):
    node = rng.choice(task_calls(p))
    return p.edit(node.lineno, node.end_col_offset - 1, node.end_col_offset - 1, ", zzz=1"), node.lineno


@kind("E0501")
def argument_of_other_type(p, rng):
    unchecked = [body for body in p.bodies if any("type_check" in ast.unparse(one) for one in body.decorator_list)]
    calls = [n for n in task_calls(p) if not any(body.lineno <= n.lineno <= body.end_lineno for body in unchecked) and p.tasks[n.func.id].args.args and
             getattr(p.tasks[n.func.id].args.args[0].annotation, "id", None) in ("int", "str", "float")]
    node = rng.choice(calls)
    first = node.args[0]
    return p.edit(node.lineno, first.col_offset, first.end_col_offset, "[None]"), node.lineno


def check(program, paths):
    result = subprocess.run([program] + paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
    found, current = {}, None
    for line in result.stdout.splitlines():
        if line.startswith("== "):
            current = found.setdefault(line[3:], [])
        elif PLACE.match(line):
            place, message, name = PLACE.match(line).groups()
            current.append((int(place), name, message))
    return found


def plant(programs, count, rng, folder):
    """[(path, kind, line, ids, below)]"""
    cases = []
    for name, (function, ids, below) in KINDS.items():
        made, tries = 0, 0
        while made < count and tries < 200:
            tries += 1
            try:
                text, line = function(rng.choice(programs), rng)
            except IndexError:
                continue  # this program has no place for it
            path = os.path.join(folder, f"planted{len(cases)}.py")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            cases.append((path, name, line, ids, below))
            made += 1
        if made < count:
            cases.append((None, name, 0, ids, below))
    return cases


def main():
    program = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    paths = sorted(glob.glob(os.path.join(TOP, "examples", "*.py")) + glob.glob(os.path.join(TOP, "tests", "lang", "*.py"))
                   + glob.glob(os.path.join(TOP, "tests", "accept", "*.py")))
    sound = check(program, paths)
    programs = [Program(path) for path in paths if sound.get(path) == []]
    programs = [one for one in programs if one.bodies and one.simple()]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for neighbour in ("jobs", "neighbours"):
            if os.path.isdir(os.path.join(TOP, "tests", "accept", neighbour)):
                os.symlink(os.path.join(TOP, "tests", "accept", neighbour), os.path.join(folder, neighbour))
        cases = plant(programs, count, rng, folder)
        found = check(program, [case[0] for case in cases if case[0]])
        for path, name, line, ids, below in cases:
            errors = found.get(path, [])
            good = len(errors) == 1 and line <= errors[0][0] <= line + below and (not ids or errors[0][1] in ids)
            passed += good
            failed += not good
            if good:
                continue
            print(f"FAIL {name}, line {line}: " + ("no program has a place for it" if not path else
                  "; ".join(f"{place}: {message} [{one}]" for place, one, message in errors[:4]) or "nothing"))
            if path:
                with open(path, encoding="utf-8") as file:
                    shown = file.read().split("\n")[max(line - 2, 0):line + 2]
                print("\n".join("    " + one for one in shown))
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
