"""Writes random programs from the tables of random_grammar.py.

A Writer makes one program after another from one seed. It keeps what names are in scope, by kind, so that most
expressions are of the right type and programs run far; a few holes in a hundred get an expression of any kind. Loops are
short, exponents and widths small, so that a program takes microseconds.

SPDX-License-Identifier: Apache-2.0
"""
import random
import re

import random_grammar as grammar

HOLE = re.compile(r"<([A-Za-z][A-Za-z0-9]*)(?::([A-Z][A-Z0-9]?))?(\*)?>")
# What often raises: chosen again, most of the times.
RISKY = re.compile(r"\[<[JI]>\]|\]\[|index\(|pop|int\(<SN|float\(<SN|float\(<Y|int\(<Y|chr\(<I|ord\(|to_bytes|\(<II>\)$|\(<LF>\)$|\(<LA>\)$|fromhex|pow\(<I>, <I>|divmod|//|%[ '|]|format|<U>|<[<>] <"
                   r"|bytes\(<|encode\('[la]|decode\(\)|ascii'|<DS>\[|<DI>\[|<DA>\[|\*\*|/ <|utf-8|<K>, <K>\)\)?$|split\(<[SY]|partition\(<|x\(|reduce|strict|round\(<F>\)|int\(<F>|<A> [+*]|ratio|flyte_map|<OP> <OP>|sum\(\[|\*<LI>|range\(<I>"
                   r"|return_exc|<TP> |<LA> |sorted\(<LA>\)|<R>\[|min\(<U|max\(<LA|translate|<F>, <K>|<Q|center\(<W>, |just\(<W>, ")
PLAIN = re.compile(r"[\\#]")
KINDS = ["I"] * 8 + ["S"] * 6 + ["F"] * 4 + ["B"] * 2 + ["LI"] * 5 + ["LS"] * 3 + ["LF", "LA", "LA", "LL", "TI", "TP", "DS", "DS", "DI", "DA", "XI", "XI", "XS", "ZI", "Y", "Y", "R", "A", "A", "U"]
LOOSE = {"I", "F", "S", "LI", "B", "Y", "DS", "LS", "II", "IS", "TI"}
INPUTS = [("I", "int"), ("I", "int"), ("F", "float"), ("S", "str"), ("S", "str"), ("B", "bool"), ("Y", "bytes"), ("LI", "list[int]"), ("LS", "list[str]"),
          ("LF", "list[float]"), ("DS", "dict[str, int]"), ("TI", "tuple[int, ...]"), ("TP", "tuple[int, str]"), ("XI", "set[int]"), ("A", "int | None"),
          ("A", "str | int"), ("A", "list[int] | None"), ("U", "Any"), ("U", ""), ("U", ""), ("I", ""), ("S", ""), ("LI", ""), ("DA", "dict"), ("LA", "list"),
          ("LL", "list[list[int]]"), ("F", ""), ("ZI", "frozenset[int]"), ("DI", "dict[int, str]")]


RISKS = set()


class Production:
    """One line of the tables: its text in parts, the holes to fill and the names it binds."""
    __slots__ = ("parts", "outer", "inner", "binders", "names", "before_dot")

    def __init__(self, text):
        self.parts, self.outer, self.inner, self.names = [], [], [], []
        kinds, at = {}, 0
        for match in HOLE.finditer(text):
            self.parts.append(text[at:match.start()])
            at = match.end()
            word, kind, star = match.groups()
            if word[0].isupper():
                (self.inner if star else self.outer).append((len(self.parts), word))
            else:
                self.names.append((len(self.parts), word))
                if kind:
                    kinds[word] = kind
            self.parts.append(None)
        self.parts.append(text[at:])
        self.binders = list(kinds.items())
        self.before_dot = [at for at, kind in self.outer + self.inner if self.parts[at + 1][:1] == "."]


def read_table(text):
    rows = []
    for line in text.split("\n"):
        weight, bar, rest = line.partition("| ")
        if bar and weight.isdigit():
            rows += [production(rest)] * int(weight)
        elif line:
            rows.append(production(line))
    return rows


def production(text):
    made = Production(text) if HOLE.search(text) else text
    if RISKY.search(text):
        RISKS.add(made)
    return made


CONSTANTS = {kind: read_table(text) for kind, text in grammar.CONSTANTS.items()}
EXPRESSIONS = {**CONSTANTS, **{kind: read_table(text) for kind, text in grammar.EXPRESSIONS.items()}}
TASKS = {kind: [production(text) for text in texts] for kind, texts in grammar.TASKS.items()}
MUTATIONS = {kind: [[production(part) for part in text.split("<v>")] for text in texts] for kind, texts in grammar.MUTATIONS.items()}
GROWING = {kind: [[production(part) for part in text.split("<v>")] for text in texts] for kind, texts in grammar.GROWING.items()}
AROUND = {kind: [production(text.replace("<k>", f"<{kind}>").replace("<k*>", f"<{kind}*>")) for text in grammar.ANY_KIND.split("\n")]
          for kind in grammar.WRAPPED}


def fits(spec, value):
    try:
        format(value, spec)
        return True
    except ValueError:
        return False


LAZY = re.compile(r" for |[a-z]\(")
AB = ("'a'", "'b'")
# The format specifications that an int, a float, a str take.
FITTING = {kind: [text for text in EXPRESSIONS[kind] if fits(text[1:-1], value)] for kind, value in (("QI", 65), ("QF", 2.5), ("QS", "ab"))}


class Writer:
    def __init__(self, seed, tiny=False):
        """tiny: programs of one or two statements, for compilers that take long."""
        self.random = random.Random(seed).random
        self.tiny = tiny

    # ---- choosing ----

    def below(self, n):
        return int(self.random() * n)

    def pick(self, choices):
        return choices[int(self.random() * len(choices))]

    def chance(self, share):
        return self.random() < share

    # ---- names in scope ----

    def bind(self, name, kind):
        self.scope.setdefault(kind, []).append(name)
        self.kind_of.setdefault(name, []).append(kind)
        self.bound.append((name, kind))

    def leave(self, mark):
        bound = self.bound
        while len(bound) > mark:
            name, kind = bound.pop()
            self.scope[kind].remove(name)
            self.kind_of[name].pop()

    def fresh(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def binder(self, kind):
        """The name of a parameter or loop variable: often one that hides another of its kind."""
        name = self.pick("ijcemwgh")
        kinds = self.kind_of.get(name)
        if kinds and kinds[-1] != kind or name in self.fixed:
            return self.fresh(name)
        return name

    # ---- expressions ----

    def expr(self, kind, depth):
        r = self.random()
        if depth <= 0 or r < 0.12 or self.left <= 0:
            return self.leaf(kind)
        self.left -= 1
        if r < 0.123 and kind in LOOSE:
            kind = "U"
        elif r < 0.123 + self.task_share and kind in TASKS:
            return self.expand(self.pick(TASKS[kind]), depth)
        elif r > 0.96 and kind in AROUND:
            return self.expand(self.pick(AROUND[kind]), depth)
        elif r > 0.90 and self.functions.get(kind):
            return self.call(self.pick(self.functions[kind]), depth)
        if kind == "FSTRING":
            return self.fstring(depth)
        table = EXPRESSIONS[kind]
        chosen = table[int(self.random() * len(table))]
        if chosen in RISKS and self.random() < 0.9:
            chosen = table[int(self.random() * len(table))]
            if chosen in RISKS and self.random() < 0.9:
                return self.leaf(kind)
        return self.expand(chosen, depth)

    def leaf(self, kind):
        names = self.scope.get(kind)
        if names and self.random() < 0.7:
            return names[int(self.random() * len(names))]
        table = CONSTANTS.get(kind)
        if table is None:
            if kind == "FSTRING":
                return self.fstring(0)
            table = EXPRESSIONS[kind]
        chosen = table[int(self.random() * len(table))]
        if chosen in RISKS and self.random() < 0.9:
            chosen = table[int(self.random() * len(table))]
        return self.expand(chosen, 0)

    def expand(self, made, depth):
        if made.__class__ is str:
            return made
        parts = made.parts[:]
        for at, kind in made.outer:
            parts[at] = self.expr(kind, depth - 1)
        if made.names:
            mark, named = len(self.bound), {}
            for word, kind in made.binders:
                named[word] = name = self.binder(kind)
                while list(named.values()).count(name) > 1:
                    named[word] = name = self.fresh("b")
                self.bind(name, kind)
            for at, word in made.names:
                parts[at] = named[word]
            for at, kind in made.inner:
                parts[at] = self.expr(kind, depth - 1)
            self.leave(mark)
        for at in made.before_dot:
            if parts[at][0] in "-0123456789" or parts[at][:5] == "await":
                parts[at] = f"({parts[at]})"
        return "".join(parts)

    def fstring(self, depth):
        text, inner = [], []
        for _ in range(1 + self.below(3)):
            text.append(self.pick(("", "", "a ", "{{", "}}", "é", "%")))
            kind = self.pick("IIIFFSSSAAB")
            value = self.expr(kind, depth - 1) if depth > 0 else self.leaf(kind)
            if PLAIN.search(value) or "'" in value and '"' in value:
                value = self.pick("0 1 2.5 None".split())
            conversion = self.pick(("", "", "", "", "!r", "!s", "!a")) if kind != "F" or self.chance(0.2) else ""
            specs = "QS" if conversion else {"I": "QI", "F": "QF", "S": "QS", "B": "QI"}.get(kind, "QS")
            spec = self.pick(FITTING[specs] if self.chance(0.95) else EXPRESSIONS[specs])[1:-1] if self.chance(0.6) else ""
            if kind in "AB" and not conversion and self.chance(0.95):
                spec = ""
            elif self.chance(0.1):
                spec = self.pick(("{%s}", ">{%s}", "<{%s}.2", "{%s!s}", "*^{%s}")) % self.pick(("7", "10", "3", "0", "12"))
            if value[0] == "{":
                value = " " + value
            text.append("{" + value + ("=" if self.chance(0.1) else "") + conversion + (":" + spec if spec else "") + "}")
            inner.append(value)
        inner = "".join(inner)
        if "'" not in inner:
            quote = "'"
        elif '"' not in inner:
            quote = '"'
        else:
            quote = "'''" if "'''" not in inner else '"""'
        body = "".join(text)
        if len(quote) == 3 and (quote in body or body[-1] == quote[0]):
            return "''"
        return "f" + quote + body + quote

    def call(self, function, depth):
        name, parameters, _ = function
        if self.chance(0.07) and parameters and not any(p[2] == "kw" for p in parameters):
            return f"{name}(*[{', '.join(self.expr(p[1], depth - 2) for p in parameters if p[2] not in ('args', 'kwargs'))}])"
        if self.chance(0.02):
            return f"{name}(*{self.expr('LI', depth - 1)})"
        args, keywords = [], False
        for parameter, kind, mode, default in parameters:
            if default and self.chance(0.4):
                keywords = True
                continue
            if mode == "args":
                if not keywords and self.chance(0.6):
                    args.append(self.pick((f"*{self.expr('II', depth - 2)}", self.expr("I", depth - 2))))
            elif mode == "kwargs":
                if self.chance(0.5):
                    args.append(self.pick((f"**{self.expr('DS', depth - 2)}", f"zz={self.expr('I', depth - 2)}")))
            elif mode == "kw" or keywords and mode == "both" or mode == "both" and not any(p[2] == "args" for p in parameters) and self.chance(0.2):
                keywords = True
                args.append(f"{parameter}={self.expr(kind, depth - 2)}")
            elif not keywords:
                args.append(self.expr(kind, depth - 2))
        return f"{name}({', '.join(args)})"

    def value(self, kind, depth=3):
        self.left = 11
        return self.expr(kind, depth)

    def shown(self, kind, depth=3):
        """An expression that may be looked at: sets are sorted."""
        text = self.value(kind, depth)
        return f"sorted({text})" if kind in ("XI", "XS", "ZI") else f"list({text})" if kind == "R" and self.chance(0.1) else f"repr({text})" if kind == "R" else text

    # ---- statements ----

    def line(self, text):
        self.lines.append("    " * self.indent + text)

    def block(self, budget):
        self.indent += 1
        mark = len(self.bound)
        functions = {kind: list(known) for kind, known in self.functions.items()}
        own = len(self.own)
        begin = len(self.lines)
        for _ in range(self.pick((1, 1, 1, 2, 2, 3))):
            self.statement(budget)
        if len(self.lines) == begin:
            self.line("pass")
        if not self.chance(0.04):
            self.leave(mark)
            del self.own[own:]
            self.functions = functions
        self.indent -= 1

    def statement(self, budget):
        r = self.below(100)
        if r < 30 or self.indent > 5:
            self.assign()
        elif r < 44:
            self.line(f"log.append({self.shown(self.pick(KINDS))})")
        elif r < 46:
            self.line(self.value(self.pick(KINDS + ["N"])))
        elif r < 52:
            self.unpack()
        elif r < 61:
            self.mutate()
        elif r < 63:
            self.raising()
        elif budget <= 0:
            self.small()
        elif r < 73:
            self.condition(budget)
        elif r < 83:
            self.loop(budget)
        elif r < 92:
            self.function(budget)
        elif r < 97:
            self.snippet()
        else:
            self.small()

    def small(self):
        if self.loops and self.chance(0.7):
            self.line(f"if {self.value('B', 2)}:")
            self.line("    " + self.pick(("break", "continue", "pass")))
        elif self.chance(0.15):
            self.line("pass")
        elif self.chance(0.4):
            self.line(f"if {self.value('B', 2)}:")
            self.line(f"    return {self.result_text()}")
        else:
            self.line(f"print({self.shown(self.pick(KINDS), 2)}{self.pick(('', '', ', sep=' + chr(34) + '-' + chr(34), ', ' + self.leaf('I')))})")

    def assign(self):
        kind = self.pick(KINDS)
        own = [name for name, own_kind in self.own if own_kind == kind]
        value = self.value(kind)
        r = self.random()
        if own and r < 0.35:
            name = self.pick(own)
        elif r > 0.985 and self.scope.get(kind):
            name = self.pick(self.scope[kind])
            if name in self.fixed:
                return
        else:
            name = self.fresh(kind[0].lower())
            self.bind(name, kind)
            self.own.append((name, kind))
        if self.chance(0.04) and own:
            self.line(f"{name} = {self.pick(own)} = {value}")
        elif self.chance(0.05) and name not in self.annotated:
            self.annotated.add(name)
            self.line(f"{name}: {self.pick(('int', 'object', 'str', 'list[int]'))} = {value}" if kind in ("A",) else f"{name}: {ANNOTATION.get(kind, 'object')} = {value}")
        else:
            self.line(f"{name} = {value}")

    def full(self, kind):
        """A list of two or more items, most of the times."""
        if self.chance(0.15):
            return self.value(kind)
        item = kind[1]
        return f"[{self.value(item, 2)}, {self.value(item, 2)}]" if self.chance(0.7) or kind != "LI" else f"({self.value(item, 2)}, {self.value(item, 1)})"

    def unpack(self):
        names = []

        def new(kind):
            name = self.fresh("u")
            names.append((name, kind))
            return name
        r = self.below(12)
        if r == 0:
            text = f"{new('I')}, {new('I')} = {self.value('I', 2)}, {self.value('I', 2)}"
        elif r == 1:
            text = f"{new('I')}, {new('S')} = {self.value('TP')}"
        elif r == 2:
            text = f"{new('I')}, *{new('LI')} = {self.full('LI')}"
        elif r == 3:
            text = f"*{new('LI')}, {new('I')} = {self.full('LI')}"
        elif r == 4:
            text = f"{new('S')}, *{new('LS')}, {new('S')} = {self.full('LS')}"
        elif r == 5:
            text = f"({new('I')}, {new('S')}), {new('F')} = {self.value('TP', 2)}, {self.value('F', 2)}"
        elif r == 6:
            text = f"[{new('I')}, {new('I')}] = {self.full('LI')}"
        elif r == 7:
            text = f"{new('I')}, ({new('S')}, *{new('LS')}) = {self.value('I', 1)}, {self.full('LS')}"
        elif r == 8:
            text = f"{new('S')}, {new('S')}, {new('S')} = {self.value('S', 2)}.partition({self.value('S', 1)})"
        elif r == 9:
            text = f"{new('I')}, {new('I')} = divmod({self.value('I', 2)}, {self.value('I', 2)})"
        elif r == 10:
            own = [name for name, kind in self.own if kind == "I" and name not in self.fixed]
            if len(own) < 2:
                return
            text = f"{own[-1]}, {own[0]} = {own[0]}, {own[-1]} + {self.leaf('I')}"
        else:
            text = f"{new('A')}, {new('A')} = {self.value('A')}" if self.chance(0.2) else f"*{new('LA')}, = {self.value('IA')}"
        self.line(text)
        for name, kind in names:
            self.bind(name, kind)
            self.own.append((name, kind))

    def mutate(self):
        kind = self.pick(("LI", "LI", "LI", "LS", "LA", "LL", "LF", "DS", "DS", "DI", "DA", "XI", "XI", "XS"))
        names = self.scope.get(kind)
        if not names:
            name = self.fresh(kind[0].lower())
            self.line(f"{name} = {self.value(kind, 2)}")
            self.bind(name, kind)
            self.own.append((name, kind))
        else:
            name = self.pick(names)
        growing = kind not in MUTATIONS or kind in GROWING and self.chance(0.5)
        if growing and (self.loops and any(re.search(rf"\b{name}\b", text) for text in self.iterated)):
            return
        parts = self.pick((GROWING if growing else MUTATIONS)[kind])
        self.left = 8
        parts = [self.expand(part, 2) for part in parts]
        if growing and LAZY.search(parts[-1]) and re.search(rf"\b{name}\b", parts[-1]):
            return # docs/language.md: generators are used up before the container changes
        text = name.join(parts)
        if self.chance(0.25):
            text = f"log.append({text})" if kind not in ("LL", "XI") or "[" not in text else text
        self.line(text)
        if self.chance(0.3):
            self.line(f"log.append({'sorted(' + name + ')' if kind[0] == 'X' else 'list(' + name + ')' if self.chance(0.3) else 'str(' + name + ')' })")

    def raising(self):
        r = self.random()
        if r < 0.5:
            self.line(f"if {self.value('B', 2)}:")
            self.indent += 1
        self.raise_()
        if r < 0.5:
            self.indent -= 1

    def raise_(self):
        r = self.random()
        name = self.pick(grammar.RAISED)
        if r < 0.35:
            text = f"{name}({self.value('S', 2)})"
        elif r < 0.5:
            text = name
        elif r < 0.62:
            text = f"{name}({self.value('A', 2)}, {self.value('I', 1)})" if name not in ("SyntaxError", "IndentationError", "TabError") else f"{name}()"
        elif r < 0.75:
            text = f"{name}()"
        elif r < 0.82:
            text = f"{name}({self.value('I', 2)}) from {self.pick(('None', self.pick(grammar.RAISED), self.value('E', 2)))}"
        elif r < 0.9:
            text = self.value("E", 2)
        elif r < 0.98:
            self.left = 6
            text = self.expand(production(self.pick(grammar.RAISE_SPECIAL)), 2)
        else:
            text = self.value("A", 2)
        self.line(f"raise {text}")

    def condition(self, budget):
        self.line(f"if {self.test()}:")
        self.block(budget - 1)
        while self.chance(0.25):
            self.line(f"elif {self.test()}:")
            self.block(budget - 1)
        if self.chance(0.45):
            self.line("else:")
            self.block(budget - 1)

    def test(self):
        """A condition; some narrow the type of a name."""
        names = self.scope.get("A")
        if names and self.chance(0.3):
            name = self.pick(names)
            return self.pick((f"isinstance({name}, int)", f"{name} is not None", f"{name} is None", f"isinstance({name}, (str, list))", f"not isinstance({name}, str)", name,
                              f"isinstance({name}, int) and {name} > {self.leaf('I')}", f"{name} is None or {name} == {self.leaf('I')}", f"type({name}) is str"))
        return self.value("B" if self.chance(0.8) else self.pick(("I", "S", "LI", "A", "DS", "F")))

    def loop(self, budget):
        mark, functions, own = len(self.bound), {kind: list(known) for kind, known in self.functions.items()}, len(self.own)
        r = self.random()
        self.iterated.append("")
        if r < 0.2:
            name = self.fresh("n")
            self.line(f"{name} = {self.pick('012')}")
            self.bind(name, "I")
            self.fixed.add(name)
            mark = len(self.bound)
            self.line(f"while {name} < {self.pick('345')}{' and ' + self.value('B', 2) if self.chance(0.6) else ''}:")
            self.line(f"    {name} = {name} + 1")
        else:
            names = []
            if r < 0.5:
                kind, iterable = "I", self.value("II")
            elif r < 0.65:
                kind, iterable = "S", self.value("IS")
            elif r < 0.72:
                kind, iterable = "A", self.value("IA")
            elif r < 0.77:
                kind, iterable = "LI", self.value("LL")
            else:
                kind = None
                r = self.below(5)
                a, b = self.fresh("i"), self.fresh("s")
                if r == 0:
                    head, names, iterable = f"{a}, {b}", [(a, "I"), (b, "S")], self.value("IP")
                elif r == 1:
                    head, names, iterable = f"{a}, {b}", [(a, "S"), (b, "I")], f"{self.value('DS')}.items()"
                elif r == 2:
                    head, names, iterable = f"{a}, ({b}, {a}x)", [(a, "I"), (b, "I"), (a + "x", "S")], f"enumerate({self.value('IP')})"
                elif r == 3:
                    head, names, iterable = f"{a}, *{b}", [(a, "I"), (b, "LA")], self.value("IP")
                else:
                    head, names, iterable = f"{a}, {b}", [(a, "I"), (b, "S")], f"zip({self.value('II', 2)}, {self.value('IS', 2)})"
            if kind:
                head = self.binder(kind)
                names = [(head, kind)]
            self.iterated[-1] = iterable
            self.line(f"for {head} in {iterable}:")
            for name, kind in names:
                self.bind(name, kind)
        self.loops += 1
        self.block(budget - 1)
        self.loops -= 1
        self.iterated.pop()
        if not self.chance(0.05):
            self.leave(mark)
            del self.own[own:]
            self.functions = functions
        if self.chance(0.2):
            self.line("else:")
            self.block(0)

    def function(self, budget, method=None):
        name, kind = self.fresh("f"), self.pick(("I", "I", "I", "S", "S", "F", "B", "LI", "LS", "A", "DS", "TI"))
        parameters, mode = [], "both"
        for _ in range(self.pick((0, 1, 1, 2, 2, 3))):
            parameters.append([self.fresh("p"), self.pick(("I", "I", "I", "S", "S", "F", "LI", "A", "LS", "DS")), mode, None])
        if parameters and self.chance(0.12):
            for parameter in parameters[:1 + self.below(len(parameters))]:
                parameter[2] = "only"
        for parameter in reversed(parameters):
            if not self.chance(0.3):
                break
            parameter[3] = self.value(parameter[1], 2)
        if self.chance(0.15):
            parameters.append([self.fresh("args"), "TI", "args", None])
        if self.chance(0.15):
            parameters.append([self.fresh("k"), self.pick(("I", "S")), "kw", self.chance(0.6) and self.value("I", 1) or None])
        if self.chance(0.12):
            parameters.append([self.fresh("kwargs"), "DS", "kwargs", None])
        text, starred = [], False
        for i, (parameter, parameter_kind, mode, default) in enumerate(parameters):
            if mode == "kw" and not starred:
                text.append("*")
            starred = starred or mode == "args"
            hint = f": {ANNOTATION[parameter_kind]}" if self.typed and parameter_kind in ANNOTATION and mode in ("both", "kw", "only") else ""
            text.append({"args": "*", "kwargs": "**"}.get(mode, "") + parameter + hint + (f" = {default}" if default else ""))
            if mode == "only" and (i + 1 == len(parameters) or parameters[i + 1][2] != "only"):
                text.append("/")
        self.line(f"def {name}({', '.join(text)}){' -> ' + ANNOTATION[kind] if self.typed and kind in ANNOTATION and self.chance(0.5) else ''}:")
        saved = self.own, self.loops, self.functions, self.iterated, self.result
        mark = len(self.bound)
        self.own, self.loops, self.iterated, self.result = [], 0, [], kind
        self.functions = {k: list(known) for k, known in self.functions.items()}
        for parameter, parameter_kind, mode, _ in parameters:
            self.bind(parameter, parameter_kind)
            self.own.append((parameter, parameter_kind))
        self.indent += 1
        begin = len(self.lines)
        for _ in range(self.pick((0, 0, 1, 1, 2))):
            self.statement(budget - 1)
        if not self.chance(0.04):
            self.line(f"return {self.value(kind)}")
        elif len(self.lines) == begin:
            self.line("pass")
        self.indent -= 1
        self.leave(mark)
        self.own, self.loops, self.functions, self.iterated, self.result = saved
        made = (name, [tuple(p) for p in parameters], kind)
        self.functions.setdefault(kind, []).append(made)
        if self.chance(0.15):
            other = self.fresh("g")
            self.line(f"{other} = {name}")
            self.functions[kind].append((other,) + made[1:])
        if self.chance(0.5):
            self.left = 8
            self.line(f"log.append({self.call(made, 3)})")
        if len(parameters) == 1 and parameters[0][1] == "I" and parameters[0][2] != "kw" and kind == "I":
            self.bind(name, "FI")

    def snippet(self):
        r = self.below(15)
        name = self.fresh("r")
        indent = "    " * self.indent
        self.left = 8
        if r == 0: # recursion
            base, step = self.value("I", 2), self.pick((f"n + {name}(n - 1)", f"{name}(n - 1) * 2 - n", f"max(n, {name}(n - 1))", f"{name}(n - 1) + len(str(n))", f"ti({name}(n - 1))"))
            text = f"def {name}(n):\n    return {base} if n <= 0 else {step}\nlog.append({name}({self.leaf('I')} % 9))"
        elif r == 1: # mutual recursion, forward reference
            other = self.fresh("r")
            text = f"def {name}(n):\n    return True if n == 0 else {other}(n - 1)\ndef {other}(n):\n    return False if n == 0 else {name}(n - 1)\nlog.append([{name}(4), {other}({self.leaf('I')} % 7)])"
        elif r == 2: # a counter
            text = f"def {name}(start):\n    box = [start]\n    def step(by={self.leaf('I')}):\n        box.append(box[-1] + by)\n        return box[-1]\n    return step\n{name}x = {name}({self.value('I', 2)})\nlog.append(({name}x(), {name}x({self.leaf('I')}), {name}x()))"
        elif r == 3: # late binding
            text = f"{name} = [lambda: i * {self.leaf('I')} for i in range(3)]\nlog.append([f() for f in {name}])\n{name}y = [lambda i=i: i for i in {self.value('II', 2)}]\nlog.append([f() for f in {name}y])"
        elif r == 4: # functions in containers
            text = f"{name} = {{'a': {self.value('FI', 2)}, 'b': abs}}\nlog.append([f({self.leaf('I')}) for f in {name}.values()])\nlog.append({name}[{self.pick(AB) if self.chance(0.9) else self.leaf('S')}]({self.leaf('I')}))"
        elif r == 5: # bound methods
            text = f"{name} = []\n{name}p = {name}.append\nfor v in {self.value('II', 2)}:\n    {name}p(v)\nlog.append({name})\n{name}s = {self.leaf('S')}.{self.pick(('join', 'split', 'count', 'startswith', 'replace', 'strip', 'find', 'format'))}\nlog.append({name}s({self.leaf('S')}))"
        elif r == 6: # a variable of the outer function that changes later
            text = f"{name} = {self.leaf('I')}\ndef {name}f(x):\n    return x + {name}\nlog.append({name}f(1))\n{name} = {self.value('I', 2)}\nlog.append({name}f(1))"
        elif r == 7: # maybe unbound
            text = f"for {name} in {self.value('II', 2)}:\n    pass\nlog.append({name})"
        elif r == 8: # search with else
            text = f"for {name} in {self.value('II', 2)}:\n    if {name} == {self.leaf('I')}:\n        log.append('found')\n        break\nelse:\n    log.append('none')"
        elif r == 9: # aliases
            text = f"{name} = {self.value('LI', 2)}\n{name}b = {name}\n{name}b.append({self.leaf('I')})\nlog.append(({name}, {name} is {name}b, {name} == {name}b, {name} is list({name})))"
        elif r == 11: # native doubles
            c = self.pick(("0.5", "1.25", "-2.0", "3.0", "1e10", "7.0"))
            text = (f"{name} = {c}\nfor v in range({self.pick('345')}):\n    {name} = {name} * 1.5 - v\n    {name}b = -{name} {self.pick(('//', '%', '/', '+', '-', '*'))} {self.pick(('0.7', '3.0', '-1.5'))}\n"
                    f"    if {name} {self.pick(('<', '<=', '==', '!=', '>', '>='))} {name}b {self.pick(('and', 'or'))} {name}b {self.pick(('<', '<=', '==', '!=', '>', '>='))} {c}:\n        {name} = {name}b\n"
                    f"    {name}c = {name}\n{name}d, {name}e = {name} < {c}, {name} >= {name}c\n{name}f = {name}g = {name}c {self.pick(('<', '!='))} {c}\n"
                    f"log.append([{name}, {name}c, not {name} {self.pick(('<', '=='))} 2.0, {name}d, {name}e, {name}f, {name}g])")
        elif r == 12: # machine integers
            text = (f"for v in range({self.pick(('ti(2), 6', '1, ta(5)', '5, -2, -2', 'tn(7), 4', '0, 9, ti(2)', 'ti(3) - 2, 4', 'tn(4) - 1, ti(5)', 'len(log) - 3, 2'))}):\n    if v - 1 {self.pick(('<=', '>=', '==', '!=', '<', '>'))} {self.pick('123')} and v {self.pick(('<=', '>=', '==', '!=', '<', '>'))} {self.pick('0235')}:\n"
                    f"        continue\n    log.append(v {self.pick('+-*')} {self.pick('123')})")
        elif r == 13: # functions that may be anything
            text = (f"{name} = {self.pick(('[abs, lambda n: -n]', '[ti, abs]', '[str, lambda n: n, tn]', '[lambda n: tn(n), hash]'))}\nfor g9 in {name}:\n    log.append([g9(3), sorted({self.leaf('LI')}, key=g9), list(map(g9, {self.leaf('LI')}))])\n"
                    f"    log.append(max([1, 2], key=g9))\n    log.append(list(filter(g9, [0, 1])))")
        elif r == 14: # calls side by side
            items = self.pick(("*{n}", "*{n}[:1]", "{n}[1], {n}[0]", "(v + 1 for v in {n}[0]), {n}[1]", "*[reversed(v) for v in {n}]", "*{n}, concurrency=1")).format(n=name)
            text = (f"{name} = [list({self.value('II', 2)}), list({self.value('II', 2)})]\n"
                    f"log.append([str(v) for v in flyte_map('ta', {items})])")
            if self.chance(0.3):
                text += f"\nlog.append(list(zip({self.pick(('map(str, {n}[0])', '(v for v in {n}[0])')).format(n=name)}, {name}[1], strict=True)))"
        else: # an iterator that is used in parts
            ending = self.pick(("", "", f", {self.leaf('I')}"))
            begin = "enumerate(" if ending else self.pick(("map(str, ", "enumerate(", "reversed(", "zip("))
            text = f"{name} = {begin}{self.value('LI', 2)}{ending})\nfor v in {name}:\n    log.append(v)\n    break\nlog.append(list({name}))"
        self.lines += [indent + line for line in text.split("\n")]

    # ---- programs ----

    def result_text(self):
        return self.shown(self.result, 2) if self.result else self.shown(self.pick(KINDS), 2)

    def program(self, name, with_inputs=True):
        """(text, inputs: names with their declared types). The text begins with its decorator."""
        self.lines, self.indent, self.count, self.left = [], 0, 0, 0
        self.scope, self.kind_of, self.bound, self.own, self.functions = {}, {}, [], [], {}
        self.loops, self.iterated, self.fixed, self.annotated, self.result = 0, [], {"log"}, set(), None
        self.task_share = self.pick((0.0, 0.0, 0.02, 0.06, 0.15))
        self.typed = self.chance(0.6)
        inputs = []
        for i in range(self.pick((0, 1, 1) if self.tiny else (0, 1, 2, 2, 3)) if with_inputs else 0):
            kind, declared = self.pick(INPUTS)
            if not self.typed and kind not in ("Y", "TI", "TP", "XI", "ZI", "DI"):
                declared = ""
            inputs.append(("abcd"[i], kind, declared))
            self.bind("abcd"[i], kind)
            self.own.append(("abcd"[i], kind))
        self.line("@env.sandbox.orchestrator")
        self.line(f"def {name}({', '.join(n + (': ' + d if d else '') for n, _, d in inputs)}):")
        self.indent = 1
        self.line("log = []")
        for _ in range(self.pick((1, 1, 1, 2) if self.tiny else (1, 2, 2, 3, 3, 4, 5))):
            self.statement(self.pick((0, 0, 0, 1)) if self.tiny else 2)
        if self.chance(0.06):
            self.raise_()
        else:
            names = [f"sorted({n})" if k in ("XI", "XS", "ZI") else f"str({n})" if k == "R" else n for n, k in self.own][-8:]
            self.line(f"return [{', '.join(['log'] + names)}]" if self.chance(0.8) else f"return {self.shown(self.pick(KINDS))}")
        return "\n".join(self.lines) + "\n", inputs


ANNOTATION = {"I": "int", "F": "float", "S": "str", "B": "bool", "LI": "list[int]", "LS": "list[str]", "DS": "dict[str, int]", "TI": "tuple[int, ...]", "Y": "bytes"}
