#!/usr/bin/env python3
"""Each builtin, type, method, attribute, operator, format code and exception of CPython has a case in tests/lang.

    tests/matrix/coverage.py [--list]

Every case of tests/lang runs under CPython while a trace function notes which lines run, which C functions are called, and
what is raised. Methods are counted by the function that was really called; operators, types and format codes by the
syntax tree of lines that ran. The lists are CPython's own, without what the language leaves out: EXCLUDED says why.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import builtins
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "lang"))
import run_lang  # noqa: E402

TYPES = [int, float, str, bytes, list, tuple, dict, set, frozenset, range]
FUNCTIONS = """abs all any ascii bin chr divmod format hash hex isinstance len max min oct ord pow print repr round sorted sum""".split()
CALLED_TYPES = "bool bytes dict enumerate filter float frozenset int list map range reversed set str tuple type zip".split()
ATTRIBUTES = {"real", "imag", "numerator", "denominator", "start", "stop", "step"}
OPERATORS = ["Add", "Sub", "Mult", "Div", "FloorDiv", "Mod", "Pow", "MatMult", "LShift", "RShift", "BitAnd", "BitOr", "BitXor", "UAdd", "USub",
             "Invert", "Not", "And", "Or", "Eq", "NotEq", "Lt", "LtE", "Gt", "GtE", "Is", "IsNot", "In", "NotIn", "IfExp", "Subscript", "Slice",
             "Starred", "Lambda", "ListComp", "DictComp", "GeneratorExp", "JoinedStr", "For", "While", "Break", "Continue", "Pass", "Raise",
             "FunctionDef", "Return"]
FORMAT_TYPES, PERCENT_TYPES = "bcdeEfFgGnosxX%", "diouxXeEfFgGcrsa%b"
FORMAT_MARKS = {"align <": "<", "align >": ">", "align ^": "^", "align =": "=", "sign +": "+", "sign -": "-", "sign blank": " ", "z": "z",
                "#": "#", "0": "0", ",": ",", "_": "_", "precision": "."}
EXCLUDED = {
    "exception KeyboardInterrupt": "it ends the interpreter under the tests", "exception SystemExit": "the same",
    "exception GeneratorExit": "the same",
    "exception ExceptionGroup": "its traceback has no tree here: see docs/language.md", "exception BaseExceptionGroup": "the same",
}
SPEC = re.compile(r"^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d*)([,_])?(?:(\.)\d+)?([a-zA-Z%])?$", re.S)
PERCENT = re.compile(r"%(?:\([^)]*\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?([a-zA-Z%])")


def wanted():
    items = [f"builtin {name}" for name in FUNCTIONS] + [f"type {name}" for name in CALLED_TYPES]
    for kind in TYPES:
        items += [f"attribute {kind.__name__}.{n}" if n in ATTRIBUTES else f"method {kind.__name__}.{n}" for n in dir(kind) if not n.startswith("__")]
    items += [f"syntax {name}" for name in OPERATORS]
    items += [f"format code {c}" for c in FORMAT_TYPES] + [f"format mark {m}" for m in FORMAT_MARKS] + [f"format conversion !{c}" for c in "rsa"]
    items += [f"percent code {c}" for c in PERCENT_TYPES]
    for name in dir(builtins):
        value = getattr(builtins, name)
        if isinstance(value, type) and issubclass(value, BaseException) and value.__name__ == name:
            items.append(f"exception {name}")
    return items


class Trace:
    """What the cases of one file reach."""

    def __init__(self, name, seen):
        self.name, self.seen, self.lines = name, seen, set()

    def line(self, frame, event, arg):
        if frame.f_code.co_filename != self.name:
            return None
        self.lines.add(frame.f_lineno)
        if event == "exception":
            self.seen.add(f"exception {arg[0].__name__}")
        return self.line

    def call(self, frame, event, arg):
        if event != "c_call":
            return
        owner = getattr(arg, "__self__", None)
        if owner is builtins or owner is None:
            self.seen.add(f"method {arg.__qualname__}" if "." in arg.__qualname__ else f"builtin {arg.__name__}")
        else:
            kind = owner if isinstance(owner, type) else type(owner)
            for base in kind.__mro__:
                self.seen.add(f"method {base.__name__}.{arg.__name__}")

    def run(self, function):
        sys.settrace(self.line)
        sys.setprofile(self.call)
        try:
            function()
        except BaseException:  # noqa: BLE001
            pass
        finally:
            sys.settrace(None)
            sys.setprofile(None)


def see_spec(seen, spec):
    match = SPEC.match(spec)
    if not match:
        return
    _, align, sign, z, alternate, zero, _, group, dot, code = match.groups()
    marks = {f"align {align}": align, f"sign {'blank' if sign == ' ' else sign}": sign, "z": z, "#": alternate, "0": zero, str(group): group, "precision": dot}
    seen.update(f"format mark {name}" for name, there in marks.items() if there)
    if code:
        seen.add(f"format code {code}")


def see_tree(seen, tree, lines):
    """Operators, types, attributes and format codes in lines that ran."""
    for node in ast.walk(tree):
        names = [type(getattr(node, "op", None)).__name__] + [type(op).__name__ for op in getattr(node, "ops", [])] + [type(node).__name__]
        if hasattr(node, "lineno") and not any(line in lines for line in range(node.lineno, node.end_lineno + 1)):
            continue
        seen.update(f"syntax {name}" for name in names)
        if isinstance(node, ast.Name) and node.id == "print":  # the runner has one of its own
            seen.add("builtin print")
        if isinstance(node, ast.Name) and node.id in CALLED_TYPES:
            seen.add(f"type {node.id}")
        if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
            seen.update(f"attribute {kind.__name__}.{node.attr}" for kind in TYPES if hasattr(kind, node.attr))
        if isinstance(node, ast.FormattedValue):
            if node.conversion > 0:
                seen.add(f"format conversion !{chr(node.conversion)}")
            if node.format_spec and len(node.format_spec.values) == 1 and isinstance(node.format_spec.values[0], ast.Constant):
                see_spec(seen, node.format_spec.values[0].value)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "format" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            see_spec(seen, node.args[1].value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant) and isinstance(node.left.value, (str, bytes)):
            text = node.left.value if isinstance(node.left.value, str) else node.left.value.decode("latin-1")
            seen.update(f"percent code {code}" for code in PERCENT.findall(text))


def main():
    seen, cases = set(), 0
    os.chdir(TOP)
    for path in sorted(glob.glob("tests/lang/*.py")):
        if os.path.basename(path) == "run_lang.py" or "@env.sandbox" not in open(path, encoding="utf-8").read():
            continue
        file = run_lang.File(os.path.abspath(path))
        module, trace = file.module(), Trace(file.shown, seen)
        for node in file.cases:
            trace.run(module[node.name])
            cases += 1
        see_tree(seen, file.tree, trace.lines)
    missing = [item for item in wanted() if item not in seen and item not in EXCLUDED]
    for item in missing:
        print(f"no case in tests/lang: {item}")
    print(f"{cases} cases")
    print(f"{len(wanted()) - len(missing)} passed, {len(missing)} failed")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
