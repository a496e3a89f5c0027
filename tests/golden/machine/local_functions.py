"""A helper needs no closure; a captured variable lives in a cell. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="golden")


@env.task
def add(x: int, y: int = 1) -> int:
    return x + y


@env.sandbox.orchestrator
def main(n: int) -> int:
    def fib(k):
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    def scaled(k, by=2):
        return k * by + n
    return fib(n) + scaled(n)
