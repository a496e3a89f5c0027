"""Evaluation order, one case a rule. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.sandbox.orchestrator
def of_operands():
    log = []
    def t(x):
        log.append(x)
        return x
    a = t(1) + t(2) * t(3)
    b = t(4) < t(5) < t(6)
    c = t(9) < t(8) < t(7)
    d = [t(1), t(2)][t(0)]
    e = {t("a"): t("b"), t("c"): t("d")}
    f = t(0) or t(1) and t(2)
    g = t("then") if t(0) else t("else")
    return [log, a, b, c, d, e, f, g]
    # expect: [[1, 2, 3, 4, 5, 6, 9, 8, 1, 2, 0, "a", "b", "c", "d", 0, 1, 2, 0, "else"], 7, true, false, 1, {"a": "b", "c": "d"}, 2, "else"]


@env.sandbox.orchestrator
def of_calls():
    log = []
    def t(x):
        log.append(x)
        return x
    def f(a, b, c=0, *rest, k=0, **more):
        return [a, b, c, list(rest), k, more]
    def pick(x):
        log.append("pick")
        return f
    out = [f(t(1), c=t(2), b=t(3)), pick(0)(t(1), t(2), k=t(3), z=t(4)), f(*[t(5), t(6)], t(7), **{"k": t(8)})]
    return [log, out]
    # expect: [[1, 2, 3, "pick", 1, 2, 3, 4, 5, 6, 7, 8], [[1, 3, 2, [], 0, {}], [1, 2, 0, [], 3, {"z": 4}], [5, 6, 7, [], 8, {}]]]


@env.sandbox.orchestrator
def of_assignment():
    a, b = 1, 2
    a, b = b, a
    [c, (d, *e)], f = [1, (2, 3, 4)], 5
    x = y = [a]
    x.append(b)
    *p, q = range(4)
    a, b, c2 = b, c, a
    return [a, b, c, d, e, f, x, y, p, q, c2]
    # expect: [1, 1, 1, 2, [3, 4], 5, [2, 1], [2, 1], [0, 1, 2], 3, 2]


@env.sandbox.orchestrator
def of_defaults():
    log = []
    def t(x):
        log.append(x)
        return x
    def f(a=t(1), b=t(2), *, c=t(3)):
        return [a, b, c]
    t(4)
    return [log, f(), f(b=5)]
    # expect: [[1, 2, 3, 4], [1, 2, 3], [1, 5, 3]]


@env.sandbox.orchestrator
def of_comprehensions():
    log = []
    def t(x):
        log.append(x)
        return x
    a = [t(x) + t(y) for x in t([1, 2]) if t(x) for y in t([3]) if t(y)]
    b = {t(k): t(v) for k, v in [(1, 2)]}
    return [log, a, b]
    # expect: [[[1, 2], 1, [3], 3, 1, 3, 2, [3], 3, 2, 3, 1, 2], [4, 5], {"1": 2}]


@env.sandbox.orchestrator
def of_short_circuits():
    log = []
    def t(x):
        log.append(x)
        return x
    out = []
    for a in (0, 1):
        for b in (0, 1):
            out.append((t(a) and t(b), t(a) or t(b), not t(a), bool(t(b))))
            if t(a) and not t(b) or t(b) and not t(a):
                out.append("xor")
    return [log, out]
    # expect: [[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1], [[0, 0, true, false], [0, 1, true, true], "xor", [0, 1, false, false], "xor", [1, 1, false, true]]]


@env.sandbox.orchestrator
def of_loops():
    log = []
    def t(x):
        log.append(x)
        return x
    for i in range(t(1), t(4)):
        if i == 2:
            continue
        t(i)
    else:
        t("else")
    for i in t([1, 2, 3]):
        if i == 2:
            break
    else:
        t("never")
    n = 3
    while t(n):
        n = n - 1
        if n == 1:
            continue
        t("body")
    else:
        t("done")
    return [log, i, n]
    # expect: [[1, 4, 1, 3, "else", [1, 2, 3], 3, "body", 2, 1, "body", 0, "done"], 2, 0]


@env.sandbox.orchestrator
def of_sorting():
    log = []
    def key(x):
        log.append(x)
        return -x
    xs = [2, 3, 1]
    a = sorted(xs, key=key)
    xs.sort(key=key, reverse=True)
    return [log, a, xs, max(xs, key=key), min(3, 1, 2, key=key), log]
    # expect: [[2, 3, 1, 2, 3, 1, 1, 2, 3, 3, 1, 2], [3, 2, 1], [1, 2, 3], 1, 3, [2, 3, 1, 2, 3, 1, 1, 2, 3, 3, 1, 2]]


@env.sandbox.orchestrator
def of_lazy_iterators():
    log = []
    def t(x):
        log.append(x)
        return x
    a = [p for p in zip(map(t, [1, 2, 3]), map(t, "ab"))]
    b = list(filter(lambda x: t(x) > 1, map(t, [1, 2, 3])))
    c = any(t(x) > 1 for x in [1, 2, 3])
    d = 2 in map(t, [1, 2, 3])
    e = sum(map(t, [1, 2]), t(100))
    f = list(enumerate(map(t, "xy"), 5))
    return [log, a, b, c, d, e, f]
    # expect: [[1, "a", 2, "b", 3, 1, 1, 2, 2, 3, 3, 1, 2, 1, 2, 100, 1, 2, "x", "y"], [[1, "a"], [2, "b"]], [2, 3], true, true, 103, [[5, "x"], [6, "y"]]]
