# Sandboxes whose results are kept: tests/docker/test_sandboxes.py, cache.
import flyte
import flyte.sandbox
from flyte.io import File

env = flyte.TaskEnvironment(name="env")

plus = flyte.sandbox.create(name="plus", code="total = x + len(open(text).read())", inputs={"x": int, "text": File}, outputs={"total": int}, cache="auto")
writes = flyte.sandbox.create(
    name="writes",
    code='open("/var/outputs/out", "w").write(text)',
    inputs={"text": str},
    outputs={"out": File},
    cache="auto",
)


@env.sandbox.orchestrator
def twice(x: int, text: File) -> int:
    return plus.run(x=x, text=text) + plus.run(x=x, text=text)
