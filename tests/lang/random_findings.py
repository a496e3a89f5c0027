"""What random programs (tests/generated) found: each is the small form of a program that differed.

SPDX-License-Identifier: Apache-2.0
"""
import flyte

env = flyte.TaskEnvironment(name="findings")


@env.sandbox.orchestrator
def one_value_for_an_int_and_a_parameter():
    def f(p=b"ab"):
        i = p = len([1, 2])
        return [i, p]
    return f()
    # expect: [2, 2]


@env.sandbox.orchestrator
def name_of_a_lambda_in_a_generator_expression():
    return sum((lambda a, b: a * b)(*[1]) for x in [1])
    # raises: TypeError: name_of_a_lambda_in_a_generator_expression.<locals>.<genexpr>.<lambda>() missing 1 required positional argument: 'b'


@env.sandbox.orchestrator
def name_of_a_lambda_in_a_list_comprehension():
    return [(lambda a, b=2: a)() for h in "a"]
    # raises: TypeError: name_of_a_lambda_in_a_list_comprehension.<locals>.<listcomp>.<lambda>() missing 1 required positional argument: 'a'


@env.sandbox.orchestrator
def a_decode_error_of_its_own():
    raise UnicodeDecodeError("utf-8", b"x", 0, 1, "é")
    # raises: UnicodeDecodeError: 'utf-8' codec can't decode byte 0x78 in position 0: é


@env.sandbox.orchestrator
def an_encode_error_of_its_own():
    raise UnicodeEncodeError("ascii", "aé😀", 1, 3, "why")
    # raises: UnicodeEncodeError: 'ascii' codec can't encode characters in position 1-2: why


@env.sandbox.orchestrator
def a_translate_error_as_text():
    return [str(UnicodeTranslateError("a\u20ac", 1, 2, "r")), repr(UnicodeTranslateError("ab", 0, 1, "r"))]
    # expect: ["can't translate character '\\u20ac' in position 1: r", "UnicodeTranslateError('ab', 0, 1, 'r')"]


@env.sandbox.orchestrator
def a_decode_error_without_arguments():
    raise UnicodeDecodeError
    # raises: TypeError: function takes exactly 5 arguments (0 given)


@env.sandbox.orchestrator
def a_decode_error_with_a_wrong_argument():
    raise UnicodeDecodeError("utf-8", "text", 0, 1, "r")
    # raises: TypeError: a bytes-like object is required, not 'str'


@env.sandbox.orchestrator
def a_syntax_error_without_text():
    raise TabError from SyntaxError("", 1, 2)
    # raises: TabError: <no detail available>


@env.sandbox.orchestrator
def texts_of_syntax_and_system_errors():
    return [str(SyntaxError()), str(SyntaxError("a", 1, 2)), repr(FileNotFoundError(2, "no", "f")), str(OSError(2, "a", None)), str(OSError(2, "a", "b", None, "c")),
            repr(BlockingIOError(11, "a", 5)), str(BlockingIOError(11, "a", 5))]
    # expect: ["None", "a", "FileNotFoundError(2, 'no')", "[Errno 2] a", "[Errno 2] a: 'b' -> 'c'", "BlockingIOError(11, 'a', 5)", "[Errno 11] a"]


@env.sandbox.orchestrator
def what_cannot_be_raised():
    raise []
    # raises: TypeError: exceptions must derive from BaseException


@env.sandbox.orchestrator
def items_of_an_endless_range_backwards():
    return list(reversed(range(0, 10 ** 25)))
    # raises: OverflowError: Python int too large to convert to C ssize_t


@env.task
def echo(x):
    return x


@env.sandbox.orchestrator
def sorted_with_a_key_and_a_reverse_that_is_no_int():
    return sorted("ab", key=echo, reverse=echo("x"))
    # raises: TypeError: 'str' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def sort_with_a_key_and_a_reverse_that_is_an_int():
    xs = [1, 3, 2]
    xs.sort(key=lambda x: x, reverse=echo(7))
    return [xs, sorted(xs, key=echo, reverse=0)]
    # expect: [[3, 2, 1], [1, 2, 3]]


@env.sandbox.orchestrator
def sort_with_a_reverse_that_is_too_large():
    return sorted([1], key=echo, reverse=2 ** 31)
    # raises: OverflowError: Python int too large to convert to C int


@env.sandbox.orchestrator
def enumerate_of_a_generator_from_what_is_no_int():
    return list(enumerate((x for x in "ab"), echo({})))
    # raises: TypeError: 'dict' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def enumerate_of_a_generator_from_a_bool():
    return list(enumerate((x for x in "ab"), echo(True)))
    # expect: [[1, "a"], [2, "b"]]


@env.sandbox.orchestrator
def enumerate_in_a_loop_from_what_is_no_int():
    for i, x in enumerate((x for x in "ab"), start=echo("1")):
        echo(i)
    # raises: TypeError: 'str' object cannot be interpreted as an integer


@env.sandbox.orchestrator
def generators_that_nothing_reaches():
    if 0:
        return [*filter(lambda n: n > 1, (x for x in [1]))]
    return (lambda: [tuple(i * i for i in b"a"), 5][0 if [] else 1])()
    # expect: 5


@env.sandbox.orchestrator
def arguments_behind_one_that_raises():
    def f(a, b=1):
        pass
    if echo(0):
        f(max([]), b={"a": [1]}.get("x"))
        dict(a={}[str([1])], k=echo)
        round({}["a"], {}["b"])
    return {}["a"]
    # raises: KeyError: 'a'


@env.sandbox.orchestrator
def tabs_that_become_nothing():
    return ["\t".expandtabs(0), str(b"\t".expandtabs(0))]
    # expect: ["", "b''"]


@env.sandbox.orchestrator
def a_float_in_a_branch_that_is_surely_taken() -> float:
    a = None
    if a is None:
        a = 0.1
    return a
    # expect: 0.1


@env.sandbox.orchestrator
def a_float_where_the_other_branch_is_dead() -> list:
    a = b = ()
    if []:
        pass
    else:
        a = 0.5
        *c, d = (256 + (-2 & 2), b"a".find(b"\x80"))
    return [a, b, c, d]
    # expect: [0.5, [], [258], -1]


@env.sandbox.orchestrator
def what_is_left_of_a_float() -> int:
    a = 1.0
    if a is not None:
        a = 0
    return a
    # expect: 0
