# What tests/cache/run.py runs. SPDX-License-Identifier: Apache-2.0
import os

import flyte
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="c", cache="auto")


@env.task
def double(x: int) -> int:
    return x * 2


@env.task
def show(value: dict) -> str:
    return repr(sorted(value))


@env.task
def unique(values: set[int]) -> int:
    return len(values)


@env.task
def real(x: float) -> float:
    return x / 3


@env.task(cache="override")
def fresh(x: int) -> int:
    return x + 1


@env.task(cache="disable")
def never(x: int) -> int:
    return x + 2


@env.task(cache=flyte.Cache(behavior="auto", version_override="v1", ignored_inputs=("label",)))
def labelled(x: int, label: str) -> str:
    return f"{label}{x}"


@env.task
def fails(x: int) -> int:
    raise ValueError(f"no {x}")


@env.task
def size(f: File) -> int:
    with f.open_sync() as file:
        return len(file.read())


@env.task
def names(d: Dir) -> list[str]:
    return sorted(os.listdir(d.path))


@env.task
async def written(text: str, folder: str) -> File:
    path = os.path.join(folder, "written.txt")
    with open(path, "w") as file:
        file.write(text)
    return await File.from_local(path)


@env.task
def everything(x: int) -> dict[str, list[tuple[int, float, str, bytes, bool]]]:
    return {"k": [(x, 0.5, "é", b"\0", True)], "big": [(10**30, float("inf"), "", b"", False)]}


@env.sandbox.orchestrator
def doubled(x: int) -> int:
    return double(x)


@env.sandbox.orchestrator
def shown(a: int, b: int) -> str:
    return show({"a": a, "b": b})


@env.sandbox.orchestrator
def sets() -> list[int]:
    return [unique(set([1, 2, 3])), unique(set([3, 2, 1])), unique(set([3, 2]))]


@env.sandbox.orchestrator
def reals(x: float) -> float:
    return real(x)


@env.sandbox.orchestrator
def overridden(x: int) -> int:
    return fresh(x)


@env.sandbox.orchestrator
def disabled(x: int) -> int:
    return never(x)


@env.sandbox.orchestrator
def labels(x: int, label: str) -> str:
    return labelled(x, label)


@env.sandbox.orchestrator
def failing(x: int) -> int:
    return fails(x)


@env.sandbox.orchestrator
def sizes(f: File) -> int:
    return size(f)


@env.sandbox.orchestrator
def listed(d: Dir) -> list[str]:
    return names(d)


@env.sandbox.orchestrator
def writes(text: str, folder: str) -> File:
    return written(text, folder)


@env.sandbox.orchestrator
def mapped(n: int) -> list[int]:
    return flyte_map("double", range(n))


@env.sandbox.orchestrator
def all_kinds(x: int) -> dict[str, list[tuple[int, float, str, bytes, bool]]]:
    return everything(x)


@env.sandbox.orchestrator
def in_turn(x: int, n: int) -> int:
    total = 0
    for _ in range(n):
        total = total + double(x)
    return total


@env.sandbox.orchestrator
def writes_twice(text: str, folder: str) -> list[File]:
    return [written(text, folder), written(text, folder)]
