"""The language without tasks, one case a construct. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.sandbox.orchestrator
def arithmetic():
    a, b = 17, 5
    return [a + b, a - b, a * b, a / b, a // b, a % b, a ** b, -a, +a, ~a, a & b, a | b, a ^ b, a << b, a >> 2, -7 // 2, -7 % 3,
            2 ** 100, 7.5 // 2, 7.5 % 2, -7.5 % 2, 2 ** -1, 10 ** 20 - 1, 0x1F, 0o17, 0b101, 1_000, 1e3, .5]
    # expect: [22, 12, 85, 3.4, 3, 2, 1419857, -17, 17, -18, 1, 21, 20, 544, 4, -4, 2, 1267650600228229401496703205376, 3.0, 1.5, 0.5, 0.5, 99999999999999999999, 31, 15, 5, 1000, 1000.0, 0.5]


@env.sandbox.orchestrator
def big_literals():
    return [9223372036854775807, 9223372036854775808, -9223372036854775808, 0xFFFFFFFFFFFFFFFFFF, 0o7777777777777777777777777,
            0b1111111111111111111111111111111111111111111111111111111111111111111111, 123456789012345678901234567890]
    # expect: [9223372036854775807, 9223372036854775808, -9223372036854775808, 4722366482869645213695, 37778931862957161709567, 1180591620717411303423, 123456789012345678901234567890]


@env.sandbox.orchestrator
def int_overflow():
    x = 9223372036854775807
    total = 0
    for i in range(3):
        x = x + i
        total = total - x
    return [x, total, x * x, -x]
    # expect: [9223372036854775810, -27670116110564327425, 85070591730234615902737140005361156100, -9223372036854775810]


@env.sandbox.orchestrator
def floats():
    x = 1.5
    y = x * 2 + 1
    z = y / 3 - x
    w = -x
    n = 3
    m = x + n
    c = x > 1 and x < 2.0
    if z:
        w = w + 1
    return [x, y, z, w, m, c, x == 1.5, x != 2, y // 2, y % 2, n * x, x ** 2, n - x, float("inf"), -0.0, x if c else y]
    # expect: [1.5, 4.0, -0.16666666666666674, -0.5, 4.5, true, true, true, 2.0, 0.0, 4.5, 2.25, 1.5, Infinity, -0.0, 1.5]


@env.sandbox.orchestrator
def truth():
    out = []
    for v in [0, 1, 0.0, 0.1, "", "a", [], [0], {}, {1: 2}, (), (0,), None, True, False]:
        if v:
            out.append("yes")
        else:
            out.append("no")
        out.append(not v)
    return out
    # expect: ["no", true, "yes", false, "no", true, "yes", false, "no", true, "yes", false, "no", true, "yes", false, "no", true, "yes", false, "no", true, "yes", false, "no", true, "yes", false, "no", true]


@env.sandbox.orchestrator
def identity():
    a = [1]
    b = a
    return [a is b, a is not [1], None is None, a is None, a is not None, a == [1], a != b]
    # expect: [true, true, true, false, true, true, false]


@env.sandbox.orchestrator
def strings():
    s = "abc"
    n = 5
    return [s + "d", s * 2, s[1], s[-1], s[::-1], s[1:], s < "b", "b" in s, "%s-%d" % (s, n), "{}:{}".format(s, n), f"{s}", f"{n:>4}|",
            f"{s!r}{n!s}", f"{1.5:.3f}", f"", f"{{}}", f"{n}{n}", "a" "b", f"{s:{n}}|", f"{n + 1}x" "y", s.upper(), "é\u20ac\U0001F600"]
    # expect: ["abcd", "abcabc", "b", "c", "cba", "bc", true, true, "abc-5", "abc:5", "abc", "   5|", "'abc'5", "1.500", "", "{}", "55", "ab", "abc  |", "6xy", "ABC", "\u00e9\u20ac\ud83d\ude00"]


@env.sandbox.orchestrator
def containers():
    xs = [1, 2, 3]
    d = {"a": 1, "b": [2]}
    t = (1, "x", None)
    xs.append(4)
    xs.extend(range(2))
    xs.insert(0, 9)
    ys = xs[:]
    ys.reverse()
    return [xs, d, t, xs[0], xs[-1], d["b"][0], t[1:], len(xs), len(d), d.get("z", 5), list(d), list(d.items()), list(d.values()), ys,
            xs.index(3), xs.count(1), xs.pop(), [1] + [2], [0] * 3, (1,) + (2,), xs == ys, 3 in xs, "a" in d, [*xs, *t], {**d, "c": 3}]
    # expect: [[9, 1, 2, 3, 4, 0], {"a": 1, "b": [2]}, [1, "x", null], 9, 1, 2, ["x", null], 7, 2, 5, ["a", "b"], [["a", 1], ["b", [2]]], [1, [2]], [1, 0, 4, 3, 2, 1, 9], 3, 2, 1, [1, 2], [0, 0, 0], [1, 2], false, true, true, [9, 1, 2, 3, 4, 0, 1, "x", null], {"a": 1, "b": [2], "c": 3}]


@env.sandbox.orchestrator
def unpacking():
    a, b = [1, 2]
    (c, d), e = (3, 4), 5
    f, *g = "xyz"
    *h, i = [1]
    out = []
    for x, (y, *z) in [(1, (2, 3, 4)), (5, "ab")]:
        out.append((x, y, z))
    return [a, b, c, d, e, f, g, h, i, out, [p + q for p, q in [(1, 2), (3, 4)]], {k: v for k, v in {"a": 1}.items()}]
    # expect: [1, 2, 3, 4, 5, "x", ["y", "z"], [], 1, [[1, 2, [3, 4]], [5, "a", ["b"]]], [3, 7], {"a": 1}]


@env.sandbox.orchestrator
def loops():
    out = []
    j = 0
    for i in range(10, 0, -3):
        out.append(i)
    for i in range(5):
        if i == 1:
            continue
        if i == 4:
            break
        for j in range(i):
            if j == 2:
                break
        else:
            out.append("inner done")
        out.append((i, j))
    else:
        out.append("never")
    for c in "ab":
        out.append(c)
    for k in {"x": 1, "y": 2}:
        out.append(k)
    for i in range(0):
        out.append("no")
    else:
        out.append("empty")
    while True:
        out.append("once")
        break
    return [out, i]
    # expect: [[10, 7, 4, 1, "inner done", [0, 0], "inner done", [2, 1], [3, 2], "a", "b", "x", "y", "empty", "once"], 4]


@env.sandbox.orchestrator
def range_variables():
    out = []
    n = len("abcd")
    for i in range(n):
        n = 2
        for j in range(i + 1, 4):
            out.append(i * 10 + j)
    for i in range(n):
        i = i + 100
        out.append(i)
    for i in range(2 ** 70, 2 ** 70 + 2):
        out.append(i)
    last = -1
    for last in range(3):
        pass
    return [out, n, i, last, j]
    # expect: [[1, 2, 3, 12, 13, 23, 100, 101, 1180591620717411303424, 1180591620717411303425], 2, 1180591620717411303425, 2, 3]


@env.sandbox.orchestrator
def captured_loop_variable():
    fs = []
    for i in range(3):
        fs.append(lambda: i)
    gs = [lambda: j for j in range(3)]
    hs = [lambda k=k: k for k in range(3)]
    return [[f() for f in fs], [g() for g in gs], [h() for h in hs]]
    # expect: [[2, 2, 2], [2, 2, 2], [0, 1, 2]]


@env.sandbox.orchestrator
def functions():
    def f(a, b=2, *args, c=3, **kw):
        return [a, b, list(args), c, kw]

    def g(a, /, b, *, c):
        return a + b + c

    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    def nothing():
        pass

    def early(x):
        if x:
            return "early"
    compose = lambda p, q: lambda x: p(q(x))
    return [f(1), f(1, 5, 6, 7, c=8, d=9), g(1, b=2, c=3), fact(20), fact(25), nothing(), early(1), early(0),
            compose(lambda x: x + 1, lambda x: x * 2)(5), (lambda *a, **k: [list(a), k])(1, z=2), f(*[1, 2, 3], **{"c": 4})]
    # expect: [[1, 2, [], 3, {}], [1, 5, [6, 7], 8, {"d": 9}], 6, 2432902008176640000, 15511210043330985984000000, null, "early", null, 11, [[1], {"z": 2}], [1, 2, [3], 4, {}]]


@env.sandbox.orchestrator
def closures():
    x = 1
    def get():
        return x
    before = get()
    x = 2
    def counter(start):
        box = [start]
        def step(by=1):
            box.append(box[-1] + by)
            return box[-1]
        return step
    c = counter(10)
    def outer():
        y = 5
        def middle():
            def inner():
                return x + y
            return inner()
        return middle()
    return [before, get(), c(), c(5), c(), outer(), [get() + y for y in range(2)], [[x * y for y in range(2)] for z in range(2)]]
    # expect: [1, 2, 11, 16, 17, 7, [2, 3], [[0, 2], [0, 2]]]


@env.sandbox.orchestrator
def comprehensions():
    x = "outer"
    xs = [x for x in range(3)]
    return [x, xs, [x for x in "ab" if x != "a"], [i * j for i in range(3) for j in range(i)], {i: i * i for i in range(3)},
            [[j for j in range(i)] for i in range(3)], [a + b for a, b in zip([1, 2], [3, 4])], [i for i, c in enumerate("ab")],
            [y for x in [[1, 2], [3]] for y in x], sorted(set("hello")), [v if v else "z" for v in (0, 1)]]
    # expect: ["outer", [0, 1, 2], ["b"], [0, 0, 2], {"0": 0, "1": 1, "2": 4}, [[], [0], [0, 1]], [4, 6], [0, 1], [1, 2, 3], ["e", "h", "l", "o"], ["z", 1]]


@env.sandbox.orchestrator
def generators():
    def total(g):
        t = 0
        for v in g:
            t = t + v
        return t
    k = 10
    return [total(i + k for i in range(3)), sum(x for x in [1.5, 2.5]), max((len(w), w) for w in ["a", "bbb"]), list(zip("ab", (c for c in "xyz"))),
            total(map(lambda v: v * 2, [1, 2])), ",".join(str(i) for i in range(3)), dict((i, i) for i in "ab"), [*(i for i in range(2))],
            max(*(i for i in [3, 9, 4])), sorted((i for i in [3, 1]), reverse=True), list(i for i in [j for j in range(2)] for k in range(2)),
            tuple(x for x in ()), any(i for i in ()), all(i for i in ()), set(i % 2 for i in range(5)) == set([0, 1]), list(map(lambda a, b: a + b, "ab", "cd")),
            list(filter(None, [0, 1, "", 2])), list(map(str, [1, 2])), sum(i for i in range(3) if i), min(i for i in [4, 2])]
    # expect: [33, 4.0, [3, "bbb"], [["a", "x"], ["b", "y"]], 6, "0,1,2", {"a": "a", "b": "b"}, [0, 1], 9, [3, 1], [0, 0, 1, 1], [], false, true, true, ["ac", "bd"], [1, 2], ["1", "2"], 3, 2]


@env.sandbox.orchestrator
def builtins():
    return [abs(-3), divmod(7, 2), len("abc"), max(1, 2), min([3, 1]), max([], default=7), sum([1, 2], 10), round(2.5), pow(2, 10), ord("a"), chr(98),
            bin(5), hex(255), oct(8), repr("a"), str(1.0), int("12"), float("1.5"), bool([]), list("ab"), tuple([1]), dict(a=1), sorted("cab"), hash(1),
            list(reversed([1, 2])), list(zip([1, 2], "ab")), list(enumerate("ab", 1)), isinstance(1, int), isinstance("a", (int, str)), all([1]), any([0]),
            list(range(3)), str(), int(), list(), format(3.14159, ".2f"), type(1) is int, 1]
    # expect: [3, [3, 1], 3, 2, 1, 7, 13, 2, 1024, 97, "b", "0b101", "0xff", "0o10", "'a'", "1.0", 12, 1.5, false, ["a", "b"], [1], {"a": 1}, ["a", "b", "c"], 1, [2, 1], [[1, "a"], [2, "b"]], [[1, "a"], [2, "b"]], true, true, true, false, [0, 1, 2], "", 0, [], "3.14", true, 1]


@env.sandbox.orchestrator
def builtin_values():
    fs = [len, str, sorted, max]
    f = sorted
    m = map
    return [fs[0]("abc"), fs[1](5), fs[2]("ba"), fs[3](1, 4), f([3, 1, 2], key=lambda x: -x), list(m(lambda x: x + 1, [1, 2])),
            list(map(len, ["a", "bb"])), sorted(["B", "a"], key=str.lower), list(map(str.upper, "ab")), list(map(sorted, ["ba", "dc"]))]
    # expect: [3, "5", ["a", "b"], 4, [3, 2, 1], [2, 3], [1, 2], ["a", "B"], ["A", "B"], [["a", "b"], ["c", "d"]]]


@env.sandbox.orchestrator
def shadowing():
    def len(x):
        return "mine"
    max = min
    def inner(sum):
        return sum + 1
    return [len([1]), max(1, 2), inner(1)]
    # expect: ["mine", 1, 2]


@env.sandbox.orchestrator
def conditional_chain():
    out = []
    for x in range(-1, 4):
        out.append("neg" if x < 0 else "zero" if x == 0 else "one" if x == 1 else "many")
        if x < 0:
            out.append(1)
        elif x == 0:
            out.append(2)
        elif not x == 1 and x:
            out.append(3)
        else:
            out.append(4)
    return out
    # expect: ["neg", 1, "zero", 2, "one", 4, "many", 3, "many", 3]


@env.sandbox.orchestrator
def slices():
    xs = list(range(10))
    i = 3
    return [xs[i:], xs[:i], xs[i:-1], xs[::2], xs[::-1], xs[i:i + 2], "hello"[1:3], (1, 2, 3)[::-2], xs[-3:], xs[100:], xs[None:2]]
    # expect: [[3, 4, 5, 6, 7, 8, 9], [0, 1, 2], [3, 4, 5, 6, 7, 8], [0, 2, 4, 6, 8], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [3, 4], "el", [3, 1], [7, 8, 9], [], [0, 1]]


@env.sandbox.orchestrator
def star_displays():
    xs = [1, 2]
    return [[*xs, 3, *xs], (*xs, *"ab"), {**{"a": 1}, "b": 2, **{"a": 3}}, [*range(2), *{"k": 1}]]
    # expect: [[1, 2, 3, 1, 2], [1, 2, "a", "b"], {"a": 3, "b": 2}, [0, 1, "k"]]


@env.sandbox.orchestrator(max_memory=300000)
def generators_left_in_the_middle():
    hits = 0
    for i in range(20000):
        xs = [i, i + 1, i + 2]
        if any(x + k > i for k in [1, 2] for x in xs):
            hits = hits + 1
    return hits
    # expect: 20000


@env.sandbox.orchestrator
def nested_comprehensions():
    n = 5
    return [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [x for x in [n]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
    # expect: [5]


@env.sandbox.orchestrator(type_check=False)
def unchecked_inner(n: int, x: float) -> int:
    return [n, x, "text"]


@env.sandbox.orchestrator(type_check=False)
def unchecked() -> int:
    n = "six"
    return [unchecked_inner(n, 1.5), unchecked_inner(None, n), unchecked_inner(1, 2.0)]
    # expect: [["six", 1.5, "text"], [null, "six", "text"], [1, 2.0, "text"]]

@env.sandbox.orchestrator
def concatenation_in_place():
    s = "a" * 2
    t = s
    kept = []
    for i in range(5):
        s = s + "b"
        kept.append(s)
        s = s + str(i)
    u = ""
    for c in ["x", "\u20ac", "y", "\U0001F600", ""]:
        u = u + c
        v = u
        u = u + u
        u = v + u
    xs = [1]
    ys = xs
    xs = xs + [2]
    n = 9223372036854775807
    n = n + 1
    f = 1.5
    f = f + n
    def grow(w):
        w = w + "!"
        return w
    d = {s: 1}
    s = s + "z"
    return [s, t, kept, u, xs, ys, n, f, grow(t), t, list(d)]
    # expect: ["aab0b1b2b3b4z", "aa", ["aab", "aab0b", "aab0b1b", "aab0b1b2b", "aab0b1b2b3b"], "xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00xxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acyxxx\u20acxxx\u20acxxx\u20acy\ud83d\ude00", [1, 2], [1], 9223372036854775808, 9.223372036854776e+18, "aa!", "aa", ["aab0b1b2b3b4"]]
