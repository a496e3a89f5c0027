import datetime
import time
from typing import Any, Optional

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


LIMIT = 20


@env.task(task_type="job", custom_config={"mode": "ok"})
def defaulted(a: int, n: int = LIMIT + 1, b: list[int] = [1, 2], c: Optional[str] = None, d: dict[str, float] = {"ü": 0.5}, *,
              e: bytes = b"\x00", f: tuple[int, str] = (1180591620717411303424, "x"), g: datetime.timedelta = datetime.timedelta(hours=1)) -> int: ...


@env.task(task_type="job", custom_config={"mode": "ok"})
def timed(n: int, at: float = time.time()) -> int: ...


@env.sandbox.orchestrator
def left_out(a: int) -> int:
    return defaulted(a) + defaulted(a, 1, c="given")


@env.sandbox.orchestrator
def unknown(n: int) -> int:
    return timed(n, 1.0) + timed(n)


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
