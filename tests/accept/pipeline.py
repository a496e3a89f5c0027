"""The pipeline of the documentation, in a file as users write it."""
from __future__ import annotations

import argparse
import asyncio
import logging
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

import flyte
import numpy as np
import pandas as pd
from flyte.io import DataFrame, Dir, File
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import torch
except ImportError:
    torch = None

logger = logging.getLogger(__name__)

image = flyte.Image.from_debian_base(python_version=(3, 12)).with_pip_packages("numpy", "pandas").with_apt_packages("git")
env = flyte.TaskEnvironment(
    name="sandboxed-demo",
    image=image,
    resources=flyte.Resources(cpu=1, memory="512Mi"),
    env_vars={"LOG_LEVEL": "info", "SEED": "7"},
    secrets=[flyte.Secret(key="token", as_env_var="TOKEN")],
    cache="auto",
)
worker = flyte.TaskEnvironment("worker", depends_on=[env])


@dataclass
class Settings:
    rate: float = 0.1
    tags: list[str] = field(default_factory=list)

    def scaled(self, by: float) -> "Settings":
        self.rate *= by
        return self


class Report(BaseModel):
    title: str
    rows: int = 0


class Counter:
    total = 0

    def __enter__(self):
        return self

    def __exit__(self, *args):
        del args

    @property
    def double(self):
        return self.total * 2


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task(retries=3, timeout=60, cache="auto")
def multiply(x: int, y: int) -> int:
    with Counter() as counter:
        counter.total += x
    return x * y


@env.task
def fib(n: int) -> int:
    """Compute the nth Fibonacci number iteratively."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


@worker.task(timeout=flyte.Timeout(max_runtime=30), retries=flyte.RetryStrategy(count=2))
async def fetch(name: str, *, limit: int = 10) -> File:
    import httpx

    async with httpx.AsyncClient() as client:
        response = await client.get(f"https://example.com/{name}", params={"limit": limit})
    if (size := len(response.content)) > 0:
        logger.info("got %s bytes", size)
    path = Path("/tmp") / name
    path.write_bytes(response.content)
    return await File.from_local(str(path))


@worker.task
async def load(f: File, columns: Optional[list[str]] = None) -> DataFrame:
    frame = pd.read_csv(f.path, usecols=columns)
    match frame.shape:
        case (0, _):
            raise ValueError("empty")
        case (rows, _) if rows > 1_000_000:
            frame = frame.head(1_000_000)
    return DataFrame.wrap_df(frame)


@env.task
def train(frame: pd.DataFrame, settings: Settings, report: Report) -> np.ndarray:
    """Only other tasks call this one, so its types are nobody's business here."""
    yield from ()
    return np.zeros(3)


@env.task
def summarise(names: list[str], folder: Dir | None = None) -> dict[str, Any]:
    global _seen
    _seen = names
    assert names, "no names"
    return {name: len(name) for name in names}


@flyte.trace
async def ask(prompt: str) -> str:
    return prompt.upper()


_seen: list[str] = []


@env.sandbox.orchestrator
def pipeline(n: int) -> dict[str, int]:
    fib_result = fib(n)
    linear_result = add(multiply(n, 2), 5)
    total = add(fib_result, linear_result)
    return {
        "fib": fib_result,
        "linear": linear_result,
        "total": total,
    }


@env.sandbox.orchestrator(timeout_ms=5000, max_memory=10 * 1024 * 1024, retries=2, name="demo.route")
async def route(names: list[str], limit: int = 5, mode: str = "fast") -> dict[str, Any]:
    """Files pass through."""
    files = [await fetch(name, limit=limit) for name in names if name]
    frames: list[DataFrame] = []
    for index, f in enumerate(files):
        if index >= limit:
            break
        frames.append(await load(f, columns=None if mode == "fast" else ["a", "b"]))
    answers = flyte_map("ask", names, concurrency=2)
    *_, last = answers or [None]
    summary = summarise(names=names)
    total = sum(len(name) for name in names)

    def label(name, width=10):
        return f"{name!r:>{width}} {total:,d}"

    lines = sorted((label(name) for name in summary), key=lambda line: (len(line), line), reverse=True)
    if not frames:
        raise ValueError("no frames for %s" % names)
    print("routed", len(frames), "frames", sep=" ")
    return {"lines": lines, "first": frames[0], "last": str(last), **summary}


@env.sandbox.orchestrator(max_stack_depth=64, type_check=False)
def walk(tree: Any) -> Any:
    """Local functions, recursion, closures, everything that Python has for values."""

    def visit(node, depth=0):
        if isinstance(node, dict):
            return {key: visit(value, depth + 1) for key, value in node.items()}
        elif isinstance(node, (list, tuple)):
            return [visit(item, depth + 1) for item in node]
        return add(node, depth) if isinstance(node, int) else node

    stack = [tree]
    seen = []
    while stack:
        node = stack.pop()
        seen.append(node)
        stack.extend(node.values() if isinstance(node, dict) else [])
    else:
        seen.reverse()
    low, high = min(1, 2), max(len(seen), 3)
    flags = 1 << 3 | 0b101 & ~0x2
    text = "-".join(str(x) for x in range(low, high)) or None
    nested = [[i * j for j in range(3)] for i in range(3) if i % 2]
    lookup = dict(zip("abc", [1, 2, 3]))
    pairs = {**lookup, "d": 4}
    first, *rest = sorted(pairs)
    is_same = first is not None and "a" in rest or not rest
    return visit(tree), text, nested[0][1:], pairs.get("z", -1), flags ** 2, is_same, ..., 10_000_000_000_000_000_000


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=10)
    arguments = parser.parse_args()
    run = flyte.run(pipeline, n=arguments.n)
    print(run.url)
    results = await asyncio.gather(*[asyncio.sleep(i) for i in range(3)])
    return results


if __name__ == "__main__":
    flyte.init_from_config(os.environ.get("FLYTE_CONFIG", "config.yaml"))
    asyncio.run(main())
