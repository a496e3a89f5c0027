"""Runs that end in every way, for hosting.c. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="ends")


@env.task
def ask(n: int) -> int:
    return n


@env.sandbox.orchestrator
def raises(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + i
    raise ValueError(total)


@env.sandbox.orchestrator
def returns(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + i
    return total


@env.sandbox.orchestrator
def descends(n: int) -> int:
    def down(k: int) -> int:
        return down(k + 1) + 1

    return down(n)


@env.sandbox.orchestrator
def asks(n: int) -> int:
    return ask(n) + 1

import time  # here: the lines above are counted


@env.task
def measure(n: int, step: list[int] = [1, 2], since: float = time.time(), unit: str = "m") -> int:
    return n


@env.sandbox.orchestrator(retries=2)
def leaves_out(n: int) -> int:
    return measure(n, unit="km")
