import datetime
from typing import Any

import flyte

env = flyte.TaskEnvironment(name="jobs")


@env.task(task_type="job", custom_config={"mode": "ok"})
def twice(n: int) -> int: ...


@env.task(task_type="job", custom_config={"mode": "ok"}, task_type_version=3)
def echo(a: str, b: list[Any], c: bytes, when: datetime.datetime) -> list[Any]: ...


@env.task(task_type="moded")
def by_input(n: int, mode: str) -> int: ...


@env.task(task_type="moded", retries=1)
def again(n: int, mode: str) -> int: ...


@env.task(task_type="moded", timeout=0.7)
def limited(n: int, mode: str) -> int: ...


@env.task(task_type="moded")
def typed(n: int, mode: str) -> str: ...


@env.sandbox.orchestrator
def double(n: int) -> int:
    return twice(n)


@env.sandbox.orchestrator
def everything(a: str, when: datetime.datetime) -> list[Any]:
    return echo(a, [1, 2.5, None, True, {"k": 'q"\\'}], b"\x00\xff", when)


@env.sandbox.orchestrator
def run(n: int, mode: str) -> int:
    return by_input(n, mode)


@env.sandbox.orchestrator
def run_again(n: int, mode: str) -> int:
    return again(n, mode)


@env.sandbox.orchestrator
def run_limited(n: int, mode: str) -> int:
    return limited(n, mode)


@env.sandbox.orchestrator
def run_typed(n: int, mode: str) -> str:
    return typed(n, mode)


@env.sandbox.orchestrator
def nan(when: datetime.datetime) -> list[Any]:
    return echo("x", [float("nan")], b"", when)


@env.sandbox.orchestrator
def several(modes: list[str]) -> list[int]:
    return flyte_map("by_input", [1 for m in modes], modes, return_exceptions=False)


@env.sandbox.orchestrator
def steps(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + by_input(i, "ok")
    return total
