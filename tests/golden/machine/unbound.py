"""A variable that may be unbound starts unbound and is checked. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(xs: list) -> int:
    for x in xs:
        pass
    return x
