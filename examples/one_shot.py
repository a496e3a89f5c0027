"""One-shot execution. `sbxc` checks the string with the rest of the file; `sbxc exec` runs one from the command line."""

import asyncio

import flyte
import flyte.sandbox

env = flyte.TaskEnvironment(name="one-shot")


@env.task
def add(x: int, y: int) -> int:
    return x + y


add_twice = flyte.sandbox.orchestrator_from_str(
    "add(add(x, y), y)", inputs={"x": int, "y": int}, output=int, tasks=[add], name="add-twice"
)


async def main():
    result = await flyte.sandbox.orchestrate_local(
        "add(x, y) * 2",
        inputs={"x": 1, "y": 2},
        tasks=[add],
    )
    print(result)


if __name__ == "__main__":
    asyncio.run(main())

# exec: "add(x, y) * 2" --input x=1 --input y=2
# prints: 6
# run: add-twice --x 1 --y 2
# prints: 5
