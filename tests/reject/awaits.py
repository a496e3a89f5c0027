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


@env.sandbox.orchestrator
async def own_functions(n: int) -> int:
    def plain(x):
        if x:
            return x + 1
        return None

    def passes_on(x):
        return add(x, 1)

    async def waits(x):
        return x

    await plain(1)  # error: E0335  says: 'plain' returns no awaitable
    await passes_on(1)
    await waits(1)
    if n is None:
        await plain(1)
    return n
