"""A temporary lives across a suspension. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(n: int) -> list:
    s = 0
    s = s + add(n, y=add(2))
    return [n, add(s)]
