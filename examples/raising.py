"""What goes wrong is told as Python tells it: the traceback, then the exception."""

import flyte

env = flyte.TaskEnvironment(name="raising")


@env.task
def lookup(table: dict[str, int], key: str) -> int:
    return table[key]


@env.sandbox.orchestrator
def checked(x: int) -> int:
    if x < 0:
        raise ValueError(f"negative input: {x}")
    return x


@env.sandbox.orchestrator
def missing(key: str) -> int:
    return lookup({"a": 1}, key)


# run: checked --x 3
# prints: 3
# run: checked --x -1
# fails: ValueError: negative input: -1
# run: missing --key a
# prints: 1
# run: missing --key b
# fails: KeyError: 'b'
