"""A file as teams have them: third-party imports, classes, settings, helpers, a main block. Only the orchestrators are
held to the subset; the rest is Python's own business."""

from __future__ import annotations

import datetime
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, List, Optional

import flyte
from flyte import Resources, TaskEnvironment

if TYPE_CHECKING:
    import pandas as pd

try:
    import httpx
except ImportError:
    httpx = None

log = logging.getLogger(__name__)
DEFAULT_TIMEOUT = datetime.timedelta(minutes=5)

workers = TaskEnvironment(
    name="workers",
    resources=Resources(cpu=1, memory="512Mi"),
    env_vars={"REGION": "eu-1"},
)
env = TaskEnvironment(name="reports", depends_on=[workers])


@dataclass
class Row:
    user: str
    amount: float

    def as_dict(self) -> dict[str, float]:
        return {self.user: self.amount}


class Client:
    _instances: dict[str, "Client"] = {}

    def __init__(self, url):
        self.url = url

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exc):
        return False


def helper(rows):
    with open(os.devnull) as f:
        yield from (r for r in rows if (n := r) and not f.read())


@workers.task(retries=3, timeout=DEFAULT_TIMEOUT, cache="auto")
async def fetch(page: int, region: Optional[str] = None) -> List[dict[str, float]]:
    async with Client(f"http://localhost/{page}"):
        region = region or os.environ["REGION"]
        rows = [Row(f"{region}/user{page}", page * 1.5), Row("total", float(page))]
    return [row.as_dict() for row in helper(rows)]


@workers.task
def summarize(amounts: list[float], label: str = "sum") -> tuple[str, float]:
    try:
        total = sum(amounts)
    except TypeError:
        log.exception("bad amounts")
        raise
    total += 0.0
    assert total >= 0
    return label, total


@env.sandbox.orchestrator(timeout_ms=20_000, retries=1)
async def report(pages: int, label: str | None = None) -> dict[str, float]:
    amounts = []
    for page in range(1, pages + 1):
        for row in await fetch(page):
            for name, amount in row.items():
                if name != "total":
                    amounts.append(amount)
    name, total = summarize(amounts) if label is None else summarize(amounts, label=label)
    return {name: total, "mean": total / len(amounts) if amounts else 0.0}


if __name__ == "__main__":
    flyte.init_from_config()
    run = flyte.run(report, pages=3)
    print(run.url)

# run: report --pages 3
# prints: {"sum": 9.0, "mean": 3.0}
# run: report --pages 2 --label '"two"'
# prints: {"two": 4.5, "mean": 2.25}
