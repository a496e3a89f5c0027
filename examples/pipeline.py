"""The smallest useful pipeline: three tasks, and an orchestrator that decides what they are given."""

import flyte

env = flyte.TaskEnvironment(name="arithmetic")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def multiply(x: int, y: int) -> int:
    return x * y


@env.task
def fib(n: int) -> int:
    """The n-th Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    print(f"fib({n}) = {a}")
    return a


@env.sandbox.orchestrator
def pipeline(n: int) -> dict[str, int]:
    """Calls every task once or twice and puts the results together."""
    fib_result = fib(n)
    linear_result = add(multiply(n, 2), 5)
    total = add(fib_result, linear_result)
    return {"fib": fib_result, "linear": linear_result, "total": total}


@env.sandbox.orchestrator(timeout_ms=5000, max_memory=10 * 1024 * 1024)
def sum_of_squares(values: list[int], offset: int = 0) -> int:
    total = offset
    for v in values:
        if v % 2 == 0:
            total = add(total, multiply(v, v))
    return total


# run: pipeline --n 10
# prints: {"fib": 55, "linear": 25, "total": 80}
# run: arithmetic.pipeline --n 300
# prints: {"fib": 222232244629420445529739893461909967206666939096499764990979600, "linear": 605, "total": 222232244629420445529739893461909967206666939096499764990980205}
# run: sum_of_squares --values "[1, 2, 3, 4]" --offset -1
# prints: 19
