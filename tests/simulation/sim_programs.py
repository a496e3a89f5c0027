"""What tests/simulation runs. sim_oracle.c says of each orchestrator what its result must be. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="sim")


@env.task(retries=2)
def work(x: int) -> int:
    return 3 * x + 1


@env.task(retries=1, timeout=1)
def slow(x: int) -> int:
    return x - 7


@env.task
def words(x: int) -> dict[str, list[str]]:
    return {"é": [str(x), "中"]}


@env.task(retries=3)
def half(x: int) -> float:
    return x / 2


@env.task(retries=1, task_type="remote")
def remote(x: int) -> int:
    return x * x


@env.task(retries=1)
def plus(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def chain(n: int) -> int:
    total = 0
    for i in range(n):
        total = work(total % 1000 + i)
    return total


@env.sandbox.orchestrator
def fan(n: int, width: int) -> list[int]:
    good = 0
    bad = 0
    for result in flyte_map("work", [i for i in range(n)], concurrency=width):
        if isinstance(result, ValueError):
            bad = bad + 1
        elif isinstance(result, Exception):
            bad = bad + 1000
        else:
            good = good + result
    return [good, bad]


@env.sandbox.orchestrator
def strict(n: int) -> int:
    return sum(flyte_map("slow", [i for i in range(n)], return_exceptions=False))


@env.sandbox.orchestrator
def nested(n: int) -> int:
    total = 0
    for i in range(n):
        total = plus(total, chain(2))
    return total


@env.sandbox.orchestrator
def items(n: int) -> list[str]:
    return [str(result) for result in flyte_map("chain", [i for i in range(n)])]


@env.sandbox.orchestrator
def branch(x: int) -> int:
    steps = 0
    while steps < 5:
        steps = steps + 1
        if x % 3 == 0:
            x = work(x % 50)
        elif x % 3 == 1:
            x = remote(x % 50)
        else:
            x = slow(x)
    return x


@env.sandbox.orchestrator
def texts(n: int) -> str:
    parts = []
    for i in range(n):
        parts.append("-".join(words(i)["é"]))
    return "+".join(parts)


@env.sandbox.orchestrator
def lazy(n: int) -> float:
    return sum(half(i) for i in range(n)) + half(n)


@env.sandbox.orchestrator
def squares(n: int) -> int:
    return plus(sum(flyte_map("remote", [i for i in range(n)], concurrency=2, return_exceptions=False)), n)
