"""What random programs reach: IR operations natively, and builtins, methods, operators and format codes under CPython.

The emitted C gets a counter before each operation (the templates of gen/machine.def tell which line is which); the host
prints them at the end. For the rest each program is run by CPython once more, with its calls and operators counted as they
are executed. Exceptions are counted where they end a program.

SPDX-License-Identifier: Apache-2.0
"""
import ast
import collections
import os
import re
import signal
import string

import random_batch
import random_tasks

VALUES = os.path.join(random_batch.TOP, "runtime", "values")
INCLUDE = os.path.join(random_batch.TOP, "runtime", "include")
ROW = re.compile(r'OP\((\w+), "([\w.]+)", "(.)", "([^"]*)", (\w+), "((?:[^"\\]|\\.)*)"')
LINE = re.compile(r"^(\t+)((?:if \(SBX_GEN_UNLIKELY\()?)(?:([vifb])\d+\w* = )?(.*)$")
EXITS = {"jump": r"goto (?!fail)\w+;", "branch": r"if \(!?b\d+\w*\)$", "return": r"return (?!SBX_GEN_ERROR|sbx_gen_link|sbx_gen_unwind|fn_)", "task": r".*sbx_gen_task_begin\(",
         "map": r".*sbx_gen_map_begin\(", "call": r"v\d+\w* = fn_\d+", "call_value": r"v\d+\w* = sbx_gen_call_value\(|v\d+\w* = sbx_gen_call\(",
         "call_spread": r"v\d+\w* = sbx_gen_call_spread\(", "next": r"v\d+\w* = sbx_gen_next"}
# No program gets there: set displays (E03..) and attributes that no value has (E0416) are refused.
UNREACHABLE = {"set.update", "get_attribute"}


def read_rows():
    with open(os.path.join(random_batch.TOP, "gen", "machine.def"), encoding="utf-8") as file:
        return ROW.findall(file.read())


def template_pattern(template, operands):
    """A regular expression for the right side of an operation's line."""
    def hole(match):
        at = match.group(1)
        letter = operands[int(at)] if at.isdigit() and int(at) < len(operands) else ""
        return letter + r"\d+\w*" if letter and letter in "ifb" else "(?:.+?)"
    text = re.escape(template.partition("= ")[2] if template.startswith("$r") else template)
    return re.compile(re.sub(r"\\\$(\w)", hole, text))


class Operations:
    """Which operation a line of the emitted C is."""

    def __init__(self):
        self.names, self.by_function, self.plain = [], collections.defaultdict(list), collections.defaultdict(list)
        for _, name, result, operands, _, template in read_rows():
            index = len(self.names)
            self.names.append(name)
            pattern = template_pattern(template, operands)
            call = re.match(r"(?:\$r = )?(sbx_gen_\w+)\(", template)
            if call:
                self.by_function[call.group(1)].append((index, result, pattern))
            else:
                self.plain[result].append((index, pattern))
        self.exits = []
        for name, pattern in EXITS.items():
            self.exits.append((len(self.names), re.compile(pattern)))
            self.names.append("exit " + name)

    def of_line(self, prefix, text, whole):
        call = re.match(r"sbx_gen_\w+", text)
        if call and call.group(0) in self.by_function:
            for index, result, pattern in self.by_function[call.group(0)]:
                if (result == prefix or result in "-*" and not prefix) and self.is_value(self.names[index], text):
                    return index
        for index, pattern in self.exits:
            if pattern.match(whole):
                return index
        if prefix:
            for index, pattern in self.plain[prefix]:
                if pattern.fullmatch(text.rstrip(";")) and self.is_plain(self.names[index], text):
                    return index
        return None

    @staticmethod
    def is_value(name, text):
        """sbx_gen_int(i3) makes a value of a native; sbx_gen_int(3) is a constant that is moved."""
        return not name.startswith("v.from_") or re.match(r"sbx_gen_\w+\([ifb]\d", text)

    @staticmethod
    def is_plain(name, text):
        right = text.rstrip(";")
        if name in ("i.const", "f.const", "b.const"):
            return not re.search(r"\b[vifb]\d", right) and re.fullmatch(r"[-\w.+()]+", right)
        if name in ("i.move", "f.move", "b.move"):
            return re.fullmatch(r"[ifb]\d+\w*", right)
        return True

    def edit(self, path):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().split("\n")
        body = False
        for i, line in enumerate(lines):
            if line.startswith("{") or line.startswith("}"):
                body = line.startswith("{")
            if not body or not line.startswith("\t"):
                continue
            match = LINE.match(line)
            tabs, _, prefix, text = match.groups()
            if len(tabs) > 1 and "sbx_gen_unpack" not in text:
                continue
            index = self.of_line(prefix, text, line.strip())
            if index is not None:
                lines[i] = f"{tabs}random_counts[{index}]++; {line.strip()}"
        first = next(i for i, line in enumerate(lines) if line.startswith("#include"))
        lines.insert(first + 1, "unsigned long random_counts[256]; /* COUNTS_ROOM of the host */")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n".join(lines))


class Counting(ast.NodeTransformer):
    """Puts a counting call around what is counted."""

    def call(self, name, *args):
        return ast.Call(ast.Name(name, ast.Load()), list(args), [])

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            node.func = self.call("__name", ast.Constant(node.func.id), node.func)
        elif isinstance(node.func, ast.Attribute):
            node.func.value = self.call("__method", ast.Constant(node.func.attr), node.func.value)
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and not isinstance(node.value, ast.Call):
            node.value = self.call("__method", ast.Constant(node.attr), node.value)
        return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        node.left = self.call("__binary", ast.Constant(type(node.op).__name__), node.left)
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        node.operand = self.call("__unary", ast.Constant(type(node.op).__name__), node.operand)
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        node.left = self.call("__compare", ast.Constant(tuple(type(op).__name__ for op in node.ops)), node.left)
        return node

    def visit_FormattedValue(self, node):
        self.generic_visit(node)
        spec = node.format_spec
        text = spec.values[-1].value if spec and spec.values and isinstance(spec.values[-1], ast.Constant) else ""
        node.value = self.call("__format", ast.Constant(node.conversion), ast.Constant(text), node.value)
        return node


def read_methods():
    wanted = set()
    for name in sorted(os.listdir(VALUES)):
        if name.endswith("methods.def"):
            with open(os.path.join(VALUES, name), encoding="utf-8") as file:
                for type_, method in re.findall(r"^(?:CLASS_|STATIC_)?METHOD\((\w+), (\w+),", file.read(), re.M):
                    wanted.add((type_.lower(), method))
    return wanted


def read_names(name, pattern):
    with open(os.path.join(INCLUDE, name), encoding="utf-8") as file:
        return re.findall(pattern, file.read())


class Coverage:
    def __init__(self, tools):
        self.operations = Operations()
        self.tools = tools
        tools.edit = self.operations.edit
        self.counts = collections.Counter()
        self.exceptions = collections.Counter()

    # ---- counting ----

    def note_template(self, template):
        try:
            for _, field, spec, conversion in string.Formatter().parse(template):
                if field is not None:
                    self.counts["format", "!" + conversion if conversion else (spec or "")[-1:]] += 1
        except (ValueError, AttributeError):
            pass

    def namespace(self):
        counts = self.counts

        def name(text, value):
            if value is getattr(random_batch.builtins, text, None):
                counts["builtin", text] += 1
            return value

        def method(text, value):
            kind = value.__name__ if isinstance(value, type) else type(value).__name__
            counts["method", {"bool": "int", "dict_keys": "dict_view", "dict_items": "dict_view"}.get(kind, kind), text] += 1
            if text == "format" and type(value) is str:
                self.note_template(value)
            return value

        def binary(op, value):
            counts["operator", op] += 1
            if op == "Mod" and type(value) is str:
                for code in re.findall(r"%(?:\(\w*\))?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?([a-zA-Z%])", value):
                    counts["percent", code] += 1
            return value

        def unary(op, value):
            counts["operator", op] += 1
            return value

        def compare(ops, value):
            for op in ops:
                counts["operator", op] += 1
            if len(ops) > 1:
                counts["operator", "chained comparison"] += 1
            return value

        def format_(conversion, spec, value):
            counts["format", "!" + chr(conversion) if conversion > 0 else spec[-1:]] += 1
            return value
        return {"__name": name, "__method": method, "__binary": binary, "__unary": unary, "__compare": compare, "__format": format_,
                "__name__": "programs", "print": lambda *a, **k: counts.update([("builtin", "print")])}

    def add(self, text, programs, counted):
        for index, count in counted:
            self.counts["operation", self.operations.names[index]] += count
        for program in programs:
            for kind, trace, _ in program.expected:
                if kind == "!":
                    self.exceptions[re.match(r"[\w.]*", trace.rstrip("\n").split("\n")[-1]).group(0)] += 1
        tree = ast.fix_missing_locations(Counting().visit(ast.parse("".join(program.text for program in programs))))
        namespace = self.namespace()
        exec(compile(random_tasks.HEAD, "head.py", "exec"), namespace)
        namespace["flyte_map"] = random_tasks.flyte_map(namespace)
        exec(compile(tree, "counted.py", "exec"), namespace)
        for program in programs:
            for values, _ in program.runs:
                signal.setitimer(signal.ITIMER_VIRTUAL, 2)
                try:
                    with random_batch.bounded_memory():
                        namespace[program.name](*[random_batch.copy_input(v) for v in values])
                except BaseException:
                    pass
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    # ---- telling ----

    def wanted(self):
        for name in self.operations.names:
            if name in UNREACHABLE:
                continue
            yield ("operation", name)
        for name in read_names("sbx_gen_builtins.def", r"BUILTIN\((\w+)\)"):
            yield ("builtin", name)
        for type_, name in sorted(read_methods()):
            yield ("method", type_, name)
        for name in ("Add Sub Mult MatMult Div FloorDiv Mod Pow LShift RShift BitAnd BitOr BitXor USub UAdd Invert Not Eq NotEq Lt LtE Gt GtE "
                     "Is IsNot In NotIn").split() + ["chained comparison"]:
            yield ("operator", name)
        for code in "bcdeEfFgGnosxX%":
            yield ("format", code)
        for code in "rsa":
            yield ("format", "!" + code)
        for code in "diouxXeEfFgGcrsa%":
            yield ("percent", code)

    def report(self, minimum, programs):
        """Prints what was reached least; how many stand below `minimum` in a million programs."""
        need = max(1, minimum * programs // 1_000_000)
        rows = sorted((self.counts[key], " ".join(key)) for key in self.wanted())
        rows += sorted((self.exceptions[name], "exception " + name) for name in read_names("sbx_gen_types.def", r"^TYPE\((\w+), \w*(?:Error|Exception|Warning|Exit)\)")
                       + ["Exception"])
        short = [row for row in rows if row[0] < need]
        for count, name in sorted(rows):
            if count < 5 * need:
                print(f"{'SHORT ' if count < need else ''}{name}: {count}")
        print(f"reached: {len(rows)} operations, builtins, methods, operators, codes and exceptions; {len(short)} below {need}")
        return len(short)
