"""A user's file with tasks of every kind, for test_worker.py.

SPDX-License-Identifier: Apache-2.0
"""
import asyncio
import ctypes
import os
import subprocess
import sys
import tempfile

import flyte
import flyte.sandbox
from flyte import TaskEnvironment
from flyte.io import DataFrame, Dir, File

image = flyte.Image.from_debian_base(python_version=(3, 11)).with_pip_packages("numpy").with_apt_packages("git")
env = flyte.TaskEnvironment(name="demo", image=image, resources=flyte.Resources(cpu=1, memory="512Mi"),
                            secrets=[flyte.Secret("my-key")], cache=flyte.Cache("auto"), depends_on=[])
E2 = TaskEnvironment.from_task("other", depends_on=[env])


@env.task
def same(x):
    return x


@env.task(retries=3, timeout=60, cache="auto")
async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


@env.sandbox.orchestrator(timeout_ms=5000)
def pipeline(n: int) -> int:
    return same(n)


text = env.sandbox.orchestrator("x + y", inputs={"x": int, "y": int}, output=int, tasks=[same], name="n")
other = flyte.sandbox.orchestrator_from_str("x", inputs={"x": int}, output=int)
sandbox = flyte.sandbox.create(name="s", code="y = x", inputs={"x": int}, outputs={"y": int})


@flyte.trace
def traced(x):
    return x * 2


class Custom(Exception):
    pass


class Bad(Exception):
    def __str__(self):
        raise TypeError


@env.task
def fails(kind: str):
    if kind == "value":
        raise ValueError("negative input: -1")
    if kind == "custom":
        raise Custom("mine")
    if kind == "key":
        raise KeyError("k")
    if kind == "exit":
        sys.exit(3)
    if kind == "chain":
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise RuntimeError("outer") from error
    if kind == "badstr":
        raise Bad
    if kind == "nul":
        raise ValueError("a\0b")
    if kind == "inside":
        return [{"a": Custom()}]
    if kind == "cycle":
        cycle = [1]
        cycle.append(cycle)
        return cycle
    return object()


@env.task
async def fails_later():
    await asyncio.sleep(0)
    raise ValueError("later")


@env.task
def prints():
    print("out")
    print("err", file=sys.stderr)
    subprocess.run(["echo", "child"])
    ctypes.CDLL(None).printf(b"from C\n")
    sys.stdout.write("no newline")


class Client:
    loop = None


@env.task
async def client():
    loop = asyncio.get_running_loop()
    kept = Client.loop is loop
    Client.loop = loop
    asyncio.create_task(asyncio.sleep(1000))
    return kept


def takes(a, b=2, /, c=3, *rest, d=4, **more):
    return [a, b, c, list(rest), d, more]


@env.task
def variables():
    return [os.environ.get(n) for n in ("COLOR", "NO_SUCH_KEY", "OPENAI", "SBX_CALL_ID", "SBX_ATTEMPT", "SBX_RUN")]


@env.task
def deep(n: int):
    value = []
    for _ in range(n - 1):
        value = [value]
    return value


@env.task
def moves_away():
    os.chdir("/")


@env.task
def where():
    return os.getcwd()


@env.task
async def files(name: str) -> list:
    made = File.new_remote("out.txt")
    async with made.open("wb") as f:
        await f.write(b"hello " + name.encode())
    async with made.open("rb") as f:
        data = bytes(await f.read())
    local = await File.from_local(made.path)
    with local.open_sync("r") as f:
        again = f.read()
    assert await local.exists()
    return [made, local, data, again, await made.download()]


@env.task
def reads(f: File) -> str:
    assert isinstance(f, File), f
    with f.open_sync("rb") as file:
        return file.read().decode()


@env.task
async def folder() -> Dir:
    d = Dir.new_remote()
    os.makedirs(d.path, exist_ok=True)
    with open(os.path.join(d.path, "a.txt"), "w") as file:
        file.write("A")
    assert [f.name async for f in d.walk()] == ["a.txt"]
    return d


@env.task
async def frame(bare: bool):
    import pandas
    made = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    return made if bare else DataFrame.wrap_df(made)


@env.task
async def frame_sum(df: DataFrame):
    import pandas
    assert isinstance(df, DataFrame), df
    return int((await df.open(pandas.DataFrame).all())["a"].sum())


@env.task
async def mapped():
    return [r async for r in flyte.map.aio(later, [1, 2, 3])] + list(flyte.map(same, ["x"]))


@env.task
def forks():
    pid = os.fork()
    if pid == 0:
        return "child"
    os.waitpid(pid, 0)
    return "parent"


@env.task
def unknown_names():
    import flyte.remote
    from flyte.connectors._connector import AsyncConnector, Resource
    from flyteidl2.core.execution_pb2 import TaskExecution

    class Mine(AsyncConnector):
        name = "n"

    class Policy(flyte.CachePolicy):
        pass

    try:
        raise flyte.errors.RuntimeUserError("x")
    except flyte.errors.RuntimeUserError:
        pass
    with flyte.group("g"):
        flyte.init(endpoint="x")
    run = flyte.with_runcontext(mode="local").run(pipeline, n=1)
    return [Resource(phase=TaskExecution.SUCCEEDED, outputs=1).outputs, str(type(Mine).__name__), bool(run)]


if __name__ == "__main__":
    raise SystemExit("imported as the main program")
