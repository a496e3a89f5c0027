"""What tests/journal runs. SPDX-License-Identifier: Apache-2.0"""
import os
import signal
import time

import flyte

env = flyte.TaskEnvironment(name="durable")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def divide(x: int, y: int) -> float:
    return x / y


@env.task
def slow(ms: int) -> int:
    time.sleep(ms / 1000)
    return ms


@env.task
def text(x: int) -> dict[str, list[str]]:
    return {"é": ["n%d" % x, "\u4e2d"]}


@env.task
def bulky(x: int, kib: int) -> str:
    return chr(65 + x % 26) * (1024 * kib)


@env.task(retries=3)
def third_time(notes: str) -> str:
    """Fails at first; then ends the program that asks for it, once; then gives what it has seen."""
    with open(notes, "a") as file:
        file.write(" ".join([os.environ["SBX_CALL_ID"], os.environ["SBX_ATTEMPT"], os.environ["SBX_RUN"]]) + "\n")
    seen = open(notes).read().splitlines()
    if len(seen) == 1:
        raise ValueError("not yet")
    if len(seen) == 2:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    return "|".join(seen)


@env.sandbox.orchestrator
def insists(notes: str) -> str:
    return third_time(notes)


@env.sandbox.orchestrator
def steps(n: int) -> list:
    total = 0
    for i in range(n):
        total = add(total, i)
    return [total, text(total), (1, total)]


@env.sandbox.orchestrator
def bulk(n: int, kib: int) -> int:
    return sum([len(bulky(i, kib)) for i in range(n)])


@env.sandbox.orchestrator
def mapped(n: int) -> list[str]:
    results = flyte_map("divide", [i for i in range(n)], [i % 3 for i in range(n)], concurrency=2)
    return [str(r) for r in results]


@env.sandbox.orchestrator
def fails(n: int) -> float:
    return add(n, 1) + divide(n, 0)


@env.sandbox.orchestrator
def waits(ms: int) -> int:
    return slow(ms)
