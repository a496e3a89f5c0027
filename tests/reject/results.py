# Results that can never be what is declared.
import flyte
import flyte.sandbox

env = flyte.TaskEnvironment(name="x")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.sandbox.orchestrator
def text(n: int) -> int:
    return "no"  # error: E0502  says: declared as int, but str


@env.sandbox.orchestrator
def number(n: int) -> dict[str, int]:
    if n > 3:
        return add(n, 1)  # error: E0502
    return {"n": n}


@env.sandbox.orchestrator
def none(n: int) -> int:
    if n > 3:
        return n
    return None  # error: E0502


@env.sandbox.orchestrator
def forgotten(n: int) -> int:  # error: E0503  help: return add(n, 1)
    add(n, 1)


@env.sandbox.orchestrator
def bare(n: int) -> int:
    return  # error: E0503


@env.sandbox.orchestrator
def nested(n: int) -> dict[str, list[int]]:
    if n > 2:
        return {}
    if n > 1:
        return {"a": [n], "b": [], "c": [None]}  # error: E0502  says: but dict[str, list[int | None]] is returned
    return {"a": n}  # error: E0502


@env.sandbox.orchestrator
def empty(n: int) -> str:
    return []  # error: E0502  says: but list is returned


@env.sandbox.orchestrator
def pair(n: int) -> tuple[int, str]:
    return (n, n)  # error: E0502


@env.sandbox.orchestrator
def fine(n: int) -> float:
    return n


@env.sandbox.orchestrator
def raises(n: int) -> int:
    raise ValueError("always")


@env.sandbox.orchestrator
def optional(n: int) -> int | None:
    add(n, 1)


@env.sandbox.orchestrator(type_check=False)
def unchecked(n: int) -> int:
    return "anything"


code = flyte.sandbox.orchestrator_from_str("x + 1\n'text'", inputs={"x": int}, output=int)  # error: E0502
last = flyte.sandbox.orchestrator_from_str("""
y = x + 1  # error: E0503  help: the last line must be an expression
""", inputs={"x": int}, output=int)
