"""Each operator on pairs that it takes, and what it says of others. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="every_operator")



@env.sandbox.orchestrator
def same(v):
    return v


@env.sandbox.orchestrator
def pairs_that_work():
    a, b, x, y = 17, -5, 7.5, -2.0
    return [a + b, a - b, a * b, a / b, a // b, a % b, a ** 3, b ** -1, a << 3, b >> 1, a & b, a | b, a ^ b, ~a, -a, +a, x + a, x - y, x * y, x / y, x // y, x % y, x ** y, a >= b, a >= 17, x <= y, x > y, a != b, not a, a and b, 0 or b,
            True + True, True & False, "ab" * 2, 2 * [1], (1,) + (2,), "a" "b" + "c", b"a" * 2 == b"aa", [1] + [2], {"a": 1} | {"b": 2}, sorted(set([1, 2]) - set([2])), [1, 2] >= [1], (1, 2) < (1, 3), "b" >= "a", 1 in [1], 1 not in [1], None is None, a is not None]
    # expect: [12, 22, -85, -3.4, -4, -3, 4913, -0.2, 136, -3, 17, -5, -22, -18, -17, 17, 24.5, 9.5, -15.0, -3.75, -4.0, -0.5, 0.017777777777777778, true, true, false, true, true, false, -5, -5, 2, false, "abab", [1, 1], [1, 2], "abc", true, [1, 2], {"a": 1, "b": 2}, [1], true, true, true, true, false, true, true]


@env.sandbox.orchestrator
def divisions():
    return [[(a // b, a % b, divmod(a, b)) for a in [7, -7, 7.5, -7.5, 2 ** 70, -2 ** 70] for b in [2, -2, 2.5, -0.5, 2 ** 33]], [pow(3, -1, 7), pow(2, 100, 1000007), pow(-3, 3, -5), pow(2, 0.5), pow(0, 0)],
            [round(x, n) for x in [2.675, -0.5, 1.5, 12345.678, 1e22] for n in [0, 1, -2]], [round(x) for x in [0.5, 1.5, -2.5, 1e20]], round(15, -1), round(25, -1), abs(-2.5), abs(-2 ** 70)]
    # expect: [[[3, 1, [3, 1]], [-4, -1, [-4, -1]], [2.0, 2.0, [2.0, 2.0]], [-14.0, -0.0, [-14.0, -0.0]], [0, 7, [0, 7]], [-4, 1, [-4, 1]], [3, -1, [3, -1]], [-3.0, 0.5, [-3.0, 0.5]], [14.0, -0.0, [14.0, -0.0]], [-1, 8589934585, [-1, 8589934585]], [3.0, 1.5, [3.0, 1.5]], [-4.0, -0.5, [-4.0, -0.5]], [3.0, 0.0, [3.0, 0.0]], [-15.0, -0.0, [-15.0, -0.0]], [0.0, 7.5, [0.0, 7.5]], [-4.0, 0.5, [-4.0, 0.5]], [3.0, -1.5, [3.0, -1.5]], [-3.0, 0.0, [-3.0, 0.0]], [15.0, -0.0, [15.0, -0.0]], [-1.0, 8589934584.5, [-1.0, 8589934584.5]], [590295810358705651712, 0, [590295810358705651712, 0]], [-590295810358705651712, 0, [-590295810358705651712, 0]], [4.7223664828696455e+20, 1.5, [4.7223664828696455e+20, 1.5]], [-2.3611832414348226e+21, -0.0, [-2.3611832414348226e+21, -0.0]], [137438953472, 0, [137438953472, 0]], [-590295810358705651712, 0, [-590295810358705651712, 0]], [590295810358705651712, 0, [590295810358705651712, 0]], [-4.7223664828696455e+20, 1.0, [-4.7223664828696455e+20, 1.0]], [2.3611832414348226e+21, -0.0, [2.3611832414348226e+21, -0.0]], [-137438953472, 0, [-137438953472, 0]]], [5, 698635, -2, 1.4142135623730951, 1], [3.0, 2.7, 0.0, -0.0, -0.5, -0.0, 2.0, 1.5, 0.0, 12346.0, 12345.7, 12300.0, 1e+22, 1e+22, 1e+22], [0, 2, -2, 100000000000000000000], 20, 20, 2.5, 1180591620717411303424]


@env.sandbox.orchestrator
def wrong_operands_0():
    x = same([set([1]), {"a": 1}])
    return x[0] + x[1]
    # raises: TypeError: unsupported operand type(s) for +: 'set' and 'dict'


@env.sandbox.orchestrator
def wrong_operands_1():
    x = same([b"a", 2.5])
    return x[0] + x[1]
    # raises: TypeError: can't concat float to bytes


@env.sandbox.orchestrator
def wrong_operands_2():
    x = same([None, set([1])])
    return x[0] - x[1]
    # raises: TypeError: unsupported operand type(s) for -: 'NoneType' and 'set'


@env.sandbox.orchestrator
def wrong_operands_3():
    x = same([[1], True])
    return x[0] - x[1]
    # raises: TypeError: unsupported operand type(s) for -: 'list' and 'bool'


@env.sandbox.orchestrator
def wrong_operands_4():
    x = same([1.5e300, None])
    return x[0] * x[1]
    # raises: TypeError: unsupported operand type(s) for *: 'float' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_5():
    x = same([1.5e300, b"a"])
    return x[0] * x[1]
    # raises: TypeError: can't multiply sequence by non-int of type 'float'


@env.sandbox.orchestrator
def wrong_operands_6():
    x = same([{"a": 1}, True])
    return x[0] / x[1]
    # raises: TypeError: unsupported operand type(s) for /: 'dict' and 'bool'


@env.sandbox.orchestrator
def wrong_operands_7():
    x = same([5, (1,)])
    return x[0] / x[1]
    # raises: TypeError: unsupported operand type(s) for /: 'int' and 'tuple'


@env.sandbox.orchestrator
def wrong_operands_8():
    x = same([(1,), [1]])
    return x[0] // x[1]
    # raises: TypeError: unsupported operand type(s) for //: 'tuple' and 'list'


@env.sandbox.orchestrator
def wrong_operands_9():
    x = same([1.5e300, b"a"])
    return x[0] // x[1]
    # raises: TypeError: unsupported operand type(s) for //: 'float' and 'bytes'


@env.sandbox.orchestrator
def wrong_operands_10():
    x = same([b"a", True])
    return x[0] % x[1]
    # raises: TypeError: not all arguments converted during bytes formatting


@env.sandbox.orchestrator
def wrong_operands_11():
    x = same([None, 2.5])
    return x[0] % x[1]
    # raises: TypeError: unsupported operand type(s) for %: 'NoneType' and 'float'


@env.sandbox.orchestrator
def wrong_operands_12():
    x = same([5, None])
    return x[0] ** x[1]
    # raises: TypeError: unsupported operand type(s) for ** or pow(): 'int' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_13():
    x = same([True, None])
    return x[0] ** x[1]
    # raises: TypeError: unsupported operand type(s) for ** or pow(): 'bool' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_14():
    x = same([2.5, "a"])
    return x[0] @ x[1]
    # raises: TypeError: unsupported operand type(s) for @: 'float' and 'str'


@env.sandbox.orchestrator
def wrong_operands_15():
    x = same([b"a", "a"])
    return x[0] @ x[1]
    # raises: TypeError: unsupported operand type(s) for @: 'bytes' and 'str'


@env.sandbox.orchestrator
def wrong_operands_16():
    x = same([[1], None])
    return x[0] << x[1]
    # raises: TypeError: unsupported operand type(s) for <<: 'list' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_17():
    x = same([1.5e300, [1]])
    return x[0] << x[1]
    # raises: TypeError: unsupported operand type(s) for <<: 'float' and 'list'


@env.sandbox.orchestrator
def wrong_operands_18():
    x = same(["a", True])
    return x[0] >> x[1]
    # raises: TypeError: unsupported operand type(s) for >>: 'str' and 'bool'


@env.sandbox.orchestrator
def wrong_operands_19():
    x = same([b"a", set([1])])
    return x[0] >> x[1]
    # raises: TypeError: unsupported operand type(s) for >>: 'bytes' and 'set'


@env.sandbox.orchestrator
def wrong_operands_20():
    x = same([(1,), {"a": 1}])
    return x[0] & x[1]
    # raises: TypeError: unsupported operand type(s) for &: 'tuple' and 'dict'


@env.sandbox.orchestrator
def wrong_operands_21():
    x = same([2.5, b"a"])
    return x[0] & x[1]
    # raises: TypeError: unsupported operand type(s) for &: 'float' and 'bytes'


@env.sandbox.orchestrator
def wrong_operands_22():
    x = same([{"a": 1}, 5])
    return x[0] | x[1]
    # raises: TypeError: unsupported operand type(s) for |: 'dict' and 'int'


@env.sandbox.orchestrator
def wrong_operands_23():
    x = same(["a", True])
    return x[0] | x[1]
    # raises: TypeError: unsupported operand type(s) for |: 'str' and 'bool'


@env.sandbox.orchestrator
def wrong_operands_24():
    x = same([5, "a"])
    return x[0] ^ x[1]
    # raises: TypeError: unsupported operand type(s) for ^: 'int' and 'str'


@env.sandbox.orchestrator
def wrong_operands_25():
    x = same([set([1]), 1.5e300])
    return x[0] ^ x[1]
    # raises: TypeError: unsupported operand type(s) for ^: 'set' and 'float'


@env.sandbox.orchestrator
def wrong_operands_26():
    x = same(["a", {"a": 1}])
    return x[0] < x[1]
    # raises: TypeError: '<' not supported between instances of 'str' and 'dict'


@env.sandbox.orchestrator
def wrong_operands_27():
    x = same([(1,), 2.5])
    return x[0] < x[1]
    # raises: TypeError: '<' not supported between instances of 'tuple' and 'float'


@env.sandbox.orchestrator
def wrong_operands_28():
    x = same([b"a", [1]])
    return x[0] <= x[1]
    # raises: TypeError: '<=' not supported between instances of 'bytes' and 'list'


@env.sandbox.orchestrator
def wrong_operands_29():
    x = same(["a", True])
    return x[0] <= x[1]
    # raises: TypeError: '<=' not supported between instances of 'str' and 'bool'


@env.sandbox.orchestrator
def wrong_operands_30():
    x = same([1.5e300, set([1])])
    return x[0] > x[1]
    # raises: TypeError: '>' not supported between instances of 'float' and 'set'


@env.sandbox.orchestrator
def wrong_operands_31():
    x = same([[1], None])
    return x[0] > x[1]
    # raises: TypeError: '>' not supported between instances of 'list' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_32():
    x = same([True, None])
    return x[0] >= x[1]
    # raises: TypeError: '>=' not supported between instances of 'bool' and 'NoneType'


@env.sandbox.orchestrator
def wrong_operands_33():
    x = same([1.5e300, {"a": 1}])
    return x[0] >= x[1]
    # raises: TypeError: '>=' not supported between instances of 'float' and 'dict'


@env.sandbox.orchestrator
def wrong_use_34():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(-x[0])
    # raises: TypeError: bad operand type for unary -: 'str'


@env.sandbox.orchestrator
def wrong_use_35():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(+x[0])
    # raises: TypeError: bad operand type for unary +: 'str'


@env.sandbox.orchestrator
def wrong_use_36():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(~x[0])
    # raises: TypeError: bad operand type for unary ~: 'str'


@env.sandbox.orchestrator
def wrong_use_37():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[0][0])
    # expect: "s"


@env.sandbox.orchestrator
def wrong_use_38():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[0]())
    # raises: TypeError: 'str' object is not callable


@env.sandbox.orchestrator
def wrong_use_39():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(len(x[1]))
    # raises: TypeError: object of type 'int' has no len()


@env.sandbox.orchestrator
def wrong_use_40():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(abs(x[0]))
    # raises: TypeError: bad operand type for abs(): 'str'


@env.sandbox.orchestrator
def wrong_use_41():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[1] in x[1])
    # raises: TypeError: argument of type 'int' is not iterable


@env.sandbox.orchestrator
def wrong_use_42():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str([*x[1]])
    # raises: TypeError: Value after * must be an iterable, not int


@env.sandbox.orchestrator
def wrong_use_43():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str({**x[1]})
    # raises: TypeError: 'int' object is not a mapping


@env.sandbox.orchestrator
def wrong_use_44():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[2]["a"])
    # raises: TypeError: list indices must be integers or slices, not str


@env.sandbox.orchestrator
def wrong_use_45():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[3][9])
    # raises: IndexError: tuple index out of range


@env.sandbox.orchestrator
def wrong_use_46():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[2][1.5])
    # raises: TypeError: list indices must be integers or slices, not float


@env.sandbox.orchestrator
def wrong_use_47():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(int(x[0]))
    # raises: ValueError: invalid literal for int() with base 10: 's'


@env.sandbox.orchestrator
def wrong_use_48():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(float(x[2]))
    # raises: TypeError: float() argument must be a string or a real number, not 'list'


@env.sandbox.orchestrator
def wrong_use_49():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(hash(x[2]))
    # raises: TypeError: unhashable type: 'list'


@env.sandbox.orchestrator
def wrong_use_50():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(sorted(x))
    # raises: TypeError: '<' not supported between instances of 'int' and 'str'


@env.sandbox.orchestrator
def wrong_use_51():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(sum([x[0]]))
    # raises: TypeError: unsupported operand type(s) for +: 'int' and 'str'


@env.sandbox.orchestrator
def wrong_use_52():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(max(x[1]))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def wrong_use_53():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(ord(x[0]))
    # expect: "115"


@env.sandbox.orchestrator
def wrong_use_54():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(chr(-1 * x[1]))
    # raises: ValueError: chr() arg not in range(0x110000)


@env.sandbox.orchestrator
def wrong_use_55():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(round(x[0]))
    # raises: TypeError: type str doesn't define __round__ method


@env.sandbox.orchestrator
def wrong_use_56():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(bin(2.5 * x[1]))
    # raises: TypeError: 'float' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def wrong_use_57():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(isinstance(x[1], x[1]))
    # raises: TypeError: isinstance() arg 2 must be a type, a tuple of types, or a union


@env.sandbox.orchestrator
def wrong_use_58():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(reversed(x[1]))
    # raises: TypeError: 'int' object is not reversible


@env.sandbox.orchestrator
def wrong_use_59():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(pow(x[1], x[0]))
    # raises: TypeError: unsupported operand type(s) for ** or pow(): 'int' and 'str'


@env.sandbox.orchestrator
def wrong_use_60():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(divmod(x[1], 0))
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def wrong_use_61():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[1] % 0)
    # raises: ZeroDivisionError: integer modulo by zero


@env.sandbox.orchestrator
def wrong_use_62():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[1] / 0)
    # raises: ZeroDivisionError: division by zero


@env.sandbox.orchestrator
def wrong_use_63():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(1.0 // (0 * x[1]))
    # raises: ZeroDivisionError: float floor division by zero


@env.sandbox.orchestrator
def wrong_use_64():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(0.0 ** -x[1])
    # raises: ZeroDivisionError: 0.0 cannot be raised to a negative power


@env.sandbox.orchestrator
def wrong_use_65():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[1] << -x[1])
    # raises: ValueError: negative shift count


@env.sandbox.orchestrator
def wrong_use_66():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(zip(x[1]))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def wrong_use_67():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(enumerate(x[1]))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def wrong_use_68():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(range(2.5 * x[1]))
    # raises: TypeError: 'float' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def wrong_use_69():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(range(0, 1, 0 * x[1]))
    # raises: ValueError: range() arg 3 must not be zero


@env.sandbox.orchestrator
def wrong_use_70():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[2].index(9))
    # raises: ValueError: 9 is not in list


@env.sandbox.orchestrator
def wrong_use_71():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[2].pop(9))
    # raises: IndexError: pop index out of range


@env.sandbox.orchestrator
def wrong_use_72():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(x[2].remove(9))
    # raises: ValueError: list.remove(x): x not in list


@env.sandbox.orchestrator
def wrong_use_73():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str(dict(x[2]))
    # raises: TypeError: cannot convert dictionary update sequence element #0 to a sequence


@env.sandbox.orchestrator
def wrong_use_74():
    x = same(["s", 5, [1, 2], (1, 2), None])
    return str({}[x[2]])
    # raises: TypeError: unhashable type: 'list'
