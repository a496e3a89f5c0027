import flyte

env = flyte.TaskEnvironment(name="maths")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def multiply(x: int, y: int) -> int:
    return x * y


@env.task
def cube(x: int) -> int:
    return x ** 3


@env.sandbox.orchestrator
def imported_pipeline(n: int) -> int:
    return second(add(n, 1))


@env.sandbox.orchestrator
def second(n: int) -> int:
    return multiply(n, 2)


@env.sandbox.orchestrator
def not_used(n: int) -> int:
    return n
