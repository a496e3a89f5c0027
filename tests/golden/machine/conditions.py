"""Conditions branch without a value. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(a: int, b: list) -> int:
    if a < 3 and not (b or a == 5) and 0 < a <= len(b):
        return 1
    return 2
