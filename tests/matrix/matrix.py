#!/usr/bin/env python3
"""Every operator, builtin, type, method and format code with edge-case operands, natively and under CPython.

    tests/matrix/matrix.py [--sbxc PROGRAM] [--seed N] [--count N] [--only AREA] [--show N] [--keep DIR]

One program an area. It holds a table of operations (each a lambda of one call, so that the compiled code is what users
get, and once more with everything passed through stars) and a table of values that are made anew for every call. What is
called with what is the program's input: numbers of operations and values, in full for operators, at random with a fixed
seed for the rest. An exception is an exception value of flyte_map over the orchestrator `case`; so one process makes a
hundred thousand calls. Results are compared by their repr and type, exceptions by type and text.

A new method of CPython has a row by itself: the tables are made from dir() of the types.

SPDX-License-Identifier: Apache-2.0
"""
import argparse
import builtins
import json
import os
import random
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "lang"))
import run_lang  # noqa: E402

# ---- values, as the source text that makes them ----

INTS = ["0", "1", "-1", "2", "3", "-7", "10", "255", "2 ** 31", "2 ** 63 - 1", "-2 ** 63", "2 ** 64", "-2 ** 100 + 1"]
FLOATS = ["0.0", "-0.0", "1.0", "-1.5", "2.5", "0.1", "1e16", "1e300", "-1e-310", 'float("inf")', 'float("-inf")', 'float("nan")']
BOOLS = ["True", "False"]
TEXTS = ['""', '"a"', '"abcabc"', '" a b "', '"A,b;C"', '"\\u00df\\u0130\\u01c5"', '"\\u20ac\\U0001f600x"', '"12"', '"\\u0663"',
         '"a\\nb\\r\\nc\\x1d"', '"\\ud800"', '"{0}{a}"', '"%s %d"', '"it\'s"', '"utf-8"', '"0x_1f"', '"-1.5e3"']
BYTES = ['b""', 'b"a"', 'b"abcabc"', 'b" a b "', 'b"\\xff\\x00a"', 'b"12"', 'b"a\\nb"', 'b"%s"', 'b"Ab,c"']
LISTS = ["[]", "[1]", "[3, 1, 2, 1]", '["b", "a"]', "[1, \"a\"]", "[[1], [0]]", "[1.5, True, 2 ** 70]", "[(1, 2), (3, 4)]", "[None]"]
TUPLES = ["()", "(1,)", "(1, 2)", '("a", "b", "c")', "(0, 1.5, None)", "([],)", "(int, str)"]
DICTS = ["{}", '{"a": 1}', "{1: 2, 3: 4}", '{"a": [], (): None}', "{97: \"x\", 98: None}"]
SETS = ["set([])", "set([1, 2])", "set([\"a\"])", "frozenset([])", "frozenset([2, 3])", "frozenset([\"ab\"])"]
RANGES = ["range(0)", "range(5)", "range(10, 0, -3)", "range(2 ** 65, 2 ** 65 + 3)"]
OTHERS = ["None", "...", "int", "str", "ValueError", "len", "ValueError(1)", '"a".upper', "plain", "{1: 2}.keys()", "{1: 2}.values()",
          "{1: 2}.items()", "slice_of()", "iter_of()"]
OTHERS.remove("slice_of()"), OTHERS.remove("iter_of()")
VALUES = INTS + FLOATS + BOOLS + TEXTS + BYTES + LISTS + TUPLES + DICTS + SETS + RANGES + OTHERS
SMALL = [v for v in VALUES if v not in ("2 ** 63 - 1", "-2 ** 63", "2 ** 64", "-2 ** 100 + 1", "2 ** 31", "range(2 ** 65, 2 ** 65 + 3)")]

PLAIN = [v for v in SMALL if v not in ("int", "str", "ValueError")]

SURE = ["None", "True", "False", "...", "int", "str", "[]", "{}", "0", "1", "plain", "len"]  # whose identity CPython settles

BINARY = ["+", "-", "*", "/", "//", "%", "**", "@", "<<", ">>", "&", "|", "^", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "and", "or"]
HEAVY = {"*", "**", "<<"}  # ask for a lot of memory with two large operands

HEAD = '''import flyte
env = flyte.TaskEnvironment(name="matrix")


@env.sandbox.orchestrator(max_memory=30000000, timeout_ms=20000)
def case(number: int, operands: list) -> str:
    def plain(x):
        return x

    def name_of(v):
        return [name for kind, name in KINDS if type(v) is kind][0] if type(v) in [kind for kind, name in KINDS] else "?"

    def show(v):
        kind = name_of(v)
        if kind in ("set", "frozenset"):
            return kind + str(sorted([show(x) for x in v]))
        if kind in ("list", "tuple"):
            return kind + str([show(x) for x in v])
        if kind == "dict":
            return kind + str([(show(k), show(x)) for k, x in v.items()])
        if kind in ("zip", "map", "filter", "enumerate", "reversed"):
            return kind + str([show(x) for x in v])
        if kind == "?" and " at 0x" in repr(v):
            return repr(v).split(" at 0x")[0]
        return kind + repr(v)
    KINDS = [(int, "int"), (float, "float"), (bool, "bool"), (str, "str"), (bytes, "bytes"), (list, "list"), (tuple, "tuple"),
             (dict, "dict"), (set, "set"), (frozenset, "frozenset"), (range, "range"), (zip, "zip"), (map, "map"), (filter, "filter"),
             (enumerate, "enumerate"), (reversed, "reversed"), (type, "type")]
    values = [%s]
    groups = [%s]
    given = [values[i]() if isinstance(i, int) else i[0] for i in operands]
    before = given[0] if given else None
    result = groups[number // 40]()[number %% 40](*given)
    return show(result) + (" / " + show(before) if type(before) in (list, dict, set) and result is not before else "")


@env.sandbox.orchestrator(max_memory=2000000000, timeout_ms=600000)
def main(numbers: list, operands: list) -> list:
    return [r if isinstance(r, str) else repr(r) for r in flyte_map("case", numbers, operands)]
'''


class Area:
    """A program: its values, its operations, and calls as (operation, values)."""

    def __init__(self, name, values=VALUES):
        self.name, self.values, self.operations, self.calls = name, list(values), [], []
        self.index = {}

    def value(self, text):
        if text not in self.index:
            if text not in self.values:
                self.values.append(text)
            self.index[text] = self.values.index(text)
        return self.index[text]

    def operation(self, text):
        self.operations.append(text)
        return len(self.operations) - 1

    def call(self, operation, *operands):
        """An operand is the source of a value, or [text]: then it goes in as it is (a large frame would not fit the stack)."""
        self.calls.append((operation, [self.value(o) if isinstance(o, str) else o for o in operands]))

    def source(self):
        """The operations stand in groups of 40, so that a call makes few closures."""
        groups = [self.operations[i:i + 40] for i in range(0, len(self.operations), 40)]
        return HEAD % (",\n              ".join("lambda: " + v for v in self.values),
                       ",\n              ".join("lambda: [" + ",\n                      ".join(g) + "]" for g in groups))

    def label(self, call):
        return self.operations[call[0]] + "  with  " + ", ".join(self.values[i] if isinstance(i, int) else repr(i[0]) for i in call[1])


# ---- areas ----


def operators(random, count):
    area = Area("operators")
    for op in BINARY:
        number = area.operation(f"lambda a, b: a {op} b")
        values = SMALL if op in HEAVY else PLAIN if op == "|" else SURE if op == "is" else VALUES
        for a in values:
            for b in values:
                area.call(number, a, b)
    for op in ["-", "+", "~", "not "]:
        number = area.operation(f"lambda a: {op}a")
        for a in VALUES:
            area.call(number, a)
    pow3 = area.operation("lambda a, b, c: pow(a, b, c)")
    for _ in range(count * 4):
        area.call(pow3, *(random.choice(INTS + FLOATS[:3] + BOOLS + ["None", '"a"']) for _ in range(3)))
    return area


def subscripts(random, count):
    area = Area("subscripts")
    item = area.operation("lambda a, b: a[b]")
    ends = ["None", "0", "1", "-1", "3", "-7", "2 ** 64", "True", "1.0", '"a"', "-2 ** 100 + 1", "[]"]
    forms = [area.operation("lambda a, b: a[b:]"), area.operation("lambda a, b: a[:b]"), area.operation("lambda a, b: a[::b]")]
    three = area.operation("lambda a, b, c, d: a[b:c:d]")
    for a in VALUES:
        for b in VALUES:
            area.call(item, a, b)
        for form in forms:
            for b in ends:
                area.call(form, a, b)
        for _ in range(count // 4):
            area.call(three, a, *(random.choice(ends[:6] if random.random() < 0.8 else ends) for _ in range(3)))
    return area


def argument_lists(random, pool, most):
    """(positional texts, keyword name to text)"""
    return [random.choice(pool) for _ in range(random.randrange(most + 1))]


WORDS = ["sep", "maxsplit", "keepends", "tabsize", "encoding", "errors", "key", "reverse", "default", "signed", "byteorder", "length",
         "base", "start", "strict", "end", "mod", "exp", "ndigits", "number", "iterable", "a", "object", "source", "x", "bytes_per_sep"]


def call_forms(area, callee, most):
    """Operations that call `callee` (an expression of r where it is a method) with 0 to `most` arguments, by place and through stars."""
    head = "r, " if callee.startswith("r.") else ""
    forms = {}
    for n in range(most + 1):
        names = "abcdef"[:n]
        forms[n] = [area.operation(f"lambda {head}{', '.join(names)}{':' if names else ':'} {callee}({', '.join(names)})".replace("lambda r, :", "lambda r:").replace("lambda :", "lambda:")),
                    area.operation(f"lambda {head}*args: {callee}(*args)")] if n < 4 else [area.operation(f"lambda {head}*args: {callee}(*args)")]
    return forms


def keyword_form(area, callee, n, words):
    head = "r, " if callee.startswith("r.") else ""
    names = list("abcdef"[:n]) + ["k" + str(i) for i in range(len(words))]
    passed = list("abcdef"[:n]) + [f"{w}=k{i}" for i, w in enumerate(words)]
    return area.operation(f"lambda {(head + ', '.join(names)).rstrip(', ')}: {callee}({', '.join(passed)})")


# What a method takes in sensible calls, so that random ones get past the first check.
FIT = {
    "str": TEXTS + ["0", "1", "-1", "3", "None", '("a", "b")', '["a", "b"]', "{97: \"x\", 98: None}"],
    "bytes": BYTES + ["0", "1", "-1", "3", "97", "None", '(b"a", b"b")', '[b"a", b"b"]', '"ascii"', '"ff 0a"', '"ignore"', '":"'],
    "int": INTS[:8] + ['"big"', '"little"', 'b"\\xff\\x00a"', "True", "[1, 2]"],
    "float": FLOATS + ['"0x1.8p3"', '"nan"', '"0x1p-1074"', '" -0x.8 "', '"1p5000"'],
    "list": INTS[:8] + LISTS + ["1.0", '"a"'],
    "tuple": INTS[:8] + ["1.0", '"a"', "[]", "2 ** 64"],
    "dict": DICTS + TUPLES + ['"a"', "1", "3", "[(1, 2), (3, 4)]", "None", '["ab", "cd"]'],
    "set": SETS + LISTS + RANGES[:3] + ["1", '"a"', "{1: 2}"],
    "range": INTS + ["1.0", '"a"'],
}
RECEIVERS = {"str": TEXTS, "bytes": BYTES, "int": INTS + BOOLS, "float": FLOATS, "list": LISTS, "tuple": TUPLES, "dict": DICTS,
             "set": SETS, "range": RANGES}
TYPES = {"set": [set, frozenset]}


def methods(kind):
    def make(random, count):
        area = Area(kind, [])
        types = TYPES.get(kind, [getattr(builtins, kind)])
        names = sorted({n for t in types for n in dir(t) if not n.startswith("__")})
        for name in names:
            attribute = not callable(getattr(types[0], name, None)) and not callable(getattr(types[-1], name, None))
            attribute = attribute or name in ("real", "imag", "numerator", "denominator", "start", "stop", "step")
            if attribute:
                number = area.operation(f"lambda r: r.{name}")
                for r in RECEIVERS[kind] + random.sample(VALUES, 20):
                    if r not in ("int", "float", "range"):  # a type's own attributes are not values here
                        area.call(number, r)
            forms = call_forms(area, "r." + name, 4)
            for _ in range(count * (2 if kind == "str" else 3)):
                pool = FIT[kind] if random.random() < 0.8 else SMALL
                args = argument_lists(random, pool, random.choice([1, 2, 2, 3, 4]))
                r = random.choice(RECEIVERS[kind] if random.random() < 0.97 else VALUES)
                area.call(random.choice(forms[len(args)]), r, *args)
            for word in random.sample(WORDS, 4) + [w for w in WORDS if w in doc_words(types[0], name)]:
                for n in range(3):
                    number = keyword_form(area, "r." + name, n, [word])
                    for _ in range(max(2, count // 12)):
                        area.call(number, random.choice(RECEIVERS[kind]), *(random.choice(FIT[kind]) for _ in range(n + 1)))
            for t in types:  # through the type
                if attribute or not hasattr(t, name):
                    continue
                number = area.operation(f"lambda *args: {t.__name__}.{name}(*args)")
                for _ in range(count // 2):
                    args = argument_lists(random, FIT[kind] + ["True"], 3)
                    area.call(number, *([random.choice(RECEIVERS[kind])] if random.random() < 0.8 else []), *args)
        return area
    return make


def doc_words(t, name):
    text = (getattr(t, name, None).__doc__ or "") + " " + (getattr(getattr(t, name, None), "__text_signature__", "") or "")
    return set("".join(c if c.isalnum() or c == "_" else " " for c in text).split())


# ranges are small, so that list(range(...)) is
NAMES = ["abs", "all", "any", "ascii", "bin", "bool", "bytes", "chr", "dict", "divmod", "enumerate", "filter", "float", "format",
         "frozenset", "hash", "hex", "int", "isinstance", "len", "list", "map", "max", "min", "oct", "ord", "pow", "range", "repr",
         "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip"]
NO_HUGE = {"bytes", "pow", "round", "range", "list", "tuple", "sum", "set", "sorted", "enumerate", "zip", "map", "filter", "dict"}
LESS = {"hash": ["None", "...", "len", "plain", "ValueError(1)", "range(0)", "{1: 2}.values()", '"a".upper', "int", "str", "ValueError", 'float("nan")', "(int, str)", "(0, 1.5, None)"]}


def calls(random, count):
    area = Area("builtins")
    for name in NAMES:
        pool = [v for v in (SMALL if name in NO_HUGE else VALUES) if v not in LESS.get(name, [])]
        forms = call_forms(area, name, 4)
        for v in pool:
            for form in forms[1]:
                area.call(form, v)
        for form in forms[0]:
            area.call(form)
        for _ in range(count * 12):
            args = [random.choice(pool) for _ in range(random.choice([2, 2, 2, 3, 4]))]
            if name == "type" and len(args) == 3:
                continue  # makes a class
            area.call(random.choice(forms[len(args)]), *args)
        for word in WORDS:
            for n in range(3):
                number = keyword_form(area, name, n, [word])
                for _ in range(max(2, count // 20)):
                    area.call(number, *(random.choice(pool) for _ in range(n + 1)))
        for words in (["key", "default"], ["key", "reverse"], ["base", "mod"], ["exp", "mod"], ["encoding", "errors"]):
            number = keyword_form(area, name, 1, words)
            for _ in range(count):
                area.call(number, *(random.choice(pool) for _ in range(3)))
    return area


def exceptions(random, count):
    area = Area("exceptions", [])
    pool = ['"text"', "1", "2", '""', "None", "[1]", "(1, 2)", "b\"x\"", "0", "5", "-1", '"utf-8"', "[ValueError(1)]", "ValueError", "KeyError(1)",
            "[ValueError(1), KeyError(2)]", "[KeyboardInterrupt()]", '"a\\nb"', '"\\u20ac"', "13", "(\"f\", 1, 2, \"x\")"]
    names = [n for n in dir(builtins) if isinstance(getattr(builtins, n), type) and issubclass(getattr(builtins, n), BaseException)]
    for name in names:
        for show in ("str({0}) + repr({0})", "{0}"):
            for n in range(6):
                args = "abcdef"[:n]
                number = area.operation(f"lambda {', '.join(args)}: ".replace(" :", ":") + show.format(f"{name}({', '.join(args)})"))
                for _ in range(1 if n == 0 else count // 3):
                    area.call(number, *(random.choice(pool) for _ in args))
        raised = area.operation(f"lambda *args: [][0] if isinstance({name}(*args), KeyError) else {name}(*args)")
        for _ in range(count // 4):
            area.call(raised, *argument_lists(random, pool, 5))
        for other in random.sample(names, 12) + ["Exception", "BaseException", "OSError", name]:
            area.call(area.operation(f"lambda a: isinstance({name}(a), {other})"), '"x"')
        for word in ("name", "obj", "path", "errno", "key"):
            number = area.operation(f"lambda a: {name}({word}=a)")
            area.call(number, '"x"')
    return area


FILLS = ["", "", "*", " ", "0", "\u20ac", "{", "x", "<"]


def random_spec(random):
    out = ""
    if random.random() < 0.4:
        out += random.choice(FILLS) + random.choice("<>=^^")
    out += random.choice(["", "", "", "+", "-", " "])
    out += random.choice(["", "", "", "z"]) + random.choice(["", "", "#"]) + random.choice(["", "", "0"])
    out += random.choice(["", "", "1", "5", "12", "25"])
    out += random.choice(["", "", "", ",", "_"])
    out += random.choice(["", "", ".0", ".1", ".3", ".17", ".40", "."])
    out += random.choice(["", "", "d", "b", "o", "x", "X", "n", "c", "e", "E", "f", "F", "g", "G", "%", "s", "r", "y"])
    return out


def formats(random, count):
    area = Area("formats", [])
    numbers = INTS + FLOATS + BOOLS + ["1.5e-7", "123456.789", "1e22", "0.5", "1234567", "-12", "99999.5", "5e-324", "1.7976931348623157e308"]
    spec = area.operation("lambda v, s: format(v, s)")
    field = area.operation("lambda v, s: f\"{v:{s}}\"")
    dotted = area.operation("lambda v, s: (\"{:\" + s + \"}\").format(v)")
    percent = area.operation("lambda v, s: s % v")
    raw = area.operation("lambda v, s: s.encode(\"latin-1\") % v")
    several = area.operation("lambda s, a, b: s % (a, b)")
    mapped = area.operation("lambda s, a: s % {\"a\": a, \"\": 1}")
    formatted = area.operation("lambda s, a, b: s.format(a, b, x=a, y=b)")
    mapping = area.operation("lambda s, a: s.format_map({\"a\": a, \"x\": 1, \"0\": 2})")
    for _ in range(count * 150):
        v = random.choice(numbers if random.random() < 0.8 else VALUES)
        area.call(random.choice([spec, spec, field, dotted]), v, [random_spec(random)])
    for _ in range(count * 80):
        text = "%" + random.choice(["", "", "-", "0", "+", " ", "#", "-0", "+0", "#0", "- #"]) + random.choice(["", "", "1", "8", "20", "*"]) + \
            random.choice(["", "", ".0", ".2", ".25", ".", ".*"]) + random.choice(["", "l", "h"]) + random.choice("diouxXeEfFgGcrsa%yb ")
        text = random.choice(["", "a", "%%"]) + text + random.choice(["", "b", "%"])
        v = random.choice(numbers if random.random() < 0.6 else VALUES)
        area.call(percent, v, [text])
        if random.random() < 0.5:
            area.call(several, [text + random.choice(["", "%s", "%d"])], random.choice(numbers[:8]), v)
        if random.random() < 0.3:
            area.call(mapped, [text.replace("%", random.choice(["%(a)", "%(", "%()", "%(b)"]))], v)
        if random.random() < 0.2:
            area.call(raw, v, [text])
    pieces = ["{", "}", "{{", "}}", "{0}", "{1}", "{}", "{x}", "{y!r}", "{x!s:>5}", "{0!a}", "{0:{1}}", "{:{}}", "{x[0]}", "{0[a]}", "{0[-1]}", "{0.real}",
              "{x.imag}", "{0.denominator}", "{x.nope}", "{0[0][1]}", "{0.real.imag}", "{!r}", "{!x}", "{!}", "{0!}", "{0!rr}", "{2}", "{z}", "{0", "{0!r", "a", "{0:}", "{0:5",
              "{0[}", "{0[]}", "{0.}", "{.real}", "{[0]}", "{a b}", "{-1}", "{ 0}", "{00}", "{0:{{}", "{0:{1!r}}", "{0:{1:{0}}}", "{x:{x}{y}}", "{99999999999999999999}",
              "{0[99999999999999999999]}", "{0.start}", "{x.stop}", "{0.step}", "{0.numerator}", "{0]}", "{0[a]b}", "{0[a].real}", "\u20ac", "{\u20ac}"]
    for _ in range(count * 120):
        text = "".join(random.choice(pieces) for _ in range(random.choice([1, 1, 2, 3])))
        if random.random() < 0.75:
            area.call(formatted, [text], random.choice(PLAIN), random.choice(["5", '">8"', "1.5", "None", '"x"']))
        else:
            area.call(mapping, [text], random.choice(PLAIN))
    return area


def numbers_text(random, count):
    """Texts that int() and float() read, rounding."""
    area = Area("numbers", [])
    to_int, to_float = area.operation("lambda s: int(s)"), area.operation("lambda s: float(s)")
    based = area.operation("lambda s, b: int(s, b)")
    raw = [area.operation("lambda s: int(s.encode())"), area.operation("lambda s: float(s.encode())")]
    rounded = area.operation("lambda v, n: round(v, n)")
    alphabet = ["0", "1", "7", "9", "12", "_", ".", "e", "E", "+", "-", " ", "\t", "x", "0x", "0b1", "0o7", "f", "inf", "nan", "infinity", "\u0663", "\u00a0", "5", "a", "z", "\x00", "1e5", "0.1"]
    for _ in range(count * 100):
        text = "".join(random.choice(alphabet) for _ in range(random.choice([1, 1, 2, 3, 4, 6])))
        literal = [text]
        which = random.random()
        if which < 0.1:
            area.call(random.choice(raw), literal)
        elif which < 0.3:
            area.call(to_int, literal)
        elif which < 0.6:
            area.call(to_float, literal)
        else:
            area.call(based, literal, random.choice(["0", "2", "8", "10", "16", "36", "1", "37", "-1", "True", "2 ** 70", "1.0", "None"]))
    for _ in range(count * 40):
        area.call(rounded, random.choice(INTS + FLOATS + ["2.675", "0.5", "1.5", "15", "-25", "1234567", "5e15", "1e-5"]),
                  random.choice(["None", "0", "1", "2", "-1", "-3", "5", "400", "-400", "2 ** 70", "True", "1.0"]))
    return area


AREAS = {"operators": operators, "subscripts": subscripts, "builtins": calls, "exceptions": exceptions, "formats": formats, "numbers": numbers_text,
         **{kind: methods(kind) for kind in RECEIVERS}}


# ---- running ----


ADDRESS = re.compile(r" at 0x[0-9a-f]+")
ANY = "MemoryError"  # depends on the machine
COMPLEX = "ValueError('complex numbers are not supported: negative number raised to a fractional power')"


def python_results(area):
    module = run_lang.stand_in() or {"__name__": "matrix"}
    exec(compile(area.source(), "matrix.py", "exec"), module)
    case, results = module["case"], []
    for number, operands in area.calls:
        try:
            results.append(case(number, list(operands)))
            if results[-1].startswith("?") and results[-1].rstrip(")").endswith("j"):
                results[-1] = COMPLEX
        except MemoryError:
            results.append(ANY)
        except Exception as error:  # noqa: BLE001
            results.append(COMPLEX if str(error) == "complex exponentiation" else repr(error))
    return results


def hide_errors(sbxc, area, source):
    """What is certain to fail is refused: there the callee is hidden in a list, so that the running program tells."""
    said = subprocess.run([sbxc, "check", source], capture_output=True, text=True).stderr
    lines = {int(m.group(1)) for m in re.finditer(r"(?m)^[^\n]*?:(\d+):\d+: error: ", said)}
    text = area.source().split("\n")
    for line in lines:
        operation = text[line - 1].strip().removeprefix("lambda: [").removeprefix("groups = [lambda: [").rstrip(",]")
        if operation in area.operations:
            hidden = re.sub(r"^(lambda[^:]*: ?)([\w.]+)\(", r"\1[\2][0](", operation)
            area.operations[area.operations.index(operation)] = hidden


def write_source(area, source):
    with open(source, "w", encoding="utf-8", errors="surrogatepass") as out:
        out.write(area.source())


def native_results(sbxc, area, folder):
    source, program, data = (os.path.join(folder, area.name + "_matrix" + end) for end in (".py", "", ".json"))
    write_source(area, source)
    hide_errors(sbxc, area, source)
    write_source(area, source)
    with open(data, "w") as out:
        json.dump({"numbers": [c[0] for c in area.calls], "operands": [c[1] for c in area.calls]}, out)
    environment = dict(os.environ, CFLAGS=os.environ.get("CFLAGS", "") + " -O0")
    built = subprocess.run([sbxc, source, "-o", program], capture_output=True, text=True, env=environment)
    if built.returncode:
        return None, built.stderr
    run = subprocess.run([program, "--log", os.devnull, "--input-json", data, "main"], capture_output=True, text=True)
    if run.returncode:
        return None, f"status {run.returncode}: {run.stderr[-1500:]}"
    return json.loads(run.stdout), None


def main():
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, PYTHONHASHSEED="0"))
    parser = argparse.ArgumentParser()
    parser.add_argument("--sbxc", default=os.path.join(os.environ.get("SBX_BUILD", os.path.join(TOP, "build")), "sbxc"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=15)
    parser.add_argument("--only")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--keep")
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or temporary
        for name, make in AREAS.items():
            if options.only and name not in options.only.split(","):
                continue
            area = make(random.Random(f"{name} {options.seed}"), options.count)
            got, error = native_results(options.sbxc, area, folder)
            if got is None:
                failed += 1
                print(f"{name}: {error}")
                continue
            want = [ADDRESS.sub(" at 0x", w) for w in python_results(area)]
            got = [ADDRESS.sub(" at 0x", g) for g in got]
            bad = [i for i, (a, b) in enumerate(zip(want, got)) if a not in (b, ANY)]
            passed += len(got) - len(bad)
            failed += len(bad)
            for i in bad[:options.show]:
                print(f"{name}: {area.label(area.calls[i])}\n    CPython {want[i][:300]}\n    native  {got[i][:300]}")
            print(f"{name}: {len(got)} calls, {len(bad)} differ", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
