"""A comprehension stands in place, its sites know the site around. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(n: int) -> list:
    return [add(i) for i in range(n) if i % 2]
