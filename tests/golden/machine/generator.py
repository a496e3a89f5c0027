"""A generator expression that is passed on is a function. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(xs: list) -> int:
    def first(g):
        for x in g:
            return x
    return first(x + 1 for x in xs)
