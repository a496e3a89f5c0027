"""flyte_map and orchestrators as values, one case a use. SPDX-License-Identifier: Apache-2.0"""
from typing import Any

import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def inverse(x: int) -> float:
    return 10 / x


@env.task
def weigh(x: int, y: float = 0.5, *, z: int = 0) -> float:
    return x * y + z


@env.task
def checked(x: int) -> int:
    if type(x) is not int:  # what the boundary says, where there is none
        raise TypeError(f"checked() argument 'x': expected int, got {type(x).__name__}")
    if x == 0:
        raise ValueError("no")
    return x


@env.sandbox.orchestrator
def through(x: int) -> float:
    def deeper(v):
        return inverse(v) + 1
    return deeper(x)


@env.sandbox.orchestrator
def at_once(x: int) -> int:
    return 100 // x


@env.sandbox.orchestrator
def several(x: int) -> list[str]:
    return [str(v) for v in flyte_map("through", [x, 0])]


@env.sandbox.orchestrator
def failures_as_values():
    results = flyte_map("inverse", [1, 0, 2, 0])
    return [[isinstance(v, ZeroDivisionError), str(v)] for v in results]
    # expect: [[false, "10.0"], [true, "division by zero"], [false, "5.0"], [true, "division by zero"]]


@env.sandbox.orchestrator
def shortest_wins():
    return [flyte_map("weigh", [1, 2, 3], [2.0, 3.0]), flyte_map("weigh", [4]), flyte_map("weigh", [])]
    # expect: [[2.0, 6.0], [2.0], []]


@env.sandbox.orchestrator
def orchestrators_that_suspend():
    return [str(v) for v in flyte_map("through", [1, 0, 2])]
    # expect: ["11.0", "division by zero", "6.0"]


@env.sandbox.orchestrator
def orchestrators_that_do_not():
    return [repr(v) for v in flyte_map("at_once", [1, 0, 2])]
    # expect: ["100", "ZeroDivisionError('integer division or modulo by zero')", "50"]


@env.sandbox.orchestrator
def maps_in_maps():
    return flyte_map("several", [1, 2])
    # expect: [["11.0", "division by zero"], ["6.0", "division by zero"]]


@env.sandbox.orchestrator
def orchestrators_as_values():
    calls = [through, at_once, inverse]
    return [f(5) for f in calls] + [weigh(*[2], **{"z": 3}), weigh(2, z=1, y=2.0)]
    # expect: [3.0, 20, 2.0, 4.0, 5.0]


@env.sandbox.orchestrator
def after_a_caught_failure():
    first = [str(v) for v in flyte_map("through", [0, 0, 4])]
    total = 0
    for i in range(1, 4):
        total = total + through(i)
    return [first, total, flyte_map("at_once", [4], return_exceptions=False)]
    # expect: [["division by zero", "division by zero", "3.5"], 21.333333333333336, [25]]


@env.sandbox.orchestrator
def strictly(items: list[Any]) -> list[int]:
    return flyte_map("checked", items, return_exceptions=False)


@env.sandbox.orchestrator
def items_that_do_not_fit():
    items: Any = [1, "a", 0, None, 2]
    return [repr(v) for v in flyte_map("checked", items, concurrency=1)]
    # expect: ["1", "TypeError(\"checked() argument 'x': expected int, got str\")", "ValueError('no')", "TypeError(\"checked() argument 'x': expected int, got NoneType\")", "2"]


@env.sandbox.orchestrator
def none_of_them_fits():
    items: Any = "ab"
    return len([v for v in flyte_map("checked", items) if isinstance(v, TypeError)])
    # expect: 2


@env.sandbox.orchestrator
def the_first_failure_counts():
    lists: Any = [[1, 0, "a", 2]]
    return [str(v) for v in flyte_map("strictly", lists)]
    # expect: ["no"]


@env.sandbox.orchestrator
def which_may_be_what_does_not_fit():
    lists: Any = [[1, 2, "a", 0]]
    return [str(v) for v in flyte_map("strictly", lists)]
    # expect: ["checked() argument 'x': expected int, got str"]


@env.sandbox.orchestrator
def at_once_where_it_is_the_first():
    lists: Any = [["a", 0]]
    return [str(v) for v in flyte_map("strictly", lists)]
    # expect: ["checked() argument 'x': expected int, got str"]
