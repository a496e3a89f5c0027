# `await` belongs to async functions.
import flyte

env = flyte.TaskEnvironment(name="x")


@env.task
async def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
async def outer(n: int) -> int:
    async def inner(x):
        return await add(x, 1)

    return await inner(n) + inner(n)
