"""A native loop: compare, add, turn, jump. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + i
    return total
