# Modules beside the file.
import flyte
import shapes.areas
from shapes.areas import area, missing, nested
from shapes.broken import anything
from .shapes.areas import area as area_again
from .nowhere import gone

env = flyte.TaskEnvironment(name="x")


@env.sandbox.orchestrator
def pipeline(n: int) -> int:
    area(n)  # error: E0404
    area_again(n, 1)
    missing(n)  # error: E0413  says: has no 'missing'
    anything(n)  # error: E0413  says: errors of its own
    gone(n)  # error: E0413
    nested(n)
    return shapes.areas.area(n, n)  # error: E0411  help: import the task by its name
