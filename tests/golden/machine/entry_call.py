"""A call of another orchestrator: arguments and result are copied and checked. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.sandbox.orchestrator
def inner(a: int, b: float = 1.5) -> float:
    return a * b


@env.sandbox.orchestrator
def main(n: int) -> float:
    return inner(b=2, a=n) + inner(n)
