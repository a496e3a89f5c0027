"""Containers under several names: what is put in through one name must be in the type of the other. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="types")


@env.task
def rows(n: int) -> list[list[int]]:
    return [[i] for i in range(n)]


@env.task
def table(n: int) -> dict[str, list[int]]:
    return {"a": [n]}


@env.task
def number(n: int) -> int:
    return n


@env.sandbox.orchestrator
def two_names():
    a = [1]
    b = a
    b.append("text")
    return a[1], b[0], [x for x in a]


@env.sandbox.orchestrator
def through_container():
    inner = [1]
    outer = [inner, [2]]
    outer[0].append(2.5)
    outer[1].append(None)
    d = {"k": inner}
    d["k"].append("x")
    for xs in d.values():
        xs.insert(0, b"y")
    return inner[0], inner[-1], outer[1][1], outer[0]


@env.sandbox.orchestrator
def through_function():
    xs = [1]

    def put(ys, value):
        ys.append(value)
        return ys

    zs = put(xs, "a")
    put(zs, 2.5)
    return xs[1], zs[2], put([], None)[0]


@env.sandbox.orchestrator
def through_value():
    xs = [1]
    fs = [lambda ys: ys.append("a"), xs.append]
    fs[0](xs)
    fs[1](2.5)
    push = xs.append
    push(None)
    return xs[1], xs[2], xs[3]


@env.sandbox.orchestrator
def through_closure():
    xs = []

    def add(value):
        xs.append(value)

    add(1)
    add("a")
    return xs[0], xs[1]


@env.sandbox.orchestrator
def through_default():
    def collect(value, into=[]):
        into.append(value)
        return into

    first = collect(1)
    collect("a")
    return first[1], collect(2.5)[2], first


@env.sandbox.orchestrator
def through_iteration():
    groups = [[1], [2]]
    for group in groups:
        group.append("x")
    for i, group in enumerate(groups):
        group.append(i * 0.5)
    for a, b in zip(groups, [[None], [None]]):
        a.append(b)
        b.append(True)
    first, *others = groups
    first.append(b"b")
    others[0].append(())
    return groups[0][1], groups[1][2], groups[0], groups[1][-1]


@env.sandbox.orchestrator
def through_builtins():
    groups = [[3], [1], [2]]
    top = sorted(groups)[0]
    top.append("s")
    low = max(groups, key=lambda g: g[0])
    low.append(2.5)
    last = list(reversed(groups))[0]
    last.append(None)
    copied = groups.copy()
    copied[0].append(b"c")
    copied.append("not a list")
    picked = [g for g in groups if g] + groups[:1]
    picked[0].append(())
    fresh = [list(g) for g in groups]
    fresh[0].append({})
    chained = (groups or None) and groups
    chained.append([1])
    list(map(lambda g: g.append(True), groups))
    kept = list(filter(lambda g: g, groups))
    kept[0].append(range(3))
    return groups, top, low, fresh, [g[-1] for g in groups]


@env.sandbox.orchestrator
def through_dicts():
    d = {"a": [1]}
    d.setdefault("b", []).append("x")
    d.get("a", []).append(2.5)
    d.update(c=[None])
    d.update({"d": [b""]})
    d.update([("e", [()])])
    e = {**d, "f": [1]}
    e["a"].append(True)
    g = d | {"h": []}
    g["h"].append(1)
    k = dict(d)
    k["a"].append("k")
    m = dict.fromkeys(["p", "q"], [])
    m["p"].append(1)
    m["q"].append("m")
    for key, value in d.items():
        value.append(key)
    popped = d.pop("a", None)
    popped.append(range(2))
    pair = d.popitem()
    pair[1].append("pair")
    d.update({1: [1]})
    return d, e, g, k, m, popped, [x for v in d.values() for x in v], list(d)


@env.sandbox.orchestrator
def through_sets():
    s = set([1])
    t = s
    t.add("a")
    s.update([2.5])
    u = s.union([None])
    u.add(b"")
    return [x for x in s], [x for x in u]


@env.sandbox.orchestrator
def through_tasks():
    grid = rows(2)
    row = grid[0]
    row.append("changed")
    again = rows(2)
    t = table(1)
    t["a"].append(2.5)
    t["b"] if "b" in t else None
    mapped = flyte_map("rows", [1, 2], return_exceptions=False)
    mapped[0][0].append("m")
    plain = flyte_map("number", [1, 2])
    return grid[0][1], again[0][0], t["a"][1], mapped[0], plain[0]


@env.sandbox.orchestrator
def through_extend():
    a = [1]
    a.extend("xy")
    a.extend(x * 0.5 for x in range(2))
    b = [[1]]
    b.extend([["t"]])
    b[1].append(None)
    c = [0] * 2 + ["z"]
    c.append(None)
    nested = [[0] * 2] * 2
    nested[0].append("n")
    a.append(a)
    return a, b, c, nested, a[-1][0], nested[1][2]


@env.sandbox.orchestrator
def through_conditions():
    a, b = [1], ["x"]
    c = a if len(a) > 5 else b
    c.append(2.5)
    x, y = a, b
    x, y = y, x
    x.append(None)
    def choose(flag):
        return a if flag else b
    choose(True).append(b"")
    choose(False).append(())
    return a, b, c, x, y


@env.sandbox.orchestrator
def numbers():
    values = [1, 2.5, True]
    total = sum(values)
    parts = [7 // 2, 7 / 2, 7 % 2.5, 2 ** 3, 2 ** -1, 2 ** number(-1), True + True, True & False, True | 2, -True, ~True, abs(True), round(2.5), round(2.567, 2), round(7, 1)]
    small, large = divmod(7, 2), divmod(7.5, 2)
    empty = sum([x * 0.5 for x in []])
    first = max(1, 2.5, False)
    flag = 1 < 2 < 3 and "yes"
    text = "a,b".split(",") + ["%d" % 3, f"{total}", "x" * 2, str(1), repr(2.5)]
    return values, total, parts, small, large, empty, first, flag, text, "abc"[0], b"abc"[0], b"abc"[0:1], (1, "a")[0], (1, "a")[-1], (1, 2)[0:1], range(3)[1], [1, 2][::-1]


@env.sandbox.orchestrator
def recursion():
    def tree(n):
        return [tree(n - 1), n] if n else []

    def depth(t):
        return 1 + max([depth(x) for x in t if isinstance(x, list)], default=0)

    def swap(a, b, n=3):
        return (a, b) if n == 0 else swap(b, a, n - 1)

    t = tree(3)
    return t, depth(t), swap(1, "a"), swap([], {})


@env.sandbox.orchestrator
def late_binding():
    fs = [lambda: i for i in range(3)]
    gs = []
    for j in range(3):
        gs.append(lambda k=j: (j, k))
    x = 1
    def read():
        return x
    before = read()
    x = "changed"
    return [f() for f in fs], [g() for g in gs], before, read()


@env.sandbox.orchestrator
def stars():
    def take(*args, **named):
        args[0].append(named)
        return args, named

    xs = [1]
    got = take(xs, 2, a="b")
    take(*[xs, 3], **{"c": 2.5})
    a, *b, c = got[0] + (None, "last")
    b.append(a)
    d = [*xs, *"ab", *range(2)]
    e = (*d, *b)
    f = {**got[1], "z": xs}
    f["z"].append("through f")
    return xs, got, a, b, c, d, e, f
