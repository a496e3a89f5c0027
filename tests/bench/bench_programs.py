"""What bench_runs.c measures, compiled by sbxc."""

import flyte

env = flyte.TaskEnvironment(name="bench")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def multiply(x: int, y: int) -> int:
    return x * y


@env.task
def fib(n: int) -> int:
    return n


@env.sandbox.orchestrator
def pipeline(n: int) -> dict[str, int]:
    fib_result = fib(n)
    linear_result = add(multiply(n, 2), 5)
    total = add(fib_result, linear_result)
    return {"fib": fib_result, "linear": linear_result, "total": total}


@env.sandbox.orchestrator(timeout_ms=600000)
def task_loop(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + fib(i)
    return total


@env.sandbox.orchestrator(timeout_ms=600000)
def sum_ints(n: int) -> int:
    total = 0
    for i in range(n):
        total = total + i
    return total


@env.sandbox.orchestrator
def few_variables(n: int) -> list:
    name = "orchestrator-%d" % n
    ratio = n / 3
    sizes = [n, n + 1, n + 2]
    total = fib(n)
    return [name, ratio, sizes, total]


@env.sandbox.orchestrator
def many_ints(n: int) -> int:
    numbers = list(range(n))
    total = fib(n)
    return total + len(numbers)
