"""Variables that are one thing here and another there. SPDX-License-Identifier: Apache-2.0"""
import flyte

env = flyte.TaskEnvironment(name="representations")


@env.task
def half(x: float) -> float:
    return x / 2


@env.task
def rows(n: int) -> list[float]:
    return [i * 0.5 for i in range(n)]


@env.sandbox.orchestrator
def in_turn():
    x = None
    log = [x]
    x = 0.5
    log.append(x * 2)
    x = "a"
    log.append(x + "b")
    x = half(3)
    log.append(x - 1)
    x = 7
    return log, x
    # expect: [[null, 1.0, "ab", 0.5], 7]


@env.sandbox.orchestrator
def in_loops():
    x = None
    total = 0.0
    for x in rows(4):
        total = total + x
        x = half(x)
        total = total - x
    y = x
    x = [x]
    best = None
    for v in rows(5):
        best = v if best is None or v > best else best
    while best > 0.1:
        best = best / 2
        if best < 0.3:
            best = half(best)
            continue
        total = total + best
    v = "v"
    return total, y, x, best, v
    # expect: [3.0, 0.75, [0.75], 0.03125, "v"]


@env.sandbox.orchestrator
def on_ways():
    out = []
    for n in range(4):
        x = "start"
        if n == 1:
            x = 1.5
        elif n == 2:
            x = 2.5
            x = x + n
        else:
            out.append(x)
            x = 3.5
        out.append(x)
        x = None
    z = 1.0
    if len(out) > 100:
        z = "z"
    out.append(z)
    z = 2.0
    out.append(half(z))
    return out
    # expect: ["start", 3.5, 1.5, 4.5, "start", 3.5, 1.0, 1.0]


@env.sandbox.orchestrator
def parameters():
    def scale(x, by, n=0):
        y = x * by
        if n > 2:
            return y
        by = None
        return scale(y, 2.0, n + 1) if by is None else by

    def mixed(x):
        x = x if isinstance(x, float) else float(x)
        return half(x) + x

    def first(xs):
        for x in xs:
            return x
        x = 0.0
        return x

    return scale(1.5, 2.0), mixed(3), mixed("2"), first([]), first(rows(2))
    # expect: [24.0, 4.5, 3.0, 0.0, 0.0]


@env.sandbox.orchestrator
def unbound(n: int = 0):
    if n:
        x = 1.5
    y = 2.5
    y = "text" if n else 3.5
    for i in range(n):
        z = 0.5
    return x + 1
    # raises: UnboundLocalError: cannot access local variable 'x' where it is not associated with a value


@env.sandbox.orchestrator
def special():
    nan, inf = float("nan"), float("inf")
    values = [nan, inf, -inf, -0.0, 1e308]
    out = []
    for v in values:
        w = v * 10
        out.append(str(w))
        out.append(v == v)
    total = sum(values[3:])
    m = max(values[1:])
    return out, total, str(m), m > 1
    # expect: [["nan", false, "inf", true, "-inf", true, "-0.0", true, "inf", true], 1e+308, "inf", true]


@env.task
def same(x, y=0):
    return x


@env.sandbox.orchestrator
def task_as_a_function():
    return [str(same)[:13], str(type(same)), isinstance(same, type(lambda: 1)), type(same) is type(lambda: 1)]
    # expect: ["<function sam", "<class 'function'>", true, true]


@env.sandbox.orchestrator
def sum_of_a_task():
    f = [1, same][len("a")]
    return f + 1
    # raises: TypeError: unsupported operand type(s) for +: 'function' and 'int'


@env.sandbox.orchestrator
def order_of_a_task():
    f = [1, same][len("a")]
    return [f < 1]
    # raises: TypeError: '<' not supported between instances of 'function' and 'int'


@env.sandbox.orchestrator
def attribute_of_a_task():
    f = [1, same][len("a")]
    return f.real
    # raises: AttributeError: 'function' object has no attribute 'real'


@env.sandbox.orchestrator
def format_of_a_task():
    f = [1, same][len("a")]
    return "%d" % f
    # raises: TypeError: %d format: a real number is required, not function
