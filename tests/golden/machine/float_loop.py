"""Variables that are surely floats are doubles. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(x: float) -> float:
    s = 0.0
    for i in range(100):
        x = 3.7 * x * (1.0 - x)
        s = s + x / 2
    return s
