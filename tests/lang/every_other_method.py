"""Each method of numbers, tuples, dicts, sets and ranges. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_other_method")



@env.sandbox.orchestrator
def same(v):
    return v


@env.sandbox.orchestrator
def int_methods():
    n, m = -37, True
    return [n.bit_length(), n.bit_count(), n.conjugate(), n.as_integer_ratio(), n.real, n.imag, n.numerator, n.denominator, m.real, m.bit_length(), (1000).to_bytes(2, "big").hex(),
            (-2).to_bytes(2, "little", signed=True).hex(), int.from_bytes(b"\xff\xfe", "big", signed=True), int.from_bytes([1, 2], "little"), (2 ** 100).bit_length(), (10 ** 30).as_integer_ratio()]
    # expect: [6, 3, -37, [-37, 1], -37, 0, -37, 1, 1, 1, "03e8", "feff", -2, 513, 101, [1000000000000000000000000000000, 1]]


@env.sandbox.orchestrator
def float_methods():
    x, y = -2.75, float("inf")
    return [x.as_integer_ratio(), x.conjugate(), x.hex(), x.is_integer(), (4.0).is_integer(), x.real, x.imag, float.fromhex("-0x1.8p1"), float.fromhex("nan") != 0, y.hex(), y.is_integer(), (0.0).hex(), (5e-324).hex()]
    # expect: [[-11, 4], -2.75, "-0x1.6000000000000p+1", false, true, -2.75, 0.0, -3.0, true, "inf", false, "0x0.0p+0", "0x0.0000000000001p-1022"]


@env.sandbox.orchestrator
def tuple_methods():
    return [(1, 2, 1).count(1), (1, 2, 1).index(1, 1), ("a", 1.0).index(1)]
    # expect: [2, 2, 1]


@env.sandbox.orchestrator
def dict_methods():
    d = {"a": 1, "b": 2}
    e = d.copy()
    d.clear()
    return [d, e, e.get("z"), e.pop("a"), e.popitem(), e.setdefault("q"), list(e.keys()), list(e.values()), list(e.items()), dict.fromkeys("ab", 1)]
    # expect: [{}, {"q": null}, null, 1, ["b", 2], null, ["q"], [null], [["q", null]], {"a": 1, "b": 1}]


@env.sandbox.orchestrator
def set_methods():
    s, t = set([1, 2, 3]), set([3, 4])
    a = s.copy()
    a.intersection_update(t)
    b = s.copy()
    b.symmetric_difference_update(t)
    c = s.copy()
    c.update([9], (8,))
    d = s.copy()
    d.clear()
    e = set([7])
    f = s.copy()
    f.difference_update([1], [2])
    f.discard(99)
    return [sorted(a), sorted(b), sorted(c), len(d), e.pop(), sorted(s.intersection([1, 5])), sorted(s.symmetric_difference([1, 5])), s.issuperset([1]), sorted(f), sorted(s.union([0])), s.isdisjoint([9]), s.issubset(range(9))]
    # expect: [[3], [1, 2, 4], [1, 2, 3, 8, 9], 0, 7, [1], [2, 3, 5], true, [3], [0, 1, 2, 3], true, true]


@env.sandbox.orchestrator
def frozenset_methods():
    s = frozenset([1, 2, 3])
    return [s.copy() is s, sorted(s.difference([1])), sorted(s.intersection([1, 9])), s.isdisjoint([9]), s.issubset(range(9)), s.issuperset([1, 2]), sorted(s.symmetric_difference([1, 9])), sorted(s.union([9])),
            type(s | set([9])) is frozenset, hash(frozenset([1, 2])) == hash(frozenset([2, 1]))]
    # expect: [true, [2, 3], [1], true, true, true, [2, 3, 9], [1, 2, 3, 9], true, true]


@env.sandbox.orchestrator
def set_pop_empty():
    return set([]).pop()
    # raises: KeyError: 'pop from an empty set'


@env.sandbox.orchestrator
def set_remove_missing():
    x = set([1])
    return x.remove(2)
    # raises: KeyError: 2


@env.sandbox.orchestrator
def tuple_index_missing():
    return (1, 2).index([3][0])
    # raises: ValueError: tuple.index(x): x not in tuple


@env.sandbox.orchestrator
def to_bytes_overflow():
    return [(300).to_bytes(1, "big")]
    # raises: OverflowError: int too big to convert


@env.sandbox.orchestrator
def from_bytes_order():
    x = same(["middle", 1])
    return int.from_bytes(b"a", x[0])
    # raises: ValueError: byteorder must be either 'little' or 'big'


@env.sandbox.orchestrator
def float_nan_ratio():
    return float("nan").as_integer_ratio()
    # raises: ValueError: cannot convert NaN to integer ratio


@env.sandbox.orchestrator
def fromhex_wrong():
    x = same(["0xz", 1])
    return float.fromhex(x[0])
    # raises: ValueError: invalid hexadecimal floating-point string


@env.sandbox.orchestrator
def popitem_empty():
    return {}.popitem()
    # raises: KeyError: 'popitem(): dictionary is empty'


@env.sandbox.orchestrator
def printing():
    return [print("a", 1, sep="-", end="."), print(), print(*[1, 2], flush=True)]
    # expect: [null, null, null]


@env.sandbox.orchestrator
def range_attributes():
    r = range(2, 20, 3)
    return [r.start, r.stop, r.step, r.count(5), r.index(8)]
    # expect: [2, 20, 3, 1, 2]
