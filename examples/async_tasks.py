"""`async def` and `await`, in orchestrators and tasks, mixed with plain ones."""

import asyncio

import flyte

env = flyte.TaskEnvironment(name="waiting")


@env.task
async def slow_square(x: int) -> int:
    await asyncio.sleep(0.01)
    return x * x


@env.task(retries=2, timeout=30)
def negate(x: int) -> int:
    return -x


@flyte.trace
async def describe(x: int) -> str:
    return f"<{x}>"


@env.sandbox.orchestrator
async def chain(start: int, limit: int) -> list[str]:
    seen = []
    x = start
    while x < limit:
        x = await slow_square(x)
        seen.append(await describe(negate(x)))
    else:
        seen.append("done")
    return seen


# run: chain --start 3 --limit 100
# prints: ["<-9>", "<-81>", "<-6561>", "done"]
