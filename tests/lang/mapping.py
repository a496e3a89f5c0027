"""flyte_map and orchestrators as values, one case a use. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="lang")


@env.task
def inverse(x: int) -> float:
    return 10 / x


@env.task
def weigh(x: int, y: float = 0.5, *, z: int = 0) -> float:
    return x * y + z


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
