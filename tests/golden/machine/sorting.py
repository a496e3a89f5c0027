"""sorted with a key: a loop that makes the keys. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(xs: list) -> list:
    return sorted(xs, key=add, reverse=True)
