import flyte

env = flyte.TaskEnvironment(name="shapes")


@env.task
def area(width: int, height: int) -> int:
    return width * height


@env.sandbox.orchestrator(timeout_ms="long")
def nested(n: int) -> int:  # error: E0216  says: timeout_ms= must be
    return area(n, n)
