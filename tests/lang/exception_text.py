"""What exceptions say of themselves, and how their arguments are checked. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="exception_text")


@env.sandbox.orchestrator
def texts():
    e = [ValueError(), ValueError("a"), ValueError("a", 1), KeyError("k"), KeyError("k", 1), OSError(1, "text"), OSError(2, "text", "file"),
         OSError(17, "text", "one", None, "two"), OSError("only"), BlockingIOError(11, "text", 5), SyntaxError(), SyntaxError("bad", ("f.py", 3, 1, "x")),
         UnicodeDecodeError("utf-8", b"a\xff", 1, 2, "why"), UnicodeEncodeError("ascii", "\u20ac\u20ac", 0, 2, "why"), UnicodeTranslateError("\U0001f600", 0, 1, "why"),
         ExceptionGroup("several", [ValueError(1), TypeError("t")]), BaseExceptionGroup("one", (KeyError(),)), ImportError("m", name="n"), NameError("x", name="x"),
         StopIteration(3), SystemExit(1)]
    return [[str(x) for x in e], [repr(x) for x in e]]
    # expect: [["", "a", "('a', 1)", "'k'", "('k', 1)", "[Errno 1] text", "[Errno 2] text: 'file'", "[Errno 17] text: 'one' -> 'two'", "only", "[Errno 11] text", "None", "bad (f.py, line 3)", "'utf-8' codec can't decode byte 0xff in position 1: why", "'ascii' codec can't encode characters in position 0-1: why", "can't translate character '\\U0001f600' in position 0: why", "several (2 sub-exceptions)", "one (1 sub-exception)", "m", "x", "3", "1"], ["ValueError()", "ValueError('a')", "ValueError('a', 1)", "KeyError('k')", "KeyError('k', 1)", "PermissionError(1, 'text')", "FileNotFoundError(2, 'text')", "FileExistsError(17, 'text')", "OSError('only')", "BlockingIOError(11, 'text', 5)", "SyntaxError()", "SyntaxError('bad', ('f.py', 3, 1, 'x'))", "UnicodeDecodeError('utf-8', b'a\\xff', 1, 2, 'why')", "UnicodeEncodeError('ascii', '\u20ac\u20ac', 0, 2, 'why')", "UnicodeTranslateError('\ud83d\ude00', 0, 1, 'why')", "ExceptionGroup('several', [ValueError(1), TypeError('t')])", "ExceptionGroup('one', (KeyError(),))", "ImportError('m')", "NameError('x')", "StopIteration(3)", "SystemExit(1)"]]


@env.sandbox.orchestrator
def bases():
    return [isinstance(OSError(2, "x"), FileNotFoundError), isinstance(ExceptionGroup("g", [KeyError()]), Exception), isinstance(TabError(), SyntaxError),
            isinstance(UnicodeDecodeError("u", b"", 0, 1, "r"), ValueError), isinstance(KeyError(), LookupError), isinstance(TimeoutError(), IOError), EnvironmentError is OSError,
            type(OSError(13, "x")) is PermissionError]
    # expect: [true, true, true, true, true, true, true, true]


@env.sandbox.orchestrator
def wrong_0():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(UnicodeDecodeError("x"))
    # raises: TypeError: function takes exactly 5 arguments (1 given)


@env.sandbox.orchestrator
def wrong_1():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(UnicodeEncodeError("a", b"b", 0, 1, "c"))
    # raises: TypeError: argument 2 must be str, not bytes


@env.sandbox.orchestrator
def wrong_2():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(ExceptionGroup("x"))
    # raises: TypeError: BaseExceptionGroup.__new__() takes exactly 2 arguments (1 given)


@env.sandbox.orchestrator
def wrong_3():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(ExceptionGroup("x", []))
    # raises: ValueError: second argument (exceptions) must be a non-empty sequence


@env.sandbox.orchestrator
def wrong_4():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(ExceptionGroup("x", [1]))
    # raises: ValueError: Item 0 of second argument (exceptions) is not an exception


@env.sandbox.orchestrator
def wrong_5():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(ExceptionGroup("x", 5))
    # raises: TypeError: second argument (exceptions) must be a sequence


@env.sandbox.orchestrator
def wrong_6():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(ExceptionGroup("x", [KeyboardInterrupt()]))
    # raises: TypeError: Cannot nest BaseExceptions in an ExceptionGroup


@env.sandbox.orchestrator
def wrong_7():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(SyntaxError("m", (1, 2)))
    # raises: TypeError: function takes at least 4 arguments (2 given)


@env.sandbox.orchestrator
def wrong_8():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str(SyntaxError("m", 5))
    # raises: TypeError: 'int' object is not iterable


@env.sandbox.orchestrator
def wrong_9():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str([t for t in types if t is ValueError][0](a=1))
    # raises: TypeError: ValueError() takes no keyword arguments


@env.sandbox.orchestrator
def wrong_10():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str([t for t in types if t is NameError][0](value=1))
    # raises: TypeError: 'value' is an invalid keyword argument for NameError()


@env.sandbox.orchestrator
def wrong_11():
    types = [UnicodeDecodeError, UnicodeEncodeError, ExceptionGroup, SyntaxError, ValueError, NameError, ImportError]
    return str([t for t in types if t is ImportError][0](where=1))
    # raises: TypeError: 'where' is an invalid keyword argument for ImportError()
