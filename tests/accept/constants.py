# Constant expressions: the default of each input is evaluated by the checker as Python evaluates it. run.py compares them.
import datetime
import textwrap
from datetime import timedelta

import flyte

env = flyte.TaskEnvironment(name="x")
A, B, (C, D) = 1, 2.5, ("text", [1, 2, 3])
WORDS = ["alpha", "beta", "gamma"]
TABLE = {"one": 1, "two": 2, **{"three": 3}, "one": 11}
TEXT = """
    first
      second

    third
"""
GREETING = "hello"
GREETING += " world"
GREETING = GREETING.title()
COUNT: int = 10
MUTATED = [1]
NESTED = ((1, 2), [3, {"k": (4,)}])


class Settings:
    RATE = 0.25
    LIMIT: int = 3 * COUNT


if COUNT > 5 and not A == 2:
    BRANCH = "yes"
else:
    BRANCH = "no"


@env.sandbox.orchestrator
def integers(a=1 + 2 * 3, b=-7 // 2, c=-7 % 3, d=7 % -3, e=2 ** 10, f=1 << 40, g=-1 >> 3, h=0xFF | 0b1010 ^ 0o17 & 12, i=~5, j=+True, k=True + True, l=-9223372036854775808,
             m=9223372036854775807 - 1, n=99999999999999999999, o=-99999999999999999999, p=10 ** 18, q=7 // 2 * 2 + 7 % 2, r=int("42"), s=int(3.9), t=int(-3.9), u=abs(-5),
             v=len("h\u00e9llo"), w=len(TABLE), x=min(3, 1, 2), y=max([1, 5, 3]), z=COUNT * A):
    return a


@env.sandbox.orchestrator
def floats(a=1 / 3, b=1e100, c=-0.0, d=1.5 + 2, e=2 * 0.1, f=float(3), g=7 / 2, h=1e-7, i=123456789.123, j=B - 1, k=Settings.RATE * 2, l=0.1 + 0.2, m=1e16, n=timedelta(hours=1).total_seconds(), o=-B):
    return a


@env.sandbox.orchestrator
def texts(a="a" "b", b="a" + "b" * 3, c=f"{A}-{B}-{C!r}", d=f"{A:03d}|{B:8.2f}|{C:>8}|{C:*^9}|{A:<4}|{C:.2}|{255:x}", e="{} {}".format(1, "x"), f="{0}{1}{0} {name} {{}}".format("a", 2, name="n"),
          g="%s-%d-%r%%" % ("x", 3, "y"), h=textwrap.dedent(TEXT), i=textwrap.dedent(TEXT).strip(), j=", ".join(WORDS), k="a,b,,c".split(","), l="  a b ".split(), m="Hello World".upper(),
          n="Hello World".lower(), o="hello wORLD".title(), p="hELLO".capitalize(), q="  x ".lstrip(), r="xxaxx".rstrip("x"), s="a.b.c".replace(".", "-"), t="prefix-x".removeprefix("prefix-"),
          u=str(12) + str(1.5) + str(None) + str(True) + str([1, "a"]) + str((1,)), v=repr("it's"), w=GREETING, x=BRANCH, y="\t\n\\'\"\x00\u00e9", z=b"bytes\x00" + b"'"):
    return a


@env.sandbox.orchestrator
def containers(a=[1, *WORDS, 2], b=(1,), c=(), d={"a": 1, "b": [1, 2]}, e=dict(x=1, y="z"), f=dict.fromkeys(["p", "q"], 0), g=[1, 2] + [3], h=[0] * 3, i=(1, 2) * 2, j=TABLE, k=TABLE["two"],
               l=WORDS[-1], m=D[0], n=[x * 2 for x in D if x > 1], o={k: v for k, v in TABLE.items() if v > 1}, p=list(range(2, 10, 3)), q=tuple("x" for _ in range(2)), r=list(TABLE), s=list(TABLE.values()),
               t=dict([("a", 1), ("b", 2)]), u={**TABLE, "four": 4}, v=TABLE | {"five": 5}, w=NESTED, x=[i + j for i in range(2) for j in range(2)], y=TABLE.get("none", "default"), z=WORDS.copy()):
    return a


@env.sandbox.orchestrator
def truths(a=1 < 2, b=1 < 2 < 2, c="a" in "cat", d="x" not in WORDS, e=None is None, f=A == 1.0, g=not [], h=1 and 0, i="" or "default", j=bool(0.0), k=1 if A else 2, l=[1, 2] == [1, 2], m="b" > "a", n=A is not None):
    return a


@env.sandbox.orchestrator
def spans(a=datetime.timedelta(days=1), b=timedelta(hours=1, minutes=30) * 2, c=timedelta(weeks=1) - timedelta(seconds=1), d=timedelta(0, 1, 2, 3, 4, 5, 6), e=-timedelta(milliseconds=1.5)):
    return a
