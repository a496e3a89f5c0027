"""Tracebacks of exception groups. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="groups")


@env.sandbox.orchestrator
def two():
    raise ExceptionGroup("several", [ValueError(1), TypeError("t")])
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def from_inside():
    def deeper(n):
        if n == 0:
            raise ExceptionGroup("several", [ValueError(1), KeyError("k")])
        return deeper(n - 1)
    return deeper(2)
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def nested():
    inner = ExceptionGroup("inner", [TypeError("t"), KeyError("k")])
    raise ExceptionGroup("several", [inner, ValueError(1), ExceptionGroup("last", [inner, OSError(2, "no")])])
    # raises:       +------------------------------------


@env.sandbox.orchestrator
def sixteen_and_seventeen():
    sixteen = ExceptionGroup("sixteen", [ValueError(i) for i in range(16)])
    raise ExceptionGroup("seventeen", [sixteen] + [ValueError(i) for i in range(16)])
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def deep():
    e = ValueError("the end")
    for i in range(14):
        e = ExceptionGroup(str(i), [e, KeyError(i)])
    raise e
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def several_lines():
    raise ExceptionGroup("a\nb", [ValueError("c\n\nd\n"), TypeError("e\nf\u2028g\x0ch"), RuntimeError(), KeyError("é\n😀")])
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def from_another():
    raise ValueError("v") from ExceptionGroup("g", [TypeError("t"), ExceptionGroup("h", [KeyError(1)])])
    # raises: ValueError: v


@env.sandbox.orchestrator
def group_from_another():
    raise ExceptionGroup("g", [TypeError("t")]) from ValueError("v")
    # raises:     +------------------------------------


@env.sandbox.orchestrator
def from_a_group_of_itself():
    e = ValueError("v")
    raise e from ExceptionGroup("g", [TypeError("t"), e])
    # raises: ValueError: v


@env.sandbox.orchestrator
def of_base_exceptions():
    raise BaseExceptionGroup("g", [KeyboardInterrupt(), SystemExit(3), SyntaxError("x"), BaseExceptionGroup("h", (GeneratorExit(),))])
    # raises:       +------------------------------------
