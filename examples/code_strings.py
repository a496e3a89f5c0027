"""Orchestrators written as strings. The value of the last expression is the result."""

import flyte
import flyte.sandbox

env = flyte.TaskEnvironment(name="strings")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def multiply(x: int, y: int) -> int:
    return x * y


two_lines = flyte.sandbox.orchestrator_from_str(
    """
    partial = add(x, y)
    multiply(partial, scale)
    """,
    inputs={"x": int, "y": int, "scale": int},
    output=int,
    tasks=[add, multiply],
    name="two-lines",
)

doubled_sum = flyte.sandbox.orchestrator_from_str(
    source="multiply(add(x, y), 2)",
    inputs={"x": int, "y": int},
    output=int,
    tasks=[add, multiply],
)

dynamic_add = env.sandbox.orchestrator(
    "x + y",
    inputs={"x": int, "y": int},
    output=int,
    name="dynamic_add",
)

with_functions = env.sandbox.orchestrator(
    """
    def scaled(v, by=2):
        return multiply(v, by)

    [scaled(v) for v in values if v > 0]
    """,
    inputs={"values": list[int]},
    output=list[int],
    tasks=[multiply],
    name="with-functions",
)

# run: two-lines --x 2 --y 3 --scale 4
# prints: 20
# run: doubled_sum --x 10 --y 5
# prints: 30
# run: dynamic_add --x 1 --y 2
# prints: 3
# run: with-functions --values "[3, -1, 4]"
# prints: [6, 8]
