# Every form of declaration, with arguments that are constant in every way.
import datetime
import datetime as dt
import textwrap
import typing
from datetime import timedelta
from textwrap import dedent
from typing import Annotated, Any, Dict, List, Optional, Tuple, Union

import flyte as f
import flyte.sandbox as sb
import flyte.sandbox
from flyte import TaskEnvironment
from flyte import TaskEnvironment as Env
from flyte.io import File
from flyte.connectors import AsyncConnector, ConnectorRegistry
from flyte.sandbox import ImageConfig, create, orchestrate_local, orchestrator_from_str as from_str

PREFIX = "demo"
SCALE = 2
SECONDS = 5
LIMIT = SECONDS * 1000 + 500 // 2 - 10 ** 2
MEGABYTE = 1 << 20
Ints = list[int]
Pair = tuple[int, int]
Maybe = Optional[Ints]
NAMES = ["x", "y"] + ["z"]
COMMON = {"retries": 2, "timeout": datetime.timedelta(minutes=1, seconds=30)}

plain = TaskEnvironment(name=PREFIX + "-plain")
env = f.TaskEnvironment(name=f"{PREFIX}-{SCALE}", image="ghcr.io/example/image:1")
other = Env("-".join([PREFIX, "other"]))
task = env.task
orchestrator = env.sandbox.orchestrator


@plain.task
def one(x: int) -> int:
    return x


@task
def two(x: "int", y: 'list[int] | None' = None) -> "Later":
    return x


@task(**COMMON)
async def three(x: Ints, y: Pair = (1, 2), /, z: Maybe = None, *, w: Dict[str, List[float]] = {}) -> Union[int, str]:
    return x


@env.task(timeout=timedelta(hours=2), retries=SCALE + 1, name="renamed.task", task_type="my_batch_task")
def four(a: Annotated[int, "an amount"], b: Tuple[int, ...], c: typing.Any, d: set[str], e: frozenset, g: bytes, h: dt.datetime, i: timedelta) -> None:
    pass


@f.trace
def traced(x: int | float, *, y: Optional[bool] = None) -> dict:
    return {}


def undecorated(x: int) -> int:
    return x


five = env.task(retries=1)(undecorated)
Later = Dict[str, Any]


class MyConnector(AsyncConnector):
    name = "batch"
    task_type_name = "my_batch_task"

    async def create(self, task_template, output_prefix, inputs=None, **kwargs):
        return {"job": 1}

    async def get(self, resource_meta, **kwargs):
        return resource_meta

    async def delete(self, resource_meta, **kwargs):
        pass


ConnectorRegistry.register(MyConnector())
derived = f.TaskEnvironment.from_task("derived", one, two, depends_on=[env])


@orchestrator
def use_all(n: int, when: dt.datetime, span: timedelta = timedelta(days=1)) -> "dict[str, Any]":
    return {"a": one(n), "b": two(n, y=[n]), "c": three([n]), "d": traced(n, y=True), "e": five(n), "f": four(1, (2,), 3, set("a"), frozenset(), b"", when, span)}


@orchestrator(timeout_ms=LIMIT, max_memory=10 * MEGABYTE, docs="What it does.")
async def outer(n: int, xs: Ints = [1, 2, 3], mapping: dict[str, float] = {"a": 1.5, "b": -2e3}, flag: bool = not False, big: int = 2 ** 62, neg: int = -3,
                text: str = "a" "b" f"{SCALE}", raw: bytes = b"\x00'", nothing: None = None, wide: int = 123456789012345678901234567890) -> int:
    first = await use_names(n)
    return sum(xs) + first


@env.sandbox.orchestrator()
def use_names(n: int) -> int:
    return n + len(code_one(x=n, y=1, z=2))


code_one = env.sandbox.orchestrator("[x, y, z]", inputs=dict.fromkeys(NAMES, int), output=Ints, tasks=[one, two], name=f"{PREFIX}.one")
code_two = sb.orchestrator_from_str(
    textwrap.dedent(
        """
        total = 0
        for value in values:
            total = total + one(value)
        total
        """
    ),
    inputs=dict(values=Ints),
    output=Optional[int],
    tasks=[one],
    timeout_ms=1000,
    retries=1,
    cache="auto",
)
code_three = from_str(
    source="def double(x):\n"
    "    return x * 2\n"
    "double(a) + "
    + str(SCALE),
    inputs={"a": float | int},
    output=float,
)
TEMPLATE = "{name}(x, {scale})"
code_four = flyte.sandbox.orchestrator_from_str(TEMPLATE.format(name="pow", scale=SCALE), inputs={"x": int}, tasks=[])
code_five = from_str("", inputs={}, output=None, name="empty")
code_six = from_str("""
# a comment first
x  # the value
""".strip(), inputs={name: File for name in ["x"]}, output=File, name="same-file")
code_seven: Any = from_str("await one(x) if x else None", inputs={"x": int}, output=int | None, tasks=(one,))
code_eight = from_str(dedent("""\
    len = len([1, 2, 3])
    x = x + len
    one = one(x)
    one
    """), inputs={"x": int}, output=int, tasks=[one], name="shadows")

stats = flyte.sandbox.create(
    name="stats",
    code="""
        import numpy as np
        mean = float(np.mean([float(v) for v in values.split(",")]))
    """,
    inputs={"values": str, "delta": datetime.timedelta},
    outputs={"mean": float},
    packages=["numpy"],
    image_config=ImageConfig(registry="my-registry.io/project", python_version=(3, 11)),
)
runner = create(name="tests", command=["/bin/bash", "-c", "pytest"], inputs={"tests.py": File}, outputs={"exit_code": str})


async def main():
    mean = await stats.run.aio(values="1,2", delta=datetime.timedelta(days=7))
    container = await stats.as_task.aio()
    local = await orchestrate_local("one(x) * 2 + y", inputs={"x": 1, "y": mean}, tasks=[one])
    inner = from_str("x + 1", inputs={"x": int}, output=int)
    return container, local, inner


if __name__ == "__main__":
    direct = f.sandbox.orchestrate_local("one(x)", inputs={"x": 1}, tasks=[one])


def build(kind: type, limit: int, names: list):
    made = [from_str("x", inputs={"x": int}, output=kind) for name in names]
    return made, from_str("x + 1", inputs={"x": kind}, output=kind, timeout_ms=limit, retries=limit + 1, type_check=bool(limit))


def decorate(limit: int):
    @env.sandbox.orchestrator(timeout_ms=limit)
    def inner(n: int) -> int:
        return one(n)

    return inner
