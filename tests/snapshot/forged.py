"""Floats that lie in containers while a task is called, for forged.c: compiled code takes them as doubles."""

import flyte

env = flyte.TaskEnvironment(name="forged")


@env.task
def half(x: float) -> float:
    return x / 2


@env.sandbox.orchestrator
def total(xs: list[float] = [1.5, 2.5, 3.5]) -> float:
    sum = 0.0
    for x in xs:
        sum = sum + x * half(x)
    return sum


@env.sandbox.orchestrator
def weighted(pairs: dict[str, float] = {"a": 1.5, "b": 2.5}, scale: float = 4.5) -> float:
    result = 0.0
    for name in pairs:
        weight = pairs[name]
        result = result + half(scale) * weight - scale
    return result


@env.sandbox.orchestrator
def nested(rows: list[tuple[float, float]] = [(1.5, 2.5), (3.5, 4.5)]) -> list[float]:
    return [half(a) + a * b for a, b in rows]


@env.sandbox.orchestrator
def ordered(xs: list[float] = [3.5, 1.5, 2.5]) -> list[float]:
    ys = [x for x in xs]
    ys.sort(key=lambda x: half(x))
    return [y * 2.0 + half(y) for y in sorted(ys)]
