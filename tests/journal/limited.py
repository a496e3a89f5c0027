# An orchestrator whose own limit is reached between two calls. SPDX-License-Identifier: Apache-2.0
import flyte

env = flyte.TaskEnvironment(name="limited")


@env.task
def same(n: int) -> int:
    return n


@env.sandbox.orchestrator(timeout_ms=100)
def counts(n: int) -> int:
    first = same(1)
    k = 0
    while k < n:
        k = k + 1
    return first + same(2)
