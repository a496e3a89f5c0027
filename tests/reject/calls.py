# Arguments against parameters.
import flyte

env = flyte.TaskEnvironment(name="x")


@env.task
def add(x: int, y: int) -> int:
    return x + y


@env.task
def scale(values: list[float], *, factor: float, offset: float = 0.0) -> list[float]:
    return values


@env.task
def first(x: int, /, y: int = 2) -> int:
    return x


@env.task
def table(rows: list[list[int]], pairs: dict[str, tuple[int, int]], either: list[str] | dict[str, int] | None = None,
          named: dict[str, int] = {}, numbers: tuple[float, ...] = ()) -> int:
    return 0


@env.task
def nothing() -> None:
    return None


@env.task
def many(x: int, *rest: int, **named: int) -> int:
    return x


@env.sandbox.orchestrator
def counts(n: int) -> int:
    add()  # error: E0404  says: missing 2 required positional arguments: 'x' and 'y'  help: add(x: int, y: int)
    add(n)  # error: E0404  says: missing 1 required positional argument: 'y'  note: 'y' is declared here
    add(n, 1, 2)  # error: E0403  says: add() takes 2 positional arguments but 3 were given
    nothing(n)  # error: E0403  says: takes 0 positional arguments but 1 was given
    add(n, z=1)  # error: E0405
    add(n, y=1, yy=2)  # error: E0405  help: did you mean 'y'?
    add(n, x=1)  # error: E0406
    add(n, 1, y=2)  # error: E0406  says: multiple values for argument 'y'
    scale([1.0])  # error: E0404  says: keyword-only argument: 'factor'
    scale([1.0], 2.0)  # error: E0403
    scale([1.0], factr=2.0)  # error: E0405  help: did you mean 'factor'?
    first(x=n)  # error: E0407
    first(n, 1, 2)  # error: E0403  says: from 1 to 2 positional arguments
    many()  # error: E0404
    many(1, 2, 3, a=4)
    many(x=1, y=2)
    args = [1, 2]
    add(*args)
    add(1, *args, 2)
    add(1, **{"y": 2})
    add(1, *args, z=3)  # error: E0405
    return n


@env.sandbox.orchestrator
def own_functions(n: int) -> int:
    def twice(a, b=2, *, c=3):
        return a * b * c

    def rest(a, *more, **named):
        return a

    twice()  # error: E0404
    twice(1, 2, 3)  # error: E0403
    twice(1, d=4)  # error: E0405
    twice(1, a=4)  # error: E0406
    rest()  # error: E0404
    rest(1, 2, 3, x=4)
    return twice(n, c=2)


@env.sandbox.orchestrator
def literals(n: int) -> int:
    add("one", 2)  # error: E0501  says: add() expects int for 'x', not str
    add(1, y=2.5)  # error: E0501
    add(None, 1)  # error: E0501
    add([1], (2,))  # error: E0501, E0501
    text = f"{n}"
    add(text, 1)  # error: E0501
    scale([1, 2], factor=3)
    scale((1.0, 2.0), factor=True)  # error: E0501
    scale({"a": 1}, factor="x")  # error: E0501, E0501
    scale([1, "x"], factor=3)  # error: E0501  says: expects list[float] for 'values', not list[int | str]
    scale([1, *["x"], n, None], factor=3)  # error: E0501
    table([[1], [], [n, "x"]], {"a": (1.5, 2), "b": (n, n)})  # error: E0501, E0501
    table([[]], {**{"a": 1}}, [1], {"a": "b"}, (1, n, "x"))  # error: E0501, E0501, E0501
    table([], {}, ["a"], {"a": n}, (1, 2.5))
    add(True, 1)
    many(1, 2, "a", None)  # error: E0501, E0501  says: many() expects int for 'rest', not str
    many(1, a="x", b=1)  # error: E0501  says: many() expects int for 'named', not str
    many("x", *[1], "y")  # error: E0501  says: for 'x'
    return n


@env.sandbox.orchestrator
def attributes(n: int) -> int:
    xs = [1, 2]
    xs.push(3)  # error: E0416  help: use .append()
    xs.apend(3)  # error: E0416  help: did you mean '.append'?  fix: append
    "a".items()  # error: E0417  says: 'str' has no attribute 'items'
    n.upper()  # error: E0417
    (1, 2).append(3)  # error: E0417
    None.strip()  # error: E0417
    {"a": 1}.append(2)  # error: E0417
    int.upper  # error: E0417
    int.nothing  # error: E0417
    add.aio(1, 2)  # error: E0420  help: call the task itself: add(...)
    add.override(retries=3)(1, 2)  # error: E0420
    5(3)  # error: E0421
    "text"()  # error: E0421
    xs(0)  # error: E0421
    anything = xs if n else "text"
    anything.append(1)
    return n
