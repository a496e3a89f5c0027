"""What tests/journal runs where there is no engine. SPDX-License-Identifier: Apache-2.0"""
import flyte
import flyte.sandbox

env = flyte.TaskEnvironment(name="missing")

double = flyte.sandbox.create(name="double", code="y = x * 2", inputs={"x": int}, outputs={"y": int})


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def values(n: int) -> list[str]:
    total = add(n, 1)
    return [str(r) for r in flyte_map("double", [i for i in range(total)])]
