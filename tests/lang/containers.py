# Lists, tuples, dicts, sets, ranges and what works on them. SPDX-License-Identifier: Apache-2.0
import flyte

env = flyte.TaskEnvironment(name="containers")


@env.sandbox.orchestrator
def list_methods():
    a = [3, 1, 2]
    a.append(5)
    a.extend((7, 8))
    a.extend(x * x for x in range(3))
    a.insert(1, "new")
    a.insert(-100, "first")
    popped = [a.pop(), a.pop(0), a.pop(-2)]
    a.remove("new")
    b = a.copy()
    b.reverse()
    c = list(b)
    c.sort(reverse=True)
    c.sort(key=lambda x: -x)
    b.clear()
    return [a, b, c, popped, c.index(2, 1), a.count(1), len(a)]
    # expect: [[3, 1, 2, 5, 7, 8, 1], [], [8, 7, 5, 3, 2, 1, 1], [4, "first", 0], 4, 2, 7]


@env.sandbox.orchestrator
def dict_methods():
    d = {"b": 1, "a": 2}
    d.update([("c", 3), ["d", 4]], e=5)
    d.update({"a": 20})
    gone = [d.pop("b"), d.pop("zz", None), d.popitem(), d.setdefault("q", []), d.setdefault("a", 0)]
    d.setdefault("q").append(1)
    e = dict(d, x=1) | {"y": 2}
    f = dict.fromkeys("abca", 0)
    views = [list(d.keys()), list(d.values()), list(d.items()), "a" in d.keys(), 20 in d.values(), ("a", 20) in d.items()]
    return [d, gone, e, f, views, list(reversed(d)), d == {"c": 3, "q": [1], "d": 4, "a": 20}, d.get("none"), d.get("none", 1)]
    # expect: [{"a": 20, "c": 3, "d": 4, "q": [1]}, [1, null, ["e", 5], [1], 20], {"a": 20, "c": 3, "d": 4, "q": [1], "x": 1, "y": 2}, {"a": 0, "b": 0, "c": 0}, [["a", "c", "d", "q"], [20, 3, 4, [1]], [["a", 20], ["c", 3], ["d", 4], ["q", [1]]], true, true, true], ["q", "d", "c", "a"], true, null, 1]


@env.sandbox.orchestrator
def set_methods():
    s = set([3, 1, 2])
    t = set(range(2, 6))
    s.add(9)
    s.discard(100)
    s.remove(9)
    u = frozenset("hello")
    return [sorted(s | t), sorted(s & t), sorted(s - t), sorted(s ^ t), s <= t, set([2, 3]) < t, s.isdisjoint([7]), s.issubset(range(5)),
            sorted(s.union([10], (11,))), sorted(t.difference(s)), sorted(u), len(u), frozenset([1]) in set([frozenset([1])]),
            set([1]) == frozenset([1]), sorted({1: 2, 3: 4}.keys() & [3, 5]), sorted(set(x % 3 for x in range(10)))]
    # expect: [[1, 2, 3, 4, 5], [2, 3], [1], [1, 4, 5], false, true, true, true, [1, 2, 3, 10, 11], [4, 5], ["e", "h", "l", "o"], 4, true, true, [3], [0, 1, 2]]


@env.sandbox.orchestrator
def slices_and_ranges():
    a = list(range(10))
    r = range(20, 0, -3)
    return [a[2:5], a[::-1], a[-3:], a[:-3:2], a[8:2:-2], a[100:], (1, 2, 3)[1:], list(r), list(r[1:3]), r[-1], 17 in r, 18 in r, len(r),
            r.index(14), r.count(1), list(reversed(r)), range(3) == range(0, 3, 1), [r.start, r.stop, r.step], str(r[::2]), sum(range(101)),
            (range(2**70)[2**69], range(0, 2**70, 2**68)[-1])]
    # expect: [[2, 3, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [7, 8, 9], [0, 2, 4, 6], [8, 6, 4], [], [2, 3], [20, 17, 14, 11, 8, 5, 2], [17, 14], 2, true, false, 7, 2, 0, [2, 5, 8, 11, 14, 17, 20], true, [20, 0, -3], "range(20, -1, -6)", 5050, [590295810358705651712, 885443715538058477568]]


@env.sandbox.orchestrator
def unpacking():
    a, (b, *c), d = 1, "xyz", {4: 5}
    *e, f = range(4)
    g, = [7]
    [h, i] = {8: 1, 9: 2}
    first, *rest = enumerate("ab", start=3)
    return [a, b, c, list(d), e, f, g, h, i, first, rest, [*c, *e], {**d, 6: 7}, (*c,), [x for x, _ in zip("abc", range(2))]]
    # expect: [1, "x", ["y", "z"], [4], [0, 1, 2], 3, 7, 8, 9, [3, "a"], [[4, "b"]], ["y", "z", 0, 1, 2], {"4": 5, "6": 7}, ["y", "z"], ["a", "b"]]


@env.sandbox.orchestrator
def sorting():
    words = ["pear", "fig", "apple", "kiwi", "date"]
    rows = [{"n": w, "k": len(w)} for w in words]
    big = sorted(((i * 7919 + 13) % 1000 - 500 for i in range(700)), reverse=True)
    return [sorted(words), sorted(words, key=len), sorted(words, key=len, reverse=True), sorted(words, key=lambda w: (len(w), w)),
            [r["n"] for r in sorted(rows, key=lambda r: (-r["k"], r["n"]))], sorted([2.5, 1, True, -3]), sorted([(2, "b"), (1, "z"), (2, "a")]),
            sorted([[2], [1, 5], [1]]), big[:3], big[-3:], max(words, key=len), min(words), max([], default="none"), max(3, 1, 2),
            min(rows, key=lambda r: r["k"])["n"], sorted("hello"), sorted({"b": 1, "a": 2})]
    # expect: [["apple", "date", "fig", "kiwi", "pear"], ["fig", "pear", "kiwi", "date", "apple"], ["apple", "pear", "kiwi", "date", "fig"], ["fig", "date", "kiwi", "pear", "apple"], ["apple", "date", "kiwi", "pear", "fig"], [-3, 1, true, 2.5], [[1, "z"], [2, "a"], [2, "b"]], [[1], [1, 5], [2]], [499, 497, 496], [-497, -498, -500], "apple", "apple", "none", 3, "fig", ["e", "h", "l", "l", "o"], ["a", "b"]]


@env.sandbox.orchestrator
def shared_and_cyclic():
    row = [0] * 3
    grid = [row] * 2
    row.append(1)
    loop = [1]
    loop.append(loop)
    d = {}
    d.setdefault("me", d)
    t = (grid[0], grid[1] is row)
    return [grid, repr(loop), repr(d), t[1], loop[1] is loop, [1, 2] == [1, 2.0], (1, [2]) < (1, [3]), {"a": [1]} == {"a": [1]}, [] == ()]
    # expect: [[[0, 0, 0, 1], [0, 0, 0, 1]], "[1, [...]]", "{'me': {...}}", true, true, true, true, true, false]


@env.sandbox.orchestrator
def reprs():
    return [repr([1, "a", None, 2.5]), repr(("x",)), repr(()), str({"k": (1,), 2: [b"x"]}), repr(set()), repr(frozenset()), repr(frozenset([1])),
            repr(set([1])), str(range(3)), str(range(0, 9, 4)), repr({1: 2}.keys()), repr({1: 2}.values()), repr({1: 2}.items()), f"{[1, 2]!r:>8}",
            str(type([])), "%s %r" % ([1], ("a",))]
    # expect: ["[1, 'a', None, 2.5]", "('x',)", "()", "{'k': (1,), 2: [b'x']}", "set()", "frozenset()", "frozenset({1})", "{1}", "range(0, 3)", "range(0, 9, 4)", "dict_keys([1])", "dict_values([2])", "dict_items([(1, 2)])", "  [1, 2]", "<class 'list'>", "[1] ('a',)"]


@env.sandbox.orchestrator
def loops():
    out = []
    a = [1, 2, 3]
    for x in a:
        if x < 3:
            a.append(x + 10)
        out.append(x)
    for k, v in {"x": 1, "y": 2}.items():
        out.append(k * v)
    for i, (p, q) in enumerate(zip([1, 2, 3], "ab")):
        out.append((i, p, q))
    for c in reversed("abc"):
        out.append(c)
    return [out, all([1, [], 2]), any([0, "", [1]]), sum([[1], [2]], []), list(map(str, [1, 2])), list(filter(None, [0, 1, 2])),
            dict(zip("ab", [1, 2])), [*map(lambda x, y: x + y, [1, 2], [3, 4])], isinstance([], (tuple, list)), type({}) == dict]
    # expect: [[1, 2, 3, 11, 12, "x", "yy", [0, 1, "a"], [1, 2, "b"], "c", "b", "a"], false, true, [1, 2], ["1", "2"], [1, 2], {"a": 1, "b": 2}, [4, 6], true, true]


@env.sandbox.orchestrator
def key_error():
    d = {"a": 1}
    return d["missing key"]
    # raises: KeyError: 'missing key'


@env.sandbox.orchestrator
def index_error():
    return [1, 2][5]
    # raises: IndexError: list index out of range


@env.sandbox.orchestrator(type_check=False)
def unhashable():
    return {[1]: 2}
    # raises: TypeError: unhashable type: 'list'


@env.sandbox.orchestrator
def too_few():
    a, b, c = [1, 2]
    return a
    # raises: ValueError: not enough values to unpack (expected 3, got 2)


@env.sandbox.orchestrator
def changed_while_iterating():
    d = {1: 2, 3: 4}
    for k in d:
        d.pop(k)
    return d
    # raises: RuntimeError: dictionary changed size during iteration


@env.sandbox.orchestrator
def wrong_sort():
    return sorted([3, "a", 1])
    # raises: TypeError: '<' not supported between instances of 'str' and 'int'


@env.sandbox.orchestrator
def zip_strict():
    return list(zip([1, 2], [3], strict=True))
    # raises: ValueError: zip() argument 2 is shorter than argument 1


@env.sandbox.orchestrator
def not_in_list():
    return [1, 2].index("x")
    # raises: ValueError: 'x' is not in list


@env.sandbox.orchestrator(type_check=False)
def bad_count():
    return [].append()
    # raises: TypeError: list.append() takes exactly one argument (0 given)


@env.sandbox.orchestrator
def merged_twice():
    def f(a=1, b=2):
        return a
    return f(**{"a": 1}, **{"a": 2})
    # raises: TypeError: containers.merged_twice.<locals>.f() got multiple values for keyword argument 'a'


@env.sandbox.orchestrator
def merged_list():
    def f(a=1, b=2):
        return a
    return f(**[1])
    # raises: TypeError: containers.merged_list.<locals>.f() argument after ** must be a mapping, not list


@env.sandbox.orchestrator
def dict_twice():
    return dict(**{"a": 1}, a=2)
    # raises: TypeError: dict() got multiple values for keyword argument 'a'


@env.sandbox.orchestrator
def keyword_is_int():
    return sorted([1], **{1: 2})
    # raises: TypeError: keywords must be strings


@env.sandbox.orchestrator(type_check=False)
def spread_int():
    return [*3]
    # raises: TypeError: Value after * must be an iterable, not int


@env.sandbox.orchestrator
def spread_list_into_dict():
    return {**[1]}
    # raises: TypeError: 'list' object is not a mapping


@env.sandbox.orchestrator(type_check=False)
def one_argument():
    x = [1]
    return "a".join(x, 1)
    # raises: TypeError: str.join() takes exactly one argument (2 given)


@env.sandbox.orchestrator
def bound_methods():
    f = [].append
    g = {"a": 1}.get
    f(1)
    return [g("a"), g("b", 5), list(map(g, "ab"))]
    # expect: [1, 5, [1, null]]


@env.sandbox.orchestrator
def max_of_nothing():
    return max(x for x in [])
    # raises: ValueError: max() arg is an empty sequence


@env.sandbox.orchestrator(type_check=False)
def text_index():
    a = [1, 2]
    return a["x"]
    # raises: TypeError: list indices must be integers or slices, not str


@env.sandbox.orchestrator
def more_of_dicts():
    t = ([],)
    t[0].append(t)
    d = dict(a=1)
    return [repr(t), sum(d.values()), sorted(d.items()), min(d), list(enumerate(d)), all(x for x in d), set(d) == set("a")]
    # expect: ["([(...)],)", 1, [["a", 1]], "a", [[0, "a"]], true, true]
