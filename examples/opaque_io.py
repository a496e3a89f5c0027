"""File and Dir pass through an orchestrator unopened: tasks read and write them, the orchestrator routes them."""

import flyte
from flyte.io import Dir, File

env = flyte.TaskEnvironment(name="opaque")


@env.task
async def write(name: str, text: str) -> File:
    f = File.new_remote(name)
    with open(f.path, "w") as out:
        out.write(text)
    return f


@env.task
def count_words(f: File) -> int:
    with f.open_sync("r") as text:
        return len(text.read().split())


@env.task
def join(parts: list[File]) -> File:
    f = File.new_remote("joined.txt")
    with open(f.path, "w") as out:
        for part in parts:
            with part.open_sync("r") as text:
                out.write(text.read() + "\n")
    return f


@env.sandbox.orchestrator
def words(texts: list[str]) -> int:
    parts = []
    for i, text in enumerate(texts):
        parts.append(write(f"part-{i}.txt", text))
    return count_words(join(parts))


@env.sandbox.orchestrator
def first_or_second(a: File, b: File, second: bool) -> dict[str, bool]:
    chosen = b if second else a
    return {"is_a": chosen == a, "is_b": chosen == b}


# run: words --texts '["one two", "three"]'
# prints: 3
# run: first_or_second --a /etc/hostname --b /etc/hosts --second true
# prints: {"is_a": false, "is_b": true}
