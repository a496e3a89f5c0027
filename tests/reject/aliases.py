# Tasks that are imported under other names: in a code string each has its own.
import flyte
import flyte.sandbox
from shapes.areas import area as size

env = flyte.TaskEnvironment(name="x")


@env.task
def add(x: int, y: int) -> int:
    return x + y


own = flyte.sandbox.orchestrator_from_str("area(1, 2)", name="own", tasks=[size])
listed = flyte.sandbox.orchestrator_from_str("size(1, 2)", name="listed", tasks=[size])  # error: E0402  help: call it by its own name: area(...)  fix: area
unlisted = flyte.sandbox.orchestrator_from_str("size(1, 2)", name="unlisted", tasks=[add])  # error: E0402  help: tasks=[add, size], area(...)
beside = flyte.sandbox.orchestrator_from_str("add(1, 2)", name="beside", tasks=[size])  # error: E0402  help: add it to tasks=[...]: tasks=[size, add]
broken = flyte.sandbox.orchestrator_from_str("sizes(1, 2)", name="broken", tasks=[sizes])  # error: E0211  help: define the task before this line
