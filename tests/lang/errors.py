"""What raises, with Python's last line and Python's traceback. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.sandbox.orchestrator
def raised():
    raise ValueError("negative input: %d" % -1)
    # raises: ValueError: negative input: -1


@env.sandbox.orchestrator
def raised_from():
    raise KeyError("k") from ValueError("v")
    # raises: KeyError: 'k'


@env.sandbox.orchestrator
def raised_type():
    if True:
        raise RuntimeError
    # raises: RuntimeError


@env.sandbox.orchestrator
def raised_nothing():
    raise
    # raises: RuntimeError: No active exception to reraise


@env.sandbox.orchestrator
def raised_nonsense():
    x = 5
    raise x
    # raises: TypeError: exceptions must derive from BaseException


@env.sandbox.orchestrator
def zero_division():
    x = 0
    y = [1, 2]
    return y[0] + 1 // x
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def float_division():
    x = 0.0
    y = 1.5
    return y / x
    # raises: ZeroDivisionError: float division by zero


@env.sandbox.orchestrator
def index_error():
    xs = [1, 2]
    return xs[0] + xs[5]
    # raises: IndexError: list index out of range


@env.sandbox.orchestrator
def key_error():
    d = {"a": 1}
    return d["b"]
    # raises: KeyError: 'b'


@env.sandbox.orchestrator
def wrong_types():
    xs = [1, "a"]
    return xs[0] + xs[1]
    # raises: TypeError: unsupported operand type(s) for +: 'int' and 'str'


@env.sandbox.orchestrator
def attribute():
    xs = [5, "a"]
    return xs[0].upper()
    # raises: AttributeError: 'int' object has no attribute 'upper'


@env.sandbox.orchestrator
def not_callable():
    xs = [5, abs]
    return xs[0](1)
    # raises: TypeError: 'int' object is not callable


@env.sandbox.orchestrator(type_check=False)
def unbound_local():
    for i in []:
        x = i
    return x
    # raises: UnboundLocalError: cannot access local variable 'x' where it is not associated with a value


@env.sandbox.orchestrator
def unbound_free():
    def f():
        return y
    if f:
        return f()
    y = 1
    # raises: NameError: cannot access free variable 'y' where it is not associated with a value in enclosing scope


@env.sandbox.orchestrator
def unbound_in_comprehension():
    if len("a") == 2:
        z = 1
    return [z for i in range(2)]
    # raises: NameError: cannot access free variable 'z' where it is not associated with a value in enclosing scope


@env.sandbox.orchestrator
def missing_argument():
    def f(a, b, *, c):
        return a
    g = f
    return g(1, c=2)
    # raises: TypeError: missing_argument.<locals>.f() missing 1 required positional argument: 'b'


@env.sandbox.orchestrator
def too_many_arguments():
    def f(a, b=1):
        return a
    fs = [f]
    return fs[0](1, 2, 3)
    # raises: TypeError: too_many_arguments.<locals>.f() takes from 1 to 2 positional arguments but 3 were given


@env.sandbox.orchestrator
def in_function():
    def f(x):
        return g(x) + 1

    def g(x):
        return 1 / x
    return f(0)
    # raises: ZeroDivisionError: division by zero


@env.sandbox.orchestrator
def in_comprehension():
    xs = [1, 0]
    return [1 / x
            for x in xs]
    # raises: ZeroDivisionError: division by zero


@env.sandbox.orchestrator
def in_nested_comprehension():
    xs = [[1], [0]]
    return [[1 // y for y in x] for x in xs]
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def in_generator_expression():
    xs = [1, 0]
    return sum(1 // x for x in xs)
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def in_lambda():
    f = lambda x: x["a"]
    return sorted([{}, {}], key=f)
    # raises: KeyError: 'a'


@env.sandbox.orchestrator
def in_map():
    return list(map(lambda x: 1 // x, [1, 0]))
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def unpack_few():
    xs = [1]
    a, b = xs
    return a
    # raises: ValueError: not enough values to unpack (expected 2, got 1)


@env.sandbox.orchestrator
def unpack_many():
    a, b = "abc"
    return a
    # raises: ValueError: too many values to unpack (expected 2)


@env.sandbox.orchestrator(type_check=False)
def unpack_int():
    x = 5
    a, b = [x][0]
    return a
    # raises: TypeError: cannot unpack non-iterable int object


@env.sandbox.orchestrator
def unpack_star():
    a, b, *c = [1]
    return a
    # raises: ValueError: not enough values to unpack (expected at least 2, got 1)


@env.sandbox.orchestrator(type_check=False)
def not_iterable():
    x = 5
    for i in [x][0]:
        pass
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator(type_check=False)
def range_of_str():
    n = "3"
    for i in range([n][0]):
        pass
    # raises: TypeError: 'str' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def empty_max():
    xs = []
    return max(x for x in xs)
    # raises: ValueError: max() arg is an empty sequence


@env.sandbox.orchestrator
def sum_of_str():
    return sum(x for x in ["a"])
    # raises: TypeError: unsupported operand type(s) for +: 'int' and 'str'


@env.sandbox.orchestrator
def compare_types():
    xs = [1, "a"]
    return xs[0] < xs[1]
    # raises: TypeError: '<' not supported between instances of 'int' and 'str'


@env.sandbox.orchestrator
def chained_compare():
    xs = [1, "a"]
    return 0 < xs[0] < xs[1]
    # raises: TypeError: '<' not supported between instances of 'int' and 'str'


@env.sandbox.orchestrator
def deep_recursion():
    def f(n):
        return f(n + 1) + 1
    x = "no traceback here"
    return x if f else f(0)
    # expect: "no traceback here"


@env.sandbox.orchestrator
def spread_twice():
    def f(a, **k):
        return a
    return f(1, **{"a": 2})
    # raises: TypeError: spread_twice.<locals>.f() got multiple values for argument 'a'


@env.sandbox.orchestrator
def format_error():
    return f"{'a':d}"
    # raises: ValueError: Unknown format code 'd' for object of type 'str'


@env.sandbox.orchestrator
def multi_line():
    xs = [1, 2]
    return (xs[0] +
            xs[1] +
            xs[7])
    # raises: IndexError: list index out of range


@env.sandbox.orchestrator(type_check=False)
def method_arguments():
    return "a".join(5)
    # raises: TypeError: can only join an iterable


@env.sandbox.orchestrator
def in_condition():
    xs = []
    if xs and xs[0] or xs[1]:
        return 1
    while xs[2]:
        pass
    # raises: IndexError: list index out of range


@env.sandbox.orchestrator
def chain_over_lines():
    xs = [1]
    return (xs
            .copy()
            .index(
                5))
    # raises: ValueError: 5 is not in list


@env.sandbox.orchestrator
def call_over_lines():
    p = len
    return [p][0](
        1,
        2)
    # raises: TypeError: len() takes exactly one argument (2 given)


@env.sandbox.orchestrator
def attribute_over_lines():
    xs = [5, "a"]
    return (xs[0]
            .upper())
    # raises: AttributeError: 'int' object has no attribute 'upper'


@env.sandbox.orchestrator
def generator_over_lines():
    xs = [1, 0]
    return sorted(
        (1 // x
         for x in xs),
        key=lambda x:
            x)
    # raises: ZeroDivisionError: integer division or modulo by zero


@env.sandbox.orchestrator
def sort_changes_list():
    xs = [3, 1, 2]
    def key(x):
        xs.append(x)
        return x
    xs.sort(key=key)
    return xs
    # raises: ValueError: list modified during sort
