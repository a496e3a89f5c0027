"""Shapes that are easy to get wrong: dead code, odd loops, empty bodies. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def inc(x: int) -> int:
    return x + 1


@env.sandbox.orchestrator
def dead_code():
    def unused():
        return inc(5)
        return 6
    x = 1
    while True:
        x = x + 1
        if x > 5:
            return [x, unused() if x < 0 else 0]
        continue
        x = 100
    return "never"
    # expect: [6, 0]


@env.sandbox.orchestrator
def constant_conditions():
    out = []
    if 0:
        out.append(1)
    elif "":
        out.append(2)
    elif not None and 1.5:
        out.append(3)
    while 0:
        out.append(4)
    else:
        out.append(5)
    for i in ():
        out.append(6)
    x = 1 if () else 2 if "a" and [] else 3
    return [out, x, 0 or "" or (), 1 and "a" and (1,), not (), not not 3]
    # expect: [[3, 5], 3, [], [1], true, true]


@env.sandbox.orchestrator
def breaks_and_elses():
    out = []
    for i in range(4):
        for j in (x for x in range(5)):
            if j == i:
                break
            if j == 9:
                continue
        else:
            out.append("no break")
        while i < 3:
            if inc(i) == 2:
                out.append("two")
                break
            i = i + 1
        else:
            out.append(("else", i))
            continue
        out.append((i, j))
    for a, b in zip(range(3), (inc(x) for x in range(9))):
        if a == 1:
            break
    return [out, a, b]
    # expect: [["two", [1, 0], "two", [1, 1], ["else", 3], ["else", 3]], 1, 2]


@env.sandbox.orchestrator
def statements_without_effect():
    1
    "text"
    x = 1.5
    x
    x / 2
    x < 2
    not x
    [inc(i) for i in range(2)]
    (lambda: 1)
    -x
    x is None
    len("abc")
    i = 0
    for i in range(3):
        i
    bool([])
    return x
    # expect: 1.5


@env.sandbox.orchestrator
def natives_meet_values():
    f = 0.5
    n = 3
    g = f if n > 2 else n
    h = n / 2
    k = h // 1
    total = 0
    for i in range(5):
        total = total + i * f
        f = f + i
    last = i
    for i in range(last, -1, -2):
        total = total - i
    big = 2.0
    for i in range(10):
        big = big * big
    return [g, h, k, total, f, last, i, big, f > n, n == 3.0, i < f, len("ab") == 2.0, len("ab") > i, [i, f], {i: f}, f"{i}{f}", (i, -f), -i, i * i]
    # expect: [0.5, 1.5, 1.0, 34.0, 10.5, 4, 9, Infinity, true, true, true, true, false, [9, 10.5], {"9": 10.5}, "910.5", [9, -10.5], -9, 81]


@env.sandbox.orchestrator
def rebinding():
    x = 1
    x = "a" + str(x)
    x = [x]
    for x in x:
        pass
    def f(x):
        x = x * 2
        return x
    def f2(y=x):
        return y
    x = 5
    len_ = len
    return [x, f(x), f2(), len_("ab"), [x for x in range(x)], x]
    # expect: [5, 10, "a1", 2, [0, 1, 2, 3, 4], 5]


@env.sandbox.orchestrator
def captured_everywhere():
    out = []
    for i in range(3):
        j = inc(i)
        def f(k=i):
            return (i, j, k)
        out.append(f)
    grid = [[(lambda: (r, c)) for c in range(2)] for r in range(2)]
    def outer(a):
        b = [a]
        def middle(c):
            def inner(d):
                b.append(d)
                return [a, b[-1], c, d, inc(d)]
            return inner(c + 1)
        return middle(a + 1)
    return [[f() for f in out], [[g() for g in row] for row in grid], outer(1), sum(inc(v) + j for v in range(2))]
    # expect: [[[2, 3, 0], [2, 3, 1], [2, 3, 2]], [[[1, 1], [1, 1]], [[1, 1], [1, 1]]], [1, 3, 2, 3, 4], 9]


@env.sandbox.orchestrator
def argument_shapes():
    def f(a, /, b, *c, d=1, **e):
        return [a, b, list(c), d, e]
    xs, kw = [3, 4], {"d": 5, "z": 6}
    return [f(1, 2), f(1, b=2), f(1, 2, *xs), f(1, *xs, **kw), f(*xs, *xs, d=inc(1)), f(1, 2, **{}), f(*"ab", **{"d": 2}, y=3),
            (lambda *, k: k)(k=1), (lambda a, b=2, *c: [a, b, list(c)])(1), (lambda: None)()]
    # expect: [[1, 2, [], 1, {}], [1, 2, [], 1, {}], [1, 2, [3, 4], 1, {}], [1, 3, [4], 5, {"z": 6}], [3, 4, [3, 4], 2, {}], [1, 2, [], 1, {}], ["a", "b", [], 2, {"y": 3}], 1, [1, 2, []], null]


@env.sandbox.orchestrator
def many_temporaries():
    return inc(0) + inc(inc(1) * inc(2) + [inc(3), inc(4)][inc(0)] + {"a": inc(5)}["a"] * (inc(6) if inc(0) else inc(7))) - len([inc(8)] + [inc(9)] * inc(1))
    # expect: 52
