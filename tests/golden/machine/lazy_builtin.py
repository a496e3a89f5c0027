"""any over a generator expression: its loops around the builtin's body. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(xs: list) -> bool:
    return any(add(x) > 3 for x in xs)
