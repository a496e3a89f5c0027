"""`flyte_map` runs one task over many values, several at a time; what fails is a value like any other."""

import flyte

env = flyte.TaskEnvironment(name="mapping")


@env.task
def divide(x: int, y: int) -> float:
    return x / y


@env.sandbox.orchestrator
def quotients(xs: list[int], ys: list[int]) -> list[str]:
    results = flyte_map("divide", xs, ys, concurrency=3)
    return [f"failed: {r}" if isinstance(r, ZeroDivisionError) else f"{r:.3f}" for r in results]


@env.sandbox.orchestrator
def strict(xs: list[int]) -> float:
    return sum(flyte_map("divide", xs, [2 for x in xs], return_exceptions=False))


# run: quotients --xs "[1, 2, 3]" --ys "[3, 0, 2]"
# prints: ["0.333", "failed: division by zero", "1.500"]
# run: strict --xs "[1, 2, 4]"
# prints: 3.5
