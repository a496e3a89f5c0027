"""A task call stands anywhere an expression may. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def inc(x: int) -> int:
    return x + 1


@env.task
def add(x: int, y: int = 10) -> int:
    return x + y


@env.task
def half(x: float) -> float:
    return x / 2


@env.task
def numbers(n: int) -> list[int]:
    return list(range(n))


@env.task
def even(n: int) -> bool:
    return n % 2 == 0


@env.task
def name(n: int) -> str:
    return "n%d" % n


@env.task
def anything(x):
    return x


@env.sandbox.orchestrator
def in_arguments():
    return add(inc(1), inc(inc(2))) + add(y=inc(5), x=add(1))
    # expect: 23


@env.sandbox.orchestrator
def in_conditions():
    out = []
    for i in range(6):
        if even(i) and (i > 2 or not even(i + 1)):
            out.append(name(i))
        elif inc(i) == 4:
            out.append("four")
        else:
            out.append(even(i) or name(i))
    return out
    # expect: ["n0", "n1", "n2", "four", "n4", "n5"]


@env.sandbox.orchestrator
def in_chains():
    return [inc(0) < inc(1) < inc(2), inc(0) < inc(0) < inc(2), 1 < inc(1) <= 2 != inc(5), inc(1) in numbers(3),
            inc(9) not in numbers(3), inc(1) == 2 == inc(1)]
    # expect: [true, false, true, true, true, true]


@env.sandbox.orchestrator
def in_and_or():
    return [inc(0) and inc(1), anything(0) or inc(4), anything("") or anything([]) or "x", anything(1) and anything(0)]
    # expect: [2, 5, "x", 0]


@env.sandbox.orchestrator
def in_comprehension():
    return [inc(x) for x in numbers(inc(3)) if even(x)]
    # expect: [1, 3]


@env.sandbox.orchestrator
def in_nested_comprehension():
    return [[add(x, y) for y in numbers(x) if even(y)] for x in numbers(4) if inc(x) > 1]
    # expect: [[1], [2], [3, 5]]


@env.sandbox.orchestrator
def in_two_clauses():
    return [(x, y, add(x, y)) for x in numbers(3) for y in numbers(x) if even(add(x, y))]
    # expect: [[2, 0, 2]]


@env.sandbox.orchestrator
def in_dict_comprehension():
    return {name(x): inc(x) for x in numbers(4) if not even(x)}
    # expect: {"n1": 2, "n3": 4}


@env.sandbox.orchestrator
def in_fstring():
    return f"a{inc(1)}b{name(inc(2))!r:>6}{add(1):0{inc(3)}d}{{}}"
    # expect: "a2b  'n3'0011{}"


@env.sandbox.orchestrator
def in_subscript():
    return [numbers(5)[inc(1)], numbers(9)[inc(1):inc(6):inc(1)], {"n3": 7}[name(3)], (1, 2, 3)[inc(0)]]
    # expect: [2, [2, 4, 6], 7, 2]


@env.sandbox.orchestrator
def in_loop_header():
    out = []
    for x in numbers(inc(2)):
        out.append(x)
    for x in range(inc(0), inc(9), inc(2)):
        out.append(x)
    i = 0
    while inc(i) < 4:
        i = inc(i)
        out.append(i)
    return out
    # expect: [0, 1, 2, 1, 4, 7, 1, 2, 3]


@env.sandbox.orchestrator
def in_return():
    def f(x):
        return inc(inc(x))
    return f(f(1))
    # expect: 5


@env.sandbox.orchestrator
def in_recursion():
    def total(xs):
        if not xs:
            return 0
        return inc(xs[0]) + total(xs[1:])

    def down(n):
        return n if n == 0 else down(add(n, -1))
    return [total([1, 2, 3]), down(5)]
    # expect: [9, 0]


@env.sandbox.orchestrator
def in_closure():
    def make(k):
        def adder(x):
            return add(x, k) + inc(k)
        return adder
    fs = [make(i) for i in range(3)]
    return [f(10) for f in fs]
    # expect: [11, 13, 15]


@env.sandbox.orchestrator
def in_mutual_recursion():
    def is_even(n):
        return True if n == 0 else is_odd(add(n, -1))

    def is_odd(n):
        return False if n == 0 else is_even(add(n, -1))
    return [is_even(4), is_odd(3), is_even(3)]
    # expect: [true, true, false]


@env.sandbox.orchestrator
def in_generator_expression():
    return [sum(inc(x) for x in numbers(4)), any(even(x) for x in [1, 3, 4, 5]), all(even(x) for x in [2, 3, 4]),
            list(inc(x) for x in (1, 2)), sorted(add(x, -x * 2) for x in numbers(4)), max(inc(x) for x in numbers(3)),
            min((inc(x) for x in []), default="none"), "".join(name(x) for x in numbers(3)),
            dict((name(x), inc(x)) for x in numbers(2)), tuple(inc(x) for x in numbers(2)), 3 in (inc(x) for x in [1, 2, 3])]
    # expect: [10, true, false, [2, 3], [-3, -2, -1, 0], 3, "none", "n0n1n2", {"n0": 1, "n1": 2}, [1, 2], true]


@env.sandbox.orchestrator
def in_generator_object():
    def consume(g):
        out = []
        for x in g:
            out.append(add(x, 1))
        return out
    return consume(inc(x) for x in numbers(3) if even(x))
    # expect: [2, 4]


@env.sandbox.orchestrator
def in_callbacks():
    xs = [3, 1, 2]
    ys = ["bb", "a", "ccc"]
    ys.sort(key=lambda s: add(len(s), 0))
    return [sorted(xs, key=inc), sorted(xs, key=lambda x: add(-x, 0)), sorted(xs, key=inc, reverse=True), ys,
            max(xs, key=lambda x: add(-x)), min(xs, key=inc), list(map(inc, xs)), list(map(add, xs, [10, 20, 30])),
            list(filter(even, xs)), sum(map(inc, xs)), max(1, 5, 3, key=lambda v: add(0, -v))]
    # expect: [[1, 2, 3], [3, 2, 1], [3, 2, 1], ["a", "bb", "ccc"], 1, 1, [4, 2, 3], [13, 21, 32], [2], 9, 1]


@env.sandbox.orchestrator
def through_values():
    f = inc
    g = add if f(0) == 1 else f
    table = {"inc": inc, "add": add}
    return [f(1), g(1, 2), g(x=1), table["add"](*[1, 2]), table["inc"](**{"x": 4}), [h(2) for h in (inc, add)]]
    # expect: [2, 3, 11, 3, 5, [3, 12]]


@env.sandbox.orchestrator
def temporaries_survive():
    s = 0
    t = []
    for i in range(5):
        s = s + inc(i)
        t = t + [s, inc(s)] + numbers(i)[:1]
    def f(a, b, c):
        return [a, b, c, inc(a)]
    d = 2
    return [s, t, f(s, inc(s), d)[inc(d)], (1, inc(1), [inc(2), {"k": inc(3)}], inc(4)), "a" + name(1) + "b" + name(2)]
    # expect: [15, [1, 2, 3, 4, 0, 6, 7, 0, 10, 11, 0, 15, 16, 0], 16, [1, 2, [3, {"k": 4}], 5], "an1bn2"]


@env.sandbox.orchestrator
def floats_survive():
    x = 0.5
    total = 0.0
    for i in range(4):
        x = 3.7 * x * (1.0 - x)
        total = total + half(x) * i + x
    return [x, total, half(3), half(x) < x]
    # expect: [0.7680532550204203, 4.6420771898948, 1.5, true]


@env.sandbox.orchestrator
def native_counters_survive():
    out = []
    for i in range(3):
        for j, v in enumerate(numbers(i + 1)):
            for k in range(i, j, -1):
                out.append((i, j, k, add(v, k)))
    return [out, i, j]
    # expect: [[[1, 0, 1, 1], [2, 0, 2, 2], [2, 0, 1, 1], [2, 1, 2, 3]], 2, 2]


@env.sandbox.orchestrator
def zip_and_enumerate():
    out = []
    for a, b in zip(numbers(3), (inc(x) for x in [5, 6, 7, 8])):
        out.append(add(a, b))
    for i, x in enumerate(inc(x) for x in numbers(2)):
        out.append((i, x))
    for pair in zip("ab", map(inc, [1, 2])):
        out.append(pair)
    return out
    # expect: [6, 8, 10, [0, 1], [1, 2], ["a", 2], ["b", 3]]


@env.sandbox.orchestrator
def starred():
    xs = [1, 2]
    def f(*args, **kwargs):
        return [list(args), kwargs, inc(len(args))]
    return [f(*xs, inc(5), *numbers(2), k=inc(7), **{"z": inc(8)}), [*numbers(2), inc(1), *xs], (*xs, inc(2)),
            {**{"a": inc(0)}, "b": inc(1)}, add(*[inc(1), 2])]
    # expect: [[[1, 2, 6, 0, 1], {"k": 8, "z": 9}, 6], [0, 1, 2, 1, 2], [1, 2, 3], {"a": 1, "b": 2}, 4]


@env.sandbox.orchestrator
def defaults():
    def f(a, b=inc(1), *, c=inc(2), d=4):
        return [a, b, c, d]
    return [f(1), f(1, 2), f(1, c=inc(9)), f(inc(1), d=inc(2), b=0)]
    # expect: [[1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 10, 4], [2, 0, 3, 3]]


@env.sandbox.orchestrator
def lazy_map():
    seen = []
    def note(x):
        seen.append(x)
        return inc(x)
    for x in map(note, [1, 2, 3]):
        seen.append("got")
        if x == 3:
            break
    first = any(note(x) > 2 for x in [1, 2, 3, 4])
    return [seen, first]
    # expect: [[1, "got", 2, "got", 1, 2], true]


@env.sandbox.orchestrator
def mapped():
    return flyte_map("add", [1, 2, 3], numbers(3), concurrency=2)
    # expect: [1, 3, 5]


@env.sandbox.orchestrator
def through_builtin_values():
    xs = []
    f, g = max, xs.extend
    g(inc(x) for x in [1, 2, 3])
    kw = {"key": inc, "reverse": True}
    return [[h(inc(x) for x in [1, 2, 3]) for h in (sum, max, list, sorted, any, tuple)], f(xs, key=lambda x: -inc(x)), f(3, 9), f([], default=4),
            xs, max(*[[1, 2], [3]], key=lambda x: inc(-x[0])), sorted([1, 3, 2], **kw), list(zip(*[map(inc, [1, 2]), "ab"])),
            list(map(max, [[1, 2], [4, 3]])), dict(zip("ab", map(inc, [1, 2])), c=inc(1)), list(enumerate(zip(map(inc, [1]), "a"), start=inc(1)))]
    # expect: [[9, 4, [2, 3, 4], [2, 3, 4], true, [2, 3, 4]], 2, 9, 4, [2, 3, 4], [1, 2], [3, 2, 1], [[2, "a"], [3, "b"]], [2, 4], {"a": 2, "b": 3, "c": 2}, [[2, [2, "a"]]]]


@env.sandbox.orchestrator
def in_orchestrators():
    return [inner(1), inner(b=inc(1), a=inner(2)), [h(5) for h in (inner, inc)], sorted([3, 1], key=inner)]
    # expect: [4, 14, [12, 6], [1, 3]]


@env.sandbox.orchestrator
def inner(a: int, b: int = 2) -> int:
    return inc(a) * b


@env.sandbox.orchestrator
def in_code_that_never_runs():
    if not "é":
        return [a + b for a, b in zip((g for g in [inc(1)]), [])]
    return inc(1)
    # expect: 2
